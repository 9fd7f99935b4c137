/* F6: the search page: seven facets with counts, each a link; the address says everything and means
 * the same in both languages; the nearest words where those typed find nothing.
 */
#include "app/site_fixture.h"
#include "engine/item/item.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* How many of the city's items are under a value, and (not empty) a division: counted without the page. */
static int items_under(struct site *s, enum item_facet f, const char *value, const char *division) {
    struct item_hit *hit;
    struct str meant;
    int found = 0;
    size_t n = item_find(&s->city->app->realm, S(""), &s->arena, &hit, &meant);
    for (size_t i = 0; i < n; i++)
        found += item_is(&hit[i], f, str_of(value)) &&
                 (!*division || item_is(&hit[i], ITEM_BY_DIVISION, str_of(division)));
    return found;
}

static bool counts(struct site *s, struct str page, const char *link, int n) {
    return site_has(page, arena_fmt(&s->arena, "%s <span class=\"meta\">%d</span>", link, n).ptr);
}

static void test_f6_seven_facets_with_counts(void **state) {
    SITE(s);
    static const char *const titles[] = { "事项性质", "服务对象", "实施主体", "服务主题",
                                          "服务层级", "服务形式", "行政管辖" };
    struct visitor v = { .site = s };
    struct str page = site_get(&v, "/zh/search");
    size_t at = 0;
    assert_int_equal(site_status(page), 200);
    for (size_t i = 0; i < 7; i++) {
        struct str want = arena_fmt(&s->arena, "<summary>%s</summary>", titles[i]);
        size_t next = str_find(page, want, at);
        if (next == SIZE_MAX) fail_msg("%s is missing or out of order", titles[i]);
        at = next;
    }
    int online = items_under(s, ITEM_BY_FORM, "2", ""),
        second = items_under(s, ITEM_BY_DIVISION, "120103", "");
    assert_true(online > second && second > 0);
    assert_true(counts(s, page, "/zh/search?q=&amp;form=2\">电脑端网上办理", online));
    assert_true(counts(s, page, "/zh/search?q=&amp;division=120103\">河西区", second));
}

static void test_f6_the_address_says_everything(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str zh = site_get(&v, "/zh/search?q=&division=120103&form=2"),
               en = site_get(&v, "/en/search?q=&division=120103&form=2");
    assert_true(site_has(zh, "/zh/guide/restaurant\"") &&
                site_lacks(zh, "/zh/guide/residence-proof\""));
    assert_true(site_has(en, "/en/guide/restaurant\"") &&
                site_lacks(en, "/en/guide/residence-proof\""));
    /* chosen is marked, and its link takes it off; the other stays */
    assert_true(site_has(
        zh, "<a href=\"/zh/search?q=&amp;division=120103\" aria-current=\"true\">电脑端网上办理"));
    assert_true(
        site_has(en, "<a href=\"/en/search?q=&amp;division=120103\" aria-current=\"true\">"));
    /* who else would be left, were it another district */
    assert_true(counts(s, zh, "/zh/search?q=&amp;form=2&amp;division=120101\">和平区",
                       items_under(s, ITEM_BY_FORM, "2", "120101")));
    /* a value that is none: nothing is found, and the page says what to do */
    struct str none = site_get(&v, "/zh/search?q=&type=99");
    assert_true(site_has(none, "没有找到这样的事项") && site_has(none, "拨打 12345") &&
                site_has(none, "看全部事项"));
    assert_int_equal(site_status(site_get(&v, "/zh/search?q=%E9%A4%90&page=7")), 200);
}

static void test_f6_nearest_words(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    struct str page = site_get(&v, "/en/search?q=restaurnt");
    assert_true(site_has(page, "Nothing was found for “restaurnt”") &&
                site_has(page, "<a href=\"/en/search?q=restaurant\">restaurant</a>"));
    assert_true(site_has(page, "/en/guide/restaurant\"") &&
                site_lacks(page, "/en/guide/residence-proof\""));
    assert_true(site_lacks(site_get(&v, "/en/search?q=restaurant"), "Nothing was found"));
    page = site_get(&v, "/zh/search?q=kcg");
    assert_true(site_has(page, "/zh/guide/restaurant\"") && site_lacks(page, "没有找到"));
    assert_true(
        site_has(site_get(&v, "/zh/search?q=%3Cb%3Exx%3C%2Fb%3E"), "&lt;b&gt;xx&lt;/b&gt;"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_f6_seven_facets_with_counts),
                                        cmocka_unit_test(test_f6_the_address_says_everything),
                                        cmocka_unit_test(test_f6_nearest_words) };
    return SITE_FIXTURE_RUN("search", tests);
}
