/* kept: E1's lists of cases: those that an officer took in for somebody (我发起), those that he follows (关注); and following.
 * Invariant: a list shows what opening would not refuse (engine/item/item_follow.h).
 */
#include "web/desk/desk_pages.h"

#include "engine/item/item_follow.h"
#include "web/list/list.h"

enum { PAGE_ROWS = 25 };

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e);

#define COLUMNS(kept_title) \
    { \
        { "number", S_INIT("编号"), NULL, LIST_HEAD }, { "state_tag", S_INIT("状态"), NULL, LIST_TAG }, \
        { "item", S_INIT("事项"), NULL, LIST_TEXT }, { "applicant", S_INIT("申请人"), NULL, LIST_TEXT }, \
        { "due", S_INIT("到期日"), NULL, LIST_FIGURE }, { "kept", kept_title, "kept", LIST_WHEN }, \
    }
static const struct list_column begun_columns[] = COLUMNS(S_INIT("收件时间"));
static const struct list_column followed_columns[] = COLUMNS(S_INIT("关注时间"));
static const struct list_order orders[] = { { "kept", S_INIT("最近的在前"), S_INIT("最早的在前"), false } };
static const struct list_filter filters[] = { { "item", S_INIT("事项"), LIST_CHOICE } };
#define KEPT(file, title, columns) \
    { .name = file, .caption = title, LIST_TABLES(columns, orders, filters), .page_rows = PAGE_ROWS, .fetch = fetch, \
      .choices = choices }
static const struct list lists[] = {
    [ITEM_BEGUN] = KEPT("begun-cases", S_INIT("我发起的办件"), begun_columns),
    [ITEM_FOLLOWED] = KEPT("followed-cases", S_INIT("我关注的办件"), followed_columns),
};
static const struct {
    struct str path, title, text;
} said[] = {
    [ITEM_BEGUN] = { S_INIT("/desk/begun"), S_INIT("您还没有在窗口收过件"), S_INIT("您在窗口替办事人收的件会按时间列在这里，办到哪一步都看得到。") },
    [ITEM_FOLLOWED] = { S_INIT("/desk/followed"), S_INIT("还没有关注的办件"),
                        S_INIT("打开一个办件并关注，它会列在这里；状态变了会发消息告诉您。") },
};

static enum item_kept which(const struct page *p) {
    return str_starts(str_of(p->route->id), S("E1-begun")) ? ITEM_BEGUN : ITEM_FOLLOWED;
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct item_case_query q = { .item = list_value(l, "item"), .back = l->back, .max = l->max };
    int rc = list_place_read(l->place, &q.at.key, &q.at.id, e);
    if (!rc) rc = item_kept_view(tx, page_realm(p), p->who, (enum item_kept)(l->of - lists), &q, p->lang, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) {
        struct val *row = l->rows->u.list.item[i];
        desk_case_row(p, row);
        if (val_get_bool(row, S("opens"), false)) continue;
        /* taken in for another office: what the visitor was given is as far as the window sees */
        val_put_str(p->a, row, S("href"), page_href(p, arena_fmt(p->a, "/window/receipt/%lld", (long long)val_get_i64(row, S("id"), 0))));
    }
    l->total = q.total;
    l->cut = q.at.cut ? list_place(p->a, q.at.key, q.at.id) : (struct str){ NULL, 0 };
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e) {
    const struct val *matters = item_matters_view(page_realm(p), p->who, p->lang, p->a);
    (void)tx, (void)e;
    for (size_t i = 0; i < val_count(matters); i++)
        list_choice(p, l, f, into, val_get_str(val_item(matters, i), S("value")), val_get_str(val_item(matters, i), S("title")));
    return 0;
}

int desk_kept_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &lists[which(p)], said[which(p)].path, &l);
    int rc = list_show(tx, p, &l, e);
    if (!rc) rc = desk_tabs(tx, p, l.path, e);
    if (!rc) val_put_bool(p->a, p->view, S("none"), val_count(l.rows) == 0 && !val_get(p->view, S("empty")));
    return rc;
}

int desk_kept_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, lists[which(p)].caption, S(""));
    if (val_get_bool(p->view, S("none"), false)) desk_put_empty(p, said[which(p)].title, said[which(p)].text, S("/desk"), S("去看待办"));
    p->template = S("desk/queue");
    return 0;
}

/* The file holds what others applied for: that it was taken is noted. */
int desk_kept_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &lists[which(p)], said[which(p)].path, &l);
    return list_file(tx, p, &l, "case.read", "case", e);
}

/* ---- following ---- */

int desk_put_follow(struct store_tx *tx, struct page *p, int64_t case_id, int64_t task, struct err *e) {
    struct val *v = val_map(p->a);
    bool may, follows;
    int rc = item_follow_view(tx, page_realm(p), p->who, case_id, &may, &follows, e);
    if (rc || !may) return rc;
    val_put_str(p->a, v, S("href"), page_href(p, arena_fmt(p->a, "/desk/case/%lld/follow", (long long)case_id)));
    val_put_i64(p->a, v, S("task"), task);
    val_put_bool(p->a, v, S("on"), follows);
    val_put(p->a, p->view, S("follow"), v);
    return 0;
}

int desk_follow_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id, task;
    int rc = staff_id(p, "case", &id, e);
    if (!rc) rc = item_follow(tx, page_realm(p), p->who, id, !str_eq(page_in(p, S("follow")), S("off")), e);
    if (rc) return rc;
    const bool back = str_to_i64(page_in(p, S("task")), &task) && task > 0; /* to the page where it was pressed */
    p->location = arena_fmt(p->a, back ? "/desk/task/%lld" : "/desk/case/%lld", (long long)(back ? task : id));
    return 0;
}

int desk_follow_say(struct page *p, struct err *e) {
    int64_t id;
    if (p->location.len) return 0;
    if (!p->err.code || staff_id(p, "case", &id, e)) return err_set(e, ERR_NOT_FOUND, NULL);
    staff_title(p, S("不能关注这个办件"), S(""));
    desk_put_moved(p, arena_fmt(p->a, "/desk/case/%lld", (long long)id), S("查看这个办件"));
    return 0;
}
