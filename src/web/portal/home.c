/* home: A1, the first page: search, what to do, and one's own open matters. */
#include "engine/item/item.h"
#include "web/portal/portal.h"
#include "web/user.h"

static int act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct user *u = user_of(p);
    struct scope_token own;
    struct val *cases = NULL;
    val_put(p->a, p->view, S("items"), item_search_view(page_realm(p), S(""), p->lang, p->a));
    if (u->actor.account == 0 || u->actor.n_posts) return 0;
    int rc = access_may(page_realm(p), p->who, S("case.read"), &own, e);
    if (!rc) rc = item_cases_view(tx, page_realm(p), &own, 0, 0, 5, p->lang, &cases, e);
    if (!rc) val_put(p->a, p->view, S("cases"), cases);
    return rc;
}

static int say(struct page *p, struct err *e) {
    (void)e;
    p->template = S("portal/home");
    return 0;
}

const struct route portal_routes[] = {
    { "A1", HTTP_GET, "/", page_ask_none, act, say, "page.public", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, ROUTE_AUDIT_NONE, ROUTE_DATA_OWN },
};
const size_t portal_n_routes = sizeof portal_routes / sizeof *portal_routes;
