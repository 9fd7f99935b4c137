/* queue_book: places of slots, on both stores, in a city: two who reach for the last one, what a
 * person may, messages and the one of the day before. What each role may and may not do stands in
 * systems/hall/queueing/cases/appointment.yaml. */
#include "engine/queue/queue_rows.h"

#include "app/city_fixture.h"
#include "data/yaml.h"
#include "engine/notify/notify.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE, MANY = 12, PLACES = 2 };

struct command {
    const struct realm *r;
    const struct queue_hall *h;
    const char *verb;
    struct actor who;
    int64_t at_ms, id, count;
    char code[16];
    struct queue_booking b;
    struct queue_ticket t;
    struct queue_slot *slot;
    size_t n;
    struct val *view;
};

static int body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct command *x = job->arg;
    struct str verb = str_of(x->verb);
    int rc = ERR_DEFECT;
    if (str_eq(verb, S("book"))) rc = queue_book(tx, x->r, &x->who, x->h, S("general"), S(""), x->at_ms, &x->b, e);
    if (str_eq(verb, S("move"))) return queue_book_move(tx, x->r, &x->who, x->id, x->at_ms, e);
    if (str_eq(verb, S("cancel"))) return queue_book_cancel(tx, x->r, &x->who, x->id, e);
    if (str_eq(verb, S("check"))) return queue_check_in(tx, x->r, &x->who, x->h, str_of(x->code), 0, &x->t, e);
    if (rc) return rc;
    x->id = x->b.id;
    (void)snprintf(x->code, sizeof x->code, "%.*s", STR_ARG(x->b.code));
    return 0;
}

static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct command *x = job->arg;
    struct str verb = str_of(x->verb);
    if (str_eq(verb, S("slots")))
        return queue_slots(tx, x->r, x->h, queue_line_find(x->h, S("general")), &x->slot, &x->n, e);
    if (str_eq(verb, S("own"))) return queue_bookings_own(tx, x->r, &x->who, S("zh"), &x->view, e);
    if (str_eq(verb, S("day")))
        return queue_bookings_of(tx, x->r, &x->who, x->h, queue_day(x->r, x->at_ms), S("zh"), &x->view, e);
    if (str_eq(verb, S("mail"))) {
        struct notify_query q = { .max = 100 };
        return notify_inbox(tx, x->r, &x->who, S("zh"), &q, &x->view, e);
    }
    return queue_booking_get(tx, x->r, x->id, &x->b, e);
}

static struct command of(const struct city *c, const char *who) {
    struct command x = { .r = &c->app->realm };
    x.h = queue_hall_find(x.r, S("heping"));
    assert_non_null(x.h);
    city_fixture_actor(c, who, &x.who);
    return x;
}

static int run(const struct city *c, struct command *x, const char *verb) {
    x->verb = verb;
    return city_fixture_run(c, body, x, NULL);
}

static void see(const struct city *c, struct command *x, const char *verb) {
    struct err e = { 0 };
    x->verb = verb;
    if (city_fixture_read(c, look, x, &e)) fail_msg("%s: %s %s", verb, err_name(e.code), e.detail);
}

/* The first slot of the next working day but `n`, at nine: whatever other tests have booked is of
 * other days. */
static int64_t fresh_day(const struct city *c) {
    struct command x = of(c, "citizen");
    os_clock_advance(24 * HOUR);
    see(c, &x, "slots");
    for (size_t i = 0; i < x.n; i++)
        if (x.slot[i].at_ms > os_now_ms() + 26 * HOUR && x.slot[i].free == PLACES) {
            int64_t day = queue_day(x.r, x.slot[i].at_ms);
            if (i && queue_day(x.r, x.slot[i - 1].at_ms) != day) return x.slot[i].at_ms;
        }
    fail();
    return 0;
}

static int64_t free_at(const struct city *c, int64_t at_ms) {
    struct command x = of(c, "citizen");
    see(c, &x, "slots");
    for (size_t i = 0; i < x.n; i++)
        if (x.slot[i].at_ms == at_ms) return x.slot[i].free;
    return -1;
}

static void test_two_people_never_get_the_last_place(void **state) {
    CITY(c);
    static struct command x[MANY];
    struct store_job *jobs[MANY];
    enum store_outcome out[MANY];
    struct command has[PLACES + 1];
    int64_t at = fresh_day(c), got = 0;
    for (int round = 0; round < MANY && got < PLACES; round++) {
        for (int i = 0; i < MANY; i++) {
            x[i] = of(c, "citizen");
            x[i].who.account = 7000 + round * MANY + i; /* one each: no limit of a person stands in the way */
            x[i].at_ms = at;
            x[i].verb = "book";
            jobs[i] = store_fixture_job(body, &x[i]);
            jobs[i]->home = c->app->realm.home;
        }
        city_fixture_race(c, jobs, MANY, out);
        for (int i = 0; i < MANY; i++) {
            /* the others are told, or lost each race and may try again */
            if (out[i] != STORE_OK) assert_true(jobs[i]->err.code == ERR_STATE || out[i] == STORE_CONFLICT);
            if (out[i] == STORE_OK) has[got++] = x[i];
            assert_true(got <= PLACES);
        }
    }
    assert_int_equal(got, PLACES);
    assert_int_equal(free_at(c, at), 0);
    struct command late = of(c, "citizen");
    late.at_ms = at;
    assert_int_equal(run(c, &late, "book"), ERR_STATE);
    /* who cancels gives his place to one other */
    assert_int_equal(run(c, &has[0], "cancel"), 0);
    assert_int_equal(free_at(c, at), 1);
    assert_int_equal(run(c, &late, "book"), 0);
    assert_int_equal(free_at(c, at), 0);
    assert_int_equal(run(c, &late, "cancel"), 0);
}

static int64_t told(const struct city *c, const char *who, const char *title) {
    struct command x = of(c, who);
    int64_t n = 0;
    see(c, &x, "mail");
    for (size_t i = 0; i < val_count(x.view); i++)
        n += str_eq(val_get_str(val_item(x.view, i), S("title")), str_of(title));
    return n;
}

/* The message of the day before comes once, for a booking as it stands then: one that was moved is
 * told of its new day alone. */
static void test_the_day_before_is_told_once(void **state) {
    CITY(c);
    struct err e = { 0 };
    struct command x = of(c, "agent"), y = of(c, "finance");
    int64_t at = fresh_day(c), before = told(c, "agent", "明天有预约"), other = told(c, "finance", "明天有预约");
    size_t n;
    (void)app_remind(c->app, &n, &e);
    x.at_ms = y.at_ms = at;
    assert_int_equal(run(c, &x, "book"), 0);
    assert_int_equal(run(c, &y, "book"), 0);
    x.at_ms = at + 30 * MINUTE;
    assert_int_equal(run(c, &x, "move"), 0);
    assert_int_equal(run(c, &y, "cancel"), 0);
    assert_int_equal(app_remind(c->app, &n, &e), 0);
    assert_int_equal(n, 0);
    os_clock_advance(at - 24 * HOUR - os_now_ms()); /* of the first time, which is no more */
    assert_int_equal(app_remind(c->app, &n, &e), 0);
    assert_int_equal(n, 0);
    os_clock_advance(30 * MINUTE);
    assert_int_equal(app_remind(c->app, &n, &e), 0);
    assert_int_equal(n, 1);
    assert_int_equal(app_remind(c->app, &n, &e), 0);
    assert_int_equal(n, 0);
    assert_int_equal(told(c, "agent", "明天有预约"), before + 1);
    assert_int_equal(told(c, "finance", "明天有预约"), other);
    assert_true(told(c, "agent", "预约成功") > 0 && told(c, "agent", "预约已改期") > 0);
    assert_true(told(c, "finance", "预约已取消") > 0);
}

static bool says(const struct val *v, struct str text) {
    if (!v) return false;
    if (v->kind == VAL_STR) return str_find(v->u.s, text, 0) != SIZE_MAX;
    bool found = false;
    for (size_t i = 0; v->kind == VAL_LIST && i < val_count(v); i++) found |= says(val_item(v, i), text);
    for (size_t i = 0; i < val_pairs(v); i++) found |= says(v->u.map.pair[i].value, text);
    return found;
}

/* With its code one takes a ticket in the place of the time that was booked; the clerk's list has
 * neither code nor name. */
static void test_a_code_takes_one_ticket(void **state) {
    CITY(c);
    struct command x = of(c, "citizen"), kiosk = of(c, "kiosk"), clerk = of(c, "window"), none = of(c, "food");
    int64_t at = fresh_day(c);
    x.at_ms = clerk.at_ms = none.at_ms = at;
    assert_int_equal(run(c, &x, "book"), 0);
    see(c, &clerk, "day");
    assert_int_equal(val_count(clerk.view), 1);
    assert_false(says(clerk.view, str_of(x.code)));
    assert_false(says(clerk.view, x.who.name));
    none.verb = "day";
    assert_int_not_equal(city_fixture_read(c, look, &none, NULL), 0);
    memcpy(kiosk.code, x.code, sizeof kiosk.code);
    assert_int_equal(run(c, &kiosk, "check"), ERR_INPUT); /* not of today */
    os_clock_advance(at - 10 * MINUTE - os_now_ms());
    assert_int_equal(run(c, &kiosk, "check"), 0);
    assert_true(kiosk.t.place_ms == at - 30 * MINUTE);
    assert_int_equal(run(c, &kiosk, "check"), ERR_STATE);
    (void)snprintf(kiosk.code, sizeof kiosk.code, "%s", strcmp(x.code, "00000000") ? "00000000" : "11111111");
    assert_int_equal(run(c, &kiosk, "check"), ERR_INPUT);
    see(c, &x, "own");
    assert_true(says(x.view, S("arrived")));
}

/* Who did not come three times takes a ticket on the spot, until the first of them is 90 days old.
 * */
static void test_who_does_not_come_books_no_more(void **state) {
    CITY(c);
    struct command x = of(c, "company");
    for (int i = 0; i < 3; i++) {
        x.at_ms = fresh_day(c);
        assert_int_equal(run(c, &x, "book"), 0);
        os_clock_advance(x.at_ms + 16 * MINUTE - os_now_ms());
    }
    see(c, &x, "own");
    assert_true(says(x.view, S("missed")));
    x.at_ms = fresh_day(c);
    assert_int_equal(run(c, &x, "book"), ERR_STATE);
    os_clock_advance(INT64_C(90) * 24 * HOUR);
    x.at_ms = fresh_day(c);
    assert_int_equal(run(c, &x, "book"), 0);
    assert_int_equal(run(c, &x, "cancel"), 0);
}

STORE_STMT(queue_test_whose, STORE_WRITES, "UPDATE queue_booking SET account = account + 1 WHERE home = ? AND id = ?");
static int steal_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct command *x = job->arg;
    return store_exec(tx, &queue_test_whose, NULL, e, SV_I(job->home.v), SV_I(x->id));
}

static void test_a_booking_altered_in_the_store_is_seen(void **state) {
    CITY(c);
    struct command x = of(c, "citizen");
    x.at_ms = fresh_day(c);
    assert_int_equal(run(c, &x, "book"), 0);
    assert_int_equal(city_fixture_plant(c, steal_body, &x, NULL), 0);
    assert_int_equal(run(c, &x, "cancel"), ERR_DAMAGED);
}

#define HALL \
    "title: 厅\nunit: u.1\naddress: 路\nphone: '1'\nhours: ['09:00-12:00']\n" \
    "classes: [{id: x, title: 约, ahead: 30}]\ncounters: [{id: '1', title: 窗, lines: [a]}]\n"
#define LINE(more) "lines: [{id: a, title: 一, prefix: A" more "}]\n"

static void test_slips_of_what_may_be_booked_are_found(void **state) {
    static const struct {
        const char *yaml, *says;
    } slips[] = {
        { HALL LINE(", places: 1"), "booked" },
        { HALL LINE("") "booked: {class: x}\n", "places" },
        { HALL LINE(", places: 1") "booked: {class: y}\n", "y" },
        { HALL LINE(", places: 1") "booked: {}\n", "class" },
        { HALL LINE(", places: 1") "booked: {class: x, minutes: 1}\n", "minutes" },
        { HALL LINE(", places: 1") "booked: {class: x, minutes: 240}\n", "放不下" },
        { HALL LINE(", places: 50") "booked: {class: x, minutes: 5, days: 60}\n", "太多" },
        { HALL LINE(", places: 1") "booked: {class: x, colour: red}\n", "不认识的键：colour" },
        { HALL LINE(", places: 1") "booked: {class: x, missed: {time: 1}}\n", "不认识的键：time" },
    };
    struct arena a;
    (void)state;
    arena_init(&a, "slips", 4 * 1024 * 1024);
    for (size_t i = 0; i <= sizeof slips / sizeof *slips; i++) {
        bool right = i == sizeof slips / sizeof *slips;
        const char *text = right ? HALL LINE(", places: 1") "booked: {class: x}\n" : slips[i].yaml;
        const struct queue_hall *h;
        struct val *yaml;
        struct err e = { 0 };
        assert_int_equal(yaml_parse(&a, S("q.yaml"), str_of(text), &yaml, &e), 0);
        int rc = queue_compile(&a, S("q.yaml"), S("q"), yaml, NULL, &h, &e);
        assert_int_equal(rc, right ? 0 : ERR_SYSTEM);
        if (!right && !strstr(e.detail, slips[i].says)) fail_msg("%s: %s", slips[i].says, e.detail);
    }
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_people_never_get_the_last_place),
        cmocka_unit_test(test_the_day_before_is_told_once),
        cmocka_unit_test(test_a_code_takes_one_ticket),
        cmocka_unit_test(test_a_booking_altered_in_the_store_is_seen),
        cmocka_unit_test(test_who_does_not_come_books_no_more),
        cmocka_unit_test(test_slips_of_what_may_be_booked_are_found),
    };
    return CITY_FIXTURE_RUN("queue_book", tests);
}
