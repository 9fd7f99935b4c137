/* identity_session: sign-in, sessions, whom one acts for; see identity.h. Invariant: no token is stored, only its hash. */
#include "engine/identity/identity.h"

STORE_STMT(identity_login_by_name, STORE_READS,
           "SELECT id, password, demo FROM identity_account WHERE home = ? AND login = ?");
STORE_STMT(identity_state_by_id, STORE_READS, "SELECT state FROM identity_account WHERE home = ? AND id = ?");
STORE_STMT(identity_session_insert, STORE_WRITES,
           "INSERT INTO identity_session (home, id, token, account, on_behalf, on_behalf_name, opened_ms, seen_ms, closed_ms, staff, "
           "device) VALUES (?, ?, ?, ?, 0, '', ?, ?, 0, ?, ?)");
STORE_STMT(identity_session_by_token, STORE_READS,
           "SELECT s.id, s.account, s.on_behalf, s.on_behalf_name, s.opened_ms, s.seen_ms, s.staff, a.name, a.person, a.state, "
           "a.renew, s.only_case "
           "FROM identity_session s JOIN identity_account a ON a.home = s.home AND a.id = s.account "
           "WHERE s.home = ? AND s.token = ? AND s.closed_ms = 0");
/* Of somebody without an account: for one draft, begun at a window. */
STORE_STMT(identity_session_alone, STORE_READS,
           "SELECT id, on_behalf, on_behalf_name, opened_ms, seen_ms, person, only_case FROM identity_session "
           "WHERE home = ? AND token = ? AND closed_ms = 0 AND account = 0");
STORE_STMT(identity_session_for_one, STORE_WRITES,
           "INSERT INTO identity_session (home, id, token, account, on_behalf, on_behalf_name, opened_ms, seen_ms, closed_ms, staff, "
           "device, only_case, person) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?)");
STORE_STMT(identity_session_seen, STORE_WRITES, "UPDATE identity_session SET seen_ms = ? WHERE home = ? AND id = ? AND closed_ms = 0");
STORE_STMT(identity_session_shut, STORE_WRITES, "UPDATE identity_session SET closed_ms = ? WHERE home = ? AND id = ? AND closed_ms = 0");
STORE_STMT(identity_session_turn, STORE_WRITES,
           "UPDATE identity_session SET token = ?, on_behalf = ?, on_behalf_name = ? WHERE home = ? AND id = ? AND closed_ms = 0");
STORE_STMT(identity_posts_of, STORE_READS,
           "SELECT p.id, p.role, p.unit, u.title, u.division FROM identity_post p "
           "JOIN identity_unit u ON u.home = p.home AND u.id = p.unit "
           "WHERE p.home = ? AND p.account = ? AND p.until_ms > ? ORDER BY p.id");
STORE_STMT(identity_actor_by_id, STORE_READS, "SELECT name, person, state FROM identity_account WHERE home = ? AND id = ?");

static const struct str login_kind = S_INIT("login");

static void token_hash(const struct realm *r, const uint8_t token[IDENTITY_TOKEN_BYTES], struct digest *ret) {
    const struct str parts[] = { S("session"), str_make((const char *)token, IDENTITY_TOKEN_BYTES) };
    mac(r->keys.suite, r->keys.token, parts, 2, ret);
}

static struct str digest_str(const struct digest *d) {
    return str_make((const char *)d->v, DIGEST_BYTES);
}

int identity_login_find(struct store_tx *tx, const struct realm *r, struct str login, struct identity_login *ret, struct err *e) {
    struct store_rows *rows;
    *ret = (struct identity_login){ .name = login, .hash = password_dummy(store_arena(tx)) };
    int rc = identity_try_open(tx, r, login_kind, login, e);
    ret->locked = rc == ERR_LOCKED;
    if (rc && !ret->locked) return rc;
    rc = store_query(tx, &identity_login_by_name, &rows, e, SV_I(r->home.v), SV_T(login));
    if (rc) return rc;
    if (store_next(rows)) {
        ret->account = store_i64(rows, 0);
        ret->hash = store_text(rows, 1);
        ret->demo = store_i64(rows, 2) != 0;
    }
    return store_end(rows, e);
}

int identity_login_failed(struct store_tx *tx, const struct realm *r, const struct identity_login *login, struct err *e) {
    return identity_try_failed(tx, r, login_kind, login->name, IDENTITY_TRIES, e);
}

static int load_posts(struct store_tx *tx, const struct realm *r, struct actor *who, struct err *e) {
    struct actor_post *posts = arena_array(store_arena(tx), IDENTITY_POSTS_MAX, sizeof *posts);
    struct store_rows *rows;
    if (!posts) return err_set(e, ERR_MEMORY, NULL);
    int rc = store_query(tx, &identity_posts_of, &rows, e, SV_I(r->home.v), SV_I(who->account), SV_I(store_now_ms(tx)));
    if (rc) return rc;
    while (store_next(rows))
        if (who->n_posts < IDENTITY_POSTS_MAX)
            posts[who->n_posts++] = (struct actor_post){ store_i64(rows, 0), store_text(rows, 1), store_i64(rows, 2),
                                                         store_text(rows, 3), store_i64(rows, 4) };
    who->posts = posts;
    return store_end(rows, e);
}

int identity_actor_of(struct store_tx *tx, const struct realm *r, int64_t account, struct actor *ret, struct err *e) {
    struct store_rows *rows;
    bool found = false;
    *ret = (struct actor){ .account = account };
    int rc = store_query(tx, &identity_actor_by_id, &rows, e, SV_I(r->home.v), SV_I(account));
    if (rc) return rc;
    if (store_next(rows)) {
        found = true;
        ret->name = store_text(rows, 0);
        ret->person = store_i64(rows, 1);
    }
    rc = store_end(rows, e);
    if (rc) return rc;
    if (!found) return err_set(e, ERR_NOT_FOUND, NULL);
    return load_posts(tx, r, ret, e);
}

/* What identity_login_find saw may be old: many tries at once must not slip past the lock. */
static int still_open(struct store_tx *tx, const struct realm *r, const struct identity_login *login, struct err *e) {
    struct store_rows *rows;
    bool active = false;
    int rc = identity_try_open(tx, r, login_kind, login->name, e);
    if (!rc) rc = store_query(tx, &identity_state_by_id, &rows, e, SV_I(r->home.v), SV_I(login->account));
    if (rc) return rc;
    if (store_next(rows)) active = str_eq(store_text(rows, 0), S("active"));
    rc = store_end(rows, e);
    return rc || active ? rc : err_field(e, ERR_STATE, S("login"), "这个账号已停用，请联系管理员");
}

int identity_login_finish(struct store_tx *tx, const struct realm *r, const struct actor *nobody, const struct identity_login *login,
                          const uint8_t token[IDENTITY_TOKEN_BYTES], int64_t *ret_session, struct err *e) {
    access_asked(tx, S("account"), login->account, 0);
    if (login->locked) return err_set(e, ERR_LOCKED, NULL);
    if (login->account == 0 || !login->verified) return err_field(e, ERR_PASSWORD, S("password"), NULL);
    struct actor who;
    struct act act;
    struct digest hash_of_token;
    int rc = still_open(tx, r, login, e);
    if (!rc) rc = identity_actor_of(tx, r, login->account, &who, e);
    if (rc) return rc;
    who.request_id = nobody->request_id;
    who.peer = nobody->peer;
    rc = act_open(&act, tx, r, &who, S("session.open"), e);
    if (rc) return rc;
    token_hash(r, token, &hash_of_token);
    *ret_session = store_new_id(tx);
    int64_t now = store_now_ms(tx);
    rc = store_exec(tx, &identity_session_insert, NULL, e, SV_I(r->home.v), SV_I(*ret_session), SV_B(digest_str(&hash_of_token)),
                    SV_I(login->account), SV_I(now), SV_I(now), SV_I(who.n_posts > 0), SV_T(login->device));
    if (rc) return rc;
    rc = identity_try_over(tx, r, login_kind, login->name, e);
    return rc ? rc : act_close(&act, S("session"), *ret_session, 0, S(""), e);
}

/* A session acts for a company as long as the mandate is in force, and not a moment longer. */
static int check_mandate(struct store_tx *tx, const struct realm *r, struct actor *who, bool *alive, struct err *e) {
    int rc = identity_stand(tx, r, who, who->on_behalf, e);
    *alive = rc == 0;
    return rc == ERR_FORBIDDEN ? 0 : rc;
}

int identity_session_only(struct store_tx *tx, const struct realm *r, const struct actor *as, const uint8_t token[IDENTITY_TOKEN_BYTES],
                          struct str device, int64_t *ret_session, struct err *e) {
    struct digest hash_of_token;
    int64_t now = store_now_ms(tx);
    token_hash(r, token, &hash_of_token);
    *ret_session = store_new_id(tx);
    return store_exec(tx, &identity_session_for_one, NULL, e, SV_I(r->home.v), SV_I(*ret_session), SV_B(digest_str(&hash_of_token)),
                      SV_I(as->account), SV_I(as->on_behalf), SV_T(as->on_behalf_name), SV_I(now), SV_I(now), SV_T(device), SV_I(as->only),
                      SV_I(as->account ? 0 : as->person));
}

/* Does a session live that was opened and last seen then? */
static bool lives(int64_t opened_ms, int64_t seen_ms, bool staff, int64_t now_ms, bool *touch) {
    *touch = now_ms - seen_ms > 60000;
    return now_ms - opened_ms < IDENTITY_LONGEST_MS && now_ms - seen_ms < (staff ? IDENTITY_STAFF_IDLE_MS : IDENTITY_IDLE_MS);
}

static int find_alone(struct store_tx *tx, const struct realm *r, const struct digest *hash_of_token, struct actor *ret, bool *touch,
                      struct err *e) {
    struct store_rows *rows;
    bool alive = false;
    int rc = store_query(tx, &identity_session_alone, &rows, e, SV_I(r->home.v), SV_B(digest_str(hash_of_token)));
    if (rc) return rc;
    *ret = (struct actor){ 0 };
    if (store_next(rows) && lives(store_i64(rows, 3), store_i64(rows, 4), false, store_now_ms(tx), touch)) {
        alive = true;
        *ret = (struct actor){ .session = store_i64(rows, 0), .on_behalf = store_i64(rows, 1), .on_behalf_name = store_text(rows, 2),
                               .person = store_i64(rows, 5), .only = store_i64(rows, 6) };
    }
    rc = store_end(rows, e);
    return rc || alive ? rc : err_set(e, ERR_LOGIN, NULL);
}

int identity_session_find(struct store_tx *tx, const struct realm *r, const uint8_t token[IDENTITY_TOKEN_BYTES], struct actor *ret,
                          bool *touch, struct err *e) {
    struct digest hash_of_token;
    struct store_rows *rows;
    bool alive = false, found = false;
    token_hash(r, token, &hash_of_token);
    int rc = store_query(tx, &identity_session_by_token, &rows, e, SV_I(r->home.v), SV_B(digest_str(&hash_of_token)));
    if (rc) return rc;
    *ret = (struct actor){ 0 };
    *touch = false;
    if (store_next(rows)) {
        found = true;
        alive = lives(store_i64(rows, 4), store_i64(rows, 5), store_i64(rows, 6) != 0, store_now_ms(tx), touch) &&
                str_eq(store_text(rows, 9), S("active"));
        ret->session = store_i64(rows, 0);
        ret->account = store_i64(rows, 1);
        ret->on_behalf = store_i64(rows, 2);
        ret->on_behalf_name = store_text(rows, 3);
        ret->name = store_text(rows, 7);
        ret->person = store_i64(rows, 8);
        ret->renew = store_i64(rows, 10) != 0;
        ret->only = store_i64(rows, 11);
    }
    rc = store_end(rows, e);
    if (!rc && !found) return find_alone(tx, r, &hash_of_token, ret, touch, e);
    if (!rc && alive && ret->on_behalf) rc = check_mandate(tx, r, ret, &alive, e);
    if (rc) return rc;
    if (!alive) {
        *ret = (struct actor){ 0 };
        return err_set(e, ERR_LOGIN, NULL);
    }
    return ret->only ? 0 : load_posts(tx, r, ret, e); /* no post's rights in one draft */
}

int identity_session_last(struct store_tx *tx, const struct realm *r, const uint8_t token[IDENTITY_TOKEN_BYTES], struct actor *ret,
                          struct err *e) {
    struct digest hash_of_token;
    struct store_rows *rows;
    bool found = false;
    token_hash(r, token, &hash_of_token);
    *ret = (struct actor){ 0 };
    int rc = store_query(tx, &identity_session_by_token, &rows, e, SV_I(r->home.v), SV_B(digest_str(&hash_of_token)));
    if (rc) return rc;
    if (store_next(rows)) {
        found = str_eq(store_text(rows, 9), S("active"));
        ret->account = store_i64(rows, 1);
        ret->on_behalf = store_i64(rows, 2);
        ret->person = store_i64(rows, 8);
    }
    rc = store_end(rows, e);
    return rc ? rc : found ? 0 : err_set(e, ERR_LOGIN, NULL);
}

int identity_session_resume(struct store_tx *tx, const struct realm *r, const struct actor *who, const uint8_t before[IDENTITY_TOKEN_BYTES],
                            const uint8_t token[IDENTITY_TOKEN_BYTES], struct err *e) {
    struct actor was;
    bool holds = false;
    int rc = identity_session_last(tx, r, before, &was, e);
    if (rc == ERR_LOGIN || (!rc && (was.account != who->account || was.on_behalf == 0))) return 0;
    if (!rc) rc = check_mandate(tx, r, &was, &holds, e);
    return rc || !holds ? rc : identity_session_switch(tx, r, who, was.on_behalf, token, e);
}

int identity_session_touch(struct store_tx *tx, const struct realm *r, int64_t session, struct err *e) {
    return store_exec(tx, &identity_session_seen, NULL, e, SV_I(store_now_ms(tx)), SV_I(r->home.v), SV_I(session));
}

int identity_session_close(struct store_tx *tx, const struct realm *r, const struct actor *who, struct err *e) {
    struct act act;
    int rc = act_open(&act, tx, r, who, S("session.close"), e);
    if (rc) return rc;
    rc = store_exec(tx, &identity_session_shut, NULL, e, SV_I(store_now_ms(tx)), SV_I(r->home.v), SV_I(who->session));
    if (!rc) rc = realm_epoch_raise(tx, r->home, REALM_EPOCH_SESSION, e);
    return rc ? rc : act_close(&act, S("session"), who->session, 0, S(""), e);
}

int identity_session_switch(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t principal,
                            const uint8_t new_token[IDENTITY_TOKEN_BYTES], struct err *e) {
    struct act act;
    struct digest hash_of_token;
    struct actor as = *who;
    int rc = act_open(&act, tx, r, who, S("session.switch"), e);
    if (rc) return rc;
    rc = identity_stand(tx, r, &as, principal, e);
    if (rc) return rc;
    token_hash(r, new_token, &hash_of_token);
    rc = store_exec(tx, &identity_session_turn, NULL, e, SV_B(digest_str(&hash_of_token)), SV_I(as.on_behalf),
                    SV_T(as.on_behalf_name), SV_I(r->home.v),
                    SV_I(who->session));
    if (!rc) rc = realm_epoch_raise(tx, r->home, REALM_EPOCH_SESSION, e);
    return rc ? rc : act_close(&act, S("session"), who->session, 0, S(""), e);
}
