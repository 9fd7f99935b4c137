/* item_watch: what a page that stands open is told, and who has a task open; see item.h.
 *
 * Changes are read from the audit log by its numbers, which are dense and follow commits: whoever keeps the last number
 * misses nothing and gets nothing twice. Nothing is compared by time.
 *
 * Invariants: 1. Each receiver is asked for anew, with the rights of that moment: a watch holds no right. 2. What is told is a
 * key (a task's id, a version), never what stands in the case. 3. A look at a scope row settles what is reached: a narrow right
 * costs what a wide one does. 4. A presence is a lease: it lapses by itself, and it is no record of who looked (audit is).
 */
#include "engine/item/item_rows.h"

#include "engine/audit/audit.h"

STORE_STMT(item_case_version, STORE_READS, "SELECT version FROM item_case WHERE home = ? AND id = ?");
STORE_STMT(item_presence_add, STORE_WRITES,
           "INSERT INTO item_presence (home, task, account, since_ms, until_ms) VALUES (?, ?, ?, ?, ?) "
           "ON CONFLICT (home, task, account) DO NOTHING");
STORE_STMT(item_presence_renew, STORE_WRITES,
           "UPDATE item_presence SET until_ms = ? WHERE home = ? AND task = ? AND account = ? AND until_ms < ?");
STORE_STMT(item_presence_drop, STORE_WRITES, "DELETE FROM item_presence WHERE home = ? AND task = ? AND account = ?");
STORE_STMT(item_presence_lapse, STORE_WRITES, "DELETE FROM item_presence WHERE home = ? AND until_ms <= ?");
STORE_STMT(item_presence_list, STORE_READS,
           "SELECT account FROM item_presence WHERE home = ? AND task = ? AND until_ms > ? ORDER BY since_ms, account LIMIT 10");

/* ---- presence ---- */

int item_presence_put(struct store_tx *tx, const struct realm *r, int64_t account, int64_t task, struct err *e) {
    int64_t now = store_now_ms(tx), until = now + ITEM_PRESENCE_MS;
    int rc = store_exec(tx, &item_presence_lapse, NULL, e, SV_I(r->home.v), SV_I(now));
    if (!rc) rc = store_exec(tx, &item_presence_add, NULL, e, SV_I(r->home.v), SV_I(task), SV_I(account), SV_I(now), SV_I(until));
    return rc ? rc : store_exec(tx, &item_presence_renew, NULL, e, SV_I(until), SV_I(r->home.v), SV_I(task), SV_I(account), SV_I(until));
}

int item_presence_end(struct store_tx *tx, const struct realm *r, int64_t account, int64_t task, struct err *e) {
    return store_exec(tx, &item_presence_drop, NULL, e, SV_I(r->home.v), SV_I(task), SV_I(account));
}

int item_presence_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    int64_t account[10];
    size_t n = 0;
    *ret = val_list(a);
    int rc = store_query(tx, &item_presence_list, &rows, e, SV_I(r->home.v), SV_I(task), SV_I(store_now_ms(tx)));
    if (rc) return rc;
    while (store_next(rows))
        if (n < 10 && store_i64(rows, 0) != who->account) account[n++] = store_i64(rows, 0);
    rc = store_end(rows, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct str name;
        rc = identity_account_name(tx, r, account[i], &name, e);
        if (!rc && name.len) val_push(a, *ret, val_str(a, name));
    }
    return rc;
}

/* ---- watches ---- */

/* The task within the actor's reach, open or not; its case. No act: nothing of it is shown. */
static int reach_task(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct flow_task *t, struct err *e) {
    struct scope_token token;
    struct item_case c;
    int rc = access_may(r, who, S("task.read"), &token, e);
    if (!rc) rc = flow_task_get(tx, id, t, e);
    if (!rc) rc = item_case_get(tx, r, NULL, t->case_id, &c, e);
    return rc ? rc : item_task_judge(tx, &token, t, &c, NULL, e);
}

static int reach_case(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e) {
    struct scope_token token;
    struct item_case c;
    int rc = access_may(r, who, S("case.read"), &token, e);
    return rc ? rc : item_case_get(tx, r, &token, id, &c, e);
}

int item_watch_open(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str topic, struct item_watch *ret,
                    struct err *e) {
    struct scope_token token;
    struct flow_task t;
    struct str kind, rest = topic;
    *ret = (struct item_watch){ 0 };
    (void)str_cut(&rest, '.', &kind);
    if (str_eq(kind, S("queue"))) {
        ret->kind = ITEM_WATCH_QUEUE;
        ret->role = rest;
        int rc = access_may(r, who, S("task.list"), &token, e);
        return rc ? rc : rest.len == 0 || access_holds(who, rest) ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
    }
    if (!str_to_i64(rest, &ret->id) || ret->id <= 0) return err_set(e, ERR_SYNTAX, "topics");
    if (str_eq(kind, S("case"))) {
        ret->kind = ITEM_WATCH_CASE;
        ret->case_id = ret->id;
        return reach_case(tx, r, who, ret->id, e);
    }
    if (!str_eq(kind, S("task"))) return err_set(e, ERR_SYNTAX, "topics");
    ret->kind = ITEM_WATCH_TASK;
    int rc = reach_task(tx, r, who, ret->id, &t, e);
    ret->case_id = rc ? 0 : t.case_id;
    return rc;
}

int item_watch_last(struct store_tx *tx, const struct realm *r, int64_t *ret, struct err *e) {
    struct audit_filter any = { 0 };
    struct audit_row row;
    size_t n;
    int rc = audit_find(tx, r->home, &any, 0, &row, 1, &n, e);
    *ret = !rc && n ? row.number : 0;
    return rc;
}

int item_changes_after(struct store_tx *tx, const struct realm *r, int64_t after, struct item_change *out, size_t max, size_t *n,
                       int64_t *ret_last, bool *ret_more, struct err *e) {
    size_t got = 0, want = max < AUDIT_PAGE_MAX ? max : AUDIT_PAGE_MAX;
    struct audit_row *rows = arena_array(store_arena(tx), want, sizeof *rows);
    *n = 0;
    *ret_last = after;
    *ret_more = false;
    if (!rows) return err_set(e, ERR_MEMORY, NULL);
    int rc = audit_seq_after(tx, r->home, after, rows, want, &got, e);
    if (rc) return rc;
    for (size_t i = 0; i < got; i++) {
        const struct audit_entry *x = &rows[i].entry;
        bool looked = str_eq(x->act, S("task.read")) && str_eq(x->object_kind, S("task"));
        *ret_last = rows[i].number;
        if (rows[i].outcome != 0 || (!looked && (x->case_id == 0 || !access_act_changes(x->act)))) continue;
        out[(*n)++] = (struct item_change){ .number = rows[i].number, .actor = x->actor, .case_id = x->case_id,
                                            .task = looked ? x->object_id : 0 };
    }
    for (size_t i = 0; i < *n; i++)
        for (size_t k = i + 1; k < *n && !out[i].again; k++) out[i].again = out[k].case_id == out[i].case_id && out[k].task == 0;
    *ret_more = got == want;
    return 0;
}

bool item_watch_concerns(const struct item_watch *w, const struct item_change *c, int64_t account) {
    if (w->kind == ITEM_WATCH_QUEUE) return c->task == 0 && !c->again;
    if (c->actor == account) return false; /* who did it knows */
    return c->task ? w->kind == ITEM_WATCH_TASK && c->task == w->id : w->case_id == c->case_id;
}

static void push(struct item_news *out, size_t max, size_t *n, bool presence, struct str key) {
    if (*n < max) out[(*n)++] = (struct item_news){ .presence = presence, .key = key };
}

static int tell_queue(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_watch *w,
                      struct item_change *c, struct item_news *out, size_t max, size_t *n, struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_token token;
    struct item_case of;
    bool opened = false; /* the case is read only for a task that this officer may be told of: what is replayed may be long */
    int rc = access_may(r, who, S("task.list"), &token, e);
    if (!rc && !c->loaded) rc = flow_tasks_of(tx, c->case_id, &c->tasks, &c->n_tasks, e);
    c->loaded = rc == 0;
    for (size_t i = 0; !rc && i < c->n_tasks; i++) {
        const struct flow_task *t = &c->tasks[i];
        if ((t->state != FLOW_TASK_READY && t->state != FLOW_TASK_RESERVED) || !access_holds(who, t->role)) continue;
        if (w->role.len && !str_eq(w->role, t->role)) continue;
        if (!opened) rc = item_case_get(tx, r, NULL, c->case_id, &of, e);
        opened = rc == 0;
        if (!rc) rc = item_task_judge(tx, &token, t, &of, NULL, e);
        if (rc == 0) push(out, max, n, false, arena_fmt(a, "%lld", (long long)t->id));
        if (rc == ERR_NOT_FOUND || rc == ERR_FORBIDDEN) rc = 0;
    }
    return rc;
}

struct str item_watch_key(struct arena *a, int64_t case_version, int64_t task_version) {
    return arena_fmt(a, "v%lld.%lld", (long long)case_version, (long long)task_version);
}

int item_watch_tell(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_watch *w, struct item_change *c,
                    struct item_news *out, size_t max, size_t *n, struct err *e) {
    struct flow_task t = { 0 };
    int64_t version = 0;
    int rc;
    *n = 0;
    if (w->kind == ITEM_WATCH_QUEUE) return tell_queue(tx, r, who, w, c, out, max, n, e);
    rc = w->kind == ITEM_WATCH_TASK ? reach_task(tx, r, who, w->id, &t, e) : reach_case(tx, r, who, w->id, e);
    if (rc == ERR_NOT_FOUND || rc == ERR_FORBIDDEN) return 0; /* no longer, or never: nothing is told */
    if (w->kind == ITEM_WATCH_TASK) push(out, max, n, true, S(""));
    if (rc || c->task) return rc;
    struct store_val v[] = { SV_I(r->home.v), SV_I(w->case_id) };
    rc = store_one_i64(tx, &item_case_version, v, 2, &version, e);
    if (!rc) push(out, max, n, false, item_watch_key(store_arena(tx), version, t.version));
    return rc;
}
