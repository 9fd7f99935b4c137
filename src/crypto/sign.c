/* sign: ECDSA over P-256 with SHA-256 (FIPS 186-4) and SM2 with SM3 (GB/T 32918.2).
 *
 * Invariants
 *  1. A key is on exactly one of the two curves; its suite is read from the curve, never from beside it.
 *  2. SM2 always takes the id "1234567812345678", set before the digest begins: OpenSSL's default is the empty id.
 *  3. Key generation and the nonces of signatures come from OpenSSL's own generator.
 */
#include "crypto/suite.h"

#include <string.h>

bool key_suite(const EVP_PKEY *k, enum suite *ret) {
    char name[32];
    size_t n = 0;
    if (EVP_PKEY_get_group_name(k, name, sizeof name, &n) != 1) return false;
    if (strcmp(name, "SM2") == 0) *ret = SUITE_GM;
    else if (strcmp(name, "prime256v1") == 0) *ret = SUITE_INTL;
    else return false;
    return true;
}

static int wrap(EVP_PKEY *pkey, struct sign_key **ret, struct err *e) {
    enum suite s;
    struct sign_key *k = NULL;
    if (!key_suite(pkey, &s) || !(k = OPENSSL_zalloc(sizeof *k))) {
        EVP_PKEY_free(pkey);
        return err_set(e, ERR_DAMAGED, "signing key: unknown curve");
    }
    k->suite = s;
    k->pkey = pkey;
    *ret = k;
    return 0;
}

int sign_key_new(enum suite s, struct sign_key **ret, struct err *e) {
    EVP_PKEY *pkey =
        s == SUITE_GM ? EVP_PKEY_Q_keygen(NULL, NULL, "SM2") : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    if (!pkey) {
        ERR_clear_error();
        return err_set(e, ERR_MEMORY, "signing key: generation failed");
    }
    return wrap(pkey, ret, e);
}

int sign_key_load(struct str pkcs8_der, struct sign_key **ret, struct err *e) {
    const uint8_t *p = (const uint8_t *)pkcs8_der.ptr;
    PKCS8_PRIV_KEY_INFO *info = pkcs8_der.len < 65536 ? d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)pkcs8_der.len) : NULL;
    EVP_PKEY *pkey = info && (const char *)p == pkcs8_der.ptr + pkcs8_der.len ? EVP_PKCS82PKEY(info) : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    if (!pkey) {
        ERR_clear_error();
        return err_set(e, ERR_DAMAGED, "signing key: not PKCS#8");
    }
    return wrap(pkey, ret, e);
}

/* Library memory into the arena, wiped and freed. */
static struct str take(struct arena *a, uint8_t *bytes, int n) {
    struct str s = { NULL, 0 };
    if (n > 0) {
        s = arena_str(a, str_make((const char *)bytes, (size_t)n));
        OPENSSL_clear_free(bytes, (size_t)n);
    } else {
        ERR_clear_error();
    }
    return s;
}

int sign_key_save(struct arena *a, const struct sign_key *k, struct str *ret_pkcs8_der, struct err *e) {
    uint8_t *out = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(k->pkey);
    struct str s = take(a, out, 0);
    if (info) {
        int n = i2d_PKCS8_PRIV_KEY_INFO(info, &out);
        s = take(a, out, n);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    if (!s.len) return err_set(e, ERR_MEMORY, "signing key: saving failed");
    *ret_pkcs8_der = s;
    return 0;
}

void sign_key_free(struct sign_key *k) {
    if (!k) return;
    EVP_PKEY_free(k->pkey);
    OPENSSL_free(k);
}

struct str sign_key_public(struct arena *a, const struct sign_key *k) {
    uint8_t *out = NULL;
    int n = i2d_PUBKEY(k->pkey, &out);
    return take(a, out, n);
}

/* The digest context owns nothing of its key context once that is set by hand: sign_ctx_free gives back both. */
static EVP_MD_CTX *ctx_new(EVP_PKEY *pkey, enum suite s, bool signs) {
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pc = EVP_PKEY_CTX_new(pkey, NULL);
    if (!c || !pc) {
        EVP_MD_CTX_free(c);
        EVP_PKEY_CTX_free(pc);
        return NULL;
    }
    bool ok = s != SUITE_GM || EVP_PKEY_CTX_set1_id(pc, SM2_ID, (int)sizeof SM2_ID - 1) > 0;
    EVP_MD_CTX_set_pkey_ctx(c, pc);
    if (ok)
        ok = (signs ? EVP_DigestSignInit(c, NULL, suite_md(s), NULL, pkey)
                    : EVP_DigestVerifyInit(c, NULL, suite_md(s), NULL, pkey)) == 1;
    if (ok) return c;
    sign_ctx_free(c);
    return NULL;
}

EVP_MD_CTX *sign_ctx_new(const struct sign_key *k) {
    return ctx_new(k->pkey, k->suite, true);
}

void sign_ctx_free(EVP_MD_CTX *c) {
    if (!c) return;
    EVP_PKEY_CTX *pc = EVP_MD_CTX_get_pkey_ctx(c);
    EVP_MD_CTX_free(c);
    EVP_PKEY_CTX_free(pc);
    ERR_clear_error();
}

int sign(struct arena *a, const struct sign_key *k, struct str message, struct str *ret, struct err *e) {
    uint8_t out[SIGNATURE_BYTES_MAX];
    size_t n = sizeof out;
    EVP_MD_CTX *c = sign_ctx_new(k);
    bool ok = c && EVP_DigestSign(c, out, &n, (const uint8_t *)message.ptr, message.len) == 1;
    sign_ctx_free(c);
    if (!ok) return err_set(e, ERR_DEFECT, "signing failed");
    struct str s = arena_str(a, str_make((char *)out, n));
    if (s.len != n) return err_set(e, ERR_MEMORY, "signature");
    *ret = s;
    return 0;
}

EVP_PKEY *public_key_parse(struct str spki, enum suite *ret_suite) {
    const uint8_t *p = (const uint8_t *)spki.ptr;
    if (spki.len == 0 || spki.len > 1024) return NULL;
    EVP_PKEY *k = d2i_PUBKEY(NULL, &p, (long)spki.len);
    if (k && ((const char *)p != spki.ptr + spki.len || !key_suite(k, ret_suite))) {
        EVP_PKEY_free(k);
        k = NULL;
    }
    ERR_clear_error();
    return k;
}

bool sign_verify(struct str public_spki_der, struct str message, struct str signature) {
    enum suite s;
    if (signature.len == 0 || signature.len > SIGNATURE_BYTES_MAX) return false;
    EVP_PKEY *k = public_key_parse(public_spki_der, &s);
    if (!k) return false;
    EVP_MD_CTX *c = ctx_new(k, s, false);
    bool ok = c && EVP_DigestVerify(c, (const uint8_t *)signature.ptr, signature.len, (const uint8_t *)message.ptr,
                                    message.len) == 1;
    sign_ctx_free(c);
    EVP_PKEY_free(k);
    return ok;
}

bool sign_to_raw(struct str der_signature, uint8_t ret[SIGNATURE_RAW_BYTES]) {
    struct str body, n;
    if (!der_take(&der_signature, DER_SEQUENCE, &body) || der_signature.len) return false;
    memset(ret, 0, SIGNATURE_RAW_BYTES);
    for (int i = 0; i < 2; i++) {
        if (!der_take(&body, DER_INTEGER, &n)) return false;
        if (n.len > 1 && n.ptr[0] == 0) n = str_sub(n, 1, SIZE_MAX); /* the sign octet */
        if (n.len == 0 || n.len > 32) return false;
        memcpy(ret + 32 * (i + 1) - n.len, n.ptr, n.len);
    }
    return body.len == 0;
}

struct str sign_from_raw(struct arena *a, const uint8_t raw[SIGNATURE_RAW_BYTES]) {
    struct str n[2];
    for (int i = 0; i < 2; i++) {
        struct str s = str_make((const char *)raw + 32 * i, 32);
        while (s.len > 1 && s.ptr[0] == 0) s = str_sub(s, 1, SIZE_MAX);
        bool high = (uint8_t)s.ptr[0] & 0x80;
        n[i] = DER(a, DER_INTEGER, str_make("\0", high ? 1 : 0), s);
    }
    return DER(a, DER_SEQUENCE, n[0], n[1]);
}
