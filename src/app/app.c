/* app: wiring; see app.h. Invariants: 1. `realm` is complete before the first thread of ours starts; after that only releases change,
 * and the calendar with them, each by replacing one pointer. 2. `epoch` is never ahead of what was taken up: it is read before.
 */
#include "app/app.h"

#include <stdio.h>
#include <string.h>

#include "app/generated.h"
#include "data/tz.h"
#include "engine/audit/audit_kept.h"
#include "engine/clock/clock.h"
#include "engine/code/code_set.h"
#include "os/os.h"
#include "proc/supervise/role.h"
#include "web/live/live.h"


int app_job(struct app *app, enum store_queue queue, struct arena *a, store_body *body, void *arg, struct err *e) {
    struct store_job job = { .home = app->realm.home, .queue = queue, .arena = a, .body = body, .arg = arg };
    return store_do(app->store, &job, e);
}

struct acting {
    struct app *app;
    const struct actor *who;
    store_body *body;
    void *arg;
};

static int act_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct acting *x = job->arg;
    job->arg = x->arg;
    int rc = x->body(tx, job, e);
    job->arg = x;
    return rc;
}

static int act_refusal(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct acting *x = job->arg;
    return act_refused(tx, &x->app->realm, x->who, S("-"), job->err.code, e);
}

int app_act(struct app *app, const struct actor *who, struct arena *a, store_body *body, void *arg, struct err *e) {
    struct acting x = { app, who, body, arg };
    struct store_job job = { .home = app->realm.home, .queue = STORE_INTERACTIVE, .arena = a, .body = act_body,
                             .refused = act_refusal, .arg = &x };
    return store_do(app->store, &job, e);
}

int app_verify_log(struct app *app, struct arena *a, struct audit_kept *kept, struct audit_report *report, struct err *e) {
    struct audit_head last;
    int rc = keys_client_last_head(&app->keys, a, app->realm.home, &last, e);
    if (rc && rc != ERR_NOT_FOUND) return rc;
    if (!rc) rc = audit_kept_add(kept, &last, e);
    else rc = 0;
    return rc ? rc : audit_verify(app->store, app->realm.home, app->keys.head_spki, kept, report, e);
}

static const char *below(struct app *app, const char *name) {
    return arena_fmt(&app->arena, "%s/%s", app->data_dir, name).ptr;
}

static int open_keys(struct app *app, const struct app_config *c, struct err *e) {
    int rc = 0;
    app->hub = c->hub;
    if (c->hub) keys_client_hub(&app->keys, c->hub);
    else {
        rc = keys_open(below(app, "keys"), SUITE_INTL, &app->keys_here, e);
        if (!rc) keys_client_direct(&app->keys, app->keys_here);
    }
    if (!rc) rc = keys_client_certs(&app->keys, &app->arena, e);
    return rc ? rc : keys_client_keyring(&app->keys, &app->realm.keys, e);
}

static int open_texts(struct app *app, struct err *e) {
    struct po *po;
    for (size_t i = 0; i < n_embedded; i++) {
        if (!str_eq(embedded[i].path, S("locale/en.po"))) continue;
        int rc = po_parse(&app->arena, embedded[i].path, embedded[i].bytes, &po, e);
        app->realm.en = po;
        return rc;
    }
    return err_set(e, ERR_DEFECT, "locale/en.po");
}

static int open_store(struct app *app, const struct app_config *c, struct err *e) {
    struct str url = c->store_url.len ? c->store_url : arena_fmt(&app->arena, "sqlite:%s/tongban.db", app->data_dir);
    struct store_config s = { .url = url, .libpq = c->libpq, .migrations = migrations, .n_migrations = n_migrations, .node = c->node,
                              .clock_is_right = c->clock_is_right };
    int rc = store_open(&s, &app->store, e);
    if (!rc) act_guard(app->store);
    if (!rc) rc = app_node_claim(app, e);
    return rc ? rc : blobs_open(below(app, "blobs"), &app->realm.blobs, e);
}

/* The table of holidays is a code set of the active systems: administrators change it by a release. */
static int refresh_calendar(struct app *app, struct err *e) {
    const struct code_set *days = realm_find(&app->realm, SYSTEM_CODE, CLOCK_HOLIDAYS, NULL);
    struct arena a, before = app->calendar;
    struct clock_calendar *calendar;
    arena_init(&a, "calendar", 16 * 1024 * 1024);
    int rc = clock_calendar_of_codes(&a, days, &calendar, e);
    if (rc) {
        arena_done(&a);
        return rc;
    }
    app->calendar = a;
    app->realm.calendar = calendar;
    if (before.name) releases_retire(app->releases, &before);
    return 0;
}

void app_free_releases(struct app *app) {
    (void)pthread_mutex_lock(&app->refreshing);
    app->in_memory = releases_free(app->releases);
    (void)pthread_mutex_unlock(&app->refreshing);
}

int app_refresh(struct app *app, struct err *e) {
    struct realm_epochs now = { 0 };
    (void)pthread_mutex_lock(&app->refreshing);
    uint64_t held = realm_hold(&app->realm);
    int rc = app_epochs(app, &now, e);
    if (!rc) rc = releases_refresh(app->releases, e);
    if (!rc) rc = refresh_calendar(app, e);
    for (int i = 0; !rc && i < REALM_EPOCHS; i++) app->epoch[i] = now.value[i];
    realm_let(&app->realm, held);
    (void)pthread_mutex_unlock(&app->refreshing);
    return rc;
}

int app_open(const struct app_config *c, struct app **ret, struct err *e) {
    struct arena arena;
    struct tz *tz;
    arena_init(&arena, "app", (size_t)256 * 1024 * 1024);
    struct app *app = arena_new(&arena, struct app);
    if (!app) return err_set(e, ERR_MEMORY, NULL);
    app->arena = arena;
    app->data_dir = arena_str(&app->arena, str_of(c->data_dir)).ptr;
    app->node_name = arena_fmt(&app->arena, "node.%u", c->node);
    app->demo = c->demo;
    app->unlimited = c->unlimited;
    app->start_ns = os_mono_ns();
    app->worker = access_worker();
    app->realm.home = (struct home_id){ c->home ? c->home : 1 };
    app->realm.base_url = arena_str(&app->arena, c->base_url);
    app->proxy = arena_str(&app->arena, c->proxy);
    if (c->hub) { /* messages leave only where somebody serves */
        app->gateways = (struct app_gateways){ .mail = arena_str(&app->arena, c->gateways.mail),
                                               .mail_from = arena_str(&app->arena, c->gateways.mail_from),
                                               .mail_bounces = arena_str(&app->arena, c->gateways.mail_bounces),
                                               .sms = arena_str(&app->arena, c->gateways.sms),
                                               .sms_from = arena_str(&app->arena, c->gateways.sms_from) };
        app->realm.gateways = app_gateway_bits(&app->gateways);
    }
    app->realm.title = c->title.len ? arena_str(&app->arena, c->title) : S("天津市（演示）");
    (void)pthread_mutex_init(&app->lock, NULL);
    (void)pthread_mutex_init(&app->refreshing, NULL);
    (void)pthread_cond_init(&app->wake, NULL);
    int rc = os_mkdir(c->data_dir, e);
    if (!rc) rc = tz_load(&app->arena, S("Asia/Shanghai"), &tz, e);
    if (!rc) app->realm.tz = tz;
    if (!rc) rc = open_texts(app, e);
    if (!rc) rc = open_keys(app, c, e);
    if (!rc) rc = open_store(app, c, e);
    if (!rc) rc = releases_open(app->store, app->realm.home, &app->releases, e);
    if (!rc) {
        releases_systems(app->releases, &app->realm.systems);
        rc = app_refresh(app, e);
    }
    app->sequencer = (struct audit_sequencer){ .store = app->store, .home = app->realm.home, .suite = app->realm.keys.suite,
                                               .holder = app->node_name, .sign = keys_client_sign_head,
                                               .last = keys_client_last_head, .context = &app->keys };
    *ret = app;
    if (rc) app_close(app), *ret = NULL;
    return rc;
}

void app_close(struct app *app) {
    if (!app) return;
    live_stop(app->live);
    app_stop(app);
    app_node_leave(app);
    store_close(app->store);
    releases_close(app->releases);
    arena_done(&app->calendar);
    blobs_close(app->realm.blobs);
    keys_close(app->keys_here);
    supervise_memory_close(app->supervise_here);
    explicit_bzero(&app->realm.keys, sizeof app->realm.keys);
    struct arena a = app->arena;
    arena_done(&a);
}
