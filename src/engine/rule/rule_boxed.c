/* rule_boxed: boxed expressions (DMN 1.5 chapter 10.2 and section 7.3) to the same nodes that text becomes: a
 * context of boxes is a context, an invocation is a call with named arguments, and so on, so that one evaluator
 * serves both. Invariant: a scope is pushed here wherever rule_eval.c makes a frame.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

struct boxed {
    struct model *m;
    struct source *src;
    uint32_t document;
    int depth;
};

static int compile(struct boxed *b, struct scope *scope, const struct xml_node *x, const struct node **ret);

static bool is(const struct xml_node *x, struct str name) {
    return x && str_eq(x->name, name);
}

static int memory(struct boxed *b) {
    return err_set(b->src->err, ERR_MEMORY, NULL);
}

static struct node *fresh(struct boxed *b, enum op op, size_t n) {
    struct node *node = n > UINT16_MAX ? NULL : rule_node_new(b->src->arena, op);
    if (!node) return NULL;
    node->n = (uint16_t)n;
    node->kid = arena_array(b->src->arena, n + 1, sizeof(struct node *));
    node->name = arena_array(b->src->arena, n + 1, sizeof(struct str));
    return node->kid && node->name ? node : NULL;
}

/* The first child that is an expression: not a description, variable, parameter or the like. */
static const struct xml_node *first_box(const struct xml_node *x) {
    static const struct str boxes[] = { S_INIT("literalExpression"), S_INIT("context"), S_INIT("invocation"),
        S_INIT("list"),
        S_INIT("relation"), S_INIT("functionDefinition"), S_INIT("decisionTable"), S_INIT("conditional"),
            S_INIT("filter"),
        S_INIT("for"), S_INIT("some"), S_INIT("every") };
    for (const struct xml_node *c = x ? xml_child(x, S(""), S("")) : NULL; c; c = xml_next(c, S(""), S("")))
        for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
            if (str_eq(c->name, boxes[i])) return c;
    return NULL;
}

static size_t count(const struct xml_node *x, struct str name) {
    size_t n = 0;
    for (const struct xml_node *c = xml_child(x, S(""), name); c; c = xml_next(c, S(""), name)) n++;
    return n;
}

/* A child element that frames one expression, <then>, <in>. */
static int framed(struct boxed *b, struct scope *scope, const struct xml_node *x, struct str name,
    const struct node **ret) {
    const struct xml_node *frame = xml_child(x, S(""), name);
    return compile(b, scope, first_box(frame), ret);
}

static int literal(struct boxed *b, struct scope *scope, const struct xml_node *x, const struct node **ret) {
    const struct xml_node *text = xml_child(x, S(""), S("text"));
    struct str s = text ? str_trim(text->text) : S("");
    struct node *null = rule_node_new(b->src->arena, N_CONST);
    if (!null) return memory(b);
    *ret = null;
    if (s.len == 0) return 0;
    int rc = rule_parse_expression(b->src, scope, s, ret);
    if (rc == 0 || rc == ERR_MEMORY) return rc;
    return rule_model_fault(b->m, b->document, text->line, s, b->src->err, ret);
}

static const struct node *coerced(struct boxed *b, const struct xml_node *with_type, const struct node *n) {
    struct str ref = with_type ? xml_attr(with_type, S(""), S("typeRef")) : S("");
    const struct type *t = ref.len ? rule_model_type(b->m, ref, b->document) : NULL;
    if (!t || t->kind == T_ANY || !n) return n;
    struct node *c = rule_node_new(b->src->arena, N_COERCE);
    if (!c) return NULL;
    c->a = n;
    c->type = t;
    return c;
}

static int context(struct boxed *b, struct scope *up, const struct xml_node *x, const struct node **ret) {
    struct node *n = fresh(b, N_CTX, count(x, S("contextEntry")));
    struct scope s = { .up = up };
    uint16_t i = 0;
    if (!n) return memory(b);
    const struct xml_node *e = xml_child(x, S(""), S("contextEntry"));
    for (; e; e = xml_next(e, S(""), S("contextEntry")), i++) {
        const struct xml_node *var = xml_child(e, S(""), S("variable"));
        int rc = compile(b, &s, first_box(e), &n->kid[i]);
        if (rc) return rc;
        n->name[i] = var ? rule_name_normal(b->src->arena, xml_attr(var, S(""), S("name"))) : S("");
        n->flag = !var;
        n->kid[i] = coerced(b, var, n->kid[i]);
        if (!n->kid[i] || !rule_scope_add(b->src->arena, &s, n->name[i])) return memory(b);
    }
    *ret = n;
    return 0;
}

static int invocation(struct boxed *b, struct scope *scope, const struct xml_node *x, const struct node **ret) {
    struct node *n = fresh(b, N_CALL, count(x, S("binding")));
    uint16_t i = 0;
    if (!n) return memory(b);
    int rc = compile(b, scope, first_box(x), &n->a);
    const struct xml_node *e = xml_child(x, S(""), S("binding"));
    for (; e && rc == 0; e = xml_next(e, S(""), S("binding")), i++) {
        const struct xml_node *p = xml_child(e, S(""), S("parameter"));
        n->name[i] = p ? rule_name_normal(b->src->arena, xml_attr(p, S(""), S("name"))) : S("");
        rc = compile(b, scope, first_box(e), &n->kid[i]);
        n->kid[i] = coerced(b, p, n->kid[i]);
    }
    if (n->n == 0) n->name = NULL;
    *ret = n;
    return rc;
}

static int list(struct boxed *b, struct scope *scope, const struct xml_node *x, const struct node **ret) {
    size_t n_kids = 0;
    for (const struct xml_node *c = xml_child(x, S(""), S("")); c; c = xml_next(c, S(""), S(""))) n_kids++;
    struct node *n = fresh(b, N_LIST, n_kids);
    if (!n) return memory(b);
    n->n = 0;
    for (const struct xml_node *c = first_box(x); c; c = xml_next(c, S(""), S(""))) {
        int rc = compile(b, scope, c, &n->kid[n->n++]);
        if (rc) return rc;
    }
    *ret = n;
    return 0;
}

static int relation(struct boxed *b, struct scope *up, const struct xml_node *x, const struct node **ret) {
    size_t columns = count(x, S("column"));
    struct node *n = fresh(b, N_LIST, count(x, S("row")));
    uint16_t i = 0;
    if (!n) return memory(b);
    for (const struct xml_node *row = xml_child(x, S(""), S("row")); row; row = xml_next(row, S(""), S("row")), i++) {
        struct node *c = fresh(b, N_CTX, columns);
        struct scope s = { .up = up };
        const struct xml_node *col = xml_child(x, S(""), S("column")), *cell = first_box(row);
        if (!c) return memory(b);
        for (uint16_t k = 0; col && k < columns; k++, col = xml_next(col, S(""), S("column"))) {
            /* A row's cells do not see each other: their names are in scope only so that frames and scopes agree. */
            c->name[k] = rule_name_normal(b->src->arena, xml_attr(col, S(""), S("name")));
            int rc = compile(b, &s, cell, &c->kid[k]);
            if (rc) return rc;
            cell = cell ? xml_next(cell, S(""), S("")) : NULL;
        }
        n->kid[i] = c;
    }
    *ret = n;
    return 0;
}

static int function(struct boxed *b, struct scope *up, const struct xml_node *x, const struct node **ret) {
    struct node *n = fresh(b, N_FUNC, count(x, S("formalParameter")));
    struct scope s = { .up = up };
    struct str kind = xml_attr(x, S(""), S("kind"));
    uint16_t i = 0;
    for (struct scope *o = up; o; o = o->up) o->captured = true;
    if (!n) return memory(b);
    n->types = arena_array(b->src->arena, (size_t)n->n + 1, sizeof(struct type *));
    if (!n->types) return memory(b);
    const struct xml_node *p = xml_child(x, S(""), S("formalParameter"));
    for (; p; p = xml_next(p, S(""), S("formalParameter")), i++) {
        struct str ref = xml_attr(p, S(""), S("typeRef"));
        n->name[i] = rule_name_normal(b->src->arena, xml_attr(p, S(""), S("name")));
        n->types[i] = ref.len ? rule_model_type(b->m, ref, b->document) : NULL;
        if (!rule_scope_add(b->src->arena, &s, n->name[i])) return memory(b);
    }
    *ret = n;
    if (kind.len && !str_eq(kind, S("FEEL"))) {
        n->a = rule_node_new(b->src->arena, N_ERROR); /* code of other makers is not run */
        return n->a ? 0 : memory(b);
    }
    return compile(b, &s, first_box(x), &n->a);
}

static int conditional(struct boxed *b, struct scope *scope, const struct xml_node *x, const struct node **ret) {
    struct node *n = rule_node_new(b->src->arena, N_IF);
    if (!n) return memory(b);
    int rc = framed(b, scope, x, S("if"), &n->a);
    if (rc == 0) rc = framed(b, scope, x, S("then"), &n->b);
    if (rc == 0) rc = framed(b, scope, x, S("else"), &n->c);
    *ret = n;
    return rc;
}

static int filter(struct boxed *b, struct scope *scope, const struct xml_node *x, const struct node **ret) {
    struct node *n = rule_node_new(b->src->arena, N_FILTER);
    struct scope s = { .up = scope, .dynamic = true };
    if (!n || !rule_scope_add(b->src->arena, &s, S("item"))) return memory(b);
    int rc = framed(b, scope, x, S("in"), &n->a);
    if (rc == 0) rc = framed(b, &s, x, S("match"), &n->b);
    n->captured = s.captured;
    *ret = n;
    return rc;
}

static int iterator(struct boxed *b, struct scope *scope, const struct xml_node *x, enum op op,
    const struct node **ret) {
    struct node *n = fresh(b, op, 1);
    struct scope s = { .up = scope };
    if (!n) return memory(b);
    int rc = framed(b, &s, x, S("in"), &n->kid[0]);
    n->name[0] = rule_name_normal(b->src->arena, xml_attr(x, S(""), S("iteratorVariable")));
    if (!rule_scope_add(b->src->arena, &s, n->name[0]) || !rule_scope_add(b->src->arena, &s, S("partial")))
        return memory(b);
    if (rc == 0) rc = framed(b, &s, x, op == N_FOR ? S("return") : S("satisfies"), &n->a);
    n->captured = s.captured;
    *ret = n;
    return rc;
}

static int table(struct boxed *b, struct scope *scope, const struct xml_node *x, const struct node **ret) {
    struct node *n = rule_node_new(b->src->arena, N_TABLE);
    if (!n) return memory(b);
    *ret = n;
    return rule_table_compile(b->m, b->src, scope, x, b->document, NULL, &n->table);
}

static int by_name(struct boxed *b, struct scope *scope, const struct xml_node *x, const struct node **ret) {
    if (is(x, S("literalExpression"))) return literal(b, scope, x, ret);
    if (is(x, S("context"))) return context(b, scope, x, ret);
    if (is(x, S("invocation"))) return invocation(b, scope, x, ret);
    if (is(x, S("list"))) return list(b, scope, x, ret);
    if (is(x, S("relation"))) return relation(b, scope, x, ret);
    if (is(x, S("functionDefinition"))) return function(b, scope, x, ret);
    if (is(x, S("decisionTable"))) return table(b, scope, x, ret);
    if (is(x, S("conditional"))) return conditional(b, scope, x, ret);
    if (is(x, S("filter"))) return filter(b, scope, x, ret);
    if (is(x, S("for"))) return iterator(b, scope, x, N_FOR, ret);
    if (is(x, S("some"))) return iterator(b, scope, x, N_SOME, ret);
    if (is(x, S("every"))) return iterator(b, scope, x, N_EVERY, ret);
    *ret = rule_node_new(b->src->arena, N_CONST);
    return *ret ? 0 : memory(b);
}

static int compile(struct boxed *b, struct scope *scope, const struct xml_node *x, const struct node **ret) {
    if (++b->depth > RULE_NESTING_MAX) return err_set(b->src->err, ERR_LIMIT, "%d", RULE_NESTING_MAX);
    int rc = by_name(b, scope, x, ret);
    b->depth--;
    if (rc) return rc;
    *ret = coerced(b, x, *ret);
    return *ret ? 0 : memory(b);
}

int rule_boxed_compile(struct model *m, struct source *src, struct scope *scope, const struct xml_node *x,
    uint32_t document,
                  const struct node **ret) {
    struct boxed b = { m, src, document, 0 };
    return compile(&b, scope, first_box(x), ret);
}
