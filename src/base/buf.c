/* buf: see buf.h. Invariant: len <= cap <= limit_bytes, and ptr has cap bytes. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buf_init(struct buf *b, struct arena *a, size_t first_bytes, size_t limit_bytes) {
    *b = (struct buf){ .arena = a, .limit_bytes = limit_bytes };
    if (first_bytes > limit_bytes) first_bytes = limit_bytes;
    if (first_bytes) (void)buf_room(b, first_bytes);
}

void buf_clear(struct buf *b) {
    b->len = 0;
    b->overflow = false;
}

bool buf_ok(const struct buf *b) {
    return !b->overflow;
}

struct str buf_str(const struct buf *b) {
    return (struct str){ b->ptr, b->len };
}

char *buf_room(struct buf *b, size_t len) {
    if (b->overflow) return NULL;
    if (len <= b->cap - b->len) return b->ptr + b->len;
    if (len > b->limit_bytes - b->len) goto over;
    size_t cap = b->cap < 64 ? 128 : b->cap * 2;
    if (cap < b->len + len) cap = b->len + len;
    if (cap > b->limit_bytes) cap = b->limit_bytes;
    char *p = arena_alloc(b->arena, cap);
    if (!p) goto over;
    if (b->len) memcpy(p, b->ptr, b->len);
    b->ptr = p;
    b->cap = cap;
    return p + b->len;
over:
    b->overflow = true;
    return NULL;
}

void buf_grew(struct buf *b, size_t len) {
    if (!b->overflow && len <= b->cap - b->len) b->len += len;
}

void buf_add(struct buf *b, struct str s) {
    if (s.len == 0) return;
    char *p = buf_room(b, s.len);
    if (!p) return;
    memcpy(p, s.ptr, s.len);
    b->len += s.len;
}

void buf_add_char(struct buf *b, char c) {
    char *p = buf_room(b, 1);
    if (!p) return;
    *p = c;
    b->len++;
}

void buf_add_digits(struct buf *b, uint64_t v, size_t width) {
    char digit[24];
    size_t at = sizeof digit;
    do digit[--at] = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    while (sizeof digit - at < width && at > 0) digit[--at] = '0';
    buf_add(b, str_make(digit + at, sizeof digit - at));
}

void buf_add_u64(struct buf *b, uint64_t v) {
    buf_add_digits(b, v, 1);
}

void buf_add_i64(struct buf *b, int64_t v) {
    if (v < 0) buf_add_char(b, '-');
    buf_add_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_add_hex(struct buf *b, const void *bytes, size_t len) {
    static const char hex[] = "0123456789abcdef";
    const unsigned char *in = bytes;
    char *p = len > SIZE_MAX / 2 ? NULL : buf_room(b, 2 * len);
    if (!p) return;
    for (size_t i = 0; i < len; i++) *p++ = hex[in[i] >> 4], *p++ = hex[in[i] & 15];
    b->len += 2 * len;
}

void buf_add_utf8(struct buf *b, uint32_t cp) {
    char u[4];
    size_t n;
    if (cp < 0x80) u[0] = (char)cp, n = 1;
    else if (cp < 0x800) u[0] = (char)(0xc0 | cp >> 6), u[1] = (char)(0x80 | (cp & 63)), n = 2;
    else if (cp < 0x10000)
        u[0] = (char)(0xe0 | cp >> 12), u[1] = (char)(0x80 | (cp >> 6 & 63)), u[2] = (char)(0x80 | (cp & 63)), n = 3;
    else
        u[0] = (char)(0xf0 | (cp >> 18 & 7)), u[1] = (char)(0x80 | (cp >> 12 & 63)),
        u[2] = (char)(0x80 | (cp >> 6 & 63)), u[3] = (char)(0x80 | (cp & 63)), n = 4;
    buf_add(b, str_make(u, n));
}

void buf_add_fmt(struct buf *b, const char *format, ...) {
    char small[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n < 0) return;
    if ((size_t)n < sizeof small) {
        buf_add(b, str_make(small, (size_t)n));
        return;
    }
    char *p = buf_room(b, (size_t)n + 1);
    if (!p) return;
    va_start(args, format);
    (void)vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    b->len += (size_t)n;
}
