/* Acts on tasks on both stores: each command loads the instance anew, so that what an act needs of another is in the rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/flow/flow_fixture.h"
#include "store/store_fixture.h"

struct bench {
    struct store *s;
    struct arena arena;
    struct flow_fixture_context context;
    struct flow_env env;
    int64_t instance, actor, task;
    struct flow_order order;
    char open[400];
};

static int start(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_begin f = { .case_id = 5, .release_id = 7, .actor_id = 1, .process = S("p") };
    return flow_start(tx, &b->env, &f, &b->instance, e);
}

static int act(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_task seen;
    int rc = flow_task_get(tx, b->task, &seen, e);
    return rc ? rc : flow_task_act(tx, &b->env, &seen, seen.version, b->actor, &b->order, e);
}

/* "u1:holder" of open tasks, "?" before an opinion, "!" before a word afterwards, "/owner" behind; the newest task of each is kept. */
static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct bench *b = job->arg;
    struct flow_run *r;
    struct flow_instance *all;
    struct buf out;
    size_t n;
    int rc = flow_load(tx, &b->env, b->instance, 0, &r, e);
    if (!rc) rc = flow_instances_of(tx, 5, &all, &n, e);
    if (!rc) rc = flow_history_of(tx, all, n, &r->history, &r->n_history, e);
    if (rc) return rc;
    if (!flow_fixture_sound(r)) return err_set(e, ERR_DAMAGED, "%s", "unsound");
    buf_init(&out, store_arena(tx), 200, 400);
    for (size_t i = 0; i < r->n_task; i++) {
        const struct flow_task *t = r->task[i];
        buf_add_fmt(&out, "%s%s%.*s:%lld", i ? " " : "", t->kind == FLOW_TASK_BEFORE ? "?" : t->kind == FLOW_TASK_AFTER ? "!" : "",
                    STR_ARG(t->element), (long long)t->assignee_id);
        if (t->owner_id) buf_add_fmt(&out, "/%lld", (long long)t->owner_id);
        b->task = t->id;
    }
    (void)snprintf(b->open, sizeof b->open, "%.*s", STR_ARG(buf_str(&out)));
    return 0;
}

static int do_it(struct bench *b, int64_t task, int64_t actor, struct flow_order o) {
    struct err e = { 0 };
    b->task = task, b->actor = actor, b->order = o;
    enum store_outcome out = store_fixture_run(b->s, act, b, &e);
    return out == STORE_OK ? 0 : out == STORE_CONFLICT ? ERR_CONFLICT : e.code;
}

/* The newest open task, once the open ones are as wanted. */
static int64_t open_is(struct bench *b, const char *want) {
    struct err e = { 0 };
    if (store_fixture_read(b->s, look, b, &e) != STORE_OK) fail_msg("%s: %s %s", want, err_name(e.code), e.detail);
    assert_string_equal(b->open, want);
    return b->task;
}

static void begin(struct bench *b, struct store *s, const char *line) {
    *b = (struct bench){ .s = s };
    arena_init(&b->arena, "bench", 16 * 1024 * 1024);
    b->context.model = flow_fixture_model(&b->arena, line);
    b->env = flow_fixture_env(&b->context);
    assert_int_equal(store_fixture_run(s, start, b, NULL), STORE_OK);
}

#define DO(act_, ...) ((struct flow_order){ .act = FLOW_ACT_##act_, __VA_ARGS__ })

static void hands(struct store *s, void *arg) {
    (void)arg;
    struct bench b;
    begin(&b, s, "s>u1>e");
    int64_t t = open_is(&b, "u1:0"), asked;
    assert_int_equal(do_it(&b, t, 1, DO(TRANSFER, .to = 2)), 0);
    assert_int_equal(do_it(&b, t, 1, DO(TRANSFER, .to = 3)), ERR_CONFLICT); /* no longer his */
    assert_int_equal(do_it(&b, t, 2, DO(DELEGATE, .to = 2)), ERR_INPUT);
    assert_int_equal(do_it(&b, t, 2, DO(DELEGATE, .to = 3)), 0);
    (void)open_is(&b, "u1:3/2");
    assert_int_equal(do_it(&b, t, 3, DO(COMPLETE, .move = S("approve"))), ERR_STATE); /* the owner decides */
    assert_int_equal(do_it(&b, t, 2, DO(COMPLETE, .move = S("approve"))), ERR_CONFLICT);
    assert_int_equal(do_it(&b, t, 2, DO(RECALL)), 0);
    (void)open_is(&b, "u1:2");
    assert_int_equal(do_it(&b, t, 2, DO(DELEGATE, .to = 3)), 0);
    assert_int_equal(do_it(&b, t, 3, DO(ANSWER)), 0);
    assert_int_equal(do_it(&b, t, 3, DO(ANSWER)), ERR_STATE);
    (void)open_is(&b, "u1:2");
    assert_int_equal(do_it(&b, t, 2, DO(ASK, .to = 4)), 0);
    assert_int_equal(do_it(&b, t, 2, DO(ASK, .to = 4)), ERR_DUPLICATE);
    asked = open_is(&b, "u1:2 ?u1:4/2");
    assert_int_equal(do_it(&b, t, 2, DO(COMPLETE, .move = S("approve"))), ERR_STATE); /* it waits for the opinion */
    assert_int_equal(do_it(&b, asked, 4, DO(COMPLETE, .move = S("approve"))), ERR_STATE);
    assert_int_equal(do_it(&b, asked, 4, DO(ANSWER)), 0);
    (void)open_is(&b, "u1:2");
    assert_int_equal(do_it(&b, t, 2, DO(COMPLETE, .move = S("approve"))), 0);
    (void)open_is(&b, "");
    arena_done(&b.arena);
}

static void afterwards_and_back(struct store *s, void *arg) {
    (void)arg;
    struct bench b;
    begin(&b, s, "s>u1>x1>u2>v1>u3>e u2^u1");
    int64_t one = open_is(&b, "u1:0"), two, word;
    assert_int_equal(do_it(&b, one, 1, DO(COMPLETE, .move = S("approve"), .to = 1)), ERR_INPUT);
    assert_int_equal(do_it(&b, one, 1, DO(COMPLETE, .move = S("approve"), .to = 2)), 0);
    word = open_is(&b, "!u1:2/1");
    assert_int_equal(do_it(&b, word, 2, DO(OBJECT)), 0);
    one = open_is(&b, "u1:1");
    assert_int_equal(do_it(&b, one, 1, DO(COMPLETE, .move = S("approve"), .to = 2)), 0);
    word = open_is(&b, "!u1:2/1");
    assert_int_equal(do_it(&b, one, 1, DO(RECALL)), 0); /* nobody has confirmed it yet */
    assert_int_equal(do_it(&b, word, 2, DO(ANSWER)), ERR_STATE);
    one = open_is(&b, "u1:1");
    assert_int_equal(do_it(&b, one, 1, DO(COMPLETE, .move = S("approve"))), 0);
    two = open_is(&b, "u2:0");
    assert_int_equal(do_it(&b, one, 2, DO(RECALL)), ERR_STATE); /* another's */
    assert_int_equal(do_it(&b, two, 2, DO(CLAIM)), 0);
    assert_int_equal(do_it(&b, one, 1, DO(RECALL)), ERR_STATE); /* acted upon */
    assert_int_equal(do_it(&b, two, 2, DO(RETURN, .element = S("u3"))), ERR_INPUT);
    assert_int_equal(do_it(&b, two, 2, DO(RETURN, .element = S("u1"), .to = 1)), 0);
    one = open_is(&b, "u1:1");
    assert_int_equal(do_it(&b, one, 1, DO(COMPLETE, .move = S("approve"))), 0);
    two = open_is(&b, "u2:0");
    assert_int_equal(do_it(&b, one, 1, DO(RECALL)), 0); /* nobody did */
    one = open_is(&b, "u1:1");
    assert_int_equal(do_it(&b, one, 1, DO(COMPLETE, .move = S("approve"))), 0);
    two = open_is(&b, "u2:0");
    assert_int_equal(do_it(&b, two, 2, DO(COMPLETE, .move = S("approve"))), 0);
    (void)open_is(&b, "u3:0");
    assert_int_equal(do_it(&b, two, 2, DO(RECALL)), ERR_STATE); /* a service came after it */
    arena_done(&b.arena);
}

static void each(void **state) {
    store_fixture_each(*(void (**)(struct store *, void *))*state, NULL);
}

int main(void) {
    static void (*bodies[])(struct store *, void *) = { hands, afterwards_and_back };
    const struct CMUnitTest tests[] = { cmocka_unit_test_prestate(each, &bodies[0]), cmocka_unit_test_prestate(each, &bodies[1]) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
