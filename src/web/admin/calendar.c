/* calendar: I6, the calendar by which all limits run: a year, or one of its months. Invariant: it is
 * shown as the clock counts by it now, not as a draft of it says.
 */
#include "web/calendar.h"

#include "web/admin/admin_pages.h"

/* The year and month asked for, of today where none is; month 0: the whole year. */
static int asked(struct page *p, int32_t *year, unsigned *month, struct err *e) {
    const struct str y = page_in(p, S("year")), m = page_in(p, S("month"));
    int64_t n;
    unsigned ignored, day;
    civil_split(tz_date(page_realm(p)->tz, p->now_ms), year, &ignored, &day);
    *month = 0;
    if (y.len) {
        if (!str_to_i64(y, &n) || n < CALENDAR_FIRST_YEAR || n > CALENDAR_LAST_YEAR)
            return err_set(e, ERR_NOT_FOUND, NULL);
        *year = (int32_t)n;
    }
    if (!m.len) return 0;
    if (!str_to_i64(m, &n) || n < 1 || n > 12) return err_set(e, ERR_NOT_FOUND, NULL);
    *month = (unsigned)n;
    return 0;
}

static struct str path_of(struct page *p, int32_t year, unsigned month) {
    if (!month) return page_href(p, arena_fmt(p->a, "/admin/calendar?year=%d", year));
    return page_href(p, arena_fmt(p->a, "/admin/calendar?year=%d&month=%u", year, month));
}

static void way(struct page *p, const char *key, int32_t year, unsigned month) {
    struct val *v = val_map(p->a);
    if (year < CALENDAR_FIRST_YEAR || year > CALENDAR_LAST_YEAR) return;
    val_put_str(p->a, v, S("title"), month ? calendar_month_title(p, year, month)
                                           : staff_fill(p, S("{year} 年"), "year", year));
    val_put_str(p->a, v, S("href"), path_of(p, year, month));
    val_put(p->a, p->view, str_of(key), v);
}

static void put_months(struct page *p, const struct clock_calendar *c, const struct system *words,
                       int32_t year, unsigned month) {
    struct val *list = val_list(p->a);
    if (month) {
        way(p, "before", month > 1 ? year : year - 1, month > 1 ? month - 1 : 12);
        way(p, "after", month < 12 ? year : year + 1, month < 12 ? month + 1 : 1);
        val_put_str(p->a, p->view, S("whole_href"), path_of(p, year, 0));
        val_put(p->a, p->view, S("month"), calendar_month(p, c, words, year, month, true));
        return;
    }
    way(p, "before", year - 1, 0);
    way(p, "after", year + 1, 0);
    for (month = 1; month <= 12; month++) {
        struct val *v = calendar_month(p, c, words, year, month, false);
        val_put_str(p->a, v, S("href"), path_of(p, year, month));
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("months"), list);
}

int admin_calendar_say(struct page *p, struct err *e) {
    const struct clock_calendar *c = page_realm(p)->calendar;
    const struct system *words = NULL;
    int32_t year;
    unsigned month;
    int rc = asked(p, &year, &month, e);
    if (rc) return rc;
    (void)realm_find(page_realm(p), SYSTEM_CODE, CLOCK_HOLIDAYS, &words);
    put_months(p, c, words, year, month);
    struct val *breaks = calendar_breaks_view(p, c, words, year);
    val_put(p->a, p->view, S("breaks"), breaks);
    val_put_bool(p->a, p->view, S("some_breaks"), val_count(breaks) > 0);
    val_put_bool(p->a, p->view, S("announced"), clock_is_announced(c, civil_of(year, 1, 1)));
    val_put_i64(p->a, p->view, S("year"), year);
    val_put_i64(p->a, p->view, S("workdays"),
                calendar_workdays(c, civil_of(year, 1, 1), civil_of(year, 12, 31)));
    staff_title(p, S("工作日历"), month ? calendar_month_title(p, year, month)
                                        : staff_fill(p, S("{year} 年"), "year", year));
    p->template = S("admin/calendar");
    return 0;
}
