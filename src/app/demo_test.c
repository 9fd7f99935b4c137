/* Tests of the demo city's cases: one stands in every state that the scenarios reach, they are spread over the past, and none is made
 * after now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "app/city_fixture.h"
#include "app/demo.h"
#include "os/os.h"

static const char *const states[] = { "draft", "submitted", "supplement", "accepted", "ended", "withdrawn" };
enum { STATES = sizeof states / sizeof *states, DAY_MS = 86400000 };

STORE_STMT(demo_test_count, STORE_READS, "SELECT COUNT(*) FROM item_case WHERE home = ? AND state = ?");
STORE_STMT(demo_test_span, STORE_READS, "SELECT MIN(created_ms), MAX(created_ms), COUNT(*) FROM item_case WHERE home = ?");

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
    if (store_next(rows)) s->first_ms = store_i64(rows, 0), s->last_ms = store_i64(rows, 1), s->all = store_i64(rows, 2);
    return store_end(rows, e);
}

static void test_cases_in_every_state_over_the_past(void **state) {
    CITY(c);
    struct demo d = { .systems_dir = "systems", .people = 120, .companies = 20, .seed = 20261121, .cases = true };
    struct seen s = { .home = c->app->realm.home };
    struct err e = { 0 };
    os_real();
    int64_t now = os_now_ms();
    os_clock_shift(-(int64_t)DEMO_HISTORY_DAYS * DAY_MS);
    assert_int_equal(app_load_systems(c->app, "systems", &e), 0);
    assert_int_equal(app_make_demo(c->app, &d, &e), 0);
    assert_int_equal(os_clock_shifted_ms(), 0);
    assert_int_equal(city_fixture_read(c, look, &s, &e), 0);
    for (size_t i = 0; i < STATES; i++) assert_true(s.count[i] > 0);
    assert_true(s.all > 20);
    assert_true(s.first_ms < now - (DEMO_HISTORY_DAYS - 7) * (int64_t)DAY_MS);
    assert_true(s.last_ms > now - 7 * (int64_t)DAY_MS && s.last_ms <= now);
}

static int open_empty(void **state) {
    return city_fixture_open_empty(state, false);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases_in_every_state_over_the_past) };
    return cmocka_run_group_tests_name("demo", tests, open_empty, city_fixture_done);
}
