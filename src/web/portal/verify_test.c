/* V2 and C4: a licence is shown as a licence, with its time; a refusal as a decision: genuine, what it decided of what, and never as
 * something that is valid, nor among its holder's licences. */
#include "app/site_fixture.h"
#include "engine/paper/paper.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Food granted, sign refused. */
static const char *const partly = CITY_SHOP_ANSWERS("120101", "60", "'1'", "no", "yes") CITY_SHOP_SIGN
    CITY_SHOP_FILE("floor-plan") CITY_SHOP_FILE("health-certificate") CITY_SHOP_FILE("sign-picture") CITY_SHOP_SUBMIT
    "  - {who: window-clerk, do: decide, task: intake, move: accept}\n"
    "  - {who: food-reviewer, do: decide, task: survey, move: pass, opinion: 符合}\n" CITY_SIGN_SURVEYED
    "  - {who: food-reviewer, do: decide, task: food_review, move: approve}\n"
    "  - {who: sign-reviewer, do: decide, task: sign_review, move: refuse, opinion: 尺寸超过规范, basis: 第十一条}\n"
    "  - {do: set-papers, expect: {state: ended, result: partly, papers: 2}}\n";

static struct str piece(struct str s, const char *from, const char *to) {
    size_t at = str_find(s, str_of(from), 0);
    if (at == SIZE_MAX) fail_msg("no %s", from);
    return str_sub(s, at, str_find(s, str_of(to), at) - at);
}

static const char *address(struct site *s, struct str list, const char *lang) {
    struct str path = piece(list, "/zh/v/", "\"");
    return arena_fmt(&s->arena, "/%s%.*s", lang, STR_ARG(str_sub(path, 3, path.len))).ptr;
}

static void refusal(struct site *s, struct visitor *anyone, struct str shown) {
    struct str zh = site_get(anyone, address(s, shown, "zh")), en = site_get(anyone, address(s, shown, "en"));
    assert_true(site_has(zh, "<h1>这份文书真实</h1>"));
    assert_true(site_has(zh, "不予许可决定书"));
    assert_true(site_has(zh, "对“户外招牌设置许可证”的申请，决定不予批准"));
    assert_true(site_has(zh, "签发日期"));
    assert_true(site_lacks(zh, "有效期"));
    assert_true(site_lacks(zh, "真实有效"));
    assert_true(site_lacks(zh, "尺寸超过规范")); /* the reason is between the office and the applicant */
    assert_true(site_has(en, "<h1>This document is genuine</h1>"));
    assert_true(site_has(en, "refused"));
    assert_true(site_lacks(en, "valid"));
}

/* One at a time: a list of one kind reads over the other, both ways, and then finds no more. */
struct listing {
    const struct realm *r;
    int64_t holder, at;
    bool back;
    size_t found;
    bool licence;
};

static int list_licences(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct listing *l = job->arg;
    struct paper_query q = { .is = PAPER_IS_LICENCE, .back = l->back, .at = l->at, .max = 1 };
    struct val *list;
    int rc = paper_of_holder(tx, l->r, l->holder, &q, &list, e);
    l->found = val_count(list);
    if (rc || l->found == 0) return rc;
    l->licence = val_get_bool(val_item(list, 0), S("is_licence"), false);
    l->at = val_get_i64(val_item(list, 0), S("id"), 0);
    return 0;
}

static void walk_licences(struct site *s, int64_t holder) {
    for (int turn = 0; turn < 2; turn++) {
        struct listing l = { .r = &s->city->app->realm, .holder = holder, .back = turn };
        struct err e = { 0 };
        assert_int_equal(city_fixture_read(s->city, list_licences, &l, &e), 0);
        assert_int_equal(l.found, 1);
        assert_true(l.licence);
        assert_int_equal(city_fixture_read(s->city, list_licences, &l, &e), 0);
        assert_int_equal(l.found, 0);
    }
}

static void test_a_decision_is_no_licence(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, anyone = { .site = s };
    struct actor company;
    struct err e = { 0 };
    int64_t id = 0;
    if (city_fixture_play(s->city, CITY_SHOP_APPLY, &id, &e) || city_fixture_play(s->city, partly, &id, &e)) fail_msg("%s", e.detail);
    city_fixture_actor(s->city, "company", &company);
    site_sign_in(&v, "company");
    (void)site_get(&v, "/zh/identity");
    (void)site_post(&v, "/zh/identity", arena_fmt(&s->arena, "for=%lld", (long long)company.on_behalf).ptr);
    walk_licences(s, company.on_behalf);
    static const char *const lists[] = { "/zh/space/licences", "/zh/space/licences?state=valid", "/zh/space" };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct str list = site_get(&v, lists[i]);
        assert_true(site_has(list, "食品经营许可证"));
        assert_true(site_lacks(list, "不予许可决定书"));
    }
    assert_true(site_lacks(site_get(&v, "/zh/space/licences/export"), "不予许可决定书"));
    struct str shown = piece(site_get(&v, arena_fmt(&s->arena, "/zh/case/%lld", (long long)id).ptr), "<h2>证照和文书</h2>", "</ul>");
    size_t at = str_find(shown, S("不予许可决定书"), 0);
    assert_true(at != SIZE_MAX);
    refusal(s, &anyone, str_sub(shown, at, shown.len));
    struct str granted = site_get(&anyone, address(s, site_get(&v, "/zh/space/licences"), "zh"));
    assert_true(site_has(granted, "<h1>这份证照真实有效</h1>"));
    assert_true(site_has(granted, "<dt>有效期</dt>"));
    assert_true(site_lacks(granted, "决定不予"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_decision_is_no_licence) };
    return SITE_FIXTURE_RUN("verify", tests);
}
