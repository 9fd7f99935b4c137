/* hall: what everybody may see: A10 the halls with who waits and how long, one hall, its screen, the standing of a ticket.
 * Invariant: no right is looked up here but the route's own; nothing shown belongs to anybody.
 */
#include "engine/item/item.h"
#include "web/list/list.h"
#include "web/window/window_pages.h"

#include <string.h>

enum { HALLS_MAX = 200, PAGE_ROWS = 25, SCREEN_S = 10, TICKET_S = 30, KIOSK_BACK_S = 20 };

/* ---- A10: the list ---- */

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e);
static const struct list_column columns[] = {
    { "title", S_INIT("大厅"), "name", LIST_HEAD },
    { "address", S_INIT("地址"), NULL, LIST_UNDER },
    { "state", S_INIT("取号"), NULL, LIST_TEXT },
    { "waiting", S_INIT("等候人数"), "waiting", LIST_TEXT },
    { "shortest", S_INIT("最短等候"), NULL, LIST_TEXT },
    { "phone", S_INIT("电话"), NULL, LIST_TEXT },
};
static const struct list_order orders[] = {
    { "name", S_INIT("按名称"), S_INIT("按名称倒序"), true },
    { "waiting", S_INIT("等候人数少的在前"), S_INIT("等候人数多的在前"), true },
};
static const struct list_filter filters[] = { { "q", S_INIT("名称或地址"), LIST_WORDS },
                                              { "now", S_INIT("取号"), LIST_CHOICE } };
static const struct list halls = { .name = "halls", .caption = S_INIT("政务大厅"),
                                   LIST_TABLES(columns, orders, filters),
                                   .page_rows = PAGE_ROWS,
                                   .fetch = fetch,
                                   .choices = choices };

/* The line with the shortest expected wait that takes tickets now. */
static struct str shortest(const struct val *view, struct str none) {
    const struct val *lines = val_get(view, S("lines")), *best = NULL;
    for (size_t i = 0; i < val_count(lines); i++) {
        const struct val *v = val_item(lines, i);
        int64_t ms = val_get_i64(v, S("wait_ms"), -1);
        if (!val_get_bool(v, S("open"), false) || ms < 0) continue;
        if (!best || ms < val_get_i64(best, S("wait_ms"), 0)) best = v;
    }
    return best ? val_get_str(best, S("wait")) : none;
}

static struct val *hall_row(struct page *p, const struct val *view) {
    struct val *v = val_map(p->a);
    bool open = val_get_bool(view, S("open"), false);
    val_put_str(p->a, v, S("title"), val_get_str(view, S("title")));
    val_put_str(p->a, v, S("address"), val_get_str(view, S("address")));
    val_put_str(p->a, v, S("phone"), val_get_str(view, S("phone")));
    val_put_bool(p->a, v, S("open"), open);
    val_put_str(p->a, v, S("state"), page_text(p, open ? S("可以取号") : S("现在不取号")));
    val_put_str(p->a, v, S("waiting"), arena_i64(p->a, val_get_i64(view, S("waiting"), 0)));
    val_put_str(p->a, v, S("shortest"), shortest(view, S("—")));
    val_put_str(p->a, v, S("href"),
                page_href(p, ARENA_CAT(p->a, S("/hall/"), val_get_str(view, S("id")))));
    return v;
}

static bool has(struct str text, struct str word) {
    return word.len == 0 || str_find(text, word, 0) != SIZE_MAX;
}

static int by(const struct list_run *l, const struct val *x, const struct val *y) {
    int64_t a = 0, b = 0;
    (void)val_to_i64(val_get(x, S("waiting")), &a), (void)val_to_i64(val_get(y, S("waiting")), &b);
    return l->order && a != b ? (a < b ? -1 : 1)
                              : str_cmp(val_get_str(x, S("title")), val_get_str(y, S("title")));
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    const struct queue_hall *all[HALLS_MAX];
    struct val *found = val_list(p->a);
    struct str q = str_trim(list_value(l, "q")), now = list_value(l, "now");
    size_t n = queue_halls(page_realm(p), all, HALLS_MAX);
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++) {
        struct val *view;
        rc = queue_hall_view(tx, page_realm(p), all[i], p->lang, &view, e);
        if (rc) return rc;
        bool open = val_get_bool(view, S("open"), false);
        if (now.len && !str_eq(now, open ? S("open") : S("closed"))) continue;
        if (has(val_get_str(view, S("title")), q) || has(val_get_str(view, S("address")), q))
            val_push(p->a, found, hall_row(p, view));
    }
    return rc ? rc : list_few(p, l, found, by, e);
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    (void)tx;
    (void)e;
    list_choice(p, l, f, into, S("open"), page_text(p, S("可以取号")));
    list_choice(p, l, f, into, S("closed"), page_text(p, S("现在不取号")));
    return 0;
}

int halls_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &halls, S("/halls"), &l);
    int rc = list_show(tx, p, &l, e);
    val_put_bool(p->a, p->view, S("none"),
                 !rc && val_count(l.rows) == 0 && !val_get(p->view, S("empty")));
    val_put_str(p->a, p->view, S("at"), window_clock(p, p->now_ms));
    return rc;
}

int halls_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &halls, S("/halls"), &l);
    return list_file(tx, p, &l, NULL, NULL, e);
}

int halls_say(struct page *p, struct err *e) {
    (void)e;
    if (val_get_bool(p->view, S("none"), false)) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), page_text(p, S("还没有大厅")));
        val_put_str(p->a, v, S("text"),
                    page_text(p, S("大厅开通后会列在这里。多数事项可以在网上办。")));
        val_put_str(p->a, v, S("href"), page_href(p, S("/search")));
        val_put_str(p->a, v, S("link"), page_text(p, S("去办事")));
        val_put(p->a, p->view, S("empty"), v);
    }
    staff_title(p, S("政务大厅"), S(""));
    staff_crumb(p, S("首页"), S("/"));
    staff_crumb(p, S("政务大厅"), S(""));
    p->template = S("window/halls");
    return 0;
}

/* ---- one hall ---- */

/* What can be dealt with in each line, as links to the guides; where a time may be booked. */
static void link_items(struct page *p, const struct queue_hall *h, const struct val *lines) {
    for (size_t i = 0; i < val_count(lines); i++) {
        struct val *v = lines->u.list.item[i], *list = val_list(p->a);
        const struct val *items = val_get(v, S("items"));
        for (size_t k = 0; k < val_count(items); k++) {
            const struct system *m;
            const struct item_type *t = realm_find(page_realm(p), SYSTEM_ITEM,
                                                   val_text(val_item(items, k)), &m);
            struct val *x = val_map(p->a);
            if (!t) continue;
            val_put_str(p->a, x, S("title"), system_text(m, p->lang, t->name));
            val_put_str(p->a, x, S("href"), page_href(p, ARENA_CAT(p->a, S("/guide/"), t->id)));
            val_push(p->a, list, x);
        }
        const struct queue_line *l = queue_line_find(h, val_get_str(v, S("id")));
        if (l && l->places)
            val_put_str(p->a, v, S("book_href"),
                        page_href(p, ARENA_CAT(p->a, S("/hall/"), h->id, S("/book?line="), l->id)));
        val_put(p->a, v, S("guides"), list);
    }
}

static int put_hall(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    struct val *view;
    int rc = window_hall(p, &h, e);
    if (!rc) rc = queue_hall_view(tx, page_realm(p), h, p->lang, &view, e);
    if (rc) return rc;
    val_put(p->a, p->view, S("hall"), view);
    val_put_str(p->a, p->view, S("at"), window_clock(p, p->now_ms));
    return 0;
}

int hall_act(struct store_tx *tx, struct page *p, struct err *e) {
    int rc = put_hall(tx, p, e);
    const struct queue_hall *h = queue_hall_find(page_realm(p), http_param(p->req, S("hall")));
    if (!rc) link_items(p, h, val_path(p->view, S("hall.lines")));
    if (!rc && queue_may(tx, page_realm(p), p->who, h, S("ticket.take"), NULL) == 0)
        val_put_str(p->a, p->view, S("kiosk_href"),
                    page_href(p, ARENA_CAT(p->a, S("/hall/"), h->id, S("/kiosk"))));
    return rc;
}

int hall_say(struct page *p, struct err *e) {
    const struct val *hall = val_get(p->view, S("hall"));
    struct str path = ARENA_CAT(p->a, S("/hall/"), val_get_str(hall, S("id")));
    (void)e;
    staff_title(p, val_get_str(hall, S("title")), S(""));
    staff_crumb(p, S("首页"), S("/"));
    staff_crumb(p, S("政务大厅"), S("/halls"));
    staff_crumb(p, val_get_str(hall, S("title")), S(""));
    val_put_str(p->a, p->view, S("here"), page_href(p, path));
    val_put_str(p->a, p->view, S("screen_href"), page_href(p, ARENA_CAT(p->a, path, S("/screen"))));
    p->template = S("window/hall");
    return 0;
}

int screen_act(struct store_tx *tx, struct page *p, struct err *e) {
    int rc = put_hall(tx, p, e);
    const struct val *called = val_path(p->view, S("hall.called"));
    for (size_t i = 0; !rc && i < val_count(called); i++)
        val_put_str(p->a, called->u.list.item[i], S("at"),
                    window_clock(p, val_get_i64(val_item(called, i), S("at_ms"), 0)));
    return rc;
}

int screen_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("叫号屏"), val_get_str(val_get(p->view, S("hall")), S("title")));
    window_refresh(p, SCREEN_S, (struct str){ NULL, 0 });
    p->template = S("window/screen");
    return 0;
}

/* ---- a ticket ---- */

int ticket_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str code = http_param(p->req, S("ticket"));
    struct val *view;
    int rc = queue_ticket_view(tx, page_realm(p), code, p->lang, &view, e);
    if (rc) return rc;
    const struct val *events = val_get(view, S("events"));
    for (size_t i = 0; i < val_count(events); i++)
        val_put_str(p->a, events->u.list.item[i], S("at"),
                    window_clock(p, val_get_i64(val_item(events, i), S("at_ms"), 0)));
    val_put_str(p->a, view, S("taken"),
                realm_time(page_realm(p), p->a, p->lang, val_get_i64(view, S("taken_ms"), 0)));
    val_put_str(p->a, view, S("code"), code);
    val_put(p->a, p->view, S("ticket"), view);
    val_put_str(p->a, p->view, S("at"), window_clock(p, p->now_ms));
    return 0;
}

int ticket_say(struct page *p, struct err *e) {
    const struct val *t = val_get(p->view, S("ticket"));
    struct str kiosk = ARENA_CAT(p->a, S("/hall/"), val_get_str(t, S("hall")), S("/kiosk"));
    struct str address = ARENA_CAT(p->a, page_realm(p)->base_url, page_href(p, ARENA_CAT(p->a, S("/ticket/"), val_get_str(t, S("code")))));
    bool at_kiosk = page_in(p, S("at")).len > 0;
    (void)e;
    staff_title(p, S("排队号"), val_get_str(t, S("label")));
    val_put(p->a, p->view, S("qr"),
            page_qr(p, address, page_text(p, S("扫码查看排到哪里")), false));
    val_put_str(p->a, p->view, S("address"), address); /* typed by who cannot scan */
    if (at_kiosk)
        val_put_str(p->a, p->view, S("kiosk_href"), page_href(p, kiosk));
    else
        val_put_str(p->a, p->view, S("here"),
                    page_href(p, ARENA_CAT(p->a, S("/ticket/"), val_get_str(t, S("code")))));
    val_put_str(p->a, p->view, S("hall_href"),
                page_href(p, ARENA_CAT(p->a, S("/hall/"), val_get_str(t, S("hall")))));
    if (at_kiosk)
        window_refresh(p, KIOSK_BACK_S, kiosk);
    else if (!val_get_bool(t, S("ended"), false))
        window_refresh(p, TICKET_S, (struct str){ NULL, 0 });
    p->template = S("window/ticket");
    return 0;
}
