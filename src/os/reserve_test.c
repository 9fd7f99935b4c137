/* Tests of reserve, in a child whose memory has ended: blocks are handed out, grow, come back and run out; before that, none is touched. */
#include "os/memory_fixture.h"
#include "os/reserve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *before;

static void begin(void) {
    before = reserve_malloc(100);
    memcpy(before, "kept", 5);
}

static int child(void) {
    char *p[RESERVE_BLOCKS];
    for (size_t i = 0; i < RESERVE_BLOCKS; i++)
        if (!(p[i] = reserve_malloc(1 + i))) return 1;
    if (reserve_malloc(1)) return 2; /* all are out */
    if (reserve_realloc(p[0], RESERVE_BLOCK_BYTES) != p[0]) return 3;
    if (reserve_realloc(p[0], RESERVE_BLOCK_BYTES + 1)) return 4; /* and what it has stays */
    reserve_free(p[7]);
    char *grown = reserve_realloc(before, 4000); /* out of malloc's hands into a block */
    if (!grown || strcmp(grown, "kept") != 0) return 5;
    for (size_t i = 0; i < RESERVE_BLOCKS; i++)
        if (i != 7) reserve_free(p[i]);
    reserve_free(grown);
    char *again = reserve_malloc(4096);
    if (!again || again[0] || again[4095]) return 6; /* wiped */
    return reserve_malloc(RESERVE_BLOCK_BYTES + 1) ? 7 : 0;
}

static void blocks_when_memory_has_ended(void **state) {
    (void)state;
    int code = memory_ended(begin, child);
    if (code == -1) skip();
    assert_int_equal(code, 0);
}

static void malloc_first(void **state) {
    (void)state;
    char *p = reserve_malloc(10);
    assert_non_null(p);
    p = reserve_realloc(p, 100000);
    assert_non_null(p);
    reserve_free(p);
    assert_null(reserve_realloc(reserve_realloc(NULL, 8), 0));
    reserve_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(blocks_when_memory_has_ended), cmocka_unit_test(malloc_first) };
    return cmocka_run_group_tests_name("reserve", tests, NULL, NULL);
}
