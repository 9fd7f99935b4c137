/* What a command on a case costs the store, counted, on both stores: a read too many in a completion slows every officer and is seen
 * nowhere else. */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* In this order: the task, its case, the case's key, the right to reach it, the log, the process with its tokens, tasks and timers, the
 * unit whose name stands on the paper. Each is read once. */
enum { COMPLETE_READS = 10 };
/* The four of the process go together; the rows of process and case are waited for, since another may have been faster. */
enum { COMPLETE_WAITS = COMPLETE_READS - 3 + 2 };

struct work {
    const struct realm *r;
    struct actor who;
    int64_t case_id;
    struct store_asked asked;
    struct val *kept, *stored;
    struct item_case c;
};

static int complete_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct flow_task *tasks;
    size_t n;
    int rc = flow_tasks_of(tx, w->case_id, &tasks, &n, e);
    if (rc || n != 1) return rc ? rc : err_set(e, ERR_DEFECT, "%zu tasks", n);
    struct store_asked before = store_asked(tx);
    rc = item_task_complete(tx, w->r, &w->who, tasks[0].id, FLOW_ANY_VERSION, S("approve"), S(""), S(""), e);
    w->asked = store_asked(tx);
    w->asked.reads -= before.reads, w->asked.waits -= before.waits;
    return rc;
}

static const char apply[] = "  - {who: citizen, do: apply, item: residence-proof}\n"
                            "  - {who: citizen, do: answer, page: registered, with: {purpose: '1', recipient: 天津市演示单位}}\n"
                            "  - {who: citizen, do: submit}\n";

static void test_a_completion_reads_each_thing_once(void **state) {
    CITY(c);
    struct work w = { .r = &c->app->realm };
    city_fixture_actor(c, "police", &w.who);
    for (int i = 0; i < 2; i++) { /* a connection prepares each statement when it first has it */
        w.case_id = 0;
        assert_int_equal(city_fixture_play(c, apply, &w.case_id, NULL), 0);
        assert_int_equal(city_fixture_run(c, complete_body, &w, NULL), 0);
        assert_int_equal(w.asked.reads, COMPLETE_READS);
        assert_int_equal(w.asked.waits, c->postgres ? COMPLETE_WAITS : 0);
    }
}

/* The log that a command kept, with what it added, and the log as it is read anew. */
static int kept_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct arena *a = store_arena(tx);
    struct val *body = val_map(a);
    struct item_case again;
    val_put_str(a, body, S("title"), S("核查"));
    val_put_str(a, body, S("opinion"), S("材料齐全"));
    const struct item_event more[] = {
        { .kind = S("note"), .part = S("proof"), .reason = S("x"), .task = 7, .unit = 8, .account = 9, .body = body },
        { .kind = S("note"), .account = 10 },
    };
    int rc = item_case_get(tx, w->r, NULL, w->case_id, &w->c, e);
    if (!rc) rc = item_events_keep(tx, w->r, &w->c, e);
    for (size_t i = 0; !rc && i < 2; i++) rc = item_event_add(tx, w->r, &w->c, &more[i], e);
    if (!rc) rc = item_events(tx, w->r, &w->c, &w->kept, e);
    if (!rc) rc = item_case_get(tx, w->r, NULL, w->case_id, &again, e);
    return rc ? rc : item_events(tx, w->r, &again, &w->stored, e);
}

static void test_a_kept_log_is_the_log(void **state) {
    CITY(c);
    struct work w = { .r = &c->app->realm };
    assert_int_equal(city_fixture_play(c, apply, &w.case_id, NULL), 0);
    assert_int_equal(city_fixture_plant(c, kept_body, &w, NULL), 0);
    assert_true(val_count(w.stored) >= 4);
    assert_true(val_equal(w.kept, w.stored));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_completion_reads_each_thing_once),
        cmocka_unit_test(test_a_kept_log_is_the_log),
    };
    return CITY_FIXTURE_RUN("item cost", tests);
}
