/* clock: legal time. Which days are working days, when a limit of the law ends, and how far it has run. Everything
 * here is a pure function of its arguments: no store, no clock of the machine; `now_ms` is given.
 *
 * Sources: 民法典 articles 200-204 (how periods are counted); 行政许可法 articles 42, 45, 82 (limits in working days; hearings,
 * tests and expert reviews are not counted); the State Council's yearly notices of holidays and make-up working days.
 *
 * Invariants
 *  1. The day of the event is not counted; counting starts on the day after (民法典 201).
 *  2. A day of the make-up list is a working day, a day of the holiday list is not, any other is by its weekday.
 *  3. A last day that is not a working day moves to the next working day (民法典 203), for every unit but hours.
 *  4. A pause takes out the days after the day it began up to and with the day it ended: as with the limit itself,
 *     its first day is not part of it. Where the last day of the limit would fall inside a pause, or the pause
 *     began on it and went on past it, the day on which the pause ends becomes the last day: a limit never runs
 *     out while the clock stands.
 *  5. A result that rests on a year whose holidays are not announced is `provisional`.
 *
 * Life cycle: clock_calendar_build once for a set of rows; clock_count as often as wanted (no allocation without a
 * trace).
 */
#ifndef ENGINE_CLOCK_H
#define ENGINE_CLOCK_H

#include "data/tz.h"
#include "data/val.h"
#include "engine/code/code_set.h"

/* ---- calendar ---- */

struct clock_calendar;

enum clock_day_kind { CLOCK_WORKDAY, CLOCK_WEEKEND, CLOCK_HOLIDAY, CLOCK_MAKEUP };

/* One row of the holiday table. */
struct clock_holiday {
    struct civil_date date;
    bool work; /* true: a make-up working day */
    struct str name;
};

/* The calendar of the rows, in arena `a`; texts are borrowed. `years` are those whose notice is known; NULL: those
 * in which 1 October, a holiday of every notice, has a row. ERR_DUPLICATE for a date twice with different kinds,
 * ERR_RANGE for rows more than 400 years apart, ERR_MEMORY. */
int clock_calendar_build(struct arena *a, const struct clock_holiday *rows, size_t n, const int32_t *years,
    size_t n_years, struct clock_calendar **ret, struct err *e);
/* The same from a list of maps { date: YYYY-MM-DD, kind: off | work, name }. ERR_FORMAT with the row's line. */
int clock_calendar_of_val(struct arena *a, const struct val *rows, const int32_t *years, size_t n_years,
                          struct clock_calendar **ret, struct err *e);

#define CLOCK_HOLIDAYS S("holiday") /* the code set that the realm's calendar is made of */
/* The same from a code set whose codes are days, in arena `a` whole: column `kind` is `work` for a make-up day, the title is
 * the holiday's name. NULL: a calendar without holidays. ERR_FORMAT for a code that is no day. */
int clock_calendar_of_codes(struct arena *a, const struct code_set *days, struct clock_calendar **ret, struct err *e);

enum clock_day_kind clock_day_kind(const struct clock_calendar *c, struct civil_date d);
struct str clock_day_name(const struct clock_calendar *c, struct civil_date d); /* "春节", or empty */
bool clock_is_workday(const struct clock_calendar *c, struct civil_date d);
bool clock_is_announced(const struct clock_calendar *c, struct civil_date d); /* its year's notice is known */
/* The n-th working day after `from`, which is itself not counted; n from 0 (`from`) to 10,000. `provisional` may
 * be NULL. */
struct civil_date clock_add_workdays(const struct clock_calendar *c, struct civil_date from, int32_t n,
    bool *provisional);
/* `d` or the first working day after it. */
struct civil_date clock_next_workday(const struct clock_calendar *c, struct civil_date d);
/* Working days in (from, to]; negative if `to` is earlier. */
int32_t clock_workdays_between(const struct clock_calendar *c, struct civil_date from, struct civil_date to);
/* The same day `n` months later, or that month's last day (民法典 202). */
struct civil_date clock_add_months(struct civil_date d, int32_t n);

/* ---- limits ---- */

enum clock_unit { CLOCK_WORKING_DAYS, CLOCK_CALENDAR_DAYS, CLOCK_HOURS, CLOCK_MONTHS };
enum clock_kind { CLOCK_LAW, CLOCK_PROMISE, CLOCK_STEP }; /* 法定期限, 承诺期限, 环节期限 */

struct clock_limit {
    int32_t n; /* 0: on the same day */
    enum clock_unit unit;
    enum clock_kind kind;
};

/* "5 working days", "P3D", "P1M", "PT4H", "1 month", "3 calendar days", "20个工作日", "30日"; n at most 9,999. Leaves `kind`
 * at CLOCK_LAW. ERR_FORMAT. */
int clock_limit_parse(struct str text, struct clock_limit *ret, struct err *e);
/* The text that clock_limit_parse reads back: "5 working days", "P3D", "PT4H", "P1M". */
void clock_limit_write(struct buf *b, struct clock_limit l);

/* ---- the clock of one matter ---- */

enum clock_event_kind { CLOCK_ACCEPT, CLOCK_PAUSE, CLOCK_RESUME, CLOCK_EXTEND, CLOCK_FINISH };

struct clock_event {
    int64_t at_ms;
    enum clock_event_kind kind;
    struct str reason; /* an id of the declared list: PAUSE and EXTEND need one */
    struct str basis;  /* the clause it rests on, shown in the trace */
    int32_t n;         /* EXTEND: by so many of the limit's units */
};

/* What a matter may stop or lengthen its clock for, and when its day closes. All borrowed. */
struct clock_rules {
    const struct str *pause_reason;
    size_t n_pause_reason;
    const struct str *extend_reason;
    size_t n_extend_reason;
    int32_t warn;     /* warn when at most so many units remain */
    int32_t close_min; /* end of business in minutes after midnight (民法典 203); 0: midnight */
};

enum clock_state { CLOCK_NOT_STARTED, CLOCK_RUNNING, CLOCK_PAUSED, CLOCK_FINISHED };

/* One line of the arithmetic: a day, or for hours an event. */
enum clock_row_kind {
    CLOCK_ROW_START,    /* accepted: not counted */
    CLOCK_ROW_COUNTED,  /* the count-th day */
    CLOCK_ROW_MAKEUP,   /* counted: a working day by the make-up list */
    CLOCK_ROW_WEEKEND,  /* not counted, no working day */
    CLOCK_ROW_HOLIDAY,  /* not counted; name of the holiday */
    CLOCK_ROW_PAUSED,   /* not counted; text is the reason */
    CLOCK_ROW_MOVED,    /* the last day, moved here from a day off or by a pause */
};
struct clock_row {
    struct civil_date day;
    int64_t at_ms; /* hours only */
    enum clock_row_kind kind;
    int32_t count; /* how many units have run with this row */
    struct str text, basis;
    bool provisional;
};

enum { CLOCK_TRACE_ROWS_MAX = 4000, CLOCK_PAUSES_MAX = 1000 };

struct clock_result {
    enum clock_state state;
    struct civil_date due; /* last day of the limit */
    int64_t due_ms;        /* first instant that is too late */
    int32_t total;         /* the limit with its extensions, in `unit` */
    int32_t used;          /* units that have run, today's included */
    int32_t remaining;     /* units after today; 0 on the last day and later */
    int32_t over;          /* units past the last day, 0 if not late */
    enum clock_unit unit;  /* the limit's; months are counted out in calendar days */
    bool late, warn, provisional;
    struct str pause_reason; /* while paused */
    struct clock_row *row;   /* trace, in order; only if an arena was given */
    size_t n_row;
    bool cut; /* the trace was longer than CLOCK_TRACE_ROWS_MAX */
};

/* Replays the log, which must be in time order, and tells how the clock stands at `now_ms` (a finished one: at its
 * finish). While it is paused, the due day is the one that holds if it resumed today. `trace` may be NULL: then
 * nothing is allocated. ERR_STATE: an event that its predecessors do not allow (resume without pause, a second
 * acceptance, out of order); ERR_CODE: a reason that is not declared; ERR_RANGE: a limit below zero or beyond
 * 20,000 days; ERR_LIMIT: too many pauses. */
int clock_count(const struct clock_calendar *c, const struct tz *tz, struct clock_limit limit,
    const struct clock_rules *rules,
                const struct clock_event *log, size_t n, int64_t now_ms, struct arena *trace, struct clock_result *ret,
                struct err *e);

#endif
