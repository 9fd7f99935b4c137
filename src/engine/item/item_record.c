/* item_record: a case and the registries. What items/NAME.yaml says under `records` is what its process may enter there, by the service
 * words record.put and record.end; what stands there is known to decisions by the same name (case.decide).
 *
 *   records:
 *     - id: allowance
 *       record: elder_allowance                # a record type
 *       find: {person: applicant.citizen_id}   # the record in force that this element finds; without it each put makes a new one
 *       each: shareholders                     # a page that repeats: a record for each entry
 *       stands: legal-representative           # of a company: whoever applied may act for it from now on
 *       put:
 *         grant: {person: applicant.citizen_id, monthly: monthly, state: '"1"'}     # element: FEEL
 *
 * FEEL reads the answers, what officers wrote down, what was decided, `applicant`, `company`, `case`, the records that are found and, of
 * `each`, the entry. An element that refers to a record takes that record's key.
 *
 * Invariants
 *  1. A registry is changed by its own act, done by the system itself: the registry's system grants it to the role `worker`, or it is not
 *     done. The entry names the case, and so does the record's history.
 *  2. Of the registries' data of a person decisions see what the applicant agreed to, as it stands now, and whether he is still registered.
 */
#include "engine/item/item_rows.h"

#include "engine/record/record.h"
#include "engine/rule/rule.h"

/* ---- what FEEL reads ---- */

static int find_one(struct store_tx *tx, const struct realm *r, const struct record_type *t, struct str element, struct str value,
                    struct record *ret, bool *found, struct err *e) {
    enum { LOOKED_MAX = 200 }; /* those that have ended are read over */
    int64_t ids[LOOKED_MAX];
    size_t n = 0;
    *found = false;
    int rc = value.len ? record_find(tx, r, t, element, value, ids, LOOKED_MAX, &n, e) : 0;
    for (size_t i = n; !rc && i-- > 0 && !*found;) {
        rc = record_get(tx, r, t, ids[i], ret, e);
        *found = !rc && str_eq(ret->state, S("active"));
    }
    if (!rc && !*found && n == LOOKED_MAX) rc = err_set(e, ERR_LIMIT, "%d", LOOKED_MAX);
    return rc;
}

static int eval(struct str text, const struct val *context, struct arena *a, struct val **ret, struct err *e) {
    struct feel *f;
    *ret = NULL;
    int rc = feel_compile(a, text, FEEL_EXPRESSION, NULL, 0, &f, e);
    return rc ? rc : feel_eval(f, context, a, ret, e);
}

static struct str text_of(const struct val *v) {
    if (v && v->kind == VAL_BOOL) return v->u.b ? S("true") : S("false");
    return val_text(v);
}

/* What an element says: of one that refers to a record, the record's number by its key. */
static int element_value(struct store_tx *tx, const struct realm *r, const struct record_field *f, struct str value, struct str *ret,
                         struct err *e) {
    const struct record_type *t = f->kind == RECORD_REF ? realm_find(r, SYSTEM_RECORD, f->ref, NULL) : NULL;
    struct record rec;
    bool found;
    *ret = value;
    if (!t || t->key.len == 0 || value.len == 0) return 0;
    int rc = find_one(tx, r, t, t->key, value, &rec, &found, e);
    if (!rc && !found) rc = err_field(e, ERR_NOT_FOUND, f->name, "%.*s", STR_ARG(f->title));
    if (!rc) *ret = arena_fmt(store_arena(tx), "%lld", (long long)rec.id);
    return rc;
}

/* The record that an entry of `records` finds, if it says how and there is one. */
static int found_of(struct store_tx *tx, const struct realm *r, const struct val *declared, const struct val *context,
                    const struct record_type *t, struct record *ret, bool *found, struct err *e) {
    const struct val *find = val_get(declared, S("find"));
    struct val *v;
    struct str value;
    *found = false;
    if (!t || val_pairs(find) != 1) return 0;
    const struct val_pair *by = &find->u.map.pair[0];
    const struct record_field *f = record_field(t, by->key);
    if (!f) return err_set(e, ERR_SYSTEM, "没有这个登记信息项：%.*s", STR_ARG(by->key));
    int rc = eval(val_text(by->value), context, store_arena(tx), &v, e);
    if (!rc) rc = element_value(tx, r, f, text_of(v), &value, e);
    if (rc == ERR_NOT_FOUND) return 0;
    return rc ? rc : find_one(tx, r, t, f->name, value, ret, found, e);
}

static const struct val *records_of(const struct item_case *c) {
    return val_get(c->type->about, S("records"));
}

static int context_of(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret, struct err *e) {
    static const struct str roots[] = { S_INIT("applicant"), S_INIT("company") };
    struct arena *a = store_arena(tx);
    struct val *v = item_flow_vars(c, a), *known, *of_case = val_map(a);
    int rc = item_known_now(tx, r, c, &known, e);
    if (rc) return rc;
    item_lay_typed(c, known, a);
    for (size_t i = 0; i < 2; i++) val_put(a, v, roots[i], val_get(known, roots[i]) ? val_copy(a, val_get(known, roots[i])) : val_null(a));
    val_put_str(a, of_case, S("number"), c->number);
    val_put(a, v, S("case"), of_case);
    for (size_t i = 0; !rc && i < val_count(records_of(c)); i++) {
        const struct val *declared = val_item(records_of(c), i);
        const struct record_type *t = realm_find(r, SYSTEM_RECORD, val_get_str(declared, S("record")), NULL);
        struct record rec;
        bool found;
        rc = found_of(tx, r, declared, v, t, &rec, &found, e);
        if (!rc) val_put(a, v, val_get_str(declared, S("id")), found ? val_copy(a, rec.values) : val_null(a));
    }
    *ret = v;
    return rc;
}

/* ---- what a rule says ---- */

/* The rules that came to it, in the words of their table. */
static struct val *reasons_of(const struct model *m, const struct val *explain, struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(explain); i++) {
        const struct val *table = val_item(explain, i), *rules = val_get(table, S("rules"));
        for (size_t k = 0; k < val_count(rules); k++) {
            int64_t number = 0;
            (void)val_to_i64(val_item(rules, k), &number);
            struct str text = dmn_rule_text(m, val_get_str(table, S("table")), number);
            if (text.len) val_push(a, list, val_str(a, text));
        }
    }
    return list;
}

int item_word_decide(struct item_flow_context *x, const struct flow_at *at, const struct val *args, struct val **ret, struct err *e) {
    struct arena *a = store_arena(x->act->tx);
    struct str decision = val_get_str(args, S("decision")), name = at->element->result;
    const struct model *m = system_find(x->c->system, SYSTEM_RULE, decision);
    struct val *context, *explain = NULL, *one = val_map(a), *all = val_copy(a, val_get(x->c->body, S("decided")));
    if (!m) return err_set(e, ERR_SYSTEM, "没有这个决策：%.*s", STR_ARG(decision));
    if (!name.len) return err_set(e, ERR_SYSTEM, "%.*s 缺少 %s", STR_ARG(at->element->id), "tb:result");
    int rc = context_of(x->act->tx, x->act->realm, x->c, &context, e);
    if (!rc) rc = dmn_decide(m, decision, context, a, ret, &explain, e);
    if (rc) return rc;
    if (!*ret) *ret = val_null(a);
    val_put_str(a, one, S("element"), at->element->id);
    val_put(a, one, S("value"), val_copy(a, *ret));
    val_put(a, one, S("reasons"), reasons_of(m, explain, a));
    val_put_i64(a, one, S("at_ms"), store_now_ms(x->act->tx));
    if (!all) all = val_map(a);
    val_put(a, all, name, one);
    val_put(a, x->c->body, S("decided"), all);
    return FLOW_DONE;
}

void item_decided_show(const struct realm *r, const struct item_case *c, struct str part, struct str lang, struct val *pages,
                       struct arena *a) {
    const struct val *all = val_get(c->body, S("decided"));
    const struct flow_model *m = system_find(c->system, SYSTEM_FLOW, c->type->flow);
    for (size_t i = 0; m && i < val_pairs(all); i++) {
        const struct val *one = all->u.map.pair[i].value, *reasons = val_get(one, S("reasons"));
        const struct flow_element *el = flow_element_find(m, val_get_str(one, S("element")));
        struct str of_part = el ? item_step_part(c, el->id) : S("");
        struct val *v = val_map(a), *rows = val_list(a);
        if (!el || (part.len && of_part.len && !str_eq(part, of_part))) continue;
        for (size_t k = 0; k < val_count(reasons); k++) {
            struct val *row = val_map(a);
            val_put_str(a, row, S("id"), all->u.map.pair[i].key);
            val_put_str(a, row, S("title"), realm_text(r, lang, S("适用的规则")));
            val_put_str(a, row, S("text"), system_text(c->system, lang, val_text(val_item(reasons, k))));
            val_push(a, rows, row);
        }
        val_put_str(a, v, S("id"), el->id);
        val_put_str(a, v, S("title"), system_text(c->system, lang, el->name));
        val_put(a, v, S("rows"), rows);
        val_put(a, v, S("columns"), val_list(a));
        val_put(a, v, S("entries"), val_list(a));
        val_put_bool(a, v, S("changeable"), false);
        if (val_count(rows)) val_push(a, pages, v);
    }
}

/* ---- what is entered ---- */

struct entering {
    struct item_flow_context *x;
    const struct val *declared;
    struct record_registry g;
    struct actor who; /* the system itself, in this request */
    struct str why;
};

static int begin(struct entering *n, struct item_flow_context *x, const struct val *args, const char *act, struct err *e) {
    struct str id = val_get_str(args, S("record"));
    *n = (struct entering){ .x = x, .who = access_worker() };
    for (size_t i = 0; i < val_count(records_of(x->c)) && !n->declared; i++)
        if (str_eq(val_get_str(val_item(records_of(x->c), i), S("id")), id)) n->declared = val_item(records_of(x->c), i);
    if (!n->declared) return err_set(e, ERR_SYSTEM, "没有这个登记：%.*s", STR_ARG(id));
    n->who.request_id = x->act->who->request_id;
    n->why = ARENA_CAT(store_arena(x->act->tx), S("办件 "), x->c->number);
    return record_registry(x->act->realm, &n->who, str_of(act), val_get_str(n->declared, S("record")), &n->g, e);
}

static int values_of(struct entering *n, const struct val *put, const struct val *context, struct val **ret, struct err *e) {
    struct store_tx *tx = n->x->act->tx;
    struct arena *a = store_arena(tx);
    int rc = 0;
    *ret = val_map(a);
    for (size_t i = 0; !rc && i < val_pairs(put); i++) {
        const struct val_pair *p = &put->u.map.pair[i];
        const struct record_field *f = record_field(n->g.type, p->key);
        struct val *v;
        struct str value = S("");
        if (!f) return err_set(e, ERR_SYSTEM, "没有这个登记信息项：%.*s", STR_ARG(p->key));
        rc = eval(val_text(p->value), context, a, &v, e);
        if (!rc) rc = element_value(tx, n->x->act->realm, f, record_clean(a, f, text_of(v)), &value, e);
        if (!rc && value.len) val_put_str(a, *ret, p->key, value);
    }
    return rc;
}

/* A company that the case made: whoever applied stands for it, and papers of the case may be its own. */
static int made(struct entering *n, int64_t id, const struct val *values, struct err *e) {
    struct item_case *c = n->x->c;
    struct arena *a = store_arena(n->x->act->tx);
    struct val *all = val_copy(a, val_get(c->body, S("entered")));
    struct str kind = val_get_str(n->declared, S("stands"));
    if (!all) all = val_map(a);
    val_put_i64(a, all, val_get_str(n->declared, S("id")), id);
    val_put(a, c->body, S("entered"), all);
    if (!kind.len) return 0;
    /* The applicant, not whoever filled it in for him; who has no account stands for nothing here. */
    int64_t account = c->account;
    int rc = c->person && !c->company ? identity_account_of_person(n->x->act->tx, n->x->act->realm, c->person, &account, e) : 0;
    if (rc == ERR_NOT_FOUND) return 0;
    return rc ? rc : identity_mandate_put(n->x->act->tx, n->x->act->realm, &n->who, account, id, val_get_str(values, S("name")), kind, e);
}

static int enter(struct entering *n, const struct val *put, const struct val *context, struct err *e) {
    struct store_tx *tx = n->x->act->tx;
    struct record_change change = { .source = n->g.type->source, .why = n->why, .case_id = n->x->c->id };
    struct record rec;
    struct val *values;
    int64_t id = 0;
    bool found;
    int rc = found_of(tx, n->x->act->realm, n->declared, context, n->g.type, &rec, &found, e);
    if (!rc) rc = values_of(n, put, context, &values, e);
    if (rc) return rc;
    if (found) change.id = rec.id, change.version = rec.version;
    change.values = values;
    rc = record_keep(tx, n->x->act->realm, &n->who, &n->g, &change, &id, e);
    return rc || found ? rc : made(n, id, values, e);
}

int item_word_put(struct item_flow_context *x, const struct val *args, struct err *e) {
    struct entering n;
    struct arena *a = store_arena(x->act->tx);
    struct val *context;
    int rc = begin(&n, x, args, "record.put", e);
    if (!rc) rc = context_of(x->act->tx, x->act->realm, x->c, &context, e);
    if (rc) return rc;
    const struct val *put = val_get(val_get(n.declared, S("put")), val_get_str(args, S("put")));
    struct str each = val_get_str(n.declared, S("each"));
    if (!put) return err_set(e, ERR_SYSTEM, "没有这样的登记：%.*s", STR_ARG(val_get_str(args, S("put"))));
    if (!each.len) return enter(&n, put, context, e);
    const struct val *entries = val_get(context, each);
    for (size_t i = 0; !rc && i < val_count(entries); i++) {
        struct val *with = val_copy(a, context);
        const struct val *entry = val_item(entries, i);
        for (size_t k = 0; k < val_pairs(entry); k++) val_put(a, with, entry->u.map.pair[k].key, entry->u.map.pair[k].value);
        rc = enter(&n, put, with, e);
    }
    return rc;
}

int item_word_end(struct item_flow_context *x, const struct val *args, struct err *e) {
    struct entering n;
    struct val *context;
    struct record rec;
    bool found = false;
    int rc = begin(&n, x, args, "record.end", e);
    if (!rc) rc = context_of(x->act->tx, x->act->realm, x->c, &context, e);
    if (!rc) rc = found_of(x->act->tx, x->act->realm, n.declared, context, n.g.type, &rec, &found, e);
    if (rc || !found) return rc;
    struct record_change change = { .id = rec.id, .version = rec.version, .source = n.g.type->source, .why = n.why,
                                    .case_id = x->c->id, .values = val_map(store_arena(x->act->tx)) };
    return record_end(x->act->tx, x->act->realm, &n.who, &n.g, &change, e);
}

int64_t item_entered(const struct item_case *c, struct str id) {
    return id.len ? val_get_i64(val_get(c->body, S("entered")), id, 0) : 0;
}

/* ---- declared ---- */

static int check_feel(struct arena *a, struct str file, const struct val *map, struct err *e) {
    struct feel *f;
    for (size_t i = 0; i < val_pairs(map); i++) {
        struct err why = { 0 };
        if (feel_compile(a, val_text(map->u.map.pair[i].value), FEEL_EXPRESSION, NULL, 0, &f, &why))
            return err_line(e, ERR_SYSTEM, file, map->u.map.pair[i].line, "FEEL：%s", why.detail);
    }
    return 0;
}

int item_records_compile(struct arena *a, struct str file, const struct val *records, const struct system *m, struct err *e) {
    int rc = 0;
    for (size_t i = 0; !rc && i < val_count(records); i++) {
        const struct val *v = val_item(records, i), *puts = val_get(v, S("put"));
        struct str type = val_get_str(v, S("record"));
        if (val_get_str(v, S("id")).len == 0) return err_line(e, ERR_SYSTEM, file, v->line, "缺少 %s", "id");
        if (!system_find(m, SYSTEM_RECORD, type))
            return err_line(e, ERR_SYSTEM, file, v->line, "没有这个登记类型：%.*s", STR_ARG(type));
        rc = check_feel(a, file, val_get(v, S("find")), e);
        for (size_t k = 0; !rc && k < val_pairs(puts); k++) rc = check_feel(a, file, puts->u.map.pair[k].value, e);
    }
    return rc;
}
