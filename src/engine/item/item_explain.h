/* item_explain: why somebody reaches a case, or a task of one: which step of the decision his right fails at. For explaining a right;
 * who explains it has judged his own.
 */
#ifndef ENGINE_ITEM_EXPLAIN_H
#define ENGINE_ITEM_EXPLAIN_H
#include "engine/flow/flow.h"
#include "engine/item/item.h"

enum item_reach { ITEM_REACHED, ITEM_OUTSIDE, ITEM_OTHER_ROLE, ITEM_OTHER_SYSTEM, ITEM_CONDITION };
/* By the same loaders as every page; `t` is whose right is explained (access_may, or one grant's: access_may_by). */
int item_explain_case(struct store_tx *tx, const struct realm *r, const struct scope_token *t, int64_t case_id, enum item_reach *ret,
                      struct err *e);
int item_explain_task(struct store_tx *tx, const struct realm *r, const struct scope_token *t, const struct flow_task *task,
                      enum item_reach *ret, struct err *e);
#endif
