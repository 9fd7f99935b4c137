/* paper_bind: a compiled paper and a view to a tree of boxes. See paper_layout.h.
 *
 * Invariants: texts of the result are copies in the given arena; a value that is missing is shown as a dash
 * in a field, so that nobody can write into a blank of an issued licence; limits are checked where nodes and
 * text are made.
 */
#include "data/tpl.h"
#include "engine/paper/paper_layout.h"
#include "engine/paper/paper_private.h"

#include <string.h>

struct binder {
    struct arena *arena;
    const struct val *view;
    const struct po *texts;
    struct paper_tree *tree;
    size_t text_bytes;
    int code;
    struct err *e;
};

static void stop(struct binder *b, int code) {
    if (!b->code) b->code = code;
}

static struct str put_text(struct binder *b, const struct paper_text *t, const struct val *view) {
    const struct tpl *tpl = t->tpl;
    if (b->code || t->source.len == 0 || !tpl) return S("");
    struct str source = b->texts ? po_get(b->texts, S(""), t->source) : t->source;
    if (!str_eq(source, t->source)) {
        int r = paper_template(b->arena, t->source, source, &tpl, b->e);
        if (r) {
            stop(b, r);
            return S("");
        }
    }
    struct buf out;
    buf_init(&out, b->arena, source.len + 64, PAPER_TEXT_BYTES_MAX);
    tpl_render(tpl, view, NULL, NULL, &out);
    b->text_bytes += out.len;
    if (!buf_ok(&out) || b->text_bytes > PAPER_TEXT_BYTES_MAX) {
        stop(b, err_set(b->e, ERR_LIMIT, "%d KiB", PAPER_TEXT_BYTES_MAX / 1024));
        return S("");
    }
    return buf_str(&out);
}

static struct paper_node *node(struct binder *b, const struct paper_node *box, struct paper_node ***at) {
    if (b->code) return NULL;
    if (b->tree->n_nodes >= PAPER_NODES_MAX) {
        stop(b, err_set(b->e, ERR_LIMIT, "%d", PAPER_NODES_MAX));
        return NULL;
    }
    struct paper_node *n = arena_new(b->arena, struct paper_node);
    if (!n) {
        stop(b, err_set(b->e, ERR_MEMORY, "paper"));
        return NULL;
    }
    *n = *box;
    n->first = n->next = NULL;
    n->text = n->label = n->date = S("");
    b->tree->n_nodes++;
    **at = n;
    *at = &n->next;
    return n;
}

static bool shown(const struct binder *b, const struct paper_part *p) {
    if (!p->cond.len) return true;
    return val_truthy(val_path(b->view, p->cond)) != p->unless;
}

/* The item's own keys stand before the view's. */
static struct val *row_view(struct binder *b, const struct val *item) {
    struct val *m = val_map(b->arena);
    if (!m) return NULL;
    if (b->view && b->view->kind == VAL_MAP)
        for (size_t i = 0; i < b->view->u.map.n; i++)
            val_put(b->arena, m, b->view->u.map.pair[i].key, b->view->u.map.pair[i].value);
    if (item && item->kind == VAL_MAP)
        for (size_t i = 0; i < item->u.map.n; i++)
            val_put(b->arena, m, item->u.map.pair[i].key, item->u.map.pair[i].value);
    return m;
}

static void put_row(struct binder *b, const struct paper_part *table, const struct val *view, bool head,
                    struct paper_node ***rows) {
    const struct paper_node box = { .kind = PAPER_ROW, .level = head };
    struct paper_node *row = node(b, &box, rows);
    if (!row) return;
    struct paper_node **cells = &row->first;
    for (const struct paper_part *c = table->first; c; c = c->next) {
        struct paper_node *cell = node(b, &c->box, &cells);
        if (!cell) return;
        cell->text = put_text(b, head ? &c->label : &c->text, view);
        cell->bold = head;
    }
}

static void put_table(struct binder *b, const struct paper_part *p, struct paper_node *table) {
    table->label = put_text(b, &p->label, b->view);
    struct paper_node **rows = &table->first;
    put_row(b, p, b->view, true, &rows);
    const struct val *list = val_path(b->view, p->rows);
    size_t n = list && list->kind == VAL_LIST ? val_count(list) : 0;
    if (n > PAPER_ROWS_MAX) {
        stop(b, err_set(b->e, ERR_LIMIT, "%d", PAPER_ROWS_MAX));
        return;
    }
    for (size_t i = 0; i < n && !b->code; i++) {
        struct val *view = row_view(b, val_item(list, i));
        if (!view)
            stop(b, err_set(b->e, ERR_MEMORY, "paper"));
        else
            put_row(b, p, view, false, &rows);
    }
}

static void put_part(struct binder *b, const struct paper_part *p, struct paper_node ***at) {
    struct paper_node *n = node(b, &p->box, at);
    if (!n) return;
    switch (p->box.kind) {
    case PAPER_TABLE: put_table(b, p, n); return;
    case PAPER_IMAGE:
        n->text = arena_str(b->arena, val_text(val_path(b->view, p->rows)));
        n->label = put_text(b, &p->label, b->view);
        if (n->text.len > PAPER_IMAGE_BYTES_MAX)
            stop(b, err_set(b->e, ERR_LIMIT, "%d KiB", PAPER_IMAGE_BYTES_MAX / 1024));
        return;
    default:
        n->text = put_text(b, &p->text, b->view);
        n->label = put_text(b, &p->label, b->view);
        n->date = put_text(b, &p->date, b->view);
        if (p->box.kind == PAPER_FIELD && str_trim(n->text).len == 0) n->text = S("—");
    }
}

int paper_bind(const struct paper *p, const struct val *view, const struct po *texts, struct str lang,
               struct arena *a, struct paper_tree **ret, struct err *e) {
    struct paper_tree *t = arena_new(a, struct paper_tree);
    if (!t) return err_set(e, ERR_MEMORY, "paper");
    struct binder b = { .arena = a, .view = view, .texts = texts, .tree = t, .e = e };
    t->id = arena_str(a, p->id);
    t->title = put_text(&b, &p->title, view);
    t->lang = arena_str(a, texts && lang.len ? lang : p->lang);
    t->footer = arena_str(a, po_get(texts, S(""), S("第 {n} 页，共 {m} 页")));
    t->style = p->style;
    t->w = p->w;
    t->h = p->h;
    for (int i = 0; i < 4; i++) t->margin[i] = p->margin[i];
    struct paper_node **pages = &t->first;
    for (const struct paper_part *pg = p->first; pg && !b.code; pg = pg->next) {
        if (!shown(&b, pg)) continue;
        struct paper_node *page = node(&b, &pg->box, &pages);
        struct paper_node **at = page ? &page->first : NULL;
        for (const struct paper_part *k = pg->first; k && at && !b.code; k = k->next)
            if (shown(&b, k)) put_part(&b, k, &at);
    }
    if (b.code) return b.code;
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, "paper");
    *ret = t;
    return 0;
}

void paper_stamp(struct paper_tree *t, struct str made, struct str void_mark) {
    t->made = made;
    t->void_mark = void_mark;
}
