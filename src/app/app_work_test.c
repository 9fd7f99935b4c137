/* app_work: the id of the request that a paper comes from goes with it: into the message of the outbox, and into the entry of the worker
 * that issued it; one case's timer that cannot be fired does not hold up the others'; on both stores.
 */
#include "app/city_fixture.h"

#include "engine/audit/audit.h"
#include "os/os.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct work {
    struct str act;
    struct act_message due[8];
    struct audit_row rows[AUDIT_PAGE_MAX];
    size_t n;
};

static int due_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return act_messages_due(tx, job->home, S("paper.set"), w->due, 8, &w->n, e);
}

static int waiting_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    return act_messages_waiting(tx, job->home, S("paper.set"), job->arg, e);
}

static int find_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct audit_filter f = { .act = w->act };
    return audit_find(tx, job->home, &f, 0, w->rows, AUDIT_PAGE_MAX, &w->n, e);
}

static void test_a_paper_keeps_its_request(void **state) {
    CITY(c);
    static struct work w;
    struct err e = { 0 };
    int64_t id = 0, waiting = 0;
    size_t set = 0;
    if (city_fixture_play(c,
                          "- {who: citizen, do: apply, item: residence-proof}\n"
                          "- {who: citizen, do: answer, page: registered, with: {purpose: \"1\", recipient: 某中学}}\n"
                          "- {who: citizen, do: submit}\n"
                          "- {who: police-officer, do: claim, task: confirm}\n"
                          "- {who: police-officer, do: decide, task: confirm, move: approve}\n",
                          &id, &e))
        fail_msg("%s %s", err_name(e.code), e.detail);
    assert_int_equal(city_fixture_read(c, waiting_body, &waiting, NULL), 0);
    assert_int_equal(city_fixture_read(c, due_body, &w, NULL), 0);
    assert_int_equal(w.n, 1);
    assert_int_equal(waiting, 1);
    assert_true(str_eq(w.due[0].request_id, S("scenario")));
    assert_int_equal(app_set_papers(c->app, &set, &e), 0);
    assert_int_equal(set, 1);
    assert_int_equal(city_fixture_read(c, waiting_body, &waiting, NULL), 0);
    assert_int_equal(waiting, 0);
    assert_int_equal(app_sequence(c->app, true, NULL), 0);
    w.act = S("paper.issue");
    assert_int_equal(city_fixture_read(c, find_body, &w, NULL), 0);
    assert_true(w.n > 0);
    assert_true(str_eq(w.rows[0].entry.request_id, S("scenario")));
}

STORE_STMT(app_work_test_break, STORE_WRITES, "UPDATE item_case SET mac = ? WHERE home = ? AND id = ?");

static int break_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const int64_t *id = job->arg;
    return store_exec(tx, &app_work_test_break, NULL, e, SV_B(S("not the mac of this row")), SV_I(job->home.v), SV_I(*id));
}

static void asked(const struct city *c, int64_t *id) {
    struct err e = { 0 };
    if (city_fixture_play(c,
                          CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
                          "  - {who: window-clerk, do: decide, task: intake, move: supplement, opinion: 请标明库房}\n",
                          id, &e))
        fail_msg("%s %s", err_name(e.code), e.detail);
}

static void test_a_timer_that_fails_holds_up_no_other(void **state) {
    CITY(c);
    struct err e = { 0 };
    int64_t broken = 0, sound = 0;
    size_t n = 9;
    asked(c, &broken); /* the older one: its timer comes first */
    asked(c, &sound);
    assert_true(broken != sound);
    assert_int_equal(app_fire_timers(c->app, &n, &e), 0);
    assert_int_equal(n, 0);
    assert_int_equal(city_fixture_plant(c, break_body, &broken, NULL), 0);
    os_clock_advance(INT64_C(30) * 86400000);
    assert_int_equal(app_fire_timers(c->app, &n, &e), 0);
    assert_int_equal(n, 1);
    if (city_fixture_play(c, "  - {do: wait, minutes: 1, expect: {state: ended, result: deemed-withdrawn}}\n", &sound, &e))
        fail_msg("%s %s", err_name(e.code), e.detail);
}

/* A server whose keys could not write asked them 600 times a second: each failed turn committed a part, and woke itself. */
static void test_a_thread_rests_longer_after_each_turn_that_fails(void **state) {
    (void)state;
    assert_int_equal(app_pause_ms(0), 250);
    assert_int_equal(app_pause_ms(3), 2000);
    assert_int_equal(app_pause_ms(UINT_MAX), 8000);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_paper_keeps_its_request),
                                        cmocka_unit_test(test_a_timer_that_fails_holds_up_no_other),
                                        cmocka_unit_test(test_a_thread_rests_longer_after_each_turn_that_fails) };
    return CITY_FIXTURE_RUN("work", tests);
}
