/* token: see token.h. Invariant: terms are valid UTF-8 of letters and digits only, so that they need no quoting in
 * either store. */
#include "store/token.h"

#include <stdlib.h>
#include <string.h>

struct tokens {
    struct arena *arena;
    struct str *term;
    size_t n, cap, max;
    bool query;
    char word[TOKEN_BYTES_MAX];
    size_t word_len;
    bool word_full;
    char han[8]; /* the Han character before this one; empty: none */
    size_t han_len;
    bool han_paired;
};

static bool is_han(int32_t c) {
    return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0x20000 && c <= 0x3ffff) || c == 0x3007;
}

/* ASCII for the full-width forms (Unicode block FF00), lower case for Latin, Greek and Cyrillic; other characters
 * as they are. */
static int32_t fold(int32_t c) {
    if (c >= 0xff01 && c <= 0xff5e) c -= 0xfee0;
    if (c >= 'A' && c <= 'Z') return c + 32;
    if (c < 0xc0) return c;
    if (c <= 0xde && c != 0xd7) return c + 32;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177)) return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return c & 1 ? c + 1 : c;
    if (c >= 0x391 && c <= 0x3a9) return c + 32;
    if (c >= 0x410 && c <= 0x42f) return c + 32;
    if (c >= 0x400 && c <= 0x40f) return c + 80;
    return c;
}

/* Letters and digits beyond ASCII by exclusion of the blocks that hold none. */
static bool is_word(int32_t c) {
    if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c < 0xc0) return c == 0xaa || c == 0xb5 || c == 0xba;
    if (c == 0xd7 || c == 0xf7) return false;
    if (c >= 0x2000 && c <= 0x2bff) return false;  /* punctuation, symbols, arrows, drawing */
    if (c >= 0x2e00 && c <= 0x303f) return false;  /* punctuation, radicals, CJK marks */
    if (c >= 0xd800 && c <= 0xf8ff) return false;  /* surrogates, private use */
    if (c >= 0xfe00 && c <= 0xfe6f) return false;  /* variation selectors, small forms */
    if (c >= 0xff00 && c <= 0xff65) return false;  /* what fold left of the full-width forms */
    return c < 0xfff0 || (c >= 0x10000 && c < 0x1f000);
}

static void add(struct tokens *t, struct str term) {
    if (t->n == t->max) return;
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 64;
        struct str *grown = arena_array(t->arena, cap, sizeof *grown);
        if (!grown) return;
        if (t->n) memcpy(grown, t->term, t->n * sizeof *grown);
        t->term = grown;
        t->cap = cap;
    }
    term = arena_str(t->arena, term);
    if (term.len) t->term[t->n++] = term;
}

static void end_word(struct tokens *t) {
    if (t->word_len) add(t, str_make(t->word, t->word_len));
    t->word_len = 0;
    t->word_full = false;
}

static void end_han(struct tokens *t) {
    if (t->han_len && t->query && !t->han_paired) add(t, str_make(t->han, t->han_len));
    t->han_len = 0;
    t->han_paired = false;
}

static void take_han(struct tokens *t, struct str c) {
    if (!t->query) add(t, c);
    if (t->han_len) {
        char two[16];
        memcpy(two, t->han, t->han_len);
        memcpy(two + t->han_len, c.ptr, c.len);
        add(t, str_make(two, t->han_len + c.len));
        t->han_paired = true;
    }
    memcpy(t->han, c.ptr, c.len);
    t->han_len = c.len;
}

static void take_letter(struct tokens *t, int32_t c) {
    char out[4];
    size_t n = 0;
    if (c < 0x80) out[n++] = (char)c;
    else if (c < 0x800) out[n++] = (char)(0xc0 | c >> 6), out[n++] = (char)(0x80 | (c & 63));
    else if (c < 0x10000)
        out[n++] = (char)(0xe0 | c >> 12), out[n++] = (char)(0x80 | (c >> 6 & 63)), out[n++] = (char)(0x80 | (c & 63));
    else
        out[n++] = (char)(0xf0 | c >> 18), out[n++] = (char)(0x80 | (c >> 12 & 63)),
        out[n++] = (char)(0x80 | (c >> 6 & 63)), out[n++] = (char)(0x80 | (c & 63));
    if (t->word_full || t->word_len + n > sizeof t->word) {
        t->word_full = true;
        return;
    }
    memcpy(t->word + t->word_len, out, n);
    t->word_len += n;
}

static int by_bytes(const void *a, const void *b) {
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static struct str *tokens_of(struct tokens *t, struct str text, size_t *n) {
    for (size_t at = 0; at < text.len && t->n < t->max;) {
        size_t from = at;
        int32_t c = str_utf8_next(text, &at);
        if (c >= 0 && is_han(c)) {
            end_word(t);
            take_han(t, str_sub(text, from, at - from));
            continue;
        }
        end_han(t);
        c = fold(c);
        if (c >= 0 && is_word(c)) take_letter(t, c);
        else end_word(t);
    }
    end_word(t);
    end_han(t);
    if (t->n) qsort(t->term, t->n, sizeof *t->term, by_bytes);
    size_t kept = 0;
    for (size_t i = 0; i < t->n; i++)
        if (kept == 0 || !str_eq(t->term[kept - 1], t->term[i])) t->term[kept++] = t->term[i];
    *n = kept;
    return kept ? t->term : NULL;
}

struct str *token_index(struct arena *a, struct str text, size_t *n) {
    struct tokens t = { .arena = a, .max = TOKENS_MAX };
    return tokens_of(&t, text, n);
}

struct str *token_query(struct arena *a, struct str text, size_t *n) {
    struct tokens t = { .arena = a, .max = TOKEN_QUERY_MAX, .query = true };
    return tokens_of(&t, text, n);
}
