/* po_said: the translation of a sentence that is made already, found among the entries with placeholders; see po.h.
 * Invariants: a hole takes one character at least, and ends where the text behind it first stands; at most DEPTH_MAX sentences are told
 * within one another.
 */
#include "data/po_in.h"

enum { HOLES_MAX = 8, DEPTH_MAX = 6 };

struct fit {
    struct str id, name[HOLES_MAX], filled[HOLES_MAX];
    size_t n, own; /* holes; bytes of the entry's own text */
};

static bool all_ascii(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80) return false;
    return true;
}

/* The text up to the next placeholder, cut off `*id`. */
static struct str take_own(struct str *id) {
    size_t at = 0;
    while (at < id->len && !po_placeholder(str_sub(*id, at, id->len))) at++;
    struct str own = str_sub(*id, 0, at);
    *id = str_sub(*id, at, id->len);
    return own;
}

static bool fits(struct str id, struct str text, struct fit *f) {
    *f = (struct fit){ .id = id };
    struct str own = take_own(&id);
    if (!str_starts(text, own)) return false;
    f->own = own.len;
    text = str_sub(text, own.len, text.len);
    while (id.len) {
        size_t hole = po_placeholder(id), end;
        if (f->n == HOLES_MAX || hole != 3) return false;
        f->name[f->n] = str_sub(id, 1, hole - 2);
        id = str_sub(id, hole, id.len);
        own = take_own(&id);
        f->own += own.len;
        if (id.len) end = own.len && text.len > 1 ? str_find(text, own, 1) : SIZE_MAX;
        else end = text.len > own.len && str_ends(text, own) ? text.len - own.len : SIZE_MAX;
        if (end == SIZE_MAX) return false;
        f->filled[f->n++] = str_sub(text, 0, end);
        text = str_sub(text, end + own.len, text.len);
    }
    return f->n > 0 && text.len == 0;
}

static struct str said(const struct po *po, struct arena *a, struct str text, int depth) {
    const struct map *all = po_entries(po);
    struct fit best = { 0 }, f;
    if (all_ascii(text) || depth == DEPTH_MAX) return text;
    if (po_has(po, S(""), text)) return po_get(po, S(""), text);
    for (size_t i = 0; i < all->n; i++)
        if (fits(all->entry[i].key, text, &f) && f.own > best.own) best = f;
    if (!best.n) return text;
    struct val *args = val_map(a);
    for (size_t i = 0; i < best.n; i++) {
        bool word = best.name[i].ptr[0] >= 'A' && best.name[i].ptr[0] <= 'Z';
        val_put_str(a, args, best.name[i], word ? best.filled[i] : said(po, a, best.filled[i], depth + 1));
    }
    return po_fill(a, po_get(po, S(""), best.id), args);
}

struct str po_said(const struct po *po, struct arena *a, struct str text) {
    return po ? said(po, a, text, 0) : text;
}
