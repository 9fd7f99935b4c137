/* deputy: its rows, and who stands in now; see deputy.h. Naming, answering, ending: deputy_act.c.
 * Invariant: each question is a range of one of the two indexes, or of the scope rows of a unit.
 */
#include "engine/deputy/deputy.h"

#include "engine/record/record.h"

enum { REASON_BYTES_MAX = 4096, PAGE_ROWS = 32, ASKED_AT_ONCE = 10 };

#define COLUMNS \
    "id, principal, deputy, person, principal_name, name, matters, state, from_ms, until_ms, made_ms, made_by, answered_ms, ended_ms, " \
    "ended_by"
#define SELECT "SELECT " COLUMNS " FROM deputy WHERE home = ? "
STORE_STMT(deputy_insert, STORE_WRITES,
           "INSERT INTO deputy (home, " COLUMNS ", reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(deputy_by_id, STORE_READS, "SELECT " COLUMNS ", reason FROM deputy WHERE home = ? AND id = ?");
STORE_STMT(deputy_set_answer, STORE_WRITES, "UPDATE deputy SET state = ?, answered_ms = ? WHERE home = ? AND id = ? AND state = 'offered'");
STORE_STMT(deputy_set_end, STORE_WRITES,
           "UPDATE deputy SET state = 'ended', ended_ms = ?, ended_by = ? WHERE home = ? AND id = ? AND state IN ('offered', 'active')");
#define BETWEEN " = ? AND until_ms > ? AND from_ms < ? AND state IN ('offered', 'active') ORDER BY until_ms, id LIMIT ?"
STORE_STMT(deputy_given_between, STORE_READS, SELECT "AND principal" BETWEEN);
STORE_STMT(deputy_held_between, STORE_READS, SELECT "AND deputy" BETWEEN);
STORE_STMT(deputy_held_now, STORE_READS,
           SELECT "AND deputy = ? AND until_ms > ? AND from_ms <= ? AND state = 'active' ORDER BY until_ms, id LIMIT ?");
STORE_STMT(deputy_given_now, STORE_READS,
           SELECT "AND principal IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AND until_ms > ? AND from_ms <= ? AND state = 'active' "
                  "ORDER BY principal, until_ms, id LIMIT ?");
STORE_STMT(deputy_given_page, STORE_READS, SELECT "AND principal = ? AND (until_ms, id) < (?, ?) ORDER BY until_ms DESC, id DESC LIMIT ?");
STORE_STMT(deputy_given_page_back, STORE_READS, SELECT "AND principal = ? AND (until_ms, id) > (?, ?) ORDER BY until_ms, id LIMIT ?");
STORE_STMT(deputy_held_page, STORE_READS, SELECT "AND deputy = ? AND (until_ms, id) < (?, ?) ORDER BY until_ms DESC, id DESC LIMIT ?");
STORE_STMT(deputy_held_page_back, STORE_READS, SELECT "AND deputy = ? AND (until_ms, id) > (?, ?) ORDER BY until_ms, id LIMIT ?");

static struct deputy row_of(struct store_rows *q) {
    return (struct deputy){ .id = store_i64(q, 0), .principal = store_i64(q, 1), .deputy = store_i64(q, 2), .person = store_i64(q, 3),
                            .principal_name = store_text(q, 4), .name = store_text(q, 5), .matters = store_text(q, 6),
                            .state = store_text(q, 7), .from_ms = store_i64(q, 8), .until_ms = store_i64(q, 9),
                            .made_ms = store_i64(q, 10), .made_by = store_i64(q, 11), .answered_ms = store_i64(q, 12),
                            .ended_ms = store_i64(q, 13), .ended_by = store_i64(q, 14) };
}

static int rows_of(struct store_rows *q, struct deputy *out, size_t max, size_t *n, struct err *e) {
    while (*n < max && store_next(q)) out[(*n)++] = row_of(q);
    return store_end(q, e);
}

/* ---- the reason ---- */

/* An officer may be no person of the registry. */
static int64_t owner(const struct deputy *d) {
    return d->person ? d->person : d->principal;
}

static struct str place(struct arena *a, const struct realm *r, const struct deputy *d) {
    return arena_fmt(a, "deputy/%lld/%lld/%lld/%lld/%lld/%lld/%.*s", (long long)r->home.v, (long long)d->id, (long long)d->principal,
                     (long long)d->deputy, (long long)d->from_ms, (long long)d->until_ms, STR_ARG(d->matters));
}

static int open_reason(struct store_tx *tx, const struct realm *r, struct deputy *d, struct str sealed, struct err *e) {
    struct data_key key;
    struct val *v;
    int rc = record_key(tx, r, owner(d), false, &key, e);
    if (!rc) rc = seal_val_open(store_arena(tx), &r->keys, &key, place(store_arena(tx), r, d), sealed, &v, e);
    if (!rc) d->reason = val_get_str(v, S("reason"));
    return rc;
}

static int seal_reason(struct store_tx *tx, const struct realm *r, const struct deputy *d, struct str *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct data_key key;
    struct val *v = val_map(a);
    val_put_str(a, v, S("reason"), d->reason);
    int rc = record_key(tx, r, owner(d), true, &key, e);
    return rc ? rc : seal_val(a, &r->keys, &key, place(a, r, d), v, REASON_BYTES_MAX, ret, e);
}

/* ---- rows ---- */

int deputy_row_insert(struct act *act, struct deputy *d, struct err *e) {
    struct store_tx *tx = act->tx;
    struct str sealed;
    d->id = store_new_id(tx);
    d->made_ms = store_now_ms(tx);
    d->made_by = act->who->account;
    int rc = seal_reason(tx, act->realm, d, &sealed, e);
    return rc ? rc
              : store_exec(tx, &deputy_insert, NULL, e, SV_I(act->realm->home.v), SV_I(d->id), SV_I(d->principal), SV_I(d->deputy),
                           SV_I(d->person), SV_T(d->principal_name), SV_T(d->name), SV_T(d->matters), SV_T(d->state), SV_I(d->from_ms),
                           SV_I(d->until_ms), SV_I(d->made_ms), SV_I(d->made_by), SV_I(0), SV_I(0), SV_I(0), SV_B(sealed));
}

static int read_row(struct store_tx *tx, const struct realm *r, int64_t id, bool reason, struct deputy *ret, struct err *e) {
    struct store_rows *q;
    struct str sealed = S("");
    int rc = store_query(tx, &deputy_by_id, &q, e, SV_I(r->home.v), SV_I(id));
    if (rc) return rc;
    bool found = store_next(q);
    if (found) *ret = row_of(q), sealed = store_bytes(q, 15);
    rc = store_end(q, e);
    if (!rc && !found) rc = err_set(e, ERR_NOT_FOUND, NULL);
    return rc || !reason ? rc : open_reason(tx, r, ret, sealed, e);
}

int deputy_row_get(struct store_tx *tx, const struct realm *r, int64_t id, struct deputy *ret, struct err *e) {
    return read_row(tx, r, id, true, ret, e);
}

int deputy_row_answer(struct act *act, const struct deputy *d, bool accept, struct err *e) {
    int64_t changed = 0;
    int rc = store_exec(act->tx, &deputy_set_answer, &changed, e, SV_T(accept ? S("active") : S("declined")), SV_I(store_now_ms(act->tx)),
                        SV_I(act->realm->home.v), SV_I(d->id));
    return rc || changed ? rc : err_set(e, ERR_CONFLICT, "这项委托已经不是等待答复的状态");
}

int deputy_row_end(struct act *act, const struct deputy *d, struct err *e) {
    int64_t changed = 0;
    int rc = store_exec(act->tx, &deputy_set_end, &changed, e, SV_I(store_now_ms(act->tx)), SV_I(act->who->account),
                        SV_I(act->realm->home.v), SV_I(d->id));
    return rc || changed ? rc : err_set(e, ERR_CONFLICT, "这项委托已经结束");
}

int deputy_rows_between(struct store_tx *tx, const struct realm *r, bool principal, int64_t account, int64_t from_ms, int64_t until_ms,
                        struct deputy ret[DEPUTY_OPEN_MAX + 1], size_t *n, struct err *e) {
    struct store_rows *q;
    *n = 0;
    int rc = store_query(tx, principal ? &deputy_given_between : &deputy_held_between, &q, e, SV_I(r->home.v), SV_I(account),
                         SV_I(from_ms), SV_I(until_ms), SV_I(DEPUTY_OPEN_MAX + 1));
    return rc ? rc : rows_of(q, ret, DEPUTY_OPEN_MAX + 1, n, e);
}

/* ---- what it is ---- */

struct str deputy_state(const struct deputy *d, int64_t now_ms) {
    bool open = str_eq(d->state, S("offered")) || str_eq(d->state, S("active"));
    if (open && d->until_ms <= now_ms) return S("over");
    return str_eq(d->state, S("active")) && d->from_ms > now_ms ? S("coming") : d->state;
}

bool deputy_holds(const struct deputy *d, int64_t now_ms) {
    return str_eq(deputy_state(d, now_ms), S("active"));
}

bool deputy_covers(const struct deputy *d, struct str system, struct str item) {
    struct str rest = d->matters, one;
    if (!rest.len) return true;
    while (str_cut(&rest, ' ', &one)) {
        struct str kind, id = one;
        if (!str_cut(&id, ':', &kind)) continue;
        if (str_eq(kind, S("system")) ? str_eq(id, system) : str_eq(id, item)) return true;
    }
    return false;
}

bool deputy_may_answer(const struct deputy *d, const struct actor *who, int64_t now_ms) {
    return d->deputy == who->account && str_eq(deputy_state(d, now_ms), S("offered"));
}

bool deputy_may_end(const struct deputy *d, int64_t now_ms) {
    struct str s = deputy_state(d, now_ms);
    return str_eq(s, S("offered")) || str_eq(s, S("coming")) || str_eq(s, S("active"));
}

/* ---- who stands in now ---- */

int deputy_principals(struct store_tx *tx, const struct realm *r, int64_t account, struct deputy ret[DEPUTY_OPEN_MAX], size_t *n,
                      struct err *e) {
    struct store_rows *q;
    int64_t now = store_now_ms(tx);
    *n = 0;
    int rc = store_query(tx, &deputy_held_now, &q, e, SV_I(r->home.v), SV_I(account), SV_I(now), SV_I(now), SV_I(DEPUTY_OPEN_MAX));
    return rc ? rc : rows_of(q, ret, DEPUTY_OPEN_MAX, n, e);
}

int deputy_of(struct store_tx *tx, const struct realm *r, const int64_t *accounts, size_t n, struct deputy **ret, size_t *n_ret,
              struct err *e) {
    struct store_val now = SV_I(store_now_ms(tx));
    struct deputy *all = arena_array(store_arena(tx), n * DEPUTY_OPEN_MAX + 1, sizeof *all);
    int rc = 0;
    *ret = all, *n_ret = 0;
    if (!all) return err_set(e, ERR_MEMORY, NULL);
    for (size_t at = 0; !rc && at < n; at += ASKED_AT_ONCE) {
        struct store_val who[ASKED_AT_ONCE];
        struct store_rows *q;
        for (size_t i = 0; i < ASKED_AT_ONCE; i++) who[i] = SV_I(at + i < n ? accounts[at + i] : 0);
        rc = store_query(tx, &deputy_given_now, &q, e, SV_I(r->home.v), who[0], who[1], who[2], who[3], who[4], who[5], who[6], who[7],
                         who[8], who[9], now, now, SV_I(ASKED_AT_ONCE * DEPUTY_OPEN_MAX));
        if (!rc) rc = rows_of(q, all, n * DEPUTY_OPEN_MAX, n_ret, e);
    }
    return rc;
}

int deputy_for(struct store_tx *tx, const struct realm *r, int64_t account, struct str system, struct str item, struct deputy *ret,
               struct err *e) {
    struct deputy *all;
    size_t n;
    *ret = (struct deputy){ 0 };
    int rc = deputy_of(tx, r, &account, 1, &all, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        if (deputy_covers(&all[i], system, item)) *ret = all[i];
    return rc;
}

/* ---- lists ---- */

static int page_of(struct store_tx *tx, const struct realm *r, const struct deputy_query *q, int64_t account, struct deputy out[PAGE_ROWS],
                   size_t *n, struct err *e) {
    static const struct store_stmt *const by[2][2] = { { &deputy_given_page, &deputy_given_page_back },
                                                       { &deputy_held_page, &deputy_held_page_back } };
    bool first = !q->key && !q->at;
    int64_t key = first && !q->back ? INT64_MAX : q->key, at = first && !q->back ? INT64_MAX : q->at;
    struct store_rows *rows;
    *n = 0;
    int rc = store_query(tx, by[q->of == DEPUTY_HELD][q->back], &rows, e, SV_I(r->home.v), SV_I(account), SV_I(key), SV_I(at),
                         SV_I(PAGE_ROWS));
    return rc ? rc : rows_of(rows, out, PAGE_ROWS, n, e);
}

static bool wanted(const struct deputy_query *q, const struct deputy *d, int64_t now_ms) {
    return q->state.len == 0 || str_eq(q->state, deputy_state(d, now_ms));
}

static int list_own(struct store_tx *tx, const struct realm *r, const struct actor *who, struct deputy_query *q, struct deputy *out,
                    size_t *n, struct err *e) {
    struct deputy page[PAGE_ROWS];
    struct scope_token ignored;
    size_t got = PAGE_ROWS;
    int rc = access_may(r, who, S("deputy.read"), &ignored, e);
    for (size_t looked = 0; !rc && got == PAGE_ROWS && *n < q->max && !q->cut; looked += got) {
        rc = page_of(tx, r, q, who->account, page, &got, e);
        for (size_t i = 0; !rc && i < got && *n < q->max; i++) {
            q->key = page[i].until_ms, q->at = page[i].id;
            if (wanted(q, &page[i], store_now_ms(tx))) out[(*n)++] = page[i];
        }
        q->cut = got == PAGE_ROWS && *n < q->max && looked + got >= SCOPE_LOOKED_MAX;
    }
    return rc;
}

static int list_unit(struct store_tx *tx, const struct realm *r, const struct actor *who, struct deputy_query *q, struct deputy *out,
                     size_t *n, struct err *e) {
    struct scope_walk *w = arena_new(store_arena(tx), struct scope_walk);
    struct scope_token t;
    int64_t id = 0;
    if (!w) return err_set(e, ERR_MEMORY, NULL);
    int rc = access_may(r, who, S("deputy.list"), &t, e);
    if (rc) return rc;
    scope_walk_begin(w, &t, S("deputy"), q->key, q->at, q->max, q->state.len > 0);
    w->order = (struct scope_order){ .back = q->back };
    rc = scope_walk_next(tx, w, &id, e);
    while (!rc && id && *n < q->max) {
        rc = read_row(tx, r, id, false, &out[*n], e);
        q->key = w->key, q->at = id;
        if (!rc && wanted(q, &out[*n], store_now_ms(tx))) ++*n;
        if (!rc) rc = scope_walk_next(tx, w, &id, e);
    }
    q->cut = w->cut && !id;
    return rc;
}

int deputy_list(struct store_tx *tx, const struct realm *r, const struct actor *who, struct deputy_query *q, struct deputy **ret, size_t *n,
                struct err *e) {
    if (q->max > SCOPE_PAGE_MAX) q->max = SCOPE_PAGE_MAX;
    q->cut = false;
    *n = 0;
    *ret = arena_array(store_arena(tx), q->max + 1, sizeof **ret);
    if (!*ret) return err_set(e, ERR_MEMORY, NULL);
    return q->of == DEPUTY_UNIT ? list_unit(tx, r, who, q, *ret, n, e) : list_own(tx, r, who, q, *ret, n, e);
}
