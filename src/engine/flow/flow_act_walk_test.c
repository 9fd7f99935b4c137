/* Random walks of what people do with tasks (T49): 100,000 seeded acts, right and wrong ones, over a process with parallel parts, a
 * timer, opinions asked and words wanted afterwards, against a small model that knows nothing of tokens: five people, seven steps, what
 * follows what. After each act the answer is the model's, the open tasks are the model's, and every invariant of the machine holds; at
 * the end each act that was done stands in history exactly once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/flow/flow_fixture.h"

enum { ACTS = 100000, PEOPLE = 5, STEPS_MAX = 300, TASKS_MAX = 4096, MINUTE = 60000 };

static const char line[] = "s>p1>u1>x1 x1>u2:move=approve x1>u1:move=refuse x1>x3* u2>x3>p2 p1>u3>x4 b1@u3=PT5M b1>u7>x4>p2 p1>u4>u5>p2 "
                           "p2>u6>x2 x2>u6:move=refuse x2>e* u2^u1 u5^u4";
enum { JOIN = 0, END = 8 }; /* beside steps 1 to 7 */
static const char *const moves[] = { "complete", "approve", "refuse", "none" };

/* ---- the model ---- */

struct task {
    struct flow_task *engine;
    int step, kind, holder, owner, move; /* kind as flow_task_kind; move: of an AFTER, or as it was decided */
    int from;                            /* the task whose decision led here at once; -1 */
    bool open, touched, done;            /* done: it was decided or answered, by `by` */
    int by;
};
struct model {
    struct task task[TASKS_MAX];
    int n, joined;
    bool suspended, paused, over;
    int64_t now, timer, left; /* of step 3: 0 none; what is left while the clocks stand */
    size_t acts[FLOW_ACTS];   /* that history should tell of */
};

static int follows(int step, int move) {
    switch (step) {
    case 1: return move == 1 ? 2 : move == 2 ? 1 : JOIN;
    case 4: return 5;
    case 6: return move == 2 ? 6 : END;
    default: return JOIN;
    }
}

static bool stands(const struct model *m) {
    return m->suspended || m->paused;
}

static int make(struct model *m, int step, int kind, int holder, int owner, int from) {
    m->task[m->n] = (struct task){ .step = step, .kind = kind, .holder = holder, .owner = owner, .from = from, .open = true };
    return m->n++;
}

static void arm(struct model *m) {
    m->timer = m->now + 5 * MINUTE;
    m->left = 5 * MINUTE;
}

static void enter(struct model *m, int step, int holder, int from) {
    if (step == END) {
        m->over = true;
        return;
    }
    if (step == JOIN) {
        if (++m->joined < 3) return;
        step = 6, from = -1;
    }
    if (step == 3) arm(m);
    make(m, step, FLOW_TASK_STEP, holder, 0, from);
}

static bool is_beside(const struct task *x, const struct task *t) {
    return x->open && x->step == t->step && x->kind == FLOW_TASK_BEFORE;
}

static int asked(const struct model *m, const struct task *t) {
    int n = 0;
    for (int i = 0; i < m->n; i++) n += is_beside(&m->task[i], t);
    return n;
}

static void end(struct task *t, int by, bool done) {
    t->open = false, t->done = done, t->by = by;
}

static void end_step(struct model *m, int step) {
    for (int i = 0; i < m->n; i++)
        if (m->task[i].open && m->task[i].step == step) end(&m->task[i], 0, false);
    if (step == 3) m->timer = 0;
}

static bool taken(const struct model *m, const struct task *t) {
    return t->step == 3 && m->timer && !stands(m) && m->timer <= m->now;
}

static void goes_on(struct model *m, const struct task *t, int from) {
    if (t->step == 3) m->timer = 0;
    enter(m, follows(t->step, t->move), 0, from);
}

static bool lent(const struct task *t) {
    return t->open && t->kind == FLOW_TASK_STEP && t->owner;
}

static int do_ask(struct model *m, struct task *t, int me, int to) {
    if (asked(m, t) >= FLOW_ASKED_MAX) return ERR_LIMIT;
    for (int i = 0; i < m->n; i++)
        if (is_beside(&m->task[i], t) && m->task[i].holder == to) return ERR_DUPLICATE;
    t->holder = me, t->touched = true;
    (void)make(m, t->step, FLOW_TASK_BEFORE, to, me, -1);
    return 0;
}

/* Nobody answers what he asked, nor what his own step, or another opinion of his, stands beside. */
static bool his_own(const struct model *m, const struct task *t, int who) {
    bool his = t->owner == who;
    for (int i = 0; t->kind == FLOW_TASK_BEFORE && i < m->n; i++)
        his |= m->task[i].open && m->task[i].step == t->step && &m->task[i] != t && m->task[i].holder == who;
    return his;
}

static int do_take(const struct model *m, struct task *t, int me) {
    if (his_own(m, t, me)) return ERR_STATE;
    t->holder = me, t->touched = true;
    return 0;
}

static int do_transfer(const struct model *m, struct task *t, int to) {
    if (t->kind != FLOW_TASK_STEP && his_own(m, t, to)) return ERR_INPUT;
    t->holder = to, t->touched = true;
    return 0;
}

static int do_answer(struct model *m, struct task *t, int me) {
    if (t->kind == FLOW_TASK_AFTER && taken(m, t)) return ERR_STATE;
    if (lent(t)) {
        t->holder = t->owner, t->owner = 0, t->touched = true;
        return 0;
    }
    end(t, me, true);
    if (t->kind == FLOW_TASK_AFTER) goes_on(m, t, -1);
    return 0;
}

static int do_complete(struct model *m, int i, int me, int to, int move) {
    struct task *t = &m->task[i];
    if (taken(m, t) || asked(m, t)) return ERR_STATE;
    if (move == 3 || to == me) return ERR_INPUT;
    t->move = move;
    end(t, me, true);
    if (to) m->task[make(m, t->step, FLOW_TASK_AFTER, to, me, i)].move = move;
    else goes_on(m, t, i);
    return 0;
}

static int do_return(struct model *m, const struct task *t, int to, int step) {
    if (!(t->step == 2 && step == 1) && !(t->step == 5 && step == 4)) return ERR_INPUT;
    end_step(m, t->step);
    enter(m, step, to, -1);
    return 0;
}

static int do_recall(struct task *t, int me) {
    if (t->kind == FLOW_TASK_BEFORE) end(t, 0, false);
    else t->holder = me, t->owner = 0, t->touched = true;
    return 0;
}

static int recall_decision(struct model *m, int i, int me) {
    const struct task *t = &m->task[i], *next = NULL;
    for (int k = 0; k < m->n && !next; k++)
        if (m->task[k].open && m->task[k].from == i && !m->task[k].touched) next = &m->task[k];
    if (t->kind != FLOW_TASK_STEP || !t->done || !next || asked(m, next) || taken(m, next)) return ERR_STATE;
    end_step(m, next->step);
    enter(m, t->step, me, -1);
    return 0;
}

/* Who may, by the columns of the table as people would tell them. */
static int may(const struct model *m, enum flow_act act, const struct task *t, int me, int to) {
    bool running = act == FLOW_ACT_CLAIM || act == FLOW_ACT_RELEASE || act == FLOW_ACT_TRANSFER ||
                   act == FLOW_ACT_TAKE || act == FLOW_ACT_DELEGATE;
    if (m->suspended && !running) return ERR_STATE;
    if (act == FLOW_ACT_TAKE) return t->holder == to ? 0 : ERR_CONFLICT;
    if (act == FLOW_ACT_RECALL) return (t->open ? t->owner : t->by) == me ? 0 : ERR_STATE;
    if (act == FLOW_ACT_RELEASE || act == FLOW_ACT_ANSWER || act == FLOW_ACT_OBJECT) return t->holder == me ? 0 : ERR_STATE;
    return t->holder && t->holder != me ? ERR_CONFLICT : 0;
}

static bool suits(enum flow_act act, const struct task *t) {
    bool step = t->kind == FLOW_TASK_STEP && !lent(t);
    if (!t->open && act != FLOW_ACT_RECALL) return false;
    if (act == FLOW_ACT_RECALL) return lent(t) || t->kind == FLOW_TASK_BEFORE || !t->open;
    if (act == FLOW_ACT_ANSWER) return !step;
    if (act == FLOW_ACT_OBJECT) return t->kind == FLOW_TASK_AFTER;
    if (act == FLOW_ACT_TAKE) return true;
    if (act == FLOW_ACT_TRANSFER) return !lent(t);
    return step;
}

static int carry_out(struct model *m, enum flow_act act, int i, int me, int to, int move, int step) {
    struct task *t = &m->task[i];
    switch (act) {
    case FLOW_ACT_CLAIM:
        if (t->holder != me) t->holder = me, t->touched = true;
        else m->acts[act]--; /* nothing to tell */
        return 0;
    case FLOW_ACT_RELEASE: t->holder = 0, t->touched = true; return 0;
    case FLOW_ACT_TRANSFER: return do_transfer(m, t, to);
    case FLOW_ACT_TAKE: return do_take(m, t, me);
    case FLOW_ACT_DELEGATE: t->holder = to, t->owner = me, t->touched = true; return 0;
    case FLOW_ACT_ASK: return do_ask(m, t, me, to);
    case FLOW_ACT_ANSWER: return do_answer(m, t, me);
    case FLOW_ACT_OBJECT:
        if (taken(m, t)) return ERR_STATE;
        end(t, me, true);
        (void)make(m, t->step, FLOW_TASK_STEP, t->owner, 0, -1);
        return 0;
    case FLOW_ACT_COMPLETE: return do_complete(m, i, me, to, move);
    case FLOW_ACT_RETURN: return do_return(m, t, to, step);
    default: return t->open ? do_recall(t, me) : recall_decision(m, i, me);
    }
}

static int expected(struct model *m, enum flow_act act, int i, int me, int to, int move, int step) {
    bool names = act == FLOW_ACT_TAKE || act == FLOW_ACT_TRANSFER || act == FLOW_ACT_DELEGATE || act == FLOW_ACT_ASK;
    if (m->over) return ERR_STATE;
    int rc = may(m, act, &m->task[i], me, to);
    if (!rc && !suits(act, &m->task[i])) rc = ERR_STATE;
    if (!rc && names && to == 0) rc = ERR_REQUIRED;
    if (!rc && names && to == me) rc = ERR_INPUT;
    if (rc) return rc;
    m->acts[act]++;
    rc = carry_out(m, act, i, me, to, move, step);
    if (rc) m->acts[act]--;
    return rc;
}

/* ---- the walk ---- */

static uint64_t next(uint64_t *s) { /* xorshift64* */
    *s ^= *s >> 12, *s ^= *s << 25, *s ^= *s >> 27;
    return *s * UINT64_C(2685821657736338717);
}
static int pick(uint64_t *s, int n) {
    return (int)((next(s) >> 33) % (uint64_t)n);
}

/* What the model made since is what the engine made since, in the same order. */
static bool bind(struct model *m, struct flow_run *r, int from, int64_t last_id) {
    size_t at = 0;
    for (int i = from; i < m->n; i++) {
        while (at < r->n_task && r->task[at]->id <= last_id) at++;
        if (at == r->n_task) return false;
        m->task[i].engine = r->task[at++];
    }
    while (at < r->n_task && r->task[at]->id <= last_id) at++;
    return at == r->n_task;
}

static bool same(const struct task *t) {
    const struct flow_task *x = t->engine;
    char step[4] = { 'u', (char)('0' + t->step), 0 };
    bool open = x->state <= FLOW_TASK_RESERVED;
    if (open != t->open || !str_eq(x->element, str_of(step)) || (int)x->kind != t->kind) return false;
    if (!open) return (x->state == FLOW_TASK_COMPLETED) == t->done && (!t->done || x->ended_by_id == t->by);
    if (t->kind == FLOW_TASK_AFTER && !str_eq(x->move, str_of(moves[t->move]))) return false;
    return x->assignee_id == t->holder && x->owner_id == t->owner && (x->state == FLOW_TASK_RESERVED) == (t->holder != 0);
}

static bool agree(const struct model *m, const struct flow_run *r) {
    size_t open = 0;
    for (int i = 0; i < m->n; i++) {
        if (!same(&m->task[i])) return false;
        open += m->task[i].open;
    }
    size_t theirs = 0;
    for (size_t i = 0; i < r->n_task; i++) theirs += r->task[i]->state <= FLOW_TASK_RESERVED;
    return open == theirs && m->over == (r->instance.state == FLOW_COMPLETED);
}

static void clocks(struct model *m, bool *which, bool to) {
    bool before = stands(m);
    *which = to;
    if (m->timer && !before && stands(m)) m->left = m->timer > m->now ? m->timer - m->now : 0;
    if (m->timer && before && !stands(m)) m->timer = m->now + m->left;
}

static int disturb(struct model *m, struct flow_run *r, uint64_t *seed) {
    switch (pick(seed, 8)) {
    case 0: if (!m->suspended) clocks(m, &m->suspended, true); return flow_do_suspend(r, S(""));
    case 1:
    case 2: if (m->suspended) clocks(m, &m->suspended, false); return flow_do_resume(r);
    case 3: if (!m->paused) clocks(m, &m->paused, true); return flow_do_pause(r, S(""));
    case 4:
    case 5: if (m->paused) clocks(m, &m->paused, false); return flow_do_unpause(r);
    default: break;
    }
    if (!flow_fixture_fire(r)) return 0;
    if (m->now < m->timer) m->now = m->timer;
    end_step(m, 3);
    enter(m, 7, 0, -1);
    return 0;
}

/* Half of the time somebody of whom it may be expected, of a task that is open. */
static int choose_task(const struct model *m, uint64_t *seed) {
    int from = m->n > 12 ? m->n - 12 : 0;
    for (int tries = 0; tries < 8; tries++) {
        int i = pick(seed, 5) ? pick(seed, m->n) : from + pick(seed, m->n - from);
        if (m->task[i].open || tries == 7 || pick(seed, 4) == 0) return i;
    }
    return 0;
}

static int act(struct model *m, struct flow_run *r, uint64_t *seed, int *want) {
    int i = choose_task(m, seed), me = 1 + pick(seed, PEOPLE);
    const struct task *t = &m->task[i];
    enum flow_act what = pick(seed, 4) ? (enum flow_act)pick(seed, FLOW_ACTS) : FLOW_ACT_COMPLETE;
    int to = pick(seed, PEOPLE + 1), move = pick(seed, 4), step = 1 + pick(seed, 7);
    int likely = what == FLOW_ACT_RECALL ? t->open ? t->owner : t->by : t->holder;
    if (what == FLOW_ACT_TAKE && t->holder && pick(seed, 4)) to = t->holder;
    else if (likely && pick(seed, 4)) me = likely;
    if (what == FLOW_ACT_COMPLETE && pick(seed, 3)) to = 0;
    if (what == FLOW_ACT_RETURN && pick(seed, 2)) step = t->step - 1;
    char element[4] = { 'u', (char)('0' + step), 0 };
    const struct flow_order o = { .act = what, .to = to, .move = str_of(moves[move]), .element = str_of(element) };
    struct flow_task *task = m->task[i].engine;
    *want = expected(m, what, i, me, to, move, step);
    r->actor_id = me;
    r->decided = r->given = NULL;
    return flow_do_act(r, task, &o);
}

static size_t told(const struct flow_run *r, enum flow_act a) {
    static const char *const word[] = {
#define FLOW_ACT(id, word, standings, who, when, needs, function) word,
#include "engine/flow/flow_acts.h"
#undef FLOW_ACT
    };
    size_t n = 0;
    for (size_t i = 0; i < r->n_history; i++) n += str_eq(r->history[i].what, str_of(word[a]));
    return n;
}

static void a_hundred_thousand_acts(void **state) {
    (void)state;
    static struct model m;
    static size_t done[FLOW_ACTS];
    struct arena models, a;
    size_t acts = 0, over = 0;
    arena_init(&models, "models", 16 * 1024 * 1024);
    arena_init(&a, "walk", 64 * 1024 * 1024);
    struct flow_model *model = flow_fixture_model(&models, line);
    for (uint64_t walk = 1; acts < ACTS; walk++) {
        uint64_t seed = walk * UINT64_C(0x9E3779B97F4A7C15);
        struct flow_fixture_context c = { .model = model };
        struct flow_env env = flow_fixture_env(&c);
        struct err e = { 0 };
        arena_reset(&a);
        m = (struct model){ .now = 1000 };
        struct flow_run *r = flow_fixture_start(&a, &env, model, &e);
        assert_non_null(r);
        enter(&m, 1, 0, -1), enter(&m, 3, 0, -1), enter(&m, 4, 0, -1);
        assert_true(bind(&m, r, 0, 0));
        for (int i = 0; i < STEPS_MAX && !m.over && m.n < TASKS_MAX - 4; i++) {
            int from = m.n, want = 0, rc;
            int64_t last = r->next_id;
            m.now = r->now_ms += pick(&seed, 2) * MINUTE / 2;
            if (pick(&seed, 12)) {
                rc = act(&m, r, &seed, &want);
                acts++;
            } else {
                rc = disturb(&m, r, &seed);
                want = rc == ERR_STATE ? rc : 0;
            }
            bool bound = bind(&m, r, from, last);
            if (rc != want || !bound || !agree(&m, r))
                fail_msg("walk %u step %d: %s, not %s; %s %s", (unsigned)walk, i, err_name(rc), err_name(want),
                         bound ? "" : "tasks", e.detail);
            flow_fixture_settle(r);
            if (!flow_fixture_sound(r)) fail_msg("walk %u step %d", (unsigned)walk, i);
        }
        for (int i = 0; i < FLOW_ACTS; i++) {
            assert_int_equal(told(r, (enum flow_act)i), m.acts[i]);
            done[i] += m.acts[i];
        }
        over += m.over;
        if (m.over) assert_int_equal(c.made, c.ended);
    }
    for (int i = 0; i < FLOW_ACTS; i++) {
        print_message("act %d: done %zu times\n", i, done[i]);
        assert_true(done[i] > 100); /* each was done, not only refused */
    }
    print_message("%zu processes ran to their end\n", over);
    assert_true(over > 100);
    arena_done(&a);
    arena_done(&models);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_hundred_thousand_acts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
