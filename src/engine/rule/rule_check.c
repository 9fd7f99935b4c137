/* rule_check: what is wrong or doubtful in a model, found without running it on data: faults of compilation, rules that
 * overlap where only one may hold, rules that can never decide, combinations that no rule covers.
 *
 * Each column is cut at the constants of its tests into finitely many samples: every constant, a value between each two
 * neighbours, one below and one above; every text named, and one other; both truth values. All tests of a column
 * answer alike between two samples, so the grid of samples stands for the whole domain. A column with a test that
 * is more than constants is `opaque`: its table is not searched for gaps, and two of its tests are never said to
 * overlap. Invariants: a set holds one bit for each sample; the grid is walked only up to CELLS_MAX cells.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

enum { SAMPLES_MAX = 256, WORDS = SAMPLES_MAX / 64, CELLS_MAX = 200000, FINDINGS_MAX = 50, PAIRS_RULES_MAX = 600 };

struct set {
    uint64_t bit[WORDS];
};

struct axis {
    struct value sample[SAMPLES_MAX];
    size_t n;
    bool opaque, full;
};

struct check {
    struct run run;
    struct arena *a;
    struct val *out;
    const struct table *t;
    struct axis *axis; /* one per input */
    struct set *set;   /* n_rule * n_input: the samples that the test accepts */
    size_t n_finding;
};

static void report(struct check *k, const char *kind, struct str text) {
    struct val *row = val_map(k->a);
    if (k->n_finding++ >= FINDINGS_MAX) return;
    val_put_str(k->a, row, S("kind"), str_of(kind));
    val_put_str(k->a, row, S("where"), k->t->name);
    val_put_i64(k->a, row, S("line"), k->t->line);
    val_put_str(k->a, row, S("text"), text);
    val_push(k->a, k->out, row);
}

/* ---- samples ---- */

static void add_sample(struct axis *x, struct run *run, struct value v) {
    if (v.kind == V_NULL) return;
    for (size_t i = 0; i < x->n; i++)
        if (rule_value_equal(run, x->sample[i], v) == TRI_TRUE) return;
    if (x->n < SAMPLES_MAX) x->sample[x->n++] = v;
    else x->full = true;
}

static void add_constant(struct axis *x, struct run *run, struct value k) {
    switch (k.kind) {
    case V_NUM:
    case V_STR:
    case V_BOOL:
    case V_DATE: add_sample(x, run, k); break;
    case V_NULL: break;
    case V_RANGE:
        add_constant(x, run, k.u.range->low);
        add_constant(x, run, k.u.range->high);
        break;
    default: x->opaque = true; break;
    }
}

static void add_tests(struct axis *x, struct run *run, const struct node *n) {
    if (!n || n->op == N_ANY) return;
    if (n->op != N_TESTS) {
        x->opaque = true;
        return;
    }
    for (uint16_t i = 0; i < n->n; i++) {
        const struct node *t = n->kid[i];
        if (t->op == N_ANY) continue;
        if (t->op == N_TEST && t->a->op == N_CONST) add_constant(x, run, t->a->k);
        else x->opaque = true;
    }
}

static struct value step(struct value v, int by) {
    if (v.kind == V_DATE) v.u.date = rule_date_of_days(rule_date_days(v.u.date) + by);
    else if (v.kind == V_NUM) (void)decimal_add(v.u.num, decimal_of_i64(by), &v.u.num);
    return v;
}

/* Values between the constants, below and above them. */
static void add_between(struct axis *x, struct run *run) {
    size_t n = x->n;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 1; k < n; k++) {
            int order;
            if (rule_value_order(run, x->sample[k - 1], x->sample[k], &order) && order > 0) {
                struct value swap = x->sample[k];
                x->sample[k] = x->sample[k - 1];
                x->sample[k - 1] = swap;
            }
        }
    for (size_t i = 0; i < n; i++) {
        struct value v = x->sample[i], mid = v;
        if (v.kind == V_NUM && i + 1 < n && x->sample[i + 1].kind == V_NUM &&
            decimal_add(v.u.num, x->sample[i + 1].u.num, &mid.u.num) && decimal_div(mid.u.num, decimal_of_i64(2),
                &mid.u.num))
            add_sample(x, run, mid);
        if (v.kind == V_DATE || (v.kind == V_NUM && i == 0)) add_sample(x, run, step(v, -1));
        if (v.kind == V_DATE || (v.kind == V_NUM && i + 1 == n)) add_sample(x, run, step(v, 1));
    }
}

static void make_axis(struct check *k, size_t column) {
    const struct column *c = &k->t->input[column];
    struct axis *x = &k->axis[column];
    const struct node *declared = c->type ? c->type->allowed : NULL;
    for (size_t r = 0; r < k->t->n_rule; r++) add_tests(x, &k->run, k->t->test[r * k->t->n_input + column]);
    bool opaque = x->opaque;
    add_tests(x, &k->run, c->allowed);
    add_tests(x, &k->run, declared);
    x->opaque = opaque;
    enum kind kind = x->n ? x->sample[0].kind : c->type && c->type->kind == T_BOOL ? V_BOOL : V_STR;
    for (size_t i = 1; i < x->n; i++)
        if (x->sample[i].kind != kind) x->opaque = true;
    if (kind == V_BOOL) {
        add_sample(x, &k->run, rule_value_bool(true));
        add_sample(x, &k->run, rule_value_bool(false));
    } else if (kind == V_STR) {
        add_sample(x, &k->run, rule_value_str(S("(其他)")));
    } else {
        add_between(x, &k->run);
    }
    /* What the declared values exclude is no part of the domain. */
    size_t kept = 0;
    for (size_t i = 0; i < x->n; i++) {
        bool fits = (!c->allowed || rule_eval_test(&k->run, c->allowed, NULL, x->sample[i]) == TRI_TRUE) &&
                    (!declared || rule_eval_test(&k->run, declared, NULL, x->sample[i]) == TRI_TRUE);
        if (fits) x->sample[kept++] = x->sample[i];
    }
    x->n = kept;
    if (x->full) x->opaque = true;
}

static void make_sets(struct check *k) {
    for (size_t r = 0; r < k->t->n_rule; r++)
        for (size_t c = 0; c < k->t->n_input; c++) {
            const struct axis *x = &k->axis[c];
            struct set *s = &k->set[r * k->t->n_input + c];
            for (size_t i = 0; i < x->n && !x->opaque; i++)
                if (rule_eval_test(&k->run, k->t->test[r * k->t->n_input + c], NULL, x->sample[i]) == TRI_TRUE)
                    s->bit[i / 64] |= (uint64_t)1 << (i % 64);
        }
}

/* ---- findings ---- */

static bool is_any(const struct check *k, size_t rule, size_t column) {
    return k->t->test[rule * k->t->n_input + column]->op == N_ANY;
}

static bool overlap(const struct check *k, size_t i, size_t j) {
    for (size_t c = 0; c < k->t->n_input; c++) {
        if (is_any(k, i, c) || is_any(k, j, c)) continue;
        if (k->axis[c].opaque) return false;
        const struct set *a = &k->set[i * k->t->n_input + c], *b = &k->set[j * k->t->n_input + c];
        bool common = false;
        for (int w = 0; w < WORDS; w++) common |= (a->bit[w] & b->bit[w]) != 0;
        if (!common) return false;
    }
    return true;
}

static void find_overlaps(struct check *k) {
    if (k->t->hit != HIT_UNIQUE || k->t->n_rule > PAIRS_RULES_MAX) return;
    for (size_t i = 0; i < k->t->n_rule; i++)
        for (size_t j = i + 1; j < k->t->n_rule; j++)
            if (overlap(k, i, j)) report(k, "overlap", arena_fmt(k->a, "%zu, %zu", i + 1, j + 1));
}

static bool holds(const struct check *k, size_t rule, const size_t *at) {
    for (size_t c = 0; c < k->t->n_input; c++)
        if (!(k->set[rule * k->t->n_input + c].bit[at[c] / 64] >> (at[c] % 64) & 1)) return false;
    return true;
}

static void report_gap(struct check *k, const size_t *at) {
    struct buf b;
    buf_init(&b, k->a, 128, 4096);
    for (size_t c = 0; c < k->t->n_input; c++) {
        if (c) buf_add(&b, S("; "));
        buf_add(&b, k->t->input[c].name);
        buf_add(&b, S(" = "));
        rule_value_write(&k->run, &b, k->axis[c].sample[at[c]], true);
    }
    report(k, "gap", buf_str(&b));
}

static bool has_fallback(const struct table *t) {
    for (size_t o = 0; o < t->n_output; o++)
        if (t->output[o].fallback) return true;
    return false;
}

/* Walks the grid: cells without a rule are gaps; rules that are first in no cell never decide where the first one
 * does. */
static void walk_grid(struct check *k) {
    const struct table *t = k->t;
    size_t at[RULE_COLUMNS_MAX] = { 0 }, cells = 1;
    bool *used = arena_array(k->a, t->n_rule + 1, sizeof *used), gaps = !has_fallback(t);
    for (size_t c = 0; c < t->n_input; c++) {
        if (k->axis[c].opaque || k->axis[c].n == 0 || cells > CELLS_MAX / k->axis[c].n) return;
        cells *= k->axis[c].n;
    }
    if (!used || cells * (t->n_rule + 1) > (size_t)CELLS_MAX * 100) return;
    for (size_t cell = 0; cell < cells; cell++) {
        size_t r = 0, left = cell;
        for (size_t c = 0; c < t->n_input; c++) at[c] = left % k->axis[c].n, left /= k->axis[c].n;
        bool covered = false;
        for (r = 0; r < t->n_rule; r++) {
            if (!holds(k, r, at)) continue;
            covered = true;
            used[r] = true;
            if (t->hit == HIT_FIRST) break;
        }
        if (!covered && gaps) report_gap(k, at);
    }
    for (size_t r = 0; r < t->n_rule; r++)
        if (!used[r]) report(k, "unreachable", arena_fmt(k->a, "%zu", r + 1));
}

int dmn_check(const struct model *m, struct arena *a, struct val **ret, struct err *e) {
    struct check k = { .a = a, .out = val_copy(a, m->finding) };
    rule_run_init(&k.run, a, m, e);
    for (size_t i = 0; i < m->n_table && k.run.rc == 0 && k.out; i++) {
        k.t = m->table[i];
        k.n_finding = 0;
        k.axis = rule_run_alloc(&k.run, k.t->n_input, sizeof *k.axis);
        k.set = rule_run_alloc(&k.run, k.t->n_input * k.t->n_rule, sizeof *k.set);
        k.run.steps = RULE_STEPS_MAX;
        if (!k.axis || !k.set) break;
        for (size_t c = 0; c < k.t->n_input; c++) make_axis(&k, c);
        make_sets(&k);
        find_overlaps(&k);
        walk_grid(&k);
    }
    if (k.run.rc) return k.run.rc;
    if (!k.out || arena_overflowed(a)) return err_set(e, ERR_MEMORY, NULL);
    *ret = k.out;
    return 0;
}
