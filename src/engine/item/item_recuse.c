/* item_recuse: who must not deal with a case (回避): who declared that he is bound to the applicant, and whom the registries know to be:
 * the applicant himself, and who holds a mandate for the company that applies.
 *
 * Invariants: 1. Whoever is bound takes no part in the case, in whatever part of it and by whatever post: he claims nothing, decides
 * nothing, gives no opinion, stops no clock, and is given nothing. 2. What he had in hand goes to the others. 3. A declaration is never
 * taken back. 4. A command costs no read more where the officer is nobody in the registries.
 */
#include "engine/item/item_rows.h"

bool item_declared(const struct item_case *c, int64_t account) {
    const struct val *list = val_get(c->body, S("recused"));
    int64_t id = 0;
    for (size_t i = 0; i < val_count(list); i++)
        if (val_to_i64(val_item(list, i), &id) && id == account) return true;
    return false;
}

void item_declare(struct arena *a, struct item_case *c, int64_t account) {
    struct val *list = (struct val *)val_get(c->body, S("recused"));
    if (item_declared(c, account)) return;
    if (!list) {
        list = val_list(a);
        val_put(a, c->body, S("recused"), list);
    }
    val_push(a, list, val_i64(a, account));
}

int item_bound(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct actor *who, struct str *ret,
               struct err *e) {
    struct val *mandates;
    *ret = S("");
    if (item_declared(c, who->account)) *ret = S("您已声明回避这个办件");
    else if (who->account == c->account || (who->person && who->person == c->person)) *ret = S("您是这个办件的申请人，依法应当回避");
    if (ret->len || !who->person) return 0;
    int rc = identity_mandates(tx, r, who, &mandates, e);
    for (size_t i = 0; !rc && i < val_count(mandates); i++)
        if (val_get_i64(val_item(mandates, i), S("id"), 0) == item_owner(c)) *ret = S("您代表申请人办事，依法应当回避");
    return rc;
}

int item_unbound(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct actor *who, struct err *e) {
    struct str why;
    int rc = item_bound(tx, r, c, who, &why, e);
    return rc || why.len == 0 ? rc : err_set(e, ERR_STATE, "%.*s", STR_ARG(why));
}
