/* Tests of rule_mention: which names, comparisons and results a text has, and that none is told
 * which it does not have. */
#include "engine/rule/rule.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct arena arena;
static struct buf said;

static void note(void *to, const struct rule_mention *x) {
    static const char *const kinds[] = { "names", "member", "compares", "gives" };
    (void)to;
    if (said.len) buf_add_char(&said, ' ');
    if (x->line) buf_add_fmt(&said, "%u:", x->line);
    buf_add_fmt(&said, "%s(%.*s%s%.*s)", kinds[x->kind], STR_ARG(x->name),
                x->name.len && x->text.len ? "," : "", STR_ARG(x->text));
}

static void begin(void) {
    arena_init(&arena, "test", 16 * 1024 * 1024);
    buf_init(&said, &arena, 256, 65536);
}

static void test_an_expression(void **state) {
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "outdoor_sign = \"yes\"", "compares(outdoor_sign,yes) names(outdoor_sign)" },
        { "\"yes\" != outdoor_sign", "compares(outdoor_sign,yes) names(outdoor_sign)" },
        { "list contains(parts, \"food\")", "compares(parts,food) names(parts)" },
        { "kind in (\"1\", \"2\")", "compares(kind,1) compares(kind,2) names(kind)" },
        { "if move = \"approve\" then \"granted\" else [\"refused\"]",
          "compares(move,approve) names(move) gives(granted) gives(refused)" },
        { "concatenate([\"a\"], if x then [\"b\"] else [])", "names(x) gives(a) gives(b)" },
        { "some h in handlers satisfies h.duty = \"1\"", "member(duty) names(handlers)" },
        { "every r in [food, fire] satisfies r = null", "names(food) names(fire)" },
        { "handlers[duty = \"1\"]", "names(handlers) compares(duty,1) member(duty)" },
        { "{a: 1, b: a + c}.b", "names(c)" },
        { "date(birth) + duration(\"P60Y\") <= today()", "names(birth)" },
        { "\"an \" + noun", "names(noun)" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feel *f;
        begin();
        assert_int_equal(feel_compile(&arena, str_of(rows[i].text), FEEL_EXPRESSION, NULL, 0, &f,
                                      NULL),
                         0);
        feel_mentions(f, note, NULL);
        if (!str_eq(buf_str(&said), str_of(rows[i].want)))
            fail_msg("%s: %.*s", rows[i].text, STR_ARG(buf_str(&said)));
        arena_done(&arena);
    }
}

static const char model[] =
    "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" id=\"d\" name=\"d\" namespace=\"urn:d\">\n"
    "<inputData id=\"i1\" name=\"kind\"><variable name=\"kind\"/></inputData>\n"
    "<inputData id=\"i2\" name=\"unused\"><variable name=\"unused\"/></inputData>\n"
    "<decision id=\"d1\" name=\"base\"><informationRequirement><requiredInput href=\"#i1\"/></informationRequirement>\n"
    "<literalExpression><text>if kind = \"9\" then \"x\" else \"y\"</text></literalExpression></decision>\n"
    "<decision id=\"d2\" name=\"needed\">\n"
    "<informationRequirement><requiredInput href=\"#i1\"/></informationRequirement>\n"
    "<informationRequirement><requiredDecision href=\"#d1\"/></informationRequirement>\n"
    "<decisionTable hitPolicy=\"COLLECT\">\n"
    "<input><inputExpression><text>kind</text></inputExpression></input><output/>\n"
    "<rule><inputEntry><text>\"1\", \"2\"</text></inputEntry><outputEntry><text>\"plan\"</text></outputEntry></rule>\n"
    "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>base</text></outputEntry></rule>\n"
    "</decisionTable></decision></definitions>\n";

/* Each with the line of its rule; what another decision needs is not told of this one. */
static void test_a_decision(void **state) {
    struct model *m;
    struct err e = { 0 };
    (void)state;
    begin();
    if (dmn_compile(&arena, (struct dmn_source){ S("d.dmn"), str_of(model) }, NULL, 0, DMN_STRICT,
                    &m, &e))
        fail_msg("%s", e.detail);
    dmn_mentions(m, S("needed"), note, NULL);
    assert_string_equal(
        arena_cstr(&arena, buf_str(&said)),
        "9:names(kind) 11:compares(kind,1) 11:compares(kind,2) 2:names(kind) 4:compares(kind,9) 4:names(kind) "
        "11:gives(plan) 12:gives(x) 12:gives(y)");
    buf_clear(&said);
    dmn_mentions(m, S("none"), note, NULL);
    assert_int_equal(said.len, 0);
    arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_an_expression),
                                        cmocka_unit_test(test_a_decision) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
