/* rule_decide: evaluates the elements of a model (DMN 1.5 section 10.4): each decision at most once in a run, when
 * it is first asked for; a decision that needs itself is null. A service runs apart, with its inputs in place of
 * what they stand for. Invariant: a slot goes EMPTY -> BUSY -> DONE and never back within a run.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

static struct value function_value(struct run *run, const struct element *e) {
    struct func *f = rule_run_alloc(run, 1, sizeof *f);
    if (!f) return NULL_VALUE;
    *f = (struct func){ .kind = e->kind == E_SERVICE ? FUNC_SERVICE : FUNC_KNOWLEDGE, .element = e };
    return (struct value){ .kind = V_FUNC, .u.func = f };
}

struct value rule_decide_slot(struct run *run, uint32_t slot) {
    const struct element *e = &run->model->element[slot];
    bool fits;
    if (e->kind == E_KNOWLEDGE || e->kind == E_SERVICE) return function_value(run, e);
    if (e->kind != E_DECISION || !e->body) return NULL_VALUE;
    struct value v = rule_eval(run, e->body, NULL);
    return e->type ? rule_type_coerce(run, e->type, v, &fits) : v;
}

struct value rule_slot_value(struct run *run, uint32_t slot) {
    struct slot *s = &run->slot[slot];
    if (s->state == RULE_SLOT_DONE) return s->value;
    if (s->state == RULE_SLOT_BUSY) return NULL_VALUE;
    s->state = RULE_SLOT_BUSY;
    s->value = rule_decide_slot(run, slot);
    s->state = RULE_SLOT_DONE;
    return s->value;
}

struct value rule_call_service(struct run *run, const struct element *e, const struct value *arg) {
    struct run apart = *run;
    bool fits;
    apart.slot = rule_run_alloc(run, run->model->n_element, sizeof *apart.slot);
    if (!apart.slot) return NULL_VALUE;
    for (size_t i = 0; i < run->model->n_element; i++)
        if (run->model->element[i].kind == E_INPUT) apart.slot[i].state = RULE_SLOT_DONE;
    for (size_t i = 0; i < e->n_param; i++) apart.slot[e->param_slot[i]] = (struct slot){ RULE_SLOT_DONE, arg[i] };
    struct value out = NULL_VALUE;
    if (e->n_output == 1) {
        out = rule_slot_value(&apart, e->output[0]);
    } else {
        struct entry *entry = rule_run_alloc(run, e->n_output, sizeof *entry);
        for (size_t i = 0; entry && i < e->n_output; i++)
            entry[i] = (struct entry){ run->model->element[e->output[i]].name, rule_slot_value(&apart, e->output[i]) };
        if (entry) out = rule_ctx_of(run, entry, e->n_output);
    }
    run->steps = apart.steps;
    run->now_ms = apart.now_ms;
    if (run->rc == 0) run->rc = apart.rc;
    return e->type ? rule_type_coerce(run, e->type, out, &fits) : out;
}

/* ---- from struct val ---- */

/* Text to the types that JSON or a form does not have, where the declared type asks for them: dates and times, and
 * numbers and truth values that a form holds as text. */
static struct value typed(struct run *run, const struct type *t, struct value v, int depth) {
    struct moment m;
    struct value r = { .kind = V_NULL };
    if (!t || depth > RULE_NESTING_MAX) return v;
    if (v.kind == V_STR) switch (t->kind) {
        case T_DATE: return rule_date_parse(v.u.s, &r.u.date) ? (r.kind = V_DATE, r) : v;
        case T_TIME: return rule_time_parse(run, v.u.s, &m) ? rule_moment_value(run, V_TIME, m) : v;
        case T_DATETIME: return rule_datetime_parse(run, v.u.s, &m) ? rule_moment_value(run, V_DATETIME, m) : v;
        case T_DTD:
        case T_YMD: return rule_duration_parse(v.u.s, &r) ? r : v;
        case T_NUM: return decimal_parse(str_trim(v.u.s), &r.u.num) ? (r.kind = V_NUM, r) : v;
        case T_BOOL: return str_eq(v.u.s, S("true")) ? rule_value_bool(true) : str_eq(v.u.s, S("false"))
            ? rule_value_bool(false) : v;
        default: return v;
        }
    if (v.kind == V_LIST && t->kind == T_LIST) {
        struct vec out = { .run = run };
        for (size_t i = 0; i < v.u.list->n; i++) rule_vec_add(&out, typed(run, t->of, v.u.list->item[i], depth + 1));
        return rule_vec_list(&out);
    }
    if (v.kind == V_CTX && t->kind == T_CTX) {
        struct entry *entry = rule_run_alloc(run, v.u.ctx->n, sizeof *entry);
        if (!entry) return NULL_VALUE;
        for (size_t i = 0; i < v.u.ctx->n; i++) {
            entry[i] = v.u.ctx->entry[i];
            for (size_t k = 0; k < t->n_member; k++)
                if (str_eq(t->member[k].name, entry[i].key)) entry[i].value = typed(run, t->member[k].type,
                    entry[i].value, depth + 1);
        }
        return rule_ctx_of(run, entry, v.u.ctx->n);
    }
    return v;
}

static void set_inputs(struct run *run, const struct model *m, const struct val *input) {
    for (size_t i = 0; i < m->n_element; i++) {
        const struct element *e = &m->element[i];
        bool fits;
        if (e->kind != E_INPUT) continue;
        const struct val *in = e->prefix.len ? val_get(val_path(input, e->prefix), e->name) : NULL;
        if (!in) in = val_get(input, e->name);
        struct value v = typed(run, e->type, rule_value_of_val(run, in), 0);
        run->slot[i] = (struct slot){ RULE_SLOT_DONE, e->type ? rule_type_coerce(run, e->type, v, &fits) : v };
    }
}

/* By name or id; decisions and services before others, the model's own before imported ones. */
static const struct element *find(const struct model *m, struct str name) {
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < m->n_element; i++) {
            const struct element *e = &m->element[i];
            bool decides = e->kind == E_DECISION || e->kind == E_SERVICE;
            if (decides == (pass == 0) && (str_eq(e->name, name) || (e->id.len && str_eq(e->id, name)))) return e;
        }
    return NULL;
}

static struct value run_service(struct run *run, const struct element *e, const struct val *input) {
    struct value *arg = rule_run_alloc(run, e->n_param, sizeof *arg);
    if (!arg) return NULL_VALUE;
    for (size_t i = 0; i < e->n_param; i++) {
        bool fits;
        arg[i] = typed(run, e->param_type[i], rule_value_of_val(run, val_get(input, e->param[i])), 0);
        if (e->param_type[i]) arg[i] = rule_type_coerce(run, e->param_type[i], arg[i], &fits);
    }
    return rule_call_service(run, e, arg);
}

int dmn_decide(const struct model *m, struct str decision, const struct val *input, struct arena *a, struct val **ret,
               struct val **explain, struct err *e) {
    struct run run;
    const struct element *el = find(m, decision);
    if (!el || el->kind == E_KNOWLEDGE) return err_field(e, ERR_NOT_FOUND, decision, NULL);
    rule_run_init(&run, a, m, e);
    run.slot = rule_run_alloc(&run, m->n_element, sizeof *run.slot);
    if (explain) run.explain = *explain = val_list(a);
    if (!run.slot) return run.rc;
    set_inputs(&run, m, input);
    struct value v = el->kind == E_SERVICE ? run_service(&run, el, input) : rule_slot_value(&run, el->slot);
    struct val *out = run.rc ? NULL : rule_value_to_val(&run, v);
    if (run.rc) return run.rc;
    if (!out || arena_overflowed(a)) return err_set(e, ERR_MEMORY, NULL);
    *ret = out;
    return 0;
}
