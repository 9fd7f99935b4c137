/* Tests of rule: the border, positions of errors, limits, unary tests, every hit policy, services, imports,
 * cycles, checks. The breadth of FEEL is judged by the conformance cases (rule_tck_test.c) and by the list of
 * expressions here.
 */
#include "engine/rule/rule.h"

#include "data/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

struct row {
    const char *text, *want; /* want: the value as JSON */
};

static void evaluates(const struct row *rows, size_t n, const struct val *(*context)(struct arena *)) {
    for (size_t i = 0; i < n; i++) {
        struct arena a;
        struct feel *f;
        struct val *v;
        struct err e = { 0 };
        struct buf b;
        arena_init(&a, "test", 64 << 20);
        if (feel_compile(&a, str_of(rows[i].text), FEEL_EXPRESSION, NULL, 0, &f, &e)) fail_msg("%s: %s",
            rows[i].text, e.detail);
        if (feel_eval(f, context ? context(&a) : NULL, &a, &v, &e)) fail_msg("%s: %s %s", rows[i].text,
            err_name(e.code), e.detail);
        buf_init(&b, &a, 64, 1 << 20);
        write_json(&b, v);
        if (!str_eq(buf_str(&b), str_of(rows[i].want))) fail_msg("%s: %.*s, not %s", rows[i].text,
            STR_ARG(buf_str(&b)), rows[i].want);
        arena_done(&a);
    }
}
#define EVALUATES(rows, context) evaluates(rows, sizeof(rows) / sizeof *(rows), context)

static const struct row expressions[] = {
    { "1 = 1.0", "true" },
    { "1 = \"1\"", "null" },
    { "\"foo\" = null", "false" },
    { "null = null", "true" },
    { "null != 1", "true" },
    { "1 != \"1\"", "null" },
    { "[1,2,3] = [1,2,3]", "true" },
    { "[1,2,3] = [1,2]", "false" },
    { "{a:1,b:2} = {b:2,a:1}", "true" },
    { "date and time(\"2018-12-08T00:00:00\") = date and time(\"2018-12-08T00:00:00@Etc/UTC\")", "false" },
    { "time(\"10:30:00+00:00\") = time(\"10:30:00Z\")", "true" },
    { "@\"P1Y\" = @\"P12M\"", "true" },
    { "1 instance of number", "true" },
    { "null instance of string", "false" },
    { "null instance of Any", "false" },
    { "[1,2] instance of list<number>", "true" },
    { "[1,\"a\"] instance of list<number>", "false" },
    { "{a:1} instance of context<a: number>", "true" },
    { "{a:1} instance of context<a: string>", "false" },
    { "[1..3] instance of range<number>", "true" },
    { "(function(x: number) x) instance of function<number> -> Any", "true" },
    { "@\"2021-01-01\" instance of date", "true" },
    { "@\"P1D\" instance of days and time duration", "true" },
    { "@\"P1Y\" instance of years and months duration", "true" },
    { "1 in [1,2,3]", "true" },
    { "1 in (2,3,1)", "true" },
    { "5 in (> 3)", "true" },
    { "5 in > 3", "true" },
    { "5 in [1..10]", "true" },
    { "5 in (1..5)", "false" },
    { "5 in (1..5]", "true" },
    { "1 in null", "false" },
    { "date(\"2021-02-03\").year", "2021" },
    { "date(\"2021-02-03\").weekday", "3" },
    { "@\"10:20:30+02:00\".time offset", "\"PT2H\"" },
    { "@\"P3DT4H\".hours", "4" },
    { "[1..10].start", "1" },
    { "[1..10].end included", "true" },
    { "substring(\"foobar\", 3)", "\"obar\"" },
    { "substring(\"foobar\", 3, 3)", "\"oba\"" },
    { "substring(\"foobar\", -2, 1)", "\"a\"" },
    { "substring(\"\\U01F40Eab\", 2)", "\"ab\"" },
    { "string length(\"\\U01F40Eab\")", "3" },
    { "replace(\"abracadabra\", \"bra\", \"*\")", "\"a*cada*\"" },
    { "replace(\"abracadabra\", \"a.*a\", \"*\")", "\"*\"" },
    { "replace(\"AAAA\", \"A+?\", \"b\")", "\"bbbb\"" },
    { "replace(\"darted\", \"^(.*?)d(.*)$\", \"$1c$2\")", "\"carted\"" },
    { "replace(\"abcd\", \"(ab)|(a)\", \"[1=$1][2=$2]\")", "\"[1=ab][2=]cd\"" },
    { "matches(\"foobar\", \"^fo*b\")", "true" },
    { "matches(\"abc\", \"A\", \"i\")", "true" },
    { "matches(\"a\", \"(?!x)\")", "null" },
    { "matches(\"foobar\", \"[\")", "null" },
    { "upper case(\"aBc4\")", "\"ABC4\"" },
    { "time(23,59,0,duration(\"PT2H\"))", "\"23:59:00+02:00\"" },
    { "duration(\"P1D\") + duration(\"PT25H\")", "\"P2DT1H\"" },
    { "duration(\"P26M\")", "\"P2Y2M\"" },
    { "string(duration(\"P1DT0H\"))", "\"P1D\"" },
    { "duration(\"-PT0S\")", "\"P0D\"" },
    { "sort([3,1,2], function(x,y) x < y)", "[1,2,3]" },
    { "sort(list: [3,1,2], precedes: function(x,y) x > y)", "[3,2,1]" },
    { "range(\"[18..21)\").end included", "false" },
    { "range(\"[2..1]\")", "null" },
    { "append([1],2,3)", "[1,2,3]" },
    { "concatenate([1],[2,3])", "[1,2,3]" },
    { "flatten([[1,[2]],3])", "[1,2,3]" },
    { "distinct values([1,2,2,null,null])", "[1,2,null]" },
    { "union([1,2],[2,3])", "[1,2,3]" },
    { "remove([1,2,3],2)", "[1,3]" },
    { "insert before([1,3],1,2)", "[2,1,3]" },
    { "index of([1,2,null,2],2)", "[2,4]" },
    { "some x in [1,2] satisfies x > 1", "true" },
    { "every x in [1,2] satisfies x > 1", "false" },
    { "some x in [1,2], y in [2,3] satisfies x = y", "true" },
    { "if null then 1 else 2", "2" },
    { "for i in 1..3 return i * 2", "[2,4,6]" },
    { "for i in 3..1 return i", "[3,2,1]" },
    { "for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1,1,2,6,24]" },
    { "for x in [1,2], y in [3,4] return x*y", "[3,4,6,8]" },
    { "{a: 1, b: a + 1}.b", "2" },
    { "{\"a b\": 1}.a b", "1" },
    { "get entries({a: 1})", "[{\"key\":\"a\",\"value\":1}]" },
    { "get value({a: {b: 2}}, [\"a\",\"b\"])", "2" },
    { "context put({a:1}, \"b\", 2)", "{\"a\":1,\"b\":2}" },
    { "context put({x: {y: 1}}, [\"x\",\"y\"], 2)", "{\"x\":{\"y\":2}}" },
    { "context merge([{a:1},{b:2}])", "{\"a\":1,\"b\":2}" },
    { "before(1, 10)", "true" },
    { "before([1..5),[5..10])", "true" },
    { "overlaps([1..5],[5..8])", "true" },
    { "during(5,[1..10])", "true" },
    { "includes([1..10],5)", "true" },
    { "finishes(10,[1..10])", "true" },
    { "starts(1,[1..10])", "true" },
    { "coincides(5,5)", "true" },
    { "meets([1..5],[5..10])", "true" },
    { "is(@\"10:00:00Z\", @\"10:00:00\")", "false" },
    { "day of year(date(2019,9,17))", "260" },
    { "number(\"1 000,5\", \" \", \",\")", "1000.5" },
    { "number(\"1,000.5\", \",\", \".\")", "1000.5" },
    { "number(\"1 000\", \" \", \" \")", "null" },
    { "string(1.10)", "\"1.10\"" },
    { "string([1,\"a\",null])", "\"[1, \\\"a\\\", null]\"" },
    { "string({a: \"x\"})", "\"{a: \\\"x\\\"}\"" },
    { "modulo(-12,5)", "3" },
    { "modulo(10.1,4.5)", "1.1" },
    { "abs(@\"-P1D\")", "\"P1D\"" },
    { "floor(-1.5)", "-2" },
    { "round half down(-5.5,0)", "-5" },
    { "mean([1,2,3])", "2" },
    { "mode([6,3,9,6,6])", "[6]" },
    { "median(8,2,5,3,4)", "4" },
    { "stddev(2,4,7,5)", "2.081665999466132735282297706979931" },
    { "min(\"a\",\"b\")", "\"a\"" },
    { "max([])", "null" },
    { "count(null)", "null" },
    { "count([null])", "1" },
    { "sum([1,null])", "null" },
    { "all([])", "true" },
    { "any([])", "false" },
    { "not(null)", "null" },
    { "1 between 0 and 2 and true", "true" },
    { "-(2)", "-2" },
    { "2 ** 3 ** 2", "64" },
    { "1/3", "0.3333333333333333333333333333333333" },
    { "10 / 0", "null" },
    { "\"a\" + \"b\"", "\"ab\"" },
    { "\"a\" + 1", "null" },
    { "true and null", "null" },
    { "false and null", "false" },
    { "true or \"x\"", "true" },
    { "[1,2,3][item > 1]", "[2,3]" },
    { "[{a:1},{a:2}].a", "[1,2]" },
    { "[{a:1},{a:2}][a = 2]", "[{\"a\":2}]" },
    { "[1,2,3][-1]", "3" },
    { "[1,2][5]", "null" },
    { "null[1]", "null" },
    { "years and months duration(date(\"2020-01-31\"), date(\"2020-02-29\"))", "\"P0M\"" },
    { "date(\"2017-12-31\") < date(\"2018-01-01\")", "true" },
    { "@\"2021-01-01T10:00:00\" < @\"2021-01-01T11:00:00Z\"", "null" },
    { "date and time(\"2017-01-01T10:00:00@Europe/Paris\").timezone", "\"Europe/Paris\"" },
    { "function(a, b) a + b", "null" },
    { "(function(a, b) a + b)(1, 2)", "3" },
    { "(function(a, b) a + b)(b: 1, a: 2)", "3" },
    { "{f: function(x) x * 2, r: f(4)}.r", "8" },
    { "split(\"a;b;c\", \";\")", "[\"a\",\"b\",\"c\"]" },
    { "string join([\"a\",\"b\",null], \"-\")", "\"a-b\"" },
    { "string join([])", "\"\"" },
    { "list contains([1,null], null)", "true" },
    { "sublist([1,2,3], -2)", "[2,3]" },
    { "product(2,3)", "6" },
    { "reverse([1,2])", "[2,1]" },
    { "1 /* x */ + 1", "2" },
    { "date of birth", "null" },
    { "exp(5)", "148.4131591025766034211155800405523" },
    { "odd(5)", "true" },
    { "even(4.0)", "true" },
    { "week of year(date(2019,9,17))", "38" },
    { "\"\\u0041\\t\"", "\"A\\t\"" },
    { "{a: 1}.b", "null" },
    { "[1..3]", "\"[1..3]\"" },
    { "@\"xyz\"", "null" },
    { "[1,2,3][item >= 2 and item < 3]", "[2]" },
    { "if 1 > 0 then \"y\" else \"n\"", "\"y\"" },
    { "for a in [1,2] return {x: a}", "[{\"x\":1},{\"x\":2}]" },
    { "[1,2,\"a\"][item instance of number]", "[1,2]" },
    { "date(2021,13,1)", "null" },
    { "1e3", "1000" },
    { ".5 + .5", "1.0" },
    { "substring before(\"foobar\",\"bar\")", "\"foo\"" },
    { "substring after(\"\",\"a\")", "\"\"" },
    { "starts with(\"foobar\",\"fo\")", "true" },
    { "\"a\" in (\"a\",\"b\")", "true" },
    { "not(\"a\" in (\"a\"))", "false" },
    { "5 in (<= 5)", "true" },
    { "@\"2021-01-01\" in [@\"2020-01-01\"..@\"2022-01-01\"]", "true" },
    { "get value(null,\"a\")", "null" },
    { "context([{key:\"a\",value:1}])", "{\"a\":1}" },
    { "duration(\"P1Y\") * 2", "\"P2Y\"" },
    { "string(@\"2017-01-01T23:59:01@Europe/Paris\")", "\"2017-01-01T23:59:01@Europe/Paris\"" },
    { "time(\"T23:59:00\")", "null" },
    { "time(\"23:59:00z\")", "null" },
};

static void test_expressions(void **state) {
    (void)state;
    EVALUATES(expressions, NULL);
}

static const struct val *applicant(struct arena *a) {
    struct val *c = val_map(a), *person = val_map(a), *list = val_list(a);
    val_put_i64(a, person, S("age"), 20);
    val_put_str(a, person, S("full name"), S("张三"));
    val_put(a, c, S("applicant"), person);
    val_put_i64(a, c, S("floor area"), 120);
    val_put_bool(a, c, S("has kitchen"), true);
    val_put(a, c, S("amount"), val_num(a, S("12345678901234567890.12")));
    val_put_str(a, c, S("name-with-dash"), S("x"));
    for (int i = 1; i <= 3; i++) {
        struct val *one = val_map(a);
        val_put_i64(a, one, S("size"), i);
        val_push(a, list, one);
    }
    val_put(a, c, S("rooms"), list);
    return c;
}

static void test_context(void **state) {
    static const struct row rows[] = {
        { "applicant.age >= 18 and floor area > 100", "true" },
        { "applicant.full name", "\"张三\"" },
        { "if has kitchen then \"K\" else \"N\"", "\"K\"" },
        { "amount + 0.01", "12345678901234567890.13" },
        { "rooms[size > 1].size", "[2,3]" },
        { "sum(rooms.size) = 6", "true" },
        { "count(rooms[size >= floor area])", "0" },
        { "unknown name > 3", "null" },
        { "applicant.unknown", "null" },
        { "date(\"2026-11-21\") + duration(\"P10D\")", "\"2026-12-01\"" },
    };
    (void)state;
    EVALUATES(rows, applicant);
}

static void test_signs_in_names(void **state) {
    static const struct str names[] = { S_INIT("name-with-dash") };
    struct arena a;
    struct feel *f;
    struct val *v;
    struct err e;
    (void)state;
    arena_init(&a, "test", 1 << 20);
    assert_int_equal(feel_compile(&a, S("name-with-dash + \"y\""), FEEL_EXPRESSION, names, 1, &f, &e), 0);
    assert_int_equal(feel_eval(f, applicant(&a), &a, &v, &e), 0);
    assert_true(str_eq(val_text(v), S("xy")));
    arena_done(&a);
}

static void test_syntax(void **state) {
    static const struct {
        const char *text;
        uint32_t line;
        const char *column;
    } rows[] = { { "1 +", 1, "(1:4)" }, { "(1", 1, "(1:3)" }, { "1 2", 1, "(1:3)" }, { "if 1 then 2", 1, "(1:12)" },
        { "\"abc", 1, "(1:5)" }, { "[1, 2", 1, "(1:6)" }, { "{a 1}", 1, "(1:5)" }, { "1 +\n  )", 2, "(2:3)" },
            { "", 1, "(1:1)" },
        { "f(a: 1, 2)", 1, "(1:9)" }, { "x instance of nothing", 1, "(1:15)" }, { "for x in 1 x", 1, "(1:12)" },
        { "{a: 1, a: 2}", 1, "(1:10)" }, { "1 == 2", 1, "(1:3)" }, { "/* x", 1, "(1:1)" } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a;
        struct feel *f;
        struct err e = { 0 };
        arena_init(&a, "test", 1 << 20);
        if (feel_compile(&a, str_of(rows[i].text), FEEL_EXPRESSION, NULL, 0, &f,
            &e) != ERR_SYNTAX) fail_msg("taken: %s", rows[i].text);
        assert_int_equal(e.line, rows[i].line);
        if (!strstr(e.detail, rows[i].column)) fail_msg("%s: %s, not %s", rows[i].text, e.detail, rows[i].column);
        arena_done(&a);
    }
}

static int outcome(const char *text, size_t memory) {
    struct arena a, run;
    struct feel *f;
    struct val *v;
    struct err e;
    arena_init(&a, "test", 8 << 20);
    arena_init(&run, "test run", memory);
    int rc = feel_compile(&a, str_of(text), FEEL_EXPRESSION, NULL, 0, &f, &e);
    if (rc == 0) rc = feel_eval(f, NULL, &run, &v, &e);
    arena_done(&run);
    arena_done(&a);
    return rc;
}

static void test_limits(void **state) {
    char deep[4000];
    (void)state;
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    assert_int_equal(outcome(deep, 1 << 20), ERR_SYNTAX); /* nested too deep, with its place */
    memset(deep, '-', sizeof deep - 1);
    assert_int_equal(outcome(deep, 1 << 20), ERR_SYNTAX);
    assert_int_equal(outcome("count(for a in 1..100000, b in 1..100000 return a)", (size_t)1 << 30), ERR_LIMIT);
    assert_int_equal(outcome("count(for a in 1..100000 return a)", 1 << 16), ERR_MEMORY);
    assert_int_equal(outcome("every a in 1..99999, b in 1..99999 satisfies a > 0", (size_t)1 << 28), ERR_LIMIT);
    assert_int_equal(outcome("{f: function(g) g(g), r: f(f)}.r", 1 << 24), ERR_LIMIT);
    assert_int_equal(outcome("1..99999999999999", 1 << 24), ERR_SYNTAX);
    assert_int_equal(outcome("for a in 1..99999999999999 return a", 1 << 24), ERR_LIMIT);
    assert_int_equal(outcome("(for i in 1..40 return if i = 1 then \"0123456789\" else partial[-1] + partial[-1])[-1]",
                             (size_t)1 << 30), ERR_LIMIT);
    assert_int_equal(outcome("9.99e6144 * 10", 1 << 20), 0); /* not finite: null */
    assert_int_equal(outcome("matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\", \"(a+)+$\")", 1 << 20), 0);
}

static bool accepts(const char *tests, struct val *input, struct arena *a) {
    struct feel *f;
    struct err e = { 0 };
    bool holds = false;
    if (feel_compile(a, str_of(tests), FEEL_UNARY_TESTS, NULL, 0, &f, &e)) fail_msg("%s: %s", tests, e.detail);
    assert_int_equal(feel_test(f, input, applicant(a), a, &holds, &e), 0);
    return holds;
}

static void test_unary(void **state) {
    static const char *const yes[] = { "5", "-", "", "< 6", "<= 5", "> 4", ">= 5", "[1..5]", "(4..6)", "]4..6[",
        "1,2,5", "not(1,2)", "!= 4", "= 5",
        "? > 3", "? > 3 and ? < 6", "not(< 3, > 7)", "[3,4,5]", "applicant.age - 15", "< applicant.age", "odd(?)",
            "not(? = 4)" };
    static const char *const no[] = { "4", "< 5", "> 5", "[1..5)", "(5..6]", "1,2,3", "not(5)", "!= 5", "\"5\"",
        "null", "? > 7",
        "unknown", "< null", "< \"a\"", "[1,2]", "not(\"a\" < ?)" };
    static const char *const bad[] = { "<", "1,", "not(1", "- 5 +", "[1..", "5 6", "= " };
    struct arena a;
    struct feel *f;
    struct err e;
    (void)state;
    arena_init(&a, "test", 8 << 20);
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!accepts(yes[i], val_i64(&a, 5), &a)) fail_msg("5 should pass %s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        if (accepts(no[i], val_i64(&a, 5), &a)) fail_msg("5 should not pass %s", no[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (feel_compile(&a, str_of(bad[i]), FEEL_UNARY_TESTS, NULL, 0, &f,
            &e) != ERR_SYNTAX) fail_msg("taken: %s", bad[i]);
    assert_true(accepts("\"餐饮\",\"烘焙\"", val_str(&a, S("餐饮")), &a));
    assert_false(accepts("not(\"餐饮\")", val_str(&a, S("餐饮")), &a));
    assert_true(accepts("true", val_bool(&a, true), &a));
    assert_true(accepts("null", NULL, &a));
    assert_false(accepts("not(null)", NULL, &a));
    arena_done(&a);
}

/* Every amount of memory up to what is needed: an error each time, never a fault. */
static void test_torture(void **state) {
    static const char *const texts[] = {
        "{a: [1, 2, 3][item > 1], b: for x in a, y in 1..3 return x * y, c: string(b), d: some z in b satisfies z = 3}",
        "sort([3, 1, 2], function(x, y) x < y) = reverse([3, 2, 1]) and matches(\"abc\", \"b\") and 5 in (1..9)",
        "get entries(context put({p: @\"2026-01-01T10:00:00@Asia/Shanghai\"}, \"q\", duration(\"P1D\") * 2))",
        "string join(split(replace(upper case(\"a,b\"), \"A\", \"x\"), \",\"), \"-\") + substring(\"abc\", 2)",
        "distinct values(concatenate([1], union([2], flatten([[3]])))) instance of list<number>",
        "if range(\"[1..3]\").start = 1 then mode([1, 1]) else median(1, 2)",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t limit = 0, passed = 0; limit < 400000 && passed < 3; limit += limit < 30000 ? 48 : 4096) {
            struct arena a;
            struct feel *f;
            struct val *v;
            struct err e = { 0 };
            arena_init(&a, "test", limit);
            int rc = feel_compile(&a, str_of(texts[i]), FEEL_EXPRESSION, NULL, 0, &f, &e);
            if (rc == 0) rc = feel_eval(f, NULL, &a, &v, &e);
            if (rc == 0) passed++;
            else if (rc != ERR_MEMORY) fail_msg("%s with %zu: %s", texts[i], limit, err_name(rc));
            arena_done(&a);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions), cmocka_unit_test(test_context), cmocka_unit_test(test_signs_in_names),
        cmocka_unit_test(test_syntax), cmocka_unit_test(test_limits), cmocka_unit_test(test_unary),
            cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
