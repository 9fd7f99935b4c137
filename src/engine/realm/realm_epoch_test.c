/* realm_epoch: raised with the change or not at all; each engine raises its own; one home's are not another's; on both stores. */
#include "engine/realm/realm.h"

#include "app/city_fixture.h"
#include "engine/identity/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { OTHER_HOME = 77 };

struct work {
    const struct realm *r;
    const struct actor *who;
    struct realm_epochs now;
    int64_t home, account, post, session;
    uint8_t token[IDENTITY_TOKEN_BYTES];
    const struct actor *worker;
};

static int read_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return realm_epochs_read(tx, (struct home_id){ w->home }, &w->now, e);
}
static int raise_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct work *w = job->arg;
    return realm_epoch_raise(tx, (struct home_id){ w->home }, REALM_EPOCH_POLICY, e);
}
static int raise_and_fail(struct store_tx *tx, struct store_job *job, struct err *e) {
    int rc = raise_body(tx, job, e);
    return rc ? rc : err_set(e, ERR_STATE, "after all not");
}

static struct realm_epochs epochs(const struct city *c, int64_t home) {
    struct work w = { .home = home };
    assert_int_equal(city_fixture_read(c, read_body, &w, NULL), 0);
    return w.now;
}

/* What `body` raised: REALM_EPOCHS for none, -1 for more than one. */
static int raised_by(const struct city *c, store_body *body, struct work *w) {
    struct realm_epochs before = epochs(c, 1), after;
    int which = REALM_EPOCHS;
    assert_int_equal(city_fixture_run(c, body, w, NULL), 0);
    after = epochs(c, 1);
    for (int i = 0; i < REALM_EPOCHS; i++) {
        if (after.value[i] == before.value[i]) continue;
        assert_int_equal(after.value[i], before.value[i] + 1);
        which = which == REALM_EPOCHS ? i : -1;
    }
    return which;
}

static void test_raised_with_the_change_or_not_at_all(void **state) {
    CITY(c);
    struct work w = { .home = OTHER_HOME };
    struct realm_epochs mine = epochs(c, 1);
    for (int i = 1; i <= 40; i++) { /* over the slots */
        assert_int_equal(city_fixture_plant(c, raise_body, &w, NULL), 0);
        assert_int_equal(city_fixture_plant(c, raise_and_fail, &w, NULL), ERR_STATE);
        assert_int_equal(epochs(c, OTHER_HOME).value[REALM_EPOCH_POLICY], i);
    }
    assert_int_equal(epochs(c, OTHER_HOME).value[REALM_EPOCH_SESSION], 0);
    struct realm_epochs still = epochs(c, 1);
    assert_memory_equal(&still, &mine, sizeof mine);
}

STORE_STMT(realm_epoch_test_post, STORE_READS, "SELECT id FROM identity_post WHERE home = ? AND account = ? ORDER BY id DESC LIMIT 1");
STORE_STMT(realm_epoch_test_unit, STORE_READS, "SELECT unit FROM identity_post WHERE home = ? AND role = ? ORDER BY id LIMIT 1");

static int grant(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct store_val unit[] = { SV_I(1), SV_T(S("window-clerk")) }, post[] = { SV_I(1), SV_I(w->account) };
    int64_t where;
    int rc = store_one_i64(tx, &realm_epoch_test_unit, unit, 2, &where, e);
    if (!rc) rc = identity_post_grant(tx, w->r, w->who, w->account, S("window-clerk"), where, e);
    return rc ? rc : store_one_i64(tx, &realm_epoch_test_post, post, 2, &w->post, e);
}
static int end_post(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct work *w = job->arg;
    return identity_post_end(tx, w->r, w->who, w->post, e);
}
static int mandate(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct work *w = job->arg;
    return identity_mandate_put(tx, w->r, w->worker, w->account, 4711, S("某公司"), S("legal"), e);
}
static int lock(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct work *w = job->arg;
    return identity_account_lock(tx, w->r, w->who, w->account, true, e);
}
static int unlock(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct work *w = job->arg;
    return identity_account_lock(tx, w->r, w->who, w->account, false, e);
}
static int create(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return identity_account_create(tx, w->r, w->who, S("newcomer"), S("新人"), S("-"), 0, false, &w->account, e);
}
static int sign_in(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct identity_login l = { .account = w->account, .verified = true };
    return identity_login_finish(tx, w->r, w->who, &l, w->token, &w->session, e);
}
static int sign_out(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct work *w = job->arg;
    struct actor who;
    int rc = identity_actor_of(tx, w->r, w->account, &who, e);
    who.session = w->session;
    return rc ? rc : identity_session_close(tx, w->r, &who, e);
}

static void test_each_change_raises_its_own(void **state) {
    CITY(c);
    struct actor system, admin, nobody = { 0 };
    city_fixture_actor(c, "system-admin", &system);
    city_fixture_actor(c, "security-admin", &admin);
    struct work w = { .r = &c->app->realm, .who = &system, .home = 1, .token = { 1, 2, 3 } };
    assert_int_equal(raised_by(c, create, &w), REALM_EPOCHS);
    w.who = &admin;
    assert_int_equal(raised_by(c, grant, &w), REALM_EPOCH_POLICY);
    assert_int_equal(raised_by(c, end_post, &w), REALM_EPOCH_POLICY);
    w.worker = &c->app->worker;
    assert_int_equal(raised_by(c, mandate, &w), REALM_EPOCH_POLICY);
    w.who = &nobody;
    assert_int_equal(raised_by(c, sign_in, &w), REALM_EPOCHS); /* nobody held it before */
    assert_int_equal(raised_by(c, sign_out, &w), REALM_EPOCH_SESSION);
    w.who = &system;
    assert_int_equal(raised_by(c, lock, &w), REALM_EPOCH_SESSION);
    assert_int_equal(raised_by(c, unlock, &w), REALM_EPOCHS);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_raised_with_the_change_or_not_at_all),
                                        cmocka_unit_test(test_each_change_raises_its_own) };
    return CITY_FIXTURE_RUN("realm epochs", tests);
}
