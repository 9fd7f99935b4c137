/* app_draft: drafts of systems that were released and whose day has come are activated, one after
 * the other; see release_draft.h. Invariant: it is compiled before the transaction and taken up by
 * this process after it; other nodes follow the epoch.
 */
#include "app/app.h"
#include "os/os.h"
#include "release/release_draft.h"

struct draft_work {
    struct app_on_errand *on;
    struct release_draft draft;
    const struct system *sys;
};

static int read_draft(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct draft_work *w = job->arg;
    return release_draft_find(tx, &w->on->app->realm, w->on->message->object, &w->draft, e);
}

/* Another node may have done it, or somebody may have taken the release back: then only the message
 * is over. */
static int activate(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct draft_work *w = job->arg;
    const struct realm *r = &w->on->app->realm;
    struct release_draft now;
    int rc = release_draft_find(tx, r, w->draft.id, &now, e);
    w->on->done = false;
    if (!rc && str_eq(now.state, S("released")) && now.version == w->draft.version)
        rc = release_draft_activate(tx, r, &w->on->who, now.id, w->sys, &w->on->done, e);
    return rc ? rc : act_message_done(tx, job->home, w->on->message->id, e);
}

static int activate_one(struct app_on_errand *on, struct err *e) {
    struct app *app = on->app;
    struct draft_work w = { .on = on };
    int rc = app_job(app, STORE_READ, on->rows, read_draft, &w, e);
    if (!rc && !(w.sys = releases_get(app->releases, w.draft.release, e))) rc = e->code ? e->code : ERR_SYSTEM;
    if (!rc) rc = app_job(app, STORE_INTERACTIVE, on->rows, activate, &w, e);
    return rc || !on->done ? rc : app_refresh(app, e);
}

int app_activate_drafts(struct app *app, size_t *ret_n, struct err *e) {
    const struct app_errand errand = {
        .message = RELEASE_DRAFT_DUE,
        .name = "drafts",
        .failed = "a release was not activated and is tried again",
        .arena_bytes = 64 * 1024 * 1024,
        .run = activate_one,
    };
    return app_run_errands(app, &errand, ret_n, e);
}
