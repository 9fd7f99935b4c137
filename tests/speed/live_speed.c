/* live_speed: 50 sessions of officers and applicants watch one case; a change is made again and again, and for each session the time
 * is taken from the commit's answer to the event on its own connection. Prints figures, passes and fails nothing.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/demo.h"
#include "app/http.h"
#include "data/yaml.h"
#include "engine/flow/flow.h"
#include "engine/identity/identity.h"
#include "engine/item/item.h"
#include "os/os.h"
#include "web/live/live.h"

enum { SESSIONS = 50, CHANGES = 40, LIMIT_MS = 5000 };

struct session {
    struct app *app;
    const char *login;
    uint8_t token[IDENTITY_TOKEN_BYTES];
    int fd;
};
struct work {
    struct app *app;
    int64_t case_id, task;
    struct actor who;
    bool claim;
};

static int open_session(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct session *s = job->arg;
    struct identity_login login;
    struct actor nobody = { .request_id = S("speed"), .peer = S("-"), .lang = S("zh") };
    int64_t id;
    int rc = identity_login_find(tx, &s->app->realm, str_of(s->login), &login, e);
    login.verified = true;
    return rc ? rc : identity_login_finish(tx, &s->app->realm, &nobody, &login, s->token, &id, e);
}

static int find_work(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct flow_task *t;
    size_t n;
    int64_t account;
    int rc = flow_tasks_of(tx, w->case_id, &t, &n, e);
    if (!rc && n) w->task = t[n - 1].id;
    if (!rc) rc = identity_account_by_login(tx, &w->app->realm, S("police"), &account, e);
    if (!rc) rc = identity_actor_of(tx, &w->app->realm, account, &w->who, e);
    w->who.request_id = S("speed");
    w->who.peer = S("-");
    return rc;
}

/* Claimed and given back in turn: a change of the task that every one of its watchers is told. */
static int change(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return w->claim ? item_task_claim(tx, &w->app->realm, &w->who, w->task, e) : item_task_release(tx, &w->app->realm, &w->who, w->task, e);
}

static int subscribe(const struct session *s, unsigned port, const char *topics, struct arena *a) {
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct str cookie = crypto_base64url(a, str_make((const char *)s->token, sizeof s->token));
    struct str request = arena_fmt(a, "GET /zh/events?topics=%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %s=%.*s\r\n\r\n", topics, port,
                                   PAGE_SESSION_COOKIE, STR_ARG(cookie));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) || write(fd, request.ptr, request.len) < 0) return -1;
    return fd;
}

/* Until every session has read `mark` once more: at[i] is when, 0 if never. */
static void wait_all(struct session *s, const char *mark, int64_t *at) {
    char text[4096];
    size_t left = SESSIONS;
    int64_t start = os_mono_ns();
    memset(at, 0, SESSIONS * sizeof *at);
    while (left && os_mono_ns() - start < (int64_t)LIMIT_MS * 1000000) {
        struct pollfd p[SESSIONS];
        for (size_t i = 0; i < SESSIONS; i++) p[i] = (struct pollfd){ .fd = at[i] ? -1 : s[i].fd, .events = POLLIN };
        if (poll(p, SESSIONS, 100) <= 0) continue;
        for (size_t i = 0; i < SESSIONS; i++) {
            if (!(p[i].revents & (POLLIN | POLLHUP))) continue;
            ssize_t n = read(s[i].fd, text, sizeof text - 1);
            if (n <= 0) continue;
            text[n] = 0;
            if (strstr(text, mark)) at[i] = os_mono_ns(), left--;
        }
    }
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct app *app, struct session *s, struct work *w, struct arena *a) {
    static double ms[SESSIONS * CHANGES];
    static int64_t at[SESSIONS];
    size_t n = 0, missed = 0;
    struct err e = { 0 };
    for (int i = 0; i < CHANGES; i++) {
        w->claim = i % 2 == 0;
        if (app_job(app, STORE_INTERACTIVE, a, change, w, &e)) {
            printf("a change failed: %s %s\n", err_name(e.code), e.detail);
            return;
        }
        int64_t start = os_mono_ns();
        wait_all(s, "event: change", at);
        for (size_t k = 0; k < SESSIONS; k++) {
            if (at[k]) ms[n++] = (double)(at[k] - start) / 1e6;
            else missed++;
        }
    }
    qsort(ms, n, sizeof *ms, by_size);
    if (n) printf("%d sessions, %d changes: seen after p50 %.1f ms, p95 %.1f ms, most %.1f ms; not seen within %d ms: %zu\n", SESSIONS,
                  CHANGES, ms[n / 2], ms[n * 95 / 100], ms[n - 1], LIMIT_MS, missed);
}

int main(void) {
    static const char steps[] = "steps:\n  - {who: citizen, do: apply, item: residence-proof}\n"
                                "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n  - {who: citizen, do: submit}\n";
    static struct session s[SESSIONS];
    static int64_t at[SESSIONS];
    char dir[] = "/tmp/tongban-live-XXXXXX";
    struct arena a, keep;
    struct app *app;
    struct web *web;
    struct http_server *http;
    struct val *yaml;
    struct err e = { 0 };
    if (!mkdtemp(dir)) return 1;
    arena_init(&a, "speed", (size_t)256 * 1024 * 1024);
    arena_init(&keep, "keep", (size_t)256 * 1024 * 1024);
    struct app_config c = { .data_dir = dir, .base_url = S("http://127.0.0.1"), .demo = true, .unlimited = true };
    struct demo d = { .systems_dir = "systems", .people = 400, .companies = 80, .seed = 1 };
    if (app_open(&c, &app, &e) || app_load_systems(app, "systems", &e) || app_make_demo(app, &d, &e)) return cmd_fail("speed", &e);
    struct scenario play = { .app = app };
    if (yaml_parse(&keep, S("steps"), str_of(steps), &yaml, &e) || scenario_run(&play, yaml, 3, &e)) return cmd_fail("speed", &e);
    struct work w = { .app = app, .case_id = play.case_id };
    if (app_job(app, STORE_READ, &keep, find_work, &w, &e)) return cmd_fail("speed", &e);
    if (app_work(app, &e) || app_http_start(app, &keep, S("127.0.0.1:0"), -1, dir, &web, &http, &e)) return cmd_fail("speed", &e);
    /* Half are applicants with the case open, half officers with the task; two accounts, each below LIVE_OF_ONE_MAX. */
    static const char *const logins[] = { "police2", "citizen" };
    for (size_t i = 0; i < SESSIONS; i++) {
        s[i] = (struct session){ .app = app, .login = logins[i % 2] };
        os_random(s[i].token, sizeof s[i].token);
        if (app_job(app, STORE_INTERACTIVE, &a, open_session, &s[i], &e)) return cmd_fail("speed", &e);
        const char *topics = arena_fmt(&keep, i % 2 ? "case.%lld" : "task.%lld", (long long)(i % 2 ? w.case_id : w.task)).ptr;
        s[i].fd = subscribe(&s[i], http_port(http), topics, &keep);
    }
    wait_all(s, "event: at", at);
    measure(app, s, &w, &a);
    for (size_t i = 0; i < SESSIONS; i++) (void)close(s[i].fd);
    live_stop(app->live);
    http_stop(http, 1000);
    web_stop(web);
    app_close(app);
    (void)os_remove_tree(dir, NULL);
    return 0;
}
