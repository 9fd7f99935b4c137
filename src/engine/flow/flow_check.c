/* flow_check: findings that need the whole graph, and the names that only the release knows.
 *
 * Invariants
 *  1. A process with no error here can always go on: each node is reached from the start, from each an end can be
 *     reached, and each branching flow is either default or has a condition.
 *  2. Breadth first over bitmaps, no recursion; each element is visited once per search.
 */
#include "engine/flow/flow_model.h"

struct checking {
    const struct flow_model *m;
    struct arena *a;
    const struct flow_check *names;
    struct flow_findings *f;
};
#define FOUND(s, line, id, ...) flow_found((s)->f, (s)->a, (line), false, (id), __VA_ARGS__)
#define DOUBT(s, line, id, ...) flow_found((s)->f, (s)->a, (line), true, (id), __VA_ARGS__)

struct search {
    bool *seen;
    int32_t *list;
    size_t n, at;
};

static bool search_init(struct search *q, struct arena *a, size_t n) {
    *q = (struct search){ .seen = arena_array(a, n + 1, sizeof *q->seen),
                          .list = arena_array(a, n + 1, sizeof *q->list) };
    return q->seen && q->list;
}

static void search_add(struct search *q, int32_t i) {
    if (i == FLOW_NONE || q->seen[i]) return;
    q->seen[i] = true;
    q->list[q->n++] = i;
}

/* Forward from the start; into a sub-process with it, onto boundary events with their host. */
static void check_reach(struct checking *s) {
    const struct flow_model *m = s->m;
    struct search q;
    if (!search_init(&q, s->a, m->n_element)) return;
    search_add(&q, m->start);
    while (q.at < q.n) {
        const struct flow_element *el = &m->element[q.list[q.at++]];
        for (size_t k = 0; k < el->n_out; k++) search_add(&q, m->edge[el->out[k]].to);
        for (size_t k = 0; k < el->n_boundary; k++) search_add(&q, el->boundary[k]);
        search_add(&q, el->inner);
    }
    for (size_t i = 0; i < m->n_element; i++)
        if (!q.seen[i]) FOUND(s, m->element[i].line, m->element[i].id, "从 startEvent 走不到这里");
}

/* Backward from the ends of each scope: what never reaches one is a dead end or a loop without a way out. */
static void check_end(struct checking *s) {
    const struct flow_model *m = s->m;
    struct search q;
    if (!search_init(&q, s->a, m->n_element)) return;
    for (size_t i = 0; i < m->n_element; i++)
        if (m->element[i].kind == FLOW_END || m->element[i].kind == FLOW_TERMINATE) search_add(&q, (int32_t)i);
    while (q.at < q.n) {
        const struct flow_element *el = &m->element[q.list[q.at++]];
        for (size_t k = 0; k < el->n_in; k++) search_add(&q, m->edge[el->in[k]].from);
        if (el->kind == FLOW_BOUNDARY && el->interrupting) search_add(&q, el->host);
    }
    for (size_t i = 0; i < m->n_element; i++) {
        const struct flow_element *el = &m->element[i];
        bool end = el->kind == FLOW_END || el->kind == FLOW_TERMINATE;
        if (!end && !el->n_out) FOUND(s, el->line, el->id, "断头：这里没有出去的顺序流，也不是 endEvent");
        else if (!q.seen[i]) FOUND(s, el->line, el->id, "死循环：从这里走不到任何 endEvent");
    }
}

static void check_condition(struct checking *s, const struct flow_edge *d) {
    struct err e = { 0 };
    if (s->names && s->names->feel && d->condition.len && s->names->feel(s->names->context, d->condition, &e))
        FOUND(s, d->line, d->id, "条件有误：%s", e.detail);
}

static void check_branches(struct checking *s, const struct flow_element *el) {
    bool choice = el->kind == FLOW_XOR || el->kind == FLOW_OR;
    size_t conditions = 0;
    for (size_t k = 0; k < el->n_out; k++) {
        const struct flow_edge *d = &s->m->edge[el->out[k]];
        conditions += d->condition.len > 0;
        if (d->condition.len && d->index == el->default_edge) FOUND(s, d->line, d->id, "默认流不能再有条件");
        if (d->condition.len &&
            (el->kind == FLOW_AND || el->kind == FLOW_START || el->kind == FLOW_TIMER || el->kind == FLOW_BOUNDARY))
            FOUND(s, d->line, d->id, "从 %s 出去的顺序流不能有条件", flow_kind_text(el->kind));
        if (choice && el->n_out > 1 && !d->condition.len && d->index != el->default_edge)
            FOUND(s, d->line, d->id, "网关 %.*s 的这个分支既没有条件，也不是默认流", STR_ARG(el->id));
        check_condition(s, d);
    }
    if (choice && el->n_out == 1 && conditions)
        FOUND(s, el->line, el->id, "这个 %s 只有一条出去的顺序流，不需要条件", flow_kind_text(el->kind));
    else if (conditions && conditions == el->n_out)
        DOUBT(s, el->line, el->id, "没有默认流：如果条件都不成立，办理会停在这里");
    if ((el->kind == FLOW_AND || choice) && el->n_in < 2 && el->n_out < 2)
        DOUBT(s, el->line, el->id, "网关既不分也不合");
}

/* Backward from a task over what leaves its token alone: user tasks, rule tasks and exclusive gateways of its own scope. */
static bool comes_before(struct checking *s, const struct flow_element *to, const struct flow_element *el) {
    const struct flow_model *m = s->m;
    struct search q;
    if (!search_init(&q, s->a, m->n_element)) return true;
    search_add(&q, el->index);
    while (q.at < q.n) {
        const struct flow_element *at = &m->element[q.list[q.at++]];
        bool passes = at->kind == FLOW_USER || at->kind == FLOW_RULE || at->kind == FLOW_XOR;
        for (size_t k = 0; passes && k < at->n_in; k++) search_add(&q, m->edge[at->in[k]].from);
    }
    return to->parent == el->parent && q.seen[to->index];
}

static void check_returns(struct checking *s, const struct flow_element *el) {
    for (size_t i = 0; i < el->n_returns; i++) {
        const struct flow_element *to = flow_element_find(s->m, el->returns[i]);
        if (!to || to->kind != FLOW_USER || to == el)
            FOUND(s, el->line, el->id, "tb:returns 中的 %.*s 不是另一个 userTask", STR_ARG(el->returns[i]));
        else if (!comes_before(s, to, el))
            FOUND(s, el->line, el->id, "不能退回到 %.*s：两个环节之间只能有 userTask、businessRuleTask 和 exclusiveGateway",
                  STR_ARG(el->returns[i]));
    }
}

static void check_text(struct checking *s, const struct flow_element *el, const char *what, struct str text,
                       int (*check)(void *, struct str, struct err *)) {
    struct err e = { 0 };
    if (!s->names || !text.len) return;
    bool feel = text.ptr[0] == '=';
    if (feel) check = s->names->feel, text = str_sub(text, 1, text.len - 1);
    if (check && check(s->names->context, text, &e))
        FOUND(s, el->line, el->id, "%s “%.*s” 有误：%s", what, STR_ARG(text), e.detail);
}

static void check_names(struct checking *s, const struct flow_element *el) {
    const struct flow_check *c = s->names;
    if (!c) return;
    check_text(s, el, "tb:role", el->role, c->role);
    check_text(s, el, "tb:unit", el->unit, NULL);
    check_text(s, el, "tb:form", el->form, c->form);
    check_text(s, el, "tb:limit", el->limit, c->limit);
    check_text(s, el, "tb:act", el->act, c->act);
    check_text(s, el, "tb:decision", el->decision, c->decision);
    check_text(s, el, "定时", el->timer_text, c->limit);
    for (size_t i = 0; i < el->n_with; i++) {
        struct err e = { 0 };
        if (c->feel && c->feel(c->context, el->with[i].feel, &e))
            FOUND(s, el->line, el->id, "tb:with 的 %.*s 有误：%s", STR_ARG(el->with[i].name), e.detail);
    }
}

void flow_model_check(const struct flow_model *m, struct arena *scratch, const struct flow_check *check,
                      struct flow_findings *f) {
    struct checking s = { m, scratch, check, f };
    if (m->start == FLOW_NONE) return; /* told by the compiler */
    check_reach(&s);
    check_end(&s);
    for (size_t i = 0; i < m->n_element; i++) {
        check_branches(&s, &m->element[i]);
        check_returns(&s, &m->element[i]);
        check_names(&s, &m->element[i]);
        if (m->element[i].kind == FLOW_RULE && m->element[i].n_boundary)
            DOUBT(&s, m->element[i].line, m->element[i].id, "businessRuleTask 不等待，附着的定时不会起作用");
    }
}
