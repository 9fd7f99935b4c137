/* Tests of regex and fold: XPath's flags, groups, classes less classes; refusals; a pattern made to run for ever. */
#include "data/fold.h"
#include "data/regex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static int matches(const char *pattern, const char *flags, const char *subject) {
    size_t group[2 * REGEX_GROUPS_MAX];
    struct regex *r;
    struct err e;
    int rc = regex_new(str_of(pattern), str_of(flags), &r, &e);
    if (rc) return rc;
    int n = regex_exec(r, str_of(subject), 0, group);
    regex_free(r);
    return n;
}

static void test_match(void **state) {
    (void)state;
    assert_int_equal(matches("^a(b)?(c)?$", "", "ac"), 3);
    assert_int_equal(matches("b", "", "abc"), 1);
    assert_int_equal(matches("B", "", "abc"), 0);
    assert_int_equal(matches("B", "i", "abc"), 1);
    assert_int_equal(matches("a.c", "", "a\nc"), 0);
    assert_int_equal(matches("a.c", "s", "a\nc"), 1);
    assert_int_equal(matches("^b", "m", "a\nb"), 1);
    assert_int_equal(matches("a b # c", "x", "ab#c"), 1);
    assert_int_equal(matches("a[ ]b", "x", "a b"), 1);
    assert_int_equal(matches("a.b", "q", "a.b"), 1);
    assert_int_equal(matches("a.b", "q", "axb"), 0);
    assert_int_equal(matches("^[a-z-[aeiou]]+$", "", "xyz"), 1);
    assert_int_equal(matches("^[a-z-[aeiou]]+$", "", "xyza"), 0);
    assert_int_equal(matches("^\\d+$", "", "１２３"), 1);
    assert_int_equal(matches("^.$", "", "餐"), 1);
    assert_int_equal(matches("a$", "", "a\n"), 0);
    assert_int_equal(matches("", "", ""), 1);
}

static void test_refused(void **state) {
    static const char *const bad[] = { "(", "[", "a{2,1}", "*a", "(?=a)", "(?<n>a)", "(?R)", "(*UTF)a", "\xff",
        "[a-z-[b" };
    char long_pattern[5000];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (matches(bad[i], "", "a") != ERR_SYNTAX) fail_msg("taken: %s", bad[i]);
    assert_int_equal(matches("a", "z", "a"), ERR_SYNTAX);
    memset(long_pattern, 'a', sizeof long_pattern - 1);
    long_pattern[sizeof long_pattern - 1] = 0;
    assert_int_equal(matches(long_pattern, "", "a"), ERR_LIMIT);
    assert_int_equal(matches("(a+)+$", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), ERR_LIMIT);
    assert_int_equal(matches("a", "", "\xff"), 0);
    regex_free(NULL);
}

static void test_fold(void **state) {
    struct arena a;
    (void)state;
    arena_init(&a, "test", 1 << 16);
    assert_true(str_eq(fold_upper(&a, S("aß餐ä1")), S("ASS餐Ä1")));
    assert_true(str_eq(fold_lower(&a, S("AÄ餐")), S("aä餐")));
    assert_true(str_eq(fold_lower(&a, S("")), S("")));
    assert_true(str_eq(fold_upper(&a, S("\xff" "a")), S("\xff" "A")));
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_match), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_fold) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
