/* item_words: checks a process against its release: service words, roles, forms, decisions, limits, FEEL; see item_flow.c for what the
 * words do. Invariant: each FEEL text of a compiled process stands compiled in system->feel.
 */
#include "engine/item/item.h"

#include "engine/clock/clock.h"
#include "engine/flow/flow.h"
#include "engine/rule/rule.h"

struct checking {
    struct arena *a;
    struct system *m;
};

static int check_feel(void *context, struct str text, struct err *e) {
    struct checking *c = context;
    struct feel *f;
    int rc = feel_compile(c->a, arena_str(c->a, text), FEEL_EXPRESSION, NULL, 0, &f, e);
    if (!rc && !map_put(&c->m->feel, arena_str(c->a, text), f)) rc = err_set(e, ERR_MEMORY, NULL);
    return rc;
}

static int check_limit(void *context, struct str text, struct err *e) {
    struct clock_limit limit;
    (void)context;
    return clock_limit_parse(text, &limit, e);
}

static int check_act(void *context, struct str word, struct err *e) {
    (void)context;
    return item_flow_word(word) ? 0 : err_set(e, ERR_SYSTEM, "没有这个服务：%.*s", STR_ARG(word));
}

static int check_part(void *context, enum system_part part, struct str name, const char *what, struct err *e) {
    struct checking *c = context;
    return system_find(c->m, part, name) ? 0 : err_set(e, ERR_SYSTEM, "%s：%.*s", what, STR_ARG(name));
}

static int check_decision(void *context, struct str name, struct err *e) {
    return check_part(context, SYSTEM_RULE, name, "没有这个决策", e);
}

static int check_form(void *context, struct str name, struct err *e) {
    return check_part(context, SYSTEM_FORM, name, "没有这个表单", e);
}

static bool declares(const struct system *m, struct str role) {
    const struct access_role *roles;
    size_t n = access_roles(m->access, &roles);
    for (size_t i = 0; i < n; i++)
        if (str_eq(roles[i].id, role)) return true;
    return false;
}

static int check_role(void *context, struct str name, struct err *e) {
    struct checking *c = context;
    bool found = str_eq(name, S("applicant")) || declares(c->m, name);
    for (size_t i = 0; !found && i < c->m->n_needs; i++) found = declares(c->m->needs[i], name);
    return found ? 0 : err_set(e, ERR_SYSTEM, "没有这个角色：%.*s", STR_ARG(name));
}

int item_flow_compile(struct arena *a, struct str file, struct str bytes, struct system *m, struct flow_model **ret, struct err *e) {
    struct checking context = { a, m };
    struct flow_check check = { .context = &context, .feel = check_feel, .limit = check_limit, .act = check_act, .decision = check_decision,
                                .role = check_role, .form = check_form };
    struct flow_findings *f = arena_new(a, struct flow_findings);
    if (!f) return err_set(e, ERR_MEMORY, NULL);
    int rc = flow_compile(a, file, bytes, &check, ret, f, e);
    for (size_t i = 0; rc && i < f->n; i++)
        if (!f->item[i].warning)
            return err_line(e, ERR_SYSTEM, file, f->item[i].line, "%.*s：%.*s",
                            STR_ARG(f->item[i].id), STR_ARG(f->item[i].text));
    return rc;
}
