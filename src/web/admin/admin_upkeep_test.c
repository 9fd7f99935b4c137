/* I12 over HTTP on both stores: announced on every page in both languages, then a form is answered by itself, with all that was typed and
 * when to come back; who announced it passes, and ends it. */
#include "app/site_fixture.h"

#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void look_again(struct site *s) {
    assert_int_equal(app_upkeep(s->city->app, NULL), 0);
}

static void test_upkeep(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, citizen = { .site = s }, nobody = { .site = s };
    struct err e = { 0 };
    int64_t id = 0;
    if (city_fixture_play(s->city, "- {who: citizen, do: apply, item: residence-proof}\n", &id, &e)) fail_msg("%s", e.detail);
    site_sign_in(&v, "system");
    site_sign_in(&citizen, "citizen");
    struct str page = site_get(&v, "/zh/admin/upkeep");
    assert_true(site_status(page) == 200 && site_has(page, "宣布一次维护") && site_lacks(page, "结束维护"));
    page = site_post(&v, "/zh/admin/upkeep", "do=put&from=tonight&until=&zh=&en=x");
    assert_true(site_status(page) == 422 && site_has(page, "from-error") && site_has(page, "until-error") && site_has(page, "zh-error"));
    assert_true(site_has(page, "value=\"tonight\""));
    (void)site_get(&v, "/zh/admin/upkeep");
    page = site_post(&v, "/zh/admin/upkeep", "do=put&from=2026-11-16+9:30&until=2026-11-17+10:00&zh=换盘&en=New+disks");
    assert_true(site_status(page) == 422 && site_has(page, "until-error")); /* longer than a day */
    (void)site_get(&v, "/zh/admin/upkeep");
    page = site_post(&v, "/zh/admin/upkeep", "do=put&from=2026-11-16+09:30&until=2026-11-16+10:00&zh=换盘&en=New+disks");
    assert_int_equal(site_status(page), 303);
    look_again(s);
    page = site_get(&nobody, "/zh/");
    assert_true(site_has(page, "维护通知：") && site_has(page, "换盘"));
    assert_true(site_has(site_get(&citizen, "/en/space"), "New disks"));
    const char *fill = arena_fmt(&s->arena, "/zh/case/%lld/fill/registered", (long long)id).ptr;
    (void)site_get(&citizen, fill);
    assert_int_equal(site_status(site_post(&citizen, fill, "purpose=1&recipient=一中")), 303); /* not yet */
    os_clock_set(CITY_START_MS + INT64_C(31) * 60000);
    struct visitor late = { .site = s }; /* who may sign in may look */
    site_sign_in(&late, "citizen");
    page = site_get(&late, fill);
    assert_true(site_status(page) == 200 && site_has(page, "维护中，") && site_has(page, "一中"));
    page = site_post(&late, fill, "purpose=1&recipient=二中");
    assert_int_equal(site_status(page), 503);
    assert_true(site_has(page, "正在维护，现在只能查看") && site_has(page, "10:00") && site_has(page, "二中"));
    assert_true(site_has(page, "Retry-After: 1740\r\n")); /* 9:31 to 10:00 */
    assert_true(site_has(site_get(&late, fill), "一中")); /* nothing was written */
    struct visitor back = { .site = s };
    site_sign_in(&back, "system");
    page = site_get(&back, "/zh/admin/upkeep");
    assert_true(site_has(page, "正在维护") && site_has(page, "结束维护") && site_has(page, "别人只能查看，你可以照常办理"));
    assert_true(site_has(page, "<dd>系统管理员</dd>"));
    size_t at = str_find(page, S("name=\"id\" value=\""), 0) + 17;
    struct str now = str_sub(page, at, str_find_char(page, '"', at) - at);
    page = site_post(&back, "/zh/admin/upkeep", arena_fmt(&s->arena, "do=end&id=%.*s", STR_ARG(now)).ptr);
    assert_int_equal(site_status(page), 303);
    look_again(s);
    page = site_get(&late, fill);
    assert_true(site_lacks(page, "维护中，"));
    assert_int_equal(site_status(site_post(&late, fill, "purpose=1&recipient=二中")), 303);
    assert_true(site_has(site_get(&late, fill), "二中"));
    (void)site_get(&back, "/zh/admin/upkeep");
    page = site_post(&back, "/zh/admin/upkeep", "do=put&from=soon&until=2026-11-16+11:00&zh=换盘&en=New+disks&staff=yes");
    assert_true(site_status(page) == 422 && site_has(page, "name=\"staff\" value=\"yes\" checked"));
    page = site_post(&back, "/zh/admin/upkeep", "do=put&from=2026-11-16+09:31&until=2026-11-16+11:00&zh=换盘&en=New+disks&staff=yes");
    assert_int_equal(site_status(page), 303);
    look_again(s);
    assert_true(site_has(site_get(&back, "/zh/admin/upkeep"), "系统管理员和全体工作人员"));
    struct visitor officer = { .site = s };
    site_sign_in(&officer, "police");
    assert_true(site_has(site_get(&officer, "/zh/desk"), "你可以照常办理"));
    assert_true(site_has(site_get(&late, fill), "维护中，"));
    assert_int_equal(site_status(site_post(&late, fill, "purpose=1&recipient=三中")), 503);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_upkeep) };
    return SITE_FIXTURE_RUN("upkeep pages", tests);
}
