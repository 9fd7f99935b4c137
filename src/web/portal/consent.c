/* consent: B4, before the first question: each datum that would be taken of a registry, from where, as of when, for what and for whom; the
 * applicant agrees, or types it himself. Invariants: nothing is chosen beforehand, and neither way is hidden behind the other; values
 * are masked as the registry says.
 */
#include "web/portal/portal.h"
#include "web/user.h"

/* Data of one registry record stand together. */
static void add_group(struct page *p, const struct system *m, struct val *groups, const struct val *datum) {
    struct val *group = NULL;
    for (size_t i = 0; i < val_count(groups) && !group; i++) {
        struct val *g = groups->u.list.item[i];
        if (str_eq(val_get_str(g, S("record")), val_get_str(datum, S("record"))) &&
            str_eq(val_get_str(g, S("as_of")), val_get_str(datum, S("as_of"))))
            group = g;
    }
    if (!group) {
        static const char *const keys[] = { "system", "record", "source", "as_of", NULL };
        group = val_map(p->a);
        for (const char *const *k = keys; *k; k++)
            val_put_str(p->a, group, str_of(*k), val_get_str(datum, str_of(*k)));
        val_put(p->a, group, S("data"), val_list(p->a));
        val_push(p->a, groups, group);
    }
    struct val *v = val_copy(p->a, datum);
    const struct val *units = val_get(datum, S("units"));
    struct buf b;
    buf_init(&b, p->a, 256, 4096);
    for (size_t i = 0; i < val_count(units); i++) {
        if (i) buf_add(&b, page_text(p, S("、")));
        buf_add(&b, val_text(val_item(units, i)));
    }
    val_put_str(p->a, v, S("seen_by"), buf_str(&b));
    val_put_str(p->a, v, S("dispute_href"), portal_dispute_href(p, m, val_get_str(datum, S("from"))));
    val_push(p->a, (struct val *)val_get(group, S("data")), v);
}

static void add_choice(struct page *p, struct val *choices, const char *value, struct str title,
                       struct str note, struct str chosen) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("choice_id"),
                val_count(choices) ? ARENA_CAT(p->a, S("decision-"), str_of(value)) : S("decision"));
    val_put_str(p->a, v, S("value"), str_of(value));
    val_put_str(p->a, v, S("title"), page_text(p, title));
    val_put_str(p->a, v, S("note"), page_text(p, note));
    val_put_bool(p->a, v, S("selected"), str_eq(chosen, str_of(value)));
    val_push(p->a, choices, v);
}

static void put_choice(struct page *p, struct str decided) {
    static const char *const none[] = { "hint", "source", "optional", "inline", "heading", NULL };
    struct val *field = portal_put_map(p, S("field")), *choices = val_list(p->a);
    for (const char *const *k = none; *k; k++) val_put_str(p->a, field, str_of(*k), S(""));
    add_choice(p, choices, "agree", S("同意带入"), S("表里已有的内容由系统带入，不用再填"), decided);
    add_choice(p, choices, "type", S("不同意，我自己填写"), S("系统不取这些信息；办理机关可能要您出示证明"),
               decided);
    val_put_str(p->a, field, S("id"), S("decision"));
    val_put_str(p->a, field, S("name"), S("decision"));
    val_put_str(p->a, field, S("label"), page_text(p, S("您同意从登记库带入这些信息吗？")));
    val_put_str(p->a, field, S("error"), page_fault_text(p, S("decision")));
    val_put(p->a, field, S("choices"), choices);
}

int consent_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    struct val *view, *groups = val_list(p->a);
    int rc = portal_case(tx, p, "case.consent", &c, e);
    if (!rc) rc = item_consent_view(tx, page_realm(p), &c, p->lang, &view, e);
    if (rc) return rc;
    const struct val *data = val_get(view, S("data"));
    struct str decided = val_get_str(view, S("decision"));
    if (!str_eq(c.state, S("draft")))
        p->location = portal_case_path(p, c.id, S(""));
    else if (val_count(data) == 0)
        p->location = portal_case_path(p, c.id, S("/fill"));
    for (size_t i = 0; i < val_count(data); i++) add_group(p, c.system, groups, val_item(data, i));
    val_put(p->a, p->view, S("groups"), groups);
    put_choice(p, portal_again(p) ? page_in(p, S("decision")) : decided);
    val_put_str(p->a, p->view, S("item_name"), system_text(c.system, p->lang, c.type->name));
    val_put_str(p->a, p->view, S("applicant"),
                user_of(p)->actor.on_behalf ? user_of(p)->actor.on_behalf_name : user_of(p)->actor.name);
    struct str back =
        decided.len ? portal_case_path(p, c.id, S("/fill")) : ARENA_CAT(p->a, S("/apply/"), c.item);
    val_put_str(p->a, p->view, S("back_href"), page_href(p, back));
    val_put_str(p->a, p->view, S("log_href"), page_href(p, S("/space/access-log")));
    return 0;
}

int consent_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("登记信息怎么用")));
    portal_form(p, S("继续"), false, S(""));
    p->template = S("portal/consent");
    return 0;
}

/* To the first question where nothing is answered yet, else to the tasks. */
int consent_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str decision = page_in(p, S("decision"));
    struct item_case c;
    bool agree = str_eq(decision, S("agree"));
    int rc = portal_case(tx, p, "case.consent", &c, e);
    if (rc) return rc;
    if (!agree && !str_eq(decision, S("type")))
        return page_fault(p, S("decision"), ERR_INPUT, S("请选择同意带入，还是自己填写"));
    bool first = item_consent_open(&c) && val_count(val_get(c.body, S("answers"))) == 0;
    rc = item_consent_give(tx, page_realm(p), p->who, c.id, agree, e);
    const struct form_page *fp = rc ? NULL : form_next(c.form, NULL, NULL, p->a);
    if (!rc)
        p->location =
            portal_case_path(p, c.id, first && fp ? ARENA_CAT(p->a, S("/fill/"), fp->id) : S("/fill"));
    return rc;
}
