/* form, kinds: declarations that are wrong name their line; each kind's good and bad answers; which pages are asked.
 * Pure, no store. */
#include "engine/form/form.h"

#include "data/yaml.h"
#include "engine/code/code_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct arena a;
    struct system m;
};

static void open_world(struct world *w) {
    struct code_set *set;
    arena_init(&w->a, "test", 1 << 24);
    w->m = (struct system){ .release = 1 };
    for (int p = 0; p < SYSTEM_PARTS; p++) map_init(&w->m.part[p], &w->a);
    assert_int_equal(code_compile(&w->a, S("codes/colour.csv"),
                                  S("code,title,parent,from,to\n1,红,,,\n2,蓝,,,\n11,粉红,1,,\n"), &set, NULL),
                     0);
    assert_true(map_put(&w->m.part[SYSTEM_CODE], S("colour"), set));
}

static int compile(struct world *w, const char *text, const struct form **f, struct err *e) {
    struct val *yaml;
    assert_int_equal(yaml_parse(&w->a, S("forms/t.yaml"), str_of(text), &yaml, e), 0);
    return form_compile(&w->a, S("forms/t.yaml"), S("t"), yaml, &w->m, f, e);
}

static const struct form *good(struct world *w, const char *text) {
    const struct form *f = NULL;
    struct err e = { 0 };
    int rc = compile(w, text, &f, &e);
    if (rc) print_error("%s:%u %s\n", e.field, e.line, e.detail);
    assert_int_equal(rc, 0);
    return f;
}

static struct val *answers_of(struct world *w, const char *text) {
    struct val *v;
    assert_int_equal(yaml_parse(&w->a, S("answers"), str_of(text), &v, NULL), 0);
    return v;
}

#define PAGE "pages:\n  - id: p\n    title: P\n"

static void test_compile_errors_name_the_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t line;
    } bad[] = {
        { "pages:\n  - id: p\n    title: P\n    colour: red\n    questions:\n      - {id: a, title: A, kind: text}\n",
          4 },
        { "page: []\n", 1 },
        { "- pages\n", 1 },
        { "pages: []\n", 1 },
        { PAGE
          "    questions:\n      - {id: a, title: A, kind: text}\n      - {id: b, title: B, kind: text, size: 3}\n",
          6 },
        { PAGE "    questions:\n      - {id: a, title: A, kind: number}\n", 5 },
        { PAGE "    questions:\n      - {id: a, title: A}\n", 5 },
        { PAGE "    questions:\n      - {title: A, kind: text}\n", 5 },
        { PAGE "    questions:\n      - {id: a, kind: text}\n", 5 },
        { PAGE "    questions:\n      - {id: a, title: A, kind: choice, code: no_such}\n", 5 },
        { PAGE "    questions:\n      - {id: a, title: A, kind: multi}\n", 5 },
        { PAGE "    questions:\n      - {id: a, title: A, kind: select, code: ''}\n", 5 },
        { PAGE "    questions:\n      - {id: a, title: A, kind: registry}\n", 5 },
        { PAGE "    questions:\n      - just words\n", 5 },
        { PAGE "    questions: []\n", 2 },
        { PAGE "    when: 'a = = 1'\n    questions:\n      - {id: a, title: A, kind: text}\n", 2 },
        { "pages:\n  - title: P\n    questions:\n      - {id: a, title: A, kind: text}\n", 2 },
        { PAGE "    questions:\n      - {id: a, title: A, kind: text}\n  - id: p\n    title: Q\n    questions:\n     "
               " - {id: b, title: B, kind: text}\n",
          6 },
    };
    struct world w;
    open_world(&w);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct form *f;
        struct err e = { 0 };
        int rc = compile(&w, bad[i].text, &f, &e);
        if (rc != ERR_SYSTEM || e.line != bad[i].line)
            print_error("case %zu: %s line %u %s\n", i, err_name(rc), e.line, e.detail);
        assert_int_equal(rc, ERR_SYSTEM);
        assert_int_equal(e.line, bad[i].line);
        assert_string_equal(e.field, "forms/t.yaml");
    }
    arena_done(&w.a);
}

/* A map where a list belongs is a finding, and was the end of the process; so is a mask that nothing knows. */
static void test_maps_for_lists_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t line; /* of the form, of the page, or of the question */
    } bad[] = {
        { "pages:\n  p: {id: p, title: P}\n", 1 },
        { PAGE "    questions:\n      a: {title: A, kind: text}\n", 2 },
        { PAGE "    questions:\n      - {id: a, title: A, kind: text, mask: id}\n", 5 }, /* no such mask */
    };
    struct world w;
    open_world(&w);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct form *f;
        struct err e = { 0 };
        assert_int_equal(compile(&w, bad[i].text, &f, &e), ERR_SYSTEM);
        assert_int_equal(e.line, bad[i].line);
    }
    arena_done(&w.a);
}

#define ALL_KINDS                                                          \
    PAGE "    questions:\n"                                                \
         "      - {id: text, title: T, kind: text, max: 5}\n"              \
         "      - {id: long, title: T, kind: long}\n"                      \
         "      - {id: integer, title: T, kind: integer, least: 1, most: 100}\n" \
         "      - {id: open, title: T, kind: integer}\n"                   \
         "      - {id: date, title: T, kind: date}\n"                      \
         "      - {id: yes, title: T, kind: yes-no}\n"                     \
         "      - {id: choice, title: T, kind: choice, code: colour}\n"    \
         "      - {id: multi, title: T, kind: multi, code: colour}\n"      \
         "      - {id: select, title: T, kind: select, code: colour}\n"    \
         "      - {id: phone, title: T, kind: phone}\n"                    \
         "      - {id: citizen, title: T, kind: citizen-id}\n"             \
         "      - {id: name, title: T, kind: registry, from: applicant.name}\n"

/* One answer to one question of ALL_KINDS: the code of its error (0: none), and what is kept. */
static int one_answer(struct world *w, const struct form *f, const char *id, struct str typed, struct str *kept) {
    struct val *input = val_map(&w->a), *out, *errors;
    struct err e = { 0 };
    val_put_str(&w->a, input, str_of(id), typed);
    int rc = form_check_page(&f->page[0], &w->m, input, NULL, &w->a, &out, &errors, &e);
    assert_true(rc == 0 || rc == ERR_INPUT);
    assert_int_equal(val_count(errors), rc ? 1 : 0); /* no other field is blamed */
    const struct val *v = val_get(out, str_of(id));
    *kept = v && v->kind == VAL_LIST ? val_text(val_item(v, 0)) : val_text(v);
    return (int)val_get_i64(val_get(errors, str_of(id)), S("code"), 0);
}

static void test_each_kind_good_and_bad(void **state) {
    (void)state;
    static const struct {
        const char *id, *typed;
        int code;
        const char *kept;
    } rows[] = {
        { "text", "五个字为止", 0, "五个字为止" },
        { "text", "  前后空 ", 0, "前后空" },
        { "text", "超过五个字了", ERR_TOO_LONG, "超过五个字了" },
        { "text", "", 0, "" },
        { "text", "\xe4\xba", ERR_CHARACTERS, NULL },
        { "long", "一行\n两行", 0, "一行\n两行" },
        { "integer", "1", 0, "1" },
        { "integer", "１００", 0, "100" },
        { "integer", "　7　", 0, "7" },
        { "integer", "0", ERR_RANGE, "0" },
        { "integer", "101", ERR_RANGE, "101" },
        { "integer", "7.5", ERR_FORMAT, "7.5" },
        { "integer", "七", ERR_FORMAT, "七" },
        { "integer", "99999999999999999999", ERR_FORMAT, NULL },
        { "open", "-9223372036854775808", 0, NULL },
        { "date", "2026-11-21", 0, "2026-11-21" },
        { "date", "２０２６-１１-２１", 0, "2026-11-21" },
        { "date", "2026-02-29", ERR_FORMAT, "2026-02-29" },
        { "date", "昨天", ERR_FORMAT, "昨天" },
        { "yes", "yes", 0, "yes" },
        { "yes", "no", 0, "no" },
        { "yes", "maybe", ERR_CODE, "maybe" },
        { "yes", "是", ERR_CODE, "是" },
        { "choice", "2", 0, "2" },
        { "choice", "２", 0, "2" },
        { "choice", "3", ERR_CODE, "3" },
        { "choice", "红", ERR_CODE, "红" },
        { "multi", "11", 0, "11" },
        { "multi", "12", ERR_CODE, "12" },
        { "select", "1", 0, "1" },
        { "select", "1,2", ERR_CODE, "1,2" },
        { "phone", "13800000000", 0, "13800000000" },
        { "phone", "１３８００００００００", 0, "13800000000" },
        { "phone", "1380000000", ERR_FORMAT, "1380000000" },
        { "phone", "23800000000", ERR_FORMAT, "23800000000" },
        { "citizen", "11010519491231002X", 0, "11010519491231002X" },
        { "citizen", "110105194912310021", ERR_CHECK_DIGIT, "110105194912310021" },
        { "citizen", "110105194913310028", ERR_RANGE, "110105194913310028" },
        { "citizen", "1101051949123100", ERR_FORMAT, "1101051949123100" },
    };
    struct world w;
    open_world(&w);
    const struct form *f = good(&w, ALL_KINDS);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str kept;
        int code = one_answer(&w, f, rows[i].id, str_of(rows[i].typed), &kept);
        if (code != rows[i].code) print_error("%s: %s gives %s\n", rows[i].id, rows[i].typed, err_name(code));
        assert_int_equal(code, rows[i].code);
        if (!rows[i].kept) continue;
        if (!str_eq(kept, str_of(rows[i].kept)))
            print_error("%s: %s kept as %.*s\n", rows[i].id, rows[i].typed, STR_ARG(kept));
        assert_true(str_eq(kept, str_of(rows[i].kept)));
    }
    arena_done(&w.a);
}

/* Malformed bytes were dropped, and a number came out of what was none. */
static void test_malformed_bytes_make_no_number(void **state) {
    (void)state;
    static const char *const ids[] = { "integer", "choice", "phone", "yes", "date" };
    static const char *const typed[] = { "1\xff",
                                         "\xc0"
                                         "1",
                                         "1380000\xff"
                                         "0000",
                                         "y\xe4"
                                         "es",
                                         "2026-11-2\xed\xa0\x80"
                                         "1" };
    struct world w;
    open_world(&w);
    const struct form *f = good(&w, ALL_KINDS);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct str kept;
        assert_int_equal(one_answer(&w, f, ids[i], str_of(typed[i]), &kept), ERR_CHARACTERS);
    }
    struct str kept;
    assert_int_equal(one_answer(&w, f, "multi", S("1\xff"), &kept), ERR_CODE);
    arena_done(&w.a);
}

/* People write phones in groups and the last place of the citizen id small: the registries' form is kept. */
static void test_numbers_as_people_write_them(void **state) {
    (void)state;
    struct world w;
    struct str kept;
    open_world(&w);
    const struct form *f = good(&w, ALL_KINDS);
    assert_int_equal(one_answer(&w, f, "phone", S("138 0000-0000"), &kept), 0);
    assert_true(str_eq(kept, S("13800000000")));
    assert_int_equal(one_answer(&w, f, "citizen", S("110105 19491231 002x"), &kept), 0);
    assert_true(str_eq(kept, S("11010519491231002X")));
    arena_done(&w.a);
}

/* What people write stays what they wrote: escaping is the template's, and nothing is a command. */
static void test_hostile_text_is_kept(void **state) {
    (void)state;
    static const char *const hostile[] = {
        "<script>alert(1)</script>", "'; DROP TABLE item_case; --", "{{{unsafe}}}", "%s%n", "../../etc/passwd",
        "＜ｂ＞全角１２３", "=1+1",
    };
    struct world w;
    open_world(&w);
    const struct form *f = good(&w, ALL_KINDS);
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct str kept;
        assert_int_equal(one_answer(&w, f, "long", str_of(hostile[i]), &kept), 0);
        assert_true(str_eq(kept, str_of(hostile[i])));
        struct val *answers = val_map(&w.a);
        val_put_str(&w.a, answers, S("long"), kept);
        const struct val *view = form_page_view(&f->page[0], &w.m, answers, NULL, NULL, S("zh"), &w.a);
        const struct val *shown = val_get(val_item(val_get(view, S("questions")), 1), S("value"));
        assert_int_equal(shown->kind, VAL_STR); /* never markup */
        assert_true(str_eq(val_text(shown), str_of(hostile[i])));
    }
    arena_done(&w.a);
}

static void test_required_long_and_foreign_fields(void **state) {
    (void)state;
    struct world w;
    struct val *out, *errors;
    open_world(&w);
    const struct form *f = good(&w, PAGE "    questions:\n      - {id: a, title: 甲, kind: text, required: true}\n"
                                         "      - {id: b, title: 乙, kind: multi, code: colour, required: true}\n"
                                         "      - {id: n, title: 丙, kind: registry, from: applicant.name}\n");
    const struct val *before = answers_of(&w, "{kept: earlier, a: old}");
    const struct val *input = answers_of(&w, "{a: '   ', b: [], n: 冒名, other: x, kept: changed}");
    assert_int_equal(form_check_page(&f->page[0], &w.m, input, before, &w.a, &out, &errors, NULL), ERR_INPUT);
    assert_int_equal(val_count(errors), 2);
    assert_int_equal(val_get_i64(val_get(errors, S("a")), S("code"), 0), ERR_REQUIRED);
    assert_true(str_eq(val_get_str(val_get(errors, S("a")), S("detail")), S("甲")));
    assert_int_equal(val_get_i64(val_get(errors, S("b")), S("code"), 0), ERR_REQUIRED);
    assert_true(str_eq(val_get_str(out, S("kept")), S("earlier"))); /* only this page's questions are taken */
    assert_null(val_get(out, S("other")));
    assert_null(val_get(out, S("n"))); /* nobody answers for the registry */
    assert_true(str_eq(val_get_str(before, S("a")), S("old")));
    struct buf b;
    buf_init(&b, &w.a, 1024, 4096);
    for (int i = 0; i < 201; i++) buf_add(&b, S("长"));
    struct val *with = val_map(&w.a);
    val_put_str(&w.a, with, S("a"), buf_str(&b));
    val_put_str(&w.a, with, S("b"), S("1"));
    assert_int_equal(form_check_page(&f->page[0], &w.m, with, NULL, &w.a, &out, &errors, NULL), ERR_INPUT);
    assert_int_equal(val_get_i64(val_get(errors, S("a")), S("code"), 0), ERR_TOO_LONG);
    assert_true(str_eq(val_get_str(val_get(errors, S("a")), S("detail")), S("200")));
    val_put_str(&w.a, with, S("a"), str_sub(buf_str(&b), 0, 600));
    assert_int_equal(form_check_page(&f->page[0], &w.m, with, NULL, &w.a, &out, &errors, NULL), 0);
    arena_done(&w.a);
}

static void test_multi_keeps_every_value(void **state) {
    (void)state;
    struct world w;
    struct val *out, *errors;
    open_world(&w);
    const struct form *f = good(&w, PAGE "    questions:\n      - {id: b, title: 乙, kind: multi, code: colour}\n");
    assert_int_equal(
        form_check_page(&f->page[0], &w.m, answers_of(&w, "{b: ['１', '', '11']}"), NULL, &w.a, &out, &errors, NULL),
        0);
    assert_true(val_equal(val_get(out, S("b")), val_get(answers_of(&w, "{b: ['1', '11']}"), S("b"))));
    assert_int_equal(
        form_check_page(&f->page[0], &w.m, answers_of(&w, "{b: ['1', x, '2']}"), NULL, &w.a, &out, &errors, NULL),
        ERR_INPUT);
    assert_int_equal(val_get_i64(val_get(errors, S("b")), S("code"), 0), ERR_CODE);
    assert_int_equal(val_count(val_get(out, S("b"))), 3); /* what was typed is still there to be mended */
    assert_int_equal(form_check_page(&f->page[0], &w.m, val_map(&w.a), out, &w.a, &out, &errors, NULL), 0);
    assert_int_equal(val_count(val_get(out, S("b"))), 0); /* all unticked */
    const struct val *sum = form_summary(f, &w.m, answers_of(&w, "{b: ['1', '2']}"), NULL, S(""), S("zh"), &w.a);
    assert_true(str_eq(val_text(val_path(sum, S("0.rows.0.text"))), S("红、蓝")));
    arena_done(&w.a);
}

/* F9: a choice is made or not; sent twice it is still one. */
static void test_f9_a_choice_sent_twice_counts_once(void **state) {
    (void)state;
    struct world w;
    struct val *out, *errors;
    open_world(&w);
    const struct form *f = good(&w, PAGE "    questions:\n      - {id: b, title: 乙, kind: multi, code: colour}\n");
    assert_int_equal(form_check_page(&f->page[0], &w.m, answers_of(&w, "{b: ['1', '2', '１', '2']}"), NULL, &w.a, &out,
                                     &errors, NULL),
                     0);
    assert_true(val_equal(val_get(out, S("b")), val_get(answers_of(&w, "{b: ['1', '2']}"), S("b"))));
    arena_done(&w.a);
}

/* F8, F13: what nobody can read is refused at its field; names of any Han, and with a middle dot, are not. */
static void test_f13_text_that_nobody_can_read(void **state) {
    static const struct str bad[] = { S_INIT("样\0贰"), S_INIT("样\x07"), S_INIT("\xe2\x80\xae样"), S_INIT("\xee\x80\x80"),
                                      S_INIT("\xed\xa0\x80"), S_INIT("\xef\xbf\xbd"), S_INIT("\xcd\xb8") };
    static const struct str good_names[] = { S_INIT("买·提江"), S_INIT("\xf0\xa0\x80\x80\xf0\xb0\xbb\x9e"),
                                             S_INIT("葛\xf3\xa0\x84\x80") };
    (void)state;
    struct world w;
    struct str kept;
    open_world(&w);
    const struct form *f = good(&w, ALL_KINDS);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(one_answer(&w, f, "text", bad[i], &kept), ERR_CHARACTERS);
        assert_int_equal(one_answer(&w, f, "long", bad[i], &kept), ERR_CHARACTERS);
    }
    for (size_t i = 0; i < sizeof good_names / sizeof *good_names; i++) {
        assert_int_equal(one_answer(&w, f, "text", good_names[i], &kept), 0);
        assert_true(str_eq(kept, good_names[i]));
    }
    assert_int_equal(one_answer(&w, f, "long", S("一\r\n二"), &kept), 0);
    assert_int_equal(one_answer(&w, f, "text", S("一\r\n二"), &kept), ERR_CHARACTERS);
    arena_done(&w.a);
}

#define BRANCHES                                                                                                       \
    "pages:\n"                                                                                                         \
    "  - {id: first, title: F, questions: [{id: gas, title: G, kind: yes-no, required: true}]}\n"                      \
    "  - {id: gas, title: 燃气, when: 'gas = \"yes\"', questions: [{id: supplier, title: S, kind: text, required: "  \
    "true},"                                                                                                           \
    " {id: meter, title: M, kind: registry, from: company.meter}]}\n"                                                  \
    "  - {id: last, title: L, parts: [fire], questions: [{id: note, title: N, kind: text}, {id: name, title: 姓名, " \
    "kind: registry, from: applicant.name}]}\n"

static void test_pages_asked_and_not_asked(void **state) {
    (void)state;
    struct world w;
    open_world(&w);
    const struct form *f = good(&w, BRANCHES);
    const struct form_page *first = form_page(f, S("first")), *gas = form_page(f, S("gas")),
                           *last = form_page(f, S("last"));
    const struct val *none = val_map(&w.a), *yes = answers_of(&w, "{gas: 'yes', supplier: 甲公司, note: n}"),
                     *no = answers_of(&w, "{gas: 'no', supplier: 甲公司, note: n}"),
                     *half = answers_of(&w, "{gas: 'yes', supplier: ''}");
    assert_false(form_asked(gas, none, &w.a));
    assert_false(form_asked(gas, NULL, &w.a));
    assert_false(form_asked(gas, no, &w.a));
    assert_true(form_asked(gas, yes, &w.a));
    assert_ptr_equal(form_next(f, NULL, yes, &w.a), first);
    assert_ptr_equal(form_next(f, first, yes, &w.a), gas);
    assert_ptr_equal(form_next(f, first, no, &w.a), last);
    assert_ptr_equal(form_next(f, gas, no, &w.a), last);
    assert_null(form_next(f, last, yes, &w.a));
    assert_null(form_before(f, first, yes, &w.a));
    assert_ptr_equal(form_before(f, last, yes, &w.a), gas);
    assert_ptr_equal(form_before(f, last, no, &w.a), first);
    assert_ptr_equal(form_open_page(f, none, &w.a), first);
    assert_ptr_equal(form_open_page(f, half, &w.a), gas);
    assert_null(form_open_page(f, yes, &w.a));
    assert_null(form_open_page(f, answers_of(&w, "{gas: 'no'}"), &w.a));
    assert_true(val_equal(form_effective(f, yes, &w.a), yes));
    const struct val *counted = form_effective(f, no, &w.a);
    assert_int_equal(val_count(counted), 2);
    assert_null(val_get(counted, S("supplier")));
    assert_null(val_get(form_effective(f, answers_of(&w, "{gas: 'no', stray: 1}"), &w.a), S("stray")));
    assert_int_equal(val_count(form_summary(f, &w.m, no, NULL, S(""), S("zh"), &w.a)), 2);
    assert_int_equal(val_count(form_summary(f, &w.m, no, NULL, S("food"), S("zh"), &w.a)), 1);
    assert_int_equal(val_count(form_summary(f, &w.m, no, NULL, S("fire"), S("zh"), &w.a)), 2);
    assert_null(form_page(f, S("firs")));
    assert_null(form_question(f, S("")));
    assert_ptr_equal(form_question(f, S("note")), &last->question[0]);
    arena_done(&w.a);
}

static void test_freeze_takes_the_registry_as_it_stands(void **state) {
    (void)state;
    struct world w;
    open_world(&w);
    const struct form *f = good(&w, BRANCHES);
    const struct val *prefill = answers_of(&w, "{applicant: {name: 样一}, company: {meter: A-7}}");
    const struct val *yes = form_freeze(f, answers_of(&w, "{gas: 'yes', supplier: s, name: 冒名}"), prefill, &w.a);
    assert_true(str_eq(val_get_str(yes, S("name")), S("样一"))); /* the registry's, not what came with the answers */
    assert_true(str_eq(val_get_str(yes, S("meter")), S("A-7")));
    assert_true(str_eq(val_get_str(yes, S("supplier")), S("s")));
    const struct val *changed = answers_of(&w, "{applicant: {name: 样二}}");
    const struct val *sum = form_summary(f, &w.m, yes, changed, S(""), S("zh"), &w.a);
    assert_true(str_eq(val_text(val_path(sum, S("2.rows.1.text"))),
                       S("样一"))); /* frozen text, though the registry went on */
    const struct val *bare = form_freeze(f, answers_of(&w, "{gas: 'no'}"), NULL, &w.a);
    assert_true(val_get(bare, S("name")) && val_get_str(bare, S("name")).len == 0);
    arena_done(&w.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compile_errors_name_the_line),
        cmocka_unit_test(test_maps_for_lists_are_refused),
        cmocka_unit_test(test_each_kind_good_and_bad),
        cmocka_unit_test(test_hostile_text_is_kept),
        cmocka_unit_test(test_required_long_and_foreign_fields),
        cmocka_unit_test(test_multi_keeps_every_value),
        cmocka_unit_test(test_f9_a_choice_sent_twice_counts_once),
        cmocka_unit_test(test_f13_text_that_nobody_can_read),
        cmocka_unit_test(test_malformed_bytes_make_no_number),
        cmocka_unit_test(test_numbers_as_people_write_them),
        cmocka_unit_test(test_pages_asked_and_not_asked),
        cmocka_unit_test(test_freeze_takes_the_registry_as_it_stands),
    };
    return cmocka_run_group_tests_name("form kinds", tests, NULL, NULL);
}
