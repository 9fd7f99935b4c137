/* cert: the demo CA's root and the signers' certificates, X.509 v3 (RFC 5280), for both suites.
 *
 * Profile
 *   root:   CN, 10 years, critical basicConstraints CA:TRUE pathlen 0, critical keyUsage keyCertSign cRLSign,
 *           subjectKeyIdentifier.
 *   signer: CN, 3 years, critical basicConstraints CA:FALSE, critical keyUsage digitalSignature nonRepudiation,
 *           extendedKeyUsage documentSigning (RFC 9336) and emailProtection (what PDF viewers ask of a document
 *           signer), key identifiers.
 * Invariants: serials are 16 random bytes; a certificate begins five minutes before `now_ms`, because verifiers'
 * clocks differ.
 */
#include "crypto/suite.h"
#include "os/os.h"

enum { DAY_S = 86400, ROOT_DAYS = 3652, SIGNER_DAYS = 1096, EARLY_S = 300, NAME_CHARS_MAX = 64 };

static bool set_serial(X509 *c) {
    uint8_t b[16];
    os_random(b, sizeof b);
    b[0] = (uint8_t)((b[0] & 0x3f) | 0x40); /* positive, and always of the same length */
    BIGNUM *n = BN_bin2bn(b, sizeof b, NULL);
    bool ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(c));
    BN_free(n);
    return ok;
}

static bool set_validity(X509 *c, int64_t now_ms, int days) {
    time_t from = (time_t)(now_ms / 1000 - EARLY_S), to = (time_t)(now_ms / 1000 + (int64_t)days * DAY_S);
    return ASN1_TIME_set(X509_getm_notBefore(c), from) && ASN1_TIME_set(X509_getm_notAfter(c), to);
}

static bool extend(X509 *c, X509V3_CTX *v, int nid, const char *value) {
    X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, v, nid, value);
    bool ok = x && X509_add_ext(c, x, -1) == 1;
    X509_EXTENSION_free(x);
    return ok;
}

static bool extend_all(X509 *c, X509 *issuer, bool is_root) {
    X509V3_CTX v;
    X509V3_set_ctx(&v, issuer, c, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&v);
    if (!extend(c, &v, NID_subject_key_identifier, "hash")) return false;
    if (is_root)
        return extend(c, &v, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
               extend(c, &v, NID_key_usage, "critical,keyCertSign,cRLSign");
    return extend(c, &v, NID_authority_key_identifier, "keyid:always") &&
           extend(c, &v, NID_basic_constraints, "critical,CA:FALSE") &&
           extend(c, &v, NID_key_usage, "critical,digitalSignature,nonRepudiation") &&
           extend(c, &v, NID_ext_key_usage, "1.3.6.1.5.5.7.3.36,emailProtection");
}

/* Signs with `ca` and encodes. */
static int finish(struct arena *a, X509 *c, const struct sign_key *ca, struct str *ret, struct err *e) {
    uint8_t *out = NULL;
    EVP_MD_CTX *ctx = sign_ctx_new(ca);
    int n = ctx && X509_sign_ctx(c, ctx) > 0 ? i2d_X509(c, &out) : 0;
    sign_ctx_free(ctx);
    if (n <= 0) return err_set(e, ERR_DEFECT, "certificate: signing failed");
    *ret = arena_str(a, str_make((char *)out, (size_t)n));
    OPENSSL_free(out);
    return ret->len ? 0 : err_set(e, ERR_MEMORY, "certificate");
}

static bool set_subject(X509 *c, struct str cn) {
    return X509_NAME_add_entry_by_NID(X509_get_subject_name(c), NID_commonName, MBSTRING_UTF8,
                                      (const uint8_t *)cn.ptr, (int)cn.len, -1, 0) == 1;
}

static int check_name(struct str cn, struct err *e) {
    if (cn.len == 0 || !str_utf8_valid(cn)) return err_set(e, ERR_INPUT, "certificate: empty or malformed name");
    if (str_utf8_count(cn) > NAME_CHARS_MAX) return err_set(e, ERR_TOO_LONG, "%d", NAME_CHARS_MAX);
    return 0;
}

int cert_root(struct arena *a, const struct sign_key *k, struct str common_name, int64_t now_ms, struct str *ret_der,
              struct err *e) {
    int rc = check_name(common_name, e);
    if (rc) return rc;
    X509 *c = X509_new();
    bool ok = c && X509_set_version(c, X509_VERSION_3) && set_serial(c) && set_validity(c, now_ms, ROOT_DAYS) &&
              set_subject(c, common_name) && X509_set_issuer_name(c, X509_get_subject_name(c)) &&
              X509_set_pubkey(c, k->pkey) && extend_all(c, c, true);
    rc = ok ? finish(a, c, k, ret_der, e) : err_set(e, ERR_DEFECT, "certificate: root");
    X509_free(c);
    ERR_clear_error();
    return rc;
}

int cert_issue(struct arena *a, const struct sign_key *ca, struct str ca_der, struct str subject_spki,
               struct str common_name, int64_t now_ms, struct str *ret_der, struct err *e) {
    enum suite s;
    const uint8_t *p = (const uint8_t *)ca_der.ptr;
    int rc = check_name(common_name, e);
    if (rc) return rc;
    EVP_PKEY *subject = public_key_parse(subject_spki, &s);
    X509 *issuer = ca_der.len < 65536 ? d2i_X509(NULL, &p, (long)ca_der.len) : NULL, *c = X509_new();
    if (!subject || !issuer || s != ca->suite || X509_check_private_key(issuer, ca->pkey) != 1) {
        rc = err_set(e, ERR_DAMAGED, "certificate: the CA's certificate or the subject's key");
    } else {
        bool ok = c && X509_set_version(c, X509_VERSION_3) && set_serial(c) && set_validity(c, now_ms, SIGNER_DAYS) &&
                  set_subject(c, common_name) && X509_set_issuer_name(c, X509_get_subject_name(issuer)) &&
                  X509_set_pubkey(c, subject) && extend_all(c, issuer, false);
        rc = ok ? finish(a, c, ca, ret_der, e) : err_set(e, ERR_DEFECT, "certificate: signer");
    }
    X509_free(c);
    X509_free(issuer);
    EVP_PKEY_free(subject);
    ERR_clear_error();
    return rc;
}
