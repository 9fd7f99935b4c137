/* form_entry: pages that repeat: their declaration, entries that come, change and go, what counts of them and how they are shown; and
 * the same form typed by the applicant. */
#include "data/yaml.h"
#include "engine/code/code_set.h"
#include "engine/form/form.h"
#include "engine/record/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct arena a;
    struct system m;
};

static const char person[] =
    "$schema: https://json-schema.org/draft/2020-12/schema\n"
    "$id: person\ntitle: 自然人\ntype: object\nx-key: citizen_id\nx-source: 公安机关\n"
    "required: [name, citizen_id]\nadditionalProperties: false\nproperties:\n"
    "  name: {type: string, title: 姓名, x-sensitivity: personal, x-index: blind}\n"
    "  citizen_id: {type: string, title: 号码, format: citizen-id, x-sensitivity: personal, x-index: blind}\n"
    "  birth_date: {type: string, title: 出生日期, format: date, x-sensitivity: personal}\n"
    "  phone: {type: string, title: 电话, format: mobile, x-sensitivity: personal}\n"
    "  division: {type: string, title: 区划, x-code: colour, x-sensitivity: personal}\n"
    "  address: {type: string, title: 地址, maxLength: 9, x-sensitivity: personal}\n";
static const char staff[] =
    "$schema: https://json-schema.org/draft/2020-12/schema\n"
    "$id: staff\ntitle: 人员\ntype: object\nx-source: 企业\nrequired: [boss]\nadditionalProperties: false\n"
    "properties:\n"
    "  boss: {type: integer, title: 雇主, x-ref: person, x-sensitivity: public, x-index: plain}\n"
    "  friend: {type: integer, title: 朋友, x-ref: person, x-sensitivity: public}\n"
    "  called: {type: string, title: 姓名, maxLength: 20, x-sensitivity: public}\n";

static void put_record(struct world *w, const char *yaml) {
    struct val *v;
    const struct record_type *t;
    struct err e = { 0 };
    assert_int_equal(yaml_parse(&w->a, S("r.yaml"), str_of(yaml), &v, &e), 0);
    int rc = record_compile(&w->a, S("r.yaml"), v, &t, &e);
    if (rc) print_error("%u %s\n", e.line, e.detail);
    assert_int_equal(rc, 0);
    assert_true(map_put(&w->m.part[SYSTEM_RECORD], t->id, (void *)(uintptr_t)t));
}

static void open_world(struct world *w) {
    struct code_set *set;
    memset(w, 0, sizeof *w);
    arena_init(&w->a, "form", 8 * 1024 * 1024);
    map_init(&w->m.part[SYSTEM_CODE], &w->a);
    map_init(&w->m.part[SYSTEM_RECORD], &w->a);
    assert_int_equal(
        code_compile(&w->a, S("colour.csv"), S("code,title,parent,from,to\n1,红,,,\n2,蓝,,,\n"), &set, NULL),
        0);
    assert_true(map_put(&w->m.part[SYSTEM_CODE], S("colour"), set));
    put_record(w, person);
    put_record(w, staff);
}

static int compile(struct world *w, const char *yaml, const struct form **ret, struct err *e) {
    struct val *v;
    *e = (struct err){ 0 };
    assert_int_equal(yaml_parse(&w->a, S("forms/f.yaml"), str_of(yaml), &v, e), 0);
    return form_compile(&w->a, S("forms/f.yaml"), S("f"), v, &w->m, ret, e);
}

#define HEAD "pages:\n  - id: handlers\n    title: 从业人员\n    repeat: "
#define ASKS                                                                                                   \
    "\n    questions:\n"                                                                                       \
    "      - {id: name, title: 姓名, kind: text, required: true, max: 5}\n"                                  \
    "      - {id: age, title: 年龄, kind: integer, least: 16, most: 99}\n"                                   \
    "      - {id: trained, title: 培训, kind: yes-no}\n"                                                     \
    "      - {id: duty, title: 岗位, kind: select, code: colour}\n"
#define LAST "  - {id: last, title: 末, questions: [{id: note, title: 备注, kind: text}]}\n"

static const struct form *good(struct world *w, const char *yaml) {
    const struct form *f = NULL;
    struct err e;
    if (compile(w, yaml, &f, &e)) print_error("%u %s\n", e.line, e.detail);
    assert_non_null(f);
    assert_true(f->n_pages > 0);
    return f;
}

static void test_declarations_that_are_refused(void **state) {
    static const struct {
        const char *yaml, *why;
    } rows[] = {
        { HEAD "{least: 0, most: 3}" ASKS, "entry" },
        { HEAD "{least: 4, most: 3, entry: 人}" ASKS, "least" },
        { HEAD "{least: -1, most: 3, entry: 人}" ASKS, "least" },
        { HEAD "{most: 0, entry: 人}" ASKS, "most" },
        { HEAD "{most: 101, entry: 人}" ASKS, "100" },
        { HEAD "{entry: 人, mots: 3}" ASKS, "mots" },
        { HEAD "{entry: 人, records: staff}" ASKS, "records" },
        { HEAD "{entry: 人, records: nobody.boss}" ASKS, "nobody" },
        { HEAD "{entry: 人, records: staff.called}" ASKS, "staff.called" },
        { HEAD "{entry: 人, records: staff.friend}" ASKS, "staff.friend" },
        { HEAD "{entry: 人}\n    questions: [{id: entry, title: T, kind: text}]\n", "entry" },
        { HEAD "{entry: 人}\n    questions: [{id: n, title: T, kind: registry, from: applicant.name}]\n",
          "registry" },
        { HEAD "{entry: 人}\n    questions: [{id: n, title: T, kind: text, from: called}]\n", "called" },
        { HEAD
          "{entry: 人, records: staff.boss}\n    questions: [{id: n, title: T, kind: text, from: caled}]\n",
          "caled" },
        { "pages:\n  - id: food-handlers\n    title: T\n    repeat: {entry: 人}" ASKS, "food-handlers" },
        { HEAD "{entry: 人}" ASKS "  - {id: b, title: 乙, questions: [{id: handlers, title: T, kind: text}]}\n",
          "handlers" },
        /* one name for two questions: of a page, of two pages, of an entry */
        { "pages:\n" LAST "  - {id: b, title: 乙, questions: [{id: x, title: T, kind: text}, {id: x, title: T, kind: date}]}\n", "x" },
        { "pages:\n" LAST "  - {id: b, title: 乙, questions: [{id: note, title: T, kind: text}]}\n", "note" },
        { HEAD "{entry: 人}\n    questions: [{id: twin, title: T, kind: text}, {id: twin, title: T, kind: text}]\n", "twin" },
    };
    struct world w;
    (void)state;
    open_world(&w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct form *f;
        struct err e;
        int rc = compile(&w, rows[i].yaml, &f, &e);
        if (rc != ERR_SYSTEM || !strstr(e.detail, rows[i].why))
            print_error("row %zu: %s: %s\n", i, err_name(rc), e.detail);
        assert_int_equal(rc, ERR_SYSTEM);
        assert_non_null(strstr(e.detail, rows[i].why));
        assert_true(e.line > 0);
    }
    arena_done(&w.a);
}

static struct val *yaml_of(struct world *w, const char *text) {
    struct val *v;
    assert_int_equal(yaml_parse(&w->a, S("x"), str_of(text), &v, NULL), 0);
    return v;
}

static int put(struct world *w, const struct form_page *p, const char *input, struct val **answers,
               int64_t entry, struct val **errors) {
    struct val *out;
    int rc = form_check_entry(p, &w->m, yaml_of(w, input), *answers, entry, &w->a, &out, errors, NULL);
    if (rc == 0) *answers = out;
    return rc;
}

static void test_entries_come_change_and_go(void **state) {
    struct world w;
    struct val *answers = NULL, *errors, *kept;
    (void)state;
    open_world(&w);
    const struct form *f = good(&w, HEAD "{least: 1, most: 3, entry: 人}" ASKS LAST);
    const struct form_page *p = &f->page[0];
    assert_int_equal(put(&w, p, "{name: 甲, age: '１８', trained: 'yes'}", &answers, 0, &errors), 0);
    assert_int_equal(put(&w, p, "{name: 乙}", &answers, 0, &errors), 0);
    assert_int_equal(put(&w, p, "{name: 丙}", &answers, 0, &errors), 0);
    assert_int_equal(put(&w, p, "{name: 丁}", &answers, 0, &errors), ERR_LIMIT);
    assert_true(str_eq(val_get_str(form_entry(p, answers, 1), S("age")), S("18")));
    assert_null(form_entry(p, answers, 4));
    assert_null(form_entry(p, answers, 0));
    kept = answers;
    assert_int_equal(form_drop_entry(p, answers, 2, &w.a, &answers, NULL), 0);
    assert_int_equal(val_count(val_get(kept, S("handlers"))), 3); /* what was handed in is not touched */
    assert_int_equal(form_drop_entry(p, answers, 2, &w.a, &answers, NULL), ERR_NOT_FOUND);
    assert_int_equal(put(&w, p, "{name: 乙}", &answers, 2, &errors), ERR_NOT_FOUND);
    assert_int_equal(put(&w, p, "{name: 丙丙}", &answers, 3, &errors),
                     0); /* still the third, though it stands second */
    assert_true(str_eq(val_text(val_path(answers, S("handlers.1.name"))), S("丙丙")));
    assert_int_equal(put(&w, p, "{name: 戊}", &answers, 0, &errors), 0);
    assert_true(str_eq(val_text(val_path(answers, S("handlers.2.entry"))), S("4")));
    assert_int_equal(put(&w, p, "{name: '', age: 12, duty: '9'}", &answers, 3, &errors), ERR_INPUT);
    assert_int_equal(val_count(errors), 3);
    assert_int_equal(val_get_i64(val_get(errors, S("name")), S("code"), 0), ERR_REQUIRED);
    assert_int_equal(val_get_i64(val_get(errors, S("duty")), S("code"), 0), ERR_CODE);
    assert_true(
        str_eq(val_text(val_path(answers, S("handlers.1.name"))), S("丙丙"))); /* nothing wrong was kept */
    assert_int_equal(form_check_entry(&f->page[1], &w.m, NULL, NULL, 0, &w.a, &kept, &errors, NULL),
                     ERR_NOT_FOUND);
    arena_done(&w.a);
}

static void test_number_and_wholeness_are_judged(void **state) {
    struct world w;
    struct val *out, *errors, *answers = NULL;
    (void)state;
    open_world(&w);
    const struct form *f = good(&w, HEAD "{least: 1, most: 2, entry: 人}" ASKS LAST);
    const struct form_page *p = &f->page[0];
    assert_int_equal(form_check_page(p, &w.m, val_map(&w.a), NULL, &w.a, &out, &errors, NULL), ERR_INPUT);
    assert_int_equal(val_get_i64(val_get(errors, S("handlers")), S("code"), 0), ERR_FEW);
    assert_true(str_eq(val_get_str(val_get(errors, S("handlers")), S("detail")), S("1")));
    assert_ptr_equal(form_open_page(f, out, &w.a), p);
    assert_int_equal(form_check_page(p, &w.m, yaml_of(&w, "[{name: 甲}, {name: 乙, age: 7}, {name: 丙}]"), NULL,
                                     &w.a, &out, &errors, NULL),
                     ERR_INPUT);
    assert_int_equal(val_get_i64(val_get(errors, S("handlers-2")), S("code"), 0), ERR_RANGE);
    assert_int_equal(val_get_i64(val_get(errors, S("handlers")), S("code"), 0), ERR_RANGE); /* more than there may be */
    assert_true(str_eq(val_get_str(val_get(errors, S("handlers")), S("detail")), S("1–2")));
    answers = yaml_of(&w, "{handlers: [{entry: '5', name: ''}]}"); /* "save and continue later" left it so */
    assert_false(form_entries_whole(p, answers));
    assert_int_equal(form_check_page(p, &w.m, val_map(&w.a), answers, &w.a, &out, &errors, NULL), ERR_INPUT);
    assert_int_equal(val_get_i64(val_get(errors, S("handlers-5")), S("code"), 0), ERR_REQUIRED);
    assert_int_equal(
        form_check_page(p, &w.m, yaml_of(&w, "[{name: 甲}, {name: 乙}]"), answers, &w.a, &out, &errors, NULL),
        0);
    assert_true(str_eq(val_text(val_path(out, S("handlers.1.entry"))), S("2")));
    assert_null(form_open_page(f, out, &w.a));
    const struct form *none = good(&w, HEAD "{entry: 人}" ASKS);
    assert_null(form_open_page(none, NULL, &w.a));
    /* Hostile answers: not a list, not maps. */
    assert_false(form_entries_whole(p, yaml_of(&w, "{handlers: x}")));
    assert_false(form_entries_whole(p, yaml_of(&w, "{handlers: [1, [2]]}")));
    assert_int_equal(form_check_page(p, &w.m, yaml_of(&w, "[1]"), NULL, &w.a, &out, &errors, NULL), ERR_INPUT);
    arena_done(&w.a);
}

static void test_what_counts_and_what_is_shown(void **state) {
    struct world w;
    (void)state;
    open_world(&w);
    const struct form *f =
        good(&w, HEAD "{entry: 人}\n    parts: [food]\n    when: 'note != \"no\"'" ASKS LAST);
    const struct val *answers = yaml_of(
        &w, "{note: x, handlers: [{entry: '1', name: 甲, trained: 'yes', duty: '2'}, {entry: '3', name: ''}]}");
    assert_true(val_equal(form_effective(f, answers, &w.a), answers));
    const struct val *no = yaml_of(&w, "{note: 'no', handlers: [{entry: '1', name: 甲}]}");
    assert_null(val_get(form_effective(f, no, &w.a), S("handlers")));
    assert_null(form_question(f, S("name"))); /* asked of an entry, not of the case */
    assert_non_null(form_question(f, S("note")));
    const struct val *sum = form_summary(f, &w.m, answers, NULL, S(""), S("zh"), &w.a);
    assert_int_equal(val_count(val_path(sum, S("0.rows"))), 0);
    assert_int_equal(val_count(val_path(sum, S("0.columns"))), 4);
    assert_int_equal(val_count(val_path(sum, S("0.entries"))), 2);
    assert_true(str_eq(val_text(val_path(sum, S("0.entries.0.values.3.text"))), S("蓝")));
    assert_true(str_eq(val_text(val_path(sum, S("0.entries.0.values.2.text"))), S("是")));
    assert_true(val_get_bool(val_path(sum, S("0.entries.0")), S("whole"), false));
    assert_false(val_get_bool(val_path(sum, S("0.entries.1")), S("whole"), true));
    assert_false(val_get_bool(val_item(sum, 0), S("none"), true));
    assert_int_equal(val_count(form_summary(f, &w.m, answers, NULL, S("fire"), S("zh"), &w.a)),
                     1); /* another part's */
    assert_int_equal(val_count(val_path(form_freeze(f, answers, NULL, &w.a), S("handlers"))), 2);
    arena_done(&w.a);
}

static void test_records_become_entries_once(void **state) {
    struct world w;
    (void)state;
    open_world(&w);
    const struct form *f = good(&w, HEAD "{most: 2, entry: 人, records: staff.boss}\n    questions:\n"
                                         "      - {id: name, title: 姓名, kind: text, from: called}\n"
                                         "      - {id: no, title: 证号, kind: text, required: true}\n");
    struct val *answers = val_map(&w.a);
    form_take_records(&f->page[0], yaml_of(&w, "[{called: 甲}, {called: 乙}, {called: 丙}]"), &w.a, answers);
    assert_int_equal(val_count(val_get(answers, S("handlers"))), 2); /* no more than may be */
    assert_true(str_eq(val_text(val_path(answers, S("handlers.1.name"))), S("乙")));
    assert_false(form_entries_whole(&f->page[0], answers)); /* what the registry does not know is still asked */
    form_take_records(&f->page[0], yaml_of(&w, "[{called: 丁}]"), &w.a, answers);
    assert_int_equal(val_count(val_get(answers, S("handlers"))), 2);
    assert_true(f->reads);
    arena_done(&w.a);
}

static void test_the_same_form_typed(void **state) {
    static const enum form_kind kinds[] = { FORM_REGISTRY, FORM_REGISTRY, FORM_DATE, FORM_PHONE,
                                            FORM_SELECT,   FORM_TEXT,     FORM_TEXT };
    struct world w;
    (void)state;
    open_world(&w);
    const struct form *f = good(&w, "pages:\n  - id: p\n    title: P\n    hint: 不用填写\n    questions:\n"
                                    "      - {id: a, title: A, kind: registry, from: applicant.name}\n"
                                    "      - {id: b, title: B, kind: registry, from: applicant.citizen_id}\n"
                                    "      - {id: c, title: C, kind: registry, from: applicant.birth_date}\n"
                                    "      - {id: d, title: D, kind: registry, from: applicant.phone}\n"
                                    "      - {id: e, title: E, kind: registry, from: applicant.division}\n"
                                    "      - {id: g, title: G, kind: registry, from: applicant.address}\n"
                                    "      - {id: h, title: H, kind: text}\n");
    assert_true(f->reads);
    assert_ptr_equal(f->typed->typed, f->typed);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        assert_int_equal(f->typed->page[0].question[i].kind, kinds[i]);
        assert_int_equal(f->page[0].question[i].kind,
                         i < 6 ? FORM_REGISTRY : FORM_TEXT); /* the form itself stays */
        assert_int_equal(f->typed->page[0].question[i].required, i > 1 && i < 6);
    }
    assert_int_equal(f->page[0].hint.len, S("不用填写").len);
    assert_int_equal(f->typed->page[0].hint.len, 0); /* what it says of what is filled in is no longer so */
    assert_true(str_eq(f->typed->page[0].question[4].code, S("colour")));
    assert_int_equal(f->typed->page[0].question[5].length_max, 9);
    const struct form *only_who = good(
        &w,
        "pages: [{id: p, title: P, hint: H, questions: [{id: a, title: A, kind: registry, from: applicant.name}]}]\n");
    assert_false(only_who->reads); /* who applies is known from the sign-in */
    assert_int_equal(only_who->typed->page[0].hint.len, 1);
    arena_done(&w.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declarations_that_are_refused),
        cmocka_unit_test(test_entries_come_change_and_go),
        cmocka_unit_test(test_number_and_wholeness_are_judged),
        cmocka_unit_test(test_what_counts_and_what_is_shown),
        cmocka_unit_test(test_records_become_entries_once),
        cmocka_unit_test(test_the_same_form_typed),
    };
    return cmocka_run_group_tests_name("form entries", tests, NULL, NULL);
}
