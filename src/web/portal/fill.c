/* fill: an application being filled in: B5 its tasks, B6 a page of questions, with what the registries know and from where.
 * Invariants: what was typed is on the page again, right or wrong; what is right is in the draft; a case that is no draft any more
 * leads to its own page.
 */
#include "engine/item/item_resume.h"
#include "web/portal/portal.h"
#include "web/question.h"
#include "web/user.h"

/* Any page of an application being filled in: who may, where else it leads, and (if `prefill`) what the registries may say. */
int portal_draft(struct store_tx *tx, struct page *p, bool supplement, struct item_case *c,
                 struct val **prefill, struct err *e) {
    int rc = portal_case(tx, p, "case.draft", c, e);
    if (rc) return rc;
    const bool alone = portal_draft_alone(p);
    if (!str_eq(c->state, S("draft")) && !(supplement && !alone && str_eq(c->state, S("supplement"))))
        p->location = portal_case_path(p, c->id, S(""));
    else if (item_consent_open(c))
        p->location = portal_case_path(p, c->id, S("/consent"));
    if (p->location.len || !prefill) return 0;
    rc = item_known(tx, page_realm(p), c, prefill, e);
    if (!rc && alone) portal_mask_known(p, *prefill);
    return rc;
}

static void put_item(struct page *p, const struct item_case *c) {
    struct str name = system_text(c->system, p->lang, c->type->name);
    val_put_str(p->a, p->view, S("item_name"), name);
    val_put_str(p->a, p->view, S("tasks_href"), page_href(p, portal_case_path(p, c->id, S("/fill"))));
    val_put_str(p->a, p->view, S("back_href"), page_href(p, portal_case_path(p, c->id, S("/fill"))));
}

/* ---- B5 ---- */

static struct val *task(struct page *p, struct val *list, struct str title, struct str href, bool done, bool can) {
    struct val *v = val_map(p->a);
    struct str tone = done ? S("ok") : can ? S("info") : S("plain");
    struct str text = done ? S("已完成") : can ? S("待填写") : S("还不能开始");
    val_put_str(p->a, v, S("title"), title);
    val_put_str(p->a, v, S("href"), can || done ? href : S(""));
    val_put_str(p->a, v, S("note"), S(""));
    portal_state(p, v, tone, page_text(p, text));
    val_push(p->a, list, v);
    return v;
}

static void section(struct page *p, struct val *sections, struct str title, struct val *tasks) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), page_text(p, title));
    val_put(p->a, v, S("tasks"), tasks);
    if (val_count(tasks)) val_push(p->a, sections, v);
}

/* A page is done when nothing required is missing and something of it was answered or nothing is asked of the person. */
static bool page_done(const struct form_page *fp, const struct val *answers) {
    bool all = true, any = false, asks = false;
    if (fp->repeats) return val_get(answers, fp->id) && form_entries_whole(fp, answers);
    for (size_t i = 0; i < fp->n_questions; i++) {
        const struct form_question *q = &fp->question[i];
        if (q->kind == FORM_REGISTRY) continue;
        bool has = val_truthy(val_get(answers, q->id));
        asks = true;
        any |= has || val_get(answers, q->id);
        all &= has || !q->required;
    }
    return all && (any || !asks);
}

/* What was decided about the registries' data, and the way to decide otherwise. */
static struct val *consent_task(struct page *p, const struct item_case *c) {
    struct val *tasks = val_list(p->a);
    struct val *given = item_consent_given(page_realm(p), c, p->lang, p->a);
    if (!given || portal_draft_alone(p)) return tasks;
    struct val *v = task(p, tasks, page_text(p, S("登记信息怎么用")),
                         page_href(p, portal_case_path(p, c->id, S("/consent"))), true, true);
    val_put_str(p->a, v, S("note"),
                page_text(p, item_consent_typed(c) ? S("您选择自己填写") : S("您同意从登记库带入")));
    return tasks;
}

static struct val *page_tasks(struct page *p, const struct item_case *c, size_t *done, size_t *all) {
    const struct val *answers = val_get(c->body, S("answers"));
    struct val *tasks = val_list(p->a);
    bool can = true; /* one page after the other: later pages may hang on earlier answers */
    for (const struct form_page *fp = form_next(c->form, NULL, answers, p->a); fp; fp = form_next(c->form, fp, answers, p->a)) {
        bool ready = page_done(fp, answers);
        struct str path = ARENA_CAT(p->a, S("/fill/"), fp->id);
        (void)task(p, tasks, system_text(c->system, p->lang, fp->title), page_href(p, portal_case_path(p, c->id, path)), ready, can);
        can = can && ready;
        *done += ready;
        (*all)++;
    }
    return tasks;
}

static struct val *material_tasks(struct page *p, int64_t id, const struct val *view, bool can, size_t *done, size_t *all) {
    const struct val *materials = val_get(view, S("materials"));
    struct val *tasks = val_list(p->a);
    for (size_t i = 0; i < val_count(materials); i++) {
        const struct val *m = val_item(materials, i), *files = val_get(m, S("files"));
        bool given = val_get_bool(m, S("given"), false), required = val_get_bool(m, S("required"), false);
        struct str path = ARENA_CAT(p->a, S("/material/"), val_get_str(m, S("id")));
        struct val *v = task(p, tasks, val_get_str(m, S("name")), page_href(p, portal_case_path(p, id, path)), given, can);
        val_put_str(p->a, v, S("note"), val_count(files) ? val_get_str(val_item(files, 0), S("file_name")) : val_get_str(m, S("hint")));
        if (!given && can) portal_state(p, v, required ? S("info") : S("plain"), page_text(p, required ? S("待上传") : S("选填")));
        *done += required && given;
        *all += required;
    }
    return tasks;
}

int tasks_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    struct val *view, *sections = val_list(p->a), *last = val_list(p->a);
    size_t done = 0, all = 0;
    int rc = portal_draft(tx, p, false, &c, NULL, e);
    if (rc || p->location.len) return rc;
    rc = item_draft_view(tx, page_realm(p), &c, p->lang, &view, e);
    if (rc) return rc;
    section(p, sections, S("登记信息"), consent_task(p, &c));
    section(p, sections, S("填写情况"), page_tasks(p, &c, &done, &all));
    bool filled = done == all;
    section(p, sections, S("上传材料"), material_tasks(p, c.id, view, filled, &done, &all));
    bool ready = done == all;
    struct val *v = task(p, last, page_text(p, S("检查、承诺并提交")), page_href(p, portal_case_path(p, c.id, S("/check"))), false, ready);
    if (ready) portal_state(p, v, S("info"), page_text(p, S("可以提交")));
    if (portal_draft_alone(p)) val_put_str(p->a, v, S("note"), page_text(p, S("提交要登录，也可以到窗口")));
    section(p, sections, S("提交"), last);
    val_put(p->a, p->view, S("sections"), sections);
    struct val *args = val_map(p->a);
    val_put_i64(p->a, args, S("done"), (int64_t)done);
    val_put_i64(p->a, args, S("all"), (int64_t)all);
    val_put_str(p->a, p->view, S("progress"), po_fill(p->a, page_text(p, S("已完成 {done} 项，共 {all} 项")), args));
    val_put(p->a, p->view, S("parts"), (struct val *)val_get(view, S("parts")));
    val_put(p->a, p->view, S("obstacles"), (struct val *)val_get(view, S("obstacles")));
    if (filled && val_count(val_get(view, S("parts"))) && c.type->decide_parts.len) val_put_bool(p->a, p->view, S("show_parts"), true);
    put_item(p, &c);
    val_put_str(p->a, p->view, S("number"), item_draft_number(p->a, c.id));
    val_put_bool(p->a, p->view, S("alone"), portal_draft_alone(p));
    val_put_str(p->a, p->view, S("applicant"), user_of(p)->actor.on_behalf ? user_of(p)->actor.on_behalf_name : user_of(p)->actor.name);
    return 0;
}

int tasks_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    struct str name = val_get_str(p->view, S("item_name"));
    portal_title(p, portal_fill(p, S("申请{name}"), S("name"), name));
    if (!portal_draft_alone(p)) {
        portal_crumb(p, page_text(p, S("我的空间")), S("/space"));
        portal_crumb(p, page_text(p, S("我的办件")), S("/space/cases"));
        portal_crumb(p, name, S(""));
    }
    p->template = S("portal/tasks");
    return 0;
}

void portal_mark_changes(struct store_tx *tx, struct page *p, const struct item_case *c, const struct val *view,
                         const char *from) {
    const struct val *pages = val_get(view, S("pages"));
    for (size_t i = 0; i < val_count(pages); i++) {
        struct val *v = pages->u.list.item[i];
        const struct form_page *fp = form_page(c->form, val_get_str(v, S("id")));
        bool open = fp && *from && val_get_bool(v, S("changeable"), false) && item_page_open(tx, c, fp);
        struct str tail = ARENA_CAT(p->a, S("/fill/"), val_get_str(v, S("id")), S("?from="), str_of(from));
        val_put_str(p->a, v, S("change_href"), open ? page_href(p, portal_case_path(p, c->id, tail)) : S(""));
        const struct val *rows = val_get(v, S("rows"));
        for (size_t k = 0; k < val_count(rows); k++)
            val_put_str(p->a, rows->u.list.item[k], S("dispute_href"),
                        portal_dispute_href(p, c->system, val_get_str(val_item(rows, k), S("from"))));
    }
    const struct val *materials = val_get(view, S("materials"));
    for (size_t i = 0; i < val_count(materials); i++) {
        struct val *v = materials->u.list.item[i];
        const struct item_material *m = item_material(c->type, val_get_str(v, S("id")));
        struct str tail = ARENA_CAT(p->a, S("/material/"), val_get_str(v, S("id")));
        bool open = m && *from && item_material_open(tx, c, m);
        val_put_str(p->a, v, S("upload_href"), open ? page_href(p, portal_case_path(p, c->id, tail)) : S(""));
    }
}

/* ---- B6 ---- */

struct val *portal_answers_shown(struct page *p, const struct val *saved, const struct form_page *fp) {
    struct val *answers = val_copy(p->a, saved);
    if (!answers) answers = val_map(p->a);
    if (!portal_again(p)) {
        struct val *place = fp->question[0].kind == FORM_ADDRESS ? question_stepped(p, val_get(saved, fp->question[0].id)) : NULL;
        if (place) val_put(p->a, answers, fp->question[0].id, place);
        return answers;
    }
    for (size_t i = 0; i < fp->n_questions; i++) {
        const struct form_question *q = &fp->question[i];
        bool step;
        const struct val *typed = q->kind == FORM_ADDRESS ? question_address(p, q->id, &step) : val_get(p->in, q->id);
        if (q->kind != FORM_REGISTRY) val_put(p->a, answers, q->id, typed ? val_copy(p->a, typed) : val_str(p->a, S("")));
    }
    return answers;
}

/* What this window saw: after a fault still that, so that a later window's save does not slip in unseen; after a conflict what stands
 * now, since it is on the page beside one's own. */
void portal_put_seen(struct page *p, struct str now) {
    struct str before = page_in(p, S("_seen"));
    bool keep = portal_again(p) && before.len && p->err.code != ERR_CONFLICT;
    val_put_str(p->a, p->view, S("seen"), keep ? before : now);
}

/* Another window's answers beside one's own, question by question. */
void portal_put_conflict(struct page *p, const struct item_case *c, const struct form_page *fp,
                         const struct val *theirs, const struct val *mine) {
    struct val *rows = val_list(p->a);
    if (!portal_again(p) || p->err.code != ERR_CONFLICT) return;
    for (size_t i = 0; i < fp->n_questions; i++) {
        const struct form_question *q = &fp->question[i];
        struct str was = form_answer_text(q, c->system, theirs, p->lang, p->a),
                   is = form_answer_text(q, c->system, mine, p->lang, p->a);
        struct val *v = val_map(p->a);
        if (q->kind == FORM_REGISTRY) continue;
        val_put_str(p->a, v, S("title"), system_text(c->system, p->lang, q->title));
        val_put_str(p->a, v, S("theirs"), was);
        val_put_str(p->a, v, S("mine"), is);
        val_put_bool(p->a, v, S("differs"), !str_eq(was, is));
        val_push(p->a, rows, v);
    }
    val_put(p->a, portal_put_map(p, S("conflict")), S("rows"), rows);
}

static void put_step(struct page *p, const struct item_case *c, const struct form_page *here) {
    const struct val *answers = val_get(c->body, S("answers"));
    int64_t step = 0, steps = 0;
    for (const struct form_page *fp = form_next(c->form, NULL, answers, p->a); fp; fp = form_next(c->form, fp, answers, p->a)) {
        steps++;
        if (fp == here) step = steps;
    }
    val_put_i64(p->a, p->view, S("step"), step);
    val_put_i64(p->a, p->view, S("steps"), steps);
    val_put_str(p->a, p->view, S("section"), system_text(c->system, p->lang, c->type->name));
}

void portal_put_questions(struct page *p, const struct item_case *c, const struct form_page *fp,
                          const struct val *answers, const struct val *prefill) {
    struct val *fields = val_list(p->a), *known = val_list(p->a);
    struct val *view = form_page_view(fp, c->system, answers, prefill, NULL, p->lang, p->a);
    const struct val *questions = val_get(view, S("questions"));
    bool heading = val_count(questions) == 1 && fp->question[0].kind != FORM_REGISTRY && !fp->repeats;
    for (size_t i = 0; i < val_count(questions); i++) {
        const struct val *q = val_item(questions, i);
        struct val *f = question_field(p, q, heading);
        val_put_str(p->a, f, S("dispute_href"), portal_dispute_href(p, c->system, fp->question[i].from));
        val_push(p->a, val_get(q, S("is_registry")) ? known : fields, f);
    }
    val_put(p->a, p->view, S("known"), known);
    val_put(p->a, p->view, S("fields"), fields);
    val_put_bool(p->a, p->view, S("heading"), heading);
    val_put_str(p->a, p->view, S("lead"), val_get_str(view, S("hint")));
}

/* The page of the path with its case; ERR_NOT_FOUND where it is not asked or may not be changed. */
int portal_page_of(struct store_tx *tx, struct page *p, struct item_case *c, struct val **prefill,
                   const struct form_page **ret, struct err *e) {
    int rc = portal_draft(tx, p, true, c, prefill, e);
    if (rc || p->location.len) return rc;
    *ret = form_page(c->form, http_param(p->req, S("page")));
    bool asked = *ret && form_asked(*ret, val_get(c->body, S("answers")), p->a) && item_page_open(tx, c, *ret);
    return asked ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

int question_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    struct val *prefill;
    const struct form_page *fp;
    int rc = portal_page_of(tx, p, &c, &prefill, &fp, e);
    if (rc || p->location.len) return rc;
    const struct val *saved = val_get(c.body, S("answers"));
    struct val *answers = fp->repeats ? (struct val *)saved : portal_answers_shown(p, saved, fp);
    put_item(p, &c);
    if (fp->repeats) {
        portal_put_entries(p, &c, fp);
    } else {
        portal_put_questions(p, &c, fp, answers, prefill);
        portal_put_seen(p, item_answers_seen(page_realm(p), &c, fp, saved, 0, p->a));
        portal_put_conflict(p, &c, fp, saved, answers);
    }
    put_step(p, &c, fp);
    bool draft = str_eq(c.state, S("draft"));
    const struct form_page *before = draft ? form_before(c.form, fp, answers, p->a) : NULL;
    struct str tail = before ? ARENA_CAT(p->a, S("/fill/"), before->id) : draft ? S("/fill") : S("/supplement");
    val_put_str(p->a, p->view, S("back_href"), page_href(p, portal_case_path(p, c.id, tail)));
    val_put_bool(p->a, p->view, S("is_draft"), draft);
    portal_title(p, system_text(c.system, p->lang, fp->title));
    return 0;
}

int question_say(struct page *p, struct err *e) {
    bool draft = val_get_bool(p->view, S("is_draft"), false);
    (void)e;
    if (p->location.len) return 0;
    portal_form(p, draft ? S("保存并继续") : S("保存修改"), draft, S(""));
    val_put_str(p->a, p->view, S("from_check"), page_in(p, S("from")));
    if (val_get(p->view, S("another"))) {
        p->template = S("portal/group");
        return 0;
    }
    if (!portal_again(p) && draft) {
        struct val *form = (struct val *)val_get(p->view, S("form"));
        val_put_str(p->a, form, S("draft_href"), page_href(p, ARENA_CAT(p->a, p->req->path, S("/draft"))));
    }
    p->template = S("portal/question");
    return 0;
}

int question_ask(struct page *p, struct err *e) {
    (void)e;
    question_join_dates(p);
    if (question_join_addresses(p)) p->own = p->in; /* the next look at the place, and nothing saved */
    return 0;
}

/* A needed material that has no file yet, or the empty str. */
static struct str missing_material(struct page *p, struct store_tx *tx, const struct item_case *c) {
    const struct val *needed = val_get(c->body, S("materials"));
    struct val *view, *have;
    struct err ignored;
    if (item_draft_view(tx, page_realm(p), c, p->lang, &view, &ignored)) return S("");
    have = (struct val *)val_get(view, S("materials"));
    for (size_t i = 0; i < val_count(needed); i++)
        for (size_t k = 0; k < val_count(have); k++) {
            const struct val *m = val_item(have, k);
            if (str_eq(val_get_str(m, S("id")), val_text(val_item(needed, i))) && !val_get_bool(m, S("given"), false))
                return val_get_str(m, S("id"));
        }
    return S("");
}

/* Where the person goes on: the next question, then each material that is missing, then checking; the tasks where that cannot be told. */
struct str portal_onward(struct page *p, struct store_tx *tx, int64_t id, struct str page) {
    const struct str last = portal_case_path(p, id, portal_draft_alone(p) ? S("/fill") : S("/check"));
    struct item_case c;
    struct scope_token token;
    struct err ignored;
    if (str_eq(page_in(p, S("from")), S("check"))) return last;
    if (access_may(page_realm(p), p->who, S("case.draft"), &token, &ignored) ||
        item_case_get(tx, page_realm(p), &token, id, &c, &ignored))
        return portal_case_path(p, id, S("/fill"));
    if (!str_eq(c.state, S("draft")))
        return portal_case_path(p, id, str_eq(c.state, S("supplement")) ? S("/supplement") : S("/fill"));
    const struct val *answers = val_get(c.body, S("answers"));
    const struct form_page *fp = page.len ? form_page(c.form, page) : NULL;
    fp = fp ? form_next(c.form, fp, answers, p->a) : NULL;
    if (fp) return portal_case_path(p, id, ARENA_CAT(p->a, S("/fill/"), fp->id));
    if (form_open_page(c.form, answers, p->a)) return portal_case_path(p, id, S("/fill"));
    struct str material = missing_material(p, tx, &c);
    if (material.len) return portal_case_path(p, id, ARENA_CAT(p->a, S("/material/"), material));
    return last;
}

struct str portal_later(struct page *p, int64_t id) {
    return portal_draft_alone(p) ? portal_case_path(p, id, S("/fill")) : S("/space");
}

/* "1 项出资人": how many there must be, of what. */
static struct str so_many(struct page *p, const struct item_case *c, struct str page, struct str least) {
    const struct form_page *fp = form_page(c->form, page);
    struct val *args = val_map(p->a);
    val_put_str(p->a, args, S("n"), least);
    val_put_str(p->a, args, S("entry"), fp ? system_text(c->system, p->lang, fp->entry) : S(""));
    return po_fill(p->a, page_text(p, S("{n} 项{entry}")), args);
}

void portal_note_faults(struct store_tx *tx, struct page *p, int64_t id, const struct val *errors) {
    struct item_case c;
    struct err ignored;
    const struct system *m = item_case_get(tx, page_realm(p), NULL, id, &c, &ignored) == 0 ? c.system : NULL;
    for (size_t i = 0; i < val_count(errors); i++) {
        const struct val *one = errors->u.map.pair[i].value;
        struct str field = errors->u.map.pair[i].key, detail = system_text(m, p->lang, val_get_str(one, S("detail")));
        int code = (int)val_get_i64(one, S("code"), ERR_INPUT);
        (void)page_fault(p, field, code, code == ERR_FEW && m ? so_many(p, &c, field, detail) : detail);
    }
}

int question_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *errors = NULL;
    struct str page = http_param(p->req, S("page"));
    int64_t id;
    int rc = portal_id(p, "case", &id, e);
    if (rc) return rc;
    bool later = str_eq(page_in(p, S("act")), S("later"));
    if (p->own && !later) {
        struct item_case c;
        const struct form_page *fp;
        rc = portal_page_of(tx, p, &c, NULL, &fp, e);
        if (!rc && p->location.len == 0) p->location = question_step(p);
        return rc;
    }
    if (later) {
        rc = item_answers_keep(tx, page_realm(p), p->who, id, page, p->in, e);
        if (!rc) p->location = portal_later(p, id);
        return rc;
    }
    rc = item_answers_put(tx, page_realm(p), p->who, id, page, p->in, &errors, e);
    if (rc == ERR_INPUT) portal_note_faults(tx, p, id, errors);
    if (!rc) p->location = portal_onward(p, tx, id, page);
    return rc;
}

/* ---- the draft while typing ---- */

int draft_ask(struct page *p, struct err *e) {
    p->has_key = false; /* the form's key is for its submit; a draft may be saved any number of times */
    return question_ask(p, e);
}

/* The reply is what stands now: the page's next save has seen it. */
int draft_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    struct str page = http_param(p->req, S("page"));
    int64_t id;
    int rc = portal_id(p, "case", &id, e);
    if (!rc) rc = item_answers_keep(tx, page_realm(p), p->who, id, page, p->in, e);
    if (!rc) rc = item_case_get(tx, page_realm(p), NULL, id, &c, e);
    if (rc) return rc;
    struct str *seen = arena_new(p->req->arena, struct str);
    if (!seen) return err_set(e, ERR_MEMORY, NULL);
    *seen = arena_str(p->req->arena, item_answers_seen(page_realm(p), &c, form_page(c.form, page),
                                                       val_get(c.body, S("answers")), 0, p->a));
    p->own = seen;
    return 0;
}

int draft_say(struct page *p, struct err *e) {
    struct http_reply *r = arena_new(p->req->arena, struct http_reply);
    if (!r || p->err.code) return p->err.code ? p->err.code : err_set(e, ERR_MEMORY, NULL);
    *r = (struct http_reply){ .status = 200,
                              .media_type = S("text/plain; charset=utf-8"),
                              .body = *(const struct str *)p->own };
    p->reply = r;
    return 0;
}
