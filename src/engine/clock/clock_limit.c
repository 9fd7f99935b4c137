/* clock_limit: the texts of limits. TO ADD A FORM: a row in `forms`, a row in the test. A text is a number and one
 * of the forms behind it; the ISO 8601 forms are read apart, because their unit's letter comes in a frame.
 */
#include "engine/clock/clock.h"

enum { N_MAX = 9999 };

struct form {
    struct str text; /* behind the number, blanks trimmed */
    enum clock_unit unit;
    int32_t times;
};

static const struct form forms[] = {
    { S_INIT("working days"), CLOCK_WORKING_DAYS, 1 },
    { S_INIT("working day"), CLOCK_WORKING_DAYS, 1 },
    { S_INIT("calendar days"), CLOCK_CALENDAR_DAYS, 1 },
    { S_INIT("calendar day"), CLOCK_CALENDAR_DAYS, 1 },
    { S_INIT("days"), CLOCK_CALENDAR_DAYS, 1 },
    { S_INIT("day"), CLOCK_CALENDAR_DAYS, 1 },
    { S_INIT("hours"), CLOCK_HOURS, 1 },
    { S_INIT("hour"), CLOCK_HOURS, 1 },
    { S_INIT("months"), CLOCK_MONTHS, 1 },
    { S_INIT("month"), CLOCK_MONTHS, 1 },
    { S_INIT("years"), CLOCK_MONTHS, 12 },
    { S_INIT("year"), CLOCK_MONTHS, 12 },
    { S_INIT("个工作日"), CLOCK_WORKING_DAYS, 1 },
    { S_INIT("工作日"), CLOCK_WORKING_DAYS, 1 },
    { S_INIT("个自然日"), CLOCK_CALENDAR_DAYS, 1 },
    { S_INIT("日"), CLOCK_CALENDAR_DAYS, 1 },
    { S_INIT("天"), CLOCK_CALENDAR_DAYS, 1 },
    { S_INIT("小时"), CLOCK_HOURS, 1 },
    { S_INIT("个小时"), CLOCK_HOURS, 1 },
    { S_INIT("个月"), CLOCK_MONTHS, 1 },
    { S_INIT("年"), CLOCK_MONTHS, 12 },
};

static bool set(struct clock_limit *l, uint64_t n, int32_t times, enum clock_unit unit) {
    if (n > (uint64_t)(N_MAX / times)) return false;
    *l = (struct clock_limit){ (int32_t)n * times, unit, CLOCK_LAW };
    return true;
}

/* PnD, PnW, PnM, PnY, PTnH (ISO 8601 durations of one component). */
static bool parse_iso(struct str s, struct clock_limit *l) {
    uint64_t n;
    bool time = s.len > 1 && s.ptr[1] == 'T';
    struct str number = str_sub(s, time ? 2 : 1, s.len);
    if (number.len < 2 || !str_to_u64(str_sub(number, 0, number.len - 1), &n)) return false;
    switch (number.ptr[number.len - 1]) {
    case 'D': return !time && set(l, n, 1, CLOCK_CALENDAR_DAYS);
    case 'W': return !time && set(l, n, 7, CLOCK_CALENDAR_DAYS);
    case 'M': return !time && set(l, n, 1, CLOCK_MONTHS);
    case 'Y': return !time && set(l, n, 12, CLOCK_MONTHS);
    case 'H': return time && set(l, n, 1, CLOCK_HOURS);
    default: return false;
    }
}

int clock_limit_parse(struct str text, struct clock_limit *ret, struct err *e) {
    struct str s = str_trim(text);
    if (s.len && s.ptr[0] == 'P' && parse_iso(s, ret)) return 0;
    size_t digits = 0;
    while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9') digits++;
    uint64_t n;
    if (str_to_u64(str_sub(s, 0, digits), &n)) {
        struct str rest = str_trim(str_sub(s, digits, s.len));
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
            if (str_eq(rest, forms[i].text) && set(ret, n, forms[i].times, forms[i].unit)) return 0;
    }
    return err_set(e, ERR_FORMAT, "5 working days, P3D, P1M, PT4H");
}

void clock_limit_write(struct buf *b, struct clock_limit l) {
    switch (l.unit) {
    case CLOCK_WORKING_DAYS: buf_add_fmt(b, "%d working day%s", l.n, l.n == 1 ? "" : "s"); break;
    case CLOCK_CALENDAR_DAYS: buf_add_fmt(b, "P%dD", l.n); break;
    case CLOCK_HOURS: buf_add_fmt(b, "PT%dH", l.n); break;
    case CLOCK_MONTHS: buf_add_fmt(b, "P%dM", l.n); break;
    }
}
