/* flow_timer: timers as a worker and an operator look for them: what is due, what could not be fired and why.
 *
 * Invariant: a timer that fails is put off, outside the order of those nobody tried yet: however many fail, the others' time runs. A timer
 * that its process sets anew (flow_store.c) has not failed.
 */
#include "engine/flow/flow_run.h"

STORE_STMT(flow_timer_fresh, STORE_READS,
           "SELECT id, attempts FROM flow_timer WHERE home = ? AND standing = 0 AND failed = 0 AND due_ms <= ? "
           "ORDER BY due_ms, id LIMIT ?");
STORE_STMT(flow_timer_retried, STORE_READS,
           "SELECT id, attempts FROM flow_timer WHERE home = ? AND failed = 1 AND again_ms <= ? ORDER BY again_ms, id LIMIT ?");
STORE_STMT(flow_timer_later, STORE_WRITES,
           "UPDATE flow_timer SET failed = 1, attempts = ?, again_ms = ?, why = ? "
           "WHERE home = ? AND id = ? AND standing = 0 AND attempts = ?");
STORE_STMT(flow_timer_sooner, STORE_WRITES, "UPDATE flow_timer SET again_ms = ? WHERE home = ? AND id = ? AND failed = 1");
STORE_STMT(flow_timer_oldest, STORE_READS,
           "SELECT due_ms FROM flow_timer WHERE home = ? AND standing = 0 AND failed = 0 AND due_ms <= ? ORDER BY due_ms, id LIMIT 1");
STORE_STMT(flow_timer_case_of, STORE_READS,
           "SELECT i.case_id FROM flow_timer t JOIN flow_instance i ON i.home = t.home AND i.id = t.instance_id "
           "WHERE t.home = ? AND t.id = ?");
#define FAILING_COLUMNS "SELECT t.id, i.case_id, t.due_ms, t.again_ms, t.attempts, i.process, t.element, t.why "
#define FAILING_FROM "FROM flow_timer t JOIN flow_instance i ON i.home = t.home AND i.id = t.instance_id "
STORE_STMT(flow_timer_failing_on, STORE_READS,
           FAILING_COLUMNS FAILING_FROM "WHERE t.home = ? AND t.failed = 1 AND (t.again_ms, t.id) > (?, ?) "
                                        "ORDER BY t.again_ms, t.id LIMIT ?");
STORE_STMT(flow_timer_failing_back, STORE_READS,
           FAILING_COLUMNS FAILING_FROM "WHERE t.home = ? AND t.failed = 1 AND (t.again_ms, t.id) < (?, ?) "
                                        "ORDER BY t.again_ms DESC, t.id DESC LIMIT ?");

static int64_t home_of(struct store_tx *tx) {
    return store_job_of(tx)->home.v;
}

static int look(struct store_tx *tx, const struct store_stmt *st, int64_t at_ms, struct flow_due_timer *due, size_t max, size_t *n,
                struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, st, &q, e, SV_I(home_of(tx)), SV_I(at_ms), SV_I(max));
    *n = 0;
    if (rc) return rc;
    while (store_next(q))
        if (*n < max) due[(*n)++] = (struct flow_due_timer){ store_i64(q, 0), store_i64(q, 1) };
    return store_end(q, e);
}

int flow_timers_due(struct store_tx *tx, int64_t now_ms, struct flow_due_timer *due, size_t max, size_t *n, struct err *e) {
    struct flow_due_timer *again = arena_array(store_arena(tx), max, sizeof *again);
    size_t n_again = 0;
    *n = 0;
    if (!again) return err_set(e, ERR_MEMORY, "timers");
    int rc = look(tx, &flow_timer_fresh, now_ms, due, max, n, e);
    if (!rc) rc = look(tx, &flow_timer_retried, now_ms, again, max, &n_again, e);
    size_t kept = max / 4 < n_again ? max / 4 : n_again;
    if (*n > max - kept) *n = max - kept;
    for (size_t i = 0; i < n_again && *n < max; i++) due[(*n)++] = again[i];
    return rc;
}

int flow_timer_put_off(struct store_tx *tx, const struct flow_due_timer *t, int64_t again_ms, struct str why, struct err *e) {
    return store_exec(tx, &flow_timer_later, NULL, e, SV_I(t->attempts + 1), SV_I(again_ms), SV_T(why), SV_I(home_of(tx)), SV_I(t->id),
                      SV_I(t->attempts));
}

int flow_timers_failing(struct store_tx *tx, const struct flow_failing_query *q, struct flow_failing **ret, size_t *n, struct err *e) {
    struct store_rows *rows;
    bool start = q->at == 0;
    int64_t ms = start && q->back ? INT64_MAX : q->at_ms, id = start && q->back ? INT64_MAX : q->at;
    *n = 0;
    *ret = arena_array(store_arena(tx), q->max + 1, sizeof **ret);
    if (!*ret) return err_set(e, ERR_MEMORY, "timers");
    int rc = store_query(tx, q->back ? &flow_timer_failing_back : &flow_timer_failing_on, &rows, e, SV_I(home_of(tx)), SV_I(ms), SV_I(id),
                         SV_I(q->max));
    if (rc) return rc;
    while (store_next(rows))
        if (*n < q->max)
            (*ret)[(*n)++] = (struct flow_failing){ .id = store_i64(rows, 0), .case_id = store_i64(rows, 1),
                                                    .due_ms = store_i64(rows, 2), .again_ms = store_i64(rows, 3),
                                                    .attempts = store_i64(rows, 4), .process = store_text(rows, 5),
                                                    .element = store_text(rows, 6), .why = store_text(rows, 7) };
    return store_end(rows, e);
}

int flow_timer_again(struct store_tx *tx, int64_t timer_id, struct err *e) {
    int64_t changed = 0;
    int rc = store_exec(tx, &flow_timer_sooner, &changed, e, SV_I(store_now_ms(tx)), SV_I(home_of(tx)), SV_I(timer_id));
    return rc ? rc : changed ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

int flow_timers_count(struct store_tx *tx, int64_t most, struct flow_timer_counts *ret, struct err *e) {
    struct flow_due_timer *due = arena_array(store_arena(tx), (size_t)most, sizeof *due);
    struct store_val v[] = { SV_I(home_of(tx)), SV_I(store_now_ms(tx)) };
    size_t n = 0, failing = 0;
    *ret = (struct flow_timer_counts){ 0 };
    if (!due) return err_set(e, ERR_MEMORY, "timers");
    int rc = look(tx, &flow_timer_fresh, store_now_ms(tx), due, (size_t)most, &n, e);
    if (!rc) rc = look(tx, &flow_timer_retried, INT64_MAX, due, (size_t)most, &failing, e);
    if (!rc && n) rc = store_one_i64(tx, &flow_timer_oldest, v, 2, &ret->oldest_ms, e);
    ret->due = (int64_t)n;
    ret->failing = (int64_t)failing;
    return rc;
}

int flow_timer_case(struct store_tx *tx, int64_t timer_id, int64_t *ret_case, struct err *e) {
    struct store_val v[] = { SV_I(home_of(tx)), SV_I(timer_id) };
    return store_one_i64(tx, &flow_timer_case_of, v, 2, ret_case, e);
}

static bool by_limit(struct str text) {
    int64_t ignored;
    return text.len && text.ptr[0] != '=' && !flow_iso_duration(text, &ignored) && !flow_iso_instant(text, &ignored);
}

int flow_timers_again(struct store_tx *tx, const struct flow_env *env, int64_t instance_id, flow_due_again *again, void *context,
                      size_t *moved, struct err *e) {
    struct flow_run *r;
    int rc = flow_load(tx, env, instance_id, 0, &r, e);
    *moved = 0;
    for (size_t i = 0; !rc && i < r->n_timer; i++) {
        struct flow_timer *timer = r->timer[i];
        const struct flow_element *event = flow_element_find(r->model, timer->element);
        const struct flow_token *t = flow_token_find(r, timer->token_id);
        int64_t due_ms = timer->due_ms;
        if (timer->standing || !event || !t || !by_limit(event->timer_text)) continue;
        rc = again(context, event->timer_text, t->since_ms, timer->due_ms, &due_ms, e);
        if (rc || due_ms == timer->due_ms) continue;
        timer->due_ms = due_ms;
        timer->mark = FLOW_CHANGED;
        ++*moved;
    }
    return rc || !*moved ? rc : flow_save(r);
}
