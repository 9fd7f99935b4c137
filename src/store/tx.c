/* tx: what a body sees of its transaction, the same over both drivers: statements with checked values, rows, ids,
 * randomness; and the run of one job with its idempotency row.
 *
 * Invariants
 *  1. Before each run the arena is reset and the random state and id counter start over: a second run sees what
 *     the first saw.
 *  2. After the first failed statement nothing more reaches the database in this transaction, and it does not commit.
 *  3. The idempotency row is written in the transaction of the effect; its key is looked up in the same transaction.
 *  4. Text handed to a statement is valid UTF-8 without NUL: PostgreSQL would refuse it, SQLite would keep it.
 *  5. No cursor stays open when the transaction ends.
 *  6. The commit guard is asked after the body and before its idempotency row, for whichever driver and queue.
 */
#include <assert.h>
#include <string.h>

#include "store/store_impl.h"

STORE_STMT(store_idem_find, STORE_READS, "SELECT digest, result FROM store_idem WHERE home = ? AND key = ?");
STORE_STMT(store_idem_add, STORE_WRITES,
           "INSERT INTO store_idem (home, key, digest, result, at_ms) VALUES (?, ?, ?, ?, ?)");

void store_tx_init(struct store_tx *tx, struct store *s, struct store_conn *c, struct store_job *job, bool read_only) {
    *tx = (struct store_tx){
        .store = s, .job = job, .conn = c, .arena = job->arena, .read_only = read_only, .rng = job->seed
    };
    job->id_next = 0;
}

int store_tx_break(struct store_tx *tx, int code, struct err *e) {
    if (!tx->broken) {
        tx->broken = code;
        if (e && e->code == code) tx->err = *e;
        else (void)err_set(&tx->err, code, NULL);
    }
    return code;
}

/* Refuses a statement that cannot be run here; 0 if it can. */
static int refuse(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                  struct err *e) {
    if (tx->broken) {
        if (e) *e = tx->err;
        return tx->broken;
    }
    if (st->writes && tx->read_only)
        return store_tx_break(tx, err_set(e, ERR_DEFECT, "%s writes in a READ job", st->name), e);
    for (size_t i = 0; i < n; i++)
        if (v[i].type == STORE_TEXT &&
            (!str_utf8_valid(v[i].s) || (v[i].s.len && memchr(v[i].s.ptr, 0, v[i].s.len))))
            return store_tx_break(tx, err_set(e, ERR_INPUT, "文字编码不是 UTF-8"), e);
    return 0;
}

int store_exec_n(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                 int64_t *changed, struct err *e) {
    struct err own;
    int64_t rows = 0;
    if (!e) e = &own;
    int rc = refuse(tx, st, v, n, e);
    if (rc == 0 && !st->writes) rc = store_tx_break(tx, err_set(e, ERR_DEFECT, "%s is declared to read", st->name), e);
    if (rc == 0 && (rc = tx->store->driver->exec(tx, st, v, n, changed ? &rows : NULL, e)) < 0) (void)store_tx_break(tx, rc, e);
    /* A write whose count nobody asks for may still be on its way: it counts as one that changed rows. */
    if (rc == 0 && (!changed || rows > 0) && !tx->owing && tx->store->exempt && !tx->store->exempt(st)) tx->owing = st;
    if (rc == 0 && changed) *changed = rows;
    return rc;
}

int store_query_n(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                  struct store_rows **ret, struct err *e) {
    struct err own;
    if (!e) e = &own;
    int rc = refuse(tx, st, v, n, e);
    if (rc < 0) return rc;
    struct store_rows *r = arena_new(tx->arena, struct store_rows);
    if (!r) return store_tx_break(tx, err_set(e, ERR_MEMORY, "%s", st->name), e);
    r->tx = tx;
    tx->asked.reads++;
    rc = tx->store->driver->query(tx, st, v, n, r, e);
    if (rc < 0) return store_tx_break(tx, rc, e);
    r->next = tx->open;
    tx->open = r;
    *ret = r;
    return 0;
}

bool store_next(struct store_rows *r) {
    assert(!r->ended);
    return !r->tx->broken && r->tx->store->driver->next(r);
}

static void end_rows(struct store_rows *r) {
    if (!r->ended) r->tx->store->driver->end(r);
    r->ended = true;
}

int store_end(struct store_rows *r, struct err *e) {
    assert(!r->ended);
    end_rows(r);
    struct store_tx *tx = r->tx;
    for (struct store_rows **p = &tx->open; *p; p = &(*p)->next)
        if (*p == r) {
            *p = r->next;
            break;
        }
    if (tx->broken && e) *e = tx->err;
    return tx->broken;
}

bool store_is_null(struct store_rows *r, int col) {
    assert(col >= 0 && col < r->n_cols);
    return r->tx->store->driver->is_null(r, col);
}

int64_t store_i64(struct store_rows *r, int col) {
    assert(col >= 0 && col < r->n_cols);
    return r->tx->store->driver->i64(r, col);
}

struct str store_text(struct store_rows *r, int col) {
    assert(col >= 0 && col < r->n_cols);
    return arena_str(r->tx->arena, r->tx->store->driver->bytes(r, col, true));
}

struct str store_bytes(struct store_rows *r, int col) {
    assert(col >= 0 && col < r->n_cols);
    return arena_str(r->tx->arena, r->tx->store->driver->bytes(r, col, false));
}

int store_one_i64(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n, int64_t *ret,
                  struct err *e) {
    struct store_rows *r;
    int rc = store_query_n(tx, st, v, n, &r, e);
    if (rc < 0) return rc;
    bool found = store_next(r);
    int64_t value = found ? store_i64(r, 0) : 0;
    rc = store_end(r, e);
    if (rc < 0) return rc;
    if (!found) return err_set(e, ERR_NOT_FOUND, "%s", st->name);
    *ret = value;
    return 0;
}

int store_count(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n, size_t *ret, struct err *e) {
    struct store_rows *r;
    size_t count = 0;
    int rc = store_query_n(tx, st, v, n, &r, e);
    if (rc < 0) return rc;
    while (store_next(r)) count++;
    rc = store_end(r, e);
    if (rc == 0) *ret = count;
    return rc;
}

struct store_job *store_job_of(struct store_tx *tx) {
    return tx->job;
}

struct arena *store_arena(struct store_tx *tx) {
    return tx->job->arena;
}

int64_t store_now_ms(struct store_tx *tx) {
    return tx->job->now_ms;
}

struct store_asked store_asked(struct store_tx *tx) {
    return tx->asked;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
void store_random(struct store_tx *tx, void *bytes, size_t len) {
    unsigned char *out = bytes;
    for (size_t i = 0; i < len; i += 8) {
        uint64_t z = tx->rng += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        memcpy(out + i, &z, len - i < 8 ? len - i : 8);
    }
}

void *store_note(struct store_tx *tx) {
    return tx->job->note;
}

void store_account(struct store_tx *tx) {
    tx->accounted = true;
}

/* ---- one run of a job ---- */

/* The commit guard: 0, or ERR_DEFECT for rows that changed outside of every account. */
static int guard(struct store_tx *tx) {
    if (!tx->owing || tx->accounted || tx->broken) return 0;
    return err_set(&tx->job->err, ERR_DEFECT, "%s changed rows without an act", tx->owing->name);
}

/* 1: seen before, outcome in *run. 0: new. Negative: the statement failed. */
static int idem_find(struct store_tx *tx, enum store_run *run) {
    struct store_job *job = tx->job;
    struct store_rows *r;
    int rc = store_query(tx, &store_idem_find, &r, &job->err, SV_I(job->home.v), SV_B(str_make((char *)job->key, 16)));
    if (rc < 0) return rc;
    bool found = store_next(r), same = false;
    struct str result = { 0 };
    if (found) {
        same = str_eq(store_bytes(r, 0), str_make((char *)job->digest, sizeof job->digest));
        if (same) result = store_bytes(r, 1);
    }
    rc = store_end(r, &job->err);
    if (rc < 0 || !found) return rc;
    job->result = result;
    *run = same ? STORE_RUN_DUPLICATE : STORE_RUN_REFUSED;
    if (!same) (void)err_set(&job->err, ERR_KEY_REUSED, NULL);
    return 1;
}

static int idem_add(struct store_tx *tx) {
    struct store_job *job = tx->job;
    if (job->result.len > STORE_RESULT_BYTES)
        return err_set(&job->err, ERR_DEFECT, "a result of %zu bytes is not kept with a key", job->result.len);
    int rc = store_exec(tx, &store_idem_add, NULL, &job->err, SV_I(job->home.v), SV_B(str_make((char *)job->key, 16)),
                        SV_B(str_make((char *)job->digest, sizeof job->digest)), SV_B(job->result), SV_I(job->now_ms));
    bool own = !tx->failed || tx->failed == &store_idem_add;
    if (rc == ERR_DUPLICATE && own) tx->broken = ERR_CONFLICT; /* the same key ran beside us: run again and find its row */
    return rc;
}

static void end_all(struct store_tx *tx) {
    for (struct store_rows *r = tx->open; r; r = r->next) end_rows(r);
    tx->open = NULL;
}

/* What a failure means for the job. `code` is the body's, or that of the broken transaction. */
static enum store_run judge(struct store_tx *tx, int code) {
    struct store_job *job = tx->job;
    if (tx->broken) {
        if (tx->broken == ERR_CONFLICT) return STORE_RUN_CONFLICT;
        job->err = tx->err;
        if (err_kind(tx->broken) == ERR_KIND_WORLD) return STORE_RUN_BROKEN;
        return STORE_RUN_REFUSED;
    }
    if (job->err.code != code) (void)err_set(&job->err, code, NULL);
    return STORE_RUN_REFUSED;
}

enum store_run store_job_run(struct store_tx *tx) {
    struct store_job *job = tx->job;
    enum store_run run = STORE_RUN_COMMIT;
    arena_reset(job->arena);
    if (job->phase == STORE_PHASE_REFUSING) {
        struct err why = job->err;
        int rc = job->refused(tx, job, &job->err);
        end_all(tx);
        if (rc == 0) rc = guard(tx);
        if (rc == 0 && tx->broken) rc = tx->broken;
        if (rc == 0) {
            job->err = why;
            return STORE_RUN_COMMIT;
        }
        /* A refusal that cannot be recorded is not answered as one. */
        run = judge(tx, rc);
        if (run == STORE_RUN_CONFLICT) job->err = why;
        return run == STORE_RUN_CONFLICT ? run : STORE_RUN_BROKEN;
    }
    err_clear(&job->err);
    job->result = (struct str){ 0 };
    memset(job->note, 0, sizeof job->note);
    bool keyed = job->has_key && !tx->read_only; /* a read has no effect to keep */
    int rc = keyed ? idem_find(tx, &run) : 0;
    if (rc > 0) return run;
    if (rc == 0) {
        rc = job->body(tx, job, &job->err);
        end_all(tx);
        /* What found no room looks damaged, too long or missing to whoever checks it: no answer stands. */
        if (arena_overflowed(job->arena)) rc = err_set(&job->err, ERR_MEMORY, "%s", job->arena->name);
        if (rc == 0) rc = guard(tx);
    }
    if (rc == 0 && keyed && !tx->broken) rc = idem_add(tx);
    if (rc == 0 && tx->broken) rc = tx->broken;
    if (rc < 0) {
        job->result = (struct str){ 0 };
        return judge(tx, rc);
    }
    return STORE_RUN_COMMIT;
}

enum store_run store_job_failed(struct store_tx *tx, const struct store_stmt *st, int code, const struct err *e) {
    struct store_job *job = tx->job;
    struct err own = *e;
    (void)store_tx_break(tx, code, &own);
    if (st == &store_idem_add && code == ERR_DUPLICATE) tx->broken = ERR_CONFLICT; /* as in idem_add */
    job->result = (struct str){ 0 };
    enum store_run run = judge(tx, tx->broken);
    return run == STORE_RUN_REFUSED && job->phase == STORE_PHASE_REFUSING ? STORE_RUN_BROKEN : run;
}
