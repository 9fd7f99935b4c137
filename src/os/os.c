/* os: see os.h. One table of operations stands between the program and the kernel; tests change what the table does, never who
 * calls it.
 *
 * Invariants
 *  1. Each system call that os_fault can break goes through `broken`, which counts and decides; there is no second way in.
 *  2. `twin` is read with one atomic load, so that the real clock costs nothing extra.
 *  3. os_write_file leaves either the old file or the new one under the name, and never its temporary file.
 */
#include "os/os.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* ---- clock and randomness, real and seeded ---- */

static atomic_bool twin;
static _Atomic int64_t twin_wall_ms, twin_mono_ns, shift_ms;
static pthread_mutex_t twin_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t twin_state;

static int64_t clock_ns(clockid_t id) {
    struct timespec t;
    int bad = clock_gettime(id, &t);
    assert(bad == 0);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t os_now_ms(void) {
    return atomic_load(&twin) ? atomic_load(&twin_wall_ms) : clock_ns(CLOCK_REALTIME) / 1000000 + atomic_load(&shift_ms);
}

int64_t os_mono_ns(void) {
    return atomic_load(&twin) ? atomic_load(&twin_mono_ns) : clock_ns(CLOCK_MONOTONIC);
}

/* splitmix64 (Steele, Lea, Flood 2014): good enough for a test's repeatable bytes, and only for those. */
static uint64_t twin_next(void) {
    uint64_t z = twin_state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void os_random(void *bytes, size_t len) {
    unsigned char *out = bytes;
    if (atomic_load(&twin)) {
        (void)pthread_mutex_lock(&twin_lock);
        for (size_t i = 0; i < len; i += 8) {
            uint64_t v = twin_next();
            memcpy(out + i, &v, len - i < 8 ? len - i : 8);
        }
        (void)pthread_mutex_unlock(&twin_lock);
        return;
    }
    while (len) {
        ssize_t n = getrandom(out, len, 0);
        if (n < 0 && errno == EINTR) continue;
        assert(n > 0);
        out += n;
        len -= (size_t)n;
    }
}

void os_seed(uint64_t seed, int64_t now_ms) {
    (void)pthread_mutex_lock(&twin_lock);
    twin_state = seed;
    (void)pthread_mutex_unlock(&twin_lock);
    atomic_store(&twin_wall_ms, now_ms);
    atomic_store(&twin_mono_ns, 1000000000);
    atomic_store(&twin, true);
}

void os_clock_set(int64_t now_ms) {
    assert(atomic_load(&twin));
    atomic_store(&twin_wall_ms, now_ms);
}

void os_clock_shift(int64_t ms) {
    atomic_store(&shift_ms, ms);
}

int64_t os_clock_shifted_ms(void) {
    return atomic_load(&shift_ms);
}

void os_clock_advance(int64_t ms) {
    assert(ms >= 0 && (atomic_load(&twin) || atomic_load(&shift_ms)));
    if (!atomic_load(&twin)) {
        atomic_fetch_add(&shift_ms, ms);
        return;
    }
    atomic_fetch_add(&twin_wall_ms, ms);
    atomic_fetch_add(&twin_mono_ns, ms * 1000000);
}

void os_real(void) {
    atomic_store(&twin, false);
}

/* ---- faults ---- */

static struct {
    atomic_uint left; /* calls until the fault, counting the one that fails; 0: no fault */
    atomic_int error;
    atomic_bool stays;
} fault[OS_CALLS];

void os_fault(enum os_call call, unsigned k, int error, bool stays) {
    assert(call < OS_CALLS);
    atomic_store(&fault[call].error, error);
    atomic_store(&fault[call].stays, stays);
    atomic_store(&fault[call].left, k);
}

/* True, with errno set, if this call is to fail. */
static bool broken(enum os_call call) {
    unsigned left = atomic_load(&fault[call].left);
    while (left > 1)
        if (atomic_compare_exchange_weak(&fault[call].left, &left, left - 1)) return false;
    if (left == 0) return false;
    if (!atomic_load(&fault[call].stays)) atomic_store(&fault[call].left, 0);
    errno = atomic_load(&fault[call].error);
    return true;
}

static int call_open(const char *path, int flags, mode_t mode) {
    return broken(OS_OPEN) ? -1 : open(path, flags | O_CLOEXEC, mode);
}

static ssize_t call_read(int fd, char *to, size_t len) {
    return broken(OS_READ) ? -1 : read(fd, to, len);
}

static ssize_t call_write(int fd, const char *from, size_t len) {
    return broken(OS_WRITE) ? -1 : write(fd, from, len);
}

static int call_fsync(int fd) {
    return broken(OS_FSYNC) ? -1 : fsync(fd);
}

static int call_rename(const char *from, const char *to) {
    return broken(OS_RENAME) ? -1 : rename(from, to);
}

static int call_unlink(const char *path) {
    return broken(OS_UNLINK) ? -1 : unlink(path);
}

/* ---- files ---- */

static int failed(const char *path, int error, struct err *e) {
    int code = error == ENOENT || error == ENOTDIR    ? ERR_NOT_FOUND
               : error == ENOSPC || error == EDQUOT   ? ERR_SPACE
                                                      : ERR_IO;
    return err_field(e, code, str_of(path), "%s", strerror(error));
}

/* Reads to the end rather than to st_size: files under /proc say 0, and a file may grow meanwhile. */
static int read_to_end(struct arena *a, int fd, const char *path, size_t max_bytes, struct str *ret, struct err *e) {
    struct stat st;
    if (fstat(fd, &st) < 0) return failed(path, errno, e);
    if (!S_ISREG(st.st_mode)) return err_field(e, ERR_IO, str_of(path), "not a regular file");
    if (st.st_size > 0 && (uint64_t)st.st_size > max_bytes)
        return err_field(e, ERR_LIMIT, str_of(path), "%zu", max_bytes);
    size_t cap = st.st_size > 0 ? (size_t)st.st_size : 4096, len = 0;
    char *bytes = arena_alloc(a, cap + 1);
    for (;;) {
        if (!bytes) return err_field(e, ERR_MEMORY, str_of(path), "arena %s", a->name);
        ssize_t n = call_read(fd, bytes + len, cap - len + 1); /* one more than fits, to notice growth */
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(path, errno, e);
        len += (size_t)n;
        if (len > max_bytes) return err_field(e, ERR_LIMIT, str_of(path), "%zu", max_bytes);
        if (n == 0) break;
        if (len <= cap) continue;
        char *more = arena_alloc(a, cap * 2 + 1);
        if (more) memcpy(more, bytes, len);
        bytes = more;
        cap *= 2;
    }
    bytes[len] = 0;
    *ret = str_make(bytes, len);
    return 0;
}

int os_read_file(struct arena *a, const char *path, size_t max_bytes, struct str *ret, struct err *e) {
    int fd = call_open(path, O_RDONLY | O_NONBLOCK, 0); /* a FIFO in the place of a file must not hang us */
    if (fd < 0) return failed(path, errno, e);
    int r = read_to_end(a, fd, path, max_bytes, ret, e);
    (void)close(fd);
    return r;
}

static int write_all(int fd, struct str bytes) {
    while (bytes.len) {
        ssize_t n = call_write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        bytes = str_sub(bytes, (size_t)n, bytes.len);
    }
    return 0;
}

/* A new name is durable only when its directory is. */
static int sync_dir_of(const char *path) {
    char dir[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash) {
        size_t n = slash == path ? 1 : (size_t)(slash - path);
        if (n >= sizeof dir) return errno = ENAMETOOLONG, -1;
        memcpy(dir, path, n);
        dir[n] = 0;
    }
    int fd = call_open(dir, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) return -1;
    int r = call_fsync(fd), error = errno;
    (void)close(fd);
    errno = error;
    return r;
}

int os_write_file(const char *path, struct str bytes, struct err *e) {
    static atomic_uint serial;
    char temp[PATH_MAX];
    int n = snprintf(temp, sizeof temp, "%s.new-%d-%u", path, (int)getpid(), atomic_fetch_add(&serial, 1));
    if (n < 0 || (size_t)n >= sizeof temp) return failed(path, ENAMETOOLONG, e);
    int fd = call_open(temp, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) return failed(path, errno, e);
    int r = write_all(fd, bytes);
    if (r == 0) r = call_fsync(fd);
    int error = errno;
    if (close(fd) < 0 && r == 0) r = -1, error = errno;
    if (r == 0 && (r = call_rename(temp, path)) < 0) error = errno;
    if (r < 0) {
        (void)unlink(temp); /* not call_unlink: cleaning up after one fault must not meet the next */
        return failed(path, error, e);
    }
    return os_sync_dir_of(path, e);
}

int os_sync_dir_of(const char *path, struct err *e) {
    return sync_dir_of(path) < 0 ? failed(path, errno, e) : 0;
}

int os_temp_new(struct arena *a, const char *dir, const char **ret_path, int *ret_fd, struct err *e) {
    unsigned long long name[2];
    os_random(name, sizeof name);
    struct str path = arena_fmt(a, "%s/%016llx%016llx", dir, name[0], name[1]);
    if (!path.ptr) return err_set(e, ERR_MEMORY, "arena %s", a->name);
    int fd = call_open(path.ptr, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (fd < 0) return failed(path.ptr, errno, e);
    *ret_path = path.ptr;
    *ret_fd = fd;
    return 0;
}

int os_append(int fd, struct str bytes, struct err *e) {
    return write_all(fd, bytes) < 0 ? failed("", errno, e) : 0;
}

int os_append_durable(const char *path, struct str bytes, struct err *e) {
    bool is_new = os_kind(path) == OS_NONE;
    int fd = call_open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0600);
    if (fd < 0) return failed(path, errno, e);
    int r = write_all(fd, bytes);
    if (r == 0) r = call_fsync(fd);
    int error = errno;
    if (close(fd) < 0 && r == 0) r = -1, error = errno;
    if (r < 0) return failed(path, error, e);
    return is_new ? os_sync_dir_of(path, e) : 0;
}

int os_open_read(const char *path, int *ret_fd, uint64_t *ret_size_bytes, struct err *e) {
    struct stat st;
    int fd = call_open(path, O_RDONLY | O_NONBLOCK, 0);
    if (fd < 0) return failed(path, errno, e);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return err_field(e, ERR_IO, str_of(path), "not a regular file");
    }
    *ret_fd = fd;
    *ret_size_bytes = (uint64_t)st.st_size;
    return 0;
}

void os_close(int fd) {
    (void)close(fd);
}

int os_publish(int fd, const char *temp, const char *path, struct err *e) {
    int r = call_fsync(fd), error = errno;
    if (close(fd) < 0 && r == 0) r = -1, error = errno;
    if (r == 0 && (r = call_rename(temp, path)) < 0) error = errno;
    if (r < 0) {
        (void)unlink(temp);
        return failed(path, error, e);
    }
    return os_sync_dir_of(path, e);
}

int os_file_new(struct os_file *f, const char *path, struct err *e) {
    arena_init(&f->arena, "file", 65536);
    const char *slash = strrchr(path, '/');
    struct str dir = !slash ? S(".") : slash == path ? S("/") : str_make(path, (size_t)(slash - path));
    const char *folder = arena_cstr(&f->arena, dir);
    f->path = arena_str(&f->arena, str_of(path)).ptr;
    int rc = folder && f->path ? os_temp_new(&f->arena, folder, &f->temp, &f->fd, e) : err_set(e, ERR_MEMORY, "%s", path);
    if (rc) arena_done(&f->arena);
    return rc;
}

int os_file_end(struct os_file *f, int rc, struct err *e) {
    if (rc) {
        os_close(f->fd);
        (void)os_unlink(f->temp, NULL);
    } else rc = os_publish(f->fd, f->temp, f->path, e);
    arena_done(&f->arena);
    return rc;
}

int os_read_at(int fd, uint64_t offset, void *bytes, size_t len, size_t *ret_len, struct err *e) {
    size_t got = 0;
    if (offset > INT64_MAX || lseek(fd, (off_t)offset, SEEK_SET) < 0) return failed("", errno, e);
    while (got < len) {
        ssize_t n = call_read(fd, (char *)bytes + got, len - got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed("", errno, e);
        if (n == 0) break;
        got += (size_t)n;
    }
    *ret_len = got;
    return 0;
}

int os_disk(const char *path, uint64_t *free_bytes, uint64_t *all_bytes, struct err *e) {
    struct statvfs s;
    if (statvfs(path, &s) < 0) return failed(path, errno, e);
    *free_bytes = (uint64_t)s.f_bavail * s.f_frsize;
    *all_bytes = (uint64_t)(s.f_blocks - s.f_bfree + s.f_bavail) * s.f_frsize; /* what is kept back for root is nobody's */
    return 0;
}

int os_mkdir(const char *path, struct err *e) {
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof part) return failed(path, n ? ENAMETOOLONG : ENOENT, e);
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != 0) continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (mkdir(part, 0700) < 0 && errno != EEXIST) return failed(part, errno, e);
    }
    struct stat st;
    if (stat(path, &st) < 0) return failed(path, errno, e);
    return S_ISDIR(st.st_mode) ? 0 : err_field(e, ERR_IO, str_of(path), "not a directory");
}

int os_unlink(const char *path, struct err *e) {
    return call_unlink(path) < 0 ? failed(path, errno, e) : 0;
}

int os_rename(const char *from, const char *to, struct err *e) {
    return call_rename(from, to) < 0 ? failed(from, errno, e) : os_sync_dir_of(to, e);
}

static int remove_below(struct arena *a, const char *path, int depth, struct err *e) {
    struct str *names;
    size_t n;
    int rc = depth > 16 ? err_set(e, ERR_LIMIT, "%s", path) : os_list_dir(a, path, &names, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        const char *inner = arena_fmt(a, "%s/%.*s", path, STR_ARG(names[i])).ptr;
        if (!inner) rc = err_set(e, ERR_MEMORY, NULL);
        else rc = os_kind(inner) == OS_DIR ? remove_below(a, inner, depth + 1, e) : os_unlink(inner, e);
    }
    if (!rc && rmdir(path)) rc = err_set(e, ERR_IO, "%s", path);
    return rc;
}

int os_remove_tree(const char *path, struct err *e) {
    struct arena a;
    arena_init(&a, "remove", 64 * 1024 * 1024);
    int rc = remove_below(&a, path, 0, e);
    arena_done(&a);
    return rc;
}

static int by_bytes(const void *a, const void *b) {
    const struct str *x = a, *y = b;
    return str_cmp(*x, *y);
}

int os_list_dir(struct arena *a, const char *path, struct str **ret, size_t *n, struct err *e) {
    int fd = call_open(path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) return failed(path, errno, e);
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int error = errno;
        (void)close(fd);
        return failed(path, error, e);
    }
    struct str *names = NULL;
    size_t count = 0, cap = 0;
    for (struct dirent *d; (errno = 0, d = readdir(dir));) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0) continue;
        if (count == cap) {
            struct str *more = arena_array(a, cap = cap ? cap * 2 : 16, sizeof *more);
            if (!more) break;
            if (count) memcpy(more, names, count * sizeof *more);
            names = more;
        }
        names[count++] = arena_str(a, str_of(d->d_name));
    }
    int error = errno;
    (void)closedir(dir);
    if (arena_overflowed(a)) return err_field(e, ERR_MEMORY, str_of(path), "arena %s", a->name);
    if (error) return failed(path, error, e);
    if (count) qsort(names, count, sizeof *names, by_bytes);
    *ret = names;
    *n = count;
    return 0;
}

enum os_kind os_kind(const char *path) {
    struct stat st;
    if (lstat(path, &st) < 0) return OS_NONE;
    return S_ISREG(st.st_mode) ? OS_FILE : S_ISDIR(st.st_mode) ? OS_DIR : OS_OTHER;
}

bool os_open_to_all(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && (st.st_mode & (S_IROTH | S_IWOTH));
}
