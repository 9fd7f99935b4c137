/* mandates: C10 who acts for me, and for whom I act; C14 the people of a company that I act for.
 * Each mandate has a page of its own that both sides see, with what was done by it. Invariants:
 * one mechanism and one set of pages for a person and for a company; what ends a mandate is a page
 * that says what it does.
 */
#include "engine/mandate/mandate.h"
#include "web/list/list.h"
#include "web/mandate_form.h"
#include "web/portal/portal.h"
#include "web/staff.h"
#include "web/user.h"

enum { PAGE_ROWS = 20 };
#define N(x) (sizeof x / sizeof *x)

static const struct {
    const char *id;
    struct str tone, title;
} states[] = {
    { "offered", S_INIT("warn"), S_INIT("等对方接受") },
    { "active", S_INIT("ok"), S_INIT("有效") },
    { "declined", S_INIT(""), S_INIT("已谢绝") },
    { "ended", S_INIT(""), S_INIT("已终止") },
    { "expired", S_INIT(""), S_INIT("已到期") },
};

static bool for_company(const struct page *p) {
    return actor_company(p->who) != 0;
}

/* What the list and the page show of one. */
static void mark(struct page *p, struct val *v) {
    const struct realm *r = page_realm(p);
    struct str id = val_get_str(v, S("state")), items = val_get_str(v, S("items"));
    int64_t until = val_get_i64(v, S("until_ms"), 0);
    for (size_t i = 0; i < N(states); i++) {
        bool mine = val_get_bool(v, S("may_accept"), false);
        struct str text = mine && i == 0 ? S("等您接受") : states[i].title;
        if (str_eq(id, str_of(states[i].id))) portal_state(p, v, states[i].tone, page_text(p, text));
    }
    val_put_str(p->a, v, S("href"),
                page_href(p, arena_fmt(p->a, "/space/mandate/%lld",
                                       (long long)val_get_i64(v, S("id"), 0))));
    val_put_str(p->a, v, S("place"), arena_i64(p->a, val_get_i64(v, S("id"), 0)));
    val_put_str(p->a, v, S("matters"), items.len ? items : page_text(p, S("全部事项")));
    val_put_str(p->a, v, S("until"), until ? realm_day(r, p->a, p->lang, until - 1)
                                           : page_text(p, S("没有期限")));
    val_put_str(p->a, v, S("made"),
                realm_time(r, p->a, p->lang, val_get_i64(v, S("made_ms"), 0)));
}

/* ---- the lists ---- */

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, bool given,
                 struct err *e) {
    struct mandate_query q = { .given = given, .back = l->back, .max = l->max };
    q.state = list_value(l, "state");
    if (l->place.len && (!str_to_i64(l->place, &q.at) || q.at <= 0))
        return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = mandate_list(tx, page_realm(p), p->who, &q, p->lang, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) mark(p, l->rows->u.list.item[i]);
    l->total = SCOPE_UNCOUNTED;
    return rc;
}

static int fetch_given(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    return fetch(tx, p, l, true, e);
}
static int fetch_held(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    return fetch(tx, p, l, false, e);
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    (void)tx;
    (void)e;
    for (size_t i = 0; i < N(states); i++)
        list_choice(p, l, f, into, str_of(states[i].id), page_text(p, states[i].title));
    return 0;
}

#define KIN { "kin", S_INIT("登记库里的关系"), NULL, LIST_UNDER }
#define REST \
    { "standing", S_INIT("身份"), NULL, LIST_TEXT }, { "matters", S_INIT("事项"), NULL, LIST_TEXT }, \
        { "state", S_INIT("状态"), NULL, LIST_TAG }, { "until", S_INIT("到哪一天"), NULL, LIST_TEXT }, \
        { "made", S_INIT("授权时间"), "at", LIST_WHEN }
static const struct list_column given_columns[] = { { "name", S_INIT("代办的人"), NULL, LIST_HEAD }, KIN, REST };
static const struct list_column held_columns[] = { { "principal", S_INIT("为谁代办"), NULL, LIST_HEAD }, KIN, REST };
static const struct list_order orders[] = { { "at", S_INIT("最新的在前"), S_INIT("最早的在前"), false } };
static const struct list_filter filters[] = { { "state", S_INIT("状态"), LIST_CHOICE } };
#define LIST_OF(what, title) \
    { \
        .name = "mandates-" #what, .caption = S_INIT(title), .columns = what##_columns, \
        .n_columns = N(what##_columns), .orders = orders, .n_orders = N(orders), \
        .filters = filters, .n_filters = N(filters), .page_rows = PAGE_ROWS, \
        .fetch = fetch_##what, .choices = choices \
    }
static const struct list given = LIST_OF(given, "代我办事的人"), held = LIST_OF(held, "我代办的");

static int show(struct store_tx *tx, struct page *p, const struct list *of, const char *path,
                struct err *e) {
    struct list_run l;
    list_read(p, of, str_of(path), &l);
    val_put_bool(p->a, p->view, S("may_give"), mandate_may_give(page_realm(p), p->who));
    val_put_str(p->a, p->view, S("new_href"), page_href(p, S("/space/mandates/new")));
    return list_show(tx, p, &l, e);
}

int mandates_act(struct store_tx *tx, struct page *p, struct err *e) {
    /* Who acts for another and names nobody for him finds here what he acts by. */
    if (p->who->on_behalf && !mandate_may_give(page_realm(p), p->who)) p->location = S("/space/mandates/held");
    return show(tx, p, &given, "/space/mandates", e);
}
int mandates_held_act(struct store_tx *tx, struct page *p, struct err *e) {
    return show(tx, p, &held, "/space/mandates/held", e);
}

static int file(struct store_tx *tx, struct page *p, const struct list *of, const char *path,
                struct err *e) {
    struct list_run l;
    list_read(p, of, str_of(path), &l);
    return list_file(tx, p, &l, NULL, NULL, e);
}
int mandates_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    return file(tx, p, &given, "/space/mandates", e);
}
int mandates_held_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    return file(tx, p, &held, "/space/mandates/held", e);
}

static struct str given_title(struct page *p) {
    return page_text(p, for_company(p) ? S("单位的办事人员") : S("代我办事的人"));
}

static int lists_say(struct page *p, bool is_held) {
    if (p->location.len) return 0;
    portal_title(p, is_held ? page_text(p, S("我代办的")) : given_title(p));
    portal_side(p, "/space/mandates");
    if (val_get_bool(p->view, S("may_give"), false))
        staff_link(p, "tabs", for_company(p) ? S("单位的办事人员") : S("代我办事的人"),
                   S("/space/mandates"), !is_held, -1);
    staff_link(p, "tabs", S("我代办的"), S("/space/mandates/held"), is_held, -1);
    val_put_bool(p->a, p->view, S("held"), is_held);
    val_put_bool(p->a, p->view, S("company"), for_company(p));
    if (!list_some(p) && !val_get(p->view, S("empty"))) {
        if (is_held)
            portal_empty(p, S("还没有人授权您代办"),
                         S("有人授权时会给您发消息，您接受以后才算数。"), S(""), S(""));
        else
            portal_empty(p, S("还没有授权给任何人"),
                         S("可以请亲属或者别人代办，说好哪些事项、到什么时候。"),
                         S("/space/mandates/new"), S("授权给一个人"));
    }
    p->template = S("portal/mandates");
    return 0;
}
int mandates_say(struct page *p, struct err *e) {
    (void)e;
    return lists_say(p, false);
}
int mandates_held_say(struct page *p, struct err *e) {
    (void)e;
    return lists_say(p, true);
}

/* ---- giving ---- */

static const struct str agreed_text =
    S_INIT("我看过上面的内容，愿意授权这个人在所选的事项和期限里代办");

int mandate_new_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)e;
    mandate_form_person(p, "who", S("name"), S("对方的姓名"), S("citizen_id"),
                        S("对方的公民身份号码"), S("姓名和号码都对，才会发出；对方要先有通办的账号"));
    mandate_form_phone(p);
    mandate_form_put(p, !for_company(p), agreed_text);
    val_put_str(p->a, p->view, S("principal"),
                p->who->on_behalf ? p->who->on_behalf_name : p->who->name);
    val_put_bool(p->a, p->view, S("company"), for_company(p));
    return 0;
}

int mandate_new_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, for_company(p) ? S("添加办事人员") : S("授权给一个人")));
    portal_side(p, "/space/mandates");
    portal_form(p, S("发出授权"), false, S("/space/mandates"));
    p->template = S("portal/mandate_new");
    return 0;
}

static int count_wrong(struct store_tx *tx, struct page *p, struct err *e) {
    const bool *wrong = p->own;
    return *wrong ? mandate_failed(tx, page_realm(p), p->who, e) : 0;
}

int mandate_new_ask(struct page *p, struct err *e) {
    bool *wrong = arena_new(p->req->arena, bool);
    if (!wrong) return err_set(e, ERR_MEMORY, NULL);
    *wrong = false;
    p->own = wrong;
    p->refused_act = count_wrong;
    mandate_form_ask(p, false);
    return 0;
}

int mandate_new_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct mandate_offer o = mandate_form_read(p);
    bool *wrong = p->own;
    int64_t id;
    int rc = mandate_give(tx, page_realm(p), p->who, &o, &id, e);
    *wrong = rc == ERR_INPUT && str_eq(str_of(e->field), S("citizen_id"));
    if (rc == ERR_LOCKED)
        return page_fault(p, S("citizen_id"), ERR_INPUT,
                          page_text(p, S("找不到的人太多次了，请 15 分钟后再试")));
    if (!rc) p->location = arena_fmt(p->a, "/space/mandate/%lld", (long long)id);
    return staff_fault(p, rc, e);
}

/* ---- one of them ---- */

static int one(struct store_tx *tx, struct page *p, struct identity_mandate *row, struct err *e) {
    struct val *v;
    int64_t id;
    int rc = portal_id(p, "mandate", &id, e);
    if (!rc) rc = mandate_view(tx, page_realm(p), p->who, id, p->lang, &v, row, e);
    if (rc) return rc;
    mark(p, v);
    val_put_str(p->a, v, S("accepted"),
                realm_time(page_realm(p), p->a, p->lang, row->accepted_ms));
    val_put_str(p->a, v, S("ended"), realm_time(page_realm(p), p->a, p->lang, row->ended_ms));
    val_put_str(p->a, v, S("end_href"),
                page_href(p, arena_fmt(p->a, "/space/mandate/%lld/end", (long long)id)));
    val_put(p->a, p->view, S("mandate"), v);
    return 0;
}

static int put_acts(struct store_tx *tx, struct page *p, const struct identity_mandate *row,
                    struct err *e) {
    struct audit_row *rows = arena_array(p->a, PAGE_ROWS, sizeof *rows);
    struct val *list = val_list(p->a), *pages = val_map(p->a);
    struct str from = http_query(p->req, S("before"));
    int64_t before = 0, next = 0;
    size_t n = 0;
    if (!rows) return err_set(e, ERR_MEMORY, NULL);
    if (from.len && (!str_to_i64(from, &before) || before <= 0))
        return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = mandate_acts(tx, page_realm(p), row, before, rows, PAGE_ROWS, &n, &next, e);
    for (size_t i = 0; !rc && i < n; i++) val_push(p->a, list, portal_done_row(tx, p, &rows[i]));
    val_put(p->a, p->view, S("acts"), list);
    val_put_str(p->a, pages, S("next_href"),
                next ? page_href(p, arena_fmt(p->a, "/space/mandate/%lld?before=%lld",
                                              (long long)row->id, (long long)next))
                     : S(""));
    val_put_str(p->a, pages, S("previous_href"),
                before ? page_href(p, arena_fmt(p->a, "/space/mandate/%lld", (long long)row->id))
                       : S(""));
    val_put(p->a, pages, S("list"), val_list(p->a));
    if (next || before) val_put(p->a, p->view, S("pages"), pages);
    return rc;
}

int mandate_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct identity_mandate row;
    int rc = one(tx, p, &row, e);
    return rc ? rc : put_acts(tx, p, &row, e);
}

int mandate_say(struct page *p, struct err *e) {
    const struct val *m = val_get(p->view, S("mandate"));
    bool holder = val_get_bool(m, S("holder"), false);
    (void)e;
    portal_title(p, portal_fill(p, holder ? S("代{name}办事") : S("{name}代办"), S("name"),
                                val_get_str(m, holder ? S("principal") : S("name"))));
    portal_side(p, "/space/mandates");
    page_label(p, S("answer"), page_text(p, S("接受还是谢绝")));
    page_form(p, S(""));
    p->template = S("portal/mandate");
    return 0;
}

int mandate_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str answer = page_in(p, S("answer"));
    struct identity_mandate row;
    struct val *v;
    int64_t id;
    bool yes = str_eq(answer, S("accept"));
    int rc = portal_id(p, "mandate", &id, e);
    if (!rc) rc = mandate_view(tx, page_realm(p), p->who, id, p->lang, &v, &row, e);
    if (!rc && !val_get_bool(v, S("holder"), false)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && !yes && !str_eq(answer, S("decline")))
        return page_fault(p, S("answer"), ERR_REQUIRED, page_text(p, S("接受还是谢绝")));
    if (!rc) rc = mandate_answer(tx, page_realm(p), p->who, id, yes, e);
    if (!rc) p->location = arena_fmt(p->a, "/space/mandate/%lld", (long long)id);
    return rc;
}

int mandate_end_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct identity_mandate row;
    int rc = one(tx, p, &row, e);
    if (!rc && !val_get_bool(val_get(p->view, S("mandate")), S("may_end"), false))
        p->location = arena_fmt(p->a, "/space/mandate/%lld", (long long)row.id);
    return rc;
}

int mandate_end_say(struct page *p, struct err *e) {
    const struct val *m = val_get(p->view, S("mandate"));
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("终止代办授权")));
    portal_side(p, "/space/mandates");
    portal_form(p, S("终止授权"), false,
                arena_fmt(p->a, "/space/mandate/%lld", (long long)val_get_i64(m, S("id"), 0)));
    p->template = S("portal/mandate_end");
    return 0;
}

int mandate_end_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id;
    int rc = portal_id(p, "mandate", &id, e);
    if (!rc) rc = mandate_end(tx, page_realm(p), p->who, id, e);
    if (!rc) p->location = arena_fmt(p->a, "/space/mandate/%lld", (long long)id);
    return rc;
}
