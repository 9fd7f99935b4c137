/* rule_words_time: the words on dates (DMN 1.5 section 10.3.4.7) and the two that read the clock. A decision reads
 * the clock once: every now() of one call is the same. The zone is China's, the only one of the realms that this
 * program serves.
 */
#include "engine/rule/rule_in.h"
#include "os/os.h"

static bool day_of(struct value v, struct date *ret) {
    if (v.kind == V_DATE) *ret = v.u.date;
    else if (v.kind == V_DATETIME) *ret = v.u.at->date;
    else return false;
    return true;
}

static int64_t weekday(int64_t days) {
    int64_t w = (days + 3) % 7;
    return w < 0 ? w + 7 : w; /* 0 Monday */
}

static int64_t first_of_year(int32_t year) {
    return rule_date_days((struct date){ year, 1, 1 });
}

static struct value w_day_of_year(struct run *run, const struct value *a, size_t n, int form) {
    struct date d;
    (void)run, (void)n, (void)form;
    return day_of(a[0], &d) ? rule_value_i64(rule_date_days(d) - first_of_year(d.year) + 1) : NULL_VALUE;
}

static struct value w_day_of_week(struct run *run, const struct value *a, size_t n, int form) {
    static const struct str names[] = { S_INIT("Monday"), S_INIT("Tuesday"), S_INIT("Wednesday"), S_INIT("Thursday"),
        S_INIT("Friday"), S_INIT("Saturday"), S_INIT("Sunday") };
    struct date d;
    (void)run, (void)n, (void)form;
    return day_of(a[0], &d) ? rule_value_str(names[weekday(rule_date_days(d))]) : NULL_VALUE;
}

static struct value w_month_of_year(struct run *run, const struct value *a, size_t n, int form) {
    static const struct str names[] = { S_INIT("January"), S_INIT("February"), S_INIT("March"), S_INIT("April"),
        S_INIT("May"),
        S_INIT("June"), S_INIT("July"), S_INIT("August"), S_INIT("September"), S_INIT("October"), S_INIT("November"),
        S_INIT("December") };
    struct date d;
    (void)run, (void)n, (void)form;
    return day_of(a[0], &d) ? rule_value_str(names[d.month - 1]) : NULL_VALUE;
}

/* ISO 8601: the week of a day is that of its Thursday. */
static struct value w_week_of_year(struct run *run, const struct value *a, size_t n, int form) {
    struct date d;
    (void)run, (void)n, (void)form;
    if (!day_of(a[0], &d)) return NULL_VALUE;
    int64_t thursday = rule_date_days(d) - weekday(rule_date_days(d)) + 3;
    return rule_value_i64((thursday - first_of_year(rule_date_of_days(thursday).year)) / 7 + 1);
}

static struct value now(struct run *run) {
    struct moment m = { .zone = ZONE_NAMED, .tz_name = S("Asia/Shanghai") };
    m.tz = rule_zone_find(run, m.tz_name);
    if (!m.tz) return NULL_VALUE;
    if (!run->now_ms) run->now_ms = os_now_ms();
    struct civil_time t;
    tz_split(m.tz, run->now_ms, &t);
    m.date = (struct date){ t.year, t.month, t.day };
    m.hour = t.hour, m.minute = t.minute, m.second = t.second, m.nano = t.milli * 1000000u;
    return rule_moment_value(run, V_DATETIME, m);
}

static struct value w_now(struct run *run, const struct value *a, size_t n, int form) {
    (void)a, (void)n, (void)form;
    return now(run);
}

static struct value w_today(struct run *run, const struct value *a, size_t n, int form) {
    struct value v = now(run);
    (void)a, (void)n, (void)form;
    if (v.kind != V_DATETIME) return NULL_VALUE;
    return (struct value){ .kind = V_DATE, .u.date = v.u.at->date };
}

/* Columns: see rule_words_number.c. */
const struct word rule_words_time[] = {
    { "day of year", w_day_of_year, { { { "date" }, 1, 1, false } }, 1, 0 },
    { "day of week", w_day_of_week, { { { "date" }, 1, 1, false } }, 1, 0 },
    { "month of year", w_month_of_year, { { { "date" }, 1, 1, false } }, 1, 0 },
    { "week of year", w_week_of_year, { { { "date" }, 1, 1, false } }, 1, 0 },
    { "now", w_now, { { { NULL }, 0, 0, false } }, 1, 0 },
    { "today", w_today, { { { NULL }, 0, 0, false } }, 1, 0 },
};
const size_t rule_n_words_time = sizeof rule_words_time / sizeof *rule_words_time;
