/* window: the service hall's table. What each row's functions do stands in the chapters: hall, book, kiosk, counter, intake, result, tally.
 * Invariant: what everybody may see here names tickets by their numbers alone.
 */
#include "web/window/window.h"

#include "data/tz.h"
#include "web/list/list.h"
#include "web/window/window_pages.h"

enum { FORM_BYTES_MAX = 65536 };

#define SHOWN(id, path, act, say, power, data) \
    { \
        id, HTTP_GET, path, page_ask_none, act, say, power, 0, ROUTE_PAGE, ROUTE_RATE_PAGE, \
            ROUTE_AUDIT_NONE, data \
    }
#define CHANGE(id, path, act, say, power) \
    { \
        id, HTTP_POST, path, page_ask_none, act, say, power, FORM_BYTES_MAX, ROUTE_ACTION, \
            ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_OWN \
    }
#define LIST_FILE_OF(id, path, act, power, audit, data) \
    { \
        id, HTTP_GET, path, page_ask_none, act, list_file_say, power, 0, ROUTE_FILE, \
            ROUTE_RATE_FORM, audit, data \
    }

/* A look at a visitor's data, or at a case that was taken in. */
#define LOOKED(id, path, act, say, power) \
    { \
        id, HTTP_GET, path, page_ask_none, act, say, power, 0, ROUTE_PAGE, ROUTE_RATE_PAGE, \
            ROUTE_AUDIT_READ, ROUTE_DATA_PERSONAL \
    }
#define TAKEN(id, path, ask, act, say, power) \
    { \
        id, HTTP_POST, path, ask, act, say, power, FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM, \
            ROUTE_AUDIT_ACT, ROUTE_DATA_PERSONAL \
    }

/* clang-format off */
const struct route window_routes[] = {
    SHOWN("A10", "/halls", halls_act, halls_say, "hall.read", ROUTE_DATA_PUBLIC),
    LIST_FILE_OF("A10-csv", "/halls/export", halls_file_act, "hall.read", ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC),
    SHOWN("A10-hall", "/hall/{hall}", hall_act, hall_say, "hall.read", ROUTE_DATA_PUBLIC),
    SHOWN("A11", "/hall/{hall}/book", book_act, book_say, "hall.read", ROUTE_DATA_PUBLIC),
    CHANGE("A11", "/hall/{hall}/book", book_post_act, book_say, "booking.make"),
    SHOWN("D8-screen", "/hall/{hall}/screen", screen_act, screen_say, "hall.read", ROUTE_DATA_PUBLIC),
    SHOWN("D8-ticket", "/ticket/{ticket}", ticket_act, ticket_say, "hall.read", ROUTE_DATA_PUBLIC),
    SHOWN("D8", "/hall/{hall}/kiosk", kiosk_act, kiosk_say, "ticket.take", ROUTE_DATA_PUBLIC),
    CHANGE("D8-take", "/hall/{hall}/kiosk", kiosk_take_act, kiosk_say, "ticket.take"),
    SHOWN("D8-rate", "/hall/{hall}/counter/{counter}", offered_act, offered_say, "counter.show", ROUTE_DATA_PUBLIC),
    SHOWN("D1", "/window", counter_act, counter_say, "ticket.call", ROUTE_DATA_OWN),
    CHANGE("D1-counter", "/window/counter", counter_open_act, counter_moved_say, "counter.open"),
    CHANGE("D1-call", "/window/call", counter_call_act, counter_moved_say, "ticket.call"),
    CHANGE("D1-serve", "/window/serve", counter_serve_act, counter_moved_say, "ticket.serve"),
    CHANGE("D1-move", "/window/move", counter_move_act, counter_moved_say, "ticket.move"),
    SHOWN("D1-hall", "/window/hall/{hall}", manage_act, manage_say, "hall.manage", ROUTE_DATA_OWN),
    CHANGE("D1-manage", "/window/hall/{hall}", manage_do_act, manage_say, "hall.manage"),
    SHOWN("D2", "/window/intake", visitor_act, visitor_say, "case.visitor", ROUTE_DATA_OWN),
    TAKEN("D2-find", "/window/intake", page_ask_none, visitor_find_act, visitor_say, "case.visitor"),
    LOOKED("D2-visit", "/window/intake/{item}/{visitor}", intake_act, intake_say, "case.visitor"),
    TAKEN("D2-take", "/window/intake/{item}/{visitor}", intake_ask, intake_put_act, intake_say, "case.intake"),
    LOOKED("D4", "/window/notice/{case}", notice_window_act, notice_window_say, "case.intake"),
    LOOKED("D5", "/window/receipt/{case}", receipt_window_act, receipt_window_say, "case.intake"),
    SHOWN("D2-mandate", "/window/mandate", mandate_window_act, mandate_window_say, "mandate.register", ROUTE_DATA_OWN),
    TAKEN("D2-mandate", "/window/mandate", mandate_window_ask, mandate_window_put_act, mandate_window_say, "mandate.register"),
    LOOKED("D6", "/window/results", results_act, results_say, "case.handover"),
    TAKEN("D6-find", "/window/results", page_ask_none, results_find_act, results_say, "case.handover"),
    LIST_FILE_OF("D6-csv", "/window/results/export", results_file_act, "case.handover", ROUTE_AUDIT_READ, ROUTE_DATA_PERSONAL),
    LOOKED("D6-case", "/window/result/{case}", result_act, result_say, "case.handover"),
    TAKEN("D6-hand", "/window/result/{case}", result_ask, result_put_act, result_say, "case.handover"),
    LOOKED("D6-receipt", "/window/result/{case}/receipt", delivery_act, delivery_say, "case.handover"),
    CHANGE("D6-offer", "/window/result/{case}/receipt", delivery_offer_act, delivery_say, "counter.offer"),
    LOOKED("D1-bookings", "/window/bookings", bookings_act, bookings_say, "booking.list"),
    CHANGE("D1-bookings", "/window/bookings", bookings_post_act, bookings_say, "ticket.take"),
    LIST_FILE_OF("D1-bookings-csv", "/window/bookings/export", bookings_file_act, "booking.list", ROUTE_AUDIT_READ, ROUTE_DATA_PERSONAL),
    SHOWN("D7", "/window/tally", tally_act, tally_say, "ticket.call", ROUTE_DATA_OWN),
    LIST_FILE_OF("D7-csv", "/window/tally/export", tally_file_act, "ticket.call", ROUTE_AUDIT_READ, ROUTE_DATA_OWN),
};
/* clang-format on */
const size_t window_n_routes = sizeof window_routes / sizeof *window_routes;

int window_hall(struct page *p, const struct queue_hall **ret, struct err *e) {
    *ret = queue_hall_find(page_realm(p), http_param(p->req, S("hall")));
    return *ret ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

size_t window_own_halls(struct store_tx *tx, struct page *p, struct str power, const struct queue_hall *ret[WINDOW_HALLS_MAX]) {
    size_t n = queue_halls(page_realm(p), ret, WINDOW_HALLS_MAX), kept = 0;
    for (size_t i = 0; i < n; i++)
        if (queue_may(tx, page_realm(p), p->who, ret[i], power, NULL) == 0) ret[kept++] = ret[i];
    return kept;
}

const struct queue_hall *window_own_hall(struct store_tx *tx, struct page *p, struct str power, struct str wanted) {
    const struct queue_hall *all[WINDOW_HALLS_MAX];
    size_t n = window_own_halls(tx, p, power, all);
    for (size_t i = 0; i < n; i++)
        if (!wanted.len || str_eq(wanted, all[i]->id)) return all[i];
    return NULL;
}

void window_refresh(struct page *p, int after_s, struct str path) {
    struct str where = path.len ? ARENA_CAT(p->a, S("; url="), page_href(p, path)) : S("");
    page_header(p, S("Refresh"), ARENA_CAT(p->req->arena, arena_i64(p->a, after_s), where));
}

struct str window_clock(struct page *p, int64_t ms) {
    struct civil_time t;
    tz_split(page_realm(p)->tz, ms, &t);
    return arena_fmt(p->a, "%02u:%02u", t.hour, t.minute);
}
