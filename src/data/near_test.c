/* near_test: distances by hand, their bound, and that they are the same from both sides. */
#include "data/near.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_distances(void **state) {
    static const struct {
        struct str a, b;
        unsigned distance;
    } rows[] = {
        { S_INIT("restaurant"), S_INIT("restaurant"), 0 },
        { S_INIT("restaurnt"), S_INIT("restaurant"), 1 },
        { S_INIT("restuarant"), S_INIT("restaurant"), 1 },
        { S_INIT("resturaunt"), S_INIT("restaurant"), 2 },
        { S_INIT("开参馆"), S_INIT("开餐馆"), 1 },
        { S_INIT("餐开馆"), S_INIT("开餐馆"), 1 },
        { S_INIT(""), S_INIT("ab"), 2 },
        { S_INIT("kitten"), S_INIT("sitting"), 3 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(near_distance(rows[i].a, rows[i].b, 4), rows[i].distance);
        assert_int_equal(near_distance(rows[i].b, rows[i].a, 4), rows[i].distance);
        if (rows[i].distance)
            assert_int_equal(near_distance(rows[i].a, rows[i].b, rows[i].distance - 1),
                             rows[i].distance);
    }
}

static void test_bounds(void **state) {
    static char text[NEAR_POINTS_MAX + 1];
    (void)state;
    memset(text, 'a', sizeof text);
    struct str fits = str_make(text, NEAR_POINTS_MAX), over = str_make(text, sizeof text);
    assert_int_equal(near_distance(fits, fits, 2), 0);
    assert_int_equal(near_distance(over, fits, 2), 3);
    assert_int_equal(near_distance(S("\xff\xfe"), S("a"), 1),
                     2); /* malformed bytes count one each */
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_distances),
                                        cmocka_unit_test(test_bounds) };
    return cmocka_run_group_tests_name("near", tests, NULL, NULL);
}
