/* paper_wire: the tree as the message between `app` and `press`.
 *
 *   "TBP1"  u8 style  i32 w h  i32 margin[4]  text id title lang footer void_mark made  nodes
 *   nodes:  u32 count, then each node: u8 kind align level indent flags  i32 x y w h  text text label date
 * nodes Numbers are little-endian; a text is u32 length and bytes. Invariants of the reader: it never reads
 * past the message, nests at most four deep (page, table, row, cell), and accepts only what the writer makes:
 * kinds at their level, numbers within the sheet.
 */
#include "engine/paper/paper_layout.h"

#include <string.h>

enum { FLAG_BOLD = 1, FLAG_SANS = 2, FLAG_HALF = 4, FLAG_PLACED = 8, FLAGS = 15 };

static void put_u32(struct buf *b, uint32_t v) {
    for (int i = 0; i < 4; i++) buf_add_char(b, (char)(v >> (8 * i) & 0xff));
}

static void put_text(struct buf *b, struct str s) {
    put_u32(b, (uint32_t)s.len);
    buf_add(b, s);
}

static void put_nodes(struct buf *b, const struct paper_node *first) {
    uint32_t count = 0;
    for (const struct paper_node *n = first; n; n = n->next) count++;
    put_u32(b, count);
    for (const struct paper_node *n = first; n; n = n->next) {
        int flags = (n->bold ? FLAG_BOLD : 0) | (n->sans ? FLAG_SANS : 0) | (n->half ? FLAG_HALF : 0) |
                    (n->placed ? FLAG_PLACED : 0);
        const char head[] = { (char)n->kind, (char)n->align, (char)n->level, (char)n->indent, (char)flags };
        buf_add(b, str_make(head, sizeof head));
        const int32_t box[] = { n->x, n->y, n->w, n->h };
        for (int i = 0; i < 4; i++) put_u32(b, (uint32_t)box[i]);
        put_text(b, n->text);
        put_text(b, n->label);
        put_text(b, n->date);
        put_nodes(b, n->first); /* depth: page, table, row, cell */
    }
}

int paper_tree_write(struct buf *b, const struct paper_tree *t, struct err *e) {
    size_t from = b->len;
    buf_add(b, S("TBP1"));
    buf_add_char(b, (char)t->style);
    const int32_t box[] = { t->w, t->h, t->margin[0], t->margin[1], t->margin[2], t->margin[3] };
    for (int i = 0; i < 6; i++) put_u32(b, (uint32_t)box[i]);
    const struct str texts[] = { t->id, t->title, t->lang, t->footer, t->void_mark, t->made };
    for (int i = 0; i < 6; i++) put_text(b, texts[i]);
    put_nodes(b, t->first);
    if (!buf_ok(b) || b->len - from > PAPER_MESSAGE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "%d KiB", PAPER_MESSAGE_BYTES_MAX / 1024);
    return 0;
}

struct reader {
    struct arena *arena;
    struct str in;
    size_t at;
    struct paper_tree *tree;
    bool bad, no_memory;
};

static uint8_t get_u8(struct reader *r, uint8_t end) {
    if (r->at >= r->in.len) {
        r->bad = true;
        return 0;
    }
    uint8_t v = (uint8_t)r->in.ptr[r->at++];
    if (v >= end) r->bad = true;
    return v;
}

static uint32_t get_u32(struct reader *r) {
    if (r->in.len - r->at < 4) {
        r->bad = true;
        return 0;
    }
    uint32_t v = 0;
    for (int i = 3; i >= 0; i--) v = v << 8 | (uint8_t)r->in.ptr[r->at + (size_t)i];
    r->at += 4;
    return v;
}

static int32_t get_length(struct reader *r) {
    uint32_t v = get_u32(r);
    if (v > PAPER_SIDE_MAX) r->bad = true;
    return r->bad ? 0 : (int32_t)v;
}

static struct str get_text(struct reader *r, bool utf8) {
    uint32_t len = get_u32(r);
    if (r->bad || len > r->in.len - r->at) {
        r->bad = true;
        return S("");
    }
    struct str s = str_sub(r->in, r->at, len);
    r->at += len;
    if (utf8 && !str_utf8_valid(s)) r->bad = true;
    return s;
}

/* Which kinds may stand below which: the writer's order, and so a bound for the recursion. */
static bool kind_fits(uint8_t parent, uint8_t kind) {
    switch (parent) {
    case 0: return kind == PAPER_PAGE;
    case PAPER_PAGE: return kind > PAPER_PAGE && kind != PAPER_ROW && kind != PAPER_CELL;
    case PAPER_TABLE: return kind == PAPER_ROW;
    case PAPER_ROW: return kind == PAPER_CELL;
    default: return false;
    }
}

static struct paper_node *get_nodes(struct reader *r, uint8_t parent) {
    struct paper_node *first = NULL, **at = &first;
    uint32_t count = get_u32(r);
    if (count > (parent == PAPER_ROW ? (uint32_t)PAPER_COLUMNS_MAX : (uint32_t)PAPER_NODES_MAX))
        r->bad = true;
    for (uint32_t i = 0; i < count && !r->bad; i++) {
        struct paper_node *n =
            r->tree->n_nodes++ < PAPER_NODES_MAX ? arena_new(r->arena, struct paper_node) : NULL;
        if (!n) {
            r->no_memory = r->bad = true;
            break;
        }
        n->kind = get_u8(r, PAPER_KIND_END);
        n->align = get_u8(r, PAPER_ALIGN_END);
        n->level = get_u8(r, 4);
        n->indent = get_u8(r, 9);
        uint8_t flags = get_u8(r, FLAGS + 1);
        n->bold = flags & FLAG_BOLD;
        n->sans = flags & FLAG_SANS;
        n->half = flags & FLAG_HALF;
        n->placed = flags & FLAG_PLACED;
        n->x = get_length(r);
        n->y = get_length(r);
        n->w = get_length(r);
        n->h = get_length(r);
        if (r->bad || !kind_fits(parent, n->kind)) {
            r->bad = true;
            break;
        }
        n->text = get_text(r, n->kind != PAPER_IMAGE);
        n->label = get_text(r, true);
        n->date = get_text(r, true);
        n->first = get_nodes(r, n->kind);
        *at = n;
        at = &n->next;
    }
    return first;
}

int paper_tree_read(struct arena *a, struct str bytes, struct paper_tree **ret, struct err *e) {
    if (bytes.len > PAPER_MESSAGE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "%d KiB", PAPER_MESSAGE_BYTES_MAX / 1024);
    struct paper_tree *t = arena_new(a, struct paper_tree);
    if (!t) return err_set(e, ERR_MEMORY, "paper");
    if (!str_starts(bytes, S("TBP1"))) return err_set(e, ERR_SYNTAX, "TBP1");
    struct reader r = { .arena = a, .in = bytes, .at = 4, .tree = t };
    t->style = get_u8(&r, PAPER_STYLE_END);
    t->w = get_length(&r);
    t->h = get_length(&r);
    for (int i = 0; i < 4; i++) t->margin[i] = get_length(&r);
    struct str *texts[] = { &t->id, &t->title, &t->lang, &t->footer, &t->void_mark, &t->made };
    for (int i = 0; i < 6; i++) *texts[i] = get_text(&r, true);
    if (!r.bad) t->first = get_nodes(&r, 0);
    if (r.no_memory) return err_set(e, ERR_LIMIT, "%d", PAPER_NODES_MAX);
    bool room = t->margin[1] + t->margin[3] + 2000 <= t->w && t->margin[0] + t->margin[2] + 2000 <= t->h;
    if (r.bad || r.at != bytes.len || !t->first || !room)
        return err_set(e, ERR_SYNTAX, "TBP1, byte %zu", r.at);
    *ret = t;
    return 0;
}
