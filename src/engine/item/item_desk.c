/* item_desk: what officers see: tasks with their case (lists: item_queue.c); and what everybody sees of items: guides and search. See item.h. */
#include "engine/item/item_rows.h"

static struct val *task_row(const struct realm *r, const struct item_case *c, const struct flow_task *t, int64_t now_ms, int64_t me,
                            struct str lang, struct arena *a) {
    struct val *v = val_map(a);
    int64_t due = t->due_ms ? t->due_ms : c->due_ms;
    val_put_i64(a, v, S("id"), t->id);
    val_put_i64(a, v, S("version"), t->version);
    val_put_i64(a, v, S("case_id"), c->id);
    val_put_str(a, v, S("number"), c->number);
    val_put_str(a, v, S("item"), system_text(c->system, lang, c->type->name));
    val_put_str(a, v, S("title"), system_text(c->system, lang, t->title));
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
    for (size_t i = 0; el && i < el->n_moves; i++) {
        struct val *x = val_map(a);
        val_put_str(a, x, S("move"), el->moves[i]);
        val_put_str(a, x, S("title"), str_eq(el->moves[i], S("supplement")) ? realm_text(r, lang, S("要求补正"))
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
 * is one that the item wants done singly. */
static void put_forward(const struct item_case *c, const struct flow_task *t, struct val *v, struct arena *a) {
    const struct val *moves = item_step_singly(c, t->element) ? NULL : val_get(v, S("moves"));
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
    put_forward(c, t, v, a);
    put_law(c, item_part_seen(c, item_step_part(c, t->element), t->role), lang, v, a);
    *ret = v;
    return put_holder(tx, r, t, v, e);
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
    if (rc) return rc;
    rc = item_task_row(tx, r, &c, &t, who->account, lang, &v, e);
    if (rc) return rc;
    item_mask_answers(&c, part, shown, a);
    val_put(a, v, S("case"), shown);
    val_put_bool(a, v, S("ended_by_me"), t.ended_by_id == who->account);
    val_put_bool(a, v, S("joint"), val_count(val_get(c.body, S("parts"))) > 1);
    val_put_bool(a, v, S("open"), t.state == FLOW_TASK_READY || t.state == FLOW_TASK_RESERVED);
    val_put(a, v, S("hold_reasons"), item_hold_reasons(&c, t.element, lang, a));
    *ret = v;
    act.purpose = S("办理");
    return act_close(&act, S("task"), task, c.id, S(""), e);
}
