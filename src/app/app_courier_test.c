/* app_courier: which receipts are acknowledged: those that are written down, and one that nobody knows only after a while. What is handed
 * over, and to whom, is tests/messages/run. */
#include "app/app.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const int64_t ms = 1000000, start = INT64_C(77) * 1000000000;

static void test_known_ones_at_once(void **state) {
    struct app_receiving r = { 0 };
    (void)state;
    assert_int_equal(app_receipts_done(&r, 0, 0, start), 0);
    assert_int_equal(app_receipts_done(&r, 5, 5, start), 5);
    assert_int_equal(r.waits, 0);
}

/* The other session's text is not written down yet: what came before it goes, and then it is found. */
static void test_one_that_comes_too_early(void **state) {
    struct app_receiving r = { 0 };
    (void)state;
    assert_int_equal(app_receipts_done(&r, 5, 2, start), 2);
    assert_int_equal(app_receipts_done(&r, 3, 0, start + 1000 * ms), 0);
    assert_int_equal(app_receipts_done(&r, 4, 4, start + 2000 * ms), 4);
    assert_int_equal(app_receipts_done(&r, 1, 0, start + 9000 * ms), 0); /* another one waits from its own beginning */
}

/* Another house's, on an account that is shared: it is let go with those that came with it, and what came since waits its own time. */
static void test_one_that_is_not_ours(void **state) {
    struct app_receiving r = { 0 };
    (void)state;
    assert_int_equal(app_receipts_done(&r, 2, 0, start), 0);
    assert_int_equal(app_receipts_done(&r, 6, 0, start + (APP_UNKNOWN_MS - 1) * ms), 0);
    assert_int_equal(app_receipts_done(&r, 6, 0, start + APP_UNKNOWN_MS * ms), 2);
    assert_int_equal(app_receipts_done(&r, 4, 0, start + (APP_UNKNOWN_MS + 1) * ms), 0);
    assert_int_equal(app_receipts_done(&r, 4, 0, start + (2 * APP_UNKNOWN_MS + 1) * ms), 4);
    assert_int_equal(app_receipts_done(&r, 0, 0, start + (2 * APP_UNKNOWN_MS + 2) * ms), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_known_ones_at_once), cmocka_unit_test(test_one_that_comes_too_early),
                                        cmocka_unit_test(test_one_that_is_not_ours) };
    return cmocka_run_group_tests_name("app_courier", tests, NULL, NULL);
}
