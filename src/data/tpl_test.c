/* Tests of tpl: the Mustache specification's own cases (mustache/spec, MIT) where their folder is found (environment
 * TONGBAN_SHARED or ../shared), our own vectors for the same rules, and escaping by place in HTML mode.
 */
#include "data/tpl.h"

#include "data/json.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static struct arena arena;
static struct err err;

struct parts {
    const struct val *texts; /* name -> template text */
    enum tpl_mode mode;
};

static const struct tpl *find_part(void *context, struct str name) {
    const struct parts *p = context;
    const struct val *v = val_get(p->texts, name);
    struct tpl *t = NULL;
    if (v && tpl_compile(&arena, name, val_text(v), p->mode, NULL, &t, &err) < 0) fail_msg("partial: %s", err.detail);
    return t;
}

static struct val *json(const char *text) {
    struct val *v = NULL;
    if (json_parse(&arena, str_of(text), 0, &v, &err) < 0) fail_msg("%s: %s", text, err.detail);
    return v;
}

static struct str render(enum tpl_mode mode, struct str text, const struct val *view, const struct val *partials) {
    struct tpl *t = NULL;
    struct parts parts = { partials, mode };
    struct buf b;
    if (tpl_compile(&arena, S("t"), text, mode, NULL, &t, &err) < 0)
        fail_msg("%.*s: line %u %s", STR_ARG(text), err.line, err.detail);
    buf_init(&b, &arena, 0, 1 << 20);
    tpl_render(t, view, find_part, &parts, &b);
    assert_true(buf_ok(&b));
    return buf_str(&b);
}

static void expect(enum tpl_mode mode, const char *text, const char *view, const char *want) {
    struct str got =
        render(mode, str_of(text), json(view),
               json("{\"p\":\"<{{x}}>\",\"q\":\"[{{x}}]\",\"two\":\"1\\n{{x}}\\n\",\"in\":\" {{>two}}\\n\"}"));
    if (!str_eq(got, str_of(want))) fail_msg("%s\n gave %.*s\n want %s", text, STR_ARG(got), want);
}

static void test_own_vectors(void **state) {
    (void)state;
    expect(TPL_TEXT, "a{{x}}b{{{x}}}c{{&x}}", "{\"x\":\"<&\\\"\"}", "a&lt;&amp;&quot;b<&\"c<&\"");
    expect(TPL_PLAIN, "a{{x}}b{{{x}}}c{{&x}} {{_ {x}}}", "{\"x\":\"<&\\\"'\"}", "a<&\"'b<&\"'c<&\"' <&\"'");
    expect(TPL_TEXT, "{{n}} {{t}} {{z}} {{none}}.", "{\"n\":1.50,\"t\":true,\"z\":null}", "1.50 true  .");
    expect(TPL_TEXT, "{{a.b.c}}|{{a.x.c}}|{{#a}}{{b.c}}{{k}}{{/a}}",
           "{\"a\":{\"b\":{\"c\":1}},\"k\":2,\"x\":{\"c\":9}}", "1||12");
    expect(TPL_TEXT, "{{#l}}({{.}}){{/l}}{{^l}}none{{/l}}", "{\"l\":[1,\"b\",2]}", "(1)(b)(2)");
    expect(TPL_TEXT, "{{#l}}({{.}}){{/l}}{{^l}}none{{/l}}", "{\"l\":[]}", "none");
    expect(TPL_TEXT, "{{#l}}{{#.}}{{.}}{{/.}};{{/l}}", "{\"l\":[[1,2],[3]]}", "12;3;");
    expect(TPL_TEXT, "{{#a}}{{#b}}{{x}}{{/b}}{{/a}}", "{\"a\":{\"x\":1},\"b\":{\"y\":1}}", "1");
    expect(TPL_TEXT, "{{#l.0}}<{{#l}}{{.}}{{/l}}>{{/l.0}}{{l.1}}{{l.9}}{{l.x}}{{^m.0}}none{{/m.0}}",
           "{\"l\":[1,2],\"m\":[]}", "<12>2none");
    expect(TPL_TEXT, "a\n  {{#s}}\r\nb\n{{/s}} \nc", "{\"s\":true}", "a\nb\nc");
    expect(TPL_TEXT, "a {{! note\n over lines }}b\n{{! alone }}\nc", "{}", "a b\nc");
    expect(TPL_TEXT, "{{=<% %>=}}<%x%>{{x}}<%={{ }}=%>{{x}}", "{\"x\":1}", "1{{x}}1");
    expect(TPL_TEXT, "  {{>two}}\n>{{>two}}", "{\"x\":\"a\\nb\"}", "  1\n  a\nb\n>1\na\nb\n");
    expect(TPL_TEXT, " {{>in}}\n", "{\"x\":1}", "  1\n  1\n");
    expect(TPL_TEXT, "{{>missing}}{{>p}}", "{\"x\":1}", "<1>");
    expect(TPL_TEXT, "{{_ 你好 {name}}}, {{_ {a}{b} {}}}.", "{\"name\":\"<李>\",\"a\":1}", "你好 <李>, 1 {}.");
}

static void test_html_places(void **state) {
    (void)state;
    const char *x =
        "{\"x\":\"<a b='c' d=\\\"e\\\">&\",\"js\":\"javascript:alert(1)\",\"u\":\"/p?a=1&b=2\","
        "\"h\":\"https://e.cn/\",\"t\":true,\"f\":false,\"l\":[1,2]}";
    expect(TPL_HTML, "<p>{{x}}</p>", x, "<p>&lt;a b='c' d=\"e\"&gt;&amp;</p>");
    expect(
        TPL_HTML, "<p title=\"{{x}}\" lang='{{x}}'>", x,
        "<p title=\"&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;\" "
        "lang='&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;'>");
    expect(
        TPL_HTML, "<title>{{x}}</title><textarea>{{x}}</textarea>{{x}}", x,
        "<title>&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;</title>"
        "<textarea>&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;</textarea>"
        "&lt;a b='c' d=\"e\"&gt;&amp;");
    expect(TPL_HTML, "<a href=\"{{js}}\">", x, "<a href=\"#\">");
    expect(TPL_HTML, "<a HREF=\"{{u}}\"><form action='{{h}}'>", x,
           "<a HREF=\"/p?a=1&amp;b=2\"><form action='https://e.cn/'>");
    expect(TPL_HTML, "<a href=\"/c/{{u}}?q={{x}}#{{t}}\">", x,
           "<a href=\"/c//p%3Fa%3D1%26b%3D2?q=%3Ca%20b%3D%27c%27%20d%3D%22e%22%3E%26#true\">");
    expect(TPL_HTML, "<a href=\"java{{js}}\"><a href=\"{{f}}{{js}}\">", x,
           "<a href=\"javajavascript%3Aalert%281%29\"><a href=\"false#\">");
    expect(TPL_HTML, "<a href=\"/{{#t}}?x={{h}}{{/t}}&amp;y={{h}}\">", x,
           "<a href=\"/?x=https%3A%2F%2Fe.cn%2F&amp;y=https%3A%2F%2Fe.cn%2F\">");
    expect(TPL_HTML, "<a href=\"{{#t}}/a/{{/t}}{{js}}\">", x, "<a href=\"/a/#\">");
    expect(TPL_HTML, "<input{{#t}} checked{{/t}}{{#f}} a=\"{{x}}\"{{/f}}{{#l}} d{{/l}}>", x, "<input checked d d>");
    expect(TPL_HTML, "<p class=\"a{{#t}} b{{/t}}\"><!-- note --><br/><!DOCTYPE html>", x,
           "<p class=\"a b\"><!-- note --><br/><!DOCTYPE html>");
    expect(TPL_HTML, "<script src=\"/a.js\">if (a < b) {}</script><style>p > a {}</style>{{t}}", x,
           "<script src=\"/a.js\">if (a < b) {}</script><style>p > a {}</style>true");
    expect(TPL_HTML, "<p>{{>q}}</p>", "{\"x\":1}", "<p>[1]</p>");
}

static void test_url_schemes(void **state) {
    (void)state;
    static const char *const bad[] = {
        "javascript:1", "JavaScript:1",  " javascript:1",       "java\\tscript:1", "data:text/html,x", "vbscript:1",
        ":x",           "javascript:/x", "\\u0001javascript:1", "file:///etc",     "httpx:1"
    };
    static const char *const good[] = { "/a:b",      "a/b:c",    "?a:b",      "#a:b", "http://a",
                                        "HTTPS://a", "mailto:a", "tel:12345", "",     "x" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect(TPL_HTML, "<a href='{{u}}'>", arena_fmt(&arena, "{\"u\":\"%s\"}", bad[i]).ptr, "<a href='#'>");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        expect(TPL_HTML, "<a href='{{u}}'>", arena_fmt(&arena, "{\"u\":\"%s\"}", good[i]).ptr,
               arena_fmt(&arena, "<a href='%s'>", good[i]).ptr);
}

static void test_markup_values(void **state) {
    (void)state;
    struct val *view = val_map(&arena);
    val_put(&arena, view, S("h"), val_html(&arena, S("<b>1</b>")));
    struct str got = render(TPL_HTML, S("<p title=\"{{h}}\">{{h}}</p><title>{{h}}</title>"), view, NULL);
    assert_true(str_eq(got, S("<p title=\"&lt;b&gt;1&lt;/b&gt;\"><b>1</b></p><title>&lt;b&gt;1&lt;/b&gt;</title>")));
    got = render(TPL_TEXT, S("{{h}}{{{h}}}"), view, NULL);
    assert_true(str_eq(got, S("&lt;b&gt;1&lt;/b&gt;<b>1</b>")));
    got = render(TPL_TEXT, S("x{{y}}{{#y}}1{{/y}}"), NULL, NULL);
    assert_true(str_eq(got, S("x")));
}

static void test_translation(void **state) {
    (void)state;
    static const char po_text[] = "msgid \"共 {n} 件，{who}办理\"\nmsgstr \"{who} handles {n} \\\"cases\\\" <now>\"\n";
    struct po *po;
    struct tpl *t;
    struct buf b;
    assert_int_equal(po_parse(&arena, S("en"), str_of(po_text), &po, &err), 0);
    assert_int_equal(
        tpl_compile(&arena, S("t"),
                    S("<p title=\"{{_ 共 {n} 件，{who}办理 }}\">{{_ 共 {n} 件，{who}办理}}</p>{{_ 未译}}"), TPL_HTML,
                    po, &t, &err),
        0);
    buf_init(&b, &arena, 0, 4096);
    tpl_render(t, json("{\"n\":3,\"who\":\"A\\\"&\"}"), NULL, NULL, &b);
    assert_true(str_eq(buf_str(&b), S("<p title=\"A&quot;&amp; handles 3 &quot;cases&quot; &lt;now&gt;\">"
                                      "A\"&amp; handles 3 \"cases\" &lt;now&gt;</p>未译")));
    /* what is Chinese of a variable is marked, where an element may stand; in the Chinese page nothing is */
    static const char places[] = "<p title=\"{{x}}\">{{x}}</p><title>{{x}}</title><option value=\"{{x}}\">{{x}}</option>{{x}}";
    const struct po *languages[] = { po, NULL };
    const char *wanted[] = { "<p title=\"和平区\"><bdi lang=\"zh-CN\">和平区</bdi></p><title>和平区</title>"
                             "<option value=\"和平区\" lang=\"zh-CN\">和平区</option><bdi lang=\"zh-CN\">和平区</bdi>",
                             "<p title=\"和平区\">和平区</p><title>和平区</title>"
                             "<option value=\"和平区\">和平区</option>和平区" };
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(tpl_compile(&arena, S("t"), str_of(places), TPL_HTML, languages[i], &t, &err), 0);
        buf_init(&b, &arena, 0, 4096);
        tpl_render(t, json("{\"x\":\"和平区\"}"), NULL, NULL, &b);
        assert_true(str_eq(buf_str(&b), str_of(wanted[i])));
    }
    /* an option is marked as what most of it is, keeps its tag whatever its text, and only where that text begins it */
    static const char options[] = "{{#o}}<option{{#s}} selected{{/s}}>{{t}}</option>{{/o}}<option>a {{n}}</option>";
    assert_int_equal(tpl_compile(&arena, S("t"), str_of(options), TPL_HTML, po, &t, &err), 0);
    buf_init(&b, &arena, 0, 4096);
    tpl_render(t, json("{\"n\":\"和平\",\"o\":[{\"t\":\"样警官 · 和平分局\",\"s\":true},"
                         "{\"t\":\"样警官 · Heping Police\"},{\"t\":\"\"},{},{\"t\":3}]}"),
               NULL, NULL, &b);
    assert_true(str_eq(buf_str(&b), S("<option selected lang=\"zh-CN\">样警官 · 和平分局</option><option>样警官 · Heping Police</option>"
                                      "<option></option><option></option><option>3</option><option>a 和平</option>")));
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        enum tpl_mode mode;
        uint32_t line;
        const char *text;
    } bad[] = {
        { TPL_TEXT, 1, "{{x" },
        { TPL_TEXT, 1, "{{{x}}" },
        { TPL_TEXT, 2, "\n{{#a}}" },
        { TPL_TEXT, 2, "{{#a}}\n{{/b}}" },
        { TPL_TEXT, 1, "{{/a}}" },
        { TPL_TEXT, 1, "{{}}" },
        { TPL_TEXT, 1, "{{a b}}" },
        { TPL_TEXT, 1, "{{a..b}}" },
        { TPL_TEXT, 1, "{{a.}}" },
        { TPL_TEXT, 1, "{{.a}}" },
        { TPL_TEXT, 1, "{{=x=}}" },
        { TPL_TEXT, 1, "{{= =}}" },
        { TPL_TEXT, 1, "{{=a b c=}}" },
        { TPL_TEXT, 1, "{{>}}" },
        { TPL_TEXT, 1, "{{_ }}" },
        { TPL_HTML, 1, "{{{x}}}" },
        { TPL_HTML, 1, "{{&x}}" },
        { TPL_HTML, 2, "<p>\n<{{x}}>" },
        { TPL_HTML, 1, "<p {{x}}>" },
        { TPL_HTML, 1, "<p a={{x}}>" },
        { TPL_HTML, 1, "<p a=b{{x}}>" },
        { TPL_HTML, 1, "<p onclick=\"{{x}}\">" },
        { TPL_HTML, 1, "<p ONx='{{x}}'>" },
        { TPL_HTML, 1, "<p style=\"{{x}}\">" },
        { TPL_HTML, 1, "<script>{{x}}</script>" },
        { TPL_HTML, 1, "<style>{{x}}</style>" },
        { TPL_HTML, 1, "<SCRIPT>{{x}}</SCRIPT>" },
        { TPL_HTML, 1, "<script></scriptx>{{x}}" },
        { TPL_HTML, 1, "<!-- {{x}} -->" },
        { TPL_HTML, 1, "<p{{#x}}>{{/x}}" },
        { TPL_HTML, 1, "{{#x}}<p {{/x}}>" },
        { TPL_HTML, 1, "<p a=\"{{#x}}\"{{/x}}>" },
        { TPL_HTML, 1, "<p {{#x}}a=\"1\"{{/x}}>" },
        { TPL_HTML, 1, "<p{{#x}} on{{/x}}click=\"1\">" },
        { TPL_HTML, 1, "<p{{#x}} a{{/x}}=\"1\">" },
        { TPL_HTML, 1, "<p {{>p}}>" },
        { TPL_HTML, 1, "<p" },
        { TPL_HTML, 1, "<p a=\"" },
        { TPL_HTML, 1, "<!-- x" },
        { TPL_HTML, 1, "<title>x" },
        { TPL_HTML, 1, "a < b" },
        { TPL_HTML, 1, "<p a='1'b='2'>" },
        { TPL_HTML, 1, "<p =x>" },
        { TPL_HTML, 1, "<p a=>" },
        { TPL_HTML, 1, "<a href=\"{{_ 文}}\">" },
        { TPL_HTML, 1, "<p {{_ 文}}>" },
        { TPL_HTML, 1, "<script>{{_ 文}}</script>" },
        { TPL_HTML, 1, "<p \"x\">" },
        { TPL_HTML, 1, "<img srcset=\"{{x}}\">" },
        { TPL_HTML, 1, "<iframe srcdoc='{{x}}'>" },
        { TPL_HTML, 1, "<xmp>{{x}}</xmp>" },
        { TPL_HTML, 1, "<!-- a --!> -->" },
        { TPL_HTML, 1, "<title><{{x}}</title>" },
        { TPL_HTML, 1, "<?php" },
        { TPL_HTML, 1, "</ p>" },
        { TPL_HTML, 1, "<![CDATA[{{x}}]]>" },
        { TPL_HTML, 3, "<p>\n\n{{_ 共 {n} 件</p>" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tpl *t = NULL;
        err_clear(&err);
        if (tpl_compile(&arena, S("t.html"), str_of(bad[i].text), bad[i].mode, NULL, &t, &err) != ERR_SYNTAX || t)
            fail_msg("accepted: %s", bad[i].text);
        if (err.line != bad[i].line) fail_msg("line %u for %s", err.line, bad[i].text);
        assert_true(err.detail[0]);
        assert_string_equal(err.field, "t.html");
    }
}

static void test_limits(void **state) {
    (void)state;
    struct buf b;
    struct tpl *t = NULL;
    for (int depth = 32; depth <= 33; depth++) {
        buf_init(&b, &arena, 0, 4096);
        for (int i = 0; i < depth; i++) buf_add(&b, S("{{#a}}"));
        buf_add(&b, S("x"));
        for (int i = 0; i < depth; i++) buf_add(&b, S("{{/a}}"));
        assert_int_equal(tpl_compile(&arena, S("t"), buf_str(&b), TPL_TEXT, NULL, &t, &err),
                         depth == 32 ? 0 : ERR_LIMIT);
    }
    struct str got =
        render(TPL_TEXT, S("{{>r}}"), json("{\"a\":1}"), json("{\"r\":\"{{#a}}{{#a}}x{{>r}}{{/a}}{{/a}}\"}"));
    assert_int_equal(got.len, 16); /* endless recursion ends at the limit of partial depth */
    assert_int_equal(tpl_compile(&arena, S("t"), S("{{#l}}0123456789{{/l}}"), TPL_TEXT, NULL, &t, &err), 0);
    buf_init(&b, &arena, 0, 25);
    tpl_render(t, json("{\"l\":[1,2,3,4]}"), NULL, NULL, &b);
    assert_false(buf_ok(&b));
    static const char text[] = "<p>{{a.b}}{{#l}}\n {{>x}}\n{{_ 文 {n}}}{{/l}}</p>{{=<% %>=}}<% x %>";
    for (size_t limit = 0; limit < 8192; limit += 64) {
        struct arena tiny;
        arena_init(&tiny, "tiny", limit);
        t = NULL;
        int r = tpl_compile(&tiny, S("t"), str_of(text), TPL_HTML, NULL, &t, &err);
        assert_true(r == ERR_MEMORY ? t == NULL : r == 0);
        arena_done(&tiny);
    }
}

static size_t run_spec_file(struct str path) {
    struct str text;
    struct val *spec = NULL;
    assert_int_equal(os_read_file(&arena, path.ptr, 1 << 20, &text, &err), 0);
    assert_int_equal(json_parse(&arena, text, 0, &spec, &err), 0);
    const struct val *tests = val_get(spec, S("tests"));
    for (size_t i = 0; i < val_count(tests); i++) {
        const struct val *t = val_item(tests, i);
        struct str got =
            render(TPL_TEXT, val_get_str(t, S("template")), val_get(t, S("data")), val_get(t, S("partials")));
        if (!str_eq(got, val_get_str(t, S("expected"))))
            fail_msg("%s: %.*s: got [%.*s]", path.ptr, STR_ARG(val_get_str(t, S("name"))), STR_ARG(got));
    }
    return val_count(tests);
}

static void test_specification(void **state) {
    (void)state;
    const char *shared = getenv("TONGBAN_SHARED");
    struct str dir = arena_fmt(&arena, "%s/cases/mustache", shared ? shared : "../shared");
    if (os_kind(dir.ptr) != OS_DIR) {
        print_message("SKIPPED: Mustache specification not found at %s\n", dir.ptr);
        skip();
    }
    struct str *names;
    size_t n, ran = 0;
    assert_int_equal(os_list_dir(&arena, dir.ptr, &names, &n, &err), 0);
    for (size_t i = 0; i < n; i++)
        if (str_ends(names[i], S(".json")))
            ran += run_spec_file(arena_fmt(&arena, "%s/%.*s", dir.ptr, STR_ARG(names[i])));
    print_message("Mustache specification: %zu cases\n", ran);
    assert_true(ran > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_own_vectors), cmocka_unit_test(test_html_places),
        cmocka_unit_test(test_url_schemes), cmocka_unit_test(test_markup_values), cmocka_unit_test(test_translation),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_limits), cmocka_unit_test(test_specification) };
    arena_init(&arena, "test", 64 << 20);
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
