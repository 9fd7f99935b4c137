/* health: I10 how this installation is: each check with its figure, what it means and what to do; what the system could not do by itself,
 * and another try. Invariant: what is shown comes from web/health.h, so that the page says what the command line says.
 */
#include "web/health.h"

#include "engine/item/item.h"
#include "web/admin/admin_pages.h"
#include "web/live/live.h"

enum { PAGE_ROWS = 25, PICKS_MAX = PAGE_ROWS };

static void decorate(struct page *p, struct val *v) {
    const int64_t id = val_get_i64(v, S("id"), 0), again_ms = val_get_i64(v, S("again_ms"), 0);
    struct val *pick = val_map(p->a);
    val_put_str(p->a, v, S("title"), page_text(p, item_job_title(val_get_str(v, S("kind")))));
    val_put_str(p->a, v, S("number"), arena_i64(p->a, id));
    val_put_str(p->a, v, S("tries"), arena_i64(p->a, val_get_i64(v, S("attempts"), 0)));
    val_put_str(p->a, v, S("again"), realm_time(page_realm(p), p->a, p->lang, again_ms));
    val_put_str(p->a, v, S("href"), S(""));
    val_put_str(p->a, v, S("place"), list_place(p->a, again_ms, id));
    val_put_i64(p->a, pick, S("value"), id);
    val_put_str(p->a, pick, S("label"), staff_fill(p, S("选择 {number}"), "number", id));
    val_put(p->a, v, S("pick"), pick);
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct item_job_query q = { .kind = list_value(l, "kind"), .back = l->back, .max = l->max };
    int rc = l->place.len ? list_place_read(l->place, &q.at_ms, &q.at, e) : 0;
    if (!rc) rc = item_jobs(tx, page_realm(p), p->who, &q, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) decorate(p, l->rows->u.list.item[i]);
    if (rc || !l->counted) return rc;
    struct val *all;
    q.at = q.at_ms = 0, q.max = SCOPE_COUNT_MAX;
    rc = item_jobs(tx, page_realm(p), p->who, &q, &all, e);
    l->total = val_count(all);
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e) {
    (void)tx;
    (void)e;
    for (size_t i = 0; item_job_kinds[i].len; i++)
        list_choice(p, l, f, into, item_job_kinds[i], page_text(p, item_job_title(item_job_kinds[i])));
    return 0;
}

static const struct list_column columns[] = { { "title", S_INIT("要做的事"), NULL, LIST_HEAD },
                                              { "number", S_INIT("任务编号"), NULL, LIST_UNDER },
                                              { "step", S_INIT("流程和步骤"), NULL, LIST_TEXT },
                                              { "why", S_INIT("原因"), NULL, LIST_TEXT },
                                              { "tries", S_INIT("尝试次数"), NULL, LIST_TEXT },
                                              { "again", S_INIT("下次重试"), "again", LIST_WHEN } };
static const struct list_order orders[] = { { "again", S_INIT("先重试的在前"), S_INIT("后重试的在前"), true } };
static const struct list_filter filters[] = { { "kind", S_INIT("要做的事"), LIST_CHOICE } };
static const struct list jobs = { .name = "jobs", .caption = S_INIT("没有做成、等待重试的任务"), LIST_TABLES(columns, orders, filters),
                                  .page_rows = PAGE_ROWS, .pick_name = "pick", .pick_form = "again", .fetch = fetch, .choices = choices };

static const struct health *look(struct store_tx *tx, struct page *p, struct err *e) {
    struct health *h = arena_new(p->req->arena, struct health);
    if (!h) (void)err_set(e, ERR_MEMORY, NULL);
    return h && page_health(tx, p, h, e) == 0 ? h : NULL;
}

static void put_none(struct page *p) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), page_text(p, S("没有等待重试的任务")));
    val_put_str(p->a, v, S("text"), page_text(p, S("系统自己要做的事都做成了。")));
    val_put(p->a, p->view, S("empty"), v);
}

int admin_health_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct health *h = look(tx, p, e);
    struct list_run l;
    if (!h) return e->code;
    size_t n;
    enum health_level worst = health_worst(h, &n);
    struct val *sum = val_map(p->a);
    p->own = (void *)(uintptr_t)h;
    val_put_str(p->a, sum, S("kind"), worst == HEALTH_ACT ? S("seal") : worst == HEALTH_WATCH ? S("warn") : S("ok"));
    val_put_str(p->a, sum, S("text"), worst == HEALTH_ACT     ? staff_fill(p, S("有 {n} 项要处理"), "n", (int64_t)n)
                                      : worst == HEALTH_WATCH ? staff_fill(p, S("有 {n} 项请留意"), "n", (int64_t)n)
                                                              : page_text(p, S("一切正常")));
    val_put(p->a, p->view, S("sum"), sum);
    val_put(p->a, p->view, S("checks"), health_view(p, h));
    list_read(p, &jobs, S("/admin/health"), &l);
    int rc = list_show(tx, p, &l, e);
    if (!rc && !list_some(p) && !list_narrowed(&l)) put_none(p);
    return rc ? rc : live_put(tx, p, S("health"), live_health_text(p->a, health_key(h)), S("运行情况有变化"), e);
}

int admin_health_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &jobs, S("/admin/health"), &l);
    return list_file(tx, p, &l, NULL, NULL, e);
}

int admin_health_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    if (p->own && p->route->method == HTTP_GET) live_health(page_live(p), health_key(p->own)); /* what others see is no newer than this */
    staff_title(p, S("运行情况"), S(""));
    page_form(p, S("/admin/health"));
    val_put_bool(p->a, p->view, S("may_retry"), list_some(p) && admin_holds_power(p, "job.retry"));
    p->template = S("admin/health");
    return 0;
}

/* ---- another try ---- */

struct retrying {
    int64_t id[PICKS_MAX];
    size_t n;
};

static int retry_one(struct store_tx *tx, struct page *p, size_t i, struct err *e) {
    const struct retrying *own = p->own;
    int rc = item_job_again(tx, page_realm(p), p->who, own->id[i], e);
    if (rc == ERR_NOT_FOUND) err_clear(e), rc = 0; /* done meanwhile */
    return rc;
}

int admin_health_ask(struct page *p, struct err *e) {
    struct retrying *own = arena_new(p->req->arena, struct retrying);
    if (!own) return err_set(e, ERR_MEMORY, NULL);
    own->n = staff_ids(p, S("pick"), own->id, PICKS_MAX);
    p->own = own;
    p->part = retry_one;
    p->n_parts = own->n;
    return 0;
}

int admin_health_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct scope_token ignored;
    (void)tx;
    p->location = S("/admin/health");
    return access_may(page_realm(p), p->who, S("job.retry"), &ignored, e);
}
