/* lease: leadership among our own processes: a row with a holder, an end and a fencing number.
 *
 * Invariants
 *  1. The fence grows with each change of holder, and with each taking after the lease had run out; a renewal in
 *     time keeps it.
 *  2. Whoever acts under a lease passes its fence to store_lease_check in the same transaction: a holder that
 *     slept past its end is refused there, whatever its own clock says.
 * Time is the job's; a clock that runs fast can shorten another's lease, never make two holders pass the check.
 */
#include "store/store_impl.h"

STORE_STMT(store_lease_find, STORE_READS,
           "SELECT holder, fence, until_ms FROM store_lease WHERE home = ? AND name = ?");
STORE_STMT(store_lease_add, STORE_WRITES,
           "INSERT INTO store_lease (home, name, holder, fence, until_ms) VALUES (?, ?, ?, 1, ?)");
STORE_STMT(store_lease_set, STORE_WRITES,
           "UPDATE store_lease SET holder = ?, fence = ?, until_ms = ? WHERE home = ? AND name = ? AND fence = ?");

struct lease {
    struct str holder;
    int64_t fence, until_ms;
};

/* 1: there; 0: not. */
static int find(struct store_tx *tx, struct str name, struct lease *ret, struct err *e) {
    struct store_rows *r;
    int rc = store_query(tx, &store_lease_find, &r, e, SV_I(tx->job->home.v), SV_T(name));
    if (rc < 0) return rc;
    bool found = store_next(r);
    if (found) *ret = (struct lease){ store_text(r, 0), store_i64(r, 1), store_i64(r, 2) };
    rc = store_end(r, e);
    return rc < 0 ? rc : found;
}

int store_lease_take(struct store_tx *tx, struct str name, struct str holder, int64_t ttl_ms, int64_t *ret_fence,
                     struct err *e) {
    struct lease l;
    int64_t home = tx->job->home.v, now = tx->job->now_ms, changed;
    int rc = find(tx, name, &l, e);
    if (rc < 0) return rc;
    if (rc == 0) {
        rc = store_exec(tx, &store_lease_add, NULL, e, SV_I(home), SV_T(name), SV_T(holder), SV_I(now + ttl_ms));
        if (rc == 0) *ret_fence = 1;
        return rc;
    }
    bool live = l.until_ms > now;
    if (live && !str_eq(l.holder, holder)) return err_set(e, ERR_CONFLICT, "%.*s", STR_ARG(l.holder));
    int64_t fence = live ? l.fence : l.fence + 1;
    rc = store_exec(tx, &store_lease_set, &changed, e, SV_T(holder), SV_I(fence), SV_I(now + ttl_ms), SV_I(home),
                    SV_T(name), SV_I(l.fence));
    if (rc < 0) return rc;
    if (changed != 1) return err_set(e, ERR_CONFLICT, "%.*s", STR_ARG(name));
    *ret_fence = fence;
    return 0;
}

int store_lease_check(struct store_tx *tx, struct str name, int64_t fence, struct err *e) {
    struct lease l;
    int rc = find(tx, name, &l, e);
    if (rc < 0) return rc;
    if (rc == 0 || l.fence != fence || l.until_ms <= tx->job->now_ms)
        return err_set(e, ERR_CONFLICT, "%.*s", STR_ARG(name));
    return 0;
}
