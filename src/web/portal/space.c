/* space: the person's or company's own place: C1 what is to be done, C2 cases, C4 licences, C8 messages, C11 who looked at my data. */
#include <string.h>

#include "engine/audit/audit.h"
#include "engine/identity/identity.h"
#include "engine/notify/notify.h"
#include "engine/paper/paper.h"
#include "web/portal/portal.h"
#include "web/user.h"

enum { PAGE_ROWS = 20, OVERVIEW_ROWS = 5, LICENCES_MAX = 100 };

static void put_side(struct page *p, const char *here) {
    static const struct {
        const char *path;
        struct str title;
    } links[] = { { "/space", S_INIT("概览") },           { "/space/cases", S_INIT("我的办件") },      { "/space/licences", S_INIT("我的证照") },
                  { "/space/messages", S_INIT("消息") },  { "/space/access-log", S_INIT("谁看过我的数据") }, { "/identity", S_INIT("办事身份") } };
    struct val *list = val_list(p->a), *page = (struct val *)val_get(p->view, S("page"));
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        struct val *v = val_map(p->a);
        int64_t unread = user_of(p)->unread;
        bool count = unread && strcmp(links[i].path, "/space/messages") == 0;
        val_put_str(p->a, v, S("title"), page_text(p, links[i].title));
        val_put_str(p->a, v, S("href"), page_href(p, str_of(links[i].path)));
        val_put_bool(p->a, v, S("current"), str_eq(str_of(here), str_of(links[i].path)));
        val_put_str(p->a, v, S("count"), count ? arena_i64(p->a, unread) : S(""));
        val_push(p->a, list, v);
    }
    val_put(p->a, page, S("side"), list);
    val_put_str(p->a, page, S("side_title"), page_text(p, S("我的空间")));
}

static int list_cases(struct store_tx *tx, struct page *p, struct item_place *at, size_t max, struct val **ret, struct err *e) {
    struct scope_token own;
    int rc = portal_own(p, "case.read", &own, e);
    if (!rc) rc = item_cases_view(tx, page_realm(p), &own, at, max, p->lang, ret, e);
    if (!rc) portal_mark_cases(p, *ret);
    return rc;
}

/* ---- C1 ---- */

/* What waits for the person: supplements first, then drafts, then ratings. */
static struct val *to_do(struct page *p, const struct val *cases) {
    static const struct {
        struct str flag, text, tail;
    } kinds[] = { { S_INIT("can_supplement"), S_INIT("请补正材料"), S_INIT("/supplement") }, { S_INIT("is_draft"), S_INIT("继续填写"), S_INIT("/fill") } };
    struct val *list = val_list(p->a);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; i < val_count(cases); i++) {
            const struct val *c = val_item(cases, i);
            if (!val_get_bool(c, kinds[k].flag, false)) continue;
            struct val *v = val_map(p->a);
            int64_t id = val_get_i64(c, S("id"), 0);
            val_put_str(p->a, v, S("title"), ARENA_CAT(p->a, page_text(p, kinds[k].text), page_text(p, S("：")), val_get_str(c, S("item"))));
            val_put_str(p->a, v, S("href"), page_href(p, portal_case_path(p, id, kinds[k].tail)));
            val_put_str(p->a, v, S("at"), val_get_str(c, S("created")));
            val_put_str(p->a, v, S("number"), val_get_str(c, S("number")));
            val_push(p->a, list, v);
        }
    return list;
}

int space_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct actor *who = p->who;
    struct val *cases, *papers, *messages, *open = val_list(p->a), *valid = val_list(p->a);
    struct item_place at = { 0 };
    int rc = list_cases(tx, p, &at, PAGE_ROWS, &cases, e);
    if (!rc) rc = paper_of_holder(tx, page_realm(p), who->on_behalf ? who->on_behalf : who->person, 0, LICENCES_MAX, &papers, e);
    if (!rc) rc = notify_inbox(tx, page_realm(p), who, p->lang, 0, 3, &messages, e);
    if (!rc) rc = portal_standings_put(tx, p, e);
    if (rc) return rc;
    portal_mark_papers(p, papers);
    for (size_t i = 0; i < val_count(cases) && val_count(open) < OVERVIEW_ROWS; i++)
        if (!val_get_bool(val_item(cases, i), S("is_draft"), false)) val_push(p->a, open, cases->u.list.item[i]);
    for (size_t i = 0; i < val_count(papers) && val_count(valid) < 3; i++)
        if (val_get_bool(val_item(papers, i), S("is_valid"), false)) val_push(p->a, valid, papers->u.list.item[i]);
    for (size_t i = 0; i < val_count(messages); i++)
        val_put_str(p->a, messages->u.list.item[i], S("at"),
                    realm_time(page_realm(p), p->a, p->lang, val_get_i64(val_item(messages, i), S("at_ms"), 0)));
    val_put(p->a, p->view, S("to_do"), to_do(p, cases));
    val_put(p->a, p->view, S("cases"), open);
    val_put(p->a, p->view, S("papers"), valid);
    val_put(p->a, p->view, S("messages"), messages);
    val_put_str(p->a, p->view, S("name"), who->on_behalf ? who->on_behalf_name : who->name);
    val_put_bool(p->a, p->view, S("company"), who->on_behalf != 0);
    val_put_bool(p->a, p->view, S("nothing"), val_count(cases) == 0);
    return 0;
}

int space_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("我的空间")));
    put_side(p, "/space");
    if (val_get_bool(p->view, S("nothing"), false))
        portal_empty(p, S("还没有办件"), S("找到要办的事，点“开始申请”。填过的内容会自动保存。"), S("/search"), S("看全部事项"));
    p->template = S("portal/space");
    return 0;
}

/* ---- C2 ---- */

int cases_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *cases, *shown = val_list(p->a);
    struct str rest = http_query(p->req, S("before")), piece;
    int64_t key = 0, id = 0;
    struct item_place at;
    if (rest.len && !(str_cut(&rest, '.', &piece) && str_to_i64(piece, &key) && str_to_i64(rest, &id))) return err_set(e, ERR_NOT_FOUND, NULL);
    at = (struct item_place){ key, id, false };
    int rc = list_cases(tx, p, &at, PAGE_ROWS + 1, &cases, e);
    if (!rc) rc = portal_standings_put(tx, p, e);
    if (rc) return rc;
    size_t n = val_count(cases);
    for (size_t i = 0; i < n && i < PAGE_ROWS; i++) val_push(p->a, shown, cases->u.list.item[i]);
    val_put(p->a, p->view, S("cases"), shown);
    struct val *pages = val_map(p->a);
    struct str next = S(""), previous = key ? page_href(p, S("/space/cases")) : S("");
    if (n > PAGE_ROWS) {
        const struct val *last = val_item(cases, PAGE_ROWS - 1);
        at = (struct item_place){ val_get_i64(last, S("key"), 0), val_get_i64(last, S("id"), 0), true };
    }
    if (at.cut) next = page_href(p, arena_fmt(p->a, "/space/cases?before=%lld.%lld", (long long)at.key, (long long)at.id));
    val_put_str(p->a, pages, S("next_href"), next);
    val_put_str(p->a, pages, S("previous_href"), previous);
    val_put(p->a, pages, S("list"), val_list(p->a));
    if (next.len || previous.len) val_put(p->a, p->view, S("pages"), pages);
    return 0;
}

int cases_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("我的办件")));
    put_side(p, "/space/cases");
    if (val_count(val_get(p->view, S("cases"))) == 0)
        portal_empty(p, S("还没有办件"), S("找到要办的事，点“开始申请”。填过的内容会自动保存。"), S("/search"), S("看全部事项"));
    p->template = S("portal/cases");
    return 0;
}

/* ---- C4 ---- */

int licences_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct actor *who = p->who;
    struct val *papers, *shown = val_list(p->a), *pages = val_map(p->a);
    struct str rest = http_query(p->req, S("before"));
    int64_t before = 0;
    if (rest.len && (!str_to_i64(rest, &before) || before <= 0)) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = paper_of_holder(tx, page_realm(p), who->on_behalf ? who->on_behalf : who->person, before, PAGE_ROWS + 1, &papers, e);
    if (!rc) rc = portal_standings_put(tx, p, e);
    if (rc) return rc;
    for (size_t i = 0; i < val_count(papers) && i < PAGE_ROWS; i++) val_push(p->a, shown, papers->u.list.item[i]);
    portal_mark_papers(p, shown);
    val_put(p->a, p->view, S("papers"), shown);
    bool more = val_count(papers) > PAGE_ROWS;
    int64_t last = more ? val_get_i64(val_item(shown, PAGE_ROWS - 1), S("id"), 0) : 0;
    val_put_str(p->a, pages, S("next_href"),
                more ? page_href(p, arena_fmt(p->a, "/space/licences?before=%lld", (long long)last)) : S(""));
    val_put_str(p->a, pages, S("previous_href"), before ? page_href(p, S("/space/licences")) : S(""));
    val_put(p->a, pages, S("list"), val_list(p->a));
    if (more || before) val_put(p->a, p->view, S("pages"), pages);
    return 0;
}

int licences_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("我的证照")));
    put_side(p, "/space/licences");
    if (val_count(val_get(p->view, S("papers"))) == 0)
        portal_empty(p, S("还没有电子证照"), S("办件办结后，电子证照和文书会出现在这里，可以下载和验真。"), S("/space/cases"), S("看我的办件"));
    p->template = S("portal/licences");
    return 0;
}

/* ---- C8 ---- */

int messages_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *messages, *shown = val_list(p->a);
    int64_t before = 0;
    struct str q = http_query(p->req, S("before"));
    if (q.len && !str_to_i64(q, &before)) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = notify_inbox(tx, page_realm(p), p->who, p->lang, before, PAGE_ROWS + 1, &messages, e);
    if (rc) return rc;
    for (size_t i = 0; i < val_count(messages) && i < PAGE_ROWS; i++) {
        struct val *m = messages->u.list.item[i];
        int64_t id = val_get_i64(m, S("case_id"), 0);
        val_put_str(p->a, m, S("at"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(m, S("at_ms"), 0)));
        val_put_str(p->a, m, S("href"), id ? page_href(p, portal_case_path(p, id, S(""))) : S(""));
        val_push(p->a, shown, m);
    }
    val_put(p->a, p->view, S("messages"), shown);
    val_put_bool(p->a, p->view, S("any_unread"), user_of(p)->unread > 0);
    struct val *pages = val_map(p->a);
    int64_t last = val_get_i64(val_item(shown, PAGE_ROWS - 1), S("id"), 0);
    bool more = val_count(messages) > PAGE_ROWS;
    val_put_str(p->a, pages, S("next_href"),
                more ? page_href(p, arena_fmt(p->a, "/space/messages?before=%lld", (long long)last)) : S(""));
    val_put_str(p->a, pages, S("previous_href"), before ? page_href(p, S("/space/messages")) : S(""));
    val_put(p->a, pages, S("list"), val_list(p->a));
    if (more || before) val_put(p->a, p->view, S("pages"), pages);
    return 0;
}

int messages_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("消息")));
    put_side(p, "/space/messages");
    if (val_count(val_get(p->view, S("messages"))) == 0)
        portal_empty(p, S("还没有消息"), S("办件有进展时会在这里通知您。"), S(""), S(""));
    p->template = S("portal/messages");
    return 0;
}

int messages_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id = 0;
    struct str which = page_in(p, S("message"));
    if (which.len && !str_to_i64(which, &id)) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = notify_mark_read(tx, page_realm(p), p->who, id, e);
    if (!rc) p->location = S("/space/messages");
    return rc;
}

/* ---- C11 ---- */

static struct str act_text(struct page *p, struct str name) {
    static const struct {
        struct str name, text;
    } acts[] = {
#define ACT(name, kind, reads, text) { S_INIT(name), S_INIT(text) },
#include "engine/access/access_words.h"
#undef ACT
    };
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (str_eq(acts[i].name, name)) return page_text(p, acts[i].text);
    return name;
}

static struct str role_text(struct page *p, struct str id) {
    const struct system **all;
    const struct realm *r = page_realm(p);
    size_t n = r->systems.active(r->systems.context, &all);
    for (size_t i = 0; i < n; i++) {
        const struct access_role *roles;
        size_t k = all[i]->access ? access_roles(all[i]->access, &roles) : 0;
        for (size_t j = 0; j < k; j++)
            if (str_eq(roles[j].id, id)) return system_text(all[i], p->lang, roles[j].title);
    }
    return S("");
}

static struct val *look_row(struct store_tx *tx, struct page *p, const struct audit_row *row) {
    struct val *v = val_map(p->a);
    struct actor by;
    struct err ignored;
    bool self = row->entry.actor == p->who->account, known = !self && row->entry.actor && identity_actor_of(tx, page_realm(p), row->entry.actor, &by, &ignored) == 0;
    struct str role = role_text(p, row->entry.role), unit = known && by.n_posts ? by.posts[0].unit_title : S("");
    struct str purpose = str_eq(row->entry.purpose, S("-")) ? S("") : page_text(p, row->entry.purpose);
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, row->time_ms));
    val_put_str(p->a, v, S("who"), self ? page_text(p, S("您本人")) : unit.len ? unit : page_text(p, S("系统自动处理")));
    val_put_str(p->a, v, S("role"), self ? S("") : role);
    val_put_str(p->a, v, S("what"), act_text(p, row->entry.act));
    val_put_str(p->a, v, S("why"), purpose);
    return v;
}

int access_log_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct audit_row *rows = arena_array(p->a, PAGE_ROWS + 1, sizeof *rows);
    struct val *looks = val_list(p->a), *pages = val_map(p->a);
    struct str q = http_query(p->req, S("before"));
    int64_t before = 0;
    size_t n = 0;
    if (!rows) return err_set(e, ERR_MEMORY, NULL);
    if (q.len && !str_to_i64(q, &before)) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = p->who->person ? audit_of_person_reads(tx, page_realm(p)->home, p->who->person, before, rows, PAGE_ROWS + 1, &n, e) : 0;
    if (rc) return rc;
    for (size_t i = 0; i < n && i < PAGE_ROWS; i++) val_push(p->a, looks, look_row(tx, p, &rows[i]));
    val_put(p->a, p->view, S("looks"), looks);
    val_put_str(p->a, pages, S("next_href"),
                n > PAGE_ROWS ? page_href(p, arena_fmt(p->a, "/space/access-log?before=%lld", (long long)rows[PAGE_ROWS - 1].number)) : S(""));
    val_put_str(p->a, pages, S("previous_href"), before ? page_href(p, S("/space/access-log")) : S(""));
    val_put(p->a, pages, S("list"), val_list(p->a));
    if (n > PAGE_ROWS || before) val_put(p->a, p->view, S("pages"), pages);
    return 0;
}

int access_log_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("谁看过我的数据")));
    put_side(p, "/space/access-log");
    if (val_count(val_get(p->view, S("looks"))) == 0)
        portal_empty(p, S("还没有记录"), S("有人查看或使用您的数据时，几秒钟后就会出现在这里。"), S(""), S(""));
    p->template = S("portal/access_log");
    return 0;
}
