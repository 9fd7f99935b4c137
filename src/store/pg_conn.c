/* pg_conn: one connection to PostgreSQL: its settings, prepared statements, and the values that go in and out.
 *
 * Invariants
 *  1. Every wait has a deadline; when it passes the link is given up (`lost`), never cancelled: a cancel during
 *     the wait for a standby is reported by the server as success.
 *  2. A connection whose commits would not be durable (fsync off, synchronous_commit off or local) is not used.
 *  3. A statement is prepared once per connection, under a name of its own, and only when nothing else is under way:
 *     what the server skips after a failure is never taken for prepared.
 */
#include "store/pg_impl.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "os/library.h"
#include "os/os.h"
#include "store/sql.h"

enum { QUERY_MS = 30000, CONNECT_S = 5, COMMAND_BYTES = 64 };

int store_pg_load(const char *path, struct arena *a, const struct pg_lib **ret, struct err *e) {
    struct pg_lib *lib = arena_new(a, struct pg_lib);
    if (!lib) return err_set(e, ERR_MEMORY, "libpq");
    const char *name = path && *path ? path : "libpq.so.5";
    static const struct library_entry entry[] = {
#define X(f) { "PQ" #f, offsetof(struct pg_lib, f), false },
        PG_FUNCTIONS(X)
#undef X
#define X(f) { "PQ" #f, offsetof(struct pg_lib, f), true },
        PG_PIPELINE(X)
#undef X
    };
    int rc = library_load(name, "libpq5", entry, sizeof entry / sizeof *entry, lib, e);
    if (rc) return e->code = ERR_STORE;
    if (!lib->exitPipelineMode || !lib->pipelineSync || !lib->sendQueryParams) lib->enterPipelineMode = NULL;
    if (!lib->isthreadsafe()) return err_set(e, ERR_STORE, "%s is not a usable libpq", name);
    *ret = lib;
    return 0;
}

/* ---- codes ---- */

static int code_of_state(const char *state) {
    static const struct {
        const char *prefix;
        int code;
    } table[] = {
        { "40", ERR_CONFLICT }, { "55P03", ERR_BUSY }, { "23505", ERR_DUPLICATE }, { "53100", ERR_SPACE },
        { "53", ERR_BUSY }, { "57014", ERR_BUSY }, { "57", ERR_STORE }, { "08", ERR_STORE }, { "25006", ERR_STORE },
        { "54", ERR_LIMIT }, { "58", ERR_IO }, { "XX001", ERR_DAMAGED }, { "XX002", ERR_DAMAGED }, { "XX", ERR_STORE },
        { "22021", ERR_INPUT },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) == 0) return table[i].code;
    return ERR_DEFECT;
}

static int lost(struct store_conn *c, const char *what, struct err *e) {
    c->lost = true;
    return err_set(e, ERR_STORE, "%s: %s", what, c->link ? c->pq->errorMessage(c->link) : "not connected");
}

/* The code of a failed result; a link that is to be given up is marked. */
static int failure(struct store_conn *c, const PGresult *res, const char *what, struct err *e) {
    const char *state = res ? c->pq->resultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    if (!state || c->pq->status(c->link) != CONNECTION_OK) return lost(c, what, e);
    const char *words = c->pq->resultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    int code = code_of_state(state);
    if (strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0 || strcmp(state, "25006") == 0) c->lost = true;
    return err_set(e, code, "%s: %s (%s)", what, words ? words : "", state);
}

/* ---- waiting ---- */

static bool wait_for(struct store_conn *c, short events, int64_t until_ns) {
    for (;;) {
        int64_t left_ms = (until_ns - os_mono_ns()) / 1000000;
        struct pollfd p = { .fd = c->pq->socket(c->link), .events = events };
        if (left_ms <= 0 || p.fd < 0) return false;
        int n = poll(&p, 1, left_ms > 1000 ? 1000 : (int)left_ms);
        if (n > 0) return true;
        if (n < 0 && errno != EINTR) return false;
    }
}

static bool good(struct store_conn *c, const PGresult *res) {
    if (!res) return false;
    ExecStatusType s = c->pq->resultStatus(res);
    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK || s == PGRES_EMPTY_QUERY;
}

/* One command's result (the first failed one, if any failed), read to its end; NULL when the link or the time is
 * gone. */
static PGresult *one_result(struct store_conn *c, int64_t until) {
    PGresult *keep = NULL;
    for (;;) {
        while (c->pq->isBusy(c->link))
            if (!wait_for(c, POLLIN, until) || !c->pq->consumeInput(c->link)) goto lost;
        PGresult *res = c->pq->getResult(c->link);
        if (!res) break;
        if (!keep || good(c, keep)) {
            c->pq->clear(keep);
            keep = res;
        } else {
            c->pq->clear(res);
        }
    }
    if (keep && c->pq->status(c->link) == CONNECTION_OK) return keep;
    /* a broken link gives a result of its own making */
lost:
    c->pq->clear(keep);
    return NULL;
}

/* Takes note of what libpq was given; `ok` is what it said to it. */
static int noted(struct store_conn *c, const struct store_stmt *st, int ok, struct err *e) {
    if (!ok) return lost(c, st ? st->name : "send", e);
    c->sent[c->n_sent].rows = NULL;
    c->sent[c->n_sent].st = st;
    c->sent[c->n_sent++].name = st ? st->name : "command";
    return 0;
}

/* The result of a read is its rows' own from here on. */
static void take_rows(struct store_conn *c, struct store_rows *r, PGresult *res) {
    r->stmt = res;
    r->n_rows = c->pq->ntuples(res);
    r->n_cols = c->pq->nfields(res);
}

/* Waits for all that was sent; *ret (may be NULL): the last one's result, if all went well. What reads among it gets its rows. */
static int settle(struct store_conn *c, int timeout_ms, PGresult **ret, struct err *e) {
    int64_t until = os_mono_ns() + (int64_t)timeout_ms * 1000000;
    unsigned n = c->n_sent;
    PGresult *last = NULL;
    int rc = 0;
    c->n_sent = 0;
    c->failed = NULL;
    if (c->lost || !c->link) return lost(c, "settle", e);
    if (c->piped && !c->pq->pipelineSync(c->link)) return lost(c, "sync", e);
    for (int left; (left = c->pq->flush(c->link)) != 0;)
        if (left < 0 || !wait_for(c, POLLIN | POLLOUT, until) || !c->pq->consumeInput(c->link))
            return lost(c, "send", e);
    for (unsigned i = 0; i < n; i++) {
        PGresult *res = one_result(c, until);
        if (rc == 0 && !good(c, res)) {
            c->failed = res ? c->sent[i].st : NULL;
            rc = failure(c, res, c->sent[i].name, e);
        }
        c->pq->clear(last);
        last = c->sent[i].rows && good(c, res) ? NULL : res;
        if (res && !last) take_rows(c, c->sent[i].rows, res);
        if (!res) return c->lost ? rc : lost(c, "wait", e);
    }
    if (c->piped) {
        PGresult *sync = one_result(c, until);
        bool in_step = sync && c->pq->resultStatus(sync) == PGRES_PIPELINE_SYNC;
        c->pq->clear(sync);
        if (!in_step && !c->lost) rc = lost(c, "sync", e);
    }
    if (rc == 0 && ret) *ret = last;
    else c->pq->clear(last);
    return rc;
}

static int send_text(struct store_conn *c, const char *sql, struct err *e) {
    if (c->lost || !c->link) return lost(c, "send", e);
    int ok = c->piped ? c->pq->sendQueryParams(c->link, sql, 0, NULL, NULL, NULL, NULL, 0)
                      : c->pq->sendQuery(c->link, sql);
    return noted(c, NULL, ok, e);
}

int store_pg_settle(struct store_conn *c, int timeout_ms, struct err *e) {
    return c->n_sent ? settle(c, timeout_ms, NULL, e) : 0;
}

int store_pg_command(struct store_conn *c, const char *sql, int timeout_ms, char *tag, size_t cap, struct err *e) {
    PGresult *res = NULL;
    int rc = send_text(c, sql, e);
    if (rc == 0) rc = settle(c, timeout_ms, &res, e);
    if (tag) (void)snprintf(tag, cap, "%s", rc == 0 ? c->pq->cmdStatus(res) : "");
    c->pq->clear(res);
    return rc;
}

int store_pg_begin(struct store_conn *c, const char *sql, struct err *e) {
    if (c->lost || !c->link) return lost(c, "begin", e);
    if (!c->pq->enterPipelineMode) return store_pg_command(c, sql, QUERY_MS, NULL, 0, e);
    if (!c->pq->enterPipelineMode(c->link)) return lost(c, "begin", e);
    c->piped = true;
    return send_text(c, sql, e);
}

int store_pg_end_tx(struct store_conn *c, const char *sql, int timeout_ms, char *tag, size_t cap, struct err *e) {
    int rc = store_pg_command(c, sql, timeout_ms, tag, cap, e);
    if (c->lost || c->failed || !c->piped) return rc;
    if (!c->pq->exitPipelineMode(c->link)) return lost(c, "end", e);
    c->piped = false;
    return rc;
}

/* ---- connecting ---- */

static void on_notice(void *context, const PGresult *res) {
    struct store_conn *c = context;
    /* Not told apart by words (they come in the server's language): within a COMMIT each warning is one too many. */
    const char *severity = c->pq->resultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity && strcmp(severity, "WARNING") == 0) c->warned = true;
}

static int check_setting(struct store_conn *c, const char *name, const char *good1, const char *good2, struct err *e) {
    char sql[COMMAND_BYTES], got[COMMAND_BYTES] = "";
    (void)snprintf(sql, sizeof sql, "SHOW %s", name);
    PGresult *res = NULL;
    int rc = send_text(c, sql, e);
    if (rc == 0) rc = settle(c, QUERY_MS, &res, e);
    if (rc == 0 && c->pq->ntuples(res) == 1) (void)snprintf(got, sizeof got, "%s", c->pq->getvalue(res, 0, 0));
    c->pq->clear(res);
    if (rc == 0 && strcmp(got, good1) != 0 && strcmp(got, good2) != 0)
        rc = err_set(e, ERR_STORE, "PostgreSQL %s is \"%s\": commits would not be durable", name, got);
    return rc;
}

int store_pg_connect(struct store_conn *c, const char *target, struct err *e) {
    static const char session[] =
        "SET synchronous_commit = on; SET bytea_output = hex; SET standard_conforming_strings = on; SET timezone = "
        "'UTC'; "
        "SET lock_timeout = '5s'; SET statement_timeout = '25s'; SET idle_in_transaction_session_timeout = '60s'; "
        "SET default_transaction_isolation = 'serializable'";
    static const char *const keys[] = {
        "dbname", "connect_timeout", "client_encoding", "application_name", "tcp_user_timeout", "keepalives_idle",
        NULL
    };
    const char *const values[] = { target, "5", "UTF8", "tongban", "10000", "10", NULL };
    store_pg_disconnect(c);
    c->lost = c->warned = c->piped = false;
    c->serial = c->n_sent = 0;
    memset(c->slot, 0, sizeof c->slot);
    c->link = c->pq->connectdbParams(keys, values, 1);
    if (!c->link || c->pq->status(c->link) != CONNECTION_OK) {
        int rc = lost(c, "connect", e);
        store_pg_disconnect(c);
        return rc;
    }
    (void)c->pq->setNoticeReceiver(c->link, on_notice, c);
    (void)c->pq->setnonblocking(c->link, 1);
    int rc = store_pg_command(c, session, QUERY_MS, NULL, 0, e);
    if (rc == 0) rc = check_setting(c, "fsync", "on", "on", e);
    if (rc == 0) rc = check_setting(c, "full_page_writes", "on", "on", e);
    if (rc == 0) rc = check_setting(c, "synchronous_commit", "on", "remote_apply", e);
    if (rc == 0) rc = check_setting(c, "server_encoding", "UTF8", "UTF8", e);
    if (rc < 0) store_pg_disconnect(c);
    return rc;
}

void store_pg_disconnect(struct store_conn *c) {
    if (!c->link) return;
    c->pq->finish(c->link);
    c->link = NULL;
}

/* ---- statements ---- */

static int prepare(struct store_conn *c, const char *name, const struct store_stmt *st, struct err *e) {
    struct arena a;
    arena_init(&a, "statement", 1024 * 1024);
    const char *sql = sql_numbered(&a, st->sql);
    int rc = sql ? 0 : err_set(e, ERR_MEMORY, "%s", st->name);
    if (rc == 0) rc = store_pg_settle(c, QUERY_MS, e);
    if (rc == 0) rc = noted(c, st, c->pq->sendPrepare(c->link, name, sql, 0, NULL), e);
    if (rc == 0) rc = settle(c, QUERY_MS, NULL, e);
    arena_done(&a);
    return rc;
}

/* The server's name for a statement, prepared if this connection has not. */
static int take(struct store_conn *c, const struct store_stmt *st, char name[COMMAND_BYTES], struct err *e) {
    uint64_t text = str_hash(str_of(st->sql));
    uint64_t h = (uint64_t)(uintptr_t)st * 0x9e3779b97f4a7c15u >> 40;
    struct pg_slot *use = NULL;
    for (size_t i = 0; i < PG_CACHE_PROBES; i++) {
        struct pg_slot *p = &c->slot[(h + i) % PG_CACHE_SLOTS];
        if (p->key == st && p->hash == text && p->serial) {
            (void)snprintf(name, COMMAND_BYTES, "s%u", p->serial);
            return 0;
        }
        if (!use || !p->serial || p->key == st) use = p;
    }
    if (use->serial) { /* crowded out */
        char sql[COMMAND_BYTES];
        (void)snprintf(sql, sizeof sql, "DEALLOCATE s%u", use->serial);
        int rc = store_pg_settle(c, QUERY_MS, e);
        if (rc < 0) return rc;
        use->serial = 0;
        rc = store_pg_command(c, sql, QUERY_MS, NULL, 0, e);
        if (rc < 0) return rc;
    }
    unsigned serial = ++c->serial;
    (void)snprintf(name, COMMAND_BYTES, "s%u", serial);
    int rc = prepare(c, name, st, e);
    if (rc == 0) *use = (struct pg_slot){ st, text, serial };
    return rc;
}

static int send(struct store_conn *c, const struct store_stmt *st, const struct store_val *v, size_t n,
                struct err *e) {
    char name[COMMAND_BYTES], digits[PG_VALUES_MAX][24];
    const char *value[PG_VALUES_MAX];
    int length[PG_VALUES_MAX], format[PG_VALUES_MAX];
    if (n > PG_VALUES_MAX) return err_set(e, ERR_DEFECT, "%s has %zu values", st->name, n);
    if (c->lost || !c->link) return lost(c, st->name, e);
    int rc = take(c, st, name, e);
    if (rc < 0) return rc;
    for (size_t i = 0; i < n; i++) {
        format[i] = v[i].type != STORE_I64; /* numbers as text: the server may have taken any width for them */
        if (v[i].s.len > INT32_MAX) return err_set(e, ERR_LIMIT, "%s", st->name);
        length[i] = (int)v[i].s.len;
        value[i] = v[i].type == STORE_NULL ? NULL : v[i].s.ptr ? v[i].s.ptr : "";
        if (v[i].type != STORE_I64) continue;
        length[i] = snprintf(digits[i], sizeof digits[i], "%lld", (long long)v[i].i);
        value[i] = digits[i];
    }
    return noted(c, st, c->pq->sendQueryPrepared(c->link, name, (int)n, value, length, format, 0), e);
}

/* A body stands still until its statement is answered. */
static int settle_for(struct store_tx *tx, PGresult **ret, struct err *e) {
    tx->asked.waits++;
    return settle(tx->conn, QUERY_MS, ret, e);
}

int store_pg_exec(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                  int64_t *changed, struct err *e) {
    PGresult *res = NULL;
    struct store_conn *c = tx->conn;
    int rc = send(c, st, v, n, e);
    if (rc == 0 && !changed && c->piped && c->n_sent < PG_SENT_MAX) return 0; /* goes with what comes next */
    if (rc == 0) rc = settle_for(tx, &res, e);
    tx->failed = c->failed;
    if (rc < 0) return rc;
    if (changed && !str_to_i64(str_of(tx->conn->pq->cmdTuples(res)), changed)) *changed = 0;
    tx->conn->pq->clear(res);
    return 0;
}

/* Nobody waits before the first row is asked for: reads that do not need each other's rows go out together. */
int store_pg_query(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                   struct store_rows *r, struct err *e) {
    struct store_conn *c = tx->conn;
    int rc = send(c, st, v, n, e);
    r->stmt = NULL;
    r->row = -1;
    if (rc == 0) c->sent[c->n_sent - 1].rows = r;
    if (rc == 0 && c->piped && c->n_sent < PG_SENT_MAX) return 0;
    if (rc == 0) rc = settle_for(tx, NULL, e);
    tx->failed = c->failed;
    return rc;
}

/* Its result is here, or the transaction is broken. */
static bool arrived(struct store_rows *r) {
    struct store_conn *c = r->tx->conn;
    struct err e;
    if (r->stmt) return true;
    int rc = settle_for(r->tx, NULL, &e);
    r->tx->failed = c->failed;
    if (rc < 0) (void)store_tx_break(r->tx, rc, &e);
    return rc == 0 && r->stmt;
}

bool store_pg_next(struct store_rows *r) {
    if (!arrived(r)) return false;
    if (r->row < r->n_rows) r->row++;
    return r->row < r->n_rows;
}

void store_pg_end(struct store_rows *r) {
    struct store_conn *c = r->tx->conn;
    for (unsigned i = 0; i < c->n_sent; i++)
        if (c->sent[i].rows == r) c->sent[i].rows = NULL; /* on its way still: nobody looks at it */
    c->pq->clear(r->stmt);
}

bool store_pg_is_null(struct store_rows *r, int col) {
    return r->tx->conn->pq->getisnull(r->stmt, r->row, col);
}

int64_t store_pg_i64(struct store_rows *r, int col) {
    int64_t v = 0;
    const struct pg_lib *pq = r->tx->conn->pq;
    const char *p = pq->getvalue(r->stmt, r->row, col);
    struct str s = str_make(p, (size_t)pq->getlength(r->stmt, r->row, col));
    if (str_eq(s, S("t"))) return 1; /* a comparison's value: SQLite says 1 and 0 */
    return str_to_i64(s, &v) ? v : 0;
}

struct str store_pg_bytes(struct store_rows *r, int col, bool text) {
    const struct pg_lib *pq = r->tx->conn->pq;
    if (pq->getisnull(r->stmt, r->row, col)) return (struct str){ 0 };
    struct str s = str_make(pq->getvalue(r->stmt, r->row, col), (size_t)pq->getlength(r->stmt, r->row, col));
    if (text || !str_starts(s, S("\\x"))) return s;
    size_t n = (s.len - 2) / 2;
    char *out = arena_alloc(r->tx->arena, n);
    if (!out || !str_hex_to_bytes(str_sub(s, 2, SIZE_MAX), out, n)) return (struct str){ 0 };
    return str_make(out, n);
}

int store_pg_prepare(struct store_conn *c, const struct store_stmt *st, struct err *e) {
    int rc = prepare(c, "probe", st, e);
    if (rc == 0) rc = store_pg_command(c, "DEALLOCATE probe", QUERY_MS, NULL, 0, e);
    return rc;
}
