/* str: see str.h. Invariant: no read outside ptr[0..len). */
#include "base/str.h"

#include <string.h>

struct str str_of(const char *cstr) {
    return (struct str){ cstr, cstr ? strlen(cstr) : 0 };
}

struct str str_make(const char *ptr, size_t len) {
    return (struct str){ ptr, len };
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq_nocase(struct str a, struct str b) {
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i])) return false;
    return true;
}

bool str_eq_secret(struct str a, struct str b) {
    if (a.len != b.len) return false;
    unsigned diff = 0;
    for (size_t i = 0; i < a.len; i++) diff |= (unsigned)(unsigned char)a.ptr[i] ^ (unsigned char)b.ptr[i];
    return diff == 0;
}

int str_cmp(struct str a, struct str b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
    if (c) return c;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(struct str s, struct str prefix) {
    return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix) {
    return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, suffix.len), suffix);
}

size_t str_find(struct str s, struct str needle, size_t from) {
    if (needle.len == 0) return from <= s.len ? from : SIZE_MAX;
    while (from < s.len && s.len - from >= needle.len) {
        const char *hit = memchr(s.ptr + from, needle.ptr[0], s.len - from - needle.len + 1);
        if (!hit) return SIZE_MAX;
        if (memcmp(hit, needle.ptr, needle.len) == 0) return (size_t)(hit - s.ptr);
        from = (size_t)(hit - s.ptr) + 1;
    }
    return SIZE_MAX;
}

size_t str_find_char(struct str s, char c, size_t from) {
    if (from >= s.len) return SIZE_MAX;
    const char *hit = memchr(s.ptr + from, c, s.len - from);
    return hit ? (size_t)(hit - s.ptr) : SIZE_MAX;
}

struct str str_sub(struct str s, size_t from, size_t len) {
    if (!s.ptr) return (struct str){ NULL, 0 };
    if (from > s.len) from = s.len;
    if (len > s.len - from) len = s.len - from;
    return (struct str){ s.ptr + from, len };
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct str str_trim(struct str s) {
    while (s.len && is_blank(s.ptr[0])) s.ptr++, s.len--;
    while (s.len && is_blank(s.ptr[s.len - 1])) s.len--;
    return s;
}

bool str_cut(struct str *s, char sep, struct str *head) {
    if (!s->ptr) return false;
    size_t at = str_find_char(*s, sep, 0);
    if (at == SIZE_MAX) {
        *head = *s;
        *s = (struct str){ NULL, 0 };
        return true;
    }
    *head = str_sub(*s, 0, at);
    *s = (struct str){ s->ptr + at + 1, s->len - at - 1 };
    return true;
}

bool str_to_u64(struct str s, uint64_t *ret) {
    uint64_t v = 0;
    if (s.len == 0) return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c < '0' || c > '9') return false;
        if (__builtin_mul_overflow(v, (uint64_t)10, &v)) return false;
        if (__builtin_add_overflow(v, (uint64_t)(c - '0'), &v)) return false;
    }
    *ret = v;
    return true;
}

bool str_to_i64(struct str s, int64_t *ret) {
    bool minus = s.len && s.ptr[0] == '-';
    uint64_t v;
    if (s.len && (minus || s.ptr[0] == '+')) s = str_sub(s, 1, s.len);
    if (!str_to_u64(s, &v)) return false;
    if (v > (uint64_t)INT64_MAX + (minus ? 1u : 0u)) return false;
    *ret = minus ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool str_hex_to_u64(struct str s, uint64_t *ret) {
    uint64_t v = 0;
    if (s.len == 0 || s.len > 16) return false;
    for (size_t i = 0; i < s.len; i++) {
        int d = hex_digit(s.ptr[i]);
        if (d < 0) return false;
        v = v << 4 | (uint64_t)d;
    }
    *ret = v;
    return true;
}

bool str_hex_to_bytes(struct str s, void *bytes, size_t len) {
    unsigned char *out = bytes;
    if (s.len / 2 != len || s.len % 2) return false;
    for (size_t i = 0; i < len; i++) {
        int hi = hex_digit(s.ptr[2 * i]), lo = hex_digit(s.ptr[2 * i + 1]);
        if (hi < 0 || lo < 0) return false;
        out[i] = (unsigned char)(hi << 4 | lo);
    }
    return true;
}

int32_t str_utf8_next(struct str s, size_t *at) {
    const unsigned char *p = (const unsigned char *)s.ptr + *at;
    size_t left = s.len - *at;
    unsigned c = p[0];
    size_t n = c < 0x80 ? 1 : c >= 0xc2 && c <= 0xdf ? 2 : (c & 0xf0) == 0xe0 ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
    static const unsigned char lead_mask[5] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    static const int32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (n == 0 || n > left) {
        *at += 1;
        return -1;
    }
    int32_t cp = (int32_t)(c & lead_mask[n]);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *at += 1;
            return -1;
        }
        cp = cp << 6 | (p[i] & 0x3f);
    }
    if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        *at += 1;
        return -1;
    }
    *at += n;
    return cp;
}

struct str str_utf8_whole(struct str s) {
    size_t behind = s.len; /* the last byte that begins a character */
    while (behind && ((unsigned char)s.ptr[behind - 1] & 0xc0) == 0x80) behind--;
    size_t at = behind ? behind - 1 : 0;
    return behind && str_utf8_next(s, &at) < 0 ? str_sub(s, 0, behind - 1) : s;
}

/* Eight bytes of ASCII at a time: whatever comes in is looked at by this, and all systems at every start. */
bool str_utf8_valid(struct str s) {
    for (size_t at = 0; at < s.len;) {
        uint64_t eight = UINT64_MAX;
        if (s.len - at >= sizeof eight) memcpy(&eight, s.ptr + at, sizeof eight);
        if (!(eight & UINT64_C(0x8080808080808080))) at += sizeof eight;
        else if ((unsigned char)s.ptr[at] < 0x80) at++;
        else if (str_utf8_next(s, &at) < 0) return false;
    }
    return true;
}

size_t str_utf8_count(struct str s) {
    size_t n = 0;
    for (size_t at = 0; at < s.len; n++) (void)str_utf8_next(s, &at);
    return n;
}

uint64_t str_hash(struct str s) {
    uint64_t h = 14695981039346656037u; /* the 64-bit offset basis */
    for (size_t i = 0; i < s.len; i++) h = (h ^ (unsigned char)s.ptr[i]) * 1099511628211u;
    return h;
}
