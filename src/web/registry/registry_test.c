/* the registries' pages over HTTP, on both stores: what is in an address, what is told at which field, what two windows meet, and what the
 * person sees of it.
 */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ID "120101199003070005"
#define TYPE "/zh/desk/registry/person"
#define NEW_FIELDS(id) \
    "citizen_id=" id "&name=%E6%A0%B7%E6%96%B0%E7%94%9F&sex=1&birth_date-year=1990&birth_date-month=3&birth_date-day=7&division=120101" \
    "&phone=13800000001&source=%E6%9C%AC%E4%BA%BA%E7%94%B3%E6%8A%A5"
#define SOURCE "&source=%E6%9C%AC%E4%BA%BA%E7%94%B3%E6%8A%A5"
#define WHY "&why=%E6%8D%A2%E4%BA%86%E5%8F%B7%E7%A0%81"

/* A new record by its form; its path. */
static const char *registered(struct site *s, struct visitor *v) {
    site_sign_in(v, "population");
    (void)site_get(v, TYPE "/new");
    struct str done = site_post(v, TYPE "/new", NEW_FIELDS(ID));
    assert_int_equal(site_status(done), 303);
    struct str to = site_location(done);
    return arena_cstr(&s->arena, str_sub(to, 0, str_find_char(to, '?', 0)));
}

static const char *below(struct site *s, const char *record, const char *rest) {
    return arena_fmt(&s->arena, "%s%s", record, rest).ptr;
}

static const char *seen_of(struct site *s, struct str page, const char *fields) {
    size_t at = str_find(page, S("name=\"_seen\" value=\""), 0) + 20;
    return arena_fmt(&s->arena, "_seen=%.*s%s", STR_ARG(str_sub(page, at, str_find_char(page, '"', at) - at)), fields).ptr;
}

static void test_a_new_record(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "population");
    assert_true(site_has(site_get(&v, "/zh/desk/registry"), "自然人"));
    (void)site_get(&v, TYPE "/new");
    struct str wrong = site_post(&v, TYPE "/new", NEW_FIELDS("120101199003070006"));
    assert_int_equal(site_status(wrong), 422);
    assert_true(site_has(wrong, "<a href=\"#citizen_id\">公民身份号码：号码的校验位不对") && site_has(wrong, "value=\"120101199003070006\""));
    assert_true(site_has(wrong, "value=\"样新生\"") && site_has(wrong, "name=\"birth_date-year\" value=\"1990\""));
    struct str empty = site_post(&v, TYPE "/new", "name=");
    assert_true(site_has(empty, "请填写：姓名") && site_has(empty, "请填写：公民身份号码") && site_has(empty, "请填写：信息来源"));
    struct str done = site_post(&v, TYPE "/new", NEW_FIELDS(ID));
    assert_int_equal(site_status(done), 303);
    struct str page = site_get(&v, arena_cstr(&s->arena, site_location(done)));
    assert_true(site_has(page, "已登记。") && site_has(page, "样**") && site_lacks(page, ID) && site_lacks(page, "样新生"));
    (void)site_get(&v, TYPE "/new");
    struct str twice = site_post(&v, TYPE "/new", NEW_FIELDS(ID));
    assert_int_equal(site_status(twice), 422);
    assert_true(site_has(twice, "这个号码已有登记"));
}

static void test_finding_leaves_no_value_in_an_address(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "population");
    (void)site_get(&v, TYPE);
    struct str wrong = site_post(&v, TYPE, "by=citizen_id&value=120101199003070006");
    assert_int_equal(site_status(wrong), 422);
    assert_true(site_has(wrong, "号码的校验位不对"));
    struct str sent = site_post(&v, TYPE, "by=citizen_id&value=120101%2019900307%20999%200");
    assert_int_equal(site_status(sent), 303);
    assert_true(str_find(site_location(sent), S("19900307"), 0) == SIZE_MAX);
    struct str none = site_get(&v, arena_cstr(&s->arena, site_location(sent)));
    assert_true(site_has(none, "按“公民身份号码”没有找到登记"));
    assert_int_equal(site_status(site_get(&v, TYPE "?by=citizen_id&key=120101199003079990")), 404); /* a value is no key */
    assert_int_equal(site_status(site_get(&v, TYPE "?by=phone&key=x")), 404);
    assert_int_equal(site_status(site_get(&v, "/zh/desk/registry/company")), 404); /* another's registry */
    assert_int_equal(site_status(site_get(&v, "/zh/desk/registry/no-such")), 404);
}

static void test_whole_for_minutes(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, citizen = { .site = s };
    struct actor who;
    struct err e = { 0 };
    city_fixture_actor(s->city, "citizen", &who);
    site_sign_in(&v, "population");
    const char *record = arena_fmt(&s->arena, TYPE "/%lld", (long long)who.person).ptr;
    assert_int_equal(site_status(site_get(&v, below(s, record, "/clear"))), 303); /* to the question why */
    (void)site_get(&v, below(s, record, "/unmask"));
    struct str empty = site_post(&v, below(s, record, "/unmask"), "purpose=&why=");
    assert_int_equal(site_status(empty), 422);
    assert_true(site_has(empty, "请填写：查看目的") && site_has(empty, "请填写：具体事由"));
    struct str done = site_post(&v, below(s, record, "/unmask"), "purpose=1&why=%E4%B8%8E%E8%AF%81%E4%BB%B6%E6%A0%B8%E5%AF%B9");
    assert_int_equal(site_status(done), 303);
    struct str page = site_get(&v, arena_cstr(&s->arena, site_location(done)));
    assert_true(site_has(page, "目的：核对申请人身份") && site_lacks(page, "已遮盖</span>"));
    assert_true(site_has(page, "Cache-Control: no-store") && site_lacks(page, "max-age"));
    assert_true(site_has(site_get(&v, record), "已遮盖</span>")); /* the record's own page stays masked */
    struct visitor again = { .site = s };
    site_sign_in(&again, "population");
    assert_int_equal(site_status(site_get(&again, below(s, record, "/clear"))), 303); /* another session */
    assert_int_equal(app_sequence(s->city->app, true, &e), 0);
    site_sign_in(&citizen, "citizen");
    struct str log = site_get(&citizen, "/zh/space/access-log");
    assert_true(site_has(log, "公安和平分局人口管理科（演示）</td><td>人口信息登记员</td><td>查看完整个人信息</td><td>核对申请人身份</td>"));
    assert_true(site_lacks(log, "您本人") && site_lacks(log, "<td></td></tr>"));
    struct str own = site_get(&citizen, "/en/space/access-log?by=me");
    assert_true(site_has(own, "aria-current=\"page\">What I did myself") && site_lacks(own, "To check an applicant"));
    assert_true(site_has(site_get(&citizen, "/en/space/access-log"), "To check an applicant's identity"));
}

static void test_two_windows(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    const char *record = registered(s, &v), *correct = below(s, record, "/correct");
    struct str page = site_get(&v, correct);
    assert_true(site_has(page, "现登记：138****0001") && site_lacks(page, "13800000001"));
    const char *first = seen_of(s, page, "&phone=13800000002" SOURCE WHY), *second = seen_of(s, page, "&phone=13800000003" SOURCE WHY);
    struct str csrf = v.csrf;
    assert_true(site_has(site_post(&v, correct, seen_of(s, page, SOURCE WHY)), "没有更正任何一项"));
    assert_true(site_has(site_post(&v, correct, seen_of(s, page, "&phone=13800000002" SOURCE)), "请填写：变更原因"));
    assert_int_equal(site_status(site_post(&v, correct, first)), 303);
    v.csrf = csrf, v.key = S("00000000000000000000000000000002");
    struct str late = site_post(&v, correct, second);
    assert_int_equal(site_status(late), 409);
    assert_true(site_has(late, "这一页刚才在另一个窗口保存过") && site_has(late, "<td>138****0002</td><td>13800000003</td>"));
    assert_int_equal(site_status(site_post(&v, correct, seen_of(s, late, "&phone=13800000003" SOURCE WHY))), 303);
    struct str history = site_get(&v, below(s, record, "/history"));
    assert_true(site_has(history, "<del>138****0002</del> → 138****0003") && site_has(history, "共 3 个版本") && site_has(history, "换了号码"));
    /* the end, in its own page, keeps all of it */
    page = site_get(&v, below(s, record, "/end"));
    assert_int_equal(site_status(site_post(&v, below(s, record, "/end"), seen_of(s, page, SOURCE))), 422);
    assert_int_equal(site_status(site_post(&v, below(s, record, "/end"), seen_of(s, page, SOURCE WHY))), 303);
    page = site_get(&v, record);
    assert_true(site_has(page, "已注销</span>") && site_lacks(page, "/correct\""));
    assert_int_equal(site_status(site_get(&v, correct)), 303);
}

/* An element that is not required can be emptied, though the keeper does not see it: by saying so, and not by an empty box. */
static void test_an_element_is_emptied(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    const char *record = registered(s, &v), *correct = below(s, record, "/correct");
    struct str page = site_get(&v, correct);
    assert_true(site_has(page, "name=\"to-empty\" value=\"phone\"") && site_has(page, "要清空的项目"));
    assert_true(site_lacks(page, "name=\"to-empty\" value=\"name\"")); /* required */
    assert_true(site_lacks(page, "name=\"to-empty\" value=\"address\"")); /* not there */
    struct str both = site_post(&v, correct, seen_of(s, page, "&phone=13800000002&to-empty=phone" SOURCE WHY));
    assert_int_equal(site_status(both), 422);
    assert_true(site_has(both, "又选了清空") && site_has(both, "name=\"to-empty\" value=\"phone\" checked"));
    (void)site_get(&v, correct);
    assert_int_equal(site_status(site_post(&v, correct, seen_of(s, page, "&to-empty=name" SOURCE WHY))), 422);
    (void)site_get(&v, correct);
    assert_int_equal(site_status(site_post(&v, correct, seen_of(s, page, "&to-empty=phone" SOURCE WHY))), 303);
    page = site_get(&v, correct);
    assert_true(site_has(page, "现登记：没有填写") && site_lacks(page, "138****0001"));
    assert_true(site_lacks(page, "name=\"to-empty\" value=\"phone\""));
    assert_true(site_has(site_get(&v, below(s, record, "/history")), "<del>138****0001</del>"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_record),
        cmocka_unit_test(test_finding_leaves_no_value_in_an_address),
        cmocka_unit_test(test_whole_for_minutes),
    };
    const struct CMUnitTest windows[] = { cmocka_unit_test(test_two_windows) };
    const struct CMUnitTest emptied[] = { cmocka_unit_test(test_an_element_is_emptied) };
    return SITE_FIXTURE_RUN("registry", tests) + SITE_FIXTURE_RUN("registry, emptied", emptied) +
           SITE_FIXTURE_RUN("registry, two windows", windows);
}
