/* sign-in over HTTP: what it tells to whom. */
#include "app/site_fixture.h"
#include "crypto/crypto.h"
#include "engine/identity/identity.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The page without what is different each time it is drawn: tokens, the request's id, and the names as they were typed. */
static struct str bare(struct site *s, struct str reply) {
    static const char *const drop[] = { "name=\"_csrf\" value=\"", "X-Request-Id: ", "Date: ", "Content-Length: ", "Set-Cookie: " };
    struct buf b;
    buf_init(&b, &s->arena, reply.len, reply.len);
    for (size_t i = 0; i < reply.len;) {
        struct str rest = str_sub(reply, i, reply.len);
        for (size_t k = 0; k < sizeof drop / sizeof *drop; k++)
            if (str_starts(rest, str_of(drop[k]))) {
                i += strlen(drop[k]);
                while (i < reply.len && reply.ptr[i] != '"' && reply.ptr[i] != '\n') i++;
                rest = str_sub(reply, i, reply.len);
            }
        if (str_starts(rest, S("citizen")) || str_starts(rest, S("citizem"))) i += 7;
        else buf_add_char(&b, reply.ptr[i++]);
    }
    return buf_str(&b);
}

/* F33: seven wrong passwords for an account and for none: the same pages, byte for byte. */
static void test_f33_sign_in_tells_not_which_accounts_exist(void **state) {
    static const char *const names[] = { "citizen", "citizem" };
    SITE(s);
    for (int i = 0; i < 7; i++) {
        struct str page[2];
        for (int k = 0; k < 2; k++) {
            struct visitor v = { .site = s };
            (void)site_get(&v, "/zh/sign-in");
            page[k] = site_post(&v, "/zh/sign-in", arena_fmt(&s->arena, "login=%s&password=wrong-%d", names[k], i).ptr);
            assert_int_equal(site_status(page[k]), i < 5 ? 422 : 429);
            if (i >= 5) assert_true(site_has(page[k], "已暂时锁定"));
            page[k] = bare(s, page[k]);
        }
        if (!str_eq(page[0], page[1])) fail_msg("%d:\n%.*s\n---\n%.*s", i, STR_ARG(page[0]), STR_ARG(page[1]));
    }
}

#define PASSWORD "tongban-demo-2026" /* of every demo account */

struct making {
    const struct city *city;
    struct str hash;
};
static int make_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct making *m = job->arg;
    int64_t id;
    return identity_account_create(tx, &m->city->app->realm, &m->city->app->worker, S("in-earnest"), S("样真"), m->hash, 0, false, &id, e);
}

static struct str try_in(struct site *s, const char *login, const char *password) {
    struct visitor v = { .site = s };
    (void)site_get(&v, "/zh/sign-in");
    return site_post(&v, "/zh/sign-in", arena_fmt(&s->arena, "login=%s&password=%s", login, password).ptr);
}

/* Where the server listens for others than its own machine (cmd_serve), everybody knows the password of a demo account and nobody comes in
 * by it: what is said is what is said of a wrong one. */
static void test_demo_accounts_sign_in_only_on_a_loopback_address(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct making m = { .city = s->city };
    struct err e = { 0 };
    assert_int_equal(password_hash(&s->arena, S(PASSWORD), &m.hash, &e), 0);
    assert_int_equal(city_fixture_run(s->city, make_body, &m, &e), 0);
    assert_true(s->city->app->demo);
    assert_int_equal(site_status(try_in(s, "window", PASSWORD)), 303);
    assert_true(site_has(site_get(&v, "/zh/sign-in"), "<strong class=\"number\">window</strong>"));
    assert_true(site_has(site_get(&v, "/zh/sign-in"), "population-city</strong> <span class=\"meta\">人口信息登记员（全市）<")); /* as ./run prints */
    s->city->app->demo = false;
    struct str known = try_in(s, "window", PASSWORD), wrong = try_in(s, "window", "wrong");
    struct str own = try_in(s, "in-earnest", PASSWORD), page = site_get(&v, "/zh/sign-in");
    s->city->app->demo = true;
    assert_int_equal(site_status(known), 422);
    assert_true(str_eq(bare(s, known), bare(s, wrong)));
    assert_true(site_lacks(page, "<strong class=\"number\">window</strong>") && site_lacks(page, PASSWORD));
    assert_int_equal(site_status(own), 303); /* an account that is nobody's demonstration */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demo_accounts_sign_in_only_on_a_loopback_address),
        cmocka_unit_test(test_f33_sign_in_tells_not_which_accounts_exist),
    };
    return SITE_FIXTURE_RUN("sign-in", tests);
}
