/* page_realm: the one thing of the application that pages may see. Invariant: pages know struct app by name only. */
#include "app/app.h"
#include "web/user.h"

const struct realm *page_realm(const struct page *p) {
    return &p->app->realm;
}

bool page_demo(const struct page *p) {
    return p->app->demo;
}

void page_touch(const struct page *p, int64_t session) {
    app_touch(p->app, session);
}
