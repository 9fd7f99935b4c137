/* Tests of library: a table is filled from a library that is there; one that is not, or that lacks a function, is told by name. */
#include "os/library.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct numbers {
    __typeof__(sqrt) *root;
    __typeof__(floor) *down, *none;
};
static const struct library_entry good[] = {
    { "sqrt", offsetof(struct numbers, root), false }, { "floor", offsetof(struct numbers, down), false },
    { "no_such_function", offsetof(struct numbers, none), true },
};

static void a_table_is_filled(void **state) {
    (void)state;
    struct numbers t = { .none = floor };
    struct err e = { 0 };
    for (int i = 0; i < 2; i++) {
        assert_int_equal(library_load("libm.so.6", "libc6", good, 3, &t, &e), 0);
        assert_true(t.root(81) > 8.99 && t.down(2.5) < 2.01);
        assert_null(t.none);
    }
}

static void what_is_missing_is_named(void **state) {
    (void)state;
    const struct library_entry needs = { "no_such_function", offsetof(struct numbers, none), false };
    struct numbers t;
    struct err e = { 0 };
    assert_int_equal(library_load("libnothing-here.so.9", "libnothing9", good, 3, &t, &e), ERR_IO);
    assert_non_null(strstr(e.detail, "install libnothing9"));
    assert_int_equal(library_load("libm.so.6", "libc6", &needs, 1, &t, &e), ERR_IO);
    assert_non_null(strstr(e.detail, "no_such_function"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_table_is_filled), cmocka_unit_test(what_is_missing_is_named) };
    return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
