/* app_work: the id of the request that a paper comes from goes with it: into the message of the outbox, and into the entry of the worker
 * that issued it; on both stores.
 */
#include "app/city_fixture.h"

#include "engine/audit/audit.h"

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

/* A server whose keys could not write asked them 600 times a second: each failed turn committed a part, and woke itself. */
static void test_a_thread_rests_longer_after_each_turn_that_fails(void **state) {
    (void)state;
    assert_int_equal(app_pause_ms(0), 250);
    assert_int_equal(app_pause_ms(3), 2000);
    assert_int_equal(app_pause_ms(UINT_MAX), 8000);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_paper_keeps_its_request),
                                        cmocka_unit_test(test_a_thread_rests_longer_after_each_turn_that_fails) };
    return CITY_FIXTURE_RUN("work", tests);
}
