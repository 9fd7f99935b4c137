/* supervise_rows: the rows of this engine, shared by its own files only. */
#ifndef ENGINE_SUPERVISE_ROWS_H
#define ENGINE_SUPERVISE_ROWS_H
#include "engine/supervise/supervise.h"

/* *fresh false: there is a card for this occasion already, and nothing was changed. */
int supervise_row_insert(struct store_tx *tx, const struct realm *r, struct supervise_card *c,
                         bool *fresh, struct err *e);
/* The next version, in the state that stands in `c`. ERR_CONFLICT. */
int supervise_row_update(struct store_tx *tx, const struct realm *r, struct supervise_card *c,
                         struct err *e);
int supervise_row_get(struct store_tx *tx, const struct realm *r, int64_t id,
                      struct supervise_card *ret, struct err *e);
/* Occasions for which the case has a card. */
int supervise_rows_known(struct store_tx *tx, const struct realm *r, int64_t case_id,
                         struct val **ret, struct err *e);

int supervise_word_add(struct store_tx *tx, const struct realm *r, const struct supervise_card *c,
                       struct str verb, int64_t account, struct str text, struct err *e);
/* List of {verb, account, at_ms, text}, oldest first. */
int supervise_words(struct store_tx *tx, const struct realm *r, const struct supervise_card *c,
                    struct val **ret, struct err *e);

enum supervise_told { SUPERVISE_ISSUED, SUPERVISE_CLOSED, SUPERVISE_WITHDRAWN };
/* The card is counted for its unit, its holder and its item. */
int supervise_sum_add(struct store_tx *tx, const struct realm *r, const struct supervise_card *c,
                      enum supervise_told what, struct err *e);
/* List of {object, unit, yellow, red, open, withdrawn}. */
int supervise_sums(struct store_tx *tx, const struct realm *r, int64_t month, struct str kind,
                   struct val **ret, struct err *e);

/* When to look at a case again; 0: not. */
int supervise_look_get(struct store_tx *tx, const struct realm *r, int64_t case_id, int64_t *ret_ms,
                       struct err *e);
int supervise_look_put(struct store_tx *tx, const struct realm *r, int64_t case_id, int64_t at_ms,
                       struct err *e);
/* May this be done with the card now, by him? */
bool supervise_offers(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      int64_t id, struct str verb);
int supervise_looks_due(struct store_tx *tx, const struct realm *r, int64_t *ids, size_t max,
                        size_t *n, struct err *e);
#endif
