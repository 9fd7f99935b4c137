/* routes: joins the portals' tables and answers the dispatcher's four questions: who, may they, was it audited, note the refusal.
 * Invariant: a writing body that changed anything but closed no act does not commit (hook `seal`).
 */
#include "app/routes.h"

#include <string.h>

#include "engine/identity/identity.h"
#include "http/rate.h"
#include "engine/notify/notify.h"
#include "os/os.h"
#include "web/admin/admin.h"
#include "web/desk/desk.h"
#include "web/portal/portal.h"
#include "web/user.h"

enum { ROUTES_MAX = 256 };
static struct route all[ROUTES_MAX];
const struct route *app_routes = all;
size_t app_n_routes;

static void add(const struct route *rows, size_t n) {
    for (size_t i = 0; i < n && app_n_routes < ROUTES_MAX; i++) all[app_n_routes++] = rows[i];
}

int routes_guard(struct arena *a, struct rate **rate, struct metrics **metrics, struct err *e) {
    app_n_routes = 0;
    add(portal_routes, portal_n_routes);
    add(desk_routes, desk_n_routes);
    add(admin_routes, admin_n_routes);
    *rate = rate_new(a);
    *metrics = metrics_new(a, all, app_n_routes);
    return *rate && *metrics ? 0 : err_set(e, ERR_MEMORY, NULL);
}

/* ---- hooks ---- */

/* The session cookie's value is the token in base64url. */
static bool token_of(struct page *p, uint8_t token[IDENTITY_TOKEN_BYTES]) {
    struct str bytes;
    if (p->session.len == 0 || !crypto_base64url_decode(p->a, p->session, &bytes) || bytes.len != IDENTITY_TOKEN_BYTES) return false;
    memcpy(token, bytes.ptr, IDENTITY_TOKEN_BYTES);
    return true;
}

static int who(struct store_tx *tx, struct page *p, struct err *e) {
    uint8_t token[IDENTITY_TOKEN_BYTES];
    struct user *u = arena_new(p->a, struct user);
    bool touch = false;
    if (!u) return err_set(e, ERR_MEMORY, NULL);
    p->who = &u->actor;
    if (token_of(p, token)) {
        int rc = identity_session_find(tx, &p->app->realm, token, &u->actor, &touch, e);
        if (rc && rc != ERR_LOGIN) return rc;
        if (!rc && touch) page_touch(p, u->actor.session);
        if (!rc) rc = notify_unread(tx, &p->app->realm, u->actor.account, &u->unread, e);
        if (rc && rc != ERR_LOGIN) return rc;
    }
    u->actor.request_id = str_of(p->req->id);
    u->actor.peer = p->req->peer;
    u->actor.lang = p->lang;
    return 0;
}

static int may(struct store_tx *tx, struct page *p, const char *power, struct err *e) {
    struct scope_token ignored;
    (void)tx;
    if (str_eq(str_of(power), S("public"))) return 0;
    return access_may(&p->app->realm, p->who, str_of(power), &ignored, e);
}

static int refused(struct store_tx *tx, struct page *p, const struct err *why, struct err *e) {
    return act_refused(tx, &p->app->realm, p->who, str_of(p->route->power), why->code, e);
}

static struct str words(struct page *p, struct str chinese) {
    return realm_words(&p->app->realm, p->lang, chinese);
}

const struct web_hooks app_hooks = { .who = who, .may = may, .missing = portal_standing_of, .refused = refused,
                                     .limit = portal_limit, .words = words, .view = user_view };
