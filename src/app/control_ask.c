/* control_ask: the command line's end; see control.h. Invariant: without a server the folder is locked while the work is done, so that
 * none starts meanwhile; whoever comes between tries again.
 */
#include "app/control.h"
#include "app/cmd.h"

#include <poll.h>
#include <stdio.h>

#include "app/generated.h"
#include "os/local.h"
#include "os/os.h"
#include "os/proc.h"
#include "proc/ipc.h"

enum { TRIES = 50, TRY_AGAIN_MS = 100, ANSWER_BYTES_MAX = 4096 };

struct asking {
    int argc;
    char **argv;
    const char *data;
    enum control_op op;
    struct str body;
    store_put *out;
    void *to;
    uint8_t exit_code;
    char request_id[IPC_REQUEST_ID_BYTES + 1];
};

static int ask_server(struct asking *q, int fd, struct err *e) {
    struct arena a;
    struct ipc_request r = { .type = (uint16_t)q->op, .body = q->body, .arena = &a };
    (void)snprintf(r.request_id, sizeof r.request_id, "%s", q->request_id);
    arena_init(&a, "answer", ANSWER_BYTES_MAX);
    int rc = ipc_ask_on(&control_table, fd, &r, q->out, q->to, e);
    if (!rc && r.reply.len == 1) q->exit_code = (uint8_t)r.reply.ptr[0];
    arena_done(&a);
    return rc;
}

static int open_rows(struct asking *q, struct arena *a, struct store **ret, struct err *e) {
    const char *url = cmd_option(q->argc, q->argv, "--store"), *libpq = cmd_option(q->argc, q->argv, "--libpq");
    struct store_config c = { .url = url ? str_of(url) : arena_fmt(a, "sqlite:%s/tongban.db", q->data), .migrations = migrations,
                              .n_migrations = n_migrations, .libpq = libpq ? str_of(libpq) : S("") };
    int rc = cmd_node(q->argc, q->argv, &c.node, e);
    return rc ? rc : store_open(&c, ret, e);
}

static int work_here(struct asking *q, struct err *e) {
    struct arena a;
    struct app *app = NULL;
    struct store *rows = NULL;
    struct actor who;
    struct control_call c = { .who = &who, .arena = &a, .body = q->body, .out = q->out, .to = q->to };
    arena_init(&a, "work", (size_t)256 * 1024 * 1024);
    int rc;
    if (control_needs_rows_only(q->op)) rc = open_rows(q, &a, &rows, e);
    else rc = cmd_open(q->argc, q->argv, q->data, &app, e);
    if (!rc) {
        who = app ? app->worker : (struct actor){ 0 };
        who.request_id = str_of(q->request_id);
        c.app = app;
        c.store = app ? app->store : rows;
        rc = control_work(q->op, &c, e);
        q->exit_code = c.exit_code;
    }
    if (!rc && app) rc = app_sequence(app, true, e);
    app_close(app);
    store_close(rows);
    arena_done(&a);
    return rc;
}

/* Connected, or locked: one of the two descriptors is there on success. */
static int reach(const char *data, bool alone, int *fd, int *lock, struct err *e) {
    for (int i = 0; i < TRIES; i++) {
        int rc = local_connect(data, "control", fd, e);
        if (rc != ERR_NOT_FOUND || !alone) return rc;
        rc = local_lock(data, lock, e);
        if (rc != ERR_BUSY) return rc;
        (void)poll(NULL, 0, TRY_AGAIN_MS); /* a server that starts or ends, or another command */
    }
    return err_set(e, ERR_BUSY, "%s", data);
}

int control_ask(int argc, char **argv, enum control_op op, struct str body, store_put *out, void *to, int *ret_exit, struct err *e) {
    struct asking q = { .argc = argc, .argv = argv, .data = cmd_data(argc, argv), .op = op, .body = body, .out = out, .to = to };
    int fd = -1, lock = -1;
    *ret_exit = 1;
    if (!cmd_installed(q.data)) return 0;
    uint64_t number;
    os_random(&number, sizeof number);
    (void)snprintf(q.request_id, sizeof q.request_id, "cli-%016llx", (unsigned long long)number);
    int rc = reach(q.data, !control_needs_server(op), &fd, &lock, e);
    if (rc == ERR_NOT_FOUND && control_needs_server(op)) {
        fprintf(stderr, "no server runs on %s\n", q.data);
        *ret_exit = CMD_NO_SERVER;
        return 0;
    }
    if (!rc) rc = fd >= 0 ? ask_server(&q, fd, e) : work_here(&q, e);
    proc_close(&fd);
    proc_close(&lock);
    *ret_exit = q.exit_code;
    return rc;
}

int control_print(void *unused, struct str text, struct err *e) {
    (void)unused;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (putchar((c < ' ' && c != '\n' && c != '\t') || c == 0x7f ? '?' : c) == EOF) return err_set(e, ERR_IO, "standard output");
    }
    return 0;
}
