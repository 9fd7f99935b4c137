/* forms: I2, a form by lists: its pages in their order, the questions of a page in theirs, each with its own form:
 * added, changed, moved and taken out without a script, judged by the check at the field, and the page as
 * applicants see it. Invariants: what the form does not show is left as it is, comments too; what the check
 * finds new is not written; who has seen less than what stands now is told both texts.
 */
#include "engine/form/form.h"

#include "data/yaml.h"
#include "data/yaml_write.h"
#include "engine/rule/rule.h"
#include "web/edit/edit_pages.h"
#include "web/question.h"

enum { WORK_BYTES_MAX = 64 * 1024 * 1024, QUESTIONS_MAX = 60 };

/* Where the address leads: the pages of a form; the questions of a page; a question, a new one, or ("page") the
 * page's own title, hint and condition. */
struct place {
    struct str form, page_id, entry, path, file, seen;
    struct val *root, *page, *list, *map;
    const struct release_key *key;
    size_t n;
    struct edit_words words;
};

static bool of_page(const struct place *s) {
    return str_eq(s->entry, S("page"));
}

static bool is_new(const struct place *s) {
    return str_eq(s->entry, S("new"));
}

static int find_place(struct page *p, struct arena *a, const struct edit *x, struct place *s,
                      struct err *e) {
    int64_t at;
    *s = (struct place){ .form = http_param(p->req, S("form")),
                         .page_id = http_param(p->req, S("page")),
                         .entry = http_param(p->req, S("entry")) };
    s->path = ARENA_CAT(a, S("forms/"), s->form, S(".yaml"));
    s->file = edit_file(&x->files, s->path);
    s->words = edit_words(p, &x->files, x->draft.system, a);
    if (!s->file.len) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = yaml_parse(a, s->path, s->file, &s->root, e);
    if (rc) return rc;
    s->list = (struct val *)(uintptr_t)val_get(s->root, S("pages"));
    if (!s->list || s->list->kind != VAL_LIST) return err_set(e, ERR_NOT_FOUND, NULL);
    for (size_t i = 0; i < val_count(s->list); i++)
        if (str_eq(val_get_str(val_item(s->list, i), S("id")), s->page_id))
            s->page = s->list->u.list.item[i];
    if (s->page_id.len) s->list = (struct val *)(uintptr_t)val_get(s->page, S("questions"));
    if (s->page_id.len && (!s->page || !s->list || s->list->kind != VAL_LIST))
        return err_set(e, ERR_NOT_FOUND, NULL);
    s->key = release_keys(of_page(s) ? S("pages") : S("questions"), &s->n);
    if (of_page(s)) s->map = s->page;
    else if (s->entry.len && !is_new(s)) {
        if (!str_to_i64(s->entry, &at) || at < 1 || (size_t)at > val_count(s->list))
            return err_set(e, ERR_NOT_FOUND, NULL);
        s->map = s->list->u.list.item[at - 1];
    }
    struct val *own = val_map(a); /* of a page only what its own form shows */
    for (size_t i = 0; s->map && i < s->n; i++)
        if (edit_editable(&s->key[i]) && val_get(s->map, s->key[i].name))
            val_put(a, own, s->key[i].name, val_copy(a, val_get(s->map, s->key[i].name)));
    s->seen = edit_seen(a, s->entry.len ? own : s->list, val_count(s->list));
    return 0;
}

static struct str address(struct page *p, const struct edit *x, const struct place *s, struct str page,
                          struct str entry) {
    struct str path = edit_path(p, x->draft.id, ARENA_CAT(p->a, S("/form/"), s->form).ptr);
    if (page.len) path = ARENA_CAT(p->a, path, S("/"), page);
    return entry.len ? ARENA_CAT(p->a, path, S("/"), entry) : path;
}

/* ---- shown ---- */

/* The page as it would be, where the draft compiles: into x->view. */
static void show_page(struct page *p) {
    struct edit *x = p->own;
    struct arena a;
    arena_init(&a, "a page of a form", WORK_BYTES_MAX);
    struct release_findings findings = { .arena = &a };
    struct str id = http_param(p->req, S("page"));
    const struct system *m =
        id.len && !http_param(p->req, S("entry")).len ? edit_judge(p, &a, &x->files, &findings) : NULL;
    const struct form *f = m ? map_find(&m->part[SYSTEM_FORM], http_param(p->req, S("form"))) : NULL;
    const struct form_page *page = f ? form_page(f, id) : NULL;
    const struct val *none = val_map(&a);
    if (page)
        x->view = val_copy(p->req->arena, form_page_view(page, m, none, none, none, p->lang, &a));
    arena_done(&a);
}

int edit_form_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = edit_look;
    p->work = show_page;
    return 0;
}

static void put_entries(struct page *p, const struct edit *x, const struct place *s) {
    struct val *rows = val_list(p->a);
    const size_t n = val_count(s->list);
    const bool en = str_eq(p->lang, S("en"));
    for (size_t i = 0; i < n; i++) {
        const struct val *one = val_item(s->list, i);
        struct str title = val_get_str(one, S("title")), id = val_get_str(one, S("id")),
                   english = edit_english(&s->words, title), number = arena_i64(p->a, (int64_t)i + 1);
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), en && english.len ? english : title);
        val_put_str(p->a, v, S("under"), id);
        val_put_str(p->a, v, S("number"), number);
        val_put_bool(p->a, v, S("movable"), n > 1);
        val_put_bool(p->a, v, S("first"), i == 0);
        val_put_bool(p->a, v, S("last"), i + 1 == n);
        val_put_str(p->a, v, S("href"),
                    page_href(p, s->page ? address(p, x, s, s->page_id, number)
                                         : address(p, x, s, id, S(""))));
        val_push(p->a, rows, v);
    }
    val_put(p->a, p->view, S("entries"), rows);
    val_put_bool(p->a, p->view, S("listed"), true);
    if (!s->page) return;
    val_put_str(p->a, p->view, S("new_href"), page_href(p, address(p, x, s, s->page_id, S("new"))));
    val_put_str(p->a, p->view, S("settings_href"),
                page_href(p, address(p, x, s, s->page_id, S("page"))));
}

static void put_fields(struct page *p, const struct place *s) {
    struct val *fields = val_list(p->a);
    for (size_t i = 0; i < s->n; i++) {
        const struct release_key *k = &s->key[i];
        const struct val *v = val_get(s->map, k->name);
        if (edit_editable(k))
            edit_field(p, fields, k, v,
                       edit_bilingual(k) ? edit_english(&s->words, edit_text(p->a, v)) : S(""));
    }
    val_put(p->a, p->view, S("fields"), fields);
    val_put_bool(p->a, p->view, S("removable"), !of_page(s) && !is_new(s));
}

static void put_preview(struct page *p, const struct edit *x) {
    const struct val *questions = val_get(x->view, S("questions"));
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < val_count(questions); i++)
        val_push(p->a, list, question_field(p, val_item(questions, i), false));
    val_put(p->a, p->view, S("preview"), list);
    val_put_str(p->a, p->view, S("preview_title"), val_get_str(x->view, S("title")));
    val_put_str(p->a, p->view, S("preview_hint"), val_get_str(x->view, S("hint")));
}

int edit_form_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct val *hidden = val_list(p->a);
    struct place s;
    int rc = find_place(p, p->a, x, &s, e);
    (void)tx;
    if (rc) return rc;
    if (s.entry.len) put_fields(p, &s);
    else put_entries(p, x, &s);
    if (s.page && !s.entry.len) put_preview(p, x);
    if (x->conflict && s.entry.len) edit_put_conflict(p, s.key, s.n, s.map);
    staff_field(p, hidden, S("seen"), s.seen);
    val_put(p->a, p->view, S("hidden"), hidden);
    val_put_bool(p->a, p->view, S("open"), str_eq(x->draft.state, S("open")));
    return 0;
}

int edit_form_say(struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct str form = http_param(p->req, S("form")), page = http_param(p->req, S("page")),
               entry = http_param(p->req, S("entry"));
    struct place s = { .form = form };
    (void)e;
    if (p->location.len) return 0;
    struct str title = !page.len                      ? S("表单的页面")
                       : !entry.len                   ? S("一页的问题")
                       : str_eq(entry, S("new"))      ? S("新的问题")
                       : str_eq(entry, S("page"))     ? S("标题、提示和条件")
                                                      : S("一个问题");
    edit_title_of(p, title, page.len ? ARENA_CAT(p->a, form, S(" / "), page) : form, &x->draft);
    staff_crumb(p, S("表单的页面"), page.len ? address(p, x, &s, S(""), S("")) : S(""));
    if (page.len) staff_crumb(p, S("一页的问题"), entry.len ? address(p, x, &s, page, S("")) : S(""));
    if (entry.len) staff_crumb(p, title, S(""));
    struct str up = entry.len  ? address(p, x, &s, page, S(""))
                    : page.len ? address(p, x, &s, S(""), S(""))
                               : edit_path(p, x->draft.id, "");
    val_put_str(p->a, p->view, S("back_href"), page_href(p, up));
    val_put_str(p->a, p->view, S("help"), page.len ? ARENA_CAT(p->a, form, S(" / "), page) : form);
    page_form(p, address(p, x, &s, page, entry));
    p->template = S("edit/section");
    return 0;
}

/* ---- written ---- */

/* Added, taken out, moved. `ret_map`: what the form's values go into; NULL: none. */
static int change(struct page *p, struct arena *a, const struct place *s, struct val **ret_map,
                  struct err *e) {
    struct str what = page_in(p, S("do"));
    struct val **item = s->list->u.list.item;
    const size_t n = val_count(s->list);
    int64_t at = 0;
    *ret_map = s->map;
    if (of_page(s)) return 0;
    if (is_new(s)) {
        if (n >= QUESTIONS_MAX) return err_set(e, ERR_LIMIT, "%d", QUESTIONS_MAX);
        val_push(a, s->list, *ret_map = val_map(a));
        return 0;
    }
    if (!str_to_i64(s->entry.len ? s->entry : page_in(p, S("number")), &at) || at < 1 || (size_t)at > n)
        return err_set(e, ERR_NOT_FOUND, NULL);
    const size_t i = (size_t)at - 1, other = str_eq(what, S("up")) ? i - 1 : i + 1;
    if (s->entry.len && !str_eq(what, S("remove"))) return 0;
    *ret_map = NULL;
    if (s->entry.len) {
        for (size_t j = i; j + 1 < n; j++) item[j] = item[j + 1];
        s->list->u.list.n--;
        return 0;
    }
    if (other >= n || !(str_eq(what, S("up")) || str_eq(what, S("down"))))
        return err_set(e, ERR_STATE, NULL);
    struct val *moved = item[i];
    item[i] = item[other];
    item[other] = moved;
    return 0;
}

/* What can be judged before the whole: lengths, what is needed, the condition. */
static void judge_fields(struct page *p, struct arena *a, struct edit *x, const struct place *s) {
    struct feel *feel;
    struct err e = { 0 };
    for (size_t i = 0; i < s->n; i++) {
        const struct release_key *k = &s->key[i];
        struct str said = str_trim(page_in(p, k->name)), en = ARENA_CAT(a, k->name, S("-en"));
        const size_t most = edit_most(k);
        if (!edit_editable(k)) continue;
        if (k->needed && !said.len)
            edit_fault(x, p->req->arena, k->name,
                       page_error_text(p, ERR_REQUIRED, page_text(p, k->title)));
        if (str_utf8_count(said) > most)
            edit_fault(x, p->req->arena, k->name,
                       page_error_text(p, ERR_TOO_LONG, arena_i64(a, (int64_t)most)));
        if (edit_bilingual(k) && str_utf8_count(str_trim(page_in(p, en))) > 2 * most)
            edit_fault(x, p->req->arena, en,
                       page_error_text(p, ERR_TOO_LONG, arena_i64(a, (int64_t)(2 * most))));
    }
    struct str when = str_trim(page_in(p, S("when")));
    if (of_page(s) && when.len && feel_compile(a, when, FEEL_EXPRESSION, NULL, 0, &feel, &e))
        edit_fault(x, p->req->arena, S("when"), page_said(p, str_of(e.detail)));
}

/* A name that a condition uses and no question has belongs to the condition. */
static void put_when(struct page *p, struct edit *x, const struct place *s,
                     const struct release_findings *before, const struct release_findings *after) {
    for (size_t i = 0; of_page(s) && i < after->n; i++) {
        const struct release_finding *f = &after->list[i];
        if (str_eq(f->file, s->path) && !edit_found(before, f) &&
            (str_starts(f->text, S("没有这个问题")) || str_starts(f->text, S("没有这个取值"))))
            edit_fault(x, p->req->arena, S("when"), page_said(p, f->text));
    }
}

static int apply(struct page *p, struct arena *a, struct edit *x, struct err *e) {
    struct release_findings before = { .arena = a }, after = { .arena = a };
    struct place s;
    struct val *map;
    struct str text;
    int rc = find_place(p, a, x, &s, e);
    if (rc) return rc;
    x->conflict = !str_eq(page_in(p, S("seen")), s.seen);
    if (x->conflict) return err_set(e, ERR_CONFLICT, NULL);
    if (s.page_id.len == 0 && s.entry.len) return err_set(e, ERR_NOT_FOUND, NULL);
    rc = change(p, a, &s, &map, e);
    if (!rc && map && s.entry.len) judge_fields(p, a, x, &s);
    if (rc || x->n_faults) return rc;
    if (map && s.entry.len) rc = edit_put_values(p, a, x, s.key, s.n, &s.words, map, e);
    if (!rc) rc = yaml_write_over(a, s.file, s.root, &text, e);
    if (rc) return rc;
    if (!str_eq(text, s.file)) x->changed[x->n_changed++] = (struct release_file){ s.path, text };
    const struct release_files files = edit_merged(a, x);
    (void)edit_judge(p, a, &x->files, &before);
    (void)edit_judge(p, a, &files, &after);
    put_when(p, x, &s, &before, &after);
    if (!x->n_faults) edit_put_findings(p, a, x, s.key, s.n, map, &before, &after);
    edit_keep_changed(p, x);
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

static void put(struct page *p) {
    struct edit *x = p->own;
    struct arena a;
    struct err e = { 0 };
    arena_init(&a, "form judged", WORK_BYTES_MAX);
    int rc = apply(p, &a, x, &e);
    arena_done(&a);
    if (rc || x->n_faults) show_page(p);
    if (rc) p->err = e, p->err.code = rc;
}

int edit_form_post_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = edit_look;
    p->work = put;
    return 0;
}

int edit_form_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct place s = { .form = http_param(p->req, S("form")) };
    struct str page = http_param(p->req, S("page"));
    if (x->n_faults && !http_param(p->req, S("entry")).len) /* a list has no field to tell it at */
        return err_set(e, ERR_STATE, "%.*s", STR_ARG(x->fault[0]));
    const int rc = edit_write(tx, p, ARENA_CAT(p->a, S("forms / "), s.form, S(" / "), page), e);
    if (!rc) p->location = address(p, x, &s, page, S(""));
    return rc;
}
