/* dump: writes a logical backup while the store serves (dump.h has the form), in one read transaction, so of one
 * moment.
 *
 * Invariants
 *  1. The file appears under its name whole and durable, or not at all.
 *  2. Rows are read in slices by key, so memory does not grow with a table.
 *  3. The statements made here come from our migrations, never from input.
 */
#include "store/dump.h"

#include <string.h>

#include "os/os.h"
#include "store/store_impl.h"

enum { SLICE_ROWS = 200, SLICE_BYTES = 1024 * 1024 * 1024, SQL_BYTES = 32 * 1024 };

struct out {
    store_put *put;
    void *context;
    char *block; /* DUMP_BLOCK_BYTES of it */
    size_t len;
    struct digest digest;
    int rc;
    struct err *e;
};

struct dump {
    store_put *put;
    void *context;
    bool begun; /* what was handed out cannot be taken back for another run of the body */
    const struct sql_schema *schema;
    const struct store_migration *migration;
    size_t n_migrations;
    struct arena *memory;
};

bool store_dump_has(const struct sql_table *t) {
    return !str_eq(t->name, S("store_node")) && !str_eq(t->name, S("define_table"));
}

void store_dump_chain(struct digest *d, struct str block) {
    struct digest before = *d;
    hash_parts(SUITE_INTL, (const struct str[]){ str_make((const char *)before.v, sizeof before.v), block }, 2, d);
}

static void flush(struct out *o) {
    if (o->rc == 0 && o->len) {
        store_dump_chain(&o->digest, str_make(o->block, o->len));
        o->rc = o->put(o->context, str_make(o->block, o->len), o->e);
    }
    o->len = 0;
}

static void put(struct out *o, const void *bytes, size_t len) {
    const char *p = bytes;
    while (len && o->rc == 0) {
        size_t n = DUMP_BLOCK_BYTES - o->len < len ? DUMP_BLOCK_BYTES - o->len : len;
        memcpy(o->block + o->len, p, n);
        o->len += n;
        p += n;
        len -= n;
        if (o->len == DUMP_BLOCK_BYTES) flush(o);
    }
}

static void put_be(struct out *o, uint64_t v, int bytes) {
    unsigned char b[8];
    for (int i = 0; i < bytes; i++) b[i] = (unsigned char)(v >> 8 * (bytes - 1 - i));
    put(o, b, (size_t)bytes);
}

static void put_record(struct out *o, char kind, struct str payload) {
    put(o, &kind, 1);
    put_be(o, payload.len, 4);
    put(o, payload.ptr, payload.len);
}

struct str store_dump_table_line(struct arena *a, const struct sql_table *t) {
    struct buf b;
    buf_init(&b, a, 1024, 64 * 1024);
    buf_add(&b, t->name);
    for (size_t i = 0; i < t->n_columns; i++) {
        buf_add_char(&b, ' ');
        buf_add(&b, t->column[i].name);
        buf_add_char(&b, ':');
        buf_add_u64(&b, t->column[i].type);
    }
    return buf_ok(&b) ? buf_str(&b) : (struct str){ 0 };
}

/* ---- one table ---- */

static void list_key(struct buf *b, const struct sql_table *t, bool marks) {
    for (size_t i = 0; i < t->n_key; i++) {
        if (i) buf_add(b, S(", "));
        if (marks) buf_add_char(b, '?');
        else buf_add(b, t->column[t->key[i]].name);
    }
}

/* SELECT of a slice in key order: the first, or the one behind a key. */
static const char *slice_sql(struct arena *a, const struct sql_table *t, bool behind) {
    struct buf b;
    buf_init(&b, a, 1024, SQL_BYTES);
    buf_add(&b, S("SELECT "));
    for (size_t i = 0; i < t->n_columns; i++) {
        if (i) buf_add(&b, S(", "));
        buf_add(&b, t->column[i].name);
    }
    buf_add(&b, S(" FROM "));
    buf_add(&b, t->name);
    if (behind) {
        buf_add(&b, S(" WHERE ("));
        list_key(&b, t, false);
        buf_add(&b, S(") > ("));
        list_key(&b, t, true);
        buf_add_char(&b, ')');
    }
    buf_add(&b, S(" ORDER BY "));
    list_key(&b, t, false);
    buf_add(&b, S(" LIMIT ?"));
    return buf_ok(&b) ? arena_cstr(a, buf_str(&b)) : NULL;
}

static struct store_val value_of(struct store_rows *r, enum store_type type, int col) {
    if (store_is_null(r, col)) return SV_NULL;
    if (type == STORE_I64) return SV_I(store_i64(r, col));
    return type == STORE_TEXT ? SV_T(store_text(r, col)) : SV_B(store_bytes(r, col));
}

static void put_row(struct out *o, const struct store_val *v, size_t n) {
    size_t len = 0;
    for (size_t i = 0; i < n; i++) len += v[i].type == STORE_NULL ? 1 : v[i].type == STORE_I64 ? 9 : 5 + v[i].s.len;
    if (len > DUMP_RECORD_BYTES_MAX && o->rc == 0) o->rc = err_set(o->e, ERR_LIMIT, "a row of %zu bytes", len);
    put(o, "R", 1);
    put_be(o, len, 4);
    for (size_t i = 0; i < n; i++) {
        put_be(o, v[i].type, 1);
        if (v[i].type == STORE_I64) put_be(o, (uint64_t)v[i].i, 8);
        if (v[i].type != STORE_TEXT && v[i].type != STORE_BYTES) continue;
        put_be(o, v[i].s.len, 4);
        put(o, v[i].s.ptr, v[i].s.len);
    }
}

/* Writes a slice; the last row's key stays in `last`, whose texts live in `keep`. Rows written, or a code. */
static int put_slice(struct store_tx *tx, struct out *o, const struct sql_table *t, const struct store_stmt *st,
                     struct store_val *last, size_t n_values, struct arena *keep) {
    struct store_val v[SQL_COLUMNS_MAX];
    struct store_rows *r;
    int n = 0;
    int rc = store_query_n(tx, st, last, n_values, &r, o->e);
    if (rc < 0) return rc;
    while (o->rc == 0 && store_next(r)) {
        for (size_t i = 0; i < t->n_columns; i++) v[i] = value_of(r, t->column[i].type, (int)i);
        if (arena_overflowed(tx->arena)) break;
        put_row(o, v, t->n_columns);
        n++;
    }
    arena_reset(keep); /* not before: the statement is bound to the texts of the last key while it runs */
    for (size_t i = 0; n && i < t->n_key; i++) {
        last[i] = v[t->key[i]];
        last[i].s = arena_str(keep, last[i].s);
    }
    rc = store_end(r, o->e);
    if (rc == 0 && arena_overflowed(tx->arena)) rc = err_set(o->e, ERR_MEMORY, "dump");
    return rc < 0 ? rc : o->rc < 0 ? o->rc : n;
}

static int put_table(struct store_tx *tx, struct out *o, const struct sql_table *t, struct arena *memory) {
    struct store_val last[SQL_COLUMNS_MAX + 1];
    struct arena rows, keep;
    uint64_t total = 0;
    const char *first = slice_sql(memory, t, false), *behind = slice_sql(memory, t, true);
    struct str line = store_dump_table_line(memory, t);
    if (!first || !behind || !line.len) return err_set(o->e, ERR_MEMORY, "dump");
    put_record(o, 'T', line);
    arena_init(&rows, "dump rows", SLICE_BYTES);
    arena_init(&keep, "dump key", SLICE_BYTES);
    tx->arena = &rows;
    int n = SLICE_ROWS;
    for (bool more = false; n == SLICE_ROWS; more = true) {
        struct store_stmt st = { "dump_slice", more ? behind : first, false };
        size_t k = more ? t->n_key : 0;
        last[k] = SV_I(SLICE_ROWS);
        n = put_slice(tx, o, t, &st, last, k + 1, &keep);
        if (n > 0) total += (uint64_t)n;
        arena_reset(&rows);
    }
    tx->arena = tx->job->arena;
    arena_done(&rows);
    arena_done(&keep);
    if (n < 0) return n;
    put(o, "E", 1);
    put_be(o, 8, 4);
    put_be(o, total, 8);
    return o->rc;
}

/* ---- the whole ---- */

static int put_all(struct store_tx *tx, struct out *o, const struct dump *d) {
    const struct store *s = tx->store;
    put(o, DUMP_MAGIC, DUMP_MAGIC_BYTES);
    for (size_t i = 0; i < d->n_migrations; i++) {
        const struct store_migration *m = &d->migration[i];
        struct str line =
            arena_fmt(d->memory, "%s %d %016llx", m->engine, m->number, (unsigned long long)str_hash(str_of(m->sql)));
        if (i >= s->n_migrations) line = ARENA_CAT(d->memory, line, S("\n"), str_of(m->sql));
        put_record(o, 'M', line);
    }
    for (size_t i = 0; i < d->schema->n; i++) {
        if (!store_dump_has(d->schema->table[i])) continue;
        int rc = put_table(tx, o, d->schema->table[i], d->memory);
        if (rc < 0) return rc;
    }
    flush(o);
    struct digest digest = o->digest;
    put_record(o, 'D', str_make((const char *)digest.v, sizeof digest.v));
    flush(o);
    return o->rc;
}

static int dump_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct dump *d = job->arg;
    struct out o = { .e = e, .block = arena_alloc(job->arena, DUMP_BLOCK_BYTES), .put = d->put, .context = d->context };
    if (!o.block) return err_set(e, ERR_MEMORY, "dump");
    if (d->begun) return err_set(e, ERR_STORE, "the store's link broke within the backup");
    d->begun = true;
    return put_all(tx, &o, d);
}

int store_dump_to(struct store *s, store_put *put_bytes, void *context, struct err *e) {
    struct arena memory, arena;
    struct sql_schema *schema;
    arena_init(&memory, "dump", 64 * 1024 * 1024);
    arena_init(&arena, "dump job", 16 * 1024 * 1024);
    const struct store_migration *all;
    size_t n_all;
    int rc = store_all_migrations(s, &memory, &all, &n_all, e);
    if (rc == 0) rc = sql_schema_read(&memory, all, n_all, &schema, e);
    if (rc == 0) {
        struct dump d = { put_bytes, context, false, schema, all, n_all, &memory };
        struct store_job job = { .queue = STORE_READ, .arena = &arena, .body = dump_body, .arg = &d };
        rc = store_do(s, &job, e);
    }
    arena_done(&arena);
    arena_done(&memory);
    return rc;
}

static int append(void *context, struct str bytes, struct err *e) {
    const int *fd = context;
    return os_append(*fd, bytes, e);
}

int store_dump(struct store *s, const char *path, struct err *e) {
    struct os_file f;
    int rc = os_file_new(&f, path, e);
    if (rc) return rc;
    rc = store_dump_to(s, append, &f.fd, e);
    return os_file_end(&f, rc, e);
}
