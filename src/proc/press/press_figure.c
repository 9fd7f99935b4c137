/* press_figure: what is drawn: QR code, seal, image, and the ground of a page. All vectors but images.
 *
 * Invariants: the seal carries words only, no emblem and no star; a QR code keeps its quiet zone of four
 * modules (ISO/IEC 18004); every figure has an alternative text.
 */
#include <math.h>

#include "data/qr.h"
#include "proc/press/press_private.h"

/* Where a figure of that size stands; in the flow it takes its place. */
static void place(struct press *p, const struct paper_node *n, double w, double h, double *x, double *y) {
    if (n->placed) {
        *x = PT(n->x);
        *y = PT(n->y);
        return;
    }
    press_need(p, h);
    *x = n->align == PAPER_RIGHT    ? p->right - w
         : n->align == PAPER_CENTER ? (p->left + p->right - w) / 2
                                    : p->left;
    *y = p->y;
    p->y += h;
    p->fresh = false;
}

static void press_qr(struct press *p, const struct paper_node *n) {
    struct qr q;
    int r = n->text.len ? qr_make(p->arena, n->text, &q, p->e) : err_set(p->e, ERR_INPUT, "QR");
    if (r) {
        press_fail(p, r);
        return;
    }
    const struct press_type t = {
        .size = 8, .leading = 11.5, .sans = true, .colour = PRESS_INK2, .align = PAPER_CENTER, .codes = true
    };
    double side = PT(n->w), x, y, module = side / (q.size + 8);
    int lines = 0;
    if (n->label.len) {
        PangoLayout *l = press_layout(p, n->label, &t, side);
        lines = press_lines(p, l);
        p->lib->g_object_unref(l);
    }
    place(p, n, side, side + lines * t.leading, &x, &y);
    if (p->dry) return;
    press_figure(p, n->label.len ? n->label : n->text);
    p->lib->cairo_set_source_rgb(p->cr, 1, 1, 1);
    p->lib->cairo_rectangle(p->cr, x, y, side, side);
    p->lib->cairo_fill(p->cr);
    press_colour(p, PRESS_INK);
    for (unsigned row = 0; row < q.size; row++)
        for (unsigned col = 0; col < q.size;) {
            unsigned from = col;
            while (col < q.size && q.modules[row * q.size + col]) col++;
            if (col > from)
                p->lib->cairo_rectangle(p->cr, x + (from + 4) * module, y + (row + 4) * module, (col - from) * module,
                                module);
            else
                col++;
        }
    p->lib->cairo_fill(p->cr);
    press_untag(p, "Figure");
    press_tag(p, "P");
    (void)press_put(p, n->label, &t, x, y + side, side);
    press_untag(p, "P");
}

/* One character as an outline stretched to a box, as a seal cutter fills the stone. */
static void cut(struct press *p, struct str character, bool sans, double x, double y, double w, double h) {
    const struct press_type t = { .size = 100, .leading = 100, .bold = true, .sans = sans };
    PangoLayout *l = press_layout(p, character, &t, 0);
    PangoLayoutLine *line = p->lib->pango_layout_get_line_readonly(l, 0);
    PangoRectangle logical;
    if (line) {
        p->lib->pango_layout_line_get_extents(line, NULL, &logical);
        double advance = (double)logical.width / PANGO_SCALE;
        p->lib->cairo_save(p->cr);
        p->lib->cairo_translate(p->cr, x, y);
        p->lib->cairo_scale(p->cr, w / (advance > 1 ? advance : 1), h / 100);
        p->lib->cairo_move_to(p->cr, 0, 87);
        p->lib->pango_cairo_layout_line_path(p->cr, line);
        p->lib->cairo_fill(p->cr);
        p->lib->cairo_restore(p->cr);
    }
    p->lib->g_object_unref(l);
}

static void rounded(struct press *p, double x, double y, double w, double h, double r) {
    p->lib->cairo_new_sub_path(p->cr);
    p->lib->cairo_arc(p->cr, x + w - r, y + r, r, -M_PI / 2, 0);
    p->lib->cairo_arc(p->cr, x + w - r, y + h - r, r, 0, M_PI / 2);
    p->lib->cairo_arc(p->cr, x + r, y + h - r, r, M_PI / 2, M_PI);
    p->lib->cairo_arc(p->cr, x + r, y + r, r, M_PI, M_PI * 1.5);
    p->lib->cairo_close_path(p->cr);
}

static void seal_mark(struct press *p, const struct paper_node *n, double x, double y, double side) {
    struct paper_seal_cell cell[PAPER_SEAL_CELLS_MAX];
    size_t count = paper_seal_cells(n->label, cell);
    double line = side * .034, pad = side * .075, inner = side - 2 * pad, foot = n->text.len ? side * .17 : 0;
    press_colour(p, PRESS_SEAL);
    p->lib->cairo_set_line_width(p->cr, line);
    rounded(p, x + line / 2, y + line / 2, side - line, side - line, side * .03);
    p->lib->cairo_stroke(p->cr);
    p->lib->cairo_set_line_width(p->cr, side * .008);
    p->lib->cairo_rectangle(p->cr, x + line * 1.6, y + line * 1.6, side - line * 3.2, side - line * 3.2);
    p->lib->cairo_stroke(p->cr);
    for (size_t i = 0; i < count; i++) {
        double w = cell[i].w * inner, h = cell[i].h * (inner - foot);
        cut(p, cell[i].character, false, x + pad + cell[i].x * inner + w * .05,
            y + pad + cell[i].y * (inner - foot) + h * .05, w * .90, h * .90);
    }
    if (foot <= 0) return;
    double top = y + side - pad - foot * .84;
    p->lib->cairo_set_line_width(p->cr, side * .008);
    p->lib->cairo_move_to(p->cr, x + pad, top - foot * .09);
    p->lib->cairo_line_to(p->cr, x + side - pad, top - foot * .09);
    p->lib->cairo_stroke(p->cr);
    size_t chars = str_utf8_count(n->text);
    double w = inner / (double)(chars ? chars : 1), high = foot * .84;
    if (w > high * 1.15) w = high * 1.15;
    double at = x + (side - w * (double)chars) / 2;
    for (size_t i = 0; i < n->text.len;) {
        size_t from = i;
        (void)str_utf8_next(n->text, &i);
        cut(p, str_sub(n->text, from, i - from), true, at + w * .04, top + high * .04, w * .92, high * .92);
        at += w;
    }
}

struct png_source {
    struct str bytes;
    size_t at;
};

static cairo_status_t read_png(void *context, unsigned char *to, unsigned len) {
    struct png_source *s = context;
    if (len > s->bytes.len - s->at) return CAIRO_STATUS_READ_ERROR;
    for (unsigned i = 0; i < len; i++) to[i] = (unsigned char)s->bytes.ptr[s->at + i];
    s->at += len;
    return CAIRO_STATUS_SUCCESS;
}

static void press_image(struct press *p, const struct paper_node *n) {
    /* The size stands in the first chunk: looked at before anything is decoded, so that a small file cannot
     * claim a huge surface. */
    static const char magic[] = "\x89PNG\r\n\x1a\n";
    const unsigned char *b = (const unsigned char *)n->text.ptr;
    bool png = n->text.len > 24 && str_starts(n->text, str_make(magic, 8)) && !b[16] && !b[17] &&
               b[18] < 16 && !b[20] && !b[21] && b[22] < 16;
    struct png_source source = { .bytes = n->text };
    cairo_surface_t *image = png ? p->lib->cairo_image_surface_create_from_png_stream(read_png, &source) : NULL;
    int w = image ? p->lib->cairo_image_surface_get_width(image) : 0,
        h = image ? p->lib->cairo_image_surface_get_height(image) : 0;
    if (w > 0 && h > 0) {
        double width = PT(n->w), height = n->h ? PT(n->h) : width * h / w, x, y;
        place(p, n, width, height, &x, &y);
        if (!p->dry) {
            press_figure(p, n->label);
            p->lib->cairo_save(p->cr);
            p->lib->cairo_translate(p->cr, x, y);
            p->lib->cairo_scale(p->cr, width / w, height / h);
            /* A filled box rather than a paint: cairo 1.16 loses the tag when an opaque paint is the first
             * thing on a page. */
            p->lib->cairo_set_source_surface(p->cr, image, 0, 0);
            p->lib->cairo_pattern_set_extend(p->lib->cairo_get_source(p->cr), CAIRO_EXTEND_PAD);
            p->lib->cairo_rectangle(p->cr, 0, 0, w, h);
            p->lib->cairo_fill(p->cr);
            p->lib->cairo_restore(p->cr);
            press_untag(p, "Figure");
        }
    } else
        press_fail(p, err_set(p->e, ERR_INPUT, "PNG"));
    if (image) p->lib->cairo_surface_destroy(image);
}

/* The issuer's name and the date stand beside the seal, so that both stay legible; the whole is one block. */
static void press_seal(struct press *p, const struct paper_node *n) {
    const struct press_type name = { .size = 12.5, .leading = 22, .colour = PRESS_INK, .align = PAPER_RIGHT };
    double side = PT(n->w), gap = 12, x, y,
           room = n->placed ? p->w - PT(n->x) - side - gap : p->right - p->left - side - gap;
    struct str lines = ARENA_CAT(p->arena, n->label, n->date.len ? S("\n") : S(""), n->date);
    PangoLayout *l = press_layout(p, lines, &name, 0);
    PangoRectangle logical;
    p->lib->pango_layout_get_extents(l, NULL, &logical);
    p->lib->g_object_unref(l);
    double width = (double)logical.width / PANGO_SCALE + 2;
    if (width > room) width = room > 60 ? room : 60;
    l = press_layout(p, lines, &name, width);
    double text_h = press_lines(p, l) * name.leading, height = side > text_h ? side : text_h;
    p->lib->g_object_unref(l);
    place(p, n, width + gap + side, height, &x, &y);
    press_tag(p, "P");
    double used = press_put(p, n->label, &name, x, y + (height - text_h) / 2, width);
    press_untag(p, "P");
    press_tag(p, "P");
    (void)press_put(p, n->date, &name, x, y + (height - text_h) / 2 + used, width);
    press_untag(p, "P");
    if (!p->dry) {
        struct str alt = ARENA_CAT(p->arena, n->label, n->text.len ? S("（") : S(""), n->text,
                                   n->text.len ? S("）") : S(""));
        press_figure(p, alt);
        seal_mark(p, n, x + width + gap, y + (height - side) / 2, side);
        press_untag(p, "Figure");
    }
    if (!n->placed) p->y += 6;
}

static void one_figure(struct press *p, const struct paper_node *n) {
    if (n->kind == PAPER_QR)
        press_qr(p, n);
    else if (n->kind == PAPER_SEAL)
        press_seal(p, n);
    else
        press_image(p, n);
}

static bool joins(const struct paper_node *n, unsigned taken) {
    return n && (n->kind == PAPER_QR || n->kind == PAPER_SEAL || n->kind == PAPER_IMAGE) && !n->placed &&
           !(taken >> n->align & 1);
}

const struct paper_node *press_figures(struct press *p, const struct paper_node *n) {
    if (n->placed) {
        one_figure(p, n);
        return n;
    }
    const struct paper_node *last = n;
    unsigned taken = 1u << n->align;
    while (joins(last->next, taken)) {
        last = last->next;
        taken |= 1u << last->align;
    }
    /* Measured first, as if on an empty page, then set side by side. */
    double from = p->y, deepest = p->y;
    bool dry = p->dry, fresh = p->fresh;
    for (int draw = 0; draw < 2 && !p->code; draw++) {
        p->dry = draw ? dry : true;
        for (const struct paper_node *k = n;; k = k->next) {
            p->y = from;
            p->fresh = true;
            one_figure(p, k);
            if (p->y > deepest) deepest = p->y;
            if (k == last) break;
        }
        p->dry = dry;
        p->y = from;
        p->fresh = draw ? false : fresh;
        if (!draw) press_need(p, deepest - from);
        if (!draw) deepest = from = p->y;
    }
    p->y = deepest;
    return last;
}

/* Petals around the middle: the fine ground that photocopiers lose. */
static void guilloche(struct press *p) {
    double cx = p->w / 2, cy = p->h / 2, base = (p->w < p->h ? p->w : p->h) * .30;
    press_colour(p, PRESS_PALE);
    p->lib->cairo_set_line_width(p->cr, .35);
    for (int k = 0; k < 18; k++) {
        double scale = base * (.55 + .45 * k / 17.0), turn = k * M_PI / 54;
        for (int i = 0; i <= 180; i++) {
            double a = i * M_PI / 90, r = scale * (1 + .16 * cos(9 * a + turn * 9));
            if (i)
                p->lib->cairo_line_to(p->cr, cx + r * cos(a + turn), cy + r * sin(a + turn));
            else
                p->lib->cairo_move_to(p->cr, cx + r * cos(a + turn), cy + r * sin(a + turn));
        }
        p->lib->cairo_close_path(p->cr);
        p->lib->cairo_stroke(p->cr);
    }
}

/* A fret in a corner: a square spiral, mirrored by sx and sy. */
static void fret(struct press *p, double x, double y, double sx, double sy) {
    static const double step[][2] = { { 0, 5 }, { 0, 0 }, { 5, 0 }, { 5, 4 }, { 1, 4 }, { 1, 1 },
                                      { 4, 1 }, { 4, 3 }, { 2, 3 }, { 2, 2 }, { 3, 2 } };
    const double unit = 4.6;
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        double px = x + sx * step[i][0] * unit, py = y + sy * step[i][1] * unit;
        if (i)
            p->lib->cairo_line_to(p->cr, px, py);
        else
            p->lib->cairo_move_to(p->cr, px, py);
    }
    p->lib->cairo_stroke(p->cr);
}

static void frame(struct press *p) {
    guilloche(p);
    double a = PT(1000), b = PRESS_FRAME, c = PT(1520);
    press_colour(p, PRESS_BRAND);
    p->lib->cairo_set_line_join(p->cr, CAIRO_LINE_JOIN_MITER);
    p->lib->cairo_set_line_width(p->cr, 2.4);
    p->lib->cairo_rectangle(p->cr, a, a, p->w - 2 * a, p->h - 2 * a);
    p->lib->cairo_stroke(p->cr);
    p->lib->cairo_set_line_width(p->cr, .5);
    p->lib->cairo_rectangle(p->cr, b, b, p->w - 2 * b, p->h - 2 * b);
    p->lib->cairo_stroke(p->cr);
    p->lib->cairo_set_line_width(p->cr, 1.1);
    fret(p, c, c, 1, 1);
    fret(p, p->w - c, c, -1, 1);
    fret(p, c, p->h - c, 1, -1);
    fret(p, p->w - c, p->h - c, -1, -1);
}

void press_ground(struct press *p) {
    if (p->tree->style == PAPER_LICENCE) frame(p);
    if (!p->tree->void_mark.len) return;
    const struct press_type t = {
        .size = 96, .leading = 140, .bold = true, .sans = true, .colour = PRESS_GHOST, .align = PAPER_CENTER
    };
    p->lib->cairo_save(p->cr);
    p->lib->cairo_translate(p->cr, p->w / 2, p->h / 2);
    p->lib->cairo_rotate(p->cr, -.6);
    double diagonal = p->w + p->h;
    press_tag(p, "P");
    (void)press_put(p, p->tree->void_mark, &t, -diagonal / 2, -70, diagonal);
    press_untag(p, "P");
    p->lib->cairo_restore(p->cr);
}
