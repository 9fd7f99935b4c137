/* record: types out of YAML, versions, the unique key, damage, and that nothing personal stands in clear; on both stores, in a city. */
#include "engine/record/record.h"

#include "app/city_fixture.h"
#include "data/yaml.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PLANTED_NAME "样贯字不露"
#define PLANTED_ID "120101199003074516"

static void test_compile_errors_name_the_line(void **state) {
    (void)state;
#define HEAD "$id: t\ntitle: T\nx-source: S\nproperties:\n"
    static const struct {
        const char *text;
        uint32_t line;
    } bad[] = {
        { HEAD "  a: {type: string, title: A, pattern: x}\n", 5 },
        { HEAD "  a: {type: string, title: A}\n  b: {type: string, title: B, x-sensitivity: personal, x-index: plain}\n", 6 },
        { HEAD "  a: {type: string}\n", 5 },
        { HEAD "  a: {type: number, title: A}\n", 5 },
        { HEAD "  'a; DROP': {type: string, title: A}\n", 5 },
        { HEAD "  a: {type: string, title: A, x-index: open}\n", 5 },
        { HEAD "  a: {type: string, title: A, format: no-such}\n", 5 },
        { HEAD "  a: [type, string]\n", 5 },
        { "$id: t\ntitle: T\nx-source: S\nx-unknown: 1\nproperties:\n  a: {type: string, title: A}\n", 4 },
        { "$id: t\ntitle: T\nx-source: S\nrequired: [b]\nproperties:\n  a: {type: string, title: A}\n", 4 },
        { "$id: 'T T'\ntitle: T\nx-source: S\nproperties:\n  a: {type: string, title: A}\n", 1 },
        { "$id: t\ntitle: T\nproperties:\n  a: {type: string, title: A}\n", 1 },
        { "$id: t\ntitle: T\nx-source: S\nx-key: a\nproperties:\n  a: {type: string, title: A}\n", 1 },
        { "$id: t\ntitle: T\nx-source: S\nproperties: [a, b]\n", 1 },
        { "- $id\n- t\n", 1 },
    };
    struct arena a;
    arena_init(&a, "test", 1 << 22);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct val *v;
        struct err e = { 0 };
        const struct record_type *t;
        assert_int_equal(yaml_parse(&a, S("records/t.yaml"), str_of(bad[i].text), &v, &e), 0);
        int rc = record_compile(&a, S("records/t.yaml"), v, &t, &e);
        if (rc != ERR_SYSTEM || e.line != bad[i].line) print_error("case %zu: %s line %u %s\n", i, err_name(rc), e.line, e.detail);
        assert_int_equal(rc, ERR_SYSTEM);
        assert_int_equal(e.line, bad[i].line);
        assert_string_equal(e.field, "records/t.yaml");
    }
    arena_done(&a);
}

struct work {
    const struct realm *r;
    const struct actor *who;
    const struct record_type *t;
    const struct system *sys;
    int64_t id, found[4];
    size_t n;
    const char *name, *citizen, *phone, *sql;
    struct record rec;
    struct val *history;
};

static int put_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct arena *a = store_arena(tx);
    struct val *v = val_map(a);
    struct act act;
    int64_t id = w->id;
    if (w->name) val_put_str(a, v, S("name"), str_of(w->name));
    if (w->citizen) val_put_str(a, v, S("citizen_id"), str_of(w->citizen));
    if (w->phone) val_put_str(a, v, S("phone"), str_of(w->phone));
    if (id == 0) val_put_str(a, v, S("sex"), S("1")), val_put_str(a, v, S("birth_date"), S("1990-03-07"));
    int rc = act_open(&act, tx, w->r, w->who, S("record.put"), e);
    if (!rc) rc = record_put(&act, w->t, w->sys, id, v, S("公安机关"), &id, e);
    if (!rc) rc = act_close(&act, S("record"), id, 0, S(""), e);
    if (!rc) w->id = id;
    return rc;
}
static int get_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return record_get(tx, w->r, w->t, w->id, &w->rec, e);
}
static int history_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return record_history(tx, w->r, w->t, w->id, &w->history, e);
}
static int find_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return record_find(tx, w->r, w->t, S("citizen_id"), str_of(w->citizen), w->found, 4, &w->n, e);
}
static int sql_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct store_stmt st = { "record_test_break", w->sql, true };
    int64_t changed;
    int rc = store_exec(tx, &st, &changed, e, SV_I(w->id));
    if (!rc) assert_int_equal(changed, 1);
    return rc;
}

static struct work work_of(const struct city *c) {
    struct work w = { .r = &c->app->realm, .who = &c->app->worker, .sys = realm_system(&c->app->realm, S("registry/population")) };
    w.t = system_find(w.sys, SYSTEM_RECORD, S("person"));
    assert_non_null(w.t);
    return w;
}

static void test_versions_and_the_key(void **state) {
    CITY(c);
    struct work w = work_of(c), other = w;
    struct err e;
    w.name = PLANTED_NAME, w.citizen = PLANTED_ID, w.phone = "13800000001";
    assert_int_equal(city_fixture_run(c, put_body, &w, NULL), 0);
    int64_t first_ms = os_now_ms();
    os_clock_advance(1000);
    w.name = w.citizen = NULL, w.phone = "13800000002";
    assert_int_equal(city_fixture_run(c, put_body, &w, NULL), 0);
    assert_int_equal(city_fixture_read(c, get_body, &w, NULL), 0);
    assert_int_equal(w.rec.version, 2);
    assert_true(str_eq(val_get_str(w.rec.values, S("name")), S(PLANTED_NAME)));
    assert_true(str_eq(val_get_str(w.rec.values, S("phone")), S("13800000002")));
    assert_int_equal(val_get_i64(val_get(w.rec.sources, S("name")), S("at_ms"), 0), first_ms); /* what did not change keeps its source */
    assert_int_equal(val_get_i64(val_get(w.rec.sources, S("phone")), S("at_ms"), 0), first_ms + 1000);
    assert_int_equal(city_fixture_read(c, history_body, &w, NULL), 0);
    assert_int_equal(val_count(w.history), 2);
    assert_true(str_eq(val_get_str(val_get(val_item(w.history, 0), S("values")), S("phone")), S("13800000001")));
    w.citizen = PLANTED_ID;
    assert_int_equal(city_fixture_read(c, find_body, &w, NULL), 0);
    assert_true(w.n == 1 && w.found[0] == w.id);
    other.name = "样二", other.citizen = PLANTED_ID;
    assert_int_equal(city_fixture_run(c, put_body, &other, &e), ERR_DUPLICATE);
    assert_string_equal(e.field, "citizen_id");
    other.citizen = "120101199003074515"; /* check digit */
    assert_int_not_equal(city_fixture_run(c, put_body, &other, &e), 0);
    assert_string_equal(e.field, "citizen_id");
    other.id = 987654;
    assert_int_equal(city_fixture_read(c, get_body, &other, NULL), ERR_NOT_FOUND);
}

static void test_a_changed_column_is_damage(void **state) {
    CITY(c);
    static const char *const breaks[] = {
        "UPDATE r_person SET valid_ms = valid_ms + 1 WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET recorded_ms = recorded_ms + 1 WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET source = 'x' WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET state = 'ended' WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET entry = entry + 1 WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET division = division + 1 WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET body = mac WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET mac = x_name WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET x_name = x_citizen_id WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET x_citizen_id = x_name WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET x_household = x_name WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET current = 0 WHERE home = 1 AND id = ? AND version = 2",
        "UPDATE r_person SET version = 7 WHERE home = 1 AND id = ? AND version = 2",
    };
    struct work w = work_of(c);
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        static char ids[32];
        w.id = 0, w.name = "样三", w.phone = "13800000001", w.citizen = NULL;
        /* a citizen id of its own, with its check digit (GB 11643) */
        static const int weight[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
        (void)snprintf(ids, sizeof ids, "12010119900307%03d", 600 + (int)i);
        int sum = 0;
        for (int k = 0; k < 17; k++) sum += (ids[k] - '0') * weight[k];
        ids[17] = "10X98765432"[sum % 11], ids[18] = 0;
        w.citizen = ids;
        assert_int_equal(city_fixture_run(c, put_body, &w, NULL), 0);
        w.phone = "13800000002";
        assert_int_equal(city_fixture_run(c, put_body, &w, NULL), 0);
        assert_int_equal(city_fixture_read(c, get_body, &w, NULL), 0);
        w.sql = breaks[i];
        assert_int_equal(city_fixture_plant(c, sql_body, &w, NULL), 0);
        int rc = city_fixture_read(c, get_body, &w, NULL);
        if (rc != ERR_DAMAGED) print_error("not seen: %s (%s)\n", breaks[i], err_name(rc));
        assert_int_equal(rc, ERR_DAMAGED);
    }
}

static size_t count_in_file(const char *path, struct str needle) {
    FILE *f = fopen(path, "rb");
    static char window[1 << 16];
    size_t kept = 0, n, hits = 0;
    if (!f) return 0;
    while ((n = fread(window + kept, 1, sizeof window - kept, f)) > 0) {
        size_t len = kept + n;
        for (size_t at = 0; at + needle.len <= len; at++) hits += memcmp(window + at, needle.ptr, needle.len) == 0;
        kept = needle.len - 1 < len ? needle.len - 1 : len;
        memmove(window, window + len - kept, kept);
    }
    (void)fclose(f);
    return hits;
}

static void test_nothing_personal_in_clear(void **state) {
    CITY(c);
    struct work w = work_of(c);
    char path[1100];
    w.name = "样贯字二露", w.citizen = "120101199003071110";
    static const int weight[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
    char id[19] = "120101199003071110";
    int sum = 0;
    for (int k = 0; k < 17; k++) sum += (id[k] - '0') * weight[k];
    id[17] = "10X98765432"[sum % 11];
    w.citizen = id;
    w.phone = "13911112222";
    assert_int_equal(city_fixture_run(c, put_body, &w, NULL), 0);
    (void)snprintf(path, sizeof path, "%s/test.dump", store_fixture_dir(c->fixture));
    assert_int_equal(store_dump(c->app->store, path, NULL), 0);
    const struct str planted[] = { str_of(w.name), str_of(id), str_of(w.phone) };
    for (size_t i = 0; i < 3; i++) assert_int_equal(count_in_file(path, planted[i]), 0);
    assert_true(count_in_file(path, S("r_person")) > 0); /* the search does find what is there */
    assert_true(count_in_file(path, S("公安机关")) > 0);
    static const char *const files[] = { "store.db", "store.db-wal" };
    for (size_t k = 0; k < 2 && !c->postgres; k++) {
        (void)snprintf(path, sizeof path, "%s/%s", store_fixture_dir(c->fixture), files[k]);
        for (size_t i = 0; i < 3; i++) assert_int_equal(count_in_file(path, planted[i]), 0);
    }
}

/* Every generated statement of every type is in the common subset and is known to the store. */
static void test_generated_statements(void **state) {
    CITY(c);
    struct work w = work_of(c);
    const struct store_stmt *all[] = { &w.t->insert, &w.t->retire, &w.t->by_id, &w.t->history, &w.t->find[0] };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct err e = { 0 };
        if (store_lint(all[i], &e)) print_error("%s: %s\n", all[i]->name, e.detail);
        assert_int_equal(store_lint(all[i], &e), 0);
        assert_int_equal(store_probe(c->app->store, all[i], &e), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compile_errors_name_the_line), cmocka_unit_test(test_versions_and_the_key),
        cmocka_unit_test(test_a_changed_column_is_damage),   cmocka_unit_test(test_nothing_personal_in_clear),
        cmocka_unit_test(test_generated_statements),
    };
    return CITY_FIXTURE_RUN("record", tests);
}
