/* gram: see gram.h. Invariant: whatever gram_typed gives of a part of a name (of two characters and
 * more, or its pinyin, or three of its initials and more), gram_index gave of the name, as long as
 * the part does not begin beyond GRAM_CHARS_MAX.
 */
#include "data/gram.h"

#include "base/buf.h"
#include "data/fold.h"
#include "data/near.h"
#include "data/pinyin.h"

#include <string.h>

enum { INITIALS = 3, WHOLE_MAX = 5, PIECE_BYTES_MAX = 64, NEAR_CHARS = 3 };
_Static_assert((int)PINYIN_NEAR_MAX <= (int)GRAM_NEAR_MAX && (int)PINYIN_NEAR_SYLLABLES == (int)WHOLE_MAX, "as names have them");

static bool is_han(int32_t cp) {
    return (cp >= 0x3400 && cp <= 0x9fff) || cp >= 0x20000 || cp == 0x3007;
}

static bool is_letter(int32_t cp) {
    return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') || (cp >= 0xc0 && cp < 0x2000);
}

/* In lower case, full-width letters as their own, only Han, letters and digits. `blank`: what stood
 * between words of letters is one blank; Han goes on over it (买买提·阿依). */
static struct str plain(struct arena *a, struct str s, bool blank) {
    struct buf b;
    bool cut = false, letter = false;
    struct str low = fold_lower(a, s);
    buf_init(&b, a, low.len + 8, low.len * 2 + 8);
    for (size_t at = 0; at < low.len;) {
        int32_t cp = str_utf8_next(low, &at);
        if (cp >= 0xff01 && cp <= 0xff5e) cp -= 0xfee0;
        if (cp >= 'A' && cp <= 'Z') cp += 32;
        if (cp < 0 || (!is_han(cp) && !is_letter(cp))) {
            cut = true;
            continue;
        }
        if (blank && cut && letter && is_letter(cp)) buf_add_char(&b, ' ');
        letter = is_letter(cp), cut = false;
        buf_add_utf8(&b, (uint32_t)cp);
    }
    return buf_str(&b);
}

/* Without what the names of most companies end with. */
static struct str stem(struct str s) {
    /* 有限责任公司 股份有限公司 有限公司 公司: data, not words of ours, so written as code points */
    static const char *const tails[] = { "\u6709\u9650\u8d23\u4efb\u516c\u53f8",
                                         "\u80a1\u4efd\u6709\u9650\u516c\u53f8",
                                         "\u6709\u9650\u516c\u53f8", "\u516c\u53f8" };
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
        if (str_ends(s, str_of(tails[i]))) return str_sub(s, 0, s.len - strlen(tails[i]));
    return s;
}

struct pieces {
    struct arena *a;
    struct str *out;
    size_t n, max;
};

static void add(struct pieces *p, char kind, struct str text) {
    struct str piece = ARENA_CAT(p->a, str_make(&kind, 1), text);
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->out[i], piece)) return;
    if (text.len && text.len <= PIECE_BYTES_MAX && p->n < p->max) p->out[p->n++] = piece;
}

/* The readings of `n` characters one behind the other, or their first letters; a bit of `also` takes
 * the character's other reading. Empty if one has none. */
static struct str spelt(struct arena *a, const int32_t *cp, size_t n, unsigned also, bool initials) {
    struct buf b;
    buf_init(&b, a, 16, 128);
    for (size_t i = 0; i < n; i++) {
        struct str one = pinyin_of(cp[i], also >> i & 1);
        if (one.len == 0) return S("");
        buf_add(&b, initials ? str_sub(one, 0, 1) : one);
    }
    return buf_str(&b);
}

static void add_spelt(struct pieces *p, char kind, const int32_t *cp, size_t n, bool initials) {
    for (unsigned also = 0; also < 1U << n; also++) add(p, kind, spelt(p->a, cp, n, also, initials));
}

static void add_run(struct pieces *p, struct str text, size_t from, size_t to) {
    if (to > from + 1) add(p, 'w', str_sub(text, from, to - from));
}

static void add_letters(struct pieces *p, struct str text) {
    size_t from = 0;
    for (size_t at = 0; at < text.len;) {
        size_t begin = at;
        if (is_letter(str_utf8_next(text, &at))) continue;
        add_run(p, text, from, begin);
        from = at;
    }
    add_run(p, text, from, text.len);
}

static size_t han_of(struct str text, int32_t ret[GRAM_CHARS_MAX]) {
    size_t n = 0;
    for (size_t at = 0; at < text.len && n < GRAM_CHARS_MAX;) {
        int32_t cp = str_utf8_next(text, &at);
        if (is_han(cp)) ret[n++] = cp;
    }
    return n;
}

static void add_two(struct pieces *p, const int32_t *cp) {
    struct buf b;
    buf_init(&b, p->a, 8, 8);
    for (int i = 0; i < 2; i++) buf_add_utf8(&b, (uint32_t)cp[i]);
    add(p, 'h', buf_str(&b));
}

size_t gram_index(struct arena *a, struct str name, struct str ret[GRAMS_MAX]) {
    struct pieces p = { a, ret, 0, GRAMS_MAX };
    int32_t cp[GRAM_CHARS_MAX];
    struct str text = stem(plain(a, name, true));
    size_t n = han_of(text, cp);
    if (n > 2 && n <= WHOLE_MAX) add_spelt(&p, 's', cp, n, false);
    if (n == 2) add_spelt(&p, 'i', cp, n, true);
    add_letters(&p, text);
    for (size_t i = 0; i + 1 < n; i++) {
        add_two(&p, cp + i);
        add_spelt(&p, 's', cp + i, 2, false);
        if (i + INITIALS <= n) add_spelt(&p, 'i', cp + i, INITIALS, true);
    }
    return p.n;
}

size_t gram_typed(struct arena *a, struct str typed, struct str ret[GRAM_TYPED_MAX], bool *all) {
    struct pieces p = { a, ret, 0, GRAM_TYPED_MAX };
    int32_t cp[GRAM_CHARS_MAX];
    struct str text = stem(plain(a, typed, false));
    size_t n = han_of(text, cp);
    *all = n > 0;
    for (size_t i = 0; i + 1 < n; i++) add_two(&p, cp + i);
    if (n || text.len < 2) return p.n;
    add(&p, 's', text);
    add(&p, 'i', str_sub(text, 0, text.len < INITIALS ? text.len : INITIALS));
    add(&p, 'w', text);
    return p.n;
}

bool gram_fits(struct arena *a, struct str name, struct str typed) {
    struct str text = plain(a, name, false), what = plain(a, typed, false);
    if (what.len == 0) return false;
    return str_find(text, what, 0) != SIZE_MAX || pinyin_fits(text, what) != PINYIN_NOT;
}

struct str gram_plain(struct arena *a, struct str s) {
    return plain(a, s, false);
}

size_t gram_near(struct arena *a, struct str typed, struct str ret[GRAM_NEAR_MAX]) {
    struct pieces p = { a, ret, 0, GRAM_NEAR_MAX };
    int32_t cp[GRAM_CHARS_MAX];
    struct str text = stem(plain(a, typed, false)), near[PINYIN_NEAR_MAX];
    size_t n = han_of(text, cp), k = n ? 0 : pinyin_near(a, text, near);
    for (size_t i = 0; i < k; i++) add(&p, 's', near[i]);
    if (n >= 2 && n <= WHOLE_MAX) add_spelt(&p, 's', cp, n, false);
    for (size_t i = 0; n >= NEAR_CHARS && i + 1 < n; i++) add_two(&p, cp + i);
    return p.n;
}

/* Is a part of the text one character from what was typed? */
static bool nearly(struct str text, struct str typed) {
    const size_t n = str_utf8_count(typed);
    for (size_t from = 0; from < text.len;) {
        size_t to = from;
        for (size_t k = 1; k <= n + 1 && to < text.len; k++) {
            (void)str_utf8_next(text, &to);
            if (k + 1 >= n && near_distance(str_sub(text, from, to), typed, 1) <= 1) return true;
        }
        (void)str_utf8_next(text, &from);
    }
    return false;
}

bool gram_near_fits(struct arena *a, struct str name, struct str typed, const struct str *piece, size_t n) {
    const struct str text = plain(a, name, false), what = stem(plain(a, typed, false));
    int32_t cp[GRAM_CHARS_MAX];
    for (size_t i = 0; i < n; i++)
        if (str_starts(piece[i], S("s")) && pinyin_fits(text, str_sub(piece[i], 1, piece[i].len)) != PINYIN_NOT) return true;
    return han_of(what, cp) >= NEAR_CHARS && nearly(text, what);
}
