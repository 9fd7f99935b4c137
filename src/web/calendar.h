/* calendar: a working calendar as pages show it: a month as a table of weeks, and what was announced
 * for a year, holiday by holiday with its make-up days. Layer: web; knows the clock, never the store.
 *
 * A break is what the calendar says under one name within GAP_DAYS of its days: 国庆节 with its days
 * off and the days that are worked for them. It is known by its name and its first day.
 */
#ifndef WEB_CALENDAR_H
#define WEB_CALENDAR_H
#include "engine/clock/clock.h"
#include "web/staff.h"

enum { CALENDAR_FIRST_YEAR = 2000, CALENDAR_LAST_YEAR = 2100 };
enum { CALENDAR_BREAKS_MAX = 40, CALENDAR_BREAK_DAYS_MAX = 40 };

struct calendar_break {
    struct str name;
    struct civil_date day[CALENDAR_BREAK_DAYS_MAX];
    bool work[CALENDAR_BREAK_DAYS_MAX];
    size_t n;
};
/* Those of a year by their first day; how many. Days beyond the limits are left out. */
size_t calendar_breaks(const struct clock_calendar *c, int32_t year, struct calendar_break *ret);
/* The same for a template: [{name, first, off [{from, to, days}], work [text], workless}]. Names are
 * texts of `words` (may be NULL). */
struct val *calendar_breaks_view(struct page *p, const struct clock_calendar *c,
                                 const struct system *words, int32_t year);
/* For the partial `month`: {title, workdays, big, weeks [{days [{blank, number, class, mark, said, name}]}]}. */
struct val *calendar_month(struct page *p, const struct clock_calendar *c, const struct system *words,
                           int32_t year, unsigned month, bool big);
/* How many working days from the first day to the last, both included. */
int32_t calendar_workdays(const struct clock_calendar *c, struct civil_date first,
                          struct civil_date last);
unsigned calendar_days_of(int32_t year, unsigned month);
/* "10月", "2026年10月", "10月1日", "10月1日（星期四）" in the reader's language. */
struct str calendar_month_title(struct page *p, int32_t year, unsigned month);
struct str calendar_day(struct page *p, struct civil_date d, bool weekday);
#endif
