/* sqlite_conn: one connection to SQLite: its settings, its prepared statements, and the values that go in and out.
 *
 * Invariants
 *  1. Every setting that durability or safety rests on is read back; a connection with another value is not used.
 *  2. A statement in the cache is reset and without bindings unless `busy`. A walk copies its values: its caller's
 *     memory may go while it is open; a statement that is run at once borrows them.
 *  3. On the writer, a failed fsync or write of the database ends the process (store.h, invariant 3): SQLite may
 *     not know what reached the disk. A full disk is no such failure: it is found before anything is committed.
 */
#include "store/sqlite_impl.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum { BUSY_TIMEOUT_MS = 5000, VALUE_BYTES_MAX = 64 * 1024 * 1024, SQL_BYTES_MAX = 256 * 1024 };

struct setting {
    const char *name, *write;
    int64_t want;
};

/* busy_timeout comes first: the others may have to wait for a lock. */
static const struct setting settings[] = {
    { "busy_timeout", "PRAGMA busy_timeout = 5000", BUSY_TIMEOUT_MS },
    { "synchronous", "PRAGMA synchronous = FULL", 2 },
    { "foreign_keys", "PRAGMA foreign_keys = ON", 1 },
    { "trusted_schema", "PRAGMA trusted_schema = OFF", 0 },
    { "cell_size_check", "PRAGMA cell_size_check = ON", 1 },
    { "secure_delete", "PRAGMA secure_delete = ON", 1 },
    { "cache_size", "PRAGMA cache_size = -16384", -16384 },
    { "temp_store", "PRAGMA temp_store = MEMORY", 2 },
    { "wal_autocheckpoint", "PRAGMA wal_autocheckpoint = 0", 0 }, /* the writer checkpoints when it has answered */
};

static const struct {
    int option, want;
} switches[] = {
    { SQLITE_DBCONFIG_DEFENSIVE, 1 },
    { SQLITE_DBCONFIG_DQS_DML, 0 },
    { SQLITE_DBCONFIG_DQS_DDL, 0 },
    { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
    { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
    { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
};

static bool storage_failed(int result) {
    switch (result) {
    case SQLITE_IOERR_WRITE:
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
    case SQLITE_IOERR_TRUNCATE:
    case SQLITE_IOERR_CLOSE:
        return true;
    default:
        return false;
    }
}

/* A quota that is used up is a full disk too, of which SQLite knows ENOSPC alone. sqlite3_system_errno is not set for a statement's
 * write; errno still is the failed write's, unless a later call failed in its turn: then the process ends, which loses nothing. */
static bool no_room(int result) {
    return result == SQLITE_FULL || (result == SQLITE_IOERR_WRITE && errno == EDQUOT);
}

int store_sqlite_code(struct store_conn *c, int result, const char *what, struct err *e) {
    if (no_room(result)) return err_set(e, ERR_SPACE, "%s", what);
    const char *why = c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(result);
    if (c->writer && storage_failed(result)) store_storage_failed(c->store, why);
    switch (result) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return err_set(e, ERR_DUPLICATE, "%s", why);
    default:
        break;
    }
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return err_set(e, ERR_BUSY, "%s: %s", what, why);
    case SQLITE_NOMEM: return err_set(e, ERR_MEMORY, "%s", what);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return err_set(e, ERR_DAMAGED, "%s: %s", what, why);
    case SQLITE_TOOBIG: return err_set(e, ERR_LIMIT, "%s", what);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: return err_set(e, ERR_IO, "%s: %s", what, why);
    default: return err_set(e, ERR_DEFECT, "%s: %s", what, why);
    }
}

static int pragma_i64(sqlite3 *db, const char *name, int64_t *ret) {
    char sql[64];
    sqlite3_stmt *st;
    (void)sqlite3_snprintf((int)sizeof sql, sql, "PRAGMA %s", name);
    int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
    if (rc != SQLITE_OK) return rc;
    rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) *ret = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    return rc == SQLITE_ROW ? SQLITE_OK : SQLITE_ERROR;
}

/* The change is committed only when the pragma's statement ends, behind its row: so it is run to the end, and read
 * back. */
static int set_wal(struct store_conn *c, struct err *e) {
    sqlite3_stmt *st;
    bool wal = false;
    int rc = sqlite3_exec(c->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_prepare_v2(c->db, "PRAGMA journal_mode", -1, &st, NULL);
    if (rc == SQLITE_OK) {
        wal = sqlite3_step(st) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(st, 0), "wal") == 0;
        rc = sqlite3_finalize(st);
    }
    if (rc != SQLITE_OK) return store_sqlite_code(c, sqlite3_extended_errcode(c->db), "journal_mode", e);
    return wal ? 0 : err_set(e, ERR_STORE, "SQLite has no write-ahead log here");
}

static int apply_settings(struct store_conn *c, struct err *e) {
    sqlite3 *db = c->db;
    int64_t got;
    (void)sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        int now = -1;
        (void)sqlite3_db_config(db, switches[i].option, switches[i].want, NULL);
        (void)sqlite3_db_config(db, switches[i].option, -1, &now);
        if (now != switches[i].want) return err_set(e, ERR_STORE, "SQLite option %d is %d", switches[i].option, now);
    }
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        int rc = sqlite3_exec(db, settings[i].write, NULL, NULL, NULL);
        if (rc == SQLITE_OK) rc = pragma_i64(db, settings[i].name, &got);
        if (rc != SQLITE_OK) return store_sqlite_code(c, sqlite3_extended_errcode(db), settings[i].name, e);
        if (got != settings[i].want)
            return err_set(e, ERR_STORE, "SQLite %s is %lld", settings[i].name, (long long)got);
        if (i == 0 && set_wal(c, e) < 0) return e->code;
    }
    /* A mapped page would turn a disk error into a signal. The pragma gives no row where mapping is compiled out. */
    (void)sqlite3_exec(db, "PRAGMA mmap_size = 0", NULL, NULL, NULL);
    if (pragma_i64(db, "mmap_size", &got) == SQLITE_OK && got != 0)
        return err_set(e, ERR_STORE, "SQLite maps its file");
    if (!c->writer) {
        (void)sqlite3_exec(db, "PRAGMA query_only = ON", NULL, NULL, NULL);
        if (pragma_i64(db, "query_only", &got) != SQLITE_OK || got != 1)
            return err_set(e, ERR_STORE, "SQLite query_only is off");
    }
    (void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
    (void)sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, SQL_BYTES_MAX);
    (void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    (void)sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
    return 0;
}

static int prepare_own(struct store_conn *c, struct err *e) {
    const struct {
        sqlite3_stmt **st;
        const char *sql;
    } own[] = {
        { &c->begin, c->writer ? "BEGIN IMMEDIATE" : "BEGIN" }, { &c->commit, "COMMIT" }, { &c->rollback, "ROLLBACK" },
        { &c->savepoint, "SAVEPOINT job" }, { &c->release, "RELEASE job" }, { &c->undo, "ROLLBACK TO job" },
    };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (sqlite3_prepare_v3(c->db, own[i].sql, -1, SQLITE_PREPARE_PERSISTENT, own[i].st, NULL) != SQLITE_OK)
            return store_sqlite_code(c, sqlite3_extended_errcode(c->db), own[i].sql, e);
    return 0;
}

int store_sqlite_connect(struct store *s, bool writer, struct store_conn **ret, struct err *e) {
    struct store_conn *c = arena_new(&s->own, struct store_conn);
    if (!c) return err_set(e, ERR_MEMORY, "SQLite connection");
    c->store = s;
    c->writer = writer;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int rc = sqlite3_open_v2(s->target, &c->db, flags, NULL);
    int code = rc != SQLITE_OK ? store_sqlite_code(c, rc, s->target, e) : apply_settings(c, e);
    if (code == 0) code = prepare_own(c, e);
    if (code < 0) {
        store_sqlite_disconnect(c);
        return code;
    }
    *ret = c;
    return 0;
}

void store_sqlite_disconnect(struct store_conn *c) {
    if (!c) return;
    for (size_t i = 0; i < SQLITE_CACHE_SLOTS; i++) (void)sqlite3_finalize(c->slot[i].stmt);
    sqlite3_stmt *own[] = { c->begin, c->commit, c->rollback, c->savepoint, c->release, c->undo };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) (void)sqlite3_finalize(own[i]);
    int rc = sqlite3_close(c->db);
    assert(rc == SQLITE_OK);
    c->db = NULL;
}

int store_sqlite_step(struct store_conn *c, sqlite3_stmt *st) {
    (void)c;
    int rc = sqlite3_step(st);
    int reset = sqlite3_reset(st);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : reset != SQLITE_OK ? reset : rc;
}

/* ---- statements ---- */

static int prepare(struct store_conn *c, const struct store_stmt *st, unsigned flags, sqlite3_stmt **ret,
                   struct err *e) {
    const char *tail = "";
    int rc = sqlite3_prepare_v3(c->db, st->sql, -1, flags, ret, &tail);
    if (rc != SQLITE_OK) return store_sqlite_code(c, rc, st->name, e);
    if (*ret && !*tail) return 0;
    (void)sqlite3_finalize(*ret);
    return err_set(e, ERR_DEFECT, "%s is not one statement", st->name);
}

/* A statement ready to bind; *slot is NULL when it is not cached, as while another walk over the same one is open. */
static int take(struct store_conn *c, const struct store_stmt *st, sqlite3_stmt **ret, struct sqlite_slot **slot,
                struct err *e) {
    struct sqlite_slot *free_slot = NULL;
    uint64_t h = (uint64_t)(uintptr_t)st * 0x9e3779b97f4a7c15u >> 40;
    for (size_t i = 0; i < SQLITE_CACHE_PROBES; i++) {
        struct sqlite_slot *p = &c->slot[(h + i) % SQLITE_CACHE_SLOTS];
        if (p->busy) continue;
        if (p->key == st && strcmp(sqlite3_sql(p->stmt), st->sql) == 0) {
            p->busy = true;
            *slot = p;
            *ret = p->stmt;
            return 0;
        }
        if (!free_slot || !p->key || p->key == st) free_slot = p;
    }
    sqlite3_stmt *made;
    int rc = prepare(c, st, free_slot ? SQLITE_PREPARE_PERSISTENT : 0, &made, e);
    if (rc < 0) return rc;
    if (free_slot) {
        (void)sqlite3_finalize(free_slot->stmt);
        *free_slot = (struct sqlite_slot){ .key = st, .stmt = made, .busy = true };
    }
    *slot = free_slot;
    *ret = made;
    return 0;
}

static void give_back(sqlite3_stmt *stmt, struct sqlite_slot *slot) {
    if (!slot) {
        (void)sqlite3_finalize(stmt);
        return;
    }
    (void)sqlite3_reset(stmt);
    (void)sqlite3_clear_bindings(stmt);
    slot->busy = false;
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct store_val *v, sqlite3_destructor_type keep) {
    const char *p = v->s.ptr ? v->s.ptr : "";
    switch (v->type) {
    case STORE_I64: return sqlite3_bind_int64(stmt, at, v->i);
    case STORE_TEXT: return sqlite3_bind_text64(stmt, at, p, v->s.len, keep, SQLITE_UTF8);
    case STORE_BYTES: return sqlite3_bind_blob64(stmt, at, p, v->s.len, keep);
    case STORE_NULL: return sqlite3_bind_null(stmt, at);
    }
    return SQLITE_MISUSE;
}

static int bind(struct store_conn *c, const struct store_stmt *st, sqlite3_stmt *stmt, const struct store_val *v,
                size_t n, sqlite3_destructor_type keep, struct err *e) {
    if (sqlite3_bind_parameter_count(stmt) != (int)n)
        return err_set(e, ERR_DEFECT, "%s wants %d values, not %zu", st->name, sqlite3_bind_parameter_count(stmt), n);
    if (!sqlite3_stmt_readonly(stmt) && !st->writes) return err_set(e, ERR_DEFECT, "%s is declared to read", st->name);
    for (size_t i = 0; i < n; i++) {
        int rc = bind_one(stmt, (int)i + 1, &v[i], keep);
        if (rc != SQLITE_OK) return store_sqlite_code(c, rc, st->name, e);
    }
    return 0;
}

int store_sqlite_exec(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                      int64_t *changed, struct err *e) {
    struct store_conn *c = tx->conn;
    sqlite3_stmt *stmt;
    struct sqlite_slot *slot;
    int rc = take(c, st, &stmt, &slot, e);
    if (rc < 0) return rc;
    rc = bind(c, st, stmt, v, n, SQLITE_STATIC, e);
    if (rc == 0) {
        int step = sqlite3_step(stmt);
        if (step != SQLITE_DONE && step != SQLITE_ROW) rc = store_sqlite_code(c, step, st->name, e);
        else if (changed) *changed = sqlite3_changes64(c->db);
    }
    give_back(stmt, slot);
    return rc;
}

int store_sqlite_query(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                       struct store_rows *r, struct err *e) {
    sqlite3_stmt *stmt;
    struct sqlite_slot *slot;
    int rc = take(tx->conn, st, &stmt, &slot, e);
    if (rc < 0) return rc;
    rc = bind(tx->conn, st, stmt, v, n, SQLITE_TRANSIENT, e);
    if (rc < 0) {
        give_back(stmt, slot);
        return rc;
    }
    r->stmt = stmt;
    r->slot = slot;
    r->n_cols = sqlite3_column_count(stmt);
    return 0;
}

bool store_sqlite_next(struct store_rows *r) {
    if (r->row < 0) return false; /* past the end: another step would start over */
    int rc = sqlite3_step(r->stmt);
    if (rc == SQLITE_ROW) return true;
    r->row = -1;
    if (rc != SQLITE_DONE) {
        struct err e;
        (void)store_tx_break(r->tx, store_sqlite_code(r->tx->conn, rc, "rows", &e), &e);
    }
    return false;
}

void store_sqlite_end(struct store_rows *r) {
    give_back(r->stmt, r->slot);
}

bool store_sqlite_is_null(struct store_rows *r, int col) {
    return sqlite3_column_type(r->stmt, col) == SQLITE_NULL;
}

int64_t store_sqlite_i64(struct store_rows *r, int col) {
    return sqlite3_column_int64(r->stmt, col);
}

struct str store_sqlite_bytes(struct store_rows *r, int col, bool text) {
    const void *p = text ? (const void *)sqlite3_column_text(r->stmt, col) : sqlite3_column_blob(r->stmt, col);
    return str_make(p, p ? (size_t)sqlite3_column_bytes(r->stmt, col) : 0);
}

int store_sqlite_prepare(struct store_conn *c, const struct store_stmt *st, struct err *e) {
    sqlite3_stmt *stmt;
    int rc = prepare(c, st, 0, &stmt, e);
    if (rc < 0) return rc;
    if (sqlite3_stmt_readonly(stmt) == (st->writes ? 1 : 0))
        rc = err_set(e, ERR_DEFECT, "%s: wrong STORE_READS/WRITES", st->name);
    (void)sqlite3_finalize(stmt);
    return rc;
}
