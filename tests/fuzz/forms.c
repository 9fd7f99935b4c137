/* fuzz forms: a form of a system, and what people send to it: any YAML compiles or is refused, and any answers are judged and shown. The input is
 * forms/NAME.yaml, a line of three dashes, then what is typed, as a map (or for a page that repeats also a list). */
#include "data/yaml.h"
#include "engine/form/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct form *f, const struct system *m, struct arena *a, const struct val *typed) {
    const struct val *answers = typed;
    for (size_t i = 0; i < f->n_pages; i++) {
        const struct form_page *p = &f->page[i];
        struct val *out, *errors;
        (void)form_check_page(p, m, p->repeats ? val_get(typed, p->id) : typed, answers, a, &out, &errors,
                              NULL);
        (void)form_page_view(p, m, answers, typed, NULL, S("en"), a);
        if (!p->repeats) continue;
        (void)form_check_entry(p, m, typed, answers, 0, a, &out, &errors, NULL);
        (void)form_check_entry(p, m, typed, answers, 1, a, &out, &errors, NULL);
        if (form_drop_entry(p, answers, 1, a, &out, NULL) == 0 && form_entry(p, out, 1))
            __builtin_trap(); /* gone is gone */
        if (form_entries_whole(p, answers) && val_count(val_get(answers, p->id)) > FORM_ENTRIES_MAX)
            __builtin_trap();
    }
    (void)form_open_page(f, answers, a);
    (void)form_summary(f, m, form_effective(f, answers, a), typed, S(""), S("zh"), a);
    (void)form_freeze(f, answers, typed, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str all = str_make((const char *)data, size);
    size_t cut = str_find(all, S("\n---\n"), 0);
    struct system m = { .release = 1 };
    struct arena a;
    struct val *yaml, *typed = NULL;
    const struct form *f;
    arena_init(&a, "fuzz", 1 << 22);
    for (int p = 0; p < SYSTEM_PARTS; p++) map_init(&m.part[p], &a);
    if (cut != SIZE_MAX) (void)yaml_parse(&a, S("typed"), str_sub(all, cut + 5, size), &typed, NULL);
    if (yaml_parse(&a, S("forms/f.yaml"), str_sub(all, 0, cut == SIZE_MAX ? size : cut + 1), &yaml, NULL) ==
            0 &&
        form_compile(&a, S("forms/f.yaml"), S("f"), yaml, &m, &f, NULL) == 0) {
        use(f, &m, &a, typed);
        use(f->typed, &m, &a, typed);
    }
    arena_done(&a);
    return 0;
}
