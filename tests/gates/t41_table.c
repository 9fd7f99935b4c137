/* t41_table: reads tests/gates/rights.tsv and says what it expects. Invariant: nothing here asks
 * the product; a name that the table lacks is '?', which nothing that was measured equals.
 */
#include "t41.h"

void t41_table_read(struct str text, struct t41_table *ret) {
    struct str line, field;
    ret->n = 0;
    while (ret->n < T41_LINES_MAX && str_cut(&text, '\n', &line)) {
        struct t41_line *l = &ret->line[ret->n];
        l->n = 0;
        if (line.len == 0 || line.ptr[0] == '#') continue;
        while (l->n < T41_FIELDS_MAX && str_cut(&line, '\t', &field)) l->field[l->n++] = field;
        ret->n++;
    }
}

const struct t41_line *t41_table_find(const struct t41_table *t, const char *kind, const char *a,
                                      const char *b) {
    for (size_t i = 0; i < t->n; i++) {
        const struct t41_line *l = &t->line[i];
        if (l != t->gone && l->n >= 2 && str_eq(l->field[0], str_of(kind)) && str_eq(l->field[1], str_of(a)) &&
            (!b || (l->n >= 3 && str_eq(l->field[2], str_of(b)))))
            return l;
    }
    return NULL;
}

static const struct t41_line *rule_of(const struct t41_table *t, struct str rule) {
    for (size_t i = 0; i < t->n; i++)
        if (&t->line[i] != t->gone && t->line[i].n >= 4 && str_eq(t->line[i].field[0], S("rule")) &&
            str_eq(t->line[i].field[1], rule))
            return &t->line[i];
    return NULL;
}

struct str t41_table_kind(const struct t41_table *t, struct str rule) {
    const struct t41_line *l = rule_of(t, rule);
    return l && !str_eq(l->field[2], S("-")) ? l->field[2] : S("");
}

static bool among(struct str list, struct str word) {
    struct str one;
    while (str_cut(&list, ' ', &one))
        if (str_eq(one, word)) return true;
    return false;
}

static bool in_group(const struct t41_line *who, struct str group) {
    return str_eq(group, S("anyone")) || str_eq(group, who->field[1]) ||
           (who->n > 2 && among(who->field[2], group));
}

static bool in_one(const struct t41_line *who, struct str groups) {
    struct str group;
    while (str_cut(&groups, ' ', &group))
        if (in_group(who, group)) return true;
    return false;
}

/* Does the principal stand to the object in one of the rule's relations? */
static bool stands(const struct t41_line *rule, const struct t41_line *who,
                   const struct t41_line *object) {
    for (size_t i = 3; i < object->n; i++) {
        struct str rest = object->field[i], relation;
        if (!str_cut(&rest, '=', &relation) || rule->n < 5) continue;
        if (!among(rule->field[4], relation)) continue;
        if (in_one(who, rest)) return true;
    }
    return false;
}

void t41_table_rests(const struct t41_table *t, struct str rule, const char *principal, const struct t41_object *o,
                     const struct t41_line *ret[T41_RESTS_MAX - 1]) {
    ret[0] = t41_table_find(t, "who", principal, NULL);
    ret[1] = rule_of(t, rule);
    ret[2] = o ? t41_table_find(t, "object", o->kind, o->name) : NULL;
}

char t41_table_expect(const struct t41_table *t, struct str rule, const char *principal,
                      const struct t41_object *o) {
    const struct t41_line *rests[T41_RESTS_MAX - 1];
    t41_table_rests(t, rule, principal, o, rests);
    const struct t41_line *who = rests[0], *r = rests[1], *object = rests[2];
    if (!who || !r || (o && !object)) return '?';
    if (!in_one(who, r->field[3])) return who->n > 2 && who->field[2].len ? 'F' : 'L';
    return !o || stands(r, who, object) ? 'Y' : 'N';
}
