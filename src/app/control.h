/* control: what the command line asks of an installation. Where a server runs on the data folder, the question goes to it through the
 * socket DIR/control and the server does the work: only it opens the store. Where none runs, the command locks the folder and does the
 * same work itself. One table of questions (control_work.c), one function for each, called from either side.
 *
 * The socket: mode 0600, the peer's uid is this server's or root's; messages of proc/ipc.h against `control_table`, text and bytes in
 * parts as they come. At most CONTROL_CLIENTS are served at once; one who says nothing is dropped after CONTROL_SILENT_MS.
 *
 * TO ADD A QUESTION: 1. its number here, 2. a row in control_words.h, its function in control_work.c, 3. who asks it in a cmd_*.c, 4. a line in
 * docs/guides/operator.md, 5. tests/control/run.
 */
#ifndef APP_CONTROL_H
#define APP_CONTROL_H
#include "app/app.h"

enum { CONTROL_CLIENTS = 4, CONTROL_SILENT_MS = 30000, CONTROL_PART_BYTES_MAX = 65536 };

enum control_op {
    CONTROL_METRICS = 1, /* -> OpenMetrics text */
    CONTROL_STATUS,      /* -> text */
    CONTROL_LOAD,        /* a packed folder (release_pack) -> text */
    CONTROL_EXPORT,      /* a system's id -> its active release, packed */
    CONTROL_VERIFY,      /* heads kept elsewhere (audit_kept.h) or nothing -> the report; exit code 1 when the log is not sound */
    CONTROL_BACKUP,      /* -> the bytes of a dump */
    CONTROL_ACTIVATE,    /* system, version or digest, login or nothing; a line each -> text */
    CONTROL_PASSWORD,    /* a login -> a password for it that serves once */
    CONTROL_HEAD,        /* -> the newest signed head of the log, in the form of audit_kept.h */
    CONTROL_BACKED       /* a backup was made, or a drill done: make or verify, result, bytes, digest, name; a line each. Is noted */
};

/* ---- the work, on either side ---- */
struct control_call {
    struct app *app;          /* NULL for questions that need the rows only */
    struct store *store;
    const struct actor *who;
    struct arena *arena;
    struct str body;
    store_put *out;           /* text or bytes for who asked, as they come */
    void *to;
    uint8_t exit_code;        /* of the command, when nothing failed */
};
/* Does one question. ERR_SYSTEM for an unknown one. */
int control_work(enum control_op op, struct control_call *c, struct err *e);
/* Whether only a running server can answer; whether the rows are enough, without keys and systems. */
bool control_needs_server(enum control_op op);
bool control_needs_rows_only(enum control_op op);

/* ---- the server's side ---- */
extern const struct ipc_table control_table;
struct control_socket { /* made before the sandbox closes */
    int dir, listening;
};
/* Locks the folder and listens in it. ERR_BUSY: another server or command has it. */
int control_listen(const char *dir, struct control_socket *ret, struct err *e);
void control_unlisten(struct control_socket *s);
struct control;
/* Answers from now on, with threads of its own. Borrows all; _stop ends what is under way (accepts NULL). */
int control_start(struct app *app, const struct control_socket *s, struct arena *a, struct control **ret, struct err *e);
void control_stop(struct control *c);

/* ---- the command line's side ---- */
/* Asks the server of the folder (--data), or does the work here. `out` gets what comes. The exit code is in *ret_exit. */
int control_ask(int argc, char **argv, enum control_op op, struct str body, store_put *out, void *to, int *ret_exit, struct err *e);
/* For out: text to standard output, with what could steer a terminal left out. */
int control_print(void *unused, struct str text, struct err *e);

/* ---- status.c ---- */
int status_write(struct app *app, struct arena *a, struct buf *b, struct err *e);
/* The app's own values among the metrics; before threads start. False: no room. */
bool status_metrics(struct app *app, struct metrics *m);
#endif
