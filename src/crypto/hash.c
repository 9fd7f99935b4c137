/* hash: digests, MACs and key derivation of both suites over OpenSSL's EVP.
 * Invariants: a result depends on suite, key and bytes alone; HMAC pads are wiped before they leave scope.
 */
#include "crypto/suite.h"

#include <string.h>

enum { BLOCK_BYTES = 64 }; /* SHA-256 and SM3 alike */

bool suite_known(uint8_t s) {
    return s == SUITE_INTL || s == SUITE_GM;
}

static EVP_MD_CTX *begin(enum suite s) {
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    CRYPTO_MUST(c && EVP_DigestInit_ex(c, suite_md(s), NULL) == 1);
    return c;
}

static void add(EVP_MD_CTX *c, struct str s) {
    if (s.len) CRYPTO_MUST(EVP_DigestUpdate(c, s.ptr, s.len) == 1);
}

static void end(EVP_MD_CTX *c, struct digest *ret) {
    unsigned n = 0;
    CRYPTO_MUST(EVP_DigestFinal_ex(c, ret->v, &n) == 1 && n == DIGEST_BYTES);
    EVP_MD_CTX_free(c);
}

void hash(enum suite s, struct str data, struct digest *ret) {
    hash_parts(s, &data, 1, ret);
}

void hash_parts(enum suite s, const struct str *parts, size_t n, struct digest *ret) {
    EVP_MD_CTX *c = begin(s);
    for (size_t i = 0; i < n; i++) add(c, parts[i]);
    end(c, ret);
}

void hmac_begin(struct hmac_run *r, enum suite s, struct str key) {
    uint8_t inner[BLOCK_BYTES];
    assert(key.len <= BLOCK_BYTES);
    r->suite = s;
    memset(inner, 0x36, sizeof inner);
    memset(r->outer, 0x5c, sizeof r->outer);
    for (size_t i = 0; i < key.len; i++) {
        inner[i] = (uint8_t)(inner[i] ^ (uint8_t)key.ptr[i]);
        r->outer[i] = (uint8_t)(r->outer[i] ^ (uint8_t)key.ptr[i]);
    }
    r->ctx = begin(s);
    add(r->ctx, str_make((const char *)inner, sizeof inner));
    OPENSSL_cleanse(inner, sizeof inner);
}

void hmac_add(struct hmac_run *r, struct str piece) {
    add(r->ctx, piece);
}

void hmac_add_u64(struct hmac_run *r, uint64_t v) {
    char b[8];
    for (int i = 0; i < 8; i++) b[i] = (char)(uint8_t)(v >> (56 - 8 * i));
    add(r->ctx, str_make(b, sizeof b));
}

void hmac_end(struct hmac_run *r, struct digest *ret) {
    struct digest inner;
    end(r->ctx, &inner);
    EVP_MD_CTX *c = begin(r->suite);
    add(c, str_make((const char *)r->outer, sizeof r->outer));
    add(c, str_make((const char *)inner.v, sizeof inner.v));
    end(c, ret);
    OPENSSL_cleanse(r->outer, sizeof r->outer);
    OPENSSL_cleanse(&inner, sizeof inner);
    r->ctx = NULL;
}

void mac(enum suite s, const uint8_t key[KEY_BYTES], const struct str *parts, size_t n, struct digest *ret) {
    struct hmac_run r;
    hmac_begin(&r, s, str_make((const char *)key, KEY_BYTES));
    for (size_t i = 0; i < n; i++) hmac_add(&r, parts[i]);
    hmac_end(&r, ret);
}

void hkdf(enum suite s, struct str salt, struct str ikm, struct str info, uint8_t *ret, size_t n) {
    struct hmac_run r;
    struct digest prk, t;
    assert(n <= (size_t)255 * DIGEST_BYTES);
    hmac_begin(&r, s, salt); /* no salt is a salt of zeros: the pad of HMAC makes them equal */
    hmac_add(&r, ikm);
    hmac_end(&r, &prk);
    size_t done = 0;
    for (uint8_t i = 1; done < n; i++) {
        char counter = (char)i;
        hmac_begin(&r, s, str_make((const char *)prk.v, sizeof prk.v));
        if (i > 1) hmac_add(&r, str_make((const char *)t.v, sizeof t.v));
        hmac_add(&r, info);
        hmac_add(&r, str_make(&counter, 1));
        hmac_end(&r, &t);
        size_t take = n - done < sizeof t.v ? n - done : sizeof t.v;
        memcpy(ret + done, t.v, take);
        done += take;
    }
    OPENSSL_cleanse(&prk, sizeof prk);
    OPENSSL_cleanse(&t, sizeof t);
}

void kdf(enum suite s, const uint8_t key[KEY_BYTES], struct str label, uint8_t ret[KEY_BYTES]) {
    hkdf(s, S(""), str_make((const char *)key, KEY_BYTES), label, ret, KEY_BYTES);
}

bool digest_eq(const struct digest *a, const struct digest *b) {
    return CRYPTO_memcmp(a->v, b->v, DIGEST_BYTES) == 0;
}
