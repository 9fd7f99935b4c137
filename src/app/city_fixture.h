/* city_fixture: a small demo city for tests: an app on a store of its own with all systems of the tree, 120 people, 20 companies and
 * the demo accounts, no cases. Linked to tests only (meson.build: *_fixture.c). Tests run with the source root as working directory.
 *
 *     static void test_x(void **state) { CITY(c); ... }      skipped where there is no PostgreSQL
 *     int main(void) { const struct CMUnitTest tests[] = { ... }; return CITY_FIXTURE_RUN("name", tests); }     on both stores
 *
 * The clock is virtual and stands at Monday 2026-11-16 09:00 in Tianjin; os_clock_advance moves it. */
#ifndef APP_CITY_FIXTURE_H
#define APP_CITY_FIXTURE_H
#include "app/app.h"
#include "engine/item/item_rows.h"
#include "store/store_fixture.h"

#define CITY_START_MS INT64_C(1794790800000) /* 2026-11-16T09:00:00+08:00 */

/* DEMO_PASSWORD at the least cost: at the real one (hash_test.c, identity_test.c) each city and each who signs in takes a fifth of a second
 * and 64 MiB. */
#define CITY_HASH "$argon2id$v=19$m=8,t=1,p=1$AxQlNkdYaXqLnK2+z+DxAg$PgWb3Hf5TB9mvQ0601dnUASosCpa64OvNssk/Cnwa8Q"

enum { CITY_PEOPLE = 400, CITY_COMPANIES = 80, CITY_SAMPLE_SEED = 20261121 }; /* what sample_make was asked for */

struct city {
    struct app *app;
    struct store_fixture *fixture;
    bool postgres;
};

#define CITY(c)              \
    struct city *c = *state; \
    if (!c) {                \
        skip();              \
        return;              \
    }

/* The tests on a city of either store, one after the other; how many failed. Macros, for cmocka counts the array and reads its name. */
#define CITY_FIXTURE_RUN(name, tests)                                                                    \
    (cmocka_run_group_tests_name(name ", SQLite", tests, city_fixture_sqlite, city_fixture_done) +       \
     cmocka_run_group_tests_name(name ", PostgreSQL", tests, city_fixture_postgres, city_fixture_done))
int city_fixture_sqlite(void **state);
int city_fixture_postgres(void **state);

/* For cmocka: set-up and tear-down of a group. Where PostgreSQL is missing, *state is NULL and the tests skip. 0 or -1. */
int city_fixture_open(void **state, bool postgres);
int city_fixture_done(void **state);
/* An app without systems and people. */
int city_fixture_open_empty(void **state, bool postgres);

/* One job; the code of its failure or 0. Memory of the job lives until the program ends. */
int city_fixture_run(const struct city *c, store_body *body, void *arg, struct err *e);
/* The same for what no engine does: a fault that a test plants. It accounts for itself (store_account). */
int city_fixture_plant(const struct city *c, store_body *body, void *arg, struct err *e);
int city_fixture_read(const struct city *c, store_body *body, void *arg, struct err *e);
/* The actor of a login name or of a role; "company" acts for its company. Ends the program if there is none. */
void city_fixture_actor(const struct city *c, const char *who, struct actor *ret);
/* Activates a copy of a system's folder in which `from`, which must be there, is `to` in one file. Ends the program if it cannot. */
void city_fixture_change(const struct city *c, const char *system, const char *file, const char *from, const char *to);
/* Plays steps in the form of cases/NAME.yaml (`steps` is the text of the list). Returns the code of the first step that comes out
 * otherwise than it says; the case made is in *ret_case, which also says where to go on. */
int city_fixture_play(const struct city *c, const char *steps, int64_t *ret_case, struct err *e);
/* Steps of a company that opens a restaurant, for city_fixture_play: the case, its answers (a small shop without gas and sign needs
 * no more), those about a sign, one file. */
#define CITY_SHOP_APPLY "  - {who: company, do: apply, item: restaurant}\n"
#define CITY_SHOP_ANSWERS(district, area, kinds, gas, sign) \
    "  - {who: company, do: answer, page: company, with: {shop_name: 津样小馆}}\n" \
    "  - {who: company, do: answer, page: premises,\n" \
    "     with: {district: '" district "', address: 示例路 8 号, area: '" area "'}}\n" \
    "  - {who: company, do: answer, page: business,\n" \
    "     with: {kinds: [" kinds "], uses_gas: '" gas "', outdoor_sign: '" sign "'}}\n" \
    "  - {who: company, do: answer, page: people, with: {manager_name: 样二, manager_id: '99010119900307100X', manager_phone: '13800000000'}}\n"
#define CITY_SHOP_SIGN "  - {who: company, do: answer, page: sign, with: {sign_width: '300', sign_height: '80'}}\n"
#define CITY_SHOP_FILE(material) "  - {who: company, do: upload, material: " material "}\n"
/* All answers and files of a small shop, and of a big one with gas and a sign, which three departments decide. */
#define CITY_SMALL_SHOP                                         \
    CITY_SHOP_ANSWERS("120101", "60", "'1'", "no", "no")        \
    CITY_SHOP_FILE("floor-plan") CITY_SHOP_FILE("health-certificate")
#define CITY_BIG_SHOP(district)                                                                                      \
    CITY_SHOP_ANSWERS(district, "260", "'1', '2'", "yes", "yes")                                                     \
    CITY_SHOP_SIGN CITY_SHOP_FILE("floor-plan") CITY_SHOP_FILE("health-certificate") CITY_SHOP_FILE("fire-statement") \
        CITY_SHOP_FILE("gas-contract") CITY_SHOP_FILE("sign-picture")
/* What the other two departments of a big shop find in the joint survey, beside food's own finding. */
#define CITY_FIRE_SURVEYED "  - {who: fire, do: decide, task: fire_survey, move: pass}\n"
#define CITY_SIGN_SURVEYED "  - {who: sign, do: decide, task: sign_survey, move: pass}\n"
#define CITY_BIG_SURVEYED CITY_FIRE_SURVEYED CITY_SIGN_SURVEYED
#define CITY_SHOP_SUBMIT "  - {who: company, do: submit}\n"
/* A case as it stands: its row, view and log, and the task whose element is named (0: none is). Ends the program if there is no such
 * case. */
struct city_look {
    const struct realm *r;
    int64_t case_id;
    const char *element;
    int64_t task;
    struct item_case c;
    struct val *view, *events;
};
void city_fixture_look(const struct city *c, struct city_look *ret, int64_t case_id, const char *element);
/* A card of supervision (rule step-late of common) about the case for whom `who` is, issued in supervision's own name. */
int64_t city_fixture_card(const struct city *c, int64_t case_id, const char *who);
/* Submits all jobs at once and waits for all; out[i] is the i-th outcome. */
void city_fixture_race(const struct city *c, struct store_job **jobs, size_t n, enum store_outcome *out);

#endif
