/* Tests of data/xml_write: where texts stand, as the parser reads them, and a document that keeps its bytes but
 * for what is said anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "data/xml.h"
#include "data/xml_write.h"

static struct arena arena;

static int setup(void **state) {
    (void)state;
    arena_init(&arena, "test", 64 * 1024 * 1024);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_done(&arena);
    return 0;
}

static const char document[] =
    "<?xml version=\"1.0\"?>\n<!-- <no a=\"1\">x</no> -->\n<a t='one &amp; \"two\"'\n   u=\"x\ny\">\n  <b>plain &#x4e2d;</b>\n"
    "  <b>with <i>child</i></b><c/>\n  <d><![CDATA[raw]]></d><e>a<!-- b -->c</e>\n</a>\n";

static size_t spots_of(const char *text, struct xml_spot **ret) {
    struct err e = { 0 };
    size_t n;
    int rc = xml_spots(&arena, str_of(text), ret, &n, &e);
    if (rc) fail_msg("%s", e.detail);
    return n;
}

static void test_spots(void **state) {
    static const struct {
        const char *element, *attr, *text;
        uint32_t line;
    } are[] = { { "a", "t", "one & \"two\"", 3 },
                { "a", "u", "x y", 4 },
                { "b", "", "plain 中", 6 },
                { "i", "", "child", 7 } };
    struct xml_spot *spot;
    (void)state;
    assert_int_equal(spots_of(document, &spot), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(str_eq(spot[i].element, str_of(are[i].element)));
        assert_true(str_eq(spot[i].attr, str_of(are[i].attr)));
        assert_true(str_eq(spot[i].text, str_of(are[i].text)));
        assert_int_equal(spot[i].line, are[i].line);
    }
}

static void test_said(void **state) {
    struct xml_spot *spot;
    struct str said[4] = { { 0 } }, got, whole = str_of(document);
    struct err e = { 0 };
    struct xml_node *root;
    (void)state;
    size_t n = spots_of(document, &spot);
    assert_int_equal(xml_say(&arena, whole, spot, said, n, &got, &e), 0);
    assert_true(str_eq(got, whole)); /* nothing said */
    said[0] = S("it's <\"&\">\nso"), said[2] = S("a < b & c > d \"e\"");
    assert_int_equal(xml_say(&arena, whole, spot, said, n, &got, &e), 0);
    assert_int_equal(xml_parse(&arena, S("x"), got, &root, &e), 0);
    assert_true(str_eq(xml_attr(root, S(""), S("t")), S("it's <\"&\"> so")));
    assert_true(str_eq(xml_child(root, S(""), S("b"))->text, said[2]));
    size_t tail = str_find(whole, S("</b>"), 0), now = str_find(got, S("</b>"), 0);
    assert_true(str_eq(str_sub(whole, tail, SIZE_MAX), str_sub(got, now, SIZE_MAX)));
    assert_true(str_starts(got, S("<?xml version=\"1.0\"?>\n<!-- <no a=\"1\">x</no> -->\n<a t='it&apos;s &lt;")));
    said[2] = str_make("a\x01", 2);
    assert_int_equal(xml_say(&arena, whole, spot, said, n, &got, &e), ERR_SYNTAX);
}

static void test_broken(void **state) {
    static const char *const bad[] = { "<a",       "<a b",          "<a b=\"",      "<a b=c>",  "<!-- x", "<![CDATA[",
                                       "<a b='x'", "<a>&nope;</a>", "<a>&#0;</a>", "<a>&</a>", "<?x",    "< a>" };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct xml_spot *spot;
        struct err e = { 0 };
        size_t n = 1;
        if (xml_spots(&arena, str_of(bad[i]), &spot, &n, &e) != ERR_SYNTAX) fail_msg("%s", bad[i]);
        assert_int_equal(n, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_spots), cmocka_unit_test(test_said),
                                        cmocka_unit_test(test_broken) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
