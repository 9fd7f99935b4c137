/* Tests of what a year's cases take from a scenario: what was done in it and by whom, days as far off as there, numbers and names of their
 * own, and the same again for the same seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app/demo_year.h"
#include "data/csv.h"
#include "data/yaml.h"
#include "engine/code/code_check.h"
#include "os/os.h"

static const char scenario[] =
    "clock: '2026-11-16T09:00:00+08:00'\n"
    "steps:\n"
    "  - {who: shop, do: apply, item: trade, refused: ERR_STATE}\n"
    "  - {who: one, do: apply, item: trade}\n"
    "  - {who: one, do: answer, page: p, with: {name: 津样小馆, day: '2026-11-20', born: '1940-05-06', other: {of: one}}}\n"
    "  - {who: one, do: submit}\n"
    "  - {who: clerk, do: decide, task: t, move: a, refused: ERR_REQUIRED}\n"
    "  - {do: wait, days: 3}\n"
    "  - {who: clerk, do: find, record: person, of: one}\n"
    "  - {who: clerk, do: hold, task: t, until: '2026-11-25'}\n"
    "  - {who: clerk, do: decide, task: t, move: a, to: boss, with: {code: 91120101MA0000015R, id: '99010119900307100X'}}\n"
    "  - {who: shop, do: apply, item: sign}\n"
    "  - {who: clerk, do: decide, task: t, move: a}\n"
    "  - {who: one, do: apply, item: trade}\n"
    "  - {who: shop, do: withdraw}\n";

struct city {
    struct arena a;
    struct app app;
    struct system sys;
    struct demo_work w;
    struct year_plays plays;
    struct val *yaml;
    int64_t ids[40];
};
static const struct system *only;

static size_t active(void *context, const struct system ***ret) {
    (void)context;
    *ret = &only;
    return 1;
}

static struct val *table(struct arena *a, struct str csv) {
    struct val *v;
    struct err e = { 0 };
    assert_int_equal(csv_table(a, csv, &v, &e), 0);
    return v;
}

static int setup(void **state) {
    static struct city city;
    struct city *c = &city;
    struct buf people, companies;
    struct tz *tz;
    struct err e = { 0 };
    arena_init(&c->a, "year test", 64 << 20);
    assert_int_equal(tz_load(&c->a, S("Asia/Shanghai"), &tz, &e), 0);
    c->app.realm.tz = tz;
    c->app.realm.systems.active = active;
    only = &c->sys;
    c->sys.sample_accounts = table(&c->a, S("login,name,role,unit,person,company,title\none,,,,1,,x\nshop,,,,,1,x\n"
                                            "clerk,x,clerk,u,,,x\nboss,x,boss,u,,,x\n"));
    buf_init(&people, &c->a, 4096, 65536);
    buf_init(&companies, &c->a, 4096, 65536);
    buf_add(&people, S("citizen_id,name,birth_date,division\n"));
    buf_add(&companies, S("uscc,legal_person,status\n"));
    for (int i = 0; i < 20; i++) buf_add_fmt(&people, "id%02d,n,%d-01-01,1201010000%02d\n", i, i < 15 ? 1960 + i : 2020, i);
    for (int i = 15; i < 20; i++) buf_add_fmt(&companies, "c%02d,id%02d,%d\n", i, i, i == 15 ? 2 : 1);
    c->w = (struct demo_work){ .app = &c->app, .a = &c->a, .person_list = table(&c->a, buf_str(&people)),
                               .company_list = table(&c->a, buf_str(&companies)) };
    map_init(&c->w.people, &c->a);
    for (int i = 0; i < 20; i++) assert_true(map_put(&c->w.people, arena_fmt(&c->a, "id%02d", i), &c->ids[i]));
    c->plays = (struct year_plays){ .w = &c->w, .a = &c->a };
    map_init(&c->plays.pools, &c->a);
    map_init(&c->plays.members, &c->a);
    assert_int_equal(yaml_parse(&c->a, S("scenario"), str_of(scenario), &c->yaml, &e), 0);
    assert_int_equal(year_plays_learn(&c->plays, c->yaml, &e), 0);
    *state = c;
    return 0;
}

static int teardown(void **state) {
    struct city *c = *state;
    arena_done(&c->a);
    return 0;
}

static void test_what_was_done_is_played_and_nothing_else(void **state) {
    const struct city *c = *state;
    static const char *const done[] = { "apply", "answer", "submit", "wait", "hold", "decide" };
    assert_int_equal(c->plays.n, 2); /* the third is acted in by somebody else who applies */
    assert_int_equal(c->plays.play[0].n, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_true(str_eq(val_get_str(c->plays.play[0].step[i].step, S("do")), str_of(done[i])));
        assert_int_equal(c->plays.play[0].step[i].applicant, i < 3);
        assert_int_equal(c->plays.play[0].step[i].waited_days, i > 3 ? 3 : 0);
    }
    assert_true(str_eq(c->plays.play[1].item, S("sign")));
    assert_int_equal(c->plays.play[1].n, 2);
    assert_int_equal(c->plays.play[0].lead->n, 15);
    assert_int_equal(c->plays.play[1].lead->n, 4);
}

static struct val *step(const struct city *c, size_t i, uint64_t seed, uint64_t number) {
    return year_step_of(&c->plays, &c->plays.play[0], i, seed, number, (struct arena *)&c->a);
}

static void test_days_names_and_numbers_are_the_case_s_own(void **state) {
    const struct city *c = *state;
    struct civil_date today = tz_date(c->app.realm.tz, os_now_ms()), d;
    const struct val *with = val_get(step(c, 1, 1, 7), S("with"));
    assert_true(civil_parse(val_get_str(with, S("day")), &d));
    assert_int_equal(d.day, today.day + 4);
    assert_true(str_eq(val_get_str(with, S("born")), S("1940-05-06")));
    assert_true(str_starts(val_get_str(with, S("name")), S("津样")) && str_ends(val_get_str(with, S("name")), S("小馆")));
    assert_false(str_eq(val_get_str(with, S("name")), S("津样小馆")));
    assert_true(civil_parse(val_get_str(step(c, 4, 1, 7), S("until")), &d));
    assert_int_equal(d.day, today.day + 6); /* three days were waited before */
    const struct val *x = val_get(step(c, 5, 1, 7), S("with")), *y = val_get(step(c, 5, 1, 8), S("with"));
    assert_int_equal(code_uscc(val_get_str(x, S("code")), NULL), 0);
    assert_int_equal(code_citizen_id(val_get_str(x, S("id")), NULL, NULL), 0);
    assert_false(str_eq(val_get_str(x, S("code")), val_get_str(y, S("code"))));
    assert_false(str_eq(val_get_str(x, S("id")), val_get_str(y, S("id"))));
    assert_true(str_eq(val_get_str(step(c, 5, 1, 7), S("to")), S("boss"))); /* officers stay who they are */
}

static void test_the_same_seed_gives_the_same_people(void **state) {
    const struct city *c = *state;
    size_t differ = 0;
    for (uint64_t i = 1; i <= 50; i++) {
        struct str who = val_get_str(step(c, 0, 3, i), S("who"));
        assert_true(str_eq(who, year_lead_of(&c->plays.play[0], 3, i)));
        assert_true(str_eq(who, val_get_str(step(c, 2, 3, i), S("who"))));
        assert_true(str_eq(who, val_get_str(val_path(step(c, 1, 3, i), S("with.other")), S("of"))));
        differ += !str_eq(who, val_get_str(step(c, 0, 4, i), S("who")));
    }
    assert_true(differ > 25);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_done_is_played_and_nothing_else),
        cmocka_unit_test(test_days_names_and_numbers_are_the_case_s_own),
        cmocka_unit_test(test_the_same_seed_gives_the_same_people),
    };
    return cmocka_run_group_tests_name("demo year", tests, setup, teardown);
}
