/* flow_model: BPMN 2.0 XML -> struct flow_model.
 *
 * Invariants
 *  1. What the engine does not carry out is refused by its name and line, never skipped: a process runs as drawn or
 *     not at all. Only what has no meaning for running is passed over: documentation, extensions of others, lanes,
 *     annotations, BPMNDI.
 *  2. The compiler goes on after a finding, so that one run shows all of them; a model with an error is never handed
 *     out.
 *  3. Sub-processes are read by a list of scopes, not by recursion; their depth is at most FLOW_DEPTH_MAX.
 */
#include "engine/flow/flow_model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct word {
    struct str element;
    enum flow_kind kind;
    const char *shown, *tb, *children;
} words[] = {
#define FLOW_WORD(element, kind, shown, tb, children) { S_INIT(element), kind, shown, tb, children },
#include "engine/flow/flow_words.h"
#undef FLOW_WORD
};

static const char drawn_only[] = " documentation extensionElements laneSet textAnnotation association group ";

const char *flow_kind_text(enum flow_kind kind) {
    if (kind == FLOW_TERMINATE) return "terminateEndEvent";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].kind == kind) return words[i].element.ptr;
    return "?";
}

struct str flow_kind_shown(enum flow_kind kind) {
    if (kind == FLOW_TERMINATE) return S("终止");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].kind == kind) return str_of(words[i].shown);
    return S("");
}

bool flow_is_activity(const struct flow_element *el) {
    return el->kind == FLOW_USER || el->kind == FLOW_SERVICE || el->kind == FLOW_RULE || el->kind == FLOW_SUB;
}

void flow_found(struct flow_findings *f, struct arena *a, uint32_t line, bool warning, struct str id,
                const char *format, ...) {
    char text[512];
    va_list ap;
    va_start(ap, format);
    int len = vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (!warning) f->n_errors++;
    if (f->n == FLOW_FINDINGS_MAX || len < 0) return;
    f->item[f->n++] = (struct flow_finding){ line, warning, arena_str(a, id), arena_str(a, str_utf8_whole(str_of(text))) };
}

bool flow_word_in(const char *list, struct str word) {
    struct str l = str_of(list);
    if (!word.len) return false;
    for (size_t at = str_find(l, word, 0); at != SIZE_MAX; at = str_find(l, word, at + 1))
        if (at && l.ptr[at - 1] == ' ' && at + word.len < l.len && l.ptr[at + word.len] == ' ') return true;
    return false;
}

static const struct word *word_find(struct str name) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(words[i].element, name)) return &words[i];
    return NULL;
}

/* ---- elements ---- */

static void check_shape(struct flow_compiler *c, const struct xml_node *n, const struct word *w, struct str id) {
    for (const struct xml_node *k = xml_child(n, FLOW_NS_BPMN, S("")); k; k = xml_next(k, FLOW_NS_BPMN, S(""))) {
        if (flow_word_in(FLOW_WORD_CHILDREN, k->name) || flow_word_in(w->children, k->name)) continue;
        if (w->kind == FLOW_SUB && (word_find(k->name) || str_eq(k->name, S("sequenceFlow")) ||
                                    flow_word_in(drawn_only, k->name))) continue;
        FLOW_FOUND(c, k->line, id, "不支持 %.*s 中的 BPMN 元素 %.*s", STR_ARG(n->name), STR_ARG(k->name));
    }
    for (size_t i = 0; i < n->n_attr; i++) {
        const struct xml_attr *a = &n->attr[i];
        if (str_eq(a->ns, FLOW_NS_TB) && !flow_word_in(w->tb, a->name))
            FLOW_FOUND(c, n->line, id, "%.*s 没有扩展属性 tb:%.*s，可用的有：%s", STR_ARG(n->name), STR_ARG(a->name), w->tb);
    }
}

static void add_element(struct flow_compiler *c, const struct xml_node *n, const struct word *w, int32_t parent) {
    struct flow_model *m = c->model;
    if (m->n_element == FLOW_ELEMENTS_MAX) {
        if (c->found->n_errors < FLOW_FINDINGS_MAX) FLOW_FOUND(c, n->line, S(""), "元素超过 %d 个", FLOW_ELEMENTS_MAX);
        return;
    }
    struct str id = xml_attr(n, S(""), S("id"));
    if (!id.len) FLOW_FOUND(c, n->line, S(""), "%.*s 缺少 id", STR_ARG(n->name));
    else if (map_find(&m->ids, id)) FLOW_FOUND(c, n->line, id, "id %.*s 重复", STR_ARG(id));
    struct flow_element *el = &m->element[m->n_element];
    *el = (struct flow_element){ .kind = w->kind,
                                 .line = n->line,
                                 .parent = parent,
                                 .default_edge = FLOW_NONE,
                                 .host = FLOW_NONE,
                                 .inner = FLOW_NONE,
                                 .index = (int32_t)m->n_element,
                                 .interrupting = true };
    c->node[m->n_element++] = n;
    el->id = arena_str(c->arena, id);
    struct str title = xml_attr(n, FLOW_NS_TB, S("title"));
    el->name = arena_str(c->arena, title.len ? title : xml_attr(n, S(""), S("name")));
    if (id.len) (void)map_put(&m->ids, el->id, el);
    check_shape(c, n, w, el->id);
    flow_read_element(c, el, n);
}

static void add_edge(struct flow_compiler *c, const struct xml_node *n, int32_t parent) {
    struct flow_model *m = c->model;
    if (m->n_edge == FLOW_EDGES_MAX) {
        if (c->found->n_errors < FLOW_FINDINGS_MAX) FLOW_FOUND(c, n->line, S(""), "顺序流超过 %d 条", FLOW_EDGES_MAX);
        return;
    }
    struct flow_edge *d = &m->edge[m->n_edge];
    *d = (struct flow_edge){ .line = n->line, .index = (int32_t)m->n_edge, .from = FLOW_NONE, .to = FLOW_NONE };
    c->edge_node[m->n_edge] = n;
    c->edge_scope[m->n_edge++] = parent;
    struct str id = xml_attr(n, S(""), S("id"));
    if (!id.len) FLOW_FOUND(c, n->line, S(""), "sequenceFlow 缺少 id");
    d->id = arena_str(c->arena, id);
    d->name = arena_str(c->arena, xml_attr(n, S(""), S("name")));
    for (const struct xml_node *k = xml_child(n, FLOW_NS_BPMN, S("")); k; k = xml_next(k, FLOW_NS_BPMN, S(""))) {
        if (str_eq(k->name, S("conditionExpression"))) {
            d->condition = arena_str(c->arena, str_trim(k->text));
            if (!d->condition.len) FLOW_FOUND(c, k->line, d->id, "条件 conditionExpression 是空的");
        } else if (!flow_word_in(drawn_only, k->name)) {
            FLOW_FOUND(c, k->line, d->id, "不支持 sequenceFlow 中的 BPMN 元素 %.*s", STR_ARG(k->name));
        }
    }
}

static unsigned depth_of(const struct flow_model *m, int32_t i) {
    unsigned d = 0;
    for (; i != FLOW_NONE; i = m->element[i].parent) d++;
    return d;
}

/* One scope: the process (parent FLOW_NONE) or a sub-process. */
static void read_scope(struct flow_compiler *c, const struct xml_node *scope, int32_t parent) {
    struct str id = parent == FLOW_NONE ? c->model->process : c->model->element[parent].id;
    if (depth_of(c->model, parent) > FLOW_DEPTH_MAX) {
        FLOW_FOUND(c, scope->line, id, "子流程嵌套超过 %d 层", FLOW_DEPTH_MAX);
        return;
    }
    int32_t starts = 0, start = FLOW_NONE;
    for (const struct xml_node *k = xml_child(scope, FLOW_NS_BPMN, S("")); k; k = xml_next(k, FLOW_NS_BPMN, S(""))) {
        const struct word *w = word_find(k->name);
        if (w) {
            if (w->kind == FLOW_START && starts++ == 0) start = (int32_t)c->model->n_element;
            add_element(c, k, w, parent);
        } else if (str_eq(k->name, S("sequenceFlow"))) {
            add_edge(c, k, parent);
        } else if (parent == FLOW_NONE && !flow_word_in(drawn_only, k->name)) {
            FLOW_FOUND(c, k->line, xml_attr(k, S(""), S("id")), "不支持的 BPMN 元素 %.*s", STR_ARG(k->name));
        }
    }
    if (starts != 1)
        FLOW_FOUND(c, scope->line, id, "必须正好有一个 startEvent，现有 %d 个", starts);
    if (parent == FLOW_NONE) c->model->start = start;
    else c->model->element[parent].inner = start;
}

/* ---- edges and attachments ---- */

static int32_t resolve(struct flow_compiler *c, const struct xml_node *n, struct str id, const char *attr,
                       bool required) {
    struct str ref = xml_attr(n, S(""), str_of(attr));
    if (!ref.len) {
        if (required) FLOW_FOUND(c, n->line, id, "%.*s 缺少 %s", STR_ARG(n->name), attr);
        return FLOW_NONE;
    }
    const struct flow_element *el = map_find(&c->model->ids, ref);
    if (el) return el->index;
    FLOW_FOUND(c, n->line, id, "%s 所指的 %.*s 不存在", attr, STR_ARG(ref));
    return FLOW_NONE;
}

static void link_edge(struct flow_compiler *c, struct flow_edge *d) {
    struct flow_model *m = c->model;
    const struct xml_node *n = c->edge_node[d->index];
    d->from = resolve(c, n, d->id, "sourceRef", true);
    d->to = resolve(c, n, d->id, "targetRef", true);
    if (d->from == FLOW_NONE || d->to == FLOW_NONE) return;
    struct flow_element *from = &m->element[d->from], *to = &m->element[d->to];
    if (from->parent != c->edge_scope[d->index] || to->parent != c->edge_scope[d->index])
        FLOW_FOUND(c, d->line, d->id, "顺序流不能跨越子流程的边界");
    if (to->kind == FLOW_START || to->kind == FLOW_BOUNDARY)
        FLOW_FOUND(c, d->line, d->id, "顺序流不能进入 %s", flow_kind_text(to->kind));
    if (from->kind == FLOW_END || from->kind == FLOW_TERMINATE) FLOW_FOUND(c, d->line, d->id, "顺序流不能从 endEvent 出去");
    from->n_out++;
    to->n_in++;
}

/* Adjacency in two passes: link_edge counted, here the places are filled in document order. */
static bool fill_edges(struct flow_compiler *c) {
    struct flow_model *m = c->model;
    for (size_t i = 0; i < m->n_element; i++) {
        struct flow_element *el = &m->element[i];
        el->in = arena_array(c->arena, el->n_in + 1, sizeof *el->in);
        el->out = arena_array(c->arena, el->n_out + 1, sizeof *el->out);
        if (!el->in || !el->out) return false;
        el->n_in = el->n_out = 0;
    }
    for (size_t i = 0; i < m->n_edge; i++) {
        struct flow_edge *d = &m->edge[i];
        if (d->from == FLOW_NONE || d->to == FLOW_NONE) continue;
        struct flow_element *from = &m->element[d->from], *to = &m->element[d->to];
        from->out[from->n_out++] = d->index;
        to->in[to->n_in++] = d->index;
    }
    return true;
}

static void link_default(struct flow_compiler *c, struct flow_element *el) {
    struct str ref = xml_attr(c->node[el->index], S(""), S("default"));
    if (!ref.len) return;
    if (el->kind == FLOW_AND) {
        FLOW_FOUND(c, el->line, el->id, "并行网关不能有默认流 default");
        return;
    }
    for (size_t k = 0; k < el->n_out; k++)
        if (str_eq(c->model->edge[el->out[k]].id, ref)) el->default_edge = el->out[k];
    if (el->default_edge == FLOW_NONE)
        FLOW_FOUND(c, el->line, el->id, "default 所指的 %.*s 不是从这里出去的顺序流", STR_ARG(ref));
}

static bool link_boundary(struct flow_compiler *c, struct flow_element *el) {
    const struct xml_node *n = c->node[el->index];
    el->interrupting = !str_eq(xml_attr(n, S(""), S("cancelActivity")), S("false"));
    el->host = resolve(c, n, el->id, "attachedToRef", true);
    if (el->host == FLOW_NONE) return true;
    struct flow_element *host = &c->model->element[el->host];
    if (!flow_is_activity(host) || host->parent != el->parent) {
        FLOW_FOUND(c, el->line, el->id, "boundaryEvent 只能附在同一层的任务或子流程上");
        el->host = FLOW_NONE;
        return true;
    }
    int32_t *more = arena_array(c->arena, host->n_boundary + 1, sizeof *more);
    if (!more) return false;
    if (host->n_boundary) memcpy(more, host->boundary, host->n_boundary * sizeof *more);
    more[host->n_boundary++] = el->index;
    host->boundary = more;
    return true;
}

static bool link_all(struct flow_compiler *c) {
    struct flow_model *m = c->model;
    struct map edge_ids;
    map_init(&edge_ids, c->arena);
    for (size_t i = 0; i < m->n_edge; i++) {
        link_edge(c, &m->edge[i]);
        if (m->edge[i].id.len && (map_find(&edge_ids, m->edge[i].id) || map_find(&m->ids, m->edge[i].id)))
            FLOW_FOUND(c, m->edge[i].line, m->edge[i].id, "id %.*s 重复", STR_ARG(m->edge[i].id));
        if (!map_put(&edge_ids, m->edge[i].id, &m->edge[i])) return false;
    }
    if (!fill_edges(c)) return false;
    for (size_t i = 0; i < m->n_element; i++) {
        link_default(c, &m->element[i]);
        if (m->element[i].kind == FLOW_BOUNDARY && !link_boundary(c, &m->element[i])) return false;
    }
    return true;
}

/* ---- the file ---- */

static const struct xml_node *the_process(struct flow_compiler *c, const struct xml_node *definitions) {
    const struct xml_node *process = NULL;
    for (const struct xml_node *k = xml_child(definitions, FLOW_NS_BPMN, S("")); k;
         k = xml_next(k, FLOW_NS_BPMN, S(""))) {
        if (!str_eq(k->name, S("process"))) {
            if (!flow_word_in(drawn_only, k->name))
                FLOW_FOUND(c, k->line, xml_attr(k, S(""), S("id")), "不支持的 BPMN 元素 %.*s", STR_ARG(k->name));
        } else if (process) {
            FLOW_FOUND(c, k->line, xml_attr(k, S(""), S("id")), "一个文件只能有一个 process");
        } else {
            process = k;
        }
    }
    if (!process) FLOW_FOUND(c, definitions->line, S(""), "文件里没有 process");
    return process;
}

/* How much room the tables need: elements and edges anywhere in the file, within the limits. */
static void count(const struct xml_node *definitions, size_t *n_element, size_t *n_edge) {
    *n_element = *n_edge = 1;
    const struct xml_node *n = definitions;
    while (n) {
        if (str_eq(n->ns, FLOW_NS_BPMN) && word_find(n->name) && *n_element < FLOW_ELEMENTS_MAX) ++*n_element;
        if (str_eq(n->ns, FLOW_NS_BPMN) && str_eq(n->name, S("sequenceFlow")) && *n_edge < FLOW_EDGES_MAX) ++*n_edge;
        if (n->first) {
            n = n->first;
            continue;
        }
        while (n && !n->next) n = n->parent;
        if (n) n = n->next;
    }
}

static int compile(struct flow_compiler *c, const struct xml_node *definitions, struct err *e) {
    struct flow_model *m = c->model;
    size_t n_element, n_edge;
    count(definitions, &n_element, &n_edge);
    m->element = arena_array(c->arena, n_element, sizeof *m->element);
    m->edge = arena_array(c->arena, n_edge, sizeof *m->edge);
    c->node = arena_array(c->scratch, n_element, sizeof *c->node);
    c->edge_node = arena_array(c->scratch, n_edge, sizeof *c->edge_node);
    c->edge_scope = arena_array(c->scratch, n_edge, sizeof *c->edge_scope);
    if (!m->element || !m->edge || !c->node || !c->edge_node || !c->edge_scope) return err_set(e, ERR_MEMORY, "%s", "");
    if (!str_eq(definitions->ns, FLOW_NS_BPMN) || !str_eq(definitions->name, S("definitions")))
        return err_line(e, ERR_SYSTEM, m->file, definitions->line, "%s", "不是 BPMN 2.0 文件：根元素应为 definitions");
    const struct xml_node *process = the_process(c, definitions);
    if (!process) return 0;
    m->process = arena_str(c->arena, xml_attr(process, S(""), S("id")));
    m->title = arena_str(c->arena, xml_attr(process, S(""), S("name")));
    if (!m->process.len) FLOW_FOUND(c, process->line, S(""), "process 缺少 id");
    if (!str_eq(xml_attr(process, S(""), S("isExecutable")), S("true")))
        FLOW_FOUND(c, process->line, m->process, "process 必须写明 isExecutable=\"true\"");
    read_scope(c, process, FLOW_NONE);
    for (size_t i = 0; i < m->n_element; i++) /* grows while sub-processes are read */
        if (m->element[i].kind == FLOW_SUB) read_scope(c, c->node[i], (int32_t)i);
    if (!link_all(c)) return err_set(e, ERR_MEMORY, "%s", "");
    flow_read_drawing(c, definitions);
    return 0;
}

int flow_compile(struct arena *a, struct str file, struct str bytes, const struct flow_check *check,
                 struct flow_model **ret, struct flow_findings *f, struct err *e) {
    *f = (struct flow_findings){ 0 };
    struct arena scratch;
    arena_init(&scratch, "bpmn", 48 * 1024 * 1024);
    struct xml_node *definitions = NULL;
    struct flow_compiler c = { .arena = a, .scratch = &scratch, .model = arena_new(a, struct flow_model), .found = f };
    int rc = xml_parse(&scratch, file, bytes, &definitions, e);
    if (!rc && !c.model) rc = err_set(e, ERR_MEMORY, "%s", "");
    if (!rc) {
        c.model->file = arena_str(a, file);
        c.model->start = FLOW_NONE;
        map_init(&c.model->ids, a);
        rc = compile(&c, definitions, e);
    }
    if (!rc && f->n_errors == 0) flow_model_check(c.model, a, check, f);
    if (!rc && arena_overflowed(a)) rc = err_set(e, ERR_MEMORY, "%s", "");
    for (size_t i = 0; !rc && i < f->n; i++) {
        if (!f->item[i].warning)
            rc = err_line(e, ERR_SYSTEM, file, f->item[i].line, "%.*s%s%.*s", STR_ARG(f->item[i].id),
                          f->item[i].id.len ? "：" : "", STR_ARG(f->item[i].text));
    }
    if (!rc && f->n_errors) rc = err_line(e, ERR_SYSTEM, file, 0, "%zu", f->n_errors);
    arena_done(&scratch);
    if (rc) return rc;
    *ret = c.model;
    return 0;
}

const struct flow_element *flow_element_find(const struct flow_model *m, struct str id) {
    return map_find(&m->ids, id);
}

const struct flow_edge *flow_edge_find(const struct flow_model *m, struct str id) {
    for (size_t i = 0; i < m->n_edge; i++)
        if (str_eq(m->edge[i].id, id)) return &m->edge[i];
    return NULL;
}

const struct flow_element *flow_model_elements(const struct flow_model *m, size_t *n) {
    *n = m->n_element;
    return m->element;
}
