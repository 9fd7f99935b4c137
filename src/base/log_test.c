/* Tests of log: the shape of a line, and that no input forges a second line or passes the limit. */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct str line_of(char *out, struct str request, const struct log_field *f, size_t n) {
    return str_make(out, log_line(out, 1700000000123, LOG_WARN, "http", request, "upload refused", f, n));
}

static void shape(void **state) {
    (void)state;
    char out[LOG_LINE_BYTES];
    const struct log_field f[] = { LOG_INT("bytes", -7), LOG_TEXT("type", S("a b")),
                                   LOG_TEXT("none", S("")), LOG_CODE(ERR_LIMIT) };
    struct str got = line_of(out, S("00ff"), f, 4);
    assert_true(str_eq(got, S("2023-11-14T22:13:20.123Z warn http 00ff \"upload refused\" bytes=-7 type=\"a b\" error=ERR_LIMIT\n")));
    assert_true(str_find(line_of(out, S(""), f, 0), S(" http - "), 0) != SIZE_MAX);
}

static void input_cannot_forge(void **state) {
    (void)state;
    char out[LOG_LINE_BYTES];
    const struct log_field f[] = { LOG_TEXT("v", S("a\r\nb\x1b[31m\xe2\x80\xa8\xc2\x85\xff\"\\\x7f\xe2\x80\xae")) };
    struct str got = line_of(out, S("x\ny"), f, 1);
    assert_int_equal(str_find_char(got, '\n', 0), got.len - 1);
    assert_int_equal(str_find_char(got, '\r', 0), SIZE_MAX);
    assert_int_equal(str_find_char(got, '\x1b', 0), SIZE_MAX);
    assert_true(str_find(got,
                         S("a\\u000d\\u000ab\\u001b[31m\\u2028\\u0085\\xff\\\"\\\\\\u007f\\u202e"),
                         0) != SIZE_MAX);
}

static void bounded(void **state) {
    (void)state;
    char out[LOG_LINE_BYTES + 8], big[4000];
    memset(out, 0x5a, sizeof out);
    memset(big, 1, sizeof big); /* each byte grows six-fold */
    struct log_field f[30];
    for (int i = 0; i < 30; i++) f[i] = LOG_TEXT("key", str_make(big, sizeof big));
    struct str got = line_of(out, S("id"), f, 30);
    assert_true(got.len <= LOG_LINE_BYTES);
    assert_true(str_ends(got, S(" cut\n")));
    for (size_t i = LOG_LINE_BYTES; i < sizeof out; i++) assert_int_equal(out[i], 0x5a);
    memset(big, 'a', sizeof big);
    got = line_of(out, S("id"), f, 1);
    assert_true(str_ends(got, S("a...\n")));
    assert_true(got.len < 400);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(shape),
                                        cmocka_unit_test(input_cannot_forge),
                                        cmocka_unit_test(bounded) };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
