/* app_searched: records that stand get the words by which their type is searched now (record_words.c), a page of them each turn, so that
 * papers and timers do not wait for all of them.
 *
 * Invariants: 1. The message is over when every record was looked at; a process that dies meanwhile begins again, and what has its words
 * keeps them. 2. A page is one transaction, which reads each record as it stands: a change made meanwhile writes its own. 3. One message
 * after the other.
 */
#include "app/app.h"
#include "base/log.h"
#include "engine/record/record.h"
#include "os/os.h"
#include "release/release.h"

enum { RECORDS_PER_TURN = 50 };

struct searched_work {
    struct app_on_errand *on;
    const struct record_type *type;
    int64_t last;
};

static int page(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct searched_work *w = job->arg;
    const struct app *app = w->on->app;
    return record_words_again(tx, &app->realm, w->type, app->searching.after, RECORDS_PER_TURN, &w->last, e);
}

static int finish(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct searched_work *w = job->arg;
    return act_message_done(tx, job->home, w->on->message->id, e);
}

static int put_words(struct app_on_errand *on, struct err *e) {
    struct app_searching *at = &on->app->searching;
    struct searched_work w = { .on = on };
    if (at->busy) return 0; /* with the one before it */
    if (at->message != on->message->id) *at = (struct app_searching){ .message = on->message->id };
    at->busy = true;
    const struct system *sys = releases_get(on->app->releases, on->message->object, e);
    int rc = sys ? 0 : e->code ? e->code : ERR_SYSTEM;
    const struct map *types = sys ? &sys->part[SYSTEM_RECORD] : NULL;
    while (!rc && at->type < types->n) {
        w.type = types->entry[at->type].value;
        if (w.type->n_searched) rc = app_job(on->app, STORE_BULK, on->rows, page, &w, e);
        if (rc) break;
        if (w.last) { /* goes on with the next turn */
            at->after = w.last, at->done++;
            on->done = true;
            return 0;
        }
        at->type++, at->after = 0;
    }
    if (!rc) rc = app_job(on->app, STORE_INTERACTIVE, on->rows, finish, &w, e);
    if (!rc) LOG(LOG_INFO, "searched", on->who.request_id, "records are found as their release says", LOG_INT("pages", (int64_t)at->done));
    *at = (struct app_searching){ .busy = rc != 0 };
    return rc;
}

int app_searched(struct app *app, size_t *ret_n, struct err *e) {
    const struct app_errand errand = {
        .message = RELEASE_SEARCHED,
        .name = "searched",
        .failed = "records did not get their words and are tried again",
        .arena_bytes = 64 * 1024 * 1024,
        .run = put_words,
    };
    app->searching.busy = false;
    return app_run_errands(app, &errand, ret_n, e);
}
