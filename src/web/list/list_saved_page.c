/* list_saved_page: the pages of what was saved of lists: all that is one's own, saving, changing and removing one. Invariant: what is
 * saved is what the list's own link says; here it gets a name, and whom it is shared with.
 */
#include "web/list/list_saved.h"
#include "web/question.h"

enum { PAGE_ROWS = 25 };

/* ---- one's own ---- */

static int by_name(const struct list_run *l, const struct val *x, const struct val *y) {
    (void)l;
    int c = str_cmp(val_get_str(x, S("name")), val_get_str(y, S("name")));
    return c ? c : list_by_time(l, x, y);
}

static struct str unit_title(const struct page *p, int64_t unit) {
    for (size_t i = 0; i < p->who->n_posts; i++)
        if (p->who->posts[i].unit == unit) return realm_words(page_realm(p), p->lang, p->who->posts[i].unit_title);
    return S("");
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct val *found = val_list(p->a);
    struct saved *all;
    size_t n;
    int rc = saved_own(tx, page_realm(p), p->who, &all, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct val *v = val_map(p->a);
        val_put_i64(p->a, v, S("id"), all[i].id);
        val_put_str(p->a, v, S("name"), all[i].name);
        val_put_str(p->a, v, S("opens"), all[i].opens ? page_text(p, S("打开清单时先看它")) : S(""));
        val_put_str(p->a, v, S("unit"), all[i].unit ? unit_title(p, all[i].unit) : page_text(p, S("不共享")));
        val_put_str(p->a, v, S("href"), page_href(p, arena_fmt(p->a, "/lists/%lld", (long long)all[i].id)));
        val_push(p->a, found, v);
    }
    return rc ? rc : list_few(p, l, found, by_name, e);
}

static const struct list_column columns[] = { { "name", S_INIT("名称"), "name", LIST_HEAD },
                                              { "opens", S_INIT("默认"), NULL, LIST_TEXT },
                                              { "unit", S_INIT("共享给"), NULL, LIST_TEXT } };
static const struct list_order orders[] = {
    { "name", S_INIT("按名称；点名称可以修改或删除"), S_INIT("按名称倒序；点名称可以修改或删除"), true },
};
static const struct list mine = { .name = "saved", .columns = columns, .n_columns = LIST_N(columns), .orders = orders,
                                  .n_orders = LIST_N(orders), .page_rows = PAGE_ROWS, .no_file = true, .unsaved = true, .fetch = fetch };

int list_saved_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &mine, S("/lists"), &l);
    return list_show(tx, p, &l, e);
}

int list_saved_say(struct page *p, struct err *e) {
    struct val *v = val_map(p->a);
    (void)e;
    staff_title(p, S("保存的筛选"), S(""));
    if (!list_some(p)) {
        val_put_str(p->a, v, S("title"), page_text(p, S("还没有保存的筛选")));
        val_put_str(p->a, v, S("text"), page_text(p, S("在任何一个清单里筛选或排序，再点“保存这个筛选”。")));
        val_put_str(p->a, v, S("href"), S(""));
        val_put(p->a, p->view, S("empty"), v);
    }
    p->template = S("list/saved");
    return 0;
}

/* ---- a form for one ---- */

static void put_fields(struct page *p, const struct saved *s) {
    struct val *name = question_plain(p, S("name"), S("名称"), S("例如：超期的、今天要办的")), *units = val_list(p->a);
    struct str unit = question_again(p) ? page_in(p, S("unit")) : s->unit ? arena_i64(p->a, s->unit) : S("");
    if (!question_again(p)) val_put_str(p->a, name, S("value"), s->name);
    val_put_str(p->a, name, S("width"), S("20"));
    val_put_str(p->a, name, S("complete"), S("off"));
    val_put(p->a, p->view, S("name_field"), name);
    (void)staff_choice(p, units, S("unit"), S(""), page_text(p, S("不共享，只有自己看")), unit.len == 0);
    for (size_t i = 0; i < p->who->n_posts; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++) seen |= p->who->posts[k].unit == p->who->posts[i].unit;
        struct str id = arena_i64(p->a, p->who->posts[i].unit);
        if (!seen) (void)staff_choice(p, units, S("unit"), id, unit_title(p, p->who->posts[i].unit), str_eq(id, unit));
    }
    struct val *share = question_plain(p, S("unit"), S("共享给"),
                                       S("这个单位的同事能看到名称和条件；各人看到的办件仍按各人的权限"));
    val_put(p->a, share, S("choices"), units);
    val_put_str(p->a, share, S("none"), S(""));
    val_put(p->a, p->view, S("unit_field"), share);
    question_box(p, "opens", S("默认"), S("打开清单时先看它"), S("每个清单只有一个；原来的那个不再是。"),
                 question_again(p) ? page_in(p, S("opens")).len > 0 : s->opens);
}

static void ask_fields(struct page *p) {
    (void)question_ticked(p, "opens");
    struct str name = str_trim(page_in(p, S("name")));
    if (name.len == 0) (void)page_fault(p, S("name"), ERR_REQUIRED, S("名称"));
    else if (str_utf8_count(name) > SAVED_NAME_CHARS_MAX)
        (void)page_fault(p, S("name"), ERR_TOO_LONG, arena_i64(p->req->arena, SAVED_NAME_CHARS_MAX));
}

static int put(struct store_tx *tx, struct page *p, struct saved *s, struct err *e) {
    int64_t id;
    s->name = page_in(p, S("name"));
    s->opens = page_in(p, S("opens")).len > 0;
    s->unit = 0;
    if (page_in(p, S("unit")).len && !str_to_i64(page_in(p, S("unit")), &s->unit)) return page_fault(p, S("unit"), ERR_CODE, S(""));
    int rc = saved_put(tx, page_realm(p), p->who, s, &id, e);
    struct str field = rc ? str_of(e->field) : S("");
    _Static_assert(SAVED_MAX == 8, "as the sentences below say");
    if (rc == ERR_DUPLICATE) return page_fault(p, field, ERR_INPUT, S("您在这个清单里已经有一个叫这个名字的筛选"));
    if (rc == ERR_LIMIT && str_eq(field, S("unit")))
        return page_fault(p, field, ERR_INPUT, S("这个单位共享的筛选已经有 8 个，请先请同事删去一个"));
    if (rc == ERR_LIMIT && field.len)
        return page_fault(p, field, ERR_INPUT, S("这个清单已经保存了 8 个筛选，请先删去一个"));
    if (rc == ERR_FORBIDDEN && field.len) return page_fault(p, field, ERR_CODE, S(""));
    if (!rc) p->location = s->query.len ? ARENA_CAT(p->a, s->path, S("?"), s->query) : s->path;
    return staff_fault(p, rc, e);
}

int list_save_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx, (void)e;
    put_fields(p, &(struct saved){ 0 });
    val_put_str(p->a, p->view, S("of"), page_in(p, S("of")));
    val_put_str(p->a, p->view, S("as"), page_in(p, S("as")));
    val_put_bool(p->a, p->view, S("something"), page_in(p, S("of")).len && page_in(p, S("as")).len);
    return 0;
}

int list_save_ask(struct page *p, struct err *e) {
    (void)e;
    ask_fields(p);
    return 0;
}

int list_save_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct saved s = { .path = page_in(p, S("of")), .query = page_in(p, S("as")) };
    return put(tx, p, &s, e);
}

int list_save_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("保存这个筛选"), S(""));
    page_form(p, S("/lists/new"));
    p->template = S("list/save");
    return 0;
}

int list_change_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct saved s;
    int64_t id;
    int rc = staff_id(p, "saved", &id, e);
    if (!rc) rc = saved_get(tx, page_realm(p), p->who, id, &s, e);
    if (rc) return rc;
    put_fields(p, &s);
    val_put_str(p->a, p->view, S("saved_name"), s.name);
    val_put_str(p->a, p->view, S("open_href"), page_href(p, ARENA_CAT(p->a, s.path, S("?"), s.query)));
    return 0;
}

int list_change_ask(struct page *p, struct err *e) {
    (void)e;
    if (!page_in(p, S("drop")).len) ask_fields(p);
    return 0;
}

int list_change_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct saved s;
    int64_t id;
    int rc = staff_id(p, "saved", &id, e);
    if (!rc && page_in(p, S("drop")).len) {
        rc = saved_drop(tx, page_realm(p), p->who, id, e);
        if (!rc) p->location = S("/lists");
        return rc;
    }
    if (!rc) rc = saved_get(tx, page_realm(p), p->who, id, &s, e);
    if (!rc) rc = put(tx, p, &s, e);
    if (!rc) p->location = S("/lists");
    return rc;
}

int list_change_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("修改保存的筛选"), val_get_str(p->view, S("saved_name")));
    page_form(p, S(""));
    p->template = S("list/change");
    return 0;
}
