/* UX-15: what people type finds the right item among the first three: their own words, pinyin,
 * initials, typing errors, English. A table over the systems of the tree, and that words of nothing
 * find nothing.
 */
#include "engine/item/item.h"

#include "app/city_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { FIRST = 3 };
#define EAT "restaurant"
#define HOME "residence-proof"
static const struct {
    const char *query, *item;
    bool meant; /* found by the nearest words only */
} table[] = {
    /* their own words */
    { "开餐馆", EAT, false },
    { "开饭店", EAT, false },
    { "开小吃店", EAT, false },
    { "我想开个饭店", EAT, false },
    { "怎么开饭店", EAT, false },
    { "开个小饭馆", EAT, false },
    { "餐饮许可", EAT, false },
    { "食品经营许可证", EAT, false },
    { "卫生许可证", EAT, false },
    { "门头招牌", EAT, false },
    { "户外招牌 许可", EAT, false },
    { "消防检查", EAT, false },
    { "开奶茶店要办什么证", EAT, false },
    { "开一家火锅店", EAT, false },
    { "市场监督管理局", EAT, false },
    { "开餐馆？", EAT, false },
    { "“开餐馆”", EAT, false },
    { "开餐馆　招牌", EAT, false },
    { "居住证明", HOME, false },
    { "住址证明", HOME, false },
    { "户籍证明", HOME, false },
    { "派出所开证明", HOME, false },
    { "孩子上学要的居住证明", HOME, false },
    { "怎么开居住证明", HOME, false },
    { "派出所证明", HOME, false },
    { "住在哪里的证明", HOME, false },
    /* pinyin, whole, begun, initials, mixed; second readings */
    { "kaicanguan", EAT, false },
    { "KaiCanGuan", EAT, false },
    { "kcg", EAT, false },
    { "kaicg", EAT, false },
    { "kaifandian", EAT, false },
    { "kfd", EAT, false },
    { "canyinxuke", EAT, false },
    { "shipinjingying", EAT, false },
    { "spjyxk", EAT, false },
    { "huwaizhaopai", EAT, false },
    { "kai can guan", EAT, false },
    { "ｋｃｇ", EAT, false },
    { "juzhuzhengming", HOME, false },
    { "jzzm", HOME, false },
    { "juzhuzm", HOME, false },
    { "zhuzhizhengming", HOME, false },
    { "hujizhengming", HOME, false },
    /* English */
    { "restaurant", EAT, false },
    { "Opening a restaurant", EAT, false },
    { "how to open a restaurant", EAT, false },
    { "food licence", EAT, false },
    { "FOOD LICENSE", EAT, false },
    { "cafe", EAT, false },
    { "fire safety", EAT, false },
    { "proof of residence", HOME, false },
    { "residence", HOME, false },
    { "address proof", HOME, false },
    /* typing errors: characters that sound alike, one off, letters off */
    { "开参馆", EAT, true },
    { "开餐管", EAT, true },
    { "开范店", EAT, true },
    { "餐饮许渴", EAT, true },
    { "居主证明", HOME, true },
    { "居住正明", HOME, true },
    { "kaicangaun", EAT, true },
    { "kaicnguan", EAT, true },
    { "juzhuzhenming", HOME, true },
    { "restaurnt", EAT, true },
    { "resturaunt", EAT, true },
    { "restuarant licnse", EAT, true },
    { "residense", HOME, true },
};

static size_t place_of(const struct item_hit *hit, size_t n, const char *item) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(hit[i].type->id, str_of(item))) return i;
    return SIZE_MAX;
}

static void test_ux15_the_right_item_is_among_the_first(void **state) {
    CITY(c);
    size_t missed = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct arena a;
        struct item_hit *hit;
        struct str meant;
        arena_init(&a, "find", 16 * 1024 * 1024);
        size_t n = item_find(&c->app->realm, str_of(table[i].query), &a, &hit, &meant);
        size_t at = place_of(hit, n, table[i].item);
        bool right = at < FIRST && (meant.len > 0) == table[i].meant;
        if (!right)
            print_message("%s: place %zu of %zu, meant \"%.*s\"\n", table[i].query, at, n,
                          STR_ARG(meant));
        missed += !right;
        arena_done(&a);
    }
    print_message("%zu queries, %zu missed\n", sizeof table / sizeof *table, missed);
    assert_int_equal(missed, 0);
}

/* The one asked for stands before the other, where words speak of one. */
static void test_the_better_one_stands_first(void **state) {
    CITY(c);
    static const char *const first[][2] = { { "开餐馆", EAT },     { "居住证明", HOME },
                                            { "kcg", EAT },        { "jzzm", HOME },
                                            { "restaurant", EAT }, { "residence", HOME } };
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        struct arena a;
        struct item_hit *hit;
        struct str meant;
        arena_init(&a, "find", 16 * 1024 * 1024);
        assert_true(item_find(&c->app->realm, str_of(first[i][0]), &a, &hit, &meant) > 0);
        assert_int_equal(place_of(hit, 1, first[i][1]), 0);
        arena_done(&a);
    }
}

static void test_words_of_nothing_find_nothing(void **state) {
    CITY(c);
    static const char *const none[] = { "核潜艇", "xqzvw", "nuclear submarine", "？？",
                                        "qq",     "钓鱼",  "\xff\xfe" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct arena a;
        struct item_hit *hit;
        struct str meant;
        arena_init(&a, "find", 16 * 1024 * 1024);
        size_t n = item_find(&c->app->realm, str_of(none[i]), &a, &hit, &meant);
        /* signs alone are no words: everything is listed */
        bool signs = str_eq(str_of(none[i]), S("？？")) || str_eq(str_of(none[i]), S("\xff\xfe"));
        if ((n > 0) != signs) fail_msg("%s: %zu found, meant \"%.*s\"", none[i], n, STR_ARG(meant));
        arena_done(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(
                                            test_ux15_the_right_item_is_among_the_first),
                                        cmocka_unit_test(test_the_better_one_stands_first),
                                        cmocka_unit_test(test_words_of_nothing_find_nothing) };
    return CITY_FIXTURE_RUN("find", tests);
}
