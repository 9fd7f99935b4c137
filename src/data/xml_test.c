/* Tests of data/xml: the tree that is promised, and everything that must be refused with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "data/xml.h"

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

static const struct xml_node *good(const char *text) {
    struct err e = { 0 };
    struct xml_node *root = NULL;
    int rc = xml_parse(&arena, S("t.xml"), str_of(text), &root, &e);
    if (rc) print_message("%s: %s\n", err_name(rc), e.detail);
    assert_int_equal(rc, 0);
    assert_non_null(root);
    return root;
}

static void bad(struct str text, int code, uint32_t line) {
    struct err e = { 0 };
    struct xml_node *root = NULL;
    int rc = xml_parse(&arena, S("t.xml"), text, &root, &e);
    if (rc != code || e.line != line) print_message("%.60s: %s line %u %s\n", text.ptr, err_name(rc), e.line, e.detail);
    assert_int_equal(rc, code);
    assert_int_equal(e.code, code);
    assert_int_equal(e.line, line);
    assert_null(root);
}

static void assert_str(struct str s, const char *want) {
    if (!str_eq(s, str_of(want))) fail_msg("got '%.*s', want '%s'", STR_ARG(s), want);
}

static void tree(void **state) {
    (void)state;
    const struct xml_node *r =
        good("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c -->\n<a xmlns='urn:1' xmlns:p='urn:2'>\n"
             "  <p:b x='1' p:x='2&amp;&#x4e2d;'/>\n  <b>one<i>two</i>&lt;<![CDATA[<3>]]></b>\n</a>");
    assert_str(r->name, "a");
    assert_str(r->ns, "urn:1");
    assert_int_equal(r->line, 3);
    const struct xml_node *b = xml_child(r, S("urn:2"), S("b"));
    assert_non_null(b);
    assert_int_equal(b->line, 4);
    assert_str(b->prefix, "p");
    assert_str(xml_attr(b, S(""), S("x")), "1");
    assert_str(xml_attr(b, S("urn:2"), S("x")), "2&中");
    assert_null(xml_attr(b, S(""), S("y")).ptr);
    b = xml_next(b, S(""), S("b"));
    assert_non_null(b);
    assert_str(b->text, "onetwo<<3>");
    assert_str(b->first->text, "one");
    assert_int_equal(b->first->name.len, 0);
    assert_str(b->first->next->name, "i");
    assert_str(b->first->next->text, "two");
    assert_str(b->first->next->next->text, "<<3>");
    assert_ptr_equal(b->first->next->parent, b);
    assert_null(xml_next(b, S(""), S("")));
    assert_str(str_trim(r->text), "onetwo<<3>");
    assert_null(xml_child(NULL, S(""), S("")));
}

static void empty_attribute_is_not_absent(void **state) {
    (void)state;
    const struct xml_node *r = good("<a x=''/>");
    assert_non_null(xml_attr(r, S(""), S("x")).ptr);
    assert_int_equal(xml_attr(r, S(""), S("x")).len, 0);
    assert_int_equal(r->text.len, 0);
}

static void byte_order_mark_and_line_ends(void **state) {
    (void)state;
    const struct xml_node *r = good("\xef\xbb\xbf<a>x\r\ny</a>");
    assert_str(r->text, "x\ny");
}

static void refused(void **state) {
    (void)state;
    bad(S("<a/>\0"), ERR_SYNTAX, 0);
    bad(S("<a/>\0<b>"), ERR_SYNTAX, 0);
    bad(S(""), ERR_SYNTAX, 1);
    bad(S("  \n"), ERR_SYNTAX, 1);
    bad(S("<a>\n<b></a>"), ERR_SYNTAX, 2);
    bad(S("<a>\n&nbsp;</a>"), ERR_SYNTAX, 2);
    bad(S("<a x='1' x='2'/>"), ERR_SYNTAX, 1);
    bad(S("<a><p:b/></a>"), ERR_SYNTAX, 1);
    bad(S("<a p:x='1'/>"), ERR_SYNTAX, 1);
    bad(S("<a/><b/>"), ERR_SYNTAX, 1);
    bad(S("<a>\x01</a>"), ERR_SYNTAX, 1);
    bad(S("<a>\xc0\x80</a>"), ERR_SYNTAX, 0);
    bad(S("\xff\xfe<\0a\0/\0>\0"), ERR_SYNTAX, 0);
}

static void doctype_is_refused(void **state) {
    (void)state;
    bad(S("<!DOCTYPE a><a/>"), ERR_SYNTAX, 1);
    bad(S("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), ERR_SYNTAX, 2);
    bad(S("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), ERR_SYNTAX, 1);
    bad(S("<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1/x'> %p;]><a/>"), ERR_SYNTAX, 1);
    bad(S("<!DOCTYPE l [<!ENTITY a 'xx'><!ENTITY b '&a;&a;&a;'><!ENTITY c '&b;&b;&b;'>]><l>&c;</l>"), ERR_SYNTAX, 1);
}

static struct str repeat(const char *head, const char *piece, size_t n, const char *tail) {
    struct buf b;
    buf_init(&b, &arena, 1 << 16, 16 << 20);
    buf_add(&b, str_of(head));
    for (size_t i = 0; i < n; i++) buf_add(&b, str_of(piece));
    buf_add(&b, str_of(tail));
    assert_true(buf_ok(&b));
    return buf_str(&b);
}

static void limits(void **state) {
    (void)state;
    bad(repeat("", "<a>", 65, ""), ERR_LIMIT, 1);
    bad(repeat("<a>", "<b/>", 100000, "</a>"), ERR_LIMIT, 1);
    bad(repeat("<a>", "0123456789", 420000, "</a>"), ERR_LIMIT, 0);
    struct str deep = repeat("", "<a>", 63, "<x/>");
    struct buf b;
    buf_init(&b, &arena, deep.len, 1 << 16);
    buf_add(&b, deep);
    for (int i = 0; i < 63; i++) buf_add(&b, S("</a>"));
    struct xml_node *root = NULL;
    assert_int_equal(xml_parse(&arena, S("t"), buf_str(&b), &root, NULL), 0);
    assert_int_equal(xml_parse(&arena, S("t"), repeat("<a>", "x", 4000000, "</a>"), &root, NULL), 0);
    assert_int_equal(root->text.len, 4000000);
}

/* An element with n attributes on its second line, behind what is none; the first one holds what ends a tag elsewhere. */
static struct str attributes(int n) {
    struct buf b;
    buf_init(&b, &arena, 1 << 16, 1 << 20);
    buf_add(&b, S("<a><!-- x='>' y= --><![CDATA[<b c='1'>]]><?p q='>'?>\n<e"));
    for (int i = 0; i < n; i++) buf_add_fmt(&b, " a%d='>=%s'", i, i ? "" : "\"");
    buf_add(&b, S("/></a>"));
    assert_true(buf_ok(&b));
    return buf_str(&b);
}

static void attributes_are_counted(void **state) {
    struct xml_node *root = NULL;
    (void)state;
    assert_int_equal(xml_parse(&arena, S("t"), attributes(256), &root, NULL), 0);
    assert_int_equal(xml_child(root, S(""), S("e"))->n_attr, 256);
    bad(attributes(257), ERR_LIMIT, 2);
    bad(S("<a b='<c"), ERR_SYNTAX, 1);
    bad(S("<a><!-- b"), ERR_SYNTAX, 1);
}

static void small_arena(void **state) {
    (void)state;
    for (size_t limit = 64; limit < 40000; limit += 1777) {
        struct arena small;
        arena_init(&small, "small", limit);
        struct xml_node *root = NULL;
        int rc = xml_parse(&small, S("t"), S("<a b='c'><d e='f'>text</d><g/></a>"), &root, NULL);
        assert_true(rc == 0 || rc == ERR_MEMORY);
        arena_done(&small);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tree, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_attribute_is_not_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(byte_order_mark_and_line_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(refused, setup, teardown),
        cmocka_unit_test_setup_teardown(doctype_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(limits, setup, teardown),
        cmocka_unit_test_setup_teardown(attributes_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(small_arena, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
