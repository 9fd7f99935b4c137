/* fuzz typed: whatever people type where a word, a number, an address or a place in a list belongs. What comes back is valid, within its limits, and, done again,
 * the same.
 */
#include "data/decimal.h"
#include "data/fold.h"
#include "data/gram.h"
#include "data/near.h"
#include "data/pinyin.h"
#include "data/plain.h"
#include "engine/clock/clock.h"
#include "engine/code/code_check.h"
#include "engine/item/item_resume.h"
#include "engine/paper/licence_id.h"
#include "http/smtp.h"
#include "web/list/list.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void words(struct arena *a, struct str s) {
    struct str gram[GRAMS_MAX], typed[GRAM_TYPED_MAX];
    bool all;
    struct str upper = fold_upper(a, s), lower = fold_lower(a, s);
    assert((str_utf8_valid(upper) && str_utf8_valid(lower)) || arena_overflowed(a));
    assert(gram_index(a, s, gram) <= GRAMS_MAX && gram_typed(a, s, typed, &all) <= GRAM_TYPED_MAX);
    (void)gram_fits(a, lower, str_sub(s, 0, s.len / 2));
    assert(near_distance(s, s, 3) == 0 || s.len > NEAR_POINTS_MAX);
    assert(near_distance(s, lower, 3) <= 4 && near_distance(s, lower, 3) == near_distance(lower, s, 3));
    (void)pinyin_fits(s, S("kcg"));
    (void)pinyin_fits(S("开餐馆a1"), lower);
}

static void numbers(struct arena *a, struct str s) {
    static const struct str known[] = { S_INIT("citizen-id"), S_INIT("uscc"), S_INIT("org-code"), S_INIT("business-registration"), S_INIT("division"), S_INIT("mobile"),
                                        S_INIT("post-code"), S_INIT("date"), S_INIT("person-name") };
    struct err e;
    struct decimal d, again;
    struct buf b;
    struct licence_id licence;
    struct clock_limit limit;
    int64_t id, back, key;
    struct str clean = code_clean(a, s);
    assert(str_eq(code_clean(a, clean), clean) || arena_overflowed(a));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int rc = code_check(known[i], clean, &e);
        assert(rc == 0 || rc == ERR_FORMAT || rc == ERR_RANGE || rc == ERR_CHECK_DIGIT);
        assert(str_utf8_valid(code_mask(a, known[i], s)));
    }
    buf_init(&b, a, 64, 4096);
    if (decimal_parse(s, &d)) {
        decimal_write(&b, d);
        assert(decimal_parse(buf_str(&b), &again) && decimal_cmp(d, again) == 0);
    }
    if (item_draft_number_read(a, s, &id)) assert(item_draft_number_read(a, item_draft_number(a, id), &back) && back == id);
    (void)licence_id_parse(s, &licence, &e);
    (void)clock_limit_parse(s, &limit, &e);
    if (list_place_read(s, &key, &id, &e) == 0 && s.len) {
        int64_t key_again, id_again;
        assert(list_place_read(list_place(a, key, id), &key_again, &id_again, &e) == 0 && key_again == key && id_again == id);
    }
}

static void addresses(struct str s) {
    struct str host, port;
    if (smtp_address_ok(s))
        for (size_t i = 0; i < s.len; i++) assert(s.ptr[i] > 0x20 && s.ptr[i] < 0x7f && s.ptr[i] != '<' && s.ptr[i] != '>' && s.ptr[i] != ',');
    if (smtp_server(s, &host, &port)) {
        assert(host.len && port.len && port.len <= 5);
        for (size_t i = 0; i < host.len; i++) assert(host.ptr[i] > 0x20 && host.ptr[i] != '@' && host.ptr[i] != '/');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct arena a;
    struct str in = str_make((const char *)bytes, n < 4096 ? n : 4096);
    arena_init(&a, "fuzz", 8 << 20);
    struct str marked = plain_mark(&a, in);
    assert(str_utf8_valid(marked) && str_eq(plain_mark(&a, marked), marked) && str_utf8_valid(plain_cut(&a, in)));
    words(&a, marked);
    numbers(&a, marked);
    addresses(in);
    arena_done(&a);
    return 0;
}
