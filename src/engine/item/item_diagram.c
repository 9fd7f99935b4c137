/* item_diagram: the process of a case as it is drawn, with where it stands, and the same as a list of steps; see item.h.
 * Invariant: of each step is told where it stands, when and who did it, as the board does, and nothing of what is in it.
 */
#include "engine/item/item_rows.h"

enum { DRAWING_BYTES_MAX = 512 * 1024 };

struct telling {
    const struct realm *r;
    const struct item_case *c;
    const struct flow_model *m;
    struct str lang;
};

/* A name that has no words in the reader's language is told by what kind of step it is. */
static struct str translate(void *context, struct str source) {
    const struct telling *t = context;
    struct str text = system_text(t->c->system, t->lang, source);
    if (str_eq(text, source)) text = realm_text(t->r, t->lang, source);
    if (!str_eq(text, source) || str_eq(t->lang, S("zh"))) return text;
    for (size_t i = 0; i < t->m->n_element; i++)
        if (str_eq(t->m->element[i].name, source)) return realm_text(t->r, t->lang, flow_kind_shown(t->m->element[i].kind));
    return text;
}

static void put_state(const struct telling *t, const struct flow_step *s, struct val *v, struct arena *a) {
    static const struct {
        struct str text, tone;
    } states[] = {
        [FLOW_STEP_AHEAD] = { S_INIT("尚未开始"), S_INIT("") },
        [FLOW_STEP_MAYBE] = { S_INIT("视情况办理"), S_INIT("") },
        [FLOW_STEP_OFF] = { S_INIT("不需要"), S_INIT("") },
        [FLOW_STEP_NOW] = { S_INIT("正在办理"), S_INIT("brand") },
        [FLOW_STEP_DONE] = { S_INIT("已办"), S_INIT("ok") },
        [FLOW_STEP_INCIDENT] = { S_INIT("出错，等待处理"), S_INIT("seal") },
    };
    val_put_str(a, v, S("state"), realm_text(t->r, t->lang, states[s->state].text));
    val_put_str(a, v, S("tone"), states[s->state].tone);
    val_put_bool(a, v, S("now"), s->state == FLOW_STEP_NOW);
}

static int put_steps(struct store_tx *tx, struct telling *t, const struct flow_step *step, size_t n, struct val *list,
                     struct err *e) {
    struct arena *a = store_arena(tx);
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++) {
        const struct flow_element *el = step[i].element;
        struct val *v = val_map(a);
        struct str name = S("");
        const struct item_part *part = item_part(t->c->type, item_step_part(t->c, el->id));
        bool officers = el->kind == FLOW_USER && !str_eq(el->role, S("applicant")); /* else it is the applicant's name, or nobody's */
        if (officers && step[i].actor_id && step[i].state == FLOW_STEP_DONE)
            rc = identity_account_name(tx, t->r, step[i].actor_id, &name, e);
        val_put_str(a, v, S("title"), translate(t, el->name.len ? el->name : flow_kind_shown(el->kind)));
        val_put_str(a, v, S("kind"), realm_text(t->r, t->lang, flow_kind_shown(el->kind)));
        val_put_str(a, v, S("part"), part ? system_text(t->c->system, t->lang, part->title) : S(""));
        val_put_str(a, v, S("entered"), realm_time(t->r, a, t->lang, step[i].entered_ms));
        val_put_str(a, v, S("left"), step[i].state == FLOW_STEP_NOW ? S("") : realm_time(t->r, a, t->lang, step[i].left_ms));
        val_put_str(a, v, S("by"), name);
        put_state(t, &step[i], v, a);
        val_push(a, list, v);
    }
    return rc;
}

int item_diagram_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct str lang, struct val **ret,
                      struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_token scope;
    struct item_case c;
    struct flow_instance *inst;
    struct flow_history *h = NULL;
    struct flow_token *t = NULL;
    size_t n_inst = 0, n_h = 0, n_t = 0, n = 0;
    struct buf drawn;
    int rc = access_may(r, who, S("case.read"), &scope, e);
    if (!rc) rc = item_case_get(tx, r, &scope, id, &c, e);
    if (!rc) rc = flow_instances_of(tx, id, &inst, &n_inst, e);
    if (!rc && n_inst) rc = flow_history_of(tx, inst, 1, &h, &n_h, e);
    const struct flow_model *m = rc ? NULL : system_find(c.system, SYSTEM_FLOW, c.type->flow);
    if (!rc && n_inst && m) rc = flow_tokens_of(tx, m, inst[0].id, &t, &n_t, e);
    if (rc) return rc;
    struct telling telling = { r, &c, m, lang };
    struct val *v = *ret = val_map(a), *list = val_list(a);
    struct flow_step *step = m ? flow_steps(a, m, h, n_h, t, n_t, &n) : NULL;
    buf_init(&drawn, a, 16384, DRAWING_BYTES_MAX);
    if (step) rc = put_steps(tx, &telling, step, n, list, e);
    bool any = step && flow_svg(&drawn, m, &(struct flow_drawing){ .title = realm_text(r, lang, S("流程图")), .step = step, .n_step = n,
                                                                   .context = &telling, .text = translate });
    val_put_i64(a, v, S("id"), c.id);
    val_put_str(a, v, S("number"), c.number);
    val_put_str(a, v, S("item"), system_text(c.system, lang, c.type->name));
    val_put_str(a, v, S("state_text"), item_word_text(r, lang, item_state_shown(&c)));
    val_put(a, v, S("steps"), list);
    if (any && buf_ok(&drawn)) val_put(a, v, S("drawing"), val_html(a, buf_str(&drawn)));
    return rc;
}
