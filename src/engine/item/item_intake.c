/* item_intake: an application taken at a window; see item_intake.h. Invariants beside those: one act for each command, with the
 * visitor as its subject; what was received on paper stands in the body under `received`, and counts as given.
 */
#include "engine/item/item_intake.h"

#include "engine/code/code_check.h"
#include "engine/item/item_follow.h"
#include "engine/item/item_rows.h"
#include "engine/record/record.h"

enum { COMPANIES_MAX = 20, OPEN_MAX = 50 };
static const struct str window_channel = S_INIT("1"); /* code of handling_form */

bool item_at_window(const struct item_type *t) {
    const struct val *forms = val_get(t->about, S("handling"));
    for (size_t i = 0; i < val_count(forms); i++)
        if (str_eq(val_text(val_item(forms, i)), window_channel)) return true;
    return false;
}

static bool among(const struct val *list, struct str word) {
    if (list && list->kind != VAL_LIST) return str_eq(val_text(list), word);
    for (size_t i = 0; i < val_count(list); i++)
        if (str_eq(val_text(val_item(list, i)), word)) return true;
    return false;
}

bool item_received(const struct item_case *c, struct str material) {
    return among(val_get(c->body, S("received")), material);
}

/* ---- who is here ---- */

/* What for; where there is a case, that says for which matter. */
static const struct str purpose = S_INIT("窗口办理");

static int close_look(struct act *act, int64_t person, const struct item_type *t, struct str detail,
                      struct err *e) {
    act->subject = person;
    act->purpose =
        t ? ARENA_CAT(store_arena(act->tx), purpose, S("："), t->name) : purpose;
    return act_close(act, S("record"), person, 0, detail, e);
}

int item_visitor_find(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      struct str citizen_id, int64_t *ret, struct err *e) {
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("person"), NULL);
    struct arena *a = store_arena(tx);
    struct str id = code_clean(a, citizen_id);
    struct err wrong = { 0 };
    struct act act;
    size_t n = 0;
    int rc = act_open(&act, tx, r, who, S("case.visitor"), e);
    if (rc) return rc;
    if (!t) return err_set(e, ERR_STATE, "没有人口登记库");
    if (id.len == 0) return err_field(e, ERR_REQUIRED, S("citizen_id"), "公民身份号码");
    if (code_check(S("citizen-id"), id, &wrong))
        return err_field(e, wrong.code, S("citizen_id"), "%s", wrong.detail);
    rc = record_find(tx, r, t, S("citizen_id"), id, ret, 1, &n, e);
    if (!rc && n == 0)
        rc = err_field(e, ERR_INPUT, S("citizen_id"), "人口登记库里没有这个号码，请核对证件");
    return rc ? rc : close_look(&act, *ret, NULL, S("visitor"), e);
}

/* The visitor as the applicant that he is; his account, if he has one. */
static int visitor_of(struct store_tx *tx, const struct realm *r, const struct item_visit *v,
                      struct actor *ret, struct err *e) {
    struct err none = { 0 };
    *ret = (struct actor){ .person = v->person, .on_behalf = v->company };
    int rc = identity_account_of_person(tx, r, v->person, &ret->account, &none);
    if (rc == ERR_NOT_FOUND)
        ret->account = 0;
    else if (rc)
        *e = none;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* The companies whose legal person he is, by the registry. */
static int companies_of(struct store_tx *tx, const struct realm *r, int64_t person,
                        struct record *out, size_t *n, struct err *e) {
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("company"), NULL);
    int64_t ids[COMPANIES_MAX];
    size_t found = 0;
    *n = 0;
    if (!t || !record_field(t, S("legal_person"))) return 0;
    int rc = record_find(tx, r, t, S("legal_person"), arena_i64(store_arena(tx), person), ids,
                         COMPANIES_MAX, &found, e);
    for (size_t i = 0; !rc && i < found; i++) {
        rc = record_get(tx, r, t, ids[i], &out[*n], e);
        if (rc || !str_eq(out[*n].state, S("active"))) continue;
        out[(*n)++].id = ids[i];
    }
    return rc;
}

/* Is the visit what it says: an item for a window, somebody who is registered, for this kind of applicant, a company of his? */
static int judge_visit(struct store_tx *tx, const struct realm *r, const struct item_visit *v,
                       struct err *e) {
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("person"), NULL);
    struct record own[COMPANIES_MAX], rec;
    size_t n;
    bool his = false;
    int rc = t ? record_get(tx, r, t, v->person, &rec, e) : err_set(e, ERR_NOT_FOUND, NULL);
    if (rc) return rc;
    if (!str_eq(rec.state, S("active"))) return err_set(e, ERR_STATE, "该登记已注销");
    if (!item_at_window(v->type)) return err_set(e, ERR_STATE, "这个事项不在窗口办理");
    if (!v->company && !v->type->for_person)
        return err_field(e, ERR_REQUIRED, S("company"), "企业");
    if (v->company && !v->type->for_company) return err_set(e, ERR_STATE, "这个事项由个人申请");
    rc = v->company ? companies_of(tx, r, v->person, own, &n, e) : 0;
    if (rc || !v->company) return rc;
    for (size_t i = 0; i < n; i++) his |= own[i].id == v->company;
    return his ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

/* ---- the case in hand ---- */

/* Within the area of the clerk's unit and the reach of his grant. */
static int judge_place(struct act *act, const struct item_case *c, struct err *e) {
    if (access_covers(&act->scope, c->division, NULL))
        return err_set(e, ERR_STATE, "这件事由别的区受理，请告知来访人去那里办或网上办");
    return act_check(act, item_case_object(store_arena(act->tx), c), e);
}

/* The visitor's draft of this item that was begun at a window within the clerk's reach, or a new one that is not written
 * yet (id 0). What he has begun online, or in another district, is his own to show. Who he is counts, not whether he had an
 * account when it was begun: it is his account's as soon as there is one. */
static int draft_of(struct act *act, const struct actor *visitor, const struct item_visit *v,
                    struct item_case *c, struct err *e) {
    struct store_tx *tx = act->tx;
    const struct realm *r = act->realm;
    int64_t ids[OPEN_MAX];
    size_t n;
    int rc = item_rows_open(tx, r, visitor, ids, OPEN_MAX, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        rc = item_case_get(tx, r, NULL, ids[i], c, e);
        bool same = !rc && str_eq(c->state, S("draft")) && str_eq(c->channel, window_channel) &&
                    str_eq(c->item, v->type->id) && c->person == v->person && c->company == v->company;
        if (!same || judge_place(act, c, NULL)) continue;
        if (!c->account) c->account = visitor->account;
        return 0;
    }
    if (rc) return rc;
    struct arena *a = store_arena(tx);
    *c = (struct item_case){ .release = v->system->release,
                             .account = visitor->account,
                             .person = v->person,
                             .company = v->company,
                             .number = S(""),
                             .system_id = v->system->id,
                             .item = v->type->id,
                             .state = S("draft"),
                             .result = S(""),
                             .channel = window_channel,
                             .created_ms = store_now_ms(tx),
                             .body = val_map(a),
                             .system = v->system,
                             .type = v->type,
                             .form = system_find(v->system, SYSTEM_FORM, v->type->form) };
    val_put(a, c->body, S("answers"), val_map(a));
    return c->form ? 0 : err_set(e, ERR_DEFECT, "form");
}

/* ---- the one screen ---- */

static struct val *shown_visitor(struct arena *a, const struct realm *r, const struct record *rec,
                                 struct str lang) {
    static const char *const shown[] = { "name",    "citizen_id", "sex", "birth_date",
                                         "address", "phone",      NULL };
    const struct system *m = NULL;
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("person"), &m);
    struct val *list = val_list(a), *masked = record_masked(a, t, rec->values);
    for (const char *const *k = shown; *k; k++) {
        const struct record_field *f = record_field(t, str_of(*k));
        struct str value = val_get_str(masked, str_of(*k));
        struct val *v = val_map(a);
        if (!f || value.len == 0 || value.ptr[0] == '*')
            continue; /* hidden wholly: nothing to compare with */
        val_put_str(a, v, S("title"), system_text(m, lang, f->title));
        val_put_str(a, v, S("value"), value);
        val_push(a, list, v);
    }
    return list;
}

static struct val *shown_pages(const struct item_case *c, const struct val *answers,
                               struct str lang, struct val *later, struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < c->form->n_pages; i++) {
        const struct form_page *p = &c->form->page[i];
        if (p->repeats) { /* entries are given online, or when the clerk of the department asks */
            val_push(a, later, val_str(a, system_text(c->system, lang, p->title)));
            continue;
        }
        struct val *v = form_page_view(p, c->system, answers, NULL, NULL, lang, a),
                   *asked = val_list(a);
        const struct val *questions = val_get(v, S("questions"));
        for (size_t k = 0; k < val_count(questions); k++)
            if (!val_get(val_item(questions, k), S("is_registry")))
                val_push(a, asked, questions->u.list.item[k]);
        val_put(a, v, S("questions"), asked);
        val_put_bool(a, v, S("condition"), p->when != NULL);
        val_put_bool(a, v, S("open"), p->when == NULL || form_asked(p, answers, a));
        if (val_count(asked)) val_push(a, list, v);
    }
    return list;
}

static struct val *shown_materials(const struct item_case *c, const struct val *received,
                                   struct str lang, struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < c->type->n_materials; i++) {
        const struct item_material *m = &c->type->material[i];
        struct val *v = val_map(a);
        val_put_str(a, v, S("id"), m->id);
        val_put_str(a, v, S("name"), system_text(c->system, lang, m->name));
        val_put_str(a, v, S("hint"), system_text(c->system, lang, m->hint));
        val_put_bool(a, v, S("received"), among(received, m->id));
        val_push(a, list, v);
    }
    return list;
}

/* With what was just agreed to: whoever types it himself is asked what the registry would say. */
static int visited(struct act *act, const struct item_visit *v, const struct item_intake *in,
                   struct item_case *c, struct err *e) {
    struct actor visitor;
    int rc = visitor_of(act->tx, act->realm, v, &visitor, e);
    if (!rc) rc = draft_of(act, &visitor, v, c, e);
    const struct form *plain = rc ? NULL : system_find(c->system, SYSTEM_FORM, c->type->form);
    if (!rc && in) c->form = in->agree || !plain->typed ? plain : plain->typed;
    return rc;
}

int item_visit_view(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    const struct item_visit *v, const struct item_intake *in, struct str lang,
                    struct val **ret, struct err *e) {
    const struct record_type *t = realm_find(r, SYSTEM_RECORD, S("person"), NULL);
    struct arena *a = store_arena(tx);
    struct val *view = *ret = val_map(a), *companies = val_list(a), *later = val_list(a), *consent;
    struct record rec, own[COMPANIES_MAX];
    struct item_case c;
    struct act act;
    size_t n = 0;
    access_asked(tx, S("record"), v->person, 0);
    int rc = act_open(&act, tx, r, who, S("case.visitor"), e);
    if (!rc) rc = t ? record_get(tx, r, t, v->person, &rec, e) : err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && v->type->for_company) rc = companies_of(tx, r, v->person, own, &n, e);
    if (rc) return rc;
    struct item_visit at = *v;
    if (!at.company && !v->type->for_person && n == 1) at.company = own[0].id;
    for (size_t i = 0; i < n; i++) {
        struct val *x = val_map(a);
        val_put_i64(a, x, S("id"), own[i].id);
        val_put_str(a, x, S("name"), val_get_str(own[i].values, S("name")));
        val_put_bool(a, x, S("chosen"), own[i].id == at.company);
        val_push(a, companies, x);
    }
    val_put_str(a, view, S("item"), system_text(v->system, lang, v->type->name));
    val_put(a, view, S("visitor"), shown_visitor(a, r, &rec, lang));
    val_put(a, view, S("companies"), companies);
    val_put_i64(a, view, S("company_id"), at.company);
    bool whole = at.company || v->type->for_person;
    val_put_bool(a, view, S("whole"), whole);
    if (whole) {
        rc = judge_visit(tx, r, &at, e);
        if (!rc) rc = visited(&act, &at, in, &c, e);
        if (!rc) rc = item_consent_view(tx, r, &c, lang, &consent, e);
        if (rc) return rc;
        const struct val *answers = in ? in->answers : val_get(c.body, S("answers"));
        const struct val *received = in ? in->received : val_get(c.body, S("received"));
        val_put(a, view, S("data"), (struct val *)val_get(consent, S("data")));
        val_put_bool(a, view, S("agreed"),
                     in ? in->agree : str_eq(val_get_str(consent, S("decision")), S("agree")));
        val_put(a, view, S("pages"), shown_pages(&c, answers, lang, later, a));
        val_put(a, view, S("later"), later);
        val_put(a, view, S("materials"), shown_materials(&c, received, lang, a));
        val_put_bool(a, view, S("draft"), c.id != 0);
    }
    return close_look(&act, v->person, v->type, S("intake"), e);
}

/* ---- taking it ---- */

static int lay_answers(struct item_case *c, const struct item_intake *in, struct arena *a,
                       struct val *wrong, struct err *e) {
    for (size_t i = 0; i < c->form->n_pages; i++) {
        const struct form_page *p = &c->form->page[i];
        const struct val *before = val_get(c->body, S("answers"));
        struct val *after, *errors = NULL;
        if (p->repeats || !form_asked(p, before, a)) continue;
        int rc = form_check_page(p, c->system, in->answers, before, a, &after, &errors, e);
        if (rc && rc != ERR_INPUT) return rc;
        if (rc) item_answers_right(a, after, errors, before);
        for (size_t k = 0; k < val_pairs(errors); k++)
            val_put(a, wrong, errors->u.map.pair[k].key, errors->u.map.pair[k].value);
        val_put(a, c->body, S("answers"), after);
    }
    return 0;
}

static void lay_received(struct item_case *c, const struct item_intake *in, struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < c->type->n_materials; i++)
        if (among(in->received, c->type->material[i].id))
            val_push(a, list, val_str(a, c->type->material[i].id));
    val_put(a, c->body, S("received"), list);
}

/* Materials that are asked for and not here. */
static int missing_of(struct act *act, const struct item_case *c, struct val **ret, struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct val *needed = val_get(c->body, S("materials"));
    struct val *files;
    *ret = val_list(a);
    int rc = item_materials_of(act->tx, act->realm, c, &files, e);
    for (size_t i = 0; !rc && i < val_count(needed); i++) {
        struct str id = val_text(val_item(needed, i));
        bool here = item_received(c, id);
        for (size_t k = 0; k < val_count(files); k++)
            here |= str_eq(val_get_str(val_item(files, k), S("material")), id);
        if (!here) val_push(a, *ret, val_str(a, id));
    }
    return rc;
}

/* As it is told in the notice: these materials, and the questions without a right answer. */
static int note_missing(struct act *act, struct item_case *c, struct val *materials,
                        const struct val *wrong, struct err *e) {
    struct arena *a = store_arena(act->tx);
    struct val *notice = val_map(a), *answers = val_list(a);
    for (size_t i = 0; i < val_pairs(wrong); i++)
        val_push(a, answers, val_str(a, wrong->u.map.pair[i].key));
    if (val_count(materials) + val_count(answers) == 0)
        return err_set(e, ERR_STATE, "没有缺少的内容，可以直接收件");
    val_put_i64(a, notice, S("at_ms"), store_now_ms(act->tx));
    val_put_i64(a, notice, S("by"), act->who->account);
    val_put(a, notice, S("materials"), materials);
    val_put(a, notice, S("answers"), answers);
    val_put(a, c->body, S("notice"), notice);
    return 0;
}

/* The same as faults at the fields, all at once. */
static int fault_missing(const struct item_case *c, const struct val *materials, struct val *wrong,
                         struct arena *a, struct err *e) {
    for (size_t i = 0; i < val_count(materials); i++) {
        const struct item_material *m = item_material(c->type, val_text(val_item(materials, i)));
        struct val *v = val_map(a);
        val_put_i64(a, v, S("code"), ERR_REQUIRED);
        val_put_str(a, v, S("detail"), m ? m->name : S(""));
        if (m) val_put(a, wrong, m->id, v);
    }
    return val_count(wrong) ? err_set(e, ERR_INPUT, NULL) : 0;
}

static int place(struct act *act, struct item_case *c, struct err *e) {
    struct val *known;
    int rc = item_known(act->tx, act->realm, c, &known, e);
    if (rc) return rc;
    c->division = item_division_of(val_get(c->body, S("answers")), known);
    for (size_t i = 0; c->division == 0 && i < act->who->n_posts; i++)
        c->division = act->who->posts[i].division;
    return judge_place(act, c, e);
}

/* The draft's row, its place in the visitor's list and its first event; or as it stands. */
static int have_row(struct act *act, struct item_case *c, struct err *e) {
    if (c->id) return 0;
    c->id = store_new_id(act->tx);
    int rc = item_row_insert(act->tx, act->realm, c, e);
    if (!rc) rc = item_case_list_put(act->tx, act->realm, c, item_owner(c), e);
    return rc ? rc
              : item_event_add(
                    act->tx, act->realm, c,
                    &(struct item_event){ .kind = S("draft"), .account = act->who->account }, e);
}

static int lay(struct act *act, struct item_case *c, const struct item_intake *in,
               struct val *wrong, struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct form *plain = system_find(c->system, SYSTEM_FORM, c->type->form);
    bool asked = plain->reads && (item_consent_open(c) || item_consent_typed(c) == in->agree);
    int rc = asked ? item_consent_lay(act->tx, act->realm, act->who, c, in->agree, e) : 0;
    if (!rc) rc = lay_answers(c, in, a, wrong, e);
    lay_received(c, in, a);
    if (!rc) rc = item_decide(a, c, e);
    return rc ? rc : place(act, c, e);
}

int item_intake_put(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    const struct item_visit *v, const struct item_intake *in, int64_t *ret_case,
                    struct val **errors, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *wrong = val_map(a), *taken = val_map(a), *missing;
    struct item_case c;
    struct actor visitor;
    struct act act;
    struct str number = S("notice");
    access_asked(tx, S("record"), v->person, 0);
    int rc = act_open(&act, tx, r, who, S("case.intake"), e);
    if (!rc) rc = judge_visit(tx, r, v, e);
    if (!rc) rc = visitor_of(tx, r, v, &visitor, e);
    if (!rc) rc = draft_of(&act, &visitor, v, &c, e);
    if (!rc) rc = item_unbound(tx, r, &c, who, e);
    if (!rc) rc = have_row(&act, &c, e);
    if (!rc) rc = lay(&act, &c, in, wrong, e);
    *errors = wrong;
    if (!rc) rc = missing_of(&act, &c, &missing, e);
    if (!rc)
        rc = in->notice ? note_missing(&act, &c, missing, wrong, e)
                        : fault_missing(&c, missing, wrong, a, e);
    if (rc) return rc;
    val_put_i64(a, taken, S("by"), who->account);
    val_put_i64(a, taken, S("at_ms"), store_now_ms(tx));
    val_put(a, c.body, S("intake"), taken);
    if (in->notice) {
        rc = item_row_update(tx, r, &c, e);
        if (!rc)
            rc = item_event_add(tx, r, &c,
                                &(struct item_event){ .kind = S("note"),
                                                      .reason = S("notice"),
                                                      .account = who->account },
                                e);
    } else {
        rc = item_submit_case(&act, &c, in->declared, &number, e);
        if (!rc) rc = item_kept_put(&act, &c, ITEM_BEGUN, e);
    }
    *ret_case = c.id;
    act.release = c.release;
    act.subject = c.person;
    act.purpose = purpose;
    return rc ? rc : act_close(&act, S("case"), c.id, c.id, number, e);
}

/* ---- afterwards ---- */

int item_intake_get(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    int64_t case_id, bool notice, struct item_case *ret, struct err *e) {
    struct act act;
    access_asked(tx, S("case"), case_id, case_id);
    int rc = act_open(&act, tx, r, who, S("case.intake"), e);
    if (!rc) rc = item_case_get(tx, r, NULL, case_id, ret, e);
    if (!rc && !val_get(ret->body, S("intake"))) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && (notice ? !val_get(ret->body, S("notice")) : ret->submitted_ms == 0))
        rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && judge_place(&act, ret, NULL)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (rc) return rc;
    act.release = ret->release;
    act.subject = ret->person;
    act.purpose = purpose;
    return act_close(&act, S("case"), case_id, case_id, S("shown"), e);
}

struct val *item_notice_view(struct store_tx *tx, const struct realm *r, const struct item_case *c,
                             struct str lang, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct val *n = val_get(c->body, S("notice"));
    struct val *v = val_map(a), *materials = val_list(a), *answers = val_list(a);
    struct str name = S("");
    if (!n || identity_account_name(tx, r, val_get_i64(n, S("by"), 0), &name, e)) return NULL;
    for (size_t i = 0; i < val_count(val_get(n, S("materials"))); i++) {
        const struct item_material *m = item_material(
            c->type, val_text(val_item(val_get(n, S("materials")), i)));
        struct val *x = val_map(a);
        if (!m) continue;
        struct str why = val_get_str(m->about, S("missing"));
        val_put_str(a, x, S("name"), system_text(c->system, lang, m->name));
        val_put_str(a, x, S("hint"), system_text(c->system, lang, m->hint));
        val_put_str(a, x, S("why"), system_text(c->system, lang, why));
        val_push(a, materials, x);
    }
    for (size_t i = 0; i < val_count(val_get(n, S("answers"))); i++) {
        const struct form_question *q = form_question(
            c->form, val_text(val_item(val_get(n, S("answers")), i)));
        if (q) val_push(a, answers, val_str(a, system_text(c->system, lang, q->title)));
    }
    val_put_str(a, v, S("at"), realm_time(r, a, lang, val_get_i64(n, S("at_ms"), 0)));
    val_put_str(a, v, S("by"), name);
    val_put(a, v, S("materials"), materials);
    val_put(a, v, S("answers"), answers);
    return v;
}
