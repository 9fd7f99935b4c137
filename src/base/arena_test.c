/* Tests of arena: zeroed and aligned memory, a limit that sticks, residual data wiped, multiplication checked. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void memory_is_zeroed_and_aligned(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, "test", 1 << 20);
    for (size_t size = 1; size < 5000; size = size * 3 + 1) {
        unsigned char *p = arena_alloc(&a, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) assert_int_equal(p[i], 0);
        memset(p, 0xaa, size);
    }
    arena_done(&a);
    arena_done(&a); /* an arena of nothing is accepted */
}

/* The same memory comes back after a reset, and nothing of what it held. */
static void reset_wipes(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, "test", 1 << 20);
    unsigned char *first = arena_alloc(&a, 100);
    assert_non_null(first);
    memset(first, 0x5a, 100);
    arena_reset(&a);
    unsigned char *again = arena_alloc(&a, 100);
    assert_ptr_equal(first, again);
    for (size_t i = 0; i < 100; i++) assert_int_equal(again[i], 0);
    arena_done(&a);
}

static void overflow_sticks_until_reset(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, "test", 1000);
    assert_non_null(arena_alloc(&a, 900));
    assert_false(arena_overflowed(&a));
    assert_null(arena_alloc(&a, 200));
    assert_true(arena_overflowed(&a));
    assert_null(arena_alloc(&a, 1)); /* although it would fit */
    assert_int_equal(arena_str(&a, S("x")).len, 0);
    assert_null(arena_cstr(&a, S("x")));
    assert_int_equal(arena_fmt(&a, "%d", 1).len, 0);
    assert_int_equal(ARENA_CAT(&a, S("a"), S("b")).len, 0);
    arena_reset(&a);
    assert_false(arena_overflowed(&a));
    assert_non_null(arena_alloc(&a, 900));
    arena_done(&a);
}

static void multiplication_is_checked(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, "test", SIZE_MAX);
    assert_null(arena_array(&a, SIZE_MAX / 8, 16));
    assert_true(arena_overflowed(&a));
    arena_reset(&a);
    assert_null(arena_alloc(&a, SIZE_MAX - 3));
    arena_reset(&a);
    assert_non_null(arena_array(&a, 10, 16));
    arena_done(&a);
}

static void text(void **state) {
    (void)state;
    struct arena a;
    char big[3000];
    arena_init(&a, "test", 1 << 20);
    struct str s = arena_str(&a, S("one"));
    assert_true(str_eq(s, S("one")));
    assert_int_equal(s.ptr[3], 0);
    assert_string_equal(arena_cstr(&a, S("two")), "two");
    assert_null(arena_cstr(&a, S("t\0o")));
    assert_false(arena_overflowed(&a)); /* a NUL in the text is no overflow */
    assert_true(str_eq(arena_fmt(&a, "%d-%s", 7, "x"), S("7-x")));
    memset(big, 'b', sizeof big - 1);
    big[sizeof big - 1] = 0;
    assert_int_equal(arena_fmt(&a, "%s", big).len, sizeof big - 1);
    assert_true(str_eq(ARENA_CAT(&a, S("a"), S(""), S("bc")), S("abc")));
    arena_done(&a);
}

/* Large requests get blocks of their own; all stay valid beside each other. */
static void blocks_grow(void **state) {
    (void)state;
    struct arena a;
    unsigned char *p[64];
    arena_init(&a, "test", 64 << 20);
    for (size_t i = 0; i < 64; i++) {
        p[i] = arena_alloc(&a, i * i * 100 + 1);
        assert_non_null(p[i]);
        memset(p[i], (int)i, i * i * 100 + 1);
    }
    for (size_t i = 0; i < 64; i++) assert_int_equal(p[i][i * i * 100], i);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned), cmocka_unit_test(reset_wipes),
        cmocka_unit_test(overflow_sticks_until_reset), cmocka_unit_test(multiplication_is_checked),
        cmocka_unit_test(text), cmocka_unit_test(blocks_grow),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
