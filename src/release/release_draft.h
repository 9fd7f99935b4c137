/* release_draft: the next version of a system while it is being written, before it is a release.
 *
 * A draft lives:  open (release_draft_begin, from the active release) -> proposed -> released, or
 * open again (sent or taken back); open -> dropped. Once released it is a stored release as
 * release_load makes it, which release_draft_activate makes the active one when its day has come
 * (topic RELEASE_DRAFT_DUE of the outbox, whose object is the draft).
 *
 * Invariants
 *  1. A draft's files are those of its base, with those that were written in their place. Nothing
 * of it is seen by a case.
 *  2. `version` counts what happened to it. Whoever writes names the version he has seen: what
 * somebody else wrote since is never lost.
 *  3. Four eyes: who wrote any of it, or proposed it, does not release it (release_draft_wrote).
 *  4. It replaces the release that it was begun from: where another was activated since, it is not
 * released.
 *  5. Each step is an act, and a row of its history.
 */
#ifndef RELEASE_DRAFT_H
#define RELEASE_DRAFT_H
#include "release/release.h"

#define RELEASE_DRAFT_DUE S("release.due")

struct release_draft {
    int64_t id, base, version, proposed_by, release, due_ms, changed_ms;
    struct str system, state; /* open proposed released dropped */
};

/* ERR_NOT_FOUND. */
int release_draft_find(struct store_tx *tx, const struct realm *r, int64_t id,
                       struct release_draft *ret, struct err *e);
/* At most `max` behind `place` (0: from the start), newest first or turned round: list of {id,
 * system, base, state, version, release, due_ms, changed_ms}. */
int release_draft_list(struct store_tx *tx, const struct realm *r, int64_t place, bool back,
                       size_t max, struct val **ret, struct err *e);
/* Its whole history, oldest first: list of {account, at_ms, word, detail}; words: begin write
 * propose take-back return release activate stale drop. */
int release_draft_steps(struct store_tx *tx, const struct realm *r, int64_t id, struct val **ret,
                        struct err *e);
int release_draft_files(struct store_tx *tx, const struct realm *r, const struct release_draft *d,
                        struct release_files *ret, struct err *e);
/* Did this account write or propose any of it? */
int release_draft_wrote(struct store_tx *tx, const struct realm *r, int64_t id, int64_t account,
                        bool *ret, struct err *e);

/* ---- acts ---- */
/* ERR_NOT_FOUND: no such active system. The version in system.yaml counts on. */
int release_draft_begin(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        struct str system, int64_t *ret_id, struct err *e);
/* Writes the files, each whole. ERR_STATE unless it is open, ERR_CONFLICT if it is not of this
 * version any more. */
int release_draft_write(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        int64_t id, int64_t version, const struct release_files *changed,
                        struct str detail, struct err *e);
enum release_draft_move { DRAFT_PROPOSE, DRAFT_TAKE_BACK, DRAFT_DROP, DRAFT_RETURN };
/* The first three are acts of who writes, the last of who approves; `detail` is his reason.
 * ERR_STATE, ERR_CONFLICT. */
int release_draft_move(struct store_tx *tx, const struct realm *r, const struct actor *who,
                       int64_t id, int64_t version, enum release_draft_move move, struct str detail,
                       struct err *e);
/* Loads it as a release, to be activated at `due_ms`. Its files were judged by the caller, outside
 * the transaction. ERR_STATE where it is not proposed, or the active release is not its base;
 * ERR_FORBIDDEN for who wrote of it; ERR_CONFLICT. */
int release_draft_release(struct store_tx *tx, const struct realm *r, const struct actor *who,
                          int64_t id, int64_t version, int64_t due_ms, struct err *e);
/* The day has come: activates `sys`, its release, compiled. False in *ret_done: another release was
 * activated meanwhile; it is open again. */
int release_draft_activate(struct store_tx *tx, const struct realm *r, const struct actor *who,
                           int64_t id, const struct system *sys, bool *ret_done, struct err *e);
#endif
