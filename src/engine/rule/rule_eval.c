/* rule_eval: evaluates expressions by walking their nodes (DMN 1.5 section 10.3.2). Each node costs one step and
 * each nesting one level; both have limits.
 * Invariants: a frame lives on the C stack unless a function in its scope may outlive it (`captured`); `partial`
 * sees the results so far because a vec never changes what it has handed out.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

enum { FRAME_VALUES = 8 };

static struct value eval_name(struct run *run, const struct node *n, struct frame *env) {
    if (!n->dynamic && !n->found) return NULL_VALUE; /* a name that nothing has */
    if (!n->dynamic) {
        for (uint16_t i = n->hops; i > 0; i--) env = env->up;
        return env->v[n->index];
    }
    uint16_t hop = 0;
    for (struct frame *f = env; f; f = f->up, hop++) {
        if (f->dynamic && f->item.kind == V_CTX) {
            const struct value *x = rule_ctx_find(f->item.u.ctx, n->text);
            if (x) return *x;
        }
        if (f->given) {
            const struct val *x = val_get(f->given, n->text);
            if (x) return rule_value_of_val(run, x);
        }
        if (n->found && hop == n->hops) return f->v[n->index];
    }
    return n->a ? rule_eval(run, n->a, env) : NULL_VALUE;
}

static struct value eval_list(struct run *run, const struct node *n, struct frame *env) {
    struct list *l = rule_run_alloc(run, 1, sizeof *l);
    struct value *item = rule_run_alloc(run, n->n, sizeof *item);
    if (!l || !item) return NULL_VALUE;
    for (uint16_t i = 0; i < n->n; i++) item[i] = rule_eval(run, n->kid[i], env);
    *l = (struct list){ item, n->n };
    return (struct value){ .kind = V_LIST, .u.list = l };
}

/* Entries see those before them; a boxed context may end in its result. */
static struct value eval_context(struct run *run, const struct node *n, struct frame *env) {
    struct entry *entry = rule_run_alloc(run, n->n, sizeof *entry);
    struct value *v = rule_run_alloc(run, n->n, sizeof *v);
    struct frame *f = rule_run_alloc(run, 1, sizeof *f);
    if (!entry || !v || !f) return NULL_VALUE;
    *f = (struct frame){ .up = env, .v = v, .n = n->n };
    for (uint16_t i = 0; i < n->n; i++) {
        v[i] = rule_eval(run, n->kid[i], f);
        if (n->flag && i + 1 == n->n) return v[i];
        entry[i] = (struct entry){ n->name[i], v[i] };
    }
    return rule_ctx_of(run, entry, n->n);
}

static struct value eval_range(struct run *run, const struct node *n, struct frame *env) {
    struct range *r = rule_run_alloc(run, 1, sizeof *r);
    if (!r) return NULL_VALUE;
    r->no_low = n->no_low, r->no_high = n->no_high, r->low_closed = n->low_closed, r->high_closed = n->high_closed;
    if (n->a) r->low = rule_eval(run, n->a, env);
    if (n->b) r->high = rule_eval(run, n->b, env);
    int order;
    if (!r->no_low && !r->no_high) {
        if (!rule_value_order(run, r->low, r->high, &order) || order > 0) return NULL_VALUE;
    } else if ((r->no_low ? r->high.kind : r->low.kind) == V_NULL) {
        return NULL_VALUE;
    }
    return (struct value){ .kind = V_RANGE, .u.range = r };
}

static struct value eval_function(struct run *run, const struct node *n, struct frame *env) {
    struct func *f = rule_run_alloc(run, 1, sizeof *f);
    if (!f) return NULL_VALUE;
    *f = (struct func){ .kind = FUNC_LAMBDA, .node = n, .env = env };
    return (struct value){ .kind = V_FUNC, .u.func = f };
}

/* ---- iterations ---- */

struct iteration {
    struct run *run;
    const struct node *n;
    struct frame *f;
    struct vec out;
    enum tri so_far; /* quantified */
    bool odd;        /* quantified: a condition was neither true, false nor null */
};

static struct value ends(struct run *run, struct value low, struct value high) {
    struct vec out = { .run = run };
    int64_t a, b;
    bool dates = low.kind == V_DATE && high.kind == V_DATE;
    if (dates) a = rule_date_days(low.u.date), b = rule_date_days(high.u.date);
    else if (low.kind != V_NUM || high.kind != V_NUM || !decimal_to_i64(low.u.num, &a)
        || !decimal_to_i64(high.u.num, &b))
        return NULL_VALUE;
    int64_t step = a <= b ? 1 : -1;
    if ((a <= b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b) >= RULE_ITEMS_MAX) return rule_run_fail(run,
        ERR_LIMIT, "1000000");
    for (int64_t i = a;; i += step) {
        struct value x = rule_value_i64(i);
        if (dates) x.kind = V_DATE, x.u.date = rule_date_of_days(i);
        rule_vec_add(&out, x);
        if (i == b || run->rc) break;
    }
    return rule_vec_list(&out);
}

static struct value domain(struct run *run, const struct node *n, struct frame *env) {
    if (n->op == N_RANGE && n->flag) return ends(run, rule_eval(run, n->a, env), rule_eval(run, n->b, env));
    struct value v = rule_eval(run, n, env);
    if (v.kind != V_RANGE) return v;
    const struct range *r = v.u.range;
    if (r->no_low || r->no_high) return NULL_VALUE;
    struct value all = ends(run, r->low, r->high);
    if (all.kind != V_LIST) return all;
    struct list *l = rule_run_alloc(run, 1, sizeof *l);
    if (!l) return NULL_VALUE;
    *l = *all.u.list;
    if (!r->low_closed && l->n) l->item++, l->n--;
    if (!r->high_closed && l->n) l->n--;
    return (struct value){ .kind = V_LIST, .u.list = l };
}

/* One value of the innermost body; false to stop. */
static bool visit(struct iteration *it) {
    struct run *run = it->run;
    if (it->n->op == N_FOR) {
        it->f->v[it->n->n] = rule_vec_list(&it->out);
        rule_vec_add(&it->out, rule_eval(run, it->n->a, it->f));
        return run->rc == 0;
    }
    struct value v = rule_eval(run, it->n->a, it->f);
    enum tri stop = it->n->op == N_SOME ? TRI_TRUE : TRI_FALSE;
    it->odd = v.kind != V_BOOL && v.kind != V_NULL;
    if (it->odd) return false;
    if (v.kind != V_BOOL) it->so_far = TRI_NULL;
    else if (v.u.b == (stop == TRI_TRUE)) it->so_far = stop;
    return it->so_far != stop && run->rc == 0;
}

/* Steps through iterator `i` and all behind it; 1 go on, 0 stop, -1 the domain is no list. */
static int iterate(struct iteration *it, uint16_t i) {
    if (i == it->n->n) return visit(it);
    struct value d = domain(it->run, it->n->kid[i], it->f);
    if (d.kind == V_NULL) return -1;
    struct list one = { &d, 1 };
    const struct list *l = d.kind == V_LIST ? d.u.list : &one;
    for (size_t k = 0; k < l->n; k++) {
        it->f->v[i] = l->item[k];
        int rc = iterate(it, (uint16_t)(i + 1));
        if (rc <= 0) return rc;
    }
    return 1;
}

/* A frame is made anew for each value where a function may keep it. */
static struct value eval_iteration(struct run *run, const struct node *n, struct frame *env) {
    struct value small[FRAME_VALUES];
    struct frame here = { .up = env, .v = small, .n = (size_t)n->n + 1 };
    struct iteration it = { .run = run, .n = n, .f = &here, .out = { .run = run } };
    it.so_far = n->op == N_SOME ? TRI_FALSE : TRI_TRUE;
    for (size_t i = 0; i < FRAME_VALUES; i++) small[i] = NULL_VALUE;
    if (n->captured || n->n + 1 > FRAME_VALUES) {
        it.f = rule_run_alloc(run, 1, sizeof *it.f);
        struct value *v = rule_run_alloc(run, (size_t)n->n + 1, sizeof *v);
        if (!it.f || !v) return NULL_VALUE;
        *it.f = (struct frame){ .up = env, .v = v, .n = (size_t)n->n + 1 };
    }
    if (iterate(&it, 0) < 0) return NULL_VALUE;
    if (n->op == N_FOR) return rule_vec_list(&it.out);
    return it.odd ? NULL_VALUE : rule_value_tri(it.so_far);
}

/* ---- filter ---- */

static struct value pick(struct run *run, const struct list *l, struct decimal index) {
    int64_t i;
    (void)run;
    if (!decimal_to_i64(index, &i) || i == 0) return NULL_VALUE;
    if (i < 0) i += (int64_t)l->n + 1;
    return i >= 1 && (uint64_t)i <= l->n ? l->item[i - 1] : NULL_VALUE;
}

static struct value eval_filter(struct run *run, const struct node *n, struct frame *env) {
    struct value src = rule_eval(run, n->a, env);
    struct list one = { &src, src.kind == V_NULL ? 0 : 1 };
    const struct list *l = src.kind == V_LIST ? src.u.list : &one;
    if (n->b->op == N_CONST && n->b->k.kind == V_NUM) return pick(run, l, n->b->k.u.num);
    struct vec out = { .run = run };
    struct value none = NULL_VALUE;
    struct frame here = { .up = env, .n = 1, .dynamic = true };
    for (size_t i = 0; (i < l->n || (i == 0 && l->n == 0)) && run->rc == 0; i++) {
        struct frame *f = &here;
        struct value *slot = &none;
        if (n->captured) {
            f = rule_run_alloc(run, 1, sizeof *f);
            slot = rule_run_alloc(run, 1, sizeof *slot);
            if (!f || !slot) return NULL_VALUE;
            *f = here;
        }
        f->item = i < l->n ? l->item[i] : NULL_VALUE;
        *slot = f->item;
        f->v = slot;
        struct value v = rule_eval(run, n->b, f);
        if (i == 0 && v.kind == V_NUM) return pick(run, l, v.u.num);
        if (v.kind != V_BOOL && v.kind != V_NULL) return NULL_VALUE;
        if (v.kind == V_BOOL && v.u.b && i < l->n) rule_vec_add(&out, l->item[i]);
    }
    return rule_vec_list(&out);
}

/* ---- tests ---- */

static enum tri matches(struct run *run, struct value k, struct value input, bool constant) {
    enum tri t = TRI_FALSE;
    switch (k.kind) {
    case V_RANGE:
        if (input.kind == V_RANGE) return rule_value_equal(run, input, k);
        if (input.kind == V_LIST) return TRI_FALSE;
        return rule_range_has(run, k.u.range, input);
    case V_LIST:
        if (input.kind == V_LIST && rule_value_equal(run, input, k) == TRI_TRUE) return TRI_TRUE;
        for (size_t i = 0; i < k.u.list->n; i++) {
            enum tri one = k.u.list->item[i].kind == V_LIST ? rule_value_equal(run, k.u.list->item[i], input)
                                                            : matches(run, k.u.list->item[i], input, true);
            if (one == TRI_TRUE) return TRI_TRUE;
        }
        return TRI_FALSE;
    case V_BOOL:
        if (!constant && input.kind != V_BOOL) return k.u.b ? TRI_TRUE : TRI_FALSE;
        break;
    default: break;
    }
    t = rule_value_equal(run, input, k);
    return t;
}

static enum tri one_test(struct run *run, const struct node *n, struct frame *env, struct value input) {
    if (n->op == N_ANY) return TRI_TRUE;
    if (n->a->op == N_CONST) {
        if (run->steps) run->steps--;
        return matches(run, n->a->k, input, true);
    }
    struct value v = rule_eval(run, n->a, env);
    if (n->flag) return v.kind != V_BOOL ? TRI_NULL : v.u.b ? TRI_TRUE : TRI_FALSE;
    return matches(run, v, input, false);
}

enum tri rule_eval_test(struct run *run, const struct node *n, struct frame *env, struct value input) {
    if (n->op == N_ANY) return TRI_TRUE;
    if (n->op != N_TESTS) return TRI_NULL;
    struct frame f = { .up = env, .v = &input, .n = 1 };
    enum tri any = TRI_FALSE;
    for (uint16_t i = 0; i < n->n && any != TRI_TRUE; i++) {
        enum tri t = one_test(run, n->kid[i], &f, input);
        if (t != TRI_FALSE) any = t;
    }
    if (!n->flag || any == TRI_NULL) return any;
    return any == TRI_TRUE ? TRI_FALSE : TRI_TRUE;
}

/* ---- operators ---- */

static struct value eval_logic(struct run *run, const struct node *n, struct frame *env) {
    bool decides = n->op == N_OR; /* the value that decides alone */
    struct value a = rule_eval(run, n->a, env);
    if (a.kind == V_BOOL && a.u.b == decides) return a;
    struct value b = rule_eval(run, n->b, env);
    if (b.kind == V_BOOL && b.u.b == decides) return b;
    return a.kind == V_BOOL && b.kind == V_BOOL ? rule_value_bool(!decides) : NULL_VALUE;
}

static struct value eval_order(struct run *run, const struct node *n, struct frame *env) {
    struct value a = rule_eval(run, n->a, env), b = rule_eval(run, n->b, env);
    int c;
    if (n->op == N_EQ || n->op == N_NE) {
        enum tri t = rule_value_equal(run, a, b);
        if (t == TRI_NULL || n->op == N_EQ) return rule_value_tri(t);
        return rule_value_bool(t == TRI_FALSE);
    }
    if (!rule_value_order(run, a, b, &c)) return NULL_VALUE;
    return rule_value_bool(n->op == N_LT ? c < 0 : n->op == N_LE ? c <= 0 : n->op == N_GT ? c > 0 : c >= 0);
}

static struct value eval_between(struct run *run, const struct node *n, struct frame *env) {
    struct value x = rule_eval(run, n->a, env), low = rule_eval(run, n->b, env), high = rule_eval(run, n->c, env);
    int a, b;
    bool has_a = rule_value_order(run, x, low, &a), has_b = rule_value_order(run, x, high, &b);
    if ((has_a && a < 0) || (has_b && b > 0)) return has_a && has_b ? rule_value_bool(false) : NULL_VALUE;
    return has_a && has_b ? rule_value_bool(true) : NULL_VALUE;
}

static struct value eval_call(struct run *run, const struct node *n, struct frame *env) {
    struct value small[FRAME_VALUES], *arg = small;
    struct value f = rule_eval(run, n->a, env);
    if (f.kind != V_FUNC) return NULL_VALUE;
    if (n->n > FRAME_VALUES) arg = rule_run_alloc(run, n->n, sizeof *arg);
    if (!arg) return NULL_VALUE;
    for (uint16_t i = 0; i < n->n; i++) arg[i] = rule_eval(run, n->kid[i], env);
    return rule_call_value(run, f, arg, n->name, n->n);
}

static struct value eval_node(struct run *run, const struct node *n, struct frame *env) {
    struct value a;
    bool fits;
    switch ((enum op)n->op) {
    case N_CONST: return n->k;
    case N_NAME: return eval_name(run, n, env);
    case N_SLOT: return rule_slot_value(run, n->slot);
    case N_LIST: return eval_list(run, n, env);
    case N_CTX: return eval_context(run, n, env);
    case N_RANGE: return n->flag ? ends(run, rule_eval(run, n->a, env), rule_eval(run, n->b, env))
        : eval_range(run, n, env);
    case N_FUNC: return eval_function(run, n, env);
    case N_IF:
        a = rule_eval(run, n->a, env);
        return rule_eval(run, a.kind == V_BOOL && a.u.b ? n->b : n->c, env);
    case N_FOR:
    case N_SOME:
    case N_EVERY: return eval_iteration(run, n, env);
    case N_AND:
    case N_OR: return eval_logic(run, n, env);
    case N_NEG: return rule_value_neg(run, rule_eval(run, n->a, env));
    case N_ADD: a = rule_eval(run, n->a, env); return rule_value_add(run, a, rule_eval(run, n->b, env));
    case N_SUB: a = rule_eval(run, n->a, env); return rule_value_sub(run, a, rule_eval(run, n->b, env));
    case N_MUL: a = rule_eval(run, n->a, env); return rule_value_mul(run, a, rule_eval(run, n->b, env));
    case N_DIV: a = rule_eval(run, n->a, env); return rule_value_div(run, a, rule_eval(run, n->b, env));
    case N_POW: a = rule_eval(run, n->a, env); return rule_value_pow(run, a, rule_eval(run, n->b, env));
    case N_EQ:
    case N_NE:
    case N_LT:
    case N_LE:
    case N_GT:
    case N_GE: return eval_order(run, n, env);
    case N_BETWEEN: return eval_between(run, n, env);
    case N_IN: return rule_value_tri(rule_eval_test(run, n->b, env, rule_eval(run, n->a, env)));
    case N_INSTANCE: return rule_value_bool(rule_type_has(run, n->type, rule_eval(run, n->a, env)));
    case N_PATH: return rule_value_get(run, rule_eval(run, n->a, env), n->text);
    case N_FILTER: return eval_filter(run, n, env);
    case N_CALL: return eval_call(run, n, env);
    case N_TABLE: return rule_table_eval(run, n->table, env);
    case N_COERCE: return rule_type_coerce(run, n->type, rule_eval(run, n->a, env), &fits);
    case N_AT: return rule_at_literal(run, n->text);
    case N_TESTS:
    case N_TEST:
    case N_ANY:
    case N_ERROR: return NULL_VALUE;
    }
    return NULL_VALUE;
}

struct value rule_eval(struct run *run, const struct node *n, struct frame *env) {
    if (run->rc) return NULL_VALUE;
    if (n->op == N_CONST) return n->k;
    if (run->steps == 0) return rule_run_fail(run, ERR_LIMIT, "5000000");
    if (run->depth >= RULE_DEPTH_MAX) return rule_run_fail(run, ERR_LIMIT, "400");
    run->steps--;
    run->depth++;
    struct value v = eval_node(run, n, env);
    run->depth--;
    return run->rc ? NULL_VALUE : v;
}
