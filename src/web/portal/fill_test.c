/* filling in over HTTP: what is wrong is said at its field, and what was typed beside it is still there. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A visitor who acts for the company, with a fresh draft of its; pages of it below `draft`. */
static const char *start(struct site *s, struct visitor *v, const char *tail) {
    struct actor company;
    struct err e = { 0 };
    int64_t id = 0;
    city_fixture_actor(s->city, "company", &company);
    if (city_fixture_play(s->city, CITY_SHOP_APPLY, &id, &e)) fail_msg("%s", e.detail);
    site_sign_in(v, "company");
    (void)site_get(v, "/zh/identity");
    (void)site_post(v, "/zh/identity", arena_fmt(&s->arena, "for=%lld", (long long)company.on_behalf).ptr);
    return arena_fmt(&s->arena, "/zh/case/%lld/fill/%s", (long long)id, tail).ptr;
}

/* F8, F13: whatever bytes come in a field, the page is 422 with a sentence at that field, and the rest of the input is kept. */
static void test_f8_hostile_text_is_refused_at_its_field(void **state) {
    static const char *const hostile[] = { "%00", "%07", "%7F", "%ED%A0%80", "%FF", "%E2%80%AE", "%E2%81%A6", "%EE%80%80", "%CD%B8" };
    SITE(s);
    struct visitor v = { .site = s };
    const char *page = start(s, &v, "premises");
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        (void)site_get(&v, page);
        struct str reply = site_post(&v, page, arena_fmt(&s->arena, "district=120101&address=前面%s后面&area=77", hostile[i]).ptr);
        assert_int_equal(site_status(reply), 422);
        assert_true(site_has(reply, "id=\"address-error\"") && site_has(reply, "有不能使用的字符"));
        assert_true(site_has(reply, "value=\"前面\xef\xbf\xbd") && site_has(reply, "后面\""));
        assert_true(site_has(reply, "value=\"77\"") && site_has(reply, "value=\"120101\" selected"));
    }
    (void)site_get(&v, page);
    assert_int_equal(site_status(site_post(&v, page, "district=120101&address=%F0%A0%80%80·路 8 号&area=77")), 303);
}

/* F10: each line of the summary says which field it is about. */
static void test_f10_the_summary_names_its_fields(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    const char *draft = start(s, &v, ""), *page = arena_fmt(&s->arena, "%sbusiness", draft).ptr,
               *premises = arena_fmt(&s->arena, "%spremises", draft).ptr;
    (void)site_get(&v, page);
    struct str reply = site_post(&v, page, "kinds=zz&uses_gas=maybe&outdoor_sign=maybe");
    assert_int_equal(site_status(reply), 422);
    assert_true(site_has(reply, "<a href=\"#kinds\">经营项目：请从列出的选项中选择一项</a>"));
    assert_true(site_has(reply, "<a href=\"#uses_gas\">厨房是否使用燃气？：请从列出的选项中选择一项</a>"));
    (void)site_get(&v, premises);
    reply = site_post(&v, premises, "district=120101&address=&area=0");
    assert_true(site_has(reply, "<a href=\"#area\">营业面积：数值超出范围"));
    assert_true(site_has(reply, "<a href=\"#address\">请填写：详细地址</a>")); /* named already */
}

/* What is refused is told in one sentence: how many of what, what is to be done. */
static void test_a_refusal_is_one_plain_sentence(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, shop = { .site = s };
    struct err e = { 0 };
    int64_t asks = 0, id = 0;
    if (city_fixture_play(s->city, "  - {who: citizen, do: apply, item: elder-allowance, agree: later}\n", &asks, &e) ||
        city_fixture_play(s->city, "  - {who: citizen, do: apply, item: business-start}\n", &id, &e))
        fail_msg("%s", e.detail);
    site_sign_in(&v, "citizen");
    const char *consent = arena_fmt(&s->arena, "/zh/case/%lld/consent", (long long)asks).ptr,
               *holders = arena_fmt(&s->arena, "/zh/case/%lld/fill/holders", (long long)id).ptr;
    (void)site_get(&v, consent);
    struct str reply = site_post(&v, consent, "");
    assert_int_equal(site_status(reply), 422);
    assert_true(site_has(reply, ">请选择同意带入，还是自己填写<") && site_lacks(reply, "请填写："));
    assert_int_equal(site_status(site_post(&v, consent, "decision=agree")), 303);
    (void)site_get(&v, holders);
    reply = site_post(&v, holders, "act=go");
    assert_int_equal(site_status(reply), 422);
    assert_true(site_has(reply, ">请至少添加 1 项出资人<") && site_lacks(reply, "数值超出范围"));
    (void)site_get(&v, arena_fmt(&s->arena, "/en/case/%lld/fill/holders", (long long)id).ptr);
    reply = site_post(&v, arena_fmt(&s->arena, "/en/case/%lld/fill/holders", (long long)id).ptr, "act=go");
    assert_true(site_has(reply, ">Please add at least 1 of these: "));
    const char *plan = start(s, &shop, "");
    plan = arena_fmt(&s->arena, "%.*s", (int)(strlen(plan) - strlen("/fill/")), plan).ptr;
    const char *check = arena_fmt(&s->arena, "%s/check", plan).ptr, *upload = arena_fmt(&s->arena, "%s/material/floor-plan", plan).ptr;
    (void)site_get(&shop, check);
    assert_true(site_has(site_post(&shop, check, ""), ">请勾选承诺<"));
    (void)site_get(&shop, upload);
    assert_true(site_has(site_upload(&shop, upload, "file", "", S("")), ">请先选择文件，再上传<"));
}

/* What is to be signed can be had where it is uploaded, and one sees how many there are. */
static void test_an_upload_has_its_blank_form_and_its_place(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    (void)start(s, &v, "");
    struct err e = { 0 };
    int64_t id = 0;
    if (city_fixture_play(s->city, CITY_SHOP_APPLY CITY_SHOP_ANSWERS("120101", "260", "'1', '2'", "yes", "yes") CITY_SHOP_SIGN, &id, &e))
        fail_msg("%s", e.detail);
    struct str page = site_get(&v, arena_fmt(&s->arena, "/zh/case/%lld/material/fire-statement", (long long)id).ptr);
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "href=\"/zh/guide/restaurant/form.pdf?of=fire-statement\"") && site_has(page, " 份，共 5 份</p>"));
    page = site_get(&v, arena_fmt(&s->arena, "/zh/case/%lld/material/floor-plan", (long long)id).ptr);
    assert_true(site_lacks(page, "空白表格") && site_has(page, "第 1 份，共 5 份"));
}

/* A draft begun before is not taken up in silence: one goes on with it, or deletes it and starts again. */
static void test_a_draft_is_gone_on_with_or_begun_anew(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    const char *old = start(s, &v, "premises");
    (void)site_get(&v, old);
    (void)site_post(&v, old, "district=120101&address=老地方&area=77");
    struct str page = site_get(&v, "/zh/apply/restaurant");
    assert_true(site_has(page, "您有一份还没有提交的申请") && site_has(page, "继续填写") && site_has(page, "删除草稿，重新填写"));
    assert_true(site_has(site_get(&v, "/zh/apply/restaurant"), "继续填写"));
    assert_int_equal(site_status(site_post(&v, "/zh/apply/restaurant", "act=go")), 303);
    assert_true(site_has(site_get(&v, old), "老地方"));
    (void)site_get(&v, "/zh/apply/restaurant");
    struct str reply = site_post(&v, "/zh/apply/restaurant", "act=anew");
    assert_int_equal(site_status(reply), 303);
    assert_true(str_starts(site_location(reply), S("/zh/case/")));
    assert_false(str_starts(str_of(old), site_location(reply)));
    assert_int_equal(site_status(site_get(&v, old)), 404);
    (void)site_get(&v, "/zh/apply/restaurant");
    assert_int_equal(site_status(site_post(&v, "/zh/apply/restaurant", "act=anew")), 303);
}

/* F12: what an error names in a system's words is in the reader's language too. */
static void test_f12_a_missing_material_is_named_in_english(void **state) {
    static const char *const answers = CITY_SHOP_ANSWERS("120101", "60", "'1'", "no", "no");
    SITE(s);
    struct visitor v = { .site = s };
    struct err e = { 0 };
    int64_t id = 0;
    struct str path = str_of(start(s, &v, ""));
    (void)str_to_i64(str_sub(path, 9, str_find(path, S("/fill"), 0) - 9), &id);
    const char *check = arena_fmt(&s->arena, "/en/case/%lld/check", (long long)id).ptr;
    (void)site_get(&v, check);
    struct str page = site_post(&v, check, "declared=yes"); /* a page of the form is not filled in */
    assert_int_equal(site_status(page), 422);
    assert_true(site_has(page, "Please fill in: ") && site_lacks(page, "Please fill in: 核对"));
    if (city_fixture_play(s->city, answers, &id, &e)) fail_msg("%s", e.detail);
    (void)site_get(&v, check);
    page = site_post(&v, check, "declared=yes");
    assert_int_equal(site_status(page), 422);
    assert_true(site_has(page, "Please fill in: Floor plan") && site_lacks(page, "平面布局图"));
}

/* F19: a file far over the limit: the page says how large it may be, leads back to where it was sent from, and does not say that
 * nobody is signed in. */
static void test_f19_a_file_over_the_limit(void **state) {
    enum { HUGE_BYTES = 30 * 1024 * 1024 };
    SITE(s);
    struct visitor v = { .site = s };
    struct str path = str_of(start(s, &v, ""));
    const char *page = arena_fmt(&s->arena, "%.*s/material/floor-plan", STR_ARG(str_sub(path, 0, str_find(path, S("/fill"), 0)))).ptr;
    char *bytes = arena_alloc(&s->arena, HUGE_BYTES);
    assert_non_null(bytes);
    memset(bytes, 'x', HUGE_BYTES);
    assert_int_equal(site_status(site_get(&v, page)), 200);
    struct str reply = site_upload(&v, page, "file", "huge.pdf", str_make(bytes, HUGE_BYTES));
    assert_int_equal(site_status(reply), 413);
    assert_true(site_has(reply, "内容超过上限 10 MB"));
    assert_true(site_has(reply, arena_fmt(&s->arena, "<a class=\"button\" href=\"%s\">回到刚才的页面</a>", page).ptr));
    assert_true(site_has(reply, "/zh/sign-out") && site_lacks(reply, "登录</a>"));
    assert_int_equal(site_status(site_get(&v, page)), 200); /* still signed in */
}

static const char *below(struct site *s, const char *draft, const char *tail) {
    struct str path = str_of(draft);
    return arena_fmt(&s->arena, "%.*s%s", STR_ARG(str_sub(path, 0, str_find(path, S("/fill"), 0))), tail).ptr;
}

/* What the answers do not call for is no page and takes no file: told as anything else that is not there, and nothing is kept. */
static void test_what_is_not_asked_for_is_not_taken(void **state) {
    static const char *const answers = CITY_SHOP_ANSWERS("120101", "60", "'1'", "no", "no");
    SITE(s);
    struct visitor v = { .site = s };
    struct err e = { 0 };
    int64_t id = 0;
    const char *draft = start(s, &v, ""), *page = arena_fmt(&s->arena, "%ssign", draft).ptr;
    const char *floor = below(s, draft, "/material/floor-plan"), *sign = below(s, draft, "/material/sign-picture");
    const char *none = below(s, draft, "/material/no-such");
    struct str number = str_sub(str_of(draft), strlen("/zh/case/"), SIZE_MAX);
    assert_true(str_to_i64(str_sub(number, 0, str_find_char(number, '/', 0)), &id));
    if (city_fixture_play(s->city, answers, &id, &e)) fail_msg("%s", e.detail);
    assert_int_equal(site_status(site_get(&v, floor)), 200);
    assert_int_equal(site_status(site_upload(&v, floor, "file", "plan.pdf", S("%PDF-1.4 plan"))), 303);
    assert_int_equal(site_status(site_get(&v, sign)), 404);
    (void)site_get(&v, floor); /* a form of its own for each */
    struct str unknown = site_upload(&v, none, "file", "sign.pdf", S("%PDF-1.4 sign"));
    (void)site_get(&v, floor);
    struct str reply = site_upload(&v, sign, "file", "sign.pdf", S("%PDF-1.4 sign"));
    assert_int_equal(site_status(unknown), 404);
    assert_int_equal(site_status(reply), 404);
    assert_true(site_has(unknown, "没有找到这个页面或记录") && site_has(reply, "没有找到这个页面或记录"));
    assert_int_equal(site_status(site_get(&v, page)), 404);
    (void)site_get(&v, floor);
    assert_int_equal(site_status(site_post(&v, page, "sign_width=300&sign_height=80")), 404);
    /* and once it is called for, it is taken */
    static const char *const with_sign = "  - {who: company, do: answer, page: business,\n"
                                         "     with: {kinds: ['1'], uses_gas: 'no', outdoor_sign: 'yes'}}\n";
    if (city_fixture_play(s->city, with_sign, &id, &e)) fail_msg("%s", e.detail);
    assert_true(site_lacks(site_get(&v, sign), "sign.pdf"));
    assert_int_equal(site_status(site_upload(&v, sign, "file", "sign.pdf", S("%PDF-1.4 sign"))), 303);
    assert_int_equal(site_status(site_get(&v, page)), 200);
}

/* What a registry says as a code is read in the reader's language, wherever a case shows it; names of places stay, and say so. */
static void test_codes_of_a_registry_are_translated(void **state) {
    static const char *const pages[] = { "fill/registered", "check", "consent" };
    SITE(s);
    struct visitor v = { .site = s };
    struct err e = { 0 };
    int64_t id = 0;
    city_fixture_change(s->city, "systems/approval/residence-proof", "forms/apply.yaml",
                        "{id: residence, title: 居住地址, kind: registry, from: applicant.address,",
                        "{id: residence, title: 居住地址, kind: registry, from: applicant.sex,");
    if (city_fixture_play(s->city, "  - {who: citizen, do: apply, item: residence-proof}\n"
                                   "  - {who: citizen, do: answer, page: registered, with: {purpose: \"1\"}}\n", &id, &e))
        fail_msg("%s", e.detail);
    site_sign_in(&v, "citizen");
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct str zh = site_get(&v, arena_fmt(&s->arena, "/zh/case/%lld/%s", (long long)id, pages[i]).ptr);
        struct str en = site_get(&v, arena_fmt(&s->arena, "/en/case/%lld/%s", (long long)id, pages[i]).ptr);
        assert_int_equal(site_status(en), 200);
        assert_true(site_has(zh, "性<")); /* 男性, 女性 */
        assert_true(site_has(en, "ale<") && site_lacks(en, "男性") && site_lacks(en, "女性"));
        assert_true(site_has(en, "<bdi lang=\"zh-CN\">") && site_lacks(zh, "<bdi"));
    }
}

/* Without a decision every material may be given; what is not required is offered as such and holds nothing up. */
static void test_a_material_that_is_not_required_is_offered(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct err e = { 0 };
    int64_t id = 0;
    city_fixture_change(s->city, "systems/approval/residence-proof", "items/residence-proof.yaml", "materials: []",
                        "materials: [{id: letter, name: 学校的来函, form: 电子, source: 申请人自备, required: false}]");
    site_sign_in(&v, "citizen");
    (void)site_get(&v, "/zh/apply/residence-proof");
    (void)site_post(&v, "/zh/apply/residence-proof", "act=anew"); /* a draft of before keeps to its release */
    if (city_fixture_play(s->city, "  - {who: citizen, do: apply, item: residence-proof}\n"
                                   "  - {who: citizen, do: answer, page: registered, with: {purpose: \"1\"}}\n", &id, &e))
        fail_msg("%s", e.detail);
    const char *tasks = arena_fmt(&s->arena, "/zh/case/%lld/fill", (long long)id).ptr;
    const char *letter = arena_fmt(&s->arena, "/zh/case/%lld/material/letter", (long long)id).ptr;
    struct str page = site_get(&v, tasks);
    assert_true(site_has(page, "学校的来函") && site_has(page, "选填") && site_has(page, "可以提交"));
    (void)site_get(&v, letter);
    assert_int_equal(site_status(site_upload(&v, letter, "file", "letter.pdf", S("%PDF-1.4 letter"))), 303);
    page = site_get(&v, tasks);
    assert_true(site_has(page, "letter.pdf") && site_has(page, "可以提交"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f8_hostile_text_is_refused_at_its_field),
        cmocka_unit_test(test_f10_the_summary_names_its_fields),
        cmocka_unit_test(test_a_refusal_is_one_plain_sentence),
        cmocka_unit_test(test_an_upload_has_its_blank_form_and_its_place),
        cmocka_unit_test(test_f19_a_file_over_the_limit),
        cmocka_unit_test(test_a_draft_is_gone_on_with_or_begun_anew),
        cmocka_unit_test(test_f12_a_missing_material_is_named_in_english),
        cmocka_unit_test(test_what_is_not_asked_for_is_not_taken),
        cmocka_unit_test(test_codes_of_a_registry_are_translated), /* the last two: they change a system */
        cmocka_unit_test(test_a_material_that_is_not_required_is_offered),
    };
    return SITE_FIXTURE_RUN("fill", tests);
}
