/* keys: the process that holds the master key and every private signing key of an installation. No network, no data
 * but its own folder. It answers typed requests only: it can be asked for nothing that it does not understand.
 *
 * Invariants
 *  1. No request takes a digest or bytes and signs just these: what is signed is composed here from named fields,
 *     each kind under a first line of its own and with a key of its own, so that no signature can stand for another
 *     kind of thing.
 *  2. A head of the audit log is signed only if its tree continues the one signed last for that home, by a proof of
 *     RFC 9162 that is checked here against what this process remembers, or is the same again. It is remembered in
 *     the log of this process (keys_log.h), on stable storage before the signature leaves.
 *  3. The keyring is given once to each link: to the application that has just started, not to whoever asks later
 *     over it.
 *  4. A paper is signed for the present: a time more than ten minutes from our own clock is refused.
 *  5. The CA's private key is not loaded: it lies in a sealed file of its own, which an operator can take off the
 *     machine.
 *
 * Files under its folder (docs/decisions/0002-keys.md): master.key, keys.sealed, ca.sealed, signed.log.
 */
#ifndef PROC_KEYS_KEYS_H
#define PROC_KEYS_KEYS_H
#include "crypto/crypto.h"
#include "proc/ipc.h"
#include "proc/role.h"

enum keys_type { KEYS_DERIVE_KEYRING = 1, KEYS_SIGN_HEAD, KEYS_SIGN_PAPER, KEYS_SIGN_TOKEN, KEYS_CERTS, KEYS_LAST_HEAD };
/* What may be asked, with sizes and handlers; the context of a call is a struct keys. */
extern const struct ipc_table keys_table;

struct keys;
/* Opens the folder; makes everything in it, in `s`, if it holds neither master key nor sealed keys. ERR_DAMAGED
 * if one of the two is missing, does not open or the log of heads was altered: never replaced silently. Free
 * with keys_close. */
int keys_open(const char *dir, enum suite s, struct keys **ret, struct err *e);
void keys_close(struct keys *k); /* wipes; accepts NULL */
/* A new application is linked: it may ask for the keyring once. */
void keys_linked(void *keys);
/* Runs one request as ipc_answer would, sizes checked: for `--single` and the command line. */
int keys_answer(struct keys *k, uint16_t type, struct ipc_call *c, struct err *e);

/* The role's main: arguments dir=PATH suite=intl|gm. */
int keys_main(struct role_context *c);

#endif
