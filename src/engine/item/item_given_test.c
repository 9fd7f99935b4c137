/* F23: a supplement gives something: words, or a file since it was asked; on both stores. */
#include "engine/item/item.h"

#include "app/city_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void play(const struct city *c, int64_t *id, const char *steps) {
    struct err e = { 0 };
    if (city_fixture_play(c, steps, id, &e)) fail_msg("%s %s", e.field, e.detail);
}

static const char *const asked = CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT
    "  - {who: window-clerk, do: decide, task: intake, move: supplement, opinion: 请标明库房}\n";

static void test_f23_an_empty_supplement_is_refused(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, asked);
    play(c, &id, "  - {who: company, do: supplement, refused: ERR_INPUT}\n"
                 "  - {who: company, do: supplement, opinion: \"  \", refused: ERR_INPUT}\n"
                 "  - {who: company, do: supplement, opinion: 库房在东侧, expect: {state: submitted}}\n");
    /* what was given to an earlier request is no answer to the next */
    play(c, &id, "  - {who: window-clerk, do: decide, task: intake, move: supplement, opinion: 请再标明层高}\n"
                 "  - {who: company, do: supplement, refused: ERR_INPUT}\n"
                 "  - {who: company, do: upload, material: floor-plan}\n"
                 "  - {who: company, do: supplement, expect: {state: submitted}}\n");
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_f23_an_empty_supplement_is_refused) };
    return CITY_FIXTURE_RUN("given", tests);
}
