/* item_cases: lists of cases; see item.h. Invariant: a row is what its reader may open: the list's own scope places it, and where a
 * condition could still shut it, it is judged.
 */
#include "engine/item/item_rows.h"

int item_cases_view(struct store_tx *tx, const struct realm *r, const struct scope_token *t, struct item_case_query *q,
                    struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_walk *w = arena_new(a, struct scope_walk);
    struct scope_order order = { .back = q->back, .facet = q->item.len ? SCOPE_A : q->state.len ? SCOPE_B : SCOPE_ANY };
    int64_t id = 0;
    int rc = 0;
    *ret = val_list(a);
    q->total = SCOPE_UNCOUNTED;
    if (!w) return err_set(e, ERR_MEMORY, NULL);
    order.value = q->item.len ? q->item : q->state;
    scope_walk_begin(w, t, S("case"), q->at.key, q->at.id, q->max, order.facet != SCOPE_ANY);
    w->order = order;
    while (!rc && val_count(*ret) < q->max) {
        struct item_case c;
        rc = scope_walk_next(tx, w, &id, e);
        if (rc || id == 0) break;
        rc = item_case_get(tx, r, NULL, id, &c, e);
        if (rc || (w->conditional && !scope_walk_check(w, item_case_object(a, &c), a))) continue;
        if ((q->state.len && !str_eq(q->state, c.state)) || (q->item.len && !str_eq(q->item, c.item))) continue;
        struct val *v = item_head_view(r, &c, lang, a);
        int64_t until = 0;
        if (str_eq(c.state, S("supplement"))) rc = item_asked_until(tx, &c, S(""), &until, e); /* few wait for who reads */
        if (rc) break;
        val_put_str(a, v, S("supplement_until"), until ? realm_day(r, a, lang, until - 1) : S(""));
        val_put_i64(a, v, S("key"), w->key);
        val_push(a, *ret, v);
    }
    q->at = (struct item_place){ w->key, w->object, w->cut };
    if (!rc && !w->conditional && !(q->item.len && q->state.len)) rc = scope_count(tx, t, S("case"), &order, &q->total, e);
    return rc;
}

int item_open_cases_view(struct store_tx *tx, const struct realm *r, const struct actor *who, size_t max, struct str lang, struct val **ret,
                         struct err *e) {
    struct scope_token wide, own;
    struct scope_walk *w = arena_new(store_arena(tx), struct scope_walk);
    int64_t id = 0;
    *ret = val_list(store_arena(tx));
    if (!w) return err_set(e, ERR_MEMORY, NULL);
    int rc = access_may(r, who, S("case.read"), &wide, e);
    if (rc || !actor_owner(who)) return rc;
    access_narrow(&wide, who, S("person"), &own);
    item_rows_open_walk(w, r, who, max);
    while (!rc && val_count(*ret) < max) {
        struct item_case c;
        rc = scope_walk_next(tx, w, &id, e);
        if (rc || id == 0) break;
        rc = item_case_get(tx, r, &own, id, &c, e);
        if (!rc && !c.ended_ms) val_push(store_arena(tx), *ret, item_head_view(r, &c, lang, store_arena(tx)));
        if (rc == ERR_NOT_FOUND && who->n_items) rc = 0, err_clear(e); /* of no matter that he acts in */
    }
    return rc;
}
