/* intake: D2 an application taken for a visitor on one screen, D3 what he brought, D4 the notice of what is
 * missing, D5 the receipt. Invariants: the identity number is in no address; what was sent and refused comes back
 * as it was; each look at the visitor's data is an entry that he finds.
 */
#include "engine/item/item_intake.h"
#include "engine/item/item_resume.h"

#include "engine/identity/identity.h"
#include "web/question.h"
#include "web/window/window_pages.h"

/* ---- D2: who, and what for ---- */

int visitor_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_hit *hits;
    struct str meant;
    struct val *list = val_list(p->a), *v;
    size_t n = item_find(page_realm(p), S(""), p->a, &hits, &meant);
    (void)tx;
    (void)e;
    for (size_t i = 0; i < n; i++) {
        if (!item_at_window(hits[i].type)) continue;
        struct str id = hits[i].type->id;
        struct str name = system_text(hits[i].system, p->lang, hits[i].type->name);
        /* With its number in front, a matter is chosen by one key. */
        (void)staff_choice(p, list, S("item"), id,
                           arena_fmt(p->a, "%zu %.*s", val_count(list) + 1, STR_ARG(name)),
                           question_again(p) && str_eq(page_in(p, S("item")), id));
    }
    v = question_plain(p, S("citizen_id"), S("来访人的公民身份号码"),
                       S("请看证件原件；查看会记入日志，本人能查到"));
    val_put_str(p->a, v, S("width"), S("18"));
    val_put_str(p->a, v, S("complete"), S("off"));
    val_put(p->a, p->view, S("who"), v);
    v = question_plain(p, S("item"), S("要办的事项"), S(""));
    val_put(p->a, v, S("choices"), list);
    val_put_str(p->a, v, S("none"), page_text(p, S("请选择")));
    val_put(p->a, p->view, S("matter"), v);
    return 0;
}

int visitor_find_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct item_type *t = realm_find(page_realm(p), SYSTEM_ITEM, page_in(p, S("item")), NULL);
    int64_t person = 0;
    if (!t || !item_at_window(t)) return page_fault(p, S("item"), ERR_CODE, S(""));
    int rc = item_visitor_find(tx, page_realm(p), p->who, page_in(p, S("citizen_id")), &person, e);
    if (!rc)
        p->location = arena_fmt(p->req->arena, "/window/intake/%.*s/%lld", STR_ARG(t->id),
                                (long long)person);
    return staff_fault(p, rc, e);
}

int visitor_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("窗口收件"), S(""));
    staff_crumb(p, S("窗口叫号"), S("/window"));
    staff_crumb(p, S("窗口收件"), S(""));
    page_form(p, S("/window/intake"));
    p->template = S("window/visitor");
    return 0;
}

/* ---- D2, D3: one screen ---- */

static int visit_of(struct page *p, struct item_visit *v, struct err *e) {
    *v = (struct item_visit){ 0 };
    v->type = realm_find(page_realm(p), SYSTEM_ITEM, http_param(p->req, S("item")), &v->system);
    bool ok = v->type && str_to_i64(http_param(p->req, S("visitor")), &v->person) && v->person > 0;
    struct str company = page_in(p, S("company"));
    if (ok && company.len) ok = str_to_i64(company, &v->company) && v->company >= 0;
    return ok ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

static struct item_intake sent(struct page *p) {
    return (struct item_intake){ .answers = p->in,
                                 .received = val_get(p->in, S("received")),
                                 .agree = str_eq(page_in(p, S("agree")), S("yes")),
                                 .declared = str_eq(page_in(p, S("declared")), S("yes")),
                                 .notice = str_eq(page_in(p, S("act")), S("more")) };
}

int intake_ask(struct page *p, struct err *e) {
    (void)e;
    question_join_dates(p);
    if (question_join_addresses(p)) p->own = p->in; /* the next look at a place: the screen again with all that stands on it */
    return 0;
}

static void put_pages(struct page *p, const struct val *pages) {
    for (size_t i = 0; i < val_count(pages); i++) {
        struct val *page = pages->u.list.item[i], *fields = val_list(p->a);
        const struct val *questions = val_get(page, S("questions"));
        bool bad = false;
        for (size_t k = 0; k < val_count(questions); k++) {
            struct val *f = question_field(p, val_item(questions, k), false);
            bad |= val_get_str(f, S("error")).len > 0;
            val_push(p->a, fields, f);
        }
        val_put(p->a, page, S("fields"), fields);
        if (bad) val_put_bool(p->a, page, S("open"), true);
    }
}

static void put_companies(struct page *p, const struct item_visit *v, const struct val *companies) {
    for (size_t i = 0; i < val_count(companies); i++)
        val_put_str(
            p->a, companies->u.list.item[i], S("href"),
            page_href(p, arena_fmt(p->a, "/window/intake/%.*s/%lld?company=%lld",
                                   STR_ARG(v->type->id), (long long)v->person,
                                   (long long)val_get_i64(val_item(companies, i), S("id"), 0))));
}

int intake_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_visit v;
    struct item_intake in = sent(p);
    struct val *view;
    int rc = visit_of(p, &v, e);
    if (!rc)
        rc = item_visit_view(tx, page_realm(p), p->who, &v, page_again(p) || p->own ? &in : NULL, p->lang,
                             &view, e);
    if (rc) return rc;
    const struct val *materials = val_get(view, S("materials"));
    put_pages(p, val_get(view, S("pages")));
    for (size_t i = 0; i < val_count(materials); i++) {
        struct val *m = materials->u.list.item[i];
        page_label(p, val_get_str(m, S("id")), val_get_str(m, S("name")));
        val_put_str(p->a, m, S("error"), page_fault_text(p, val_get_str(m, S("id"))));
    }
    page_label(p, S("agree"), page_text(p, S("同意取用登记信息")));
    val_put_str(p->a, view, S("agree_error"), page_fault_text(p, S("agree")));
    val_put_str(p->a, view, S("declared_error"), page_fault_text(p, S("declared")));
    val_put_bool(p->a, view, S("declared"), in.declared);
    val_put_bool(p->a, view, S("stepped"), p->own != NULL);
    put_companies(p, &v, val_get(view, S("companies")));
    val_put(p->a, p->view, S("visit"), view);
    return 0;
}

int intake_put_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_visit v;
    struct item_intake in = sent(p);
    struct val *errors = NULL;
    int64_t id = 0;
    if (p->own) return intake_act(tx, p, e);
    if (page_in(p, S("agree")).len && !in.agree) return page_fault(p, S("agree"), ERR_CODE, S(""));
    int rc = visit_of(p, &v, e);
    if (!rc) rc = item_intake_put(tx, page_realm(p), p->who, &v, &in, &id, &errors, e);
    for (size_t i = 0; rc == ERR_INPUT && i < val_pairs(errors); i++) {
        const struct val *one = errors->u.map.pair[i].value;
        (void)page_fault(p, errors->u.map.pair[i].key, (int)val_get_i64(one, S("code"), ERR_INPUT),
                         system_text(v.system, p->lang, val_get_str(one, S("detail"))));
    }
    if (!rc)
        p->location = ARENA_CAT(p->req->arena,
                                in.notice ? S("/window/notice/") : S("/window/receipt/"),
                                arena_i64(p->a, id));
    return staff_fault(p, rc, e);
}

int intake_say(struct page *p, struct err *e) {
    const struct val *visit = val_get(p->view, S("visit"));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, val_get_str(visit, S("item")), S(""));
    staff_crumb(p, S("窗口叫号"), S("/window"));
    staff_crumb(p, S("窗口收件"), S("/window/intake"));
    staff_crumb(p, val_get_str(visit, S("item")), S(""));
    page_form(p, ARENA_CAT(p->a, S("/window/intake/"), http_param(p->req, S("item")), S("/"),
                           http_param(p->req, S("visitor"))));
    p->template = S("window/intake");
    return 0;
}

/* ---- D5, D4 ---- */

static int taken(struct store_tx *tx, struct page *p, bool notice, struct item_case *c,
                 struct err *e) {
    struct val *view;
    struct str unit = S(""), by = S("");
    int64_t id;
    int rc = staff_id(p, "case", &id, e);
    if (!rc) rc = item_intake_get(tx, page_realm(p), p->who, id, notice, c, e);
    if (!rc) rc = item_case_view(tx, page_realm(p), c, S(""), p->lang, &view, e);
    if (!rc && c->unit) rc = identity_unit_title(tx, page_realm(p), c->unit, p->lang, &unit, e);
    if (!rc)
        rc = identity_account_name(tx, page_realm(p),
                                   val_get_i64(val_get(c->body, S("intake")), S("by"), 0), &by, e);
    if (rc) return rc;
    val_put(p->a, p->view, S("case"), view);
    val_put(p->a, p->view, S("guide"),
            item_brief_view(page_realm(p), c->system, c->type, p->lang, p->a));
    val_put_str(p->a, p->view, S("unit"), unit);
    val_put_str(p->a, p->view, S("by"), by);
    return 0;
}

int receipt_window_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    int rc = taken(tx, p, false, &c, e);
    if (rc) return rc;
    struct str path = ARENA_CAT(p->a, page_realm(p)->base_url, S("/zh/progress?number="), c.number);
    val_put(p->a, p->view, S("qr"), page_qr(p, path, page_text(p, S("扫码查进度")), false));
    val_put_str(p->a, p->view, S("number"), c.number);
    val_put_str(p->a, p->view, S("here"), arena_fmt(p->a, "/window/receipt/%lld", (long long)c.id));
    return 0;
}

int receipt_window_say(struct page *p, struct err *e) {
    bool slip = page_in(p, S("slip")).len > 0;
    (void)e;
    staff_title(p, S("收件回执"), val_get_str(p->view, S("number")));
    val_put_bool(p->a, p->view, S("slip"), slip);
    val_put_str(p->a, p->view, S("other_href"),
                page_href(p, ARENA_CAT(p->a, val_get_str(p->view, S("here")),
                                       slip ? S("") : S("?slip=1"))));
    val_put_str(p->a, p->view, S("next_href"), page_href(p, S("/window")));
    p->template = S("window/receipt");
    return 0;
}

int notice_window_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    int rc = taken(tx, p, true, &c, e);
    struct val *v = rc ? NULL : item_notice_view(tx, page_realm(p), &c, p->lang, e);
    if (rc || !v) return rc ? rc : e->code;
    struct str tail = c.company ? arena_fmt(p->a, "?company=%lld", (long long)c.company) : S("");
    struct str path = arena_fmt(p->a, "/window/intake/%.*s/%lld", STR_ARG(c.item),
                                (long long)c.person);
    val_put(p->a, p->view, S("notice"), v);
    val_put_str(p->a, p->view, S("draft_number"), item_draft_number(p->a, c.id));
    val_put_str(p->a, p->view, S("resume_url"), ARENA_CAT(p->a, page_realm(p)->base_url, page_href(p, S("/resume"))));
    val_put_str(p->a, p->view, S("back_href"), page_href(p, ARENA_CAT(p->a, path, tail)));
    return 0;
}

int notice_window_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("一次性告知书"), S(""));
    val_put_str(p->a, p->view, S("next_href"), page_href(p, S("/window")));
    p->template = S("window/notice");
    return 0;
}
