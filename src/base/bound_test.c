/* Tests of bound: what is within, what is over, and that of many threads the greatest is kept. */
#include "base/bound.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_the_most_that_was_within(void **state) {
    struct bound u = { 0 };
    struct bound_seen s;
    (void)state;
    assert_true(bound_within(&u, 3, 10) && bound_within(&u, 10, 10) && bound_within(&u, 4, 10));
    bound_read(&u, 10, 4, &s);
    assert_true(s.limit == 10 && s.peak == 10 && s.over == 0 && s.now == 4);
    assert_false(bound_within(&u, 11, 10));
    assert_false(bound_within(&u, UINT64_MAX, 10));
    bound_read(&u, 10, -1, &s);
    assert_true(s.peak == 10 && s.over == 2 && s.now == -1);
}

enum { THREADS = 4, EACH = 20000 };
static struct bound shared;

static void *count(void *arg) {
    for (uint64_t i = 0; i <= EACH; i++)
        (void)bound_within(&shared, i * THREADS + (uint64_t)(uintptr_t)arg,
                           (uint64_t)EACH * THREADS);
    return NULL;
}

static void test_many_threads(void **state) {
    pthread_t t[THREADS];
    struct bound_seen s;
    (void)state;
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&t[i], NULL, count, (void *)i), 0);
    for (size_t i = 0; i < THREADS; i++) (void)pthread_join(t[i], NULL);
    bound_read(&shared, 0, 0, &s);
    assert_int_equal(s.peak, EACH * THREADS);
    assert_int_equal(s.over, THREADS - 1); /* each but the first went over with its last */
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_most_that_was_within),
                                        cmocka_unit_test(test_many_threads) };
    return cmocka_run_group_tests_name("bound", tests, NULL, NULL);
}
