/* Tests of map: every key found through growth, order kept, values replaced, a full arena told. */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void keys_are_found_in_order(void **state) {
    (void)state;
    struct arena a;
    struct map m;
    int values[1000];
    arena_init(&a, "test", 1 << 20);
    map_init(&m, &a);
    assert_null(map_find(&m, S("none")));
    for (int i = 0; i < 1000; i++) assert_true(map_put(&m, arena_fmt(&a, "key%d", i), &values[i]));
    for (int i = 0; i < 1000; i++) {
        assert_ptr_equal(map_find(&m, arena_fmt(&a, "key%d", i)), &values[i]);
        assert_ptr_equal(m.entry[i].value, &values[i]);
    }
    assert_null(map_find(&m, S("key1000")));
    assert_null(map_find(&m, S("key")));
    assert_true(map_put(&m, S("key7"), &values[0]));
    assert_ptr_equal(map_find(&m, S("key7")), &values[0]);
    assert_int_equal(m.n, 1000);
    assert_true(map_put(&m, S(""), &values[1])); /* the empty key is a key */
    assert_ptr_equal(map_find(&m, S("")), &values[1]);
    arena_done(&a);
}

static void a_full_arena_is_told(void **state) {
    (void)state;
    struct arena a;
    struct map m;
    int v = 0;
    char keys[64][2];
    arena_init(&a, "test", 700);
    map_init(&m, &a);
    size_t n = 0;
    for (; n < 64; n++) {
        keys[n][0] = (char)n;
        keys[n][1] = 'k';
        if (!map_put(&m, str_make(keys[n], 2), &v)) break;
    }
    assert_true(n > 0 && n < 64);
    assert_int_equal(m.n, n);
    for (size_t i = 0; i < n; i++) assert_ptr_equal(map_find(&m, str_make(keys[i], 2)), &v); /* what was there stays */
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(keys_are_found_in_order),
                                        cmocka_unit_test(a_full_arena_is_told) };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
