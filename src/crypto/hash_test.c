/* Known answers and properties of hash.c, base64.c, password.c and the self-test. */
#include "crypto/suite.h"
#include "os/memory_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* after the headers above, which it needs */
#include <cmocka.h>

static void assert_hex(const void *got, size_t n, const char *hex) {
    uint8_t wanted[128];
    assert_true(str_hex_to_bytes(str_of(hex), wanted, n));
    assert_memory_equal(got, wanted, n);
}

static void digests(void **state) {
    (void)state;
    struct digest d;
    hash(SUITE_INTL, S(""), &d);
    assert_hex(d.v, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash(SUITE_GM, S(""), &d);
    assert_hex(d.v, 32, "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b");
    struct str quarter = S("abcdabcdabcdabcd"), parts[4] = { quarter, quarter, quarter, quarter };
    hash_parts(SUITE_GM, parts, 4, &d);
    assert_hex(d.v, 32, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

static void rfc4231(void **state) {
    (void)state;
    struct digest d;
    uint8_t key[KEY_BYTES] = { 'J', 'e', 'f', 'e' };
    struct str parts[2] = { S("what do ya want "), S("for nothing?") };
    mac(SUITE_INTL, key, parts, 2, &d);
    assert_hex(d.v, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char data[50];
    memset(key, 0xaa, 20);
    memset(data, 0xdd, sizeof data);
    parts[0] = str_make(data, sizeof data);
    mac(SUITE_INTL, key, parts, 1, &d);
    assert_hex(d.v, 32, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
}

static void rfc5869(void **state) {
    (void)state;
    uint8_t out[42], one[KEY_BYTES], two[KEY_BYTES];
    char ikm[22];
    memset(ikm, 0x0b, sizeof ikm);
    hkdf(SUITE_INTL, S("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"), str_make(ikm, sizeof ikm),
         S("\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9"), out, sizeof out);
    assert_hex(out, 42, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    hkdf(SUITE_INTL, S(""), str_make(ikm, sizeof ikm), S(""), out, sizeof out);
    assert_hex(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    uint8_t key[KEY_BYTES] = { 1 };
    kdf(SUITE_GM, key, S("a"), one);
    kdf(SUITE_GM, key, S("b"), two);
    assert_memory_not_equal(one, two, KEY_BYTES);
}

static void base64url(void **state) {
    (void)state;
    struct arena a;
    struct str back;
    arena_init(&a, "test", 1 << 20);
    assert_true(str_eq(crypto_base64url(&a, S("")), S("")));
    assert_true(str_eq(crypto_base64url(&a, S("f")), S("Zg")));
    assert_true(str_eq(crypto_base64url(&a, S("foobar")), S("Zm9vYmFy")));
    assert_true(str_eq(crypto_base64url(&a, S("\xfb\xff\xfe")), S("-__-")));
    char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(uint8_t)(i * 7);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        struct str in = str_make(bytes, n);
        assert_true(crypto_base64url_decode(&a, crypto_base64url(&a, in), &back));
        assert_true(str_eq(in, back));
    }
    assert_false(crypto_base64url_decode(&a, S("Zg=="), &back)); /* padding */
    assert_false(crypto_base64url_decode(&a, S("Zh"), &back));   /* unused bits set: a second text of the same byte */
    assert_false(crypto_base64url_decode(&a, S("Z"), &back));
    assert_false(crypto_base64url_decode(&a, S("Zm9+"), &back));
    arena_done(&a);
}

static void passwords(void **state) {
    (void)state;
    struct arena a;
    struct str one, two;
    struct err e;
    arena_init(&a, "test", 1 << 20);
    /* the reference implementation's own test: t=2, 64 MiB, "password", "somesalt" */
    assert_true(password_verify(
        S("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"), S("password")));
    assert_int_equal(password_hash(&a, S("密码 correct horse"), &one, &e), 0);
    assert_int_equal(password_hash(&a, S("密码 correct horse"), &two, &e), 0);
    assert_false(str_eq(one, two));
    assert_true(password_verify(one, S("密码 correct horse")));
    assert_false(password_verify(one, S("密码 correct horsf")));
    assert_int_equal(password_hash(&a, S(""), &two, &e), ERR_REQUIRED);
    /* bounds: gigabytes, foreign kinds and cut text are refused before any work */
    assert_false(
        password_verify(S("$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
                        S("password")));
    assert_false(password_verify(
        S("$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"), S("password")));
    assert_false(password_verify(str_sub(one, 0, one.len - 20), S("密码 correct horse")));
    assert_false(password_verify(S(""), S("x")));
    arena_done(&a);
}

static void self_test(void **state) {
    (void)state;
    assert_true(crypto_self_test());
}

/* Where there is no memory left, what protects is still made (memory.c). */
static int hashes(void) {
    for (int i = 0; i < 1000; i++) {
        struct digest d;
        hash(SUITE_INTL, S("abc"), &d);
        if (d.v[0] != 0xba || d.v[31] != 0xad) return 1;
    }
    return 0;
}

static void no_memory(void **state) {
    (void)state;
    struct digest d;
    hash(SUITE_INTL, S("abc"), &d); /* OpenSSL has looked its digest up, as in a process that serves */
    assert_hex(d.v, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    int code = memory_ended(NULL, hashes);
    if (code == -1) skip();
    assert_int_equal(code, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests),   cmocka_unit_test(rfc4231),   cmocka_unit_test(rfc5869),
        cmocka_unit_test(base64url), cmocka_unit_test(passwords), cmocka_unit_test(self_test),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
