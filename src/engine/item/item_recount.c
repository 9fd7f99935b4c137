/* item_recount: what limits come to when the table of holidays changes; see item.h. The legal clock of a
 * case and the limits of its steps are counted again from when they began; a moment that was not counted
 * from there (a step that goes on where another was undone) keeps the working days that were left of it.
 *
 * Whose limit moved is told, with the old day and the new one: the applicant of the case's, whoever has a
 * step in hand of the step's.
 *
 * Invariants: 1. One case, one act, one event `recount` that names the release; a second time changes
 * nothing and tells nobody. 2. Hours and plain durations do not ask for working days: they stay. 3. Nothing else of the
 * case changes.
 */
#include "engine/item/item_rows.h"
#include "engine/notify/notify.h"

static const struct str open_states[] = { S_INIT("accepted"), S_INIT("supplement"), S_INIT("submitted") };

int item_open_cases(struct store_tx *tx, const struct realm *r, int64_t key, int64_t at, int64_t *ids,
                    int64_t *keys, size_t max, size_t *n, struct err *e) {
    const struct scope_token all = { .home = r->home, .all = true };
    const struct scope_order open = { .facet = SCOPE_B,
                                      .value = open_states[0],
                                      .or_value = open_states + 1,
                                      .n_or = sizeof open_states / sizeof *open_states - 1 };
    return scope_page(tx, &all, S("case"), &open, key, at, ids, keys, max < SCOPE_PAGE_MAX ? max : SCOPE_PAGE_MAX,
                      n, e);
}

/* The promised clock of the case by this calendar; 0: it has none, or none yet. */
static int clock_due(const struct realm *r, const struct item_case *c, const struct val *events,
                     const struct clock_calendar *days, int64_t now_ms, int64_t *ret, struct err *e) {
    const struct realm by = { .home = r->home, .tz = r->tz, .calendar = days };
    struct clock_result res;
    int rc = item_clock(&by, c, events, false, now_ms, NULL, &res, e);
    *ret = rc || res.state == CLOCK_NOT_STARTED ? 0 : res.due_ms;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

int item_recount_look(struct store_tx *tx, const struct realm *r, int64_t case_id,
                      const struct item_recount *o, struct item_moved *ret, struct err *e) {
    struct item_case c;
    struct val *events;
    int rc = item_case_get(tx, r, NULL, case_id, &c, e);
    if (rc) return rc;
    *ret = (struct item_moved){ .number = c.number, .system = c.system, .item = c.type->name };
    if (c.ended_ms || !c.accepted_ms) return 0;
    rc = item_events(tx, r, &c, &events, e);
    if (!rc) rc = clock_due(r, &c, events, o->before, store_now_ms(tx), &ret->was_ms, e);
    if (!rc) rc = clock_due(r, &c, events, o->after, store_now_ms(tx), &ret->now_ms, e);
    return rc;
}

/* ---- one moment ---- */

struct recounting {
    struct act *act;
    struct item_case *c;
    const struct item_recount *o;
    bool moved;
    struct flow_task *task; /* of the case, as they stood before */
    int64_t *due_ms;        /* of each: what its limit is by now */
    size_t n_tasks;
};

static bool asked_for(const struct flow_task *t) {
    return t->state <= FLOW_TASK_RESERVED && item_task_of_applicant(t);
}

/* As many working days from today as were left by the calendar of before. */
static int64_t as_much_left(const struct recounting *x, int64_t was_ms) {
    const struct tz *tz = x->act->realm->tz;
    const struct civil_date today = tz_date(tz, store_now_ms(x->act->tx)), last = tz_date(tz, was_ms - 1);
    const int32_t n = clock_workdays_between(x->o->before, today, last);
    if (n <= 0) return was_ms;
    const int64_t days = clock_add_workdays(x->o->after, today, n, NULL).day - last.day;
    return was_ms + days * INT64_C(86400000);
}

static int again(void *context, struct str text, int64_t from_ms, int64_t was_ms, int64_t *ret,
                 struct err *e) {
    struct recounting *x = context;
    const struct clock_event start = { .at_ms = from_ms, .kind = CLOCK_ACCEPT };
    const struct clock_rules rules = { 0 };
    struct clock_limit limit;
    struct clock_result was, now;
    *ret = was_ms;
    if (clock_limit_parse(text, &limit, NULL) || limit.unit == CLOCK_HOURS) return 0;
    const struct tz *tz = x->act->realm->tz;
    int rc = clock_count(x->o->before, tz, limit, &rules, &start, 1, from_ms, NULL, &was, e);
    if (!rc) rc = clock_count(x->o->after, tz, limit, &rules, &start, 1, from_ms, NULL, &now, e);
    if (!rc) *ret = was.due_ms == was_ms ? now.due_ms : as_much_left(x, was_ms);
    for (size_t i = 0; !rc && i < x->n_tasks; i++) /* what the applicant is asked for, until a timer takes it away */
        if (asked_for(&x->task[i]) && x->task[i].due_ms == was_ms) x->due_ms[i] = *ret;
    return rc;
}

/* ---- one case ---- */

static int move_tasks(struct recounting *x, struct err *e) {
    struct flow_task *t;
    size_t n = 0;
    int rc = flow_tasks_of(x->act->tx, x->c->id, &t, &n, e);
    if (rc) return rc;
    x->due_ms = arena_array(store_arena(x->act->tx), n + 1, sizeof *x->due_ms);
    if (!x->due_ms) return err_set(e, ERR_MEMORY, NULL);
    x->task = t, x->n_tasks = n;
    for (size_t i = 0; !rc && i < n; i++) {
        int64_t was, now;
        x->due_ms[i] = t[i].due_ms;
        if (t[i].state > FLOW_TASK_RESERVED || !t[i].due_ms || t[i].kind != FLOW_TASK_STEP) continue;
        rc = item_task_due(x->act, x->c, &t[i], x->o->before, &was, e);
        if (!rc) rc = item_task_due(x->act, x->c, &t[i], x->o->after, &now, e);
        if (rc) break;
        if (was != t[i].due_ms) now = was ? as_much_left(x, t[i].due_ms) : t[i].due_ms;
        if (now == t[i].due_ms) continue;
        struct flow_task moved = t[i];
        x->moved = true;
        x->due_ms[i] = now;
        rc = item_task_due_move(x->act, x->c, &moved, now, e);
    }
    return rc;
}

static int move_timers(struct recounting *x, struct err *e) {
    struct item_flow_context context = { x->act, x->c };
    struct flow_instance *all;
    struct flow_env env;
    size_t n = 0, moved;
    item_flow_env(&context, &env);
    int rc = flow_instances_of(x->act->tx, x->c->id, &all, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        if (all[i].ended_ms) continue;
        rc = flow_timers_again(x->act->tx, &env, all[i].id, again, x, &moved, e);
        x->moved |= !rc && moved > 0;
    }
    for (size_t i = 0; !rc && i < x->n_tasks; i++)
        if (asked_for(&x->task[i]) && x->due_ms[i] != x->task[i].due_ms)
            rc = item_task_due_move(x->act, x->c, &x->task[i], x->due_ms[i], e);
    return rc;
}

static bool counted(const struct item_case *c, struct str release) {
    for (size_t i = 0; i < val_count(c->events); i++) {
        const struct val *ev = val_item(c->events, i);
        if (str_eq(val_get_str(ev, S("kind")), S("recount")) && str_eq(val_get_str(ev, S("reason")), release))
            return true;
    }
    return false;
}

static int note(struct recounting *x, struct str release, int64_t was_ms, struct err *e) {
    struct arena *a = store_arena(x->act->tx);
    struct val *body = val_map(a);
    if (was_ms != x->c->due_ms) {
        val_put_i64(a, body, S("was_ms"), was_ms);
        val_put_i64(a, body, S("now_ms"), x->c->due_ms);
    }
    return item_event_add(x->act->tx, x->act->realm, x->c,
                          &(struct item_event){ .kind = S("recount"), .reason = release, .body = body }, e);
}

static struct val *days_view(struct arena *a, int64_t was_ms, int64_t now_ms) {
    struct val *v = val_map(a);
    val_put(a, v, S("was"), notify_day(a, was_ms - 1));
    val_put(a, v, S("now"), notify_day(a, now_ms - 1));
    return v;
}

/* Whoever has a step in hand: of its own limit, or, where it has none, of the case's; the applicant of what he is asked for. */
static int tell_of_tasks(struct recounting *x, int64_t was_ms, struct err *e) {
    struct arena *a = store_arena(x->act->tx);
    const bool whole = was_ms && x->c->due_ms && was_ms != x->c->due_ms;
    int rc = 0;
    for (size_t i = 0; !rc && i < x->n_tasks; i++) {
        const struct flow_task *t = &x->task[i];
        const bool own = t->due_ms != 0;
        if (asked_for(t) && x->due_ms[i] != t->due_ms)
            rc = item_flow_tell(x->act, x->c, S("supplement-recounted"), days_view(a, t->due_ms, x->due_ms[i]), e);
        if (t->state > FLOW_TASK_RESERVED || !t->assignee_id || item_task_of_applicant(t)) continue;
        if (own ? x->due_ms[i] == t->due_ms : !whole) continue;
        struct val *more = own ? days_view(a, t->due_ms, x->due_ms[i]) : days_view(a, was_ms, x->c->due_ms);
        val_put_str(a, more, S("step"), t->title);
        rc = item_flow_tell_one(x->act, x->c, t->assignee_id, S("task-recounted"), more, e);
    }
    return rc;
}

static int tell(struct recounting *x, int64_t was_ms, struct err *e) {
    int rc = tell_of_tasks(x, was_ms, e);
    if (rc || !was_ms || !x->c->due_ms || was_ms == x->c->due_ms) return rc;
    return item_flow_tell(x->act, x->c, S("recounted"), days_view(store_arena(x->act->tx), was_ms, x->c->due_ms), e);
}

int item_recount(struct store_tx *tx, const struct realm *r, const struct actor *worker, int64_t case_id,
                 const struct item_recount *o, bool *moved, struct err *e) {
    struct act act;
    struct item_case c;
    struct recounting x = { .act = &act, .c = &c, .o = o };
    struct str release = arena_i64(store_arena(tx), o->release);
    *moved = false;
    access_asked(tx, S("case"), case_id, 0);
    int rc = act_open(&act, tx, r, worker, S("clock.hold"), e);
    if (!rc) rc = item_case_get(tx, r, NULL, case_id, &c, e);
    if (!rc) rc = item_events_keep(tx, r, &c, e);
    if (rc || c.ended_ms || counted(&c, release)) return rc;
    const int64_t was_ms = c.due_ms;
    rc = move_tasks(&x, e);
    if (!rc) rc = move_timers(&x, e);
    if (!rc && c.accepted_ms) rc = clock_due(r, &c, c.events, r->calendar, store_now_ms(tx), &c.due_ms, e);
    if (rc || (!x.moved && c.due_ms == was_ms)) return rc;
    rc = note(&x, release, was_ms, e);
    if (!rc) rc = item_row_update(tx, r, &c, e);
    if (!rc) rc = tell(&x, was_ms, e);
    if (rc) return rc;
    *moved = true;
    act.subject = c.person;
    act.release = c.release;
    return act_close(&act, S("case"), c.id, c.id, ARENA_CAT(store_arena(tx), S("recount "), release), e);
}

struct str item_recount_text(const struct realm *r, const struct val *ev, struct str lang, struct arena *a) {
    const int64_t was = val_get_i64(ev, S("was_ms"), 0), now = val_get_i64(ev, S("now_ms"), 0);
    struct val *args = val_map(a);
    if (!was || !now) return S("");
    val_put_str(a, args, S("was"), realm_day(r, a, lang, was - 1));
    val_put_str(a, args, S("now"), realm_day(r, a, lang, now - 1));
    return po_fill(a, realm_text(r, lang, S("办理期限由{was}改为{now}")), args);
}
