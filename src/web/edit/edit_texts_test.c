/* I13 over HTTP: every catalogue with its counts and its file; the English of one text written in a draft,
 * judged, approved by another person, and read by citizens. */
#include "app/site_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SYSTEM "approval/residence-proof"
#define TEXT "居住证明"

/* "/zh/admin/draft/N" of a draft that was just begun, with `tail`. */
static const char *below(struct site *s, struct str at, const char *tail) {
    struct str path = str_sub(at, str_find(at, S("/zh/"), 0), at.len);
    return arena_fmt(&s->arena, "%.*s%s", STR_ARG(path), tail).ptr;
}

static void test_catalogues(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, citizen = { .site = s };
    site_sign_in(&citizen, "citizen");
    assert_int_equal(site_status(site_get(&citizen, "/zh/admin/texts")), 403);
    site_sign_in(&editor, "editor");
    struct str page = site_get(&editor, "/zh/admin/texts"), again;
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, SYSTEM) && site_has(page, "程序自己的文字") &&
                site_has(page, "下载 PO"));
    again = site_get(&editor, "/zh/admin/texts"); /* counted once, and the same */
    size_t from = str_find(page, S("<tbody>"), 0), to = str_find(again, S("<tbody>"), 0);
    assert_true(from != SIZE_MAX && to != SIZE_MAX);
    assert_true(str_eq(str_sub(page, from, str_find(page, S("</tbody>"), 0) - from),
                       str_sub(again, to, str_find(again, S("</tbody>"), 0) - to)));
    page = site_get(&editor, "/zh/admin/texts/po?system=" SYSTEM);
    assert_true(site_status(page) == 200 && site_has(page, "msgid \"" TEXT "\"") &&
                site_has(page, "en.po"));
    page = site_get(&editor, "/zh/admin/texts/po");
    assert_true(site_status(page) == 200 && site_has(page, "msgid \"程序自己的文字\""));
    assert_int_equal(site_status(site_get(&editor, "/zh/admin/texts/po?system=nothing")), 404);
}

static void test_one_text(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, admin = { .site = s }, citizen = { .site = s };
    struct arena *a = &s->arena;
    site_sign_in(&editor, "editor");
    (void)site_get(&editor, "/zh/admin/drafts");
    struct str at = site_location(site_post(&editor, "/zh/admin/drafts", "system=" SYSTEM));
    struct str page = site_get(&editor,
                               below(s, at, "/texts?q=%E5%B1%85%E4%BD%8F%E8%AF%81%E6%98%8E"));
    assert_true(site_status(page) == 200 && site_has(page, TEXT) && site_has(page, "有英文"));
    page = site_get(&editor, below(s, at, "/texts?q=no+such+words"));
    assert_true(site_status(page) == 200 && site_lacks(page, "/text?of="));
    page = site_get(&editor,
                    below(s, at, "/texts?state=needed")); /* of the diagram, by the program */
    assert_true(site_has(page, "办结") && site_has(page, "flows/"));
    size_t link = str_find(page, S("/text?of="), 0);
    assert_true(link != SIZE_MAX);
    struct str of = str_sub(page, link + 9, 16);
    const char *form = below(s, at, arena_fmt(a, "/text?of=%.*s", STR_ARG(of)).ptr),
               *send = below(s, at, "/text");
    page = site_get(&editor, form);
    assert_true(site_has(page, "用别处的英文") && site_has(page, "name=\"english\""));
    struct str seen = site_hidden(s, page, "seen");
    page = site_post(&editor, send,
                     arena_fmt(a, "of=%.*s&seen=%.*s&english=+", STR_ARG(of), STR_ARG(seen)).ptr);
    assert_true(site_status(page) == 422 && site_has(page, "english-error"));
    page = site_post(
        &editor, send,
        arena_fmt(a, "of=%.*s&seen=%.*s&english=Done+{n}", STR_ARG(of), STR_ARG(seen)).ptr);
    assert_true(site_status(page) == 422 && site_has(page, "花括号的名称要一样：{n}") &&
                site_has(page, "Done {n}"));
    /* what is refused before the texts were looked for is shown with them again (it ended the server) */
    page = site_post(&editor, send,
                     arena_fmt(a, "of=%.*s&seen=%.*s&english=Done+%%E2%%80%%AEx", STR_ARG(of),
                               STR_ARG(seen))
                         .ptr);
    assert_true(site_status(page) == 422 && site_has(page, "用别处的英文") &&
                site_has(page, "english-error"));
    page = site_post(&editor, below(s, at, ""), "do=propose&note=%E2%80%AEx");
    assert_true(site_status(page) == 422 && site_has(page, "residence-proof"));
    page = site_post(
        &editor, send,
        arena_fmt(a, "of=%.*s&seen=%.*s&english=Quite+done%%0D%%0Aindeed", STR_ARG(of), STR_ARG(seen)).ptr);
    assert_int_equal(site_status(page), 303);
    (void)site_get(&editor, form);
    page = site_post(
        &editor, send,
        arena_fmt(a, "of=%.*s&seen=%.*s&english=Other", STR_ARG(of), STR_ARG(seen)).ptr);
    assert_int_equal(site_status(page), 409); /* it saw none, and one stands there */
    page = site_get(&editor, below(s, at, "/texts?q=quite+DONE"));
    assert_true(site_has(page, "Quite done") && site_has(page, "有英文"));
    page = site_get(&editor, below(s, at, "/files")); /* a browser ends lines in CR LF */
    assert_true(site_has(page, "Quite done\\n") && site_lacks(page, "\\r"));
    assert_true(site_has(site_get(&editor, below(s, at, "/difference")), "Quite done")); /* who approves it sees it */
    assert_int_equal(site_status(site_get(&editor, below(s, at, "/text?of=0000000000000000"))),
                     404);
    assert_true(site_has(site_get(&editor, below(s, at, "/text")), "name=\"english\"")); /* any */
    site_sign_in(&admin, "system");
    page = site_get(&admin, form);
    assert_true(site_status(page) == 200 &&
                site_lacks(page, "name=\"english\"")); /* who approves writes nothing */
    site_sign_in(&citizen, "citizen");
    assert_int_equal(site_status(site_get(&citizen, form)), 403);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_catalogues),
                                        cmocka_unit_test(test_one_text) };
    return SITE_FIXTURE_RUN("texts", tests);
}
