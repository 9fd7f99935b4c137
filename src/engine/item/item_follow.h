/* item_follow: cases that an officer keeps an eye on: those that he took in for somebody (我发起), and those that he follows (关注).
 *
 * Invariants
 *  1. Following gives no right. A row is shown, and news of a case sent, only to who may read the case at that moment; who must not deal
 *     with it (item_recuse.c) follows it no more. What somebody took in he sees as long as he could take it in (item_intake_get).
 *  2. Followers are told which state a case came to, in the transaction that brought it there, and nothing of what stands in it.
 *  3. Each list is its owner's scope: it costs what it shows, however many cases there are.
 */
#ifndef ENGINE_ITEM_FOLLOW_H
#define ENGINE_ITEM_FOLLOW_H
#include "engine/item/item.h"

enum { ITEM_FOLLOWERS_MAX = 50 }; /* of one case */

/* Begins or ends following, an act of its own (case.follow); what is so already stays so. ERR_NOT_FOUND outside the reach; ERR_STATE for
 * who must not deal with the case; ERR_LIMIT when as many follow it as may. */
int item_follow(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, bool follow, struct err *e);
/* Within an act: the account follows the case no more. */
int item_follow_end(struct act *act, int64_t account, int64_t case_id, struct err *e);
/* May the actor follow cases, and does he follow this one? For pages; the case is one that he was shown. */
int item_follow_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, bool *may, bool *follows,
                     struct err *e);
/* Within an act, once the process rests: tells the followers if the case came to another state than `c->was`. */
int item_follow_tell(struct act *act, struct item_case *c, struct err *e);

/* The two lists, as item_cases_view; `q->state` narrows no list here. Rows have `kept`, when the case was taken in or first followed,
 * `opens`, whether the actor may read it (else it is what he took in for another office), and the names of persons masked: a list leaves
 * no entry. */
enum item_kept { ITEM_BEGUN, ITEM_FOLLOWED };
int item_kept_put(struct act *act, const struct item_case *c, enum item_kept list, struct err *e);
int item_kept_view(struct store_tx *tx, const struct realm *r, const struct actor *who, enum item_kept list, struct item_case_query *q,
                   struct str lang, struct val **ret, struct err *e);
#endif
