/* disk_shim: LD_PRELOAD library between a program and its files below $DISK_DIR: writes down what the disk was
 * asked to do, or makes the disk fail.
 *
 *   DISK_TRACE=FILE   a record of each write, truncation, sync, creation, rename, removal, and of each line to
 *                     standard output (the acknowledgements), in the order in which they happened
 *   DISK_LIE=WHICH    syncs are not recorded: as if the disk had lied (negative control); "dirs": only those of directories
 *   DISK_FAIL=CALL:K  the K-th call of that kind fails with EIO, once: fsync (of a file), dirsync or pwrite; "F" goes
 *                     to standard output first
 *   DISK_TRIP=FILE    when FILE exists, the next fsync of a file fails with EIO, once: the failure takes FILE away
 *   DISK_FULL=FILE    while FILE exists, a write that would make a file longer fails: with ENOSPC, or the errno that
 *                     FILE holds in decimal
 *
 * A program that starts others with posix_spawn and picks their environment has all of this passed on.
 *
 * Record: kind(1) name length(4) name, offset(8), data length(4) data; little-endian. Kinds: W write, T truncate
 * to offset, S sync, C create, M directory made, D sync of the directory, R rename (data: new name), U unlink, A line to
 * standard output.
 * Order: a write is recorded when done, a sync when done, an acknowledgement before it is sent; one lock holds
 * over call and record, so that what is recorded before a sync was before it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FDS = 1024 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *name_of[FDS];
static bool is_dir[FDS];
static int trace = -1;
static const char *dir, *full, *trip;
static bool lie, lie_dirs;
static const char *fail_call;
static long fail_at, fail_seen;

__attribute__((constructor)) static void start(void) {
    const char *t = getenv("DISK_TRACE"), *f = getenv("DISK_FAIL");
    dir = getenv("DISK_DIR");
    full = getenv("DISK_FULL");
    trip = getenv("DISK_TRIP");
    lie_dirs = getenv("DISK_LIE") != NULL;
    lie = lie_dirs && strcmp(getenv("DISK_LIE"), "dirs") != 0;
    if (t) trace = (int)syscall(SYS_openat, AT_FDCWD, t, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (f && strchr(f, ':')) {
        fail_call = f;
        fail_at = strtol(strchr(f, ':') + 1, NULL, 10);
    }
}

static void record(char kind, const char *name, uint64_t offset, const void *data, uint32_t len) {
    unsigned char head[13 + PATH_MAX];
    uint32_t n = name ? (uint32_t)strlen(name) : 0;
    if (trace < 0 || !name || n >= PATH_MAX) return;
    head[0] = (unsigned char)kind;
    memcpy(head + 1, &n, 4);
    memcpy(head + 5, name, n);
    size_t at = 5 + n;
    if (syscall(SYS_write, trace, head, at) < 0) abort();
    memcpy(head, &offset, 8);
    memcpy(head + 8, &len, 4);
    if (syscall(SYS_write, trace, head, (size_t)12) < 0) abort();
    if (len && syscall(SYS_write, trace, data, (size_t)len) < 0) abort();
}

static bool ours(const char *path) {
    return dir && path && strncmp(path, dir, strlen(dir)) == 0 && !strstr(path, "-shm");
}

static const char *known(int fd) {
    return fd >= 0 && fd < FDS ? name_of[fd] : NULL;
}

/* True if this call is the one to fail. */
static bool fails(const char *call) {
    if (trip && strcmp(call, "fsync") == 0 && syscall(SYS_unlinkat, AT_FDCWD, trip, 0) == 0) return true;
    if (!fail_call || strncmp(fail_call, call, strlen(call)) != 0 || ++fail_seen != fail_at) return false;
    (void)!syscall(SYS_write, 1, "F\n", (size_t)2);
    return true;
}

/* 0, or the error of a write that ends at `end`. */
static int is_full(int fd, off_t end) {
    struct stat st;
    char text[16] = "";
    if (!full || fstat(fd, &st) != 0 || end <= st.st_size) return 0;
    int at = (int)syscall(SYS_openat, AT_FDCWD, full, O_RDONLY | O_CLOEXEC, 0);
    if (at < 0) return 0;
    if (syscall(SYS_read, at, text, sizeof text - 1) < 0) text[0] = 0;
    (void)syscall(SYS_close, at);
    return text[0] ? atoi(text) : ENOSPC;
}

static int open_any(int at, const char *path, int flags, mode_t mode) {
    bool mine = ours(path);
    struct stat st;
    if (!mine) return (int)syscall(SYS_openat, at, path, flags, mode);
    (void)pthread_mutex_lock(&lock);
    bool there = stat(path, &st) == 0;
    int fd = (int)syscall(SYS_openat, at, path, flags, mode);
    if (fd >= 0 && fd < FDS) {
        free(name_of[fd]);
        name_of[fd] = strdup(path);
        is_dir[fd] = there && S_ISDIR(st.st_mode);
        if (!there) record('C', path, 0, NULL, 0);
        else if (flags & O_TRUNC) record('T', path, 0, NULL, 0);
    }
    (void)pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE                                     \
    mode_t mode = 0;                             \
    if (flags & (O_CREAT | O_TMPFILE)) {         \
        va_list args;                            \
        va_start(args, flags);                   \
        mode = (mode_t)va_arg(args, unsigned);   \
        va_end(args);                            \
    }

int open(const char *path, int flags, ...) {
    MODE
    return open_any(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE
    return open_any(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...) {
    MODE
    return open_any(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...) {
    MODE
    return open_any(at, path, flags, mode);
}

int close(int fd) {
    if (known(fd)) {
        (void)pthread_mutex_lock(&lock);
        free(name_of[fd]);
        name_of[fd] = NULL;
        (void)pthread_mutex_unlock(&lock);
    }
    return (int)syscall(SYS_close, fd);
}

static ssize_t write_at(int fd, const void *data, size_t len, off_t offset) {
    (void)pthread_mutex_lock(&lock);
    ssize_t n = -1;
    int why = fails("pwrite") ? EIO : is_full(fd, offset + (off_t)len);
    if (why) errno = why;
    else n = syscall(SYS_pwrite64, fd, data, len, offset);
    int error = errno;
    if (n > 0) record('W', known(fd), (uint64_t)offset, data, (uint32_t)n);
    (void)pthread_mutex_unlock(&lock);
    errno = error;
    return n;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset) {
    return known(fd) ? write_at(fd, data, len, offset) : syscall(SYS_pwrite64, fd, data, len, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset) {
    return known(fd) ? write_at(fd, data, len, offset) : syscall(SYS_pwrite64, fd, data, len, offset);
}

ssize_t write(int fd, const void *data, size_t len) {
    if (fd == 1 && trace >= 0) {
        (void)pthread_mutex_lock(&lock);
        record('A', "", 0, data, (uint32_t)len);
        ssize_t n = syscall(SYS_write, fd, data, len);
        (void)pthread_mutex_unlock(&lock);
        return n;
    }
    if (!known(fd)) return syscall(SYS_write, fd, data, len);
    off_t at = (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR);
    ssize_t n = write_at(fd, data, len, at);
    if (n > 0) (void)syscall(SYS_lseek, fd, at + n, SEEK_SET);
    return n;
}

static int sync_any(int fd, long number) {
    if (!known(fd)) return (int)syscall(number, fd);
    (void)pthread_mutex_lock(&lock);
    int r = -1, error = EIO;
    if (!fails(is_dir[fd] ? "dirsync" : "fsync")) {
        r = 0; /* the page cache is the disk of these tests: a true sync would only cost time */
        error = 0;
        if (!(is_dir[fd] ? lie_dirs : lie)) record(is_dir[fd] ? 'D' : 'S', known(fd), 0, NULL, 0);
    }
    (void)pthread_mutex_unlock(&lock);
    errno = error;
    return r;
}

int fsync(int fd) {
    return sync_any(fd, SYS_fsync);
}

int fdatasync(int fd) {
    return sync_any(fd, SYS_fdatasync);
}

static int truncate_fd(int fd, off_t size) {
    if (!known(fd)) return (int)syscall(SYS_ftruncate, fd, size);
    (void)pthread_mutex_lock(&lock);
    int r = (int)syscall(SYS_ftruncate, fd, size), error = errno;
    if (r == 0) record('T', known(fd), (uint64_t)size, NULL, 0);
    (void)pthread_mutex_unlock(&lock);
    errno = error;
    return r;
}

int ftruncate(int fd, off_t size) {
    return truncate_fd(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    return truncate_fd(fd, size);
}

int rename(const char *from, const char *to) {
    (void)pthread_mutex_lock(&lock);
    int r = (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to), error = errno;
    if (r == 0 && ours(from)) record('R', from, 0, to, (uint32_t)strlen(to));
    (void)pthread_mutex_unlock(&lock);
    errno = error;
    return r;
}

int unlink(const char *path) {
    (void)pthread_mutex_lock(&lock);
    int r = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0), error = errno;
    if (r == 0 && ours(path)) record('U', path, 0, NULL, 0);
    (void)pthread_mutex_unlock(&lock);
    errno = error;
    return r;
}

int mkdir(const char *path, mode_t mode) {
    (void)pthread_mutex_lock(&lock);
    int r = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode), error = errno;
    if (r == 0 && ours(path)) record('M', path, 0, NULL, 0);
    (void)pthread_mutex_unlock(&lock);
    errno = error;
    return r;
}

#define SPAWN_PASS "DISK_"
#include "spawn_pass.h"
