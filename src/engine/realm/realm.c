/* realm: look-ups over systems; see realm.h (epochs: realm_epoch.c). Invariant: nothing here allocates or writes. */
#include "engine/realm/realm.h"

#include "data/tz.h"

enum { TIME_BYTES = 64 };

const void *system_find(const struct system *m, enum system_part part, struct str name) {
    if (!m) return NULL;
    const void *p = map_find(&m->part[part], name);
    for (size_t i = 0; !p && i < m->n_needs; i++) p = map_find(&m->needs[i]->part[part], name);
    return p;
}

struct str system_text(const struct system *m, struct str lang, struct str text) {
    if (!m || !str_eq(lang, S("en"))) return text;
    if (m->en && po_has(m->en, S(""), text)) return po_get(m->en, S(""), text);
    for (size_t i = 0; i < m->n_needs; i++)
        if (m->needs[i]->en && po_has(m->needs[i]->en, S(""), text)) return po_get(m->needs[i]->en, S(""), text);
    return text;
}

uint64_t realm_hold(const struct realm *r) {
    return r->systems.hold ? r->systems.hold(r->systems.context) : 1;
}

void realm_let(const struct realm *r, uint64_t held) {
    if (r->systems.let) r->systems.let(r->systems.context, held);
}

const struct system *realm_system(const struct realm *r, struct str system) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i]->id, system)) return all[i];
    return NULL;
}

const void *realm_find(const struct realm *r, enum system_part part, struct str name, const struct system **owner) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++) {
        const void *p = map_find(&all[i]->part[part], name);
        if (!p) continue;
        if (owner) *owner = all[i];
        return p;
    }
    return NULL;
}

struct str realm_text(const struct realm *r, struct str lang, struct str text) {
    return str_eq(lang, S("en")) ? po_get(r->en, S(""), text) : text;
}

struct str realm_words(const struct realm *r, struct str lang, struct str text) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    struct str shown = text;
    for (size_t i = 0; i < n && str_eq(shown, text); i++) shown = system_text(all[i], lang, text);
    return shown;
}

static const struct str months[] = { S_INIT("January"), S_INIT("February"), S_INIT("March"),     S_INIT("April"),
                                     S_INIT("May"),     S_INIT("June"),     S_INIT("July"),      S_INIT("August"),
                                     S_INIT("September"), S_INIT("October"), S_INIT("November"), S_INIT("December") };

static void add_day(struct buf *b, bool en, const struct civil_time *t) {
    if (en) {
        buf_add_u64(b, t->day), buf_add_char(b, ' ');
        buf_add(b, months[t->month - 1]), buf_add_char(b, ' ');
        buf_add_i64(b, t->year);
        return;
    }
    buf_add_i64(b, t->year), buf_add(b, S("年"));
    buf_add_u64(b, t->month), buf_add(b, S("月"));
    buf_add_u64(b, t->day), buf_add(b, S("日"));
}

struct str realm_day(const struct realm *r, struct arena *a, struct str lang, int64_t ms) {
    struct civil_time t;
    struct buf b;
    if (ms == 0) return S("");
    tz_split(r->tz, ms, &t);
    buf_init(&b, a, TIME_BYTES, TIME_BYTES);
    add_day(&b, str_eq(lang, S("en")), &t);
    return buf_str(&b);
}

int64_t realm_month(const struct realm *r, int64_t ms) {
    unsigned month, day;
    int32_t year;
    civil_split(tz_date(r->tz, ms), &year, &month, &day);
    return civil_of(year, month, 1).day;
}

struct str realm_time(const struct realm *r, struct arena *a, struct str lang, int64_t ms) {
    struct civil_time t;
    struct buf b;
    bool en = str_eq(lang, S("en"));
    if (ms == 0) return S("");
    tz_split(r->tz, ms, &t);
    buf_init(&b, a, TIME_BYTES, TIME_BYTES);
    add_day(&b, en, &t);
    buf_add(&b, en ? S(", ") : S(" "));
    if (en) buf_add_u64(&b, t.hour % 12 ? t.hour % 12 : 12);
    else buf_add_digits(&b, t.hour, 2);
    buf_add_char(&b, ':'), buf_add_digits(&b, t.minute, 2);
    if (en) buf_add(&b, t.hour < 12 ? S(" am") : S(" pm"));
    return buf_str(&b);
}

/* "21 November 2026" */
static bool english_day(struct str s, struct civil_date *ret) {
    struct str day, month;
    uint64_t d, y;
    if (!str_cut(&s, ' ', &day) || !str_cut(&s, ' ', &month) || !str_to_u64(day, &d) || !str_to_u64(s, &y) || y > 9999 || d > 31)
        return false;
    for (unsigned m = 1; m <= sizeof months / sizeof *months; m++) {
        if (!str_eq(months[m - 1], month)) continue;
        bool good = civil_valid((int32_t)y, m, (unsigned)d);
        if (good) *ret = civil_of((int32_t)y, m, (unsigned)d);
        return good;
    }
    return false;
}

/* "15:40", "3:40 pm"; -1: neither. */
static int minute_of(struct str s) {
    const bool am = str_ends(s, S(" am")), pm = str_ends(s, S(" pm"));
    struct str hour;
    uint64_t h, m;
    if (am || pm) s = str_sub(s, 0, s.len - 3);
    if (!str_cut(&s, ':', &hour) || !str_to_u64(hour, &h) || !str_to_u64(s, &m) || h > 23 || m > 59) return -1;
    if (am || pm) h = h % 12 + (pm ? 12 : 0);
    return (int)(h * 60 + m);
}

bool realm_time_read(struct str shown, struct civil_date *ret, int *ret_minute) {
    const size_t comma = str_find(shown, S(", "), 0), blank = str_find_char(shown, ' ', 0);
    *ret_minute = -1;
    if (civil_parse(shown, ret) || english_day(shown, ret)) return true;
    const bool en = comma != SIZE_MAX;
    if (!en && blank >= shown.len) return false;
    const struct str day = str_sub(shown, 0, en ? comma : blank);
    if (en ? !english_day(day, ret) : !civil_parse(day, ret)) return false;
    *ret_minute = minute_of(str_sub(shown, en ? comma + 2 : blank + 1, shown.len));
    return *ret_minute >= 0;
}

int64_t realm_division(struct str code) {
    uint64_t n;
    if (code.len < 2 || code.len > 12 || !str_to_u64(code, &n)) return 0; /* digits only: a sign is none */
    for (size_t i = code.len; i < 12; i++) n *= 10;
    return (int64_t)n;
}
