/* Tests of json: grammar by our own vectors, and JSONTestSuite (Nicolas Seriot, MIT) where its folder is found:
 * environment TONGBAN_SHARED or ../shared. Two of its y_ texts hold a key twice, which our contract refuses (RFC 8259
 * section 4: SHOULD).
 */
#include "data/json.h"

#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct arena arena;
static struct err err;

static int parse(struct str text, size_t max, struct val **v) {
    *v = NULL;
    err_clear(&err);
    return json_parse(&arena, text, max, v, &err);
}

static void test_values(void **state) {
    (void)state;
    struct val *v;
    struct str text =
        S("{\n \"名\": \"\\u4e2d\\ud83d\\ude00\\n\\/\\\"\",\n\"n\": [1, -0, 12345678901234567890123, 1E400, 1.50],\n"
          "\"a\\u0000b\": \"x\\u0000y\", \"t\":true,\"f\":false,\"z\":null, \"m\": {\"\": {}}, \"l\": []}");
    assert_int_equal(parse(text, 0, &v), 0);
    assert_true(str_eq(val_get_str(v, S("名")), S("中😀\n/\"")));
    static const char *const numbers[] = { "1", "-0", "12345678901234567890123", "1E400", "1.50" };
    const struct val *n = val_get(v, S("n"));
    assert_int_equal(val_count(n), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(val_item(n, i)->kind, VAL_NUM);
        assert_true(str_eq(val_text(val_item(n, i)), str_of(numbers[i])));
        assert_int_equal(val_item(n, i)->line, 3);
    }
    assert_int_equal(v->line, 1);
    assert_int_equal(v->u.map.pair[0].line, 2);
    assert_true(str_eq(val_get_str(v, S("a\0b")), S("x\0y")));
    assert_true(val_get_bool(v, S("t"), false));
    assert_false(val_get_bool(v, S("f"), true));
    assert_int_equal(val_get(v, S("z"))->kind, VAL_NULL);
    assert_int_equal(val_get(val_get(v, S("m")), S(""))->kind, VAL_MAP);
    assert_int_equal(val_get(v, S("l"))->kind, VAL_LIST);
    assert_int_equal(v->u.map.n, 8);
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        struct str text;
        uint32_t line;
    } bad[] = {
        { S_INIT(""), 1 },
        { S_INIT(" "), 1 },
        { S_INIT("{\"a\":1,\n\"a\":2}"), 2 },
        { S_INIT("[1,\n2,\n]"), 3 },
        { S_INIT("1 2"), 1 },
        { S_INIT("[01]"), 1 },
        { S_INIT("[+1]"), 1 },
        { S_INIT("[1.]"), 1 },
        { S_INIT("[.5]"), 1 },
        { S_INIT("[1e]"), 1 },
        { S_INIT("[1-2]"), 1 },
        { S_INIT("[\"\\ud800\"]"), 1 },
        { S_INIT("[\"\\udc00\"]"), 1 },
        { S_INIT("[\"\\ud800\\u0041\"]"), 1 },
        { S_INIT("[\"\xff\"]"), 1 },
        { S_INIT("[\"\xed\xa0\x80\"]"), 1 },
        { S_INIT("[\"a\nb\"]"), 1 },
        { S_INIT("[\"\\x\"]"), 1 },
        { S_INIT("\xef\xbb\xbf{}"), 1 },
        { S_INIT("[true1]"), 1 },
        { S_INIT("[True]"), 1 },
        { S_INIT("\n\n{\"a\"}"), 3 },
        { S_INIT("[1]x"), 1 },
        { S_INIT("\"abc"), 1 },
        { S_INIT("[\"\\"), 1 },
        { S_INIT("{1:2}"), 1 },
        { S_INIT("[1\0]"), 1 },
        { S_INIT("{\"a\\u0000\":1,\"a\\u0000\":2}"), 1 },
        { S_INIT("[\"\\u00\"]"), 1 },
        { S_INIT("/**/1"), 1 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct val *v;
        if (parse(bad[i].text, 0, &v) != ERR_SYNTAX || v) fail_msg("accepted: %.*s", STR_ARG(bad[i].text));
        if (err.line != bad[i].line) fail_msg("line %u for %.*s", err.line, STR_ARG(bad[i].text));
        assert_true(err.detail[0]);
    }
}

static struct str nested(unsigned depth) {
    char *p = arena_alloc(&arena, 2 * depth);
    memset(p, '[', depth);
    memset(p + depth, ']', depth);
    return str_make(p, 2 * depth);
}

static void test_limits(void **state) {
    (void)state;
    struct val *v;
    assert_int_equal(parse(nested(JSON_DEPTH_MAX), 0, &v), 0);
    assert_int_equal(parse(nested(JSON_DEPTH_MAX + 1), 0, &v), ERR_LIMIT);
    assert_int_equal(parse(nested(100000), 0, &v), ERR_LIMIT);
    assert_int_equal(parse(S("[1,2,3]"), 4, &v), 0);
    assert_int_equal(parse(S("[1,2,3]"), 3, &v), ERR_LIMIT);
    assert_int_equal(parse(S("{\"a\":1,\"b\":{\"c\":2}}"), 4, &v), 0);
    assert_int_equal(parse(S("{\"a\":1,\"b\":{\"c\":2}}"), 3, &v), ERR_LIMIT);
    assert_int_equal(parse(S("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\""), 0, &v), 0);
    struct arena tiny;
    for (size_t limit = 0; limit < 600; limit += 16) { /* torture: every place where memory may end */
        arena_init(&tiny, "tiny", limit);
        v = NULL;
        int r = json_parse(&tiny, S("{\"a\":[1,{\"b\":\"x\\n\"}],\"c\":null}"), 0, &v, &err);
        if (r == 0) assert_true(str_eq(val_text(val_path(v, S("a.1.b"))), S("x\n")));
        else assert_int_equal(r, ERR_MEMORY);
        arena_done(&tiny);
    }
}

static void test_suite(void **state) {
    (void)state;
    const char *shared = getenv("TONGBAN_SHARED");
    struct str dir = arena_fmt(&arena, "%s/cases/json-parsing", shared ? shared : "../shared");
    if (os_kind(dir.ptr) != OS_DIR) {
        print_message("SKIPPED: JSONTestSuite not found at %s\n", dir.ptr);
        skip();
    }
    struct str *names;
    size_t n, counted[2] = { 0, 0 };
    assert_int_equal(os_list_dir(&arena, dir.ptr, &names, &n, &err), 0);
    for (size_t i = 0; i < n; i++) {
        struct arena a;
        arena_init(&a, "case", 16 << 20);
        struct str path = arena_fmt(&a, "%s/%.*s", dir.ptr, STR_ARG(names[i])), text;
        struct val *v = NULL;
        assert_int_equal(os_read_file(&a, path.ptr, 1 << 20, &text, &err), 0);
        int r = json_parse(&a, text, 0, &v, &err);
        bool twice = str_starts(names[i], S("y_object_duplicated_key"));
        if (str_starts(names[i], S("y_")) && r != (twice ? ERR_SYNTAX : 0)) fail_msg("%s: %d", path.ptr, r);
        if (str_starts(names[i], S("n_")) && r == 0) fail_msg("%s: accepted", path.ptr);
        counted[r == 0]++;
        arena_done(&a);
    }
    print_message("JSONTestSuite: %zu accepted, %zu refused\n", counted[1], counted[0]);
    assert_true(counted[1] > 50 && counted[0] > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_values), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_suite) };
    arena_init(&arena, "test", 64 << 20);
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
