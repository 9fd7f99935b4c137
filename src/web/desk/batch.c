/* batch: E8, many cases decided at once: those picked in the queue are looked at once more, with what each lacks, and then
 * decided, each by an act and in a transaction of its own.
 * Invariants: 1. What refuses or asks for something needs words of its own and is not decided here. 2. Nothing stands checked
 * that lacks something. 3. Each is judged by the version that was shown.
 */
#include "web/desk/desk_pages.h"

enum { BATCH_MAX = 50, BATCH_ARENA_BYTES = 24 * 1024 * 1024 }; /* of as many whole views of a task */

static struct str joined(struct page *p, const struct val *names) {
    struct str all = S("");
    for (size_t i = 0; i < val_count(names); i++)
        all = ARENA_CAT(p->a, all, i ? page_text(p, S("、")) : S(""), val_text(val_item(names, i)));
    return all;
}

static void lacks(struct page *p, struct val *list, struct str text) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("text"), text);
    val_push(p->a, list, v);
}

/* What stands in the way of deciding this one unseen, in words. */
static struct val *missing(struct page *p, const struct val *task) {
    struct val *list = val_list(p->a), *names = val_list(p->a), *args = val_map(p->a);
    const struct val *materials = val_get(val_get(task, S("case")), S("materials"));
    for (size_t i = 0; i < val_count(materials); i++) {
        const struct val *m = val_item(materials, i);
        if (val_get_bool(m, S("required"), false) && !val_get_bool(m, S("given"), false))
            val_push(p->a, names, val_str(p->a, val_get_str(m, S("name"))));
    }
    val_put_str(p->a, args, S("names"), joined(p, names));
    val_put_str(p->a, args, S("name"), val_get_str(task, S("claimed_by")));
    val_put_str(p->a, args, S("reason"), val_get_str(val_get(task, S("hold")), S("title")));
    if (!val_get_bool(task, S("open"), false)) lacks(p, list, page_text(p, S("已经办完")));
    else if (val_get_bool(task, S("taken"), false)) lacks(p, list, po_fill(p->a, page_text(p, S("{name} 已签收")), args));
    if (val_count(names)) lacks(p, list, po_fill(p->a, page_text(p, S("缺少材料：{names}")), args));
    if (val_count(val_get(task, S("hold")))) lacks(p, list, po_fill(p->a, page_text(p, S("计时暂停：{reason}")), args));
    if (!val_count(val_get(task, S("forward")))) lacks(p, list, page_text(p, S("这个环节要逐件办理")));
    return list;
}

static int push_row(struct store_tx *tx, struct page *p, int64_t id, struct val *rows, size_t *clean, struct err *e) {
    struct val *task;
    int rc = item_task_view(tx, page_realm(p), p->who, id, p->lang, &task, e);
    if (rc == ERR_NOT_FOUND) return 0; /* not this officer's: as if it had not been picked */
    if (rc) return rc;
    struct val *list = missing(p, task);
    struct str version = arena_fmt(p->a, "%lld", (long long)val_get_i64(task, S("version"), 0));
    desk_queue_clock(p, task);
    val_put(p->a, task, S("missing"), list);
    val_put_bool(p->a, task, S("can"), val_get_bool(task, S("open"), false) && !val_get_bool(task, S("taken"), false) &&
                                           val_count(val_get(task, S("forward"))));
    struct str value = arena_fmt(p->a, "%lld.%.*s", (long long)id, STR_ARG(version));
    val_put_str(p->a, task, S("value"), value);
    val_put_bool(p->a, task, S("picked"), p->req->method == HTTP_POST ? staff_picked(p, S("pick"), value) : val_count(list) == 0);
    bool first = val_get_bool(task, S("can"), false);
    for (size_t i = 0; i < val_count(rows); i++) first &= !val_get_bool(val_item(rows, i), S("can"), false);
    val_put_str(p->a, task, S("pick_id"), first ? S("pick") : S("")); /* where the error summary leads */
    val_put_str(p->a, task, S("href"), page_href(p, arena_fmt(p->a, "/desk/task/%lld", (long long)id)));
    val_put_str(p->a, task, S("words"), page_text(p, desk_phrase(val_get_str(val_get(task, S("forward")), S("move")))));
    *clean += val_count(list) == 0;
    val_push(p->a, rows, task);
    return 0;
}

int desk_batch_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t ids[BATCH_MAX];
    size_t n = staff_ids(p, S("task"), ids, BATCH_MAX), clean = 0;
    struct str rest = page_in(p, S("shown")), one, shown = S(""); /* a form that comes back shows what it showed */
    while (n < BATCH_MAX && str_cut(&rest, ' ', &one)) n += str_to_i64(one, &ids[n]) && ids[n] > 0;
    struct val *rows = val_list(p->a), *open;
    int rc = 0;
    store_arena(tx)->limit_bytes = BATCH_ARENA_BYTES; /* until the request is over */
    if (page_in(p, S("all")).len) {
        rc = desk_queue_rows(tx, p, BATCH_MAX, &open, e);
        for (n = 0; !rc && n < val_count(open) && n < BATCH_MAX; n++) ids[n] = val_get_i64(val_item(open, n), S("id"), 0);
    }
    for (size_t i = 0; i < n && !rc; i++) rc = push_row(tx, p, ids[i], rows, &clean, e);
    for (size_t i = 0; i < n; i++) shown = ARENA_CAT(p->a, shown, arena_i64(p->a, ids[i]), S(" "));
    val_put_str(p->a, p->view, S("shown"), str_trim(shown));
    val_put(p->a, p->view, S("rows"), rows);
    bool any = false;
    for (size_t i = 0; i < val_count(rows); i++) any |= val_get_bool(val_item(rows, i), S("can"), false);
    val_put_bool(p->a, p->view, S("any"), any);
    val_put_str(p->a, p->view, S("total"), staff_fill(p, S("共 {n} 件"), "n", (int64_t)val_count(rows)));
    val_put_str(p->a, p->view, S("clean"), staff_fill(p, S("其中 {n} 件可以直接办理，已勾选"), "n", (int64_t)clean));
    if (!rc && val_count(rows) == 0) rc = staff_looked(tx, p, "task.list", "task", 0, 0, e);
    return rc;
}

static void frame(struct page *p, struct str title) {
    staff_title(p, title, S(""));
    staff_crumb(p, S("我的工作"), S("/desk"));
    staff_crumb(p, title, S(""));
    val_put_str(p->a, p->view, S("queue_href"), page_href(p, S("/desk")));
}

int desk_batch_say(struct page *p, struct err *e) {
    (void)e;
    frame(p, S("批量办理核对"));
    page_form(p, S("/desk/batch"));
    val_put_str(p->a, p->view, S("opinion"), page_in(p, S("opinion")));
    p->template = S("desk/batch");
    return 0;
}

/* ---- deciding ---- */

struct batch {
    int64_t task[BATCH_MAX], version[BATCH_MAX];
    size_t n;
};

/* "ID.VERSION", as the page that was shown wrote it. */
static bool read_pick(struct str text, int64_t *task, int64_t *version) {
    struct str id;
    return str_cut(&text, '.', &id) && str_to_i64(id, task) && str_to_i64(text, version) && *task > 0;
}

static int decide_one(struct store_tx *tx, struct page *p, size_t i, struct err *e) {
    const struct batch *b = p->own;
    struct val *task;
    int rc = item_task_view(tx, page_realm(p), p->who, b->task[i], S("zh"), &task, e);
    if (rc) return rc;
    struct str move = val_get_str(val_get(task, S("forward")), S("move")), words = str_trim(page_in(p, S("opinion")));
    if (!val_get_bool(task, S("open"), false)) return err_set(e, ERR_CONFLICT, NULL);
    if (move.len == 0) return err_set(e, ERR_STATE, NULL);
    return item_task_complete(tx, page_realm(p), p->who, b->task[i], b->version[i], move, words.len ? words : desk_phrase(move),
                              val_get_str(task, S("basis")), e);
}

int desk_batch_ask(struct page *p, struct err *e) {
    struct batch *b = arena_new(p->req->arena, struct batch);
    const struct val *v = val_get(p->in, S("pick"));
    size_t count = val_many(v);
    if (!b) return err_set(e, ERR_MEMORY, NULL);
    if (count > BATCH_MAX) return err_set(e, ERR_LIMIT, "%d", BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!read_pick(val_text(val_nth(v, i)), &b->task[b->n], &b->version[b->n]))
            return page_fault(p, S("pick"), ERR_CODE, S(""));
        b->n++;
    }
    if (b->n == 0) return page_fault(p, S("pick"), ERR_REQUIRED, S("要办理的办件"));
    if (str_utf8_count(page_in(p, S("opinion"))) > 1000) return page_fault(p, S("opinion"), ERR_TOO_LONG, S("1000"));
    p->own = b;
    p->part = decide_one;
    p->n_parts = b->n;
    return 0;
}

/* Each is done or not already: here is only said where to read what became of them. */
int desk_batch_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct batch *b = p->own;
    struct buf to;
    (void)tx;
    (void)e;
    buf_init(&to, p->a, 512, 4096);
    buf_add(&to, S("/desk/batch/done?"));
    for (size_t i = 0; i < b->n; i++) {
        buf_add(&to, i ? S("&") : S(""));
        if (p->part_code[i] == 0) buf_add_fmt(&to, "task=%lld", (long long)b->task[i]);
        else buf_add_fmt(&to, "not=%lld.%d", (long long)b->task[i], -p->part_code[i]);
    }
    p->location = buf_str(&to);
    return 0;
}

/* ---- what became of them ---- */

static struct str why(struct page *p, int code) {
    switch (code) {
    case ERR_CONFLICT: return page_text(p, S("已由别人办理，或者刚有变化；请打开查看"));
    case ERR_STATE: return page_text(p, S("办件现在的状态不能这样办理；请打开查看"));
    case ERR_NOT_FOUND: return page_text(p, S("不在您的任务里"));
    case ERR_FORBIDDEN: return page_text(p, S("您没有办理这个任务的权限"));
    default: return page_error_text(p, code, S(""));
    }
}

static int push_failed(struct store_tx *tx, struct page *p, struct str text, struct val *list, struct err *e) {
    struct val *task;
    int64_t id, code;
    if (!read_pick(text, &id, &code) || code < 1 || code > 9999) return 0;
    int rc = item_task_view(tx, page_realm(p), p->who, id, p->lang, &task, e);
    if (rc == ERR_NOT_FOUND) {
        task = val_map(p->a);
        rc = 0;
    }
    if (rc) return rc;
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("number"), val_get_str(task, S("number")));
    val_put_str(p->a, v, S("title"), val_get_str(task, S("title")));
    val_put_str(p->a, v, S("item"), val_get_str(task, S("item")));
    val_put_str(p->a, v, S("why"), why(p, -(int)code));
    val_put_str(p->a, v, S("href"), page_href(p, arena_fmt(p->a, "/desk/task/%lld", (long long)id)));
    val_push(p->a, list, v);
    return 0;
}

int desk_batch_done_act(struct store_tx *tx, struct page *p, struct err *e) {
    enum { SHOWN_MAX = 100 };
    int64_t ids[BATCH_MAX];
    size_t n = staff_ids(p, S("task"), ids, BATCH_MAX);
    struct val *mine, *done = val_list(p->a), *failed = val_list(p->a);
    struct item_task_query q = { .kind = S("done"), .max = SHOWN_MAX }; /* what was decided just now is among the newest */
    const struct val *not = val_get(p->in, S("not"));
    int rc = item_tasks_view(tx, page_realm(p), p->who, &q, p->lang, &mine, e);
    for (size_t i = 0; !rc && i < n; i++)
        for (size_t k = 0; k < val_count(mine); k++) {
            struct val *t = mine->u.list.item[k];
            if (val_get_i64(t, S("id"), 0) != ids[i]) continue;
            val_put_str(p->a, t, S("href"), page_href(p, arena_fmt(p->a, "/desk/task/%lld", (long long)ids[i])));
            val_push(p->a, done, t);
        }
    for (size_t i = 0; !rc && i < val_many(not) && i < BATCH_MAX; i++)
        rc = push_failed(tx, p, val_text(val_nth(not, i)), failed, e);
    val_put(p->a, p->view, S("rows"), done);
    val_put(p->a, p->view, S("failed"), failed);
    val_put_str(p->a, p->view, S("total"), staff_fill(p, S("办好 {n} 件"), "n", (int64_t)val_count(done)));
    val_put_str(p->a, p->view, S("not_total"), staff_fill(p, S("没有办成 {n} 件"), "n", (int64_t)val_count(failed)));
    return rc ? rc : staff_looked(tx, p, "task.list", "task", 0, 0, e);
}

int desk_batch_done_say(struct page *p, struct err *e) {
    (void)e;
    frame(p, S("批量办理结果"));
    p->template = S("desk/batch_done");
    return 0;
}
