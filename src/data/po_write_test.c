/* Tests of po_write: one entry changes, or is added; all else keeps its bytes. */
#include "data/po_write.h"

#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena arena;

static void expect(struct str text, struct str id, struct str said, struct str now) {
    struct str got;
    struct err e = { 0 };
    if (po_put(&arena, text, id, said, &got, &e)) fail_msg("%s", e.detail);
    if (!str_eq(got, now)) fail_msg("gave\n%.*s", STR_ARG(got));
}

static void test_put(void **state) {
    struct str got;
    (void)state;
    expect(S("msgid \"一\"\nmsgstr \"one\"\n"), S("一"), S("1"), S("msgid \"一\"\nmsgstr \"1\"\n"));
    expect(S("# n\nmsgid \"一\"\n\"二\"\nmsgstr \"one\"\n\" two\"\n\n# z\nmsgid \"三\"\nmsgstr "
             "\"t\"\n"),
           S("一二"), S("a\"b\\c\nd"),
           S("# n\nmsgid \"一\"\n\"二\"\nmsgstr \"a\\\"b\\\\c\\nd\"\n\n# z\nmsgid \"三\"\nmsgstr "
             "\"t\"\n"));
    expect(S("msgid \"一\"\nmsgstr \"one\""), S("二"), S("two"),
           S("msgid \"一\"\nmsgstr \"one\"\n\nmsgid \"二\"\nmsgstr \"two\"\n"));
    expect(S(""), S("二"), S("two"), S("msgid \"二\"\nmsgstr \"two\"\n"));
    /* another context's is another entry */
    expect(S("msgctxt \"c\"\nmsgid \"一\"\nmsgstr \"one\"\n"), S("一"), S("1"),
           S("msgctxt \"c\"\nmsgid \"一\"\nmsgstr \"one\"\n\nmsgid \"一\"\nmsgstr \"1\"\n"));
    assert_int_equal(
        po_put(&arena, S("#, fuzzy\nmsgid \"一\"\nmsgstr \"one\"\n"), S("一"), S("1"), &got, NULL),
        ERR_SYNTAX);
    assert_int_equal(po_put(&arena, S(""), S("\xff"), S("1"), &got, NULL), ERR_SYNTAX);
}

/* Whatever is put can be got, and what stood before is still there. */
static void test_a_system(void **state) {
    struct str text, now;
    struct po *po;
    struct err e = { 0 };
    (void)state;
    assert_int_equal(
        os_read_file(&arena, "systems/approval/restaurant/texts/en.po", 1 << 20, &text, &e), 0);
    assert_int_equal(po_put(&arena, text, S("新的一句"), S("A new one"), &now, &e), 0);
    assert_true(str_starts(now, text));
    assert_int_equal(po_put(&arena, now, S("新的一句"), S("Another"), &now, &e), 0);
    assert_true(str_starts(now, text));
    assert_int_equal(po_parse(&arena, S("x"), now, &po, &e), 0);
    assert_true(str_eq(po_get(po, S(""), S("新的一句")), S("Another")));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_put),
                                        cmocka_unit_test(test_a_system) };
    arena_init(&arena, "po write test", (size_t)32 << 20);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return rc;
}
