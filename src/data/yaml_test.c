/* Tests of yaml: the core schema as far as we take it, lines, and everything that declarations may not use. */
#include "data/yaml.h"

#include "base/buf.h"
#include "data/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena arena;
static struct err err;

static int parse(struct str text, struct val **v) {
    *v = NULL;
    err_clear(&err);
    return yaml_parse(&arena, S("x.yaml"), text, v, &err);
}

static void expect(struct str yaml, struct str json) {
    struct val *v;
    if (parse(yaml, &v) != 0) fail_msg("refused: %.*s: line %u %s", STR_ARG(yaml), err.line, err.detail);
    struct buf b;
    buf_init(&b, &arena, 0, 1 << 20);
    write_json(&b, v);
    if (!str_eq(buf_str(&b), json)) fail_msg("%.*s gave %.*s", STR_ARG(yaml), STR_ARG(buf_str(&b)));
}

static void test_values(void **state) {
    (void)state;
    expect(S(""), S("null"));
    expect(S("# nothing\n"), S("null"));
    expect(S("---\nid: food\n"), S("{\"id\":\"food\"}"));
    expect(S("a: 1\nb: -2.50\nc: 1e3\nd: 12345678901234567890\n"),
           S("{\"a\":1,\"b\":-2.50,\"c\":1e3,\"d\":12345678901234567890}"));
    expect(
        S("a: 007\nb: +1\nc: 0x1F\nd: .5\ne: 1_000\nf: .inf\ng: 2026-11-21\n"),
        S("{\"a\":\"007\",\"b\":\"+1\",\"c\":\"0x1F\",\"d\":\".5\",\"e\":\"1_000\","
          "\"f\":\".inf\",\"g\":\"2026-11-21\"}"));
    expect(S("- true\n- False\n- null\n- ~\n-\n- yes\n- 'true'\n- \"1\"\n"),
           S("[true,false,null,null,null,\"yes\",\"true\",\"1\"]"));
    expect(S("名称: 食品 # 注\n'a b': {x: 1, y: [2, z]}\n"), S("{\"名称\":\"食品\",\"a b\":{\"x\":1,\"y\":[2,\"z\"]}}"));
    expect(S("t: |\n  一\n  二\nf: >\n  a\n  b\n"), S("{\"t\":\"一\\n二\\n\",\"f\":\"a b\\n\"}"));
    expect(S("1: a\ntrue: b\n"), S("{\"1\":\"a\",\"true\":\"b\"}"));
    expect(S("\xEF\xBB\xBF" "a: \"x\\Ly\\/\"\n"), S("{\"a\":\"x\\u2028y/\"}"));
    expect(S("\"a\\\n\n\nb\\L\""), S("\"a\\n\\nb\\u2028\"")); /* another library cut it short */
    expect(S("e: \"\\u4e2d\\n\"\r\ng: x\r\n"), S("{\"e\":\"中\\n\",\"g\":\"x\"}"));
}

static void test_lines(void **state) {
    (void)state;
    struct val *v;
    assert_int_equal(parse(S("# head\na: 1\nb:\n  - x\n  - y: 2\n    z: 3\n"), &v), 0);
    assert_int_equal(v->line, 2);
    assert_int_equal(v->u.map.pair[1].line, 3);
    assert_int_equal(val_path(v, S("b.0"))->line, 4);
    assert_int_equal(val_path(v, S("b.1.z"))->line, 6);
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        struct str text;
        uint32_t line;
    } bad[] = {
        { S_INIT("a: 1\nb: 2\na: 3\n"), 3 }, { S_INIT("a: &x 1\n"), 1 },         { S_INIT("a: 1\nb: *x\n"), 2 },
        { S_INIT("a: !!str 1\n"), 1 },       { S_INIT("a: !x {b: 1}\n"), 1 },    { S_INIT("a: 1\n---\nb: 2\n"), 2 },
        { S_INIT("? [a]\n: 1\n"), 1 },       { S_INIT("a: [1, 2\n"), 0 },        { S_INIT("a: 1\n b: 2\n"), 0 },
        { S_INIT("a: \"x\n"), 0 },           { S_INIT("a: \xff\n"), 1 },         { S_INIT("a: 1\nb: \x01\n"), 2 },
        { S_INIT("\ta: 1\n"), 0 },           { S_INIT("{a: 1, a: 2}\n"), 1 },    { S_INIT("a: b: c\n"), 1 },
        { S_INIT("- a\nb: 1\n"), 0 },        { S_INIT("a: 1\nb: x\xe2\x80\xa8y\n"), 2 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct val *v;
        int r = parse(bad[i].text, &v);
        if (r != ERR_SYNTAX) fail_msg("%d for: %.*s", r, STR_ARG(bad[i].text));
        if (bad[i].line && err.line != bad[i].line) fail_msg("line %u for %.*s", err.line, STR_ARG(bad[i].text));
        assert_true(err.line > 0 && err.detail[0]);
        assert_string_equal(err.field, "x.yaml");
    }
}

static void test_many_keys(void **state) {
    (void)state;
    struct buf b;
    struct val *v;
    buf_init(&b, &arena, 0, 1 << 20);
    for (int i = 0; i < 1000; i++) buf_add_fmt(&b, "k%d: %d\n", i, i);
    assert_int_equal(parse(buf_str(&b), &v), 0);
    assert_int_equal(val_count(v), 1000);
    assert_int_equal(val_get_i64(v, S("k999"), -1), 999);
    buf_add(&b, S("k500: 1\n"));
    assert_int_equal(parse(buf_str(&b), &v), ERR_SYNTAX);
    assert_int_equal(err.line, 1001);
}

static void test_limits(void **state) {
    (void)state;
    struct buf b;
    struct val *v;
    for (int depth = 31; depth < 35; depth++) {
        buf_init(&b, &arena, 0, 1 << 20);
        for (int i = 0; i < depth; i++) buf_add_char(&b, '[');
        for (int i = 0; i < depth; i++) buf_add_char(&b, ']');
        assert_int_equal(parse(buf_str(&b), &v), depth <= 32 ? 0 : ERR_LIMIT);
    }
    for (size_t limit = 0; limit < 900; limit += 16) {
        struct arena tiny;
        arena_init(&tiny, "tiny", limit);
        v = NULL;
        int r = yaml_parse(&tiny, S("x.yaml"), S("a: [1, {b: x}]\nc: 'd'\n"), &v, &err);
        if (r == 0) assert_true(str_eq(val_text(val_path(v, S("a.1.b"))), S("x")));
        else assert_int_equal(r, ERR_MEMORY);
        arena_done(&tiny);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_values), cmocka_unit_test(test_lines),
                                        cmocka_unit_test(test_refused), cmocka_unit_test(test_many_keys),
                                        cmocka_unit_test(test_limits) };
    arena_init(&arena, "test", 64 << 20);
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
