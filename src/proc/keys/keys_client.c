/* keys_client: see keys_client.h. Invariant: nothing unverified is handed on as a signature. */
#include "proc/keys/keys_client.h"

#include <string.h>

#include "proc/keys/keys_wire.h"

enum { TIMEOUT_MS = 5000 };

static int ask_hub(void *context, uint16_t type, struct str request_id, struct str body, struct arena *a, struct str *ret, struct err *e) {
    struct ipc_request r = { .peer = "keys", .type = type, .body = body, .arena = a, .timeout_ms = TIMEOUT_MS };
    ipc_set_id(&r, request_id);
    int rc = ipc_ask(context, &r);
    if (rc) {
        if (e) *e = r.err;
        return err_set(e, rc, "%s", r.err.detail);
    }
    *ret = r.reply;
    return 0;
}

static int ask_direct(void *context, uint16_t type, struct str request_id, struct str body, struct arena *a,
                      struct str *ret, struct err *e) {
    struct ipc_call call = { .arena = a, .body = body, .request_id = request_id };
    int rc = keys_answer(context, type, &call, e);
    if (rc == 0) *ret = call.reply;
    return rc;
}

void keys_client_hub(struct keys_client *c, struct ipc_hub *hub) {
    *c = (struct keys_client){ .ask = ask_hub, .context = hub };
}

void keys_client_direct(struct keys_client *c, struct keys *k) {
    keys_linked(k);
    *c = (struct keys_client){ .ask = ask_direct, .context = k };
}

static int odd(struct err *e, const char *what) {
    return err_set(e, ERR_PEER, "keys: %s", what);
}

static bool is_suite(uint64_t s) {
    return s == SUITE_INTL || s == SUITE_GM;
}

int keys_client_certs(struct keys_client *c, struct arena *a, struct err *e) {
    struct str reply;
    int rc = c->ask(c->context, KEYS_CERTS, S(""), S(""), a, &reply, e);
    if (rc) return rc;
    struct keys_in in = { reply, false };
    uint64_t suite = keys_get_u64(&in);
    struct str root = keys_get_str(&in), signer = keys_get_str(&in), head = keys_get_str(&in),
               token = keys_get_str(&in);
    if (!keys_in_done(&in) || !is_suite(suite)) return odd(e, "certificates");
    c->suite = (enum suite)suite;
    c->root_der = arena_str(a, root);
    c->signer_der = arena_str(a, signer);
    c->head_spki = arena_str(a, head);
    c->token_spki = arena_str(a, token);
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, "keys") : 0;
}

int keys_client_keyring(struct keys_client *c, struct keyring *ret, struct err *e) {
    struct str reply;
    struct arena a; /* arena_done wipes what the reply held */
    arena_init(&a, "keyring", 4096);
    int rc = c->ask(c->context, KEYS_DERIVE_KEYRING, S(""), S(""), &a, &reply, e);
    if (rc == 0) {
        struct keys_in in = { reply, false };
        struct keyring k = { .suite = SUITE_INTL };
        uint64_t suite = keys_get_u64(&in), id = keys_get_u64(&in);
        (void)keys_get_bytes(&in, k.kek, KEY_BYTES);
        (void)keys_get_bytes(&in, k.blind, KEY_BYTES);
        (void)keys_get_bytes(&in, k.row, KEY_BYTES);
        (void)keys_get_bytes(&in, k.token, KEY_BYTES);
        if (!keys_in_done(&in) || !is_suite(suite) || id > UINT32_MAX) rc = odd(e, "keyring");
        k.suite = (enum suite)suite;
        k.key_id = (uint32_t)id;
        if (rc == 0) *ret = k;
        explicit_bzero(&k, sizeof k);
    }
    arena_done(&a);
    return rc;
}

int keys_client_sign_head(void *context, struct arena *a, struct audit_head *h, const struct audit_growth *g, struct err *e) {
    struct keys_client *c = context;
    struct buf b;
    struct str reply;
    buf_init(&b, a, 128, 72 + sizeof g->path);
    keys_put_u64(&b, (uint64_t)h->home.v);
    keys_put_u64(&b, h->size);
    keys_put_u64(&b, (uint64_t)h->time_ms);
    keys_put_u64(&b, h->suite);
    keys_put_bytes(&b, h->root.v, DIGEST_BYTES);
    keys_put_u64(&b, g->from);
    for (size_t i = 0; i < g->path_n; i++) keys_put_bytes(&b, g->path[i].v, DIGEST_BYTES);
    if (!buf_ok(&b)) return err_set(e, ERR_MEMORY, "keys");
    int rc = c->ask(c->context, KEYS_SIGN_HEAD, S(""), buf_str(&b), a, &reply, e);
    if (rc) return rc;
    struct keys_in in = { reply, false };
    struct audit_head signed_head = *h;
    uint64_t id = keys_get_u64(&in);
    signed_head.signature = keys_get_str(&in);
    signed_head.key_id = (uint32_t)id;
    if (!keys_in_done(&in) || id > UINT32_MAX || !audit_head_genuine(&signed_head, c->head_spki))
        return odd(e, "head");
    *h = signed_head;
    return 0;
}

int keys_client_last_head(void *context, struct arena *a, struct home_id home, struct audit_head *ret, struct err *e) {
    struct keys_client *c = context;
    struct audit_head h = { .home = home, .suite = c->suite };
    struct buf b;
    struct str reply;
    buf_init(&b, a, 8, 8);
    keys_put_u64(&b, (uint64_t)home.v);
    if (!buf_ok(&b)) return err_set(e, ERR_MEMORY, "keys");
    int rc = c->ask(c->context, KEYS_LAST_HEAD, S(""), buf_str(&b), a, &reply, e);
    if (rc) return rc;
    if (!reply.len) return err_set(e, ERR_NOT_FOUND, "head");
    struct keys_in in = { reply, false };
    h.size = keys_get_u64(&in);
    h.time_ms = (int64_t)keys_get_u64(&in);
    uint64_t id = keys_get_u64(&in);
    (void)keys_get_bytes(&in, h.root.v, DIGEST_BYTES);
    h.signature = keys_get_str(&in);
    h.key_id = (uint32_t)id;
    if (!keys_in_done(&in) || id > UINT32_MAX || h.size == 0 || !audit_head_genuine(&h, c->head_spki)) return odd(e, "head");
    *ret = h;
    return 0;
}

int keys_client_sign_paper(struct keys_client *c, struct arena *a, struct str request_id, int64_t case_id,
                           struct str type, const struct digest *digest, int64_t now_ms, struct str *ret_cms_der, struct err *e) {
    struct buf b;
    struct str reply;
    buf_init(&b, a, 128, 128);
    keys_put_u64(&b, (uint64_t)case_id);
    keys_put_u64(&b, (uint64_t)now_ms);
    keys_put_bytes(&b, digest->v, DIGEST_BYTES);
    keys_put_str(&b, type);
    if (!buf_ok(&b)) return err_set(e, ERR_TOO_LONG, "64");
    int rc = c->ask(c->context, KEYS_SIGN_PAPER, request_id, buf_str(&b), a, &reply, e);
    if (rc) return rc;
    if (cms_verify(reply, c->root_der, digest, NULL)) return odd(e, "signature of a paper");
    *ret_cms_der = reply;
    return 0;
}

int keys_client_sign_token(struct keys_client *c, struct arena *a, struct str payload, struct str *ret,
                           struct err *e) {
    struct str reply;
    int rc = c->ask(c->context, KEYS_SIGN_TOKEN, S(""), payload, a, &reply, e);
    if (rc) return rc;
    if (!keys_token_verify(c->token_spki, payload, reply)) return odd(e, "signature of a link");
    *ret = reply;
    return 0;
}

bool keys_token_verify(struct str token_spki, struct str payload, struct str signature) {
    struct arena a;
    if (signature.len != SIGNATURE_RAW_BYTES || payload.len == 0 || payload.len > 512) return false;
    arena_init(&a, "token", 8192);
    struct str message = ARENA_CAT(&a, S("tongban verify link 1\n"), payload);
    struct str der = sign_from_raw(&a, (const uint8_t *)signature.ptr);
    bool ok = message.len && der.len && sign_verify(token_spki, message, der);
    arena_done(&a);
    return ok;
}
