/* release_example: what an item's own scenario answers, for previews; see release_templates.h.
 * Invariant: nobody's data: a scenario's people are made up.
 */
#include "data/yaml.h"
#include "engine/form/form.h"
#include "release/release_templates.h"


/* The steps of a scenario that applies for the item, and is not refused. */
static const struct val *steps_of(const struct val *yaml, struct str item) {
    const struct val *steps = val_get(yaml, S("steps"));
    for (size_t i = 0; i < val_count(steps); i++) {
        const struct val *s = val_item(steps, i);
        if (str_eq(val_get_str(s, S("do")), S("apply")) && str_eq(val_get_str(s, S("item")), item) &&
            !val_get(s, S("refused")))
            return steps;
    }
    return NULL;
}

/* Answers as a case would hold them: of pages, of entries under their page, of officers' forms. */
static struct val *answers_of(struct arena *a, const struct val *steps) {
    struct val *answers = val_map(a);
    for (size_t i = 0; i < val_count(steps); i++) {
        const struct val *s = val_item(steps, i), *with = val_get(s, S("with"));
        struct str what = val_get_str(s, S("do")), page = val_get_str(s, S("page"));
        if (!with || val_get(s, S("refused"))) continue;
        if (str_eq(what, S("add"))) {
            struct val *list = (struct val *)(uintptr_t)val_get(answers, page);
            if (!list) val_put(a, answers, page, list = val_list(a));
            val_push(a, list, val_copy(a, with));
        } else if (str_eq(what, S("answer")) || str_eq(what, S("decide")))
            for (size_t k = 0; k < val_pairs(with); k++)
                if (with->u.map.pair[k].value->kind != VAL_MAP) /* somebody of the demo city */
                    val_put(a, answers, with->u.map.pair[k].key, val_copy(a, with->u.map.pair[k].value));
    }
    return answers;
}

static void put_texts(struct arena *a, const struct system *m, const struct form_page *p,
                      const struct val *answers, struct val *into) {
    for (size_t i = 0; i < p->n_questions; i++) {
        const struct form_question *q = &p->question[i];
        if (q->kind != FORM_REGISTRY && val_get(answers, q->id))
            val_put_str(a, into, q->id, form_answer_text(q, m, answers, S("zh"), a));
    }
}

static void put_form(struct arena *a, const struct system *m, const struct form *f,
                     const struct val *answers, struct val *into) {
    for (size_t i = 0; f && i < f->n_pages; i++) {
        const struct form_page *p = &f->page[i];
        const struct val *entries = p->repeats ? val_get(answers, p->id) : NULL;
        struct val *list = val_list(a);
        if (!p->repeats) put_texts(a, m, p, answers, into);
        for (size_t k = 0; entries && entries->kind == VAL_LIST && k < val_count(entries); k++) {
            struct val *one = val_map(a);
            val_put_i64(a, one, S("place"), (int64_t)k + 1);
            put_texts(a, m, p, val_item(entries, k), one);
            val_push(a, list, one);
        }
        if (val_count(list)) val_put(a, into, p->id, list);
    }
}

void release_example(struct arena *a, const struct system *m, const struct release_files *files,
                     const struct item_type *t, struct val *view) {
    const struct flow_model *flow = system_find(m, SYSTEM_FLOW, t->flow);
    struct val *best = val_map(a), *into = (struct val *)(uintptr_t)val_get(view, S("answers"));
    for (size_t i = 0; i < files->n; i++) {
        struct val *yaml;
        if (!str_starts(files->file[i].path, S("cases/")) ||
            yaml_parse(a, files->file[i].path, files->file[i].bytes, &yaml, NULL))
            continue;
        struct val *answers = answers_of(a, steps_of(yaml, t->id));
        if (val_count(answers) > val_count(best)) best = answers;
    }
    if (!into) return;
    put_form(a, m, system_find(m, SYSTEM_FORM, t->form), best, into);
    for (size_t i = 0; flow && i < flow->n_element; i++)
        if (flow->element[i].form.len)
            put_form(a, m, system_find(m, SYSTEM_FORM, flow->element[i].form), best, into);
}
