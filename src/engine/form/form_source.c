/* form_source: what a form takes of the registries, and the same form for who types it himself; see form.h.
 * Invariant: who applies (name and key of the record) is known from the sign-in and never typed; everything else may be.
 */
#include "engine/form/form_impl.h"

#include "engine/code/code_set.h"

enum { RADIOS_MAX = 7, SELECT_MAX = 100, LINE_MAX_CHARS = 200 };

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

bool form_takes(const struct form_question *q) {
    return q->kind == FORM_REGISTRY || (q->kind == FORM_ADDRESS && q->from.len);
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
            if (!form_takes(q) || form_identifies(m, q->from)) continue;
            f->reads = true;
            if (q->kind == FORM_ADDRESS) { /* asked as it is, with nothing filled in */
                q->from = S("");
                continue;
            }
            t->page[i].hint = S(""); /* it tells of what is filled in */
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

/* Few codes side by side, more in a list; one of very many is typed. */
static enum form_kind kind_of_codes(const struct code_set *set) {
    size_t n = set ? code_set_count(set) : 0;
    return n == 0 || n > SELECT_MAX ? FORM_TEXT : n > RADIOS_MAX ? FORM_SELECT : FORM_CHOICE;
}

int form_of_record(struct arena *a, const struct system *m, const struct record_type *t, bool known, const struct form_page **ret,
                   struct err *e) {
    struct form_page *p = arena_new(a, struct form_page);
    if (p) p->question = arena_array(a, t->n_fields, sizeof *p->question);
    if (!p || !p->question) return err_set(e, ERR_MEMORY, NULL);
    p->id = t->id;
    p->title = t->title;
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct record_field *f = &t->field[i];
        struct form_question *q = &p->question[p->n_questions++];
        *q = (struct form_question){ .id = f->name, .title = f->title,
                                     .kind = kind_for(f), .required = f->required && !(known && f->personal),
                                    
                                     .length_max = f->length_max ? f->length_max : 200, .least = INT64_MIN, .most = INT64_MAX };
        if (q->kind == FORM_TEXT && q->length_max > LINE_MAX_CHARS) q->kind = FORM_LONG;
        if (f->kind == RECORD_FLAG) q->kind = FORM_YES_NO;
        if (f->kind == RECORD_CODE) q->kind = kind_of_codes(system_find(m, SYSTEM_CODE, f->code));
        if (q->kind == FORM_CHOICE || q->kind == FORM_SELECT) q->code = f->code, q->every = true;
    }
    *ret = p;
    return 0;
}
