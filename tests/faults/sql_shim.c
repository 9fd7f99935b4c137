/* sql_shim: LD_PRELOAD library between a program and SQLite: writes the text of every statement that is to be prepared or run, one a line,
 * to the file SQL_TRACE. It is opened before the program shuts itself in.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

static int trace = -1;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("SQL_TRACE");
    if (path) trace = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void note(const char *sql, int bytes) {
    size_t n = !sql ? 0 : bytes < 0 ? strlen(sql) : strnlen(sql, (size_t)bytes);
    struct iovec line[] = { { (void *)(uintptr_t)sql, n }, { (void *)(uintptr_t) "\n", 1 } };
    if (trace >= 0 && n && writev(trace, line, 2) < 0) abort(); /* a trace with a hole would prove nothing */
}

#define PREPARE(name, more, pass)                                                            \
    int name(void *db, const char *sql, int bytes more, void **st, const char **tail);       \
    int name(void *db, const char *sql, int bytes more, void **st, const char **tail) {      \
        static int (*real)(void *, const char *, int more, void **, const char **);          \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name);                                \
        note(sql, bytes);                                                                    \
        return real(db, sql, bytes pass, st, tail);                                          \
    }
#define NOTHING
#define FLAGS_TYPE , unsigned flags
#define FLAGS , flags
PREPARE(sqlite3_prepare, NOTHING, NOTHING)
PREPARE(sqlite3_prepare_v2, NOTHING, NOTHING)
PREPARE(sqlite3_prepare_v3, FLAGS_TYPE, FLAGS)

int sqlite3_exec(void *db, const char *sql, int (*each)(void *, int, char **, char **), void *arg, char **why);
int sqlite3_exec(void *db, const char *sql, int (*each)(void *, int, char **, char **), void *arg, char **why) {
    static int (*real)(void *, const char *, int (*)(void *, int, char **, char **), void *, char **);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "sqlite3_exec");
    note(sql, -1);
    return real(db, sql, each, arg, why);
}
