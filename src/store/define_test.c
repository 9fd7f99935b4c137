/* define: tables that a release declares: once, additive, and carried by a backup from either store to the other. */
#include "os/os.h"
#include "store/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define GOOD "CREATE TABLE r_thing (home BIGINT NOT NULL, id BIGINT NOT NULL, body BYTES NOT NULL, PRIMARY KEY (home, id));\n" \
             "CREATE INDEX r_thing_body ON r_thing (home, body);\n"
static const struct store_stmt insert = { "define_test_insert",
                                          "INSERT INTO r_thing (home, id, body) VALUES (?, ?, ?)",
                                          true };
static const struct store_stmt read_one = { "define_test_read",
                                            "SELECT id FROM r_thing WHERE home = ? AND body = ?",
                                            false };

static int define_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_define(tx, job->arg, e);
}
static int define_and_fail(struct store_tx *tx, struct store_job *job, struct err *e) {
    int rc = store_define(tx, job->arg, e);
    return rc ? rc : err_set(e, ERR_STATE, "rolled back");
}
static int insert_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    (void)job;
    return store_exec(tx, &insert, NULL, e, SV_I(1), SV_I(7), SV_B(S("\x01\x00z")));
}
static int read_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct store_val v[] = { SV_I(1), SV_B(S("\x01\x00z")) };
    return store_one_i64(tx, &read_one, v, 2, job->arg, e);
}

static int define(struct store *s, const char *name, int number, const char *sql) {
    struct store_migration m = { name, number, sql };
    struct err e = { 0 };
    return store_fixture_run(s, define_body, &m, &e) == STORE_OK ? 0 : e.code ? e.code : ERR_STORE;
}

static void defining(struct store *s, void *arg) {
    struct store_migration m = { "r_thing", 1, GOOD };
    int64_t id = 0;
    (void)arg;
    assert_int_equal(store_fixture_run(s, define_and_fail, &m, NULL), STORE_FAILED); /* goes with its transaction */
    assert_int_not_equal(store_fixture_run(s, insert_body, NULL, NULL), STORE_OK);
    assert_int_equal(define(s, "r_thing", 1, GOOD), 0);
    assert_int_equal(define(s, "r_thing", 1, GOOD), 0); /* the same text again: nothing */
    assert_int_equal(define(s, "r_thing", 1,
                            "CREATE TABLE r_other (home BIGINT NOT NULL, PRIMARY KEY (home));\n"),
                     ERR_SYSTEM);
    assert_int_equal(store_fixture_run(s, insert_body, NULL, NULL), STORE_OK);
    assert_int_equal(store_fixture_read(s, read_body, &id, NULL), STORE_OK);
    assert_int_equal(id, 7);
}

static void additive(struct store *s, void *arg) {
    static const char *const bad[] = {
        "DROP TABLE audit_entry;\n",
        "DELETE FROM audit_entry;\n",
        "UPDATE identity_account SET state = 'active';\n",
        "CREATE TRIGGER t AFTER INSERT ON audit_entry BEGIN SELECT 1; END;\n",
        "CREATE TABLE r_x (home BIGINT NOT NULL, v FLOAT NOT NULL, PRIMARY KEY (home));\n",
        "INSERT INTO identity_post (home) VALUES (1);\n",
        "PRAGMA foreign_keys = 0;\n",
    };
    (void)arg;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int rc = define(s, "r_x", 1, bad[i]);
        if (rc == 0) print_error("taken: %s", bad[i]);
        assert_int_not_equal(rc, 0);
    }
}

static void test_defining(void **state) {
    store_fixture_each(defining, *state);
}
static void test_additive_only(void **state) {
    store_fixture_each(additive, *state);
}

/* ---- what SQLite's planner is told (stat.c) ---- */

static const struct store_stmt explain = { "define_test_plan",
                                           "EXPLAIN QUERY PLAN SELECT body FROM r_wide WHERE home = ? AND of = ? ORDER BY id", false };
#define WIDE "CREATE TABLE r_wide (home BIGINT NOT NULL, id BIGINT NOT NULL, of BIGINT NOT NULL, body BYTES NOT NULL, " \
             "PRIMARY KEY (home, id));\nCREATE INDEX r_wide_of ON r_wide (home, of, id);\n"
static const struct store_stmt forget = { "define_test_forget", "DELETE FROM sqlite_stat1", true };

static int plan_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct store_rows *rows;
    bool *by_index = job->arg;
    int rc = store_query(tx, &explain, &rows, e, SV_I(1), SV_I(1));
    if (rc) return rc;
    *by_index = store_next(rows) && str_find(store_text(rows, 3), S("r_wide_of (home=? AND of=?)"), 0) != SIZE_MAX;
    return store_end(rows, e);
}
static int forget_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    (void)job;
    return store_exec_n(tx, &forget, NULL, 0, NULL, e);
}

/* The index leads to few rows; the primary key, to which its order would be worth more to a planner that knows nothing, to all of the
 * home's. Writer and readers know it as soon as the table is made; a store of before, once it is opened. */
static void test_the_planner_is_told(void **state) {
    (void)state;
    struct store_fixture *f = store_fixture_new(false);
    struct store *s = store_fixture_open(f);
    bool by_index = true;
    assert_int_not_equal(store_fixture_read(s, plan_body, &by_index, NULL), STORE_OK); /* no table yet; this reader stays open */
    assert_int_equal(define(s, "r_wide", 1, WIDE), 0);
    by_index = false;
    assert_int_equal(store_fixture_read(s, plan_body, &by_index, NULL), STORE_OK);
    assert_true(by_index);
    by_index = false;
    assert_int_equal(store_fixture_run(s, plan_body, &by_index, NULL), STORE_OK);
    assert_true(by_index);
    assert_int_equal(store_fixture_run(s, forget_body, NULL, NULL), STORE_OK);
    store_close(s);
    s = store_fixture_open(f);
    by_index = false;
    assert_int_equal(store_fixture_read(s, plan_body, &by_index, NULL), STORE_OK);
    assert_true(by_index);
    store_close(s);
    store_fixture_free(f);
}

/* From one kind of store into the other, and out again: the same bytes. */
static void carry(bool from_postgres) {
    struct store_fixture *f = store_fixture_new(from_postgres), *g = store_fixture_new(!from_postgres);
    struct arena a;
    struct err e = { 0 };
    if (f && g) {
        struct store *s = store_fixture_open(f), *t = store_fixture_open(g);
        char one[1100], two[1100];
        struct str x, y;
        int64_t id = 0;
        arena_init(&a, "test", 64 << 20);
        (void)snprintf(one, sizeof one, "%s/one.dump", store_fixture_dir(f));
        (void)snprintf(two, sizeof two, "%s/two.dump", store_fixture_dir(g));
        assert_int_equal(define(s, "r_thing", 1, GOOD), 0);
        assert_int_equal(store_fixture_run(s, insert_body, NULL, NULL), STORE_OK);
        assert_int_equal(store_dump(s, one, &e), 0);
        int rc = store_load(t, one, &e);
        if (rc) print_error("%s %s\n", err_name(rc), e.detail);
        assert_int_equal(rc, 0);
        assert_int_equal(store_fixture_read(t, read_body, &id, NULL), STORE_OK);
        assert_int_equal(id, 7);
        assert_int_equal(define(t, "r_thing", 1, GOOD), 0);
        assert_int_equal(define(t, "r_thing", 1, "CREATE TABLE r_other (home BIGINT NOT NULL, PRIMARY KEY (home));\n"), ERR_SYSTEM);
        assert_int_equal(store_dump(t, two, &e), 0);
        assert_int_equal(os_read_file(&a, one, 32 << 20, &x, &e), 0);
        assert_int_equal(os_read_file(&a, two, 32 << 20, &y, &e), 0);
        assert_true(str_eq(x, y));
        arena_done(&a);
        store_close(s);
        store_close(t);
    }
    store_fixture_free(f);
    store_fixture_free(g);
}

static void test_a_backup_carries_definitions(void **state) {
    (void)state;
    carry(false);
    carry(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defining),
        cmocka_unit_test(test_additive_only),
        cmocka_unit_test(test_the_planner_is_told),
        cmocka_unit_test(test_a_backup_carries_definitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
