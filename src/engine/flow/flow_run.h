/* flow_run: one command on one instance, in memory. The chapters (gateway, event, task) change it, the store chapter
 * loads and saves it. Not for callers of the engine.
 *
 * Invariants
 *  1. A row with mark FLOW_GONE or FLOW_VOID is dead: no chapter looks at it again. Rows that came and went within
 *     the command are never written.
 *  2. Functions that return int give 0 or fail the whole command; a fault of the process itself is an incident, and 0.
 */
#ifndef ENGINE_FLOW_RUN_H
#define ENGINE_FLOW_RUN_H

#include "engine/flow/flow.h"

enum flow_operation_kind { FLOW_OP_ENTER, FLOW_OP_LEAVE };
struct flow_operation {
    struct flow_token *token;
    enum flow_operation_kind kind;
};

struct flow_run {
    struct arena *arena;
    struct store_tx *tx; /* NULL: in memory only (tests of the machine) */
    const struct flow_env *env;
    const struct flow_model *model;
    struct err *e;
    int64_t now_ms, actor_id;
    int64_t next_id; /* where ids come from without a store */
    struct flow_instance instance;
    enum flow_mark mark;
    struct val *vars;
    bool vars_changed;
    struct flow_token **token; /* live and gone, oldest first */
    size_t n_token, cap_token;
    struct flow_task **task; /* open ones, and those this command closed */
    size_t n_task, cap_task;
    struct flow_timer **timer;
    size_t n_timer, cap_timer;
    struct flow_history *history; /* what this command adds */
    size_t n_history, cap_history;
    struct flow_operation *agenda; /* [agenda_at .. n_agenda) is to do */
    size_t agenda_at, n_agenda, cap_agenda;
    unsigned operations;
    /* The task that this command completed, while its token passed nothing but gateways and rules. */
    int64_t decided_id;
    const struct flow_token *decided;
    /* Whoever gets the task that this token enters next. */
    const struct flow_token *given;
    int64_t given_to;
};

/* ---- flow.c ---- */
int64_t flow_run_id(struct flow_run *r);
/* Room for one more in a growing array of the run; false: the arena is full. */
bool flow_grow(struct flow_run *r, void **array, size_t n, size_t *cap, size_t size);
int flow_fail(struct flow_run *r, int code, const char *detail); /* fails the command */
struct flow_at flow_at(const struct flow_run *r, const struct flow_token *t);
int flow_note(struct flow_run *r, const char *what, const struct flow_token *t, int64_t task_id, struct str detail);
struct flow_token *flow_token_new(struct flow_run *r, const struct flow_element *at, int64_t scope_id);
struct flow_token *flow_token_find(const struct flow_run *r, int64_t id); /* live, or NULL */
void flow_token_changed(struct flow_token *t);
bool flow_live(const struct flow_token *t);
bool flow_dead(enum flow_mark mark);
void flow_drop(enum flow_mark *mark); /* dead from here on */
int flow_push(struct flow_run *r, struct flow_token *t, enum flow_operation_kind kind);
/* `rc` and `e` from a callback: an incident at `t` (state INCIDENT or INCIDENT_LEAVE) and 0, or the code that fails
 * the command. */
int flow_fault(struct flow_run *r, struct flow_token *t, enum flow_token_state state, int rc, const struct err *e);
/* The token's end at an end event: the scope goes on when it was the last. */
int flow_consume(struct flow_run *r, struct flow_token *t);
/* Cancels what is below `scope_id`, at any depth, but `spared` (may be NULL). Tasks end as `task_state`. */
int flow_scope_clear(struct flow_run *r, int64_t scope_id, const struct flow_token *spared,
                     enum flow_task_state task_state, struct str reason);
/* Until every token rests. */
int flow_rest(struct flow_run *r);
void flow_merge_vars(struct flow_run *r, const struct val *map);

/* ---- flow_gateway.c ---- */
int flow_leave(struct flow_run *r, struct flow_token *t);
int flow_join_parallel(struct flow_run *r, struct flow_token *t);
int flow_join_inclusive(struct flow_run *r, bool *fired);
int flow_deadlock(struct flow_run *r);

/* ---- flow_event.c ---- */
bool flow_iso_duration(struct str s, int64_t *ms);
bool flow_iso_instant(struct str s, int64_t *ms);
/* A callback's code: the caller decides with flow_fault. */
int flow_due(struct flow_run *r, const struct flow_token *t, struct str text, int64_t *due_ms, struct err *e);
int flow_timer_arm(struct flow_run *r, struct flow_token *t, const struct flow_element *event, struct err *e);
int flow_boundary_arm(struct flow_run *r, struct flow_token *t, struct err *e);
/* Is it a live timer that interrupts what this token is in? */
bool flow_takes(const struct flow_run *r, const struct flow_timer *timer, const struct flow_token *t);
void flow_timers_drop(struct flow_run *r, const struct flow_token *t);
int flow_do_timer(struct flow_run *r, struct flow_timer *timer);
void flow_clocks(struct flow_run *r); /* after suspended_ms or paused_ms changed */

/* ---- flow_task.c ---- */
/* A task at the token; of `like` kind, unit, due, holder, owner, move and from_id. */
int flow_task_new(struct flow_run *r, struct flow_token *t, const struct flow_task *like, struct flow_task **ret);
int flow_task_end(struct flow_run *r, const struct flow_token *t, struct flow_task *task, enum flow_task_state state);
/* The moment of a timer that takes the task away has come: ERR_STATE. */
int flow_not_taken(struct flow_run *r, const struct flow_token *t);
int flow_user(struct flow_run *r, struct flow_token *t);
int flow_service(struct flow_run *r, struct flow_token *t);
int flow_rule(struct flow_run *r, struct flow_token *t);
/* Ends the open tasks of a token. */
int flow_tasks_end(struct flow_run *r, const struct flow_token *t, enum flow_task_state state);
int flow_do_service_done(struct flow_run *r, struct flow_token *t, const struct val *result);

/* ---- flow_act.c ---- */
/* One row of flow_acts.h on the run in memory; `task` may be an ended one (RECALL). */
int flow_do_act(struct flow_run *r, struct flow_task *task, const struct flow_order *order);
int flow_do_complete(struct flow_run *r, struct flow_task *task, struct str move, const struct val *vars);

/* ---- flow_command.c: commands on a run in memory ---- */
int flow_must_be_open(struct flow_run *r);
int flow_must_be_active(struct flow_run *r);
int flow_do_start(struct flow_run *r, const struct flow_begin *b);
int flow_do_cancel(struct flow_run *r, struct str reason);
int flow_do_suspend(struct flow_run *r, struct str reason);
int flow_do_resume(struct flow_run *r);
int flow_do_pause(struct flow_run *r, struct str reason);
int flow_do_unpause(struct flow_run *r);
int flow_do_retry(struct flow_run *r);

/* ---- flow_store.c ---- */
int flow_load(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id,
              struct flow_run **ret, struct err *e);
int flow_save(struct flow_run *r);
int flow_token_instance(struct store_tx *tx, int64_t token_id, int64_t *ret, struct err *e);
int flow_timer_instance(struct store_tx *tx, int64_t timer_id, int64_t *ret, struct err *e);
#endif
