/* flow_act: what people do with tasks: the rows of flow_acts.h, judged by their columns and then carried out.
 *
 * Invariants
 *  1. Of two people who do something to one task, the second gets ERR_CONFLICT: the first one's act stands.
 *  2. Nothing is undone in history: what is taken or given back is ended as obsolete, and what stood stands there.
 *  3. A step is decided by its own task; where another's word is wanted, only when that was given.
 */
#include "engine/flow/flow_run.h"

enum { STEP = 1, LENT = 2, BEFORE = 4, AFTER = 8, ENDED = 16 };
enum who { FREE, HELD, OWN, THEIRS };
enum when { OPEN, ACTIVE };
enum needs { NOTHING, TO, MOVE, ELEMENT };
typedef int act_function(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o);

static unsigned standing(const struct flow_task *task) {
    if (task->state > FLOW_TASK_RESERVED) return ENDED;
    if (task->kind == FLOW_TASK_BEFORE) return BEFORE;
    if (task->kind == FLOW_TASK_AFTER) return AFTER;
    return task->owner_id ? LENT : STEP;
}

static bool is_open_at(const struct flow_task *task, const struct flow_token *t) {
    return task->token_id == t->id && task->state <= FLOW_TASK_RESERVED;
}

static size_t asked(const struct flow_run *r, const struct flow_token *t) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_task; i++) n += is_open_at(r->task[i], t) && r->task[i]->kind == FLOW_TASK_BEFORE;
    return n;
}

static void touch(struct flow_task *task) {
    task->version++;
    if (task->mark == FLOW_SAME) task->mark = FLOW_CHANGED;
}

static void hand(struct flow_run *r, struct flow_task *task, int64_t to) {
    task->assignee_id = to;
    task->state = to ? FLOW_TASK_RESERVED : FLOW_TASK_READY;
    task->claimed_ms = to ? r->now_ms : 0;
    touch(task);
}

/* ---- in whose hands it is ---- */

static int claim(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    (void)o;
    if (task->assignee_id == r->actor_id) return 0;
    hand(r, task, r->actor_id);
    return flow_note(r, "claim", t, task->id, arena_i64(r->arena, r->actor_id));
}

static int release(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    (void)o;
    hand(r, task, 0);
    return flow_note(r, "unclaim", t, task->id, S("0"));
}

/* Whose word another is to have: not his who decides the step, or decided it, or asked. */
static bool asks_himself(const struct flow_run *r, const struct flow_token *t, const struct flow_task *task, int64_t account) {
    bool his = task->owner_id == account;
    for (size_t i = 0; task->kind == FLOW_TASK_BEFORE && i < r->n_task; i++)
        his |= is_open_at(r->task[i], t) && r->task[i] != task && r->task[i]->assignee_id == account;
    return his;
}

static int transfer(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    if (task->kind != FLOW_TASK_STEP && asks_himself(r, t, task, o->to))
        return err_field(r->e, ERR_INPUT, S("to"), "%s", "这是请别人出的意见，不能转给请求出意见或者办理这一步的人");
    hand(r, task, o->to);
    return flow_note(r, "reassign", t, task->id, arena_i64(r->arena, o->to));
}

/* In place of its holder. */
static int take(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    if (asks_himself(r, t, task, r->actor_id)) return flow_fail(r, ERR_STATE, "这是请别人出的意见，您在这一步另有任务，不能再代他出");
    hand(r, task, r->actor_id);
    return flow_note(r, "take", t, task->id, arena_i64(r->arena, o->to));
}

static int delegate(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    task->owner_id = r->actor_id;
    hand(r, task, o->to);
    return flow_note(r, "delegate", t, task->id, arena_i64(r->arena, o->to));
}

/* ---- another's opinion ---- */

static int ask(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    const struct flow_task like = { .kind = FLOW_TASK_BEFORE, .unit = task->unit, .due_ms = task->due_ms, .assignee_id = o->to,
                                    .owner_id = r->actor_id, .from_id = task->id };
    if (asked(r, t) >= FLOW_ASKED_MAX) return err_set(r->e, ERR_LIMIT, "%d", FLOW_ASKED_MAX);
    for (size_t i = 0; i < r->n_task; i++)
        if (is_open_at(r->task[i], t) && r->task[i]->kind == FLOW_TASK_BEFORE && r->task[i]->assignee_id == o->to)
            return err_field(r->e, ERR_DUPLICATE, S("to"), "%s", "已经请他出具意见，还没有答复");
    if (task->assignee_id != r->actor_id) hand(r, task, r->actor_id); /* who asks has it in hand */
    else touch(task);
    int rc = flow_note(r, "ask", t, task->id, arena_i64(r->arena, o->to));
    return rc ? rc : flow_task_new(r, t, &like, NULL);
}

/* The step's move takes effect: its token goes on. */
static int go_on(struct flow_run *r, struct flow_token *t, struct str move) {
    val_put_str(r->arena, r->vars, S("move"), move);
    if (t->element->result.len) val_put_str(r->arena, r->vars, t->element->result, move);
    r->vars_changed = true;
    int rc = flow_push(r, t, FLOW_OP_LEAVE);
    return rc ? rc : flow_rest(r);
}

static int answer(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    (void)o;
    bool after = task->kind == FLOW_TASK_AFTER;
    int rc = after ? flow_not_taken(r, t) : 0;
    if (!rc) rc = flow_note(r, "answer", t, task->id, S(""));
    if (rc) return rc;
    if (standing(task) == LENT) {
        int64_t owner = task->owner_id;
        task->owner_id = 0;
        hand(r, task, owner);
        return 0;
    }
    rc = flow_task_end(r, t, task, FLOW_TASK_COMPLETED);
    return rc || !after ? rc : go_on(r, t, task->move);
}

/* The step's own task once more, for who decided it. */
static int object(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    const struct flow_task like = { .unit = task->unit, .due_ms = task->due_ms, .assignee_id = task->owner_id };
    (void)o;
    int rc = flow_not_taken(r, t);
    if (!rc) rc = flow_note(r, "object", t, task->id, S(""));
    if (rc) return rc;
    task->move = S("");
    rc = flow_task_end(r, t, task, FLOW_TASK_COMPLETED);
    return rc ? rc : flow_task_new(r, t, &like, NULL);
}

/* ---- the step decided ---- */

static int complete(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    const struct flow_element *el = t->element;
    size_t k = 0;
    int rc = flow_not_taken(r, t);
    if (rc) return rc;
    if (asked(r, t)) return flow_fail(r, ERR_STATE, "还有意见没有答复，答复以后再办，或者先撤回加签");
    while (k < el->n_moves && !str_eq(el->moves[k], o->move)) k++;
    if (k == el->n_moves) return err_field(r->e, ERR_INPUT, S("move"), "%s", "这一步没有所选的办理结果，请从列出的结果中选择一项");
    if (o->to == r->actor_id && o->to) return err_field(r->e, ERR_INPUT, S("to"), "%s", "不能选自己");
    flow_merge_vars(r, o->vars);
    task->move = el->moves[k]; /* lives in the model, not in the request */
    rc = flow_note(r, "complete", t, task->id, task->move);
    if (!rc) rc = flow_task_end(r, t, task, FLOW_TASK_COMPLETED);
    if (rc) return rc;
    if (o->to) {
        const struct flow_task like = { .kind = FLOW_TASK_AFTER, .unit = task->unit, .due_ms = task->due_ms, .move = task->move,
                                        .assignee_id = o->to, .owner_id = r->actor_id, .from_id = task->id };
        return flow_task_new(r, t, &like, NULL);
    }
    r->decided_id = task->id;
    r->decided = t;
    return go_on(r, t, task->move);
}

/* ---- back ---- */

/* The token enters `to` anew, as if nothing had been decided there; whoever is named gets its task. */
static int enter_again(struct flow_run *r, struct flow_token *t, const struct flow_element *to, int64_t whom, const char *word) {
    int rc = flow_tasks_end(r, t, FLOW_TASK_OBSOLETE);
    if (!rc) rc = flow_note(r, "leave", t, 0, str_of(word));
    if (rc) return rc;
    flow_timers_drop(r, t);
    if (to->result.len) val_put(r->arena, r->vars, to->result, val_null(r->arena));
    r->vars_changed = true;
    t->element = to;
    t->edge = NULL;
    r->given = t;
    r->given_to = whom;
    rc = flow_push(r, t, FLOW_OP_ENTER);
    return rc ? rc : flow_rest(r);
}

static int go_back(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    const struct flow_element *el = t->element;
    size_t k = 0;
    while (k < el->n_returns && !str_eq(el->returns[k], o->element)) k++;
    const struct flow_element *to = k < el->n_returns ? flow_element_find(r->model, el->returns[k]) : NULL;
    if (!to) return err_field(r->e, ERR_INPUT, S("element"), "%s", "不能退回到这个环节，请从列出的环节中选择一项");
    int rc = flow_not_taken(r, t);
    if (!rc) rc = flow_note(r, "return", t, task->id, to->id);
    return rc ? rc : enter_again(r, t, to, o->to, "return");
}

/* What came of a decision directly, and nobody has touched. */
static struct flow_task *heir(const struct flow_run *r, const struct flow_task *task) {
    for (size_t i = 0; i < r->n_task; i++) {
        struct flow_task *next = r->task[i];
        bool its = next->from_id == task->id && next->kind != FLOW_TASK_BEFORE && next->state <= FLOW_TASK_RESERVED;
        if (its && next->version == 1) return next;
    }
    return NULL;
}

static int recall_decision(struct flow_run *r, const struct flow_task *task) {
    struct flow_task *next = heir(r, task);
    struct flow_token *t = next ? flow_token_find(r, next->token_id) : NULL;
    const struct flow_element *to = flow_element_find(r->model, task->element);
    if (task->kind != FLOW_TASK_STEP || task->state != FLOW_TASK_COMPLETED || !t || !to || asked(r, t))
        return flow_fail(r, ERR_STATE, "已经有人接着办理，或者决定已经生效，不能再撤回");
    int rc = flow_not_taken(r, t);
    if (!rc) rc = flow_note(r, "recall", t, task->id, S(""));
    return rc ? rc : enter_again(r, t, to, r->actor_id, "recall");
}

static int recall(struct flow_run *r, struct flow_token *t, struct flow_task *task, const struct flow_order *o) {
    (void)o;
    if (standing(task) == ENDED) return recall_decision(r, task);
    int rc = flow_note(r, "recall", t, task->id, S(""));
    if (rc) return rc;
    if (task->kind == FLOW_TASK_BEFORE) return flow_task_end(r, t, task, FLOW_TASK_OBSOLETE);
    task->owner_id = 0;
    hand(r, task, r->actor_id);
    return 0;
}

/* ---- the table ---- */

static const struct row {
    unsigned standings;
    enum who who;
    enum when when;
    enum needs needs;
    act_function *function;
} rows[] = {
#define FLOW_ACT(id, word, standings, who, when, needs, function) { standings, who, when, needs, function },
#include "engine/flow/flow_acts.h"
#undef FLOW_ACT
};

/* Who may by how the task stands; rights are the caller's. */
static int judge_who(struct flow_run *r, const struct row *row, const struct flow_task *task, const struct flow_order *o) {
    int64_t own = standing(task) == ENDED ? task->ended_by_id : task->owner_id;
    if (row->who == OWN) return own == r->actor_id ? 0 : flow_fail(r, ERR_STATE, "不是您交办或者办理的，不能撤回");
    if (row->who == THEIRS)
        return task->assignee_id == o->to ? 0 : flow_fail(r, ERR_CONFLICT, "这项任务刚被别人领取、退回或转交");
    if (row->who == HELD) return task->assignee_id == r->actor_id ? 0 : flow_fail(r, ERR_STATE, "这项任务不在您手上");
    return !task->assignee_id || task->assignee_id == r->actor_id ? 0 : flow_fail(r, ERR_CONFLICT, "这项任务已经由他人领取");
}

static int judge(struct flow_run *r, const struct row *row, const struct flow_task *task, const struct flow_order *o) {
    int rc = row->when == ACTIVE ? flow_must_be_active(r) : flow_must_be_open(r);
    if (!rc) rc = judge_who(r, row, task, o);
    if (rc) return rc;
    if (!(row->standings & standing(task)))
        return flow_fail(r, ERR_STATE, standing(task) == LENT ? "这项任务是委派的，请出具意见，由委派人办理"
                                       : task->kind == FLOW_TASK_STEP ? "这项任务现在不能这样办"
                                                                      : "这项任务只要您的意见");
    if (row->needs != TO) return 0;
    if (o->to <= 0) return err_field(r->e, ERR_REQUIRED, S("to"), "%s", "同事");
    return o->to != r->actor_id ? 0 : err_field(r->e, ERR_INPUT, S("to"), "%s", "不能选自己");
}

int flow_do_act(struct flow_run *r, struct flow_task *task, const struct flow_order *o) {
    const struct row *row = &rows[o->act];
    struct flow_token *t = flow_token_find(r, task->token_id);
    int rc = judge(r, row, task, o);
    if (rc) return rc;
    if (standing(task) != ENDED && (!t || t->state != FLOW_TOKEN_TASK)) return flow_fail(r, ERR_DAMAGED, "task");
    return row->function(r, t, task, o);
}

int flow_do_complete(struct flow_run *r, struct flow_task *task, struct str move, const struct val *vars) {
    return flow_do_act(r, task, &(struct flow_order){ .act = FLOW_ACT_COMPLETE, .move = move, .vars = vars });
}

/* ---- on the store ---- */

static int closed(const struct flow_task *task, struct err *e) {
    if (task->state == FLOW_TASK_COMPLETED) return err_set(e, ERR_CONFLICT, "%s", "这项任务已经由他人办结，您的办理没有生效");
    return err_set(e, ERR_STATE, "%s", task->state == FLOW_TASK_WITHDRAWN ? "这件事已经撤回，任务不用再办"
                                                                           : "流程已经走到别处，任务不用再办");
}

/* The task as it stands now, of its instance as it stands now. Of `seen` only what never changes is believed. */
static int load_task(struct store_tx *tx, const struct flow_env *env, const struct flow_task *seen, int64_t actor_id, bool ended,
                     struct flow_run **ret, struct flow_task **ret_task, struct err *e) {
    int rc = flow_load(tx, env, seen->instance_id, actor_id, ret, e);
    *ret_task = NULL;
    for (size_t i = 0; !rc && !*ret_task && i < (*ret)->n_task; i++)
        if ((*ret)->task[i]->id == seen->id) *ret_task = (*ret)->task[i];
    if (rc || *ret_task) return rc;
    struct flow_task *now = *ret_task = arena_new(store_arena(tx), struct flow_task);
    if (!now) return err_set(e, ERR_MEMORY, "%s", "");
    rc = flow_task_get(tx, seen->id, now, e);
    return rc ? rc : ended ? 0 : closed(now, e);
}

int flow_task_act(struct store_tx *tx, const struct flow_env *env, const struct flow_task *seen, int64_t version, int64_t actor_id,
                  const struct flow_order *order, struct err *e) {
    struct flow_run *r;
    struct flow_task *task;
    int rc = load_task(tx, env, seen, actor_id, order->act == FLOW_ACT_RECALL, &r, &task, e);
    if (!rc && version != FLOW_ANY_VERSION && version != task->version)
        rc = err_set(e, ERR_CONFLICT, "%s", "这项任务刚被别人领取、退回或转交");
    if (!rc) rc = flow_do_act(r, task, order);
    return rc || (r->n_history == 0 && r->mark == FLOW_SAME) ? rc : flow_save(r);
}

int flow_task_claim(struct store_tx *tx, const struct flow_env *env, const struct flow_task *seen, int64_t version,
                    int64_t actor_id, struct err *e) {
    return flow_task_act(tx, env, seen, version, actor_id, &(struct flow_order){ .act = FLOW_ACT_CLAIM }, e);
}

int flow_task_unclaim(struct store_tx *tx, const struct flow_env *env, const struct flow_task *seen, int64_t version,
                      int64_t actor_id, struct err *e) {
    return flow_task_act(tx, env, seen, version, actor_id, &(struct flow_order){ .act = FLOW_ACT_RELEASE }, e);
}

int flow_task_complete(struct store_tx *tx, const struct flow_env *env, const struct flow_task *seen, int64_t version,
                       int64_t actor_id, struct str move, const struct val *vars, struct err *e) {
    const struct flow_order order = { .act = FLOW_ACT_COMPLETE, .move = move, .vars = vars };
    return flow_task_act(tx, env, seen, version, actor_id, &order, e);
}
