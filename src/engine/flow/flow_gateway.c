/* flow_gateway: how tokens split and meet (BPMN 2.0.2 section 10.6 and 13.4).
 *
 * Invariants
 *  1. All conditions of a split are evaluated before any token moves; if one fails, the token stays where it was.
 *  2. A split keeps its token on the first flow taken and makes new ones for the others; a join keeps the token of the
 *     first incoming flow and ends the others.
 *  3. The inclusive join follows section 13.4.3: it fires when no token in its scope can still reach an empty
 *     incoming flow without passing the join, other than those that can also reach a filled one.
 */
#include "engine/flow/flow_run.h"

static int ask(struct flow_run *r, const struct flow_token *t, const struct flow_edge *d, bool *ret, struct err *e) {
    struct flow_at at = flow_at(r, t);
    if (!r->env->condition) return err_set(e, ERR_SYSTEM, "%s", "条件没有求值的地方");
    int rc = r->env->condition(r->env->context, &at, d->condition, r->vars, ret, e);
    if (rc && !e->detail[0]) err_set(e, rc, "%.*s", STR_ARG(d->id));
    return rc;
}

/* The outgoing flows that are taken, in document order. A code of the callback, or ERR_STATE when there is none. */
static int choose(struct flow_run *r, const struct flow_token *t, const struct flow_edge **taken, size_t *n,
                  struct err *e) {
    const struct flow_element *el = t->element;
    *n = 0;
    for (size_t k = 0; k < el->n_out; k++) {
        const struct flow_edge *d = &r->model->edge[el->out[k]];
        bool yes = d->condition.len == 0;
        if (d->index == el->default_edge) continue;
        if (!yes) {
            int rc = ask(r, t, d, &yes, e);
            if (rc) return rc;
        }
        if (!yes) continue;
        taken[(*n)++] = d;
        if (el->kind == FLOW_XOR) break;
    }
    if (*n == 0 && el->default_edge != FLOW_NONE) taken[(*n)++] = &r->model->edge[el->default_edge];
    if (*n == 0) return err_set(e, ERR_STATE, "%.*s：没有一个条件成立，也没有默认流", STR_ARG(el->id));
    return 0;
}

static size_t live_tokens(const struct flow_run *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_token; i++) n += flow_live(r->token[i]);
    return n;
}

int flow_leave(struct flow_run *r, struct flow_token *t) {
    const struct flow_edge **taken = arena_array(r->arena, t->element->n_out + 1, sizeof *taken);
    struct err e = { 0 };
    size_t n = 0;
    if (!taken) return flow_fail(r, ERR_MEMORY, "");
    int rc = choose(r, t, taken, &n, &e);
    if (!rc && live_tokens(r) + n - 1 > FLOW_TOKENS_MAX) rc = err_set(&e, ERR_STATE, "并行的步骤超过 %d 个", FLOW_TOKENS_MAX);
    if (rc) return flow_fault(r, t, FLOW_TOKEN_INCIDENT_LEAVE, rc, &e);
    rc = flow_note(r, "leave", t, 0, S(""));
    if (rc) return rc;
    flow_timers_drop(r, t);
    int64_t scope_id = t->scope_id;
    for (size_t k = 0; k < n; k++) {
        const struct flow_element *to = &r->model->element[taken[k]->to];
        struct flow_token *moved = k == 0 ? t : flow_token_new(r, to, scope_id);
        if (!moved) return flow_fail(r, ERR_MEMORY, "");
        moved->element = to;
        moved->edge = taken[k];
        rc = flow_push(r, moved, FLOW_OP_ENTER);
        if (rc) return rc;
    }
    return 0;
}

/* ---- joins ---- */

static bool waits_at(const struct flow_token *t, const struct flow_token *like) {
    return flow_live(t) && t->state == FLOW_TOKEN_JOIN && t->element == like->element && t->scope_id == like->scope_id;
}

/* The first token that came by incoming flow `edge` and waits where `like` waits. */
static struct flow_token *waiting_on(const struct flow_run *r, const struct flow_token *like, int32_t edge) {
    for (size_t i = 0; i < r->n_token; i++)
        if (waits_at(r->token[i], like) && r->token[i]->edge && r->token[i]->edge->index == edge) return r->token[i];
    return NULL;
}

/* One token of each filled incoming flow becomes one token, which leaves. */
static int fire(struct flow_run *r, struct flow_token *like) {
    const struct flow_element *el = like->element;
    struct flow_token *kept = NULL;
    for (size_t k = 0; k < el->n_in; k++) {
        struct flow_token *t = waiting_on(r, kept ? kept : like, el->in[k]);
        if (!t || t == kept) continue;
        if (!kept) {
            kept = t;
            continue;
        }
        int rc = flow_note(r, "end", t, 0, S("join"));
        if (rc) return rc;
        flow_drop(&t->mark);
    }
    return kept ? flow_push(r, kept, FLOW_OP_LEAVE) : flow_fail(r, ERR_DEFECT, "join");
}

int flow_join_parallel(struct flow_run *r, struct flow_token *t) {
    if (t->element->n_in < 2) return flow_push(r, t, FLOW_OP_LEAVE);
    t->state = FLOW_TOKEN_JOIN;
    for (size_t k = 0; k < t->element->n_in; k++)
        if (!waiting_on(r, t, t->element->in[k])) return 0;
    return fire(r, t);
}

/* Marks in `seen` what can reach one of the join's incoming flows of the given kind without passing the join:
 * backward, breadth first. A boundary event is reached from its host. */
static void reach_back(const struct flow_run *r, const struct flow_token *join, bool filled, bool *seen,
                       int32_t *list) {
    const struct flow_model *m = r->model;
    size_t n = 0;
    for (size_t k = 0; k < join->element->n_in; k++) {
        int32_t from = m->edge[join->element->in[k]].from;
        if ((waiting_on(r, join, join->element->in[k]) != NULL) != filled || seen[from] ||
            from == join->element->index)
            continue;
        seen[from] = true;
        list[n++] = from;
    }
    for (size_t at = 0; at < n; at++) {
        const struct flow_element *el = &m->element[list[at]];
        for (size_t k = 0; k <= el->n_in; k++) {
            int32_t from = k < el->n_in ? m->edge[el->in[k]].from : el->host;
            if (from == FLOW_NONE || seen[from] || from == join->element->index) continue;
            seen[from] = true;
            list[n++] = from;
        }
    }
}

static bool may_fire(const struct flow_run *r, const struct flow_token *join, bool *to_empty, bool *to_filled,
                     int32_t *list) {
    for (size_t i = 0; i < r->model->n_element; i++) to_empty[i] = to_filled[i] = false;
    reach_back(r, join, false, to_empty, list);
    reach_back(r, join, true, to_filled, list);
    for (size_t i = 0; i < r->n_token; i++) {
        const struct flow_token *t = r->token[i];
        if (!flow_live(t) || t->scope_id != join->scope_id || waits_at(t, join)) continue;
        if (to_empty[t->element->index] && !to_filled[t->element->index]) return false;
    }
    return true;
}

/* The first of its kind at that join in that scope, so that each join is looked at once. */
static bool is_first(const struct flow_run *r, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (waits_at(r->token[k], r->token[i])) return false;
    return true;
}

int flow_join_inclusive(struct flow_run *r, bool *fired) {
    bool *to_empty = NULL, *to_filled = NULL;
    int32_t *list = NULL;
    for (size_t i = 0; i < r->n_token; i++) {
        struct flow_token *t = r->token[i];
        if (!flow_live(t) || t->state != FLOW_TOKEN_JOIN || t->element->kind != FLOW_OR || !is_first(r, i)) continue;
        if (!list) {
            to_empty = arena_array(r->arena, r->model->n_element, sizeof *to_empty);
            to_filled = arena_array(r->arena, r->model->n_element, sizeof *to_filled);
            list = arena_array(r->arena, r->model->n_element + 1, sizeof *list);
        }
        if (!to_empty || !to_filled || !list) return flow_fail(r, ERR_MEMORY, "");
        if (!may_fire(r, t, to_empty, to_filled, list)) continue;
        int rc = fire(r, t);
        if (rc) return rc;
        *fired = true;
    }
    return 0;
}

/* Nothing outside can move the instance any more, yet tokens wait for each other: told as incidents. */
int flow_deadlock(struct flow_run *r) {
    size_t joins = 0;
    for (size_t i = 0; i < r->n_timer; i++)
        if (!flow_dead(r->timer[i]->mark)) return 0;
    for (size_t i = 0; i < r->n_token; i++) {
        if (!flow_live(r->token[i]) || r->token[i]->state == FLOW_TOKEN_SCOPE) continue;
        if (r->token[i]->state != FLOW_TOKEN_JOIN) return 0;
        joins++;
    }
    for (size_t i = 0; joins && i < r->n_token; i++) {
        struct flow_token *t = r->token[i];
        if (!flow_live(t) || t->state != FLOW_TOKEN_JOIN) continue;
        struct err e = { 0 };
        err_set(&e, ERR_STATE, "%.*s：等待的分支不会再到，流程卡住", STR_ARG(t->element->id));
        int rc = flow_fault(r, t, FLOW_TOKEN_INCIDENT, ERR_STATE, &e);
        if (rc) return rc;
    }
    return 0;
}
