/* app_errand: what the outbox asks of the system itself (a paper to set, a release to activate), one message after the other.
 * Invariants: 1. Whoever runs the errand takes the message out of the outbox in the transaction of its result. 2. A message that
 * failed is put off, longer each time, with the reason; it holds up none of the others.
 */
#include "app/app.h"
#include "base/log.h"
#include "os/os.h"

enum { ERRANDS_PER_TURN = 16, LIST_BYTES = 4 * 1024 * 1024 };

struct turn {
    const struct app_errand *errand;
    struct act_message due[ERRANDS_PER_TURN];
    size_t n;
    const struct act_message *failed;
    struct str why;
};

static int find_due(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct turn *t = job->arg;
    return act_messages_due(tx, job->home, t->errand->message, t->due, ERRANDS_PER_TURN, &t->n, e);
}

static int put_off(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct turn *t = job->arg;
    return act_message_retry(tx, job->home, t->failed->id, t->failed->attempts, t->why, e);
}

int app_run_errands(struct app *app, const struct app_errand *errand, size_t *ret_n, struct err *e) {
    struct arena list, keep, rows;
    struct turn t = { .errand = errand };
    arena_init(&list, "errands", LIST_BYTES);
    arena_init(&keep, "an errand", errand->arena_bytes);
    arena_init(&rows, "rows of an errand", errand->arena_bytes);
    *ret_n = 0;
    int rc = app_job(app, STORE_READ, &list, find_due, &t, e);
    for (size_t i = 0; !rc && i < t.n; i++) {
        struct err why = { 0 };
        struct app_on_errand on = { .app = app, .message = &t.due[i], .who = app->worker, .keep = &keep, .rows = &rows };
        on.who.request_id = on.message->request_id;
        arena_reset(&keep);
        if (errand->run(&on, &why) == 0) {
            *ret_n += on.done;
            continue;
        }
        t.failed = on.message, t.why = arena_fmt(&keep, "%s %s", err_name(why.code), why.detail);
        LOG(LOG_WARN, errand->name, on.who.request_id, errand->failed, LOG_INT("object", on.message->object), LOG_TEXT("why", t.why));
        rc = app_job(app, STORE_INTERACTIVE, &rows, put_off, &t, e);
    }
    arena_done(&rows);
    arena_done(&keep);
    arena_done(&list);
    return rc;
}
