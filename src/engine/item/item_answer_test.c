/* item_answer, item_consent: what a case takes of the registries with and without consent, entries as decisions and papers read them, what
 * a later window is told, and what may be changed during a supplement; on both stores, in a city. */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"
#include "engine/audit/audit.h"
#include "engine/rule/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct looking {
    const struct realm *r;
    int64_t case_id;
    struct item_case c;
    struct val *view, *events, *known, *consent, *office;
    struct audit_row rows[AUDIT_PAGE_MAX];
    size_t n_rows;
};

static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct looking *l = job->arg;
    struct audit_filter f = { .act = S("case.consent"), .case_id = l->case_id };
    int rc = item_case_get(tx, l->r, NULL, l->case_id, &l->c, e);
    if (!rc) rc = item_case_view(tx, l->r, &l->c, S(""), S("zh"), &l->view, e);
    if (!rc) rc = item_case_view(tx, l->r, &l->c, S("fire"), S("zh"), &l->office, e);
    if (!rc) rc = item_events(tx, l->r, &l->c, &l->events, e);
    if (!rc) rc = item_known(tx, l->r, &l->c, &l->known, e);
    if (!rc) rc = item_consent_view(tx, l->r, &l->c, S("zh"), &l->consent, e);
    return rc ? rc : audit_find(tx, job->home, &f, 0, l->rows, AUDIT_PAGE_MAX, &l->n_rows, e);
}

static void look(const struct city *c, struct looking *l, int64_t case_id) {
    memset(l, 0, sizeof *l);
    assert_int_equal(app_sequence(c->app, true, NULL), 0);
    l->r = &c->app->realm;
    l->case_id = case_id;
    assert_int_equal(city_fixture_read(c, look_body, l, NULL), 0);
}

static void play(const struct city *c, const char *steps, int64_t *case_id) {
    struct err e = { 0 };
    int rc = city_fixture_play(c, steps, case_id, &e);
    if (rc) print_error("%s %s %s\n", err_name(rc), e.field, e.detail);
    assert_int_equal(rc, 0);
}

static struct str at(const struct val *v, const char *path) {
    return val_text(val_path(v, str_of(path)));
}

static void test_nothing_is_taken_before_consent(void **state) {
    CITY(c);
    static struct looking l;
    int64_t id = 0;
    play(c, "  - {who: company, do: apply, item: restaurant, agree: later}\n", &id);
    look(c, &l, id);
    assert_true(item_consent_open(&l.c));
    assert_true(at(l.known, "company.name").len && at(l.known, "company.uscc").len &&
                at(l.known, "company.division_code").len);
    assert_int_equal(at(l.known, "company.legal_person_name").len, 0);
    assert_int_equal(at(l.known, "applicant.address").len, 0);
    /* told of: what, from where, since when, for whom */
    assert_int_equal(val_count(val_get(l.consent, S("data"))), 1);
    assert_true(str_eq(at(l.consent, "data.0.from"), S("company.legal_person_name")));
    assert_true(str_eq(at(l.consent, "data.0.system"), S("法人单位信息资源库")));
    assert_true(at(l.consent, "data.0.value").len && at(l.consent, "data.0.as_of").len &&
                at(l.consent, "data.0.purpose").len);
    /* and by whom it is seen: offices and officers, not what is applied for */
    const struct val *units = val_path(l.consent, S("data.0.units"));
    assert_int_equal(val_count(units), 4);
    for (size_t i = 0; i < val_count(units); i++) {
        assert_true(val_text(val_item(units, i)).len > 0);
        assert_false(str_eq(val_text(val_item(units, i)), l.c.type->name));
        for (size_t k = 0; k < l.c.type->n_parts; k++)
            assert_false(str_eq(val_text(val_item(units, i)), l.c.type->part[k].title));
    }
    play(c, "  - {who: company, do: submit, refused: ERR_REQUIRED}\n", &id);
}

static void test_agreed(void **state) {
    CITY(c);
    static struct looking l;
    int64_t id = 0;
    play(c, "  - {who: citizen, do: apply, item: residence-proof}\n", &id);
    look(c, &l, id);
    assert_true(val_get_bool(val_get(l.view, S("consent")), S("agreed"), false));
    assert_true(at(l.known, "applicant.address").len > 0);
    assert_int_equal(at(l.known, "applicant.phone").len, 0); /* not told of, not taken */
    assert_int_equal(at(l.known, "applicant.marital").len, 0);
    assert_true(str_find(at(l.consent, "data.1.value"), S("*"), 0) != SIZE_MAX); /* the address, masked */
    /* an act about this person: it stands among who looked at my data */
    assert_int_equal(l.n_rows, 1);
    assert_true(l.rows[0].entry.subject_person == l.c.person && l.c.person != 0);
    assert_true(str_eq(l.rows[0].entry.detail, S("agree")));
    play(c,
         "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"
         "  - {who: citizen, do: submit, expect: {state: accepted}}\n"
         "  - {who: citizen, do: consent, agree: false, refused: ERR_STATE}\n",
         &id);
    look(c, &l, id);
    assert_true(at(l.c.body, "prefill.applicant.address").len && at(l.c.body, "answers.residence").len);
    assert_int_equal(at(l.c.body, "prefill.applicant.phone").len, 0);
    assert_true(str_eq(at(l.c.body, "consent.data.1.from"), S("applicant.address")));
    assert_false(str_eq(at(l.c.body, "consent.data.1.value"), at(l.c.body, "answers.residence")));
}

static void test_typed_instead(void **state) {
    CITY(c);
    static struct looking l;
    int64_t id = 0;
    play(
        c,
        "  - {who: citizen, do: apply, item: residence-proof, agree: false}\n"
        "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}, refused: ERR_INPUT}\n"
        "  - {who: citizen, do: answer, page: registered, with: {purpose: '1', residence_division: '120101', residence: 自填路 9 号}}\n",
        &id);
    look(c, &l, id);
    assert_int_equal(at(l.known, "applicant.address").len, 0);
    assert_true(at(l.known, "applicant.name").len > 0);
    play(c, "  - {who: citizen, do: submit, expect: {state: accepted}}\n", &id);
    look(c, &l, id);
    assert_true(val_get_bool(val_get(l.view, S("consent")), S("typed"), false));
    assert_true(str_eq(at(l.c.body, "prefill.applicant.address"), S("自填路 9 号"))); /* where papers look */
    assert_true(str_eq(at(l.c.body, "prefill.applicant.division_code"), S("120101")));
    assert_true(str_eq(at(l.c.body, "prefill.applicant.division"), S("和平区")));
    assert_true(l.c.division == realm_division(S("120101")));
}

/* Who typed first and then agrees gets the registry's words, not his own. */
static void test_agreeing_after_typing(void **state) {
    CITY(c);
    static struct looking l;
    int64_t id = 0;
    play(
        c,
        "  - {who: citizen, do: apply, item: residence-proof, agree: false}\n"
        "  - {who: citizen, do: answer, page: registered, with: {purpose: '1', residence_division: '120101', residence: 自填路 9 号}}\n"
        "  - {who: citizen, do: consent, agree: true}\n"
        "  - {who: citizen, do: submit, expect: {state: accepted}}\n",
        &id);
    look(c, &l, id);
    assert_false(str_eq(at(l.c.body, "answers.residence"), S("自填路 9 号")));
    assert_int_equal(l.n_rows, 2);
}

#define SHOP \
    CITY_SHOP_APPLY CITY_SHOP_ANSWERS("120101", "260", "'1'", "no", "no") \
    "  - {who: company, do: answer, page: handlers, with: [{name: 样三, certificate: JK-1, duty: '1'}]}\n" \
    CITY_SHOP_FILE("floor-plan") CITY_SHOP_FILE("health-certificate") CITY_SHOP_FILE("fire-statement") \
    "  - {who: company, do: submit, expect: {state: submitted, parts: [food, fire]}}\n"

static const struct val *page_of(const struct val *view, const char *id) {
    const struct val *pages = val_get(view, S("pages"));
    for (size_t i = 0; i < val_count(pages); i++)
        if (str_eq(val_get_str(val_item(pages, i), S("id")), str_of(id))) return val_item(pages, i);
    return NULL;
}

static size_t changes(const struct looking *l, const char *in_text) {
    size_t n = 0;
    for (size_t i = 0; i < val_count(l->events); i++)
        n += str_eq(val_get_str(val_item(l->events, i), S("kind")), S("change")) &&
             str_find(val_get_str(val_item(l->events, i), S("opinion")), str_of(in_text), 0) != SIZE_MAX;
    return n;
}

static void test_changes_during_a_supplement(void **state) {
    CITY(c);
    static struct looking l;
    int64_t id = 0;
    play(
        c,
        SHOP
        "  - {who: company, do: answer, page: company, with: {shop_name: 新名}, refused: ERR_STATE}\n"
        "  - {who: window-clerk, do: decide, task: intake, move: accept}\n"
        "  - {who: food-reviewer, do: decide, task: survey, move: pass}\n" CITY_FIRE_SURVEYED
        "  - {who: fire-reviewer, do: decide, task: fire_review, move: supplement, opinion: 地址不清}\n"
        /* fire asked: the pages that fire sees, and no others */
        "  - {who: company, do: answer, page: people, with: {manager_name: 样六, manager_id: '99010119900307100X', manager_phone: '13800000000'}, refused: ERR_STATE}\n"
        "  - {who: company, do: add, page: handlers, with: {name: 样四, certificate: JK-2, duty: '1'}, refused: ERR_STATE}\n"
        /* nothing that was decided from the answers */
        "  - {who: company, do: answer, page: premises, with: {district: '120101', address: 示例路 8 号, area: '60'}, refused: ERR_STATE}\n"
        "  - {who: company, do: answer, page: premises, with: {district: '120102', address: 示例路 8 号, area: '260'}, refused: ERR_STATE}\n"
        "  - {who: company, do: answer, page: business, with: {kinds: ['1'], uses_gas: 'no', outdoor_sign: 'yes'}, refused: ERR_STATE}\n"
        "  - {who: company, do: answer, page: premises, with: {district: '120101', address: 示例路 8 号二层, area: '260'}}\n",
        &id);
    look(c, &l, id);
    assert_int_equal(changes(&l, "示例路 8 号 → 示例路 8 号二层"), 1);
    assert_true(str_eq(at(l.c.body, "answers.address"), S("示例路 8 号二层")));
    assert_true(str_eq(at(l.c.body, "answers.company_name"),
                       at(l.c.body, "prefill.company.name"))); /* what was frozen stays */
    assert_null(page_of(l.office, "handlers"));                /* fire does not read food's page */
    assert_int_equal(val_count(val_get(page_of(l.view, "handlers"), S("entries"))), 1);
    play(
        c,
        "  - {who: company, do: supplement, opinion: 已改}\n"
        "  - {who: company, do: answer, page: premises, with: {district: '120101', address: 再改, area: '260'}, refused: ERR_STATE}\n"
        "  - {who: company, do: withdraw, opinion: 完}\n",
        &id);
}

static void test_entries_for_decisions(void **state) {
    CITY(c);
    static struct looking l;
    int64_t id = 0;
    struct arena a;
    play(c, SHOP "  - {who: company, do: withdraw, opinion: 完}\n", &id);
    look(c, &l, id);
    arena_init(&a, "test", 1 << 20);
    const struct val *vars = item_flow_vars(&l.c, &a);
    assert_int_equal(val_count(val_get(vars, S("handlers"))), 1);
    assert_true(str_eq(at(vars, "handlers.0.certificate"), S("JK-1")));
    assert_null(val_path(vars, S("handlers.0.entry"))); /* the number is ours */
    struct val *v = NULL;
    struct feel *f;
    assert_int_equal(
        feel_compile(&a, S("some h in handlers satisfies h.duty = \"1\""), FEEL_EXPRESSION, NULL, 0, &f, NULL),
        0);
    assert_int_equal(feel_eval(f, vars, &a, &v, NULL), 0);
    assert_true(v && v->kind == VAL_BOOL && v->u.b);
    arena_done(&a);
}

/* ---- two windows ---- */

struct window {
    const struct realm *r;
    struct actor who;
    int64_t case_id, entry;
    const char *page, *field, *value;
    struct str seen;
    char keep[64];
};

static int see_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct window *w = job->arg;
    struct item_case c;
    int rc = item_case_get(tx, w->r, NULL, w->case_id, &c, e);
    if (rc) return rc;
    struct str s = item_answers_seen(w->r, &c, form_page(c.form, str_of(w->page)),
                                     val_get(c.body, S("answers")), w->entry, store_arena(tx));
    memcpy(w->keep, s.ptr, s.len);
    w->seen = str_make(w->keep, s.len);
    return 0;
}

static int save_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct window *w = job->arg;
    struct val *in = val_map(store_arena(tx)), *errors;
    val_put_str(store_arena(tx), in, str_of(w->field), str_of(w->value));
    val_put_str(store_arena(tx), in, S("certificate"), S("JK-1"));
    val_put_str(store_arena(tx), in, S("duty"), S("1"));
    val_put_str(store_arena(tx), in, S("_seen"), w->seen);
    if (w->entry)
        return item_entry_put(tx, w->r, &w->who, w->case_id, str_of(w->page), w->entry, false, in, &errors, e);
    return item_answers_put(tx, w->r, &w->who, w->case_id, str_of(w->page), in, &errors, e);
}

static void two_windows(const struct city *c, int64_t id, const char *page, int64_t entry, const char *field) {
    struct window one = { .r = &c->app->realm,
                          .case_id = id,
                          .page = page,
                          .field = field,
                          .entry = entry,
                          .value = "甲" },
                  two;
    city_fixture_actor(c, "company", &one.who);
    assert_int_equal(city_fixture_read(c, see_body, &one, NULL), 0);
    two = one;
    two.seen = str_make(two.keep, one.seen.len);
    assert_int_equal(city_fixture_run(c, save_body, &one, NULL), 0);
    assert_int_equal(city_fixture_run(c, save_body, &two, NULL), 0); /* the same again is no conflict */
    two.value = "乙";
    assert_int_equal(city_fixture_run(c, save_body, &two, NULL), ERR_CONFLICT);
    assert_int_equal(city_fixture_read(c, see_body, &two, NULL), 0); /* has read both */
    assert_int_equal(city_fixture_run(c, save_body, &two, NULL), 0);
    two.seen = S(""); /* who says nothing of what he saw is taken at his word: scenarios, imports */
    two.value = "丙";
    assert_int_equal(city_fixture_run(c, save_body, &two, NULL), 0);
}

static void test_a_later_window_is_told(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c,
         "  - {who: company, do: apply, item: restaurant}\n"
         "  - {who: company, do: add, page: handlers, with: {name: 样三, certificate: JK-1, duty: '1'}}\n",
         &id);
    two_windows(c, id, "company", 0, "shop_name");
    two_windows(c, id, "handlers", 1, "name");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_taken_before_consent),
        cmocka_unit_test(test_agreed),
        cmocka_unit_test(test_typed_instead),
        cmocka_unit_test(test_agreeing_after_typing),
        cmocka_unit_test(test_changes_during_a_supplement),
        cmocka_unit_test(test_entries_for_decisions),
        cmocka_unit_test(test_a_later_window_is_told),
    };
    return CITY_FIXTURE_RUN("item answers", tests);
}
