/* realm: divisions padded, moments as people read them in both languages, names found through needs in order. */
#include "engine/realm/realm.h"

#include "data/tz.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_division_is_padded(void **state) {
    (void)state;
    assert_int_equal(realm_division(S("12")), INT64_C(120000000000));
    assert_int_equal(realm_division(S("1201")), INT64_C(120100000000));
    assert_int_equal(realm_division(S("120101")), INT64_C(120101000000));
    assert_int_equal(realm_division(S("120101001")), INT64_C(120101001000));
    assert_int_equal(realm_division(S("120101001002")), INT64_C(120101001002));
    static const char *const none[] = { "", "1", "1201010010021", "12x101", "天津", "-12", " 12", "12 ", "12.0" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_int_equal(realm_division(str_of(none[i])), 0);
}

/* "+12" was 12 in the third place: a sign is no digit. */
static void test_a_sign_is_no_digit_of_a_division(void **state) {
    (void)state;
    assert_int_equal(realm_division(S("+12")), 0);
    assert_int_equal(realm_division(S("+12010")), 0);
    assert_int_equal(realm_division(S("-0")), 0);
}

static void test_days_and_times_as_people_read_them(void **state) {
    (void)state;
    static const struct {
        int year, month, day, hour, minute;
        const char *zh, *en, *zh_day, *en_day;
    } rows[] = {
        { 2026, 11, 21, 15, 40, "2026年11月21日 15:40", "21 November 2026, 3:40 pm", "2026年11月21日",
          "21 November 2026" },
        { 2026, 1, 2, 0, 5, "2026年1月2日 00:05", "2 January 2026, 12:05 am", "2026年1月2日", "2 January 2026" },
        { 2026, 2, 28, 12, 0, "2026年2月28日 12:00", "28 February 2026, 12:00 pm", "2026年2月28日",
          "28 February 2026" },
        { 2024, 2, 29, 11, 59, "2024年2月29日 11:59", "29 February 2024, 11:59 am", "2024年2月29日",
          "29 February 2024" },
        { 2026, 12, 31, 23, 59, "2026年12月31日 23:59", "31 December 2026, 11:59 pm", "2026年12月31日",
          "31 December 2026" },
    };
    struct arena a;
    struct tz *tz;
    arena_init(&a, "test", 1 << 20);
    assert_int_equal(tz_load(&a, S("Asia/Shanghai"), &tz, NULL), 0);
    const struct realm r = { .tz = tz };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct civil_time t = { .year = rows[i].year,
                                      .month = (uint8_t)rows[i].month,
                                      .day = (uint8_t)rows[i].day,
                                      .hour = (uint8_t)rows[i].hour,
                                      .minute = (uint8_t)rows[i].minute };
        int64_t ms = tz_instant_ms(tz, &t) + 59999; /* seconds are not shown, nor rounded */
        assert_true(str_eq(realm_time(&r, &a, S("zh"), ms), str_of(rows[i].zh)));
        assert_true(str_eq(realm_time(&r, &a, S("en"), ms), str_of(rows[i].en)));
        assert_true(str_eq(realm_day(&r, &a, S("zh"), ms), str_of(rows[i].zh_day)));
        assert_true(str_eq(realm_day(&r, &a, S("en"), ms), str_of(rows[i].en_day)));
        assert_true(
            str_eq(realm_day(&r, &a, S("fr"), ms), str_of(rows[i].zh_day))); /* any other language: the source */
        const char *const written[] = { rows[i].zh, rows[i].en, rows[i].zh_day, rows[i].en_day };
        for (int k = 0; k < 4; k++) {
            struct civil_date day = { 0 };
            int minute;
            assert_true(realm_time_read(str_of(written[k]), &day, &minute));
            assert_int_equal(day.day, civil_of(t.year, t.month, t.day).day);
            assert_int_equal(minute, k < 2 ? t.hour * 60 + t.minute : -1);
        }
    }
    static const char *const none[] = { "", "20261121-000009-4", "2026", "21 Novem 2026", "31 February 2026", "2026年11月21日 25:00",
                                        "2026年11月21日 x", "3:40 pm", ", ", "21 November 2026, ", "x 2026年11月21日" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct civil_date day;
        int minute;
        if (realm_time_read(str_of(none[i]), &day, &minute)) fail_msg("%s is no time", none[i]);
    }
    assert_int_equal(realm_time(&r, &a, S("en"), 0).len, 0);
    assert_int_equal(realm_day(&r, &a, S("zh"), 0).len, 0);
    arena_done(&a);
}

static void make(struct system *m, struct arena *a, struct str id) {
    *m = (struct system){ .id = id };
    for (int p = 0; p < SYSTEM_PARTS; p++) map_init(&m->part[p], a);
}

static size_t active(void *context, const struct system ***ret) {
    const struct system **list = context;
    size_t n = 0;
    while (list[n]) n++;
    *ret = list;
    return n;
}

static void test_names_through_needs_in_order(void **state) {
    (void)state;
    struct arena a;
    struct system own, first, second, deep;
    int x[6];
    arena_init(&a, "test", 1 << 20);
    make(&own, &a, S("t/own")), make(&first, &a, S("t/first")), make(&second, &a, S("t/second")),
        make(&deep, &a, S("t/deep"));
    const struct system *needs[] = { &first, &second }, *deeper[] = { &deep };
    own.needs = needs, own.n_needs = 2;
    first.needs = deeper, first.n_needs = 1;
    assert_true(map_put(&own.part[SYSTEM_CODE], S("mine"), &x[0]) &&
                map_put(&first.part[SYSTEM_CODE], S("mine"), &x[1]));
    assert_true(map_put(&first.part[SYSTEM_CODE], S("both"), &x[2]) &&
                map_put(&second.part[SYSTEM_CODE], S("both"), &x[3]));
    assert_true(map_put(&second.part[SYSTEM_CODE], S("last"), &x[4]) &&
                map_put(&deep.part[SYSTEM_CODE], S("deep"), &x[5]));
    assert_ptr_equal(system_find(&own, SYSTEM_CODE, S("mine")), &x[0]);
    assert_ptr_equal(system_find(&own, SYSTEM_CODE, S("both")), &x[2]);
    assert_ptr_equal(system_find(&own, SYSTEM_CODE, S("last")), &x[4]);
    needs[0] = &second, needs[1] = &first;
    assert_ptr_equal(system_find(&own, SYSTEM_CODE, S("both")), &x[3]);
    assert_null(system_find(&own, SYSTEM_CODE, S("deep"))); /* what a need needs is not in sight unless it is named */
    assert_null(system_find(&own, SYSTEM_FORM, S("mine")));
    assert_null(system_find(&own, SYSTEM_CODE, S("")));
    assert_null(system_find(NULL, SYSTEM_CODE, S("mine")));
    assert_null(system_find(&second, SYSTEM_CODE, S("mine"))); /* needs go one way */

    const struct system *all[] = { &own, &first, &second, NULL }, *owner = NULL;
    const struct realm r = { .systems = { .context = all, .active = active } };
    assert_ptr_equal(realm_find(&r, SYSTEM_CODE, S("last"), &owner), &x[4]);
    assert_ptr_equal(owner, &second);
    assert_ptr_equal(realm_find(&r, SYSTEM_CODE, S("mine"), NULL), &x[0]);
    owner = NULL;
    assert_null(realm_find(&r, SYSTEM_CODE, S("deep"), &owner)); /* not active */
    assert_null(owner);
    assert_ptr_equal(realm_system(&r, S("t/second")), &second);
    assert_null(realm_system(&r, S("t/deep")));
    assert_null(realm_system(&r, S("t")));
    arena_done(&a);
}

static void test_texts_in_the_readers_language(void **state) {
    (void)state;
    struct arena a;
    struct system own, need;
    struct po *mine, *its;
    arena_init(&a, "test", 1 << 20);
    make(&own, &a, S("t/own")), make(&need, &a, S("t/need"));
    const struct system *needs[] = { &need };
    own.needs = needs, own.n_needs = 1;
    assert_int_equal(po_parse(&a, S("a.po"), S("msgid \"红\"\nmsgstr \"red\"\n"), &mine, NULL), 0);
    assert_int_equal(
        po_parse(&a, S("b.po"), S("msgid \"红\"\nmsgstr \"scarlet\"\n\nmsgid \"蓝\"\nmsgstr \"blue\"\n"), &its, NULL),
        0);
    assert_true(str_eq(system_text(&own, S("en"), S("蓝")), S("蓝"))); /* no translations at all */
    own.en = mine, need.en = its;
    assert_true(str_eq(system_text(&own, S("en"), S("红")), S("red")));
    assert_true(str_eq(system_text(&own, S("en"), S("蓝")), S("blue")));
    assert_true(str_eq(system_text(&own, S("zh"), S("蓝")), S("蓝")));
    assert_true(str_eq(system_text(&own, S("en"), S("绿")), S("绿")));
    assert_true(str_eq(system_text(NULL, S("en"), S("红")), S("红")));
    const struct realm r = { .en = its }, bare = { .en = NULL };
    assert_true(str_eq(realm_text(&r, S("en"), S("红")), S("scarlet")));
    assert_true(str_eq(realm_text(&r, S("zh"), S("红")), S("红")));
    assert_true(str_eq(realm_text(&bare, S("en"), S("红")), S("红")));
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_division_is_padded),
        cmocka_unit_test(test_a_sign_is_no_digit_of_a_division),
        cmocka_unit_test(test_days_and_times_as_people_read_them),
        cmocka_unit_test(test_names_through_needs_in_order),
        cmocka_unit_test(test_texts_in_the_readers_language),
    };
    return cmocka_run_group_tests_name("realm", tests, NULL, NULL);
}
