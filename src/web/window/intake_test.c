/* intake's pages over HTTP, on both stores: what the visitor finds afterwards of who looked at his data, in both languages, and that
 * who looks without a reason of his own post is turned away. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_the_visitor_finds_who_looked(void **state) {
    SITE(s);
    struct visitor clerk = { .site = s }, citizen = { .site = s };
    struct actor who;
    struct err e = { 0 };
    city_fixture_actor(s->city, "citizen", &who);
    site_sign_in(&clerk, "window");
    const char *visit = arena_fmt(&s->arena, "/zh/window/intake/residence-proof/%lld", (long long)who.person).ptr;
    assert_int_equal(site_status(site_get(&clerk, visit)), 200);
    struct str taken = site_post(&clerk, visit, "agree=yes&declared=yes&purpose=1&act=go");
    assert_int_equal(site_status(taken), 303);
    assert_int_equal(app_sequence(s->city->app, true, &e), 0);
    site_sign_in(&citizen, "citizen");
    struct str zh = site_get(&citizen, "/zh/space/access-log"), en = site_get(&citizen, "/en/space/access-log");
    assert_true(site_has(zh, ">窗口办理：居住证明开具</td>") && site_has(zh, ">窗口办理：居住证明开具 2026"));
    assert_true(site_has(en, ">At the window: Proof of residence</td>") && site_has(en, ">At the window: Proof of residence 2026"));
    assert_true(site_lacks(en, "窗口办理") && site_lacks(zh, "居住证明开具：居住证明开具"));
    assert_int_equal(site_status(site_get(&citizen, visit)), 403);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_visitor_finds_who_looked) };
    return SITE_FIXTURE_RUN("intake", tests);
}
