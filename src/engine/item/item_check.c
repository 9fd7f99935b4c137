/* item_check: may I apply, and with what? Before anybody signs in, from a few of the item's own
 * questions; see item.h. Invariants: whoever applies with the same answers is told the same, since
 * the same tables decide; no question tells who somebody is, so the answers may stand in an
 * address; nothing is kept until a draft takes them.
 */
#include "engine/item/item_rows.h"

/* What may be asked of somebody unknown, and carried in an address. */
static bool may_ask(const struct form_question *q) {
    return q->kind == FORM_INTEGER || q->kind == FORM_DATE || q->kind == FORM_YES_NO ||
           q->kind == FORM_CHOICE || q->kind == FORM_MULTI || q->kind == FORM_SELECT;
}

int item_check_compile(struct arena *a, struct str file, const struct val *yaml,
                       const struct system *m, struct item_type *t, struct err *e) {
    const struct val *names = val_get(yaml, S("check"));
    const struct form *form = system_find(m, SYSTEM_FORM, t->form);
    struct form_page *p = arena_new(a, struct form_page);
    if (names && (names->kind != VAL_LIST || val_count(names) > ITEM_CHECK_MAX))
        return err_line(e, ERR_SYSTEM, file, yaml->line, "check 应写成 [问题, ...]，至多 %d 个",
                        ITEM_CHECK_MAX);
    struct form_question *q = arena_array(a, val_count(names) + 1, sizeof *q);
    if (!p || !q) return err_set(e, ERR_MEMORY, NULL);
    *p = (struct form_page){ .id = S("check"), .title = t->name, .question = q };
    for (size_t i = 0; i < val_count(names); i++) {
        struct str id = val_text(val_item(names, i));
        const struct form_question *of = form_question(form, id);
        uint32_t line = val_item(names, i)->line;
        if (!of) return err_line(e, ERR_SYSTEM, file, line, "没有这个问题：%.*s", STR_ARG(id));
        if (!may_ask(of) || str_eq(id, S("who")))
            return err_line(e, ERR_SYSTEM, file, line, "登录前不能问这个问题：%.*s", STR_ARG(id));
        q[p->n_questions] = *of;
        q[p->n_questions++].required = true;
    }
    t->check = p;
    return 0;
}

static struct val *obstacle(const struct system *m, const struct val *about, struct str lang,
                            struct arena *a) {
    static const char *const texts[] = { "title", "basis", "instead", NULL };
    struct val *v = val_map(a);
    for (const char *const *k = texts; *k; k++)
        val_put_str(a, v, str_of(*k), system_text(m, lang, val_get_str(about, str_of(*k))));
    return v;
}

struct val *item_obstacles_view(const struct item_case *c, struct str lang, struct arena *a) {
    const struct val *found = val_get(c->body, S("obstacles"));
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(found); i++)
        for (size_t k = 0; k < val_count(c->type->obstacles); k++) {
            const struct val *about = val_item(c->type->obstacles, k);
            if (str_eq(val_get_str(about, S("id")), val_text(val_item(found, i))))
                val_push(a, list, obstacle(c->system, about, lang, a));
        }
    return list;
}

/* Of a guide's list, those whose ids were decided. */
static void keep_decided(struct val *guide, const char *key, const struct val *decided,
                         struct arena *a) {
    const struct val *all = val_get(guide, str_of(key));
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(all); i++)
        for (size_t k = 0; k < val_count(decided); k++)
            if (str_eq(val_get_str(val_item(all, i), S("id")), val_text(val_item(decided, k))))
                val_push(a, list, all->u.list.item[i]);
    val_put(a, guide, str_of(key), list);
}

static struct val *not_for(const struct realm *r, const struct system *m, const struct item_type *t,
                           struct str lang, struct arena *a) {
    struct val *v = val_map(a);
    struct str title =
        t->for_company ? S("这个事项只受理企业和其他组织的申请") : S("这个事项只受理个人的申请");
    val_put_str(a, v, S("title"), realm_text(r, lang, title));
    val_put_str(a, v, S("basis"), system_text(m, lang, val_get_str(t->about, S("basis"))));
    val_put_str(a, v, S("instead"), system_text(m, lang, val_get_str(t->about, S("conditions"))));
    return v;
}

int item_check_view(const struct realm *r, const struct system *m, const struct item_type *t,
                    bool company, const struct val *answers, struct str lang, struct arena *a,
                    struct val **ret, struct err *e) {
    struct item_case c = {
        .system = m, .type = t, .form = system_find(m, SYSTEM_FORM, t->form), .body = val_map(a)
    };
    struct val *v = item_guide_view(r, m, t, lang, a);
    val_put(a, c.body, S("answers"), val_copy(a, answers));
    int rc = item_decide(a, &c, e);
    if (rc) return rc;
    struct val *reasons = item_obstacles_view(&c, lang, a);
    if (company ? !t->for_company : !t->for_person) val_push(a, reasons, not_for(r, m, t, lang, a));
    val_put_bool(a, v, S("may"), val_count(reasons) == 0);
    val_put(a, v, S("reasons"), reasons);
    keep_decided(v, "parts", val_get(c.body, S("parts")), a);
    keep_decided(v, "materials", val_get(c.body, S("materials")), a);
    *ret = v;
    return arena_overflowed(a) ? err_set(e, ERR_MEMORY, NULL) : 0;
}

int item_check_lay(struct store_tx *tx, const struct realm *r, const struct actor *who,
                   int64_t case_id, const struct val *answers, struct err *e) {
    struct arena *a = store_arena(tx);
    struct act act;
    struct item_case c;
    struct val *checked = NULL, *errors = NULL;
    struct err ignored;
    int rc = item_open(&act, tx, r, who, S("case.draft"), case_id, &c, e);
    if (!rc) rc = item_must_be(&c, S("draft"), e);
    if (rc) return rc;
    const struct form_page *p = c.type->check; /* of the draft's own release */
    struct val *stand = val_copy(a, val_get(c.body, S("answers")));
    (void)form_check_page(p, c.system, answers, NULL, a, &checked, &errors, &ignored);
    for (size_t i = 0; i < p->n_questions; i++) {
        struct str id = p->question[i].id;
        const struct val *given = val_get(checked, id);
        if (!val_get(errors, id) && val_truthy(given) && !val_truthy(val_get(stand, id)))
            val_put(a, stand, id, val_copy(a, given));
    }
    val_put(a, c.body, S("answers"), stand);
    rc = item_decide(a, &c, e);
    if (!rc) rc = item_row_update(tx, r, &c, e);
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, S("check"), e);
}
