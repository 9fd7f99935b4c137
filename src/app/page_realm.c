/* page_realm: the one thing of the application that pages may see. Invariant: pages know struct app by name only. */
#include "app/app.h"
#include "engine/audit/audit_kept.h"
#include "engine/upkeep/upkeep.h"
#include "os/os.h"
#include "web/user.h"

const struct realm *page_realm(const struct page *p) {
    return &p->app->realm;
}

int page_press(const struct page *p, struct arena *a, struct str message, struct str *ret, struct err *e) {
    return app_press(p->app, a, str_of(p->req->id), message, ret, e);
}

int page_audit_verify(const struct page *p, struct audit_report *report, struct err *e) {
    struct arena a; /* on the pool: the page's own belong to its request */
    arena_init(&a, "verify", 1024 * 1024);
    struct audit_kept *kept = arena_new(&a, struct audit_kept);
    int rc = kept ? app_verify_log(p->app, &a, kept, report, e) : err_set(e, ERR_MEMORY, "verify");
    arena_done(&a);
    return rc;
}

struct str page_head_key(const struct page *p) {
    return p->app->keys.head_spki;
}

bool page_upkeep(const struct page *p, struct upkeep *ret) {
    struct app *app = p->app;
    (void)pthread_mutex_lock(&app->lock);
    bool there = app->upkeep_until_ms > os_now_ms();
    *ret = (struct upkeep){ .from_ms = app->upkeep_from_ms, .until_ms = app->upkeep_until_ms, .staff = app->upkeep_staff };
    if (there) ret->zh = arena_str(p->a, str_of(app->upkeep_zh)), ret->en = arena_str(p->a, str_of(app->upkeep_en));
    (void)pthread_mutex_unlock(&app->lock);
    return there;
}

bool page_demo(const struct page *p) {
    return p->app->demo;
}

struct live *page_live(const struct page *p) {
    return p->app->live;
}

const struct system *page_release(const struct page *p, int64_t release, struct err *e) {
    return releases_get(p->app->releases, release, e);
}

void page_touch(const struct page *p, int64_t session) {
    app_touch(p->app, session);
}

int page_pdf(const struct page *p, const struct paper *paper, const struct val *view, int64_t made_ms, struct str mark,
             struct arena *a, struct str *ret, struct err *e) {
    return app_set_pdf(p->app, p->who->request_id, paper, view, made_ms, mark, a, ret, e);
}
