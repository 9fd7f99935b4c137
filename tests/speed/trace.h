/* trace: what SQLite is asked to do, caught from the outside, so that the same statements with the same values can be run bare beside the
 * product. Every connection of the process is watched from sqlite3_auto_extension on; nothing in the product knows of it.
 */
#ifndef SPEED_TRACE_H
#define SPEED_TRACE_H
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

enum { TRACE_VALUES_MAX = 40, TRACE_TEXTS_MAX = 1000, TRACE_CONNECTIONS_MAX = 64 };
struct traced { /* one statement as it ran */
    const char *sql;               /* the same pointer for the same text */
    const struct store_stmt *stmt; /* with which a store runs it as one of its own */
    struct store_val value[TRACE_VALUES_MAX];
    size_t n_values;
    struct traced *next;
};
struct trace_list {
    struct traced *first, *last;
    size_t n;
};
static struct trace_list trace_caught;
static atomic_bool trace_on;
static pthread_mutex_t trace_lock = PTHREAD_MUTEX_INITIALIZER;

/* One literal of an expanded statement at *p: NULL, number, 'text' or x'hex'. */
static struct store_val trace_literal(const char **p) {
    const char *s = *p;
    if (*s == '\'' || ((*s == 'x' || *s == 'X') && s[1] == '\'')) {
        int hex = *s != '\'';
        char *out = malloc(strlen(s) + 1); /* kept until the program ends, as what it belongs to */
        if (!out) abort();
        size_t n = 0;
        for (s += hex + 1; *s && !(s[0] == '\'' && s[1] != '\''); s++) {
            if (hex) {
                char two[3] = { s[0], s[1], 0 };
                out[n++] = (char)strtol(two, NULL, 16);
                s++;
            } else {
                out[n++] = *s;
                if (*s == '\'') s++;
            }
        }
        *p = s + 1;
        /* analyzer -Wanalyzer-malloc-leak: the value holds it, as the list holds the value, until the program ends */
        return hex ? SV_B(str_make(out, n)) : SV_T(str_make(out, n));
    }
    if (strncmp(s, "NULL", 4) == 0) {
        *p = s + 4;
        return SV_NULL;
    }
    char *end;
    long long v = strtoll(s, &end, 10);
    *p = end;
    return SV_I(v);
}

/* The statement of a text: one for each, since a store knows what it has prepared by the statement's address. */
static const struct store_stmt *trace_statement(const char *sql) {
    static struct store_stmt known[TRACE_TEXTS_MAX];
    static size_t n;
    size_t i = 0;
    while (i < n && strcmp(known[i].sql, sql) != 0) i++;
    if (i == TRACE_TEXTS_MAX) abort();
    if (i == n) known[n++] = (struct store_stmt){ "traced", strdup(sql), strncmp(sql, "SELECT", 6) != 0 };
    return &known[i];
}

static int trace_hook(unsigned kind, void *context, void *stmt, void *unused) {
    (void)context, (void)unused;
    if (kind != SQLITE_TRACE_STMT || !atomic_load(&trace_on)) return 0;
    const char *sql = sqlite3_sql(stmt);
    if (!sql || strncmp(sql, "BEGIN", 5) == 0 || strncmp(sql, "COMMIT", 6) == 0 || strstr(sql, "SAVEPOINT") || strncmp(sql, "ROLLBACK", 8) == 0 ||
        strncmp(sql, "RELEASE", 7) == 0 || strncmp(sql, "PRAGMA", 6) == 0 || strncmp(sql, "--", 2) == 0)
        return 0;
    char *expanded = sqlite3_expanded_sql(stmt);
    struct traced *t = calloc(1, sizeof *t);
    if (!expanded || !t) abort();
    (void)pthread_mutex_lock(&trace_lock);
    t->stmt = trace_statement(sql);
    (void)pthread_mutex_unlock(&trace_lock);
    t->sql = t->stmt->sql;
    const char *e = expanded;
    int quoted = 0;
    for (const char *q = sql; *q && t->n_values < TRACE_VALUES_MAX; q++) {
        if (*q == '\'') quoted = !quoted;
        if (*q == '?' && !quoted) t->value[t->n_values++] = trace_literal(&e);
        else e++;
    }
    sqlite3_free(expanded);
    (void)pthread_mutex_lock(&trace_lock);
    if (trace_caught.last) trace_caught.last->next = t;
    else trace_caught.first = t;
    trace_caught.last = t;
    trace_caught.n++;
    (void)pthread_mutex_unlock(&trace_lock);
    return 0;
}

static sqlite3 *trace_connection[TRACE_CONNECTIONS_MAX];
static size_t trace_connections;

static int trace_attach(sqlite3 *db, const char **message, const void *api) {
    (void)message, (void)api;
    (void)pthread_mutex_lock(&trace_lock);
    if (trace_connections < TRACE_CONNECTIONS_MAX) trace_connection[trace_connections++] = db;
    (void)pthread_mutex_unlock(&trace_lock);
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, trace_hook, NULL);
}

/* Pages that the connections from number `first` on have written since they were last asked: all of them open, and none at work. */
static inline int64_t trace_pages(size_t first) {
    int64_t pages = 0;
    for (size_t i = first; i < trace_connections; i++) {
        int now = 0, high;
        if (sqlite3_db_status(trace_connection[i], SQLITE_DBSTATUS_CACHE_WRITE, &now, &high, 1) == SQLITE_OK) pages += now;
    }
    return pages;
}

/* Before the first connection. */
static inline void trace_start(void) {
    (void)sqlite3_auto_extension((void (*)(void))trace_attach);
}

static inline void trace_catch(bool on) {
    atomic_store(&trace_on, on);
}

/* What was caught since the last call. */
static inline struct trace_list trace_take(void) {
    (void)pthread_mutex_lock(&trace_lock);
    struct trace_list l = trace_caught;
    trace_caught = (struct trace_list){ 0 };
    (void)pthread_mutex_unlock(&trace_lock);
    return l;
}
#endif
