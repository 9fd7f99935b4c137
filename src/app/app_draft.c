/* app_draft: drafts of systems that were released and whose day has come are activated, one after
 * the other; see release_draft.h. Invariant: it is compiled before the transaction and taken up by
 * this process after it; other nodes follow the epoch.
 */
#include "app/app.h"
#include "base/log.h"
#include "os/os.h"
#include "release/release_draft.h"

enum { DRAFTS_PER_TURN = 4, DRAFT_ARENA_BYTES = 64 * 1024 * 1024 };

struct draft_work {
    struct app *app;
    struct act_message due[DRAFTS_PER_TURN], *message;
    size_t n;
    struct release_draft draft;
    const struct system *sys;
    struct actor who;
    bool done;
    struct str why;
};

static int find_due(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct draft_work *w = job->arg;
    return act_messages_due(tx, job->home, RELEASE_DRAFT_DUE, w->due, DRAFTS_PER_TURN, &w->n, e);
}

static int read_draft(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct draft_work *w = job->arg;
    (void)job;
    return release_draft_find(tx, &w->app->realm, w->message->object, &w->draft, e);
}

/* Another node may have done it, or somebody may have taken the release back: then only the message
 * is over. */
static int activate(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct draft_work *w = job->arg;
    struct release_draft now;
    int rc = release_draft_find(tx, &w->app->realm, w->draft.id, &now, e);
    w->done = false;
    if (!rc && str_eq(now.state, S("released")) && now.version == w->draft.version)
        rc = release_draft_activate(tx, &w->app->realm, &w->who, now.id, w->sys, &w->done, e);
    return rc ? rc : act_message_done(tx, job->home, w->message->id, e);
}

static int put_off(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct draft_work *w = job->arg;
    return act_message_retry(tx, job->home, w->message->id, w->message->attempts, w->why, e);
}

static int one(struct draft_work *w, struct arena *rows, struct err *e) {
    struct app *app = w->app;
    int rc = app_job(app, STORE_READ, rows, read_draft, w, e);
    if (!rc && !(w->sys = releases_get(app->releases, w->draft.release, e)))
        rc = e->code ? e->code : ERR_SYSTEM;
    if (!rc) rc = app_job(app, STORE_INTERACTIVE, rows, activate, w, e);
    return rc || !w->done ? rc : app_refresh(app, e);
}

int app_activate_drafts(struct app *app, size_t *ret_n, struct err *e) {
    struct arena list, rows;
    struct draft_work w = { .app = app };
    arena_init(&list, "drafts", 4 * 1024 * 1024);
    arena_init(&rows, "draft rows", DRAFT_ARENA_BYTES);
    *ret_n = 0;
    int rc = app_job(app, STORE_READ, &list, find_due, &w, e);
    for (size_t i = 0; !rc && i < w.n; i++) {
        struct err why = { 0 };
        w.message = &w.due[i];
        w.who = app->worker;
        w.who.request_id = w.message->request_id;
        if (one(&w, &rows, &why) == 0) {
            *ret_n += w.done;
            continue;
        }
        w.why = arena_fmt(&list, "%s %s", err_name(why.code), why.detail);
        LOG(LOG_WARN, "drafts", w.who.request_id, "a release was not activated and is tried again",
            LOG_INT("draft", w.message->object), LOG_TEXT("why", w.why));
        rc = app_job(app, STORE_INTERACTIVE, &rows, put_off, &w, e);
    }
    arena_done(&rows);
    arena_done(&list);
    return rc;
}
