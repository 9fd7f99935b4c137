/* I12 over HTTP on both stores: every limit of the tables stands on the page with what was used of it;
 * what was asked for beyond one is counted there, and told first. */
#include "app/site_fixture.h"

#include "web/limits.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The row of a limit, from its title to the next. */
static struct str row(struct str page, const char *title) {
    size_t at = str_find(page, str_of(title), 0);
    return at == SIZE_MAX ? S("") : str_sub(page, at, str_find(page, S("</tr>"), at) - at);
}

static const char *long_address(struct site *s, int bytes) {
    struct buf b;
    buf_init(&b, &s->arena, 1024, 65536);
    buf_add(&b, S("/zh/?q="));
    while (buf_str(&b).len < (size_t)bytes) buf_add(&b, S("a"));
    return arena_cstr(&s->arena, buf_str(&b));
}

static void test_limits(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, audit = { .site = s };
    site_sign_in(&v, "system");
    struct str page = site_get(&v, "/zh/admin/limits");
    assert_int_equal(site_status(page), 200);
#define HTTP_LIMIT(name, value, unit, counted, title, what) \
    assert_true(site_has(page, title) && site_has(page, what));
#include "http/limits.h"
#undef HTTP_LIMIT
    assert_true(site_has(row(page, "打开的连接"), "4000") && site_has(row(page, "等着读的"), "65536"));
    assert_true(site_has(row(page, "打开的连接"), "<td data-label=\"最多\">4000"));
    assert_true(site_has(row(page, "空闲连接的时间"), "30 秒") &&
                site_has(row(page, "空闲连接的时间"), "不统计"));
    assert_true(site_has(row(page, "网址的长度"), "有余量"));

    assert_int_equal(site_status(site_get(&v, long_address(s, 4000))), 200); /* of 4,096 */
    page = site_get(&v, "/zh/admin/limits?state=near");
    assert_true(site_has(row(page, "网址的长度"), "3.9 KB · 97%"));
    assert_true(site_has(row(page, "网址的长度"), "接近上限") && site_lacks(page, "空闲连接的时间"));
    assert_int_equal(site_status(site_get(&v, long_address(s, 4097))), 414);
    page = site_get(&v, "/zh/admin/limits");
    assert_true(site_has(page, "启动以来有 1 个上限被超过"));
    assert_true(site_has(row(page, "网址的长度"), "到过上限") &&
                site_has(row(page, "网址的长度"), "3.9 KB · 97%"));
    assert_true(str_find(page, S("网址的长度"), 0) < str_find(page, S("打开的连接"), 0)); /* first */
    page = site_get(&v, "/zh/admin/limits/export?state=reached");
    assert_true(site_has(page, "上限,限制什么,在哪里,最多,现在,启动以来最高,超过被拒的次数,情况\r\n"));
    assert_true(site_has(page, "网址的长度,一次请求的网址，连同查询部分,请求和连接,4 KB,不统计,"
                               "3.9 KB · 97%,1,到过上限\r\n"));
    assert_true(site_has(site_get(&v, "/en/admin/limits"), "Length of an address"));
    site_sign_in(&audit, "audit");
    assert_int_equal(site_status(site_get(&audit, "/zh/admin/limits")), 403);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_limits) };
    return SITE_FIXTURE_RUN("limits", tests);
}
