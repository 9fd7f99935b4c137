/* identity: locks, sessions, standing, administrators, mandates, posts, units; on both stores, in a city. */
#include "engine/identity/identity.h"

#include "app/city_fixture.h"
#include "crypto/crypto.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MINUTE = 60000 };

struct step {
    const struct realm *r;
    const char *login;
    struct identity_login found;
    struct actor who, admin, security;
    uint8_t token[IDENTITY_TOKEN_BYTES];
    int64_t session, account, company, unit, post;
    bool touch;
    struct str role;
    int64_t division;
};

static int find_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_login_find(tx, x->r, str_of(x->login), &x->found, e);
}
static int finish_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct actor nobody = { 0 };
    return identity_login_finish(tx, x->r, &nobody, &x->found, x->token, &x->session, e);
}
static int failed_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_login_failed(tx, x->r, &x->found, e);
}
static int session_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_session_find(tx, x->r, x->token, &x->who, &x->touch, e);
}
static int touch_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_session_touch(tx, x->r, x->session, e);
}

/* One try to sign in; the code of how it ended. */
static int sign_in(const struct city *c, struct step *x, const char *login, bool right) {
    struct err e;
    x->r = &c->app->realm;
    x->login = login;
    assert_int_equal(city_fixture_read(c, find_body, x, NULL), 0);
    x->found.verified = right && x->found.account;
    os_random(x->token, sizeof x->token);
    int rc = city_fixture_run(c, finish_body, x, &e);
    if (rc) assert_int_equal(city_fixture_plant(c, failed_body, x, NULL), 0);
    return rc;
}
static int session(const struct city *c, struct step *x) {
    return city_fixture_read(c, session_body, x, NULL);
}

static void test_five_failures_lock_for_a_quarter(void **state) {
    CITY(c);
    struct step x = { 0 };
    for (int i = 0; i < 4; i++) assert_int_equal(sign_in(c, &x, "audit", false), ERR_PASSWORD);
    os_clock_advance(16 * MINUTE); /* too old to count */
    for (int i = 0; i < 4; i++) assert_int_equal(sign_in(c, &x, "audit", false), ERR_PASSWORD);
    assert_int_equal(sign_in(c, &x, "audit", true), 0); /* a success clears them */
    for (int i = 0; i < 5; i++) assert_int_equal(sign_in(c, &x, "audit", false), ERR_PASSWORD);
    assert_int_equal(sign_in(c, &x, "audit", true), ERR_LOCKED);
    os_clock_advance(14 * MINUTE);
    assert_int_equal(sign_in(c, &x, "audit", true), ERR_LOCKED);
    os_clock_advance(2 * MINUTE);
    assert_int_equal(sign_in(c, &x, "audit", true), 0);
    /* unknown names answer like wrong passwords, and cost a hash of the same parameters */
    assert_int_equal(sign_in(c, &x, "nobody-of-this-name", true), ERR_PASSWORD);
    assert_true(str_starts(x.found.hash, S("$argon2id$v=19$m=65536,t=3,p=1$")));
    struct str unknown = str_sub(x.found.hash, 0, 31), made;
    struct arena a;
    arena_init(&a, "identity test", 64 * 1024);
    assert_int_equal(password_hash(&a, S("of an account"), &made, NULL), 0);
    assert_true(str_eq(str_sub(made, 0, 31), unknown));
    assert_int_equal(unknown.len, 31);
    arena_done(&a);
}

/* F33: whether a name has an account cannot be told from what its lock does: same codes, after the same number of tries. */
static void test_f33_a_lock_tells_nothing_of_accounts(void **state) {
    static const char *const names[] = { "police", "nobody-has-this-name", "" };
    CITY(c);
    for (size_t i = 0; i < 3; i++) {
        struct step x = { 0 };
        for (int k = 0; k < 5; k++) assert_int_equal(sign_in(c, &x, names[i], false), ERR_PASSWORD);
        for (int k = 0; k < 2; k++) assert_int_equal(sign_in(c, &x, names[i], false), ERR_LOCKED);
        assert_true(x.found.locked);
        os_clock_advance(16 * MINUTE);
        assert_int_equal(sign_in(c, &x, names[i], false), ERR_PASSWORD);
    }
}

STORE_STMT(identity_test_tries, STORE_READS, "SELECT COUNT(*) FROM identity_try WHERE home = ?");
static int tries_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct store_val v[] = { SV_I(x->r->home.v) };
    return store_one_i64(tx, &identity_test_tries, v, 1, &x->session, e);
}

/* Made-up names do not pile up: what no longer counts goes as others come. */
static void test_f33_made_up_names_do_not_pile_up(void **state) {
    CITY(c);
    struct step x = { .r = &c->app->realm };
    char name[32];
    for (int i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof name, "made-up-%d", i);
        assert_int_equal(sign_in(c, &x, name, false), ERR_PASSWORD);
    }
    assert_int_equal(city_fixture_read(c, tries_body, &x, NULL), 0);
    assert_true(x.session >= 20);
    os_clock_advance(31 * MINUTE);
    assert_int_equal(sign_in(c, &x, "made-up-last", false), ERR_PASSWORD);
    assert_int_equal(city_fixture_read(c, tries_body, &x, NULL), 0);
    assert_int_equal(x.session, 1);
}

/* An account put out of use says so to who knows its password, and to nobody else. */
static int lock_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_account_lock(tx, x->r, &x->admin, x->found.account, x->touch, e);
}
static void test_f33_an_account_out_of_use_answers_like_none(void **state) {
    CITY(c);
    struct step x = { .r = &c->app->realm, .login = "fire" };
    city_fixture_actor(c, "system-admin", &x.admin);
    assert_int_equal(city_fixture_read(c, find_body, &x, NULL), 0);
    x.touch = true;
    assert_int_equal(city_fixture_run(c, lock_body, &x, NULL), 0);
    assert_int_equal(sign_in(c, &x, "fire", false), ERR_PASSWORD);
    assert_int_equal(sign_in(c, &x, "fire", true), ERR_STATE);
    x.touch = false;
    assert_int_equal(city_fixture_run(c, lock_body, &x, NULL), 0);
    assert_int_equal(sign_in(c, &x, "fire", true), 0);
}

/* Many tries at once: all looked before the lock fell; the right one among them does not get in. */
static void test_a_lock_holds_against_tries_under_way(void **state) {
    CITY(c);
    struct step x = { .r = &c->app->realm, .login = "sign" }, early;
    assert_int_equal(city_fixture_read(c, find_body, &x, NULL), 0);
    early = x;
    for (int i = 0; i < 5; i++) assert_int_equal(city_fixture_plant(c, failed_body, &x, NULL), 0);
    early.found.verified = true;
    assert_int_equal(city_fixture_run(c, finish_body, &early, NULL), ERR_LOCKED);
    os_clock_advance(16 * MINUTE);
    assert_int_equal(city_fixture_run(c, finish_body, &early, NULL), 0);
}

static void test_sessions_end(void **state) {
    CITY(c);
    struct step x = { 0 }, staff = { 0 };
    assert_int_equal(sign_in(c, &x, "citizen", true), 0);
    assert_int_equal(sign_in(c, &staff, "window", true), 0);
    assert_int_equal(session(c, &x), 0);
    assert_int_equal(x.who.session, x.session);
    assert_int_equal(x.who.n_posts, 0);
    os_clock_advance(16 * MINUTE);
    assert_int_equal(session(c, &staff), ERR_LOGIN); /* staff: 15 minutes */
    assert_int_equal(staff.who.account, 0);
    assert_int_equal(session(c, &x), 0);
    assert_true(x.touch);
    for (int i = 0; i < 19; i++) { /* kept alive for 7.9 hours */
        assert_int_equal(city_fixture_run(c, touch_body, &x, NULL), 0);
        assert_int_equal(session(c, &x), 0);
        os_clock_advance(24 * MINUTE);
    }
    assert_int_equal(city_fixture_run(c, touch_body, &x, NULL), 0);
    os_clock_advance(29 * MINUTE);
    assert_int_equal(session(c, &x), ERR_LOGIN); /* 8 hours, however busy */
    assert_int_equal(sign_in(c, &x, "citizen", true), 0);
    os_clock_advance(31 * MINUTE);
    assert_int_equal(session(c, &x), ERR_LOGIN);
    x.token[0] ^= 1;
    assert_int_equal(session(c, &x), ERR_LOGIN);
}

static uint8_t fresh[IDENTITY_TOKEN_BYTES];
static int switch_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_session_switch(tx, x->r, &x->who, x->company, fresh, e);
}
STORE_STMT(identity_test_end_mandate, STORE_WRITES, "UPDATE identity_acting SET until_ms = ? WHERE home = ? AND account = ?");
static int end_mandate(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return store_exec(tx, &identity_test_end_mandate, NULL, e, SV_I(store_now_ms(tx)), SV_I(x->r->home.v), SV_I(x->who.account));
}

/* What a registry said before identity_0007. */
STORE_STMT(identity_test_before, STORE_WRITES,
           "INSERT INTO identity_mandate (home, account, company, company_name, kind, from_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?, ?)");
static int before_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return store_exec(tx, &identity_test_before, NULL, e, SV_I(x->r->home.v), SV_I(x->who.account), SV_I(x->company), SV_T(S("津样")),
                      SV_T(S("legal-representative")), SV_I(store_now_ms(tx)), SV_I(INT64_MAX));
}

static void test_a_mandate_of_before_holds(void **state) {
    CITY(c);
    struct step x = { 0 };
    assert_int_equal(sign_in(c, &x, "grandpa", true), 0);
    assert_int_equal(session(c, &x), 0);
    x.company = 4711;
    os_random(fresh, sizeof fresh);
    assert_int_equal(city_fixture_run(c, switch_body, &x, NULL), ERR_FORBIDDEN);
    assert_int_equal(city_fixture_plant(c, before_body, &x, NULL), 0);
    assert_int_equal(city_fixture_run(c, switch_body, &x, NULL), 0);
    memcpy(x.token, fresh, sizeof fresh);
    assert_int_equal(session(c, &x), 0);
    assert_int_equal(x.who.on_behalf, 4711);
    assert_true(str_eq(x.who.standing, S("legal-representative")));
}

static void test_standing_needs_a_mandate_and_turns_the_token(void **state) {
    CITY(c);
    struct step x = { 0 }, citizen = { 0 };
    struct actor company;
    city_fixture_actor(c, "company", &company);
    assert_int_equal(sign_in(c, &x, "company", true), 0);
    assert_int_equal(session(c, &x), 0);
    x.company = company.on_behalf;
    os_random(fresh, sizeof fresh);
    assert_int_equal(city_fixture_run(c, switch_body, &x, NULL), 0);
    assert_int_equal(session(c, &x), ERR_LOGIN); /* the old token is dead */
    memcpy(x.token, fresh, sizeof fresh);
    assert_int_equal(session(c, &x), 0);
    assert_int_equal(x.who.on_behalf, company.on_behalf);
    assert_int_equal(sign_in(c, &citizen, "citizen", true), 0);
    assert_int_equal(session(c, &citizen), 0);
    citizen.company = company.on_behalf;
    os_random(fresh, sizeof fresh);
    assert_int_equal(city_fixture_run(c, switch_body, &citizen, NULL), ERR_FORBIDDEN);
    assert_int_equal(session(c, &citizen), 0); /* and its token still holds */
    assert_int_equal(citizen.who.on_behalf, 0);
    /* the mandate ends: so does what was done under it */
    assert_int_equal(city_fixture_plant(c, end_mandate, &x, NULL), 0);
    os_clock_advance(1000);
    assert_int_equal(session(c, &x), ERR_LOGIN);
}

static int create_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_account_create(tx, x->r, &x->admin, str_of(x->login), S("样管"), S("x"), 0, true, &x->account, e);
}
static int grant_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_post_grant(tx, x->r, &x->security, x->account, x->role, x->unit, e);
}
static int end_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_post_end(tx, x->r, &x->security, x->post, e);
}
static int actor_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_actor_of(tx, x->r, x->account, &x->who, e);
}

static void test_three_administrators_are_three_accounts(void **state) {
    CITY(c);
    static const struct str roles[] = { S_INIT("system-admin"), S_INIT("security-admin"), S_INIT("audit-admin") };
    static const char *const logins[] = { "a-system", "a-security", "a-audit" };
    struct step x = { .r = &c->app->realm };
    city_fixture_actor(c, "system", &x.admin);
    city_fixture_actor(c, "security", &x.security);
    x.unit = x.security.posts[0].unit;
    for (int first = 0; first < 3; first++) {
        x.login = logins[first];
        assert_int_equal(city_fixture_run(c, create_body, &x, NULL), 0);
        x.role = roles[first];
        assert_int_equal(city_fixture_run(c, grant_body, &x, NULL), 0);
        for (int second = 0; second < 3; second++) {
            x.role = roles[second];
            assert_int_equal(city_fixture_run(c, grant_body, &x, NULL), ERR_INPUT); /* another one, or the same twice */
        }
        x.role = S("window-clerk");
        assert_int_equal(city_fixture_run(c, grant_body, &x, NULL), 0);
        /* after the first post has ended the account may hold another */
        assert_int_equal(city_fixture_read(c, actor_body, &x, NULL), 0);
        assert_int_equal(x.who.n_posts, 2);
        x.post = x.who.posts[0].id;
        assert_int_equal(city_fixture_run(c, end_body, &x, NULL), 0);
        assert_int_equal(city_fixture_run(c, end_body, &x, NULL), ERR_NOT_FOUND);
        os_clock_advance(1);
        assert_int_equal(city_fixture_read(c, actor_body, &x, NULL), 0);
        assert_int_equal(x.who.n_posts, 1);
        x.role = roles[(first + 1) % 3];
        assert_int_equal(city_fixture_run(c, grant_body, &x, NULL), 0);
    }
    /* nobody grants to himself; a unit must be there; the same login twice is said at the field */
    x.account = x.security.account;
    x.role = S("window-clerk");
    assert_int_equal(city_fixture_run(c, grant_body, &x, NULL), ERR_STATE);
    assert_int_equal(city_fixture_run(c, create_body, &x, NULL), ERR_INPUT);
    x.security = x.admin; /* the system administrator may not grant */
    assert_int_equal(city_fixture_run(c, grant_body, &x, NULL), ERR_FORBIDDEN);
}

/* The roles by which the program acts are nobody's post, though a system declares them; a grant of one would undo the three. */
static void test_nobody_holds_a_role_of_the_program(void **state) {
    CITY(c);
    static const struct str roles[] = { S_INIT("worker"), S_INIT("supervision") };
    struct step x = { .r = &c->app->realm, .login = "no-program" };
    city_fixture_actor(c, "system", &x.admin);
    city_fixture_actor(c, "security", &x.security);
    x.unit = x.security.posts[0].unit;
    assert_int_equal(city_fixture_run(c, create_body, &x, NULL), 0);
    for (size_t i = 0; i < 2; i++) {
        struct err e = { 0 };
        x.role = roles[i];
        assert_true(access_role_declared(x.r, x.role));
        assert_int_equal(city_fixture_run(c, grant_body, &x, &e), ERR_CODE);
        assert_string_equal(e.field, "role");
    }
    assert_int_equal(city_fixture_read(c, actor_body, &x, NULL), 0);
    assert_int_equal(x.who.n_posts, 0);
}

static int unit_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_unit_find(tx, x->r, str_of(x->login), x->division, &x->unit, NULL, e);
}

static void test_a_unit_is_found_up_the_divisions(void **state) {
    CITY(c);
    static const struct {
        const char *kind;
        int64_t division;
        int rc;
    } tries[] = {
        { "market-regulation", 120101000000, 0 }, { "market-regulation", 120101003002, 0 }, { "market-regulation", 120103001000, 0 },
        { "data-bureau", 120101003002, 0 },       { "fire-rescue", 120103000000, ERR_NOT_FOUND }, { "police", 0, ERR_NOT_FOUND },
        { "market-regulation", 310101000000, ERR_NOT_FOUND }, { "no-such", 120101000000, ERR_NOT_FOUND },
    };
    int64_t found[8];
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct step x = { .r = &c->app->realm, .login = tries[i].kind, .division = tries[i].division };
        assert_int_equal(city_fixture_read(c, unit_body, &x, NULL), tries[i].rc);
        found[i] = x.unit;
    }
    assert_int_equal(found[0], found[1]);
    assert_int_not_equal(found[0], found[2]);
}

/* One of a kind in a district, then two in a street of it. */
static int put_units_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct city *c = job->arg;
    const struct realm *r = &c->app->realm;
    int64_t id[3], found = 0;
    struct str title;
    int rc = identity_unit_put(tx, r, &c->app->worker, S("test-kind.0"), S("区"), S(""), 120101000000, &id[0], e);
    if (!rc) rc = identity_unit_put(tx, r, &c->app->worker, S("test-kind.1"), S("街道"), S(""), 120101001000, &id[1], e);
    if (!rc) rc = identity_unit_put(tx, r, &c->app->worker, S("test-kind.2"), S("又一"), S(""), 120101001000, &id[2], e);
    if (!rc) rc = identity_unit_find(tx, r, S("test-kind"), 120101001002, &found, &title, e);
    if (rc || found != id[1] || !str_eq(title, S("街道"))) return rc ? rc : err_set(e, ERR_DEFECT, "street");
    rc = identity_unit_find(tx, r, S("test-kind"), 120101002001, NULL, &title, e);
    return rc || str_eq(title, S("区")) ? rc : err_set(e, ERR_DEFECT, "district");
}

static void test_of_several_units_the_nearest_and_first_is_found(void **state) {
    CITY(c);
    struct err e = { 0 };
    int rc = city_fixture_run(c, put_units_body, c, &e);
    if (rc) print_error("%s %s\n", err_name(rc), e.detail);
    assert_int_equal(rc, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_five_failures_lock_for_a_quarter),
        cmocka_unit_test(test_f33_a_lock_tells_nothing_of_accounts),
        cmocka_unit_test(test_f33_made_up_names_do_not_pile_up),
        cmocka_unit_test(test_f33_an_account_out_of_use_answers_like_none),
        cmocka_unit_test(test_a_lock_holds_against_tries_under_way),
        cmocka_unit_test(test_sessions_end),
        cmocka_unit_test(test_three_administrators_are_three_accounts),
        cmocka_unit_test(test_nobody_holds_a_role_of_the_program),
        cmocka_unit_test(test_a_unit_is_found_up_the_divisions),
        cmocka_unit_test(test_of_several_units_the_nearest_and_first_is_found),
        cmocka_unit_test(test_a_mandate_of_before_holds),
        cmocka_unit_test(test_standing_needs_a_mandate_and_turns_the_token),
    };
    return CITY_FIXTURE_RUN("identity", tests);
}
