/* desk_pages (private to web/desk): the columns of the table in desk.c, by chapter. */
#ifndef WEB_DESK_PAGES_H
#define WEB_DESK_PAGES_H
#include "engine/item/item.h"
#include "web/staff.h"

/* queue.c: E1, E2 */
route_act desk_queue_act, desk_file_act;
route_say desk_queue_say;
/* The first rows of the queue as the address narrows and sorts it; post=ROLE and kind=mine say which. */
int desk_queue_rows(struct store_tx *tx, struct page *p, size_t max, struct val **ret, struct err *e);
void desk_queue_clock(struct page *p,
                      struct val *task); /* adds clock {text, due, due_iso, kind} and holder {text, kind} to a task */
/* The tabs of E1, with how many stand in each where that is known; `here`: the path of the one that is shown. */
int desk_tabs(struct store_tx *tx, struct page *p, struct str here, struct err *e);
void desk_put_empty(struct page *p, struct str title, struct str text, struct str href, struct str link); /* Chinese sources */
/* kept.c: E1's lists of cases, following */
route_act desk_kept_act, desk_kept_file_act, desk_follow_act;
route_say desk_kept_say, desk_follow_say;
/* Puts `follow` (desk/follow) where the reader may follow the case; `task`: the task on whose page it stands, 0: the case's own. */
int desk_put_follow(struct store_tx *tx, struct page *p, int64_t case_id, int64_t task, struct err *e);
void desk_case_row(struct page *p, struct val *row); /* find.c: a row of a list of cases (item_head_view with `key`) */
/* task.c: E3 */
route_act desk_task_act;
route_say desk_task_say;
/* hold.c: E7 */
route_ask desk_find_ask, desk_hold_ask;
route_act desk_clock_act, desk_hold_act;
route_say desk_clock_say;
/* decide.c: E4, claim, release, a material */
route_ask desk_decide_ask;
route_act desk_decide_act, desk_claim_act, desk_release_act, desk_material_act;
route_say desk_moved_say, desk_material_say;
void desk_put_moved(struct page *p, struct str back, struct str back_text); /* what came too late, or was refused: the ways on */
/* hand.c: E5 */
route_ask desk_hand_ask, desk_urge_ask;
route_act desk_hand_act, desk_hand_post_act, desk_urge_act, desk_urge_post_act;
route_say desk_hand_say, desk_urge_say;
bool desk_may(const struct val *task, const char *verb); /* does the task's view offer this act now? */
/* Those who may be given the task, for a select: [{value, title, selected}]. */
bool desk_to_ok(struct page *p); /* `to`, if said at all, is a number of a person */
int desk_colleagues(struct store_tx *tx, struct page *p, int64_t task, struct str chosen, struct val **ret, struct err *e);
/* deputy.c, deputy_new.c: E10 */
route_ask desk_deputy_new_ask, desk_take_ask;
route_act desk_deputies_act, desk_deputies_file_act, desk_deputy_act, desk_deputy_post_act, desk_deputy_end_act, desk_deputy_end_post_act,
    desk_deputy_new_act, desk_deputy_new_post_act, desk_take_act;
route_say desk_deputies_say, desk_deputy_say, desk_deputy_end_say, desk_deputy_new_say;
struct str desk_matter_title(const struct page *p, struct str matter); /* "item:ID" or "system:ID" in the reader's language */
/* batch.c: E8 */
route_ask desk_batch_ask;
route_act desk_batch_act, desk_batch_post_act, desk_batch_done_act;
route_say desk_batch_say, desk_batch_done_say;
struct str desk_phrase(struct str move); /* task.c: what officers often write with a move, in Chinese; empty if nothing */
/* board.c: E6, E9, the window's search and case */
route_act desk_board_act, desk_diagram_act, desk_find_act, desk_find_post_act, desk_office_act;
route_say desk_board_say, desk_diagram_say, desk_find_say, desk_office_say;
void desk_board_events(struct page *p, const struct val *events); /* puts `timeline`, newest first */
void desk_board_answers(struct page *p,
                        const struct val *c); /* puts `answers` and `consent` of a case's view */
#endif
