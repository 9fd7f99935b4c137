/* queue: numbers, calls and waits, on both stores, in a city. What each role may and may not do stands in systems/hall/queueing/cases. */
#include "engine/queue/queue_rows.h"

#include "app/city_fixture.h"
#include "data/yaml.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MINUTE = 60000, MANY = 40, COUNTERS = 12 };

struct command {
    const struct realm *r;
    const struct queue_hall *h;
    const char *verb;
    struct str line, counter, class;
    struct actor who;
    struct queue_ticket t;
    struct queue_wait wait;
    struct val *view;
    char code[QUEUE_CODE_CHARS + 1];
    struct queue_done *sum;
    size_t n_sum;
    int64_t done; /* the ticket's id, out of the job's memory */
};

static int body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct command *x = job->arg;
    struct str verb = str_of(x->verb);
    int rc = ERR_DEFECT;
    if (str_eq(verb, S("take")))
        rc = queue_take(tx, x->r, &x->who, x->h, x->line, x->class, &x->t, e);
    if (str_eq(verb, S("open"))) rc = queue_counter_open(tx, x->r, &x->who, x->h, x->counter, e);
    if (str_eq(verb, S("call"))) rc = queue_call(tx, x->r, &x->who, x->h, &x->t, e);
    if (str_eq(verb, S("begin"))) rc = queue_begin(tx, x->r, &x->who, x->h, e);
    if (str_eq(verb, S("again"))) rc = queue_again(tx, x->r, &x->who, x->h, e);
    if (str_eq(verb, S("finish"))) rc = queue_finish(tx, x->r, &x->who, x->h, e);
    x->done = x->t.id;
    if (!rc && x->t.code.len) memcpy(x->code, x->t.code.ptr, QUEUE_CODE_CHARS);
    return rc;
}

static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct command *x = job->arg;
    struct str verb = str_of(x->verb);
    if (str_eq(verb, S("hall"))) return queue_hall_view(tx, x->r, x->h, S("zh"), &x->view, e);
    if (str_eq(verb, S("desk")))
        return queue_desk_view(tx, x->r, &x->who, x->h, S("zh"), &x->view, e);
    if (str_eq(verb, S("tally")))
        return queue_tally(tx, x->r, x->h, queue_day(x->r, store_now_ms(tx)), x->who.account, x->sum, &x->n_sum, e);
    if (str_eq(verb, S("ticket")))
        return queue_ticket_view(tx, x->r, x->line, S("zh"), &x->view, e);
    return queue_ticket_get(tx, x->r, x->done, &x->t, e);
}

static struct command of(const struct city *c, const char *who, const char *verb) {
    struct command x = { .r = &c->app->realm, .verb = verb };
    x.h = queue_hall_find(x.r, S("heping"));
    assert_non_null(x.h);
    city_fixture_actor(c, who, &x.who);
    return x;
}

static int run(const struct city *c, struct command *x, const char *verb) {
    x->verb = verb;
    return city_fixture_run(c, body, x, NULL);
}

static int64_t take(const struct city *c, const char *line, const char *class,
                    struct command *ret) {
    struct command x = of(c, "kiosk", "take");
    x.line = str_of(line);
    x.class = str_of(class);
    assert_int_equal(run(c, &x, "take"), 0);
    if (ret) *ret = x;
    return x.done;
}

/* A new day, at nine: what other tests took is of yesterday. */
static void next_day(void) {
    os_clock_advance(24 * 60 * MINUTE);
    while (civil_weekday(
               (struct civil_date){ (int32_t)((os_now_ms() + 8 * 60 * MINUTE) / 86400000) }) > 5)
        os_clock_advance(24 * 60 * MINUTE);
}

/* A clerk of his own account for each counter. */
static void sit(const struct city *c, struct command *x, int64_t account, const char *counter) {
    *x = of(c, "window", "open");
    x->who.account = account;
    x->counter = str_of(counter);
    assert_int_equal(run(c, x, "open"), 0);
}

static struct store_job *job_of(const struct city *c, struct command *x, const char *verb) {
    struct store_job *j = store_fixture_job(body, x);
    j->home = c->app->realm.home;
    x->verb = verb;
    return j;
}

static void test_numbers_are_dense_and_single(void **state) {
    CITY(c);
    static struct command x[MANY];
    struct store_job *jobs[MANY];
    enum store_outcome out[MANY];
    bool seen[2][MANY + 1] = { { false } };
    next_day();
    for (int i = 0; i < MANY; i++) {
        x[i] = of(c, "kiosk", "take");
        x[i].line = i % 2 ? S("general") : S("result");
        jobs[i] = job_of(c, &x[i], "take");
    }
    city_fixture_race(c, jobs, MANY, out);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(out[i], STORE_OK);
        x[i].verb = "get";
        assert_int_equal(city_fixture_read(c, look, &x[i], NULL), 0);
        assert_in_range(x[i].t.number, 1, MANY / 2);
        assert_false(seen[i % 2][x[i].t.number]);
        seen[i % 2][x[i].t.number] = true;
    }
}

/* Twelve counters call at once, again and again: no ticket twice, none lost. */
static void test_many_counters_call_at_once(void **state) {
    CITY(c);
    static struct command clerk[COUNTERS];
    static const char *const ids[COUNTERS] = { "1", "2", "3", "4",  "5",  "6",
                                               "7", "8", "9", "10", "11", "12" };
    int64_t taken[MANY], called[MANY];
    size_t n = 0;
    city_fixture_change(
        c, "systems/hall/queueing", "queues/heping.yaml", "counters:\n",
        "counters:\n"
        "  - {id: \"5\", title: 5 号窗口, lines: [general]}\n  - {id: \"6\", title: 6 号窗口, lines: [general]}\n"
        "  - {id: \"7\", title: 7 号窗口, lines: [general]}\n  - {id: \"8\", title: 8 号窗口, lines: [general]}\n"
        "  - {id: \"9\", title: 9 号窗口, lines: [general]}\n  - {id: \"10\", title: 10 号窗口, lines: [general]}\n"
        "  - {id: \"11\", title: 11 号窗口, lines: [general, result]}\n  - {id: \"12\", title: 12 号窗口, lines: [general]}\n");
    next_day();
    for (int i = 0; i < MANY; i++)
        taken[i] = take(c, i % 3 ? "general" : "result", i % 7 ? "" : "elder", NULL);
    for (int i = 0; i < COUNTERS; i++) sit(c, &clerk[i], 9000 + i, ids[i]);
    for (int round = 0; round < MANY && n < MANY; round++) {
        struct store_job *jobs[COUNTERS];
        enum store_outcome out[COUNTERS];
        for (int i = 0; i < COUNTERS; i++) jobs[i] = job_of(c, &clerk[i], "call");
        city_fixture_race(c, jobs, COUNTERS, out);
        for (int i = 0; i < COUNTERS; i++) {
            if (out[i] != STORE_OK) {
                assert_true(jobs[i]->err.code == ERR_STATE ||
                            out[i] ==
                                STORE_CONFLICT); /* nobody of its lines; or it lost each race */
                continue;
            }
            for (size_t k = 0; k < n; k++) assert_int_not_equal(called[k], clerk[i].done);
            assert_true(n < MANY);
            called[n++] = clerk[i].done;
            assert_int_equal(run(c, &clerk[i], "begin"), 0);
            assert_int_equal(run(c, &clerk[i], "finish"), 0);
        }
    }
    assert_int_equal(n, MANY);
    for (int i = 0; i < MANY; i++) {
        size_t k = 0;
        while (k < n && called[k] != taken[i]) k++;
        assert_true(k < n);
    }
}

static const struct val *line_of(const struct val *view, const char *id) {
    const struct val *list = val_get(view, S("lines"));
    for (size_t i = 0; i < val_count(list); i++)
        if (str_eq(val_get_str(val_item(list, i), S("id")), str_of(id))) return val_item(list, i);
    fail();
    return NULL;
}

/* Two counters for four people of fifteen minutes: whoever comes fifth waits half an hour, and is told why. */
static void test_the_wait_is_played_through(void **state) {
    CITY(c);
    struct command clerk[2], x = of(c, "kiosk", "hall"), last;
    next_day();
    take(c, "general", "", NULL);
    assert_int_equal(city_fixture_read(c, look, &x, NULL), 0);
    assert_int_equal(val_get_i64(line_of(x.view, "general"), S("wait_ms"), 0), -1);
    assert_true(str_eq(val_get_str(line_of(x.view, "general"), S("wait")), S("暂无窗口办理")));
    for (int i = 0; i < 3; i++) take(c, "general", "", &last);
    sit(c, &clerk[0], 9100, "1");
    sit(c, &clerk[1], 9101, "2");
    assert_int_equal(city_fixture_read(c, look, &x, NULL), 0);
    const struct val *line = line_of(x.view, "general");
    assert_int_equal(val_get_i64(line, S("wait_ms"), 0), 30 * MINUTE);
    assert_int_equal(val_get_i64(line, S("ahead"), 0), 4);
    assert_true(str_eq(val_get_str(line, S("why")),
                       S("前面 4 人，2 个窗口办理；今天还没有办完的，按每人约 15 分钟估计。")));
    /* the last of the four waits for one visit; nobody is ahead of a line that is empty but for those whom its counters call before */
    struct command t = of(c, "kiosk", "ticket");
    t.line = str_of(last.code);
    assert_int_equal(city_fixture_read(c, look, &t, NULL), 0);
    assert_int_equal(val_get_i64(t.view, S("wait_ms"), 0), 15 * MINUTE);
    assert_int_equal(val_get_i64(t.view, S("ahead"), 0), 3);
    /* somebody is before a counter, for five of his fifteen minutes; a visit that took three minutes is learnt from */
    assert_int_equal(run(c, &clerk[0], "call"), 0);
    assert_int_equal(run(c, &clerk[0], "begin"), 0);
    os_clock_advance(5 * MINUTE);
    assert_int_equal(city_fixture_read(c, look, &x, NULL), 0);
    assert_int_equal(val_get_i64(line_of(x.view, "general"), S("wait_ms"), 0), 25 * MINUTE);
    assert_int_equal(run(c, &clerk[0], "finish"), 0);
    assert_int_equal(city_fixture_read(c, look, &x, NULL), 0);
    assert_int_equal(val_get_i64(line_of(x.view, "general"), S("wait_ms"), 0),
                     (3 * 15 + 5) * MINUTE / 4);
    assert_true(str_find(val_get_str(line_of(x.view, "general"), S("why")),
                         S("按今天办完的 1 件估计"), 0) != SIZE_MAX);
}

static bool says(const struct val *v, struct str text) {
    if (!v) return false;
    if (v->kind == VAL_STR) return str_eq(v->u.s, text);
    bool found = false;
    for (size_t i = 0; v->kind == VAL_LIST && i < val_count(v); i++)
        found |= says(val_item(v, i), text);
    for (size_t i = 0; i < val_pairs(v); i++) found |= says(v->u.map.pair[i].value, text);
    return found;
}

static void test_a_code_opens_one_ticket(void **state) {
    CITY(c);
    struct command x, wrong = of(c, "kiosk", "ticket"), clerk;
    next_day();
    take(c, "general", "elder", &x);
    struct command t = of(c, "kiosk", "ticket");
    t.line = str_of(x.code);
    assert_int_equal(city_fixture_read(c, look, &t, NULL), 0);
    assert_true(says(t.view, S("A001")));
    assert_true(says(t.view, S("六十岁以上老年人")));
    wrong.line = S("00000000000000000000");
    assert_int_equal(city_fixture_read(c, look, &wrong, NULL), ERR_NOT_FOUND);
    wrong.line = str_sub(str_of(x.code), 0, 19);
    assert_int_equal(city_fixture_read(c, look, &wrong, NULL), ERR_NOT_FOUND);
    /* nobody else is told it */
    sit(c, &clerk, 9200, "1");
    static const char *const views[] = { "hall", "desk" };
    for (int i = 0; i < 2; i++) {
        clerk.verb = views[i];
        assert_int_equal(city_fixture_read(c, look, &clerk, NULL), 0);
        assert_false(says(clerk.view, str_of(x.code)));
    }
    /* its day ends, and it with it */
    next_day();
    assert_int_equal(city_fixture_read(c, look, &t, NULL), 0);
    assert_true(str_eq(val_get_str(t.view, S("state")), S("lapsed")));
}

STORE_STMT(queue_test_jump, STORE_WRITES,
           "UPDATE queue_ticket SET place_ms = place_ms - 3600000 WHERE home = ? AND id = ?");
static int jump_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct command *x = job->arg;
    return store_exec(tx, &queue_test_jump, NULL, e, SV_I(job->home.v), SV_I(x->done));
}

/* A place that was altered in the store is seen before anybody is called by it. */
static void test_a_place_in_the_line_is_not_to_be_had(void **state) {
    CITY(c);
    struct command x, clerk;
    next_day();
    take(c, "general", "", NULL);
    take(c, "general", "", &x);
    sit(c, &clerk, 9300, "1");
    assert_int_equal(city_fixture_plant(c, jump_body, &x, NULL), 0);
    assert_int_equal(run(c, &clerk, "call"), ERR_DAMAGED);
}

#define HEAD "title: 厅\nunit: u.1\naddress: 路\nphone: '1'\n"
#define LINE "lines: [{id: a, title: 一, prefix: A}]\n"
#define COUNTER "counters: [{id: '1', title: 窗, lines: [a]}]\n"
#define HOURS "hours: ['09:00-12:00']\n"

static void test_slips_of_a_hall_are_found(void **state) {
    static const struct {
        const char *yaml, *says;
    } slips[] = {
        { HEAD LINE COUNTER, "hours" },
        { HEAD HOURS LINE, "counters" },
        { HEAD HOURS COUNTER, "lines" },
        { HEAD HOURS COUNTER "lines: [{id: a, title: 一, prefix: AB}]\n", "prefix" },
        { HEAD HOURS COUNTER
          "lines: [{id: a, title: 一, prefix: A}, {id: b, title: 二, prefix: A}]\n",
          "重复" },
        { HEAD HOURS COUNTER
          "lines: [{id: a, title: 一, prefix: A}, {id: b, title: 二, prefix: B}]\n",
          "没有窗口办理这条队列：b" },
        { HEAD HOURS LINE "counters: [{id: '1', title: 窗, lines: [x]}]\n", "没有这条队列：x" },
        { HEAD "hours: ['12:00-09:00']\n" LINE COUNTER, "先后" },
        { HEAD "hours: ['09:00-12:00', '11:00-13:00']\n" LINE COUNTER, "先后" },
        { HEAD HOURS LINE COUNTER "missed: {calls: 0}\n", "calls" },
        { HEAD HOURS LINE COUNTER "colour: red\n", "不认识的键：colour" },
        { "title: 厅\n" HOURS LINE COUNTER, "unit" },
    };
    struct arena a;
    (void)state;
    arena_init(&a, "slips", 4 * 1024 * 1024);
    for (size_t i = 0; i <= sizeof slips / sizeof *slips; i++) {
        bool right = i == sizeof slips / sizeof *slips;
        const struct queue_hall *h;
        struct val *yaml;
        struct err e = { 0 };
        assert_int_equal(yaml_parse(&a, S("q.yaml"),
                                    str_of(right ? HEAD HOURS LINE COUNTER : slips[i].yaml), &yaml,
                                    &e),
                         0);
        int rc = queue_compile(&a, S("q.yaml"), S("q"), yaml, NULL, &h, &e);
        assert_int_equal(rc, right ? 0 : ERR_SYSTEM);
        if (!right && !strstr(e.detail, slips[i].says)) fail_msg("%s: %s", slips[i].says, e.detail);
    }
    arena_done(&a);
}

/* The hall is changed while somebody works: his counter is no more. He sits down at another, and who stood there waits again. */
static void test_a_counter_that_is_no_more(void **state) {
    CITY(c);
    struct command x, t;
    next_day();
    (void)take(c, "general", "", &t);
    sit(c, &x, 9701, "1");
    assert_int_equal(run(c, &x, "call"), 0);
    city_fixture_change(c, "systems/hall/queueing", "queues/heping.yaml", "{id: \"1\", title", "{id: \"5\", title");
    x.h = queue_hall_find(x.r, S("heping"));
    assert_int_equal(run(c, &x, "call"), ERR_STATE);
    x.counter = S("2");
    assert_int_equal(run(c, &x, "open"), 0);
    assert_int_equal(run(c, &x, "call"), 0);
    assert_int_equal(x.done, t.done);
    assert_int_equal(run(c, &x, "begin"), 0);
    assert_int_equal(run(c, &x, "finish"), 0);
    city_fixture_change(c, "systems/hall/queueing", "queues/heping.yaml", "{id: \"1\", title", "{id:  \"1\", title"); /* as it was */
}

/* Bug: who was called again had waited longer in the tally than until he was called. */
static void test_calling_again_does_not_move_the_tally(void **state) {
    CITY(c);
    static struct queue_done sum[QUEUE_DONE_MAX];
    struct command x;
    next_day();
    (void)take(c, "general", "", NULL);
    sit(c, &x, 9801, "1");
    os_clock_advance(10 * MINUTE);
    assert_int_equal(run(c, &x, "call"), 0);
    os_clock_advance(7 * MINUTE);
    assert_int_equal(run(c, &x, "again"), 0);
    assert_int_equal(run(c, &x, "begin"), 0);
    assert_int_equal(run(c, &x, "finish"), 0);
    x.sum = sum, x.verb = "tally";
    assert_int_equal(city_fixture_read(c, look, &x, NULL), 0);
    assert_int_equal(x.n_sum, 1);
    assert_int_equal(sum[0].finished, 1);
    assert_int_equal(sum[0].waited_ms, 10 * MINUTE);
}

/* The hall with a line under another id, wherever it is named. */
static void rename_line(const struct city *c, const char *from, const char *to) {
    static char text[16384], changed[16384];
    FILE *f = fopen("systems/hall/queueing/queues/heping.yaml", "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f), at = 0;
    (void)fclose(f);
    text[n] = 0;
    for (const char *p = text; *p && at + 32 < sizeof changed;) {
        bool here = !strncmp(p, from, strlen(from));
        at += (size_t)snprintf(changed + at, sizeof changed - at, "%.*s", here ? 32 : 1, here ? to : p);
        p += here ? strlen(from) : 1;
    }
    city_fixture_change(c, "systems/hall/queueing", "queues/heping.yaml", text, changed);
}

/* Bug: whoever waited in a line that was taken out of the hall waited all day: no counter called him. */
static void test_a_ticket_of_a_line_that_is_no_more_is_called(void **state) {
    CITY(c);
    struct command x, t, later;
    next_day();
    (void)take(c, "general", "", &t);
    (void)take(c, "result", "", &later);
    rename_line(c, "general", "gone");
    sit(c, &x, 9811, "3"); /* serves the others */
    assert_int_equal(run(c, &x, "call"), 0);
    assert_int_equal(x.done, t.done);
    city_fixture_change(c, "systems/hall/queueing", "queues/heping.yaml", "{id: \"1\", title", "{id:  \"1\", title"); /* as it was */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_dense_and_single),
        cmocka_unit_test(test_the_wait_is_played_through),
        cmocka_unit_test(test_a_code_opens_one_ticket),
        cmocka_unit_test(test_a_place_in_the_line_is_not_to_be_had),
        cmocka_unit_test(test_slips_of_a_hall_are_found),
        cmocka_unit_test(test_many_counters_call_at_once),
        cmocka_unit_test(test_a_counter_that_is_no_more),
        cmocka_unit_test(test_calling_again_does_not_move_the_tally),
        cmocka_unit_test(test_a_ticket_of_a_line_that_is_no_more_is_called),
    };
    return CITY_FIXTURE_RUN("queue", tests);
}
