/* tz: zones from TZif files of version 2 or later (RFC 8536), with their POSIX footer for the times behind the last
 * transition. A struct tz is immutable and may be read by many threads.
 *
 * Invariants
 *  1. at_s is strictly ascending and every kind index is below n_kind: a file where that fails is refused as damaged.
 *  2. Offsets lie within a day either way, so that a civil time is at most 24 hours from its instant (tz_instant_ms).
 *  3. A zone's name never leaves the zone folder: letters, digits and _+-/ only, and no empty or dotted part.
 */
#include "data/tz.h"

#include "os/os.h"

#include <string.h>

enum { FILE_BYTES_MAX = 128 * 1024, NAME_BYTES_MAX = 64, TRANSITIONS_MAX = 8192, KINDS_MAX = 256, DAY_S = 86400,
    RULE_TIME_S_MAX = 167 * 3600 };

/* One change of the footer: the day rule, and seconds of local time on that day (may be negative or over a day). */
struct change {
    char form; /* 'M' month.week.weekday, 'J' day 1..365 without 29 February, 'N' day 0..365 */
    int32_t month, week, day, time_s;
};

struct tz {
    const int64_t *at_s; /* transitions, UTC seconds */
    const uint8_t *kind; /* local time type from then on */
    size_t n;
    const int32_t *offset_s;
    size_t n_kind;
    bool has_rule, has_dst;
    int32_t std_s, dst_s;
    struct change start, end;
};

static uint32_t be32(const char *p) {
    const unsigned char *u = (const unsigned char *)p;
    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static int64_t be64(const char *p) {
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* ---- the POSIX footer (POSIX.1 "TZ", with RFC 8536 section 3.3.1's longer hours) ---- */

static bool skip_name(struct str *s) {
    size_t n = 0;
    if (s->len && s->ptr[0] == '<') {
        n = str_find_char(*s, '>', 0);
        if (n == SIZE_MAX || n < 4) return false;
        *s = str_sub(*s, n + 1, s->len);
        return true;
    }
    while (n < s->len && ((s->ptr[n] >= 'A' && s->ptr[n] <= 'Z') || (s->ptr[n] >= 'a' && s->ptr[n] <= 'z'))) n++;
    *s = str_sub(*s, n, s->len);
    return n >= 3;
}

static bool take(struct str *s, char c) {
    if (s->len == 0 || s->ptr[0] != c) return false;
    *s = str_sub(*s, 1, s->len);
    return true;
}

static bool take_number(struct str *s, int32_t most, int32_t *ret) {
    size_t n = 0;
    int32_t v = 0;
    while (n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9') {
        v = v * 10 + (s->ptr[n++] - '0');
        if (v > most) return false;
    }
    *s = str_sub(*s, n, s->len);
    *ret = v;
    return n > 0;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct str *s, int32_t *ret) {
    int32_t h, m = 0, sec = 0;
    bool minus = take(s, '-');
    if (!minus) (void)take(s, '+');
    if (!take_number(s, 167, &h)) return false;
    if (take(s, ':') && !take_number(s, 59, &m)) return false;
    if (take(s, ':') && !take_number(s, 59, &sec)) return false;
    *ret = h * 3600 + m * 60 + sec;
    if (minus) *ret = -*ret;
    return *ret >= -RULE_TIME_S_MAX && *ret <= RULE_TIME_S_MAX;
}

static bool take_change(struct str *s, struct change *c) {
    *c = (struct change){ .form = 'N', .time_s = 2 * 3600 };
    if (!take(s, ',')) return false;
    if (take(s, 'M')) {
        c->form = 'M';
        if (!take_number(s, 12, &c->month) || c->month < 1 || !take(s, '.')) return false;
        if (!take_number(s, 5, &c->week) || c->week < 1 || !take(s, '.')) return false;
        if (!take_number(s, 6, &c->day)) return false;
    } else {
        if (take(s, 'J')) c->form = 'J';
        if (!take_number(s, 365, &c->day) || (c->form == 'J' && c->day < 1)) return false;
    }
    return !take(s, '/') || take_time(s, &c->time_s);
}

static bool parse_rule(struct tz *tz, struct str s) {
    if (s.len == 0) return true; /* no rule: the last type holds on */
    if (!skip_name(&s) || !take_time(&s, &tz->std_s)) return false;
    tz->std_s = -tz->std_s;
    if (tz->std_s < -DAY_S || tz->std_s > DAY_S) return false;
    tz->has_rule = true;
    if (s.len == 0) return true;
    if (!skip_name(&s)) return false;
    tz->dst_s = tz->std_s + 3600;
    if (s.len && s.ptr[0] != ',') {
        if (!take_time(&s, &tz->dst_s)) return false;
        tz->dst_s = -tz->dst_s;
    }
    if (tz->dst_s < -DAY_S || tz->dst_s > DAY_S) return false;
    tz->has_dst = true;
    return take_change(&s, &tz->start) && take_change(&s, &tz->end) && s.len == 0;
}

/* Local seconds since 1970 at which the change happens in `year`, by the clock that runs before it. */
static int64_t change_at(const struct change *c, int32_t year) {
    struct civil_date d;
    if (c->form == 'M') {
        d = civil_of(year, (unsigned)c->month, 1);
        int32_t first = (int32_t)(civil_weekday(d) % 7); /* Sunday 0, as POSIX counts */
        d.day += (c->day - first + 7) % 7 + 7 * (c->week - 1);
        int32_t y;
        unsigned m, day;
        civil_split(d, &y, &m, &day);
        if (m != (unsigned)c->month) d.day -= 7; /* week 5 means the last */
    } else {
        d = civil_of(year, 1, 1);
        d.day += c->form == 'J' ? c->day - 1 : c->day;
        if (c->form == 'J' && c->day > 59 && civil_valid(year, 2, 29)) d.day++;
    }
    return (int64_t)d.day * DAY_S + c->time_s;
}

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

static int32_t rule_offset(const struct tz *tz, int64_t at_s) {
    if (!tz->has_dst) return tz->std_s;
    int32_t year;
    unsigned month, day;
    civil_split((struct civil_date){ (int32_t)floor_div(at_s + tz->std_s, DAY_S) }, &year, &month, &day);
    int64_t start = change_at(&tz->start, year) - tz->std_s, end = change_at(&tz->end, year) - tz->dst_s;
    bool dst = start < end ? at_s >= start && at_s < end : at_s >= start || at_s < end;
    return dst ? tz->dst_s : tz->std_s;
}

static int32_t offset_at(const struct tz *tz, int64_t at_s) {
    if (tz->n == 0 || at_s < tz->at_s[0]) return tz->n == 0 && tz->has_rule ? rule_offset(tz, at_s) : tz->offset_s[0];
    size_t lo = 0, hi = tz->n; /* at_s[lo] <= at_s < at_s[hi] */
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (tz->at_s[mid] <= at_s) lo = mid;
        else hi = mid;
    }
    if (lo == tz->n - 1 && tz->has_rule) return rule_offset(tz, at_s);
    return tz->offset_s[tz->kind[lo]];
}

/* ---- the file ---- */

struct head {
    size_t isut, isstd, leap, time, type, chars;
};

static bool read_head(struct str s, size_t at, struct head *h) {
    if (s.len < at || s.len - at < 44 || memcmp(s.ptr + at, "TZif", 4) != 0 || s.ptr[at + 4] < '2') return false;
    const char *p = s.ptr + at + 20;
    *h = (struct head){ be32(p), be32(p + 4), be32(p + 8), be32(p + 12), be32(p + 16), be32(p + 20) };
    return h->time <= TRANSITIONS_MAX && h->type >= 1 && h->type <= KINDS_MAX && h->leap <= 1024 && h->chars <= 4096 &&
           h->isut <= KINDS_MAX && h->isstd <= KINDS_MAX;
}

static size_t data_bytes(const struct head *h, size_t time_bytes) {
    return h->time * (time_bytes + 1) + h->type * 6 + h->chars + h->leap * (time_bytes + 4) + h->isstd + h->isut;
}

static bool parse(struct arena *a, struct str s, struct tz *tz) {
    struct head h;
    if (!read_head(s, 0, &h)) return false;
    size_t at = 44 + data_bytes(&h, 4); /* the 32-bit block, for readers of version 1 */
    if (!read_head(s, at, &h)) return false;
    at += 44;
    size_t size = data_bytes(&h, 8);
    if (s.len - at < size) return false;
    int64_t *times = arena_array(a, h.time + 1, sizeof *times);
    uint8_t *kinds = arena_array(a, h.time + 1, 1);
    int32_t *offsets = arena_array(a, h.type, sizeof *offsets);
    if (!times || !kinds || !offsets) return false;
    const char *p = s.ptr + at, *q = p + h.time * 8;
    for (size_t i = 0; i < h.time; i++) {
        times[i] = be64(p + i * 8);
        kinds[i] = (uint8_t)q[i];
        if (kinds[i] >= h.type || (i && times[i] <= times[i - 1])) return false;
    }
    q += h.time;
    for (size_t i = 0; i < h.type; i++) {
        offsets[i] = (int32_t)be32(q + i * 6);
        if (offsets[i] <= -DAY_S || offsets[i] >= DAY_S) return false;
    }
    *tz = (struct tz){ .at_s = times, .kind = kinds, .n = h.time, .offset_s = offsets, .n_kind = h.type };
    struct str foot = str_sub(s, at + size, s.len);
    if (!take(&foot, '\n')) return false;
    size_t end = str_find_char(foot, '\n', 0);
    return end != SIZE_MAX && parse_rule(tz, str_sub(foot, 0, end));
}

static bool name_fits(struct str name) {
    if (name.len == 0 || name.len > NAME_BYTES_MAX) return false;
    bool part = false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'
            || c == '+' || c == '-';
        if (c == '/' ? !part : !letter) return false;
        part = c != '/';
    }
    return part;
}

int tz_parse(struct arena *a, struct str bytes, struct tz **ret, struct err *e) {
    struct tz *tz = arena_new(a, struct tz);
    if (!tz) return err_set(e, ERR_MEMORY, NULL);
    if (!parse(a, bytes, tz)) {
        if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, NULL);
        return err_set(e, ERR_DAMAGED, "TZif");
    }
    *ret = tz;
    return 0;
}

int tz_load(struct arena *a, struct str name, struct tz **ret, struct err *e) {
    static const int32_t zero = 0;
    if (str_eq(name, S("UTC"))) {
        struct tz *tz = arena_new(a, struct tz);
        if (!tz) return err_set(e, ERR_MEMORY, NULL);
        tz->offset_s = &zero;
        tz->n_kind = 1;
        *ret = tz;
        return 0;
    }
    if (!name_fits(name)) return err_field(e, ERR_NOT_FOUND, name, NULL);
    struct str path = arena_fmt(a, "/usr/share/zoneinfo/%.*s", STR_ARG(name)), bytes;
    if (!path.ptr) return err_set(e, ERR_MEMORY, NULL);
    /* A folder ("Asia") opens but does not read. */
    if (os_kind(path.ptr) == OS_DIR) return err_field(e, ERR_NOT_FOUND, name, NULL);
    int rc = os_read_file(a, path.ptr, FILE_BYTES_MAX, &bytes, e);
    if (rc) return rc;
    return tz_parse(a, bytes, ret, e);
}

/* ---- reading ---- */

int32_t tz_offset_s(const struct tz *tz, int64_t instant_ms) {
    return offset_at(tz, floor_div(instant_ms, 1000));
}

void tz_split(const struct tz *tz, int64_t instant_ms, struct civil_time *ret) {
    int64_t s = floor_div(instant_ms, 1000);
    int32_t offset = offset_at(tz, s);
    int64_t local = s + offset, day = floor_div(local, DAY_S);
    int32_t in_day = (int32_t)(local - day * DAY_S);
    unsigned month, mday;
    *ret = (struct civil_time){ .offset_s = offset, .milli = (uint16_t)(instant_ms - s * 1000) };
    civil_split((struct civil_date){ (int32_t)day }, &ret->year, &month, &mday);
    ret->month = (uint8_t)month;
    ret->day = (uint8_t)mday;
    ret->hour = (uint8_t)(in_day / 3600);
    ret->minute = (uint8_t)(in_day / 60 % 60);
    ret->second = (uint8_t)(in_day % 60);
}

struct civil_date tz_date(const struct tz *tz, int64_t instant_ms) {
    int64_t s = floor_div(instant_ms, 1000);
    return (struct civil_date){ (int32_t)floor_div(s + offset_at(tz, s), DAY_S) };
}

int64_t tz_instant_ms(const struct tz *tz, const struct civil_time *t) {
    int64_t local = (int64_t)civil_of(t->year, t->month,
        t->day).day * DAY_S + t->hour * 3600 + t->minute * 60 + t->second;
    int32_t before = offset_at(tz, local - DAY_S), after = offset_at(tz, local + DAY_S);
    int64_t early = local - before, late = local - after;
    if (early > late) {
        int64_t swap = early;
        early = late;
        late = swap;
    }
    if (offset_at(tz, early) == local - early) return early * 1000 + t->milli;
    if (offset_at(tz, late) == local - late) return late * 1000 + t->milli;
    /* In a gap: the change lies in (early, late]; its instant is the first after the gap. */
    int32_t old = offset_at(tz, early);
    while (late - early > 1) {
        int64_t mid = early + (late - early) / 2;
        if (offset_at(tz, mid) == old) early = mid;
        else late = mid;
    }
    return late * 1000;
}

void tz_write_iso(struct buf *b, const struct tz *tz, int64_t instant_ms) {
    struct civil_time t;
    tz_split(tz, instant_ms, &t);
    civil_write(b, civil_of(t.year, t.month, t.day));
    buf_add_char(b, 'T'), buf_add_digits(b, t.hour, 2);
    buf_add_char(b, ':'), buf_add_digits(b, t.minute, 2);
    buf_add_char(b, ':'), buf_add_digits(b, t.second, 2);
    if (t.milli) buf_add_fmt(b, ".%03u", t.milli);
    int32_t o = t.offset_s < 0 ? -t.offset_s : t.offset_s;
    if (o == 0) buf_add_char(b, 'Z');
    else {
        buf_add_char(b, t.offset_s < 0 ? '-' : '+'), buf_add_digits(b, (uint64_t)o / 3600, 2);
        buf_add_char(b, ':'), buf_add_digits(b, (uint64_t)o / 60 % 60, 2);
    }
}
