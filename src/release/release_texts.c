/* release_texts: see release_texts.h. Invariant: a text is known by its words alone, so that one entry
 * of a catalogue serves every place where they stand.
 */
#include "release/release_texts.h"

#include "data/po_in.h"
#include "data/yaml.h"
#include "engine/code/code_set.h"
#include "engine/flow/flow.h"
#include "engine/paper/paper_layout.h"
#include "engine/rule/rule.h"

/* ---- the walk ---- */

static bool has_han(struct str s) {
    for (size_t at = 0; at < s.len;) {
        int32_t cp = str_utf8_next(s, &at);
        if (cp >= 0x4e00 && cp <= 0x9fff) return true;
    }
    return false;
}

struct walk {
    const struct system *m;
    release_text_see *see;
    void *context;
};

static void see_as(const struct walk *w, struct str file, uint32_t line, struct str text,
                   bool needed) {
    const bool said = !str_eq(system_text(w->m, S("en"), text), text);
    if (has_han(text)) w->see(w->context, file, line, text, said, needed);
}

static void see(const struct walk *w, struct str file, uint32_t line, struct str text) {
    see_as(w, file, line, text, true);
}

/* Every Chinese text in a declaration that people read. `basis` of law stays Chinese where no translation is given: Chinese prevails. */
static void walk_texts(const struct walk *w, struct str file, const struct val *v) {
    if (!v) return;
    if (v->kind == VAL_LIST)
        for (size_t i = 0; i < val_count(v); i++) walk_texts(w, file, val_item(v, i));
    if (v->kind == VAL_MAP)
        for (size_t i = 0; i < val_count(v); i++)
            if (!str_eq(v->u.map.pair[i].key, S("synonyms")))
                walk_texts(w, file, v->u.map.pair[i].value);
    if (v->kind == VAL_STR) see(w, file, v->line, v->u.s);
}

static bool is_exempt(const struct system *m, struct str path) {
    const struct val *list = val_get(m->about, S("untranslated"));
    for (size_t i = 0; i < val_count(list); i++)
        if (str_eq(val_text(val_item(list, i)), path)) return true;
    return false;
}

/* Titles in a sample table. */
static void walk_rows(const struct walk *w, struct str file, const struct val *rows) {
    for (size_t i = 0; i < val_count(rows) && !is_exempt(w->m, file); i++)
        see(w, file, val_item(rows, i)->line, val_get_str(val_item(rows, i), S("title")));
}

/* Titles of papers, of units and of the sample's accounts. */
static void walk_titles(const struct walk *w, struct arena *a) {
    const struct system *m = w->m;
    for (size_t i = 0; i < m->part[SYSTEM_PAPER].n; i++) {
        struct str title = paper_title(m->part[SYSTEM_PAPER].entry[i].value);
        struct str path = ARENA_CAT(a, S("papers/"), m->part[SYSTEM_PAPER].entry[i].key, S(".xml"));
        if (!is_exempt(m, path)) see(w, path, 1, title);
    }
    walk_rows(w, RELEASE_UNITS, m->sample_units);
    walk_rows(w, RELEASE_ACCOUNTS, m->sample_accounts);
}

/* What people read of a decision of their case (case.decide): its step's name, and the rules that came to it. */
static void walk_decided(const struct walk *w, struct arena *a) {
    const struct system *m = w->m;
    for (size_t i = 0; i < m->part[SYSTEM_FLOW].n; i++) {
        const struct flow_model *flow = m->part[SYSTEM_FLOW].entry[i].value;
        for (size_t k = 0; k < flow->n_element; k++) {
            const struct flow_element *el = &flow->element[k];
            struct str decision = str_eq(el->act, S("case.decide")) && el->n_with &&
                                          el->with[0].feel.len > 2
                                      ? str_sub(el->with[0].feel, 1, el->with[0].feel.len - 2)
                                      : S("");
            const struct model *rule = decision.len ? system_find(m, SYSTEM_RULE, decision) : NULL;
            if (!rule) continue;
            see(w, flow->file, el->line, el->name);
            struct str file = ARENA_CAT(a, S("rules/"), decision, S(".dmn")), text;
            for (int64_t row = 1; (text = dmn_rule_text(rule, decision, row)).len; row++)
                see(w, file, 0, text);
        }
    }
}

void release_texts_walk(const struct system *m, const struct release_files *files,
                        release_text_see *to, void *context) {
    const struct walk walk = { m, to, context }, *w = &walk;
    struct arena a;
    arena_init(&a, "texts", 64 * 1024 * 1024);
    for (size_t i = 0; i < files->n; i++) {
        struct str path = files->file[i].path;
        struct val *yaml;
        if (!str_ends(path, S(".yaml")) || str_starts(path, S("cases/")) || is_exempt(m, path))
            continue;
        if (yaml_parse(&a, path, files->file[i].bytes, &yaml, NULL) == 0) walk_texts(w, path, yaml);
    }
    for (size_t i = 0; i < m->part[SYSTEM_CODE].n; i++) {
        const struct code_set *set = m->part[SYSTEM_CODE].entry[i].value;
        struct str path = ARENA_CAT(&a, S("codes/"), m->part[SYSTEM_CODE].entry[i].key, S(".csv"));
        const bool exempt = is_exempt(m, path);
        for (size_t k = 0; k < code_set_count(set); k++) {
            const struct code *c = code_set_row(set, k);
            /* of a table that need not be translated, what is translated is in use all the same */
            if (!exempt || !str_eq(system_text(m, S("en"), c->title), c->title))
                see(w, path, c->line, c->title);
        }
    }
    for (size_t i = 0; i < m->part[SYSTEM_FLOW].n; i++) {
        const struct flow_model *flow = m->part[SYSTEM_FLOW].entry[i].value;
        for (size_t k = 0; k < flow->n_element; k++)
            see_as(w, flow->file, flow->element[k].line, flow->element[k].name,
                   flow->element[k].kind == FLOW_USER);
    }
    walk_decided(w, &a);
    walk_titles(w, &a);
    arena_done(&a);
}

/* ---- each once ---- */

struct gather {
    struct arena *a;
    const struct system *m;
    const struct po *program;
    struct release_texts *to;
    struct map seen; /* text -> where it stands in the list, from 1 */
    bool over;
};

static struct release_text *add(struct gather *g, struct str text) {
    struct release_text *t = &g->to->list[g->to->n];
    if (g->to->n == RELEASE_TEXTS_MAX) {
        g->over = true;
        return NULL;
    }
    *t = (struct release_text){ .text = arena_str(g->a, text) };
    g->to->n++;
    (void)map_put(&g->seen, t->text, t);
    return t;
}

static void gather_one(void *context, struct str file, uint32_t line, struct str text, bool said,
                       bool needed) {
    struct gather *g = context;
    struct release_text *t = map_find(&g->seen, text);
    if (t) {
        if (needed && !said) t->state = RELEASE_TEXT_MISSING, t->english = S("");
        t->places++;
        return;
    }
    if (!(t = add(g, text))) return;
    t->file = arena_str(g->a, file);
    t->line = line;
    t->places = 1;
    const bool own = g->m->en && po_has(g->m->en, S(""), t->text);
    if (said) t->english = system_text(g->m, S("en"), t->text);
    else if (!needed && g->program && po_has(g->program, S(""), t->text))
        t->english = po_get(g->program, S(""), t->text);
    t->state = own              ? RELEASE_TEXT_OWN
               : t->english.len ? RELEASE_TEXT_NEEDED
               : needed         ? RELEASE_TEXT_MISSING
                                : RELEASE_TEXT_OPTIONAL;
}

int release_texts(struct arena *a, const struct system *m, const struct po *program,
                  const struct release_files *files, struct release_texts *ret, struct err *e) {
    struct gather g = { .a = a, .m = m, .program = program, .to = ret };
    *ret = (struct release_texts){ .list = arena_array(a, RELEASE_TEXTS_MAX, sizeof *ret->list) };
    if (!ret->list) return err_set(e, ERR_MEMORY, "texts");
    map_init(&g.seen, a);
    release_texts_walk(m, files, gather_one, &g);
    const struct map *own = m->en ? po_entries(m->en) : NULL;
    for (size_t i = 0; own && i < own->n; i++) {
        struct str id = own->entry[i].key;
        struct release_text *t = map_find(&g.seen, id) ? NULL : add(&g, id);
        if (t) t->state = RELEASE_TEXT_UNUSED, t->english = po_get(m->en, S(""), id);
    }
    for (size_t i = 0; i < ret->n; i++) ret->count[ret->list[i].state]++;
    if (g.over) return err_set(e, ERR_LIMIT, "%d", RELEASE_TEXTS_MAX);
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, "texts") : 0;
}
