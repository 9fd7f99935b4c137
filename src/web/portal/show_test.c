/* C5 on the pages: the holder shows a licence; who scans the code is told so for a minute,
 * afterwards that it is over; nobody else shows it, and what is not in force has no code. On both
 * stores. */
#include "app/site_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct str between(struct str page, const char *before, char end) {
    size_t at = str_find(page, str_of(before), 0);
    assert_true(at != SIZE_MAX);
    at += str_of(before).len;
    return str_sub(page, at, str_find_char(page, end, at) - at);
}

static void test_c5_shown_by_its_holder(void **state) {
    static const char *const steps =
        "  - {who: citizen, do: apply, item: residence-proof}\n"
        "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"
        "  - {who: citizen, do: submit}\n"
        "  - {who: police, do: decide, task: confirm, move: approve}\n"
        "  - {do: set-papers}\n";
    SITE(s);
    struct err e = { 0 };
    int64_t id;
    if (city_fixture_play(s->city, steps, &id, &e)) fail_msg("%s %s", e.field, e.detail);
    struct visitor v = { .site = s }, inspector = { .site = s }, other = { .site = s };
    site_sign_in(&v, "citizen");
    struct str list = site_get(&v, "/zh/space/licences");
    const char *path =
        arena_fmt(&s->arena, "/zh/paper/%.*s", STR_ARG(between(list, "href=\"/zh/paper/", '"')))
            .ptr;
    assert_true(str_find(str_of(path), S("file"), 0) == SIZE_MAX); /* to show comes first */
    struct str page = site_get(&v, path);
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "60 秒内有效") && site_has(page, "data-renew") &&
                site_has(page, "<svg"));
    /* what the code says: the printed code's address with a mark */
    struct str code = between(list, "href=\"/zh/v/", '"'),
               mark = between(page, "data-shown=\"", '"');
    const char *scanned =
        arena_fmt(&s->arena, "/zh/v/%.*s?shown=%.*s", STR_ARG(code), STR_ARG(mark)).ptr;
    page = site_get(&inspector, scanned);
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "由持有人出示") && site_has(page, "居住证明"));
    os_clock_advance(61000);
    page = site_get(&inspector, scanned);
    assert_int_equal(site_status(page), 410);
    assert_true(site_has(page, "出示码已过期") && site_lacks(page, "居住证明") &&
                site_has(page, "/zh/verify"));
    assert_int_equal(
        site_status(
            site_get(&inspector, arena_fmt(&s->arena, "/zh/v/%.*s?shown=1.00", STR_ARG(code)).ptr)),
        410);
    page = site_get(&inspector, arena_fmt(&s->arena, "/zh/v/%.*s", STR_ARG(code)).ptr);
    assert_true(site_has(page, "真实有效") && site_lacks(page, "由持有人出示"));
    /* the holder alone */
    site_sign_in(&other, "company");
    assert_int_equal(site_status(site_get(&other, path)), 404);
    /* and not when it is over */
    os_clock_advance(INT64_C(100) * 86400000);
    struct visitor later = { .site = s };
    site_sign_in(&later, "citizen");
    page = site_get(&later, path);
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "不能出示") && site_lacks(page, "data-renew"));
    assert_true(
        site_lacks(site_get(&later, "/zh/space/licences"), arena_fmt(&s->arena, "%s\"", path).ptr));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_c5_shown_by_its_holder) };
    return SITE_FIXTURE_RUN("show", tests);
}
