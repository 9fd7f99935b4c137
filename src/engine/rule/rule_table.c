/* rule_table: decision tables (DMN 1.5 chapter 8): compiled to rows of tests, then decided by walking them.
 * Invariants: n_rule * n_input tests and n_rule * n_output expressions; a rule holds when every test is true, so
 * null does not hold; hits are numbered from 0 here and from 1 in explanations.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

/* ---- compiling ---- */

struct maker {
    struct model *m;
    struct source *src;
    struct scope *scope;
    uint32_t document;
    struct table *t;
};

static struct str text_of(const struct xml_node *x) {
    const struct xml_node *text = x ? xml_child(x, S(""), S("text")) : NULL;
    return text ? str_trim(text->text) : S("");
}

static int tests_of(struct maker *k, const struct xml_node *x, const struct node **ret) {
    int rc = rule_parse_tests(k->src, k->scope, text_of(x), ret);
    if (rc == 0 || rc == ERR_MEMORY) return rc;
    return rule_model_fault(k->m, k->document, x->line, text_of(x), k->src->err, ret);
}

static int expression_of(struct maker *k, const struct xml_node *x, const struct node **ret) {
    struct str text = text_of(x);
    struct node *null = rule_node_new(k->src->arena, N_CONST);
    if (!null) return err_set(k->src->err, ERR_MEMORY, NULL);
    *ret = null;
    if (text.len == 0 || str_eq(text, S("-"))) return 0;
    int rc = rule_parse_expression(k->src, k->scope, text, ret);
    if (rc == 0 || rc == ERR_MEMORY) return rc;
    return rule_model_fault(k->m, k->document, x->line, text, k->src->err, ret);
}

static const struct type *type_of(const struct maker *k, const struct xml_node *x) {
    struct str ref = x ? xml_attr(x, S(""), S("typeRef")) : S("");
    return ref.len ? rule_model_type(k->m, ref, k->document) : NULL;
}

static int read_inputs(struct maker *k, const struct xml_node *x) {
    struct column *c = k->t->input;
    for (const struct xml_node *in = xml_child(x, S(""), S("input")); in; in = xml_next(in, S(""), S("input")), c++) {
        const struct xml_node *expr = xml_child(in, S(""), S("inputExpression"));
        const struct xml_node *values = xml_child(in, S(""), S("inputValues"));
        c->text = text_of(expr);
        c->type = type_of(k, expr);
        c->name = xml_attr(in, S(""), S("label"));
        if (!c->name.len) c->name = c->text;
        int rc = expr ? expression_of(k, expr, &c->expr) : 0;
        if (rc == 0 && values && text_of(values).len) rc = tests_of(k, values, &c->allowed);
        if (rc) return rc;
        if (!c->expr) c->expr = rule_node_new(k->src->arena, N_CONST);
        if (!c->expr) return err_set(k->src->err, ERR_MEMORY, NULL);
    }
    return 0;
}

static int read_outputs(struct maker *k, const struct xml_node *x) {
    struct column *c = k->t->output;
    for (const struct xml_node *out = xml_child(x, S(""), S("output")); out; out = xml_next(out, S(""),
        S("output")), c++) {
        const struct xml_node *values = xml_child(out, S(""), S("outputValues"));
        const struct xml_node *fallback = xml_child(out, S(""), S("defaultOutputEntry"));
        c->name = rule_name_normal(k->src->arena, xml_attr(out, S(""), S("name")));
        c->type = type_of(k, out);
        int rc = values && text_of(values).len ? tests_of(k, values, &c->allowed) : 0;
        if (rc == 0 && fallback) rc = expression_of(k, fallback, &c->fallback);
        if (rc) return rc;
        if (!c->allowed && k->t->n_output == 1 && c->type) c->allowed = c->type->allowed;
    }
    return 0;
}

static int read_rule(struct maker *k, const struct xml_node *rule, size_t r) {
    struct table *t = k->t;
    size_t i = 0, o = 0;
    t->rule_id[r] = xml_attr(rule, S(""), S("id"));
    t->rule_line[r] = rule->line;
    for (const struct xml_node *e = xml_child(rule, S(""), S("")); e; e = xml_next(e, S(""), S(""))) {
        int rc = 0;
        if (str_eq(e->name, S("inputEntry")) && i++ < t->n_input) rc = tests_of(k, e, &t->test[r * t->n_input + i - 1]);
        else if (str_eq(e->name, S("outputEntry")) && o++ < t->n_output) rc = expression_of(k, e,
            &t->out[r * t->n_output + o - 1]);
        if (rc) return rc;
    }
    if (i != t->n_input || o != t->n_output)
        return err_line(k->src->err, ERR_SYSTEM, k->m->document[k->document].file, rule->line, "rule %zu", r + 1);
    return 0;
}

static size_t count(const struct xml_node *x, struct str name) {
    size_t n = 0;
    for (const struct xml_node *c = xml_child(x, S(""), name); c; c = xml_next(c, S(""), name)) n++;
    return n;
}

static bool read_policy(struct table *t, const struct xml_node *x) {
    static const struct str hits[] = { S_INIT("UNIQUE"), S_INIT("FIRST"), S_INIT("PRIORITY"), S_INIT("ANY"),
        S_INIT("COLLECT"),
        S_INIT("RULE ORDER"), S_INIT("OUTPUT ORDER") };
    static const struct str aggs[] = { S_INIT(""), S_INIT("SUM"), S_INIT("MIN"), S_INIT("MAX"), S_INIT("COUNT") };
    struct str hit = xml_attr(x, S(""), S("hitPolicy")), agg = xml_attr(x, S(""), S("aggregation"));
    size_t h = 0, a = 0;
    while (hit.len && h < 7 && !str_eq(hits[h], hit)) h++;
    while (a < 5 && !str_eq(aggs[a], agg)) a++;
    if (h == 7 || a == 5) return false;
    t->hit = (enum hit)h;
    t->agg = (enum aggregate)a;
    return true;
}

/* Remembers a table for rule_check.c. */
static bool enlist(struct model *m, struct table *t) {
    if (m->n_table == m->cap_table) {
        size_t cap = m->cap_table ? m->cap_table * 2 : 8;
        struct table **list = arena_array(m->arena, cap, sizeof *list);
        if (!list) return false;
        if (m->n_table) memcpy(list, m->table, m->n_table * sizeof *list);
        m->table = list;
        m->cap_table = cap;
    }
    m->table[m->n_table++] = t;
    return true;
}

int rule_table_compile(struct model *m, struct source *src, struct scope *scope, const struct xml_node *x,
    uint32_t document,
                  const struct type *type, const struct table **ret) {
    struct arena *a = src->arena;
    struct table *t = arena_new(a, struct table);
    struct maker k = { m, src, scope, document, t };
    (void)type;
    if (!t) return err_set(src->err, ERR_MEMORY, NULL);
    t->line = x->line;
    t->name = src->self ? src->self->name : S("");
    t->n_input = count(x, S("input"));
    t->n_output = count(x, S("output"));
    t->n_rule = count(x, S("rule"));
    if (t->n_input > RULE_COLUMNS_MAX || t->n_output > RULE_COLUMNS_MAX || t->n_rule > RULE_ROWS_MAX)
        return err_line(src->err, ERR_LIMIT, m->document[document].file, x->line, "%d x %d", RULE_ROWS_MAX,
            RULE_COLUMNS_MAX);
    if (!read_policy(t, x))
        return err_line(src->err, ERR_SYSTEM, m->document[document].file, x->line,
                        "决策表的 hitPolicy 只能是 UNIQUE、FIRST、PRIORITY、ANY、COLLECT、RULE ORDER、OUTPUT ORDER，aggregation 只能是 SUM、MIN、MAX、COUNT");
    if (t->n_output == 0) return err_line(src->err, ERR_SYSTEM, m->document[document].file, x->line, "决策表没有 output");
    t->input = arena_array(a, t->n_input + 1, sizeof *t->input);
    t->output = arena_array(a, t->n_output, sizeof *t->output);
    t->test = arena_array(a, t->n_input * t->n_rule + 1, sizeof(struct node *));
    t->out = arena_array(a, t->n_output * t->n_rule + 1, sizeof(struct node *));
    t->rule_id = arena_array(a, t->n_rule + 1, sizeof *t->rule_id);
    t->rule_line = arena_array(a, t->n_rule + 1, sizeof *t->rule_line);
    if (!t->input || !t->output || !t->test || !t->out || !t->rule_id || !t->rule_line || !enlist(m, t))
        return err_set(src->err, ERR_MEMORY, NULL);
    int rc = read_inputs(&k, x);
    if (rc == 0) rc = read_outputs(&k, x);
    size_t r = 0;
    for (const struct xml_node *rule = xml_child(x, S(""), S("rule")); rule && rc == 0; rule = xml_next(rule,
        S(""), S("rule")))
        rc = read_rule(&k, rule, r++);
    *ret = t;
    return rc;
}

/* ---- deciding ---- */

struct hits {
    uint16_t row[RULE_ROWS_MAX];
    size_t n;
};

static struct value output_cell(struct run *run, const struct table *t, size_t row, size_t o, struct frame *env) {
    bool fits;
    struct value v = rule_eval(run, t->out[row * t->n_output + o], env);
    return t->output[o].type ? rule_type_coerce(run, t->output[o].type, v, &fits) : v;
}

static struct value output(struct run *run, const struct table *t, size_t row, struct frame *env) {
    if (t->n_output == 1) return output_cell(run, t, row, 0, env);
    struct entry *entry = rule_run_alloc(run, t->n_output, sizeof *entry);
    if (!entry) return NULL_VALUE;
    for (size_t o = 0; o < t->n_output; o++) entry[o] = (struct entry){ t->output[o].name, output_cell(run, t, row,
        o, env) };
    return rule_ctx_of(run, entry, t->n_output);
}

static struct value fallback(struct run *run, const struct table *t, struct frame *env) {
    bool any = false;
    for (size_t o = 0; o < t->n_output; o++) any |= t->output[o].fallback != NULL;
    if (!any) {
        if (t->hit == HIT_COLLECT && t->agg == AGG_NONE) return rule_list_of(run, NULL, 0);
        return t->hit == HIT_COLLECT && t->agg == AGG_COUNT ? rule_value_i64(0) : NULL_VALUE;
    }
    if (t->n_output == 1) return rule_eval(run, t->output[0].fallback, env);
    struct entry *entry = rule_run_alloc(run, t->n_output, sizeof *entry);
    if (!entry) return NULL_VALUE;
    for (size_t o = 0; o < t->n_output; o++)
        entry[o] = (struct entry){ t->output[o].name, t->output[o].fallback ? rule_eval(run, t->output[o].fallback,
            env) : NULL_VALUE };
    return rule_ctx_of(run, entry, t->n_output);
}

/* Place of a value among the output values, the best first; behind all if it is not there. */
static size_t rank(struct run *run, const struct column *c, struct value v) {
    if (!c->allowed || c->allowed->op != N_TESTS) return 0;
    struct frame f = { .v = &v, .n = 1 };
    for (uint16_t i = 0; i < c->allowed->n; i++)
        if (c->allowed->kid[i]->op == N_TEST && rule_value_equal(run, rule_eval(run, c->allowed->kid[i]->a, &f),
            v) == TRI_TRUE) return i;
    return c->allowed->n;
}

static int compare_priority(struct run *run, const struct table *t, struct value a, struct value b) {
    for (size_t o = 0; o < t->n_output; o++) {
        struct value x = t->n_output == 1 ? a : a.u.ctx->entry[o].value, y = t->n_output == 1 ? b
            : b.u.ctx->entry[o].value;
        size_t i = rank(run, &t->output[o], x), j = rank(run, &t->output[o], y);
        if (i != j) return i < j ? -1 : 1;
    }
    return 0;
}

/* Insertion sort: hits are few, and equal ones keep the order of the rules. */
static void by_priority(struct run *run, const struct table *t, struct value *v, size_t n) {
    for (size_t i = 1; i < n && run->rc == 0; i++) {
        struct value x = v[i];
        size_t k = i;
        while (k > 0 && compare_priority(run, t, x, v[k - 1]) < 0) v[k] = v[k - 1], k--;
        v[k] = x;
    }
}

static struct value aggregate_values(struct run *run, enum aggregate agg, const struct value *v, size_t n) {
    struct value r = v[0];
    int c;
    if (agg == AGG_COUNT) {
        return rule_value_i64((int64_t)n);
    }
    if (agg == AGG_SUM && r.kind != V_NUM && r.kind != V_DTD && r.kind != V_YMD) return NULL_VALUE;
    for (size_t i = 1; i < n; i++) {
        if (agg == AGG_SUM) {
            r = rule_value_add(run, r, v[i]);
        } else {
            if (!rule_value_order(run, v[i], r, &c)) return NULL_VALUE;
            if (agg == AGG_MIN ? c < 0 : c > 0) r = v[i];
        }
    }
    return r;
}

static struct value decide(struct run *run, const struct table *t, const struct hits *h, struct frame *env) {
    if (h->n == 0) return fallback(run, t, env);
    if (t->hit == HIT_FIRST || (t->hit == HIT_UNIQUE && h->n == 1)) return output(run, t, h->row[0], env);
    if (t->hit == HIT_UNIQUE) return NULL_VALUE; /* more than one: the table contradicts itself */
    struct value *v = rule_run_alloc(run, h->n, sizeof *v);
    if (!v) return NULL_VALUE;
    for (size_t i = 0; i < h->n; i++) v[i] = output(run, t, h->row[i], env);
    if (run->rc) return NULL_VALUE;
    switch (t->hit) {
    case HIT_ANY:
        for (size_t i = 1; i < h->n; i++)
            if (rule_value_equal(run, v[0], v[i]) != TRI_TRUE) return NULL_VALUE;
        return v[0];
    case HIT_PRIORITY:
    case HIT_OUTPUT_ORDER:
        by_priority(run, t, v, h->n);
        return t->hit == HIT_PRIORITY ? v[0] : rule_list_of(run, v, h->n);
    case HIT_COLLECT:
        if (t->agg != AGG_NONE) return aggregate_values(run, t->agg, v, h->n);
        return rule_list_of(run, v, h->n);
    default: return rule_list_of(run, v, h->n);
    }
}

static void explain(struct run *run, const struct table *t, const struct value *in, const struct hits *h,
    struct value out) {
    static const char *const names[] = { "UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER",
        "OUTPUT ORDER" };
    struct arena *a = run->arena;
    struct val *row = val_map(a), *inputs = val_list(a), *rules = val_list(a), *ids = val_list(a);
    for (size_t i = 0; i < t->n_input; i++) {
        struct val *one = val_map(a);
        val_put_str(a, one, S("name"), t->input[i].name);
        val_put(a, one, S("value"), rule_value_to_val(run, in[i]));
        val_push(a, inputs, one);
    }
    for (size_t i = 0; i < h->n; i++) {
        val_push(a, rules, val_i64(a, h->row[i] + 1));
        val_push(a, ids, val_str(a, t->rule_id[h->row[i]]));
    }
    val_put_str(a, row, S("table"), t->name);
    val_put_str(a, row, S("hit"), str_of(names[t->hit]));
    val_put(a, row, S("inputs"), inputs);
    val_put(a, row, S("rules"), rules);
    val_put(a, row, S("ids"), ids);
    val_put(a, row, S("output"), rule_value_to_val(run, out));
    val_push(a, run->explain, row);
}

struct value rule_table_eval(struct run *run, const struct table *t, struct frame *env) {
    struct value in[RULE_COLUMNS_MAX];
    struct hits h;
    bool fits;
    h.n = 0;
    for (size_t i = 0; i < t->n_input; i++) {
        const struct column *c = &t->input[i];
        in[i] = rule_eval(run, c->expr, env);
        if (c->type) in[i] = rule_type_coerce(run, c->type, in[i], &fits);
        if (c->allowed && in[i].kind != V_NULL && rule_eval_test(run, c->allowed, env, in[i]) != TRI_TRUE)
            return NULL_VALUE;
    }
    const struct node *const *test = t->test;
    for (size_t r = 0; r < t->n_rule && run->rc == 0; r++, test += t->n_input) {
        size_t i = 0;
        while (i < t->n_input && rule_eval_test(run, test[i], env, in[i]) == TRI_TRUE) i++;
        if (i < t->n_input) continue;
        h.row[h.n++] = (uint16_t)r;
        if (t->hit == HIT_FIRST) break;
    }
    struct value out = decide(run, t, &h, env);
    if (run->explain && run->rc == 0) explain(run, t, in, &h, out);
    return out;
}
