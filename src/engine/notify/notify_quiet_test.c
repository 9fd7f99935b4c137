/* notify_quiet: what is tried again, or comes late to its turn, respects quiet hours as what is new
 * does; what was claimed and not tried goes back as it was. On both stores.
 */
#include "app/message_fixture.h"
#include "engine/notify/notify_out.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct work {
    struct realm *r;
    struct actor who;
    struct notify_choice choice;
    struct notify_letter letter[4];
    size_t n;
    enum notify_outcome outcome;
};

static int take_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_take(tx, w->r, NOTIFY_URGENT, NOTIFY_BULK, w->letter, 4, &w->n, e);
}
static int settle_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_settle(tx, w->r, &w->letter[0], w->outcome, S(""), S("later"), e);
}
static int choose_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    int rc = notify_choice_get(tx, w->r, w->who.account, &w->choice, e);
    w->choice.quiet_from = 23 * 60, w->choice.quiet_until = 60;
    return rc ? rc : notify_choice_put(tx, w->r, &w->who, &w->choice, e);
}
static int put_back_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_put_back(tx, w->r, w->letter + 1, w->n - 1, e);
}
static size_t take(const struct city *c, struct work *w) {
    assert_int_equal(city_fixture_run(c, take_body, w, NULL), 0);
    return w->n;
}
static void settle(const struct city *c, struct work *w, enum notify_outcome outcome) {
    w->outcome = outcome;
    assert_int_equal(city_fixture_run(c, settle_body, w, NULL), 0);
}

static void clock_at(const struct city *c, unsigned hour, unsigned minute, unsigned second) {
    const int64_t day_ms = 86400000;
    struct civil_time t;
    tz_split(c->app->realm.tz, os_now_ms(), &t);
    int64_t now = ((t.hour * 60 + t.minute) * INT64_C(60) + t.second) * 1000 + t.milli,
            then = ((hour * 60 + minute) * INT64_C(60) + second) * 1000;
    os_clock_advance((then - now + day_ms) % day_ms);
}

static void test_what_is_tried_again_is_quiet(void **state) {
    CITY(c);
    struct work w = { .r = &c->app->realm };
    city_fixture_actor(c, "citizen", &w.who);
    message_fixture_verify(c, &w.who, NOTIFY_MAIL, "quiet@example.com");
    assert_int_equal(city_fixture_run(c, choose_body, &w, NULL), 0);
    clock_at(c, 22, 59, 59);
    message_fixture_send(c, &w.who, "finished");
    assert_int_equal(take(c, &w), 1);
    settle(c, &w, NOTIFY_LATER);
    clock_at(c, 23, 0, 30);
    assert_int_equal(take(c, &w), 0); /* due, but quiet */
    clock_at(c, 0, 59, 59);
    assert_int_equal(take(c, &w), 0);
    clock_at(c, 1, 0, 0);
    assert_int_equal(take(c, &w), 1);
    assert_int_equal(w.letter[0].outbox.attempts, 1); /* as before it was quiet */
    settle(c, &w, NOTIFY_WENT);
    clock_at(c, 22, 0, 0); /* nobody comes for it before it is quiet: a long lane */
    message_fixture_send(c, &w.who, "finished");
    clock_at(c, 0, 30, 0);
    assert_int_equal(take(c, &w), 0);
    clock_at(c, 1, 0, 0);
    assert_int_equal(take(c, &w), 1);
    settle(c, &w, NOTIFY_WENT);
}

/* Somebody else may be in the account while its holder sleeps. */
static void test_what_is_about_security_does_not_wait(void **state) {
    CITY(c);
    struct work w = { .r = &c->app->realm };
    city_fixture_actor(c, "citizen", &w.who);
    message_fixture_verify(c, &w.who, NOTIFY_MAIL, "awake@example.com");
    assert_int_equal(city_fixture_run(c, choose_body, &w, NULL), 0);
    clock_at(c, 23, 30, 0);
    message_fixture_send(c, &w.who, "finished");
    assert_int_equal(take(c, &w), 0);
    message_fixture_send(c, &w.who, "new-device");
    assert_int_equal(take(c, &w), 1);
    settle(c, &w, NOTIFY_WENT);
    clock_at(c, 1, 0, 0);
    assert_int_equal(take(c, &w), 1); /* the other one */
    settle(c, &w, NOTIFY_WENT);
}

static void test_what_is_put_back_is_as_it_was(void **state) {
    CITY(c);
    struct work w = { .r = &c->app->realm };
    city_fixture_actor(c, "company", &w.who);
    message_fixture_verify(c, &w.who, NOTIFY_MAIL, "back@example.com");
    clock_at(c, 10, 0, 0);
    for (int i = 0; i < 2; i++) message_fixture_send(c, &w.who, "finished");
    assert_int_equal(take(c, &w), 2);
    int64_t second = w.letter[1].delivery;
    assert_int_equal(city_fixture_run(c, put_back_body, &w, NULL), 0);
    settle(c, &w, NOTIFY_WENT);
    assert_int_equal(take(c, &w), 1); /* at once, whoever takes it */
    assert_int_equal(w.letter[0].delivery, second);
    assert_int_equal(w.letter[0].outbox.attempts, 0);
    settle(c, &w, NOTIFY_WENT);
    w.n = 2, w.letter[1] = w.letter[0]; /* too late: it went */
    assert_int_equal(city_fixture_run(c, put_back_body, &w, NULL), 0);
    assert_int_equal(take(c, &w), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_what_is_tried_again_is_quiet),
                                        cmocka_unit_test(test_what_is_about_security_does_not_wait),
                                        cmocka_unit_test(test_what_is_put_back_is_as_it_was) };
    return CITY_FIXTURE_RUN("notify_quiet", tests);
}
