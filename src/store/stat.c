/* stat: what SQLite's planner is to think of our tables. It knows nothing of how often values come, and takes each first column of
 * a key for one that narrows to ten rows. Ours is `home`, one value in most stores: so it read a whole table in the order of its primary
 * key where an index led to three rows. It is told the truth by its own table, sqlite_stat1: `home` narrows nothing, each further column
 * does. PostgreSQL counts for itself (autovacuum).
 *
 * Invariants
 *  1. The figures are of the schema, never of the rows: the same statement has the same plan in an empty store and in a full one,
 *     and ANALYZE, which would count, is not run.
 *  2. An index has its figures in the transaction that makes it, or before anything is served.
 * Enforced by tests/gates/plan.c, which asks for the plan of every statement.
 */
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

int store_stat_tell(struct store_tx *tx, struct err *e) {
    int rc = 0;
    for (size_t i = 0; i < sizeof told / sizeof *told && !rc && !tx->store->postgres; i++) {
        struct store_stmt st = { "store_stat", told[i], true };
        rc = store_exec_n(tx, &st, NULL, 0, NULL, e);
    }
    return rc;
}
