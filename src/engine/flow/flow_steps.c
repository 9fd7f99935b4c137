/* flow_steps: a process as a list of steps with where each stands: the text beside the drawing, and the rail of a case.
 *
 * Invariants
 *  1. Order is a reverse postorder of the graph from the start (back edges ignored): a step comes after what leads to
 *     it, a branch stays together, branches follow each other in document order, the inside of a sub-process follows
 *     it.
 *  2. Depth first by an explicit stack; each element is visited once.
 *  3. What is ahead follows from where tokens stand and from the graph alone: no condition is judged in advance. What
 *     interrupts and what leads back can lead to a step, but is no way past it.
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

/* ---- what is ahead ---- */

/* The graph, and where the process stands in it: `at` those elements whose tokens move next (a sub-process waits for
 * what is in it), `rank` the place in the order, by which an edge leads forward or back. */
struct ahead {
    const struct flow_model *m;
    const int32_t *rank;
    bool *at, *can, *past, *beyond;
    int32_t *stack;
};

static void reach(struct ahead *x, int32_t to, size_t *depth) {
    if (to == FLOW_NONE || x->can[to]) return;
    x->can[to] = true;
    x->stack[(*depth)++] = to;
}

static void reach_all(struct ahead *x) {
    const struct flow_model *m = x->m;
    size_t depth = 0;
    for (size_t i = 0; i < m->n_element; i++)
        if (x->at[i]) reach(x, (int32_t)i, &depth);
    while (depth) {
        const struct flow_element *el = &m->element[x->stack[--depth]];
        const struct flow_element *around = el->parent == FLOW_NONE ? NULL : &m->element[el->parent];
        for (size_t i = 0; i < el->n_out; i++) reach(x, m->edge[el->out[i]].to, &depth);
        for (size_t i = 0; i < el->n_boundary; i++) reach(x, el->boundary[i], &depth);
        for (size_t i = 0; around && i < around->n_boundary; i++) reach(x, around->boundary[i], &depth);
        for (size_t i = 0; around && el->kind == FLOW_END && i < around->n_out; i++)
            reach(x, m->edge[around->out[i]].to, &depth);
        for (size_t i = 0; i < el->n_returns; i++) {
            const struct flow_element *to = flow_element_find(m, el->returns[i]);
            if (to) reach(x, to->index, &depth);
        }
        if (el->kind == FLOW_SUB) reach(x, el->inner, &depth);
    }
}

/* Where the next task is an earlier one again, the process goes on from there. */
static void go_back(struct ahead *x) {
    bool *soon = x->past, changed = true;
    for (size_t i = 0; i < x->m->n_element; i++) soon[i] = false;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < x->m->n_edge; i++) {
            int32_t from = x->m->edge[i].from, to = x->m->edge[i].to;
            if (!x->at[from] && (!soon[from] || x->m->element[from].kind == FLOW_USER)) continue;
            bool back = x->rank[from] >= x->rank[to];
            changed |= !soon[to] || (back && !x->at[to]);
            soon[to] = true;
            x->at[to] |= back;
        }
    }
}

/* Was what lies before an edge done, as `on` has it? A sub-process is when an end in it is. */
static bool is_left(const struct ahead *x, const bool *on, int32_t from) {
    if (x->m->element[from].kind != FLOW_SUB) return on[from];
    for (size_t i = 0; i < x->m->n_element; i++)
        if (on[i] && x->m->element[i].kind == FLOW_END && x->m->element[i].parent == from) return true;
    return false;
}

/* Does the process come forward to `el`? A parallel gateway waits for whatever can still come to it. */
static bool comes(const struct ahead *x, const bool *on, const struct flow_element *el) {
    bool some = false, all = true;
    if (el->kind == FLOW_START && el->parent != FLOW_NONE) return on[el->parent];
    for (size_t i = 0; i < el->n_in; i++) {
        int32_t from = x->m->edge[el->in[i]].from;
        if (x->rank[from] >= x->rank[el->index] || !x->can[from]) continue;
        bool left = is_left(x, on, from);
        some |= left;
        all &= left;
    }
    return some && (el->kind != FLOW_AND || all);
}

/* Does the process come to a later task without `step`, to which it would come with it too? `list`: the order. */
static bool is_passed(struct ahead *x, const int32_t *list, size_t n, int32_t step) {
    bool found = false;
    for (size_t i = 0; i < x->m->n_element; i++) x->past[i] = x->beyond[i] = false;
    for (size_t i = 0; i < n; i++) {
        const struct flow_element *el = &x->m->element[list[i]];
        x->past[el->index] = el->index != step && (x->at[el->index] || comes(x, x->past, el));
        for (size_t k = 0; k < el->n_in; k++) {
            int32_t from = x->m->edge[el->in[k]].from;
            x->beyond[el->index] |= x->rank[from] < x->rank[el->index] && is_left(x, x->beyond, from);
        }
        if (el->kind == FLOW_START && el->parent != FLOW_NONE) x->beyond[el->index] = x->beyond[el->parent];
        x->beyond[el->index] |= el->index == step;
        found |= el->index != step && el->kind == FLOW_USER && x->past[el->index] && x->beyond[el->index];
    }
    return found;
}

static bool look_ahead(struct arena *a, const struct flow_model *m, const int32_t *list, size_t n_list,
                       const struct flow_token *t, size_t n_token, struct flow_step *step, size_t n) {
    int32_t *rank = arena_array(a, m->n_element + 1, sizeof *rank), *stack = arena_array(a, m->n_element + 1, sizeof *stack);
    bool *flags = arena_array(a, 4 * (m->n_element + 1), sizeof *flags);
    if (!rank || !stack || !flags) return false;
    size_t apart = m->n_element + 1;
    struct ahead x = { m, rank, flags, flags + apart, flags + 2 * apart, flags + 3 * apart, stack };
    for (size_t i = 0; i < n_list; i++) rank[list[i]] = (int32_t)i;
    for (size_t i = 0; i < n_token; i++) x.at[t[i].element->index] |= t[i].mark < FLOW_GONE;
    for (size_t i = 0; i < n_token; i++)
        if (t[i].mark < FLOW_GONE && t[i].element->parent != FLOW_NONE) x.at[t[i].element->parent] = false;
    reach_all(&x);
    go_back(&x);
    for (size_t i = 0; i < n; i++) {
        if (step[i].state != FLOW_STEP_AHEAD) continue;
        if (!x.can[step[i].element->index]) step[i].state = FLOW_STEP_OFF;
        else if (is_passed(&x, list, n_list, step[i].element->index)) step[i].state = FLOW_STEP_MAYBE;
    }
    return true;
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
    size_t first = order(m, list, stack, seen);
    for (size_t i = first; i < m->n_element; i++) {
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
    bool begun = n_history > 0;
    return !begun || look_ahead(a, m, list + first, m->n_element - first, t, n_token, step, *n) ? step : NULL;
}
