/* a clock set back, as a person meets it: while nothing can be saved, a form that is sent is answered with why and by how much, what
 * was typed comes back with it, what was saved stands, and reading goes on; once the clock is right the same form goes through, once.
 */
#include "app/site_fixture.h"

#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BACK_MS (INT64_C(60) * 60000)

static const char *const typed = "  - {who: citizen, do: apply, item: residence-proof}\n"
                                 "  - {who: citizen, do: answer, page: registered, with: {purpose: \"1\", recipient: 样校}}\n";

static void play(struct site *s, const char *steps, int64_t *id) {
    struct err e = { 0 };
    if (city_fixture_play(s->city, steps, id, &e)) fail_msg("%s", e.detail);
}

static const char *page_of(struct site *s, const char *before, int64_t id, const char *rest) {
    return arena_fmt(&s->arena, "%s%lld%s", before, (long long)id, rest).ptr;
}

static struct str shown_after(struct site *s, struct str page, const char *before) {
    size_t at = str_find(page, str_of(before), 0);
    if (at == SIZE_MAX) fail_msg("no %s", before);
    at += str_of(before).len;
    return arena_str(&s->arena, str_sub(page, at, str_find_char(page, '"', at) - at));
}

/* The submit of a case: the page itself comes back, with the tick; nothing is submitted; then it is, once. */
static void test_a_submit(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    int64_t id = 0;
    play(s, typed, &id);
    site_sign_in(&v, "citizen");
    const char *check = page_of(s, "/zh/case/", id, "/check");
    assert_int_equal(site_status(site_get(&v, check)), 200);
    os_clock_set(os_now_ms() - BACK_MS);
    struct str late = site_post(&v, check, "declared=yes");
    assert_int_equal(site_status(late), 503);
    assert_true(site_has(late, "<h2>暂时不能办理</h2><p>服务器的时间比上次保存时早了 60 分钟，为保护办理时限，暂时不能保存；没有任何内容丢失。"));
    assert_true(site_has(late, "name=\"declared\" value=\"yes\" checked") && site_has(late, "样校"));
    struct str english = site_post(&v, page_of(s, "/en/case/", id, "/check"), "declared=yes");
    assert_int_equal(site_status(english), 503);
    assert_true(site_has(english, "The server's clock is 60 minutes behind") && site_has(english, "nothing is lost"));
    struct str space = site_get(&v, "/zh/space/cases");
    assert_int_equal(site_status(space), 200);
    assert_true(site_has(space, "草稿</span>") && site_lacks(space, "待受理</span>"));
    os_clock_set(os_now_ms() + BACK_MS);
    struct str done = site_post(&v, check, "declared=yes"), twice = site_post(&v, check, "declared=yes");
    assert_int_equal(site_status(done), 303);
    assert_true(str_eq(site_location(done), site_location(twice)));
    struct city_look l;
    city_fixture_look(s->city, &l, id, "confirm");
    assert_true(l.c.submitted_ms && l.task);
    play(s, "  - {who: citizen, do: withdraw, opinion: 完}\n", &id);
}

/* Answers: what was typed stands in its field, what was saved before stands in the case. */
static void test_a_page_of_answers(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    int64_t id = 0;
    play(s, typed, &id);
    site_sign_in(&v, "citizen");
    const char *page = page_of(s, "/zh/case/", id, "/fill/registered");
    assert_true(site_has(site_get(&v, page), "value=\"样校\""));
    os_clock_set(os_now_ms() - BACK_MS);
    struct str late = site_post(&v, page, "purpose=2&recipient=样公司");
    assert_int_equal(site_status(late), 503);
    assert_true(site_has(late, "早了 60 分钟") && site_has(late, "name=\"recipient\" type=\"text\" value=\"样公司\""));
    assert_true(site_has(site_get(&v, page), "value=\"样校\""));
    os_clock_set(os_now_ms() + BACK_MS);
    assert_int_equal(site_status(site_post(&v, page, "purpose=2&recipient=样公司")), 303);
    assert_true(site_has(site_get(&v, page), "value=\"样公司\""));
}

/* A decision: the officer's page is an act of its own (who looked is noted) and cannot be shown; the form waits on the error page. */
static void test_a_decision(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    int64_t id = 0;
    struct city_look l;
    play(s, typed, &id);
    play(s, "  - {who: citizen, do: submit}\n", &id);
    city_fixture_look(s->city, &l, id, "confirm");
    site_sign_in(&v, "police");
    const char *task = page_of(s, "/zh/desk/task/", l.task, "");
    struct str version = shown_after(s, site_get(&v, task), "name=\"version\" value=\"");
    const char *fields = arena_fmt(&s->arena, "version=%.*s&move=approve&opinion=逐项核对过，“属实”。", STR_ARG(version)).ptr;
    os_clock_set(os_now_ms() - BACK_MS);
    struct str late = site_post(&v, task, fields);
    assert_int_equal(site_status(late), 503);
    assert_true(site_has(late, "早了 60 分钟") && site_has(late, "再提交一次") && site_has(late, "ERR_CLOCK"));
    assert_true(site_has(late, "name=\"opinion\" value=\"逐项核对过，“属实”。\"") && site_has(late, "name=\"move\" value=\"approve\""));
    assert_true(site_has(late, arena_fmt(&s->arena, "name=\"_key\" value=\"%.*s\"", STR_ARG(v.key)).ptr));
    os_clock_set(os_now_ms() + BACK_MS);
    city_fixture_look(s->city, &l, id, "confirm");
    assert_true(l.task && !l.c.ended_ms);
    struct str done = site_post(&v, task, fields), twice = site_post(&v, task, fields);
    assert_int_equal(site_status(done), 303);
    assert_true(str_eq(site_location(done), site_location(twice)));
}

/* Of a form with a password nothing is carried along. */
static void test_a_password_is_not_carried(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    (void)site_get(&v, "/zh/sign-in");
    v.key = S("");
    os_clock_set(os_now_ms() - BACK_MS);
    struct str late = site_post(&v, "/zh/sign-in", "login=citizen&password=nobody-reads-this");
    os_clock_set(os_now_ms() + BACK_MS);
    assert_int_equal(site_status(late), 503);
    assert_true(site_has(late, "早了 60 分钟") && site_lacks(late, "nobody-reads-this"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_submit),
        cmocka_unit_test(test_a_page_of_answers),
        cmocka_unit_test(test_a_decision),
        cmocka_unit_test(test_a_password_is_not_carried),
    };
    return SITE_FIXTURE_RUN("clock set back", tests);
}
