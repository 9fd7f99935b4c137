/* item_progress: who may look a case up without signing in. Invariant: a wrong number and a wrong tail are told apart by nothing. */
#include "engine/item/item_rows.h"
#include "engine/record/record.h"

/* The number of who submitted it, as it was then; of a case that the city opened for him (item_redress.c), as it is registered. */
static int number_of(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str *ret, struct err *e) {
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("person"), NULL);
    struct record him;
    *ret = val_text(val_path(c->body, S("prefill.applicant.citizen_id")));
    if (ret->len || !t || !c->person) return 0;
    int rc = record_get(tx, r, t, c->person, &him, e);
    if (!rc) *ret = val_get_str(him.values, S("citizen_id"));
    return rc;
}

int item_progress_find(struct store_tx *tx, const struct realm *r, struct str number, struct str id_tail, int64_t *ret, struct err *e) {
    struct item_case c;
    int rc = item_row_by_number(tx, r, number, ret, e);
    if (!rc) rc = item_case_get(tx, r, NULL, *ret, &c, e);
    struct str whole;
    if (!rc) rc = number_of(tx, r, &c, &whole, e);
    if (rc) return rc;
    bool right = id_tail.len == 4 && whole.len > 4 && str_eq_secret(str_sub(whole, whole.len - 4, 4), id_tail);
    return right ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}
