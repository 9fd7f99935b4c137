/* space: the person's or company's own place: C1 what is to be done, C2 cases, C4 licences, C8 messages, C11 who looked at my data. */
#include <string.h>

#include "engine/audit/audit.h"
#include "engine/identity/identity.h"
#include "engine/notify/notify.h"
#include "engine/paper/paper.h"
#include "web/list/list.h"
#include "web/portal/portal.h"
#include "web/staff.h"
#include "web/user.h"

enum { PAGE_ROWS = 20, OVERVIEW_ROWS = 5 };

void portal_side(struct page *p, const char *here) {
    static const struct {
        const char *path;
        struct str title;
    } links[] = { { "/space", S_INIT("概览") },           { "/space/cases", S_INIT("我的办件") },      { "/space/licences", S_INIT("我的证照") },
                  { "/space/materials", S_INIT("我的材料") }, { "/space/appointments", S_INIT("我的预约") },
                  { "/space/messages", S_INIT("消息") },
                  { "/space/contacts", S_INIT("联系方式和通知") },
                  { "/space/mandates", S_INIT("代办授权") },
                  { "/space/data", S_INIT("我的登记信息") },
                  { "/space/access-log", S_INIT("谁看过我的数据") }, { "/space/devices", S_INIT("登录和设备") },
                  { "/identity", S_INIT("办事身份") } };
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

static int list_cases(struct store_tx *tx, struct page *p, struct item_case_query *q, struct val **ret, struct err *e) {
    struct scope_token own;
    int rc = portal_own(p, "case.read", &own, e);
    if (!rc) rc = item_cases_view(tx, page_realm(p), &own, q, p->lang, ret, e);
    if (!rc) portal_mark_cases(p, *ret);
    return rc;
}

/* ---- C1 ---- */

/* What waits for the person: supplements first, then drafts, then ratings. */
static struct val *to_do(struct page *p, const struct val *cases) {
    static const struct {
        struct str flag, text, tail;
    } kinds[] = { { S_INIT("can_supplement"), S_INIT("请补正材料"), S_INIT("/supplement") }, { S_INIT("can_fill"), S_INIT("继续填写"), S_INIT("/fill") } };
    struct val *list = val_list(p->a);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; i < val_count(cases); i++) {
            const struct val *c = val_item(cases, i);
            if (!val_get_bool(c, kinds[k].flag, false)) continue;
            struct val *v = val_map(p->a);
            int64_t id = val_get_i64(c, S("id"), 0);
            val_put_str(p->a, v, S("title"), ARENA_CAT(p->a, page_text(p, kinds[k].text), page_text(p, S("：")), val_get_str(c, S("item"))));
            val_put_str(p->a, v, S("href"), page_href(p, portal_case_path(p, id, kinds[k].tail)));
            static const char *const keys[] = { "number", "created", "submitted", "supplement_until", NULL };
            for (const char *const *key = keys; *key; key++) val_put_str(p->a, v, str_of(*key), val_get_str(c, str_of(*key)));
            val_push(p->a, list, v);
        }
    return list;
}

int space_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct actor *who = p->who;
    struct val *cases, *papers, *messages, *open = val_list(p->a);
    struct item_case_query newest = { .max = PAGE_ROWS };
    int rc = list_cases(tx, p, &newest, &cases, e);
    if (!rc)
        rc = paper_of_holder(tx, page_realm(p), who->n_items ? 0 : actor_owner(who),
                             &(struct paper_query){ .state = S("valid"), .is = PAPER_IS_LICENCE, .max = 3 }, &papers, e);
    if (!rc) rc = notify_inbox(tx, page_realm(p), who, p->lang, &(struct notify_query){ .max = 3 }, &messages, e);
    if (!rc) rc = portal_standings_put(tx, p, e);
    if (rc) return rc;
    portal_mark_papers(p, papers);
    for (size_t i = 0; i < val_count(cases) && val_count(open) < OVERVIEW_ROWS; i++)
        if (!val_get_bool(val_item(cases, i), S("can_fill"), false)) val_push(p->a, open, cases->u.list.item[i]);
    for (size_t i = 0; i < val_count(messages) && !rc; i++) {
        val_put_str(p->a, messages->u.list.item[i], S("at"),
                    realm_time(page_realm(p), p->a, p->lang, val_get_i64(val_item(messages, i), S("at_ms"), 0)));
        rc = portal_put_sent(tx, p, messages->u.list.item[i], e);
    }
    if (rc) return rc;
    val_put(p->a, p->view, S("to_do"), to_do(p, cases));
    val_put(p->a, p->view, S("cases"), open);
    val_put(p->a, p->view, S("papers"), papers);
    val_put(p->a, p->view, S("messages"), messages);
    val_put_str(p->a, p->view, S("name"), who->on_behalf ? who->on_behalf_name : who->name);
    val_put_bool(p->a, p->view, S("company"), actor_company(who) != 0);
    val_put_bool(p->a, p->view, S("nothing"), val_count(cases) == 0);
    return 0;
}

int space_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("我的空间")));
    portal_side(p, "/space");
    if (val_get_bool(p->view, S("nothing"), false))
        portal_empty(p, S("还没有办件"), S("找到要办的事，点“开始申请”。填过的内容会自动保存。"), S("/search"), S("看全部事项"));
    p->template = S("portal/space");
    return 0;
}

/* ---- C2 ---- */

static int fetch_cases(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct item_case_query q = { .state = list_value(l, "state"), .item = list_value(l, "item"), .back = l->back, .max = l->max };
    int rc = list_place_read(l->place, &q.at.key, &q.at.id, e);
    if (!rc) rc = list_cases(tx, p, &q, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) {
        struct val *v = l->rows->u.list.item[i];
        val_put_str(p->a, v, S("place"), list_place(p->a, val_get_i64(v, S("key"), 0), val_get_i64(v, S("id"), 0)));
    }
    l->total = q.total;
    l->cut = q.at.cut ? list_place(p->a, q.at.key, q.at.id) : (struct str){ NULL, 0 };
    return rc;
}

/* States that an applicant's case may be in, and matters that may be applied for in this standing. */
static int case_choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                        struct err *e) {
    static const struct str states[] = { S_INIT("draft"), S_INIT("submitted"), S_INIT("accepted"), S_INIT("supplement"), S_INIT("ended"),
                                         S_INIT("withdrawn") };
    const struct system **all;
    const struct realm *r = page_realm(p);
    (void)tx;
    (void)e;
    if (str_eq(str_of(f->name), S("state"))) {
        for (size_t i = 0; i < sizeof states / sizeof *states; i++)
            list_choice(p, l, f, into, states[i], item_word_text(r, p->lang, states[i]));
        return 0;
    }
    for (size_t i = 0, n = r->systems.active(r->systems.context, &all); i < n; i++)
        for (size_t k = 0; k < all[i]->part[SYSTEM_ITEM].n; k++) {
            const struct item_type *t = all[i]->part[SYSTEM_ITEM].entry[k].value;
            if (actor_company(p->who) ? t->for_company : t->for_person)
                list_choice(p, l, f, into, t->id, system_text(all[i], p->lang, t->name));
        }
    return 0;
}

static const struct list_column case_columns[] = {
    { "item", S_INIT("事项"), NULL, LIST_HEAD },       { "number", S_INIT("编号"), NULL, LIST_TEXT },
    { "state", S_INIT("状态"), NULL, LIST_TAG },       { "created", S_INIT("开始时间"), "started", LIST_WHEN },
    { "submitted", S_INIT("提交时间"), NULL, LIST_WHEN }, { "due", S_INIT("承诺办结日期"), NULL, LIST_TEXT },
    { "ended", S_INIT("办结时间"), NULL, LIST_WHEN },
};
static const struct list_order case_orders[] = { { "started", S_INIT("最新的在前"), S_INIT("最早的在前"), false } };
static const struct list_filter case_filters[] = { { "state", S_INIT("状态"), LIST_CHOICE }, { "item", S_INIT("事项"), LIST_CHOICE } };
#define N(x) (sizeof x / sizeof *x)
static const struct list cases = { .name = "cases", .caption = S_INIT("我的办件"), LIST_TABLES(case_columns, case_orders, case_filters),
                                   .page_rows = PAGE_ROWS, .fetch = fetch_cases, .choices = case_choices };

int cases_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &cases, S("/space/cases"), &l);
    int rc = list_show(tx, p, &l, e);
    return rc ? rc : portal_standings_put(tx, p, e);
}

int cases_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &cases, S("/space/cases"), &l);
    return list_file(tx, p, &l, NULL, NULL, e);
}

int cases_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("我的办件")));
    portal_side(p, "/space/cases");
    if (!list_some(p) && !val_get(p->view, S("empty")))
        portal_empty(p, S("还没有办件"), S("找到要办的事，点“开始申请”。填过的内容会自动保存。"), S("/search"), S("看全部事项"));
    p->template = S("portal/cases");
    return 0;
}

/* ---- C4 ---- */

/* The place behind which a list of ids goes on. */
static int id_place(const struct list_run *l, int64_t *ret, struct err *e) {
    *ret = 0;
    return l->place.len == 0 || (str_to_i64(l->place, ret) && *ret > 0) ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

static int fetch_papers(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    const struct actor *who = p->who;
    struct paper_query q = { .state = list_value(l, "state"), .is = PAPER_IS_LICENCE, .back = l->back, .max = l->max };
    int rc = id_place(l, &q.at, e);
    if (!rc && who->n_items) l->rows = val_list(p->a); /* who acts in some matters finds their papers with their cases */
    else if (!rc) rc = paper_of_holder(tx, page_realm(p), actor_owner(who), &q, &l->rows, e);
    if (rc) return rc;
    portal_mark_papers(p, l->rows);
    l->cut = q.cut ? arena_i64(p->a, q.cut) : (struct str){ NULL, 0 };
    for (size_t i = 0; i < val_count(l->rows); i++) {
        struct val *v = l->rows->u.list.item[i];
        val_put_str(p->a, v, S("place"), arena_i64(p->a, val_get_i64(v, S("id"), 0)));
    }
    return 0;
}

static int paper_choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                         struct err *e) {
    static const struct str states[] = { S_INIT("valid"), S_INIT("expired"), S_INIT("revoked"), S_INIT("replaced"), S_INIT("setting") };
    struct str tone;
    (void)tx;
    (void)e;
    for (size_t i = 0; i < N(states); i++) list_choice(p, l, f, into, states[i], portal_paper_state(p, states[i], true, &tone));
    return 0;
}

static const struct list_column paper_columns[] = {
    { "title", S_INIT("证照名称"), NULL, LIST_HEAD },  { "number", S_INIT("编号"), NULL, LIST_TEXT },
    { "organ", S_INIT("发证机关"), NULL, LIST_TEXT },  { "state", S_INIT("状态"), NULL, LIST_TAG },
    { "issued", S_INIT("发证日期"), NULL, LIST_WHEN }, { "until", S_INIT("有效期至"), NULL, LIST_WHEN },
};
static const struct list_order newest_first[] = { { "at", S_INIT("最新的在前"), S_INIT("最早的在前"), false } };
static const struct list_filter state_filter[] = { { "state", S_INIT("状态"), LIST_CHOICE } };
static const struct list papers = { .name = "licences", .caption = S_INIT("我的证照"),
                                    LIST_TABLES(paper_columns, newest_first, state_filter),
                                    .page_rows = PAGE_ROWS, .fetch = fetch_papers, .choices = paper_choices };

int licences_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &papers, S("/space/licences"), &l);
    int rc = list_show(tx, p, &l, e);
    return rc ? rc : portal_standings_put(tx, p, e);
}

int licences_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &papers, S("/space/licences"), &l);
    return list_file(tx, p, &l, NULL, NULL, e);
}

int licences_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("我的证照")));
    portal_side(p, "/space/licences");
    if (!list_some(p) && !val_get(p->view, S("empty")))
        portal_empty(p, S("还没有电子证照"), S("办件办结后，电子证照会出现在这里，可以下载和验真。决定书、告知书在办件的页面里。"), S("/space/cases"), S("看我的办件"));
    p->template = S("portal/licences");
    return 0;
}

/* ---- C8 ---- */

/* Where the case of a message opens for its reader: one's own in the space, one's office's at the desk; nowhere, where it does not. */
static struct str message_href(struct store_tx *tx, struct page *p, int64_t id) {
    struct scope_token token;
    struct item_case c;
    struct err ignored;
    if (id == 0) return S("");
    if (p->who->n_posts == 0) return page_href(p, portal_case_path(p, id, S("")));
    if (access_may(page_realm(p), p->who, S("case.read"), &token, &ignored) || item_case_get(tx, page_realm(p), &token, id, &c, &ignored))
        return S("");
    bool own = c.account == p->who->account;
    return page_href(p, own ? portal_case_path(p, id, S("")) : arena_fmt(p->a, "/desk/case/%lld", (long long)id));
}

static int fetch_messages(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct str state = list_value(l, "state");
    struct notify_query q = { .back = l->back, .max = l->max, .counted = l->counted };
    int rc = id_place(l, &q.at, e);
    if (str_eq(state, S("unread"))) q.which = NOTIFY_UNREAD;
    else if (str_eq(state, S("read"))) q.which = NOTIFY_READ;
    else if (state.len) return rc; /* there are none such */
    if (!rc) rc = notify_inbox(tx, page_realm(p), p->who, p->lang, &q, &l->rows, e);
    l->total = q.total;
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) {
        struct val *m = l->rows->u.list.item[i];
        int64_t id = val_get_i64(m, S("case_id"), 0);
        bool unread = val_get_bool(m, S("unread"), false);
        val_put_str(p->a, m, S("at"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(m, S("at_ms"), 0)));
        val_put_str(p->a, m, S("href"), message_href(tx, p, id));
        val_put_str(p->a, m, S("state"), page_text(p, unread ? S("未读") : S("已读")));
        val_put_str(p->a, m, S("place"), arena_i64(p->a, val_get_i64(m, S("id"), 0)));
        rc = portal_put_sent(tx, p, m, e);
    }
    return rc;
}

static int message_choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                           struct err *e) {
    (void)tx;
    (void)e;
    list_choice(p, l, f, into, S("unread"), page_text(p, S("未读")));
    list_choice(p, l, f, into, S("read"), page_text(p, S("已读")));
    return 0;
}

static const struct list_column message_columns[] = { { "title", S_INIT("标题"), NULL, LIST_HEAD },
                                                      { "text", S_INIT("内容"), NULL, LIST_TEXT },
                                                      { "at", S_INIT("时间"), NULL, LIST_WHEN },
                                                      { "state", S_INIT("状态"), NULL, LIST_TEXT } };
static const struct list messages = { .name = "messages", .caption = S_INIT("消息"),
                                      LIST_TABLES(message_columns, newest_first, state_filter),
                                      .page_rows = PAGE_ROWS, .fetch = fetch_messages, .choices = message_choices };

int messages_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &messages, S("/space/messages"), &l);
    val_put_bool(p->a, p->view, S("any_unread"), user_of(p)->unread > 0);
    return list_show(tx, p, &l, e);
}

int messages_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &messages, S("/space/messages"), &l);
    return list_file(tx, p, &l, NULL, NULL, e);
}

int messages_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("消息")));
    portal_side(p, "/space/messages");
    if (!list_some(p) && !val_get(p->view, S("empty")))
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

/* What the act was about: the matter of its case. Empty where it has none, or one that cannot be read. */
static struct str matter_of(struct store_tx *tx, struct page *p, int64_t case_id) {
    struct item_case c;
    struct err ignored;
    if (case_id == 0 || item_case_get(tx, page_realm(p), NULL, case_id, &c, &ignored)) return S("");
    struct str name = system_text(c.system, p->lang, c.type->name);
    return c.number.len ? ARENA_CAT(p->a, name, S(" "), c.number) : name;
}

/* A purpose is the program's or of a system's code set; or two of them, what for and about what, with a colon between. */
static struct str purpose_text(struct page *p, struct str said) {
    struct str shown = page_text(p, said), colon = S("：");
    if (said.len && str_eq(shown, said)) shown = realm_words(page_realm(p), p->lang, said);
    size_t at = str_eq(shown, said) ? str_find(said, colon, 0) : SIZE_MAX;
    if (at == SIZE_MAX) return shown;
    return ARENA_CAT(p->a, page_text(p, str_sub(said, 0, at)), page_text(p, colon),
                     realm_words(page_realm(p), p->lang, str_sub(said, at + colon.len, said.len)));
}

/* Why: the purpose that was said, the matter, or at least the act itself. */
static struct str why_of(struct store_tx *tx, struct page *p, const struct audit_row *row) {
    struct str said = str_eq(row->entry.purpose, S("-")) ? S("") : row->entry.purpose, matter = matter_of(tx, p, row->entry.case_id);
    struct str shown = purpose_text(p, said);
    if (said.len && matter.len) return ARENA_CAT(p->a, shown, page_text(p, S("：")), matter);
    return said.len ? shown : matter.len ? matter : act_text(p, row->entry.act);
}

struct val *portal_done_row(struct store_tx *tx, struct page *p, const struct audit_row *row) {
    struct val *v = val_map(p->a);
    struct str what = act_text(p, row->entry.act), why = why_of(tx, p, row);
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, row->time_ms));
    val_put_str(p->a, v, S("what"), what);
    val_put_str(p->a, v, S("why"), str_eq(what, why) ? S("") : why);
    return v;
}

static struct val *look_row(struct store_tx *tx, struct page *p, const struct audit_row *row) {
    struct val *v = val_map(p->a);
    struct actor by;
    struct err ignored;
    bool self = row->entry.actor == p->who->account, known = !self && row->entry.actor && identity_actor_of(tx, page_realm(p), row->entry.actor, &by, &ignored) == 0;
    struct str role = role_text(p, row->entry.role),
               unit = known && by.n_posts ? realm_words(page_realm(p), p->lang, by.posts[0].unit_title) : S("");
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, row->time_ms));
    val_put_str(p->a, v, S("who"), self ? page_text(p, S("您本人")) : unit.len ? unit : page_text(p, S("系统自动处理")));
    val_put_str(p->a, v, S("role"), self ? S("") : role);
    val_put_str(p->a, v, S("what"), act_text(p, row->entry.act));
    val_put_str(p->a, v, S("why"), why_of(tx, p, row));
    return v;
}

/* One's own acts are a page of their own, so that they do not bury the looks of others. */
static bool own_acts(const struct page *p) {
    return str_eq(http_query(p->req, S("by")), S("me"));
}

int access_log_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct audit_row *rows = arena_array(p->a, PAGE_ROWS + 1, sizeof *rows);
    struct val *looks = val_list(p->a), *pages = val_map(p->a);
    struct str q = http_query(p->req, S("before"));
    bool own = own_acts(p);
    int64_t before = 0;
    size_t n = 0;
    if (!rows) return err_set(e, ERR_MEMORY, NULL);
    if (q.len && !str_to_i64(q, &before)) return err_set(e, ERR_NOT_FOUND, NULL);
    const struct actor *me = p->who;
    int rc = audit_of_person_reads(tx, page_realm(p)->home, me->person, me->account, own, before, rows, PAGE_ROWS + 1, &n, e);
    if (rc) return rc;
    for (size_t i = 0; i < n && i < PAGE_ROWS; i++) val_push(p->a, looks, look_row(tx, p, &rows[i]));
    val_put(p->a, p->view, S("looks"), looks);
    val_put_str(p->a, pages, S("next_href"),
                n > PAGE_ROWS ? page_href(p, arena_fmt(p->a, "/space/access-log?%sbefore=%lld", own ? "by=me&" : "",
                                                       (long long)rows[PAGE_ROWS - 1].number))
                              : S(""));
    val_put_str(p->a, pages, S("previous_href"),
                before ? page_href(p, own ? S("/space/access-log?by=me") : S("/space/access-log")) : S(""));
    val_put(p->a, pages, S("list"), val_list(p->a));
    if (n > PAGE_ROWS || before) val_put(p->a, p->view, S("pages"), pages);
    return 0;
}

int access_log_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("谁看过我的数据")));
    portal_side(p, "/space/access-log");
    staff_link(p, "tabs", S("别人的查看和使用"), S("/space/access-log"), !own_acts(p), -1);
    staff_link(p, "tabs", S("我自己的操作"), S("/space/access-log?by=me"), own_acts(p), -1);
    if (val_count(val_get(p->view, S("looks"))) == 0)
        portal_empty(p, S("还没有记录"),
                     own_acts(p) ? S("您自己办事的记录会列在这里。") : S("有人查看或使用您的数据时，几秒钟后就会出现在这里。"), S(""),
                     S(""));
    p->template = S("portal/access_log");
    return 0;
}
