/* release_uses: where names are used: by the keys of YAML, in FEEL, by decisions, by processes. See
 * release_names.h. Invariant: a name in a decision or a process is judged for every item that uses
 * it, since each brings its own answers and parts.
 */
#include "release/release_names.h"

#include "engine/rule/rule.h"

/* ---- by key ----
 * A path of keys; `*` is every item of a list or value of a map, `@` every key of a map.
 * TO ADD A USE: a row here; or in release_scenario.c, where a step says what its names belong to.
 */
static const struct use {
    const char *file, *path;
    enum name_kind kind;
} uses[] = {
    { "access.yaml", "grants.*.role", NAME_GRANTEE },
    { "forms/", "pages.*.parts.*", NAME_PART },
    { "notices.yaml", "@", NAME_SENT },
    { "items/", "unit", NAME_UNIT_KIND },
    { "items/", "collect.unit", NAME_UNIT_KIND },
    { "items/", "steps.@", NAME_STEP },
    { "items/", "steps.*.part", NAME_PART },
    { "items/", "steps.*.pauses", NAME_PAUSE },
    { "items/", "parts.*.role", NAME_ROLE },
    { "items/", "parts.*.unit", NAME_UNIT_KIND },
    { "items/", "variables.*", NAME_PRINTED },
    { "items/", "parts.*.holder", NAME_ENTRY },
    { "items/", "records.*.record", NAME_RECORD },
    { "items/", "records.*.each", NAME_REPEAT },
    { "items/", "check.*", NAME_QUESTION },
    { "items/", "disputes", NAME_RECORD },
    { "items/", "uses.*.from", NAME_SOURCE },
    { "items/", "materials.*.parts.*", NAME_PART },
    { "items/", "materials.*.papers.*", NAME_PAPER },
    { "items/", "materials.*.blank", NAME_PAPER },
    { "items/", "materials.*.sample", NAME_PAPER },
    { "queues/", "unit", NAME_UNIT },
    { "queues/", "lines.*.items.*", NAME_ITEM },
};

static void use_path(struct naming *n, const struct use *u, const struct name_place *at,
                     const struct val *v, struct str path, uint32_t line);

/* Under the first word of the path. */
static void use_below(struct naming *n, const struct use *u, const struct name_place *at,
                      const struct val *v, struct str word, struct str rest) {
    bool each = str_eq(word, S("*"));
    if (each && v->kind == VAL_LIST)
        for (size_t i = 0; i < val_count(v); i++)
            use_path(n, u, at, val_item(v, i), rest, val_item(v, i)->line);
    for (size_t i = 0; i < val_pairs(v); i++) {
        const struct val_pair *p = &v->u.map.pair[i];
        if (str_eq(word, S("@"))) name_must(n, u->kind, at, p->line, p->key);
        else if (each || str_eq(word, p->key)) use_path(n, u, at, p->value, rest, p->line);
    }
}

static void use_path(struct naming *n, const struct use *u, const struct name_place *at,
                     const struct val *v, struct str path, uint32_t line) {
    struct str word;
    if (!v) return;
    if (!str_cut(&path, '.', &word))
        name_must(n, u->kind, at, v->line ? v->line : line, val_text(v));
    else use_below(n, u, at, v, word, path);
}

static struct str base_name(struct str path) {
    size_t from = str_find_char(path, '/', 0), to = path.len;
    while (to && path.ptr[to - 1] != '.') to--;
    return from == SIZE_MAX || to < from + 2 ? S("") : str_sub(path, from + 1, to - from - 2);
}

/* ---- in FEEL ---- */

struct told {
    struct naming *n;
    struct name_place at;
    enum name_kind names;   /* what a free name is here */
    enum name_kind members; /* what a name of an item of a list is */
    enum name_kind gives;   /* what a text that comes out is; NAME_KINDS: anything */
    uint32_t line;          /* of the text, where FEEL has none of its own */
};

static void told(void *to, const struct rule_mention *x) {
    struct told *t = to;
    struct name_place at = t->at;
    uint32_t line = x->line ? x->line : t->line;
    switch (x->kind) {
    case RULE_NAMES: name_must(t->n, t->names, &at, line, x->name); break;
    case RULE_MEMBER: name_must(t->n, t->members, &at, line, x->name); break;
    case RULE_COMPARES:
        at.variable = x->name;
        name_must(t->n, NAME_VALUE, &at, line, x->text);
        break;
    case RULE_GIVES:
        if (t->gives != NAME_KINDS) name_must(t->n, t->gives, &at, line, x->text);
        break;
    }
}

static void check_feel(struct told *t, struct str text) {
    struct arena a;
    struct feel *f;
    arena_init(&a, "feel", 4 * 1024 * 1024);
    if (text.len && feel_compile(&a, text, FEEL_EXPRESSION, NULL, 0, &f, NULL) == 0)
        feel_mentions(f, told, t);
    arena_done(&a);
}

/* A page that repeats names elements of its own records, which forms judge when they are compiled.
 */
static void check_form(struct naming *n, const struct form *form, const struct val *yaml) {
    const struct val *pages = val_get(yaml, S("pages"));
    for (size_t i = 0; i < val_count(pages); i++) {
        const struct val *page = val_item(pages, i), *when = val_get(page, S("when")),
                         *questions = val_get(page, S("questions"));
        struct told t = { n,           { .form = form }, NAME_ANSWER,
                          NAME_MEMBER, NAME_KINDS,       when ? when->line : 0 };
        check_feel(&t, val_text(when));
        for (size_t k = 0; k < val_count(questions) && !val_get(page, S("repeat")); k++)
            name_must(n, NAME_SOURCE, NULL, val_item(questions, k)->line,
                      val_get_str(val_item(questions, k), S("from")));
    }
}

/* What a case enters in registries: the elements are the record type's, and FEEL reads what the case knows. */
static void check_records(struct naming *n, const struct name_place *item, const struct val *records) {
    for (size_t i = 0; i < val_count(records); i++) {
        const struct val *v = val_item(records, i), *puts = val_get(v, S("put"));
        struct name_place at = *item;
        at.record = system_find(n->m, SYSTEM_RECORD, val_get_str(v, S("record")));
        for (size_t k = 0; k <= val_pairs(puts); k++) {
            const struct val *map = k < val_pairs(puts) ? puts->u.map.pair[k].value : val_get(v, S("find"));
            for (size_t j = 0; j < val_pairs(map); j++) {
                const struct val_pair *p = &map->u.map.pair[j];
                struct told t = { n, *item, NAME_KNOWN, NAME_MEMBER, NAME_KINDS, p->line };
                name_must(n, NAME_ELEMENT, &at, p->line, p->key);
                check_feel(&t, val_text(p->value));
            }
        }
    }
}

void release_check_uses(struct naming *n, const struct val *yaml) {
    struct name_place at = { .item = str_starts(n->file, S("items/"))
                                         ? system_find(n->m, SYSTEM_ITEM, base_name(n->file))
                                         : NULL,
                             .form = str_starts(n->file, S("forms/"))
                                         ? system_find(n->m, SYSTEM_FORM, base_name(n->file))
                                         : NULL };
    if (at.item) {
        at.form = system_find(n->m, SYSTEM_FORM, at.item->form);
        at.flow = system_find(n->m, SYSTEM_FLOW, at.item->flow);
    }
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (str_starts(n->file, str_of(uses[i].file)))
            use_path(n, &uses[i], &at, yaml, str_of(uses[i].path), 0);
    if (at.form && !at.item) check_form(n, at.form, yaml);
    if (at.item) check_records(n, &at, val_get(yaml, S("records")));
}

/* ---- decisions: of parts and of materials, by the answers of each item ---- */

static void check_decision(struct naming *n, const struct item_type *item, struct str decision,
                           enum name_kind gives) {
    const struct model *model = system_find(n->m, SYSTEM_RULE, decision);
    struct naming own = *n;
    struct told t = {
        &own,
        { .item = item, .form = system_find(n->m, SYSTEM_FORM, item->form), .rule = true },
        gives == NAME_MATERIAL ? NAME_DECIDED : NAME_ANSWER,
        NAME_MEMBER,
        gives,
        1
    };
    if (!decision.len || !model || !map_find(&n->m->part[SYSTEM_RULE], decision)) return;
    own.file = ARENA_CAT(n->a, S("rules/"), decision, S(".dmn"));
    dmn_mentions(model, decision, told, &t);
}

void release_check_decisions(struct naming *n) {
    for (size_t i = 0; i < n->m->part[SYSTEM_ITEM].n; i++) {
        const struct item_type *t = n->m->part[SYSTEM_ITEM].entry[i].value;
        check_decision(n, t, t->decide_parts, NAME_PART);
        check_decision(n, t, t->decide_materials, NAME_MATERIAL);
        check_decision(n, t, t->decide_obstacles, NAME_OBSTACLE);
    }
}

/* ---- processes ---- */

/* What a service word does with its arguments. */
static const struct {
    const char *act, *arg;
    enum name_kind gives;
    bool required;
} args[] = {
    { "paper.issue", "part", NAME_PART, true },
    { "paper.issue", "granted", NAME_KINDS, true },
    { "case.finish", "result", NAME_RESULT, true },
    { "case.finish", "notice", NAME_NOTICE, false },
    { "notice.send", "notice", NAME_NOTICE, true },
    { "record.correct", "of", NAME_KINDS, true },
    { "record.correct", "element", NAME_QUESTION, true },
    { "case.decide", "decision", NAME_DECISION, true },
    { "record.put", "record", NAME_ENTRY, true },
    { "record.put", "put", NAME_PUT, true },
    { "record.end", "record", NAME_ENTRY, true },
};
enum { ARGS = sizeof args / sizeof *args };

static void check_args(struct naming *n, struct told *t, const struct flow_element *el) {
    const char *known[ARGS + 1] = { NULL };
    size_t n_known = 0;
    for (size_t k = 0; k < ARGS; k++)
        if (str_eq(el->act, str_of(args[k].act))) known[n_known++] = args[k].arg;
    for (size_t i = 0; i < el->n_with; i++) {
        t->gives = NAME_KINDS;
        name_known(n, "不认识的键", known, el->line, el->with[i].name);
        for (size_t k = 0; k < ARGS; k++)
            if (str_eq(el->act, str_of(args[k].act)) &&
                str_eq(el->with[i].name, str_of(args[k].arg)))
                t->gives = args[k].gives;
        check_feel(t, el->with[i].feel);
    }
    for (size_t k = 0; k < ARGS; k++) {
        bool given = !args[k].required || !str_eq(el->act, str_of(args[k].act));
        for (size_t i = 0; i < el->n_with; i++)
            given |= str_eq(el->with[i].name, str_of(args[k].arg));
        if (!given)
            release_find(n->f, n->file, el->line, "%.*s 缺少 %s", STR_ARG(el->act), args[k].arg);
    }
    t->gives = NAME_KINDS;
}

static void check_rule(struct naming *n, const struct told *t, struct str decision, enum name_kind names) {
    struct told d = *t;
    const struct model *model = system_find(n->m, SYSTEM_RULE, decision);
    struct naming own = *n;
    own.file = ARENA_CAT(n->a, S("rules/"), decision, S(".dmn"));
    d.n = &own;
    d.names = names;
    if (model && map_find(&n->m->part[SYSTEM_RULE], decision)) dmn_mentions(model, decision, told, &d);
}

/* A decision by all that the case knows, named by a plain text. */
static void check_decide(struct naming *n, const struct told *t, const struct flow_element *el) {
    if (!el->result.len) release_find(n->f, n->file, el->line, "%.*s 缺少 %s", STR_ARG(el->id), "tb:result");
    for (size_t i = 0; i < el->n_with; i++)
        if (str_eq(el->with[i].name, S("decision")) && el->with[i].feel.len > 2)
            check_rule(n, t, str_sub(el->with[i].feel, 1, el->with[i].feel.len - 2), NAME_KNOWN);
}

static void check_text(struct naming *n, struct told *t, struct str text, enum name_kind kind) {
    if (text.len && text.ptr[0] == '=') {
        t->gives = kind;
        check_feel(t, str_sub(text, 1, text.len));
        t->gives = NAME_KINDS;
    } else if (kind != NAME_KINDS) name_must(n, kind, &t->at, t->line, text);
}

static void check_element(struct naming *n, struct told *t, const struct flow_element *el) {
    t->line = el->line;
    check_text(n, t, el->unit, NAME_UNIT_KIND);
    check_text(n, t, el->limit.len && el->limit.ptr[0] == '=' ? el->limit : S(""), NAME_KINDS);
    check_text(n, t, el->timer_text.len && el->timer_text.ptr[0] == '=' ? el->timer_text : S(""),
               NAME_KINDS);
    for (size_t i = 0; i < el->n_moves; i++)
        name_must(n, NAME_MOVE_WORD, NULL, el->line, el->moves[i]);
    if (el->kind == FLOW_SERVICE) check_args(n, t, el);
    if (el->kind == FLOW_RULE) check_rule(n, t, el->decision, t->names);
    if (str_eq(el->act, S("case.decide"))) check_decide(n, t, el);
}

/* For each item whose process it is. A variable that nobody sets is null for ever: its branch is
 * never taken. */
void release_check_flows(struct naming *n) {
    for (size_t i = 0; i < n->m->part[SYSTEM_ITEM].n; i++) {
        const struct item_type *item = n->m->part[SYSTEM_ITEM].entry[i].value;
        const struct flow_model *flow = map_find(&n->m->part[SYSTEM_FLOW], item->flow);
        struct naming own = *n;
        struct told t = { &own,
                          { .item = item,
                            .form = system_find(n->m, SYSTEM_FORM, item->form),
                            .flow = flow,
                            .rule = true },
                          NAME_VARIABLE,
                          NAME_MEMBER,
                          NAME_KINDS,
                          0 };
        if (!flow) continue;
        own.file = flow->file;
        for (size_t k = 0; k < flow->n_element; k++) check_element(&own, &t, &flow->element[k]);
        for (size_t k = 0; k < flow->n_edge; k++) {
            t.line = flow->edge[k].line;
            check_feel(&t, flow->edge[k].condition);
        }
    }
}
