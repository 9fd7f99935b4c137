/* I6 over HTTP on both stores: a year and a month of the calendar that limits run by, in both
 * languages, with what is not announced yet told; for those who write and approve drafts.
 */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_year(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, citizen = { .site = s };
    site_sign_in(&citizen, "citizen");
    assert_int_equal(site_status(site_get(&citizen, "/zh/admin/calendar")), 403);
    site_sign_in(&v, "system");
    struct str page = site_get(&v, "/zh/admin/calendar");
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "2026 年共 248 个工作日") && site_lacks(page, "还没有公布"));
    assert_true(site_has(page, "10月1日（星期四） – 10月7日（星期三）") && site_has(page, "9月20日（星期日）"));
    assert_true(site_has(page, "<td class=\"off\">7<span class=\"mark-day\" aria-hidden=\"true\">休</span>"
                               "<span class=\"hidden\">放假 国庆节</span></td>"));
    assert_true(site_has(page, "<td class=\"work\">10<span class=\"mark-day\" aria-hidden=\"true\">班"));
    assert_true(site_has(page, "aria-current=\"date\">16</td>")); /* the fixture's day */
    page = site_get(&v, "/en/admin/calendar?year=2027");
    assert_true(site_has(page, "The holidays of 2027 are not announced yet") && site_has(page, "None yet."));
}

static void test_month(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "editor");
    struct str page = site_get(&v, "/en/admin/calendar?year=2026&month=10");
    assert_true(site_status(page) == 200 && site_has(page, "October 2026") && site_has(page, "18 working days"));
    assert_true(site_has(page, "<span class=\"day-name\">National Day</span>"));
    assert_true(site_has(page, "/en/admin/calendar?year=2026&amp;month=9") &&
                site_has(page, "/en/admin/calendar?year=2026&amp;month=11"));
    page = site_get(&v, "/zh/admin/calendar?year=2026&month=12");
    assert_true(site_has(page, "2027年1月") && site_has(page, "2026年11月"));
    assert_int_equal(site_status(site_get(&v, "/zh/admin/calendar?year=2026&month=13")), 404);
    assert_int_equal(site_status(site_get(&v, "/zh/admin/calendar?year=1900")), 404);
    assert_int_equal(site_status(site_get(&v, "/zh/admin/calendar?year=x")), 404);
    assert_true(site_lacks(site_get(&v, "/zh/admin/calendar?year=2100"), "2101"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_year), cmocka_unit_test(test_month) };
    return SITE_FIXTURE_RUN("calendar pages", tests);
}
