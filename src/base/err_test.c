/* Tests of err: every row of the table is usable by a person and by HTTP, and copies are cut at characters. */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void every_row(void **state) {
    (void)state;
    for (int code = -1; code > -(int)ERR_INDEX_END; code--) {
        struct str text = err_text(code);
        assert_true(str_starts(str_of(err_name(code)), S("ERR_")));
        assert_true(err_status(code) >= 400 && err_status(code) <= 599);
        assert_int_equal(err_kind(code) == ERR_KIND_CALLER, err_status(code) < 500);
        assert_true(text.len > 0 && str_utf8_valid(text));
        size_t brace = str_find_char(text, '{', 0); /* only {detail}, and at most once */
        if (brace == SIZE_MAX) continue;
        assert_true(str_starts(str_sub(text, brace, text.len), S("{detail}")));
        assert_int_equal(str_find_char(text, '{', brace + 1), SIZE_MAX);
    }
    assert_int_equal(err_status(0), 200);
    assert_string_equal(err_name(0), "ERR_OK");
    assert_string_equal(err_name(5), "ERR_DEFECT"); /* what is no code is our defect */
    assert_string_equal(err_name(-100000), "ERR_DEFECT");
}

static void fields_and_lines(void **state) {
    (void)state;
    struct err e = { .code = 9, .line = 9 };
    assert_int_equal(err_set(&e, ERR_INPUT, "n=%d", 5), ERR_INPUT);
    assert_int_equal(e.code, ERR_INPUT);
    assert_int_equal(e.line, 0);
    assert_string_equal(e.detail, "n=5");
    assert_string_equal(e.field, "");
    assert_int_equal(err_field(&e, ERR_REQUIRED, S("name"), "%s", "x"), ERR_REQUIRED);
    assert_string_equal(e.field, "name");
    assert_int_equal(err_line(&e, ERR_SYNTAX, S("a.yaml"), 12, "%s", "x"), ERR_SYNTAX);
    assert_int_equal(e.line, 12);
    assert_int_equal(err_set(NULL, ERR_IO, NULL), ERR_IO);
    err_clear(&e);
    assert_int_equal(e.code, 0);
    err_clear(NULL);
}

static void long_texts_are_cut_at_characters(void **state) {
    (void)state;
    struct err e;
    char text[400];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'a', shift);
        for (size_t i = 0; i < 100; i++) memcpy(text + shift + 3 * i, "\xe5\xad\x97", 3);
        text[shift + 300] = 0;
        (void)err_set(&e, ERR_INPUT, "%s", text);
        assert_true(str_utf8_valid(str_of(e.detail)));
        assert_true(strlen(e.detail) >= ERR_DETAIL_BYTES - 4 && strlen(e.detail) < ERR_DETAIL_BYTES);
        (void)err_field(&e, ERR_INPUT, str_of(text), NULL);
        assert_true(str_utf8_valid(str_of(e.field)));
        assert_true(strlen(e.field) >= ERR_FIELD_BYTES - 3 && strlen(e.field) < ERR_FIELD_BYTES);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_row), cmocka_unit_test(fields_and_lines),
                                        cmocka_unit_test(long_texts_are_cut_at_characters) };
    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
