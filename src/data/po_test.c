/* Tests of po: what is kept, what is not, what is refused with its line, and the filling of named placeholders. */
#include "data/po.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena arena;
static struct err err;

static const char text[] =
    "# head\nmsgid \"\"\nmsgstr \"\"\n\"Language: en\\n\"\n\n"
    "#: a.html:3\nmsgid \"提交\"\nmsgstr \"Submit\"\n\n"
    "msgctxt \"名词\"\nmsgid \"提交\"\nmsgstr \"Submission\"\n\n"
    "#, fuzzy\nmsgid \"草稿\"\nmsgstr \"Draught\"\n\n"
    "msgid \"空\"\nmsgstr \"\"\n\n"
    "msgid \"第一\"\n\"第二\\n\"\nmsgstr \"\"\n\"one \\\"1\\\"\\n\"\n\"two\"\n\n"
    "#~ msgid \"旧\"\n#~ msgstr \"old\"\n\n"
    "#, c-format\nmsgid \"{n} 件\"\nmsgid_plural \"{n} 件\"\nmsgstr[0] \"{n} case\"\nmsgstr[1] \"{n} cases\"\n\r\n"
    "msgid \"未完\"\nmsgid_plural \"未完\"\nmsgstr[0] \"x\"\nmsgstr[1] \"\"\n";

static void assert_str(struct str got, const char *want) {
    if (!str_eq(got, str_of(want))) fail_msg("got %.*s, want %s", STR_ARG(got), want);
}

static void test_kept(void **state) {
    (void)state;
    struct po *po;
    assert_int_equal(po_parse(&arena, S("en.po"), str_of(text), &po, &err), 0);
    assert_str(po_get(po, S(""), S("提交")), "Submit");
    assert_str(po_get(po, S("名词"), S("提交")), "Submission");
    assert_str(po_get(po, S("动词"), S("提交")), "提交");
    assert_str(po_get(po, S(""), S("草稿")), "草稿");
    assert_str(po_get(po, S(""), S("空")), "空");
    assert_str(po_get(po, S(""), S("旧")), "旧");
    assert_str(po_get(po, S(""), S("")), "");
    assert_str(po_get(po, S(""), S("第一第二\n")), "one \"1\"\ntwo");
    assert_str(po_get_plural(po, S(""), S("{n} 件"), 1), "{n} case");
    assert_str(po_get_plural(po, S(""), S("{n} 件"), 0), "{n} cases");
    assert_str(po_get_plural(po, S(""), S("{n} 件"), 11), "{n} cases");
    assert_str(po_get_plural(po, S(""), S("提交"), 2), "Submit");
    assert_str(po_get_plural(po, S(""), S("没有"), 2), "没有");
    assert_str(po_get_plural(po, S(""), S("未完"), 2), "未完");
    assert_true(po_has(po, S(""), S("提交")));
    assert_false(po_has(po, S(""), S("草稿")));
    assert_str(po_get(NULL, S(""), S("提交")), "提交");
    assert_false(po_has(NULL, S(""), S("提交")));
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t line;
    } bad[] = {
        { "msgid \"a\"\nmsgstr \"b\"\n\nmsgid \"a\"\nmsgstr \"c\"\n", 4 },
        { "msgid \"a\"\nmsgid \"b\"\n", 2 },
        { "msgstr \"b\"\n", 1 },
        { "\"lost\"\n", 1 },
        { "msgid a\n", 1 },
        { "msgid \"a\nmsgstr \"b\"\n", 1 },
        { "msgid \"a\"b\"\n", 1 },
        { "msgid \"a\\q\"\n", 1 },
        { "msgid \"a\\\"\n", 1 },
        { "hello\n", 1 },
        { "msgid \"a\"\nmsgid_plural \"a\"\nmsgstr[1] \"x\"\n", 3 },
        { "msgid \"a\"\nmsgid_plural \"a\"\nmsgstr[0] \"x\"\nmsgstr[2] \"x\"\n", 4 },
        { "msgid \"a\"\nmsgstr[0] \"x\"\n", 2 },
        { "msgid \"\xff\"\nmsgstr \"b\"\n", 1 },
        { "msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[x] \"b\"\n", 3 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct po *po = NULL;
        if (po_parse(&arena, S("en.po"), str_of(bad[i].text), &po, &err) != ERR_SYNTAX)
            fail_msg("accepted: %s", bad[i].text);
        if (err.line != bad[i].line) fail_msg("line %u for %s", err.line, bad[i].text);
        assert_null(po);
    }
}

static void test_fill(void **state) {
    (void)state;
    struct val *args = val_map(&arena);
    val_put_str(&arena, args, S("name"), S("李"));
    val_put_i64(&arena, args, S("n"), 3);
    assert_str(po_fill(&arena, S("{name}有{n}件，{unknown}{}{ n}{n"), args), "李有3件，{unknown}{}{ n}{n");
    assert_str(po_fill(&arena, S("{{n}}"), args), "{3}");
    assert_str(po_fill(&arena, S("plain"), NULL), "plain");
    assert_str(po_fill(&arena, S("{n}"), NULL), "{n}");
}

static void test_said(void **state) {
    static const char source[] = "msgid \"{a}：{b}\"\nmsgstr \"{a}: {b}\"\n\nmsgid \"{a}（最近的是 {B}）\"\nmsgstr \"{a} (near: {B})\"\n\n"
                                 "msgid \"没有角色\"\nmsgstr \"no role\"\n\nmsgid \"没有英文：{A}\"\nmsgstr \"no English: {A}\"\n\n"
                                 "msgid \"{name}：{title}\"\nmsgstr \"of a page {name} {title}\"\n\n"
                                 "msgid \"{A} 应是 {B}，是 {C}\"\nmsgstr \"{A} is {C}, not {B}\"\n";
    struct po *po;
    (void)state;
    assert_int_equal(po_parse(&arena, S("en.po"), str_of(source), &po, &err), 0);
    assert_str(po_said(po, &arena, S("没有角色")), "no role");
    assert_str(po_said(po, &arena, S("没有角色：clark（最近的是 clerk）")), "no role: clark (near: clerk)");
    assert_str(po_said(po, &arena, S("role：没有角色：clark（最近的是 clerk）")), "role: no role: clark (near: clerk)");
    assert_str(po_said(po, &arena, S("没有英文：没有角色")), "no English: 没有角色"); /* a word of somebody's, not ours */
    assert_str(po_said(po, &arena, S("state 应是 a，是 b")), "state is b, not a");
    assert_str(po_said(po, &arena, S("：")), "：");
    assert_str(po_said(po, &arena, S("别的话")), "别的话");
    assert_str(po_said(po, &arena, S("plain")), "plain");
    assert_str(po_said(NULL, &arena, S("没有角色")), "没有角色");
}

static void test_memory(void **state) {
    (void)state;
    for (size_t limit = 0; limit < 8192; limit += 64) {
        struct arena tiny;
        struct po *po = NULL;
        arena_init(&tiny, "tiny", limit);
        int r = po_parse(&tiny, S("en.po"), str_of(text), &po, &err);
        if (r == 0) assert_str(po_get(po, S("名词"), S("提交")), "Submission");
        else assert_int_equal(r, ERR_MEMORY);
        arena_done(&tiny);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_kept), cmocka_unit_test(test_refused),
                                        cmocka_unit_test(test_fill), cmocka_unit_test(test_said),
                                        cmocka_unit_test(test_memory) };
    arena_init(&arena, "test", 64 << 20);
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
