/* postgres: the outgrown store: a bounded pool of threads, each with one connection; each job a SERIALIZABLE
 * transaction.
 *
 * A job's way: BEGIN, body, COMMIT, in as few round trips as its questions need (pg_impl.h). A serialization failure
 * or deadlock (40001, 40P01) runs it again. A link that breaks before the COMMIT was sent has committed nothing: the
 * job runs again on a new one, twice at most. Broken while the COMMIT was out, or answered together with a warning
 * (which says that a standby may lack it), the outcome is UNKNOWN, and the connection is dropped.
 *
 * Invariants
 *  1. No COMMIT is ever cancelled or sent twice.
 *  2. A connection is used by its own thread only.
 *  3. At most a quarter of the pool (and at least one) runs BULK jobs.
 *  4. As many writing jobs run side by side as seldom meet: each commit widens the lanes a little, each run that was
 *     lost narrows them by LANE_LOSS / LANE_GAIN as much, so that about one run in nine is lost, where the work is such
 *     that any would be. At least one lane, at most the pool. READ jobs need none.
 *  5. A writing job that lost ALONE_TRIES times runs with no other writing job of this process beside it: many who want one row (a
 *     counter) all get it in the end, instead of some losing each time.
 *  6. A read that a body waits for runs on the thread of that body, over the connection `spare`: the pool may be full
 *     of bodies that wait like it.
 *  7. While no server answers, jobs are refused with UNAVAILABLE within the time of one attempt, never kept for long.
 */
#include "os/os.h"
#include "store/pg_impl.h"

#include <poll.h>
#include <string.h>

enum { COMMIT_MS = 15000, COMMAND_MS = 30000, BACKOFF_MS_MAX = 2000, LINKS_MAX = 2, DUPLICATE_TRIES = 1, ALONE_TRIES = 5 };
enum { LANE = 256, LANE_GAIN = 2, LANE_LOSS = 16 };

struct pg_state;
struct pg_worker {
    struct pg_state *state;
    struct store *store;
    pthread_t thread;
    bool started;
    struct store_conn conn;
    int backoff_ms;
    uint64_t jitter;
};

struct pg_state {
    const struct pg_lib *pq;
    struct store_conn *first; /* for migrations, before the threads */
    struct pg_worker *worker;
    unsigned n_workers, bulk_running, connected; /* under store->lock; `spare` is not counted */
    unsigned writing, lanes; /* under store->lock; lanes in parts of LANE */
    struct pg_worker spare;   /* no thread of its own */
    pthread_mutex_t spare_lock;
    pthread_rwlock_t turn;    /* shared by writing attempts; taken whole by one that must be alone */
};

static void nap_ms(int ms) {
    (void)poll(NULL, 0, ms);
}

/* ---- one job ---- */

static const char begin_read[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
static const char begin_write[] = "BEGIN ISOLATION LEVEL SERIALIZABLE";

static void roll_back(struct store_conn *c) {
    struct err e;
    if (!c->lost) (void)store_pg_settle(c, COMMAND_MS, &e); /* what is refused here is undone all the same */
    if (!c->lost) (void)store_pg_end_tx(c, "ROLLBACK", COMMAND_MS, NULL, 0, &e);
}

/* 0 durable; ERR_CONFLICT; ERR_UNKNOWN; or a failure that committed nothing: where a statement of the body was found
 * failed only now, *ret_failed, and the transaction is still to be rolled back. */
static int commit(struct store_tx *tx, bool ids, const struct store_stmt **ret_failed, struct err *e) {
    struct store_conn *c = tx->conn;
    int64_t mark = 0;
    int rc = 0;
    char tag[16];
    *ret_failed = NULL;
    if (ids && store_ids_low(tx->store)) {
        rc = store_pg_settle(c, COMMAND_MS, e);
        if (rc < 0) {
            *ret_failed = c->failed;
            return rc;
        }
        rc = store_ids_reserve(tx, &mark, e);
        if (rc == 0) rc = store_pg_settle(c, COMMAND_MS, e);
        if (rc < 0) {
            roll_back(c);
            return rc == ERR_DUPLICATE ? ERR_CONFLICT : rc;
        }
    }
    c->warned = false;
    rc = store_pg_end_tx(c, "COMMIT", tx->store->commit_ms ? tx->store->commit_ms : COMMIT_MS, tag, sizeof tag, e);
    if (c->lost || (rc == 0 && c->warned)) {
        c->lost = true;
        return tx->read_only ? 0 : err_set(e, ERR_UNKNOWN, "the link broke in COMMIT");
    }
    *ret_failed = c->failed;
    if (rc == 0 && strcmp(tag, "COMMIT") != 0) rc = err_set(e, ERR_CONFLICT, "COMMIT rolled back");
    if (rc == 0 && mark) store_ids_reserved(tx->store, mark);
    return rc;
}

static enum store_run attempt_beside_others(struct pg_worker *w, struct store_job *job, int *rc) {
    struct store_tx tx;
    struct store_conn *c = &w->conn;
    bool read_only = job->queue == STORE_READ && job->phase == STORE_PHASE_BODY;
    *rc = store_pg_begin(c, read_only ? begin_read : begin_write, &job->err);
    if (*rc < 0) return STORE_RUN_BROKEN;
    store_tx_init(&tx, w->store, c, job, read_only);
    struct err why = job->err;
    enum store_run run = store_job_run(&tx);
    if (run == STORE_RUN_COMMIT) {
        struct err e;
        const struct store_stmt *failed;
        *rc = commit(&tx, !read_only, &failed, &e);
        if (failed) run = store_job_failed(&tx, failed, *rc, &e);
        else if (*rc < 0 && *rc != ERR_CONFLICT) job->err = e;
    }
    if (run == STORE_RUN_CONFLICT && job->phase == STORE_PHASE_REFUSING) job->err = why;
    if (run != STORE_RUN_COMMIT) roll_back(c);
    return run;
}

/* One attempt. STORE_RUN_COMMIT: *rc is commit's. */
static enum store_run attempt(struct pg_worker *w, struct store_job *job, int *rc) {
    if (job->queue == STORE_READ && job->phase == STORE_PHASE_BODY) return attempt_beside_others(w, job, rc);
    if (job->tries >= ALONE_TRIES) (void)pthread_rwlock_wrlock(&w->state->turn);
    else (void)pthread_rwlock_rdlock(&w->state->turn);
    enum store_run run = attempt_beside_others(w, job, rc);
    (void)pthread_rwlock_unlock(&w->state->turn);
    return run;
}

static void count_link(struct pg_worker *w, unsigned one) {
    (void)pthread_mutex_lock(&w->store->lock);
    if (w != &w->state->spare) w->state->connected += one;
    (void)pthread_mutex_unlock(&w->store->lock);
}

static void hang_up(struct pg_worker *w) {
    if (!w->conn.link) return;
    store_pg_disconnect(&w->conn);
    count_link(w, -1u);
}

static bool reconnect(struct pg_worker *w, struct err *e) {
    if (w->conn.link && !w->conn.lost) return true;
    hang_up(w);
    if (store_pg_connect(&w->conn, w->store->target, e) < 0) return false;
    count_link(w, 1);
    w->backoff_ms = 0;
    return true;
}

/* What a run tells of how many may write side by side. */
static void weigh_lanes(struct store *s, bool lost) {
    struct pg_state *q = s->state;
    (void)pthread_mutex_lock(&s->lock);
    unsigned before = q->lanes / LANE;
    if (lost) q->lanes = q->lanes > LANE + LANE_LOSS ? q->lanes - LANE_LOSS : LANE;
    else if (q->lanes < q->n_workers * LANE) q->lanes += LANE_GAIN;
    if (q->lanes / LANE > before) (void)pthread_cond_signal(&s->wake);
    atomic_store(&s->writers, q->lanes / LANE);
    if (lost) atomic_fetch_add(&s->again, 1);
    (void)pthread_mutex_unlock(&s->lock);
}

/* Waits a little before another run, longer with each, so that two jobs do not meet for ever. */
static void step_aside(struct pg_worker *w, const struct store_job *job) {
    w->jitter = w->jitter * 6364136223846793005u + job->seed + 1442695040888963407u;
    nap_ms((int)((w->jitter >> 33) % (1u << (job->tries < 6 ? job->tries : 6))));
}

static enum store_outcome run_job(struct pg_worker *w, struct store_job *job) {
    int links = 0, duplicates = 0, rc;
    for (;;) {
        if (!reconnect(w, &job->err)) return STORE_UNAVAILABLE;
        bool refusing = job->phase == STORE_PHASE_REFUSING;
        enum store_run run = attempt(w, job, &rc);
        bool lost = run == STORE_RUN_CONFLICT || (run == STORE_RUN_COMMIT && rc == ERR_CONFLICT);
        if (job->queue != STORE_READ && (lost || run == STORE_RUN_COMMIT)) weigh_lanes(w->store, lost);
        if (run == STORE_RUN_COMMIT && rc == 0) return refusing ? STORE_FAILED : STORE_OK;
        if (run == STORE_RUN_COMMIT && rc == ERR_UNKNOWN) return STORE_UNKNOWN;
        if (run == STORE_RUN_DUPLICATE) return STORE_DUPLICATE;
        if (lost) {
            if (++job->tries >= STORE_JOB_TRIES) return STORE_CONFLICT;
            step_aside(w, job);
            continue;
        }
        if (w->conn.lost && run != STORE_RUN_REFUSED && ++links <= LINKS_MAX) continue; /* nothing was committed */
        if (run == STORE_RUN_COMMIT || run == STORE_RUN_BROKEN) return STORE_UNAVAILABLE;
        /* A unique key may have been broken by a job that ran beside us; the next run sees its row, as on SQLite. */
        if (job->err.code == ERR_DUPLICATE && !refusing && duplicates++ < DUPLICATE_TRIES) continue;
        if (!job->refused) return STORE_FAILED;
        job->phase = STORE_PHASE_REFUSING;
    }
}

/* ---- the pool ---- */

static struct store_job *take_job(struct pg_worker *w) {
    struct store *s = w->store;
    struct pg_state *q = w->state;
    unsigned bulk_max = q->n_workers / 4 ? q->n_workers / 4 : 1;
    struct store_job *job = NULL;
    (void)pthread_mutex_lock(&s->lock);
    for (;;) {
        bool lane = q->writing < q->lanes / LANE;
        if (lane) job = store_queue_pop(&s->queue[STORE_INTERACTIVE]);
        if (!job) job = store_queue_pop(&s->queue[STORE_READ]);
        if (!job && lane && q->bulk_running < bulk_max && (job = store_queue_pop(&s->queue[STORE_BULK]))) q->bulk_running++;
        if (job || (s->closing && !s->queue[STORE_BULK].n)) break; /* what waits for a lane is drained by those in the lanes */
        (void)pthread_cond_wait(&s->wake, &s->lock);
    }
    if (job && job->queue != STORE_READ) q->writing++;
    (void)pthread_mutex_unlock(&s->lock);
    return job;
}

/* No server answers: refuses what waits, then keeps away for a while. */
static void keep_away(struct pg_worker *w) {
    struct store *s = w->store;
    for (;;) {
        struct store_job *job = NULL;
        (void)pthread_mutex_lock(&s->lock);
        if (w->state->connected == 0)
            for (int q = 0; q < 3 && !job; q++) job = store_queue_pop(&s->queue[q]);
        (void)pthread_mutex_unlock(&s->lock);
        if (!job) break;
        (void)err_set(&job->err, ERR_STORE, "no PostgreSQL server answers");
        store_job_finish(s, job, STORE_UNAVAILABLE);
    }
    w->backoff_ms = w->backoff_ms ? w->backoff_ms * 2 : 50;
    if (w->backoff_ms > BACKOFF_MS_MAX) w->backoff_ms = BACKOFF_MS_MAX;
    for (int waited = 0; waited < w->backoff_ms; waited += 50) {
        (void)pthread_mutex_lock(&s->lock);
        bool closing = s->closing;
        (void)pthread_mutex_unlock(&s->lock);
        if (closing) return;
        nap_ms(50);
    }
}

static void *worker_main(void *arg) {
    struct pg_worker *w = arg;
    struct store *s = w->store;
    for (struct store_job *job; (job = take_job(w));) {
        bool bulk = job->queue == STORE_BULK, write = job->queue != STORE_READ;
        enum store_outcome outcome = run_job(w, job);
        if (w->conn.lost) hang_up(w); /* before anyone is told, not at the next job */
        bool dead = !w->conn.link;
        if (write && outcome == STORE_OK) atomic_fetch_add(&s->group_commits, 1);
        if (!write) atomic_fetch_add(&s->reads, 1);
        store_job_finish(s, job, outcome);
        (void)pthread_mutex_lock(&s->lock);
        if (write) w->state->writing--;
        if (bulk) w->state->bulk_running--;
        if (bulk) (void)pthread_cond_broadcast(&s->wake);
        void (*hook)(void *) = write && outcome == STORE_OK ? s->on_commit : NULL;
        void *context = s->on_commit_context;
        (void)pthread_mutex_unlock(&s->lock);
        if (hook) hook(context);
        if (dead && outcome == STORE_UNAVAILABLE) keep_away(w);
    }
    hang_up(w);
    return NULL;
}

/* ---- life ---- */

static int pg_open(struct store *s, struct err *e) {
    struct pg_state *q = arena_new(&s->own, struct pg_state);
    if (!q) return err_set(e, ERR_MEMORY, "PostgreSQL");
    s->state = q;
    pthread_rwlockattr_t fair;
    (void)pthread_rwlockattr_init(&fair);
    (void)pthread_rwlockattr_setkind_np(&fair, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP); /* who waits to be alone gets its turn */
    (void)pthread_rwlock_init(&q->turn, &fair);
    (void)pthread_rwlockattr_destroy(&fair);
    (void)pthread_mutex_init(&q->spare_lock, NULL);
    int rc = store_pg_load(s->libpq, &s->own, &q->pq, e);
    if (rc < 0) return rc;
    struct store_conn *c = arena_new(&s->own, struct store_conn);
    if (!c) return err_set(e, ERR_MEMORY, "PostgreSQL");
    c->store = s;
    c->pq = q->pq;
    q->first = c;
    return store_pg_connect(c, s->target, e);
}

static int pg_start(struct store *s, struct err *e) {
    struct pg_state *q = s->state;
    store_pg_disconnect(q->first);
    q->worker = arena_array(&s->own, s->readers, sizeof *q->worker);
    if (!q->worker) return err_set(e, ERR_MEMORY, "PostgreSQL");
    q->n_workers = s->readers;
    q->lanes = q->n_workers * LANE;
    atomic_store(&s->writers, q->n_workers);
    q->spare = (struct pg_worker){ .state = q, .store = s, .conn = { .store = s, .pq = q->pq }, .jitter = s->readers };
    for (unsigned i = 0; i < q->n_workers; i++) {
        struct pg_worker *w = &q->worker[i];
        w->state = q;
        w->store = s;
        w->conn.store = s;
        w->conn.pq = q->pq;
        w->jitter = i;
        if (pthread_create(&w->thread, NULL, worker_main, w) != 0)
            return err_set(e, ERR_MEMORY, "a thread of the pool");
        w->started = true;
    }
    return 0;
}

static void pg_stop(struct store *s) {
    struct pg_state *q = s->state;
    if (!q) return;
    for (unsigned i = 0; i < q->n_workers; i++)
        if (q->worker[i].started) (void)pthread_join(q->worker[i].thread, NULL);
    if (q->first) store_pg_disconnect(q->first);
    store_pg_disconnect(&q->spare.conn);
    (void)pthread_mutex_destroy(&q->spare_lock);
    (void)pthread_rwlock_destroy(&q->turn);
}

static bool on_pool_thread(const struct pg_state *q) {
    for (unsigned i = 0; i < q->n_workers; i++)
        if (pthread_equal(q->worker[i].thread, pthread_self())) return true;
    return false;
}

static void read_beside(struct store *s, struct store_job *job) {
    struct pg_state *q = s->state;
    (void)pthread_mutex_lock(&q->spare_lock);
    enum store_outcome outcome = run_job(&q->spare, job);
    (void)pthread_mutex_unlock(&q->spare_lock);
    atomic_fetch_add(&s->reads, 1);
    store_job_finish(s, job, outcome);
}

static void pg_submit(struct store *s, struct store_job *job) {
    if (job->waits && job->queue == STORE_READ && on_pool_thread(s->state)) {
        read_beside(s, job);
        return;
    }
    (void)pthread_mutex_lock(&s->lock);
    store_queue_push(&s->queue[job->queue], job);
    (void)pthread_cond_signal(&s->wake);
    (void)pthread_mutex_unlock(&s->lock);
}

static int pg_script(struct store *s, const char *sql, struct err *e) {
    struct pg_state *q = s->state;
    return store_pg_command(q->first, sql, COMMAND_MS * 10, NULL, 0, e);
}

static int pg_begin_alone(struct store *s, struct store_tx *tx, struct err *e) {
    struct pg_state *q = s->state;
    tx->conn = q->first;
    return store_pg_command(q->first, begin_write, COMMAND_MS, NULL, 0, e); /* scripts of many statements follow */
}

static int pg_end_alone(struct store *s, struct store_tx *tx, bool keep, struct err *e) {
    (void)s;
    const struct store_stmt *failed;
    if (keep) return commit(tx, false, &failed, e); /* each statement was waited for: none fails here */
    roll_back(tx->conn);
    return 0;
}

static int pg_prepare(struct store *s, const struct store_stmt *st, struct err *e) {
    struct pg_state *q = s->state;
    if (!q->first->link) {
        int rc = store_pg_connect(q->first, s->target, e);
        if (rc < 0) return rc;
    }
    return store_pg_prepare(q->first, st, e);
}

const struct store_driver store_postgres = {
    .open = pg_open,
    .start = pg_start,
    .stop = pg_stop,
    .submit = pg_submit,
    .exec = store_pg_exec,
    .query = store_pg_query,
    .next = store_pg_next,
    .end = store_pg_end,
    .is_null = store_pg_is_null,
    .i64 = store_pg_i64,
    .bytes = store_pg_bytes,
    .script = pg_script,
    .begin_alone = pg_begin_alone,
    .end_alone = pg_end_alone,
    .prepare = pg_prepare,
};
