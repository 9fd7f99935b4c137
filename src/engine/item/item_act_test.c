/* What officers do with tasks besides deciding them, and fifty who decide one at once (T49); on both stores, in a city. */
#include "engine/item/item_rows.h"

#include "app/message_fixture.h"
#include "engine/notify/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { RACERS = 50 };

#define SURVEYED \
    CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT "  - {who: window, do: decide, task: intake, move: accept}\n" \
    "  - {who: food, do: decide, task: survey, move: pass}\n"

struct work {
    const struct realm *r;
    struct actor who;
    struct item_task_order o;
    const char *list;
    int64_t one;
    char found[400];
    size_t events;
};

static int do_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_task_do(tx, w->r, &w->who, &w->o, e);
}

/* "title|title" of the actor's list, by how urgent. */
static int list_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct item_task_query q = { .kind = str_of(w->list), .max = 50 };
    struct val *rows;
    size_t n = 0;
    int rc = item_tasks_view(tx, w->r, &w->who, &q, S("zh"), &rows, e);
    w->found[0] = 0;
    for (size_t i = 0; !rc && i < val_count(rows); i++) {
        const struct val *row = val_item(rows, i);
        struct str title = val_get_str(row, S("title"));
        n += (size_t)snprintf(w->found + n, sizeof w->found - n, "%s%.*s%s", i ? "|" : "", STR_ARG(title),
                              val_get_bool(row, S("mine"), false) ? "*" : val_get_bool(row, S("taken"), false) ? "!" : "");
        if (i == 0) w->one = val_get_i64(row, S("id"), 0);
    }
    return rc;
}

static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *view;
    int rc = item_task_view(tx, w->r, &w->who, w->o.task, S("zh"), &view, e);
    w->events = rc ? 0 : val_count(val_get(val_get(view, S("case")), S("events")));
    return rc;
}

static int notices_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct notify_query q = { .max = 20 };
    struct val *rows;
    size_t n = 0;
    int rc = notify_inbox(tx, w->r, &w->who, S("zh"), &q, &rows, e);
    w->found[0] = 0;
    for (size_t i = 0; !rc && i < val_count(rows); i++) {
        struct str title = val_get_str(val_item(rows, i), S("title"));
        n += (size_t)snprintf(w->found + n, sizeof w->found - n, "%s%.*s", i ? "|" : "", STR_ARG(title));
    }
    return rc;
}

static struct work work_of(const struct city *c, const char *who) {
    struct work w = { .r = &c->app->realm };
    city_fixture_actor(c, who, &w.who);
    return w;
}

static void lists(const struct city *c, struct work *w, const char *list, const char *want) {
    w->list = list;
    assert_int_equal(city_fixture_read(c, list_body, w, NULL), 0);
    assert_string_equal(w->found, want);
}

static int act(const struct city *c, struct work *w, const char *verb, int64_t task, int64_t to, const char *text) {
    struct err e = { 0 };
    w->o = (struct item_task_order){ .verb = str_of(verb), .task = task, .version = FLOW_ANY_VERSION, .to = to, .text = str_of(text),
                                     .element = S("confirm"), .move = S("approve") };
    int rc = city_fixture_run(c, do_body, w, &e);
    if (rc && e.detail[0]) print_message("%s: %s %s\n", verb, err_name(rc), e.detail);
    return rc;
}

static void play(const struct city *c, const char *steps, int64_t *id) {
    struct err e = { 0 };
    int rc = city_fixture_play(c, steps, id, &e);
    if (rc) print_error("%s %s %s\n", err_name(rc), e.field, e.detail);
    assert_int_equal(rc, 0);
}

static int64_t task_of(const struct city *c, int64_t id, const char *element, struct city_look *l) {
    city_fixture_look(c, l, id, element);
    return l->task;
}

/* Queues and rights agree with whose hands it is in, at every moment. */
static void test_lists_follow_hands(void **state) {
    CITY(c);
    struct work food = work_of(c, "food"), two = work_of(c, "food2"), fire = work_of(c, "fire");
    struct city_look l;
    int64_t id = 0;
    message_fixture_verify(c, &food.who, NOTIFY_MAIL, "food@example.com");
    play(c, SURVEYED, &id);
    int64_t t = task_of(c, id, "food_review", &l);
    const char *title = "食品经营许可审查", *mine = "食品经营许可审查*", *taken = "食品经营许可审查!";
    lists(c, &food, "open", title);
    lists(c, &two, "open", title);
    lists(c, &fire, "open", "");
    assert_int_equal(act(c, &food, "transfer", t, fire.who.account, "给您"), ERR_INPUT);
    assert_int_equal(act(c, &food, "transfer", t, two.who.account, "给您"), 0);
    lists(c, &food, "open", taken);
    lists(c, &food, "mine", "");
    lists(c, &two, "mine", mine);
    assert_int_equal(act(c, &two, "consult", t, food.who.account, "请看"), 0);
    lists(c, &food, "mine", "食品经营许可审查（加签，请出具意见）*");
    int64_t asked = food.one;
    lists(c, &two, "mine", mine);
    assert_int_equal(act(c, &two, "opinion", asked, 0, "不是我的"), ERR_STATE);
    assert_int_equal(act(c, &food, "opinion", asked, 0, "可以"), 0);
    lists(c, &food, "mine", "");
    lists(c, &food, "open", taken);
    assert_int_equal(act(c, &two, "copy", t, food.who.account, ""), 0);
    lists(c, &food, "copied", taken);
    assert_int_equal(act(c, &two, "copy", t, food.who.account, ""), 0); /* once is enough, twice does no harm */
    assert_int_equal(act(c, &two, "countersign", t, food.who.account, "同意"), 0);
    lists(c, &two, "mine", "");
    lists(c, &two, "done", mine);
    lists(c, &food, "mine", "食品经营许可审查（会签，请确认决定）*");
    int64_t word = food.one;
    assert_int_equal(act(c, &food, "transfer", word, two.who.account, "您自己确认吧"), ERR_INPUT); /* nobody confirms what he decided */
    assert_int_equal(act(c, &two, "recall", t, 0, "改一个字"), 0);
    lists(c, &food, "mine", "");
    lists(c, &two, "mine", mine);
    assert_int_equal(act(c, &food, "opinion", word, 0, "确认"), ERR_STATE);
    city_fixture_look(c, &l, id, "");
    assert_int_equal(city_fixture_read(c, notices_body, &food, NULL), 0);
    assert_string_equal(food.found, "任务已撤回|请您会签|抄送给您|抄送给您|请您出具意见");
    assert_int_equal(city_fixture_read(c, notices_body, &two, NULL), 0);
    assert_string_equal(two.found, "意见已答复|转来一项任务");
    assert_int_equal(message_fixture_refuse(c), 0); /* what officers write to each other leaves by no mail */
}

/* What officers say among themselves is theirs. */
static void test_the_applicant_is_shown_none_of_it(void **state) {
    CITY(c);
    struct work food = work_of(c, "food"), two = work_of(c, "food2");
    struct city_look before, after;
    int64_t id = 0;
    play(c, SURVEYED, &id);
    int64_t t = task_of(c, id, "food_review", &before);
    food.o.task = t;
    assert_int_equal(city_fixture_run(c, look_body, &food, NULL), 0);
    size_t seen = food.events;
    assert_int_equal(act(c, &food, "delegate", t, two.who.account, "请核"), 0);
    assert_int_equal(act(c, &two, "opinion", t, 0, "属实"), 0);
    assert_int_equal(act(c, &food, "consult", t, two.who.account, "再看"), 0);
    food.o.task = t;
    assert_int_equal(city_fixture_run(c, look_body, &food, NULL), 0);
    assert_int_equal(food.events, seen + 3);
    city_fixture_look(c, &after, id, "food_review");
    assert_int_equal(val_count(val_get(after.view, S("events"))), val_count(val_get(before.view, S("events"))));
    assert_int_equal(val_count(after.events), val_count(before.events) + 3); /* the log has all */
    lists(c, &two, "mine", "食品经营许可审查（加签，请出具意见）*|食品经营许可审查*"); /* and that of the test before */
    assert_int_equal(act(c, &two, "opinion", two.one, 0, "可以"), 0);
    assert_int_equal(act(c, &food, "countersign", t, two.who.account, "准予"), 0); /* not decided before it is confirmed */
    city_fixture_look(c, &after, id, "");
    assert_int_equal(val_count(val_get(after.view, S("events"))), val_count(val_get(before.view, S("events"))));
    lists(c, &two, "mine", "食品经营许可审查（会签，请确认决定）*|食品经营许可审查*");
    assert_int_equal(act(c, &two, "opinion", two.one, 0, "同意"), 0);
    city_fixture_look(c, &after, id, "");
    const struct val *shown = val_get(after.view, S("events")), *last = val_item(shown, val_count(shown) - 1);
    assert_int_equal(val_count(shown), val_count(val_get(before.view, S("events"))) + 1);
    assert_true(str_eq(val_get_str(last, S("text")), S("准予")) && str_eq(val_get_str(last, S("by")), food.who.name));
}

#define TWO_STEPS \
    "<userTask id=\"review\" name=\"复核\" tb:role=\"police-officer\" tb:unit=\"police\" tb:moves=\"pass\" tb:returns=\"confirm\"/>" \
    "<sequenceFlow id=\"f3\" sourceRef=\"confirm\" targetRef=\"review\"/><sequenceFlow id=\"f9\" sourceRef=\"review\" targetRef=\"paper\"/>"

static void test_back_to_who_did_it(void **state) {
    CITY(c);
    struct work police = work_of(c, "police");
    struct city_look l;
    int64_t id = 0;
    city_fixture_change(c, "systems/approval/residence-proof", "flows/issue.bpmn",
                        "<sequenceFlow id=\"f3\" sourceRef=\"confirm\" targetRef=\"paper\"/>", TWO_STEPS);
    play(c, "  - {who: citizen, do: apply, item: residence-proof}\n"
            "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"
            "  - {who: citizen, do: submit}\n"
            "  - {who: police, do: decide, task: confirm, move: approve, expect: {open: [review]}}\n"
            "  - {who: police, do: recall, task: confirm, opinion: 看错了, expect: {open: [confirm]}}\n"
            "  - {who: police, do: decide, task: confirm, move: approve, expect: {open: [review]}}\n", &id);
    lists(c, &police, "mine", "");
    assert_int_equal(act(c, &police, "return", task_of(c, id, "review", &l), 0, ""), ERR_REQUIRED);
    assert_int_equal(act(c, &police, "return", task_of(c, id, "review", &l), 0, "缺一份材料"), 0);
    lists(c, &police, "mine", "派出所核对*");
    play(c, "  - {who: police, do: decide, task: confirm, move: approve}\n  - {who: police, do: decide, task: review, move: pass}\n"
            "  - {do: set-papers, expect: {state: ended, result: granted, papers: 1}}\n", &id);
}

/* Who declared that he is bound, and whom the registries know to be: no part in the case, and what he had goes to the others. */
static void test_who_is_bound_keeps_away(void **state) {
    CITY(c);
    struct work food = work_of(c, "food"), two = work_of(c, "food2"), company = work_of(c, "company");
    struct city_look l;
    int64_t id = 0;
    play(c, SURVEYED, &id);
    int64_t t = task_of(c, id, "food_review", &l);
    two.who.person = company.who.person; /* as if the officer were the applicant */
    assert_int_equal(act(c, &two, "claim", t, 0, ""), ERR_STATE);
    assert_int_equal(act(c, &two, "countersign", t, 0, ""), ERR_STATE); /* nobody approves his own */
    two = work_of(c, "food2");
    assert_int_equal(act(c, &food, "claim", t, 0, ""), 0);
    assert_int_equal(act(c, &food, "recuse", t, 0, ""), ERR_REQUIRED);
    assert_int_equal(act(c, &food, "recuse", t, 0, "店主是我弟弟"), 0);
    assert_int_equal(act(c, &food, "claim", t, 0, ""), ERR_STATE);
    assert_int_equal(act(c, &food, "countersign", t, 0, ""), ERR_STATE);
    assert_int_equal(act(c, &food, "transfer", t, two.who.account, "给您"), ERR_STATE);
    assert_int_equal(act(c, &food, "release", t, 0, ""), ERR_STATE); /* it is in nobody's hands */
    assert_int_equal(act(c, &two, "consult", t, food.who.account, "请看"), ERR_INPUT);
    food.o.task = t;
    assert_int_equal(city_fixture_run(c, look_body, &food, NULL), 0); /* to look is his by right */
    assert_int_equal(act(c, &two, "countersign", t, 0, ""), 0);
    play(c, "  - {do: set-papers, expect: {state: ended, result: granted}}\n", &id);
}

/* Exactly one of fifty. */
static void test_fifty_at_once(void **state) {
    CITY(c);
    static struct work w[RACERS];
    struct store_job *jobs[RACERS];
    enum store_outcome out[RACERS];
    struct city_look l;
    int64_t id = 0;
    play(c, SURVEYED, &id);
    int64_t task = task_of(c, id, "food_review", &l);
    size_t done = 0, completed = 0;
    for (int i = 0; i < RACERS; i++) {
        w[i] = work_of(c, i % 2 ? "food" : "food2");
        w[i].who.account = 9000 + i;
        w[i].o = (struct item_task_order){ .verb = S("countersign"), .task = task, .version = FLOW_ANY_VERSION, .move = S("approve") };
        jobs[i] = store_fixture_job(do_body, &w[i]);
    }
    city_fixture_race(c, jobs, RACERS, out);
    for (int i = 0; i < RACERS; i++) {
        done += out[i] == STORE_OK;
        if (out[i] != STORE_OK) assert_true(out[i] == STORE_CONFLICT || jobs[i]->err.code == ERR_CONFLICT);
    }
    assert_int_equal(done, 1);
    city_fixture_look(c, &l, id, "food_review");
    for (size_t i = 0; i < val_count(l.events); i++)
        completed += val_get_i64(val_item(l.events, i), S("task"), 0) == task &&
                     str_eq(val_get_str(val_item(l.events, i), S("kind")), S("task"));
    assert_int_equal(completed, 1);
    play(c, "  - {do: set-papers, expect: {state: ended, papers: 1}}\n", &id);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_follow_hands),
        cmocka_unit_test(test_the_applicant_is_shown_none_of_it),
        cmocka_unit_test(test_who_is_bound_keeps_away),
        cmocka_unit_test(test_fifty_at_once),
        cmocka_unit_test(test_back_to_who_did_it),
    };
    return CITY_FIXTURE_RUN("item acts", tests);
}
