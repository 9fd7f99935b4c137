/* item_view: what pages show of items, cases and tasks; see item.h. A view is text in the reader's language; it never holds what the
 * viewer's part may not see (invariant 5 of item.h).
 */
#include "engine/item/item_rows.h"

#include "engine/paper/paper.h"
#include "engine/code/code_check.h"

static void put_text(struct arena *a, struct val *v, const char *key, struct str s) {
    val_put_str(a, v, str_of(key), s);
}

/* The row itself: what a list of cases shows. */
struct val *item_head_view(const struct realm *r, const struct item_case *c, struct str lang, struct arena *a) {
    struct val *v = val_map(a);
    struct str shown = item_state_shown(c);
    val_put_i64(a, v, S("id"), c->id);
    val_put_i64(a, v, S("version"), c->version);
    put_text(a, v, "number", c->number);
    put_text(a, v, "item", system_text(c->system, lang, c->type->name));
    put_text(a, v, "item_id", c->item);
    put_text(a, v, "state", c->state);
    put_text(a, v, "state_text", item_word_text(r, lang, shown));
    put_text(a, v, "tone", item_word_tone(shown));
    put_text(a, v, "created", realm_time(r, a, lang, c->created_ms));
    put_text(a, v, "submitted", realm_time(r, a, lang, c->submitted_ms));
    put_text(a, v, "accepted", realm_time(r, a, lang, c->accepted_ms));
    put_text(a, v, "ended", realm_time(r, a, lang, c->ended_ms));
    bool due = c->due_ms && !c->ended_ms && !item_stands(c); /* while it stands, no day is promised */
    put_text(a, v, "due", due ? realm_day(r, a, lang, c->due_ms - 1) : S(""));
    val_put_i64(a, v, S("due_ms"), c->due_ms);
    put_text(a, v, "stands", item_stands_text(r, c, lang, a));
    val_put_bool(a, v, S("is_draft"), str_eq(c->state, S("draft")));
    val_put_bool(a, v, S("can_supplement"), str_eq(c->state, S("supplement")));
    val_put_bool(a, v, S("can_withdraw"), c->submitted_ms && !c->ended_ms);
    val_put_bool(a, v, S("is_ended"), c->ended_ms != 0);
    put_text(a, v, "applicant", val_text(val_path(c->body, c->company ? S("prefill.company.name") : S("prefill.applicant.name"))));
    return v;
}

static struct val *materials_view(const struct realm *r, const struct item_case *c, const struct val *files, struct str part,
                                  struct str lang, struct arena *a) {
    const struct val *needed = val_get(c->body, S("materials"));
    struct val *list = val_list(a);
    for (size_t i = 0; i < c->type->n_materials; i++) {
        const struct item_material *m = &c->type->material[i];
        struct val *v = val_map(a), *mine = val_list(a);
        bool wanted = false;
        for (size_t k = 0; k < val_count(needed); k++) wanted |= str_eq(val_text(val_item(needed, k)), m->id);
        for (size_t k = 0; k < val_count(files); k++)
            if (str_eq(val_get_str(val_item(files, k), S("material")), m->id)) val_push(a, mine, files->u.list.item[k]);
        for (size_t k = 0; k < val_count(mine); k++)
            val_put_str(a, mine->u.list.item[k], S("origin_text"),
                        item_origin_text(r, val_get_str(val_item(mine, k), S("origin")), lang, a));
        if (!item_material_asked(c, m->id, files) || !item_sees(m->parts, part)) continue;
        put_text(a, v, "id", m->id);
        put_text(a, v, "name", system_text(c->system, lang, m->name));
        put_text(a, v, "hint", system_text(c->system, lang, m->hint));
        put_text(a, v, "source", system_text(c->system, lang, m->source));
        val_put_bool(a, v, S("required"), wanted);
        val_put_bool(a, v, S("paper"), item_received(c, m->id));
        val_put_bool(a, v, S("given"), val_count(mine) > 0 || item_received(c, m->id));
        val_put(a, v, S("files"), mine);
        val_push(a, list, v);
    }
    return list;
}

static struct str event_title(const struct realm *r, const struct item_case *c, const struct val *ev, struct str lang, struct arena *a) {
    static const struct {
        struct str kind, text;
    } titles[] = {
        { S_INIT("draft"), S_INIT("申请人开始填写") },  { S_INIT("consent"), S_INIT("申请人决定是否使用登记信息") },
        { S_INIT("submit"), S_INIT("申请人提交申请") }, { S_INIT("accept"), S_INIT("受理，开始计时") },
        { S_INIT("pause"), S_INIT("计时暂停") },        { S_INIT("resume"), S_INIT("计时恢复") },
        { S_INIT("finish"), S_INIT("办结") },           { S_INIT("withdraw"), S_INIT("申请人撤回") },
        { S_INIT("change"), S_INIT("申请人修改内容") }, { S_INIT("rate"), S_INIT("申请人评价") },
        { S_INIT("lapse"), S_INIT("逾期未补正，视为撤回") }, { S_INIT("note"), S_INIT("窗口一次性告知缺少的材料") },
        { S_INIT("recount"), S_INIT("节假日安排变动，期限重新计算") }, { S_INIT("handover"), S_INIT("结果已送达") },
    };
    struct str kind = val_get_str(ev, S("kind"));
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (str_eq(titles[i].kind, kind)) return realm_text(r, lang, titles[i].text);
    struct str title = system_text(c->system, lang, val_get_str(ev, S("title"))), move = val_get_str(ev, S("move"));
    if (item_inner_event(kind)) {
        struct str to = val_get_str(ev, S("to")), words = realm_text(r, lang, item_act_words(kind));
        if (str_eq(kind, S("take"))) return ARENA_CAT(a, title, realm_text(r, lang, S("：")), item_place_words(r, ev, to, lang, a));
        title = ARENA_CAT(a, title, realm_text(r, lang, S("：")), words);
        if (move.len) title = ARENA_CAT(a, title, S(" · "), item_word_text(r, lang, move));
        return to.len ? ARENA_CAT(a, title, S(" → "), to) : title;
    }
    return move.len && !str_eq(move, S("complete")) ? ARENA_CAT(a, title, realm_text(r, lang, S("：")), item_word_text(r, lang, move)) : title;
}

static struct str pause_title(const struct item_case *c, struct str reason, struct str lang) {
    return system_text(c->system, lang, val_get_str(item_pause(c->type, reason), S("title")));
}

/* Why the clock stopped or went on: the reason, and what the officer who did it by hand wrote. */
static struct str pause_text(const struct realm *r, const struct item_case *c, const struct val *ev, struct str lang, struct arena *a) {
    struct str title = pause_title(c, val_get_str(ev, S("reason")), lang), note = val_get_str(ev, S("opinion"));
    return note.len ? ARENA_CAT(a, title, realm_text(r, lang, S("：")), note) : title;
}

static struct str event_text(const struct realm *r, const struct item_case *c, const struct val *ev, struct str lang, struct arena *a) {
    struct str kind = val_get_str(ev, S("kind")), reason = val_get_str(ev, S("reason"));
    if (str_eq(kind, S("pause")) || str_eq(kind, S("resume"))) return pause_text(r, c, ev, lang, a);
    if (str_eq(kind, S("recount"))) return item_recount_text(r, ev, lang, a);
    if (str_eq(kind, S("handover"))) return item_handover_text(r, ev, lang, a);
    if (str_eq(kind, S("consent")))
        return realm_text(r, lang,
                          str_eq(reason, S("agree")) ? S("同意从登记库带入信息")
                                                     : S("选择自己填写，不从登记库带入"));
    return val_get_str(ev, S("opinion"));
}

/* RFC 3339, in whole seconds: for machines. */
static struct str iso_time(const struct realm *r, struct arena *a, int64_t ms) {
    struct buf b;
    buf_init(&b, a, 40, 40);
    tz_write_iso(&b, r->tz, ms - ms % 1000);
    return buf_str(&b);
}

/* `inner`: with what officers did among themselves. */
static struct val *events_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct val *events, struct str part,
                               bool inner, struct str lang, struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(events); i++) {
        const struct val *ev = val_item(events, i);
        struct str of_part = val_get_str(ev, S("part")), unit = S(""), kind = val_get_str(ev, S("kind"));
        if (part.len && of_part.len && !str_eq(part, of_part)) continue;
        bool hushed = !inner && item_inner_event(kind);
        if (hushed && !item_inner_told(ev)) continue;
        struct val *v = val_map(a);
        (void)identity_unit_title(tx, r, val_get_i64(ev, S("unit"), 0), lang, &unit, NULL);
        put_text(a, v, "title", event_title(r, c, ev, lang, a));
        put_text(a, v, "at", realm_time(r, a, lang, val_get_i64(ev, S("at_ms"), 0)));
        put_text(a, v, "at_iso", iso_time(r, a, val_get_i64(ev, S("at_ms"), 0)));
        put_text(a, v, "kind", kind);
        val_put_i64(a, v, S("task"), val_get_i64(ev, S("task"), 0));
        val_put_i64(a, v, S("account"), val_get_i64(ev, S("account"), 0));
        put_text(a, v, "text", hushed ? S("") : event_text(r, c, ev, lang, a));
        val_put_bool(a, v, S("typed"), !hushed && (val_get_str(ev, S("opinion")).len || val_get_str(ev, S("basis")).len));
        put_text(a, v, "basis", val_get_str(ev, S("basis")));
        put_text(a, v, "unit", unit);
        put_text(a, v, "by", item_place_words(r, ev, val_get_str(ev, S("for")), lang, a));
        val_push(a, list, v);
    }
    return list;
}

/* A run of days that stand still for one and the same reason is one line. */
static size_t same_days(const struct clock_result *res, size_t from) {
    const struct clock_row *first = &res->row[from];
    size_t n = 1;
    if (first->kind != CLOCK_ROW_PAUSED && first->kind != CLOCK_ROW_HOLIDAY) return n;
    for (; from + n < res->n_row; n++) {
        const struct clock_row *next = &res->row[from + n];
        if (next->kind != first->kind || next->count != first->count || next->at_ms || !str_eq(next->text, first->text) ||
            !str_eq(next->basis, first->basis))
            break;
    }
    return n;
}
static struct str day_text(struct arena *a, struct civil_date d) {
    struct buf b;
    buf_init(&b, a, 16, 16);
    civil_write(&b, d);
    return buf_str(&b);
}

/* The arithmetic, line by line, as clock_count traced it. */
static struct val *trace_view(const struct realm *r, const struct item_case *c, const struct clock_result *res, struct str lang,
                              struct arena *a) {
    static const struct str kinds[] = { S_INIT("起算日，不计入"), S_INIT("计入"), S_INIT("调休上班日，计入"), S_INIT("周末，不计入"),
                                        S_INIT("节假日，不计入"), S_INIT("暂停，不计入"), S_INIT("顺延为最后一日") };
    struct val *list = val_list(a);
    for (size_t i = 0, n; i < res->n_row; i += n) {
        const struct clock_row *row = &res->row[i];
        struct val *v = val_map(a);
        bool paused = row->kind == CLOCK_ROW_PAUSED;
        n = same_days(res, i);
        put_text(a, v, "day", day_text(a, row->day));
        put_text(a, v, "last", n > 1 ? day_text(a, res->row[i + n - 1].day) : S(""));
        val_put_i64(a, v, S("days"), (int64_t)n);
        put_text(a, v, "kind", realm_text(r, lang, kinds[row->kind]));
        put_text(a, v, "text", paused ? pause_title(c, row->text, lang) : realm_words(r, lang, row->text));
        put_text(a, v, "basis", paused ? system_text(c->system, lang, row->basis) : S(""));
        val_put_i64(a, v, S("count"), row->count);
        val_push(a, list, v);
    }
    return list;
}

struct val *item_clock_view(const struct realm *r, const struct item_case *c, const struct val *events, bool law, int64_t now_ms,
                              struct str lang, struct arena *a) {
    static const struct str units[] = { S_INIT("个工作日"), S_INIT("日"), S_INIT("小时"), S_INIT("日") };
    struct clock_result res;
    struct val *v = val_map(a);
    if (item_clock(r, c, events, law, now_ms, a, &res, NULL) || res.state == CLOCK_NOT_STARTED) return NULL;
    val_put_i64(a, v, S("total"), res.total);
    val_put_i64(a, v, S("used"), res.used);
    val_put_i64(a, v, S("remaining"), res.remaining);
    val_put_i64(a, v, S("over"), res.over);
    put_text(a, v, "unit", realm_text(r, lang, units[res.unit]));
    put_text(a, v, "due", realm_day(r, a, lang, res.due_ms ? res.due_ms - 1 : 0));
    put_text(a, v, "due_iso", day_text(a, res.due));
    val_put_bool(a, v, S("late"), res.late);
    val_put_bool(a, v, S("warn"), res.warn && !res.late);
    val_put_bool(a, v, S("paused"), res.state == CLOCK_PAUSED);
    val_put_bool(a, v, S("finished"), res.state == CLOCK_FINISHED);
    val_put_bool(a, v, S("running"), res.state == CLOCK_RUNNING);
    val_put_bool(a, v, S("provisional"), res.provisional);
    val_put_bool(a, v, S("law"), law);
    put_text(a, v, "pause_reason", pause_title(c, res.pause_reason, lang));
    val_put(a, v, S("rows"), trace_view(r, c, &res, lang, a));
    val_put_bool(a, v, S("cut"), res.cut);
    return v;
}

static bool has_part(const struct item_case *c, struct str part) {
    const struct val *parts = val_get(c->body, S("parts"));
    for (size_t i = 0; i < val_count(parts); i++)
        if (str_eq(val_text(val_item(parts, i)), part)) return true;
    return false;
}

static void rail_step(struct arena *a, struct val *list, struct str title, const char *state, struct str date, struct str note) {
    struct val *v = val_map(a);
    put_text(a, v, "title", title);
    put_text(a, v, "unit", note);
    put_text(a, v, "state", str_of(state));
    put_text(a, v, "date", date);
    val_push(a, list, v);
}

/* What an officers' step that asked the applicant for something came to: he has it open, or let its time run out. */
enum asked { ASKED_NOTHING, ASKED_WAITS, ASKED_LAPSED };

static bool was_taken(const struct flow_model *m, const struct flow_step *steps, size_t n, const struct flow_element *task) {
    for (size_t i = 0; i < n; i++) {
        const struct flow_element *el = steps[i].element;
        if (el->kind == FLOW_BOUNDARY && el->interrupting && steps[i].visits && &m->element[el->host] == task) return true;
    }
    return false;
}

static enum asked asked_by(const struct item_case *c, const struct flow_model *m, const struct flow_step *steps, size_t n,
                           const struct flow_step *s) {
    struct str part = item_step_part(c, s->element->id);
    const struct flow_step *last = NULL; /* of the part to decide: who asked */
    enum asked ret = ASKED_NOTHING;
    for (size_t i = 0; i < n; i++) {
        const struct flow_step *o = &steps[i];
        if (o->element->kind != FLOW_USER || !str_eq(item_step_part(c, o->element->id), part)) continue;
        if (!str_eq(o->element->role, S("applicant"))) {
            if (o->visits && (!last || o->left_ms > last->left_ms)) last = o;
        } else if (o->state == FLOW_STEP_NOW) {
            ret = ASKED_WAITS;
        } else if (was_taken(m, steps, n, o->element)) {
            ret = ASKED_LAPSED;
        }
    }
    return last == s ? ret : ASKED_NOTHING;
}

/* 办理轨: submitted, each task of officers that this case meets, done. */
static int rail_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct flow_model *m = system_find(c->system, SYSTEM_FLOW, c->type->flow);
    struct flow_instance *inst;
    struct flow_history *h = NULL;
    struct flow_token *t = NULL;
    size_t n_inst = 0, n_h = 0, n_t = 0, n = 0;
    struct val *list = val_list(a);
    static const char *const words[] = { "todo", "maybe", "off", "current", "done", "todo" }; /* by enum flow_step_state */
    int rc = flow_instances_of(tx, c->id, &inst, &n_inst, e);
    if (!rc && n_inst) rc = flow_history_of(tx, inst, n_inst, &h, &n_h, e);
    if (!rc && n_inst) rc = flow_tokens_of(tx, m, inst[0].id, &t, &n_t, e);
    if (rc) return rc;
    struct flow_step *steps = flow_steps(a, m, h, n_h, t, n_t, &n);
    rail_step(a, list, realm_text(r, lang, S("提交申请")), c->submitted_ms ? "done" : "current", realm_day(r, a, lang, c->submitted_ms), S(""));
    for (size_t i = 0; steps && i < n; i++) {
        const struct flow_element *el = steps[i].element;
        struct str part = item_step_part(c, el->id), of = item_part_seen(c, part, el->role);
        bool needed = !of.len || has_part(c, of) || steps[i].visits; /* by this case, the department whose step it is */
        if (el->kind != FLOW_USER || str_eq(el->role, S("applicant")) || !needed) continue;
        if (steps[i].state == FLOW_STEP_MAYBE && part.len) steps[i].state = FLOW_STEP_AHEAD; /* that it is needed is decided */
        bool now = steps[i].state == FLOW_STEP_NOW;
        const char *state = c->ended_ms && now ? "refused" : now ? "current" : words[steps[i].state];
        const struct val *hold = now && !c->ended_ms ? item_hold_of_part(c, part) : NULL;
        enum asked asked = asked_by(c, m, steps, n, &steps[i]);
        bool waiting = !c->ended_ms && asked == ASKED_WAITS;
        struct str note = pause_title(c, val_get_str(hold, S("reason")), lang);
        if (asked == ASKED_LAPSED) state = "refused", note = item_word_text(r, lang, S("deemed-withdrawn"));
        state = waiting ? "waiting" : hold ? "paused" : state;
        if (c->ended_ms && steps[i].visits == 0) continue;
        struct str left = waiting ? S("") : realm_day(r, a, lang, steps[i].left_ms);
        rail_step(a, list, system_text(c->system, lang, el->name), state, left, note);
    }
    rail_step(a, list, realm_text(r, lang, S("办结")), c->ended_ms ? "done" : "todo", realm_day(r, a, lang, c->ended_ms), S(""));
    *ret = list;
    return 0;
}

static struct str supplement_text(const struct val *events, struct str part) {
    struct str text = S("");
    for (size_t i = 0; i < val_count(events); i++) {
        const struct val *ev = val_item(events, i);
        struct str of_part = val_get_str(ev, S("part"));
        if (part.len && of_part.len && !str_eq(part, of_part)) continue;
        if (str_eq(val_get_str(ev, S("move")), S("supplement"))) text = val_get_str(ev, S("opinion"));
    }
    return text;
}

/* The papers that a part made: their numbers end in the part's id (item_flow.c). */
static struct val *papers_of_part(const struct val *papers, struct str part, struct arena *a) {
    struct val *list = val_list(a);
    struct str end = ARENA_CAT(a, S("-"), part);
    for (size_t i = 0; i < val_count(papers); i++)
        if (str_ends(val_get_str(val_item(papers, i), S("number")), end)) val_push(a, list, papers->u.list.item[i]);
    return list;
}

/* Which matters this case is made of, and why each is needed. */
static struct val *parts_view(const struct item_case *c, struct str lang, struct arena *a) {
    const struct val *parts = val_get(c->body, S("parts"));
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(parts); i++) {
        const struct item_part *p = item_part(c->type, val_text(val_item(parts, i)));
        struct val *v = val_map(a);
        if (!p) continue;
        put_text(a, v, "id", p->id);
        put_text(a, v, "title", system_text(c->system, lang, p->title));
        put_text(a, v, "reason", system_text(c->system, lang, val_get_str(p->about, S("reason"))));
        put_text(a, v, "basis", system_text(c->system, lang, val_get_str(p->about, S("basis"))));
        put_text(a, v, "conditions", system_text(c->system, lang, val_get_str(p->about, S("conditions"))));
        val_push(a, list, v);
    }
    return list;
}

/* Is it a task of the applicant's with a day on which it is taken away, that the viewer may know of? */
static bool asks_until(const struct item_case *c, const struct flow_task *t, struct str part) {
    struct str of_part = item_step_part(c, t->element);
    return str_eq(t->role, S("applicant")) && t->due_ms && (part.len == 0 || of_part.len == 0 || str_eq(part, of_part));
}

int item_asked_until(struct store_tx *tx, const struct item_case *c, struct str part, int64_t *ret_ms, struct err *e) {
    struct flow_task *tasks;
    size_t n = 0;
    int64_t until = 0;
    int rc = flow_tasks_of(tx, c->id, &tasks, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        if ((tasks[i].state == FLOW_TASK_READY || tasks[i].state == FLOW_TASK_RESERVED) && asks_until(c, &tasks[i], part) &&
            (!until || tasks[i].due_ms < until))
            until = tasks[i].due_ms;
    if (!rc) *ret_ms = until;
    return rc;
}

/* Who has it now: the open tasks with their unit; and the first moment at which something asked of the applicant is due (0: none). */
static int holders_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str part, struct str lang,
                        struct val **ret, int64_t *until_ms, struct err *e) {
    struct arena *a = store_arena(tx);
    struct flow_task *tasks;
    size_t n = 0;
    *ret = val_list(a);
    *until_ms = 0;
    int rc = flow_tasks_of(tx, c->id, &tasks, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct str unit = S("");
        if ((tasks[i].state != FLOW_TASK_READY && tasks[i].state != FLOW_TASK_RESERVED) || c->ended_ms) continue;
        if (asks_until(c, &tasks[i], part) && (!*until_ms || tasks[i].due_ms < *until_ms)) *until_ms = tasks[i].due_ms;
        struct val *v = val_map(a);
        (void)item_task_unit(tx, r, c, &tasks[i], NULL, &unit, NULL);
        put_text(a, v, "title", system_text(c->system, lang, tasks[i].title));
        put_text(a, v, "unit", realm_words(r, lang, unit));
        val_put_bool(a, v, S("applicant"), str_eq(tasks[i].role, S("applicant")));
        val_push(a, *ret, v);
    }
    return rc;
}

int item_draft_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang, struct val **ret,
                    struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *files;
    int rc = item_materials_of(tx, r, c, &files, e);
    if (rc) return rc;
    *ret = val_map(a);
    val_put(a, *ret, S("materials"), materials_view(r, c, files, S(""), lang, a));
    val_put(a, *ret, S("parts"), parts_view(c, lang, a));
    val_put(a, *ret, S("obstacles"), item_obstacles_view(c, lang, a));
    return 0;
}

int item_case_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str part, struct str lang, struct val **ret,
                   struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *v = item_head_view(r, c, lang, a), *events, *files, *papers, *rating, *rail, *holders, *prefill;
    int64_t until_ms;
    int rc = item_events(tx, r, c, &events, e);
    if (!rc) rc = item_materials_of(tx, r, c, &files, e);
    if (!rc) rc = paper_of_case(tx, r, c->id, &papers, e);
    if (!rc) rc = item_rating_view(tx, r, c, lang, &rating, e);
    if (!rc) rc = rail_view(tx, r, c, lang, &rail, e);
    if (!rc) rc = holders_view(tx, r, c, part, lang, &holders, &until_ms, e);
    if (!rc) rc = item_known(tx, r, c, &prefill, e);
    if (rc) return rc;
    struct val *pages = form_summary(c->form, c->system, item_redress_answers(r, c, lang, a), prefill, part, lang, a);
    item_given_show(c, part, lang, pages, a);
    item_decided_show(r, c, part, lang, pages, a);
    val_put(a, v, S("pages"), pages);
    val_put(a, v, S("materials"), materials_view(r, c, files, part, lang, a));
    val_put(a, v, S("events"), events_view(tx, r, c, events, part, false, lang, a));
    val_put(a, v, S("clock"), item_clock_view(r, c, events, false, store_now_ms(tx), lang, a));
    val_put(a, v, S("papers"), part.len ? papers_of_part(papers, part, a) : papers);
    val_put(a, v, S("parts"), parts_view(c, lang, a));
    val_put(a, v, S("obstacles"), item_obstacles_view(c, lang, a));
    val_put(a, v, S("holders"), holders);
    val_put(a, v, S("holds"), item_holds_view(r, c, part, store_now_ms(tx), lang, a));
    val_put(a, v, S("rail"), rail);
    if (rating) val_put(a, v, S("rating"), rating);
    if (val_get(c->body, S("consent"))) val_put(a, v, S("consent"), item_consent_given(r, c, lang, a));
    val_put_bool(a, v, S("can_rate"), c->ended_ms && !rating);
    val_put_bool(a, v, S("redresses"), c->type->redresses);
    put_text(a, v, "supplement", supplement_text(events, part));
    put_text(a, v, "supplement_until", until_ms ? realm_day(r, a, lang, until_ms - 1) : S(""));
    *ret = v;
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

int item_inner_events_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str part, struct str lang,
                          struct val *view, struct err *e) {
    struct val *events;
    int rc = item_events(tx, r, c, &events, e);
    if (!rc) val_put(store_arena(tx), view, S("events"), events_view(tx, r, c, events, part, true, lang, store_arena(tx)));
    return rc;
}

int item_law_clock_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang, struct val *view,
                       struct err *e) {
    struct val *events;
    int rc = item_events(tx, r, c, &events, e);
    if (!rc) val_put(store_arena(tx), view, S("clock_law"), item_clock_view(r, c, events, true, store_now_ms(tx), lang, store_arena(tx)));
    return rc;
}

int item_progress_view(struct store_tx *tx, const struct realm *r, struct str number, struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct item_case c;
    int64_t id;
    int rc = item_row_by_number(tx, r, number, &id, e);
    if (!rc) rc = item_case_get(tx, r, NULL, id, &c, e);
    if (rc) return rc;
    struct val *v = item_head_view(r, &c, lang, a), *rail;
    val_put_str(a, v, S("applicant"), c.company ? S("") : code_mask(a, S("person-name"), val_get_str(v, S("applicant"))));
    rc = rail_view(tx, r, &c, lang, &rail, e);
    if (rc) return rc;
    val_put(a, v, S("rail"), rail);
    *ret = v;
    return rc;
}
