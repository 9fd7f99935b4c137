/* item_answer: the answers of a case while they may be changed: as a draft, page by page and entry by entry, and again while a supplement
 * is asked for.
 * Invariants
 *  1. Who saw an older state of a page than the one that stands overwrites nothing unseen: ERR_CONFLICT (`_seen` of the input).
 *  2. After submission only the pages of the parts that asked are open, every change is in the case's log, and none may change which
 *     parts there are, where the matter is dealt with, or what the process was told.
 */
#include "engine/item/item_rows.h"

#include "data/write.h"

/* Answers as decisions read them: whole numbers as numbers, yes/no as booleans, absent ones as null, entries as contexts. */
static struct val *typed(struct arena *a, const struct form_question *q, const struct val *v) {
    struct str s = val_text(v);
    if (v && (v->kind == VAL_LIST || v->kind == VAL_MAP)) return val_copy(a, v);
    if (s.len == 0) return val_null(a);
    if (q->kind == FORM_INTEGER) return val_num(a, s);
    return q->kind == FORM_YES_NO ? val_bool(a, str_eq(s, S("yes"))) : val_str(a, s);
}

static struct val *contexts(struct arena *a, const struct form_page *p, const struct val *entries) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(entries); i++) {
        struct val *one = val_map(a);
        for (size_t k = 0; k < p->n_questions; k++)
            val_put(a, one, p->question[k].id,
                    typed(a, &p->question[k], val_get(val_item(entries, i), p->question[k].id)));
        val_push(a, list, one);
    }
    return list;
}

struct given {
    const struct val *given;
    struct val *out;
    struct arena *a;
};

static void put_given(void *to, const struct form *f) {
    struct given *x = to;
    for (size_t i = 0; i < f->n_pages; i++)
        for (size_t k = 0; k < f->page[i].n_questions; k++)
            val_put(x->a, x->out, f->page[i].question[k].id,
                    typed(x->a, &f->page[i].question[k], val_get(x->given, f->page[i].question[k].id)));
}

static void put_decided(const struct val *decided, struct val *out, struct arena *a) {
    for (size_t i = 0; i < val_pairs(decided); i++)
        val_put(a, out, decided->u.map.pair[i].key, val_copy(a, val_get(decided->u.map.pair[i].value, S("value"))));
}

/* What stands on a page that is no longer asked does not count. */
struct val *item_flow_vars(const struct item_case *c, struct arena *a) {
    const struct val *answers = form_effective(c->form, val_get(c->body, S("answers")), a);
    struct val *out = val_map(a);
    for (size_t i = 0; i < c->form->n_pages; i++) {
        const struct form_page *p = &c->form->page[i];
        if (p->repeats) val_put(a, out, p->id, contexts(a, p, val_get(answers, p->id)));
        for (size_t k = 0; k < p->n_questions && !p->repeats; k++)
            val_put(a, out, p->question[k].id, typed(a, &p->question[k], val_get(answers, p->question[k].id)));
    }
    struct given x = { val_get(c->body, S("given")), out, a };
    item_given_each(c, put_given, &x);
    put_decided(val_get(c->body, S("decided")), out, a);
    val_put(a, out, S("parts"), val_copy(a, val_get(c->body, S("parts"))));
    return out;
}

/* ---- what was seen ---- */

struct str item_answers_seen(const struct realm *r, const struct item_case *c, const struct form_page *p,
                             const struct val *answers, int64_t entry, struct arena *a) {
    struct val *seen = val_map(a);
    struct buf b;
    struct digest d;
    buf_init(&b, a, 512, 512 * 1024);
    for (size_t i = 0; i < (p->repeats ? 1 : p->n_questions); i++) {
        struct str id = p->repeats ? p->id : p->question[i].id;
        const struct val *v = entry ? form_entry(p, answers, entry) : val_get(answers, id);
        if (val_truthy(v)) val_put(a, seen, id, (struct val *)v);
    }
    write_json(&b, seen);
    const struct str parts[] = { S("seen"), arena_fmt(a, "%lld", (long long)c->id), p->id, buf_str(&b) };
    mac(r->keys.suite, r->keys.token, parts, 4, &d);
    struct buf hex;
    buf_init(&hex, a, 40, 40);
    buf_add_hex(&hex, d.v, 16);
    return buf_str(&hex);
}

/* Another window saved this page meanwhile, and not the same. */
static bool overtaken(const struct realm *r, const struct item_case *c, const struct form_page *p,
                      const struct val *input, const struct val *after, int64_t entry, struct arena *a) {
    struct str seen = val_get_str(input, S("_seen"));
    if (seen.len == 0) return false;
    struct str now = item_answers_seen(r, c, p, val_get(c->body, S("answers")), entry, a);
    return !str_eq(seen, now) && !str_eq(item_answers_seen(r, c, p, after, entry, a), now);
}

/* ---- who may change what ---- */

/* Is a draft open, or a supplement that is asked for by one of these parts? */
static bool open_for(struct store_tx *tx, const struct item_case *c, const struct val *parts) {
    struct flow_task *tasks;
    size_t n = 0;
    if (str_eq(c->state, S("draft"))) return true;
    if (!str_eq(c->state, S("supplement")) || flow_tasks_of(tx, c->id, &tasks, &n, NULL)) return false;
    for (size_t i = 0; i < n; i++) {
        bool open = tasks[i].state == FLOW_TASK_READY || tasks[i].state == FLOW_TASK_RESERVED;
        if (open && str_eq(tasks[i].role, S("applicant")) && item_sees(parts, item_step_part(c, tasks[i].element))) return true;
    }
    return false;
}

bool item_page_open(struct store_tx *tx, const struct item_case *c, const struct form_page *p) {
    return open_for(tx, c, p->parts);
}

bool item_material_open(struct store_tx *tx, const struct item_case *c, const struct item_material *m) {
    return open_for(tx, c, m->parts);
}

struct changing {
    struct act act;
    struct item_case c;
    const struct form_page *p;
};

static int begin(struct changing *x, struct store_tx *tx, const struct realm *r, const struct actor *who,
                 int64_t case_id, struct str page, struct err *e) {
    int rc = item_open(&x->act, tx, r, who, S("case.draft"), case_id, &x->c, e);
    if (rc) return rc;
    if (!str_eq(x->c.state, S("draft")) && !str_eq(x->c.state, S("supplement")))
        return item_must_be(&x->c, S("draft"), e);
    x->p = form_page(x->c.form, page);
    if (!x->p) return err_set(e, ERR_NOT_FOUND, NULL);
    if (!item_page_open(tx, &x->c, x->p)) return err_set(e, ERR_STATE, "这一页现在不能修改，请只改一次性告知要补正的内容");
    bool asked = form_asked(x->p, val_get(x->c.body, S("answers")), store_arena(tx));
    return asked ? 0 : err_field(e, ERR_NOT_FOUND, page, "按现在的回答，这一页不用填");
}

/* "面积：60 → 80" for each answer that became another; only the names where several departments would read one another's. */
static struct str changes_text(const struct changing *x, const struct val *before, const struct val *after,
                               struct arena *a) {
    bool named = x->p->repeats || val_count(x->p->parts) > 1;
    struct buf b;
    buf_init(&b, a, 256, 16384);
    for (size_t i = 0; i < x->p->n_questions && !x->p->repeats; i++) {
        const struct form_question *q = &x->p->question[i];
        const struct val *was = val_get(before, q->id), *is = val_get(after, q->id);
        if (was == is || (was && is && val_equal(was, is))) continue;
        if (b.len) buf_add(&b, S("；"));
        buf_add(&b, q->title);
        if (named) continue;
        buf_add(&b, S("："));
        buf_add(&b, form_answer_text(q, x->c.system, before, S("zh"), a));
        buf_add(&b, S(" → "));
        buf_add(&b, form_answer_text(q, x->c.system, after, S("zh"), a));
    }
    if (x->p->repeats && !val_equal(val_get(before, x->p->id), val_get(after, x->p->id)))
        buf_add(&b, x->p->title);
    return buf_str(&b);
}

static int note_change(struct changing *x, const struct val *before, const struct val *after, struct err *e) {
    struct arena *a = store_arena(x->act.tx);
    struct val *body = val_map(a);
    struct str text = changes_text(x, before, after, a);
    if (text.len == 0) return 0;
    val_put_str(a, body, S("title"), x->p->title);
    val_put_str(a, body, S("opinion"), text);
    struct item_event ev = { .kind = S("change"),
                             .account = x->act.who->account,
                             .body = body,
                             .part = val_count(x->p->parts) == 1 ? val_text(val_item(x->p->parts, 0)) : S("") };
    return item_event_add(x->act.tx, x->act.realm, &x->c, &ev, e);
}

/* What was decided from the answers when the case was submitted. */
static struct val *fixed_of(const struct item_case *c, const struct val *prefill, struct arena *a) {
    const struct val *names = val_get(c->type->about, S("variables")), *vars = item_flow_vars(c, a);
    struct val *out = val_map(a);
    for (size_t i = 0; i < val_count(names); i++)
        if (val_get(vars, val_text(val_item(names, i))))
            val_put(a, out, val_text(val_item(names, i)),
                    (struct val *)val_get(vars, val_text(val_item(names, i))));
    val_put(a, out, S("parts"), val_copy(a, val_get(c->body, S("parts"))));
    val_put_i64(a, out, S("division"), item_division_of(val_get(c->body, S("answers")), prefill));
    return out;
}

static int finish(struct changing *x, struct val *after, struct err *e) {
    struct arena *a = store_arena(x->act.tx);
    const struct val *before = val_get(x->c.body, S("answers")), *prefill = val_get(x->c.body, S("prefill"));
    bool draft = str_eq(x->c.state, S("draft"));
    const struct val *fixed = draft ? NULL : fixed_of(&x->c, prefill, a);
    val_put(a, x->c.body, S("answers"), after);
    int rc = item_decide(a, &x->c, e);
    if (!rc && fixed && !val_equal(fixed, fixed_of(&x->c, prefill, a)))
        return err_set(e, ERR_STATE, "这样改会改变要办理的许可或者受理的单位，补正时不能改；请撤回后重新申请");
    if (!rc && fixed) rc = note_change(x, before, after, e);
    if (!rc) rc = item_row_update(x->act.tx, x->act.realm, &x->c, e);
    return rc ? rc : act_close(&x->act, S("case"), x->c.id, x->c.id, x->p->id, e);
}

/* ---- commands ---- */

int item_answers_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                     struct str page, const struct val *input, struct val **errors, struct err *e) {
    struct changing x;
    struct arena *a = store_arena(tx);
    struct val *answers;
    int rc = begin(&x, tx, r, who, case_id, page, e);
    if (!rc)
        rc = form_check_page(x.p, x.c.system, input, val_get(x.c.body, S("answers")), a, &answers, errors, e);
    if (!rc && overtaken(r, &x.c, x.p, input, answers, 0, a)) rc = err_set(e, ERR_CONFLICT, "这一页");
    return rc ? rc : finish(&x, answers, e);
}

/* What is wrong stays what it was before. */
void item_answers_right(struct arena *a, struct val *into, const struct val *errors, const struct val *before) {
    for (size_t i = 0; i < val_pairs(errors); i++) {
        struct str id = errors->u.map.pair[i].key;
        const struct val *old = val_get(before, id);
        val_put(a, into, id, old ? val_copy(a, old) : val_str(a, S("")));
    }
}

int item_answers_keep(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                      struct str page, const struct val *input, struct err *e) {
    struct changing x;
    struct arena *a = store_arena(tx);
    struct val *answers, *errors;
    int rc = begin(&x, tx, r, who, case_id, page, e);
    if (!rc) rc = item_must_be(&x.c, S("draft"), e);
    if (rc) return rc;
    rc = form_check_page(x.p, x.c.system, input, val_get(x.c.body, S("answers")), a, &answers, &errors, e);
    if (rc && rc != ERR_INPUT) return rc;
    if (!x.p->repeats) item_answers_right(a, answers, errors, val_get(x.c.body, S("answers")));
    if (overtaken(r, &x.c, x.p, input, answers, 0, a)) return err_set(e, ERR_CONFLICT, "这一页");
    return finish(&x, answers, e);
}

int item_entry_put(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                   struct str page, int64_t entry, bool keep, const struct val *input, struct val **errors,
                   struct err *e) {
    struct changing x;
    struct arena *a = store_arena(tx);
    struct val *answers;
    int rc = begin(&x, tx, r, who, case_id, page, e);
    if (rc) return rc;
    const struct val *before = form_entry(x.p, val_get(x.c.body, S("answers")), entry);
    rc = form_check_entry(x.p, x.c.system, input, val_get(x.c.body, S("answers")), entry, a, &answers, errors,
                          e);
    if (rc == ERR_INPUT && keep) {
        const struct val *list = val_get(answers, x.p->id);
        struct val *one =
            (struct val *)(entry ? form_entry(x.p, answers, entry) : val_item(list, val_count(list) - 1));
        item_answers_right(a, one, *errors, before);
        rc = 0;
    }
    if (!rc && entry && overtaken(r, &x.c, x.p, input, answers, entry, a))
        rc = err_set(e, ERR_CONFLICT, "这一条");
    return rc ? rc : finish(&x, answers, e);
}

int item_entry_drop(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id,
                    struct str page, int64_t entry, struct err *e) {
    struct changing x;
    struct val *answers;
    int rc = begin(&x, tx, r, who, case_id, page, e);
    if (!rc) rc = form_drop_entry(x.p, val_get(x.c.body, S("answers")), entry, store_arena(tx), &answers, e);
    return rc ? rc : finish(&x, answers, e);
}
