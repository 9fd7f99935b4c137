/* release_templates: what messages and papers may say, and slips of the pen in them; a preview's answers are those of
 * a scenario; every name of a specimen is explained. */
#include "release/release_templates.h"

#include "engine/paper/paper_layout.h"
#include "release/release_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct system *compiled(struct release_tree *t, struct arena *a) {
    struct release_findings f = { .arena = a };
    const struct system *m = release_compile(a, &t->files, 1, t->needs, RELEASE_FIXTURE_NEEDS, &f);
    for (size_t i = 0; i < f.n; i++) print_message("%.*s\n", STR_ARG(f.list[i].text));
    assert_non_null(m);
    return m;
}

static void test_slips(void **state) {
    static const struct {
        const char *file, *from, *to, *found, *in;
    } slips[] = {
        { "notices.yaml", "{{due}}", "{{deu}}", "通知 accepted：没有这个占位符：deu（最接近的是 due）", "notices.yaml" },
        { "notices.yaml", "{{part}}", "{{reason}}", "通知 part-lapsed：没有这个占位符：reason", "notices.yaml" },
        { "notices.yaml", "title: 已受理", "title: \"已受理{{item}}\"", "标题里不能有占位符", "notices.yaml" },
        { "notices.yaml", "已受理，承诺 {{due}}", "已受理，承诺 {{>due}}", "通知 accepted：没有这个占位符：due", "notices.yaml" },
        { "texts/en.po", "({{number}}) has been accepted", "({{nubmer}}) has been accepted",
          "通知 accepted：没有这个占位符：nubmer（最接近的是 number）", "texts/en.po" },
        { "texts/en.po", "({{number}}) has been accepted", "({{number) has been accepted", "通知 accepted：模板写错了",
          "texts/en.po" },
        { "papers/refusal.xml", "{{opinion}}", "{{opinon}}", "没有这个占位符：opinon（最接近的是 opinion）",
          "papers/refusal.xml" },
        { "papers/refusal.xml", "{{case.number}}", "{{case.numbr}}", "没有这个占位符：case.numbr", "papers/refusal.xml" },
        { "papers/food-licence.xml", "if=\"valid_until\"", "if=\"valid_untl\"", "没有这个占位符：valid_untl",
          "papers/food-licence.xml" },
        { "papers/food-licence.xml", "{{certificate}}", "{{certificat}}", "没有这个占位符：certificat",
          "papers/food-licence.xml" },
        { "papers/food-licence.xml", "{{answers.kinds}}", "{{&amp;answers.kindz}}", "没有这个问题：kindz", "papers/food-licence.xml" },
    };
    struct release_tree *t = *state;
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        struct arena a;
        bool found = false;
        arena_init(&a, "slip", 128 * 1024 * 1024);
        struct release_findings f = { .arena = &a };
        struct release_files files = release_fixture_changed(t, &a, slips[i].file, slips[i].from, slips[i].to);
        if (!files.n) fail_msg("%s: nothing to change: %s", slips[i].file, slips[i].from);
        const struct system *m = release_compile(&a, &files, 1, t->needs, RELEASE_FIXTURE_NEEDS, &f);
        if (m) release_check(m, &files, &f);
        for (size_t k = 0; k < f.n; k++)
            found |= str_find(f.list[k].text, str_of(slips[i].found), 0) != SIZE_MAX &&
                     str_eq(f.list[k].file, str_of(slips[i].in));
        if (!found) {
            for (size_t k = 0; k < f.n; k++)
                print_message("%.*s: %.*s\n", STR_ARG(f.list[k].file), STR_ARG(f.list[k].text));
            fail_msg("%s is not found: %s", slips[i].to, slips[i].found);
        }
        arena_done(&a);
    }
}

static bool has(const struct release_name *n, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (str_eq(n[i].name, str_of(name))) return true;
    return false;
}

static void test_names(void **state) {
    struct release_tree *t = *state;
    struct release_name own[RELEASE_NOTICE_NAMES_MAX], *name, one;
    struct arena a;
    struct err e = { 0 };
    size_t n;
    arena_init(&a, "names", 64 * 1024 * 1024);
    const struct system *m = compiled(t, &a);
    n = release_notice_names(m, S("held"), own);
    assert_true(has(own, n, "reason") && has(own, n, "until") && !has(own, n, "part"));
    n = release_notice_names(m, S("part-lapsed"), own); /* by its process */
    assert_true(has(own, n, "part") && has(own, n, "due") && !has(own, n, "until"));
    assert_int_equal(release_notice_names(m, S("nobody-sends-it"), own), 0);
    assert_true(release_notice_when(S("held")).len && !release_notice_when(S("part-lapsed")).len);
    assert_int_equal(release_paper_names(&a, m, S("food-licence"), &name, &n, &e), 0);
    assert_true(has(name, n, "answers.handlers") && has(name, n, "certificate") && has(name, n, "company.uscc"));
    for (size_t i = 0; i < n; i++)
        if (!name[i].what.len || str_starts(name[i].what, S("〔"))) fail_msg("%.*s is not explained", STR_ARG(name[i].name));
    for (size_t i = 0; release_paper_name(i, &one); i++) /* what the table explains, a specimen has */
        if (!has(name, n, arena_cstr(&a, one.name))) fail_msg("no specimen has %.*s", STR_ARG(one.name));
    struct release_paper_use use[RELEASE_USES_MAX];
    assert_int_equal(release_paper_uses(m, S("fire-statement"), use), 2);
    assert_true(!use[0].sample && use[1].sample && use[0].material);
    arena_done(&a);
}

static void test_example(void **state) {
    struct release_tree *t = *state;
    struct arena a;
    arena_init(&a, "example", 64 * 1024 * 1024);
    const struct system *m = compiled(t, &a);
    const struct item_type *item = map_find(&m->part[SYSTEM_ITEM], S("restaurant"));
    struct val *v = item_sample_view(NULL, m, item, NULL, S(""), &a);
    assert_true(str_starts(val_text(val_path(v, S("answers.shop_name"))), S("〔")));
    release_example(&a, m, &t->files, item, v);
    assert_true(str_eq(val_text(val_path(v, S("answers.shop_name"))), S("津样小馆")));
    assert_true(str_find(val_text(val_path(v, S("answers.kinds"))), S("热食类"), 0) != SIZE_MAX);
    assert_true(str_starts(val_text(val_path(v, S("company.name"))), S("〔")));
    assert_true(str_eq(val_text(val_path(v, S("answers.handlers.0.name"))), S("样三")));
    arena_done(&a);
}

/* The texts that can be changed are those that people read, in every paper. */
static void test_words(void **state) {
    struct release_tree *t = *state;
    struct arena a;
    arena_init(&a, "words", 64 * 1024 * 1024);
    const struct system *m = compiled(t, &a);
    size_t papers = 0;
    for (size_t i = 0; i < t->files.n; i++) {
        struct str path = t->files.file[i].path, text, same;
        struct paper_words *w;
        struct err e = { 0 };
        size_t n, k = 0;
        if (!str_starts(path, S("papers/"))) continue;
        const struct paper *p = map_find(&m->part[SYSTEM_PAPER], str_sub(path, 7, path.len - 11));
        assert_int_equal(paper_words(&a, t->files.file[i].bytes, &w, &n, &e), 0);
        struct str *as = arena_array(&a, n + 1, sizeof *as);
        for (; paper_text_at(p, k, &text); k++) {
            bool found = false;
            for (size_t j = 0; j < n; j++) found |= str_eq(w[j].text, text);
            if (!found) fail_msg("%.*s: %.*s", STR_ARG(path), STR_ARG(text));
        }
        assert_int_equal(k, n);
        for (size_t j = 0; j < n; j++) as[j] = w[j].text;
        assert_int_equal(paper_reword(&a, t->files.file[i].bytes, w, as, n, &same, &e), 0);
        assert_true(str_eq(same, t->files.file[i].bytes));
        papers++;
    }
    assert_true(papers > 3);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_slips), cmocka_unit_test(test_names),
                                        cmocka_unit_test(test_example), cmocka_unit_test(test_words) };
    return cmocka_run_group_tests(tests, release_fixture_begin, release_fixture_done);
}
