/* licence_id_test: two published identifiers, and each broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/paper/licence_id.h"

static const char first[] =
    "1.2.156.3005.2.11100000000013338W087.11370800MB28559184.37080001202411010001.001.3";
static const char second[] = "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0";

static void published(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, "test", 65536);
    struct licence_id id;
    struct err e;
    struct str s;
    assert_int_equal(licence_id_parse(str_of(first), &id, &e), 0);
    assert_int_equal(id.version, 1);
    assert_true(str_eq(id.issuer, S("11370800MB28559184")));
    assert_int_equal(licence_id_write(&a, &id, &s, &e), 0);
    assert_true(str_eq(s, str_of(first)));
    assert_int_equal(licence_id_parse(str_of(second), &id, &e), 0);
    assert_int_equal(licence_id_write(&a, &id, &s, &e), 0);
    assert_true(str_eq(s, str_of(second)));
    id = (struct licence_id){ S("11100000000013338W002"), S("11320482014138860P"), S("201807250201"), 1 };
    assert_int_equal(licence_id_write(&a, &id, &s, &e), 0);
    assert_int_equal(s.ptr[s.len - 1], 'M');
    arena_done(&a);
}

static void broken(void **state) {
    (void)state;
    struct licence_id id;
    struct err e;
    struct str s = str_of(first);
    for (size_t at = 15; at < s.len; at++) {
        char copy[sizeof first];
        memcpy(copy, first, sizeof first);
        if (copy[at] == '.') continue;
        copy[at] = copy[at] == '7' ? '8' : '7';
        assert_int_not_equal(licence_id_parse(str_make(copy, s.len), &id, &e), 0);
    }
    for (size_t n = 0; n < s.len; n++) assert_int_not_equal(licence_id_parse(str_sub(s, 0, n), &id, &e), 0);
    assert_int_equal(
        licence_id_parse(S("1.2.156.3005.2.11100000000013338W087.11370800MB28559184.3708.000.3"), &id, &e),
        ERR_FORMAT);
    assert_int_equal(licence_id_char(S("ab")), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(published), cmocka_unit_test(broken) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
