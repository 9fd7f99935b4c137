/* flow_store: the engine's SQL, but for timers as they are looked for (flow_timer.c). flow_load reads one instance with all that is live
 * in it; flow_save writes what the run marked.
 *
 * Invariants
 *  1. flow_save writes the instance row first, guarded by the version it was loaded with: who lost the race writes
 *     nothing else.
 *  2. Numbers of states in rows are the enums of flow.h, which are only appended to.
 *  3. Texts are never NULL; "" is "none".
 */
#include "data/json.h"
#include "data/write.h"
#include "engine/flow/flow_run.h"

#define INSTANCE_COLUMNS \
    "id, case_id, release_id, process, state, started_ms, ended_ms, suspended_ms, paused_ms, stopped_ms, " \
    "incidents, history_n, version"
#define TASK_COLUMNS \
    "id, instance_id, case_id, token_id, element, title, role, unit, form, move, state, assignee_id, ended_by_id, " \
    "made_ms, " \
    "claimed_ms, due_ms, ended_ms, version, kind, owner_id, from_id"

STORE_STMT(flow_instance_add, STORE_WRITES,
           "INSERT INTO flow_instance (home, " INSTANCE_COLUMNS
           ", vars) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(flow_instance_set, STORE_WRITES,
           "UPDATE flow_instance SET state = ?, ended_ms = ?, suspended_ms = ?, paused_ms = ?, stopped_ms = ?, "
           "incidents = ?, "
           "history_n = ?, version = ? WHERE home = ? AND id = ? AND version = ?");
STORE_STMT(flow_instance_set_vars, STORE_WRITES,
           "UPDATE flow_instance SET state = ?, ended_ms = ?, suspended_ms = ?, paused_ms = ?, stopped_ms = ?, "
           "incidents = ?, "
           "history_n = ?, version = ?, vars = ? WHERE home = ? AND id = ? AND version = ?");
STORE_STMT(flow_instance_one, STORE_READS,
           "SELECT " INSTANCE_COLUMNS ", vars FROM flow_instance WHERE home = ? AND id = ?");
STORE_STMT(flow_instance_of_case, STORE_READS,
           "SELECT " INSTANCE_COLUMNS " FROM flow_instance WHERE home = ? AND case_id = ? ORDER BY id LIMIT 5001");
STORE_STMT(flow_token_add, STORE_WRITES,
           "INSERT INTO flow_token (home, id, instance_id, scope_id, element, edge, state, since_ms, incident) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(
    flow_token_set, STORE_WRITES,
    "UPDATE flow_token SET element = ?, edge = ?, state = ?, since_ms = ?, incident = ? WHERE home = ? AND id = ?");
STORE_STMT(flow_token_drop, STORE_WRITES, "DELETE FROM flow_token WHERE home = ? AND id = ?");
STORE_STMT(flow_token_of, STORE_READS,
           "SELECT id, scope_id, element, edge, state, since_ms, incident FROM flow_token "
           "WHERE home = ? AND instance_id = ? ORDER BY id LIMIT 5001");
STORE_STMT(flow_token_at, STORE_READS, "SELECT instance_id FROM flow_token WHERE home = ? AND id = ?");
STORE_STMT(flow_task_add, STORE_WRITES,
           "INSERT INTO flow_task (home, " TASK_COLUMNS
           ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(flow_task_set, STORE_WRITES,
           "UPDATE flow_task SET move = ?, state = ?, assignee_id = ?, owner_id = ?, ended_by_id = ?, claimed_ms = ?, due_ms = ?, "
           "ended_ms = ?, "
           "version = ? WHERE home = ? AND id = ?");
STORE_STMT(flow_task_due_set, STORE_WRITES, "UPDATE flow_task SET due_ms = ? WHERE home = ? AND id = ? AND state <= 1");
STORE_STMT(flow_task_one, STORE_READS, "SELECT " TASK_COLUMNS " FROM flow_task WHERE home = ? AND id = ?");
STORE_STMT(flow_task_open, STORE_READS,
           "SELECT " TASK_COLUMNS
           " FROM flow_task WHERE home = ? AND instance_id = ? AND state <= 1 ORDER BY id LIMIT 5001");
STORE_STMT(flow_task_of_case, STORE_READS,
           "SELECT " TASK_COLUMNS " FROM flow_task WHERE home = ? AND case_id = ? ORDER BY id LIMIT 5001");
STORE_STMT(flow_timer_add, STORE_WRITES,
           "INSERT INTO flow_timer (home, id, instance_id, token_id, element, due_ms, remaining_ms, standing) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(flow_timer_set, STORE_WRITES,
           "UPDATE flow_timer SET due_ms = ?, remaining_ms = ?, standing = ?, failed = 0, attempts = 0, why = '' "
           "WHERE home = ? AND id = ?");
STORE_STMT(flow_timer_drop, STORE_WRITES, "DELETE FROM flow_timer WHERE home = ? AND id = ?");
STORE_STMT(flow_timer_of, STORE_READS,
           "SELECT id, token_id, element, due_ms, remaining_ms, standing FROM flow_timer "
           "WHERE home = ? AND instance_id = ? ORDER BY id LIMIT 5001");
STORE_STMT(flow_timer_at, STORE_READS, "SELECT instance_id FROM flow_timer WHERE home = ? AND id = ?");
STORE_STMT(flow_history_add, STORE_WRITES,
           "INSERT INTO flow_history (home, instance_id, seq, at_ms, actor_id, token_id, scope_id, task_id, what, "
           "element, detail) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(flow_history_of_instance, STORE_READS,
           "SELECT seq, at_ms, actor_id, token_id, scope_id, task_id, what, element, detail FROM flow_history "
           "WHERE home = ? AND instance_id = ? ORDER BY seq LIMIT 5001");

_Static_assert(FLOW_LIST_MAX == 5000, "the statements' LIMIT is one more: a longer list is refused, never cut");

static int64_t home_of(struct store_tx *tx) {
    return store_job_of(tx)->home.v;
}

static int too_long(struct err *e) {
    return err_set(e, ERR_LIMIT, "%d", FLOW_LIST_MAX);
}

static int no_memory(struct err *e) {
    return err_set(e, ERR_MEMORY, "%s", "");
}

/* Grows a result by one; NULL when the arena is full. Rows are few hundred; arrays double. */
static void *one_more(struct arena *a, void *array, size_t n, size_t size) {
    if (n & (n - 1) || n == 1) return array; /* room is there until n is a power of two */
    unsigned char *p = arena_array(a, n ? n * 2 : 2, size);
    if (p)
        for (size_t i = 0; i < n * size; i++) p[i] = ((unsigned char *)array)[i];
    return p;
}

/* ---- rows in ---- */

static void get_instance(struct store_rows *q, struct flow_instance *i) {
    *i = (struct flow_instance){ .id = store_i64(q, 0),
                                 .case_id = store_i64(q, 1),
                                 .release_id = store_i64(q, 2),
                                 .process = store_text(q, 3),
                                 .state = (enum flow_instance_state)store_i64(q, 4),
                                 .started_ms = store_i64(q, 5),
                                 .ended_ms = store_i64(q, 6),
                                 .suspended_ms = store_i64(q, 7),
                                 .paused_ms = store_i64(q, 8),
                                 .stopped_ms = store_i64(q, 9),
                                 .incidents = store_i64(q, 10),
                                 .history_n = store_i64(q, 11),
                                 .version = store_i64(q, 12) };
}

static void get_task(struct store_rows *q, struct flow_task *t) {
    *t = (struct flow_task){ .id = store_i64(q, 0),
                             .instance_id = store_i64(q, 1),
                             .case_id = store_i64(q, 2),
                             .token_id = store_i64(q, 3),
                             .element = store_text(q, 4),
                             .title = store_text(q, 5),
                             .role = store_text(q, 6),
                             .unit = store_text(q, 7),
                             .form = store_text(q, 8),
                             .move = store_text(q, 9),
                             .state = (enum flow_task_state)store_i64(q, 10),
                             .assignee_id = store_i64(q, 11),
                             .ended_by_id = store_i64(q, 12),
                             .made_ms = store_i64(q, 13),
                             .claimed_ms = store_i64(q, 14),
                             .due_ms = store_i64(q, 15),
                             .ended_ms = store_i64(q, 16),
                             .version = store_i64(q, 17),
                             .kind = (enum flow_task_kind)store_i64(q, 18),
                             .owner_id = store_i64(q, 19),
                             .from_id = store_i64(q, 20) };
}

/* Each kind of rows is asked for and taken apart: flow_load asks for all before it waits for any. */

static int take_instance(struct store_rows *q, struct flow_instance *ret, struct str *vars, struct err *e) {
    bool found = store_next(q);
    if (found) {
        get_instance(q, ret);
        *vars = store_text(q, 13);
    }
    int rc = store_end(q, e);
    return rc ? rc : found ? 0 : err_set(e, ERR_NOT_FOUND, "%s", "flow_instance");
}

static int read_instance(struct store_tx *tx, int64_t id, struct flow_instance *ret, struct str *vars, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &flow_instance_one, &q, e, SV_I(home_of(tx)), SV_I(id));
    return rc ? rc : take_instance(q, ret, vars, e);
}

static int take_tokens(struct store_tx *tx, struct store_rows *q, const struct flow_model *m, struct flow_token **ret, size_t *n,
                       struct err *e) {
    int rc = 0;
    *ret = NULL, *n = 0;
    while (!rc && store_next(q)) {
        *ret = one_more(store_arena(tx), *ret, *n, sizeof **ret);
        if (!*ret) {
            rc = no_memory(e);
            break;
        }
        struct flow_token *t = &(*ret)[(*n)++];
        struct str edge = store_text(q, 3);
        *t = (struct flow_token){ .id = store_i64(q, 0),
                                  .scope_id = store_i64(q, 1),
                                  .element = flow_element_find(m, store_text(q, 2)),
                                  .edge = edge.len ? flow_edge_find(m, edge) : NULL,
                                  .state = (enum flow_token_state)store_i64(q, 4),
                                  .since_ms = store_i64(q, 5),
                                  .incident = store_text(q, 6) };
        if (!t->element) rc = err_set(e, ERR_DAMAGED, "%s", "flow_token");
    }
    int ended = store_end(q, rc ? NULL : e);
    return rc ? rc : ended;
}

static int take_tasks(struct store_tx *tx, struct store_rows *q, struct flow_task **ret, size_t *n, struct err *e) {
    int rc = 0;
    *ret = NULL, *n = 0;
    while (!rc && store_next(q)) {
        *ret = one_more(store_arena(tx), *ret, *n, sizeof **ret);
        if (*ret) get_task(q, &(*ret)[(*n)++]);
        else rc = no_memory(e);
        if (!rc && *n > FLOW_LIST_MAX) rc = too_long(e);
    }
    int ended = store_end(q, rc ? NULL : e);
    return rc ? rc : ended;
}

static int read_tasks(struct store_tx *tx, const struct store_stmt *st, int64_t id, struct flow_task **ret, size_t *n,
                      struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, st, &q, e, SV_I(home_of(tx)), SV_I(id));
    return rc ? rc : take_tasks(tx, q, ret, n, e);
}

static int take_timers(struct store_tx *tx, struct store_rows *q, int64_t instance_id, struct flow_timer **ret, size_t *n,
                       struct err *e) {
    int rc = 0;
    *ret = NULL, *n = 0;
    while (!rc && store_next(q)) {
        *ret = one_more(store_arena(tx), *ret, *n, sizeof **ret);
        if (*ret)
            (*ret)[(*n)++] = (struct flow_timer){ .id = store_i64(q, 0),
                                                  .instance_id = instance_id,
                                                  .token_id = store_i64(q, 1),
                                                  .element = store_text(q, 2),
                                                  .due_ms = store_i64(q, 3),
                                                  .remaining_ms = store_i64(q, 4),
                                                  .standing = store_i64(q, 5) != 0 };
        else rc = no_memory(e);
    }
    int ended = store_end(q, rc ? NULL : e);
    return rc ? rc : ended;
}

int flow_timers_of(struct store_tx *tx, int64_t instance_id, struct flow_timer **ret, size_t *n, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &flow_timer_of, &q, e, SV_I(home_of(tx)), SV_I(instance_id));
    return rc ? rc : take_timers(tx, q, instance_id, ret, n, e);
}

/* ---- load ---- */

/* The run keeps pointers, so that growing its lists moves no row. */
static int adopt(struct flow_run *r, struct flow_token *t, size_t n_t, struct flow_task *k, size_t n_k,
                 struct flow_timer *m, size_t n_m) {
    for (size_t i = 0; i < n_t; i++) {
        if (!flow_grow(r, (void **)&r->token, r->n_token, &r->cap_token, sizeof *r->token)) return no_memory(r->e);
        r->token[r->n_token++] = &t[i];
    }
    for (size_t i = 0; i < n_k; i++) {
        if (!flow_grow(r, (void **)&r->task, r->n_task, &r->cap_task, sizeof *r->task)) return no_memory(r->e);
        r->task[r->n_task++] = &k[i];
    }
    for (size_t i = 0; i < n_m; i++) {
        if (!flow_grow(r, (void **)&r->timer, r->n_timer, &r->cap_timer, sizeof *r->timer)) return no_memory(r->e);
        r->timer[r->n_timer++] = &m[i];
    }
    return 0;
}

int flow_load(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, int64_t actor_id,
              struct flow_run **ret, struct err *e) {
    struct flow_run *r = arena_new(store_arena(tx), struct flow_run);
    struct flow_token *tokens;
    struct flow_task *tasks;
    struct flow_timer *timers;
    struct store_rows *q[4];
    const struct store_stmt *all[] = { &flow_instance_one, &flow_token_of, &flow_task_open, &flow_timer_of };
    struct str vars = { 0 };
    size_t n_tokens, n_tasks, n_timers;
    int rc = 0;
    if (!r) return no_memory(e);
    *r = (struct flow_run){
        .arena = store_arena(tx), .tx = tx, .env = env, .e = e, .now_ms = store_now_ms(tx), .actor_id = actor_id
    };
    for (size_t i = 0; !rc && i < sizeof all / sizeof *all; i++)
        rc = store_query(tx, all[i], &q[i], e, SV_I(home_of(tx)), SV_I(instance_id));
    if (!rc) rc = take_instance(q[0], &r->instance, &vars, e);
    if (rc) return rc;
    r->model = env->model(env->context, r->instance.release_id, r->instance.process);
    if (!r->model) return err_set(e, ERR_SYSTEM, "没有流程 %.*s", STR_ARG(r->instance.process));
    rc = json_parse(r->arena, vars, 0, &r->vars, e);
    if (!rc) rc = take_tokens(tx, q[1], r->model, &tokens, &n_tokens, e);
    if (!rc) rc = take_tasks(tx, q[2], &tasks, &n_tasks, e);
    if (!rc) rc = take_timers(tx, q[3], instance_id, &timers, &n_timers, e);
    if (!rc) rc = adopt(r, tokens, n_tokens, tasks, n_tasks, timers, n_timers);
    if (!rc) *ret = r;
    return rc;
}

int flow_token_instance(struct store_tx *tx, int64_t token_id, int64_t *ret, struct err *e) {
    return store_one_i64(tx, &flow_token_at, (struct store_val[]){ SV_I(home_of(tx)), SV_I(token_id) }, 2, ret, e);
}

int flow_timer_instance(struct store_tx *tx, int64_t timer_id, int64_t *ret, struct err *e) {
    return store_one_i64(tx, &flow_timer_at, (struct store_val[]){ SV_I(home_of(tx)), SV_I(timer_id) }, 2, ret, e);
}

/* ---- save ---- */

static int save_instance(struct flow_run *r) {
    struct flow_instance *i = &r->instance;
    struct str vars = { 0 };
    int64_t changed = 0;
    if (r->mark == FLOW_NEW || r->vars_changed) {
        struct buf b;
        buf_init(&b, r->arena, 512, FLOW_VARS_BYTES_MAX);
        write_json(&b, r->vars);
        if (!buf_ok(&b)) return err_set(r->e, ERR_LIMIT, "%s", "流程变量 64 KiB");
        vars = buf_str(&b);
    }
    if (r->mark == FLOW_NEW) {
        i->version = 1;
        return store_exec(r->tx, &flow_instance_add, NULL, r->e, SV_I(home_of(r->tx)), SV_I(i->id), SV_I(i->case_id),
                          SV_I(i->release_id), SV_T(i->process), SV_I(i->state), SV_I(i->started_ms),
                          SV_I(i->ended_ms), SV_I(i->suspended_ms), SV_I(i->paused_ms), SV_I(i->stopped_ms),
                          SV_I(i->incidents), SV_I(i->history_n), SV_I(i->version), SV_T(vars));
    }
    i->version++;
    int rc = r->vars_changed
                 ? store_exec(r->tx, &flow_instance_set_vars, &changed, r->e, SV_I(i->state), SV_I(i->ended_ms),
                              SV_I(i->suspended_ms), SV_I(i->paused_ms), SV_I(i->stopped_ms), SV_I(i->incidents),
                              SV_I(i->history_n), SV_I(i->version), SV_T(vars), SV_I(home_of(r->tx)), SV_I(i->id),
                              SV_I(i->version - 1))
                 : store_exec(r->tx, &flow_instance_set, &changed, r->e, SV_I(i->state), SV_I(i->ended_ms),
                              SV_I(i->suspended_ms), SV_I(i->paused_ms), SV_I(i->stopped_ms), SV_I(i->incidents),
                              SV_I(i->history_n), SV_I(i->version), SV_I(home_of(r->tx)), SV_I(i->id),
                              SV_I(i->version - 1));
    return rc ? rc : changed == 1 ? 0 : err_set(r->e, ERR_CONFLICT, "%s", "这件事刚有别的进展");
}

static int save_token(struct flow_run *r, const struct flow_token *t) {
    struct store_val home = SV_I(home_of(r->tx));
    struct str edge = t->edge ? t->edge->id : S("");
    if (t->mark == FLOW_GONE) return store_exec(r->tx, &flow_token_drop, NULL, r->e, home, SV_I(t->id));
    if (t->mark == FLOW_CHANGED)
        return store_exec(r->tx, &flow_token_set, NULL, r->e, SV_T(t->element->id), SV_T(edge), SV_I(t->state),
                          SV_I(t->since_ms), SV_T(t->incident), home, SV_I(t->id));
    return store_exec(r->tx, &flow_token_add, NULL, r->e, home, SV_I(t->id), SV_I(r->instance.id), SV_I(t->scope_id),
                      SV_T(t->element->id), SV_T(edge), SV_I(t->state), SV_I(t->since_ms), SV_T(t->incident));
}

static int save_task(struct flow_run *r, const struct flow_task *t) {
    struct store_val home = SV_I(home_of(r->tx));
    if (t->mark == FLOW_CHANGED)
        return store_exec(r->tx, &flow_task_set, NULL, r->e, SV_T(t->move), SV_I(t->state), SV_I(t->assignee_id),
                          SV_I(t->owner_id), SV_I(t->ended_by_id), SV_I(t->claimed_ms), SV_I(t->due_ms), SV_I(t->ended_ms),
                          SV_I(t->version), home, SV_I(t->id));
    return store_exec(r->tx, &flow_task_add, NULL, r->e, home, SV_I(t->id), SV_I(t->instance_id), SV_I(t->case_id),
                      SV_I(t->token_id), SV_T(t->element), SV_T(t->title), SV_T(t->role), SV_T(t->unit), SV_T(t->form),
                      SV_T(t->move), SV_I(t->state), SV_I(t->assignee_id), SV_I(t->ended_by_id), SV_I(t->made_ms),
                      SV_I(t->claimed_ms), SV_I(t->due_ms), SV_I(t->ended_ms), SV_I(t->version), SV_I(t->kind), SV_I(t->owner_id),
                      SV_I(t->from_id));
}

static int save_timer(struct flow_run *r, const struct flow_timer *t) {
    struct store_val home = SV_I(home_of(r->tx));
    if (t->mark == FLOW_GONE) return store_exec(r->tx, &flow_timer_drop, NULL, r->e, home, SV_I(t->id));
    if (t->mark == FLOW_CHANGED)
        return store_exec(r->tx, &flow_timer_set, NULL, r->e, SV_I(t->due_ms), SV_I(t->remaining_ms),
                          SV_I(t->standing), home, SV_I(t->id));
    return store_exec(r->tx, &flow_timer_add, NULL, r->e, home, SV_I(t->id), SV_I(t->instance_id), SV_I(t->token_id),
                      SV_T(t->element), SV_I(t->due_ms), SV_I(t->remaining_ms), SV_I(t->standing));
}

int flow_save(struct flow_run *r) {
    int rc = save_instance(r);
    for (size_t i = 0; !rc && i < r->n_token; i++)
        if (r->token[i]->mark != FLOW_SAME && r->token[i]->mark != FLOW_VOID) rc = save_token(r, r->token[i]);
    for (size_t i = 0; !rc && i < r->n_task; i++)
        if (r->task[i]->mark != FLOW_SAME) rc = save_task(r, r->task[i]);
    for (size_t i = 0; !rc && i < r->n_timer; i++)
        if (r->timer[i]->mark != FLOW_SAME && r->timer[i]->mark != FLOW_VOID) rc = save_timer(r, r->timer[i]);
    for (size_t i = 0; !rc && i < r->n_history; i++) {
        const struct flow_history *h = &r->history[i];
        rc = store_exec(r->tx, &flow_history_add, NULL, r->e, SV_I(home_of(r->tx)), SV_I(h->instance_id),
                        SV_I(h->seq), SV_I(h->at_ms), SV_I(h->actor_id), SV_I(h->token_id), SV_I(h->scope_id),
                        SV_I(h->task_id), SV_T(h->what), SV_T(h->element), SV_T(h->detail));
    }
    return rc;
}

/* ---- reading ---- */

int flow_instance_get(struct store_tx *tx, int64_t instance_id, struct flow_instance *ret, struct err *e) {
    struct str vars;
    return read_instance(tx, instance_id, ret, &vars, e);
}

int flow_vars_get(struct store_tx *tx, int64_t instance_id, struct val **ret, struct err *e) {
    struct flow_instance i;
    struct str vars = { 0 };
    int rc = read_instance(tx, instance_id, &i, &vars, e);
    return rc ? rc : json_parse(store_arena(tx), vars, 0, ret, e);
}

int flow_instances_of(struct store_tx *tx, int64_t case_id, struct flow_instance **ret, size_t *n, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &flow_instance_of_case, &q, e, SV_I(home_of(tx)), SV_I(case_id));
    *ret = NULL, *n = 0;
    if (rc) return rc;
    while (!rc && store_next(q)) {
        *ret = one_more(store_arena(tx), *ret, *n, sizeof **ret);
        if (*ret) get_instance(q, &(*ret)[(*n)++]);
        else rc = no_memory(e);
        if (!rc && *n > FLOW_LIST_MAX) rc = too_long(e);
    }
    int ended = store_end(q, rc ? NULL : e);
    return rc ? rc : ended;
}

int flow_task_get(struct store_tx *tx, int64_t task_id, struct flow_task *ret, struct err *e) {
    struct flow_task *t;
    size_t n;
    int rc = read_tasks(tx, &flow_task_one, task_id, &t, &n, e);
    if (rc) return rc;
    if (!n) return err_set(e, ERR_NOT_FOUND, "%s", "flow_task");
    *ret = t[0];
    return 0;
}

int flow_task_due_put(struct store_tx *tx, int64_t task_id, int64_t due_ms, struct err *e) {
    return store_exec(tx, &flow_task_due_set, NULL, e, SV_I(due_ms), SV_I(home_of(tx)), SV_I(task_id));
}

int flow_tasks_of(struct store_tx *tx, int64_t case_id, struct flow_task **ret, size_t *n, struct err *e) {
    return read_tasks(tx, &flow_task_of_case, case_id, ret, n, e);
}

int flow_tokens_of(struct store_tx *tx, const struct flow_model *m, int64_t instance_id, struct flow_token **ret,
                   size_t *n, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &flow_token_of, &q, e, SV_I(home_of(tx)), SV_I(instance_id));
    return rc ? rc : take_tokens(tx, q, m, ret, n, e);
}

static int read_history(struct store_tx *tx, int64_t instance_id, struct flow_history **ret, size_t *n, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &flow_history_of_instance, &q, e, SV_I(home_of(tx)), SV_I(instance_id));
    if (rc) return rc;
    while (!rc && store_next(q)) {
        *ret = one_more(store_arena(tx), *ret, *n, sizeof **ret);
        if (*ret)
            (*ret)[(*n)++] = (struct flow_history){ .instance_id = instance_id,
                                                    .seq = store_i64(q, 0),
                                                    .at_ms = store_i64(q, 1),
                                                    .actor_id = store_i64(q, 2),
                                                    .token_id = store_i64(q, 3),
                                                    .scope_id = store_i64(q, 4),
                                                    .task_id = store_i64(q, 5),
                                                    .what = store_text(q, 6),
                                                    .element = store_text(q, 7),
                                                    .detail = store_text(q, 8) };
        else rc = no_memory(e);
    }
    int ended = store_end(q, rc ? NULL : e);
    return rc ? rc : ended;
}

int flow_history_of(struct store_tx *tx, const struct flow_instance *i, size_t n_instance, struct flow_history **ret, size_t *n,
                    struct err *e) {
    int rc = 0;
    *ret = NULL, *n = 0;
    for (size_t k = 0; !rc && k < n_instance; k++) {
        rc = read_history(tx, i[k].id, ret, n, e);
        if (!rc && *n > FLOW_LIST_MAX) rc = too_long(e);
    }
    return rc;
}
