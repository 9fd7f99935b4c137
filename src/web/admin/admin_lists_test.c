/* The lists of the operators, over HTTP on both stores: releases and posts in force in every order, page after page both ways,
 * narrowed, counted and as a file; accounts counted. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What stands behind `mark` in the n-th row (from 1) of the table; empty: there is no such row. */
static struct str in_row(struct str page, size_t n, const char *mark, char end) {
    size_t at = str_find(page, S("<tbody>"), 0), stop = str_find(page, S("</tbody>"), 0);
    for (size_t i = 0; at != SIZE_MAX && i < n; i++) at = str_find(page, S("<tr>"), at + 1);
    if (at == SIZE_MAX || at > stop) return S("");
    at = str_find(page, str_of(mark), at) + str_of(mark).len;
    return str_sub(page, at, str_find_char(page, end, at) - at);
}

static size_t rows_of(struct str page) {
    size_t n = 0;
    while (in_row(page, n + 1, "<th scope=\"row\">", '\n').len) n++;
    return n;
}

/* The address of the link whose text begins so, as it may be asked for. */
static const char *link_to(struct visitor *v, struct str page, const char *rel) {
    size_t at = str_find(page, str_of(rel), 0);
    if (at == SIZE_MAX) return NULL;
    size_t from = at;
    while (from && page.ptr[from - 1] != '<') from--;
    size_t href = str_find(page, S("href=\""), from);
    struct str text = str_sub(page, href + 6, str_find_char(page, '"', href + 6) - href - 6);
    struct buf b;
    buf_init(&b, &v->site->arena, 256, 4096);
    for (size_t i = 0; i < text.len; i++) {
        buf_add_char(&b, text.ptr[i]);
        if (str_starts(str_sub(text, i, 5), S("&amp;"))) i += 4;
    }
    return arena_cstr(&v->site->arena, buf_str(&b));
}

/* The demo city's systems: how many, and which ids are first and last. */
static size_t systems_of(const struct site *s, struct str *first, struct str *last) {
    const struct realm *r = &s->city->app->realm;
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    *first = *last = all[0]->id;
    for (size_t i = 1; i < n; i++) {
        if (str_cmp(all[i]->id, *first) < 0) *first = all[i]->id;
        if (str_cmp(all[i]->id, *last) > 0) *last = all[i]->id;
    }
    return n;
}

/* What the list says it counts. */
static size_t total_of(struct str page) {
    const struct str word = S("共 ");
    size_t at = str_find(page, word, 0), n = 0;
    for (at += word.len; at < page.len && page.ptr[at] >= '0' && page.ptr[at] <= '9'; at++) n = n * 10 + (size_t)(page.ptr[at] - '0');
    return n;
}

static void test_releases(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str first, last;
    size_t n = systems_of(s, &first, &last);
    site_sign_in(&v, "system");
    struct str page = site_get(&v, "/zh/admin/systems");
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "新载入的在前") && site_has(page, "启用中") &&
                site_has(page, arena_fmt(&s->arena, "共 %zu 条", n).ptr));
    assert_int_equal(rows_of(page), n);
    const char *open = link_to(&v, page, "/activate\"");
    assert_non_null(open);
    assert_int_equal(site_status(site_get(&v, open)), 200);
    page = site_get(&v, "/zh/admin/systems?sort=system&order=asc");
    assert_true(str_eq(in_row(page, 1, "class=\"meta\">", '<'), first));
    assert_true(str_eq(in_row(page, n, "class=\"meta\">", '<'), last));
    page = site_get(&v, "/zh/admin/systems?sort=system&order=desc");
    assert_true(str_eq(in_row(page, 1, "class=\"meta\">", '<'), last));
    page = site_get(&v, "/zh/admin/systems?system=common");
    assert_int_equal(rows_of(page), 1);
    page = site_get(&v, "/zh/admin/systems?state=retired");
    assert_int_equal(rows_of(page), 0);
    assert_true(site_has(page, "没有符合条件的"));
    page = site_get(&v, "/zh/admin/systems/export?sort=system&order=asc");
    assert_true(site_has(page, "系统,系统标识,版本,状态,载入时间,启用时间,内容摘要\r\n"));
    assert_true(site_has(page, "approval/restaurant,") && site_lacks(page, "…"));
    assert_int_equal(site_status(site_get(&v, "/zh/admin/systems?after=x")), 404);
}

/* Granting pages full of posts is what the page is for. */
static void test_posts(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "security");
    struct str page = site_get(&v, "/zh/admin/posts?login=citizen");
    assert_int_equal(site_status(page), 200);
    assert_int_equal(rows_of(page), 0);
    assert_true(site_has(page, "没有符合条件的") && site_has(page, "授予岗位</button>"));
    assert_int_equal(site_status(site_get(&v, "/zh/admin/posts?login=nobody-here")), 422);
    page = site_get(&v, "/zh/admin/posts");
    size_t before = total_of(page);
    assert_true(before > 5 && site_lacks(page, "授予岗位</button>"));
    size_t at = 0;
    struct str form = site_get(&v, "/zh/admin/posts?login=citizen"), unit;
    at = str_find(form, S("<option value=\""), str_find(form, S("<select id=\"unit\""), 0) + 1);
    at = str_find(form, S("<option value=\""), at + 1); /* behind 请选择 */
    unit = str_sub(form, at + 15, str_find_char(form, '"', at + 15) - at - 15);
    static const char *const logins[] = { "citizen", "food", "sign", "window", "company" };
    static const char *const roles[] = { "window-clerk", "food-reviewer", "fire-reviewer", "sign-reviewer", "police-officer" };
    size_t granted = 0;
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++) {
            (void)site_get(&v, arena_fmt(&s->arena, "/zh/admin/posts?login=%s", logins[i]).ptr);
            struct str fields = arena_fmt(&s->arena, "login=%s&role=%s&unit=%.*s", logins[i], roles[k], STR_ARG(unit));
            granted += site_status(site_post(&v, "/zh/admin/posts", fields.ptr)) == 303;
        }
    assert_true(before + granted > 30); /* more than a page */
    page = site_get(&v, "/zh/admin/posts?login=company");
    assert_int_equal(rows_of(page), 5);
    assert_true(site_has(page, "共 5 条"));
    page = site_get(&v, "/zh/admin/posts?login=company&holds=fire-reviewer");
    assert_int_equal(rows_of(page), 1);
    page = site_get(&v, "/zh/admin/posts?holds=fire-reviewer");
    assert_int_equal(rows_of(page), 6);
    page = site_get(&v, arena_fmt(&s->arena, "/zh/admin/posts?in=%.*s&holds=fire-reviewer", STR_ARG(unit)).ptr);
    assert_int_equal(rows_of(page), 5);
    page = site_get(&v, "/zh/admin/posts");
    assert_true(str_eq(in_row(page, 1, "class=\"meta\">", '<'), S("company"))); /* granted last */
    assert_true(site_has(page, arena_fmt(&s->arena, "共 %zu 条", before + granted).ptr));
    size_t seen = 0;
    struct str first = in_row(page, 1, "href=\"", '"');
    for (const char *next = ""; next;) { /* forwards to the end */
        seen += rows_of(page);
        next = link_to(&v, page, "rel=\"next\"");
        if (next) page = site_get(&v, next);
    }
    assert_int_equal(seen, before + granted);
    for (const char *back = ""; back;) { /* and back to the same first row */
        back = link_to(&v, page, "rel=\"prev\"");
        if (back) page = site_get(&v, back);
    }
    assert_true(str_eq(in_row(page, 1, "href=\"", '"'), first));
    page = site_get(&v, "/zh/admin/posts?sort=since&order=asc");
    assert_false(str_eq(in_row(page, 1, "href=\"", '"'), first));
    page = site_get(&v, "/zh/admin/posts/export?login=company");
    assert_true(site_has(page, "岗位,岗位代码,姓名,登录名,单位,授予时间\r\n"));
    assert_true(site_has(page, ",police-officer,") && site_has(page, ",company,") && site_lacks(page, ",citizen,"));
    assert_int_equal(site_status(site_get(&v, link_to(&v, site_get(&v, "/zh/admin/posts?login=company"), "/company/"))), 200);
}

static void test_accounts_are_counted(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "system");
    struct str all = site_get(&v, "/zh/admin/users");
    assert_true(site_has(all, "共 ") && site_lacks(all, "本页"));
    assert_true(site_has(site_get(&v, "/zh/admin/users?role=fire-reviewer&state=off"), "没有符合条件的"));
    assert_true(site_has(site_get(&v, "/zh/admin/users?has=audit"), "共 1 条"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_releases), cmocka_unit_test(test_accounts_are_counted),
                                        cmocka_unit_test(test_posts) };
    return SITE_FIXTURE_RUN("admin lists", tests);
}
