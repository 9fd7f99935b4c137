/* drill_shim: LD_PRELOAD library that makes each process role do, when it is sent SIGUSR2, what somebody would who runs code of his own in it
 * (T73): open files and sockets, start programs and processes, look into and end other processes, make code. It writes which of
 * that it could into $DRILL_OUT, as one line "ROLE PID could: WORD...", and ends, as one that is attacked does.
 *
 *   DRILL_OPEN=1    the control: the fence is not put up (libseccomp's load and Landlock's do nothing)
 *
 * A program that starts others with posix_spawn and picks their environment has all of this passed on.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int out = -1;
static bool no_fence;
static char role[32] = "?";

enum { LINE_BYTES = 256, ATTACKED = 73, NOBODY = 0x3ffffff };

struct line {
    char text[LINE_BYTES];
    size_t n;
};

static void say(struct line *l, const char *word) {
    size_t n = strlen(word);
    if (l->n + n >= sizeof l->text) return;
    memcpy(l->text + l->n, word, n);
    l->n += n;
}

static void say_number(struct line *l, long v) {
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    do digits[--at] = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    say(l, digits + at);
}

static bool opens(const char *path, int flags) {
    int fd = open(path, flags, 0600);
    return fd >= 0 && close(fd) == 0;
}

static bool makes_socket(int family, int type) {
    int fd = socket(family, type, 0);
    return fd >= 0 && close(fd) == 0;
}

/* A call upon what does not exist: any error but EPERM is an answer of somebody who would have done it. */
static bool heard(long r) {
    return r >= 0 || errno != EPERM;
}

static bool forks(void) {
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static bool makes_code(void) {
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p != MAP_FAILED && munmap(p, 4096) == 0;
}

static bool signals_by_descriptor(void) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) return false;
    bool r = fcntl(pair[0], F_SETOWN, getppid()) == 0;
    return close(pair[0]) == 0 && close(pair[1]) == 0 && r;
}

static void drill(int signal_number) {
    struct line l = { .n = 0 };
    char *const none[] = { NULL };
    pid_t parent = getppid();
    (void)signal_number;
    say(&l, role);
    say(&l, " ");
    say_number(&l, getpid());
    say(&l, " could:");
    if (opens("/etc/passwd", O_RDONLY)) say(&l, " open");
    if (opens("/var/tmp/tongban-drill", O_WRONLY | O_CREAT)) say(&l, " create"), (void)unlink("/var/tmp/tongban-drill");
    if (makes_socket(AF_INET, SOCK_STREAM)) say(&l, " socket");
    if (makes_socket(AF_PACKET, SOCK_RAW) || makes_socket(AF_INET, SOCK_RAW)) say(&l, " raw");
    if (heard(syscall(SYS_ptrace, PTRACE_PEEKUSER, NOBODY, 0, 0))) say(&l, " ptrace");
    struct iovec nothing = { NULL, 0 };
    if (heard(syscall(SYS_process_vm_readv, NOBODY, &nothing, 1, &nothing, 1, 0))) say(&l, " memory");
    if (heard(execve("/nothing/here", none, none))) say(&l, " exec");
    if (forks()) say(&l, " fork");
    if (kill(parent, 0) == 0) say(&l, " kill");
    if (syscall(SYS_tgkill, parent, parent, 0) == 0) say(&l, " tgkill");
    if (signals_by_descriptor()) say(&l, " owner");
    if (makes_code()) say(&l, " code");
    say(&l, "\n");
    if (write(out, l.text, l.n) != (ssize_t)l.n) abort();
    _exit(ATTACKED);
}

__attribute__((constructor)) static void start(int argc, char **argv) {
    const char *path = getenv("DRILL_OUT");
    no_fence = getenv("DRILL_OPEN") != NULL; /* in the parent too, whose own its children inherit */
    if (!path || argc < 3 || strcmp(argv[1], "@role") != 0) return; /* a command, or the parent */
    (void)snprintf(role, sizeof role, "%s", argv[2]);
    out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    struct sigaction a = { .sa_handler = drill };
    (void)sigaction(SIGUSR2, &a, NULL);
}

int seccomp_load(void *filter);
int seccomp_load(void *filter) {
    static int (*real)(void *);
    if (no_fence) return 0;
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "seccomp_load");
    return real(filter);
}

/* The program's raw calls are those of Landlock and of capabilities; the rest of this file makes its own. */
long syscall(long number, ...) {
    static long (*real)(long, ...);
    long v[6];
    va_list args;
    va_start(args, number);
    for (size_t i = 0; i < 6; i++) v[i] = va_arg(args, long);
    va_end(args);
    if (no_fence && number == SYS_landlock_restrict_self) return 0;
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "syscall");
    return real(number, v[0], v[1], v[2], v[3], v[4], v[5]);
}

#define SPAWN_PASS "DRILL_"
#include "spawn_pass.h"
