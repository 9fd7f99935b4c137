/* results: D6, what cases came to and lies at the window: the list of what waits, with how long, and finding one by its number, by the
 * code of a receipt that a scanner types, or by a name and a phone. Invariants: the list tells no name whole; what is typed stands in no
 * address.
 */
#include "engine/item/item_handover.h"
#include "web/list/list.h"
#include "web/question.h"
#include "web/window/window_pages.h"

enum { PAGE_ROWS = 50 };
static const char home[] = "/window/results";

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e);
static const struct list_column columns[] = {
    { "number", S_INIT("办件编号"), NULL, LIST_HEAD },   { "item", S_INIT("事项"), NULL, LIST_TEXT },
    { "applicant", S_INIT("申请人"), NULL, LIST_TEXT },  { "ended", S_INIT("办结时间"), "since", LIST_WHEN },
    { "days", S_INIT("等了（天）"), NULL, LIST_FIGURE }, { "reminded", S_INIT("已提醒"), NULL, LIST_WHEN },
    { "state_tag", S_INIT("状态"), NULL, LIST_TAG },
};
static const struct list_order orders[] = { { "since", S_INIT("等得最久的在前"), S_INIT("刚办结的在前"), true } };
static const struct list_filter filters[] = { { "state", S_INIT("状态"), LIST_CHOICE }, { "item", S_INIT("事项"), LIST_CHOICE } };
static const struct list waiting = { .name = "results",
                                     .caption = S_INIT("等待领取的结果"),
                                     LIST_TABLES(columns, orders, filters),
                                     .page_rows = PAGE_ROWS,
                                     .fetch = fetch,
                                     .unsaved = true,
                                     .choices = choices };

struct str window_result_path(struct page *p, int64_t id, struct str tail) {
    return ARENA_CAT(p->req->arena, arena_fmt(p->a, "/window/result/%lld", (long long)id), tail);
}

static void mark(struct page *p, struct val *v) {
    struct val *tag = val_map(p->a);
    const bool waits = str_eq(val_get_str(v, S("state")), item_handover_state(0));
    val_put_str(p->a, tag, S("kind"), val_get_str(v, S("tone")));
    val_put_str(p->a, tag, S("text"), val_get_str(v, S("state_text")));
    val_put(p->a, v, S("state_tag"), tag);
    val_put_str(p->a, v, S("days"), waits ? arena_i64(p->a, val_get_i64(v, S("days"), 0)) : S("—"));
    val_put_str(p->a, v, S("reminded"), realm_day(page_realm(p), p->a, p->lang, val_get_i64(v, S("reminded_ms"), 0)));
    val_put_str(p->a, v, S("href"), page_href(p, window_result_path(p, val_get_i64(v, S("id"), 0), S(""))));
    val_put_str(p->a, v, S("place"), list_place(p->a, val_get_i64(v, S("key"), 0), val_get_i64(v, S("id"), 0)));
}

/* Without a choice, what waits: what is done is asked for. */
static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct item_handover_query q = { .state = list_value(l, "state"), .item = list_value(l, "item"), .back = l->back, .max = l->max };
    l->rows = val_list(p->a);
    if (!q.state.len) q.state = item_handover_state(0);
    int rc = l->place.len ? list_place_read(l->place, &q.at.key, &q.at.id, e) : 0;
    if (!rc) rc = item_handovers(tx, page_realm(p), p->who, &q, p->lang, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) mark(p, l->rows->u.list.item[i]);
    l->total = q.total;
    l->cut = !rc && q.at.cut ? list_place(p->a, q.at.key, q.at.id) : S("");
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e) {
    const struct system **all;
    const struct realm *r = page_realm(p);
    (void)tx;
    (void)e;
    if (str_eq(str_of(f->name), S("state"))) {
        for (size_t i = 0; item_handover_state(i).len; i++)
            list_choice(p, l, f, into, item_handover_state(i), item_handover_state_text(r, p->lang, item_handover_state(i)));
        return 0;
    }
    for (size_t i = 0, n = r->systems.active(r->systems.context, &all); i < n; i++)
        for (size_t k = 0; k < all[i]->part[SYSTEM_ITEM].n; k++) {
            const struct item_type *t = all[i]->part[SYSTEM_ITEM].entry[k].value;
            if (t->collect.len) list_choice(p, l, f, into, t->id, system_text(all[i], p->lang, t->name));
        }
    return 0;
}

/* What is typed to find one. */
static void put_asked(struct page *p) {
    static const struct {
        const char *id, *width, *mode;
        struct str label, hint;
    } fields[] = { { "q", "20", "", S_INIT("办件编号"), S_INIT("也可以扫回执或者手机上的码") },
                   { "name", "11", "", S_INIT("申请人的姓名或者企业名称"), S_INIT("没有编号时，姓名和手机号都填") },
                   { "phone", "11", "tel", S_INIT("申请人的手机号"), S_INIT("") } };
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct val *v = question_plain(p, str_of(fields[i].id), fields[i].label, fields[i].hint);
        val_put_str(p->a, v, S("width"), str_of(fields[i].width));
        val_put_str(p->a, v, S("mode"), str_of(fields[i].mode));
        val_put_str(p->a, v, S("complete"), S("off"));
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("asked"), list);
}

int results_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &waiting, str_of(home), &l);
    int rc = list_show(tx, p, &l, e);
    put_asked(p);
    val_put_bool(p->a, p->view, S("none"), !rc && val_count(l.rows) == 0 && !val_get(p->view, S("empty")));
    return rc ? rc : staff_looked(tx, p, "case.handover", "case", 0, 0, e);
}

int results_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &waiting, str_of(home), &l);
    return list_file(tx, p, &l, "case.handover", "case", e);
}

int results_find_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct item_handover_asked q = { .typed = page_in(p, S("q")), .name = page_in(p, S("name")), .phone = page_in(p, S("phone")) };
    int64_t id;
    int rc = item_handover_find(tx, page_realm(p), p->who, &q, &id, e);
    if (!rc) p->location = window_result_path(p, id, S(""));
    return staff_fault(p, rc, e);
}

int results_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    if (val_get_bool(p->view, S("none"), false)) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), page_text(p, S("没有等待领取的结果")));
        val_put_str(p->a, v, S("text"), page_text(p, S("要到窗口领取的办件办结以后列在这里；别的办件用编号找。")));
        val_put_str(p->a, v, S("href"), page_href(p, S("/window")));
        val_put_str(p->a, v, S("link"), page_text(p, S("回到窗口")));
        val_put(p->a, p->view, S("empty"), v);
    }
    staff_title(p, S("结果送达"), S(""));
    staff_crumb(p, S("窗口叫号"), S("/window"));
    staff_crumb(p, S("结果送达"), S(""));
    page_form(p, str_of(home));
    p->template = S("window/results");
    return 0;
}
