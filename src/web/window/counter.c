/* counter: D1, the window clerk's desk: who is before him, whom to call, who waits; and the page of who manages the
 * hall. Everything is a button that Tab reaches in the order of the work, the next step first. Invariant: what is
 * refused is told with the way back.
 */
#include "web/window/window_pages.h"

#include "data/po.h"

/* ---- D1 ---- */

static void put_times(struct page *p, const struct val *list) {
    for (size_t i = 0; i < val_count(list); i++)
        val_put_str(p->a, list->u.list.item[i], S("taken"),
                    window_clock(p, val_get_i64(val_item(list, i), S("taken_ms"), 0)));
}

static int put_desk(struct store_tx *tx, struct page *p, const struct queue_hall *h,
                    struct err *e) {
    struct val *view;
    int rc = queue_desk_view(tx, page_realm(p), p->who, h, p->lang, &view, e);
    if (rc) return rc;
    put_times(p, val_get(view, S("waiting")));
    put_times(p, val_get(view, S("missed")));
    const struct val *events = val_path(view, S("ticket.events"));
    for (size_t i = 0; i < val_count(events); i++)
        val_put_str(p->a, events->u.list.item[i], S("at"),
                    window_clock(p, val_get_i64(val_item(events, i), S("at_ms"), 0)));
    val_put(p->a, p->view, S("desk"), view);
    return 0;
}

/* At no counter: those of all halls that he may work in. */
static int put_halls(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *all[WINDOW_HALLS_MAX];
    struct val *list = val_list(p->a);
    size_t n = window_own_halls(tx, p, S("ticket.call"), all);
    for (size_t i = 0; i < n; i++) {
        struct val *view;
        int rc = queue_desk_view(tx, page_realm(p), p->who, all[i], p->lang, &view, e);
        if (rc) return rc;
        val_push(p->a, list, view);
    }
    val_put(p->a, p->view, S("halls"), list);
    return 0;
}

/* Links to the halls that he manages. */
static void put_manage(struct store_tx *tx, struct page *p) {
    const struct queue_hall *all[WINDOW_HALLS_MAX];
    size_t n = window_own_halls(tx, p, S("hall.manage"), all);
    for (size_t i = 0; i < n; i++)
        staff_link(p, "manage", system_text(all[i]->system, p->lang, all[i]->title), ARENA_CAT(p->a, S("/window/hall/"), all[i]->id),
                   false, -1);
}

int counter_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    const struct queue_counter *c;
    int64_t ticket;
    int rc = queue_seat(tx, page_realm(p), p->who, &h, &c, &ticket, e);
    if (!rc) rc = h ? put_desk(tx, p, h, e) : put_halls(tx, p, e);
    struct scope_token ignored;
    if (!rc && access_may(page_realm(p), p->who, S("case.intake"), &ignored, NULL) == 0)
        val_put_str(p->a, p->view, S("intake_href"), page_href(p, S("/window/intake")));
    if (!rc && access_may(page_realm(p), p->who, S("case.handover"), &ignored, NULL) == 0)
        val_put_str(p->a, p->view, S("results_href"), page_href(p, S("/window/results")));
    if (!rc && access_may(page_realm(p), p->who, S("mandate.register"), &ignored, NULL) == 0)
        val_put_str(p->a, p->view, S("mandate_href"), page_href(p, S("/window/mandate")));
    if (!rc && access_may(page_realm(p), p->who, S("booking.list"), &ignored, NULL) == 0)
        val_put_str(p->a, p->view, S("bookings_href"), page_href(p, S("/window/bookings")));
    if (!rc) put_manage(tx, p);
    return rc;
}

/* The hall in which the actor sits; ERR_STATE where he sits at no counter. */
static int seat(struct store_tx *tx, struct page *p, const struct queue_hall **h, struct err *e) {
    const struct queue_counter *c;
    int64_t ticket;
    int rc = queue_seat(tx, page_realm(p), p->who, h, &c, &ticket, e);
    return rc || *h ? rc : err_set(e, ERR_STATE, "请先开窗口");
}

typedef int queue_move(struct store_tx *, const struct realm *, const struct actor *,
                       const struct queue_hall *, struct err *);
struct button {
    struct str what;
    queue_move *act;
};

/* What the button says, with whom is before the actor. */
static int press(struct store_tx *tx, struct page *p, const struct button *of, size_t n,
                 struct err *e) {
    const struct queue_hall *h;
    size_t i = 0;
    int rc = seat(tx, p, &h, e);
    while (i < n && !str_eq(of[i].what, page_in(p, S("do")))) i++;
    if (!rc) rc = i < n ? of[i].act(tx, page_realm(p), p->who, h, e) : err_set(e, ERR_SYNTAX, "do");
    if (!rc) p->location = S("/window");
    return rc;
}

/* "heping/1", or none: the one he sits at is closed. */
int counter_open_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str counter = page_in(p, S("counter")), hall;
    const struct queue_hall *h;
    int rc = 0;
    if (counter.len) {
        (void)str_cut(&counter, '/', &hall);
        h = queue_hall_find(page_realm(p), hall);
        if (!h) return err_field(e, ERR_CODE, S("counter"), NULL);
        rc = queue_counter_open(tx, page_realm(p), p->who, h, counter, e);
    } else if ((rc = seat(tx, p, &h, e)) == 0)
        rc = queue_counter_close(tx, page_realm(p), p->who, h, e);
    if (!rc) p->location = S("/window");
    return rc;
}

static int call_next(struct store_tx *tx, const struct realm *r, const struct actor *who,
                     const struct queue_hall *h, struct err *e) {
    struct queue_ticket t;
    return queue_call(tx, r, who, h, &t, e);
}

int counter_call_act(struct store_tx *tx, struct page *p, struct err *e) {
    static const struct button of[] = { { S_INIT("next"), call_next },
                                        { S_INIT("again"), queue_again },
                                        { S_INIT("missed"), queue_missed } };
    return press(tx, p, of, sizeof of / sizeof *of, e);
}

int counter_serve_act(struct store_tx *tx, struct page *p, struct err *e) {
    static const struct button of[] = { { S_INIT("begin"), queue_begin },
                                        { S_INIT("finish"), queue_finish } };
    return press(tx, p, of, sizeof of / sizeof *of, e);
}

int counter_move_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    struct str back = page_in(p, S("back"));
    int64_t id;
    int rc = seat(tx, p, &h, e);
    if (rc) return rc;
    if (!back.len)
        rc = queue_hand(tx, page_realm(p), p->who, h, page_in(p, S("hand")), e);
    else
        rc = str_to_i64(back, &id) ? queue_back(tx, page_realm(p), p->who, h, id, e)
                                   : err_set(e, ERR_SYNTAX, "back");
    if (!rc) p->location = S("/window");
    return rc;
}

/* Another was faster: what now, and the way back. */
int counter_moved_say(struct page *p, struct err *e) {
    if (p->location.len) return 0;
    if (!p->err.code) return err_set(e, ERR_NOT_FOUND, NULL);
    staff_title(p, S("窗口叫号"), S(""));
    val_put_str(p->a, p->view, S("here"), page_href(p, S("/window")));
    p->template = S("window/moved");
    return 0;
}

int counter_say(struct page *p, struct err *e) {
    const struct val *desk = val_get(p->view, S("desk"));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("窗口叫号"), val_get_str(desk, S("counter")));
    page_form(p, S("/window/call"));
    val_put_str(p->a, p->view, S("here"), page_href(p, S("/window")));
    val_put_str(p->a, p->view, S("tally_href"), page_href(p, S("/window/tally")));
    if (!desk && val_count(val_get(p->view, S("halls"))) == 0) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), page_text(p, S("您的单位没有大厅")));
        val_put_str(p->a, v, S("text"),
                    page_text(p, S("如果您应在某个大厅办公，请联系本单位管理员核对岗位。")));
        val_put_str(p->a, v, S("href"), page_href(p, S("/desk")));
        val_put_str(p->a, v, S("link"), page_text(p, S("回到我的工作")));
        val_put(p->a, p->view, S("empty"), v);
    }
    p->template = S("window/counter");
    return 0;
}

/* ---- the manager's page ---- */

int manage_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    struct val *view, *desk;
    int rc = window_hall(p, &h, e);
    if (!rc) rc = queue_may(tx, page_realm(p), p->who, h, S("hall.manage"), e);
    if (!rc) rc = queue_hall_view(tx, page_realm(p), h, p->lang, &view, e);
    if (!rc) rc = queue_desk_view(tx, page_realm(p), p->who, h, p->lang, &desk, e);
    if (rc) return rc;
    /* who sits there, beside which ticket stands there */
    const struct val *counters = val_get(view, S("counters")),
                     *seats = val_get(desk, S("counters"));
    for (size_t i = 0; i < val_count(counters); i++)
        val_put_str(p->a, counters->u.list.item[i], S("by"),
                    val_get_str(val_item(seats, i), S("by")));
    val_put(p->a, p->view, S("hall"), view);
    return 0;
}

int manage_do_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct realm *r = page_realm(p);
    const struct queue_hall *h;
    struct str clear = page_in(p, S("clear")), stop = page_in(p, S("stop")),
               resume = page_in(p, S("resume"));
    int rc = window_hall(p, &h, e);
    if (rc) return rc;
    if (clear.len)
        rc = queue_counter_clear(tx, r, p->who, h, clear, e);
    else if (stop.len)
        rc = queue_line_stop(tx, r, p->who, h, stop, true, e);
    else if (resume.len)
        rc = queue_line_stop(tx, r, p->who, h, resume, false, e);
    else
        rc = err_set(e, ERR_SYNTAX, "clear");
    if (!rc) p->location = ARENA_CAT(p->req->arena, S("/window/hall/"), h->id);
    return rc;
}

int manage_say(struct page *p, struct err *e) {
    const struct val *hall = val_get(p->view, S("hall"));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("管理大厅"), val_get_str(hall, S("title")));
    staff_crumb(p, S("窗口叫号"), S("/window"));
    staff_crumb(p, S("管理大厅"), S(""));
    page_form(p, ARENA_CAT(p->a, S("/window/hall/"), val_get_str(hall, S("id"))));
    val_put_str(
        p->a, p->view, S("kiosk_href"),
        page_href(p, ARENA_CAT(p->a, S("/hall/"), val_get_str(hall, S("id")), S("/kiosk"))));
    val_put_str(
        p->a, p->view, S("screen_href"),
        page_href(p, ARENA_CAT(p->a, S("/hall/"), val_get_str(hall, S("id")), S("/screen"))));
    p->template = S("window/manage");
    return 0;
}
