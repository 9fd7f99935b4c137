/* item_search: an officer finds a case by its number, its applicant's names and its item, within his
 * reach and no further; the sums are those of what is found; whoever was looked up can see it. On
 * both stores.
 */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"
#include "data/pinyin.h"
#include "engine/audit/audit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PROOF                                                                                      \
    "  - {who: citizen, do: apply, item: residence-proof}\n"                                       \
    "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n"                     \
    "  - {who: citizen, do: submit, expect: {state: accepted}}\n"
#define SHOP CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT

struct work {
    const struct realm *r;
    struct actor who;
    struct item_search q;
    struct val *rows;
    int64_t id;
    struct item_case c;
    size_t reads;
};

static int search_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_search(tx, w->r, &w->who, &w->q, S("zh"), &w->rows, e);
}

static int case_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return item_case_get(tx, w->r, NULL, w->id, &w->c, e);
}

static struct work work_of(const struct city *c, const char *role, int64_t id) {
    struct work w = { .r = &c->app->realm, .id = id };
    city_fixture_actor(c, role, &w.who);
    assert_int_equal(city_fixture_read(c, case_body, &w, NULL), 0);
    return w;
}

static void search(const struct city *c, struct work *w, struct str typed) {
    w->q.typed = typed;
    w->q.max = 25, w->q.sums = true;
    w->q.at = (struct item_place){ 0 };
    assert_int_equal(city_fixture_run(c, search_body, w, NULL), 0);
}

static bool finds(const struct city *c, struct work *w, struct str typed) {
    search(c, w, typed);
    for (size_t i = 0; i < val_count(w->rows); i++)
        if (val_get_i64(val_item(w->rows, i), S("id"), 0) == w->id) return true;
    return false;
}

static int64_t played(const struct city *c, const char *steps) {
    int64_t id = 0;
    struct err e = { 0 };
    if (city_fixture_play(c, steps, &id, &e)) fail_msg("%s", e.detail);
    return id;
}

static struct str name_of(const struct work *w, const char *path) {
    return val_text(val_path(w->c.body, str_of(path)));
}

static struct str spelt(struct arena *a, struct str name) {
    struct buf b;
    buf_init(&b, a, 64, 256);
    pinyin_add(&b, name);
    return buf_str(&b);
}

static struct str initials(struct arena *a, struct str name) {
    struct buf b;
    buf_init(&b, a, 64, 256);
    for (size_t at = 0; at < name.len;)
        buf_add(&b, str_sub(pinyin_of(str_utf8_next(name, &at), false), 0, 1));
    return buf_str(&b);
}

static void test_a_person(void **state) {
    CITY(c);
    struct arena a;
    arena_init(&a, "test", 1 << 20);
    struct work w = work_of(c, "police", played(c, PROOF));
    const struct str name = name_of(&w, "prefill.applicant.name"), number = w.c.number;
    const struct str day = str_sub(number, 0, 8), running = str_sub(number, 9, 6);
    const struct str good[] = { number, day, running, str_sub(number, 0, 12), name, spelt(&a, name),
                                initials(&a, name), S("居住证明"), S("jzzm"),
                                ARENA_CAT(&a, S(" "), name, S("  "), day),
                                ARENA_CAT(&a, S("居住证明 "), name) };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!finds(c, &w, good[i])) fail_msg("%.*s finds nothing", STR_ARG(good[i]));
    assert_int_equal(w.q.total, val_count(w.rows));
    const struct str bad[] = { S("20000101"), S("999999"), S("欧阳不存在"), S("xqzw"),
                               ARENA_CAT(&a, name, S(" 20000101")), S("张"), S("q"),
                               ARENA_CAT(&a, S("餐馆 "), name) };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (finds(c, &w, bad[i])) fail_msg("%.*s finds it", STR_ARG(bad[i]));
        assert_int_equal(val_count(w.rows), 0);
    }
    assert_false(finds(c, &w, S(""))); /* nothing asked, nothing shown */
    assert_true(finds(c, &w, S("居住正明")) && w.q.meant.len); /* nearly */
    arena_done(&a);
}

/* Other departments, and those who hold no post, find nothing of it, by whatever they type. */
static void test_within_reach(void **state) {
    CITY(c);
    struct work w = work_of(c, "food", played(c, PROOF));
    const struct str name = name_of(&w, "prefill.applicant.name");
    const struct str all[] = { w.c.number, name, S("居住证明") };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (finds(c, &w, all[i])) fail_msg("%.*s finds it", STR_ARG(all[i]));
        for (size_t f = 0; f < ITEM_SEARCH_FACETS; f++)
            for (size_t k = 0; k < val_count(val_item(w.q.facets, f)); k++)
                assert_false(str_eq(val_get_str(val_item(val_item(w.q.facets, f), k), S("value")), S("residence-proof")));
    }
    /* at the window at first; from the moment it has a task there the department finds it too */
    const int64_t id = played(c, SHOP);
    struct work shop = work_of(c, "window-clerk", id), dept = work_of(c, "food-reviewer", id);
    const struct str shop_name = name_of(&shop, "prefill.company.name");
    assert_true(finds(c, &shop, shop.c.number) && finds(c, &shop, shop_name) && finds(c, &shop, S("餐馆")));
    assert_false(finds(c, &dept, shop.c.number) || finds(c, &dept, shop_name));
    int64_t again = id;
    assert_int_equal(city_fixture_play(c, "  - {who: window-clerk, do: decide, task: intake, move: accept}\n", &again, NULL), 0);
    assert_true(finds(c, &dept, shop.c.number) && finds(c, &dept, shop_name));
    struct work other = work_of(c, "police", id);
    assert_false(finds(c, &other, shop.c.number));
    assert_false(finds(c, &other, name_of(&shop, "prefill.company.name")));
}

static int64_t count_of(const struct work *w, enum item_search_facet f, struct str value) {
    const struct val *options = val_item(w->q.facets, f);
    for (size_t i = 0; i < val_count(options); i++)
        if (str_eq(val_get_str(val_item(options, i), S("value")), value))
            return val_get_i64(val_item(options, i), S("count"), 0);
    return 0;
}

static void test_facets(void **state) {
    CITY(c);
    struct work w = work_of(c, "police", played(c, PROOF));
    const struct str name = name_of(&w, "prefill.applicant.name");
    search(c, &w, name);
    const size_t all = w.q.total;
    const int64_t open = count_of(&w, ITEM_SEARCH_STATE, S("accepted"));
    assert_true(all && open);
    (void)played(c, PROOF "  - {who: police, do: decide, task: confirm, move: approve}\n"
                            "  - {do: set-papers}\n");
    search(c, &w, name);
    assert_int_equal(w.q.total, all + 1);
    assert_int_equal(count_of(&w, ITEM_SEARCH_STATE, S("accepted")), open);
    assert_int_equal(count_of(&w, ITEM_SEARCH_ITEM, S("residence-proof")), all + 1);
    assert_int_equal(count_of(&w, ITEM_SEARCH_TIME, S("7")), all + 1);
    assert_int_equal(count_of(&w, ITEM_SEARCH_CHANNEL, S("2")), all + 1);
    assert_true(count_of(&w, ITEM_SEARCH_RESULT, S("granted")) > 0);
    assert_true(val_count(val_item(w.q.facets, ITEM_SEARCH_UNIT)) > 0);
    /* chosen: it narrows the rows and the other sums, its own options stay */
    w.q.chosen[ITEM_SEARCH_STATE] = S("accepted");
    search(c, &w, name);
    assert_int_equal(w.q.total, open);
    assert_int_equal(val_count(w.rows), open);
    assert_int_equal(count_of(&w, ITEM_SEARCH_RESULT, S("granted")), 0);
    assert_true(count_of(&w, ITEM_SEARCH_STATE, S("ended")) > 0);
    /* by a facet alone, and page by page */
    search(c, &w, S(""));
    const size_t rows = val_count(w.rows);
    size_t n = 0;
    assert_true(rows > 0);
    w.q.at = (struct item_place){ 0 };
    w.q.max = 1, w.q.sums = false;
    for (;; n++) {
        assert_int_equal(city_fixture_run(c, search_body, &w, NULL), 0);
        if (val_count(w.rows) == 0) break;
        const struct val *row = val_item(w.rows, 0);
        w.q.at = (struct item_place){ .key = val_get_i64(row, S("key"), 0), .id = val_get_i64(row, S("id"), 0) };
    }
    assert_int_equal(n, rows);
}

/* What others did with the applicant's data, as his log has it once the entries are numbered. */
static int reads_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct audit_row *rows = arena_array(job->arena, AUDIT_PAGE_MAX, sizeof *rows);
    size_t n = 1;
    int rc = rows ? 0 : err_set(e, ERR_MEMORY, NULL);
    while (!rc && n) rc = audit_sequence(tx, job->home, w->r->keys.suite, 500, &n, e);
    if (!rc)
        rc = audit_of_person_reads(tx, job->home, w->c.person, w->c.account, false, 0, rows, AUDIT_PAGE_MAX, &n, e);
    w->reads = rc ? 0 : n;
    return rc;
}

/* Whoever is looked up sees it among those who looked; a row that is not shown is no entry. */
static void test_the_person_sees_it(void **state) {
    CITY(c);
    struct work w = work_of(c, "police", played(c, PROOF));
    assert_int_equal(city_fixture_run(c, reads_body, &w, NULL), 0);
    const size_t before = w.reads;
    search(c, &w, S("欧阳不存在"));
    assert_int_equal(city_fixture_run(c, reads_body, &w, NULL), 0);
    assert_int_equal(w.reads, before);
    assert_true(finds(c, &w, name_of(&w, "prefill.applicant.name")));
    const size_t shown = val_count(w.rows);
    assert_int_equal(city_fixture_run(c, reads_body, &w, NULL), 0);
    assert_int_equal(w.reads, before + shown);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_person),
        cmocka_unit_test(test_within_reach),
        cmocka_unit_test(test_facets),
        cmocka_unit_test(test_the_person_sees_it),
    };
    return CITY_FIXTURE_RUN("item search", tests);
}
