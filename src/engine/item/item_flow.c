/* item_flow: a case and its process. The process engine asks through struct flow_env; here its questions are answered with the
 * case's release, decisions, clock, papers and notices, in the same transaction.
 *
 * Words of service tasks (tb:act):
 *   case.accept                      the matter is accepted: the clock runs
 *   paper.issue  part, granted       issues the part's paper, or its refusal notice; waits until it is set and signed
 *   case.finish  result, notice      granted | partly | refused | not-accepted | deemed-withdrawn; tells `finished`, or `notice`
 *   notice.send  notice              to the applicant
 *   record.correct  of, element      the applicant's record gets what was answered (item_dispute.c)
 *   case.decide  decision            a decision by all that the case knows, sealed answers too; of it the process learns the result
 *   record.put   record, put         enters in a registry what the item declares (item_record.c)
 *   record.end   record              ends the record that is found
 * After case.finish a process may go on by itself: to wait, decide, enter and tell; nobody is given a task any more.
 * Invariant: the variables of a process hold no personal data: only what items/NAME.yaml lists under `variables`, the parts, moves and results.
 */
#include "engine/item/item_follow.h"
#include "engine/item/item_rows.h"

#include "engine/identity/identity.h"
#include "engine/notify/notify.h"
#include "engine/paper/paper.h"
#include "engine/paper/paper_layout.h"
#include "engine/code/code_check.h"
#include "engine/record/record.h"
#include "engine/rule/rule.h"

static const struct str words[] = { S_INIT("case.accept"), S_INIT("paper.issue"), S_INIT("case.finish"), S_INIT("notice.send"),
                                    S_INIT("record.correct"), S_INIT("case.decide"), S_INIT("record.put"), S_INIT("record.end") };

bool item_flow_word(struct str word) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(words[i], word)) return true;
    return false;
}

/* What items/NAME.yaml says of one user task: steps: {element: {part, pauses, singly}}. */
static const struct val *step_of(const struct item_case *c, struct str element) {
    return val_get(val_get(c->type->about, S("steps")), element);
}

struct str item_step_part(const struct item_case *c, struct str element) {
    return val_get_str(step_of(c, element), S("part"));
}

struct str item_step_pauses(const struct item_case *c, struct str element) {
    return val_get_str(step_of(c, element), S("pauses"));
}

bool item_step_singly(const struct item_case *c, struct str element) {
    return val_get_bool(step_of(c, element), S("singly"), false);
}

/* ---- pure questions ---- */

static const struct flow_model *env_model(void *context, int64_t release, struct str process) {
    const struct item_flow_context *x = context;
    const struct systems *all = &x->act->realm->systems;
    const struct system *m = x->c->release == release ? x->c->system : all->by_release(all->context, release);
    return system_find(m, SYSTEM_FLOW, process);
}

static int env_value(void *context, const struct flow_at *at, struct str text, const struct val *vars, struct val **ret, struct err *e) {
    const struct item_flow_context *x = context;
    const struct feel *compiled = map_find(&x->c->system->feel, text);
    struct feel *fresh;
    if (!compiled) {
        int rc = feel_compile(at->arena, text, FEEL_EXPRESSION, NULL, 0, &fresh, e);
        if (rc) return rc;
        compiled = fresh;
    }
    return feel_eval(compiled, vars, at->arena, ret, e);
}

static int env_condition(void *context, const struct flow_at *at, struct str text, const struct val *vars, bool *ret, struct err *e) {
    struct val *v = NULL;
    int rc = env_value(context, at, text, vars, &v, e);
    *ret = v && v->kind == VAL_BOOL && v->u.b;
    return rc;
}

static int env_decide(void *context, const struct flow_at *at, struct str decision, const struct val *vars, struct val **ret, struct err *e) {
    const struct item_flow_context *x = context;
    const struct model *m = system_find(x->c->system, SYSTEM_RULE, decision);
    if (!m) return err_set(e, ERR_SYSTEM, "没有这个决策：%.*s", STR_ARG(decision));
    return dmn_decide(m, decision, vars, at->arena, ret, NULL, e);
}

static int env_limit(void *context, const struct flow_at *at, struct str text, int64_t from_ms, int64_t *due_ms, struct err *e) {
    const struct item_flow_context *x = context;
    const struct clock_event start = { .at_ms = from_ms, .kind = CLOCK_ACCEPT };
    const struct clock_rules rules = { 0 };
    struct clock_limit limit;
    struct clock_result res;
    int rc = clock_limit_parse(text, &limit, e);
    if (!rc) rc = clock_count(x->act->realm->calendar, x->act->realm->tz, limit, &rules, &start, 1, at->now_ms, NULL, &res, e);
    if (!rc) *due_ms = res.due_ms;
    return rc;
}

/* ---- events, clock, notices ---- */

static int log_kind(struct item_flow_context *x, struct str kind, struct str part, struct str reason, struct err *e) {
    return item_event_add(x->act->tx, x->act->realm, x->c,
                          &(struct item_event){ .kind = kind, .part = part, .reason = reason, .account = x->act->who->account }, e);
}

static struct val *notice_view(const struct item_flow_context *x, struct arena *a) {
    struct val *v = val_map(a);
    val_put_str(a, v, S("number"), x->c->number);
    val_put_str(a, v, S("item"), x->c->type->name);
    val_put(a, v, S("due"), notify_day(a, x->c->due_ms ? x->c->due_ms - 1 : 0));
    val_put_str(a, v, S("result"), x->c->result);
    return v;
}

/* Who applied, as long as he may act for whose case it is; and whose it is, if that is another. */
int item_flow_tell(struct act *act, struct item_case *c, struct str notice, const struct val *more, struct err *e) {
    int64_t principal[IDENTITY_PRINCIPALS_MAX];
    size_t n = 0;
    bool over = false;
    int rc = c->account ? identity_mandate_over(act->tx, act->realm, c->account, item_owner(c), &over, e) : 0;
    if (!rc && !over) rc = item_flow_tell_one(act, c, c->account, notice, more, e);
    if (!rc && c->account)
        rc = identity_principals(act->tx, act->realm, item_owner(c), !c->company, principal, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        if (principal[i] != c->account) rc = item_flow_tell_one(act, c, principal[i], notice, more, e);
    return rc;
}

int item_flow_tell_one(struct act *act, struct item_case *c, int64_t account, struct str notice, const struct val *more,
                       struct err *e) {
    struct item_flow_context x = { act, c };
    struct arena *a = store_arena(act->tx);
    struct val *view = notice_view(&x, a);
    if (!system_find(c->system, SYSTEM_NOTICE, notice)) return 0;
    for (size_t i = 0; i < val_pairs(more); i++) val_put(a, view, more->u.map.pair[i].key, more->u.map.pair[i].value);
    return notify_send(act, c->system, notice, account, c->id, view, e);
}

/* A step's notice knows besides which part it is of. */
static int tell_applicant(struct item_flow_context *x, const struct flow_at *at, struct str notice, struct err *e) {
    struct arena *a = store_arena(x->act->tx);
    const struct item_part *part = item_part(x->c->type, item_step_part(x->c, at->element->id));
    struct val *more = val_map(a);
    val_put_str(a, more, S("part"), part ? part->title : S(""));
    return item_flow_tell(x->act, x->c, notice, more, e);
}

/* ---- service words ---- */

static int word_accept(struct item_flow_context *x, const struct flow_at *at, struct err *e) {
    x->c->state = S("accepted");
    x->c->accepted_ms = store_now_ms(x->act->tx);
    int rc = log_kind(x, S("accept"), S(""), S(""), e);
    if (!rc) rc = item_clock_cache(x->act->tx, x->act->realm, x->c, e);
    return rc ? rc : tell_applicant(x, at, S("accepted"), e);
}

static int word_finish(struct item_flow_context *x, const struct flow_at *at, const struct val *args, struct err *e) {
    struct str notice = val_get_str(args, S("notice"));
    x->c->result = arena_str(store_arena(x->act->tx), val_get_str(args, S("result")));
    x->c->state = S("ended");
    x->c->ended_ms = store_now_ms(x->act->tx);
    if (x->c->result.len == 0) return err_set(e, ERR_SYSTEM, "case.finish 缺少 result");
    int rc = x->c->accepted_ms ? log_kind(x, S("finish"), S(""), x->c->result, e) : 0;
    return rc ? rc : tell_applicant(x, at, notice.len ? notice : S("finished"), e);
}

/* Entries for a table: each {place, question: text as people read it}. */
static struct val *entries_shown(const struct val *entries, struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(entries); i++) {
        const struct val *values = val_get(val_item(entries, i), S("values"));
        struct val *one = val_map(a);
        val_put_i64(a, one, S("place"), (int64_t)i + 1);
        for (size_t k = 0; k < val_count(values); k++)
            val_put_str(a, one, val_get_str(val_item(values, k), S("id")),
                        val_get_str(val_item(values, k), S("text")));
        val_push(a, list, one);
    }
    return list;
}

static void put_decided(const struct item_case *c, struct val *answers, struct arena *a) {
    const struct val *decided = val_get(c->body, S("decided"));
    for (size_t i = 0; i < val_pairs(decided); i++)
        val_put_str(a, answers, decided->u.map.pair[i].key, val_get_str(decided->u.map.pair[i].value, S("value")));
}

/* What a paper's layout may bind: the frozen answers as people read them, the applicant, the case, dates. */
static struct val *paper_bindings(struct item_flow_context *x, const struct item_part *part, int64_t until_ms, struct arena *a) {
    struct val *v = val_copy(a, val_get(x->c->body, S("prefill")));
    struct val *c = val_map(a), *answers = val_map(a);
    const struct realm *r = x->act->realm;
    if (!v) v = val_map(a);
    struct val *pages = form_summary(x->c->form, x->c->system, val_get(x->c->body, S("answers")), v, S(""), S("zh"), a);
    item_given_show(x->c, S(""), S("zh"), pages, a);
    for (size_t i = 0; i < val_count(pages); i++) {
        const struct val *rows = val_get(val_item(pages, i), S("rows"));
        for (size_t k = 0; k < val_count(rows); k++)
            val_put_str(a, answers, val_get_str(val_item(rows, k), S("id")), val_get_str(val_item(rows, k), S("text")));
        if (val_count(val_get(val_item(pages, i), S("columns"))))
            val_put(a, answers, val_get_str(val_item(pages, i), S("id")),
                    entries_shown(val_get(val_item(pages, i), S("entries")), a));
    }
    put_decided(x->c, answers, a);
    val_put_str(a, c, S("number"), x->c->number);
    val_put_str(a, c, S("item"), x->c->type->name);
    val_put(a, v, S("case"), c);
    val_put(a, v, S("answers"), answers);
    val_put_str(a, v, S("issued"), realm_day(r, a, S("zh"), store_now_ms(x->act->tx))); /* papers are Chinese */
    val_put_str(a, v, S("valid_until"), until_ms ? realm_day(r, a, S("zh"), until_ms) : S(""));
    val_put_str(a, v, S("part"), part->title);
    val_put_str(a, v, S("realm"), r->title);
    return v;
}

static int64_t plus_months(const struct realm *r, int64_t from_ms, int64_t months) {
    struct civil_time t;
    tz_split(r->tz, from_ms, &t);
    struct civil_date d = clock_add_months(civil_of(t.year, t.month, t.day), (int32_t)months);
    unsigned month, day;
    civil_split(d, &t.year, &month, &day);
    t.month = (uint8_t)month;
    t.day = (uint8_t)day;
    t.hour = 23, t.minute = 59, t.second = 59;
    return tz_instant_ms(r->tz, &t);
}

/* The name of a company that the case itself entered in its registry: it is the paper's holder. */
static int entered_name(struct item_flow_context *x, int64_t company, struct str *ret, struct err *e) {
    const struct record_type *t = realm_find(x->act->realm, SYSTEM_RECORD, S("company"), NULL);
    struct record rec;
    int rc = t ? record_get(x->act->tx, x->act->realm, t, company, &rec, e) : err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) *ret = val_get_str(rec.values, S("name"));
    return rc;
}

static int word_paper(struct item_flow_context *x, const struct flow_at *at, const struct val *args, struct err *e) {
    struct arena *a = store_arena(x->act->tx);
    const struct item_part *part = item_part(x->c->type, val_get_str(args, S("part")));
    bool granted = val_get_bool(args, S("granted"), false);
    struct paper_new p = { .system = x->c->system, .case_id = x->c->id, .person = x->c->person, .company = x->c->company, .wait = at->token_id };
    int64_t id, holder_id = item_entered(x->c, part ? val_get_str(part->about, S("holder")) : S(""));
    if (granted && holder_id) p.company = holder_id;
    /* A case of a company or a person is sealed under the key under which its holder's papers are. */
    if (x->c->has_key && item_owner(x->c) == (p.company ? p.company : p.person)) p.key = &x->c->key;
    if (!part) return err_set(e, ERR_SYSTEM, "paper.issue 的 part 不存在：%.*s", STR_ARG(val_get_str(args, S("part"))));
    p.type = granted ? part->paper : part->refusal;
    if (p.type.len == 0) return FLOW_DONE;
    int rc = identity_unit_find(x->act->tx, x->act->realm, part->unit_kind, x->c->division, NULL, &p.organ, e);
    if (rc) return rc;
    p.title = granted ? part->title : paper_title(system_find(x->c->system, SYSTEM_PAPER, part->refusal));
    p.number = ARENA_CAT(a, x->c->number, S("-"), part->id);
    p.valid_from_ms = store_now_ms(x->act->tx);
    if (granted && part->valid_months) p.valid_until_ms = plus_months(x->act->realm, p.valid_from_ms, part->valid_months);
    struct val *view = paper_bindings(x, part, p.valid_until_ms, a);
    struct str holder = val_text(val_path(view, p.company ? S("company.name") : S("applicant.name")));
    if (p.company && p.company != x->c->company) rc = entered_name(x, p.company, &holder, e);
    if (rc) return rc;
    p.holder_masked = p.company ? holder : code_mask(a, S("person-name"), holder);
    val_put_str(a, view, S("organ"), p.organ);
    val_put_str(a, view, S("opinion"), item_last_opinion(x->act->tx, x->act->realm, x->c, part->id));
    p.view = view;
    rc = paper_issue(x->act, &p, &id, e);
    return rc ? rc : FLOW_WAIT;
}

static int env_service(void *context, const struct flow_at *at, struct str word, const struct val *args, const struct val *vars,
                       struct val **ret, struct err *e) {
    struct item_flow_context *x = context;
    (void)vars;
    *ret = NULL;
    if (str_eq(word, words[0])) return word_accept(x, at, e);
    if (str_eq(word, words[1])) return word_paper(x, at, args, e);
    if (str_eq(word, words[2])) return word_finish(x, at, args, e);
    if (str_eq(word, words[3])) return tell_applicant(x, at, val_get_str(args, S("notice")), e);
    if (str_eq(word, words[4])) return item_dispute_settle(x, args, e);
    if (str_eq(word, words[5])) return item_word_decide(x, at, args, ret, e);
    if (str_eq(word, words[6])) return item_word_put(x, args, e);
    if (str_eq(word, words[7])) return item_word_end(x, args, e);
    return err_set(e, ERR_SYSTEM, "没有这个服务：%.*s", STR_ARG(word));
}

/* ---- tasks made and ended ---- */

bool item_task_of_applicant(const struct flow_task *t) {
    return str_eq(t->role, S("applicant"));
}

static int env_task_made(void *context, const struct flow_at *at, const struct flow_task *t, struct err *e) {
    struct item_flow_context *x = context;
    struct str pauses = item_step_pauses(x->c, t->element);
    int rc = 0;
    (void)at;
    if (x->c->ended_ms) return err_set(e, ERR_SYSTEM, "办结之后的环节不能由人办理：%.*s", STR_ARG(t->element));
    if (item_task_of_applicant(t)) {
        struct arena *a = store_arena(x->act->tx);
        struct val *more = val_map(a);
        val_put(a, more, S("until"), t->due_ms ? notify_day(a, t->due_ms - 1) : val_null(a));
        x->c->state = S("supplement");
        rc = item_flow_tell(x->act, x->c, S("supplement"), more, e);
    } else {
        rc = item_task_lists_put(x->act, x->c, t, e);
        if (!rc && t->assignee_id) rc = item_task_lists_claimed(x->act, x->c, t, e);
    }
    if (t->kind == FLOW_TASK_BEFORE) return rc; /* the step's own task stands beside it */
    if (!rc && pauses.len && x->c->accepted_ms) rc = log_kind(x, S("pause"), item_step_part(x->c, t->element), pauses, e);
    return rc;
}

static int env_task_ended(void *context, const struct flow_at *at, const struct flow_task *t, struct err *e) {
    struct item_flow_context *x = context;
    struct str pauses = item_step_pauses(x->c, t->element);
    int rc = item_task_of_applicant(t) ? 0 : item_task_lists_end(x->act, x->c, t, e);
    (void)at;
    if (rc || t->kind == FLOW_TASK_BEFORE) return rc;
    rc = item_hold_end(x->act, x->c, t, e);
    if (!rc && pauses.len && x->c->accepted_ms) rc = log_kind(x, S("resume"), item_step_part(x->c, t->element), pauses, e);
    return rc;
}

/* A timer took a task of the applicant's away: what he was asked for did not come in time. */
static int env_note(void *context, const struct flow_at *at, const struct flow_history *row, struct err *e) {
    struct item_flow_context *x = context;
    if (!str_eq(row->what, S("timer")) || !at->element || !str_eq(at->element->role, S("applicant"))) return 0;
    const struct flow_element *event = flow_element_find(at->model, row->detail);
    if (!event || !event->interrupting) return 0;
    return log_kind(x, S("lapse"), item_step_part(x->c, at->element->id), S(""), e);
}

void item_flow_env(struct item_flow_context *context, struct flow_env *ret) {
    *ret = (struct flow_env){ .context = context, .model = env_model, .condition = env_condition, .value = env_value, .decide = env_decide,
                              .service = env_service, .limit = env_limit, .task_made = env_task_made, .task_ended = env_task_ended,
                              .note = env_note };
}

/* ---- commands ---- */

/* Waits for the applicant as long as any task of his is open: one part's may have ended while another's stands. */
static int settle_supplement(struct act *act, struct item_case *c, struct err *e) {
    struct flow_task *tasks;
    size_t n = 0;
    bool waits = false;
    if (!str_eq(c->state, S("supplement"))) return 0;
    int rc = flow_tasks_of(act->tx, c->id, &tasks, &n, e);
    for (size_t i = 0; !rc && i < n; i++) waits |= item_task_of_applicant(&tasks[i]) && tasks[i].state <= FLOW_TASK_RESERVED;
    if (!rc && !waits) c->state = c->accepted_ms ? S("accepted") : S("submitted");
    return rc;
}

/* After the process rested: what the case waits for, the cached due time, the row. */
int item_flow_settle(struct act *act, struct item_case *c, struct err *e) {
    int rc = settle_supplement(act, c, e);
    if (!rc) rc = item_clock_cache(act->tx, act->realm, c, e);
    if (!rc) rc = scope_facets(act->tx, act->realm->home, S("case"), c->id, c->item, c->state, e);
    if (!rc) rc = item_redress_settle(act->tx, act->realm, c, e);
    if (!rc) rc = item_handover_settle(act, c, e);
    if (!rc) rc = item_follow_tell(act, c, e);
    return rc ? rc : item_row_update(act->tx, act->realm, c, e);
}

int item_flow_begin(struct act *act, struct item_case *c, struct err *e) {
    struct item_flow_context x = { act, c };
    struct arena *a = store_arena(act->tx);
    struct flow_env env;
    int64_t instance;
    const struct val *names = val_get(c->type->about, S("variables"));
    struct val *all = item_flow_vars(c, a), *vars = val_map(a);
    val_put(a, vars, S("parts"), val_copy(a, val_get(all, S("parts"))));
    for (size_t i = 0; i < val_count(names); i++) {
        struct str name = val_text(val_item(names, i));
        val_put(a, vars, name, val_copy(a, val_get(all, name)));
    }
    struct flow_begin b = { .case_id = c->id, .release_id = c->release, .actor_id = act->who->account, .process = c->type->flow, .vars = vars };
    item_flow_env(&x, &env);
    int rc = flow_start(act->tx, &env, &b, &instance, e);
    return rc ? rc : item_flow_settle(act, c, e);
}

/* Every open task of the applicant: what several parts asked for is given at once. */
int item_flow_supplemented(struct act *act, struct item_case *c, struct str note, struct err *e) {
    struct item_flow_context x = { act, c };
    struct arena *a = store_arena(act->tx);
    struct flow_env env;
    struct flow_task *tasks;
    size_t n, given = 0;
    struct val *body = val_map(a);
    int rc = flow_tasks_of(act->tx, c->id, &tasks, &n, e);
    item_flow_env(&x, &env);
    for (size_t i = 0; !rc && i < n; i++) {
        if (!item_task_of_applicant(&tasks[i]) || (tasks[i].state != FLOW_TASK_READY && tasks[i].state != FLOW_TASK_RESERVED)) continue;
        val_put_str(a, body, S("title"), tasks[i].title);
        val_put_str(a, body, S("opinion"), note);
        struct item_event ev = { .kind = S("task"), .part = item_step_part(c, tasks[i].element), .task = tasks[i].id,
                                 .account = act->who->account, .body = body };
        rc = item_event_add(act->tx, act->realm, c, &ev, e);
        if (!rc) rc = flow_task_complete(act->tx, &env, &tasks[i], FLOW_ANY_VERSION, act->who->account, S("complete"), NULL, e);
        given++;
    }
    if (!rc && !given) rc = err_set(e, ERR_STATE, "现在没有需要补正的内容");
    return rc ? rc : item_flow_settle(act, c, e);
}

int item_flow_withdraw(struct act *act, struct item_case *c, struct str reason, struct err *e) {
    struct item_flow_context x = { act, c };
    struct arena *a = store_arena(act->tx);
    struct flow_env env;
    struct flow_instance *instances;
    struct val *body = val_map(a);
    size_t n;
    val_put_str(a, body, S("opinion"), reason);
    int rc = flow_instances_of(act->tx, c->id, &instances, &n, e);
    item_flow_env(&x, &env);
    for (size_t i = 0; !rc && i < n; i++)
        if (instances[i].state == FLOW_ACTIVE || instances[i].state == FLOW_SUSPENDED)
            rc = flow_cancel(act->tx, &env, instances[i].id, act->who->account, S("withdrawn"), e);
    if (rc) return rc;
    c->state = S("withdrawn");
    c->result = S("withdrawn");
    c->ended_ms = store_now_ms(act->tx);
    rc = item_event_add(act->tx, act->realm, c, &(struct item_event){ .kind = S("withdraw"), .account = act->who->account, .body = body }, e);
    if (!rc && c->accepted_ms) rc = log_kind(&x, S("finish"), S(""), S("withdrawn"), e);
    if (!rc) rc = item_flow_tell(act, c, S("withdrawn"), NULL, e);
    return rc ? rc : item_flow_settle(act, c, e);
}
