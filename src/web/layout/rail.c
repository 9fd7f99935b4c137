/* rail: see rail.h.
 * Invariants: every mark's meaning also stands in words; marks carry classes, never colours, so that themes and
 * forced colours hold; the row of `looks` with index s belongs to state s.
 */
#include "web/layout/rail.h"

#include "data/write.h"

struct look {
    struct str class_name, text, mark;
};

/* 32 x 32; `base` is the ground of the mark, `sign` what is drawn on it. The current step is a seal: a square that
 * says 中. */
#define CIRCLE "<circle class=\"base\" cx=\"16\" cy=\"16\" r=\"13\"/>"
#define SIGN(d) "<path class=\"sign\" d=\"" d "\"/>"
static const struct look looks[RAIL_STATES] = {
    [RAIL_TODO] = { S_INIT("todo"), S_INIT("尚未开始"), S_INIT("<circle class=\"base\" cx=\"16\" cy=\"16\" r=\"9\"/>") },
    [RAIL_MAYBE] = { S_INIT("todo"), S_INIT("视情况办理"), S_INIT("<circle class=\"base\" cx=\"16\" cy=\"16\" r=\"9\"/>") },
    [RAIL_OFF] = { S_INIT("todo"), S_INIT("不需要"), S_INIT("<circle class=\"base\" cx=\"16\" cy=\"16\" r=\"9\"/>" SIGN("M12 16h8")) },
    [RAIL_DONE] = { S_INIT("done"), S_INIT("已完成"), S_INIT(CIRCLE SIGN("m10 16.5 4.5 4.5 8-9.5")) },
    [RAIL_CURRENT] = { S_INIT("current"), S_INIT("正在办理"),
        S_INIT("<rect class=\"base\" x=\"3\" y=\"3\" width=\"26\" height=\"26\" rx=\"4\"/>"
               SIGN("M6.5 6.5h19v19h-19zM11 13h10v6H11zM16 10v12.5")) },
    [RAIL_PAUSED] = { S_INIT("paused"), S_INIT("已暂停"), S_INIT(CIRCLE SIGN("M13 11v10M19 11v10")) },
    [RAIL_WAITING] = { S_INIT("paused"), S_INIT("等待申请人补正"), S_INIT(CIRCLE SIGN("M13 11v10M19 11v10")) },
    [RAIL_REFUSED] = { S_INIT("refused"), S_INIT("未通过"), S_INIT(CIRCLE SIGN("m11.5 11.5 9 9M20.5 11.5l-9 9")) },
};

static void line(struct buf *b, const struct po *texts, struct str open, struct str text) {
    if (!text.len) return;
    buf_add(b, open);
    if (texts) write_html_foreign(b, text);
    else write_html_text(b, text);
    buf_add(b, str_starts(open, S("<b>")) ? S("</b>") : S("</span>"));
}

static void step_html(struct buf *b, const struct po *texts, const struct rail_step *s) {
    const struct look *look = &looks[s->state < RAIL_STATES ? s->state : RAIL_TODO];
    bool here = s->state == RAIL_CURRENT || s->state == RAIL_PAUSED || s->state == RAIL_WAITING ||
                s->state == RAIL_REFUSED;
    buf_add(b, S("<li class=\""));
    buf_add(b, look->class_name);
    buf_add(b, here ? S("\" aria-current=\"step\">") : S("\">"));
    buf_add(b, S("<svg viewBox=\"0 0 32 32\" aria-hidden=\"true\" focusable=\"false\">"));
    buf_add(b, look->mark);
    buf_add(b, S("</svg>"));
    line(b, texts, S("<b>"), s->title);
    line(b, texts, S("<span class=\"state\">"), s->says.len ? s->says : po_get(texts, S(""), look->text));
    line(b, texts, S("<span>"), s->date);
    line(b, texts, S("<span>"), s->unit);
    buf_add(b, S("</li>"));
}

void rail_html(struct buf *b, const struct po *texts, struct str label, const struct rail_step *steps, size_t n) {
    if (!n) return;
    buf_add(b, S("<ol class=\"rail\" aria-label=\""));
    write_html_attr(b, label);
    buf_add(b, S("\">"));
    for (size_t i = 0; i < n; i++) step_html(b, texts, &steps[i]);
    buf_add(b, S("</ol>"));
}

struct str rail_state_text(enum rail_state state) {
    return state < RAIL_STATES ? looks[state].text : S("");
}
