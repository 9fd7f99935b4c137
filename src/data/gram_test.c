/* gram_test: what is typed of a name shares a piece with it and fits it; what only shares a piece
 * does not fit; what everybody has finds nobody.
 */
#include "data/gram.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool has(const struct str *piece, size_t n, struct str one) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(piece[i], one)) return true;
    return false;
}

/* Would the index lead from `typed` to `name`? */
static bool leads(struct arena *a, struct str name, struct str typed) {
    struct str of_name[GRAMS_MAX], of_typed[GRAM_TYPED_MAX];
    bool all, one = false, each = true;
    size_t n = gram_index(a, name, of_name), m = gram_typed(a, typed, of_typed, &all);
    for (size_t i = 0; i < m; i++) {
        bool there = has(of_name, n, of_typed[i]);
        one |= there, each &= there;
    }
    return m && (all ? each : one);
}

struct row {
    struct str name, typed;
};

static void test_finds(void **state) {
    static const struct row rows[] = {
        { S_INIT("张伟强"), S_INIT("张伟强") },
        { S_INIT("张伟强"), S_INIT("伟强") },
        { S_INIT("张伟强"), S_INIT("zhangweiqiang") },
        { S_INIT("张伟强"), S_INIT("ZhangWei") },
        { S_INIT("张伟强"), S_INIT("zwq") },
        { S_INIT("李雷"), S_INIT("ll") },
        { S_INIT("李雷"), S_INIT("lilei") },
        { S_INIT("单小龙"), S_INIT("shanxiaolong") }, /* the other reading, as a family name has it */
        { S_INIT("单小龙"), S_INIT("sxl") },
        { S_INIT("欧阳明月"), S_INIT("ouyangmingyue") },
        { S_INIT("阿依古丽·买买提"), S_INIT("阿依古丽买买提") },
        { S_INIT("阿依古丽·买买提"), S_INIT("古丽·买") },
        { S_INIT("天津市好味道餐饮有限公司"), S_INIT("好味道餐饮有限公司") },
        { S_INIT("天津市好味道餐饮有限公司"), S_INIT("hwd") },
        { S_INIT("天津市好味道餐饮有限公司"), S_INIT("hwdcy") },
        { S_INIT("天津ＡＢＣ科技有限公司"), S_INIT("abc") },
        { S_INIT("John Smith"), S_INIT("smith") },
    };
    struct arena a;
    (void)state;
    arena_init(&a, "test", 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!leads(&a, rows[i].name, rows[i].typed)) fail_msg("row %zu is not led to", i);
        if (!gram_fits(&a, rows[i].name, rows[i].typed)) fail_msg("row %zu does not fit", i);
    }
    arena_done(&a);
}

static void test_does_not_find(void **state) {
    static const struct row apart[] = { /* no piece in common */
        { S_INIT("张伟强"), S_INIT("李雷") },
        { S_INIT("张伟强"), S_INIT("zqw") },
        { S_INIT("张伟强"), S_INIT("张强") },
        { S_INIT("张伟强"), S_INIT("张") },
        { S_INIT("张伟强"), S_INIT("z") },
        { S_INIT("天津市好味道餐饮有限公司"), S_INIT("有限公司") },
        { S_INIT("张伟强"), S_INIT("") },
    }, other[] = { /* a piece in common, and yet another name */
        { S_INIT("好味小馆"), S_INIT("hwxz") },
        { S_INIT("张伟强"), S_INIT("zwqq") },
    };
    struct arena a;
    (void)state;
    arena_init(&a, "test", 1 << 20);
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (leads(&a, apart[i].name, apart[i].typed)) fail_msg("row %zu is led to", i);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        assert_true(leads(&a, other[i].name, other[i].typed));
        assert_false(gram_fits(&a, other[i].name, other[i].typed));
    }
    arena_done(&a);
}

/* The longest name there is keeps its first pieces, and no more than there is room for. */
static void test_long(void **state) {
    struct str piece[GRAMS_MAX];
    struct arena a;
    struct buf b;
    (void)state;
    arena_init(&a, "test", 1 << 20);
    buf_init(&b, &a, 64, 4096);
    for (int i = 0; i < 200; i++) buf_add_utf8(&b, (uint32_t)(0x4e00 + i * 7));
    size_t n = gram_index(&a, buf_str(&b), piece);
    assert_true(n > GRAM_CHARS_MAX && n <= GRAMS_MAX);
    assert_true(leads(&a, buf_str(&b), str_sub(buf_str(&b), 0, 12)));
    assert_int_equal(gram_index(&a, S("\xff\xfe"), piece), 0);
    arena_done(&a);
}

/* Where nothing has what was typed: names of the same sound, one character away, one letter away. */
static void test_near(void **state) {
    static const struct {
        struct str name, typed;
        bool near;
    } rows[] = {
        { S_INIT("张小明"), S_INIT("章晓鸣"), true },          { S_INIT("李雷"), S_INIT("里累"), true },
        { S_INIT("张小明"), S_INIT("张大明"), false }, /* no two characters in common: the index would have to know of gaps */
        { S_INIT("张小明"), S_INIT("张小民"), true },          { S_INIT("欧阳明月"), S_INIT("欧阳月明"), true },
        { S_INIT("张小明"), S_INIT("李小强"), false },         { S_INIT("李雷"), S_INIT("李明"), false },
        { S_INIT("张小明"), S_INIT("zhagnxiaoming"), true },   { S_INIT("张小明"), S_INIT("zhanxiaoming"), true },
        { S_INIT("张小明"), S_INIT("zhangxiaomming"), true },  { S_INIT("李雷"), S_INIT("lilai"), true },
        { S_INIT("张小明"), S_INIT("zhangdaming"), false },    { S_INIT("张小明"), S_INIT("x"), false },
        { S_INIT("天津好味道餐饮有限公司"), S_INIT("好未道餐饮"), true },
    };
    struct arena a;
    (void)state;
    arena_init(&a, "test", 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str of_name[GRAMS_MAX], piece[GRAM_NEAR_MAX];
        size_t n = gram_index(&a, rows[i].name, of_name), m = gram_near(&a, rows[i].typed, piece);
        bool led = false;
        for (size_t k = 0; k < m; k++) led |= has(of_name, n, piece[k]);
        if ((led && gram_near_fits(&a, rows[i].name, rows[i].typed, piece, m)) != rows[i].near) fail_msg("row %zu", i);
    }
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near), cmocka_unit_test(test_finds),
        cmocka_unit_test(test_does_not_find),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
