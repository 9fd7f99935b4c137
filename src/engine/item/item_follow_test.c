/* item_follow: what officers keep an eye on, on both stores, in a city: whose lists show what, who is told what, and who no more. */
#include "engine/item/item_follow.h"

#include "app/city_fixture.h"
#include "data/yaml.h"
#include "engine/identity/identity.h"
#include "engine/item/item_intake.h"
#include "engine/item/item_rows.h"
#include "engine/notify/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TAKEN_UP CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
#define ACCEPT "  - {who: window, do: decide, task: intake, move: accept}\n"

struct work {
    const struct realm *r;
    struct actor who;
    int64_t case_id, seen[8];
    bool on, may, follows;
    enum item_kept list;
    struct item_case_query q;
    size_t n;
    struct str lang;
    char found[1000];
    struct item_visit v;
    struct item_intake in;
};

static int follow(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_follow(tx, w->r, &w->who, w->case_id, w->on, e);
}
static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_follow_view(tx, w->r, &w->who, w->case_id, &w->may, &w->follows, e);
}
static int list(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *rows;
    int rc = item_kept_view(tx, w->r, &w->who, w->list, &w->q, S("zh"), &rows, e);
    w->n = rc ? 0 : val_count(rows);
    for (size_t i = 0; i < w->n && i < 8; i++) w->seen[i] = val_get_i64(val_item(rows, i), S("id"), 0);
    return rc;
}
/* "text|text", the newest first, of what is about cases that one follows. */
static int told(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct notify_query q = { .max = 50 };
    struct val *rows;
    size_t n = 0;
    int rc = notify_inbox(tx, w->r, &w->who, w->lang, &q, &rows, e);
    w->found[0] = 0;
    for (size_t i = 0; !rc && i < val_count(rows); i++) {
        const struct val *row = val_item(rows, i);
        struct str text = val_get_str(row, S("text"));
        const struct str of = str_eq(w->lang, S("zh")) ? S("您关注的") : S("which you follow");
        if (val_get_i64(row, S("case_id"), 0) != w->case_id || str_find(text, of, 0) == SIZE_MAX) continue;
        n += (size_t)snprintf(w->found + n, sizeof w->found - n, "%s%.*s", n ? "|" : "", STR_ARG(text));
    }
    return rc;
}
static int put(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *errors;
    return item_intake_put(tx, w->r, &w->who, &w->v, &w->in, &w->case_id, &errors, e);
}

static struct work work_of(const struct city *c, const char *who, int64_t case_id) {
    struct work w = { .r = &c->app->realm, .case_id = case_id, .on = true, .list = ITEM_FOLLOWED, .q = { .max = 5 }, .lang = S("zh") };
    city_fixture_actor(c, who, &w.who);
    return w;
}
static void play(const struct city *c, int64_t *id, const char *steps) {
    struct err e = { 0 };
    if (city_fixture_play(c, steps, id, &e)) fail_msg("%s %s", e.field, e.detail);
}
static int set(const struct city *c, struct work *w, bool on) {
    struct err e = { 0 };
    w->on = on;
    int rc = city_fixture_run(c, follow, w, &e);
    if (rc) print_message("%s %s\n", err_name(rc), e.detail);
    return rc;
}
/* Does his list begin with the case? */
static bool lists(const struct city *c, struct work *w) {
    w->q.at = (struct item_place){ 0 };
    assert_int_equal(city_fixture_read(c, list, w, NULL), 0);
    return w->n && w->seen[0] == w->case_id;
}
static const char *hears(const struct city *c, struct work *w) {
    assert_int_equal(city_fixture_read(c, told, w, NULL), 0);
    return w->found;
}

static void test_a_followed_case_is_listed_and_told_of(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, TAKEN_UP ACCEPT "  - {who: food, do: decide, task: survey, move: pass}\n");
    struct work food = work_of(c, "food", id), fire = work_of(c, "fire", id), window = work_of(c, "window", id);
    assert_false(lists(c, &food));
    assert_int_equal(set(c, &food, true), 0);
    assert_int_equal(set(c, &food, true), 0); /* so already */
    assert_int_equal(set(c, &window, true), 0);
    assert_true(lists(c, &food) && lists(c, &window) && !lists(c, &fire));
    size_t once = 0;
    for (size_t i = 0; i < food.n; i++) once += food.seen[i] == id;
    assert_int_equal(once, 1);
    assert_int_equal(city_fixture_read(c, look, &food, NULL), 0);
    assert_true(food.may && food.follows);
    play(c, &id, "  - {who: food, do: claim, task: food_review}\n"); /* no other state */
    assert_string_equal(hears(c, &window), "");
    play(c, &id, "  - {who: food, do: decide, task: food_review, move: supplement, opinion: 请补正平面图}\n");
    assert_non_null(strstr(hears(c, &window), "现在是：待补正"));
    assert_string_equal(hears(c, &food), ""); /* who did it knows */
    assert_string_equal(hears(c, &fire), "");
    assert_int_equal(set(c, &window, false), 0);
    assert_false(lists(c, &window));
    play(c, &id, "  - {who: company, do: withdraw, reason: 不办了}\n");
    assert_non_null(strstr(hears(c, &food), "现在是：已撤回"));
    assert_null(strstr(hears(c, &window), "已撤回")); /* he follows no more */
    food.lang = S("en");
    assert_non_null(strstr(hears(c, &food), "Withdrawn"));
    assert_null(strstr(hears(c, &food), "已撤回"));
}

static void test_following_gives_no_right(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, TAKEN_UP ACCEPT);
    struct work far = work_of(c, "police", id), citizen = work_of(c, "citizen", id), company = work_of(c, "company", id);
    struct work food = work_of(c, "food", id);
    assert_int_equal(set(c, &far, true), ERR_NOT_FOUND); /* another office's matter */
    assert_int_equal(set(c, &far, false), ERR_NOT_FOUND);
    assert_int_equal(set(c, &citizen, true), ERR_FORBIDDEN);
    assert_int_equal(set(c, &company, true), ERR_FORBIDDEN); /* whose it is sees it in his own space */
    assert_int_equal(city_fixture_read(c, look, &company, NULL), 0);
    assert_false(company.may || company.follows);
    assert_int_equal(set(c, &food, true), 0);
    food.who.n_posts = 0; /* his post has ended */
    assert_false(lists(c, &food));
    assert_int_equal(set(c, &food, false), ERR_FORBIDDEN);
}

static void test_who_is_bound_hears_nothing(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, TAKEN_UP ACCEPT);
    struct work food = work_of(c, "food", id), two = work_of(c, "food2", id);
    assert_int_equal(set(c, &food, true), 0);
    assert_int_equal(set(c, &two, true), 0);
    play(c, &id, "  - {who: food, do: decide, task: survey, move: pass}\n  - {who: food, do: claim, task: food_review}\n"
                 "  - {who: food, do: recuse, task: food_review, opinion: 店主是我弟弟}\n");
    assert_false(lists(c, &food));
    assert_int_equal(set(c, &food, true), ERR_STATE);
    play(c, &id, "  - {who: company, do: withdraw, reason: 不办了}\n");
    assert_string_equal(hears(c, &food), "");
    assert_non_null(strstr(hears(c, &two), "已撤回"));
}

static void test_what_was_taken_in_is_listed(void **state) {
    CITY(c);
    static struct arena a;
    struct val *answers;
    struct actor visitor;
    struct work window = work_of(c, "window", 0), food = work_of(c, "food", 0);
    arena_init(&a, "yaml", 1 << 20);
    assert_int_equal(yaml_parse(&a, S("t.yaml"), S("purpose: '1'\n"), &answers, NULL), 0);
    city_fixture_actor(c, "citizen", &visitor);
    window.v = (struct item_visit){ .person = visitor.person };
    window.v.type = realm_find(window.r, SYSTEM_ITEM, S("residence-proof"), &window.v.system);
    window.in = (struct item_intake){ .answers = answers, .agree = true, .declared = true };
    window.list = food.list = ITEM_BEGUN;
    assert_int_equal(city_fixture_run(c, put, &window, NULL), 0);
    food.case_id = window.case_id;
    assert_true(lists(c, &window) && !lists(c, &food));
    window.q.item = S("restaurant");
    assert_false(lists(c, &window));
    window.q.item = S("residence-proof");
    assert_true(lists(c, &window));
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_followed_case_is_listed_and_told_of),
        cmocka_unit_test(test_following_gives_no_right),
        cmocka_unit_test(test_who_is_bound_hears_nothing),
        cmocka_unit_test(test_what_was_taken_in_is_listed),
    };
    return CITY_FIXTURE_RUN("follow", tests);
}
