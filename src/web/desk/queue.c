/* queue: E1 my work and E2 the queue of one role: open tasks, mine, done; each a list (web/list/list.h). Invariant: what is urgent says
 * so in words; colour only repeats it.
 */
#include "web/desk/desk_pages.h"

#include "engine/deputy/deputy.h"
#include "engine/identity/identity.h"
#include "web/list/list.h"
#include "web/live/live.h"

enum { PAGE_ROWS = 25, MINE_COUNTED_MAX = 20 };

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
    } else if (val_get_str(task, S("stands")).len) {
        /* No days are left of a clock that stands; the day of the step's own limit still is one. */
        bool own = val_get_bool(task, S("own_limit"), false), over = own && late;
        struct str stands = val_get_str(task, S("stands"));
        val_put_str(p->a, clock, S("text"), over ? ARENA_CAT(p->a, text, page_text(p, S("；")), stands) : stands);
        val_put_str(p->a, clock, S("due"), own ? val_get_str(task, S("due")) : S(""));
        val_put_str(p->a, clock, S("due_iso"), own ? val_get_str(task, S("due_iso")) : S(""));
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

/* ---- the lists ---- */

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e);

static const struct list_column open_columns[] = {
    { "number", S_INIT("编号"), NULL, LIST_HEAD },      { "clock", S_INIT("期限"), "due", LIST_CLOCK },
    { "due_iso", S_INIT("截止日期"), NULL, LIST_FILE },     { "title", S_INIT("环节"), NULL, LIST_TEXT },
    { "item", S_INIT("事项"), NULL, LIST_UNDER },       { "applicant", S_INIT("申请人"), NULL, LIST_TEXT },
    { "made", S_INIT("收到时间"), "received", LIST_WHEN }, { "holder", S_INIT("签收"), NULL, LIST_TAG },
    { "role_title", S_INIT("岗位"), NULL, LIST_FILE },
};
static const struct list_column done_columns[] = {
    { "number", S_INIT("编号"), NULL, LIST_HEAD }, { "move", S_INIT("办理结果"), NULL, LIST_TEXT },
    { "title", S_INIT("环节"), NULL, LIST_TEXT },  { "item", S_INIT("事项"), NULL, LIST_UNDER },
    { "applicant", S_INIT("申请人"), NULL, LIST_TEXT }, { "ended", S_INIT("决定时间"), "done", LIST_WHEN },
    { "role_title", S_INIT("岗位"), NULL, LIST_FILE },
};
static const struct list_order open_orders[] = {
    { "due", S_INIT("最紧急的在前"), S_INIT("最不紧急的在前"), true },
    { "received", S_INIT("最近收到的在前"), S_INIT("最早收到的在前"), false },
};
static const struct list_order done_orders[] = { { "done", S_INIT("最近办的在前"), S_INIT("最早办的在前"), false } };
static const struct list_order copied_orders[] = { { "received", S_INIT("最近收到的在前"), S_INIT("最早收到的在前"), false } };
static const struct list_filter open_filters[] = {
    { "due", S_INIT("期限"), LIST_CHOICE },
    { "item", S_INIT("事项"), LIST_CHOICE },
    { "step", S_INIT("环节"), LIST_CHOICE },
    { "unit", S_INIT("单位"), LIST_CHOICE },
};
static const struct list_filter done_filters[] = { { "item", S_INIT("事项"), LIST_CHOICE }, { "step", S_INIT("环节"), LIST_CHOICE } };

#define N(x) (sizeof x / sizeof *x)
enum { OPEN, MINE, DONE, COPIED, AWAY };
static const struct list lists[] = {
    [OPEN] = { .name = "tasks", .caption = S_INIT("我的工作"),
               LIST_TABLES(open_columns, open_orders, open_filters), .page_rows = PAGE_ROWS, .pick_name = "task",
               .pick_form = "batch", .fetch = fetch, .choices = choices },
    [MINE] = { .name = "my-tasks", .caption = S_INIT("我签收的任务"),
               .columns = open_columns, .n_columns = N(open_columns), .orders = open_orders, .n_orders = N(open_orders),
               .filters = open_filters, .n_filters = N(open_filters) - 1, .page_rows = PAGE_ROWS, .pick_name = "task",
               .pick_form = "batch", .fetch = fetch, .choices = choices },
    [AWAY] = { .name = "deputy-tasks", .caption = S_INIT("代办的任务"),
               .columns = open_columns, .n_columns = N(open_columns), .orders = open_orders, .n_orders = N(open_orders),
               .filters = open_filters, .n_filters = N(open_filters) - 1, .page_rows = PAGE_ROWS, .fetch = fetch, .choices = choices },
    [DONE] = { .name = "done-tasks", .caption = S_INIT("已办任务"),
               LIST_TABLES(done_columns, done_orders, done_filters), .page_rows = PAGE_ROWS, .fetch = fetch,
               .choices = choices },
    [COPIED] = { .name = "copied-tasks", .caption = S_INIT("抄送我的"),
                 LIST_TABLES(open_columns, copied_orders, done_filters), .page_rows = PAGE_ROWS,
                 .fetch = fetch, .choices = choices },
};

/* What the engine is asked; `role` narrows the open ones to a post. */
static struct item_task_query query_of(const struct list_run *l, struct str role) {
    static const char *const kinds[] = { [OPEN] = "open", [MINE] = "mine", [DONE] = "done", [COPIED] = "copied", [AWAY] = "deputy" };
    struct item_task_query q = { .kind = str_of(kinds[l->of - lists]), .role = role, .item = list_value(l, "item"),
                                 .step = list_value(l, "step"), .due = list_value(l, "due"), .received = l->order == 1, .back = l->back,
                                 .max = l->max };
    if (list_value(l, "unit").len && !str_to_i64(list_value(l, "unit"), &q.unit)) q.unit = -1; /* none has it */
    return q;
}

static void decorate(struct page *p, const struct list_run *l, struct val *t) {
    struct val *pick = val_map(p->a), *args = val_map(p->a);
    int64_t id = val_get_i64(t, S("id"), 0);
    desk_queue_clock(p, t);
    val_put_str(p->a, t, S("href"), page_href(p, arena_fmt(p->a, "/desk/task/%lld", (long long)id)));
    val_put_str(p->a, t, S("place"), list_place(p->a, val_get_i64(t, S("key"), 0), id));
    val_put_str(p->a, t, S("role_title"), staff_role(p, val_get_str(t, S("role"))));
    val_put_str(p->a, args, S("number"), val_get_str(t, S("number")));
    val_put_i64(p->a, pick, S("value"), id);
    val_put_str(p->a, pick, S("label"), po_fill(p->a, page_text(p, S("选择 {number}")), args));
    bool free = val_count(val_get(t, S("forward"))) && !val_get_bool(t, S("taken"), false);
    if (free && l->of->pick_name) val_put(p->a, t, S("pick"), pick);
    else val_put_bool(p->a, t, S("pick"), false);
    if (!val_get(t, S("clock")) || val_count(val_get(t, S("clock")))) return;
    struct val *none = val_map(p->a);
    val_put_str(p->a, none, S("text"), page_text(p, S("未定期限")));
    val_put_str(p->a, none, S("due"), S(""));
    val_put_str(p->a, none, S("kind"), S(""));
    val_put(p->a, t, S("clock"), none);
}

static struct str post_of(const struct page *p) {
    struct str role = http_param(p->req, S("role"));
    return role.len ? role : page_in(p, S("post"));
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct item_task_query q = query_of(l, post_of(p));
    int rc = list_place_read(l->place, &q.at.key, &q.at.id, e);
    if (!rc) rc = item_tasks_view(tx, page_realm(p), p->who, &q, p->lang, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) decorate(p, l, l->rows->u.list.item[i]);
    l->total = q.total;
    l->cut = q.at.cut ? list_place(p->a, q.at.key, q.at.id) : (struct str){ NULL, 0 };
    return rc;
}

static int unit_choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                        struct err *e) {
    int rc = 0;
    for (size_t i = 0; !rc && i < p->who->n_posts; i++) {
        struct val *units;
        bool seen = false;
        for (size_t k = 0; k < i; k++) seen |= p->who->posts[k].unit == p->who->posts[i].unit;
        if (seen) continue;
        rc = identity_units_below(tx, page_realm(p), p->who->posts[i].unit, p->lang, &units, e);
        for (size_t k = 0; !rc && k < val_count(units); k++)
            list_choice(p, l, f, into, arena_i64(p->a, val_get_i64(val_item(units, k), S("id"), 0)),
                        val_get_str(val_item(units, k), S("title")));
    }
    return rc;
}

static void matter_choices(struct page *p, struct list_run *l, const struct list_filter *f, struct val *into, bool steps) {
    const struct val *matters = item_matters_view(page_realm(p), p->who, p->lang, p->a);
    struct str item = list_value(l, "item");
    for (size_t i = 0; i < val_count(matters); i++) {
        const struct val *m = val_item(matters, i), *list = val_get(m, S("steps"));
        struct str title = val_get_str(m, S("title"));
        if (!steps) list_choice(p, l, f, into, val_get_str(m, S("value")), title);
        for (size_t k = 0; steps && k < val_count(list) && (!item.len || str_eq(item, val_get_str(m, S("value")))); k++)
            list_choice(p, l, f, into, val_get_str(val_item(list, k), S("value")),
                        val_count(matters) > 1 && !item.len
                            ? ARENA_CAT(p->a, val_get_str(val_item(list, k), S("title")), S(" · "), title)
                            : val_get_str(val_item(list, k), S("title")));
    }
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e) {
    static const struct {
        struct str value, title;
    } dues[] = { { S_INIT("late"), S_INIT("已超期") },
                 { S_INIT("soon"), S_INIT("两个工作日内到期") },
                 { S_INIT("paused"), S_INIT("计时暂停") } };
    if (str_eq(str_of(f->name), S("unit"))) return unit_choices(tx, p, l, f, into, e);
    if (str_eq(str_of(f->name), S("due")))
        for (size_t i = 0; i < N(dues); i++) list_choice(p, l, f, into, dues[i].value, page_text(p, dues[i].title));
    else matter_choices(p, l, f, into, str_eq(str_of(f->name), S("step")));
    return 0;
}

/* ---- the pages ---- */

/* "E1", "E1-mine", "E1-done" and their files, "E2": by the row's id. */
static const struct list *list_of(const struct page *p) {
    struct str id = str_of(p->route->id);
    if (str_starts(id, S("E1-copied"))) return &lists[COPIED];
    if (str_starts(id, S("E1-for"))) return &lists[AWAY];
    return &lists[str_starts(id, S("E1-mine")) ? MINE : str_starts(id, S("E1-done")) ? DONE : OPEN];
}

static struct str path_of(struct page *p, const struct list *of) {
    struct str role = http_param(p->req, S("role"));
    if (role.len) return ARENA_CAT(p->a, S("/desk/queue/"), role);
    if (of == &lists[COPIED]) return S("/desk/copied");
    if (of == &lists[AWAY]) return S("/desk/for");
    return of == &lists[MINE] ? S("/desk/mine") : of == &lists[DONE] ? S("/desk/done") : S("/desk");
}

int desk_queue_rows(struct store_tx *tx, struct page *p, size_t max, struct val **ret, struct err *e) {
    struct list_run l;
    list_read(p, &lists[str_eq(page_in(p, S("kind")), S("mine")) ? MINE : OPEN], S("/desk"), &l);
    l.max = max;
    int rc = fetch(tx, p, &l, e);
    *ret = l.rows;
    return rc;
}

/* What was just decided, when the address says so (?done=ID) and it was this officer who did. */
static int put_decided(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_task_query q = { .kind = S("done"), .max = 5 };
    struct val *done;
    int64_t id;
    if (!str_to_i64(page_in(p, S("done")), &id)) return 0;
    int rc = item_tasks_view(tx, page_realm(p), p->who, &q, p->lang, &done, e);
    for (size_t i = 0; !rc && i < val_count(done); i++) {
        if (val_get_i64(val_item(done, i), S("id"), 0) != id) continue;
        val_put_str(p->a, done->u.list.item[i], S("href"), page_href(p, arena_fmt(p->a, "/desk/task/%lld", (long long)id)));
        val_put(p->a, p->view, S("decided"), done->u.list.item[i]);
    }
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

/* For who stands in for somebody: what is in that one's hands. */
static int put_away_tab(struct store_tx *tx, struct page *p, struct str here, struct err *e) {
    struct item_task_query theirs = { .kind = S("deputy"), .max = MINE_COUNTED_MAX };
    struct deputy away[DEPUTY_OPEN_MAX];
    struct val *rows;
    size_t n;
    int rc = deputy_principals(tx, page_realm(p), p->who->account, away, &n, e);
    const bool current = str_eq(here, S("/desk/for"));
    if (rc || (!n && !current)) return rc;
    rc = item_tasks_view(tx, page_realm(p), p->who, &theirs, p->lang, &rows, e);
    bool few = !rc && val_count(rows) < MINE_COUNTED_MAX && !theirs.at.cut;
    staff_link(p, "tabs", S("代办"), S("/desk/for"), current, few ? (int64_t)val_count(rows) : -1);
    return rc;
}

/* A tab that is there for who may do this act. */
static void put_tab_for(struct page *p, const char *act, struct str title, struct str path, struct str here) {
    struct scope_token ignored;
    if (access_may(page_realm(p), p->who, str_of(act), &ignored, NULL) == 0)
        staff_link(p, "tabs", title, path, str_eq(here, path), -1);
}

int desk_tabs(struct store_tx *tx, struct page *p, struct str here, struct err *e) {
    struct item_task_query open = { .kind = S("open") }, mine = { .kind = S("mine"), .max = MINE_COUNTED_MAX };
    struct val *none, *own;
    struct str role = http_param(p->req, S("role"));
    int rc = item_tasks_view(tx, page_realm(p), p->who, &open, p->lang, &none, e);
    if (!rc) rc = item_tasks_view(tx, page_realm(p), p->who, &mine, p->lang, &own, e);
    if (rc) return rc;
    bool several = false, few = val_count(own) < MINE_COUNTED_MAX && !mine.at.cut;
    for (size_t i = 1; i < p->who->n_posts; i++) several |= !str_eq(p->who->posts[i].role, p->who->posts[0].role);
    staff_link(p, "tabs", S("待办"), S("/desk"), str_eq(here, S("/desk")),
               open.total < SCOPE_COUNT_MAX ? (int64_t)open.total : -1);
    for (size_t i = 0; several && i < p->who->n_posts; i++) {
        struct str held = p->who->posts[i].role;
        bool seen = false;
        for (size_t k = 0; k < i; k++) seen |= str_eq(p->who->posts[k].role, held);
        if (!seen) staff_link(p, "tabs", staff_role(p, held), ARENA_CAT(p->a, S("/desk/queue/"), held), str_eq(role, held), -1);
    }
    staff_link(p, "tabs", S("我签收的"), S("/desk/mine"), str_eq(here, S("/desk/mine")), few ? (int64_t)val_count(own) : -1);
    rc = put_away_tab(tx, p, here, e);
    staff_link(p, "tabs", S("已办"), S("/desk/done"), str_eq(here, S("/desk/done")), -1);
    put_tab_for(p, "case.intake", S("我发起的"), S("/desk/begun"), here);
    put_tab_for(p, "case.follow", S("关注的"), S("/desk/followed"), here);
    staff_link(p, "tabs", S("抄送我的"), S("/desk/copied"), str_eq(here, S("/desk/copied")), -1);
    put_tab_for(p, "deputy.read", S("委托代办"), S("/desk/deputies"), here);
    return rc;
}

/* What a page of many decides about: the list as it is narrowed. */
static void put_batch(struct page *p, const struct list_run *l) {
    struct val *fields = val_list(p->a);
    struct str role = http_param(p->req, S("role"));
    if (role.len) staff_field(p, fields, S("post"), role);
    if (l->of == &lists[MINE]) staff_field(p, fields, S("kind"), S("mine"));
    for (size_t i = 0; i < val_count(l->chosen); i++)
        staff_field(p, fields, l->chosen->u.map.pair[i].key, val_text(l->chosen->u.map.pair[i].value));
    for (int i = 0; i < 2; i++) {
        struct str name = i ? S("order") : S("sort"), value = page_in(p, name);
        if (value.len) staff_field(p, fields, name, value);
    }
    val_put(p->a, p->view, S("batch_fields"), fields);
    val_put_str(p->a, p->view, S("batch_href"), page_href(p, S("/desk/batch")));
}

static int open_list(struct page *p, struct list_run *l, struct err *e) {
    struct str role = http_param(p->req, S("role"));
    if (role.len && !access_holds(p->who, role)) return err_set(e, ERR_NOT_FOUND, NULL);
    const struct list *of = list_of(p);
    list_read(p, of, path_of(p, of), l);
    return 0;
}

int desk_queue_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    int rc = open_list(p, &l, e);
    if (!rc) rc = list_show(tx, p, &l, e);
    if (!rc) rc = put_decided(tx, p, e);
    if (!rc && l.of == &lists[OPEN]) rc = put_live(tx, p, l.rows, http_param(p->req, S("role")), e);
    if (!rc) rc = desk_tabs(tx, p, l.path, e);
    if (rc) return rc;
    val_put_bool(p->a, p->view, S("none"), val_count(l.rows) == 0 && !val_get(p->view, S("empty")));
    if ((l.of == &lists[OPEN] || l.of == &lists[MINE]) && val_count(l.rows)) put_batch(p, &l);
    return 0;
}

/* The file holds what others applied for: that it was taken is noted. */
int desk_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    int rc = open_list(p, &l, e);
    if (!rc) rc = list_file(tx, p, &l, "task.list", "task", e);
    return rc;
}

/* What each list says when it is empty. */
static const struct {
    struct str title, text;
} said[] = {
    [OPEN] = { S_INIT("没有待办任务"), S_INIT("新的任务分到您的岗位后会出现在这里，也会发消息提醒您。") },
    [MINE] = { S_INIT("您还没有签收任务"), S_INIT("在待办里打开一个任务并签收，别人就不会重复办理。") },
    [DONE] = { S_INIT("还没有办过的任务"), S_INIT("您办理过的任务会按时间列在这里。") },
    [AWAY] = { S_INIT("没有可以接办的任务"), S_INIT("您接受代办以后，不在岗的同事手上的任务会列在这里，打开就可以接办。") },
    [COPIED] = { S_INIT("还没有抄送给您的任务"), S_INIT("同事抄送给您知悉的任务会列在这里，不用您办理。") },
};

void desk_put_empty(struct page *p, struct str title, struct str text, struct str href, struct str link) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), page_text(p, title));
    val_put_str(p->a, v, S("text"), page_text(p, text));
    val_put_str(p->a, v, S("href"), page_href(p, href));
    val_put_str(p->a, v, S("link"), page_text(p, link));
    val_put(p->a, p->view, S("empty"), v);
}

int desk_queue_say(struct page *p, struct err *e) {
    struct str role = http_param(p->req, S("role"));
    size_t of = (size_t)(list_of(p) - lists);
    (void)e;
    staff_title(p, role.len ? S("岗位队列") : lists[of].caption, role.len ? staff_role(p, role) : S(""));
    if (val_get_bool(p->view, S("none"), false))
        desk_put_empty(p, said[of].title, said[of].text, of == OPEN ? S("/desk/done") : S("/desk"),
                       of == OPEN ? S("去看已办") : S("去看待办"));
    p->template = S("desk/queue");
    return 0;
}
