/* saved: see saved.h. A row is written anew whenever it changes, since all of it is bound to the seal. */
#include "engine/saved/saved.h"

#include "engine/identity/identity.h"
#include "engine/record/record.h"

enum { BODY_BYTES_MAX = 4096 };

#define COLUMNS "SELECT id, account, person, unit, path, opens, body FROM saved_list WHERE home = ?"
STORE_STMT(saved_by_account, STORE_READS, COLUMNS " AND account = ? AND path = ? ORDER BY id LIMIT ?");
STORE_STMT(saved_all_of_account, STORE_READS, COLUMNS " AND account = ? ORDER BY path, id LIMIT ?");
STORE_STMT(saved_by_unit, STORE_READS, COLUMNS " AND unit = ? AND path = ? ORDER BY id LIMIT ?");
STORE_STMT(saved_count, STORE_READS, "SELECT COUNT(*) FROM saved_list WHERE home = ? AND account = ?");
STORE_STMT(saved_by_id, STORE_READS, COLUMNS " AND id = ? AND account = ?");
STORE_STMT(saved_insert, STORE_WRITES,
           "INSERT INTO saved_list (home, id, account, person, unit, path, opens, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(saved_update, STORE_WRITES, "UPDATE saved_list SET unit = ?, opens = ?, body = ? WHERE home = ? AND id = ?");
STORE_STMT(saved_delete, STORE_WRITES, "DELETE FROM saved_list WHERE home = ? AND id = ? AND account = ?");

struct row {
    struct saved s;
    int64_t person;
    struct str body;
};

/* Under whose key: an officer may be no person of the registry. */
static int64_t owner(const struct row *x) {
    return x->person ? x->person : x->s.account;
}

static struct str place(struct arena *a, const struct realm *r, const struct row *x) {
    return arena_fmt(a, "saved_list/%lld/%lld/%lld/%lld/%lld/%d/%.*s", (long long)r->home.v, (long long)x->s.id,
                     (long long)x->s.account, (long long)x->person, (long long)x->s.unit, x->s.opens, STR_ARG(x->s.path));
}

static int next_row(struct store_rows *q, struct row *ret) {
    if (!store_next(q)) return 0;
    *ret = (struct row){ .s = { .id = store_i64(q, 0), .account = store_i64(q, 1), .unit = store_i64(q, 3), .path = store_text(q, 4),
                                .opens = store_i64(q, 5) != 0 },
                         .person = store_i64(q, 2),
                         .body = store_bytes(q, 6) };
    return 1;
}

static int open_row(struct store_tx *tx, const struct realm *r, const struct actor *who, struct row *x, struct err *e) {
    struct arena *a = store_arena(tx);
    struct data_key key;
    struct val *v;
    int rc = record_key(tx, r, owner(x), false, &key, e);
    if (!rc) rc = seal_val_open(a, &r->keys, &key, place(a, r, x), x->body, &v, e);
    if (rc) return rc;
    x->s.own = x->s.account == who->account;
    x->s.name = val_get_str(v, S("name"));
    x->s.query = val_get_str(v, S("query"));
    return x->s.own ? 0 : identity_account_name(tx, r, x->s.account, &x->s.by, e);
}

static int write_row(struct store_tx *tx, const struct realm *r, const struct row *x, bool fresh, struct err *e) {
    struct arena *a = store_arena(tx);
    struct data_key key;
    struct val *v = val_map(a);
    struct str body;
    val_put_str(a, v, S("name"), x->s.name);
    val_put_str(a, v, S("query"), x->s.query);
    int rc = record_key(tx, r, owner(x), true, &key, e);
    if (!rc) rc = seal_val(a, &r->keys, &key, place(a, r, x), v, BODY_BYTES_MAX, &body, e);
    if (rc) return rc;
    if (!fresh)
        return store_exec(tx, &saved_update, NULL, e, SV_I(x->s.unit), SV_I(x->s.opens), SV_B(body), SV_I(r->home.v), SV_I(x->s.id));
    return store_exec(tx, &saved_insert, NULL, e, SV_I(r->home.v), SV_I(x->s.id), SV_I(x->s.account), SV_I(x->person),
                      SV_I(x->s.unit), SV_T(x->s.path), SV_I(x->s.opens), SV_B(body));
}

static int read_rows(struct store_rows *q, struct row *out, size_t max, size_t *n, struct err *e) {
    while (*n < max && next_row(q, &out[*n])) ++*n;
    return store_end(q, e);
}

static int rows_of_account(struct store_tx *tx, const struct realm *r, int64_t account, struct str path, struct row out[SAVED_MAX],
                           size_t *n, struct err *e) {
    struct store_rows *q;
    *n = 0;
    int rc = store_query(tx, &saved_by_account, &q, e, SV_I(r->home.v), SV_I(account), SV_T(path), SV_I(SAVED_MAX));
    return rc ? rc : read_rows(q, out, SAVED_MAX, n, e);
}

static int rows_of_unit(struct store_tx *tx, const struct realm *r, int64_t unit, struct str path, struct row out[SAVED_MAX],
                        size_t *n, struct err *e) {
    struct store_rows *q;
    *n = 0;
    int rc = store_query(tx, &saved_by_unit, &q, e, SV_I(r->home.v), SV_I(unit), SV_T(path), SV_I(SAVED_MAX));
    return rc ? rc : read_rows(q, out, SAVED_MAX, n, e);
}

static bool works_in(const struct actor *who, int64_t unit) {
    for (size_t i = 0; i < who->n_posts; i++)
        if (who->posts[i].unit == unit) return true;
    return false;
}

int saved_of(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str path, struct saved *out, size_t *n,
             struct err *e) {
    struct row rows[SAVED_MAX];
    size_t got;
    *n = 0;
    int rc = rows_of_account(tx, r, who->account, path, rows, &got, e);
    for (size_t i = 0; !rc && i < got; i++) {
        rc = open_row(tx, r, who, &rows[i], e);
        out[(*n)++] = rows[i].s;
    }
    for (size_t k = 0; !rc && k < who->n_posts; k++) {
        bool seen = false;
        for (size_t j = 0; j < k; j++) seen |= who->posts[j].unit == who->posts[k].unit;
        if (seen) continue;
        rc = rows_of_unit(tx, r, who->posts[k].unit, path, rows, &got, e);
        for (size_t i = 0; !rc && i < got && *n < SAVED_SHOWN_MAX; i++) {
            if (rows[i].s.account == who->account) continue;
            rc = open_row(tx, r, who, &rows[i], e);
            out[(*n)++] = rows[i].s;
        }
    }
    return rc;
}

int saved_own(struct store_tx *tx, const struct realm *r, const struct actor *who, struct saved **ret, size_t *n, struct err *e) {
    struct arena *a = store_arena(tx);
    struct row *rows = arena_array(a, SAVED_OWN_MAX, sizeof *rows);
    struct saved *all = arena_array(a, SAVED_OWN_MAX, sizeof *all);
    struct store_rows *q;
    *n = 0;
    if (!rows || !all) return err_set(e, ERR_MEMORY, NULL);
    int rc = store_query(tx, &saved_all_of_account, &q, e, SV_I(r->home.v), SV_I(who->account), SV_I(SAVED_OWN_MAX));
    if (!rc) rc = read_rows(q, rows, SAVED_OWN_MAX, n, e);
    for (size_t i = 0; !rc && i < *n; i++) {
        rc = open_row(tx, r, who, &rows[i], e);
        all[i] = rows[i].s;
    }
    *ret = all;
    return rc;
}

static int row_get(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct row *ret, struct err *e) {
    struct store_rows *q;
    access_asked(tx, S("list"), id, 0);
    int rc = store_query(tx, &saved_by_id, &q, e, SV_I(r->home.v), SV_I(id), SV_I(who->account));
    if (rc) return rc;
    int found = next_row(q, ret);
    rc = store_end(q, e);
    if (!rc && !found) rc = err_set(e, ERR_NOT_FOUND, NULL);
    return rc ? rc : open_row(tx, r, who, ret, e);
}

int saved_get(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct saved *ret, struct err *e) {
    struct row x;
    int rc = row_get(tx, r, who, id, &x, e);
    if (!rc) *ret = x.s;
    return rc;
}

static bool query_ok(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || s.ptr[i] == '#' || s.ptr[i] == '?' || s.ptr[i] == '/' || s.ptr[i] == '\\') return false;
    return s.len && s.len <= SAVED_QUERY_BYTES_MAX;
}

/* A page of ours: "/desk/queue/clerk", never "//elsewhere". */
static bool path_ok(struct str s) {
    bool ok = s.len && s.len <= SAVED_PATH_BYTES_MAX && s.ptr[0] == '/';
    for (size_t i = 0; ok && i < s.len; i++) {
        const char c = s.ptr[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || (c == '/' && (!i || s.ptr[i - 1] != '/'));
    }
    return ok;
}

static int judge(const struct saved *s, const struct actor *who, struct err *e) {
    if (str_trim(s->name).len == 0) return err_field(e, ERR_REQUIRED, S("name"), "%s", "名称");
    if (str_utf8_count(s->name) > SAVED_NAME_CHARS_MAX) return err_field(e, ERR_TOO_LONG, S("name"), "%d", SAVED_NAME_CHARS_MAX);
    if (!query_ok(s->query) || !path_ok(s->path)) return err_field(e, ERR_INPUT, S("query"), NULL);
    if (s->unit && !works_in(who, s->unit)) return err_field(e, ERR_FORBIDDEN, S("unit"), NULL);
    return 0;
}

/* Invariant 4; another with which the list opens no longer is that. */
static int beside(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct row *x, struct err *e) {
    struct row rows[SAVED_MAX];
    size_t n, others = 0;
    int rc = rows_of_account(tx, r, who->account, x->s.path, rows, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        if (rows[i].s.id == x->s.id) continue;
        others++;
        rc = open_row(tx, r, who, &rows[i], e);
        if (!rc && str_eq(rows[i].s.name, x->s.name)) rc = err_field(e, ERR_DUPLICATE, S("name"), NULL);
        if (rc || !x->s.opens || !rows[i].s.opens) continue;
        rows[i].s.opens = false;
        rc = write_row(tx, r, &rows[i], false, e);
    }
    if (!rc && others == SAVED_MAX) rc = err_field(e, ERR_LIMIT, S("name"), "%d", SAVED_MAX);
    if (rc || !x->s.unit) return rc;
    rc = rows_of_unit(tx, r, x->s.unit, x->s.path, rows, &n, e);
    others = 0;
    for (size_t i = 0; !rc && i < n; i++) others += rows[i].s.id != x->s.id;
    return rc ? rc : others == SAVED_MAX ? err_field(e, ERR_LIMIT, S("unit"), "%d", SAVED_MAX) : 0;
}

int saved_put(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct saved *s, int64_t *ret_id,
              struct err *e) {
    struct act act;
    struct row x = { .s = *s, .person = who->person };
    int rc = act_open(&act, tx, r, who, S("list.save"), e);
    if (!rc && s->id) rc = row_get(tx, r, who, s->id, &x, e);
    if (rc) return rc;
    x.s.name = str_trim(s->name);
    x.s.query = s->query, x.s.unit = s->unit, x.s.opens = s->opens;
    if (!s->id) {
        const struct store_val whose[] = { SV_I(r->home.v), SV_I(who->account) };
        int64_t all;
        x.s.id = store_new_id(tx), x.s.account = who->account;
        rc = store_one_i64(tx, &saved_count, whose, 2, &all, e);
        if (!rc && all >= SAVED_OWN_MAX) rc = err_field(e, ERR_LIMIT, S("name"), "%d", SAVED_OWN_MAX);
        if (rc) return rc;
    }
    rc = judge(&x.s, who, e);
    if (!rc) rc = beside(tx, r, who, &x, e);
    if (!rc) rc = write_row(tx, r, &x, s->id == 0, e);
    if (!rc) *ret_id = x.s.id;
    return rc ? rc : act_close(&act, S("list"), x.s.id, 0, s->id ? S("changed") : S("saved"), e);
}

int saved_drop(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e) {
    struct act act;
    struct row x;
    int rc = act_open(&act, tx, r, who, S("list.save"), e);
    if (!rc) rc = row_get(tx, r, who, id, &x, e);
    if (!rc) rc = store_exec(tx, &saved_delete, NULL, e, SV_I(r->home.v), SV_I(id), SV_I(who->account));
    return rc ? rc : act_close(&act, S("list"), id, 0, S("dropped"), e);
}
