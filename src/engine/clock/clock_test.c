/* Tests of clock: the notices of 2025 and 2026, every unit, pauses, extensions, moved last days, refusals, speed
 * of shape. */
#include "engine/clock/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

struct span {
    const char *from, *to, *name;
    bool work;
};
/* State Council notices for 2025 and 2026, re-keyed. */
static const struct span notices[] = {
    { "2025-01-01", "2025-01-01", "元旦", false }, { "2025-01-26", "2025-01-26", "春节", true },
    { "2025-01-28", "2025-02-04", "春节", false }, { "2025-02-08", "2025-02-08", "春节", true },
    { "2025-04-04", "2025-04-06", "清明节", false }, { "2025-04-27", "2025-04-27", "劳动节", true },
    { "2025-05-01", "2025-05-05", "劳动节", false }, { "2025-05-31", "2025-06-02", "端午节", false },
    { "2025-09-28", "2025-09-28", "国庆节", true }, { "2025-10-01", "2025-10-08", "国庆节", false },
    { "2025-10-11", "2025-10-11", "国庆节", true }, { "2026-01-01", "2026-01-03", "元旦", false },
    { "2026-01-04", "2026-01-04", "元旦", true }, { "2026-02-14", "2026-02-14", "春节", true },
    { "2026-02-15", "2026-02-23", "春节", false }, { "2026-02-28", "2026-02-28", "春节", true },
    { "2026-04-04", "2026-04-06", "清明节", false }, { "2026-05-01", "2026-05-05", "劳动节", false },
    { "2026-05-09", "2026-05-09", "劳动节", true }, { "2026-06-19", "2026-06-21", "端午节", false },
    { "2026-09-20", "2026-09-20", "国庆节", true }, { "2026-09-25", "2026-09-27", "中秋节", false },
    { "2026-10-01", "2026-10-07", "国庆节", false }, { "2026-10-10", "2026-10-10", "国庆节", true },
};

struct fixture {
    struct arena a;
    struct clock_calendar *c;
    struct tz *tz;
    struct clock_rules rules;
};

static const struct str pauses[] = { S_INIT("supplement"), S_INIT("hearing") };
static const struct str extensions[] = { S_INIT("head-approved") };

static struct civil_date date(const char *text) {
    struct civil_date d = { 0 };
    assert_true(civil_parse(str_of(text), &d));
    return d;
}

static int setup(void **state) {
    static struct fixture f;
    struct clock_holiday rows[200];
    size_t n = 0;
    struct err e;
    arena_init(&f.a, "test", 4 << 20);
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++)
        for (struct civil_date d = date(notices[i].from); d.day <= date(notices[i].to).day; d.day++)
            rows[n++] = (struct clock_holiday){ d, notices[i].work, str_of(notices[i].name) };
    assert_int_equal(clock_calendar_build(&f.a, rows, n, NULL, 0, &f.c, &e), 0);
    assert_int_equal(tz_load(&f.a, S("Asia/Shanghai"), &f.tz, &e), 0);
    f.rules = (struct clock_rules){ pauses, 2, extensions, 1, 1, 0 };
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    arena_done(&((struct fixture *)*state)->a);
    return 0;
}

/* "2026-02-12 09:30" in China. */
static int64_t at(const struct fixture *f, const char *text) {
    struct civil_date d = date(arena_str((struct arena *)&f->a, str_make(text, 10)).ptr);
    struct civil_time t = { .hour = (uint8_t)((text[11] - '0') * 10 + text[12] - '0'),
                            .minute = (uint8_t)((text[14] - '0') * 10 + text[15] - '0') };
    unsigned m, day;
    civil_split(d, &t.year, &m, &day);
    t.month = (uint8_t)m, t.day = (uint8_t)day;
    return tz_instant_ms(f->tz, &t);
}

static void is_day(struct civil_date got, const char *want) {
    struct arena a;
    struct buf b;
    arena_init(&a, "test", 4096);
    buf_init(&b, &a, 64, 256);
    civil_write(&b, got);
    if (!str_eq(buf_str(&b), str_of(want))) fail_msg("%.*s, not %s", STR_ARG(buf_str(&b)), want);
    arena_done(&a);
}

static void test_calendar(void **state) {
    const struct fixture *f = *state;
    bool provisional;
    assert_true(clock_is_workday(f->c, date("2026-02-14")));  /* Saturday made up */
    assert_false(clock_is_workday(f->c, date("2026-02-16"))); /* Monday off */
    assert_false(clock_is_workday(f->c, date("2026-11-21"))); /* Saturday */
    assert_true(clock_is_workday(f->c, date("2026-11-23")));
    assert_int_equal(clock_day_kind(f->c, date("2026-02-28")), CLOCK_MAKEUP);
    assert_true(str_eq(clock_day_name(f->c, date("2026-10-03")), S("国庆节")));
    assert_true(str_eq(clock_day_name(f->c, date("2026-11-20")), S("")));
    is_day(clock_add_workdays(f->c, date("2026-02-12"), 5, &provisional), "2026-02-26");
    assert_false(provisional);
    is_day(clock_add_workdays(f->c, date("2026-02-12"), 0, NULL), "2026-02-12");
    /* 28 (made up) 29 30, then 9 10 October */
    is_day(clock_add_workdays(f->c, date("2025-09-26"), 5, NULL), "2025-10-10");
    is_day(clock_add_workdays(f->c, date("2026-12-30"), 3, &provisional), "2027-01-04");
    assert_true(provisional); /* 2027 is not announced */
    assert_int_equal(clock_workdays_between(f->c, date("2026-02-12"), date("2026-02-26")), 5);
    assert_int_equal(clock_workdays_between(f->c, date("2026-02-26"), date("2026-02-12")), -5);
    is_day(clock_next_workday(f->c, date("2026-10-01")), "2026-10-08");
    is_day(clock_add_months(date("2026-01-31"), 1), "2026-02-28");
    is_day(clock_add_months(date("2026-03-31"), -13), "2025-02-28");
    is_day(clock_add_months(date("2026-11-15"), 14), "2028-01-15");
}

static void test_calendar_rows(void **state) {
    struct fixture *f = *state;
    struct err e;
    struct clock_calendar *c;
    const struct clock_holiday twice[] = { { date("2026-05-01"), false, S("劳动节") }, { date("2026-05-01"), true,
        S("劳动节") } };
    assert_int_equal(clock_calendar_build(&f->a, twice, 2, NULL, 0, &c, &e), ERR_DUPLICATE);
    assert_string_equal(e.detail, "2026-05-01");
    const struct clock_holiday far[] = { { date("1000-05-01"), false, S("x") }, { date("2026-05-01"), false, S("x") } };
    assert_int_equal(clock_calendar_build(&f->a, far, 2, NULL, 0, &c, &e), ERR_RANGE);
    int32_t years[] = { 2027 };
    assert_int_equal(clock_calendar_build(&f->a, NULL, 0, years, 1, &c, &e), 0);
    assert_true(clock_is_announced(c, date("2027-06-01")));
    assert_false(clock_is_announced(c, date("2026-06-01")));
    struct val *rows = val_list(&f->a), *row = val_map(&f->a);
    val_put_str(&f->a, row, S("date"), S("2027-10-01"));
    val_put_str(&f->a, row, S("kind"), S("off"));
    val_put_str(&f->a, row, S("name"), S("国庆节"));
    val_push(&f->a, rows, row);
    assert_int_equal(clock_calendar_of_val(&f->a, rows, NULL, 0, &c, &e), 0);
    assert_false(clock_is_workday(c, date("2027-10-01")));
    assert_true(clock_is_announced(c, date("2027-01-05")));
    val_put_str(&f->a, row, S("kind"), S("holiday"));
    assert_int_equal(clock_calendar_of_val(&f->a, rows, NULL, 0, &c, &e), ERR_FORMAT);
}

static void test_limit_text(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *text;
        int32_t n;
        enum clock_unit unit;
    } good[] = { { "5 working days", 5, CLOCK_WORKING_DAYS }, { "1 working day", 1, CLOCK_WORKING_DAYS },
        { "20 working days", 20, CLOCK_WORKING_DAYS }, { "P3D", 3, CLOCK_CALENDAR_DAYS }, { "P2W", 14,
            CLOCK_CALENDAR_DAYS },
        { "P1M", 1, CLOCK_MONTHS }, { "P1Y", 12, CLOCK_MONTHS }, { "PT4H", 4, CLOCK_HOURS }, { "20个工作日", 20,
            CLOCK_WORKING_DAYS },
        { "7 个工作日", 7, CLOCK_WORKING_DAYS }, { "30日", 30, CLOCK_CALENDAR_DAYS }, { "2个月", 2, CLOCK_MONTHS },
        { "24 hours", 24, CLOCK_HOURS }, { "0 working days", 0, CLOCK_WORKING_DAYS }, { " 3 days ", 3,
            CLOCK_CALENDAR_DAYS } };
    static const char *const bad[] = { "", "5", "working days", "-5 working days", "P", "PD", "P3H", "PT3D",
        "P1DT2H", "P3.5D", "5 weeks off",
        "99999 days", "99999999999999999999 days", "P1000Y", "+5 days", "5 Working Days" };
    struct clock_limit l, again;
    struct err e;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (clock_limit_parse(str_of(good[i].text), &l, &e)) fail_msg("%s", good[i].text);
        assert_int_equal(l.n, good[i].n);
        assert_int_equal(l.unit, good[i].unit);
        struct buf b;
        buf_init(&b, &f->a, 32, 64);
        clock_limit_write(&b, l);
        assert_int_equal(clock_limit_parse(buf_str(&b), &again, &e), 0);
        assert_memory_equal(&l, &again, sizeof l);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (clock_limit_parse(str_of(bad[i]), &l, &e) != ERR_FORMAT) fail_msg("taken: %s", bad[i]);
}

static struct clock_result count(struct fixture *f, const char *limit, const struct clock_event *log, size_t n,
    const char *now) {
    struct clock_limit l;
    struct clock_result r, bare;
    struct err e;
    assert_int_equal(clock_limit_parse(str_of(limit), &l, &e), 0);
    int rc = clock_count(f->c, f->tz, l, &f->rules, log, n, at(f, now), &f->a, &r, &e);
    if (rc) fail_msg("%s %s %s", err_name(rc), e.field, e.detail);
    assert_int_equal(clock_count(f->c, f->tz, l, &f->rules, log, n, at(f, now), NULL, &bare, &e), 0);
    assert_int_equal(bare.due.day, r.due.day); /* the trace changes nothing */
    assert_int_equal(bare.remaining, r.remaining);
    return r;
}

static void test_plain(void **state) {
    struct fixture *f = *state;
    struct clock_event log[] = { { .at_ms = at(f, "2026-02-12 09:30"), .kind = CLOCK_ACCEPT },
        { .kind = CLOCK_FINISH } };
    struct clock_result r = count(f, "5 working days", log, 1, "2026-02-13 12:00");
    is_day(r.due, "2026-02-26");
    assert_int_equal(r.due_ms, at(f, "2026-02-27 00:00"));
    assert_int_equal(r.used, 1);
    assert_int_equal(r.remaining, 4);
    assert_int_equal(r.state, CLOCK_RUNNING);
    assert_false(r.late || r.warn || r.provisional);
    /* 12th start, 13 14 counted, nine days off, 24 25 26 counted. */
    assert_int_equal(r.n_row, 15);
    assert_int_equal(r.row[0].kind, CLOCK_ROW_START);
    assert_int_equal(r.row[2].kind, CLOCK_ROW_MAKEUP);
    assert_int_equal(r.row[2].count, 2);
    assert_int_equal(r.row[3].kind, CLOCK_ROW_HOLIDAY);
    assert_true(str_eq(r.row[3].text, S("春节")));
    assert_int_equal(r.row[14].count, 5);
    /* analyzer -Wanalyzer-use-of-uninitialized-value: gcc 12 loses a returned struct's bools */
    r = count(f, "5 working days", log, 1, "2026-02-25 23:59");
    assert_true(r.warn && !r.late && r.remaining == 1);
    /* analyzer -Wanalyzer-use-of-uninitialized-value: gcc 12 loses a returned struct's bools */
    r = count(f, "5 working days", log, 1, "2026-02-26 23:59");
    assert_true(r.warn && !r.late && r.remaining == 0 && r.used == 5);
    /* analyzer -Wanalyzer-use-of-uninitialized-value: gcc 12 loses a returned struct's bools */
    r = count(f, "5 working days", log, 1, "2026-02-27 00:00");
    assert_true(r.late && r.over == 1 && !r.warn);
    r = count(f, "5 working days", log, 1, "2026-03-02 10:00"); /* 27 Fri, 28 Sat made up, 2 Mon */
    assert_int_equal(r.over, 3);
    log[1].at_ms = at(f, "2026-02-26 17:00");
    /* analyzer -Wanalyzer-use-of-uninitialized-value: gcc 12 loses a returned struct's bools */
    r = count(f, "5 working days", log, 2, "2026-05-01 00:00"); /* finished in time: stays so */
    assert_true(r.state == CLOCK_FINISHED && !r.late && r.used == 5);
    log[1].at_ms = at(f, "2026-02-27 08:00");
    assert_true(count(f, "5 working days", log, 2, "2026-05-01 00:00").late);
    f->rules.close_min = 17 * 60;
    assert_true(count(f, "5 working days", log, 1, "2026-02-26 17:00").late);
    assert_false(count(f, "5 working days", log, 1, "2026-02-26 16:59").late);
    f->rules.close_min = 0;
    assert_int_equal(count(f, "5 working days", log, 0, "2026-02-26 16:59").state, CLOCK_NOT_STARTED);
    is_day(count(f, "0 working days", log, 1, "2026-02-12 10:00").due, "2026-02-12");
}

static void test_other_units(void **state) {
    struct fixture *f = *state;
    struct clock_event log[] = { { .at_ms = at(f, "2026-09-28 09:30"), .kind = CLOCK_ACCEPT } };
    /* Ends in the National Day week: moves to the first working day. */
    struct clock_result r = count(f, "P5D", log, 1, "2026-09-28 10:00");
    is_day(r.due, "2026-10-08");
    assert_int_equal(r.row[r.n_row - 1].kind, CLOCK_ROW_MOVED);
    assert_int_equal(r.total, 5);
    is_day(count(f, "P2D", log, 1, "2026-09-28 10:00").due, "2026-09-30");
    is_day(count(f, "P1M", log, 1, "2026-09-28 10:00").due, "2026-10-28");
    log[0].at_ms = at(f, "2026-01-31 09:00");
    /* no 31st; the 28th is made up, so a working day */
    is_day(count(f, "P1M", log, 1, "2026-02-01 10:00").due, "2026-02-28");
    r = count(f, "PT4H", log, 1, "2026-01-31 10:30");
    assert_int_equal(r.due_ms, at(f, "2026-01-31 13:00")); /* counted from the moment, on any day */
    assert_int_equal(r.used, 1);
    assert_int_equal(r.remaining, 3);
    assert_false(r.provisional);
    assert_true(count(f, "PT4H", log, 1, "2026-01-31 13:00").late);
    log[0].at_ms = at(f, "2026-12-28 09:00");
    r = count(f, "5 working days", log, 1, "2026-12-28 10:00");
    is_day(r.due, "2027-01-04");
    assert_true(r.provisional && r.row[r.n_row - 1].provisional && !r.row[1].provisional);
}

static void test_pauses(void **state) {
    struct fixture *f = *state;
    struct clock_event log[] = { { .at_ms = at(f, "2026-11-02 09:00"), .kind = CLOCK_ACCEPT },
        { .at_ms = at(f, "2026-11-04 15:00"), .kind = CLOCK_PAUSE, .reason = S("supplement"),
            .basis = S("行政许可法第三十二条") },
        { .at_ms = at(f, "2026-11-11 10:00"), .kind = CLOCK_RESUME }, { .at_ms = at(f, "2026-11-12 10:00"),
            .kind = CLOCK_EXTEND, .n = 2,
        .reason = S("head-approved") } };
    /* 3, 4 counted; 5..11 out; 12, 13, 16 counted. */
    struct clock_result r = count(f, "5 working days", log, 3, "2026-11-12 10:00");
    is_day(r.due, "2026-11-16");
    assert_int_equal(r.used, 3);
    assert_int_equal(r.row[3].kind, CLOCK_ROW_PAUSED);
    assert_true(str_eq(r.row[3].text, S("supplement")) && str_eq(r.row[3].basis, S("行政许可法第三十二条")));
    r = count(f, "5 working days", log, 4, "2026-11-12 10:00");
    is_day(r.due, "2026-11-18");
    assert_int_equal(r.total, 7);
    /* While it stands: as if it resumed today. */
    r = count(f, "5 working days", log, 2, "2026-11-20 10:00");
    assert_true(r.state == CLOCK_PAUSED && !r.late && str_eq(r.pause_reason, S("supplement")));
    assert_int_equal(r.used, 2);
    assert_int_equal(r.remaining, 3);
    is_day(r.due, "2026-11-25");
    /* Paused on the last day itself: the day of resumption becomes the last. */
    r = count(f, "2 working days", log, 3, "2026-11-11 11:00");
    is_day(r.due, "2026-11-11");
    assert_false(r.late);
    /* Resumed on a Saturday: moved on to Monday. */
    log[2].at_ms = at(f, "2026-11-14 10:00");
    is_day(count(f, "2 working days", log, 3, "2026-11-14 11:00").due, "2026-11-16");
    /* A pause within one day takes nothing out. */
    log[2].at_ms = at(f, "2026-11-04 16:00");
    is_day(count(f, "5 working days", log, 3, "2026-11-04 17:00").due, "2026-11-09");
    assert_int_equal(count(f, "PT40H", log, 3, "2026-11-04 17:00").due_ms, at(f, "2026-11-04 01:00"));
    assert_int_equal(count(f, "PT60H", log, 3, "2026-11-04 17:00").due_ms, at(f, "2026-11-04 22:00"));
    /* Calendar days and months lengthen by the days taken out. */
    log[2].at_ms = at(f, "2026-11-11 10:00");
    is_day(count(f, "P10D", log, 3, "2026-11-12 10:00").due, "2026-11-19");
    is_day(count(f, "P1M", log, 3, "2026-11-12 10:00").due, "2026-12-09");
    /* finished while paused */
    log[3] = (struct clock_event){ .at_ms = at(f, "2026-11-06 10:00"), .kind = CLOCK_FINISH };
    struct clock_event closed[] = { log[0], log[1], log[3] };
    /* analyzer -Wanalyzer-use-of-uninitialized-value: gcc 12 loses a returned struct's bools */
    r = count(f, "2 working days", closed, 3, "2027-01-01 00:00");
    assert_true(r.state == CLOCK_FINISHED && !r.late && r.used == 2);
}

static void refused(struct fixture *f, const struct clock_event *log, size_t n, int want) {
    struct clock_limit l = { 5, CLOCK_WORKING_DAYS, CLOCK_LAW };
    struct clock_result r;
    struct err e;
    assert_int_equal(clock_count(f->c, f->tz, l, &f->rules, log, n, 2000000000000, NULL, &r, &e), want);
}

static void test_refused(void **state) {
    struct fixture *f = *state;
    const struct clock_event accept = { .at_ms = 1000, .kind = CLOCK_ACCEPT }, resume = { .at_ms = 2000,
        .kind = CLOCK_RESUME },
        pause = { .at_ms = 2000, .kind = CLOCK_PAUSE, .reason = S("hearing") }, finish = { .at_ms = 3000,
            .kind = CLOCK_FINISH },
        whim = { .at_ms = 2000, .kind = CLOCK_PAUSE, .reason = S("busy") }, silent = { .at_ms = 2000,
            .kind = CLOCK_PAUSE },
        extend = { .at_ms = 2000, .kind = CLOCK_EXTEND, .n = 5, .reason = S("hearing") },
        none = { .at_ms = 2000, .kind = CLOCK_EXTEND, .n = 0, .reason = S("head-approved") };
    refused(f, (const struct clock_event[]){ resume }, 1, ERR_STATE);
    refused(f, (const struct clock_event[]){ accept, accept }, 2, ERR_STATE);
    refused(f, (const struct clock_event[]){ accept, resume }, 2, ERR_STATE);
    refused(f, (const struct clock_event[]){ accept, pause, pause }, 3, ERR_STATE);
    refused(f, (const struct clock_event[]){ accept, finish, pause }, 3, ERR_STATE);
    refused(f, (const struct clock_event[]){ accept, finish, finish }, 3, ERR_STATE);
    refused(f, (const struct clock_event[]){ accept, finish, accept }, 3, ERR_STATE);
    refused(f, (const struct clock_event[]){ accept, whim }, 2, ERR_CODE);
    refused(f, (const struct clock_event[]){ accept, silent }, 2, ERR_CODE);
    refused(f, (const struct clock_event[]){ accept, extend }, 2, ERR_CODE); /* a pause reason does not extend */
    refused(f, (const struct clock_event[]){ accept, none }, 2, ERR_RANGE);
    static struct clock_event many[2 * CLOCK_PAUSES_MAX + 2];
    many[0] = accept;
    for (size_t i = 0; i <= CLOCK_PAUSES_MAX; i++) many[2 * i + 1] = pause,
        many[2 * i + 2 < 2 * CLOCK_PAUSES_MAX + 2 ? 2 * i + 2 : 0] = resume;
    many[0] = accept;
    refused(f, many, 2 * CLOCK_PAUSES_MAX + 2, ERR_LIMIT);
    struct clock_result r;
    struct err e;
    struct clock_limit endless = { 20001, CLOCK_CALENDAR_DAYS, CLOCK_LAW };
    assert_int_equal(clock_count(f->c, f->tz, endless, &f->rules, &accept, 1, 5000, NULL, &r, &e), ERR_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar), cmocka_unit_test(test_calendar_rows), cmocka_unit_test(test_limit_text),
        cmocka_unit_test(test_plain), cmocka_unit_test(test_other_units), cmocka_unit_test(test_pauses),
            cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
