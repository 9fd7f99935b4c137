/* item_place: in whose place an officer does something: for a colleague who is away and has named him (engine/deputy); see item_rows.h.
 * Invariant: what is said of a standing is what the clock says now; in whose place something was done stands in the case's log.
 */
#include "engine/deputy/deputy.h"
#include "engine/item/item_rows.h"

/* What moved it into his hands is the event of the same moment. */
struct str item_taken_for(const struct item_case *c, const struct flow_task *t, int64_t account) {
    for (size_t i = val_count(c->events); t->claimed_ms && i-- > 0;) {
        const struct val *ev = val_item(c->events, i);
        if (val_get_i64(ev, S("task"), 0) == t->id && str_eq(val_get_str(ev, S("kind")), S("take")) &&
            val_get_i64(ev, S("account"), 0) == account && val_get_i64(ev, S("at_ms"), 0) == t->claimed_ms)
            return val_get_str(ev, S("to"));
    }
    return S("");
}

void item_put_place(struct arena *a, struct val *body, const struct item_case *c, const struct flow_task *t, int64_t account) {
    struct str whose = item_taken_for(c, t, account);
    if (whose.len) val_put_str(a, body, S("for"), whose);
}

/* "张三代李四": who did it, and in whose place. */
struct str item_place_words(const struct realm *r, const struct val *ev, struct str whose, struct str lang, struct arena *a) {
    struct val *args = val_map(a);
    val_put_str(a, args, S("name"), val_get_str(ev, S("name")));
    val_put_str(a, args, S("principal"), whose);
    return whose.len ? po_fill(a, realm_text(r, lang, S("{name}代{principal}")), args) : val_get_str(ev, S("name"));
}

/* Who of them is away now, and who stands in for him in this matter. */
int item_absences_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct val *list, struct err *e) {
    struct arena *a = store_arena(tx);
    int64_t *who = arena_array(a, val_count(list) + 1, sizeof *who);
    struct deputy *away;
    size_t n;
    if (!who) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < val_count(list); i++) who[i] = val_get_i64(val_item(list, i), S("id"), 0);
    int rc = deputy_of(tx, r, who, val_count(list), &away, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        for (size_t k = 0; k < val_count(list); k++) {
            if (who[k] != away[i].principal || !deputy_covers(&away[i], c->system->id, c->item)) continue;
            val_put_str(a, list->u.list.item[k], S("deputy"), away[i].name);
            val_put_i64(a, list->u.list.item[k], S("until_ms"), away[i].until_ms);
        }
    return rc;
}

/* `away`: who holds it is away: {name, until, mine}, by whom he is stood in for. */
int item_away_put(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct item_case *c,
                    const struct flow_task *t, struct str lang, struct val *v, bool *stands_in, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *away = val_map(a);
    struct deputy d;
    *stands_in = false;
    if (t->state != FLOW_TASK_RESERVED) return 0;
    int rc = deputy_for(tx, r, t->assignee_id, c->system->id, c->item, &d, e);
    if (rc || !d.id) return rc;
    *stands_in = d.deputy == who->account && t->owner_id != who->account;
    val_put_str(a, away, S("principal"), d.principal_name);
    val_put_str(a, away, S("name"), d.name);
    val_put_str(a, away, S("until"), realm_day(r, a, lang, d.until_ms - 1));
    val_put(a, v, S("away"), away);
    return 0;
}

/* Would he see and could he take what is there for whom he stands in? */
static bool may_know(struct act *act, const struct item_case *c, const struct flow_task *t, int64_t deputy) {
    const struct realm *r = act->realm;
    struct scope_token token;
    struct actor him;
    struct str why = S("");
    struct err ignored = { 0 };
    return identity_actor_of(act->tx, r, deputy, &him, &ignored) == 0 &&
           access_may(r, &him, S("task.read"), &token, &ignored) == 0 &&
           item_task_judge(act->tx, &token, t, c, NULL, &ignored) == 0 &&
           item_bound(act->tx, r, c, &him, &why, &ignored) == 0 && !why.len;
}

/* What an absent officer is told of a task goes to who stands in for him as well: not to one who must not deal with the case, or whose
 * post has ended since. */
int item_deputy_tell(struct act *act, struct item_case *c, const struct flow_task *t, int64_t account, struct val *more, struct err *e) {
    struct deputy d;
    int rc = deputy_for(act->tx, act->realm, account, c->system->id, c->item, &d, e);
    if (rc || !d.id || d.deputy == act->who->account || !may_know(act, c, t, d.deputy)) return rc;
    val_put_str(store_arena(act->tx), more, S("principal"), d.principal_name);
    return item_flow_tell_one(act, c, d.deputy, S("task-for"), more, e);
}
