/* press_text: text by pango: fonts, lines, blocks over pages.
 *
 * Invariants: a layout is freed by who asked for it; lines stand at a fixed leading from the top of their
 * block, so that the height is known before drawing; control characters never reach pango.
 */
#include "proc/press/press_private.h"

#include <string.h>

#include "os/library.h"
#include "proc/press/press.h"

static bool font_there(struct press *p, PangoContext *c, const char *family) {
    PangoFontDescription *want = p->lib->pango_font_description_new();
    p->lib->pango_font_description_set_family_static(want, family);
    p->lib->pango_font_description_set_absolute_size(want, 12 * PANGO_SCALE);
    PangoFont *font = p->lib->pango_context_load_font(c, want);
    bool there = false;
    if (font) {
        PangoFontDescription *got = p->lib->pango_font_describe(font);
        there = strcmp(p->lib->pango_font_description_get_family(got), family) == 0;
        p->lib->pango_font_description_free(got);
        p->lib->g_object_unref(font);
    }
    p->lib->pango_font_description_free(want);
    return there;
}

bool press_fonts(struct press *p) {
    PangoContext *c = p->lib->pango_cairo_create_context(p->cr);
    bool there = font_there(p, c, PRESS_SERIF) && font_there(p, c, PRESS_SANS);
    p->lib->g_object_unref(c);
    if (!there) press_fail(p, err_set(p->e, ERR_IO, "fonts-noto-cjk"));
    return there;
}

/* Control characters but the line break become blanks; U+2028 and the like are left to pango. */
static char *clean(struct press *p, struct str s) {
    char *copy = arena_alloc(p->arena, s.len + 1);
    if (!copy) {
        press_fail(p, err_set(p->e, ERR_MEMORY, "press"));
        return NULL;
    }
    for (size_t i = 0; i < s.len; i++)
        copy[i] = (unsigned char)s.ptr[i] < ' ' && s.ptr[i] != '\n' ? ' ' : s.ptr[i];
    return copy;
}

/* The text with a geta mark, as printers have always set what they had no type for, where a glyph is missing; NULL: no memory. */
static char *with_geta(struct press *p, PangoLayout *l, const char *text, size_t len, size_t *ret_len) {
    bool *missing = arena_array(p->arena, len + 1, sizeof *missing);
    struct buf b;
    buf_init(&b, p->arena, len + 64, len * 3 + 64);
    PangoLayoutIter *it = p->lib->pango_layout_get_iter(l);
    do {
        const PangoLayoutRun *run = p->lib->pango_layout_iter_get_run_readonly(it);
        for (int i = 0; missing && run && i < run->glyphs->num_glyphs; i++) {
            size_t at = (size_t)(run->item->offset + run->glyphs->log_clusters[i]);
            if ((run->glyphs->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG) && at < len) missing[at] = true;
        }
    } while (p->lib->pango_layout_iter_next_run(it));
    p->lib->pango_layout_iter_free(it);
    for (size_t at = 0; missing && at < len;) {
        size_t from = at;
        (void)str_utf8_next(str_make(text, len), &at);
        if (missing[from]) buf_add(&b, S("〓"));
        else buf_add(&b, str_make(text + from, at - from));
    }
    *ret_len = b.len;
    return missing && buf_ok(&b) ? arena_cstr(p->arena, buf_str(&b)) : NULL;
}

/* Bytes up to the next blank, or to a character that is none of a code's. */
static size_t word_of(struct str s) {
    size_t n = 0;
    while (n < s.len && s.ptr[n] > ' ' && (unsigned char)s.ptr[n] < 0x80) n++;
    return n;
}

PangoLayout *press_layout(struct press *p, struct str text, const struct press_type *t, double width) {
    PangoLayout *l = p->lib->pango_cairo_create_layout(p->cr);
    PangoContext *c = p->lib->pango_layout_get_context(l);
    cairo_font_options_t *o = p->lib->cairo_font_options_create();
    p->lib->cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
    p->lib->cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
    p->lib->pango_cairo_context_set_font_options(c, o);
    p->lib->cairo_font_options_destroy(o);
    p->lib->pango_context_set_language(c, p->lib->pango_language_from_string("zh-cn"));
    p->lib->pango_context_set_round_glyph_positions(c, FALSE);
    PangoFontDescription *d = p->lib->pango_font_description_new();
    p->lib->pango_font_description_set_family_static(d, t->sans ? PRESS_SANS : PRESS_SERIF);
    p->lib->pango_font_description_set_weight(d, t->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    p->lib->pango_font_description_set_absolute_size(d, t->size * PANGO_SCALE);
    p->lib->pango_layout_set_font_description(l, d);
    p->lib->pango_font_description_free(d);
    /* A code that does not fit its cell is broken without a hyphen, which would read as a part of it; and no
     * ligatures, which come out of the PDF as other characters when text is searched or copied. */
    PangoAttrList *list = p->lib->pango_attr_list_new();
    p->lib->pango_attr_list_insert(list, p->lib->pango_attr_insert_hyphens_new(FALSE));
    p->lib->pango_attr_list_insert(list, p->lib->pango_attr_font_features_new("liga=0"));
    if (t->tracking > 0)
        p->lib->pango_attr_list_insert(
            list, p->lib->pango_attr_letter_spacing_new((int)(t->tracking * PANGO_SCALE)));
    for (size_t at = 0; t->codes && at < text.len;) {
        const size_t end = at + word_of(str_sub(text, at, text.len - at));
        if (end == at) {
            at++;
            continue;
        }
        PangoAttribute *whole = p->lib->pango_attr_allow_breaks_new(FALSE);
        whole->start_index = (guint)at, whole->end_index = (guint)end;
        p->lib->pango_attr_list_insert(list, whole);
        at = end + 1;
    }
    p->lib->pango_layout_set_attributes(l, list);
    p->lib->pango_attr_list_unref(list);
    if (width > 0) p->lib->pango_layout_set_width(l, (int)(width * PANGO_SCALE));
    p->lib->pango_layout_set_wrap(l, t->codes ? PANGO_WRAP_WORD : PANGO_WRAP_WORD_CHAR);
    p->lib->pango_layout_set_indent(l, (int)(t->indent * PANGO_SCALE));
    static const PangoAlignment aligns[] = { PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT };
    p->lib->pango_layout_set_alignment(l, aligns[t->align < 3 ? t->align : 0]);
    char *copy = clean(p, text);
    if (copy) p->lib->pango_layout_set_text(l, copy, (int)text.len);
    if (copy && p->tree->style == PAPER_LIST && p->lib->pango_layout_get_unknown_glyphs_count(l) > 0) {
        size_t len;
        char *shown = with_geta(p, l, copy, text.len, &len);
        if (shown) p->lib->pango_layout_set_text(l, shown, (int)len);
    }
    if (p->lib->pango_layout_get_unknown_glyphs_count(l) > 0)
        press_fail(p, err_set(p->e, ERR_INPUT, "字库缺字：%.60s", copy ? copy : ""));
    return l;
}

int press_lines(struct press *p, PangoLayout *l) {
    return p->lib->pango_layout_get_line_count(l);
}

void press_draw_lines(struct press *p, PangoLayout *l, const struct press_type *t, double x, double y,
                      int from, int n) {
    if (p->dry) return;
    PangoLayoutIter *it = p->lib->pango_layout_get_iter(l);
    int i = 0;
    do {
        if (i >= from && i < from + n) {
            PangoRectangle logical;
            p->lib->pango_layout_iter_get_line_extents(it, NULL, &logical);
            /* 0.37 em: half the height of a Chinese character above the baseline less what hangs below it. */
            p->lib->cairo_move_to(p->cr, x + (double)logical.x / PANGO_SCALE,
                          y + (i - from) * t->leading + t->leading / 2 + t->size * .37);
            press_colour(p, t->colour);
            p->lib->pango_cairo_show_layout_line(
                p->cr, p->lib->pango_layout_iter_get_line_readonly(it));
        }
        i++;
    } while (p->lib->pango_layout_iter_next_line(it));
    p->lib->pango_layout_iter_free(it);
}

void press_flow(struct press *p, struct str text, const struct press_type *t, const char *tag, double keep) {
    if (p->code) return;
    PangoLayout *l = press_layout(p, text, t, p->right - p->left);
    int lines = press_lines(p, l);
    for (int at = 0; at < lines && !p->code;) {
        const double rest = (lines - at) * t->leading;
        const bool last = lines - at <= 3 && rest + keep <= p->bottom - p->top;
        press_need(p, last ? rest + keep : t->leading);
        int fit = (int)((p->bottom - p->y) / t->leading + 1e-6);
        if (fit < 1) fit = 1;
        if (fit > lines - at)
            fit = lines - at;
        else if (lines - at - fit == 1 && fit > 2)
            fit--; /* no lonely last line */
        if (fit == lines - at && fit > 3 && p->y + rest + keep > p->bottom) fit -= 2; /* they stand with what follows */
        press_tag(p, tag);
        press_draw_lines(p, l, t, p->left, p->y, at, fit);
        press_untag(p, tag);
        p->y += fit * t->leading;
        p->fresh = false;
        at += fit;
        if (at < lines) press_break(p);
    }
    p->lib->g_object_unref(l);
}

double press_put(struct press *p, struct str text, const struct press_type *t, double x, double y,
                 double width) {
    if (p->code || text.len == 0) return 0;
    PangoLayout *l = press_layout(p, text, t, width);
    int n = press_lines(p, l);
    press_draw_lines(p, l, t, x, y, 0, n);
    p->lib->g_object_unref(l);
    return n * t->leading;
}

int press_lib_load(struct press_lib *ret, struct err *e) {
    static const struct library_entry entry[] = {
#define X(f) { #f, offsetof(struct press_lib, f), false },
        PRESS_FUNCTIONS(X)
#undef X
    };
    /* the others are what it depends on, where the loader looks as well */
    return library_load("libpangocairo-1.0.so.0", "libpangocairo-1.0-0", entry, sizeof entry / sizeof *entry, ret, e);
}

void press_done(void) {
    struct press_lib lib;
    struct err e;
    if (press_lib_load(&lib, &e)) return;
    lib.pango_cairo_font_map_set_default(NULL);
    lib.cairo_debug_reset_static_data();
    lib.FcFini();
}
