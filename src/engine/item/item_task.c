/* item_task: what officers do with their tasks, and what the realm's own workers do for cases; see item.h.
 * A task is reached through the scope rows of its role's list; holding the role at a unit that the row names is the right.
 */
#include "engine/item/item_rows.h"

#include "data/plain.h"
#include "engine/paper/paper.h"
#include "engine/rule/rule.h"

int item_task_judge(struct store_tx *tx, const struct scope_token *t, const struct flow_task *task, const struct item_case *c,
                    struct scope_token *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_token mine;
    uint32_t reached = 0;
    bool open = task->state == FLOW_TASK_READY || task->state == FLOW_TASK_RESERVED;
    if (!access_holds(t->who, task->role)) return err_set(e, ERR_NOT_FOUND, NULL);
    access_narrow(t, t->who, task->role, &mine);
    mine.reached = &reached;
    int rc = open ? scope_reaches(tx, &mine, ARENA_CAT(a, S("task."), task->role), task->id, e)
                  : scope_reaches(tx, &mine, S("case"), task->case_id, e);
    struct val *object = item_case_object(a, c);
    val_put_str(a, object, S("role"), task->role);
    if (!rc) rc = access_check(&mine, t->who, object, a, e);
    mine.reached = t->reached;
    if (ret) *ret = mine;
    return rc;
}

/* Opens the act, finds the task within the actor's reach, loads its case. */
int item_task_open(struct act *act, struct store_tx *tx, const struct realm *r, const struct actor *who, struct str name, int64_t task_id,
                   struct flow_task *t, struct item_case *c, struct err *e) {
    access_asked(tx, S("task"), task_id, 0);
    int rc = act_open(act, tx, r, who, name, e);
    if (!rc) rc = flow_task_get(tx, task_id, t, e);
    if (rc) return rc;
    access_asked(tx, S("task"), task_id, t->case_id);
    rc = item_case_get(tx, r, NULL, t->case_id, c, e);
    if (!rc) rc = item_task_judge(tx, &act->scope, t, c, &act->scope, e);
    if (rc) return rc;
    act->release = c->release;
    act->subject = c->person;
    return 0;
}

static int check_words(struct str move, struct str opinion, struct str basis, struct err *e) {
    bool refuses = str_eq(move, S("refuse")), asks = str_eq(move, S("supplement"));
    if ((refuses || asks) && str_trim(opinion).len == 0)
        return err_field(e, ERR_REQUIRED, S("opinion"), refuses ? "不予许可的理由" : "需要补正的全部内容");
    if (refuses && str_trim(basis).len == 0) return err_field(e, ERR_REQUIRED, S("basis"), "不予许可的法律依据");
    if (str_utf8_count(opinion) > 1000) return err_field(e, ERR_TOO_LONG, S("opinion"), "1000");
    if (str_utf8_count(basis) > 200) return err_field(e, ERR_TOO_LONG, S("basis"), "200");
    if (!plain_text(opinion, true)) return err_field(e, ERR_CHARACTERS, S("opinion"), NULL);
    return plain_text(basis, true) ? 0 : err_field(e, ERR_CHARACTERS, S("basis"), NULL);
}

struct val *item_decision_body(struct arena *a, const struct val *ev) {
    static const struct str keys[] = { S_INIT("title"), S_INIT("move"), S_INIT("opinion"), S_INIT("basis"), S_INIT("name"),
                                       S_INIT("for") };
    struct val *body = val_map(a);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) val_put_str(a, body, keys[i], val_get_str(ev, keys[i]));
    return body;
}

/* The decision as an event of the log: {title, move, opinion, basis, name, for}. */
static struct val *words_of(struct arena *a, const struct item_case *c, const struct flow_task *t, const struct actor *who,
                            const struct item_task_order *o) {
    struct val *body = val_map(a);
    val_put_str(a, body, S("title"), t->title);
    val_put_str(a, body, S("move"), o->move);
    val_put_str(a, body, S("opinion"), o->text);
    val_put_str(a, body, S("basis"), o->basis);
    val_put_str(a, body, S("name"), who->name);
    item_put_place(a, body, c, t, who->account);
    return body;
}

/* Whose word is wanted before the decision goes on: a power of its own, and somebody who could decide it himself. */
static int check_after(struct act *act, const struct flow_task *t, const struct item_case *c, int64_t to, struct err *e) {
    struct scope_token token;
    struct str name;
    int rc = access_may(act->realm, act->who, S("task.hand"), &token, e);
    if (!rc) rc = item_task_judge(act->tx, &token, t, c, NULL, e);
    return rc ? rc : item_colleague(act->tx, act->realm, t, c, to, &name, e);
}

int item_task_decide(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_task_order *o,
                     struct err *e) {
    struct act act;
    struct flow_task t;
    struct item_case c;
    struct flow_env env;
    struct item_flow_context x = { &act, &c };
    struct flow_order order = { .act = FLOW_ACT_COMPLETE, .move = o->move, .to = o->to };
    struct val *vars = NULL;
    int rc = item_task_open(&act, tx, r, who, S("task.complete"), o->task, &t, &c, e);
    if (!rc) rc = check_words(o->move, o->text, o->basis, e);
    if (rc) return rc;
    if (t.state == FLOW_TASK_COMPLETED)
        return err_set(e, ERR_CONFLICT, t.ended_by_id == who->account ? "这个任务您已经办完" : "这个任务已由别人办完");
    rc = item_unbound(tx, r, &c, who, e);
    if (!rc && t.ended_ms == 0) rc = item_given_take(&c, t.element, o->move, o->given, store_arena(tx), &vars, o->errors, e);
    order.vars = vars;
    if (!rc && o->to) rc = check_after(&act, &t, &c, o->to, e);
    if (!rc) rc = item_events_keep(tx, r, &c, e);
    if (rc) return rc;
    struct item_event ev = { .kind = o->to ? S("countersign") : S("task"), .part = item_step_part(&c, t.element), .task = o->task,
                             .unit = who->n_posts ? who->posts[0].unit : 0, .account = who->account,
                             .body = words_of(store_arena(tx), &c, &t, who, o) };
    /* The event first: a refusal notice that the process issues reads the opinion from the log. */
    if (!rc) rc = item_event_add_keep(tx, r, &c, &ev, e);
    item_flow_env(&x, &env);
    if (!rc) rc = flow_task_act(tx, &env, &t, o->version, who->account, &order, e);
    if (!rc) rc = item_presence_end(tx, r, who->account, o->task, e);
    if (!rc) rc = item_flow_settle(&act, &c, e);
    if (!rc && o->to) rc = item_act_tell(&act, &c, &t, o->to, S("task-confirm"), o->text, e);
    return rc ? rc : act_close(&act, S("task"), o->task, c.id, o->move, e);
}

int item_task_complete(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, int64_t version, struct str move,
                       struct str opinion, struct str basis, struct err *e) {
    const struct item_task_order o = { .task = task, .version = version, .move = move, .text = opinion, .basis = basis };
    return item_task_decide(tx, r, who, &o, e);
}

struct str item_last_opinion(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str part) {
    struct val *events;
    struct str found = S("");
    if (item_events(tx, r, c, &events, NULL)) return found;
    for (size_t i = 0; i < val_count(events); i++) {
        const struct val *v = val_item(events, i);
        if (!str_eq(val_get_str(v, S("kind")), S("task")) || !str_eq(val_get_str(v, S("part")), part)) continue;
        struct str basis = val_get_str(v, S("basis"));
        found = ARENA_CAT(store_arena(tx), val_get_str(v, S("opinion")), basis.len ? S("（") : S(""), basis, basis.len ? S("）") : S(""));
    }
    return found;
}

int item_paper_done(struct store_tx *tx, const struct realm *r, const struct actor *worker, int64_t paper, const uint8_t blob[32],
                    struct err *e) {
    struct act act;
    struct item_case c;
    struct flow_env env;
    struct item_flow_context x = { &act, &c };
    struct paper_row p;
    access_asked(tx, S("paper"), paper, 0);
    int rc = act_open(&act, tx, r, worker, S("paper.issue"), e);
    if (!rc) rc = paper_get(tx, r, paper, &p, e);
    if (!rc) rc = item_case_get(tx, r, NULL, p.case_id, &c, e);
    if (!rc) rc = paper_finish(&act, paper, blob, e);
    item_flow_env(&x, &env);
    /* A case withdrawn meanwhile no longer waits: the paper stands, the process has ended. */
    if (!rc) rc = flow_service_done(tx, &env, p.wait, NULL, e);
    if (rc == ERR_CONFLICT && c.ended_ms) rc = 0;
    if (!rc) rc = item_flow_settle(&act, &c, e);
    if (rc) return rc;
    act.subject = c.person;
    act.release = c.release;
    return act_close(&act, S("paper"), paper, c.id, p.number, e);
}

int item_timer_fire(struct store_tx *tx, const struct realm *r, const struct actor *worker, int64_t timer, bool *fired, struct err *e) {
    struct act act;
    struct item_case c;
    struct flow_env env;
    struct item_flow_context x = { &act, &c };
    int64_t case_id;
    *fired = false;
    int rc = act_open(&act, tx, r, worker, S("clock.hold"), e);
    if (!rc) rc = flow_timer_case(tx, timer, &case_id, e);
    if (rc == ERR_NOT_FOUND) {
        err_clear(e); /* another was faster */
        return 0;
    }
    if (!rc) rc = item_case_get(tx, r, NULL, case_id, &c, e);
    item_flow_env(&x, &env);
    if (!rc) rc = flow_timer_fire(tx, &env, timer, fired, e);
    if (rc || !*fired) return rc;
    rc = item_flow_settle(&act, &c, e);
    act.subject = c.person;
    act.release = c.release;
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, S("timer"), e);
}
