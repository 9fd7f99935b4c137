/* press_lib: what is called of pango, cairo, glib and fontconfig: loaded in the process `press` alone (os/library.h). */
#ifndef PROC_PRESS_LIB_H
#define PROC_PRESS_LIB_H

#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>

#include "base/err.h"

/* One row per function. */
#define PRESS_FUNCTIONS(X) \
    X(FcFini) X(cairo_arc) X(cairo_close_path) X(cairo_create) X(cairo_debug_reset_static_data) \
    X(cairo_destroy) X(cairo_fill) X(cairo_font_options_create) X(cairo_font_options_destroy) \
    X(cairo_font_options_set_hint_metrics) X(cairo_font_options_set_hint_style) \
    X(cairo_get_source) X(cairo_image_surface_create_from_png_stream) \
    X(cairo_image_surface_get_height) X(cairo_image_surface_get_width) X(cairo_line_to) \
    X(cairo_move_to) X(cairo_new_sub_path) X(cairo_pattern_set_extend) \
    X(cairo_pdf_surface_create_for_stream) X(cairo_pdf_surface_restrict_to_version) \
    X(cairo_pdf_surface_set_metadata) X(cairo_rectangle) X(cairo_restore) X(cairo_rotate) \
    X(cairo_save) X(cairo_scale) X(cairo_set_line_join) X(cairo_set_line_width) \
    X(cairo_set_source_rgb) X(cairo_set_source_surface) X(cairo_show_page) X(cairo_status) \
    X(cairo_status_to_string) X(cairo_stroke) X(cairo_surface_destroy) X(cairo_surface_finish) \
    X(cairo_surface_status) X(cairo_tag_begin) X(cairo_tag_end) X(cairo_translate) \
    X(g_object_unref) X(pango_attr_allow_breaks_new) X(pango_attr_font_features_new) X(pango_attr_insert_hyphens_new) \
    X(pango_attr_letter_spacing_new) X(pango_attr_list_insert) X(pango_attr_list_new) \
    X(pango_attr_list_unref) X(pango_cairo_context_set_font_options) \
    X(pango_cairo_create_context) X(pango_cairo_create_layout) \
    X(pango_cairo_font_map_set_default) X(pango_cairo_layout_line_path) \
    X(pango_cairo_show_layout_line) X(pango_context_load_font) X(pango_context_set_language) \
    X(pango_context_set_round_glyph_positions) X(pango_font_describe) \
    X(pango_font_description_free) X(pango_font_description_get_family) \
    X(pango_font_description_new) X(pango_font_description_set_absolute_size) \
    X(pango_font_description_set_family_static) X(pango_font_description_set_weight) \
    X(pango_language_from_string) X(pango_layout_get_context) X(pango_layout_get_extents) \
    X(pango_layout_get_iter) X(pango_layout_get_line_count) X(pango_layout_get_line_readonly) \
    X(pango_layout_get_unknown_glyphs_count) X(pango_layout_iter_free) \
    X(pango_layout_iter_get_line_extents) X(pango_layout_iter_get_line_readonly) \
    X(pango_layout_iter_get_run_readonly) X(pango_layout_iter_next_run) X(pango_layout_iter_next_line) X(pango_layout_line_get_extents) \
    X(pango_layout_set_alignment) X(pango_layout_set_attributes) \
    X(pango_layout_set_font_description) X(pango_layout_set_indent) X(pango_layout_set_text) \
    X(pango_layout_set_width) X(pango_layout_set_wrap)
struct press_lib {
#define X(f) __typeof__(f) *f;
    PRESS_FUNCTIONS(X)
#undef X
};
/* ERR_IO: not installed. Before the fence closes in the role; later calls find it loaded. */
int press_lib_load(struct press_lib *ret, struct err *e);

#endif
