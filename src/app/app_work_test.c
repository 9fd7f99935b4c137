/* app_work: the id of the request that a paper comes from goes with it: into the message of the outbox, and into the entry of the worker
 * that issued it; one case's timer that cannot be fired does not hold up the others'; on both stores.
 */
#include "app/city_fixture.h"

#include "engine/audit/audit.h"
#include "engine/flow/flow.h"
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

/* ---- many that fail ---- */

enum { FAILING = 100 };
struct failing {
    int64_t broken, instance, token;
    struct str mac;
    struct flow_due_timer due[8];
    struct flow_failing *rows;
    struct flow_timer_counts counts;
    size_t n, n_due;
};

STORE_STMT(app_work_test_mac, STORE_READS, "SELECT mac FROM item_case WHERE home = ? AND id = ?");
STORE_STMT(app_work_test_more, STORE_WRITES,
           "INSERT INTO flow_timer (home, id, instance_id, token_id, element, due_ms, remaining_ms, standing) "
           "SELECT home, ?, instance_id, token_id, element, due_ms - 1000, 0, 0 FROM flow_timer WHERE home = ? AND id = ?");

/* The timers of one broken case, a hundred instead of one, all due before any other's. */
static int more_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct failing *f = job->arg;
    struct flow_instance *i;
    struct flow_timer *t;
    struct store_rows *q;
    size_t n, n_timers = 0;
    int rc = store_query(tx, &app_work_test_mac, &q, e, SV_I(job->home.v), SV_I(f->broken));
    if (!rc && store_next(q)) f->mac = store_bytes(q, 0);
    if (!rc) rc = store_end(q, e);
    if (!rc) rc = flow_instances_of(tx, f->broken, &i, &n, e);
    for (size_t k = 0; !rc && k < n && n_timers == 0; k++) rc = flow_timers_of(tx, i[k].id, &t, &n_timers, e);
    if (rc || n_timers == 0) return rc ? rc : ERR_NOT_FOUND;
    for (int k = 1; !rc && k < FAILING; k++)
        rc = store_exec(tx, &app_work_test_more, NULL, e, SV_I(store_new_id(tx)), SV_I(job->home.v), SV_I(t[0].id));
    return rc ? rc : store_exec(tx, &app_work_test_break, NULL, e, SV_B(S("not the mac of this row")), SV_I(job->home.v), SV_I(f->broken));
}

static int mend_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct failing *f = job->arg;
    return store_exec(tx, &app_work_test_break, NULL, e, SV_B(f->mac), SV_I(job->home.v), SV_I(f->broken));
}

static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct failing *f = job->arg;
    struct flow_failing_query q = { .max = FAILING + 1 };
    (void)job;
    int rc = flow_timers_due(tx, store_now_ms(tx), f->due, 8, &f->n_due, e);
    if (!rc) rc = flow_timers_count(tx, 1000, &f->counts, e);
    return rc ? rc : flow_timers_failing(tx, &q, &f->rows, &f->n, e);
}

static void turn(const struct city *c, size_t fired) {
    struct err e = { 0 };
    size_t n = 99;
    if (app_fire_timers(c->app, &n, &e)) fail_msg("%s %s", err_name(e.code), e.detail);
    assert_int_equal(n, fired);
}

static void look(const struct city *c, struct failing *f, int64_t due, int64_t failing) {
    assert_int_equal(city_fixture_read(c, look_body, f, NULL), 0);
    assert_int_equal(f->counts.due, due);
    assert_int_equal(f->counts.failing, failing);
    assert_int_equal(f->n, failing);
    assert_int_equal(f->counts.oldest_ms != 0, due != 0);
}

/* A turn takes 64: a hundred that fail stood before all others for ever. */
static void test_timers_that_fail_are_put_off(void **state) {
    CITY(c);
    struct failing f = { 0 };
    int64_t sound = 0;
    asked(c, &f.broken);
    asked(c, &sound);
    look(c, &f, 0, 1); /* of the test before */
    f.mac = S("");
    assert_int_equal(city_fixture_plant(c, more_body, &f, NULL), 0);
    os_clock_advance(INT64_C(30) * 86400000);
    look(c, &f, FAILING + 1, 1);
    turn(c, 0);
    look(c, &f, FAILING + 1 - 63, 64);
    for (size_t i = 0; i < 8; i++) assert_int_equal(f.due[i].attempts, 0); /* nobody waits for what was just put off */
    os_clock_advance(1000);
    look(c, &f, FAILING + 1 - 63, 64);
    for (size_t i = 0; i < 8; i++) assert_int_equal(f.due[i].attempts > 0, i >= 6); /* nor does that wait for ever */
    turn(c, 1);
    look(c, &f, 0, FAILING + 1);
    assert_true(f.rows[0].again_ms <= f.rows[FAILING].again_ms);
    assert_true(f.rows[0].case_id && f.rows[0].process.len && str_find(f.rows[0].why, S("DAMAGED"), 0) != SIZE_MAX);
    for (int i = 0; i < 3 && f.n_due; i++) turn(c, 0), look(c, &f, 0, FAILING + 1);
    assert_int_equal(f.n_due, 0); /* put off, each for longer: a worker rests */
    assert_int_equal(city_fixture_plant(c, mend_body, &f, NULL), 0);
    os_clock_advance(INT64_C(11) * 60000); /* the longest pause is ten minutes */
    for (int i = 0; i < 4; i++) {
        size_t n;
        assert_int_equal(app_fire_timers(c->app, &n, NULL), 0);
    }
    look(c, &f, 0, 1); /* what was mended goes on by itself */
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
                                        cmocka_unit_test(test_timers_that_fail_are_put_off),
                                        cmocka_unit_test(test_a_thread_rests_longer_after_each_turn_that_fails) };
    return CITY_FIXTURE_RUN("work", tests);
}
