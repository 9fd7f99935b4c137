/* entry: B7, a page that is answered several times: its list on the question page (fill.c), one entry a page, and the page that asks
 * before an entry is removed. Invariant: an entry is named by its number, never by its place, so that two windows do not meet.
 */
#include "web/portal/portal.h"
#include "web/user.h"

static struct str page_path(struct page *p, const struct item_case *c, const struct form_page *fp,
                            struct str tail) {
    struct str from = page_in(p, S("from"));
    struct str query =
        str_eq(from, S("check")) || str_eq(from, S("supplement")) ? ARENA_CAT(p->a, S("?from="), from) : S("");
    return portal_case_path(p, c->id, ARENA_CAT(p->a, S("/fill/"), fp->id, tail, query));
}

/* "从业人员 2" */
static struct str entry_title(struct page *p, const struct item_case *c, const struct form_page *fp,
                              int64_t place) {
    return arena_fmt(p->a, "%.*s %lld", STR_ARG(system_text(c->system, p->lang, fp->entry)), (long long)place);
}

static struct val *entry_rows(struct page *p, const struct val *values) {
    struct val *rows = val_list(p->a);
    for (size_t i = 0; i < val_count(values); i++) {
        struct val *v = val_map(p->a);
        struct str text = val_get_str(val_item(values, i), S("text"));
        val_put_str(p->a, v, S("label"), val_get_str(val_item(values, i), S("title")));
        val_put_str(p->a, v, S("value"), text.len ? text : page_text(p, S("没有填写")));
        val_push(p->a, rows, v);
    }
    return rows;
}

/* This page of item_case_view's summary. */
static const struct val *summary_of(struct page *p, const struct item_case *c, const struct form_page *fp) {
    const struct val *pages =
        form_summary(c->form, c->system, val_get(c->body, S("answers")), NULL, S(""), p->lang, p->a);
    for (size_t i = 0; i < val_count(pages); i++)
        if (str_eq(val_get_str(val_item(pages, i), S("id")), fp->id)) return val_item(pages, i);
    return NULL;
}

static struct str how_many(struct page *p, const struct form_page *fp, size_t n) {
    struct val *args = val_map(p->a);
    val_put_i64(p->a, args, S("least"), (int64_t)fp->least);
    val_put_i64(p->a, args, S("most"), (int64_t)fp->most);
    if (fp->least) return po_fill(p->a, page_text(p, S("至少 {least} 条，最多 {most} 条。")), args);
    return po_fill(p->a, page_text(p, n ? S("最多 {most} 条。") : S("没有的可以不添加，最多 {most} 条。")), args);
}

void portal_put_entries(struct page *p, const struct item_case *c, const struct form_page *fp) {
    struct val *another = portal_put_map(p, S("another")), *list = val_list(p->a);
    const struct val *entries = val_get(summary_of(p, c, fp), S("entries"));
    struct str name = system_text(c->system, p->lang, fp->entry);
    for (size_t i = 0; i < val_count(entries); i++) {
        const struct val *one = val_item(entries, i);
        struct str number = val_get_str(one, S("entry")), id = ARENA_CAT(p->a, fp->id, S("-"), number);
        struct str path = ARENA_CAT(p->a, S("/entry/"), number);
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("id"), id);
        val_put_str(p->a, v, S("title"), entry_title(p, c, fp, (int64_t)i + 1));
        val_put(p->a, v, S("rows"), entry_rows(p, val_get(one, S("values"))));
        val_put_bool(p->a, v, S("unfinished"), !val_get_bool(one, S("whole"), false));
        val_put_str(p->a, v, S("fault"), page_fault_text(p, id));
        val_put_str(p->a, v, S("change_href"), page_href(p, page_path(p, c, fp, path)));
        val_put_str(p->a, v, S("remove_href"),
                    page_href(p, page_path(p, c, fp, ARENA_CAT(p->a, path, S("/remove")))));
        val_push(p->a, list, v);
    }
    size_t n = val_count(list);
    struct val *args = val_map(p->a);
    val_put_i64(p->a, args, S("n"), (int64_t)n);
    val_put_str(p->a, args, S("entry"), name);
    val_put_str(p->a, another, S("id"), fp->id);
    val_put_str(p->a, another, S("title"),
                n ? po_fill(p->a, page_text(p, S("已添加 {n} 条")), args) : page_text(p, S("还没有添加")));
    val_put_str(p->a, another, S("limits"), how_many(p, fp, n));
    val_put_str(p->a, another, S("fault"), page_fault_text(p, fp->id));
    val_put(p->a, another, S("entries"), list);
    val_put_str(p->a, another, S("add"),
                po_fill(p->a, page_text(p, n ? S("再添加一条：{entry}") : S("添加：{entry}")), args));
    val_put_str(p->a, another, S("add_href"),
                n < fp->most ? page_href(p, page_path(p, c, fp, S("/entry/new"))) : S(""));
    val_put_str(p->a, p->view, S("lead"), system_text(c->system, p->lang, fp->hint));
    val_put_bool(p->a, p->view, S("heading"), false);
}

/* ---- one entry ---- */

/* Its number: 0 for a new one. ERR_NOT_FOUND if the path says neither, or the page is none that repeats. */
static int number_of(const struct page *p, const struct form_page *fp, int64_t *ret, struct err *e) {
    struct str s = http_param(p->req, S("entry"));
    *ret = 0;
    if (fp && !fp->repeats) return err_set(e, ERR_NOT_FOUND, NULL);
    return str_eq(s, S("new")) || (str_to_i64(s, ret) && *ret > 0) ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

static int64_t place_of(const struct form_page *fp, const struct val *answers, int64_t number) {
    const struct val *list = val_get(answers, fp->id);
    int64_t n;
    for (size_t i = 0; i < val_count(list); i++)
        if (val_to_i64(val_get(val_item(list, i), S("entry")), &n) && n == number) return (int64_t)i + 1;
    return (int64_t)val_count(list) + 1;
}

/* What both pages of an entry begin with; *entry is NULL for a new one. One that was removed leads to the list. */
static int begin(struct store_tx *tx, struct page *p, struct item_case *c, const struct form_page **fp,
                 struct val **prefill, int64_t *number, const struct val **entry, struct err *e) {
    int rc = portal_page_of(tx, p, c, prefill, fp, e);
    if (rc || p->location.len) return rc;
    rc = number_of(p, *fp, number, e);
    if (rc) return rc;
    const struct val *answers = val_get(c->body, S("answers"));
    *entry = form_entry(*fp, answers, *number);
    bool full = *number == 0 && val_count(val_get(answers, (*fp)->id)) >= (*fp)->most;
    if ((*number && !*entry) || full) p->location = page_path(p, c, *fp, S(""));
    val_put_str(p->a, p->view, S("back_href"), page_href(p, page_path(p, c, *fp, S(""))));
    val_put_str(p->a, p->view, S("section"), system_text(c->system, p->lang, (*fp)->title));
    val_put_str(p->a, p->view, S("title"), entry_title(p, c, *fp, place_of(*fp, answers, *number)));
    return 0;
}

int entry_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    struct val *prefill;
    const struct val *entry;
    const struct form_page *fp;
    int64_t number;
    int rc = begin(tx, p, &c, &fp, &prefill, &number, &entry, e);
    if (rc || p->location.len) return rc;
    struct val *answers = portal_answers_shown(p, entry, fp);
    portal_put_questions(p, &c, fp, answers, prefill);
    val_put_str(p->a, p->view, S("lead"), S(""));
    val_put_str(p->a, p->view, S("step"), S(""));
    if (number)
        portal_put_seen(p,
                        item_answers_seen(page_realm(p), &c, fp, val_get(c.body, S("answers")), number, p->a));
    portal_put_conflict(p, &c, fp, entry, answers);
    val_put_bool(p->a, p->view, S("more"),
                 number == 0 && val_count(val_get(val_get(c.body, S("answers")), fp->id)) + 1 < fp->most);
    val_put_bool(p->a, p->view, S("is_draft"), str_eq(c.state, S("draft")));
    return 0;
}

int entry_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, val_get_str(p->view, S("title")));
    portal_form(p, S("保存"), val_get_bool(p->view, S("is_draft"), false), S(""));
    struct val *form = (struct val *)val_get(p->view, S("form"));
    if (val_get_bool(p->view, S("more"), false))
        val_put_str(p->a, form, S("more"), page_text(p, S("保存并再添加一条")));
    val_put_str(p->a, p->view, S("from_check"), page_in(p, S("from")));
    p->template = S("portal/question");
    return 0;
}

int entry_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    struct val *errors = NULL;
    struct str page = http_param(p->req, S("page"));
    bool later = str_eq(page_in(p, S("act")), S("later"));
    int64_t id, number;
    int rc = portal_id(p, "case", &id, e);
    if (!rc) rc = number_of(p, NULL, &number, e);
    if (!rc) rc = item_entry_put(tx, page_realm(p), p->who, id, page, number, later, p->in, &errors, e);
    if (rc == ERR_INPUT) portal_note_faults(tx, p, id, errors);
    if (!rc) rc = item_case_get(tx, page_realm(p), NULL, id, &c, e);
    if (rc) return rc;
    bool more = str_eq(page_in(p, S("act")), S("more"));
    p->location =
        later ? portal_later(p, id) : page_path(p, &c, form_page(c.form, page), more ? S("/entry/new") : S(""));
    return 0;
}

/* ---- removing one ---- */

int entry_remove_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    struct val *prefill;
    const struct val *entry, *entries;
    const struct form_page *fp;
    int64_t number;
    int rc = begin(tx, p, &c, &fp, &prefill, &number, &entry, e);
    if (rc || p->location.len) return rc;
    if (!entry) return err_set(e, ERR_NOT_FOUND, NULL);
    entries = val_get(summary_of(p, &c, fp), S("entries"));
    int64_t place = place_of(fp, val_get(c.body, S("answers")), number);
    struct val *summary = val_list(p->a), *one = val_map(p->a);
    val_put_str(p->a, one, S("title"), S(""));
    val_put(p->a, one, S("rows"), entry_rows(p, val_get(val_item(entries, (size_t)place - 1), S("values"))));
    for (size_t i = 0; i < val_count(val_get(one, S("rows"))); i++) {
        struct val *row = val_get(one, S("rows"))->u.list.item[i];
        val_put_str(p->a, row, S("source"), S(""));
        val_put_str(p->a, row, S("change_href"), S(""));
    }
    val_push(p->a, summary, one);
    val_put(p->a, p->view, S("summary"), summary);
    return 0;
}

int entry_remove_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    struct str name = val_get_str(p->view, S("title"));
    portal_title(p, portal_fill(p, S("移除“{name}”？"), S("name"), name));
    portal_form(p, S("确认移除"), false, S(""));
    struct val *form = (struct val *)val_get(p->view, S("form"));
    val_put_bool(p->a, form, S("danger"), true);
    val_put_str(p->a, form, S("cancel_href"), val_get_str(p->view, S("back_href")));
    val_put_str(p->a, p->view, S("from_check"), page_in(p, S("from")));
    p->template = S("portal/remove");
    return 0;
}

int entry_remove_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    struct str page = http_param(p->req, S("page"));
    int64_t id, number;
    int rc = portal_id(p, "case", &id, e);
    if (!rc) rc = number_of(p, NULL, &number, e);
    if (!rc) rc = item_entry_drop(tx, page_realm(p), p->who, id, page, number, e);
    if (!rc) rc = item_case_get(tx, page_realm(p), NULL, id, &c, e);
    if (!rc) p->location = page_path(p, &c, form_page(c.form, page), S(""));
    return rc;
}
