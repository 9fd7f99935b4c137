/* Unit tests of jobs, each on both kinds of store: what is committed, refused, repeated, retried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>

#include "os/os.h"
#include "store/store_fixture.h"
#include "store/store_impl.h"

/* The tests use the lease table as their plain table: a name, a number. */
STORE_STMT(store_test_add, STORE_WRITES,
           "INSERT INTO store_lease (home, name, holder, fence, until_ms) VALUES (?, ?, ?, ?, 0)");
STORE_STMT(store_test_set, STORE_WRITES, "UPDATE store_lease SET fence = ? WHERE home = ? AND name = ? AND fence = ?");
STORE_STMT(store_test_get, STORE_READS, "SELECT fence FROM store_lease WHERE home = ? AND name = ?");
STORE_STMT(store_test_count, STORE_READS, "SELECT COUNT(*) FROM store_lease WHERE home = ?");
STORE_STMT(store_test_all, STORE_READS, "SELECT name, holder, fence FROM store_lease WHERE home = ? ORDER BY name");

static int count(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_one_i64(tx, &store_test_count, (struct store_val[]){ SV_I(job->home.v) }, 1, job->arg, e);
}

static int64_t rows(struct store *s) {
    int64_t n = -1;
    assert_int_equal(store_fixture_read(s, count, &n, NULL), STORE_OK);
    return n;
}

static int add(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_exec(tx, &store_test_add, NULL, e, SV_I(job->home.v), SV_T(str_of(job->arg)), SV_T(S("我")), SV_I(1));
}

static int add_then_refuse(struct store_tx *tx, struct store_job *job, struct err *e) {
    int rc = add(tx, job, e);
    return rc < 0 ? rc : err_set(e, ERR_STATE, "已经结束");
}

static int note_refusal(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_exec(tx, &store_test_add, NULL, e, SV_I(job->home.v), SV_T(S("refused")),
                      SV_T(str_of(err_name(job->err.code))), SV_I(1));
}

static void writes_and_reads(struct store *s, void *arg) {
    (void)arg;
    struct err e;
    assert_int_equal(store_fixture_run(s, add, (void *)"a", NULL), STORE_OK);
    assert_int_equal(rows(s), 1);
    assert_int_equal(store_fixture_run(s, add, (void *)"a", &e), STORE_FAILED);
    assert_int_equal(e.code, ERR_DUPLICATE);
    assert_int_equal(store_fixture_run(s, add_then_refuse, (void *)"b", &e), STORE_FAILED);
    assert_int_equal(e.code, ERR_STATE);
    assert_string_equal(e.detail, "已经结束");
    assert_int_equal(rows(s), 1);
    assert_int_equal(store_fixture_read(s, add, (void *)"c", &e), STORE_FAILED);
    assert_int_equal(e.code, ERR_DEFECT);
    assert_int_equal(store_fixture_run(s, add, (void *)"\xff\xfe", &e), STORE_FAILED); /* not UTF-8 */
    assert_int_equal(e.code, ERR_INPUT);
    assert_int_equal(rows(s), 1);
}

static void refusal_is_recorded(struct store *s, void *arg) {
    (void)arg;
    /* writes in a READ job: refused, and recorded by a writer */
    struct store_job *job = store_fixture_job(add, (void *)"x");
    job->queue = STORE_READ;
    job->refused = note_refusal;
    assert_int_equal(store_run(s, job), STORE_FAILED);
    assert_int_equal(job->err.code, ERR_DEFECT);
    assert_int_equal(rows(s), 1);
    job = store_fixture_job(add_then_refuse, (void *)"y");
    job->refused = note_refusal;
    /* "refused" is there already: not recorded, so not answered */
    assert_int_equal(store_run(s, job), STORE_UNAVAILABLE);
    assert_int_equal(job->err.code, ERR_DUPLICATE);
    job->home.v = 2;
    assert_int_equal(store_run(s, job), STORE_FAILED);
    assert_int_equal(job->err.code, ERR_STATE);
    assert_int_equal(rows(s), 1);
}

/* A failed statement breaks the transaction, even if the body does not care. */
static int add_twice(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct str how = str_of(job->arg);
    bool asks = str_eq(how, S("asks"));
    int64_t n;
    assert_int_equal(add(tx, job, e), 0);
    int rc = store_exec(tx, &store_test_add, asks ? &n : NULL, e, SV_I(1), SV_T(how), SV_T(S("x")), SV_I(1));
    /* who does not ask how many rows is told now, or by what comes next */
    assert_true(rc == ERR_DUPLICATE || (rc == 0 && !asks && store_is_postgres(tx->store)));
    if (!str_eq(how, S("ends")))
        assert_int_equal(store_one_i64(tx, &store_test_count, &SV_I(1), 1, &n, e), ERR_DUPLICATE);
    job->result = S("promised");
    return 0;
}

static void failure_breaks(struct store *s, void *arg) {
    static const char *const how[] = { "asks", "reads", "ends" };
    (void)arg;
    for (size_t i = 0; i < 3; i++) {
        struct store_job *job = store_fixture_job(add_twice, (void *)(uintptr_t)how[i]);
        job->has_key = true;
        assert_int_equal(store_run(s, job), STORE_FAILED);
        assert_int_equal(job->err.code, ERR_DUPLICATE);
        assert_int_equal(job->result.len, 0);
        assert_int_equal(rows(s), 0);
    }
}

/* ---- values and rows ---- */

static int walk_two(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct store_rows *a, *b;
    int pairs = 0;
    assert_int_equal(store_query(tx, &store_test_all, &a, e, SV_I(job->home.v)), 0);
    while (store_next(a)) {
        struct str left = store_text(a, 0);
        /* the same statement, while open */
        assert_int_equal(store_query(tx, &store_test_all, &b, e, SV_I(job->home.v)), 0);
        while (store_next(b)) pairs += str_cmp(left, store_text(b, 0)) < 0;
        assert_false(store_next(b));
        assert_int_equal(store_end(b, e), 0);
        assert_string_equal(store_text(a, 1).ptr, "我");
    }
    assert_int_equal(store_end(a, e), 0);
    assert_int_equal(store_query(tx, &store_test_all, &a, e, SV_I(job->home.v)), 0);
    assert_true(store_next(a)); /* left open: the store ends it */
    *(int *)job->arg = pairs;
    return 0;
}

static void several_walks(struct store *s, void *arg) {
    (void)arg;
    int pairs = 0;
    static char name[5][2] = { "e", "d", "c", "b", "a" };
    for (int i = 0; i < 5; i++) assert_int_equal(store_fixture_run(s, add, name[i], NULL), STORE_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(store_fixture_read(s, walk_two, &pairs, NULL), STORE_OK);
        assert_int_equal(pairs, 10);
        assert_int_equal(store_fixture_run(s, walk_two, &pairs, NULL), STORE_OK);
        assert_int_equal(pairs, 10);
    }
}

/* ---- idempotency (T50) ---- */

static int add_with_result(struct store_tx *tx, struct store_job *job, struct err *e) {
    int rc = add(tx, job, e);
    job->result = arena_fmt(job->arena, "case %s", (const char *)job->arg);
    return rc;
}

static struct store_job *keyed(int key, int digest, const char *name) {
    struct store_job *job = store_fixture_job(add_with_result, (void *)(uintptr_t)name);
    job->has_key = true;
    job->key[0] = (uint8_t)key;
    job->digest[5] = (uint8_t)digest;
    return job;
}

static void expect_duplicate(struct store *s, struct store_job *job, const char *result) {
    assert_int_equal(store_run(s, job), STORE_DUPLICATE);
    assert_true(str_eq(job->result, str_of(result)));
}

static void same_key_serial(struct store *s, void *arg) {
    (void)arg;
    assert_int_equal(store_run(s, keyed(1, 1, "a")), STORE_OK);
    for (int i = 0; i < 10; i++) expect_duplicate(s, keyed(1, 1, "a"), "case a");
    struct store_job *other = keyed(1, 2, "b");
    assert_int_equal(store_run(s, other), STORE_FAILED);
    assert_int_equal(other->err.code, ERR_KEY_REUSED);
    struct store_job *home2 = keyed(1, 2, "b");
    home2->home.v = 2;
    assert_int_equal(store_run(s, home2), STORE_OK);
    struct store_job *refused = keyed(3, 3, "c");
    refused->body = add_then_refuse;
    assert_int_equal(store_run(s, refused), STORE_FAILED); /* no effect, so the key is free */
    assert_int_equal(store_run(s, keyed(3, 3, "c")), STORE_OK);
    assert_int_equal(rows(s), 2);
}

static int big_result(struct store_tx *tx, struct store_job *job, struct err *e) {
    int rc = add(tx, job, e);
    job->result = str_make(arena_alloc(job->arena, 2000), 1025);
    return rc;
}

static void result_is_limited(struct store *s, void *arg) {
    (void)arg;
    struct store_job *job = keyed(1, 1, "a");
    job->body = big_result;
    assert_int_equal(store_run(s, job), STORE_FAILED);
    assert_int_equal(job->err.code, ERR_DEFECT);
    assert_int_equal(rows(s), 0);
}

struct racer {
    struct store *s;
    struct store_job *job;
    enum store_outcome outcome;
};

static void *race(void *arg) {
    struct racer *r = arg;
    r->outcome = store_run(r->s, r->job);
    return NULL;
}

static void race_all(struct racer *r, int n) {
    pthread_t t[16];
    for (int i = 0; i < n; i++) assert_int_equal(pthread_create(&t[i], NULL, race, &r[i]), 0);
    for (int i = 0; i < n; i++) assert_int_equal(pthread_join(t[i], NULL), 0);
}

static void same_key_parallel(struct store *s, void *arg) {
    (void)arg;
    for (int round = 0; round < 10; round++) {
        struct racer r[8];
        int ok = 0;
        char name[2] = { (char)('a' + round), 0 };
        for (int i = 0; i < 8; i++) r[i] = (struct racer){ s, keyed(round, 1, name), STORE_UNKNOWN };
        race_all(r, 8);
        for (int i = 0; i < 8; i++) {
            ok += r[i].outcome == STORE_OK;
            if (r[i].outcome != STORE_OK) assert_int_equal(r[i].outcome, STORE_DUPLICATE);
            assert_int_equal(r[i].job->result.len, 6);
        }
        assert_int_equal(ok, 1);
        assert_int_equal(rows(s), round + 1);
    }
}

static void test_key_after_reopen(void **state) {
    (void)state;
    for (int postgres = 0; postgres < 2; postgres++) {
        struct store_fixture *f = store_fixture_new(postgres);
        if (!f) continue;
        struct store *s = store_fixture_open(f);
        assert_int_equal(store_run(s, keyed(1, 1, "a")), STORE_OK);
        store_close(s);
        s = store_fixture_open(f);
        expect_duplicate(s, keyed(1, 1, "a"), "case a");
        assert_int_equal(rows(s), 1);
        store_close(s);
        store_fixture_free(f);
    }
}

/* ---- many jobs at once ---- */

struct gate { /* a body that holds its transaction open until it is told */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool inside, go;
};

static int wait_at_gate(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct gate *g = job->arg;
    (void)tx;
    (void)e;
    (void)pthread_mutex_lock(&g->lock);
    g->inside = true;
    (void)pthread_cond_broadcast(&g->moved);
    while (!g->go) (void)pthread_cond_wait(&g->moved, &g->lock);
    (void)pthread_mutex_unlock(&g->lock);
    return 0;
}

struct tally {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int done, n;
    struct store_job *job[400];
    enum store_outcome outcome[400];
    int order[400]; /* by job: when its answer came */
    int then; /* how many were answered when the last was submitted */
};

static void note(struct store_job *job, enum store_outcome outcome, void *context) {
    struct tally *t = context;
    (void)pthread_mutex_lock(&t->lock);
    for (int i = 0; i < t->n; i++)
        if (t->job[i] == job) {
            t->outcome[i] = outcome;
            t->order[i] = t->done;
        }
    t->done++;
    (void)pthread_cond_broadcast(&t->moved);
    (void)pthread_mutex_unlock(&t->lock);
}

/* Submits all while the first group waits at the gate, opens it, and waits for every answer. */
static void run_together(struct store *s, struct tally *t) {
    struct gate g = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };
    struct tally first = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };
    (void)store_submit(s, store_fixture_job(wait_at_gate, &g), note, &first);
    (void)pthread_mutex_lock(&g.lock);
    while (!g.inside) (void)pthread_cond_wait(&g.moved, &g.lock);
    for (int i = 0; i < t->n; i++) (void)store_submit(s, t->job[i], note, t);
    (void)pthread_mutex_lock(&t->lock);
    t->then = t->done;
    (void)pthread_mutex_unlock(&t->lock);
    g.go = true;
    (void)pthread_cond_broadcast(&g.moved);
    (void)pthread_mutex_unlock(&g.lock);
    struct tally *both[] = { &first, t };
    for (int i = 0; i < 2; i++) {
        (void)pthread_mutex_lock(&both[i]->lock);
        while (both[i]->done < (i ? t->n : 1)) (void)pthread_cond_wait(&both[i]->moved, &both[i]->lock);
        (void)pthread_mutex_unlock(&both[i]->lock);
    }
}

static void rolls_back_one_of_a_group(struct store *s, void *arg) {
    (void)arg;
    static char name[60][4];
    struct tally t = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER, .n = 60 };
    for (int i = 0; i < t.n; i++) {
        name[i][0] = (char)('0' + i / 10), name[i][1] = (char)('0' + i % 10);
        t.job[i] = store_fixture_job(i % 3 == 1 ? add_then_refuse : add, name[i]);
    }
    struct store_stats before, after;
    store_stats(s, &before);
    run_together(s, &t);
    store_stats(s, &after);
    for (int i = 0; i < t.n; i++) assert_int_equal(t.outcome[i], i % 3 == 1 ? STORE_FAILED : STORE_OK);
    assert_int_equal(rows(s), 40);
    /* one fsync for many jobs */
    if (!store_is_postgres(s)) assert_true(after.group_commits - before.group_commits <= 3);
}

static void bulk_waits(struct store *s, void *arg) {
    (void)arg;
    static char name[310][5];
    struct tally t = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER, .n = 310 };
    for (int i = 0; i < t.n; i++) {
        for (int k = 0, v = i; k < 3; k++, v /= 10) name[i][2 - k] = (char)('0' + v % 10);
        t.job[i] = store_fixture_job(add, name[i]);
        if (i < 300) t.job[i]->queue = STORE_BULK;
    }
    struct store_stats before, after;
    store_stats(s, &before);
    run_together(s, &t);
    store_stats(s, &after);
    int last = 0;
    for (int i = 0; i < t.n; i++) {
        assert_int_equal(t.outcome[i], STORE_OK);
        if (i >= 300 && t.order[i] > last) last = t.order[i];
    }
    assert_int_equal(rows(s), 310);
    /* Submitted behind 300 bulk jobs, answered before them, but for one that ends each group whose time was up; of other lanes more. */
    assert_true(last <= t.then + (store_is_postgres(s) ? 100 : 9 + (int)(after.group_commits - before.group_commits)));
}

/* ---- conflicts and runs again ---- */

struct seen { /* what a body saw in each run */
    int runs;
    int64_t id[2], now[2];
    uint64_t random[2];
    size_t used[2];
};

static int bump(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct store_val key[] = { SV_I(job->home.v), SV_T(S("counter")) };
    struct seen *seen = job->arg;
    int64_t fence, changed;
    if (seen && seen->runs < 2) {
        int i = seen->runs++;
        seen->used[i] = job->arena->used_bytes;
        seen->id[i] = store_new_id(tx) + store_new_id(tx);
        seen->now[i] = store_now_ms(tx);
        store_random(tx, &seen->random[i], 8);
    }
    int rc = store_one_i64(tx, &store_test_get, key, 2, &fence, e);
    if (rc == 0) rc = store_exec(tx, &store_test_set, &changed, e, SV_I(fence + 1), key[0], key[1], SV_I(fence));
    if (rc == 0 && changed != 1) rc = err_set(e, ERR_DEFECT, "lost");
    return rc;
}

struct bumper {
    struct store *s;
    int ok, conflict;
};

static void *bump_many(void *arg) {
    struct bumper *b = arg;
    struct arena a;
    arena_init(&a, "bump", 1024 * 1024);
    for (int i = 0; i < 25; i++) {
        struct store_job job = { .home = { 1 }, .queue = STORE_INTERACTIVE, .arena = &a, .body = bump };
        enum store_outcome o = store_run(b->s, &job);
        b->ok += o == STORE_OK;
        b->conflict += o == STORE_CONFLICT;
    }
    arena_done(&a);
    return NULL;
}

static int read_counter(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct store_val key[] = { SV_I(1), SV_T(S("counter")) };
    return store_one_i64(tx, &store_test_get, key, 2, job->arg, e);
}

static void no_update_is_lost(struct store *s, void *arg) {
    (void)arg;
    struct bumper b[4];
    pthread_t t[4];
    int64_t end = 0;
    int ok = 0, all = 0;
    assert_int_equal(store_fixture_run(s, add, (void *)"counter", NULL), STORE_OK);
    for (int i = 0; i < 4; i++) {
        b[i] = (struct bumper){ .s = s };
        assert_int_equal(pthread_create(&t[i], NULL, bump_many, &b[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(t[i], NULL), 0);
        ok += b[i].ok;
        all += b[i].ok + b[i].conflict;
    }
    assert_int_equal(all, 100);
    assert_int_equal(store_fixture_read(s, read_counter, &end, NULL), STORE_OK);
    assert_int_equal(end, 1 + ok);
    if (!store_is_postgres(s)) assert_int_equal(ok, 100);
}

/* A big text that does not fit below SQLite's page limit: the whole group is lost, and each job runs again alone. */
static int add_big(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct str big = str_make(arena_alloc(job->arena, 400000), 400000);
    memset((char *)(uintptr_t)big.ptr, 'x', big.len);
    return store_exec(tx, &store_test_add, NULL, e, SV_I(1), SV_T(S("big")), SV_T(big), SV_I(1));
}

static void test_full_disk_and_runs_again(void **state) {
    (void)state;
    struct store_fixture *f = store_fixture_new(false);
    struct store *s = store_fixture_open(f);
    struct err e;
    struct seen seen = { 0 };
    assert_int_equal(store_fixture_run(s, add, (void *)"counter", NULL), STORE_OK);
    assert_int_equal(s->driver->script(s, "PRAGMA max_page_count = 80", &e), 0); /* the writer is idle */
    struct tally t = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER, .n = 3 };
    t.job[0] = store_fixture_job(bump, &seen);
    t.job[1] = store_fixture_job(add_big, NULL);
    t.job[2] = store_fixture_job(add, (void *)"small");
    run_together(s, &t);
    assert_int_equal(t.outcome[0], STORE_OK);
    assert_int_equal(t.outcome[1], STORE_UNAVAILABLE);
    assert_int_equal(t.job[1]->err.code, ERR_SPACE);
    assert_int_equal(t.outcome[2], STORE_OK);
    assert_int_equal(rows(s), 2); /* reads go on */
    assert_int_equal(seen.runs, 2); /* invariant 1: the second run saw what the first saw */
    assert_int_equal(seen.id[0], seen.id[1]);
    assert_int_equal(seen.now[0], seen.now[1]);
    assert_int_equal(seen.random[0], seen.random[1]);
    assert_int_equal(seen.used[0], 0);
    assert_int_equal(seen.used[1], 0);
    int64_t end;
    assert_int_equal(store_fixture_read(s, read_counter, &end, NULL), STORE_OK);
    assert_int_equal(end, 2); /* one effect of two runs */
    assert_int_equal(s->driver->script(s, "PRAGMA max_page_count = 100000", &e), 0);
    assert_int_equal(store_fixture_run(s, add_big, NULL, NULL), STORE_OK); /* recovered */
    store_close(s);
    store_fixture_free(f);
}

#define BOTH(name)                                   \
    static void test_##name(void **state) {          \
        store_fixture_each(name, *state);            \
    }
BOTH(writes_and_reads)
BOTH(refusal_is_recorded)
BOTH(failure_breaks)
BOTH(several_walks)
BOTH(same_key_serial)
BOTH(same_key_parallel)
BOTH(result_is_limited)
BOTH(rolls_back_one_of_a_group)
BOTH(bulk_waits)
BOTH(no_update_is_lost)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_and_reads),
        cmocka_unit_test(test_refusal_is_recorded),
        cmocka_unit_test(test_failure_breaks),
        cmocka_unit_test(test_several_walks),
        cmocka_unit_test(test_same_key_serial),
        cmocka_unit_test(test_same_key_parallel),
        cmocka_unit_test(test_key_after_reopen),
        cmocka_unit_test(test_result_is_limited),
        cmocka_unit_test(test_rolls_back_one_of_a_group),
        cmocka_unit_test(test_bulk_waits),
        cmocka_unit_test(test_no_update_is_lost),
        cmocka_unit_test(test_full_disk_and_runs_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
