/* drafts: I1, the drafts of all systems, and beginning one. Invariant: the place of a row is its
 * id. */
#include "web/edit/edit_pages.h"
#include "web/question.h"

enum { PAGE_ROWS = 25 };

static void decorate(struct page *p, struct val *v) {
    const struct system *sys = realm_system(page_realm(p), val_get_str(v, S("system")));
    struct str s = val_get_str(v, S("state"));
    const int64_t id = val_get_i64(v, S("id"), 0);
    struct val *state = val_map(p->a);
    const bool open = str_eq(s, S("open")), proposed = str_eq(s, S("proposed"));
    val_put_str(p->a, state, S("text"), edit_state(p, s));
    val_put_str(p->a, state, S("kind"), open ? S("brand") : proposed ? S("warn") : S(""));
    val_put(p->a, v, S("state"), state);
    val_put_str(p->a, v, S("title"),
                sys ? system_text(sys, p->lang, sys->title) : val_get_str(v, S("system")));
    val_put_str(p->a, v, S("changed"),
                realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("changed_ms"), 0)));
    val_put_str(p->a, v, S("href"), page_href(p, edit_path(p, id, "")));
    val_put_str(p->a, v, S("place"), list_place(p->a, 0, id));
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    int64_t key, id = 0;
    struct val *all;
    int rc = l->place.len ? list_place_read(l->place, &key, &id, e) : 0;
    if (!rc) rc = release_draft_list(tx, page_realm(p), id, l->back, l->max, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) decorate(p, l->rows->u.list.item[i]);
    if (rc || !l->counted) return rc;
    rc = release_draft_list(tx, page_realm(p), 0, false, SCOPE_COUNT_MAX, &all, e);
    l->total = val_count(all);
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    (void)tx, (void)p, (void)l, (void)f, (void)into, (void)e;
    return 0;
}

static const struct list_column columns[] = { { "title", S_INIT("系统"), NULL, LIST_HEAD },
                                              { "system", S_INIT("系统标识"), NULL, LIST_UNDER },
                                              { "state", S_INIT("状态"), NULL, LIST_TAG },
                                              { "changed", S_INIT("最近改动"), "begun",
                                                LIST_WHEN } };
static const struct list_order orders[] = { { "begun", S_INIT("新起草的在前"),
                                              S_INIT("早起草的在前"), false } };
#define N(x) (sizeof x / sizeof *x)
static const struct list drafts = { .name = "drafts", .caption = S_INIT("起草与发布"),
                                    .columns = columns,
                                    .n_columns = N(columns),
                                    .orders = orders,
                                    .n_orders = N(orders),
                                    .page_rows = PAGE_ROWS,
                                    .fetch = fetch,
                                    .choices = choices };

/* Which systems can be edited here: those that have an item, messages or papers, and the one with the holidays. */
static bool editable(const struct system *sys) {
    return sys && (sys->part[SYSTEM_ITEM].n || sys->part[SYSTEM_NOTICE].n || sys->part[SYSTEM_PAPER].n ||
                   edit_has_holidays(sys));
}

static void put_systems(struct page *p) {
    const struct realm *r = page_realm(p);
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    struct val *list = val_list(p->a),
               *field = question_plain(p, S("system"), S("系统"), S("从它现在启用的版本开始起草"));
    for (size_t i = 0; i < n; i++)
        if (editable(all[i]))
            (void)staff_choice(p, list, S("system"), all[i]->id,
                               system_text(all[i], p->lang, all[i]->title),
                               str_eq(all[i]->id, page_in(p, S("system"))));
    val_put(p->a, field, S("choices"), list);
    val_put_str(p->a, field, S("none"), page_text(p, S("请选择")));
    val_put(p->a, p->view, S("system_field"), field);
}

int edit_list_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct scope_token ignored;
    struct list_run l;
    list_read(p, &drafts, S("/admin/drafts"), &l);
    int rc = list_show(tx, p, &l, e);
    bool may = access_may(page_realm(p), p->who, S("release.draft"), &ignored, NULL) == 0;
    val_put_bool(p->a, p->view, S("may_begin"), may);
    if (may) put_systems(p);
    return rc;
}

int edit_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &drafts, S("/admin/drafts"), &l);
    return list_file(tx, p, &l, NULL, NULL, e); /* nobody's data */
}

int edit_list_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("起草与发布"), S(""));
    page_form(p, S("/admin/drafts"));
    p->template = S("edit/drafts");
    return 0;
}

int edit_begin_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str system = page_in(p, S("system"));
    int64_t id;
    const struct system *sys = realm_system(page_realm(p), system);
    if (!editable(sys)) return page_fault(p, S("system"), ERR_CODE, S(""));
    int rc = release_draft_begin(tx, page_realm(p), p->who, system, &id, e);
    if (rc) return rc;
    p->location = edit_path(p, id, "");
    struct str of = page_in(p, S("of")), section = S(""), name = of; /* begun for one template */
    if (str_cut(&name, '/', &section) &&
        map_find(&sys->part[str_eq(section, S("papers")) ? SYSTEM_PAPER : SYSTEM_NOTICE], name))
        p->location = ARENA_CAT(p->a, edit_path(p, id, "/template?of="), of);
    return 0;
}
