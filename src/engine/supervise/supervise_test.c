/* supervise: the right card for the right person at the right minute, once; each rule with its
 * control; what people do with cards; on both stores, in a city. The rules are those of the tree
 * (systems/common/supervision.yaml). */
#include "engine/supervise/supervise_rows.h"

#include "app/city_fixture.h"
#include "os/os.h"
#include "proc/supervise/role.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE };
static const int64_t day = (int64_t)24 * HOUR;

#define PROOF                                                                                        \
    "- {who: citizen, do: apply, item: residence-proof}\n"                                           \
    "- {who: citizen, do: answer, page: registered, with: {purpose: \"1\", recipient: 某中学}}\n" \
    "- {who: citizen, do: submit}\n"
#define CLAIM "- {who: police-officer, do: claim, task: confirm}\n"
#define APPROVE                                                                                    \
    "- {who: police-officer, do: decide, task: confirm, move: approve}\n- {do: set-papers}\n"

static void play(const struct city *c, const char *steps, int64_t *id) {
    struct err e = { 0 };
    if (city_fixture_play(c, steps, id, &e)) fail_msg("%s %s", err_name(e.code), e.detail);
}

/* Everything the log says is judged; how many cards that gives. */
static size_t supervise(const struct city *c) {
    struct err e = { 0 };
    size_t all = 0, n;
    bool more = true;
    if (app_sequence(c->app, true, &e)) fail_msg("%s %s", err_name(e.code), e.detail);
    while (more) {
        if (app_supervise(c->app, &n, &more, &e)) fail_msg("%s %s", err_name(e.code), e.detail);
        all += n;
    }
    return all;
}

/* Nothing of before: a Monday at nine, all that other tests left is judged. */
static void new_week(const struct city *c) {
    int64_t week = 7 * day;
    os_clock_set(CITY_START_MS + (os_now_ms() - CITY_START_MS + week) / week * week);
    (void)supervise(c);
}

struct looking {
    const struct realm *r;
    struct actor who;
    struct supervise_query q;
    int64_t id, version;
    const char *verb, *text;
    struct val *list, *view;
};

static int list_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct looking *l = job->arg;
    return supervise_list(tx, l->r, &l->who, &l->q, S("zh"), &l->list, e);
}

static int view_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct looking *l = job->arg;
    return supervise_view(tx, l->r, &l->who, l->id, S("zh"), &l->view, e);
}

static int board_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct looking *l = job->arg;
    return supervise_board(tx, l->r, &l->who, 0, S("zh"), &l->view, e);
}

static int do_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct looking *l = job->arg;
    return supervise_do(tx, l->r, &l->who, l->id, l->version, str_of(l->verb), str_of(l->text), e);
}

static struct looking as(const struct city *c, const char *who) {
    struct looking l = { .r = &c->app->realm, .q = { .max = 100, .counted = true } };
    city_fixture_actor(c, who, &l.who);
    return l;
}

struct card_look {
    const struct realm *r;
    int64_t case_id;
    struct str rule;
    struct looking *l;
    struct supervise_card found;
};

static int card_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct card_look *x = job->arg;
    for (size_t i = 0; i < val_count(x->l->list); i++) {
        struct supervise_card one;
        int rc =
            supervise_row_get(tx, x->r, val_get_i64(val_item(x->l->list, i), S("id"), 0), &one, e);
        if (rc) return rc;
        if (one.case_id == x->case_id && str_eq(one.rule, x->rule)) x->found = one;
    }
    return 0;
}

/* The card of a case by a rule; 0: there is none. */
static int64_t card_of(const struct city *c, int64_t case_id, const char *rule,
                       struct supervise_card *ret) {
    struct looking l = as(c, "supervisor");
    struct card_look x = { &c->app->realm, case_id, str_of(rule), &l, { 0 } };
    assert_int_equal(city_fixture_read(c, list_body, &l, NULL), 0);
    assert_int_equal(city_fixture_read(c, card_body, &x, NULL), 0);
    if (ret) *ret = x.found;
    return x.found.id;
}

/* ---- the right card, at the right minute ---- */

static void test_a_minute_late(void **state) {
    CITY(c);
    int64_t id = 0, start;
    struct supervise_card card;
    struct actor officer;
    new_week(c);
    city_fixture_actor(c, "police-officer", &officer);
    play(c, PROOF CLAIM, &id);
    assert_int_equal(supervise(c), 0);
    start = os_now_ms() / HOUR * HOUR;
    os_clock_set(start + 15 * HOUR - MINUTE); /* Monday 23:59 */
    assert_int_equal(supervise(c), 0);
    os_clock_set(start + 15 * HOUR); /* the last day begins */
    assert_int_equal(supervise(c), 1);
    assert_true(card_of(c, id, "step-soon", NULL));
    os_clock_set(start + 39 * HOUR - MINUTE); /* Tuesday 23:59: not late */
    assert_int_equal(supervise(c), 0);
    os_clock_set(start + 39 * HOUR);
    assert_int_equal(supervise(c), 2);
    assert_true(card_of(c, id, "step-late", &card));
    assert_true(str_eq(card.color, S("yellow")));
    assert_int_equal(card.account, officer.account);
    assert_int_equal(card.at_ms, start + 39 * HOUR);
    assert_true(card_of(c, id, "promise-late", &card));
    assert_int_equal(card_of(c, id, "law-late", NULL), 0);
    os_clock_set(start + 4 * day); /* the law's three days are over since Friday 0:00 */
    assert_int_equal(supervise(c), 1);
    assert_true(card_of(c, id, "law-late", &card));
    assert_true(str_eq(card.color, S("red")));
    assert_int_equal(card.at_ms, start + 4 * day - 9 * HOUR);
    assert_int_equal(supervise(c), 0);
}

static void test_in_time_gets_none(void **state) {
    CITY(c);
    int64_t id = 0;
    new_week(c);
    play(c, PROOF CLAIM APPROVE, &id);
    os_clock_advance(10 * day);
    assert_int_equal(supervise(c), 0);
    assert_int_equal(card_of(c, id, "step-late", NULL), 0);
}

/* Supervision that was away finds afterwards what happened meanwhile, also in a case that is over,
 * and against whom it was then. */
static void test_what_passed_unseen(void **state) {
    CITY(c);
    int64_t id = 0;
    struct supervise_card card;
    struct actor officer;
    new_week(c);
    city_fixture_actor(c, "police-officer", &officer);
    play(c, PROOF CLAIM, &id);
    os_clock_advance(5 * day);
    play(c, APPROVE, &id);
    assert_int_equal(supervise(c), 4); /* soon, late, promise, law */
    assert_true(card_of(c, id, "law-late", &card));
    assert_int_equal(card.account, officer.account);
}

static void test_unclaimed_is_the_units(void **state) {
    CITY(c);
    int64_t id = 0;
    struct supervise_card card;
    new_week(c);
    play(c, PROOF, &id);
    os_clock_advance(3 * day);
    (void)supervise(c);
    assert_true(card_of(c, id, "step-late", &card));
    assert_int_equal(card.account, 0);
    assert_true(card.unit > 0);
}

/* The clock stands for a supplement: nothing is late meanwhile, nor is a card lost afterwards. */
static void test_a_clock_that_stands(void **state) {
    CITY(c);
    int64_t id = 0;
    new_week(c);
    play(c,
         CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
         "  - {who: window-clerk, do: claim, task: intake}\n"
         "  - {who: window-clerk, do: decide, task: intake, move: accept}\n"
         "  - {who: food, do: decide, task: survey, move: pass}\n"
         "  - {who: food, do: decide, task: food_review, move: supplement, opinion: 请补}\n",
         &id);
    (void)supervise(c);
    os_clock_advance(40 * day);
    (void)supervise(c);
    assert_int_equal(card_of(c, id, "law-late", NULL), 0);
    assert_int_equal(card_of(c, id, "step-late", NULL), 0);
}

/* ---- events ---- */

static void test_paused_too_often(void **state) {
    CITY(c);
    int64_t id = 0;
    struct supervise_card card;
    new_week(c);
    play(
        c,
        CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
        "  - {who: window-clerk, do: decide, task: intake, move: accept}\n" /* the survey stops it:
                                                                               once */
        "  - {who: food, do: decide, task: survey, move: pass}\n"
        "  - {who: food, do: decide, task: food_review, move: supplement, opinion: 请补}\n" /* twice
                                                                                             */
        "  - {who: company, do: supplement, opinion: 已补}\n",
        &id);
    assert_int_equal(supervise(c), 0);
    play(c, "  - {who: food, do: decide, task: food_review, move: supplement, opinion: 再补}\n",
         &id);
    assert_int_equal(supervise(c), 1);
    assert_true(card_of(c, id, "paused-often", &card));
    assert_int_equal(supervise(c), 0);
}

#define TWO_STEPS                                                                                  \
    "<userTask id=\"review\" name=\"复核\" tb:role=\"police-officer\" tb:unit=\"police\" "       \
    "tb:moves=\"pass\" tb:returns=\"confirm\"/>"                                                   \
    "<sequenceFlow id=\"f3\" sourceRef=\"confirm\" targetRef=\"review\"/><sequenceFlow id=\"f9\" " \
    "sourceRef=\"review\" targetRef=\"paper\"/>"

static void test_returned_too_often(void **state) {
    CITY(c);
    int64_t id = 0;
    const char *again =
        "- {who: police-officer, do: decide, task: confirm, move: approve}\n"
        "- {who: police-officer, do: return, task: review, back: confirm, opinion: 请再核对}\n";
    new_week(c);
    city_fixture_change(c, "systems/approval/residence-proof", "flows/issue.bpmn",
                        "<sequenceFlow id=\"f3\" sourceRef=\"confirm\" targetRef=\"paper\"/>",
                        TWO_STEPS);
    play(c, PROOF, &id);
    for (int i = 0; i < 2; i++) play(c, again, &id);
    (void)supervise(c);
    assert_int_equal(card_of(c, id, "returned-often", NULL), 0);
    play(c, again, &id);
    (void)supervise(c);
    assert_true(card_of(c, id, "returned-often", NULL));
}

/* ---- once, and never lost ---- */

static void forget(const struct city *c) {
    supervise_memory_close(c->app->supervise_here);
    c->app->supervise_here = NULL;
}

static void test_read_again_gives_the_same(void **state) {
    CITY(c);
    int64_t id = 0;
    new_week(c);
    play(c, PROOF CLAIM, &id);
    os_clock_advance(5 * day);
    assert_int_equal(supervise(c), 4);
    forget(c);
    assert_int_equal(supervise(c), 0);
}

struct half {
    struct app *app;
    struct val *question;
};

static int half_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct half *h = job->arg;
    struct val *cards = val_list(job->arena), *looks = val_list(job->arena),
               *answer = val_map(job->arena);
    size_t n;
    int rc = supervise_gather(tx, &h->app->realm, 0, &h->question, e);
    const struct val *rules = val_get(h->question, S("rules"));
    for (int64_t from = 0; !rc; from += SUPERVISE_PAGE_MAX) {
        rc = supervise_gather(tx, &h->app->realm, from, &h->question, e);
        const struct val *cases = val_get(h->question, S("cases"));
        if (!val_count(val_get(h->question, S("entries")))) break;
        for (size_t i = 0; !rc && i < val_count(cases); i++) {
            int64_t look_ms;
            supervise_judge(rules, val_get(val_item(cases, i), S("facts")), os_now_ms(), job->arena,
                            cards, &look_ms);
        }
    }
    val_put(job->arena, answer, S("cards"), cards);
    val_put(job->arena, answer, S("looks"), looks);
    return rc ? rc : supervise_commit(tx, &h->app->realm, answer, &n, e);
}

/* The process dies after its cards were issued and before it is told so: they are judged again and
 * there is one of each. */
static void test_done_but_not_told(void **state) {
    CITY(c);
    int64_t id = 0;
    struct half h = { .app = c->app };
    struct err e = { 0 };
    new_week(c);
    play(c, PROOF CLAIM, &id);
    os_clock_advance(5 * day);
    assert_int_equal(app_sequence(c->app, true, NULL), 0);
    if (city_fixture_run(c, half_body, &h, &e)) fail_msg("%s %s", err_name(e.code), e.detail);
    assert_true(card_of(c, id, "law-late", NULL));
    forget(c);
    assert_int_equal(supervise(c), 0);
}

/* ---- who may ---- */

static int commit_as_officer(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct looking *l = job->arg;
    struct act act;
    return act_open(&act, tx, l->r, &l->who, S("card.issue"), e);
}

static void test_nobody_issues_by_hand(void **state) {
    CITY(c);
    static const char *const who[] = { "police-officer", "supervisor", "head", "system",
                                       "citizen" };
    for (size_t i = 0; i < sizeof who / sizeof *who; i++) {
        struct looking l = as(c, who[i]);
        assert_int_equal(city_fixture_run(c, commit_as_officer, &l, NULL), ERR_FORBIDDEN);
    }
    struct looking l = as(c, "supervisor");
    l.who = access_worker(); /* nor does what serves the pages */
    assert_int_not_equal(city_fixture_run(c, commit_as_officer, &l, NULL), 0);
    l.who = supervise_actor(); /* the control */
    assert_int_equal(city_fixture_read(c, commit_as_officer, &l, NULL), 0);
}

static int act(const struct city *c, const char *who, int64_t id, int64_t version, const char *verb,
               const char *text) {
    struct looking l = as(c, who);
    l.id = id, l.version = version, l.verb = verb, l.text = text;
    return city_fixture_run(c, do_body, &l, NULL);
}

static void test_a_card_lives(void **state) {
    CITY(c);
    int64_t id = 0, card;
    struct supervise_card got;
    new_week(c);
    play(c, PROOF CLAIM, &id);
    os_clock_advance(3 * day);
    (void)supervise(c);
    card = card_of(c, id, "step-late", &got);
    assert_int_equal(act(c, "citizen", card, 1, "explain", "不是我的"), ERR_NOT_FOUND);
    assert_int_equal(act(c, "police-officer", card, 1, "close", "自己办结"), ERR_FORBIDDEN);
    assert_int_equal(act(c, "supervisor", card, 1, "explain", "替他说明"), ERR_NOT_FOUND);
    assert_int_equal(act(c, "police-officer", card, 1, "explain", " "), ERR_REQUIRED);
    assert_int_equal(act(c, "police-officer", card, 1, "burn", "没有这样的事"), ERR_SYNTAX);
    assert_int_equal(act(c, "police-officer", card, 1, "dispute", "当天系统停机"), 0);
    assert_int_equal(act(c, "police-officer", card, 2, "explain", "再说一次"), ERR_STATE);
    assert_int_equal(act(c, "supervisor", card, 1, "withdraw", "异议成立"), ERR_CONFLICT);
    assert_int_equal(act(c, "supervisor", card, 2, "withdraw", "异议成立"), 0);
    assert_int_equal(act(c, "supervisor", card, 3, "close", "晚了"), ERR_STATE);
    (void)card_of(c, id, "step-late", &got);
    assert_true(str_eq(got.state, S("withdrawn")));
    struct looking l = as(c, "police-officer");
    l.id = card;
    assert_int_equal(city_fixture_run(c, view_body, &l, NULL), 0);
    assert_int_equal(val_count(val_get(l.view, S("words"))), 2);
    assert_true(str_eq(val_get_str(val_item(val_get(l.view, S("words")), 0), S("text")),
                       S("当天系统停机")));
    assert_true(val_count(val_get(l.view, S("steps"))) > 0);
    l = as(c, "citizen");
    l.id = card;
    assert_int_equal(city_fixture_run(c, view_body, &l, NULL), ERR_NOT_FOUND);
    forget(c);
    assert_int_equal(supervise(c), 0); /* a withdrawn card is not issued again */
}

/* A unit's head answers for what nobody had, and sees his units' alone. */
static void test_a_head(void **state) {
    CITY(c);
    int64_t id = 0, card;
    new_week(c);
    play(c, PROOF, &id);
    os_clock_advance(3 * day);
    (void)supervise(c);
    card = card_of(c, id, "step-late", NULL);
    assert_int_equal(act(c, "police-officer", card, 1, "explain", "不是发给我的"), ERR_NOT_FOUND);
    assert_int_equal(act(c, "head", card, 1, "explain", "人手不足，已经安排"), 0);
    assert_int_equal(act(c, "head", card, 2, "close", "不归我"), ERR_FORBIDDEN);
    assert_int_equal(act(c, "supervisor", card, 2, "close", "已整改"), 0);
}

static void test_lists_and_board(void **state) {
    CITY(c);
    int64_t id = 0;
    struct supervise_card card;
    new_week(c);
    play(c, PROOF CLAIM, &id);
    os_clock_advance(5 * day);
    (void)supervise(c);
    (void)card_of(c, id, "law-late", &card);
    struct looking l = as(c, "police-officer");
    l.q.mine = true;
    l.q.color = S("red");
    assert_int_equal(city_fixture_read(c, list_body, &l, NULL), 0);
    assert_true(val_count(l.list) >= 1);
    assert_int_equal(l.q.total, val_count(l.list));
    l = as(c, "police-officer");
    assert_int_equal(city_fixture_read(c, list_body, &l, NULL), ERR_FORBIDDEN);
    l = as(c, "supervisor");
    l.q.unit = card.unit;
    l.q.item = S("restaurant");
    assert_int_equal(city_fixture_read(c, list_body, &l, NULL), 0);
    assert_int_equal(val_count(l.list), 0);
    l = as(c, "supervisor");
    assert_int_equal(city_fixture_read(c, board_body, &l, NULL), 0);
    int64_t red = 0;
    const struct val *people = val_get(l.view, S("person"));
    for (size_t i = 0; i < val_count(people); i++) {
        int64_t account = 0;
        bool his = str_to_i64(val_get_str(val_item(people, i), S("object")), &account) &&
                   account == card.account;
        if (his) red += val_get_i64(val_item(people, i), S("red"), 0);
    }
    assert_true(red >= 1);
}

STORE_STMT(supervise_test_change, STORE_WRITES,
           "UPDATE supervise_card SET account = ? WHERE home = ? AND id = ?");

static int change_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_exec(tx, &supervise_test_change, NULL, e, SV_I(7), SV_I(job->home.v),
                      SV_I(*(int64_t *)job->arg));
}

static void test_a_card_turned_to_another_is_seen(void **state) {
    CITY(c);
    int64_t id = 0, card;
    new_week(c);
    play(c, PROOF CLAIM, &id);
    os_clock_advance(3 * day);
    (void)supervise(c);
    card = card_of(c, id, "step-late", NULL);
    assert_int_equal(city_fixture_plant(c, change_body, &card, NULL), 0);
    assert_int_equal(act(c, "supervisor", card, 1, "close", "看不出来"), ERR_DAMAGED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_minute_late),
        cmocka_unit_test(test_in_time_gets_none),
        cmocka_unit_test(test_what_passed_unseen),
        cmocka_unit_test(test_unclaimed_is_the_units),
        cmocka_unit_test(test_a_clock_that_stands),
        cmocka_unit_test(test_paused_too_often),
        cmocka_unit_test(test_returned_too_often),
        cmocka_unit_test(test_read_again_gives_the_same),
        cmocka_unit_test(test_done_but_not_told),
        cmocka_unit_test(test_nobody_issues_by_hand),
        cmocka_unit_test(test_a_card_lives),
        cmocka_unit_test(test_a_head),
        cmocka_unit_test(test_lists_and_board),
        cmocka_unit_test(test_a_card_turned_to_another_is_seen),
    };
    return CITY_FIXTURE_RUN("supervise", tests);
}
