/* app_supervise: the way between the store and the judging process (proc/supervise): what it has
 * not read yet is gathered and handed to it, what it orders is done, and only then it is told so.
 * Invariant: a turn that ends anywhere is repeated whole by the next one: nothing is lost, and what
 * was done already is not done again (engine/supervise/supervise.h, invariants 1 and 2).
 */
#include "app/app.h"

#include "base/log.h"
#include "data/json.h"
#include "data/write.h"
#include "engine/supervise/supervise.h"
#include "os/os.h"
#include "proc/supervise/role.h"

enum { ASK_MS = 60000, TURN_ARENA_BYTES = 512 * 1024 * 1024, IDLE_MS = 1000 };

struct turn {
    struct app *app;
    int64_t number;
    struct str question;
    const struct val *answer;
    size_t issued;
};

static int ask(struct app *app, enum supervise_type type, struct str body, struct arena *a,
               struct val **ret, struct err *e) {
    struct str reply;
    int rc;
    if (app->hub) {
        struct ipc_request r = { .peer = supervise_table.peer,
                                 .type = (uint16_t)type,
                                 .body = body,
                                 .arena = a,
                                 .timeout_ms = ASK_MS };
        rc = ipc_ask(app->hub, &r);
        if (rc && e) *e = r.err;
        reply = r.reply;
    } else {
        rc = app->supervise_here ? 0 : supervise_memory_open(NULL, &app->supervise_here, e);
        if (!rc) rc = supervise_answer(app->supervise_here, type, body, a, &reply, e);
    }
    return rc ? rc : json_parse(a, reply, SUPERVISE_NODES_MAX, ret, e);
}

static int gather_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct turn *t = job->arg;
    struct val *q;
    struct buf b;
    int rc = supervise_gather(tx, &t->app->realm, t->number, &q, e);
    if (rc) return rc;
    buf_init(&b, job->arena, 65536, SUPERVISE_MESSAGE_BYTES_MAX);
    write_json(&b, q);
    t->question = buf_str(&b);
    return buf_ok(&b) ? 0 : err_set(e, ERR_LIMIT, "%d", SUPERVISE_MESSAGE_BYTES_MAX);
}

static int commit_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct turn *t = job->arg;
    return supervise_commit(tx, &t->app->realm, t->answer, &t->issued, e);
}

int app_supervise(struct app *app, size_t *ret_issued, bool *ret_more, struct err *e) {
    struct arena a, rows;
    struct turn t = { .app = app };
    struct val *at = NULL, *answer = NULL, *ignored;
    arena_init(&a, "supervise turn", TURN_ARENA_BYTES);
    arena_init(&rows, "supervise rows", TURN_ARENA_BYTES);
    *ret_issued = 0;
    *ret_more = false;
    int rc = ask(app, SUPERVISE_AT, S(""), &a, &at, e);
    t.number = val_get_i64(at, S("number"), 0);
    if (!rc) rc = app_job(app, STORE_READ, &rows, gather_body, &t, e);
    if (!rc) rc = ask(app, SUPERVISE_JUDGE, t.question, &a, &answer, e);
    t.answer = answer;
    if (!rc && supervise_says(answer)) rc = app_job(app, STORE_BULK, &rows, commit_body, &t, e);
    int64_t to = val_get_i64(answer, S("to"), t.number);
    bool moved = to != t.number || val_count(val_get(answer, S("cards")));
    if (!rc && moved)
        rc = ask(app, SUPERVISE_DONE, arena_fmt(&a, "{\"number\":%lld}", (long long)to), &a,
                 &ignored, e);
    *ret_issued = t.issued;
    *ret_more = !rc && (to != t.number || supervise_says(answer));
    app->supervised = rc ? app->supervised : to;
    arena_done(&rows);
    arena_done(&a);
    return rc;
}

void *app_supervise_run(void *arg) {
    struct app *app = arg;
    uint64_t seen = 0;
    unsigned failed = 0;
    int rc;
    struct err e;
    do {
        bool more;
        do {
            size_t n;
            err_clear(&e);
            uint64_t held = realm_hold(&app->realm);
            rc = app_supervise(app, &n, &more, &e);
            realm_let(&app->realm, held);
        } while (!rc && more && app_wait(app, NULL, 0));
    } while (app_next_turn(app, "supervise", &e, rc, &failed, &seen, IDLE_MS));
    return NULL;
}
