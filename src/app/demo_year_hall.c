/* demo_year_hall: who comes to the halls in a year; see demo_year.h. Every working day the clerks sit down at their counters, people take
 * numbers or have booked a time, are called and served. Invariant: whose number it is that a clerk calls, the queue says; where he has
 * somebody before him already, the visit ends there and its number is called by the next.
 */
#include "app/demo_year.h"
#include "data/yaml.h"
#include "engine/queue/queue_book.h"
#include "os/os.h"

enum { HALLS_MAX = 16, CLERKS_MAX = 8 };
/* Minutes of a day at which people come: before noon and after. */
enum { MORNING_MIN = 9 * 60, MORNING_SPAN = 160, NOON_MIN = 13 * 60 + 35, NOON_SPAN = 175 };
enum { OPENS_MIN = 8 * 60 + 50, CLOSES_MIN = 17 * 60 + 40 };

struct probe {
    struct scenario s;
    const struct val *step;
    int code;
};

/* Tried and rolled back: it leaves nothing. */
static int probe_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct probe *x = job->arg;
    x->code = scenario_do(&x->s, tx, x->step, NULL, e);
    return x->code ? x->code : err_set(e, ERR_STATE, NULL);
}

static struct val *parsed(struct arena *a, struct str text) {
    struct val *v = NULL;
    return yaml_parse(a, S("hall"), text, &v, NULL) ? NULL : v;
}

/* May he, be it at another hour? */
static bool may(struct year_plays *p, struct str step) {
    struct arena a;
    struct probe x = { .s = { .app = p->w->app }, .step = parsed(p->a, step) };
    arena_init(&a, "may he", 16 * 1024 * 1024);
    if (x.step) (void)app_job(p->w->app, STORE_INTERACTIVE, &a, probe_body, &x, NULL);
    arena_done(&a);
    return x.step && (x.code == 0 || x.code == ERR_STATE);
}

static void add(struct year_plays *p, struct year_pool *lead, enum year_visit kind, int32_t minute, struct str text) {
    const struct val *steps = parsed(p->a, text);
    struct year_play *play = &p->visit[p->n_visits];
    size_t n = val_count(steps);
    if (!n || p->n_visits == YEAR_VISITS_MAX) return;
    *play = (struct year_play){ .lead = lead, .item = S("-"), .visit = kind, .minute = minute,
                                .day = tz_date(p->w->app->realm.tz, os_now_ms()), .step = arena_array(p->a, n, sizeof *play->step) };
    if (!play->step) return;
    for (; play->n < n; play->n++) play->step[play->n].step = val_item(steps, play->n);
    play->day.day = 0; /* what is booked is booked from the day on which it is done: the date in `at` is a number of days */
    p->n_visits++;
}

/* Whoever comes to one line of a counter: on the spot, by a time that was booked, or not after all. `serve`: what its clerk does. */
static void add_line(struct year_plays *p, struct year_pool *lead, const struct queue_hall *h, const struct queue_line *line,
                     struct str taker, struct str serve) {
    struct str take = arena_fmt(p->a, "- {who: %.*s, do: take-ticket, hall: %.*s, line: %.*s}\n", STR_ARG(taker), STR_ARG(h->id),
                                STR_ARG(line->id));
    struct str check_in = arena_fmt(p->a, "- {who: %.*s, do: check-in}\n", STR_ARG(taker));
    struct str cancel = arena_fmt(p->a, "- {who: %.*s, do: cancel-booking}\n", STR_ARG(lead->login));
    add(p, lead, YEAR_VISIT, 0, ARENA_CAT(p->a, take, serve));
    for (int32_t minute = MORNING_MIN; line->places && minute < 16 * 60; minute += 90) {
        struct str book = arena_fmt(p->a, "- {who: %.*s, do: book, hall: %.*s, line: %.*s, at: '1970-01-02 %02d:%02d'}\n",
                                    STR_ARG(lead->login), STR_ARG(h->id), STR_ARG(line->id), (int)minute / 60, (int)minute % 60);
        add(p, lead, YEAR_VISIT, minute, ARENA_CAT(p->a, book, check_in, serve));
        add(p, lead, YEAR_VISIT, minute, ARENA_CAT(p->a, book, cancel));
    }
}

static void add_counter(struct year_plays *p, struct year_pool *lead, const struct queue_hall *h, struct str taker, struct str clerk,
                        size_t at) {
    struct str serve = arena_fmt(p->a, "- {who: %.*s, do: call-next}\n- {who: %.*s, do: ticket-begin}\n- {who: %.*s, do: ticket-finish}\n",
                                 STR_ARG(clerk), STR_ARG(clerk), STR_ARG(clerk));
    add(p, lead, YEAR_COUNTER, OPENS_MIN,
        arena_fmt(p->a, "- {who: %.*s, do: open-counter, hall: %.*s, counter: '%.*s'}\n- {who: %.*s, do: close-counter, hall: %.*s}\n",
                  STR_ARG(clerk), STR_ARG(h->id), STR_ARG(h->counter[at].id), STR_ARG(clerk), STR_ARG(h->id)));
    for (size_t i = 0; i < h->n_lines; i++)
        if (h->counter[at].lines & (uint32_t)1 << i) add_line(p, lead, h, &h->line[i], taker, serve);
}

static void learn_hall(struct year_plays *p, struct year_pool *lead, const struct queue_hall *h) {
    const struct system **all;
    size_t n = p->w->app->realm.systems.active(p->w->app->realm.systems.context, &all), n_clerks = 0;
    struct str taker = S(""), clerk[CLERKS_MAX];
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < val_count(all[i]->sample_accounts); k++) {
            const struct val *row = val_item(all[i]->sample_accounts, k);
            struct str login = val_get_str(row, S("login"));
            if (!str_eq(val_get_str(row, S("unit")), h->unit)) continue;
            if (n_clerks < CLERKS_MAX && n_clerks < h->n_counters &&
                may(p, arena_fmt(p->a, "{who: %.*s, do: open-counter, hall: %.*s, counter: '%.*s'}", STR_ARG(login), STR_ARG(h->id),
                                 STR_ARG(h->counter[n_clerks].id))))
                clerk[n_clerks++] = login;
            if (may(p, arena_fmt(p->a, "{who: %.*s, do: take-ticket, hall: %.*s, line: %.*s}", STR_ARG(login), STR_ARG(h->id),
                                 STR_ARG(h->line[0].id))))
                taker = login;
        }
    for (size_t i = 0; taker.len && i < n_clerks; i++) add_counter(p, lead, h, taker, clerk[i], i);
}

int year_learn_halls(struct year_plays *p, struct err *e) {
    const struct queue_hall *halls[HALLS_MAX];
    struct year_pool *lead = NULL;
    size_t n = queue_halls(&p->w->app->realm, halls, HALLS_MAX);
    for (size_t i = 0; i < p->pools.n; i++) { /* the most who come for themselves */
        struct year_pool *pool = p->pools.entry[i].value;
        if (!pool->company && (!lead || pool->n > lead->n)) lead = pool;
    }
    p->visit = arena_array(p->a, YEAR_VISITS_MAX, sizeof *p->visit);
    if (!p->visit) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; lead && lead->n && i < n && i < HALLS_MAX; i++) learn_hall(p, lead, halls[i]);
    return 0;
}

int64_t year_minute(const struct tz *tz, struct civil_date day, int32_t minute) {
    struct civil_time t = { .hour = (uint8_t)(minute / 60), .minute = (uint8_t)(minute % 60) };
    unsigned month, of_month;
    civil_split(day, &t.year, &month, &of_month);
    t.month = (uint8_t)month, t.day = (uint8_t)of_month;
    return tz_instant_ms(tz, &t);
}

int64_t year_visit_begins(const struct year_plays *p, const struct year_play *play, int64_t near_ms, uint64_t draw) {
    const struct tz *tz = p->w->app->realm.tz;
    struct civil_date day = tz_date(tz, near_ms);
    while (civil_weekday(day) > 5) day.day++;
    if (play->visit == YEAR_COUNTER) return year_minute(tz, day, play->minute);
    int32_t minute = (int32_t)(draw % (MORNING_SPAN + NOON_SPAN));
    return year_minute(tz, day, minute < MORNING_SPAN ? MORNING_MIN + minute : NOON_MIN + minute - MORNING_SPAN);
}

int64_t year_visit_goes_on(const struct year_plays *p, const struct year_play *play, size_t step, int64_t at_ms, uint64_t draw) {
    enum { MINUTE_MS = 60000 };
    struct civil_date day = tz_date(p->w->app->realm.tz, at_ms);
    struct str verb = val_get_str(play->step[step].step, S("do"));
    if (str_eq(verb, S("close-counter"))) return year_minute(p->w->app->realm.tz, day, CLOSES_MIN);
    if (str_eq(verb, S("check-in"))) return year_minute(p->w->app->realm.tz, (struct civil_date){ day.day + 1 }, play->minute - 5);
    if (str_eq(verb, S("cancel-booking"))) return at_ms + (int64_t)(20 + draw % 180) * MINUTE_MS;
    if (str_eq(verb, S("ticket-begin"))) return at_ms + MINUTE_MS;
    return at_ms + (int64_t)(2 + draw % 12) * MINUTE_MS;
}
