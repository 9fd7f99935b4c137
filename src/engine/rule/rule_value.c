/* rule_value: values as such: made, compared, carried over the border to struct val and back, and written as FEEL text.
 * Invariant: comparing and writing stop at a fixed depth of nesting, which a value made by an expression cannot
 * pass without having passed the limit of steps first.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

enum { TEXT_BYTES_MAX = 1 << 20, DEEP = 200 };

struct value rule_value_bool(bool b) {
    return (struct value){ .kind = V_BOOL, .u.b = b };
}

struct value rule_value_num(struct decimal d) {
    return (struct value){ .kind = V_NUM, .u.num = d };
}

struct value rule_value_i64(int64_t v) {
    return rule_value_num(decimal_of_i64(v));
}

struct value rule_value_str(struct str s) {
    return (struct value){ .kind = V_STR, .u.s = s };
}

struct value rule_value_tri(enum tri t) {
    return t == TRI_NULL ? NULL_VALUE : rule_value_bool(t == TRI_TRUE);
}

struct value rule_run_fail(struct run *run, int code, const char *what) {
    /* A text that did not fit failed for want of memory, not for its own limit, where the arena is full. */
    if (arena_overflowed(run->arena)) code = ERR_MEMORY;
    if (run->rc == 0) run->rc = err_set(run->err, code, "%s", what);
    return NULL_VALUE;
}

void *rule_run_alloc(struct run *run, size_t n, size_t size) {
    void *p = arena_array(run->arena, n ? n : 1, size);
    if (!p) (void)rule_run_fail(run, ERR_MEMORY, "");
    return p;
}

void rule_vec_add(struct vec *v, struct value x) {
    if (v->n == v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 8;
        if (cap > RULE_ITEMS_MAX) {
            (void)rule_run_fail(v->run, ERR_LIMIT, "1000000");
            return;
        }
        struct value *item = rule_run_alloc(v->run, cap, sizeof *item);
        if (!item) return;
        if (v->n) memcpy(item, v->item, v->n * sizeof *item);
        v->item = item;
        v->cap = cap;
    }
    v->item[v->n++] = x;
}

struct value rule_list_of(struct run *run, const struct value *item, size_t n) {
    struct list *l = rule_run_alloc(run, 1, sizeof *l);
    if (!l) return NULL_VALUE;
    l->item = rule_run_alloc(run, n, sizeof *l->item);
    if (!l->item) return NULL_VALUE;
    if (n) memcpy(l->item, item, n * sizeof *item);
    l->n = n;
    return (struct value){ .kind = V_LIST, .u.list = l };
}

struct value rule_vec_list(struct vec *v) {
    struct list *l = rule_run_alloc(v->run, 1, sizeof *l);
    if (!l) return NULL_VALUE;
    l->item = v->item;
    l->n = v->n;
    return (struct value){ .kind = V_LIST, .u.list = l };
}

struct value rule_ctx_of(struct run *run, struct entry *entry, size_t n) {
    struct ctx *c = rule_run_alloc(run, 1, sizeof *c);
    if (!c) return NULL_VALUE;
    c->entry = entry;
    c->n = n;
    return (struct value){ .kind = V_CTX, .u.ctx = c };
}

const struct value *rule_ctx_find(const struct ctx *c, struct str key) {
    for (size_t i = 0; i < c->n; i++)
        if (str_eq(c->entry[i].key, key)) return &c->entry[i].value;
    return NULL;
}

/* ---- comparing ---- */

static enum tri both(enum tri a, enum tri b) {
    if (a == TRI_FALSE || b == TRI_FALSE) return TRI_FALSE;
    return a == TRI_TRUE && b == TRI_TRUE ? TRI_TRUE : TRI_NULL;
}

static enum tri equal_deep(struct run *run, struct value a, struct value b, int depth);

static enum tri equal_lists(struct run *run, const struct list *a, const struct list *b, int depth) {
    if (a->n != b->n) return TRI_FALSE;
    enum tri t = TRI_TRUE;
    for (size_t i = 0; i < a->n && t != TRI_FALSE; i++) t = both(t, equal_deep(run, a->item[i], b->item[i], depth));
    return t == TRI_NULL ? TRI_FALSE : t;
}

static enum tri equal_contexts(struct run *run, const struct ctx *a, const struct ctx *b, int depth) {
    if (a->n != b->n) return TRI_FALSE;
    enum tri t = TRI_TRUE;
    for (size_t i = 0; i < a->n && t != TRI_FALSE; i++) {
        const struct value *other = rule_ctx_find(b, a->entry[i].key);
        t = other ? both(t, equal_deep(run, a->entry[i].value, *other, depth)) : TRI_FALSE;
    }
    return t == TRI_NULL ? TRI_FALSE : t;
}

static enum tri equal_ranges(struct run *run, const struct range *a, const struct range *b, int depth) {
    if (a->low_closed != b->low_closed || a->high_closed != b->high_closed) return TRI_FALSE;
    if (a->no_low != b->no_low || a->no_high != b->no_high) return TRI_FALSE;
    enum tri t = both(equal_deep(run, a->low, b->low, depth), equal_deep(run, a->high, b->high, depth));
    return t == TRI_NULL ? TRI_FALSE : t;
}

static enum tri equal_moments(const struct moment *a, const struct moment *b, bool with_date) {
    if ((a->zone == ZONE_NONE) != (b->zone == ZONE_NONE) || a->nano != b->nano) return TRI_FALSE;
    return rule_moment_seconds(a, with_date) == rule_moment_seconds(b, with_date) ? TRI_TRUE : TRI_FALSE;
}

static enum tri equal_deep(struct run *run, struct value a, struct value b, int depth) {
    if (a.kind == V_NULL || b.kind == V_NULL) return a.kind == b.kind ? TRI_TRUE : TRI_FALSE;
    if (a.kind != b.kind || depth > DEEP) return TRI_NULL;
    bool same = false;
    switch (a.kind) {
    case V_BOOL: same = a.u.b == b.u.b; break;
    case V_NUM: same = decimal_cmp(a.u.num, b.u.num) == 0; break;
    case V_STR: same = str_eq(a.u.s, b.u.s); break;
    case V_DATE: same = rule_date_days(a.u.date) == rule_date_days(b.u.date); break;
    case V_TIME:
    case V_DATETIME: return equal_moments(a.u.at, b.u.at, a.kind == V_DATETIME);
    case V_DTD: same = a.u.span.s == b.u.span.s && a.u.span.nano == b.u.span.nano; break;
    case V_YMD: same = a.u.months == b.u.months; break;
    case V_LIST: return equal_lists(run, a.u.list, b.u.list, depth + 1);
    case V_CTX: return equal_contexts(run, a.u.ctx, b.u.ctx, depth + 1);
    case V_RANGE: return equal_ranges(run, a.u.range, b.u.range, depth + 1);
    case V_FUNC: same = a.u.func == b.u.func; break;
    case V_NULL:
    case V_KINDS: break;
    }
    return same ? TRI_TRUE : TRI_FALSE;
}

enum tri rule_value_equal(struct run *run, struct value a, struct value b) {
    return equal_deep(run, a, b, 0);
}

static int sign64(int64_t a, int64_t b) {
    return a < b ? -1 : a > b;
}

bool rule_value_order(struct run *run, struct value a, struct value b, int *ret) {
    (void)run;
    if (a.kind != b.kind) return false;
    switch (a.kind) {
    case V_NUM: *ret = decimal_cmp(a.u.num, b.u.num); return true;
    case V_STR: *ret = str_cmp(a.u.s, b.u.s); return true;
    case V_DATE: *ret = sign64(rule_date_days(a.u.date), rule_date_days(b.u.date)); return true;
    case V_TIME:
    case V_DATETIME:
        if ((a.u.at->zone == ZONE_NONE) != (b.u.at->zone == ZONE_NONE)) return false;
        *ret = sign64(rule_moment_seconds(a.u.at, a.kind == V_DATETIME), rule_moment_seconds(b.u.at,
            a.kind == V_DATETIME));
        if (*ret == 0) *ret = sign64(a.u.at->nano, b.u.at->nano);
        return true;
    case V_DTD:
        *ret = sign64(a.u.span.s, b.u.span.s);
        if (*ret == 0) *ret = sign64(a.u.span.nano, b.u.span.nano);
        return true;
    case V_YMD: *ret = sign64(a.u.months, b.u.months); return true;
    default: return false;
    }
}

enum tri rule_range_has(struct run *run, const struct range *r, struct value x) {
    int low = 1, high = -1;
    if (!r->no_low && !rule_value_order(run, x, r->low, &low)) return TRI_NULL;
    if (!r->no_high && !rule_value_order(run, x, r->high, &high)) return TRI_NULL;
    if (r->no_low && r->no_high) return TRI_NULL;
    bool in = (r->no_low || (r->low_closed ? low >= 0 : low > 0)) && (r->no_high || (r->high_closed ? high <= 0
        : high < 0));
    return in ? TRI_TRUE : TRI_FALSE;
}

/* ---- border ---- */

static struct value of_map(struct run *run, const struct val *v) {
    struct entry *entry = rule_run_alloc(run, v->u.map.n, sizeof *entry);
    if (!entry) return NULL_VALUE;
    run->depth++;
    for (size_t i = 0; i < v->u.map.n; i++)
        entry[i] = (struct entry){ v->u.map.pair[i].key, rule_value_of_val(run, v->u.map.pair[i].value) };
    run->depth--;
    return rule_ctx_of(run, entry, v->u.map.n);
}

struct value rule_value_of_val(struct run *run, const struct val *v) {
    struct decimal d;
    if (!v) return NULL_VALUE;
    if (run->depth > RULE_DEPTH_MAX) return rule_run_fail(run, ERR_LIMIT, "400");
    switch (v->kind) {
    case VAL_NULL: return NULL_VALUE;
    case VAL_BOOL: return rule_value_bool(v->u.b);
    case VAL_NUM: return decimal_parse(v->u.s, &d) ? rule_value_num(d) : NULL_VALUE;
    case VAL_STR:
    case VAL_HTML: return rule_value_str(v->u.s);
    case VAL_MAP: return of_map(run, v);
    case VAL_LIST: {
        struct vec out = { .run = run };
        run->depth++;
        for (size_t i = 0; i < v->u.list.n; i++) rule_vec_add(&out, rule_value_of_val(run, v->u.list.item[i]));
        run->depth--;
        return rule_vec_list(&out);
    }
    }
    return NULL_VALUE;
}

static struct val *to_val(struct run *run, struct value v, int depth) {
    struct arena *a = run->arena;
    struct val *out = NULL;
    if (depth > DEEP) {
        (void)rule_run_fail(run, ERR_LIMIT, "200");
        return NULL;
    }
    switch (v.kind) {
    case V_BOOL: return val_bool(a, v.u.b);
    case V_STR: return val_str(a, v.u.s);
    case V_LIST:
        out = val_list(a);
        for (size_t i = 0; i < v.u.list->n; i++) val_push(a, out, to_val(run, v.u.list->item[i], depth + 1));
        return out;
    case V_CTX:
        out = val_map(a);
        for (size_t i = 0; i < v.u.ctx->n; i++)
            val_put(a, out, v.u.ctx->entry[i].key, to_val(run, v.u.ctx->entry[i].value, depth + 1));
        return out;
    case V_NUM: {
        struct value text = rule_value_text(run, v);
        return val_num(a, text.kind == V_STR ? text.u.s : S("0"));
    }
    case V_NULL:
    case V_FUNC:
    case V_KINDS: return val_null(a);
    default: {
        struct value text = rule_value_text(run, v);
        return text.kind == V_STR ? val_str(a, text.u.s) : val_null(a);
    }
    }
}

struct val *rule_value_to_val(struct run *run, struct value v) {
    return to_val(run, v, 0);
}

/* ---- text ---- */

static void write_string(struct buf *b, struct str s) {
    buf_add_char(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"' || s.ptr[i] == '\\') buf_add_char(b, '\\');
        buf_add_char(b, s.ptr[i]);
    }
    buf_add_char(b, '"');
}

static void write_deep(struct run *run, struct buf *b, struct value v, bool quoted, int depth);

static void write_range(struct run *run, struct buf *b, const struct range *r, int depth) {
    if (r->no_low || r->no_high) {
        buf_add(b, r->no_low ? r->high_closed ? S("<=") : S("<") : r->low_closed ? S(">=") : S(">"));
        write_deep(run, b, r->no_low ? r->high : r->low, true, depth);
        return;
    }
    buf_add_char(b, r->low_closed ? '[' : '(');
    write_deep(run, b, r->low, true, depth);
    buf_add(b, S(".."));
    write_deep(run, b, r->high, true, depth);
    buf_add_char(b, r->high_closed ? ']' : ')');
}

/* The plain notation that FEEL has for numbers; the far exponents stay scientific. */
static void write_deep(struct run *run, struct buf *b, struct value v, bool quoted, int depth) {
    if (depth > DEEP) return;
    switch (v.kind) {
    case V_NULL: buf_add(b, S("null")); break;
    case V_BOOL: buf_add(b, v.u.b ? S("true") : S("false")); break;
    case V_NUM: decimal_write(b, v.u.num); break;
    case V_STR:
        if (quoted) write_string(b, v.u.s);
        else buf_add(b, v.u.s);
        break;
    case V_LIST:
        buf_add_char(b, '[');
        for (size_t i = 0; i < v.u.list->n; i++) {
            if (i) buf_add(b, S(", "));
            write_deep(run, b, v.u.list->item[i], true, depth + 1);
        }
        buf_add_char(b, ']');
        break;
    case V_CTX:
        buf_add_char(b, '{');
        for (size_t i = 0; i < v.u.ctx->n; i++) {
            if (i) buf_add(b, S(", "));
            buf_add(b, v.u.ctx->entry[i].key);
            buf_add(b, S(": "));
            write_deep(run, b, v.u.ctx->entry[i].value, true, depth + 1);
        }
        buf_add_char(b, '}');
        break;
    case V_RANGE: write_range(run, b, v.u.range, depth + 1); break;
    case V_FUNC: buf_add(b, S("function")); break;
    default: rule_time_write(b, v); break;
    }
}

void rule_value_write(struct run *run, struct buf *b, struct value v, bool quoted) {
    write_deep(run, b, v, quoted, 0);
}

struct value rule_value_text(struct run *run, struct value v) {
    struct buf b;
    buf_init(&b, run->arena, 48, TEXT_BYTES_MAX);
    rule_value_write(run, &b, v, false);
    if (!buf_ok(&b)) return rule_run_fail(run, ERR_LIMIT, "1 MiB");
    return rule_value_str(buf_str(&b));
}
