/* http: see http.h. Invariant: templates, routes and limits are whole before the first connection is accepted. */
#include "app/http.h"

#include "app/control.h"
#include "app/routes.h"
#include "base/log.h"
#include "os/os.h"
#include "web/live/live.h"

static void log_http(struct str line, void *context) {
    (void)context;
    LOG(LOG_INFO, "http", S(""), "library", LOG_TEXT("line", line));
}

static int make_web(struct app *app, struct arena *a, struct web **ret, struct err *e) {
    struct web_file *files = arena_array(a, n_embedded, sizeof *files);
    if (!files) return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n_embedded; i++) files[i] = (struct web_file){ embedded[i].path, embedded[i].bytes };
    struct rate *rate = NULL;
    struct metrics *metrics = NULL;
    int rc = routes_guard(a, &rate, &metrics, e);
    if (!rc && !status_metrics(app, metrics)) rc = err_set(e, ERR_LIMIT, "metrics");
    struct web_config c = { .app = app, .store = app->store, .home = app->realm.home, .keys = &app->realm.keys, .rows = app_routes,
                            .n_rows = app_n_routes, .files = files, .n_files = n_embedded, .en = app->realm.en, .hooks = app_hooks,
                            .sign_in = "/sign-in", .rate = app->unlimited ? NULL : rate, .metrics = metrics };
    return rc ? rc : web_new(a, &c, ret, e);
}

int app_http_start(struct app *app, struct arena *a, struct str address, int fd, const char *uploads, struct web **web,
                   struct http_server **http, struct err *e) {
    int rc = make_web(app, a, web, e);
    if (!rc) rc = live_start(a, app->store, &app->realm, &app->live, e);
    struct http_config h = { .address = address, .route = web_route, .body_limit = web_body_limit, .handler = web_handle,
                             .refusal = web_refusal, .log = log_http, .context = *web, .upload_dir = uploads, .trusted_proxy = app->proxy,
                             .listen_fd = fd };
    if (!rc) rc = http_start(&h, http, e);
    if (!rc) app->http = *http;
    return rc;
}
