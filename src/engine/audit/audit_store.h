/* audit_store: the engine's only SQL, one thin function per statement. Texts that come back live in the job's
 * arena. */
#ifndef ENGINE_AUDIT_AUDIT_STORE_H
#define ENGINE_AUDIT_AUDIT_STORE_H
#include "engine/audit/audit.h"

enum { AUDIT_BLOCK = 256 }; /* leaves in a block */

int audit_store_pend(struct store_tx *tx, struct home_id home, const struct audit_row *r, struct err *e);
/* The oldest pending rows, numbers and leaves still unset. */
int audit_store_pending(struct store_tx *tx, struct home_id home, struct audit_row *rows, size_t max, size_t *ret_n,
                        struct err *e);
int audit_store_number(struct store_tx *tx, struct home_id home, const struct audit_row *r, struct err *e);

/* The frontier; *ret_found false where the home has no tree yet. ERR_DAMAGED if the row cannot be one. */
int audit_store_tree(struct store_tx *tx, struct home_id home, struct merkle *ret, bool *ret_found, struct err *e);
int audit_store_tree_new(struct store_tx *tx, struct home_id home, const struct merkle *m, struct err *e);
/* ERR_CONFLICT unless the row still has `old_size`. */
int audit_store_tree_put(struct store_tx *tx, struct home_id home, const struct merkle *m, uint64_t old_size,
                         struct err *e);
int audit_store_block_put(struct store_tx *tx, struct home_id home, uint64_t block, const struct digest *root,
                          struct err *e);
/* Roots of blocks first, first+1, ... into ret[max]; fewer where some are missing or malformed. */
int audit_store_blocks(struct store_tx *tx, struct home_id home, uint64_t first, struct digest *ret, size_t max,
                       size_t *ret_n, struct err *e);
/* Leaves of numbers first, first+1, ... the same way. */
int audit_store_leaves(struct store_tx *tx, struct home_id home, int64_t first, struct digest *ret, size_t max,
                       size_t *ret_n, struct err *e);

int audit_store_head_put(struct store_tx *tx, const struct audit_head *h, struct err *e);
/* The newest head; ERR_NOT_FOUND. */
int audit_store_head_last(struct store_tx *tx, struct home_id home, struct audit_head *ret, struct err *e);
/* Heads with sizes above `after`, rising; at most `max`. */
int audit_store_heads(struct store_tx *tx, struct home_id home, uint64_t after, struct audit_head *ret, size_t max,
                      size_t *ret_n, struct err *e);

int audit_store_after(struct store_tx *tx, struct home_id home, int64_t after, struct audit_row *rows, size_t max,
                      size_t *ret_n, struct err *e);
/* Of the newest `max` that the index leads to: how many were looked at, and for how many the filter holds. */
int audit_store_hold(struct store_tx *tx, struct home_id home, const struct audit_filter *f, size_t max, size_t *ret_held,
                     size_t *ret_looked, struct err *e);
int audit_store_find(struct store_tx *tx, struct home_id home, const struct audit_filter *f, int64_t before,
                     struct audit_row *rows, size_t max, size_t *ret_n, struct err *e);

#endif
