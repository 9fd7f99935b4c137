/* schema: reads our migrations, for three uses: to refuse what is not additive or not in the common subset, to
 * translate the types for each store, and to know tables, columns and keys without asking either store's catalogue
 * (dump.c).
 *
 * Grammar: CREATE TABLE name ( column TYPE [NOT NULL] [DEFAULT const] [CHECK (...)] [REFERENCES ...], ...,
 *          PRIMARY KEY (home, ...) [, UNIQUE (home, ...)] [, FOREIGN KEY (home, ...) REFERENCES t (home, ...)]
 *          [, CHECK (...)] );
 *          CREATE [UNIQUE] INDEX name ON table (home, ...) [SPREAD];   ALTER TABLE name ADD COLUMN column TYPE ...;
 *          DROP INDEX name;
 * Types: BIGINT TEXT BYTES. Everything else is refused.
 *
 * Invariants
 *  1. `home BIGINT NOT NULL` is the first column of each table and leads each key and index.
 *  2. A column that is added later may be absent in rows of before: it is nullable or has a default.
 *  3. A SPREAD index serves questions for one value of its last column. On PostgreSQL it is a hash of that column: there two
 *     transactions that read and write neighbours meet in a page of an ordered index, and one of them runs again; hashed, neighbours
 *     lie far apart.
 *  4. An index may be dropped, as an older program works without it, only slower; a unique one is a promise, and stays.
 */
#include <stdlib.h>
#include <string.h>

#include "store/sql.h"

struct reader {
    const struct store_migration *m;
    struct arena *arena;
    struct sql_schema *schema;
    struct str sql;
    size_t at;
    struct sql_token t; /* the current one */
    struct err *e;
};

static int wrong(struct reader *r, const char *what) {
    uint32_t line = 1;
    struct str near = str_utf8_whole(str_sub(r->t.text, 0, 40));
    for (size_t i = 0; i < r->t.at && i < r->sql.len; i++) line += r->sql.ptr[i] == '\n';
    return err_line(r->e, ERR_SYSTEM, str_of(r->m->engine), line, "%s_%04d.sql: %s, at \"%.*s\"", r->m->engine,
                    r->m->number, what, (int)near.len,
                    near.ptr ? near.ptr : "");
}

static void step(struct reader *r) {
    r->t = sql_next(r->sql, &r->at);
}

static bool eat(struct reader *r, const char *text) {
    if (!sql_is(r->t, text)) return false;
    step(r);
    return true;
}

static bool is_name(struct sql_token t) {
    if (t.kind != SQL_WORD) return false;
    for (size_t i = 0; i < t.text.len; i++)
        if (t.text.ptr[i] >= 'A' && t.text.ptr[i] <= 'Z') return false;
    return true;
}

static struct sql_table *find_table(const struct sql_schema *s, struct str name) {
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->table[i]->name, name)) return s->table[i];
    return NULL;
}

static int find_column(const struct sql_table *t, struct str name) {
    for (size_t i = 0; i < t->n_columns; i++)
        if (str_eq(t->column[i].name, name)) return (int)i;
    return -1;
}

/* ( name [DESC] , ... ): each a column of `t`, the first one home. Numbers go to `key` unless NULL. */
static int columns(struct reader *r, const struct sql_table *t, int *key, size_t *n_key) {
    size_t n = 0;
    if (!eat(r, "(")) return wrong(r, "a list of columns is missing");
    do {
        int c = find_column(t, r->t.text);
        if (c < 0) return wrong(r, "no such column");
        if (n == 0 && c != 0) return wrong(r, "home must lead");
        if (n == SQL_COLUMNS_MAX) return wrong(r, "too many columns");
        if (key) key[n] = c;
        n++;
        step(r);
        (void)eat(r, "DESC");
    } while (eat(r, ","));
    if (n_key) *n_key = n;
    return eat(r, ")") ? 0 : wrong(r, "\")\" is missing");
}

static int parens(struct reader *r) {
    int depth = 0;
    do {
        if (sql_is(r->t, "(")) depth++;
        if (sql_is(r->t, ")")) depth--;
        if (r->t.kind == SQL_END || sql_is(r->t, ";")) return wrong(r, "\")\" is missing");
        step(r);
    } while (depth > 0);
    return 0;
}

static int references(struct reader *r) {
    const struct sql_table *to = find_table(r->schema, r->t.text);
    if (!to) return wrong(r, "refers to a table that is not there yet");
    step(r);
    return columns(r, to, NULL, NULL);
}

/* name TYPE [NOT NULL] [DEFAULT x] [CHECK (...)] */
static int column(struct reader *r, struct sql_table *t, bool added) {
    bool not_null = false, has_default = false;
    if (!is_name(r->t)) return wrong(r, "a column's name is in lower case");
    if (t->n_columns == SQL_COLUMNS_MAX) return wrong(r, "too many columns");
    if (find_column(t, r->t.text) >= 0) return wrong(r, "the column is there already");
    struct sql_column *c = &t->column[t->n_columns++];
    c->name = r->t.text;
    step(r);
    if (sql_is(r->t, "BIGINT")) c->type = STORE_I64;
    else if (sql_is(r->t, "TEXT")) c->type = STORE_TEXT;
    else if (sql_is(r->t, "BYTES")) c->type = STORE_BYTES;
    else return wrong(r, "types are BIGINT, TEXT and BYTES");
    step(r);
    for (;;) {
        if (eat(r, "NOT")) {
            if (!eat(r, "NULL")) return wrong(r, "NOT NULL");
            not_null = true;
        } else if (eat(r, "DEFAULT")) {
            (void)eat(r, "-");
            if (r->t.kind != SQL_NUMBER && r->t.kind != SQL_STRING) return wrong(r, "a default is a number or a text");
            has_default = true;
            step(r);
        } else if (eat(r, "CHECK")) {
            int rc = parens(r);
            if (rc < 0) return rc;
        } else {
            break;
        }
    }
    if (t->n_columns == 1 && (!str_eq(c->name, S("home")) || c->type != STORE_I64 || !not_null))
        return wrong(r, "the first column is home BIGINT NOT NULL");
    if (added && not_null && !has_default) return wrong(r, "an added column is nullable or has a default");
    return 0;
}

static int table_part(struct reader *r, struct sql_table *t) {
    int rc;
    if (eat(r, "PRIMARY")) {
        if (!eat(r, "KEY") || t->n_key) return wrong(r, "one PRIMARY KEY (home, ...)");
        return columns(r, t, t->key, &t->n_key);
    }
    if (eat(r, "UNIQUE")) return columns(r, t, NULL, NULL);
    if (eat(r, "CHECK")) return parens(r);
    if (eat(r, "FOREIGN")) {
        if (!eat(r, "KEY")) return wrong(r, "FOREIGN KEY");
        rc = columns(r, t, NULL, NULL);
        if (rc == 0) rc = eat(r, "REFERENCES") ? references(r) : wrong(r, "REFERENCES is missing");
        return rc;
    }
    return column(r, t, false);
}

static int create_table(struct reader *r) {
    struct sql_table *t = arena_new(r->arena, struct sql_table);
    if (!t) return err_set(r->e, ERR_MEMORY, "schema");
    if (!is_name(r->t)) return wrong(r, "a table's name is in lower case");
    if (find_table(r->schema, r->t.text)) return wrong(r, "the table is there already");
    if (r->schema->n == SQL_TABLES_MAX) return wrong(r, "too many tables");
    size_t n = strlen(r->m->engine);
    bool own = str_eq(r->t.text, str_of(r->m->engine)) ||
               (str_starts(r->t.text, str_of(r->m->engine)) && r->t.text.ptr[n] == '_');
    if (!own) return wrong(r, "a table's name starts with its engine's");
    t->name = r->t.text;
    t->engine = r->m->engine;
    step(r);
    if (!eat(r, "(")) return wrong(r, "\"(\" is missing");
    do {
        int rc = table_part(r, t);
        if (rc < 0) return rc;
    } while (eat(r, ","));
    if (!eat(r, ")")) return wrong(r, "\")\" is missing");
    if (!t->n_key) return wrong(r, "PRIMARY KEY (home, ...) is missing");
    t->n_made = t->n_columns;
    t->order = r->schema->n;
    size_t i = r->schema->n++;
    for (; i > 0 && str_cmp(r->schema->table[i - 1]->name, t->name) > 0; i--)
        r->schema->table[i] = r->schema->table[i - 1];
    r->schema->table[i] = t;
    return 0;
}

static struct sql_table *own_table(struct reader *r, int *rc) {
    struct sql_table *t = find_table(r->schema, r->t.text);
    if (!t || strcmp(t->engine, r->m->engine) != 0) *rc = wrong(r, "not a table of this engine");
    else step(r);
    return *rc < 0 ? NULL : t;
}

static struct sql_index *find_index(struct sql_schema *s, struct str name) {
    for (size_t i = 0; i < s->n_indexes; i++)
        if (str_eq(s->index[i].name, name)) return &s->index[i];
    return NULL;
}

/* [UNIQUE] INDEX name ON table (home, ...) */
static int create_index(struct reader *r) {
    int rc = 0;
    bool unique = eat(r, "UNIQUE");
    if (!eat(r, "INDEX")) return wrong(r, "CREATE TABLE or INDEX");
    if (!is_name(r->t)) return wrong(r, "an index's name is in lower case");
    if (find_index(r->schema, r->t.text)) return wrong(r, "the index is there already");
    if (r->schema->n_indexes == SQL_INDEXES_MAX) return wrong(r, "too many indexes");
    struct str name = r->t.text;
    step(r);
    if (!eat(r, "ON")) return wrong(r, "ON is missing");
    const struct sql_table *t = own_table(r, &rc);
    if (!t) return rc;
    r->schema->index[r->schema->n_indexes++] = (struct sql_index){ name, t, unique };
    rc = columns(r, t, NULL, NULL);
    return rc == 0 && eat(r, "SPREAD") && unique ? wrong(r, "a unique index is in order") : rc;
}

/* INDEX name */
static int drop_index(struct reader *r) {
    if (!eat(r, "INDEX")) return wrong(r, "a migration only adds; what may go is an INDEX");
    struct sql_index *i = find_index(r->schema, r->t.text);
    if (!i || strcmp(i->table->engine, r->m->engine) != 0) return wrong(r, "not an index of this engine");
    if (i->unique) return wrong(r, "a unique index is a promise, and stays");
    *i = r->schema->index[--r->schema->n_indexes];
    step(r);
    return 0;
}

static int statement(struct reader *r) {
    int rc = 0;
    if (eat(r, "CREATE")) return eat(r, "TABLE") ? create_table(r) : create_index(r);
    if (eat(r, "DROP")) return drop_index(r);
    if (eat(r, "ALTER")) {
        if (!eat(r, "TABLE")) return wrong(r, "ALTER TABLE");
        struct sql_table *t = own_table(r, &rc);
        if (!t) return rc;
        if (!eat(r, "ADD") || !eat(r, "COLUMN")) return wrong(r, "a migration only adds");
        return column(r, t, true);
    }
    return wrong(r, "a migration only adds: CREATE TABLE, CREATE INDEX, ALTER TABLE ... ADD COLUMN; DROP INDEX");
}

int sql_schema_read(struct arena *a, const struct store_migration *m, size_t n, struct sql_schema **ret,
                    struct err *e) {
    struct sql_schema *s = arena_new(a, struct sql_schema);
    if (!s) return err_set(e, ERR_MEMORY, "schema");
    for (size_t i = 0; i < n; i++) {
        struct reader r = { .m = &m[i], .arena = a, .schema = s, .sql = str_of(m[i].sql), .e = e };
        bool first = i == 0 || strcmp(m[i].engine, m[i - 1].engine) != 0;
        if (m[i].number != (first ? 1 : m[i - 1].number + 1)) return wrong(&r, "numbers run from 1 without gaps");
        for (step(&r); r.t.kind != SQL_END;) {
            int rc = statement(&r);
            if (rc == 0 && !eat(&r, ";")) rc = wrong(&r, "\";\" is missing");
            if (rc < 0) return rc;
        }
    }
    *ret = s;
    return 0;
}

/* Of `(home, a, b) SPREAD`: at the opening parenthesis; the list of columns and the word as one store says them. */
static void spread(struct buf *b, struct str in, size_t open, bool postgres, size_t *copied) {
    size_t at = open, comma = open;
    struct sql_token t, close = { 0 };
    while ((t = sql_next(in, &at)).kind != SQL_END && !sql_is(t, ";")) {
        if (sql_is(t, ",")) comma = t.at;
        if (sql_is(t, ")")) close = t;
        if (!sql_is(t, "SPREAD")) continue;
        buf_add(b, str_sub(in, *copied, open - *copied));
        if (postgres) buf_add_fmt(b, "USING hash (%.*s) WITH (fillfactor = 10)", STR_ARG(str_sub(in, comma + 1, close.at - comma - 1)));
        else buf_add(b, str_sub(in, open, close.at + 1 - open));
        *copied = at;
        return;
    }
}

int sql_migration(struct arena *a, const struct store_migration *m, bool postgres, const char **ret, struct err *e) {
    struct str in = str_of(m->sql);
    struct buf b;
    buf_init(&b, a, in.len * 2 + 64, in.len * 4 + 4096);
    size_t at = 0, copied = 0;
    bool table = false;
    struct sql_token t, before = { 0 };
    while ((t = sql_next(in, &at)).kind != SQL_END) {
        const char *word = NULL;
        if (sql_is(t, "TABLE") && sql_is(before, "CREATE")) table = true;
        if (sql_is(t, "(") && !table) spread(&b, in, t.at, postgres, &copied);
        if (sql_is(t, "BYTES")) word = postgres ? "bytea" : "BLOB";
        else if (sql_is(t, "TEXT")) word = postgres ? "text COLLATE \"C\"" : "TEXT";
        else if (sql_is(t, "BIGINT")) word = postgres ? "bigint" : "INTEGER";
        else if (sql_is(t, ";") && table) word = postgres ? ";" : " STRICT, WITHOUT ROWID;";
        if (sql_is(t, ";")) table = false;
        before = t;
        if (!word) continue;
        buf_add(&b, str_sub(in, copied, t.at - copied));
        buf_add(&b, str_of(word));
        copied = at;
    }
    buf_add(&b, str_sub(in, copied, SIZE_MAX));
    *ret = buf_ok(&b) ? arena_cstr(a, buf_str(&b)) : NULL;
    return *ret ? 0 : err_set(e, ERR_MEMORY, "migration");
}
