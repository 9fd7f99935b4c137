/* A9 on the pages: a few questions before signing in, wrong answers at their fields, the exact
 * list, and an application that knows the answers; what is typed into the address by hand does no
 * harm. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PATH "/zh/guide/restaurant/check"

static void test_a9_the_questions(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str page = site_get(&v, PATH);
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "为谁办？") && site_has(page, "营业面积") &&
                site_lacks(page, "店铺名称"));
    page = site_post(&v, PATH, "who=&kinds=1&area=0&uses_gas=no&outdoor_sign=no");
    assert_int_equal(site_status(page), 422);
    assert_true(site_has(page, "href=\"#who\"") && site_has(page, "href=\"#area\"") &&
                site_lacks(page, "href=\"#kinds\""));
    page = site_post(&v, PATH, "who=company&kinds=1&kinds=2&area=260&uses_gas=yes&outdoor_sign=no");
    assert_int_equal(site_status(page), 303);
    assert_true(str_eq(
        site_location(page),
        S(PATH "/result?who=company&kinds=1&kinds=2&area=260&uses_gas=yes&outdoor_sign=no")));
    assert_int_equal(site_status(site_get(&v, "/zh/guide/nothing/check")), 404);
}

/* Who may not because of whom it is for is offered the other standing, and not to apply all the same. */
static void test_for_whom_it_is_not(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str page = site_get(&v, PATH "/result?who=person&kinds=1&area=60&uses_gas=no&outdoor_sign=no");
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "href=\"/zh/identity?back=%2Fzh%2Fapply%2Frestaurant%3F") && site_has(page, "请先切换到企业身份") &&
                site_lacks(page, "仍然申请"));
}

static void test_a9_the_result(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str page =
        site_get(&v, PATH "/result?who=company&kinds=1&area=260&uses_gas=yes&outdoor_sign=no");
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "按您的情况，可以申请") && site_has(page, "消防安全自查承诺书") &&
                site_has(page, "燃气供用合同"));
    assert_true(site_lacks(page, "招牌效果图") && site_lacks(page, "户外招牌设置许可证"));
    assert_true(site_has(
        page, "/zh/apply/restaurant?kinds=1&amp;area=260&amp;uses_gas=yes&amp;outdoor_sign=no"));
    page = site_get(&v, "/en/guide/restaurant/check/"
                        "result?who=company&kinds=6&area=60&uses_gas=no&outdoor_sign=no");
    assert_true(site_has(page, "You cannot apply") && site_has(page, "needs no licence") &&
                site_lacks(page, "Documents you need"));
    page = site_get(&v, PATH "/result?who=person&kinds=1&area=60&uses_gas=no&outdoor_sign=no");
    assert_true(site_has(page, "不能申请") && site_has(page, "只受理企业") &&
                site_has(page, "有营业执照"));
    /* by hand: back to the questions, with what was right or wrong in them */
    page = site_get(&v, PATH "/result?who=company&kinds=77&area=x");
    assert_int_equal(site_status(page), 303);
    assert_true(str_starts(site_location(page), S(PATH "?who=company")));
    page =
        site_get(&v, PATH "/result?who=%3Cscript%3E&kinds=1&area=60&uses_gas=no&outdoor_sign=no");
    assert_int_equal(site_status(page), 303);
    assert_true(site_lacks(site_get(&v, PATH "?area=%22%3E%3Cscript%3E"), "<script>"));
}

static void test_a9_goes_on_into_the_application(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str page =
        site_get(&v, "/zh/apply/restaurant?kinds=1&kinds=2&area=61&uses_gas=no&outdoor_sign=no");
    assert_true(
        site_has(page, "您已经回答的") &&
        site_has(page, "back=%2Fzh%2Fapply%2Frestaurant%3Fkinds%3D1%26kinds%3D2%26area%3D61"));
    site_sign_in(&v, "company");
    page = site_get(&v, "/zh/identity");
    size_t at = str_find(page, S("name=\"for\" value=\""), 0);
    at = str_find(page, S("name=\"for\" value=\""), at + 10);
    struct str company = str_sub(page, at + 18, str_find_char(page, '"', at + 18) - at - 18);
    page = site_post(&v, "/zh/identity", arena_fmt(&s->arena, "for=%.*s", STR_ARG(company)).ptr);
    assert_int_equal(site_status(page), 303);
    page = site_get(&v, "/zh/apply/restaurant?kinds=1&kinds=2&area=61&uses_gas=no&outdoor_sign=no");
    assert_true(site_has(page, "name=\"kinds\" value=\"2\""));
    page = site_post(&v, "/zh/apply/restaurant",
                     "act=go&kinds=1&kinds=2&area=61&uses_gas=no&outdoor_sign=no");
    assert_int_equal(site_status(page), 303);
    struct str path = site_location(page);
    page = site_get(&v, arena_fmt(&s->arena, "%.*s", STR_ARG(path)).ptr);
    page = site_get(&v, arena_fmt(&s->arena, "%.*s/consent",
                                  STR_ARG(str_sub(path, 0, str_find(path, S("/fill"), 0))))
                            .ptr);
    page = site_post(&v,
                     arena_fmt(&s->arena, "%.*s/consent",
                               STR_ARG(str_sub(path, 0, str_find(path, S("/fill"), 0))))
                         .ptr,
                     "decision=agree");
    assert_int_equal(site_status(page), 303);
    page = site_get(&v, arena_fmt(&s->arena, "%.*s/business", STR_ARG(path)).ptr);
    assert_true(site_has(page, "value=\"1\" checked") && site_has(page, "value=\"2\" checked"));
    page = site_get(&v, arena_fmt(&s->arena, "%.*s/premises", STR_ARG(path)).ptr);
    assert_true(site_has(page, "value=\"61\""));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a9_the_questions),
                                        cmocka_unit_test(test_for_whom_it_is_not), cmocka_unit_test(test_a9_the_result),
                                        cmocka_unit_test(test_a9_goes_on_into_the_application) };
    return SITE_FIXTURE_RUN("eligible", tests);
}
