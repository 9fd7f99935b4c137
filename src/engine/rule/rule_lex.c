/* rule_lex: characters of FEEL: blanks, comments, keywords, names, strings, numbers (DMN 1.5 section 10.3.1.2,
 * rules 27-37). Invariant: see rule_parse.h.
 */
#include "engine/rule/rule_parse.h"

#include <string.h>

void *rule_parse_fail(struct parser *p, const char *what) {
    if (p->rc) return NULL;
    if (arena_overflowed(p->src->arena)) {
        p->rc = err_set(p->src->err, ERR_MEMORY, NULL);
        return NULL;
    }
    uint32_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < p->at && i < p->s.len; i++) {
        if (((unsigned char)p->s.ptr[i] & 0xc0) != 0x80) column++;
        if (p->s.ptr[i] == '\n') line++, column = 1;
    }
    p->rc = err_line(p->src->err, ERR_SYNTAX, S(""), line, "%s (%u:%zu)", what, line, column);
    return NULL;
}

/* The code point at `at` and its size; 0 at the end. */
static int32_t peek(const struct parser *p, size_t at, size_t *size) {
    if (at >= p->s.len) {
        *size = 0;
        return 0;
    }
    unsigned char c = (unsigned char)p->s.ptr[at];
    if (c < 0x80) {
        *size = 1;
        return c;
    }
    size_t next = at;
    int32_t cp = str_utf8_next(p->s, &next);
    *size = next - at;
    return cp;
}

static bool blank(int32_t cp) {
    if (cp < 0x80) return cp == ' ' || (cp >= 9 && cp <= 13);
    return cp == 0x85 || cp == 0xa0 || cp == 0x1680 || cp == 0x180e || (cp >= 0x2000 && cp <= 0x200b) || cp == 0x2028 ||
           cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000 || cp == 0xfeff;
}

bool rule_name_start(int32_t cp) {
    if (cp < 0x80) return (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z') || cp == '_' || cp == '?';
    return cp >= 0xc0 && cp != 0xd7 && cp != 0xf7 && !blank(cp) && (cp < 0x2010 || cp > 0x206f) && (cp < 0x3001
        || cp > 0x3003);
}

bool rule_name_part(int32_t cp) {
    return rule_name_start(cp) || (cp >= '0' && cp <= '9') || cp == 0xb7 || (cp >= 0x203f && cp <= 0x2040);
}

void rule_skip(struct parser *p) {
    size_t size;
    for (;;) {
        int32_t cp = peek(p, p->at, &size);
        if (size && blank(cp)) {
            p->at += size;
        } else if (cp == '/' && p->at + 1 < p->s.len && p->s.ptr[p->at + 1] == '/') {
            size_t end = str_find_char(p->s, '\n', p->at);
            p->at = end == SIZE_MAX ? p->s.len : end;
        } else if (cp == '/' && p->at + 1 < p->s.len && p->s.ptr[p->at + 1] == '*') {
            size_t end = str_find(p->s, S("*/"), p->at + 2);
            if (end == SIZE_MAX) {
                (void)rule_parse_fail(p, "comment without end");
                p->at = p->s.len;
                return;
            }
            p->at = end + 2;
        } else {
            return;
        }
    }
}

bool rule_look(struct parser *p, const char *text) {
    rule_skip(p);
    return str_starts(str_sub(p->s, p->at, p->s.len), str_of(text));
}

bool rule_eat(struct parser *p, const char *text) {
    if (!rule_look(p, text)) return false;
    p->at += strlen(text);
    return true;
}

bool rule_look_word(struct parser *p, const char *word) {
    size_t size;
    if (!rule_look(p, word)) return false;
    return !rule_name_part(peek(p, p->at + strlen(word), &size)) || size == 0;
}

bool rule_eat_word(struct parser *p, const char *word) {
    if (!rule_look_word(p, word)) return false;
    p->at += strlen(word);
    return true;
}

size_t rule_match_name(struct parser *p, struct str name) {
    size_t at = p->at, size;
    if (name.len == 0) return 0;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == ' ') {
            size_t from = at;
            while (blank(peek(p, at, &size)) && size) at += size;
            if (at == from) return 0;
        } else {
            if (at >= p->s.len || p->s.ptr[at] != name.ptr[i]) return 0;
            at++;
        }
    }
    size_t last = name.len - 1;
    while (last && ((unsigned char)name.ptr[last] & 0xc0) == 0x80) last--;
    if (rule_name_part(str_utf8_next(name, &last)) && rule_name_part(peek(p, at, &size)) && size) return 0;
    return at - p->at;
}

bool rule_read_identifier(struct parser *p, struct str *ret) {
    rule_skip(p);
    size_t from = p->at, size;
    if (!rule_name_start(peek(p, p->at, &size)) || size == 0) return false;
    do p->at += size;
    while (rule_name_part(peek(p, p->at, &size)) && size);
    *ret = str_sub(p->s, from, p->at - from);
    return true;
}

static bool keyword(struct str s) {
    static const struct str words[] = { S_INIT("and"), S_INIT("or"), S_INIT("in"), S_INIT("between"),
        S_INIT("instance"),
        S_INIT("then"), S_INIT("else"), S_INIT("return"), S_INIT("satisfies") };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(s, words[i])) return true;
    return false;
}

bool rule_read_plain_name(struct parser *p, struct str *ret) {
    struct str part;
    if (!rule_read_identifier(p, ret)) return false;
    for (int parts = 0; parts < 32; parts++) {
        size_t before = p->at;
        if (!rule_read_identifier(p, &part) || keyword(part)) {
            p->at = before;
            break;
        }
        *ret = ARENA_CAT(p->a, *ret, S(" "), part);
    }
    return true;
}

struct str rule_name_normal(struct arena *a, struct str s) {
    struct buf b;
    buf_init(&b, a, s.len + 1, s.len + 1);
    bool gap = false;
    struct parser p = { .s = s };
    for (size_t at = 0, size; at < s.len; at += size) {
        bool is_blank = blank(peek(&p, at, &size));
        if (!is_blank) {
            if (gap && b.len) buf_add_char(&b, ' ');
            buf_add(&b, str_sub(s, at, size));
        }
        gap = is_blank;
    }
    return buf_str(&b);
}

bool rule_read_until(struct parser *p, const char *ends, struct str *ret) {
    rule_skip(p);
    size_t from = p->at, size;
    if (!rule_name_start(peek(p, p->at, &size)) || size == 0) return false;
    while (p->at < p->s.len && !strchr(ends, p->s.ptr[p->at])) {
        char c = p->s.ptr[p->at];
        if (strchr("\"()[]{}<>=,:;@!|\\", c)) return false;
        p->at++;
    }
    *ret = rule_name_normal(p->a, str_sub(p->s, from, p->at - from));
    return ret->len > 0;
}

static bool read_escape(struct parser *p, struct buf *b) {
    char c = p->at < p->s.len ? p->s.ptr[p->at++] : 0;
    uint64_t cp, low;
    switch (c) {
    case 'n': buf_add_char(b, '\n'); return true;
    case 'r': buf_add_char(b, '\r'); return true;
    case 't': buf_add_char(b, '\t'); return true;
    case '"':
    case '\'':
    case '\\': buf_add_char(b, c); return true;
    case 'u':
    case 'U': break;
    default: /* not an escape of FEEL: both characters stay, as in patterns */
        buf_add_char(b, '\\');
        if (c) buf_add_char(b, c);
        return c != 0;
    }
    size_t n = c == 'u' ? 4 : 6;
    if (p->s.len - p->at < n || !str_hex_to_u64(str_sub(p->s, p->at, n), &cp) || cp > 0x10ffff) return false;
    p->at += n;
    if (cp >= 0xd800 && cp < 0xdc00 && str_starts(str_sub(p->s, p->at, 2), S("\\u")) &&
        str_hex_to_u64(str_sub(p->s, p->at + 2, 4), &low) && low >= 0xdc00 && low < 0xe000) {
        cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
        p->at += 6;
    }
    buf_add_utf8(b, (uint32_t)cp);
    return true;
}

bool rule_read_string(struct parser *p, struct str *ret) {
    struct buf b;
    size_t from = ++p->at;
    while (p->at < p->s.len && p->s.ptr[p->at] != '"' && p->s.ptr[p->at] != '\\') p->at++;
    if (p->at < p->s.len && p->s.ptr[p->at] == '"') {
        *ret = str_sub(p->s, from, p->at++ - from);
        return true;
    }
    buf_init(&b, p->a, 64, RULE_TEXT_BYTES_MAX * 2);
    buf_add(&b, str_sub(p->s, from, p->at - from));
    while (p->at < p->s.len && p->s.ptr[p->at] != '"') {
        if (p->s.ptr[p->at] == '\\') {
            p->at++;
            if (!read_escape(p, &b)) return rule_parse_fail(p, "bad escape") != NULL;
        } else {
            buf_add_char(&b, p->s.ptr[p->at++]);
        }
    }
    if (p->at >= p->s.len) return rule_parse_fail(p, "string without end") != NULL;
    p->at++;
    *ret = buf_str(&b);
    return true;
}

static bool digit_at(const struct parser *p, size_t at) {
    return at < p->s.len && p->s.ptr[at] >= '0' && p->s.ptr[at] <= '9';
}

bool rule_at_number(struct parser *p) {
    rule_skip(p);
    return digit_at(p, p->at) || (p->at < p->s.len && p->s.ptr[p->at] == '.' && digit_at(p, p->at + 1));
}

bool rule_read_number(struct parser *p, struct decimal *ret) {
    size_t from = p->at, at = p->at;
    while (digit_at(p, at)) at++;
    if (at < p->s.len && p->s.ptr[at] == '.' && digit_at(p, at + 1)) {
        at++;
        while (digit_at(p, at)) at++;
    }
    if (at < p->s.len && (p->s.ptr[at] == 'e' || p->s.ptr[at] == 'E')) {
        size_t e = at + 1;
        if (e < p->s.len && (p->s.ptr[e] == '+' || p->s.ptr[e] == '-')) e++;
        if (digit_at(p, e)) {
            while (digit_at(p, e)) e++;
            at = e;
        }
    }
    struct str text = str_sub(p->s, from, at - from);
    if (text.ptr[0] == '.') text = ARENA_CAT(p->a, S("0"), text);
    if (!decimal_parse(text, ret)) return rule_parse_fail(p, "number out of range") != NULL;
    p->at = at;
    return true;
}
