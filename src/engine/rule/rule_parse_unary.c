/* rule_parse_unary: unary tests (grammar rules 7, 12-17) and the right side of `in`. A test with a comparison sign
 * becomes a range open at one side, so that all tests against constants have one form that is decided without
 * evaluating anything.
 */
#include "engine/rule/rule_parse.h"

static const struct node *open_test(struct parser *p, bool less, bool equal) {
    struct node *n = rule_node_at(p, N_TEST), *r = rule_node_at(p, N_RANGE);
    if (!n || !r) return NULL;
    const struct node *end = rule_parse_arith(p);
    if (!end) return NULL;
    if (less) r->b = end, r->no_low = true, r->high_closed = equal;
    else r->a = end, r->no_high = true, r->low_closed = equal;
    n->a = r;
    return n;
}

/* = x and != x compare the input itself: lists are not looked into. */
static const struct node *equal_test(struct parser *p, enum op op) {
    struct node *n = rule_node_at(p, N_TEST), *cmp = rule_node_at(p, op), *input = rule_node_at(p, N_NAME);
    if (!n || !cmp || !input) return NULL;
    uint16_t hops = 0;
    for (const struct scope *s = p->scope; s; s = s->up, hops++)
        if (s->n == 1 && str_eq(s->name[0], S("?"))) break;
    input->text = S("?");
    input->hops = hops;
    input->found = true;
    cmp->a = input;
    cmp->b = rule_parse_arith(p);
    if (!cmp->b) return NULL;
    n->a = cmp;
    n->flag = true;
    return n;
}

/* A range of constants is made now, not at each test. */
static const struct node *fold_range(struct parser *p, struct node *n) {
    const struct node *r = n->a;
    if (r->op != N_RANGE || (r->a && r->a->op != N_CONST) || (r->b && r->b->op != N_CONST)) return n;
    struct range *range = arena_new(p->a, struct range);
    struct node *k = rule_node_at(p, N_CONST);
    if (!range || !k) return rule_parse_fail(p, "memory");
    *range = (struct range){ r->a ? r->a->k : NULL_VALUE, r->b ? r->b->k : NULL_VALUE, r->low_closed, r->high_closed,
                             r->no_low, r->no_high };
    if ((!r->no_low && range->low.kind == V_NULL) || (!r->no_high && range->high.kind == V_NULL)) return n;
    int order;
    if (!r->no_low && !r->no_high && (!rule_value_order(NULL, range->low, range->high, &order) || order > 0)) return n;
    k->k = (struct value){ .kind = V_RANGE, .u.range = range };
    n->a = k;
    return n;
}

const struct node *rule_parse_one_test(struct parser *p) {
    bool outer = p->uses_input;
    const struct node *made = NULL;
    p->uses_input = false;
    if (rule_eat(p, "<=")) made = open_test(p, true, true);
    else if (rule_eat(p, ">=")) made = open_test(p, false, true);
    else if (rule_eat(p, "!=")) made = equal_test(p, N_NE);
    else if (rule_eat(p, "<")) made = open_test(p, true, false);
    else if (rule_eat(p, ">")) made = open_test(p, false, false);
    else if (rule_eat(p, "=")) made = equal_test(p, N_EQ);
    else {
        struct node *n = rule_node_at(p, N_TEST);
        if (!n) return NULL;
        n->a = rule_parse_expr(p);
        n->flag = p->uses_input;
        made = n->a ? n : NULL;
    }
    p->uses_input = outer;
    return made && made->op == N_TEST ? fold_range(p, (struct node *)(uintptr_t)made) : made;
}

static const struct node *finish_tests(struct parser *p, struct kids *k, bool negated) {
    struct node *n = rule_node_at(p, N_TESTS);
    if (!n) return NULL;
    n->kid = k->kid;
    n->n = (uint16_t)k->n;
    n->flag = negated;
    return n;
}

static const struct node *parse_test_list(struct parser *p, bool negated) {
    struct kids k = { 0 };
    do {
        if (!rule_kids_add(p, &k, rule_parse_one_test(p))) return NULL;
    } while (rule_eat(p, ","));
    return finish_tests(p, &k, negated);
}

/* ( test, test ) behind `in`; a parenthesis that turns out to open a range or to be part of a sum is read again as
 * such. */
static const struct node *parse_in_tests(struct parser *p) {
    struct parser before = *p;
    struct err ignored = { 0 };
    struct err *err = p->src->err;
    p->src->err = &ignored;
    const struct node *list = rule_eat(p, "(") ? parse_test_list(p, false) : NULL;
    bool closed = list && rule_eat(p, ")");
    p->src->err = err;
    if (closed && !rule_look(p, "..")) return list;
    *p = before;
    struct kids k = { 0 };
    return rule_kids_add(p, &k, rule_parse_one_test(p)) ? finish_tests(p, &k, false) : NULL;
}

/* One test without parentheses binds like a sum: "x in list and y". */
static const struct node *parse_in_bare(struct parser *p) {
    struct kids k = { 0 };
    struct node *n;
    if (rule_look(p, "<") || rule_look(p, ">") || rule_look(p, "=") || rule_look(p, "!=")) {
        if (!rule_kids_add(p, &k, rule_parse_one_test(p))) return NULL;
        return finish_tests(p, &k, false);
    }
    bool outer = p->uses_input;
    p->uses_input = false;
    n = rule_node_at(p, N_TEST);
    if (!n) return NULL;
    n->a = rule_parse_arith(p);
    n->flag = p->uses_input;
    p->uses_input = outer;
    if (!n->a || !rule_kids_add(p, &k, fold_range(p, n))) return NULL;
    return finish_tests(p, &k, false);
}

const struct node *rule_parse_in(struct parser *p, const struct node *left) {
    struct node *n = rule_node_at(p, N_IN);
    struct scope *s = n ? rule_push_scope(p, false) : NULL;
    if (!s || !rule_scope_add(p->a, s, S("?"))) return NULL;
    n->a = left;
    n->b = rule_look(p, "(") ? parse_in_tests(p) : parse_in_bare(p);
    p->scope = s;
    rule_pop_scope(p, n);
    return n->b ? n : NULL;
}

int rule_parse_tests(struct source *src, struct scope *scope, struct str text, const struct node **ret) {
    struct parser p = { .src = src, .a = src->arena, .s = text, .scope = scope };
    if (text.len > RULE_TEXT_BYTES_MAX) return err_set(src->err, ERR_LIMIT, "64 KiB");
    struct scope *s = rule_push_scope(&p, false);
    const struct node *n = NULL;
    if (!s || !rule_scope_add(p.a, s, S("?"))) return err_set(src->err, ERR_MEMORY, NULL);
    rule_skip(&p);
    if (p.at == text.len) {
        n = rule_node_at(&p, N_ANY); /* an empty cell, as modellers leave it */
    } else if (rule_look(&p, "-")) {
        size_t from = p.at++;
        rule_skip(&p);
        if (p.at == text.len) n = rule_node_at(&p, N_ANY);
        else p.at = from;
    }
    if (!n && p.rc == 0) {
        size_t from = p.at;
        if (rule_eat_word(&p, "not") && rule_eat(&p, "(")) {
            n = parse_test_list(&p, true);
            if (n && !rule_eat(&p, ")")) n = rule_parse_fail(&p, ") expected");
            rule_skip(&p);
        }
        /* not(a) = b and the like is an expression that begins with the word not. */
        if (!n || p.at != text.len) {
            if (n || p.rc == 0) {
                p.at = from;
                n = parse_test_list(&p, false);
            }
        }
    }
    return rule_parse_end(&p, n, ret);
}
