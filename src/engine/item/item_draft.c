/* item_draft: an application that is not submitted yet: begun, found again, thrown away; see item.h.
 * A draft that is thrown away leaves nothing but its entries on the audit log: its row, its log, what was filled in and the names of its
 * files go at once, the sealed bytes of its files a day later (ITEM_FILE_LET_GO).
 */
#include "engine/item/item_rows.h"

/* One that was begun at a window before he had an account is his account's from here on, so that he is told of it. */
static int take_up(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e) {
    struct item_case c;
    int rc = item_case_get(tx, r, NULL, id, &c, e);
    if (rc || c.account) return rc;
    c.account = who->account;
    return item_row_update(tx, r, &c, e);
}

int item_draft_open(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct system *m, const struct item_type *t,
                    int64_t *ret_case, struct err *e) {
    struct act act;
    struct arena *a = store_arena(tx);
    int rc = act_open(&act, tx, r, who, S("case.draft"), e);
    if (!rc && who->only) rc = err_set(e, ERR_LOGIN, NULL);
    if (rc) return rc;
    if (!actor_items(who, t->id)) return err_set(e, ERR_NOT_FOUND, NULL); /* the right comes before the state */
    if (t->redresses) return err_set(e, ERR_STATE, "这个事项不用申请：请在已办结的办件上评价");
    if (actor_company(who) ? !t->for_company : !t->for_person)
        return err_set(e, ERR_STATE, actor_company(who) ? "这个事项由个人申请，请先切换为个人身份" : "这个事项由企业申请，请先切换到企业身份");
    rc = item_row_open_draft(tx, r, who, t->id, ret_case, e);
    if (rc == 0) rc = take_up(tx, r, who, *ret_case, e);
    if (rc == 0) return act_close(&act, S("case"), *ret_case, *ret_case, S("resumed"), e);
    if (rc != ERR_NOT_FOUND) return rc;
    struct item_case c = { .id = store_new_id(tx), .release = m->release, .account = who->account, .person = actor_applicant(who),
                           .company = actor_company(who), .number = S(""), .system_id = m->id, .item = t->id, .state = S("draft"),
                           .result = S(""), .channel = S("2"), .created_ms = store_now_ms(tx), .body = val_map(a) };
    val_put(a, c.body, S("answers"), val_map(a));
    rc = act_check(&act, item_case_object(a, &c), e);
    if (rc) return rc;
    rc = item_row_insert(tx, r, &c, e);
    if (!rc) rc = item_case_list_put(tx, r, &c, item_owner(&c), e);
    if (!rc) rc = item_event_add(tx, r, &c, &(struct item_event){ .kind = S("draft"), .account = who->account }, e);
    *ret_case = c.id;
    act.release = m->release;
    act.subject = c.person;
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, S("created"), e);
}

int item_draft_find(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_type *t, struct item_case *ret,
                    struct err *e) {
    int64_t id;
    int rc = item_row_open_draft(tx, r, who, t->id, &id, e);
    return rc ? rc : item_case_get(tx, r, NULL, id, ret, e);
}

int item_draft_drop(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, struct err *e) {
    struct act act;
    struct item_case c;
    int rc = item_open(&act, tx, r, who, S("case.draft"), case_id, &c, e);
    if (!rc && who->only) rc = err_set(e, ERR_LOGIN, NULL); /* what was filled in is not thrown away without signing in */
    if (!rc) rc = item_must_be(&c, S("draft"), e);
    if (!rc) rc = scope_drop(tx, r->home, S("case"), c.id, e);
    if (!rc) rc = item_log_clear(&act, c.id, e);
    if (!rc) rc = item_row_delete(tx, r, &c, e);
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, S("dropped"), e);
}
