/* Tests of flow on both stores: what is loaded is what was saved, races, late answers, listings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/flow/flow_fixture.h"
#include "store/store_fixture.h"

struct bench {
    struct store *s;
    struct arena arena;
    struct flow_fixture_context context;
    struct flow_env env;
    int64_t instance, id, version, actor;
    struct str move;
    const char *open_want;
    bool fired;
    int64_t case_id;
};

static void bench_init(struct bench *b, struct store *s, const char *line) {
    *b = (struct bench){ .s = s, .case_id = 5, .actor = 1 };
    arena_init(&b->arena, "bench", 16 * 1024 * 1024);
    b->context.model = flow_fixture_model(&b->arena, line);
    b->env = flow_fixture_env(&b->context);
}

static void run(struct bench *b, store_body *body) {
    struct err e = { 0 };
    enum store_outcome o = store_fixture_run(b->s, body, b, &e);
    if (o != STORE_OK) fail_msg("outcome %d: %s %s", (int)o, err_name(e.code), e.detail);
}

static int refused(struct bench *b, store_body *body) {
    struct err e = { 0 };
    enum store_outcome o = store_fixture_run(b->s, body, b, &e);
    if (o == STORE_OK) fail_msg("it was not refused");
    return o == STORE_CONFLICT ? ERR_CONFLICT : e.code;
}

static int start(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_begin f = { .case_id = b->case_id, .release_id = 7, .actor_id = b->actor, .process = S("p") };
    return flow_start(tx, &b->env, &f, &b->instance, e);
}

static int complete(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_task seen;
    int rc = flow_task_get(tx, b->id, &seen, e);
    return rc ? rc : flow_task_complete(tx, &b->env, &seen, b->version, b->actor, b->move, NULL, e);
}

static int claim(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_task seen;
    int rc = flow_task_get(tx, b->id, &seen, e);
    return rc ? rc : flow_task_claim(tx, &b->env, &seen, b->version, b->actor, e);
}

static int unclaim(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_task seen;
    int rc = flow_task_get(tx, b->id, &seen, e);
    return rc ? rc : flow_task_unclaim(tx, &b->env, &seen, b->version, b->actor, e);
}

static int reassign(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_task seen;
    int rc = flow_task_get(tx, b->id, &seen, e);
    return rc ? rc : flow_task_act(tx, &b->env, &seen, b->version, b->actor, &(struct flow_order){ .act = FLOW_ACT_TRANSFER, .to = 33 }, e);
}

static int withdraw(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    return flow_cancel(tx, &b->env, b->instance, b->actor, S("撤回"), e);
}

static int suspend(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    return flow_suspend(tx, &b->env, b->instance, b->actor, S("补正"), e);
}

static int resume(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    return flow_resume(tx, &b->env, b->instance, b->actor, e);
}

static int service_done(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct val *v = val_map(store_arena(tx));
    val_put_i64(store_arena(tx), v, S("n"), 9);
    return flow_service_done(tx, &b->env, b->id, v, e);
}

static int service_failed(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    return flow_service_failed(tx, &b->env, b->id, S("对方没有答复"), e);
}

static int fire(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    return flow_timer_fire(tx, &b->env, b->id, &b->fired, e);
}

static int next_due(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_due_timer due[4];
    size_t n;
    int rc = flow_timers_due(tx, store_now_ms(tx) + 1, due, 4, &n, e);
    b->id = n ? due[0].id : 0;
    return rc;
}

/* The stored state is sound: tasks against tokens, and the replay. */
static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_run *r;
    struct flow_history *h;
    struct flow_task *tasks;
    struct flow_instance *all;
    size_t n, n_tasks, n_all;
    int rc = flow_load(tx, &b->env, b->instance, 0, &r, e);
    if (!rc) rc = flow_instances_of(tx, b->case_id, &all, &n_all, e);
    if (!rc) rc = flow_history_of(tx, all, n_all, &h, &n, e);
    if (!rc) rc = flow_tasks_of(tx, b->case_id, &tasks, &n_tasks, e);
    if (rc) return rc;
    r->history = h;
    r->n_history = n;
    if (!flow_fixture_sound(r)) return err_set(e, ERR_DAMAGED, "%s", "unsound");
    struct str open = flow_fixture_open(r);
    if (!str_eq(open, str_of(b->open_want))) return err_set(e, ERR_DAMAGED, "open '%.*s'", STR_ARG(open));
    if (n_tasks < r->n_task) return err_set(e, ERR_DAMAGED, "%s", "tasks");
    return 0;
}

static void open_is(struct bench *b, const char *want) {
    struct err e = { 0 };
    b->open_want = want;
    if (store_fixture_read(b->s, look, b, &e) != STORE_OK)
        fail_msg("want '%s': %s %s", want, err_name(e.code), e.detail);
}

static int find_task(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_task *t;
    size_t n;
    int rc = flow_tasks_of(tx, b->case_id, &t, &n, e);
    b->id = 0;
    for (size_t i = 0; !rc && i < n; i++)
        if (t[i].state <= FLOW_TASK_RESERVED && str_eq(t[i].element, b->move))
            b->id = t[i].id, b->version = t[i].version;
    return rc;
}

static void pick_task(struct bench *b, const char *element) {
    b->move = str_of(element);
    assert_int_equal(store_fixture_read(b->s, find_task, b, NULL), STORE_OK);
    assert_true(b->id != 0);
    b->move = S("complete");
}

static int find_token(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_token *t;
    size_t n;
    int rc = flow_tokens_of(tx, b->context.model, b->instance, &t, &n, e);
    b->id = 0;
    for (size_t i = 0; !rc && i < n; i++)
        if (t[i].state == FLOW_TOKEN_SERVICE) b->id = t[i].id;
    return rc;
}

static int get_instance(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_instance i;
    int rc = flow_instance_get(tx, b->instance, &i, e);
    b->version = i.state;
    b->id = i.incidents;
    return rc;
}

static void state_is(struct bench *b, enum flow_instance_state want, int64_t incidents) {
    assert_int_equal(store_fixture_read(b->s, get_instance, b, NULL), STORE_OK);
    assert_int_equal(b->version, want);
    assert_int_equal(b->id, incidents);
}

static void whole_case(struct store *s, void *arg) {
    (void)arg;
    struct bench b;
    bench_init(&b, s,
               "s>v1>o1 o1>u1:t o1>w1:n=1 o1>u3:f u1>o2 w1>o2 u3>o2 o2>u9>x1 x1>u9:move=refuse x1>e* w1{ s1>p1>u2>e1 "
               "p1>u4>e1 } "
               "b1%w1=P9D b1>e9");
    run(&b, start);
    open_is(&b, "u1 u2 u4");
    const char *const order[] = { "u2", "u1", "u4", "u9" }, *const want[] = { "u1 u4", "u4", "u9", "u9" };
    for (int i = 0; i < 4; i++) {
        pick_task(&b, order[i]);
        if (i == 3) b.move = S("refuse");
        run(&b, complete);
        open_is(&b, want[i]);
    }
    pick_task(&b, "u9");
    run(&b, complete);
    open_is(&b, "");
    state_is(&b, FLOW_COMPLETED, 0);
    assert_int_equal(b.context.made, b.context.ended);
    arena_done(&b.arena);
}

static void two_officers_on_one_task(struct store *s, void *arg) {
    (void)arg;
    struct bench b;
    bench_init(&b, s, "s>u1>u2>e");
    run(&b, start);
    pick_task(&b, "u1");
    b.actor = 11;
    run(&b, claim);
    b.actor = 22;
    assert_int_equal(refused(&b, claim), ERR_CONFLICT); /* stale version */
    b.version = FLOW_ANY_VERSION;
    assert_int_equal(refused(&b, claim), ERR_CONFLICT);
    assert_int_equal(refused(&b, complete), ERR_CONFLICT);
    assert_int_equal(refused(&b, unclaim), ERR_STATE);
    b.actor = 11;
    run(&b, claim); /* again is fine */
    run(&b, unclaim);
    b.actor = 22;
    run(&b, complete);
    open_is(&b, "u2");
    b.actor = 11;
    assert_int_equal(refused(&b, complete), ERR_CONFLICT); /* double complete */
    open_is(&b, "u2");
    pick_task(&b, "u2");
    run(&b, reassign);
    assert_int_equal(refused(&b, complete), ERR_CONFLICT);
    b.version = FLOW_ANY_VERSION;
    b.actor = 33;
    run(&b, complete);
    state_is(&b, FLOW_COMPLETED, 0);
    arena_done(&b.arena);
}

static void withdrawal_and_suspension(struct store *s, void *arg) {
    (void)arg;
    struct bench b;
    bench_init(&b, s, "s>p1>u1>p2 p1>u2>p2 p2>e b1@u1=PT0S b1>u3>e");
    run(&b, start);
    run(&b, suspend);
    assert_int_equal(store_fixture_read(s, next_due, &b, NULL), STORE_OK);
    assert_int_equal(b.id, 0); /* it stands */
    pick_task(&b, "u2");
    assert_int_equal(refused(&b, complete), ERR_STATE);
    run(&b, resume);
    int64_t task = b.id;
    assert_int_equal(store_fixture_read(s, next_due, &b, NULL), STORE_OK);
    assert_true(b.id != 0);
    run(&b, fire);
    assert_true(b.fired);
    run(&b, fire); /* twice does nothing */
    assert_false(b.fired);
    open_is(&b, "u2 u3");
    run(&b, withdraw);
    open_is(&b, "");
    assert_int_equal(refused(&b, withdraw), ERR_STATE);
    b.id = task;
    b.version = FLOW_ANY_VERSION;
    assert_int_equal(refused(&b, complete), ERR_STATE); /* complete after withdrawal */
    state_is(&b, FLOW_WITHDRAWN, 0);
    b.id = 1;
    assert_int_equal(refused(&b, complete), ERR_NOT_FOUND);
    b.instance = 1;
    assert_int_equal(refused(&b, withdraw), ERR_NOT_FOUND);
    arena_done(&b.arena);
}

static void service_answers(struct store *s, void *arg) {
    (void)arg;
    struct bench b;
    bench_init(&b, s, "s>vw1>x1 x1>u1:n=9 x1>e* u1>vw2>e");
    run(&b, start);
    assert_int_equal(store_fixture_read(s, find_token, &b, NULL), STORE_OK);
    run(&b, service_done);
    open_is(&b, "u1");
    assert_int_equal(refused(&b, service_done), ERR_CONFLICT); /* the answer came twice */
    pick_task(&b, "u1");
    run(&b, complete);
    assert_int_equal(store_fixture_read(s, find_token, &b, NULL), STORE_OK);
    run(&b, service_failed);
    state_is(&b, FLOW_ACTIVE, 1);
    open_is(&b, "");
    arena_done(&b.arena);
}

static void failed_hook_leaves_nothing(struct store *s, void *arg) {
    (void)arg;
    struct bench b;
    bench_init(&b, s, "s>u1>u2>e");
    run(&b, start);
    pick_task(&b, "u1");
    b.context.refuse_hook = 1;
    assert_int_equal(refused(&b, complete), ERR_STORE);
    open_is(&b, "u1");
    b.context.refuse_hook = 0;
    run(&b, complete);
    open_is(&b, "u2");
    arena_done(&b.arena);
}

static uint64_t next(uint64_t *s) {
    *s ^= *s >> 12, *s ^= *s << 25, *s ^= *s >> 27;
    return *s * UINT64_C(2685821657736338717);
}

/* Whatever is open is done, in random order, through the store. */
static void random_cases(struct store *s, void *arg) {
    (void)arg;
    uint64_t seed = 42;
    for (int k = 0; k < 8; k++) {
        struct bench b;
        bench_init(&b, s,
                   "s>p1>u1>p2 p1>w1>p2 p2>u5>x1 x1>p1:move=refuse x1>e* w1{ s1>o1 o1>u2:t o1>u3:move=refuse "
                   "o1>u4:n<1 u2>o2 u3>o2 "
                   "u4>o2 o2>v1>e1 }");
        b.case_id = 100 + k;
        run(&b, start);
        for (int i = 0; i < 40; i++) {
            static const char *const all[] = { "u1", "u2", "u3", "u4", "u5" };
            b.move = str_of(all[(next(&seed) >> 40) % 5]);
            assert_int_equal(store_fixture_read(s, find_task, &b, NULL), STORE_OK);
            if (!b.id) continue;
            b.move = (next(&seed) >> 40) % 4 ? S("complete") : S("refuse");
            run(&b, complete);
        }
        struct err e = { 0 };
        b.open_want = "?";
        assert_int_equal(store_fixture_read(s, look, &b, &e), STORE_FAILED);
        assert_true(str_starts(str_of(e.detail), S("open"))); /* sound; only the set differs */
        arena_done(&b.arena);
    }
}

static void each(void **state) {
    store_fixture_each(*(void (**)(struct store *, void *))*state, NULL);
}

int main(void) {
    static void (*bodies[])(struct store *, void *) = { whole_case, two_officers_on_one_task, withdrawal_and_suspension,
                                                        service_answers, failed_hook_leaves_nothing, random_cases };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(each, &bodies[0]), cmocka_unit_test_prestate(each, &bodies[1]),
        cmocka_unit_test_prestate(each, &bodies[2]), cmocka_unit_test_prestate(each, &bodies[3]),
        cmocka_unit_test_prestate(each, &bodies[4]), cmocka_unit_test_prestate(each, &bodies[5]),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
