/* deputy: who stands in for an officer who is away: for a time, in all that is his or in named items and systems.
 *
 * It lives:   offered -> active -> ended      offered -> declined | ended      over when its time is, whatever it was
 *   deputy_name     (none -> offered)   by the officer himself (deputy.name), or for him by the head of his unit (deputy.appoint)
 *   deputy_answer   (offered -> active | declined)   by who was named
 *   deputy_end      (offered | active -> ended)      by either side, or by the head
 *
 * Invariants
 *  1. It gives no right: who stands in reaches each task by his own posts (item_act.c, "take"). Who lacks one of the posts that the
 *     absent officer has for these matters is refused when he is named, and when he accepts.
 *  2. No chain: nobody who is away himself at any of these days stands in, and nobody is stood in for while he stands in. An offer counts
 *     until it is declined.
 *  3. A matter of one officer has one deputy at a time.
 *  4. It holds by the clock alone (deputy_holds): nothing need run for it to begin or to be over.
 *  5. Both sides are told of every step, in its transaction, but for who takes it.
 *  6. Why somebody is away is seen by the two and by the head, of one of them at a time, and stands sealed.
 */
#ifndef ENGINE_DEPUTY_H
#define ENGINE_DEPUTY_H
#include "data/tz.h"
#include "engine/act/act.h"

enum {
#define DEPUTY_LIMIT(name, value) name = value,
#include "engine/deputy/deputy_limits.h"
#undef DEPUTY_LIMIT
};

struct deputy {
    int64_t id, principal, deputy;    /* accounts: who is away, who stands in */
    struct str principal_name, name;  /* theirs */
    struct str matters;               /* "item:ID" and "system:ID" with a blank between; empty: all */
    struct str state;                 /* "offered" "active" "declined" "ended"; see deputy_state */
    int64_t from_ms, until_ms;        /* from the first day's begin to the last one's end */
    int64_t made_ms, made_by, answered_ms, ended_ms, ended_by; /* by: accounts */
    struct str reason;                /* deputy_get alone */
    int64_t person;                   /* the engine's own: under whose key the reason stands */
};
/* As people read it: "offered" "coming" "active" "over" "declined" "ended". */
struct str deputy_state(const struct deputy *d, int64_t now_ms);
bool deputy_holds(const struct deputy *d, int64_t now_ms);
/* Is a matter among those that it is for? `system` is the one whose item it is. */
bool deputy_covers(const struct deputy *d, struct str system, struct str item);
bool deputy_may_answer(const struct deputy *d, const struct actor *who, int64_t now_ms);
bool deputy_may_end(const struct deputy *d, int64_t now_ms); /* whoever was given it by deputy_get: is there something to end? */

struct deputy_offer {
    int64_t principal;             /* 0, or the actor: himself */
    int64_t to;                    /* account of a colleague */
    struct civil_date from, until; /* first and last day */
    const struct str *matters;     /* as above, one each; none: all */
    size_t n_matters;
    struct str reason;
};
/* Each is one act. Faults at `to`, `from`, `until`, `matters`, `reason`. ERR_NOT_FOUND: the absent one is not in the head's units;
 * ERR_STATE: nothing of his is a task; ERR_INPUT at `to`: he lacks a post, is away himself, or stands in for too many; at `from`: the
 * absent one stands in for others then; at `matters`: these have a deputy at that time. */
int deputy_name(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct deputy_offer *o, int64_t *ret_id,
                struct err *e);
/* ERR_NOT_FOUND: it was not offered to him; ERR_CONFLICT: it is no longer offered; ERR_STATE: he lacks a post by now. */
int deputy_answer(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, bool accept, struct err *e);
int deputy_end(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e);

/* One of them, with its reason: for either side, and for whoever may list those of a unit (deputy.list). ERR_NOT_FOUND. */
int deputy_get(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct deputy *ret, struct err *e);
/* Those that one gave, that one holds, or of the units below one's posts (deputy.list): what ends last first, behind (key, at) (0, 0: from
 * the start), without their reasons. `cut`: the search stopped there before as many as wanted were found. */
struct deputy_query {
    enum deputy_of { DEPUTY_GIVEN, DEPUTY_HELD, DEPUTY_UNIT } of;
    struct str state; /* of deputy_state; empty: any */
    bool back;
    int64_t key, at;
    size_t max;
    bool cut;
};
int deputy_list(struct store_tx *tx, const struct realm *r, const struct actor *who, struct deputy_query *q, struct deputy **ret, size_t *n,
                struct err *e);

/* Colleagues who hold one of his posts that have tasks, at its unit or above it: list of {id, name, unit}. Whose it is to ask is the
 * caller's to check. */
int deputy_candidates(struct store_tx *tx, const struct realm *r, int64_t principal, struct val **ret, struct err *e);
/* May the actor name one for this officer: is it he himself, or somebody of his units? 0, ERR_FORBIDDEN, ERR_NOT_FOUND. */
int deputy_may_name(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t principal, struct err *e);

/* ---- who stands in now; rights are the caller's ---- */
/* For whom the account stands in: at most DEPUTY_OPEN_MAX. */
int deputy_principals(struct store_tx *tx, const struct realm *r, int64_t account, struct deputy ret[DEPUTY_OPEN_MAX], size_t *n,
                      struct err *e);
/* Who stands in for these accounts, n of them: in the job's arena. */
int deputy_of(struct store_tx *tx, const struct realm *r, const int64_t *accounts, size_t n, struct deputy **ret, size_t *n_ret,
              struct err *e);
/* Who stands in for the account in a matter; id 0: nobody. */
int deputy_for(struct store_tx *tx, const struct realm *r, int64_t account, struct str system, struct str item, struct deputy *ret,
               struct err *e);

/* ---- the engine's own files: rows (deputy.c), within an open act ---- */
int deputy_row_insert(struct act *act, struct deputy *d, struct err *e);
int deputy_row_get(struct store_tx *tx, const struct realm *r, int64_t id, struct deputy *ret, struct err *e);
int deputy_row_answer(struct act *act, const struct deputy *d, bool accept, struct err *e);
int deputy_row_end(struct act *act, const struct deputy *d, struct err *e);
/* Offered or in force at some moment of [from, until), of who is away or of who stands in; at most DEPUTY_OPEN_MAX + 1. */
int deputy_rows_between(struct store_tx *tx, const struct realm *r, bool principal, int64_t account, int64_t from_ms, int64_t until_ms,
                        struct deputy ret[DEPUTY_OPEN_MAX + 1], size_t *n, struct err *e);
#endif
