/* appointments: C7 one's own times in the halls, and one of them with its code: moved, cancelled,
 * and what became of it. Invariant: they are of who is signed in, whomever he acts for: it is he
 * who comes.
 */
#include "engine/queue/queue_book.h"
#include "web/list/list.h"
#include "web/portal/portal.h"
#include "web/staff.h"

enum { PAGE_ROWS = 20 };

static void mark(struct page *p, struct val *v) {
    const struct realm *r = page_realm(p);
    struct str id = val_get_str(v, S("state")), item = val_get_str(v, S("item"));
    const struct system *m;
    const struct item_type *t = item.len ? realm_find(r, SYSTEM_ITEM, item, &m) : NULL;
    struct str tone = str_eq(id, S("arrived"))  ? S("ok")
                      : str_eq(id, S("booked")) ? S("info")
                      : str_eq(id, S("missed")) ? S("warn")
                                                : S("plain");
    portal_state(p, v, tone, val_get_str(v, S("state_text")));
    val_put_str(p->a, v, S("day"), realm_day(r, p->a, p->lang, val_get_i64(v, S("at_ms"), 0)));
    val_put_str(p->a, v, S("matter"), t ? system_text(m, p->lang, t->name) : S(""));
    val_put_str(p->a, v, S("href"),
                page_href(p, arena_fmt(p->a, "/space/appointment/%lld",
                                       (long long)val_get_i64(v, S("id"), 0))));
}

/* ---- C7, the list ---- */

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e);
static const struct list_column columns[] = {
    { "hall_title", S_INIT("大厅"), NULL, LIST_HEAD },  { "line_title", S_INIT("队列"), NULL, LIST_UNDER },
    { "day", S_INIT("日期"), "at", LIST_TEXT },          { "time", S_INIT("时间"), NULL, LIST_TEXT },
    { "matter", S_INIT("事项"), NULL, LIST_TEXT },       { "state", S_INIT("状态"), NULL, LIST_TAG },
};
static const struct list_order orders[] = { { "at", S_INIT("时间晚的在前"), S_INIT("时间早的在前"), false } };
static const struct list_filter filters[] = { { "state", S_INIT("状态"), LIST_CHOICE } };
static const struct list appointments = { .name = "appointments",
                                          .caption = S_INIT("我的预约"),
                                          LIST_TABLES(columns, orders, filters),
                                          .page_rows = PAGE_ROWS,
                                          .fetch = fetch,
                                          .choices = choices };

static int latest(const struct list_run *l, const struct val *x, const struct val *y) {
    return list_by_time(l, y, x);
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct val *all, *found = val_list(p->a);
    struct str state = list_value(l, "state");
    int rc = queue_bookings_own(tx, page_realm(p), p->who, p->lang, &all, e);
    for (size_t i = 0; !rc && i < val_count(all); i++) {
        struct val *v = all->u.list.item[i];
        if (state.len && !str_eq(state, val_get_str(v, S("state")))) continue;
        mark(p, v);
        val_push(p->a, found, v);
    }
    return rc ? rc : list_few(p, l, found, latest, e);
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    (void)tx;
    (void)e;
    for (size_t i = 0; queue_booking_state(i).len; i++)
        list_choice(p, l, f, into, queue_booking_state(i),
                    queue_booking_state_text(page_realm(p), p->lang, queue_booking_state(i)));
    return 0;
}

int appointments_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &appointments, S("/space/appointments"), &l);
    return list_show(tx, p, &l, e);
}

int appointments_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &appointments, S("/space/appointments"), &l);
    return list_file(tx, p, &l, NULL, NULL, e);
}

int appointments_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("我的预约")));
    portal_side(p, "/space/appointments");
    val_put_str(p->a, p->view, S("halls_href"), page_href(p, S("/halls")));
    if (!list_some(p) && !val_get(p->view, S("empty")))
        portal_empty(p, S("还没有预约"), S("去大厅之前可以先约好时间，到了凭预约码取号，排在前面。"),
                     S("/halls"), S("选一个大厅"));
    p->template = S("portal/appointments");
    return 0;
}

/* ---- one of them ---- */

static struct str clock_of(struct page *p, int64_t ms) {
    return realm_time(page_realm(p), p->a, p->lang, ms);
}

int appointment_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *v;
    int64_t id;
    int rc = portal_id(p, "booking", &id, e);
    if (!rc) rc = queue_booking_view(tx, page_realm(p), p->who, id, p->lang, &v, e);
    if (rc) return rc;
    struct str hall = val_get_str(v, S("hall")), ticket = val_get_str(v, S("ticket_code"));
    mark(p, v);
    val_put_str(p->a, v, S("change_until"), clock_of(p, val_get_i64(v, S("change_until_ms"), 0)));
    val_put_str(p->a, v, S("early"), clock_of(p, val_get_i64(v, S("early_ms"), 0)));
    val_put_str(p->a, v, S("late"), clock_of(p, val_get_i64(v, S("late_ms"), 0)));
    val_put_str(p->a, v, S("hall_href"), page_href(p, ARENA_CAT(p->a, S("/hall/"), hall)));
    val_put_str(p->a, v, S("move_href"),
                page_href(p, ARENA_CAT(p->a, S("/hall/"), hall, S("/book?move="), arena_i64(p->a, id))));
    if (ticket.len)
        val_put_str(p->a, v, S("ticket_href"), page_href(p, ARENA_CAT(p->a, S("/ticket/"), ticket)));
    val_put(p->a, p->view, S("booking"), v);
    return 0;
}

int appointment_say(struct page *p, struct err *e) {
    const struct val *v = val_get(p->view, S("booking"));
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("预约")));
    portal_side(p, "/space/appointments");
    if (val_get_bool(v, S("stands"), false))
        val_put(p->a, p->view, S("qr"),
                page_qr(p, val_get_str(v, S("code")), page_text(p, S("到取号机扫码取号")), false));
    page_form(p, S(""));
    p->template = S("portal/appointment");
    return 0;
}

int appointment_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id;
    int rc = portal_id(p, "booking", &id, e);
    if (!rc) rc = queue_book_cancel(tx, page_realm(p), p->who, id, e);
    if (!rc) p->location = arena_fmt(p->req->arena, "/space/appointment/%lld", (long long)id);
    return rc;
}
