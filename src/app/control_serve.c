/* control_serve: the server's end of the control socket; see control.h.
 *
 * Invariants
 *  1. Nothing is read from a peer whose uid may not ask.
 *  2. A thread serves one peer at a time; CONTROL_CLIENTS threads take turns at one listening socket, so a long backup does not keep
 *     `status` waiting.
 *  3. control_stop ends within one step of what is under way: it shuts the connections, and the next part fails.
 */
#include "app/control.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "base/log.h"
#include "engine/audit/audit_kept.h"
#include "os/local.h"
#include "os/os.h"
#include "os/proc.h"
#include "proc/ipc.h"

static const char socket_name[] = "control";

struct place {
    struct control *control;
    pthread_t thread;
    int fd;      /* under control->lock */
    unsigned uid;
};
struct control {
    struct app *app;
    int listening, stop[2];
    pthread_mutex_t lock;
    struct place place[CONTROL_CLIENTS];
    size_t n;
};

/* ---- one question ---- */

static int part_out(void *to, struct str bytes, struct err *e) {
    return ipc_part(to, bytes, e);
}

static int answer(struct ipc_call *c, struct err *e) {
    const struct place *p = c->context;
    struct app *app = p->control->app;
    struct actor who = app->worker;
    struct control_call work = { .app = app, .store = app->store, .who = &who, .arena = c->arena, .body = c->body, .out = part_out,
                                 .to = c };
    int64_t start_ns = os_mono_ns();
    who.request_id = c->request_id;
    who.peer = arena_fmt(c->arena, "control uid %u", p->uid);
    uint64_t held = realm_hold(&app->realm);
    int rc = control_work((enum control_op)c->op->type, &work, e);
    realm_let(&app->realm, held);
    LOG(rc ? LOG_WARN : LOG_INFO, "control", c->request_id, c->op->name, LOG_INT("uid", p->uid),
        LOG_INT("ms", (os_mono_ns() - start_ns) / 1000000), LOG_CODE(rc), LOG_TEXT("detail", str_of(rc && e ? e->detail : "")));
    char *code = arena_alloc(c->arena, 1);
    if (rc || !code) return rc ? rc : err_set(e, ERR_MEMORY, "control");
    *code = (char)work.exit_code;
    c->reply = str_make(code, 1);
    return 0;
}

static const struct ipc_op ops[] = {
#define CONTROL_ROW(op, name, least, most, server, rows_only, function) { op, name, least, most, 1, answer, CONTROL_PART_BYTES_MAX },
#include "app/control_words.h"
#undef CONTROL_ROW
};
const struct ipc_table control_table = { "control", ops, sizeof ops / sizeof *ops, (size_t)192 * 1024 * 1024 };

/* ---- peers ---- */

static void serve_peer(struct place *p, int fd) {
    struct arena a;
    struct err e = { 0 };
    uid_t uid = 0;
    bool open = true;
    if (!local_peer(fd, &uid) || !local_peer_may(uid)) {
        LOG(LOG_WARN, "control", S(""), "a stranger was turned away", LOG_INT("uid", uid));
        return;
    }
    p->uid = uid;
    arena_init(&a, "control", control_table.arena_bytes);
    while (open && ipc_answer(&control_table, fd, &a, p, &open, &e) == 0) arena_reset(&a);
    if (e.code == ERR_SYNTAX || e.code == ERR_LIMIT)
        LOG(LOG_WARN, "control", S(""), "a message that breaks the table: closed", LOG_ERR(&e));
    arena_done(&a);
}

/* What control_stop may shut; -1: nothing. */
static void hold(struct place *p, int fd) {
    (void)pthread_mutex_lock(&p->control->lock);
    p->fd = fd;
    (void)pthread_mutex_unlock(&p->control->lock);
}

static void *run(void *arg) {
    struct place *p = arg;
    for (;;) {
        struct pollfd at[2] = { { .fd = p->control->stop[0], .events = POLLIN }, { .fd = p->control->listening, .events = POLLIN } };
        if (poll(at, 2, -1) < 0) continue;
        if (at[0].revents) return NULL;
        int fd = local_accept(p->control->listening, CONTROL_SILENT_MS);
        if (fd < 0) continue; /* another place was faster */
        hold(p, fd);
        serve_peer(p, fd);
        hold(p, -1);
        proc_close(&fd);
    }
}

/* ---- life ---- */

int control_listen(const char *dir, struct control_socket *ret, struct err *e) {
    *ret = (struct control_socket){ -1, -1 };
    int rc = local_lock(dir, &ret->dir, e);
    if (!rc) rc = local_listen(ret->dir, socket_name, &ret->listening, e);
    if (rc) proc_close(&ret->dir);
    return rc;
}

void control_unlisten(struct control_socket *s) {
    if (s->dir >= 0) local_remove(s->dir, socket_name);
    proc_close(&s->listening);
    proc_close(&s->dir);
}

int control_start(struct app *app, const struct control_socket *s, struct arena *a, struct control **ret, struct err *e) {
    struct control *c = arena_new(a, struct control);
    if (!c) return err_set(e, ERR_MEMORY, "control");
    c->app = app;
    c->listening = s->listening;
    int rc = proc_socketpair(false, c->stop, e);
    if (rc) return rc;
    (void)pthread_mutex_init(&c->lock, NULL);
    *ret = c;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        c->place[i] = (struct place){ .control = c, .fd = -1 };
        if (pthread_create(&c->place[i].thread, NULL, run, &c->place[i])) return err_set(e, ERR_MEMORY, "threads");
        c->n++;
    }
    return 0;
}

void control_stop(struct control *c) {
    if (!c) return;
    proc_close(&c->stop[1]); /* every place sees the end of the other side */
    (void)pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->n; i++)
        if (c->place[i].fd >= 0) (void)shutdown(c->place[i].fd, SHUT_RDWR);
    (void)pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < c->n; i++) (void)pthread_join(c->place[i].thread, NULL);
    (void)pthread_mutex_destroy(&c->lock);
    proc_close(&c->stop[0]);
}
