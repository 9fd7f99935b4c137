/* item_facts: what happened in a case and when, for whoever watches over those who deal with it:
 * codes, ids and moments, no word of the applicant's and none about him. Everything is told from
 * the case's own log, its tasks and the calendar; a moment that has passed comes out the same
 * whenever it is asked for. */
#ifndef ENGINE_ITEM_FACTS_H
#define ENGINE_ITEM_FACTS_H
#include "engine/item/item.h"

enum { ITEM_FACTS_LEFT_MAX = 10 };
/* {id, item, systems: [the case's system, then those it needs], unit, begun_ms (accepted), end_ms
 * (0: not over), paused, clocks: {law, promise: CLOCK}, tasks: [{id, unit, account, made_ms,
 * end_ms, and the keys of a CLOCK where it has a limit}], events: [{kind, at_ms, unit, account}]},
 * oldest first. CLOCK: {due_ms: first instant that is too late, left: [the moments from which on no
 * more than 0, 1 .. `left` working days remain]}. Tasks of the applicant are not among them. `*ret`
 * NULL: a draft, or none. */
int item_facts(struct store_tx *tx, const struct realm *r, int64_t case_id, int64_t left,
               struct val **ret, struct err *e);
/* Is it a kind of event that a case's log holds? */
bool item_event_known(struct str kind);
/* A key for words about the case that others than the applicant write: its owner's, as the case's
 * own words. */
int item_words_key(struct store_tx *tx, const struct realm *r, int64_t case_id,
                   struct data_key *ret, struct err *e);
/* Its head alone, for lists: puts number and item (title). And, for one: `clock`, `clock_law` as
 * item_case_view has them, state_text, stands and `steps`: [{title, unit, by, since, until, ended,
 * late}], who had what until when, without anybody's words. */
int item_facts_head(struct store_tx *tx, const struct realm *r, int64_t case_id, struct str lang,
                    struct val *into, struct err *e);
int item_facts_view(struct store_tx *tx, const struct realm *r, int64_t case_id, struct str lang,
                    struct val *into, struct err *e);
#endif
