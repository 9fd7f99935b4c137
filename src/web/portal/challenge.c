/* challenge: a simple question in words before something may be asked without signing in (A12). Plain text that a screen reader reads;
 * two kinds, of which the person may choose the other: a small sum, or a word of a kind. No cookie, no script: the form carries what
 * proves the right answer, sealed with our key.
 * Invariants: what the form carries does not tell the answer, holds for CHALLENGE_MS, and is worth one try (the caller notes its
 * number as used). A wrong answer costs nobody's tries.
 */
#include "web/portal/portal.h"
#include "web/user.h"

#include "data/fold.h"
#include "engine/code/code_check.h"
#include "os/os.h"

enum { CHALLENGE_MS = 10 * 60 * 1000, NUMBERS = 19, WORDS = 6, ANSWER_BYTES_MAX = 60 };

static const struct str numbers[NUMBERS] = {
    S_INIT("零"),   S_INIT("一"),   S_INIT("二"),   S_INIT("三"),   S_INIT("四"),   S_INIT("五"),   S_INIT("六"),
    S_INIT("七"),   S_INIT("八"),   S_INIT("九"),   S_INIT("十"),   S_INIT("十一"), S_INIT("十二"), S_INIT("十三"),
    S_INIT("十四"), S_INIT("十五"), S_INIT("十六"), S_INIT("十七"), S_INIT("十八"),
};
static const struct str fruits[WORDS] = { S_INIT("苹果"), S_INIT("香蕉"), S_INIT("葡萄"),
                                          S_INIT("西瓜"), S_INIT("桃子"), S_INIT("草莓") };
static const struct str things[WORDS] = { S_INIT("桌子"), S_INIT("石头"), S_INIT("窗户"),
                                          S_INIT("铅笔"), S_INIT("毛巾"), S_INIT("雨伞") };

static unsigned draw(unsigned n) {
    uint8_t b;
    os_random(&b, 1);
    return b % n;
}

static struct str proof(struct page *p, struct str answer, struct str expiry, struct str nonce) {
    struct digest d;
    const struct str parts[] = { S("challenge\n"), answer, S("\n"), expiry, S("\n"), nonce };
    mac(page_realm(p)->keys.suite, page_realm(p)->keys.token, parts, sizeof parts / sizeof *parts, &d);
    return crypto_base64url(p->req->arena, str_make((const char *)d.v, DIGEST_BYTES));
}

/* The question, and the answer as `canonical` gives it. */
static struct str ask_sum(struct page *p, struct str *answer) {
    unsigned x = 1 + draw(9), y = 1 + draw(9);
    struct val *args = val_map(p->a);
    val_put_str(p->a, args, S("a"), page_text(p, numbers[x]));
    val_put_str(p->a, args, S("b"), page_text(p, numbers[y]));
    *answer = arena_fmt(p->a, "%u", x + y);
    return po_fill(p->a, page_text(p, S("{a}加{b}等于几？")), args);
}

static struct str ask_word(struct page *p, struct str *answer) {
    static const char *const names[] = { "a", "b", "c" };
    struct val *args = val_map(p->a);
    unsigned place = draw(3), thing = draw(WORDS);
    *answer = fruits[draw(WORDS)];
    for (unsigned i = 0; i < 3; i++)
        val_put_str(p->a, args, str_of(names[i]), page_text(p, i == place ? *answer : things[(thing + i) % WORDS]));
    return po_fill(p->a, page_text(p, S("“{a}”“{b}”“{c}”里，哪一个是水果？")), args);
}

void portal_challenge_put(struct page *p, bool word) {
    struct val *v = portal_put_map(p, S("challenge"));
    struct str answer, question = word ? ask_word(p, &answer) : ask_sum(p, &answer);
    struct str expiry = arena_i64(p->a, os_now_ms() + CHALLENGE_MS);
    uint8_t bytes[12];
    os_random(bytes, sizeof bytes);
    struct str nonce = crypto_base64url(p->req->arena, str_make((const char *)bytes, sizeof bytes));
    val_put_str(p->a, v, S("question"), question);
    val_put_str(p->a, v, S("proof"), ARENA_CAT(p->a, expiry, S("."), nonce, S("."), proof(p, answer, expiry, nonce)));
}

/* "９", "九", "nine" are 9; "apple" is 苹果. Anything else is itself, and no answer. */
static struct str canonical(struct page *p, struct str typed) {
    struct arena *a = p->req->arena;
    struct str clean = fold_lower(a, code_clean(a, str_sub(typed, 0, ANSWER_BYTES_MAX)));
    for (unsigned i = 0; i < NUMBERS; i++) {
        struct str digits = arena_fmt(a, "%u", i);
        if (str_eq(clean, digits) || str_eq(clean, numbers[i]) || str_eq(clean, page_text(p, numbers[i]))) return digits;
    }
    for (unsigned i = 0; i < WORDS; i++)
        if (str_eq(clean, fruits[i]) || str_eq(clean, page_text(p, fruits[i]))) return fruits[i];
    return clean;
}

bool portal_challenge_right(struct page *p, struct str *ret_nonce) {
    struct str rest = page_in(p, S("challenge")), expiry, nonce;
    int64_t until;
    if (!str_cut(&rest, '.', &expiry) || !str_cut(&rest, '.', &nonce) || !str_to_i64(expiry, &until)) return false;
    if (until < os_now_ms() || !str_eq_secret(rest, proof(p, canonical(p, page_in(p, S("answer"))), expiry, nonce))) return false;
    *ret_nonce = nonce;
    return true;
}
