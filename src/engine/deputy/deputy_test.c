/* deputy: who stands in gets no right, holds by the clock alone, is no chain; what is an absent officer's is taken once; both are told; on
 * both stores, in a city.
 */
#include "engine/deputy/deputy.h"

#include "app/city_fixture.h"
#include "engine/audit/audit.h"
#include "engine/flow/flow.h"
#include "engine/notify/notify.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
enum { RACERS = 12 };

/* In food's hands: the survey of a small shop. */
#define IN_HAND \
    CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT "  - {who: window, do: decide, task: intake, move: accept}\n" \
    "  - {who: food, do: claim, task: survey}\n"

struct step {
    const struct realm *r;
    struct actor who;
    struct deputy_offer o;
    struct item_task_order task;
    struct deputy d;
    struct deputy_query q;
    const char *list;
    int64_t id, on_behalf, actor, one; /* one: an opinion that is asked for, of a list */
    bool yes;
    size_t n;
    char found[300];
    struct val *view;
};

#define BODY(name, call)                                                                      \
    static int name##_body(struct store_tx *tx, struct store_job *job, struct err *e) {       \
        struct step *x = job->arg;                                                            \
        return call;                                                                          \
    }
BODY(name, deputy_name(tx, x->r, &x->who, &x->o, &x->id, e))
BODY(answer, deputy_answer(tx, x->r, &x->who, x->id, x->yes, e))
BODY(end, deputy_end(tx, x->r, &x->who, x->id, e))
BODY(get, deputy_get(tx, x->r, &x->who, x->id, &x->d, e))
static int list_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct deputy *all;
    int rc = deputy_list(tx, x->r, &x->who, &x->q, &all, &x->n, e);
    x->found[0] = 0;
    if (!rc && x->n) x->id = all[0].id;
    for (size_t i = 0, at = 0; !rc && i < x->n; i++)
        at += (size_t)snprintf(x->found + at, sizeof x->found - at, "%s%.*s", i ? "|" : "",
                               STR_ARG(deputy_state(&all[i], store_now_ms(tx))));
    return rc;
}
BODY(do, item_task_do(tx, x->r, &x->who, &x->task, e))
static int tasks_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct item_task_query q = { .kind = str_of(x->list), .standing = x->id, .max = 50 };
    struct val *rows;
    int rc = item_tasks_view(tx, x->r, &x->who, &q, S("zh"), &rows, e);
    x->n = 0;
    for (size_t i = 0; !rc && i < val_count(rows); i++) {
        int64_t id = val_get_i64(val_item(rows, i), S("id"), 0);
        x->n += id == x->task.task;
        if (str_find(val_get_str(val_item(rows, i), S("title")), S("加签"), 0) != SIZE_MAX) x->one = id;
    }
    return rc;
}
BODY(task, item_task_view(tx, x->r, &x->who, x->task.task, S("zh"), &x->view, e))
BODY(people, item_colleagues_view(tx, x->r, &x->who, x->task.task, &x->view, e))
static int notices_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct notify_query q = { .max = 20 };
    struct val *rows;
    int rc = notify_inbox(tx, x->r, &x->who, S("zh"), &q, &rows, e);
    x->found[0] = 0;
    for (size_t i = 0, at = 0; !rc && i < val_count(rows) && i < 4; i++)
        at += (size_t)snprintf(x->found + at, sizeof x->found - at, "%s%.*s", i ? "|" : "",
                               STR_ARG(val_get_str(val_item(rows, i), S("title"))));
    return rc;
}
/* The newest entry about taking. */
static int entry_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct audit_row *rows = arena_array(store_arena(tx), 2, sizeof *rows);
    const struct audit_filter f = { .act = S("task.take"), .object_id = x->task.task };
    int rc = audit_find(tx, x->r->home, &f, 0, rows, 2, &x->n, e);
    for (size_t i = x->n; !rc && i-- > 0;)
        if (rows[i].outcome == 0) x->on_behalf = rows[i].entry.on_behalf, x->actor = rows[i].entry.actor;
    return rc;
}

static int run(const struct city *c, store_body *body, struct step *x) {
    struct err e = { 0 };
    int rc = city_fixture_run(c, body, x, &e);
    if (rc && e.detail[0]) print_message("%s %s %s\n", err_name(rc), e.field, e.detail);
    return rc;
}

static struct step step_of(const struct city *c, const char *who) {
    struct step x = { .r = &c->app->realm };
    city_fixture_actor(c, who, &x.who);
    return x;
}

static int64_t account(const struct city *c, const char *who) {
    return step_of(c, who).who.account;
}

/* `who` asks `to`, from `from` days from today for `days`. */
static struct step offer(const struct city *c, const char *who, const char *to, int from, int days) {
    struct step x = step_of(c, who);
    int32_t today = tz_date(x.r->tz, os_now_ms()).day;
    x.o = (struct deputy_offer){ .to = account(c, to), .from = { today + from }, .until = { today + from + days - 1 }, .reason = S("年休假") };
    return x;
}

static struct step as(const struct city *c, const struct step *x, const char *who) {
    struct step y = *x;
    city_fixture_actor(c, who, &y.who);
    y.yes = true;
    return y;
}

/* Given and accepted. */
static struct step stands(const struct city *c, const char *who, const char *to, int from, int days) {
    struct step x = offer(c, who, to, from, days);
    assert_int_equal(run(c, name_body, &x), 0);
    struct step y = as(c, &x, to);
    assert_int_equal(run(c, answer_body, &y), 0);
    return x;
}

static int64_t in_hand(const struct city *c, int64_t *id) {
    struct city_look l;
    struct err e = { 0 };
    *id = 0;
    if (city_fixture_play(c, IN_HAND, id, &e)) fail_msg("%s %s %s", err_name(e.code), e.field, e.detail);
    city_fixture_look(c, &l, *id, "survey");
    return l.task;
}

static int take(const struct city *c, const char *who, int64_t task) {
    struct step x = step_of(c, who);
    x.task = (struct item_task_order){ .verb = S("take"), .task = task, .version = FLOW_ANY_VERSION };
    return run(c, do_body, &x);
}

/* Is the task in this list of his? */
static size_t seen(const struct city *c, const char *who, const char *list, int64_t standing, int64_t task) {
    struct step x = step_of(c, who);
    x.list = list, x.id = standing, x.task.task = task;
    assert_int_equal(city_fixture_read(c, tasks_body, &x, NULL), 0);
    return x.n;
}

static void notices(const struct city *c, const char *who, const char *want) {
    struct step x = step_of(c, who);
    assert_int_equal(city_fixture_read(c, notices_body, &x, NULL), 0);
    if (strncmp(x.found, want, strlen(want)) != 0) fail_msg("%s: %s, not %s", who, x.found, want);
}

static void over(const struct city *c, struct step *x) {
    assert_int_equal(run(c, end_body, x), 0);
}

static void test_it_is_nothing_before_it_is_accepted_and_after_it_ended(void **state) {
    CITY(c);
    int64_t id, t = in_hand(c, &id);
    struct step x = offer(c, "food", "food2", 0, 3);
    assert_int_equal(take(c, "food2", t), ERR_STATE);
    assert_int_equal(run(c, name_body, &x), 0);
    notices(c, "food2", "请您代办");
    assert_int_equal(take(c, "food2", t), ERR_STATE);
    assert_int_equal(seen(c, "food2", "deputy", 0, t), 0);
    struct step stranger = as(c, &x, "fire"), own = as(c, &x, "food"), y = as(c, &x, "food2");
    assert_int_equal(run(c, get_body, &stranger), ERR_NOT_FOUND);
    assert_int_equal(run(c, end_body, &stranger), ERR_NOT_FOUND);
    assert_int_equal(run(c, answer_body, &own), ERR_NOT_FOUND);
    assert_int_equal(run(c, answer_body, &y), 0);
    assert_int_equal(run(c, answer_body, &y), ERR_CONFLICT);
    notices(c, "food", "代办已接受");
    assert_int_equal(run(c, get_body, &y), 0);
    assert_true(str_eq(y.d.reason, S("年休假")));
    assert_int_equal(seen(c, "food2", "deputy", 0, t), 1);
    assert_int_equal(seen(c, "fire", "deputy", 0, t), 0);
    over(c, &y); /* by the other side */
    notices(c, "food", "代办已终止|代办已接受");
    assert_int_equal(run(c, end_body, &x), ERR_CONFLICT);
    assert_int_equal(take(c, "food2", t), ERR_STATE);
    assert_int_equal(seen(c, "food2", "deputy", 0, t), 0);
    x = offer(c, "food", "food2", 0, 3);
    assert_int_equal(run(c, name_body, &x), 0); /* what has ended is in nobody's way */
    y = as(c, &x, "food2"), y.yes = false;
    assert_int_equal(run(c, answer_body, &y), 0);
    notices(c, "food", "代办已谢绝");
}

static void test_one_takes_and_the_entry_and_the_record_name_both(void **state) {
    CITY(c);
    int64_t id, t = in_hand(c, &id);
    struct step x = stands(c, "food", "food2", 0, 3);
    assert_int_equal(take(c, "fire", t), ERR_NOT_FOUND);
    assert_int_equal(take(c, "food", t), ERR_CONFLICT); /* his own */
    assert_int_equal(take(c, "food2", t), 0);
    assert_int_equal(take(c, "food2", t), ERR_CONFLICT);
    notices(c, "food", "同事代您办理");
    assert_int_equal(seen(c, "food2", "deputy", 0, t), 0);
    assert_int_equal(seen(c, "food", "mine", 0, t), 0);
    assert_int_equal(seen(c, "food2", "taken", x.id, t), 1);
    assert_int_equal(seen(c, "food", "taken", x.id, t), 1);
    assert_int_equal(app_sequence(c->app, true, NULL), 0);
    x.task.task = t;
    assert_int_equal(city_fixture_read(c, entry_body, &x, NULL), 0);
    assert_int_equal(x.actor, account(c, "food2"));
    assert_int_equal(x.on_behalf, account(c, "food"));
    struct step y = as(c, &x, "food2");
    y.task = (struct item_task_order){ .verb = S("countersign"), .task = t, .version = FLOW_ANY_VERSION, .move = S("pass") };
    assert_int_equal(run(c, do_body, &y), 0);
    assert_int_equal(run(c, task_body, &y), 0);
    const struct val *events = val_get(val_get(y.view, S("case")), S("events")), *last = NULL, *took = NULL;
    for (size_t i = 0; i < val_count(events); i++) {
        const struct val *ev = val_item(events, i);
        if (str_eq(val_get_str(ev, S("kind")), S("take"))) took = ev;
        if (str_eq(val_get_str(ev, S("kind")), S("task")) && val_get_i64(ev, S("task"), 0) == t) last = ev;
    }
    (void)snprintf(y.found, sizeof y.found, "%.*s代%.*s", STR_ARG(y.who.name), STR_ARG(step_of(c, "food").who.name));
    assert_true(str_ends(val_get_str(took, S("title")), str_of(y.found)));
    assert_true(str_eq(val_get_str(last, S("by")), str_of(y.found)));
    over(c, &x);
}

/* Nothing runs for it to begin or to be over. */
static void test_the_clock_begins_and_ends_it(void **state) {
    CITY(c);
    int64_t id, t = in_hand(c, &id);
    struct step x = stands(c, "food", "food2", 1, 2), y = as(c, &x, "food2");
    y.q = (struct deputy_query){ .of = DEPUTY_HELD, .max = 1 };
    assert_int_equal(city_fixture_read(c, list_body, &y, NULL), 0);
    assert_string_equal(y.found, "coming");
    assert_int_equal(take(c, "food2", t), ERR_STATE);
    int64_t begin = (os_now_ms() / DAY_MS + 1) * DAY_MS - INT64_C(8) * 3600000; /* midnight in Tianjin */
    if (begin < os_now_ms()) begin += DAY_MS;
    os_clock_advance(begin - 1 - os_now_ms());
    assert_int_equal(take(c, "food2", t), ERR_STATE);
    os_clock_advance(1);
    assert_int_equal(seen(c, "food2", "deputy", 0, t), 1);
    os_clock_advance(2 * DAY_MS - 1);
    assert_int_equal(seen(c, "food2", "deputy", 0, t), 1);
    os_clock_advance(1);
    assert_int_equal(seen(c, "food2", "deputy", 0, t), 0);
    assert_int_equal(take(c, "food2", t), ERR_STATE);
    assert_int_equal(run(c, end_body, &x), ERR_CONFLICT);
    y.q = (struct deputy_query){ .of = DEPUTY_HELD, .state = S("over"), .max = 1 };
    assert_int_equal(city_fixture_read(c, list_body, &y, NULL), 0);
    assert_string_equal(y.found, "over");
}

static void race(const struct city *c, store_body *body, struct step *all, int *ok, int *conflict) {
    struct store_job jobs[RACERS] = { 0 }, *list[RACERS];
    enum store_outcome out[RACERS];
    static struct arena arena[RACERS];
    for (int i = 0; i < RACERS; i++) {
        arena_init(&arena[i], "racer", 16 * 1024 * 1024);
        jobs[i] = (struct store_job){ .home = all[i].r->home, .queue = STORE_INTERACTIVE, .arena = &arena[i], .body = body,
                                      .arg = &all[i] };
        list[i] = &jobs[i];
    }
    city_fixture_race(c, list, RACERS, out);
    *ok = *conflict = 0;
    for (int i = 0; i < RACERS; i++) {
        *ok += out[i] == STORE_OK;
        *conflict += out[i] != STORE_OK && (jobs[i].err.code == ERR_CONFLICT || jobs[i].err.code == ERR_INPUT);
        arena_done(&arena[i]);
    }
}

static void test_twelve_who_take_and_twelve_who_name(void **state) {
    CITY(c);
    int64_t id, t = in_hand(c, &id);
    static struct step all[RACERS];
    int ok, conflict;
    for (int i = 0; i < RACERS; i++) all[i] = offer(c, "food", "food2", 0, 3);
    race(c, name_body, all, &ok, &conflict);
    assert_int_equal(ok, 1);
    assert_int_equal(conflict, RACERS - 1);
    struct step x = all[0], y = as(c, &x, "food2");
    y.q = (struct deputy_query){ .of = DEPUTY_HELD, .state = S("offered"), .max = 5 };
    assert_int_equal(city_fixture_read(c, list_body, &y, NULL), 0);
    assert_int_equal(y.n, 1);
    x.id = y.id; /* what a loser's body made before it ran again is nothing */
    assert_int_equal(run(c, answer_body, &y), 0);
    for (int i = 0; i < RACERS; i++) { /* half of them by the deputy; the holder decides meanwhile */
        all[i] = step_of(c, i % 2 ? "food2" : "food");
        all[i].task = (struct item_task_order){ .verb = i % 2 ? S("take") : S("countersign"), .task = t, .version = FLOW_ANY_VERSION,
                                                .move = S("pass") };
    }
    race(c, do_body, all, &ok, &conflict);
    assert_int_equal(ok + conflict, RACERS);
    assert_int_equal(ok, 1); /* whoever was first */
    over(c, &x);
}

/* Of two cases, to one of which he is related, he hears of the other. */
static void test_who_must_recuse_himself_hears_and_takes_nothing(void **state) {
    CITY(c);
    int64_t id, other_id, related = in_hand(c, &id), other = in_hand(c, &other_id);
    struct step x = stands(c, "food", "food2", 0, 3), y = as(c, &x, "food2"), w = step_of(c, "window");
    y.task = (struct item_task_order){ .verb = S("recuse"), .task = related, .version = FLOW_ANY_VERSION, .text = S("店主是我的亲属") };
    assert_int_equal(run(c, do_body, &y), 0);
    assert_int_equal(take(c, "food2", related), ERR_STATE);
    assert_int_equal(run(c, task_body, &y), 0);
    assert_false(val_get_bool(val_get(y.view, S("may")), S("take"), true));
    w.task = (struct item_task_order){ .verb = S("urge"), .task = related, .version = FLOW_ANY_VERSION, .text = S("请抓紧") };
    assert_int_equal(run(c, do_body, &w), 0);
    notices(c, "food", "催办");
    notices(c, "food2", "请您代办");
    w.task.task = other;
    assert_int_equal(run(c, do_body, &w), 0);
    notices(c, "food2", "您代办的同事有新的任务");
    over(c, &x);
}

static void test_the_head_names_and_ends_in_his_units(void **state) {
    CITY(c);
    struct step x = offer(c, "head", "food2", 0, 3);
    x.o.principal = account(c, "food");
    assert_int_equal(run(c, name_body, &x), 0);
    notices(c, "food", "为您指定了代办的同事");
    notices(c, "food2", "请您代办");
    struct step y = as(c, &x, "food2"), other = as(c, &x, "supervisor");
    assert_int_equal(run(c, answer_body, &y), 0);
    struct step h = as(c, &x, "head");
    h.q = (struct deputy_query){ .of = DEPUTY_UNIT, .state = S("active"), .max = 5 };
    assert_int_equal(city_fixture_read(c, list_body, &h, NULL), 0);
    assert_string_equal(h.found, "active");
    assert_int_equal(run(c, get_body, &h), 0);
    assert_true(str_eq(h.d.reason, S("年休假")));
    assert_int_equal(run(c, get_body, &other), ERR_FORBIDDEN);
    y.q = h.q;
    assert_int_equal(city_fixture_read(c, list_body, &y, NULL), ERR_FORBIDDEN); /* an officer sees his own */
    struct step self = offer(c, "head", "head", 0, 3); /* two decide it */
    struct err why = { 0 };
    self.o.principal = account(c, "food");
    assert_int_equal(city_fixture_run(c, name_body, &self, &why), ERR_INPUT);
    assert_true(str_starts(str_of(why.detail), S("不能指定自己代办")));
    struct step far = offer(c, "head", "food2", 0, 3);
    far.o.principal = account(c, "supervisor"); /* of the city, above the head's district */
    assert_int_equal(run(c, name_body, &far), ERR_NOT_FOUND);
    far = as(c, &far, "food"); /* nor by who heads nobody */
    assert_int_equal(run(c, name_body, &far), ERR_FORBIDDEN);
    assert_int_equal(run(c, end_body, &h), 0);
    notices(c, "food", "代办已终止");
    notices(c, "food2", "代办已终止");
}

static void test_who_hands_on_is_told_and_so_is_the_deputy(void **state) {
    CITY(c);
    int64_t id, t = in_hand(c, &id);
    struct step x = stands(c, "food2", "food", 0, 3), f = step_of(c, "food"); /* food2 is away */
    f.task.task = t;
    assert_int_equal(city_fixture_read(c, people_body, &f, NULL), 0);
    bool told = false;
    for (size_t i = 0; i < val_count(f.view); i++)
        told |= val_get_i64(val_item(f.view, i), S("id"), 0) == account(c, "food2") &&
                str_eq(val_get_str(val_item(f.view, i), S("deputy")), f.who.name);
    assert_true(told);
    f.task = (struct item_task_order){ .verb = S("transfer"), .task = t, .version = FLOW_ANY_VERSION, .to = account(c, "food2"),
                                       .text = S("给您") };
    assert_int_equal(run(c, do_body, &f), 0);
    struct step w = step_of(c, "window");
    w.task = (struct item_task_order){ .verb = S("urge"), .task = t, .version = FLOW_ANY_VERSION, .text = S("请抓紧") };
    assert_int_equal(run(c, do_body, &w), 0);
    notices(c, "food2", "催办|转来一项任务");
    notices(c, "food", "您代办的同事有新的任务");
    assert_int_equal(take(c, "food", t), 0);
    /* An opinion that he asked for himself he does not give in another's place. */
    f.task = (struct item_task_order){ .verb = S("consult"), .task = t, .version = FLOW_ANY_VERSION, .to = account(c, "food2"),
                                       .text = S("请看") };
    assert_int_equal(run(c, do_body, &f), 0);
    struct step y = step_of(c, "food2");
    y.list = "mine";
    assert_int_equal(city_fixture_read(c, tasks_body, &y, NULL), 0);
    assert_int_not_equal(y.one, 0);
    assert_int_equal(seen(c, "food", "deputy", 0, y.one), 1);
    assert_int_equal(take(c, "food", y.one), ERR_STATE);
    over(c, &x);
}

/* Of those who lack a post, of who is away himself, of who stands in. */
static void test_no_right_is_widened_and_there_is_no_chain(void **state) {
    CITY(c);
    struct step x = offer(c, "food", "fire", 0, 3);
    assert_int_equal(run(c, name_body, &x), ERR_INPUT); /* another post */
    static const struct {
        const char *who;
        int rc;
    } others[] = { { "food", ERR_INPUT }, { "citizen", ERR_FORBIDDEN }, { "supervisor", ERR_FORBIDDEN } };
    for (size_t i = 0; i < 3; i++) { /* himself; who has no tasks */
        x = offer(c, others[i].who, "food", 0, 3);
        assert_int_equal(run(c, name_body, &x), others[i].rc);
    }
    x = stands(c, "food", "food2", 10, 3);
    struct step y = offer(c, "food2", "food", 12, 1); /* on its last day */
    assert_int_equal(run(c, name_body, &y), ERR_INPUT);
    y = offer(c, "food2", "food", 13, 1);
    assert_int_equal(run(c, name_body, &y), 0);
    over(c, &y);
    y = offer(c, "food", "food2", 12, 5);
    assert_int_equal(run(c, name_body, &y), ERR_INPUT);
    over(c, &x);
    x = offer(c, "food", "food2", 0, 3);
    x.o.until.day = x.o.from.day + DEPUTY_DAYS_MAX;
    assert_int_equal(run(c, name_body, &x), ERR_INPUT);
    x.o.until.day--;
    assert_int_equal(run(c, name_body, &x), 0); /* as long as may be */
    over(c, &x);
    static const int days[][2] = { { -1, 3 }, { 3, 0 }, { DEPUTY_AHEAD_DAYS_MAX + 1, 1 } };
    for (size_t i = 0; i < 3; i++) {
        x = offer(c, "food", "food2", days[i][0], days[i][1]);
        assert_int_equal(run(c, name_body, &x), ERR_INPUT);
    }
    x = offer(c, "food", "food2", 0, 1), x.o.reason = S(" ");
    assert_int_equal(run(c, name_body, &x), ERR_REQUIRED);
}

static int post_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    int64_t unit;
    int rc = identity_unit_by_code_find(tx, x->r, S("police.120101"), &unit, e);
    return rc ? rc : identity_post_grant(tx, x->r, &x->who, x->id, S("police-officer"), unit, e);
}

static int unpost_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct identity_post_query q = { .account = x->id, .max = 10 };
    struct val *posts;
    int rc = identity_posts(tx, x->r, &x->who, &q, &posts, e);
    for (size_t i = 0; !rc && i < val_count(posts); i++)
        if (str_eq(val_get_str(val_item(posts, i), S("role")), str_of(x->list)))
            return identity_post_end(tx, x->r, &x->who, val_get_i64(val_item(posts, i), S("id"), 0), e);
    return rc;
}

/* He has two posts, and the colleague one of them: whole he is refused, for the matters of that post not. */
static void test_every_post_that_the_matters_need(void **state) {
    CITY(c);
    const struct str only[] = { S("item:restaurant") }, whole[] = { S("system:approval/restaurant") }, none[] = { S("item:no-such") };
    const struct str proof[] = { S("item:residence-proof") };
    struct step s = step_of(c, "security");
    int64_t id, t = in_hand(c, &id);
    s.id = account(c, "food");
    assert_int_equal(run(c, post_body, &s), 0);
    struct step x = offer(c, "food", "food2", 0, 3);
    assert_int_equal(run(c, name_body, &x), ERR_INPUT); /* he is no police officer */
    x.o.matters = none, x.o.n_matters = 1;
    assert_int_equal(run(c, name_body, &x), ERR_CODE);
    x.o.matters = only;
    assert_int_equal(run(c, name_body, &x), 0);
    struct step y = as(c, &x, "food2"), more = offer(c, "food", "food2", 1, 1);
    more.o.matters = whole, more.o.n_matters = 1;
    assert_int_equal(run(c, name_body, &more), ERR_INPUT); /* the system's items are its item too */
    assert_int_equal(run(c, answer_body, &y), 0);
    struct step police = offer(c, "food", "police", 0, 3);
    police.o.matters = proof, police.o.n_matters = 1;
    assert_int_equal(run(c, name_body, &police), 0); /* another for another matter */
    assert_int_equal(take(c, "police", t), ERR_NOT_FOUND);
    s.id = account(c, "food2"), s.list = "food-reviewer";
    assert_int_equal(run(c, unpost_body, &s), 0);
    assert_int_equal(take(c, "food2", t), ERR_FORBIDDEN); /* the standing is there, the post is not */
    over(c, &x);
    over(c, &police);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_nothing_before_it_is_accepted_and_after_it_ended),
        cmocka_unit_test(test_one_takes_and_the_entry_and_the_record_name_both),
        cmocka_unit_test(test_the_clock_begins_and_ends_it),
        cmocka_unit_test(test_no_right_is_widened_and_there_is_no_chain),
        cmocka_unit_test(test_twelve_who_take_and_twelve_who_name),
        cmocka_unit_test(test_who_must_recuse_himself_hears_and_takes_nothing),
        cmocka_unit_test(test_the_head_names_and_ends_in_his_units),
        cmocka_unit_test(test_who_hands_on_is_told_and_so_is_the_deputy),
        cmocka_unit_test(test_every_post_that_the_matters_need), /* last: it takes a post away */
    };
    return CITY_FIXTURE_RUN("deputy", tests);
}
