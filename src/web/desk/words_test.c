/* the desk over HTTP: what officers are told, in both languages. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *const submitted = "  - {who: citizen, do: apply, item: residence-proof}\n"
                                     "  - {who: citizen, do: answer, page: registered, with: {purpose: \"1\", recipient: 样校}}\n"
                                     "  - {who: citizen, do: submit}\n";

/* The path of the first task in the officer's queue. */
static const char *first_task(struct site *s, struct visitor *v, const char *login) {
    struct err e = { 0 };
    int64_t id = 0;
    if (city_fixture_play(s->city, submitted, &id, &e)) fail_msg("%s", e.detail);
    site_sign_in(v, login);
    struct str desk = site_get(v, "/zh/desk");
    size_t at = str_find(desk, S("/zh/desk/task/"), 0);
    assert_true(at != SIZE_MAX);
    return arena_cstr(&s->arena, str_sub(desk, at, str_find_char(desk, '"', at) - at));
}

/* F20: who decided already is told that it was himself. F18: when is not "opening hours". */
static void test_f20_the_same_officer_twice(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    const char *task = first_task(s, &v, "police");
    struct str page = site_get(&v, task);
    size_t at = str_find(page, S("name=\"version\" value=\""), 0) + 22;
    struct str version = str_sub(page, at, str_find_char(page, '"', at) - at);
    const char *first = arena_fmt(&s->arena, "version=%.*s&move=approve&opinion=一", STR_ARG(version)).ptr;
    struct str csrf = v.csrf;
    assert_int_equal(site_status(site_post(&v, task, first)), 303);
    (void)site_get(&v, "/en/desk");
    v.csrf = csrf;
    v.key = S("00000000000000000000000000000001");
    struct str again = site_post(&v, task, arena_fmt(&s->arena, "version=%.*s&move=refuse&opinion=二&basis=三", STR_ARG(version)).ptr);
    assert_int_equal(site_status(again), 409);
    assert_true(site_has(again, "这个任务您已经办完，这一次的结果没有提交") && site_lacks(again, "由别人办完"));
    assert_true(site_has(again, "决定时间"));
    struct str done = site_get(&v, "/en/desk/done"); /* F18 */
    assert_int_equal(site_status(done), 200);
    assert_true(site_has(done, ">Decided at<") && site_lacks(done, "Opening hours"));
}

/* F25: nobody has it yet is no "Claimed". */
static void test_f25_a_task_that_nobody_has(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str path = str_of(first_task(s, &v, "police"));
    struct str page = site_get(&v, arena_fmt(&s->arena, "/en%.*s", STR_ARG(str_sub(path, 3, path.len))).ptr);
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "<dt>Claim</dt><dd>Not claimed yet</dd>"));
}

/* F24: what a registry says is shown with which registry, and since when it says so. */
static void test_f24_officers_see_where_data_come_from(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str path = str_of(first_task(s, &v, "police"));
    struct str zh = site_get(&v, path.ptr), en = site_get(&v, arena_fmt(&s->arena, "/en%.*s", STR_ARG(str_sub(path, 3, path.len))).ptr);
    assert_true(site_has(zh, "来自“") && site_has(zh, "，登记于 2026年11月") && site_lacks(zh, "<span class=\"meta\">登记信息"));
    assert_true(site_has(en, "From “") && site_has(en, ", registered on ") && site_has(en, "November 2026"));
}

/* The part of a page that stands between two texts. */
static struct str between(struct str page, const char *from, const char *to) {
    size_t at = str_find(page, str_of(from), 0);
    if (at == SIZE_MAX) fail_msg("no %s in %.*s", from, STR_ARG(page));
    return str_sub(page, at, str_find(page, str_of(to), at) - at);
}

static void play(struct site *s, const char *steps, int64_t *id) {
    struct err e = { 0 };
    if (city_fixture_play(s->city, steps, id, &e)) fail_msg("%s %s", e.field, e.detail);
}

/* While a supplement is waited for, no page and no row speaks of days left: the clock stands, since when and for what. */
static void test_a_clock_that_stands(void **state) {
    static const char *const paused = "计时暂停：等待申请人补正，2026年11月1";
    static const char *const english = "Clock stopped: Waiting for the applicant's supplement, since 1";
    SITE(s);
    struct visitor fire = { .site = s }, v = { .site = s };
    struct actor company;
    int64_t id = 0;
    play(s, CITY_SHOP_APPLY CITY_BIG_SHOP("120101") CITY_SHOP_SUBMIT
         "  - {who: window-clerk, do: decide, task: intake, move: accept}\n"
         "  - {who: food-reviewer, do: decide, task: survey, move: pass}\n" CITY_BIG_SURVEYED
         "  - {who: food-reviewer, do: decide, task: food_review, move: supplement, opinion: 请补清晰的平面图}\n", &id);
    city_fixture_actor(s->city, "company", &company);
    site_sign_in(&v, "company");
    (void)site_get(&v, "/zh/identity");
    (void)site_post(&v, "/zh/identity", arena_fmt(&s->arena, "for=%lld", (long long)company.on_behalf).ptr);
    site_sign_in(&fire, "fire");
    const char *mine = arena_fmt(&s->arena, "/zh/case/%lld", (long long)id).ptr;
    struct str page = site_get(&v, mine);
    assert_true(site_has(page, paused) && site_has(page, "；已用 ") && site_lacks(page, "剩余") && site_lacks(page, "应在 "));
    struct str rows = between(site_get(&fire, "/zh/desk"), "<tbody", "</tbody>");
    assert_true(site_has(rows, paused) && site_has(rows, "截止 ") && site_lacks(rows, "剩余")); /* the step's own limit goes on */
    assert_true(site_has(between(site_get(&fire, "/zh/desk?due=paused"), "<tbody", "</tbody>"), paused));
    struct str en = between(site_get(&fire, "/en/desk"), "<tbody", "</tbody>");
    assert_true(site_has(en, english) && site_lacks(en, "left"));
    static const char *const lists[] = { "/zh/space/cases", "/zh/space" };
    for (size_t i = 0; i < 2; i++) {
        struct str list = site_get(&v, lists[i]);
        assert_true(site_has(list, paused) && site_lacks(list, "<span>承诺 "));
    }
    play(s, "  - {who: company, do: supplement, opinion: 已补}\n", &id);
    page = site_get(&v, mine);
    assert_true(site_has(page, "剩余 ") && site_has(page, "应在 ") && site_lacks(page, paused));
    assert_true(site_has(between(site_get(&fire, "/zh/desk"), "<tbody", "</tbody>"), "剩余 "));
    play(s, "  - {who: company, do: withdraw, opinion: 完}\n", &id);
}

/* An identity number that was typed is masked for the window, which does not decide on it, and stands whole where it is decided on. */
static void test_an_identity_number_is_masked(void **state) {
    SITE(s);
    struct visitor window = { .site = s }, food = { .site = s };
    int64_t id = 0;
    play(s, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT, &id);
    site_sign_in(&window, "window");
    site_sign_in(&food, "food");
    struct city_look l;
    city_fixture_look(s->city, &l, id, "intake");
    struct str page = site_get(&window, arena_fmt(&s->arena, "/zh/desk/task/%lld", (long long)l.task).ptr);
    assert_true(site_has(page, "9****************X <span class=\"meta\">已遮盖</span>") && site_lacks(page, "99010119900307100X"));
    page = site_get(&window, arena_fmt(&s->arena, "/zh/desk/case/%lld", (long long)id).ptr);
    assert_true(site_has(page, "9****************X") && site_lacks(page, "99010119900307100X"));
    play(s, "  - {who: window-clerk, do: decide, task: intake, move: accept}\n"
            "  - {who: food-reviewer, do: decide, task: survey, move: pass}\n", &id);
    city_fixture_look(s->city, &l, id, "food_review");
    page = site_get(&food, arena_fmt(&s->arena, "/zh/desk/task/%lld", (long long)l.task).ptr);
    assert_true(site_has(page, "99010119900307100X") && site_lacks(page, "已遮盖"));
    play(s, "  - {who: company, do: withdraw, opinion: 完}\n", &id);
}

/* A list leaves no entry, and masks who it is; opening the task does. A company's name is no secret. */
static void test_a_list_masks_who_applies(void **state) {
    SITE(s);
    struct visitor police = { .site = s }, window = { .site = s };
    struct actor citizen, company;
    int64_t id = 0;
    const char *task = first_task(s, &police, "police");
    city_fixture_actor(s->city, "citizen", &citizen);
    city_fixture_actor(s->city, "company", &company);
    struct str rows = between(site_get(&police, "/zh/desk"), "<tbody", "</tbody>");
    const char *name = arena_cstr(&s->arena, citizen.name);
    assert_true(site_lacks(rows, name) && site_has(rows, arena_fmt(&s->arena, "%.3s*", name).ptr));
    assert_true(site_lacks(site_get(&police, "/zh/desk/export"), name));
    assert_true(site_has(site_get(&police, task), name));
    play(s, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT, &id);
    site_sign_in(&window, "window");
    assert_true(site_has(site_get(&window, "/zh/desk"), arena_cstr(&s->arena, company.on_behalf_name)));
    play(s, "  - {who: company, do: withdraw, opinion: 完}\n", &id);
}

/* Who heads a unit that has none below it names a deputy for its officers all the same. */
static void test_a_head_chooses_his_own_unit_too(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct actor head;
    city_fixture_actor(s->city, "head", &head);
    site_sign_in(&v, "head");
    struct str page = site_get(&v, "/zh/desk/deputies/unit/new");
    const char *own = arena_fmt(&s->arena, "value=\"%lld\"", (long long)head.posts[0].unit).ptr;
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, own));
    page = site_get(&v, arena_fmt(&s->arena, "/zh/desk/deputies/unit/new?unit=%lld", (long long)head.posts[0].unit).ptr);
    assert_int_equal(site_status(page), 200);
}

/* What goes on a paper is in the paper's language, whatever the officer reads; what he reads beside it is in his. */
static void test_the_basis_is_in_the_language_of_papers(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str path = str_of(first_task(s, &v, "police"));
    struct str en = site_get(&v, arena_fmt(&s->arena, "/en%.*s", STR_ARG(str_sub(path, 3, path.len))).ptr);
    size_t from = str_find(en, S("<textarea id=\"basis\""), 0), to = str_find(en, S("</textarea>"), from);
    assert_true(from != SIZE_MAX && to != SIZE_MAX);
    struct str field = str_sub(en, from, to - from);
    assert_true(site_has(field, "《居住证暂行条例》") && site_has(field, "lang=\"zh-CN\""));
    assert_true(site_has(en, "in Chinese</p>"));
    /* An event of the log says what happened, not what to do. */
    assert_true(site_has(en, "The applicant started filling in") && site_has(en, "The applicant submitted the application"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f20_the_same_officer_twice),
        cmocka_unit_test(test_f24_officers_see_where_data_come_from),
        cmocka_unit_test(test_a_clock_that_stands),
        cmocka_unit_test(test_an_identity_number_is_masked),
        cmocka_unit_test(test_a_list_masks_who_applies),
        cmocka_unit_test(test_a_head_chooses_his_own_unit_too),
        cmocka_unit_test(test_the_basis_is_in_the_language_of_papers),
        cmocka_unit_test(test_f25_a_task_that_nobody_has),
    };
    return SITE_FIXTURE_RUN("desk words", tests);
}
