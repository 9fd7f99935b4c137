/* release_names: names that one file of a system writes and another declares: what compiling a part alone does not see, and what would
 * stand silently still at run time. See release_check in release.h.
 * Invariant: a name found wrong here is wrong for every case of the system; a name that only some case may find is not looked at.
 */
#include "release/release_names.h"

#include "data/yaml.h"
#include "engine/clock/clock.h"
#include "engine/code/code_check.h"
#include "engine/code/code_set.h"
#include "engine/flow/flow.h"
#include "engine/form/form.h"
#include "engine/item/item.h"
#include "engine/record/record.h"

struct naming {
    const struct system *m;
    const struct release_files *files;
    struct release_findings *f;
    struct str file;
    struct arena *a;
};

static bool in_list(struct str s, const char *const *list) {
    for (; *list; list++)
        if (str_eq(s, str_of(*list))) return true;
    return false;
}

static void only_keys(struct naming *n, const struct val *map, const char *const *known) {
    if (!map || map->kind != VAL_MAP) return;
    for (size_t i = 0; i < val_count(map); i++)
        if (!in_list(map->u.map.pair[i].key, known))
            release_find(n->f, n->file, map->u.map.pair[i].line, "不认识的键：%.*s", STR_ARG(map->u.map.pair[i].key));
}

static void must(struct naming *n, bool found, const struct val *at, const char *what, struct str name) {
    if (!found) release_find(n->f, n->file, at ? at->line : 0, "没有这个%s：%.*s", what, STR_ARG(name));
}

static bool declares(const struct system *m, struct str role) {
    const struct access_role *roles;
    size_t n = access_roles(m->access, &roles);
    for (size_t i = 0; i < n; i++)
        if (str_eq(roles[i].id, role)) return true;
    for (size_t i = 0; i < m->n_needs; i++)
        if (declares(m->needs[i], role)) return true;
    return false;
}

/* ---- access.yaml ---- */

static void check_access(struct naming *n, const struct val *yaml) {
    static const char *const known[] = { "roles", "grants", NULL }, *const everybody[] = { "anyone", "person", NULL };
    const struct val *grants = val_get(yaml, S("grants"));
    only_keys(n, yaml, known);
    for (size_t i = 0; i < val_count(grants); i++) {
        struct str role = val_get_str(val_item(grants, i), S("role"));
        must(n, in_list(role, everybody) || declares(n->m, role), val_item(grants, i), "角色", role);
    }
}

/* ---- forms: what a registry question shows ---- */

static void check_form(struct naming *n, const struct val *yaml) {
    const struct val *pages = val_get(yaml, S("pages"));
    for (size_t i = 0; i < val_count(pages); i++) {
        const struct val *questions = val_get(val_item(pages, i), S("questions"));
        for (size_t k = 0; k < val_count(questions); k++) {
            const struct record_type *type;
            const struct record_field *field;
            struct str from = val_get_str(val_item(questions, k), S("from"));
            bool repeats =
                val_get(val_item(pages, i), S("repeat")) != NULL; /* judged where forms are compiled */
            if (from.len && !repeats)
                must(n, form_source(n->m, from, &type, &field), val_item(questions, k), "登记信息项", from);
        }
    }
}

/* ---- items ---- */

static void check_parts_list(struct naming *n, const struct item_type *t, const struct val *list) {
    for (size_t i = 0; i < val_count(list); i++)
        must(n, item_part(t, val_text(val_item(list, i))) != NULL, val_item(list, i), "分项", val_text(val_item(list, i)));
}

static const struct flow_element *element_of(const struct flow_model *flow, struct str id) {
    for (size_t i = 0; flow && i < flow->n_element; i++)
        if (str_eq(flow->element[i].id, id)) return &flow->element[i];
    return NULL;
}

static bool has_pause(const struct item_type *t, struct str id) {
    for (size_t i = 0; i < val_count(t->pauses); i++)
        if (str_eq(val_get_str(val_item(t->pauses, i), S("id")), id)) return true;
    return false;
}

static void check_steps(struct naming *n, const struct item_type *t, const struct val *steps) {
    static const char *const known[] = { "part", "pauses", "singly", NULL };
    const struct flow_model *flow = system_find(n->m, SYSTEM_FLOW, t->flow);
    for (size_t i = 0; i < val_pairs(steps); i++) {
        const struct val *step = steps->u.map.pair[i].value;
        struct str id = steps->u.map.pair[i].key, part = val_get_str(step, S("part")), pauses = val_get_str(step, S("pauses"));
        only_keys(n, step, known);
        must(n, element_of(flow, id) != NULL, step, "流程步骤", id);
        if (part.len) must(n, item_part(t, part) != NULL, step, "分项", part);
        if (pauses.len) must(n, has_pause(t, pauses), step, "暂停理由", pauses);
        const struct val *singly = val_get(step, S("singly"));
        if (singly) must(n, singly->kind == VAL_BOOL, singly, "是或否（true、false）", val_text(singly));
    }
}

/* What is taken of a registry beside what the form shows. */
static void check_uses(struct naming *n, const struct val *uses) {
    static const char *const known[] = { "from", "purpose", NULL };
    for (size_t i = 0; i < val_count(uses); i++) {
        const struct record_type *type;
        const struct record_field *field;
        struct str from = val_get_str(val_item(uses, i), S("from"));
        only_keys(n, val_item(uses, i), known);
        must(n, form_source(n->m, from, &type, &field), val_item(uses, i), "登记信息项", from);
    }
}

static void check_code(struct naming *n, const struct val *yaml, const char *key, const char *set_name) {
    const struct code_set *set = system_find(n->m, SYSTEM_CODE, str_of(set_name));
    struct str code = val_get_str(yaml, str_of(key));
    if (code.len && set) must(n, code_set_find(set, code) != NULL, val_get(yaml, str_of(key)), key, code);
}

static struct str paper_file(const struct naming *n, struct str paper, struct str *bytes) {
    for (size_t i = 0; i < n->files->n; i++)
        if (str_eq(n->files->file[i].path, ARENA_CAT(n->a, S("papers/"), paper, S(".xml")))) {
            *bytes = n->files->file[i].bytes;
            return n->files->file[i].path;
        }
    return *bytes = S("");
}

/* The name that begins at `from` and ends before `end`. */
static struct str name_at(struct str bytes, size_t from, struct str end) {
    size_t to = str_find(bytes, end, from);
    return str_trim(str_sub(bytes, from, to == SIZE_MAX ? 0 : to - from));
}

/* Is it shown, typed or declared as used? What applicants were not told of may not be on a paper. */
static bool is_told(const struct naming *n, const struct form *form, const struct item_type *t,
                    struct str path) {
    const struct val *uses = val_get(t->about, S("uses"));
    for (size_t i = 0; i < form->n_pages; i++)
        for (size_t k = 0; k < form->page[i].n_questions && !form->page[i].repeats; k++)
            if (str_eq(form->page[i].question[k].from, path)) return true;
    for (size_t i = 0; i < val_count(uses); i++)
        if (str_eq(val_get_str(val_item(uses, i), S("from")), path)) return true;
    return form_identifies(n->m, path);
}

/* Names of one root in a paper: each answer must be a question of the form, or for a table a page that repeats; each datum of a
 * registry one of which the applicant is told. */
static void check_paper(struct naming *n, const struct form *form, const struct item_type *t,
                        struct str paper) {
    static const struct {
        struct str mark, end;
    } marks[] = { { S_INIT("{{answers."), S_INIT("}}") },
                  { S_INIT("rows=\"answers."), S_INIT("\"") },
                  { S_INIT("{{applicant."), S_INIT("}}") },
                  { S_INIT("{{company."), S_INIT("}}") } };
    struct str bytes, file = paper_file(n, paper, &bytes);
    uint32_t line = 1;
    for (size_t at = 0; at < bytes.len; at++) {
        line += bytes.ptr[at] == '\n';
        for (size_t k = 0; k < 4; k++) {
            if (!str_starts(str_sub(bytes, at, bytes.len), marks[k].mark)) continue;
            struct str name = name_at(bytes, k < 2 ? at + marks[k].mark.len : at + 2, marks[k].end);
            const struct form_page *page = k == 1 ? form_page(form, name) : NULL;
            bool found = k == 0   ? form_question(form, name) != NULL
                         : k == 1 ? page && page->repeats
                                  : is_told(n, form, t, name);
            if (!found)
                release_find(n->f, file, line,
                             k < 2 ? "表单没有这个问题：%.*s"
                                   : "申请人没有被告知会用到这一项（表单的 registry 或事项的 uses）：%.*s",
                             STR_ARG(name));
        }
    }
}

/* A hold by hand: the applicant is told, and its longest time can be read. */
static void check_pauses(struct naming *n, const struct item_type *t) {
    static const char *const known[] = { "id", "title", "basis", "hold", "max", NULL }, *const notices[] = { "held", "resumed", NULL };
    for (size_t i = 0; i < val_count(t->pauses); i++) {
        const struct val *pause = val_item(t->pauses, i);
        struct str max = val_get_str(pause, S("max"));
        struct clock_limit limit;
        only_keys(n, pause, known);
        if (max.len && clock_limit_parse(max, &limit, NULL))
            release_find(n->f, n->file, pause->line, "时限写错了：%.*s", STR_ARG(max));
        for (size_t k = 0; k < 2 && val_get_bool(pause, S("hold"), false); k++)
            must(n, system_find(n->m, SYSTEM_NOTICE, str_of(notices[k])) != NULL, pause, "通知", str_of(notices[k]));
    }
}

/* Each code of a list stands in its set. */
static void check_codes(struct naming *n, const struct val *yaml, const char *key, const char *set_name) {
    const struct code_set *set = system_find(n->m, SYSTEM_CODE, str_of(set_name));
    const struct val *list = val_get(yaml, str_of(key));
    if (list && (list->kind != VAL_LIST || val_count(list) > ITEM_VALUES_MAX))
        release_find(n->f, n->file, list->line, "应写成 [代码, ...]，至多 %d 个：%s", ITEM_VALUES_MAX, key);
    for (size_t i = 0; set && i < val_count(list) && list->kind == VAL_LIST; i++)
        must(n, code_set_find(set, val_text(val_item(list, i))) != NULL, val_item(list, i), key, val_text(val_item(list, i)));
}

/* The papers that a material is filled in on, or shown by. */
static void check_material(struct naming *n, const struct form *form, const struct item_type *t, const struct val *material) {
    static const char *const known[] = { "id",      "name",   "hint",      "form",   "source", "parts",   "required", "max_mb",
                                         "blank",   "sample", "originals", "copies", "use",    "exempt",  "missing",  NULL };
    static const char *const papers[] = { "blank", "sample" }, *const counts[] = { "originals", "copies" };
    only_keys(n, material, known);
    check_parts_list(n, t, val_get(material, S("parts")));
    for (size_t i = 0; i < 2; i++) {
        struct str paper = val_get_str(material, str_of(papers[i]));
        const struct val *count = val_get(material, str_of(counts[i]));
        int64_t number;
        if (paper.len) must(n, system_find(n->m, SYSTEM_PAPER, paper) != NULL, material, "文书", paper);
        if (paper.len && form) check_paper(n, form, t, paper);
        if (count && (!val_to_i64(count, &number) || number < 0 || number > 99))
            release_find(n->f, n->file, material->line, "份数应是 0 到 99 的整数：%s", counts[i]);
    }
}

/* What nobody can do without before applying: the elements that every item has, and how they are written. */
static void check_elements(struct naming *n, const struct val *yaml) {
    static const char *const needed[] = { "summary",  "basic_code", "type_code", "level_code", "case_type_code", "organ",
                                          "basis",    "conditions", "process",   "result_name", "fee",           "visits",
                                          "place",    "hours",      "phone",     "complaint_phone", "remedy",    "handling", NULL };
    struct str organ = val_get_str(yaml, S("organ_code"));
    struct err e = { 0 };
    for (const char *const *k = needed; *k; k++)
        if (!val_truthy(val_get(yaml, str_of(*k)))) release_find(n->f, n->file, 1, "缺少办事指南的要素：%s", *k);
    if (val_get_str(val_get(yaml, S("limits")), S("law")).len == 0 || val_get_str(val_get(yaml, S("limits")), S("promise")).len == 0)
        release_find(n->f, n->file, 1, "缺少办事指南的要素：%s", "limits: {law, promise}");
    if (organ.len && code_uscc(organ, &e))
        release_find(n->f, n->file, val_get(yaml, S("organ_code"))->line, "不是统一社会信用代码：%.*s", STR_ARG(organ));
}

static void check_item_codes(struct naming *n, const struct val *yaml) {
    static const struct {
        const char *key, *set;
    } one[] = { { "type_code", "item_type" }, { "level_code", "exercise_level" }, { "case_type_code", "case_type" },
                { "organ_kind_code", "body_nature" }, { "scope_code", "handling_scope" } },
      list[] = { { "topics", "service_topic" }, { "handling", "handling_form" }, { "divisions", "division" } };
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) check_code(n, yaml, one[i].key, one[i].set);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) check_codes(n, yaml, list[i].key, list[i].set);
}

static void check_item(struct naming *n, const struct item_type *t, const struct val *yaml) {
    static const char *const known[] = {
        "name",     "synonyms",   "summary",    "basic_code", "type_code",    "level_code",      "case_type_code",  "topics",
        "handling", "divisions",  "organ",      "organ_code", "organ_kind_code", "co_organs",    "handler",         "unit",
        "basis",    "conditions", "process",    "result_name", "limits",      "fee",             "fee_basis",       "visits",
        "scope_code", "express",  "machine",    "booking",    "online_pay",   "quantity",        "intermediary",    "place",
        "hours",    "phone",      "complaint_phone", "remedy", "applicants",  "form",            "flow",            "decides",
        "variables", "uses",      "steps",      "parts",      "materials",    "pauses",          "faq",             NULL
    };
    static const char *const part_keys[] = { "id", "title", "unit", "role", "paper", "refusal", "valid_months", "basis", "conditions",
                                             "reason", NULL };
    static const char *const limit_keys[] = { "law", "promise", NULL }, *const decide_keys[] = { "parts", "materials", NULL };
    const struct form *form = system_find(n->m, SYSTEM_FORM, t->form);
    only_keys(n, yaml, known);
    only_keys(n, val_get(yaml, S("limits")), limit_keys);
    only_keys(n, val_get(yaml, S("decides")), decide_keys);
    check_elements(n, yaml);
    check_item_codes(n, yaml);
    for (size_t i = 0; i < t->n_parts; i++) {
        only_keys(n, t->part[i].about, part_keys);
        must(n, declares(n->m, t->part[i].role), t->part[i].about, "角色", t->part[i].role);
        if (form && t->part[i].paper.len) check_paper(n, form, t, t->part[i].paper);
        if (form && t->part[i].refusal.len && i == 0) check_paper(n, form, t, t->part[i].refusal);
    }
    for (size_t i = 0; i < t->n_materials; i++) check_material(n, form, t, t->material[i].about);
    check_steps(n, t, val_get(yaml, S("steps")));
    check_uses(n, val_get(yaml, S("uses")));
    check_pauses(n, t);
    const struct val *variables = val_get(yaml, S("variables"));
    for (size_t i = 0; form && i < val_count(variables); i++) {
        struct str name = val_text(val_item(variables, i));
        must(n, form_question(form, name) != NULL, val_item(variables, i), "问题", name);
    }
    for (size_t i = 0; form && i < form->n_pages; i++) check_parts_list(n, t, form->page[i].parts);
}

/* ---- cases ---- */

static bool any_task(const struct system *m, struct str id) {
    for (size_t i = 0; i < m->part[SYSTEM_FLOW].n; i++)
        if (element_of(m->part[SYSTEM_FLOW].entry[i].value, id)) return true;
    return false;
}

static bool any_page(const struct system *m, struct str id) {
    for (size_t i = 0; i < m->part[SYSTEM_FORM].n; i++)
        if (form_page(m->part[SYSTEM_FORM].entry[i].value, id)) return true;
    return false;
}

static bool any_material(const struct system *m, struct str id) {
    for (size_t i = 0; i < m->part[SYSTEM_ITEM].n; i++)
        if (item_material(m->part[SYSTEM_ITEM].entry[i].value, id)) return true;
    return false;
}

/* A step that is to be refused may name what is not there. */
static void check_scenario(struct naming *n, const struct val *yaml) {
    static const char *const head[] = { "title", "clock", "steps", NULL };
    static const char *const known[] = { "who", "do", "item", "page", "with", "entry", "agree", "material", "task", "move", "opinion", "basis",
                                         "level", "days", "hours", "minutes", "reason", "until", "expect", "refused", "record", "by", "value", "of",
                                         "purpose", "source", "version", NULL };
    static const char *const expected[] = { "state", "result", "parts", "papers", "late", "paused", "due",
                                            "found", "version", "shows", NULL };
    static const char *const verbs[] = { "apply", "consent", "answer", "add", "change", "remove", "upload", "submit", "supplement",
                                         "withdraw", "rate", "claim", "release", "decide", "hold", "resume", "wait", "set-papers",
                                         "find", "read", "unmask", "clear", "put", "correct", "end", NULL };
    const struct val *steps = val_get(yaml, S("steps"));
    only_keys(n, yaml, head);
    for (size_t i = 0; i < val_count(steps); i++) {
        const struct val *s = val_item(steps, i);
        struct str item = val_get_str(s, S("item")), page = val_get_str(s, S("page")), material = val_get_str(s, S("material")),
                   task = val_get_str(s, S("task")), verb = val_get_str(s, S("do"));
        only_keys(n, s, known);
        only_keys(n, val_get(s, S("expect")), expected);
        must(n, in_list(verb, verbs), s, "动作", verb);
        if (val_get(s, S("refused"))) continue;
        struct str record = val_get_str(s, S("record"));
        if (record.len) must(n, system_find(n->m, SYSTEM_RECORD, record) != NULL, s, "登记类型", record);
        if (item.len) must(n, system_find(n->m, SYSTEM_ITEM, item) != NULL, s, "事项", item);
        if (page.len) must(n, any_page(n->m, page), s, "页面", page);
        if (material.len) must(n, any_material(n->m, material), s, "材料", material);
        if (task.len) must(n, any_task(n->m, task), s, "流程步骤", task);
    }
}

void release_check_names(const struct system *m, const struct release_files *files, struct release_findings *f) {
    struct arena a;
    arena_init(&a, "names", 64 * 1024 * 1024);
    for (size_t i = 0; i < files->n; i++) {
        struct naming n = { m, files, f, files->file[i].path, &a };
        struct val *yaml;
        if (!str_ends(n.file, S(".yaml")) || yaml_parse(&a, n.file, files->file[i].bytes, &yaml, NULL)) continue;
        if (str_eq(n.file, S("access.yaml"))) check_access(&n, yaml);
        if (str_starts(n.file, S("forms/"))) check_form(&n, yaml);
        if (str_starts(n.file, S("cases/"))) check_scenario(&n, yaml);
        if (!str_starts(n.file, S("items/"))) continue;
        const struct item_type *t = system_find(m, SYSTEM_ITEM, str_sub(n.file, 6, n.file.len - 11));
        if (t) check_item(&n, t, yaml);
    }
    arena_done(&a);
}
