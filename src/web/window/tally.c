/* tally: D7, what was done in a hall on a day, for each clerk and line, and what results he handed over or sent: a list (web/list/list.h).
 * Who manages the hall sees everybody's, a clerk his own. Invariant: whose work is shown is the actor's own, or within his right to the
 * tally; a file leaves an entry.
 */
#include "engine/identity/identity.h"
#include "engine/item/item_handover.h"
#include "data/tz.h"
#include "web/list/list.h"
#include "web/window/window_pages.h"

enum { PAGE_ROWS = 50, MINUTE_MS = 60000 };

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e);
static const struct list_column columns[] = {
    { "name", S_INIT("人员"), "name", LIST_HEAD },
    { "line", S_INIT("队列"), NULL, LIST_TEXT },
    { "finished", S_INIT("已办完"), "finished", LIST_TEXT },
    { "missed", S_INIT("过号"), NULL, LIST_TEXT },
    { "open", S_INIT("未办完"), NULL, LIST_TEXT },
    { "waited", S_INIT("平均等候（分钟）"), NULL, LIST_TEXT },
    { "served", S_INIT("平均办理（分钟）"), NULL, LIST_TEXT },
    { "day", S_INIT("日期"), NULL, LIST_FILE },
};
static const struct list_order orders[] = {
    { "name", S_INIT("按人员"), S_INIT("按人员倒序"), true },
    { "finished", S_INIT("办完多的在前"), S_INIT("办完少的在前"), false },
};
static const struct list_filter filters[] = { { "day", S_INIT("日期"), LIST_DAY },
                                              { "line", S_INIT("队列"), LIST_CHOICE },
                                              { "hall", S_INIT("大厅"), LIST_CHOICE } };
static const struct list tally = { .name = "tally", .caption = S_INIT("当天统计"),
                                   LIST_TABLES(columns, orders, filters),
                                   .page_rows = PAGE_ROWS,
                                   .fetch = fetch,
                                   .choices = choices };

static struct str minutes(struct page *p, int64_t sum_ms, int64_t n) {
    return n ? arena_fmt(p->a, "%lld.%lld", (long long)(sum_ms / n / MINUTE_MS),
                         (long long)(sum_ms / n % MINUTE_MS * 10 / MINUTE_MS))
             : S("—");
}

static int row_of(struct store_tx *tx, struct page *p, const struct queue_hall *h,
                  const struct queue_done *d, int64_t day, struct val **ret, struct err *e) {
    const struct queue_line *line = queue_line_find(h, d->line);
    struct val *v = *ret = val_map(p->a);
    struct str name = page_text(p, S("还没有人办"));
    struct buf b;
    int rc = d->account ? identity_account_name(tx, page_realm(p), d->account, &name, e) : 0;
    buf_init(&b, p->a, 16, 16);
    civil_write(&b, (struct civil_date){ (int32_t)day });
    val_put_str(p->a, v, S("name"), name);
    val_put_str(p->a, v, S("line"), line ? system_text(h->system, p->lang, line->title) : d->line);
    val_put_str(p->a, v, S("finished"), arena_i64(p->a, d->finished));
    val_put_str(p->a, v, S("missed"), arena_i64(p->a, d->missed));
    val_put_str(p->a, v, S("open"), arena_i64(p->a, d->open));
    val_put_str(p->a, v, S("waited"), minutes(p, d->waited_ms, d->finished));
    val_put_str(p->a, v, S("served"), minutes(p, d->served_ms, d->finished));
    val_put_str(p->a, v, S("day"), buf_str(&b));
    val_put_str(p->a, v, S("href"), S(""));
    return rc;
}

static const struct {
    struct str way, title;
} ways[] = { { S_INIT("window"), S_INIT("结果发放") }, { S_INIT("post"), S_INIT("结果寄送") } };
enum { WAYS = sizeof ways / sizeof *ways };

/* What the clerks of the hall's unit handed over or sent: rows beside those of its lines. */
static int add_handed(struct store_tx *tx, struct page *p, const struct queue_hall *h, int64_t day, bool all, struct str only,
                      struct val *found, struct err *e) {
    struct item_handed *handed = arena_array(p->a, ITEM_HANDED_MAX, sizeof *handed);
    int64_t unit = 0;
    size_t n = 0;
    int rc = handed ? identity_unit_by_code_find(tx, page_realm(p), h->unit, &unit, e) : err_set(e, ERR_MEMORY, NULL);
    if (!rc) rc = item_handed_on(tx, page_realm(p), unit, day, all ? 0 : p->who->account, handed, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        static const char *const none[] = { "missed", "open", "waited", "served", NULL };
        struct queue_done d = { .account = handed[i].account, .finished = handed[i].n, .line = handed[i].way };
        struct val *v;
        if (only.len && !str_eq(only, handed[i].way)) continue;
        rc = row_of(tx, p, h, &d, day, &v, e);
        if (rc) break;
        for (const char *const *k = none; *k; k++) val_put_str(p->a, v, str_of(*k), S("—"));
        for (size_t w = 0; w < WAYS; w++)
            if (str_eq(ways[w].way, handed[i].way)) val_put_str(p->a, v, S("line"), page_text(p, ways[w].title));
        val_push(p->a, found, v);
    }
    return rc;
}

static int by(const struct list_run *l, const struct val *x, const struct val *y) {
    int64_t a = 0, b = 0;
    (void)val_to_i64(val_get(x, S("finished")), &a),
        (void)val_to_i64(val_get(y, S("finished")), &b);
    return l->order && a != b ? (a > b ? -1 : 1)
                              : str_cmp(val_get_str(x, S("name")), val_get_str(y, S("name")));
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    const struct queue_hall *h = window_own_hall(tx, p, S("ticket.call"), list_value(l, "hall"));
    struct queue_done *done = arena_array(p->a, QUEUE_DONE_MAX, sizeof *done);
    struct civil_date day = { (int32_t)queue_day(page_realm(p), store_now_ms(tx)) };
    struct str asked = list_value(l, "day"), line = list_value(l, "line");
    struct val *found = val_list(p->a);
    size_t n = 0;
    l->rows = val_list(p->a);
    if (!done) return err_set(e, ERR_MEMORY, NULL);
    if (asked.len && !civil_parse(asked, &day)) {
        list_wrong(p, l, "day", page_text(p, S("请写成 2026-11-21")));
        return 0;
    }
    if (!h) return 0;
    bool all = queue_may(tx, page_realm(p), p->who, h, S("hall.tally"), NULL) == 0;
    int rc = queue_tally(tx, page_realm(p), h, day.day, all ? 0 : p->who->account, done, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct val *v;
        if (line.len && !str_eq(line, done[i].line)) continue;
        rc = row_of(tx, p, h, &done[i], day.day, &v, e);
        val_push(p->a, found, v);
    }
    if (!rc) rc = add_handed(tx, p, h, day.day, all, line, found, e);
    return rc ? rc : list_few(p, l, found, by, e);
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    const struct queue_hall *all[WINDOW_HALLS_MAX], *h = window_own_hall(tx, p, S("ticket.call"), list_value(l, "hall"));
    (void)e;
    if (str_eq(str_of(f->name), S("hall"))) {
        size_t n = window_own_halls(tx, p, S("ticket.call"), all);
        for (size_t i = 0; i < n; i++)
            list_choice(p, l, f, into, all[i]->id,
                        system_text(all[i]->system, p->lang, all[i]->title));
    } else if (h)
        for (size_t i = 0; i < h->n_lines; i++)
            list_choice(p, l, f, into, h->line[i].id,
                        system_text(h->system, p->lang, h->line[i].title));
    for (size_t w = 0; w < WAYS && str_eq(str_of(f->name), S("line")); w++)
        list_choice(p, l, f, into, ways[w].way, page_text(p, ways[w].title));
    return 0;
}

int tally_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &tally, S("/window/tally"), &l);
    int rc = list_show(tx, p, &l, e);
    val_put_bool(p->a, p->view, S("none"),
                 !rc && val_count(l.rows) == 0 && !val_get(p->view, S("empty")) &&
                     !list_faulty(&l));
    return rc;
}

int tally_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &tally, S("/window/tally"), &l);
    return list_file(tx, p, &l, "ticket.call", "hall", e);
}

int tally_say(struct page *p, struct err *e) {
    (void)e;
    if (val_get_bool(p->view, S("none"), false)) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), page_text(p, S("今天还没有办过")));
        val_put_str(p->a, v, S("text"), page_text(p, S("叫号、办完之后，这里按人员和队列统计。")));
        val_put_str(p->a, v, S("href"), page_href(p, S("/window")));
        val_put_str(p->a, v, S("link"), page_text(p, S("去叫号")));
        val_put(p->a, p->view, S("empty"), v);
    }
    staff_title(p, S("当天统计"), S(""));
    staff_crumb(p, S("窗口叫号"), S("/window"));
    staff_crumb(p, S("当天统计"), S(""));
    p->template = S("window/tally");
    return 0;
}
