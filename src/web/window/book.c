/* book: A11 a time in a hall: the days with what is left of them, the times of one day, and the
 * form that takes one or moves to one; who has booked for a day, for the people of the hall, and
 * the ticket of who has come. Invariants: everybody may see what is free, and nothing of who has
 * booked; without scripts a day is a link and a time is a choice; the hall's people see masked
 * names, and each look is an entry.
 */
#include "engine/queue/queue_book.h"

#include "data/po.h"
#include "engine/item/item.h"
#include "web/list/list.h"
#include "web/question.h"
#include "web/window/window_pages.h"

enum { PAGE_ROWS = 50 };

/* ---- A11 ---- */

/* What was chosen: in the form that comes again, else in the address. */
static struct str asked(struct page *p, const char *name) {
    return page_again(p) ? page_in(p, str_of(name)) : http_query(p->req, str_of(name));
}

/* The page's address with this line and day. */
static struct str address(struct page *p, const struct queue_hall *h, struct str line, struct str day) {
    struct str move = asked(p, "move"), item = asked(p, "item");
    int64_t id;
    if (!str_to_i64(move, &id)) move = S("");
    if (!realm_find(page_realm(p), SYSTEM_ITEM, item, NULL)) item = S("");
    return page_href(p, ARENA_CAT(p->a, S("/hall/"), h->id, S("/book?line="), line,
                                  day.len ? S("&day=") : S(""), day, move.len ? S("&move=") : S(""),
                                  move, item.len ? S("&item=") : S(""), item));
}

static void put_lines(struct page *p, const struct queue_hall *h, const struct queue_line *chosen) {
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < h->n_lines; i++) {
        struct val *v = val_map(p->a);
        if (!h->line[i].places) continue;
        val_put_str(p->a, v, S("title"), system_text(h->system, p->lang, h->line[i].title));
        val_put_str(p->a, v, S("href"), address(p, h, h->line[i].id, S("")));
        val_put_bool(p->a, v, S("current"), &h->line[i] == chosen);
        val_push(p->a, list, v);
    }
    if (val_count(list) > 1) val_put(p->a, p->view, S("tabs"), list);
}

static struct str day_of(struct page *p, int64_t ms) {
    struct buf b;
    buf_init(&b, p->a, 16, 16);
    civil_write(&b, tz_date(page_realm(p)->tz, ms));
    return buf_str(&b);
}

static struct str left(struct page *p, int64_t n) {
    return n ? staff_fill(p, S("余 {n} 个"), "n", n) : page_text(p, S("已约满"));
}

static struct str day_title(struct page *p, int64_t ms) {
    static const struct str names[] = { S_INIT("星期一"), S_INIT("星期二"), S_INIT("星期三"), S_INIT("星期四"),
                                        S_INIT("星期五"), S_INIT("星期六"), S_INIT("星期日") };
    unsigned day = civil_weekday(tz_date(page_realm(p)->tz, ms));
    return ARENA_CAT(p->a, realm_day(page_realm(p), p->a, p->lang, ms), S(" "),
                     page_text(p, names[(day + 6) % 7]));
}

/* One link for each day; the times of the chosen one, or of the first that has a place left, as
 * choices. */
static void put_days(struct page *p, const struct queue_hall *h, const struct queue_line *l,
                     const struct queue_slot *slot, size_t n) {
    struct str chosen = asked(p, "day"), at = page_again(p) ? page_in(p, S("at")) : S("");
    struct val *days = val_list(p->a), *times = val_list(p->a);
    for (size_t i = 0; i < n && !chosen.len; i++)
        if (slot[i].free) chosen = day_of(p, slot[i].at_ms);
    for (size_t i = 0; i < n;) {
        struct str day = day_of(p, slot[i].at_ms);
        struct val *v = val_map(p->a);
        int64_t free = 0;
        bool current = str_eq(day, chosen);
        val_put_str(p->a, v, S("title"), day_title(p, slot[i].at_ms));
        if (current) val_put_str(p->a, p->view, S("day_title"), val_get_str(v, S("title")));
        for (; i < n && str_eq(day_of(p, slot[i].at_ms), day); i++) {
            struct str value = arena_i64(p->a, slot[i].at_ms);
            free += slot[i].free;
            if (!current || !slot[i].free) continue;
            struct val *choice = staff_choice(
                p, times, S("at"), value,
                queue_slot_text(page_realm(p), p->a, slot[i].at_ms, slot[i].until_ms),
                str_eq(value, at));
            val_put_str(p->a, choice, S("note"), left(p, slot[i].free));
        }
        val_put_str(p->a, v, S("left"), left(p, free));
        val_put_bool(p->a, v, S("full"), free == 0);
        val_put_bool(p->a, v, S("current"), current);
        val_put_str(p->a, v, S("href"), address(p, h, l->id, day));
        val_push(p->a, days, v);
    }
    struct val *field = question_plain(p, S("at"), S("时间"), S(""));
    val_put(p->a, field, S("choices"), times);
    val_put_bool(p->a, field, S("inline"), true);
    val_put(p->a, p->view, S("days"), days);
    val_put(p->a, p->view, S("times"), field);
    val_put_bool(p->a, p->view, S("any"), val_count(times) > 0);
    val_put_str(p->a, p->view, S("day"), chosen);
}

/* What it is for, of what the line deals with. */
static void put_items(struct page *p, const struct queue_line *l) {
    struct val *list = val_list(p->a), *field;
    for (size_t i = 0; i < val_count(l->items); i++) {
        const struct system *m;
        struct str id = val_text(val_item(l->items, i));
        const struct item_type *t = realm_find(page_realm(p), SYSTEM_ITEM, id, &m);
        if (t) (void)staff_choice(p, list, S("item"), id, system_text(m, p->lang, t->name), str_eq(id, asked(p, "item")));
    }
    if (val_count(list) == 0) return;
    field = question_plain(p, S("item"), S("要办的事项"), S(""));
    val_put(p->a, field, S("choices"), list);
    val_put_str(p->a, field, S("none"), page_text(p, S("其他")));
    val_put_bool(p->a, field, S("optional"), true);
    val_put(p->a, p->view, S("matter"), field);
}

/* The line that was asked for, or whose booking is being moved, or the first that may be booked;
 * NULL: there is none. */
static const struct queue_line *line_of(const struct queue_hall *h, struct str wanted) {
    for (size_t i = 0; i < h->n_lines; i++)
        if (h->line[i].places && (!wanted.len || str_eq(wanted, h->line[i].id))) return &h->line[i];
    return NULL;
}

/* The booking that is being moved, if one is: one's own of this hall. */
static int put_moving(struct store_tx *tx, struct page *p, const struct queue_hall *h,
                      struct str *line, struct err *e) {
    struct str move = asked(p, "move");
    struct val *v;
    int64_t id;
    if (!move.len) return 0;
    if (!str_to_i64(move, &id)) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = queue_booking_view(tx, page_realm(p), p->who, id, p->lang, &v, e);
    if (!rc && !str_eq(val_get_str(v, S("hall")), h->id)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (rc) return rc;
    *line = val_get_str(v, S("line"));
    val_put_str(p->a, v, S("day"), day_title(p, val_get_i64(v, S("at_ms"), 0)));
    val_put_str(p->a, v, S("back_href"), page_href(p, ARENA_CAT(p->a, S("/space/appointment/"), move)));
    val_put(p->a, p->view, S("moving"), v);
    return 0;
}

int book_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    struct queue_slot *slot;
    struct str line = asked(p, "line");
    size_t n = 0;
    int rc = window_hall(p, &h, e);
    if (!rc) rc = put_moving(tx, p, h, &line, e);
    if (rc) return rc;
    const struct queue_line *l = line_of(h, line);
    if (!l) l = line_of(h, S("")); /* one that is not to be booked: the others are */
    val_put_str(p->a, p->view, S("hall_title"), system_text(h->system, p->lang, h->title));
    val_put_str(p->a, p->view, S("address"), system_text(h->system, p->lang, h->address));
    val_put_str(p->a, p->view, S("hall_href"), page_href(p, ARENA_CAT(p->a, S("/hall/"), h->id)));
    val_put_bool(p->a, p->view, S("signed_in"), p->who && p->who->account);
    if (!l) return 0;
    if (!val_get(p->view, S("moving"))) {
        put_lines(p, h, l);
        put_items(p, l);
    }
    val_put_str(p->a, p->view, S("line"), l->id);
    val_put_str(p->a, p->view, S("line_title"), system_text(h->system, p->lang, l->title));
    val_put_i64(p->a, p->view, S("change_min"), h->booked.change_ms / 60000);
    rc = queue_slots(tx, page_realm(p), h, l, &slot, &n, e);
    if (!rc) put_days(p, h, l, slot, n);
    return rc;
}

int book_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    struct str move = page_in(p, S("move"));
    struct queue_booking b = { 0 };
    int64_t at = 0;
    int rc = window_hall(p, &h, e);
    if (rc) return rc;
    if (move.len && !str_to_i64(move, &b.id)) return err_set(e, ERR_SYNTAX, "move");
    if (!str_to_i64(page_in(p, S("at")), &at))
        return page_fault(p, S("at"), ERR_REQUIRED, page_text(p, S("时间")));
    rc = move.len ? queue_book_move(tx, page_realm(p), p->who, b.id, at, e)
                  : queue_book(tx, page_realm(p), p->who, h, page_in(p, S("line")),
                               page_in(p, S("item")), at, &b, e);
    if (!rc) p->location = arena_fmt(p->req->arena, "/space/appointment/%lld", (long long)b.id);
    return staff_fault(p, rc, e);
}

int book_say(struct page *p, struct err *e) {
    struct str hall = ARENA_CAT(p->a, S("/hall/"), http_param(p->req, S("hall")));
    bool moving = val_get(p->view, S("moving")) != NULL;
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, moving ? S("改期") : S("预约"), val_get_str(p->view, S("hall_title")));
    staff_crumb(p, S("首页"), S("/"));
    staff_crumb(p, S("政务大厅"), S("/halls"));
    staff_crumb(p, S("预约"), S(""));
    page_form(p, ARENA_CAT(p->a, hall, S("/book")));
    if (!val_get(p->view, S("line"))) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), page_text(p, S("这个大厅不用预约")));
        val_put_str(p->a, v, S("text"), page_text(p, S("请直接到大厅取号。")));
        val_put_str(p->a, v, S("href"), val_get_str(p->view, S("hall_href")));
        val_put_str(p->a, v, S("link"), page_text(p, S("看整个大厅")));
        val_put(p->a, p->view, S("empty"), v);
    }
    p->template = S("window/book");
    return 0;
}

/* ---- those of a day ---- */

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e);
static const struct list_column columns[] = {
    { "time", S_INIT("时间"), "time", LIST_HEAD },      { "name", S_INIT("预约人"), NULL, LIST_TEXT },
    { "line_title", S_INIT("队列"), NULL, LIST_TEXT },  { "matter", S_INIT("事项"), NULL, LIST_TEXT },
    { "state_tag", S_INIT("状态"), NULL, LIST_TAG }, { "day", S_INIT("日期"), NULL, LIST_FILE },
};
static const struct list_order orders[] = { { "time", S_INIT("按时间"), S_INIT("按时间倒序"), true } };
static const struct list_filter filters[] = { { "day", S_INIT("日期"), LIST_DAY },
                                              { "line", S_INIT("队列"), LIST_CHOICE },
                                              { "state", S_INIT("状态"), LIST_CHOICE },
                                              { "hall", S_INIT("大厅"), LIST_CHOICE } };
static const struct list booked = { .name = "bookings",
                                    .caption = S_INIT("预约"),
                                    LIST_TABLES(columns, orders, filters),
                                    .page_rows = PAGE_ROWS,
                                    .fetch = fetch,
                                    .choices = choices };

static const struct queue_hall *hall_of(struct store_tx *tx, struct page *p, struct str wanted) {
    return window_own_hall(tx, p, S("booking.list"), wanted);
}

static struct str tone(struct str state) {
    return str_eq(state, S("arrived"))  ? S("ok")
           : str_eq(state, S("missed")) ? S("warn")
                                        : S("brand");
}

static void mark(struct page *p, struct val *v) {
    const struct system *m;
    struct str item = val_get_str(v, S("item"));
    const struct item_type *t = realm_find(page_realm(p), SYSTEM_ITEM, item, &m);
    struct val *tag = val_map(p->a);
    val_put_str(p->a, tag, S("kind"), tone(val_get_str(v, S("state"))));
    val_put_str(p->a, tag, S("text"), val_get_str(v, S("state_text")));
    val_put(p->a, v, S("state_tag"), tag);
    val_put_str(p->a, v, S("matter"), t ? system_text(m, p->lang, t->name) : S(""));
    val_put_str(p->a, v, S("day"), day_of(p, val_get_i64(v, S("at_ms"), 0)));
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    const struct queue_hall *h = hall_of(tx, p, list_value(l, "hall"));
    struct civil_date day = { (int32_t)queue_day(page_realm(p), store_now_ms(tx)) };
    struct str when = list_value(l, "day"), line = list_value(l, "line"), state = list_value(l, "state");
    struct val *all, *found = val_list(p->a);
    l->rows = val_list(p->a);
    if (when.len && !civil_parse(when, &day)) {
        list_wrong(p, l, "day", page_text(p, S("请写成 2026-11-21")));
        return 0;
    }
    if (!h) return 0;
    int rc = queue_bookings_of(tx, page_realm(p), p->who, h, day.day, p->lang, &all, e);
    for (size_t i = 0; !rc && i < val_count(all); i++) {
        struct val *v = all->u.list.item[i];
        if (line.len && !str_eq(line, val_get_str(v, S("line")))) continue;
        if (state.len && !str_eq(state, val_get_str(v, S("state")))) continue;
        mark(p, v);
        val_push(p->a, found, v);
    }
    return rc ? rc : list_few(p, l, found, list_by_time, e);
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    const struct queue_hall *all[WINDOW_HALLS_MAX], *h = hall_of(tx, p, list_value(l, "hall"));
    (void)e;
    if (str_eq(str_of(f->name), S("hall"))) {
        size_t n = window_own_halls(tx, p, S("booking.list"), all);
        for (size_t i = 0; i < n; i++)
            list_choice(p, l, f, into, all[i]->id, system_text(all[i]->system, p->lang, all[i]->title));
    } else if (str_eq(str_of(f->name), S("state"))) {
        for (size_t i = 0; queue_booking_state(i).len; i++)
            if (!str_eq(queue_booking_state(i), S("cancelled")))
                list_choice(p, l, f, into, queue_booking_state(i),
                            queue_booking_state_text(page_realm(p), p->lang, queue_booking_state(i)));
    } else if (h)
        for (size_t i = 0; i < h->n_lines; i++)
            if (h->line[i].places)
                list_choice(p, l, f, into, h->line[i].id, system_text(h->system, p->lang, h->line[i].title));
    return 0;
}

/* Who may take a ticket now, with a button each; a box for the code of whoever else has one. */
static int put_arriving(struct store_tx *tx, struct page *p, const struct queue_hall *h, struct err *e) {
    struct val *all, *list = val_list(p->a);
    int64_t today = queue_day(page_realm(p), store_now_ms(tx));
    int rc = queue_bookings_of(tx, page_realm(p), p->who, h, today, p->lang, &all, e);
    for (size_t i = 0; !rc && i < val_count(all); i++)
        if (val_get_bool(val_item(all, i), S("may_check_in"), false)) val_push(p->a, list, all->u.list.item[i]);
    val_put(p->a, p->view, S("arriving"), list);
    val_put(p->a, p->view, S("code_field"), window_code_field(p));
    val_put_str(p->a, p->view, S("hall"), h->id);
    val_put_str(p->a, p->view, S("hall_title"), system_text(h->system, p->lang, h->title));
    return rc;
}

int bookings_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &booked, S("/window/bookings"), &l);
    int rc = list_show(tx, p, &l, e);
    const struct queue_hall *h = hall_of(tx, p, page_again(p) ? page_in(p, S("hall")) : list_value(&l, "hall"));
    if (!rc && h) rc = put_arriving(tx, p, h, e);
    val_put_bool(p->a, p->view, S("none"),
                 !rc && val_count(l.rows) == 0 && !val_get(p->view, S("empty")) && !list_faulty(&l));
    return rc ? rc : staff_looked(tx, p, "booking.list", "hall", 0, 0, e);
}

int bookings_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &booked, S("/window/bookings"), &l);
    return list_file(tx, p, &l, "booking.list", "hall", e);
}

int bookings_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h = queue_hall_find(page_realm(p), page_in(p, S("hall")));
    struct queue_ticket t;
    struct str booking = page_in(p, S("booking"));
    int64_t id = 0;
    if (!h || (booking.len && (!str_to_i64(booking, &id) || id <= 0)))
        return err_set(e, ERR_SYNTAX, "booking");
    int rc = queue_check_in(tx, page_realm(p), p->who, h, str_trim(page_in(p, S("code"))), id, &t, e);
    if (!rc) p->location = ARENA_CAT(p->req->arena, S("/ticket/"), t.code);
    return staff_fault(p, rc, e);
}

int bookings_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    if (val_get_bool(p->view, S("none"), false)) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), page_text(p, S("这一天没有人预约")));
        val_put_str(p->a, v, S("text"), page_text(p, S("有人预约后会列在这里；换个日期可以看以后的。")));
        val_put_str(p->a, v, S("href"), page_href(p, S("/window")));
        val_put_str(p->a, v, S("link"), page_text(p, S("回到窗口")));
        val_put(p->a, p->view, S("empty"), v);
    }
    staff_title(p, S("预约名单"), val_get_str(p->view, S("hall_title")));
    staff_crumb(p, S("窗口叫号"), S("/window"));
    staff_crumb(p, S("预约名单"), S(""));
    page_form(p, S("/window/bookings"));
    p->template = S("window/bookings");
    return 0;
}
