/* rule_parse_name: which name stands here, what it means, and type names. The longest of the names in scope, the
 * model's elements, the words and, where an unknown item is in scope, the members known to the model wins (section
 * 10.3.1.4); any other is a run of identifiers.
 * Invariant: scopes are searched from the inside out; a hop is one scope, counted alike here and in rule_eval.c.
 */
#include "engine/rule/rule_parse.h"

/* The elements that `self` may name: its requirements; all where there is no self. */
static const struct element *visible(const struct source *src, size_t i) {
    const struct model *m = src->model;
    if (!m) return NULL;
    if (!src->self) return i < m->n_element ? &m->element[i] : NULL;
    return i < src->self->n_need ? &m->element[src->self->need[i]] : NULL;
}

/* Names of imported elements are written with their import's name before a dot. */
static size_t match_element(struct parser *p, const struct element *e) {
    struct str own = p->src->self ? p->src->self->prefix : S(""), prefix = e->prefix;
    if (str_eq(prefix, own)) return rule_match_name(p, e->name);
    /* Seen from a model that was imported itself, its own imports begin behind its name. */
    if (own.len && str_starts(prefix, own)) prefix = str_sub(prefix, own.len + 1, prefix.len);
    size_t n = rule_match_name(p, prefix), from = p->at, used = 0;
    if (!n) return 0;
    p->at += n;
    if (rule_eat(p, ".")) {
        rule_skip(p);
        size_t m = rule_match_name(p, e->name);
        if (m) used = p->at + m - from;
    }
    p->at = from;
    return used;
}

struct hit_name {
    size_t len;
    const struct element *element;
    const struct word *word;
    struct str text;
};

static void take_longer(struct hit_name *best, size_t n, struct str text) {
    if (n > best->len) *best = (struct hit_name){ .len = n, .text = text };
}

static void match_words(struct parser *p, struct hit_name *best) {
    for (size_t i = 0; i < rule_word_count(); i++) {
        const struct word *w = rule_word_at(i);
        struct str name = str_of(w->name);
        size_t n = rule_match_name(p, name);
        if (n > best->len) *best = (struct hit_name){ n, NULL, w, name };
    }
}

static struct hit_name longest(struct parser *p) {
    struct hit_name best = { 0 };
    bool dynamic = false;
    for (const struct scope *s = p->scope; s; s = s->up) {
        dynamic |= s->dynamic;
        for (size_t i = 0; i < s->n; i++) take_longer(&best, rule_match_name(p, s->name[i]), s->name[i]);
    }
    const struct element *e;
    for (size_t i = 0; (e = visible(p->src, i)); i++) {
        size_t n = match_element(p, e);
        if (n > best.len) best = (struct hit_name){ n, e, NULL, e->name };
    }
    match_words(p, &best);
    if (dynamic)
        for (size_t i = 0; i < p->src->n_word; i++) take_longer(&best, rule_match_name(p, p->src->word[i]),
            p->src->word[i]);
    return best;
}

static const struct node *fallback(struct parser *p, const struct hit_name *h) {
    struct node *n = NULL;
    if (h->element) {
        n = rule_node_at(p, N_SLOT);
        if (n) n->slot = h->element->slot;
    } else if (h->word) {
        struct func *f = arena_new(p->a, struct func);
        n = rule_node_at(p, N_CONST);
        if (!n || !f) return NULL;
        f->kind = FUNC_WORD;
        f->word = h->word;
        n->k = (struct value){ .kind = V_FUNC, .u.func = f };
    }
    return n;
}

/* Binds a name to the innermost scope that has it; items of filters on the way may have it first at run time. */
static const struct node *bind(struct parser *p, size_t from, struct hit_name h) {
    struct node *n = rule_node_at(p, N_NAME);
    if (!n) return NULL;
    n->at = (uint32_t)from;
    n->text = h.text;
    uint16_t hops = 0;
    for (const struct scope *s = p->scope; s && !n->found; s = s->up, hops++) {
        if (s->dynamic) n->dynamic = true;
        for (size_t i = s->n; i-- > 0 && !n->found;)
            if (str_eq(s->name[i], h.text)) {
                n->found = true;
                n->hops = hops;
                n->index = (uint16_t)i;
            }
    }
    if (n->found) {
        if (str_eq(h.text, S("?"))) p->uses_input = true;
        return n;
    }
    const struct node *else_node = fallback(p, &h);
    if (else_node && !n->dynamic) return else_node;
    n->a = else_node;
    if (!else_node && !n->dynamic && p->src->model && !p->src->model->lenient) {
        p->at = from;
        return rule_parse_fail(p, "unknown name");
    }
    return n;
}

const struct node *rule_parse_name(struct parser *p) {
    rule_skip(p);
    size_t from = p->at;
    struct hit_name h = longest(p);
    struct str plain = { NULL, 0 };
    if (!h.len) {
        if (!rule_read_plain_name(p, &plain)) return rule_parse_fail(p, "an expression is missing here");
        h.text = plain;
    } else {
        p->at += h.len;
        /* More identifiers behind a known name make another, unknown one: "date of birth" beside the word date. */
        size_t after = p->at;
        p->at = from;
        if (h.word && rule_read_plain_name(p, &plain) && p->at > after) {
            h = (struct hit_name){ .len = p->at - from, .text = plain };
        } else {
            p->at = after;
        }
    }
    return bind(p, from, h);
}

bool rule_read_member(struct parser *p, struct str *ret) {
    static const struct str known[] = { S_INIT("time offset"), S_INIT("start included"), S_INIT("end included") };
    rule_skip(p);
    struct hit_name best = { 0 };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) take_longer(&best, rule_match_name(p, known[i]),
        known[i]);
    for (size_t i = 0; i < p->src->n_word; i++) take_longer(&best, rule_match_name(p, p->src->word[i]),
        p->src->word[i]);
    size_t from = p->at;
    struct str plain = { NULL, 0 };
    bool has = rule_read_plain_name(p, &plain);
    if (has && p->at - from > best.len) {
        *ret = plain;
        return true;
    }
    p->at = from + best.len;
    *ret = best.text;
    return best.len > 0;
}

/* ---- types (grammar rules 49-54) ---- */

static const struct type *type_of(struct parser *p, enum type_kind kind, const struct type *of) {
    struct type *t = arena_new(p->a, struct type);
    if (!t) return rule_parse_fail(p, "memory");
    t->kind = kind;
    t->of = of;
    return t;
}

static const struct type *parse_members(struct parser *p) {
    struct member m[64];
    size_t n = 0;
    if (!rule_eat(p, "<")) return rule_parse_fail(p, "< expected");
    do {
        if (n == 64 || !rule_read_until(p, ":", &m[n].name) || !rule_eat(p, ":")) return rule_parse_fail(p,
            "name: type expected");
        m[n].type = rule_parse_type(p);
        if (!m[n++].type) return NULL;
    } while (rule_eat(p, ","));
    struct type *t = arena_new(p->a, struct type);
    struct member *copy = arena_array(p->a, n, sizeof *copy);
    if (!rule_eat(p, ">") || !t || !copy) return rule_parse_fail(p, "> expected");
    for (size_t i = 0; i < n; i++) copy[i] = m[i];
    *t = (struct type){ .kind = T_CTX, .member = copy, .n_member = n };
    return t;
}

static const struct type *parse_function_type(struct parser *p) {
    struct member m[32];
    size_t n = 0;
    if (!rule_eat(p, "<")) return rule_parse_fail(p, "< expected");
    while (!rule_eat(p, ">")) {
        if (n == 32) return rule_parse_fail(p, "too many parameters");
        m[n] = (struct member){ .type = rule_parse_type(p) };
        if (!m[n++].type) return NULL;
        if (!rule_eat(p, ",") && !rule_look(p, ">")) return rule_parse_fail(p, ", or > expected");
    }
    if (!rule_eat(p, "->")) return rule_parse_fail(p, "-> expected");
    struct type *t = arena_new(p->a, struct type);
    struct member *copy = arena_array(p->a, n ? n : 1, sizeof *copy);
    if (!t || !copy) return rule_parse_fail(p, "memory");
    for (size_t i = 0; i < n; i++) copy[i] = m[i];
    *t = (struct type){ .kind = T_FUNC, .member = copy, .n_member = n, .of = rule_parse_type(p) };
    return t->of ? t : NULL;
}

static const struct type *parse_named_type(struct parser *p) {
    static const struct str builtin[] = { S_INIT("date and time"), S_INIT("days and time duration"),
        S_INIT("years and months duration"), S_INIT("number"), S_INIT("string"), S_INIT("boolean"), S_INIT("date"),
        S_INIT("time"), S_INIT("Any"), S_INIT("Null"), S_INIT("dateTime"), S_INIT("dayTimeDuration"),
            S_INIT("yearMonthDuration"),
        S_INIT("context"), S_INIT("list"), S_INIT("function") };
    const struct model *m = p->src->model;
    struct hit_name best = { 0 };
    rule_skip(p);
    for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++) take_longer(&best, rule_match_name(p, builtin[i]),
        builtin[i]);
    for (size_t i = 0; m && i < m->n_type; i++) take_longer(&best, rule_match_name(p, m->type[i].name),
        m->type[i].name);
    if (!best.len) return rule_parse_fail(p, "unknown type");
    const struct type *t = NULL;
    for (size_t i = 0; m && i < m->n_type && !t; i++)
        if (str_eq(m->type[i].name, best.text)) t = rule_model_type(m, best.text, m->type[i].document);
    if (!t) t = rule_type_builtin(best.text);
    if (!t) return rule_parse_fail(p, "unknown type");
    p->at += best.len;
    return t;
}

const struct type *rule_parse_type(struct parser *p) {
    if (++p->depth > RULE_NESTING_MAX) return rule_parse_fail(p, "nested too deep");
    const struct type *t = NULL, *of;
    size_t from = p->at;
    bool list = rule_eat_word(p, "list");
    if ((list || rule_eat_word(p, "range")) && rule_eat(p, "<")) {
        of = rule_parse_type(p);
        if (of && !rule_eat(p, ">")) of = rule_parse_fail(p, "> expected");
        t = of ? type_of(p, list ? T_LIST : T_RANGE, of) : NULL;
        p->depth--;
        return t;
    }
    p->at = from;
    if (rule_eat_word(p, "context") && rule_look(p, "<")) t = parse_members(p);
    else {
        p->at = from;
        if (rule_eat_word(p, "function") && rule_look(p, "<")) t = parse_function_type(p);
        else {
            p->at = from;
            t = parse_named_type(p);
        }
    }
    p->depth--;
    return t;
}
