/* flow_svg: the drawing of a process (BPMNDI, OMG formal/13-12-09 annex B) as SVG made in C.
 *
 * Invariants
 *  1. Every text goes through the HTML writer; every number is a whole pixel.
 *  2. Grounds are solid, so that contrast can be measured; a state differs in outline and in words (<title>), not by
 *     colour alone.
 *  3. No id, no style attribute, no script: several drawings fit on one page under a strict content policy.
 */
#include "data/write.h"
#include "engine/flow/flow.h"

enum { MARGIN = 24, LINE = 18, GLYPH = 14, LINES_MAX = 3, LABEL_GLYPHS = 8 };

struct drawing {
    struct buf *out;
    const struct flow_model *m;
    const struct flow_drawing *d;
};

static struct str shown(const struct drawing *g, struct str source) {
    return g->d->text && source.len ? g->d->text(g->d->context, source) : source;
}

static const struct flow_step *step_of(const struct drawing *g, const struct flow_element *el) {
    for (size_t i = 0; i < g->d->n_step; i++)
        if (g->d->step[i].element == el) return &g->d->step[i];
    return NULL;
}

struct look {
    const char *class, *ground, *stroke;
    int width;
    struct str word;
};

static struct look look_of(const struct drawing *g, const struct flow_element *el) {
    const struct flow_step *s = step_of(g, el);
    switch (s ? s->state : FLOW_STEP_AHEAD) {
    case FLOW_STEP_NOW: return (struct look){ "flow-now", "#fff4d6", "#8a5a00", 4, S("正在办理") };
    case FLOW_STEP_DONE: return (struct look){ "flow-done", "#e6f2ea", "#1f6b3a", 2, S("已办") };
    case FLOW_STEP_INCIDENT: return (struct look){ "flow-incident", "#fde8e6", "#b3261e", 4, S("出错，等待处理") };
    default: return (struct look){ "flow-ahead", "#ffffff", "#444444", 1, S("") };
    }
}

/* Width in half characters: ASCII one, all else two. */
static int halves_of(struct str s) {
    int halves = 0;
    for (size_t at = 0; at < s.len;) {
        int32_t c = str_utf8_next(s, &at);
        halves += c >= 0 && c < 0x80 ? 1 : 2;
    }
    return halves;
}

/* One line of at most `glyphs` wide characters from *at; ASCII counts half. */
static struct str next_line(struct str s, size_t *at, int glyphs) {
    size_t from = *at, to = from;
    int halves = 0;
    while (to < s.len) {
        size_t next = to;
        int32_t c = str_utf8_next(s, &next);
        halves += c >= 0 && c < 0x80 ? 1 : 2;
        if (halves > glyphs * 2 || c == '\n') break;
        to = next;
    }
    if (to == from && to < s.len) (void)str_utf8_next(s, &to);
    if (to < s.len) { /* a word of letters is not broken when there is a blank to break at */
        size_t blank = to;
        while (blank > from && s.ptr[blank] != ' ' && (unsigned char)s.ptr[blank - 1] < 0x80) blank--;
        if (blank > from && s.ptr[blank] == ' ') to = blank;
    }
    *at = to;
    while (*at < s.len && s.ptr[*at] == ' ') ++*at;
    return str_sub(s, from, to - from);
}

/* Centred lines around (x, y). `ground`: on a solid rectangle, for labels beside shapes. */
static void text_at(const struct drawing *g, struct str s, int32_t x, int32_t y, int glyphs, bool below) {
    struct str line[LINES_MAX];
    size_t at = 0;
    int n = 0;
    if (!s.len) return;
    int halves = halves_of(s), lines = (halves + 2 * glyphs - 1) / (2 * glyphs), widest = 0;
    if (lines > 1 && lines <= LINES_MAX && str_find_char(s, ' ', 0) == SIZE_MAX)
        glyphs = (halves + 2 * lines - 1) / (2 * lines); /* lines of equal length, no lone last character */
    while (n < LINES_MAX && at < s.len) {
        line[n] = next_line(s, &at, glyphs);
        if (halves_of(line[n]) > widest) widest = halves_of(line[n]);
        n++;
    }
    int32_t top = below ? y + LINE : y - (n - 1) * LINE / 2 + GLYPH / 3;
    if (below)
        buf_add_fmt(g->out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>",
                    x - widest * GLYPH / 4, top - GLYPH, widest * GLYPH / 2, n * LINE);
    for (int i = 0; i < n; i++) {
        buf_add_fmt(g->out, "<text x=\"%d\" y=\"%d\" font-size=\"%d\" text-anchor=\"middle\" fill=\"#1a1a1a\">", x,
                    top + i * LINE, GLYPH - 1);
        write_html_text(g->out, line[i]);
        if (i == n - 1 && at < s.len) buf_add(g->out, S("…"));
        buf_add(g->out, S("</text>"));
    }
}

static int32_t root_of(int64_t v) { /* whole square root; at most 20 rounds of Newton's method */
    int64_t r = v > 1 ? v / 2 : v;
    for (int i = 0; i < 40 && r > 1 && r > v / r; i++) r = (r + v / r) / 2;
    return (int32_t)r;
}

static void draw_edge(const struct drawing *g, const struct flow_edge *d) {
    if (d->n_point < 2) return;
    buf_add(g->out,
            S("<g class=\"flow-edge\"><polyline fill=\"none\" stroke=\"#555555\" stroke-width=\"2\" points=\""));
    for (size_t i = 0; i < d->n_point; i++) buf_add_fmt(g->out, i ? " %d,%d" : "%d,%d", d->point[i].x, d->point[i].y);
    buf_add(g->out, S("\"/>"));
    struct flow_point a = d->point[d->n_point - 2], b = d->point[d->n_point - 1];
    int64_t dx = b.x - a.x, dy = b.y - a.y;
    int32_t len = root_of(dx * dx + dy * dy);
    if (len > 0) { /* an arrow of 10 by 10 pixels against the last stretch */
        int32_t ux = (int32_t)(dx * 10 / len), uy = (int32_t)(dy * 10 / len);
        buf_add_fmt(g->out, "<polygon fill=\"#555555\" points=\"%d,%d %d,%d %d,%d\"/>", b.x, b.y, b.x - ux - uy / 2,
                    b.y - uy + ux / 2, b.x - ux + uy / 2, b.y - uy - ux / 2);
    }
    if (d->name.len) {
        struct flow_point from = d->point[0], to = d->point[1];
        text_at(g, shown(g, d->name), (from.x + to.x) / 2, (from.y + to.y) / 2 - LINE - 4, 4, true);
    }
    buf_add(g->out, S("</g>\n"));
}

static void gateway_mark(const struct drawing *g, const struct flow_element *el, int32_t x, int32_t y, int32_t r) {
    if (el->kind == FLOW_OR)
        buf_add_fmt(g->out,
                    "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"none\" stroke=\"#1a1a1a\" stroke-width=\"3\"/>", x,
                    y, r);
    else if (el->kind == FLOW_AND)
        buf_add_fmt(g->out, "<path d=\"M%d %dV%dM%d %dH%d\" stroke=\"#1a1a1a\" stroke-width=\"3\"/>", x, y - r, y + r,
                    x - r, y, x + r);
    else
        buf_add_fmt(g->out, "<path d=\"M%d %dL%d %dM%d %dL%d %d\" stroke=\"#1a1a1a\" stroke-width=\"3\"/>", x - r,
                    y - r, x + r, y + r, x - r, y + r, x + r, y - r);
}

static void draw_shape(const struct drawing *g, const struct flow_element *el, const struct look *k) {
    struct flow_box b = el->box;
    int32_t x = b.x + b.w / 2, y = b.y + b.h / 2, r = (b.w < b.h ? b.w : b.h) / 2;
    const char *dash = el->kind == FLOW_BOUNDARY && !el->interrupting ? " stroke-dasharray=\"4 3\"" : "";
    switch (el->kind) {
    case FLOW_XOR:
    case FLOW_AND:
    case FLOW_OR:
        buf_add_fmt(g->out,
                    "<polygon points=\"%d,%d %d,%d %d,%d %d,%d\" fill=\"%s\" stroke=\"%s\" stroke-width=\"%d\"/>", x,
                    b.y, b.x + b.w, y, x, b.y + b.h, b.x, y, k->ground, k->stroke, k->width + 1);
        gateway_mark(g, el, x, y, r / 3);
        break;
    case FLOW_USER:
    case FLOW_SERVICE:
    case FLOW_RULE:
    case FLOW_SUB:
        buf_add_fmt(g->out,
                    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\" stroke=\"%s\" "
                    "stroke-width=\"%d\"/>",
                    b.x, b.y, b.w, b.h, k->ground, k->stroke, k->width);
        break;
    default:
        buf_add_fmt(g->out, "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"%s\" stroke=\"%s\" stroke-width=\"%d\"%s/>",
                    x, y, r, k->ground, k->stroke,
                    el->kind == FLOW_END || el->kind == FLOW_TERMINATE ? 5 : k->width + 1, dash);
        if (el->kind == FLOW_TERMINATE)
            buf_add_fmt(g->out, "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"%s\"/>", x, y, r / 2, k->stroke);
        if (el->kind == FLOW_TIMER || el->kind == FLOW_BOUNDARY)
            buf_add_fmt(g->out, "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#1a1a1a\" stroke-width=\"2\"/>", x,
                        y - r / 2, y, x + r / 3);
    }
}

static void draw_element(const struct drawing *g, const struct flow_element *el) {
    struct look k = look_of(g, el);
    bool task = el->kind == FLOW_USER || el->kind == FLOW_SERVICE || el->kind == FLOW_RULE;
    struct flow_box b = el->box;
    struct str name = shown(g, el->name);
    buf_add_fmt(g->out, "<g class=\"flow-%s %s\"><title>", flow_kind_text(el->kind), k.class);
    write_html_text(g->out, shown(g, flow_kind_shown(el->kind)));
    if (name.len) buf_add(g->out, S(" "));
    write_html_text(g->out, name);
    if (k.word.len) buf_add(g->out, S(" "));
    write_html_text(g->out, shown(g, k.word));
    buf_add(g->out, S("</title>"));
    draw_shape(g, el, &k);
    if (task) text_at(g, name, b.x + b.w / 2, b.y + b.h / 2, b.w > 4 * GLYPH ? b.w / GLYPH - 1 : 3, false);
    else if (el->kind == FLOW_SUB) text_at(g, name, b.x + b.w / 2, b.y + LINE, b.w / GLYPH, false);
    else text_at(g, name, b.x + b.w / 2, b.y + b.h, LABEL_GLYPHS, true);
    buf_add(g->out, S("</g>\n"));
}

static void widen(struct flow_box *all, int32_t x, int32_t y, int32_t x2, int32_t y2, bool *any) {
    int32_t right = *any ? all->x + all->w : x2, bottom = *any ? all->y + all->h : y2;
    if (!*any || x < all->x) all->x = x;
    if (!*any || y < all->y) all->y = y;
    all->w = (x2 > right ? x2 : right) - all->x;
    all->h = (y2 > bottom ? y2 : bottom) - all->y;
    *any = true;
}

bool flow_svg(struct buf *out, const struct flow_model *m, const struct flow_drawing *d) {
    struct drawing g = { out, m, d };
    struct flow_box all = { 0, 0, 0, 0 };
    bool any = false;
    for (size_t i = 0; i < m->n_element; i++) {
        struct flow_box b = m->element[i].box;
        if (!m->element[i].drawn) continue;
        bool label = m->element[i].name.len && b.h < 60;
        int32_t half = label && b.w < LABEL_GLYPHS * GLYPH ? (LABEL_GLYPHS * GLYPH - b.w) / 2 : 0;
        widen(&all, b.x - half, b.y, b.x + b.w + half, b.y + b.h + (label ? LINES_MAX * LINE : 0), &any);
    }
    for (size_t i = 0; i < m->n_edge; i++)
        for (size_t k = 0; any && k < m->edge[i].n_point; k++) {
            struct flow_point p = m->edge[i].point[k];
            widen(&all, p.x, p.y, p.x, p.y, &any);
        }
    if (!any) return false;
    buf_add_fmt(out,
                "<svg class=\"flow\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"%d %d %d %d\" "
                "width=\"%d\" height=\"%d\">"
                "<title>",
                all.x - MARGIN, all.y - MARGIN, all.w + 2 * MARGIN, all.h + 2 * MARGIN, all.w + 2 * MARGIN,
                all.h + 2 * MARGIN);
    write_html_text(out, d->title.len ? d->title : shown(&g, m->title));
    buf_add_fmt(out, "</title>\n<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
                all.x - MARGIN, all.y - MARGIN, all.w + 2 * MARGIN, all.h + 2 * MARGIN);
    /* Sub-processes below what is in them, then flows, then the rest; boundary events last, on the rim of the host. */
    for (size_t i = 0; i < m->n_element; i++)
        if (m->element[i].drawn && m->element[i].kind == FLOW_SUB) draw_element(&g, &m->element[i]);
    for (size_t i = 0; i < m->n_edge; i++) draw_edge(&g, &m->edge[i]);
    for (int rim = 0; rim < 2; rim++)
        for (size_t i = 0; i < m->n_element; i++) {
            const struct flow_element *el = &m->element[i];
            if (el->drawn && el->kind != FLOW_SUB && (el->kind == FLOW_BOUNDARY) == (rim == 1)) draw_element(&g, el);
        }
    buf_add(out, S("</svg>"));
    return true;
}
