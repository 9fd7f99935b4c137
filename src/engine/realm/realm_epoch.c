/* realm_epoch: counters of change; see realm.h. Invariant: a value only grows, in the transaction of the change it tells of.
 * Each epoch is the sum of EPOCH_SLOTS rows, so that people who sign out at the same moment do not wait for one row.
 */
#include "engine/realm/realm.h"

enum { EPOCH_SLOTS = 16 };

STORE_STMT(realm_epoch_raise_slot, STORE_WRITES,
           "INSERT INTO realm_epoch (home, kind, slot, value) VALUES (?, ?, ?, 1) "
           "ON CONFLICT (home, kind, slot) DO UPDATE SET value = realm_epoch.value + 1");
STORE_STMT(realm_epoch_sums, STORE_READS,
           "SELECT kind, CAST(SUM(value) AS BIGINT) FROM realm_epoch WHERE home = ? GROUP BY kind");

int realm_epoch_raise(struct store_tx *tx, struct home_id home, enum realm_epoch kind, struct err *e) {
    uint8_t slot;
    store_random(tx, &slot, sizeof slot);
    return store_exec(tx, &realm_epoch_raise_slot, NULL, e, SV_I(home.v), SV_I(kind), SV_I(slot % EPOCH_SLOTS));
}

int realm_epochs_read(struct store_tx *tx, struct home_id home, struct realm_epochs *ret, struct err *e) {
    struct realm_epochs now = { 0 };
    struct store_rows *rows;
    int rc = store_query(tx, &realm_epoch_sums, &rows, e, SV_I(home.v));
    if (rc) return rc;
    while (store_next(rows)) {
        int64_t kind = store_i64(rows, 0);
        if (kind >= 0 && kind < REALM_EPOCHS) now.value[kind] = store_i64(rows, 1);
    }
    rc = store_end(rows, e);
    if (!rc) *ret = now;
    return rc;
}
