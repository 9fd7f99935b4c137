/* press_table: rows of cells: tables, and runs of fields. A row that fits on a page is never torn; a taller
 * one is continued.
 *
 * Invariant: both are one routine, put_row, which moves p->y by what it used on the last page.
 */
#include "proc/press/press_private.h"

enum { CELLS_MAX = PAPER_COLUMNS_MAX, AFTER_TABLE = 10, AFTER_FIELDS = 8 };

struct cell {
    struct str text;
    struct press_type type;
    const char *tag;
    double x, w; /* of the cell; text stands `pad` inside */
    bool tint;
    PangoLayout *layout;
};

struct row_style {
    double pad_x, pad_y, leading;
    bool box; /* lines on all sides */
    double under;
    enum press_colour under_colour;
};

static void chunk(struct press *p, struct cell *cell, size_t n, const struct row_style *s, int from,
                  int lines) {
    double height = lines * s->leading + 2 * s->pad_y;
    for (size_t i = 0; i < n && !p->dry; i++) {
        if (cell[i].tint) {
            press_colour(p, PRESS_TINT);
            p->lib->cairo_rectangle(p->cr, cell[i].x, p->y, cell[i].w, height);
            p->lib->cairo_fill(p->cr);
        }
        if (s->box) {
            press_colour(p, PRESS_LINE);
            p->lib->cairo_set_line_width(p->cr, .5);
            p->lib->cairo_rectangle(p->cr, cell[i].x, p->y, cell[i].w, height);
            p->lib->cairo_stroke(p->cr);
        }
    }
    press_tag(p, "TR");
    for (size_t i = 0; i < n; i++) {
        int own = press_lines(p, cell[i].layout), first_line = from,
            count = own - from < lines ? own - from : lines;
        press_tag(p, cell[i].tag);
        /* A cell with fewer lines than its neighbour stays at the top; cells of one line share a line. */
        if (count > 0)
            press_draw_lines(p, cell[i].layout, &cell[i].type, cell[i].x + s->pad_x, p->y + s->pad_y,
                             first_line, count);
        press_untag(p, cell[i].tag);
    }
    press_untag(p, "TR");
    p->y += height;
    p->fresh = false;
    if (s->under > 0)
        for (size_t i = 0; i < n; i++)
            if (!cell[i].tint || !s->box)
                press_line(p, cell[i].x, p->y, cell[i].x + cell[i].w, p->y, s->under, s->under_colour);
}

static void put_row(struct press *p, struct cell *cell, size_t n, const struct row_style *s, double keep,
                    void (*head)(struct press *, void *), void *context) {
    int lines = 1;
    for (size_t i = 0; i < n; i++) {
        cell[i].type.leading = s->leading;
        cell[i].layout = press_layout(p, cell[i].text, &cell[i].type, cell[i].w - 2 * s->pad_x);
        if (press_lines(p, cell[i].layout) > lines) lines = press_lines(p, cell[i].layout);
    }
    double page_room = p->bottom - p->top, height = lines * s->leading + 2 * s->pad_y;
    for (int at = 0; at < lines && !p->code;) {
        double left = p->bottom - p->y - (height + keep <= page_room ? keep : 0);
        if (!p->fresh && (height <= page_room ? height : 4 * s->leading) > left) {
            press_untag(p, "Table");
            press_break(p);
            press_tag(p, "Table");
            if (head) head(p, context);
        }
        left = p->bottom - p->y;
        int fit = (int)((left - 2 * s->pad_y) / s->leading + 1e-6);
        if (fit < 1) fit = 1;
        if (fit > lines - at) fit = lines - at;
        chunk(p, cell, n, s, at, fit);
        at += fit;
        height = (lines - at) * s->leading + 2 * s->pad_y;
        if (at < lines) p->y = p->bottom + 1; /* the rest begins on the next page */
    }
    for (size_t i = 0; i < n; i++) p->lib->g_object_unref(cell[i].layout);
}

struct grid {
    const struct paper_node *head;
    double x[CELLS_MAX], w[CELLS_MAX];
    size_t n;
};

/* Widths as declared; columns without one share what is left; all shrink if it is too much. */
static void measure_columns(struct press *p, struct grid *g) {
    double room = p->right - p->left, given = 0;
    size_t open = 0;
    for (const struct paper_node *c = g->head->first; c && g->n < CELLS_MAX; c = c->next) {
        g->w[g->n++] = PT(c->w);
        given += PT(c->w);
        open += c->w == 0;
    }
    double share = open ? (room - given) / (double)open : 0;
    if (open && share < 40) share = 40;
    double total = given + share * (double)open,
           scale = total > room || !open ? room / (total > 1 ? total : 1) : 1;
    double x = p->left;
    for (size_t i = 0; i < g->n; i++) {
        if (g->w[i] <= 0) g->w[i] = share;
        g->w[i] *= scale;
        g->x[i] = x;
        x += g->w[i];
    }
}

static void table_row(struct press *p, const struct grid *g, const struct paper_node *row, double keep,
                      void (*head)(struct press *, void *)) {
    struct cell cell[CELLS_MAX] = { 0 };
    bool list = p->tree->style == PAPER_LIST;
    size_t n = 0;
    for (const struct paper_node *c = row->first; c && n < g->n; c = c->next, n++) {
        cell[n] = (struct cell){
            .text = c->text, .tag = row->level ? "TH" : "TD", .x = g->x[n], .w = g->w[n], .tint = row->level
        };
        cell[n].type = (struct press_type){ .size = (row->level ? 9.5 : 10.5) - (list ? 1.5 : 0),
                                            .bold = row->level,
                                            .sans = row->level || list,
                                            .colour = row->level ? PRESS_BRAND : PRESS_INK,
                                            .align = c->align };
    }
    const struct row_style s = { .pad_x = list ? 3 : 5,
                                 .pad_y = list ? 2.5 : 4,
                                 .leading = list ? 12.5 : 16,
                                 .under = row->level ? .8 : .4,
                                 .under_colour = row->level ? PRESS_BRAND : PRESS_LINE };
    put_row(p, cell, n, &s, keep, head, (void *)(uintptr_t)g);
}

static void table_head(struct press *p, void *context) {
    const struct grid *g = context;
    double top = p->y;
    table_row(p, g, g->head, 0, NULL);
    press_line(p, p->left, top, p->right, top, 1.4, PRESS_BRAND);
}

void press_table(struct press *p, const struct paper_node *n) {
    struct grid g = { .head = n->first };
    if (!g.head) return;
    measure_columns(p, &g);
    if (n->label.len) {
        const struct press_type t = {
            .size = 11, .leading = 18, .bold = true, .sans = true, .colour = PRESS_INK
        };
        p->y += p->fresh ? 0 : 6;
        press_need(p, 80);
        press_flow(p, n->label, &t, "P", 0);
        p->y += 3;
    }
    press_need(p, 54);
    press_tag(p, "Table");
    table_head(p, &g);
    for (const struct paper_node *row = n->first->next; row && !p->code; row = row->next)
        table_row(p, &g, row, row->next ? 0 : press_keep(p, n) + AFTER_TABLE, table_head);
    press_untag(p, "Table");
    press_line(p, p->left, p->y, p->right, p->y, 1.4, PRESS_BRAND);
    p->y += AFTER_TABLE;
}

/* One line of the block: one field, or two halves. Returns how many were set. */
static int field_row(struct press *p, const struct paper_node *n, double label) {
    bool licence = p->tree->style == PAPER_LICENCE;
    bool pair = n->half && n->next && n->next->kind == PAPER_FIELD && n->next->half;
    double room = p->right - p->left, width = n->half ? room / 2 : room;
    struct cell cell[4] = { 0 };
    size_t k = 0;
    for (int i = 0; i < (pair ? 2 : 1); i++) {
        const struct paper_node *f = i ? n->next : n;
        double x = p->left + (i ? width : 0), w = !pair && n->half && !licence ? room : width;
        cell[k] = (struct cell){ .text = f->label, .tag = "TH", .x = x, .w = label, .tint = !licence };
        cell[k++].type = (struct press_type){ .size = licence ? 11 : 10,
                                              .sans = true,
                                              .colour = licence ? PRESS_BRAND : PRESS_INK2 };
        cell[k] = (struct cell){
            .text = f->text, .tag = "TD", .x = x + label, .w = w - label - (licence && pair && !i ? 12 : 0)
        };
        cell[k++].type =
            (struct press_type){ .size = licence ? 14 : 11, .bold = f->bold, .colour = PRESS_INK };
    }
    const struct row_style s = { .pad_x = licence ? 2 : 6,
                                 .pad_y = licence ? 3.5 + 3 * p->air : 4.5,
                                 .leading = licence ? 21 : 16.5,
                                 .box = !licence };
    double y = p->y;
    unsigned before = p->page;
    const struct paper_node *last = pair ? n->next : n;
    const double keep = press_keep(p, last);
    put_row(p, cell, k, &s, keep > 0 ? keep + AFTER_FIELDS : 0, NULL, NULL);
    if (licence && before == p->page && y < p->y)
        for (size_t i = 1; i < k; i += 2)
            press_line(p, cell[i].x, p->y - 1, cell[i].x + cell[i].w, p->y - 1, .4, PRESS_LINE);
    return pair ? 2 : 1;
}

/* As wide as the longest label of the run, within reason. */
static double label_width(struct press *p, const struct paper_node *n) {
    bool licence = p->tree->style == PAPER_LICENCE;
    const struct press_type t = { .size = licence ? 11 : 10, .sans = true };
    double width = PT(1800), room = p->right - p->left, most = room * .24;
    for (; n && n->kind == PAPER_FIELD; n = n->next) {
        if (n->half) most = room * .19;
        PangoRectangle logical;
        PangoLayout *l = press_layout(p, n->label, &t, 0);
        p->lib->pango_layout_get_extents(l, NULL, &logical);
        p->lib->g_object_unref(l);
        double w = (double)logical.width / PANGO_SCALE + (licence ? 16 : 14);
        if (w > width) width = w;
    }
    return width < most ? width : most;
}

const struct paper_node *press_fields(struct press *p, const struct paper_node *n) {
    double label = label_width(p, n);
    if (!p->fresh) p->y += 6;
    press_need(p, 30);
    press_tag(p, "Table");
    const struct paper_node *last = n;
    while (n && n->kind == PAPER_FIELD && !p->code) {
        int set = field_row(p, n, label);
        last = set == 2 ? n->next : n;
        n = last->next;
    }
    press_untag(p, "Table");
    p->y += AFTER_FIELDS;
    return last;
}
