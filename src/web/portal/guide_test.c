/* F7 on the pages: the guide is the same the second time, when it is taken from what was kept, in
 * each language its own; its papers are PDFs, specimens say so, and what is no paper of the item is
 * not found.
 */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct str main_of(struct str page) {
    size_t from = str_find(page, S("<h1>"), 0), to = str_find(page, S("</main>"), from);
    assert_true(from != SIZE_MAX && to != SIZE_MAX);
    return str_sub(page, from, to - from);
}

static void test_f7_the_guide(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str first = site_get(&v, "/zh/guide/restaurant"),
               again = site_get(&v, "/zh/guide/restaurant"), en;
    assert_int_equal(site_status(first), 200);
    assert_true(str_eq(main_of(first), main_of(again)));
    assert_true(site_has(first, "实施编码") && site_has(first, "<ol class=\"flow\">") &&
                site_has(first, "免交："));
    assert_true(site_has(first, "/zh/guide/restaurant/form.pdf?of=fire-statement\""));
    assert_true(site_has(first, "/zh/guide/restaurant/sample.pdf?of=food\""));
    en = site_get(&v, "/en/guide/restaurant");
    assert_true(site_has(en, "Implementation code") && site_lacks(en, "免交"));
    /* another item is not the one that was kept; what it does not have is not on it */
    struct str other = site_get(&v, "/zh/guide/residence-proof");
    assert_true(site_has(other, "居住证明") && site_lacks(other, "开餐馆") &&
                site_lacks(other, "共同实施部门") && site_lacks(other, "数量限制"));
    /* what stands in the frame is the reader's, not what was kept */
    site_sign_in(&v, "citizen");
    assert_true(str_eq(main_of(site_get(&v, "/zh/guide/restaurant")), main_of(first)));
    assert_true(site_has(site_get(&v, "/zh/guide/restaurant"), "/zh/sign-out"));
}

static void test_f7_papers(void **state) {
    SITE(s);
    static const char *const found[] = { "form.pdf", "form.pdf?of=fire-statement", "sample.pdf",
                                         "sample.pdf?of=sign", "sample.pdf?of=fire-statement" },
                             *const none[] = { "form.pdf?of=floor-plan", "form.pdf?of=food",
                                               "sample.pdf?of=floor-plan", "sample.pdf?of=x",
                                               "form.pdf?of=../x" };
    struct visitor v = { .site = s };
    for (size_t i = 0; i < 5; i++) {
        struct str pdf =
                       site_get(&v, arena_fmt(&s->arena, "/zh/guide/restaurant/%s", found[i]).ptr),
                   again;
        assert_int_equal(site_status(pdf), 200);
        assert_true(str_find(pdf, S("application/pdf"), 0) != SIZE_MAX);
        size_t from = str_find(pdf, S("%PDF-"), 0);
        assert_true(from != SIZE_MAX);
        again = site_get(&v, arena_fmt(&s->arena, "/zh/guide/restaurant/%s", found[i]).ptr);
        assert_true(str_eq(str_sub(pdf, from, pdf.len),
                           str_sub(again, str_find(again, S("%PDF-"), 0), again.len)));
    }
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(
            site_status(site_get(&v, arena_fmt(&s->arena, "/zh/guide/restaurant/%s", none[i]).ptr)),
            404);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_f7_the_guide),
                                        cmocka_unit_test(test_f7_papers) };
    return SITE_FIXTURE_RUN("guide", tests);
}
