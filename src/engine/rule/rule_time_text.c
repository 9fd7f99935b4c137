/* rule_time_text: the text forms of dates, times and durations, both ways (XML Schema part 2 as FEEL narrows it:
 * four digits of year or more without a leading zero, no bare hour, zones as offset or as @Area/Place).
 * Invariant: what is written is read back as the same value.
 */
#include "engine/rule/rule_in.h"

enum { DIGITS_MAX = 18 };

/* `least`..`most` digits at *at. */
static bool digits(struct str s, size_t *at, size_t least, size_t most, int64_t *ret) {
    size_t n = 0;
    int64_t v = 0;
    while (*at < s.len && n < most && s.ptr[*at] >= '0' && s.ptr[*at] <= '9') v = v * 10 + (s.ptr[(*at)++] - '0'), n++;
    *ret = v;
    return n >= least;
}

static bool is(struct str s, size_t *at, char c) {
    if (*at >= s.len || s.ptr[*at] != c) return false;
    (*at)++;
    return true;
}

static bool date_at(struct str s, size_t *at, struct date *ret) {
    bool minus = is(s, at, '-');
    size_t from = *at;
    int64_t y, m, d;
    if (!digits(s, at, 4, 9, &y) || (*at - from > 4 && s.ptr[from] == '0')) return false;
    if (!is(s, at, '-') || !digits(s, at, 2, 2, &m) || !is(s, at, '-') || !digits(s, at, 2, 2, &d)) return false;
    if (minus) y = -y;
    if (!rule_date_valid(y, m, d)) return false;
    *ret = (struct date){ (int32_t)y, (uint8_t)m, (uint8_t)d };
    return true;
}

bool rule_date_parse(struct str s, struct date *ret) {
    size_t at = 0;
    return date_at(s, &at, ret) && at == s.len;
}

static bool zone_at(struct run *run, struct str s, size_t *at, struct moment *m) {
    if (*at == s.len) return true;
    if (is(s, at, 'Z')) {
        m->zone = ZONE_OFFSET;
        m->offset_s = 0;
        return true;
    }
    if (is(s, at, '@')) {
        m->zone = ZONE_NAMED;
        m->tz_name = str_sub(s, *at, s.len);
        m->tz = rule_zone_find(run, m->tz_name);
        *at = s.len;
        return m->tz != NULL;
    }
    bool minus = s.ptr[*at] == '-';
    int64_t h, min, sec = 0;
    if (!minus && s.ptr[*at] != '+') return false;
    (*at)++;
    if (!digits(s, at, 2, 2, &h) || !is(s, at, ':') || !digits(s, at, 2, 2, &min)) return false;
    if (is(s, at, ':') && !digits(s, at, 2, 2, &sec)) return false;
    int64_t o = h * 3600 + min * 60 + sec;
    if (min > 59 || sec > 59 || o > 18 * 3600) return false;
    m->zone = ZONE_OFFSET;
    m->offset_s = (int32_t)(minus ? -o : o);
    return true;
}

static bool time_at(struct run *run, struct str s, size_t *at, struct moment *m) {
    int64_t h, min, sec, nano = 0;
    if (!digits(s, at, 2, 2, &h) || !is(s, at, ':') || !digits(s, at, 2, 2, &min) || !is(s, at, ':')) return false;
    if (!digits(s, at, 2, 2, &sec)) return false;
    if (is(s, at, '.')) {
        size_t from = *at;
        if (!digits(s, at, 1, 9, &nano)) return false;
        for (size_t n = *at - from; n < 9; n++) nano *= 10;
        int64_t rest;
        (void)digits(s, at, 0, DIGITS_MAX, &rest); /* finer than a nanosecond is cut off */
    }
    if (h > 24 || min > 59 || sec > 59 || (h == 24 && (min || sec || nano))) return false;
    m->hour = (uint8_t)h;
    m->minute = (uint8_t)min;
    m->second = (uint8_t)sec;
    m->nano = (uint32_t)nano;
    return zone_at(run, s, at, m);
}

bool rule_time_parse(struct run *run, struct str s, struct moment *ret) {
    size_t at = 0;
    struct moment m = { 0 };
    if (!time_at(run, s, &at, &m) || at != s.len) return false;
    if (m.hour == 24) m.hour = 0;
    *ret = m;
    return true;
}

bool rule_datetime_parse(struct run *run, struct str s, struct moment *ret) {
    size_t at = 0;
    struct moment m = { 0 };
    if (!date_at(s, &at, &m.date)) return false;
    if (!is(s, &at, 'T') || !time_at(run, s, &at, &m) || at != s.len) return false;
    if (m.hour == 24) {
        m.hour = 0;
        m.date = rule_date_of_days(rule_date_days(m.date) + 1);
        if (!rule_date_in_reach(m.date.year)) return false;
    }
    *ret = m;
    return true;
}

/* One component "nU" of a duration, if the next one ends in `unit`. */
static bool part(struct str s, size_t *at, char unit, int64_t *ret) {
    size_t from = *at;
    int64_t v;
    if (digits(s, at, 1, DIGITS_MAX, &v) && is(s, at, unit)) {
        *ret = v;
        return true;
    }
    *at = from;
    return false;
}

static bool time_parts(struct str s, size_t *at, int64_t *total, int64_t *nano) {
    int64_t h = 0, m = 0, sec = 0;
    bool any = part(s, at, 'H', &h);
    any |= part(s, at, 'M', &m);
    size_t from = *at;
    if (digits(s, at, 1, DIGITS_MAX, &sec)) {
        if (is(s, at, '.')) {
            size_t point = *at;
            if (!digits(s, at, 1, 9, nano)) return false;
            for (size_t n = *at - point; n < 9; n++) *nano *= 10;
        }
        if (!is(s, at, 'S')) return false;
        any = true;
    } else {
        *at = from;
    }
    int64_t seconds;
    if (!any || __builtin_mul_overflow(h, (int64_t)3600, &h) || __builtin_mul_overflow(m, (int64_t)60, &m))
        return false;
    if (__builtin_add_overflow(h, m, &seconds) || __builtin_add_overflow(seconds, sec, &seconds)) return false;
    return !__builtin_add_overflow(*total, seconds, total);
}

bool rule_duration_parse(struct str s, struct value *ret) {
    size_t at = 0;
    bool minus = is(s, &at, '-');
    if (!is(s, &at, 'P') || at == s.len) return false;
    int64_t y = 0, m = 0, d = 0, total, nano = 0;
    bool years = part(s, &at, 'Y', &y), months = part(s, &at, 'M', &m);
    if (years || months) {
        if (at != s.len || __builtin_mul_overflow(y, (int64_t)12, &y) || __builtin_add_overflow(y, m, &y)) return false;
        *ret = (struct value){ .kind = V_YMD, .u.months = minus ? -y : y };
        return true;
    }
    (void)part(s, &at, 'D', &d);
    if (__builtin_mul_overflow(d, (int64_t)86400, &total)) return false;
    if (is(s, &at, 'T') && !time_parts(s, &at, &total, &nano)) return false;
    if (at != s.len) return false;
    *ret = rule_span_value(minus ? -total : total, minus ? -nano : nano);
    return true;
}

struct value rule_at_literal(struct run *run, struct str s) {
    struct value v;
    struct moment m;
    if (rule_date_parse(s, &v.u.date)) {
        v.kind = V_DATE;
        return v;
    }
    if (rule_datetime_parse(run, s, &m)) return rule_moment_value(run, V_DATETIME, m);
    if (rule_time_parse(run, s, &m)) return rule_moment_value(run, V_TIME, m);
    if (rule_duration_parse(s, &v)) return v;
    return NULL_VALUE;
}

static void write_date(struct buf *b, struct date d) {
    if (d.year < 0) buf_add_char(b, '-');
    buf_add_fmt(b, "%04d-%02u-%02u", d.year < 0 ? -d.year : d.year, d.month, d.day);
}

static void write_fraction(struct buf *b, uint32_t nano) {
    if (nano == 0) return;
    char t[9];
    size_t n = 9;
    for (size_t i = 9; i-- > 0; nano /= 10) t[i] = (char)('0' + nano % 10);
    while (t[n - 1] == '0') n--;
    buf_add_char(b, '.');
    buf_add(b, str_make(t, n));
}

static void write_clock(struct buf *b, const struct moment *m) {
    buf_add_fmt(b, "%02u:%02u:%02u", m->hour, m->minute, m->second);
    write_fraction(b, m->nano);
    if (m->zone == ZONE_NAMED) {
        buf_add_char(b, '@');
        buf_add(b, m->tz_name);
    } else if (m->zone == ZONE_OFFSET) {
        int32_t o = m->offset_s < 0 ? -m->offset_s : m->offset_s;
        if (o == 0) buf_add_char(b, 'Z');
        else buf_add_fmt(b, "%c%02d:%02d", m->offset_s < 0 ? '-' : '+', o / 3600, o / 60 % 60);
        if (o % 60) buf_add_fmt(b, ":%02d", o % 60);
    }
}

static void write_span(struct buf *b, struct span d) {
    uint64_t s = d.s < 0 ? 0 - (uint64_t)d.s : (uint64_t)d.s;
    uint32_t nano = (uint32_t)(d.nano < 0 ? -d.nano : d.nano);
    if (d.s < 0 || d.nano < 0) buf_add_char(b, '-');
    buf_add_char(b, 'P');
    if (s >= 86400 || (s == 0 && nano == 0)) buf_add_fmt(b, "%lluD", (unsigned long long)(s / 86400));
    s %= 86400;
    if (s == 0 && nano == 0) return;
    buf_add_char(b, 'T');
    if (s >= 3600) buf_add_fmt(b, "%lluH", (unsigned long long)(s / 3600));
    s %= 3600;
    if (s >= 60) buf_add_fmt(b, "%lluM", (unsigned long long)(s / 60));
    s %= 60;
    if (s == 0 && nano == 0) return;
    buf_add_u64(b, s);
    write_fraction(b, nano);
    buf_add_char(b, 'S');
}

void rule_time_write(struct buf *b, struct value v) {
    switch (v.kind) {
    case V_DATE: write_date(b, v.u.date); break;
    case V_TIME: write_clock(b, v.u.at); break;
    case V_DATETIME:
        write_date(b, v.u.at->date);
        buf_add_char(b, 'T');
        write_clock(b, v.u.at);
        break;
    case V_DTD: write_span(b, v.u.span); break;
    case V_YMD: {
        uint64_t m = v.u.months < 0 ? 0 - (uint64_t)v.u.months : (uint64_t)v.u.months;
        if (v.u.months < 0) buf_add_char(b, '-');
        buf_add_char(b, 'P');
        if (m >= 12) buf_add_fmt(b, "%lluY", (unsigned long long)(m / 12));
        if (m % 12 || m == 0) buf_add_fmt(b, "%lluM", (unsigned long long)(m % 12));
        break;
    }
    default: break;
    }
}
