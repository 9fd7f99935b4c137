/* C5: the mark of a paper that is shown lives for a minute, is this paper's alone, and cannot be
 * made or moved. */
#include "engine/paper/paper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_a_mark_lives_for_a_minute(void **state) {
    struct keyring keys = { 0 };
    struct realm r = { .home = { 1 }, .keys = { 0 } };
    struct paper_row p = { .code = S("ABCD-EFGH-JKMN-PQRS") },
                     other = { .code = S("ABCD-EFGH-JKMN-PQRT") };
    const int64_t now = INT64_C(1794790800000);
    int64_t at = 0;
    struct arena a;
    (void)state;
    arena_init(&a, "present", 1024 * 1024);
    keys.suite = SUITE_INTL;
    memset(keys.token, 7, sizeof keys.token);
    r.keys = keys;
    struct str mark = paper_present(&a, &r, &p, now);
    assert_int_equal(paper_presented(&a, &r, &p, mark, now, &at), PAPER_PRESENTED);
    assert_true(at == now);
    assert_int_equal(paper_presented(&a, &r, &p, mark, now + PAPER_PRESENT_MS - 1, &at),
                     PAPER_PRESENTED);
    assert_int_equal(paper_presented(&a, &r, &p, mark, now + PAPER_PRESENT_MS, &at),
                     PAPER_PRESENT_OVER);
    /* another paper's, another moment's, another city's, and what is none */
    assert_int_equal(paper_presented(&a, &r, &other, mark, now, &at), PAPER_NOT_PRESENTED);
    struct str moved = arena_str(&a, mark);
    ((char *)moved.ptr)[12]++;
    assert_int_equal(paper_presented(&a, &r, &p, moved, now + 30000, &at), PAPER_NOT_PRESENTED);
    r.keys.token[0]++;
    assert_int_equal(paper_presented(&a, &r, &p, mark, now, &at), PAPER_NOT_PRESENTED);
    r.keys.token[0]--;
    const struct str none[] = { S(""),    S("1"),   S("1."),
                                S(".00"), S("x.y"), S("99999999999999999999.00") };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(paper_presented(&a, &r, &p, none[i], now, &at), PAPER_NOT_PRESENTED);
    /* a mark for a later moment is not made today */
    struct str ahead = paper_present(&a, &r, &p, now + 60000);
    assert_int_equal(paper_presented(&a, &r, &p, ahead, now, &at), PAPER_NOT_PRESENTED);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_mark_lives_for_a_minute) };
    return cmocka_run_group_tests_name("present", tests, NULL, NULL);
}
