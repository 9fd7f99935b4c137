/* rule_model: a DMN document and its imports to a model (DMN 1.5 chapter 6): first all names, then requirements,
 * then bodies, so that an expression is read with every name that it may use.
 * Invariants: element[i].slot == i; need[] holds slots of this model; names are normalised.
 */
#include "engine/rule/rule_in.h"

#include <string.h>

enum { ELEMENTS_MAX = 5000, WORDS_MAX = 4000 };

static const char *const kinds[] = { [E_INPUT] = "input", [E_DECISION] = "decision", [E_KNOWLEDGE] = "knowledge",
    [E_SERVICE] = "service" };

void rule_model_finding(struct model *m, const char *kind, struct str where, uint32_t line, struct str text) {
    struct val *row = val_map(m->arena);
    val_put_str(m->arena, row, S("kind"), str_of(kind));
    val_put_str(m->arena, row, S("where"), where);
    val_put_i64(m->arena, row, S("line"), line);
    val_put_str(m->arena, row, S("text"), text);
    val_push(m->arena, m->finding, row);
}

int rule_model_fault(struct model *m, uint32_t document, uint32_t line, struct str where, struct err *e,
    const struct node **ret) {
    struct err was = e ? *e : (struct err){ 0 };
    m->n_error++;
    if (!m->lenient) return err_line(e, was.code ? was.code : ERR_SYNTAX, m->document[document].file, line,
        "%s: %.*s", was.detail,
                                     (int)(where.len < 80 ? where.len : 80), where.ptr);
    rule_model_finding(m, "error", arena_str(m->arena, where), line, arena_str(m->arena, str_of(was.detail)));
    err_clear(e);
    struct node *n = rule_node_new(m->arena, N_ERROR);
    *ret = n;
    return n ? 0 : err_set(e, ERR_MEMORY, NULL);
}

/* ---- documents ---- */

static bool is_dmn(struct str ns) {
    return str_find(ns, S("/spec/DMN/"), 0) != SIZE_MAX;
}

static int read_document(struct model *m, struct dmn_source source, struct str prefix, struct err *e) {
    struct xml_node *root;
    if (m->n_document == RULE_IMPORTS_MAX + 1) return err_line(e, ERR_LIMIT, source.file, 0, "%d imports",
        RULE_IMPORTS_MAX);
    int rc = xml_parse(m->arena, source.file, source.bytes, &root, e);
    if (rc) return rc;
    if (!str_eq(root->name, S("definitions")) || !is_dmn(root->ns))
        return err_line(e, ERR_SYSTEM, source.file, root->line, "不是 DMN 的 definitions");
    m->document[m->n_document++] = (struct document){ .prefix = prefix, .ns = xml_attr(root, S(""), S("namespace")),
        .file = source.file, .root = root };
    return 0;
}

/* The import with that namespace; by its file's text, since none is parsed in vain. */
static int find_import(struct model *m, const struct dmn_source *imports, size_t n, struct str ns,
    struct str prefix, bool *found,
                       struct err *e) {
    *found = false;
    for (size_t i = 0; i < n && !*found; i++) {
        if (str_find(imports[i].bytes, ns, 0) == SIZE_MAX) continue;
        int rc = read_document(m, imports[i], prefix, e);
        if (rc) return rc;
        if (str_eq(m->document[m->n_document - 1].ns, ns)
            && m->document[m->n_document - 1].file.ptr != m->document[0].file.ptr)
            *found = true;
        else m->n_document--;
    }
    return 0;
}

static int read_imports(struct model *m, const struct dmn_source *imports, size_t n, struct err *e) {
    for (size_t d = 0; d < m->n_document; d++) {
        const struct document *doc = &m->document[d];
        for (const struct xml_node *x = xml_child(doc->root, S(""), S("import")); x; x = xml_next(x, S(""),
            S("import"))) {
            struct str name = rule_name_normal(m->arena, xml_attr(x, S(""), S("name"))), ns = xml_attr(x, S(""),
                S("namespace"));
            bool found;
            if (!is_dmn(xml_attr(x, S(""), S("importType")))) continue;
            if (doc->prefix.len) name = ARENA_CAT(m->arena, doc->prefix, S("."), name);
            int rc = find_import(m, imports, n, ns, name, &found, e);
            if (rc) return rc;
            if (found) continue;
            const struct node *ignored;
            (void)err_set(e, ERR_SYSTEM, "import");
            rc = rule_model_fault(m, (uint32_t)d, x->line, ns, e, &ignored);
            if (rc) return rc;
        }
    }
    return 0;
}

/* ---- names ---- */

static bool plain(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'
            || (unsigned char)c >= 0x80))
            return false;
    }
    return true;
}

/* Keeps a name that the parser could not put together by itself. */
static bool add_word(struct model *m, struct str name) {
    name = rule_name_normal(m->arena, name);
    if (!name.len || plain(name)) return true;
    for (size_t i = 0; i < m->n_word; i++)
        if (str_eq(m->word[i], name)) return true;
    if (m->n_word == m->cap_word) {
        size_t cap = m->cap_word ? m->cap_word * 2 : 32;
        struct str *w = cap > WORDS_MAX ? NULL : arena_array(m->arena, cap, sizeof *w);
        if (!w) return false;
        if (m->n_word) memcpy(w, m->word, m->n_word * sizeof *w);
        m->word = w;
        m->cap_word = cap;
    }
    m->word[m->n_word++] = name;
    return true;
}

/* Every name attribute of the document: members, entries, columns, parameters. Walked without recursion. */
static bool collect_words(struct model *m, const struct xml_node *root) {
    const struct xml_node *x = root;
    while (x) {
        if (x->name.len && !add_word(m, xml_attr(x, S(""), S("name")))) return false;
        if (x->first) {
            x = x->first;
            continue;
        }
        while (x && x != root && !x->next) x = x->parent;
        x = !x || x == root ? NULL : x->next;
    }
    return true;
}

static struct element *add_element(struct model *m, enum element_kind kind, uint32_t document,
    const struct xml_node *x) {
    if (m->n_element == m->cap_element) {
        size_t cap = m->cap_element ? m->cap_element * 2 : 16;
        struct element *list = cap > ELEMENTS_MAX * 2 ? NULL : arena_array(m->arena, cap, sizeof *list);
        if (!list) return NULL;
        if (m->n_element) memcpy(list, m->element, m->n_element * sizeof *list);
        m->element = list;
        m->cap_element = cap;
    }
    struct element *e = &m->element[m->n_element];
    *e = (struct element){ .kind = kind, .xml = x, .slot = (uint32_t)m->n_element, .document = document, .owner = m };
    e->id = xml_attr(x, S(""), S("id"));
    e->name = rule_name_normal(m->arena, xml_attr(x, S(""), S("name")));
    e->ns = m->document[document].ns;
    e->prefix = m->document[document].prefix;
    m->n_element++;
    return e;
}

static int read_elements(struct model *m, uint32_t document, struct err *e) {
    static const struct {
        struct str name;
        enum element_kind kind;
    } rows[] = { { S_INIT("inputData"), E_INPUT }, { S_INIT("decision"), E_DECISION },
        { S_INIT("businessKnowledgeModel"), E_KNOWLEDGE }, { S_INIT("decisionService"), E_SERVICE } };
    const struct xml_node *root = m->document[document].root;
    for (const struct xml_node *x = xml_child(root, S(""), S("")); x; x = xml_next(x, S(""), S("")))
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if (str_eq(x->name, rows[i].name) && !add_element(m, rows[i].kind, document, x))
                return err_set(e, arena_overflowed(m->arena) ? ERR_MEMORY : ERR_LIMIT, "%d", ELEMENTS_MAX);
    return 0;
}

/* ---- requirements ---- */

/* The element of an href: "#id", or "namespace#id"; NULL if there is none. */
static struct element *by_href(struct model *m, const struct element *from, struct str href) {
    size_t hash = str_find_char(href, '#', 0);
    struct str ns = hash == SIZE_MAX || hash == 0 ? from->ns : str_sub(href, 0, hash);
    struct str id = hash == SIZE_MAX ? href : str_sub(href, hash + 1, href.len);
    /* A model imported on two ways is there twice: the one below the asking model is meant. */
    struct element *other = NULL;
    for (size_t i = 0; i < m->n_element; i++) {
        struct element *e = &m->element[i];
        if (!str_eq(e->id, id) || !str_eq(e->ns, ns)) continue;
        if (str_starts(e->prefix, from->prefix)) return e;
        other = e;
    }
    return other;
}

struct needs {
    uint32_t slot[512];
    size_t n;
};

static void need(struct model *m, const struct element *e, const struct xml_node *ref, struct needs *out) {
    struct str href = xml_attr(ref, S(""), S("href"));
    struct element *to = by_href(m, e, href);
    if (to && out->n < sizeof out->slot / sizeof *out->slot) out->slot[out->n++] = to->slot;
    else rule_model_finding(m, "missing", e->name, ref->line, href);
}

static bool keep(struct model *m, const struct needs *from, uint32_t **list, size_t *n) {
    *list = arena_array(m->arena, from->n + 1, sizeof **list);
    if (!*list) return false;
    if (from->n) memcpy(*list, from->slot, from->n * sizeof **list);
    *n = from->n;
    return true;
}

static bool read_requirements(struct model *m, struct element *e) {
    struct needs all = { .n = 0 };
    for (const struct xml_node *r = xml_child(e->xml, S(""), S("")); r; r = xml_next(r, S(""), S(""))) {
        if (!str_eq(r->name, S("informationRequirement")) && !str_eq(r->name, S("knowledgeRequirement"))) continue;
        for (const struct xml_node *x = xml_child(r, S(""), S("")); x; x = xml_next(x, S(""), S("")))
            if (str_starts(x->name, S("required"))) need(m, e, x, &all);
    }
    return keep(m, &all, &e->need, &e->n_need);
}

static bool read_parameters(struct model *m, struct element *e, const struct xml_node *logic) {
    size_t n = 0;
    for (const struct xml_node *p = xml_child(logic, S(""), S("formalParameter")); p; p = xml_next(p, S(""),
        S("formalParameter"))) n++;
    e->param = arena_array(m->arena, n + 1, sizeof *e->param);
    e->param_type = arena_array(m->arena, n + 1, sizeof(struct type *));
    if (!e->param || !e->param_type) return false;
    for (const struct xml_node *p = xml_child(logic, S(""), S("formalParameter")); p; p = xml_next(p, S(""),
        S("formalParameter"))) {
        struct str ref = xml_attr(p, S(""), S("typeRef"));
        e->param[e->n_param] = rule_name_normal(m->arena, xml_attr(p, S(""), S("name")));
        e->param_type[e->n_param++] = ref.len ? rule_model_type(m, ref, e->document) : NULL;
    }
    return true;
}

/* Inputs of a service in the standard's order: input decisions behind input data (section 10.4). */
static bool read_service(struct model *m, struct element *e) {
    struct needs in = { .n = 0 }, out = { .n = 0 };
    for (const struct xml_node *x = xml_child(e->xml, S(""), S("inputData")); x; x = xml_next(x, S(""),
        S("inputData"))) need(m, e, x, &in);
    for (const struct xml_node *x = xml_child(e->xml, S(""), S("inputDecision")); x; x = xml_next(x, S(""),
        S("inputDecision")))
        need(m, e, x, &in);
    for (const struct xml_node *x = xml_child(e->xml, S(""), S("outputDecision")); x; x = xml_next(x, S(""),
        S("outputDecision")))
        need(m, e, x, &out);
    if (!keep(m, &in, &e->param_slot, &e->n_param) || !keep(m, &out, &e->output, &e->n_output)) return false;
    e->param = arena_array(m->arena, in.n + 1, sizeof *e->param);
    e->param_type = arena_array(m->arena, in.n + 1, sizeof(struct type *));
    if (!e->param || !e->param_type) return false;
    for (size_t i = 0; i < in.n; i++) {
        e->param[i] = m->element[in.slot[i]].name;
        e->param_type[i] = m->element[in.slot[i]].type;
    }
    return true;
}

/* ---- bodies ---- */

static int compile_body(struct model *m, struct element *e, struct err *err) {
    struct source src = { .arena = m->arena, .model = m, .self = e, .word = m->word, .n_word = m->n_word, .err = err };
    if (e->kind == E_DECISION) {
        int rc = rule_boxed_compile(m, &src, NULL, e->xml, e->document, &e->body);
        return rc;
    }
    const struct xml_node *logic = xml_child(e->xml, S(""), S("encapsulatedLogic"));
    struct str kind = logic ? xml_attr(logic, S(""), S("kind")) : S("");
    struct scope params = { 0 };
    if (!logic || (kind.len && !str_eq(kind, S("FEEL")))) return 0;
    for (size_t i = 0; i < e->n_param; i++)
        if (!rule_scope_add(m->arena, &params, e->param[i])) return err_set(err, ERR_MEMORY, NULL);
    return rule_boxed_compile(m, &src, &params, logic, e->document, &e->body);
}

static int link_elements(struct model *m, struct err *e) {
    for (size_t i = 0; i < m->n_element; i++) {
        struct element *el = &m->element[i];
        const struct xml_node *var = xml_child(el->xml, S(""), S("variable"));
        struct str ref = var ? xml_attr(var, S(""), S("typeRef")) : S("");
        el->type = ref.len ? rule_model_type(m, ref, el->document) : NULL;
        const struct xml_node *logic = xml_child(el->xml, S(""), S("encapsulatedLogic"));
        if (!read_requirements(m, el) || (el->kind == E_KNOWLEDGE && logic && !read_parameters(m, el, logic)))
            return err_set(e, ERR_MEMORY, NULL);
        bool called = el->kind == E_KNOWLEDGE || el->kind == E_SERVICE;
        if (called && el->type && el->type->kind == T_FUNC) el->type = el->type->of;
    }
    for (size_t i = 0; i < m->n_element; i++)
        if (m->element[i].kind == E_SERVICE && !read_service(m, &m->element[i])) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < m->n_element; i++) {
        struct element *el = &m->element[i];
        int rc = el->kind == E_DECISION || el->kind == E_KNOWLEDGE ? compile_body(m, el, e) : 0;
        if (rc) return rc;
    }
    return 0;
}

int dmn_compile(struct arena *a, struct dmn_source source, const struct dmn_source *imports, size_t n_imports,
    enum dmn_mode mode, struct model **ret, struct err *e) {
    struct model *m = arena_new(a, struct model);
    struct err own;
    if (!e) e = &own;
    if (!m) return err_set(e, ERR_MEMORY, NULL);
    m->arena = a;
    m->file = source.file;
    m->lenient = mode == DMN_LENIENT;
    m->finding = val_list(a);
    int rc = read_document(m, source, S(""), e);
    if (rc == 0) rc = read_imports(m, imports, n_imports, e);
    if (rc) return rc;
    m->ns = m->document[0].ns;
    m->name = xml_attr(m->document[0].root, S(""), S("name"));
    for (uint32_t d = 0; d < m->n_document && rc == 0; d++) {
        rc = read_elements(m, d, e);
        if (rc == 0 && !collect_words(m, m->document[d].root)) rc = err_set(e, arena_overflowed(a) ? ERR_MEMORY
            : ERR_LIMIT, "names");
    }
    if (rc == 0) rc = rule_model_types_read(m, e);
    if (rc == 0) rc = link_elements(m, e);
    if (rc == 0 && arena_overflowed(a)) rc = err_set(e, ERR_MEMORY, NULL);
    if (rc) return rc;
    *ret = m;
    return 0;
}

struct val *dmn_elements(const struct model *m, struct arena *a) {
    struct val *out = val_list(a);
    for (size_t i = 0; i < m->n_element; i++) {
        struct val *row = val_map(a);
        val_put_str(a, row, S("id"), m->element[i].id);
        val_put_str(a, row, S("name"), m->element[i].name);
        val_put_str(a, row, S("type"), str_of(kinds[m->element[i].kind]));
        val_push(a, out, row);
    }
    return out;
}
