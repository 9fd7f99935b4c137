/* audit_store: the statements of engine `audit`, in the common subset; each names its home.
 * Invariants: nothing here updates or deletes a row of audit_entry, audit_block or audit_head. The order of columns
 * is one macro, and read_row and bind_row follow it.
 */
#include "engine/audit/audit_store.h"

#include <string.h>

#define TOLD                                                                                                         \
    "time_ms, id, actor, on_behalf, post, act, purpose, object_kind, object_id, case_id, outcome, error_name, "      \
    "request_id, source, detail, subject_person, data_class, release_id"
enum { TOLD_N = 18, VALUES_MAX = 24 };
#define TOLD_Q "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
#define ROW "seq, leaf, " TOLD

STORE_STMT(audit_pend, STORE_WRITES, "INSERT INTO audit_pending (home, " TOLD ") VALUES (?, " TOLD_Q ")");
STORE_STMT(audit_pending_list, STORE_READS,
           "SELECT " TOLD " FROM audit_pending WHERE home = ? ORDER BY time_ms, id LIMIT ?");
STORE_STMT(audit_pending_drop, STORE_WRITES, "DELETE FROM audit_pending WHERE home = ? AND time_ms = ? AND id = ?");
STORE_STMT(audit_pending_count, STORE_READS,
           "SELECT COUNT(*), COALESCE(MIN(time_ms), 0) FROM audit_pending WHERE home = ?");
STORE_STMT(audit_entry_insert, STORE_WRITES,
           "INSERT INTO audit_entry (home, seq, leaf, " TOLD ") VALUES (?, ?, ?, " TOLD_Q ")");
STORE_STMT(audit_entry_after, STORE_READS,
           "SELECT " ROW " FROM audit_entry WHERE home = ? AND seq > ? ORDER BY seq LIMIT ?");
STORE_STMT(audit_entry_leaves, STORE_READS,
           "SELECT seq, leaf FROM audit_entry WHERE home = ? AND seq >= ? ORDER BY seq LIMIT ?");

STORE_STMT(audit_tree_get, STORE_READS, "SELECT suite, size, edge FROM audit_tree WHERE home = ?");
STORE_STMT(audit_tree_insert, STORE_WRITES, "INSERT INTO audit_tree (home, suite, size, edge) VALUES (?, ?, ?, ?)");
STORE_STMT(audit_tree_update, STORE_WRITES, "UPDATE audit_tree SET size = ?, edge = ? WHERE home = ? AND size = ?");
STORE_STMT(audit_block_insert, STORE_WRITES, "INSERT INTO audit_block (home, block, root) VALUES (?, ?, ?)");
STORE_STMT(audit_block_list, STORE_READS,
           "SELECT block, root FROM audit_block WHERE home = ? AND block >= ? ORDER BY block LIMIT ?");

#define HEAD "size, root, time_ms, suite, key_id, signature"
STORE_STMT(audit_head_insert, STORE_WRITES, "INSERT INTO audit_head (home, " HEAD ") VALUES (?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(audit_head_newest, STORE_READS,
           "SELECT " HEAD " FROM audit_head WHERE home = ? ORDER BY size DESC LIMIT 1");
STORE_STMT(audit_head_list, STORE_READS,
           "SELECT " HEAD " FROM audit_head WHERE home = ? AND size > ? ORDER BY size LIMIT ?");

/* One statement for each index that leads, and each direction; what else is asked narrows behind it. A condition with 0
 * or '' holds for all. */
#define CONDITIONS                                                                                                   \
    "(CAST(? AS BIGINT) = 0 OR actor = ?) AND (CAST(? AS BIGINT) = 0 OR object_id = ?)"                              \
    " AND (CAST(? AS BIGINT) = 0 OR case_id = ?) AND (CAST(? AS BIGINT) = 0 OR subject_person = ?)"                  \
    " AND (CAST(? AS TEXT) = '' OR act = ?) AND (CAST(? AS TEXT) = '' OR object_kind = ?)"                           \
    " AND (CAST(? AS BIGINT) = 0 OR actor <> ?) AND time_ms >= ? AND time_ms < ?"
#define REST(sign, way) " AND seq " sign " ? AND " CONDITIONS " ORDER BY seq " way " LIMIT ?"
/* For counting: of the newest so many that the index leads to, which the conditions hold for. */
#define HOLD(leads)                                                                                                  \
    "SELECT CASE WHEN " CONDITIONS " THEN 1 ELSE 0 END FROM audit_entry WHERE home = ?" leads                        \
    " AND seq < ? ORDER BY seq DESC LIMIT ?"
#define FIND(name, leads)                                                                                            \
    STORE_STMT(name, STORE_READS, "SELECT " ROW " FROM audit_entry WHERE home = ?" leads REST("<", "DESC"));         \
    STORE_STMT(name##_back, STORE_READS, "SELECT " ROW " FROM audit_entry WHERE home = ?" leads REST(">", "ASC"));   \
    STORE_STMT(name##_hold, STORE_READS, HOLD(leads))
FIND(audit_find_case, " AND case_id = ?");
FIND(audit_find_object, " AND object_id = ?");
FIND(audit_find_subject, " AND subject_person = ?");
FIND(audit_find_actor, " AND actor = ?");
FIND(audit_find_act, " AND act = ?");
FIND(audit_find_any, "");

static size_t bind_told(struct store_val *v, const struct audit_row *r) {
    const struct audit_entry *t = &r->entry;
    const struct store_val told[TOLD_N] = {
        SV_I(r->time_ms),    SV_I(r->id),         SV_I(t->actor),   SV_I(t->on_behalf),
        SV_T(t->role),       SV_T(t->act),        SV_T(t->purpose), SV_T(t->object_kind),
        SV_I(t->object_id),  SV_I(t->case_id),    SV_I(t->result),  SV_T(r->error_name),
        SV_T(t->request_id), SV_T(t->source),     SV_T(t->detail),  SV_I(t->subject_person),
        SV_T(t->data_class), SV_T(t->release_id),
    };
    memcpy(v, told, sizeof told);
    return TOLD_N;
}

static void read_told(struct store_rows *q, int c, struct audit_row *r) {
    struct audit_entry *t = &r->entry;
    r->time_ms = store_i64(q, c++);
    r->id = store_i64(q, c++);
    t->actor = store_i64(q, c++);
    t->on_behalf = store_i64(q, c++);
    t->role = store_text(q, c++);
    t->act = store_text(q, c++);
    t->purpose = store_text(q, c++);
    t->object_kind = store_text(q, c++);
    t->object_id = store_i64(q, c++);
    t->case_id = store_i64(q, c++);
    t->result = store_i64(q, c) == AUDIT_OK ? AUDIT_OK : AUDIT_REFUSED;
    r->outcome = store_i64(q, c++);
    r->error_name = store_text(q, c++);
    t->request_id = store_text(q, c++);
    t->source = store_text(q, c++);
    t->detail = store_text(q, c++);
    t->subject_person = store_i64(q, c++);
    t->data_class = store_text(q, c++);
    t->release_id = store_text(q, c);
}

/* A digest of 32 bytes; anything else reads as zeros, which fits no tree. */
static bool read_digest(struct store_rows *q, int c, struct digest *ret) {
    struct str s = store_bytes(q, c);
    memset(ret, 0, sizeof *ret);
    if (s.len != DIGEST_BYTES) return false;
    memcpy(ret->v, s.ptr, DIGEST_BYTES);
    return true;
}

static struct store_val of_digest(const struct digest *d) {
    return SV_B(str_make((const char *)d->v, DIGEST_BYTES));
}

int audit_store_pend(struct store_tx *tx, struct home_id home, const struct audit_row *r, struct err *e) {
    struct store_val v[VALUES_MAX] = { SV_I(home.v) };
    size_t n = 1 + bind_told(v + 1, r);
    return store_exec_n(tx, &audit_pend, v, n, NULL, e);
}

int audit_store_pending(struct store_tx *tx, struct home_id home, struct audit_row *rows, size_t max, size_t *ret_n,
                        struct err *e) {
    struct store_rows *q;
    size_t n = 0;
    int rc = store_query(tx, &audit_pending_list, &q, e, SV_I(home.v), SV_I(max));
    if (rc) return rc;
    while (n < max && store_next(q)) read_told(q, 0, &rows[n++]);
    *ret_n = n;
    return store_end(q, e);
}

int audit_store_number(struct store_tx *tx, struct home_id home, const struct audit_row *r, struct err *e) {
    struct store_val v[VALUES_MAX] = { SV_I(home.v), SV_I(r->number), of_digest(&r->leaf) };
    size_t n = 3 + bind_told(v + 3, r);
    int64_t dropped = 0;
    int rc = store_exec_n(tx, &audit_entry_insert, v, n, NULL, e);
    if (rc) return rc;
    rc = store_exec(tx, &audit_pending_drop, &dropped, e, SV_I(home.v), SV_I(r->time_ms), SV_I(r->id));
    if (rc) return rc;
    return dropped == 1 ? 0 : err_set(e, ERR_CONFLICT, "audit");
}

int audit_waiting(struct store_tx *tx, struct home_id home, int64_t *ret_n, int64_t *ret_ms, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &audit_pending_count, &q, e, SV_I(home.v));
    if (rc) return rc;
    *ret_n = *ret_ms = 0;
    if (store_next(q)) {
        *ret_n = store_i64(q, 0);
        *ret_ms = store_i64(q, 1);
    }
    return store_end(q, e);
}

/* ---- tree ---- */

int audit_store_tree(struct store_tx *tx, struct home_id home, struct merkle *ret, bool *ret_found, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &audit_tree_get, &q, e, SV_I(home.v));
    if (rc) return rc;
    bool found = store_next(q), sound = true;
    memset(ret, 0, sizeof *ret);
    if (found) {
        int64_t suite = store_i64(q, 0), size = store_i64(q, 1);
        struct str edge = store_bytes(q, 2);
        sound = (suite == SUITE_INTL || suite == SUITE_GM) && size >= 0 &&
                edge.len == (size_t)__builtin_popcountll((uint64_t)size) * DIGEST_BYTES;
        ret->suite = suite == SUITE_GM ? SUITE_GM : SUITE_INTL;
        ret->n = sound ? (uint64_t)size : 0;
        size_t at = 0;
        for (unsigned k = 0; sound && k < 63; k++) {
            if (!(ret->n >> k & 1)) continue;
            memcpy(ret->edge[k].v, edge.ptr + at, DIGEST_BYTES);
            at += DIGEST_BYTES;
        }
    }
    rc = store_end(q, e);
    if (rc) return rc;
    *ret_found = found;
    return sound ? 0 : err_set(e, ERR_DAMAGED, "audit_tree");
}

/* Into `bytes`, room for 64 digests. */
static struct str pack_edge(const struct merkle *m, char *bytes) {
    size_t at = 0;
    for (unsigned k = 0; k < 63; k++) {
        if (!(m->n >> k & 1)) continue;
        memcpy(bytes + at, m->edge[k].v, DIGEST_BYTES);
        at += DIGEST_BYTES;
    }
    return str_make(bytes, at);
}

int audit_store_tree_new(struct store_tx *tx, struct home_id home, const struct merkle *m, struct err *e) {
    char bytes[64 * DIGEST_BYTES];
    return store_exec(tx, &audit_tree_insert, NULL, e, SV_I(home.v), SV_I(m->suite), SV_I(m->n),
                      SV_B(pack_edge(m, bytes)));
}

int audit_store_tree_put(struct store_tx *tx, struct home_id home, const struct merkle *m, uint64_t old_size,
                         struct err *e) {
    char bytes[64 * DIGEST_BYTES];
    int64_t changed = 0;
    int rc = store_exec(tx, &audit_tree_update, &changed, e, SV_I(m->n), SV_B(pack_edge(m, bytes)), SV_I(home.v),
                        SV_I(old_size));
    if (rc) return rc;
    return changed == 1 ? 0 : err_set(e, ERR_CONFLICT, "audit");
}

int audit_store_block_put(struct store_tx *tx, struct home_id home, uint64_t block, const struct digest *root,
                          struct err *e) {
    return store_exec(tx, &audit_block_insert, NULL, e, SV_I(home.v), SV_I(block), of_digest(root));
}

/* (number, digest) rows that must count up from `first`; stops at the first that does not. */
static int read_run(struct store_rows *q, int64_t first, struct digest *ret, size_t max, size_t *ret_n,
                    struct err *e) {
    size_t n = 0;
    while (n < max && store_next(q)) {
        if (store_i64(q, 0) != first + (int64_t)n || !read_digest(q, 1, &ret[n])) break;
        n++;
    }
    *ret_n = n;
    return store_end(q, e);
}

int audit_store_blocks(struct store_tx *tx, struct home_id home, uint64_t first, struct digest *ret, size_t max,
                       size_t *ret_n, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &audit_block_list, &q, e, SV_I(home.v), SV_I(first), SV_I(max));
    return rc ? rc : read_run(q, (int64_t)first, ret, max, ret_n, e);
}

int audit_store_leaves(struct store_tx *tx, struct home_id home, int64_t first, struct digest *ret, size_t max,
                       size_t *ret_n, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &audit_entry_leaves, &q, e, SV_I(home.v), SV_I(first), SV_I(max));
    return rc ? rc : read_run(q, first, ret, max, ret_n, e);
}

/* ---- heads ---- */

int audit_store_head_put(struct store_tx *tx, const struct audit_head *h, struct err *e) {
    return store_exec(tx, &audit_head_insert, NULL, e, SV_I(h->home.v), SV_I(h->size), of_digest(&h->root),
                      SV_I(h->time_ms), SV_I(h->suite), SV_I(h->key_id), SV_B(h->signature));
}

/* Values out of range read as 0, which no signature fits. */
static void read_head(struct store_rows *q, struct home_id home, struct audit_head *h) {
    int64_t size = store_i64(q, 0), suite = store_i64(q, 3), key = store_i64(q, 4);
    memset(h, 0, sizeof *h);
    h->home = home;
    h->size = size > 0 ? (uint64_t)size : 0;
    (void)read_digest(q, 1, &h->root);
    h->time_ms = store_i64(q, 2);
    h->suite = suite == SUITE_GM ? SUITE_GM : SUITE_INTL;
    h->key_id = key > 0 && key <= UINT32_MAX ? (uint32_t)key : 0;
    h->signature = suite == SUITE_GM || suite == SUITE_INTL ? store_bytes(q, 5) : S("");
}

int audit_store_head_last(struct store_tx *tx, struct home_id home, struct audit_head *ret, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &audit_head_newest, &q, e, SV_I(home.v));
    if (rc) return rc;
    bool found = store_next(q);
    if (found) read_head(q, home, ret);
    rc = store_end(q, e);
    return rc ? rc : found ? 0 : err_set(e, ERR_NOT_FOUND, "audit head");
}

int audit_store_heads(struct store_tx *tx, struct home_id home, uint64_t after, struct audit_head *ret, size_t max,
                      size_t *ret_n, struct err *e) {
    struct store_rows *q;
    size_t n = 0;
    int rc = store_query(tx, &audit_head_list, &q, e, SV_I(home.v), SV_I(after), SV_I(max));
    if (rc) return rc;
    while (n < max && store_next(q)) read_head(q, home, &ret[n++]);
    *ret_n = n;
    return store_end(q, e);
}

/* ---- entries ---- */

static int read_rows(struct store_rows *q, struct audit_row *rows, size_t max, size_t *ret_n, struct err *e) {
    size_t n = 0;
    while (n < max && store_next(q)) {
        struct audit_row *r = &rows[n++];
        memset(r, 0, sizeof *r);
        r->number = store_i64(q, 0);
        (void)read_digest(q, 1, &r->leaf);
        read_told(q, 2, r);
    }
    *ret_n = n;
    return store_end(q, e);
}

int audit_store_after(struct store_tx *tx, struct home_id home, int64_t after, struct audit_row *rows, size_t max,
                      size_t *ret_n, struct err *e) {
    struct store_rows *q;
    int rc = store_query(tx, &audit_entry_after, &q, e, SV_I(home.v), SV_I(after), SV_I(max));
    return rc ? rc : read_rows(q, rows, max, ret_n, e);
}

enum { FORWARD, BACK, HOLDING };

/* The index that leads, from the one that usually holds the fewest to the one that holds the most, and what it is bound to. */
static size_t lead(const struct audit_filter *f, int way, struct store_val *v, const struct store_stmt **ret) {
#define WAYS(name) { &name, &name##_back, &name##_hold }
    static const struct store_stmt *const all[][3] = { WAYS(audit_find_case),  WAYS(audit_find_object), WAYS(audit_find_subject),
                                                       WAYS(audit_find_actor), WAYS(audit_find_act),    WAYS(audit_find_any) };
    const struct store_val value[] = { SV_I(f->case_id), SV_I(f->object_id), SV_I(f->subject_person), SV_I(f->actor), SV_T(f->act) };
    const bool set[] = { f->case_id != 0, f->object_id != 0, f->subject_person != 0, f->actor != 0, f->act.len > 0 };
    size_t i = 0;
    while (i < sizeof set / sizeof *set && !set[i]) i++;
    *ret = all[i][way];
    if (i < sizeof set / sizeof *set) *v = value[i];
    return i < sizeof set / sizeof *set;
}

static size_t conditions(const struct audit_filter *f, struct store_val *v) {
    const struct store_val all[] = {
        SV_I(f->actor),
        SV_I(f->actor),
        SV_I(f->object_id),
        SV_I(f->object_id),
        SV_I(f->case_id),
        SV_I(f->case_id),
        SV_I(f->subject_person),
        SV_I(f->subject_person),
        SV_T(f->act),
        SV_T(f->act),
        SV_T(f->object_kind),
        SV_T(f->object_kind),
        SV_I(f->not_actor),
        SV_I(f->not_actor),
        SV_I(f->from_ms),
        SV_I(f->to_ms > 0 ? f->to_ms : INT64_MAX),
    };
    memcpy(v, all, sizeof all);
    return sizeof all / sizeof *all;
}

int audit_store_hold(struct store_tx *tx, struct home_id home, const struct audit_filter *f, size_t max, size_t *ret_held,
                     size_t *ret_looked, struct err *e) {
    const struct store_stmt *st;
    struct store_val v[VALUES_MAX];
    struct store_rows *q;
    size_t n = conditions(f, v);
    v[n++] = SV_I(home.v);
    n += lead(f, HOLDING, v + n, &st);
    v[n++] = SV_I(INT64_MAX), v[n++] = SV_I(max);
    *ret_held = *ret_looked = 0;
    int rc = store_query_n(tx, st, v, n, &q, e);
    if (rc) return rc;
    for (; store_next(q); ++*ret_looked) *ret_held += store_i64(q, 0) == 1;
    return store_end(q, e);
}

int audit_store_find(struct store_tx *tx, struct home_id home, const struct audit_filter *f, int64_t before,
                     struct audit_row *rows, size_t max, size_t *ret_n, struct err *e) {
    const struct store_stmt *st;
    struct store_val v[VALUES_MAX] = { SV_I(home.v) };
    struct store_rows *q;
    size_t n = 1;
    n += lead(f, f->back ? BACK : FORWARD, v + n, &st);
    v[n++] = SV_I(before > 0 || f->back ? before : INT64_MAX);
    n += conditions(f, v + n);
    v[n++] = SV_I(max);
    int rc = store_query_n(tx, st, v, n, &q, e);
    return rc ? rc : read_rows(q, rows, max, ret_n, e);
}
