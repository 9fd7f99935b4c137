/* identity_devices: from where an account is signed in, and was; see identity.h. What a device is
 * called is the caller's word, kept with the session as it was said at sign-in; a place is not
 * known and not guessed. Invariant: a session is shown to its account alone, and ended by it alone
 * (administrators end all of an account's).
 */
#include "engine/identity/identity.h"

STORE_STMT(identity_session_recent, STORE_READS,
           "SELECT id, device, opened_ms, seen_ms, closed_ms, staff, only_case FROM identity_session "
           "WHERE home = ? AND account = ? "
           "ORDER BY id DESC LIMIT ?");
STORE_STMT(
    identity_session_open_of, STORE_READS,
    "SELECT id, device, opened_ms, seen_ms, closed_ms, staff, only_case FROM identity_session "
    "WHERE home = ? AND account = ? AND closed_ms = 0 AND opened_ms > ? ORDER BY id DESC LIMIT ?");
STORE_STMT(identity_session_end_one, STORE_WRITES,
           "UPDATE identity_session SET closed_ms = ? WHERE home = ? AND id = ? AND account = ? "
           "AND closed_ms = 0");
STORE_STMT(identity_session_end_others, STORE_WRITES,
           "UPDATE identity_session SET closed_ms = ? WHERE home = ? AND account = ? AND closed_ms "
           "= 0 AND id <> ?");

static struct val *row_of(const struct actor *who, struct store_rows *rows, int64_t now,
                          struct arena *a) {
    int64_t id = store_i64(rows, 0), opened = store_i64(rows, 2), seen = store_i64(rows, 3),
            closed = store_i64(rows, 4);
    int64_t idle = store_i64(rows, 5) ? IDENTITY_STAFF_IDLE_MS : IDENTITY_IDLE_MS;
    int64_t until =
        seen + idle < opened + IDENTITY_LONGEST_MS ? seen + idle : opened + IDENTITY_LONGEST_MS;
    struct val *v = val_map(a);
    val_put_i64(a, v, S("id"), id);
    val_put_str(a, v, S("device"), store_text(rows, 1));
    val_put_i64(a, v, S("opened_ms"), opened);
    val_put_i64(a, v, S("seen_ms"), seen);
    val_put_i64(a, v, S("ended_ms"), closed ? closed : now >= until ? until : 0);
    val_put_bool(a, v, S("own"), id == who->session);
    val_put_bool(a, v, S("alone"), store_i64(rows, 6) != 0);
    return v;
}

int identity_sessions(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      bool open, struct val **ret, struct err *e) {
    struct store_rows *rows;
    struct arena *a = store_arena(tx);
    int64_t now = store_now_ms(tx);
    *ret = val_list(a);
    if (who->account == 0) return 0;
    int rc = open ? store_query(tx, &identity_session_open_of, &rows, e, SV_I(r->home.v),
                                SV_I(who->account), SV_I(now - IDENTITY_LONGEST_MS),
                                SV_I(IDENTITY_SESSIONS_MAX))
                  : store_query(tx, &identity_session_recent, &rows, e, SV_I(r->home.v),
                                SV_I(who->account), SV_I(IDENTITY_SESSIONS_MAX));
    if (rc) return rc;
    while (store_next(rows)) {
        struct val *v = row_of(who, rows, now, a);
        if (open == (val_get_i64(v, S("ended_ms"), 0) == 0)) val_push(a, *ret, v);
    }
    return store_end(rows, e);
}

int identity_session_end(struct store_tx *tx, const struct realm *r, const struct actor *who,
                         int64_t session, int64_t *ret_ended, struct err *e) {
    struct act act;
    access_asked(tx, S("session"), session ? session : who->session, 0);
    int rc = act_open(&act, tx, r, who, S("session.close"), e);
    if (rc) return rc;
    *ret_ended = 0;
    if (session)
        rc = store_exec(tx, &identity_session_end_one, ret_ended, e, SV_I(store_now_ms(tx)),
                        SV_I(r->home.v), SV_I(session), SV_I(who->account));
    else
        rc = store_exec(tx, &identity_session_end_others, ret_ended, e, SV_I(store_now_ms(tx)),
                        SV_I(r->home.v), SV_I(who->account), SV_I(who->session));
    if (!rc && session && *ret_ended == 0) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = realm_epoch_raise(tx, r->home, REALM_EPOCH_SESSION, e);
    return rc ? rc
              : act_close(&act, S("session"), session ? session : who->session, 0,
                          session ? S("one") : S("others"), e);
}

int identity_device_new(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        int64_t session, struct str device, bool *ret, struct err *e) {
    struct store_rows *rows;
    size_t before = 0;
    bool known = false;
    int rc = store_query(tx, &identity_session_recent, &rows, e, SV_I(r->home.v),
                         SV_I(who->account), SV_I(IDENTITY_SESSIONS_MAX));
    if (rc) return rc;
    while (store_next(rows)) {
        if (store_i64(rows, 0) == session || store_i64(rows, 6)) continue; /* who fills in one draft has not signed in */
        before++;
        known |= str_eq(store_text(rows, 1), device);
    }
    *ret = before > 0 && !known;
    return store_end(rows, e);
}
