/* Test of reads within bodies, on both kinds of store: as many bodies as the pool has places wait for one more read each, and
 * all get it. Without a place beside the pool they would wait for one another for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "store/store_fixture.h"

enum { BODIES = 4 }; /* the readers of store_fixture.c */

STORE_STMT(store_wait_count, STORE_READS, "SELECT COUNT(*) FROM store_lease WHERE home = ?");

struct meeting {
    struct store *store;
    pthread_barrier_t all_inside;
    enum store_outcome out[BODIES];
};
struct one {
    struct meeting *meeting;
    size_t i;
};

static int inner(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct store_val v[] = { SV_I(job->home.v) };
    return store_one_i64(tx, &store_wait_count, v, 1, job->arg, e);
}

static int outer(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct one *o = job->arg;
    struct arena a;
    int64_t n = -1, mine = -1;
    struct store_job more = { .home = job->home, .queue = STORE_READ, .arena = &a, .body = inner, .arg = &n };
    arena_init(&a, "inner", 65536);
    (void)pthread_barrier_wait(&o->meeting->all_inside);
    int rc = store_do(o->meeting->store, &more, e);
    arena_done(&a);
    struct store_val v[] = { SV_I(job->home.v) };
    if (!rc) rc = store_one_i64(tx, &store_wait_count, v, 1, &mine, e); /* the outer transaction is whole */
    return rc ? rc : n == 0 && mine == 0 ? 0 : err_set(e, ERR_DEFECT, "%lld %lld", (long long)n, (long long)mine);
}

static void *run(void *arg) {
    struct one *o = arg;
    struct arena a;
    struct store_job job = { .home = { 1 }, .queue = STORE_READ, .arena = &a, .body = outer, .arg = o };
    arena_init(&a, "outer", 65536);
    o->meeting->out[o->i] = store_run(o->meeting->store, &job);
    arena_done(&a);
    return NULL;
}

static void all_places_wait(struct store *s, void *arg) {
    (void)arg;
    pthread_t thread[BODIES];
    struct one one[BODIES];
    struct meeting m = { .store = s };
    assert_int_equal(pthread_barrier_init(&m.all_inside, NULL, BODIES), 0);
    (void)alarm(20); /* the fault is a wait without end */
    for (size_t i = 0; i < BODIES; i++) {
        one[i] = (struct one){ &m, i };
        assert_int_equal(pthread_create(&thread[i], NULL, run, &one[i]), 0);
    }
    for (size_t i = 0; i < BODIES; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(m.out[i], STORE_OK);
    }
    (void)alarm(0);
    (void)pthread_barrier_destroy(&m.all_inside);
}

static void test_a_body_may_wait_for_a_read(void **state) {
    store_fixture_each(all_places_wait, *state);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_body_may_wait_for_a_read) };
    return cmocka_run_group_tests_name("store waits", tests, NULL, NULL);
}
