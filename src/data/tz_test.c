/* Tests of tz: the calendar over 8,000 years, date texts of people, zones with and without summer time, gaps and
 * folds. */
#include "data/tz.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_calendar(void **state) {
    (void)state;
    int32_t day = civil_of(-4000, 1, 1).day;
    unsigned weekday = civil_weekday((struct civil_date){ day });
    for (int32_t y = -4000; y <= 4000; y++)
        for (unsigned m = 1; m <= 12; m++)
            for (unsigned d = 1; civil_valid(y, m, d); d++, day++) {
                int32_t y2;
                unsigned m2, d2;
                if (civil_of(y, m, d).day != day) fail_msg("%d-%u-%u", y, m, d);
                civil_split((struct civil_date){ day }, &y2, &m2, &d2);
                if (y2 != y || m2 != m || d2 != d) fail_msg("%d-%u-%u came back otherwise", y, m, d);
                if (civil_weekday((struct civil_date){ day }) != weekday) fail_msg("weekday of %d-%u-%u", y, m, d);
                weekday = weekday % 7 + 1;
            }
    assert_int_equal(civil_of(1970, 1, 1).day, 0);
    assert_int_equal(civil_weekday(civil_of(2026, 11, 21)), 6);
    assert_true(civil_valid(2000, 2, 29));
    assert_false(civil_valid(1900, 2, 29));
    assert_false(civil_valid(2026, 0, 1));
    assert_false(civil_valid(2026, 13, 1));
    assert_false(civil_valid(2026, 4, 31));
}

static void test_date_text(void **state) {
    (void)state;
    static const char *const good[] = { "2026-02-03", "2026/2/3", "2026/02/03", "2026年2月3日", "２０２６年０２月０３日",
        "２０２６／２／３", " 2026-02-03 ", "２０２６－０２－０３" };
    static const char *const bad[] = { "", "2026-2-3", "2026-02-30", "2026-02-03x", "26-02-03", "2026/2-3",
        "2026年2月3", "2026年2日3月",
        "2026-02", "2026M2D3", "20260203", "2026Y2M3D", "2026--02-03", "\xff" };
    struct civil_date d;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        d.day = 0;
        if (!civil_parse(str_of(good[i]), &d) || d.day != civil_of(2026, 2, 3).day) fail_msg("%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (civil_parse(str_of(bad[i]), &d)) fail_msg("taken: %s", bad[i]);
    struct arena a;
    struct buf b;
    arena_init(&a, "test", 4096);
    buf_init(&b, &a, 64, 256);
    civil_write(&b, civil_of(987, 1, 9));
    assert_true(str_eq(buf_str(&b), S("0987-01-09")));
    arena_done(&a);
}

static void iso(const struct tz *tz, int64_t ms, const char *want) {
    struct arena a;
    struct buf b;
    arena_init(&a, "test", 4096);
    buf_init(&b, &a, 64, 256);
    tz_write_iso(&b, tz, ms);
    if (!str_eq(buf_str(&b), str_of(want))) fail_msg("%.*s, not %s", STR_ARG(buf_str(&b)), want);
    arena_done(&a);
}

static int64_t at(const struct tz *tz, int32_t y, unsigned m, unsigned d, unsigned h, unsigned min) {
    struct civil_time t = { .year = y, .month = (uint8_t)m, .day = (uint8_t)d, .hour = (uint8_t)h,
        .minute = (uint8_t)min };
    return tz_instant_ms(tz, &t);
}

static void test_zones(void **state) {
    (void)state;
    struct arena a;
    struct tz *cn, *utc, *paris, *sydney;
    struct err e;
    arena_init(&a, "test", 1 << 20);
    assert_int_equal(tz_load(&a, S("Asia/Shanghai"), &cn, &e), 0);
    assert_int_equal(tz_load(&a, S("UTC"), &utc, &e), 0);
    assert_int_equal(tz_load(&a, S("Europe/Paris"), &paris, &e), 0);
    assert_int_equal(tz_load(&a, S("Australia/Sydney"), &sydney, &e), 0);
    iso(utc, 0, "1970-01-01T00:00:00Z");
    iso(utc, -1, "1969-12-31T23:59:59.999Z");
    iso(cn, 1795275600000, "2026-11-21T23:40:00+08:00");
    iso(cn, 519000000000, "1986-06-13T07:40:00+09:00"); /* summer time was kept 1986-1991 */
    assert_int_equal(tz_date(cn, 1795276800000).day, civil_of(2026, 11, 22).day);
    iso(paris, at(paris, 2026, 7, 14, 12, 0), "2026-07-14T12:00:00+02:00");
    iso(paris, at(paris, 2026, 12, 25, 12, 0), "2026-12-25T12:00:00+01:00");
    iso(paris, at(paris, 2099, 7, 14, 12, 0), "2099-07-14T12:00:00+02:00"); /* by the footer */
    iso(paris, at(paris, 2099, 1, 14, 12, 0), "2099-01-14T12:00:00+01:00");
    iso(sydney, at(sydney, 2099, 1, 1, 0, 0), "2099-01-01T00:00:00+11:00"); /* southern: starts after it ends */
    iso(sydney, at(sydney, 2099, 7, 1, 0, 0), "2099-07-01T00:00:00+10:00");
    /* A gap gives the first instant behind it; a fold its first showing. */
    iso(paris, at(paris, 2026, 3, 29, 2, 30), "2026-03-29T03:00:00+02:00");
    iso(paris, at(paris, 2026, 10, 25, 2, 30), "2026-10-25T02:30:00+02:00");
    iso(paris, at(paris, 2098, 3, 30, 2, 30), "2098-03-30T03:00:00+02:00");
    for (int64_t ms = 1700000000000; ms < 1800000000000; ms += 3600 * 7 * 1000) {
        struct civil_time t;
        tz_split(sydney, ms, &t);
        int64_t back = tz_instant_ms(sydney, &t);
        if (back != ms && back != ms - 3600000) fail_msg("%lld", (long long)ms);
    }
    arena_done(&a);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const names[] = { "", "../passwd", "Asia/../Asia/Shanghai", "/etc/passwd", "Asia//Shanghai",
        "Asia/", "Asia", "Mars/Base",
        "Asia/Shang hai", "Asia/./Shanghai" };
    struct arena a;
    struct tz *tz;
    struct err e;
    arena_init(&a, "test", 1 << 20);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(tz_load(&a, str_of(names[i]), &tz, &e), ERR_NOT_FOUND);
    assert_int_equal(tz_parse(&a, S("TZif2 and nothing else"), &tz, &e), ERR_DAMAGED);
    assert_int_equal(tz_parse(&a, S(""), &tz, &e), ERR_DAMAGED);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar), cmocka_unit_test(test_date_text), cmocka_unit_test(test_zones),
            cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
