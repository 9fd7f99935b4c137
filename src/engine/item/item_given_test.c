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

/* While one department asks for a supplement, nothing is given for another, which may have decided by then. */
static void test_a_supplement_is_for_who_asked(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, CITY_SHOP_APPLY CITY_SHOP_ANSWERS("120101", "260", "'1'", "no", "yes"));
    play(c, &id, "  - {who: company, do: upload, material: floor-plan}\n"
                 "  - {who: company, do: upload, material: health-certificate}\n"
                 "  - {who: company, do: upload, material: fire-statement}\n"
                 "  - {who: company, do: answer, page: sign, with: {sign_width: '300', sign_height: '80'}}\n"
                 "  - {who: company, do: upload, material: sign-picture}\n" CITY_SHOP_SUBMIT
                 "  - {who: window-clerk, do: decide, task: intake, move: accept}\n"
                 "  - {who: food, do: decide, task: survey, move: pass, opinion: 符合要求}\n" CITY_BIG_SURVEYED
                 "  - {who: sign, do: decide, task: sign_review, move: approve}\n"
                 "  - {who: fire, do: decide, task: fire_review, move: supplement, opinion: 请标明出口}\n"
                 "  - {who: company, do: upload, material: sign-picture, refused: ERR_STATE}\n"
                 "  - {who: company, do: upload, material: fire-statement}\n"
                 "  - {who: company, do: supplement, expect: {state: accepted}}\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f23_an_empty_supplement_is_refused),
        cmocka_unit_test(test_a_supplement_is_for_who_asked),
    };
    return CITY_FIXTURE_RUN("given", tests);
}
