/* Unit tests of the linter, of the reading of migrations, and of every statement of the program on both stores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "app/generated.h"
#include "store/sql.h"
#include "store/store_fixture.h"

static void test_every_statement_is_in_the_subset(void **state) {
    (void)state;
    size_t n, wrong = 0;
    struct err e;
    const struct store_stmt *const *st = store_stmts(&n);
    assert_true(n > 10);
    for (size_t i = 0; i < n; i++)
        if (store_lint(st[i], &e) < 0) {
            (void)fprintf(stderr, "%s\n", e.detail);
            wrong++;
        }
    assert_int_equal(wrong, 0);
}

static void prepare_all(struct store *s, void *arg) {
    (void)arg;
    size_t n, wrong = 0;
    struct err e;
    const struct store_stmt *const *st = store_stmts(&n);
    for (size_t i = 0; i < n; i++)
        if (store_probe(s, st[i], &e) < 0) {
            (void)fprintf(stderr, "%s: %s\n", store_is_postgres(s) ? "PostgreSQL" : "SQLite", e.detail);
            wrong++;
        }
    assert_int_equal(wrong, 0);
    const struct store_stmt bad = { "bad", "SELECT nothing FROM store_lease WHERE home = ?", false };
    const struct store_stmt lies = { "lies", "DELETE FROM store_lease WHERE home = ?", false };
    assert_int_equal(store_probe(s, &bad, &e), ERR_DEFECT);
    if (!store_is_postgres(s)) assert_int_equal(store_probe(s, &lies, &e), ERR_DEFECT);
}

static void test_every_statement_prepares(void **state) {
    store_fixture_each(prepare_all, *state);
}

static void test_names_are_unique(void **state) {
    (void)state;
    size_t n;
    const struct store_stmt *const *st = store_stmts(&n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) assert_string_not_equal(st[i]->name, st[k]->name);
}

static void test_linter_refuses(void **state) {
    (void)state;
    static const struct {
        const char *sql, *says;
        bool writes;
    } bad[] = {
        { "SELECT a FROM t WHERE home = ? ORDER BY a LIMIT 1 OFFSET 10", "outside the subset", false },
        { "SELECT a FROM t WHERE home = ? LIMIT 1", "ORDER BY", false },
        { "SELECT a FROM t WHERE id = ?", "home", false },
        { "SELECT t.a FROM t JOIN u ON u.id = t.id WHERE t.home = ?", "home", false },
        { "SELECT a FROM t WHERE home = ? AND id IN (SELECT id FROM u WHERE x = ?)", "home", false },
        { "SELECT a FROM t, u WHERE t.home = ? AND u.home = ?", "JOIN", false },
        { "SELECT a FROM t x, u WHERE x.home = ? AND u.home = ?", "JOIN", false },
        { "SELECT * FROM t WHERE home = ?", "named", false },
        { "SELECT t.* FROM t WHERE home = ?", "named", false },
        { "SELECT SUM(*) FROM t WHERE home = ?", "named", false },
        { "SELECT a FROM t WHERE home = ? AND a LIKE ?", "outside the subset", false },
        { "SELECT a->'b' FROM t WHERE home = ?", "outside the subset", false },
        { "SELECT a::text FROM t WHERE home = ?", "outside the subset", false },
        { "SELECT \"a\" FROM t WHERE home = ?", "outside the subset", false },
        { "SELECT a FROM t WHERE home = ?1", "numbered", false },
        { "SELECT a FROM t WHERE home = $1", "outside the subset", false },
        { "SELECT a FROM t WHERE home = ? AND b = TRUE", "outside the subset", false },
        { "SELECT a FROM t WHERE home = ? AND b IS 1", "NULL only", false },
        { "SELECT a FROM t WHERE home = ? AND b IS NOT 1", "NULL only", false },
        { "SELECT now() FROM t WHERE home = ?", "function", false },
        { "SELECT AVG(a) FROM t WHERE home = ?", "outside the subset", false },
        { "SELECT CAST(a AS INTEGER) FROM t WHERE home = ?", "outside the subset", false },
        { "SELECT a FROM t WHERE home = ? FOR UPDATE", "outside the subset", false },
        { "SELECT a FROM t RIGHT JOIN u ON u.home = t.home WHERE t.home = ?", "outside the subset", false },
        { "SELECT a FROM t WHERE home = ?; DELETE FROM t WHERE home = ?", "outside the subset", false },
        { "DELETE FROM t WHERE id = ?", "home", true },
        { "DELETE FROM t WHERE home = ?", "writes", false },
        { "SELECT a FROM t WHERE home = ?", "only reads", true },
        { "UPDATE t SET a = 1 WHERE id = ?", "home", true },
        { "UPDATE t SET a = 1 WHERE home = ? RETURNING a", "RETURNING", true },
        { "INSERT INTO t (id, home) VALUES (?, ?)", "home first", true },
        { "INSERT INTO t VALUES (?, ?)", "home first", true },
        { "INSERT OR REPLACE INTO t (home, id) VALUES (?, ?)", "outside the subset", true },
        { "INSERT INTO t (home, id) VALUES (?, ?) ON CONFLICT DO NOTHING", "names its columns", true },
        { "PRAGMA journal_mode", "outside the subset", false },
        { "DROP TABLE t", "outside the subset", true },
        { "PREPARE TRANSACTION 'a'", "outside the subset", true }, /* no commit in two phases: a saga instead */
        { "COMMIT PREPARED 'a'", "outside the subset", true },
        { "", "not SELECT", false },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct store_stmt st = { "x", bad[i].sql, bad[i].writes };
        struct err e = { 0 };
        if (store_lint(&st, &e) != ERR_SYSTEM || !strstr(e.detail, bad[i].says))
            fail_msg("%s -> %s", bad[i].sql, e.detail);
    }
}

static void test_linter_accepts(void **state) {
    (void)state;
    static const struct {
        const char *sql;
        bool writes;
    } good[] = {
        { "SELECT COUNT(*), MAX(a) FROM t WHERE home = ? AND (a, b) > (?, ?)", false },
        { "SELECT a, b FROM t WHERE home = ? AND a < ? ORDER BY a DESC LIMIT ?", false },
        { "SELECT t.a FROM t JOIN u ON u.home = t.home AND u.id = t.u WHERE t.home = ?", false },
        { "SELECT t.a FROM t LEFT JOIN u ON u.home = t.home AND u.id = t.u WHERE t.home = ? ORDER BY t.a, u.b",
          false },
        { "SELECT a FROM t WHERE home = ? AND EXISTS (SELECT 1 FROM u WHERE u.home = t.home AND u.t = t.id)", false },
        { "WITH RECURSIVE up (id, parent) AS (SELECT id, parent FROM t WHERE home = ? AND id = ? UNION ALL SELECT "
          "t.id, t.parent "
          "FROM t JOIN up ON t.id = up.parent WHERE t.home = ?) SELECT id FROM up",
          false },
        { "INSERT INTO t (home, id) VALUES (?, ?) ON CONFLICT (home, id) DO UPDATE SET a = excluded.a, b = b + 1",
          true },
        { "INSERT INTO t (home, id) VALUES (?, ?) ON CONFLICT (home, id) DO NOTHING", true },
        { "INSERT INTO t (home, id) VALUES (?, ?) RETURNING id", true },
        { "INSERT INTO t (home, a) SELECT home, a FROM u WHERE home = ?", true },
        { "UPDATE t SET a = COALESCE(?, a), b = b + 1 WHERE home = ? AND id = ? AND version = ?", true },
        { "DELETE FROM t WHERE home = ? AND id = ? -- a remark; with marks", true },
        { "SELECT CASE WHEN a IS NULL THEN 0 ELSE CAST(b AS BIGINT) END FROM t WHERE home = ? AND c IS NOT NULL",
          false },
        { "SELECT a FROM t WHERE home = ? AND b = 'it''s; -> LIKE'", false },
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct store_stmt st = { "x", good[i].sql, good[i].writes };
        struct err e = { 0 };
        if (store_lint(&st, &e) != 0) fail_msg("%s -> %s", good[i].sql, e.detail);
    }
}

#define TABLE "CREATE TABLE t (home BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (home, id)"

static void test_migrations_only_add(void **state) {
    (void)state;
    static const struct {
        const char *sql, *says;
    } bad[] = {
        { "DROP TABLE t;", "only adds" },
        { "CREATE TABLE t (id BIGINT NOT NULL, PRIMARY KEY (id));", "home" },
        { "CREATE TABLE t (home BIGINT, PRIMARY KEY (home));", "home" },
        { "CREATE TABLE t (home BIGINT NOT NULL, id BIGINT, PRIMARY KEY (id, home));", "home must lead" },
        { "CREATE TABLE t (home BIGINT NOT NULL, id BIGINT);", "PRIMARY KEY" },
        { "CREATE TABLE t (home BIGINT NOT NULL, id INTEGER, PRIMARY KEY (home, id));", "types" },
        { "CREATE TABLE t (home BIGINT NOT NULL, v TIMESTAMP, PRIMARY KEY (home));", "types" },
        { "CREATE TABLE u (home BIGINT NOT NULL, PRIMARY KEY (home));", "engine" },
        { TABLE ", UNIQUE (id));", "home must lead" },
        { TABLE ", FOREIGN KEY (home, id) REFERENCES t_later (home, id));", "not there yet" },
        { TABLE ")", "\";\"" },
        { TABLE "); CREATE INDEX i ON t (id);", "home must lead" },
        { TABLE "); CREATE INDEX i ON t (home, no);", "no such column" },
        { TABLE "); ALTER TABLE t DROP COLUMN id;", "only adds" },
        { TABLE "); ALTER TABLE t ADD COLUMN n BIGINT NOT NULL;", "default" },
        { TABLE "); ALTER TABLE t ADD COLUMN id BIGINT;", "already" },
        { TABLE "); " TABLE ");", "already" },
        { TABLE "); DROP INDEX i;", "not an index" },
        { TABLE "); CREATE UNIQUE INDEX i ON t (home, id); DROP INDEX i;", "a promise" },
        { TABLE "); CREATE INDEX i ON t (home, id); DROP INDEX i; DROP INDEX i;", "not an index" },
        { TABLE "); CREATE INDEX i ON t (home, id); CREATE INDEX i ON t (home, id);", "already" },
        { TABLE "); CREATE UNIQUE INDEX i ON t (home, id) SPREAD;", "in order" },
        { TABLE "); INSERT INTO t (home, id) VALUES (1, 1);", "only adds" },
    };
    struct arena a;
    struct sql_schema *s;
    arena_init(&a, "test", 64 * 1024 * 1024);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct store_migration m = { "t", 1, bad[i].sql };
        struct err e = { 0 };
        if (sql_schema_read(&a, &m, 1, &s, &e) != ERR_SYSTEM || !strstr(e.detail, bad[i].says))
            fail_msg("%s -> %s", bad[i].sql, e.detail);
    }
    struct err e;
    struct store_migration gap[] = { { "t", 1, TABLE ");" }, { "t", 3, "" } };
    assert_int_equal(sql_schema_read(&a, gap, 2, &s, &e), ERR_SYSTEM);
    struct store_migration good[] = {
        { "t", 1, TABLE ", CHECK (id > 0));" },
        { "t", 2, "ALTER TABLE t ADD COLUMN v TEXT NOT NULL DEFAULT '-'; CREATE UNIQUE INDEX i ON t (home, v DESC);" },
        { "t", 3, "CREATE INDEX j ON t (home, v, id) SPREAD; DROP INDEX j;" },
        { "u", 1, "-- words\nCREATE TABLE u_x (home BIGINT NOT NULL, id BIGINT, b BYTES, PRIMARY KEY (home, id), "
                  "FOREIGN KEY (home, id) REFERENCES t (home, id));" },
    };
    assert_int_equal(sql_schema_read(&a, good, 4, &s, &e), 0);
    assert_int_equal(s->n, 2);
    assert_int_equal(s->n_indexes, 1);
    assert_int_equal(s->table[0]->n_columns, 3);
    assert_int_equal(s->table[1]->column[2].type, STORE_BYTES);
    const char *sql;
    assert_int_equal(sql_migration(&a, &good[3], false, &sql, &e), 0);
    assert_non_null(strstr(sql, "b BLOB,"));
    assert_non_null(strstr(sql, ") STRICT, WITHOUT ROWID;"));
    assert_int_equal(sql_migration(&a, &good[1], true, &sql, &e), 0);
    assert_non_null(strstr(sql, "(home, v DESC);"));
    assert_int_equal(sql_migration(&a, &good[2], true, &sql, &e), 0);
    assert_string_equal(sql, "CREATE INDEX j ON t USING hash ( id) WITH (fillfactor = 10); DROP INDEX j;");
    assert_int_equal(sql_migration(&a, &good[2], false, &sql, &e), 0);
    assert_string_equal(sql, "CREATE INDEX j ON t (home, v, id); DROP INDEX j;");
    assert_int_equal(sql_migration(&a, &good[1], true, &sql, &e), 0);
    assert_non_null(strstr(sql, "v text COLLATE \"C\" NOT NULL"));
    arena_done(&a);
}

/* A changed migration is noticed; a longer list is applied; a shorter one (an older binary) runs. */
static void test_migrations_are_recorded(void **state) {
    (void)state;
    for (int postgres = 0; postgres < 2; postgres++) {
        struct store_fixture *f = store_fixture_new(postgres);
        if (!f) continue;
        struct store_migration m[64];
        assert_true(n_migrations + 2 < 64);
        memcpy(m, migrations, n_migrations * sizeof *m);
        size_t n = n_migrations;
        struct store_config c = { .url = store_fixture_url(f), .migrations = m, .n_migrations = n };
        struct store *s;
        struct err e;
        assert_int_equal(store_open(&c, &s, &e), 0);
        store_close(s);
        m[n] = (struct store_migration){ "zz", 1,
                                         "CREATE TABLE zz (home BIGINT NOT NULL, v TEXT, PRIMARY KEY (home));" };
        c.n_migrations = n + 1;
        assert_int_equal(store_open(&c, &s, &e), 0);
        store_close(s);
        m[n].sql = "CREATE TABLE zz (home BIGINT NOT NULL, v BYTES, PRIMARY KEY (home));";
        assert_int_equal(store_open(&c, &s, &e), ERR_SYSTEM);
        assert_non_null(strstr(e.detail, "zz_0001.sql was changed"));
        c.n_migrations = n;
        assert_int_equal(store_open(&c, &s, &e), 0);
        store_close(s);
        store_fixture_free(f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_statement_is_in_the_subset),
        cmocka_unit_test(test_every_statement_prepares),
        cmocka_unit_test(test_names_are_unique),
        cmocka_unit_test(test_linter_refuses),
        cmocka_unit_test(test_linter_accepts),
        cmocka_unit_test(test_migrations_only_add),
        cmocka_unit_test(test_migrations_are_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
