/* role: see role.h. Invariant: between role_enter and NAME_main the process has its final uid and only one descriptor beside the
 * standard ones, the parent's control socket.
 */
#include "proc/role.h"

#include "base/log.h"
#include "os/os.h"
#include "os/proc.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct str role_config(const struct role_context *c, struct str key) {
    for (size_t i = 0; i < c->n_arg; i++) {
        struct str arg = str_of(c->arg[i]), name;
        if (str_cut(&arg, '=', &name) && str_eq(name, key)) return arg;
    }
    return S("");
}

int role_lock(struct role_context *c, const struct sandbox_path *path, size_t n, struct err *e) {
    unsigned held = 0;
    if (c->single) return 0;
    struct sandbox s = c->role->sandbox;
    s.may &= ~c->without;
    int r = sandbox_enter(&s, path, n, &held, e);
    if (r == 0 && !(held & SANDBOX_LANDLOCK))
        LOG(LOG_WARN, c->role->name, S(""), "this kernel has no Landlock: paths are fenced by user and system call only",
            LOG_INT("held", held));
    return r;
}

void role_ready(struct role_context *c) {
    (void)ipc_control_send(c->control_fd, IPC_READY, c->role->name, -1, NULL); /* a parent that is gone is noticed elsewhere */
}

/* One order of the parent: a new link, or the end. False: stop. */
static bool obey(struct role_context *c, int *link) {
    struct ipc_control order;
    int fd = -1;
    bool open = false;
    if (ipc_control_recv(c->control_fd, true, &order, &fd, &open, NULL) || !open || order.order == IPC_STOP) return false;
    if (order.order == IPC_LINK) {
        proc_close(link);
        *link = fd;
    }
    return true;
}

/* What serves somebody's request says so under its id; what the processes ask of each other on their own account does not, unless
 * it was refused. */
static void note(const char *peer, const struct ipc_call *c, int code) {
    if (code || c->request_id.len)
        LOG(code ? LOG_WARN : LOG_INFO, peer, c->request_id, c->op->name, LOG_CODE(code));
}

int role_serve(struct role_context *c, const struct ipc_table *t, void *context) {
    struct arena a;
    struct err e = { 0 };
    int link = -1, code = 0;
    arena_init(&a, t->peer, t->arena_bytes);
    role_ready(c);
    for (;;) {
        struct pollfd p[2] = { { .fd = c->control_fd, .events = POLLIN }, { .fd = link, .events = POLLIN } };
        bool open = true;
        if (poll(p, 2, -1) < 0) continue;
        if (p[1].revents && ipc_answer_noted(t, link, &a, context, note, &open, &e)) {
            LOG(LOG_ERROR, c->role->name, S(""), "a message that breaks the table: ending", LOG_ERR(&e));
            code = 1;
            break;
        }
        if (!open) proc_close(&link);
        int was = link;
        if (p[0].revents && !obey(c, &link)) break;
        if (link != was && link >= 0 && c->on_link) c->on_link(context);
    }
    proc_close(&link);
    arena_done(&a);
    return code;
}

int role_enter(const struct role *roles, size_t n, int argc, char **argv) {
    /* argv: program @role NAME PARENT UID key=value... */
    struct err e = { 0 };
    const struct role *role = NULL;
    uint64_t parent, uid;
    for (size_t i = 0; argc >= 5 && i < n; i++)
        if (strcmp(argv[2], roles[i].name) == 0) role = &roles[i];
    if (!role || !str_to_u64(str_of(argv[3]), &parent) || !str_to_u64(str_of(argv[4]), &uid) || argc - 5 > ROLE_ARGS_MAX) return 2;
    proc_child_of((pid_t)parent);
    (void)umask(0077);
    if (uid && proc_drop_to((uid_t)uid, &e)) {
        LOG(LOG_ERROR, role->name, S(""), "cannot become its own user", LOG_ERR(&e));
        return 1;
    }
    if (uid) proc_child_of((pid_t)parent); /* the kernel forgets the wish when the uid changes */
    const char *arg[ROLE_ARGS_MAX];
    for (int i = 5; i < argc; i++) arg[i - 5] = argv[i];
    struct role_context c = { .role = role, .control_fd = PROC_CONTROL_FD, .arg = arg, .n_arg = (size_t)(argc - 5) };
    return role->main(&c);
}
