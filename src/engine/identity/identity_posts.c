/* identity_posts: the posts in force as a list; see identity.h. A list that is narrowed goes by the index of what narrows it most; the
 * rest is judged row by row within that, by the store.
 */
#include "engine/identity/identity.h"

#define ROWS \
    "SELECT p.id, a.login, a.name, p.role, u.title, p.from_ms FROM identity_post p " \
    "JOIN identity_account a ON a.home = p.home AND a.id = p.account JOIN identity_unit u ON u.home = p.home AND u.id = p.unit "
#define IDS "SELECT p.id FROM identity_post p "
#define IN_FORCE "WHERE p.home = ? AND p.until_ms > ?"
#define OF_ACCOUNT " AND p.account = ? AND (? = '' OR p.role = ?) AND (CAST(? AS BIGINT) = 0 OR p.unit = ?)"
#define OF_ROLE " AND p.role = ? AND (CAST(? AS BIGINT) = 0 OR p.unit = ?)"
#define OF_UNIT " AND p.unit = ?"
#define POSTS(name, of) \
    STORE_STMT(name, STORE_READS, ROWS IN_FORCE of " AND p.id < ? ORDER BY p.id DESC LIMIT ?"); \
    STORE_STMT(name##_back, STORE_READS, ROWS IN_FORCE of " AND p.id > ? ORDER BY p.id LIMIT ?"); \
    STORE_STMT(name##_count, STORE_READS, IDS IN_FORCE of " ORDER BY p.id LIMIT ?")
POSTS(identity_posts_all, "");
POSTS(identity_posts_account, OF_ACCOUNT);
POSTS(identity_posts_role, OF_ROLE);
POSTS(identity_posts_unit, OF_UNIT);

enum { VALUES_MAX = 9 };
enum { FORWARD, BACK, COUNT };

/* The statement of that kind and what it is bound to, the place and the limit aside. */
static size_t choose(const struct realm *r, const struct identity_post_query *q, int64_t now_ms, int kind, struct store_val *v,
                     const struct store_stmt **ret) {
    static const struct store_stmt *const all[][3] = {
        { &identity_posts_all, &identity_posts_all_back, &identity_posts_all_count },
        { &identity_posts_account, &identity_posts_account_back, &identity_posts_account_count },
        { &identity_posts_role, &identity_posts_role_back, &identity_posts_role_count },
        { &identity_posts_unit, &identity_posts_unit_back, &identity_posts_unit_count },
    };
    size_t n = 0;
    *ret = all[q->account ? 1 : q->role.len ? 2 : q->unit ? 3 : 0][kind];
    v[n++] = SV_I(r->home.v), v[n++] = SV_I(now_ms);
    if (q->account) v[n++] = SV_I(q->account), v[n++] = SV_T(q->role);
    if (q->account || q->role.len) v[n++] = SV_T(q->role), v[n++] = SV_I(q->unit), v[n++] = SV_I(q->unit);
    else if (q->unit) v[n++] = SV_I(q->unit);
    return n;
}

static int count(struct store_tx *tx, const struct realm *r, struct identity_post_query *q, struct err *e) {
    const struct store_stmt *st;
    struct store_val v[VALUES_MAX];
    size_t n = choose(r, q, store_now_ms(tx), COUNT, v, &st);
    v[n++] = SV_I(SCOPE_COUNT_MAX);
    return store_count(tx, st, v, n, &q->total, e);
}

int identity_posts(struct store_tx *tx, const struct realm *r, const struct actor *who, struct identity_post_query *q,
                   struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct store_stmt *st;
    struct store_val v[VALUES_MAX];
    struct scope_token scope;
    struct store_rows *rows;
    *ret = val_list(a);
    q->total = SCOPE_UNCOUNTED;
    int rc = access_may(r, who, S("account.list"), &scope, e);
    if (!rc && q->counted) rc = count(tx, r, q, e);
    if (rc) return rc;
    size_t n = choose(r, q, store_now_ms(tx), q->back ? BACK : FORWARD, v, &st);
    v[n++] = SV_I(q->at || q->back ? q->at : INT64_MAX);
    v[n++] = SV_I(q->max);
    rc = store_query_n(tx, st, v, n, &rows, e);
    if (rc) return rc;
    while (store_next(rows)) {
        static const struct str names[] = { S_INIT("login"), S_INIT("name"), S_INIT("role"), S_INIT("unit_title") };
        struct val *row = val_map(a);
        val_put_i64(a, row, S("id"), store_i64(rows, 0));
        for (int i = 0; i < 4; i++) val_put_str(a, row, names[i], store_text(rows, i + 1));
        val_put_i64(a, row, S("from_ms"), store_i64(rows, 5));
        val_push(a, *ret, row);
    }
    return store_end(rows, e);
}
