/* identity: units, accounts, posts; see identity.h. Sessions are in identity_session.c, mandates in identity_mandate.c.
 * Invariant 4 (three administrators are three accounts) is kept by identity_post_grant, the only insert into identity_post.
 */
#include "engine/identity/identity.h"

STORE_STMT(identity_unit_insert, STORE_WRITES,
           "INSERT INTO identity_unit (home, id, code, kind, title, parent, division) VALUES (?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(identity_unit_by_code, STORE_READS, "SELECT id FROM identity_unit WHERE home = ? AND code = ?");
STORE_STMT(identity_unit_by_kind, STORE_READS,
           "SELECT id, title, division FROM identity_unit WHERE home = ? AND kind = ? AND division IN (?, ?, ?, ?, ?) "
           "ORDER BY division DESC, id DESC");
STORE_STMT(identity_unit_title_by_id, STORE_READS, "SELECT title FROM identity_unit WHERE home = ? AND id = ?");
STORE_STMT(identity_unit_list, STORE_READS, "SELECT id, code, title, parent FROM identity_unit WHERE home = ? ORDER BY code");
STORE_STMT(identity_path_insert, STORE_WRITES,
           "INSERT INTO identity_unit_path (home, unit, distance, ancestor) VALUES (?, ?, ?, ?)");
STORE_STMT(identity_path_list, STORE_READS,
           "SELECT ancestor FROM identity_unit_path WHERE home = ? AND unit = ? ORDER BY distance LIMIT ?");
STORE_STMT(identity_unit_below, STORE_READS,
           "SELECT p.unit, u.title FROM identity_unit_path p JOIN identity_unit u ON u.home = p.home AND u.id = p.unit "
           "WHERE p.home = ? AND p.ancestor = ? AND p.distance > 0 ORDER BY p.distance, p.unit LIMIT ?");
/* fails, fail_ms and locked_until_ms are of before identity_0002: tries are counted by name now, in identity_try. */
STORE_STMT(identity_account_insert, STORE_WRITES,
           "INSERT INTO identity_account (home, id, login, name, password, person, state, demo, fails, fail_ms, "
           "locked_until_ms, created_ms, renew) "
           "VALUES (?, ?, ?, ?, ?, ?, 'active', ?, 0, 0, 0, ?, ?) ON CONFLICT (home, login) DO NOTHING");
STORE_STMT(identity_account_state_set, STORE_WRITES, "UPDATE identity_account SET state = ? WHERE home = ? AND id = ?");
/* By login, both ways, between two places; all, or those who hold a post. */
#define BETWEEN(sign) " AND a.login > ? AND a.login >= ? AND a.login < ? ORDER BY a.login " sign " LIMIT ?"
#define ACCOUNTS "SELECT a.id, a.login, a.name, a.state FROM identity_account a WHERE a.home = ?"
#define HOLDERS \
    "SELECT DISTINCT a.id, a.login, a.name, a.state FROM identity_post p JOIN identity_account a ON a.home = p.home AND a.id = p.account " \
    "WHERE p.home = ? AND p.until_ms > ?"
STORE_STMT(identity_account_page, STORE_READS, ACCOUNTS BETWEEN("ASC"));
STORE_STMT(identity_account_page_back, STORE_READS, ACCOUNTS BETWEEN("DESC"));
STORE_STMT(identity_account_role, STORE_READS, HOLDERS " AND p.role = ? AND (CAST(? AS BIGINT) = 0 OR p.unit = ?)" BETWEEN("ASC"));
STORE_STMT(identity_account_role_back, STORE_READS, HOLDERS " AND p.role = ? AND (CAST(? AS BIGINT) = 0 OR p.unit = ?)" BETWEEN("DESC"));
STORE_STMT(identity_account_unit, STORE_READS, HOLDERS " AND p.unit = ?" BETWEEN("ASC"));
STORE_STMT(identity_account_unit_back, STORE_READS, HOLDERS " AND p.unit = ?" BETWEEN("DESC"));
STORE_STMT(identity_account_one, STORE_READS, "SELECT id, login, name, state FROM identity_account WHERE home = ? AND id = ?");
STORE_STMT(identity_account_by_person, STORE_READS,
           "SELECT id FROM identity_account WHERE home = ? AND person = ? AND state = 'active' ORDER BY id LIMIT 1");
STORE_STMT(identity_sessions_end, STORE_WRITES,
           "UPDATE identity_session SET closed_ms = ? WHERE home = ? AND account = ? AND closed_ms = 0");
STORE_STMT(identity_post_insert, STORE_WRITES,
           "INSERT INTO identity_post (home, id, account, role, unit, from_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(identity_post_until, STORE_WRITES, "UPDATE identity_post SET until_ms = ? WHERE home = ? AND id = ? AND until_ms > ?");
STORE_STMT(identity_post_roles, STORE_READS,
           "SELECT p.id, p.role, p.unit, u.title FROM identity_post p JOIN identity_unit u ON u.home = p.home AND u.id = p.unit "
           "WHERE p.home = ? AND p.account = ? AND p.until_ms > ? ORDER BY p.id");
STORE_STMT(identity_post_holders, STORE_READS,
           "SELECT account FROM identity_post WHERE home = ? AND role = ? AND unit = ? AND until_ms > ? ORDER BY account LIMIT ?");

static const int64_t no_end_ms = INT64_MAX;

int identity_unit_path(struct store_tx *tx, const struct realm *r, int64_t unit, int64_t *ids, size_t max, size_t *n, struct err *e) {
    struct store_rows *rows;
    *n = 0;
    int rc = store_query(tx, &identity_path_list, &rows, e, SV_I(r->home.v), SV_I(unit), SV_I(max));
    if (rc) return rc;
    while (store_next(rows))
        if (*n < max) ids[(*n)++] = store_i64(rows, 0);
    return store_end(rows, e);
}

int identity_unit_put(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str code, struct str title,
                      struct str parent_code, int64_t division, int64_t *ret_id, struct err *e) {
    enum { DEPTH_MAX = 16 };
    struct act act;
    int64_t parent = 0, path[DEPTH_MAX];
    size_t n = 0, dot = str_find_char(code, '.', 0);
    struct str kind = str_sub(code, 0, dot == SIZE_MAX ? code.len : dot);
    int rc = act_open(&act, tx, r, who, S("unit.put"), e);
    if (rc) return rc;
    if (parent_code.len) {
        struct store_val v[] = { SV_I(r->home.v), SV_T(parent_code) };
        rc = store_one_i64(tx, &identity_unit_by_code, v, 2, &parent, e);
        if (rc) return rc;
        rc = identity_unit_path(tx, r, parent, path, DEPTH_MAX, &n, e);
        if (!rc && n == DEPTH_MAX) rc = err_set(e, ERR_LIMIT, "%d", DEPTH_MAX);
        if (rc) return rc;
    }
    *ret_id = store_new_id(tx);
    rc = store_exec(tx, &identity_unit_insert, NULL, e, SV_I(r->home.v), SV_I(*ret_id), SV_T(code), SV_T(kind), SV_T(title),
                    SV_I(parent), SV_I(division));
    if (!rc) rc = store_exec(tx, &identity_path_insert, NULL, e, SV_I(r->home.v), SV_I(*ret_id), SV_I(0), SV_I(*ret_id));
    for (size_t i = 0; !rc && i < n; i++)
        rc = store_exec(tx, &identity_path_insert, NULL, e, SV_I(r->home.v), SV_I(*ret_id), SV_I(i + 1), SV_I(path[i]));
    return rc ? rc : act_close(&act, S("unit"), *ret_id, 0, code, e);
}

/* Division codes: 12 digits (village), street = first 9, district = first 6, city = first 4, province = first 2; each padded
 * with zeros to 12 (National Bureau of Statistics). So of those that hold a place the greatest number is the nearest;
 * where several of a kind sit in it, the one that was there first. */
int identity_unit_find(struct store_tx *tx, const struct realm *r, struct str kind, int64_t division, int64_t *ret_id,
                       struct str *ret_title, struct err *e) {
    static const int64_t cut[] = { 1, 1000, 1000000, 100000000, 10000000000 };
    struct store_val v[2 + sizeof cut / sizeof *cut] = { SV_I(r->home.v), SV_T(kind) };
    struct store_rows *rows;
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) v[2 + i] = SV_I(division / cut[i] * cut[i]);
    int rc = store_query_n(tx, &identity_unit_by_kind, v, sizeof v / sizeof *v, &rows, e);
    if (rc) return rc;
    bool found = false;
    for (int64_t nearest = 0; store_next(rows) && (!found || store_i64(rows, 2) == nearest); found = true) {
        nearest = store_i64(rows, 2);
        if (ret_id) *ret_id = store_i64(rows, 0);
        if (ret_title) *ret_title = store_text(rows, 1);
    }
    rc = store_end(rows, e);
    return rc || found ? rc : err_set(e, ERR_NOT_FOUND, NULL);
}

int identity_narrow(struct store_tx *tx, const struct realm *r, int64_t unit, struct scope_token *t, struct err *e) {
    enum { PATH_UNITS = 16 };
    int64_t path[PATH_UNITS];
    uint32_t by = t->all ? t->by_all : 0;
    size_t n = 0;
    int rc = identity_unit_path(tx, r, unit, path, PATH_UNITS, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        for (size_t k = 0; k < t->n; k++)
            if (t->id[k] == path[i]) by |= t->by[k];
    t->all = false;
    t->n = by ? 1 : 0;
    t->id[0] = unit, t->by[0] = by;
    return rc;
}

int identity_unit_title(struct store_tx *tx, const struct realm *r, int64_t unit, struct str lang, struct str *ret, struct err *e) {
    struct store_rows *rows;
    *ret = S("");
    int rc = store_query(tx, &identity_unit_title_by_id, &rows, e, SV_I(r->home.v), SV_I(unit));
    if (rc) return rc;
    if (store_next(rows)) *ret = realm_words(r, lang, store_text(rows, 0));
    return store_end(rows, e);
}

int identity_units_below(struct store_tx *tx, const struct realm *r, int64_t unit, struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    *ret = val_list(a);
    int rc = store_query(tx, &identity_unit_below, &rows, e, SV_I(r->home.v), SV_I(unit), SV_I(IDENTITY_UNITS_BELOW_MAX));
    if (rc) return rc;
    while (store_next(rows)) {
        struct val *v = val_map(a);
        val_put_i64(a, v, S("id"), store_i64(rows, 0));
        val_put_str(a, v, S("title"), realm_words(r, lang, store_text(rows, 1)));
        val_push(a, *ret, v);
    }
    return store_end(rows, e);
}

int identity_units(struct store_tx *tx, const struct realm *r, struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    *ret = val_list(a);
    int rc = store_query(tx, &identity_unit_list, &rows, e, SV_I(r->home.v));
    if (rc) return rc;
    while (store_next(rows)) {
        struct val *v = val_map(a);
        val_put_i64(a, v, S("id"), store_i64(rows, 0));
        val_put_str(a, v, S("code"), store_text(rows, 1));
        val_put_str(a, v, S("title"), realm_words(r, lang, store_text(rows, 2)));
        val_put_i64(a, v, S("parent"), store_i64(rows, 3));
        val_push(a, *ret, v);
    }
    return store_end(rows, e);
}

int identity_account_create(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str login, struct str name,
                            struct str password_hash, int64_t person, bool demo, int64_t *ret_id, struct err *e) {
    struct act act;
    int rc = act_open(&act, tx, r, who, S("account.create"), e);
    if (rc) return rc;
    if (login.len == 0) return err_field(e, ERR_REQUIRED, S("login"), "登录名");
    if (login.len > 64) return err_field(e, ERR_TOO_LONG, S("login"), "64");
    if (name.len == 0) return err_field(e, ERR_REQUIRED, S("name"), "姓名");
    int64_t changed = 0;
    *ret_id = store_new_id(tx);
    rc = store_exec(tx, &identity_account_insert, &changed, e, SV_I(r->home.v), SV_I(*ret_id), SV_T(login), SV_T(name),
                    SV_T(password_hash), SV_I(person), SV_I(demo), SV_I(store_now_ms(tx)), SV_I(!demo));
    if (!rc && changed == 0) return err_field(e, ERR_INPUT, S("login"), "这个登录名已被使用，请换一个");
    return rc ? rc : act_close(&act, S("account"), *ret_id, 0, S(""), e);
}

int identity_account_lock(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t account, bool locked,
                          struct err *e) {
    struct act act;
    int64_t changed = 0;
    access_asked(tx, S("account"), account, 0);
    int rc = act_open(&act, tx, r, who, S("account.lock"), e);
    if (rc) return rc;
    if (account == who->account) return err_set(e, ERR_STATE, "不能停用自己的账号");
    rc = store_exec(tx, &identity_account_state_set, &changed, e, SV_T(locked ? S("locked") : S("active")), SV_I(r->home.v),
                    SV_I(account));
    if (!rc && changed == 0) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && locked)
        rc = store_exec(tx, &identity_sessions_end, NULL, e, SV_I(store_now_ms(tx)), SV_I(r->home.v), SV_I(account));
    if (!rc && locked) rc = realm_epoch_raise(tx, r->home, REALM_EPOCH_SESSION, e);
    return rc ? rc : act_close(&act, S("account"), account, 0, locked ? S("locked") : S("active"), e);
}

static bool is_administrator(struct str role) {
    return str_eq(role, S("system-admin")) || str_eq(role, S("security-admin")) || str_eq(role, S("audit-admin"));
}

int identity_post_grant(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t account, struct str role,
                        int64_t unit, struct err *e) {
    struct act act;
    struct store_rows *rows;
    bool clash = false, twice = false;
    int64_t id, now = store_now_ms(tx);
    size_t n_held = 0;
    struct str title;
    access_asked(tx, S("account"), account, 0);
    int rc = act_open(&act, tx, r, who, S("post.grant"), e);
    if (rc) return rc;
    if (!access_role_declared(r, role) || access_role_of_program(role)) return err_field(e, ERR_CODE, S("role"), NULL);
    rc = identity_unit_title(tx, r, unit, S("zh"), &title, e);
    if (rc) return rc;
    if (title.len == 0) return err_field(e, ERR_CODE, S("unit"), NULL);
    if (account == who->account && account) return err_set(e, ERR_STATE, "不能给自己授予岗位");
    rc = store_query(tx, &identity_post_roles, &rows, e, SV_I(r->home.v), SV_I(account), SV_I(now));
    if (rc) return rc;
    while (store_next(rows)) {
        struct str held = store_text(rows, 1);
        n_held++;
        clash |= is_administrator(role) && is_administrator(held) && !str_eq(role, held);
        twice |= str_eq(role, held) && store_i64(rows, 2) == unit;
    }
    rc = store_end(rows, e);
    if (rc) return rc;
    if (n_held >= IDENTITY_POSTS_MAX) return err_set(e, ERR_LIMIT, "%d", IDENTITY_POSTS_MAX);
    if (clash) return err_field(e, ERR_INPUT, S("role"), "系统、安全、审计三类管理员必须由三个人分别担任");
    if (twice) return err_field(e, ERR_INPUT, S("role"), "该账号已有这个岗位");
    id = store_new_id(tx);
    rc = store_exec(tx, &identity_post_insert, NULL, e, SV_I(r->home.v), SV_I(id), SV_I(account), SV_T(role), SV_I(unit), SV_I(now),
                    SV_I(no_end_ms));
    if (!rc) rc = realm_epoch_raise(tx, r->home, REALM_EPOCH_POLICY, e);
    return rc ? rc : act_close(&act, S("post"), id, 0, role, e);
}

int identity_post_end(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t post, struct err *e) {
    struct act act;
    int64_t changed = 0, now = store_now_ms(tx);
    access_asked(tx, S("post"), post, 0);
    int rc = act_open(&act, tx, r, who, S("post.end"), e);
    if (rc) return rc;
    rc = store_exec(tx, &identity_post_until, &changed, e, SV_I(now), SV_I(r->home.v), SV_I(post), SV_I(now));
    if (!rc && changed == 0) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = realm_epoch_raise(tx, r->home, REALM_EPOCH_POLICY, e);
    return rc ? rc : act_close(&act, S("post"), post, 0, S(""), e);
}

static int posts_view(struct store_tx *tx, const struct realm *r, int64_t account, struct val *into, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *list = val_list(a);
    struct store_rows *rows;
    int rc = store_query(tx, &identity_post_roles, &rows, e, SV_I(r->home.v), SV_I(account), SV_I(store_now_ms(tx)));
    if (rc) return rc;
    while (store_next(rows)) {
        struct val *v = val_map(a);
        val_put_i64(a, v, S("id"), store_i64(rows, 0));
        val_put_str(a, v, S("role"), store_text(rows, 1));
        val_put_i64(a, v, S("unit"), store_i64(rows, 2));
        val_put_str(a, v, S("unit_title"), store_text(rows, 3));
        val_push(a, list, v);
    }
    val_put(a, into, S("posts"), list);
    return store_end(rows, e);
}

static struct val *account_row(struct arena *a, struct store_rows *rows) {
    struct val *v = val_map(a);
    val_put_i64(a, v, S("id"), store_i64(rows, 0));
    val_put_str(a, v, S("login"), store_text(rows, 1));
    val_put_str(a, v, S("name"), store_text(rows, 2));
    val_put_str(a, v, S("state"), store_text(rows, 3));
    return v;
}

/* One page's rows, in order, behind q->at. */
static int accounts_page(struct store_tx *tx, const struct realm *r, const struct identity_query *q, struct store_rows **rows,
                         struct err *e) {
    struct arena *a = store_arena(tx);
    const struct str low = q->back ? S("") : q->at, all = ARENA_CAT(a, q->prefix, S("\xF4\x8F\xBF\xBF")); /* behind every login */
    const struct str high = q->back && q->at.len ? q->at : all;
    const int64_t now = store_now_ms(tx);
    if (q->role.len)
        return store_query(tx, q->back ? &identity_account_role_back : &identity_account_role, rows, e, SV_I(r->home.v), SV_I(now),
                           SV_T(q->role), SV_I(q->unit), SV_I(q->unit), SV_T(low), SV_T(q->prefix), SV_T(high), SV_I(q->max));
    if (q->unit)
        return store_query(tx, q->back ? &identity_account_unit_back : &identity_account_unit, rows, e, SV_I(r->home.v), SV_I(now),
                           SV_I(q->unit), SV_T(low), SV_T(q->prefix), SV_T(high), SV_I(q->max));
    return store_query(tx, q->back ? &identity_account_page_back : &identity_account_page, rows, e, SV_I(r->home.v), SV_T(low),
                       SV_T(q->prefix), SV_T(high), SV_I(q->max));
}

static bool account_fits(const struct identity_query *q, const struct val *v) {
    struct str login = val_get_str(v, S("login")), name = val_get_str(v, S("name"));
    bool active = str_eq(val_get_str(v, S("state")), S("active"));
    if (q->state.len && !(str_eq(q->state, S("active")) ? active : str_eq(q->state, S("off")) && !active)) return false;
    return q->has.len == 0 || str_find(login, q->has, 0) != SIZE_MAX || str_find(name, q->has, 0) != SIZE_MAX;
}

/* All that fit, from the start; told when all were looked at, or there are more than are counted. */
static int accounts_count(struct store_tx *tx, const struct realm *r, struct identity_query q, size_t *ret, struct err *e) {
    struct store_rows *rows;
    size_t looked = 0, n = 0;
    q.at = S("");
    q.max = SCOPE_COUNT_MAX + 1;
    int rc = accounts_page(tx, r, &q, &rows, e);
    if (rc) return rc;
    for (; store_next(rows); looked++) n += account_fits(&q, account_row(store_arena(tx), rows));
    *ret = n >= SCOPE_COUNT_MAX ? SCOPE_COUNT_MAX : looked < q.max ? n : SCOPE_UNCOUNTED;
    return store_end(rows, e);
}

int identity_accounts(struct store_tx *tx, const struct realm *r, const struct actor *who, struct identity_query *q, struct val **ret,
                      struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_token scope;
    size_t looked = 0, n = 0;
    *ret = val_list(a);
    q->cut = false;
    q->total = SCOPE_UNCOUNTED;
    int rc = access_may(r, who, S("account.list"), &scope, e);
    if (!rc && q->counted) rc = accounts_count(tx, r, *q, &q->total, e);
    do {
        struct store_rows *rows;
        if (!rc) rc = accounts_page(tx, r, q, &rows, e);
        if (rc) return rc;
        for (n = 0; store_next(rows); n++) {
            struct val *v = account_row(a, rows);
            if (val_count(*ret) == q->max) continue;
            q->at = val_get_str(v, S("login"));
            if (account_fits(q, v)) val_push(a, *ret, v);
        }
        rc = store_end(rows, e);
        looked += n;
        q->cut = n == q->max && val_count(*ret) < q->max;
    } while (!rc && q->cut && looked < IDENTITY_LOOKED_MAX);
    for (size_t i = 0; !rc && i < val_count(*ret); i++)
        rc = posts_view(tx, r, val_get_i64(val_item(*ret, i), S("id"), 0), (*ret)->u.list.item[i], e);
    return rc;
}

int identity_account_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t account, struct val **ret,
                          struct err *e) {
    struct scope_token scope;
    struct store_rows *rows;
    *ret = NULL;
    int rc = access_may(r, who, S("account.list"), &scope, e);
    if (!rc) rc = store_query(tx, &identity_account_one, &rows, e, SV_I(r->home.v), SV_I(account));
    if (rc) return rc;
    if (store_next(rows)) *ret = account_row(store_arena(tx), rows);
    rc = store_end(rows, e);
    if (!rc && !*ret) rc = err_set(e, ERR_NOT_FOUND, NULL);
    return rc ? rc : posts_view(tx, r, account, *ret, e);
}

int identity_account_name(struct store_tx *tx, const struct realm *r, int64_t account, struct str *ret, struct err *e) {
    struct store_rows *rows;
    *ret = S("");
    int rc = store_query(tx, &identity_account_one, &rows, e, SV_I(r->home.v), SV_I(account));
    if (rc) return rc;
    if (store_next(rows)) *ret = store_text(rows, 2);
    return store_end(rows, e);
}

int identity_holders(struct store_tx *tx, const struct realm *r, struct str role, int64_t unit, int64_t *accounts, size_t max,
                     size_t *n, struct err *e) {
    int64_t path[16];
    size_t n_path;
    *n = 0;
    int rc = identity_unit_path(tx, r, unit, path, 16, &n_path, e);
    for (size_t i = 0; !rc && i < n_path && *n == 0; i++) {
        struct store_rows *rows;
        rc = store_query(tx, &identity_post_holders, &rows, e, SV_I(r->home.v), SV_T(role), SV_I(path[i]), SV_I(store_now_ms(tx)),
                         SV_I(max));
        if (rc) return rc;
        while (store_next(rows))
            if (*n < max) accounts[(*n)++] = store_i64(rows, 0);
        rc = store_end(rows, e);
    }
    return rc;
}

int identity_account_of_person(struct store_tx *tx, const struct realm *r, int64_t person, int64_t *ret, struct err *e) {
    struct store_val v[] = { SV_I(r->home.v), SV_I(person) };
    return store_one_i64(tx, &identity_account_by_person, v, 2, ret, e);
}

int identity_unit_by_code_find(struct store_tx *tx, const struct realm *r, struct str code, int64_t *ret_id, struct err *e) {
    struct store_val v[] = { SV_I(r->home.v), SV_T(code) };
    return store_one_i64(tx, &identity_unit_by_code, v, 2, ret_id, e);
}

STORE_STMT(identity_account_id_by_login, STORE_READS, "SELECT id FROM identity_account WHERE home = ? AND login = ?");

bool identity_login_ok(struct str login) {
    for (size_t i = 0; i < login.len; i++) {
        char c = login.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_')) return false;
    }
    return login.len >= 3 && login.len <= 32;
}

int identity_account_by_login(struct store_tx *tx, const struct realm *r, struct str login, int64_t *ret_id, struct err *e) {
    struct store_val v[] = { SV_I(r->home.v), SV_T(login) };
    return store_one_i64(tx, &identity_account_id_by_login, v, 2, ret_id, e);
}

STORE_STMT(identity_demo_list, STORE_READS,
           "SELECT id, login, name FROM identity_account WHERE home = ? AND demo = 1 ORDER BY id LIMIT 100");

/* A role's title in the reader's language, from the system that declares it. */
static struct str role_title(const struct realm *r, struct str role, struct str lang) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++) {
        const struct access_role *roles;
        size_t n_roles = access_roles(all[i]->access, &roles);
        for (size_t k = 0; k < n_roles; k++)
            if (str_eq(roles[k].id, role)) return system_text(all[i], lang, roles[k].title);
    }
    return role;
}

/* What the account is for, in the words of the sample that made it; empty where none did. */
static struct str sample_title(const struct realm *r, struct str login, struct str lang) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < val_count(all[i]->sample_accounts); k++) {
            const struct val *row = val_item(all[i]->sample_accounts, k);
            if (str_eq(val_get_str(row, S("login")), login)) return system_text(all[i], lang, val_get_str(row, S("title")));
        }
    return S("");
}

int identity_demo_accounts(struct store_tx *tx, const struct realm *r, struct str lang, struct val **ret, struct err *e) {
    enum { DEMO_MAX = 100 };
    struct arena *a = store_arena(tx);
    int64_t ids[DEMO_MAX];
    struct store_rows *rows;
    size_t n = 0;
    *ret = val_list(a);
    int rc = store_query(tx, &identity_demo_list, &rows, e, SV_I(r->home.v));
    if (rc) return rc;
    while (store_next(rows) && n < DEMO_MAX) {
        struct val *v = val_map(a);
        ids[n++] = store_i64(rows, 0);
        val_put_str(a, v, S("login"), store_text(rows, 1));
        val_put_str(a, v, S("title"), store_text(rows, 2));
        val_push(a, *ret, v);
    }
    rc = store_end(rows, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct actor who;
        struct val *mandates;
        struct str title = sample_title(r, val_get_str(val_item(*ret, i), S("login")), lang);
        if (title.len) {
            val_put_str(a, (*ret)->u.list.item[i], S("title"), title);
            continue;
        }
        rc = identity_actor_of(tx, r, ids[i], &who, e);
        if (!rc) rc = identity_mandates(tx, r, &who, &mandates, e);
        if (rc) break;
        if (who.n_posts) val_put_str(a, (*ret)->u.list.item[i], S("title"), role_title(r, who.posts[0].role, lang));
        else if (val_count(mandates)) val_put_str(a, (*ret)->u.list.item[i], S("title"), val_get_str(val_item(mandates, 0), S("name")));
    }
    return rc;
}
