/* rule_type: what a value is, and what becomes of one that is put where a type is declared (DMN 1.5 sections
 * 10.3.2.9, 7.3.2). Invariant: a type that refers to itself is followed only as deep as the value goes, and no
 * deeper than the limit.
 */
#include "engine/rule/rule_in.h"

enum { DEEP = 64 };

const struct type *rule_type_builtin(struct str name) {
    static const struct {
        struct str name;
        struct type type;
    } rows[] = {
        { S_INIT("Any"), { .kind = T_ANY } }, { S_INIT("any"), { .kind = T_ANY } }, { S_INIT("Null"),
            { .kind = T_NULL } },
        { S_INIT("number"), { .kind = T_NUM } }, { S_INIT("string"), { .kind = T_STR } }, { S_INIT("boolean"),
            { .kind = T_BOOL } },
        { S_INIT("date"), { .kind = T_DATE } }, { S_INIT("time"), { .kind = T_TIME } },
        { S_INIT("date and time"), { .kind = T_DATETIME } }, { S_INIT("dateTime"), { .kind = T_DATETIME } },
        { S_INIT("days and time duration"), { .kind = T_DTD } }, { S_INIT("dayTimeDuration"), { .kind = T_DTD } },
        { S_INIT("years and months duration"), { .kind = T_YMD } }, { S_INIT("yearMonthDuration"), { .kind = T_YMD } },
        { S_INIT("context"), { .kind = T_CTX } }, { S_INIT("list"), { .kind = T_LIST } },
        { S_INIT("function"), { .kind = T_FUNC } },
    };
    size_t colon = str_find_char(name, ':', 0);
    if (colon != SIZE_MAX) name = str_sub(name, colon + 1, name.len); /* feel:string of DMN 1.1 */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_eq(rows[i].name, name)) return &rows[i].type;
    return NULL;
}

static bool has(struct run *run, const struct type *t, struct value v, bool null_fits, int depth);

static bool has_members(struct run *run, const struct type *t, const struct ctx *c, bool null_fits, int depth) {
    for (size_t i = 0; i < t->n_member; i++) {
        const struct value *x = rule_ctx_find(c, t->member[i].name);
        if (!x) return false;
        if (!has(run, t->member[i].type, *x, true, depth)) return false;
    }
    (void)null_fits;
    return true;
}

static bool has_function(const struct type *t, const struct func *f) {
    if (!t->of && t->n_member == 0) return true;
    size_t n = f->kind == FUNC_LAMBDA ? f->node->n : f->kind == FUNC_WORD ? f->word->form[0].n : f->element->n_param;
    if (n != t->n_member) return false;
    for (size_t i = 0; i < n; i++) {
        const struct type *p = f->kind == FUNC_LAMBDA ? f->node->types[i] : f->kind == FUNC_WORD ? NULL
            : f->element->param_type[i];
        if (p && t->member[i].type && !rule_type_conforms(t->member[i].type, p)) return false;
    }
    const struct type *r = f->kind == FUNC_LAMBDA ? f->node->type : f->kind == FUNC_WORD ? NULL : f->element->type;
    return !r || !t->of || rule_type_conforms(r, t->of);
}

static bool allowed(struct run *run, const struct type *t, struct value v) {
    if (!t->allowed || v.kind == V_NULL) return true;
    return rule_eval_test(run, t->allowed, NULL, v) == TRI_TRUE;
}

static bool has_shape(struct run *run, const struct type *t, struct value v, bool null_fits, int depth) {
    static const uint8_t plain[] = { [T_NUM] = V_NUM, [T_STR] = V_STR, [T_BOOL] = V_BOOL, [T_DATE] = V_DATE,
        [T_TIME] = V_TIME,
        [T_DATETIME] = V_DATETIME, [T_DTD] = V_DTD, [T_YMD] = V_YMD };
    switch (t->kind) {
    case T_ANY: return true;
    case T_NULL: return v.kind == V_NULL;
    case T_LIST:
        if (v.kind != V_LIST) return false;
        for (size_t i = 0; t->of && i < v.u.list->n; i++)
            if (!has(run, t->of, v.u.list->item[i], null_fits, depth + 1)) return false;
        return true;
    case T_CTX: return v.kind == V_CTX && has_members(run, t, v.u.ctx, null_fits, depth + 1);
    case T_RANGE:
        if (v.kind != V_RANGE) return false;
        if (!t->of) return true;
        if (v.u.range->low.kind != V_NULL && !has(run, t->of, v.u.range->low, false, depth + 1)) return false;
        return v.u.range->high.kind == V_NULL || has(run, t->of, v.u.range->high, false, depth + 1);
    case T_FUNC: return v.kind == V_FUNC && has_function(t, v.u.func);
    default: return v.kind == (enum kind)plain[t->kind];
    }
}

static bool has(struct run *run, const struct type *t, struct value v, bool null_fits, int depth) {
    if (!t) return true;
    if (depth > DEEP) return false;
    if (v.kind == V_NULL && null_fits) return true;
    /* An item definition that was not read yet when this one was: followed now. */
    if (t->kind == T_ANY && t->of) return has(run, t->of, v, null_fits, depth + 1) && allowed(run, t, v);
    return has_shape(run, t, v, null_fits, depth) && allowed(run, t, v);
}

bool rule_type_has(struct run *run, const struct type *t, struct value v) {
    if (v.kind == V_NULL) return t->kind == T_NULL;
    return has(run, t, v, false, 0);
}

static const struct type *followed(const struct type *t) {
    for (int i = 0; i < DEEP && t && t->kind == T_ANY && t->of; i++) t = t->of;
    return t;
}

static bool conforms(const struct type *t, const struct type *to, int depth) {
    t = followed(t);
    to = followed(to);
    if (!to || to->kind == T_ANY || !t || t == to) return true;
    if (t->kind == T_NULL) return true;
    if (t->kind != to->kind || depth > DEEP) return false;
    switch (to->kind) {
    case T_LIST:
    case T_RANGE: return conforms(t->of, to->of, depth + 1);
    case T_CTX:
        for (size_t i = 0; i < to->n_member; i++) {
            size_t k = 0;
            while (k < t->n_member && !str_eq(t->member[k].name, to->member[i].name)) k++;
            if (k == t->n_member || !conforms(t->member[k].type, to->member[i].type, depth + 1)) return false;
        }
        return true;
    case T_FUNC:
        if (t->n_member != to->n_member) return false;
        for (size_t i = 0; i < t->n_member; i++)
            if (!conforms(to->member[i].type, t->member[i].type, depth + 1)) return false;
        return conforms(t->of, to->of, depth + 1);
    default: return true;
    }
}

bool rule_type_conforms(const struct type *t, const struct type *to) {
    return conforms(t, to, 0);
}

struct value rule_type_coerce(struct run *run, const struct type *declared, struct value v, bool *fits) {
    const struct type *t = declared && declared->allowed ? declared : followed(declared);
    *fits = true;
    if (!t || v.kind == V_NULL || has(run, t, v, true, 0)) return v;
    /* A list of one where one is wanted, one where a list is wanted, a date where a date and time is wanted. */
    if (v.kind == V_LIST && v.u.list->n == 1 && t->kind != T_LIST) {
        struct value one = v.u.list->item[0];
        if (has(run, t, one, true, 0)) return one;
    }
    if (t->kind == T_LIST && v.kind != V_LIST) {
        struct value list = rule_list_of(run, &v, 1);
        if (list.kind == V_LIST && has(run, t, list, true, 0)) return list;
    }
    if (t->kind == T_DATETIME && v.kind == V_DATE) return rule_moment_value(run, V_DATETIME,
        rule_date_midnight_utc(v.u.date));
    *fits = false;
    return NULL_VALUE;
}
