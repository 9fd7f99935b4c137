/* form: every kind good and bad, what keyboards give, pages that are asked or not, freezing; compile errors with their line. */
#include "data/yaml.h"
#include "engine/code/code_set.h"
#include "engine/form/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena a;
static struct system sys;

static const char text[] =
    "pages:\n"
    "  - id: one\n"
    "    title: 一\n"
    "    questions:\n"
    "      - {id: t, title: 文字, kind: text, max: 5}\n"
    "      - {id: l, title: 长文, kind: long, max: 8}\n"
    "      - {id: i, title: 数, kind: integer, least: 1, most: 20}\n"
    "      - {id: d, title: 日, kind: date}\n"
    "      - {id: y, title: 是否, kind: yes-no}\n"
    "      - {id: c, title: 选, kind: choice, code: kinds}\n"
    "      - {id: m, title: 多选, kind: multi, code: kinds}\n"
    "      - {id: s, title: 下拉, kind: select, code: kinds}\n"
    "      - {id: p, title: 电话, kind: phone}\n"
    "      - {id: z, title: 身份证, kind: citizen-id}\n"
    "      - {id: r, title: 姓名, kind: registry, from: applicant.name}\n"
    "  - id: two\n"
    "    title: 二\n"
    "    when: 'y = \"yes\"'\n"
    "    parts: [food]\n"
    "    questions:\n"
    "      - {id: w, title: 必填, kind: text, required: true}\n"
    "  - id: three\n"
    "    title: 三\n"
    "    questions:\n"
    "      - {id: q, title: 多必填, kind: multi, code: kinds, required: true}\n";

static int compile(const char *yaml, const struct form **ret, struct err *e) {
    struct val *v;
    *e = (struct err){ 0 };
    assert_int_equal(yaml_parse(&a, S("forms/f.yaml"), str_of(yaml), &v, e), 0);
    return form_compile(&a, S("forms/f.yaml"), S("f"), v, &sys, ret, e);
}

static const struct form *form_of(void) {
    const struct form *f = NULL;
    struct err e;
    if (compile(text, &f, &e)) print_error("%u %s\n", e.line, e.detail);
    assert_non_null(f);
    return f;
}

/* One answer to page `one`: the code of its fault, 0 for none; *shown is what is kept. */
static int answer(const char *id, struct str given, struct str *shown) {
    struct val *input = val_map(&a), *out, *errors;
    struct err e;
    val_put_str(&a, input, str_of(id), given);
    int rc = form_check_page(form_page(form_of(), S("one")), &sys, input, NULL, &a, &out, &errors, &e);
    const struct val *fault = val_get(errors, str_of(id)), *kept = val_get(out, str_of(id));
    assert_int_equal(rc, val_count(errors) ? ERR_INPUT : 0);
    assert_int_equal(val_count(errors), fault ? 1 : 0); /* no other field is blamed */
    if (shown) *shown = kept && kept->kind == VAL_LIST ? val_text(val_item(kept, 0)) : val_text(kept);
    return fault ? (int)val_get_i64(fault, S("code"), 0) : 0;
}

static void test_every_kind_good_and_bad(void **state) {
    (void)state;
    static const struct {
        const char *id;
        struct str given;
        int code;
        const char *kept;
    } tries[] = {
        { "t", S_INIT(" 样例 "), 0, "样例" },          { "t", S_INIT("一二三四五六"), ERR_TOO_LONG, "一二三四五六" },
        { "t", S_INIT("\xff\xfe"), ERR_CHARACTERS, NULL },  { "t", S_INIT("<b>"), 0, "<b>" },
        { "t", S_INIT(""), 0, "" },                     { "l", S_INIT("a\nb"), 0, "a\nb" },
        { "i", S_INIT("１２"), 0, "12" },               { "i", S_INIT("abc"), ERR_FORMAT, "abc" },
        { "i", S_INIT("0"), ERR_RANGE, "0" },           { "i", S_INIT("21"), ERR_RANGE, "21" },
        { "i", S_INIT("99999999999999999999"), ERR_FORMAT, "99999999999999999999" }, { "i", S_INIT("1.5"), ERR_FORMAT, "1.5" },
        { "d", S_INIT("２０２６-11-21"), 0, "2026-11-21" }, { "d", S_INIT("2026-02-30"), ERR_FORMAT, "2026-02-30" },
        { "d", S_INIT("21.11.2026"), ERR_FORMAT, NULL }, { "y", S_INIT("yes"), 0, "yes" },
        { "y", S_INIT("maybe"), ERR_CODE, "maybe" },    { "c", S_INIT("1"), 0, "1" },
        { "c", S_INIT("9"), ERR_CODE, "9" },            { "m", S_INIT("2"), 0, "2" },
        { "m", S_INIT("1' OR 1=1"), ERR_CODE, NULL },   { "s", S_INIT("２"), 0, "2" },
        { "s", S_INIT("x"), ERR_CODE, "x" },            { "p", S_INIT("１３８００００００００"), 0, "13800000000" },
        { "z", S_INIT("120101199003074516"), 0, "120101199003074516" }, { "z", S_INIT("120101199003074515"), ERR_CHECK_DIGIT, NULL },
        { "r", S_INIT("别人"), 0, "" }, /* a registry question takes no answer */
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct str kept;
        int code = answer(tries[i].id, tries[i].given, &kept);
        if (code != tries[i].code) print_error("try %zu %s: %s\n", i, tries[i].id, err_name(code));
        assert_int_equal(code, tries[i].code);
        if (tries[i].kept && !str_eq(kept, str_of(tries[i].kept)))
            print_error("try %zu %s: kept %.*s\n", i, tries[i].id, STR_ARG(kept));
        if (tries[i].kept) assert_true(str_eq(kept, str_of(tries[i].kept)));
    }
    assert_int_not_equal(answer("p", S("12345"), NULL), 0);
}

static void test_pages_that_are_asked(void **state) {
    (void)state;
    const struct form *f = form_of();
    struct val *answers = val_map(&a), *prefill = val_map(&a), *applicant = val_map(&a), *q = val_list(&a);
    val_put_str(&a, applicant, S("name"), S("样一"));
    val_put(&a, prefill, S("applicant"), applicant);
    val_put_str(&a, answers, S("w"), S("旧"));
    val_put_str(&a, answers, S("y"), S("no"));
    assert_true(str_eq(form_next(f, form_page(f, S("one")), answers, &a)->id, S("three")));
    assert_true(str_eq(form_before(f, form_page(f, S("three")), answers, &a)->id, S("one")));
    assert_null(val_get(form_effective(f, answers, &a), S("w")));
    assert_true(str_eq(form_open_page(f, answers, &a)->id, S("three")));
    val_put(&a, answers, S("q"), q); /* an empty choice is none */
    assert_true(str_eq(form_open_page(f, answers, &a)->id, S("three")));
    val_push(&a, q, val_str(&a, S("1")));
    assert_null(form_open_page(f, answers, &a));
    struct val *frozen = form_freeze(f, answers, prefill, &a);
    assert_true(str_eq(val_get_str(frozen, S("r")), S("样一")));
    assert_null(val_get(frozen, S("w")));
    val_put_str(&a, answers, S("y"), S("yes"));
    assert_true(str_eq(form_next(f, form_page(f, S("one")), answers, &a)->id, S("two")));
    assert_true(str_eq(val_get_str(form_effective(f, answers, &a), S("w")), S("旧")));
    /* another part does not see the page; an unanswered condition does not ask */
    assert_int_equal(val_count(form_summary(f, &sys, answers, prefill, S("fire"), S("zh"), &a)), 2);
    assert_int_equal(val_count(form_summary(f, &sys, answers, prefill, S("food"), S("zh"), &a)), 3);
    assert_false(form_asked(form_page(f, S("two")), val_map(&a), &a));
}

static void test_compile_errors_name_the_line(void **state) {
    (void)state;
#define PAGE "pages:\n  - id: a\n    title: A\n    questions:\n"
    static const struct {
        const char *text;
        uint32_t line;
    } bad[] = {
        { PAGE "      - {id: q, title: Q, kind: colour}\n", 5 },
        { PAGE "      - {id: q, title: Q, kind: text, size: 3}\n", 5 },
        { PAGE "      - {id: q, title: Q, kind: choice, code: none}\n", 5 },
        { PAGE "      - {id: q, title: Q, kind: registry}\n", 5 },
        { PAGE "      - {title: Q, kind: text}\n", 5 },
        { PAGE "      - [id, q]\n", 5 },
        { "pages:\n  - id: a\n    title: A\n    questions: []\n", 2 },
        { "pages:\n  - id: a\n    title: A\n    when: '1 +'\n    questions:\n      - {id: q, title: Q, kind: text}\n", 2 },
        { PAGE "      - {id: q, title: Q, kind: text}\n"
               "  - id: a\n    title: B\n    questions:\n      - {id: r, title: R, kind: text}\n", 6 },
        { "page: []\n", 1 },
        { "- a\n", 1 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct form *f;
        struct err e;
        int rc = compile(bad[i].text, &f, &e);
        if (rc != ERR_SYSTEM || e.line != bad[i].line)
            print_error("case %zu: %s line %u %s\n", i, err_name(rc), e.line, e.detail);
        assert_int_equal(rc, ERR_SYSTEM);
        assert_int_equal(e.line, bad[i].line);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_good_and_bad), cmocka_unit_test(test_pages_that_are_asked),
        cmocka_unit_test(test_compile_errors_name_the_line),
    };
    struct code_set *set;
    struct err e;
    arena_init(&a, "test", 64 << 20);
    map_init(&sys.part[SYSTEM_CODE], &a);
    for (int i = 0; i < SYSTEM_PARTS; i++) map_init(&sys.part[i], &a);
    if (code_compile(&a, S("codes/kinds.csv"), S("code,title,parent,from,to\n1,甲,,,\n2,乙,,,\n"), &set, &e)) return 1;
    (void)map_put(&sys.part[SYSTEM_CODE], S("kinds"), set);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&a);
    return failed;
}
