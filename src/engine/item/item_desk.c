/* item_desk: what officers see: tasks with their case (lists: item_queue.c); and what everybody sees of items: guides and search. See item.h. */
#include "engine/item/item_rows.h"

/* Its step; and what is wanted of it, where that is not the decision. */
static struct str title_of(const struct realm *r, const struct item_case *c, const struct flow_task *t, struct str lang, struct arena *a) {
    struct str title = system_text(c->system, lang, t->title), form = S("");
    struct val *args = val_map(a);
    val_put_str(a, args, S("step"), title);
    if (t->kind == FLOW_TASK_BEFORE) form = S("{step}（加签，请出具意见）");
    else if (t->kind == FLOW_TASK_AFTER) form = S("{step}（会签，请确认决定）");
    else if (t->owner_id && t->state <= FLOW_TASK_RESERVED) form = S("{step}（委派，请出具意见）");
    return form.len ? po_fill(a, realm_text(r, lang, form), args) : title;
}

static struct val *task_row(const struct realm *r, const struct item_case *c, const struct flow_task *t, int64_t now_ms, int64_t me,
                            struct str lang, struct arena *a) {
    struct val *v = val_map(a);
    int64_t due = t->due_ms ? t->due_ms : c->due_ms;
    val_put_i64(a, v, S("id"), t->id);
    val_put_i64(a, v, S("version"), t->version);
    val_put_i64(a, v, S("case_id"), c->id);
    val_put_str(a, v, S("number"), c->number);
    val_put_str(a, v, S("item"), system_text(c->system, lang, c->type->name));
    val_put_str(a, v, S("title"), title_of(r, c, t, lang, a));
    val_put_str(a, v, S("applicant"), val_text(val_path(c->body, c->company ? S("prefill.company.name") : S("prefill.applicant.name"))));
    val_put_str(a, v, S("made"), realm_time(r, a, lang, t->made_ms));
    if (t->ended_ms) val_put_str(a, v, S("ended"), realm_time(r, a, lang, t->ended_ms));
    if (t->move.len) val_put_str(a, v, S("move"), item_word_text(r, lang, t->move));
    if (due) {
        struct civil_date today = tz_date(r->tz, now_ms), last = tz_date(r->tz, due - 1);
        int32_t days = clock_workdays_between(r->calendar, today, last);
        struct buf iso;
        buf_init(&iso, a, 16, 16);
        civil_write(&iso, last);
        val_put_str(a, v, S("due"), realm_day(r, a, lang, due - 1));
        val_put_str(a, v, S("due_iso"), buf_str(&iso));
        val_put_i64(a, v, S("days"), days < 0 ? -days : days);
        val_put_bool(a, v, S("late"), due <= now_ms);
        val_put_bool(a, v, S("soon"), due > now_ms && days <= 2);
    }
    val_put_str(a, v, S("role"), t->role);
    item_hold_put(r, c, t, now_ms, lang, v, a);
    /* The case's clock stands for whatever reason; a limit of the step's own goes on, but for a hold of its own. */
    val_put_str(a, v, S("stands"), t->ended_ms ? S("") : item_stands_text(r, c, lang, a));
    val_put_bool(a, v, S("own_limit"), t->due_ms != 0);
    val_put_bool(a, v, S("mine"), t->assignee_id == me && me != 0);
    val_put_bool(a, v, S("taken"), t->assignee_id != 0 && t->assignee_id != me);
    return v;
}

/* Who holds it, or who ended it. */
static int put_holder(struct store_tx *tx, const struct realm *r, const struct flow_task *t, struct val *v, struct err *e) {
    struct str name = S("");
    int64_t who = t->ended_by_id ? t->ended_by_id : t->assignee_id;
    int rc = who ? identity_account_name(tx, r, who, &name, e) : 0;
    val_put_str(store_arena(tx), v, t->ended_by_id ? S("ended_by") : S("claimed_by"), name);
    return rc;
}

static void put_moves(const struct realm *r, const struct item_case *c, const struct flow_task *t, struct str lang, struct val *v,
                      struct arena *a) {
    const struct flow_model *m = system_find(c->system, SYSTEM_FLOW, c->type->flow);
    const struct flow_element *el = m ? flow_element_find(m, t->element) : NULL;
    struct val *list = val_list(a);
    bool accepts = false; /* then what is refused is to take it up */
    for (size_t i = 0; el && i < el->n_moves; i++) accepts |= str_eq(el->moves[i], S("accept"));
    for (size_t i = 0; el && i < el->n_moves; i++) {
        struct val *x = val_map(a);
        val_put_str(a, x, S("move"), el->moves[i]);
        val_put_str(a, x, S("title"), str_eq(el->moves[i], S("supplement"))            ? realm_text(r, lang, S("要求补正"))
                                      : accepts && str_eq(el->moves[i], S("refuse")) ? realm_text(r, lang, S("不予受理"))
                                                                                     : item_word_text(r, lang, el->moves[i]));
        val_put_bool(a, x, S("refuses"), str_eq(el->moves[i], S("refuse")) || str_eq(el->moves[i], S("fail")));
        val_push(a, list, x);
    }
    val_put(a, v, S("moves"), list);
}

static void put_law(const struct item_case *c, struct str part, struct str lang, struct val *v, struct arena *a) {
    const struct item_part *p = item_part(c->type, part);
    const struct val *about = p ? p->about : c->type->about;
    val_put_str(a, v, S("part_title"), p ? system_text(c->system, lang, p->title) : S(""));
    val_put_str(a, v, S("basis"), system_text(c->system, lang, val_get_str(about, S("basis"))));
    val_put_str(a, v, S("basis_written"), val_get_str(about, S("basis"))); /* as papers and the record have it: in their language */
    val_put_str(a, v, S("conditions"), system_text(c->system, lang, val_get_str(about, S("conditions"))));
}

/* The move that grants or goes on and needs no words of its own: what many cases may be given at once, unless the step
 * is one that the item wants done singly, or that has something to write down. */
static void put_forward(const struct item_case *c, const struct flow_task *t, struct val *v, struct arena *a) {
    const bool decides = t->kind == FLOW_TASK_STEP && (!t->owner_id || t->state > FLOW_TASK_RESERVED);
    const struct val *moves = !decides || item_step_singly(c, t->element) || item_step_form(c, t->element) ? NULL : val_get(v, S("moves"));
    for (size_t i = 0; i < val_count(moves); i++) {
        const struct val *m = val_item(moves, i);
        if (val_get_bool(m, S("refuses"), false) || str_eq(val_get_str(m, S("move")), S("supplement"))) continue;
        val_put(a, v, S("forward"), val_copy(a, m));
        return;
    }
    val_put_bool(a, v, S("forward"), false);
}

int item_task_row(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct flow_task *t, int64_t me,
                  struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *v = task_row(r, c, t, store_now_ms(tx), me, lang, a);
    put_moves(r, c, t, lang, v, a);
    if (item_declared(c, me)) val_put_bool(a, v, S("forward"), false);
    else put_forward(c, t, v, a);
    put_law(c, item_part_seen(c, item_step_part(c, t->element), t->role), lang, v, a);
    *ret = v;
    return put_holder(tx, r, t, v, e);
}

/* What stands beside the task: opinions asked for, the decision that waits for a word; where it may be given back; what may be done. */
static int put_acts(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_case *c,
                    const struct flow_task *t, struct str lang, struct val *v, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct flow_model *m = system_find(c->system, SYSTEM_FLOW, c->type->flow);
    const struct flow_element *el = m ? flow_element_find(m, t->element) : NULL;
    struct val *asked = val_list(a), *returns = val_list(a);
    struct flow_task *all;
    size_t n = 0;
    bool heir = false;
    int rc = flow_tasks_of(tx, c->id, &all, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        bool open = all[i].state <= FLOW_TASK_RESERVED;
        heir |= open && all[i].from_id == t->id && all[i].kind != FLOW_TASK_BEFORE && all[i].version == 1 &&
                !str_eq(all[i].role, S("applicant"));
        if (!open || all[i].token_id != t->token_id || all[i].kind != FLOW_TASK_BEFORE || t->kind != FLOW_TASK_STEP) continue;
        struct val *x = val_map(a);
        struct str name = S("");
        rc = identity_account_name(tx, r, all[i].assignee_id, &name, e);
        val_put_i64(a, x, S("id"), all[i].id);
        val_put_str(a, x, S("name"), name);
        val_put_bool(a, x, S("mine"), all[i].owner_id == who->account);
        if (all[i].id != t->id) val_push(a, asked, x);
    }
    for (size_t i = 0; el && i < el->n_returns; i++) {
        const struct flow_element *to = flow_element_find(m, el->returns[i]);
        struct val *x = val_map(a);
        val_put_str(a, x, S("element"), el->returns[i]);
        val_put_str(a, x, S("title"), to ? system_text(c->system, lang, to->name) : S(""));
        val_push(a, returns, x);
    }
    struct str owner = S("");
    if (!rc && t->owner_id) rc = identity_account_name(tx, r, t->owner_id, &owner, e);
    val_put_str(a, v, S("owner"), owner);
    val_put_bool(a, v, S("waits_word"), t->kind == FLOW_TASK_AFTER && t->state <= FLOW_TASK_RESERVED);
    val_put(a, v, S("asked"), asked);
    val_put(a, v, S("returns"), returns);
    struct str why = S("");
    bool stands_in = false;
    if (!rc) rc = item_bound(tx, r, c, who, &why, e);
    if (!rc) rc = item_away_put(tx, r, who, c, t, lang, v, &stands_in, e);
    val_put_str(a, v, S("bound"), realm_text(r, lang, why));
    val_put(a, v, S("may"), item_act_offers(r, who, t, val_count(asked), heir, why.len > 0, stands_in, el, a));
    return rc;
}

int item_task_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct str lang, struct val **ret,
                   struct err *e) {
    struct act act;
    struct arena *a = store_arena(tx);
    struct flow_task t;
    struct item_case c;
    struct val *v, *shown;
    int rc = item_task_open(&act, tx, r, who, S("task.read"), task, &t, &c, e);
    if (rc) return rc;
    struct str part = item_part_seen(&c, item_step_part(&c, t.element), t.role);
    rc = item_case_view(tx, r, &c, part, lang, &shown, e);
    if (!rc) rc = item_law_clock_put(tx, r, &c, lang, shown, e);
    if (!rc) rc = item_inner_events_put(tx, r, &c, part, lang, shown, e);
    if (rc) return rc;
    rc = item_task_row(tx, r, &c, &t, who->account, lang, &v, e);
    if (rc) return rc;
    rc = put_acts(tx, r, who, &c, &t, lang, v, e);
    if (rc) return rc;
    item_mask_answers(&c, part, shown, a);
    val_put(a, v, S("case"), shown);
    val_put_bool(a, v, S("ended_by_me"), t.ended_by_id == who->account);
    val_put_bool(a, v, S("joint"), val_count(val_get(c.body, S("parts"))) > 1);
    val_put_bool(a, v, S("open"), t.state == FLOW_TASK_READY || t.state == FLOW_TASK_RESERVED);
    item_given_ask(&c, &t, lang, v, a);
    val_put(a, v, S("hold_reasons"), item_hold_reasons(&c, t.element, lang, a));
    *ret = v;
    act.purpose = S("办理");
    return act_close(&act, S("task"), task, c.id, S(""), e);
}
