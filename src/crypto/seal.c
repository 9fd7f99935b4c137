/* seal: authenticated encryption of single elements, data keys, blind indexes and row MACs.
 *
 * Sealed form: suite(1) key_id(4, big-endian) nonce(12|16) ciphertext tag(16|32).
 *   intl: AES-256-GCM, the first five bytes and the caller's aad authenticated, tag 16.
 *   gm:   SM4-CTR under kdf("seal cipher"), then HMAC-SM3 under kdf("seal mac") over header, nonce, length of aad,
 *         aad and ciphertext; the tag is checked before anything is deciphered.
 * Invariants
 *  1. Every nonce is drawn from os_random, also when a job's body runs again: no nonce is ever computed, so none
 *     repeats by design. A data key seals one person's elements, far below the 2^32 messages of SP 800-38D 8.3.
 *  2. The suite of an element is its own first byte: changing the realm's suite leaves old elements readable.
 *  3. Nothing unauthenticated is returned.
 */
#include "crypto/suite.h"
#include "data/json.h"
#include "data/pack.h"
#include "os/os.h"

#include <string.h>

enum { HEADER = 5 };

static size_t nonce_bytes(enum suite s) {
    return s == SUITE_GM ? 16 : 12;
}

static size_t tag_bytes(enum suite s) {
    return s == SUITE_GM ? 32 : 16;
}

static void gcm_aad(EVP_CIPHER_CTX *c, struct str aad) {
    int n = 0;
    assert(aad.len < INT32_MAX);
    if (aad.len) CRYPTO_MUST(EVP_CipherUpdate(c, NULL, &n, (const uint8_t *)aad.ptr, (int)aad.len) == 1);
}

static EVP_CIPHER_CTX *cipher_begin(const EVP_CIPHER *kind, const uint8_t *key, const uint8_t *nonce, int seals) {
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    CRYPTO_MUST(c && EVP_CipherInit_ex(c, kind, NULL, key, nonce, seals) == 1);
    return c;
}

static void cipher_run(EVP_CIPHER_CTX *c, struct str in, uint8_t *out) {
    int n = 0;
    assert(in.len < INT32_MAX);
    if (in.len)
        CRYPTO_MUST(EVP_CipherUpdate(c, out, &n, (const uint8_t *)in.ptr, (int)in.len) == 1 && (size_t)n == in.len);
}

void gcm_seal(const uint8_t key[32], const uint8_t nonce[12], struct str aad1, struct str aad2, struct str clear,
              uint8_t *cipher, uint8_t tag[16]) {
    int n = 0;
    uint8_t none[16];
    EVP_CIPHER_CTX *c = cipher_begin(suite_aes_256_gcm(), key, nonce, 1);
    gcm_aad(c, aad1);
    gcm_aad(c, aad2);
    cipher_run(c, clear, cipher);
    CRYPTO_MUST(EVP_CipherFinal_ex(c, none, &n) == 1 && n == 0);
    CRYPTO_MUST(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
    EVP_CIPHER_CTX_free(c);
}

bool gcm_open(const uint8_t key[32], const uint8_t nonce[12], struct str aad1, struct str aad2, struct str cipher,
              uint8_t *clear, const uint8_t tag[16]) {
    int n = 0;
    uint8_t none[16], wanted[16];
    memcpy(wanted, tag, sizeof wanted);
    EVP_CIPHER_CTX *c = cipher_begin(suite_aes_256_gcm(), key, nonce, 0);
    gcm_aad(c, aad1);
    gcm_aad(c, aad2);
    cipher_run(c, cipher, clear);
    CRYPTO_MUST(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, 16, wanted) == 1);
    bool fits = EVP_CipherFinal_ex(c, none, &n) == 1;
    EVP_CIPHER_CTX_free(c);
    if (!fits) OPENSSL_cleanse(clear, cipher.len);
    return fits;
}

void sm4_ctr(const uint8_t key[16], const uint8_t nonce[16], struct str in, uint8_t *out) {
    EVP_CIPHER_CTX *c = cipher_begin(suite_sm4_ctr(), key, nonce, 1);
    cipher_run(c, in, out);
    EVP_CIPHER_CTX_free(c);
}

static void gm_tag(const uint8_t key[KEY_BYTES], struct str head_and_nonce, struct str aad, struct str cipher,
                   struct digest *ret) {
    uint8_t mac_key[KEY_BYTES];
    struct hmac_run r;
    kdf(SUITE_GM, key, S("seal mac"), mac_key);
    hmac_begin(&r, SUITE_GM, str_make((const char *)mac_key, sizeof mac_key));
    hmac_add(&r, head_and_nonce);
    hmac_add_u64(&r, aad.len);
    hmac_add(&r, aad);
    hmac_add(&r, cipher);
    hmac_end(&r, ret);
    OPENSSL_cleanse(mac_key, sizeof mac_key);
}

static void gm_cipher(const uint8_t key[KEY_BYTES], const uint8_t *nonce, struct str in, uint8_t *out) {
    uint8_t sm4_key[KEY_BYTES];
    kdf(SUITE_GM, key, S("seal cipher"), sm4_key);
    sm4_ctr(sm4_key, nonce, in, out);
    OPENSSL_cleanse(sm4_key, sizeof sm4_key);
}

static struct str seal_under(struct arena *a, enum suite s, uint32_t key_id, const uint8_t key[KEY_BYTES],
                             struct str aad, struct str clear) {
    struct str none = { NULL, 0 };
    size_t nonce_n = nonce_bytes(s), tag_n = tag_bytes(s);
    if (clear.len >= INT32_MAX) return none;
    size_t n = HEADER + nonce_n + clear.len + tag_n;
    uint8_t *out = arena_alloc(a, n);
    if (!out) return none;
    out[0] = (uint8_t)s;
    for (int i = 0; i < 4; i++) out[1 + i] = (uint8_t)(key_id >> (24 - 8 * i));
    uint8_t *nonce = out + HEADER, *cipher = nonce + nonce_n, *tag = cipher + clear.len;
    os_random(nonce, nonce_n);
    if (s == SUITE_GM) {
        struct digest t;
        gm_cipher(key, nonce, clear, cipher);
        gm_tag(key, str_make((char *)out, HEADER + nonce_n), aad, str_make((char *)cipher, clear.len), &t);
        memcpy(tag, t.v, tag_n);
    } else {
        gcm_seal(key, nonce, str_make((char *)out, HEADER), aad, clear, cipher, tag);
    }
    return str_make((char *)out, n);
}

static int open_under(struct arena *a, const uint8_t key[KEY_BYTES], struct str aad, struct str sealed,
                      struct str *ret, struct err *e) {
    if (sealed.len < HEADER || !suite_known((uint8_t)sealed.ptr[0]))
        return err_set(e, ERR_DAMAGED, "sealed element: suite");
    enum suite s = (enum suite)(uint8_t)sealed.ptr[0];
    size_t nonce_n = nonce_bytes(s), tag_n = tag_bytes(s);
    if (sealed.len < HEADER + nonce_n + tag_n) return err_set(e, ERR_DAMAGED, "sealed element: length");
    size_t n = sealed.len - HEADER - nonce_n - tag_n;
    const uint8_t *nonce = (const uint8_t *)sealed.ptr + HEADER, *tag = nonce + nonce_n + n;
    struct str cipher = str_sub(sealed, HEADER + nonce_n, n);
    uint8_t *clear = arena_alloc(a, n + 1);
    if (!clear) return err_set(e, ERR_MEMORY, "sealed element");
    bool fits;
    if (s == SUITE_GM) {
        struct digest t, got;
        gm_tag(key, str_sub(sealed, 0, HEADER + nonce_n), aad, cipher, &t);
        memcpy(got.v, tag, tag_n);
        fits = digest_eq(&t, &got);
        if (fits) gm_cipher(key, nonce, cipher, clear);
    } else {
        fits = gcm_open(key, nonce, str_sub(sealed, 0, HEADER), aad, cipher, clear, tag);
    }
    if (!fits) return err_set(e, ERR_DAMAGED, "sealed element: tag");
    *ret = str_make((char *)clear, n);
    return 0;
}

struct str seal(struct arena *a, const struct keyring *k, const struct data_key *key, struct str aad,
                struct str clear) {
    return seal_under(a, k->suite, k->key_id, key->v, aad, clear);
}

int seal_open(struct arena *a, const struct keyring *k, const struct data_key *key, struct str aad, struct str sealed,
              struct str *ret, struct err *e) {
    (void)k; /* the element names its own suite; the key comes with the person */
    return open_under(a, key->v, aad, sealed, ret, e);
}

int seal_val(struct arena *a, const struct keyring *k, const struct data_key *key, struct str aad, const struct val *clear,
             size_t limit_bytes, struct str *ret, struct err *e) {
    struct buf b;
    buf_init(&b, a, limit_bytes < 1024 ? limit_bytes : 1024, limit_bytes);
    pack_val(&b, clear);
    if (!buf_ok(&b)) return err_set(e, ERR_LIMIT, "%zu KiB", limit_bytes / 1024);
    *ret = seal(a, k, key, aad, buf_str(&b));
    return 0;
}

int seal_val_open(struct arena *a, const struct keyring *k, const struct data_key *key, struct str aad, struct str sealed,
                  struct val **ret, struct err *e) {
    struct str clear;
    int rc = seal_open(a, k, key, aad, sealed, &clear, e);
    if (rc) return rc;
    return str_starts(clear, S("{")) ? json_parse(a, clear, 0, ret, e) : unpack_val(a, clear, ret, e);
}

struct str seal_key_new(struct arena *a, const struct keyring *k, struct str owner, struct data_key *ret) {
    os_random(ret->v, sizeof ret->v);
    return seal_under(a, k->suite, k->key_id, k->kek, ARENA_CAT(a, S("data key\n"), owner),
                      str_make((char *)ret->v, sizeof ret->v));
}

int seal_key_open(struct arena *a, const struct keyring *k, struct str owner, struct str wrapped,
                  struct data_key *ret, struct err *e) {
    struct str clear;
    int rc = open_under(a, k->kek, ARENA_CAT(a, S("data key\n"), owner), wrapped, &clear, e);
    if (rc) return rc;
    if (clear.len != KEY_BYTES) return err_set(e, ERR_DAMAGED, "data key: length");
    memcpy(ret->v, clear.ptr, KEY_BYTES);
    return 0;
}

void seal_blind(const struct keyring *k, struct str label, struct str value, struct digest *ret) {
    struct hmac_run r;
    hmac_begin(&r, k->suite, str_make((const char *)k->blind, KEY_BYTES));
    hmac_add_u64(&r, label.len);
    hmac_add(&r, label);
    hmac_add(&r, value);
    hmac_end(&r, ret);
}

/* Later versions put their number in front; no table's name is that long, so it is never taken for a length. */
static void row_mac(const struct keyring *k, struct str table, unsigned version, const struct str *parts, size_t n,
                    struct digest *ret) {
    struct hmac_run r;
    hmac_begin(&r, k->suite, str_make((const char *)k->row, KEY_BYTES));
    if (version > 1) hmac_add_u64(&r, UINT64_MAX - version);
    hmac_add_u64(&r, table.len);
    hmac_add(&r, table);
    hmac_add_u64(&r, n);
    for (size_t i = 0; i < n; i++) {
        hmac_add_u64(&r, parts[i].len);
        hmac_add(&r, parts[i]);
    }
    hmac_end(&r, ret);
}

void seal_row(const struct keyring *k, struct str table, const struct str *parts, size_t n, struct digest *ret) {
    row_mac(k, table, 1, parts, n, ret);
}

struct str seal_row_mac(const struct keyring *k, struct str table, unsigned version, const struct str *parts, size_t n,
                        uint8_t ret[ROW_MAC_BYTES]) {
    struct digest d;
    row_mac(k, table, version, parts, n, &d);
    ret[0] = (uint8_t)version;
    memcpy(ret + 1, d.v, DIGEST_BYTES);
    return version > 1 ? str_make((const char *)ret, ROW_MAC_BYTES) : str_make((const char *)ret + 1, DIGEST_BYTES);
}

unsigned seal_row_version(struct str stored) {
    if (stored.len == DIGEST_BYTES) return 1;
    return stored.len == ROW_MAC_BYTES && (uint8_t)stored.ptr[0] > 1 ? (uint8_t)stored.ptr[0] : 0;
}
