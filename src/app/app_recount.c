/* app_recount: cases under way are counted again by another table of holidays, a page of them each turn,
 * so that papers and timers do not wait for all of them; see item_recount.c.
 *
 * Invariants: 1. The message is over when every case was looked at; a process that dies meanwhile begins
 * again, and what was counted is left as it is. 2. A case that cannot be counted holds up no other: the
 * whole is tried again later.
 */
#include "app/app.h"
#include "base/log.h"
#include "engine/clock/clock.h"
#include "engine/item/item.h"
#include "os/os.h"
#include "release/release.h"

enum { CASES_PER_TURN = 100, ARENA_BYTES = 64 * 1024 * 1024 };

struct recount_work {
    struct app *app;
    struct act_message message;
    size_t n_due, n, at;
    struct item_recount order;
    int64_t ids[CASES_PER_TURN], keys[CASES_PER_TURN];
    struct actor who;
    bool moved;
    struct str why;
};

static int find_due(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct recount_work *w = job->arg;
    return act_messages_due(tx, job->home, RELEASE_HOLIDAYS, &w->message, 1, &w->n_due, e);
}

static int list_page(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct recount_work *w = job->arg;
    const struct app_recounting *at = &w->app->recounting;
    (void)job;
    return item_open_cases(tx, &w->app->realm, at->key, at->at, w->ids, w->keys, CASES_PER_TURN, &w->n, e);
}

static int count_one(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct recount_work *w = job->arg;
    (void)job;
    return item_recount(tx, &w->app->realm, &w->who, w->ids[w->at], &w->order, &w->moved, e);
}

static int finish(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct recount_work *w = job->arg;
    return act_message_done(tx, job->home, w->message.id, e);
}

static int put_off(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct recount_work *w = job->arg;
    return act_message_retry(tx, job->home, w->message.id, w->message.attempts, w->why, e);
}

static int calendar_of(struct recount_work *w, int64_t release, struct arena *a,
                       const struct clock_calendar **ret, struct err *e) {
    const struct system *sys = releases_get(w->app->releases, release, e);
    struct clock_calendar *days;
    if (!sys) return e->code ? e->code : ERR_SYSTEM;
    int rc = clock_calendar_of_codes(a, map_find(&sys->part[SYSTEM_CODE], CLOCK_HOLIDAYS), &days, e);
    *ret = days;
    return rc;
}

/* One page of cases. *whole: it was the last. */
static int turn(struct recount_work *w, struct arena *keep, struct arena *rows, bool *whole, struct err *e) {
    struct app_recounting *at = &w->app->recounting;
    int64_t before = 0;
    w->order.release = w->message.object;
    int rc = str_to_i64(w->message.payload, &before) ? 0 : err_set(e, ERR_DAMAGED, "payload");
    if (!rc) rc = calendar_of(w, before, keep, &w->order.before, e);
    if (!rc) rc = calendar_of(w, w->order.release, keep, &w->order.after, e);
    if (!rc) rc = app_job(w->app, STORE_READ, rows, list_page, w, e);
    for (w->at = 0; !rc && w->at < w->n; w->at++) {
        struct err why = { 0 };
        if (app_job(w->app, STORE_BULK, rows, count_one, w, &why) == 0) {
            at->moved += w->moved;
            continue;
        }
        at->failed++;
        LOG(LOG_WARN, "recount", w->who.request_id, "the limits of a case were not counted again",
            LOG_INT("case", w->ids[w->at]), LOG_TEXT("why", arena_fmt(keep, "%s %s", err_name(why.code), why.detail)));
    }
    if (rc) return rc;
    *whole = w->n < CASES_PER_TURN;
    if (w->n) at->key = w->keys[w->n - 1], at->at = w->ids[w->n - 1];
    return 0;
}

/* What the turn came to. */
static int settle(struct recount_work *w, bool failed, bool whole, struct arena *rows, struct err *e) {
    struct app_recounting *at = &w->app->recounting;
    int rc = 0;
    if (!failed && !whole) return 0;
    if (!failed) {
        LOG(LOG_INFO, "recount", w->who.request_id, "limits were counted again", LOG_INT("moved", (int64_t)at->moved));
        rc = app_job(w->app, STORE_INTERACTIVE, rows, finish, w, e);
    } else rc = app_job(w->app, STORE_INTERACTIVE, rows, put_off, w, e);
    *at = (struct app_recounting){ 0 };
    return rc;
}

int app_recount(struct app *app, size_t *ret_n, struct err *e) {
    struct app_recounting *at = &app->recounting;
    struct recount_work w = { .app = app, .who = app->worker };
    struct arena keep, rows;
    bool whole = false;
    struct err why = { 0 };
    *ret_n = 0;
    arena_init(&keep, "recount", ARENA_BYTES);
    arena_init(&rows, "recount rows", ARENA_BYTES);
    int rc = app_job(app, STORE_READ, &keep, find_due, &w, e);
    if (!rc && w.n_due) {
        w.who.request_id = w.message.request_id;
        if (at->message != w.message.id) *at = (struct app_recounting){ .message = w.message.id };
        const size_t before = at->moved;
        int failed = turn(&w, &keep, &rows, &whole, &why);
        w.why = failed ? arena_fmt(&keep, "%s %s", err_name(failed), why.detail) : arena_fmt(&keep, "%zu cases", at->failed);
        *ret_n = at->moved - before;
        rc = settle(&w, failed || (whole && at->failed), whole, &rows, e);
    }
    arena_done(&rows);
    arena_done(&keep);
    return rc;
}
