/* Tests of release_texts: each text of a system once, in English by itself, by a system that it needs, or
 * not; what its catalogue has and nobody says is found as well. */
#include "release/release_fixture.h"
#include "release/release_texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* With the catalogue as `change` makes it of the one that is there. */
static void texts_of(struct release_tree *t, struct arena *a, const char *from, const char *to,
                     struct release_texts *ret) {
    struct release_files files = from ? release_fixture_changed(t, a, "texts/en.po", from, to)
                                      : t->files;
    struct release_findings f = { .arena = a };
    struct err e = { 0 };
    const struct system *m = release_compile(a, &files, 9, t->needs, RELEASE_FIXTURE_NEEDS, &f);
    assert_non_null(m);
    assert_int_equal(release_texts(a, m, NULL, &files, ret, &e), 0);
}

/* A text that is not there has neither words nor places. */
static const struct release_text *find(const struct release_texts *t, const char *text) {
    static const struct release_text none;
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->list[i].text, str_of(text))) return &t->list[i];
    return &none;
}

static void test_each_text_once(void **state) {
    struct arena a;
    struct release_texts t;
    arena_init(&a, "test", 64 * 1024 * 1024);
    texts_of(*state, &a, NULL, NULL, &t);
    for (size_t i = 0; i < t.n; i++) {
        if (t.list[i].state == RELEASE_TEXT_UNUSED)
            print_message("    unused: %.*s\n", STR_ARG(t.list[i].text));
        assert_ptr_equal(find(&t, arena_cstr(&a, t.list[i].text)), &t.list[i]);
    }
    assert_int_equal(t.count[RELEASE_TEXT_MISSING], 0);
    assert_int_equal(t.count[RELEASE_TEXT_UNUSED], 0);
    assert_true(t.count[RELEASE_TEXT_OWN] > 100);
    const struct release_text *food = find(&t, "热食类食品制售");
    assert_true(food->state == RELEASE_TEXT_OWN && food->places >= 1 && food->file.len &&
                food->line);
    arena_done(&a);
}

static void test_what_is_missing_and_what_is_unused(void **state) {
    struct arena a;
    struct release_texts t;
    arena_init(&a, "test", 64 * 1024 * 1024);
    texts_of(*state, &a, "msgid \"热食类食品制售\"", "msgid \"没有人说\"", &t);
    assert_int_equal(t.count[RELEASE_TEXT_MISSING], 1);
    assert_int_equal(t.count[RELEASE_TEXT_UNUSED], 1);
    const struct release_text *missing = find(&t, "热食类食品制售"), *unused = find(&t, "没有人说");
    assert_true(missing->text.len && missing->state == RELEASE_TEXT_MISSING && missing->english.len == 0);
    assert_true(unused->text.len && unused->state == RELEASE_TEXT_UNUSED && unused->english.len);
    assert_true(unused->places == 0 && unused->file.len == 0);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_text_once),
                                        cmocka_unit_test(test_what_is_missing_and_what_is_unused) };
    return cmocka_run_group_tests_name("release_texts", tests, release_fixture_begin,
                                       release_fixture_done);
}
