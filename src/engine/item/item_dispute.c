/* item_dispute: a datum of a registry is wrong. Whom it is about says so by an item of the
 * registry's own system, and its keeper decides; see item.h. What may be disputed, how it is dealt
 * with and until when is that item's; here are the way to it from a datum, and the word by which
 * the keeper's decision changes the record. Invariants: the record is changed by the act of who
 * decided and within his own reach, as every change of it is; the version before stays; nothing but
 * the element that was named is touched.
 */
#include "engine/item/item_rows.h"

#include "engine/record/record.h"

/* The item by which elements of the type are disputed, among those in force. */
static const struct item_type *item_against(const struct realm *r, struct str record,
                                            const struct system **ret) {
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < all[i]->part[SYSTEM_ITEM].n; k++) {
            const struct item_type *t = all[i]->part[SYSTEM_ITEM].entry[k].value;
            if (!str_eq(t->disputes, record)) continue;
            *ret = all[i];
            return t;
        }
    return NULL;
}

bool item_dispute_find(const struct realm *r, const struct system *m, struct str from,
                       struct str *ret_item, struct str *ret_question, struct str *ret_element) {
    const struct record_type *t;
    const struct record_field *f;
    const struct system *owner;
    if (!form_source(m, from, &t, &f)) return false;
    const struct item_type *item = item_against(r, t->id, &owner);
    const struct form_question *q =
        item && item->check->n_questions ? &item->check->question[0] : NULL;
    const struct code_set *set = q && q->code.len ? system_find(owner, SYSTEM_CODE, q->code) : NULL;
    if (!set || !code_set_find(set, f->name)) return false;
    *ret_item = item->id;
    *ret_question = q->id;
    *ret_element = f->name;
    return true;
}

/* What somebody says of himself is the source; the words of who decided are the reason. */
static int change(struct item_flow_context *x, const struct record_registry *g, int64_t id,
                  struct str element, struct err *e) {
    struct store_tx *tx = x->act->tx;
    struct arena *a = store_arena(tx);
    const struct record_field *f = record_field(g->type, element);
    const struct val *answers = val_get(x->c->body, S("answers"));
    struct val *values = val_map(a);
    struct record rec;
    int64_t changed;
    int rc = f ? record_get(tx, x->act->realm, g->type, id, &rec, e)
               : err_set(e, ERR_SYSTEM, "record.correct：%.*s", STR_ARG(element));
    if (rc) return rc;
    val_put_str(a, values, element, record_clean(a, f, val_get_str(answers, element)));
    struct record_change c = { .id = id, .version = rec.version, .values = values };
    c.source = record_source(g, 1).len ? record_source(g, 1) : record_source(g, 0);
    c.why = ARENA_CAT(a, S("异议更正，办件 "), x->c->number);
    rc = record_keep(tx, x->act->realm, x->act->who, g, &c, &changed, e);
    if (rc == ERR_NOT_FOUND) return err_set(e, ERR_STATE, "这项登记不归您的单位管，不能由您更正");
    if (rc == ERR_STATE || rc == ERR_CONFLICT || rc == ERR_FORBIDDEN ||
        err_kind(rc) != ERR_KIND_CALLER)
        return rc;
    return rc ? err_set(e, ERR_STATE, "申请人填的内容，登记库不收：不符合这一项的要求") : FLOW_DONE;
}

int item_dispute_settle(struct item_flow_context *x, const struct val *args, struct err *e) {
    bool company = str_eq(val_get_str(args, S("of")), S("company"));
    struct str question = val_get_str(args, S("element"));
    struct str element = val_get_str(val_get(x->c->body, S("answers")), question);
    struct record_registry g;
    int rc = record_registry(x->act->realm, x->act->who, S("record.put"),
                             company ? S("company") : S("person"), &g, NULL);
    if (rc) return err_set(e, ERR_FORBIDDEN, "%s", "登记或变更");
    return change(x, &g, company ? x->c->company : x->c->person, element, e);
}
