/* form_address: what is taken for an address and what is not; the steps to it, forth and back; finding by name and pinyin; what a registry
 * says; declarations that are wrong. Pure, no store. */
#include "data/yaml.h"
#include "engine/code/code_set.h"
#include "engine/form/form.h"
#include "engine/record/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena a;
static struct system sys;

#define PAGE "pages:\n  - id: where\n    title: W\n    questions:\n"
static const char text[] =
    PAGE "      - {id: home, title: 地址, kind: address, code: places, below: \"12\", required: true, from: applicant.address}\n";

static int compile(const char *yaml, const struct form **ret, struct err *e) {
    struct val *v;
    *e = (struct err){ 0 };
    assert_int_equal(yaml_parse(&a, S("forms/f.yaml"), str_of(yaml), &v, e), 0);
    return form_compile(&a, S("forms/f.yaml"), S("f"), v, &sys, ret, e);
}

static const struct form *form_of(const char *yaml) {
    const struct form *f = NULL;
    struct err e;
    if (compile(yaml, &f, &e)) print_error("%u %s\n", e.line, e.detail);
    assert_non_null(f);
    return f;
}

static struct val *yaml_of(const char *yaml) {
    struct val *v;
    assert_int_equal(yaml_parse(&a, S("t"), str_of(yaml), &v, NULL), 0);
    return v;
}

/* The code of the fault, 0 for none; *ret is what is kept. */
static int answer(const struct form *f, const char *yaml, const struct val **ret) {
    struct val *out, *errors;
    struct err e;
    int rc = form_check_page(&f->page[0], &sys, yaml_of(yaml), NULL, &a, &out, &errors, &e);
    const struct val *fault = val_get(errors, S("home"));
    assert_int_equal(rc, fault ? ERR_INPUT : 0);
    assert_int_equal(val_count(errors), fault ? 1 : 0);
    *ret = val_get(out, S("home"));
    return fault ? (int)val_get_i64(fault, S("code"), 0) : 0;
}

static void test_checks(void **state) {
    static const struct {
        const char *given;
        int code;
    } rows[] = {
        { "home: {division: \"120101001\", road: 示例路, number: 8 号, room: 1-101}", 0 },
        { "home: {division: \"120101001\", road: '', number: 8 号}", 0 },
        { "home: {division: \"120101002\", road: 示例路}", 0 },
        { "home: {division: \"120101001\"}", ERR_INPUT },                   /* no road, no number */
        { "home: {division: \"120101001\", room: 1-101}", ERR_INPUT },
        { "home: {division: \"120101\", road: 示例路}", ERR_INPUT },       /* no leaf */
        { "home: {division: \"12\", road: 示例路}", ERR_INPUT },           /* the root */
        { "home: {road: 示例路}", ERR_INPUT },
        { "home: {division: \"130101\", road: 示例路}", ERR_CODE },        /* elsewhere */
        { "home: {division: \"999\", road: 示例路}", ERR_CODE },
        { "home: {division: 劝业场, road: 示例路}", ERR_CODE },
        { "home: {division: \"120101001\", road: \"a\\u0001b\"}", ERR_CHARACTERS },
        { "home: {division: \"120101001\", road: \"a\\nb\"}", ERR_CHARACTERS },
        { "home: {division: '', road: '', number: '', room: ''}", ERR_REQUIRED },
        { "home: {division: \"12\"}", ERR_REQUIRED },
        { "home: 示例路 8 号", ERR_REQUIRED },
        { "home: [1, 2]", ERR_REQUIRED },
        { "other: 1", ERR_REQUIRED },
    };
    const struct form *f = form_of(text);
    const struct val *kept;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int code = answer(f, rows[i].given, &kept);
        if (code != rows[i].code) fail_msg("%s: %d, not %d", rows[i].given, code, rows[i].code);
    }
    struct str many = S("零一二三四五六七八九零一二三四五六七八九零一二三四五六七八九零一二三四五六七八九零一二三四五六七八九零一二三四五六七八九");
    assert_int_equal(answer(f, arena_fmt(&a, "home: {division: \"120101001\", road: %.*s}", STR_ARG(many)).ptr, &kept), 0);
    assert_int_equal(answer(f, arena_fmt(&a, "home: {division: \"120101001\", road: %.*s十}", STR_ARG(many)).ptr, &kept), ERR_TOO_LONG);
    assert_true(val_get_str(kept, S("road")).len > many.len); /* what was typed comes back */
    assert_false(val_get(kept, S("text")));
}

static void test_what_is_kept(void **state) {
    const struct form *f = form_of(text);
    const struct val *kept;
    struct val *answers = val_map(&a);
    (void)state;
    assert_int_equal(answer(f, "home: {division: ' 120101001 ', road: ' 示例路　', number: ８号, room: '', text: 别处}", &kept), 0);
    assert_true(str_eq(val_get_str(kept, S("division")), S("120101001")));
    assert_true(str_eq(val_get_str(kept, S("number")), S("8号")));
    assert_true(str_eq(val_get_str(kept, S("text")), S("天津市 和平区 劝业场街道 示例路 8号")));
    val_put(&a, answers, S("home"), (struct val *)kept);
    assert_true(str_eq(form_answer_text(&f->page[0].question[0], &sys, answers, S("zh"), &a), S("天津市 和平区 劝业场街道 示例路 8号")));
    assert_null(form_open_page(f, answers, &a));
    assert_true(str_eq(f->page[0].question[0].mask, S("address")));
    const struct form *optional = form_of(PAGE "      - {id: home, title: 地址, kind: address, code: places}\n");
    assert_int_equal(answer(optional, "home: {division: ''}", &kept), 0);
    assert_false(val_truthy(kept));
    assert_int_equal(answer(optional, "home: {division: \"13\"}", &kept), ERR_INPUT);
    assert_int_equal(answer(optional, "home: {division: \"130101\", road: 样路}", &kept), 0);
}

static struct val *view_of(const struct form *f, const struct val *answers, const struct val *prefill) {
    struct val *v = form_page_view(&f->page[0], &sys, answers, prefill, NULL, S("zh"), &a);
    struct val *q = (struct val *)val_item(val_get(v, S("questions")), 0);
    assert_true(val_get_bool(q, S("is_address"), false));
    return q;
}

static struct str names(const struct val *list, const char *key) {
    struct buf b;
    buf_init(&b, &a, 256, 4096);
    for (size_t i = 0; i < val_count(list); i++) {
        if (i) buf_add_char(&b, '|');
        buf_add(&b, val_get_str(val_item(list, i), str_of(key)));
    }
    return buf_str(&b);
}

static void expect(const struct val *q, const char *place, const char *way, const char *without, const char *below) {
    assert_string_equal(arena_cstr(&a, val_get_str(q, S("place"))), place);
    assert_string_equal(arena_cstr(&a, names(val_get(q, S("way")), "title")), way);
    assert_string_equal(arena_cstr(&a, names(val_get(q, S("way")), "without")), without);
    assert_string_equal(arena_cstr(&a, names(val_get(q, S("below")), "title")), below);
    assert_int_equal(val_get_bool(q, S("whole"), true), *below == 0);
}

static void test_steps(void **state) {
    const struct form *f = form_of(text), *all = form_of(PAGE "      - {id: home, title: 地址, kind: address, code: places}\n");
    (void)state;
    expect(view_of(f, NULL, NULL), "天津市", "", "", "和平区|河东区");
    expect(view_of(f, yaml_of("home: {division: \"120101\"}"), NULL), "和平区", "和平区", "12", "劝业场街道|小白楼街道");
    expect(view_of(f, yaml_of("home: {division: \"120101001\"}"), NULL), "劝业场街道", "和平区|劝业场街道", "12|120101", "");
    /* what is none of its places leads to the beginning */
    expect(view_of(f, yaml_of("home: {division: \"130101\"}"), NULL), "天津市", "", "", "和平区|河东区");
    expect(view_of(f, yaml_of("home: {division: x}"), NULL), "天津市", "", "", "和平区|河东区");
    expect(view_of(all, NULL, NULL), "", "", "", "天津市|河北省");
    expect(view_of(all, yaml_of("home: {division: \"130101\"}"), NULL), "长安区", "河北省|长安区", "|13", "");
}

static void test_finding(void **state) {
    static const struct {
        const char *words, *found, *note;
        int64_t all;
    } rows[] = {
        { "和平", "和平区", "天津市 和平区", 1 },
        { "街道", "劝业场街道|小白楼街道", "天津市 和平区 劝业场街道|天津市 和平区 小白楼街道", 2 },
        { "xiaobailou", "小白楼街道", "天津市 和平区 小白楼街道", 1 },
        { "He Ping", "和平区", "天津市 和平区", 1 },
        { "qyc", "劝业场街道", "天津市 和平区 劝业场街道", 1 },
        { "长安", "", "", 0 },   /* not below the root */
        { "天津", "", "", 0 },   /* the root itself */
        { "没有", "", "", 0 },
    };
    const struct form *f = form_of(text);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct val *q = view_of(f, yaml_of(arena_fmt(&a, "home: {division: '', words: %s}", rows[i].words).ptr), NULL);
        assert_string_equal(arena_cstr(&a, names(val_get(q, S("found")), "title")), rows[i].found);
        assert_string_equal(arena_cstr(&a, names(val_get(q, S("found")), "note")), rows[i].note);
        assert_int_equal(val_get_i64(q, S("found_all"), -1), rows[i].all);
    }
    assert_null(val_get(view_of(f, NULL, NULL), S("found")));
}

static void test_what_a_registry_says(void **state) {
    const struct form *f = form_of(text);
    const struct val *known = yaml_of("applicant: {address: 登记路 1 号, division: 和平区, division_code: \"120101\"}\n"
                                      "sources: {applicant: {address: 本人申报}}\n");
    struct val *q = view_of(f, NULL, known);
    (void)state;
    expect(q, "和平区", "和平区", "12", "劝业场街道|小白楼街道");
    assert_true(str_eq(val_get_str(q, S("road")), S("登记路 1 号")));
    assert_true(str_eq(val_get_str(q, S("source")), S("本人申报")));
    /* stays over the steps, until something is typed or saved */
    struct val *masked = val_copy(&a, known); /* of a draft on another device: shown, and not taken over */
    val_put_bool(&a, masked, S("is_masked"), true);
    assert_int_equal(val_get_str(view_of(f, NULL, masked), S("road")).len, 0);
    q = view_of(f, yaml_of("home: {division: \"120101001\", words: ''}"), known);
    assert_true(str_eq(val_get_str(q, S("road")), S("登记路 1 号")));
    q = view_of(f, yaml_of("home: {division: \"120101001\", road: 新路}"), known);
    assert_true(str_eq(val_get_str(q, S("road")), S("新路")));
    assert_true(str_eq(val_get_str(q, S("source")), S("")));
    assert_true(form_takes(&f->page[0].question[0]));
    assert_true(f->reads);
    /* who wants nothing taken of a registry is asked the same, with nothing filled in */
    assert_false(form_takes(&f->typed->page[0].question[0]));
    q = view_of(f->typed, NULL, known);
    expect(q, "天津市", "", "", "和平区|河东区");
    assert_int_equal(val_get_str(q, S("road")).len, 0);
}

static void test_declarations(void **state) {
    static const char *const bad[] = {
        PAGE "      - {id: a, title: A, kind: address}\n",
        PAGE "      - {id: a, title: A, kind: address, code: none}\n",
        PAGE "      - {id: a, title: A, kind: address, code: places, below: \"77\"}\n",
        PAGE "      - {id: a, title: A, kind: address, code: places, from: applicant.none}\n",
        PAGE "      - {id: a, title: A, kind: address, code: places}\n      - {id: b, title: B, kind: text}\n",
        "pages:\n  - id: p\n    title: P\n    repeat: {entry: x}\n    questions:\n      - {id: a, title: A, kind: address, code: places}\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct form *f;
        struct err e;
        if (compile(bad[i], &f, &e) != ERR_SYSTEM) fail_msg("taken: %s", bad[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_checks),  cmocka_unit_test(test_what_is_kept),
                                        cmocka_unit_test(test_steps),   cmocka_unit_test(test_finding),
                                        cmocka_unit_test(test_what_a_registry_says), cmocka_unit_test(test_declarations) };
    struct code_set *set;
    const struct record_type *person;
    struct val *schema;
    struct err e = { 0 };
    arena_init(&a, "test", 8 << 20);
    for (int p = 0; p < SYSTEM_PARTS; p++) map_init(&sys.part[p], &a);
    const struct str csv = S("code,title,parent,from,to\n12,天津市,,,\n120101,和平区,12,,\n120101001,劝业场街道,120101,,\n120101002,小白楼街道,120101,,\n"
                             "120102,河东区,12,,\n120102001,大王庄办事处,120102,,\n13,河北省,,,\n130101,长安区,13,,\n");
    if (code_compile(&a, S("codes/places.csv"), csv, &set, NULL) || !map_put(&sys.part[SYSTEM_CODE], S("places"), set)) return 1;
    const struct str record = S("$schema: https://json-schema.org/draft/2020-12/schema\n$id: person\ntitle: 人\ntype: object\n"
                                "x-key: citizen_id\nx-source: 公安\nrequired: [citizen_id]\nadditionalProperties: false\nproperties:\n"
                                "  citizen_id: {type: string, title: 号, format: citizen-id, x-sensitivity: personal, x-index: blind}\n"
                                "  division: {type: string, title: 区划, x-code: places, x-sensitivity: personal}\n"
                                "  address: {type: string, title: 地址, maxLength: 99, x-sensitivity: personal}\n");
    if (yaml_parse(&a, S("person.yaml"), record, &schema, &e) || record_compile(&a, S("person.yaml"), schema, &person, &e) ||
        !map_put(&sys.part[SYSTEM_RECORD], person->id, (void *)(uintptr_t)person))
        return print_error("%u %s\n", e.line, e.detail), 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&a);
    return rc;
}
