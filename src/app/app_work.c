/* app_work: what the system does by itself after a commit: numbers and signs the audit log, sets and signs papers, fires timers,
 * reminds of what is booked.
 * Invariants: 1. No work is done inside another's transaction; each result is written by a job of its own. 2. Whatever is under way
 * when the process dies is found again in the store: a paper that was set twice is finished once.
 */
#include "app/app.h"

#include <stdatomic.h>
#include <string.h>

#include "app/roles.h"
#include "base/log.h"
#include "data/pdf.h"
#include "data/tz.h"
#include "engine/flow/flow.h"
#include "engine/identity/identity.h"
#include "engine/item/item_handover.h"
#include "engine/paper/paper.h"
#include "engine/paper/paper_layout.h"
#include "engine/queue/queue_book.h"
#include "os/os.h"
#include "proc/press/press.h"
#include "proc/press/role.h"
#include "web/live/live.h"

struct paper_work {
    struct app_on_errand *on;
    struct paper_row row;
    struct val *view;
    struct str pdf, sealed;
    uint8_t blob[32];
};

static int read_paper(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct paper_work *w = job->arg;
    int rc = paper_get(tx, &w->on->app->realm, w->on->message->object, &w->row, e);
    return rc ? rc : paper_view(tx, &w->on->app->realm, &w->row, &w->view, e);
}

static int seal_paper(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct paper_work *w = job->arg;
    return paper_seal_file(tx, &w->on->app->realm, &w->row, w->pdf, &w->sealed, e);
}

static int finish_paper(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct paper_work *w = job->arg;
    struct paper_row now;
    int rc = paper_get(tx, &w->on->app->realm, w->row.id, &now, e);
    if (!rc && str_eq(now.state, S("setting"))) rc = item_paper_done(tx, &w->on->app->realm, &w->on->who, w->row.id, w->blob, e);
    return rc ? rc : act_message_done(tx, job->home, w->on->message->id, e);
}

int app_press(struct app *app, struct arena *a, struct str request_id, struct str message, struct str *ret, struct err *e) {
    if (!app->hub) return press_set(a, message, ret, e);
    struct ipc_request r = { .peer = "press", .type = PRESS_SET, .body = message, .arena = a, .timeout_ms = 60000 };
    ipc_set_id(&r, request_id);
    int rc = ipc_ask(app->hub, &r);
    *ret = r.reply;
    if (rc && e) *e = r.err;
    return rc;
}

int app_set_pdf(struct app *app, struct str request_id, const struct paper *paper, const struct val *view, int64_t made_ms, struct str mark,
                struct arena *a, struct str *ret, struct err *e) {
    struct paper_tree *tree;
    struct buf message, made;
    buf_init(&made, a, 40, 40);
    tz_write_iso(&made, app->realm.tz, made_ms / 1000 * 1000); /* whole seconds, as a PDF's dates are */
    int rc = paper_bind(paper, view, NULL, S("zh-CN"), a, &tree, e);
    if (rc) return rc;
    paper_stamp(tree, buf_str(&made), mark);
    buf_init(&message, a, 65536, PAPER_MESSAGE_BYTES_MAX);
    rc = paper_tree_write(&message, tree, e);
    return rc ? rc : app_press(app, a, request_id, buf_str(&message), ret, e);
}

/* Bound, set, signed: the bytes of the file. Outside every transaction. */
static int make_pdf(struct paper_work *w, struct arena *a, struct err *e) {
    struct app *app = w->on->app;
    const struct system *sys = app->realm.systems.by_release(app->realm.systems.context, w->row.release);
    const struct paper *paper = system_find(sys, SYSTEM_PAPER, w->row.type);
    struct buf made;
    struct str pdf, cms;
    struct pdf_hole hole;
    struct digest digest;
    if (!paper) return err_set(e, ERR_SYSTEM, "没有这个文书：%.*s", STR_ARG(w->row.type));
    int rc = app_set_pdf(app, w->on->who.request_id, paper, w->view, w->row.issued_ms, S(""), a, &pdf, e);
    if (rc) return rc;
    int64_t now = os_now_ms();
    buf_init(&made, a, 40, 40);
    tz_write_iso(&made, app->realm.tz, now / 1000 * 1000);
    struct pdf_signature s = { .name = w->row.organ, .reason = w->row.title, .location = app->realm.title, .made = buf_str(&made) };
    rc = pdf_prepare_signature(a, pdf, &s, &hole, e);
    if (rc) return rc;
    hash_parts(app->keys.suite, hole.part, 2, &digest);
    rc = keys_client_sign_paper(&app->keys, a, w->on->who.request_id, w->row.case_id, w->row.type, &digest, now, &cms, e);
    if (!rc) rc = pdf_insert_signature(&hole, cms, e);
    w->pdf = hole.bytes;
    return rc;
}

static int set_one(struct app_on_errand *on, struct err *e) {
    struct app *app = on->app;
    struct paper_work work = { .on = on }, *w = &work;
    int rc = app_job(app, STORE_READ, on->rows, read_paper, w, e);
    if (rc) return rc;
    on->done = true;
    /* What the next jobs' arena must not take along. */
    w->row.type = arena_str(on->keep, w->row.type);
    w->row.organ = arena_str(on->keep, w->row.organ);
    w->row.title = arena_str(on->keep, w->row.title);
    w->view = val_copy(on->keep, w->view);
    if (!str_eq(w->row.state, S("setting"))) return app_job(app, STORE_INTERACTIVE, on->rows, finish_paper, w, e);
    rc = make_pdf(w, on->keep, e);
    if (!rc) rc = app_job(app, STORE_READ, on->rows, seal_paper, w, e);
    if (!rc) rc = blobs_put(app->realm.blobs, w->sealed, w->blob, e);
    return rc ? rc : app_job(app, STORE_INTERACTIVE, on->rows, finish_paper, w, e);
}

int app_set_papers(struct app *app, size_t *ret_n, struct err *e) {
    const struct app_errand errand = {
        .message = S("paper.set"),
        .name = "papers",
        .failed = "a paper was not set and is tried again",
        .arena_bytes = 96 * 1024 * 1024,
        .run = set_one,
    };
    return app_run_errands(app, &errand, ret_n, e);
}

enum { TIMERS_MAX = 64 }; /* of a turn; the others are found by the next */

struct timer_work {
    struct app *app;
    struct flow_due_timer due[TIMERS_MAX], timer;
    size_t n_due;
    bool fired;
    struct str why;
};

static int look_timers(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct timer_work *w = job->arg;
    return flow_timers_due(tx, store_now_ms(tx), w->due, TIMERS_MAX, &w->n_due, e);
}

static int fire(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct timer_work *w = job->arg;
    return item_timer_fire(tx, &w->app->realm, &w->app->worker, w->timer.id, &w->fired, e);
}

static int put_timer_off(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct timer_work *w = job->arg;
    (void)job;
    return flow_timer_put_off(tx, &w->timer, store_now_ms(tx) + act_again_ms(w->timer.attempts), w->why, e);
}

int app_fire_timers(struct app *app, size_t *ret_n, struct err *e) {
    struct arena a, keep;
    struct timer_work w = { .app = app };
    *ret_n = 0;
    arena_init(&a, "timers", 32 * 1024 * 1024);
    arena_init(&keep, "timers that fail", 65536);
    /* Looked for by a reader: a writing job that finds nothing would be a commit, and each commit wakes this worker. */
    int rc = app_job(app, STORE_READ, &a, look_timers, &w, e);
    for (size_t i = 0; !rc && i < w.n_due; i++) {
        struct err why = { 0 };
        w.timer = w.due[i];
        w.fired = false;
        /* What one case's timer fails on is that case's: the others' time runs all the same. */
        if (app_job(app, STORE_INTERACTIVE, &a, fire, &w, &why) == 0) {
            *ret_n += w.fired;
            continue;
        }
        w.why = arena_fmt(&keep, "%s %s", err_name(why.code), why.detail);
        LOG(LOG_WARN, "timers", S("-"), "a timer was not fired and is tried again", LOG_INT("timer", w.timer.id),
            LOG_INT("attempts", w.timer.attempts + 1), LOG_TEXT("why", w.why));
        rc = app_job(app, STORE_INTERACTIVE, &a, put_timer_off, &w, e);
        arena_reset(&keep);
    }
    arena_done(&keep);
    arena_done(&a);
    return rc;
}

/* What is told to people when its day has come: a topic of the outbox, and who tells it. */
typedef int remind_body(struct store_tx *, const struct realm *, const struct actor *, struct act_message *, bool *, struct err *);
static const struct reminder {
    const struct str *topic;
    remind_body *tell;
    const char *object;
} reminders[] = { { &queue_remind_topic, queue_remind, "booking" }, { &item_remind_topic, item_handover_remind, "case" } };

struct remind_work {
    struct app *app;
    const struct reminder *of;
    struct act_message due[TIMERS_MAX], *message;
    size_t n;
    bool sent;
    struct str why;
};

static int look_reminders(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct remind_work *w = job->arg;
    return act_messages_due(tx, job->home, *w->of->topic, w->due, TIMERS_MAX, &w->n, e);
}

static int remind(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct remind_work *w = job->arg;
    struct actor who = w->app->worker;
    (void)job;
    who.request_id = w->message->request_id;
    return w->of->tell(tx, &w->app->realm, &who, w->message, &w->sent, e);
}

static int put_reminder_off(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct remind_work *w = job->arg;
    return act_message_retry(tx, job->home, w->message->id, w->message->attempts, w->why, e);
}

static int remind_all(struct app *app, const struct reminder *of, struct arena *list, struct arena *a, size_t *ret_n, struct err *e) {
    struct remind_work w = { .app = app, .of = of };
    int rc = app_job(app, STORE_READ, list, look_reminders, &w, e);
    for (size_t i = 0; !rc && i < w.n; i++) {
        struct err why = { 0 };
        w.message = &w.due[i];
        w.sent = false;
        int code = app_job(app, STORE_INTERACTIVE, a, remind, &w, &why);
        *ret_n += code == 0 && w.sent;
        if (code == 0 || code == ERR_CONFLICT) continue; /* another node has it */
        w.why = arena_fmt(list, "%s %s", err_name(why.code), why.detail);
        LOG(LOG_WARN, "reminders", w.message->request_id, "a reminder was not sent and is tried again",
            LOG_INT(of->object, w.message->object), LOG_TEXT("why", w.why));
        rc = app_job(app, STORE_INTERACTIVE, a, put_reminder_off, &w, e);
    }
    return rc;
}

int app_remind(struct app *app, size_t *ret_n, struct err *e) {
    struct arena list, a;
    int rc = 0;
    *ret_n = 0;
    arena_init(&list, "reminders", 1024 * 1024);
    arena_init(&a, "a reminder", 4 * 1024 * 1024);
    for (size_t i = 0; !rc && i < sizeof reminders / sizeof *reminders; i++) rc = remind_all(app, &reminders[i], &list, &a, ret_n, e);
    arena_done(&a);
    arena_done(&list);
    return rc;
}

void app_touch(struct app *app, int64_t session) {
    (void)pthread_mutex_lock(&app->lock);
    bool known = app->n_touched == sizeof app->touched / sizeof *app->touched;
    for (size_t i = 0; !known && i < app->n_touched; i++) known = app->touched[i] == session;
    if (!known) app->touched[app->n_touched++] = session;
    (void)pthread_mutex_unlock(&app->lock);
}

struct touching {
    struct app *app;
    int64_t session[256];
    size_t n;
};

static int touch_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct touching *t = job->arg;
    int rc = 0;
    for (size_t i = 0; !rc && i < t->n; i++) rc = identity_session_touch(tx, &t->app->realm, t->session[i], e);
    return rc;
}

static int write_touched(struct app *app, struct err *e) {
    struct touching t = { .app = app };
    struct arena a;
    (void)pthread_mutex_lock(&app->lock);
    t.n = app->n_touched;
    memcpy(t.session, app->touched, t.n * sizeof *t.session);
    app->n_touched = 0;
    (void)pthread_mutex_unlock(&app->lock);
    if (t.n == 0) return 0;
    arena_init(&a, "touch", 1024 * 1024);
    int rc = app_job(app, STORE_BULK, &a, touch_body, &t, e);
    arena_done(&a);
    return rc;
}

int app_sequence(struct app *app, bool force_head, struct err *e) {
    enum { TURNS_MAX = 10000 };
    bool more = true;
    int rc = 0;
    for (int i = 0; i < TURNS_MAX && more && !rc; i++) rc = audit_sequencer_turn(&app->sequencer, force_head, &more, e);
    return rc;
}

bool app_wait(struct app *app, uint64_t *seen, int64_t most_ms) {
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until); /* only for the condition variable; no time of a record */
    until.tv_sec += most_ms / 1000;
    until.tv_nsec += most_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    (void)pthread_mutex_lock(&app->lock);
    int rc = 0;
    while (!app->stopping && (!seen || app->commits == *seen) && rc == 0)
        rc = pthread_cond_timedwait(&app->wake, &app->lock, &until);
    if (seen) *seen = app->commits;
    bool go = !app->stopping;
    (void)pthread_mutex_unlock(&app->lock);
    return go;
}

int64_t app_pause_ms(unsigned failed) {
    enum { FIRST_MS = 250, DOUBLED_MAX = 5 };
    return (int64_t)FIRST_MS << (failed < DOUBLED_MAX ? failed : DOUBLED_MAX);
}

bool app_next_turn(struct app *app, const char *thread, const struct err *e, int rc, unsigned *failed, uint64_t *seen,
                   int64_t most_ms) {
    if (!rc) {
        *failed = 0;
        return app_wait(app, seen, most_ms);
    }
    int64_t ms = app_pause_ms((*failed)++);
    LOG(rc == ERR_DAMAGED ? LOG_ERROR : LOG_WARN, thread, S(""), "a turn failed and is tried again", LOG_TEXT("why", str_of(err_name(rc))),
        LOG_TEXT("detail", str_of(e->detail)), LOG_INT("after_ms", ms));
    return app_wait(app, NULL, ms);
}

static void *run_sequencer(void *arg) {
    struct app *app = arg;
    uint64_t seen = 0;
    unsigned failed = 0;
    int rc;
    struct err e;
    do {
        err_clear(&e);
        rc = app_sequence(app, false, &e);
        if (rc == ERR_CONFLICT) rc = 0; /* another node has this turn */
        atomic_store(&app->unsealed, rc == ERR_DAMAGED);
    } while (app_next_turn(app, "sequencer", &e, rc, &failed, &seen, 250));
    (void)app_sequence(app, true, &e);
    return NULL;
}

static void *run_papers(void *arg) {
    struct app *app = arg;
    uint64_t seen = 0;
    unsigned failed = 0;
    int rc;
    struct err e;
    do {
        size_t n = 0, fired = 0, activated = 0, recounted = 0, reminded = 0, dropped = 0, searched = 0;
        err_clear(&e);
        uint64_t held = realm_hold(&app->realm);
        rc = app_set_papers(app, &n, &e);
        if (!rc) rc = app_fire_timers(app, &fired, &e);
        if (!rc) rc = app_remind(app, &reminded, &e);
        if (!rc) rc = app_activate_drafts(app, &activated, &e);
        if (!rc) rc = app_recount(app, &recounted, &e);
        if (!rc) rc = app_searched(app, &searched, &e);
        if (!rc) rc = app_drop_files(app, &dropped, &e);
        realm_let(&app->realm, held);
        if (!rc) rc = write_touched(app, &e);
    } while (app_next_turn(app, "worker", &e, rc, &failed, &seen, 1000));
    return NULL;
}

static void on_commit(void *context) {
    struct app *app = context;
    (void)pthread_mutex_lock(&app->lock);
    app->commits++;
    (void)pthread_cond_broadcast(&app->wake);
    (void)pthread_mutex_unlock(&app->lock);
    live_hint(app->live);
}

int app_work(struct app *app, struct err *e) {
    /* the last two only where messages leave */
    static void *(*const threads[])(void *) = { run_sequencer, run_papers, app_node_run, app_supervise_run, app_courier_run_urgent,
                                                app_courier_run };
    enum { THREADS = sizeof threads / sizeof *threads, ALWAYS = 4 };
    _Static_assert(THREADS == sizeof app->thread / sizeof *app->thread, "a place for each");
    store_on_commit(app->store, on_commit, app);
    for (size_t i = 0; i < (app->realm.gateways ? THREADS : ALWAYS); i++) {
        if (pthread_create(&app->thread[i], NULL, threads[i], app)) return err_set(e, ERR_MEMORY, "threads");
        app->n_threads++;
    }
    return 0;
}

void app_stop(struct app *app) {
    (void)pthread_mutex_lock(&app->lock);
    app->stopping = true;
    (void)pthread_cond_broadcast(&app->wake);
    (void)pthread_mutex_unlock(&app->lock);
    for (size_t i = 0; i < app->n_threads; i++) (void)pthread_join(app->thread[i], NULL);
    app->n_threads = 0;
}
