/* Tests of release_words: the table is whole, told in docs/systems.md, and what breaks it is found.
 */
#include "release/release_words.h"

#include "data/yaml.h"
#include "os/os.h"
#include "release/release_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena arena;
static struct err err;

static size_t findings(struct str section, struct str yaml, struct str first) {
    struct release_findings f = { .arena = &arena };
    struct naming n = { .f = &f, .file = S("items/x.yaml"), .a = &arena };
    struct val *v;
    assert_int_equal(yaml_parse(&arena, S("x"), yaml, &v, &err), 0);
    release_check_keys(&n, section, v);
    if (f.n && !str_eq(f.list[0].text, first)) fail_msg("found %.*s", STR_ARG(f.list[0].text));
    return f.n;
}

static void test_findings(void **state) {
    (void)state;
    assert_int_equal(findings(S("faq"), S("{question: 几天, answer: 三天}"), S("")), 0);
    assert_int_equal(findings(S("faq"), S("{question: 几天}"), S("缺少 answer")), 1);
    assert_int_equal(findings(S("faq"), S("{question: 几天, answer: 三天, anser: 二}"),
                              S("不认识的键：anser（最接近的是 answer）")),
                     1);
    assert_int_equal(findings(S("materials"), S("{id: a, name: 乙, copies: 1.5}"),
                              S("份数应是 0 到 999 的整数：copies")),
                     1);
}

/* Each key is told where people look it up; GROUPs and titles are whole. */
static void test_told(void **state) {
    static const char *const sections[] = { "item",  "limits", "decides",   "materials",
                                            "faq",   "pauses", "obstacles", "parts",
                                            "steps", "uses",   "records",   "collect",
                                            "pages", "repeat", "questions" };
    struct str docs;
    size_t n, all = 0;
    (void)state;
    assert_int_equal(os_read_file(&arena, "docs/systems.md", 1 << 20, &docs, &err), 0);
    for (size_t s = 0; s < sizeof sections / sizeof *sections; s++) {
        const struct release_key *k = release_keys(str_of(sections[s]), &n);
        assert_true(n > 0);
        for (size_t i = 0; i < n; i++, all++) {
            assert_true(k[i].title.len > 0);
            assert_true((k[i].kind == KEY_CODE || k[i].kind == KEY_CODES) == (k[i].of.len > 0));
            if (k[i].kind == KEY_GROUP) continue;
            assert_ptr_equal(release_key(str_of(sections[s]), k[i].name), &k[i]);
            /* in a table, or in an example */
            bool told = false;
            static const struct str marks[][2] = { { S_INIT("`"), S_INIT("`") },
                                                   { S_INIT("`"), S_INIT(": ") },
                                                   { S_INIT("{"), S_INIT(":") },
                                                   { S_INIT(", "), S_INIT(":") } };
            for (size_t w = 0; w < sizeof marks / sizeof *marks; w++)
                told |= str_find(docs, ARENA_CAT(&arena, marks[w][0], k[i].name, marks[w][1]), 0) !=
                        SIZE_MAX;
            if (!told) fail_msg("docs/systems.md does not tell %.*s", STR_ARG(k[i].name));
        }
    }
    release_keys(S("nothing"), &n);
    assert_int_equal(n, 0);
    assert_true(all > 80);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_findings),
                                        cmocka_unit_test(test_told) };
    arena_init(&arena, "words test", 8u << 20);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return rc;
}
