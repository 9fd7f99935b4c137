/* systems: the releases of every system as they are stored, and the server's figures in OpenMetrics. Loading and activating is
 * by command line.
 */
#include "web/admin/admin_pages.h"

#include "http/metrics.h"
#include "release/release.h"

int admin_systems_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *all, *list = val_list(p->a);
    int rc = release_list(tx, page_realm(p), &all, e);
    for (size_t i = 0; !rc && i < val_count(all); i++) {
        struct val *v = all->u.list.item[i], *state = val_map(p->a);
        struct str s = val_get_str(v, S("state"));
        const struct system *sys = realm_system(page_realm(p), val_get_str(v, S("system")));
        val_put_str(p->a, state, S("text"),
                    page_text(p, str_eq(s, S("active"))  ? S("启用中")
                                 : str_eq(s, S("draft")) ? S("草稿")
                                                         : S("旧版本")));
        val_put_str(p->a, state, S("kind"), str_eq(s, S("active")) ? S("ok") : S(""));
        val_put(p->a, v, S("state"), state);
        val_put_str(p->a, v, S("title"), sys ? system_text(sys, p->lang, sys->title) : S(""));
        val_put_str(p->a, v, S("digest_short"), str_sub(val_get_str(v, S("digest")), 0, 16));
        val_put_str(p->a, v, S("loaded"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("loaded_ms"), 0)));
        val_put_str(p->a, v, S("activated"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("activated_ms"), 0)));
        val_push(p->a, list, v);
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
