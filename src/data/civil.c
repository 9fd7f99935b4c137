/* civil: days of the proleptic Gregorian calendar; see tz.h. Computed from March, so that the leap day is a year's
 * last and an era of 400 years has 146,097 days. Years -262,000 to 262,000 are safe in 32 bits.
 */
#include "data/tz.h"

enum { ERA_DAYS = 146097, EPOCH_SHIFT = 719468 };

static unsigned month_days(int32_t year, unsigned month) {
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool civil_valid(int32_t year, unsigned month, unsigned day) {
    return month >= 1 && month <= 12 && day >= 1 && day <= month_days(year, month);
}

struct civil_date civil_of(int32_t year, unsigned month, unsigned day) {
    int32_t y = month <= 2 ? year - 1 : year;
    int32_t era = (y >= 0 ? y : y - 399) / 400;
    int32_t in_era = y - era * 400;
    int32_t from_march = month > 2 ? (int32_t)month - 3 : (int32_t)month + 9;
    int32_t in_year = (153 * from_march + 2) / 5 + (int32_t)day - 1;
    int32_t day_of_era = in_era * 365 + in_era / 4 - in_era / 100 + in_year;
    return (struct civil_date){ era * ERA_DAYS + day_of_era - EPOCH_SHIFT };
}

void civil_split(struct civil_date d, int32_t *year, unsigned *month, unsigned *day) {
    int64_t z = (int64_t)d.day + EPOCH_SHIFT;
    int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
    int64_t doe = z - era * ERA_DAYS;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int32_t)(yoe + era * 400 + (*month <= 2));
}

unsigned civil_weekday(struct civil_date d) {
    int32_t w = (d.day % 7 + 7) % 7; /* 0 is a Thursday */
    return (unsigned)((w + 3) % 7) + 1;
}

/* One ASCII or full-width character at *at, as ASCII; 0 at the end, -1 for anything else. The three signs of a
 * Chinese date come back as 'Y', 'M' and 'D'. */
static int32_t sign_at(struct str s, size_t *at) {
    if (*at >= s.len) return 0;
    int32_t cp = str_utf8_next(s, at);
    if (cp >= 0xff01 && cp <= 0xff5e) return cp - 0xfee0;
    switch (cp) {
    case 0x5e74: return 'Y';
    case 0x6708: return 'M';
    case 0x65e5: return 'D';
    default: return cp > 0 && cp < 0x80 && cp != 'Y' && cp != 'M' && cp != 'D' ? cp : -1;
    }
}

/* Reads a number of least..most digits and the sign behind it. */
static bool number(struct str s, size_t *at, unsigned least, unsigned most, int32_t *ret, int32_t *sign) {
    unsigned n = 0;
    *ret = 0;
    for (;;) {
        *sign = sign_at(s, at);
        if (*sign < '0' || *sign > '9') break;
        if (++n > most) return false;
        *ret = *ret * 10 + (*sign - '0');
    }
    return n >= least;
}

bool civil_parse(struct str s, struct civil_date *ret) {
    size_t at = 0;
    int32_t year, month, day, sign;
    s = str_trim(s);
    if (!number(s, &at, 4, 4, &year, &sign)) return false;
    if (sign != '-' && sign != '/' && sign != 'Y') return false;
    unsigned least = sign == '-' ? 2 : 1;
    int32_t want = sign == 'Y' ? 'M' : sign;
    if (!number(s, &at, least, 2, &month, &sign) || sign != want) return false;
    want = want == 'M' ? 'D' : 0;
    if (!number(s, &at, least, 2, &day, &sign) || sign != want || at < s.len) return false;
    if (!civil_valid(year, (unsigned)month, (unsigned)day)) return false;
    *ret = civil_of(year, (unsigned)month, (unsigned)day);
    return true;
}

void civil_write(struct buf *b, struct civil_date d) {
    int32_t year;
    unsigned month, day;
    civil_split(d, &year, &month, &day);
    if (year < 0) buf_add_char(b, '-');
    buf_add_digits(b, (uint64_t)(year < 0 ? -(int64_t)year : year), 4);
    buf_add_char(b, '-'), buf_add_digits(b, month, 2);
    buf_add_char(b, '-'), buf_add_digits(b, day, 2);
}
