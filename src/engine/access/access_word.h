/* access_word: what access.c needs of access_word.c, beyond access.h. */
#ifndef ENGINE_ACCESS_WORD_H
#define ENGINE_ACCESS_WORD_H
#include "engine/access/access.h"

#include <string.h>

struct access_word_place {
    int64_t scope, key, object;
    size_t max;
};
/* Begins to read the rows of the order's i-th word in one scope, behind the place. */
int access_word_begin(struct store_tx *tx, const struct scope_order *o, struct str list,
                      const struct access_word_place *at, size_t i, struct store_rows **ret,
                      struct err *e);
#endif
