/* rule_mention: what an expression or a decision says by name: see rule.h. Nothing is evaluated.
 * Invariants: a name bound within the text itself (an iteration, a parameter, an entry of a
 * context) is not told; what is told as a result can come out, not every result is told (a text put
 * together, what a function gives).
 */
#include "engine/rule/rule_in.h"

enum { ELEMENTS_MAX = 1024 }; /* of a model; of a larger one, what the first of them say */

struct walk {
    rule_mentioned *tell;
    void *to;
    const struct model *m; /* NULL: a bare expression */
    uint32_t line, depth;
    bool inner; /* within a filter: names may be members of its items */
    bool seen[ELEMENTS_MAX];
};

static void tell(struct walk *w, enum rule_mention_kind kind, struct str name, struct str text) {
    w->tell(w->to, &(struct rule_mention){ kind, w->line, name, text });
}

/* The context's name that a node stands for; empty if it is anything else. */
static struct str context_name(const struct walk *w, const struct node *n) {
    if (n && n->op == N_NAME && !n->found && !n->a) return n->text;
    if (n && n->op == N_SLOT && w->m && w->m->element[n->slot].kind == E_INPUT)
        return w->m->element[n->slot].name;
    return S("");
}

static bool is_text(const struct node *n) {
    return n && n->op == N_CONST && n->k.kind == V_STR;
}

static bool is_word(const struct node *n, struct str word) {
    if (n && n->op == N_NAME && !n->found)
        n = n->a; /* unless the context has a function of that name */
    return n && n->op == N_CONST && n->k.kind == V_FUNC && n->k.u.func->kind == FUNC_WORD &&
           str_eq(str_of(n->k.u.func->word->name), word);
}

static void compare(struct walk *w, const struct node *a, const struct node *b) {
    struct str name = context_name(w, a);
    if (name.len && is_text(b)) tell(w, RULE_COMPARES, name, b->k.u.s);
}

/* Each text that unary tests hold against what `a` is. */
static void compare_tests(struct walk *w, const struct node *a, const struct node *tests) {
    if (!tests || tests->op != N_TESTS) return;
    for (uint16_t i = 0; i < tests->n; i++)
        if (tests->kid[i] && tests->kid[i]->op == N_TEST) compare(w, a, tests->kid[i]->a);
}

static void walk(struct walk *w, const struct node *n);

static void walk_table(struct walk *w, const struct table *t) {
    uint32_t line = w->line;
    for (size_t i = 0; i < t->n_input; i++) w->line = t->line, walk(w, t->input[i].expr);
    for (size_t r = 0; r < t->n_rule; r++) {
        w->line = t->rule_line[r];
        for (size_t i = 0; i < t->n_input; i++) {
            compare_tests(w, t->input[i].expr, t->test[r * t->n_input + i]);
            walk(w, t->test[r * t->n_input + i]);
        }
        for (size_t o = 0; o < t->n_output; o++) walk(w, t->out[r * t->n_output + o]);
    }
    w->line = line;
}

/* What is compared, whatever it is within. */
static void walk_compared(struct walk *w, const struct node *n) {
    if (n->op == N_EQ || n->op == N_NE) {
        compare(w, n->a, n->b);
        compare(w, n->b, n->a);
    }
    if (n->op == N_IN) compare_tests(w, n->a, n->b);
    if (n->op == N_CALL && n->n == 2 && !n->name && is_word(n->a, S("list contains")))
        compare(w, n->kid[0], n->kid[1]);
}

static void walk(struct walk *w, const struct node *n) {
    if (!n || w->depth == RULE_DEPTH_MAX) return;
    w->depth++;
    struct str name = context_name(w, n);
    bool inner = w->inner;
    if (name.len) tell(w, inner && n->op == N_NAME ? RULE_MEMBER : RULE_NAMES, name, S(""));
    if (n->op == N_PATH && n->a && n->a->op == N_NAME && n->a->found)
        tell(w, RULE_MEMBER, n->text, S(""));
    walk_compared(w, n);
    walk(w, n->a);
    w->inner |= n->op == N_FILTER;
    walk(w, n->b);
    w->inner = inner;
    walk(w, n->c);
    for (uint16_t i = 0; n->kid && i < n->n; i++) walk(w, n->kid[i]);
    if (n->op == N_TABLE && n->table) walk_table(w, n->table);
    w->depth--;
}

/* ---- results ---- */

static bool joins(const struct node *fn) {
    static const struct str words[] = { S_INIT("concatenate"),     S_INIT("append"),
                                        S_INIT("union"),           S_INIT("flatten"),
                                        S_INIT("distinct values"), S_INIT("insert before"),
                                        S_INIT("list replace") };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_word(fn, words[i])) return true;
    return false;
}

static void results(struct walk *w, const struct node *n) {
    if (!n || w->depth == RULE_DEPTH_MAX) return;
    w->depth++;
    if (is_text(n)) tell(w, RULE_GIVES, S(""), n->k.u.s);
    else if (n->op == N_IF) results(w, n->b), results(w, n->c);
    else if (n->op == N_COERCE || n->op == N_FILTER || n->op == N_FOR) results(w, n->a);
    else if (n->op == N_CTX && n->flag && n->n) results(w, n->kid[n->n - 1]);
    else if (n->op == N_SLOT && w->m) results(w, w->m->element[n->slot].body);
    else if (n->op == N_LIST || (n->op == N_CALL && joins(n->a)))
        for (uint16_t i = 0; i < n->n; i++) results(w, n->kid[i]);
    else if (n->op == N_TABLE && n->table) {
        const struct table *t = n->table;
        uint32_t line = w->line;
        for (size_t i = 0; i < t->n_rule * t->n_output; i++) {
            w->line = t->rule_line[i / t->n_output];
            results(w, t->out[i]);
        }
        w->line = t->line;
        for (size_t i = 0; i < t->n_output; i++) results(w, t->output[i].fallback);
        w->line = line;
    }
    w->depth--;
}

void rule_node_mentions(const struct node *n, rule_mentioned *tell_to, void *to) {
    struct walk w = { .tell = tell_to, .to = to };
    walk(&w, n);
    results(&w, n);
}

/* Itself and what it needs, each once. */
static void walk_element(struct walk *w, uint32_t slot, uint32_t depth) {
    const struct element *e = &w->m->element[slot];
    if (slot >= ELEMENTS_MAX || w->seen[slot] || depth == RULE_DEPTH_MAX) return;
    w->seen[slot] = true;
    w->line = e->xml ? e->xml->line : 0;
    if (e->kind == E_INPUT) tell(w, RULE_NAMES, e->name, S(""));
    else walk(w, e->body);
    for (size_t i = 0; i < e->n_need; i++) walk_element(w, e->need[i], depth + 1);
}

void dmn_mentions(const struct model *m, struct str decision, rule_mentioned *tell_to, void *to) {
    struct walk w = { .tell = tell_to, .to = to, .m = m };
    for (size_t i = 0; i < m->n_element; i++) {
        if (!str_eq(m->element[i].name, decision) && !str_eq(m->element[i].id, decision)) continue;
        walk_element(&w, (uint32_t)i, 0);
        w.line = m->element[i].xml ? m->element[i].xml->line : 0;
        results(&w, m->element[i].body);
        return;
    }
}
