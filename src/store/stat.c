/* stat: what each store is told of our tables.
 *
 * SQLite's planner knows nothing of how often values come, and takes each first column of a key for one that narrows to ten rows. Ours
 * is `home`, one value in most stores: so it read a whole table in the order of its primary key where an index led to three rows. It is
 * told the truth by its own table, sqlite_stat1: `home` narrows nothing, each further column does.
 * PostgreSQL counts for itself (autovacuum; store_stat_count after a load).
 *
 * PostgreSQL writes a changed row beside the old one; where there is no room in its page it goes to another, and each index of the table
 * gets an entry: dearer, and under SERIALIZABLE it meets all who read a neighbour by one of them, so that one runs again. Tables whose
 * rows change have half of each page left free.
 *
 * Invariants
 *  1. The figures are of the schema, never of the rows: the same statement has the same plan in an empty store and in a full one,
 *     and ANALYZE, which would count, is not run there.
 *  2. A table has room unless the program's statements put rows in and none changes one.
 *  3. An index has its figures in the transaction that makes it, or before anything is served.
 * Enforced by tests/gates/plan.c, which asks for the plan of every statement.
 */
#include "store/sql.h"
#include "store/store_impl.h"

/* Rows in the table, then rows for one value of the first column, of the first two ...; a figure is 8 bytes wide. The last one of a
 * unique key is 1. `noskipscan`: an index of another question is none for this one. */
#define ROWS "'1000000 1000000 0001000 0000100 0000010 0000002 0000002 0000002 0000002'"
#define INDEX_NAME "CASE i.origin WHEN 'pk' THEN t.name ELSE i.name END"
#define COLUMNS "min(7, (SELECT COUNT(*) FROM pragma_index_info(i.name)))"

/* ANALYZE sqlite_schema makes the table where there is none, and reads it; of a table of SQLite's own it counts nothing. */
static const char *const told[] = {
    "ANALYZE sqlite_schema",
    "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT t.name, " INDEX_NAME ", substr(" ROWS ", 1, 8 * (" COLUMNS " - i.\"unique\") "
    "+ 7) || CASE i.\"unique\" WHEN 1 THEN ' 1' ELSE '' END || ' noskipscan' FROM sqlite_schema t JOIN pragma_index_list(t.name) i "
    "WHERE t.type = 'table' AND EXISTS (SELECT 1 FROM pragma_index_info(i.name) WHERE seqno = 0 AND name = 'home') "
    "AND NOT EXISTS (SELECT 1 FROM sqlite_stat1 s WHERE s.tbl = t.name AND s.idx = " INDEX_NAME ")",
    "ANALYZE sqlite_schema",
};

/* Does a statement of the program say these two words of a table of this name? */
static bool some_says(const char *verb, const char *second, struct str table) {
    size_t n;
    const struct store_stmt *const *st = store_stmts(&n);
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        struct str sql = str_of(st[i]->sql);
        if (!sql_is(sql_next(sql, &at), verb)) continue;
        struct sql_token t = sql_next(sql, &at);
        if (second && sql_is(t, second)) t = sql_next(sql, &at);
        if (str_eq(t.text, table)) return true;
    }
    return false;
}

/* Of PostgreSQL alone, so no statement of the program's. */
static const struct store_stmt without_room = {
    "store_stat",
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = CURRENT_SCHEMA()::regnamespace AND reloptions IS NULL", false
};

/* SHARE UPDATE EXCLUSIVE: nobody who reads or writes waits for it. */
static int make_room(struct store_tx *tx, struct err *e) {
    struct store_rows *rows;
    struct buf b;
    int rc = store_query_n(tx, &without_room, NULL, 0, &rows, e);
    if (rc) return rc;
    buf_init(&b, store_arena(tx), 4096, 1 << 20);
    while (store_next(rows)) {
        struct str table = store_text(rows, 0);
        if (some_says("INSERT", "INTO", table) && !some_says("UPDATE", NULL, table)) continue;
        buf_add_fmt(&b, "ALTER TABLE %.*s SET (fillfactor = 50);", STR_ARG(table));
    }
    rc = store_end(rows, e);
    if (!rc && !buf_ok(&b)) rc = err_set(e, ERR_MEMORY, "stat");
    for (size_t at = 0, end; !rc && at < buf_str(&b).len; at = end + 1) {
        end = str_find_char(buf_str(&b), ';', at);
        struct store_stmt st = { "store_stat", arena_cstr(store_arena(tx), str_sub(buf_str(&b), at, end - at)), true };
        rc = store_exec_n(tx, &st, NULL, 0, NULL, e);
    }
    return rc;
}

int store_stat_tell(struct store_tx *tx, struct err *e) {
    int rc = tx->store->postgres ? make_room(tx, e) : 0;
    for (size_t i = 0; i < sizeof told / sizeof *told && !rc && !tx->store->postgres; i++) {
        struct store_stmt st = { "store_stat", told[i], true };
        rc = store_exec_n(tx, &st, NULL, 0, NULL, e);
    }
    return rc;
}

int store_stat_count(struct store_tx *tx, struct err *e) {
    struct store_stmt st = { "store_stat", "ANALYZE", true };
    return tx->store->postgres ? store_exec_n(tx, &st, NULL, 0, NULL, e) : 0;
}
