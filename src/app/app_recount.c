/* app_recount: cases under way are counted again by another table of holidays, a page of them each turn,
 * so that papers and timers do not wait for all of them; see item_recount.c.
 *
 * Invariants: 1. The message is over when every case was looked at; a process that dies meanwhile begins
 * again, and what was counted is left as it is. 2. One table after the other, in the order of their
 * activation, unless one has to be tried again. 3. A case that cannot be counted holds up no other: the whole is tried again later.
 */
#include "app/app.h"
#include "base/log.h"
#include "engine/clock/clock.h"
#include "engine/item/item.h"
#include "os/os.h"
#include "release/release.h"

enum { CASES_PER_TURN = 100 };

struct recount_work {
    struct app_on_errand *on;
    size_t n, at;
    struct item_recount order;
    int64_t ids[CASES_PER_TURN], keys[CASES_PER_TURN];
    bool moved;
};

static int list_page(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct recount_work *w = job->arg;
    const struct app_recounting *at = &w->on->app->recounting;
    return item_open_cases(tx, &w->on->app->realm, at->key, at->at, w->ids, w->keys, CASES_PER_TURN, &w->n, e);
}

static int count_one(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct recount_work *w = job->arg;
    return item_recount(tx, &w->on->app->realm, &w->on->who, w->ids[w->at], &w->order, &w->moved, e);
}

static int finish(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct recount_work *w = job->arg;
    return act_message_done(tx, job->home, w->on->message->id, e);
}

static int calendar_of(struct recount_work *w, int64_t release, const struct clock_calendar **ret, struct err *e) {
    const struct system *sys = releases_get(w->on->app->releases, release, e);
    struct clock_calendar *days;
    if (!sys) return e->code ? e->code : ERR_SYSTEM;
    int rc = clock_calendar_of_codes(w->on->keep, map_find(&sys->part[SYSTEM_CODE], CLOCK_HOLIDAYS), &days, e);
    *ret = days;
    return rc;
}

/* Both calendars, and this process's own as new as the message is: another node may have activated it. */
static int read_order(struct recount_work *w, struct err *e) {
    int64_t before;
    w->order.release = w->on->message->object;
    if (!str_to_i64(w->on->message->payload, &before)) return err_set(e, ERR_DAMAGED, "payload");
    int rc = app_follow(w->on->app, e);
    if (!rc) rc = calendar_of(w, before, &w->order.before, e);
    return rc ? rc : calendar_of(w, w->order.release, &w->order.after, e);
}

static int count_page(struct recount_work *w, struct err *e) {
    struct app_recounting *at = &w->on->app->recounting;
    int rc = app_job(w->on->app, STORE_READ, w->on->rows, list_page, w, e);
    for (w->at = 0; !rc && w->at < w->n; w->at++) {
        struct err why = { 0 };
        if (app_job(w->on->app, STORE_BULK, w->on->rows, count_one, w, &why) == 0) {
            at->moved += w->moved, at->total += w->moved;
            continue;
        }
        at->failed++;
        LOG(LOG_WARN, "recount", w->on->who.request_id, "the limits of a case were not counted again",
            LOG_INT("case", w->ids[w->at]), LOG_ERR(&why));
    }
    if (!rc && w->n) at->key = w->keys[w->n - 1], at->at = w->ids[w->n - 1];
    return rc;
}

static int recount(struct app_on_errand *on, struct err *e) {
    struct app_recounting *at = &on->app->recounting;
    struct recount_work w = { .on = on };
    if (at->busy) return 0; /* with the one before it */
    if (at->message != on->message->id) *at = (struct app_recounting){ .message = on->message->id, .total = at->total };
    at->busy = true;
    int rc = read_order(&w, e);
    if (!rc) rc = count_page(&w, e);
    if (!rc && w.n == CASES_PER_TURN) return 0; /* goes on with the next turn */
    if (!rc && at->failed) rc = err_set(e, ERR_CONFLICT, "%zu", at->failed);
    if (!rc) rc = app_job(on->app, STORE_INTERACTIVE, on->rows, finish, &w, e);
    if (!rc) LOG(LOG_INFO, "recount", on->who.request_id, "limits were counted again", LOG_INT("moved", (int64_t)at->moved));
    *at = (struct app_recounting){ .total = at->total, .busy = rc != 0 };
    return rc;
}

int app_recount(struct app *app, size_t *ret_n, struct err *e) {
    const struct app_errand errand = {
        .message = RELEASE_HOLIDAYS,
        .name = "recount",
        .failed = "limits were not counted again and are tried again",
        .arena_bytes = 64 * 1024 * 1024,
        .run = recount,
    };
    struct app_recounting *at = &app->recounting;
    size_t ignored;
    const size_t before = at->total;
    at->busy = false;
    int rc = app_run_errands(app, &errand, &ignored, e);
    *ret_n = at->total - before;
    return rc;
}
