/* identity_try: what anybody may guess at is locked after five wrong tries, whether it exists or not: the password of a login name,
 * the tail that belongs to a case number. See identity.h.
 * Invariants: 1. What was typed is never stored, only its MAC (a password may be typed where a name belongs). 2. Nothing here looks
 * whether the thing exists, so that words, status and time are the same for both. 3. Rows that no longer count are removed as others
 * are written, so that made-up names do not pile up.
 */
#include "engine/identity/identity.h"

STORE_STMT(identity_try_get, STORE_READS, "SELECT fails, first_ms, until_ms FROM identity_try WHERE home = ? AND what = ?");
STORE_STMT(identity_try_put, STORE_WRITES,
           "INSERT INTO identity_try (home, what, fails, first_ms, until_ms) VALUES (?, ?, ?, ?, ?) "
           "ON CONFLICT (home, what) DO UPDATE SET fails = excluded.fails, first_ms = excluded.first_ms, until_ms = excluded.until_ms");
STORE_STMT(identity_try_drop, STORE_WRITES, "DELETE FROM identity_try WHERE home = ? AND what = ?");
STORE_STMT(identity_try_prune, STORE_WRITES, "DELETE FROM identity_try WHERE home = ? AND first_ms < ? AND until_ms < ?");

struct tries {
    int64_t fails, first_ms, until_ms;
};

static struct str key_of(struct store_tx *tx, const struct realm *r, struct str kind, struct str name) {
    struct digest d;
    const struct str parts[] = { S("try\n"), kind, S("\n"), name };
    mac(r->keys.suite, r->keys.token, parts, 4, &d);
    return arena_str(store_arena(tx), str_make((const char *)d.v, DIGEST_BYTES));
}

static int read_tries(struct store_tx *tx, const struct realm *r, struct str key, struct tries *ret, struct err *e) {
    struct store_rows *rows;
    *ret = (struct tries){ 0 };
    int rc = store_query(tx, &identity_try_get, &rows, e, SV_I(r->home.v), SV_B(key));
    if (rc) return rc;
    if (store_next(rows)) *ret = (struct tries){ store_i64(rows, 0), store_i64(rows, 1), store_i64(rows, 2) };
    return store_end(rows, e);
}

int identity_try_open(struct store_tx *tx, const struct realm *r, struct str kind, struct str name, struct err *e) {
    struct tries t;
    int rc = read_tries(tx, r, key_of(tx, r, kind, name), &t, e);
    return rc ? rc : t.until_ms > store_now_ms(tx) ? err_set(e, ERR_LOCKED, NULL) : 0;
}

int identity_try_failed(struct store_tx *tx, const struct realm *r, struct str kind, struct str name, int64_t most, struct err *e) {
    struct str key = key_of(tx, r, kind, name);
    struct tries t;
    int64_t now = store_now_ms(tx), old = now - IDENTITY_LOCK_MS;
    int rc = read_tries(tx, r, key, &t, e);
    if (rc) return rc;
    if (t.first_ms < old) t.fails = 0, t.first_ms = now;
    if (++t.fails >= most) t.until_ms = now + IDENTITY_LOCK_MS, t.fails = 0;
    rc = store_exec(tx, &identity_try_prune, NULL, e, SV_I(r->home.v), SV_I(old), SV_I(now));
    if (rc) return rc;
    return store_exec(tx, &identity_try_put, NULL, e, SV_I(r->home.v), SV_B(key), SV_I(t.fails), SV_I(t.first_ms),
                      SV_I(t.until_ms));
}

int identity_try_over(struct store_tx *tx, const struct realm *r, struct str kind, struct str name, struct err *e) {
    return store_exec(tx, &identity_try_drop, NULL, e, SV_I(r->home.v), SV_B(key_of(tx, r, kind, name)));
}
