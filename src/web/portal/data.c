/* data: C15, what the registries hold about me, each datum with whose word it is and since when;
 * and from wherever a datum is shown, the way to say that it is wrong. Invariant: what is shown is
 * about the reader himself, or about the company that he acts for; nobody else's page leads here.
 */
#include "engine/record/record.h"
#include "web/portal/portal.h"
#include "web/user.h"

struct str portal_dispute_href(struct page *p, const struct system *m, struct str from) {
    struct str item, question, element;
    bool company = str_starts(from, S("company."));
    if (!p->who || p->who->only || company != (actor_company(p->who) != 0)) return S(""); /* whom it is about says so */
    if (!item_dispute_find(page_realm(p), m, from, &item, &question, &element)) return S("");
    return page_href(p, ARENA_CAT(p->a, S("/apply/"), item, S("?"), question, S("="), element));
}

static void put_rows(struct page *p, const struct system *m, const struct record_type *t,
                     struct str root, const struct val *known, struct val *group) {
    struct val *rows = val_list(p->a);
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct record_field *f = &t->field[i];
        struct str from = ARENA_CAT(p->a, root, S("."), f->name),
                   value = val_text(val_path(known, from));
        struct val *v = val_map(p->a);
        int64_t at = 0;
        if (f->kind == RECORD_REF) continue;
        (void)val_to_i64(val_path(known, ARENA_CAT(p->a, S("as_of."), from)), &at);
        struct str source = val_text(val_path(known, ARENA_CAT(p->a, S("sources."), from)));
        val_put_str(p->a, v, S("title"), system_text(m, p->lang, f->title));
        val_put_str(p->a, v, S("value"),
                    f->kind == RECORD_CODE ? system_text(m, p->lang, value) : value);
        val_put_str(p->a, v, S("source"),
                    value.len ? system_text(m, p->lang, source.len ? source : t->source) : S(""));
        val_put_str(p->a, v, S("as_of"),
                    value.len && at ? realm_day(page_realm(p), p->a, p->lang, at) : S(""));
        val_put_str(p->a, v, S("dispute_href"), portal_dispute_href(p, m, from));
        val_push(p->a, rows, v);
    }
    val_put(p->a, group, S("rows"), rows);
}

int data_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct realm *r = page_realm(p);
    bool company = actor_company(p->who) != 0;
    const struct system *m = NULL;
    const struct record_type *t =
        realm_find(r, SYSTEM_RECORD, company ? S("company") : S("person"), &m);
    struct val *known, *groups = val_list(p->a), *group = val_map(p->a);
    val_put(p->a, p->view, S("groups"), groups);
    val_put_bool(p->a, p->view, S("nothing"), !t || !actor_owner(p->who) || p->who->n_items);
    if (val_get_bool(p->view, S("nothing"), false)) return portal_standings_put(tx, p, e);
    int rc = item_prefill(tx, r, m, actor_applicant(p->who), actor_company(p->who), &known, e);
    if (rc) return rc;
    val_put_str(p->a, group, S("record"), system_text(m, p->lang, t->title));
    val_put_str(p->a, group, S("system"), system_text(m, p->lang, m->title));
    put_rows(p, m, t, company ? S("company") : S("applicant"), known, group);
    val_push(p->a, groups, group);
    return portal_standings_put(tx, p, e);
}

int data_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("我的登记信息")));
    portal_side(p, "/space/data");
    if (val_get_bool(p->view, S("nothing"), false))
        portal_empty(p, S("登记库里没有您的信息"),
                     S("您的账户没有联系到登记库里的记录。请拨打 12345。"), S(""), S(""));
    p->template = S("portal/data");
    return 0;
}
