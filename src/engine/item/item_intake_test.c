/* item_intake: an application taken at a window, on both stores, in a city: whose it is, what it takes, who may. */
#include "engine/item/item_intake.h"

#include "app/city_fixture.h"
#include "app/sample.h"
#include "data/csv.h"
#include "data/yaml.h"
#include "engine/audit/audit.h"
#include "engine/record/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SHOP \
    "shop_name: 津样小馆\ndistrict: '120101'\naddress: 示例路 8 号\narea: '260'\nkinds: ['1']\nuses_gas: 'yes'\n" \
    "outdoor_sign: 'no'\nmanager_name: 样二\nmanager_id: '99010119900307100X'\nmanager_phone: '13800000000'\n"
#define ALL_FOUR "[floor-plan, health-certificate, fire-statement, gas-contract]"

struct work {
    const struct realm *r;
    struct actor who;
    struct item_visit v;
    struct item_intake in;
    struct val *errors, *view;
    struct item_case c;
    struct str number;
    int64_t id, found, account;
    const char *login;
    struct audit_row row[16];
    size_t n;
};

static int find(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_visitor_find(tx, w->r, &w->who, w->number, &w->found, e);
}
static int put(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_intake_put(tx, w->r, &w->who, &w->v, &w->in, &w->id, &w->errors, e);
}
static int view(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_visit_view(tx, w->r, &w->who, &w->v, NULL, S("zh"), &w->view, e);
}
static int get(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    int rc = item_intake_get(tx, w->r, &w->who, w->id, w->in.notice, &w->c, e);
    if (!rc && w->in.notice) w->view = item_notice_view(tx, w->r, &w->c, S("zh"), e);
    return rc;
}
/* The identity number of whoever has this account. */
static int number_of(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct record rec;
    int rc = record_get(tx, w->r, realm_find(w->r, SYSTEM_RECORD, S("person"), NULL), w->v.person,
                        &rec, e);
    w->number = rc ? S("") : val_get_str(rec.values, S("citizen_id"));
    return rc;
}
static int entries(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct audit_filter f = { .subject_person = w->v.person };
    return audit_find(tx, job->home, &f, 0, w->row, 16, &w->n, e);
}

static const struct val *yaml(const char *text) {
    static struct arena a;
    struct val *v;
    if (!a.name) arena_init(&a, "yaml", 16 << 20);
    assert_int_equal(yaml_parse(&a, S("t.yaml"), str_of(text), &v, NULL), 0);
    return v;
}

/* A restaurant of the company's legal person, or a proof of residence of the citizen. */
static struct work visit(const struct city *c, const char *clerk, bool company) {
    struct work w = { .r = &c->app->realm };
    struct actor visitor;
    city_fixture_actor(c, clerk, &w.who);
    city_fixture_actor(c, company ? "company" : "citizen", &visitor);
    w.v = (struct item_visit){ .person = visitor.person, .company = visitor.on_behalf };
    w.v.type = realm_find(w.r, SYSTEM_ITEM, company ? S("restaurant") : S("residence-proof"),
                          &w.v.system);
    assert_non_null(w.v.type);
    w.in = (struct item_intake){ .answers = yaml(company ? SHOP : "purpose: '1'\n"),
                                 .agree = true,
                                 .declared = true,
                                 .received = company ? yaml(ALL_FOUR) : NULL };
    return w;
}

static void test_four_materials_and_a_receipt(void **state) {
    CITY(c);
    struct work w = visit(c, "window", true);
    assert_int_equal(city_fixture_read(c, number_of, &w, NULL), 0);
    assert_int_equal(city_fixture_run(c, find, &w, NULL), 0);
    assert_int_equal(w.found, w.v.person);
    assert_int_equal(city_fixture_run(c, put, &w, NULL), 0);
    assert_int_equal(city_fixture_run(c, get, &w, NULL), 0);
    assert_true(str_eq(w.c.state, S("submitted")) && str_eq(w.c.channel, S("1")));
    assert_int_equal(w.c.person, w.v.person);
    assert_int_equal(w.c.company, w.v.company);
    assert_int_not_equal(w.c.account, w.who.account); /* the visitor's own, who has one */
    assert_int_equal(val_get_i64(val_get(w.c.body, S("intake")), S("by"), 0), w.who.account);
    assert_true(str_eq(val_get_str(val_get(w.c.body, S("consent")), S("decision")), S("agree")));
    for (size_t i = 0; i < 4; i++)
        assert_true(item_received(&w.c, val_text(val_item(w.in.received, i))));
    struct city_look l;
    city_fixture_look(c, &l, w.id, "intake"); /* goes its way like any other */
    assert_int_not_equal(l.task, 0);
    /* the visitor finds who looked and what for */
    assert_int_equal(app_sequence(c->app, true, NULL), 0);
    assert_int_equal(city_fixture_read(c, entries, &w, NULL), 0);
    bool looked = false, taken = false;
    for (size_t i = 0; i < w.n; i++) {
        looked |= str_eq(w.row[i].entry.act, S("case.visitor")) &&
                  w.row[i].entry.actor == w.who.account;
        taken |= str_eq(w.row[i].entry.act, S("case.intake")) && w.row[i].entry.purpose.len > 0;
    }
    assert_true(looked && taken);
}

static void test_what_is_missing_is_told_at_once(void **state) {
    CITY(c);
    struct work w = visit(c, "window", true);
    struct err e = { 0 };
    w.in.answers = yaml(
        "shop_name: 津样\ndistrict: '120101'\naddress: 路\narea: '260'\nkinds: ['1']\nuses_gas: 'yes'\noutdoor_sign: 'no'\n");
    w.in.received = yaml("[floor-plan]");
    assert_int_equal(city_fixture_run(c, put, &w, &e), ERR_INPUT);
    assert_non_null(val_get(w.errors, S("manager_name")));
    assert_non_null(val_get(w.errors, S("gas-contract")));
    assert_non_null(val_get(w.errors, S("fire-statement")));
    assert_null(val_get(w.errors, S("floor-plan")));
    assert_null(val_get(w.errors, S("sign-picture"))); /* not asked for by these answers */
    /* a refused intake left nothing; the notice leaves a draft of the visitor's, and the next visit goes on with it */
    assert_int_equal(city_fixture_run(c, view, &w, NULL), 0);
    assert_false(val_get_bool(w.view, S("draft"), true));
    w.in.notice = true;
    assert_int_equal(city_fixture_run(c, put, &w, NULL), 0);
    int64_t first = w.id;
    assert_int_equal(city_fixture_run(c, get, &w, NULL), 0);
    assert_true(str_eq(w.c.state, S("draft")));
    assert_int_equal(val_count(val_get(w.view, S("materials"))), 3);
    assert_int_equal(val_count(val_get(w.view, S("answers"))), 3);
    assert_int_equal(city_fixture_run(c, view, &w, NULL), 0);
    assert_true(val_get_bool(w.view, S("draft"), false));
    w.in.notice = false;
    assert_int_equal(city_fixture_run(c, get, &w, NULL), ERR_NOT_FOUND); /* no receipt for what was not taken */
    w.in = visit(c, "window", true).in;
    assert_int_equal(city_fixture_run(c, put, &w, NULL), 0);
    assert_int_equal(w.id, first);
    w.in.notice = true;
    assert_int_equal(city_fixture_run(c, put, &w, NULL),
                     ERR_STATE); /* nothing is missing any more */
}

static void test_who_may_and_for_whom(void **state) {
    CITY(c);
    static const char *const others[] = { "citizen", "police", "kiosk", "audit", "population" };
    struct work w = visit(c, "window", true);
    struct actor someone;
    struct err e = { 0 };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct work x = visit(c, others[i], false);
        assert_int_equal(city_fixture_run(c, put, &x, NULL), ERR_FORBIDDEN);
        assert_int_equal(city_fixture_run(c, view, &x, NULL), ERR_FORBIDDEN);
        x.number = S("120101199003079990");
        assert_int_equal(city_fixture_run(c, find, &x, NULL), ERR_FORBIDDEN);
    }
    /* a company that is not the visitor's; nobody; another district; no declaration */
    city_fixture_actor(c, "citizen", &someone);
    w.v.person = someone.person;
    assert_int_equal(city_fixture_run(c, put, &w, NULL), ERR_NOT_FOUND);
    w = visit(c, "window", true);
    w.v.person = 42;
    assert_int_equal(city_fixture_run(c, view, &w, NULL), ERR_NOT_FOUND);
    w = visit(c, "window", true);
    w.in.declared = false;
    assert_int_equal(city_fixture_run(c, put, &w, &e), ERR_INPUT);
    assert_string_equal(e.field, "declared");
    w = visit(c, "window", true);
    w.in.answers = yaml(
        "shop_name: 津样小馆\ndistrict: '120103'\naddress: 示例路 8 号\narea: '60'\nkinds: ['1']\nuses_gas: 'no'\n"
        "outdoor_sign: 'no'\nmanager_name: 样二\nmanager_id: '99010119900307100X'\nmanager_phone: '13800000000'\n");
    assert_int_equal(city_fixture_run(c, put, &w, &e), ERR_STATE);
    /* nobody takes his own application */
    w = visit(c, "window", false);
    w.who.person = w.v.person;
    assert_int_equal(city_fixture_run(c, put, &w, &e), ERR_STATE);
    assert_non_null(strstr(e.detail, "回避"));
    /* wrong numbers, at their field */
    static const struct {
        const char *number;
        int code;
    } wrong[] = { { "", ERR_REQUIRED },
                  { "120101199003079991", ERR_CHECK_DIGIT },
                  { "120101199003079990", ERR_INPUT } };
    for (size_t i = 0; i < 3; i++) {
        w.number = str_of(wrong[i].number);
        assert_int_equal(city_fixture_run(c, find, &w, &e), wrong[i].code);
        assert_string_equal(e.field, "citizen_id");
    }
}

/* What was begun at a window in one district is not shown at a window in another, which begins anew. */
static void test_a_draft_of_another_district_is_not_shown(void **state) {
    CITY(c);
    struct work w = visit(c, "window", true), other = visit(c, "window", true);
    struct actor_post elsewhere = *other.who.posts;
    elsewhere.division = INT64_C(120103000000);
    elsewhere.unit = 0;
    other.who.posts = &elsewhere;
    other.who.n_posts = 1;
    w.in.notice = true;
    w.in.received = NULL;
    assert_int_equal(city_fixture_run(c, put, &w, NULL), 0);
    assert_int_equal(city_fixture_run(c, view, &w, NULL), 0);
    assert_true(val_get_bool(w.view, S("draft"), false));
    assert_int_equal(city_fixture_run(c, view, &other, NULL), 0);
    assert_false(val_get_bool(other.view, S("draft"), true));
    other.in.notice = true;
    other.in.received = NULL;
    other.in.answers = yaml("district: '120103'\nshop_name: 河东小馆\n");
    assert_int_equal(city_fixture_run(c, put, &other, NULL), 0);
    assert_int_not_equal(other.id, w.id);
    assert_int_equal(city_fixture_run(c, get, &w, NULL), 0); /* as it was */
    assert_true(str_eq(val_get_str(val_get(w.c.body, S("answers")), S("shop_name")), S("津样小馆")));
    assert_int_equal(city_fixture_run(c, get, &other, NULL), 0);
    w.id = other.id;
    assert_int_equal(city_fixture_run(c, get, &w, NULL), ERR_NOT_FOUND);
}

/* Somebody who lives in the window's district and has no account. */
static int neighbour(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    const struct record_type *t = realm_find(w->r, SYSTEM_RECORD, S("person"), NULL);
    struct sample_city city;
    struct val *people;
    int64_t account;
    size_t n = 0;
    int rc = sample_make(job->arena, CITY_SAMPLE_SEED, CITY_PEOPLE, CITY_COMPANIES,
                         civil_of(2026, 11, 16), &city, e);
    if (!rc) rc = csv_table(job->arena, city.people, &people, e);
    for (size_t i = 0; !rc && i < val_count(people); i++) {
        const struct val *v = val_item(people, i);
        if (!str_eq(str_sub(val_get_str(v, S("division")), 0, 6), S("120101"))) continue;
        rc = record_find(tx, w->r, t, S("citizen_id"), val_get_str(v, S("citizen_id")), &w->found,
                         1, &n, e);
        if (!rc && n &&
            identity_account_of_person(tx, w->r, w->found, &account, NULL) == ERR_NOT_FOUND)
            return 0;
    }
    return rc ? rc : ERR_NOT_FOUND;
}
static int enrol(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct actor worker = access_worker();
    return identity_account_create(tx, w->r, &worker, str_of(w->login), S("样邻"), S("-"), w->found,
                                   true, &w->account, e);
}
static int resume(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct actor who = { .account = w->account, .person = w->found };
    return item_draft_open(tx, w->r, &who, w->v.system, w->v.type, &w->id, e);
}

/* Begun at a window by somebody without an account: once there is one, the window and he himself go
 * on with the same draft, which is then his account's: so he is told what becomes of it. */
static void test_a_draft_is_found_once_its_visitor_has_an_account(void **state) {
    static const char *const logins[] = { "neighbour1", "neighbour2" };
    CITY(c);
    for (int online = 0; online < 2; online++) {
        struct work w = visit(c, "window", false);
        assert_int_equal(city_fixture_read(c, neighbour, &w, NULL), 0);
        assert_int_not_equal(w.found, 0);
        w.v.person = w.found;
        w.login = logins[online];
        w.in.notice = true;
        w.in.answers = yaml("{}");
        assert_int_equal(city_fixture_run(c, put, &w, NULL), 0);
        assert_int_equal(city_fixture_run(c, get, &w, NULL), 0);
        assert_int_equal(w.c.account, 0);
        int64_t begun = w.id;
        assert_int_equal(city_fixture_run(c, enrol, &w, NULL), 0);
        assert_int_equal(city_fixture_run(c, view, &w, NULL), 0);
        assert_true(val_get_bool(w.view, S("draft"), false));
        assert_int_equal(city_fixture_run(c, online ? resume : put, &w, NULL), 0);
        assert_int_equal(w.id, begun);
        assert_int_equal(city_fixture_run(c, get, &w, NULL), 0);
        assert_int_equal(w.c.account, w.account);
        w.in.notice = false;
        w.in.answers = yaml("purpose: '1'\n");
        assert_int_equal(city_fixture_run(c, put, &w, NULL), 0); /* and is handed in as it stands */
        assert_int_equal(w.id, begun);
    }
}

/* Who does not agree is asked what the registry would have said. */
static void test_without_consent_nothing_is_taken(void **state) {
    CITY(c);
    struct work w = visit(c, "window", false);
    w.in.agree = false;
    assert_int_equal(city_fixture_run(c, put, &w, NULL), ERR_INPUT);
    assert_non_null(val_get(w.errors, S("residence")));
    w.in.answers = yaml("purpose: '1'\nresidence: 示例路 1 号\nresidence_division: '120101'\n");
    int rc = city_fixture_run(c, put, &w, NULL);
    assert_int_equal(rc, 0);
    assert_int_equal(city_fixture_run(c, get, &w, NULL), 0);
    assert_true(item_consent_typed(&w.c));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_what_is_missing_is_told_at_once),
                                        cmocka_unit_test(test_four_materials_and_a_receipt),
                                        cmocka_unit_test(test_who_may_and_for_whom),
                                        cmocka_unit_test(test_without_consent_nothing_is_taken),
                                        cmocka_unit_test(test_a_draft_is_found_once_its_visitor_has_an_account),
                                        cmocka_unit_test(test_a_draft_of_another_district_is_not_shown) };
    return CITY_FIXTURE_RUN("item_intake", tests);
}
