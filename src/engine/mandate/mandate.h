/* mandate: who acts for whom. A company or a person gives another a standing (access.h): in which
 * matters, until when; he accepts it, or declines; either side ends it, at once. Rows and their
 * finding with each request are identity's (identity_mandate.c).
 *
 * A mandate lives:   offered -> active -> ended      offered -> declined | ended
 *   mandate_give      (none -> offered)   by who may (mandate.give) for the present principal
 *   mandate_answer    (offered -> active | declined)   by who was named
 *   mandate_register  (none -> active)    at a window, both present
 *   mandate_end       (offered | active -> ended)      by either side
 * Offered to a phone, it is nobody's before its holder answers: whose account has that phone among its
 * verified contacts and bears the name.
 *
 * Invariants
 *  1. Nobody is named but by name and citizen id both right, and he has an account. A wrong pair is
 *     answered alike whatever is wrong, and counted: MANDATE_TRIES lock the giver (identity_try). Named
 *     by name and phone, nothing is looked up: the answer, and the time it takes, are the same
 *     whoever has that phone, and nothing is sent there; of the phone a keyed hash is kept.
 *  2. Nobody gives what he has not: for a company and a person alike one's own standing must give
 *     mandate.give; what comes of a registry (by_registry) is given by nobody.
 *  3. Both sides are told of every step, in its transaction.
 *  4. A tie of kinship is told only where a registry holds it; nobody's word makes one.
 *  5. What the other did in one's name is read from the audit log, which neither can change.
 */
#ifndef ENGINE_MANDATE_H
#define ENGINE_MANDATE_H
#include "engine/audit/audit.h"
#include "engine/identity/identity.h"

enum { MANDATE_TRIES = 5, MANDATE_TIES_MAX = 16, MANDATE_PHONES_MAX = 20 };

struct mandate_offer {
    struct str name, citizen_id; /* who shall act, as typed */
    struct str phone;            /* mandate_give only: in place of citizen_id */
    struct str standing;
    const struct str *items;     /* ids; none: all */
    size_t n_items;
    int64_t months;              /* one of mandate_terms */
    bool agreed;                 /* to the wording that was shown */
    struct str giver_name, giver_id; /* mandate_register only: for whom */
};
/* For how many months it may be given: the i-th, 0 behind the last. */
int64_t mandate_term(size_t i);

/* Each is one act. Faults at the fields name, citizen_id, phone, standing, items, months, agreed (and
 * giver_name, giver_id). ERR_INPUT at citizen_id for whatever is wrong with who is named: count it
 * (mandate_failed, for `refused` bodies). ERR_LOCKED, ERR_DUPLICATE. */
int mandate_give(struct store_tx *tx, const struct realm *r, const struct actor *who,
                 const struct mandate_offer *o, int64_t *ret_id, struct err *e);
int mandate_failed(struct store_tx *tx, const struct realm *r, const struct actor *who,
                   struct err *e);
int mandate_register(struct store_tx *tx, const struct realm *r, const struct actor *who,
                     const struct mandate_offer *o, int64_t *ret_id, struct err *e);
/* ERR_NOT_FOUND: it is not his; ERR_CONFLICT: it is no longer offered. */
int mandate_answer(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                   bool accept, struct err *e);
int mandate_end(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                struct err *e);

/* May the actor give standings in the name of whom he acts for (himself, where he does not)? */
bool mandate_may_give(const struct realm *r, const struct actor *who);
/* Standings that may be given for a person, or for a company: list of {id, title, note}. */
struct val *mandate_standings(const struct realm *r, bool for_person, struct str lang,
                              struct arena *a);
/* Items that may be named: list of {id, title}. */
struct val *mandate_items(const struct realm *r, bool for_person, struct str lang,
                          struct arena *a);

/* Those given for the present principal, or held by the account: newest first, behind `at`. Each
 * {id, principal, name (who acts), phone (masked, where it is offered to that), standing, note,
 * items (text; empty: all), from_ms, until_ms,
 * state ("offered" "active" "declined" "ended" "expired" and so on), made_ms, kin, may_accept,
 * may_end}. */
struct mandate_query {
    bool given, back;
    int64_t at;
    size_t max;
    struct str state; /* empty: any */
};
int mandate_list(struct store_tx *tx, const struct realm *r, const struct actor *who,
                 const struct mandate_query *q, struct str lang, struct val **ret, struct err *e);
/* Is it offered to a phone that the actor proved to be his, under his name? He stands for himself. */
int mandate_named(struct store_tx *tx, const struct realm *r, const struct actor *who,
                  const struct identity_mandate *m, bool *ret, struct err *e);
/* What is so offered to him, behind `at`. */
int mandate_offered(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t at,
                    struct identity_mandate *out, size_t max, size_t *n, struct err *e);
/* One of them, and the row. ERR_NOT_FOUND: it is neither side's. */
int mandate_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                 struct str lang, struct val **ret, struct identity_mandate *row, struct err *e);
/* What was done by it, newest first, with numbers below `before` (0: from the newest). `*ret_next`:
 * where to go on, 0 at the end. */
int mandate_acts(struct store_tx *tx, const struct realm *r, const struct identity_mandate *m,
                 int64_t before, struct audit_row *rows, size_t max, size_t *n, int64_t *ret_next,
                 struct err *e);
#endif
