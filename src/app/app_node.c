/* app_node: this process as one of several on the same store: its number, and what the others changed.
 * Invariants: 1. On PostgreSQL no two processes hold one number at a time: ids are made from it. 2. Requests under way never wait for
 * a release that is being taken up, and go on with what they hold.
 */
#include "app/app.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "engine/upkeep/upkeep.h"
#include "os/os.h"
#include "os/proc.h"

/* A change is to be seen on every node within 500 ms: a part of it for the wait, the rest for compiling. */
enum { FOLLOW_MS = 200, FOLLOW_AGAIN_MS = 5000, COUNT_MS = 5000, LEASE_MS = 15000, RENEW_MS = 4000 };

struct claim {
    struct app *app;
    int64_t ttl_ms;
};

static int claim_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct claim *c = job->arg;
    int64_t fence;
    return store_lease_take(tx, c->app->node_name, c->app->node_holder, c->ttl_ms, &fence, e);
}

static int lease(struct app *app, int64_t ttl_ms, struct err *e) {
    struct claim c = { app, ttl_ms };
    struct arena a;
    arena_init(&a, "node", 65536);
    int rc = app_job(app, STORE_INTERACTIVE, &a, claim_body, &c, e);
    arena_done(&a);
    return rc;
}

int app_node_claim(struct app *app, struct err *e) {
    struct err why = { 0 };
    if (!store_is_postgres(app->store)) return 0; /* the folder's lock keeps others out */
    app->node_holder = proc_place(&app->arena, app->data_dir);
    int rc = lease(app, LEASE_MS, &why);
    app->node_held = rc == 0;
    if (rc == ERR_CONFLICT) return err_set(e, ERR_STATE, "%.*s: %s; --node N", STR_ARG(app->node_name), why.detail);
    if (rc && e) *e = why;
    return rc;
}

void app_node_leave(struct app *app) {
    if (app->node_held) (void)lease(app, 0, NULL);
    app->node_held = false;
}

/* Somebody else took the number while this process slept: ids made now could be theirs. */
static void renew(struct app *app, int64_t *last_ns) {
    struct err e = { 0 };
    int64_t now = os_mono_ns();
    if (!app->node_held || now - *last_ns < (int64_t)RENEW_MS * 1000000) return;
    int rc = lease(app, LEASE_MS, &e);
    if (rc == ERR_CONFLICT) {
        LOG(LOG_ERROR, "node", S(""), "another process has this node's number: ending", LOG_ERR(&e));
        _exit(1);
    }
    if (!rc) *last_ns = now;
}

static int read_epochs(struct store_tx *tx, struct store_job *job, struct err *e) {
    return realm_epochs_read(tx, job->home, job->arg, e);
}

int app_epochs(struct app *app, struct realm_epochs *ret, struct err *e) {
    struct arena a;
    arena_init(&a, "epochs", 65536);
    int rc = app_job(app, STORE_READ, &a, read_epochs, ret, e);
    arena_done(&a);
    return rc;
}

static void keep_text(char *place, size_t size, struct str text) {
    (void)snprintf(place, size, "%.*s", STR_ARG(text));
}

static int read_upkeep(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct app *app = job->arg;
    struct upkeep u;
    int rc = upkeep_now(tx, &app->realm, &u, e);
    if (rc) return rc;
    (void)pthread_mutex_lock(&app->lock);
    app->upkeep_from_ms = u.from_ms;
    app->upkeep_until_ms = u.id ? u.until_ms : 0;
    app->upkeep_staff = u.staff;
    keep_text(app->upkeep_zh, sizeof app->upkeep_zh, u.zh);
    keep_text(app->upkeep_en, sizeof app->upkeep_en, u.en);
    (void)pthread_mutex_unlock(&app->lock);
    return 0;
}

int app_upkeep(struct app *app, struct err *e) {
    struct arena a;
    arena_init(&a, "upkeep", 65536);
    int rc = app_job(app, STORE_READ, &a, read_upkeep, app, e);
    arena_done(&a);
    return rc;
}

int app_follow(struct app *app, struct err *e) {
    struct realm_epochs now;
    int rc = app_epochs(app, &now, e);
    if (rc) return rc;
    app->epoch[REALM_EPOCH_POLICY] = now.value[REALM_EPOCH_POLICY];
    app->epoch[REALM_EPOCH_SESSION] = now.value[REALM_EPOCH_SESSION];
    return now.value[REALM_EPOCH_RELEASE] == app->epoch[REALM_EPOCH_RELEASE] ? 0 : app_refresh(app, e);
}

void *app_node_run(void *arg) {
    struct app *app = arg;
    int64_t renewed_ns = os_mono_ns(), counted_ns = 0;
    int rc;
    do {
        struct err e = { 0 };
        int64_t had = app->epoch[REALM_EPOCH_RELEASE];
        renew(app, &renewed_ns);
        bool look = os_mono_ns() - counted_ns >= (int64_t)COUNT_MS * 1000000;
        if (look && app_look(app, NULL, NULL) == 0 && app_upkeep(app, NULL) == 0) counted_ns = os_mono_ns();
        rc = app_follow(app, &e);
        if (rc) LOG(LOG_WARN, "node", S(""), "what is new was not taken up; this node goes on with what it has", LOG_ERR(&e));
        else if (had != app->epoch[REALM_EPOCH_RELEASE])
            LOG(LOG_INFO, "node", S(""), "releases taken up", LOG_INT("epoch", app->epoch[REALM_EPOCH_RELEASE]));
        if (!rc) app_free_releases(app);
    } while (app_wait(app, NULL, rc ? FOLLOW_AGAIN_MS : FOLLOW_MS));
    return NULL;
}
