/* parent: see parent.h for the states of a role. One loop over signals and control sockets; a role's end is seen as the end of its
 * control socket, which the kernel closes with the process (or the wrapper with the thread).
 *
 * Invariants
 *  1. child.control is open exactly while the role is up.
 *  2. Whenever hub and role are both up, they hold the two ends of one link; each start of either makes new ones.
 *  3. The hub is stopped first, so that what it drains still has its helpers. It is started with those it begins with (role.h, `first`);
 *     the others follow when it works, and what it asks of them waits in its queues meanwhile: a restart takes as long as these few need.
 */
#include "proc/parent/parent.h"

#include "base/log.h"
#include "os/os.h"
#include "os/proc.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAUSE_MOST_MS = 10000, LIVED_MS = 60000, DRAIN_MS = 20000, END_MS = 3000 };

struct child {
    const struct role *role;
    struct role_context context; /* --single */
    pthread_t thread;
    pid_t pid;
    unsigned uid;
    int control;                 /* the parent's end, or -1 */
    int exit_code;               /* of a thread */
    bool ready, was_ready;
    int64_t since_ns, again_ns, pause_ms;
};

struct parent {
    const struct parent_config *config;
    struct child child[IPC_LINKS_MAX + 1];
    size_t n;
    struct child *hub;
    bool stopping, failed;
    int64_t kill_ns; /* when stopping: who is still up then is killed */
};

static bool up(const struct child *c) {
    return c->control >= 0;
}

/* ---- start ---- */

static void *thread_main(void *arg) {
    struct child *c = arg;
    c->exit_code = c->role->main(&c->context);
    proc_close(&c->context.control_fd);
    return NULL;
}

static int start_thread(struct parent *p, struct child *c, int control, struct err *e) {
    c->context = (struct role_context){ .role = c->role, .control_fd = control, .single = true, .arg = p->config->arg,
                                        .n_arg = p->config->n_arg };
    int error = pthread_create(&c->thread, NULL, thread_main, c);
    return error ? err_set(e, ERR_IO, "thread: %s", strerror(error)) : 0;
}

static int start_process(struct parent *p, struct child *c, int *control, struct err *e) {
    char parent[16], uid[16];
    const char *argv[ROLE_ARGS_MAX + 6] = { "tongban", ROLE_ARGUMENT, c->role->name, parent, uid };
    (void)snprintf(parent, sizeof parent, "%d", (int)getpid());
    (void)snprintf(uid, sizeof uid, "%u", c->uid);
    for (size_t i = 0; i < p->config->n_arg; i++) argv[5 + i] = p->config->arg[i];
    int r = proc_spawn(argv, *control, &c->pid, e);
    proc_close(control);
    return r;
}

/* Both ends of a fresh link. A role that is already ending misses it; its next start makes another. */
static void connect_to_hub(struct parent *p, struct child *c) {
    int pair[2];
    struct err e = { 0 };
    if (!p->hub || c == p->hub || !up(c) || !up(p->hub)) return;
    int r = proc_socketpair(false, pair, &e);
    if (r == 0) {
        r = ipc_control_send(p->hub->control, IPC_LINK, c->role->name, pair[0], &e);
        if (r == 0) r = ipc_control_send(c->control, IPC_LINK, p->hub->role->name, pair[1], &e);
        proc_close(&pair[0]);
        proc_close(&pair[1]);
    }
    if (r) LOG(LOG_WARN, "parent", S(""), "could not connect", LOG_TEXT("role", str_of(c->role->name)), LOG_ERR(&e));
}

static void start(struct parent *p, struct child *c) {
    int pair[2] = { -1, -1 };
    struct err e = { 0 };
    int r = proc_socketpair(true, pair, &e);
    c->since_ns = os_mono_ns();
    c->ready = false;
    if (r == 0) r = p->config->single ? start_thread(p, c, pair[1], &e) : start_process(p, c, &pair[1], &e);
    if (r) {
        LOG(LOG_ERROR, "parent", S(""), "could not start", LOG_TEXT("role", str_of(c->role->name)), LOG_ERR(&e));
        proc_close(&pair[0]);
        proc_close(&pair[1]);
        c->again_ns = c->since_ns + c->pause_ms * 1000000;
        return;
    }
    c->control = pair[0];
    c->again_ns = 0;
    if (c == p->hub)
        for (size_t i = 0; i < p->n; i++) connect_to_hub(p, &p->child[i]);
    else connect_to_hub(p, c);
}

/* ---- stop ---- */

static void order_stop(struct child *c) {
    if (up(c)) (void)ipc_control_send(c->control, IPC_STOP, NULL, -1, NULL); /* if it is gone, `lost` comes next */
}

/* The hub first; when it is down, the others. */
static void stop(struct parent *p) {
    if (p->stopping) return;
    p->stopping = true;
    int64_t drain_ms = p->config->drain_ms ? p->config->drain_ms : DRAIN_MS;
    p->kill_ns = os_mono_ns() + drain_ms * 1000000;
    LOG(LOG_INFO, "parent", S(""), "stopping", LOG_INT("drain_ms", drain_ms));
    if (p->hub && up(p->hub)) {
        order_stop(p->hub);
        return;
    }
    for (size_t i = 0; i < p->n; i++) order_stop(&p->child[i]);
}

static void lost(struct parent *p, struct child *c) {
    int code = 0;
    int64_t now = os_mono_ns(), lived_ms = (now - c->since_ns) / 1000000;
    proc_close(&c->control);
    if (p->config->single) {
        (void)pthread_join(c->thread, NULL);
        code = c->exit_code;
    } else {
        code = proc_reap(c->pid, true);
    }
    LOG(code ? LOG_WARN : LOG_INFO, "parent", S(""), "role ended",
        LOG_TEXT("role", str_of(c->role->name)), LOG_INT("code", code),
        LOG_INT("lived_ms", lived_ms));
    if (!p->stopping && !c->was_ready) {
        LOG(LOG_ERROR, "parent", S(""), "it never worked: see its last line", LOG_TEXT("role", str_of(c->role->name)));
        p->failed = true;
        stop(p);
    } else if (!p->stopping && c == p->hub && code == 0) {
        stop(p);
    }
    if (p->stopping) {
        if (c != p->hub) return;
        p->kill_ns = now + (int64_t)END_MS * 1000000;
        for (size_t i = 0; i < p->n; i++) order_stop(&p->child[i]);
        return;
    }
    int64_t first_ms = p->config->pause_ms ? p->config->pause_ms : 100;
    if (lived_ms >= LIVED_MS) c->pause_ms = first_ms;
    c->again_ns = now + c->pause_ms * 1000000;
    c->pause_ms = c->pause_ms * 2 < PAUSE_MOST_MS ? c->pause_ms * 2 : PAUSE_MOST_MS;
}

/* In --single a thread cannot be killed: the program ends around it. */
static void kill_late(struct parent *p) {
    for (size_t i = 0; i < p->n; i++) {
        if (!up(&p->child[i])) continue;
        LOG(LOG_ERROR, "parent", S(""), "did not stop in time", LOG_TEXT("role", str_of(p->child[i].role->name)));
        p->failed = true;
        if (p->config->single) _exit(1);
        (void)kill(p->child[i].pid, SIGKILL);
    }
    p->kill_ns = INT64_MAX;
}

/* ---- the loop ---- */

static void hear(struct parent *p, struct child *c) {
    struct ipc_control order;
    struct err e = { 0 };
    int fd = -1;
    bool open = false;
    int r = ipc_control_recv(c->control, false, &order, &fd, &open, &e);
    if (r == ERR_BUSY) return;
    proc_close(&fd);
    if (r == 0 && open && order.order == IPC_READY) {
        c->ready = c->was_ready = true;
        LOG(LOG_INFO, "parent", S(""), "role ready", LOG_TEXT("role", str_of(c->role->name)),
            LOG_INT("after_ms", (os_mono_ns() - c->since_ns) / 1000000));
        return;
    }
    if (r || open)
        LOG(LOG_ERROR, "parent", S(""), "bad word from role",
            LOG_TEXT("role", str_of(c->role->name)), LOG_ERR(&e));
    lost(p, c);
}

/* Invariant 3. */
static bool in_turn(const struct parent *p, const struct child *c) {
    return c == p->hub || c->role->first || !p->hub || p->hub->was_ready;
}

static int start_due(struct parent *p) {
    int64_t now = os_mono_ns(), nearest = p->stopping ? p->kill_ns : INT64_MAX;
    for (size_t i = 0; !p->stopping && i < p->n; i++) {
        struct child *c = &p->child[i];
        if (!in_turn(p, c)) continue;
        if (!up(c) && c->again_ns <= now) start(p, c);
        if (!up(c) && c->again_ns < nearest) nearest = c->again_ns;
    }
    if (nearest == INT64_MAX) return -1;
    return nearest <= now ? 0 : (int)((nearest - now) / 1000000 + 1);
}

static bool any_up(const struct parent *p) {
    for (size_t i = 0; i < p->n; i++)
        if (up(&p->child[i])) return true;
    return false;
}

static void loop(struct parent *p, int signals) {
    while (!p->stopping || any_up(p)) {
        struct pollfd fd[IPC_LINKS_MAX + 2] = { { .fd = signals, .events = POLLIN } };
        int wait_ms = start_due(p);
        for (size_t i = 0; i < p->n; i++) fd[i + 1] = (struct pollfd){ .fd = p->child[i].control, .events = POLLIN };
        if (poll(fd, p->n + 1, wait_ms) < 0) continue;
        if (fd[0].revents && proc_signal_take(signals)) stop(p);
        for (size_t i = 0; i < p->n; i++)
            if (fd[i + 1].revents && up(&p->child[i])) hear(p, &p->child[i]);
        if (p->stopping && os_mono_ns() >= p->kill_ns) kill_late(p);
    }
}

/* ---- users ---- */

/* Each role its own user, and the folders that go with it. Where others cannot reach the data directory (a home folder with mode
 * 0700) roles keep the parent's uid, and the log says so: seccomp and Landlock still stand. */
static int give_folders(struct parent *p, struct err *e) {
    struct role_context c = { .arg = p->config->arg, .n_arg = p->config->n_arg };
    struct str data = role_config(&c, S("data"));
    char path[PATH_MAX];
    if (!proc_is_root() || data.len == 0 || data.len >= sizeof path - 64) return 0;
    (void)snprintf(path, sizeof path, "%.*s", STR_ARG(data));
    /* What is written with --single is root's: unless all is, the next start would find some that its roles may not open. */
    if (p->config->single) return proc_give_tree(path, 0, e);
    if (!proc_reachable(path)) {
        LOG(LOG_WARN, "parent", S(""),
            "others cannot reach the data directory: roles keep this user", LOG_TEXT("data", data));
        return proc_give_tree(path, 0, e); /* without capabilities, root too reads only what is its own */
    }
    for (int inner = 0; inner < 2; inner++) /* the whole first, then what others own within it */
        for (size_t i = 0; i < p->n; i++) {
            const struct role *role = p->child[i].role;
            if (!role->owns || (role->owns[0] != 0) != inner) continue;
            (void)snprintf(path, sizeof path, "%.*s/%s", STR_ARG(data), role->owns);
            int r = proc_give_tree(path, role->uid, e);
            if (r && !(inner && e->code == ERR_IO && os_kind(path) == OS_NONE)) return r;
            if (!inner && chmod(path, 0711) < 0) return err_field(e, ERR_IO, data, "cannot change its mode");
        }
    for (size_t i = 0; i < p->n; i++) p->child[i].uid = p->child[i].role->uid;
    return 0;
}

int parent_run(const struct parent_config *config) {
    struct parent p = { .config = config, .n = config->n };
    struct err e = { 0 };
    int signals = -1;
    unsigned held;
    if (config->n > IPC_LINKS_MAX || config->n_arg > ROLE_ARGS_MAX) return 2;
    for (size_t i = 0; i < p.n; i++) {
        p.child[i] = (struct child){ .role = &config->roles[i], .control = -1, .pause_ms = config->pause_ms ? config->pause_ms : 100 };
        if (config->roles[i].hub) p.hub = &p.child[i];
    }
    const struct sandbox own = { .may = SANDBOX_SPAWN };
    int r = give_folders(&p, &e);
    if (r == 0) r = proc_signals(&signals, &e);
    if (r == 0 && !config->single) r = sandbox_enter(&own, NULL, 0, &held, &e);
    if (r) {
        LOG(LOG_ERROR, "parent", S(""), "cannot begin", LOG_ERR(&e));
        proc_close(&signals);
        return 1;
    }
    loop(&p, signals);
    proc_close(&signals);
    return p.failed;
}
