/* item_handover_impl: what item_handover.c and item_handover_view.c share. */
#ifndef ENGINE_ITEM_ITEM_HANDOVER_IMPL_H
#define ENGINE_ITEM_ITEM_HANDOVER_IMPL_H
#include "engine/item/item_handover.h"

/* The case within the act's reach, ended: ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_STATE. Names the applicant in the act. */
int item_handover_reach(struct act *act, int64_t case_id, struct item_case *c, struct err *e);
/* What there is to hand over: [{id, title, note}]: papers that are in force, then what was received on paper. */
int item_handover_things(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang, struct val **ret,
                         struct err *e);
#endif
