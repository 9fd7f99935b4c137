/* pinyin: see pinyin.h. Invariant: what is typed is matched by the set of its lengths that are
 * spelt so far (a bit each), so that the work is the text's length times PINYIN_TYPED_MAX, whatever
 * is typed.
 */
#include "data/pinyin.h"

#include "data/pinyin_table.h"

static const struct {
    int32_t code_point;
    struct str reading;
} others[] = {
#define PINYIN_ALSO(code_point, reading) { code_point, S_INIT(reading) },
#include "data/pinyin_words.h"
#undef PINYIN_ALSO
};

struct str pinyin_of(int32_t code_point, bool also) {
    if (code_point < PINYIN_FIRST || code_point > PINYIN_LAST) return S("");
    if (!also) return str_of(pinyin_syllable[pinyin_table[code_point - PINYIN_FIRST]]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].code_point == code_point) return others[i].reading;
    return S("");
}

static char letter_of(int32_t cp) {
    if (cp >= 'A' && cp <= 'Z') return (char)(cp - 'A' + 'a');
    return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') ? (char)cp : 0;
}

/* The lengths of `typed` that are spelt once this reading follows those in `so_far`. */
static uint64_t spell(uint64_t so_far, struct str typed, struct str reading) {
    uint64_t next = 0;
    for (size_t at = 0; reading.len && at < typed.len; at++) {
        if (!(so_far >> at & 1) || typed.ptr[at] != reading.ptr[0]) continue;
        next |= UINT64_C(1) << (at + 1);
        if (str_starts(str_sub(typed, at, typed.len), reading))
            next |= UINT64_C(1) << (at + reading.len);
    }
    return next;
}

/* One character more. False: it is passed over. */
static bool step(uint64_t so_far, int32_t cp, struct str typed, uint64_t *next) {
    char letter = letter_of(cp);
    struct str own = letter ? str_make(&letter, 1) : pinyin_of(cp, false);
    if (own.len == 0) return false;
    *next = spell(so_far, typed, own) | (letter ? 0 : spell(so_far, typed, pinyin_of(cp, true)));
    return true;
}

enum pinyin_fit pinyin_fits(struct str text, struct str typed) {
    uint64_t first = 1, within = 0, next, whole;
    bool begun = false;
    enum pinyin_fit best = PINYIN_NOT;
    if (typed.len < 2 || typed.len > PINYIN_TYPED_MAX) return PINYIN_NOT;
    whole = UINT64_C(1) << typed.len;
    for (size_t at = 0; at < text.len;) {
        int32_t cp = str_utf8_next(text, &at);
        uint64_t later = 0;
        if (!step(first, cp, typed, &next)) continue;
        if (begun) (void)step(within | 1, cp, typed, &later);
        bool ended = (first & whole) != 0; /* and yet something follows */
        first = next;
        within = later;
        begun = true;
        if (ended) best = PINYIN_START;
        if (best < PINYIN_WITHIN && (within & whole)) best = PINYIN_WITHIN;
        if (best == PINYIN_START) return best;
    }
    return first & whole ? PINYIN_WHOLE : best;
}

void pinyin_add(struct buf *b, struct str text) {
    for (size_t at = 0; at < text.len;) {
        int32_t cp = str_utf8_next(text, &at);
        char letter = letter_of(cp);
        if (letter) buf_add_char(b, letter);
        else buf_add(b, pinyin_of(cp, false));
    }
}
