/* release_check: what a system lacks though it compiles: translations, scenarios for each role and each move; see release.h.
 * Invariant: every finding names a file, and a line where there is one.
 */
#include "release/release.h"

#include "data/yaml.h"
#include "engine/code/code_set.h"
#include "engine/flow/flow.h"

static bool has_han(struct str s) {
    for (size_t at = 0; at < s.len;) {
        int32_t cp = str_utf8_next(s, &at);
        if (cp >= 0x4e00 && cp <= 0x9fff) return true;
    }
    return false;
}

static bool translated(const struct system *m, struct str text) {
    return !has_han(text) || !str_eq(system_text(m, S("en"), text), text);
}

/* Every Chinese text in a declaration that people read. `basis` of law stays Chinese where no translation is given: Chinese prevails. */
static void walk_texts(const struct system *m, struct str file, const struct val *v, struct release_findings *f) {
    if (!v) return;
    if (v->kind == VAL_LIST)
        for (size_t i = 0; i < val_count(v); i++) walk_texts(m, file, val_item(v, i), f);
    if (v->kind == VAL_MAP)
        for (size_t i = 0; i < val_count(v); i++)
            if (!str_eq(v->u.map.pair[i].key, S("synonyms"))) walk_texts(m, file, v->u.map.pair[i].value, f);
    if (v->kind == VAL_STR && !translated(m, v->u.s)) release_find(f, file, v->line, "没有英文翻译：%.*s", STR_ARG(v->u.s));
}

static bool is_exempt(const struct system *m, struct str path) {
    const struct val *list = val_get(m->about, S("untranslated"));
    for (size_t i = 0; i < val_count(list); i++)
        if (str_eq(val_text(val_item(list, i)), path)) return true;
    return false;
}

static void check_texts(const struct system *m, const struct release_files *files, struct release_findings *f) {
    struct arena a;
    arena_init(&a, "check", 64 * 1024 * 1024);
    for (size_t i = 0; i < files->n; i++) {
        struct str path = files->file[i].path;
        struct val *yaml;
        if (!str_ends(path, S(".yaml")) || str_starts(path, S("cases/")) || is_exempt(m, path)) continue;
        if (yaml_parse(&a, path, files->file[i].bytes, &yaml, NULL) == 0) walk_texts(m, path, yaml, f);
    }
    for (size_t i = 0; i < m->part[SYSTEM_CODE].n; i++) {
        const struct code_set *set = m->part[SYSTEM_CODE].entry[i].value;
        struct str path = ARENA_CAT(&a, S("codes/"), m->part[SYSTEM_CODE].entry[i].key, S(".csv"));
        for (size_t k = 0; !is_exempt(m, path) && k < code_set_count(set); k++)
            if (!translated(m, code_set_row(set, k)->title))
                release_find(f, path, code_set_row(set, k)->line, "没有英文翻译：%.*s", STR_ARG(code_set_row(set, k)->title));
    }
    for (size_t i = 0; i < m->part[SYSTEM_FLOW].n; i++) {
        const struct flow_model *flow = m->part[SYSTEM_FLOW].entry[i].value;
        for (size_t k = 0; k < flow->n_element; k++)
            if (flow->element[k].kind == FLOW_USER && !translated(m, flow->element[k].name))
                release_find(f, flow->file, flow->element[k].line, "没有英文翻译：%.*s", STR_ARG(flow->element[k].name));
    }
    arena_done(&a);
}

/* All scenarios as one text: a role or a move that none of them names is not tried by any. */
static bool in_cases(const struct release_files *files, struct str word) {
    for (size_t i = 0; i < files->n; i++)
        if (str_starts(files->file[i].path, S("cases/")) && str_find(files->file[i].bytes, word, 0) != SIZE_MAX) return true;
    return false;
}

static void check_cases(const struct system *m, const struct release_files *files, struct release_findings *f) {
    const struct access_role *roles;
    size_t n = access_roles(m->access, &roles);
    for (size_t i = 0; i < n && m->part[SYSTEM_FLOW].n; i++)
        if (!in_cases(files, roles[i].id)) release_find(f, S("access.yaml"), 0, "没有场景用到角色：%.*s", STR_ARG(roles[i].id));
    for (size_t i = 0; i < m->part[SYSTEM_FLOW].n; i++) {
        const struct flow_model *flow = m->part[SYSTEM_FLOW].entry[i].value;
        for (size_t k = 0; k < flow->n_element; k++)
            for (size_t j = 0; j < flow->element[k].n_moves; j++)
                if (!in_cases(files, flow->element[k].moves[j]))
                    release_find(f, flow->file, flow->element[k].line, "没有场景走到：%.*s", STR_ARG(flow->element[k].moves[j]));
    }
}

void release_check(const struct system *m, const struct release_files *f, struct release_findings *findings) {
    check_texts(m, f, findings);
    check_cases(m, f, findings);
}
