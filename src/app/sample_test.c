/* sample_test: the invariants of the sample city, over several seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "app/sample.h"
#include "base/map.h"
#include "data/csv.h"
#include "engine/code/code_check.h"
#include "engine/code/code_set.h"
#include "os/os.h"

static struct arena a;

static int setup(void **state) {
    (void)state;
    arena_init(&a, "sample test", 512u << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_done(&a);
    return 0;
}

static struct sample_city city(uint64_t seed, size_t people, size_t companies) {
    struct sample_city c;
    struct err e = { 0 };
    assert_int_equal(sample_make(&a, seed, people, companies, civil_of(2026, 11, 21), &c, &e), 0);
    return c;
}

static struct val *table(struct str csv) {
    struct val *v;
    struct err e = { 0 };
    assert_int_equal(csv_table(&a, csv, &v, &e), 0);
    return v;
}

static struct code_set *codes(const char *path) {
    struct str csv;
    struct err e = { 0 };
    struct code_set *s;
    assert_int_equal(os_read_file(&a, path, 8u << 20, &csv, &e), 0);
    assert_int_equal(code_compile(&a, str_of(path), csv, &s, &e), 0);
    return s;
}

static struct str get(const struct val *row, const char *name) {
    return val_get_str(row, str_of(name));
}

static int32_t day(const struct val *row, const char *name) {
    struct civil_date d;
    assert_true(civil_parse(get(row, name), &d));
    return d.day;
}

static bool unassigned(struct str s, size_t at) {
    return str_eq(str_sub(s, at, 2), S("99"));
}

static void deterministic(void **state) {
    (void)state;
    struct sample_city x = city(7, 200, 50), y = city(7, 200, 50), z = city(8, 200, 50);
    assert_true(str_eq(x.people, y.people) && str_eq(x.companies, y.companies) &&
                str_eq(x.shareholders, y.shareholders));
    assert_false(str_eq(x.people, z.people));
    struct sample_city none;
    assert_int_equal(sample_make(&a, 1, 0, 0, civil_of(2026, 11, 21), &none, NULL), ERR_RANGE);
    assert_int_equal(sample_make(&a, 1, 5, 6, civil_of(2026, 11, 21), &none, NULL), ERR_RANGE);
    struct arena small;
    arena_init(&small, "small", 20000);
    assert_int_equal(sample_make(&small, 1, 500, 5, civil_of(2026, 11, 21), &none, NULL), ERR_MEMORY);
    arena_done(&small);
}

/* One household's rows [from, to): the head first. */
static void check_family(const struct val *people, size_t from, size_t to) {
    const struct val *head = val_item(people, from);
    int32_t today = civil_of(2026, 11, 21).day, born = day(head, "birth_date");
    assert_true(str_eq(get(head, "relation"), S("02")));
    assert_true(today - born >= 18 * 365);
    size_t spouses = 0;
    for (size_t i = from + 1; i < to; i++) {
        const struct val *p = val_item(people, i);
        struct str r = get(p, "relation");
        int32_t other = day(p, "birth_date");
        assert_false(str_eq(r, S("02")));
        assert_true(str_eq(get(p, "address"), get(head, "address")));
        if (str_eq(r, S("11")) || str_eq(r, S("12"))) {
            spouses++;
            assert_false(str_eq(get(p, "sex"), get(head, "sex")));
            assert_true(str_eq(get(p, "sex"), str_eq(r, S("11")) ? S("1") : S("2")));
            assert_true(str_eq(get(p, "marital"), S("20")) && str_eq(get(head, "marital"), S("20")));
            assert_true(today - other >= (str_eq(r, S("11")) ? 22 : 20) * 365);
        } else if (r.ptr[0] == '2' ||
                   r.ptr[0] == '3') { /* a child: of the head, and of the spouse if there is one */
            assert_true(other - born >= 18 * 365);
            assert_true(str_eq(get(p, "sex"), r.ptr[0] == '2' ? S("1") : S("2")));
            const struct val *second = val_item(people, from + 1);
            if (spouses) assert_true(other - day(second, "birth_date") >= 18 * 365);
        } else {
            assert_true(str_eq(r, S("51")) || str_eq(r, S("52")));
            assert_true(born - other >= 18 * 365);
        }
    }
    assert_true(spouses <= 1);
    assert_int_equal(spouses, str_eq(get(head, "marital"), S("20")) ? 1 : 0);
}

static void check_person(const struct val *p, const struct code_set *divisions) {
    struct code_citizen c;
    struct err e = { 0 };
    struct str id = get(p, "citizen_id"), phone = get(p, "phone");
    assert_int_equal(code_citizen_id(id, &c, &e), 0);
    assert_true(unassigned(id, 0));
    assert_int_equal(c.birth.day, day(p, "birth_date"));
    assert_int_equal('0' + (int)c.sex, get(p, "sex").ptr[0]);
    assert_true(c.birth.day <= civil_of(2026, 11, 21).day && c.birth.day > civil_of(1920, 1, 1).day);
    assert_int_equal(code_person_name(get(p, "name"), &e), 0);
    assert_true(phone.len == 0 || str_starts(phone, S("10000")));
    assert_int_not_equal(code_mobile(phone, &e), 0); /* cannot be dialled */
    assert_true(str_starts(get(p, "address"), S("天津市")));
    assert_non_null(code_set_find(divisions, get(p, "division")));
    assert_int_equal(get(p, "division").len, 12);
}

static void people(void **state) {
    (void)state;
    struct code_set *divisions = codes("systems/common/codes/division.csv");
    static const struct {
        const char *column, *path;
    } coded[] = { { "sex", "systems/common/codes/sex.csv" },
                  { "ethnic", "systems/common/codes/ethnic.csv" },
                  { "relation", "systems/common/codes/relation.csv" },
                  { "education", "systems/common/codes/education.csv" },
                  { "marital", "systems/common/codes/marital.csv" } };
    struct code_set *set[5];
    for (size_t i = 0; i < 5; i++) set[i] = codes(coded[i].path);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct val *v = table(city(seed, 1000, 200).people);
        struct map ids;
        map_init(&ids, &a);
        assert_int_equal(val_count(v), 1000);
        size_t from = 0, families = 0;
        for (size_t i = 0; i < 1000; i++) {
            const struct val *p = val_item(v, i);
            check_person(p, divisions);
            for (size_t k = 0; k < 5; k++)
                assert_true(get(p, coded[k].column).len == 0 ||
                            code_set_find(set[k], get(p, coded[k].column)));
            assert_null(map_find(&ids, get(p, "citizen_id")));
            assert_true(map_put(&ids, get(p, "citizen_id"), v));
            if (i + 1 < 1000 && str_eq(get(val_item(v, i + 1), "household"), get(p, "household"))) continue;
            check_family(v, from, i + 1);
            from = i + 1;
            families++;
        }
        assert_true(families > 250 && families < 600);
    }
}

static void companies(void **state) {
    (void)state;
    struct code_set *divisions = codes("systems/common/codes/division.csv"),
                    *industries = codes("systems/common/codes/industry.csv");
    struct code_set *types = codes("systems/common/codes/economic_type.csv");
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct sample_city c = city(seed, 1000, 200);
        struct val *people_rows = table(c.people), *rows = table(c.companies),
                   *shares = table(c.shareholders);
        struct map person, seen, names;
        struct err e = { 0 };
        size_t at = 0, class_62 = 0;
        map_init(&person, &a);
        map_init(&seen, &a);
        map_init(&names, &a);
        for (size_t i = 0; i < 1000; i++) {
            const struct val *p = val_item(people_rows, i);
            assert_true(map_put(&person, get(p, "citizen_id"), (void *)(uintptr_t)p));
        }
        assert_int_equal(val_count(rows), 200);
        for (size_t i = 0; i < 200; i++) {
            const struct val *r = val_item(rows, i);
            struct str code = get(r, "uscc");
            assert_int_equal(code_uscc(code, &e), 0);
            assert_true(unassigned(code, 2));
            assert_null(map_find(&seen, code));
            assert_null(map_find(&names, get(r, "name")));
            assert_true(map_put(&seen, code, c.people.len ? people_rows : NULL) &&
                        map_put(&names, get(r, "name"), people_rows));
            assert_true(str_find(get(r, "name"), S("津样"), 0) != SIZE_MAX);
            const struct val *owner = map_find(&person, get(r, "legal_person"));
            assert_non_null(owner);
            assert_true(day(r, "established") - day(owner, "birth_date") >= 18 * 365);
            assert_true(day(r, "established") < civil_of(2026, 11, 21).day);
            assert_non_null(code_set_find(divisions, get(r, "division")));
            assert_non_null(code_set_find(industries, get(r, "industry")));
            assert_non_null(code_set_find(types, get(r, "type")));
            class_62 += str_starts(get(r, "industry"), S("62"));
            int64_t sum = 0;
            size_t first = at;
            for (; at < val_count(shares) && str_eq(get(val_item(shares, at), "company"), code); at++) {
                const struct val *holder = map_find(&person, get(val_item(shares, at), "person"));
                assert_non_null(holder);
                assert_true(day(r, "established") - day(holder, "birth_date") >= 18 * 365);
                for (size_t k = first; k < at; k++)
                    assert_false(
                        str_eq(get(val_item(shares, k), "person"), get(val_item(shares, at), "person")));
                int64_t ratio;
                assert_true(val_to_i64(val_get(val_item(shares, at), S("ratio")), &ratio));
                assert_true(ratio > 0);
                sum += ratio;
            }
            assert_int_equal(sum, 10000);
        }
        assert_int_equal(at, val_count(shares));
        assert_true(class_62 >= 20);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(deterministic), cmocka_unit_test(people),
                                        cmocka_unit_test(companies) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
