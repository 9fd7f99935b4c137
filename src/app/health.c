/* health: reads the facts of web/health.h for all who ask: the page, the command line, metrics, pages that stand open.
 * Invariant: a look costs a few rows however much waits, and stops nobody.
 */
#include "web/health.h"

#include <unistd.h>

#include "app/control.h"
#include "data/tz.h"
#include "engine/audit/audit.h"
#include "engine/clock/clock.h"
#include "engine/flow/flow.h"
#include "engine/notify/notify_out.h"
#include "http/http.h"
#include "os/os.h"
#include "proc/ipc.h"
#include "release/release.h"
#include "web/live/live.h"

static void read_process(struct app *app, struct health *h) {
    struct store_stats s;
    struct http_stats http = { 0 };
    struct http_limits limits = { 0 };
    struct http_server *server = app->http;
    int64_t mono_ns = os_mono_ns();
    h->up_ms = h->now_ms - (mono_ns - app->start_ns) / 1000000;
    h->node = app->node_name;
    h->process = (int)getpid();
    for (size_t i = 0; i < HEALTH_PEERS; i++) {
        const char *peer;
        int64_t since_ns = 0;
        size_t n = 0;
        struct health_peer *x = &h->peer[i];
        x->wanted = i < APP_HUB_COURIER || app->realm.gateways;
        x->here = !app->hub;
        if (!app->hub || !ipc_hub_peer(app->hub, i, &peer, &since_ns, &n)) continue;
        x->since_ms = since_ns ? h->now_ms - (mono_ns - since_ns) / 1000000 : 0;
        x->waiting = (int64_t)n;
    }
    store_stats(app->store, &s);
    h->postgres = store_is_postgres(app->store);
    h->store_queued = (int64_t)s.queued;
    h->store_failed = (int64_t)s.failed;
    h->unsealed = app->unsealed;
    h->leaves = app->realm.gateways != 0;
    if (os_disk(app->data_dir, &h->disk_free, &h->disk_all, NULL)) h->disk_free = h->disk_all = 0;
    if (server) http_stats(server, &http);
    h->connections = (int64_t)http.open;
    http_limits_default(&limits);
    h->connections_max = server ? limits.connections : 0;
}

static int read_log(struct store_tx *tx, struct home_id home, struct health *h, struct err *e) {
    struct audit_filter any = { 0 }, backups = { .act = S("backup.make") }, drills = { .act = S("backup.verify") };
    struct audit_row *row = arena_new(store_arena(tx), struct audit_row);
    struct audit_head head = { 0 };
    size_t n = 0;
    if (!row) return err_set(e, ERR_MEMORY, "health");
    int rc = audit_waiting(tx, home, &h->audit_waiting, &h->audit_oldest_ms, e);
    if (!rc) rc = audit_find(tx, home, &any, 0, row, 1, &n, e);
    if (!rc && n) h->entries = row->number;
    if (!rc) rc = audit_find(tx, home, &backups, 0, row, 1, &n, e);
    if (!rc && n) h->backup_ms = row->time_ms;
    if (!rc) rc = audit_find(tx, home, &drills, 0, row, 1, &n, e);
    if (!rc && n) h->drill_ms = row->time_ms, h->drill_failed = str_find(row->entry.detail, S(" passed "), 0) == SIZE_MAX;
    if (!rc) rc = audit_head_last(tx, home, &head, e);
    if (rc && rc != ERR_NOT_FOUND) return rc;
    h->head_size = (int64_t)head.size;
    h->head_ms = head.time_ms;
    return 0;
}

static int read_calendar(struct store_tx *tx, const struct realm *r, struct health *h, struct err *e) {
    unsigned month, day;
    civil_split(tz_date(r->tz, h->now_ms), &h->year, &month, &day);
    h->month = (int32_t)month;
    h->year_known = clock_is_announced(r->calendar, civil_of(h->year, 1, 1));
    h->next_known = clock_is_announced(r->calendar, civil_of(h->year + 1, 1, 1));
    int rc = act_messages_waiting(tx, r->home, RELEASE_HOLIDAYS, &h->recounts, e);
    return rc ? rc : act_messages_oldest(tx, r->home, RELEASE_HOLIDAYS, &h->recounts_oldest_ms, e);
}

int app_health(struct store_tx *tx, struct app *app, struct health *h, struct err *e) {
    const struct realm *r = &app->realm;
    struct notify_counts messages;
    struct flow_timer_counts timers;
    int64_t start_ns = os_mono_ns();
    *h = (struct health){ .now_ms = store_now_ms(tx) };
    read_process(app, h);
    int rc = read_log(tx, r->home, h, e);
    if (!rc) rc = act_messages_waiting(tx, r->home, S("paper.set"), &h->papers, e);
    if (!rc) rc = act_messages_oldest(tx, r->home, S("paper.set"), &h->papers_oldest_ms, e);
    if (!rc) rc = read_calendar(tx, r, h, e);
    if (!rc) rc = notify_count(tx, r, &messages, e);
    if (!rc) rc = flow_timers_count(tx, HEALTH_COUNT_MAX, &timers, e);
    if (rc) return rc;
    _Static_assert((int)HEALTH_LANES == (int)NOTIFY_LANES && (int)APP_LANES == (int)NOTIFY_LANES, "one number of lanes");
    for (int i = 0; i < NOTIFY_LANES; i++) {
        h->lane[i] = messages.waiting[i];
        h->lane_oldest_ms[i] = messages.oldest_ms[i];
    }
    h->timers = timers.due;
    h->timers_oldest_ms = timers.oldest_ms;
    h->failing = timers.failing;
    h->store_read_ms = (os_mono_ns() - start_ns) / 1000000;
    return 0;
}

int page_health(struct store_tx *tx, struct page *p, struct health *ret, struct err *e) {
    return app_health(tx, p->app, ret, e);
}

/* ---- what metrics and open pages are told, every few seconds ---- */

struct looking {
    struct app *app;
    struct health h;
};

static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct looking *x = job->arg;
    return app_health(tx, x->app, &x->h, e);
}

int app_look(struct app *app, struct health *ret, struct err *e) {
    struct looking x = { .app = app };
    struct arena a;
    arena_init(&a, "health", 1024 * 1024);
    uint64_t held = realm_hold(&app->realm); /* the calendar is the active systems' */
    int rc = app_job(app, STORE_READ, &a, look_body, &x, e);
    realm_let(&app->realm, held);
    arena_done(&a);
    if (rc) return rc;
    app->waiting_audit = x.h.audit_waiting;
    app->waiting_outbox = x.h.papers;
    app->timers_due = x.h.timers;
    app->timers_failing = x.h.failing;
    app->disk_free = (int64_t)x.h.disk_free;
    for (size_t i = 0; i < APP_LANES; i++) {
        app->lane_waiting[i] = x.h.lane[i];
        app->lane_oldest_ms[i] = x.h.lane_oldest_ms[i];
    }
    live_health(app->live, health_key(&x.h));
    if (ret) *ret = x.h;
    return 0;
}
