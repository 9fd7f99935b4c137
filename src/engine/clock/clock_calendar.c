/* clock_calendar: working days. The rows are spread over a table of one cell per day, from 1 January of the first
 * year to 31 December of the last, so that a day costs one look-up; days outside are plain weekdays of years
 * without a notice. Invariant: a cell is 0 for a plain weekday; its name index is below n_name.
 */
#include "engine/clock/clock.h"

enum { SPAN_DAYS_MAX = 400 * 366, ADD_MAX = 10000, STEPS_MAX = 40000, NAMES_MAX = 4000 };

struct cell {
    uint8_t kind; /* enum clock_day_kind */
    bool announced;
    uint16_t name;
};

struct clock_calendar {
    int32_t first;
    int32_t n;
    struct cell *cell;
    struct str *name; /* 0 is the empty name */
    size_t n_name;
};

static int32_t year_of(struct civil_date d) {
    int32_t y;
    unsigned m, day;
    civil_split(d, &y, &m, &day);
    return y;
}

static enum clock_day_kind by_weekday(struct civil_date d) {
    return civil_weekday(d) <= 5 ? CLOCK_WORKDAY : CLOCK_WEEKEND;
}

static const struct cell *cell_of(const struct clock_calendar *c, struct civil_date d) {
    int64_t at = (int64_t)d.day - c->first;
    return at >= 0 && at < c->n ? &c->cell[at] : NULL;
}

enum clock_day_kind clock_day_kind(const struct clock_calendar *c, struct civil_date d) {
    const struct cell *cell = cell_of(c, d);
    return cell ? (enum clock_day_kind)cell->kind : by_weekday(d);
}

struct str clock_day_name(const struct clock_calendar *c, struct civil_date d) {
    const struct cell *cell = cell_of(c, d);
    return cell ? c->name[cell->name] : S("");
}

bool clock_is_workday(const struct clock_calendar *c, struct civil_date d) {
    enum clock_day_kind k = clock_day_kind(c, d);
    return k == CLOCK_WORKDAY || k == CLOCK_MAKEUP;
}

bool clock_is_announced(const struct clock_calendar *c, struct civil_date d) {
    const struct cell *cell = cell_of(c, d);
    return cell && cell->announced;
}

/* Position of `name` among the names, added if new; SIZE_MAX when full. */
static size_t name_at(struct clock_calendar *c, struct str name) {
    for (size_t i = c->n_name; i-- > 0;)
        if (str_eq(c->name[i], name)) return i;
    if (c->n_name == NAMES_MAX) return SIZE_MAX;
    c->name[c->n_name] = name;
    return c->n_name++;
}

static bool announce(struct clock_calendar *c, int32_t year) {
    int64_t from = (int64_t)civil_of(year, 1, 1).day - c->first, to = (int64_t)civil_of(year, 12, 31).day - c->first;
    if (from < 0 || to >= c->n) return false;
    for (int64_t i = from; i <= to; i++) c->cell[i].announced = true;
    return true;
}

/* Least and greatest year of rows and years. */
static bool span(const struct clock_holiday *rows, size_t n, const int32_t *years, size_t n_years, int32_t *low,
    int32_t *high) {
    bool any = false;
    for (size_t i = 0; i < n + n_years; i++) {
        int32_t y = i < n ? year_of(rows[i].date) : years[i - n];
        if (!any || y < *low) *low = y;
        if (!any || y > *high) *high = y;
        any = true;
    }
    if (!any) *low = *high = 1970;
    return *low >= -9999 && *high <= 9999 && *high - *low < 400;
}

static int fill(struct clock_calendar *c, const struct clock_holiday *rows, size_t n, struct err *e) {
    for (int32_t i = 0; i < c->n; i++) c->cell[i].kind = (uint8_t)by_weekday((struct civil_date){ c->first + i });
    for (size_t i = 0; i < n; i++) {
        struct cell *cell = &c->cell[rows[i].date.day - c->first];
        uint8_t kind = rows[i].work ? CLOCK_MAKEUP : CLOCK_HOLIDAY;
        if (cell->kind >= CLOCK_HOLIDAY && cell->kind != kind) {
            int32_t y;
            unsigned m, d;
            civil_split(rows[i].date, &y, &m, &d);
            return err_set(e, ERR_DUPLICATE, "%04d-%02u-%02u", y, m, d);
        }
        size_t name = name_at(c, rows[i].name);
        if (name == SIZE_MAX) return err_set(e, ERR_LIMIT, "%d", NAMES_MAX);
        *cell = (struct cell){ .kind = kind, .name = (uint16_t)name };
    }
    return 0;
}

int clock_calendar_build(struct arena *a, const struct clock_holiday *rows, size_t n, const int32_t *years,
    size_t n_years, struct clock_calendar **ret, struct err *e) {
    int32_t low = 0, high = 0;
    if (!years) n_years = 0;
    if (!span(rows, n, years, n_years, &low, &high)) return err_set(e, ERR_RANGE, "400");
    struct clock_calendar *c = arena_new(a, struct clock_calendar);
    if (!c) return err_set(e, ERR_MEMORY, NULL);
    c->first = civil_of(low, 1, 1).day;
    c->n = civil_of(high, 12, 31).day - c->first + 1;
    c->cell = arena_array(a, (size_t)c->n, sizeof *c->cell);
    c->name = arena_array(a, (n < NAMES_MAX ? n : NAMES_MAX - 1) + 1, sizeof *c->name);
    if (!c->cell || !c->name) return err_set(e, ERR_MEMORY, NULL);
    c->n_name = 1;
    int rc = fill(c, rows, n, e);
    if (rc) return rc;
    if (years) {
        for (size_t i = 0; i < n_years; i++) (void)announce(c, years[i]);
    } else {
        for (int32_t y = low; y <= high; y++)
            if (clock_day_kind(c, civil_of(y, 10, 1)) == CLOCK_HOLIDAY) (void)announce(c, y);
    }
    *ret = c;
    return 0;
}

int clock_calendar_of_val(struct arena *a, const struct val *rows, const int32_t *years, size_t n_years,
                          struct clock_calendar **ret, struct err *e) {
    size_t n = val_count(rows);
    struct clock_holiday *h = arena_array(a, n + 1, sizeof *h);
    if (!h) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n; i++) {
        const struct val *row = val_item(rows, i);
        struct str kind = val_get_str(row, S("kind"));
        h[i].name = val_get_str(row, S("name"));
        h[i].work = str_eq(kind, S("work"));
        if (!h[i].work && !str_eq(kind, S("off"))) return err_line(e, ERR_FORMAT, S("kind"), row ? row->line : 0,
            "off, work");
        if (!civil_parse(val_get_str(row, S("date")), &h[i].date))
            return err_line(e, ERR_FORMAT, S("date"), row ? row->line : 0, "2026-01-01");
    }
    return clock_calendar_build(a, h, n, years, n_years, ret, e);
}

int clock_calendar_of_codes(struct arena *a, const struct code_set *days, struct clock_calendar **ret, struct err *e) {
    const size_t n = days ? code_set_count(days) : 0, kind = days ? code_set_column(days, S("kind")) : SIZE_MAX;
    struct clock_holiday *rows = arena_array(a, n + 1, sizeof *rows);
    if (!rows) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n; i++) {
        const struct code *c = code_set_row(days, i);
        if (!civil_parse(c->code, &rows[i].date)) return err_set(e, ERR_FORMAT, "holiday %.*s", STR_ARG(c->code));
        rows[i].work = kind != SIZE_MAX && str_eq(c->column[kind], S("work"));
        rows[i].name = arena_str(a, c->title);
    }
    return clock_calendar_build(a, rows, n, NULL, 0, ret, e);
}

struct civil_date clock_add_workdays(const struct clock_calendar *c, struct civil_date from, int32_t n,
    bool *provisional) {
    if (n > ADD_MAX) n = ADD_MAX;
    bool unsure = false;
    /* Holidays are far fewer than working days; the step limit only guards against tables that are all holidays. */
    for (int32_t steps = 0; n > 0 && steps < STEPS_MAX; steps++) {
        from.day++;
        if (clock_is_workday(c, from)) n--;
        if (!clock_is_announced(c, from)) unsure = true;
    }
    if (provisional) *provisional = unsure;
    return from;
}

struct civil_date clock_next_workday(const struct clock_calendar *c, struct civil_date d) {
    for (int32_t steps = 0; steps < STEPS_MAX && !clock_is_workday(c, d); steps++) d.day++;
    return d;
}

int32_t clock_workdays_between(const struct clock_calendar *c, struct civil_date from, struct civil_date to) {
    if (to.day < from.day) return -clock_workdays_between(c, to, from);
    int32_t n = 0;
    for (int32_t steps = 0; steps < STEPS_MAX && from.day < to.day; steps++) {
        from.day++;
        n += clock_is_workday(c, from);
    }
    return n;
}

struct civil_date clock_add_months(struct civil_date d, int32_t n) {
    int32_t y;
    unsigned m, day;
    civil_split(d, &y, &m, &day);
    int32_t months = y * 12 + (int32_t)m - 1 + n;
    y = months / 12 - (months % 12 < 0);
    m = (unsigned)(months - y * 12) + 1;
    while (!civil_valid(y, m, day)) day--; /* at most three steps */
    return civil_of(y, m, day);
}
