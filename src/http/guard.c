/* guard: see guard.h. libmicrohttpd is lenient where RFC 9112 leaves a choice: it takes a bare LF as a line end, joins
 * folded fields and cuts a value at a NUL, and tells us nothing of it. But it parses in place: method, target, version,
 * names and values all stay where they were received, and it says how long the head was. So the head can be measured:
 * between two pieces there must be exactly the separators that a strict message has. One byte less is a bare LF; a
 * folded value was moved elsewhere; a NUL leaves a gap. No byte outside the pieces' own extent is trusted, only
 * distances.
 *
 * Invariants: pure; every loop ends with its input; what is not explicitly allowed is refused.
 */
#include "http/guard.h"

#include <string.h>

enum { CR_LF = 2, PATH_SEGMENTS_MAX = 64 };

static bool is_blank_run(const char *from, const char *to) {
    for (; from < to; from++)
        if (*from != ' ' && *from != '\t') return false;
    return true;
}

bool guard_lines(const struct guard_layout *l) {
    const uintptr_t start = (uintptr_t)l->method, end = start + l->header_bytes;
    if ((uintptr_t)l->target != start + l->method_len + 1) return false;
    if ((uintptr_t)l->version != (uintptr_t)l->target + l->target_len + 1) return false;
    uintptr_t next = (uintptr_t)l->version + strlen("HTTP/1.1") + CR_LF;
    for (size_t i = 0; i < l->n_fields; i++) {
        const struct http_field *f = &l->fields[i];
        uintptr_t value = (uintptr_t)f->value.ptr, colon = next + f->name.len;
        if ((uintptr_t)f->name.ptr != next || value <= colon || value > end || f->value.len > end - value) return false;
        if (!is_blank_run(f->name.ptr + f->name.len + 1, f->value.ptr)) return false;
        next = value + f->value.len + CR_LF;
    }
    return next + CR_LF == end;
}

/* What a byte may be part of, looked up since every byte of every head is asked. */
enum { IN_TOKEN = 1, IN_VALUE = 2, IN_TARGET = 4 };
#define ALL (IN_TOKEN | IN_VALUE | IN_TARGET)
#define BOTH (IN_VALUE | IN_TARGET)
static const uint8_t class[256] = {
    ['\t'] = IN_VALUE,     [' '] = IN_VALUE,     ['!'] = ALL,          ['"'] = BOTH,         ['#'] = IN_TOKEN | IN_VALUE,
    ['$' ... '\''] = ALL,  ['(' ... ')'] = BOTH, ['*' ... '+'] = ALL,  [','] = BOTH,         ['-' ... '.'] = ALL,
    ['/'] = BOTH,          ['0' ... '9'] = ALL,  [':' ... '@'] = BOTH, ['A' ... 'Z'] = ALL,  ['[' ... ']'] = BOTH,
    ['^' ... 'z'] = ALL,   ['{'] = BOTH,         ['|'] = ALL,          ['}'] = BOTH,         ['~'] = ALL,
    [0x80 ... 0xff] = IN_VALUE, /* obs-text; '#' begins a fragment, which is no part of a target */
};
#undef ALL
#undef BOTH

static bool all_in(struct str s, uint8_t what) {
    for (size_t i = 0; i < s.len; i++)
        if (!(class[(unsigned char)s.ptr[i]] & what)) return false;
    return true;
}

/* host [":" port] of RFC 3986 section 3.2, without user information. */
static bool is_host(struct str s) {
    if (s.len == 0 || s.len > 255) return false;
    size_t i = 0;
    if (s.ptr[0] == '[') {
        while (++i < s.len && s.ptr[i] != ']')
            if (!strchr("0123456789abcdefABCDEF:.", s.ptr[i])) return false;
        if (i++ >= s.len) return false;
    } else {
        for (; i < s.len && s.ptr[i] != ':'; i++) {
            char c = s.ptr[i];
            if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
                  c == '_'))
                return false;
        }
        if (i == 0) return false;
    }
    if (i == s.len) return true;
    if (s.ptr[i++] != ':' || i == s.len || s.len - i > 5) return false;
    for (; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    return true;
}

static bool is_length(struct str s, uint64_t *ret) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false; /* no sign, no list */
    return s.len > 0 && str_to_u64(s, ret);
}

int guard_fields(const struct http_field *fields, size_t n, bool version_1_1, struct str *ret_host,
                 uint64_t *ret_length) {
    size_t hosts = 0, lengths = 0, codings = 0;
    bool chunked = false, expects = false;
    *ret_host = (struct str){ NULL, 0 };
    *ret_length = 0;
    for (size_t i = 0; i < n; i++) {
        struct str name = fields[i].name, value = fields[i].value;
        if (name.len == 0 || !all_in(name, IN_TOKEN) || !all_in(value, IN_VALUE))
            return 400; /* RFC 9110 sections 5.1, 5.5 */
        switch (name.len) {
        case sizeof "Host" - 1:
            if (!str_eq_nocase(name, S("Host"))) break;
            if (hosts++ || !is_host(value)) return 400;
            *ret_host = value;
            break;
        case sizeof "Content-Length" - 1:
            if (str_eq_nocase(name, S("Content-Length")) && (lengths++ || !is_length(value, ret_length))) return 400;
            break;
        case sizeof "Transfer-Encoding" - 1:
            if (!str_eq_nocase(name, S("Transfer-Encoding"))) break;
            codings++;
            chunked = str_eq_nocase(value, S("chunked"));
            break;
        case sizeof "Expect" - 1:
            if (!str_eq_nocase(name, S("Expect"))) break;
            if (!str_eq_nocase(value, S("100-continue"))) return 400;
            expects = true;
            break;
        case sizeof "Content-Encoding" - 1:
            if (str_eq_nocase(name, S("Content-Encoding"))) return 400; /* nobody here would decode it */
            break;
        default: break;
        }
    }
    if (version_1_1 && hosts == 0) return 400;
    if (codings && (codings > 1 || lengths || !chunked || !version_1_1)) return 400;
    /* RFC 9110 section 10.1.1: only with a body. libmicrohttpd would say 100 and cut. */
    if (expects && !codings && *ret_length == 0) return 400;
    /* Bodies are framed by one Content-Length and by nothing else: see docs/decisions on framing (RFC 9112
     * section 6.3). */
    return codings ? 411 : 0;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Once only; refuses encoded controls, slashes and backslashes, which another server might decode or not. */
static bool decode_path(struct arena *a, struct str raw, struct str *ret) {
    char *out = arena_alloc(a, raw.len + 1);
    size_t n = 0;
    int seen = 0;
    if (!out) return false;
    for (size_t i = 0; i < raw.len; i++) {
        int c = (unsigned char)raw.ptr[i];
        if (c == '%') {
            if (raw.len - i < 3) return false;
            int high = hex_digit(raw.ptr[i + 1]), low = hex_digit(raw.ptr[i + 2]);
            if (high < 0 || low < 0) return false;
            c = high * 16 + low;
            i += 2;
            if (c < 0x20 || c == 0x7f || c == '/' || c == '\\') return false;
        } else if (c == '\\') {
            return false;
        }
        out[n++] = (char)c;
        seen |= c;
    }
    *ret = str_make(out, n);
    return seen < 0x80 || str_utf8_valid(*ret);
}

static bool is_normal(struct str path) {
    struct str rest = str_sub(path, 1, path.len), segment;
    size_t segments = 0;
    if (str_find(path, S("//"), 0) != SIZE_MAX) return false;
    while (str_cut(&rest, '/', &segment)) {
        if (str_eq(segment, S(".")) || str_eq(segment, S("..")) || ++segments > PATH_SEGMENTS_MAX) return false;
    }
    return true;
}

int guard_target(struct arena *a, struct str target, struct str host, struct str *ret_path, struct str *ret_query) {
    if (target.len == 0 || !all_in(target, IN_TARGET)) return 400;
    if (target.ptr[0] != '/') { /* absolute form, RFC 9112 section 3.2.2; the others are not ours */
        struct str scheme = str_sub(target, 0, str_find(target, S("://"), 0));
        if (scheme.len == target.len || !(str_eq_nocase(scheme, S("http")) || str_eq_nocase(scheme, S("https"))))
            return 400;
        target = str_sub(target, scheme.len + 3, target.len);
        size_t slash = str_find_char(target, '/', 0);
        if (slash == SIZE_MAX || !str_eq_nocase(str_sub(target, 0, slash), host)) return 400;
        target = str_sub(target, slash, target.len);
    }
    size_t mark = str_find_char(target, '?', 0);
    struct str raw = str_sub(target, 0, mark);
    *ret_query = mark == SIZE_MAX ? (struct str){ NULL, 0 } : str_sub(target, mark + 1, target.len);
    if (!decode_path(a, raw, ret_path)) return arena_overflowed(a) ? 503 : 400;
    return is_normal(*ret_path) ? 0 : 400;
}
