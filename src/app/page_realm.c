/* page_realm: the one thing of the application that pages may see. Invariant: pages know struct app by name only. */
#include "app/app.h"
#include "web/user.h"

const struct realm *page_realm(const struct page *p) {
    return &p->app->realm;
}

int page_audit_verify(const struct page *p, struct audit_report *report, struct err *e) {
    return audit_verify(p->app->store, p->app->realm.home, p->app->keys.head_spki, NULL, report, e);
}

struct str page_head_key(const struct page *p) {
    return p->app->keys.head_spki;
}

bool page_demo(const struct page *p) {
    return p->app->demo;
}

void page_touch(const struct page *p, int64_t session) {
    app_touch(p->app, session);
}
