/* Tests of the machine in memory: van der Aalst's workflow patterns by name and number, timers, scopes, incidents. */
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

static void open_is(struct flow_run *r, const char *want) {
    assert_true(flow_fixture_sound(r));
    struct str got = flow_fixture_open(r);
    if (!str_eq(got, str_of(want))) fail_msg("open '%.*s', want '%s'", STR_ARG(got), want);
}

static void done(struct flow_run *r, const char *element, const char *move) {
    int rc = flow_fixture_do(r, element, move);
    if (rc) fail_msg("%s: %s %s", element, err_name(rc), bench.err.detail);
}

static void finished(struct flow_run *r) {
    open_is(r, "");
    assert_int_equal(r->instance.state, FLOW_COMPLETED);
    assert_int_equal(bench.context.finished, 1);
    assert_int_equal(bench.context.made, bench.context.ended);
}

static int64_t var(struct flow_run *r, const char *name) {
    return val_get_i64(r->vars, str_of(name), -1);
}

static void wcp01_sequence(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>u1>v1>u2>e");
    open_is(r, "u1");
    done(r, "u1", "complete");
    open_is(r, "u2");
    assert_int_equal(var(r, "n"), 1);
    done(r, "u2", "complete");
    finished(r);
}

static void wcp02_03_parallel_split_and_synchronisation(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>p1>u1>p2 p1>u2>p2 p1>u3>p2 p2>u4>e");
    open_is(r, "u1 u2 u3");
    done(r, "u2", "complete");
    done(r, "u1", "complete");
    open_is(r, "u3");
    done(r, "u3", "complete");
    open_is(r, "u4");
    done(r, "u4", "complete");
    finished(r);
}

static void wcp04_05_exclusive_choice_and_simple_merge(void **state) {
    (void)state;
    static const char line[] = "s>u1>x1 x1>u2:move=approve x1>u3:move=refuse x1>u4* u2>x2 u3>x2 u4>x2 x2>u5>e";
    static const char *const move[] = { "approve", "refuse", "complete" }, *const task[] = { "u2", "u3", "u4" };
    for (int i = 0; i < 3; i++) {
        bench.context.finished = 0;
        struct flow_run *r = flow_bench_begin(&bench, line);
        done(r, "u1", move[i]);
        open_is(r, task[i]);
        done(r, task[i], "complete");
        open_is(r, "u5");
        done(r, "u5", "complete");
        finished(r);
    }
}

static void exclusive_takes_the_first_that_holds(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>x1 x1>u1:f x1>u2:t x1>u3:t x1>u4* u1>e u2>e u3>e u4>e");
    open_is(r, "u2");
}

/* The restaurant's shape: one to three departments. */
static void wcp06_07_multi_choice_and_structured_synchronising_merge(void **state) {
    (void)state;
    static const char line[] = "s>v1>o1 o1>u1:n>0 o1>u2:a=1 o1>u3:b=1 u1>o2 u2>o2 u3>o2 o2>u9>e";
    for (unsigned set = 0; set < 4; set++) {
        bench.context.finished = 0;
        struct flow_model *m = flow_fixture_model(&bench.arena, line);
        struct flow_run *r = arena_new(&bench.arena, struct flow_run);
        assert_non_null(r);
        *r = (struct flow_run){ .arena = &bench.arena, .env = &bench.env, .model = m, .e = &bench.err, .now_ms = 1, .actor_id = 1 };
        struct val *vars = val_map(&bench.arena);
        val_put_i64(&bench.arena, vars, S("a"), set & 1);
        val_put_i64(&bench.arena, vars, S("b"), set >> 1);
        struct flow_begin b = { .case_id = 5, .release_id = 7, .process = m->process, .vars = vars };
        assert_int_equal(flow_do_start(r, &b), 0);
        flow_fixture_settle(r);
        static const char *const open[] = { "u1", "u1 u2", "u1 u3", "u1 u2 u3" };
        open_is(r, open[set]);
        if (set & 1) done(r, "u2", "complete");
        if (set >> 1) done(r, "u3", "complete");
        open_is(r, "u1");
        done(r, "u1", "complete");
        open_is(r, "u9");
        done(r, "u9", "complete");
        finished(r);
    }
}

static void inclusive_join_waits_over_a_loop_in_a_branch(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>o1 o1>u1:t o1>x1:t o1>u3:f x1>u2>x2 x2>x1:move=refuse x2>o2* u1>o2 u3>o2 o2>u9>e");
    done(r, "u1", "complete");
    open_is(r, "u2");
    done(r, "u2", "refuse"); /* once more round the branch */
    open_is(r, "u2");
    done(r, "u2", "complete");
    open_is(r, "u9");
}

static void inclusive_join_waits_for_an_inner_split(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>o1 o1>p1:t o1>u1:t p1>u2>p2 p1>u3>p2 p2>o2 u1>o2 o2>u9>e");
    open_is(r, "u1 u2 u3");
    done(r, "u1", "complete");
    done(r, "u2", "complete");
    open_is(r, "u3");
    done(r, "u3", "complete");
    open_is(r, "u9");
}

static void inclusive_default_only_when_nothing_else(void **state) {
    (void)state;
    open_is(flow_bench_begin(&bench, "s>o1 o1>u1:f o1>u2:f o1>u3* u1>o2 u2>o2 u3>o2 o2>e"), "u3");
    open_is(flow_bench_begin(&bench, "s>o1 o1>u1:t o1>u2:f o1>u3* u1>o2 u2>o2 u3>o2 o2>e"), "u1");
}

static void wcp08_multi_merge(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>p1>u1>x1 p1>u2>x1 x1>u3>e");
    done(r, "u1", "complete");
    open_is(r, "u2 u3");
    done(r, "u2", "complete");
    open_is(r, "u3 u3");
    done(r, "u3", "complete");
    done(r, "u3", "complete");
    finished(r);
}

static void wcp10_arbitrary_cycles(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>x1>u1>x2 x2>u2:move=approve x2>x1* u2>x3 x3>x1:move=refuse x3>e*");
    for (int i = 0; i < 20; i++) done(r, "u1", "refuse");
    done(r, "u1", "approve");
    done(r, "u2", "refuse");
    open_is(r, "u1");
    done(r, "u1", "approve");
    done(r, "u2", "complete");
    finished(r);
}

static void wcp11_implicit_termination(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>p1>u1>e1 p1>u2>e2");
    done(r, "u1", "complete");
    assert_int_equal(r->instance.state, FLOW_ACTIVE);
    done(r, "u2", "complete");
    finished(r);
}

static void wcp16_deferred_choice_by_time(void **state) {
    (void)state;
    static const char line[] = "s>u1>u2>e b1@u1=PT1H b1>u3>e";
    struct flow_run *r = flow_bench_begin(&bench, line);
    done(r, "u1", "complete");
    assert_int_equal(r->n_timer, 0);
    open_is(r, "u2");
    r = flow_bench_begin(&bench, line);
    assert_true(flow_fixture_fire(r));
    assert_int_equal(r->now_ms, 1000 + 3600000);
    open_is(r, "u3");
    assert_false(flow_fixture_fire(r));
}

static void wcp19_cancel_activity_and_wcp20_cancel_case(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>p1>u1>p2 p1>w1>p2 p2>e w1{ s1>p3>u2>e1 p3>i1>e2 }");
    open_is(r, "u1 u2");
    assert_int_equal(flow_do_cancel(r, S("changed my mind")), 0);
    assert_int_equal(bench.context.ended, 2);
    for (size_t i = 0; i < r->n_task; i++) assert_int_equal(r->task[i]->state, FLOW_TASK_WITHDRAWN);
    flow_fixture_settle(r);
    open_is(r, "");
    assert_int_equal(r->n_timer, 0);
    assert_int_equal(r->instance.state, FLOW_WITHDRAWN);
    assert_int_equal(bench.context.finished, 1);
    assert_int_equal(flow_do_cancel(r, S("")), ERR_STATE);
    assert_int_equal(flow_do_suspend(r, S("")), ERR_STATE);
}

static void wcp21_structured_loop(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>x1>v1>x2 x2>x1:n<5 x2>u1* u1>e");
    assert_int_equal(var(r, "n"), 5);
    open_is(r, "u1");
}

static void wcp43_explicit_termination(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>p1>u1>e p1>u2>z");
    done(r, "u2", "complete");
    finished(r);
    r = flow_bench_begin(&bench, "s>w1>u9>e w1{ s1>p1>u1>e1 p1>u2>z1 }");
    open_is(r, "u1 u2");
    done(r, "u2", "complete");
    open_is(r, "u9"); /* only the sub-process ended */
}

static void sub_process_nested(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>w1>u9>e w1{ s1>p1>u1>p2 p1>w2>p2 p2>e1 w2{ s2>u2>e2 } }");
    open_is(r, "u1 u2");
    done(r, "u2", "complete");
    done(r, "u1", "complete");
    open_is(r, "u9");
    done(r, "u9", "complete");
    finished(r);
}

static void boundary_on_sub_process(void **state) {
    (void)state;
    struct flow_run *r =
        flow_bench_begin(&bench, "s>w1>u9>e b1@w1=P2D b1>u8>e w1{ s1>p1>u1>p2 p1>w2>p2 p2>e1 w2{ s2>u2>e2 b2@u2=P3D b2>e3 } }");
    open_is(r, "u1 u2");
    assert_true(flow_fixture_fire(r));
    open_is(r, "u8");
    assert_int_equal(r->n_timer, 0);
    assert_int_equal(bench.context.ended, 2);
}

static void boundary_non_interrupting(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>u1>e b1%u1=PT5M b1>u2>e2");
    assert_true(flow_fixture_fire(r));
    open_is(r, "u1 u2");
    assert_false(flow_fixture_fire(r));
    done(r, "u1", "complete");
    assert_int_equal(r->instance.state, FLOW_ACTIVE);
    done(r, "u2", "complete");
    finished(r);
}

static void two_timers_in_one_millisecond(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>u1>e b1@u1=PT5M b1>u2>e b2@u1=PT5M b2>u3>e");
    struct flow_timer *second = r->timer[1];
    assert_true(flow_fixture_fire(r));
    open_is(r, "u2");
    assert_true(flow_dead(second->mark));
    assert_false(flow_fixture_fire(r));
}

static void service_waits(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>vw1>u1>e b1@vw1 b1>u2>e");
    open_is(r, "");
    struct flow_token *t = r->token[0];
    assert_int_equal(t->state, FLOW_TOKEN_SERVICE);
    struct val *v = val_map(&bench.arena);
    val_put_i64(&bench.arena, v, S("n"), 42);
    assert_int_equal(flow_do_service_done(r, t, v), 0);
    flow_fixture_settle(r);
    open_is(r, "u1");
    assert_int_equal(var(r, "n"), 42);
    assert_int_equal(r->n_timer, 0);
}

static void decision_sets_its_variable(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>v1>r1>x1 x1>u1:r=10 x1>u2* u1>e u2>e");
    open_is(r, "u1");
}

static void activity_with_conditional_flows(void **state) {
    (void)state;
    open_is(flow_bench_begin(&bench, "s>v1 v1>u1:n=1 v1>u2:f v1>u3 u1>e u2>e u3>e"), "u1 u3");
}

static void incident_and_retry(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>p1>u1>x1 x1>u2:! x1>u3* p1>vi1>u4>e u2>e u3>e");
    assert_int_equal(r->instance.incidents, 1);
    done(r, "u1", "complete");
    open_is(r, "");
    assert_int_equal(r->instance.incidents, 2);
    assert_int_equal(flow_do_retry(r), 0);
    flow_fixture_settle(r);
    assert_int_equal(r->instance.incidents, 2);
    open_is(r, "");
    bench.context.mend = true;
    assert_int_equal(flow_do_retry(r), 0);
    flow_fixture_settle(r);
    open_is(r, "u3 u4");
    assert_int_equal(r->instance.incidents, 0);
    assert_int_equal(flow_do_retry(r), ERR_STATE);
}

static void no_branch_holds(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>u1>x1 x1>u2:move=approve x1>u3:move=refuse u2>e u3>e");
    done(r, "u1", "complete");
    open_is(r, "");
    assert_int_equal(r->instance.incidents, 1);
    assert_int_equal(r->token[0]->state, FLOW_TOKEN_INCIDENT_LEAVE);
}

static void failures_fail_the_command(void **state) {
    (void)state;
    assert_null(flow_fixture_start(&bench.arena, &bench.env, flow_fixture_model(&bench.arena, "s>vf1>e"), &bench.err));
    assert_int_equal(bench.err.code, ERR_STORE);
    bench.context.refuse_hook = 1;
    assert_null(flow_fixture_start(&bench.arena, &bench.env, flow_fixture_model(&bench.arena, "s>u1>e"), &bench.err));
    assert_int_equal(bench.err.code, ERR_STORE);
}

static void endless_loop_is_bounded(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>x1>v1>x2 x2>x1:t x2>e*");
    open_is(r, "");
    assert_int_equal(r->instance.incidents, 1);
    assert_true(var(r, "n") > 100 && var(r, "n") < FLOW_OPERATIONS_MAX);
    r = flow_bench_begin(&bench, "s>x1>p1 p1>x1 p1>u1 u1>e p1>x1"); /* doubles each time round */
    assert_true(r->n_token <= FLOW_TOKENS_MAX);
    assert_true(r->instance.incidents > 0);
}

static void deadlock_is_told(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>x1 x1>u1:t x1>u2* u1>p1 u2>p1 p1>e");
    done(r, "u1", "complete");
    open_is(r, "");
    assert_int_equal(r->instance.incidents, 1);
    assert_int_equal(flow_do_cancel(r, S("")), 0);
}

static void unknown_move_changes_nothing(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>u1>e");
    size_t before = r->n_history;
    assert_int_equal(flow_fixture_do(r, "u1", "explode"), ERR_INPUT);
    assert_string_equal(bench.err.field, "move");
    assert_int_equal(r->n_history, before);
    open_is(r, "u1");
}

static void suspension_keeps_what_is_left(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>u1>e b1@u1=PT1H b1>u2>e");
    r->now_ms += 600000;
    assert_int_equal(flow_do_suspend(r, S("")), 0);
    assert_true(flow_fixture_sound(r));
    assert_false(flow_fixture_fire(r));
    assert_int_equal(flow_do_suspend(r, S("")), ERR_STATE);
    r->now_ms += 86400000;
    assert_int_equal(flow_do_pause(r, S("")), 0);
    assert_int_equal(flow_do_resume(r), 0);
    assert_true(r->timer[0]->standing); /* still paused */
    assert_int_equal(flow_do_unpause(r), 0);
    assert_int_equal(r->timer[0]->due_ms, r->now_ms + 3000000);
    assert_true(flow_fixture_fire(r));
    open_is(r, "u2");
}

static void overdue_timer_fires_at_once_after_a_pause(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>i1>e i1=PT1S");
    r->now_ms += 5000;
    assert_int_equal(flow_do_pause(r, S("")), 0);
    r->now_ms += 5000;
    assert_int_equal(flow_do_unpause(r), 0);
    assert_int_equal(r->timer[0]->due_ms, r->now_ms);
    assert_true(flow_fixture_fire(r));
    finished(r);
}

static void replay_sees_what_is_wrong(void **state) {
    (void)state;
    struct flow_run *r = flow_bench_begin(&bench, "s>u1>u2>e");
    done(r, "u1", "complete");
    struct flow_token t = *r->token[0];
    struct arena a;
    arena_init(&a, "replay", 1 << 20);
    assert_int_equal(flow_replay(&a, r->history, r->n_history, &r->instance, &t, 1, &bench.err), 0);
    t.element = flow_element_find(r->model, S("u1"));
    assert_int_equal(flow_replay(&a, r->history, r->n_history, &r->instance, &t, 1, &bench.err), ERR_DAMAGED);
    t = *r->token[0];
    assert_int_equal(flow_replay(&a, r->history, r->n_history, &r->instance, &t, 0, &bench.err), ERR_DAMAGED);
    assert_int_equal(flow_replay(&a, r->history, r->n_history - 1, &r->instance, &t, 1, &bench.err), ERR_DAMAGED);
    assert_int_equal(flow_replay(&a, r->history + 1, r->n_history - 1, &r->instance, &t, 1, &bench.err), ERR_DAMAGED);
    r->history[3].what = S("bogus");
    assert_int_equal(flow_replay(&a, r->history, r->n_history, &r->instance, &t, 1, &bench.err), ERR_DAMAGED);
    arena_done(&a);
}

static void torture_of_memory(void **state) {
    (void)state;
    struct flow_model *m =
        flow_fixture_model(&bench.arena, "s>p1>u1>p2 p1>w1>p2 p2>e w1{ s1>o1 o1>u2:t o1>i1:t u2>e1 i1>e2 }");
    bool whole = false;
    for (size_t limit = 1000; limit < 200000 && !whole; limit += 97) {
        struct arena small;
        arena_init(&small, "small", limit);
        struct err e = { 0 };
        struct flow_run *r = arena_new(&small, struct flow_run);
        if (r) {
            *r = (struct flow_run){ .arena = &small, .env = &bench.env, .model = m, .e = &e, .now_ms = 1 };
            struct flow_begin b = { .case_id = 5, .release_id = 7, .process = m->process };
            int rc = flow_do_start(r, &b);
            assert_true(rc == 0 || rc == ERR_MEMORY);
            whole = rc == 0;
        }
        arena_done(&small);
    }
    assert_true(whole);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        T(wcp01_sequence),
        T(wcp02_03_parallel_split_and_synchronisation),
        T(wcp04_05_exclusive_choice_and_simple_merge),
        T(exclusive_takes_the_first_that_holds),
        T(wcp06_07_multi_choice_and_structured_synchronising_merge),
        T(inclusive_join_waits_over_a_loop_in_a_branch),
        T(inclusive_join_waits_for_an_inner_split),
        T(inclusive_default_only_when_nothing_else),
        T(wcp08_multi_merge),
        T(wcp10_arbitrary_cycles),
        T(wcp11_implicit_termination),
        T(wcp16_deferred_choice_by_time),
        T(wcp19_cancel_activity_and_wcp20_cancel_case),
        T(wcp21_structured_loop),
        T(wcp43_explicit_termination),
        T(sub_process_nested),
        T(boundary_on_sub_process),
        T(boundary_non_interrupting),
        T(two_timers_in_one_millisecond),
        T(service_waits),
        T(decision_sets_its_variable),
        T(activity_with_conditional_flows),
        T(incident_and_retry),
        T(no_branch_holds),
        T(failures_fail_the_command),
        T(endless_loop_is_bounded),
        T(deadlock_is_told),
        T(unknown_move_changes_nothing),
        T(suspension_keeps_what_is_left),
        T(overdue_timer_fires_at_once_after_a_pause),
        T(replay_sees_what_is_wrong),
       
        T(torture_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
