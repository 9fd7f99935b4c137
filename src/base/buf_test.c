/* Tests of buf: appends of every kind, at the limit and past it. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void appends(void **state) {
    (void)state;
    struct arena a;
    struct buf b;
    arena_init(&a, "test", 1 << 20);
    buf_init(&b, &a, 0, 10000);
    buf_add(&b, S("a"));
    buf_add(&b, S(""));
    buf_add_char(&b, 'b');
    buf_add_u64(&b, UINT64_MAX);
    buf_add_char(&b, ' ');
    buf_add_i64(&b, INT64_MIN);
    buf_add_char(&b, ' ');
    buf_add_i64(&b, 0);
    buf_add_hex(&b, "\x00\xfe\x10", 3);
    buf_add_fmt(&b, "%s%d", "x", -5);
    assert_true(str_eq(buf_str(&b), S("ab18446744073709551615 -9223372036854775808 000fe10x-5")));
    buf_clear(&b);
    buf_add_utf8(&b, 0x24);
    buf_add_utf8(&b, 0xa2);
    buf_add_utf8(&b, 0x20ac);
    buf_add_utf8(&b, 0x10348);
    assert_true(str_eq(buf_str(&b), S("$\xc2\xa2\xe2\x82\xac\xf0\x90\x8d\x88")));
    assert_true(buf_ok(&b));
    arena_done(&a);
}

static void the_limit_holds_and_sticks(void **state) {
    (void)state;
    struct arena a;
    struct buf b;
    char big[700];
    memset(big, 'z', sizeof big);
    arena_init(&a, "test", 1 << 20);
    buf_init(&b, &a, 4, 5);
    buf_add(&b, S("12345"));
    assert_true(buf_ok(&b));
    buf_add(&b, S("6"));
    assert_false(buf_ok(&b));
    buf_add_char(&b, 'x');
    assert_true(str_eq(buf_str(&b), S("12345"))); /* nothing half written */
    assert_null(buf_room(&b, 1));
    buf_clear(&b);
    assert_true(buf_ok(&b));
    buf_add_fmt(&b, "%.*s", (int)sizeof big, big);
    assert_false(buf_ok(&b));
    assert_int_equal(b.len, 0);
    buf_clear(&b);
    buf_add_hex(&b, big, 3);
    assert_false(buf_ok(&b));
    arena_done(&a);
}

static void a_full_arena_is_an_overflow(void **state) {
    (void)state;
    struct arena a;
    struct buf b;
    arena_init(&a, "test", 300);
    buf_init(&b, &a, 0, 1 << 20);
    for (int i = 0; i < 1000; i++) buf_add(&b, S("0123456789"));
    assert_false(buf_ok(&b));
    assert_true(b.len <= 300 && b.len % 10 == 0);
    arena_done(&a);
}

static void room(void **state) {
    (void)state;
    struct arena a;
    struct buf b;
    char big[700];
    memset(big, 'z', sizeof big);
    arena_init(&a, "test", 1 << 20);
    buf_init(&b, &a, 16, 1000);
    char *p = buf_room(&b, 10);
    assert_non_null(p);
    memcpy(p, "0123456789", 10);
    assert_int_equal(b.len, 0); /* room is not length */
    buf_grew(&b, 4);
    assert_true(str_eq(buf_str(&b), S("0123")));
    buf_grew(&b, SIZE_MAX); /* more than there is: nothing */
    assert_int_equal(b.len, 4);
    buf_add_fmt(&b, "%.*s", (int)sizeof big, big);
    assert_int_equal(b.len, 704);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(appends), cmocka_unit_test(the_limit_holds_and_sticks),
                                        cmocka_unit_test(a_full_arena_is_an_overflow), cmocka_unit_test(room) };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
