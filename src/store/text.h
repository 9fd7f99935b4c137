/* text: what dump.c needs of text.c, beyond store.h. */
#ifndef STORE_TEXT_H
#define STORE_TEXT_H
#include "store/store.h"

/* Feeds the index from a row of store_text that was loaded; the index holds nothing of that row yet. */
int store_text_reindex(struct store_tx *tx, int64_t home, struct str collection, int64_t object, struct str tokens,
                       struct err *e);

#endif
