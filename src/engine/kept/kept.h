/* kept: what somebody typed and sent after the session had ended, until the same person has signed in again.
 *
 * Invariants
 *  1. A form is kept only where the session's token is still in the browser and its session ended by time: so it is known whose it is.
 *  2. It is given back to that account only, in that browser only (the token is drawn for it and the store keeps its hash), at the
 *     same path only, within KEPT_MS; to anybody else it is not there.
 *  3. It stands sealed under the person's key; where it stands, whose it is and until when are bound to the seal. Passwords and files
 *     are never part of it.
 *  4. Keeping is an act with the person as subject; the form's own act ends it; what is over is removed with the next that is kept.
 */
#ifndef ENGINE_KEPT_H
#define ENGINE_KEPT_H
#include "engine/identity/identity.h"

enum { KEPT_MS = 30 * 60 * 1000, KEPT_BYTES_MAX = 64 * 1024, KEPT_TOKEN_BYTES = 32 };

struct kept_form {
    struct str path;          /* with its language */
    const struct val *fields; /* name -> text, or list of texts */
    bool files;               /* files came with it, and were not kept */
};

/* `session` is the token of the session that ended; `token` was drawn by the caller. ERR_LOGIN if it is not known whose it is, ERR_LIMIT
 * beyond KEPT_BYTES_MAX; then nothing is kept. */
int kept_put(struct store_tx *tx, const struct realm *r, const struct actor *nobody,
             const uint8_t session[IDENTITY_TOKEN_BYTES], const uint8_t token[KEPT_TOKEN_BYTES],
             const struct kept_form *form, struct err *e);
/* Into `a`. ERR_NOT_FOUND, whatever the reason; ERR_DAMAGED. */
int kept_find(struct store_tx *tx, const struct realm *r, const struct actor *who,
              const uint8_t token[KEPT_TOKEN_BYTES], struct str path, struct arena *a, struct kept_form *ret,
              struct err *e);
/* Within the transaction of the act that used it. */
int kept_drop(struct store_tx *tx, const struct realm *r, const uint8_t token[KEPT_TOKEN_BYTES], struct err *e);
#endif
