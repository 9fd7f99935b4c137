/* The right to dispute: C15 shows what the registries hold about the reader with its source; from
 * there, from the consent page and from a form a datum is said to be wrong, its keeper corrects it,
 * and the next application takes the corrected one. On both stores. */
#include "app/site_fixture.h"
#include "engine/record/record.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define LINK "/zh/apply/person-correction?element=address"

static void test_c15_shows_each_datum(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    assert_int_equal(site_status(site_get(&v, "/zh/space/data")), 303);
    site_sign_in(&v, "citizen");
    struct str page = site_get(&v, "/zh/space/data");
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "居住地址") && site_has(page, "来源：公安机关") &&
                site_has(page, LINK));
    /* what identifies a record is not corrected here */
    assert_true(site_has(page, "公民身份号码") && site_lacks(page, "element=citizen_id"));
    page = site_get(&v, LINK);
    assert_true(site_has(page, "您已经回答的") && site_has(page, "居住地址"));
    struct visitor officer = { .site = s };
    site_sign_in(&officer, "security");
    assert_true(site_has(site_get(&officer, "/en/space/data"), "nothing about you"));
}

static void test_from_wherever_it_is_shown(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "citizen");
    (void)site_get(&v, "/zh/apply/residence-proof");
    struct str at = site_location(site_post(&v, "/zh/apply/residence-proof", "act=go"));
    struct str stem = str_sub(at, 0, str_find(at, S("/fill"), 0));
    const char *consent = arena_fmt(&s->arena, "%.*s/consent", STR_ARG(stem)).ptr;
    assert_true(site_has(site_get(&v, consent), LINK));
    assert_int_equal(site_status(site_post(&v, consent, "decision=agree")), 303);
    assert_true(
        site_has(site_get(&v, arena_fmt(&s->arena, "%.*s/registered", STR_ARG(at)).ptr), LINK));
}

struct looking {
    const struct realm *r;
    int64_t person;
    struct str address, source, why, before;
    int64_t version;
};

static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct looking *x = job->arg;
    const struct record_type *t = realm_find(x->r, SYSTEM_RECORD, S("person"), NULL);
    struct record rec;
    struct val *all;
    int rc = record_get(tx, x->r, t, x->person, &rec, e);
    if (!rc) rc = record_history(tx, x->r, t, x->person, &all, e);
    if (rc) return rc;
    x->address = val_get_str(rec.values, S("address"));
    x->source = val_text(val_path(rec.sources, S("address.source")));
    x->why = rec.why;
    x->version = rec.version;
    x->before = val_text(val_path(val_item(all, 0), S("values.address")));
    return 0;
}

static void test_the_keeper_corrects(void **state) {
    static const char *const steps =
        "  - {who: citizen, do: apply, item: person-correction}\n"
        "  - {who: citizen, do: answer, page: what, with: {element: address}}\n"
        "  - {who: citizen, do: answer, page: right_address, with: {address: 样新路 7 号}}\n"
        "  - {who: citizen, do: submit}\n"
        "  - {who: population, do: decide, task: review, move: approve, opinion: 属实}\n";
    SITE(s);
    struct looking x = { .r = &s->city->app->realm };
    struct actor who;
    struct err e = { 0 };
    int64_t id;
    city_fixture_actor(s->city, "citizen", &who);
    x.person = who.person;
    assert_int_equal(city_fixture_read(s->city, look, &x, &e), 0);
    struct str before = arena_str(&s->arena, x.address);
    if (city_fixture_play(s->city, steps, &id, &e)) fail_msg("%s %s", e.field, e.detail);
    assert_int_equal(city_fixture_read(s->city, look, &x, &e), 0);
    assert_true(str_eq(x.address, S("样新路 7 号")) && str_eq(x.before, before)); /* both stand */
    assert_true(str_eq(x.source, S("本人申报")) && str_starts(x.why, S("异议更正，办件 2026")));
    struct visitor v = { .site = s };
    site_sign_in(&v, "citizen");
    struct str page = site_get(&v, "/zh/space/data");
    assert_true(site_has(page, "样新路 7 号") && site_has(page, "来源：本人申报"));
    assert_true(site_has(site_get(&v, "/zh/space/messages"), "登记已更正"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_c15_shows_each_datum),
                                        cmocka_unit_test(test_from_wherever_it_is_shown),
                                        cmocka_unit_test(test_the_keeper_corrects) };
    return SITE_FIXTURE_RUN("data", tests);
}
