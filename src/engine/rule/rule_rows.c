/* rule_rows: what a decision table says, row by row, for whoever tells people about it; see rule.h. Invariant: only
 * what each row gives by itself is told: a table in which rows compete, or whose output is computed, tells nothing.
 */
#include "engine/rule/rule_in.h"

static struct str text_below(const struct xml_node *x) {
    const struct xml_node *text = x ? xml_child(x, S(""), S("text")) : NULL;
    return text ? str_trim(text->text) : S("");
}

/* "abc" as abc; false for anything else than one plain text. */
static bool plain_literal(struct str s, struct str *ret) {
    if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"') return false;
    *ret = str_sub(s, 1, s.len - 2);
    return str_find_char(*ret, '"', 0) == SIZE_MAX && str_find_char(*ret, '\\', 0) == SIZE_MAX;
}

static const struct xml_node *nth(const struct xml_node *parent, struct str name, size_t i) {
    const struct xml_node *x = xml_child(parent, S(""), name);
    while (x && i--) x = xml_next(x, S(""), name);
    return x;
}

static bool add_row(const struct xml_node *table, const struct xml_node *rule, struct val *rows, struct arena *a) {
    struct val *row = val_map(a), *when = val_list(a);
    struct str output;
    size_t i = 0;
    if (!plain_literal(text_below(xml_child(rule, S(""), S("outputEntry"))), &output)) return false;
    for (const struct xml_node *in = xml_child(rule, S(""), S("inputEntry")); in; in = xml_next(in, S(""), S("inputEntry")), i++) {
        const struct xml_node *column = nth(table, S("input"), i);
        struct str test = text_below(in);
        if (!column) return false;
        if (test.len == 0 || str_eq(test, S("-"))) continue;
        struct val *one = val_map(a);
        val_put_str(a, one, S("input"), text_below(xml_child(column, S(""), S("inputExpression"))));
        val_put_str(a, one, S("test"), test);
        val_push(a, when, one);
    }
    val_put_str(a, row, S("output"), output);
    val_put(a, row, S("when"), when);
    val_push(a, rows, row);
    return true;
}

struct str dmn_rule_text(const struct model *m, struct str table, int64_t number) {
    for (size_t i = 0; i < m->n_element; i++) {
        const struct element *e = &m->element[i];
        const struct xml_node *x = e->kind == E_DECISION && str_eq(e->name, table) ? xml_child(e->xml, S(""), S("decisionTable")) : NULL;
        const struct xml_node *rule = x && number > 0 ? nth(x, S("rule"), (size_t)number - 1) : NULL;
        const struct xml_node *text = rule ? xml_child(rule, S(""), S("description")) : NULL;
        if (x) return text ? str_trim(text->text) : S("");
    }
    return S("");
}

struct val *dmn_rows(const struct model *m, struct str decision, struct arena *a) {
    const struct xml_node *table = NULL;
    struct val *rows = val_list(a);
    for (size_t i = 0; i < m->n_element; i++) {
        const struct element *e = &m->element[i];
        if (e->kind == E_DECISION && e->prefix.len == 0 && (str_eq(e->name, decision) || str_eq(e->id, decision)))
            table = xml_child(e->xml, S(""), S("decisionTable"));
    }
    if (!table) return NULL;
    struct str hit = xml_attr(table, S(""), S("hitPolicy"));
    bool all = (str_eq(hit, S("COLLECT")) && xml_attr(table, S(""), S("aggregation")).len == 0) || str_eq(hit, S("RULE ORDER"));
    const struct xml_node *output = xml_child(table, S(""), S("output"));
    if (!all || !output || xml_next(output, S(""), S("output")) || xml_child(output, S(""), S("defaultOutputEntry"))) return NULL;
    for (const struct xml_node *rule = xml_child(table, S(""), S("rule")); rule; rule = xml_next(rule, S(""), S("rule")))
        if (!add_row(table, rule, rows, a)) return NULL;
    return rows;
}
