/* item_office: what officers see of a case beyond their own task: finding one by its number, the case as an office may see it,
 * the board of a joint case, a material of a task. Invariant: what belongs to another department's part is never given out
 * here, neither words nor files; the board tells of the parts only who has each and until when.
 */
#include "engine/item/item_rows.h"

#include "engine/record/record.h"

/* The part that an officer of `role` may see: the step's own, else the part of which the role is in charge; empty is
 * everything. */
struct str item_part_seen(const struct item_case *c, struct str step_part, struct str role) {
    if (step_part.len) return step_part;
    for (size_t i = 0; i < c->type->n_parts; i++)
        if (str_eq(c->type->part[i].role, role)) return c->type->part[i].id;
    return S("");
}

int item_case_find(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str number, int64_t *ret,
                   struct err *e) {
    struct scope_token t;
    struct item_case c;
    int rc = access_may(r, who, S("case.read"), &t, e);
    if (!rc) rc = item_row_by_number(tx, r, number, ret, e);
    if (!rc) rc = item_case_get(tx, r, &t, *ret, &c, e);
    return rc == ERR_FORBIDDEN ? err_set(e, ERR_NOT_FOUND, NULL) : rc; /* a search does not tell what opening would refuse */
}

int item_case_number_find(struct store_tx *tx, const struct realm *r, struct str number, int64_t *ret, struct err *e) {
    return item_row_by_number(tx, r, number, ret, e);
}

/* Opens the act case.read and loads the case within its reach. */
static int open_case(struct act *act, struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                     struct item_case *c, struct err *e) {
    int rc = act_open(act, tx, r, who, S("case.read"), e);
    if (!rc) rc = item_case_get(tx, r, &act->scope, id, c, e);
    if (rc) return rc;
    act->release = c->release;
    act->subject = c->person;
    act->purpose = S("办理");
    return 0;
}

/* Where parts are decided, who decides none reads what has a mask masked. */
void item_mask_answers(const struct item_case *c, struct str part, const struct val *view, struct arena *a) {
    if (c->type->n_parts && part.len == 0) form_summary_mask((struct val *)val_get(view, S("pages")), a);
}

int item_case_office_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct str lang,
                          struct val **ret, struct err *e) {
    struct act act;
    struct item_case c;
    int rc = open_case(&act, tx, r, who, id, &c, e);
    if (rc) return rc;
    struct str part = S("");
    for (size_t i = 0; i < who->n_posts && part.len == 0; i++) part = item_part_seen(&c, S(""), who->posts[i].role);
    rc = item_case_view(tx, r, &c, part, lang, ret, e);
    if (!rc) rc = item_inner_events_put(tx, r, &c, part, lang, *ret, e);
    if (!rc) item_mask_answers(&c, part, *ret, store_arena(tx));
    return rc ? rc : act_close(&act, S("case"), id, id, S(""), e);
}

/* ---- the board ---- */

static void put_task_state(const struct realm *r, const struct flow_task *t, struct str lang, struct val *v, struct arena *a) {
    struct str text = S("尚未开始"), tone = S("");
    if (t && (t->state == FLOW_TASK_READY || t->state == FLOW_TASK_RESERVED)) {
        bool applicant = str_eq(t->role, S("applicant"));
        text = applicant ? S("等待申请人补正") : t->state == FLOW_TASK_READY ? S("待签收") : S("正在办理");
        tone = applicant ? S("warn") : S("brand");
    } else if (t && t->state == FLOW_TASK_COMPLETED) {
        text = S("已办");
        tone = S("ok");
    } else if (t) {
        text = S("已终止");
    }
    val_put_str(a, v, S("state"), realm_text(r, lang, text));
    val_put_str(a, v, S("kind"), tone);
}

/* One row of the board: the newest task of a part, or one step that belongs to none. `t` may be NULL. */
static int board_row(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct flow_task *t, int64_t me,
                     struct str title, struct str lang, struct val *list, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *v = val_map(a);
    struct str name = S(""), unit = S("");
    int64_t who = t ? t->ended_by_id ? t->ended_by_id : t->assignee_id : 0;
    int rc = who ? identity_account_name(tx, r, who, &name, e) : 0;
    if (!rc && t && t->unit.len) (void)identity_unit_find(tx, r, t->unit, c->division, NULL, &unit, NULL);
    if (rc) return rc;
    val_put_i64(a, v, S("task"), t && t->state <= FLOW_TASK_RESERVED && !str_eq(t->role, S("applicant")) ? t->id : 0);
    val_put_bool(a, v, S("mine"), t && t->assignee_id == me);
    val_put_str(a, v, S("title"), title);
    val_put_str(a, v, S("step"), t ? system_text(c->system, lang, t->title) : S(""));
    val_put_str(a, v, S("unit"), realm_words(r, lang, unit));
    val_put_str(a, v, S("by"), name);
    val_put_str(a, v, S("since"), t ? realm_time(r, a, lang, t->made_ms) : S(""));
    val_put_str(a, v, S("until"), t && !t->ended_ms && t->due_ms ? realm_day(r, a, lang, t->due_ms - 1) : S(""));
    val_put_bool(a, v, S("late"), t && !t->ended_ms && t->due_ms && t->due_ms <= store_now_ms(tx));
    val_put_str(a, v, S("ended"), t ? realm_time(r, a, lang, t->ended_ms) : S(""));
    put_task_state(r, t, lang, v, a);
    val_push(a, list, v);
    return 0;
}

int item_board_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct str lang,
                    struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_token scope;
    struct item_case c;
    struct flow_task *tasks;
    size_t n;
    int rc = access_may(r, who, S("case.read"), &scope, e);
    if (!rc) rc = item_case_get(tx, r, &scope, id, &c, e);
    if (!rc) rc = flow_tasks_of(tx, id, &tasks, &n, e);
    if (rc) return rc;
    struct val *v = val_map(a), *parts = val_list(a), *common = val_list(a);
    const struct val *asked = val_get(c.body, S("parts"));
    for (size_t i = 0; !rc && i < n; i++)
        if (item_step_part(&c, tasks[i].element).len == 0 && tasks[i].kind != FLOW_TASK_BEFORE)
            rc = board_row(tx, r, &c, &tasks[i], who->account, system_text(c.system, lang, tasks[i].title), lang, common, e);
    for (size_t i = 0; !rc && i < val_count(asked); i++) {
        const struct item_part *part = item_part(c.type, val_text(val_item(asked, i)));
        const struct flow_task *newest = NULL;
        for (size_t k = 0; part && k < n; k++)
            if (str_eq(item_step_part(&c, tasks[k].element), part->id) && tasks[k].kind != FLOW_TASK_BEFORE) newest = &tasks[k];
        if (part) rc = board_row(tx, r, &c, newest, who->account, system_text(c.system, lang, part->title), lang, parts, e);
    }
    val_put_i64(a, v, S("id"), c.id);
    val_put_str(a, v, S("number"), c.number);
    val_put_str(a, v, S("item"), system_text(c.system, lang, c.type->name));
    val_put_str(a, v, S("state_text"), item_word_text(r, lang, item_state_shown(&c)));
    bool due = c.due_ms && !c.ended_ms && !item_stands(&c);
    val_put_str(a, v, S("due"), due ? realm_day(r, a, lang, c.due_ms - 1) : S(""));
    val_put_str(a, v, S("stands"), item_stands_text(r, &c, lang, a));
    val_put_bool(a, v, S("joint"), val_count(parts) > 1);
    val_put(a, v, S("parts"), parts);
    val_put(a, v, S("common"), common);
    *ret = v;
    return rc;
}

/* ---- a material of a task ---- */

int item_task_file(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, int64_t material_row,
                   struct arena *a, struct str *ret, struct str *media_type, struct str *file_name, struct err *e) {
    struct act act;
    struct flow_task t;
    struct item_case c;
    struct str material;
    uint8_t blob[32];
    int rc = item_task_open(&act, tx, r, who, S("task.read"), task, &t, &c, e);
    if (!rc) rc = item_material_blob(tx, r, &c, material_row, blob, &material, media_type, file_name, e);
    if (rc) return rc;
    const struct item_material *m = item_material(c.type, material);
    if (m && !item_sees(m->parts, item_part_seen(&c, item_step_part(&c, t.element), t.role)))
        return err_set(e, ERR_NOT_FOUND, NULL);
    rc = item_file_open(tx, r, &c, blob, a, ret, e);
    act.purpose = S("办理");
    return rc ? rc : act_close(&act, S("material"), material_row, c.id, material, e);
}
