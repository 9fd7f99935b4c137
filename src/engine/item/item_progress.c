/* item_progress: who may look a case up without signing in. Invariant: a wrong number and a wrong tail are told apart by nothing. */
#include "engine/item/item_rows.h"

int item_progress_find(struct store_tx *tx, const struct realm *r, struct str number, struct str id_tail, int64_t *ret, struct err *e) {
    struct item_case c;
    int rc = item_row_by_number(tx, r, number, ret, e);
    if (!rc) rc = item_case_get(tx, r, NULL, *ret, &c, e);
    if (rc) return rc;
    struct str whole = val_text(val_path(c.body, S("prefill.applicant.citizen_id")));
    bool right = id_tail.len == 4 && whole.len > 4 && str_eq_secret(str_sub(whole, whole.len - 4, 4), id_tail);
    return right ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}
