/* item_resume: going on with a draft on another device, by its number and a code to the phone of who began it.
 * Invariants
 *  1. Nothing tells whether a number or a phone is known: the same answer, the same limits, for both; what is sent goes to the phone that
 *     is known already, and never to one that was only typed.
 *  2. The phone is the one that its owner showed to be his (notify_contact); where he did not, the one of the population registry.
 *  3. Number, phone and code open a session that fills in this one draft and does nothing else (actor.only): it does not submit, it is
 *     shown no registry's data in clear and no file's contents, and nothing of any other case.
 *  4. A number says of itself whether it was mistyped; it is no secret and stands for no right.
 */
#ifndef ENGINE_ITEM_ITEM_RESUME_H
#define ENGINE_ITEM_ITEM_RESUME_H
#include "engine/item/item.h"

/* What people write a draft's id with, "0D3XK-9QZ1M-00A7": no secret. _read: false where it is mistyped. */
struct str item_draft_number(struct arena *a, int64_t id);
bool item_draft_number_read(struct arena *a, struct str typed, int64_t *ret);
/* Sends a code, if there is such a draft and the phone is its beginner's; that it is not is told by nothing. ERR_FORMAT (of the phone),
 * ERR_LOCKED (asked too often), ERR_STATE (no gateway). `*ret_pass` is for this browser's cookie: without it a code is worth nothing. */
int item_resume_ask(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct str phone, struct str *ret_pass,
                    struct err *e);
struct item_resume {
    int64_t id;
    struct str pass, code, device;
    const uint8_t *token; /* IDENTITY_TOKEN_BYTES, drawn by the caller before the job */
};
/* A session in which that draft is filled in, and nothing else is done. ERR_PASSWORD, ERR_LOCKED; a wrong code is counted by
 * item_resume_failed, for `refused` bodies. */
int item_resume_open(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_resume *x, int64_t *ret_session,
                     struct err *e);
int item_resume_failed(struct store_tx *tx, const struct realm *r, int64_t id, struct err *e);
#endif
