/* status: what an operator asks a running server: the same values as text (tongban status) and as metrics. Invariant: reading them
 * stops nobody; what stands in the store is read by the node's thread every few seconds (health.c), not when somebody asks for metrics.
 */
#include <stdio.h>
#include <unistd.h>

#include "app/control.h"
#include "data/tz.h"
#include "engine/notify/notify_out.h"
#include "http/metrics.h"
#include "os/os.h"
#include "os/proc.h"
#include "web/health.h"

/* ---- text ---- */

struct reading {
    const struct app *app;
    struct val *releases;
    struct audit_head head;
    bool has_head;
};

static int read_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct reading *r = job->arg;
    int rc = release_list(tx, &r->app->realm, &r->releases, e);
    if (rc) return rc;
    rc = audit_head_last(tx, job->home, &r->head, e);
    r->has_head = rc == 0;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

static void write_time(struct buf *b, const struct app *app, int64_t ms) {
    tz_write_iso(b, app->realm.tz, ms / 1000 * 1000);
}

static void write_node(struct app *app, struct arena *a, struct buf *b) {
    int64_t s = (os_mono_ns() - app->start_ns) / 1000000000;
    buf_add_fmt(b, "node:     %.*s, process %d, %.*s\n", STR_ARG(app->node_name), (int)getpid(), STR_ARG(proc_place(a, app->data_dir)));
    buf_add_fmt(b, "up:       %lld d %02lld:%02lld:%02lld\n", (long long)(s / 86400), (long long)(s / 3600 % 24), (long long)(s / 60 % 60),
                (long long)(s % 60));
}

static void write_roles(struct app *app, struct buf *b) {
    const char *peer;
    int64_t linked;
    size_t waiting;
    buf_add(b, S("roles:    app serves"));
    if (!app->hub) buf_add(b, S("; keys and press in the same process"));
    for (size_t i = 0; app->hub && ipc_hub_peer(app->hub, i, &peer, &linked, &waiting); i++)
        buf_add_fmt(b, "; %s %s, %zu waiting", peer, linked ? "linked" : "NOT LINKED", waiting);
    buf_add(b, S("\n"));
}

static void write_store(struct app *app, struct buf *b) {
    struct store_stats s;
    store_stats(app->store, &s);
    buf_add_fmt(b, "store:    %s; %llu committed, %llu failed, %llu conflicts, %llu reads\n",
                store_is_postgres(app->store) ? "PostgreSQL" : "SQLite", (unsigned long long)s.committed, (unsigned long long)s.failed,
                (unsigned long long)s.conflicts, (unsigned long long)s.reads);
    buf_add_fmt(b, "queues:   store %llu, papers %lld, audit entries not numbered %lld\n", (unsigned long long)s.queued,
                (long long)app->waiting_outbox, (long long)app->waiting_audit);
    buf_add_fmt(b, "epochs:   release %lld, policy %lld, session %lld\n", (long long)app->epoch[REALM_EPOCH_RELEASE],
                (long long)app->epoch[REALM_EPOCH_POLICY], (long long)app->epoch[REALM_EPOCH_SESSION]);
}

/* What waits by lane, and for how long; which gateways there are. */
static void write_messages(struct app *app, struct buf *b) {
    buf_add(b, S("messages: "));
    if (!app->realm.gateways) buf_add(b, S("in-app only, no gateway"));
    for (int c = 0, n = 0; c < NOTIFY_CHANNELS; c++)
        if (notify_gateway(&app->realm, (enum notify_channel)c))
            buf_add_fmt(b, "%s%.*s", n++ ? ", " : "by ", STR_ARG(notify_channel_word((enum notify_channel)c)->word));
    for (int l = 0; l < APP_LANES; l++)
        buf_add_fmt(b, "; %.*s %lld", STR_ARG(notify_lane_word((enum notify_lane)l)->word), (long long)app->lane_waiting[l]);
    buf_add_fmt(b, " waiting; handed over %lld, put off %lld, refused %lld\n", (long long)app->handed, (long long)app->put_off,
                (long long)app->refused);
}

static void write_systems(struct app *app, const struct val *releases, struct buf *b) {
    const struct system **all;
    size_t n = app->realm.systems.active(app->realm.systems.context, &all);
    buf_add_fmt(b, "systems:  %zu\n", n);
    for (size_t i = 0; i < n; i++) {
        int64_t since = 0;
        for (size_t k = 0; k < val_count(releases); k++)
            if (val_get_i64(val_item(releases, k), S("id"), 0) == all[i]->release)
                since = val_get_i64(val_item(releases, k), S("activated_ms"), 0);
        buf_add_fmt(b, "  %-32.*s %-10.*s release %lld, active since ", STR_ARG(all[i]->id), STR_ARG(all[i]->version),
                    (long long)all[i]->release);
        write_time(b, app, since);
        buf_add(b, S("\n"));
    }
}

/* What somebody should look at; the page of health says more. */
static void write_health(const struct health *h, struct buf *b) {
    const char *id;
    enum health_level level;
    size_t n;
    buf_add(b, health_worst(h, &n) == HEALTH_WELL ? S("health:   all well\n") : S("health:   see /admin/health\n"));
    for (size_t i = 0; health_check(h, i, &id, &level); i++)
        if (level != HEALTH_WELL) buf_add_fmt(b, "  %-18s %s\n", id, level == HEALTH_ACT ? "ACT" : "watch");
}

int status_write(struct app *app, struct arena *a, struct buf *b, struct err *e) {
    struct reading r = { .app = app };
    struct arena rows;
    struct health h;
    arena_init(&rows, "status", 16 * 1024 * 1024);
    int rc = app_look(app, &h, e);
    if (!rc) rc = app_job(app, STORE_READ, &rows, read_body, &r, e);
    if (!rc) {
        write_node(app, a, b);
        write_roles(app, b);
        write_store(app, b);
        write_messages(app, b);
        buf_add_fmt(b, "timers:   %lld due, %lld failed and tried again\n", (long long)h.timers, (long long)h.failing);
        buf_add_fmt(b, "disk:     %llu MB free of %llu\n", (unsigned long long)(h.disk_free / 1000000),
                    (unsigned long long)(h.disk_all / 1000000));
        buf_add(b, S("backup:   "));
        if (h.backup_ms) write_time(b, app, h.backup_ms);
        else buf_add(b, S("none yet"));
        buf_add(b, S("\naudit:    "));
        if (r.has_head) buf_add_fmt(b, "head over %llu entries, signed ", (unsigned long long)r.head.size);
        if (r.has_head) write_time(b, app, r.head.time_ms);
        else buf_add(b, S("no signed head yet"));
        if (app->unsealed) buf_add(b, S("\n          NOT SEALED since: it does not continue what keys signed; see audit verify"));
        buf_add(b, S("\n"));
        write_systems(app, r.releases, b);
        write_health(&h, b);
    }
    arena_done(&rows);
    return rc;
}

/* ---- metrics ---- */

static struct store_stats of_store(struct app *app) {
    struct store_stats s;
    store_stats(app->store, &s);
    return s;
}

static int64_t systems_active(const struct app *app) {
    const struct system **all;
    return (int64_t)app->realm.systems.active(app->realm.systems.context, &all);
}

static int64_t of_http(struct app *app, int which) {
    struct http_stats s = { 0 };
    struct http_server *http = app->http;
    if (http) http_stats(http, &s);
    return (int64_t)(which == 0 ? s.requests : which == 1 ? s.refused : which == 2 ? s.cut : s.open);
}

static int64_t of_hub(struct app *app, size_t i, bool link) {
    const char *peer;
    int64_t linked = 0;
    size_t waiting = 0;
    if (!app->hub || !ipc_hub_peer(app->hub, i, &peer, &linked, &waiting)) return 0;
    return link ? linked != 0 : (int64_t)waiting;
}

/* Seconds that the oldest has waited since it was due; what is due later waits for the end of quiet hours. */
static int64_t lane_age(const struct app *app, int lane) {
    int64_t at = app->lane_oldest_ms[lane], now = os_now_ms();
    return at && at < now ? (now - at) / 1000 : 0;
}

#define READER(name, expression)                  \
    static int64_t name(void *context) {          \
        struct app *app = context;                \
        return (int64_t)(expression);             \
    }
READER(read_up, (os_mono_ns() - app->start_ns) / 1000000000)
READER(read_committed, of_store(app).committed)
READER(read_failed, of_store(app).failed)
READER(read_conflicts, of_store(app).conflicts)
READER(read_groups, of_store(app).group_commits)
READER(read_reads, of_store(app).reads)
READER(read_again, of_store(app).again)
READER(read_writers, of_store(app).writers)
READER(read_store, of_store(app).queued)
READER(read_outbox, app->waiting_outbox)
READER(read_audit, app->waiting_audit)
READER(read_due, app->timers_due)
READER(read_failing, app->timers_failing)
READER(read_disk, app->disk_free)
READER(read_unsealed, app->unsealed)
READER(read_release, app->epoch[REALM_EPOCH_RELEASE])
READER(read_policy, app->epoch[REALM_EPOCH_POLICY])
READER(read_session, app->epoch[REALM_EPOCH_SESSION])
READER(read_systems, systems_active(app))
READER(read_requests, of_http(app, 0))
READER(read_refused, of_http(app, 1))
READER(read_cut, of_http(app, 2))
READER(read_open, of_http(app, 3))
READER(read_urgent, app->lane_waiting[NOTIFY_URGENT])
READER(read_normal, app->lane_waiting[NOTIFY_NORMAL])
READER(read_bulk, app->lane_waiting[NOTIFY_BULK])
READER(read_urgent_age, lane_age(app, NOTIFY_URGENT))
READER(read_normal_age, lane_age(app, NOTIFY_NORMAL))
READER(read_bulk_age, lane_age(app, NOTIFY_BULK))
READER(read_handed, app->handed)
READER(read_put_off, app->put_off)
READER(read_lost, app->refused)
READER(read_rush_waits, of_hub(app, APP_HUB_URGENT, false))
READER(read_rush_link, of_hub(app, APP_HUB_URGENT, true))
READER(read_keys_waits, of_hub(app, APP_HUB_KEYS, false))
READER(read_press_waits, of_hub(app, APP_HUB_PRESS, false))
READER(read_courier_waits, of_hub(app, APP_HUB_COURIER, false))
READER(read_watch_waits, of_hub(app, APP_HUB_SUPERVISE, false))
READER(read_watch_link, of_hub(app, APP_HUB_SUPERVISE, true))
READER(read_supervised, app->supervised)
READER(read_keys_link, of_hub(app, APP_HUB_KEYS, true))
READER(read_press_link, of_hub(app, APP_HUB_PRESS, true))
READER(read_courier_link, of_hub(app, APP_HUB_COURIER, true))

/* TO ADD A VALUE: 1. a READER, 2. a row here; those of one name follow one another. */
static const struct {
    const char *name, *label, *help;
    metrics_read *read;
    bool counter;
} values[] = {
    { "tongban_up_seconds", NULL, "Since this process began to serve.", read_up, false },
    { "tongban_systems", NULL, "Active systems.", read_systems, false },
    { "tongban_epoch", "kind=\"release\"", "Changes that this node has taken up; equal on all nodes of a store.", read_release, false },
    { "tongban_epoch", "kind=\"policy\"", "", read_policy, false },
    { "tongban_epoch", "kind=\"session\"", "", read_session, false },
    { "tongban_waiting", "queue=\"store\"", "What waits, by queue.", read_store, false },
    { "tongban_waiting", "queue=\"outbox\"", "", read_outbox, false },
    { "tongban_waiting", "queue=\"audit\"", "", read_audit, false },
    { "tongban_waiting", "queue=\"keys\"", "", read_keys_waits, false },
    { "tongban_waiting", "queue=\"press\"", "", read_press_waits, false },
    { "tongban_waiting", "queue=\"courier\"", "", read_courier_waits, false },
    { "tongban_waiting", "queue=\"courier-urgent\"", "", read_rush_waits, false },
    { "tongban_waiting", "queue=\"supervise\"", "", read_watch_waits, false },
    { "tongban_supervised", NULL, "Up to which entry of the audit log supervision has read.", read_supervised, false },
    { "tongban_messages", "lane=\"urgent\"", "Messages that are to leave by mail or SMS and wait.", read_urgent, false },
    { "tongban_messages", "lane=\"normal\"", "", read_normal, false },
    { "tongban_messages", "lane=\"bulk\"", "", read_bulk, false },
    { "tongban_messages_oldest_seconds", "lane=\"urgent\"", "How long the oldest has been due.", read_urgent_age, false },
    { "tongban_messages_oldest_seconds", "lane=\"normal\"", "", read_normal_age, false },
    { "tongban_messages_oldest_seconds", "lane=\"bulk\"", "", read_bulk_age, false },
    { "tongban_timers", "state=\"due\"", "Timers, counted to 1000: due; failed and tried again.", read_due, false },
    { "tongban_timers", "state=\"failed\"", "", read_failing, false },
    { "tongban_disk_free_bytes", NULL, "What may still be written where the data folder lies.", read_disk, false },
    { "tongban_audit_unsealed", NULL, "Whether keys refuses to sign the log: it does not continue what was signed.", read_unsealed, false },
    { "tongban_linked", "role=\"keys\"", "Whether the role's process is linked.", read_keys_link, false },
    { "tongban_linked", "role=\"press\"", "", read_press_link, false },
    { "tongban_linked", "role=\"courier\"", "", read_courier_link, false },
    { "tongban_linked", "role=\"courier-urgent\"", "", read_rush_link, false },
    { "tongban_linked", "role=\"supervise\"", "", read_watch_link, false },
    { "tongban_store_writers", NULL, "Writing jobs that may run side by side; fewer where they often meet.", read_writers, false },
    { "tongban_http_open", NULL, "Open connections.", read_open, false },
    { "tongban_http_requests", NULL, "Requests begun.", read_requests, true },
    { "tongban_http_refused", NULL, "Requests refused before a route was asked.", read_refused, true },
    { "tongban_http_cut", NULL, "Connections closed because they were too slow.", read_cut, true },
    { "tongban_messages_handed", NULL, "Hand-overs that a gateway took.", read_handed, true },
    { "tongban_messages_put_off", NULL, "Hand-overs to be tried again.", read_put_off, true },
    { "tongban_messages_refused", NULL, "Hand-overs that a gateway refused for good.", read_lost, true },
    { "tongban_store_committed", NULL, "Writing jobs that are durable.", read_committed, true },
    { "tongban_store_failed", NULL, "Jobs refused or not done.", read_failed, true },
    { "tongban_store_conflicts", NULL, "Jobs given up after conflicts.", read_conflicts, true },
    { "tongban_store_again", NULL, "Runs of jobs that lost against another and were run again.", read_again, true },
    { "tongban_store_groups", NULL, "Commits to stable storage.", read_groups, true },
    { "tongban_store_reads", NULL, "Reading jobs.", read_reads, true },
};

bool status_metrics(struct app *app, struct metrics *m) {
    bool ok = true;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (values[i].counter) ok &= metrics_counter(m, values[i].name, values[i].help, values[i].read, app);
        else if (values[i].label) ok &= metrics_gauge_of(m, values[i].name, values[i].label, values[i].help, values[i].read, app);
        else ok &= metrics_gauge(m, values[i].name, values[i].help, values[i].read, app);
    }
    app->metrics = m;
    return ok;
}
