/* city_fixture: a small demo city for tests: an app on a store of its own with all systems of the tree, 120 people, 20 companies and
 * the demo accounts, no cases. Linked to tests only (meson.build: *_fixture.c). Tests run with the source root as working directory.
 *
 *     static int sqlite(void **state) { return city_fixture_open(state, false); }     group set-up; _done is the tear-down
 *
 * The clock is virtual and stands at Monday 2026-11-16 09:00 in Tianjin; os_clock_advance moves it. */
#ifndef APP_CITY_FIXTURE_H
#define APP_CITY_FIXTURE_H
#include "app/app.h"
#include "store/store_fixture.h"

#define CITY_START_MS INT64_C(1794790800000) /* 2026-11-16T09:00:00+08:00 */

struct city {
    struct app *app;
    struct store_fixture *fixture;
    bool postgres;
};

/* For cmocka: set-up and tear-down of a group. Where PostgreSQL is missing, *state is NULL and the tests skip. 0 or -1. */
int city_fixture_open(void **state, bool postgres);
int city_fixture_done(void **state);
/* An app without systems and people. */
int city_fixture_open_empty(void **state, bool postgres);

/* One job; the code of its failure or 0. Memory of the job lives until the program ends. */
int city_fixture_run(const struct city *c, store_body *body, void *arg, struct err *e);
int city_fixture_read(const struct city *c, store_body *body, void *arg, struct err *e);
/* The actor of a login name or of a role; "company" acts for its company. Ends the program if there is none. */
void city_fixture_actor(const struct city *c, const char *who, struct actor *ret);
/* Plays steps in the form of cases/NAME.yaml (`steps` is the text of the list). Returns the code of the first step that comes out
 * otherwise than it says; the case made is in *ret_case, which also says where to go on. */
int city_fixture_play(const struct city *c, const char *steps, int64_t *ret_case, struct err *e);
/* Submits all jobs at once and waits for all; out[i] is the i-th outcome. */
void city_fixture_race(const struct city *c, struct store_job **jobs, size_t n, enum store_outcome *out);

#endif
