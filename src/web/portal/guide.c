/* guide: A8, everything about one item on one page, by the elements of GB/T 39046-2020; B1, the page before the first question. */
#include "web/portal/portal.h"
#include "web/user.h"

static int put_guide(struct page *p, struct err *e) {
    const struct system *m;
    const struct item_type *t;
    int rc = portal_item(p, &m, &t, e);
    if (rc) return rc;
    struct val *g = item_guide_view(page_realm(p), m, t, p->lang, p->a);
    if (val_count(val_get(g, S("materials")))) val_put_bool(p->a, g, S("has_materials"), true);
    val_put(p->a, p->view, S("item"), g);
    return 0;
}

/* The item's process in words, "a → b → c", as steps. */
static void put_steps(struct page *p, struct str process) {
    struct val *steps = val_list(p->a);
    const struct str arrow = S("→");
    for (size_t at = 0; at <= process.len && val_count(steps) < 20;) {
        size_t end = str_find(process, arrow, at);
        if (end > process.len) end = process.len;
        struct str step = str_trim(str_sub(process, at, end - at));
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), step);
        val_put_str(p->a, v, S("state"), S("todo"));
        if (step.len) val_push(p->a, steps, v);
        at = end + arrow.len;
    }
    val_put(p->a, p->view, S("steps"), steps);
}

int guide_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    return put_guide(p, e);
}

int guide_say(struct page *p, struct err *e) {
    const struct val *g = val_get(p->view, S("item"));
    struct str name = val_get_str(g, S("name")), id = val_get_str(g, S("id"));
    struct val *qr = portal_put_map(p, S("qr"));
    (void)e;
    portal_title(p, portal_fill(p, S("{name}：办事指南"), S("name"), name));
    portal_crumb(p, page_text(p, S("首页")), S("/"));
    portal_crumb(p, page_text(p, S("全部事项")), S("/search"));
    portal_crumb(p, name, S(""));
    put_steps(p, val_get_str(g, S("process")));
    val_put(p->a, qr, S("svg"),
            portal_qr(p, page_href(p, ARENA_CAT(p->a, S("/guide/"), id)),
                      page_text(p, S("本页二维码"))));
    val_put_str(p->a, qr, S("title"), page_text(p, S("扫码在手机上看这份指南")));
    val_put_str(p->a, qr, S("text"), page_text(p, S("打印件上也有这个二维码，内容以网上最新的为准。")));
    val_put_str(p->a, p->view, S("start_href"), page_href(p, ARENA_CAT(p->a, S("/apply/"), id)));
    p->template = S("portal/guide");
    return 0;
}

/* ---- B1 ---- */

int start_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct user *u = user_of(p);
    (void)tx;
    int rc = put_guide(p, e);
    if (rc) return rc;
    const struct val *g = val_get(p->view, S("item"));
    bool signed_in = u->actor.account != 0, company = u->actor.on_behalf != 0;
    bool fits = company ? val_get_bool(g, S("for_company"), false) : val_get_bool(g, S("for_person"), false);
    val_put_bool(p->a, p->view, S("signed_in"), signed_in);
    val_put_bool(p->a, p->view, S("switch"), signed_in && !fits);
    val_put_bool(p->a, p->view, S("fits"), signed_in && fits);
    val_put_str(p->a, p->view, S("applicant"), company ? u->actor.on_behalf_name : u->actor.name);
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
    portal_form(p, S("开始填写"), false, S(""));
    struct str back = ARENA_CAT(p->a, S("/sign-in?back="), page_href(p, ARENA_CAT(p->a, S("/apply/"), val_get_str(g, S("id")))));
    val_put_str(p->a, p->view, S("sign_in_href"), page_href(p, back));
    back = ARENA_CAT(p->a, S("/identity?back="), page_href(p, ARENA_CAT(p->a, S("/apply/"), val_get_str(g, S("id")))));
    val_put_str(p->a, p->view, S("identity_href"), page_href(p, back));
    val_put_str(p->a, p->view, S("guide_href"), page_href(p, path));
    p->template = S("portal/start");
    return 0;
}

int start_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct system *m;
    const struct item_type *t;
    int64_t id;
    int rc = portal_item(p, &m, &t, e);
    if (!rc) rc = item_draft_open(tx, page_realm(p), p->who, m, t, &id, e);
    if (!rc) p->location = portal_case_path(p, id, S("/fill"));
    return rc;
}
