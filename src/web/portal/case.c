/* case: one matter as its applicant sees it: C3 how far it is, B14 supplement and withdraw, C9 rating, the papers' files.
 * Invariant: what cannot be undone has a page of its own that says what it does.
 */
#include "engine/identity/identity.h"
#include "engine/item/item_handover.h"
#include "engine/notify/notify.h"
#include "engine/paper/paper.h"
#include "web/live/live.h"
#include "web/portal/portal.h"
#include "web/question.h"
#include "web/staff.h"
#include "web/user.h"

#include <string.h>

enum { PDF_ARENA_BYTES = 40 * 1024 * 1024 };

/* ---- C3 ---- */

/* What stands open to the case and to the reader's standing. */
static void put_open(struct page *p, struct val *view) {
    static const struct {
        struct str flag;
        const char *power;
    } ways[] = { { S_INIT("can_supplement"), "case.supplement" }, { S_INIT("can_withdraw"), "case.withdraw" },
                 { S_INIT("can_rate"), "case.rate" } };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        val_put_bool(p->a, view, ways[i].flag, val_get_bool(view, ways[i].flag, false) && portal_may(p, ways[i].power));
}

/* A draft is filled in; who may only look at it sees how far it is. */
static int put_case(struct store_tx *tx, struct page *p, const char *power, struct item_case *c, struct err *e) {
    struct val *view;
    int rc = portal_case(tx, p, power, c, e);
    if (rc) return rc;
    if (str_eq(c->state, S("draft")) && portal_may(p, "case.draft")) {
        p->location = portal_case_path(p, c->id, S("/fill"));
        return 0;
    }
    rc = item_case_view(tx, page_realm(p), c, S(""), p->lang, &view, e);
    if (rc) return rc;
    portal_state(p, view, val_get_str(view, S("tone")), val_get_str(view, S("state_text")));
    put_open(p, view);
    struct val *redress = (struct val *)val_get(val_get(view, S("rating")), S("redress"));
    if (redress && redress->kind == VAL_MAP) {
        portal_state(p, redress, val_get_str(redress, S("tone")), val_get_str(redress, S("state_text")));
        val_put_str(p->a, redress, S("href"), page_href(p, portal_case_path(p, val_get_i64(redress, S("id"), 0), S(""))));
    }
    portal_mark_papers(p, (struct val *)val_get(view, S("papers")));
    portal_mark_changes(tx, p, c, view, str_eq(c->state, S("supplement")) ? "supplement" : "");
    val_put(p->a, p->view, S("case"), view);
    val_put_str(p->a, p->view, S("case_href"), page_href(p, portal_case_path(p, c->id, S(""))));
    val_put_str(p->a, p->view, S("back_href"), page_href(p, portal_case_path(p, c->id, S(""))));
    return 0;
}

/* "还剩 3 个工作日", and how it stands. */
static void put_clock(struct page *p, const struct val *clock, struct str stands) {
    if (!clock) return;
    struct val *v = portal_put_map(p, S("clock")), *args = val_map(p->a);
    bool late = val_get_bool(clock, S("late"), false), finished = val_get_bool(clock, S("finished"), false);
    bool paused = val_get_bool(clock, S("paused"), false);
    struct str pattern = finished ? S("用时 {used} {unit}") : paused ? S("{stands}；已用 {used} {unit}") : late ? S("已超期 {over} {unit}")
                                                                                                              : S("剩余 {remaining} {unit}");
    static const char *const numbers[] = { "used", "over", "remaining", "unit", NULL };
    for (const char *const *k = numbers; *k; k++) val_put(p->a, args, str_of(*k), (struct val *)val_get(clock, str_of(*k)));
    val_put_str(p->a, args, S("stands"), stands);
    val_put_str(p->a, v, S("text"), po_fill(p->a, page_text(p, pattern), args));
    val_put_str(p->a, v, S("kind"), finished ? S("ok") : late ? S("seal") : paused || val_get_bool(clock, S("warn"), false) ? S("warn") : S("ok"));
    bool open = !finished && !paused;
    val_put_str(p->a, v, S("due"), open ? val_get_str(clock, S("due")) : S(""));
    val_put_str(p->a, v, S("due_iso"), open ? val_get_str(clock, S("due_iso")) : S(""));
}

/* Of what was done on the applicant's side, by whom, where another did it for the reader. */
static int acted_by(struct store_tx *tx, struct page *p, const struct item_case *c, const struct val *ev, struct str *ret,
                    struct err *e) {
    int64_t account = val_get_i64(ev, S("account"), 0);
    *ret = val_get_str(ev, S("unit"));
    if (ret->len || account != c->account || account == 0 || account == p->who->account) return 0;
    return identity_account_name(tx, page_realm(p), account, ret, e);
}

static int put_timeline(struct store_tx *tx, struct page *p, const struct item_case *c, const struct val *events, struct err *e) {
    struct val *list = val_list(p->a);
    int rc = 0;
    for (size_t i = val_count(events); !rc && i-- > 0;) {
        const struct val *ev = val_item(events, i);
        struct val *v = val_map(p->a);
        struct str by;
        rc = acted_by(tx, p, c, ev, &by, e);
        struct str basis = val_get_str(ev, S("basis")), text = val_get_str(ev, S("text"));
        if (basis.len) text = ARENA_CAT(p->a, text, text.len ? S(" · ") : S(""), basis);
        val_put_str(p->a, v, S("title"), val_get_str(ev, S("title")));
        val_put_str(p->a, v, S("who"), by);
        val_put_str(p->a, v, S("at"), val_get_str(ev, S("at")));
        val_put_str(p->a, v, S("text"), text);
        val_put_bool(p->a, v, S("typed"), val_get_bool(ev, S("typed"), false));
        val_put_str(p->a, v, S("kind"), i + 1 == val_count(events) ? S("seal") : S(""));
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("timeline"), list);
    return rc;
}

/* What the reader was told about it; who has no inbox of his own was told nothing. */
static int put_messages(struct store_tx *tx, struct page *p, const struct item_case *c, struct err *e) {
    enum { SHOWN = 10 };
    struct notify_query q = { .case_id = c->id, .max = SHOWN };
    struct val *list;
    int rc = notify_inbox(tx, page_realm(p), p->who, p->lang, &q, &list, e);
    if (rc == ERR_FORBIDDEN) {
        err_clear(e);
        return 0;
    }
    for (size_t i = 0; !rc && i < val_count(list); i++) {
        struct val *m = list->u.list.item[i];
        val_put_str(p->a, m, S("at"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(m, S("at_ms"), 0)));
    }
    if (!rc && val_count(list)) val_put_bool(p->a, p->view, S("show_messages"), true);
    if (!rc) val_put(p->a, p->view, S("messages"), list);
    return rc;
}

int case_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    int rc = put_case(tx, p, "case.read", &c, e);
    if (rc || p->location.len) return rc;
    const struct val *view = val_get(p->view, S("case"));
    portal_rail(p, val_get(view, S("rail")), true);
    put_clock(p, val_get(view, S("clock")), val_get_str(view, S("stands")));
    rc = put_timeline(tx, p, &c, val_get(view, S("events")), e);
    if (!rc) rc = put_messages(tx, p, &c, e);
    if (rc) return rc;
    if (val_count(val_get(view, S("materials")))) val_put_bool(p->a, p->view, S("show_materials"), true);
    if (val_count(val_get(view, S("papers")))) val_put_bool(p->a, p->view, S("show_papers"), true);
    struct val *guide = item_brief_view(page_realm(p), c.system, c.type, p->lang, p->a);
    val_put(p->a, p->view, S("guide"), guide);
    val_put_bool(p->a, p->view, S("collect"), item_handover_waits(&c));
    return live_put(tx, p, arena_fmt(p->a, "case.%lld", (long long)c.id), item_watch_key(p->a, c.version, 0),
                    S("办件有 [n] 处新进展"), e);
}

int case_say(struct page *p, struct err *e) {
    const struct val *view = val_get(p->view, S("case"));
    (void)e;
    if (p->location.len) return 0;
    struct str item = val_get_str(view, S("item")), number = val_get_str(view, S("number"));
    portal_title(p, number.len ? ARENA_CAT(p->a, item, S(" "), number) : item);
    portal_crumb(p, page_text(p, S("我的空间")), S("/space"));
    portal_crumb(p, page_text(p, S("我的办件")), S("/space/cases"));
    portal_crumb(p, item, S(""));
    p->template = S("portal/case");
    return 0;
}

/* ---- B14 ---- */

/* The pages that may be changed now. */
static void put_changes(struct page *p) {
    const struct val *pages = val_get(val_get(p->view, S("case")), S("pages"));
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < val_count(pages); i++) {
        struct val *v = val_map(p->a);
        struct str href = val_get_str(val_item(pages, i), S("change_href"));
        val_put_str(p->a, v, S("title"), val_get_str(val_item(pages, i), S("title")));
        val_put_str(p->a, v, S("href"), href);
        if (href.len) val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("changes"), list);
}

int supplement_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    int rc = put_case(tx, p, "case.supplement", &c, e);
    if (!rc && p->location.len == 0) put_changes(p);
    if (!rc && p->location.len == 0 && !str_eq(c.state, S("supplement")) && !portal_again(p)) p->location = portal_case_path(p, c.id, S(""));
    return rc;
}

int supplement_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("补正材料")));
    portal_form(p, S("提交补正"), false, S(""));
    page_label(p, S("note"), page_text(p, S("补正说明")));
    val_put_str(p->a, p->view, S("note"), page_in(p, S("note")));
    p->template = S("portal/supplement");
    return 0;
}

int supplement_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id;
    int rc = portal_id(p, "case", &id, e);
    if (!rc) rc = item_supplement_give(tx, page_realm(p), p->who, id, page_in(p, S("note")), e);
    if (rc == ERR_TOO_LONG || rc == ERR_INPUT) return page_fault(p, S("note"), rc, arena_str(p->a, str_of(e->detail)));
    if (!rc) p->location = portal_case_path(p, id, S(""));
    return rc;
}

int withdraw_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    int rc = put_case(tx, p, "case.withdraw", &c, e);
    if (!rc && p->location.len == 0 && c.ended_ms && !portal_again(p)) p->location = portal_case_path(p, c.id, S(""));
    return rc;
}

int withdraw_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("撤回申请")));
    portal_form(p, S("确认撤回"), false, S(""));
    page_label(p, S("reason"), page_text(p, S("撤回原因")));
    struct val *form = (struct val *)val_get(p->view, S("form"));
    val_put_bool(p->a, form, S("danger"), true);
    val_put_str(p->a, form, S("cancel_href"), val_get_str(p->view, S("case_href")));
    val_put_str(p->a, p->view, S("reason"), page_in(p, S("reason")));
    p->template = S("portal/withdraw");
    return 0;
}

int withdraw_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id;
    int rc = portal_id(p, "case", &id, e);
    if (!rc) rc = item_withdraw(tx, page_realm(p), p->who, id, page_in(p, S("reason")), e);
    if (rc == ERR_TOO_LONG) return page_fault(p, S("reason"), rc, S("500"));
    if (!rc) p->location = portal_case_path(p, id, S(""));
    return rc;
}

/* ---- C9 ---- */

int rate_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    int rc = put_case(tx, p, "case.rate", &c, e);
    if (rc || p->location.len) return rc;
    if (!val_get_bool(val_get(p->view, S("case")), S("can_rate"), false) && !portal_again(p)) p->location = portal_case_path(p, c.id, S(""));
    portal_put_levels(p, &c);
    return 0;
}

int rate_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("评价这次办理")));
    portal_form(p, S("提交评价"), false, S(""));
    p->template = S("portal/rate");
    return 0;
}

int rate_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct item_rating g = portal_rating(p);
    struct val *errors = NULL;
    int64_t id;
    int rc = portal_id(p, "case", &id, e);
    if (!rc) rc = item_rate(tx, page_realm(p), p->who, id, &g, &errors, e);
    portal_rating_faults(p, rc, errors);
    if (!rc) p->location = portal_case_path(p, id, S(""));
    return rc;
}

/* ---- a paper's file ---- */

struct shown_paper {
    struct str bytes;
};

/* An officer sees the papers of the part that the role decides; a role that decides no part (the window) sees all of its unit's cases. */
static int officer_reaches(struct store_tx *tx, struct page *p, const struct paper_row *row, const struct scope_token *cases, struct err *e) {
    struct item_case c;
    int rc = item_case_get(tx, page_realm(p), cases, row->case_id, &c, e);
    for (size_t i = 0; !rc && i < p->who->n_posts; i++) {
        struct scope_token mine;
        struct str role = p->who->posts[i].role;
        bool decides_any = false, decides_this = false;
        for (size_t k = 0; k < c.type->n_parts; k++) {
            if (!str_eq(c.type->part[k].role, role)) continue;
            decides_any = true;
            decides_this |= str_ends(row->number, ARENA_CAT(p->a, S("-"), c.type->part[k].id));
        }
        if (decides_any && !decides_this) continue;
        access_narrow(cases, p->who, role, &mine);
        if (item_case_get(tx, page_realm(p), &mine, row->case_id, &c, e) == 0) return 0;
    }
    return rc ? rc : ERR_NOT_FOUND;
}

/* The holder, the applicant, or an officer who may read the case. */
static int reaches(struct store_tx *tx, struct page *p, const struct paper_row *row, const struct scope_token *own, struct err *e) {
    struct scope_token cases;
    int64_t holder = row->company ? row->company : row->person;
    if (own->all) return 0;
    for (size_t i = 0; i < own->n; i++)
        if (own->id[i] == holder && portal_paper_matter(tx, page_realm(p), p->who, row->case_id)) return 0;
    int rc = access_may(page_realm(p), p->who, S("case.read"), &cases, e);
    if (!rc) rc = row->case_id ? officer_reaches(tx, p, row, &cases, e) : ERR_NOT_FOUND;
    return rc ? err_set(e, ERR_NOT_FOUND, NULL) : 0;
}

int paper_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct shown_paper *f = arena_new(p->req->arena, struct shown_paper);
    struct paper_row row;
    struct act act;
    int64_t id;
    if (!f) return err_set(e, ERR_MEMORY, NULL);
    store_arena(tx)->limit_bytes = PDF_ARENA_BYTES; /* until the request is over */
    int rc = portal_id(p, "paper", &id, e);
    if (!rc) rc = act_open(&act, tx, page_realm(p), p->who, S("paper.read"), e);
    if (!rc) rc = paper_get(tx, page_realm(p), id, &row, e);
    if (!rc) rc = reaches(tx, p, &row, &act.scope, e);
    if (!rc) rc = paper_file(tx, page_realm(p), &row, store_arena(tx), &f->bytes, e);
    if (rc) return rc;
    act.purpose = S("下载证照文书");
    act.subject = row.person;
    act.release = row.release;
    p->own = f;
    return act_close(&act, S("paper"), id, row.case_id, S(""), e);
}

int paper_say(struct page *p, struct err *e) {
    const struct shown_paper *f = p->own;
    struct http_reply *r = arena_new(p->req->arena, struct http_reply);
    if (!r) return err_set(e, ERR_MEMORY, NULL);
    *r = (struct http_reply){ .status = 200, .media_type = S("application/pdf"), .body = f->bytes, .ranges = true };
    p->reply = r;
    return 0;
}
