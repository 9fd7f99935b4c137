/* Tests of qr: the fixed patterns of ISO/IEC 18004, the mask and level in the format bits, and the SVG drawn back to
 * modules. */
#include "data/qr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct arena arena;
static struct err err;

static void assert_finder(const struct qr *q, unsigned x0, unsigned y0) {
    for (unsigned y = 0; y < 7; y++)
        for (unsigned x = 0; x < 7; x++) {
            unsigned ring = x < y ? x : y, far = x > y ? 6 - x : 6 - y;
            unsigned r = ring < far ? ring : far;
            assert_int_equal(q->modules[(y0 + y) * q->size + x0 + x], r != 1);
        }
}

static void test_symbol(void **state) {
    (void)state;
    struct qr q;
    assert_int_equal(qr_make(&arena, S("https://example.cn/v/ABC123"), &q, &err), 0);
    assert_true(q.size >= 21 && (q.size - 17) % 4 == 0);
    assert_finder(&q, 0, 0);
    assert_finder(&q, q.size - 7, 0);
    assert_finder(&q, 0, q.size - 7);
    for (unsigned i = 8; i < q.size - 8; i++) { /* timing patterns, section 6.3.5 */
        assert_int_equal(q.modules[6 * q.size + i], i % 2 == 0);
        assert_int_equal(q.modules[i * q.size + 6], i % 2 == 0);
    }
    /* Format information, section 7.9: the two level bits, unmasked with 10, are 00 for level M. */
    assert_int_equal(q.modules[8 * q.size], 1);
    assert_int_equal(q.modules[8 * q.size + 1], 0);
    struct qr other;
    assert_int_equal(qr_make(&arena, S("https://example.cn/v/ABC124"), &other, &err), 0);
    assert_int_equal(other.size, q.size);
    assert_true(memcmp(other.modules, q.modules, (size_t)q.size * q.size) != 0);
}

/* The number behind the letter `before` at *at. */
static uint64_t number(struct str s, size_t *at, char before) {
    uint64_t v = 0;
    assert_int_equal(s.ptr[(*at)++], before);
    while (s.ptr[*at] >= '0' && s.ptr[*at] <= '9') v = v * 10 + (uint64_t)(s.ptr[(*at)++] - '0');
    return v;
}

static void test_svg(void **state) {
    (void)state;
    struct qr q;
    struct buf b;
    assert_int_equal(qr_make(&arena, S("中文"), &q, &err), 0);
    buf_init(&b, &arena, 0, 1 << 20);
    qr_svg(&b, &q, S("核验\"码\"<"));
    buf_add_char(&b, 0);
    struct str svg = buf_str(&b);
    assert_true(str_find(svg, S("role=\"img\" aria-label=\"核验&quot;码&quot;&lt;\""), 0) != SIZE_MAX);
    uint8_t *drawn = arena_array(&arena, q.size, q.size);
    size_t at = str_find(svg, S(" d=\""), 0) + 4, dark = 0;
    while (svg.ptr[at] == 'M') {
        uint64_t x = number(svg, &at, 'M'), y = number(svg, &at, ' '), w = number(svg, &at, 'h');
        assert_int_equal(number(svg, &at, 'v'), 1);
        assert_true(str_starts(str_sub(svg, at, 2), S("h-")));
        at++;
        assert_int_equal(number(svg, &at, '-'), w);
        assert_int_equal(svg.ptr[at++], 'z');
        for (uint64_t i = 0; i < w; i++) drawn[(y - 4) * q.size + x - 4 + i] = 1;
        dark += w;
    }
    assert_true(dark > 0);
    assert_memory_equal(drawn, q.modules, (size_t)q.size * q.size);
}

static void test_refused(void **state) {
    (void)state;
    struct qr q;
    char *big = arena_alloc(&arena, 3000);
    memset(big, 'a', 3000);
    assert_int_equal(qr_make(&arena, S(""), &q, &err), ERR_INPUT);
    assert_int_equal(qr_make(&arena, S("a\0b"), &q, &err), ERR_INPUT);
    assert_int_equal(qr_make(&arena, str_make(big, 2331), &q, &err), 0);
    assert_int_equal(q.size, 177);
    assert_int_equal(qr_make(&arena, str_make(big, 2332), &q, &err), ERR_LIMIT);
    struct arena tiny;
    arena_init(&tiny, "tiny", 64);
    assert_int_equal(qr_make(&tiny, S("abc"), &q, &err), ERR_MEMORY);
    arena_done(&tiny);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_symbol), cmocka_unit_test(test_svg),
                                        cmocka_unit_test(test_refused) };
    arena_init(&arena, "test", 64 << 20);
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
