/* systems: the releases of every system as they are stored, one of them activated or taken back, and the server's figures in
 * OpenMetrics. Loading is by command line. Invariant: a release is read and compiled on the pool, never in the transaction.
 */
#include "web/admin/admin_pages.h"

#include "http/metrics.h"
#include "release/release.h"
#include "web/list/list.h"

enum { PAGE_ROWS = 25 };

static struct str state_text(struct page *p, struct str state) {
    return page_text(p, str_eq(state, S("active"))  ? S("启用中")
                        : str_eq(state, S("draft")) ? S("草稿")
                                                    : S("旧版本"));
}

static void decorate(struct page *p, struct val *v) {
    struct val *state = val_map(p->a);
    struct str s = val_get_str(v, S("state"));
    const int64_t id = val_get_i64(v, S("id"), 0);
    const struct system *sys = realm_system(page_realm(p), val_get_str(v, S("system")));
    val_put_str(p->a, state, S("text"), state_text(p, s));
    val_put_str(p->a, state, S("kind"), str_eq(s, S("active")) ? S("ok") : S(""));
    val_put_bool(p->a, v, S("active"), str_eq(s, S("active")));
    val_put(p->a, v, S("state"), state);
    val_put_str(p->a, v, S("title"), sys ? system_text(sys, p->lang, sys->title) : val_get_str(v, S("system")));
    val_put_str(p->a, v, S("digest_short"), ARENA_CAT(p->a, str_sub(val_get_str(v, S("digest")), 0, 16), S("…")));
    val_put_str(p->a, v, S("loaded"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("loaded_ms"), 0)));
    val_put_str(p->a, v, S("activated"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("activated_ms"), 0)));
    if (admin_holds_power(p, "release.activate"))
        val_put_str(p->a, v, S("href"),
                    page_href(p, arena_fmt(p->a, "/admin/systems/%lld/activate", (long long)id)));
    val_put_str(p->a, v, S("place"), ARENA_CAT(p->a, arena_i64(p->a, id), S("."), val_get_str(v, S("system"))));
}

/* ---- the list ---- */

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct release_query q = { .system = list_value(l, "system"), .state = list_value(l, "state"), .by_system = l->order == 1,
                               .back = l->back, .at_system = l->place, .max = l->max };
    struct str id;
    if (l->place.len && (!str_cut(&q.at_system, '.', &id) || !str_to_i64(id, &q.at) || q.at <= 0))
        return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = release_page(tx, page_realm(p), &q, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) decorate(p, l->rows->u.list.item[i]);
    if (rc || !l->counted) return rc;
    struct val *all;
    q.at = 0, q.max = SCOPE_COUNT_MAX;
    rc = release_page(tx, page_realm(p), &q, &all, e);
    l->total = val_count(all);
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e) {
    static const struct str states[] = { S_INIT("active"), S_INIT("draft"), S_INIT("retired") };
    const struct system **all;
    const struct realm *r = page_realm(p);
    size_t n = r->systems.active(r->systems.context, &all);
    (void)tx;
    (void)e;
    for (size_t i = 0; str_eq(str_of(f->name), S("system")) && i < n; i++)
        list_choice(p, l, f, into, all[i]->id, system_text(all[i], p->lang, all[i]->title));
    for (size_t i = 0; str_eq(str_of(f->name), S("state")) && i < 3; i++)
        list_choice(p, l, f, into, states[i], state_text(p, states[i]));
    return 0;
}

static const struct list_column columns[] = { { "title", S_INIT("系统"), "system", LIST_HEAD },
                                              { "system", S_INIT("系统标识"), NULL, LIST_UNDER },
                                              { "version", S_INIT("版本"), NULL, LIST_TEXT },
                                              { "state", S_INIT("状态"), NULL, LIST_TAG },
                                              { "loaded", S_INIT("载入时间"), "loaded", LIST_WHEN },
                                              { "activated", S_INIT("启用时间"), NULL, LIST_WHEN },
                                              { "digest_short", S_INIT("内容摘要"), NULL, LIST_SHOWN },
                                              { "digest", S_INIT("内容摘要"), NULL, LIST_FILE } };
static const struct list_order orders[] = { { "loaded", S_INIT("新载入的在前"), S_INIT("早载入的在前"), false },
                                            { "system", S_INIT("按系统标识，从前往后"), S_INIT("按系统标识，从后往前"), true } };
static const struct list_filter filters[] = { { "system", S_INIT("系统"), LIST_CHOICE }, { "state", S_INIT("状态"), LIST_CHOICE } };
static const struct list releases = { .name = "releases", .caption = S_INIT("系统与版本"),
                                      LIST_TABLES(columns, orders, filters), .page_rows = PAGE_ROWS,
                                      .fetch = fetch, .choices = choices };

int admin_systems_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &releases, S("/admin/systems"), &l);
    return list_show(tx, p, &l, e);
}

int admin_systems_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &releases, S("/admin/systems"), &l);
    return list_file(tx, p, &l, NULL, NULL, e); /* whose data would it be? */
}

int admin_systems_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("系统与版本"), S(""));
    p->template = S("admin/systems");
    return 0;
}

/* ---- activate, or take back ---- */

int admin_activate_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct release_query q = { .max = 1 };
    struct val *found;
    int rc = staff_id(p, "id", &q.only, e);
    if (!rc) rc = release_page(tx, page_realm(p), &q, &found, e);
    if (!rc && (q.only == 0 || val_count(found) == 0)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (rc) return rc;
    decorate(p, found->u.list.item[0]);
    val_put(p->a, p->view, S("release"), found->u.list.item[0]);
    return 0;
}

static void compile(struct page *p) {
    int64_t id;
    if (staff_id(p, "id", &id, &p->err) == 0) p->own = (void *)(uintptr_t)page_release(p, id, &p->err);
}

int admin_activate_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = admin_activate_act; /* who may not, or asks for none, does not come as far as compiling */
    p->work = compile;
    return 0;
}

int admin_activate_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    int rc = release_activate(tx, page_realm(p), p->who, p->own, e);
    if (!rc) p->location = S("/admin/systems");
    return rc;
}

int admin_activate_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0; /* every node takes it up by the epoch that the act raised */
    staff_title(p, S("启用这个版本"), val_get_str(val_get(p->view, S("release")), S("system")));
    staff_crumb(p, S("系统与版本"), S("/admin/systems"));
    staff_crumb(p, S("启用这个版本"), S(""));
    val_put_str(p->a, p->view, S("back"), page_href(p, S("/admin/systems")));
    p->template = S("admin/activate");
    return 0;
}

int admin_metrics_say(struct page *p, struct err *e) {
    struct http_reply *reply = arena_new(p->req->arena, struct http_reply);
    const struct metrics *m = page_metrics(p);
    struct buf b;
    buf_init(&b, p->req->arena, 65536, 2 * 1024 * 1024);
    if (m) metrics_write(m, &b);
    if (!m || !reply || !buf_ok(&b)) return err_set(e, ERR_MEMORY, NULL);
    *reply = (struct http_reply){ .status = 200,
                                  .media_type = S("application/openmetrics-text; version=1.0.0; charset=utf-8"),
                                  .body = buf_str(&b) };
    p->reply = reply;
    return 0;
}
