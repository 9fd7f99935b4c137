/* notify_said: of what mail servers and message centres answer, in their own words and character
 * sets, nothing is kept that names people, and all of it is text.
 */
#include "engine/notify/notify_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *to, *said, *kept;
} answers[] = {
    { "zhang.san@example.com", "250 2.0.0 Ok: queued as 4Bq2Kx1", "250 2.0.0 Ok: queued as 4Bq2Kx1" },
    { "zhang.san@example.com", "550 5.1.1 <zhang.san@example.com>: Recipient address rejected",
      "550 5.1.1 <***>: Recipient address rejected" },
    { "zhang.san@example.com", "550 User Zhang.San unknown", "550 User *** unknown" },
    { "zhang.san@example.com", "550 ZHANG.SAN@EXAMPLE.COM... no; alias li@b.example.",
      "550 ***... no; alias ***." },
    { "zhang.san@example.com", "450 see https://b.example/?who=zhang.san@example.com",
      "450 see https://b.example/?who=***" },
    { "li@example.com", "550 is listed", "550 is listed" }, /* too short to tell from a word */
    { "13800000047", "mailbox of 13800000047, +86-13800000047", "mailbox of ***, ***" },
    { "13800000047", "SMPP status 0x00000058", "SMPP status 0x00000058" },
    { "a@b.example", "550 \xd3\xca\xcf\xe4 \xe9\x82\xae\xe7\xae\xb1", "550  \xe9\x82\xae\xe7\xae\xb1" },
    { "", "@", "***" },
    { "", "...", "..." },
    { "", "", "" },
};

static void test_nobody_is_named(void **state) {
    struct arena a;
    (void)state;
    arena_init(&a, "said", 1 << 20);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        char *kept = arena_cstr(&a, notify_said(&a, str_of(answers[i].to), str_of(answers[i].said)));
        assert_string_equal(kept, answers[i].kept);
    }
    arena_done(&a);
}

/* Cut between characters, wherever the end falls. */
static void test_it_ends_whole(void **state) {
    struct arena a;
    char said[1024];
    (void)state;
    arena_init(&a, "said", 1 << 20);
    for (size_t shift = 0; shift < 4; shift++) {
        memset(said, 'x', shift);
        for (size_t i = 0; i < 100; i++) memcpy(said + shift + 3 * i, "信", 3);
        struct str kept = notify_said(&a, S(""), str_make(said, shift + 300));
        assert_true(str_utf8_valid(kept) && kept.len > 196 && kept.len <= 200);
    }
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_nobody_is_named),
                                        cmocka_unit_test(test_it_ends_whole) };
    return cmocka_run_group_tests_name("notify_said", tests, NULL, NULL);
}
