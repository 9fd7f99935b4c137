/* paper: licences, certificates, notices and receipts as things with a number, a holder, a validity and a signature. How they look
 * is paper_layout.h; setting and signing happen outside the transaction (press, keys).
 *
 * States:  setting -> valid -> revoked | expired | replaced
 *   paper_issue    (none -> setting)   in the act that grants; emits "paper.set" to the outbox
 *   paper_finish   (setting -> valid)  when the signed file is stored; an act of the realm's own worker
 *   paper_revoke   (valid -> revoked)
 *
 * Invariants
 *  1. A paper's contents are frozen at issue (sealed under the holder's key); setting it again gives the same page.
 *  2. The verify code is 80 bits of a MAC over the paper's id: it cannot be guessed, and needs no table of its own.
 *  3. What /v/{code} shows is no more than the paper itself shows: kind, number, organ, dates, state, holder masked.
 *  4. What a paper is, a licence, a decision or a notice, stands in the release that it pins, and nowhere else.
 */
#ifndef ENGINE_PAPER_H
#define ENGINE_PAPER_H
#include "engine/act/act.h"
#include "engine/paper/paper_layout.h"

struct paper_new {
    const struct system *system;
    struct str type;          /* papers/NAME.xml */
    struct str title, organ;  /* clear: kind of paper and who issues it */
    struct str number;
    int64_t case_id, person, company; /* holder: company if set, else person */
    struct str holder_masked;
    int64_t valid_from_ms, valid_until_ms; /* until 0: no end */
    int64_t wait;             /* who waits in the process for it; given back by paper_finish */
    const struct val *view;   /* what the layout binds; frozen */
    const struct data_key *key; /* the holder's, where it is at hand; NULL: it is looked up */
};
int paper_issue(struct act *act, const struct paper_new *p, int64_t *ret_id, struct err *e);

struct paper_row {
    int64_t id, case_id, person, company, release, issued_ms, valid_from_ms, valid_until_ms, wait;
    struct str type, title, organ, number, state, holder_masked, code;
    uint8_t blob[32];
    bool has_blob;
    enum paper_is is; /* as its release declares it */
};
/* For the worker that sets papers: the row and its frozen view. */
int paper_get(struct store_tx *tx, const struct realm *r, int64_t id, struct paper_row *ret, struct err *e);
int paper_view(struct store_tx *tx, const struct realm *r, const struct paper_row *p, struct val **ret, struct err *e);
/* The signed file is stored (sealed, in `blob`): the paper becomes valid. ERR_STATE if it is not being set. */
int paper_finish(struct act *act, int64_t id, const uint8_t blob[32], struct err *e);
int paper_revoke(struct act *act, int64_t id, struct str reason, struct err *e);

/* Papers of a case; of a holder (person or company). Lists of {id, title, number, organ, state, is_licence, issued_ms, ..., code}. */
int paper_of_case(struct store_tx *tx, const struct realm *r, int64_t case_id, struct val **ret, struct err *e);
struct paper_query {
    struct str state; /* only these: "setting" "valid" "expired" "revoked"...; empty: all */
    enum paper_is is; /* only these; 0: all. Their kind stands in their releases: others are read over, PAPER_LOOK_MAX at most */
    bool back;        /* oldest first */
    int64_t at;       /* behind this paper's id; 0: from the start */
    size_t max;
    int64_t cut;      /* afterwards: the search stopped at this paper before as many as wanted were found; 0: it did not */
};
enum { PAPER_LOOK_MAX = 500 };
int paper_of_holder(struct store_tx *tx, const struct realm *r, int64_t holder, struct paper_query *q, struct val **ret, struct err *e);
/* By verify code. ERR_NOT_FOUND. State is as of now (expired where past). */
int paper_by_code(struct store_tx *tx, const struct realm *r, struct str code, struct paper_row *ret, struct err *e);
/* Shown by its holder, now (paper_present.c): the mark that stands in the code on his screen, and what one is worth that comes with the
 * paper's code: it lives for PAPER_PRESENT_MS. */
enum { PAPER_PRESENT_MS = 60000 };
enum paper_presented { PAPER_NOT_PRESENTED, PAPER_PRESENTED, PAPER_PRESENT_OVER };
struct str paper_present(struct arena *a, const struct realm *r, const struct paper_row *p, int64_t now_ms);
enum paper_presented paper_presented(struct arena *a, const struct realm *r, const struct paper_row *p, struct str mark,
                                     int64_t now_ms, int64_t *ret_at_ms);
/* The file in clear; the caller holds the right. */
int paper_file(struct store_tx *tx, const struct realm *r, const struct paper_row *p,
               struct arena *a, struct str *ret, struct err *e);
/* Sealed form of a file for the blob store, under the holder's key. */
int paper_seal_file(struct store_tx *tx, const struct realm *r, const struct paper_row *p,
                    struct str clear, struct str *ret, struct err *e);
#endif
