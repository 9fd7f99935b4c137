/* seal.c: both suites open what they sealed, and nothing that was altered, moved or sealed under another key. */
#include "crypto/suite.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct keyring ring(enum suite s) {
    struct keyring k = { .suite = s, .key_id = 0x01020304 };
    memset(k.kek, 1, KEY_BYTES);
    memset(k.blind, 2, KEY_BYTES);
    memset(k.row, 3, KEY_BYTES);
    return k;
}

static void round_trip(enum suite s) {
    struct arena a;
    struct err e;
    struct data_key key, again, other;
    struct keyring k = ring(s);
    struct str back;
    arena_init(&a, "test", 4 << 20);
    struct str wrapped = seal_key_new(&a, &k, S("person 1"), &key);
    (void)seal_key_new(&a, &k, S("person 2"), &other);
    assert_int_equal(seal_key_open(&a, &k, S("person 1"), wrapped, &again, &e), 0);
    assert_memory_equal(&key, &again, sizeof key);
    assert_int_equal(seal_key_open(&a, &k, S("person 2"), wrapped, &again, &e), ERR_DAMAGED);
    struct str clear = S("身份证 000000199001010000"), aad = S("person,id_number,7");
    struct str sealed = seal(&a, &k, &key, aad, clear), twice = seal(&a, &k, &key, aad, clear);
    assert_int_equal(sealed.ptr[0], s);
    assert_memory_equal(sealed.ptr + 1, "\1\2\3\4", 4);
    assert_false(str_eq(sealed, twice)); /* a fresh nonce each time */
    assert_true(str_find(sealed, S("199001"), 0) == SIZE_MAX);
    assert_int_equal(seal_open(&a, &k, &key, aad, sealed, &back, &e), 0);
    assert_true(str_eq(back, clear));
    assert_int_equal(seal_open(&a, &k, &key, S("person,id_number,8"), sealed, &back, &e), ERR_DAMAGED);
    assert_int_equal(seal_open(&a, &k, &other, aad, sealed, &back, &e), ERR_DAMAGED);
    char *bytes = arena_alloc(&a, sealed.len);
    for (size_t i = 0; i < sealed.len; i++) {
        for (int bit = 0; bit < 8; bit++) { /* each flipped bit, each cut */
            memcpy(bytes, sealed.ptr, sealed.len);
            bytes[i] = (char)(uint8_t)((uint8_t)bytes[i] ^ 1u << bit);
            assert_int_equal(seal_open(&a, &k, &key, aad, str_make(bytes, sealed.len), &back, &e), ERR_DAMAGED);
        }
        assert_int_equal(seal_open(&a, &k, &key, aad, str_sub(sealed, 0, i), &back, &e), ERR_DAMAGED);
    }
    sealed = seal(&a, &k, &key, aad, S(""));
    assert_int_equal(seal_open(&a, &k, &key, aad, sealed, &back, &e), 0);
    assert_int_equal(back.len, 0);
    arena_done(&a);
}

static void intl(void **state) {
    (void)state;
    round_trip(SUITE_INTL);
}

static void gm(void **state) {
    (void)state;
    round_trip(SUITE_GM);
}

/* The realm's suite changed: old elements stay readable. */
static void suite_change(void **state) {
    (void)state;
    struct arena a;
    struct err e;
    struct keyring old = ring(SUITE_INTL), new = ring(SUITE_GM);
    struct data_key key = { { 9 } };
    struct str back;
    arena_init(&a, "test", 1 << 20);
    struct str sealed = seal(&a, &old, &key, S("x"), S("hello"));
    assert_int_equal(seal_open(&a, &new, &key, S("x"), sealed, &back, &e), 0);
    assert_true(str_eq(back, S("hello")));
    arena_done(&a);
}

static void no_memory(void **state) {
    (void)state;
    struct arena a;
    struct keyring k = ring(SUITE_INTL);
    struct data_key key = { { 9 } };
    struct err e;
    struct str back, sealed;
    arena_init(&a, "test", 1 << 20);
    sealed = seal(&a, &k, &key, S("x"), S("hello"));
    a.overflow = true;
    assert_int_equal(seal(&a, &k, &key, S("x"), S("hello")).len, 0);
    assert_int_equal(seal_open(&a, &k, &key, S("x"), sealed, &back, &e), ERR_MEMORY);
    arena_done(&a);
}

static void rows_and_indexes(void **state) {
    (void)state;
    struct keyring k = ring(SUITE_INTL);
    struct digest x, y;
    seal_blind(&k, S("id"), S("1"), &x);
    seal_blind(&k, S("id"), S("1"), &y);
    assert_true(digest_eq(&x, &y));
    seal_blind(&k, S("i"), S("d1"), &y);
    assert_false(digest_eq(&x, &y));
    struct str one[2] = { S("ab"), S("c") }, two[2] = { S("a"), S("bc") };
    seal_row(&k, S("t"), one, 2, &x);
    seal_row(&k, S("t"), two, 2, &y);
    assert_false(digest_eq(&x, &y));
    seal_row(&k, S("t"), one, 1, &y);
    assert_false(digest_eq(&x, &y));
    uint8_t first[ROW_MAC_BYTES], second[ROW_MAC_BYTES];
    struct str v1 = seal_row_mac(&k, S("t"), 1, one, 2, first), v2 = seal_row_mac(&k, S("t"), 2, one, 2, second);
    assert_true(str_eq(v1, str_make((const char *)x.v, DIGEST_BYTES))); /* as rows had it before there were versions */
    assert_int_equal(seal_row_version(v1), 1);
    assert_int_equal(seal_row_version(v2), 2);
    assert_false(str_eq(v1, str_sub(v2, 1, SIZE_MAX)));
    assert_int_equal(seal_row_version(str_sub(v2, 0, 32)), 1); /* cut, it is another digest, not another version's */
    assert_int_equal(seal_row_version(str_sub(v2, 2, SIZE_MAX)), 0);
    second[0] = 1;
    assert_int_equal(seal_row_version(v2), 0); /* one version has one form */
    k.row[0] ^= 1;
    seal_row(&k, S("t"), one, 2, &y);
    assert_false(digest_eq(&x, &y));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intl),
        cmocka_unit_test(gm),
        cmocka_unit_test(suite_change),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(rows_and_indexes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
