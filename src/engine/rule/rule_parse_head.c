/* rule_parse_head: the expressions with a head or brackets: if, for, some, every, function, contexts, lists,
 * ranges, calls. Invariant: what pushes a scope pops it on every way out that returns a node.
 */
#include "engine/rule/rule_parse.h"

#include <string.h>

const struct node *rule_parse_if(struct parser *p) {
    struct node *n = rule_node_at(p, N_IF);
    if (!n) return NULL;
    n->a = rule_parse_expr(p);
    if (!n->a) return NULL;
    if (!rule_eat_word(p, "then")) return rule_parse_fail(p, "then expected");
    n->b = rule_parse_expr(p);
    if (!n->b) return NULL;
    if (!rule_eat_word(p, "else")) return rule_parse_fail(p, "else expected");
    n->c = rule_parse_expr(p);
    return n->c ? n : NULL;
}

/* "name in": the name may hold blanks. */
static bool read_variable(struct parser *p, struct str *name) {
    if (!rule_read_plain_name(p, name)) return rule_parse_fail(p, "a name is missing") != NULL;
    if (!rule_eat_word(p, "in")) return rule_parse_fail(p, "in expected") != NULL;
    return true;
}

/* A domain of an iteration: a list, or low .. high. */
static const struct node *parse_domain(struct parser *p) {
    const struct node *low = rule_parse_expr(p);
    if (!low || !rule_eat(p, "..")) return low;
    struct node *n = rule_node_at(p, N_RANGE);
    if (!n) return NULL;
    n->a = low;
    n->b = rule_parse_expr(p);
    n->low_closed = n->high_closed = n->flag = true;
    return n->b ? n : NULL;
}

/* name in domain, ...; names join the scope as they come. */
static bool parse_iterators(struct parser *p, struct node *n, struct scope *s) {
    struct kids k = { 0 };
    do {
        struct str name;
        if (!read_variable(p, &name) || !rule_kids_add(p, &k, parse_domain(p))) return false;
        if (k.n > 16 || !rule_scope_add(p->a, s, name)) return rule_parse_fail(p, "too many names") != NULL;
    } while (rule_eat(p, ","));
    n->kid = k.kid;
    n->n = (uint16_t)k.n;
    n->name = s->name;
    return true;
}

const struct node *rule_parse_for(struct parser *p) {
    struct node *n = rule_node_at(p, N_FOR);
    struct scope *s = n ? rule_push_scope(p, false) : NULL;
    if (!s || !parse_iterators(p, n, s)) return NULL;
    if (!rule_eat_word(p, "return")) return rule_parse_fail(p, "return expected");
    if (!rule_scope_add(p->a, s, S("partial"))) return rule_parse_fail(p, "memory");
    n->a = rule_parse_expr(p);
    rule_pop_scope(p, n);
    return n->a ? n : NULL;
}

const struct node *rule_parse_quantified(struct parser *p, enum op op) {
    struct node *n = rule_node_at(p, op);
    struct scope *s = n ? rule_push_scope(p, false) : NULL;
    if (!s || !parse_iterators(p, n, s)) return NULL;
    if (!rule_eat_word(p, "satisfies")) return rule_parse_fail(p, "satisfies expected");
    n->a = rule_parse_expr(p);
    rule_pop_scope(p, n);
    return n->a ? n : NULL;
}

const struct node *rule_parse_function(struct parser *p) {
    struct node *n = rule_node_at(p, N_FUNC);
    for (struct scope *s = p->scope; s; s = s->up) s->captured = true;
    struct scope *s = n ? rule_push_scope(p, false) : NULL;
    const struct type *types[64];
    if (!s || !rule_eat(p, "(")) return rule_parse_fail(p, "( expected");
    while (!rule_eat(p, ")")) {
        struct str name;
        if (s->n == 64 || !rule_read_until(p, ",:)", &name)) return rule_parse_fail(p, "a parameter's name is missing");
        types[s->n] = NULL;
        if (rule_eat(p, ":") && !(types[s->n] = rule_parse_type(p))) return NULL;
        if (!rule_scope_add(p->a, s, name)) return rule_parse_fail(p, "memory");
        if (!rule_eat(p, ",") && !rule_look(p, ")")) return rule_parse_fail(p, ", or ) expected");
    }
    n->n = (uint16_t)s->n;
    n->name = s->name;
    n->types = arena_array(p->a, s->n + 1, sizeof(struct type *));
    if (!n->types) return rule_parse_fail(p, "memory");
    if (s->n) memcpy(n->types, types, s->n * sizeof(struct type *));
    if (rule_eat_word(p, "external")) {
        /* Code of other makers is not run: the function is known, and its result null. */
        if (!rule_parse_expr(p)) return NULL;
        n->a = rule_node_at(p, N_ERROR);
    } else {
        n->a = rule_parse_expr(p);
    }
    rule_pop_scope(p, n);
    return n->a ? n : NULL;
}

const struct node *rule_parse_context(struct parser *p) {
    struct node *n = rule_node_at(p, N_CTX);
    struct scope *s = n ? rule_push_scope(p, false) : NULL;
    struct kids k = { 0 };
    if (!s || !rule_eat(p, "{")) return NULL;
    while (!rule_eat(p, "}")) {
        struct str key;
        if (rule_look(p, "\"")) {
            if (!rule_read_string(p, &key)) return NULL;
        } else if (!rule_read_until(p, ":", &key)) {
            return rule_parse_fail(p, "a key is missing");
        }
        if (!rule_eat(p, ":")) return rule_parse_fail(p, ": expected");
        for (size_t i = 0; i < s->n; i++)
            if (str_eq(s->name[i], key)) return rule_parse_fail(p, "the key is there twice");
        if (!rule_kids_add(p, &k, rule_parse_expr(p)) || !rule_scope_add(p->a, s, key)) return NULL;
        if (!rule_eat(p, ",") && !rule_look(p, "}")) return rule_parse_fail(p, ", or } expected");
    }
    n->kid = k.kid;
    n->n = (uint16_t)k.n;
    n->name = s->name;
    rule_pop_scope(p, n);
    return n;
}

static const struct node *finish_range(struct parser *p, const struct node *low, bool low_closed) {
    struct node *n = rule_node_at(p, N_RANGE);
    if (!n) return NULL;
    n->a = low;
    n->low_closed = low_closed;
    p->range_end = true;
    n->b = rule_parse_arith(p);
    p->range_end = false;
    if (!n->b) return NULL;
    if (rule_eat(p, "]")) n->high_closed = true;
    else if (!rule_eat(p, ")") && !rule_eat(p, "[")) return rule_parse_fail(p, "the range has no end");
    return n;
}

/* (< 5), (>= x): a range open at one side. */
static const struct node *parse_open_range(struct parser *p) {
    struct node *n = rule_node_at(p, N_RANGE);
    if (!n) return NULL;
    bool less = rule_look(p, "<"), equal = false;
    if (rule_eat(p, "=")) {
        n->a = n->b = rule_parse_arith(p);
        n->low_closed = n->high_closed = true;
    } else {
        if (!rule_eat(p, "<")) (void)rule_eat(p, ">");
        equal = rule_eat(p, "=");
        n->no_low = less;
        n->no_high = !less;
        if (less) n->b = rule_parse_arith(p), n->high_closed = equal;
        else n->a = rule_parse_arith(p), n->low_closed = equal;
    }
    if (p->rc) return NULL;
    return rule_eat(p, ")") ? n : rule_parse_fail(p, ") expected");
}

static const struct node *parse_list(struct parser *p, const struct node *first) {
    struct node *n = rule_node_at(p, N_LIST);
    struct kids k = { 0 };
    if (!n) return NULL;
    if (first) {
        if (!rule_kids_add(p, &k, first)) return NULL;
        while (rule_eat(p, ","))
            if (!rule_kids_add(p, &k, rule_parse_expr(p))) return NULL;
    }
    if (!rule_eat(p, "]")) return rule_parse_fail(p, ", or ] expected");
    n->kid = k.kid;
    n->n = (uint16_t)k.n;
    return n;
}

const struct node *rule_parse_bracket(struct parser *p) {
    const struct node *first;
    if (rule_eat(p, "(")) {
        if (rule_look(p, "<") || rule_look(p, ">") || rule_look(p, "=")) return parse_open_range(p);
        first = rule_parse_expr(p);
        if (!first) return NULL;
        if (rule_eat(p, "..")) return finish_range(p, first, false);
        return rule_eat(p, ")") ? first : rule_parse_fail(p, ") expected");
    }
    if (rule_eat(p, "]")) {
        first = rule_parse_arith(p);
        if (!first) return NULL;
        return rule_eat(p, "..") ? finish_range(p, first, false) : rule_parse_fail(p, ".. expected");
    }
    if (!rule_eat(p, "[")) return rule_parse_fail(p, "[ expected");
    if (rule_look(p, "]")) return parse_list(p, NULL);
    first = rule_parse_expr(p);
    if (!first) return NULL;
    return rule_eat(p, "..") ? finish_range(p, first, true) : parse_list(p, first);
}

/* "name :" at the start of an argument. */
static bool argument_name(struct parser *p, struct str *name) {
    size_t from = p->at;
    if (rule_read_until(p, ":", name) && rule_look(p, ":")) {
        (void)rule_eat(p, ":");
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
    struct node *n = rule_node_at(p, N_CONST);
    rule_run_init(&run, p->a, NULL, &ignored);
    if (n) n->k = rule_eval(&run, call, NULL);
    return n;
}

const struct node *rule_parse_call(struct parser *p, const struct node *fn) {
    struct node *n = rule_node_at(p, N_CALL);
    struct str names[64];
    struct kids k = { 0 };
    bool named = false;
    if (!n) return NULL;
    while (!rule_eat(p, ")")) {
        bool has = k.n < 64 && argument_name(p, &names[k.n]);
        if (k.n >= 64 || (k.n && has != named)) return rule_parse_fail(p, "arguments with and without names");
        named = has;
        if (!rule_kids_add(p, &k, rule_parse_expr(p))) return NULL;
        if (!rule_eat(p, ",") && !rule_look(p, ")")) return rule_parse_fail(p, ", or ) expected");
    }
    n->a = fn;
    n->kid = k.kid;
    n->n = (uint16_t)k.n;
    if (!named && folds(n)) return fold_call(p, n);
    if (named) {
        n->name = arena_array(p->a, k.n, sizeof *n->name);
        if (!n->name) return rule_parse_fail(p, "memory");
        memcpy(n->name, names, k.n * sizeof *names);
    }
    return n;
}
