/* F21: the rail says what is so: a part that asked for a supplement waits for the applicant, the others go on; on both stores. */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct looking {
    const struct realm *r;
    int64_t case_id;
    struct val *rail;
};

static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct looking *x = job->arg;
    struct item_case c;
    struct val *view;
    int rc = item_case_get(tx, x->r, NULL, x->case_id, &c, e);
    if (!rc) rc = item_case_view(tx, x->r, &c, S(""), S("zh"), &view, e);
    if (!rc) x->rail = (struct val *)val_get(view, S("rail"));
    return rc;
}

static void play(const struct city *c, int64_t *id, const char *steps) {
    struct err e = { 0 };
    if (city_fixture_play(c, steps, id, &e)) fail_msg("%s %s", e.field, e.detail);
}

/* The states of the steps between submitting and the end, "intake, survey of food, fire and sign, food fire sign". */
static void assert_rail(const struct city *c, int64_t id, const char *expected) {
    struct looking x = { .r = &c->app->realm, .case_id = id };
    struct str rest = str_of(expected), word;
    assert_int_equal(city_fixture_read(c, look_body, &x, NULL), 0);
    assert_int_equal(val_count(x.rail), 9);
    for (size_t i = 1; str_cut(&rest, ' ', &word); i++) {
        const struct val *v = val_item(x.rail, i);
        struct str state = val_get_str(v, S("state")), title = val_get_str(v, S("title"));
        if (!str_eq(state, word)) fail_msg("%.*s: %.*s, not %.*s", STR_ARG(title), STR_ARG(state), STR_ARG(word));
        if (str_eq(word, S("waiting"))) assert_int_equal(val_get_str(v, S("date")).len, 0); /* it has not ended */
    }
}

static const char *const applied = CITY_SHOP_APPLY CITY_SHOP_ANSWERS("120101", "260", "'1'", "no", "yes") CITY_SHOP_SIGN
    CITY_SHOP_FILE("floor-plan") CITY_SHOP_FILE("health-certificate") CITY_SHOP_FILE("fire-statement") CITY_SHOP_FILE("sign-picture")
    CITY_SHOP_SUBMIT;

static void test_f21_the_part_that_asked_waits_and_the_others_go_on(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, applied);
    assert_rail(c, id, "current maybe maybe maybe todo todo todo");
    play(c, &id, "  - {who: window-clerk, do: decide, task: intake, move: supplement, opinion: 请标明库房}\n");
    assert_rail(c, id, "waiting maybe maybe maybe todo todo todo");
    play(c, &id, "  - {who: company, do: supplement, opinion: 已补正}\n");
    assert_rail(c, id, "current maybe maybe maybe todo todo todo");
    play(c, &id, "  - {who: window-clerk, do: decide, task: intake, move: accept}\n"
                 "  - {who: food-reviewer, do: decide, task: survey, move: pass, opinion: 符合}\n" CITY_BIG_SURVEYED);
    assert_rail(c, id, "done done done done current current current");
    play(c, &id, "  - {who: fire-reviewer, do: decide, task: fire_review, move: supplement, opinion: 请补充清单}\n");
    assert_rail(c, id, "done done done done current waiting current");
    play(c, &id, "  - {who: food-reviewer, do: decide, task: food_review, move: approve}\n"
                 "  - {who: sign-reviewer, do: decide, task: sign_review, move: supplement, opinion: 请标明照明}\n");
    assert_rail(c, id, "done done done done done waiting waiting");
    play(c, &id, "  - {who: company, do: supplement, opinion: 已补充}\n");
    assert_rail(c, id, "done done done done done current current");
}

static void assert_note(const struct city *c, int64_t id, size_t step, const char *note) {
    struct looking x = { .r = &c->app->realm, .case_id = id };
    assert_int_equal(city_fixture_read(c, look_body, &x, NULL), 0);
    assert_true(str_eq(val_get_str(val_item(x.rail, step), S("unit")), str_of(note)));
}

/* One part's time runs out while another's supplement still stands: the case goes on waiting for that. */
static void test_a_part_that_was_not_supplemented_has_ended(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, applied);
    play(c, &id, "  - {who: window-clerk, do: decide, task: intake, move: accept}\n"
                 "  - {who: food-reviewer, do: decide, task: survey, move: pass, opinion: 符合}\n" CITY_BIG_SURVEYED
                 "  - {who: sign-reviewer, do: decide, task: sign_review, move: supplement, opinion: 请标明照明}\n"
                 "  - {do: wait, days: 2}\n"
                 "  - {who: food-reviewer, do: decide, task: food_review, move: supplement, opinion: 请补充}\n");
    assert_rail(c, id, "done done done done waiting current waiting");
    play(c, &id, "  - {do: wait, days: 20, expect: {state: supplement, paused: true}}\n");
    assert_rail(c, id, "done done done done waiting current refused");
    assert_note(c, id, 7, "视为撤回");
    play(c, &id, "  - {do: wait, days: 5, expect: {state: accepted, paused: false}}\n"
                 "  - {who: company, do: supplement, opinion: 来晚了, refused: ERR_STATE}\n");
    assert_rail(c, id, "done done done done refused current refused");
    play(c, &id, "  - {who: fire-reviewer, do: decide, task: fire_review, move: approve}\n"
                 "  - {do: set-papers, expect: {state: ended, result: partly, papers: 1}}\n");
    assert_rail(c, id, "done done done done refused done refused");
}

/* Of a department that the case does not need no step is shown, of the joint survey neither. */
static void test_who_is_not_needed_has_no_step(void **state) {
    CITY(c);
    static const char *const small[] = { "提交申请", "窗口受理", "联合勘验（食品经营）", "食品经营许可审查", "办结" };
    int64_t id = 0;
    struct looking x = { .r = &c->app->realm };
    play(c, &id, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
         "  - {who: window-clerk, do: decide, task: intake, move: accept, expect: {open: [survey]}}\n");
    x.case_id = id;
    assert_int_equal(city_fixture_read(c, look_body, &x, NULL), 0);
    assert_int_equal(val_count(x.rail), sizeof small / sizeof *small);
    for (size_t i = 0; i < val_count(x.rail); i++)
        assert_true(str_eq(val_get_str(val_item(x.rail, i), S("title")), str_of(small[i])));
    play(c, &id, "  - {who: company, do: withdraw, opinion: 完}\n");
}

static void test_f21_a_withdrawn_case_waits_for_nobody(void **state) {
    CITY(c);
    int64_t id = 0;
    struct looking x = { .r = &c->app->realm };
    play(c, &id, applied);
    play(c, &id, "  - {who: window-clerk, do: decide, task: intake, move: supplement, opinion: 请标明库房}\n"
                 "  - {who: company, do: withdraw, opinion: 不办了}\n");
    x.case_id = id;
    assert_int_equal(city_fixture_read(c, look_body, &x, NULL), 0);
    for (size_t i = 0; i < val_count(x.rail); i++)
        assert_false(str_eq(val_get_str(val_item(x.rail, i), S("state")), S("waiting")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f21_the_part_that_asked_waits_and_the_others_go_on),
        cmocka_unit_test(test_a_part_that_was_not_supplemented_has_ended),
        cmocka_unit_test(test_who_is_not_needed_has_no_step),
        cmocka_unit_test(test_f21_a_withdrawn_case_waits_for_nobody),
    };
    return CITY_FIXTURE_RUN("rail", tests);
}
