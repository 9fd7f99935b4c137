/* upkeep: announced, in force, over; who passes; one at a time; on both stores. */
#include "engine/upkeep/upkeep.h"

#include "app/city_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct work {
    const struct realm *r;
    struct actor who;
    struct upkeep u;
    const char *power;
    int rc;
};

static int put_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return upkeep_put(tx, w->r, &w->who, &w->u, e);
}

static int end_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return upkeep_end(tx, w->r, &w->who, w->u.id, e);
}

static int now_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return upkeep_now(tx, w->r, &w->u, e);
}

static int refuses_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct err why = { 0 };
    (void)e;
    int64_t seconds = 0;
    w->rc = upkeep_refuses(tx, w->r, &w->who, str_of(w->power), &seconds, &why);
    if (w->rc && (!why.detail[0] || seconds <= 0 || seconds > 3600)) w->rc = 1; /* until when is always told */
    return 0;
}

static int refused(const struct city *c, const char *who, const char *power) {
    struct work w = { .r = &c->app->realm, .power = power };
    city_fixture_actor(c, who, &w.who);
    assert_int_equal(city_fixture_read(c, refuses_body, &w, NULL), 0);
    return w.rc;
}

static struct upkeep now_of(const struct city *c) {
    struct work w = { .r = &c->app->realm };
    assert_int_equal(city_fixture_read(c, now_body, &w, NULL), 0);
    return w.u;
}

static int put(const struct city *c, const char *who, int64_t in_min, int64_t min, const char *zh) {
    struct work w = { .r = &c->app->realm };
    int64_t from = os_now_ms() + in_min * 60000;
    struct err e = { 0 };
    w.u = (struct upkeep){ .from_ms = from, .until_ms = from + min * 60000, .zh = str_of(zh), .en = S("We are moving") };
    city_fixture_actor(c, who, &w.who);
    return city_fixture_run(c, put_body, &w, &e);
}

static void test_what_is_announced_must_make_sense(void **state) {
    CITY(c);
    assert_int_equal(put(c, "citizen", 10, 60, "搬家"), ERR_FORBIDDEN);
    assert_int_equal(put(c, "audit", 10, 60, "搬家"), ERR_FORBIDDEN);
    assert_int_equal(put(c, "system", 10, 60, " "), ERR_REQUIRED);
    assert_int_equal(put(c, "system", -10, 60, "搬家"), ERR_RANGE);
    assert_int_equal(put(c, "system", 10, 0, "搬家"), ERR_RANGE);
    assert_int_equal(put(c, "system", 10, 25 * 60, "搬家"), ERR_RANGE);
    assert_int_equal(now_of(c).id, 0);
}

static void test_nothing_changes_while_it_is_in_force(void **state) {
    CITY(c);
    assert_int_equal(put(c, "system", 10, 60, "搬家"), 0);
    assert_true(now_of(c).id != 0);
    assert_int_equal(refused(c, "citizen", "case.submit"), 0); /* announced only */
    os_clock_advance(11 * 60000);
    assert_int_equal(refused(c, "citizen", "case.submit"), ERR_UPKEEP);
    assert_int_equal(refused(c, "police", "task.complete"), ERR_UPKEEP);
    assert_int_equal(refused(c, "citizen", "case.read"), 0);
    assert_int_equal(refused(c, "citizen", "session.open"), 0);
    assert_int_equal(refused(c, "system", "account.create"), 0); /* who may end it passes */
    os_clock_advance(60 * 60000);
    assert_int_equal(refused(c, "citizen", "case.submit"), 0); /* it ended by itself */
    assert_int_equal(now_of(c).id, 0);
}

static void test_there_is_one_and_it_can_be_ended(void **state) {
    CITY(c);
    struct work w = { .r = &c->app->realm };
    assert_int_equal(put(c, "system", 0, 60, "搬家"), 0);
    int64_t first = now_of(c).id;
    assert_int_equal(put(c, "system", 0, 30, "换盘"), 0);
    w.u = now_of(c);
    assert_true(w.u.id != first && str_eq(w.u.zh, S("换盘")) && str_eq(w.u.en, S("We are moving")));
    assert_int_equal(refused(c, "citizen", "case.submit"), ERR_UPKEEP);
    city_fixture_actor(c, "security", &w.who);
    assert_int_equal(city_fixture_run(c, end_body, &w, NULL), ERR_FORBIDDEN);
    city_fixture_actor(c, "system", &w.who);
    assert_int_equal(city_fixture_run(c, end_body, &w, NULL), 0);
    assert_int_equal(city_fixture_run(c, end_body, &w, NULL), ERR_NOT_FOUND);
    assert_int_equal(refused(c, "citizen", "case.submit"), 0);
    assert_int_equal(now_of(c).id, 0); /* nor does the first one come back */
}

static void test_the_staff_may_be_let_through(void **state) {
    CITY(c);
    struct work w = { .r = &c->app->realm };
    int64_t from = os_now_ms();
    w.u = (struct upkeep){ .from_ms = from, .until_ms = from + 60 * 60000, .zh = S("换盘"), .en = S("New disks"), .staff = true };
    city_fixture_actor(c, "system", &w.who);
    assert_int_equal(city_fixture_run(c, put_body, &w, NULL), 0);
    assert_true(now_of(c).staff);
    assert_int_equal(refused(c, "police", "task.complete"), 0);
    assert_int_equal(refused(c, "citizen", "case.submit"), ERR_UPKEEP);
    assert_int_equal(put(c, "system", 0, 60, "换盘"), 0); /* and another, as it is without a word */
    assert_false(now_of(c).staff);
    assert_int_equal(refused(c, "police", "task.complete"), ERR_UPKEEP);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_what_is_announced_must_make_sense),
                                        cmocka_unit_test(test_nothing_changes_while_it_is_in_force),
                                        cmocka_unit_test(test_there_is_one_and_it_can_be_ended),
                                        cmocka_unit_test(test_the_staff_may_be_let_through) };
    return CITY_FIXTURE_RUN("upkeep", tests);
}
