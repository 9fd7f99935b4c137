/* page_speed: a guide page and a case page, signed in, against a bare libmicrohttpd handler that runs the same statements with the same
 * values and writes the same bytes. Interleaved one-second slots, the same clients; prints ratios, passes and fails nothing.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/demo.h"
#include "app/http.h"
#include "engine/identity/identity.h"
#include "os/os.h"
#include "trace.h"

enum { CLIENTS = 4, SLOTS = 8, STATEMENTS_MAX = 200, REPLY_BYTES_MAX = 1024 * 1024 };

/* ---- clients ---- */
struct load {
    unsigned port;
    const char *request;
    atomic_bool stop;
    atomic_size_t done, bad;
};

static int dial(unsigned port) {
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) return -1;
    return fd;
}

/* One request on an open connection; the reply's bytes in `out`, its length, or 0. */
static size_t fetch(int fd, const char *request, char *out) {
    size_t n = 0, want = 0;
    if (write(fd, request, strlen(request)) < 0) return 0;
    for (;;) {
        ssize_t got = read(fd, out + n, REPLY_BYTES_MAX - n - 1);
        if (got <= 0) return 0;
        n += (size_t)got;
        out[n] = 0;
        char *head = strstr(out, "\r\n\r\n"), *length = strstr(out, "Content-Length: ");
        if (!want && head && length && length < head) want = (size_t)(head - out) + 4 + (size_t)strtoul(length + 16, NULL, 10);
        if (want && n >= want) return n;
    }
}

static void *client(void *arg) {
    struct load *l = arg;
    char *out = malloc(REPLY_BYTES_MAX);
    int fd = dial(l->port);
    while (!atomic_load(&l->stop)) {
        if (fetch(fd, l->request, out) && strncmp(out, "HTTP/1.1 200", 12) == 0) atomic_fetch_add(&l->done, 1);
        else {
            atomic_fetch_add(&l->bad, 1);
            (void)close(fd);
            fd = dial(l->port);
        }
    }
    (void)close(fd);
    free(out);
    return NULL;
}

static double slot(unsigned port, const char *request, size_t *bad) {
    struct load l = { .port = port, .request = request };
    pthread_t t[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++) (void)pthread_create(&t[i], NULL, client, &l);
    int64_t start = os_mono_ns();
    while (os_mono_ns() - start < 1000000000) (void)usleep(1000);
    atomic_store(&l.stop, true);
    for (size_t i = 0; i < CLIENTS; i++) (void)pthread_join(t[i], NULL);
    *bad += l.bad;
    return (double)l.done / ((double)(os_mono_ns() - start) / 1e9);
}

/* ---- the bare handler ---- */
struct bare {
    const char *db;
    const struct traced *statement[STATEMENTS_MAX];
    size_t n;
    const char *body;
    size_t body_len;
};
struct bare_thread {
    sqlite3 *db;
    sqlite3_stmt *stmt[STATEMENTS_MAX], *begin, *commit;
};

static struct bare_thread *bare_open(const struct bare *b) {
    struct bare_thread *t = calloc(1, sizeof *t);
    if (sqlite3_open_v2(b->db, &t->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) exit(1);
    (void)sqlite3_exec(t->db, "PRAGMA query_only=1; PRAGMA cache_size=-16384", NULL, NULL, NULL);
    for (size_t i = 0; i < b->n; i++)
        if (sqlite3_prepare_v3(t->db, b->statement[i]->sql, -1, SQLITE_PREPARE_PERSISTENT, &t->stmt[i], NULL)) exit(1);
    (void)sqlite3_prepare_v2(t->db, "BEGIN", -1, &t->begin, NULL);
    (void)sqlite3_prepare_v2(t->db, "COMMIT", -1, &t->commit, NULL);
    return t;
}

static enum MHD_Result bare_handle(void *cls, struct MHD_Connection *c, const char *url, const char *method, const char *version,
                                   const char *upload, size_t *upload_size, void **state) {
    static _Thread_local struct bare_thread *t;
    const struct bare *b = cls;
    static int seen;
    (void)url, (void)method, (void)version, (void)upload, (void)upload_size;
    if (!*state) return *state = &seen, MHD_YES;
    if (!t) t = bare_open(b);
    (void)sqlite3_step(t->begin), (void)sqlite3_reset(t->begin);
    for (size_t i = 0; i < b->n; i++) {
        for (size_t k = 0; k < b->statement[i]->n_values; k++) {
            const struct store_val *v = &b->statement[i]->value[k];
            int at = (int)k + 1;
            if (v->type == STORE_I64) (void)sqlite3_bind_int64(t->stmt[i], at, v->i);
            else if (v->type == STORE_TEXT) (void)sqlite3_bind_text(t->stmt[i], at, v->s.ptr, (int)v->s.len, SQLITE_STATIC);
            else if (v->type == STORE_BYTES) (void)sqlite3_bind_blob(t->stmt[i], at, v->s.ptr, (int)v->s.len, SQLITE_STATIC);
        }
        while (sqlite3_step(t->stmt[i]) == SQLITE_ROW)
            for (int k = 0; k < sqlite3_column_count(t->stmt[i]); k++) (void)sqlite3_column_blob(t->stmt[i], k);
        (void)sqlite3_reset(t->stmt[i]);
    }
    (void)sqlite3_step(t->commit), (void)sqlite3_reset(t->commit);
    struct MHD_Response *r = MHD_create_response_from_buffer(b->body_len, (void *)(uintptr_t)b->body, MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(r, "Content-Type", "text/html; charset=utf-8");
    enum MHD_Result rc = MHD_queue_response(c, 200, r);
    MHD_destroy_response(r);
    return rc;
}

/* ---- one page ---- */
static void measure(const char *name, const char *path, const char *cookie, unsigned port, const char *db) {
    struct bare b = { .db = db };
    char *reply = malloc(REPLY_BYTES_MAX), request[1024];
    if (!reply) abort();
    size_t bad = 0;
    double ours = 0, theirs = 0;
    (void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %s\r\n\r\n", path, port, cookie);
    int fd = dial(port);
    (void)fetch(fd, request, reply);
    trace_catch(true);
    size_t n = fetch(fd, request, reply);
    trace_catch(false);
    (void)close(fd);
    struct trace_list caught = trace_take();
    for (struct traced *t = caught.first; t && b.n < STATEMENTS_MAX; t = t->next)
        if (strncmp(t->sql, "SELECT", 6) == 0) b.statement[b.n++] = t;
    b.body = strstr(reply, "\r\n\r\n") + 4;
    b.body_len = n - (size_t)(b.body - reply);
    struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNALLY_LINUX_ONLY, 0, NULL, NULL, bare_handle, &b, MHD_OPTION_THREAD_POOL_SIZE,
                                            (unsigned)sysconf(_SC_NPROCESSORS_ONLN), MHD_OPTION_END);
    unsigned bare_port = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
    for (int i = 0; i < SLOTS; i++) {
        ours += slot(port, request, &bad);
        theirs += slot(bare_port, request, &bad);
    }
    MHD_stop_daemon(d);
    printf("%s: %zu bytes, %zu statements: %.0f pages/s; bare handler %.0f/s; ratio %.2f%s\n", name, b.body_len, b.n, ours / SLOTS,
           theirs / SLOTS, ours / theirs, bad ? " (SOME FAILED)" : "");
    free(reply);
}

struct session {
    struct app *app;
    uint8_t token[IDENTITY_TOKEN_BYTES];
};

static int open_session(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct session *s = job->arg;
    struct identity_login login;
    struct actor nobody = { .request_id = S("speed"), .peer = S("-"), .lang = S("zh") };
    int64_t id;
    int rc = identity_login_find(tx, &s->app->realm, S("citizen"), &login, e);
    login.verified = true;
    return rc ? rc : identity_login_finish(tx, &s->app->realm, &nobody, &login, s->token, &id, e);
}

int main(void) {
    char dir[] = "/tmp/tongban-speed-XXXXXX";
    struct arena a;
    struct app *app;
    struct web *web;
    struct http_server *http;
    struct err e = { 0 };
    if (!mkdtemp(dir)) return 1;
    trace_start();
    arena_init(&a, "speed", (size_t)256 * 1024 * 1024);
    struct app_config c = { .data_dir = dir, .base_url = S("http://127.0.0.1"), .demo = true, .unlimited = true };
    struct demo d = { .systems_dir = "systems", .people = 1000, .companies = 200, .seed = 1, .cases = true };
    if (app_open(&c, &app, &e) || app_load_systems(app, "systems", &e) || app_make_demo(app, &d, &e)) return cmd_fail("speed", &e);
    size_t n = 1;
    while (n && app_set_papers(app, &n, &e) == 0) continue;
    struct session s = { .app = app };
    os_random(s.token, sizeof s.token);
    if (app_job(app, STORE_INTERACTIVE, &a, open_session, &s, &e)) return cmd_fail("speed", &e);
    struct arena keep;
    arena_init(&keep, "keep", (size_t)256 * 1024 * 1024);
    struct str token = crypto_base64url(&keep, str_make((const char *)s.token, sizeof s.token));
    const char *cookie = arena_fmt(&keep, "%s=%.*s", PAGE_SESSION_COOKIE, STR_ARG(token)).ptr;
    if (app_http_start(app, &keep, S("127.0.0.1:0"), -1, dir, &web, &http, &e)) return cmd_fail("speed", &e);
    unsigned port = http_port(http);
    char *list = malloc(REPLY_BYTES_MAX), request[1024];
    if (!list) abort();
    (void)snprintf(request, sizeof request, "GET /zh/space/cases HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %s\r\n\r\n", port, cookie);
    int fd = dial(port);
    (void)fetch(fd, request, list);
    (void)close(fd);
    const char *db = arena_fmt(&keep, "%s/tongban.db", dir).ptr, *mine = NULL, *draft = NULL;
    for (const char *link = list; (link = strstr(link, "/zh/case/")) != NULL; link++) {
        const char *path = arena_fmt(&keep, "%.*s", (int)strcspn(link, "\""), link).ptr;
        if (str_ends(str_of(path), S("/fill"))) draft = path;
        else if (!mine && !strchr(path + strlen("/zh/case/"), '/')) mine = path;
    }
    measure("guide page", "/zh/guide/residence-proof", cookie, port, db);
    if (mine) measure("case page", mine, cookie, port, db);
    if (draft) measure("an application's tasks", draft, cookie, port, db);
    if (!mine || !draft) printf("no case, or no draft, is in the list\n");
    free(list);
    http_stop(http, 1000);
    web_stop(web);
    app_close(app);
    (void)os_remove_tree(dir, NULL);
    return 0;
}
