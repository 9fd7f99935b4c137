/* press_private: what the chapters of the press share. Lengths are points (1/72 inch) from here on. Not for
 * others. */
#ifndef PROC_PRESS_PRIVATE_H
#define PROC_PRESS_PRIVATE_H

#include "engine/paper/paper_layout.h"
#include "proc/press/press_lib.h"

#define PRESS_SERIF "Noto Serif CJK SC"
#define PRESS_SANS "Noto Sans CJK SC"
#define PRESS_FRAME PT(1240) /* from the edge of a licence to the inner line of its frame */
#define PT(hundredths_mm) ((double)(hundredths_mm) * 72.0 / 2540.0)

enum press_colour { PRESS_INK, PRESS_INK2, PRESS_BRAND, PRESS_SEAL, PRESS_LINE, PRESS_TINT, PRESS_PALE, PRESS_GHOST };

struct press {
    const struct press_lib *lib;
    struct arena *arena;
    struct err *e;
    cairo_t *cr;
    const struct paper_tree *tree;
    double w, h, left, top, right, bottom; /* sheet and the box of the text */
    double y;                              /* where the next block begins */
    bool dry;                              /* first pass: only counts the pages */
    bool fresh;                            /* nothing stands on this page yet */
    double air; /* 0..1: how much of the room between blocks is left; a licence gives it up to stay on its page */
    unsigned page, pages;
    size_t n_figures;
    struct str *figure_alt; /* in order of the figures; PAPER_NODES_MAX places */
    int code;               /* first failure */
};

struct press_type {
    double size, leading; /* leading: from line to line */
    bool bold, sans;
    enum press_colour colour;
    uint8_t align;
    double indent;   /* first line */
    double tracking; /* extra between letters */
    bool codes;      /* what is joined by hyphens is a code: it is not broken */
};

void press_fail(struct press *p, int code);
void press_colour(struct press *p, enum press_colour c);
void press_line(struct press *p, double x0, double y0, double x1, double y1, double width, enum press_colour c);
/* Structure tags; nothing in the dry pass. Only a leaf tag may hold text. */
void press_tag(struct press *p, const char *tag);
void press_untag(struct press *p, const char *tag);
/* A figure's tag with its alternative text. */
void press_figure(struct press *p, struct str alt);
/* Ends the page and begins the next. */
void press_break(struct press *p);
/* Breaks if `height` does not fit any more and would fit better on a new page. */
void press_need(struct press *p, double height);

/* The room that must be left behind the block that ends with `last`: that of the figures that follow it, so that a seal never stands on a
 * page without a line of what it seals. */
double press_keep(struct press *p, const struct paper_node *last);

/* press_text.c */
bool press_fonts(struct press *p);
PangoLayout *press_layout(struct press *p, struct str text, const struct press_type *t, double width);
int press_lines(struct press *p, PangoLayout *l);
/* Draws lines from..from+n of the layout, the first with its top at y. */
void press_draw_lines(struct press *p, PangoLayout *l, const struct press_type *t, double x, double y, int from, int n);
/* A block of text that may run over pages; the tag is repeated on each. Its last lines stay with what follows within `keep`. */
void press_flow(struct press *p, struct str text, const struct press_type *t, const char *tag, double keep);
/* One line or more in a box of fixed width, not tagged; returns its height. */
double press_put(struct press *p, struct str text, const struct press_type *t, double x, double y, double width);

/* press_table.c */
void press_table(struct press *p, const struct paper_node *n);
/* A run of fields from `n`; returns the last one set. */
const struct paper_node *press_fields(struct press *p, const struct paper_node *n);

/* press_figure.c */
/* QR code, seal or image at `n`; those that follow it with another alignment stand beside it. Returns the
 * last one set. */
const struct paper_node *press_figures(struct press *p, const struct paper_node *n);
/* Ground of a page: a licence's frame, the void mark. */
void press_ground(struct press *p);

#endif
