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

/* ---- one slip away ---- */

enum { LETTERS = 26, BEGIN_MAX = 64, TEXT_MAX = PINYIN_NEAR_LETTERS + 2 };

struct nearing {
    struct str begins[LETTERS][BEGIN_MAX]; /* the syllables by their first letter */
    size_t n_begins[LETTERS];
    struct arena *a;
    struct str typed;
    struct str *out;
    size_t n, most; /* as many syllables as what was typed has, where it has */
};

static void gather(struct nearing *x) {
    for (const char *const *one = pinyin_syllable; *one; one++) {
        const struct str s = str_of(*one);
        const size_t letter = s.len ? (size_t)(s.ptr[0] - 'a') : LETTERS;
        if (letter < LETTERS && x->n_begins[letter] < BEGIN_MAX) x->begins[letter][x->n_begins[letter]++] = s;
    }
}

/* How many syllables they are, as few as can be; 0: they are none. Of each place a bit for each number that leads to it. */
static size_t syllables(const struct nearing *x, struct str s) {
    size_t least = 1;
    unsigned at[TEXT_MAX + 1] = { 1 };
    for (size_t i = 0; i < s.len; i++) {
        const size_t letter = (size_t)(s.ptr[i] - 'a');
        for (size_t k = 0; at[i] && k < x->n_begins[letter]; k++) {
            const struct str one = x->begins[letter][k];
            if (str_starts(str_sub(s, i, s.len), one)) at[i + one.len] |= at[i] << 1;
        }
    }
    while (least <= PINYIN_NEAR_SYLLABLES && !(at[s.len] >> least & 1)) least++;
    return least <= PINYIN_NEAR_SYLLABLES ? least : 0;
}

/* `drop` letters at a place give way to what is put there. */
static void slip(struct nearing *x, size_t at, size_t drop, const char *put, size_t n_put) {
    char text[TEXT_MAX];
    size_t n = 0;
    for (size_t i = 0; i < at; i++) text[n++] = x->typed.ptr[i];
    for (size_t i = 0; i < n_put; i++) text[n++] = put[i];
    for (size_t i = at + drop; i < x->typed.len; i++) text[n++] = x->typed.ptr[i];
    const struct str s = str_make(text, n);
    const size_t count = x->n < PINYIN_NEAR_MAX && !str_eq(s, x->typed) ? syllables(x, s) : 0;
    if (count < 2 || count > x->most) return;
    for (size_t i = 0; i < x->n; i++)
        if (str_eq(x->out[i], s)) return;
    x->out[x->n++] = arena_str(x->a, s);
}

size_t pinyin_near(struct arena *a, struct str typed, struct str ret[PINYIN_NEAR_MAX]) {
    struct nearing *x = arena_new(a, struct nearing);
    if (!x || typed.len < 3 || typed.len > PINYIN_NEAR_LETTERS) return 0;
    for (size_t i = 0; i < typed.len; i++)
        if (typed.ptr[i] < 'a' || typed.ptr[i] > 'z') return 0;
    x->a = a, x->typed = typed, x->out = ret;
    gather(x);
    const size_t as_typed = syllables(x, typed);
    x->most = as_typed > 1 ? as_typed : PINYIN_NEAR_SYLLABLES;
    for (size_t i = 0; i + 1 < typed.len; i++) slip(x, i, 2, (const char[]){ typed.ptr[i + 1], typed.ptr[i] }, 2);
    for (size_t i = 0; i < typed.len; i++) slip(x, i, 1, "", 0);
    for (size_t i = 0; i <= typed.len; i++)
        for (char c = 'a'; c <= 'z'; c++) slip(x, i, 0, &c, 1);
    for (size_t i = 0; i < typed.len; i++)
        for (char c = 'a'; c <= 'z'; c++) slip(x, i, 1, &c, 1);
    return x->n;
}
