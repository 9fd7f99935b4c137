/* flow_event: timers (BPMN 2.0.2 section 10.5.5) and the instance's clocks.
 *
 * Invariants
 *  1. A timer belongs to a live token: it is dropped when the token leaves, ends or becomes an incident.
 *  2. While the instance's clocks stand (stopped_ms != 0) each timer is `standing` with the time it has left, and
 *     due_ms says nothing; when they run again, due_ms = now + what was left. A task's limit moves by as long as it
 *     stood.
 *  3. Of two timers due in the same millisecond the older one fires first; what it drops no longer fires.
 */
#include "data/tz.h"
#include "engine/flow/flow_run.h"

enum { MS_PER_S = 1000, S_PER_DAY = 86400, DURATION_DAYS_MAX = 36500 };

/* Digits at *at: at least one, at most `most`. */
static bool digits(struct str s, size_t *at, size_t most, int64_t *ret) {
    size_t from = *at;
    *ret = 0;
    while (*at < s.len && *at - from < most && s.ptr[*at] >= '0' && s.ptr[*at] <= '9')
        *ret = *ret * 10 + (s.ptr[(*at)++] - '0');
    return *at > from;
}

static bool one(struct str s, size_t *at, char c) {
    if (*at >= s.len || s.ptr[*at] != c) return false;
    ++*at;
    return true;
}

/* ISO 8601-1 section 5.5.2: PnW, or PnDTnHnMnS. Years and months have no fixed length: false. */
bool flow_iso_duration(struct str s, int64_t *ms) {
    static const struct {
        char unit;
        bool time;
        int64_t seconds;
    } part[] = { { 'W', false, 7 * S_PER_DAY },
                 { 'D', false, S_PER_DAY },
                 { 'H', true, 3600 },
                 { 'M', true, 60 },
                 { 'S', true, 1 } };
    size_t at = 0, k = 0;
    bool time = false, any = false;
    int64_t total = 0, n;
    if (!one(s, &at, 'P')) return false;
    while (at < s.len) {
        if (!time && one(s, &at, 'T')) {
            time = true;
            if (at == s.len) return false;
        }
        if (!digits(s, &at, 9, &n)) return false;
        while (k < 5 && (at >= s.len || part[k].unit != s.ptr[at] || part[k].time != time)) k++;
        if (k == 5) return false;
        total += n * part[k++].seconds;
        at++;
        any = true;
    }
    if (!any || total > (int64_t)DURATION_DAYS_MAX * S_PER_DAY) return false;
    *ms = total * MS_PER_S;
    return true;
}

/* RFC 3339: date "T" time with seconds and offset; what has no offset depends on a zone: false. */
bool flow_iso_instant(struct str s, int64_t *ms) {
    int64_t y, mo, d, h, mi, sec, oh = 0, om = 0, frac;
    size_t at = 0;
    if (!digits(s, &at, 4, &y) || at != 4 || !one(s, &at, '-') || !digits(s, &at, 2, &mo) || !one(s, &at, '-') ||
        !digits(s, &at, 2, &d) || !one(s, &at, 'T') || !digits(s, &at, 2, &h) || !one(s, &at, ':') ||
        !digits(s, &at, 2, &mi) || !one(s, &at, ':') || !digits(s, &at, 2, &sec))
        return false;
    if (one(s, &at, '.') && !digits(s, &at, 9, &frac)) return false;
    if (!one(s, &at, 'Z')) {
        bool west = one(s, &at, '-');
        if (!west && !one(s, &at, '+')) return false;
        if (!digits(s, &at, 2, &oh) || !one(s, &at, ':') || !digits(s, &at, 2, &om) || oh > 14 || om > 59) return false;
        if (west) oh = -oh, om = -om;
    }
    if (at != s.len || !civil_valid((int32_t)y, (unsigned)mo, (unsigned)d) || h > 23 || mi > 59 || sec > 59)
        return false;
    int64_t day = civil_of((int32_t)y, (unsigned)mo, (unsigned)d).day;
    *ms = (day * S_PER_DAY + (h - oh) * 3600 + (mi - om) * 60 + sec) * MS_PER_S;
    return true;
}

int flow_due(struct flow_run *r, const struct flow_token *t, struct str text, int64_t *due_ms, struct err *e) {
    struct flow_at at = flow_at(r, t);
    int64_t ms;
    if (text.len && text.ptr[0] == '=') {
        struct val *v = NULL;
        if (!r->env->value) return err_set(e, ERR_SYSTEM, "%s", "表达式没有求值的地方");
        int rc = r->env->value(r->env->context, &at, str_sub(text, 1, text.len - 1), r->vars, &v, e);
        if (rc) return rc;
        text = val_text(v);
    }
    if (flow_iso_duration(text, &ms)) {
        *due_ms = r->now_ms + ms;
        return 0;
    }
    if (flow_iso_instant(text, due_ms)) return 0;
    if (!text.len || !r->env->limit) return err_set(e, ERR_SYSTEM, "时限“%.*s”读不懂", STR_ARG(text));
    return r->env->limit(r->env->context, &at, text, r->now_ms, due_ms, e);
}

int flow_timer_arm(struct flow_run *r, struct flow_token *t, const struct flow_element *event, struct err *e) {
    int64_t due_ms;
    int rc = flow_due(r, t, event->timer_text, &due_ms, e);
    if (rc) return rc;
    struct flow_timer *timer = arena_new(r->arena, struct flow_timer);
    if (!timer || !flow_grow(r, (void **)&r->timer, r->n_timer, &r->cap_timer, sizeof *r->timer))
        return err_set(e, ERR_MEMORY, "%s", "");
    *timer = (struct flow_timer){ .id = flow_run_id(r),
                                  .instance_id = r->instance.id,
                                  .token_id = t->id,
                                  .element = event->id,
                                  .due_ms = due_ms,
                                  .mark = FLOW_NEW };
    if (r->instance.stopped_ms) {
        timer->standing = true;
        timer->remaining_ms = due_ms > r->now_ms ? due_ms - r->now_ms : 0;
    }
    r->timer[r->n_timer++] = timer;
    return 0;
}

int flow_boundary_arm(struct flow_run *r, struct flow_token *t, struct err *e) {
    for (size_t k = 0; k < t->element->n_boundary; k++) {
        int rc = flow_timer_arm(r, t, &r->model->element[t->element->boundary[k]], e);
        if (rc) return rc;
    }
    return 0;
}

bool flow_takes(const struct flow_run *r, const struct flow_timer *timer, const struct flow_token *t) {
    const struct flow_element *event = flow_element_find(r->model, timer->element);
    return timer->token_id == t->id && !flow_dead(timer->mark) && event && event->kind == FLOW_BOUNDARY &&
           event->interrupting;
}

void flow_timers_drop(struct flow_run *r, const struct flow_token *t) {
    for (size_t i = 0; i < r->n_timer; i++)
        if (r->timer[i]->token_id == t->id) flow_drop(&r->timer[i]->mark);
}

/* Section 13.5.3: the host is interrupted, with all that is inside it, and its token goes on from the boundary event;
 * or a token of its own starts there and the host stays as it is. */
static int fire_boundary(struct flow_run *r, struct flow_token *host, const struct flow_element *event) {
    struct flow_token *t = host;
    if (!event->interrupting) {
        t = flow_token_new(r, event, host->scope_id);
        return t ? flow_push(r, t, FLOW_OP_ENTER) : flow_fail(r, ERR_MEMORY, "");
    }
    int rc = flow_scope_clear(r, host->id, NULL, FLOW_TASK_OBSOLETE, S("timer"));
    if (!rc) rc = flow_tasks_end(r, host, FLOW_TASK_OBSOLETE);
    if (!rc) rc = flow_note(r, "leave", host, 0, S("timer"));
    if (rc) return rc;
    flow_timers_drop(r, host);
    t->element = event;
    t->edge = NULL;
    return flow_push(r, t, FLOW_OP_ENTER);
}

int flow_do_timer(struct flow_run *r, struct flow_timer *timer) {
    struct flow_token *t = flow_token_find(r, timer->token_id);
    const struct flow_element *event = flow_element_find(r->model, timer->element);
    if (!t || !event) return flow_fail(r, ERR_DAMAGED, "timer");
    flow_drop(&timer->mark);
    int rc = flow_note(r, "timer", t, 0, event->id);
    if (rc) return rc;
    rc = event->kind == FLOW_BOUNDARY ? fire_boundary(r, t, event) : flow_push(r, t, FLOW_OP_LEAVE);
    return rc ? rc : flow_rest(r);
}

static void stop(struct flow_run *r) {
    r->instance.stopped_ms = r->now_ms;
    for (size_t i = 0; i < r->n_timer; i++) {
        struct flow_timer *timer = r->timer[i];
        if (flow_dead(timer->mark)) continue;
        timer->standing = true;
        timer->remaining_ms = timer->due_ms > r->now_ms ? timer->due_ms - r->now_ms : 0;
        if (timer->mark == FLOW_SAME) timer->mark = FLOW_CHANGED;
    }
}

static void go_on(struct flow_run *r) {
    for (size_t i = 0; i < r->n_timer; i++) {
        struct flow_timer *timer = r->timer[i];
        if (flow_dead(timer->mark)) continue;
        timer->standing = false;
        timer->due_ms = r->now_ms + timer->remaining_ms;
        if (timer->mark == FLOW_SAME) timer->mark = FLOW_CHANGED;
    }
    for (size_t i = 0; i < r->n_task; i++) {
        struct flow_task *task = r->task[i];
        if (!task->due_ms || task->state > FLOW_TASK_RESERVED) continue;
        task->due_ms += r->now_ms - (task->made_ms > r->instance.stopped_ms ? task->made_ms : r->instance.stopped_ms);
        if (task->mark == FLOW_SAME) task->mark = FLOW_CHANGED;
    }
    r->instance.stopped_ms = 0;
}

void flow_clocks(struct flow_run *r) {
    bool stand = r->instance.suspended_ms || r->instance.paused_ms;
    if (stand && !r->instance.stopped_ms) stop(r);
    else if (!stand && r->instance.stopped_ms) go_on(r);
}
