/* Tests of decision models: hit policies, requirements, services, imports, cycles, faults in both modes,
 * explanations, checks. */
#include "engine/rule/rule.h"

#include "data/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define DEFS(name, body) \
    "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' namespace='urn:" name "' name='" name "'>" \
    body "</definitions>"
#define INPUT(name, type) \
    "<inputData name='" name "' id='" name "'><variable name='" name "' typeRef='" type "'/></inputData>"
#define NEED(name) "<informationRequirement><requiredInput href='#" name "'/></informationRequirement>"
#define NEED_D(name) "<informationRequirement><requiredDecision href='#" name "'/></informationRequirement>"
#define DECISION(name, body) \
    "<decision name='" name "' id='" name "'><variable name='" name "'/>" body "</decision>"
#define LITERAL(text) "<literalExpression><text>" text "</text></literalExpression>"
#define COLUMN(text) "<input><inputExpression><text>" text "</text></inputExpression></input>"
#define RULE2(a, b, out) "<rule><inputEntry><text>" a "</text></inputEntry><inputEntry><text>" b \
    "</text></inputEntry><outputEntry><text>" out "</text></outputEntry></rule>"
#define RULE1(a, out) \
    "<rule><inputEntry><text>" a "</text></inputEntry><outputEntry><text>" out "</text></outputEntry></rule>"
#define TABLE(policy, body) "<decisionTable hitPolicy=" policy ">" COLUMN("n") "<output name='r'>" \
    "<outputValues><text>\"high\",\"mid\",\"low\"</text></outputValues></output>" body "</decisionTable>"

static struct model *compile(struct arena *a, const char *text, enum dmn_mode mode) {
    struct model *m = NULL;
    struct err e = { 0 };
    if (dmn_compile(a, (struct dmn_source){ S("t.dmn"), str_of(text) }, NULL, 0, mode, &m, &e))
        fail_msg("%s line %u %s", err_name(e.code), e.line, e.detail);
    return m;
}

static void decides(struct arena *a, const struct model *m, const char *decision, const struct val *input,
    const char *want) {
    struct val *v;
    struct err e = { 0 };
    struct buf b;
    if (dmn_decide(m, str_of(decision), input, a, &v, NULL, &e)) fail_msg("%s: %s %s", decision, err_name(e.code),
        e.detail);
    buf_init(&b, a, 64, 1 << 16);
    write_json(&b, v);
    if (!str_eq(buf_str(&b), str_of(want))) fail_msg("%s: %.*s, not %s", decision, STR_ARG(buf_str(&b)), want);
}

static const struct val *with_n(struct arena *a, int64_t n) {
    struct val *v = val_map(a);
    val_put_i64(a, v, S("n"), n);
    return v;
}

static void test_policies(void **state) {
    static const struct {
        const char *policy, *at5, *at15, *at50;
    } rows[] = {
        { "'UNIQUE'", "\"low\"", "null", "null" },
        { "'FIRST'", "\"low\"", "\"low\"", "null" },
        { "'ANY'", "\"low\"", "null", "null" },
        { "'PRIORITY'", "\"low\"", "\"high\"", "null" },
        { "'COLLECT'", "[\"low\"]", "[\"low\",\"high\",\"mid\"]", "[]" },
        { "'COLLECT' aggregation='COUNT'", "1", "3", "0" },
        { "'COLLECT' aggregation='MIN'", "\"low\"", "\"high\"", "null" },
        { "'COLLECT' aggregation='MAX'", "\"low\"", "\"mid\"", "null" },
        { "'COLLECT' aggregation='SUM'", "null", "null", "null" },
        { "'RULE ORDER'", "[\"low\"]", "[\"low\",\"high\",\"mid\"]", "null" },
        { "'OUTPUT ORDER'", "[\"low\"]", "[\"high\",\"mid\",\"low\"]", "null" },
    };
    static const char *const parts[2] = { DEFS("t", INPUT("n",
        "number") "<decision name='d' id='d'><variable name='d'/>" NEED("n")
        "<decisionTable hitPolicy=@>" COLUMN("n") "<output name='r'><outputValues>"
        "<text>\"high\",\"mid\",\"low\"</text></outputValues>"
        "</output>" RULE1("&lt; 20", "\"low\"") RULE1("[10..20]", "\"high\"") RULE1("15",
            "\"mid\"") "</decisionTable></decision>") };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a;
        arena_init(&a, "test", 16 << 20);
        struct str text = str_of(parts[0]);
        size_t at = str_find_char(text, '@', 0);
        struct str whole = ARENA_CAT(&a, str_sub(text, 0, at), str_of(rows[i].policy), str_sub(text, at + 1, text.len));
        struct model *m = compile(&a, whole.ptr, DMN_STRICT);
        decides(&a, m, "d", with_n(&a, 5), rows[i].at5);
        decides(&a, m, "d", with_n(&a, 15), rows[i].at15);
        decides(&a, m, "d", with_n(&a, 50), rows[i].at50);
        decides(&a, m, "d", NULL, i == 4 ? "[]" : i == 5 ? "0" : "null"); /* a null input passes no test */
        arena_done(&a);
    }
}

static void test_explain(void **state) {
    struct arena a;
    struct val *v, *why;
    struct err e;
    (void)state;
    arena_init(&a, "test", 16 << 20);
    struct model *m = compile(&a, DEFS("t", INPUT("n",
        "number") "<decision name='d' id='d'><variable name='d'/>" NEED("n")
        TABLE("'COLLECT'", RULE1("&gt; 1", "\"low\"") RULE1("5", "\"mid\"")) "</decision>"), DMN_STRICT);
    assert_int_equal(dmn_decide(m, S("d"), with_n(&a, 5), &a, &v, &why, &e), 0);
    assert_int_equal(val_count(why), 1);
    const struct val *row = val_item(why, 0);
    assert_true(str_eq(val_get_str(row, S("table")), S("d")));
    assert_true(str_eq(val_get_str(row, S("hit")), S("COLLECT")));
    assert_int_equal(val_count(val_get(row, S("rules"))), 2);
    assert_true(str_eq(val_text(val_path(row, S("rules.1"))), S("2")));
    assert_true(str_eq(val_text(val_path(row, S("inputs.0.value"))), S("5")));
    assert_int_equal(dmn_decide(m, S("no such"), NULL, &a, &v, NULL, &e), ERR_NOT_FOUND);
    arena_done(&a);
}

/* Requirements limit what is seen; a service runs with its own inputs; a cycle ends; dates cross the border as text. */
static void test_graph(void **state) {
    struct arena a;
    (void)state;
    arena_init(&a, "test", 16 << 20);
    struct model *m = compile(&a, DEFS("t", INPUT("n", "number") INPUT("born", "date")
        DECISION("double", NEED("n") LITERAL("n * 2"))
        DECISION("quadruple", NEED_D("double") LITERAL("double * 2"))
        DECISION("blind", LITERAL("n")) DECISION("egg", NEED_D("hen") LITERAL("hen")) DECISION("hen",
            NEED_D("egg") LITERAL("egg"))
        DECISION("adult on", NEED("born") LITERAL("born + duration(\"P18Y\")"))
        "<decisionService name='times four' id='s'><variable name='times four'/><outputDecision href='#quadruple'/>"
        "<encapsulatedDecision href='#double'/><inputData href='#n'/></decisionService>"
        DECISION("by service", "<knowledgeRequirement><requiredKnowledge href='#s'/></knowledgeRequirement>"
                 LITERAL("times four(10) + times four(n: 1)"))), DMN_LENIENT);
    struct val *in = val_map(&a);
    val_put_i64(&a, in, S("n"), 3);
    val_put_str(&a, in, S("born"), S("2010-02-28"));
    decides(&a, m, "quadruple", in, "12");
    decides(&a, m, "blind", in, "null");
    decides(&a, m, "egg", in, "null");
    decides(&a, m, "times four", in, "12");
    decides(&a, m, "by service", in, "44");
    decides(&a, m, "adult on", in, "\"2028-02-28\"");
    val_put_str(&a, in, S("n"), S("3")); /* as a form holds it */
    decides(&a, m, "quadruple", in, "12");
    val_put_str(&a, in, S("n"), S("three"));
    decides(&a, m, "quadruple", in, "null");
    arena_done(&a);
}

static void test_import(void **state) {
    static const char lib[] = DEFS("lib",
        "<itemDefinition name='tSmall'><typeRef>number</typeRef><allowedValues><text>&lt; 10</text>"
        "</allowedValues></itemDefinition><businessKnowledgeModel name='add two' id='k'>"
        "<variable name='add two'/><encapsulatedLogic>"
        "<formalParameter name='x' typeRef='tSmall'/>" LITERAL("x + 2") "</encapsulatedLogic>"
        "</businessKnowledgeModel>");
    static const char main_model[] = DEFS("main",
        "<import name='lib' namespace='urn:lib' importType='https://www.omg.org/spec/DMN/20230324/MODEL/'/>"
        INPUT("n", "lib.tSmall")
        DECISION("d",
            NEED("n") "<knowledgeRequirement><requiredKnowledge href='urn:lib#k'/>"
            "</knowledgeRequirement>" LITERAL("lib.add two(n)")));
    struct arena a;
    struct model *m;
    struct err e;
    (void)state;
    arena_init(&a, "test", 16 << 20);
    const struct dmn_source imports[] = { { S("lib.dmn"), str_of(lib) } };
    assert_int_equal(dmn_compile(&a, (struct dmn_source){ S("m.dmn"), str_of(main_model) }, imports, 1, DMN_STRICT,
        &m, &e), 0);
    decides(&a, m, "d", with_n(&a, 5), "7");
    decides(&a, m, "d", with_n(&a, 12), "null"); /* the imported type refuses it */
    assert_int_equal(dmn_compile(&a, (struct dmn_source){ S("m.dmn"), str_of(main_model) }, NULL, 0, DMN_STRICT,
        &m, &e), ERR_SYSTEM);
    arena_done(&a);
}

/* One model imported on two ways is there twice, with inputs of its own on each. */
static void test_nested_import(void **state) {
#define DMN_TYPE "importType='https://www.omg.org/spec/DMN/20230324/MODEL/'"
    static const char a_text[] = DEFS("a", INPUT("person name", "string")
        DECISION("greet", NEED("person name") LITERAL("\"hello \" + person name")));
    static const char b_text[] = DEFS("b", "<import name='model a' namespace='urn:a' " DMN_TYPE "/>"
        DECISION("loud", "<informationRequirement><requiredDecision href='urn:a#greet'/></informationRequirement>"
                 LITERAL("upper case(model a.greet)")));
    static const char c_text[] = DEFS("c", "<import name='model a' namespace='urn:a' " DMN_TYPE "/>"
        DECISION("soft", "<informationRequirement><requiredDecision href='urn:a#greet'/></informationRequirement>"
                 LITERAL("model a.greet + \"...\"")));
    static const char top[] = DEFS("top", "<import name='b' namespace='urn:b' " DMN_TYPE "/>"
        "<import name='c d' namespace='urn:c' " DMN_TYPE "/>"
        DECISION("both", "<informationRequirement><requiredDecision href='urn:b#loud'/></informationRequirement>"
                 "<informationRequirement><requiredDecision href='urn:c#soft'/></informationRequirement>"
                 LITERAL("[b.loud, c d.soft]")));
    const struct dmn_source imports[] = { { S("a.dmn"), str_of(a_text) }, { S("b.dmn"), str_of(b_text) },
        { S("c.dmn"), str_of(c_text) } };
    struct arena a;
    struct model *m;
    struct err e = { 0 };
    (void)state;
    arena_init(&a, "test", 16 << 20);
    if (dmn_compile(&a, (struct dmn_source){ S("top.dmn"), str_of(top) }, imports, 3, DMN_STRICT, &m, &e))
        fail_msg("%s %u %s", e.field, e.line, e.detail);
    struct val *in = val_map(&a);
    const char *const ways[2] = { "b", "c d" };
    for (int i = 0; i < 2; i++) {
        struct val *outer = val_map(&a), *inner = val_map(&a);
        val_put_str(&a, inner, S("person name"), i ? S("Li") : S("Wu"));
        val_put(&a, outer, S("model a"), inner);
        val_put(&a, in, str_of(ways[i]), outer);
    }
    decides(&a, m, "both", in, "[\"HELLO WU\",\"hello Li...\"]");
    arena_done(&a);
}

static void test_faults(void **state) {
    static const struct {
        const char *text;
        int code;
    } rows[] = {
        { "<definitions/>", ERR_SYSTEM },
        { "not xml", ERR_SYNTAX },
        { DEFS("t", DECISION("d", LITERAL("1 +"))), ERR_SYNTAX },
        { DEFS("t", DECISION("d", LITERAL("nobody"))), ERR_SYNTAX },
        { DEFS("t", INPUT("n", "number") DECISION("d", NEED("n") TABLE("'SOMETIMES'", RULE1("1", "1")))), ERR_SYSTEM },
        { DEFS("t", INPUT("n", "number") DECISION("d", NEED("n") TABLE("'UNIQUE'", RULE2("1", "2", "3")))),
            ERR_SYSTEM },
        { DEFS("t", INPUT("n", "number") DECISION("d", NEED("n") TABLE("'UNIQUE'", RULE1("&lt;", "1")))), ERR_SYNTAX },
        { DEFS("t", "<itemDefinition name='x'><typeRef>nothing</typeRef></itemDefinition>"), ERR_SYNTAX },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a;
        struct model *m;
        struct err e = { 0 };
        arena_init(&a, "test", 16 << 20);
        int rc = dmn_compile(&a, (struct dmn_source){ S("t.dmn"), str_of(rows[i].text) }, NULL, 0, DMN_STRICT, &m, &e);
        if (rc != rows[i].code) fail_msg("%s: %s %s", rows[i].text, err_name(rc), e.detail);
        arena_done(&a);
    }
}

static size_t findings(const char *text, const char *kind, const char *one) {
    struct arena a;
    struct val *f;
    struct err e;
    size_t n = 0;
    bool seen = one == NULL;
    arena_init(&a, "test", 64 << 20);
    assert_int_equal(dmn_check(compile(&a, text, DMN_LENIENT), &a, &f, &e), 0);
    for (size_t i = 0; i < val_count(f); i++) {
        if (!str_eq(val_get_str(val_item(f, i), S("kind")), str_of(kind))) continue;
        n++;
        if (one && str_eq(val_get_str(val_item(f, i), S("text")), str_of(one))) seen = true;
    }
    if (!seen) fail_msg("no %s %s", kind, one);
    arena_done(&a);
    return n;
}

static void test_check(void **state) {
#define CHECKED(policy, body) DEFS("t", INPUT("n", "number") DECISION("d", NEED("n") TABLE(policy, body)))
    static const char whole[] = CHECKED("'UNIQUE'", RULE1("&lt; 10", "\"low\"") RULE1("[10..20]",
        "\"mid\"") RULE1("&gt; 20", "\"high\""));
    static const char lapped[] = CHECKED("'UNIQUE'", RULE1("&lt;= 10", "\"low\"") RULE1("[10..20]",
        "\"mid\"") RULE1("&gt; 21", "\"high\""));
    static const char hidden[] = CHECKED("'FIRST'", RULE1("&lt; 10", "\"low\"") RULE1("5", "\"mid\"") RULE1("-",
        "\"high\""));
    static const char opaque[] = CHECKED("'UNIQUE'", RULE1("odd(?)", "\"low\"") RULE1("even(?)", "\"mid\""));
    (void)state;
    assert_int_equal(findings(whole, "overlap", NULL) + findings(whole, "gap", NULL) + findings(whole,
        "unreachable", NULL), 0);
    assert_int_equal(findings(lapped, "overlap", "1, 2"), 1);
    assert_true(findings(lapped, "gap", "n = 21") >= 1);
    assert_int_equal(findings(hidden, "unreachable", "2"), 1);
    assert_int_equal(findings(hidden, "gap", NULL), 0);
    assert_int_equal(findings(opaque, "overlap", NULL) + findings(opaque, "gap", NULL), 0);
    assert_int_equal(findings(DEFS("t", DECISION("d", LITERAL("1 +"))), "error", NULL), 1);
}

/* Every amount of memory up to what is needed: an error each time, never a fault. */
static void test_torture(void **state) {
    static const char text[] = DEFS("t",
        "<itemDefinition name='tN'><typeRef>number</typeRef><allowedValues><text>&gt; 0"
        "</text></allowedValues></itemDefinition>"
        "<itemDefinition name='tC' isCollection='true'><itemComponent name='a b'>"
        "<typeRef>tN</typeRef></itemComponent></itemDefinition>" INPUT("n", "tN")
        DECISION("e", NEED("n") "<context><contextEntry><variable name='p q'/>" LITERAL("n + 1") "</contextEntry>"
                 "<contextEntry>" LITERAL("p q * 2") "</contextEntry></context>")
        DECISION("d", NEED("n") NEED_D("e") TABLE("'UNIQUE'", RULE1("&lt; 10", "\"low\"") RULE1("odd(?)",
            "string(e)"))));
    size_t passed = 0;
    (void)state;
    for (size_t limit = 0; limit < 2000000 && passed < 3; limit += limit < 60000 ? 112 : 8192) {
        struct arena a;
        struct model *m;
        struct val *v, *why;
        struct err e = { 0 };
        arena_init(&a, "test", limit);
        int rc = dmn_compile(&a, (struct dmn_source){ S("t.dmn"), str_of(text) }, NULL, 0, DMN_LENIENT, &m, &e);
        if (rc == 0) rc = dmn_decide(m, S("d"), with_n(&a, 11), &a, &v, &why, &e);
        if (rc == 0) rc = dmn_check(m, &a, &v, &e);
        if (rc == 0) passed++;
        else if (rc != ERR_MEMORY) fail_msg("with %zu: %s %s", limit, err_name(rc), e.detail);
        arena_done(&a);
    }
    assert_int_equal(passed, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policies), cmocka_unit_test(test_explain), cmocka_unit_test(test_graph),
        cmocka_unit_test(test_import), cmocka_unit_test(test_nested_import),
        cmocka_unit_test(test_faults), cmocka_unit_test(test_check),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
