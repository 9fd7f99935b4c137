/* item_job: what the system is to do by itself and could not: timers of processes, papers to be set; for who keeps the machine running.
 *
 * Invariants: 1. What is shown is what failed, in which step of which process, and why: nothing of what stands in the case. 2. Another try
 * is an act: it says who asked for it, and does not do the work itself; the worker does, with his own right.
 */
#include "engine/item/item_rows.h"
#include "engine/paper/paper.h"

const struct str item_job_kinds[] = { S_INIT("timer"), S_INIT("paper"), S_INIT("") };
static const struct str topic = S_INIT("paper.set");

struct str item_job_title(struct str kind) {
    return str_eq(kind, S("paper")) ? S("制作证照文书") : S("到期处理");
}

static void put(struct arena *a, struct val *list, struct str kind, int64_t id, int64_t again_ms, int64_t attempts, struct str why,
                struct str step) {
    struct val *v = val_map(a);
    val_put_str(a, v, S("kind"), kind);
    val_put_i64(a, v, S("id"), id);
    val_put_i64(a, v, S("again_ms"), again_ms);
    val_put_i64(a, v, S("attempts"), attempts);
    val_put_str(a, v, S("why"), why);
    val_put_str(a, v, S("step"), step);
    val_push(a, list, v);
}

static int timers(struct store_tx *tx, const struct item_job_query *q, struct val *list, struct err *e) {
    struct flow_failing_query f = { .at_ms = q->at_ms, .at = q->at, .back = q->back, .max = q->max };
    struct arena *a = store_arena(tx);
    struct flow_failing *t;
    size_t n;
    int rc = flow_timers_failing(tx, &f, &t, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        put(a, list, item_job_kinds[0], t[i].id, t[i].again_ms, t[i].attempts, t[i].why,
            ARENA_CAT(a, t[i].process, S(" · "), t[i].element));
    return rc;
}

static int papers(struct store_tx *tx, const struct realm *r, const struct item_job_query *q, struct val *list, struct err *e) {
    struct act_failing_query f = { .at_ms = q->at_ms, .at = q->at, .back = q->back, .max = q->max };
    struct arena *a = store_arena(tx);
    struct act_failing *m;
    size_t n;
    int rc = act_messages_failing(tx, r->home, topic, &f, &m, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct paper_row p;
        struct err no = { 0 };
        bool known = paper_get(tx, r, m[i].object, &p, &no) == 0; /* one that is damaged is listed all the same */
        put(a, list, item_job_kinds[1], m[i].id, m[i].due_ms, m[i].attempts, m[i].why, known ? p.type : S(""));
    }
    return rc;
}

static bool before(const struct val *x, const struct val *y, bool back) {
    int64_t a = val_get_i64(x, S("again_ms"), 0), b = val_get_i64(y, S("again_ms"), 0);
    if (a == b) a = val_get_i64(x, S("id"), 0), b = val_get_i64(y, S("id"), 0);
    return back ? a > b : a < b;
}

/* Two lists in order become one of `max` rows in order. */
static struct val *merge(struct arena *a, const struct val *x, const struct val *y, bool back, size_t max) {
    struct val *all = val_list(a);
    size_t i = 0, k = 0;
    while (val_count(all) < max && (i < val_count(x) || k < val_count(y))) {
        bool first = k == val_count(y) || (i < val_count(x) && before(val_item(x, i), val_item(y, k), back));
        val_push(a, all, first ? x->u.list.item[i++] : y->u.list.item[k++]);
    }
    return all;
}

int item_jobs(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_job_query *q, struct val **ret,
              struct err *e) {
    struct scope_token token;
    struct arena *a = store_arena(tx);
    struct val *t = val_list(a), *p = val_list(a);
    int rc = access_may(r, who, S("metrics.read"), &token, e);
    if (!rc && !str_eq(q->kind, item_job_kinds[1])) rc = timers(tx, q, t, e);
    if (!rc && !str_eq(q->kind, item_job_kinds[0])) rc = papers(tx, r, q, p, e);
    *ret = merge(a, t, p, q->back, q->max);
    return rc;
}

int item_job_again(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e) {
    struct act act;
    int64_t case_id = 0;
    struct str kind = item_job_kinds[0];
    access_asked(tx, S("job"), id, 0);
    int rc = act_open(&act, tx, r, who, S("job.retry"), e);
    if (!rc) rc = flow_timer_again(tx, id, e);
    if (!rc) rc = flow_timer_case(tx, id, &case_id, e);
    else if (rc == ERR_NOT_FOUND) {
        err_clear(e);
        kind = item_job_kinds[1];
        rc = act_message_again(tx, r->home, topic, id, e);
    }
    return rc ? rc : act_close(&act, S("job"), id, case_id, kind, e);
}
