/* form_source: what a form takes of the registries, and the same form for who types it himself; see form.h.
 * Invariant: who applies (name and key of the record) is known from the sign-in and never typed; everything else may be.
 */
#include "engine/form/form_impl.h"

bool form_source(const struct system *m, struct str path, const struct record_type **type,
                 const struct record_field **field) {
    struct str what, rest = path;
    if (!str_cut(&rest, '.', &what)) return false;
    bool person = str_eq(what, S("applicant"));
    if (!person && !str_eq(what, S("company"))) return false;
    *type = system_find(m, SYSTEM_RECORD, person ? S("person") : what);
    *field = *type ? record_field(*type, rest) : NULL;
    return *field != NULL;
}

bool form_identifies(const struct system *m, struct str path) {
    const struct record_type *t;
    const struct record_field *f;
    return form_source(m, path, &t, &f) && (str_eq(f->name, t->key) || str_eq(f->name, S("name")));
}

/* The kind of question that asks for a registry's element. */
static enum form_kind kind_for(const struct record_field *f) {
    if (str_eq(f->format, S("citizen-id"))) return FORM_CITIZEN_ID;
    if (str_eq(f->format, S("mobile"))) return FORM_PHONE;
    if (f->kind == RECORD_CODE) return FORM_SELECT;
    return f->kind == RECORD_DATE ? FORM_DATE : f->kind == RECORD_INTEGER ? FORM_INTEGER : FORM_TEXT;
}

int form_make_typed(struct arena *a, const struct system *m, struct form *f, struct err *e) {
    struct form *t = arena_new(a, struct form);
    if (!t) return err_set(e, ERR_MEMORY, NULL);
    *t = *f;
    t->page = arena_array(a, f->n_pages, sizeof *t->page);
    if (!t->page) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < f->n_pages; i++) {
        t->page[i] = f->page[i];
        t->page[i].question = arena_array(a, f->page[i].n_questions, sizeof *t->page[i].question);
        if (!t->page[i].question) return err_set(e, ERR_MEMORY, NULL);
        f->reads |= f->page[i].records.len > 0;
        for (size_t k = 0; k < f->page[i].n_questions; k++) {
            const struct record_type *type;
            const struct record_field *field;
            struct form_question *q = &t->page[i].question[k];
            *q = f->page[i].question[k];
            if (q->kind != FORM_REGISTRY || form_identifies(m, q->from)) continue;
            f->reads = true;
            bool known = form_source(m, q->from, &type, &field);
            q->kind = known ? kind_for(field) : FORM_TEXT;
            q->required = true;
            if (q->kind == FORM_SELECT) q->code = field->code;
            if (known && field->length_max) q->length_max = field->length_max;
        }
    }
    t->reads = f->reads;
    t->typed = t;
    f->typed = t;
    return 0;
}
