/* press_text: text by pango: fonts, lines, blocks over pages.
 *
 * Invariants: a layout is freed by who asked for it; lines stand at a fixed leading from the top of their
 * block, so that the height is known before drawing; control characters never reach pango.
 */
#include "proc/press/press_private.h"

#include <fontconfig/fontconfig.h>
#include <string.h>

#include "proc/press/press.h"

static bool font_there(PangoContext *c, const char *family) {
    PangoFontDescription *want = pango_font_description_new();
    pango_font_description_set_family_static(want, family);
    pango_font_description_set_absolute_size(want, 12 * PANGO_SCALE);
    PangoFont *font = pango_context_load_font(c, want);
    bool there = false;
    if (font) {
        PangoFontDescription *got = pango_font_describe(font);
        there = strcmp(pango_font_description_get_family(got), family) == 0;
        pango_font_description_free(got);
        g_object_unref(font);
    }
    pango_font_description_free(want);
    return there;
}

bool press_fonts(struct press *p) {
    PangoContext *c = pango_cairo_create_context(p->cr);
    bool there = font_there(c, PRESS_SERIF) && font_there(c, PRESS_SANS);
    g_object_unref(c);
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

PangoLayout *press_layout(struct press *p, struct str text, const struct press_type *t, double width) {
    PangoLayout *l = pango_cairo_create_layout(p->cr);
    PangoContext *c = pango_layout_get_context(l);
    cairo_font_options_t *o = cairo_font_options_create();
    cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(c, o);
    cairo_font_options_destroy(o);
    pango_context_set_language(c, pango_language_from_string("zh-cn"));
    pango_context_set_round_glyph_positions(c, FALSE);
    PangoFontDescription *d = pango_font_description_new();
    pango_font_description_set_family_static(d, t->sans ? PRESS_SANS : PRESS_SERIF);
    pango_font_description_set_weight(d, t->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(d, t->size * PANGO_SCALE);
    pango_layout_set_font_description(l, d);
    pango_font_description_free(d);
    /* A code that does not fit its cell is broken without a hyphen, which would read as a part of it; and no
     * ligatures, which come out of the PDF as other characters when text is searched or copied. */
    PangoAttrList *list = pango_attr_list_new();
    pango_attr_list_insert(list, pango_attr_insert_hyphens_new(FALSE));
    pango_attr_list_insert(list, pango_attr_font_features_new("liga=0"));
    if (t->tracking > 0)
        pango_attr_list_insert(list, pango_attr_letter_spacing_new((int)(t->tracking * PANGO_SCALE)));
    pango_layout_set_attributes(l, list);
    pango_attr_list_unref(list);
    if (width > 0) pango_layout_set_width(l, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_indent(l, (int)(t->indent * PANGO_SCALE));
    static const PangoAlignment aligns[] = { PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT };
    pango_layout_set_alignment(l, aligns[t->align < 3 ? t->align : 0]);
    char *copy = clean(p, text);
    if (copy) pango_layout_set_text(l, copy, (int)text.len);
    if (pango_layout_get_unknown_glyphs_count(l) > 0)
        press_fail(p, err_set(p->e, ERR_INPUT, "字库缺字：%.60s", copy ? copy : ""));
    return l;
}

int press_lines(PangoLayout *l) {
    return pango_layout_get_line_count(l);
}

void press_draw_lines(struct press *p, PangoLayout *l, const struct press_type *t, double x, double y,
                      int from, int n) {
    if (p->dry) return;
    PangoLayoutIter *it = pango_layout_get_iter(l);
    int i = 0;
    do {
        if (i >= from && i < from + n) {
            PangoRectangle logical;
            pango_layout_iter_get_line_extents(it, NULL, &logical);
            /* 0.37 em: half the height of a Chinese character above the baseline less what hangs below it. */
            cairo_move_to(p->cr, x + (double)logical.x / PANGO_SCALE,
                          y + (i - from) * t->leading + t->leading / 2 + t->size * .37);
            press_colour(p, t->colour);
            pango_cairo_show_layout_line(p->cr, pango_layout_iter_get_line_readonly(it));
        }
        i++;
    } while (pango_layout_iter_next_line(it));
    pango_layout_iter_free(it);
}

void press_flow(struct press *p, struct str text, const struct press_type *t, const char *tag) {
    if (p->code) return;
    PangoLayout *l = press_layout(p, text, t, p->right - p->left);
    int lines = press_lines(l);
    for (int at = 0; at < lines && !p->code;) {
        press_need(p, t->leading);
        int fit = (int)((p->bottom - p->y) / t->leading + 1e-6);
        if (fit < 1) fit = 1;
        if (fit > lines - at)
            fit = lines - at;
        else if (lines - at - fit == 1 && fit > 2)
            fit--; /* no lonely last line */
        press_tag(p, tag);
        press_draw_lines(p, l, t, p->left, p->y, at, fit);
        press_untag(p, tag);
        p->y += fit * t->leading;
        p->fresh = false;
        at += fit;
        if (at < lines) press_break(p);
    }
    g_object_unref(l);
}

double press_put(struct press *p, struct str text, const struct press_type *t, double x, double y,
                 double width) {
    if (p->code || text.len == 0) return 0;
    PangoLayout *l = press_layout(p, text, t, width);
    int n = press_lines(l);
    press_draw_lines(p, l, t, x, y, 0, n);
    g_object_unref(l);
    return n * t->leading;
}

void press_done(void) {
    pango_cairo_font_map_set_default(NULL);
    cairo_debug_reset_static_data();
    FcFini();
}
