/* window_pages (private to web/window): the columns of the table in window.c, by chapter. */
#ifndef WEB_WINDOW_WINDOW_PAGES_H
#define WEB_WINDOW_WINDOW_PAGES_H
#include "engine/queue/queue.h"
#include "web/staff.h"

/* window.c: what the chapters share */
/* The hall {hall} of the path; ERR_NOT_FOUND. */
int window_hall(struct page *p, const struct queue_hall **ret, struct err *e);
/* The halls in which the actor has this power, how many; the one that was chosen, or the first of them (NULL: there is none). */
enum { WINDOW_HALLS_MAX = 50 };
size_t window_own_halls(struct store_tx *tx, struct page *p, struct str power, const struct queue_hall *ret[WINDOW_HALLS_MAX]);
const struct queue_hall *window_own_hall(struct store_tx *tx, struct page *p, struct str power, struct str wanted);
/* The page is read again after so many seconds, at `path` (empty: itself): by the header that every browser
 * keeps to, with scripts or without. */
void window_refresh(struct page *p, int after_s, struct str path);
/* "09:05", in the realm's zone. */
struct str window_clock(struct page *p, int64_t ms);
/* hall.c: A10, the hall, its screen, a ticket's standing */
route_act halls_act, halls_file_act, hall_act, screen_act, ticket_act;
route_say halls_say, hall_say, screen_say, ticket_say;
/* book.c: A11 appointments, and those of a day */
route_act book_act, book_post_act, bookings_act, bookings_file_act, bookings_post_act;
route_say book_say, bookings_say;
/* kiosk.c: D8 */
struct val *window_code_field(struct page *p); /* where the code of an appointment is typed or scanned */
route_act kiosk_act, kiosk_take_act;
route_say kiosk_say;
/* counter.c: D1, and what a manager does */
route_act counter_act, counter_open_act, counter_call_act, counter_serve_act, counter_move_act, manage_act,
    manage_do_act;
route_say counter_say, counter_moved_say, manage_say;
/* intake.c: D2 to D5 */
route_ask intake_ask;
route_act visitor_act, visitor_find_act, intake_act, intake_put_act, receipt_window_act, notice_window_act;
route_say visitor_say, intake_say, receipt_window_say, notice_window_say;
/* results.c, result.c: D6 what waits to be fetched, and handing it over; what the second screen of a counter shows */
struct str window_result_path(struct page *p, int64_t id, struct str tail);
route_act results_act, results_file_act, results_find_act, result_act, result_put_act, delivery_act, delivery_offer_act, offered_act;
route_ask result_ask;
route_say results_say, result_say, delivery_say, offered_say;
/* mandate.c: both people present */
route_ask mandate_window_ask;
route_act mandate_window_act, mandate_window_put_act;
route_say mandate_window_say;
/* tally.c: D7 */
route_act tally_act, tally_file_act;
route_say tally_say;
#endif
