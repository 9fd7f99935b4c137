/* A password that serves once: nothing but setting one's own may be done with it; what is asked of the new one; wrong ones lock; sessions
 * of the one before end; and a new one-time password for who is locked out. Over HTTP, on both stores. */
#include "app/site_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define OWN "a-password-of-ones-own"
static const char three[] = "login,name,role,unit\nli.ming,样李明,system-admin,office\nwang.fang,样王芳,security-admin,office\n"
                            "zhao.lei,样赵磊,audit-admin,office\n";

/* The passwords as they were printed: the last word of each line. */
static struct str begin(struct site *s, const char *login) {
    struct buf out;
    struct err e = { 0 };
    static struct str lines;
    static int of = -1;
    if (of != s->city->postgres) {
        buf_init(&out, &s->arena, 1024, 4096);
        struct str units = S("code,title,parent,division\noffice,样办公室,,\n");
        if (app_begin_people(s->city->app, &s->arena, str_of(three), units, &out, &e)) fail_msg("%s", e.detail);
        lines = buf_str(&out);
        of = s->city->postgres;
    }
    size_t at = str_find(lines, str_of(login), 0), end = str_find_char(lines, '\n', at);
    assert_true(at != SIZE_MAX && end != SIZE_MAX);
    return str_sub(lines, end - 19, 19);
}

static struct str sign_in(struct visitor *v, const char *login, struct str password) {
    (void)site_get(v, "/zh/sign-in");
    return site_post(v, "/zh/sign-in", arena_fmt(&v->site->arena, "login=%s&password=%.*s", login, STR_ARG(password)).ptr);
}

static struct str set(struct visitor *v, struct str now, const char *next, const char *again) {
    assert_int_equal(site_status(site_get(v, "/zh/password")), 200);
    struct str fields = arena_fmt(&v->site->arena, "current=%.*s&password=%s&password-again=%s&back=%%2Fzh%%2Fadmin%%2Fposts",
                                  STR_ARG(now), next, again);
    return site_post(v, "/zh/password", fields.ptr);
}

static void test_serves_once(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, elsewhere = { .site = s }, again = { .site = s };
    struct str once = begin(s, "wang.fang"), wrong = S("not-the-password");
    assert_int_equal(site_status(sign_in(&elsewhere, "wang.fang", once)), 303);
    assert_int_equal(site_status(sign_in(&v, "wang.fang", once)), 303);
    struct str reply = site_get(&v, "/zh/admin/posts");
    assert_int_equal(site_status(reply), 303);
    assert_true(str_starts(site_location(reply), S("/zh/password?back=")));
    assert_true(site_has(site_get(&v, "/zh/password"), "只能用这一次"));
    assert_int_equal(site_status(site_get(&v, "/zh/")), 200); /* what everybody may see */
    reply = site_post(&v, "/zh/admin/posts", "login=wang.fang&role=window-clerk&unit=1");
    assert_true(site_status(reply) == 303 && str_starts(site_location(reply), S("/zh/password")));

    assert_true(site_has(set(&v, once, "short", "short"), "至少 12 个字符"));
    assert_true(site_has(set(&v, once, OWN, OWN "x"), "与上面的密码相同"));
    assert_true(site_has(set(&v, once, arena_cstr(&s->arena, once), arena_cstr(&s->arena, once)), "与现在的密码不同"));
    reply = set(&v, wrong, OWN, OWN);
    assert_int_equal(site_status(reply), 422);
    assert_true(site_lacks(reply, OWN)); /* no password is sent back */
    reply = set(&v, once, OWN, OWN);
    assert_int_equal(site_status(reply), 303);
    assert_true(str_eq(site_location(reply), S("/zh/admin/posts")));
    assert_int_equal(site_status(site_get(&v, "/zh/admin/posts")), 200);
    assert_true(str_starts(site_location(site_get(&elsewhere, "/zh/admin/posts")), S("/zh/sign-in"))); /* ended */
    assert_int_equal(site_status(sign_in(&again, "wang.fang", once)), 422);
    assert_int_equal(site_status(sign_in(&again, "wang.fang", S(OWN))), 303);
    assert_true(site_lacks(site_get(&again, "/zh/password"), "只能用这一次"));
}

static void test_wrong_ones_lock(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str once = begin(s, "zhao.lei");
    assert_int_equal(site_status(sign_in(&v, "zhao.lei", once)), 303);
    for (int i = 0; i < 5; i++) assert_int_equal(site_status(set(&v, S("not-the-password"), OWN, OWN)), 422);
    assert_true(site_has(set(&v, once, OWN, OWN), "已暂时锁定"));
    os_clock_advance(15 * 60000 + 1000);
    struct visitor later = { .site = s };
    assert_int_equal(site_status(sign_in(&later, "zhao.lei", once)), 303);
    assert_int_equal(site_status(set(&later, once, OWN, OWN)), 303);
}

static void test_locked_out(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, after = { .site = s };
    struct str once = begin(s, "li.ming"), second = S("");
    assert_int_equal(site_status(sign_in(&v, "li.ming", once)), 303);
    assert_int_equal(site_status(set(&v, once, OWN, OWN)), 303);
    assert_int_equal(app_reset_password(s->city->app, &s->city->app->worker, &s->arena, S("nobody-here"), &second, NULL), ERR_NOT_FOUND);
    assert_int_equal(app_reset_password(s->city->app, &s->city->app->worker, &s->arena, S("li.ming"), &second, NULL), 0);
    assert_true(second.len == once.len && !str_eq(second, once));
    assert_int_equal(site_status(site_get(&v, "/zh/admin/users")), 303);
    assert_int_equal(site_status(sign_in(&after, "li.ming", S(OWN))), 422);
    assert_int_equal(site_status(sign_in(&after, "li.ming", second)), 303);
    assert_true(str_starts(site_location(site_get(&after, "/zh/admin/users")), S("/zh/password")));
}

/* Who the administrators are is refused whole, with its line. */
static void test_the_three(void **state) {
    static const struct {
        const char *csv, *says;
        uint32_t line;
    } bad[] = {
        { "login,name,role\na.one,样,system-admin\na.two,样,security-admin\n", "all of", 4 },
        { "login,name,role\na.one,样,system-admin\na.two,样,security-admin\na.one,样,audit-admin\n", "three people", 4 },
        { "login,name,role\na.one,样,system-admin\na.two,样,system-admin\na.three,样,audit-admin\n", "once", 3 },
        { "login,name,role\na.one,样,window-clerk\n", "one of", 2 },
        { "login,name,role\nA One,样,system-admin\n", "login", 2 },
        { "login,name,role\na.one,,system-admin\n", "name", 2 },
    };
    SITE(s);
    struct buf out;
    buf_init(&out, &s->arena, 1024, 4096);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = { 0 };
        assert_int_equal(app_begin_people(s->city->app, &s->arena, str_of(bad[i].csv), S(""), &out, &e), ERR_INPUT);
        assert_true(e.line == bad[i].line && str_find(str_of(e.detail), str_of(bad[i].says), 0) != SIZE_MAX);
    }
    assert_int_equal(buf_str(&out).len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_serves_once),
        cmocka_unit_test(test_wrong_ones_lock),
        cmocka_unit_test(test_locked_out),
        cmocka_unit_test(test_the_three),
    };
    return SITE_FIXTURE_RUN("password", tests);
}
