/* paper_layout_test: the vocabulary and its refusals, binding, escaping, translation, the message and its
 * damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "data/json.h"
#include "engine/paper/paper_layout.h"
#include "engine/paper/paper_private.h"

static struct arena a;

static int setup(void **state) {
    (void)state;
    arena_init(&a, "paper test", 64u << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_done(&a);
    return 0;
}

static const char sample[] =
    "<paper id=\"receipt\" title=\"收件回执 {{no}}\" size=\"A4\" margin=\"25 20 20 25.5\" "
    "style=\"receipt\">\n"
    " <page>\n"
    "  <title>收件回执</title>\n"
    "  <para indent=\"2\" size=\"large\" if=\"who\">{{who}}：\n     您提交的材料已收到。</para>\n"
    "  <para if=\"!who\">无名氏</para>\n"
    "  <field label=\"编号\" span=\"half\">{{no}}</field>\n"
    "  <field label=\"电话\" span=\"half\">{{phone}}</field>\n"
    "  <table rows=\"list\" caption=\"清单\">\n"
    "   <column title=\"序号\" width=\"12\" align=\"center\">{{n}}</column>\n"
    "   <column title=\"名称\">{{title}}（{{no}}）</column>\n"
    "  </table>\n"
    "  <rule kind=\"double\"/><space height=\"3.5\"/>\n"
    "  <qr text=\"{{url}}\" caption=\"扫码查询\" size=\"24\" x=\"30\" y=\"200\"/>\n"
    "  <seal organisation=\"{{issuer}}\" text=\"收件章\" date=\"{{date}}\"/>\n"
    " </page>\n"
    "</paper>";
static const char view_json[] = "{\"no\":\"A-7\",\"who\":\"<b>张三</b> & "
                                "\\\"李四\\\"\",\"url\":\"http://127.0.0.1/v/1\",\"issuer\":\"某某局\","
                                "\"date\":\"2026年11月21日\",\"list\":[{\"n\":1,\"title\":\"甲\"},{\"n\":2,"
                                "\"title\":\"乙\",\"no\":\"B\"}]}";

static struct paper_tree *bound(const struct po *texts) {
    struct paper *p;
    struct val *v;
    struct paper_tree *t = NULL;
    struct err e = { 0 };
    assert_int_equal(paper_compile(&a, S("receipt.xml"), str_of(sample), &p, &e), 0);
    assert_true(str_eq(paper_id(p), S("receipt")));
    assert_int_equal(json_parse(&a, str_of(view_json), 0, &v, &e), 0);
    assert_int_equal(paper_bind(p, v, texts, S("en"), &a, &t, &e), 0);
    return t;
}

static bool has(struct buf *b, const char *s) {
    return str_find(buf_str(b), str_of(s), 0) != SIZE_MAX;
}

static void binds(void **state) {
    (void)state;
    struct paper_tree *t = bound(NULL);
    assert_true(str_eq(t->title, S("收件回执 A-7")));
    assert_true(str_eq(t->lang, S("zh-CN")));
    assert_int_equal(t->w, 21000);
    assert_int_equal(t->margin[3], 2550);
    const struct paper_node *n = t->first->first;
    assert_true(str_eq(n->text, S("收件回执")));
    n = n->next;
    assert_true(str_eq(n->text, S("<b>张三</b> & \"李四\"：您提交的材料已收到。")));
    assert_int_equal(n->indent, 2);
    assert_int_equal(n->level, PAPER_LARGE);
    n = n->next->next; /* the paragraph for nobody is not there */
    assert_int_equal(n->kind, PAPER_FIELD);
    assert_true(n->half);
    assert_true(str_eq(n->text, S("—"))); /* no phone */
    n = n->next;
    assert_int_equal(n->kind, PAPER_TABLE);
    assert_true(str_eq(n->first->first->text, S("序号")));
    assert_int_equal(n->first->first->w, 1200);
    assert_true(str_eq(n->first->next->first->next->text, S("甲（A-7）")));
    assert_true(
        str_eq(n->first->next->next->first->next->text, S("乙（B）"))); /* the item's own value comes first */
    assert_null(n->first->next->next->next);
    n = n->next->next->next;
    assert_int_equal(n->kind, PAPER_QR);
    assert_true(n->placed);
    assert_int_equal(n->y, 20000);
    assert_int_equal(n->next->align, PAPER_RIGHT);
}

static void shows(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, &a, 4096, 1 << 20);
    struct paper_tree *t = bound(NULL);
    paper_html(&b, t);
    assert_true(buf_ok(&b));
    assert_true(has(&b, "&lt;b&gt;张三&lt;/b&gt; &amp;"));
    assert_false(has(&b, "<b>"));
    assert_false(has(&b, " style="));
    assert_true(has(&b, "<h1"));
    assert_true(has(&b, "<dt>编号</dt><dd>A-7</dd>"));
    assert_true(has(&b, "<th scope=\"col\""));
    assert_true(has(&b, "aria-label=\"某某局收件章\""));
    assert_false(has(&b, "paper-void"));
    buf_clear(&b);
    paper_stamp(t, S("2026-11-21T15:40:00+08:00"), S("样本"));
    paper_html(&b, t);
    assert_true(has(&b, "<p class=\"paper-void\">样本</p>"));
    buf_clear(&b);
    paper_text(&b, t);
    assert_true(has(&b, "编号：A-7\n"));
    assert_true(has(&b, "1\t甲（A-7）\n"));
    assert_true(has(&b, "某某局\n2026年11月21日\n"));
}

static void translates(void **state) {
    (void)state;
    struct po *po;
    struct err e = { 0 };
    assert_int_equal(
        po_parse(&a, S("en.po"),
                 S("msgid \"收件回执\"\nmsgstr \"Receipt\"\n\nmsgid \"{{who}}：您提交的材料已收到。\"\n"
                   "msgstr \"{{who}}: we received your documents.\"\n\nmsgid \"编号\"\nmsgstr \"Number\"\n"),
                 &po, &e),
        0);
    struct paper_tree *t = bound(po);
    assert_true(str_eq(t->lang, S("en")));
    assert_true(str_eq(t->first->first->text, S("Receipt")));
    assert_true(
        str_eq(t->first->first->next->text, S("<b>张三</b> & \"李四\": we received your documents.")));
    assert_true(str_eq(t->first->first->next->next->label, S("Number")));
    assert_true(str_eq(t->first->first->next->next->next->label, S("电话"))); /* no translation: the source */
    struct paper *p;
    struct str s;
    assert_int_equal(paper_compile(&a, S("receipt.xml"), str_of(sample), &p, &e), 0);
    bool found = false;
    for (size_t i = 0; paper_text_at(p, i, &s); i++) found |= str_eq(s, S("{{who}}：您提交的材料已收到。"));
    assert_true(found);
    assert_int_equal(po_parse(&a, S("en.po"), S("msgid \"收件回执\"\nmsgstr \"{{#open}}\"\n"), &po, &e), 0);
    assert_int_equal(paper_bind(p, NULL, po, S("en"), &a, &t, &e), ERR_SYNTAX);
}

/* What a paper is: as it says, else by its style. */
static void kinds(void **state) {
    static const struct {
        const char *xml;
        enum paper_is is;
    } papers[] = {
        { "<paper id='a' title='t' style='licence'><page/></paper>", PAPER_IS_LICENCE },
        { "<paper id='a' title='t' style='notice'><page/></paper>", PAPER_IS_NOTICE },
        { "<paper id='a' title='t' style='receipt'><page/></paper>", PAPER_IS_NOTICE },
        { "<paper id='a' title='t' style='notice' kind='decision'><page/></paper>", PAPER_IS_DECISION },
        { "<paper id='a' title='t' style='notice' kind='licence'><page/></paper>", PAPER_IS_LICENCE },
        { "<paper id='a' title='t' style='licence' kind='decision'><page/></paper>", PAPER_IS_DECISION },
    };
    (void)state;
    for (size_t i = 0; i < sizeof papers / sizeof *papers; i++) {
        struct paper *p;
        struct err e = { 0 };
        assert_int_equal(paper_compile(&a, S("a.xml"), str_of(papers[i].xml), &p, &e), 0);
        assert_int_equal(paper_is(p), papers[i].is);
    }
}

static void refuses(void **state) {
    (void)state;
    static const struct {
        const char *xml, *named;
        uint32_t line;
    } bad[] = {
        { "<papier/>", "paper", 1 },
        { "<paper id='a' title='t' style='notice'/>", "page", 1 },
        { "<paper id='a' title='t' style='poster'><page/></paper>", "poster", 1 },
        { "<paper id='a' title='t' style='notice' kind='permit'><page/></paper>", "permit", 1 },
        { "<paper id='a' style='notice'><page/></paper>", "title", 1 },
        { "<paper id='a' title='t' style='notice'>\n<page>\n<blink>x</blink></page></paper>", "blink", 3 },
        { "<paper id='a' title='t' style='notice'><page><para colour='red'>x</para></page></paper>", "colour",
          1 },
        { "<paper id='a' title='t' style='notice'><page><para align='top'>x</para></page></paper>", "top",
          1 },
        { "<paper id='a' title='t' style='notice'><page><space height='-1'/></page></paper>", "height", 1 },
        { "<paper id='a' title='t' style='notice'><page><space height='1.234'/></page></paper>", "height",
          1 },
        { "<paper id='a' title='t' style='notice'><page><space/></page></paper>", "height", 1 },
        { "<paper id='a' title='t' style='notice'><page><qr text='a' caption='b' x='3'/></page></paper>", "y",
          1 },
        { "<paper id='a' title='t' style='notice'><page><table rows='a'/></page></paper>", "column", 1 },
        { "<paper id='a' title='t' style='notice'><page><table rows='a'><para/></table></page></paper>",
          "para", 1 },
        { "<paper id='a' title='t' style='notice'><page>loose</page></paper>", "loose", 1 },
        { "<paper id='a' title='t' style='notice'><page><para>a\n<b>x</b></para></page></paper>", "<b>", 2 },
        { "<paper id='a' title='t' style='notice'><page><para>a<title>x</title></para></page></paper>", "<title>", 1 },
        { "<paper id='a' title='t' style='notice'><page><table rows='r'><column title='c'>a<i/></column></table></page></paper>", "<i>",
          1 },
        { "<paper id='a' title='t' style='notice'><page><rule>unseen</rule></page></paper>", "unseen", 1 },
        { "<x:paper xmlns:x='u' id='a' title='t' style='notice'><page/></x:paper>", "paper", 1 },
        { "<paper id='a' title='t' style='notice' xmlns:x='u'><x:page/></paper>", "page", 1 },
        { "<paper id='a' title='t' style='notice'><page><para>{{#open}}</para></page></paper>", "para", 1 },
        { "<paper id='a' title='t' style='notice' margin='1 2 3'><page/></paper>", "margin", 1 },
        { "<paper id='a' title='t' style='notice' margin='1 2 3 4 5'><page/></paper>", "margin", 1 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct paper *p;
        struct err e = { 0 };
        assert_int_equal(paper_compile(&a, S("bad.xml"), str_of(bad[i].xml), &p, &e), ERR_SYSTEM);
        if (!strstr(e.detail, bad[i].named) || e.line != bad[i].line)
            print_error("%zu: %u %s\n", i, e.line, e.detail);
        assert_non_null(strstr(e.detail, bad[i].named));
        assert_int_equal(e.line, bad[i].line);
        assert_string_equal(e.field, "bad.xml");
    }
    struct paper *p;
    assert_int_equal(paper_compile(&a, S("bad.xml"), S("<paper"), &p, NULL), ERR_SYNTAX);
}

static void limits(void **state) {
    (void)state;
    struct paper *p;
    struct paper_tree *t;
    struct err e = { 0 };
    assert_int_equal(paper_compile(&a, S("receipt.xml"), str_of(sample), &p, &e), 0);
    struct val *v = val_map(&a), *list = val_list(&a);
    for (int i = 0; i < PAPER_ROWS_MAX; i++) val_push(&a, list, val_map(&a));
    val_put(&a, v, S("list"), list);
    assert_int_equal(paper_bind(p, v, NULL, S(""), &a, &t, &e), 0);
    val_push(&a, list, val_map(&a));
    assert_int_equal(paper_bind(p, v, NULL, S(""), &a, &t, &e), ERR_LIMIT);
    struct arena small;
    for (size_t limit = 256; limit < 6000;
         limit += 256) { /* memory ends at any point: an error, never a crash */
        arena_init(&small, "small", limit);
        assert_int_not_equal(paper_bind(p, v, NULL, S(""), &small, &t, &e), 0);
        arena_done(&small);
    }
}

static void travels(void **state) {
    (void)state;
    struct paper_tree *t = bound(NULL), *back;
    struct buf b, again;
    struct err e = { 0 };
    buf_init(&b, &a, 4096, 1 << 20);
    buf_init(&again, &a, 4096, 1 << 20);
    paper_stamp(t, S("2026-11-21T15:40:00+08:00"), S("作废"));
    assert_int_equal(paper_tree_write(&b, t, &e), 0);
    assert_int_equal(paper_tree_read(&a, buf_str(&b), &back, &e), 0);
    assert_int_equal(paper_tree_write(&again, back, &e), 0);
    assert_true(str_eq(buf_str(&b), buf_str(&again)));
    assert_int_equal(back->n_nodes, t->n_nodes);
    /* Every cut is refused; every changed byte is refused or still a tree within the limits. */
    for (size_t n = 0; n < b.len; n++)
        assert_int_not_equal(paper_tree_read(&a, str_sub(buf_str(&b), 0, n), &back, &e), 0);
    for (size_t i = 0; i < b.len; i++) {
        struct str copy = arena_str(&a, buf_str(&b));
        char *byte = (char *)(uintptr_t)copy.ptr + i;
        *byte = (char)(*byte ^ 0x40);
        if (paper_tree_read(&a, copy, &back, &e) == 0) assert_true(back->n_nodes <= PAPER_NODES_MAX);
    }
    struct str longer = ARENA_CAT(&a, buf_str(&b), S("x"));
    assert_int_equal(paper_tree_read(&a, longer, &back, &e), ERR_SYNTAX);
}

static void seals(void **state) {
    (void)state;
    struct paper_seal_cell c[PAPER_SEAL_CELLS_MAX];
    assert_int_equal(paper_seal_cells(S("某某局印"), c), 4);
    assert_true(str_eq(c[0].character, S("某")));
    assert_true(c[0].x > .49 && c[0].y < .01); /* top of the right column */
    assert_true(c[2].x < .01 && c[2].y < .01); /* then the left one */
    assert_int_equal(paper_seal_cells(S(""), c), 0);
    static const char many[] = "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十";
    for (size_t n = 1; n <= 30; n++) {
        size_t k = paper_seal_cells(str_make(many, n * 3), c);
        assert_int_equal(k, n);
        double area = 0;
        for (size_t i = 0; i < k; i++) {
            assert_true(c[i].x >= -1e-9 && c[i].y >= 0 && c[i].x + c[i].w <= 1 + 1e-9 &&
                        c[i].y + c[i].h <= 1 + 1e-9);
            area += c[i].w * c[i].h;
        }
        assert_true(area > 1 - 1e-9 && area < 1 + 1e-9); /* the square is full and no two overlap */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binds),   cmocka_unit_test(shows),  cmocka_unit_test(translates),
        cmocka_unit_test(refuses), cmocka_unit_test(limits), cmocka_unit_test(travels),
        cmocka_unit_test(seals),   cmocka_unit_test(kinds),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
