/* rule_words_convert: conversions (DMN 1.5 section 10.3.4.1), not (10.3.4.2), contexts (10.3.4.10), is (10.3.4.9),
 * range.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

static bool whole(struct value v, int64_t *ret) {
    return v.kind == V_NUM && decimal_to_i64(v.u.num, ret);
}

static struct value w_not(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    return a[0].kind == V_BOOL ? rule_value_bool(!a[0].u.b) : NULL_VALUE;
}

static struct value w_string(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return a[0].kind == V_NULL ? NULL_VALUE : rule_value_text(run, a[0]);
}

/* number(from, grouping separator, decimal separator) */
static struct value w_number(struct run *run, const struct value *a, size_t n, int form) {
    struct str group = { NULL, 0 }, point = S(".");
    struct buf b;
    struct decimal d;
    (void)form;
    if (a[0].kind != V_STR) return n == 1 && a[0].kind == V_NUM ? a[0] : NULL_VALUE;
    if (n > 1 && a[1].kind != V_NULL) {
        if (a[1].kind != V_STR || a[1].u.s.len != 1 || !memchr(" ,.", a[1].u.s.ptr[0], 3)) return NULL_VALUE;
        group = a[1].u.s;
    }
    if (n > 2 && a[2].kind != V_NULL) {
        if (a[2].kind != V_STR || a[2].u.s.len != 1 || !memchr(",.", a[2].u.s.ptr[0], 2)) return NULL_VALUE;
        point = a[2].u.s;
    }
    if (group.len && group.ptr[0] == point.ptr[0]) return NULL_VALUE;
    buf_init(&b, run->arena, 64, 1024);
    for (size_t i = 0; i < a[0].u.s.len; i++) {
        char c = a[0].u.s.ptr[i];
        if (group.len && c == group.ptr[0]) continue;
        if (c == point.ptr[0]) buf_add(&b, b.len == 0 || (b.len == 1 && b.ptr[0] == '-') ? S("0.") : S("."));
        else if (c == '.') return NULL_VALUE;
        else buf_add_char(&b, c);
    }
    return buf_ok(&b) && decimal_parse(buf_str(&b), &d) ? rule_value_num(d) : NULL_VALUE;
}

static struct value w_date(struct run *run, const struct value *a, size_t n, int form) {
    struct value v = { .kind = V_DATE };
    int64_t y, m, d;
    (void)run, (void)form;
    if (n == 3) {
        if (!whole(a[0], &y) || !whole(a[1], &m) || !whole(a[2], &d) || !rule_date_valid(y, m, d)) return NULL_VALUE;
        v.u.date = (struct date){ (int32_t)y, (uint8_t)m, (uint8_t)d };
        return v;
    }
    if (n != 1) return NULL_VALUE;
    if (a[0].kind == V_DATE) return a[0];
    if (a[0].kind == V_DATETIME) {
        v.u.date = a[0].u.at->date;
        return v;
    }
    return a[0].kind == V_STR && rule_date_parse(a[0].u.s, &v.u.date) ? v : NULL_VALUE;
}

static struct value time_of_parts(struct run *run, const struct value *a, size_t n) {
    int64_t h, m, s, nano = 0;
    struct moment t = { 0 };
    struct decimal whole_s, rest;
    if (!whole(a[0], &h) || !whole(a[1], &m) || a[2].kind != V_NUM) return NULL_VALUE;
    if (!decimal_round(a[2].u.num, 0, DECIMAL_FLOOR, &whole_s) || !decimal_to_i64(whole_s, &s)) return NULL_VALUE;
    if (!decimal_sub(a[2].u.num, whole_s, &rest) || !decimal_mul(rest, decimal_of_i64(1000000000), &rest))
        return NULL_VALUE;
    if (!decimal_round(rest, 0, DECIMAL_DOWN, &rest) || !decimal_to_i64(rest, &nano)) return NULL_VALUE;
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59) return NULL_VALUE;
    t.hour = (uint8_t)h, t.minute = (uint8_t)m, t.second = (uint8_t)s, t.nano = (uint32_t)nano;
    if (n > 3 && a[3].kind != V_NULL) {
        if (a[3].kind != V_DTD || a[3].u.span.s < -64800 || a[3].u.span.s > 64800) return NULL_VALUE;
        t.zone = ZONE_OFFSET;
        t.offset_s = (int32_t)a[3].u.span.s;
    }
    return rule_moment_value(run, V_TIME, t);
}

static struct value w_time(struct run *run, const struct value *a, size_t n, int form) {
    struct moment t = { 0 };
    (void)form;
    if (n >= 3) return time_of_parts(run, a, n);
    if (n != 1) return NULL_VALUE;
    if (a[0].kind == V_TIME) return a[0];
    if (a[0].kind == V_DATETIME) {
        t = *a[0].u.at;
        t.date = (struct date){ 0 };
        return rule_moment_value(run, V_TIME, t);
    }
    if (a[0].kind == V_DATE) return rule_moment_value(run, V_TIME, (struct moment){ .zone = ZONE_OFFSET });
    return a[0].kind == V_STR && rule_time_parse(run, a[0].u.s, &t) ? rule_moment_value(run, V_TIME, t) : NULL_VALUE;
}

static struct value w_date_and_time(struct run *run, const struct value *a, size_t n, int form) {
    struct moment m = { 0 };
    (void)form;
    if (n == 2) {
        if (a[1].kind != V_TIME) return NULL_VALUE;
        m = *a[1].u.at;
        if (a[0].kind == V_DATE) m.date = a[0].u.date;
        else if (a[0].kind == V_DATETIME) m.date = a[0].u.at->date;
        else return NULL_VALUE;
        return rule_moment_value(run, V_DATETIME, m);
    }
    if (n != 1) return NULL_VALUE;
    if (a[0].kind == V_DATETIME) return a[0];
    if (a[0].kind == V_DATE) return rule_moment_value(run, V_DATETIME, rule_date_midnight_utc(a[0].u.date));
    if (a[0].kind != V_STR) return NULL_VALUE;
    if (rule_datetime_parse(run, a[0].u.s, &m)) return rule_moment_value(run, V_DATETIME, m);
    return rule_date_parse(a[0].u.s, &m.date) ? rule_moment_value(run, V_DATETIME, m) : NULL_VALUE;
}

static struct value w_duration(struct run *run, const struct value *a, size_t n, int form) {
    struct value v;
    (void)run, (void)n, (void)form;
    if (a[0].kind == V_DTD || a[0].kind == V_YMD) return a[0];
    return a[0].kind == V_STR && rule_duration_parse(a[0].u.s, &v) ? v : NULL_VALUE;
}

static bool day_of(struct value v, struct date *ret) {
    if (v.kind == V_DATE) *ret = v.u.date;
    else if (v.kind == V_DATETIME) *ret = v.u.at->date;
    else return false;
    return true;
}

/* Whole months between two days, towards zero; times of day do not count. */
static struct value w_ym_duration(struct run *run, const struct value *a, size_t n, int form) {
    struct date from, to;
    (void)run, (void)n, (void)form;
    if (!day_of(a[0], &from) || !day_of(a[1], &to)) return NULL_VALUE;
    int64_t months = ((int64_t)to.year - from.year) * 12 + to.month - from.month;
    int rest = to.day - from.day;
    if (months > 0 && rest < 0) months--;
    if (months < 0 && rest > 0) months++;
    return (struct value){ .kind = V_YMD, .u.months = months };
}

/* ---- contexts ---- */

static struct value put(struct run *run, const struct ctx *c, struct str key, struct value v) {
    struct entry *entry = rule_run_alloc(run, c->n + 1, sizeof *entry);
    size_t n = c->n, at = 0;
    if (!entry) return NULL_VALUE;
    if (n) memcpy(entry, c->entry, n * sizeof *entry);
    while (at < n && !str_eq(entry[at].key, key)) at++;
    entry[at] = (struct entry){ key, v };
    return rule_ctx_of(run, entry, at == n ? n + 1 : n);
}

static struct value put_path(struct run *run, struct value c, const struct list *keys, size_t at, struct value v) {
    if (c.kind != V_CTX || at >= keys->n || keys->item[at].kind != V_STR) return NULL_VALUE;
    if (at + 1 == keys->n) return put(run, c.u.ctx, keys->item[at].u.s, v);
    if (at > 64) return rule_run_fail(run, ERR_LIMIT, "64");
    const struct value *inner = rule_ctx_find(c.u.ctx, keys->item[at].u.s);
    if (!inner) return NULL_VALUE;
    struct value changed = put_path(run, *inner, keys, at + 1, v);
    return changed.kind == V_NULL ? NULL_VALUE : put(run, c.u.ctx, keys->item[at].u.s, changed);
}

static struct value w_context_put(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    if (a[0].kind != V_CTX) return NULL_VALUE;
    if (a[1].kind == V_STR) return put(run, a[0].u.ctx, a[1].u.s, a[2]);
    return a[1].kind == V_LIST && a[1].u.list->n ? put_path(run, a[0], a[1].u.list, 0, a[2]) : NULL_VALUE;
}

static struct value w_context(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    struct list one = { (struct value *)(uintptr_t)&a[0], 1 };
    const struct list *l = a[0].kind == V_LIST ? a[0].u.list : &one;
    if (a[0].kind != V_LIST && a[0].kind != V_CTX) return NULL_VALUE;
    struct entry *entry = rule_run_alloc(run, l->n, sizeof *entry);
    if (!entry) return NULL_VALUE;
    for (size_t i = 0; i < l->n; i++) {
        if (l->item[i].kind != V_CTX) return NULL_VALUE;
        const struct value *key = rule_ctx_find(l->item[i].u.ctx, S("key")), *v = rule_ctx_find(l->item[i].u.ctx,
            S("value"));
        if (!key || key->kind != V_STR || !v) return NULL_VALUE;
        for (size_t k = 0; k < i; k++)
            if (str_eq(entry[k].key, key->u.s)) return NULL_VALUE;
        entry[i] = (struct entry){ key->u.s, *v };
    }
    return rule_ctx_of(run, entry, l->n);
}

static struct value w_context_merge(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    struct list one = { (struct value *)(uintptr_t)&a[0], 1 };
    const struct list *l = a[0].kind == V_LIST ? a[0].u.list : &one;
    if (a[0].kind != V_LIST && a[0].kind != V_CTX) return NULL_VALUE;
    struct value out = rule_ctx_of(run, NULL, 0);
    for (size_t i = 0; i < l->n; i++) {
        if (l->item[i].kind != V_CTX) return NULL_VALUE;
        for (size_t k = 0; k < l->item[i].u.ctx->n && out.kind == V_CTX; k++) {
            const struct entry *e = &l->item[i].u.ctx->entry[k];
            out = put(run, out.u.ctx, e->key, e->value);
        }
    }
    return out;
}

static struct value w_get_value(struct run *run, const struct value *a, size_t n, int form) {
    (void)run, (void)n, (void)form;
    if (a[0].kind != V_CTX) return NULL_VALUE;
    if (a[1].kind == V_STR) {
        const struct value *v = rule_ctx_find(a[0].u.ctx, a[1].u.s);
        return v ? *v : NULL_VALUE;
    }
    if (a[1].kind != V_LIST || a[1].u.list->n == 0) return NULL_VALUE;
    struct value at = a[0];
    for (size_t i = 0; i < a[1].u.list->n; i++) {
        const struct value *key = &a[1].u.list->item[i];
        const struct value *next = at.kind == V_CTX && key->kind == V_STR ? rule_ctx_find(at.u.ctx, key->u.s) : NULL;
        if (!next) return NULL_VALUE;
        at = *next;
    }
    return at;
}

static struct value w_get_entries(struct run *run, const struct value *a, size_t n, int form) {
    struct vec out = { .run = run };
    (void)n, (void)form;
    if (a[0].kind != V_CTX) return NULL_VALUE;
    for (size_t i = 0; i < a[0].u.ctx->n; i++) {
        struct entry *pair = rule_run_alloc(run, 2, sizeof *pair);
        if (!pair) return NULL_VALUE;
        pair[0] = (struct entry){ S("key"), rule_value_str(a[0].u.ctx->entry[i].key) };
        pair[1] = (struct entry){ S("value"), a[0].u.ctx->entry[i].value };
        rule_vec_add(&out, rule_ctx_of(run, pair, 2));
    }
    return rule_vec_list(&out);
}

/* Same kind, same value, and for times the same zone: nothing is converted. */
static struct value w_is(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    if (a[0].kind != a[1].kind) return rule_value_bool(false);
    if (a[0].kind == V_TIME || a[0].kind == V_DATETIME) {
        const struct moment *x = a[0].u.at, *y = a[1].u.at;
        if (x->zone != y->zone || rule_moment_offset(x) != rule_moment_offset(y)) return rule_value_bool(false);
        if (x->zone == ZONE_NAMED && !str_eq(x->tz_name, y->tz_name)) return rule_value_bool(false);
    }
    return rule_value_bool(rule_value_equal(run, a[0], a[1]) == TRI_TRUE);
}

/* range("[1..3)"): a literal of constants. */
static struct value w_range(struct run *run, const struct value *a, size_t n, int form) {
    const struct node *node;
    struct err ignored = { 0 };
    (void)n, (void)form;
    if (a[0].kind != V_STR) return NULL_VALUE;
    struct str s = str_trim(a[0].u.s);
    if (s.len < 5 || !memchr("[](", s.ptr[0], 3) || !memchr("[])", s.ptr[s.len - 1], 3)) return NULL_VALUE;
    struct source src = { .arena = run->arena, .err = &ignored };
    if (rule_parse_expression(&src, NULL, s, &node) || node->op != N_RANGE) return NULL_VALUE;
    const struct node *ends[2] = { node->a, node->b };
    for (int i = 0; i < 2; i++)
        if (!ends[i] || (ends[i]->op != N_CONST && ends[i]->op != N_AT && ends[i]->op != N_CALL)) return NULL_VALUE;
    return rule_eval(run, node, NULL);
}

/* Columns: see rule_words_number.c. */
const struct word rule_words_convert[] = {
    { "not", w_not, { { { "negand" }, 1, 1, false } }, 1, 0 },
    { "string", w_string, { { { "from" }, 1, 1, false } }, 1, 1 },
    { "number", w_number, { { { "from", "grouping separator", "decimal separator" }, 3, 1, false } }, 1, 0 },
    { "date", w_date, { { { "from" }, 1, 1, false }, { { "year", "month", "day" }, 3, 3, false } }, 2, 0 },
    { "time", w_time, { { { "from" }, 1, 1, false }, { { "hour", "minute", "second", "offset" }, 4, 3, false } },
        2, 0 },
    { "date and time", w_date_and_time, { { { "from" }, 1, 1, false }, { { "date", "time" }, 2, 2, false } }, 2, 0 },
    { "duration", w_duration, { { { "from" }, 1, 1, false } }, 1, 0 },
    { "years and months duration", w_ym_duration, { { { "from", "to" }, 2, 2, false } }, 1, 0 },
    { "context", w_context, { { { "entries" }, 1, 1, false } }, 1, 1 },
    { "context put", w_context_put, { { { "context", "key", "value" }, 3, 3, false },
        { { "context", "keys", "value" }, 3, 3, false } }, 2, 6 },
    { "context merge", w_context_merge, { { { "contexts" }, 1, 1, false } }, 1, 1 },
    { "get value", w_get_value, { { { "m", "key" }, 2, 2, false }, { { "m", "keys" }, 2, 2, false } }, 2, 2 },
    { "get entries", w_get_entries, { { { "m" }, 1, 1, false } }, 1, 0 },
    { "is", w_is, { { { "value1", "value2" }, 2, 2, false } }, 1, 3 },
    { "range", w_range, { { { "from" }, 1, 1, false } }, 1, 0 },
};
const size_t rule_n_words_convert = sizeof rule_words_convert / sizeof *rule_words_convert;
