/* os: the only place where the program meets clock, randomness and its own file I/O. Every call goes through one table of
 * operations, so that a test can put a seeded twin in its place (os_seed) or break the n-th call (os_fault).
 *
 * Invariants
 *  1. Nothing outside os/ calls time, clock_gettime, getrandom, open, write, fsync, rename or unlink (tidy checks it; the
 *     store and HTTP libraries do their own I/O).
 *  2. With a seed set, wall time, monotonic time and random bytes are functions of the seed and of os_clock_advance alone.
 *  3. A failed fsync is final: the caller stops; it is never retried (the kernel may have dropped the pages).
 */
#ifndef OS_OS_H
#define OS_OS_H

#include "base/arena.h"
#include "base/err.h"

/* Milliseconds since 1970-01-01T00:00:00Z. Distinct from a civil date. */
struct instant_ms {
    int64_t v;
};

int64_t os_now_ms(void);            /* wall clock, UTC */
int64_t os_mono_ns(void);           /* never goes back; for timeouts and durations */
void os_random(void *bytes, size_t len); /* getrandom; asserts on failure */

/* From now on the wall clock stands `ms` beside the machine's, and os_clock_advance moves it on; 0 sets it right. Only for making a
 * past (the demo city), before threads start and in a process that ends after it. */
void os_clock_shift(int64_t ms);
int64_t os_clock_shifted_ms(void);

/* Test twins. Process-wide; call before threads start. */
void os_seed(uint64_t seed, int64_t now_ms); /* virtual clock standing at now_ms, and a seeded generator */
void os_clock_set(int64_t now_ms);           /* only after os_seed */
void os_clock_advance(int64_t ms);           /* after os_seed or os_clock_shift */
void os_real(void);                          /* back to the machine's own */

enum os_call { OS_OPEN, OS_READ, OS_WRITE, OS_FSYNC, OS_RENAME, OS_UNLINK, OS_CALLS };
/* The k-th next call of that kind (1 = the next), and all after it if `stays`, fail with `error` (errno). k = 0: none. */
void os_fault(enum os_call call, unsigned k, int error, bool stays);

/* Whole file into the arena; ERR_NOT_FOUND, ERR_LIMIT over max_bytes, ERR_IO. */
int os_read_file(struct arena *a, const char *path, size_t max_bytes, struct str *ret, struct err *e);
/* Durable replacement: temporary file beside it, write, fsync, rename, fsync of the directory. ERR_IO, ERR_SPACE. */
int os_write_file(const char *path, struct str bytes, struct err *e);
/* Streaming in (uploads): a new file of random name in `dir`, mode 0600, its path in the arena; append; close. Not durable: the
 * file is temporary. And streaming out: a regular file opened for reading, with its size. ERR_IO, ERR_SPACE, ERR_NOT_FOUND. */
int os_temp_new(struct arena *a, const char *dir, const char **ret_path, int *ret_fd, struct err *e);
int os_append(int fd, struct str bytes, struct err *e);
/* A log's next lines: appended to the file (made with mode 0600 if need be) and on stable storage when this returns. ERR_IO, ERR_SPACE:
 * a part may have been written. */
int os_append_durable(const char *path, struct str bytes, struct err *e);
int os_open_read(const char *path, int *ret_fd, uint64_t *ret_size_bytes, struct err *e);
void os_close(int fd);
/* Makes a file of os_temp_new durable under its name: fsync, close (also on failure), rename, fsync of the directory; on failure
 * the temporary file is gone. ERR_IO, ERR_SPACE. */
int os_publish(int fd, const char *temp, const char *path, struct err *e);
/* A whole file written piece by piece (os_append to its fd): under its name when it is complete and durable, or not at all. _end closes;
 * `rc` tells what became of the writing, and comes back when that failed. */
struct os_file {
    struct arena arena;
    const char *temp, *path;
    int fd;
};
int os_file_new(struct os_file *f, const char *path, struct err *e);
int os_file_end(struct os_file *f, int rc, struct err *e);
/* Up to `len` bytes from `offset`; fewer only at the end of the file. ERR_IO. */
int os_read_at(int fd, uint64_t offset, void *bytes, size_t len, size_t *ret_len, struct err *e);
/* Makes the name of a file that others created durable: fsync of its directory. ERR_IO. */
int os_sync_dir_of(const char *path, struct err *e);
int os_mkdir(const char *path, struct err *e); /* with parents, mode 0700; fine if there */
int os_unlink(const char *path, struct err *e);
/* A file or folder under another name in the same place; the name is durable. ERR_IO, ERR_NOT_FOUND. */
int os_rename(const char *from, const char *to, struct err *e);
/* A directory and what is in it, for temporary ones of our own; links are removed, not followed. At most 16 levels. */
int os_remove_tree(const char *path, struct err *e);
/* Names in a directory, sorted by bytes, without "." and ".."; `ret` is an array of `*n` in the arena. */
int os_list_dir(struct arena *a, const char *path, struct str **ret, size_t *n, struct err *e);
/* How much may still be written where `path` lies, and how much there is in all. ERR_IO. */
int os_disk(const char *path, uint64_t *free_bytes, uint64_t *all_bytes, struct err *e);
enum os_kind { OS_NONE, OS_FILE, OS_DIR, OS_OTHER };
enum os_kind os_kind(const char *path); /* symbolic links are OS_OTHER */
bool os_open_to_all(const char *path);  /* whoever has an account on this machine may read or change it */

#endif
