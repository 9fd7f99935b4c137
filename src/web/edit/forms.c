/* forms: I2, a form by lists: its pages in their order, the questions of a page in theirs, each with its own form, shown
 * without a script: what can be added, changed, moved, taken out and put back, and the page as applicants see it.
 * What is sent is judged and written in form_sent.c.
 */
#include "engine/form/form.h"

#include "web/edit/form_place.h"
#include "web/question.h"

enum { WORK_BYTES_MAX = 64 * 1024 * 1024 };

/* The page as it would be, where the draft compiles: into x->view. */
void edit_form_show(struct page *p) {
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
    if (page) {
        struct val *v = form_page_view(page, m, none, none, none, p->lang, &a);
        val_put_str(&a, v, S("when"), page->when_text);
        val_put_bool(&a, v, S("repeats"), page->repeats);
        val_put_i64(&a, v, S("least"), (int64_t)page->least);
        val_put_i64(&a, v, S("most"), (int64_t)page->most);
        val_put_str(&a, v, S("entry"), system_text(m, p->lang, page->entry));
        x->view = val_copy(p->req->arena, v);
    }
    arena_done(&a);
}

int edit_form_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = edit_look;
    p->work = edit_form_show;
    return 0;
}

static void put_entries(struct page *p, const struct edit *x, const struct form_place *s) {
    struct val *rows = val_list(p->a);
    const size_t n = val_count(s->list);
    const bool en = str_eq(p->lang, S("en")), pages = s->at == FORM_PAGES;
    for (size_t i = 0; i < n; i++) {
        const struct val *one = val_item(s->list, i);
        struct val *v = val_map(p->a);
        struct str title = val_get_str(one, S("title")), id = val_get_str(one, S("id")),
                   english = edit_english(&s->words, title), number = arena_i64(p->a, (int64_t)i + 1);
        val_put_str(p->a, v, S("title"), en && english.len ? english : title);
        val_put_str(p->a, v, S("under"), id);
        val_put_str(p->a, v, S("number"), number);
        val_put_bool(p->a, v, S("movable"), n > 1);
        val_put_bool(p->a, v, S("first"), i == 0);
        val_put_bool(p->a, v, S("last"), i + 1 == n);
        val_put_bool(p->a, v, S("repeats"), val_get(one, S("repeat")) != NULL);
        val_put_bool(p->a, v, S("sometimes"), pages && val_get_str(one, S("when")).len);
        val_put_str(p->a, v, S("href"),
                    page_href(p, form_place_path(p, x, s->form, pages ? id : s->page_id, pages ? S("") : number)));
        val_push(p->a, rows, v);
    }
    val_put(p->a, p->view, S("entries"), rows);
    val_put_bool(p->a, p->view, S("listed"), true);
    val_put(p->a, p->view, S("gone"), form_place_gone(p, s));
    val_put_str(p->a, p->view, S("new_href"),
                page_href(p, form_place_path(p, x, s->form, pages ? S("new") : s->page_id, pages ? S("") : S("new"))));
    if (pages) return;
    val_put_str(p->a, p->view, S("settings_href"), page_href(p, form_place_path(p, x, s->form, s->page_id, S("page"))));
    if (val_count(s->pages) > 1)
        val_put_str(p->a, p->view, S("remove_href"), page_href(p, form_place_path(p, x, s->form, s->page_id, S("remove"))));
}

/* Where a new part of a page's form begins. */
static struct str heading_of(struct page *p, struct str key) {
    if (str_eq(key, S("repeat"))) return page_text(p, S("填一次还是填多条"));
    return str_eq(key, S("question-id")) ? page_text(p, S("这一页的第一个问题")) : S("");
}

static void put_fields(struct page *p, const struct form_place *s) {
    struct val *fields = val_list(p->a);
    for (size_t i = 0; i < s->n; i++) {
        const struct release_key *k = &s->key[i];
        const struct val *v = val_get(s->map, k->name);
        const size_t at = val_count(fields);
        if (!edit_editable(k)) continue;
        edit_field(p, fields, k, v, edit_bilingual(k) ? edit_english(&s->words, edit_text(p->a, v)) : S(""));
        val_put_str(p->a, fields->u.list.item[at], S("begins"), heading_of(p, k->name));
    }
    val_put(p->a, p->view, S("fields"), fields);
    val_put_bool(p->a, p->view, S("removable"), s->at == FORM_ONE);
}

/* What goes with a page that is taken out. */
static void put_removed(struct page *p, const struct form_place *s) {
    const struct val *questions = val_get(s->page, S("questions"));
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < val_count(questions); i++) {
        struct str title = val_get_str(val_item(questions, i), S("title")), english = edit_english(&s->words, title);
        val_push(p->a, list, val_str(p->a, str_eq(p->lang, S("en")) && english.len ? english : title));
    }
    val_put(p->a, p->view, S("removed"), list);
    val_put_bool(p->a, p->view, S("removing"), true);
}

static void put_uses(struct page *p, const struct edit *x) {
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < val_count(x->uses); i++) {
        const struct val *one = val_item(x->uses, i);
        struct val *v = val_map(p->a);
        struct str path = val_get_str(one, S("path"));
        val_put_str(p->a, v, S("place"), val_get_str(one, S("place")));
        val_put_str(p->a, v, S("text"), val_get_str(one, S("text")));
        val_put_str(p->a, v, S("to_mend"), path.len ? page_href(p, path) : S(""));
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("uses"), list);
}

static void put_preview(struct page *p, const struct edit *x) {
    static const char *const copied[] = { "least", "most", "entry", "when" };
    const struct val *questions = val_get(x->view, S("questions"));
    struct val *list = val_list(p->a), *args = val_map(p->a);
    for (size_t i = 0; i < val_count(questions); i++)
        val_push(p->a, list, question_field(p, val_item(questions, i), false));
    val_put(p->a, p->view, S("preview"), list);
    val_put_str(p->a, p->view, S("preview_title"), val_get_str(x->view, S("title")));
    val_put_str(p->a, p->view, S("preview_hint"), val_get_str(x->view, S("hint")));
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        val_put_str(p->a, args, str_of(copied[i]), val_text(val_get(x->view, str_of(copied[i]))));
    if (val_get_bool(x->view, S("repeats"), false))
        val_put_str(p->a, p->view, S("preview_repeat"),
                    po_fill(p->a, page_text(p, S("可以填 {least} 到 {most} 条“{entry}”，每条问下面这些。")), args));
    if (val_get_str(x->view, S("when")).len)
        val_put_str(p->a, p->view, S("preview_when"),
                    po_fill(p->a, page_text(p, S("只在这个条件成立时问：{when}")), args));
}

int edit_form_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct val *hidden = val_list(p->a);
    struct form_place s;
    int rc = form_place(p, p->a, x, &s, e);
    (void)tx;
    if (rc) return rc;
    if (form_place_fields(&s)) put_fields(p, &s);
    else if (s.at == FORM_REMOVE) put_removed(p, &s);
    else put_entries(p, x, &s);
    if (s.at == FORM_LIST) put_preview(p, x);
    if (x->conflict && form_place_fields(&s)) edit_put_conflict(p, s.key, s.n, s.map);
    put_uses(p, x);
    staff_field(p, hidden, S("seen"), s.seen);
    val_put(p->a, p->view, S("hidden"), hidden);
    val_put_bool(p->a, p->view, S("open"), str_eq(x->draft.state, S("open")));
    val_put_i64(p->a, p->view, S("at"), s.at);
    return 0;
}

int edit_form_say(struct page *p, struct err *e) {
    static const struct str titles[] = { [FORM_PAGES] = S_INIT("表单的页面"),   [FORM_NEW_PAGE] = S_INIT("新的一页"),
                                         [FORM_OF_PAGE] = S_INIT("这一页的设置"), [FORM_REMOVE] = S_INIT("删除这一页"),
                                         [FORM_LIST] = S_INIT("一页的问题"),    [FORM_NEW] = S_INIT("新的问题"),
                                         [FORM_ONE] = S_INIT("一个问题") };
    const struct edit *x = p->own;
    struct str form = http_param(p->req, S("form")), page = http_param(p->req, S("page")),
               entry = http_param(p->req, S("entry")), part = form;
    (void)e;
    if (p->location.len) return 0;
    const enum form_at at = (enum form_at)val_get_i64(p->view, S("at"), FORM_PAGES);
    const bool below = at == FORM_NEW_PAGE || at == FORM_LIST;
    struct str all = form_place_path(p, x, form, S(""), S("")), own = form_place_path(p, x, form, page, S(""));
    if (at != FORM_PAGES && at != FORM_NEW_PAGE) part = ARENA_CAT(p->a, form, S(" / "), page);
    edit_title_of(p, titles[at], part, &x->draft);
    staff_crumb(p, titles[FORM_PAGES], at == FORM_PAGES ? S("") : all);
    if (at != FORM_PAGES && at != FORM_NEW_PAGE) staff_crumb(p, titles[FORM_LIST], at == FORM_LIST ? S("") : own);
    if (at != FORM_PAGES && at != FORM_LIST) staff_crumb(p, titles[at], S(""));
    val_put_str(p->a, p->view, S("back_href"),
                page_href(p, at == FORM_PAGES ? edit_path(p, x->draft.id, "") : below ? all : own));
    val_put_str(p->a, p->view, S("help"), part);
    page_form(p, form_place_path(p, x, form, page, entry));
    p->template = S("edit/section");
    return 0;
}
