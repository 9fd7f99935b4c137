/* Tests of pack: bytes by the examples of RFC 8949 appendix A, the way there and back, and what is refused. */
#include "data/pack.h"

#include "data/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct arena arena;
static struct err err;

static struct str packed(const struct val *v) {
    struct buf b;
    buf_init(&b, &arena, 64, 1 << 20);
    pack_val(&b, v);
    assert_true(buf_ok(&b));
    return buf_str(&b);
}

static struct val *json(const char *text) {
    struct val *v;
    assert_int_equal(json_parse(&arena, str_of(text), 0, &v, &err), 0);
    return v;
}

static int unpack_hex(const char *hex, struct val **ret) {
    size_t n = strlen(hex) / 2;
    char *bytes = arena_alloc(&arena, n);
    assert_true(str_hex_to_bytes(str_of(hex), bytes, n));
    err_clear(&err);
    return unpack_val(&arena, str_make(bytes, n), ret, &err);
}

/* RFC 8949 appendix A, the rows that a val can hold. */
static void test_rfc8949_examples(void **state) {
    static const char *const row[][2] = {
        { "0", "00" }, { "10", "0a" }, { "23", "17" }, { "24", "1818" }, { "100", "1864" }, { "1000", "1903e8" },
        { "1000000", "1a000f4240" }, { "1000000000000", "1b000000e8d4a51000" }, { "-1", "20" }, { "-10", "29" }, { "-100", "3863" },
        { "-1000", "3903e7" }, { "false", "f4" }, { "true", "f5" }, { "null", "f6" }, { "\"\"", "60" }, { "\"a\"", "6161" },
        { "\"IETF\"", "6449455446" }, { "\"\\\"\\\\\"", "62225c" }, { "\"\\u00fc\"", "62c3bc" }, { "\"\\u6c34\"", "63e6b0b4" },
        { "[]", "80" }, { "[1,2,3]", "83010203" }, { "[1,[2,3],[4,5]]", "8301820203820405" }, { "{}", "a0" },
        { "{\"a\":1,\"b\":[2,3]}", "a26161016162820203" }, { "[\"a\",{\"b\":\"c\"}]", "826161a161626163" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct val *v = json(row[i][0]), *back;
        struct buf hex;
        struct str bytes = packed(v);
        buf_init(&hex, &arena, 64, 1024);
        buf_add_hex(&hex, bytes.ptr, bytes.len);
        assert_true(str_eq(buf_str(&hex), str_of(row[i][1])));
        assert_int_equal(unpack_hex(row[i][1], &back), 0);
        assert_true(val_equal(v, back));
    }
}

static void test_no_digit_is_lost(void **state) {
    (void)state;
    struct val *v = json("{\"n\":[-0, 0.10, 1E400, 9223372036854775807, 9223372036854775808, -9223372036854775808, -9223372036854775809,"
                         "12345678901234567890123], \"文\": \"a\\u0000b\", \"z\": null}"), *back;
    assert_int_equal(unpack_val(&arena, packed(v), &back, &err), 0);
    assert_true(val_equal(v, back));
    assert_int_equal(val_get_str(back, S("文")).len, 3);
    for (size_t i = 0; i < 8; i++)
        assert_true(str_eq(val_text(val_item(val_get(v, S("n")), i)), val_text(val_item(val_get(back, S("n")), i))));
}

static void test_refused(void **state) {
    static const char *const bad[] = {
        "", "18", "1817", "190017", "1a0000ffff", "1b00000000ffffffff", /* cut short; a longer head than needed */
        "1b8000000000000000", "3b8000000000000000",                       /* past 64 bits with a sign */
        "61", "61ff", "62c328", "7f616161ff",                             /* text cut short, not UTF-8, of indefinite length */
        "4131", "4178", "40",                                             /* a literal that is a plain integer, or no number */
        "82", "8201", "9bffffffffffffffff", "9fff", "a16161", "a10101", "a2616101616102", "bf6161ff", /* counts, keys, a key twice */
        "c074", "f7", "f0", "f97c00", "fb3ff199999999999a", "ff",         /* tags, undefined, floats, break */
        "0000", "6161ff",                                                 /* bytes left over */
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct val *v = NULL;
        assert_int_equal(unpack_hex(bad[i], &v), ERR_SYNTAX);
        assert_null(v);
    }
}

static void test_limits(void **state) {
    struct val *v = val_list(&arena), *back;
    struct buf b;
    (void)state;
    for (int i = 1; i < PACK_DEPTH_MAX; i++) {
        struct val *outer = val_list(&arena);
        val_push(&arena, outer, v);
        v = outer;
    }
    assert_int_equal(unpack_val(&arena, packed(v), &back, &err), 0);
    struct val *deeper = val_list(&arena);
    val_push(&arena, deeper, v);
    buf_init(&b, &arena, 64, 1024);
    pack_val(&b, deeper);
    assert_false(buf_ok(&b));
    char deep[PACK_DEPTH_MAX + 1];
    memset(deep, (char)0x81, sizeof deep);
    deep[PACK_DEPTH_MAX] = (char)0x80;
    assert_int_equal(unpack_val(&arena, str_make(deep, sizeof deep), &back, &err), ERR_LIMIT);
    static char many[PACK_NODES_MAX + 3];
    many[0] = (char)0x99, many[1] = (char)(PACK_NODES_MAX >> 8), many[2] = (char)(PACK_NODES_MAX & 255);
    assert_int_equal(unpack_val(&arena, str_make(many, sizeof many), &back, &err), ERR_LIMIT);
}

static int clear(void **state) {
    (void)state;
    arena_reset(&arena);
    err_clear(&err);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_rfc8949_examples, clear),
        cmocka_unit_test_setup(test_no_digit_is_lost, clear),
        cmocka_unit_test_setup(test_refused, clear),
        cmocka_unit_test_setup(test_limits, clear),
    };
    arena_init(&arena, "pack", (size_t)8 << 20);
    int failed = cmocka_run_group_tests_name("pack", tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
