/* rule_parse_head: the expressions with a head or brackets: if, for, some, every, function, contexts, lists,
 * ranges, calls. Invariant: what pushes a scope pops it on every way out that returns a node.
 */
#include "engine/rule/rule_parse.h"

#include <string.h>

const struct node *parse_if(struct parser *p) {
    struct node *n = node_at(p, N_IF);
    if (!n) return NULL;
    n->a = parse_expr(p);
    if (!n->a) return NULL;
    if (!eat_word(p, "then")) return parse_fail(p, "then expected");
    n->b = parse_expr(p);
    if (!n->b) return NULL;
    if (!eat_word(p, "else")) return parse_fail(p, "else expected");
    n->c = parse_expr(p);
    return n->c ? n : NULL;
}

/* "name in": the name may hold blanks. */
static bool read_variable(struct parser *p, struct str *name) {
    if (!read_plain_name(p, name)) return parse_fail(p, "a name is missing") != NULL;
    if (!eat_word(p, "in")) return parse_fail(p, "in expected") != NULL;
    return true;
}

/* A domain of an iteration: a list, or low .. high. */
static const struct node *parse_domain(struct parser *p) {
    const struct node *low = parse_expr(p);
    if (!low || !eat(p, "..")) return low;
    struct node *n = node_at(p, N_RANGE);
    if (!n) return NULL;
    n->a = low;
    n->b = parse_expr(p);
    n->low_closed = n->high_closed = n->flag = true;
    return n->b ? n : NULL;
}

/* name in domain, ...; names join the scope as they come. */
static bool parse_iterators(struct parser *p, struct node *n, struct scope *s) {
    struct kids k = { 0 };
    do {
        struct str name;
        if (!read_variable(p, &name) || !kids_add(p, &k, parse_domain(p))) return false;
        if (k.n > 16 || !scope_add(p->a, s, name)) return parse_fail(p, "too many names") != NULL;
    } while (eat(p, ","));
    n->kid = k.kid;
    n->n = (uint16_t)k.n;
    n->name = s->name;
    return true;
}

const struct node *parse_for(struct parser *p) {
    struct node *n = node_at(p, N_FOR);
    struct scope *s = n ? push_scope(p, false) : NULL;
    if (!s || !parse_iterators(p, n, s)) return NULL;
    if (!eat_word(p, "return")) return parse_fail(p, "return expected");
    if (!scope_add(p->a, s, S("partial"))) return parse_fail(p, "memory");
    n->a = parse_expr(p);
    pop_scope(p, n);
    return n->a ? n : NULL;
}

const struct node *parse_quantified(struct parser *p, enum op op) {
    struct node *n = node_at(p, op);
    struct scope *s = n ? push_scope(p, false) : NULL;
    if (!s || !parse_iterators(p, n, s)) return NULL;
    if (!eat_word(p, "satisfies")) return parse_fail(p, "satisfies expected");
    n->a = parse_expr(p);
    pop_scope(p, n);
    return n->a ? n : NULL;
}

const struct node *parse_function(struct parser *p) {
    struct node *n = node_at(p, N_FUNC);
    for (struct scope *s = p->scope; s; s = s->up) s->captured = true;
    struct scope *s = n ? push_scope(p, false) : NULL;
    const struct type *types[64];
    if (!s || !eat(p, "(")) return parse_fail(p, "( expected");
    while (!eat(p, ")")) {
        struct str name;
        if (s->n == 64 || !read_until(p, ",:)", &name)) return parse_fail(p, "a parameter's name is missing");
        types[s->n] = NULL;
        if (eat(p, ":") && !(types[s->n] = parse_type(p))) return NULL;
        if (!scope_add(p->a, s, name)) return parse_fail(p, "memory");
        if (!eat(p, ",") && !look(p, ")")) return parse_fail(p, ", or ) expected");
    }
    n->n = (uint16_t)s->n;
    n->name = s->name;
    n->types = arena_array(p->a, s->n + 1, sizeof(struct type *));
    if (!n->types) return parse_fail(p, "memory");
    if (s->n) memcpy(n->types, types, s->n * sizeof(struct type *));
    if (eat_word(p, "external")) {
        /* Code of other makers is not run: the function is known, and its result null. */
        if (!parse_expr(p)) return NULL;
        n->a = node_at(p, N_ERROR);
    } else {
        n->a = parse_expr(p);
    }
    pop_scope(p, n);
    return n->a ? n : NULL;
}

const struct node *parse_context(struct parser *p) {
    struct node *n = node_at(p, N_CTX);
    struct scope *s = n ? push_scope(p, false) : NULL;
    struct kids k = { 0 };
    if (!s || !eat(p, "{")) return NULL;
    while (!eat(p, "}")) {
        struct str key;
        if (look(p, "\"")) {
            if (!read_string(p, &key)) return NULL;
        } else if (!read_until(p, ":", &key)) {
            return parse_fail(p, "a key is missing");
        }
        if (!eat(p, ":")) return parse_fail(p, ": expected");
        for (size_t i = 0; i < s->n; i++)
            if (str_eq(s->name[i], key)) return parse_fail(p, "the key is there twice");
        if (!kids_add(p, &k, parse_expr(p)) || !scope_add(p->a, s, key)) return NULL;
        if (!eat(p, ",") && !look(p, "}")) return parse_fail(p, ", or } expected");
    }
    n->kid = k.kid;
    n->n = (uint16_t)k.n;
    n->name = s->name;
    pop_scope(p, n);
    return n;
}

static const struct node *finish_range(struct parser *p, const struct node *low, bool low_closed) {
    struct node *n = node_at(p, N_RANGE);
    if (!n) return NULL;
    n->a = low;
    n->low_closed = low_closed;
    p->range_end = true;
    n->b = parse_arith(p);
    p->range_end = false;
    if (!n->b) return NULL;
    if (eat(p, "]")) n->high_closed = true;
    else if (!eat(p, ")") && !eat(p, "[")) return parse_fail(p, "the range has no end");
    return n;
}

/* (< 5), (>= x): a range open at one side. */
static const struct node *parse_open_range(struct parser *p) {
    struct node *n = node_at(p, N_RANGE);
    if (!n) return NULL;
    bool less = look(p, "<"), equal = false;
    if (eat(p, "=")) {
        n->a = n->b = parse_arith(p);
        n->low_closed = n->high_closed = true;
    } else {
        if (!eat(p, "<")) (void)eat(p, ">");
        equal = eat(p, "=");
        n->no_low = less;
        n->no_high = !less;
        if (less) n->b = parse_arith(p), n->high_closed = equal;
        else n->a = parse_arith(p), n->low_closed = equal;
    }
    if (p->rc) return NULL;
    return eat(p, ")") ? n : parse_fail(p, ") expected");
}

static const struct node *parse_list(struct parser *p, const struct node *first) {
    struct node *n = node_at(p, N_LIST);
    struct kids k = { 0 };
    if (!n) return NULL;
    if (first) {
        if (!kids_add(p, &k, first)) return NULL;
        while (eat(p, ","))
            if (!kids_add(p, &k, parse_expr(p))) return NULL;
    }
    if (!eat(p, "]")) return parse_fail(p, ", or ] expected");
    n->kid = k.kid;
    n->n = (uint16_t)k.n;
    return n;
}

const struct node *parse_bracket(struct parser *p) {
    const struct node *first;
    if (eat(p, "(")) {
        if (look(p, "<") || look(p, ">") || look(p, "=")) return parse_open_range(p);
        first = parse_expr(p);
        if (!first) return NULL;
        if (eat(p, "..")) return finish_range(p, first, false);
        return eat(p, ")") ? first : parse_fail(p, ") expected");
    }
    if (eat(p, "]")) {
        first = parse_arith(p);
        if (!first) return NULL;
        return eat(p, "..") ? finish_range(p, first, false) : parse_fail(p, ".. expected");
    }
    if (!eat(p, "[")) return parse_fail(p, "[ expected");
    if (look(p, "]")) return parse_list(p, NULL);
    first = parse_expr(p);
    if (!first) return NULL;
    return eat(p, "..") ? finish_range(p, first, true) : parse_list(p, first);
}

/* "name :" at the start of an argument. */
static bool argument_name(struct parser *p, struct str *name) {
    size_t from = p->at;
    if (read_until(p, ":", name) && look(p, ":")) {
        (void)eat(p, ":");
        return true;
    }
    p->at = from;
    return false;
}

/* A conversion of one constant text is done now, not at each evaluation: date("2026-01-01"). */
static bool folds(const struct node *n) {
    static const struct str words[] = { S_INIT("date"), S_INIT("time"), S_INIT("date and time"), S_INIT("duration") };
    if (n->n != 1 || n->kid[0]->op != N_CONST || n->kid[0]->k.kind != V_STR) return false;
    if (n->a->op != N_CONST || n->a->k.kind != V_FUNC || n->a->k.u.func->kind != FUNC_WORD) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(str_of(n->a->k.u.func->word->name), words[i])) return true;
    return false;
}

static const struct node *fold_call(struct parser *p, const struct node *call) {
    struct run run;
    struct err ignored;
    struct node *n = node_at(p, N_CONST);
    run_init(&run, p->a, NULL, &ignored);
    if (n) n->k = eval(&run, call, NULL);
    return n;
}

const struct node *parse_call(struct parser *p, const struct node *fn) {
    struct node *n = node_at(p, N_CALL);
    struct str names[64];
    struct kids k = { 0 };
    bool named = false;
    if (!n) return NULL;
    while (!eat(p, ")")) {
        bool has = k.n < 64 && argument_name(p, &names[k.n]);
        if (k.n >= 64 || (k.n && has != named)) return parse_fail(p, "arguments with and without names");
        named = has;
        if (!kids_add(p, &k, parse_expr(p))) return NULL;
        if (!eat(p, ",") && !look(p, ")")) return parse_fail(p, ", or ) expected");
    }
    n->a = fn;
    n->kid = k.kid;
    n->n = (uint16_t)k.n;
    if (!named && folds(n)) return fold_call(p, n);
    if (named) {
        n->name = arena_array(p->a, k.n, sizeof *n->name);
        if (!n->name) return parse_fail(p, "memory");
        memcpy(n->name, names, k.n * sizeof *names);
    }
    return n;
}
