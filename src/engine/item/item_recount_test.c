/* item_recount: holidays announced while cases are under way, on both stores, in a city: the legal clock, the steps' limits and the
 * timers move with a trace, once; what has ended, or does not ask for working days, stays.
 */
#include "engine/item/item_rows.h"
#include "engine/notify/notify.h"

#include "app/city_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COMMON "systems/common"
#define LAST_DAY "2026-10-10,国庆节,,,,work"
#define DAY_MS INT64_C(86400000)

static void play(const struct city *c, const char *steps, int64_t *case_id) {
    struct err e = { 0 };
    int rc = city_fixture_play(c, steps, case_id, &e);
    if (rc) print_error("%s %s %s\n", err_name(rc), e.field, e.detail);
    assert_int_equal(rc, 0);
}

#define SUBMITTED CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
#define ACCEPTED \
    SUBMITTED "  - {who: window-clerk, do: decide, task: intake, move: accept, expect: {state: accepted}}\n" \
    "  - {who: food-reviewer, do: decide, task: survey, move: pass}\n"

struct dues {
    int64_t case_id, task, task_ms, timer_ms, waiting;
    const struct realm *r;
};

static int dues_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct dues *d = job->arg;
    struct flow_task t;
    struct flow_instance *all;
    struct flow_timer *timer;
    size_t n, n_timer;
    int rc = d->task ? flow_task_get(tx, d->task, &t, e) : 0;
    d->task_ms = d->task && !rc ? t.due_ms : 0;
    d->timer_ms = 0;
    if (!rc) rc = flow_instances_of(tx, d->case_id, &all, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        rc = flow_timers_of(tx, all[i].id, &timer, &n_timer, e);
        if (!rc && n_timer) d->timer_ms = timer[0].due_ms;
    }
    return rc ? rc : act_messages_waiting(tx, job->home, S("release.holidays"), &d->waiting, e);
}

static void look(const struct city *c, struct city_look *l, struct dues *d, int64_t case_id, const char *element) {
    city_fixture_look(c, l, case_id, element);
    *d = (struct dues){ .case_id = case_id, .task = l->task, .r = &c->app->realm };
    assert_int_equal(city_fixture_read(c, dues_body, d, NULL), 0);
}

/* The texts of the notices of this name that the case's people have got: how many, and the last. */
struct told {
    const struct realm *r;
    struct actor who;
    int64_t case_id;
    const char *title;
    size_t n;
    struct str text;
};

static int told_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct told *t = job->arg;
    struct notify_query q = { .max = 50, .back = true };
    struct val *list;
    int rc = notify_inbox(tx, t->r, &t->who, S("zh"), &q, &list, e);
    for (size_t i = 0; !rc && i < val_count(list); i++) {
        const struct val *m = val_item(list, i);
        if (val_get_i64(m, S("case_id"), 0) != t->case_id || !str_eq(val_get_str(m, S("title")), str_of(t->title))) continue;
        t->n++;
        t->text = val_get_str(m, S("text"));
    }
    return rc;
}

static struct told told(const struct city *c, const char *who, int64_t case_id, const char *title) {
    struct told t = { .r = &c->app->realm, .case_id = case_id, .title = title };
    city_fixture_actor(c, who, &t.who);
    assert_int_equal(city_fixture_read(c, told_body, &t, NULL), 0);
    return t;
}

static int32_t later(const struct city *c, int64_t was_ms, int64_t now_ms) {
    const struct tz *tz = c->app->realm.tz;
    return clock_workdays_between(c->app->realm.calendar, tz_date(tz, was_ms - 1), tz_date(tz, now_ms - 1));
}

static size_t recount(const struct city *c) {
    struct err e = { 0 };
    size_t n = 0;
    if (app_recount(c->app, &n, &e)) fail_msg("%s %s", err_name(e.code), e.detail);
    return n;
}

static size_t events_of(const struct city_look *l, const char *kind) {
    size_t n = 0;
    for (size_t i = 0; i < val_count(l->events); i++) n += str_eq(val_get_str(val_item(l->events, i), S("kind")), str_of(kind));
    return n;
}

static void test_holidays_move_limits(void **state) {
    CITY(c);
    struct city_look l;
    struct dues d;
    int64_t accepted = 0, waiting = 0, given = 0, ended = 0, held = 0;
    play(c, ACCEPTED, &accepted);
    play(c, SUBMITTED, &waiting);
    play(c, SUBMITTED "  - {who: window-clerk, do: decide, task: intake, move: supplement, opinion: 缺件, expect: {state: supplement}}\n",
         &given);
    play(c, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
         "  - {who: window-clerk, do: claim, task: intake}\n", &held);
    play(c, ACCEPTED "  - {who: company, do: withdraw, opinion: 不办了}\n", &ended);
    look(c, &l, &d, accepted, "food_review");
    const int64_t due = l.c.due_ms, survey = d.task_ms;
    look(c, &l, &d, waiting, "intake");
    const int64_t intake = d.task_ms;
    look(c, &l, &d, given, "intake_give");
    const int64_t timer = d.timer_ms, supplement = d.task_ms;
    look(c, &l, &d, ended, "intake");
    const int64_t ended_version = l.c.version, ended_due = l.c.due_ms;
    assert_true(due && survey && intake && timer);
    assert_int_equal(recount(c), 0);
    /* Monday the 16th: the Wednesday of this week is given as a holiday. */
    city_fixture_change(c, COMMON, "codes/holiday.csv", LAST_DAY, LAST_DAY "\n2026-11-18,国庆节,,,,off");
    assert_int_equal(recount(c), 4);
    look(c, &l, &d, accepted, "food_review");
    assert_true(l.c.due_ms > due && d.task_ms > survey);
    assert_int_equal(later(c, due, l.c.due_ms), 1);
    assert_int_equal(events_of(&l, "recount"), 1);
    const struct val *shown = val_get(l.view, S("events")), *last = val_item(shown, val_count(shown) - 1);
    assert_true(str_eq(val_get_str(last, S("title")), S("节假日安排变动，期限重新计算")));
    assert_true(str_starts(val_get_str(last, S("text")), S("办理期限由2026年")));
    const int64_t version = l.c.version, moved = l.c.due_ms;
    look(c, &l, &d, waiting, "intake");
    assert_true(d.task_ms > intake && l.c.due_ms == 0);
    look(c, &l, &d, given, "intake_give");
    assert_true(d.timer_ms > timer && supplement == timer && d.task_ms == d.timer_ms);
    /* whose limit moved is told: from which day to which, and why */
    struct told t = told(c, "company", accepted, "办理期限改了");
    assert_true(t.n == 1 && str_find(t.text, S("期限由2026年"), 0) != SIZE_MAX);
    assert_true(str_find(t.text, S("节假日安排变动"), 0) != SIZE_MAX);
    assert_int_equal(told(c, "company", waiting, "办理期限改了").n, 0); /* it has none yet */
    assert_int_equal(told(c, "company", given, "补正期限改了").n, 1);
    assert_int_equal(told(c, "company", ended, "办理期限改了").n, 0);
    t = told(c, "window-clerk", held, "一项任务的期限改了");
    assert_true(t.n == 1 && str_find(t.text, S("的期限由2026年"), 0) != SIZE_MAX);
    assert_int_equal(told(c, "window-clerk", waiting, "一项任务的期限改了").n, 0); /* nobody has it in hand */
    look(c, &l, &d, ended, "intake");
    assert_true(l.c.version == ended_version && l.c.due_ms == ended_due && d.waiting == 0);
    /* once */
    assert_int_equal(recount(c), 0);
    look(c, &l, &d, accepted, "food_review");
    assert_int_equal(l.c.version, version);
    assert_int_equal(told(c, "company", accepted, "办理期限改了").n, 1);
    /* another day of the same week instead: the limit ends on the same day, and nothing is written */
    city_fixture_change(c, COMMON, "codes/holiday.csv", LAST_DAY, LAST_DAY "\n2026-11-19,国庆节,,,,off");
    assert_int_equal(recount(c), 0);
    look(c, &l, &d, accepted, "food_review");
    assert_true(l.c.version == version && d.waiting == 0);
    /* taken back */
    city_fixture_change(c, COMMON, "system.yaml", "version: 1.0.0", "version: 1.0.9");
    assert_int_equal(recount(c), 4);
    assert_int_equal(told(c, "company", accepted, "办理期限改了").n, 2);
    look(c, &l, &d, accepted, "food_review");
    assert_true(l.c.due_ms == due && d.task_ms == survey && moved != due);
    assert_int_equal(events_of(&l, "recount"), 2);
    look(c, &l, &d, given, "intake_give");
    assert_int_equal(d.timer_ms, timer);
    /* what leaves the table as it was asks for nothing */
    city_fixture_change(c, COMMON, "system.yaml", "version: 1.0.0", "version: 1.0.10");
    look(c, &l, &d, accepted, "food_review");
    assert_int_equal(d.waiting, 0);
}

/* What stood for longer than its own limit, since another's word was waited for, keeps what was left of it. */
static int shift_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct dues *d = job->arg;
    return flow_task_due_put(tx, d->task, d->task_ms, e);
}

static void test_what_is_left_stays(void **state) {
    CITY(c);
    struct city_look l;
    struct dues d;
    int64_t id = 0;
    play(c, SUBMITTED, &id);
    look(c, &l, &d, id, "intake");
    d.task_ms += 7 * DAY_MS; /* as many working days again as a week has */
    const int64_t was = d.task_ms;
    assert_int_equal(city_fixture_plant(c, shift_body, &d, NULL), 0);
    city_fixture_change(c, COMMON, "codes/holiday.csv", LAST_DAY, LAST_DAY "\n2026-11-18,国庆节,,,,off");
    assert_true(recount(c) >= 1);
    look(c, &l, &d, id, "intake");
    assert_int_equal(later(c, was, d.task_ms), 1);
}

/* Two tables one after the other, before anybody counted by the first. */
static void test_two_tables(void **state) {
    CITY(c);
    struct city_look l;
    struct dues d;
    int64_t id = 0;
    city_fixture_change(c, COMMON, "system.yaml", "version: 1.0.0", "version: 1.0.11");
    (void)recount(c);
    play(c, ACCEPTED, &id);
    look(c, &l, &d, id, "food_review");
    const int64_t due = l.c.due_ms, task = d.task_ms;
    city_fixture_change(c, COMMON, "codes/holiday.csv", LAST_DAY, LAST_DAY "\n2026-11-20,国庆节,,,,off");
    city_fixture_change(c, COMMON, "codes/holiday.csv", LAST_DAY, LAST_DAY "\n2026-11-19,国庆节,,,,off\n2026-11-20,国庆节,,,,off");
    assert_true(recount(c) >= 2);
    look(c, &l, &d, id, "food_review");
    assert_int_equal(d.waiting, 0);
    assert_int_equal(later(c, due, l.c.due_ms), 2);
    assert_int_equal(later(c, task, d.task_ms), 2);
    assert_int_equal(recount(c), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_holidays_move_limits), cmocka_unit_test(test_what_is_left_stays),
                                        cmocka_unit_test(test_two_tables) };
    return CITY_FIXTURE_RUN("recount", tests);
}
