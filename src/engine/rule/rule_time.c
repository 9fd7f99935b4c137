/* rule_time: dates, times and durations of FEEL (DMN 1.5 sections 10.3.2.3.4-8) and their arithmetic.
 * Invariants: years lie in -999,999,999..999,999,999 and days in 64 bits, so no sum overflows; a moment's fields
 * are valid (24:00:00 is kept as read and counts as the next midnight).
 */
#include "engine/rule/rule_in.h"

enum { DAY_S = 86400, YEAR_MAX = 999999999, ERA_DAYS = 146097, EPOCH_SHIFT = 719468 };

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

bool rule_date_in_reach(int64_t year) {
    return year >= -YEAR_MAX && year <= YEAR_MAX;
}

static bool leap(int64_t y) {
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

bool rule_date_valid(int64_t year, int64_t month, int64_t day) {
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (!rule_date_in_reach(year) || month < 1 || month > 12 || day < 1) return false;
    return day <= (month == 2 && leap(year) ? 29 : days[month - 1]);
}

int64_t rule_date_days(struct date d) {
    int64_t y = d.month <= 2 ? (int64_t)d.year - 1 : d.year;
    int64_t era = floor_div(y, 400), yoe = y - era * 400;
    int64_t mp = d.month > 2 ? d.month - 3 : d.month + 9;
    int64_t doy = (153 * mp + 2) / 5 + d.day - 1;
    return era * ERA_DAYS + yoe * 365 + yoe / 4 - yoe / 100 + doy - EPOCH_SHIFT;
}

struct date rule_date_of_days(int64_t days) {
    int64_t z = days + EPOCH_SHIFT, era = floor_div(z, ERA_DAYS), doe = z - era * ERA_DAYS;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    struct date d;
    d.day = (uint8_t)(doy - (153 * mp + 2) / 5 + 1);
    d.month = (uint8_t)(mp < 10 ? mp + 3 : mp - 9);
    d.year = (int32_t)(yoe + era * 400 + (d.month <= 2));
    return d;
}

struct date rule_date_add_months(struct date d, int64_t months) {
    int64_t m = (int64_t)d.year * 12 + d.month - 1 + months;
    int64_t y = floor_div(m, 12), month = m - y * 12 + 1, day = d.day;
    while (day > 28 && !rule_date_valid(y, month, day)) day--;
    if (!rule_date_in_reach(y)) y = y < 0 ? -YEAR_MAX - 1 : YEAR_MAX + 1; /* the caller refuses it */
    return (struct date){ (int32_t)y, (uint8_t)month, (uint8_t)day };
}

const struct tz *rule_zone_find(struct run *run, struct str name) {
    for (size_t i = 0; i < run->n_zone; i++)
        if (str_eq(run->zone[i].name, name)) return run->zone[i].tz;
    struct tz *tz;
    if (tz_load(run->arena, name, &tz, NULL)) return NULL;
    if (run->n_zone < sizeof run->zone / sizeof *run->zone) run->zone[run->n_zone++] = (struct zone_name){ name, tz };
    return tz;
}

struct value rule_moment_value(struct run *run, enum kind kind, struct moment m) {
    struct moment *at = rule_run_alloc(run, 1, sizeof *at);
    if (!at) return NULL_VALUE;
    if (m.zone == ZONE_NAMED && m.tz && kind == V_DATETIME) {
        /* The zone tables reach years that fit them; far years keep the zone's last rules by the same weekday cycle. */
        struct civil_time t = { .year = m.date.year > -9999 && m.date.year < 9999 ? m.date.year
            : 2000 + m.date.year % 400,
                                .month = m.date.month, .day = m.date.day, .hour = (uint8_t)(m.hour % 24),
                                    .minute = m.minute,
                                .second = m.second };
        if (!civil_valid(t.year, t.month, t.day)) t.day = 28;
        m.offset_s = tz_offset_s(m.tz, tz_instant_ms(m.tz, &t));
    } else if (m.zone == ZONE_NAMED && m.tz) {
        m.offset_s = tz_offset_s(m.tz, 0);
    }
    *at = m;
    return (struct value){ .kind = kind, .u.at = at };
}

int32_t rule_moment_offset(const struct moment *m) {
    return m->zone == ZONE_NONE ? 0 : m->offset_s;
}

int64_t rule_moment_seconds(const struct moment *m, bool with_date) {
    int64_t s = (int64_t)m->hour * 3600 + m->minute * 60 + m->second - rule_moment_offset(m);
    return with_date ? s + rule_date_days(m->date) * DAY_S : s;
}

struct moment rule_date_midnight_utc(struct date d) {
    return (struct moment){ .date = d, .zone = ZONE_OFFSET };
}

struct value rule_span_value(int64_t s, int64_t nano) {
    s += nano / 1000000000;
    nano %= 1000000000;
    if (s > 0 && nano < 0) s--, nano += 1000000000;
    if (s < 0 && nano > 0) s++, nano -= 1000000000;
    return (struct value){ .kind = V_DTD, .u.span = { s, (int32_t)nano } };
}

/* A moment moved by seconds and nanoseconds of local time; named zones take their new offset from the new day. */
static bool shift_moment(struct run *run, struct value at, int64_t s, int64_t nano, struct value *ret) {
    struct moment m = *at.u.at;
    int64_t n = (int64_t)m.nano + nano, sec = (int64_t)m.hour * 3600 + m.minute * 60 + m.second;
    int64_t carry = floor_div(n, 1000000000), day;
    if (__builtin_add_overflow(sec, s, &sec)) return false;
    sec += carry;
    m.nano = (uint32_t)(n - carry * 1000000000);
    day = floor_div(sec, DAY_S);
    sec -= day * DAY_S;
    m.hour = (uint8_t)(sec / 3600);
    m.minute = (uint8_t)(sec / 60 % 60);
    m.second = (uint8_t)(sec % 60);
    if (at.kind == V_DATETIME) {
        day += rule_date_days(m.date);
        if (day < -366000000000 || day > 366000000000) return false;
        m.date = rule_date_of_days(day);
        if (!rule_date_in_reach(m.date.year)) return false;
    }
    *ret = rule_moment_value(run, at.kind, m);
    return true;
}

static bool shift_date(struct value at, struct value by, int sign, struct value *ret) {
    if (by.kind == V_YMD) {
        *ret = (struct value){ .kind = V_DATE, .u.date = rule_date_add_months(at.u.date, sign * by.u.months) };
        return rule_date_in_reach(ret->u.date.year);
    }
    int64_t s = sign * by.u.span.s, nano = (int64_t)sign * by.u.span.nano;
    if (s < -3153600000000000 || s > 3153600000000000) return false;
    if (nano < 0) s--;
    struct date d = rule_date_of_days(rule_date_days(at.u.date) + floor_div(s, DAY_S));
    *ret = (struct value){ .kind = V_DATE, .u.date = d };
    return rule_date_in_reach(d.year);
}

bool rule_time_shift(struct run *run, struct value at, struct value by, int sign, struct value *ret) {
    if (by.kind == V_YMD && (by.u.months > 24000000000 || by.u.months < -24000000000)) return false;
    if (by.kind == V_DTD && by.u.span.s == INT64_MIN) return false;
    if (at.kind == V_DATE) return shift_date(at, by, sign, ret);
    if (by.kind == V_DTD) return shift_moment(run, at, sign * by.u.span.s, (int64_t)sign * by.u.span.nano, ret);
    if (at.kind != V_DATETIME) return false;
    struct moment m = *at.u.at;
    m.date = rule_date_add_months(m.date, sign * by.u.months);
    if (!rule_date_in_reach(m.date.year)) return false;
    *ret = rule_moment_value(run, V_DATETIME, m);
    return true;
}
