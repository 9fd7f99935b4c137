/* I6 over HTTP on both stores: holidays are announced as a draft, all that is wrong is told at its field,
 * what would move is tried first, another person releases it, and the limits of cases under way follow.
 */
#include "app/site_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *below(struct site *s, struct str location, const char *tail) {
    struct str path = str_sub(location, str_find(location, S("/admin/"), 0), location.len);
    return arena_fmt(&s->arena, "/zh%.*s%s", STR_ARG(path), tail).ptr;
}

static struct str begin(struct visitor *v, const char *system) {
    (void)site_get(v, "/zh/admin/drafts");
    struct str reply = site_post(v, "/zh/admin/drafts", arena_fmt(&v->site->arena, "system=%s", system).ptr);
    assert_int_equal(site_status(reply), 303);
    return site_location(reply);
}

static struct str send(struct visitor *v, const char *path, const char *fields) {
    struct str version = site_hidden(v->site, site_get(v, path), "version");
    return site_post(v, path, arena_fmt(&v->site->arena, "version=%.*s&%s", STR_ARG(version), fields).ptr);
}

static int64_t open_case(const struct city *c) {
    struct err e = { 0 };
    int64_t id = 0;
    if (city_fixture_play(c,
                          CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
                          "  - {who: window-clerk, do: decide, task: intake, move: accept, expect: {state: accepted}}\n",
                          &id, &e))
        fail_msg("%s", e.detail);
    return id;
}

#define OFF_2026 "do=add&name=临时放假&from-year=2026&from-month=11&from-day=18"

static void test_faults(void **state) {
    SITE(s);
    struct visitor editor = { .site = s };
    site_sign_in(&editor, "editor");
    struct str at = begin(&editor, "common");
    const char *path = below(s, at, "/calendar");
    assert_true(site_has(site_get(&editor, below(s, at, "")), "放假和调休"));
    struct str page = send(&editor, path, "do=add&name=&from-year=&work=tomorrow");
    assert_int_equal(site_status(page), 422);
    assert_true(site_has(page, "href=\"#name\"") && site_has(page, "href=\"#from\"") && site_has(page, "href=\"#work\""));
    assert_true(site_has(page, "tomorrow</textarea>"));
    page = send(&editor, path, "do=add&name=a,b&from-year=2026&from-month=10&from-day=1&to-year=2027&to-month=10&to-day=1");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#name\"") && site_has(page, "href=\"#to\""));
    page = send(&editor, path, "do=add&name=国庆节&from-year=2026&from-month=10&from-day=8&work=2026-10-08");
    assert_true(site_status(page) == 422 && site_has(page, "2026-10-08 已经在安排里"));
    page = send(&editor, path, "do=add&name=国庆节&from-year=2026&from-month=10&from-day=7");
    assert_true(site_status(page) == 422 && site_has(page, "2026-10-07 已经在安排里"));
    assert_true(site_has(site_get(&editor, below(s, at, "/difference")), "没有差别") ||
                site_lacks(site_get(&editor, below(s, at, "/difference")), "holiday.csv"));
    /* a system without holidays says so, and takes none */
    at = begin(&editor, "approval/residence-proof");
    page = site_get(&editor, below(s, at, "/calendar"));
    assert_true(site_status(page) == 200 && site_has(page, "这个系统里没有放假安排"));
    (void)site_get(&editor, "/zh/admin/drafts");
    page = site_post(&editor, below(s, at, "/calendar"), "version=1&" OFF_2026);
    assert_int_equal(site_status(page), 409);
}

static struct str due_of(struct site *s, int64_t id) {
    struct city_look l;
    city_fixture_look(s->city, &l, id, "survey");
    return arena_str(&s->arena, val_get_str(val_get(l.view, S("clock")), S("due_iso")));
}

static void test_announced(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, admin = { .site = s };
    const int64_t id = open_case(s->city);
    struct city_look l;
    size_t n;
    city_fixture_look(s->city, &l, id, "survey");
    struct str number = arena_str(&s->arena, l.c.number), was = due_of(s, id);
    const int64_t due = l.c.due_ms;
    site_sign_in(&editor, "editor");
    struct str at = begin(&editor, "common");
    const char *path = below(s, at, "/calendar");
    struct str page = send(&editor, path, OFF_2026 "&work=2026-12-12%0D%0A");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, path);
    assert_true(site_has(page, "临时放假") && site_has(page, "12月12日（星期六）"));
    page = send(&editor, path, "do=add&name=元旦&from-year=2027&from-month=1&from-day=1&to-year=2027&to-month=1&to-day=3&work=2027-01-09");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, below(s, at, "/difference"));
    assert_true(site_has(page, "codes/holiday.csv") && site_has(page, "<ins>临时放假 · 放假</ins>") &&
                site_has(page, "2027-01-09") && site_lacks(page, "2026-10-01"));
    /* taken out again; what somebody else took out meanwhile is told */
    page = site_get(&editor, below(s, at, "/calendar?year=2027"));
    assert_true(site_has(page, "1月1日（星期五） – 1月3日（星期日）"));
    page = send(&editor, path, "do=remove&first=2027-01-01");
    assert_int_equal(site_status(page), 303);
    page = send(&editor, path, "do=remove&first=2027-01-01");
    assert_int_equal(site_status(page), 409);
    assert_true(site_lacks(site_get(&editor, below(s, at, "/calendar?year=2027")), "1月9日"));
    /* the dry run: nothing has changed yet */
    page = site_get(&editor, below(s, at, "/moves"));
    assert_true(site_has(page, arena_fmt(&s->arena, "%.*s", STR_ARG(number)).ptr) && site_has(page, "晚 "));
    assert_true(str_eq(due_of(s, id), was));
    assert_true(site_has(site_get(&editor, below(s, at, "")), "没有问题"));
    assert_int_equal(site_status(send(&editor, below(s, at, ""), "do=propose")), 303);
    (void)site_get(&editor, "/zh/admin/drafts");
    assert_int_equal(site_status(site_post(&editor, path, "version=9&" OFF_2026)), 409); /* no longer open */
    site_sign_in(&admin, "system");
    page = site_get(&admin, below(s, at, "/approve"));
    assert_true(site_has(page, "启用后哪些期限会变"));
    assert_true(site_has(site_get(&admin, below(s, at, "/moves")), "晚 "));
    page = send(&admin, below(s, at, "/approve"), "do=release&from-year=2026&from-month=11&from-day=16");
    assert_int_equal(site_status(page), 303);
    assert_int_equal(app_activate_drafts(s->city->app, &n, NULL), 0);
    assert_int_equal(app_recount(s->city->app, &n, NULL), 0);
    assert_true(n >= 1);
    city_fixture_look(s->city, &l, id, "survey");
    assert_true(l.c.due_ms > due && !str_eq(due_of(s, id), was));
    assert_true(site_has(site_get(&editor, "/zh/admin/calendar?year=2026&month=11"), "临时放假"));
    assert_int_equal(site_status(send(&editor, below(s, begin(&editor, "common"), "/calendar"), "do=remove&first=2026-11-18")), 303);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_faults), cmocka_unit_test(test_announced) };
    return SITE_FIXTURE_RUN("holidays of a draft", tests);
}
