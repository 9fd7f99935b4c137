/* item_step, item_record: what an officer writes down at a step, what a rule decides with its reasons, and what the case enters in
 * registries by the registries' own acts; on both stores, in a city. The single moves and denials are the scenarios of systems/approval.
 */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"
#include "engine/paper/paper.h"
#include "engine/record/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void play(const struct city *c, const char *steps, int64_t *case_id) {
    struct err e = { 0 };
    int rc = city_fixture_play(c, steps, case_id, &e);
    if (rc) print_error("%s %s %s\n", err_name(rc), e.field, e.detail);
    assert_int_equal(rc, 0);
}

#define APPLY(name)                                                                                                   \
    "  - {who: citizen, do: apply, item: business-start}\n"                                                           \
    "  - {who: citizen, do: answer, page: name, with: {company_name: " name "}}\n"                                    \
    "  - {who: citizen, do: answer, page: kind, with: {company_kind: '171'}}\n"                                       \
    "  - {who: citizen, do: answer, page: place, with: {district: '120101', address: 示例路 18 号}}\n"                \
    "  - {who: citizen, do: answer, page: trade, with: {section: I}}\n"                                               \
    "  - {who: citizen, do: answer, page: trade_more, with: {industry: '65'}}\n"                                      \
    "  - {who: citizen, do: answer, page: scope, with: {business_scope: 软件开发。}}\n"                               \
    "  - {who: citizen, do: answer, page: capital, with: {capital_wan: '50'}}\n"                                      \
    "  - {who: citizen, do: add, page: holders, with: {holder_name: 样一, holder_id: {of: citizen}, holder_percent: '90'}}\n" \
    "  - {who: citizen, do: answer, page: contact, with: {contact_phone: '13800000021'}}\n"                           \
    "  - {who: citizen, do: answer, page: staff, with: {hires: 'no'}}\n"                                              \
    "  - {who: citizen, do: answer, page: account, with: {wants_bank: 'no'}}\n"                                       \
    "  - {who: citizen, do: upload, material: premises-proof}\n"                                                      \
    "  - {who: citizen, do: submit}\n"
#define ACCEPT "  - {who: start-registrar, do: decide, task: intake, move: accept, expect: {open: [registration]}}\n"
#define REGISTER(code) "  - {who: start-registrar, do: decide, task: registration, move: approve, with: {new_uscc: " code "}"

struct reading {
    const struct realm *r;
    struct actor who;
    int64_t task, case_id, company;
    struct val *view, *mandates, *papers, *history, *entries;
};

static int view_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct reading *d = job->arg;
    return item_task_view(tx, d->r, &d->who, d->task, S("en"), &d->view, e);
}

/* The page of a view under this id; NULL if there is none. */
static const struct val *page_of(const struct val *view, const char *id) {
    const struct val *pages = val_get(view, S("pages"));
    for (size_t i = 0; i < val_count(pages); i++)
        if (str_eq(val_get_str(val_item(pages, i), S("id")), str_of(id))) return val_item(pages, i);
    return NULL;
}

/* What the rule found is on the officer's page with its reason, in his language; what his step asks of him is told as well. */
static void test_rule_and_form_on_the_page(void **state) {
    CITY(c);
    int64_t id = 0;
    struct city_look l;
    struct reading d = { .r = &c->app->realm };
    play(c, APPLY("天津津样阅读工作室") ACCEPT, &id);
    city_fixture_look(c, &l, id, "registration");
    city_fixture_actor(c, "start-registrar", &d.who);
    d.task = l.task;
    assert_int_equal(city_fixture_run(c, view_body, &d, NULL), 0);
    const struct val *asks = val_get(d.view, S("asks")), *rule = page_of(val_get(d.view, S("case")), "name_rule");
    assert_int_equal(val_count(asks), 1);
    assert_true(str_eq(val_get_str(val_item(asks, 0), S("id")), S("new_uscc")));
    assert_non_null(rule);
    struct str reason = val_get_str(val_item(val_get(rule, S("rows")), 0), S("text"));
    assert_true(str_eq(reason, S("The shares do not add up to 100: please look")));
    assert_true(val_get(d.view, S("forward"))->kind == VAL_BOOL); /* never decided with others at once */
    assert_null(page_of(l.view, "registration_given"));
}

static int after_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct reading *d = job->arg;
    const struct record_type *t = realm_find(d->r, SYSTEM_RECORD, S("company"), NULL);
    int rc = identity_mandates(tx, d->r, &d->who, &d->mandates, e);
    if (!rc) rc = paper_of_holder(tx, d->r, d->company, &(struct paper_query){ .max = 5 }, &d->papers, e);
    return rc ? rc : record_history(tx, d->r, t, d->company, &d->history, e);
}

/* The registry has the company with the case as its reason; it holds its own licence, and whoever applied may act for it. */
static void test_company_is_entered(void **state) {
    CITY(c);
    int64_t id = 0;
    bool mine = false;
    struct city_look l;
    struct reading d = { .r = &c->app->realm };
    play(c, APPLY("天津津样登记工作室") ACCEPT REGISTER("91120101MA00000662") "}\n  - {do: set-papers}\n", &id);
    city_fixture_look(c, &l, id, NULL);
    d.company = item_entered(&l.c, S("company"));
    assert_true(d.company != 0);
    const struct val *given = page_of(l.view, "registration_given");
    assert_non_null(given);
    assert_true(str_eq(val_get_str(val_item(val_get(given, S("rows")), 0), S("text")), S("91120101MA00000662")));
    city_fixture_actor(c, "citizen", &d.who);
    assert_int_equal(city_fixture_read(c, after_body, &d, NULL), 0);
    for (size_t i = 0; i < val_count(d.mandates); i++) mine |= val_get_i64(val_item(d.mandates, i), S("id"), 0) == d.company;
    assert_true(mine);
    assert_int_equal(val_count(d.papers), 1);
    assert_int_equal(val_count(d.history), 1);
    const struct val *first = val_item(d.history, 0);
    assert_true(str_eq(val_get_str(first, S("why")), ARENA_CAT(&c->app->arena, S("办件 "), l.c.number)));
    assert_int_equal(val_get_i64(first, S("by"), -1), 0); /* the system itself */
}

/* A number that is taken: the officer is told, and nothing of his decision is done. */
static void test_what_the_registry_refuses(void **state) {
    CITY(c);
    int64_t id = 0;
    struct city_look l;
    play(c, APPLY("天津津样甲工作室") ACCEPT REGISTER("91120101MA0000074W") "}\n", &id);
    id = 0;
    play(c, APPLY("天津津样乙工作室") ACCEPT REGISTER("91120101MA0000074W") ", refused: ERR_DUPLICATE, expect: {open: [registration]}}\n", &id);
    city_fixture_look(c, &l, id, "registration");
    assert_true(l.task != 0);
    assert_int_equal(val_count(val_get(l.c.body, S("given"))), 0);
}

/* A registry whose own system lets nobody enter anything by itself is entered by no case. */
static void test_registry_keeps_its_own_rules(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, APPLY("天津津样丙工作室") ACCEPT, &id);
    city_fixture_change(c, "systems/registry/legal-entity", "access.yaml", "{role: worker, may: [record.put], scope: all}",
                        "{role: worker, may: [record.read], scope: all}");
    play(c, REGISTER("91120101MA0000082P") ", refused: ERR_NOT_FOUND, expect: {open: [registration]}}\n", &id);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rule_and_form_on_the_page), cmocka_unit_test(test_company_is_entered),
                                        cmocka_unit_test(test_what_the_registry_refuses),
                                        cmocka_unit_test(test_registry_keeps_its_own_rules) };
    return CITY_FIXTURE_RUN("item_step", tests);
}
