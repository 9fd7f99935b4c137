/* record_keep: what those who keep a registry reach, what they see, and what is written of it; on both stores, in a city. The denials and
 * moves themselves stand in the registries' own cases/.
 */
#include "app/city_fixture.h"
#include "engine/audit/audit.h"
#include "engine/record/record.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct work {
    const struct realm *r;
    struct actor who;
    struct record_registry g;
    int64_t id, until;
    struct str purpose, by, value;
    struct record rec;
    struct val *found;
    size_t n;
    struct audit_row row[8];
    int64_t next;
};

static struct work work_of(const struct city *c, const char *login, const char *type) {
    struct work w = { .r = &c->app->realm };
    struct actor citizen;
    city_fixture_actor(c, login, &w.who);
    city_fixture_actor(c, "citizen", &citizen);
    w.id = citizen.person;
    w.g.type = realm_find(w.r, SYSTEM_RECORD, str_of(type), &w.g.system);
    assert_non_null(w.g.type);
    return w;
}

static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return record_look(tx, w->r, &w->who, &w->g, w->id, &w->rec, e);
}
static int unmask(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return record_unmask(tx, w->r, &w->who, &w->g, w->id, S("1"), S("样事由不露"), e);
}
static int clear(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return record_clear(tx, w->r, &w->who, &w->g, w->id, &w->rec, &w->purpose, &w->until, e);
}
static int search(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    const struct record_field *f = record_field(w->g.type, w->by);
    struct str token = record_token(store_arena(tx), w->r, w->g.type, f, w->value);
    return record_search(tx, w->r, &w->who, &w->g, f, token, w->next, 2, &w->found, &w->next, e);
}
static int entries(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct audit_filter f = { .subject_person = w->id };
    return audit_find(tx, job->home, &f, 0, w->row, 8, &w->n, e);
}

static void note_all(const struct city *c) {
    struct err e = { 0 };
    assert_int_equal(app_sequence(c->app, true, &e), 0);
}

static void test_masked_until_a_purpose_is_said(void **state) {
    CITY(c);
    struct work w = work_of(c, "population", "person"), other = w;
    struct err e = { 0 };
    w.who.session = 11, other.who.session = 12;
    assert_int_equal(city_fixture_run(c, look, &w, &e), 0);
    for (size_t i = 0; i < w.g.type->n_fields; i++) {
        const struct record_field *f = &w.g.type->field[i];
        struct str v = val_get_str(w.rec.values, f->name);
        if (f->personal && v.len) assert_true(str_find_char(v, '*', 0) != SIZE_MAX);
    }
    assert_int_equal(city_fixture_run(c, clear, &w, &e), ERR_STATE);
    assert_int_equal(city_fixture_run(c, unmask, &w, &e), 0);
    assert_int_equal(city_fixture_run(c, clear, &w, &e), 0);
    assert_int_equal(val_get_str(w.rec.values, S("citizen_id")).len, 18);
    assert_true(str_find_char(val_get_str(w.rec.values, S("citizen_id")), '*', 0) == SIZE_MAX);
    assert_true(str_eq(w.purpose, S("核对申请人身份")));
    assert_int_equal(w.until, os_now_ms() + RECORD_LOOK_MS);
    assert_int_equal(city_fixture_run(c, clear, &other, &e), ERR_STATE); /* another session of the same account */
    os_clock_advance(RECORD_LOOK_MS);
    assert_int_equal(city_fixture_run(c, clear, &w, &e), ERR_STATE);
    /* The person finds all of it: masked, the purpose, the look in clear; of the free words a commitment alone. */
    note_all(c);
    assert_int_equal(city_fixture_read(c, entries, &w, &e), 0);
    static const char *const acts[] = { "record.read", "record.unmask", "record.read" };
    assert_true(w.n >= 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(str_eq(w.row[i].entry.act, str_of(acts[i])));
        assert_true(str_eq(w.row[i].entry.object_kind, S("record")) && w.row[i].entry.object_id == w.id);
        assert_true(str_eq(w.row[i].entry.purpose, i < 2 ? S("核对申请人身份") : S("-")));
        assert_true(str_find(w.row[i].entry.detail, S("样事由不露"), 0) == SIZE_MAX);
    }
    assert_true(str_find(w.row[1].entry.detail, S("person sha256:"), 0) == 0 || str_find(w.row[1].entry.detail, S("person sm3:"), 0) == 0);
}

static int keep_kin(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct arena *a = store_arena(tx);
    struct val *values = val_map(a);
    struct record_change change = { .values = values, .source = record_source(&w->g, 0) };
    val_put_str(a, values, S("person"), arena_i64(a, w->id));
    val_put_str(a, values, S("kin"), arena_i64(a, w->who.person ? w->who.person : w->id + 1));
    val_put_str(a, values, S("relation"), S("51"));
    return record_keep(tx, w->r, &w->who, &w->g, &change, &w->next, e);
}

/* What hangs on a person, without an element of his own: he finds who entered it and who looked. */
static void test_a_person_finds_who_saw_what_hangs_on_him(void **state) {
    CITY(c);
    struct work w = work_of(c, "population", "kinship"), x;
    assert_int_equal(city_fixture_run(c, keep_kin, &w, NULL), 0);
    x = w;
    x.id = w.next;
    assert_int_equal(city_fixture_run(c, look, &x, NULL), 0);
    note_all(c);
    assert_int_equal(city_fixture_read(c, entries, &w, NULL), 0);
    assert_true(w.n >= 2);
    assert_true(str_eq(w.row[0].entry.act, S("record.read")) && w.row[0].entry.object_id == x.id);
    assert_true(str_eq(w.row[1].entry.act, S("record.put")) && w.row[1].entry.object_id == x.id);
}

static void test_another_area_is_not_there(void **state) {
    CITY(c);
    struct work w = work_of(c, "population2", "person"), company = work_of(c, "population", "company");
    struct err e = { 0 };
    assert_int_equal(city_fixture_run(c, look, &w, &e), ERR_NOT_FOUND);
    assert_int_equal(city_fixture_run(c, unmask, &w, &e), ERR_NOT_FOUND);
    /* Grants of one registry give nothing in another; an address says 404 before that (record_registry). */
    assert_int_equal(city_fixture_run(c, look, &company, &e), ERR_FORBIDDEN);
    struct record_registry g;
    assert_int_equal(record_registry(w.r, &company.who, S("record.read"), S("company"), &g, &e), ERR_NOT_FOUND);
    assert_int_equal(record_registry(w.r, &w.who, S("record.read"), S("person"), &g, &e), 0);
}

/* A condition of a grant is judged on the record: by opening and by finding alike. */
static void test_a_condition_holds(void **state) {
    CITY(c);
    struct work w = work_of(c, "population", "person");
    struct err e = { 0 };
    assert_int_equal(city_fixture_run(c, look, &w, &e), 0);
    city_fixture_change(c, "systems/registry/population", "access.yaml", "scope: unit}", "scope: unit, when: 'object.state = \"ended\"'}");
    w.g.type = realm_find(w.r, SYSTEM_RECORD, S("person"), &w.g.system);
    assert_int_equal(city_fixture_run(c, look, &w, &e), ERR_NOT_FOUND);
    city_fixture_change(c, "systems/registry/population", "access.yaml", "scope: unit}", "scope: unit, when: 'object.state = \"active\"'}");
    w.g.type = realm_find(w.r, SYSTEM_RECORD, S("person"), &w.g.system);
    assert_int_equal(city_fixture_run(c, look, &w, &e), 0);
}

/* A page holds what it should, and the next begins behind it. */
static void test_pages(void **state) {
    CITY(c);
    struct work w = work_of(c, "entity", "company");
    struct err e = { 0 };
    int64_t id = 0;
    assert_int_equal(
        city_fixture_play(c,
                          "  - {who: entity, do: put, record: company, source: 市场监督管理局,\n"
                          "     with: {name: 津样同名, uscc: 91120101MA0000001C, type: '150', established: '2026-11-16', division: '120101'}}\n"
                          "  - {who: entity, do: put, record: company, source: 市场监督管理局,\n"
                          "     with: {name: 津样同名, uscc: 91120101MA0000002F, type: '150', established: '2026-11-16', division: '120101'}}\n"
                          "  - {who: entity, do: put, record: company, source: 市场监督管理局,\n"
                          "     with: {name: 津样同名, uscc: 91120101MA0000003J, type: '150', established: '2026-11-16', division: '120101'}}\n",
                          &id, &e),
        0);
    w.by = S("name"), w.value = S("津样同名");
    assert_int_equal(city_fixture_run(c, search, &w, &e), 0);
    assert_true(val_count(w.found) == 2 && w.next);
    int64_t second = val_get_i64(val_item(w.found, 1), S("id"), 0);
    assert_int_equal(city_fixture_run(c, search, &w, &e), 0);
    assert_true(val_count(w.found) == 1 && w.next == 0);
    assert_true(val_get_i64(val_item(w.found, 0), S("id"), 0) > second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_masked_until_a_purpose_is_said),
        cmocka_unit_test(test_a_person_finds_who_saw_what_hangs_on_him), cmocka_unit_test(test_another_area_is_not_there),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_a_condition_holds),
    };
    return CITY_FIXTURE_RUN("record_keep", tests);
}
