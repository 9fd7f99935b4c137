/* rule_call: calling: words, functions of an expression, knowledge models, services (DMN 1.5 sections 10.3.2.13.2,
 * 10.4). An argument that does not fit its parameter's type, or a call that does not fit the parameters, gives
 * null: the body is not run.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

enum { PARAMS_MAX = 64 };

/* ---- words ---- */

static size_t param_at(const struct form *f, struct str name) {
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(str_of(f->param[i]), name)) return i;
    return SIZE_MAX;
}

static bool fits_named(const struct form *f, const struct str *name, size_t n) {
    if (f->variadic || n > f->n || n < f->least) return false;
    for (size_t i = 0; i < n; i++)
        if (param_at(f, name[i]) == SIZE_MAX) return false;
    return true;
}

/* A list of one is its item where no list is wanted. */
static struct value unwrapped(const struct word *w, struct value v, size_t param) {
    if (v.kind == V_LIST && v.u.list->n == 1 && !(w->keeps >> param & 1)) return v.u.list->item[0];
    return v;
}

static struct value call_word_named(struct run *run, const struct word *w, const struct value *arg,
    const struct str *name, size_t n) {
    for (int k = 0; k < w->n_form; k++) {
        const struct form *f = &w->form[k];
        struct value set[WORD_PARAMS_MAX];
        bool given[WORD_PARAMS_MAX] = { false };
        size_t top = 0;
        if (!fits_named(f, name, n)) continue;
        for (size_t i = 0; i < WORD_PARAMS_MAX; i++) set[i] = NULL_VALUE;
        for (size_t i = 0; i < n; i++) {
            size_t at = param_at(f, name[i]);
            set[at] = unwrapped(w, arg[i], at);
            given[at] = true;
            if (at + 1 > top) top = at + 1;
        }
        bool whole = true;
        for (size_t i = 0; i < f->least; i++) whole &= given[i];
        if (whole) return w->fn(run, set, top, k);
    }
    return NULL_VALUE;
}

static struct value call_word(struct run *run, const struct word *w, const struct value *arg, size_t n) {
    for (int k = 0; k < w->n_form; k++) {
        const struct form *f = &w->form[k];
        if (!f->variadic && n >= f->least && n <= f->n) {
            struct value set[WORD_PARAMS_MAX];
            for (size_t i = 0; i < WORD_PARAMS_MAX; i++) set[i] = i < n ? unwrapped(w, arg[i], i) : NULL_VALUE;
            /* One value where a list is wanted is left to the form for any number of values. */
            if (n == 1 && arg[0].kind != V_LIST && arg[0].kind != V_NULL && k + 1 < w->n_form
                && w->form[k + 1].variadic) continue;
            return w->fn(run, set, n, k);
        }
        if (f->variadic && n >= f->least) {
            struct value list = rule_list_of(run, arg, n);
            return list.kind == V_LIST ? w->fn(run, &list, 1, k) : NULL_VALUE;
        }
    }
    return NULL_VALUE;
}

/* ---- functions with named parameters ---- */

/* Puts arguments in the order of the parameters; false where they do not match. */
static bool arrange(const struct str *param, size_t n_param, const struct value *arg, const struct str *name, size_t n,
                    struct value *out) {
    if (n != n_param || n > PARAMS_MAX) return false;
    if (!name) {
        if (n) memcpy(out, arg, n * sizeof *out);
        return true;
    }
    for (size_t p = 0; p < n_param; p++) {
        size_t i = 0;
        while (i < n && !str_eq(name[i], param[p])) i++;
        if (i == n) return false;
        out[p] = arg[i];
    }
    return true;
}

static struct value call_lambda(struct run *run, const struct func *f, const struct value *arg,
    const struct str *name, size_t n) {
    const struct node *fn = f->node;
    struct frame *frame = rule_run_alloc(run, 1, sizeof *frame);
    struct value *v = rule_run_alloc(run, fn->n, sizeof *v);
    bool fits;
    if (!frame || !v || !arrange(fn->name, fn->n, arg, name, n, v)) return NULL_VALUE;
    for (uint16_t i = 0; i < fn->n; i++) {
        if (!fn->types[i]) continue;
        v[i] = rule_type_coerce(run, fn->types[i], v[i], &fits);
        if (!fits) return NULL_VALUE;
    }
    *frame = (struct frame){ .up = f->env, .v = v, .n = fn->n };
    struct value r = rule_eval(run, fn->a, frame);
    return fn->type ? rule_type_coerce(run, fn->type, r, &fits) : r;
}

static struct value call_element(struct run *run, const struct element *e, const struct value *arg,
    const struct str *name, size_t n) {
    struct value *v = rule_run_alloc(run, e->n_param, sizeof *v);
    bool fits;
    if (!v || !arrange(e->param, e->n_param, arg, name, n, v)) return NULL_VALUE;
    for (size_t i = 0; i < e->n_param; i++) {
        if (!e->param_type[i]) continue;
        v[i] = rule_type_coerce(run, e->param_type[i], v[i], &fits);
        if (!fits) return NULL_VALUE;
    }
    if (e->kind == E_SERVICE) return rule_call_service(run, e, v);
    struct frame *frame = rule_run_alloc(run, 1, sizeof *frame);
    if (!frame || !e->body) return NULL_VALUE;
    *frame = (struct frame){ .v = v, .n = e->n_param };
    struct value r = rule_eval(run, e->body, frame);
    return e->type ? rule_type_coerce(run, e->type, r, &fits) : r;
}

struct value rule_call_value(struct run *run, struct value f, const struct value *arg, const struct str *name,
    size_t n) {
    if (f.kind != V_FUNC || run->rc) return NULL_VALUE;
    if (run->depth >= RULE_DEPTH_MAX) return rule_run_fail(run, ERR_LIMIT, "400");
    run->depth++;
    struct value r = NULL_VALUE;
    switch (f.u.func->kind) {
    case FUNC_WORD: r = name ? call_word_named(run, f.u.func->word, arg, name, n) : call_word(run, f.u.func->word,
        arg, n); break;
    case FUNC_LAMBDA: r = call_lambda(run, f.u.func, arg, name, n); break;
    case FUNC_KNOWLEDGE:
    case FUNC_SERVICE: r = call_element(run, f.u.func->element, arg, name, n); break;
    }
    run->depth--;
    return r;
}

/* ---- the table of words ---- */

size_t rule_word_count(void) {
    return rule_n_words_convert + rule_n_words_text + rule_n_words_list + rule_n_words_number +
           rule_n_words_range + rule_n_words_time;
}

const struct word *rule_word_at(size_t i) {
    const struct {
        const struct word *w;
        size_t n;
    } parts[] = { { rule_words_convert, rule_n_words_convert }, { rule_words_text, rule_n_words_text },
        { rule_words_list, rule_n_words_list },
        { rule_words_number, rule_n_words_number }, { rule_words_range, rule_n_words_range }, { rule_words_time,
            rule_n_words_time } };
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        if (i < parts[p].n) return &parts[p].w[i];
        i -= parts[p].n;
    }
    return NULL;
}

const struct word *rule_word_find(struct str name) {
    const struct word *w;
    for (size_t i = 0; (w = rule_word_at(i)); i++)
        if (str_eq(str_of(w->name), name)) return w;
    return NULL;
}
