/* grace: what is retired stays for who was there before, and for nobody else; more readers at once than there are periods; threads that
 * read what one replaces (under the sanitizers a read of freed memory is found). */
#include "os/grace.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

static struct arena some(void) {
    struct arena a;
    arena_init(&a, "retired", 4096);
    assert_non_null(arena_alloc(&a, 100));
    return a;
}

static void retire(struct grace *g) {
    struct arena a = some();
    grace_retire(g, &a);
}

static void test_freed_when_those_before_have_left(void **state) {
    struct arena a;
    (void)state;
    arena_init(&a, "test", 1 << 16);
    struct grace *g = grace_new(&a);
    retire(g);
    assert_int_equal(grace_free(g), 0); /* nobody was there */
    uint64_t before = grace_enter(g), also = grace_enter(g);
    retire(g);
    uint64_t after = grace_enter(g);
    assert_int_equal(grace_free(g), 1);
    grace_leave(g, before);
    assert_int_equal(grace_free(g), 1);
    grace_leave(g, also);
    assert_int_equal(grace_free(g), 0); /* who came afterwards holds it not */
    retire(g);
    assert_int_equal(grace_free(g), 1); /* but what came after him */
    grace_leave(g, after);
    assert_int_equal(grace_free(g), 0);
    grace_done(g);
    arena_done(&a);
}

static void test_more_periods_than_there_is_room_for(void **state) {
    enum { MANY = 200 };
    struct arena a;
    uint64_t held[MANY];
    (void)state;
    arena_init(&a, "test", 1 << 16);
    struct grace *g = grace_new(&a);
    for (int i = 0; i < MANY; i++) {
        held[i] = grace_enter(g);
        retire(g);
    }
    assert_int_equal(grace_free(g), MANY);
    for (int i = MANY - 1; i > 0; i--) grace_leave(g, held[i]);
    assert_int_equal(grace_free(g), MANY); /* the first one holds them all */
    grace_leave(g, held[0]);
    assert_int_equal(grace_free(g), 0);
    retire(g);
    grace_done(g); /* and what waits is freed at the end */
    arena_done(&a);
}

/* ---- threads ---- */

struct thing {
    struct arena arena; /* holds this struct */
    int64_t a, b;
};
struct shared {
    struct grace *g;
    _Atomic(struct thing *) now;
    _Atomic bool stop;
    _Atomic int64_t read;
};

static struct thing *thing_new(int64_t n) {
    struct arena a;
    arena_init(&a, "thing", 4096);
    struct thing *t = arena_new(&a, struct thing);
    *t = (struct thing){ .arena = a, .a = n, .b = -n };
    return t;
}

static void *reader(void *arg) {
    struct shared *s = arg;
    while (!atomic_load(&s->stop)) {
        uint64_t in = grace_enter(s->g);
        const struct thing *t = atomic_load(&s->now);
        for (int i = 0; i < 20; i++) assert_true(t->a == -t->b);
        grace_leave(s->g, in);
        atomic_fetch_add(&s->read, 1);
    }
    return NULL;
}

static void test_threads_read_what_one_replaces(void **state) {
    enum { READERS = 3, TIMES = 3000 };
    struct arena a;
    pthread_t thread[READERS];
    (void)state;
    arena_init(&a, "test", 1 << 16);
    struct shared s = { .g = grace_new(&a) };
    atomic_store(&s.now, thing_new(0));
    for (int i = 0; i < READERS; i++) assert_int_equal(pthread_create(&thread[i], NULL, reader, &s), 0);
    for (int64_t i = 1; i <= TIMES || atomic_load(&s.read) < TIMES; i++) {
        struct thing *old = atomic_exchange(&s.now, thing_new(i));
        struct arena was = old->arena;
        grace_retire(s.g, &was);
        (void)grace_free(s.g);
    }
    atomic_store(&s.stop, true);
    for (int i = 0; i < READERS; i++) (void)pthread_join(thread[i], NULL);
    assert_int_equal(grace_free(s.g), 0);
    struct arena last = atomic_load(&s.now)->arena;
    arena_done(&last);
    grace_done(s.g);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_freed_when_those_before_have_left),
                                        cmocka_unit_test(test_more_periods_than_there_is_room_for),
                                        cmocka_unit_test(test_threads_read_what_one_replaces) };
    return cmocka_run_group_tests_name("grace", tests, NULL, NULL);
}
