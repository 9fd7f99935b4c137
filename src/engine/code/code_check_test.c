/* code_check_test: the published vectors, and each of them broken in every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/code/code_check.h"

static void citizen_ids(void **state) {
    (void)state;
    static const char *const right[] = { "11010519491231002X", "440524188001010014" };
    for (size_t i = 0; i < 2; i++) {
        struct err e;
        assert_int_equal(code_citizen_id(str_of(right[i]), NULL, &e), 0);
        /* Any single wrong digit is found: of date and area by the check, of the date perhaps before it. */
        for (size_t at = 0; at < 18; at++)
            for (char c = '0'; c <= '9'; c++) {
                char s[19];
                memcpy(s, right[i], 19);
                if (s[at] == c) continue;
                s[at] = c;
                assert_int_not_equal(code_citizen_id(str_of(s), NULL, &e), 0);
            }
        /* So is any swap of neighbours that differ. */
        for (size_t at = 0; at + 1 < 18; at++) {
            char s[19];
            memcpy(s, right[i], 19);
            char c = s[at];
            s[at] = s[at + 1];
            s[at + 1] = c;
            if (strcmp(s, right[i]) != 0) assert_int_not_equal(code_citizen_id(str_of(s), NULL, &e), 0);
        }
    }
    struct code_citizen c;
    assert_int_equal(code_citizen_id(S("11010519491231002X"), &c, NULL), 0);
    assert_int_equal(c.birth.day, civil_of(1949, 12, 31).day);
    assert_int_equal(c.sex, CODE_SEX_FEMALE);
    assert_memory_equal(c.division, "110105", 6);
    assert_int_equal(code_citizen_id(S("440524188001010014"), &c, NULL), 0);
    assert_int_equal(c.sex, CODE_SEX_MALE);
    struct err e;
    assert_int_equal(code_citizen_id(S("110105194912310021"), NULL, &e), ERR_CHECK_DIGIT);
    assert_int_equal(code_citizen_id(S("11010519490229002X"), NULL, &e), ERR_RANGE);
    assert_int_equal(code_citizen_id(S("11010519491231002x"), NULL, &e),
                     ERR_FORMAT); /* code_clean makes it a capital */
    assert_int_equal(code_citizen_id(S(""), NULL, &e), ERR_FORMAT);
    assert_int_equal(code_citizen_id(S("1101051949123100"), NULL, &e), ERR_FORMAT);
}

static void old_ids(void **state) {
    (void)state;
    char out[18];
    struct err e;
    assert_int_equal(code_citizen_id_18(S("110105491231002"), out, &e), 0);
    assert_memory_equal(out, "11010519491231002X", 18);
    assert_int_equal(code_citizen_id_18(S("110105491331002"), out, &e), ERR_RANGE);
    assert_int_equal(code_citizen_id_18(S("11010549123100"), out, &e), ERR_FORMAT);
}

static void credit_codes(void **state) {
    (void)state;
    static const char *const right[] = { "91110000802100433B", "11370800MB28559184", "11330105002500287C",
                                         "12110000400777687U", "11320482014138860P", "11100000000013338W",
                                         "11100000MB03271699", "11410800MB18523953", "113700000045030270",
                                         "91350100M000100Y43" };
    struct err e;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_int_equal(code_uscc(str_of(right[i]), &e), 0);
        char s[19];
        memcpy(s, right[i], 19);
        s[17] = s[17] == '0' ? '1' : '0';
        assert_int_equal(code_uscc(str_of(s), &e), ERR_CHECK_DIGIT);
        assert_int_equal(code_org(str_sub(str_of(right[i]), 8, 9), &e),
                         0); /* the body is an organisation code of its own */
    }
    assert_int_equal(code_uscc(S("9111000080210043IB"), &e), ERR_FORMAT);
    assert_int_equal(code_uscc(S("911100008021004"), &e), ERR_FORMAT);
    assert_int_equal(code_uscc(S("91A10000802100433B"), &e), ERR_FORMAT);
}

static void other_codes(void **state) {
    (void)state;
    struct err e;
    assert_int_equal(code_org_char(S("00001333")), '8');
    assert_int_equal(code_org(S("000013338"), &e), 0);
    assert_int_equal(code_org(S("000013339"), &e), ERR_CHECK_DIGIT);
    assert_int_equal(code_org(S("00001333"), &e), ERR_FORMAT);
    assert_int_equal(code_business_registration(S("110108000000016"), &e), 0);
    char c = code_business_registration_char(S("11010801248728"));
    assert_int_equal(c, '6');
    char s[16] = "11010801248728?";
    s[14] = c;
    assert_int_equal(code_business_registration(str_of(s), &e), 0);
    s[3] = s[3] == '9' ? '8' : (char)(s[3] + 1);
    assert_int_equal(code_business_registration(str_of(s), &e), ERR_CHECK_DIGIT);
    assert_int_equal(code_business_registration(S("1101080124872A5"), &e), ERR_FORMAT);
    assert_int_equal(code_division(S("120101001001"), &e), 0);
    assert_int_equal(code_division(S("120101"), &e), 0);
    assert_int_equal(code_division(S("1201010"), &e), ERR_FORMAT);
    assert_int_equal(code_mobile(S("13800001234"), &e), 0);
    assert_int_equal(code_mobile(S("12800001234"), &e), ERR_FORMAT);
    assert_int_equal(code_mobile(S("1380000123"), &e), ERR_FORMAT);
    assert_int_equal(code_post_code(S("300000"), &e), 0);
    assert_int_equal(code_post_code(S("30000"), &e), ERR_FORMAT);
}

static void names(void **state) {
    (void)state;
    static const char *const right[] = { "张三", "买买提·艾力", "Anna Müller", "〇一" };
    static const char *const wrong[] = {
        "张", "", "张3", " 张三", "张三 ", "<b>张三</b>", "张\n三", "张  三"
    };
    struct err e;
    for (size_t i = 0; i < 4; i++) assert_int_equal(code_person_name(str_of(right[i]), &e), 0);
    for (size_t i = 0; i < 8; i++) assert_int_equal(code_person_name(str_of(wrong[i]), &e), ERR_FORMAT);
}

static void words(void **state) {
    (void)state;
    struct err e;
    assert_true(code_check_known(S("uscc")));
    assert_false(code_check_known(S("usc")));
    assert_int_equal(code_check(S("citizen-id"), S("11010519491231002X"), &e), 0);
    assert_int_equal(code_check(S("date"), S("2026-02-30"), &e), ERR_FORMAT);
    assert_int_equal(code_check(S("date"), S("2026-02-28"), &e), 0);
    assert_int_equal(code_check(S("colour"), S("red"), &e), ERR_DEFECT);
}

static void clean_and_mask(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, "test", 65536);
    assert_true(str_eq(code_clean(&a, S(" １１０１05 19491231-002x ")), S("11010519491231002X")));
    assert_true(str_eq(code_mask(&a, S("person-name"), S("张三")), S("张*")));
    assert_true(str_eq(code_mask(&a, S("person-name"), S("欧阳娜")), S("欧**")));
    assert_true(str_eq(code_mask(&a, S("citizen-id"), S("11010519491231002X")), S("1****************X")));
    assert_true(str_eq(code_mask(&a, S("mobile"), S("13812341234")), S("138****1234")));
    assert_true(str_eq(code_mask(&a, S("mobile"), S("1381234")), S("1*****4")));
    assert_true(str_eq(code_mask(&a, S("address"), S("滨江道 88 号 2 门")), S("滨江道 ** 号 * 门")));
    assert_true(str_eq(code_mask(&a, S("citizen-id"), S("12")), S("1*")));
    assert_true(str_eq(code_mask(&a, S("citizen-id"), S("1")), S("*")));
    assert_int_equal(code_mask(&a, S("person-name"), S("")).len, 0);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(citizen_ids),    cmocka_unit_test(old_ids), cmocka_unit_test(credit_codes),
        cmocka_unit_test(other_codes),    cmocka_unit_test(names),   cmocka_unit_test(words),
        cmocka_unit_test(clean_and_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
