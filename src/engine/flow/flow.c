/* flow: the agenda.
 *
 * A command is: load the instance, do one thing to it (complete a task, fire a timer, ...), then let flow_rest run
 * the agenda until nothing moves. An operation is ENTER (a token arrives at its element: what the element does is in
 * its chapter) or LEAVE (it goes on by the outgoing flows: flow_gateway.c). Operations only append operations, so a
 * long process is a long loop, never a deep stack. When the agenda is empty, inclusive joins are looked at, because
 * they may fire only when nothing else can still come.
 *
 * The life of a token: flow_token_new -> MOVING -> ENTER -> rests (TASK, SERVICE, TIMER, JOIN, SCOPE) -> LEAVE ->
 * MOVING ...
 *   -> flow_consume (end event, merged in a join) | flow_scope_clear (terminated, interrupted, withdrawn).
 * A fault of the process stops one token as INCIDENT, and the others go on.
 *
 * Invariants: those of flow.h; besides, each operation is counted, and an agenda that passes FLOW_OPERATIONS_MAX is
 * turned into incidents, so that a loop of automatic steps costs one bounded transaction.
 */
#include "engine/flow/flow_run.h"

#include <string.h>

const char flow_history_words[] = " start enter leave end cancel task timer incident retry suspend resume pause unpause completed withdraw "
#define FLOW_ACT(id, word, standings, who, when, needs, function) word " "
#include "engine/flow/flow_acts.h"
#undef FLOW_ACT
    ;

const char *flow_instance_state_text(enum flow_instance_state s) {
    static const char *const text[] = { "active", "suspended", "completed", "withdrawn" };
    return text[s];
}

const char *flow_token_state_text(enum flow_token_state s) {
    static const char *const text[] = { "moving", "task",  "service",  "timer",
                                        "join",   "scope", "incident", "incident-leave" };
    return text[s];
}

const char *flow_task_state_text(enum flow_task_state s) {
    static const char *const text[] = { "ready", "reserved", "completed", "obsolete", "withdrawn" };
    return text[s];
}

int64_t flow_run_id(struct flow_run *r) {
    return r->tx ? store_new_id(r->tx) : ++r->next_id;
}

int flow_fail(struct flow_run *r, int code, const char *detail) {
    return err_set(r->e, code, "%s", detail);
}

bool flow_grow(struct flow_run *r, void **array, size_t n, size_t *cap, size_t size) {
    if (n < *cap) return true;
    size_t more = *cap ? *cap * 2 : 16;
    void *p = arena_array(r->arena, more, size);
    if (!p) return false;
    if (n) memcpy(p, *array, n * size);
    *array = p;
    *cap = more;
    return true;
}

struct flow_at flow_at(const struct flow_run *r, const struct flow_token *t) {
    return (struct flow_at){ .tx = r->tx, .arena = r->arena, .model = r->model, .instance = &r->instance,
                             .element = t ? t->element : NULL, .token_id = t ? t->id : 0, .actor_id = r->actor_id,
                             .now_ms = r->now_ms };
}

int flow_note(struct flow_run *r, const char *what, const struct flow_token *t, int64_t task_id, struct str detail) {
    if (!flow_grow(r, (void **)&r->history, r->n_history, &r->cap_history, sizeof *r->history))
        return flow_fail(r, ERR_MEMORY, "");
    struct flow_history *h = &r->history[r->n_history++];
    *h = (struct flow_history){ .instance_id = r->instance.id,
                                .seq = ++r->instance.history_n,
                                .at_ms = r->now_ms,
                                .actor_id = r->actor_id,
                                .token_id = t ? t->id : 0,
                                .scope_id = t ? t->scope_id : 0,
                                .task_id = task_id,
                                .what = str_of(what),
                                .element = t ? t->element->id : (struct str){ 0 },
                                .detail = detail };
    if (!r->env->note) return 0;
    struct flow_at at = flow_at(r, t);
    at.task_id = task_id;
    return r->env->note(r->env->context, &at, h, r->e);
}

/* ---- tokens ---- */

bool flow_dead(enum flow_mark mark) {
    return mark >= FLOW_GONE;
}

bool flow_live(const struct flow_token *t) {
    return !flow_dead(t->mark);
}

void flow_drop(enum flow_mark *mark) {
    *mark = *mark == FLOW_NEW ? FLOW_VOID : flow_dead(*mark) ? *mark : FLOW_GONE;
}

void flow_token_changed(struct flow_token *t) {
    if (t->mark == FLOW_SAME) t->mark = FLOW_CHANGED;
}

struct flow_token *flow_token_new(struct flow_run *r, const struct flow_element *at, int64_t scope_id) {
    struct flow_token *t = arena_new(r->arena, struct flow_token);
    if (!t || !flow_grow(r, (void **)&r->token, r->n_token, &r->cap_token, sizeof *r->token)) return NULL;
    *t = (struct flow_token){
        .id = flow_run_id(r), .scope_id = scope_id, .element = at, .since_ms = r->now_ms, .mark = FLOW_NEW
    };
    r->token[r->n_token++] = t;
    return t;
}

struct flow_token *flow_token_find(const struct flow_run *r, int64_t id) {
    for (size_t i = 0; i < r->n_token; i++)
        if (r->token[i]->id == id && flow_live(r->token[i])) return r->token[i];
    return NULL;
}

int flow_push(struct flow_run *r, struct flow_token *t, enum flow_operation_kind kind) {
    if (!t || !flow_grow(r, (void **)&r->agenda, r->n_agenda, &r->cap_agenda, sizeof *r->agenda))
        return flow_fail(r, ERR_MEMORY, "");
    t->state = FLOW_TOKEN_MOVING;
    flow_token_changed(t);
    r->agenda[r->n_agenda++] = (struct flow_operation){ t, kind };
    return 0;
}

static int incident(struct flow_run *r, struct flow_token *t, enum flow_token_state state, struct str text) {
    t->state = state;
    t->incident = text;
    flow_token_changed(t);
    flow_timers_drop(r, t);
    return flow_note(r, "incident", t, 0, text);
}

int flow_fault(struct flow_run *r, struct flow_token *t, enum flow_token_state state, int rc, const struct err *e) {
    if (err_kind(rc) != ERR_KIND_CALLER || rc == ERR_CONFLICT || rc == ERR_DUPLICATE) {
        if (r->e) *r->e = *e;
        if (r->e) r->e->code = rc;
        return rc;
    }
    return incident(r, t, state, arena_fmt(r->arena, "%s %s", err_name(rc), e->detail));
}

static int instance_end(struct flow_run *r) {
    r->instance.state = FLOW_COMPLETED;
    r->instance.ended_ms = r->now_ms;
    int rc = flow_note(r, "completed", NULL, 0, S(""));
    struct flow_at at = flow_at(r, NULL);
    if (!rc && r->env->ended) rc = r->env->ended(r->env->context, &at, r->e);
    return rc;
}

int flow_consume(struct flow_run *r, struct flow_token *t) {
    int rc = flow_note(r, "end", t, 0, S(""));
    if (rc) return rc;
    flow_timers_drop(r, t);
    flow_drop(&t->mark);
    for (size_t i = 0; i < r->n_token; i++)
        if (flow_live(r->token[i]) && r->token[i]->scope_id == t->scope_id) return 0;
    if (t->scope_id == 0) return instance_end(r);
    struct flow_token *around = flow_token_find(r, t->scope_id);
    return around ? flow_push(r, around, FLOW_OP_LEAVE) : flow_fail(r, ERR_DAMAGED, "scope");
}

static bool is_below(const struct flow_run *r, const struct flow_token *t, int64_t scope_id) {
    for (int depth = 0; depth <= FLOW_DEPTH_MAX + 1; depth++) {
        if (t->scope_id == scope_id) return true;
        if (t->scope_id == 0) return false;
        const struct flow_token *around = NULL; /* may be gone already in this pass */
        for (size_t i = 0; i < r->n_token && !around; i++)
            if (r->token[i]->id == t->scope_id) around = r->token[i];
        if (!around) return false;
        t = around;
    }
    return false;
}

int flow_scope_clear(struct flow_run *r, int64_t scope_id, const struct flow_token *spared,
                     enum flow_task_state task_state, struct str reason) {
    for (size_t i = 0; i < r->n_token; i++) {
        struct flow_token *t = r->token[i];
        if (!flow_live(t) || t == spared || !is_below(r, t, scope_id)) continue;
        int rc = flow_note(r, "cancel", t, 0, reason);
        if (!rc) rc = flow_tasks_end(r, t, task_state);
        if (rc) return rc;
        flow_timers_drop(r, t);
        flow_drop(&t->mark);
    }
    return 0;
}

/* ---- operations ---- */

static int enter_scope(struct flow_run *r, struct flow_token *t) {
    struct err e = { 0 };
    int rc = flow_boundary_arm(r, t, &e);
    if (rc) return flow_fault(r, t, FLOW_TOKEN_INCIDENT, rc, &e);
    t->state = FLOW_TOKEN_SCOPE;
    return flow_push(r, flow_token_new(r, &r->model->element[t->element->inner], t->id), FLOW_OP_ENTER);
}

static int enter_timer(struct flow_run *r, struct flow_token *t) {
    struct err e = { 0 };
    int rc = flow_timer_arm(r, t, t->element, &e);
    if (rc) return flow_fault(r, t, FLOW_TOKEN_INCIDENT, rc, &e);
    t->state = FLOW_TOKEN_TIMER;
    return 0;
}

static int enter(struct flow_run *r, struct flow_token *t) {
    t->since_ms = r->now_ms;
    t->incident = (struct str){ 0 };
    flow_token_changed(t);
    int rc = flow_note(r, "enter", t, 0, t->edge ? t->edge->id : (struct str){ 0 });
    if (rc) return rc;
    if (t == r->decided && t->element->kind != FLOW_XOR && t->element->kind != FLOW_RULE && t->element->kind != FLOW_USER)
        r->decided = NULL; /* more came of the decision than another task: it cannot be taken back */
    switch (t->element->kind) {
    case FLOW_START:
    case FLOW_XOR:
    case FLOW_BOUNDARY: return flow_push(r, t, FLOW_OP_LEAVE);
    case FLOW_END: return flow_consume(r, t);
    case FLOW_TERMINATE:
        rc = flow_scope_clear(r, t->scope_id, t, FLOW_TASK_OBSOLETE, S("terminate"));
        return rc ? rc : flow_consume(r, t);
    case FLOW_USER: return flow_user(r, t);
    case FLOW_SERVICE: return flow_service(r, t);
    case FLOW_RULE: return flow_rule(r, t);
    case FLOW_AND: return flow_join_parallel(r, t);
    case FLOW_OR:
        if (t->element->n_in < 2) return flow_push(r, t, FLOW_OP_LEAVE);
        t->state = FLOW_TOKEN_JOIN; /* flow_join_inclusive decides when nothing else moves */
        return 0;
    case FLOW_TIMER: return enter_timer(r, t);
    case FLOW_SUB: return enter_scope(r, t);
    default: return flow_fail(r, ERR_DEFECT, flow_kind_text(t->element->kind));
    }
}

/* Too many operations: what is still to do becomes incidents, from which flow_retry would go on. */
static int stop_all(struct flow_run *r) {
    for (; r->agenda_at < r->n_agenda; r->agenda_at++) {
        struct flow_operation op = r->agenda[r->agenda_at];
        if (!flow_live(op.token) || op.token->state != FLOW_TOKEN_MOVING) continue;
        int rc = incident(r, op.token, op.kind == FLOW_OP_ENTER ? FLOW_TOKEN_INCIDENT : FLOW_TOKEN_INCIDENT_LEAVE,
                          S("ERR_LIMIT 一次办理中自动步骤太多，流程可能有死循环"));
        if (rc) return rc;
    }
    return 0;
}

static int run_agenda(struct flow_run *r) {
    while (r->agenda_at < r->n_agenda) {
        if (r->operations++ >= FLOW_OPERATIONS_MAX) return stop_all(r);
        struct flow_operation op = r->agenda[r->agenda_at++];
        if (r->agenda_at == r->n_agenda) r->agenda_at = r->n_agenda = 0;
        if (!flow_live(op.token)) continue;
        int rc = op.kind == FLOW_OP_ENTER ? enter(r, op.token) : flow_leave(r, op.token);
        if (rc) return rc;
    }
    return 0;
}

int flow_rest(struct flow_run *r) {
    bool fired = true;
    int rc = 0;
    while (!rc && fired) {
        rc = run_agenda(r);
        fired = false;
        if (!rc) rc = flow_join_inclusive(r, &fired);
    }
    if (!rc) rc = flow_deadlock(r);
    r->instance.incidents = 0;
    for (size_t i = 0; i < r->n_token; i++)
        r->instance.incidents += flow_live(r->token[i]) && (r->token[i]->state == FLOW_TOKEN_INCIDENT ||
                                                            r->token[i]->state == FLOW_TOKEN_INCIDENT_LEAVE);
    return rc;
}

void flow_merge_vars(struct flow_run *r, const struct val *map) {
    if (!map || map->kind != VAL_MAP) return;
    for (size_t i = 0; i < map->u.map.n; i++) {
        const struct val_pair *p = &map->u.map.pair[i];
        val_put(r->arena, r->vars, arena_str(r->arena, p->key), val_copy(r->arena, p->value));
    }
    r->vars_changed = true;
}
