/* mandate: what is given is nothing before it is accepted, and no more than its standing, matters
 * and time; either side ends it at once; both are told; what was done is read from the log; on both
 * stores, in a city.
 */
#include "engine/mandate/mandate.h"

#include "app/city_fixture.h"
#include "engine/notify/notify.h"
#include "engine/record/record.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

struct step {
    const struct realm *r;
    struct actor who, to;
    struct mandate_offer o;
    const struct item_type *type;
    const struct system *sys;
    int64_t id, case_id, other, unread, principal;
    bool yes;
    struct str account_name;
    struct val *view, *list;
    size_t n, others; /* entries of what was done by it; of these, not his or not for its principal */
};

static int give_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return mandate_give(tx, x->r, &x->who, &x->o, &x->id, e);
}
static int failed_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return mandate_failed(tx, x->r, &x->who, e);
}
static int register_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return mandate_register(tx, x->r, &x->who, &x->o, &x->id, e);
}
static int answer_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return mandate_answer(tx, x->r, &x->who, x->id, x->yes, e);
}
static int end_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return mandate_end(tx, x->r, &x->who, x->id, e);
}
static int view_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct identity_mandate row;
    int rc = mandate_view(tx, x->r, &x->who, x->id, S("zh"), &x->view, &row, e);
    int64_t next;
    struct audit_row *rows = arena_array(store_arena(tx), 20, sizeof *rows);
    if (!rc) rc = mandate_acts(tx, x->r, &row, 0, rows, 20, &x->n, &next, e);
    x->others = 0;
    for (size_t i = 0; !rc && i < x->n; i++)
        x->others += rows[i].entry.actor != row.account || rows[i].entry.on_behalf != row.principal;
    return rc;
}
static int stand_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_stand(tx, x->r, &x->who, x->principal, e);
}
static int draft_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return item_draft_open(tx, x->r, &x->who, x->sys, x->type, &x->case_id, e);
}
static int submit_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct str number;
    return item_submit(tx, x->r, &x->who, x->case_id, true, &number, e);
}
static int see_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct scope_token t;
    struct item_case c;
    int rc = access_may(x->r, &x->who, S("case.read"), &t, e);
    if (!rc) rc = item_case_get(tx, x->r, &t, x->case_id, &c, e);
    if (!rc) x->principal = item_owner(&c), x->other = c.person;
    return rc;
}
static int unread_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return notify_unread(tx, x->r, x->to.account, &x->unread, e);
}

/* Name and number of a person, as the registry has them. */
static int who_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct record rec;
    const struct record_type *t = realm_find(x->r, SYSTEM_RECORD, S("person"), NULL);
    int rc = record_get(tx, x->r, t, x->to.person, &rec, e);
    x->o.name = val_get_str(rec.values, S("name"));
    x->o.citizen_id = val_get_str(rec.values, S("citizen_id"));
    return rc;
}

static int run(const struct city *c, store_body *body, struct step *x) {
    struct err e = { 0 };
    int rc = city_fixture_run(c, body, x, &e);
    if (rc == ERR_DEFECT || rc == ERR_SYSTEM) print_error("%s %s\n", err_name(rc), e.detail);
    return rc;
}

/* `from` offers `to` a standing, in all matters, for a year. */
static struct step offer(const struct city *c, const char *from, const char *to, const char *as) {
    struct step x = { .r = &c->app->realm };
    city_fixture_actor(c, to, &x.to);
    city_fixture_actor(c, from, &x.who);
    assert_int_equal(city_fixture_read(c, who_body, &x, NULL), 0);
    x.o.standing = str_of(as);
    x.o.months = 12;
    x.o.agreed = true;
    x.principal = actor_owner(&x.who);
    return x;
}

/* The same step, by him who was named, standing for himself. */
static struct step other_side(const struct step *x) {
    struct step y = *x;
    y.who = x->to;
    y.to = x->who;
    y.yes = true;
    y.who.on_behalf = 0;
    y.who.standing = S("");
    return y;
}

static void end(const struct city *c, struct step *x) {
    assert_int_equal(run(c, end_body, x), 0);
}

static const struct item_type *item(struct step *x, const char *id) {
    x->type = realm_find(x->r, SYSTEM_ITEM, str_of(id), &x->sys);
    return x->type;
}

static void test_nothing_is_given_before_it_is_accepted(void **state) {
    CITY(c);
    struct step x = offer(c, "company", "citizen", "agent");
    assert_int_equal(run(c, give_body, &x), 0);
    struct step y = other_side(&x);
    assert_int_equal(run(c, stand_body, &y), ERR_FORBIDDEN);
    assert_int_equal(run(c, give_body, &x), ERR_INPUT); /* there is one already */
    struct step z = x;
    assert_int_equal(run(c, answer_body, &z), ERR_NOT_FOUND); /* the giver accepts nothing */
    city_fixture_actor(c, "granny", &z.who);
    assert_int_equal(run(c, answer_body, &z), ERR_NOT_FOUND);
    assert_int_equal(run(c, view_body, &z), ERR_NOT_FOUND);
    assert_int_equal(run(c, answer_body, &y), 0);
    assert_int_equal(run(c, answer_body, &y), ERR_CONFLICT);
    y.principal = x.principal;
    assert_int_equal(run(c, stand_body, &y), 0);
    assert_true(str_eq(y.who.standing, S("agent")));
    end(c, &x);
    assert_int_equal(run(c, stand_body, &y), ERR_FORBIDDEN);
    assert_int_equal(run(c, end_body, &x), ERR_CONFLICT);
}

static void test_a_member_acts_for_the_company_and_the_log_names_both(void **state) {
    CITY(c);
    struct step x = offer(c, "company", "citizen", "agent");
    assert_int_equal(run(c, give_body, &x), 0);
    struct step y = other_side(&x);
    assert_int_equal(run(c, answer_body, &y), 0);
    y.principal = x.principal;
    assert_int_equal(run(c, stand_body, &y), 0);
    assert_non_null(item(&y, "restaurant"));
    os_clock_advance(1000);
    assert_int_equal(run(c, draft_body, &y), 0);
    x.case_id = y.case_id;
    assert_int_equal(run(c, see_body, &x), 0); /* whose it is sees it */
    assert_int_equal(x.principal, y.principal);
    struct step own = y;
    city_fixture_actor(c, "citizen", &own.who); /* not the member for himself */
    assert_int_equal(run(c, see_body, &own), ERR_NOT_FOUND);
    struct step more = offer(c, "company", "granny", "agent");
    more.who = y.who;
    assert_int_equal(run(c, give_body, &more), ERR_FORBIDDEN); /* nor does he name others */
    assert_int_equal(app_sequence(c->app, true, NULL), 0);
    assert_int_equal(run(c, view_body, &x), 0);
    assert_true(x.n > 0);
    assert_int_equal(x.others, 0);
    end(c, &y); /* by the other side, while it stands for the company */
    assert_int_equal(run(c, stand_body, &y), ERR_FORBIDDEN);
}

static void test_a_standing_gives_what_it_names_and_no_more(void **state) {
    CITY(c);
    static const struct {
        const char *as;
        int draft, submit;
    } all[] = { { "viewer", ERR_FORBIDDEN, ERR_FORBIDDEN }, { "finance", 0, ERR_FORBIDDEN } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct step x = offer(c, "company", "citizen", all[i].as);
        assert_int_equal(run(c, give_body, &x), 0);
        struct step y = other_side(&x);
        assert_int_equal(run(c, answer_body, &y), 0);
        y.principal = x.principal;
        assert_int_equal(run(c, stand_body, &y), 0);
        assert_non_null(item(&y, "restaurant"));
        assert_int_equal(run(c, draft_body, &y), all[i].draft);
        assert_int_equal(run(c, submit_body, &y), all[i].submit);
        end(c, &x);
    }
    static const char *const none[] = { "legal-representative", "nobody", "", NULL };
    for (const char *const *as = none; *as; as++) {
        struct step x = offer(c, "company", "citizen", *as);
        assert_int_equal(run(c, give_body, &x), **as ? ERR_CODE : ERR_REQUIRED);
    }
    struct step x = offer(c, "citizen", "granny", "finance"); /* of companies alone */
    assert_int_equal(run(c, give_body, &x), ERR_CODE);
}

static void test_a_relative_acts_for_a_person_in_some_matters_for_a_time(void **state) {
    CITY(c);
    static const struct str matters[] = { S_INIT("residence-proof"), S_INIT("restaurant") };
    struct step x = offer(c, "granny", "citizen", "agent");
    x.o.items = matters;
    x.o.n_items = 2;
    x.o.months = 1;
    assert_int_equal(run(c, give_body, &x), 0);
    struct step y = other_side(&x);
    assert_int_equal(run(c, answer_body, &y), 0);
    y.principal = x.principal;
    assert_int_equal(run(c, stand_body, &y), 0);
    assert_true(y.who.for_person);
    assert_non_null(item(&y, "restaurant"));
    assert_int_equal(run(c, draft_body, &y), ERR_STATE); /* among the matters, but hers is a person's standing */
    assert_non_null(item(&y, "elder-allowance"));
    assert_int_equal(run(c, draft_body, &y), ERR_NOT_FOUND); /* not among the matters */
    assert_non_null(item(&y, "residence-proof"));
    assert_int_equal(run(c, draft_body, &y), 0);
    assert_int_equal(run(c, see_body, &y), 0);
    assert_int_equal(y.other, x.who.person); /* hers, not his */
    assert_int_equal(y.principal, x.who.person);
    /* a case of hers in another matter stays out of his sight */
    struct step her = x;
    assert_non_null(item(&her, "elder-allowance"));
    assert_int_equal(run(c, draft_body, &her), 0);
    y.case_id = her.case_id;
    assert_int_equal(run(c, see_body, &y), ERR_NOT_FOUND);
    os_clock_advance(33 * DAY_MS); /* its month is over */
    y.principal = x.principal;
    assert_int_equal(run(c, stand_body, &y), ERR_FORBIDDEN);
    assert_int_equal(run(c, view_body, &x), 0);
    assert_true(str_eq(val_get_str(x.view, S("state")), S("expired")));
}

static void test_both_sides_are_told(void **state) {
    CITY(c);
    struct step x = offer(c, "granny", "citizen", "viewer"), y;
    assert_int_equal(city_fixture_read(c, unread_body, &x, NULL), 0);
    int64_t before = x.unread;
    assert_int_equal(run(c, give_body, &x), 0);
    assert_int_equal(city_fixture_read(c, unread_body, &x, NULL), 0);
    assert_int_equal(x.unread, before + 1);
    y = other_side(&x);
    assert_int_equal(city_fixture_read(c, unread_body, &y, NULL), 0);
    before = y.unread;
    assert_int_equal(run(c, answer_body, &y), 0);
    end(c, &y);
    assert_int_equal(city_fixture_read(c, unread_body, &y, NULL), 0);
    assert_int_equal(y.unread, before + 2);
}

/* The application that is begun, whole: agreed to, answered, submitted. */
static int apply_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct val *in = val_map(store_arena(tx)), *errors;
    struct str number;
    val_put_str(store_arena(tx), in, S("purpose"), S("1"));
    int rc = item_consent_give(tx, x->r, &x->who, x->case_id, true, e);
    if (!rc) rc = item_answers_put(tx, x->r, &x->who, x->case_id, S("registered"), in, &errors, e);
    return rc ? rc : item_submit(tx, x->r, &x->who, x->case_id, true, &number, e);
}
static int told_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return notify_of_case(tx, x->r, x->to.account, x->case_id, &x->list, e);
}
static size_t told(const struct city *c, struct step *x, const char *who) {
    city_fixture_actor(c, who, &x->to);
    assert_int_equal(city_fixture_read(c, told_body, x, NULL), 0);
    return val_count(x->list);
}

/* Of a case that another applied for both are told; who may no longer act for its owner is told nothing more. */
static void test_of_a_case_both_are_told_as_long_as_both_may(void **state) {
    CITY(c);
    for (int ended = 0; ended < 2; ended++) {
        struct step x = offer(c, "citizen", "granny", "agent");
        assert_int_equal(run(c, give_body, &x), 0);
        struct step y = other_side(&x);
        assert_int_equal(run(c, answer_body, &y), 0);
        y.principal = x.principal;
        assert_int_equal(run(c, stand_body, &y), 0);
        assert_non_null(item(&y, "residence-proof"));
        assert_int_equal(run(c, draft_body, &y), 0);
        assert_int_equal(run(c, apply_body, &y), 0);
        if (ended) end(c, &x);
        struct err e = { 0 };
        assert_int_equal(city_fixture_play(c, "  - {who: police, do: decide, task: confirm, move: approve}\n  - {do: set-papers}\n",
                                           &y.case_id, &e), 0);
        size_t owner = told(c, &y, "citizen"), holder = told(c, &y, "granny");
        assert_true(owner > 1);
        assert_true(ended ? holder < owner : holder == owner); /* what came before the end reached both */
        if (!ended) end(c, &x);
    }
}

static void test_who_is_named_wrong_is_answered_alike_and_counted(void **state) {
    CITY(c);
    struct step x = offer(c, "grandpa", "citizen", "viewer"), nobody = x, stranger = x;
    nobody.o.name = S("样无此人");
    assert_int_equal(run(c, give_body, &nobody), ERR_INPUT);
    city_fixture_actor(c, "grandpa", &stranger.to);
    stranger.o.citizen_id = S("99010119900307100X"); /* right in itself, and nobody's */
    assert_int_equal(run(c, give_body, &stranger), ERR_INPUT);
    for (int i = 0; i < MANDATE_TRIES; i++)
        assert_int_equal(city_fixture_plant(c, failed_body, &x, NULL), 0);
    assert_int_equal(run(c, give_body, &x), ERR_LOCKED);
    os_clock_advance(IDENTITY_LOCK_MS + 1000);
    assert_int_equal(run(c, give_body, &x), 0);
    end(c, &x);
}

/* ---- at the window, and kinship ---- */

static int tie_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    const struct system *m;
    const struct record_type *t = realm_find(x->r, SYSTEM_RECORD, S("kinship"), &m);
    struct val *v = val_map(store_arena(tx));
    struct actor worker = access_worker();
    struct act act;
    int64_t id;
    val_put_i64(store_arena(tx), v, S("person"), x->to.person);
    val_put_i64(store_arena(tx), v, S("kin"), x->principal);
    val_put_str(store_arena(tx), v, S("relation"), S("52"));
    int rc = act_open(&act, tx, x->r, &worker, S("record.put"), e);
    if (!rc) rc = record_put(&act, t, m, 0, v, t->source, &id, e);
    return rc ? rc : act_close(&act, S("record"), id, 0, S("kinship"), e);
}

static void test_a_window_registers_it_with_both_present(void **state) {
    CITY(c);
    struct step her = offer(c, "citizen", "grandpa", "agent"), x = offer(c, "window", "citizen", "agent");
    x.o.giver_name = her.o.name;
    x.o.giver_id = her.o.citizen_id;
    struct step no = x;
    city_fixture_actor(c, "citizen", &no.who);
    assert_int_equal(run(c, register_body, &no), ERR_FORBIDDEN);
    no = x;
    no.o.agreed = false;
    assert_int_equal(run(c, register_body, &no), ERR_INPUT);
    assert_int_equal(run(c, register_body, &x), 0);
    struct step y = x; /* in force at once */
    city_fixture_actor(c, "citizen", &y.who);
    y.principal = her.to.person;
    assert_int_equal(run(c, stand_body, &y), 0);
    struct step granted = x;
    city_fixture_actor(c, "grandpa", &granted.who);
    assert_int_equal(run(c, view_body, &granted), 0);
    assert_int_equal(val_get_str(granted.view, S("kin")).len, 0); /* nobody's word makes a tie */
    city_fixture_actor(c, "citizen", &y.to);
    assert_int_equal(run(c, tie_body, &y), 0);
    assert_int_equal(run(c, view_body, &granted), 0);
    assert_true(str_eq(val_get_str(granted.view, S("kin")), S("子女")));
    end(c, &granted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_given_before_it_is_accepted),
        cmocka_unit_test(test_a_member_acts_for_the_company_and_the_log_names_both),
        cmocka_unit_test(test_a_standing_gives_what_it_names_and_no_more),
        cmocka_unit_test(test_a_relative_acts_for_a_person_in_some_matters_for_a_time),
        cmocka_unit_test(test_both_sides_are_told),
        cmocka_unit_test(test_of_a_case_both_are_told_as_long_as_both_may),
        cmocka_unit_test(test_who_is_named_wrong_is_answered_alike_and_counted),
        cmocka_unit_test(test_a_window_registers_it_with_both_present),
    };
    return CITY_FIXTURE_RUN("mandate", tests);
}
