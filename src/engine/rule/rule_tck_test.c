/* Runs the conformance cases beside the project, where they are: level 2 whole, level 3 not below what was
 * reached. A case of our own with a wrong expectation proves that the runner can fail.
 */
#include "engine/rule/rule_tck.h"

#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* Level 3: cases passed so far; raise it with every gain. */
enum { LEVEL_3_FLOOR = 1854 };

static void print_line(void *context, struct str text) {
    (void)context;
    (void)printf("    %.*s\n", STR_ARG(text));
}

static struct tck_score run(const char *level) {
    struct tck_score score = { 0, 0 };
    struct err e;
    char path[200];
    (void)snprintf(path, sizeof path, "../shared/cases/dmn-tck/%s", level);
    if (os_kind(path) != OS_DIR) {
        (void)printf("SKIPPED: %s is not there\n", path);
        skip();
    }
    assert_int_equal(tck_run(path, print_line, NULL, &score, &e), 0);
    (void)printf("%s: %zu passed, %zu failed\n", level, score.passed, score.failed);
    return score;
}

static void test_level_2(void **state) {
    (void)state;
    struct tck_score s = run("compliance-level-2");
    assert_int_equal(s.failed, 0);
    assert_true(s.passed > 100);
}

static void test_level_3(void **state) {
    (void)state;
    struct tck_score s = run("compliance-level-3");
    assert_true(s.passed >= LEVEL_3_FLOOR);
    assert_true(s.passed * 100 >= (s.passed + s.failed) * 99);
}

/* One case that holds and one that does not. */
static void test_runner(void **state) {
    static const char model[] = ""
    "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' namespace='urn:t' name='t'>"
        "<decision name='d' id='d'><variable name='d'/><literalExpression><text>1 + 1</text>"
        "</literalExpression></decision>"
        "</definitions>";
    static const char cases[] = "<testCases xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
    "<modelName>t.dmn</modelName>"
        "<testCase id='right'><resultNode name='d'><expected><value xsi:type='xsd:decimal'>2</value></expected>"
        "</resultNode></testCase>"
        "<testCase id='wrong'><resultNode name='d'><expected><value xsi:type='xsd:decimal'>3</value></expected>"
        "</resultNode></testCase>"
        "<testCase id='kind'><resultNode name='d'><expected><value xsi:type='xsd:string'>2</value></expected>"
        "</resultNode></testCase>"
        "</testCases>";
    struct tck_score score = { 0, 0 };
    struct err e;
    (void)state;
    assert_int_equal(os_mkdir("build/tck-test", &e), 0);
    assert_int_equal(os_write_file("build/tck-test/t.dmn", str_of(model), &e), 0);
    assert_int_equal(os_write_file("build/tck-test/t-test-01.xml", str_of(cases), &e), 0);
    assert_int_equal(tck_run("build/tck-test", NULL, NULL, &score, &e), 0);
    assert_int_equal(score.passed, 1);
    assert_int_equal(score.failed, 2);
    assert_int_equal(tck_run("build/no-such-folder", NULL, NULL, &score, &e) < 0, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runner), cmocka_unit_test(test_level_2), cmocka_unit_test(test_level_3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
