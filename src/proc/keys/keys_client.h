/* keys_client: how the rest of the program asks `keys`. One set of functions over two ways: through the links between
 * processes, or a direct call (tests, command line).
 *
 * Each function blocks until the answer: for start-up, jobs' owners and worker threads; never on an HTTP thread and
 * never within a transaction. What comes back is checked here (sizes, forms, and signatures against the known
 * public keys), so that a broken answer is ERR_PEER and not a bad record.
 */
#ifndef PROC_KEYS_KEYS_CLIENT_H
#define PROC_KEYS_KEYS_CLIENT_H
#include "engine/audit/audit.h"
#include "proc/keys/keys.h"

typedef int keys_ask(void *context, uint16_t type, struct str request_id, struct str body, struct arena *a, struct str *ret,
                     struct err *e);
struct keys_client {
    keys_ask *ask;
    void *context;
    /* from keys_client_certs; in the arena that was given to it */
    enum suite suite;
    struct str root_der, signer_der, head_spki, token_spki;
};

void keys_client_hub(struct keys_client *c, struct ipc_hub *hub); /* borrowed */
void keys_client_direct(struct keys_client *c, struct keys *k);   /* borrowed; counts as a new link */

/* Certificates and public keys, kept in the client; `a` must live as long. First of all calls. */
int keys_client_certs(struct keys_client *c, struct arena *a, struct err *e);
/* The keyring; once per link: ERR_FORBIDDEN after that. */
int keys_client_keyring(struct keys_client *c, struct keyring *ret, struct err *e);
/* An audit_sign (engine/audit): `context` is the client. Fills key_id and signature. ERR_CONFLICT: keys has
 * signed a larger head of this home, or another at this size, or one that this log does not continue: it was rolled back or rewritten. */
int keys_client_sign_head(void *context, struct arena *a, struct audit_head *h, const struct audit_growth *g, struct err *e);
/* An audit_signed: the newest head that keys signed for a home, signed anew, in `a`. ERR_NOT_FOUND: it has signed none. Ask before
 * reading the log: what is signed was committed before. */
int keys_client_last_head(void *context, struct arena *a, struct home_id home, struct audit_head *ret, struct err *e);
/* CMS over a paper's digest (cms_sign), made under the suite's hash, at `now_ms`. `type`: ASCII name of the
 * paper type, at most 64. `request_id`: of the act that the paper comes from; keys logs it. */
int keys_client_sign_paper(struct keys_client *c, struct arena *a, struct str request_id, int64_t case_id, struct str type,
                           const struct digest *digest, int64_t now_ms, struct str *ret_cms_der, struct err *e);
/* Signature (64 bytes, r || s) of a public verify link's payload, at most 512 bytes; and its check, which needs
 * no `keys`. */
int keys_client_sign_token(struct keys_client *c, struct arena *a, struct str payload, struct str *ret,
                           struct err *e);
bool keys_token_verify(struct str token_spki, struct str payload, struct str signature);

#endif
