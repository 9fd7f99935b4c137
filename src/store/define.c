/* define: tables that a release declares (record types), made while serving. A definition is a migration whose text is kept in the
 * store itself, since no binary carries it; it is additive and named like any other, and dump and load take it along.
 * Invariants: 1. A definition and its tables are one transaction with the act that needs them. 2. A name once defined keeps its text.
 */
#include <string.h>

#include "store/sql.h"
#include "store/store_impl.h"

STORE_STMT(define_find, STORE_READS, "SELECT sql FROM define_table WHERE home = 0 AND engine = ? AND number = ?");
STORE_STMT(define_add, STORE_WRITES, "INSERT INTO define_table (home, engine, number, sql) VALUES (0, ?, ?, ?)");
STORE_STMT(define_list, STORE_READS,
           "SELECT engine, number, sql FROM define_table WHERE home = 0 ORDER BY engine, number");

/* Runs each statement of a translated migration, parted by the same words that sql_schema_read judged: what stands behind a
 * ';' in a comment or a text is no statement. */
static int run_each(struct store_tx *tx, struct str sql, struct err *e) {
    enum { STATEMENTS_MAX = 64 };
    size_t at = 0;
    for (int n = 0; n < STATEMENTS_MAX; n++) {
        struct sql_token first = sql_next(sql, &at), t = first;
        while (t.kind != SQL_END && !sql_is(t, ";")) t = sql_next(sql, &at);
        if (first.kind == SQL_END) return 0;
        struct store_stmt st = { "define_run", arena_cstr(store_arena(tx), str_sub(sql, first.at, t.at - first.at)), true };
        if (!st.sql) return err_set(e, ERR_MEMORY, NULL);
        int rc = store_exec_n(tx, &st, NULL, 0, NULL, e);
        if (rc) return rc;
    }
    return err_set(e, ERR_LIMIT, "more than %d statements define one table", STATEMENTS_MAX - 1);
}

int store_define(struct store_tx *tx, const struct store_migration *m, struct err *e) {
    struct store_rows *rows;
    struct sql_schema *schema;
    const char *sql;
    bool found = false, same = false;
    int rc = store_query(tx, &define_find, &rows, e, SV_T(str_of(m->engine)), SV_I(m->number));
    if (rc) return rc;
    if (store_next(rows)) found = true, same = str_eq(store_text(rows, 0), str_of(m->sql));
    rc = store_end(rows, e);
    if (rc || same) return rc;
    if (found) return err_set(e, ERR_SYSTEM, "%s was defined otherwise before; give it a new name", m->engine);
    rc = sql_schema_read(store_arena(tx), m, 1, &schema, e);
    if (!rc) rc = sql_migration(store_arena(tx), m, tx->store->postgres, &sql, e);
    if (!rc) rc = run_each(tx, str_of(sql), e);
    if (!rc) rc = store_stat_tell(tx, e);
    return rc ? rc : store_exec(tx, &define_add, NULL, e, SV_T(str_of(m->engine)), SV_I(m->number), SV_T(str_of(m->sql)));
}

/* ---- for dump and load: the program's migrations and what was defined ---- */

struct listing {
    struct arena *a;
    struct store_migration *list;
    size_t n, cap;
};

static int list_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct listing *l = job->arg;
    struct store_rows *rows;
    size_t base = tx->store->n_migrations;
    l->n = base;
    int rc = store_query_n(tx, &define_list, NULL, 0, &rows, e);
    if (rc) return rc;
    while (store_next(rows)) {
        if (l->n == l->cap) return err_set(e, ERR_LIMIT, "more than %d tables were defined", STORE_DEFINED_MAX);
        l->list[l->n++] = (struct store_migration){ arena_cstr(l->a, store_text(rows, 0)), (int)store_i64(rows, 1),
                                                    arena_cstr(l->a, store_text(rows, 2)) };
    }
    rc = store_end(rows, e);
    return rc == 0 && arena_overflowed(l->a) ? err_set(e, ERR_MEMORY, NULL) : rc;
}

int store_all_migrations(struct store *s, struct arena *a, const struct store_migration **ret, size_t *n, struct err *e) {
    struct arena rows;
    struct listing l = { .a = a, .cap = s->n_migrations + STORE_DEFINED_MAX };
    l.list = arena_array(a, l.cap, sizeof *l.list);
    if (!l.list) return err_set(e, ERR_MEMORY, NULL);
    memcpy(l.list, s->migrations, s->n_migrations * sizeof *l.list);
    arena_init(&rows, "definitions", 16 * 1024 * 1024);
    struct store_job job = { .queue = STORE_READ, .arena = &rows, .body = list_body, .arg = &l };
    int rc = store_do(s, &job, e);
    arena_done(&rows);
    *ret = l.list;
    *n = l.n;
    return rc;
}

static bool plain(struct str s) {
    return s.len > 0 && str_utf8_valid(s) && str_find_char(s, '\0', 0) == SIZE_MAX;
}

int store_define_read(struct arena *a, struct str line, struct store_migration *ret, struct err *e) {
    struct str head, name, number;
    int64_t n;
    if (str_find_char(line, '\n', 0) == SIZE_MAX) {
        *ret = (struct store_migration){ 0 };
        return 0;
    }
    (void)str_cut(&line, '\n', &head);
    if (!str_cut(&head, ' ', &name) || !str_cut(&head, ' ', &number) || !plain(name) || !plain(line) || !str_to_i64(number, &n) ||
        n < 1 || n > 9999)
        return err_set(e, ERR_DAMAGED, "the backup's definitions");
    struct store_migration m = { arena_cstr(a, name), (int)n, arena_cstr(a, line) };
    if (!m.engine || !m.sql) return err_set(e, ERR_MEMORY, "the backup's definitions");
    *ret = m;
    return 0;
}

static int define_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_define(tx, job->arg, e);
}

int store_define_alone(struct store *s, const struct store_migration *m, struct err *e) {
    struct arena rows;
    struct store_migration own = *m;
    arena_init(&rows, "define", 16 * 1024 * 1024);
    struct store_job job = { .queue = STORE_INTERACTIVE, .arena = &rows, .body = define_body, .arg = &own };
    int rc = store_do(s, &job, e);
    arena_done(&rows);
    return rc;
}
