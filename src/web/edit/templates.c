/* templates: I5, every message and paper that the systems send and issue, with where each is used; those of
 * the active systems, and those of a draft with what it changes. Invariant: what is listed is what is
 * compiled, so that no template is left out.
 */
#include "data/yaml.h"
#include "engine/notify/notify_out.h"
#include "engine/paper/paper_layout.h"
#include "release/release_templates.h"
#include "web/edit/edit_pages.h"

enum { PAGE_ROWS = 25, WALK_BYTES_MAX = 64 * 1024 * 1024 };

#define NOTICES S("notices")
#define PAPERS S("papers")

struct str edit_template_title(const struct system *m, struct str section, struct str id) {
    const bool paper = str_eq(section, PAPERS);
    const void *x = map_find(&m->part[paper ? SYSTEM_PAPER : SYSTEM_NOTICE], id);
    return !x ? id : paper ? paper_title(x) : notice_parts(x).title;
}

/* ---- where each is used ---- */

static void add_place(struct page *p, struct str *all, struct str place) {
    *all = all->len ? ARENA_CAT(p->req->arena, *all, page_text(p, S("；")), place) : place;
}

static struct str named(struct page *p, const struct system *m, struct str one, struct str other) {
    return ARENA_CAT(p->req->arena, system_text(m, p->lang, one), S(" · "),
                     system_text(m, p->lang, other));
}

static struct str notice_where(struct page *p, const struct system *m, struct str id) {
    struct str all = release_notice_when(id);
    if (all.len) all = page_text(p, all);
    for (size_t i = 0; i < m->part[SYSTEM_ITEM].n; i++) {
        const struct item_type *t = m->part[SYSTEM_ITEM].entry[i].value;
        const struct flow_model *flow = map_find(&m->part[SYSTEM_FLOW], t->flow);
        for (size_t k = 0; flow && k < flow->n_element; k++)
            if (release_step_sends(&flow->element[k], id))
                add_place(p, &all, named(p, m, t->name, flow->element[k].name));
    }
    return all;
}

static struct str paper_where(struct page *p, const struct system *m, struct str id) {
    struct release_paper_use *use = arena_array(p->req->arena, RELEASE_USES_MAX, sizeof *use);
    struct str all = str_eq(id, RELEASE_RECEIPT) ? page_text(p, S("提交申请以后的回执")) : S("");
    const size_t n = use ? release_paper_uses(m, id, use) : 0;
    for (size_t i = 0; i < n; i++) {
        const struct release_paper_use *u = &use[i];
        struct str of = named(p, m, u->item->name, u->part ? u->part->title : u->material->name);
        struct str how = page_text(p, u->part      ? u->refusal ? S("不予许可时") : S("准予时")
                                      : u->sample ? S("样表")
                                                  : S("空表"));
        add_place(p, &all, ARENA_CAT(p->req->arena, of, S(" · "), how));
    }
    return all;
}

struct str edit_template_where(struct page *p, const struct system *m, struct str section,
                               struct str id) {
    return str_eq(section, PAPERS) ? paper_where(p, m, id) : notice_where(p, m, id);
}

/* ---- rows ---- */

/* By what it reaches people. */
static struct str ways_of(struct page *p, const struct system *m, struct str section,
                          struct str id) {
    const struct notice_type *t =
        str_eq(section, PAPERS) ? NULL : map_find(&m->part[SYSTEM_NOTICE], id);
    struct str all = page_text(p, t ? S("站内消息") : S("文书"));
    for (int c = 0; t && c < NOTIFY_CHANNELS; c++)
        if (notice_parts(t).channels & 1u << c)
            add_place(p, &all, page_text(p, notify_channel_word((enum notify_channel)c)->title));
    return all;
}

/* A row in p->req->arena: {section, id, title, under, ways, where, of, system, system_title}. */
static void put_row(struct page *p, struct val *rows, const struct system *m, struct str section,
                    struct str id) {
    struct arena *a = p->req->arena;
    struct val *v = val_map(a);
    val_put_str(a, v, S("section"), section);
    val_put_str(a, v, S("id"), arena_str(a, id));
    val_put_str(a, v, S("title"),
                arena_str(a, system_text(m, p->lang, edit_template_title(m, section, id))));
    val_put_str(a, v, S("system"), arena_str(a, m->id));
    val_put_str(a, v, S("system_title"), arena_str(a, system_text(m, p->lang, m->title)));
    val_put_str(a, v, S("ways"), arena_str(a, ways_of(p, m, section, id)));
    val_put_str(a, v, S("where"), arena_str(a, edit_template_where(p, m, section, id)));
    val_put_str(a, v, S("of"), ARENA_CAT(a, section, S("/"), id));
    val_push(a, rows, v);
}

static void put_rows(struct page *p, struct val *rows, const struct system *m) {
    for (size_t i = 0; i < m->part[SYSTEM_NOTICE].n; i++)
        put_row(p, rows, m, NOTICES, m->part[SYSTEM_NOTICE].entry[i].key);
    for (size_t i = 0; i < m->part[SYSTEM_PAPER].n; i++)
        put_row(p, rows, m, PAPERS, m->part[SYSTEM_PAPER].entry[i].key);
}

static bool has(struct str text, struct str words) {
    for (size_t i = 0; i + words.len <= text.len; i++)
        if (str_eq_nocase(str_sub(text, i, words.len), words)) return true;
    return false;
}

static bool wanted(const struct list_run *l, const struct val *v) {
    static const char *const told[] = { "title", "id", "where", "system_title" };
    struct str kind = list_value(l, "kind"), system = list_value(l, "system"),
               state = list_value(l, "state"), words = list_value(l, "q");
    bool found = !words.len;
    if (kind.len && !str_eq(kind, val_get_str(v, S("section")))) return false;
    if (system.len && !str_eq(system, val_get_str(v, S("system")))) return false;
    if (state.len && str_eq(state, S("changed")) != val_get_bool(v, S("changed"), false)) return false;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        found |= has(val_get_str(v, str_of(told[i])), words);
    return found;
}

/* As they stand, which is the order of systems and of their files. */
static int by_place(const struct list_run *l, const struct val *x, const struct val *y) {
    const int64_t one = val_get_i64(x, S("n"), 0), other = val_get_i64(y, S("n"), 0);
    (void)l;
    return (one > other) - (one < other);
}

static int fetch_of(struct page *p, struct list_run *l, const struct val *rows, struct str path,
                    bool systems, struct err *e) {
    struct val *found = val_list(p->a);
    for (size_t i = 0; i < val_count(rows); i++) {
        struct val *v = rows->u.list.item[i], *row;
        if (!wanted(l, v)) continue;
        row = val_copy(p->a, v);
        struct str to = ARENA_CAT(p->a, path, val_get_str(v, S("of")));
        if (systems) to = ARENA_CAT(p->a, to, S("&system="), val_get_str(v, S("system")));
        val_put_i64(p->a, row, S("n"), (int64_t)i);
        val_put_str(p->a, row, S("href"), page_href(p, to));
        val_push(p->a, found, row);
    }
    return list_few(p, l, found, by_place, e);
}

static void kind_choices(struct page *p, struct list_run *l, const struct list_filter *f,
                         struct val *into) {
    list_choice(p, l, f, into, NOTICES, page_text(p, S("通知和短信")));
    list_choice(p, l, f, into, PAPERS, page_text(p, S("证照和文书")));
}

/* ---- of the active systems ---- */

static int active_fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    const struct realm *r = page_realm(p);
    const struct system **all;
    struct val *rows = val_list(p->req->arena);
    const size_t n = r->systems.active(r->systems.context, &all);
    (void)tx;
    for (size_t i = 0; i < n; i++) put_rows(p, rows, all[i]);
    return fetch_of(p, l, rows, S("/admin/template?of="), true, e);
}

static int active_choices(struct store_tx *tx, struct page *p, struct list_run *l,
                          const struct list_filter *f, struct val *into, struct err *e) {
    const struct realm *r = page_realm(p);
    const struct system **all;
    const size_t n = r->systems.active(r->systems.context, &all);
    (void)tx, (void)e;
    if (str_eq(str_of(f->name), S("kind"))) kind_choices(p, l, f, into);
    for (size_t i = 0; str_eq(str_of(f->name), S("system")) && i < n; i++)
        if (all[i]->part[SYSTEM_NOTICE].n + all[i]->part[SYSTEM_PAPER].n)
            list_choice(p, l, f, into, all[i]->id, system_text(all[i], p->lang, all[i]->title));
    return 0;
}

static const struct list_column columns[] = { { "title", S_INIT("模板"), NULL, LIST_HEAD },
                                              { "id", S_INIT("标识"), NULL, LIST_UNDER },
                                              { "system_title", S_INIT("系统"), NULL, LIST_TEXT },
                                              { "where", S_INIT("用在哪里"), NULL, LIST_TEXT },
                                              { "ways", S_INIT("怎样发出"), NULL, LIST_TEXT } };
static const struct list_order orders[] = { { "file", S_INIT("按系统，从前往后"),
                                              S_INIT("按系统，从后往前"), true } };
static const struct list_filter filters[] = { { "kind", S_INIT("种类"), LIST_CHOICE },
                                              { "system", S_INIT("系统"), LIST_CHOICE },
                                              { "q", S_INIT("名称、标识或用处"), LIST_WORDS } };
static const struct list active = { .name = "templates",
                                    .caption = S_INIT("通知、短信和文书"),
                                    LIST_TABLES(columns, orders, filters),
                                    .page_rows = PAGE_ROWS,
                                    .fetch = active_fetch,
                                    .choices = active_choices };

int edit_active_list_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &active, S("/admin/templates"), &l);
    return list_show(tx, p, &l, e);
}

int edit_active_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &active, S("/admin/templates"), &l);
    return list_file(tx, p, &l, NULL, NULL, e); /* nobody's data */
}

int edit_active_list_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("通知和文书模板"), S(""));
    val_put_str(p->a, p->view, S("system"),
                page_text(p, S("现在启用的通知、短信、证照和文书。点开一个，可以看到它用在哪里、能用哪些占位符、发出来是什么样，再到草稿里修改。")));
    val_put_bool(p->a, p->view, S("compiled"), true);
    p->template = S("edit/templates");
    return 0;
}

/* ---- of a draft ---- */

static const struct val *notice_in(struct arena *a, const struct release_files *f, struct str id) {
    struct val *yaml;
    struct str file = S("notices.yaml");
    if (yaml_parse(a, file, edit_file(f, file), &yaml, NULL)) return NULL;
    return val_get(yaml, id);
}

/* Is it another than in the release that the draft was begun from, in either language? */
static bool changed(struct page *p, const struct edit *x, struct arena *a, struct str section,
                    struct str id) {
    static const char *const keys[] = { "title", "text", "sms" };
    struct str file = ARENA_CAT(a, S("papers/"), id, S(".xml"));
    if (str_eq(section, PAPERS)) return !str_eq(edit_file(&x->files, file), edit_file(&x->base, file));
    const struct val *now = notice_in(a, &x->files, id), *was = notice_in(a, &x->base, id);
    const struct edit_words now_en = edit_words(p, &x->files, x->draft.system, a),
                            was_en = edit_words(p, &x->base, x->draft.system, a);
    bool other = !was || !val_equal(now, was);
    for (size_t i = 0; i < 3; i++)
        other |= !str_eq(edit_english(&now_en, val_get_str(now, str_of(keys[i]))),
                         edit_english(&was_en, val_get_str(was, str_of(keys[i]))));
    return other;
}

static void gather(struct page *p) {
    struct edit *x = p->own;
    struct arena a, *keep = p->req->arena;
    arena_init(&a, "templates of a draft", WALK_BYTES_MAX);
    const struct system *m = edit_judge(p, &a, &x->files, &x->findings);
    x->view = val_list(keep);
    if (m) put_rows(p, x->view, m);
    for (size_t i = 0; i < val_count(x->view); i++) {
        struct val *v = x->view->u.list.item[i], *state = val_map(keep);
        const bool other =
            changed(p, x, &a, val_get_str(v, S("section")), val_get_str(v, S("id")));
        val_put_bool(keep, v, S("changed"), other);
        val_put_str(keep, state, S("text"), page_text(p, other ? S("改过") : S("与现行相同")));
        val_put_str(keep, state, S("kind"), other ? S("brand") : S(""));
        val_put(keep, v, S("state"), state);
    }
    x->compiled = m != NULL;
    arena_done(&a);
}

int edit_templates_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = edit_look;
    p->work = gather;
    return 0;
}

static int draft_fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    const struct edit *x = p->own;
    (void)tx;
    return fetch_of(p, l, x->view, edit_path(p, x->draft.id, "/template?of="), false, e);
}

static int draft_choices(struct store_tx *tx, struct page *p, struct list_run *l,
                         const struct list_filter *f, struct val *into, struct err *e) {
    (void)tx, (void)e;
    if (str_eq(str_of(f->name), S("kind"))) kind_choices(p, l, f, into);
    if (!str_eq(str_of(f->name), S("state"))) return 0;
    list_choice(p, l, f, into, S("changed"), page_text(p, S("改过")));
    list_choice(p, l, f, into, S("same"), page_text(p, S("与现行相同")));
    return 0;
}

static const struct list_column own_columns[] = { { "title", S_INIT("模板"), NULL, LIST_HEAD },
                                                  { "id", S_INIT("标识"), NULL, LIST_UNDER },
                                                  { "where", S_INIT("用在哪里"), NULL, LIST_TEXT },
                                                  { "ways", S_INIT("怎样发出"), NULL, LIST_TEXT },
                                                  { "state", S_INIT("情况"), NULL, LIST_TAG } };
static const struct list_order own_orders[] = { { "file", S_INIT("按文件，从前往后"),
                                                  S_INIT("按文件，从后往前"), true } };
static const struct list_filter own_filters[] = { { "kind", S_INIT("种类"), LIST_CHOICE },
                                                  { "state", S_INIT("情况"), LIST_CHOICE },
                                                  { "q", S_INIT("名称、标识或用处"), LIST_WORDS } };
static const struct list of_draft = { .name = "templates",
                                      .caption = S_INIT("通知、短信和文书"),
                                      LIST_TABLES(own_columns, own_orders, own_filters),
                                      .page_rows = PAGE_ROWS,
                                      .no_file = true,
                                      .fetch = draft_fetch,
                                      .choices = draft_choices };

int edit_templates_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct list_run l;
    list_read(p, &of_draft, edit_path(p, x->draft.id, "/templates"), &l);
    val_put_bool(p->a, p->view, S("compiled"), x->compiled);
    return list_show(tx, p, &l, e);
}

int edit_templates_say(struct page *p, struct err *e) {
    const struct edit *x = p->own;
    (void)e;
    edit_title(p, S("通知和文书模板"), &x->draft);
    staff_crumb(p, S("通知和文书模板"), S(""));
    p->template = S("edit/templates");
    return 0;
}
