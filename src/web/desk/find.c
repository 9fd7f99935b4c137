/* find: D-find, cases by what an officer types and by facets. Invariant: what was typed may be
 * somebody's name, so it stands in no address: it goes on sealed, and opens for who typed it alone.
 */
#include "web/desk/desk_pages.h"
#include "web/list/list.h"
#include "web/question.h"

enum { PAGE_ROWS = 25 };

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e);

static const struct list_column columns[] = {
    { "number", S_INIT("编号"), NULL, LIST_HEAD },
    { "item", S_INIT("事项"), NULL, LIST_TEXT },
    { "applicant", S_INIT("申请人"), NULL, LIST_TEXT },
    { "state_tag", S_INIT("状态"), NULL, LIST_TAG },
    { "submitted", S_INIT("提交时间"), "submitted", LIST_WHEN },
};
static const struct list_order orders[] = {
    { "submitted", S_INIT("最新的在前"), S_INIT("最早的在前"), false },
};
/* The first is what was typed; the others as enum item_search_facet, whose titles they have. */
static const struct list_filter filters[] = {
    { "q", S_INIT("查找"), LIST_CARRIED },          { "state", S_INIT("状态"), LIST_LINKS },
    { "item", S_INIT("事项"), LIST_LINKS },         { "unit", S_INIT("受理单位"), LIST_LINKS },
    { "division", S_INIT("区域"), LIST_LINKS },     { "time", S_INIT("提交时间"), LIST_LINKS },
    { "channel", S_INIT("办理渠道"), LIST_LINKS },  { "result", S_INIT("办理结果"), LIST_LINKS },
};
enum { FILTERS = sizeof filters / sizeof *filters };
_Static_assert(FILTERS == ITEM_SEARCH_FACETS + 1, "a filter for each facet, and what was typed");
static const struct list list = {
    .name = "cases", .columns = columns, .n_columns = sizeof columns / sizeof *columns,
    .orders = orders, .n_orders = 1, .filters = filters, .n_filters = FILTERS,
    .page_rows = PAGE_ROWS, .no_file = true, .unsaved = true, .fetch = fetch, .choices = choices,
};

/* ---- the list ---- */

void desk_case_row(struct page *p, struct val *row) {
    struct val *tag = val_map(p->a);
    int64_t id = val_get_i64(row, S("id"), 0);
    struct str tone = val_get_str(row, S("tone"));
    bool plain = str_eq(tone, S("plain"));
    val_put_str(p->a, tag, S("text"), val_get_str(row, S("state_text")));
    val_put_str(p->a, tag, S("kind"), plain ? S("") : str_eq(tone, S("info")) ? S("brand") : tone);
    val_put(p->a, row, S("state_tag"), tag);
    val_put_str(p->a, row, S("href"),
                page_href(p, arena_fmt(p->a, "/desk/case/%lld", (long long)id)));
    val_put_str(p->a, row, S("place"), list_place(p->a, val_get_i64(row, S("key"), 0), id));
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct item_search *q = arena_new(p->a, struct item_search);
    if (!q) return err_set(e, ERR_MEMORY, NULL);
    *q = (struct item_search){ .back = l->back, .sums = l->counted, .max = l->max };
    int rc = staff_sought_read(p, "desk/find", list_value(l, "q"), &q->typed, e);
    for (size_t f = 0; f < ITEM_SEARCH_FACETS; f++)
        q->chosen[f] = list_value(l, filters[f + 1].name);
    if (!rc) rc = list_place_read(l->place, &q->at.key, &q->at.id, e);
    if (!rc) rc = item_search(tx, page_realm(p), p->who, q, p->lang, &l->rows, e);
    if (rc) return rc;
    for (size_t i = 0; i < val_count(l->rows); i++) desk_case_row(p, l->rows->u.list.item[i]);
    l->total = q->total;
    l->cut = q->at.cut ? list_place(p->a, q->at.key, q->at.id) : (struct str){ NULL, 0 };
    p->own = q;
    return 0;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    const struct item_search *q = p->own;
    const size_t at = (size_t)(f - filters);
    (void)tx, (void)e;
    if (at == 0) {
        list_choice(p, l, f, into, list_value(l, "q"), q->typed);
        return 0;
    }
    const struct val *options = val_item(q->facets, at - 1);
    for (size_t i = 0; i < val_count(options); i++) {
        const struct val *o = val_item(options, i);
        list_link(p, l, f, into, val_get_str(o, S("value")), val_get_str(o, S("title")),
                  val_get_i64(o, S("count"), -1));
    }
    return 0;
}

/* ---- the pages ---- */

static void put_matters(struct page *p, const struct item_search *q) {
    struct val *links = val_list(p->a);
    for (size_t i = 0; i < val_count(q->matters); i++) {
        const struct val *m = val_item(q->matters, i);
        struct val *v = val_map(p->a);
        struct str path = ARENA_CAT(p->a, S("/desk/find?item="), val_get_str(m, S("value")));
        val_put_str(p->a, v, S("title"), val_get_str(m, S("title")));
        val_put_str(p->a, v, S("href"), page_href(p, path));
        val_push(p->a, links, v);
    }
    val_put(p->a, p->view, S("matters"), links);
    if (q->meant.len == 0) return;
    struct val *args = val_map(p->a);
    val_put_str(p->a, args, S("meant"), q->meant);
    val_put_str(p->a, p->view, S("meant"),
                po_fill(p->a, page_text(p, S("没有这样的编号、姓名或事项，以下按“{meant}”查。")),
                        args));
}

int desk_find_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    if (question_again(p)) return 0;
    list_read(p, &list, S("/desk/find"), &l);
    int rc = list_show(tx, p, &l, e);
    if (rc) return rc;
    const struct item_search *q = p->own;
    val_put_str(p->a, p->view, S("typed"), q->typed);
    put_matters(p, q);
    return 0;
}

static void put_empty(struct page *p) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), page_text(p, S("没有找到您可以看的办件")));
    val_put_str(p->a, v, S("text"),
                page_text(p, S("姓名至少要两个字，首字母至少三个（两个字的姓名两个）。您单位管辖以外的办件不会出现在这里。")));
    val_put_str(p->a, v, S("href"), page_href(p, S("/desk/find")));
    val_put_str(p->a, v, S("link"), page_text(p, S("重新查")));
    val_put(p->a, p->view, S("empty"), v);
}

int desk_find_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    static const char *const keys[] = { "type", "mode", "complete", "before", "after", "readonly",
                                        NULL };
    struct val *field = question_plain(
        p, S("q"), S("编号、姓名、企业名称或事项"),
        S("编号可以只写日期或顺序号；姓名和企业名称可以写全拼或首字母；几个词之间空一格"));
    for (const char *const *k = keys; *k; k++) val_put_str(p->a, field, str_of(*k), S(""));
    val_put_str(p->a, field, S("width"), S("20"));
    val_put_str(p->a, field, S("complete"), S("off"));
    if (!question_again(p))
        val_put_str(p->a, field, S("value"), val_get_str(p->view, S("typed")));
    val_put(p->a, p->view, S("q_field"), field);
    if (val_get(p->view, S("empty"))) put_empty(p);
    staff_title(p, S("查办件"), S(""));
    p->template = S("desk/find");
    return 0;
}

int desk_find_ask(struct page *p, struct err *e) {
    (void)e;
    p->has_key = false; /* finding changes nothing: the same may be asked again */
    return 0;
}

int desk_find_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str typed = str_trim(page_in(p, S("q")));
    int64_t id;
    if (typed.len == 0) return page_fault(p, S("q"), ERR_REQUIRED, S("编号、姓名、企业名称或事项"));
    if (str_utf8_count(typed) > ITEM_SEARCH_TYPED_MAX)
        return page_fault(p, S("q"), ERR_TOO_LONG, arena_i64(p->a, ITEM_SEARCH_TYPED_MAX));
    int rc = item_case_find(tx, page_realm(p), p->who, typed, &id, e);
    if (rc && rc != ERR_NOT_FOUND) return rc;
    p->location = rc ? ARENA_CAT(p->a, S("/desk/find?q="), staff_sought(p, "desk/find", typed))
                     : arena_fmt(p->a, "/desk/case/%lld", (long long)id);
    return 0;
}
