/* ids: 64-bit ids made before commit, without a sequence in the database.
 *
 * A node counts ticks, 4,096 to the millisecond; an id is a tick with the node's number put between its
 * milliseconds and its sequence. Jobs take ranges of ticks, on the first id they ask for, and keep them over their
 * runs.
 *
 * Invariants
 *  1. Ticks only grow, within a process by `id_tick`, over its end by the row store_node: no transaction commits
 *     an id whose tick is at or above a mark that is durable before or with it. So neither a crash nor a clock set
 *     back makes an id twice.
 *  2. The mark runs at most RESERVE_MS ahead, so ids keep near to the time.
 *  3. With the mark goes the latest job time, so that a clock set back is seen by the next process too (store_submit), short by
 *     the time that the reserved ids last.
 */
#include "os/os.h"
#include "store/store_impl.h"

/* 2000-01-01T00:00:00Z; 41 bits of milliseconds from there end in 2069. */
static const int64_t epoch_ms = 946684800000;
enum { TICKS_PER_MS = 4096, RESERVE_MS = 10000, LOW_MS = 5000, DAY_MS = 86400000, EXTENTS = 5 };
static const int64_t extent_ids[EXTENTS] = { 16, 256, 4096, 65536, 1048576 };

STORE_STMT(store_ids_find, STORE_READS, "SELECT mark, clock_ms FROM store_node WHERE home = 0 AND node = ?");
STORE_STMT(store_ids_raise, STORE_WRITES, "UPDATE store_node SET mark = ?, clock_ms = ? WHERE home = 0 AND node = ?");
STORE_STMT(store_ids_add, STORE_WRITES, "INSERT INTO store_node (home, node, mark, clock_ms) VALUES (0, ?, ?, ?)");

static int64_t tick_of(int64_t now_ms) {
    int64_t ms = now_ms - epoch_ms;
    return (ms < 1 ? 1 : ms) * TICKS_PER_MS;
}

static int64_t take_ticks(struct store *s, int64_t now_ms, int64_t n) {
    (void)pthread_mutex_lock(&s->lock);
    int64_t now = tick_of(now_ms);
    int64_t first = s->id_tick > now ? s->id_tick : now;
    s->id_tick = first + n;
    (void)pthread_mutex_unlock(&s->lock);
    return first;
}

int64_t store_new_id(struct store_tx *tx) {
    struct store_job *job = tx->job;
    int64_t at = job->id_next;
    for (int i = 0; i < EXTENTS; i++) {
        if (at < extent_ids[i]) {
            int64_t *base = i == 0 ? &job->id_base : &job->id_more[i - 1];
            if (*base == 0) *base = take_ticks(tx->store, job->now_ms, extent_ids[i]);
            int64_t tick = *base + at;
            job->id_next++;
            return (tick / TICKS_PER_MS) << 22 | (int64_t)tx->store->node << 12 | tick % TICKS_PER_MS;
        }
        at -= extent_ids[i];
    }
    return 0;
}

int store_ids_open(struct store *s, struct err *e) {
    struct store_tx tx;
    struct store_job job = { .now_ms = os_now_ms() };
    struct arena a;
    int64_t latest = 0;
    arena_init(&a, "store ids", 64 * 1024);
    job.arena = &a;
    store_tx_init(&tx, s, NULL, &job, false);
    int rc = s->driver->begin_alone(s, &tx, e);
    if (rc == 0) {
        struct store_rows *rows;
        rc = store_query(&tx, &store_ids_find, &rows, e, SV_I(s->node));
        if (rc == 0) {
            if (store_next(rows)) s->id_tick = store_i64(rows, 0), latest = store_i64(rows, 1);
            rc = store_end(rows, e);
        }
        int end = s->driver->end_alone(s, &tx, false, rc ? NULL : e);
        if (rc == 0) rc = end;
    }
    s->id_reserved = s->id_tick;
    atomic_store(&s->clock_ms, s->clock_is_right ? 0 : latest);
    arena_done(&a);
    return rc;
}

bool store_ids_low(struct store *s) {
    (void)pthread_mutex_lock(&s->lock);
    bool low = s->id_tick + (int64_t)LOW_MS * TICKS_PER_MS > s->id_reserved;
    (void)pthread_mutex_unlock(&s->lock);
    return low;
}

int store_ids_reserve(struct store_tx *tx, int64_t *ret_mark, struct err *e) {
    (void)pthread_mutex_lock(&tx->store->lock);
    int64_t now = tick_of(os_now_ms());
    int64_t mark = (tx->store->id_tick > now ? tx->store->id_tick : now) + (int64_t)RESERVE_MS * TICKS_PER_MS;
    (void)pthread_mutex_unlock(&tx->store->lock);
    int64_t changed;
    int64_t latest = atomic_load(&tx->store->clock_ms);
    int rc = store_exec(tx, &store_ids_raise, &changed, e, SV_I(mark), SV_I(latest), SV_I(tx->store->node));
    if (rc == 0 && changed == 0) rc = store_exec(tx, &store_ids_add, NULL, e, SV_I(tx->store->node), SV_I(mark), SV_I(latest));
    *ret_mark = mark;
    return rc;
}

void store_ids_reserved(struct store *s, int64_t mark) {
    (void)pthread_mutex_lock(&s->lock);
    if (mark > s->id_reserved) s->id_reserved = mark;
    (void)pthread_mutex_unlock(&s->lock);
}

void store_ids_passed(struct store *s, int64_t id) {
    int64_t tick = (id >> 22) * TICKS_PER_MS + TICKS_PER_MS;
    int64_t limit = tick_of(os_now_ms()) + (int64_t)DAY_MS * TICKS_PER_MS;
    (void)pthread_mutex_lock(&s->lock);
    if (tick > s->id_tick && tick < limit) s->id_tick = tick;
    (void)pthread_mutex_unlock(&s->lock);
}
