/* item_explain: see item_explain.h. Invariant: what decides is what decides
 * everywhere (item_case_get, item_task_judge); here it is only asked again which of its steps it was.
 */
#include "engine/item/item_explain.h"

#include "engine/item/item_rows.h"

static int told(int rc, bool inside, enum item_reach *ret, const struct err *no, struct err *e) {
    *ret = rc == 0 ? ITEM_REACHED : rc == ERR_FORBIDDEN ? ITEM_CONDITION : inside ? ITEM_OTHER_SYSTEM : ITEM_OUTSIDE;
    if (rc == 0 || rc == ERR_NOT_FOUND || rc == ERR_FORBIDDEN) return 0;
    *e = *no;
    return rc;
}

/* A place of its own for what is reached, so that the caller's token stays as it is. */
static bool inside(struct store_tx *tx, const struct scope_token *t, struct str list, int64_t object) {
    struct scope_token mine = *t;
    uint32_t reached = 0;
    struct err no;
    mine.reached = &reached;
    return scope_reaches(tx, &mine, list, object, &no) == 0;
}

int item_explain_case(struct store_tx *tx, const struct realm *r, const struct scope_token *t, int64_t case_id, enum item_reach *ret,
                      struct err *e) {
    struct item_case c;
    struct err no = { 0 };
    int rc = item_case_get(tx, r, t, case_id, &c, &no);
    return told(rc, inside(tx, t, S("case"), case_id), ret, &no, e);
}

int item_explain_task(struct store_tx *tx, const struct realm *r, const struct scope_token *t, const struct flow_task *task,
                      enum item_reach *ret, struct err *e) {
    struct item_case c;
    struct scope_token mine;
    struct err no = { 0 };
    const bool open = task->state <= FLOW_TASK_RESERVED;
    int rc = item_case_get(tx, r, NULL, task->case_id, &c, e);
    if (rc) return rc;
    access_narrow(t, t->who, task->role, &mine);
    if (!access_holds(t->who, task->role) || mine.n_grants == 0) {
        *ret = ITEM_OTHER_ROLE;
        return 0;
    }
    rc = item_task_judge(tx, t, task, &c, NULL, &no);
    const struct str list = open ? ARENA_CAT(store_arena(tx), S("task."), task->role) : S("case");
    return told(rc, inside(tx, &mine, list, open ? task->id : task->case_id), ret, &no, e);
}
