/* saved: a list as somebody wants it again: what it is narrowed to, its order and columns, under a name.
 *
 * Invariants
 *  1. It is its account's own; with a unit it is shown as well to those who have a post there, who may use it and not change it.
 *  2. It gives nobody a right: it is the words of an address, and the list judges who asks as it does without it.
 *  3. What was searched for may be somebody's name, so it stands sealed under the key of whose it is; its place, its unit and whether the
 *     list opens with it are bound to the seal.
 *  4. Of one account and list at most SAVED_MAX, no two of a name, and one at most with which the list opens; a unit has SAVED_MAX of
 *     a list. SAVED_OWN_MAX of one account in all.
 */
#ifndef ENGINE_SAVED_H
#define ENGINE_SAVED_H
#include "engine/act/act.h"

enum { SAVED_MAX = 8, SAVED_SHOWN_MAX = 32, SAVED_OWN_MAX = 200 };
enum { SAVED_NAME_CHARS_MAX = 40, SAVED_QUERY_BYTES_MAX = 2000, SAVED_PATH_BYTES_MAX = 160 };

struct saved {
    int64_t id, account; /* whose */
    bool own, opens;     /* the list opens with it when the address says nothing */
    int64_t unit;        /* 0: with nobody */
    struct str path;     /* of the list, without language: "/desk" */
    struct str query;    /* "due=late&sort=due&order=asc" */
    struct str name, by; /* by: the name of whose it is; empty for one's own */
};
/* Those of one list that this person may use: his own in the order they were made, then others'. At most SAVED_SHOWN_MAX. */
int saved_of(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str path, struct saved *out, size_t *n,
             struct err *e);
/* All that are one's own, of every list. At most SAVED_OWN_MAX. */
int saved_own(struct store_tx *tx, const struct realm *r, const struct actor *who, struct saved **ret, size_t *n, struct err *e);
/* One's own. ERR_NOT_FOUND. */
int saved_get(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct saved *ret, struct err *e);
/* An act, list.save; `id` 0 is a new one, another keeps its path. ERR_REQUIRED, ERR_TOO_LONG, ERR_DUPLICATE at name, ERR_LIMIT at
 * name or unit, ERR_INPUT at query, ERR_FORBIDDEN for a unit in which one has no post, ERR_NOT_FOUND. */
int saved_put(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct saved *s, int64_t *ret_id,
              struct err *e);
/* An act, list.save. ERR_NOT_FOUND. */
int saved_drop(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e);
#endif
