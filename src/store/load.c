/* load: reads a logical backup (dump.h) into an empty store of either kind.
 *
 * Invariants
 *  1. The whole file is checked (form, digest, migrations, definitions, columns) before anything is written.
 *  2. Tables are filled in the order of their creation, so that a row's references are there before it.
 *  3. Each job reads its own piece of the file by offset: a body that runs again reads the same.
 *  4. Loading into a store that holds rows is refused; a load that fails half-way leaves a store to be thrown
 *     away, and says so.
 */
#include "store/dump.h"

#include <string.h>

#include "os/os.h"
#include "store/store_impl.h"
#include "store/text.h"

enum { JOB_ROWS = 500, JOB_BYTES = 4 * 1024 * 1024, JOB_ARENA_BYTES = 1024 * 1024 * 1024 };

struct part { /* of the file: one table's rows */
    struct sql_table *table;
    uint64_t from;
    bool seen;
};

struct load {
    struct store *s;
    struct sql_schema *schema;
    struct store_migration *migration; /* the program's, what is defined here, and from `n_here` on what the backup defines */
    size_t n_migrations, n_here;
    struct arena memory;
    int fd;
    uint64_t size, at, end; /* end: of the records; behind it stands the digest */
    struct part *part; /* by table->order */
    const struct part *now;
    const char *insert;
    int64_t top_key; /* the highest number in a key, which an id may be */
    uint64_t next;         /* where the next job starts; 0: the table is done */
};

static int damaged(const struct load *l, struct err *e) {
    return err_set(e, ERR_DAMAGED, "the backup, near byte %llu", (unsigned long long)l->at);
}

static uint64_t be(const unsigned char *p, int n) {
    uint64_t v = 0;
    for (int i = 0; i < n; i++) v = v << 8 | p[i];
    return v;
}

static int check_digest(struct load *l, struct err *e) {
    struct digest d = { { 0 } };
    char *block = arena_alloc(&l->memory, DUMP_BLOCK_BYTES);
    unsigned char tail[DUMP_TAIL_BYTES];
    size_t got;
    if (!block) return err_set(e, ERR_MEMORY, "load");
    if (l->size < DUMP_MAGIC_BYTES + DUMP_TAIL_BYTES) return damaged(l, e);
    l->end = l->size - DUMP_TAIL_BYTES;
    for (l->at = 0; l->at < l->end; l->at += got) {
        size_t want = l->end - l->at < DUMP_BLOCK_BYTES ? (size_t)(l->end - l->at) : DUMP_BLOCK_BYTES;
        int rc = os_read_at(l->fd, l->at, block, want, &got, e);
        if (rc < 0) return rc;
        if (got != want || (l->at == 0 && memcmp(block, DUMP_MAGIC, DUMP_MAGIC_BYTES) != 0)) return damaged(l, e);
        store_dump_chain(&d, str_make(block, got));
    }
    int rc = os_read_at(l->fd, l->end, tail, sizeof tail, &got, e);
    if (rc < 0) return rc;
    bool good = got == sizeof tail && tail[0] == 'D' && be(tail + 1, 4) == DIGEST_BYTES &&
                memcmp(tail + DUMP_HEAD_BYTES, d.v, DIGEST_BYTES) == 0;
    return good ? 0 : damaged(l, e);
}

/* The record at l->at; moves on. Its payload is read into `a` unless `skip` and it is a row. */
static int record(struct load *l, struct arena *a, bool skip, char *kind, struct str *payload, struct err *e) {
    unsigned char head[DUMP_HEAD_BYTES];
    size_t got;
    if (l->at > l->end || l->end - l->at < sizeof head) return damaged(l, e);
    int rc = os_read_at(l->fd, l->at, head, sizeof head, &got, e);
    if (rc < 0) return rc;
    uint64_t len = be(head + 1, 4);
    if (got != sizeof head || len > DUMP_RECORD_BYTES_MAX || len > l->end - l->at - sizeof head) return damaged(l, e);
    *kind = (char)head[0];
    *payload = (struct str){ 0 };
    if (!(skip && *kind == 'R')) {
        char *p = arena_alloc(a, len);
        if (!p) return err_set(e, ERR_MEMORY, "load");
        rc = os_read_at(l->fd, l->at + sizeof head, p, len, &got, e);
        if (rc < 0) return rc;
        if (got != len) return damaged(l, e);
        *payload = str_make(p, len);
    }
    l->at += sizeof head + len;
    return 0;
}

static int check_migration(const struct load *l, struct str line, struct arena *a, struct err *e) {
    if (str_find_char(line, '\n', 0) != SIZE_MAX) return 0; /* a definition: read before the walk */
    for (size_t i = 0; i < l->s->n_migrations; i++) {
        const struct store_migration *m = &l->s->migrations[i];
        if (str_eq(line,
                   arena_fmt(a, "%s %d %016llx", m->engine, m->number, (unsigned long long)str_hash(str_of(m->sql)))))
            return 0;
    }
    return err_set(e, ERR_STATE, "the backup is of another version: %.*s", STR_ARG(line));
}

/* The columns of the backup must be the first of ours, and at least those that the table was made with: what was added later has
 * its default. */
static int check_table(struct load *l, struct str line, struct part **ret, struct err *e) {
    struct str all = line, name;
    (void)str_cut(&line, ' ', &name);
    for (size_t i = 0; i < l->schema->n; i++) {
        struct sql_table *t = l->schema->table[i];
        if (!str_eq(t->name, name)) continue;
        struct str ours = store_dump_table_line(&l->memory, t), piece;
        if (!str_starts(ours, all) || (ours.len > all.len && ours.ptr[all.len] != ' ')) break;
        size_t n = 0;
        while (str_cut(&line, ' ', &piece)) n++;
        struct part *p = &l->part[t->order];
        if (p->seen || n < t->n_made || !store_dump_has(t)) break;
        t->n_columns = n;
        *p = (struct part){ t, l->at, true };
        *ret = p;
        return 0;
    }
    return err_set(e, ERR_STATE, "the backup's table %.*s is not this version's", STR_ARG(name));
}

/* Walks the records once: every table known, every count right. */
static int check_records(struct load *l, struct err *e) {
    struct part *p = NULL;
    uint64_t rows = 0;
    char kind;
    bool tables = false;
    struct str payload;
    for (l->at = DUMP_MAGIC_BYTES; l->at < l->end;) {
        int rc = record(l, &l->memory, true, &kind, &payload, e);
        if (rc < 0) return rc;
        if (kind == 'M' && !tables) rc = check_migration(l, payload, &l->memory, e);
        else if (kind == 'T' && !p) rc = check_table(l, payload, &p, e), rows = 0, tables = true;
        else if (kind == 'R' && p) rows++;
        else if (kind == 'E' && p && payload.len == 8 && be((const unsigned char *)payload.ptr, 8) == rows) p = NULL;
        else rc = damaged(l, e);
        if (rc < 0) return rc;
    }
    return p ? damaged(l, e) : 0;
}

/* ---- writing ---- */

static int row_values(const struct load *l, struct str row, struct store_val *v, struct err *e) {
    const struct sql_table *t = l->now->table;
    const unsigned char *p = (const unsigned char *)row.ptr;
    size_t at = 0;
    for (size_t i = 0; i < t->n_columns; i++) {
        if (at >= row.len) return damaged(l, e);
        unsigned type = p[at++];
        if (type == STORE_NULL) {
            v[i] = SV_NULL;
            continue;
        }
        size_t head = type == STORE_I64 ? 8 : 4;
        if (type != t->column[i].type || row.len - at < head) return damaged(l, e);
        uint64_t n = be(p + at, (int)head);
        at += head;
        if (type == STORE_I64) {
            v[i] = SV_I(n);
            continue;
        }
        if (n > row.len - at) return damaged(l, e);
        v[i] = (struct store_val){ .type = t->column[i].type, .s = str_sub(row, at, n) };
        at += n;
    }
    return at == row.len ? 0 : damaged(l, e);
}

static const char *insert_sql(struct arena *a, const struct sql_table *t) {
    struct buf b;
    buf_init(&b, a, 1024, 64 * 1024);
    buf_add(&b, S("INSERT INTO "));
    buf_add(&b, t->name);
    for (int marks = 0; marks < 2; marks++) {
        buf_add(&b, marks ? S(") VALUES (") : S(" ("));
        for (size_t i = 0; i < t->n_columns; i++) {
            if (i) buf_add(&b, S(", "));
            buf_add(&b, marks ? S("?") : t->column[i].name);
        }
    }
    buf_add_char(&b, ')');
    return buf_ok(&b) ? arena_cstr(a, buf_str(&b)) : NULL;
}

static int load_row(struct store_tx *tx, struct load *l, struct str row, struct err *e) {
    struct store_val v[SQL_COLUMNS_MAX];
    const struct sql_table *t = l->now->table;
    int rc = row_values(l, row, v, e);
    if (rc < 0) return rc;
    struct store_stmt st = { "load_row", l->insert, true };
    rc = store_exec_n(tx, &st, v, t->n_columns, NULL, e);
    if (rc == 0 && str_eq(t->name, S("store_text"))) rc = store_text_reindex(tx, v[0].i, v[1].s, v[2].i, v[3].s, e);
    for (size_t i = 1; i < t->n_key; i++)
        if (v[t->key[i]].type == STORE_I64 && v[t->key[i]].i > l->top_key) l->top_key = v[t->key[i]].i;
    return rc;
}

/* Up to JOB_ROWS rows from l->next on. */
static int load_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct load *l = job->arg;
    char kind = 0;
    struct str payload;
    l->at = l->now->from;
    for (int n = 0; n < JOB_ROWS && l->at - l->now->from < JOB_BYTES; n++) {
        int rc = record(l, job->arena, false, &kind, &payload, e);
        if (rc == 0 && kind == 'R') rc = load_row(tx, l, payload, e);
        if (rc < 0) return rc;
        if (kind != 'R') break;
    }
    l->next = kind == 'R' ? l->at : 0;
    return 0;
}

/* Whether every table that stands here is empty. */
static int empty_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct load *l = job->arg;
    for (size_t i = 0; i < l->schema->n; i++) {
        const struct sql_table *t = l->schema->table[i];
        if (!store_dump_has(t)) continue;
        int64_t found;
        const char *sql =
            arena_cstr(job->arena, arena_fmt(job->arena, "SELECT home FROM %.*s LIMIT 1", STR_ARG(t->name)));
        if (!sql) return err_set(e, ERR_MEMORY, "load");
        struct store_stmt st = { "load_empty", sql, false };
        int rc = store_one_i64(tx, &st, NULL, 0, &found, e);
        if (rc == 0) return err_set(e, ERR_STATE, "a backup goes into an empty store; %.*s has rows", STR_ARG(t->name));
        if (rc != ERR_NOT_FOUND) return rc;
    }
    return 0;
}

/* Else the planner would think all tables small until it counts by itself. */
static int count_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    (void)job;
    return store_stat_count(tx, e);
}

/* What a table refuses (a key twice, no such reference, no text) is no defect of ours here: the backup holds it. */
static int half_loaded(int rc, const struct err *why, struct err *e) {
    bool held = rc == ERR_DEFECT || rc == ERR_DUPLICATE || rc == ERR_INPUT;
    return err_set(e, held ? ERR_DAMAGED : rc, "the store is half loaded, discard it: %s", why->detail);
}

static int run(struct load *l, enum store_queue queue, store_body *body, struct err *e) {
    struct arena a;
    arena_init(&a, "load job", JOB_ARENA_BYTES);
    struct store_job job = { .queue = queue, .arena = &a, .body = body, .arg = l };
    int rc = store_do(l->s, &job, NULL);
    arena_done(&a);
    if (!rc || queue == STORE_READ) return rc ? err_set(e, rc, "%s", job.err.detail) : 0;
    return half_loaded(rc, &job.err, e);
}

static int load_all(struct load *l, struct err *e) {
    for (size_t i = 0; i < l->schema->n; i++) {
        struct part *p = &l->part[i];
        if (!p->seen) continue;
        l->now = p;
        l->insert = insert_sql(&l->memory, p->table);
        if (!l->insert) return err_set(e, ERR_MEMORY, "load");
        do {
            int rc = run(l, STORE_INTERACTIVE, load_body, e);
            if (rc < 0) return rc;
            p->from = l->next;
        } while (l->next);
    }
    store_ids_passed(l->s, l->top_key);
    return run(l, STORE_INTERACTIVE, count_body, e);
}

/* ---- what the backup defines ---- */

static int add_definition(struct load *l, const struct store_migration *m, struct err *e) {
    for (size_t i = 0; i < l->n_migrations; i++) {
        const struct store_migration *had = &l->migration[i];
        if (!str_eq(str_of(had->engine), str_of(m->engine))) continue;
        if (i >= l->s->n_migrations && had->number == m->number && str_eq(str_of(had->sql), str_of(m->sql))) return 0;
        return err_set(e, ERR_STATE, "the backup defines %s, which is something else here", m->engine);
    }
    if (l->n_migrations == l->s->n_migrations + STORE_DEFINED_MAX) return err_set(e, ERR_LIMIT, "the backup's definitions");
    l->migration[l->n_migrations++] = *m;
    return 0;
}

/* They stand first in the file. None is made before all of it was checked against the tables they will make. */
static int read_definitions(struct load *l, struct err *e) {
    char kind = 'M';
    struct str payload;
    struct store_migration m;
    int rc = 0;
    for (l->at = DUMP_MAGIC_BYTES; rc == 0 && kind == 'M' && l->at < l->end;) {
        rc = record(l, &l->memory, true, &kind, &payload, e);
        if (rc == 0 && kind == 'M') rc = store_define_read(&l->memory, payload, &m, e);
        if (rc == 0 && kind == 'M' && m.engine) rc = add_definition(l, &m, e);
    }
    return rc;
}

static int define_all(struct load *l, struct err *e) {
    for (size_t i = l->n_here; i < l->n_migrations; i++) {
        struct err own = { 0 };
        int rc = store_define_alone(l->s, &l->migration[i], &own);
        if (rc) return half_loaded(rc, &own, e);
    }
    return 0;
}

/* The store as it stands must be empty; then its tables and the backup's are one schema. */
static int check_here(struct load *l, struct err *e) {
    const struct store_migration *all;
    int rc = store_all_migrations(l->s, &l->memory, &all, &l->n_here, e);
    if (rc < 0) return rc;
    l->n_migrations = l->n_here;
    l->migration = arena_array(&l->memory, l->s->n_migrations + STORE_DEFINED_MAX, sizeof *l->migration);
    if (!l->migration) return err_set(e, ERR_MEMORY, "load");
    memcpy(l->migration, all, l->n_here * sizeof *l->migration);
    rc = sql_schema_read(&l->memory, l->migration, l->n_here, &l->schema, e);
    if (rc == 0) rc = run(l, STORE_READ, empty_body, e);
    if (rc == 0) rc = read_definitions(l, e);
    if (rc == 0) rc = sql_schema_read(&l->memory, l->migration, l->n_migrations, &l->schema, e);
    if (rc < 0) return rc;
    l->part = arena_array(&l->memory, l->schema->n, sizeof *l->part);
    return l->part ? 0 : err_set(e, ERR_MEMORY, "load");
}

int store_load(struct store *s, const char *path, struct err *e) {
    struct load l = { .s = s };
    int rc = os_open_read(path, &l.fd, &l.size, e);
    if (rc < 0) return rc;
    arena_init(&l.memory, "load", 256 * 1024 * 1024);
    rc = check_digest(&l, e);
    if (rc == 0) rc = check_here(&l, e);
    if (rc == 0) rc = check_records(&l, e);
    if (rc == 0) rc = define_all(&l, e);
    if (rc == 0) rc = load_all(&l, e);
    os_close(l.fd);
    arena_done(&l.memory);
    return rc;
}
