/* A14 on the pages: what the applicant reads of his own rating afterwards. On both stores. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The page of a matter that ended and was rated `level`. */
static struct str rated(struct site *s, struct visitor *v, const char *level) {
    struct err e = { 0 };
    int64_t id;
    const char *steps = arena_fmt(&s->arena,
                                  "  - {who: citizen, do: apply, item: residence-proof}\n"
                                  "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"
                                  "  - {who: citizen, do: submit}\n"
                                  "  - {who: police, do: decide, task: confirm, move: approve}\n"
                                  "  - {do: set-papers}\n"
                                  "  - {who: citizen, do: rate, %s}\n", level).ptr;
    if (city_fixture_play(s->city, steps, &id, &e)) fail_msg("%s %s", e.field, e.detail);
    return site_get(v, arena_fmt(&s->arena, "/zh/case/%lld", (long long)id).ptr);
}

static void test_only_a_bad_rating_says_that_it_is_put_right(void **state) {
    static const char *const good[] = { "level: 1", "level: 2", "level: 3, reasons: '301'" };
    SITE(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "citizen");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct str page = rated(s, &v, good[i]);
        assert_int_equal(site_status(page), 200);
        assert_true(site_has(page, "您已经评价过这次办理") && site_lacks(page, "正在按您的评价整改") && site_lacks(page, "href=\"\""));
    }
    struct str page = rated(s, &v, "level: 5, reasons: '501', expect: {redress: true}");
    assert_true(site_has(page, "办理单位正在按您的评价整改。 <a href=\"/zh/case/") && site_has(page, "整改 "));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_only_a_bad_rating_says_that_it_is_put_right) };
    return SITE_FIXTURE_RUN("rate", tests);
}
