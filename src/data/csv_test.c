/* Tests of csv: quoting, line ends, lines of errors, limits, tables, and our own writer's output read back. */
#include "data/csv.h"

#include "base/buf.h"
#include "data/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena arena;
static struct err err;

static void assert_str(struct str got, const char *want) {
    if (!str_eq(got, str_of(want))) fail_msg("got [%.*s], want [%s]", STR_ARG(got), want);
}

static void test_records(void **state) {
    (void)state;
    struct csv c;
    struct str *f;
    size_t n;
    uint32_t line;
    csv_init(&c, &arena, S("\xef\xbb\xbf" "a,b,\r\n\r\n\n\"x \"\"y\"\"\",\"1\r\n2\",中\n,\n\"\"\nlast"));
    assert_int_equal(csv_next(&c, &f, &n, &line, &err), 1);
    assert_int_equal(n, 3);
    assert_int_equal(line, 1);
    assert_str(f[0], "a");
    assert_str(f[2], "");
    assert_int_equal(csv_next(&c, &f, &n, &line, &err), 1);
    assert_int_equal(n, 3);
    assert_int_equal(line, 4);
    assert_str(f[0], "x \"y\"");
    assert_str(f[1], "1\r\n2");
    assert_str(f[2], "中");
    assert_int_equal(csv_next(&c, &f, &n, &line, &err), 1);
    assert_int_equal(n, 2);
    assert_int_equal(line, 6);
    assert_int_equal(csv_next(&c, &f, &n, &line, &err), 1);
    assert_int_equal(n, 1);
    assert_str(f[0], "");
    assert_int_equal(csv_next(&c, &f, &n, &line, &err), 1);
    assert_str(f[0], "last");
    assert_int_equal(line, 8);
    assert_int_equal(csv_next(&c, &f, &n, &line, &err), 0);
    assert_int_equal(csv_next(&c, &f, &n, &line, &err), 0);
}

static void test_table(void **state) {
    (void)state;
    struct val *v;
    assert_int_equal(csv_table(&arena, S("code,name\n007,\"甲,乙\"\n\n008,丙\n"), &v, &err), 0);
    assert_int_equal(val_count(v), 2);
    assert_str(val_text(val_path(v, S("0.code"))), "007");
    assert_str(val_text(val_path(v, S("0.name"))), "甲,乙");
    assert_str(val_text(val_path(v, S("1.name"))), "丙");
    assert_int_equal(val_item(v, 1)->line, 4);
    assert_int_equal(csv_table(&arena, S("a\n"), &v, &err), 0);
    assert_int_equal(val_count(v), 0);
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        struct str text;
        uint32_t line;
    } bad[] = {
        { S_INIT(""), 1 },          { S_INIT("\n\n"), 1 },        { S_INIT("a,b\n1,2\n3\n"), 3 },
        { S_INIT("a,a\n"), 1 },     { S_INIT("a,\n"), 1 },        { S_INIT("a\nx\"y\n"), 2 },
        { S_INIT("a\n\"x\n"), 2 },  { S_INIT("a\n\"x\"y\n"), 2 }, { S_INIT("a\rb\r"), 1 },
        { S_INIT("a\n\xff\n"), 2 }, { S_INIT("a\nx\0y\n"), 2 },   { S_INIT("a\nb\r"), 2 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct val *v = NULL;
        if (csv_table(&arena, bad[i].text, &v, &err) != ERR_SYNTAX || v)
            fail_msg("accepted: %.*s", STR_ARG(bad[i].text));
        if (err.line != bad[i].line) fail_msg("line %u for %.*s", err.line, STR_ARG(bad[i].text));
        assert_true(err.detail[0]);
    }
}

static void test_limits(void **state) {
    (void)state;
    struct buf b;
    struct csv c;
    struct str *f;
    size_t n;
    uint32_t line;
    for (size_t cols = CSV_COLUMNS_MAX; cols <= CSV_COLUMNS_MAX + 1; cols++) {
        buf_init(&b, &arena, 0, 1 << 20);
        for (size_t i = 1; i < cols; i++) buf_add_char(&b, ',');
        buf_add_char(&b, '\n');
        csv_init(&c, &arena, buf_str(&b));
        assert_int_equal(csv_next(&c, &f, &n, &line, &err), cols == CSV_COLUMNS_MAX ? 1 : ERR_LIMIT);
    }
    for (size_t len = CSV_FIELD_BYTES_MAX; len <= CSV_FIELD_BYTES_MAX + 1; len++) {
        buf_init(&b, &arena, 0, 1 << 20);
        for (size_t i = 0; i < len; i++) buf_add_char(&b, 'x');
        csv_init(&c, &arena, buf_str(&b));
        assert_int_equal(csv_next(&c, &f, &n, &line, &err), len == CSV_FIELD_BYTES_MAX ? 1 : ERR_LIMIT);
    }
    for (size_t limit = 0; limit < 900; limit += 16) {
        struct arena tiny;
        struct val *v = NULL;
        arena_init(&tiny, "tiny", limit);
        int r = csv_table(&tiny, S("a,b\n1,2\n3,4\n"), &v, &err);
        if (r == 0) assert_str(val_text(val_path(v, S("1.b"))), "4");
        else assert_int_equal(r, ERR_MEMORY);
        arena_done(&tiny);
    }
}

static void test_round_trip(void **state) {
    (void)state;
    static const char *const texts[] = { "a", "a,b", "\"", "x\"y\"", "1\n2", "\r\n", "中,文", " " };
    struct buf b;
    struct csv c;
    struct str *f;
    size_t n, count = sizeof texts / sizeof *texts;
    uint32_t line;
    buf_init(&b, &arena, 0, 4096);
    for (size_t i = 0; i < count; i++) {
        if (i) buf_add_char(&b, ',');
        write_csv_field(&b, str_of(texts[i]));
    }
    csv_init(&c, &arena, buf_str(&b));
    assert_int_equal(csv_next(&c, &f, &n, &line, &err), 1);
    assert_int_equal(n, count);
    for (size_t i = 0; i < count; i++) {
        if (texts[i][0] == '\r') assert_str(f[i], "'\r\n"); /* the one that a spreadsheet might run */
        else assert_str(f[i], texts[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_records), cmocka_unit_test(test_table),
                                        cmocka_unit_test(test_refused), cmocka_unit_test(test_limits),
                                        cmocka_unit_test(test_round_trip) };
    arena_init(&arena, "test", 64 << 20);
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
