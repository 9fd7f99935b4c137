/* store: opens and closes a store of either kind, queues jobs and gives their outcomes back.
 *
 * Invariants
 *  1. A job sits in at most one queue, and only in phase BODY or, once, REFUSING.
 *  2. store_job_finish runs once for each submitted job; `done` is called with no lock held.
 *  3. After `closing` no job is queued; those queued before are run.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/os.h"
#include "store/store_impl.h"

enum { READERS_DEFAULT = 8, READERS_MAX = 64, NODES = 1024, TARGET_BYTES_MAX = 4096 };

/* ---- queues ---- */

void store_queue_push(struct store_queue_list *q, struct store_job *job) {
    job->next = NULL;
    *q->tail = job;
    q->tail = &job->next;
    q->n++;
}

struct store_job *store_queue_pop(struct store_queue_list *q) {
    struct store_job *job = q->head;
    if (!job) return NULL;
    q->head = job->next;
    if (!q->head) q->tail = &q->head;
    q->n--;
    job->next = NULL;
    return job;
}

/* The job's time: the clock's, or that of the latest job where the clock is behind it; how far it is behind. */
static int64_t take_time(struct store *s, struct store_job *job) {
    int64_t now = os_now_ms(), latest = atomic_load(&s->clock_ms);
    while (latest < now && !atomic_compare_exchange_weak(&s->clock_ms, &latest, now)) continue;
    job->now_ms = latest < now ? now : latest;
    return job->now_ms - now;
}

static int submit(struct store *s, struct store_job *job, bool waits, store_done *done, void *context) {
    int64_t behind = take_time(s, job);
    os_random(&job->seed, sizeof job->seed);
    job->id_base = 0;
    memset(job->id_more, 0, sizeof job->id_more);
    job->id_next = 0;
    job->phase = STORE_PHASE_BODY;
    job->tries = 0;
    job->result = (struct str){ 0 };
    err_clear(&job->err);
    job->waits = waits;
    job->done = done;
    job->context = context;
    (void)pthread_mutex_lock(&s->lock);
    bool full = s->closing || !bound_within(&s->use[job->queue], s->queue[job->queue].n + 1, STORE_QUEUE_MAX);
    (void)pthread_mutex_unlock(&s->lock);
    bool back = job->queue != STORE_READ && behind > STORE_CLOCK_BACK_MS_MAX;
    if (full || back) {
        int rc = back ? err_set(&job->err, ERR_CLOCK, "%lld", (long long)(behind / 60000)) : err_set(&job->err, ERR_BUSY, NULL);
        store_job_finish(s, job, STORE_UNAVAILABLE);
        return rc;
    }
    s->driver->submit(s, job);
    return 0;
}

int store_submit(struct store *s, struct store_job *job, store_done *done, void *context) {
    return submit(s, job, false, done, context);
}

void store_job_finish(struct store *s, struct store_job *job, enum store_outcome outcome) {
    if (outcome == STORE_OK && job->queue != STORE_READ) atomic_fetch_add(&s->committed, 1);
    else if (outcome == STORE_CONFLICT) atomic_fetch_add(&s->conflicts, 1);
    else if (outcome != STORE_OK && outcome != STORE_DUPLICATE) atomic_fetch_add(&s->failed, 1);
    if (outcome == STORE_CONFLICT || outcome == STORE_UNKNOWN)
        (void)err_set(&job->err, outcome == STORE_CONFLICT ? ERR_CONFLICT : ERR_UNKNOWN, NULL);
    job->done(job, outcome, job->context);
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool done;
    enum store_outcome outcome;
};

static void tell(struct store_job *job, enum store_outcome outcome, void *context) {
    struct waiter *w = context;
    (void)job;
    (void)pthread_mutex_lock(&w->lock);
    w->outcome = outcome;
    w->done = true;
    (void)pthread_cond_signal(&w->told);
    (void)pthread_mutex_unlock(&w->lock);
}

enum store_outcome store_run(struct store *s, struct store_job *job) {
    struct waiter w = { .lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER };
    (void)submit(s, job, true, tell, &w);
    (void)pthread_mutex_lock(&w.lock);
    while (!w.done) (void)pthread_cond_wait(&w.told, &w.lock);
    (void)pthread_mutex_unlock(&w.lock);
    (void)pthread_cond_destroy(&w.told);
    (void)pthread_mutex_destroy(&w.lock);
    return w.outcome;
}

int store_do(struct store *s, struct store_job *job, struct err *e) {
    enum store_outcome outcome = store_run(s, job);
    if (outcome == STORE_OK) return 0;
    if (!job->err.code) (void)err_set(&job->err, outcome == STORE_CONFLICT ? ERR_CONFLICT : ERR_STORE, NULL);
    if (e) *e = job->err;
    return job->err.code;
}

/* ---- life ---- */

static int make(const struct store_config *c, struct store **ret, struct err *e) {
    struct arena own;
    arena_init(&own, "store", 64 * 1024 * 1024);
    struct store *s = arena_new(&own, struct store);
    if (!s) return err_set(e, ERR_MEMORY, "store");
    bool sqlite = str_starts(c->url, S("sqlite:"));
    s->target = arena_cstr(&own, sqlite ? str_sub(c->url, 7, SIZE_MAX) : c->url);
    s->libpq = arena_cstr(&own, c->libpq);
    if (!s->target || !s->libpq || c->url.len > TARGET_BYTES_MAX || !*s->target || c->node >= NODES) {
        arena_done(&own);
        return err_set(e, ERR_INPUT, "the store's address or node number");
    }
    s->postgres = !sqlite;
    s->driver = sqlite ? &store_sqlite : &store_postgres;
    s->migrations = c->migrations;
    s->n_migrations = c->n_migrations;
    s->readers = c->readers == 0 ? READERS_DEFAULT : c->readers > READERS_MAX ? READERS_MAX : c->readers;
    s->node = c->node;
    s->clock_is_right = c->clock_is_right;
    for (size_t i = 0; i < 3; i++) s->queue[i].tail = &s->queue[i].head;
    s->own = own;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->wake, NULL);
    *ret = s;
    return 0;
}

int store_open(const struct store_config *c, struct store **ret, struct err *e) {
    struct store *s;
    int rc = make(c, &s, e);
    if (rc < 0) return rc;
    rc = s->driver->open(s, e);
    if (rc == 0) rc = store_migrate(s, e);
    if (rc == 0) rc = store_ids_open(s, e);
    if (rc == 0) rc = s->driver->start(s, e);
    if (rc < 0) {
        store_close(s);
        return rc;
    }
    *ret = s;
    return 0;
}

void store_close(struct store *s) {
    if (!s) return;
    (void)pthread_mutex_lock(&s->lock);
    s->closing = true;
    (void)pthread_cond_broadcast(&s->wake);
    (void)pthread_mutex_unlock(&s->lock);
    s->driver->stop(s);
    (void)pthread_cond_destroy(&s->wake);
    (void)pthread_mutex_destroy(&s->lock);
    struct arena own = s->own;
    arena_done(&own);
}

bool store_is_postgres(const struct store *s) {
    return s->postgres;
}

int store_probe(struct store *s, const struct store_stmt *st, struct err *e) {
    return s->driver->prepare(s, st, e);
}

void store_on_commit(struct store *s, void (*hook)(void *context), void *context) {
    (void)pthread_mutex_lock(&s->lock);
    s->on_commit = hook;
    s->on_commit_context = context;
    (void)pthread_mutex_unlock(&s->lock);
}

void store_guard(struct store *s, store_exempt *exempt) {
    s->exempt = exempt;
}

void store_on_storage_failure(struct store *s, void (*hook)(const char *why, void *context), void *context) {
    s->on_storage = hook;
    s->on_storage_context = context;
}

_Noreturn void store_storage_failed(struct store *s, const char *why) {
    if (s->on_storage) s->on_storage(why, s->on_storage_context);
    else (void)fprintf(stderr, "store: stable storage failed (%s); stopping\n", why);
    _exit(STORE_EXIT_STORAGE);
}

void store_use(struct store *s, enum store_queue queue, struct bound_seen *ret) {
    (void)pthread_mutex_lock(&s->lock);
    int64_t waiting = (int64_t)s->queue[queue].n;
    (void)pthread_mutex_unlock(&s->lock);
    bound_read(&s->use[queue], STORE_QUEUE_MAX, waiting, ret);
}

void store_stats(struct store *s, struct store_stats *ret) {
    (void)pthread_mutex_lock(&s->lock);
    uint64_t queued = s->queue[0].n + s->queue[1].n + s->queue[2].n;
    (void)pthread_mutex_unlock(&s->lock);
    *ret = (struct store_stats){ .committed = atomic_load(&s->committed),
                                 .failed = atomic_load(&s->failed),
                                 .conflicts = atomic_load(&s->conflicts),
                                 .group_commits = atomic_load(&s->group_commits),
                                 .queued = queued,
                                 .reads = atomic_load(&s->reads),
                                 .again = atomic_load(&s->again),
                                 .writers = atomic_load(&s->writers) };
}
