/* upkeep: a time at which the installation is worked on: announced to everybody, then nothing may be changed but by who announced it.
 *
 * Life: announced (upkeep_put) -> in force, from from_ms -> over, at until_ms or when it is ended (upkeep_end).
 *
 * Invariants
 *  1. There is one at a time: who announces another has ended the one before, in the same act.
 *  2. Whether it is in force is asked in the transaction of what would change (upkeep_refuses): nothing slips through between nodes.
 *  3. It ends by itself: who forgets it locks nobody out.
 *  4. Who may end it, signs in and passes; so does, where that was chosen, who holds a post. What the system does by itself, and the
 *     command line, go on.
 */
#ifndef ENGINE_UPKEEP_H
#define ENGINE_UPKEEP_H
#include "engine/act/act.h"

enum { UPKEEP_CHARS_MAX = 200, UPKEEP_LONGEST_MS = 24 * 60 * 60 * 1000 };

struct upkeep {
    int64_t id; /* 0: there is none */
    int64_t from_ms, until_ms;
    struct str zh, en; /* what people read */
    bool staff;        /* who holds a post goes on working; only the public looks on */
};
/* The one that is announced or in force; *ret with id 0 if there is none. */
int upkeep_now(struct store_tx *tx, const struct realm *r, struct upkeep *ret, struct err *e);
/* An act, upkeep.put. ERR_REQUIRED, ERR_TOO_LONG, ERR_RANGE at zh, en, from, until. */
int upkeep_put(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct upkeep *u, struct err *e);
/* An act, upkeep.put: it is over. ERR_NOT_FOUND: it was already. */
int upkeep_end(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e);
/* ERR_UPKEEP, with until when (*ret_s: in how many seconds), if this power would change something now and this actor does not pass. */
int upkeep_refuses(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str power, int64_t *ret_s, struct err *e);
/* Does this actor pass while it is in force? */
bool upkeep_passes(const struct realm *r, const struct actor *who, const struct upkeep *u);
#endif
