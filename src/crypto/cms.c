/* cms: detached SignedData (RFC 5652) with one signer and the signed attributes of CAdES-BES (ETSI EN 319 122-1):
 * contentType, messageDigest, signingTime, signingCertificateV2 (RFC 5035).
 *
 * The DER is written and read here, without OpenSSL's CMS: that cannot take the SM2 id when it verifies and leaves
 * the signature algorithm of SM2 empty when it signs, so both suites go one way. In suite gm the content type stays
 * pkcs7-data; the types of GB/T 35275 are not written.
 * Invariants
 *  1. Verification reads strict DER to the last byte, accepts one signer, and takes every algorithm from the suite of
 *     the signer's key: an algorithm named otherwise is refused.
 *  2. The bytes of the attributes that are checked are the bytes that were signed (their tag apart, RFC 5652
 *     section 5.4).
 *  3. The signer's certificate is the one that the signed attribute names by its hash; it must chain to the given
 *     root at the signing time and be allowed to sign documents.
 */
#include "crypto/suite.h"

#include <string.h>
#include <time.h>

enum { CERTS_MAX = 8, ATTRS_MAX = 16, CMS_BYTES_MAX = 65536 };

static const struct str oid_data = S_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
static const struct str oid_signed_data = S_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");
static const struct str oid_content_type = S_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03");
static const struct str oid_message_digest = S_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04");
static const struct str oid_signing_time = S_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05");
static const struct str oid_signing_cert_v2 = S_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f");
static const struct str oid_sha256 = S_INIT("\x60\x86\x48\x01\x65\x03\x04\x02\x01");
static const struct str oid_sm3 = S_INIT("\x2a\x81\x1c\xcf\x55\x01\x83\x11");
static const struct str oid_ecdsa_sha256 = S_INIT("\x2a\x86\x48\xce\x3d\x04\x03\x02");
static const struct str oid_sm2_sm3 = S_INIT("\x2a\x81\x1c\xcf\x55\x01\x83\x75");

static struct str digest_alg(struct arena *a, enum suite s) {
    return DER(a, DER_SEQUENCE, DER(a, DER_OID, s == SUITE_GM ? oid_sm3 : oid_sha256));
}

static struct str signature_alg(struct arena *a, enum suite s) {
    return DER(a, DER_SEQUENCE, DER(a, DER_OID, s == SUITE_GM ? oid_sm2_sm3 : oid_ecdsa_sha256));
}

static struct str attribute(struct arena *a, struct str oid, struct str value) {
    return DER(a, DER_SEQUENCE, DER(a, DER_OID, oid), DER(a, DER_SET, value));
}

/* UTCTime through 2049, GeneralizedTime after it (RFC 5652 section 11.3). */
static struct str time_value(struct arena *a, int64_t now_ms) {
    time_t t = (time_t)(now_ms / 1000);
    struct tm tm;
    if (!gmtime_r(&t, &tm)) return (struct str){ NULL, 0 };
    int year = tm.tm_year + 1900;
    struct str rest =
        arena_fmt(a, "%02d%02d%02d%02d%02dZ", tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (year >= 1950 && year < 2050) return DER(a, DER_UTC_TIME, arena_fmt(a, "%02d", year % 100), rest);
    return DER(a, DER_GENERALIZED_TIME, arena_fmt(a, "%04d", year), rest);
}

/* Issuer name and serial of a certificate as they stand in it: SEQUENCE { Name, INTEGER }. */
static bool issuer_and_serial(struct arena *a, struct str cert, struct str *ret) {
    struct str rest = cert, tbs, body, version, name, serial;
    uint8_t tag;
    if (!der_take(&rest, DER_SEQUENCE, &body) || rest.len || !der_take(&body, DER_SEQUENCE, &tbs)) return false;
    (void)der_take(&tbs, DER_CONTEXT_0, &version); /* absent in v1 */
    if (!der_next(&tbs, &tag, &body, &serial) || tag != DER_INTEGER) return false;
    if (!der_take(&tbs, DER_SEQUENCE, &body)) return false; /* the signature algorithm */
    if (!der_next(&tbs, &tag, &body, &name) || tag != DER_SEQUENCE) return false;
    *ret = DER(a, DER_SEQUENCE, name, serial);
    return ret->len > 0;
}

static struct str signed_attributes(struct arena *a, enum suite s, struct str cert_der, const struct digest *digest,
                                    int64_t now_ms) {
    struct digest d;
    hash(s, cert_der, &d);
    struct str cert_hash = DER(a, DER_OCTETS, str_make((const char *)d.v, DIGEST_BYTES));
    /* SHA-256 is the default of ESSCertIDv2, and DER leaves defaults out */
    struct str id =
        s == SUITE_GM ? DER(a, DER_SEQUENCE, digest_alg(a, s), cert_hash) : DER(a, DER_SEQUENCE, cert_hash);
    struct str v[4] = {
        attribute(a, oid_content_type, DER(a, DER_OID, oid_data)),
        attribute(a, oid_message_digest, DER(a, DER_OCTETS, str_make((const char *)digest->v, DIGEST_BYTES))),
        attribute(a, oid_signing_time, time_value(a, now_ms)),
        attribute(a, oid_signing_cert_v2, DER(a, DER_SEQUENCE, DER(a, DER_SEQUENCE, id))),
    };
    return der_set(a, DER_SET, v, 4);
}

int cms_sign(struct arena *a, const struct sign_key *k, struct str cert_der, struct str ca_der,
             const struct digest *digest, int64_t now_ms, struct str *ret_der, struct err *e) {
    struct str sid, signature, version = DER(a, DER_INTEGER, S("\1"));
    if (!issuer_and_serial(a, cert_der, &sid)) return err_set(e, ERR_DAMAGED, "signature: certificate");
    struct str attrs = signed_attributes(a, k->suite, cert_der, digest, now_ms);
    if (!attrs.len) return err_set(e, ERR_MEMORY, "signature");
    int rc = sign(a, k, attrs, &signature, e);
    if (rc) return rc;
    char *implicit = (char *)(uintptr_t)attrs.ptr; /* our own arena's bytes: signed as SET, sent as [0] */
    implicit[0] = (char)DER_CONTEXT_0;
    struct str info = DER(a, DER_SEQUENCE, version, sid, digest_alg(a, k->suite), attrs, signature_alg(a, k->suite),
                          DER(a, DER_OCTETS, signature));
    struct str certs[2] = { cert_der, ca_der };
    struct str data = DER(a, DER_SEQUENCE, version, DER(a, DER_SET, digest_alg(a, k->suite)),
                          DER(a, DER_SEQUENCE, DER(a, DER_OID, oid_data)), der_set(a, DER_CONTEXT_0, certs, 2),
                          DER(a, DER_SET, info));
    struct str out = DER(a, DER_SEQUENCE, DER(a, DER_OID, oid_signed_data), DER(a, DER_CONTEXT_0, data));
    if (!out.len || arena_overflowed(a)) return err_set(e, ERR_MEMORY, "signature");
    *ret_der = out;
    return 0;
}

/* What verification reads out of the bytes; all borrowed. */
struct parsed {
    struct str certs[CERTS_MAX];
    size_t n_certs;
    struct str sid;                       /* whole element */
    struct str digest_algs;               /* body of the outer SET */
    struct str digest_alg, signature_alg; /* the OIDs */
    struct str attrs;                     /* body of [0] */
    struct str signature;
    struct str message_digest, cert_hash;
    bool cert_hash_sm3;
    time_t signing_time;
};

/* An AlgorithmIdentifier with no parameters or NULL, to its OID. */
static bool algorithm(struct str *rest, struct str *oid) {
    struct str body, none;
    if (!der_take(rest, DER_SEQUENCE, &body) || !der_take(&body, DER_OID, oid)) return false;
    if (body.len && (!der_take(&body, DER_NULL, &none) || none.len)) return false;
    return body.len == 0;
}

static bool two_digits(struct str s, size_t at, int lo, int hi, int *ret) {
    if (s.len < at + 2 || s.ptr[at] < '0' || s.ptr[at] > '9' || s.ptr[at + 1] < '0' || s.ptr[at + 1] > '9')
        return false;
    *ret = (s.ptr[at] - '0') * 10 + (s.ptr[at + 1] - '0');
    return *ret >= lo && *ret <= hi;
}

static bool read_time(struct str value, time_t *ret) {
    struct str body;
    uint8_t tag;
    int century = 0, year, mon, day, hour, min, sec;
    if (!der_next(&value, &tag, &body, NULL) || value.len) return false;
    if (tag == DER_GENERALIZED_TIME) {
        if (!two_digits(body, 0, 20, 99, &century)) return false;
        body = str_sub(body, 2, SIZE_MAX);
    } else if (tag != DER_UTC_TIME) {
        return false;
    }
    if (body.len != 13 || body.ptr[12] != 'Z' || !two_digits(body, 0, 0, 99, &year) ||
        !two_digits(body, 2, 1, 12, &mon) || !two_digits(body, 4, 1, 31, &day) ||
        !two_digits(body, 6, 0, 23, &hour) || !two_digits(body, 8, 0, 59, &min) || !two_digits(body, 10, 0, 59, &sec))
        return false;
    if (!century) century = year < 50 ? 20 : 19;
    struct tm tm = { .tm_year = century * 100 + year - 1900,
                     .tm_mon = mon - 1,
                     .tm_mday = day,
                     .tm_hour = hour,
                     .tm_min = min,
                     .tm_sec = sec };
    *ret = timegm(&tm);
    return true;
}

static bool octets_32(struct str *rest, struct str *ret) {
    return der_take(rest, DER_OCTETS, ret) && ret->len == DIGEST_BYTES;
}

/* SigningCertificateV2: the hash of the first certificate named (RFC 5035 section 3: that is the signer's). */
static bool read_signing_cert(struct str value, struct parsed *p) {
    struct str body, ids, id, oid;
    if (!der_take(&value, DER_SEQUENCE, &body) || value.len || !der_take(&body, DER_SEQUENCE, &ids)) return false;
    if (!der_take(&ids, DER_SEQUENCE, &id)) return false;
    if (id.len && (uint8_t)id.ptr[0] == DER_SEQUENCE) {
        if (!algorithm(&id, &oid)) return false;
        p->cert_hash_sm3 = str_eq(oid, oid_sm3);
        if (!p->cert_hash_sm3 && !str_eq(oid, oid_sha256)) return false;
    }
    return octets_32(&id, &p->cert_hash);
}

static bool read_attributes(struct parsed *p) {
    struct str rest = p->attrs, attr, oid, values;
    unsigned seen = 0, bit;
    for (int i = 0; rest.len; i++) {
        if (i == ATTRS_MAX || !der_take(&rest, DER_SEQUENCE, &attr) || !der_take(&attr, DER_OID, &oid) ||
            !der_take(&attr, DER_SET, &values) || attr.len || !values.len)
            return false;
        struct str content;
        bool ok = true;
        bit = 0;
        if (str_eq(oid, oid_content_type)) {
            bit = 1;
            ok = der_take(&values, DER_OID, &content) && str_eq(content, oid_data) && !values.len;
        } else if (str_eq(oid, oid_message_digest)) {
            bit = 2;
            ok = octets_32(&values, &p->message_digest) && !values.len;
        } else if (str_eq(oid, oid_signing_time)) {
            bit = 4;
            ok = read_time(values, &p->signing_time);
        } else if (str_eq(oid, oid_signing_cert_v2)) {
            bit = 8;
            ok = read_signing_cert(values, p);
        }
        if (!ok || (seen & bit)) return false;
        seen |= bit;
    }
    return seen == 15;
}

static bool read_signer(struct str infos, struct parsed *p) {
    struct str info, version, body;
    uint8_t tag;
    if (!der_take(&infos, DER_SEQUENCE, &info) || infos.len) return false;
    return der_take(&info, DER_INTEGER, &version) && str_eq(version, S("\1")) &&
           der_next(&info, &tag, &body, &p->sid) && tag == DER_SEQUENCE && algorithm(&info, &p->digest_alg) &&
           der_take(&info, DER_CONTEXT_0, &p->attrs) && algorithm(&info, &p->signature_alg) &&
           der_take(&info, DER_OCTETS, &p->signature) && !info.len && read_attributes(p);
}

static bool parse(struct str cms, struct parsed *p) {
    struct str outer, oid, wrapped, data, version, content, certs, infos, body;
    uint8_t tag;
    if (!der_take(&cms, DER_SEQUENCE, &outer) || cms.len || !der_take(&outer, DER_OID, &oid) ||
        !str_eq(oid, oid_signed_data) || !der_take(&outer, DER_CONTEXT_0, &wrapped) || outer.len ||
        !der_take(&wrapped, DER_SEQUENCE, &data) || wrapped.len)
        return false;
    if (!der_take(&data, DER_INTEGER, &version) || !str_eq(version, S("\1")) ||
        !der_take(&data, DER_SET, &p->digest_algs) || !der_take(&data, DER_SEQUENCE, &content) ||
        !der_take(&content, DER_OID, &oid) || !str_eq(oid, oid_data) || content.len)
        return false; /* content.len: not detached */
    if (!der_take(&data, DER_CONTEXT_0, &certs) || !der_take(&data, DER_SET, &infos) || data.len) return false;
    while (certs.len) {
        if (p->n_certs == CERTS_MAX || !der_next(&certs, &tag, &body, &p->certs[p->n_certs++]) || tag != DER_SEQUENCE)
            return false;
    }
    return read_signer(infos, p);
}

static X509 *read_cert(struct str der_bytes) {
    const uint8_t *p = (const uint8_t *)der_bytes.ptr;
    X509 *c = der_bytes.len && der_bytes.len < CMS_BYTES_MAX ? d2i_X509(NULL, &p, (long)der_bytes.len) : NULL;
    if (c && (const char *)p != der_bytes.ptr + der_bytes.len) {
        X509_free(c);
        c = NULL;
    }
    if (!c || X509_get_signature_nid(c) != NID_SM2_with_SM3)
        return c; /* OpenSSL refuses an id on any other signature */
    ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    if (!id || ASN1_OCTET_STRING_set(id, (const uint8_t *)SM2_ID, (int)sizeof SM2_ID - 1) != 1) {
        ASN1_OCTET_STRING_free(id);
        X509_free(c);
        return NULL;
    }
    X509_set0_distinguishing_id(c, id); /* every certificate of a chain needs it */
    return c;
}

/* The leaf chains to the root at time `at`, and may sign documents. */
static bool chains(X509 *leaf, X509 *root, time_t at) {
    bool ok = false;
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    if (store && ctx && X509_STORE_add_cert(store, root) == 1 && X509_STORE_CTX_init(ctx, store, leaf, NULL) == 1) {
        X509_STORE_CTX_set_time(ctx, 0, at);
        X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_CHECK_SS_SIGNATURE | X509_V_FLAG_X509_STRICT);
        ok = X509_verify_cert(ctx) == 1;
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    uint32_t usage = X509_get_key_usage(leaf);
    return ok && (X509_get_extension_flags(leaf) & EXFLAG_CA) == 0 && usage != UINT32_MAX &&
           (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

static int fail(struct err *e, const char *why) {
    ERR_clear_error();
    return err_set(e, ERR_DAMAGED, "signature: %s", why);
}

/* Signature and algorithms under the leaf's key. */
static const char *check_signature(struct arena *a, X509 *leaf, struct parsed *p) {
    enum suite s;
    uint8_t *spki = NULL;
    EVP_PKEY *key = X509_get0_pubkey(leaf);
    if (!key || !key_suite(key, &s)) return "unknown kind of key";
    if (!str_eq(p->digest_alg, s == SUITE_GM ? oid_sm3 : oid_sha256) || p->cert_hash_sm3 != (s == SUITE_GM) ||
        !str_eq(p->signature_alg, s == SUITE_GM ? oid_sm2_sm3 : oid_ecdsa_sha256))
        return "algorithm does not fit the key";
    struct str outer = p->digest_algs, oid;
    if (!algorithm(&outer, &oid) || outer.len || !str_eq(oid, p->digest_alg)) return "digest algorithms";
    int n = i2d_PUBKEY(key, &spki);
    struct str message = DER(a, DER_SET, p->attrs);
    bool ok = n > 0 && message.len && sign_verify(str_make((char *)spki, (size_t)n), message, p->signature);
    OPENSSL_free(spki);
    return ok ? NULL : "does not fit";
}

static const char *check(struct arena *a, struct parsed *p, struct str root_der) {
    struct str sid;
    struct digest d;
    size_t i = 0;
    for (; i < p->n_certs; i++) {
        hash(p->cert_hash_sm3 ? SUITE_GM : SUITE_INTL, p->certs[i], &d);
        if (memcmp(d.v, p->cert_hash.ptr, DIGEST_BYTES) == 0) break;
    }
    if (i == p->n_certs) return "the signer's certificate is not there";
    if (!issuer_and_serial(a, p->certs[i], &sid) || !str_eq(sid, p->sid)) return "the signer is another";
    X509 *leaf = read_cert(p->certs[i]), *root = read_cert(root_der);
    const char *why = !leaf || !root ? "malformed certificate" : check_signature(a, leaf, p);
    if (!why && !chains(leaf, root, p->signing_time)) why = "the certificate is not trusted";
    X509_free(leaf);
    X509_free(root);
    return why;
}

int cms_verify(struct str cms_der, struct str root_der, const struct digest *digest, struct err *e) {
    struct parsed p = { .n_certs = 0 };
    struct arena a;
    if (cms_der.len > CMS_BYTES_MAX || !parse(cms_der, &p)) return fail(e, "malformed");
    if (memcmp(p.message_digest.ptr, digest->v, DIGEST_BYTES) != 0) return fail(e, "the document was changed");
    arena_init(&a, "cms", 4 * CMS_BYTES_MAX);
    const char *why = check(&a, &p, root_der);
    arena_done(&a);
    ERR_clear_error();
    return why ? fail(e, why) : 0;
}
