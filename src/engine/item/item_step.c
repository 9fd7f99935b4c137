/* item_step: what officers write down at a step: the form of a user task (tb:form), such as a number that was given out or what was
 * found on the spot. Invariants
 *  1. It stands in the case's body under `given`, beside the applicant's answers and never among them; decisions, papers and registries
 *     read both by question id.
 *  2. Only a move that goes on takes it; who refuses, fails or asks for a supplement has his opinion for that.
 *  3. A part sees of it what the pages' `parts` say, as of the applicant's answers.
 */
#include "engine/item/item_rows.h"

const struct form *item_step_form(const struct item_case *c, struct str element) {
    const struct flow_model *m = system_find(c->system, SYSTEM_FLOW, c->type->flow);
    const struct flow_element *el = m ? flow_element_find(m, element) : NULL;
    return el && el->form.len ? system_find(c->system, SYSTEM_FORM, el->form) : NULL;
}

/* The i-th form of the process that some step before has not. */
static const struct form *form_at(const struct item_case *c, const struct flow_model *m, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (str_eq(m->element[k].form, m->element[i].form)) return NULL;
    return m->element[i].form.len ? system_find(c->system, SYSTEM_FORM, m->element[i].form) : NULL;
}

void item_given_each(const struct item_case *c, item_given_form *f, void *to) {
    const struct flow_model *m = system_find(c->system, SYSTEM_FLOW, c->type->flow);
    for (size_t i = 0; m && i < m->n_element; i++) {
        const struct form *form = form_at(c, m, i);
        if (form) f(to, form);
    }
}

static bool goes_on(struct str move) {
    return !str_eq(move, S("refuse")) && !str_eq(move, S("fail")) && !str_eq(move, S("supplement"));
}

int item_given_take(struct item_case *c, struct str element, struct str move, const struct val *input, struct arena *a,
                    struct val **vars, struct val **errors, struct err *e) {
    const struct form *f = item_step_form(c, element);
    const struct val *names = val_get(c->type->about, S("variables"));
    struct val *given = val_copy(a, val_get(c->body, S("given"))), *ignored = NULL;
    static const struct val nothing = { .kind = VAL_MAP };
    int rc = 0;
    *vars = NULL;
    if (!f || !goes_on(move)) return 0;
    for (size_t i = 0; !rc && i < f->n_pages; i++)
        rc = form_check_page(&f->page[i], c->system, input ? input : &nothing, given, a, &given, errors ? errors : &ignored, e);
    if (rc) return rc;
    val_put(a, c->body, S("given"), given);
    struct val *all = item_flow_vars(c, a);
    *vars = val_map(a);
    for (size_t i = 0; i < val_count(names); i++) {
        struct str name = val_text(val_item(names, i));
        if (form_question(f, name)) val_put(a, *vars, name, val_copy(a, val_get(all, name)));
    }
    return 0;
}

/* ---- views ---- */

struct showing {
    const struct item_case *c;
    struct str part, lang;
    struct arena *a;
    struct val *pages;
};

static void show(void *to, const struct form *f) {
    struct showing *x = to;
    const struct val *given = val_get(x->c->body, S("given"));
    struct val *pages = form_summary(f, x->c->system, given, NULL, x->part, x->lang, x->a);
    for (size_t i = 0; i < val_count(pages); i++) {
        const struct form_page *p = form_page(f, val_get_str(val_item(pages, i), S("id")));
        bool any = false;
        for (size_t k = 0; k < p->n_questions; k++) any |= val_truthy(val_get(given, p->question[k].id));
        val_put_bool(x->a, pages->u.list.item[i], S("changeable"), false);
        if (any) val_push(x->a, x->pages, pages->u.list.item[i]);
    }
}

void item_given_show(const struct item_case *c, struct str part, struct str lang, struct val *pages, struct arena *a) {
    struct showing x = { c, part, lang, a, pages };
    if (val_count(val_get(c->body, S("given")))) item_given_each(c, show, &x);
}

void item_given_ask(const struct item_case *c, const struct flow_task *t, struct str lang, struct val *v, struct arena *a) {
    const struct form *f = t->ended_ms ? NULL : item_step_form(c, t->element);
    struct val *questions = val_list(a);
    for (size_t i = 0; f && i < f->n_pages; i++) {
        struct val *page = form_page_view(&f->page[i], c->system, val_get(c->body, S("given")), NULL, NULL, lang, a);
        const struct val *list = val_get(page, S("questions"));
        for (size_t k = 0; k < val_count(list); k++) val_push(a, questions, list->u.list.item[k]);
    }
    val_put(a, v, S("asks"), questions);
}
