/* queue: E1 my work and E2 the queue of one role: open tasks, mine, done. Invariant: what is urgent says so in words; colour
 * only repeats it.
 */
#include "web/desk/desk_pages.h"

#include "web/live/live.h"

enum { SHOWN_MAX = 100 };

/* Working days in words; one day has a sentence of its own, for languages that count so. */
static struct str time_left(struct page *p, bool late, int64_t days) {
    if (days == 0) return page_text(p, late ? S("今天已超期") : S("今天到期"));
    if (days == 1) return page_text(p, late ? S("已超期 1 个工作日") : S("剩余 1 个工作日"));
    return staff_fill(p, late ? S("已超期 {n} 个工作日") : S("剩余 {n} 个工作日"), "n", days);
}

void desk_queue_clock(struct page *p, struct val *task) {
    struct val *clock = val_map(p->a), *holder = val_map(p->a);
    int64_t days = val_get_i64(task, S("days"), 0);
    bool late = val_get_bool(task, S("late"), false), soon = val_get_bool(task, S("soon"), false);
    struct str text = time_left(p, late, days);
    const struct val *hold = val_get(task, S("hold"));
    if (val_count(hold)) {
        struct val *args = val_map(p->a);
        bool over = val_get_bool(hold, S("overdue"), false);
        val_put_str(p->a, args, S("reason"), val_get_str(hold, S("title")));
        val_put_str(p->a, args, S("until"), val_get_str(hold, S("until")));
        val_put_str(p->a, clock, S("text"),
                    po_fill(p->a,
                            page_text(p, over ? S("计时暂停：{reason}，已过预计恢复日 {until}") : S("计时暂停：{reason}，预计 {until} 恢复")),
                            args));
        val_put_str(p->a, clock, S("due"), S(""));
        val_put_str(p->a, clock, S("kind"), over ? S("seal") : S("warn"));
        val_put(p->a, task, S("clock"), clock);
    } else if (val_get_str(task, S("due")).len) {
        val_put_str(p->a, clock, S("text"), text);
        val_put_str(p->a, clock, S("due"), val_get_str(task, S("due")));
        val_put_str(p->a, clock, S("due_iso"), val_get_str(task, S("due_iso")));
        val_put_str(p->a, clock, S("kind"), late ? S("seal") : soon ? S("warn") : S("ok"));
        val_put(p->a, task, S("clock"), clock);
    } else {
        val_put_bool(p->a, task, S("clock"), false);
    }
    bool mine = val_get_bool(task, S("mine"), false), taken = val_get_bool(task, S("taken"), false);
    struct val *name = val_map(p->a);
    val_put_str(p->a, name, S("name"), val_get_str(task, S("claimed_by")));
    val_put_str(p->a, holder, S("text"),
                mine    ? page_text(p, S("我已签收"))
                : taken ? po_fill(p->a, page_text(p, S("{name} 已签收")), name)
                        : page_text(p, S("待签收")));
    val_put_str(p->a, holder, S("kind"), mine ? S("brand") : taken ? S("warn") : S(""));
    val_put(p->a, task, S("holder"), holder);
}

static struct str kind_of(const struct page *p) {
    const char *id = p->route->id;
    return str_eq(str_of(id), S("E1-mine")) ? S("mine") : str_eq(str_of(id), S("E1-done")) ? S("done") : S("open");
}

/* The list cut into groups {id, title, href, rows}: one for each role where there are several. */
static struct val *groups(struct page *p, const struct val *tasks, struct str only, bool by_role) {
    struct val *list = val_list(p->a), *group = NULL, *rows = NULL;
    struct str role = S("");
    for (size_t i = 0; i < val_count(tasks); i++) {
        struct val *t = tasks->u.list.item[i];
        struct str of = val_get_str(t, S("role"));
        if (only.len && !str_eq(only, of)) continue;
        if (!group || (by_role && !str_eq(role, of))) {
            group = val_map(p->a);
            rows = val_list(p->a);
            role = of;
            val_put_str(p->a, group, S("id"), arena_fmt(p->a, "g%zu", val_count(list)));
            val_put_str(p->a, group, S("title"), by_role ? staff_role(p, of) : S(""));
            val_put_str(p->a, group, S("href"),
                        by_role && !only.len ? page_href(p, ARENA_CAT(p->a, S("/desk/queue/"), of)) : S(""));
            val_put(p->a, group, S("rows"), rows);
            val_push(p->a, list, group);
        }
        desk_queue_clock(p, t);
        val_put_str(p->a, t, S("href"),
                    page_href(p, arena_fmt(p->a, "/desk/task/%lld", (long long)val_get_i64(t, S("id"), 0))));
        val_put_bool(p->a, t, S("pick"), val_count(val_get(t, S("forward"))) && !val_get_bool(t, S("taken"), false));
        val_push(p->a, rows, t);
    }
    return list;
}

/* What was just decided, when the address says so (?done=ID) and it was this officer who did. */
static int put_decided(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *done;
    bool cut;
    int64_t id;
    if (!str_to_i64(page_in(p, S("done")), &id)) return 0;
    int rc = item_tasks_view(tx, page_realm(p), p->who, S("done"), 5, p->lang, &done, &cut, e);
    for (size_t i = 0; !rc && i < val_count(done); i++)
        if (val_get_i64(val_item(done, i), S("id"), 0) == id) val_put(p->a, p->view, S("decided"), done->u.list.item[i]);
    return rc;
}

/* The open list watches for tasks that it does not show. */
static int put_live(struct store_tx *tx, struct page *p, const struct val *open, struct str role, struct err *e) {
    struct buf have;
    buf_init(&have, p->a, 512, 4096);
    for (size_t i = 0; i < val_count(open); i++)
        buf_add_fmt(&have, "%s%lld", i ? " " : "", (long long)val_get_i64(val_item(open, i), S("id"), 0));
    return live_put(tx, p, role.len ? ARENA_CAT(p->a, S("queue."), role) : S("queue"), buf_str(&have), S("有 [n] 条新任务"), e);
}

int desk_queue_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str kind = kind_of(p), role = http_param(p->req, S("role"));
    struct val *open, *shown;
    bool cut, own_cut = false;
    if (role.len && !access_holds(p->who, role)) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = item_tasks_view(tx, page_realm(p), p->who, S("open"), SHOWN_MAX, p->lang, &open, &cut, e);
    if (rc) return rc;
    /* Where all open ones are at hand, mine are among them. */
    struct val *own = val_list(p->a);
    for (size_t i = 0; i < val_count(open); i++)
        if (val_get_bool(val_item(open, i), S("mine"), false)) val_push(p->a, own, open->u.list.item[i]);
    if (cut) rc = item_tasks_view(tx, page_realm(p), p->who, S("mine"), SHOWN_MAX, p->lang, &own, &own_cut, e);
    shown = str_eq(kind, S("mine")) ? own : open;
    bool shown_cut = str_eq(kind, S("mine")) ? own_cut : cut;
    if (!rc && str_eq(kind, S("done"))) rc = item_tasks_view(tx, page_realm(p), p->who, kind, SHOWN_MAX, p->lang, &shown, &shown_cut, e);
    if (!rc) rc = put_decided(tx, p, e);
    if (!rc && str_eq(kind, S("open"))) rc = put_live(tx, p, open, role, e);
    if (rc) return rc;
    bool several = false, done = str_eq(kind, S("done"));
    for (size_t i = 1; i < p->who->n_posts; i++) several |= !str_eq(p->who->posts[i].role, p->who->posts[0].role);
    struct val *list = groups(p, shown, role, (several && !done) || role.len);
    val_put(p->a, p->view, S("groups"), list);
    val_put_bool(p->a, p->view, S("done"), done);
    val_put_bool(p->a, p->view, S("none"), val_count(list) == 0);
    if (!done && val_count(list)) val_put_str(p->a, p->view, S("batch_href"), page_href(p, S("/desk/batch")));
    staff_link(p, "tabs", S("待办"), S("/desk"), str_eq(kind, S("open")), (int64_t)val_count(open));
    staff_link(p, "tabs", S("我签收的"), S("/desk/mine"), str_eq(kind, S("mine")), (int64_t)val_count(own));
    staff_link(p, "tabs", S("已办"), S("/desk/done"), done, -1);
    val_put_str(
        p->a, p->view, S("total"),
        staff_fill(p, !shown_cut ? S("共 {n} 件") : done ? S("最近的 {n} 件") : S("最紧急的 {n} 件"), "n", (int64_t)val_count(shown)));
    return 0;
}

static void put_empty(struct page *p, bool done, bool mine) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"),
                page_text(p, done   ? S("还没有办过的任务")
                             : mine ? S("您还没有签收任务")
                                    : S("没有待办任务")));
    val_put_str(p->a, v, S("text"),
                page_text(p, done   ? S("您办理过的任务会按时间列在这里。")
                             : mine ? S("在待办里打开一个任务并签收，别人就不会重复办理。")
                                    : S("新的任务分到您的岗位后会出现在这里，也会发消息提醒您。")));
    val_put_str(p->a, v, S("href"), done || mine ? page_href(p, S("/desk")) : page_href(p, S("/desk/done")));
    val_put_str(p->a, v, S("link"), page_text(p, done || mine ? S("去看待办") : S("去看已办")));
    val_put(p->a, p->view, S("empty"), v);
}

int desk_queue_say(struct page *p, struct err *e) {
    struct str kind = kind_of(p), role = http_param(p->req, S("role"));
    bool done = str_eq(kind, S("done")), mine = str_eq(kind, S("mine"));
    (void)e;
    staff_title(p,
                done       ? S("已办任务")
                : mine     ? S("我签收的任务")
                : role.len ? S("岗位队列")
                           : S("我的工作"),
                role.len ? staff_role(p, role) : S(""));
    if (val_get_bool(p->view, S("none"), false)) put_empty(p, done, mine);
    p->template = S("desk/queue");
    return 0;
}
