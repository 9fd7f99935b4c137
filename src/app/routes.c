/* routes: joins the portals' tables and answers the dispatcher's questions: who, may they; notes the refusal.
 * That a body which changed rows closed its act is asked by the store's guard, not here (act.h, invariant 1).
 */
#include "app/routes.h"

#include <string.h>

#include "engine/identity/identity.h"
#include "engine/kept/kept.h"
#include "http/rate.h"
#include "engine/notify/notify.h"
#include "engine/upkeep/upkeep.h"
#include "os/os.h"
#include "web/admin/admin.h"
#include "web/desk/desk.h"
#include "web/edit/edit.h"
#include "web/live/live.h"
#include "web/portal/portal.h"
#include "web/registry/registry.h"
#include "web/supervise/supervise.h"
#include "web/user.h"
#include "web/window/window.h"

const struct route *app_routes;
size_t app_n_routes;

/* The tables of all portals in one: as long as they are together, so that no row is left out. */
static int join(struct arena *a, struct err *e) {
    const struct {
        const struct route *rows;
        size_t n;
    } tables[] = { { portal_routes, portal_n_routes }, { desk_routes, desk_n_routes },   { registry_routes, registry_n_routes },
                   { supervise_routes, supervise_n_routes }, { window_routes, window_n_routes }, { admin_routes, admin_n_routes },
                   { edit_routes, edit_n_routes },   { live_routes, live_n_routes } };
    size_t n = 0, at = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) n += tables[i].n;
    struct route *all = arena_array(a, n, sizeof *all);
    if (!all) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (size_t k = 0; k < tables[i].n; k++) all[at++] = tables[i].rows[k];
    app_routes = all;
    app_n_routes = n;
    return 0;
}

int routes_guard(struct arena *a, struct rate **rate, struct metrics **metrics, struct err *e) {
    int rc = join(a, e);
    if (rc) return rc;
    *rate = rate_new(a);
    *metrics = metrics_new(a, app_routes, app_n_routes);
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

/* Who reaches one draft alone is somebody on the pages that fill it in, and nobody anywhere else. */
static bool page_of_draft(const struct page *p, int64_t only) {
    static const char *const pages[] = { "B5", "B6", "B6d", "B7", "B7r", "B8" };
    int64_t id;
    if (strcmp(p->route->path, "/sign-out") == 0) return true;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strcmp(p->route->id, pages[i]) == 0) return str_to_i64(http_param(p->req, S("case")), &id) && id == only;
    return false;
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
        p->session_true = rc == 0;
        if (!rc && touch) page_touch(p, u->actor.session);
        if (!rc && u->actor.only && !page_of_draft(p, u->actor.only)) u->actor = (struct actor){ 0 };
        if (!rc) rc = notify_unread(tx, &p->app->realm, u->actor.account, &u->unread, e);
        if (rc && rc != ERR_LOGIN) return rc;
    }
    u->actor.request_id = str_of(p->req->id);
    u->actor.peer = p->req->peer;
    u->actor.lang = p->lang;
    return 0;
}

/* The object that an address names, for the log of refusals: a number in "{case}", "{paper}", "{file}", or in "{id}", which is of the
 * kind of the page's own act. The narrowest stands last in the path. Engines that know more say it again. */
static const struct {
    struct str param, kind;
} named[] = {
    { S_INIT("case"), S_INIT("case") },
    { S_INIT("paper"), S_INIT("paper") },
    { S_INIT("file"), S_INIT("material") },
    { S_INIT("id"), S_INIT("") },
};

static bool asked_of(const struct page *p, struct str *kind, int64_t *object, int64_t *case_id) {
    bool found = false;
    *case_id = 0;
    for (size_t i = 0; i < p->req->n_param; i++)
        for (size_t k = 0; k < sizeof named / sizeof *named; k++) {
            int64_t id;
            if (!str_eq(p->req->param[i].name, named[k].param) || !str_to_i64(p->req->param[i].value, &id)) continue;
            *kind = named[k].kind.len ? named[k].kind : access_act_kind(str_of(p->route->power));
            *object = id;
            if (str_eq(*kind, S("case"))) *case_id = id;
            found = true;
        }
    return found;
}

/* Who signed in with a password that serves once sees what everybody may, sets his own password, or signs out. */
static bool must_renew(const struct page *p, const char *power) {
    static const struct actor nobody;
    struct scope_token ignored;
    struct err no;
    if (!p->who->renew || strcmp(power, "account.password") == 0 || strcmp(power, "session.close") == 0) return false;
    return access_may(&p->app->realm, &nobody, str_of(power), &ignored, &no) != 0;
}

static int may(struct store_tx *tx, struct page *p, const char *power, struct err *e) {
    struct scope_token ignored;
    struct str kind;
    int64_t object, case_id;
    if (asked_of(p, &kind, &object, &case_id)) access_asked(tx, kind, object, case_id);
    if (str_eq(str_of(power), S("public"))) return 0;
    /* the right comes before the state: who may not is told that, whatever time it is */
    int rc = access_may(&p->app->realm, p->who, str_of(power), &ignored, e);
    int64_t seconds = 0;
    if (!rc && p->route->method != HTTP_GET) rc = upkeep_refuses(tx, &p->app->realm, p->who, str_of(power), &seconds, e);
    if (rc == ERR_UPKEEP) p->retry_s = arena_i64(p->req->arena, seconds);
    if (rc || !must_renew(p, power)) return rc;
    p->elsewhere = S("/password");
    return err_set(e, ERR_STATE, "请先设置自己的密码");
}

/* A look that changes nothing is no entry where it is refused, unless somebody signed in asks for an object that is not theirs. */
static bool notes(const struct page *p) {
    struct str kind;
    int64_t object, case_id;
    return p->session.len > 0 && asked_of(p, &kind, &object, &case_id);
}

static int refused(struct store_tx *tx, struct page *p, const struct err *why, struct err *e) {
    bool looks = p->route->method == HTTP_GET && p->route->audit != ROUTE_AUDIT_READ;
    if (looks && (p->who->account == 0 || err_kind(why->code) != ERR_KIND_CALLER)) return 0;
    return act_refused(tx, &p->app->realm, p->who, str_of(p->route->power), why->code, e);
}

/* ---- forms that came too late ---- */

static int keep(struct store_tx *tx, struct page *p, struct err *e) {
    uint8_t session[IDENTITY_TOKEN_BYTES];
    struct kept_form form = { .path = p->req->path, .fields = p->in, .files = p->req->n_upload > 0 };
    _Static_assert((int)PAGE_KEPT_BYTES == (int)KEPT_TOKEN_BYTES, "one token");
    if (!token_of(p, session)) return err_set(e, ERR_LOGIN, NULL);
    return kept_put(tx, &p->app->realm, p->who, session, p->kept, &form, e);
}

/* The page's own fields stay where nothing was typed in them. */
static int give_back(struct store_tx *tx, struct page *p, struct err *e) {
    struct kept_form form;
    int rc = kept_find(tx, &p->app->realm, p->who, p->kept, p->req->path, p->req->arena, &form, e);
    if (rc == ERR_NOT_FOUND) return 0;
    for (size_t i = 0; !rc && i < val_pairs(form.fields); i++)
        val_put(p->req->arena, p->in, form.fields->u.map.pair[i].key, form.fields->u.map.pair[i].value);
    if (!rc) p->given_back = true, p->files_lost = form.files;
    return rc;
}

static int used(struct store_tx *tx, struct page *p, struct err *e) {
    struct kept_form form;
    int rc = kept_find(tx, &p->app->realm, p->who, p->kept, p->req->path, store_arena(tx), &form, e);
    if (rc) return rc == ERR_NOT_FOUND ? 0 : rc; /* another page's stays */
    page_cookie(p, str_of(PAGE_KEPT_COOKIE), S("none"), 0);
    return kept_drop(tx, &p->app->realm, p->kept, e);
}

/* ---- words ---- */

static struct str words(struct page *p, struct str chinese) {
    return realm_words(&p->app->realm, p->lang, chinese);
}

/* ---- what a page holds ---- */

static uint64_t hold(const struct page *p) {
    return realm_hold(&p->app->realm);
}

static void let(const struct page *p, uint64_t held) {
    realm_let(&p->app->realm, held);
}

const struct web_hooks app_hooks = { .hold = hold,
                                     .let = let,
                                     .who = who,
                                     .may = may,
                                     .missing = portal_standing_of,
                                     .refused = refused,
                                     .notes = notes,
                                     .keep = keep,
                                     .give_back = give_back,
                                     .used = used,
                                     .limit = portal_limit,
                                     .words = words,
                                     .view = user_view };
