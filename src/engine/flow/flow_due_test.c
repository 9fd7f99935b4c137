/* Tests of when a task may still be done: timers that interrupt it, in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/flow/flow_fixture.h"

static struct flow_bench bench;

static int setup(void **state) {
    (void)state;
    return flow_bench_open(&bench);
}

static int teardown(void **state) {
    (void)state;
    return flow_bench_close(&bench);
}

static void done(struct flow_run *r, const char *element, const char *move) {
    int rc = flow_fixture_do(r, element, move);
    if (rc) fail_msg("%s: %s %s", element, err_name(rc), bench.err.detail);
}

/* A task is done before its time or not at all: who comes to fire the timer, and when, decides nothing. */
static void a_task_ends_when_its_timer_says(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>u1>e b1@u1=PT5M b1>u2>e b2%u1=PT1M b2>e");
    int64_t due_ms = r->timer[0]->due_ms;
    assert_int_equal(r->task[0]->due_ms, due_ms); /* not when the one that lets it go on comes */
    r->now_ms = due_ms;
    assert_int_equal(flow_fixture_do(r, "u1", "complete"), ERR_STATE);
    assert_true(str_find(str_of(bench.err.detail), S("期限"), 0) != SIZE_MAX);
    r->now_ms = due_ms - 1;
    done(r, "u1", "complete");
    assert_int_equal(r->instance.state, FLOW_COMPLETED);
}

static void a_standing_timer_takes_nothing(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>u1>e b1@u1=PT5M b1>u2>e");
    assert_int_equal(flow_do_pause(r, S("x")), 0);
    flow_fixture_settle(r);
    r->now_ms += 600000;
    done(r, "u1", "complete");
    assert_int_equal(r->instance.state, FLOW_COMPLETED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_task_ends_when_its_timer_says, setup, teardown),
        cmocka_unit_test_setup_teardown(a_standing_timer_takes_nothing, setup, teardown),
    };
    return cmocka_run_group_tests_name("flow due", tests, NULL, NULL);
}
