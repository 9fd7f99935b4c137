/* pinyin_test: readings, and what letters spell. */
#include "data/pinyin.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define FITS(text, typed) pinyin_fits(S(text), S(typed))

static void test_readings(void **state) {
    (void)state;
    assert_true(str_eq(pinyin_of(0x5f00, false), S("kai")));
    assert_true(str_eq(pinyin_of(0x7eff, false), S("lv")));
    assert_true(str_eq(pinyin_of(0x884c, false), S("xing")) &&
                str_eq(pinyin_of(0x884c, true), S("hang")));
    assert_int_equal(pinyin_of('a', false).len + pinyin_of(0x5f00, true).len +
                         pinyin_of(0x4dff, false).len + pinyin_of(-1, false).len,
                     0);
}

static void test_spelling(void **state) {
    (void)state;
    assert_int_equal(FITS("开餐馆", "kaicanguan"), PINYIN_WHOLE);
    assert_int_equal(FITS("开餐馆", "kcg"), PINYIN_WHOLE);
    assert_int_equal(FITS("开餐馆", "kaicg"), PINYIN_WHOLE);
    assert_int_equal(FITS("开餐馆一件事", "kcg"), PINYIN_START);
    assert_int_equal(FITS("开餐馆一件事", "canguan"), PINYIN_WITHIN);
    assert_int_equal(FITS("开餐馆", "kaicanguanx"), PINYIN_NOT);
    assert_int_equal(FITS("开餐馆", "kaig"), PINYIN_NOT);
    assert_int_equal(FITS("银行开户", "yinhang"), PINYIN_START);
    assert_int_equal(FITS("去银行", "yinhang"), PINYIN_WITHIN);
    assert_int_equal(FITS("西安", "xian"), PINYIN_WHOLE);
    assert_int_equal(FITS("A4 纸", "a4zhi"), PINYIN_WHOLE);
    assert_int_equal(FITS("开“餐”馆", "kcg"), PINYIN_WHOLE);
    assert_int_equal(FITS("开", "k"), PINYIN_NOT); /* one letter says nothing */
    assert_int_equal(FITS("", "kc"), PINYIN_NOT);
}

/* What is found within may begin before what began first has failed. */
static void test_overlap(void **state) {
    (void)state;
    assert_int_equal(FITS("馆馆餐", "gc"), PINYIN_WITHIN);
    assert_int_equal(FITS("馆餐馆餐证", "guancanz"), PINYIN_WITHIN);
}

static void test_whole_text(void **state) {
    struct arena a;
    struct buf b;
    (void)state;
    arena_init(&a, "pinyin", 65536);
    buf_init(&b, &a, 64, 1024);
    pinyin_add(&b, S("办 Wi-Fi、绿化"));
    assert_true(str_eq(buf_str(&b), S("banwifilvhua")));
    arena_done(&a);
}

static bool is_near(const char *typed, const char *wanted) {
    struct arena a;
    struct str near[PINYIN_NEAR_MAX];
    bool found = false;
    arena_init(&a, "pinyin", 1 << 20);
    size_t n = pinyin_near(&a, str_of(typed), near);
    for (size_t i = 0; i < n; i++) found |= str_eq(near[i], str_of(wanted));
    arena_done(&a);
    return found;
}

static void test_one_slip(void **state) {
    (void)state;
    assert_true(is_near("zhagnwei", "zhangwei") && is_near("zhanwei", "zhangwei") && is_near("zhangwwei", "zhangwei"));
    assert_true(is_near("zhangwai", "zhangwei"));
    assert_false(is_near("zhangwei", "zhangwei")); /* no slip */
    assert_false(is_near("zhagnwie", "zhangwei")); /* two */
    assert_false(is_near("zhagnwei", "zhagwei")); /* no syllables */
    assert_false(is_near("zhan", "zhang"));        /* one syllable is no name */
    assert_false(is_near("z1ang", "zhang") || is_near("", "a"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_readings),
                                        cmocka_unit_test(test_spelling),
                                        cmocka_unit_test(test_one_slip),
                                        cmocka_unit_test(test_overlap),
                                        cmocka_unit_test(test_whole_text) };
    return cmocka_run_group_tests_name("pinyin", tests, NULL, NULL);
}
