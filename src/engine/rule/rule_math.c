/* rule_math: the operators + - * / ** and the properties behind a dot (DMN 1.5 tables 55-62 and 65). What the
 * tables do not list is null. Invariant: no sum of seconds or months leaves 64 bits; where it would, the result is
 * null.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

static bool is_moment(enum kind k) {
    return k == V_DATE || k == V_TIME || k == V_DATETIME;
}

static bool is_duration(enum kind k) {
    return k == V_DTD || k == V_YMD;
}

static struct value concat(struct run *run, struct str a, struct str b) {
    if (a.len + b.len > RULE_ITEMS_MAX) return rule_run_fail(run, ERR_LIMIT, "1000000");
    struct str s = ARENA_CAT(run->arena, a, b);
    if (!s.ptr) return rule_run_fail(run, ERR_MEMORY, "");
    return rule_value_str(s);
}

static struct value add_durations(struct value a, struct value b, int sign) {
    if (a.kind == V_YMD) {
        int64_t m;
        if (sign > 0 ? __builtin_add_overflow(a.u.months, b.u.months, &m) : __builtin_sub_overflow(a.u.months,
            b.u.months, &m))
            return NULL_VALUE;
        return (struct value){ .kind = V_YMD, .u.months = m };
    }
    int64_t s;
    if (sign > 0 ? __builtin_add_overflow(a.u.span.s, b.u.span.s, &s) : __builtin_sub_overflow(a.u.span.s,
        b.u.span.s, &s))
        return NULL_VALUE;
    return rule_span_value(s, (int64_t)a.u.span.nano + (int64_t)sign * b.u.span.nano);
}

struct value rule_value_add(struct run *run, struct value a, struct value b) {
    struct value r;
    if (a.kind == V_NUM && b.kind == V_NUM)
        return decimal_add(a.u.num, b.u.num, &r.u.num) ? (r.kind = V_NUM, r) : NULL_VALUE;
    if (a.kind == V_STR && b.kind == V_STR) return concat(run, a.u.s, b.u.s);
    if (is_duration(a.kind) && a.kind == b.kind) return add_durations(a, b, 1);
    if (is_moment(a.kind) && is_duration(b.kind)) return rule_time_shift(run, a, b, 1, &r) ? r : NULL_VALUE;
    if (is_duration(a.kind) && is_moment(b.kind)) return rule_time_shift(run, b, a, 1, &r) ? r : NULL_VALUE;
    return NULL_VALUE;
}

static struct value moment_difference(const struct moment *a, const struct moment *b, bool with_date) {
    if ((a->zone == ZONE_NONE) != (b->zone == ZONE_NONE)) return NULL_VALUE;
    return rule_span_value(rule_moment_seconds(a, with_date) - rule_moment_seconds(b, with_date),
        (int64_t)a->nano - b->nano);
}

struct value rule_value_sub(struct run *run, struct value a, struct value b) {
    struct value r;
    if (a.kind == V_NUM && b.kind == V_NUM)
        return decimal_sub(a.u.num, b.u.num, &r.u.num) ? (r.kind = V_NUM, r) : NULL_VALUE;
    if (is_duration(a.kind) && a.kind == b.kind) return add_durations(a, b, -1);
    if (is_moment(a.kind) && is_duration(b.kind)) return rule_time_shift(run, a, b, -1, &r) ? r : NULL_VALUE;
    if (a.kind == V_TIME && b.kind == V_TIME) return moment_difference(a.u.at, b.u.at, false);
    if (a.kind == V_TIME || b.kind == V_TIME || !is_moment(a.kind) || !is_moment(b.kind)) return NULL_VALUE;
    if (a.kind == V_DATE && b.kind == V_DATE)
        return rule_span_value((rule_date_days(a.u.date) - rule_date_days(b.u.date)) * 86400, 0);
    /* A date beside a date and time counts as its midnight in UTC. */
    struct moment x = a.kind == V_DATE ? rule_date_midnight_utc(a.u.date) : *a.u.at;
    struct moment y = b.kind == V_DATE ? rule_date_midnight_utc(b.u.date) : *b.u.at;
    return moment_difference(&x, &y, true);
}

/* Seconds of a duration as an exact decimal. */
static bool span_decimal(struct span d, struct decimal *ret) {
    struct decimal nano, billion = decimal_of_i64(1000000000);
    if (!decimal_div(decimal_of_i64(d.nano), billion, &nano)) return false;
    return decimal_add(decimal_of_i64(d.s), nano, ret);
}

static struct value decimal_span(struct decimal d) {
    struct decimal whole, rest;
    int64_t s, nano;
    if (!decimal_round(d, 0, DECIMAL_DOWN, &whole) || !decimal_to_i64(whole, &s)) return NULL_VALUE;
    if (!decimal_sub(d, whole, &rest) || !decimal_mul(rest, decimal_of_i64(1000000000), &rest)) return NULL_VALUE;
    if (!decimal_round(rest, 0, DECIMAL_DOWN, &rest) || !decimal_to_i64(rest, &nano)) return NULL_VALUE;
    return rule_span_value(s, nano);
}

static struct value decimal_months(struct decimal d) {
    int64_t m;
    if (!decimal_round(d, 0, DECIMAL_DOWN, &d) || !decimal_to_i64(d, &m)) return NULL_VALUE;
    return (struct value){ .kind = V_YMD, .u.months = m };
}

/* A duration scaled by `by` with `op` (multiply or divide). */
static struct value scale(struct value a, struct decimal by, bool (*op)(struct decimal, struct decimal,
    struct decimal *)) {
    struct decimal d;
    if (a.kind == V_YMD) return op(decimal_of_i64(a.u.months), by, &d) ? decimal_months(d) : NULL_VALUE;
    if (!span_decimal(a.u.span, &d) || !op(d, by, &d)) return NULL_VALUE;
    return decimal_span(d);
}

struct value rule_value_mul(struct run *run, struct value a, struct value b) {
    (void)run;
    struct decimal d;
    if (a.kind == V_NUM && b.kind == V_NUM) return decimal_mul(a.u.num, b.u.num, &d) ? rule_value_num(d) : NULL_VALUE;
    if (is_duration(a.kind) && b.kind == V_NUM) return scale(a, b.u.num, decimal_mul);
    if (a.kind == V_NUM && is_duration(b.kind)) return scale(b, a.u.num, decimal_mul);
    return NULL_VALUE;
}

struct value rule_value_div(struct run *run, struct value a, struct value b) {
    (void)run;
    struct decimal x, y;
    if (a.kind == V_NUM && b.kind == V_NUM) return decimal_div(a.u.num, b.u.num, &x) ? rule_value_num(x) : NULL_VALUE;
    if (is_duration(a.kind) && b.kind == V_NUM) return scale(a, b.u.num, decimal_div);
    if (!is_duration(a.kind) || a.kind != b.kind) return NULL_VALUE;
    if (a.kind == V_YMD) x = decimal_of_i64(a.u.months), y = decimal_of_i64(b.u.months);
    else if (!span_decimal(a.u.span, &x) || !span_decimal(b.u.span, &y)) return NULL_VALUE;
    return decimal_div(x, y, &x) ? rule_value_num(x) : NULL_VALUE;
}

struct value rule_value_pow(struct run *run, struct value a, struct value b) {
    (void)run;
    struct decimal d;
    if (a.kind != V_NUM || b.kind != V_NUM) return NULL_VALUE;
    return decimal_pow(a.u.num, b.u.num, &d) ? rule_value_num(d) : NULL_VALUE;
}

struct value rule_value_neg(struct run *run, struct value a) {
    (void)run;
    if (a.kind == V_NUM) return rule_value_num(decimal_neg(a.u.num));
    if (a.kind == V_YMD && a.u.months != INT64_MIN) return (struct value){ .kind = V_YMD, .u.months = -a.u.months };
    if (a.kind == V_DTD && a.u.span.s != INT64_MIN) return rule_span_value(-a.u.span.s, -(int64_t)a.u.span.nano);
    return NULL_VALUE;
}

static struct value get_date(struct date d, struct str name) {
    if (str_eq(name, S("year"))) return rule_value_i64(d.year);
    if (str_eq(name, S("month"))) return rule_value_i64(d.month);
    if (str_eq(name, S("day"))) return rule_value_i64(d.day);
    if (str_eq(name, S("weekday"))) {
        int64_t w = (rule_date_days(d) + 3) % 7;
        return rule_value_i64((w < 0 ? w + 7 : w) + 1);
    }
    return NULL_VALUE;
}

static struct value get_moment(const struct moment *m, struct str name, bool with_date) {
    if (str_eq(name, S("hour"))) return rule_value_i64(m->hour);
    if (str_eq(name, S("minute"))) return rule_value_i64(m->minute);
    if (str_eq(name, S("second"))) return rule_value_i64(m->second);
    if (str_eq(name, S("time offset"))) return m->zone == ZONE_NONE ? NULL_VALUE : rule_span_value(m->offset_s, 0);
    if (str_eq(name, S("timezone"))) return m->zone == ZONE_NAMED ? rule_value_str(m->tz_name) : NULL_VALUE;
    return with_date ? get_date(m->date, name) : NULL_VALUE;
}

static struct value get_span(struct span d, struct str name) {
    if (str_eq(name, S("days"))) return rule_value_i64(d.s / 86400);
    if (str_eq(name, S("hours"))) return rule_value_i64(d.s / 3600 % 24);
    if (str_eq(name, S("minutes"))) return rule_value_i64(d.s / 60 % 60);
    if (str_eq(name, S("seconds"))) return rule_value_i64(d.s % 60);
    return NULL_VALUE;
}

static struct value get_range(const struct range *r, struct str name) {
    if (str_eq(name, S("start"))) return r->low;
    if (str_eq(name, S("end"))) return r->high;
    if (str_eq(name, S("start included"))) return rule_value_bool(r->low_closed);
    if (str_eq(name, S("end included"))) return rule_value_bool(r->high_closed);
    return NULL_VALUE;
}

struct value rule_value_get(struct run *run, struct value v, struct str name) {
    switch (v.kind) {
    case V_CTX: {
        const struct value *x = rule_ctx_find(v.u.ctx, name);
        return x ? *x : NULL_VALUE;
    }
    case V_DATE: return get_date(v.u.date, name);
    case V_TIME: return get_moment(v.u.at, name, false);
    case V_DATETIME: return get_moment(v.u.at, name, true);
    case V_DTD: return get_span(v.u.span, name);
    case V_YMD:
        if (str_eq(name, S("years"))) return rule_value_i64(v.u.months / 12);
        if (str_eq(name, S("months"))) return rule_value_i64(v.u.months % 12);
        return NULL_VALUE;
    case V_RANGE: return get_range(v.u.range, name);
    case V_LIST: {
        struct vec out = { .run = run };
        if (++run->depth > RULE_DEPTH_MAX) return rule_run_fail(run, ERR_LIMIT, "400");
        for (size_t i = 0; i < v.u.list->n && run->rc == 0; i++) rule_vec_add(&out, rule_value_get(run,
            v.u.list->item[i], name));
        run->depth--;
        return rule_vec_list(&out);
    }
    default: return NULL_VALUE;
    }
}
