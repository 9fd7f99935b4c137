/* flow_task: user, service and business-rule tasks (BPMN 2.0.2 sections 10.3.3, 13.3).
 *
 * Invariants
 *  1. A token in state TASK has exactly one open task (ready or reserved) that decides its step: its own (STEP) or another's
 *     word on what was decided (AFTER); besides, open BEFORE tasks only beside a STEP. Each open task has such a token.
 *  2. What can fail by the process's own fault (unit, limit, timers) is asked before the task exists, so that an
 *     incident leaves no task behind.
 *  3. Of two people who complete one task, the second gets ERR_CONFLICT: the first one's move stands.
 *  4. Whether a task was completed before a timer takes it away is decided by the timer's moment, not by when somebody
 *     comes to fire it.
 */
#include "engine/flow/flow_run.h"

/* A text, or =FEEL giving text. */
static int text_of(struct flow_run *r, const struct flow_token *t, struct str text, struct str *ret, struct err *e) {
    *ret = text;
    if (!text.len || text.ptr[0] != '=') return 0;
    struct flow_at at = flow_at(r, t);
    struct val *v = NULL;
    if (!r->env->value) return err_set(e, ERR_SYSTEM, "%s", "表达式没有求值的地方");
    int rc = r->env->value(r->env->context, &at, str_sub(text, 1, text.len - 1), r->vars, &v, e);
    *ret = val_text(v);
    return rc;
}

int flow_task_new(struct flow_run *r, struct flow_token *t, const struct flow_task *like, struct flow_task **ret) {
    const struct flow_element *el = t->element;
    struct flow_task *task = arena_new(r->arena, struct flow_task);
    if (!task || !flow_grow(r, (void **)&r->task, r->n_task, &r->cap_task, sizeof *r->task))
        return flow_fail(r, ERR_MEMORY, "");
    *task = (struct flow_task){ .id = flow_run_id(r), .instance_id = r->instance.id, .case_id = r->instance.case_id,
                                .token_id = t->id, .version = 1, .element = el->id, .title = el->name, .role = el->role,
                                .unit = like->unit, .form = el->form, .move = like->move, .kind = like->kind,
                                .state = like->assignee_id ? FLOW_TASK_RESERVED : FLOW_TASK_READY,
                                .assignee_id = like->assignee_id, .claimed_ms = like->assignee_id ? r->now_ms : 0,
                                .owner_id = like->owner_id, .from_id = like->from_id, .made_ms = r->now_ms,
                                .due_ms = like->due_ms, .mark = FLOW_NEW };
    r->task[r->n_task++] = task;
    t->state = FLOW_TOKEN_TASK;
    flow_token_changed(t);
    if (ret) *ret = task;
    int rc = flow_note(r, "task", t, task->id, like->unit);
    struct flow_at at = flow_at(r, t);
    at.task_id = task->id;
    if (!rc && r->env->task_made) rc = r->env->task_made(r->env->context, &at, task, r->e);
    return rc;
}

/* Where no tb:limit says otherwise a task is due when a timer takes it away. */
static int64_t taken_ms(const struct flow_run *r, const struct flow_token *t) {
    int64_t first = 0;
    for (size_t i = 0; i < r->n_timer; i++)
        if (flow_takes(r, r->timer[i], t) && (!first || r->timer[i]->due_ms < first))
            first = r->timer[i]->due_ms;
    return first;
}

int flow_user(struct flow_run *r, struct flow_token *t) {
    struct err e = { 0 };
    struct str unit;
    int64_t due_ms = 0;
    int rc = text_of(r, t, t->element->unit, &unit, &e);
    if (!rc && t->element->limit.len) rc = flow_due(r, t, t->element->limit, &due_ms, &e);
    if (!rc) rc = flow_boundary_arm(r, t, &e);
    if (rc) return flow_fault(r, t, FLOW_TOKEN_INCIDENT, rc, &e);
    struct flow_task like = { .unit = unit, .due_ms = due_ms ? due_ms : taken_ms(r, t),
                              .from_id = t == r->decided ? r->decided_id : 0, .assignee_id = t == r->given ? r->given_to : 0 };
    return flow_task_new(r, t, &like, NULL);
}

int flow_task_end(struct flow_run *r, const struct flow_token *t, struct flow_task *task,
                  enum flow_task_state state) {
    task->state = state;
    task->ended_ms = r->now_ms;
    task->ended_by_id = r->actor_id;
    task->version++;
    if (task->mark == FLOW_SAME) task->mark = FLOW_CHANGED;
    if (!r->env->task_ended) return 0;
    struct flow_at at = flow_at(r, t);
    at.task_id = task->id;
    return r->env->task_ended(r->env->context, &at, task, r->e);
}

int flow_tasks_end(struct flow_run *r, const struct flow_token *t, enum flow_task_state state) {
    for (size_t i = 0; i < r->n_task; i++) {
        if (r->task[i]->token_id != t->id || r->task[i]->state > FLOW_TASK_RESERVED) continue;
        int rc = flow_task_end(r, t, r->task[i], state);
        if (rc) return rc;
    }
    return 0;
}

int flow_not_taken(struct flow_run *r, const struct flow_token *t) {
    for (size_t i = 0; i < r->n_timer; i++)
        if (flow_takes(r, r->timer[i], t) && !r->timer[i]->standing && r->timer[i]->due_ms <= r->now_ms)
            return flow_fail(r, ERR_STATE, "这一步的期限已经过了，不能再办");
    return 0;
}

/* ---- service ---- */

static int arguments(struct flow_run *r, const struct flow_token *t, struct val **ret, struct err *e) {
    struct flow_at at = flow_at(r, t);
    *ret = val_map(r->arena);
    for (size_t i = 0; i < t->element->n_with; i++) {
        struct val *v = NULL;
        if (!r->env->value) return err_set(e, ERR_SYSTEM, "%s", "表达式没有求值的地方");
        int rc = r->env->value(r->env->context, &at, t->element->with[i].feel, r->vars, &v, e);
        if (rc) return rc;
        val_put(r->arena, *ret, t->element->with[i].name, v ? v : val_null(r->arena));
    }
    return 0;
}

static void take_result(struct flow_run *r, const struct flow_token *t, const struct val *result) {
    if (!result) return;
    if (!t->element->result.len) {
        flow_merge_vars(r, result);
        return;
    }
    val_put(r->arena, r->vars, t->element->result, val_copy(r->arena, result));
    r->vars_changed = true;
}

int flow_service(struct flow_run *r, struct flow_token *t) {
    struct err e = { 0 };
    struct val *args, *result = NULL;
    int rc = arguments(r, t, &args, &e);
    if (!rc) rc = flow_boundary_arm(r, t, &e);
    if (!rc && !r->env->service) rc = err_set(&e, ERR_SYSTEM, "%s", "没有可以自动办理的地方");
    if (rc) return flow_fault(r, t, FLOW_TOKEN_INCIDENT, rc, &e);
    struct flow_at at = flow_at(r, t);
    rc = r->env->service(r->env->context, &at, t->element->act, args, r->vars, &result, &e);
    if (rc < 0) {
        if (r->e) *r->e = e;
        return rc;
    }
    if (rc == FLOW_INCIDENT) return flow_fault(r, t, FLOW_TOKEN_INCIDENT, ERR_STATE, &e);
    if (rc == FLOW_WAIT) {
        t->state = FLOW_TOKEN_SERVICE;
        return 0;
    }
    take_result(r, t, result);
    return flow_push(r, t, FLOW_OP_LEAVE);
}

int flow_do_service_done(struct flow_run *r, struct flow_token *t, const struct val *result) {
    take_result(r, t, result);
    int rc = flow_push(r, t, FLOW_OP_LEAVE);
    return rc ? rc : flow_rest(r);
}

int flow_rule(struct flow_run *r, struct flow_token *t) {
    struct err e = { 0 };
    struct val *result = NULL;
    struct flow_at at = flow_at(r, t);
    int rc = r->env->decide ? r->env->decide(r->env->context, &at, t->element->decision, r->vars, &result, &e)
                            : err_set(&e, ERR_SYSTEM, "%s", "没有可以判断规则的地方");
    if (rc) return flow_fault(r, t, FLOW_TOKEN_INCIDENT, rc, &e);
    take_result(r, t, result ? result : val_null(r->arena));
    return flow_push(r, t, FLOW_OP_LEAVE);
}
