/* flow_command: the commands, each in two halves: flow_do_X changes a run in memory, flow_X loads it, does X and
 * saves it.
 *
 * Invariants
 *  1. A command that returns an error has changed nothing that the caller may commit.
 *  2. An ended instance is never changed; a suspended one only by flow_resume, flow_cancel, flow_pause, flow_unpause
 *     and by acts on tasks that say so (flow_acts.h).
 */
#include "engine/flow/flow_run.h"

/* ---- in memory ---- */

int flow_must_be_open(struct flow_run *r) {
    if (r->instance.state == FLOW_COMPLETED) return flow_fail(r, ERR_STATE, "已经办结");
    if (r->instance.state == FLOW_WITHDRAWN) return flow_fail(r, ERR_STATE, "已经撤回");
    return 0;
}

int flow_must_be_active(struct flow_run *r) {
    int rc = flow_must_be_open(r);
    if (!rc && r->instance.state == FLOW_SUSPENDED) rc = flow_fail(r, ERR_STATE, "已经中止，恢复后再办");
    return rc;
}

int flow_do_start(struct flow_run *r, const struct flow_begin *b) {
    r->instance = (struct flow_instance){ .id = flow_run_id(r), .case_id = b->case_id, .release_id = b->release_id,
                                          .process = r->model->process, .state = FLOW_ACTIVE, .started_ms = r->now_ms };
    r->mark = FLOW_NEW;
    r->vars = val_map(r->arena);
    flow_merge_vars(r, b->vars);
    int rc = flow_note(r, "start", NULL, 0, r->model->process);
    if (!rc) rc = flow_push(r, flow_token_new(r, &r->model->element[r->model->start], 0), FLOW_OP_ENTER);
    return rc ? rc : flow_rest(r);
}

int flow_do_cancel(struct flow_run *r, struct str reason) {
    int rc = flow_must_be_open(r);
    if (!rc) rc = flow_scope_clear(r, 0, NULL, FLOW_TASK_WITHDRAWN, S("withdraw"));
    if (rc) return rc;
    r->instance.state = FLOW_WITHDRAWN;
    r->instance.ended_ms = r->now_ms;
    r->instance.suspended_ms = r->instance.paused_ms = r->instance.stopped_ms = 0;
    r->instance.incidents = 0;
    rc = flow_note(r, "withdraw", NULL, 0, reason);
    struct flow_at at = flow_at(r, NULL);
    if (!rc && r->env->ended) rc = r->env->ended(r->env->context, &at, r->e);
    return rc;
}

int flow_do_suspend(struct flow_run *r, struct str reason) {
    int rc = flow_must_be_active(r);
    if (rc) return rc;
    r->instance.state = FLOW_SUSPENDED;
    r->instance.suspended_ms = r->now_ms;
    flow_clocks(r);
    return flow_note(r, "suspend", NULL, 0, reason);
}

int flow_do_resume(struct flow_run *r) {
    int rc = flow_must_be_open(r);
    if (!rc && r->instance.state != FLOW_SUSPENDED) rc = flow_fail(r, ERR_STATE, "没有中止，不需要恢复");
    if (rc) return rc;
    r->instance.state = FLOW_ACTIVE;
    r->instance.suspended_ms = 0;
    flow_clocks(r);
    return flow_note(r, "resume", NULL, 0, S(""));
}

int flow_do_pause(struct flow_run *r, struct str reason) {
    int rc = flow_must_be_open(r);
    if (!rc && r->instance.paused_ms) rc = flow_fail(r, ERR_STATE, "计时已经停止");
    if (rc) return rc;
    r->instance.paused_ms = r->now_ms;
    flow_clocks(r);
    return flow_note(r, "pause", NULL, 0, reason);
}

int flow_do_unpause(struct flow_run *r) {
    int rc = flow_must_be_open(r);
    if (!rc && !r->instance.paused_ms) rc = flow_fail(r, ERR_STATE, "计时没有停止");
    if (rc) return rc;
    r->instance.paused_ms = 0;
    flow_clocks(r);
    return flow_note(r, "unpause", NULL, 0, S(""));
}

int flow_do_retry(struct flow_run *r) {
    int rc = flow_must_be_active(r);
    bool any = false;
    for (size_t i = 0; !rc && i < r->n_token; i++) {
        struct flow_token *t = r->token[i];
        if (t->state != FLOW_TOKEN_INCIDENT && t->state != FLOW_TOKEN_INCIDENT_LEAVE) continue;
        enum flow_operation_kind kind = t->state == FLOW_TOKEN_INCIDENT ? FLOW_OP_ENTER : FLOW_OP_LEAVE;
        any = true;
        t->incident = (struct str){ 0 };
        rc = flow_note(r, "retry", t, 0, S(""));
        if (!rc) rc = flow_push(r, t, kind);
    }
    if (!rc && !any) rc = flow_fail(r, ERR_STATE, "没有需要重试的步骤");
    return rc ? rc : flow_rest(r);
}

/* ---- on the store ---- */

int flow_start(struct store_tx *tx, const struct flow_env *env, const struct flow_begin *b, int64_t *ret_instance,
               struct err *e) {
    struct flow_run *r = arena_new(store_arena(tx), struct flow_run);
    const struct flow_model *m = env->model(env->context, b->release_id, b->process);
    if (!r) return err_set(e, ERR_MEMORY, "%s", "");
    if (!m) return err_set(e, ERR_SYSTEM, "没有流程 %.*s", STR_ARG(b->process));
    *r = (struct flow_run){ .arena = store_arena(tx),
                            .tx = tx,
                            .env = env,
                            .model = m,
                            .e = e,
                            .now_ms = store_now_ms(tx),
                            .actor_id = b->actor_id };
    int rc = flow_do_start(r, b);
    if (!rc) rc = flow_save(r);
    if (!rc) *ret_instance = r->instance.id;
    return rc;
}

int flow_cancel(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id,
                struct str reason, struct err *e) {
    struct flow_run *r;
    int rc = flow_load(tx, env, instance_id, actor_id, &r, e);
    if (!rc) rc = flow_do_cancel(r, reason);
    return rc ? rc : flow_save(r);
}

int flow_suspend(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id,
                 struct str reason, struct err *e) {
    struct flow_run *r;
    int rc = flow_load(tx, env, instance_id, actor_id, &r, e);
    if (!rc) rc = flow_do_suspend(r, reason);
    return rc ? rc : flow_save(r);
}

int flow_resume(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id, struct err *e) {
    struct flow_run *r;
    int rc = flow_load(tx, env, instance_id, actor_id, &r, e);
    if (!rc) rc = flow_do_resume(r);
    return rc ? rc : flow_save(r);
}

int flow_pause(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id,
               struct str reason, struct err *e) {
    struct flow_run *r;
    int rc = flow_load(tx, env, instance_id, actor_id, &r, e);
    if (!rc) rc = flow_do_pause(r, reason);
    return rc ? rc : flow_save(r);
}

int flow_unpause(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id,
                 struct err *e) {
    struct flow_run *r;
    int rc = flow_load(tx, env, instance_id, actor_id, &r, e);
    if (!rc) rc = flow_do_unpause(r);
    return rc ? rc : flow_save(r);
}

int flow_retry(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id, struct err *e) {
    struct flow_run *r;
    int rc = flow_load(tx, env, instance_id, actor_id, &r, e);
    if (!rc) rc = flow_do_retry(r);
    return rc ? rc : flow_save(r);
}

/* ---- services and timers ---- */

/* The run of a token that waits for a service. */
static int load_service(struct store_tx *tx, const struct flow_env *env, int64_t token_id, struct flow_run **ret,
                        struct flow_token **ret_token, struct err *e) {
    int64_t instance_id;
    int rc = flow_token_instance(tx, token_id, &instance_id, e);
    if (rc == ERR_NOT_FOUND) return err_set(e, ERR_CONFLICT, "%s", "这一步已经不在等待结果");
    if (!rc) rc = flow_load(tx, env, instance_id, 0, ret, e);
    if (!rc) rc = flow_must_be_active(*ret);
    if (rc) return rc;
    *ret_token = flow_token_find(*ret, token_id);
    if (!*ret_token || (*ret_token)->state != FLOW_TOKEN_SERVICE) return err_set(e, ERR_CONFLICT, "%s", "这一步已经不在等待结果");
    return 0;
}

int flow_service_done(struct store_tx *tx, const struct flow_env *env, int64_t token_id, const struct val *result,
                      struct err *e) {
    struct flow_run *r;
    struct flow_token *t;
    int rc = load_service(tx, env, token_id, &r, &t, e);
    if (!rc) rc = flow_do_service_done(r, t, result);
    return rc ? rc : flow_save(r);
}

int flow_service_failed(struct store_tx *tx, const struct flow_env *env, int64_t token_id, struct str detail,
                        struct err *e) {
    struct flow_run *r;
    struct flow_token *t;
    struct err why = { 0 };
    int rc = load_service(tx, env, token_id, &r, &t, e);
    if (rc) return rc;
    err_set(&why, ERR_STATE, "%.*s", STR_ARG(detail));
    rc = flow_fault(r, t, FLOW_TOKEN_INCIDENT, ERR_STATE, &why);
    if (!rc) rc = flow_rest(r);
    return rc ? rc : flow_save(r);
}

int flow_timer_fire(struct store_tx *tx, const struct flow_env *env, int64_t timer_id, bool *fired, struct err *e) {
    struct flow_run *r;
    int64_t instance_id;
    *fired = false;
    int rc = flow_timer_instance(tx, timer_id, &instance_id, e);
    if (rc == ERR_NOT_FOUND) {
        err_clear(e);
        return 0;
    }
    if (!rc) rc = flow_load(tx, env, instance_id, 0, &r, e);
    if (rc) return rc;
    for (size_t i = 0; i < r->n_timer; i++) {
        struct flow_timer *timer = r->timer[i];
        if (timer->id != timer_id || timer->standing || timer->due_ms > r->now_ms) continue;
        rc = flow_do_timer(r, timer);
        if (!rc) rc = flow_save(r);
        *fired = rc == 0;
        return rc;
    }
    return 0;
}
