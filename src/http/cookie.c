/* cookie: see cookie.h. Invariants: nothing that is not a cookie-octet goes in or out, so no value can end a field or
 * start an attribute; the first of two cookies of one name wins in http_cookie(), which with __Host- can only be ours.
 */
#include "http/cookie.h"

enum { IN_OCTETS = 1, IN_NAME = 2 };
/* RFC 6265 section 4.1.1: cookie-octets, and of them those that a name may have. */
static const uint8_t class[256] = {
    [0x21] = 3, [0x23 ... 0x27] = 3, ['('] = 1, [')'] = 1,         ['*' ... '+'] = 3, ['-' ... '.'] = 3,
    ['/'] = 1,  ['0' ... '9'] = 3,   [':'] = 1, ['<' ... '@'] = 1, ['A' ... 'Z'] = 3, ['['] = 1,
    [']'] = 1,  ['^' ... 'z'] = 3,   ['{'] = 1, ['|'] = 3,         ['}'] = 1,         ['~'] = 3,
};

static bool all_in(struct str s, uint8_t what) {
    for (size_t i = 0; i < s.len; i++)
        if (!(class[(unsigned char)s.ptr[i]] & what)) return false;
    return true;
}

static bool is_octets(struct str s) {
    return all_in(s, IN_OCTETS);
}

static bool is_name(struct str s) {
    return s.len > 0 && all_in(s, IN_NAME);
}

void http_cookie_parse(struct str value, struct http_field *ret, size_t *n) {
    struct str pair;
    while (*n < HTTP_COOKIES_MAX && str_cut(&value, ';', &pair)) {
        pair = str_trim(pair);
        size_t equals = str_find_char(pair, '=', 0);
        if (equals == SIZE_MAX) continue;
        struct str name = str_sub(pair, 0, equals), text = str_sub(pair, equals + 1, pair.len);
        if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"') text = str_sub(text, 1, text.len - 2);
        if (!is_name(name) || !is_octets(text) || pair.len > HTTP_COOKIE_BYTES_MAX) continue;
        ret[(*n)++] = (struct http_field){ name, text };
    }
}

struct str http_cookie_name(struct http_req *r, struct str name) {
    return r->secure ? ARENA_CAT(r->arena, S("__Host-"), name) : name;
}

struct str http_cookie_set(struct http_req *r, struct str name, struct str value, int64_t max_age_s) {
    if (!is_name(name) || !is_octets(value) || name.len + value.len > HTTP_COOKIE_BYTES_MAX)
        return (struct str){ NULL, 0 };
    struct str age = max_age_s < 0 ? S("") : arena_fmt(r->arena, "; Max-Age=%lld", (long long)max_age_s);
    return ARENA_CAT(r->arena, http_cookie_name(r, name), S("="), value, S("; Path=/; HttpOnly; SameSite=Lax"),
                     r->secure ? S("; Secure") : S(""), age);
}
