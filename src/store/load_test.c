/* Unit tests of what load refuses of a backup that is whole, but made by somebody else: its digest is right. What tests/fuzz/dump.c found,
 * or would have. Each case names what the backup holds; nothing of one that is refused before it is written stands afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "os/os.h"
#include "store/dump.h"
#include "store/store_fixture.h"

#define LEASE "store_lease home:1 name:2 holder:2 fence:1 until_ms:1"
#define THING "CREATE TABLE r_thing (home BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (home, id));\n"

struct forged {
    struct arena memory;
    struct buf b;
};

static void begin(struct forged *f) {
    arena_init(&f->memory, "forged", 8 << 20);
    buf_init(&f->b, &f->memory, 4096, 1 << 20);
    buf_add(&f->b, str_make(DUMP_MAGIC, DUMP_MAGIC_BYTES));
}

static void add_be(struct buf *b, uint64_t v, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) buf_add_char(b, (char)(v >> shift & 0xff));
}

static void add(struct forged *f, char kind, struct str payload) {
    buf_add_char(&f->b, kind);
    add_be(&f->b, payload.len, 4);
    buf_add(&f->b, payload);
}

static void end_table(struct forged *f, uint64_t rows) {
    buf_add_char(&f->b, 'E');
    add_be(&f->b, 8, 4);
    add_be(&f->b, rows, 8);
}

/* A row of store_lease: its name, which is half of its key, and the type its holder is said to have. */
static void add_lease(struct forged *f, struct str name, enum store_type holder) {
    struct buf row;
    buf_init(&row, &f->memory, 256, 4096);
    buf_add_char(&row, STORE_I64);
    add_be(&row, 1, 8);
    for (int i = 0; i < 2; i++) {
        buf_add_char(&row, (char)(i ? holder : STORE_TEXT));
        if (i && holder == STORE_NULL) continue;
        add_be(&row, name.len, 4);
        buf_add(&row, name);
    }
    for (int i = 0; i < 2; i++) {
        buf_add_char(&row, STORE_I64);
        add_be(&row, 7, 8);
    }
    add(f, 'R', buf_str(&row));
}

STORE_STMT(load_test_leases, STORE_READS, "SELECT COUNT(*) FROM store_lease WHERE home = 1");
STORE_STMT(load_test_defined, STORE_READS, "SELECT COUNT(*) FROM define_table WHERE home = 0");

struct counts {
    int64_t leases, defined;
};

static int count_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct counts *c = job->arg;
    int rc = store_one_i64(tx, &load_test_leases, NULL, 0, &c->leases, e);
    return rc ? rc : store_one_i64(tx, &load_test_defined, NULL, 0, &c->defined, e);
}

/* Loads what `make` forges, under a digest that is right over it. */
static int load(struct store_fixture *fixture, struct store *s, void (*make)(struct forged *f), struct counts *ret, struct err *e) {
    struct forged f;
    struct digest d = { { 0 } };
    begin(&f);
    const char *path = arena_fmt(&f.memory, "%s/forged", store_fixture_dir(fixture)).ptr;
    make(&f);
    store_dump_chain(&d, buf_str(&f.b)); /* one block */
    add(&f, 'D', str_make((const char *)d.v, sizeof d.v));
    assert_true(buf_ok(&f.b) && f.b.len < DUMP_BLOCK_BYTES);
    assert_int_equal(os_write_file(path, buf_str(&f.b), NULL), 0);
    int rc = store_load(s, path, e);
    assert_int_equal(store_fixture_read(s, count_body, ret, NULL), STORE_OK);
    arena_done(&f.memory);
    return rc;
}

/* ---- refused before anything is written ---- */

static void defined(struct forged *f) {
    add(f, 'M', S("r_thing 1 0\n" THING));
}

/* The key is not among them: what would be written is not in the file. */
static void too_few_columns(struct forged *f) {
    add(f, 'T', S("store_lease home:1"));
    end_table(f, 0);
}

static void half_a_column(struct forged *f) {
    add(f, 'T', S("store_lease home:1 name:2 holder:2 fence:1 until_ms:"));
    end_table(f, 0);
}

/* The last record's length reaches into the tail, which names itself as part of it. */
static void into_the_digest(struct forged *f) {
    defined(f);
    buf_add_char(&f->b, 'M');
    add_be(&f->b, DUMP_TAIL_BYTES, 4);
}

static void defined_behind_tables(struct forged *f) {
    add(f, 'T', S(LEASE));
    end_table(f, 0);
    defined(f);
}

static void defined_and_then_wrong(struct forged *f) {
    defined(f);
    add(f, 'T', S("r_thing home:1 id:1"));
    end_table(f, 7);
}

/* It would be among the program's own and stop the next migration that makes such a table. */
static void defined_as_the_program(struct forged *f) {
    add(f, 'M', S("store 1 0\nCREATE TABLE store_later (home BIGINT NOT NULL, PRIMARY KEY (home));\n"));
}

static void two_statements_in_one(struct forged *f) {
    add(f, 'M', S("r_thing 1 0\nCREATE TABLE r_thing (home BIGINT NOT NULL CHECK (home > 0);\nDROP TABLE store_lease;\n"
                  "CREATE TABLE r_thing (home BIGINT), PRIMARY KEY (home));\n"));
}

static void refused_untouched(struct store_fixture *fixture, struct store *s, void *arg) {
    (void)arg;
    static const struct {
        const char *what;
        void (*make)(struct forged *f);
        int code;
    } bad[] = { { "too few columns", too_few_columns, ERR_STATE },
                { "half a column", half_a_column, ERR_STATE },
                { "into the digest", into_the_digest, ERR_DAMAGED },
                { "defined behind tables", defined_behind_tables, ERR_DAMAGED },
                { "defined and then wrong", defined_and_then_wrong, ERR_DAMAGED },
                { "defined as the program", defined_as_the_program, ERR_STATE },
                { "two statements in one", two_statements_in_one, ERR_SYSTEM } };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct counts c = { 0 };
        struct err e = { 0 };
        int rc = load(fixture, s, bad[i].make, &c, &e);
        if (rc != bad[i].code) fail_msg("%s: %s %s", bad[i].what, err_name(rc), e.detail);
        assert_null(strstr(e.detail, "half loaded"));
        assert_true(c.leases == 0 && c.defined == 0);
    }
}

/* ---- into a store that holds rows: not its tables either ---- */

static void one_lease(struct forged *f) {
    add(f, 'T', S(LEASE));
    add_lease(f, S("a"), STORE_TEXT);
    end_table(f, 1);
}

/* What looks like a statement to who cuts at the ends of lines stands in a comment. */
static void hidden_statement(struct forged *f) {
    add(f, 'M', S("r_thing 1 0\nCREATE TABLE r_thing (home BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (home, id)) /* so;\n"
                  "DROP TABLE store_lease;\nCREATE TABLE r_other (home BIGINT NOT NULL, PRIMARY KEY (home)) -- */\n;\n"));
    one_lease(f);
}

static void taken_whole(struct store_fixture *fixture, struct store *s, void *arg) {
    struct counts c = { 0 };
    (void)arg;
    struct err e = { 0 };
    if (load(fixture, s, hidden_statement, &c, &e)) fail_msg("%s", e.detail);
    assert_true(c.leases == 1 && c.defined == 1);
}

static void taken_and_full(struct store_fixture *fixture, struct store *s, void *arg) {
    struct counts c = { 0 };
    (void)arg;
    struct err e = { 0 };
    if (load(fixture, s, one_lease, &c, &e)) fail_msg("%s", e.detail);
    assert_int_equal(c.leases, 1);
    assert_int_equal(load(fixture, s, defined, &c, &e), ERR_STATE);
    assert_int_equal(c.defined, 0);
}

/* ---- refused by the tables themselves: damage, and the store is to be thrown away ---- */

static void the_same_twice(struct forged *f) {
    add(f, 'T', S(LEASE));
    for (int i = 0; i < 2; i++) add_lease(f, S("a"), STORE_TEXT);
    end_table(f, 2);
}

static void nothing_where_something_must_be(struct forged *f) {
    add(f, 'T', S(LEASE));
    add_lease(f, S("a"), STORE_NULL);
    end_table(f, 1);
}

static void no_text(struct forged *f) {
    add(f, 'T', S(LEASE));
    add_lease(f, S("\xff"), STORE_TEXT);
    end_table(f, 1);
}

static void (*const held[])(struct forged *f) = { the_same_twice, nothing_where_something_must_be, no_text };
static void refused_half_way(struct store_fixture *fixture, struct store *s, void *arg) {
    const size_t which = *(const size_t *)arg;
    struct counts c = { 0 };
    struct err e = { 0 };
    int rc = load(fixture, s, held[which], &c, &e);
    if (rc != ERR_DAMAGED || !strstr(e.detail, "half loaded")) fail_msg("%zu: %s %s", which, err_name(rc), e.detail);
    assert_int_equal(c.leases, 0);
}

static void test_refused_untouched(void **state) {
    (void)state;
    store_fixture_each_in(refused_untouched, NULL);
}
static void test_hidden_statement(void **state) {
    (void)state;
    store_fixture_each_in(taken_whole, NULL);
}
static void test_store_with_rows(void **state) {
    (void)state;
    store_fixture_each_in(taken_and_full, NULL);
}
static void test_refused_half_way(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) store_fixture_each_in(refused_half_way, &i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_untouched), cmocka_unit_test(test_hidden_statement), cmocka_unit_test(test_store_with_rows),
        cmocka_unit_test(test_refused_half_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
