/* sign.c, cert.c, cms.c: both suites; and that each altered byte, wrong key, wrong document and wrong root is
 * refused. */
#include "crypto/suite.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { NOW_S = 1790000000 };
#define NOW_MS ((int64_t)NOW_S * 1000)

struct party {
    struct arena a;
    struct err e;
    struct sign_key *ca, *key;
    struct str root, cert;
    struct digest digest;
};

static void party_init(struct party *p, enum suite s) {
    memset(p, 0, sizeof *p);
    arena_init(&p->a, "test", 8 << 20);
    assert_int_equal(sign_key_new(s, &p->ca, &p->e), 0);
    assert_int_equal(sign_key_new(s, &p->key, &p->e), 0);
    assert_int_equal(cert_root(&p->a, p->ca, S("通办演示根证书"), NOW_MS, &p->root, &p->e), 0);
    assert_int_equal(
        cert_issue(&p->a, p->ca, p->root, sign_key_public(&p->a, p->key), S("Signer"), NOW_MS, &p->cert, &p->e), 0);
    hash(s, S("document"), &p->digest);
}

static void party_done(struct party *p) {
    sign_key_free(p->ca);
    sign_key_free(p->key);
    arena_done(&p->a);
}

static void signing(enum suite s) {
    struct party p;
    struct sign_key *again;
    struct str pkcs8, sig, m = S("message");
    party_init(&p, s);
    struct str pub = sign_key_public(&p.a, p.key), other = sign_key_public(&p.a, p.ca);
    assert_true(pub.len > 0);
    assert_int_equal(sign(&p.a, p.key, m, &sig, &p.e), 0);
    assert_true(sign_verify(pub, m, sig));
    assert_false(sign_verify(other, m, sig));
    assert_false(sign_verify(pub, S("messagf"), sig));
    char *bytes = arena_alloc(&p.a, sig.len + 1);
    for (size_t i = 0; i < sig.len; i++) {
        memcpy(bytes, sig.ptr, sig.len);
        bytes[i] = (char)(uint8_t)((uint8_t)bytes[i] ^ 0x41u);
        assert_false(sign_verify(pub, m, str_make(bytes, sig.len)));
        assert_false(sign_verify(pub, m, str_sub(sig, 0, i)));
    }
    memcpy(bytes, sig.ptr, sig.len);
    bytes[sig.len] = 0;
    assert_false(sign_verify(pub, m, str_make(bytes, sig.len + 1))); /* a byte behind it */
    assert_false(sign_verify(str_sub(pub, 0, pub.len - 1), m, sig));
    assert_false(sign_verify(S(""), m, sig));
    for (int i = 0; i < 300; i++) { /* often enough for short and for high numbers */
        uint8_t raw[SIGNATURE_RAW_BYTES];
        struct arena scratch;
        arena_init(&scratch, "test", 4096);
        assert_int_equal(sign(&scratch, p.key, m, &sig, &p.e), 0);
        assert_true(sign_to_raw(sig, raw));
        assert_true(str_eq(sign_from_raw(&scratch, raw), sig));
        assert_false(sign_to_raw(str_sub(sig, 0, sig.len - 1), raw));
        arena_done(&scratch);
    }
    assert_int_equal(sign_key_save(&p.a, p.key, &pkcs8, &p.e), 0);
    assert_int_equal(sign_key_load(pkcs8, &again, &p.e), 0);
    assert_true(str_eq(sign_key_public(&p.a, again), pub));
    assert_int_equal(sign(&p.a, again, m, &sig, &p.e), 0);
    assert_true(sign_verify(pub, m, sig));
    sign_key_free(again);
    assert_int_equal(sign_key_load(str_sub(pkcs8, 0, pkcs8.len - 1), &again, &p.e), ERR_DAMAGED);
    assert_int_equal(sign_key_load(S("junk"), &again, &p.e), ERR_DAMAGED);
    sign_key_free(NULL);
    party_done(&p);
}

static void cms_round(enum suite s) {
    struct party p, q;
    struct str cms, foreign;
    party_init(&p, s);
    party_init(&q, s);
    assert_int_equal(cms_sign(&p.a, p.key, p.cert, p.root, &p.digest, NOW_MS, &cms, &p.e), 0);
    assert_int_equal(cms_verify(cms, p.root, &p.digest, &p.e), 0);
    struct digest d = p.digest;
    d.v[31] ^= 1;
    assert_int_equal(cms_verify(cms, p.root, &d, &p.e), ERR_DAMAGED);
    assert_int_equal(cms_verify(cms, q.root, &p.digest, &p.e), ERR_DAMAGED); /* another root, of the same name */
    assert_int_equal(cms_verify(cms, S(""), &p.digest, &p.e), ERR_DAMAGED);
    /* the certificate is not the key's; before and after its time; the CA signs a document itself */
    assert_int_equal(cms_sign(&p.a, q.key, p.cert, p.root, &p.digest, NOW_MS, &foreign, &p.e), 0);
    assert_int_equal(cms_verify(foreign, p.root, &p.digest, &p.e), ERR_DAMAGED);
    assert_int_equal(cms_sign(&p.a, p.key, p.cert, p.root, &p.digest, NOW_MS - 86400000, &foreign, &p.e), 0);
    assert_int_equal(cms_verify(foreign, p.root, &p.digest, &p.e), ERR_DAMAGED);
    assert_int_equal(
        cms_sign(&p.a, p.key, p.cert, p.root, &p.digest, NOW_MS + (int64_t)4 * 366 * 86400000, &foreign, &p.e), 0);
    assert_int_equal(cms_verify(foreign, p.root, &p.digest, &p.e), ERR_DAMAGED);
    assert_int_equal(cms_sign(&p.a, p.ca, p.root, p.root, &p.digest, NOW_MS, &foreign, &p.e), 0);
    assert_int_equal(cms_verify(foreign, p.root, &p.digest, &p.e), ERR_DAMAGED);
    /* every byte: certificates not used for the chain may change, all else may not */
    size_t root_at = str_find(cms, p.root, 0), accepted = 0;
    char *bytes = arena_alloc(&p.a, cms.len);
    for (size_t i = 0; i < cms.len; i++) {
        memcpy(bytes, cms.ptr, cms.len);
        bytes[i] = (char)(uint8_t)((uint8_t)bytes[i] ^ (1u << i % 8));
        bool ok = cms_verify(str_make(bytes, cms.len), p.root, &p.digest, &p.e) == 0;
        if (i < root_at || i >= root_at + p.root.len) assert_false(ok);
        accepted += ok;
        if (i % 7 == 0) assert_int_equal(cms_verify(str_sub(cms, 0, i), p.root, &p.digest, &p.e), ERR_DAMAGED);
    }
    assert_true(accepted <= p.root.len);
    party_done(&p);
    party_done(&q);
}

static void sign_intl(void **state) {
    (void)state;
    signing(SUITE_INTL);
}
static void sign_gm(void **state) {
    (void)state;
    signing(SUITE_GM);
}
static void cms_intl(void **state) {
    (void)state;
    cms_round(SUITE_INTL);
}
static void cms_gm(void **state) {
    (void)state;
    cms_round(SUITE_GM);
}

static void mixed(void **state) {
    (void)state;
    struct party p, q;
    struct str out;
    party_init(&p, SUITE_INTL);
    party_init(&q, SUITE_GM);
    /* one CA does not certify the other suite's key; a CA key does not fit another CA's certificate */
    assert_int_equal(cert_issue(&p.a, p.ca, p.root, sign_key_public(&p.a, q.key), S("x"), NOW_MS, &out, &p.e),
                     ERR_DAMAGED);
    assert_int_equal(cert_issue(&p.a, p.key, p.root, sign_key_public(&p.a, p.key), S("x"), NOW_MS, &out, &p.e),
                     ERR_DAMAGED);
    assert_int_equal(cert_root(&p.a, p.ca, S(""), NOW_MS, &out, &p.e), ERR_INPUT);
    assert_int_equal(cert_root(&p.a, p.ca,
                               S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), NOW_MS,
                               &out, &p.e),
                     ERR_TOO_LONG);
    party_done(&p);
    party_done(&q);
}

static void der_strict(void **state) {
    (void)state;
    struct str body, s;
    uint8_t tag;
    static const struct str bad[] = { S_INIT(""),
                                      S_INIT("\x30"),
                                      S_INIT("\x30\x80"),
                                      S_INIT("\x30\x81\x7f"),
                                      S_INIT("\x30\x82\x00\x81"),
                                      S_INIT("\x30\x85\x00\x00\x00\x00\x01"),
                                      S_INIT("\x30\x01"),
                                      S_INIT("\x1f\x01\x00"),
                                      S_INIT("\x30\x84\xff\xff\xff\xff") };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        s = bad[i];
        assert_false(der_next(&s, &tag, &body, NULL));
    }
    struct arena a;
    arena_init(&a, "test", 1 << 20);
    static char long_text[70000];
    static const size_t sizes[] = { 0, 1, 127, 128, 255, 256, 65535, 65536, 70000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        s = DER(&a, DER_OCTETS, str_make(long_text, sizes[i]));
        assert_true(der_take(&s, DER_OCTETS, &body));
        assert_true(body.len == sizes[i] && s.len == 0);
    }
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign_intl), cmocka_unit_test(sign_gm), cmocka_unit_test(cms_intl),
        cmocka_unit_test(cms_gm),    cmocka_unit_test(mixed),   cmocka_unit_test(der_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
