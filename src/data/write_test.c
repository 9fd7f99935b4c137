/* Tests of write: each place with what it must escape and what it must leave alone, and JSON out and in again. */
#include "data/write.h"

#include "data/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena arena;

typedef void writer(struct buf *, struct str);

static void expect(writer *w, struct str in, struct str out) {
    struct buf b;
    buf_init(&b, &arena, 0, 1 << 16);
    w(&b, in);
    assert_true(buf_ok(&b));
    if (!str_eq(buf_str(&b), out)) fail_msg("got %.*s, want %.*s", STR_ARG(buf_str(&b)), STR_ARG(out));
}

static void test_html(void **state) {
    (void)state;
    expect(write_html_text, S(""), S(""));
    expect(write_html_text, S("中文 \"a\" 'b'"), S("中文 \"a\" 'b'"));
    expect(write_html_text, S("<a href=\"x\">&</a>"), S("&lt;a href=\"x\"&gt;&amp;&lt;/a&gt;"));
    expect(write_html_attr, S("\"'<>&"), S("&quot;&#39;&lt;&gt;&amp;"));
    expect(write_html_attr, S("abcdefghijklmnop\"qrstuvwxyz0123456'789"),
           S("abcdefghijklmnop&quot;qrstuvwxyz0123456&#39;789"));
    for (size_t at = 0; at < 40; at++) { /* the special byte at every place of a block */
        char in[40], out[45];
        for (size_t i = 0; i < 40; i++) in[i] = i == at ? '<' : 'x';
        size_t n = 0;
        for (size_t i = 0; i < 40; i++) {
            if (i == at) out[n] = '&', out[n + 1] = 'l', out[n + 2] = 't', out[n + 3] = ';', n += 4;
            else out[n++] = 'x';
        }
        expect(write_html_text, str_make(in, 40), str_make(out, n));
    }
}

/* Chinese within another language: each run of it is marked, with the marks and figures that stand within it, and nothing else. */
static void test_foreign(void **state) {
    (void)state;
    expect(write_html_foreign, S(""), S(""));
    expect(write_html_foreign, S("plain “text” & <b>, 16 November"), S("plain “text” &amp; &lt;b&gt;, 16 November"));
    expect(write_html_foreign, S("和平区"), S("<bdi lang=\"zh-CN\">和平区</bdi>"));
    expect(write_html_foreign, S("From “市公安局”, 3 days"), S("From “<bdi lang=\"zh-CN\">市公安局</bdi>”, 3 days"));
    expect(write_html_foreign, S("示例路 8 号 3-2"), S("<bdi lang=\"zh-CN\">示例路 8 号</bdi> 3-2"));
    expect(write_html_foreign, S("一层 → 南侧 → b"), S("<bdi lang=\"zh-CN\">一层 → 南侧</bdi> → b"));
    expect(write_html_foreign, S("道****号*门"), S("<bdi lang=\"zh-CN\">道****号*门</bdi>"));
    expect(write_html_foreign, S("《消防法》第十五条"), S("<bdi lang=\"zh-CN\">《消防法》第十五条</bdi>"));
    expect(write_html_foreign, S("a，b（c）"), S("a，b（c）"));
    expect(write_html_foreign, S("<样>&𠀀"), S("&lt;<bdi lang=\"zh-CN\">样</bdi>&gt;&amp;<bdi lang=\"zh-CN\">𠀀</bdi>"));
    expect(write_html_foreign, S("\xe6\xa0 \xff样"), S("\xe6\xa0 \xff<bdi lang=\"zh-CN\">样</bdi>"));
}

static void test_url(void **state) {
    (void)state;
    expect(write_url_component, S("aZ09-._~"), S("aZ09-._~"));
    expect(write_url_component, S("a b&c=d/中+"), S("a%20b%26c%3Dd%2F%E4%B8%AD%2B"));
}

static void test_csv(void **state) {
    (void)state;
    expect(write_csv_field, S("中文"), S("中文"));
    expect(write_csv_field, S(""), S(""));
    expect(write_csv_field, S("a,b"), S("\"a,b\""));
    expect(write_csv_field, S("a\"b\""), S("\"a\"\"b\"\"\""));
    expect(write_csv_field, S("a\r\nb"), S("\"a\r\nb\""));
    expect(write_csv_field, S("=1+1"), S("'=1+1"));
    expect(write_csv_field, S("-5"), S("'-5"));
    expect(write_csv_field, S("@x"), S("'@x"));
    expect(write_csv_field, S("\tx"), S("'\tx"));
    expect(write_csv_field, S("\rx"), S("\"'\rx\""));
    expect(write_csv_field, S("+\"1\",2"), S("\"'+\"\"1\"\",2\""));
    expect(write_csv_field, S("1-2"), S("1-2"));
}

static void test_json_str(void **state) {
    (void)state;
    expect(write_json_str, S("a\"\\\b\f\n\r\t\x01\x1f\x7f/"), S("\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f/\""));
    expect(write_json_str, S("</script>&"), S("\"\\u003c/script\\u003e\\u0026\""));
    expect(write_json_str, S("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xa7\xe2"), S("\"\\u2028\\u2029\xe2\x80\xa7\xe2\""));
    expect(write_json_str, S("a\0b中😀"), S("\"a\\u0000b中😀\""));
}

static struct val *parse(struct str text) {
    struct val *v = NULL;
    struct err e;
    assert_int_equal(json_parse(&arena, text, 0, &v, &e), 0);
    return v;
}

static void expect_json(struct str in, struct str plain, struct str canonical) {
    struct buf b;
    buf_init(&b, &arena, 0, 1 << 16);
    const struct val *v = parse(in);
    write_json(&b, v);
    if (!str_eq(buf_str(&b), plain)) fail_msg("got %.*s", STR_ARG(buf_str(&b)));
    assert_true(val_equal(v, parse(buf_str(&b))));
    buf_clear(&b);
    write_json_canonical(&b, v);
    if (!str_eq(buf_str(&b), canonical)) fail_msg("canonical: got %.*s", STR_ARG(buf_str(&b)));
    assert_true(val_equal(v, parse(buf_str(&b))));
}

static void test_json(void **state) {
    (void)state;
    expect_json(S("[ 1, true ,null,{ } , [] ]"), S("[1,true,null,{},[]]"), S("[1,true,null,{},[]]"));
    expect_json(S("{\"b\":\"<\",\"a\":1.0,\"aa\":2,\"\":3}"), S("{\"b\":\"\\u003c\",\"a\":1.0,\"aa\":2,\"\":3}"),
                S("{\"\":3,\"a\":1.0,\"aa\":2,\"b\":\"<\"}"));
    /* RFC 8785 section 3.2.3, the order of its example: CR, 1, U+0080, o-umlaut, euro, emoji (surrogates), U+FB33 */
    expect_json(S("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}"),
                S("{\"€\":1,\"\\r\":2,\"\xef\xac\xb3\":3,\"1\":4,\"😀\":5,\"\xc2\x80\":6,\"ö\":7}"),
                S("{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\xef\xac\xb3\":3}"));
}

static void test_overflow(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, &arena, 0, 8);
    write_json(&b, parse(S("[\"long enough to overflow\"]")));
    assert_false(buf_ok(&b));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_html), cmocka_unit_test(test_foreign), cmocka_unit_test(test_url),
                                        cmocka_unit_test(test_csv),  cmocka_unit_test(test_json_str),
                                        cmocka_unit_test(test_json), cmocka_unit_test(test_overflow) };
    arena_init(&arena, "test", 64 << 20);
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
