/* crypto: the only folder that includes OpenSSL. Primitives by suite, and a promise of the house: every sealed element
 * starts with a suite byte and a 4-byte key id, and every stored signature stands beside its suite and key id, so that a
 * suite can be retired. CMS and certificates work in both suites (cms.c tells what of GB/T 35275 is not written).
 * Calls are safe from several threads; a struct sign_key may sign from one thread at a time.
 *
 * Suites: SUITE_INTL = SHA-256, HMAC-SHA-256, AES-256-GCM, ECDSA P-256 (FIPS 180-4, 198-1, 197, 186-4);
 *         SUITE_GM   = SM3 (GB/T 32905), HMAC-SM3, SM4-CTR then HMAC-SM3 (GB/T 32907), SM2 (GB/T 32918 with the
 *         id 1234567812345678).
 */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H
#include "base/buf.h"
#include "base/err.h"
#include "data/val.h"

enum suite { SUITE_INTL = 1, SUITE_GM = 2 };
enum { DIGEST_BYTES = 32, KEY_BYTES = 32, SIGNATURE_BYTES_MAX = 96 };
struct digest {
    uint8_t v[DIGEST_BYTES];
};

void hash(enum suite s, struct str data, struct digest *ret);
/* The pieces one behind the other, without separators: give lengths yourself where they matter. */
void hash_parts(enum suite s, const struct str *parts, size_t n, struct digest *ret);
void mac(enum suite s, const uint8_t key[KEY_BYTES], const struct str *parts, size_t n, struct digest *ret);
/* HKDF (RFC 5869) with the suite's hash. */
void kdf(enum suite s, const uint8_t key[KEY_BYTES], struct str label, uint8_t ret[KEY_BYTES]);
bool digest_eq(const struct digest *a, const struct digest *b); /* constant time */

/* Known answers of both suites; false means: refuse to run. */
bool crypto_self_test(void);

/* keyring: what `app` holds of the realm's secrets; got from `keys` at start (derived by kdf; the master never leaves
 * `keys`). Private signing keys are never here. */
struct keyring {
    enum suite suite;
    uint32_t key_id;
    uint8_t kek[KEY_BYTES];   /* wraps each person's data key */
    uint8_t blind[KEY_BYTES]; /* blind indexes */
    uint8_t row[KEY_BYTES];   /* row MACs */
    uint8_t token[KEY_BYTES]; /* session, CSRF and link tokens */
};

/* seal/open: authenticated encryption of one element. `aad` names where it stands (table, column, row id), so that a
 * ciphertext moved elsewhere does not open. Sealed form: suite(1) key_id(4) nonce(12|16) ciphertext tag(16|32).
 * `key` is a person's data key (see seal_key_*). */
struct data_key {
    uint8_t v[KEY_BYTES];
};
struct str seal(struct arena *a, const struct keyring *k, const struct data_key *key, struct str aad,
                struct str clear);
/* ERR_DAMAGED if altered, moved or under another key. */
int seal_open(struct arena *a, const struct keyring *k, const struct data_key *key, struct str aad, struct str sealed,
              struct str *ret, struct err *e);
/* The same of a tree of values, packed (data/pack.h): how a row holds what people wrote. ERR_LIMIT if the packed tree passes
 * `limit_bytes`. What is opened may be JSON as well: rows were sealed so before they were packed. */
int seal_val(struct arena *a, const struct keyring *k, const struct data_key *key, struct str aad, const struct val *clear,
             size_t limit_bytes, struct str *ret, struct err *e);
int seal_val_open(struct arena *a, const struct keyring *k, const struct data_key *key, struct str aad, struct str sealed,
                  struct val **ret, struct err *e);
/* A fresh data key, wrapped for storage; and back. */
struct str seal_key_new(struct arena *a, const struct keyring *k, struct str owner, struct data_key *ret);
int seal_key_open(struct arena *a, const struct keyring *k, struct str owner, struct str wrapped,
                  struct data_key *ret, struct err *e);
/* Blind index of a normalised value: equality search over sealed elements. */
void seal_blind(const struct keyring *k, struct str label, struct str value, struct digest *ret);
/* MAC of one row: table name and the canonical parts in column order, each with its length. */
void seal_row(const struct keyring *k, struct str table, const struct str *parts, size_t n, struct digest *ret);
/* The same as it is stored, with the version of its input: which columns `parts` holds. 1, the first, stands bare;
 * a later one stands in the byte before the digest and is under the MAC, so that no row passes for one of another
 * version. Rows written under an earlier version verify by that version's parts until they are written again.
 * At most 255; `ret` has room for ROW_MAC_BYTES. */
enum { ROW_MAC_BYTES = 1 + DIGEST_BYTES };
struct str seal_row_mac(const struct keyring *k, struct str table, unsigned version, const struct str *parts, size_t n,
                        uint8_t ret[ROW_MAC_BYTES]);
unsigned seal_row_version(struct str stored); /* 0: no row's MAC */

/* Public-key signatures: used by `keys` (sign) and by everyone (verify). */
struct sign_key; /* a private key; only `keys` makes one */
int sign_key_new(enum suite s, struct sign_key **ret, struct err *e);
int sign_key_load(struct str pkcs8_der, struct sign_key **ret, struct err *e);
int sign_key_save(struct arena *a, const struct sign_key *k, struct str *ret_pkcs8_der, struct err *e);
void sign_key_free(struct sign_key *k);
struct str sign_key_public(struct arena *a, const struct sign_key *k); /* SubjectPublicKeyInfo DER */
int sign(struct arena *a, const struct sign_key *k, struct str message, struct str *ret, struct err *e); /* DER r,s */
bool sign_verify(struct str public_spki_der, struct str message, struct str signature);
/* The fixed form r || s of 32 bytes each (RFC 7518 section 3.4), for tokens and QR codes; and back. False if
 * malformed. */
enum { SIGNATURE_RAW_BYTES = 64 };
bool sign_to_raw(struct str der_signature, uint8_t ret[SIGNATURE_RAW_BYTES]);
struct str sign_from_raw(struct arena *a, const uint8_t raw[SIGNATURE_RAW_BYTES]);

/* cert: the demo CA's and the signer's certificates (X.509 v3, RFC 5280). */
int cert_root(struct arena *a, const struct sign_key *k, struct str common_name, int64_t now_ms, struct str *ret_der,
              struct err *e);
/* For document signing: digitalSignature, nonRepudiation. */
int cert_issue(struct arena *a, const struct sign_key *ca, struct str ca_der, struct str subject_spki,
               struct str common_name, int64_t now_ms, struct str *ret_der, struct err *e);
/* cms: detached SignedData (RFC 5652, CAdES-BES signing-certificate-v2) over a document whose SHA-256 (or SM3) is
 * `digest`; the form a PDF signature of subfilter ETSI.CAdES.detached wants. `ca_der` goes along. */
int cms_sign(struct arena *a, const struct sign_key *k, struct str cert_der, struct str ca_der,
             const struct digest *digest, int64_t now_ms, struct str *ret_der, struct err *e);
int cms_verify(struct str cms_der, struct str root_der, const struct digest *digest, struct err *e);

/* password: Argon2id (RFC 9106). Slow and large: call only on the bounded pool of engine/identity. Encoded PHC
 * string. */
int password_hash(struct arena *a, struct str password, struct str *ret, struct err *e);
bool password_verify(struct str encoded, struct str password);
/* An encoding that no password has, with the cost of password_hash: verified for names that do not exist. Empty on overflow. */
struct str password_dummy(struct arena *a);

/* merkle: RFC 9162 section 2.1 over SHA-256 or SM3: leaf 0x00, node 0x01. The frontier is the right edge: enough to
 * append. */
struct merkle {
    enum suite suite;
    uint64_t n;
    struct digest edge[64];
};
void merkle_leaf(enum suite s, struct str data, struct digest *ret);
void merkle_append(struct merkle *m, const struct digest *leaf);
void merkle_root(const struct merkle *m, struct digest *ret);
bool merkle_verify_inclusion(enum suite s, uint64_t index, uint64_t n, const struct digest *leaf,
                             const struct digest *path, size_t path_n, const struct digest *root);
bool merkle_verify_consistency(enum suite s, uint64_t old_n, uint64_t new_n, const struct digest *old_root,
                               const struct digest *new_root, const struct digest *path, size_t path_n);
/* Proofs from all leaves (for tests, verify tools and small trees). */
size_t merkle_prove_inclusion(enum suite s, const struct digest *leaves, uint64_t n, uint64_t index,
                              struct digest path[64]);
size_t merkle_prove_consistency(enum suite s, const struct digest *leaves, uint64_t n, uint64_t old_n,
                                struct digest path[64]);
/* The same consistency proof for who does not hold all leaves at once: `root` gives the root of the leaves [from, to), which are one
 * subtree of the tree of `n`; what it returns other than 0 ends the proof. */
typedef int merkle_range(void *context, uint64_t from, uint64_t to, struct digest *ret);
int merkle_consistency(uint64_t n, uint64_t old_n, merkle_range *root, void *context, struct digest path[64], size_t *ret_n);

struct str crypto_base64url(struct arena *a, struct str bytes); /* RFC 4648 section 5, no padding */
bool crypto_base64url_decode(struct arena *a, struct str text, struct str *ret);
#endif
