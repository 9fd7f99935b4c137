/* clock: the legal clock of one matter; see clock.h for the law's rules.
 *
 * The log is read once (replay), which gives the acceptance, the pauses as pairs of days, the extensions and the
 * state. Then the days are walked from the acceptance on: each is paused, off, or counted; the day that brings the
 * count to the total is the last, and is moved out of pauses and days off. A limit in months is the same walk,
 * once the corresponding day has told how many calendar days it is. Hours are arithmetic of instants.
 *
 * Invariants: pauses are in order and do not overlap; the walk never passes WALK_MAX days; the log is read whole or the
 * count is refused; what is allocated in the caller's arena is rows only.
 */
#include "engine/clock/clock.h"

enum { WALK_MAX = 20000, HOUR_MS = 3600000 };

struct pause {
    int32_t from, to; /* day it began, day it ended (today while open) */
    int64_t from_ms, to_ms;
    struct str reason, basis;
};

struct run {
    const struct clock_calendar *c;
    const struct tz *tz;
    const struct clock_rules *rules;
    struct arena own; /* of the count: the pauses */
    struct pause *pause;
    size_t n_pause, pause_cap;
    bool accepted, open, finished;
    int64_t accept_ms, ref_ms; /* ref: now, or the finish */
    int32_t extra;
    struct arena *arena;
    struct clock_result *r;
    size_t cap;
    struct err *e;
};

static bool declared(const struct str *list, size_t n, struct str id) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i], id)) return true;
    return false;
}

static int out_of_place(struct run *run, const char *what) {
    return err_set(run->e, ERR_STATE, "%s", what);
}

static int on_pause(struct run *run, const struct clock_event *ev) {
    if (run->open) return out_of_place(run, "时钟已经暂停");
    if (!declared(run->rules->pause_reason, run->rules->n_pause_reason, ev->reason))
        return err_field(run->e, ERR_CODE, ev->reason, "暂停的理由不在规定的清单内");
    if (run->n_pause == CLOCK_PAUSES_MAX) return err_set(run->e, ERR_LIMIT, "%d", CLOCK_PAUSES_MAX);
    if (run->n_pause == run->pause_cap) {
        size_t more = run->pause_cap ? run->pause_cap * 2 : 8;
        struct pause *p = arena_array(&run->own, more, sizeof *p);
        if (!p) return err_set(run->e, ERR_MEMORY, NULL);
        for (size_t i = 0; i < run->n_pause; i++) p[i] = run->pause[i];
        run->pause = p, run->pause_cap = more;
    }
    run->pause[run->n_pause++] = (struct pause){ .from = tz_date(run->tz, ev->at_ms).day, .from_ms = ev->at_ms,
                                                .reason = ev->reason, .basis = ev->basis };
    run->open = true;
    return 0;
}

static void close_pause(struct run *run, int64_t at_ms) {
    struct pause *p = &run->pause[run->n_pause - 1];
    p->to_ms = at_ms > p->from_ms ? at_ms : p->from_ms;
    p->to = tz_date(run->tz, p->to_ms).day;
}

static int on_event(struct run *run, const struct clock_event *ev) {
    if (run->finished) return out_of_place(run, "时钟已经停止");
    if (!run->accepted && ev->kind != CLOCK_ACCEPT) return out_of_place(run, "尚未受理，时钟没有开始");
    switch (ev->kind) {
    case CLOCK_ACCEPT:
        if (run->accepted) return out_of_place(run, "已经受理，不能再次开始计时");
        run->accepted = true;
        run->accept_ms = ev->at_ms;
        return 0;
    case CLOCK_PAUSE: return on_pause(run, ev);
    case CLOCK_RESUME:
        if (!run->open) return out_of_place(run, "时钟没有暂停");
        close_pause(run, ev->at_ms);
        run->open = false;
        return 0;
    case CLOCK_EXTEND:
        if (!declared(run->rules->extend_reason, run->rules->n_extend_reason, ev->reason))
            return err_field(run->e, ERR_CODE, ev->reason, "延期的理由不在规定的清单内");
        if (ev->n <= 0 || __builtin_add_overflow(run->extra, ev->n, &run->extra))
            return err_set(run->e, ERR_RANGE, "1-%d", WALK_MAX);
        return 0;
    case CLOCK_FINISH:
        run->finished = true;
        run->ref_ms = ev->at_ms;
        return 0;
    }
    return out_of_place(run, "未知的事件");
}

static int replay(struct run *run, const struct clock_event *log, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (i && log[i].at_ms < log[i - 1].at_ms) return out_of_place(run, "事件的时间先后颠倒");
        int rc = on_event(run, &log[i]);
        if (rc) return rc;
    }
    /* A pause that nobody ended lasts until now, or until the finish ended it. */
    if (run->open) close_pause(run, run->ref_ms);
    return 0;
}

static struct clock_row *add_row(struct run *run, struct civil_date day, enum clock_row_kind kind, int32_t count) {
    struct clock_result *r = run->r;
    if (!run->arena) return NULL;
    if (r->n_row == CLOCK_TRACE_ROWS_MAX) {
        r->cut = true;
        return NULL;
    }
    if (r->n_row == run->cap) {
        size_t more = run->cap ? run->cap * 2 : 32;
        struct clock_row *row = arena_array(run->arena, more, sizeof *row);
        if (!row) return NULL;
        for (size_t i = 0; i < r->n_row; i++) row[i] = r->row[i];
        r->row = row;
        run->cap = more;
    }
    struct clock_row *row = &r->row[r->n_row++];
    *row = (struct clock_row){ .day = day, .kind = kind, .count = count, .text = clock_day_name(run->c, day),
                               .provisional = !clock_is_announced(run->c, day) };
    return row;
}

/* The pause that takes out `day`, or NULL. */
static const struct pause *pause_over(const struct run *run, int32_t day) {
    for (size_t i = 0; i < run->n_pause; i++)
        if (run->pause[i].from < day && day <= run->pause[i].to) return &run->pause[i];
    return NULL;
}

/* One day of the walk; true if it counts. */
static bool walk_day(struct run *run, struct civil_date day, bool working, int32_t count) {
    const struct pause *p = pause_over(run, day.day);
    if (p) {
        struct clock_row *row = add_row(run, day, CLOCK_ROW_PAUSED, count);
        if (row) row->text = p->reason, row->basis = p->basis;
        return false;
    }
    enum clock_day_kind kind = clock_day_kind(run->c, day);
    if (working && (kind == CLOCK_WEEKEND || kind == CLOCK_HOLIDAY)) {
        (void)add_row(run, day, kind == CLOCK_HOLIDAY ? CLOCK_ROW_HOLIDAY : CLOCK_ROW_WEEKEND, count);
        return false;
    }
    (void)add_row(run, day, working && kind == CLOCK_MAKEUP ? CLOCK_ROW_MAKEUP : CLOCK_ROW_COUNTED, count + 1);
    return true;
}

/* Moves the last day out of pauses and days off (invariants 3 and 4 of the header), until both hold. */
static struct civil_date settle(const struct run *run, struct civil_date last) {
    for (size_t round = 0; round <= run->n_pause; round++) {
        for (size_t i = 0; i < run->n_pause; i++)
            if (run->pause[i].from <= last.day && last.day < run->pause[i].to) last.day = run->pause[i].to;
        last = clock_next_workday(run->c, last);
    }
    return last;
}

static void stand(struct run *run, bool working, int32_t total, struct civil_date reached) {
    struct clock_result *r = run->r;
    struct civil_date ref = tz_date(run->tz, run->ref_ms);
    r->due = settle(run, reached);
    if (r->due.day != reached.day) (void)add_row(run, r->due, CLOCK_ROW_MOVED, total);
    for (int32_t d = reached.day + 1; d <= r->due.day; d++)
        if (!clock_is_announced(run->c, (struct civil_date){ d })) r->provisional = true;
    struct civil_time end = { 0 };
    unsigned month, mday;
    bool midnight = run->rules->close_min <= 0 || run->rules->close_min >= 24 * 60;
    civil_split((struct civil_date){ midnight ? r->due.day + 1 : r->due.day }, &end.year, &month, &mday);
    end.month = (uint8_t)month;
    end.day = (uint8_t)mday;
    if (!midnight) {
        end.hour = (uint8_t)(run->rules->close_min / 60);
        end.minute = (uint8_t)(run->rules->close_min % 60);
    }
    r->due_ms = tz_instant_ms(run->tz, &end);
    r->late = run->ref_ms >= r->due_ms;
    r->remaining = total - r->used;
    if (r->late) {
        r->over = working ? clock_workdays_between(run->c, r->due, ref) : ref.day - r->due.day;
        if (r->over < 1) r->over = 1;
    }
}

static int count_days(struct run *run, int32_t total, bool working) {
    struct civil_date start = tz_date(run->tz, run->accept_ms), ref = tz_date(run->tz, run->ref_ms), day = start;
    int32_t count = 0;
    if (total < 0 || total > WALK_MAX / 2) return err_set(run->e, ERR_RANGE, "0-%d", WALK_MAX / 2);
    (void)add_row(run, start, CLOCK_ROW_START, 0);
    while (count < total) {
        if (day.day - start.day >= WALK_MAX) return err_set(run->e, ERR_RANGE, "0-%d", WALK_MAX);
        day.day++;
        if (walk_day(run, day, working, count)) count++;
        if (!clock_is_announced(run->c, day)) run->r->provisional = true;
        if (day.day <= ref.day) run->r->used = count;
    }
    run->r->total = total;
    stand(run, working, total, day);
    return 0;
}

static int count_hours(struct run *run, int32_t total) {
    struct clock_result *r = run->r;
    if (total < 0 || total > WALK_MAX * 24) return err_set(run->e, ERR_RANGE, "0-%d", WALK_MAX * 24);
    int64_t due = run->accept_ms + (int64_t)total * HOUR_MS, paused_ms = 0;
    struct clock_row *row = add_row(run, tz_date(run->tz, run->accept_ms), CLOCK_ROW_START, 0);
    if (row) row->at_ms = run->accept_ms;
    for (size_t i = 0; i < run->n_pause && run->pause[i].from_ms < due; i++) {
        const struct pause *p = &run->pause[i];
        due += p->to_ms - p->from_ms;
        paused_ms += p->to_ms - p->from_ms;
        int64_t ran = p->from_ms - run->accept_ms - (paused_ms - (p->to_ms - p->from_ms));
        row = add_row(run, (struct civil_date){ p->from }, CLOCK_ROW_PAUSED, (int32_t)(ran / HOUR_MS));
        if (row) row->at_ms = p->from_ms, row->text = p->reason, row->basis = p->basis;
    }
    r->due_ms = due;
    r->due = tz_date(run->tz, due);
    row = add_row(run, r->due, CLOCK_ROW_COUNTED, total);
    if (row) row->at_ms = due;
    /* Hours do not ask for working days, so no notice can change them. */
    for (size_t i = 0; i < r->n_row; i++) r->row[i].provisional = false;
    int64_t used_ms = run->ref_ms - run->accept_ms - paused_ms;
    if (used_ms < 0) used_ms = 0;
    r->total = total;
    r->late = run->ref_ms >= due;
    r->used = used_ms / HOUR_MS < total ? (int32_t)(used_ms / HOUR_MS) : total;
    r->remaining = total - r->used;
    if (r->late) r->over = (int32_t)((run->ref_ms - due) / HOUR_MS) + 1;
    return 0;
}

static int count(struct run *run, struct clock_limit limit) {
    int32_t total;
    if (__builtin_add_overflow(limit.n, run->extra, &total)) return err_set(run->e, ERR_RANGE, "0-%d", WALK_MAX);
    switch (limit.unit) {
    case CLOCK_HOURS: return count_hours(run, total);
    case CLOCK_MONTHS: {
        if (total < 0 || total > WALK_MAX / 62) return err_set(run->e, ERR_RANGE, "0-%d", WALK_MAX / 62);
        struct civil_date start = tz_date(run->tz, run->accept_ms);
        return count_days(run, clock_add_months(start, total).day - start.day, false);
    }
    case CLOCK_CALENDAR_DAYS: return count_days(run, total, false);
    case CLOCK_WORKING_DAYS: break;
    }
    return count_days(run, total, true);
}

int clock_count(const struct clock_calendar *c, const struct tz *tz, struct clock_limit limit,
    const struct clock_rules *rules,
                const struct clock_event *log, size_t n, int64_t now_ms, struct arena *trace, struct clock_result *ret,
                struct err *e) {
    struct run run = { .c = c, .tz = tz, .rules = rules, .arena = trace, .r = ret, .e = e, .ref_ms = now_ms };
    arena_init(&run.own, "clock", 1024 * 1024);
    *ret = (struct clock_result){ .unit = limit.unit };
    int rc = replay(&run, log, n);
    if (!rc && run.accepted) rc = count(&run, limit);
    if (!rc && run.open) ret->pause_reason = run.pause[run.n_pause - 1].reason;
    arena_done(&run.own);
    if (rc || !run.accepted) return rc;
    if (trace && arena_overflowed(trace)) return err_set(e, ERR_MEMORY, NULL);
    ret->state = run.finished ? CLOCK_FINISHED : run.open ? CLOCK_PAUSED : CLOCK_RUNNING;
    if (ret->state != CLOCK_PAUSED) ret->pause_reason = S("");
    ret->warn = ret->state == CLOCK_RUNNING && !ret->late && ret->remaining <= rules->warn;
    return 0;
}
