/* press: see press.h. Two passes over the same code: the first, dry, counts the pages; the second draws.
 *
 * Invariants: a failure is kept in `code` and every later step is harmless; both passes break pages at the
 * same places because measuring never depends on drawing.
 */
#include "proc/press/press.h"

#include "data/pdf.h"
#include "proc/press/press_private.h"

void press_fail(struct press *p, int code) {
    if (!p->code) p->code = code;
}

void press_colour(struct press *p, enum press_colour c) {
    static const unsigned rgb[] = { 0x15242B, 0x46565E, 0x0B5563, 0xB3261E,
                                    0x9FB2B4, 0xEFF4F2, 0xE3EEEB, 0xE6E9E8 };
    unsigned v = rgb[c];
    p->lib->cairo_set_source_rgb(p->cr, (v >> 16) / 255.0, (v >> 8 & 0xff) / 255.0,
                                 (v & 0xff) / 255.0);
}

void press_line(struct press *p, double x0, double y0, double x1, double y1, double width,
                enum press_colour c) {
    if (p->dry) return;
    press_colour(p, c);
    p->lib->cairo_set_line_width(p->cr, width);
    p->lib->cairo_move_to(p->cr, x0, y0);
    p->lib->cairo_line_to(p->cr, x1, y1);
    p->lib->cairo_stroke(p->cr);
}

void press_tag(struct press *p, const char *tag) {
    if (!p->dry) p->lib->cairo_tag_begin(p->cr, tag, NULL);
}

void press_untag(struct press *p, const char *tag) {
    if (!p->dry) p->lib->cairo_tag_end(p->cr, tag);
}

void press_figure(struct press *p, struct str alt) {
    if (p->dry) return;
    if (p->n_figures < PAPER_NODES_MAX) p->figure_alt[p->n_figures++] = alt;
    p->lib->cairo_tag_begin(p->cr, "Figure", NULL);
}

static void page_begin(struct press *p) {
    if (++p->page > PRESS_PAGES_MAX) press_fail(p, err_set(p->e, ERR_LIMIT, "%d", PRESS_PAGES_MAX));
    p->y = p->top;
    p->fresh = true;
    if (!p->dry) press_ground(p);
}

static struct str footer_text(struct press *p) {
    struct buf b;
    buf_init(&b, p->arena, 64, 4096);
    struct str f = p->tree->footer;
    for (size_t i = 0; i < f.len;) {
        bool n = str_starts(str_sub(f, i, 3), S("{n}")), m = str_starts(str_sub(f, i, 3), S("{m}"));
        if (n || m)
            buf_add_u64(&b, n ? p->page : p->pages);
        else
            buf_add_char(&b, f.ptr[i]);
        i += n || m ? 3 : 1;
    }
    return buf_str(&b);
}

static void page_end(struct press *p) {
    if (p->dry) return;
    if (p->pages > 1) {
        const struct press_type t = {
            .size = 8.5, .leading = 12, .sans = true, .colour = PRESS_INK2, .align = PAPER_CENTER
        };
        press_tag(p, "P");
        const double foot = p->h - PT(p->tree->margin[2]) + 12, frame = p->h - PRESS_FRAME - 16;
        (void)press_put(p, footer_text(p), &t, p->left, p->tree->style == PAPER_LICENCE && frame < foot ? frame : foot,
                        p->right - p->left);
        press_untag(p, "P");
    }
    p->lib->cairo_show_page(p->cr);
}

void press_break(struct press *p) {
    if (p->code) return;
    page_end(p);
    page_begin(p);
}

void press_need(struct press *p, double height) {
    if (!p->fresh && p->y + height > p->bottom) press_break(p);
}

static void title(struct press *p, const struct paper_node *n) {
    static const double sizes[PAPER_STYLE_END][4] = { { 30, 30, 17, 14 }, { 22, 22, 15, 12.5 }, { 20, 20, 14, 12 }, { 16, 16, 13, 11 } };
    static const char *const tags[] = { "H1", "H1", "H2", "H3" };
    double size = sizes[p->tree->style][n->level & 3];
    struct press_type t = {
        .size = size, .leading = size * 1.5, .bold = true, .colour = PRESS_INK, .align = n->align
    };
    if (n->level <= 1 && str_starts(p->tree->lang, S("zh")))
        t.tracking = size * (str_utf8_count(n->text) <= 8 ? .18 : .06);
    if (!p->fresh) p->y += size * .5;
    press_need(p, t.leading * 2);
    press_flow(p, n->text, &t, tags[n->level & 3], 0);
    if (n->level > 1) {
        p->y += size * .15;
        return;
    }
    double middle = (p->left + p->right) / 2, half = PT(p->tree->style == PAPER_LICENCE ? 3000 : 1800);
    if (p->tree->style == PAPER_LICENCE) {
        p->y += 5;
        press_line(p, middle - half, p->y, middle + half, p->y, 1.2, PRESS_BRAND);
        press_line(p, middle - half, p->y + 2.6, middle + half, p->y + 2.6, .4, PRESS_BRAND);
        p->y += 12;
    }
    p->y += size * .45;
}

static void para(struct press *p, const struct paper_node *n) {
    static const double sizes[PAPER_STYLE_END][4] = { { 12.5, 10, 15, 22 }, { 12.5, 10, 15, 20 }, { 11, 9, 14, 18 }, { 9.5, 8.5, 11, 14 } };
    double size = sizes[p->tree->style][n->level & 3];
    const struct press_type t = { .size = size,
                                  .leading = size * (str_starts(p->tree->lang, S("zh")) ? 1.75 : 1.5),
                                  .bold = n->bold,
                                  .sans = n->sans,
                                  .colour = n->level == PAPER_SMALL ? PRESS_INK2 : PRESS_INK,
                                  .align = n->align,
                                  .indent = size * n->indent };
    press_flow(p, n->text, &t, "P", press_keep(p, n));
    p->y += n->level == PAPER_SMALL ? 5 : size * .2;
}

static void rule(struct press *p, const struct paper_node *n) {
    press_need(p, 12);
    p->y += 6;
    double width = n->level == PAPER_THICK ? 1.4 : n->level == PAPER_DOUBLE ? 1.1 : .5;
    press_line(p, p->left, p->y, p->right, p->y, width, n->level == PAPER_THIN ? PRESS_LINE : PRESS_BRAND);
    if (n->level == PAPER_DOUBLE) press_line(p, p->left, p->y + 2.4, p->right, p->y + 2.4, .4, PRESS_BRAND);
    p->y += 8;
}

double press_keep(struct press *p, const struct paper_node *last) {
    const struct paper_node *n = last->next;
    double room = 0;
    for (; n && n->kind == PAPER_SPACE; n = n->next) room += PT(n->h) * p->air;
    if (!n || n->placed || (n->kind != PAPER_QR && n->kind != PAPER_SEAL && n->kind != PAPER_IMAGE)) return 0;
    const struct press was = *p;
    p->y = p->top, p->fresh = true, p->dry = true;
    (void)press_figures(p, n);
    room += p->y - p->top;
    p->y = was.y, p->fresh = was.fresh, p->dry = was.dry, p->page = was.page;
    return room;
}

static void lay(struct press *p, const struct paper_node *page_node) {
    page_begin(p);
    for (const struct paper_node *n = page_node->first; n && !p->code; n = n->next) {
        switch (n->kind) {
        case PAPER_TITLE: title(p, n); break;
        case PAPER_PARA: para(p, n); break;
        case PAPER_FIELD: n = press_fields(p, n); break;
        case PAPER_TABLE: press_table(p, n); break;
        case PAPER_IMAGE:
        case PAPER_QR:
        case PAPER_SEAL: n = press_figures(p, n); break;
        case PAPER_RULE: rule(p, n); break;
        case PAPER_SPACE: p->y += PT(n->h) * p->air; break;
        default: break;
        }
    }
    if (!p->code) page_end(p);
}

/* A page of a licence that runs over by a little gives up air, by quarters; one that runs over all the same keeps it. */
static void page(struct press *p, const struct paper_node *page_node) {
    const bool dry = p->dry;
    const unsigned before = p->page;
    unsigned used = 1;
    p->air = 1;
    for (int quarters = 4; p->tree->style == PAPER_LICENCE && quarters >= 0 && !p->code; quarters--) {
        p->dry = true;
        p->air = quarters / 4.0;
        lay(p, page_node);
        used = p->page - before;
        p->page = before;
        if (used == 1) break;
    }
    if (used > 1) p->air = 1;
    p->dry = dry;
    if (!p->code) lay(p, page_node);
}

static void pass(struct press *p, bool dry) {
    p->dry = dry;
    p->page = 0;
    press_tag(p, "Document");
    for (const struct paper_node *n = p->tree->first; n && !p->code; n = n->next) page(p, n);
    press_untag(p, "Document");
    if (dry) p->pages = p->page;
}

static cairo_status_t write_pdf(void *context, const unsigned char *bytes, unsigned len) {
    struct buf *b = context;
    buf_add(b, str_make((const char *)bytes, len));
    return buf_ok(b) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void set_metadata(struct press *p, cairo_surface_t *s) {
    char *title_text = arena_cstr(p->arena, p->tree->title), *made = arena_cstr(p->arena, p->tree->made);
    p->lib->cairo_pdf_surface_restrict_to_version(
        s, CAIRO_PDF_VERSION_1_4); /* a plain cross-reference table, which data/pdf continues */
    p->lib->cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, title_text ? title_text : "");
    p->lib->cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, made ? made : "");
}

static void measure(struct press *p) {
    const struct paper_tree *t = p->tree;
    p->w = PT(t->w);
    p->h = PT(t->h);
    p->top = PT(t->margin[0]);
    p->right = p->w - PT(t->margin[1]);
    p->bottom = p->h - PT(t->margin[2]);
    p->left = PT(t->margin[3]);
}

static bool iso_shape(struct str s) {
    static const char shape[] = "0000-00-00T00:00:00";
    if (s.len < 20 || s.len > 25) return false;
    for (size_t i = 0; i + 1 < sizeof shape; i++)
        if (shape[i] == '0' ? s.ptr[i] < '0' || s.ptr[i] > '9' : s.ptr[i] != shape[i]) return false;
    return true;
}

int press_set(struct arena *a, struct str message, struct str *ret, struct err *e) {
    struct paper_tree *tree;
    int r = paper_tree_read(a, message, &tree, e);
    if (r) return r;
    if (!iso_shape(tree->made)) return err_set(e, ERR_SYNTAX, "made");
    struct press_lib lib;
    r = press_lib_load(&lib, e);
    if (r) return r;
    struct press p = { .lib = &lib, .arena = a, .e = e, .tree = tree };
    p.figure_alt = arena_array(a, tree->n_nodes + 1, sizeof *p.figure_alt);
    if (!p.figure_alt) return err_set(e, ERR_MEMORY, "press");
    measure(&p);
    struct buf out;
    buf_init(&out, a, 256 * 1024, PRESS_PDF_BYTES_MAX);
    cairo_surface_t *s = lib.cairo_pdf_surface_create_for_stream(write_pdf, &out, p.w, p.h);
    p.cr = lib.cairo_create(s);
    set_metadata(&p, s);
    if (press_fonts(&p)) {
        pass(&p, true);
        if (!p.code) pass(&p, false);
    }
    cairo_status_t status = lib.cairo_status(p.cr);
    lib.cairo_destroy(p.cr);
    lib.cairo_surface_finish(s);
    if (status == CAIRO_STATUS_SUCCESS) status = lib.cairo_surface_status(s);
    lib.cairo_surface_destroy(s);
    if (p.code) return p.code;
    if (!buf_ok(&out)) return err_set(e, ERR_LIMIT, "%d MiB", PRESS_PDF_BYTES_MAX >> 20);
    if (status != CAIRO_STATUS_SUCCESS)
        return err_set(e, ERR_IO, "cairo: %s", lib.cairo_status_to_string(status));
    const struct pdf_meta meta = { .title = tree->title,
                                   .lang = tree->lang,
                                   .creator = S("通办 Tongban"),
                                   .made = tree->made,
                                   .alt = p.figure_alt,
                                   .n_alt = p.n_figures };
    return pdf_describe(a, buf_str(&out), &meta, ret, e);
}
