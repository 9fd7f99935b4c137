/* supervise: what supervision.yaml may say, and what is refused. */
#include "engine/supervise/supervise.h"

#include "data/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static int compiled(const char *text) {
    static struct arena a;
    const struct supervise_rule *rule;
    struct val *yaml;
    struct err e = { 0 };
    if (!a.name) arena_init(&a, "rules", 1 << 20);
    assert_int_equal(yaml_parse(&a, S("supervision.yaml"), str_of(text), &yaml, &e), 0);
    return supervise_compile(&a, S("supervision.yaml"), yaml, &rule, &e);
}

static void test_rules_are_checked(void **state) {
    (void)state;
    assert_int_equal(compiled("{id: a, title: 甲, color: red, basis: 乙, late: law}"), 0);
    assert_int_equal(
        compiled("{id: a, title: 甲, color: red, basis: 乙, soon: step, left: 2, to: unit}"), 0);
    assert_int_equal(compiled("{id: a, title: 甲, color: green, basis: 乙, late: law}"),
                     ERR_SYSTEM);
    assert_int_equal(compiled("{id: a, title: 甲, color: red, late: law}"), ERR_SYSTEM);
    assert_int_equal(compiled("{id: a, title: 甲, color: red, basis: 乙, late: moon}"), ERR_SYSTEM);
    assert_int_equal(
        compiled("{id: a, title: 甲, color: red, basis: 乙, late: law, soon: law, left: 1}"),
        ERR_SYSTEM);
    assert_int_equal(compiled("{id: a, title: 甲, color: red, basis: 乙, soon: law}"), ERR_SYSTEM);
    assert_int_equal(compiled("{id: a, title: 甲, color: red, basis: 乙, soon: law, left: 11}"),
                     ERR_SYSTEM);
    assert_int_equal(compiled("{id: a, title: 甲, color: red, basis: 乙, count: dance, times: 2}"),
                     ERR_SYSTEM);
    assert_int_equal(compiled("{id: a, title: 甲, color: red, basis: 乙, count: pause, times: 0}"),
                     ERR_SYSTEM);
    assert_int_equal(compiled("{id: a, title: 甲, color: red, basis: 乙, late: law, colour: red}"),
                     ERR_SYSTEM);
    assert_int_equal(compiled("{id: a, title: 甲, color: red, basis: 乙, late: law, to: mayor}"),
                     ERR_SYSTEM);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rules_are_checked) };
    return cmocka_run_group_tests_name("supervision.yaml", tests, NULL, NULL);
}
