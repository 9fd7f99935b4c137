/* guide: A8, everything about one item on one page, by the elements of GB/T 39046-2020; A8f and A8s, the forms to fill in and how
 * what comes out looks; B1, the page before the first question.
 * Invariant: what A8 shows depends on the release, the language and the address alone: it is made once and kept.
 */
#include "data/write.h"
#include "web/portal/portal.h"
#include "web/user.h"

/* A link to a paper of the guide; `of`: id of a part or a material, empty for the whole application's. */
static struct str paper_href(struct page *p, struct str item, const char *file, struct str of) {
    struct str path = ARENA_CAT(p->a, S("/guide/"), item, S("/"), str_of(file));
    return page_href(p, of.len ? ARENA_CAT(p->a, path, S("?of="), of) : path);
}

void portal_paper_hrefs(struct page *p, struct val *list, struct str item) {
    for (size_t i = 0; i < val_count(list); i++) {
        struct val *v = list->u.list.item[i];
        struct str id = val_get_str(v, S("id"));
        bool blank = val_get_bool(v, S("blank"), false), sample = val_get_bool(v, S("sample"), false);
        val_put_str(p->a, v, S("blank_href"), blank ? paper_href(p, item, "form.pdf", id) : S(""));
        val_put_str(p->a, v, S("sample_href"), sample ? paper_href(p, item, "sample.pdf", id) : S(""));
    }
}

static void put_body(struct page *p, const struct system *m, const struct item_type *t) {
    struct val *g = item_guide_view(page_realm(p), m, t, p->lang, p->a), *qr = portal_put_map(p, S("qr"));
    val_put(p->a, p->view, S("item"), g);
    portal_paper_hrefs(p, (struct val *)val_get(g, S("materials")), t->id);
    portal_paper_hrefs(p, (struct val *)val_get(g, S("parts")), t->id);
    struct str path = page_href(p, ARENA_CAT(p->a, S("/guide/"), t->id));
    val_put(p->a, qr, S("svg"), portal_qr(p, path, page_text(p, S("本页二维码"))));
    val_put_str(p->a, qr, S("title"), page_text(p, S("扫码在手机上看这份指南")));
    struct str typed = ARENA_CAT(p->a, page_realm(p)->base_url, path); /* by who cannot scan */
    val_put_str(p->a, qr, S("code"), typed);
    val_put_str(p->a, qr, S("text"), page_text(p, S("打印件上也有这个二维码，内容以网上最新的为准。")));
    val_put_str(p->a, p->view, S("start_href"), page_href(p, ARENA_CAT(p->a, S("/apply/"), t->id)));
    val_put_str(p->a, p->view, S("form_href"), paper_href(p, t->id, "form.pdf", S("")));
    val_put_str(p->a, p->view, S("check_href"), page_href(p, ARENA_CAT(p->a, S("/guide/"), t->id, S("/check"))));
}

int guide_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct system *m;
    const struct item_type *t;
    struct str kept;
    (void)tx;
    int rc = portal_item(p, &m, &t, e);
    if (rc) return rc;
    struct str key = arena_fmt(p->a, "guide %lld %.*s %.*s", (long long)m->release, STR_ARG(t->id), STR_ARG(p->lang));
    val_put_str(p->a, p->view, S("name"), system_text(m, p->lang, t->name));
    if (page_kept(p, key, &kept)) {
        val_put(p->a, p->view, S("guide"), val_html(p->a, kept));
        return 0;
    }
    put_body(p, m, t);
    val_put(p->a, p->view, S("guide"), page_keep_markup(p, key, S("portal/guide_body")));
    return 0;
}

int guide_say(struct page *p, struct err *e) {
    struct str name = val_get_str(p->view, S("name"));
    (void)e;
    portal_title(p, portal_fill(p, S("{name}：办事指南"), S("name"), name));
    val_put_str(p->a, p->view, S("title"), name);
    portal_crumb(p, page_text(p, S("首页")), S("/"));
    portal_crumb(p, page_text(p, S("全部事项")), S("/search"));
    portal_crumb(p, name, S(""));
    p->template = S("portal/guide");
    return 0;
}

/* ---- B1 ---- */

/* Answers that came along from A9, to be seen and carried on. */
static void put_checked(struct page *p, const struct system *m, const struct item_type *t) {
    struct val *given = portal_checked(p, t), *rows = val_list(p->a), *fields = val_list(p->a);
    struct str query = portal_checked_query(p, t, given);
    for (size_t i = 0; i < t->check->n_questions; i++) {
        const struct form_question *q = &t->check->question[i];
        const struct val *v = val_get(given, q->id);
        size_t n = val_truthy(v) ? val_many(v) : 0;
        struct val *row = val_map(p->a);
        for (size_t k = 0; k < n; k++) {
            struct val *f = val_map(p->a);
            val_put_str(p->a, f, S("name"), q->id);
            val_put_str(p->a, f, S("value"), val_text(val_nth(v, k)));
            val_push(p->a, fields, f);
        }
        if (n == 0) continue;
        val_put_str(p->a, row, S("label"), system_text(m, p->lang, q->title));
        val_put_str(p->a, row, S("text"), form_answer_text(q, m, given, p->lang, p->a));
        val_push(p->a, rows, row);
    }
    val_put(p->a, p->view, S("said"), rows);
    val_put(p->a, p->view, S("carried"), fields);
    val_put_str(p->a, p->view, S("query"), query.len ? ARENA_CAT(p->a, S("?"), str_sub(query, 1, query.len)) : S(""));
    val_put_str(p->a, p->view, S("check_href"), page_href(p, ARENA_CAT(p->a, S("/guide/"), t->id, S("/check"))));
}

/* A page that comes first, with the way back to this one and its answers. */
static struct str way_back(struct page *p, const char *first, struct str item) {
    struct buf b;
    buf_init(&b, p->a, 256, 16384);
    buf_add(&b, page_href(p, str_of(first)));
    buf_add(&b, S("?back="));
    write_url_component(&b, ARENA_CAT(p->a, page_href(p, ARENA_CAT(p->a, S("/apply/"), item)), val_get_str(p->view, S("query"))));
    return buf_str(&b);
}

int start_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct user *u = user_of(p);
    const struct system *m;
    const struct item_type *t;
    int rc = portal_item(p, &m, &t, e);
    if (rc) return rc;
    struct val *g = item_guide_view(page_realm(p), m, t, p->lang, p->a);
    if (val_count(val_get(g, S("materials")))) val_put_bool(p->a, g, S("has_materials"), true);
    val_put(p->a, p->view, S("item"), g);
    put_checked(p, m, t);
    bool signed_in = u->actor.account != 0, company = actor_company(&u->actor) != 0;
    bool fits = company ? val_get_bool(g, S("for_company"), false) : val_get_bool(g, S("for_person"), false);
    val_put_bool(p->a, p->view, S("signed_in"), signed_in);
    val_put_bool(p->a, p->view, S("switch"), signed_in && !fits);
    val_put_bool(p->a, p->view, S("fits"), signed_in && fits);
    val_put_str(p->a, p->view, S("applicant"), u->actor.on_behalf ? u->actor.on_behalf_name : u->actor.name);
    if (!signed_in || !fits) return 0;
    struct item_case draft;
    rc = item_draft_find(tx, page_realm(p), p->who, t, &draft, e);
    if (rc) return rc == ERR_NOT_FOUND ? 0 : rc;
    val_put_str(p->a, portal_put_map(p, S("draft")), S("begun"), realm_time(page_realm(p), p->a, p->lang, draft.created_ms));
    return 0;
}

int start_say(struct page *p, struct err *e) {
    const struct val *g = val_get(p->view, S("item"));
    struct str name = val_get_str(g, S("name")), path = ARENA_CAT(p->a, S("/guide/"), val_get_str(g, S("id")));
    (void)e;
    portal_title(p, portal_fill(p, S("申请{name}"), S("name"), name));
    portal_crumb(p, page_text(p, S("首页")), S("/"));
    portal_crumb(p, name, path);
    portal_crumb(p, page_text(p, S("开始申请")), S(""));
    portal_form(p, val_get(p->view, S("draft")) ? S("继续填写") : S("开始申请"), false, S(""));
    val_put_str(p->a, p->view, S("sign_in_href"), way_back(p, "/sign-in", val_get_str(g, S("id"))));
    val_put_str(p->a, p->view, S("identity_href"), way_back(p, "/identity", val_get_str(g, S("id"))));
    val_put_str(p->a, p->view, S("guide_href"), page_href(p, path));
    p->template = S("portal/start");
    return 0;
}

int start_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct system *m;
    const struct item_type *t;
    int64_t id = 0;
    int rc = portal_item(p, &m, &t, e);
    if (!rc && str_eq(page_in(p, S("act")), S("anew"))) {
        struct item_case draft;
        rc = item_draft_find(tx, page_realm(p), p->who, t, &draft, e);
        if (!rc) rc = item_draft_drop(tx, page_realm(p), p->who, draft.id, e);
        if (rc == ERR_NOT_FOUND) rc = 0; /* sent twice: it is gone already */
    }
    if (!rc) rc = item_draft_open(tx, page_realm(p), p->who, m, t, &id, e);
    struct val *given = rc ? NULL : portal_checked(p, t);
    if (val_count(given)) rc = item_check_lay(tx, page_realm(p), p->who, id, given, e);
    if (!rc) p->location = portal_case_path(p, id, S("/fill"));
    return rc;
}
