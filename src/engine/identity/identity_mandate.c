/* identity_mandate: who acts for whom: one row for each time somebody was given a standing with a
 * company or a person; see identity.h. A row is never changed back: what was declined or has ended
 * stays as it was, and a new one begins. Who may give one, to whom, and who is told of it is the
 * engine mandate's; here it is kept, and found with each request.
 */
#include "engine/identity/identity.h"

static const int64_t no_end_ms = INT64_MAX;

#define COLUMNS \
    "id, principal, for_person, principal_name, account, name, standing, items, state, from_ms, " \
    "until_ms, made_ms, made_by, accepted_ms, ended_ms, ended_by, phone, phone_shown"
/* identity_mandate holds what registries said before identity_0007: in force, of companies, without
 * a number of its own. */
#define BEFORE "SELECT company, company_name, account, kind, from_ms, until_ms FROM identity_mandate "
STORE_STMT(identity_mandate_before, STORE_READS,
           BEFORE "WHERE home = ? AND account = ? AND until_ms > ? ORDER BY company LIMIT ?");
STORE_STMT(identity_mandate_before_for, STORE_READS,
           BEFORE "WHERE home = ? AND company = ? AND until_ms > ? ORDER BY company LIMIT ?");
STORE_STMT(identity_acting_insert, STORE_WRITES,
           "INSERT INTO identity_acting (home, " COLUMNS ") "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(identity_acting_by_id, STORE_READS,
           "SELECT " COLUMNS " FROM identity_acting WHERE home = ? AND id = ?");
STORE_STMT(identity_acting_of_pair, STORE_READS,
           "SELECT " COLUMNS " FROM identity_acting WHERE home = ? AND account = ? AND "
           "principal = ? AND state IN ('offered', 'active') AND until_ms > ? ORDER BY id LIMIT ?");
STORE_STMT(identity_acting_last, STORE_READS,
           "SELECT " COLUMNS " FROM identity_acting WHERE home = ? AND account = ? AND "
           "principal = ? ORDER BY id DESC LIMIT 1");
STORE_STMT(identity_acting_in_force, STORE_READS,
           "SELECT " COLUMNS " FROM identity_acting WHERE home = ? AND account = ? AND "
           "state = 'active' AND from_ms <= ? AND until_ms > ? ORDER BY id LIMIT ?");
STORE_STMT(identity_acting_for, STORE_READS,
           "SELECT " COLUMNS " FROM identity_acting WHERE home = ? AND principal = ? AND "
           "state = 'active' AND until_ms > ? ORDER BY id LIMIT ?");
STORE_STMT(identity_acting_held, STORE_READS,
           "SELECT " COLUMNS " FROM identity_acting WHERE home = ? AND account = ? AND id < ? "
           "ORDER BY id DESC LIMIT ?");
STORE_STMT(identity_acting_held_back, STORE_READS,
           "SELECT " COLUMNS " FROM identity_acting WHERE home = ? AND account = ? AND id > ? "
           "ORDER BY id LIMIT ?");
STORE_STMT(identity_acting_given, STORE_READS,
           "SELECT " COLUMNS " FROM identity_acting WHERE home = ? AND principal = ? AND id < ? "
           "ORDER BY id DESC LIMIT ?");
STORE_STMT(identity_acting_given_back, STORE_READS,
           "SELECT " COLUMNS " FROM identity_acting WHERE home = ? AND principal = ? AND id > ? "
           "ORDER BY id LIMIT ?");
STORE_STMT(identity_acting_by_phone, STORE_READS,
           "SELECT " COLUMNS " FROM identity_acting WHERE home = ? AND phone = ? AND id < ? AND "
           "account = 0 AND state = 'offered' AND until_ms > ? ORDER BY id DESC LIMIT ?");
STORE_STMT(identity_acting_take, STORE_WRITES,
           "UPDATE identity_acting SET account = ? WHERE home = ? AND id = ? AND account = 0 AND "
           "state = 'offered'");
STORE_STMT(identity_acting_answer, STORE_WRITES,
           "UPDATE identity_acting SET state = ?, accepted_ms = ? WHERE home = ? AND id = ? AND "
           "state = 'offered'");
STORE_STMT(identity_acting_end, STORE_WRITES,
           "UPDATE identity_acting SET state = 'ended', ended_ms = ?, ended_by = ? WHERE home = ? "
           "AND id = ? AND state IN ('offered', 'active')");

static struct identity_mandate row_of(struct store_rows *q) {
    struct identity_mandate m = {
        .id = store_i64(q, 0),           .principal = store_i64(q, 1),
        .for_person = store_i64(q, 2),   .principal_name = store_text(q, 3),
        .account = store_i64(q, 4),      .name = store_text(q, 5),
        .standing = store_text(q, 6),    .items = store_text(q, 7),
        .state = store_text(q, 8),       .from_ms = store_i64(q, 9),
        .until_ms = store_i64(q, 10),    .made_ms = store_i64(q, 11),
        .made_by = store_i64(q, 12),     .accepted_ms = store_i64(q, 13),
        .ended_ms = store_i64(q, 14),    .ended_by = store_i64(q, 15),
        .phone = store_text(q, 16),      .phone_shown = store_text(q, 17),
    };
    if (m.until_ms == no_end_ms) m.until_ms = 0;
    return m;
}

static int rows_of(struct store_rows *rows, struct identity_mandate *out, size_t max, size_t *n,
                   struct err *e) {
    *n = 0;
    while (store_next(rows))
        if (*n < max) out[(*n)++] = row_of(rows);
    return store_end(rows, e);
}

/* Those of before, behind the n that are there: of an account, or of a company. */
static int add_before(struct store_tx *tx, const struct realm *r, const struct store_stmt *by,
                      int64_t whose, struct identity_mandate *out, size_t max, size_t *n,
                      struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, by, &rows, e, SV_I(r->home.v), SV_I(whose), SV_I(store_now_ms(tx)),
                         SV_I(max));
    if (rc) return rc;
    while (store_next(rows))
        if (*n < max)
            out[(*n)++] = (struct identity_mandate){ .principal = store_i64(rows, 0),
                                                     .principal_name = store_text(rows, 1),
                                                     .account = store_i64(rows, 2),
                                                     .standing = store_text(rows, 3),
                                                     .items = S(""),
                                                     .state = S("active"),
                                                     .from_ms = store_i64(rows, 4),
                                                     .until_ms = store_i64(rows, 5) };
    return store_end(rows, e);
}

/* Offered or active between the two, and not over. */
static int pair_of(struct store_tx *tx, const struct realm *r, int64_t account, int64_t principal,
                   struct identity_mandate *out, size_t max, size_t *n, struct err *e) {
    struct identity_mandate *before =
        arena_array(store_arena(tx), IDENTITY_MANDATES_MAX, sizeof *before);
    struct store_rows *rows;
    size_t old = 0;
    if (!before) return err_set(e, ERR_MEMORY, NULL);
    int rc = store_query(tx, &identity_acting_of_pair, &rows, e, SV_I(r->home.v), SV_I(account),
                         SV_I(principal), SV_I(store_now_ms(tx)), SV_I(max));
    if (!rc) rc = rows_of(rows, out, max, n, e);
    if (rc || *n) return rc;
    rc = add_before(tx, r, &identity_mandate_before, account, before, IDENTITY_MANDATES_MAX, &old, e);
    for (size_t i = 0; !rc && i < old && *n < max; i++)
        if (before[i].principal == principal) out[(*n)++] = before[i];
    return rc;
}

int identity_mandates_by_phone(struct store_tx *tx, const struct realm *r, struct str phone,
                               int64_t at, struct identity_mandate *out, size_t max, size_t *n,
                               struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &identity_acting_by_phone, &rows, e, SV_I(r->home.v), SV_T(phone),
                         SV_I(at ? at : INT64_MAX), SV_I(store_now_ms(tx)), SV_I(max));
    return rc ? rc : rows_of(rows, out, max, n, e);
}

/* How many a principal has offered to this phone. */
static int offered_to(struct store_tx *tx, const struct realm *r, struct str phone,
                      int64_t principal, size_t *n, struct err *e) {
    struct identity_mandate *all =
        arena_array(store_arena(tx), IDENTITY_MANDATES_MAX, sizeof *all);
    size_t got = 0;
    *n = 0;
    if (!all) return err_set(e, ERR_MEMORY, NULL);
    int rc = identity_mandates_by_phone(tx, r, phone, 0, all, IDENTITY_MANDATES_MAX, &got, e);
    for (size_t i = 0; !rc && i < got; i++) *n += all[i].principal == principal;
    return rc;
}

bool identity_mandate_holds(const struct identity_mandate *m, int64_t now_ms) {
    return str_eq(m->state, S("active")) && m->from_ms <= now_ms &&
           (m->until_ms == 0 || m->until_ms > now_ms);
}

/* ---- for whom an account may act ---- */

static int split(struct arena *a, struct str items, struct actor *who) {
    struct str one, *list = arena_array(a, IDENTITY_ITEMS_MAX, sizeof *list);
    if (!list) return ERR_MEMORY;
    who->items = list;
    who->n_items = 0;
    while (who->n_items < IDENTITY_ITEMS_MAX && str_cut(&items, ' ', &one))
        if (one.len) list[who->n_items++] = one;
    return items.len ? ERR_LIMIT : 0;
}

int identity_stand(struct store_tx *tx, const struct realm *r, struct actor *who,
                   int64_t principal, struct err *e) {
    struct identity_mandate open[2]; /* one that is in force, and one that begins later */
    size_t n, i = 0;
    int64_t now = store_now_ms(tx);
    who->on_behalf = 0;
    who->for_person = false;
    who->on_behalf_name = who->standing = S("");
    who->items = NULL;
    who->n_items = 0;
    if (principal == 0) return 0;
    int rc = pair_of(tx, r, who->account, principal, open, 2, &n, e);
    while (!rc && i < n && !identity_mandate_holds(&open[i], now)) i++;
    if (!rc && i == n) return err_set(e, ERR_FORBIDDEN, "代表该单位或个人办事");
    if (rc) return rc;
    rc = split(store_arena(tx), open[i].items, who);
    if (rc) return err_set(e, rc, "%d", IDENTITY_ITEMS_MAX);
    who->on_behalf = principal;
    who->on_behalf_name = open[i].principal_name;
    who->for_person = open[i].for_person;
    who->standing = open[i].standing;
    return 0;
}

int identity_mandates(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct identity_mandate *held = arena_array(a, IDENTITY_MANDATES_MAX, sizeof *held);
    struct store_rows *rows;
    size_t n;
    int64_t now = store_now_ms(tx);
    *ret = val_list(a);
    if (!held) return err_set(e, ERR_MEMORY, NULL);
    int rc = store_query(tx, &identity_acting_in_force, &rows, e, SV_I(r->home.v),
                         SV_I(who->account), SV_I(now), SV_I(now), SV_I(IDENTITY_MANDATES_MAX));
    if (!rc) rc = rows_of(rows, held, IDENTITY_MANDATES_MAX, &n, e);
    if (!rc)
        rc = add_before(tx, r, &identity_mandate_before, who->account, held, IDENTITY_MANDATES_MAX,
                        &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct val *v = val_map(a);
        val_put_i64(a, v, S("id"), held[i].principal);
        val_put_str(a, v, S("name"), held[i].principal_name);
        val_put_str(a, v, S("kind"), held[i].standing);
        val_put_bool(a, v, S("for_person"), held[i].for_person);
        val_put_i64(a, v, S("until_ms"), held[i].until_ms);
        val_push(a, *ret, v);
    }
    return rc;
}

/* ---- within an act ---- */

int identity_mandate_add(struct act *act, const struct identity_mandate *m, int64_t *ret_id,
                         struct err *e) {
    struct store_tx *tx = act->tx;
    struct identity_mandate open[1];
    size_t n;
    int64_t now = store_now_ms(tx), until = m->until_ms ? m->until_ms : no_end_ms;
    bool active = str_eq(m->state, S("active"));
    int rc = m->account ? pair_of(tx, act->realm, m->account, m->principal, open, 1, &n, e)
                        : offered_to(tx, act->realm, m->phone, m->principal, &n, e);
    if (rc || n) return rc ? rc : err_set(e, ERR_DUPLICATE, "代办授权");
    *ret_id = store_new_id(tx);
    if (active) rc = realm_epoch_raise(tx, act->realm->home, REALM_EPOCH_POLICY, e);
    return rc ? rc
              : store_exec(tx, &identity_acting_insert, NULL, e, SV_I(act->realm->home.v),
                           SV_I(*ret_id), SV_I(m->principal), SV_I(m->for_person),
                           SV_T(m->principal_name), SV_I(m->account), SV_T(m->name),
                           SV_T(m->standing), SV_T(m->items), SV_T(m->state),
                           SV_I(m->from_ms ? m->from_ms : now), SV_I(until), SV_I(now),
                           SV_I(act->who->account), SV_I(active ? now : 0), SV_I(0), SV_I(0),
                           SV_T(m->phone), SV_T(m->phone_shown));
}

int identity_mandate_take(struct act *act, const struct identity_mandate *m, int64_t account,
                          struct err *e) {
    struct identity_mandate open[1];
    size_t n;
    int64_t changed = 0;
    int rc = pair_of(act->tx, act->realm, account, m->principal, open, 1, &n, e);
    if (rc || n) return rc ? rc : err_set(e, ERR_DUPLICATE, "代办授权");
    rc = store_exec(act->tx, &identity_acting_take, &changed, e, SV_I(account),
                    SV_I(act->realm->home.v), SV_I(m->id));
    return rc || changed ? rc : err_set(e, ERR_CONFLICT, "授权已经不是等待接受的状态");
}

int identity_mandate_get(struct store_tx *tx, const struct realm *r, int64_t id,
                         struct identity_mandate *ret, struct err *e) {
    struct store_rows *rows;
    size_t n;
    int rc = store_query(tx, &identity_acting_by_id, &rows, e, SV_I(r->home.v), SV_I(id));
    if (!rc) rc = rows_of(rows, ret, 1, &n, e);
    return rc || n ? rc : err_set(e, ERR_NOT_FOUND, NULL);
}

int identity_mandate_answer(struct act *act, int64_t id, bool accept, struct err *e) {
    int64_t changed = 0;
    int rc = store_exec(act->tx, &identity_acting_answer, &changed, e,
                        SV_T(accept ? S("active") : S("declined")),
                        SV_I(store_now_ms(act->tx)), SV_I(act->realm->home.v), SV_I(id));
    if (!rc && changed == 0) rc = err_set(e, ERR_CONFLICT, "授权已经不是等待接受的状态");
    return rc ? rc : realm_epoch_raise(act->tx, act->realm->home, REALM_EPOCH_POLICY, e);
}

int identity_mandate_end(struct act *act, int64_t id, struct err *e) {
    int64_t changed = 0;
    int rc = store_exec(act->tx, &identity_acting_end, &changed, e, SV_I(store_now_ms(act->tx)),
                        SV_I(act->who->account), SV_I(act->realm->home.v), SV_I(id));
    if (!rc && changed == 0) rc = err_set(e, ERR_CONFLICT, "授权已经结束");
    return rc ? rc : realm_epoch_raise(act->tx, act->realm->home, REALM_EPOCH_POLICY, e);
}

int identity_mandates_page(struct store_tx *tx, const struct realm *r, bool given, int64_t whose,
                           int64_t at, bool back, struct identity_mandate *out, size_t max,
                           size_t *n, struct err *e) {
    const struct store_stmt *const list[2][2] = {
        { &identity_acting_held, &identity_acting_held_back },
        { &identity_acting_given, &identity_acting_given_back },
    };
    struct store_rows *rows;
    int rc = store_query(tx, list[given][back], &rows, e, SV_I(r->home.v), SV_I(whose),
                         SV_I(at || back ? at : INT64_MAX), SV_I(max));
    return rc ? rc : rows_of(rows, out, max, n, e);
}

/* ---- who is told ---- */

static bool gives(const struct realm *r, struct str standing) {
    const struct access_standing *s = access_standing(r, standing);
    for (size_t i = 0; s && i < s->n_acts; i++)
        if (str_eq(s->act[i], S("mandate.give"))) return true;
    return false;
}

int identity_principals(struct store_tx *tx, const struct realm *r, int64_t principal,
                        bool for_person, int64_t account[IDENTITY_PRINCIPALS_MAX], size_t *n,
                        struct err *e) {
    struct identity_mandate *all =
        arena_array(store_arena(tx), IDENTITY_MANDATES_MAX, sizeof *all);
    struct store_rows *rows;
    size_t got = 0;
    *n = 0;
    if (!all) return err_set(e, ERR_MEMORY, NULL);
    if (for_person) {
        int rc = identity_account_of_person(tx, r, principal, &account[0], e);
        if (rc == 0) *n = 1;
        return rc == ERR_NOT_FOUND ? 0 : rc;
    }
    /* The oldest: who stands for a company by the registry was there before whomever he named. */
    int64_t now = store_now_ms(tx);
    int rc = store_query(tx, &identity_acting_for, &rows, e, SV_I(r->home.v), SV_I(principal),
                         SV_I(now), SV_I(IDENTITY_MANDATES_MAX));
    if (!rc) rc = rows_of(rows, all, IDENTITY_MANDATES_MAX, &got, e);
    if (!rc)
        rc = add_before(tx, r, &identity_mandate_before_for, principal, all, IDENTITY_MANDATES_MAX,
                        &got, e);
    for (size_t i = 0; !rc && i < got && *n < IDENTITY_PRINCIPALS_MAX; i++)
        if (identity_mandate_holds(&all[i], now) && gives(r, all[i].standing))
            account[(*n)++] = all[i].account;
    return rc;
}

int identity_mandate_over(struct store_tx *tx, const struct realm *r, int64_t account,
                          int64_t principal, bool *ret, struct err *e) {
    struct identity_mandate last[1];
    struct store_rows *rows;
    size_t n;
    int rc = store_query(tx, &identity_acting_last, &rows, e, SV_I(r->home.v), SV_I(account),
                         SV_I(principal));
    if (!rc) rc = rows_of(rows, last, 1, &n, e);
    if (!rc) *ret = n && !identity_mandate_holds(&last[0], store_now_ms(tx));
    return rc;
}

/* ---- what a registry says ---- */

int identity_mandate_put(struct store_tx *tx, const struct realm *r, const struct actor *who,
                         int64_t account, int64_t company, struct str company_name,
                         struct str kind, struct err *e) {
    struct act act;
    int64_t id;
    struct identity_mandate m = { .principal = company,
                                  .principal_name = company_name,
                                  .account = account,
                                  .standing = kind,
                                  .state = S("active") };
    access_asked(tx, S("account"), account, 0);
    int rc = act_open(&act, tx, r, who, S("mandate.put"), e);
    if (!rc) rc = identity_account_name(tx, r, account, &m.name, e);
    if (!rc) rc = identity_mandate_add(&act, &m, &id, e);
    return rc ? rc : act_close(&act, S("account"), account, 0, kind, e);
}
