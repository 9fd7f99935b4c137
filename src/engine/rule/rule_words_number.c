/* rule_words_number: the numeric words (DMN 1.5 section 10.3.4.5). TO ADD A WORD: 1. its function here, 2. its row
 * in the table below with its parameters' names in each form, 3. a test.
 */
#include "engine/rule/rule_in.h"

#include "os/os.h"

#include <string.h>

static struct value round_to(struct value n, struct value scale, bool has_scale, enum decimal_round how) {
    int64_t s = 0;
    struct decimal r;
    if (n.kind != V_NUM || (has_scale && scale.kind != V_NUM)) return NULL_VALUE;
    if (has_scale) {
        struct decimal whole;
        if (!decimal_round(scale.u.num, 0, DECIMAL_DOWN, &whole) || !decimal_to_i64(whole, &s)) return NULL_VALUE;
        if (s < -6111 || s > 6176) return NULL_VALUE;
    }
    return decimal_round(n.u.num, (int)s, how, &r) ? rule_value_num(r) : NULL_VALUE;
}

static struct value w_decimal(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return round_to(a[0], a[1], true, DECIMAL_HALF_EVEN);
}

static struct value w_floor(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)form;
    return round_to(a[0], a[1], n > 1, DECIMAL_FLOOR);
}

static struct value w_ceiling(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)form;
    return round_to(a[0], a[1], n > 1, DECIMAL_CEILING);
}

static struct value w_round_up(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return round_to(a[0], a[1], true, DECIMAL_UP);
}

static struct value w_round_down(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return round_to(a[0], a[1], true, DECIMAL_DOWN);
}

static struct value w_round_half_up(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return round_to(a[0], a[1], true, DECIMAL_HALF_UP);
}

static struct value w_round_half_down(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return round_to(a[0], a[1], true, DECIMAL_HALF_DOWN);
}

static struct value w_abs(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    if (a[0].kind == V_NUM) return rule_value_num(decimal_abs(a[0].u.num));
    if (a[0].kind == V_YMD) return a[0].u.months < 0 ? rule_value_neg(run, a[0]) : a[0];
    if (a[0].kind == V_DTD) return a[0].u.span.s < 0 || a[0].u.span.nano < 0 ? rule_value_neg(run, a[0]) : a[0];
    return NULL_VALUE;
}

/* dividend - divisor * floor(dividend / divisor): the sign is the divisor's. */
static struct value w_modulo(struct run *run, const struct value *a, size_t n, int form) {
    struct decimal r, zero = decimal_of_i64(0);
    (void)run, (void)n, (void)form;
    if (a[0].kind != V_NUM || a[1].kind != V_NUM || !decimal_rem(a[0].u.num, a[1].u.num, &r)) return NULL_VALUE;
    int sign = decimal_cmp(r, zero);
    if (sign && sign != decimal_cmp(a[1].u.num, zero) && !decimal_add(r, a[1].u.num, &r)) return NULL_VALUE;
    return rule_value_num(r);
}

static struct value w_sqrt(struct run *run, const struct value *a, size_t n, int form) {
    struct decimal r;
    (void)run, (void)n, (void)form;
    return a[0].kind == V_NUM && decimal_sqrt(a[0].u.num, &r) ? rule_value_num(r) : NULL_VALUE;
}

static struct value w_log(struct run *run, const struct value *a, size_t n, int form) {
    struct decimal r;
    (void)run, (void)n, (void)form;
    return a[0].kind == V_NUM && decimal_log(a[0].u.num, &r) ? rule_value_num(r) : NULL_VALUE;
}

static struct value w_exp(struct run *run, const struct value *a, size_t n, int form) {
    struct decimal r;
    (void)run, (void)n, (void)form;
    return a[0].kind == V_NUM && decimal_exp(a[0].u.num, &r) ? rule_value_num(r) : NULL_VALUE;
}

static struct value parity(struct value v, int want) {
    struct decimal r;
    if (v.kind != V_NUM || !decimal_rem(v.u.num, decimal_of_i64(2), &r)) return NULL_VALUE;
    return rule_value_bool(decimal_cmp(decimal_abs(r), decimal_of_i64(want)) == 0);
}

static struct value w_odd(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return parity(a[0], 1);
}

static struct value w_even(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return parity(a[0], 0);
}

static struct value w_random(struct run *run, const struct value *a, size_t n, int form) {
    uint64_t r;
    struct decimal d;
    (void)run, (void)a, (void)n, (void)form;
    os_random(&r, sizeof r);
    r %= 1000000000000000000u;
    return decimal_div(decimal_of_i64((int64_t)r), decimal_of_i64(1000000000000000000), &d) ? rule_value_num(d)
        : NULL_VALUE;
}

/* name, function, forms: { parameters, how many, how many at least, any number }, number of forms, which take lists */
const struct word rule_words_number[] = {
    { "decimal", w_decimal, { { { "n", "scale" }, 2, 2, false } }, 1, 0 },
    { "floor", w_floor, { { { "n", "scale" }, 2, 1, false } }, 1, 0 },
    { "ceiling", w_ceiling, { { { "n", "scale" }, 2, 1, false } }, 1, 0 },
    { "round up", w_round_up, { { { "n", "scale" }, 2, 2, false } }, 1, 0 },
    { "round down", w_round_down, { { { "n", "scale" }, 2, 2, false } }, 1, 0 },
    { "round half up", w_round_half_up, { { { "n", "scale" }, 2, 2, false } }, 1, 0 },
    { "round half down", w_round_half_down, { { { "n", "scale" }, 2, 2, false } }, 1, 0 },
    { "abs", w_abs, { { { "n" }, 1, 1, false } }, 1, 0 },
    { "modulo", w_modulo, { { { "dividend", "divisor" }, 2, 2, false } }, 1, 0 },
    { "sqrt", w_sqrt, { { { "number" }, 1, 1, false } }, 1, 0 },
    { "log", w_log, { { { "number" }, 1, 1, false } }, 1, 0 },
    { "exp", w_exp, { { { "number" }, 1, 1, false } }, 1, 0 },
    { "odd", w_odd, { { { "number" }, 1, 1, false } }, 1, 0 },
    { "even", w_even, { { { "number" }, 1, 1, false } }, 1, 0 },
    { "random number", w_random, { { { NULL }, 0, 0, false } }, 1, 0 },
};
const size_t rule_n_words_number = sizeof rule_words_number / sizeof *rule_words_number;
