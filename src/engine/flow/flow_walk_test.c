/* Random walks of the machine: 5,000 seeded sequences of commands over nested models; after each command every
 * invariant is checked (flow_fixture_sound): no task without token, no token without what it waits for, history
 * replays to the same state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/flow/flow_fixture.h"

enum { WALKS = 5000, STEPS = 25 };

static const char *const lines[] = {
    "s>u1>x1 x1>u2:move=approve x1>u1:move=refuse x1>e* u2>e",
    "s>o1 o1>u1:t o1>u2:n<1 o1>u3:f u1>x1 x1>o2:move=approve x1>u4* u4>u1 u2>o2 u3>o2 o2>u9>x9 x9>o1:move=refuse "
    "x9>e* b1%u1=PT5M "
    "b1>v1>e3",
    "s>p1>u1>p2 p1>w1>p2 p2>u9>e w1{ s1>p3>u2>p4 p3>w2>p4 p4>e1 w2{ s2>x1>u3>x2 x2>x1:move=refuse x2>e2* b2@u3=PT1H "
    "b2>u4>e3 } } "
    "b1@w1=P1D b1>u8>e8",
    "s>p1>u1>x1 p1>u2>x1 p1>vw1>x1 x1>o1 o1>u3:move=approve o1>i1* i1>o2 u3>o2 o2>x2 x2>z:n>3 x2>vi1* vi1>v1>e "
    "i1=PT30S",
    "s>x1>v1>u1>x2 x2>x1:move=refuse x2>p1:move=approve x2>x3* x3>u2:! x3>e* p1>u3>p2 p1>u4>p2 p2>e u2>e b1%u3=P1D "
    "b1>u5>e",
    "s>w1>w2>e w1{ s1>p1>u1>z1 p1>u2>e1 p1>i1>u3>e1 } w2{ s2>w3>e2 w3{ s3>u4>vw1>e3 b3@vw1=PT2H b3>u5>e3 } } "
    "b2%w2=PT1H b2>e9 i1=PT1M",
};
enum { LINES = sizeof lines / sizeof *lines };

static uint64_t next(uint64_t *s) { /* xorshift64* */
    *s ^= *s >> 12, *s ^= *s << 25, *s ^= *s >> 27;
    return *s * UINT64_C(2685821657736338717);
}

static size_t pick(uint64_t *s, size_t n) {
    return n ? (size_t)(next(s) >> 33) % n : 0;
}

static int complete(struct flow_run *r, uint64_t *seed) {
    static const char *const moves[] = { "complete", "approve", "refuse" };
    if (!r->n_task || r->instance.state != FLOW_ACTIVE) return 0;
    return flow_do_complete(r, r->task[pick(seed, r->n_task)], str_of(moves[pick(seed, 3)]), NULL);
}

static int service_done(struct flow_run *r) {
    for (size_t i = 0; i < r->n_token; i++)
        if (r->token[i]->state == FLOW_TOKEN_SERVICE && r->instance.state == FLOW_ACTIVE)
            return flow_do_service_done(r, r->token[i], NULL);
    return 0;
}

/* One random command. Refusals by state are fine; anything else is not. */
static int step(struct flow_run *r, struct flow_fixture_context *c, uint64_t *seed) {
    int rc = 0;
    r->now_ms += (int64_t)pick(seed, 3) * 60000;
    switch (pick(seed, 24)) {
    case 0: rc = flow_do_suspend(r, S("")); break;
    case 1:
    case 2: rc = flow_do_resume(r); break;
    case 3: rc = flow_do_pause(r, S("")); break;
    case 4: rc = flow_do_unpause(r); break;
    case 5: c->mend = !c->mend; break;
    case 6:
    case 7: rc = flow_do_retry(r); break;
    case 8: rc = pick(seed, 8) ? 0 : flow_do_cancel(r, S("")); break;
    case 9:
    case 10: rc = service_done(r); break;
    case 11:
    case 12: (void)flow_fixture_fire(r); break;
    default: rc = complete(r, seed);
    }
    return rc == ERR_STATE ? 0 : rc;
}

static void walks(void **state) {
    (void)state;
    static size_t ended[LINES];
    struct arena models, a;
    struct flow_model *m[LINES];
    arena_init(&models, "models", 16 * 1024 * 1024);
    arena_init(&a, "walk", 64 * 1024 * 1024);
    for (size_t i = 0; i < LINES; i++) m[i] = flow_fixture_model(&models, lines[i]);
    for (uint64_t walk = 1; walk <= WALKS; walk++) {
        uint64_t seed = walk * UINT64_C(0x9E3779B97F4A7C15);
        struct flow_fixture_context c = { 0 };
        struct flow_env env = flow_fixture_env(&c);
        struct err e = { 0 };
        arena_reset(&a);
        struct flow_run *r = flow_fixture_start(&a, &env, m[walk % LINES], &e);
        assert_non_null(r);
        for (int i = 0; i < STEPS && r->instance.state < FLOW_COMPLETED; i++) {
            int rc = step(r, &c, &seed);
            flow_fixture_settle(r);
            if (rc || !flow_fixture_sound(r))
                fail_msg("walk %u step %d: %s %s", (unsigned)walk, i, err_name(rc), e.detail);
        }
        if (r->instance.state >= FLOW_COMPLETED) {
            ended[walk % LINES]++;
            assert_int_equal(c.finished, 1);
            assert_int_equal(c.made, c.ended);
        }
    }
    for (size_t i = 0; i < LINES; i++) assert_true(ended[i] > 0); /* each model can be walked to its end */
    arena_done(&a);
    arena_done(&models);
}

/* The checker itself must be able to fail. */
static void the_checker_sees_faults(void **state) {
    (void)state;
    struct arena a;
    struct flow_fixture_context c = { 0 };
    struct flow_env env = flow_fixture_env(&c);
    struct err e = { 0 };
    arena_init(&a, "walk", 64 * 1024 * 1024);
    struct flow_run *r = flow_fixture_start(&a, &env, flow_fixture_model(&a, "s>p1>u1>p2 p1>u2>p2 p2>e"), &e);
    assert_non_null(r);
    assert_true(flow_fixture_sound(r));
    r->n_task--;
    assert_false(flow_fixture_sound(r));
    r->n_task++;
    r->n_token--;
    assert_false(flow_fixture_sound(r));
    r->n_token++;
    r->n_history--;
    assert_false(flow_fixture_sound(r));
    r->n_history++;
    assert_true(flow_fixture_sound(r));
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(walks), cmocka_unit_test(the_checker_sees_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
