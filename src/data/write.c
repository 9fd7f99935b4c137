/* write: see write.h. Every writer copies runs: it looks for the next byte that must change and adds what lies before
 * it in one piece, because most text needs no escape at all.
 *
 * Invariants
 *  1. What a writer escapes is decided by one table per place; UTF-8 is passed on as it is (its validity is the
 *     input's duty).
 *  2. Nothing is removed: each input byte reaches the output, as itself or as its escape.
 */
#include "data/write.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";

/* First byte at or after `at` that HTML gives a meaning: & < > " '. 16 at a time where the machine can. */
static size_t html_special(struct str s, size_t at) {
#ifdef __SSE2__
    for (; s.len - at >= 16; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + at));
        __m128i quotes = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\'')));
        __m128i angles = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('<')), _mm_cmpeq_epi8(v, _mm_set1_epi8('>')));
        __m128i any = _mm_or_si128(_mm_or_si128(quotes, angles), _mm_cmpeq_epi8(v, _mm_set1_epi8('&')));
        int mask = _mm_movemask_epi8(any);
        if (mask) return at + (size_t)__builtin_ctz((unsigned)mask);
    }
#endif
    for (; at < s.len; at++) {
        char c = s.ptr[at];
        if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'') break;
    }
    return at;
}

static void html(struct buf *b, struct str s, bool quotes) {
    size_t from = 0;
    for (size_t at = html_special(s, 0); at < s.len; at = html_special(s, at + 1)) {
        struct str to;
        switch (s.ptr[at]) {
        case '&': to = S("&amp;"); break;
        case '<': to = S("&lt;"); break;
        case '>': to = S("&gt;"); break;
        case '"': to = S("&quot;"); break;
        default: to = S("&#39;"); break;
        }
        if (!quotes && (s.ptr[at] == '"' || s.ptr[at] == '\'')) continue;
        buf_add(b, str_make(s.ptr + from, at - from));
        buf_add(b, to);
        from = at + 1;
    }
    if (from < s.len) buf_add(b, str_make(s.ptr + from, s.len - from));
}

void write_html_text(struct buf *b, struct str s) {
    html(b, s, false);
}

enum script { SCRIPT_OTHER, SCRIPT_HAN, SCRIPT_CJK_MARK, SCRIPT_BETWEEN };

/* Han; punctuation and letters as wide as it; what may stand within Chinese: figures, blanks, stars of a mask, an arrow. */
static enum script script_of(int32_t c) {
    if ((c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff)) return SCRIPT_HAN;
    if ((c >= 0x3000 && c <= 0x303f) || (c >= 0xff01 && c <= 0xffef)) return SCRIPT_CJK_MARK;
    return c == ' ' || c == '-' || c == '*' || c == 0xb7 || c == 0x2192 || (c >= '0' && c <= '9') ? SCRIPT_BETWEEN : SCRIPT_OTHER;
}

/* From `at`, where Han or a mark of its width stands, to behind the last one of the run; `*han`: is there any Han in it? */
static size_t chinese_end(struct str s, size_t at, bool *han) {
    size_t end = at;
    *han = false;
    while (at < s.len) {
        enum script k = script_of(str_utf8_next(s, &at));
        if (k == SCRIPT_OTHER) break;
        if (k == SCRIPT_BETWEEN) continue;
        *han |= k == SCRIPT_HAN;
        end = at;
    }
    return end;
}

void write_html_foreign(struct buf *b, struct str s) {
    size_t from = 0;
    for (size_t at = 0; at < s.len;) {
        size_t here = at;
        bool han = false;
        if ((unsigned char)s.ptr[at] < 0xe3) { /* no Han begins with such a byte */
            at++;
            continue;
        }
        enum script k = script_of(str_utf8_next(s, &at));
        if (k != SCRIPT_HAN && k != SCRIPT_CJK_MARK) continue;
        at = chinese_end(s, here, &han);
        if (!han) continue;
        html(b, str_sub(s, from, here - from), false);
        buf_add(b, S("<bdi lang=\"zh-CN\">"));
        html(b, str_sub(s, here, at - here), false);
        buf_add(b, S("</bdi>"));
        from = at;
    }
    html(b, str_sub(s, from, s.len - from), false);
}

/* A Chinese word is about two characters. */
bool write_is_chinese(struct str s) {
    size_t han = 0, words = 0;
    bool within = false;
    for (size_t at = 0; at < s.len;) {
        int32_t c = str_utf8_next(s, &at);
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        han += script_of(c) == SCRIPT_HAN;
        words += letter && !within;
        within = letter;
    }
    return han > 2 * words;
}

void write_html_attr(struct buf *b, struct str s) {
    html(b, s, true);
}

void write_url_component(struct buf *b, struct str s) {
    size_t from = 0;
    for (size_t at = 0; at < s.len; at++) {
        unsigned char c = (unsigned char)s.ptr[at];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
            c == '_' || c == '~')
            continue;
        char escape[3] = { '%', hex_upper[c >> 4], hex_upper[c & 15] };
        buf_add(b, str_make(s.ptr + from, at - from));
        buf_add(b, str_make(escape, 3));
        from = at + 1;
    }
    if (from < s.len) buf_add(b, str_make(s.ptr + from, s.len - from));
}

void write_csv_field(struct buf *b, struct str s) {
    bool danger = s.len && memchr("=+-@\t\r", s.ptr[0], 6);
    bool quote = false;
    for (size_t i = 0; i < s.len && !quote; i++) quote = memchr("\",\r\n", s.ptr[i], 4) != NULL;
    if (quote) buf_add_char(b, '"');
    if (danger) buf_add_char(b, '\'');
    while (quote) {
        size_t q = str_find_char(s, '"', 0);
        if (q == SIZE_MAX) break;
        buf_add(b, str_sub(s, 0, q + 1));
        buf_add_char(b, '"');
        s = str_sub(s, q + 1, SIZE_MAX);
    }
    buf_add(b, s);
    if (quote) buf_add_char(b, '"');
}

/* Does this byte begin something to escape in a JSON text? `html_safe` adds < > & and the lead byte of U+2028/2029. */
static bool json_special(unsigned char c, bool html_safe) {
    if (c < 0x20 || c == '"' || c == '\\') return true;
    return html_safe && (c == '<' || c == '>' || c == '&' || c == 0xe2);
}

static void json_text(struct buf *b, struct str s, bool html_safe) {
    size_t from = 0;
    buf_add_char(b, '"');
    for (size_t at = 0; at < s.len; at++) {
        unsigned char c = (unsigned char)s.ptr[at];
        if (!json_special(c, html_safe)) continue;
        char escape[6] = { '\\', 'u', '0', '0', hex_lower[c >> 4], hex_lower[c & 15] };
        size_t n = 6, eaten = 1;
        static const char controls[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
        const char *known = memchr(controls, c, sizeof controls - 1);
        if (known) {
            escape[1] = letters[known - controls];
            n = 2;
        } else if (c == 0xe2) {
            if (s.len - at < 3 || (unsigned char)s.ptr[at + 1] != 0x80 || ((unsigned char)s.ptr[at + 2] | 1) != 0xa9)
                continue;
            memcpy(escape, (unsigned char)s.ptr[at + 2] == 0xa8 ? "\\u2028" : "\\u2029", 6);
            eaten = 3;
        }
        buf_add(b, str_make(s.ptr + from, at - from));
        buf_add(b, str_make(escape, n));
        at += eaten - 1;
        from = at + 1;
    }
    if (from < s.len) buf_add(b, str_make(s.ptr + from, s.len - from));
    buf_add_char(b, '"');
}

void write_json_str(struct buf *b, struct str s) {
    json_text(b, s, true);
}

/* The order of UTF-16 code units (RFC 8785 section 3.2.3): that of UTF-8 bytes, but U+E000..U+FFFF come after the
 * surrogates, that is after everything above U+FFFF. */
static int utf16_cmp(struct str a, struct str b) {
    size_t i = 0, n = a.len < b.len ? a.len : b.len;
    while (i < n && a.ptr[i] == b.ptr[i]) i++;
    if (i == n) return a.len < b.len ? -1 : a.len > b.len;
    unsigned char x = (unsigned char)a.ptr[i], y = (unsigned char)b.ptr[i];
    if (x >= 0xf0 && (y == 0xee || y == 0xef)) return -1;
    if (y >= 0xf0 && (x == 0xee || x == 0xef)) return 1;
    return x < y ? -1 : 1;
}

/* The pair with the least key above `last` (or the least of all): selection without memory; maps are small. */
static const struct val_pair *next_pair(const struct val *map, const struct val_pair *last) {
    const struct val_pair *best = NULL;
    for (size_t i = 0; i < map->u.map.n; i++) {
        const struct val_pair *p = &map->u.map.pair[i];
        if (last && utf16_cmp(p->key, last->key) <= 0) continue;
        if (!best || utf16_cmp(p->key, best->key) < 0) best = p;
    }
    return best;
}

static void json(struct buf *b, const struct val *v, bool canonical, unsigned depth);

static void json_map(struct buf *b, const struct val *v, bool canonical, unsigned depth) {
    const struct val_pair *last = NULL;
    for (size_t i = 0; i < v->u.map.n && buf_ok(b); i++) {
        last = canonical ? next_pair(v, last) : &v->u.map.pair[i];
        if (!last) break;
        if (i) buf_add_char(b, ',');
        json_text(b, last->key, !canonical);
        buf_add_char(b, ':');
        json(b, last->value, canonical, depth + 1);
    }
}

enum { WRITE_DEPTH_MAX = 64 }; /* twice what our readers let in; a deeper value is a defect and comes out as null */

static void json(struct buf *b, const struct val *v, bool canonical, unsigned depth) {
    if (!v || depth > WRITE_DEPTH_MAX) {
        buf_add(b, S("null"));
        return;
    }
    switch (v->kind) {
    case VAL_NULL: buf_add(b, S("null")); break;
    case VAL_BOOL: buf_add(b, v->u.b ? S("true") : S("false")); break;
    case VAL_NUM: buf_add(b, v->u.s); break;
    case VAL_STR:
    case VAL_HTML: json_text(b, v->u.s, !canonical); break;
    case VAL_LIST:
        buf_add_char(b, '[');
        for (size_t i = 0; i < v->u.list.n && buf_ok(b); i++) {
            if (i) buf_add_char(b, ',');
            json(b, v->u.list.item[i], canonical, depth + 1);
        }
        buf_add_char(b, ']');
        break;
    case VAL_MAP:
        buf_add_char(b, '{');
        json_map(b, v, canonical, depth);
        buf_add_char(b, '}');
        break;
    }
}

void write_json(struct buf *b, const struct val *v) {
    json(b, v, false, 0);
}

void write_json_canonical(struct buf *b, const struct val *v) {
    json(b, v, true, 0);
}
