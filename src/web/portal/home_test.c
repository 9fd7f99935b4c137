/* F15: the first page lists what is still open of mine, however much newer is over. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *const withdrawn = "  - {who: citizen, do: apply, item: residence-proof}\n"
                                     "  - {who: citizen, do: answer, page: registered, with: {purpose: \"1\", recipient: 样校}}\n"
                                     "  - {who: citizen, do: submit}\n";

static void test_f15_home_lists_open_cases(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    int64_t id = 0, open;
    struct err e = { 0 };
    if (city_fixture_play(s->city, withdrawn, &id, &e)) fail_msg("%s", e.detail);
    open = id;
    for (int i = 0; i < 6; i++) {
        id = 0;
        if (city_fixture_play(s->city, withdrawn, &id, &e)) fail_msg("%s", e.detail);
        if (city_fixture_play(s->city, "  - {who: citizen, do: withdraw, opinion: 不办了}\n", &id, &e)) fail_msg("%s", e.detail);
    }
    site_sign_in(&v, "citizen");
    struct str home = site_get(&v, "/zh/");
    assert_int_equal(site_status(home), 200);
    assert_true(site_has(home, arena_fmt(&s->arena, "/zh/case/%lld\"", (long long)open).ptr));
    assert_true(site_lacks(home, arena_fmt(&s->arena, "/zh/case/%lld\"", (long long)id).ptr) && site_lacks(home, "已撤回"));
}

/* A24: what happened is told in a sentence with its full stop; one that a sentence of its own ends gets no second. */
static void test_an_error_is_told_in_sentences(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str zh = site_get(&v, "/zh/no-such"), en = site_get(&v, "/en/no-such");
    assert_true(site_has(zh, "<p class=\"lead\">没有找到这个页面或记录，请检查网址或从首页重新进入。</p>"));
    assert_true(site_has(en, ".</p>") && site_lacks(en, "..</p>") && site_lacks(en, "。"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_f15_home_lists_open_cases),
                                        cmocka_unit_test(test_an_error_is_told_in_sentences) };
    return SITE_FIXTURE_RUN("home", tests);
}
