/* rule_parse: FEEL expressions by descent (grammar rules 1-26, 39-45 of DMN 1.5 section 10.3.1.2). Binding,
 * loosest first: or, and, comparison (= < between in), + -, * /, ** (from the left), unary minus, then instance
 * of, path, filter, call. Invariant: see rule_parse.h; nesting is bounded by RULE_NESTING_MAX.
 */
#include "engine/rule/rule_parse.h"

#include <string.h>

struct node *rule_node_new(struct arena *a, enum op op) {
    struct node *n = arena_new(a, struct node);
    if (n) n->op = (uint8_t)op;
    return n;
}

struct node *rule_node_at(struct parser *p, enum op op) {
    struct node *n = rule_node_new(p->a, op);
    if (!n) {
        if (p->rc == 0) p->rc = err_set(p->src->err, ERR_MEMORY, NULL);
        return NULL;
    }
    n->at = (uint32_t)p->at;
    return n;
}

bool rule_kids_add(struct parser *p, struct kids *k, const struct node *n) {
    if (!n) return false;
    if (k->n == k->cap) {
        size_t cap = k->cap ? k->cap * 2 : 4;
        const struct node **kid = arena_array(p->a, cap, sizeof(struct node *));
        if (!kid || cap > 32768) return rule_parse_fail(p, "too many parts") != NULL;
        if (k->n) memcpy(kid, k->kid, k->n * sizeof(struct node *));
        k->kid = kid;
        k->cap = cap;
    }
    k->kid[k->n++] = n;
    return true;
}

bool rule_scope_add(struct arena *a, struct scope *s, struct str name) {
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 4;
        struct str *list = arena_array(a, cap, sizeof *list);
        if (!list || cap > 8192) return false;
        if (s->n) memcpy(list, s->name, s->n * sizeof *list);
        s->name = list;
        s->cap = cap;
    }
    s->name[s->n++] = name;
    return true;
}

struct scope *rule_push_scope(struct parser *p, bool dynamic) {
    struct scope *s = arena_new(p->a, struct scope);
    if (!s) return rule_parse_fail(p, "memory");
    s->up = p->scope;
    s->dynamic = dynamic;
    p->scope = s;
    return s;
}

void rule_pop_scope(struct parser *p, struct node *n) {
    if (n) n->captured = p->scope->captured;
    p->scope = p->scope->up;
}

static const struct node *binary(struct parser *p, enum op op, const struct node *a, const struct node *b) {
    if (!a || !b) return NULL;
    struct node *n = rule_node_at(p, op);
    if (!n) return NULL;
    n->a = a;
    n->b = b;
    return n;
}

static const struct node *constant(struct parser *p, struct value v) {
    struct node *n = rule_node_at(p, N_CONST);
    if (n) n->k = v;
    return n;
}

static const struct node *parse_literal_at(struct parser *p) {
    struct str s;
    if (!rule_look(p, "\"")) return rule_parse_fail(p, "a string is missing behind @");
    if (!rule_read_string(p, &s)) return NULL;
    struct run run;
    struct err ignored;
    rule_run_init(&run, p->a, NULL, &ignored);
    return constant(p, rule_at_literal(&run, s));
}

static const struct node *parse_primary(struct parser *p) {
    struct decimal d;
    struct str s;
    size_t from = p->at;
    if (rule_at_number(p)) return rule_read_number(p, &d) ? constant(p, rule_value_num(d)) : NULL;
    if (rule_look(p, "\"")) return rule_read_string(p, &s) ? constant(p, rule_value_str(s)) : NULL;
    if (rule_eat(p, "@")) return parse_literal_at(p);
    if (rule_look(p, "{")) return rule_parse_context(p);
    if (rule_look(p, "[") || rule_look(p, "]") || rule_look(p, "(")) return rule_parse_bracket(p);
    if (rule_eat_word(p, "null")) return constant(p, NULL_VALUE);
    if (rule_eat_word(p, "true")) return constant(p, rule_value_bool(true));
    if (rule_eat_word(p, "false")) return constant(p, rule_value_bool(false));
    if (rule_eat_word(p, "if")) return rule_parse_if(p);
    if (rule_eat_word(p, "for")) return rule_parse_for(p);
    if (rule_eat_word(p, "some")) return rule_parse_quantified(p, N_SOME);
    if (rule_eat_word(p, "every")) return rule_parse_quantified(p, N_EVERY);
    if (rule_eat_word(p, "function")) {
        if (rule_look(p, "(")) return rule_parse_function(p);
        p->at = from;
    }
    return rule_parse_name(p);
}

static const struct node *parse_filter(struct parser *p, const struct node *list) {
    struct node *n = rule_node_at(p, N_FILTER);
    struct scope *s = n ? rule_push_scope(p, true) : NULL;
    if (!s || !rule_scope_add(p->a, s, S("item"))) return NULL;
    n->a = list;
    n->b = rule_parse_expr(p);
    rule_pop_scope(p, n);
    if (!n->b) return NULL;
    if (!rule_eat(p, "]")) return rule_parse_fail(p, "] expected");
    return n;
}

/* Whether the [ that stands here closes a range, ]1..2[, and does not open a filter: nothing that begins an
 * expression follows. */
static bool closes_range(struct parser *p) {
    static const char *const words[] = { "and", "or", "then", "else", "return", "satisfies" };
    struct parser after = *p;
    if (!p->range_end) return false;
    after.at++;
    rule_skip(&after);
    if (after.at >= after.s.len || rule_look(&after, ",") || rule_look(&after, ")") || rule_look(&after, "]")
        || rule_look(&after,
        "}")) return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (rule_look_word(&after, words[i])) return true;
    return false;
}

static const struct node *parse_postfix(struct parser *p) {
    const struct node *n = parse_primary(p);
    for (int i = 0; n && i < RULE_NESTING_MAX; i++) {
        struct str member;
        rule_skip(p);
        if (rule_look(p, "..") || (rule_look(p, "[") && closes_range(p))) return n;
        if (rule_eat(p, ".")) {
            if (!rule_read_member(p, &member)) return rule_parse_fail(p, "a name is missing behind the dot");
            struct node *path = rule_node_at(p, N_PATH);
            if (!path) return NULL;
            path->a = n;
            path->text = member;
            n = path;
        } else if (rule_eat(p, "[")) {
            n = parse_filter(p, n);
        } else if (rule_eat(p, "(")) {
            n = rule_parse_call(p, n);
        } else if (rule_look_word(p, "instance")) {
            (void)rule_eat_word(p, "instance");
            if (!rule_eat_word(p, "of")) return rule_parse_fail(p, "of expected");
            struct node *inst = rule_node_at(p, N_INSTANCE);
            if (!inst) return NULL;
            inst->a = n;
            inst->type = rule_parse_type(p);
            if (!inst->type) return NULL;
            n = inst;
        } else {
            return n;
        }
    }
    return n ? rule_parse_fail(p, "too many parts") : NULL;
}

static const struct node *parse_unary(struct parser *p) {
    int minus = 0;
    while (minus < RULE_NESTING_MAX && rule_eat(p, "-")) minus++;
    const struct node *n = parse_postfix(p);
    for (; n && minus > 0; minus--) {
        struct node *neg;
        if (n->op == N_CONST && n->k.kind == V_NUM) {
            n = constant(p, rule_value_num(decimal_neg(n->k.u.num)));
            continue;
        }
        neg = rule_node_at(p, N_NEG);
        if (neg) neg->a = n;
        n = neg;
    }
    return n;
}

static const struct node *parse_power(struct parser *p) {
    const struct node *n = parse_unary(p);
    while (n && rule_eat(p, "**")) n = binary(p, N_POW, n, parse_unary(p));
    return n;
}

static const struct node *parse_product(struct parser *p) {
    const struct node *n = parse_power(p);
    while (n) {
        if (rule_look(p, "**")) return n;
        if (rule_eat(p, "*")) n = binary(p, N_MUL, n, parse_power(p));
        else if (rule_eat(p, "/")) n = binary(p, N_DIV, n, parse_power(p));
        else return n;
    }
    return NULL;
}

const struct node *rule_parse_arith(struct parser *p) {
    const struct node *n = parse_product(p);
    while (n) {
        if (rule_eat(p, "+")) n = binary(p, N_ADD, n, parse_product(p));
        else if (rule_eat(p, "-")) n = binary(p, N_SUB, n, parse_product(p));
        else return n;
    }
    return NULL;
}

static const struct node *parse_between(struct parser *p, const struct node *left) {
    struct node *n = rule_node_at(p, N_BETWEEN);
    if (!n) return NULL;
    n->a = left;
    n->b = rule_parse_arith(p);
    if (!n->b) return NULL;
    if (!rule_eat_word(p, "and")) return rule_parse_fail(p, "and expected");
    n->c = rule_parse_arith(p);
    return n->c ? n : NULL;
}

static const struct node *parse_comparison(struct parser *p) {
    static const struct {
        const char *sign;
        enum op op;
    } signs[] = { { "!=", N_NE }, { "<=", N_LE }, { ">=", N_GE }, { "<", N_LT }, { ">", N_GT }, { "==", N_ERROR },
        { "=", N_EQ } };
    const struct node *n = rule_parse_arith(p);
    for (int i = 0; n && i < RULE_NESTING_MAX; i++) {
        size_t k = 0;
        while (k < sizeof signs / sizeof *signs && !rule_look(p, signs[k].sign)) k++;
        if (k < sizeof signs / sizeof *signs) {
            if (signs[k].op == N_ERROR) return rule_parse_fail(p, "= expected");
            (void)rule_eat(p, signs[k].sign);
            n = binary(p, signs[k].op, n, rule_parse_arith(p));
        } else if (rule_eat_word(p, "between")) {
            n = parse_between(p, n);
        } else if (rule_eat_word(p, "in")) {
            n = rule_parse_in(p, n);
        } else {
            return n;
        }
    }
    return n;
}

static const struct node *parse_and(struct parser *p) {
    const struct node *n = parse_comparison(p);
    while (n && rule_eat_word(p, "and")) n = binary(p, N_AND, n, parse_comparison(p));
    return n;
}

const struct node *rule_parse_expr(struct parser *p) {
    if (++p->depth > RULE_NESTING_MAX) return rule_parse_fail(p, "nested too deep");
    bool outer = p->range_end;
    p->range_end = false;
    const struct node *n = parse_and(p);
    while (n && rule_eat_word(p, "or")) n = binary(p, N_OR, n, parse_and(p));
    p->range_end = outer;
    p->depth--;
    return n;
}

int rule_parse_end(struct parser *p, const struct node *n, const struct node **ret) {
    rule_skip(p);
    if (n && p->rc == 0 && p->at != p->s.len) (void)rule_parse_fail(p, "the end was expected here");
    if (p->rc) return p->rc;
    if (arena_overflowed(p->a)) return err_set(p->src->err, ERR_MEMORY, "?");
    if (!n) return err_set(p->src->err, ERR_SYNTAX, "?");
    *ret = n;
    return 0;
}

int rule_parse_expression(struct source *src, struct scope *scope, struct str text, const struct node **ret) {
    struct parser p = { .src = src, .a = src->arena, .s = text, .scope = scope };
    if (text.len > RULE_TEXT_BYTES_MAX) return err_set(src->err, ERR_LIMIT, "64 KiB");
    return rule_parse_end(&p, rule_parse_expr(&p), ret);
}
