/* I2 over HTTP: questions of a form added, changed, moved and taken out by lists, each judged at its field; the page as
 * applicants see it; the rest of the file keeps its bytes. */
#include "app/site_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SYSTEM "approval/restaurant"

static const char *below(struct site *s, struct str at, const char *tail) {
    struct str path = str_sub(at, str_find(at, S("/zh/"), 0), at.len);
    return arena_fmt(&s->arena, "%.*s%s", STR_ARG(path), tail).ptr;
}

static struct str begin(struct visitor *v) {
    (void)site_get(v, "/zh/admin/drafts");
    struct str reply = site_post(v, "/zh/admin/drafts", "system=" SYSTEM);
    assert_int_equal(site_status(reply), 303);
    return site_location(reply);
}

static struct str original(struct site *s) {
    struct str bytes;
    struct err e = { 0 };
    assert_int_equal(os_read_file(&s->arena, "systems/" SYSTEM "/forms/apply.yaml", 1024 * 1024, &bytes, &e), 0);
    return bytes;
}

/* A form sent to `path`, with what its page said was seen. */
static struct str sent(struct visitor *v, const char *path, const char *fields) {
    struct arena *a = &v->site->arena;
    struct str seen = site_hidden(v->site, site_get(v, path), "seen");
    return site_post(v, path, arena_fmt(a, "seen=%.*s&%s", STR_ARG(seen), fields).ptr);
}

#define TABLES "id=tables&title=有几张桌子？&title-en=How+many+tables+are+there%3F&required=yes"

static void test_questions(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, citizen = { .site = s };
    site_sign_in(&editor, "editor");
    site_sign_in(&citizen, "citizen");
    struct str at = begin(&editor), was = original(s), page;
    const char *form = below(s, at, "/form/apply"), *list = below(s, at, "/form/apply/premises"),
               *new = below(s, at, "/form/apply/premises/new"), *one = below(s, at, "/form/apply/premises/4");
    assert_int_equal(site_status(site_get(&citizen, list)), 403);
    page = site_get(&editor, below(s, at, ""));
    assert_true(site_has(page, "/form/apply\""));
    page = site_get(&editor, form);
    assert_true(site_status(page) == 200 && site_has(page, "店开在哪里？") && site_has(page, "/form/apply/sign\""));
    page = site_get(&editor, list);
    assert_true(site_has(page, "营业面积") && site_has(page, "<fieldset disabled") && site_has(page, "平方米"));
    /* each fault at its field; what was typed is kept, and nothing is written */
    page = sent(&editor, new, "do=save&" TABLES "&kind=");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#kind\"") && site_has(page, "有几张桌子？"));
    page = sent(&editor, new, "do=save&" TABLES "&kind=choice&code=no_such_set");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#code\"") && site_has(page, "没有这个代码集：no_such_set"));
    page = sent(&editor, new, "do=save&id=tables&title=有几张桌子？&title-en=&kind=integer");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#title-en\""));
    assert_true(str_find(site_get(&editor, below(s, at, "/files")), was, 0) != SIZE_MAX);
    page = sent(&editor, new, "do=save&" TABLES "&kind=integer&least=1&most=500");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, list);
    assert_true(site_has(page, "/premises/4\"") && site_has(page, "<label for=\"tables\">有几张桌子？"));
    page = sent(&editor, list, "do=up&number=4");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, list);
    assert_true(str_find(page, S("有几张桌子？"), 0) < str_find(page, S("营业面积"), 0));
    page = site_post(&editor, list, "do=down&number=3&seen=0");
    assert_int_equal(site_status(page), 409); /* it saw another list */
    page = sent(&editor, list, "do=up&number=1");
    assert_int_equal(site_status(page), 409);
    page = sent(&editor, list, "do=down&number=3");
    assert_int_equal(site_status(page), 303);
    page = sent(&editor, one, "do=remove");
    assert_int_equal(site_status(page), 303);
    assert_true(str_find(site_get(&editor, below(s, at, "/files")), was, 0) != SIZE_MAX); /* every byte */
    /* one that rules and papers name is not taken out */
    page = sent(&editor, below(s, at, "/form/apply/premises/3"), "do=remove");
    assert_true(site_status(page) == 422 && site_has(page, "area"));
    assert_int_equal(site_status(site_get(&editor, below(s, at, "/form/apply/premises/9"))), 404);
    assert_int_equal(site_status(site_get(&editor, below(s, at, "/form/apply/none"))), 404);
    assert_int_equal(site_status(site_get(&editor, below(s, at, "/form/none"))), 404);
    assert_int_equal(site_status(site_get(&editor, "/zh/admin/draft/1/form/apply")), 404);
}

#define SIGN "do=save&title=招牌是什么样的？&title-en=What+is+the+sign+like%3F&hint=&hint-en="

static void test_page(void **state) {
    SITE(s);
    struct visitor editor = { .site = s };
    site_sign_in(&editor, "editor");
    struct str at = begin(&editor), page;
    const char *one = below(s, at, "/form/apply/sign/page"), *form = below(s, at, "/form/apply");
    page = site_get(&editor, one);
    assert_true(site_has(page, "outdoor_sign = ") && site_has(page, "name=\"title-en\""));
    page = sent(&editor, one, SIGN "&when=outdoor_sgn+=+%22yes%22");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#when\"") &&
                site_has(page, "没有这个问题：outdoor_sgn（最接近的是 outdoor_sign）"));
    page = sent(&editor, one, SIGN "&when=outdoor_sign+=+=");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#when\""));
    page = sent(&editor, one, SIGN "&when=outdoor_sign+=+%22yes%22+and+area+%3E+20");
    assert_int_equal(site_status(page), 303);
    assert_true(site_has(site_get(&editor, one), "and area"));
    page = sent(&editor, one, SIGN "&when=outdoor_sign+=+%22yes%22");
    assert_int_equal(site_status(page), 303);
    page = sent(&editor, form, "do=up&number=2");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, form);
    assert_true(str_find(page, S("店开在哪里？"), 0) < str_find(page, S("核对企业信息"), 0));
    page = site_get(&editor, below(s, at, "/difference")); /* who approves it sees that it was moved */
    assert_true(site_has(page, "<del>company · premises") && site_has(page, "<ins>premises · company"));
    page = sent(&editor, form, "do=down&number=1");
    assert_int_equal(site_status(page), 303);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_questions), cmocka_unit_test(test_page) };
    return SITE_FIXTURE_RUN("forms", tests);
}
