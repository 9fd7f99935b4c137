/* record: versions, sealing, look-up, masks; see record.h.
 * Row MAC input, in this order: table, home, id, version, state, valid_ms, recorded_ms, source, entry, division, body, index columns.
 * The flag `current` is outside it: a version keeps its MAC when the next one retires it. It only serves the indexes: which version
 * holds is said by the highest number, and a highest one that is not current is damage.
 */
#include "engine/record/record.h"

#include "engine/code/code_check.h"
#include "engine/code/code_set.h"
#include "engine/record/record_impl.h"

enum { BODY_BYTES_MAX = 256 * 1024 };

STORE_STMT(record_key_by_owner, STORE_READS, "SELECT wrapped FROM record_key WHERE home = ? AND owner = ?");
STORE_STMT(record_key_insert, STORE_WRITES,
           "INSERT INTO record_key (home, owner, wrapped, made_ms) VALUES (?, ?, ?, ?)");

int record_key(struct store_tx *tx, const struct realm *r, int64_t owner, bool make, struct data_key *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct str owner_text = arena_fmt(a, "%lld/%lld", (long long)r->home.v, (long long)owner), wrapped = S("");
    struct store_rows *rows;
    int rc = store_query(tx, &record_key_by_owner, &rows, e, SV_I(r->home.v), SV_I(owner));
    if (rc) return rc;
    if (store_next(rows)) wrapped = store_bytes(rows, 0);
    rc = store_end(rows, e);
    if (rc) return rc;
    if (wrapped.len) return seal_key_open(a, &r->keys, owner_text, wrapped, ret, e);
    if (!make) return err_set(e, ERR_NOT_FOUND, NULL);
    wrapped = seal_key_new(a, &r->keys, owner_text, ret);
    return store_exec(tx, &record_key_insert, NULL, e, SV_I(r->home.v), SV_I(owner), SV_B(wrapped),
                      SV_I(store_now_ms(tx)));
}

int record_check_element(const struct record_field *f, const struct system *m, struct str v, struct err *e) {
    int64_t number;
    if (v.len == 0) return f->required ? err_field(e, ERR_REQUIRED, f->name, "%.*s", STR_ARG(f->title)) : 0;
    if (str_utf8_count(v) > f->length_max) return err_field(e, ERR_TOO_LONG, f->name, "%zu", f->length_max);
    if ((f->kind == RECORD_INTEGER || f->kind == RECORD_REF) && !str_to_i64(v, &number))
        return err_field(e, ERR_FORMAT, f->name, "整数");
    if (f->kind == RECORD_CODE) {
        const struct code_set *set = system_find(m, SYSTEM_CODE, f->code);
        if (!set || !code_set_find(set, v)) return err_field(e, ERR_CODE, f->name, NULL);
    }
    struct err why;
    int rc = f->format.len ? code_check(f->format, v, &why) : 0;
    return rc ? err_field(e, rc, f->name, "%s", why.detail) : 0;
}

int record_check(const struct record_type *t, const struct system *m, const struct val *values, struct err *e) {
    for (size_t i = 0; i < val_count(values); i++)
        if (!record_field(t, values->u.map.pair[i].key))
            return err_field(e, ERR_INPUT, values->u.map.pair[i].key, "没有这个元素");
    for (size_t i = 0; i < t->n_fields; i++) {
        int rc = record_check_element(&t->field[i], m, val_get_str(values, t->field[i].name), e);
        if (rc) return rc;
    }
    return 0;
}

struct str record_clean(struct arena *a, const struct record_field *f, struct str typed) {
    bool prose = f->format.len == 0 || f->kind == RECORD_DATE || str_eq(f->format, S("person-name"));
    return prose || !str_utf8_valid(typed) ? arena_str(a, str_trim(typed)) : code_clean(a, typed);
}

static struct str index_value(struct arena *a, const struct realm *r, const struct record_type *t, const struct record_field *f,
                              struct str value) {
    if (f->index == RECORD_PLAIN) return value;
    struct digest d;
    seal_blind(&r->keys, ARENA_CAT(a, t->id, S("."), f->name), value, &d);
    return arena_str(a, str_make((const char *)d.v, DIGEST_BYTES));
}

struct str record_token(struct arena *a, const struct realm *r, const struct record_type *t, const struct record_field *f,
                        struct str value) {
    return index_value(a, r, t, f, value);
}

struct row {
    int64_t id, version, valid_ms, recorded_ms, entry, division;
    struct str state, source, body;
    struct str x[RECORD_INDEXES_MAX];
};

static void row_mac(struct arena *a, const struct realm *r, const struct record_type *t, const struct row *row, struct digest *ret) {
    struct str parts[4 + RECORD_INDEXES_MAX];
    size_t n = 0;
    parts[n++] = arena_fmt(a, "%lld %lld %lld %lld %lld %lld %lld", (long long)r->home.v, (long long)row->id, (long long)row->version,
                           (long long)row->valid_ms, (long long)row->recorded_ms, (long long)row->entry, (long long)row->division);
    parts[n++] = row->state;
    parts[n++] = row->source;
    parts[n++] = row->body;
    for (size_t i = 0; i < t->n_indexes; i++) parts[n++] = row->x[i];
    seal_row(&r->keys, t->table, parts, n, ret);
}

static struct str body_place(struct arena *a, const struct realm *r, const struct record_type *t, int64_t id, int64_t version) {
    return arena_fmt(a, "%.*s/%lld/%lld/%lld", STR_ARG(t->table), (long long)r->home.v,
                     (long long)id, (long long)version);
}

/* Reads one row of by_id or history into a record; the values are opened with the record's key. */
static int open_row(struct store_tx *tx, const struct realm *r, const struct record_type *t, const struct row *row, struct str stored_mac,
                    struct record *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct digest d;
    struct data_key key;
    struct val *body;
    row_mac(a, r, t, row, &d);
    if (!str_eq_secret(stored_mac, str_make((const char *)d.v, DIGEST_BYTES))) return err_set(e, ERR_DAMAGED, NULL);
    int rc = record_key(tx, r, row->id, false, &key, e);
    if (!rc) rc = seal_val_open(a, &r->keys, &key, body_place(a, r, t, row->id, row->version), row->body, &body, e);
    if (rc) return rc == ERR_NOT_FOUND ? err_set(e, ERR_GONE, NULL) : rc;
    *ret = (struct record){ .id = row->id, .version = row->version, .recorded_ms = row->recorded_ms, .division = row->division,
                            .by = row->entry, .state = row->state, .source = row->source, .why = val_get_str(body, S("w")),
                            .values = (struct val *)val_get(body, S("v")),
                            .sources = (struct val *)val_get(body, S("s")) };
    return ret->values && ret->sources ? 0 : err_set(e, ERR_DAMAGED, NULL);
}

static void read_row(struct store_rows *rows, const struct record_type *t, int64_t id, struct row *row, struct str *stored_mac) {
    *row = (struct row){ .id = id, .version = store_i64(rows, 0), .state = store_text(rows, 1), .valid_ms = store_i64(rows, 2),
                         .recorded_ms = store_i64(rows, 3), .source = store_text(rows, 4), .entry = store_i64(rows, 5),
                         .division = store_i64(rows, 6), .body = store_bytes(rows, 7) };
    *stored_mac = store_bytes(rows, 8);
    for (size_t i = 0; i < t->n_indexes; i++)
        row->x[i] = t->field[t->index[i]].index == RECORD_BLIND ? store_bytes(rows, 9 + (int)i) : store_text(rows, 9 + (int)i);
}

int record_get(struct store_tx *tx, const struct realm *r, const struct record_type *t, int64_t id, struct record *ret, struct err *e) {
    struct store_rows *rows;
    struct row row = { 0 };
    struct str stored_mac = S("");
    int rc = store_query(tx, &t->by_id, &rows, e, SV_I(r->home.v), SV_I(id));
    if (rc) return rc;
    bool found = store_next(rows);
    bool current = found && store_i64(rows, 9 + (int)t->n_indexes) == 1;
    if (found) read_row(rows, t, id, &row, &stored_mac);
    rc = store_end(rows, e);
    if (rc) return rc;
    if (found && !current) return err_set(e, ERR_DAMAGED, NULL);
    return found ? open_row(tx, r, t, &row, stored_mac, ret, e) : err_set(e, ERR_NOT_FOUND, NULL);
}

int record_history(struct store_tx *tx, const struct realm *r, const struct record_type *t, int64_t id, struct val **ret, struct err *e) {
    enum { VERSIONS_MAX = 1000 };
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    *ret = val_list(a);
    int rc = store_query(tx, &t->history, &rows, e, SV_I(r->home.v), SV_I(id));
    if (rc) return rc;
    for (int n = 0; !rc && store_next(rows); n++) {
        if (n == VERSIONS_MAX) {
            rc = err_set(e, ERR_LIMIT, "%d", VERSIONS_MAX);
            break;
        }
        struct row row;
        struct record rec;
        struct str stored_mac;
        read_row(rows, t, id, &row, &stored_mac);
        rc = open_row(tx, r, t, &row, stored_mac, &rec, e);
        if (rc) break;
        struct val *v = val_map(a);
        val_put_i64(a, v, S("version"), rec.version);
        val_put_i64(a, v, S("recorded_ms"), rec.recorded_ms);
        val_put_str(a, v, S("state"), rec.state);
        val_put_str(a, v, S("source"), rec.source);
        val_put_str(a, v, S("why"), rec.why);
        val_put_i64(a, v, S("by"), rec.by);
        val_put(a, v, S("values"), rec.values);
        val_push(a, *ret, v);
    }
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}

int record_find_token(struct store_tx *tx, const struct realm *r, const struct record_type *t, const struct record_field *f,
                      struct str token, int64_t after, int64_t *ids, size_t max, size_t *n, struct err *e) {
    *n = 0;
    for (size_t i = 0; i < t->n_indexes; i++) {
        struct store_rows *rows;
        if (&t->field[t->index[i]] != f) continue;
        int rc = store_query(tx, &t->find[i], &rows, e, SV_I(r->home.v), f->index == RECORD_BLIND ? SV_B(token) : SV_T(token),
                             SV_I(after), SV_I(max));
        if (rc) return rc;
        while (store_next(rows))
            if (*n < max) ids[(*n)++] = store_i64(rows, 0);
        return store_end(rows, e);
    }
    return err_set(e, ERR_DEFECT, "no index on %.*s", STR_ARG(f ? f->name : S("?")));
}

int record_find(struct store_tx *tx, const struct realm *r, const struct record_type *t, struct str field, struct str value,
                int64_t *ids, size_t max, size_t *n, struct err *e) {
    const struct record_field *f = record_field(t, field);
    *n = 0;
    struct str token = f ? index_value(store_arena(tx), r, t, f, value) : S("");
    return record_find_token(tx, r, t, f, token, 0, ids, max, n, e);
}

/* The next version's values: what was there, with what is said now laid over it; each with its source. */
static void lay_over(struct arena *a, struct record *base, const struct val *values, struct str source, int64_t now_ms) {
    for (size_t i = 0; i < val_count(values); i++) {
        const struct val_pair *p = &values->u.map.pair[i];
        if (base->version && val_equal(val_get(base->values, p->key), p->value)) continue;
        struct val *s = val_map(a);
        val_put_str(a, s, S("source"), source);
        val_put_i64(a, s, S("at_ms"), now_ms);
        val_put(a, base->values, p->key, val_copy(a, p->value));
        val_put(a, base->sources, p->key, s);
    }
}

static int key_is_free(struct store_tx *tx, const struct realm *r, const struct record_type *t, int64_t id, const struct val *values,
                       struct err *e) {
    int64_t others[2];
    size_t n;
    struct str key = val_get_str(values, t->key);
    if (t->key.len == 0 || key.len == 0) return 0;
    int rc = record_find(tx, r, t, t->key, key, others, 2, &n, e);
    if (rc) return rc;
    for (size_t i = 0; i < n; i++)
        if (others[i] != id) return err_field(e, ERR_DUPLICATE, t->key, NULL);
    return 0;
}

static int insert_row(struct act *act, const struct record_type *t, const struct row *row, const struct digest *d, struct err *e) {
    struct store_val v[11 + RECORD_INDEXES_MAX];
    size_t n = 0;
    v[n++] = SV_I(act->realm->home.v);
    v[n++] = SV_I(row->id);
    v[n++] = SV_I(row->version);
    v[n++] = SV_T(row->state);
    v[n++] = SV_I(row->valid_ms);
    v[n++] = SV_I(row->recorded_ms);
    v[n++] = SV_T(row->source);
    v[n++] = SV_I(row->entry);
    v[n++] = SV_I(row->division);
    v[n++] = SV_B(row->body);
    v[n++] = SV_B(str_make((const char *)d->v, DIGEST_BYTES));
    for (size_t i = 0; i < t->n_indexes; i++)
        v[n++] = t->field[t->index[i]].index == RECORD_BLIND ? SV_B(row->x[i]) : SV_T(row->x[i]);
    return store_exec_n(act->tx, &t->insert, v, n, NULL, e);
}

/* Seals the new version into its row, and says what its indexes hold. */
static int fill_row(struct act *act, const struct record_type *t, const struct record *base, struct str why, struct row *row,
                    struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct realm *r = act->realm;
    struct data_key key;
    struct val *body = val_map(a);
    val_put(a, body, S("v"), base->values);
    val_put(a, body, S("s"), base->sources);
    if (why.len) val_put_str(a, body, S("w"), why);
    int rc = record_key(act->tx, r, row->id, base->version == 0, &key, e);
    if (!rc) rc = seal_val(a, &r->keys, &key, body_place(a, r, t, row->id, row->version), body, BODY_BYTES_MAX, &row->body, e);
    for (size_t i = 0; !rc && i < t->n_indexes; i++) {
        const struct record_field *f = &t->field[t->index[i]];
        row->x[i] = index_value(a, r, t, f, val_get_str(base->values, f->name));
    }
    return rc;
}

int record_write(struct act *act, const struct record_type *t, const struct system *m, const struct record_change *c, struct str state,
                 int64_t *ret_id, struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct realm *r = act->realm;
    struct record base = { .values = val_map(a), .sources = val_map(a) }, before;
    struct digest d;
    int64_t changed = 0, now = store_now_ms(act->tx);
    int rc = c->id ? record_get(act->tx, r, t, c->id, &base, e) : 0;
    if (!rc && c->id && !str_eq(base.state, S("active"))) rc = err_set(e, ERR_STATE, "该登记已注销");
    if (rc) return rc;
    before = base;
    before.values = val_copy(a, base.values);
    lay_over(a, &base, c->values, c->source, now);
    rc = record_check(t, m, base.values, e);
    if (!rc) rc = key_is_free(act->tx, r, t, c->id, base.values, e);
    if (rc) return rc;
    struct row row = { .id = c->id ? c->id : store_new_id(act->tx), .version = base.version + 1, .state = state, .source = c->source,
                       .valid_ms = now, .recorded_ms = now, .entry = act->who->account };
    row.division = realm_division(val_get_str(base.values, S("division")));
    rc = fill_row(act, t, &base, c->why, &row, e);
    if (rc) return rc;
    row_mac(a, r, t, &row, &d);
    if (base.version) {
        rc = store_exec(act->tx, &t->retire, &changed, e, SV_I(r->home.v), SV_I(row.id), SV_I(base.version));
        if (!rc && changed != 1) rc = err_set(e, ERR_CONFLICT, "登记");
    }
    *ret_id = base.id = row.id;
    base.division = row.division;
    if (!rc) rc = insert_row(act, t, &row, &d, e);
    return rc ? rc : record_words_put(act->tx, r, t, before.version ? &before : NULL, &base, e);
}

int record_put(struct act *act, const struct record_type *t, const struct system *m, int64_t id, const struct val *values,
               struct str source, int64_t *ret_id, struct err *e) {
    const struct record_change c = { .id = id, .values = values, .source = source };
    return record_write(act, t, m, &c, S("active"), ret_id, e);
}

/* A personal element without a mask of its own is hidden wholly, its length as well. */
static struct str masked(struct arena *a, const struct record_field *f, struct str value) {
    if (f->mask.len) return code_mask(a, f->mask, value);
    return f->personal && value.len ? S("******") : value;
}

struct val *record_masked(struct arena *a, const struct record_type *t, const struct val *values) {
    struct val *out = val_map(a);
    for (size_t i = 0; i < t->n_fields; i++)
        val_put_str(a, out, t->field[i].name, masked(a, &t->field[i], val_get_str(values, t->field[i].name)));
    return out;
}
