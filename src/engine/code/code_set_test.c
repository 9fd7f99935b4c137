/* code_set_test: versions by date, trees, and every refusal with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/code/code_set.h"
#include "os/os.h"

static struct arena a;

static int setup(void **state) {
    (void)state;
    arena_init(&a, "code test", 256u << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_done(&a);
    return 0;
}

static void trees_and_times(void **state) {
    (void)state;
    struct code_set *s;
    struct err e = { 0 };
    assert_int_equal(code_compile(&a, S("d.csv"),
                                  S("code,title,parent,from,to,alpha\n"
                                    "12,天津市,,,,TJ\n"
                                    "1201,蓟县,12,,2016-06-30,\n"
                                    "1201,蓟州区,12,2016-07-01,,JZ\n"
                                    "1202,和平区,12,,,HP\n"
                                    "120201,小白楼街道,1202,,,\n"),
                                  &s, &e),
                     0);
    assert_int_equal(code_set_count(s), 5);
    assert_true(str_eq(code_set_title(s, S("1201")), S("蓟州区")));
    assert_true(str_eq(code_set_at(s, S("1201"), civil_of(2016, 6, 30))->title, S("蓟县")));
    assert_true(str_eq(code_set_at(s, S("1201"), civil_of(2016, 7, 1))->title, S("蓟州区")));
    assert_null(code_set_at(s, S("99"), civil_of(2016, 7, 1)));
    assert_int_equal(code_set_title(s, S("99")).len, 0);
    assert_true(code_set_within(s, S("120201"), S("12")));
    assert_true(code_set_within(s, S("12"), S("12")));
    assert_false(code_set_within(s, S("12"), S("1202")));
    assert_false(code_set_within(s, S("120201"), S("1201")));
    const struct code *c = code_set_list(s, S("12"));
    assert_true(str_eq(c->title, S("蓟县")));
    assert_true(str_eq(c->sibling->sibling->title, S("和平区")));
    assert_null(c->sibling->sibling->sibling);
    assert_true(str_eq(code_set_list(s, S(""))->code, S("12")));
    assert_null(code_set_list(s, S("120201")));
    size_t alpha = code_set_column(s, S("alpha"));
    assert_true(str_eq(c->sibling->column[alpha], S("JZ")));
    assert_int_equal(code_set_column(s, S("beta")), SIZE_MAX);
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        const char *csv;
        int code;
        uint32_t line;
    } bad[] = {
        { "", ERR_SYSTEM, 1 },
        { "kode,title\n1,a\n", ERR_SYSTEM, 1 },
        { "code,name\n1,a\n", ERR_SYSTEM, 1 },
        { "code,title\n1,\n", ERR_SYSTEM, 2 },
        { "code,title\n,a\n", ERR_SYSTEM, 2 },
        { "code,title\n1,a\n1,b\n", ERR_SYSTEM, 3 },
        { "code,title\n1,a,c\n", ERR_SYSTEM, 2 },
        { "code,title,parent\n1,a,2\n", ERR_SYSTEM, 2 },
        { "code,title,parent\n1,a,2\n2,b,1\n", ERR_SYSTEM, 2 },
        { "code,title,parent\n1,a,1\n", ERR_SYSTEM, 2 },
        { "code,title,from,to\n1,a,2026-02-30,\n", ERR_SYSTEM, 2 },
        { "code,title,from,to\n1,a,2026-02-02,2026-02-01\n", ERR_SYSTEM, 2 },
        { "code,title,from,to\n1,a,,2026-02-02\n1,b,2026-02-02,\n", ERR_SYSTEM, 3 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct code_set *s;
        struct err e = { 0 };
        assert_int_equal(code_compile(&a, S("x.csv"), str_of(bad[i].csv), &s, &e), bad[i].code);
        assert_int_equal(e.line, bad[i].line);
        assert_string_equal(e.field, "x.csv");
    }
}

/* The project's own sets load, with the counts that their standards have. */
static void own_sets(void **state) {
    (void)state;
    static const struct {
        const char *path;
        size_t least;
    } sets[] = {
        { "systems/common/codes/division.csv", 9200 },
        { "systems/common/codes/industry.csv", 1498 },
        { "systems/common/codes/sex.csv", 4 },
        { "systems/common/codes/ethnic.csv", 56 },
        { "systems/common/codes/holiday.csv", 700 },
        { "systems/common/codes/relation.csv", 80 },
        { "systems/common/codes/certificate_type.csv", 12 },
        { "systems/common/codes/education.csv", 40 },
        { "systems/common/codes/item_type.csv", 12 },
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct str csv;
        struct err e = { 0 };
        struct code_set *s = NULL;
        assert_int_equal(os_read_file(&a, sets[i].path, 8u << 20, &csv, &e), 0);
        int r = code_compile(&a, str_of(sets[i].path), csv, &s, &e);
        if (r) print_error("%s:%u: %s\n", e.field, e.line, e.detail);
        assert_int_equal(r, 0);
        assert_true(code_set_count(s) >= sets[i].least);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(trees_and_times), cmocka_unit_test(refusals),
                                        cmocka_unit_test(own_sets) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
