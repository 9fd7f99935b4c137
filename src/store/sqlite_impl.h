/* sqlite_impl: one SQLite connection with its settings and statement cache (sqlite_conn.c), for the writer and
 * readers (sqlite.c). */
#ifndef STORE_SQLITE_IMPL_H
#define STORE_SQLITE_IMPL_H
#include <sqlite3.h>

#include "store/store_impl.h"

enum { SQLITE_CACHE_SLOTS = 1024, SQLITE_CACHE_PROBES = 8 };

/* A prepared statement. Found by the address of its store_stmt and its text, as a release's statements come and go. */
struct sqlite_slot {
    const struct store_stmt *key;
    sqlite3_stmt *stmt;
    bool busy;
};

struct store_conn {
    struct store *store;
    sqlite3 *db;
    bool writer;
    sqlite3_stmt *begin, *commit, *rollback, *savepoint, *release, *undo;
    struct store_conn *next; /* in the pool of readers */
    struct sqlite_slot slot[SQLITE_CACHE_SLOTS];
};

/* Opens with every setting written and read back: ERR_STORE when one did not take. Memory is the store's arena. */
int store_sqlite_connect(struct store *s, bool writer, struct store_conn **ret, struct err *e);
void store_sqlite_disconnect(struct store_conn *c); /* accepts NULL */
/* Runs one of the connection's own statements; an SQLite result code. */
int store_sqlite_step(struct store_conn *c, sqlite3_stmt *st);
/* The code of err_codes.h for a result of SQLite; stops the process if the writer's stable storage failed. */
int store_sqlite_code(struct store_conn *c, int result, const char *what, struct err *e);

int store_sqlite_exec(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                      int64_t *changed, struct err *e);
int store_sqlite_query(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                       struct store_rows *r, struct err *e);
bool store_sqlite_next(struct store_rows *r);
void store_sqlite_end(struct store_rows *r);
bool store_sqlite_is_null(struct store_rows *r, int col);
int64_t store_sqlite_i64(struct store_rows *r, int col);
struct str store_sqlite_bytes(struct store_rows *r, int col, bool text);
int store_sqlite_prepare(struct store_conn *c, const struct store_stmt *st, struct err *e);

#endif
