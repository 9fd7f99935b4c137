/* suite: what the files of this folder share and no other folder sees: the suite's OpenSSL objects, HMAC by pieces,
 * HKDF at full width, the two ciphers, keys, and DER.
 *
 * Out of memory inside OpenSSL ends the process (CRYPTO_MUST): a digest has no way to say "no", and the parent
 * restarts us.
 */
#ifndef CRYPTO_SUITE_H
#define CRYPTO_SUITE_H
#include "crypto/crypto.h"

#include <assert.h>
/* OpenSSL has an opaque type of the name of one of our error codes; nobody needs it. */
#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#define CRYPTO_MUST(x) assert(x)

#define SM2_ID "1234567812345678" /* GB/T 35276 section 10: the id where none was agreed */

bool suite_known(uint8_t s);
const EVP_MD *suite_md(enum suite s);
const EVP_CIPHER *suite_aes_256_gcm(void);
const EVP_CIPHER *suite_sm4_ctr(void);

/* HMAC (FIPS 198-1) by pieces. Keys up to the block size of 64 bytes; hmac_end wipes and frees. */
struct hmac_run {
    enum suite suite;
    EVP_MD_CTX *ctx;
    uint8_t outer[64];
};
void hmac_begin(struct hmac_run *r, enum suite s, struct str key);
void hmac_add(struct hmac_run *r, struct str piece);
void hmac_add_u64(struct hmac_run *r, uint64_t v); /* 8 bytes, big-endian */
void hmac_end(struct hmac_run *r, struct digest *ret);

/* HKDF (RFC 5869), n up to 255 * 32. A salt of at most 64 bytes. */
void hkdf(enum suite s, struct str salt, struct str ikm, struct str info, uint8_t *ret, size_t n);

/* AES-256-GCM (NIST SP 800-38D), 12-byte nonce, 16-byte tag. The aad is given in two pieces. gcm_open: false if the
 * tag does not fit. */
void gcm_seal(const uint8_t key[32], const uint8_t nonce[12], struct str aad1, struct str aad2, struct str clear,
              uint8_t *cipher, uint8_t tag[16]);
bool gcm_open(const uint8_t key[32], const uint8_t nonce[12], struct str aad1, struct str aad2, struct str cipher,
              uint8_t *clear, const uint8_t tag[16]);
/* SM4-CTR (GB/T 32907, GB/T 17964): the same call both ways. */
void sm4_ctr(const uint8_t key[16], const uint8_t nonce[16], struct str in, uint8_t *out);

struct sign_key {
    enum suite suite;
    EVP_PKEY *pkey;
};
/* A public key of exactly P-256 or SM2 from SubjectPublicKeyInfo DER, or NULL. Free with EVP_PKEY_free. */
EVP_PKEY *public_key_parse(struct str spki, enum suite *ret_suite);
/* P-256 or SM2 by the key's own group; false for any other key. */
bool key_suite(const EVP_PKEY *k, enum suite *ret);
/* A digest context ready to sign with `k`, id set; NULL on failure. Free with sign_ctx_free. */
EVP_MD_CTX *sign_ctx_new(const struct sign_key *k);
void sign_ctx_free(EVP_MD_CTX *c);

/* DER (X.690), writing: one element out of its pieces; the empty str once the arena has overflowed. */
enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTETS = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT_0 = 0xa0
};
struct str der(struct arena *a, uint8_t tag, const struct str *pieces, size_t n);
#define DER(a, tag, ...)                                                                                             \
    der((a), (tag), (const struct str[]){ __VA_ARGS__ },                                                             \
        sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))
/* SET OF: the pieces are put in order of their bytes (X.690 section 11.6); `pieces` is reordered. */
struct str der_set(struct arena *a, uint8_t tag, struct str *pieces, size_t n);
/* DER, reading: takes the first element off `rest` (which shrinks); false unless it is minimal, definite, low-tag and
 * complete. */
bool der_next(struct str *rest, uint8_t *tag, struct str *body, struct str *whole);
/* The same, and its tag must be `tag`. */
bool der_take(struct str *rest, uint8_t tag, struct str *body);

#endif
