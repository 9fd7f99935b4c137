/* identity_staff: who works beside whom: the accounts that hold a role at a unit or at one above it; see identity.h.
 * Invariant: only posts in force of accounts in use; each account once, the nearest unit first.
 */
#include "engine/identity/identity.h"

STORE_STMT(identity_staff_at, STORE_READS,
           "SELECT a.id, a.name, u.title FROM identity_post p JOIN identity_account a ON a.home = p.home AND a.id = p.account "
           "JOIN identity_unit u ON u.home = p.home AND u.id = p.unit "
           "WHERE p.home = ? AND p.role = ? AND p.unit = ? AND p.until_ms > ? AND a.state = 'active' ORDER BY p.account LIMIT ?");

STORE_STMT(identity_staff_in, STORE_READS,
           "SELECT a.id, a.name FROM identity_post p JOIN identity_account a ON a.home = p.home AND a.id = p.account "
           "WHERE p.home = ? AND p.unit = ? AND p.until_ms > ? AND a.state = 'active' ORDER BY p.id LIMIT ?");

static bool listed(const struct val *list, int64_t account) {
    for (size_t i = 0; i < val_count(list); i++)
        if (val_get_i64(val_item(list, i), S("id"), 0) == account) return true;
    return false;
}

int identity_colleagues(struct store_tx *tx, const struct realm *r, struct str role, int64_t unit, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    int64_t path[16];
    size_t n_path;
    *ret = val_list(a);
    int rc = identity_unit_path(tx, r, unit, path, 16, &n_path, e);
    for (size_t i = 0; !rc && i < n_path; i++) {
        struct store_rows *rows;
        rc = store_query(tx, &identity_staff_at, &rows, e, SV_I(r->home.v), SV_T(role), SV_I(path[i]), SV_I(store_now_ms(tx)),
                         SV_I(IDENTITY_COLLEAGUES_MAX));
        if (rc) return rc;
        while (store_next(rows)) {
            struct val *v = val_map(a);
            if (val_count(*ret) >= IDENTITY_COLLEAGUES_MAX || listed(*ret, store_i64(rows, 0))) continue;
            val_put_i64(a, v, S("id"), store_i64(rows, 0));
            val_put_str(a, v, S("name"), store_text(rows, 1));
            val_put_str(a, v, S("unit"), store_text(rows, 2));
            val_push(a, *ret, v);
        }
        rc = store_end(rows, e);
    }
    return rc;
}

int identity_staff_of(struct store_tx *tx, const struct realm *r, int64_t unit, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    size_t n = 0;
    *ret = val_list(a);
    int rc = store_query(tx, &identity_staff_in, &rows, e, SV_I(r->home.v), SV_I(unit), SV_I(store_now_ms(tx)),
                         SV_I(IDENTITY_STAFF_MAX + 1));
    if (rc) return rc;
    for (; store_next(rows); n++) {
        struct val *v = val_map(a);
        if (listed(*ret, store_i64(rows, 0))) continue;
        val_put_i64(a, v, S("id"), store_i64(rows, 0));
        val_put_str(a, v, S("name"), store_text(rows, 1));
        val_push(a, *ret, v);
    }
    rc = store_end(rows, e);
    return rc || n <= IDENTITY_STAFF_MAX ? rc : err_set(e, ERR_LIMIT, "%d", IDENTITY_STAFF_MAX);
}
