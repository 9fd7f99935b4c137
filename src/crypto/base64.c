/* base64: base64url without padding (RFC 4648 section 5). Invariant: decoding accepts exactly what encoding writes
 * (no padding, no blanks, unused bits zero), so that two texts never stand for the same bytes.
 */
#include "crypto/crypto.h"

static const char alphabet[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct str crypto_base64url(struct arena *a, struct str bytes) {
    size_t whole = bytes.len / 3, rest = bytes.len % 3;
    if (whole > SIZE_MAX / 8) return (struct str){ NULL, 0 };
    size_t n = whole * 4 + (rest ? rest + 1 : 0), at = 0;
    char *out = arena_alloc(a, n + 1);
    if (!out) return (struct str){ NULL, 0 };
    for (size_t i = 0; i < bytes.len; i += 3) {
        uint32_t v = 0;
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        for (size_t j = 0; j < 3; j++) v = v << 8 | (j < have ? (uint8_t)bytes.ptr[i + j] : 0u);
        for (size_t j = 0; j <= have; j++) out[at++] = alphabet[v >> (18 - 6 * j) & 63];
    }
    return str_make(out, n);
}

static int digit_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool crypto_base64url_decode(struct arena *a, struct str text, struct str *ret) {
    size_t rest = text.len % 4;
    if (rest == 1) return false;
    size_t n = text.len / 4 * 3 + (rest ? rest - 1 : 0), at = 0;
    char *out = arena_alloc(a, n + 1);
    if (!out) return false;
    uint32_t v = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        int d = digit_of(text.ptr[i]);
        if (d < 0) return false;
        v = (v << 6 | (uint32_t)d) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[at++] = (char)(uint8_t)(v >> bits);
        }
    }
    if (v & ((1u << bits) - 1)) return false;
    *ret = str_make(out, n);
    return true;
}
