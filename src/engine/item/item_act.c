/* item_act: what officers do with tasks besides deciding them: the rows of item_acts.h; see item.h. The process engine judges how the
 * task stands and moves it (flow_acts.h); here it is judged who may by right, and the case's log, lists and notices are kept.
 *
 * Invariants: 1. A right is never widened: whoever is given a task, or asked about it, could do it by his own posts. 2. Of what
 * officers say among themselves the applicant is shown nothing (item_inner_event), of a decision that waits for
 * another's word neither; that one was undone he is told, without the words (item_inner_told). 3. What is taken or given back stands
 * in the log. 4. What is another's is taken by who stands in for him at that moment and in that matter, and by nobody else; the entry
 * names both.
 */
#include "engine/item/item_follow.h"
#include "engine/item/item_rows.h"

#include "data/plain.h"
#include "engine/deputy/deputy.h"

enum { NONE = -1, TO = 1, TEXT = 2, QUIET = 4, BOUND = 8, PLACE = 16 };
enum tell { TELL_NOBODY, TELL_TO, TELL_OWNER, TELL_HOLDER, TELL_OTHERS };
enum { TOLD_MAX = 20 };

/* The reason of a recall that undid a decision: the applicant was shown the one, and is shown the other. */
static const struct str undone = S_INIT("decision");

struct item_act_row {
    struct str verb, power;
    int flow;
    unsigned needs;
    enum tell tell;
    struct str notice, words;
};
static const struct item_act_row rows[] = {
#define ITEM_ACT(verb, power, flow, needs, tell, notice, words) \
    { S_INIT(verb), S_INIT(power), flow, needs, TELL_##tell, S_INIT(notice), S_INIT(words) },
#include "engine/item/item_acts.h"
#undef ITEM_ACT
};

static const struct item_act_row *row_of(struct str verb) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_eq(rows[i].verb, verb)) return &rows[i];
    return NULL;
}

struct str item_act_words(struct str verb) {
    const struct item_act_row *row = row_of(verb);
    return row ? row->words : S("");
}

bool item_inner_event(struct str kind) {
    return row_of(kind) != NULL;
}

bool item_inner_told(const struct val *ev) {
    struct str kind = val_get_str(ev, S("kind"));
    return str_eq(kind, S("return")) || (str_eq(kind, S("recall")) && str_eq(val_get_str(ev, S("reason")), undone));
}

/* ---- who may be given it ---- */

static int colleagues(struct store_tx *tx, const struct realm *r, const struct flow_task *t, const struct item_case *c, struct val **ret,
                      struct err *e) {
    int64_t unit;
    int rc = item_task_unit(tx, r, c, t, &unit, NULL, e);
    return rc ? rc : identity_colleagues(tx, r, t->role, unit, ret, e);
}

/* By posts at the task's unit or above it, and by the conditions of his own grants. */
int item_colleague(struct store_tx *tx, const struct realm *r, const struct flow_task *t, const struct item_case *c, int64_t to,
                   struct str *ret_name, struct err *e) {
    struct scope_token token;
    struct actor who;
    struct err ignored;
    struct val *list;
    struct str why = S("");
    bool listed = false;
    if (to <= 0) return err_field(e, ERR_REQUIRED, S("to"), "同事");
    int rc = colleagues(tx, r, t, c, &list, e);
    for (size_t i = 0; !rc && i < val_count(list); i++) listed |= val_get_i64(val_item(list, i), S("id"), 0) == to;
    if (rc) return rc;
    bool may = listed && identity_actor_of(tx, r, to, &who, &ignored) == 0 &&
               access_may(r, &who, S("task.complete"), &token, &ignored) == 0 &&
               item_task_judge(tx, &token, t, c, NULL, &ignored) == 0;
    if (may) rc = item_bound(tx, r, c, &who, &why, e);
    if (rc) return rc;
    if (why.len) return err_field(e, ERR_INPUT, S("to"), "这位同事应当回避这个办件");
    if (!may) return err_field(e, ERR_INPUT, S("to"), "这位同事没有办理这项任务的权限，请选择列出的同事");
    *ret_name = who.name;
    return 0;
}

int item_colleagues_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct val **ret,
                         struct err *e) {
    struct scope_token token;
    struct flow_task t;
    struct item_case c;
    struct val *list;
    int rc = access_may(r, who, S("task.read"), &token, e);
    if (!rc) rc = flow_task_get(tx, task, &t, e);
    if (!rc) rc = item_case_get(tx, r, NULL, t.case_id, &c, e);
    if (!rc) rc = item_task_judge(tx, &token, &t, &c, NULL, e);
    if (!rc) rc = colleagues(tx, r, &t, &c, &list, e);
    if (rc) return rc;
    *ret = val_list(store_arena(tx));
    for (size_t i = 0; i < val_count(list); i++)
        if (val_get_i64(val_item(list, i), S("id"), 0) != who->account) val_push(store_arena(tx), *ret, list->u.list.item[i]);
    return item_absences_put(tx, r, &c, *ret, e);
}

/* ---- one act ---- */

struct doing {
    struct act act;
    const struct item_act_row *row;
    const struct item_task_order *o;
    struct flow_task t;
    struct item_case c;
    int64_t to;          /* whom the process is told */
    struct str to_name;
    int64_t holder;      /* who had what is taken away */
    int64_t standing;    /* by which it is done in another's place (engine/deputy); 0: in one's own */
    bool held;           /* the decision that is taken back still waited for another's word */
};

static int check_text(const struct doing *x, struct err *e) {
    if ((x->row->needs & TEXT) && str_trim(x->o->text).len == 0) return err_field(e, ERR_REQUIRED, S("text"), "说明");
    if (str_utf8_count(x->o->text) > ITEM_TASK_TEXT_MAX) return err_field(e, ERR_TOO_LONG, S("text"), "%d", ITEM_TASK_TEXT_MAX);
    return plain_text(x->o->text, true) ? 0 : err_field(e, ERR_CHARACTERS, S("text"), NULL);
}

/* Who decided that step last gets it back, if he still may. */
static int find_who_did(struct doing *x, const struct flow_task *tasks, size_t n) {
    int64_t who = 0;
    struct err ignored;
    for (size_t i = 0; i < n; i++)
        if (str_eq(tasks[i].element, x->o->element) && tasks[i].kind == FLOW_TASK_STEP && tasks[i].state == FLOW_TASK_COMPLETED)
            who = tasks[i].ended_by_id;
    for (size_t i = 0; who && i < n; i++) {
        if (!str_eq(tasks[i].element, x->o->element)) continue;
        struct flow_task again = tasks[i];
        again.state = FLOW_TASK_COMPLETED; /* reached by its case: it stands in no queue yet */
        if (item_colleague(x->act.tx, x->act.realm, &again, &x->c, who, &x->to_name, &ignored) == 0) x->to = who;
        break;
    }
    return 0;
}

/* What the decision led to; a request to the applicant has reached him. */
static int find_heir(struct doing *x, const struct flow_task *tasks, size_t n, struct err *e) {
    if (x->t.state <= FLOW_TASK_RESERVED) {
        x->holder = x->t.assignee_id;
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (tasks[i].from_id != x->t.id || tasks[i].kind == FLOW_TASK_BEFORE || tasks[i].state > FLOW_TASK_RESERVED) continue;
        x->holder = tasks[i].assignee_id;
        x->held = tasks[i].kind == FLOW_TASK_AFTER;
        if (str_eq(tasks[i].role, S("applicant"))) return err_set(e, ERR_STATE, "已经通知申请人，不能再撤回");
    }
    return 0;
}

/* In whose place: its holder's, who is away, and for whom the actor stands in. */
static int find_place(struct doing *x, struct err *e) {
    struct deputy d = { 0 };
    int64_t holder = x->t.assignee_id;
    if (x->t.state > FLOW_TASK_RESERVED) return 0; /* how it ended is the process's to tell */
    if (!holder) return err_set(e, ERR_STATE, "这项任务没有人签收，不用代办，请直接签收");
    if (holder == x->act.who->account) return err_set(e, ERR_CONFLICT, "这项任务已经在您手上");
    int rc = deputy_for(x->act.tx, x->act.realm, holder, x->c.system->id, x->c.item, &d, e);
    if (!rc && d.deputy != x->act.who->account) rc = err_set(e, ERR_STATE, "这项任务在别人手上，他现在没有委托您代办这个事项");
    x->to = x->holder = x->act.in_place = holder;
    x->to_name = d.principal_name;
    x->standing = d.id;
    return rc;
}

static int prepare(struct doing *x, struct err *e) {
    struct store_tx *tx = x->act.tx;
    struct flow_task *tasks;
    size_t n;
    bool back = x->row->flow == FLOW_ACT_RETURN, recall = x->row->flow == FLOW_ACT_RECALL;
    int rc = check_text(x, e);
    x->to = x->o->to;
    if (!rc && (x->row->needs & TO)) rc = item_colleague(tx, x->act.realm, &x->t, &x->c, x->to, &x->to_name, e);
    if (!rc && (x->row->needs & PLACE)) rc = find_place(x, e);
    if (rc || (!back && !recall)) return rc;
    x->to = 0;
    rc = flow_tasks_of(tx, x->c.id, &tasks, &n, e);
    if (!rc && back) rc = find_who_did(x, tasks, n);
    return rc || !recall ? rc : find_heir(x, tasks, n, e);
}

static int note(struct doing *x, struct err *e) {
    struct arena *a = store_arena(x->act.tx);
    const struct actor *who = x->act.who;
    struct val *body = val_map(a);
    val_put_str(a, body, S("title"), x->t.title);
    val_put_str(a, body, S("opinion"), x->o->text);
    val_put_str(a, body, S("name"), who->name);
    if (x->to_name.len) val_put_str(a, body, S("to"), x->to_name);
    if (!x->standing) item_put_place(a, body, &x->c, &x->t, who->account);
    bool decided = x->row->flow == FLOW_ACT_RECALL && x->t.state == FLOW_TASK_COMPLETED && !x->held;
    const struct item_event ev = { .kind = x->row->verb, .part = item_step_part(&x->c, x->t.element), .task = x->t.id,
                                   .reason = decided ? undone : S(""),
                                   .unit = who->n_posts ? who->posts[0].unit : 0, .account = who->account, .body = body };
    return item_event_add(x->act.tx, x->act.realm, &x->c, &ev, e);
}

/* A decision that waited for this word takes effect: from here on it is an event like any other decision, in the words and the name of
 * who decided. */
static int note_decision(struct doing *x, struct err *e) {
    const struct val *held = NULL;
    for (size_t i = 0; i < val_count(x->c.events); i++) {
        const struct val *ev = val_item(x->c.events, i);
        bool its = val_get_i64(ev, S("task"), 0) == x->t.from_id && str_eq(val_get_str(ev, S("kind")), S("countersign"));
        if (its) held = ev;
    }
    if (x->row->flow != FLOW_ACT_ANSWER || x->t.kind != FLOW_TASK_AFTER || !held) return 0;
    const struct item_event ev = { .kind = S("task"), .part = val_get_str(held, S("part")), .task = x->t.from_id,
                                   .unit = val_get_i64(held, S("unit"), 0), .account = val_get_i64(held, S("account"), 0),
                                   .body = item_decision_body(store_arena(x->act.tx), held) };
    return item_event_add(x->act.tx, x->act.realm, &x->c, &ev, e);
}

/* The lists of what is in whose hands, after the process moved it. */
static int keep_lists(struct doing *x, struct err *e) {
    struct store_tx *tx = x->act.tx;
    struct flow_task now;
    int rc = flow_task_get(tx, x->t.id, &now, e);
    if (!rc && now.state <= FLOW_TASK_RESERVED && now.assignee_id != x->t.assignee_id)
        rc = item_task_lists_claimed(&x->act, &x->c, &now, e);
    bool gone = now.state > FLOW_TASK_RESERVED || now.assignee_id != x->act.who->account;
    return rc || !gone ? rc : item_presence_end(tx, x->act.realm, x->act.who->account, x->t.id, e);
}

/* Whoever must not deal with the case gives up what he has of it: his task goes to all, what he was asked goes back to who asked. */
static int gives_up(const struct flow_task *t, int64_t account) {
    if (t->assignee_id != account || t->state > FLOW_TASK_RESERVED) return NONE;
    if (t->kind == FLOW_TASK_AFTER) return FLOW_ACT_OBJECT;
    return t->kind == FLOW_TASK_BEFORE || t->owner_id ? FLOW_ACT_ANSWER : FLOW_ACT_RELEASE;
}

static int move(struct doing *x, struct err *e) {
    const int flow = x->row->tell == TELL_OTHERS ? gives_up(&x->t, x->act.who->account) : x->row->flow;
    const struct flow_order order = { .act = (enum flow_act)flow, .to = x->to, .element = x->o->element };
    struct item_flow_context context = { &x->act, &x->c };
    struct flow_env env;
    if (flow == NONE) return 0;
    item_flow_env(&context, &env);
    int rc = flow_task_act(x->act.tx, &env, &x->t, x->o->version, x->act.who->account, &order, e);
    return rc ? rc : keep_lists(x, e);
}

/* ---- notices ---- */

int item_act_tell(struct act *act, struct item_case *c, const struct flow_task *t, int64_t account, struct str notice, struct str text,
                  struct err *e) {
    struct arena *a = store_arena(act->tx);
    struct val *more = val_map(a);
    if (account == act->who->account) return 0; /* who did it knows */
    val_put_str(a, more, S("step"), t->title);
    val_put_str(a, more, S("by"), act->who->name);
    val_put_str(a, more, S("text"), text);
    int rc = item_flow_tell_one(act, c, account, notice, more, e);
    return rc || act->in_place == account ? rc : item_deputy_tell(act, c, t, account, more, e);
}

static int tell(struct doing *x, struct err *e) {
    int64_t whom[TOLD_MAX] = { 0 }, unit;
    size_t n = 1;
    int rc = 0;
    switch (x->row->tell) {
    case TELL_NOBODY: return 0;
    case TELL_TO: whom[0] = x->o->to; break;
    case TELL_OTHERS:
    case TELL_OWNER: whom[0] = x->t.owner_id; break;
    case TELL_HOLDER: whom[0] = x->row->flow == FLOW_ACT_RETURN ? x->to : x->holder ? x->holder : x->t.assignee_id; break;
    }
    if (x->row->flow == NONE && whom[0] == 0) { /* nobody holds it: who could */
        rc = item_task_unit(x->act.tx, x->act.realm, &x->c, &x->t, &unit, NULL, e);
        if (!rc) rc = identity_holders(x->act.tx, x->act.realm, x->t.role, unit, whom, TOLD_MAX, &n, e);
    }
    for (size_t i = 0; !rc && i < n; i++)
        if (whom[i]) rc = item_act_tell(&x->act, &x->c, &x->t, whom[i], x->row->notice, x->o->text, e);
    return rc;
}

/* ---- urging and copying: no task moves ---- */

/* Whoever reaches the case may urge. `*urged_ms`: when somebody did last; 0: never. */
static int reach_urge(struct store_tx *tx, const struct realm *r, const struct scope_token *token, int64_t task, struct flow_task *t,
                      struct item_case *c, int64_t *urged_ms, struct err *e) {
    struct val *events;
    *urged_ms = 0;
    access_asked(tx, S("task"), task, 0);
    int rc = flow_task_get(tx, task, t, e);
    if (rc) return rc;
    access_asked(tx, S("task"), task, t->case_id);
    rc = item_case_get(tx, r, token, t->case_id, c, e);
    if (rc) return rc;
    rc = item_events(tx, r, c, &events, e);
    for (size_t i = 0; !rc && i < val_count(events); i++)
        if (val_get_i64(val_item(events, i), S("task"), 0) == t->id && str_eq(val_get_str(val_item(events, i), S("kind")), S("urge")))
            *urged_ms = val_get_i64(val_item(events, i), S("at_ms"), 0);
    return rc;
}

/* Once a day for each task. */
static int open_urge(struct doing *x, struct store_tx *tx, const struct realm *r, const struct actor *who, struct err *e) {
    int64_t urged_ms;
    int rc = act_open(&x->act, tx, r, who, x->row->power, e);
    if (!rc) rc = reach_urge(tx, r, &x->act.scope, x->o->task, &x->t, &x->c, &urged_ms, e);
    if (rc) return rc;
    x->act.release = x->c.release;
    x->act.subject = x->c.person;
    if (x->t.state > FLOW_TASK_RESERVED) return err_set(e, ERR_STATE, "这个任务已经办完，不用再催");
    if (str_eq(x->t.role, S("applicant"))) return err_set(e, ERR_STATE, "正在等申请人补正，不能催办");
    if (urged_ms && tz_date(r->tz, urged_ms).day == tz_date(r->tz, store_now_ms(tx)).day)
        return err_set(e, ERR_STATE, "今天已经催办过这个任务，请明天再催");
    return 0;
}

int item_urge_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct str lang, struct val **ret,
                   struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_token token;
    struct flow_task t;
    struct item_case c;
    struct str name = S("");
    int64_t urged_ms;
    int rc = access_may(r, who, S("task.urge"), &token, e);
    if (!rc) rc = reach_urge(tx, r, &token, task, &t, &c, &urged_ms, e);
    if (!rc && t.assignee_id) rc = identity_account_name(tx, r, t.assignee_id, &name, e);
    if (rc) return rc;
    struct val *v = *ret = val_map(a);
    val_put_i64(a, v, S("id"), t.id);
    val_put_bool(a, v, S("open"), t.state <= FLOW_TASK_RESERVED && !str_eq(t.role, S("applicant")));
    val_put_i64(a, v, S("case_id"), c.id);
    val_put_str(a, v, S("number"), c.number);
    val_put_str(a, v, S("item"), system_text(c.system, lang, c.type->name));
    val_put_str(a, v, S("title"), system_text(c.system, lang, t.title));
    val_put_str(a, v, S("by"), name);
    val_put_str(a, v, S("since"), realm_time(r, a, lang, t.made_ms));
    val_put_str(a, v, S("until"), t.due_ms ? realm_day(r, a, lang, t.due_ms - 1) : S(""));
    val_put_bool(a, v, S("late"), t.due_ms && t.due_ms <= store_now_ms(tx));
    val_put_str(a, v, S("urged"), urged_ms ? realm_time(r, a, lang, urged_ms) : S(""));
    return 0;
}

static int place_copy(struct doing *x, struct err *e) {
    struct store_tx *tx = x->act.tx;
    const struct scope_keys keys = { .first = x->t.made_ms, .second = x->t.made_ms, .a = x->c.item,
                                     .b = ARENA_CAT(store_arena(tx), x->c.item, S("/"), x->t.element) };
    return scope_place(tx, x->act.realm->home, S("copied"), x->to, &keys, x->t.id, e);
}

/* What was taken by one standing, for its page. */
static int place_taken(struct doing *x, struct err *e) {
    const struct scope_keys keys = { .first = store_now_ms(x->act.tx), .second = store_now_ms(x->act.tx), .a = x->c.item,
                                     .b = ARENA_CAT(store_arena(x->act.tx), x->c.item, S("/"), x->t.element) };
    return scope_place(x->act.tx, x->act.realm->home, S("taken"), x->standing, &keys, x->t.id, e);
}

int item_task_do(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_task_order *o, struct err *e) {
    struct doing x = { .row = row_of(o->verb), .o = o };
    if (!x.row) return err_set(e, ERR_SYNTAX, "%.*s", STR_ARG(o->verb));
    if (x.row->flow == FLOW_ACT_COMPLETE) return item_task_decide(tx, r, who, o, e);
    bool urges = x.row->flow == NONE && x.row->tell == TELL_HOLDER; /* the one act for which reaching the case is enough */
    int rc = urges ? open_urge(&x, tx, r, who, e) : item_task_open(&x.act, tx, r, who, x.row->power, o->task, &x.t, &x.c, e);
    if (!rc && !(x.row->needs & BOUND)) rc = item_unbound(tx, r, &x.c, who, e);
    if (!rc) rc = prepare(&x, e);
    if (!rc && x.row->tell == TELL_OTHERS) {
        item_declare(store_arena(tx), &x.c, who->account);
        rc = item_follow_end(&x.act, who->account, x.c.id, e);
    }
    if (!rc && !(x.row->needs & QUIET)) rc = item_events_keep(tx, r, &x.c, e);
    if (!rc && !(x.row->needs & QUIET)) rc = note(&x, e);
    if (!rc) rc = note_decision(&x, e);
    if (!rc) rc = move(&x, e);
    if (!rc && x.row->tell == TELL_TO && x.row->flow == NONE) rc = place_copy(&x, e);
    if (!rc && x.standing) rc = place_taken(&x, e);
    if (!rc && !(x.row->needs & QUIET)) rc = item_flow_settle(&x.act, &x.c, e);
    if (!rc) rc = tell(&x, e);
    if (rc) return rc;
    struct str detail = x.to ? arena_fmt(store_arena(tx), "%.*s %lld", STR_ARG(o->verb), (long long)x.to) : o->verb;
    return act_close(&x.act, S("task"), o->task, x.c.id, x.row->needs & QUIET ? S("") : detail, e);
}

int item_task_claim(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct err *e) {
    return item_task_do(tx, r, who, &(struct item_task_order){ .verb = S("claim"), .task = task, .version = FLOW_ANY_VERSION }, e);
}

int item_task_release(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct err *e) {
    return item_task_do(tx, r, who, &(struct item_task_order){ .verb = S("release"), .task = task, .version = FLOW_ANY_VERSION }, e);
}

/* ---- what a page may offer ---- */

/* Of the rows that suit how the task stands, those that this officer has the power for: {verb: true}. */
struct val *item_act_offers(const struct realm *r, const struct actor *who, const struct flow_task *t, size_t asked, bool heir,
                            bool bound, bool stands_in, const struct flow_element *el, struct arena *a) {
    bool open = t->state <= FLOW_TASK_RESERVED, mine = t->assignee_id == who->account, free = open && (mine || !t->assignee_id);
    bool lent = open && t->kind == FLOW_TASK_STEP && t->owner_id, step = open && t->kind == FLOW_TASK_STEP && !lent;
    bool own = open ? t->owner_id == who->account && t->kind != FLOW_TASK_AFTER : heir && t->ended_by_id == who->account;
    const struct {
        struct str verb;
        bool fits;
    } offers[] = {
        { S("decide"), free && step && !asked },
        { S("waits"), free && step && asked },
        { S("claim"), free && step && !mine },
        { S("release"), mine && step },
        { S("take"), open && stands_in },
        { S("transfer"), free && !lent },
        { S("delegate"), free && step },
        { S("consult"), free && step },
        { S("countersign"), free && step && !asked },
        { S("return"), free && step && el && el->n_returns },
        { S("opinion"), mine && open && !step },
        { S("object"), mine && open && t->kind == FLOW_TASK_AFTER },
        { S("recall"), own && (open ? lent || t->kind == FLOW_TASK_BEFORE : t->kind == FLOW_TASK_STEP) },
        { S("copy"), true },
        { S("recuse"), open && !bound },
    };
    struct val *v = val_map(a);
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        const struct item_act_row *row = row_of(offers[i].verb);
        struct scope_token ignored;
        bool may = access_may(r, who, row ? row->power : S("task.complete"), &ignored, NULL) == 0;
        val_put_bool(a, v, offers[i].verb, offers[i].fits && may && (!bound || (row && (row->needs & BOUND))));
    }
    return v;
}
