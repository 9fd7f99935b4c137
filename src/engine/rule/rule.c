/* rule: the public face of FEEL, and how a run begins and ends; see rule.h. The files behind it, in reading order:
 *   rule_in.h        what they share
 *   rule_lex.c rule_parse.c rule_parse_head.c rule_parse_name.c rule_parse_unary.c   text to nodes
 *   rule_eval.c rule_call.c rule_type.c      nodes to values
 *   rule_value.c rule_math.c rule_time.c rule_time_text.c     the values
 *   rule_words_*.c   the built-in functions
 *   rule_model.c rule_model_type.c rule_boxed.c rule_table.c rule_decide.c rule_check.c rule_mention.c
 *   rule_rows.c      decision models
 *   rule_tck.c       the runner of conformance cases
 */
#include "engine/rule/rule_in.h"

struct feel {
    enum feel_kind kind;
    const struct node *node;
};

void rule_run_init(struct run *run, struct arena *a, const struct model *m, struct err *e) {
    *run = (struct run){ .arena = a, .err = e, .steps = RULE_STEPS_MAX, .model = m };
}

int feel_compile(struct arena *a, struct str text, enum feel_kind kind, const struct str *names, size_t n_names,
                 struct feel **ret, struct err *e) {
    struct feel *f = arena_new(a, struct feel);
    struct scope *given = arena_new(a, struct scope);
    if (!f || !given) return err_set(e, ERR_MEMORY, NULL);
    given->dynamic = true;
    struct source src = { .arena = a, .word = names, .n_word = names ? n_names : 0, .err = e };
    f->kind = kind;
    int rc = kind == FEEL_EXPRESSION ? rule_parse_expression(&src, given, text, &f->node) : rule_parse_tests(&src,
        given,
        text, &f->node);
    if (rc) return rc;
    *ret = f;
    return 0;
}

int feel_eval(const struct feel *f, const struct val *context, struct arena *a, struct val **ret, struct err *e) {
    struct run run;
    struct frame given = { .dynamic = true, .given = context };
    rule_run_init(&run, a, NULL, e);
    struct value v = f->kind == FEEL_EXPRESSION ? rule_eval(&run, f->node, &given)
        : rule_value_tri(rule_eval_test(&run, f->node,
        &given, NULL_VALUE));
    struct val *out = run.rc ? NULL : rule_value_to_val(&run, v);
    if (run.rc) return run.rc;
    if (!out || arena_overflowed(a)) return err_set(e, ERR_MEMORY, NULL);
    *ret = out;
    return 0;
}

void feel_mentions(const struct feel *f, rule_mentioned *tell, void *to) {
    rule_node_mentions(f->node, tell, to);
}

int feel_test(const struct feel *f, const struct val *input, const struct val *context, struct arena *a, bool *ret,
    struct err *e) {
    struct run run;
    struct frame given = { .dynamic = true, .given = context };
    rule_run_init(&run, a, NULL, e);
    bool holds;
    if (f->kind == FEEL_UNARY_TESTS) {
        holds = rule_eval_test(&run, f->node, &given, rule_value_of_val(&run, input)) == TRI_TRUE;
    } else {
        struct value v = rule_eval(&run, f->node, &given);
        holds = v.kind == V_BOOL && v.u.b;
    }
    if (run.rc) return run.rc;
    if (arena_overflowed(a)) return err_set(e, ERR_MEMORY, NULL);
    *ret = holds;
    return 0;
}
