/* message_speed: how soon an urgent message is handed over while 100,000 bulk messages wait and
 * leave: two real courier processes, a mail server of somebody else's (tests/messages/peer.py).
 * From the commit of the act to the moment when the server took the mail. Prints figures beside the
 * bare rate of hand-overs; passes and fails nothing.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/app.h"
#include "app/demo.h"
#include "engine/identity/identity.h"
#include "engine/notify/notify_out.h"
#include "os/os.h"
#include "os/proc.h"
#include "proc/courier/role.h"

enum {
    BULK = 100000,
    PER_ACT = 250,
    URGENT = 200,
    BARE = 200,
    PAUSE_US = 50000,
    WAIT_MS = 30000,
    LETTERS = 4
};
#define SYSTEM "systems/approval/residence-proof"

struct peer {
    pid_t pid;
    FILE *says;
    int to;
    pthread_t thread;
    _Atomic int64_t urgent_ns; /* when the last urgent mail was taken */
    _Atomic int urgent, bulk;
};
struct work {
    struct app *app;
    struct actor who;
    const char *notice, *typed;
    int n;
    struct notify_letter letter[LETTERS];
    size_t n_letters;
};

static _Noreturn void stop(const char *what, const struct err *e) {
    (void)printf("message_speed: %s: %s %s\n", what, e ? err_name(e->code) : "",
                 e ? e->detail : "");
    exit(1);
}

static void run(struct app *app, store_body *body, void *arg, const char *what) {
    struct arena a;
    struct err e = { 0 };
    arena_init(&a, what, (size_t)64 << 20);
    if (app_job(app, STORE_INTERACTIVE, &a, body, arg, &e)) stop(what, &e);
    arena_done(&a);
}

/* ---- the mail server ---- */

static void *listen_to(void *arg) {
    struct peer *p = arg;
    char line[256];
    while (fgets(line, sizeof line, p->says)) {
        const char *at = strchr(line, ' ');
        if (at && strncmp(line, "urgent@", 7) == 0) {
            p->urgent_ns = strtoll(at, NULL, 10);
            p->urgent++;
        } else
            p->bulk++;
    }
    return NULL;
}

static void start_peer(struct peer *p, unsigned port) {
    int in[2], out[2];
    char word[16], line[64];
    if (pipe(in) || pipe(out)) stop("pipe", NULL);
    (void)snprintf(word, sizeof word, "%u", port);
    p->pid = fork();
    if (p->pid == 0) {
        (void)dup2(in[0], 0);
        (void)dup2(out[1], 1);
        (void)close(in[1]);
        (void)execl("/usr/bin/python3", "python3", "tests/messages/peer.py", word, (char *)NULL);
        _exit(127);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    p->to = in[1];
    p->says = fdopen(out[0], "r");
    if (!p->says || !fgets(line, sizeof line, p->says))
        stop("no mail server: python3-aiosmtpd", NULL);
    if (pthread_create(&p->thread, NULL, listen_to, p)) stop("thread", NULL);
}

/* ---- the couriers ---- */

static pid_t start_courier(const char *name, const char *allow, int *control) {
    int pair[2];
    if (proc_socketpair(true, pair, NULL)) stop("socket", NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct role row = { .name = name, .sandbox = courier_sandbox };
        const char *const arg[] = { allow };
        struct role_context c = { .role = &row, .control_fd = pair[1], .arg = arg, .n_arg = 1 };
        (void)close(pair[0]);
        if (!freopen("/dev/null", "w", stderr)) _exit(1); /* a line for each mail */
        _exit(courier_main(&c));
    }
    (void)close(pair[1]);
    *control = pair[0];
    return pid;
}

static void link_courier(int courier, int hub, const char *name) {
    int link[2];
    if (proc_socketpair(false, link, NULL) ||
        ipc_control_send(courier, IPC_LINK, "app", link[0], NULL) ||
        ipc_control_send(hub, IPC_LINK, name, link[1], NULL))
        stop("link", NULL);
    proc_close(&link[0]);
    proc_close(&link[1]);
}

/* ---- the city ---- */

static int account_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    int64_t account;
    int rc = identity_account_by_login(tx, &w->app->realm, str_of(w->typed), &account, e);
    if (!rc) rc = identity_actor_of(tx, &w->app->realm, account, &w->who, e);
    w->who.request_id = S("speed");
    w->who.peer = S("-");
    return rc;
}
static int put_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct notify_choice c;
    int rc = notify_choice_get(tx, &w->app->realm, w->who.account, &c, e);
    c.on[NOTIFY_MAIL][NOTIFY_BULK] = true;
    c.quiet_from = NOTIFY_QUIET_NEVER;
    if (!rc) rc = notify_choice_put(tx, &w->app->realm, &w->who, &c, e);
    return rc ? rc
              : notify_contact_put(tx, &w->app->realm, &w->who, NOTIFY_MAIL, str_of(w->typed), e);
}
/* The code out of the letter that carries it, as a person does it. */
static int confirm_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct realm *r = &w->app->realm;
    int rc = notify_take(tx, r, NOTIFY_URGENT, NOTIFY_URGENT, w->letter, LETTERS, &w->n_letters, e);
    if (rc || !w->n_letters) return rc ? rc : err_set(e, ERR_STATE, "no code");
    size_t at = 0;
    while (w->letter[0].text.ptr[at] < '0' || w->letter[0].text.ptr[at] > '9') at++;
    rc = notify_contact_confirm(tx, r, &w->who, NOTIFY_MAIL, str_sub(w->letter[0].text, at, 6), e);
    return rc ? rc : notify_settle(tx, r, &w->letter[0], NOTIFY_WENT, S(""), S(""), e);
}
static int send_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    const struct system *m = realm_system(&w->app->realm, S("approval/residence-proof"));
    struct val *view = val_map(store_arena(tx));
    struct act act;
    val_put_str(store_arena(tx), view, S("item"), S("居住证明开具"));
    int rc = act_open(&act, tx, &w->app->realm, &w->who, S("case.rate"), e);
    for (int i = 0; i < w->n && !rc; i++)
        rc = notify_send(&act, m, str_of(w->notice), w->who.account, 0, view, e);
    return rc ? rc : act_close(&act, S("case"), 0, 0, S(""), e);
}
static int count_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct notify_counts n;
    int rc = notify_count(tx, &w->app->realm, &n, e);
    w->n = (int)n.waiting[NOTIFY_BULK];
    return rc;
}

static void person(struct work *w, struct app *app, const char *login, const char *address) {
    struct arena *keep = &app->arena;
    *w = (struct work){ .app = app, .typed = login };
    run(app, account_body, w, "account");
    w->who.name = arena_str(keep, w->who.name);
    w->who.posts = NULL;
    w->who.n_posts = 0;
    w->typed = address;
    run(app, put_body, w, "contact");
    run(app, confirm_body, w, "code");
}

/* The system with one notice that is urgent and one that is bulk. */
static void load(struct app *app, const char *dir) {
    static const char *const from[] = { "accepted: {title:", "finished: {title:" }, *const to[] = {
        "accepted: {urgency: urgent, title:", "finished: {urgency: bulk, title:"
    };
    struct arena a;
    struct release_files f;
    struct err e = { 0 };
    arena_init(&a, "load", (size_t)64 << 20);
    const char *copy = arena_fmt(&a, "%s/changed", dir).ptr;
    if (release_read_dir(&a, SYSTEM, &f, &e)) stop(SYSTEM, &e);
    for (size_t i = 0; i < f.n; i++)
        for (size_t k = 0; k < 2 && str_eq(f.file[i].path, S("notices.yaml")); k++) {
            struct str s = f.file[i].bytes;
            size_t at = str_find(s, str_of(from[k]), 0);
            if (at == SIZE_MAX) stop(from[k], NULL);
            f.file[i].bytes = ARENA_CAT(&a, str_sub(s, 0, at), str_of(to[k]),
                                        str_sub(s, at + strlen(from[k]), s.len));
        }
    if (release_write_dir(&f, copy, &e) || app_load_system(app, copy, NULL, &e)) stop("load", &e);
    arena_done(&a);
}

/* ---- figures ---- */

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bare(struct app *app, const char *server) {
    struct arena a;
    int64_t start = os_mono_ns();
    arena_init(&a, "bare", 4 << 20);
    for (int i = 0; i < BARE; i++) {
        struct courier_mail m = { .server = str_of(server),
                                  .from = S("city@gov.example"),
                                  .to = S("bare@example.com"),
                                  .subject = S("已受理"),
                                  .body = S("您的申请已受理。\n"),
                                  .id = arena_fmt(&a, "bare-%d", i) };
        struct ipc_request r = { .peer = courier_urgent_table.peer,
                                 .type = COURIER_MAIL,
                                 .arena = &a,
                                 .timeout_ms = WAIT_MS,
                                 .body = courier_mail_pack(&a, &m) };
        if (ipc_ask(app->hub, &r)) stop("bare hand-over", &r.err);
        arena_reset(&a);
    }
    double ms = (double)(os_mono_ns() - start) / 1e6 / BARE;
    (void)printf(
        "bare hand-over to the same server, nothing waiting: %.1f ms each, %.0f a second\n", ms,
        1000 / ms);
    arena_done(&a);
}

static void measure(struct app *app, struct work *w, struct peer *p) {
    static double ms[URGENT];
    int bulk = p->bulk, missed = 0, n = 0;
    int64_t begun = os_mono_ns();
    w->notice = "accepted";
    w->n = 1;
    for (int i = 0; i < URGENT; i++) {
        int had = p->urgent;
        run(app, send_body, w, "urgent");
        int64_t start = os_mono_ns();
        while (p->urgent == had && os_mono_ns() - start < (int64_t)WAIT_MS * 1000000)
            (void)usleep(200);
        if (p->urgent == had)
            missed++;
        else
            ms[n++] = (double)(p->urgent_ns - start) / 1e6;
        (void)usleep(PAUSE_US);
    }
    double seconds = (double)(os_mono_ns() - begun) / 1e9;
    qsort(ms, (size_t)n, sizeof *ms, by_size);
    if (n)
        (void)printf(
            "%d urgent messages: handed over after p50 %.1f ms, p99 %.1f ms, most %.1f ms (limit 2,000 ms p99); not within "
            "%d s: %d; bulk left meanwhile at %.0f a second\n",
            URGENT, ms[n / 2], ms[n * 99 / 100], ms[n - 1], WAIT_MS / 1000, missed,
            (p->bulk - bulk) / seconds);
}

int main(void) {
    static const struct ipc_table *const tables[] = { &courier_table, &courier_urgent_table };
    static struct peer peer;
    static struct work urgent, bulk;
    static struct ipc_hub hub;
    char dir[] = "/tmp/tongban-message-XXXXXX", server[64], allow[64];
    int control[2], courier[2], probe = -1;
    struct sockaddr_storage at;
    socklen_t size = sizeof at;
    struct arena a;
    struct app *app;
    struct err e = { 0 };
    if (!mkdtemp(dir)) return 1;
    arena_init(&a, "speed", (size_t)64 << 20);
    if (proc_listen(S("127.0.0.1:0"), &probe, &e) ||
        getsockname(probe, (struct sockaddr *)&at, &size))
        stop("port", &e);
    unsigned port =
        (unsigned)(((const unsigned char *)&at)[2] << 8 | ((const unsigned char *)&at)[3]);
    proc_close(&probe);
    (void)snprintf(server, sizeof server, "smtp://127.0.0.1:%u", port);
    (void)snprintf(allow, sizeof allow, "courier_allow=127.0.0.1:%u", port);
    pid_t pid[2] = { start_courier("courier", allow, &courier[0]),
                     start_courier("courier-urgent", allow, &courier[1]) };
    start_peer(&peer, port);
    if (proc_socketpair(true, control, &e) || ipc_hub_start(&hub, &a, control[1], tables, 2, &e))
        stop("hub", &e);
    link_courier(courier[0], control[0], courier_table.peer);
    link_courier(courier[1], control[0], courier_urgent_table.peer);

    struct app_config c = {
        .data_dir = dir, .base_url = S("http://127.0.0.1"), .demo = true, .unlimited = true
    };
    struct demo d = { .systems_dir = "systems", .people = 60, .companies = 10, .seed = 1 };
    if (app_open(&c, &app, &e) || app_load_systems(app, "systems", &e) ||
        app_make_demo(app, &d, &e))
        stop("city", &e);
    load(app, dir);
    app->gateways =
        (struct app_gateways){ .mail = str_of(server), .mail_from = S("city@gov.example") };
    app->realm.gateways = app_gateway_bits(&app->gateways);
    person(&urgent, app, "citizen", "urgent@example.com");
    person(&bulk, app, "company", "bulk@example.com");
    bulk.notice = "finished";
    bulk.n = PER_ACT;
    int64_t start = os_mono_ns();
    for (int i = 0; i < BULK; i += PER_ACT) run(app, send_body, &bulk, "bulk");
    run(app, count_body, &bulk, "count");
    (void)printf("%d bulk messages wait (written in %.0f s)\n", bulk.n,
                 (double)(os_mono_ns() - start) / 1e9);
    app->hub = &hub;
    bare(app, server);
    if (app_work(app, &e)) stop("threads", &e);
    measure(app, &urgent, &peer);
    app_stop(app);
    run(app, count_body, &bulk, "count");
    (void)printf("%d bulk messages still wait\n", bulk.n);
    app->hub = NULL;
    app_close(app);
    ipc_hub_done(&hub);
    for (size_t i = 0; i < 2; i++) {
        (void)ipc_control_send(courier[i], IPC_STOP, NULL, -1, NULL);
        (void)waitpid(pid[i], NULL, 0);
    }
    (void)close(peer.to);
    (void)waitpid(peer.pid, NULL, 0);
    (void)pthread_join(peer.thread, NULL);
    arena_done(&a);
    (void)os_remove_tree(dir, NULL);
    return 0;
}
