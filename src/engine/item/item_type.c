/* item_type: reads items/NAME.yaml, whose keys are the elements of GB/T 39046-2020 table 4 and GB/T 39554.2; see item.h.
 * Invariant: whatever a compiled item names (form, process, decisions, papers, code values) exists in the release.
 */
#include "engine/item/item_rows.h"

#include "engine/clock/clock.h"

static int missing(struct str file, const struct val *v, const char *key, struct err *e) {
    return err_line(e, ERR_SYSTEM, file, v ? v->line : 1, "缺少 %s", key);
}

static int read_part(struct arena *a, struct str file, const struct val *v, const struct system *m, struct item_part *p, struct err *e) {
    (void)a;
    *p = (struct item_part){ .id = val_get_str(v, S("id")), .title = val_get_str(v, S("title")), .unit_kind = val_get_str(v, S("unit")),
                             .role = val_get_str(v, S("role")), .paper = val_get_str(v, S("paper")),
                             .refusal = val_get_str(v, S("refusal")),
                             .valid_months = val_get_i64(v, S("valid_months"), 0), .about = v };
    if (p->id.len == 0 || p->title.len == 0) return missing(file, v, "id、title", e);
    if (p->unit_kind.len == 0 || p->role.len == 0) return missing(file, v, "unit、role", e);
    const struct str papers[] = { p->paper, p->refusal };
    for (size_t i = 0; i < 2; i++)
        if (papers[i].len && !system_find(m, SYSTEM_PAPER, papers[i]))
            return err_line(e, ERR_SYSTEM, file, v->line, "没有这个文书：%.*s", STR_ARG(papers[i]));
    return 0;
}

static int read_material(struct str file, const struct val *v, struct item_material *p, struct err *e) {
    *p = (struct item_material){ .id = val_get_str(v, S("id")), .name = val_get_str(v, S("name")), .hint = val_get_str(v, S("hint")),
                                 .form = val_get_str(v, S("form")), .source = val_get_str(v, S("source")), .parts = val_get(v, S("parts")),
                                 .kind = val_get_str(v, S("kind")), .keeps = val_get_str(v, S("keeps")), .papers = val_get(v, S("papers")),
                                 .about = v, .required = val_get_bool(v, S("required"), true),
                                 .size_bytes_max = val_get_i64(v, S("max_mb"), 10) * 1024 * 1024 };
    struct clock_limit keeps;
    if (p->id.len == 0 || p->name.len == 0) return missing(file, v, "id、name", e);
    if ((p->kind.len != 0) != (p->keeps.len != 0)) return missing(file, v, "kind、keeps", e);
    if (p->keeps.len && clock_limit_parse(p->keeps, &keeps, e))
        return err_line(e, ERR_SYSTEM, file, v->line, "时限写错了：%.*s", STR_ARG(p->keeps));
    return 0;
}

static int read_lists(struct arena *a, struct str file, const struct val *yaml, const struct system *m,
                      struct item_type *t, struct err *e) {
    const struct val *parts = val_get(yaml, S("parts")), *materials = val_get(yaml, S("materials"));
    t->part = arena_array(a, val_count(parts) + 1, sizeof *t->part);
    t->material = arena_array(a, val_count(materials) + 1, sizeof *t->material);
    if (!t->part || !t->material) return err_set(e, ERR_MEMORY, NULL);
    int rc = 0;
    for (size_t i = 0; i < val_count(parts) && !rc; i++)
        rc = read_part(a, file, val_item(parts, i), m, &t->part[t->n_parts++], e);
    for (size_t i = 0; i < val_count(materials) && !rc; i++)
        rc = read_material(file, val_item(materials, i), &t->material[t->n_materials++], e);
    return rc;
}

static int check_names(struct str file, const struct val *yaml, const struct system *m, const struct item_type *t, struct err *e) {
    struct clock_limit limit;
    if (t->name.len == 0 || t->form.len == 0 || t->flow.len == 0) return missing(file, yaml, "name、form、flow", e);
    if (!system_find(m, SYSTEM_FORM, t->form))
        return err_line(e, ERR_SYSTEM, file, yaml->line, "没有这个表单：%.*s", STR_ARG(t->form));
    if (!system_find(m, SYSTEM_FLOW, t->flow))
        return err_line(e, ERR_SYSTEM, file, yaml->line, "没有这个流程：%.*s", STR_ARG(t->flow));
    if (!t->for_person && !t->for_company) return missing(file, yaml, "applicants", e);
    if (t->unit_kind.len == 0) return missing(file, yaml, "unit", e);
    if (val_get(yaml, S("redresses")) && !t->redresses)
        return err_line(e, ERR_SYSTEM, file, yaml->line, "redresses 只能是 ratings");
    if (val_get(yaml, S("collect")) && (!t->collect.len || !t->collect_remind.len))
        return missing(file, val_get(yaml, S("collect")), "unit、remind", e);
    const struct str limits[] = { t->limit_law, t->limit_promise, t->collect_remind };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].len && clock_limit_parse(limits[i], &limit, e))
            return err_line(e, ERR_SYSTEM, file, yaml->line, "时限写错了：%.*s", STR_ARG(limits[i]));
    const struct str decisions[] = { t->decide_parts, t->decide_materials, t->decide_obstacles };
    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++)
        if (decisions[i].len && !system_find(m, SYSTEM_RULE, decisions[i]))
            return err_line(e, ERR_SYSTEM, file, yaml->line, "没有这个决策：%.*s", STR_ARG(decisions[i]));
    return 0;
}

int item_compile(struct arena *a, struct str file, struct str id, const struct val *yaml, const struct system *m,
                 const struct item_type **ret, struct err *e) {
    struct item_type *t = arena_new(a, struct item_type);
    if (!t) return err_set(e, ERR_MEMORY, NULL);
    const struct val *limits = val_get(yaml, S("limits")), *applicants = val_get(yaml, S("applicants"));
    *t = (struct item_type){ .id = id, .name = val_get_str(yaml, S("name")), .form = val_get_str(yaml, S("form")),
                             .flow = val_get_str(yaml, S("flow")), .unit_kind = val_get_str(yaml, S("unit")),
                             .decide_parts = val_text(val_path(yaml, S("decides.parts"))),
                             .decide_materials = val_text(val_path(yaml, S("decides.materials"))),
                             .decide_obstacles = val_text(val_path(yaml, S("decides.obstacles"))),
                             .disputes = val_get_str(yaml, S("disputes")),
                             .collect = val_get_str(val_get(yaml, S("collect")), S("unit")),
                             .collect_remind = val_get_str(val_get(yaml, S("collect")), S("remind")),
                             .redresses = str_eq(val_get_str(yaml, S("redresses")), S("ratings")),
                             .obstacles = val_get(yaml, S("obstacles")),
                             .limit_law = val_get_str(limits, S("law")), .limit_promise = val_get_str(limits, S("promise")),
                             .pauses = val_get(yaml, S("pauses")), .about = yaml };
    for (size_t i = 0; i < val_count(applicants); i++) {
        t->for_person |= str_eq(val_text(val_item(applicants, i)), S("person"));
        t->for_company |= str_eq(val_text(val_item(applicants, i)), S("company"));
    }
    int rc = read_lists(a, file, yaml, m, t, e);
    if (!rc) rc = check_names(file, yaml, m, t, e);
    if (!rc) rc = item_check_compile(a, file, yaml, m, t, e);
    if (!rc) rc = item_records_compile(a, file, val_get(yaml, S("records")), m, e);
    if (!rc) rc = item_find_prepare(a, m, t, e);
    *ret = t;
    return rc;
}

const struct item_part *item_part(const struct item_type *t, struct str id) {
    for (size_t i = 0; i < t->n_parts; i++)
        if (str_eq(t->part[i].id, id)) return &t->part[i];
    return NULL;
}

const struct item_material *item_material(const struct item_type *t, struct str id) {
    for (size_t i = 0; i < t->n_materials; i++)
        if (str_eq(t->material[i].id, id)) return &t->material[i];
    return NULL;
}
