/* rule_words_list: the words on lists (DMN 1.5 section 10.3.4.4) and sort (10.3.4.8). One value where a list is
 * wanted counts as a list of one, null does not.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

/* The list of argument `v`; false for null. `one` holds a single value. */
static bool as_list(const struct value *v, struct list *ret) {
    if (v->kind == V_NULL) return false;
    if (v->kind == V_LIST) *ret = *v->u.list;
    else *ret = (struct list){ (struct value *)(uintptr_t)v, 1 };
    return true;
}

static bool whole(struct value v, int64_t *ret) {
    struct decimal d;
    return v.kind == V_NUM && decimal_round(v.u.num, 0, DECIMAL_DOWN, &d) && decimal_to_i64(d, ret);
}

/* Index of a 1-based or negative position in a list of n; SIZE_MAX outside. */
static size_t position(struct value v, size_t n) {
    int64_t i;
    if (!whole(v, &i) || i == 0) return SIZE_MAX;
    if (i < 0) i += (int64_t)n + 1;
    return i >= 1 && (uint64_t)i <= n ? (size_t)i - 1 : SIZE_MAX;
}

static bool same(struct run *run, struct value a, struct value b) {
    return rule_value_equal(run, a, b) == TRI_TRUE;
}

static struct value w_list_contains(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    (void)n, (void)form;
    if (!as_list(&a[0], &l)) return NULL_VALUE;
    for (size_t i = 0; i < l.n; i++)
        if (same(run, l.item[i], a[1])) return rule_value_bool(true);
    return rule_value_bool(false);
}

static struct value w_count(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    (void)run, (void)n, (void)form;
    return as_list(&a[0], &l) ? rule_value_i64((int64_t)l.n) : NULL_VALUE;
}

static struct value extreme(struct run *run, const struct value *a, int sign) {
    struct list l;
    int c;
    if (!as_list(&a[0], &l) || l.n == 0) return NULL_VALUE;
    struct value best = l.item[0];
    if (!rule_value_order(run, best, best, &c)) return NULL_VALUE;
    for (size_t i = 1; i < l.n; i++) {
        if (!rule_value_order(run, l.item[i], best, &c)) return NULL_VALUE;
        if (c * sign > 0) best = l.item[i];
    }
    return best;
}

static struct value w_min(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return extreme(run, a, -1);
}

static struct value w_max(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return extreme(run, a, 1);
}

static bool numbers(const struct list *l) {
    for (size_t i = 0; i < l->n; i++)
        if (l->item[i].kind != V_NUM) return false;
    return true;
}

static bool sum_of(const struct list *l, struct decimal *ret) {
    *ret = decimal_of_i64(0);
    for (size_t i = 0; i < l->n; i++)
        if (!decimal_add(*ret, l->item[i].u.num, ret)) return false;
    return true;
}

static struct value w_sum(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    (void)n, (void)form;
    if (!as_list(&a[0], &l) || l.n == 0) return NULL_VALUE;
    struct value total = l.item[0];
    if (total.kind != V_NUM && total.kind != V_DTD && total.kind != V_YMD) return NULL_VALUE;
    for (size_t i = 1; i < l.n; i++) total = rule_value_add(run, total, l.item[i]);
    return total;
}

static struct value w_product(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    (void)run, (void)n, (void)form;
    if (!as_list(&a[0], &l) || l.n == 0 || !numbers(&l)) return NULL_VALUE;
    struct decimal d = decimal_of_i64(1);
    for (size_t i = 0; i < l.n; i++)
        if (!decimal_mul(d, l.item[i].u.num, &d)) return NULL_VALUE;
    return rule_value_num(d);
}

static struct value w_mean(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct value total = w_sum(run, a, n, form);
    if (!as_list(&a[0], &l) || total.kind == V_NULL) return NULL_VALUE;
    return rule_value_div(run, total, rule_value_i64((int64_t)l.n));
}

static struct value quantified(const struct value *a, bool decides) {
    struct list l;
    bool odd = false;
    if (!as_list(&a[0], &l)) return NULL_VALUE;
    for (size_t i = 0; i < l.n; i++) {
        if (l.item[i].kind != V_BOOL) odd = true;
        else if (l.item[i].u.b == decides) return rule_value_bool(decides);
    }
    return odd ? NULL_VALUE : rule_value_bool(!decides);
}

static struct value w_all(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return quantified(a, false);
}

static struct value w_any(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return quantified(a, true);
}

static struct value w_sublist(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    int64_t length;
    (void)form;
    if (!as_list(&a[0], &l)) return NULL_VALUE;
    size_t from = position(a[1], l.n);
    if (from == SIZE_MAX) return NULL_VALUE;
    size_t count = l.n - from;
    if (n > 2) {
        if (!whole(a[2], &length) || length < 1 || (uint64_t)length > count) return NULL_VALUE;
        count = (size_t)length;
    }
    return rule_list_of(run, l.item + from, count);
}

static struct value w_append(struct run *run, const struct value *a, size_t n, int form) {
    /* Any number: the arguments come as one list, whose first is the list to append to. */
    struct vec out = { .run = run };
    struct list l;
    const struct value *arg = a[0].u.list->item;
    (void)n, (void)form;
    if (a[0].u.list->n < 1) return NULL_VALUE;
    if (as_list(&arg[0], &l))
        for (size_t i = 0; i < l.n; i++) rule_vec_add(&out, l.item[i]);
    else return NULL_VALUE;
    for (size_t i = 1; i < a[0].u.list->n; i++) rule_vec_add(&out, arg[i]);
    return rule_vec_list(&out);
}

static struct value w_append_named(struct run *run, const struct value *a, size_t n, int form) {
    if (form != 0) return w_append(run, a, n, form);
    struct value two = rule_list_of(run, a, 2);
    return two.kind == V_LIST ? w_append(run, &two, 1, 1) : NULL_VALUE;
}

static struct value joined(struct run *run, const struct value *a, bool distinct) {
    struct vec out = { .run = run };
    for (size_t k = 0; k < a[0].u.list->n; k++) {
        struct list l;
        if (!as_list(&a[0].u.list->item[k], &l)) return NULL_VALUE;
        for (size_t i = 0; i < l.n; i++) {
            size_t j = 0;
            while (distinct && j < out.n && !same(run, out.item[j], l.item[i])) j++;
            if (!distinct || j == out.n) rule_vec_add(&out, l.item[i]);
            if (distinct) run->steps -= run->steps > j ? (uint32_t)j : run->steps;
            if (run->steps == 0) return rule_run_fail(run, ERR_LIMIT, "5000000");
        }
    }
    return rule_vec_list(&out);
}

static struct value w_concatenate(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return joined(run, a, false);
}

static struct value w_union(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return joined(run, a, true);
}

static struct value w_distinct(struct run *run, const struct value *a, size_t n, int form) {
    struct value wrapped = rule_list_of(run, a, 1);
    (void)n, (void)form;
    return wrapped.kind == V_LIST ? joined(run, &wrapped, true) : NULL_VALUE;
}

static struct value w_insert_before(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct vec out = { .run = run };
    (void)n, (void)form;
    if (!as_list(&a[0], &l)) return NULL_VALUE;
    int64_t i;
    size_t at = position(a[1], l.n);
    /* One past the end is a place as well: there it is an append. */
    if (at == SIZE_MAX && whole(a[1], &i) && i == (int64_t)l.n + 1) at = l.n;
    if (at == SIZE_MAX) return NULL_VALUE;
    for (size_t k = 0; k <= l.n; k++) {
        if (k == at) rule_vec_add(&out, a[2]);
        if (k < l.n) rule_vec_add(&out, l.item[k]);
    }
    return rule_vec_list(&out);
}

static struct value w_remove(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct vec out = { .run = run };
    (void)n, (void)form;
    if (!as_list(&a[0], &l)) return NULL_VALUE;
    size_t at = position(a[1], l.n);
    if (at == SIZE_MAX) return NULL_VALUE;
    for (size_t k = 0; k < l.n; k++)
        if (k != at) rule_vec_add(&out, l.item[k]);
    return rule_vec_list(&out);
}

static struct value w_list_replace(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct vec out = { .run = run };
    (void)n, (void)form;
    if (!as_list(&a[0], &l)) return NULL_VALUE;
    if (a[1].kind == V_FUNC) {
        for (size_t k = 0; k < l.n && run->rc == 0; k++) {
            const struct value pair[2] = { l.item[k], a[2] };
            struct value hit = rule_call_value(run, a[1], pair, NULL, 2);
            if (hit.kind != V_BOOL) return NULL_VALUE;
            rule_vec_add(&out, hit.u.b ? a[2] : l.item[k]);
        }
        return rule_vec_list(&out);
    }
    size_t at = position(a[1], l.n);
    if (at == SIZE_MAX) return NULL_VALUE;
    for (size_t k = 0; k < l.n; k++) rule_vec_add(&out, k == at ? a[2] : l.item[k]);
    return rule_vec_list(&out);
}

static struct value w_reverse(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct vec out = { .run = run };
    (void)n, (void)form;
    if (!as_list(&a[0], &l)) return NULL_VALUE;
    for (size_t i = l.n; i-- > 0;) rule_vec_add(&out, l.item[i]);
    return rule_vec_list(&out);
}

static struct value w_index_of(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct vec out = { .run = run };
    (void)n, (void)form;
    if (!as_list(&a[0], &l)) return NULL_VALUE;
    for (size_t i = 0; i < l.n; i++)
        if (same(run, l.item[i], a[1])) rule_vec_add(&out, rule_value_i64((int64_t)i + 1));
    return rule_vec_list(&out);
}

static void flatten(struct vec *out, const struct list *l, int depth) {
    for (size_t i = 0; i < l->n && depth < RULE_DEPTH_MAX && out->run->rc == 0; i++) {
        if (l->item[i].kind == V_LIST) flatten(out, l->item[i].u.list, depth + 1);
        else rule_vec_add(out, l->item[i]);
    }
}

static struct value w_flatten(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct vec out = { .run = run };
    (void)n, (void)form;
    if (!as_list(&a[0], &l)) return NULL_VALUE;
    flatten(&out, &l, 0);
    return rule_vec_list(&out);
}

/* ---- sorting: stable merge, so that n log n calls of `before` suffice ---- */

struct sorter {
    struct run *run;
    struct value precedes; /* null: the natural order */
    bool failed;
};

static bool before(struct sorter *s, struct value a, struct value b) {
    int c;
    if (s->precedes.kind == V_FUNC) {
        const struct value pair[2] = { a, b };
        struct value r = rule_call_value(s->run, s->precedes, pair, NULL, 2);
        if (r.kind != V_BOOL) s->failed = true;
        return r.kind == V_BOOL && r.u.b;
    }
    if (!rule_value_order(s->run, a, b, &c)) s->failed = true;
    return !s->failed && c < 0;
}

static void merge_sort(struct sorter *s, struct value *v, struct value *spare, size_t n) {
    for (size_t width = 1; width < n && s->run->rc == 0; width *= 2) {
        for (size_t from = 0; from < n; from += 2 * width) {
            size_t mid = from + width < n ? from + width : n, end = from + 2 * width < n ? from + 2 * width : n;
            size_t i = from, j = mid, k = from;
            while (i < mid && j < end) spare[k++] = before(s, v[j], v[i]) ? v[j++] : v[i++];
            while (i < mid) spare[k++] = v[i++];
            while (j < end) spare[k++] = v[j++];
        }
        memcpy(v, spare, n * sizeof *v);
    }
}

static bool sorted(struct run *run, const struct list *l, struct value precedes, struct value *ret) {
    struct value copy = rule_list_of(run, l->item, l->n), *spare = rule_run_alloc(run, l->n, sizeof *spare);
    struct sorter s = { run, precedes, false };
    if (copy.kind != V_LIST || !spare) return false;
    merge_sort(&s, copy.u.list->item, spare, l->n);
    *ret = copy;
    return !s.failed;
}

static struct value w_sort(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct value r;
    (void)form;
    if (!as_list(&a[0], &l) || (n > 1 && a[1].kind != V_FUNC)) return NULL_VALUE;
    return sorted(run, &l, n > 1 ? a[1] : NULL_VALUE, &r) ? r : NULL_VALUE;
}

static struct value w_median(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct value r;
    (void)n, (void)form;
    if (!as_list(&a[0], &l) || l.n == 0 || !numbers(&l) || !sorted(run, &l, NULL_VALUE, &r)) return NULL_VALUE;
    const struct value *v = r.u.list->item;
    if (l.n % 2) return v[l.n / 2];
    return rule_value_div(run, rule_value_add(run, v[l.n / 2 - 1], v[l.n / 2]), rule_value_i64(2));
}

/* Of a sample: divided by n - 1. */
static struct value w_stddev(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct decimal mean, total = decimal_of_i64(0), d;
    (void)run, (void)n, (void)form;
    if (!as_list(&a[0], &l) || l.n < 2 || !numbers(&l) || !sum_of(&l, &mean)) return NULL_VALUE;
    if (!decimal_div(mean, decimal_of_i64((int64_t)l.n), &mean)) return NULL_VALUE;
    for (size_t i = 0; i < l.n; i++)
        if (!decimal_sub(l.item[i].u.num, mean, &d) || !decimal_mul(d, d, &d) || !decimal_add(total, d, &total))
            return NULL_VALUE;
    if (!decimal_div(total, decimal_of_i64((int64_t)l.n - 1), &total)) return NULL_VALUE;
    return decimal_sqrt(total, &d) ? rule_value_num(d) : NULL_VALUE;
}

static struct value w_mode(struct run *run, const struct value *a, size_t n, int form) {
    struct list l;
    struct value r;
    struct vec out = { .run = run };
    (void)n, (void)form;
    if (!as_list(&a[0], &l) || !numbers(&l) || !sorted(run, &l, NULL_VALUE, &r)) return NULL_VALUE;
    const struct value *v = r.u.list->item;
    size_t most = 0;
    for (size_t i = 0, j; i < l.n; i = j) {
        for (j = i; j < l.n && same(run, v[i], v[j]);) j++;
        if (j - i > most) most = j - i;
    }
    for (size_t i = 0, j; i < l.n; i = j) {
        for (j = i; j < l.n && same(run, v[i], v[j]);) j++;
        if (j - i == most) rule_vec_add(&out, v[i]);
    }
    return rule_vec_list(&out);
}

#define LIST_FORMS { { { "list" }, 1, 1, false }, { { NULL }, 0, 1, true } }, 2, WORD_KEEPS_ALL
/* Columns: see rule_words_number.c. */
const struct word rule_words_list[] = {
    { "list contains", w_list_contains, { { { "list", "element" }, 2, 2, false } }, 1, WORD_KEEPS_ALL },
    { "count", w_count, LIST_FORMS },
    { "min", w_min, LIST_FORMS },
    { "max", w_max, LIST_FORMS },
    { "sum", w_sum, LIST_FORMS },
    { "product", w_product, LIST_FORMS },
    { "mean", w_mean, LIST_FORMS },
    { "median", w_median, LIST_FORMS },
    { "stddev", w_stddev, LIST_FORMS },
    { "mode", w_mode, LIST_FORMS },
    { "all", w_all, LIST_FORMS },
    { "any", w_any, LIST_FORMS },
    { "sublist", w_sublist, { { { "list", "start position", "length" }, 3, 2, false } }, 1, WORD_KEEPS_ALL },
    { "append", w_append_named, { { { "list", "item" }, 2, 2, false }, { { NULL }, 0, 1, true } }, 2, WORD_KEEPS_ALL },
    { "concatenate", w_concatenate, { { { NULL }, 0, 1, true } }, 1, WORD_KEEPS_ALL },
    { "union", w_union, { { { NULL }, 0, 1, true } }, 1, WORD_KEEPS_ALL },
    { "distinct values", w_distinct, { { { "list" }, 1, 1, false } }, 1, WORD_KEEPS_ALL },
    { "insert before", w_insert_before, { { { "list", "position", "newItem" }, 3, 3, false } }, 1, WORD_KEEPS_ALL },
    { "remove", w_remove, { { { "list", "position" }, 2, 2, false } }, 1, WORD_KEEPS_ALL },
    { "list replace", w_list_replace, { { { "list", "position", "newItem" }, 3, 3, false },
        { { "list", "match", "newItem" }, 3, 3, false } }, 2, WORD_KEEPS_ALL },
    { "reverse", w_reverse, { { { "list" }, 1, 1, false } }, 1, WORD_KEEPS_ALL },
    { "index of", w_index_of, { { { "list", "match" }, 2, 2, false } }, 1, WORD_KEEPS_ALL },
    { "flatten", w_flatten, { { { "list" }, 1, 1, false } }, 1, WORD_KEEPS_ALL },
    { "sort", w_sort, { { { "list", "precedes" }, 2, 1, false } }, 1, WORD_KEEPS_ALL },
};
const size_t rule_n_words_list = sizeof rule_words_list / sizeof *rule_words_list;
