/* desk_pages (private to web/desk): the columns of the table in desk.c, by chapter. */
#ifndef WEB_DESK_PAGES_H
#define WEB_DESK_PAGES_H
#include "engine/item/item.h"
#include "web/staff.h"

/* queue.c: E1, E2 */
route_act queue_act;
route_say queue_say;
void queue_clock(struct page *p, struct val *task); /* adds clock {text, due, due_iso, kind} and holder {text, kind} to a task */
/* task.c: E3 and the day-by-day clock E7 */
route_act task_act;
route_say task_say, clock_say;
/* decide.c: E4, claim, release, a material */
route_ask decide_ask;
route_act decide_act, claim_act, release_act, material_act;
route_say moved_say, material_say;
/* board.c: E6, the window's search and case */
route_act board_act, find_act, office_act;
route_say board_say, find_say, office_say;
void board_events(struct page *p, const struct val *events);  /* puts `timeline`, newest first */
void board_answers(struct page *p, const struct val *pages);  /* puts `summary` */
#endif
