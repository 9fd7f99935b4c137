/* C1: what waits for the person says of which day it speaks, and until when it waits. On both stores. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_what_waits_tells_its_days(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct actor company;
    struct err e = { 0 };
    int64_t id = 0;
    city_fixture_actor(s->city, "company", &company);
    if (city_fixture_play(s->city, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
                          "  - {who: window, do: decide, task: intake, move: supplement, opinion: 平面图看不清}\n", &id, &e))
        fail_msg("%s %s", e.field, e.detail);
    if (city_fixture_play(s->city, CITY_SHOP_APPLY, &id, &e)) fail_msg("%s %s", e.field, e.detail);
    site_sign_in(&v, "company");
    (void)site_get(&v, "/zh/identity");
    (void)site_post(&v, "/zh/identity", arena_fmt(&s->arena, "for=%lld", (long long)company.on_behalf).ptr);
    struct str page = site_get(&v, "/zh/space");
    assert_true(site_has(page, "请补正材料：") && site_has(page, "<span>提交于 2026") && site_has(page, "<span>请在 2026"));
    assert_true(site_has(page, " 结束前补正</span>") && site_has(page, "<span>开始于 2026"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_what_waits_tells_its_days) };
    return SITE_FIXTURE_RUN("space", tests);
}
