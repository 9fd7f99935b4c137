/* app: the only place where everything is joined: store, keys, releases, realm, workers, pages.
 *
 * Life: app_open (keyring, store, releases, realm) -> app_work (sequencer, papers, timers: threads) -> pages -> app_stop -> app_close.
 * The command line opens an app of its own, with keys and press called in its process, on a data directory that nobody serves.
 */
#ifndef APP_APP_H
#define APP_APP_H
#include "base/buf.h"
#include "engine/act/act.h"
#include "proc/keys/keys_client.h"
#include "release/release.h"

#include <pthread.h>

struct metrics;
struct http_server;
enum { APP_HUB_KEYS, APP_HUB_PRESS, APP_HUB_COURIER, APP_HUB_URGENT, APP_HUB_SUPERVISE }; /* the order of cmd_serve.c's tables */

/* Where messages leave to; what is empty is not there, and what would leave by it stays in the receiver's space. */
enum { APP_LANES = 3 };
struct app_gateways {
    struct str mail, mail_from, mail_bounces; /* "smtp://host:port" or "smtps://...", addresses */
    struct str sms, sms_from;                 /* "smpp://host:port", digits or a few letters */
};

struct app_config {
    const char *data_dir;  /* "var": keys/, blobs/, tongban.db */
    struct str store_url;  /* empty: sqlite below data_dir */
    struct str libpq;      /* path of a vendor's libpq; empty: libpq.so.5 */
    struct str base_url;   /* what QR codes and mail say; no slash behind */
    struct str proxy;      /* address of the TLS proxy in front (http.h, trusted_proxy); empty: none */
    struct str title;      /* of the realm */
    int64_t home;          /* the realm's number; 0: 1 */
    uint32_t node;         /* 0..1023: of this process among those on one PostgreSQL store */
    struct ipc_hub *hub;   /* NULL: keys and press in this process */
    bool demo;             /* demo accounts may sign in */
    bool unlimited;        /* no rate limits: for measurements */
    bool clock_is_right;   /* the clock was ahead before (store.h) */
    struct app_gateways gateways; /* only with a hub */
};

struct app {
    struct arena arena;    /* process; holds this struct */
    const char *data_dir;
    struct store *store;
    struct releases *releases;
    struct realm realm;
    struct str node_name, node_holder; /* "node.0"; the place that holds the number */
    bool node_held;
    struct ipc_hub *hub;
    struct keys *keys_here;    /* direct only */
    struct keys_client keys;
    struct actor worker;       /* the system itself */
    struct audit_sequencer sequencer;
    bool demo, unlimited;
    struct str proxy;
    struct app_gateways gateways;
    /* workers (app_work.c) */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread[6];
    size_t n_threads;
    uint64_t commits;          /* grows with each commit: what workers wait for */
    bool stopping;
    pthread_mutex_t refreshing; /* one app_refresh, or app_free_releases, at a time */
    struct arena calendar;      /* what realm.calendar lies in */
    _Atomic size_t in_memory;   /* what releases_free left */
    _Atomic int64_t epoch[REALM_EPOCHS]; /* as taken up by this process */
    /* for the operator (status.c) */
    int64_t start_ns;
    _Atomic int64_t waiting_outbox, waiting_audit; /* as last counted */
    _Atomic int64_t timers_due, timers_failing, disk_free;
    _Atomic bool unsealed;     /* the sequencer's last turn found that the log does not continue what keys signed */
    struct metrics *metrics;                       /* NULL where no pages are served */
    _Atomic(struct http_server *) http;
    _Atomic int64_t lane_waiting[APP_LANES], lane_oldest_ms[APP_LANES]; /* of enum notify_lane, as last counted */
    _Atomic int64_t handed, put_off, refused; /* hand-overs by this process */
    int64_t upkeep_from_ms, upkeep_until_ms; /* as last looked, under `lock`: what every page announces; 0: nothing */
    bool upkeep_staff;
    char upkeep_zh[1024], upkeep_en[1024];
    struct supervise_memory *supervise_here; /* where nobody serves; else in a process of its own */
    _Atomic int64_t supervised;              /* up to which entry of the log */
    struct app_recounting {    /* how far the worker came with the message of RELEASE_HOLIDAYS; 0: it begins */
        int64_t message, key, at;
        size_t moved, failed; /* of this message */
        size_t total;         /* moved since the process began */
        bool busy;            /* with a message, in this turn */
    } recounting;
    struct app_searching {     /* how far the worker came with the message of RELEASE_SEARCHED; 0: it begins */
        int64_t message, after;
        size_t type, done; /* the how manieth of the release; pages, of this message */
        bool busy;         /* with a message, in this turn */
    } searching;
    struct live *live;         /* pages that stand open (web/live); NULL: nothing is served */
    int64_t touched[256];      /* sessions seen by reading pages, written by the worker */
    size_t n_touched;
};

int app_open(const struct app_config *c, struct app **ret, struct err *e);
void app_close(struct app *app); /* accepts NULL */
/* What pages announce is read anew; the node's thread does so every few seconds. */
int app_upkeep(struct app *app, struct err *e);
/* After an activation, here or on another node: systems and calendar. Any thread; requests under way go on with what they have. */
int app_refresh(struct app *app, struct err *e);

/* What was replaced and nobody holds any more, out of memory: only in a process whose every user of systems holds them (realm_hold). */
void app_free_releases(struct app *app);

/* ---- one of several nodes (app_node.c) ---- */
/* Two processes under one number would make the same ids: on PostgreSQL the number is leased to this host and folder, so that a restart
 * gets it again at once. ERR_STATE when another has it. _leave gives it back. */
int app_node_claim(struct app *app, struct err *e);
void app_node_leave(struct app *app);
/* The epochs as they stand in the store now. */
int app_epochs(struct app *app, struct realm_epochs *ret, struct err *e);
/* One look at the store; what another node changed is taken up. */
int app_follow(struct app *app, struct err *e);
/* How this installation is (web/health.h): within a job; and as a job of its own, after which metrics and pages that stand open know. */
struct health;
int app_health(struct store_tx *tx, struct app *app, struct health *h, struct err *e);
int app_look(struct app *app, struct health *ret, struct err *e);
void *app_node_run(void *app); /* the thread that does so, a few times a second */

/* Threads: audit sequencer; papers and timers; epochs; two that hand over, where there is a gateway. app_stop waits for them. */
int app_work(struct app *app, struct err *e);
void app_stop(struct app *app);
/* How long a thread rests after `failed` + 1 turns in a row went wrong: 250 ms, then twice as long each time, at most 8 s. */
int64_t app_pause_ms(unsigned failed);
/* Between two turns of a thread: after a good one, until something is committed or `most_ms` are over; after one that failed, longer each
 * time and deaf to commits, since what failed may have committed a part and would wake itself. False: the server stops. */
bool app_next_turn(struct app *app, const char *thread, const struct err *e, int rc, unsigned *failed, uint64_t *seen, int64_t most_ms);
/* Sleeps until a commit (not where `seen` is NULL) or the time is up. False: stop. */
bool app_wait(struct app *app, uint64_t *seen, int64_t most_ms);
/* paper_tree_write's message set by the press; outside every transaction. */
int app_press(struct app *app, struct arena *a, struct str request_id, struct str message, struct str *ret, struct err *e);
/* A paper bound to its view and set by the press, not signed; outside every transaction. `mark`: printed across every page. */
struct paper;
int app_set_pdf(struct app *app, struct str request_id, const struct paper *paper, const struct val *view, int64_t made_ms, struct str mark,
                struct arena *a, struct str *ret, struct err *e);
/* One turn each, for the command line and scenarios: every paper that waits is set; every entry numbered (and the head signed). */
int app_set_papers(struct app *app, size_t *ret_n, struct err *e);
/* A session was seen; kept until the worker's next turn, dropped when many are (they come again). Any thread. */
void app_touch(struct app *app, int64_t session);
int app_fire_timers(struct app *app, size_t *ret_n, struct err *e);
/* Messages of the day before to who has booked (engine/queue/queue_book.h), and to who did not fetch a result
 * (engine/item/item_handover.h); how many were sent. */
int app_remind(struct app *app, size_t *ret_n, struct err *e);
/* Drafts of systems that were released and are due become active (app_draft.c). */
int app_activate_drafts(struct app *app, size_t *ret_n, struct err *e);
/* Sealed bytes of files that were let go leave the disk (app_files.c); how many. */
int app_drop_files(struct app *app, size_t *ret_n, struct err *e);
/* Limits of cases under way by another table of holidays, a page of them each turn (app_recount.c); how many moved. */
int app_recount(struct app *app, size_t *ret_n, struct err *e);
/* Words of records that stand, where a release has them searched otherwise, a page of them each turn (app_searched.c); how many pages. */
int app_searched(struct app *app, size_t *ret_n, struct err *e);
int app_sequence(struct app *app, bool force_head, struct err *e);

/* ---- messages that leave (app_courier.c) ---- */
/* What this app's gateways can carry: bits for realm.gateways. */
unsigned app_gateway_bits(const struct app_gateways *g);
/* A turn: what is due in the urgent lane, or in the others, is handed over; at most one batch. *ret_n: how many were taken. */
int app_hand_over(struct app *app, bool urgent, size_t *ret_n, struct err *e);
/* What a message centre says of texts that it took: written down, then acknowledged. Two sessions of ours are open, and a centre may
 * tell one of what the other has just handed over and not written down yet: a receipt of an unknown text, and what came behind it, is
 * asked for again for APP_UNKNOWN_MS; then it is none of ours. */
enum { APP_UNKNOWN_MS = 5000 };
struct app_receiving {
    int64_t generation, done; /* of the turn before: how many of that session are written down */
    int64_t waits, since_ns;  /* how many came until the one that is unknown was first; 0: none is */
};
int app_receipts(struct app *app, bool urgent, struct app_receiving *r, struct err *e);
/* How many of `n`, of which the one at `unknown` (n: none) is the first unknown one, are to be acknowledged now. */
int64_t app_receipts_done(struct app_receiving *r, int64_t n, int64_t unknown, int64_t now_ns);
void *app_courier_run(void *app);
void *app_courier_run_urgent(void *app);

/* Reads the whole log and holds it against the key that signs its heads, the newest head that `keys` signed (it knows what it has
 * signed, whatever became of the store) and `kept`, to which that head is added. */
struct audit_kept;
struct audit_report;
int app_verify_log(struct app *app, struct arena *a, struct audit_kept *kept, struct audit_report *report, struct err *e);

/* ---- supervision (app_supervise.c) ---- */
/* One turn: a page of the log behind what supervision has read, and the cases whose time has come, are judged, and its cards issued. Call
 * again while *more. In-process where nobody serves. */
int app_supervise(struct app *app, size_t *ret_issued, bool *ret_more, struct err *e);
void *app_supervise_run(void *app);

/* ---- errands: messages of the outbox that the system itself answers (app_errand.c) ---- */
struct app_on_errand {
    struct app *app;
    const struct act_message *message;
    struct actor who;          /* the worker, for the request that the message comes from */
    struct arena *keep, *rows; /* of this message; of one job */
    bool done;                 /* set by run: something was done, not only taken out of the outbox */
};
struct app_errand {
    struct str message;        /* topic of the outbox */
    const char *name, *failed; /* for the log: the part, and what is said of a failure */
    size_t arena_bytes;
    /* Does it and, in the transaction of its result, calls act_message_done. */
    int (*run)(struct app_on_errand *on, struct err *e);
};
/* One turn: what is due of one topic; *ret_n were done. What fails is put off and said on the log. */
int app_run_errands(struct app *app, const struct app_errand *errand, size_t *ret_n, struct err *e);

/* Runs `body` as a job and waits; the code of what went wrong. `a` is the job's arena (reset). */
int app_job(struct app *app, enum store_queue queue, struct arena *a, store_body *body, void *arg, struct err *e);
/* The same for an act that somebody asked for, at the command line: where it is refused, that is an entry of the log as well. */
int app_act(struct app *app, const struct actor *who, struct arena *a, store_body *body, void *arg, struct err *e);

/* Loads and activates a system's files (its needs are active) in the name of `who`; what was active stays for the cases that pin it. What
 * cannot be taken up whole is refused before anything is stored: ERR_SYSTEM with file and line of the first finding. `demo`: its sample
 * units and accounts are put into this demo city as well. */
int app_load_files(struct app *app, const struct actor *who, const struct release_files *files, bool demo, int64_t *ret_release,
                   struct err *e);
/* The same with the files of a folder, in the name of the system itself. */
int app_load_system(struct app *app, const char *dir, int64_t *ret_release, struct err *e);
/* Activates a release that was loaded before, by its version or digest: an act of `who`. */
int app_activate_system(struct app *app, const struct actor *who, struct str system, struct str word, int64_t *ret_release,
                        struct err *e);
/* All systems below `dir`, in the order of their needs. */
int app_load_systems(struct app *app, const char *dir, struct err *e);
/* The folders of the systems below `dir`, needs first: NUL-terminated paths. */
int app_list_systems(struct arena *a, const char *dir, const char ***ret, size_t *n, struct err *e);
/* Folders that `path` needs, itself last; `root` is the folder of all systems. */
int app_list_needs(struct arena *a, const char *root, const char *path, const char ***ret, size_t *n, struct err *e);

/* Who is there at the beginning (people.c): units from a CSV (code,title,parent,division; empty: one, of the administrators) and the three
 * administrators from one (login,name,role[,unit]). `out` gets login, role and the password that serves once, a line each. */
int app_begin_people(struct app *app, struct arena *a, struct str administrators, struct str units, struct buf *out, struct err *e);
/* Rows of units, those that are not there yet; within a job. */
int app_put_units(struct store_tx *tx, struct app *app, const struct val *rows, struct err *e);
/* A password that serves once for an account that cannot sign in; an act of `who`. */
int app_reset_password(struct app *app, const struct actor *who, struct arena *a, struct str login, struct str *ret, struct err *e);
struct str app_password_draw(struct arena *a);

/* The demo city (demo.c): units, people, companies, accounts, cases in every state. */
struct demo {
    const char *systems_dir;
    int64_t people, companies;
    uint64_t seed;
    bool cases;   /* also cases in every state */
    int64_t year; /* and so many over the past year, of many people and companies (demo_year.h) */
    bool says;    /* how far it is, on stderr */
    struct str hash; /* of the demo accounts' password (demo.h), for who makes many cities; empty: a new one for this city */
};
int app_make_demo(struct app *app, const struct demo *d, struct err *e);
/* The units and accounts of one active system's sample/, those not there yet, all of them or none: for a system loaded into a demo city.
 * _judge finds beforehand the accounts whose person or company the city does not have. */
int app_demo_judge(struct app *app, const struct system *sys, struct release_findings *f, struct err *e);
int app_demo_system(struct app *app, struct str system, struct err *e);
/* Login names and what they are, of one system or (empty) of all. */
void app_demo_list(struct app *app, struct str system, struct buf *b);
#endif
