/* C13: where an account is signed in, told in plain words and nothing made up; ending one or all
 * others works with the next click on that device; nobody ends another's; a new device is told of.
 * On both stores. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct str end_of(struct site *s, struct str page, size_t nth) {
    size_t at = 0;
    for (size_t i = 0; i <= nth; i++) {
        at = str_find(page, S("name=\"end\" value=\""), at);
        assert_true(at != SIZE_MAX);
        at += 18;
    }
    return arena_fmt(&s->arena, "end=%.*s",
                     STR_ARG(str_sub(page, at, str_find_char(page, '"', at) - at)));
}

static void test_c13_ending_sign_ins(void **state) {
    SITE(s);
    struct visitor first = { .site = s }, second = { .site = s }, third = { .site = s },
                   other = { .site = s }, others = { .site = s };
    site_sign_in(&first, "citizen");
    struct str page = site_get(&first, "/zh/space/devices");
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "就是这一次") && site_lacks(page, "结束其他所有登录"));
    assert_true(site_has(page, "认不出的设备")); /* these visitors say nothing of themselves */
    site_sign_in(&second, "citizen");
    site_sign_in(&third, "citizen");
    page = site_get(&first, "/zh/space/devices");
    assert_true(site_has(page, "结束其他所有登录"));
    struct str one = end_of(s, page, 0);
    /* another's session is not there to be ended, from a page that has the form */
    site_sign_in(&others, "company");
    site_sign_in(&other, "company");
    (void)site_get(&other, "/zh/space/devices");
    assert_int_equal(site_status(site_post(&other, "/zh/space/devices", one.ptr)), 404);
    assert_int_equal(site_status(site_get(&third, "/zh/space")), 200);
    (void)site_get(&first, "/zh/space/devices");
    page = site_post(&first, "/zh/space/devices", one.ptr);
    assert_int_equal(site_status(page), 303);
    assert_int_equal(site_status(site_get(&third, "/zh/space")), 303); /* with the next click */
    assert_int_equal(site_status(site_get(&second, "/zh/space")), 200);
    (void)site_get(&first, "/zh/space/devices");
    assert_int_equal(site_status(site_post(&first, "/zh/space/devices", one.ptr)),
                     404); /* it is over */
    (void)site_get(&first, "/zh/space/devices");
    assert_int_equal(site_status(site_post(&first, "/zh/space/devices", "end=others")), 303);
    assert_int_equal(site_status(site_get(&second, "/zh/space")), 303);
    page = site_get(&first, "/en/space/devices?done=1");
    assert_true(site_has(page, "Earlier sign-ins") && site_has(page, "It has ended"));
    assert_int_equal(site_status(site_post(&first, "/zh/space/devices", "")), 422);
}

static size_t times(struct str page) {
    const struct str title = S("您的账号在新设备上登录");
    size_t n = 0;
    for (size_t at = 0; (at = str_find(page, title, at)) != SIZE_MAX; at += title.len) n++;
    return n;
}

static void test_a_new_device_is_told_of(void **state) {
    SITE(s);
    struct visitor before = { .site = s }, phone = { .site = s };
    site_sign_in(&before, "company");
    assert_true(site_lacks(site_get(&before, "/zh/space/messages"), "新设备"));
    phone.agent = "Mozilla/5.0 (Linux; Android 14; PGT-AN10) AppleWebKit/537.36 Chrome/126.0 "
                  "Mobile Safari/537.36";
    site_sign_in(&phone, "company");
    struct str page = site_get(&before, "/zh/space/messages");
    assert_true(site_has(page, "您的账号在新设备上登录") &&
                site_has(page, "安卓设备，Chrome 浏览器"));
    size_t told = times(page);
    page = site_get(&before, "/en/space/devices");
    assert_true(site_has(page, "Android device, Chrome"));
    struct visitor again = { .site = s,
                             .agent = phone.agent }; /* the same once more: nothing new */
    site_sign_in(&again, "company");
    assert_int_equal(times(site_get(&before, "/zh/space/messages")), told);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_c13_ending_sign_ins),
                                        cmocka_unit_test(test_a_new_device_is_told_of) };
    return SITE_FIXTURE_RUN("devices", tests);
}
