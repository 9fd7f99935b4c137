/* materials: C6, every file that one has given for an application: for which, when, and until when
 * it may be taken again (B8). */
#include "web/list/list.h"
#include "web/portal/portal.h"
#include "web/user.h"

enum { PAGE_ROWS = 20 };

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    const struct realm *r = page_realm(p);
    int64_t at = 0;
    if (l->place.len && (!str_to_i64(l->place, &at) || at <= 0))
        return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = item_given_view(tx, r, p->who, at, l->back, l->max, p->lang, &l->rows, &l->total, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) {
        struct val *v = l->rows->u.list.item[i];
        int64_t id = val_get_i64(v, S("id"), 0), until = val_get_i64(v, S("kept_ms"), 0);
        struct str tail = arena_fmt(p->a, "/file/%lld", (long long)id),
                   number = val_get_str(v, S("number"));
        val_put_str(p->a, v, S("href"),
                    page_href(p, portal_case_path(p, val_get_i64(v, S("case_id"), 0), tail)));
        val_put_str(p->a, v, S("place"), arena_i64(p->a, id));
        val_put_str(p->a, v, S("added"),
                    realm_day(r, p->a, p->lang, val_get_i64(v, S("added_ms"), 0)));
        val_put_str(p->a, v, S("number"), number.len ? number : page_text(p, S("草稿")));
        val_put_str(p->a, v, S("kept"),
                    until > p->now_ms ? realm_day(r, p->a, p->lang, until - 1)
                                      : page_text(p, S("不再使用")));
    }
    return rc;
}

static const struct list_column columns[] = {
    { "file_name", S_INIT("文件"), NULL, LIST_HEAD },
    { "name", S_INIT("材料"), NULL, LIST_TEXT },
    { "item", S_INIT("事项"), NULL, LIST_TEXT },
    { "number", S_INIT("办件编号"), NULL, LIST_TEXT },
    { "added", S_INIT("上传日期"), "at", LIST_TEXT },
    { "kept", S_INIT("可以再用到"), NULL, LIST_TEXT },
    { "size", S_INIT("大小"), NULL, LIST_TEXT },
};
static const struct list_order orders[] = { { "at", S_INIT("最新的在前"), S_INIT("最早的在前"),
                                              false } };
#define N(x) (sizeof x / sizeof *x)
static const struct list given = { .name = "materials",
                                   .caption = S_INIT("交过的材料"),
                                   .columns = columns,
                                   .n_columns = N(columns),
                                   .orders = orders,
                                   .n_orders = N(orders),
                                   .page_rows = PAGE_ROWS,
                                   .fetch = fetch };

int materials_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &given, S("/space/materials"), &l);
    int rc = list_show(tx, p, &l, e);
    return rc ? rc : portal_standings_put(tx, p, e);
}

int materials_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &given, S("/space/materials"), &l);
    return list_file(tx, p, &l, NULL, NULL, e);
}

int materials_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("我的材料")));
    portal_side(p, "/space/materials");
    if (!list_some(p) && !val_get(p->view, S("empty")))
        portal_empty(p, S("还没有交过材料"), S("办事时上传的文件会列在这里，下次办事可以直接用。"),
                     S("/search"), S("看全部事项"));
    p->template = S("portal/materials");
    return 0;
}
