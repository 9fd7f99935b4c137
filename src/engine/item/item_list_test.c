/* item_list: a list shows no row that opening would refuse: the conditions of grants hold for lists, counts and searches as they
 * do for pages; what they take away is filled up from further down, to a limit that is told. On both stores, in a city whose
 * access.yaml has such a condition.
 */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Whole grants of systems/common/access.yaml, and what stands in their place. */
#define CLERK "  - {role: window-clerk, may: [task.list, task.read, task.claim, task.release, task.complete, case.read], scope: unit}"
#define CLERK_OF(condition) \
    "  - {role: window-clerk, may: [task.list], scope: unit}\n" \
    "  - {role: window-clerk, may: [task.read, task.claim, task.release, task.complete, case.read], scope: unit, when: '" condition "'}"
#define CITIZEN "          case.supplement, case.withdraw, case.rate, paper.read, card.read, card.explain]\n    scope: own\n"
#define CITIZEN_OF(condition) \
    "          case.supplement, case.withdraw, case.rate, paper.read, card.read, card.explain]\n    scope: own\n" \
    "  - {role: person, may: [case.read], scope: own, when: '" condition "'}\n"

struct work {
    const struct realm *r;
    struct actor who;
    struct item_case_query cases;
    struct item_task_query q;
    size_t n;
    int64_t ids[256], one;
    struct str number;
};

static void keep(struct work *w, const struct val *list) {
    w->n = val_count(list);
    for (size_t i = 0; i < w->n && i < 256; i++) w->ids[i] = val_get_i64(val_item(list, i), S("id"), 0);
}
static int cases_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct scope_token t;
    struct val *list;
    int rc = access_may(w->r, &w->who, S("case.read"), &t, e);
    if (!rc) rc = item_cases_view(tx, w->r, &t, &w->cases, S("zh"), &list, e);
    if (!rc) keep(w, list);
    return rc;
}
static int tasks_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *list;
    int rc = item_tasks_view(tx, w->r, &w->who, &w->q, S("zh"), &list, e);
    if (!rc) keep(w, list);
    return rc;
}
static int open_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct scope_token t;
    struct item_case c;
    int rc = access_may(w->r, &w->who, S("case.read"), &t, e);
    return rc ? rc : item_case_get(tx, w->r, &t, w->one, &c, e);
}
static int open_task_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *view;
    return item_task_view(tx, w->r, &w->who, w->one, S("zh"), &view, e);
}
/* The move by which the task may be decided with others, as its page and its row in the list say alike; empty: none. */
static int forward_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *view, *list;
    int rc = item_task_view(tx, w->r, &w->who, w->one, S("zh"), &view, e);
    if (!rc) rc = item_tasks_view(tx, w->r, &w->who, &w->q, S("zh"), &list, e);
    if (rc) return rc;
    w->number = val_get_str(val_get(view, S("forward")), S("move"));
    for (size_t i = 0; i < val_count(list); i++)
        if (val_get_i64(val_item(list, i), S("id"), 0) == w->one)
            assert_true(str_eq(w->number, val_get_str(val_get(val_item(list, i), S("forward")), S("move"))));
    return 0;
}
static int claim_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_task_claim(tx, w->r, &w->who, w->one, e);
}
static int release_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_task_release(tx, w->r, &w->who, w->one, e);
}
static int number_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct item_case c;
    int rc = item_case_get(tx, w->r, NULL, w->one, &c, e);
    w->number = rc ? S("") : c.number;
    return rc ? rc : item_case_find(tx, w->r, &w->who, c.number, &w->one, e);
}

static int first_page(const struct city *c, struct work *w) {
    w->q.at = (struct item_place){ 0 };
    return city_fixture_read(c, tasks_body, w, NULL);
}

static void drafts(const struct city *c, const char *item, const char *who, int64_t *ret) {
    char steps[256];
    (void)snprintf(steps, sizeof steps, "  - {who: %s, do: apply, item: %s}\n", who, item);
    *ret = 0;
    assert_int_equal(city_fixture_play(c, steps, ret, NULL), 0);
}

static struct work work_of(const struct city *c, const char *role, size_t max) {
    struct work w = { .r = &c->app->realm, .cases = { .max = max }, .q = { .kind = S("open"), .max = max } };
    city_fixture_actor(c, role, &w.who);
    return w;
}

#define SUBMITTED \
    "  - {who: citizen, do: apply, item: residence-proof}\n" \
    "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n" \
    "  - {who: citizen, do: submit, expect: {state: accepted}}\n"

/* One draft among many submitted: first without, then with the condition that only drafts may be read. */
static void test_a_list_shows_what_opens(void **state) {
    CITY(c);
    enum { SUBMITTED_N = 30 };
    int64_t draft, id, last = 0;
    drafts(c, "residence-proof", "citizen", &draft);
    struct err e = { 0 };
    assert_int_equal(city_fixture_play(c, "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"
                                          "  - {who: citizen, do: submit, expect: {state: accepted}}\n", &draft, &e), 0);
    for (int i = 0; i < SUBMITTED_N; i++) {
        id = 0;
        assert_int_equal(city_fixture_play(c, SUBMITTED, &id, &e), 0);
        last = id;
    }
    drafts(c, "residence-proof", "citizen", &draft); /* the newest */
    struct work w = work_of(c, "citizen", 10);
    assert_int_equal(city_fixture_read(c, cases_body, &w, NULL), 0);
    assert_int_equal(w.n, 10);
    assert_int_equal(w.ids[0], draft);
    assert_false(w.cases.at.cut);
    city_fixture_change(c, "systems/common", "access.yaml",
                        "case.consent, case.submit, case.read,\n" CITIZEN,
                        "case.consent, case.submit,\n" CITIZEN_OF("object.state != \"draft\" and object.owner = actor.person"));
    w.cases.at = (struct item_place){ 0 };
    assert_int_equal(city_fixture_read(c, cases_body, &w, NULL), 0);
    assert_int_equal(w.n, 10); /* filled up behind the draft that is not shown */
    assert_int_equal(w.ids[0], last);
    for (size_t i = 0; i < w.n; i++) {
        w.one = w.ids[i];
        assert_int_equal(city_fixture_read(c, open_body, &w, NULL), 0);
    }
    w.one = draft;
    assert_int_equal(city_fixture_read(c, open_body, &w, NULL), ERR_FORBIDDEN);
    w.one = last;
    assert_int_equal(city_fixture_read(c, number_body, &w, NULL), 0); /* and a search finds what opens */
    size_t all = w.n;
    while (w.n == 10) { /* page after page: all of them, none twice, none that is refused */
        assert_int_equal(city_fixture_read(c, cases_body, &w, NULL), 0);
        all += w.n;
    }
    assert_int_equal(all, SUBMITTED_N + 1);
    city_fixture_change(c, "systems/common", "access.yaml",
                        "case.consent, case.submit, case.read,\n" CITIZEN,
                        "case.consent, case.submit,\n" CITIZEN_OF("object.state = \"draft\""));
    w.cases.at = (struct item_place){ 0 };
    assert_int_equal(city_fixture_read(c, cases_body, &w, NULL), 0);
    assert_true(w.n == 1 && w.ids[0] == draft);
    w.one = last;
    assert_int_equal(city_fixture_read(c, number_body, &w, NULL), ERR_NOT_FOUND); /* a search tells no more than a list */
}

#define RESTAURANT CITY_SHOP_APPLY CITY_SMALL_SHOP "  - {who: company, do: submit, expect: {state: submitted}}\n"

static void test_a_queue_shows_what_opens(void **state) {
    CITY(c);
    enum { N = 6 };
    struct err e = { 0 };
    for (int i = 0; i < N; i++) {
        int64_t id = 0;
        int rc = city_fixture_play(c, RESTAURANT, &id, &e);
        if (rc) print_error("%s %s %s\n", err_name(rc), e.field, e.detail);
        assert_int_equal(rc, 0);
    }
    struct work w = work_of(c, "window", 100);
    assert_int_equal(first_page(c, &w), 0);
    assert_int_equal(w.n, N);
    assert_true(!w.q.at.cut && w.q.total == N);
    w.q.max = 4;
    assert_int_equal(first_page(c, &w), 0);
    assert_true(w.n == 4 && w.q.total == N); /* that there are more is told */
    w.one = w.ids[0];
    assert_int_equal(city_fixture_run(c, open_task_body, &w, NULL), 0);
    city_fixture_change(c, "systems/common", "access.yaml", CLERK, CLERK_OF("object.state = \"ended\""));
    assert_int_equal(first_page(c, &w), 0);
    assert_true(w.n == 0 && !w.q.at.cut && w.q.total == SCOPE_UNCOUNTED);
    assert_int_equal(city_fixture_run(c, open_task_body, &w, NULL), ERR_FORBIDDEN);
    city_fixture_change(c, "systems/common", "access.yaml", CLERK, CLERK_OF("object.role = \"window-clerk\" and object.state = \"submitted\""));
    w.q.max = 100;
    assert_int_equal(first_page(c, &w), 0);
    assert_int_equal(w.n, N);
    assert_int_equal(city_fixture_run(c, open_task_body, &w, NULL), 0);
    city_fixture_change(c, "systems/common", "access.yaml", CLERK, "  - {role: window-clerk, may: [task.list], scope: unit}");
    assert_int_equal(first_page(c, &w), 0);
    assert_int_equal(w.n, 0); /* who may open none is shown none */
}

/* What is done on the spot is not passed unseen with others: the item says so of the step. */
static void test_a_survey_is_done_singly(void **state) {
    CITY(c);
    struct err e = { 0 };
    struct city_look l;
    int64_t id = 0;
    assert_int_equal(city_fixture_play(c, RESTAURANT "  - {who: window-clerk, do: decide, task: intake, move: accept}\n", &id, &e), 0);
    struct work w = work_of(c, "food-reviewer", 100);
    city_fixture_look(c, &l, id, "survey");
    w.one = l.task;
    assert_int_equal(city_fixture_run(c, forward_body, &w, NULL), 0);
    assert_int_equal(w.number.len, 0);
    w.r = &c->app->realm;
    assert_int_equal(city_fixture_play(c, "  - {who: food-reviewer, do: decide, task: survey, move: pass}\n", &id, &e), 0);
    city_fixture_look(c, &l, id, "food_review");
    w.one = l.task;
    assert_int_equal(city_fixture_run(c, forward_body, &w, NULL), 0);
    assert_true(str_eq(w.number, S("approve"))); /* and the others of the same officer are */
}

/* Every page to the end, from where the query stands; ids in w->ids. */
static void all_pages(const struct city *c, struct work *w, size_t page) {
    int64_t seen[256];
    size_t n = 0;
    w->q.at = (struct item_place){ 0 };
    w->q.max = page;
    do {
        assert_int_equal(city_fixture_read(c, tasks_body, w, NULL), 0);
        for (size_t i = 0; i < w->n && n < 256; i++) seen[n++] = w->ids[i];
    } while (w->n == page || w->q.at.cut);
    memcpy(w->ids, seen, sizeof seen);
    w->n = n;
}

/* The same rows in every order, page by page as at once, and turned round in the opposite order; how many. */
static size_t in_every_order(const struct city *c, struct work *w) {
    int64_t once[256], turned[256];
    size_t n = 0;
    for (int received = 0; received < 2; received++) {
        w->q.received = received;
        w->q.back = false;
        all_pages(c, w, 128);
        memcpy(once, w->ids, sizeof once);
        n = w->n;
        for (size_t page = 1; page <= 4; page += 3) {
            all_pages(c, w, page);
            assert_int_equal(w->n, n);
            assert_memory_equal(w->ids, once, n * sizeof *once);
        }
        w->q.back = true;
        all_pages(c, w, 2);
        memcpy(turned, w->ids, sizeof turned);
        assert_int_equal(w->n, n);
        for (size_t i = 0; i < n; i++) assert_true(turned[i] == once[n - 1 - i]);
    }
    w->q.received = w->q.back = false;
    return n;
}

static struct item_task_query query(const char *kind) {
    return (struct item_task_query){ .kind = str_of(kind), .max = 128 };
}

/* Sorted, narrowed and paged, a queue holds the same tasks; what a condition refuses is in none of them. */
static void test_a_queue_in_every_order(void **state) {
    CITY(c);
    enum { N = 7 };
    city_fixture_change(c, "systems/common", "access.yaml", CLERK, CLERK); /* as it was, after the test before */
    struct err e = { 0 };
    int64_t ids[N];
    for (int i = 0; i < N; i++) {
        ids[i] = 0;
        assert_int_equal(city_fixture_play(c, RESTAURANT "  - {do: wait, days: 2}\n", &ids[i], &e), 0);
    }
    struct work w = work_of(c, "window", 128);
    w.q = query("open");
    size_t open = in_every_order(c, &w);
    assert_true(open >= N); /* with those of the tests before */
    w.q = query("open"), w.q.item = S("restaurant");
    assert_int_equal(in_every_order(c, &w), open);
    assert_int_equal(w.q.total, open);
    w.q.step = S("restaurant/intake");
    assert_int_equal(in_every_order(c, &w), open);
    w.q = query("open"), w.q.step = S("restaurant/survey");
    assert_int_equal(in_every_order(c, &w), 0);
    w.q = query("open"), w.q.item = S("residence-proof");
    assert_int_equal(in_every_order(c, &w), 0);
    w.q = query("open"), w.q.role = S("food-reviewer"); /* not held */
    assert_int_equal(in_every_order(c, &w), 0);
    /* Late, soon and neither are all of them; what is late stands first where the most urgent do. */
    w.q = query("open"), w.q.due = S("late");
    size_t late = in_every_order(c, &w);
    w.q = query("open"), w.q.due = S("soon");
    size_t soon = in_every_order(c, &w);
    assert_true(late > 0 && late + soon < open);
    w.q = query("open"), w.q.due = S("paused");
    assert_int_equal(in_every_order(c, &w), 0);
    /* The unit of the post itself, and one that is no part of it. */
    w.q = query("open"), w.q.unit = w.who.posts[0].unit;
    assert_int_equal(in_every_order(c, &w), open);
    w.q = query("open"), w.q.unit = -1;
    assert_int_equal(in_every_order(c, &w), 0);
    /* Claimed, given back, claimed and done. */
    struct city_look l;
    city_fixture_look(c, &l, ids[0], "intake");
    w.q = query("mine");
    assert_int_equal(in_every_order(c, &w), 0);
    w.one = l.task;
    assert_int_equal(city_fixture_run(c, claim_body, &w, NULL), 0);
    assert_int_equal(in_every_order(c, &w), 1);
    assert_int_equal(city_fixture_run(c, release_body, &w, NULL), 0);
    assert_int_equal(in_every_order(c, &w), 0);
    assert_int_equal(city_fixture_run(c, claim_body, &w, NULL), 0);
    assert_int_equal(city_fixture_play(c, "  - {who: window-clerk, do: decide, task: intake, move: accept}\n", &ids[0], &e), 0);
    assert_int_equal(in_every_order(c, &w), 0);
    w.q = query("done"), w.q.item = S("restaurant");
    size_t done = in_every_order(c, &w);
    assert_true(done >= 1);
    w.q = query("open");
    assert_int_equal(in_every_order(c, &w), open - 1);
    city_fixture_change(c, "systems/common", "access.yaml", CLERK, CLERK_OF("object.state = \"supplement\""));
    static const struct str narrowed[][3] = { { S_INIT(""), S_INIT(""), S_INIT("") },
                                              { S_INIT("restaurant"), S_INIT(""), S_INIT("") },
                                              { S_INIT(""), S_INIT("restaurant/intake"), S_INIT("") },
                                              { S_INIT(""), S_INIT(""), S_INIT("late") } };
    for (size_t i = 0; i < sizeof narrowed / sizeof *narrowed; i++) {
        w.q = query("open"), w.q.item = narrowed[i][0], w.q.step = narrowed[i][1], w.q.due = narrowed[i][2];
        assert_int_equal(in_every_order(c, &w), 0);
        assert_true(w.q.total == SCOPE_UNCOUNTED);
    }
    w.q = query("done");
    assert_int_equal(in_every_order(c, &w), 0);
    city_fixture_change(c, "systems/common", "access.yaml", CLERK, CLERK);
}

/* An applicant's cases by state and matter, both ways; a state that changes changes its place. */
static void test_cases_by_state(void **state) {
    CITY(c);
    int64_t draft;
    drafts(c, "residence-proof", "citizen", &draft);
    struct work w = work_of(c, "citizen", 100);
    assert_int_equal(city_fixture_read(c, cases_body, &w, NULL), 0);
    size_t all = w.n, sum = 0;
    assert_int_equal(w.cases.total, all);
    int64_t newest = w.ids[0];
    static const char *const states[] = { "draft", "submitted", "accepted", "supplement", "ended", "withdrawn" };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        w.cases = (struct item_case_query){ .max = 100, .state = str_of(states[i]), .item = i % 2 ? S("residence-proof") : S("") };
        assert_int_equal(city_fixture_read(c, cases_body, &w, NULL), 0);
        if (i == 0) assert_true(w.n == 1 && w.ids[0] == draft && w.cases.total == 1);
        sum += w.n;
    }
    assert_int_equal(sum, all); /* each in one state */
    w.cases = (struct item_case_query){ .max = 100, .item = S("restaurant") };
    assert_int_equal(city_fixture_read(c, cases_body, &w, NULL), 0);
    assert_int_equal(w.n, 0);
    w.cases = (struct item_case_query){ .max = 100, .back = true };
    assert_int_equal(city_fixture_read(c, cases_body, &w, NULL), 0);
    assert_true(w.n == all && w.ids[all - 1] == newest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases_by_state), /* those that change the rights come behind */
        cmocka_unit_test(test_a_survey_is_done_singly),
        cmocka_unit_test(test_a_list_shows_what_opens),
        cmocka_unit_test(test_a_queue_shows_what_opens),
        cmocka_unit_test(test_a_queue_in_every_order),
    };
    return CITY_FIXTURE_RUN("item lists", tests);
}
