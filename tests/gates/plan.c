/* plan: no statement of the program reads a table from end to end, on either store. Every named statement (STORE_STMT) and every one
 * that a record type of the systems makes is explained by the store itself, on a store with all migrations and all systems loaded; each
 * table that its plan touches must be entered by a key that narrows: by more than `home`, which is the whole of a table, and than the
 * columns of few values (plan_coarse). On SQLite a sort of what has a LIMIT is a fault too: a page would read all that lies behind it.
 * What may do otherwise stands in plan_table.c with its reason; an exception that nothing needs any longer fails.
 *
 * SQLite plans by what store/stat.c tells it of the schema, whatever the rows are. PostgreSQL counts rows: it is asked on filled tables
 * and without the ways that an index cannot serve, so that its plan tells whether there is one.
 *
 *   gate-plan [all]     prints the statements that fail (all: every plan), then "N passed, N failed"
 */
#include "plan.h"

#include "app/city_fixture.h"
#include "engine/record/record.h"
#include "store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES_MAX = 8, PARAMS_MAX = 60, ARENA_BYTES = 256 * 1024 * 1024 };

static unsigned passed, failed;
static bool show_all;

/* One table as a plan enters it. */
struct entry {
    struct str table, name, columns; /* the index's name, and its columns that bound the range, each behind a space */
    bool index;
};
struct plan {
    struct entry entry[TABLES_MAX];
    size_t n;
    bool sorts; /* a sort of its own */
    struct str text;
};

static struct str word_at(struct str s, size_t *at) {
    while (*at < s.len && s.ptr[*at] == ' ') ++*at;
    size_t from = *at;
    while (*at < s.len && (s.ptr[*at] == '_' || (s.ptr[*at] >= 'a' && s.ptr[*at] <= 'z') || (s.ptr[*at] >= 'A' && s.ptr[*at] <= 'Z') ||
                           (s.ptr[*at] >= '0' && s.ptr[*at] <= '9')))
        ++*at;
    return str_sub(s, from, *at - from);
}

/* The table that `name` stands for in a statement: itself, or the word before it in a FROM or JOIN. */
static struct str table_of(const char *sql, struct str name) {
    struct sql_token before = { 0 }, t;
    size_t at = 0;
    bool named = false;
    while ((t = sql_next(str_of(sql), &at)).kind != SQL_END) {
        if (named && t.kind == SQL_WORD && str_eq(t.text, name) && before.text.ptr[0] >= 'a') return before.text;
        named = sql_is(before, "FROM") || sql_is(before, "JOIN") || sql_is(before, "UPDATE") || sql_is(before, "INTO");
        before = t;
    }
    return name;
}

static struct entry *entry_of(struct plan *p, struct str table) {
    if (p->n == TABLES_MAX) abort();
    struct entry *x = &p->entry[p->n++];
    *x = (struct entry){ .table = table };
    return x;
}

/* "SEARCH t USING INDEX x (home=? AND key<?)", "SCAN t", "USE TEMP B-TREE FOR ORDER BY". */
static void read_sqlite(struct arena *a, const char *sql, struct str line, struct plan *p) {
    bool search = str_starts(line, S("SEARCH "));
    if (str_starts(line, S("USE TEMP B-TREE FOR ")) && str_find(line, S("ORDER BY"), 0) != SIZE_MAX) p->sorts = true;
    if (!search && !str_starts(line, S("SCAN "))) return;
    size_t at = search ? 7 : 5;
    struct str name = word_at(line, &at);
    if (str_eq(name, S("CONSTANT")) || !name.len) return; /* VALUES (...), a row of no table */
    if (str_find(line, S(" CONSTANT ROWS"), 0) != SIZE_MAX) return; /* several of them: "SCAN 8 CONSTANT ROWS" */
    struct entry *x = entry_of(p, table_of(sql, name));
    x->index = search;
    size_t open = str_find_char(line, '(', at);
    for (at = open + 1; search && open < line.len && at < line.len;) {
        struct str column = word_at(line, &at);
        if (str_eq(column, S("ANY"))) break; /* a skip over its values: what follows bounds each of them, not the whole */
        if (column.len && !str_eq(column, S("AND"))) x->columns = ARENA_CAT(a, x->columns, S(" "), column);
        if (!column.len) at++;
    }
}

/* "->  Index Scan using x on t alias  (cost=...)", and below it "Index Cond: ((home = '1'::bigint) AND (c.id < ...))". */
static void read_postgres(struct arena *a, struct str line, struct plan *p) {
    line = str_trim(line);
    if (str_starts(line, S("Index Cond: ")) && p->n) {
        struct entry *x = &p->entry[p->n - 1];
        for (size_t at = 12; at + 1 < line.len; at++) {
            if (line.ptr[at] != '(' || line.ptr[at + 1] == '(') continue;
            size_t from = at + 1;
            struct str column = word_at(line, &from);
            if (from < line.len && line.ptr[from] == '.') from++, column = word_at(line, &from);
            x->columns = ARENA_CAT(a, x->columns, S(" "), column);
        }
        return;
    }
    size_t using = str_find(line, S(" using "), 0), on = str_find(line, S(" on "), 0), scan = str_find(line, S("Scan "), 0);
    if (scan == SIZE_MAX || on == SIZE_MAX || scan > on || str_find(line, S("CTE Scan"), 0) != SIZE_MAX) return;
    if (str_find(line, S("Values Scan"), 0) != SIZE_MAX) return; /* rows of the statement itself */
    on += 4;
    struct entry *x = entry_of(p, word_at(line, &on));
    x->index = using != SIZE_MAX;
    using += 7;
    if (x->index) x->name = word_at(line, &using);
}

/* PostgreSQL tells each condition on a column of the index, also of one that bounds nothing because no condition is on the column
 * before it. What is left of `columns` bounds. */
static int keep_leading(struct store_tx *tx, struct arena *a, struct entry *x, struct err *e) {
    static const struct store_stmt st = {
        "plan_index",
        "SELECT string_agg(a.attname, ' ' ORDER BY k.n) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid CROSS JOIN LATERAL "
        "unnest(i.indkey) WITH ORDINALITY k (attnum, n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE "
        "c.relname = ?", false
    };
    struct store_rows *rows;
    struct str key = S(""), bound = ARENA_CAT(a, x->columns, S(" "));
    int rc = store_query(tx, &st, &rows, e, SV_T(x->name));
    if (rc) return rc;
    if (store_next(rows)) key = arena_str(a, store_text(rows, 0));
    x->columns = S("");
    for (size_t at = 0; at < key.len;) {
        struct str column = word_at(key, &at);
        if (str_find(bound, ARENA_CAT(a, S(" "), column, S(" ")), 0) == SIZE_MAX) break;
        x->columns = ARENA_CAT(a, x->columns, S(" "), column);
    }
    return store_end(rows, e);
}

struct asking {
    const struct store_stmt *st;
    bool postgres;
    struct plan plan;
    struct arena *a;
};

/* The store's own word on a statement: as a statement of its own, with the same parameters. */
static int explain(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *q = job->arg;
    struct store_val v[PARAMS_MAX];
    size_t n = 0, at = 0;
    struct store_rows *rows;
    struct sql_token t;
    while ((t = sql_next(str_of(q->st->sql), &at)).kind != SQL_END)
        if (t.kind == SQL_PARAM && n < PARAMS_MAX) v[n++] = SV_I(1); /* of any type: PostgreSQL is sent the text */
    struct store_stmt *st = arena_new(q->a, struct store_stmt);
    if (!st) return err_set(e, ERR_MEMORY, NULL);
    const char *sql = arena_fmt(q->a, "%s%s", q->postgres ? "EXPLAIN " : "EXPLAIN QUERY PLAN ", q->st->sql).ptr;
    *st = (struct store_stmt){ q->st->name, sql, q->st->writes };
    int rc = store_query_n(tx, st, v, n, &rows, e);
    if (rc) return rc;
    q->plan = (struct plan){ 0 };
    while (store_next(rows)) {
        struct str line = arena_str(q->a, store_text(rows, q->postgres ? 0 : 3));
        q->plan.text = ARENA_CAT(q->a, q->plan.text, S("\n        "), line);
        if (q->postgres) read_postgres(q->a, line, &q->plan);
        else read_sqlite(q->a, q->st->sql, line, &q->plan);
    }
    rc = store_end(rows, e);
    for (size_t i = 0; i < q->plan.n && q->postgres && !rc; i++)
        if (q->plan.entry[i].index) rc = keep_leading(tx, q->a, &q->plan.entry[i], e);
    return rc;
}

static bool narrow(const struct entry *x) {
    size_t at = 0;
    while (x->index && at < x->columns.len) {
        struct str column = word_at(x->columns, &at);
        if (column.len && !str_eq(column, S("home")) && !plan_coarse(column)) return true;
    }
    return false;
}

/* What is wrong with the plan; empty if nothing is. */
static struct str judge(struct arena *a, const struct store_stmt *st, const struct plan *p) {
    for (size_t i = 0; i < p->n; i++)
        if (!narrow(&p->entry[i]) && !plan_short(p->entry[i].table))
            return ARENA_CAT(a, S("reads all of "), p->entry[i].table, p->entry[i].index ? S(", by") : S(""), p->entry[i].columns);
    if (p->sorts && str_find(str_of(st->sql), S("LIMIT"), 0) != SIZE_MAX) return S("sorts more than it gives");
    return S("");
}

/* Explains and judges one statement: what is wrong, or empty; the plan in *ret_plan. */
static struct str look(struct store *s, const struct store_stmt *st, struct str *ret_plan) {
    static struct arena a;
    if (!a.limit_bytes) arena_init(&a, "plan", ARENA_BYTES);
    struct asking q = { .st = st, .postgres = store_is_postgres(s), .a = &a };
    struct err e = { 0 };
    *ret_plan = S("");
    if (store_fixture_run(s, explain, &q, &e) != STORE_OK)
        return ARENA_CAT(&a, S("cannot be explained: "), arena_str(&a, str_of(e.detail)));
    *ret_plan = q.plan.text;
    return judge(&a, st, &q.plan);
}

static void check(struct store *s, const struct store_stmt *st) {
    const char *store = store_is_postgres(s) ? "PostgreSQL" : "SQLite";
    struct str plan, what = look(s, st, &plan);
    const bool wrong = what.len > 0, excused = wrong && plan_excused(st->name);
    if (show_all) printf("%s %s: %.*s%.*s\n", store, st->name, STR_ARG(what), STR_ARG(plan));
    if (!wrong || excused) {
        passed++;
        return;
    }
    failed++;
    printf("FAIL %s: %s: %.*s%.*s\n        %s\n", store, st->name, STR_ARG(what), STR_ARG(plan), st->sql);
}

static void check_record_types(struct store *s, const struct realm *r) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < all[i]->part[SYSTEM_RECORD].n; k++) {
            const struct record_type *t = all[i]->part[SYSTEM_RECORD].entry[k].value;
            const struct store_stmt *own[] = { &t->insert, &t->retire, &t->by_id, &t->history };
            for (size_t m = 0; m < sizeof own / sizeof *own; m++) check(s, own[m]);
            for (size_t m = 0; m < t->n_indexes; m++) check(s, &t->find[m]);
        }
}

/* Planted statements: each must be found, but those that are good. */
static void controls(struct store *s) {
    static const struct {
        struct store_stmt st;
        bool good;
    } planted[] = {
        { { "whole table", "SELECT id FROM item_case WHERE home = ? ORDER BY id", false }, false },
        { { "no index", "SELECT id FROM item_case WHERE home = ? AND channel = ? ORDER BY id", false }, false },
        { { "no index that begins so", "SELECT id FROM item_case WHERE home = ? AND ended_ms = ? ORDER BY id", false }, false },
        { { "a column of few values", "SELECT object FROM access_scope WHERE home = ? AND list = ? ORDER BY object", false }, false },
        { { "one of two tables",
            "SELECT c.id FROM item_case c JOIN item_event v ON v.home = c.home AND v.at_ms = c.created_ms WHERE c.home = ? AND v.home = ? "
            "AND c.id = ? ORDER BY c.id", false }, false },
        { { "a change", "UPDATE item_case SET state = ? WHERE home = ? AND ended_ms = ?", true }, false },
        { { "by its key", "SELECT state FROM item_case WHERE home = ? AND id = ?", false }, true },
        { { "a page in order", "SELECT id FROM paper WHERE home = ? AND holder = ? ORDER BY id LIMIT ?", false }, true },
    };
    const struct store_stmt sorted = { "a page that is sorted", "SELECT id FROM paper WHERE home = ? AND holder = ? ORDER BY code LIMIT ?",
                                       false };
    struct str how;
    if (store_is_postgres(s) || look(s, &sorted, &how).len) passed++;
    else failed++, printf("FAIL control, %s%.*s\n", sorted.name, STR_ARG(how));
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        struct str plan, what = look(s, &planted[i].st, &plan);
        if ((what.len == 0) == planted[i].good && !str_starts(what, S("cannot"))) passed++;
        else failed++, printf("FAIL control, %s: %.*s%.*s\n", planted[i].st.name, STR_ARG(what), STR_ARG(plan));
    }
}

/* Every table of ours with 2,000 rows, and counted: what ends a unique key is each row's own, of the columns of few values there are
 * 5, of everything else 100. */
static const char fill[] =
    "DO $$ DECLARE t record; names text; vals text; BEGIN SET LOCAL session_replication_role = replica; FOR t IN SELECT c.oid, c.relname "
    "FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND EXISTS (SELECT 1 FROM pg_attribute a WHERE "
    "a.attrelid = c.oid AND a.attname = 'home') LOOP SELECT string_agg(quote_ident(attname), ', '), string_agg(CASE WHEN attname = 'home' "
    "THEN '1' WHEN atttypid = 'bigint'::regtype THEN v WHEN atttypid = 'text'::regtype THEN '''v'' || ' || v ELSE 'decode(md5((' || v || "
    "')::text), ''hex'')' END, ', ') INTO names, vals FROM (SELECT attname, atttypid, CASE WHEN EXISTS (SELECT 1 FROM pg_index i WHERE "
    "i.indrelid = t.oid AND i.indisunique AND i.indkey[i.indnkeyatts - 1] = attnum) THEN '(g)' WHEN attname IN (%s) THEN '(g %% 5)' ELSE '(g %% 100)' END "
    "v FROM pg_attribute "
    "WHERE attrelid = t.oid AND attnum > 0 AND atttypid <> 'tsvector'::regtype) x; EXECUTE format('INSERT INTO %%I (%%s) SELECT %%s FROM "
    "generate_series(1, 2000) g ON CONFLICT DO NOTHING', t.relname, names, vals); EXECUTE format('ANALYZE %%I', t.relname); END LOOP; END $$";

static int fill_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct str few = S("''");
    for (size_t i = 0; plan_coarse_at(i); i++) few = ARENA_CAT(job->arena, few, S(", '"), str_of(plan_coarse_at(i)), S("'"));
    const struct store_stmt st = { "fill", arena_fmt(job->arena, fill, arena_cstr(job->arena, few)).ptr, true };
    return store_exec_n(tx, &st, NULL, 0, NULL, e);
}

static int fail(const char *what, const struct err *e) {
    failed++;
    return printf("FAIL %s: %s\n", what, e->detail);
}

/* SQLite is asked on the very store that made the tables of the record types: its planner was told of them at once. */
static void on(bool postgres) {
    void *state;
    struct err e = { 0 };
    size_t n;
    char url[1200];
    if (city_fixture_open_empty(&state, postgres) || !state) return;
    struct city *c = state;
    (void)snprintf(url, sizeof url,
                   "%.*s options='-c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off'",
                   STR_ARG(store_fixture_url(c->fixture)));
    struct store_config config = { .url = str_of(url), .node = 2 };
    struct store *s = c->app->store;
    int rc = app_load_systems(c->app, "systems", &e) ? fail("app_load_systems", &e) : 0;
    if (!rc && postgres) rc = store_open(&config, &s, &e) ? fail("store_open", &e) : 0;
    if (!rc && postgres) rc = store_fixture_run(s, fill_body, NULL, &e) == STORE_OK ? 0 : fail("fill", &e);
    if (!rc) {
        const struct store_stmt *const *st = store_stmts(&n);
        for (size_t i = 0; i < n; i++) check(s, st[i]);
        check_record_types(s, &c->app->realm);
        controls(s);
    }
    if (s != c->app->store) store_close(s);
    (void)city_fixture_done(&state);
}

int main(int argc, char **argv) {
    const char *name;
    show_all = argc > 1 && strcmp(argv[1], "all") == 0;
    on(false);
    on(true);
    for (size_t i = 0; (name = plan_idle(i)); i++) failed++, printf("FAIL the exception of %s is needed no longer\n", name);
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
