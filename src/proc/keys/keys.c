/* keys: the requests, one handler each, and the role. See keys.h for what must hold.
 * A handler: take the body apart to its last byte -> check what is asked -> remember it, durable -> sign -> reply.
 */
#include "proc/keys/keys.h"

#include <string.h>

#include "base/log.h"
#include "engine/audit/audit.h"
#include "os/os.h"
#include "proc/keys/keys_impl.h"
#include "proc/keys/keys_wire.h"

enum { CLOCK_SLACK_MS = 10 * 60 * 1000, PAPER_TYPE_BYTES_MAX = 64, TOKEN_BYTES_MAX = 512, OWN_BYTES = 1024 * 1024 };

static int malformed(struct err *e, const char *what) {
    return err_set(e, ERR_SYNTAX, "%s", what);
}

static int reply(struct ipc_call *c, const struct buf *b, struct err *e) {
    if (!buf_ok(b)) return err_set(e, ERR_MEMORY, "keys");
    c->reply = buf_str(b);
    return 0;
}

static int derive_keyring(struct ipc_call *c, struct err *e) {
    struct keys *k = c->context;
    struct buf b;
    if (!k->may_derive) return err_set(e, ERR_FORBIDDEN, "this link has its keyring");
    k->may_derive = false;
    buf_init(&b, c->arena, 160, 160);
    keys_put_u64(&b, k->ring.suite);
    keys_put_u64(&b, k->ring.key_id);
    keys_put_bytes(&b, k->ring.kek, KEY_BYTES);
    keys_put_bytes(&b, k->ring.blind, KEY_BYTES);
    keys_put_bytes(&b, k->ring.row, KEY_BYTES);
    keys_put_bytes(&b, k->ring.token, KEY_BYTES);
    return reply(c, &b, e);
}

static bool is_now(int64_t time_ms) {
    int64_t now = os_now_ms();
    return time_ms > now - CLOCK_SLACK_MS && time_ms < now + CLOCK_SLACK_MS;
}

/* The log must continue the one that was signed last: its first entries are those, in that order. */
static int check_growth(const struct keys *k, const struct audit_head *h, const struct audit_growth *g, struct err *e) {
    const struct keys_seen *seen = keys_log_seen(&k->log, h->home.v);
    if (!seen) return 0;
    if (g->from != seen->size) return err_set(e, ERR_STATE, "the head of %llu is the last", (unsigned long long)seen->size);
    if (merkle_verify_consistency(k->suite, seen->size, h->size, &seen->root, &h->root, g->path, g->path_n)) return 0;
    return err_set(e, ERR_CONFLICT, "the log does not continue the head of %llu that was signed", (unsigned long long)seen->size);
}

static int sign_head(struct ipc_call *c, struct err *e) {
    struct keys *k = c->context;
    struct keys_in in = { c->body, false };
    struct audit_head h = { .home = { (int64_t)keys_get_u64(&in) }, .suite = k->suite };
    struct buf b;
    h.size = keys_get_u64(&in);
    h.time_ms = (int64_t)keys_get_u64(&in);
    uint64_t suite = keys_get_u64(&in);
    (void)keys_get_bytes(&in, h.root.v, DIGEST_BYTES);
    struct audit_growth g = { .from = keys_get_u64(&in) };
    while (!in.bad && in.rest.len && g.path_n < sizeof g.path / sizeof *g.path)
        (void)keys_get_bytes(&in, g.path[g.path_n++].v, DIGEST_BYTES);
    if (!keys_in_done(&in) || h.size == 0 || h.size > INT64_MAX || suite != (uint64_t)k->suite)
        return malformed(e, "head");
    if (!is_now(h.time_ms)) return err_set(e, ERR_RANGE, "the time of a head is now");
    h.key_id = audit_key_id(k->suite, k->head_spki);
    struct str message = audit_head_message(c->arena, &h);
    if (!message.len) return err_set(e, ERR_MEMORY, "keys");
    int rc = keys_log_check_head(&k->log, h.home.v, h.size, &h.root, e);
    if (rc == 0) rc = check_growth(k, &h, &g, e);
    if (rc == 0) rc = keys_log_head(&k->log, h.home.v, h.size, &h.root, h.time_ms, e);
    if (rc == 0) rc = sign(c->arena, k->head, message, &h.signature, e);
    if (rc) return rc;
    buf_init(&b, c->arena, 160, 160);
    keys_put_u64(&b, h.key_id);
    keys_put_str(&b, h.signature);
    return reply(c, &b, e);
}

/* The newest head that was signed, signed again for now: it stands in the log already. Whoever verifies the audit log asks, so that a
 * store put back to before it is found. A home without one is an empty answer. */
static int last_head(struct ipc_call *c, struct err *e) {
    struct keys *k = c->context;
    struct keys_in in = { c->body, false };
    struct buf b;
    int64_t home = (int64_t)keys_get_u64(&in);
    if (!keys_in_done(&in)) return malformed(e, "home");
    const struct keys_seen *seen = keys_log_seen(&k->log, home);
    if (!seen) return 0;
    struct audit_head h = { .home = { home }, .size = seen->size, .root = seen->root, .time_ms = os_now_ms(), .suite = k->suite,
                            .key_id = audit_key_id(k->suite, k->head_spki) };
    struct str message = audit_head_message(c->arena, &h);
    if (!message.len) return err_set(e, ERR_MEMORY, "keys");
    int rc = sign(c->arena, k->head, message, &h.signature, e);
    if (rc) return rc;
    buf_init(&b, c->arena, 256, 256);
    keys_put_u64(&b, h.size);
    keys_put_u64(&b, (uint64_t)h.time_ms);
    keys_put_u64(&b, h.key_id);
    keys_put_bytes(&b, h.root.v, DIGEST_BYTES);
    keys_put_str(&b, h.signature);
    return reply(c, &b, e);
}

/* Names of paper types are ours: a letter or digit first, then letters, digits, "-", "_", ".", "/". */
static bool is_type_name(struct str s) {
    if (s.len == 0 || s.len > PAPER_TYPE_BYTES_MAX) return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && (i == 0 || !memchr("-_./", c, 4))) return false;
    }
    return true;
}

static int sign_paper(struct ipc_call *c, struct err *e) {
    struct keys *k = c->context;
    struct keys_in in = { c->body, false };
    struct digest d;
    int64_t case_id = (int64_t)keys_get_u64(&in), time_ms = (int64_t)keys_get_u64(&in);
    (void)keys_get_bytes(&in, d.v, DIGEST_BYTES);
    struct str type = keys_get_str(&in);
    if (!keys_in_done(&in) || case_id <= 0 || !is_type_name(type)) return malformed(e, "paper");
    if (!is_now(time_ms)) return err_set(e, ERR_RANGE, "the time of a signature is now");
    int rc = keys_log_paper(&k->log, case_id, type, &d, time_ms, e);
    return rc ? rc : cms_sign(c->arena, k->paper, k->signer_der, k->root_der, &d, time_ms, &c->reply, e);
}

static int sign_token(struct ipc_call *c, struct err *e) {
    struct keys *k = c->context;
    struct str der;
    uint8_t *raw = arena_alloc(c->arena, SIGNATURE_RAW_BYTES);
    struct str message = ARENA_CAT(c->arena, S("tongban verify link 1\n"), c->body);
    if (!raw || !message.len) return err_set(e, ERR_MEMORY, "keys");
    int rc = sign(c->arena, k->token, message, &der, e);
    if (rc) return rc;
    if (!sign_to_raw(der, raw)) return err_set(e, ERR_DEFECT, "signature form");
    c->reply = str_make((const char *)raw, SIGNATURE_RAW_BYTES);
    return 0;
}

static int certs(struct ipc_call *c, struct err *e) {
    struct keys *k = c->context;
    struct buf b;
    buf_init(&b, c->arena, 4096, 16384);
    keys_put_u64(&b, k->suite);
    keys_put_str(&b, k->root_der);
    keys_put_str(&b, k->signer_der);
    keys_put_str(&b, k->head_spki);
    keys_put_str(&b, k->token_spki);
    return reply(c, &b, e);
}

/* type, name, least and most bytes of the question, most of the answer, handler, no parts */
static const struct ipc_op ops[] = {
    { KEYS_DERIVE_KEYRING, "derive_keyring", 0, 0, 160, derive_keyring, 0 },
    { KEYS_SIGN_HEAD, "sign_head", 72, 72 + 64 * DIGEST_BYTES, 160, sign_head, 0 },
    { KEYS_SIGN_PAPER, "sign_paper", 51, 50 + PAPER_TYPE_BYTES_MAX, 16384, sign_paper, 0 },
    { KEYS_SIGN_TOKEN, "sign_token", 1, TOKEN_BYTES_MAX, SIGNATURE_RAW_BYTES, sign_token, 0 },
    { KEYS_CERTS, "certs", 0, 0, 16384, certs, 0 },
    { KEYS_LAST_HEAD, "last_head", 8, 8, 256, last_head, 0 },
};
const struct ipc_table keys_table = {
    .peer = "keys", .op = ops, .n = sizeof ops / sizeof *ops, .arena_bytes = 1024 * 1024
};

int keys_answer(struct keys *k, uint16_t type, struct ipc_call *c, struct err *e) {
    for (size_t i = 0; i < keys_table.n; i++) {
        const struct ipc_op *op = &keys_table.op[i];
        if (op->type != type) continue;
        if (c->body.len < op->in_min || c->body.len > op->in_max) return malformed(e, op->name);
        c->context = k;
        (void)pthread_mutex_lock(&k->lock);
        int rc = op->handler(c, e);
        (void)pthread_mutex_unlock(&k->lock);
        return rc;
    }
    return malformed(e, "unknown type");
}

void keys_linked(void *keys) {
    struct keys *k = keys;
    k->may_derive = true;
}

int keys_open(const char *dir, enum suite s, struct keys **ret, struct err *e) {
    struct arena own;
    uint8_t log_key[KEY_BYTES];
    arena_init(&own, "keys", OWN_BYTES);
    struct keys *k = arena_new(&own, struct keys);
    if (!k) return err_set(e, ERR_MEMORY, "keys");
    k->own = own;
    (void)pthread_mutex_init(&k->lock, NULL);
    int rc = keys_store_open(k, dir, s, log_key, e);
    if (rc == 0) {
        const char *path = arena_cstr(&k->own, arena_fmt(&k->own, "%s/signed.log", dir));
        rc = path ? keys_log_open(&k->log, path, k->suite, log_key, e) : err_set(e, ERR_MEMORY, "keys");
    }
    explicit_bzero(log_key, sizeof log_key);
    if (rc) {
        keys_close(k);
        return rc;
    }
    *ret = k;
    return 0;
}

void keys_close(struct keys *k) {
    if (!k) return;
    sign_key_free(k->head);
    sign_key_free(k->paper);
    sign_key_free(k->token);
    (void)pthread_mutex_destroy(&k->lock);
    struct arena own = k->own; /* the struct lies in it */
    arena_reset(&own);         /* wipes */
    arena_done(&own);
}

int keys_main(struct role_context *c) {
    struct err e = { 0 };
    struct keys *k;
    struct arena a;
    arena_init(&a, "keys main", 65536);
    const char *dir = arena_cstr(&a, role_config(c, S("dir")));
    enum suite s = str_eq(role_config(c, S("suite")), S("gm")) ? SUITE_GM : SUITE_INTL;
    int code = 1;
    if (!dir || !*dir || !crypto_self_test() || keys_open(dir, s, &k, &e)) {
        LOG(LOG_ERROR, "keys", S(""), "cannot open the keys", LOG_ERR(&e));
    } else {
        struct sandbox_path path = { .path = dir, .write = true };
        if (role_lock(c, &path, 1, &e)) {
            LOG(LOG_ERROR, "keys", S(""), "cannot close the sandbox", LOG_ERR(&e));
        } else {
            c->on_link = keys_linked;
            code = role_serve(c, &keys_table, k);
        }
        keys_close(k);
    }
    arena_done(&a);
    return code;
}
