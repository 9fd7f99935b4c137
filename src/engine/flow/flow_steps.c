/* flow_steps: a process as a list of steps with where each stands: the text beside the drawing, and the rail of a case.
 *
 * Invariants
 *  1. Order is a reverse postorder of the graph from the start (back edges ignored): a step comes after what leads to
 *     it, a branch stays together, branches follow each other in document order, the inside of a sub-process follows
 *     it.
 *  2. Depth first by an explicit stack; each element is visited once.
 */
#include "engine/flow/flow.h"

struct frame {
    int32_t element;
    size_t child;
};

/* The k-th child in the reverse of the wanted order: later flows first, then boundary events, then the inside. */
static int32_t child_of(const struct flow_model *m, const struct flow_element *el, size_t k) {
    if (k < el->n_boundary) return el->boundary[el->n_boundary - 1 - k];
    k -= el->n_boundary;
    if (k < el->n_out) return m->edge[el->out[el->n_out - 1 - k]].to;
    return el->inner;
}

static size_t order(const struct flow_model *m, int32_t *list, struct frame *stack, bool *seen) {
    size_t depth = 0, n = m->n_element;
    if (m->start == FLOW_NONE) return n;
    stack[depth++] = (struct frame){ m->start, 0 };
    seen[m->start] = true;
    while (depth) {
        struct frame *f = &stack[depth - 1];
        const struct flow_element *el = &m->element[f->element];
        if (f->child > el->n_boundary + el->n_out) {
            list[--n] = f->element;
            depth--;
            continue;
        }
        int32_t to = child_of(m, el, f->child++);
        if (to == FLOW_NONE || seen[to]) continue;
        seen[to] = true;
        stack[depth++] = (struct frame){ to, 0 };
    }
    return n; /* list[n ..] is the order */
}

static void visit(struct flow_step *step, const struct flow_history *h) {
    if (str_eq(h->what, S("enter"))) {
        step->visits++;
        step->entered_ms = h->at_ms;
        step->left_ms = 0;
        step->actor_id = 0;
        step->state = FLOW_STEP_DONE;
    } else if (str_eq(h->what, S("complete"))) {
        step->actor_id = h->actor_id;
    } else if (str_eq(h->what, S("leave")) && (str_eq(h->detail, S("return")) || str_eq(h->detail, S("recall")))) {
        step->state = --step->visits ? FLOW_STEP_DONE : FLOW_STEP_AHEAD; /* given back undone */
        step->left_ms = h->at_ms;
    } else if (str_eq(h->what, S("leave")) || str_eq(h->what, S("end")) || str_eq(h->what, S("cancel"))) {
        step->left_ms = h->at_ms;
        if (!step->actor_id) step->actor_id = h->actor_id;
    }
}

struct flow_step *flow_steps(struct arena *a, const struct flow_model *m, const struct flow_history *h,
                             size_t n_history, const struct flow_token *t, size_t n_token, size_t *n) {
    struct flow_step *step = arena_array(a, m->n_element + 1, sizeof *step);
    int32_t *list = arena_array(a, m->n_element + 1, sizeof *list),
            *place = arena_array(a, m->n_element + 1, sizeof *place);
    struct frame *stack = arena_array(a, m->n_element + 1, sizeof *stack);
    bool *seen = arena_array(a, m->n_element + 1, sizeof *seen);
    *n = 0;
    if (!step || !list || !place || !stack || !seen) return NULL;
    for (size_t i = 0; i < m->n_element; i++) place[i] = FLOW_NONE;
    for (size_t i = order(m, list, stack, seen); i < m->n_element; i++) {
        const struct flow_element *el = &m->element[list[i]];
        if (el->kind == FLOW_XOR || el->kind == FLOW_AND || el->kind == FLOW_OR) continue;
        place[el->index] = (int32_t)*n;
        step[(*n)++] = (struct flow_step){ .element = el };
    }
    for (size_t i = 0; i < n_history; i++) {
        const struct flow_element *el = flow_element_find(m, h[i].element);
        if (el && place[el->index] != FLOW_NONE) visit(&step[place[el->index]], &h[i]);
    }
    for (size_t i = 0; i < n_token; i++) {
        if (t[i].mark >= FLOW_GONE || place[t[i].element->index] == FLOW_NONE) continue;
        bool incident = t[i].state == FLOW_TOKEN_INCIDENT || t[i].state == FLOW_TOKEN_INCIDENT_LEAVE;
        enum flow_step_state *s = &step[place[t[i].element->index]].state;
        if (*s != FLOW_STEP_INCIDENT) *s = incident ? FLOW_STEP_INCIDENT : FLOW_STEP_NOW;
    }
    return step;
}
