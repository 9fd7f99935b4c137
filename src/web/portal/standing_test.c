/* F14: what belongs to another standing of the reader is reached through choosing it, from wherever it is linked; what is nobody's of
 * his stays unknown. */
#include "app/site_fixture.h"
#include "engine/mandate/mandate.h"
#include "engine/record/record.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NO_SUCH 999999999

static int64_t company_case(struct site *s) {
    int64_t id = 0;
    struct err e = { 0 };
    int rc = city_fixture_play(s->city, CITY_SHOP_APPLY, &id, &e);
    if (rc) fail_msg("%s", e.detail);
    return id;
}

static const char *path_of(struct site *s, const char *before, int64_t id, const char *after) {
    return arena_fmt(&s->arena, "%s%lld%s", before, (long long)id, after).ptr;
}

/* Signed in anew, for himself: the page of his company's case leads through B3 and back to it. */
static void test_f14_a_companys_case_is_reached_after_signing_in_again(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, other = { .site = s };
    int64_t id = company_case(s);
    struct actor company;
    city_fixture_actor(s->city, "company", &company);
    const char *page = path_of(s, "/zh/case/", id, "/fill?x=1");
    site_sign_in(&v, "company");
    struct str way = site_get(&v, page);
    assert_int_equal(site_status(way), 303);
    struct str to = site_location(way);
    assert_true(str_starts(to, str_of(path_of(s, "/zh/identity?for=", company.on_behalf, "&back=%2Fzh%2Fcase%2F"))));
    struct str choose = site_get(&v, arena_cstr(&s->arena, to));
    assert_int_equal(site_status(choose), 200);
    assert_true(site_has(choose, path_of(s, "value=\"", company.on_behalf, "\" checked")));
    assert_true(site_has(choose, "您要看的内容属于下面选中的身份"));
    struct str back = site_post(&v, "/zh/identity", arena_fmt(&s->arena, "for=%lld&back=%s", (long long)company.on_behalf, page).ptr);
    assert_int_equal(site_status(back), 303);
    assert_true(str_eq(site_location(back), str_of(page)));
    assert_int_equal(site_status(site_get(&v, page)), 200);
    /* and the other way round, where there is nothing of his: still unknown */
    assert_int_equal(site_status(site_get(&v, path_of(s, "/zh/case/", NO_SUCH, ""))), 404);
    site_sign_in(&other, "citizen");
    assert_int_equal(site_status(site_get(&other, page)), 404);
    assert_int_equal(site_status(site_get(&other, path_of(s, "/zh/paper/", NO_SUCH, "/file.pdf"))), 404);
}

/* A form of the company's, sent while he stands for himself, leads there too. */
static void test_f14_a_form_of_another_standing_leads_to_its_page(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    int64_t id = company_case(s);
    const char *page = path_of(s, "/zh/case/", id, "/fill/company");
    site_sign_in(&v, "company");
    (void)site_get(&v, "/zh/identity");
    struct str sent = site_post(&v, page, "shop_name=x");
    assert_int_equal(site_status(sent), 303);
    assert_true(str_find(site_location(sent), S("/identity?for="), 0) != SIZE_MAX);
}

/* The space says that there are other standings, and comes back to the same list. */
static void test_f14_the_space_offers_the_other_standings(void **state) {
    static const char *const lists[] = { "/zh/space", "/zh/space/cases", "/zh/space/licences" };
    SITE(s);
    struct visitor v = { .site = s }, alone = { .site = s };
    struct actor company;
    city_fixture_actor(s->city, "company", &company);
    site_sign_in(&v, "company");
    site_sign_in(&alone, "citizen");
    for (size_t i = 0; i < 3; i++) {
        struct str page = site_get(&v, lists[i]);
        assert_true(site_has(page, path_of(s, "/zh/identity?for=", company.on_behalf, "&amp;back=%2Fzh%2Fspace")));
        assert_true(site_has(page, arena_cstr(&s->arena, company.on_behalf_name)));
        assert_true(site_lacks(site_get(&alone, lists[i]), "/zh/identity?for="));
    }
}

/* A paper's file: its holder is the company. */
static void test_f14_a_companys_licence(void **state) {
    static const char *const small = CITY_SMALL_SHOP CITY_SHOP_SUBMIT
        "  - {who: window-clerk, do: decide, task: intake, move: accept}\n"
        "  - {who: food-reviewer, do: decide, task: survey, move: pass, opinion: 符合}\n"
        "  - {who: food-reviewer, do: decide, task: food_review, move: approve}\n  - {do: set-papers}\n";
    SITE(s);
    struct visitor v = { .site = s };
    int64_t id = company_case(s);
    struct err e = { 0 };
    if (city_fixture_play(s->city, small, &id, &e)) fail_msg("%s", e.detail);
    struct actor company;
    city_fixture_actor(s->city, "company", &company);
    site_sign_in(&v, "company");
    (void)site_get(&v, "/zh/identity");
    (void)site_post(&v, "/zh/identity", arena_fmt(&s->arena, "for=%lld", (long long)company.on_behalf).ptr);
    struct str list = site_get(&v, "/zh/space/licences");
    size_t at = str_find(list, S("/zh/paper/"), 0);
    assert_true(at != SIZE_MAX);
    struct str path = str_sub(list, at, str_find_char(list, '"', at) - at);
    struct visitor again = { .site = s };
    site_sign_in(&again, "company");
    struct str way = site_get(&again, arena_cstr(&s->arena, path));
    assert_int_equal(site_status(way), 303);
    assert_true(str_starts(site_location(way), str_of(path_of(s, "/zh/identity?for=", company.on_behalf, "&back=%2Fzh%2Fpaper%2F"))));
}

/* ---- what a standing leaves out is offered nowhere ---- */

struct giving {
    const struct realm *r;
    struct actor giver, holder;
};

static int give_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct giving *g = job->arg;
    struct record rec;
    int64_t id;
    int rc = record_get(tx, g->r, realm_find(g->r, SYSTEM_RECORD, S("person"), NULL), g->holder.person, &rec, e);
    const struct mandate_offer o = { .name = val_get_str(rec.values, S("name")), .citizen_id = val_get_str(rec.values, S("citizen_id")),
                                     .standing = S("viewer"), .months = 1, .agreed = true };
    if (!rc) rc = mandate_give(tx, g->r, &g->giver, &o, &id, e);
    return rc ? rc : mandate_answer(tx, g->r, &g->holder, id, true, e);
}

/* Who may only look on sees a draft as it stands, and no way to fill in, supplement or withdraw, which he would be refused. */
static void test_who_looks_on_is_offered_nothing_to_do(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, owner = { .site = s };
    struct giving g = { .r = &s->city->app->realm };
    struct err e = { 0 };
    int64_t sent = 0, draft;
    city_fixture_actor(s->city, "company", &g.giver);
    city_fixture_actor(s->city, "citizen", &g.holder);
    assert_int_equal(city_fixture_run(s->city, give_body, &g, &e), 0);
    assert_int_equal(city_fixture_play(s->city, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT, &sent, &e), 0);
    draft = company_case(s);
    const char *shown = path_of(s, "/zh/case/", draft, ""), *fill = path_of(s, "/zh/case/", draft, "/fill\"");
    const char *form = path_of(s, "/zh/case/", draft, "/fill"), *withdraw = path_of(s, "/zh/case/", sent, "/withdraw");
    site_sign_in(&v, "citizen");
    (void)site_get(&v, "/zh/identity");
    (void)site_post(&v, "/zh/identity", arena_fmt(&s->arena, "for=%lld", (long long)g.giver.on_behalf).ptr);
    static const char *const pages[] = { "/zh", "/zh/space", "/zh/space/cases" };
    for (size_t i = 0; i < 3; i++) {
        struct str page = site_get(&v, pages[i]);
        assert_int_equal(site_status(page), 200);
        assert_true(site_has(page, path_of(s, "/zh/case/", draft, "\"")) && !site_has(page, fill));
    }
    struct str page = site_get(&v, shown);
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "<span class=\"tag\">草稿</span>"));
    assert_int_equal(site_status(site_get(&v, form)), 403);
    page = site_get(&v, path_of(s, "/zh/case/", sent, ""));
    assert_int_equal(site_status(page), 200);
    assert_false(site_has(page, withdraw));
    /* who may is shown both */
    site_sign_in(&owner, "company");
    (void)site_get(&owner, "/zh/identity");
    (void)site_post(&owner, "/zh/identity", arena_fmt(&s->arena, "for=%lld", (long long)g.giver.on_behalf).ptr);
    assert_true(site_has(site_get(&owner, "/zh/space/cases"), fill));
    assert_int_equal(site_status(site_get(&owner, shown)), 303);
    assert_true(site_has(site_get(&owner, path_of(s, "/zh/case/", sent, "")), withdraw));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f14_a_companys_case_is_reached_after_signing_in_again),
        cmocka_unit_test(test_f14_a_form_of_another_standing_leads_to_its_page),
        cmocka_unit_test(test_f14_the_space_offers_the_other_standings),
        cmocka_unit_test(test_f14_a_companys_licence),
        cmocka_unit_test(test_who_looks_on_is_offered_nothing_to_do),
    };
    return SITE_FIXTURE_RUN("standing", tests);
}
