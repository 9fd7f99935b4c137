/* ratings: what the list and the board tell of them, whom they are about, and what a bad one opens; on both stores. What each may and may
 * not do stands in systems/hall/feedback/cases. That a row changed in the store is found is
 * item_tamper_test. */
#include "app/city_fixture.h"
#include "os/os.h"

#include "engine/item/item_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define PROOF                                                                                                                         \
    "  - {who: citizen, do: apply, item: residence-proof}\n"                                                                          \
    "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"                                                        \
    "  - {who: citizen, do: submit}\n"                                                                                                \
    "  - {who: police, do: decide, task: confirm, move: approve}\n"                                                                   \
    "  - {do: set-papers}\n"

struct looking {
    const struct realm *r;
    struct actor who;
    struct item_rating_query q;
    size_t rows, total;
    int64_t month, unit_total, unit_bad, permille, open, late, first;
    int64_t trend[ITEM_RATING_MONTHS][2]; /* total, bad */
    char stands[8];
    int rc;
};

static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct looking *x = job->arg;
    struct val *list = NULL, *board;
    x->q.max = 50;
    x->rc = item_ratings(tx, x->r, &x->who, &x->q, S("zh"), &list, e);
    if (x->rc) return 0;
    x->rows = val_count(list);
    x->total = x->q.total;
    x->first = val_get_i64(val_item(list, 0), S("level"), 0);
    struct str stands = val_get_str(val_item(list, 0), S("redress"));
    (void)snprintf(x->stands, sizeof x->stands, "%.*s", STR_ARG(stands));
    int rc = item_rating_board(tx, x->r, &x->who, x->month, S("zh"), &board, e);
    for (size_t i = 0; !rc && i < val_count(val_get(board, S("trend"))); i++) {
        const struct val *v = val_item(val_get(board, S("trend")), i);
        x->trend[i][0] = val_get_i64(v, S("total"), -1);
        x->trend[i][1] = val_get_i64(v, S("bad"), -1);
    }
    const struct val *unit = val_item(val_get(board, S("unit")), 0);
    x->unit_total = val_get_i64(unit, S("total"), 0);
    x->unit_bad = val_get_i64(unit, S("bad"), 0);
    x->permille = val_get_i64(unit, S("permille"), 0);
    x->open = val_get_i64(board, S("open"), -1);
    x->late = val_get_i64(board, S("late"), -1);
    return rc;
}

static struct looking look(const struct city *c, const char *login, struct item_rating_query q) {
    struct looking x = { .r = &c->app->realm, .q = q, .month = q.month };
    city_fixture_actor(c, login, &x.who);
    assert_int_equal(city_fixture_read(c, look_body, &x, NULL), 0);
    return x;
}

static void play(const struct city *c, const char *steps) {
    struct err e = { 0 };
    int64_t id;
    if (city_fixture_play(c, steps, &id, &e)) fail_msg("%s", e.detail);
}

static void test_list_and_board(void **state) {
    CITY(c);
    struct looking before = look(c, "supervisor", (struct item_rating_query){ .counted = true });
    assert_int_equal(before.rc, 0);
    play(c, PROOF "  - {who: citizen, do: rate, level: 1}\n");
    play(c, PROOF "  - {who: citizen, do: rate, level: 3, reasons: '301'}\n");
    play(c, PROOF "  - {who: citizen, do: rate, level: 5, reasons: '501', expect: {redress: true}}\n");
    struct looking all = look(c, "supervisor", (struct item_rating_query){ .counted = true });
    assert_int_equal(all.rows, before.rows + 3);
    assert_int_equal(all.total, before.total + 3);
    assert_int_equal(all.first, 5); /* the newest first */
    assert_string_equal(all.stands, "open");
    assert_int_equal(all.open, before.open + 1);
    assert_int_equal(all.late, 0);
    /* One unit: what was in the month before, and these three. */
    assert_int_equal(all.unit_total, before.unit_total + 3);
    assert_int_equal(all.unit_bad, before.unit_bad + 1);
    assert_int_equal(all.permille, (all.unit_total - all.unit_bad) * 1000 / all.unit_total);
    /* Narrowed. */
    assert_int_equal(look(c, "supervisor", (struct item_rating_query){ .level = S("3") }).rows, 1);
    struct looking bad = look(c, "supervisor", (struct item_rating_query){ .level = S("bad"), .counted = true });
    assert_int_equal(bad.rows, 1);
    assert_int_equal(bad.total, 1);
    assert_int_equal(look(c, "supervisor", (struct item_rating_query){ .item = S("restaurant") }).rows, 0);
    assert_int_equal(look(c, "supervisor", (struct item_rating_query){ .redress = S("open") }).rows, 1);
    assert_int_equal(look(c, "supervisor", (struct item_rating_query){ .redress = S("over") }).rows, 0);
    assert_int_equal(look(c, "supervisor", (struct item_rating_query){ .back = true }).first, 1);
    /* The district's head reaches his units; who holds no such post sees nothing. */
    assert_int_equal(look(c, "head", (struct item_rating_query){ .max = 0 }).rows, all.rows);
    assert_int_equal(look(c, "police", (struct item_rating_query){ .max = 0 }).rc, ERR_FORBIDDEN);
    assert_int_equal(look(c, "citizen", (struct item_rating_query){ .max = 0 }).rc, ERR_FORBIDDEN);
}

/* What was said in a month stays that month's: its board, its list, its place among twelve. */
static void test_months(void **state) {
    CITY(c);
    int64_t was = realm_month(&c->app->realm, os_now_ms());
    play(c, PROOF "  - {who: citizen, do: rate, level: 4, opinion: 慢}\n");
    struct looking then = look(c, "supervisor", (struct item_rating_query){ .month = was });
    assert_true(then.unit_total >= 1 && then.rows >= 1);
    assert_int_equal(then.trend[ITEM_RATING_MONTHS - 1][0], then.unit_total);
    assert_int_equal(then.trend[ITEM_RATING_MONTHS - 1][1], then.unit_bad);
    os_clock_advance(INT64_C(40) * 86400000);
    int64_t is = realm_month(&c->app->realm, os_now_ms());
    assert_true(is > was);
    struct looking none = look(c, "supervisor", (struct item_rating_query){ .month = is });
    assert_int_equal(none.unit_total, 0);
    assert_int_equal(none.rows, 0);
    assert_int_equal(look(c, "supervisor", (struct item_rating_query){ .month = is, .back = true }).rows, 0);
    play(c, PROOF "  - {who: citizen, do: rate, level: 1}\n");
    struct looking now = look(c, "supervisor", (struct item_rating_query){ .month = 0 });
    assert_int_equal(now.unit_total, 1);
    assert_int_equal(now.trend[ITEM_RATING_MONTHS - 1][0], 1);
    size_t apart = realm_month(&c->app->realm, os_now_ms()) - was > 45 ? 2 : 1; /* what the scenario's days come to */
    assert_int_equal(now.trend[ITEM_RATING_MONTHS - 1 - apart][0], then.unit_total);
    assert_int_equal(now.trend[ITEM_RATING_MONTHS - 1 - apart][1], then.unit_bad);
    struct looking again = look(c, "supervisor", (struct item_rating_query){ .month = was });
    assert_int_equal(again.unit_total, then.unit_total);
    assert_int_equal(again.rows, then.rows);
    assert_int_equal(look(c, "supervisor", (struct item_rating_query){ .month = was, .back = true }).rows, then.rows);
    assert_int_equal(look(c, "supervisor", (struct item_rating_query){ .month = was, .level = S("bad") }).rows, (size_t)then.unit_bad);
    assert_int_equal(look(c, "food", (struct item_rating_query){ .month = was }).rc, ERR_FORBIDDEN);
}

static void test_a_redress_that_is_over(void **state) {
    CITY(c);
    int64_t open = look(c, "supervisor", (struct item_rating_query){ .max = 0 }).open;
    play(c, PROOF "  - {who: citizen, do: rate, level: 4, opinion: 慢}\n"
                  "  - {do: redress}\n"
                  "  - {who: citizen, do: withdraw, opinion: 不用了, expect: {state: withdrawn}}\n");
    struct looking x = look(c, "supervisor", (struct item_rating_query){ .redress = S("over") });
    assert_int_equal(x.rows, 1);
    assert_int_equal(x.open, open);
}

struct about {
    const struct realm *r;
    int64_t case_id, unit, officer, redress, of_redress;
};

static int about_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct about *x = job->arg;
    struct item_case c, of;
    struct val *g;
    int rc = item_case_get(tx, x->r, NULL, x->case_id, &c, e);
    if (!rc) rc = item_rating_get(tx, x->r, &c, &g, e);
    if (rc) return rc;
    x->unit = val_get_i64(g, S("unit"), 0);
    x->officer = val_get_i64(g, S("officer"), 0);
    x->redress = val_get_i64(g, S("redress"), 0);
    if (x->redress) rc = item_case_get(tx, x->r, NULL, x->redress, &of, e);
    if (!rc && x->redress) {
        x->of_redress = of.unit;
        assert_int_equal(of.person, c.person);
        assert_true(str_eq(val_get_str(val_get(of.body, S("answers")), S("number")), c.number));
        assert_true(val_get(val_get(of.body, S("prefill")), S("applicant")) != NULL);
        assert_int_equal(val_count(val_get(val_get(of.body, S("prefill")), S("applicant"))), 1); /* the name, and nothing else */
        struct str id = val_text(val_path(c.body, S("prefill.applicant.citizen_id")));
        int64_t found = 0;
        assert_true(id.len > 4);
        rc = item_progress_find(tx, x->r, of.number, str_sub(id, id.len - 4, 4), &found, e); /* by whose rating it came of */
        assert_int_equal(found, of.id);
    }
    return rc;
}

static void test_whom_it_is_about(void **state) {
    CITY(c);
    struct about x = { .r = &c->app->realm };
    struct actor police;
    struct err e = { 0 };
    assert_int_equal(city_fixture_play(c, PROOF "  - {who: citizen, do: rate, level: 5, reasons: ['501', '506']}\n", &x.case_id, &e), 0);
    city_fixture_actor(c, "police", &police);
    assert_int_equal(city_fixture_read(c, about_body, &x, NULL), 0);
    assert_int_equal(x.officer, police.account);
    assert_int_equal(x.unit, police.posts[0].unit);
    assert_true(x.redress != 0);
    assert_int_equal(x.of_redress, x.unit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_and_board),
        cmocka_unit_test(test_a_redress_that_is_over),
        cmocka_unit_test(test_months),
        cmocka_unit_test(test_whom_it_is_about),
    };
    return CITY_FIXTURE_RUN("rating", tests);
}
