/* Tests of str: comparison, search and cutting at the edges, numbers at the limits of their types, UTF-8 by the table of RFC 3629. */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void comparison(void **state) {
    (void)state;
    assert_true(str_eq(S(""), (struct str){ NULL, 0 }));
    assert_true(str_eq(S("a\0b"), S("a\0b")));
    assert_false(str_eq(S("a\0b"), S("a\0c")));
    assert_false(str_eq(S("a"), S("ab")));
    assert_true(str_eq_nocase(S("Content-TYPE"), S("content-type")));
    assert_false(str_eq_nocase(S("a["), S("a{"))); /* only letters fold */
    assert_true(str_eq_secret(S("token"), S("token")));
    assert_false(str_eq_secret(S("token"), S("tokem")));
    assert_false(str_eq_secret(S("token"), S("toke")));
    assert_true(str_cmp(S("a"), S("ab")) < 0 && str_cmp(S("b"), S("ab")) > 0 && str_cmp(S("x"), S("x")) == 0);
    assert_true(str_cmp(S("a\x7f"), S("a\x80")) < 0); /* bytes are unsigned */
    assert_true(str_starts(S("abc"), S("ab")) && str_starts(S("abc"), S("")) && !str_starts(S("a"), S("ab")));
    assert_true(str_ends(S("abc"), S("bc")) && !str_ends(S("c"), S("bc")));
}

static void search_and_cut(void **state) {
    (void)state;
    assert_int_equal(str_find(S("abcabc"), S("bc"), 2), 4);
    assert_int_equal(str_find(S("abc"), S("abcd"), 0), SIZE_MAX);
    assert_int_equal(str_find(S("abc"), S("c"), 99), SIZE_MAX);
    assert_int_equal(str_find_char(S("abc"), 'a', 1), SIZE_MAX);
    assert_true(str_eq(str_sub(S("abc"), 1, 99), S("bc")));
    assert_true(str_eq(str_sub(S("abc"), 9, 1), S("")));
    assert_true(str_eq(str_trim(S(" \t a b\r\n")), S("a b")));
    assert_true(str_eq(str_trim(S(" \n")), S("")));
    static const struct str want[] = { S_INIT("a"), S_INIT(""), S_INIT("b"), S_INIT("") };
    struct str rest = S("a,,b,"), piece;
    size_t n = 0;
    while (str_cut(&rest, ',', &piece)) {
        assert_true(n < 4 && str_eq(piece, want[n]));
        n++;
    }
    assert_int_equal(n, 4);
    rest = S("");
    assert_true(str_cut(&rest, ',', &piece));
    assert_false(str_cut(&rest, ',', &piece));
}

static void numbers(void **state) {
    (void)state;
    int64_t i = 5;
    uint64_t u = 5;
    assert_true(str_to_i64(S("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(str_to_i64(S("+9223372036854775807"), &i) && i == INT64_MAX);
    assert_true(str_to_u64(S("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_true(str_hex_to_u64(S("fFfFffffffffffff"), &u) && u == UINT64_MAX);
    u = 5, i = 5;
    static const char *const bad_i[] = { "", "-", "+", "--1", "1 ", " 1", "9223372036854775808", "-9223372036854775809", "1.0", "0x1" };
    for (size_t k = 0; k < sizeof bad_i / sizeof *bad_i; k++) assert_false(str_to_i64(str_of(bad_i[k]), &i));
    static const char *const bad_u[] = { "", "-1", "+1", "18446744073709551616", "99999999999999999999999" };
    for (size_t k = 0; k < sizeof bad_u / sizeof *bad_u; k++) assert_false(str_to_u64(str_of(bad_u[k]), &u));
    assert_false(str_hex_to_u64(S(""), &u) || str_hex_to_u64(S("11112222333344445"), &u) || str_hex_to_u64(S("g"), &u));
    assert_true(u == 5 && i == 5); /* untouched on failure */
    unsigned char bytes[2];
    assert_true(str_hex_to_bytes(S("0aF1"), bytes, 2) && bytes[0] == 0x0a && bytes[1] == 0xf1);
    assert_false(str_hex_to_bytes(S("0aF"), bytes, 2) || str_hex_to_bytes(S("0aF12"), bytes, 2) ||
                 str_hex_to_bytes(S("0ag1"), bytes, 2));
}

static void utf8(void **state) {
    (void)state;
    static const struct {
        struct str text;
        int32_t code_point; /* -1: malformed */
    } row[] = {
        { S_INIT("\x00"), 0 },
        { S_INIT("\x7f"), 0x7f },
        { S_INIT("\xc2\x80"), 0x80 },
        { S_INIT("\xdf\xbf"), 0x7ff },
        { S_INIT("\xe0\xa0\x80"), 0x800 },
        { S_INIT("\xed\x9f\xbf"), 0xd7ff },
        { S_INIT("\xee\x80\x80"), 0xe000 },
        { S_INIT("\xef\xbf\xbf"), 0xffff },
        { S_INIT("\xf0\x90\x80\x80"), 0x10000 },
        { S_INIT("\xf4\x8f\xbf\xbf"), 0x10ffff },
        { S_INIT("\x80"), -1 },
        { S_INIT("\xc0\x80"), -1 },         /* overlong */
        { S_INIT("\xc1\xbf"), -1 },
        { S_INIT("\xe0\x9f\xbf"), -1 },
        { S_INIT("\xf0\x8f\xbf\xbf"), -1 },
        { S_INIT("\xed\xa0\x80"), -1 },     /* surrogate */
        { S_INIT("\xf4\x90\x80\x80"), -1 }, /* above the last */
        { S_INIT("\xf5\x80\x80\x80"), -1 },
        { S_INIT("\xe5\xad"), -1 },         /* cut */
        { S_INIT("\xc2"), -1 },
        { S_INIT("\xc2\x41"), -1 },
        { S_INIT("\xff"), -1 },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        size_t at = 0;
        assert_int_equal(str_utf8_next(row[i].text, &at), row[i].code_point);
        assert_int_equal(at, row[i].code_point < 0 ? 1 : row[i].text.len);
        assert_int_equal(str_utf8_valid(row[i].text), row[i].code_point >= 0);
    }
    assert_int_equal(str_utf8_count(S("a\xe5\xad\x97\xff")), 3);
    assert_true(str_utf8_valid(S("")));
    for (size_t i = 0; i <= 9; i++) { /* "a字b字c", cut anywhere */
        static const size_t whole[] = { 0, 1, 1, 1, 4, 5, 5, 5, 8, 9 };
        assert_int_equal(str_utf8_whole(str_sub(S("a\xe5\xad\x97""b\xe5\xad\x97""c"), 0, i)).len, whole[i]);
    }
    assert_int_equal(str_utf8_whole(S("\xad\x97")).len, 2); /* no cut: malformed */
}

static void hashes_are_fnv1a(void **state) {
    (void)state;
    assert_true(str_hash(S("a")) == 0xaf63dc4c8601ec8cu); /* the authors' published values */
    assert_true(str_hash(S("")) == 0xcbf29ce484222325u);
    assert_true(str_hash(S("foobar")) == 0x85944171f73967e8u);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(comparison),
                                        cmocka_unit_test(search_and_cut), cmocka_unit_test(numbers),
                                        cmocka_unit_test(utf8),
                                        cmocka_unit_test(hashes_are_fnv1a) };
    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
