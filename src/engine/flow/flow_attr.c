/* flow_attr: what an element says besides its links: extension attributes, timer definitions, BPMNDI.
 * Invariants: what is missing or not ours is a finding with its line, never a default; numbers of a drawing are whole
 * pixels within DRAWING_MAX, so that no sum of them overflows.
 */
#include "engine/flow/flow_model.h"

#include <string.h>

#define NS_BPMNDI S("http://www.omg.org/spec/BPMN/20100524/DI")
#define NS_DC S("http://www.omg.org/spec/DD/20100524/DC")
#define NS_DI S("http://www.omg.org/spec/DD/20100524/DI")
enum { DRAWING_MAX = 100000, POINTS_MAX = 100, LIST_ATTR_MAX = 32 };

static struct str tb(struct flow_compiler *c, const struct xml_node *n, const char *name) {
    return arena_str(c->arena, str_trim(xml_attr(n, FLOW_NS_TB, str_of(name))));
}

static struct str tb_required(struct flow_compiler *c, const struct xml_node *n, struct str id, const char *name) {
    struct str v = tb(c, n, name);
    if (!v.len) FLOW_FOUND(c, n->line, id, "%.*s 缺少 tb:%s", STR_ARG(n->name), name);
    return v;
}

/* Words between blanks, each once. */
static void read_words(struct flow_compiler *c, const struct flow_element *el, const struct xml_node *n, const char *name,
                       struct str rest, struct str **ret, size_t *ret_n) {
    struct str word;
    *ret = arena_array(c->arena, LIST_ATTR_MAX, sizeof **ret);
    if (!*ret) return;
    while (str_cut(&rest, ' ', &word)) {
        if (!word.len) continue;
        for (size_t i = 0; i < *ret_n; i++)
            if (str_eq((*ret)[i], word)) FLOW_FOUND(c, n->line, el->id, "tb:%s 中 %.*s 重复", name, STR_ARG(word));
        if (*ret_n == LIST_ATTR_MAX) {
            FLOW_FOUND(c, n->line, el->id, "tb:%s 超过 %d 个", name, LIST_ATTR_MAX);
            return;
        }
        (*ret)[(*ret_n)++] = word;
    }
}

static void read_moves(struct flow_compiler *c, struct flow_element *el, const struct xml_node *n) {
    struct str moves = tb(c, n, "moves"), returns = tb(c, n, "returns");
    read_words(c, el, n, "moves", moves.len ? moves : S("complete"), &el->moves, &el->n_moves);
    if (returns.len) read_words(c, el, n, "returns", returns, &el->returns, &el->n_returns);
}

/* name=FEEL; name=FEEL. A semicolon inside a FEEL string or bracket does not end the pair. */
static void read_with(struct flow_compiler *c, struct flow_element *el, const struct xml_node *n) {
    struct str text = tb(c, n, "with");
    size_t from = 0;
    int deep = 0;
    bool quoted = false;
    el->with = text.len ? arena_array(c->arena, LIST_ATTR_MAX, sizeof *el->with) : NULL;
    if (!el->with) return;
    for (size_t i = 0; i <= text.len; i++) {
        char ch = i < text.len ? text.ptr[i] : ';';
        if (quoted && ch == '\\') i++;
        else if (ch == '"') quoted = !quoted;
        else if (!quoted && (ch == '(' || ch == '[' || ch == '{')) deep++;
        else if (!quoted && (ch == ')' || ch == ']' || ch == '}')) deep--;
        if (i < text.len && (ch != ';' || quoted || deep > 0)) continue;
        struct str feel = str_sub(text, from, i - from), name;
        from = i + 1;
        if (!str_trim(feel).len) continue;
        if (!str_cut(&feel, '=', &name) || !str_trim(name).len || !str_trim(feel).len) {
            FLOW_FOUND(c, n->line, el->id, "tb:with 应写成 名称=FEEL，用分号隔开");
            return;
        }
        if (el->n_with == LIST_ATTR_MAX) {
            FLOW_FOUND(c, n->line, el->id, "tb:with 超过 %d 项", LIST_ATTR_MAX);
            return;
        }
        el->with[el->n_with++] = (struct flow_arg){ str_trim(name), str_trim(feel) };
    }
}

static void read_timer(struct flow_compiler *c, struct flow_element *el, const struct xml_node *n) {
    const struct xml_node *def = xml_child(n, FLOW_NS_BPMN, S("timerEventDefinition"));
    if (!def || xml_next(def, FLOW_NS_BPMN, S("timerEventDefinition"))) {
        FLOW_FOUND(c, n->line, el->id, "%.*s 必须正好有一个 timerEventDefinition", STR_ARG(n->name));
        return;
    }
    for (const struct xml_node *k = xml_child(def, FLOW_NS_BPMN, S("")); k; k = xml_next(k, FLOW_NS_BPMN, S(""))) {
        enum flow_timer_kind kind = str_eq(k->name, S("timeDuration")) ? FLOW_TIME_DURATION
                                    : str_eq(k->name, S("timeDate"))   ? FLOW_TIME_DATE
                                                                       : FLOW_TIME_NONE;
        if (kind == FLOW_TIME_NONE) {
            FLOW_FOUND(c, k->line, el->id, "不支持 timerEventDefinition 中的 BPMN 元素 %.*s", STR_ARG(k->name));
        } else if (el->timer) {
            FLOW_FOUND(c, k->line, el->id, "timeDuration 与 timeDate 只能写一个");
        } else {
            el->timer = kind;
            el->timer_text = arena_str(c->arena, str_trim(k->text));
        }
    }
    if (!el->timer_text.len) FLOW_FOUND(c, def->line, el->id, "timerEventDefinition 缺少 timeDuration 或 timeDate");
}

/* Attributes of the standard that would change the meaning, and that are not carried out. */
static void refuse_attributes(struct flow_compiler *c, const struct flow_element *el, const struct xml_node *n) {
    static const struct {
        struct str name, only;
    } fixed[] = { { S_INIT("startQuantity"), S_INIT("1") }, { S_INIT("completionQuantity"), S_INIT("1") },
                  { S_INIT("isForCompensation"), S_INIT("false") }, { S_INIT("triggeredByEvent"), S_INIT("false") },
                  { S_INIT("parallelMultiple"), S_INIT("false") } };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        struct str v = xml_attr(n, S(""), fixed[i].name);
        if (v.ptr && !str_eq(v, fixed[i].only))
            FLOW_FOUND(c, n->line, el->id, "不支持 %.*s 的属性 %.*s=\"%.*s\"", STR_ARG(n->name),
                       STR_ARG(fixed[i].name), STR_ARG(v));
    }
}

void flow_read_element(struct flow_compiler *c, struct flow_element *el, const struct xml_node *n) {
    refuse_attributes(c, el, n);
    switch (el->kind) {
    case FLOW_USER:
        el->role = tb_required(c, n, el->id, "role");
        el->unit = tb(c, n, "unit");
        el->limit = tb(c, n, "limit");
        el->form = tb(c, n, "form");
        el->result = tb(c, n, "result");
        read_moves(c, el, n);
        break;
    case FLOW_SERVICE:
        el->act = tb_required(c, n, el->id, "act");
        el->result = tb(c, n, "result");
        read_with(c, el, n);
        break;
    case FLOW_RULE:
        el->decision = tb_required(c, n, el->id, "decision");
        el->result = tb_required(c, n, el->id, "result");
        break;
    case FLOW_TIMER:
    case FLOW_BOUNDARY: read_timer(c, el, n); break;
    case FLOW_END:
        if (xml_child(n, FLOW_NS_BPMN, S("terminateEventDefinition"))) el->kind = FLOW_TERMINATE;
        break;
    default: break;
    }
}

/* ---- BPMNDI ---- */

static bool pixels(const struct xml_node *n, const char *name, int32_t *ret) {
    struct str s = xml_attr(n, S(""), str_of(name));
    size_t dot = str_find_char(s, '.', 0);
    int64_t v;
    if (!str_to_i64(dot == SIZE_MAX ? s : str_sub(s, 0, dot), &v)) return false;
    if (v > DRAWING_MAX || v < -DRAWING_MAX) return false;
    *ret = (int32_t)v;
    return true;
}

static bool read_box(const struct xml_node *shape, struct flow_box *ret) {
    const struct xml_node *b = xml_child(shape, NS_DC, S("Bounds"));
    return b && pixels(b, "x", &ret->x) && pixels(b, "y", &ret->y) && pixels(b, "width", &ret->w) &&
           pixels(b, "height", &ret->h) && ret->w > 0 && ret->h > 0;
}

static void read_points(struct flow_compiler *c, struct flow_edge *d, const struct xml_node *shape) {
    d->point = arena_array(c->arena, POINTS_MAX, sizeof *d->point);
    if (!d->point) return;
    for (const struct xml_node *p = xml_child(shape, NS_DI, S("waypoint")); p; p = xml_next(p, NS_DI, S("waypoint"))) {
        struct flow_point at;
        if (d->n_point < POINTS_MAX && pixels(p, "x", &at.x) && pixels(p, "y", &at.y)) d->point[d->n_point++] = at;
    }
}

void flow_read_drawing(struct flow_compiler *c, const struct xml_node *definitions) {
    struct flow_model *m = c->model;
    const struct xml_node *plane =
        xml_child(xml_child(definitions, NS_BPMNDI, S("BPMNDiagram")), NS_BPMNDI, S("BPMNPlane"));
    struct map edges;
    map_init(&edges, c->scratch);
    for (size_t i = 0; i < m->n_edge; i++) (void)map_put(&edges, m->edge[i].id, &m->edge[i]);
    for (const struct xml_node *k = xml_child(plane, NS_BPMNDI, S("")); k; k = xml_next(k, NS_BPMNDI, S(""))) {
        struct str of = xml_attr(k, S(""), S("bpmnElement"));
        if (str_eq(k->name, S("BPMNShape"))) {
            struct flow_element *el = map_find(&m->ids, of);
            if (el && !el->drawn) el->drawn = read_box(k, &el->box);
        } else if (str_eq(k->name, S("BPMNEdge"))) {
            struct flow_edge *d = map_find(&edges, of);
            if (d && !d->n_point) read_points(c, d, k);
        }
    }
}
