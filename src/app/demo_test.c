/* Tests of the demo city's cases: one stands in every state that the scenarios reach, they are spread over the past, and none is made
 * after now; beside them a year of cases of many people and companies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "app/city_fixture.h"
#include "app/demo.h"
#include "crypto/crypto.h"
#include "os/os.h"
#include "store/store_fixture.h"

static const char *const states[] = { "draft", "submitted", "supplement", "accepted", "ended", "withdrawn" };
enum { STATES = sizeof states / sizeof *states, DAY_MS = 86400000, YEAR_CASES = 60 };

STORE_STMT(demo_test_count, STORE_READS, "SELECT COUNT(*) FROM item_case WHERE home = ? AND state = ?");
STORE_STMT(demo_test_span, STORE_READS,
           "SELECT MIN(created_ms), MAX(created_ms), COUNT(*) FROM item_case WHERE home = ?");
/* In the year: cases, those who applied, their items, what was rated, what came to an end. */
STORE_STMT(demo_test_year, STORE_READS,
           "SELECT COUNT(*), COUNT(DISTINCT account), COUNT(DISTINCT item), COUNT(DISTINCT state), MIN(created_ms) FROM item_case "
           "WHERE home = ? AND created_ms > ? AND account IN (SELECT id FROM identity_account WHERE home = ? AND login LIKE 'p0%')");
/* And in its halls. */
STORE_STMT(demo_test_visits, STORE_READS,
           "SELECT (SELECT COUNT(*) FROM queue_ticket WHERE home = ? AND state = 'finished'), "
           "(SELECT COUNT(*) FROM queue_booking WHERE home = ? AND account IN (SELECT id FROM identity_account WHERE login LIKE 'p0%'))");

struct seen {
    struct home_id home;
    int64_t count[STATES], first_ms, last_ms, all;
    int64_t year_from_ms, year[5], served, booked;
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
    rc = store_end(rows, e);
    if (!rc) rc = store_query(tx, &demo_test_year, &rows, e, SV_I(s->home.v), SV_I(s->year_from_ms), SV_I(s->home.v));
    if (rc) return rc;
    for (int i = 0; store_next(rows);)
        for (; i < 5; i++) s->year[i] = store_i64(rows, i);
    rc = store_end(rows, e);
    if (!rc) rc = store_query(tx, &demo_test_visits, &rows, e, SV_I(s->home.v), SV_I(s->home.v));
    if (rc) return rc;
    if (store_next(rows)) s->served = store_i64(rows, 0), s->booked = store_i64(rows, 1);
    return store_end(rows, e);
}

static void look_at_city(bool postgres) {
    struct store_fixture *f = store_fixture_new(postgres);
    if (!f) return; /* not asked for */
    struct app_config config = { .data_dir = store_fixture_dir(f), .store_url = store_fixture_url(f), .demo = true,
                                 .base_url = S("http://127.0.0.1:8080") };
    struct app *app;
    struct demo d = { .systems_dir = "systems", .people = 120, .companies = 20, .seed = 20261121, .cases = true, .year = YEAR_CASES };
    struct err e = { 0 };
    int64_t now = os_now_ms();
    os_clock_shift(-demo_days(&d) * DAY_MS);
    assert_int_equal(app_open(&config, &app, &e), 0);
    struct seen s = { .home = app->realm.home, .year_from_ms = now - DEMO_YEAR_DAYS * (int64_t)DAY_MS };
    assert_int_equal(app_load_systems(app, "systems", &e), 0);
    assert_int_equal(app_make_demo(app, &d, &e), 0);
    assert_int_equal(os_clock_shifted_ms(), 0);
    assert_int_equal(store_fixture_read(app->store, look, &s, &e), STORE_OK);
    for (size_t i = 0; i < STATES; i++) assert_true(s.count[i] > 0);
    assert_true(s.all > 20);
    assert_true(s.first_ms < now - (demo_days(&d) - 7) * (int64_t)DAY_MS);
    assert_true(s.last_ms > now - 7 * (int64_t)DAY_MS && s.last_ms <= now);
    assert_true(s.year[0] > YEAR_CASES / 2 && s.year[0] <= YEAR_CASES); /* some stop at once: who would apply may not */
    assert_true(s.year[1] > 5 && s.year[2] > 3 && s.year[3] > 2);
    assert_true(s.served > 5 && s.booked > 3);
    assert_true(s.year[4] < s.year_from_ms + 60 * (int64_t)DAY_MS);
    app_close(app);
    store_fixture_free(f);
}

static void test_cases_in_every_state_over_the_past(void **state) {
    (void)state;
    look_at_city(false);
}

static void test_the_same_on_postgresql(void **state) {
    (void)state;
    look_at_city(true);
}

static void test_password_of_the_fixtures_city(void **state) {
    (void)state;
    assert_true(password_verify(S(CITY_HASH), S(DEMO_PASSWORD)));
    assert_false(password_verify(S(CITY_HASH), S("tongban-demo-2025")));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_password_of_the_fixtures_city),
                                        cmocka_unit_test(test_cases_in_every_state_over_the_past),
                                        cmocka_unit_test(test_the_same_on_postgresql) };
    return cmocka_run_group_tests_name("demo", tests, NULL, NULL);
}
