/* change: R4 a new record and a correction, R5 the end of one. The form is made of the record type by the form engine and shown by the
 * layout's own partials. Invariants: what was typed is on the page again, right or wrong; of two windows the later is told (409) and shown
 * both; a personal element that is left empty in a correction stays as it is, unless it is ticked to be emptied.
 */
#include "engine/form/form.h"
#include "web/question.h"
#include "web/registry/registry_pages.h"

int registry_change_ask(struct page *p, struct err *e) {
    (void)e;
    question_join_dates(p);
    return 0;
}

/* ---- the form ---- */

static const struct val *answers_of(struct page *p, const struct form_page *fp, const struct record_registry *g, const struct record *rec) {
    struct val *v = val_map(p->a);
    for (size_t i = 0; i < fp->n_questions; i++) {
        struct str name = fp->question[i].id;
        bool hidden = record_field(g->type, name)->personal;
        struct str kept = rec && !hidden ? val_get_str(rec->values, name) : S("");
        val_put_str(p->a, v, name, question_again(p) ? page_in(p, name) : kept);
    }
    return v;
}

/* What stands, beside the box that is empty because the keeper does not see it; and how a code is written. */
static struct str hint_of(struct page *p, const struct record_registry *g, const struct record_field *f, const struct record *rec,
                          bool typed) {
    struct val *args = val_map(p->a);
    struct str now = rec ? val_get_str(rec->values, f->name) : S("");
    struct str code = typed && f->kind == RECORD_CODE ? page_text(p, S("填代码")) : S("");
    if (f->kind == RECORD_REF) code = page_text(p, S("填登记号"));
    if (!rec || !f->personal) return code;
    val_put_str(p->a, args, S("now"), now.len ? registry_value(p, g, f, now) : page_text(p, S("没有填写")));
    struct str stands = po_fill(p->a, page_text(p, S("现登记：{now}。不更正就不填")), args);
    return code.len ? ARENA_CAT(p->a, stands, page_text(p, S("；")), code) : stands;
}

static bool may_empty(const struct record_field *f) {
    return f && f->personal && !f->required;
}

static bool emptied(const struct page *p, const struct record_field *f) {
    return may_empty(f) && staff_picked(p, S("to-empty"), f->name);
}

/* The keeper does not see personal elements, so an empty box cannot mean that one is to go: those that may go are offered. */
static void put_empty(struct page *p, const struct record_registry *g, const struct record *rec) {
    struct val *field = question_plain(p, S("to-empty"), S("要清空的项目"), S("选中的项目不再登记，原来的内容留在变更历史里"));
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < g->type->n_fields; i++) {
        const struct record_field *f = &g->type->field[i];
        if (may_empty(f) && val_get_str(rec->values, f->name).len)
            (void)staff_choice(p, list, S("to-empty"), f->name, system_text(g->system, p->lang, f->title), emptied(p, f));
    }
    val_put_bool(p->a, field, S("optional"), true);
    val_put(p->a, field, S("choices"), list);
    if (val_count(list)) val_put(p->a, p->view, S("empty_field"), field);
}

static int put_fields(struct page *p, const struct record_registry *g, const struct record *rec,
                      const struct form_page **ret, struct err *e) {
    const struct form_page *fp;
    struct val *fields = val_list(p->a);
    int rc = form_of_record(p->a, g->system, g->type, rec != NULL, &fp, e);
    if (rc) return rc;
    struct val *view = form_page_view(fp, g->system, answers_of(p, fp, g, rec), NULL, NULL, p->lang, p->a);
    const struct val *questions = val_get(view, S("questions"));
    for (size_t i = 0; i < val_count(questions); i++) {
        struct val *q = questions->u.list.item[i];
        bool typed = fp->question[i].kind == FORM_TEXT || fp->question[i].kind == FORM_INTEGER;
        const struct record_field *f = &g->type->field[i];
        if (typed || (rec && f->personal)) val_put_str(p->a, q, S("hint"), hint_of(p, g, f, rec, typed));
        if (rec && f->personal) val_put_bool(p->a, q, S("optional"), false);
        val_push(p->a, fields, question_field(p, q, false));
    }
    val_put(p->a, p->view, S("fields"), fields);
    *ret = fp;
    return 0;
}

/* The other window's record beside what was typed here; masked, as this reader sees it. */
static void put_conflict(struct page *p, const struct record_registry *g, const struct form_page *fp, const struct record *rec) {
    struct val *rows = val_list(p->a), *conflict = val_map(p->a);
    if (p->err.code != ERR_CONFLICT) return;
    for (size_t i = 0; i < fp->n_questions; i++) {
        const struct record_field *f = &g->type->field[i];
        struct str theirs = registry_value(p, g, f, val_get_str(rec->values, f->name)), typed = page_in(p, f->name);
        struct val *v = val_map(p->a);
        if (f->personal && typed.len == 0 && !emptied(p, f)) continue;
        val_put_str(p->a, v, S("title"), system_text(g->system, p->lang, f->title));
        val_put_str(p->a, v, S("theirs"), theirs);
        val_put_str(p->a, v, S("mine"), emptied(p, f) ? page_text(p, S("清空")) : registry_value(p, g, f, typed));
        val_put_bool(p->a, v, S("differs"), f->personal || !str_eq(val_get_str(rec->values, f->name), typed));
        val_push(p->a, rows, v);
    }
    val_put(p->a, conflict, S("rows"), rows);
    val_put(p->a, p->view, S("conflict"), conflict);
}

/* After a fault the version that this window saw; after a conflict the one that is now on the page. */
static void put_seen(struct page *p, int64_t version) {
    int64_t before;
    bool keep = question_again(p) && p->err.code != ERR_CONFLICT && str_to_i64(page_in(p, S("_seen")), &before);
    val_put_i64(p->a, p->view, S("seen"), keep ? before : version);
}

int registry_new_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    const struct form_page *fp;
    (void)tx;
    int rc = registry_of(p, &g, e);
    if (!rc) rc = put_fields(p, &g, NULL, &fp, e);
    if (!rc) registry_reasons(p, &g, S(""));
    return rc;
}

static int look(struct store_tx *tx, struct page *p, struct record_registry *g, struct record *rec, struct err *e) {
    int64_t id;
    int rc = registry_of(p, g, e);
    if (!rc) rc = staff_id(p, "id", &id, e);
    if (!rc) rc = record_look(tx, page_realm(p), p->who, g, id, rec, e);
    if (!rc) val_put_i64(p->a, p->view, S("id"), id);
    if (!rc && !str_eq(rec->state, S("active"))) p->location = registry_record_path(p, id, "");
    return rc;
}

int registry_correct_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    struct record rec;
    const struct form_page *fp;
    int rc = look(tx, p, &g, &rec, e);
    if (!rc && !p->location.len) rc = put_fields(p, &g, &rec, &fp, e);
    if (rc || p->location.len) return rc;
    registry_reasons(p, &g, S("变更原因"));
    put_empty(p, &g, &rec);
    put_conflict(p, &g, fp, &rec);
    put_seen(p, rec.version);
    return 0;
}

static void form_of(struct page *p, struct str submit, struct str action, struct str cancel) {
    page_form(p, action);
    struct val *form = (struct val *)val_get(p->view, S("form"));
    static const char *const none[] = { "more", "draft_href", NULL };
    for (const char *const *k = none; *k; k++) val_put_str(p->a, form, str_of(*k), S(""));
    val_put_str(p->a, form, S("submit"), page_text(p, submit));
    val_put_str(p->a, form, S("cancel_href"), page_href(p, cancel));
    val_put_bool(p->a, form, S("files"), false);
    val_put_bool(p->a, form, S("later"), false);
    val_put_bool(p->a, form, S("danger"), false);
}

int registry_new_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    registry_frame(p, S("新登记"), page_text(p, S("新登记")));
    form_of(p, S("提交登记"), registry_path(p, "/new"), registry_path(p, ""));
    p->template = S("registry/form");
    return 0;
}

int registry_correct_say(struct page *p, struct err *e) {
    int64_t id = val_get_i64(p->view, S("id"), 0);
    (void)e;
    if (p->location.len) return 0;
    registry_frame(p, S("更正登记"), page_text(p, S("更正登记")));
    form_of(p, S("保存更正"), registry_record_path(p, id, "/correct"), registry_record_path(p, id, ""));
    val_put_bool(p->a, p->view, S("corrects"), true);
    p->template = S("registry/form");
    return 0;
}

/* ---- what was sent ---- */

/* All faults at once: the form's, then what only the registry knows of its elements. */
static int check(struct page *p, const struct record_registry *g, const struct form_page *fp, struct val **ret, struct err *e) {
    struct val *errors;
    int rc = form_check_page(fp, g->system, p->in, NULL, p->a, ret, &errors, e);
    if (rc && rc != ERR_INPUT) return rc;
    for (size_t i = 0; i < fp->n_questions; i++) {
        const struct record_field *f = &g->type->field[i];
        const struct val *wrong = val_get(errors, f->name);
        struct str value = record_clean(p->a, f, val_get_str(*ret, f->name));
        struct err why = { 0 };
        val_put_str(p->a, *ret, f->name, value);
        int code = wrong ? (int)val_get_i64(wrong, S("code"), ERR_INPUT) : value.len ? record_check_element(f, g->system, value, &why) : 0;
        struct str detail = wrong ? val_get_str(wrong, S("detail")) : str_of(why.detail);
        if (code) (void)page_fault(p, f->name, code, system_text(g->system, p->lang, detail));
        else if (value.len && emptied(p, f))
            (void)page_fault(p, f->name, ERR_INPUT, S("填了新内容，又选了清空，请只留一样"));
    }
    return 0;
}

static void check_clear(struct page *p, const struct record_registry *g) {
    const struct val *in = val_get(p->in, S("to-empty"));
    for (size_t i = 0; i < val_many(in); i++)
        if (!may_empty(record_field(g->type, val_text(val_nth(in, i))))) {
            (void)page_fault(p, S("to-empty"), ERR_CODE, S(""));
            return;
        }
}

/* Only what is said anew: an element left empty in a new record is not there, one that stands is not said again. */
static struct val *changes(struct page *p, const struct record_registry *g, const struct val *typed, const struct record *rec) {
    struct val *v = val_map(p->a);
    for (size_t i = 0; i < g->type->n_fields; i++) {
        const struct record_field *f = &g->type->field[i];
        struct str value = val_get_str(typed, f->name);
        if (value.len == 0 && (!rec || f->personal) && !(rec && emptied(p, f))) continue;
        if (rec && !f->personal && str_eq(value, val_get_str(rec->values, f->name))) continue;
        val_put_str(p->a, v, f->name, value);
    }
    return v;
}

/* Faults and refusals of the registry at their fields; a key that is taken is said in words of its own. */
static int fault(struct page *p, const struct record_registry *g, int rc, const struct err *e) {
    if (rc == ERR_DUPLICATE) return page_fault(p, g->type->key, ERR_INPUT, S("这个号码已有登记"));
    return staff_fault(p, rc, e);
}

int registry_new_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    const struct form_page *fp;
    struct val *typed;
    int64_t id;
    struct record_change c = { .source = page_in(p, S("source")) };
    int rc = registry_of(p, &g, e);
    if (!rc) rc = form_of_record(p->a, g.system, g.type, false, &fp, e);
    if (!rc) rc = check(p, &g, fp, &typed, e);
    if (rc) return rc;
    if (c.source.len == 0) (void)page_fault(p, S("source"), ERR_REQUIRED, S("信息来源"));
    if (p->n_faults) return err_set(e, ERR_INPUT, NULL);
    c.values = changes(p, &g, typed, NULL);
    rc = record_keep(tx, page_realm(p), p->who, &g, &c, &id, e);
    if (!rc) p->location = registry_record_path(p, id, "?done=put");
    return fault(p, &g, rc, e);
}

int registry_correct_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    struct record rec;
    const struct form_page *fp;
    struct val *typed;
    struct record_change c = { .source = page_in(p, S("source")), .why = str_trim(page_in(p, S("why"))) };
    int rc = registry_of(p, &g, e);
    if (!rc) rc = staff_id(p, "id", &c.id, e);
    if (!rc) rc = record_look(tx, page_realm(p), p->who, &g, c.id, &rec, e);
    if (!rc && !str_to_i64(page_in(p, S("_seen")), &c.version)) rc = err_set(e, ERR_SYNTAX, "_seen");
    if (!rc) rc = form_of_record(p->a, g.system, g.type, true, &fp, e);
    if (!rc) rc = check(p, &g, fp, &typed, e);
    if (rc) return rc;
    check_clear(p, &g);
    if (c.source.len == 0) (void)page_fault(p, S("source"), ERR_REQUIRED, S("信息来源"));
    if (c.why.len == 0) (void)page_fault(p, S("why"), ERR_REQUIRED, S("变更原因"));
    c.values = changes(p, &g, typed, &rec);
    if (!p->n_faults && val_count(c.values) == 0 && c.version == rec.version)
        (void)page_fault(p, g.type->field[0].name, ERR_INPUT, S("没有更正任何一项"));
    if (p->n_faults) return err_set(e, ERR_INPUT, NULL);
    rc = record_keep(tx, page_realm(p), p->who, &g, &c, &c.id, e);
    if (!rc) p->location = registry_record_path(p, c.id, "?done=correct");
    return fault(p, &g, rc, e);
}

/* ---- R5 ---- */

int registry_end_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    struct record rec;
    struct val *rows = val_list(p->a);
    int rc = look(tx, p, &g, &rec, e);
    if (rc || p->location.len) return rc;
    for (size_t i = 0; i < g.type->n_fields; i++) {
        const struct record_field *f = &g.type->field[i];
        if (!f->index && !f->required) continue;
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("label"), system_text(g.system, p->lang, f->title));
        val_put_str(p->a, v, S("value"), registry_value(p, &g, f, val_get_str(rec.values, f->name)));
        val_push(p->a, rows, v);
    }
    val_put(p->a, p->view, S("rows"), rows);
    registry_reasons(p, &g, S("注销原因"));
    val_put_i64(p->a, p->view, S("seen"), rec.version); /* the page shows what will end */
    return 0;
}

int registry_end_say(struct page *p, struct err *e) {
    int64_t id = val_get_i64(p->view, S("id"), 0);
    (void)e;
    if (p->location.len) return 0;
    registry_frame(p, S("注销登记"), page_text(p, S("注销登记")));
    form_of(p, S("确认注销"), registry_record_path(p, id, "/end"), registry_record_path(p, id, ""));
    val_put_bool(p->a, (struct val *)val_get(p->view, S("form")), S("danger"), true);
    p->template = S("registry/end");
    return 0;
}

int registry_end_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct record_registry g;
    struct record_change c = { .source = page_in(p, S("source")), .why = str_trim(page_in(p, S("why"))) };
    int rc = registry_of(p, &g, e);
    if (!rc) rc = staff_id(p, "id", &c.id, e);
    if (!str_to_i64(page_in(p, S("_seen")), &c.version)) c.version = 0; /* seen none: there is a newer one */
    if (!rc) rc = record_end(tx, page_realm(p), p->who, &g, &c, e);
    if (!rc) p->location = registry_record_path(p, c.id, "?done=end");
    return registry_fault(p, rc, e, S("source"), S("信息来源"), S("注销原因"));
}
