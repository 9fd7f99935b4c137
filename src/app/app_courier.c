/* app_courier: what is due leaves: claimed, handed to a process of the role `courier`, and what
 * became of it written. One thread is for urgent messages, with a courier process of its own;
 * another for the rest. Invariants: 1. What was handed over is noted before the next is asked for:
 * a crash repeats one message of a batch, not all.
 * 2. Where the courier itself does not answer, nothing is counted against the message: its claim
 * runs out and it comes back.
 * 3. Nothing is handed over whose claim may run out before the answer: behind a slow server the rest
 * of a batch goes back, for whoever comes next.
 */
#include "app/app.h"

#include "base/log.h"
#include "data/smpp.h"
#include "engine/notify/notify_out.h"
#include "os/os.h"
#include "proc/courier/role.h"

enum { BATCH = 8, ASK_MS = 60000, TAKE_ARENA_BYTES = 8 << 20, PAUSE_MS = 1000 };
/* How long after a batch was claimed one of it is still handed over, so that what is under way is not taken by another. */
enum { FRESH_MS = NOTIFY_LEASE_MS - ASK_MS };
_Static_assert((int)FRESH_MS > 0, "one at least is handed over");
_Static_assert((int)APP_LANES == (int)NOTIFY_LANES, "a figure for each lane");

unsigned app_gateway_bits(const struct app_gateways *g) {
    return (g->mail.len && g->mail_from.len ? 1u << NOTIFY_MAIL : 0) |
           (g->sms.len && g->sms_from.len ? 1u << NOTIFY_SMS : 0);
}

struct handing {
    struct app *app;
    enum notify_lane first, last;
    bool due;
    struct notify_letter letter[BATCH];
    size_t n;
    const struct notify_letter *at;
    enum notify_outcome outcome;
    struct str provider, why;
};

static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct handing *h = job->arg;
    return notify_due(tx, &h->app->realm, h->first, h->last, &h->due, e);
}

static int take_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct handing *h = job->arg;
    return notify_take(tx, &h->app->realm, h->first, h->last, h->letter, BATCH, &h->n, e);
}

static int settle_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct handing *h = job->arg;
    return notify_settle(tx, &h->app->realm, h->at, h->outcome, h->provider, h->why, e);
}

static int put_back_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct handing *h = job->arg;
    return notify_put_back(tx, &h->app->realm, h->at, h->n - (size_t)(h->at - h->letter), e);
}

static int ask(struct handing *h, struct arena *a, const char *peer, uint16_t type, struct str body,
               struct str *ret, struct err *e) {
    struct ipc_request r = {
        .peer = peer, .type = type, .body = body, .arena = a, .timeout_ms = ASK_MS
    };
    if (h->at) ipc_set_id(&r, h->at->outbox.request_id);
    int rc = ipc_ask(h->app->hub, &r);
    if (rc && e) *e = r.err;
    *ret = r.reply;
    return rc;
}

static struct str mail_of(const struct handing *h, struct arena *a) {
    const struct notify_letter *l = h->at;
    const struct app_gateways *g = &h->app->gateways;
    const struct courier_mail m = { .server = g->mail,
                                    .from = g->mail_from,
                                    .bounces = g->mail_bounces,
                                    .to = l->to,
                                    .subject = l->subject,
                                    .body = l->text,
                                    .id = l->id,
                                    .date_ms = l->date_ms };
    return courier_mail_pack(a, &m);
}

static struct str text_of(const struct handing *h, struct arena *a) {
    const struct app_gateways *g = &h->app->gateways;
    const struct courier_sms m = {
        .server = g->sms, .from = g->sms_from, .to = h->at->to, .text = h->at->text
    };
    return courier_sms_pack(a, &m);
}

/* One message through the courier; an error when it could not be asked. */
static int hand(struct handing *h, struct arena *a, const char *peer, struct err *e) {
    static const enum notify_outcome outcome[] = { [COURIER_DELIVERED] = NOTIFY_WENT,
                                                   [COURIER_RETRY] = NOTIFY_LATER,
                                                   [COURIER_REFUSED] = NOTIFY_REFUSED };
    bool mail = h->at->channel == NOTIFY_MAIL;
    struct courier_answer answer;
    struct str reply;
    int rc = ask(h, a, peer, mail ? COURIER_MAIL : COURIER_SMS,
                 mail ? mail_of(h, a) : text_of(h, a), &reply, e);
    if (!rc) rc = courier_answer_unpack(reply, &answer, e);
    if (rc) return rc;
    h->outcome = outcome[answer.outcome];
    h->why = mail || h->outcome != NOTIFY_WENT ? answer.said : S("");
    h->provider = mail ? h->at->id : answer.said; /* a centre numbers what it takes */
    return 0;
}

static void count(struct app *app, enum notify_outcome outcome) {
    if (outcome == NOTIFY_WENT)
        app->handed++;
    else if (outcome == NOTIFY_LATER)
        app->put_off++;
    else
        app->refused++;
}

static int hand_one(struct handing *h, struct arena *a, struct arena *rows, const char *peer,
                    struct err *e) {
    int rc = hand(h, a, peer, e);
    if (rc) {
        LOG(LOG_WARN, "messages", h->at->outbox.request_id,
            "the courier was not asked; the message comes back",
            LOG_INT("delivery", h->at->delivery), LOG_ERR(e));
        return rc;
    }
    count(h->app, h->outcome);
    return app_job(h->app, STORE_INTERACTIVE, rows, settle_body, h, e);
}

int app_hand_over(struct app *app, bool urgent, size_t *ret_n, struct err *e) {
    struct arena taken, asked, rows;
    struct handing h = { .app = app,
                         .first = urgent ? NOTIFY_URGENT : NOTIFY_NORMAL,
                         .last = urgent ? NOTIFY_URGENT : NOTIFY_BULK };
    arena_init(&taken, "messages", TAKE_ARENA_BYTES);
    arena_init(&asked, "message", TAKE_ARENA_BYTES);
    arena_init(&rows, "message rows", TAKE_ARENA_BYTES);
    *ret_n = 0;
    /* Looked for by a reader: a writing job that finds nothing would be a commit, and each commit
     * wakes this worker. */
    int rc = app_job(app, STORE_READ, &rows, look_body, &h, e);
    int64_t claimed_ns = os_mono_ns();
    uint64_t held = realm_hold(&app->realm); /* quiet hours are a code set of a system */
    if (!rc && h.due)
        rc = app_job(app, urgent ? STORE_INTERACTIVE : STORE_BULK, &taken, take_body, &h, e);
    realm_let(&app->realm, held);
    for (size_t i = 0; i < h.n && !rc; i++) {
        h.at = &h.letter[i];
        if (i && (os_mono_ns() - claimed_ns) / 1000000 >= FRESH_MS) {
            rc = app_job(app, STORE_INTERACTIVE, &rows, put_back_body, &h, e);
            break;
        }
        arena_reset(&asked);
        rc =
            hand_one(&h, &asked, &rows, urgent ? courier_urgent_table.peer : courier_table.peer, e);
    }
    *ret_n = h.n;
    arena_done(&rows);
    arena_done(&asked);
    arena_done(&taken);
    return rc;
}

/* ---- receipts ---- */

struct receiving {
    struct app *app;
    const struct courier_receipts *got;
    size_t unknown; /* the first that no delivery has; got->n: each has one */
};

static int receipts_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    static const enum notify_state state[] = { [SMPP_DELIVERED] = NOTIFY_DELIVERED,
                                               [SMPP_EXPIRED] = NOTIFY_EXPIRED,
                                               [SMPP_UNDELIVERED] = NOTIFY_FAILED };
    struct receiving *r = job->arg;
    int rc = 0;
    r->unknown = r->got->n;
    for (size_t i = 0; i < r->got->n && !rc; i++) {
        const struct courier_receipt *one = &r->got->one[i];
        if (one->fate < SMPP_DELIVERED || one->fate > SMPP_UNDELIVERED) continue;
        rc = notify_receipt(tx, &r->app->realm, NOTIFY_SMS, one->id, state[one->fate], one->why, e);
        if (rc == ERR_NOT_FOUND && r->unknown == r->got->n) r->unknown = i;
        if (rc == ERR_NOT_FOUND || rc == ERR_DAMAGED)
            rc = 0; /* not ours, or not yet; or not to be trusted any more */
    }
    return rc;
}

int64_t app_receipts_done(struct app_receiving *r, int64_t n, int64_t unknown, int64_t now_ns) {
    int64_t done = n;
    if (unknown == n) r->waits = 0;
    else if (unknown > 0 || r->waits == 0) {
        done = unknown;
        r->waits = n - done;
        r->since_ns = now_ns;
    } else {
        bool over = (now_ns - r->since_ns) / 1000000 >= APP_UNKNOWN_MS;
        done = !over ? 0 : r->waits < n ? r->waits : n;
        if (over) r->waits = 0;
    }
    return done;
}

int app_receipts(struct app *app, bool urgent, struct app_receiving *seen, struct err *e) {
    struct arena a;
    struct handing h = { .app = app };
    struct courier_asking q = { .server = app->gateways.sms,
                                .generation = seen->generation,
                                .done = seen->done };
    struct courier_receipts *got;
    struct str reply;
    if (!app->gateways.sms.len) return 0;
    arena_init(&a, "receipts", TAKE_ARENA_BYTES);
    seen->done = 0;
    got = arena_new(&a, struct courier_receipts);
    int rc = got ? ask(&h, &a, urgent ? courier_urgent_table.peer : courier_table.peer,
                       COURIER_RECEIPTS, courier_asking_pack(&a, &q), &reply, e)
                 : err_set(e, ERR_MEMORY, NULL);
    if (!rc) rc = courier_receipts_unpack(reply, got, e);
    struct receiving r = { .app = app, .got = got };
    if (!rc && got->n) {
        struct arena rows;
        arena_init(&rows, "receipt rows", TAKE_ARENA_BYTES);
        rc = app_job(app, STORE_BULK, &rows, receipts_body, &r, e);
        arena_done(&rows);
    }
    if (!rc && got->generation != seen->generation) *seen = (struct app_receiving){ .generation = got->generation };
    if (!rc) seen->done = app_receipts_done(seen, (int64_t)got->n, (int64_t)r.unknown, os_mono_ns());
    arena_done(&a);
    return rc;
}

static void *run(struct app *app, const char *name, bool urgent) {
    struct app_receiving receiving = { 0 };
    uint64_t seen = 0;
    unsigned failed = 0;
    int rc;
    struct err e;
    size_t n;
    do {
        do {
            err_clear(&e);
            rc = app_hand_over(app, urgent, &n, &e);
            if (!rc) rc = app_receipts(app, urgent, &receiving, &e);
        } while (!rc && n && app_wait(app, NULL, 0));
    } while (app_next_turn(app, name, &e, rc, &failed, &seen, PAUSE_MS));
    return NULL;
}

void *app_courier_run_urgent(void *app) {
    return run(app, "urgent messages", true);
}

void *app_courier_run(void *app) {
    return run(app, "messages", false);
}
