/* demo_year: the order in which a year's cases go on, and the transactions that they share; see demo_year.h.
 *
 * What the system does by itself between two steps (papers, timers, reminders) it does here once an hour of the year, and once a day the
 * log is numbered and supervision reads it.
 */
#include "app/demo_year.h"

#include <stdio.h>

#include "os/os.h"

enum { BATCH = 48, BATCH_MS = 20 * 60000, TURNS_MAX = 100000 };
enum { VISITS_OF = 3, CLERKS_MAX = 16 }; /* a visit to a hall for so many cases; counters that open every day */
enum { MINUTE_MS = 60000, HOUR_MS = 3600000, DAY_MS = 86400000, OPENS_MIN = 9 * 60, CLOSES_MIN = 17 * 60 };

struct case_run {
    struct scenario s;
    const struct year_play *play;
    size_t next; /* step */
    uint64_t number;
    int64_t at_ms;
    char login[24]; /* of who applies */
};

struct year {
    struct arena scratch, job;
    struct year_plays plays;
    struct app *app;
    uint64_t seed;
    struct case_run *run, **heap; /* the earliest first */
    size_t n_runs, n_cases, n_heap, begun, stopped;
    int64_t hour_ms, day_ms;      /* when the system's own work is next */
    unsigned month;               /* that was told last */
};

int year_new(struct demo_work *w, int64_t cases, struct year **ret, struct err *e) {
    struct year *y = arena_new(w->a, struct year);
    if (!y) return err_set(e, ERR_MEMORY, NULL);
    size_t n = (size_t)cases, more = n / VISITS_OF + CLERKS_MAX * DEMO_YEAR_DAYS;
    *y = (struct year){ .app = w->app, .seed = w->d->seed, .n_cases = n };
    y->plays = (struct year_plays){ .w = w, .a = w->a };
    map_init(&y->plays.pools, w->a);
    map_init(&y->plays.members, w->a);
    y->run = arena_array(w->a, n + more, sizeof *y->run);
    y->heap = arena_array(w->a, n + more, sizeof *y->heap);
    if (!y->run || !y->heap) return err_set(e, ERR_MEMORY, NULL);
    arena_init(&y->scratch, "steps of a year", 64 * 1024 * 1024);
    arena_init(&y->job, "a transaction of a year", 256 * 1024 * 1024);
    *ret = y;
    return 0;
}

int year_learn(struct year *y, const struct val *yaml, struct err *e) {
    return year_plays_learn(&y->plays, yaml, e);
}

/* ---- the order ---- */

static bool before(const struct case_run *x, const struct case_run *y) {
    return x->at_ms < y->at_ms || (x->at_ms == y->at_ms && x->number < y->number);
}

static void heap_put(struct year *y, struct case_run *r) {
    size_t i = y->n_heap++;
    for (; i && before(r, y->heap[(i - 1) / 2]); i = (i - 1) / 2) y->heap[i] = y->heap[(i - 1) / 2];
    y->heap[i] = r;
}

static struct case_run *heap_take(struct year *y) {
    struct case_run *first = y->heap[0], *last = y->heap[--y->n_heap];
    size_t i = 0, k;
    while ((k = 2 * i + 1) < y->n_heap) {
        if (k + 1 < y->n_heap && before(y->heap[k + 1], y->heap[k])) k++;
        if (!before(y->heap[k], last)) break;
        y->heap[i] = y->heap[k];
        i = k;
    }
    y->heap[i] = last;
    return first;
}

/* The same moment, or the next at which an office is open. */
static int64_t in_office(const struct year *y, int64_t ms, uint64_t draw) {
    const struct tz *tz = y->app->realm.tz;
    struct civil_time t;
    struct civil_date day = tz_date(tz, ms);
    tz_split(tz, ms, &t);
    int32_t minute = t.hour * 60 + t.minute;
    if (minute >= OPENS_MIN && minute < CLOSES_MIN && civil_weekday(day) <= 5) return ms;
    if (minute >= CLOSES_MIN) day.day++;
    while (civil_weekday(day) > 5) day.day++;
    return year_minute(tz, day, OPENS_MIN + (int32_t)(draw % (CLOSES_MIN - OPENS_MIN)));
}

/* How long an office leaves a thing: most are done within the day, some take days, a few too long. */
static int64_t office_takes(uint64_t draw) {
    uint64_t kind = draw % 100, of = draw / 100;
    if (kind < 60) return (int64_t)(20 + of % 240) * MINUTE_MS;
    if (kind < 93) return (int64_t)(6 + of % 60) * HOUR_MS;
    return (int64_t)(3 + of % 9) * DAY_MS;
}

/* When the case goes on, and with which step. Not again in the heap: it is over. */
static void go_on(struct year *y, struct case_run *r) {
    uint64_t draw = year_draw(y->seed, r->number, r->next + 1000);
    if (r->play->visit) {
        if (r->next == r->play->n) return;
        r->at_ms = year_visit_goes_on(&y->plays, r->play, r->next, r->at_ms, draw);
        heap_put(y, r);
        return;
    }
    while (r->next < r->play->n) {
        const struct year_step *step = &r->play->step[r->next];
        struct str verb = val_get_str(step->step, S("do"));
        bool own = val_get_str(step->step, S("who")).len == 0 && !str_eq(verb, S("redress"));
        int64_t hours = val_get_i64(step->step, S("days"), 0) * 24 + val_get_i64(step->step, S("hours"), 0);
        if (str_eq(verb, S("wait"))) r->at_ms += hours * HOUR_MS;
        else if (own) r->at_ms += HOUR_MS + MINUTE_MS; /* the hourly work comes between */
        else if (str_eq(verb, S("redress"))) r->at_ms += MINUTE_MS;
        else if (str_eq(verb, S("rate"))) r->at_ms += (int64_t)(1 + draw % 96) * HOUR_MS;
        else if (step->applicant) r->at_ms += (int64_t)(1 + draw % 4) * MINUTE_MS;
        else r->at_ms = in_office(y, r->at_ms + office_takes(draw), draw / 7);
        if (!own) break;
        r->next++;
    }
    if (r->next < r->play->n) heap_put(y, r);
}

/* ---- what the system does by itself ---- */

static int turn_of(struct year *y, int (*turn)(struct app *, size_t *, struct err *), struct err *e) {
    size_t n = 1;
    int rc = 0;
    for (int i = 0; !rc && n && i < TURNS_MAX; i++) rc = turn(y->app, &n, e);
    return rc;
}

static void tell(struct year *y) {
    struct civil_time t;
    tz_split(y->app->realm.tz, os_now_ms(), &t);
    if (t.month == y->month || !y->plays.w->d->says) return;
    y->month = t.month;
    (void)fprintf(stderr, "  %04d-%02u: %zu of %zu cases\n", (int)t.year, t.month, y->begun, y->n_cases);
}

static int tend(struct year *y, struct err *e) {
    int rc = turn_of(y, app_fire_timers, e);
    if (!rc) rc = turn_of(y, app_set_papers, e);
    if (!rc) rc = turn_of(y, app_remind, e);
    y->hour_ms = os_now_ms() / HOUR_MS * HOUR_MS + HOUR_MS;
    if (rc || os_now_ms() < y->day_ms) return rc;
    y->day_ms = os_now_ms() + DAY_MS;
    tell(y);
    for (int i = 0; !rc && i < 2; i++) rc = scenario_supervise(y->app, e); /* the second time it reads what the first has led to */
    return rc;
}

static void clock_to(int64_t ms) {
    int64_t now = os_now_ms();
    if (ms > now) os_clock_advance(ms - now);
}

/* ---- steps of many cases in one transaction ---- */

struct batch {
    struct year *y;
    size_t n, at;
    struct case_run *run[BATCH];
    const struct val *step[BATCH];
    struct item_file file[BATCH];
    struct str sealed[BATCH];
    int64_t case_id[BATCH]; /* before it */
    struct scenario_hand hand[BATCH];
    bool out[BATCH];
};

static int seal_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct batch *b = job->arg;
    int rc = 0;
    for (b->at = 0; !rc && b->at < b->n; b->at++)
        if (!b->out[b->at] && scenario_gives_file(val_get_str(b->step[b->at], S("do"))))
            rc = scenario_seal(&b->run[b->at]->s, tx, b->step[b->at], &b->file[b->at], &b->sealed[b->at], e);
    if (rc) b->at--;
    return rc;
}

static int do_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct batch *b = job->arg;
    int rc = 0;
    for (b->at = 0; b->at < b->n; b->at++) {
        struct case_run *r = b->run[b->at];
        if (b->out[b->at]) continue;
        r->s.case_id = b->case_id[b->at];
        r->s.hand = b->hand[b->at];
        rc = scenario_do(&r->s, tx, b->step[b->at], b->sealed[b->at].len ? &b->file[b->at] : NULL, e);
        if (rc) return rc;
    }
    b->at = SIZE_MAX;
    return 0;
}

/* Until it goes through: each time without the one that was refused. */
static int run_without(struct batch *b, enum store_queue queue, store_body *body, struct err *e) {
    for (size_t i = 0; i <= b->n; i++) {
        struct store_job job = { .home = b->y->app->realm.home, .queue = queue, .arena = &b->y->job, .body = body, .arg = b };
        b->at = SIZE_MAX;
        enum store_outcome out = store_run(b->y->app->store, &job);
        if (out == STORE_OK) return 0;
        if (out != STORE_FAILED || b->at >= b->n) {
            if (e) *e = job.err;
            return job.err.code ? job.err.code : ERR_STORE;
        }
        b->out[b->at] = true;
    }
    return 0;
}

static int do_batch(struct batch *b, struct err *e) {
    struct year *y = b->y;
    bool files = false;
    for (size_t i = 0; i < b->n; i++) {
        struct case_run *r = b->run[i];
        b->step[i] = year_step_of(&y->plays, r->play, r->next, y->seed, r->number, &y->scratch);
        b->case_id[i] = r->s.case_id;
        b->hand[i] = r->s.hand;
        files = files || scenario_gives_file(val_get_str(b->step[i], S("do")));
    }
    int rc = files ? run_without(b, STORE_READ, seal_body, e) : 0;
    for (size_t i = 0; !rc && i < b->n; i++)
        if (!b->out[i] && b->sealed[i].len) rc = blobs_put(y->app->realm.blobs, b->sealed[i], b->file[i].blob, e);
    if (!rc) rc = run_without(b, STORE_INTERACTIVE, do_body, e);
    for (size_t i = 0; !rc && i < b->n; i++) {
        struct case_run *r = b->run[i];
        if (b->out[i] && !r->play->step[r->next].free) {
            y->stopped += !r->play->visit;
            continue;
        }
        y->begun += r->next == 0 && !r->play->visit;
        r->next++;
        r->at_ms = os_now_ms();
        go_on(y, r);
    }
    arena_reset(&y->scratch);
    return rc;
}

/* ---- the year ---- */

static const struct year_play *play_of(const struct year *y, uint64_t number, int64_t weight) {
    int64_t at = weight ? (int64_t)(year_draw(y->seed, number, 1) % (uint64_t)weight) : 0;
    size_t i = 0;
    while (i + 1 < y->plays.n && at >= y->plays.play[i].weight) at -= y->plays.play[i++].weight;
    return &y->plays.play[i];
}

static struct case_run *new_run(struct year *y, const struct year_play *play) {
    struct case_run *r = &y->run[y->n_runs++];
    *r = (struct case_run){ .number = y->n_runs, .play = play };
    struct str login = year_lead_of(play, y->seed, r->number);
    (void)snprintf(r->login, sizeof r->login, "%.*s", STR_ARG(login));
    r->s = (struct scenario){ .app = y->app, .systems_dir = y->plays.w->d->systems_dir };
    r->s.stands = play->lead->company ? str_of(r->login) : S("-");
    return r;
}

static void begin_run(struct year *y, const struct year_play *play, int64_t at_ms, uint64_t draw) {
    struct case_run *r = new_run(y, play);
    r->at_ms = year_visit_begins(&y->plays, play, at_ms, draw);
    heap_put(y, r);
}

/* Who comes to the halls, and the counters of each day on which somebody does: on the spot, or at a time that was booked the day before. */
static void begin_visits(struct year *y, int64_t from_ms, int64_t until_ms) {
    const struct year_plays *p = &y->plays;
    const struct tz *tz = y->app->realm.tz;
    size_t counters = 0, visits = p->n_visits;
    bool open[DEMO_YEAR_DAYS + 8] = { false };
    int32_t first = tz_date(tz, from_ms).day;
    for (size_t i = 0; i < visits; i++) counters += p->visit[i].visit == YEAR_COUNTER;
    for (size_t i = 0; visits > counters && i < y->n_cases / VISITS_OF; i++) {
        const struct year_play *play;
        uint64_t draw = year_draw(y->seed, i, 4);
        do play = &p->visit[draw++ % visits];
        while (play->visit == YEAR_COUNTER);
        begin_run(y, play, from_ms + (int64_t)(year_draw(y->seed, i, 5) % (uint64_t)(until_ms - from_ms)), year_draw(y->seed, i, 6));
        int32_t day = tz_date(tz, y->run[y->n_runs - 1].at_ms).day - first;
        open[day] = open[day + 1] = true;
    }
    for (int32_t day = 0; counters <= CLERKS_MAX && day < DEMO_YEAR_DAYS; day++)
        for (size_t i = 0; i < visits && open[day] && civil_weekday((struct civil_date){ first + day }) <= 5; i++)
            if (p->visit[i].visit == YEAR_COUNTER) begin_run(y, &p->visit[i], from_ms + day * (int64_t)DAY_MS, 0);
}

int year_begin(struct year *y, int64_t from_ms, int64_t until_ms, struct err *e) {
    int64_t weight = 0, span = until_ms - from_ms;
    int rc = year_accounts(&y->plays, e);
    if (!rc) rc = year_learn_halls(&y->plays, e);
    if (rc) return rc;
    year_weigh(&y->plays);
    for (size_t i = 0; i < y->plays.n; i++) weight += y->plays.play[i].weight;
    for (size_t i = 0; y->plays.n && i < y->n_cases; i++) { /* or a city without cases */
        struct case_run *r = new_run(y, play_of(y, i + 1, weight));
        r->at_ms = from_ms + (int64_t)(year_draw(y->seed, r->number, 2) % (uint64_t)span);
        r->at_ms = in_office(y, r->at_ms, year_draw(y->seed, r->number, 3));
        heap_put(y, r);
    }
    begin_visits(y, from_ms, until_ms);
    return 0;
}

int year_run(struct year *y, int64_t until_ms, struct err *e) {
    int rc = 0;
    while (!rc && y->n_heap && y->heap[0]->at_ms <= until_ms) {
        struct batch b = { .y = y };
        int64_t first = y->heap[0]->at_ms;
        if (first >= y->hour_ms) {
            clock_to(first / HOUR_MS * HOUR_MS);
            rc = tend(y, e);
            if (rc) break;
        }
        int64_t most = first + BATCH_MS < y->hour_ms ? first + BATCH_MS : y->hour_ms;
        if (most > until_ms) most = until_ms;
        while (b.n < BATCH && y->n_heap && y->heap[0]->at_ms <= most) b.run[b.n++] = heap_take(y);
        clock_to(b.run[b.n - 1]->at_ms);
        rc = do_batch(&b, e);
    }
    clock_to(until_ms);
    return rc ? rc : tend(y, e);
}

void year_done(struct year *y) {
    if (!y) return;
    if (y->plays.w->d->says)
        (void)fprintf(stderr, "  %zu cases; %zu of them were left where a step was refused\n", y->begun, y->stopped);
    arena_done(&y->job);
    arena_done(&y->scratch);
}
