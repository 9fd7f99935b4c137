/* A draft that is thrown away: nothing of it is left, nobody else can throw it away, and what was submitted cannot be; on both stores. */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void play(const struct city *c, int64_t *id, const char *steps) {
    struct err e = { 0 };
    if (city_fixture_play(c, steps, id, &e)) fail_msg("%s %s", e.field, e.detail);
}

struct throwing {
    const struct realm *r;
    struct actor who;
    int64_t case_id;
};

static int drop(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct throwing *t = job->arg;
    return item_draft_drop(tx, t->r, &t->who, t->case_id, e);
}

STORE_STMT(draft_test_left, STORE_READS,
           "SELECT (SELECT COUNT(*) FROM item_case WHERE home = ? AND id = ?) + "
           "(SELECT COUNT(*) FROM item_event WHERE home = ? AND case_id = ?) + "
           "(SELECT COUNT(*) FROM item_material WHERE home = ? AND case_id = ?) + "
           "(SELECT COUNT(*) FROM access_scope WHERE home = ? AND list = 'case' AND object = ?)");

struct left {
    struct home_id home;
    int64_t case_id, rows;
};

static int count_left(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct left *l = job->arg;
    const struct store_val v[] = { SV_I(l->home.v), SV_I(l->case_id), SV_I(l->home.v), SV_I(l->case_id),
                                   SV_I(l->home.v), SV_I(l->case_id), SV_I(l->home.v), SV_I(l->case_id) };
    return store_one_i64(tx, &draft_test_left, v, 8, &l->rows, e);
}

static int64_t rows_of(const struct city *c, int64_t case_id) {
    struct left l = { .home = c->app->realm.home, .case_id = case_id };
    assert_int_equal(city_fixture_run(c, count_left, &l, NULL), 0);
    return l.rows;
}

static int throw_away(const struct city *c, const char *login, int64_t case_id) {
    struct throwing t = { .r = &c->app->realm, .case_id = case_id };
    city_fixture_actor(c, login, &t.who);
    return city_fixture_run(c, drop, &t, NULL);
}

static void test_a_draft_leaves_nothing(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, CITY_SHOP_APPLY CITY_SMALL_SHOP);
    assert_true(rows_of(c, id) > 3);
    assert_int_equal(throw_away(c, "citizen", id), ERR_NOT_FOUND);
    assert_int_equal(throw_away(c, "company", id), 0);
    assert_int_equal(rows_of(c, id), 0);
    assert_int_equal(throw_away(c, "company", id), ERR_NOT_FOUND);
}

static void test_what_is_submitted_is_not_thrown_away(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT);
    int64_t before = rows_of(c, id);
    assert_int_equal(throw_away(c, "company", id), ERR_STATE);
    assert_int_equal(rows_of(c, id), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_draft_leaves_nothing),
        cmocka_unit_test(test_what_is_submitted_is_not_thrown_away),
    };
    return CITY_FIXTURE_RUN("draft", tests);
}
