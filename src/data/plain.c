/* plain: see plain.h. Invariant: what plain_mark and plain_cut give is valid UTF-8. */
#include "data/plain.h"

#include "base/buf.h"

#include <utf8proc.h>

enum { REPLACEMENT = 0xfffd };

static bool is_line(int32_t cp) {
    return cp == '\t' || cp == '\r' || cp == '\n';
}

static bool allowed(int32_t cp) {
    if (cp >= 0x20000 && cp <= 0x3ffff) return (cp & 0xfffe) != 0xfffe;
    if (cp < 0 || cp == REPLACEMENT || (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069)) return false;
    switch (utf8proc_category(cp)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    default: return true;
    }
}

bool plain_text(struct str s, bool lines) {
    for (size_t at = 0; at < s.len;) {
        int32_t cp = str_utf8_next(s, &at);
        if (!allowed(cp) && !(lines && is_line(cp))) return false;
    }
    return true;
}

static struct str filter(struct arena *a, struct str s, bool mark) {
    struct buf b;
    buf_init(&b, a, s.len + 8, s.len > SIZE_MAX / 4 ? SIZE_MAX : s.len * 3 + 8);
    for (size_t at = 0; at < s.len;) {
        int32_t cp = str_utf8_next(s, &at);
        if (allowed(cp) || (mark && is_line(cp))) buf_add_utf8(&b, (uint32_t)cp);
        else if (mark) buf_add_utf8(&b, REPLACEMENT);
    }
    return buf_str(&b);
}

struct str plain_mark(struct arena *a, struct str s) {
    return filter(a, s, true);
}

struct str plain_cut(struct arena *a, struct str s) {
    return filter(a, s, false);
}
