/* record_impl: what the chapters of engine/record share. */
#ifndef ENGINE_RECORD_IMPL_H
#define ENGINE_RECORD_IMPL_H
#include "engine/record/record.h"

#include <string.h>

/* ---- record_keep.c ---- */
/* An act by the grants of the registry's own system. */
int record_begin(struct act *act, struct store_tx *tx, const struct realm *r, const struct actor *who, const struct record_registry *g,
                 struct str name, struct err *e);
/* Does the act reach a record of this state and division? 0, or ERR_NOT_FOUND, also where a condition takes it away. */
int record_judge(struct act *act, const struct record_registry *g, struct str state, int64_t division, struct err *e);
/* {id, version, state, values (masked)} */
struct val *record_row(struct arena *a, const struct record_registry *g, const struct record *rec);
/* Closes the act: an entry for each of `found` (record_row), with whom it is about; where there is none, the search itself is one. */
int record_note(struct act *act, const struct record_registry *g, const struct val *found, struct str detail, struct err *e);

/* ---- record_words.c ---- */
/* The list whose words (scope_words_put) are those of a type's records; they stand under the record's id. */
struct str record_words_list(struct arena *a, const struct record_type *t);
/* Words: of the whole of an element that is found exactly, of a whole name. */
struct str record_word_exact(struct arena *a, const struct record_field *f, struct str value);
struct str record_word_whole(struct arena *a, struct str name);
/* `now` (id, division, values) is found by its words; `before` (NULL: nothing was) by those that it does not have any more no longer. */
int record_words_put(struct store_tx *tx, const struct realm *r, const struct record_type *t, const struct record *before,
                     const struct record *now, struct err *e);
#endif
