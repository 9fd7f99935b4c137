/* fold: see fold.h. Invariant: a result has at most 3 bytes for each byte of the text. */
#include "data/fold.h"

#include "base/buf.h"

#include <utf8proc.h>

static struct str fold(struct arena *a, struct str s, bool upper) {
    struct buf b;
    buf_init(&b, a, s.len + 8, s.len > SIZE_MAX / 4 ? SIZE_MAX : s.len * 3 + 8);
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        int32_t cp = str_utf8_next(s, &at);
        if (cp < 0) buf_add(&b, str_sub(s, from, at - from));
        else if (cp == 0xdf && upper) buf_add(&b, S("SS"));
        else buf_add_utf8(&b, (uint32_t)(upper ? utf8proc_toupper(cp) : utf8proc_tolower(cp)));
    }
    return buf_str(&b);
}

struct str fold_upper(struct arena *a, struct str s) {
    return fold(a, s, true);
}

struct str fold_lower(struct arena *a, struct str s) {
    return fold(a, s, false);
}
