/* sqlite: the embedded store. One writer thread commits in groups; reads run on their caller's thread.
 *
 * A group: BEGIN IMMEDIATE; for each job SAVEPOINT, body, RELEASE or ROLLBACK TO; one COMMIT, which is one fsync;
 * then the answers. When the whole group is lost (disk full, say), each job runs again in a transaction of its
 * own, so that one large job does not refuse its neighbours.
 *
 * Invariants
 *  1. No `done` of a write runs before the COMMIT that holds it has returned.
 *  2. Interactive jobs go first. Bulk jobs share a group only until BULK_NS have passed or an interactive job
 *     waits; but one goes with each group, so that they end at last.
 *  3. Only the writer thread uses the writer connection once it runs; a reader connection is used by one thread at
 *     a time.
 *  4. Checkpoints run between groups, on the writer.
 */
#include "os/os.h"
#include "store/sqlite_impl.h"

#include <string.h>

enum { GROUP_MAX = 256, BULK_GROUP_MAX = 128, GROUP_NS = 5000000, BULK_NS = 5000000 };
enum { CHECKPOINT_PAGES = 1000, CHECKPOINT_HARD_PAGES = 16000 };

struct sqlite_state {
    struct store_conn *writer;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* guards the pool */
    pthread_cond_t given;
    struct store_conn *idle;
    unsigned opened;
};

/* What became of a job, until its group is committed: kept in job->tries (small) beside the list of the group. */
struct group {
    struct store_queue_list jobs;
    size_t n, n_bulk;
    int64_t start_ns, bulk_ns;
    bool lost; /* SQLite rolled the whole transaction back */
};

/* ---- readers ---- */

/* Who waits for the read may hold a reader itself (a read within a body): it gets one beyond the usual number. */
static struct store_conn *reader_take(struct store *s, bool waits, struct err *e) {
    struct sqlite_state *q = s->state;
    unsigned most = waits ? 2 * s->readers : s->readers;
    struct store_conn *c = NULL;
    (void)pthread_mutex_lock(&q->lock);
    while (!q->idle && q->opened >= most) (void)pthread_cond_wait(&q->given, &q->lock);
    if (q->idle) {
        c = q->idle;
        q->idle = c->next;
    } else if (store_sqlite_connect(s, false, &c, e) == 0) {
        q->opened++;
    }
    (void)pthread_mutex_unlock(&q->lock);
    return c;
}

static void reader_give(struct store *s, struct store_conn *c) {
    struct sqlite_state *q = s->state;
    (void)pthread_mutex_lock(&q->lock);
    c->next = q->idle;
    q->idle = c;
    (void)pthread_cond_signal(&q->given);
    (void)pthread_mutex_unlock(&q->lock);
}

static void enqueue(struct store *s, struct store_job *job, enum store_queue queue) {
    (void)pthread_mutex_lock(&s->lock);
    store_queue_push(&s->queue[queue], job);
    (void)pthread_cond_signal(&s->wake);
    (void)pthread_mutex_unlock(&s->lock);
}

/* One read transaction, on the calling thread. */
static void read_now(struct store *s, struct store_job *job) {
    struct store_tx tx;
    struct store_conn *c = reader_take(s, job->waits, &job->err);
    enum store_run run = STORE_RUN_BROKEN;
    if (c) {
        int rc = store_sqlite_step(c, c->begin);
        if (rc == SQLITE_OK) {
            store_tx_init(&tx, s, c, job, true);
            run = store_job_run(&tx);
            if (store_sqlite_step(c, c->commit) != SQLITE_OK) (void)store_sqlite_step(c, c->rollback);
        } else {
            (void)store_sqlite_code(c, rc, "BEGIN", &job->err);
        }
        reader_give(s, c);
    }
    atomic_fetch_add(&s->reads, 1);
    if (run == STORE_RUN_REFUSED && job->refused) {
        job->phase = STORE_PHASE_REFUSING;
        enqueue(s, job, STORE_INTERACTIVE);
        return;
    }
    store_job_finish(s, job, run == STORE_RUN_COMMIT ? STORE_OK : run == STORE_RUN_REFUSED ? STORE_FAILED
                             : run == STORE_RUN_DUPLICATE ? STORE_DUPLICATE : STORE_UNAVAILABLE);
}

/* ---- the writer ---- */

/* The next job for this group, or NULL to commit. Waits for the first one; NULL and an empty group: closing. */
static struct store_job *next_job(struct store *s, struct group *g) {
    struct store_queue_list *hot = &s->queue[STORE_INTERACTIVE], *bulk = &s->queue[STORE_BULK];
    struct store_job *job = NULL;
    (void)pthread_mutex_lock(&s->lock);
    while (g->n == 0 && !hot->n && !bulk->n && !s->closing) (void)pthread_cond_wait(&s->wake, &s->lock);
    int64_t now = os_mono_ns();
    if (g->n == 0) g->start_ns = now;
    if (g->n_bulk == 0 && g->n < GROUP_MAX && now - g->start_ns < GROUP_NS) job = store_queue_pop(hot);
    /* One bulk job also ends a group whose time is up: under a load that never pauses, bulk (the audit's sequencer) still moves. */
    if (!job && bulk->n) {
        if (g->n_bulk == 0) g->bulk_ns = now;
        if (g->n_bulk == 0 || (!hot->n && g->n_bulk < BULK_GROUP_MAX && now - g->bulk_ns < BULK_NS)) {
            job = store_queue_pop(bulk);
            g->n_bulk++;
        }
    }
    if (job) g->n++;
    (void)pthread_mutex_unlock(&s->lock);
    return job;
}

static enum store_outcome outcome_of(enum store_run run) {
    switch (run) {
    case STORE_RUN_COMMIT: return STORE_OK;
    case STORE_RUN_DUPLICATE: return STORE_DUPLICATE;
    case STORE_RUN_REFUSED: return STORE_FAILED;
    case STORE_RUN_CONFLICT: return STORE_CONFLICT;
    case STORE_RUN_BROKEN: return STORE_UNAVAILABLE;
    }
    return STORE_UNAVAILABLE;
}

/* The job's body in a savepoint; and, if it refused, what records the refusal in another. False: the transaction
 * is gone. */
static bool run_one(struct store *s, struct store_conn *c, struct store_job *job, enum store_outcome *ret) {
    struct store_tx tx;
    for (int round = 0; round < 2; round++) {
        int rc = store_sqlite_step(c, c->savepoint);
        if (rc != SQLITE_OK) {
            (void)store_sqlite_code(c, rc, "SAVEPOINT", &job->err);
            *ret = STORE_UNAVAILABLE;
            return false;
        }
        bool refusing = job->phase == STORE_PHASE_REFUSING;
        store_tx_init(&tx, s, c, job, false);
        enum store_run run = store_job_run(&tx);
        *ret = refusing && run == STORE_RUN_COMMIT ? STORE_FAILED : outcome_of(run);
        if (sqlite3_get_autocommit(c->db)) return false;
        if (run != STORE_RUN_COMMIT) rc = store_sqlite_step(c, c->undo);
        if (rc == SQLITE_OK) rc = store_sqlite_step(c, c->release);
        if (rc != SQLITE_OK) {
            (void)store_sqlite_code(c, rc, "RELEASE", &job->err);
            *ret = STORE_UNAVAILABLE;
            return false;
        }
        if (refusing || run != STORE_RUN_REFUSED || !job->refused) return true;
        job->phase = STORE_PHASE_REFUSING;
    }
    return true;
}

/* COMMIT, with the mark of the ids when it is due. 0, or the failure; the transaction is over either way. */
static int commit(struct store *s, struct store_conn *c, struct store_job *any, struct err *e) {
    int64_t mark = 0;
    int rc = 0;
    if (store_ids_low(s)) {
        struct store_tx tx = { .store = s, .job = any, .conn = c };
        struct arena scratch;
        arena_init(&scratch, "store ids", 64 * 1024);
        tx.arena = &scratch;
        rc = store_ids_reserve(&tx, &mark, e);
        arena_done(&scratch);
    }
    if (rc == 0) {
        int result = store_sqlite_step(c, c->commit);
        /* The log holds the group and is synced, but its index could not grow: only the key can tell. */
        if (result == SQLITE_IOERR_SHMSIZE || result == SQLITE_IOERR_SHMMAP) rc = err_set(e, ERR_UNKNOWN, "wal-index");
        else if (result != SQLITE_OK) rc = store_sqlite_code(c, result, "COMMIT", e);
    }
    if (!sqlite3_get_autocommit(c->db)) (void)store_sqlite_step(c, c->rollback);
    if (rc == 0 && mark) store_ids_reserved(s, mark);
    return rc;
}

static void begin_again(struct store_job *job) {
    if (job->tries & 1) job->phase = STORE_PHASE_BODY; /* its body ran in the lost group, and may succeed now */
    job->tries = 0;
}

/* One job in a transaction of its own. */
static void run_alone(struct store *s, struct store_conn *c, struct store_job *job) {
    enum store_outcome outcome = STORE_UNAVAILABLE;
    begin_again(job);
    int result = store_sqlite_step(c, c->begin);
    if (result != SQLITE_OK) {
        (void)store_sqlite_code(c, result, "BEGIN", &job->err);
    } else if (!run_one(s, c, job, &outcome)) {
        if (!sqlite3_get_autocommit(c->db)) (void)store_sqlite_step(c, c->rollback);
        if (job->err.code == 0) (void)err_set(&job->err, ERR_STORE, NULL);
        outcome = STORE_UNAVAILABLE;
    } else {
        struct err e;
        int rc = commit(s, c, job, &e);
        if (rc < 0) {
            job->err = e;
            outcome = rc == ERR_UNKNOWN ? STORE_UNKNOWN : STORE_UNAVAILABLE;
        }
    }
    store_job_finish(s, job, outcome);
}

static void answer_group(struct store *s, struct store_conn *c, struct group *g, int rc) {
    for (struct store_job *job; (job = store_queue_pop(&g->jobs));) {
        if (rc == ERR_UNKNOWN) store_job_finish(s, job, STORE_UNKNOWN);
        else if (rc < 0) run_alone(s, c, job);
        else store_job_finish(s, job, (enum store_outcome)(job->tries >> 4));
    }
}

static void run_group(struct store *s, struct store_conn *c, struct group *g, struct store_job *first) {
    struct err e;
    int result = store_sqlite_step(c, c->begin);
    int rc = result == SQLITE_OK ? 0 : store_sqlite_code(c, result, "BEGIN", &e);
    for (struct store_job *job = first; job; job = rc == 0 ? next_job(s, g) : NULL) {
        enum store_outcome outcome = STORE_UNAVAILABLE;
        bool body = job->phase == STORE_PHASE_BODY;
        if (rc == 0 && !run_one(s, c, job, &outcome)) rc = ERR_STORE;
        /* Low bits: the body ran in this group, and may run again. High bits: the outcome, once committed. */
        job->tries = (uint8_t)((body ? 1u : 0u) | (unsigned)outcome << 4);
        store_queue_push(&g->jobs, job);
    }
    if (rc < 0) {
        if (!sqlite3_get_autocommit(c->db)) (void)store_sqlite_step(c, c->rollback);
    } else {
        rc = commit(s, c, g->jobs.head, &e);
        if (rc == 0) atomic_fetch_add(&s->group_commits, 1);
    }
    answer_group(s, c, g, rc);
}

/* Moves the log into the database. Never waits for readers, but when the log has grown far. */
static void checkpoint(struct store_conn *c, bool hard) {
    int rc = sqlite3_wal_checkpoint_v2(c->db, NULL, hard ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
                                       NULL, NULL);
    struct err e;
    if (rc != SQLITE_OK) (void)store_sqlite_code(c, rc, "checkpoint", &e); /* a full disk or a busy reader: later */
}

static int wal_grew(void *context, sqlite3 *db, const char *name, int pages) {
    (void)db;
    (void)name;
    *(int *)context = pages;
    return SQLITE_OK;
}

static void *writer_main(void *arg) {
    struct store *s = arg;
    struct sqlite_state *q = s->state;
    int pages = 0, tried_at = 0;
    (void)sqlite3_wal_hook(q->writer->db, wal_grew, &pages);
    for (;;) {
        struct group g = { .n = 0 };
        g.jobs.tail = &g.jobs.head;
        struct store_job *first = next_job(s, &g);
        if (!first) break;
        run_group(s, q->writer, &g, first);
        (void)pthread_mutex_lock(&s->lock);
        void (*hook)(void *) = s->on_commit;
        void *context = s->on_commit_context;
        (void)pthread_mutex_unlock(&s->lock);
        if (hook) hook(context);
        if (pages < tried_at) tried_at = 0; /* the log started over */
        if (pages >= tried_at + CHECKPOINT_PAGES) {
            checkpoint(q->writer, pages >= CHECKPOINT_HARD_PAGES);
            tried_at = pages;
        }
    }
    (void)sqlite3_wal_hook(q->writer->db, NULL, NULL);
    return NULL;
}

/* ---- life ---- */

static int sqlite_open(struct store *s, struct err *e) {
    struct sqlite_state *q = arena_new(&s->own, struct sqlite_state);
    if (!q) return err_set(e, ERR_MEMORY, "SQLite");
    (void)pthread_mutex_init(&q->lock, NULL);
    (void)pthread_cond_init(&q->given, NULL);
    s->state = q;
    int rc = 0;
    /* Made here, not by SQLite: with mode 0600, which its log and index take over, and with a durable name. */
    if (os_kind(s->target) == OS_NONE) rc = os_write_file(s->target, S(""), e);
    return rc < 0 ? rc : store_sqlite_connect(s, true, &q->writer, e);
}

static int sqlite_start(struct store *s, struct err *e) {
    struct sqlite_state *q = s->state;
    /* The log's name must be durable before the first answer. SQLite syncs the directory when it makes the log,
     * but does not look whether that failed. The log stays as long as the writer's connection. */
    int rc = os_sync_dir_of(s->target, e);
    if (rc < 0) return rc;
    if (pthread_create(&q->thread, NULL, writer_main, s) != 0) return err_set(e, ERR_MEMORY, "the writer's thread");
    q->started = true;
    atomic_store(&s->writers, 1);
    return 0;
}

static void sqlite_stop(struct store *s) {
    struct sqlite_state *q = s->state;
    if (!q) return;
    if (q->started) (void)pthread_join(q->thread, NULL);
    for (struct store_conn *c = q->idle; c; c = c->next) store_sqlite_disconnect(c);
    /* Last: closing moves the log into the database and removes it. Done here first, as closing tells of no failure. */
    if (q->started) checkpoint(q->writer, true);
    store_sqlite_disconnect(q->writer);
    (void)pthread_cond_destroy(&q->given);
    (void)pthread_mutex_destroy(&q->lock);
}

static void sqlite_submit(struct store *s, struct store_job *job) {
    if (job->queue == STORE_READ) read_now(s, job);
    else enqueue(s, job, job->queue);
}

static int sqlite_script(struct store *s, const char *sql, struct err *e) {
    struct sqlite_state *q = s->state;
    int rc = sqlite3_exec(q->writer->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : store_sqlite_code(q->writer, sqlite3_extended_errcode(q->writer->db), "script", e);
}

static int sqlite_begin_alone(struct store *s, struct store_tx *tx, struct err *e) {
    struct sqlite_state *q = s->state;
    tx->conn = q->writer;
    int rc = store_sqlite_step(q->writer, q->writer->begin);
    return rc == SQLITE_OK ? 0 : store_sqlite_code(q->writer, rc, "BEGIN", e);
}

static int sqlite_end_alone(struct store *s, struct store_tx *tx, bool keep, struct err *e) {
    struct sqlite_state *q = s->state;
    (void)tx;
    int rc = store_sqlite_step(q->writer, keep ? q->writer->commit : q->writer->rollback);
    int code = rc == SQLITE_OK ? 0 : store_sqlite_code(q->writer, rc, "COMMIT", e);
    if (!sqlite3_get_autocommit(q->writer->db)) (void)store_sqlite_step(q->writer, q->writer->rollback);
    return code;
}

static int sqlite_prepare(struct store *s, const struct store_stmt *st, struct err *e) {
    struct store_conn *c = reader_take(s, false, e);
    if (!c) return e->code;
    int rc = store_sqlite_prepare(c, st, e);
    reader_give(s, c);
    return rc;
}

const struct store_driver store_sqlite = {
    .open = sqlite_open, .start = sqlite_start, .stop = sqlite_stop, .submit = sqlite_submit, .exec = store_sqlite_exec,
    .query = store_sqlite_query, .next = store_sqlite_next, .end = store_sqlite_end, .is_null = store_sqlite_is_null,
    .i64 = store_sqlite_i64, .bytes = store_sqlite_bytes, .script = sqlite_script, .begin_alone = sqlite_begin_alone,
    .end_alone = sqlite_end_alone, .prepare = sqlite_prepare,
};
