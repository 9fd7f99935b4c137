/* list_few: rows in hand, page by page, forwards and back, in either direction: each row once, whichever way one goes. */
#include "web/list/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 23, PAGE = 5 };

static int by_number(const struct list_run *l, const struct val *x, const struct val *y) {
    int64_t a = val_get_i64(x, S("n"), 0), b = val_get_i64(y, S("n"), 0);
    (void)l;
    return a < b ? -1 : a > b;
}

/* As list.c asks for a page: the numbers of its rows. */
static size_t page_of(struct arena *a, bool back, struct str place, int64_t out[PAGE], struct str *first, struct str *last) {
    struct page p = { .a = a };
    struct list_run l = { .back = back, .place = place, .max = PAGE };
    struct val *all = val_list(a);
    for (int i = 0; i < ROWS; i++) { /* in no order */
        struct val *v = val_map(a);
        val_put_i64(a, v, S("n"), (i * 7) % ROWS);
        val_push(a, all, v);
    }
    assert_int_equal(list_few(&p, &l, all, by_number, NULL), 0);
    assert_int_equal(l.total, ROWS);
    size_t n = val_count(l.rows);
    for (size_t i = 0; i < n; i++) out[i] = val_get_i64(val_item(l.rows, i), S("n"), -1);
    if (n) *first = val_get_str(val_item(l.rows, 0), S("place")), *last = val_get_str(val_item(l.rows, n - 1), S("place"));
    return n;
}

static void test_every_row_once_both_ways(void **state) {
    struct arena a;
    (void)state;
    arena_init(&a, "list", 16 << 20);
    for (int back = 0; back < 2; back++) {
        struct str first = S(""), last = S(""), before = S("");
        int64_t seen[PAGE];
        int next = 0;
        for (size_t n; (n = page_of(&a, back, last, seen, &first, &last)) > 0;)
            for (size_t i = 0; i < n; i++, next++) assert_int_equal(seen[i], back ? ROWS - 1 - next : next);
        assert_int_equal(next, ROWS);
        /* back from the last page: the other way round, behind its first row */
        before = first;
        for (next -= ROWS % PAGE; next > 0; before = last) {
            assert_int_equal(page_of(&a, !back, before, seen, &first, &last), PAGE);
            for (size_t i = 0; i < PAGE; i++) next--, assert_int_equal(seen[i], back ? ROWS - 1 - next : next);
        }
        assert_int_equal(page_of(&a, !back, before, seen, &first, &last), 0);
    }
    struct page p = { .a = &a };
    struct list_run wrong = { .place = S("no place"), .max = PAGE };
    assert_int_equal(list_few(&p, &wrong, val_list(&a), by_number, NULL), ERR_NOT_FOUND);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_row_once_both_ways) };
    return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
