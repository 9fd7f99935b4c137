/* item_hold: an officer stops and resumes the legal clock by hand; see item.h. A hold is an event `pause` of the log that
 * names its task (those that a step of the process makes name none); the clock reads it like any other pause.
 *
 * Invariants: 1. Only a reason that the item declares with `hold: true` stops the clock by hand, and only from acceptance to
 * the decision of the task. 2. At most one hold stands for one part. 3. What is listed under `holds` in the case's body is
 * what the log says, rewritten whenever the log grew (item_clock_cache). 4. A hold ends with its task at the latest.
 */
#include "engine/item/item_rows.h"
#include "engine/notify/notify.h"

enum { HOLD_DAYS_MAX = 366, NOTE_MAX = 500 };

const struct val *item_pause(const struct item_type *t, struct str id) {
    for (size_t i = 0; i < val_count(t->pauses); i++)
        if (str_eq(val_get_str(val_item(t->pauses, i), S("id")), id)) return val_item(t->pauses, i);
    return NULL;
}

const struct val *item_hold_of_part(const struct item_case *c, struct str part) {
    const struct val *holds = val_get(c->body, S("holds"));
    for (size_t i = 0; i < val_count(holds); i++)
        if (str_eq(val_get_str(val_item(holds, i), S("part")), part)) return val_item(holds, i);
    return NULL;
}

const struct val *item_hold_of_task(const struct item_case *c, int64_t task) {
    const struct val *holds = val_get(c->body, S("holds"));
    for (size_t i = 0; i < val_count(holds); i++)
        if (val_get_i64(val_item(holds, i), S("task"), 0) == task) return val_item(holds, i);
    return NULL;
}

static struct str day_text(struct arena *a, struct civil_date d) {
    struct buf b;
    buf_init(&b, a, 16, 16);
    civil_write(&b, d);
    return buf_str(&b);
}

static int64_t day_ms(const struct realm *r, struct civil_date d) {
    struct civil_time t = { 0 };
    unsigned month, day;
    civil_split(d, &t.year, &month, &day);
    t.month = (uint8_t)month;
    t.day = (uint8_t)day;
    return tz_instant_ms(r->tz, &t);
}

/* What of the log's pauses still stands and names a task. */
void item_holds_cache(struct arena *a, struct item_case *c, const struct val *events) {
    struct val *open = val_list(a);
    for (size_t i = 0; i < val_count(events); i++) {
        const struct val *ev = val_item(events, i);
        struct str kind = val_get_str(ev, S("kind"));
        int64_t task = val_get_i64(ev, S("task"), 0);
        if (str_eq(kind, S("finish"))) open = val_list(a);
        if (task == 0) continue;
        if (str_eq(kind, S("pause"))) val_push(a, open, val_copy(a, ev));
        if (!str_eq(kind, S("resume"))) continue;
        struct val *rest = val_list(a);
        for (size_t k = 0; k < val_count(open); k++)
            if (val_get_i64(val_item(open, k), S("task"), 0) != task) val_push(a, rest, open->u.list.item[k]);
        open = rest;
    }
    val_put(a, c->body, S("holds"), open);
}

/* While a hold stands, as if it ended on the day expected. */
int item_task_due(struct act *act, const struct item_case *c, const struct flow_task *t, const struct clock_calendar *days, int64_t *ret,
                  struct err *e) {
    const struct realm *r = act->realm;
    const struct flow_model *m = system_find(c->system, SYSTEM_FLOW, c->type->flow);
    const struct flow_element *el = m ? flow_element_find(m, t->element) : NULL;
    struct clock_event *log;
    const struct str any = S("");
    const struct clock_rules rules = { .pause_reason = &any, .n_pause_reason = 1 };
    struct clock_limit limit;
    struct clock_result res;
    struct val *events;
    struct civil_date until = { 0 };
    size_t n = 1;
    bool paused = false;
    *ret = 0;
    if (!t->due_ms || !el || clock_limit_parse(el->limit, &limit, NULL)) return 0;
    int rc = item_events(act->tx, r, c, &events, e);
    if (rc) return rc;
    log = arena_array(store_arena(act->tx), val_count(events) + 2, sizeof *log);
    if (!log) return err_set(e, ERR_MEMORY, NULL);
    log[0] = (struct clock_event){ .at_ms = t->made_ms, .kind = CLOCK_ACCEPT };
    for (size_t i = 0; i < val_count(events); i++) {
        const struct val *ev = val_item(events, i);
        bool pause = str_eq(val_get_str(ev, S("kind")), S("pause")), resume = str_eq(val_get_str(ev, S("kind")), S("resume"));
        if (val_get_i64(ev, S("task"), 0) != t->id || (!pause && !resume)) continue;
        log[n++] = (struct clock_event){ .at_ms = val_get_i64(ev, S("at_ms"), 0), .kind = pause ? CLOCK_PAUSE : CLOCK_RESUME };
        paused = pause;
        if (pause) (void)civil_parse(val_get_str(ev, S("until")), &until);
    }
    if (paused) log[n++] = (struct clock_event){ .at_ms = day_ms(r, until), .kind = CLOCK_RESUME };
    rc = clock_count(days, r->tz, limit, &rules, log, n, log[n - 1].at_ms, NULL, &res, e);
    if (!rc) *ret = res.due_ms;
    return rc;
}

int item_task_due_move(struct act *act, const struct item_case *c, const struct flow_task *t, int64_t due_ms, struct err *e) {
    struct flow_task moved = *t;
    moved.due_ms = due_ms;
    int rc = flow_task_due_put(act->tx, t->id, due_ms, e);
    return rc || item_task_of_applicant(t) ? rc : item_task_lists_move(act, c, &moved, e);
}

static int move_task(struct act *act, const struct item_case *c, const struct flow_task *t, struct err *e) {
    int64_t due_ms;
    int rc = item_task_due(act, c, t, act->realm->calendar, &due_ms, e);
    return rc || !due_ms ? rc : item_task_due_move(act, c, t, due_ms, e);
}

/* The act opened on a task that is still to be decided, of a case whose clock runs. */
static int open_for_hold(struct act *act, struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task,
                         struct flow_task *t, struct item_case *c, struct err *e) {
    int rc = item_task_open(act, tx, r, who, S("clock.hold"), task, t, c, e);
    if (rc) return rc;
    if (c->ended_ms || (t->state != FLOW_TASK_READY && t->state != FLOW_TASK_RESERVED))
        return err_set(e, ERR_STATE, "这个任务已经办完，不能再暂停或恢复计时");
    rc = item_unbound(tx, r, c, who, e);
    if (rc) return rc;
    if (t->kind != FLOW_TASK_STEP) return err_set(e, ERR_STATE, "这项任务只要您的意见");
    if (!c->accepted_ms) return err_set(e, ERR_STATE, "还没有受理，没有开始计时");
    if (t->assignee_id && t->assignee_id != who->account) return err_set(e, ERR_CONFLICT, "这个任务由别人签收");
    return 0;
}

static int check_note(struct str note, struct err *e) {
    if (str_trim(note).len == 0) return err_field(e, ERR_REQUIRED, S("note"), "说明");
    if (str_utf8_count(note) > NOTE_MAX) return err_field(e, ERR_TOO_LONG, S("note"), "%d", NOTE_MAX);
    return str_utf8_valid(note) ? 0 : err_field(e, ERR_FORMAT, S("note"), "文字");
}

/* After today, and not beyond what the reason allows. */
static int check_until(const struct realm *r, const struct val *pause, struct str text, int64_t now_ms, struct arena *a,
                       struct civil_date *ret, struct err *e) {
    struct civil_date today = tz_date(r->tz, now_ms), last = { today.day + HOLD_DAYS_MAX };
    struct str max = val_get_str(pause, S("max"));
    if (str_trim(text).len == 0) return err_field(e, ERR_REQUIRED, S("until"), "预计恢复的日期");
    if (!civil_parse(str_trim(text), ret)) return err_field(e, ERR_FORMAT, S("until"), "2026-12-01");
    if (max.len) {
        const struct clock_event start = { .at_ms = now_ms, .kind = CLOCK_ACCEPT };
        const struct clock_rules rules = { 0 };
        struct clock_limit limit;
        struct clock_result res;
        int rc = clock_limit_parse(max, &limit, e);
        if (!rc) rc = clock_count(r->calendar, r->tz, limit, &rules, &start, 1, now_ms, NULL, &res, e);
        if (rc) return rc;
        last = res.due;
    }
    if (ret->day > today.day && ret->day <= last.day) return 0;
    struct str from = day_text(a, (struct civil_date){ today.day + 1 }), to = day_text(a, last);
    return err_field(e, ERR_RANGE, S("until"), "%.*s — %.*s", STR_ARG(from), STR_ARG(to));
}

static int note_hold(struct act *act, struct item_case *c, const struct flow_task *t, struct str kind, struct str reason,
                     struct str note, struct str until, struct err *e) {
    struct arena *a = store_arena(act->tx);
    struct val *body = val_map(a);
    val_put_str(a, body, S("title"), t->title);
    val_put_str(a, body, S("opinion"), note);
    val_put_str(a, body, S("basis"), val_get_str(item_pause(c->type, reason), S("basis")));
    val_put_str(a, body, S("name"), act->who->name);
    if (until.len) val_put_str(a, body, S("until"), until);
    return item_event_add(act->tx, act->realm, c,
                          &(struct item_event){ .kind = kind, .part = item_step_part(c, t->element), .reason = reason, .task = t->id,
                                                .unit = act->who->n_posts ? act->who->posts[0].unit : 0,
                                                .account = act->who->account, .body = body },
                          e);
}

static int tell(struct act *act, struct item_case *c, struct str notice, struct str reason, struct str note, struct str until,
                struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct val *pause = item_pause(c->type, reason);
    struct val *more = val_map(a);
    val_put_str(a, more, S("reason"), val_get_str(pause, S("title")));
    val_put_str(a, more, S("basis"), val_get_str(pause, S("basis")));
    val_put_str(a, more, S("note"), note);
    struct civil_date day;
    if (civil_parse(until, &day)) val_put(a, more, S("until"), notify_day(a, day_ms(act->realm, day)));
    else val_put_str(a, more, S("until"), S(""));
    return item_flow_tell(act, c, notice, more, e);
}

int item_hold(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct str reason, struct str note,
              struct str until_text, struct err *e) {
    struct act act;
    struct flow_task t;
    struct item_case c;
    struct civil_date until;
    int rc = open_for_hold(&act, tx, r, who, task, &t, &c, e);
    if (rc) return rc;
    const struct val *pause = item_pause(c.type, reason);
    if (item_hold_of_part(&c, item_step_part(&c, t.element))) return err_set(e, ERR_STATE, "计时已经暂停，请先恢复");
    if (item_step_pauses(&c, t.element).len) return err_set(e, ERR_STATE, "这个环节本来就不计入时限");
    if (reason.len == 0) return err_field(e, ERR_REQUIRED, S("reason"), "暂停的法定理由");
    if (!pause || !val_get_bool(pause, S("hold"), false)) return err_field(e, ERR_CODE, S("reason"), NULL);
    rc = check_note(note, e);
    if (!rc) rc = check_until(r, pause, until_text, store_now_ms(tx), store_arena(tx), &until, e);
    if (rc) return rc;
    struct str day = day_text(store_arena(tx), until);
    rc = note_hold(&act, &c, &t, S("pause"), reason, note, day, e);
    if (!rc) rc = item_flow_settle(&act, &c, e);
    if (!rc) rc = move_task(&act, &c, &t, e);
    if (!rc) rc = tell(&act, &c, S("held"), reason, note, day, e);
    return rc ? rc : act_close(&act, S("task"), task, c.id, ARENA_CAT(store_arena(tx), S("hold "), reason, S(" "), day), e);
}

int item_resume(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct str note, struct err *e) {
    struct act act;
    struct flow_task t;
    struct item_case c;
    int rc = open_for_hold(&act, tx, r, who, task, &t, &c, e);
    if (rc) return rc;
    const struct val *hold = item_hold_of_task(&c, task);
    if (!hold) return err_set(e, ERR_STATE, "计时没有暂停，不需要恢复");
    struct str reason = val_get_str(hold, S("reason"));
    rc = check_note(note, e);
    if (!rc) rc = note_hold(&act, &c, &t, S("resume"), reason, note, S(""), e);
    if (!rc) rc = item_flow_settle(&act, &c, e);
    if (!rc) rc = move_task(&act, &c, &t, e);
    if (!rc) rc = tell(&act, &c, S("resumed"), reason, note, S(""), e);
    return rc ? rc : act_close(&act, S("task"), task, c.id, ARENA_CAT(store_arena(tx), S("resume "), reason), e);
}

int item_hold_end(struct act *act, struct item_case *c, const struct flow_task *t, struct err *e) {
    const struct val *hold = item_hold_of_task(c, t->id);
    return hold ? note_hold(act, c, t, S("resume"), val_get_str(hold, S("reason")), S(""), S(""), e) : 0;
}

/* ---- views ---- */

static struct val *one_view(const struct realm *r, const struct item_case *c, const struct val *hold, int64_t now_ms, struct str lang,
                            struct arena *a) {
    const struct item_part *part = item_part(c->type, val_get_str(hold, S("part")));
    const struct val *pause = item_pause(c->type, val_get_str(hold, S("reason")));
    struct val *v = val_map(a);
    struct civil_date until = { 0 };
    (void)civil_parse(val_get_str(hold, S("until")), &until);
    val_put_str(a, v, S("title"), system_text(c->system, lang, val_get_str(pause, S("title"))));
    val_put_str(a, v, S("basis"), system_text(c->system, lang, val_get_str(hold, S("basis"))));
    val_put_str(a, v, S("part_title"), part && c->type->n_parts > 1 ? system_text(c->system, lang, part->title) : S(""));
    val_put_str(a, v, S("note"), val_get_str(hold, S("opinion")));
    val_put_str(a, v, S("by"), val_get_str(hold, S("name")));
    val_put_str(a, v, S("since"), realm_time(r, a, lang, val_get_i64(hold, S("at_ms"), 0)));
    val_put_str(a, v, S("until"), realm_day(r, a, lang, day_ms(r, until)));
    val_put_bool(a, v, S("overdue"), tz_date(r->tz, now_ms).day > until.day);
    return v;
}

struct val *item_holds_view(const struct realm *r, const struct item_case *c, struct str part, int64_t now_ms, struct str lang,
                            struct arena *a) {
    const struct val *holds = val_get(c->body, S("holds"));
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(holds) && !c->ended_ms; i++) {
        struct str of_part = val_get_str(val_item(holds, i), S("part"));
        if (part.len && of_part.len && !str_eq(part, of_part)) continue;
        val_push(a, list, one_view(r, c, val_item(holds, i), now_ms, lang, a));
    }
    return list;
}

void item_hold_put(const struct realm *r, const struct item_case *c, const struct flow_task *t, int64_t now_ms, struct str lang,
                   struct val *v, struct arena *a) {
    const struct val *hold = t->ended_ms ? NULL : item_hold_of_task(c, t->id);
    if (hold) val_put(a, v, S("hold"), one_view(r, c, hold, now_ms, lang, a));
    else val_put_bool(a, v, S("hold"), false);
}

struct val *item_hold_reasons(const struct item_case *c, struct str element, struct str lang, struct arena *a) {
    struct val *list = val_list(a);
    bool stands = item_step_pauses(c, element).len || !c->accepted_ms;
    for (size_t i = 0; !stands && i < val_count(c->type->pauses); i++) {
        const struct val *pause = val_item(c->type->pauses, i);
        struct val *v = val_map(a);
        if (!val_get_bool(pause, S("hold"), false)) continue;
        val_put_str(a, v, S("id"), val_get_str(pause, S("id")));
        val_put_str(a, v, S("title"), system_text(c->system, lang, val_get_str(pause, S("title"))));
        val_put_str(a, v, S("basis"), system_text(c->system, lang, val_get_str(pause, S("basis"))));
        val_put_str(a, v, S("max"), val_get_str(pause, S("max")));
        val_push(a, list, v);
    }
    return list;
}
