/* F7: what a guide says: every element that the item declares, none that it does not; the steps out
 * of the process; the blank form and the specimens, which bind to every paper of the tree.
 */
#include "app/city_fixture.h"
#include "engine/paper/paper_layout.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct item_type *item_of(const struct city *c, const char *id,
                                       const struct system **m) {
    const struct item_type *t = realm_find(&c->app->realm, SYSTEM_ITEM, str_of(id), m);
    assert_non_null(t);
    return t;
}

static const char *text_at(struct arena *a, const struct val *v, const char *path) {
    return arena_fmt(a, "%.*s", STR_ARG(val_text(val_path(v, str_of(path))))).ptr;
}

static void test_f7_elements(void **state) {
    CITY(c);
    const struct system *m;
    struct arena a;
    arena_init(&a, "guide", 4 * 1024 * 1024);
    const struct item_type *t = item_of(c, "restaurant", &m);
    struct val *g = item_guide_view(&c->app->realm, m, t, S("zh"), &a);
    /* 实施编码: body, level, basic code */
    assert_string_equal(text_at(&a, g, "implement_code"), "11990101MB2000012R4370131001002");
    assert_string_equal(text_at(&a, g, "scope"), "跨县通办");
    assert_string_equal(text_at(&a, g, "topics"), "准营准办");
    assert_string_equal(text_at(&a, g, "handling"), "窗口办理、电脑端网上办理、移动端网上申请");
    assert_string_equal(text_at(&a, g, "divisions"), "和平区、河西区");
    assert_string_equal(text_at(&a, g, "organ_kind"), "法定机关");
    assert_string_equal(text_at(&a, g, "ways.0"), "可以网上办理");
    assert_int_equal(val_count(val_get(g, S("ways"))), 3);
    assert_string_equal(text_at(&a, g, "materials.1.count"), "复印件 1 份");
    assert_string_equal(text_at(&a, g, "materials.2.exempt"),
                        "营业面积不到 200 平方米的，不用交。");
    assert_true(val_get_bool(val_path(g, S("materials.2")), S("blank"), false));
    assert_false(val_get_bool(val_path(g, S("materials.1")), S("blank"), true));
    g = item_guide_view(&c->app->realm, m, t, S("en"), &a);
    assert_string_equal(text_at(&a, g, "scope"), "Across districts and counties");
    assert_string_equal(text_at(&a, g, "materials.1.count"), "1 copy");
    /* what is not declared is not there */
    t = item_of(c, "residence-proof", &m);
    g = item_guide_view(&c->app->realm, m, t, S("zh"), &a);
    static const char *const absent[] = { "co_organs", "handler", "quantity", "intermediary",
                                          "fee_basis" };
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_null(val_get(g, str_of(absent[i])));
    arena_done(&a);
}

/* When a material is asked for: as the tables say, with the questions' own words, and in the reader's language. */
static void test_when_a_material_is_asked_for(void **state) {
    CITY(c);
    const struct system *m;
    struct arena a;
    arena_init(&a, "guide", 4 * 1024 * 1024);
    const struct item_type *t = item_of(c, "restaurant", &m);
    struct val *g = item_guide_view(&c->app->realm, m, t, S("zh"), &a);
    assert_true(val_get_bool(val_path(g, S("materials.0")), S("required"), false)); /* food is always needed, so is its plan */
    assert_true(val_get_bool(val_path(g, S("materials.1")), S("required"), false));
    for (size_t i = 2; i < 5; i++) {
        const struct val *one = val_item(val_get(g, S("materials")), i);
        assert_true(val_get_bool(one, S("told"), false));
        assert_false(val_get_bool(one, S("required"), true) || val_get_bool(one, S("depends"), true));
        assert_int_equal(val_count(val_get(one, S("when"))), 1);
    }
    assert_string_equal(text_at(&a, g, "materials.2.when.0"), "办理“消防安全检查合格证”（“营业面积”不少于 200 平方米）");
    assert_string_equal(text_at(&a, g, "materials.3.when.0"),
                        "办理“消防安全检查合格证”（“营业面积”不少于 200 平方米），并且“厨房是否使用燃气？”答“是”");
    assert_string_equal(text_at(&a, g, "materials.4.when.0"), "办理“户外招牌设置许可证”（“是否设置户外招牌？”答“是”）");
    g = item_guide_view(&c->app->realm, m, t, S("en"), &a);
    assert_string_equal(text_at(&a, g, "materials.3.when.0"),
                        "“Fire safety certificate” is needed (“Business area” is at least 200 m²), and “Does the kitchen use gas?” is "
                        "answered “Yes”");
    arena_done(&a);
}

/* A table that says it otherwise tells less, and never something else. */
static void test_what_a_table_does_not_tell(void **state) {
    static const struct {
        const char *from, *to;
        size_t material;
        bool required, depends, told;
        const char *when; /* the first */
    } cases[] = {
        { "<outputEntry><text>\"sign-picture\"</text>", "<outputEntry><text>\"sign-\" + \"picture\"</text>", 4, false, true, false, "" },
        { "hitPolicy=\"COLLECT\"", "hitPolicy=\"FIRST\"", 0, false, true, false, "" },
        { "<text>uses_gas</text>", "<text>uses_gas = true</text>", 3, false, true, false, "" },
        { "<text>uses_gas</text>", "<text>list contains(parts, \"food\")</text>", 3, false, false, true,
          "办理“消防安全检查合格证”（“营业面积”不少于 200 平方米）" }, /* what is always so is not said */
        { "<text>uses_gas</text>", "<text>list contains(parts, \"none\")</text>", 3, false, true, false, "" },
        { "<outputEntry><text>\"sign-picture\"</text>", "<outputEntry><text>\"floor-plan\"</text>", 4, false, false, false, "" },
        { "<outputEntry><text>\"sign-picture\"</text>", "<outputEntry><text>\"floor-plan\"</text>", 0, true, false, false, "" },
    };
    CITY(c);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct system *m;
        struct arena a;
        arena_init(&a, "guide", 4 * 1024 * 1024);
        city_fixture_change(c, "systems/approval/restaurant", "rules/materials.dmn", cases[i].from, cases[i].to);
        const struct item_type *t = item_of(c, "restaurant", &m);
        struct val *g = item_guide_view(&c->app->realm, m, t, S("zh"), &a);
        const struct val *one = val_item(val_get(g, S("materials")), cases[i].material);
        assert_int_equal(val_get_bool(one, S("required"), !cases[i].required), cases[i].required);
        assert_int_equal(val_get_bool(one, S("depends"), !cases[i].depends), cases[i].depends);
        assert_int_equal(val_get_bool(one, S("told"), !cases[i].told), cases[i].told);
        assert_true(str_eq(val_text(val_item(val_get(one, S("when")), 0)), str_of(cases[i].when)));
        arena_done(&a);
    }
}

/* The rows of a guide: "intake | survey? | food? fire? sign?", a question mark for what is not
 * always met. */
static const char *rows_text(struct arena *a, const struct val *g) {
    const struct val *rows = val_get(g, S("rows"));
    struct buf b;
    buf_init(&b, a, 256, 4096);
    for (size_t i = 0; i < val_count(rows); i++) {
        const struct val *steps = val_get(val_item(rows, i), S("steps"));
        if (i) buf_add(&b, S(" |"));
        for (size_t k = 0; k < val_count(steps); k++) {
            buf_add_char(&b, ' ');
            buf_add(&b, val_get_str(val_item(steps, k), S("title")));
            if (val_get_bool(val_item(steps, k), S("conditional"), false)) buf_add_char(&b, '?');
        }
    }
    buf_add_char(&b, 0);
    return buf_str(&b).ptr;
}

static void test_f7_steps_come_out_of_the_process(void **state) {
    CITY(c);
    const struct system *m;
    struct arena a;
    arena_init(&a, "guide", 4 * 1024 * 1024);
    const struct item_type *t = item_of(c, "restaurant", &m);
    struct val *g = item_guide_view(&c->app->realm, m, t, S("zh"), &a);
    assert_string_equal(
        rows_text(&a, g),
        " 提交申请 | 窗口受理 | 联合勘验（食品经营）? 联合勘验（消防安全）? 联合勘验（户外招牌）? | 食品经营许可审查? 消防安全检查审查? 户外招牌设置审查? | 办结，取得结果");
    assert_string_equal(text_at(&a, g, "rows.1.steps.0.by"), "综合窗口人员");
    assert_string_equal(text_at(&a, g, "rows.1.steps.0.limit"), "5 个工作日");
    assert_true(val_get_bool(val_path(g, S("rows.3")), S("together"), false));
    t = item_of(c, "residence-proof", &m);
    g = item_guide_view(&c->app->realm, m, t, S("zh"), &a);
    assert_string_equal(rows_text(&a, g), " 提交申请 | 派出所核对 | 办结，取得结果");
    arena_done(&a);
}

static struct str text_of(struct arena *a, const struct paper *paper, const struct val *view) {
    struct paper_tree *tree;
    struct buf b;
    struct err e = { 0 };
    if (paper_bind(paper, view, NULL, S("zh-CN"), a, &tree, &e)) fail_msg("%s", e.detail);
    buf_init(&b, a, 4096, 256 * 1024);
    paper_text(&b, tree);
    return buf_str(&b);
}

static void has(struct str text, const char *what) {
    if (str_find(text, str_of(what), 0) == SIZE_MAX)
        fail_msg("no %s in\n%.*s", what, STR_ARG(text));
}

static void test_f7_blank_form(void **state) {
    CITY(c);
    static const char *const words[] = {
        "开餐馆一件事申请表",  "统一社会信用代码", "营业面积",       "□ 是",
        "□ 热食类食品制售",    "健康证明编号",     "（视情况填写）", "□ 燃气供用合同",
        "申请人（签字或盖章）"
    };
    const struct system *m;
    const struct paper *paper;
    struct val *view;
    struct arena a;
    struct err e = { 0 };
    arena_init(&a, "form", 8 * 1024 * 1024);
    const struct item_type *t = item_of(c, "restaurant", &m);
    if (item_form_paper(m, t, &a, &paper, &view, &e)) fail_msg("%s", e.detail);
    struct str text = text_of(&a, paper, view);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) has(text, words[i]);
    /* what is said of registries online is not said on paper */
    assert_int_equal(str_find(text, S("不需要填写"), 0), SIZE_MAX);
    arena_done(&a);
}

/* Every paper of every item shows names of things, no value; none leaves a dash where a value
 * belongs. */
static void test_f7_specimens(void **state) {
    CITY(c);
    struct item_hit *hit;
    struct str meant;
    struct arena a;
    size_t papers = 0;
    arena_init(&a, "specimen", 16 * 1024 * 1024);
    size_t n = item_find(&c->app->realm, S(""), &a, &hit, &meant);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < hit[i].type->n_parts; k++) {
            const struct item_part *part = &hit[i].type->part[k];
            if (!part->paper.len) continue;
            const struct paper *paper = system_find(hit[i].system, SYSTEM_PAPER, part->paper);
            assert_non_null(paper);
            struct val *view = item_sample_view(&c->app->realm, hit[i].system, hit[i].type, part,
                                                S("http://x/zh/guide/y"), &a);
            struct str text = text_of(&a, paper, view);
            has(text, "样本");
            has(text, "〔");
            has(text, "http://x/zh/guide/y");
            assert_int_equal(str_find(text, S("/v/"), 0), SIZE_MAX);
            papers++;
        }
    assert_true(papers >= 4); /* the demo city's matters are not counted here */
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_f7_elements),
                                        cmocka_unit_test(test_f7_steps_come_out_of_the_process),
                                        cmocka_unit_test(test_f7_blank_form),
                                        cmocka_unit_test(test_f7_specimens),
                                        cmocka_unit_test(test_when_a_material_is_asked_for),
                                        cmocka_unit_test(test_what_a_table_does_not_tell) };
    return CITY_FIXTURE_RUN("guide", tests);
}
