/* item: what many people do to one case at once, what a department sees, and what the clock does meanwhile; on both stores, in a city. */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"
#include "engine/audit/audit.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 64 };

/* ---- one command as a job ---- */
struct command {
    const struct realm *r;
    struct actor who;
    int64_t case_id, task;
    const char *verb, *move, *opinion, *basis;
    int level;
    struct str number;
    struct val *view;
    char keep[64];
};

static int command_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct command *c = job->arg;
    struct val *view;
    struct str number;
    int rc = 0;
    if (!strcmp(c->verb, "submit")) {
        rc = item_submit(tx, c->r, &c->who, c->case_id, true, &number, e);
        if (rc == 0 && number.len < sizeof c->keep) memcpy(c->keep, number.ptr, number.len + 1);
        return rc;
    }
    if (!strcmp(c->verb, "complete"))
        return item_task_complete(tx, c->r, &c->who, c->task, FLOW_ANY_VERSION, str_of(c->move), str_of(c->opinion),
                                  str_of(c->basis), e);
    if (!strcmp(c->verb, "withdraw")) return item_withdraw(tx, c->r, &c->who, c->case_id, S("不办了"), e);
    if (!strcmp(c->verb, "rate"))
        return item_rate(tx, c->r, &c->who, c->case_id, &(struct item_rating){ .level = c->level, .text = S("好") }, NULL, e);
    if (!strcmp(c->verb, "look")) {
        rc = item_task_view(tx, c->r, &c->who, c->task, S("zh"), &view, e);
        c->view = view;
        return rc;
    }
    return err_set(e, ERR_DEFECT, "%s", c->verb);
}

static struct store_job *job_of(const struct city *c, struct command *x) {
    x->r = &c->app->realm;
    if (!x->opinion) x->opinion = "";
    if (!x->basis) x->basis = "";
    return store_fixture_job(command_body, x);
}

static size_t count_events(const struct city_look *l, const char *kind) {
    size_t n = 0;
    for (size_t i = 0; i < val_count(l->events); i++) n += str_eq(val_get_str(val_item(l->events, i), S("kind")), str_of(kind));
    return n;
}

static void play(const struct city *c, const char *steps, int64_t *case_id) {
    struct err e = { 0 };
    int rc = city_fixture_play(c, steps, case_id, &e);
    if (rc) print_error("%s %s %s\n", err_name(rc), e.field, e.detail);
    assert_int_equal(rc, 0);
}

/* ---- drafts of many people ---- */

struct drafting {
    const struct realm *r;
    struct actor who;
    int64_t case_id;
};

static int draft_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct drafting *d = job->arg;
    const struct system *owner;
    const struct item_type *t = realm_find(d->r, SYSTEM_ITEM, S("residence-proof"), &owner);
    struct val *with = val_map(store_arena(tx)), *errors;
    val_put_str(store_arena(tx), with, S("purpose"), S("1"));
    int rc = item_draft_open(tx, d->r, &d->who, owner, t, &d->case_id, e);
    if (!rc) rc = item_consent_give(tx, d->r, &d->who, d->case_id, true, e);
    return rc ? rc : item_answers_put(tx, d->r, &d->who, d->case_id, S("registered"), with, &errors, e);
}

static int64_t draft(const struct city *c, struct actor *who, int64_t account) {
    struct drafting d = { .r = &c->app->realm };
    city_fixture_actor(c, "citizen", &d.who);
    d.who.account = account;
    assert_int_equal(city_fixture_run(c, draft_body, &d, NULL), 0);
    *who = d.who;
    return d.case_id;
}

/* ISO 7064 MOD 11,10 as the standard writes its check: the running product ends at 1. */
static bool number_holds(const char *s) {
    int p = 10;
    size_t digits = 0;
    for (; *s; s++) {
        if (*s == '-') continue;
        int v = *s - '0', sum = (p + v) % 10;
        if (!s[1]) return digits == 14 && (p + v) % 10 == 1;
        p = (sum ? sum : 10) * 2 % 11;
        digits++;
    }
    return false;
}

static void test_numbers_of_64_submits_at_once(void **state) {
    CITY(c);
    static struct command x[MANY];
    struct store_job *jobs[MANY];
    enum store_outcome out[MANY];
    memset(x, 0, sizeof x);
    for (int i = 0; i < MANY; i++) {
        x[i].verb = "submit";
        x[i].case_id = draft(c, &x[i].who, 5000 + i);
        jobs[i] = job_of(c, &x[i]);
    }
    city_fixture_race(c, jobs, MANY, out);
    for (int i = 0; i < MANY; i++) {
        if (out[i] != STORE_OK) print_error("%d %s %s\n", out[i], err_name(jobs[i]->err.code), jobs[i]->err.detail);
        assert_int_equal(out[i], STORE_OK);
        assert_true(number_holds(x[i].keep));
        for (int k = 0; k < i; k++) assert_string_not_equal(x[i].keep, x[k].keep);
        /* a slip of any digit is seen */
        for (char *p = x[i].keep; i == 0 && *p; p++) {
            if (*p == '-') continue;
            char was = *p;
            *p = was == '9' ? '0' : (char)(was + 1);
            assert_false(number_holds(x[i].keep));
            *p = was;
        }
    }
}

struct auditing {
    const char *act;
    int64_t case_id;
    struct audit_row rows[AUDIT_PAGE_MAX];
    size_t n;
};
static int audit_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct auditing *x = job->arg;
    struct audit_filter f = { .act = str_of(x->act), .case_id = x->case_id };
    return audit_find(tx, job->home, &f, 0, x->rows, AUDIT_PAGE_MAX, &x->n, e);
}
static size_t audited(const struct city *c, const char *act, int64_t case_id) {
    static struct auditing x;
    x.act = act;
    x.case_id = case_id;
    assert_int_equal(app_sequence(c->app, true, NULL), 0);
    assert_int_equal(city_fixture_read(c, audit_body, &x, NULL), 0);
    return x.n;
}

static void test_submit_twice_with_one_key(void **state) {
    CITY(c);
    struct command x[2] = { { .verb = "submit" }, { .verb = "submit" } };
    struct store_job *jobs[2];
    enum store_outcome out[2];
    struct city_look l;
    x[0].case_id = x[1].case_id = draft(c, &x[0].who, 6000);
    x[1].who = x[0].who;
    for (int i = 0; i < 2; i++) {
        jobs[i] = job_of(c, &x[i]);
        jobs[i]->has_key = true;
        memset(jobs[i]->key, 0x5a, 16);
    }
    city_fixture_race(c, jobs, 2, out);
    assert_true((out[0] == STORE_OK && out[1] == STORE_DUPLICATE) || (out[1] == STORE_OK && out[0] == STORE_DUPLICATE));
    city_fixture_look(c, &l, x[0].case_id, NULL);
    assert_int_equal(count_events(&l, "submit"), 1);
    assert_int_equal(audited(c, "case.submit", x[0].case_id), 1);
}

static int64_t confirm_case(const struct city *c, int64_t *task, struct command *applicant) {
    struct city_look l;
    struct actor who;
    static int64_t account = 7000;
    int64_t id = draft(c, &who, ++account);
    struct command *x = calloc(1, sizeof *x);
    assert_non_null(x);
    *x = (struct command){ .verb = "submit", .who = who, .case_id = id };
    if (applicant) *applicant = *x;
    struct store_job *job = job_of(c, x);
    enum store_outcome out;
    city_fixture_race(c, &job, 1, &out);
    assert_int_equal(out, STORE_OK);
    free(x);
    city_fixture_look(c, &l, id, "confirm");
    *task = l.task;
    assert_int_not_equal(l.task, 0);
    return id;
}

static bool lost(const struct store_job *j) {
    return j->err.code == ERR_CONFLICT || j->err.code == ERR_STATE;
}

static void test_two_officers_on_one_task(void **state) {
    CITY(c);
    struct command x[2] = { { .verb = "complete", .move = "approve" }, { .verb = "complete", .move = "refuse", .opinion = "x", .basis = "y" } };
    struct store_job *jobs[2];
    enum store_outcome out[2];
    struct city_look l;
    int64_t id = confirm_case(c, &x[0].task, NULL);
    city_fixture_actor(c, "police", &x[0].who);
    x[1].who = x[0].who;
    x[1].who.account = 7777;
    x[1].task = x[0].task;
    for (int i = 0; i < 2; i++) jobs[i] = job_of(c, &x[i]);
    city_fixture_race(c, jobs, 2, out);
    assert_int_equal((out[0] == STORE_OK) + (out[1] == STORE_OK), 1);
    assert_true(lost(jobs[out[0] == STORE_OK ? 1 : 0]));
    city_fixture_look(c, &l, id, NULL);
    assert_int_equal(count_events(&l, "task"), 1);
    assert_int_equal(audited(c, "task.complete", id), 1);
}

static void test_withdraw_against_decide(void **state) {
    CITY(c);
    for (int k = 0; k < 4; k++) {
        struct command x[2] = { { .verb = "complete", .move = "approve" }, { .verb = "withdraw" } };
        struct store_job *jobs[2];
        enum store_outcome out[2];
        struct city_look l;
        struct command applicant;
        int64_t id = confirm_case(c, &x[0].task, &applicant);
        city_fixture_actor(c, "police", &x[0].who);
        x[1].who = applicant.who;
        x[1].case_id = id;
        jobs[k & 1] = job_of(c, &x[0]);
        jobs[!(k & 1)] = job_of(c, &x[1]);
        city_fixture_race(c, jobs, 2, out);
        bool withdrawn = out[!(k & 1)] == STORE_OK, decided = out[k & 1] == STORE_OK;
        assert_true(withdrawn || decided);
        /* Deciding first, then withdrawing while the paper is set, is allowed; the other order never. */
        if (!decided) assert_true(lost(jobs[k & 1]));
        city_fixture_look(c, &l, id, NULL);
        assert_true(str_eq(l.c.state, withdrawn ? S("withdrawn") : S("accepted")));
        assert_int_equal(count_events(&l, "task"), decided);
        assert_int_equal(count_events(&l, "withdraw"), withdrawn);
        size_t n;
        do assert_int_equal(app_set_papers(c->app, &n, NULL), 0);
        while (n);
        city_fixture_look(c, &l, id, NULL);
        assert_true(str_eq(l.c.state, withdrawn ? S("withdrawn") : S("ended")));
        assert_true(count_events(&l, "finish") == 1);
    }
}

static void test_rating_once(void **state) {
    CITY(c);
    struct command x[2], applicant;
    struct store_job *jobs[2];
    enum store_outcome out[2];
    int64_t task;
    int64_t id = confirm_case(c, &task, &applicant);
    for (int i = 0; i < 2; i++) x[i] = (struct command){ .verb = "rate", .who = applicant.who, .case_id = id, .level = i + 1 }, jobs[i] = job_of(c, &x[i]);
    city_fixture_race(c, jobs, 1, out);
    assert_int_equal(jobs[0]->err.code, ERR_STATE); /* not ended yet */
    struct command w = { .verb = "withdraw", .who = applicant.who, .case_id = id };
    struct store_job *job = job_of(c, &w);
    city_fixture_race(c, &job, 1, out);
    assert_int_equal(out[0], STORE_OK);
    x[0].level = 6;
    jobs[0] = job_of(c, &x[0]);
    city_fixture_race(c, jobs, 1, out);
    assert_int_equal(jobs[0]->err.code, ERR_INPUT);
    x[0].level = 1;
    jobs[0] = job_of(c, &x[0]), jobs[1] = job_of(c, &x[1]);
    city_fixture_race(c, jobs, 2, out);
    assert_int_equal((out[0] == STORE_OK) + (out[1] == STORE_OK), 1);
    int code = jobs[out[0] == STORE_OK ? 1 : 0]->err.code;
    assert_true(code == ERR_STATE || code == ERR_DUPLICATE);
}

/* ---- a joint case ---- */
#define JOINT \
    CITY_SHOP_APPLY CITY_BIG_SHOP("120101") \
    "  - {who: company, do: submit, expect: {state: submitted, parts: [food, fire, sign]}}\n" \
    "  - {who: window-clerk, do: decide, task: intake, move: accept, expect: {state: accepted}}\n"

static void test_two_parts_ask_at_once(void **state) {
    CITY(c);
    int64_t id = 0;
    struct city_look before, during, after;
    play(c, JOINT "  - {who: food-reviewer, do: decide, task: survey, move: pass}\n" CITY_BIG_SURVEYED, &id);
    city_fixture_look(c, &before, id, NULL);
    play(c, "  - {who: fire-reviewer, do: decide, task: fire_review, move: supplement, opinion: 灭火器清单}\n"
            "  - {do: wait, days: 3}\n"
            "  - {who: food-reviewer, do: decide, task: food_review, move: supplement, opinion: 库房位置, expect: {state: supplement}}\n"
            "  - {do: wait, days: 4}\n", &id);
    city_fixture_look(c, &during, id, NULL);
    assert_true(val_get_bool(val_get(during.view, S("clock")), S("paused"), false));
    assert_int_equal(val_get_i64(val_get(during.view, S("clock")), S("used"), -1), val_get_i64(val_get(before.view, S("clock")), S("used"), -2));
    assert_int_equal(count_events(&during, "pause"), 3); /* survey, fire, food */
    assert_int_equal(count_events(&during, "resume"), 1);
    play(c, "  - {who: company, do: supplement, opinion: 都在附件里, expect: {state: accepted}}\n"
            "  - {who: company, do: supplement, opinion: 又一次, refused: ERR_STATE}\n", &id);
    city_fixture_look(c, &after, id, NULL);
    assert_true(val_get_bool(val_get(after.view, S("clock")), S("running"), false));
    assert_int_equal(count_events(&after, "resume"), 3);
    assert_int_equal(val_get_i64(val_get(after.view, S("clock")), S("used"), -1), val_get_i64(val_get(before.view, S("clock")), S("used"), -2));
    assert_true(after.c.due_ms > before.c.due_ms);
    /* the clock runs again from the last resume: the next working days count */
    play(c, "  - {do: wait, days: 2}\n", &id);
    city_fixture_look(c, &during, id, NULL);
    assert_true(val_get_i64(val_get(during.view, S("clock")), S("used"), -1) > val_get_i64(val_get(after.view, S("clock")), S("used"), -1));
    play(c, "  - {who: food-reviewer, do: decide, task: food_review, move: approve}\n"
            "  - {who: fire-reviewer, do: decide, task: fire_review, move: approve}\n"
            "  - {who: sign-reviewer, do: decide, task: sign_review, move: approve}\n"
            "  - {do: set-papers, expect: {state: ended, result: granted, papers: 3}}\n", &id);
}

static bool lists(const struct val *list, const char *id) {
    for (size_t i = 0; i < val_count(list); i++)
        if (str_eq(val_get_str(val_item(list, i), S("id")), str_of(id))) return true;
    return false;
}

static void test_a_department_sees_its_part_only(void **state) {
    CITY(c);
    int64_t id = 0;
    struct city_look l;
    play(c, JOINT "  - {who: food-reviewer, do: decide, task: survey, move: pass, opinion: 一起看到：操作间合规}\n" CITY_FIRE_SURVEYED
                  "  - {who: sign, do: decide, task: sign_survey, move: fail, opinion: 一起看到：招牌挡住窗户}\n"
                  "  - {who: food-reviewer, do: decide, task: food_review, move: supplement, opinion: 只给食药看的话}\n"
                  "  - {who: sign-reviewer, do: decide, task: sign_review, move: approve, opinion: 只给城管看的话}\n"
                  "  - {do: set-papers}\n", &id);
    city_fixture_look(c, &l, id, "fire_review");
    struct command x = { .verb = "look", .task = l.task };
    city_fixture_actor(c, "fire", &x.who);
    struct store_job *job = job_of(c, &x);
    enum store_outcome out;
    city_fixture_race(c, &job, 1, &out);
    assert_int_equal(out, STORE_OK);
    const struct val *v = val_get(x.view, S("case"));
    assert_true(lists(val_get(v, S("pages")), "premises"));
    assert_false(lists(val_get(v, S("pages")), "people"));
    assert_false(lists(val_get(v, S("pages")), "sign"));
    assert_true(lists(val_get(v, S("materials")), "floor-plan"));
    assert_true(lists(val_get(v, S("materials")), "gas-contract"));
    assert_false(lists(val_get(v, S("materials")), "health-certificate"));
    assert_false(lists(val_get(v, S("materials")), "sign-picture"));
    assert_int_equal(val_count(val_get(v, S("papers"))), 0); /* the sign permit is there and is not fire's */
    assert_int_equal(val_get_str(v, S("supplement")).len, 0);
    size_t together = 0; /* what each found in the joint survey, all read */
    for (size_t i = 0; i < val_count(val_get(v, S("events"))); i++) {
        struct str text = val_get_str(val_item(val_get(v, S("events")), i), S("text"));
        assert_int_equal(str_find(text, S("只给"), 0), SIZE_MAX);
        together += str_find(text, S("一起看到"), 0) != SIZE_MAX;
    }
    assert_int_equal(together, 2);
    /* the applicant sees all */
    assert_int_equal(val_count(val_get(l.view, S("papers"))), 1);
    assert_true(lists(val_get(l.view, S("materials")), "sign-picture"));
    /* an officer of the sign department does not reach fire's task */
    struct command y = { .verb = "look", .task = l.task };
    city_fixture_actor(c, "sign", &y.who);
    job = job_of(c, &y);
    city_fixture_race(c, &job, 1, &out);
    assert_int_equal(job->err.code, ERR_NOT_FOUND);
}

/* Two posts: clerk in this district, reviewer in another: not reviewer in this one. */
static void test_posts_do_not_add_up(void **state) {
    CITY(c);
    int64_t id = 0;
    struct city_look l;
    struct actor food, window;
    struct actor_post posts[2];
    play(c, JOINT, &id);
    city_fixture_look(c, &l, id, "survey");
    city_fixture_actor(c, "food", &food);
    city_fixture_actor(c, "window", &window);
    posts[0] = window.posts[0];
    posts[0].unit = food.posts[0].unit; /* clerk where food's reviewers sit */
    posts[1] = food.posts[0];
    posts[1].unit = 424242;             /* reviewer elsewhere */
    struct command x = { .verb = "look", .task = l.task, .who = food };
    x.who.posts = posts;
    x.who.n_posts = 2;
    struct store_job *job = job_of(c, &x);
    enum store_outcome out;
    city_fixture_race(c, &job, 1, &out);
    assert_int_equal(job->err.code, ERR_NOT_FOUND);
    posts[1].unit = food.posts[0].unit;
    job = job_of(c, &x);
    city_fixture_race(c, &job, 1, &out);
    assert_int_equal(out, STORE_OK);
    play(c, "  - {who: company, do: withdraw, opinion: 完}\n", &id);
}

/* An answer on a page that is no longer asked has no say in what is needed. */
static void test_stale_answers_do_not_count(void **state) {
    CITY(c);
    int64_t id = 0;
    struct city_look l;
    play(c, "  - {who: company, do: apply, item: restaurant}\n"
            "  - {who: company, do: answer, page: business, with: {kinds: ['1'], uses_gas: 'no', outdoor_sign: 'yes'}}\n"
            "  - {who: company, do: answer, page: sign, with: {sign_width: '300', sign_height: '80'}}\n"
            "  - {who: company, do: answer, page: business, with: {kinds: ['1'], uses_gas: 'no', outdoor_sign: 'no'}}\n", &id);
    city_fixture_look(c, &l, id, NULL);
    struct arena a;
    arena_init(&a, "test", 1 << 20);
    struct val *vars = item_flow_vars(&l.c, &a);
    assert_int_equal(val_text(val_get(vars, S("sign_width"))).len, 0);
    assert_true(val_get(val_get(l.c.body, S("answers")), S("sign_width")) != NULL); /* kept, should it be asked again */
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_of_64_submits_at_once), cmocka_unit_test(test_submit_twice_with_one_key),
        cmocka_unit_test(test_two_officers_on_one_task),      cmocka_unit_test(test_withdraw_against_decide),
        cmocka_unit_test(test_rating_once),                   cmocka_unit_test(test_two_parts_ask_at_once),
        cmocka_unit_test(test_a_department_sees_its_part_only), cmocka_unit_test(test_posts_do_not_add_up),
        cmocka_unit_test(test_stale_answers_do_not_count),
    };
    return CITY_FIXTURE_RUN("item", tests);
}
