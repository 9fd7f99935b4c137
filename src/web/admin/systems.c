/* systems: the releases of every system as they are stored, one of them activated or taken back, and the server's figures in
 * OpenMetrics. Loading is by command line. Invariant: a release is read and compiled on the pool, never in the transaction.
 */
#include "web/admin/admin_pages.h"

#include "http/metrics.h"
#include "release/release.h"

static void decorate(struct page *p, struct val *v) {
    struct val *state = val_map(p->a);
    struct str s = val_get_str(v, S("state"));
    const struct system *sys = realm_system(page_realm(p), val_get_str(v, S("system")));
    struct str path = arena_fmt(p->a, "/admin/systems/%lld/activate", (long long)val_get_i64(v, S("id"), 0));
    val_put_str(p->a, state, S("text"),
                page_text(p, str_eq(s, S("active"))  ? S("启用中")
                             : str_eq(s, S("draft")) ? S("草稿")
                                                     : S("旧版本")));
    val_put_str(p->a, state, S("kind"), str_eq(s, S("active")) ? S("ok") : S(""));
    if (!str_eq(s, S("active")) && admin_holds_power(p, "release.activate"))
        val_put_str(p->a, v, S("activate_href"), page_href(p, path));
    val_put_bool(p->a, v, S("active"), str_eq(s, S("active")));
    val_put(p->a, v, S("state"), state);
    val_put_str(p->a, v, S("title"), sys ? system_text(sys, p->lang, sys->title) : S(""));
    val_put_str(p->a, v, S("digest_short"), str_sub(val_get_str(v, S("digest")), 0, 16));
    val_put_str(p->a, v, S("loaded"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("loaded_ms"), 0)));
    val_put_str(p->a, v, S("activated"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("activated_ms"), 0)));
}

int admin_systems_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *all, *list = val_list(p->a);
    int rc = release_list(tx, page_realm(p), &all, e);
    for (size_t i = 0; !rc && i < val_count(all); i++) {
        decorate(p, all->u.list.item[i]);
        val_push(p->a, list, all->u.list.item[i]);
    }
    val_put(p->a, p->view, S("releases"), list);
    return rc;
}

int admin_systems_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("系统与版本"), S(""));
    p->template = S("admin/systems");
    return 0;
}

/* ---- activate, or take back ---- */

int admin_activate_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *all;
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    if (!rc) rc = release_list(tx, page_realm(p), &all, e);
    for (size_t i = 0; !rc && i < val_count(all); i++)
        if (val_get_i64(val_item(all, i), S("id"), 0) == id) {
            decorate(p, all->u.list.item[i]);
            val_put(p->a, p->view, S("release"), all->u.list.item[i]);
            return 0;
        }
    return rc ? rc : err_set(e, ERR_NOT_FOUND, NULL);
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
