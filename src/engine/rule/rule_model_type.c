/* rule_model_type: item definitions (DMN 1.5 section 7.3.2) to types. All names are known before any body is read,
 * so types may refer to each other in any order, and to themselves.
 * Invariant: type[i].type is never NULL; it is T_ANY until its body is read.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

enum { TYPES_MAX = 5000 };

const struct type *rule_model_type(const struct model *m, struct str name, uint32_t document) {
    struct str prefix = m->document[document].prefix;
    struct str local = name;
    for (size_t i = 0; i < m->n_type; i++) {
        const struct type_entry *t = &m->type[i];
        if (!prefix.len && str_eq(t->name, name)) return t->type;
        /* An importing document's name for it, or its own document's. */
        if (prefix.len && t->name.len == prefix.len + 1 + name.len && str_starts(t->name, prefix)
            && str_ends(t->name, name))
            return t->type;
    }
    const struct type *t = rule_type_builtin(local);
    return t;
}

struct maker {
    struct model *m;
    uint32_t document;
    struct err *e;
    int depth;
};

static int fill(struct maker *k, const struct xml_node *x, struct type *t);

static int tests_of(struct maker *k, const struct xml_node *x, const struct node **ret) {
    const struct xml_node *text = xml_child(x, S(""), S("text"));
    struct source src = { .arena = k->m->arena, .model = k->m, .word = k->m->word, .n_word = k->m->n_word,
        .err = k->e };
    if (!text || !str_trim(text->text).len) return 0;
    int rc = rule_parse_tests(&src, NULL, str_trim(text->text), ret);
    if (rc == 0 || rc == ERR_MEMORY) return rc;
    return rule_model_fault(k->m, k->document, text->line, str_trim(text->text), k->e, ret);
}

static int members(struct maker *k, const struct xml_node *x, struct type *t) {
    size_t n = 0;
    for (const struct xml_node *c = xml_child(x, S(""), S("itemComponent")); c; c = xml_next(c, S(""),
        S("itemComponent"))) n++;
    t->kind = T_CTX;
    t->member = arena_array(k->m->arena, n + 1, sizeof *t->member);
    if (!t->member) return err_set(k->e, ERR_MEMORY, NULL);
    for (const struct xml_node *c = xml_child(x, S(""), S("itemComponent")); c; c = xml_next(c, S(""),
        S("itemComponent"))) {
        struct type *inner = arena_new(k->m->arena, struct type);
        if (!inner) return err_set(k->e, ERR_MEMORY, NULL);
        t->member[t->n_member++] = (struct member){ rule_name_normal(k->m->arena, xml_attr(c, S(""), S("name"))),
            inner };
        int rc = fill(k, c, inner);
        if (rc) return rc;
    }
    return 0;
}

static int function(struct maker *k, const struct xml_node *x, struct type *t) {
    struct str result = xml_attr(x, S(""), S("outputTypeRef"));
    size_t n = 0;
    for (const struct xml_node *c = xml_child(x, S(""), S("parameters")); c; c = xml_next(c, S(""),
        S("parameters"))) n++;
    t->kind = T_FUNC;
    t->of = result.len ? rule_model_type(k->m, result, k->document) : NULL;
    t->member = arena_array(k->m->arena, n + 1, sizeof *t->member);
    if (!t->member) return err_set(k->e, ERR_MEMORY, NULL);
    for (const struct xml_node *c = xml_child(x, S(""), S("parameters")); c; c = xml_next(c, S(""), S("parameters"))) {
        struct str ref = xml_attr(c, S(""), S("typeRef"));
        t->member[t->n_member++] = (struct member){ xml_attr(c, S(""), S("name")), ref.len ? rule_model_type(k->m, ref,
            k->document) : NULL };
    }
    return 0;
}

/* What the item is, collection and constraints aside. */
static int base(struct maker *k, const struct xml_node *x, struct type *t) {
    const struct xml_node *ref = xml_child(x, S(""), S("typeRef")), *fn = xml_child(x, S(""), S("functionItem"));
    if (xml_child(x, S(""), S("itemComponent"))) return members(k, x, t);
    if (fn) return function(k, fn, t);
    struct str name = ref ? str_trim(ref->text) : xml_attr(x, S(""), S("typeRef"));
    const struct type *to = name.len ? rule_model_type(k->m, name, k->document) : NULL;
    if (name.len && !to) {
        const struct node *ignored;
        (void)err_set(k->e, ERR_SYNTAX, "unknown type");
        return rule_model_fault(k->m, k->document, x->line, name, k->e, &ignored);
    }
    if (!to) return 0;
    /* Another item definition is followed at run time through one level of `of`, as it may not be read yet. */
    if (to->kind != T_ANY || rule_type_builtin(name)) {
        *t = *to;
        return 0;
    }
    *t = (struct type){ .kind = T_ANY, .of = to };
    return 0;
}

static int fill(struct maker *k, const struct xml_node *x, struct type *t) {
    const struct xml_node *allowed = xml_child(x, S(""), S("allowedValues")), *whole = xml_child(x, S(""),
        S("typeConstraint"));
    bool many = str_eq(xml_attr(x, S(""), S("isCollection")), S("true"));
    struct type *item = t;
    if (++k->depth > RULE_NESTING_MAX) return err_set(k->e, ERR_LIMIT, "%d", RULE_NESTING_MAX);
    if (many) {
        item = arena_new(k->m->arena, struct type);
        if (!item) return err_set(k->e, ERR_MEMORY, NULL);
        t->kind = T_LIST;
        t->of = item;
    }
    int rc = base(k, x, item);
    if (rc == 0 && allowed) rc = tests_of(k, allowed, &item->allowed);
    if (rc == 0 && whole) rc = tests_of(k, whole, &t->allowed);
    k->depth--;
    return rc;
}

static bool add(struct model *m, uint32_t document, const struct xml_node *x) {
    if (m->n_type == m->cap_type) {
        size_t cap = m->cap_type ? m->cap_type * 2 : 16;
        struct type_entry *list = cap > TYPES_MAX * 2 ? NULL : arena_array(m->arena, cap, sizeof *list);
        if (!list) return false;
        if (m->n_type) memcpy(list, m->type, m->n_type * sizeof *list);
        m->type = list;
        m->cap_type = cap;
    }
    struct str name = rule_name_normal(m->arena, xml_attr(x, S(""), S("name")));
    struct type *t = arena_new(m->arena, struct type);
    if (!t) return false;
    if (m->document[document].prefix.len) name = ARENA_CAT(m->arena, m->document[document].prefix, S("."), name);
    t->name = name;
    m->type[m->n_type++] = (struct type_entry){ name, t, x, document };
    return true;
}

int rule_model_types_read(struct model *m, struct err *e) {
    for (uint32_t d = 0; d < m->n_document; d++) {
        const struct xml_node *root = m->document[d].root, *x = xml_child(root, S(""), S("itemDefinition"));
        for (; x; x = xml_next(x, S(""), S("itemDefinition")))
            if (!add(m, d, x)) return err_set(e, arena_overflowed(m->arena) ? ERR_MEMORY : ERR_LIMIT, "%d", TYPES_MAX);
    }
    for (size_t i = 0; i < m->n_type; i++) {
        struct maker k = { m, m->type[i].document, e, 0 };
        int rc = fill(&k, m->type[i].xml, m->type[i].type);
        if (rc) return rc;
    }
    return 0;
}
