/* scenario_queue: what a scenario does in a hall: counters, lines, tickets, bookings
 * (docs/systems.md, cases/). The hall in hand is the one that was named last, the ticket in hand the
 * one that was taken or called last, the booking the one that was made last. Invariant: each step is
 * the command that the page calls.
 */
#include <stdio.h>

#include "app/demo.h"
#include "data/tz.h"
#include "engine/queue/queue_book.h"

static const struct {
    struct str verb, act;
} verbs[] = {
    { S_INIT("take-ticket"), S_INIT("ticket.take") },
    { S_INIT("check-in"), S_INIT("ticket.take") },
    { S_INIT("book"), S_INIT("booking.make") },
    { S_INIT("move-booking"), S_INIT("booking.make") },
    { S_INIT("cancel-booking"), S_INIT("booking.make") },
    { S_INIT("call-next"), S_INIT("ticket.call") },
    { S_INIT("call-again"), S_INIT("ticket.call") },
    { S_INIT("ticket-missed"), S_INIT("ticket.call") },
    { S_INIT("ticket-begin"), S_INIT("ticket.serve") },
    { S_INIT("ticket-finish"), S_INIT("ticket.serve") },
    { S_INIT("ticket-back"), S_INIT("ticket.move") },
    { S_INIT("ticket-hand"), S_INIT("ticket.move") },
    { S_INIT("open-counter"), S_INIT("counter.open") },
    { S_INIT("close-counter"), S_INIT("counter.open") },
    { S_INIT("clear-counter"), S_INIT("hall.manage") },
    { S_INIT("stop-line"), S_INIT("hall.manage") },
    { S_INIT("resume-line"), S_INIT("hall.manage") },
};

struct str scenario_queue_act(struct str verb) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(verbs[i].verb, verb)) return verbs[i].act;
    return S("");
}

/* "2026-11-17 09:00" in the realm's zone; 0 if it is none, which no slot begins at. */
static int64_t moment(const struct realm *r, struct str s) {
    struct civil_time t = { 0 };
    struct civil_date d;
    struct str day = str_sub(s, 0, 10);
    unsigned month, dom;
    uint64_t hour, minute;
    if (s.len != 16 || !civil_parse(day, &d) || !str_to_u64(str_sub(s, 11, 2), &hour) ||
        !str_to_u64(str_sub(s, 14, 2), &minute))
        return 0;
    civil_split(d, &t.year, &month, &dom);
    t.month = (uint8_t)month, t.day = (uint8_t)dom, t.hour = (uint8_t)hour, t.minute = (uint8_t)minute;
    return tz_instant_ms(r->tz, &t);
}

static int book(struct scenario_hand *hand, struct store_tx *tx, const struct realm *r,
                const struct actor *who, const struct queue_hall *h, struct str verb,
                const struct val *step, struct err *e) {
    int64_t at = moment(r, val_get_str(step, S("at")));
    struct queue_booking b = { 0 };
    if (str_eq(verb, S("cancel-booking"))) return queue_book_cancel(tx, r, who, hand->booking, e);
    if (str_eq(verb, S("move-booking"))) return queue_book_move(tx, r, who, hand->booking, at, e);
    int rc = queue_book(tx, r, who, h, val_get_str(step, S("line")), val_get_str(step, S("item")),
                        at, &b, e);
    if (!rc) hand->booking = b.id;
    return rc;
}

static int play(struct scenario_hand *hand, struct store_tx *tx, const struct realm *r,
                const struct actor *who, const struct queue_hall *h, struct str verb,
                const struct val *step, struct err *e) {
    struct str line = val_get_str(step, S("line")), counter = val_get_str(step, S("counter"));
    struct queue_ticket t = { .id = hand->ticket };
    int rc = ERR_SYSTEM;
    if (str_eq(verb, S("take-ticket")))
        rc = queue_take(tx, r, who, h, line, val_get_str(step, S("class")), &t, e);
    else if (str_eq(verb, S("check-in")))
        rc = queue_check_in(tx, r, who, h, S(""), hand->booking, &t, e);
    else if (str_eq(scenario_queue_act(verb), S("booking.make")))
        rc = book(hand, tx, r, who, h, verb, step, e);
    else if (str_eq(verb, S("call-next")))
        rc = queue_call(tx, r, who, h, &t, e);
    else if (str_eq(verb, S("call-again")))
        rc = queue_again(tx, r, who, h, e);
    else if (str_eq(verb, S("ticket-missed")))
        rc = queue_missed(tx, r, who, h, e);
    else if (str_eq(verb, S("ticket-begin")))
        rc = queue_begin(tx, r, who, h, e);
    else if (str_eq(verb, S("ticket-finish")))
        rc = queue_finish(tx, r, who, h, e);
    else if (str_eq(verb, S("ticket-back")))
        rc = queue_back(tx, r, who, h, hand->ticket, e);
    else if (str_eq(verb, S("ticket-hand")))
        rc = queue_hand(tx, r, who, h, line, e);
    else if (str_eq(verb, S("open-counter")))
        rc = queue_counter_open(tx, r, who, h, counter, e);
    else if (str_eq(verb, S("close-counter")))
        rc = queue_counter_close(tx, r, who, h, e);
    else if (str_eq(verb, S("clear-counter")))
        rc = queue_counter_clear(tx, r, who, h, counter, e);
    else
        rc = queue_line_stop(tx, r, who, h, line, str_eq(verb, S("stop-line")), e);
    if (!rc) hand->ticket = t.id;
    return rc;
}

static int expect(const struct scenario_hand *hand, struct store_tx *tx, const struct realm *r,
                  const struct queue_hall *h, const struct val *want, struct err *e) {
    struct str label = val_get_str(want, S("ticket")), state = val_get_str(want, S("state"));
    struct str booking = val_get_str(want, S("booking"));
    struct queue_booking b;
    struct queue_ticket t;
    int rc_b = booking.len ? queue_booking_get(tx, r, hand->booking, &b, e) : 0;
    if (rc_b) return rc_b;
    if (booking.len && !str_eq(booking, b.state))
        return err_set(e, ERR_INPUT, "booking 应是 %.*s，实际是 %.*s", STR_ARG(booking),
                       STR_ARG(b.state));
    if (label.len + state.len == 0) return 0;
    int rc = queue_ticket_get(tx, r, hand->ticket, &t, e);
    if (rc) return rc;
    struct str is = queue_ticket_label(store_arena(tx), h, &t);
    if (label.len && !str_eq(label, is))
        return err_set(e, ERR_INPUT, "ticket 应是 %.*s，实际是 %.*s", STR_ARG(label), STR_ARG(is));
    if (state.len && !str_eq(state, t.state))
        return err_set(e, ERR_INPUT, "state 应是 %.*s，实际是 %.*s", STR_ARG(state),
                       STR_ARG(t.state));
    return 0;
}

int scenario_queue(struct scenario_hand *hand, struct store_tx *tx, const struct realm *r,
                   const struct actor *who, struct str verb, const struct val *step,
                   struct err *e) {
    struct str id = val_get_str(step, S("hall")), act = scenario_queue_act(verb);
    struct scope_token ignored;
    if (id.len) (void)snprintf(hand->hall, sizeof hand->hall, "%.*s", STR_ARG(id));
    if (str_eq(verb, S("ticket-back"))) access_asked(tx, S("ticket"), hand->ticket, 0); /* as a page does */
    access_tried(tx, act);
    int rc = access_may(r, who, act, &ignored, e);
    const struct queue_hall *h = queue_hall_find(r, str_of(hand->hall));
    if (!rc && !h) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = play(hand, tx, r, who, h, verb, step, e);
    return rc ? rc : expect(hand, tx, r, h, val_get(step, S("expect")), e);
}
