/* C6: what was given once is offered again: of the same holder, the same kind, not too old;
 * licences by their name while they are in force. The original stays as it was; a row whose owner,
 * kind or origin was changed does not open. On both stores. */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DAY_MS INT64_C(86400000)
#define CITY_SMALL_SHOP_ANSWERS CITY_SHOP_ANSWERS("120101", "60", "'1'", "no", "no")

static void play(const struct city *c, int64_t *id, const char *steps) {
    struct err e = { 0 };
    if (city_fixture_play(c, steps, id, &e)) fail_msg("%s %s", e.field, e.detail);
}

struct asking {
    const struct realm *r;
    int64_t case_id;
    const char *material;
    size_t offered;
    struct str value, source;
    struct str bytes;
    struct item_file file;
    struct actor who;
    struct val *given;
    size_t total;
};

static int ask(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *x = job->arg;
    struct item_case c;
    struct val *list;
    int rc = item_case_get(tx, x->r, NULL, x->case_id, &c, e);
    const struct item_material *m = rc ? NULL : item_material(c.type, str_of(x->material));
    if (!rc) rc = item_reuse_view(tx, x->r, &c, m, S("zh"), &list, e);
    if (rc) return rc;
    x->offered = val_count(list);
    x->value = x->offered ? val_get_str(val_item(list, 0), S("value")) : S("");
    x->source = x->offered ? val_get_str(val_item(list, 0), S("source")) : S("");
    return 0;
}

static int take(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *x = job->arg;
    struct item_case c;
    int rc = item_case_get(tx, x->r, NULL, x->case_id, &c, e);
    const struct item_material *m = rc ? NULL : item_material(c.type, str_of(x->material));
    return rc ? rc
              : item_reuse_open(tx, x->r, &c, m, x->value, store_arena(tx), &x->file, &x->bytes, e);
}

static int list_given(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *x = job->arg;
    return item_given_view(tx, x->r, &x->who, 0, false, 20, S("zh"), &x->given, &x->total, e);
}

static size_t offered(const struct city *c, struct asking *x, int64_t id, const char *material) {
    x->r = &c->app->realm;
    x->case_id = id;
    x->material = material;
    assert_int_equal(city_fixture_read(c, ask, x, NULL), 0);
    return x->offered;
}

static void test_files_of_earlier_cases(void **state) {
    CITY(c);
    struct asking x = { 0 };
    struct err e = { 0 };
    int64_t first = 0, second = 0, other = 0;
    play(c, &first, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT);
    play(c, &second, CITY_SHOP_APPLY CITY_SMALL_SHOP_ANSWERS);
    /* the kind that the declaration names, and no other */
    assert_int_equal(offered(c, &x, second, "floor-plan"), 0);
    assert_int_equal(offered(c, &x, second, "health-certificate"), 1);
    assert_true(str_starts(x.source, S("来自您的办件 2026")));
    assert_int_equal(city_fixture_read(c, take, &x, &e), 0);
    assert_true(str_starts(x.bytes, S("%PDF-1.4 synthetic")) && str_eq(x.file.name, S("样件.pdf")));
    /* what is offered is the case's own affair: not for another value, not for another material */
    struct asking wrong = x;
    wrong.material = "floor-plan";
    assert_int_equal(city_fixture_read(c, take, &wrong, &e), ERR_NOT_FOUND);
    wrong = x;
    wrong.value = S("file.1.1");
    assert_int_equal(city_fixture_read(c, take, &wrong, &e), ERR_NOT_FOUND);
    /* it is given, and told where it came from; the original still opens */
    play(c, &second,
         "  - {who: company, do: reuse, material: health-certificate}\n"
         "  - {who: company, do: reuse, material: floor-plan, refused: ERR_INPUT}\n");
    city_fixture_actor(c, "company", &x.who);
    assert_int_equal(city_fixture_read(c, list_given, &x, &e), 0);
    assert_int_equal(x.total, 3); /* two of the first case, one of the second */
    assert_int_equal(val_get_i64(val_item(x.given, 0), S("case_id"), 0), second);
    assert_true(val_get_i64(val_item(x.given, 0), S("kept_ms"), 0) > CITY_START_MS + 360 * DAY_MS);
    /* nobody else's */
    play(c, &other, "  - {who: citizen, do: apply, item: person-correction}\n");
    city_fixture_actor(c, "citizen", &x.who);
    assert_int_equal(city_fixture_read(c, list_given, &x, &e), 0);
    assert_int_equal(x.total, 0);
    /* and not for ever */
    os_clock_advance(366 * DAY_MS);
    assert_int_equal(offered(c, &x, second, "health-certificate"), 0);
}

static void test_licences(void **state) {
    CITY(c);
    struct asking x = { 0 };
    struct err e = { 0 };
    int64_t first = 0, second = 0;
    city_fixture_change(c, "systems/approval/restaurant", "items/restaurant.yaml",
                        "{id: floor-plan,", "{id: floor-plan, papers: [food-licence],");
    play(c, &first,
         CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
         "  - {who: window, do: decide, task: intake, move: accept}\n"
         "  - {who: food, do: decide, task: survey, move: pass}\n"
         "  - {who: food, do: decide, task: food_review, move: approve}\n"
         "  - {do: set-papers, expect: {state: ended, result: granted}}\n");
    play(c, &second, CITY_SHOP_APPLY CITY_SMALL_SHOP_ANSWERS);
    assert_int_equal(offered(c, &x, second, "floor-plan"), 1);
    assert_true(str_starts(x.value, S("paper.")) && str_starts(x.source, S("来自证照 ")));
    assert_int_equal(city_fixture_read(c, take, &x, &e), 0);
    assert_true(str_starts(x.bytes, S("%PDF-")) && str_ends(x.file.name, S(".pdf")));
    os_clock_advance(61 * 31 * DAY_MS); /* five years it is in force */
    assert_int_equal(offered(c, &x, second, "floor-plan"), 0);
    assert_int_equal(city_fixture_read(c, take, &x, &e), ERR_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_files_of_earlier_cases),
                                        cmocka_unit_test(test_licences) };
    return CITY_FIXTURE_RUN("reuse", tests);
}
