/* paper_show: the tree as HTML for the preview and as plain text. See paper_layout.h.
 *
 * Invariants: no style attribute and no script, so that the strictest content policy holds; everything that
 * came from a view is escaped; a figure carries its meaning as text.
 */
#include "data/qr.h"
#include "data/write.h"
#include "engine/paper/paper_layout.h"

static const char *const style_names[] = { "licence", "notice", "receipt" };
static const char *const align_names[] = { "", " center", " right" };
static const char *const size_names[] = { "", " small", " large", " huge" };

/* Text with its line breaks kept. */
static void lines(struct buf *b, struct str s) {
    struct str line;
    bool first = true;
    while (str_cut(&s, '\n', &line)) {
        if (!first) buf_add(b, S("<br>"));
        first = false;
        write_html_text(b, line);
    }
}

static void open_tag(struct buf *b, const char *tag, const struct paper_node *n, const char *more) {
    buf_add_fmt(b, "<%s class=\"paper-%s%s%s%s%s\">", tag, more, align_names[n->align],
                n->kind == PAPER_PARA ? size_names[n->level] : "",
                n->bold && n->kind == PAPER_PARA ? " bold" : "",
                n->sans && n->kind == PAPER_PARA ? " sans" : "");
}

static void seal_svg(struct buf *b, const struct paper_node *n) {
    struct paper_seal_cell cell[PAPER_SEAL_CELLS_MAX];
    size_t count = paper_seal_cells(n->label, cell);
    double foot = n->text.len ? 18 : 0;
    buf_add(b, S("<svg class=\"paper-seal-mark\" viewBox=\"0 0 100 100\" role=\"img\" aria-label=\""));
    write_html_attr(b, n->label);
    write_html_attr(b, n->text);
    buf_add(b, S("\"><rect x=\"2\" y=\"2\" width=\"96\" height=\"96\" rx=\"3\" fill=\"none\" "
                 "stroke=\"currentColor\" "
                 "stroke-width=\"3.4\"/><g fill=\"currentColor\" text-anchor=\"middle\" font-weight=\"700\" "
                 "aria-hidden=\"true\">"));
    for (size_t i = 0; i < count; i++) {
        double w = cell[i].w * 86, h = cell[i].h * (86 - foot), size = w < h ? w : h;
        buf_add_fmt(b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\">", 7 + cell[i].x * 86 + w / 2,
                    7 + cell[i].y * (86 - foot) + h / 2 + size * .33, size * .92);
        write_html_text(b, cell[i].character);
        buf_add(b, S("</text>"));
    }
    if (foot > 0) {
        size_t chars = str_utf8_count(n->text);
        double size = 80.0 / (double)(chars < 6 ? 6 : chars);
        buf_add_fmt(b, "<text x=\"50\" y=\"92\" font-size=\"%.1f\">", size);
        write_html_text(b, n->text);
        buf_add(b, S("</text>"));
    }
    buf_add(b, S("</g></svg>"));
}

static void table_html(struct buf *b, const struct paper_node *n) {
    buf_add(b, S("<table class=\"paper-table\">"));
    if (n->label.len) {
        buf_add(b, S("<caption>"));
        lines(b, n->label);
        buf_add(b, S("</caption>"));
    }
    bool body = false;
    for (const struct paper_node *row = n->first; row; row = row->next) {
        if (row->level)
            buf_add(b, S("<thead>"));
        else if (!body)
            buf_add(b, S("<tbody>"));
        body |= !row->level;
        buf_add(b, S("<tr>"));
        for (const struct paper_node *c = row->first; c; c = c->next) {
            if (row->level)
                buf_add_fmt(b, "<th scope=\"col\" class=\"paper-cell%s\">", align_names[c->align]);
            else
                open_tag(b, "td", c, "cell");
            lines(b, c->text);
            buf_add_fmt(b, "</%s>", row->level ? "th" : "td");
        }
        buf_add(b, row->level ? S("</tr></thead>") : S("</tr>"));
    }
    if (body) buf_add(b, S("</tbody>"));
    buf_add(b, S("</table>"));
}

static void qr_html(struct buf *b, const struct paper_node *n) {
    struct qr q;
    open_tag(b, "figure", n, "qr");
    if (n->text.len && b->arena && qr_make(b->arena, n->text, &q, NULL) == 0) qr_svg(b, &q, n->label);
    buf_add(b, S("<figcaption>"));
    lines(b, n->label);
    buf_add(b, S("</figcaption></figure>"));
}

static void block_html(struct buf *b, const struct paper_node *n) {
    static const char *const headings[] = { "h1", "h1", "h2", "h3" };
    switch (n->kind) {
    case PAPER_TITLE:
        open_tag(b, headings[n->level & 3], n, "title");
        lines(b, n->text);
        buf_add_fmt(b, "</%s>", headings[n->level & 3]);
        return;
    case PAPER_PARA:
        open_tag(b, "p", n, n->indent ? "para indent" : "para");
        lines(b, n->text);
        buf_add(b, S("</p>"));
        return;
    case PAPER_TABLE: table_html(b, n); return;
    case PAPER_QR: qr_html(b, n); return;
    case PAPER_IMAGE: /* its bytes are in the PDF; a preview names it rather than carry a data: URL past the
                         content policy */
        buf_add(b, S("<p class=\"paper-image\">"));
        lines(b, n->label);
        buf_add(b, S("</p>"));
        return;
    case PAPER_SEAL:
        open_tag(b, "div", n, "seal");
        seal_svg(b, n);
        buf_add(b, S("<p>"));
        lines(b, n->label);
        buf_add(b, S("</p><p>"));
        lines(b, n->date);
        buf_add(b, S("</p></div>"));
        return;
    case PAPER_RULE: buf_add(b, S("<hr class=\"paper-rule\">")); return;
    default: return;
    }
}

static void field_html(struct buf *b, const struct paper_node *n) {
    buf_add_fmt(b, "<div class=\"paper-field%s\"><dt>", n->half ? " half" : "");
    lines(b, n->label);
    buf_add(b, S("</dt><dd>"));
    lines(b, n->text);
    buf_add(b, S("</dd></div>"));
}

void paper_html(struct buf *b, const struct paper_tree *t) {
    buf_add_fmt(b, "<article class=\"paper paper-%s%s\" lang=\"", style_names[t->style],
                t->w > t->h ? " landscape" : "");
    write_html_attr(b, t->lang);
    buf_add(b, S("\" aria-label=\""));
    write_html_attr(b, t->title);
    buf_add(b, S("\">"));
    for (const struct paper_node *page = t->first; page; page = page->next) {
        buf_add(b, S("<section class=\"paper-page\">"));
        if (t->void_mark.len) {
            buf_add(b, S("<p class=\"paper-void\">"));
            write_html_text(b, t->void_mark);
            buf_add(b, S("</p>"));
        }
        for (const struct paper_node *n = page->first; n; n = n->next) {
            if (n->kind != PAPER_FIELD) {
                block_html(b, n);
                continue;
            }
            buf_add(b, S("<dl class=\"paper-fields\">"));
            for (;; n = n->next) {
                field_html(b, n);
                if (!n->next || n->next->kind != PAPER_FIELD) break;
            }
            buf_add(b, S("</dl>"));
        }
        buf_add(b, S("</section>"));
    }
    buf_add(b, S("</article>"));
}

static void row_text(struct buf *b, const struct paper_node *row) {
    for (const struct paper_node *c = row->first; c; c = c->next) {
        buf_add(b, c->text);
        buf_add(b, c->next ? S("\t") : S("\n"));
    }
}

static void block_text(struct buf *b, const struct paper_node *n) {
    switch (n->kind) {
    case PAPER_FIELD:
        buf_add(b, n->label);
        buf_add(b, S("："));
        buf_add(b, n->text);
        break;
    case PAPER_TABLE:
        buf_add(b, n->label);
        if (n->label.len) buf_add_char(b, '\n');
        for (const struct paper_node *row = n->first; row; row = row->next) row_text(b, row);
        return;
    case PAPER_SEAL:
        buf_add(b, n->label);
        buf_add_char(b, '\n');
        buf_add(b, n->date);
        break;
    case PAPER_QR:
        buf_add(b, n->label);
        buf_add_char(b, ' ');
        buf_add(b, n->text);
        break;
    case PAPER_IMAGE: buf_add(b, n->label); break;
    case PAPER_RULE: buf_add(b, S("--------")); break;
    case PAPER_SPACE: return;
    default: buf_add(b, n->text);
    }
    buf_add_char(b, '\n');
}

void paper_text(struct buf *b, const struct paper_tree *t) {
    if (t->void_mark.len) {
        buf_add(b, t->void_mark);
        buf_add_char(b, '\n');
    }
    for (const struct paper_node *page = t->first; page; page = page->next)
        for (const struct paper_node *n = page->first; n; n = n->next) block_text(b, n);
}
