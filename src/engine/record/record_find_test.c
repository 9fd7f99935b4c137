/* record_find: who keeps a registry finds its records by what he typed, within his divisions and his grant's conditions, masked; a change
 * takes along by what they are found; who is found sees that he was. On both stores, in a city.
 */
#include "app/city_fixture.h"
#include "engine/audit/audit.h"
#include "engine/record/record.h"
#include "os/os.h"
#include "release/release.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NAMED "样欧阳菁菁"

struct work {
    const struct realm *r;
    struct actor who;
    struct record_registry g;
    int64_t id;
    struct record_typed q;
    struct val *found;
    struct str typed;
    const char *name, *phone, *division, *state;
    char citizen[19];
    size_t n, words;
    int64_t scope;
    struct audit_row row[2];
};

static struct work work_of(const struct city *c, const char *login, const char *type) {
    struct work w = { .r = &c->app->realm };
    city_fixture_actor(c, login, &w.who);
    w.g.type = realm_find(w.r, SYSTEM_RECORD, str_of(type), &w.g.system);
    assert_non_null(w.g.type);
    return w;
}

/* A number of the first district, with its check digit (GB 11643). */
static void citizen(struct work *w, int n) {
    static const int weight[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
    int sum = 0;
    (void)snprintf(w->citizen, sizeof w->citizen, "12010119900308%03u0", (unsigned)n % 1000U);
    for (int k = 0; k < 17; k++) sum += (w->citizen[k] - '0') * weight[k];
    w->citizen[17] = "10X98765432"[sum % 11];
}

static int put(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct arena *a = store_arena(tx);
    struct val *v = val_map(a);
    const struct record_change change = { .id = w->id, .values = v, .source = S("公安机关") };
    const struct actor worker = access_worker();
    struct act act;
    if (w->name) val_put_str(a, v, S("name"), str_of(w->name));
    if (w->phone) val_put_str(a, v, S("phone"), str_of(w->phone));
    if (w->division) val_put_str(a, v, S("division"), str_of(w->division));
    if (!w->id) {
        val_put_str(a, v, S("citizen_id"), str_of(w->citizen));
        val_put_str(a, v, S("sex"), S("1")), val_put_str(a, v, S("birth_date"), S("1990-03-08"));
    }
    int rc = act_open(&act, tx, w->r, &worker, S("record.put"), e);
    if (!rc) rc = record_write(&act, w->g.type, w->g.system, &change, str_of(w->state ? w->state : "active"), &w->id, e);
    return rc ? rc : act_close(&act, S("record"), w->id, 0, S(""), e);
}

static int find(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    w->q.typed = w->typed;
    return record_find_typed(tx, w->r, &w->who, &w->g, &w->q, &w->found, e);
}

static bool has(const struct work *w) {
    for (size_t i = 0; i < val_count(w->found); i++)
        if (val_get_i64(val_item(w->found, i), S("id"), 0) == w->id) return true;
    return false;
}

static bool finds(const struct city *c, struct work *w, struct str typed) {
    struct err e = { 0 };
    w->typed = typed;
    w->q = (struct record_typed){ .max = 20 };
    if (city_fixture_run(c, find, w, &e)) fail_msg("%.*s: %s %s", STR_ARG(typed), err_name(e.code), e.detail);
    return has(w);
}

static struct work registered(const struct city *c, const char *name, int n) {
    static int next = 100;
    struct work w = work_of(c, "population", "person");
    struct err e = { 0 };
    citizen(&w, n ? n : next++);
    w.name = name, w.phone = "13900001234", w.division = "120101";
    if (city_fixture_run(c, put, &w, &e)) fail_msg("%s %s %s", err_name(e.code), e.field, e.detail);
    return w;
}

static void test_a_person(void **state) {
    CITY(c);
    struct work w = registered(c, NAMED, 0);
    char spaced[24];
    (void)snprintf(spaced, sizeof spaced, "%.6s %.8s %.4s", w.citizen, w.citizen + 6, w.citizen + 14);
    const struct str good[] = { S(NAMED), S("欧阳菁"), S("菁菁"), S("ouyang"), S("yangouyangjingjing"), S("yoy"), S("oyjj"),
                                str_of(w.citizen), str_of(spaced), S("13900001234"), S("139 0000 1234"), S("欧阳 菁菁") };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!finds(c, &w, good[i])) fail_msg("%.*s finds nothing", STR_ARG(good[i]));
        assert_false(w.q.near);
    }
    const struct str bad[] = { S(""), S("菁"), S("o"), S("1390000123"), S("3900001234"), S("欧阳 不在"), S("诸葛"), S("120101") };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (finds(c, &w, bad[i])) fail_msg("%.*s finds it", STR_ARG(bad[i]));
    /* nobody has that: by sound, by one character, by one letter */
    const struct str nearly[] = { S("样欧阳晶晶"), S("欧阳青菁"), S("yagnouyangjingjing"), S("jinjing") };
    for (size_t i = 0; i < sizeof nearly / sizeof *nearly; i++)
        if (!finds(c, &w, nearly[i]) || !w.q.near) fail_msg("%.*s is near nothing", STR_ARG(nearly[i]));
    struct err e = { 0 };
    char slip[19];
    memcpy(slip, w.citizen, sizeof slip);
    slip[17] = slip[17] == '1' ? '2' : '1';
    struct arena a;
    arena_init(&a, "test", 1 << 16);
    assert_int_equal(record_typed_check(&a, w.g.type, str_of(slip), &e), ERR_CHECK_DIGIT);
    assert_int_equal(record_typed_check(&a, w.g.type, str_of(w.citizen), &e), 0);
    arena_done(&a);
}

/* The list shows what the record's own page shows before a purpose is said. */
static void test_masked(void **state) {
    CITY(c);
    struct work w = registered(c, NAMED, 0);
    assert_true(finds(c, &w, S("13900001234")));
    for (size_t k = 0; k < val_count(w.found); k++)
        for (size_t i = 0; i < w.g.type->n_fields; i++) {
            const struct record_field *f = &w.g.type->field[i];
            struct str v = val_get_str(val_get(val_item(w.found, k), S("values")), f->name);
            if (f->personal && v.len) assert_true(str_find_char(v, '*', 0) != SIZE_MAX);
        }
}

/* Those of another division find nobody, whatever they type; those above it do; who has no right is refused. */
static void test_within_reach(void **state) {
    CITY(c);
    struct work w = registered(c, "样司徒无邻", 0), other = work_of(c, "population2", "person"), city = work_of(c, "population-city", "person");
    struct work citizen_ = work_of(c, "citizen", "person"), company = work_of(c, "entity", "person");
    const struct str all[] = { S("样司徒无邻"), S("司徒"), S("ysitu"), str_of(w.citizen), S("13900001234"), S("样司徒无林") };
    struct err e = { 0 };
    other.id = city.id = citizen_.id = company.id = w.id;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (finds(c, &other, all[i])) fail_msg("%.*s finds it", STR_ARG(all[i]));
        if (!finds(c, &city, all[i])) fail_msg("%.*s finds nothing in the city", STR_ARG(all[i]));
        citizen_.typed = company.typed = all[i];
        assert_int_equal(city_fixture_run(c, find, &citizen_, &e), ERR_FORBIDDEN);
        assert_int_equal(city_fixture_run(c, find, &company, &e), ERR_FORBIDDEN);
    }
    assert_true(finds(c, &w, S("样司徒无邻")));
    /* he moves: the words go with him */
    struct work moved = w;
    moved.name = moved.phone = NULL, moved.division = "120103";
    assert_int_equal(city_fixture_run(c, put, &moved, &e), 0);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (finds(c, &w, all[i])) fail_msg("%.*s finds it", STR_ARG(all[i]));
    assert_true(finds(c, &other, S("样司徒无邻")) && finds(c, &other, str_of(w.citizen)));
}

static int count_words(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    static const struct store_stmt st = { "record_find_test_words",
                                          "SELECT COUNT(*) FROM access_word WHERE home = ? AND object = ?", false };
    struct store_val v[] = { SV_I(job->home.v), SV_I(w->id) };
    int64_t n = 0;
    int rc = store_one_i64(tx, &st, v, 2, &n, e);
    w->words = (size_t)n;
    return rc;
}

/* What a change takes away finds him no more; who is cancelled is found, and it is told. */
static void test_changed_and_cancelled(void **state) {
    CITY(c);
    struct work w = registered(c, "样上官旧名", 0), now;
    struct err e = { 0 };
    assert_int_equal(city_fixture_read(c, count_words, &w, &e), 0);
    const size_t before = w.words;
    assert_true(before > 0);
    now = w;
    now.name = "样上官新称", now.phone = "13911110000", now.division = NULL;
    assert_int_equal(city_fixture_run(c, put, &now, &e), 0);
    assert_false(finds(c, &now, S("样上官旧名")) && !now.q.near);
    assert_false(finds(c, &now, S("旧名")) || finds(c, &now, S("13900001234")));
    assert_true(finds(c, &now, S("样上官新称")) && finds(c, &now, S("xincheng")));
    assert_true(finds(c, &now, S("13911110000")) && finds(c, &now, str_of(w.citizen)));
    assert_int_equal(city_fixture_read(c, count_words, &now, &e), 0);
    assert_true(now.words <= before + 12); /* not those of both */
    now.name = now.phone = NULL, now.state = "ended";
    assert_int_equal(city_fixture_run(c, put, &now, &e), 0);
    assert_true(finds(c, &now, S("样上官新称")));
    for (size_t i = 0; i < val_count(now.found); i++)
        if (val_get_i64(val_item(now.found, i), S("id"), 0) == now.id)
            assert_true(str_eq(val_get_str(val_item(now.found, i), S("state")), S("ended")));
}

/* A condition of the grant is judged on each, as by opening it. */
static void test_a_condition(void **state) {
    CITY(c);
    struct work w = registered(c, "样公孙有条件", 0);
    assert_true(finds(c, &w, S("公孙有条件")));
    city_fixture_change(c, "systems/registry/population", "access.yaml", "scope: unit}", "scope: unit, when: 'object.state = \"ended\"'}");
    w.g.type = realm_find(w.r, SYSTEM_RECORD, S("person"), &w.g.system);
    assert_false(finds(c, &w, S("公孙有条件")) || finds(c, &w, str_of(w.citizen)));
    assert_int_equal(val_count(w.found), 0);
    city_fixture_change(c, "systems/registry/population", "access.yaml", "scope: unit}", "scope: unit, when: 'object.state = \"active\"'}");
    w.g.type = realm_find(w.r, SYSTEM_RECORD, S("person"), &w.g.system);
    assert_true(finds(c, &w, S("公孙有条件")));
}

/* Whole names first; each once, over the pages. */
static void test_pages(void **state) {
    CITY(c);
    enum { ALIKE = 5 };
    struct work w = registered(c, "样百里同", 0), longer = registered(c, "样百里同心", 0);
    int64_t seen[32], last_whole = 0;
    size_t n = 0;
    for (int i = 0; i < ALIKE; i++) last_whole = registered(c, "样百里同", 0).id;
    w.typed = S("样百里同"), w.q = (struct record_typed){ .max = 2 };
    do {
        assert_int_equal(city_fixture_run(c, find, &w, NULL), 0);
        for (size_t i = 0; i < val_count(w.found); i++) seen[n++] = val_get_i64(val_item(w.found, i), S("id"), 0);
    } while ((w.q.at.id || w.q.at.pass) && n + 2 < 32);
    assert_int_equal(n, ALIKE + 2);
    assert_true(seen[0] == last_whole && seen[n - 1] == longer.id);
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) assert_true(seen[i] != seen[k]);
}

static void test_a_company(void **state) {
    CITY(c);
    struct work w = work_of(c, "entity", "company");
    struct err e = { 0 };
    assert_int_equal(
        city_fixture_play(c,
                          "  - {who: entity, do: put, record: company, source: 市场监督管理局,\n"
                          "     with: {name: 津样好味道餐饮有限公司, uscc: 91120101MA0000001C, type: '150', established: '2026-11-16',\n"
                          "            division: '120101'}}\n"
                          "  - {who: entity, do: find, record: company, typed: 好味道, expect: {found: 1}}\n"
                          "  - {who: entity, do: find, record: company, typed: 91120101 ma0000001c, expect: {found: 1}}\n"
                          "  - {who: entity, do: find, record: company, typed: hwdcy, expect: {found: 1}}\n"
                          "  - {who: entity, do: find, record: company, typed: 没有的馆, expect: {found: 0}}\n"
                          "  - {who: company, do: find, record: company, typed: 好味道, refused: ERR_FORBIDDEN}\n"
                          "  - {who: population, do: find, record: company, typed: 好味道, refused: ERR_NOT_FOUND}\n",
                          &w.id, &e),
        0);
    w.id = 0;
    (void)finds(c, &w, S("好味道"));
    assert_int_equal(val_count(w.found), 1);
    assert_true(str_eq(val_get_str(val_get(val_item(w.found, 0), S("values")), S("name")), S("津样好味道餐饮有限公司")));
}

static int entries(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct audit_filter f = { .subject_person = w->id };
    return audit_find(tx, job->home, &f, 0, w->row, 2, &w->n, e);
}
static int searches(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct audit_filter f = { .act = S("record.read") };
    return audit_find(tx, job->home, &f, 0, w->row, 2, &w->n, e);
}

/* Who is shown sees it and what for; a search that finds nobody is an entry as well; what was typed is in none. */
static void test_the_person_sees_it(void **state) {
    CITY(c);
    struct work w = registered(c, "样东方可见", 0);
    struct err e = { 0 };
    assert_true(finds(c, &w, S("东方可见")));
    assert_int_equal(app_sequence(c->app, true, &e), 0);
    assert_int_equal(city_fixture_read(c, entries, &w, &e), 0);
    assert_true(w.n && str_eq(w.row[0].entry.act, S("record.read")) && str_eq(w.row[0].entry.purpose, S("查询")));
    assert_true(w.row[0].entry.object_id == w.id && str_eq(w.row[0].entry.detail, S("find person")));
    const size_t before = w.n;
    assert_false(finds(c, &w, S("诸葛没有的")));
    assert_int_equal(app_sequence(c->app, true, &e), 0);
    assert_int_equal(city_fixture_read(c, entries, &w, &e), 0);
    assert_int_equal(w.n, before);
    assert_int_equal(city_fixture_read(c, searches, &w, &e), 0);
    assert_true(w.n && w.row[0].entry.object_id == 0 && str_eq(w.row[0].entry.purpose, S("查询")));
    assert_true(str_eq(w.row[0].entry.detail, S("find person")) && w.row[0].entry.actor == w.who.account);
}

/* A release that has other elements searched: the records that stand get their words by and by. */
static void test_a_release_with_another_search(void **state) {
    CITY(c);
    struct work w = registered(c, "样皇甫后来", 0);
    size_t pages = 0, n;
    city_fixture_change(c, "systems/registry/population", "records/person.yaml", "x-index: blind}\n  relation",
                        "x-index: blind, x-search: exact}\n  relation");
    w.g.type = realm_find(w.r, SYSTEM_RECORD, S("person"), &w.g.system);
    assert_int_equal(record_field(w.g.type, S("household"))->searched, RECORD_EXACTLY);
    assert_int_equal(app_searched(c->app, &n, NULL), 0);
    assert_int_equal(n, 0); /* not before every node writes by it */
    os_clock_advance(RELEASE_SEARCHED_MS);
    assert_int_equal(city_fixture_read(c, count_words, &w, NULL), 0);
    const size_t before = w.words;
    do {
        assert_int_equal(app_searched(c->app, &n, NULL), 0);
        pages += n;
    } while (n);
    assert_true(pages > 1);
    assert_int_equal(city_fixture_read(c, count_words, &w, NULL), 0);
    assert_int_equal(w.words, before); /* he has no such number: once more changes nothing */
    assert_true(finds(c, &w, S("皇甫后来")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_person),     cmocka_unit_test(test_masked),
        cmocka_unit_test(test_within_reach), cmocka_unit_test(test_changed_and_cancelled),
        cmocka_unit_test(test_pages),        cmocka_unit_test(test_a_company),
        cmocka_unit_test(test_the_person_sees_it), cmocka_unit_test(test_a_condition),
        cmocka_unit_test(test_a_release_with_another_search),
    };
    return CITY_FIXTURE_RUN("record find", tests);
}
