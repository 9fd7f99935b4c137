/* memory_shim: LD_PRELOAD library by which memory ends in the process that serves (T06). The test drives it through the file $MEMORY_CTL,
 * which both have mapped: it sets `after` and `mode`, and reads what was asked for.
 *
 *   mode 0   memory is there; requests for it are counted
 *   mode 1   the one that is the `after`-th from now on is refused, once
 *   mode 2   that and all that follow are refused, until the mode is changed
 *   mode 3   each `after`-th piece that is given back is kept: a leak, for the test's control
 *
 * A process that falls says where, to its log.
 *
 * `live` is how many pieces the process holds, give or take those from before it began to count.
 *
 * A program that starts others with posix_spawn and picks their environment has all of this passed on.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct control {
    _Atomic int64_t mode, after, asked, refused, live;
};
static struct control *control;

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

/* Only what may be called in a signal; the log has the frames as the program's name and an offset. */
static void fell(int number) {
    void *frame[48];
    const int n = backtrace(frame, 48);
    backtrace_symbols_fd(frame, n, STDERR_FILENO);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

__attribute__((constructor)) static void start(int argc, char **argv) {
    const char *path = getenv("MEMORY_CTL");
    if (!path || argc < 3 || strcmp(argv[1], "@role") != 0 || strcmp(argv[2], "app") != 0) return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED) control = at;
    if (fd >= 0) (void)close(fd);
    void *frame[1];
    (void)backtrace(frame, 1); /* loads what it needs while there is memory */
    static const int numbers[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) (void)signal(numbers[i], fell);
}

static int refused(void) {
    struct control *c = control;
    if (!c) return 0;
    int64_t mode = atomic_load(&c->mode), left;
    (void)atomic_fetch_add(&c->asked, 1);
    if (mode == 0 || mode == 3) return 0;
    left = atomic_fetch_sub(&c->after, 1);
    if (mode == 1 ? left != 1 : left > 1) return 0;
    (void)atomic_fetch_add(&c->refused, 1);
    errno = ENOMEM;
    return 1;
}

static void *counted(void *p) {
    if (p && control) (void)atomic_fetch_add(&control->live, 1);
    return p;
}

/* Of names of their own, since the analyzer takes a call of malloc or memalign for the library's and our own body for a leak of it. */
static void *piece(size_t size) {
    return refused() ? NULL : counted(__libc_malloc(size));
}

static void *aligned_piece(size_t alignment, size_t size) {
    return counted(__libc_memalign(alignment, size));
}

void *malloc(size_t size) {
    return piece(size);
}

void *calloc(size_t n, size_t size) {
    return refused() ? NULL : counted(__libc_calloc(n, size));
}

void *realloc(void *p, size_t size) {
    if (!p) return piece(size);
    if (size) return refused() ? NULL : __libc_realloc(p, size);
    free(p);
    return NULL;
}

void *memalign(size_t alignment, size_t size) {
    return aligned_piece(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return aligned_piece(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size) {
    void *p = aligned_piece(alignment, size);
    if (p) *ret = p;
    return p ? 0 : ENOMEM;
}

void free(void *p) {
    struct control *c = control;
    if (!p) return;
    if (c && atomic_load(&c->mode) == 3 && atomic_fetch_add(&c->refused, 1) % atomic_load(&c->after) == 0) return;
    if (c) (void)atomic_fetch_sub(&c->live, 1);
    __libc_free(p);
}

#define SPAWN_PASS "MEMORY_"
#include "spawn_pass.h"
