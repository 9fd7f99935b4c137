/* item_hold: two departments stop the clock at once; what each day is left out for, when the task is due, what the applicant is told;
 * on both stores, in a city. The single moves and denials are the scenarios of systems/approval.
 */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"
#include "engine/notify/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void play(const struct city *c, const char *steps, int64_t *case_id) {
    struct err e = { 0 };
    int rc = city_fixture_play(c, steps, case_id, &e);
    if (rc) print_error("%s %s %s\n", err_name(rc), e.field, e.detail);
    assert_int_equal(rc, 0);
}

#define JOINT \
    CITY_SHOP_APPLY CITY_BIG_SHOP("120101") \
    "  - {who: company, do: submit, expect: {state: submitted, parts: [food, fire, sign]}}\n" \
    "  - {who: window-clerk, do: decide, task: intake, move: accept, expect: {state: accepted}}\n"

#define REVIEW \
    JOINT \
    "  - {who: food-reviewer, do: decide, task: survey, move: pass}\n" CITY_BIG_SURVEYED

/* Days that a reason stopped, in `lines` lines of the arithmetic. */
static int64_t days_for(const struct val *clock, const char *reason, size_t lines) {
    const struct val *rows = val_get(clock, S("rows"));
    int64_t n = 0;
    for (size_t i = 0; i < val_count(rows); i++) {
        if (!str_eq(val_get_str(val_item(rows, i), S("text")), str_of(reason))) continue;
        n += val_get_i64(val_item(rows, i), S("days"), 0);
        assert_true(lines--);
    }
    assert_int_equal(lines, 0);
    return n;
}

struct due {
    const struct realm *r;
    int64_t task, ms;
    struct actor who;
    struct val *inbox;
};

static int due_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct due *d = job->arg;
    struct flow_task t;
    int rc = flow_task_get(tx, d->task, &t, e);
    d->ms = rc ? 0 : t.due_ms;
    return rc ? rc : notify_inbox(tx, d->r, &d->who, S("zh"), &(struct notify_query){ .max = 5 }, &d->inbox, e);
}

/* Two departments hold at once; each day carries the reason of the hold that stood longest, and of the other once that has ended. The
 * task's own limit moves with its own hold. */
static void test_holds_of_two_departments(void **state) {
    CITY(c);
    int64_t id = 0;
    struct city_look l;
    struct due d = { .r = &c->app->realm };
    city_fixture_actor(c, "company", &d.who);
    play(c, REVIEW, &id);
    city_fixture_look(c, &l, id, "food_review");
    d.task = l.task;
    assert_int_equal(city_fixture_read(c, due_body, &d, NULL), 0);
    int64_t before = d.ms;
    play(c, "  - {who: food-reviewer, do: hold, task: food_review, reason: hearing, until: '2027-03-31', opinion: 听证}\n"
            "  - {do: wait, days: 3}\n"
            "  - {who: fire-reviewer, do: hold, task: fire_review, reason: inspection, until: '2027-03-31', opinion: 送检}\n"
            "  - {do: wait, days: 4}\n", &id);
    city_fixture_look(c, &l, id, "food_review");
    assert_int_equal(val_count(val_get(l.view, S("holds"))), 2);
    assert_true(val_get_bool(val_get(l.view, S("clock")), S("paused"), false));
    assert_int_equal(days_for(val_get(l.view, S("clock")), "听证", 1), 7);
    assert_int_equal(city_fixture_read(c, due_body, &d, NULL), 0);
    assert_true(d.ms > before);
    assert_true(str_eq(val_get_str(val_item(d.inbox, 0), S("title")), S("办理计时暂停")));
    assert_true(str_find(val_get_str(val_item(d.inbox, 0), S("text")), S("检验检测"), 0) != SIZE_MAX);
    assert_true(str_find(val_get_str(val_item(d.inbox, 0), S("text")), S("2027年3月31日"), 0) != SIZE_MAX); /* as people read days */
    play(c, "  - {who: food-reviewer, do: resume, task: food_review, opinion: 听证已举行, expect: {paused: true}}\n"
            "  - {do: wait, days: 2}\n"
            "  - {who: fire-reviewer, do: resume, task: fire_review, opinion: 合格, expect: {paused: false}}\n", &id);
    city_fixture_look(c, &l, id, "food_review");
    assert_int_equal(val_count(val_get(l.view, S("holds"))), 0);
    assert_int_equal(days_for(val_get(l.view, S("clock")), "听证", 1), 7);
    assert_int_equal(days_for(val_get(l.view, S("clock")), "检验检测", 1), 2);
    assert_int_equal(city_fixture_read(c, due_body, &d, NULL), 0);
    assert_true(d.ms > before + INT64_C(4) * 86400000 && d.ms < before + INT64_C(14) * 86400000);
    /* The decision ends the hold: the clock of the other parts does not stand for a hearing that is over. */
    play(c, "  - {who: food-reviewer, do: hold, task: food_review, reason: expert-review, until: '2026-12-20', opinion: 评审}\n"
            "  - {who: food-reviewer, do: decide, task: food_review, move: approve, expect: {paused: false}}\n"
            "  - {who: company, do: withdraw, opinion: 完}\n", &id);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_holds_of_two_departments) };
    return CITY_FIXTURE_RUN("item_hold", tests);
}
