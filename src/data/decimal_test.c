/* Tests of decimal: parsing, writing, exactness to 34 digits, every rounding, refusals. */
#include "data/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct decimal dec(const char *text) {
    struct decimal d = { { 0, 0 } };
    assert_true(decimal_parse(str_of(text), &d));
    return d;
}

static void shows(struct decimal d, const char *want) {
    struct arena a;
    struct buf b;
    arena_init(&a, "test", 4096);
    buf_init(&b, &a, 64, 1024);
    decimal_write(&b, d);
    if (!str_eq(buf_str(&b), str_of(want))) fail_msg("%.*s, not %s", STR_ARG(buf_str(&b)), want);
    arena_done(&a);
}

static void test_text(void **state) {
    (void)state;
    static const char *const same[] = { "0", "1", "-1", "1.10", "0.00", "12345678901234567890.12345678901234",
        "9999999999999999999999999999999999", "0.001", "-0.5", "1E+40", "1.5E-60", "100" };
    static const char *const bad[] = { "", "-", ".", ".5", "1.", "1e", "1e+", "0x1", "1 ", " 1", "1,0", "NaN",
        "Infinity", "--1",
        "1.2.3", "1e9999999" };
    struct decimal d;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) shows(dec(same[i]), same[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(decimal_parse(str_of(bad[i]), &d));
    shows(dec("+7"), "7");
    shows(dec("1e3"), "1000");
    shows(dec("12.50E2"), "1250");
    shows(dec("1e-3"), "0.001");
    shows(dec("-0"), "0");
    /* 35 digits are rounded half even to 34. */
    shows(dec("1.0000000000000000000000000000000005"), "1.000000000000000000000000000000000");
    shows(dec("1.0000000000000000000000000000000015"), "1.000000000000000000000000000000002");
    char long_text[600];
    memset(long_text, '1', sizeof long_text);
    assert_false(decimal_parse(str_make(long_text, sizeof long_text), &d));
}

static void test_whole(void **state) {
    (void)state;
    int64_t v;
    assert_true(decimal_to_i64(decimal_of_i64(INT64_MIN), &v) && v == INT64_MIN);
    assert_true(decimal_to_i64(decimal_of_i64(INT64_MAX), &v) && v == INT64_MAX);
    assert_true(decimal_to_i64(dec("12.00"), &v) && v == 12);
    assert_true(decimal_to_i64(dec("12e2"), &v) && v == 1200);
    assert_true(decimal_to_i64(dec("0e6000"), &v) && v == 0);
    assert_false(decimal_to_i64(dec("12.01"), &v));
    assert_false(decimal_to_i64(dec("9223372036854775808"), &v));
    assert_true(decimal_to_i64(dec("-9223372036854775808"), &v) && v == INT64_MIN);
    assert_true(decimal_is_integer(dec("1.000")));
    assert_true(decimal_is_integer(dec("1e20")));
    assert_false(decimal_is_integer(dec("1.5")));
}

static void test_arithmetic(void **state) {
    (void)state;
    struct decimal r;
    assert_true(decimal_add(dec("0.1"), dec("0.2"), &r));
    shows(r, "0.3");
    assert_true(decimal_add(decimal_of_i64(INT64_MAX), decimal_of_i64(1), &r));
    shows(r, "9223372036854775808");
    assert_true(decimal_sub(dec("5"), dec("7.5"), &r));
    shows(r, "-2.5");
    assert_true(decimal_mul(dec("1.10"), dec("2"), &r));
    shows(r, "2.20");
    assert_true(decimal_div(dec("1"), dec("3"), &r));
    shows(r, "0.3333333333333333333333333333333333");
    assert_true(decimal_div(dec("6"), dec("2"), &r));
    shows(r, "3");
    assert_false(decimal_div(dec("1"), dec("0"), &r));
    assert_false(decimal_div(dec("0"), dec("0"), &r));
    assert_true(decimal_rem(dec("-7"), dec("3"), &r));
    shows(r, "-1");
    assert_true(decimal_rem(dec("7.5"), dec("2"), &r));
    shows(r, "1.5");
    assert_false(decimal_rem(dec("1"), dec("0"), &r));
    assert_true(decimal_pow(dec("2"), dec("100"), &r));
    shows(r, "1267650600228229401496703205376");
    assert_true(decimal_pow(dec("2"), dec("-2"), &r));
    shows(r, "0.25");
    assert_true(decimal_pow(dec("4"), dec("0.5"), &r));
    assert_int_equal(decimal_cmp(r, dec("2")), 0);
    assert_false(decimal_pow(dec("10"), dec("99999"), &r));
    assert_false(decimal_pow(dec("-8"), dec("0.5"), &r));
    assert_true(decimal_sqrt(dec("16"), &r));
    shows(r, "4");
    assert_false(decimal_sqrt(dec("-1"), &r));
    assert_false(decimal_log(dec("0"), &r));
    assert_true(decimal_exp(dec("1"), &r));
    shows(r, "2.718281828459045235360287471352662");
    assert_true(decimal_log(dec("10"), &r));
    shows(r, "2.302585092994045684017991454684364");
    assert_false(decimal_exp(dec("100000"), &r));
}

static void test_order(void **state) {
    (void)state;
    assert_int_equal(decimal_cmp(dec("1"), dec("1.0")), 0);
    assert_int_equal(decimal_cmp(dec("0"), dec("-0.0")), 0);
    assert_int_equal(decimal_cmp(dec("-2"), dec("1")), -1);
    assert_int_equal(decimal_cmp(dec("1e30"), dec("1")), 1);
    assert_int_equal(decimal_cmp(decimal_neg(dec("0")), dec("0")), 0);
    assert_int_equal(decimal_cmp(decimal_abs(dec("-3.5")), dec("3.5")), 0);
}

static void test_rounding(void **state) {
    (void)state;
    static const struct {
        const char *in;
        int scale;
        const char *out[7]; /* in the order of enum decimal_round */
    } rows[] = {
        { "5.5", 0, { "6", "6", "6", "5", "5", "6", "5" } },
        { "2.5", 0, { "2", "3", "3", "2", "2", "3", "2" } },
        { "1.6", 0, { "2", "2", "2", "1", "1", "2", "2" } },
        { "1.1", 0, { "1", "1", "2", "1", "1", "2", "1" } },
        { "-1.1", 0, { "-1", "-1", "-2", "-1", "-2", "-1", "-1" } },
        { "-2.5", 0, { "-2", "-3", "-3", "-2", "-3", "-2", "-2" } },
        { "1.125", 2, { "1.12", "1.13", "1.13", "1.12", "1.12", "1.13", "1.12" } },
        { "1250", -2, { "1200", "1300", "1300", "1200", "1200", "1300", "1200" } },
        { "-0.4", 0, { "0", "0", "-1", "0", "-1", "0", "0" } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int how = 0; how < 7; how++) {
            struct decimal r;
            assert_true(decimal_round(dec(rows[i].in), rows[i].scale, (enum decimal_round)how, &r));
            shows(r, rows[i].out[how]);
        }
    struct decimal r;
    assert_true(decimal_round(dec("1"), 2, DECIMAL_HALF_EVEN, &r));
    shows(r, "1.00");
    assert_true(decimal_round(dec("1e30"), 10, DECIMAL_HALF_EVEN, &r)); /* does not fit: stays */
    assert_int_equal(decimal_cmp(r, dec("1e30")), 0);
    assert_true(decimal_round(dec("1"), -6111, DECIMAL_DOWN, &r));
    assert_int_equal(decimal_cmp(r, dec("0")), 0);
    assert_false(decimal_round(dec("1"), 6177, DECIMAL_DOWN, &r));
    assert_false(decimal_round(dec("1"), -6112, DECIMAL_DOWN, &r));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text), cmocka_unit_test(test_whole), cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_order), cmocka_unit_test(test_rounding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
