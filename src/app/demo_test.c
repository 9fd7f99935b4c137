/* Tests of the demo city's cases: one stands in every state that the scenarios reach, they are spread over the past, and none is made
 * after now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "app/demo.h"
#include "os/os.h"
#include "store/store_fixture.h"

static const char *const states[] = { "draft", "submitted", "supplement", "accepted", "ended", "withdrawn" };
enum { STATES = sizeof states / sizeof *states, DAY_MS = 86400000 };

STORE_STMT(demo_test_count, STORE_READS, "SELECT COUNT(*) FROM item_case WHERE home = ? AND state = ?");
STORE_STMT(demo_test_span, STORE_READS,
           "SELECT MIN(created_ms), MAX(created_ms), COUNT(*) FROM item_case WHERE home = ?");

struct seen {
    struct home_id home;
    int64_t count[STATES], first_ms, last_ms, all;
};

static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct seen *s = job->arg;
    struct store_rows *rows;
    int rc = 0;
    for (size_t i = 0; !rc && i < STATES; i++) {
        struct store_val v[] = { SV_I(s->home.v), SV_T(str_of(states[i])) };
        rc = store_one_i64(tx, &demo_test_count, v, 2, &s->count[i], e);
    }
    if (!rc) rc = store_query(tx, &demo_test_span, &rows, e, SV_I(s->home.v));
    if (rc) return rc;
    if (store_next(rows))
        s->first_ms = store_i64(rows, 0), s->last_ms = store_i64(rows, 1),
        s->all = store_i64(rows, 2);
    return store_end(rows, e);
}

static void test_cases_in_every_state_over_the_past(void **state) {
    struct store_fixture *f = store_fixture_new(false);
    struct app_config config = { .data_dir = store_fixture_dir(f), .store_url = store_fixture_url(f), .demo = true,
                                 .base_url = S("http://127.0.0.1:8080") };
    struct app *app;
    (void)state;
    struct demo d = { .systems_dir = "systems", .people = 120, .companies = 20, .seed = 20261121, .cases = true };
    struct err e = { 0 };
    int64_t now = os_now_ms();
    os_clock_shift(-(int64_t)DEMO_HISTORY_DAYS * DAY_MS);
    assert_int_equal(app_open(&config, &app, &e), 0);
    struct seen s = { .home = app->realm.home };
    assert_int_equal(app_load_systems(app, "systems", &e), 0);
    assert_int_equal(app_make_demo(app, &d, &e), 0);
    assert_int_equal(os_clock_shifted_ms(), 0);
    assert_int_equal(store_fixture_read(app->store, look, &s, &e), STORE_OK);
    for (size_t i = 0; i < STATES; i++) assert_true(s.count[i] > 0);
    assert_true(s.all > 20);
    assert_true(s.first_ms < now - (DEMO_HISTORY_DAYS - 7) * (int64_t)DAY_MS);
    assert_true(s.last_ms > now - 7 * (int64_t)DAY_MS && s.last_ms <= now);
    app_close(app);
    store_fixture_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases_in_every_state_over_the_past) };
    return cmocka_run_group_tests_name("demo", tests, NULL, NULL);
}
