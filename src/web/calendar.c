/* calendar: see calendar.h. Invariant: what a day is called here is what clock_day_kind says of it. */
#include "web/calendar.h"

enum { WEEK = 7, CELLS = 42, GAP_DAYS = 31 };

static const struct str months[] = { S_INIT("1月"), S_INIT("2月"),  S_INIT("3月"),  S_INIT("4月"),
                                     S_INIT("5月"), S_INIT("6月"),  S_INIT("7月"),  S_INIT("8月"),
                                     S_INIT("9月"), S_INIT("10月"), S_INIT("11月"), S_INIT("12月") };
static const struct str weekdays[] = { S_INIT("星期一"), S_INIT("星期二"), S_INIT("星期三"),
                                       S_INIT("星期四"), S_INIT("星期五"), S_INIT("星期六"),
                                       S_INIT("星期日") };

unsigned calendar_days_of(int32_t year, unsigned month) {
    const struct civil_date next = month == 12 ? civil_of(year + 1, 1, 1)
                                               : civil_of(year, month + 1, 1);
    return (unsigned)(next.day - civil_of(year, month, 1).day);
}

int32_t calendar_workdays(const struct clock_calendar *c, struct civil_date first,
                          struct civil_date last) {
    return clock_workdays_between(c, (struct civil_date){ first.day - 1 }, last);
}

struct str calendar_month_title(struct page *p, int32_t year, unsigned month) {
    struct val *args = val_map(p->a);
    val_put_str(p->a, args, S("month"), page_text(p, months[month - 1]));
    val_put_i64(p->a, args, S("year"), year);
    return po_fill(p->a, page_text(p, S("{year}年{month}")), args);
}

struct str calendar_day(struct page *p, struct civil_date d, bool weekday) {
    struct val *args = val_map(p->a);
    int32_t year;
    unsigned month, day;
    civil_split(d, &year, &month, &day);
    val_put_str(p->a, args, S("month"), page_text(p, months[month - 1]));
    val_put_i64(p->a, args, S("day"), day);
    val_put_str(p->a, args, S("weekday"), page_text(p, weekdays[civil_weekday(d) - 1]));
    return po_fill(p->a, page_text(p, weekday ? S("{month}{day}日（{weekday}）") : S("{month}{day}日")),
                   args);
}

/* ---- breaks ---- */

/* The break that a day belongs to, made where there is none yet; NULL where there are too many. */
static struct calendar_break *break_of(struct calendar_break *list, size_t *n, struct str name,
                                       struct civil_date d) {
    for (size_t i = 0; i < *n; i++)
        if (str_eq(list[i].name, name) && d.day - list[i].day[list[i].n - 1].day <= GAP_DAYS)
            return &list[i];
    if (*n == CALENDAR_BREAKS_MAX) return NULL;
    list[*n] = (struct calendar_break){ .name = name };
    return &list[(*n)++];
}

size_t calendar_breaks(const struct clock_calendar *c, int32_t year, struct calendar_break *ret) {
    const int32_t last = civil_of(year, 12, 31).day;
    size_t n = 0;
    for (struct civil_date d = civil_of(year, 1, 1); d.day <= last; d.day++) {
        enum clock_day_kind kind = clock_day_kind(c, d);
        if (kind != CLOCK_HOLIDAY && kind != CLOCK_MAKEUP) continue;
        struct calendar_break *b = break_of(ret, &n, clock_day_name(c, d), d);
        if (!b || b->n == CALENDAR_BREAK_DAYS_MAX) continue;
        b->work[b->n] = kind == CLOCK_MAKEUP;
        b->day[b->n++] = d;
    }
    return n;
}

static struct val *off_view(struct page *p, const struct calendar_break *b) {
    struct val *list = val_list(p->a);
    for (size_t i = 0, to; i < b->n; i = to + 1) {
        to = i;
        if (b->work[i]) continue;
        while (to + 1 < b->n && !b->work[to + 1] && b->day[to + 1].day == b->day[to].day + 1) to++;
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("from"), calendar_day(p, b->day[i], true));
        val_put_str(p->a, v, S("to"), to > i ? calendar_day(p, b->day[to], true) : S(""));
        val_put_str(p->a, v, S("days"), to == i ? page_text(p, S("1 天"))
                                                : staff_fill(p, S("{n} 天"), "n", (int64_t)(to - i + 1)));
        val_push(p->a, list, v);
    }
    return list;
}

struct val *calendar_breaks_view(struct page *p, const struct clock_calendar *c,
                                 const struct system *words, int32_t year) {
    struct calendar_break *b = arena_array(p->a, CALENDAR_BREAKS_MAX, sizeof *b);
    struct val *list = val_list(p->a);
    const size_t n = b ? calendar_breaks(c, year, b) : 0;
    for (size_t i = 0; i < n; i++) {
        struct val *v = val_map(p->a), *work = val_list(p->a);
        struct buf first;
        buf_init(&first, p->a, 16, 16);
        civil_write(&first, b[i].day[0]);
        val_put_str(p->a, v, S("name"), words ? system_text(words, p->lang, b[i].name) : b[i].name);
        val_put_str(p->a, v, S("first"), buf_str(&first));
        val_put(p->a, v, S("off"), off_view(p, &b[i]));
        for (size_t k = 0; k < b[i].n; k++)
            if (b[i].work[k]) val_push(p->a, work, val_str(p->a, calendar_day(p, b[i].day[k], true)));
        val_put_bool(p->a, v, S("workless"), val_count(work) == 0);
        val_put(p->a, v, S("work"), work);
        val_push(p->a, list, v);
    }
    return list;
}

/* ---- months ---- */

static struct val *cell(struct page *p, const struct clock_calendar *c, const struct system *words,
                        struct civil_date d, unsigned number) {
    static const struct {
        struct str class, mark, said;
    } kinds[] = { [CLOCK_WORKDAY] = { S_INIT(""), S_INIT(""), S_INIT("") },
                  [CLOCK_WEEKEND] = { S_INIT("rest"), S_INIT(""), S_INIT("") },
                  [CLOCK_HOLIDAY] = { S_INIT("off"), S_INIT("休"), S_INIT("放假") },
                  [CLOCK_MAKEUP] = { S_INIT("work"), S_INIT("班"), S_INIT("调休上班") } };
    const enum clock_day_kind kind = clock_day_kind(c, d);
    const struct str name = clock_day_name(c, d);
    struct val *v = val_map(p->a);
    val_put_i64(p->a, v, S("number"), number);
    val_put_str(p->a, v, S("class"), kinds[kind].class);
    val_put_str(p->a, v, S("mark"), kinds[kind].mark.len ? page_text(p, kinds[kind].mark) : S(""));
    val_put_str(p->a, v, S("said"), kinds[kind].said.len ? page_text(p, kinds[kind].said) : S(""));
    val_put_str(p->a, v, S("name"), words ? system_text(words, p->lang, name) : name);
    val_put_bool(p->a, v, S("today"), d.day == tz_date(page_realm(p)->tz, p->now_ms).day);
    return v;
}

struct val *calendar_month(struct page *p, const struct clock_calendar *c, const struct system *words,
                           int32_t year, unsigned month, bool big) {
    const struct civil_date first = civil_of(year, month, 1);
    const unsigned days = calendar_days_of(year, month), before = civil_weekday(first) - 1;
    struct val *v = val_map(p->a), *weeks = val_list(p->a), *row = NULL;
    for (unsigned i = 0; i < CELLS && (i % WEEK || i < before + days); i++) {
        if (i % WEEK == 0) {
            struct val *week = val_map(p->a);
            val_put(p->a, week, S("days"), row = val_list(p->a));
            val_push(p->a, weeks, week);
        }
        if (i >= before && i < before + days) {
            val_push(p->a, row, cell(p, c, words, (struct civil_date){ first.day + (int32_t)(i - before) },
                                     i - before + 1));
            continue;
        }
        struct val *blank = val_map(p->a);
        val_put_bool(p->a, blank, S("blank"), true);
        val_push(p->a, row, blank);
    }
    val_put_str(p->a, v, S("title"), big ? calendar_month_title(p, year, month)
                                         : page_text(p, months[month - 1]));
    val_put_i64(p->a, v, S("workdays"),
                calendar_workdays(c, first, (struct civil_date){ first.day + (int32_t)days - 1 }));
    val_put_bool(p->a, v, S("big"), big);
    val_put(p->a, v, S("weeks"), weeks);
    return v;
}
