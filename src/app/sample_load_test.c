/* Tests of a system's sample tables as it is loaded into a demo city that is there: judged before
 * anything is taken up, put whole, and the people whom its accounts name are those of the city; on
 * both stores.
 */
#include "app/city_fixture.h"
#include "engine/identity/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER "systems/approval/restaurant"

/* What can be seen of a load. */
struct standing {
    const struct city *city;
    int64_t active, patron, unit;
    size_t releases;
    struct actor patron_is;
};

static int stand_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct standing *s = job->arg;
    const struct realm *r = &s->city->app->realm;
    struct val *all;
    s->patron = s->unit = 0;
    int rc = release_active_id(tx, job->home, S("approval/restaurant"), &s->active, e);
    if (!rc) rc = release_list(tx, r, &all, e);
    s->releases = val_count(all);
    if (!rc && identity_account_by_login(tx, r, S("patron"), &s->patron, NULL) == 0)
        rc = identity_actor_of(tx, r, s->patron, &s->patron_is, e);
    (void)identity_unit_by_code_find(tx, r, S("kitchen.120101"), &s->unit, NULL);
    return rc;
}

static struct standing stand(const struct city *c) {
    struct standing s = { .city = c };
    struct err e = { 0 };
    if (city_fixture_read(c, stand_body, &s, &e)) fail_msg("%s", e.detail);
    return s;
}

/* Loads the folder with rows added to its sample tables. */
static int load(const struct city *c, const char *units, const char *accounts, struct err *e) {
    struct arena a;
    struct release_files f;
    arena_init(&a, "test", 64 * 1024 * 1024);
    int rc = release_read_dir(&a, FOLDER, &f, e);
    for (size_t i = 0; !rc && i < f.n; i++) {
        bool is_units = str_eq(f.file[i].path, RELEASE_UNITS);
        if (!is_units && !str_eq(f.file[i].path, RELEASE_ACCOUNTS)) continue;
        f.file[i].bytes = ARENA_CAT(&a, f.file[i].bytes, str_of(is_units ? units : accounts));
    }
    if (!rc) rc = app_load_files(c->app, &c->app->worker, &f, true, NULL, e);
    arena_done(&a);
    return rc;
}

static void test_what_is_wrong_is_refused_whole(void **state) {
    CITY(c);
    static const struct {
        const char *units, *accounts, *file, *word;
        uint32_t line;
    } rows[] = {
        { "", "cook,样厨,food-revewer,market-regulation.120101,,,厨师\n", "sample/accounts.csv",
          "role：", 6 },
        { "", "cook,样厨,food-reviewer,kitchen.120101,,,厨师\n", "sample/accounts.csv", "unit：",
          6 },
        { "", "patron,,,,two,,店主\n", "sample/accounts.csv", "person：", 6 },
        { "", "patron,,,,9999,,店主\n", "sample/accounts.csv", "person：演示城市里没有这一位：9999",
          6 },
        { "", "patron,,,,,9999,店主\n", "sample/accounts.csv",
          "company：演示城市里没有这一位：9999", 6 },
        { "", "patron,,,2,店主\n", "sample/accounts.csv", "5 列", 6 },
        { "kitchen.120101,厨房,distrct.120101,120101\n", "", "sample/units.csv", "parent：", 6 },
    };
    struct standing before = stand(c);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = { 0 };
        assert_int_equal(load(c, rows[i].units, rows[i].accounts, &e), ERR_SYSTEM);
        assert_string_equal(e.field, rows[i].file);
        assert_int_equal(e.line, rows[i].line);
        if (!strstr(e.detail, rows[i].word)) fail_msg("%s", e.detail);
        struct standing s = stand(c);
        assert_int_equal(s.active, before.active);
        assert_int_equal(s.releases, before.releases);
        assert_true(s.patron == 0 && s.unit == 0);
    }
}

static void test_who_comes_later_is_of_the_city(void **state) {
    CITY(c);
    struct err e = { 0 };
    struct standing before = stand(c);
    if (load(c, "kitchen.120101,厨房,district.120101,120101\n",
             "patron,,food-reviewer,kitchen.120101,2,,店主\n", &e))
        fail_msg("%s:%u %s", e.field, e.line, e.detail);
    struct standing s = stand(c);
    assert_int_not_equal(s.active, before.active);
    assert_true(s.unit != 0 && s.patron != 0 && s.patron_is.person != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_wrong_is_refused_whole),
        cmocka_unit_test(test_who_comes_later_is_of_the_city),
    };
    return CITY_FIXTURE_RUN("sample load", tests);
}
