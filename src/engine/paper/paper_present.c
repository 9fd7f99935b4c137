/* paper_present: a paper shown by its holder, now; see paper.h. The mark that stands in the code on
 * his screen is the moment with a MAC over it and the paper's own code: it needs no row, cannot be
 * made by anybody else, and is over after PAPER_PRESENT_MS. Invariant: a mark of another paper, of
 * another moment or of one that lies ahead is no mark.
 */
#include "engine/paper/paper.h"

enum { SIGNED_BYTES = 10, CLOCKS_APART_MS = 5000 };

static struct str mark_at(struct arena *a, const struct realm *r, struct str code, int64_t at_ms) {
    struct digest d;
    struct buf hex;
    const struct str parts[] = { S("paper-present"), arena_fmt(a, "%lld", (long long)r->home.v),
                                 code, arena_fmt(a, "%lld", (long long)at_ms) };
    mac(r->keys.suite, r->keys.token, parts, 4, &d);
    buf_init(&hex, a, 2 * SIGNED_BYTES, 2 * SIGNED_BYTES);
    buf_add_hex(&hex, d.v, SIGNED_BYTES);
    return ARENA_CAT(a, parts[3], S("."), buf_str(&hex));
}

struct str paper_present(struct arena *a, const struct realm *r, const struct paper_row *p,
                         int64_t now_ms) {
    return mark_at(a, r, p->code, now_ms);
}

enum paper_presented paper_presented(struct arena *a, const struct realm *r,
                                     const struct paper_row *p, struct str mark, int64_t now_ms,
                                     int64_t *ret_at_ms) {
    struct str rest = mark, at = S("");
    int64_t at_ms;
    if (!str_cut(&rest, '.', &at) || !str_to_i64(at, &at_ms) || at_ms > now_ms + CLOCKS_APART_MS)
        return PAPER_NOT_PRESENTED;
    if (!str_eq_secret(mark, mark_at(a, r, p->code, at_ms))) return PAPER_NOT_PRESENTED;
    *ret_at_ms = at_ms;
    return now_ms - at_ms < PAPER_PRESENT_MS ? PAPER_PRESENTED : PAPER_PRESENT_OVER;
}
