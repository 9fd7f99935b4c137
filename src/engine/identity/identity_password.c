/* identity_password: passwords that serve once, and their replacement; see identity.h. Hashing is the caller's, outside every transaction.
 * Invariant: a changed password ends every session that was opened with the one before, but the one it was changed in.
 */
#include "engine/identity/identity.h"

STORE_STMT(identity_password_of, STORE_READS, "SELECT password FROM identity_account WHERE home = ? AND id = ? AND state = 'active'");
STORE_STMT(identity_password_put, STORE_WRITES, "UPDATE identity_account SET password = ?, renew = ? WHERE home = ? AND id = ?");
STORE_STMT(identity_sessions_other, STORE_WRITES,
           "UPDATE identity_session SET closed_ms = ? WHERE home = ? AND account = ? AND id <> ? AND closed_ms = 0");

static const struct str password_kind = S_INIT("password");

static struct str name_of(struct store_tx *tx, const struct actor *who) {
    return arena_i64(store_arena(tx), who->account);
}

int identity_password_find(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str *ret_hash, struct err *e) {
    struct store_rows *rows;
    bool found = false;
    int rc = identity_try_open(tx, r, password_kind, name_of(tx, who), e);
    if (!rc) rc = store_query(tx, &identity_password_of, &rows, e, SV_I(r->home.v), SV_I(who->account));
    if (rc) return rc;
    if (store_next(rows)) found = true, *ret_hash = store_text(rows, 0);
    rc = store_end(rows, e);
    return rc || found ? rc : err_set(e, ERR_LOGIN, NULL);
}

int identity_password_failed(struct store_tx *tx, const struct realm *r, const struct actor *who, struct err *e) {
    return identity_try_failed(tx, r, password_kind, name_of(tx, who), IDENTITY_TRIES, e);
}

static int put(struct act *act, const struct realm *r, int64_t account, int64_t session, struct str hash, bool renew, struct err *e) {
    struct store_tx *tx = act->tx;
    int64_t changed = 0;
    int rc = store_exec(tx, &identity_password_put, &changed, e, SV_T(hash), SV_I(renew), SV_I(r->home.v), SV_I(account));
    if (!rc && changed == 0) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc)
        rc = store_exec(tx, &identity_sessions_other, NULL, e, SV_I(store_now_ms(tx)), SV_I(r->home.v), SV_I(account), SV_I(session));
    if (!rc) rc = realm_epoch_raise(tx, r->home, REALM_EPOCH_SESSION, e);
    return rc ? rc : act_close(act, S("account"), account, 0, S(""), e);
}

int identity_password_set(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str hash, struct err *e) {
    struct act act;
    access_asked(tx, S("account"), who->account, 0);
    int rc = act_open(&act, tx, r, who, S("account.password"), e);
    if (!rc) rc = identity_try_open(tx, r, password_kind, name_of(tx, who), e);
    if (!rc) rc = identity_try_over(tx, r, password_kind, name_of(tx, who), e);
    return rc ? rc : put(&act, r, who->account, who->session, hash, false, e);
}

int identity_password_reset(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t account, struct str hash,
                            struct err *e) {
    struct act act;
    access_asked(tx, S("account"), account, 0);
    int rc = act_open(&act, tx, r, who, S("account.reset"), e);
    return rc ? rc : put(&act, r, account, 0, hash, true, e);
}
