/* der: the part of X.690 (DER) that signatures need. Reading is strict: definite minimal lengths, low tag numbers,
 * nothing past the end; so what is read has one encoding only, and bytes that were signed are the bytes that are
 * checked.
 */
#include "crypto/suite.h"

#include <string.h>

struct str der(struct arena *a, uint8_t tag, const struct str *pieces, size_t n) {
    struct str none = { NULL, 0 };
    size_t len = 0, head = 2;
    for (size_t i = 0; i < n; i++)
        if (__builtin_add_overflow(len, pieces[i].len, &len)) return none;
    if (len > 0xffffff) return none; /* nothing we sign comes near 16 MiB */
    if (len > 0x7f) head += len > 0xffff ? 3 : len > 0xff ? 2 : 1;
    char *out = arena_alloc(a, head + len);
    if (!out) return none;
    out[0] = (char)tag;
    if (head == 2) {
        out[1] = (char)len;
    } else {
        size_t k = head - 2;
        out[1] = (char)(0x80 | k);
        for (size_t i = 0; i < k; i++) out[2 + i] = (char)(uint8_t)(len >> (8 * (k - 1 - i)));
    }
    size_t at = head;
    for (size_t i = 0; i < n; i++) {
        if (pieces[i].len) memcpy(out + at, pieces[i].ptr, pieces[i].len);
        at += pieces[i].len;
    }
    return str_make(out, at);
}

struct str der_set(struct arena *a, uint8_t tag, struct str *pieces, size_t n) {
    for (size_t i = 1; i < n; i++) { /* a handful of pieces: insertion */
        struct str p = pieces[i];
        size_t j = i;
        for (; j > 0 && str_cmp(pieces[j - 1], p) > 0; j--) pieces[j] = pieces[j - 1];
        pieces[j] = p;
    }
    return der(a, tag, pieces, n);
}

bool der_next(struct str *rest, uint8_t *tag, struct str *body, struct str *whole) {
    struct str s = *rest;
    if (s.len < 2 || ((uint8_t)s.ptr[0] & 0x1f) == 0x1f) return false;
    size_t head = 2, len = (uint8_t)s.ptr[1];
    if (len >= 0x80) {
        size_t k = len & 0x7f;
        if (k == 0 || k > 4 || s.len < 2 + k) return false;
        len = 0;
        for (size_t i = 0; i < k; i++) len = len << 8 | (uint8_t)s.ptr[2 + i];
        if (len < 0x80 || (k > 1 && len >> (8 * (k - 1)) == 0)) return false; /* not minimal */
        head += k;
    }
    if (len > s.len - head) return false;
    *tag = (uint8_t)s.ptr[0];
    *body = str_sub(s, head, len);
    if (whole) *whole = str_sub(s, 0, head + len);
    *rest = str_sub(s, head + len, SIZE_MAX);
    return true;
}

bool der_take(struct str *rest, uint8_t tag, struct str *body) {
    uint8_t got;
    struct str b, copy = *rest;
    if (!der_next(&copy, &got, &b, NULL) || got != tag) return false;
    *rest = copy;
    *body = b;
    return true;
}
