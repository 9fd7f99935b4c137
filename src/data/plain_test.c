/* plain: what is let in and what is not, by class (F8, F13). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "data/plain.h"

static void test_f13_what_nobody_sees_is_refused(void **state) {
    static const struct str bad[] = {
        S_INIT("a\0b"),                 /* NUL */
        S_INIT("\x07"),                 /* C0 */
        S_INIT("a\x1b[2J"),             S_INIT("\x7f"),
        S_INIT("\xc2\x85"),             /* C1: U+0085 */
        S_INIT("\xe2\x80\xaa"),         /* U+202A */
        S_INIT("\xe2\x80\xae"),         /* U+202E */
        S_INIT("\xe2\x81\xa6"),         /* U+2066 */
        S_INIT("\xe2\x81\xa9"),         /* U+2069 */
        S_INIT("\xe2\x80\xa8"),         /* U+2028 */
        S_INIT("\xee\x80\x80"),         /* U+E000, private use */
        S_INIT("\xf3\xb0\x80\x80"),     /* U+F0000 */
        S_INIT("\xf4\x80\x80\x80"),     /* U+100000 */
        S_INIT("\xcd\xb8"),             /* U+0378, unassigned */
        S_INIT("\xef\xbf\xbf"),         /* U+FFFF */
        S_INIT("\xf0\xaf\xbf\xbe"),     /* U+2FFFE */
        S_INIT("\xef\xbf\xbd"),         /* U+FFFD */
        S_INIT("\xed\xa0\x80"),         /* a lone surrogate */
        S_INIT("\xff"),                 S_INIT("\xe4\xb8"),
    };
    struct arena a;
    (void)state;
    arena_init(&a, "test", 1 << 20);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (plain_text(bad[i], true)) fail_msg("%zu", i);
        struct str marked = plain_mark(&a, bad[i]);
        assert_true(str_utf8_valid(marked) && str_find(marked, S("\xef\xbf\xbd"), 0) != SIZE_MAX);
        assert_true(plain_text(plain_cut(&a, bad[i]), false));
    }
    assert_true(str_eq(plain_mark(&a, S("甲\x07乙\n")), S("甲\xef\xbf\xbd乙\n")));
    assert_true(str_eq(plain_cut(&a, S("甲\x07乙\n")), S("甲乙")));
    arena_done(&a);
}

static void test_f13_what_people_write_is_let_in(void **state) {
    static const struct str good[] = {
        S_INIT(""),          S_INIT("津样小馆"),         S_INIT("阿依古丽·买买提"), S_INIT("O’Neill-Smith, Zoë"),
        S_INIT("\xf0\xa0\x80\x80"), /* U+20000 */
        S_INIT("\xf0\xb0\xbb\x9e"), /* U+30EDE */
        S_INIT("\xf0\xae\xaf\xb0"), /* U+2EBF0, assigned in Unicode 15.1 */
        S_INIT("\xf0\xb2\x8e\xb0"), /* U+323B0, younger still */
        S_INIT("葛\xf3\xa0\x84\x80"),  /* with an ideographic variation selector */
        S_INIT("😀 مرحبا שלום ½"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!plain_text(good[i], false)) fail_msg("%zu", i);
    assert_true(plain_text(S("一\r\n二\t三"), true));
    assert_false(plain_text(S("一\r\n二"), false));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f13_what_nobody_sees_is_refused),
        cmocka_unit_test(test_f13_what_people_write_is_let_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
