/* ipc: typed messages between the processes of one installation, over connected local stream sockets. `app` asks, the others answer;
 * each kind of answerer has one table of operations, which both sides check against.
 *
 * Invariants
 *  1. A message is a header of fixed size and `length` bytes. Both sides check magic, type and length against the table before
 *     they take the body; what does not fit the table ends the link, because the other side is broken or hostile.
 *  2. An answer carries the number of its question. Answers that nobody waits for any more (timeout) are read and dropped.
 *  3. When a link breaks, every question on it that was sent gets ERR_PEER; it is not repeated here, because only the caller
 *     knows whether it may be. Questions not yet sent wait for the next link until their time is up.
 *  4. No caller of ipc_send ever waits: one thread, the hub's, does all reading and writing.
 */
#ifndef PROC_IPC_H
#define PROC_IPC_H

#include "base/arena.h"
#include "base/err.h"
#include "base/bound.h"

#include <pthread.h>

enum { IPC_REQUEST_ID_BYTES = 32, IPC_LINKS_MAX = 8, IPC_WAITING_MAX = 4096, IPC_BODY_BYTES_MAX = 32 * 1024 * 1024 };

/* ---- the table of one answerer ---- */

struct ipc_call {
    struct arena *arena;   /* for the answer and what leads to it; reset after it is sent */
    struct str request_id; /* of the web request or job that this serves; for the log */
    struct str body;
    struct str reply;      /* set by the handler; in the arena or constant */
    void *context;         /* the role's own */
    /* ipc_part's */
    const struct ipc_op *op;
    const struct ipc_header *question;
    int fd;
};
/* 0, or a negative code with `e` filled: both travel back to who asked. */
typedef int ipc_handler(struct ipc_call *c, struct err *e);

struct ipc_op {
    uint16_t type; /* > 0 */
    const char *name;
    uint32_t in_min, in_max, out_max; /* bytes of question and answer */
    ipc_handler *handler;
    uint32_t part_max;    /* most bytes of one part before the answer (ipc_part); 0: it has none */
};
struct ipc_table {
    const char *peer; /* the role that answers: "keys" */
    const struct ipc_op *op;
    size_t n;
    size_t arena_bytes; /* limit of a call's arena */
};

/* ---- the answering side ---- */

/* Takes one question off the blocking socket `fd`, runs its handler and sends the answer. `*open` is false when the link has
 * ended in order. An error is a breach of invariant 1 (ERR_SYNTAX, ERR_LIMIT): close the link. */
int ipc_answer(const struct ipc_table *t, int fd, struct arena *a, void *context, bool *open, struct err *e);
/* The same; `note` (may be NULL) hears of each question after its handler, for the process's log. `code` is the handler's. */
typedef void ipc_noted(const char *peer, const struct ipc_call *c, int code);
int ipc_answer_noted(const struct ipc_table *t, int fd, struct arena *a, void *context, ipc_noted *note, bool *open, struct err *e);

/* From within a handler: a piece of what is asked for, sent at once, before the answer; longer than part_max, it goes in several.
 * ERR_PEER: who asked is gone, or does not take it; the handler ends then. */
int ipc_part(struct ipc_call *c, struct str bytes, struct err *e);

/* ---- the asking side ---- */

struct ipc_request;
typedef void ipc_done(struct ipc_request *r, void *context);

/* All of it, and what `body` borrows, must live until `done` has run. */
struct ipc_request {
    const char *peer;
    uint16_t type;
    struct str body;
    char request_id[IPC_REQUEST_ID_BYTES + 1];
    struct arena *arena; /* gets the reply; untouched by the caller until done */
    int64_t timeout_ms;  /* from ipc_send; > 0 */
    ipc_done *done;      /* exactly once; on the hub's thread, or within ipc_send when refused at once: must not wait */
    void *context;
    /* the outcome */
    int code;            /* 0, what the handler gave, ERR_PEER (no answer), ERR_BUSY (too many wait) */
    struct err err;
    struct str reply;
    /* the hub's own */
    const struct ipc_op *op;
    struct ipc_request *next;
    uint32_t number;
    int64_t deadline_ns;
};

struct ipc_link; /* ipc_hub.c */
struct ipc_hub {
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    pthread_t thread;
    int control_fd, wake[2];
    struct ipc_link *link;
    size_t n;
    uint32_t next_number;
    bool stop_asked, ending, running;
};

/* Starts the hub's thread. It takes new links from `control_fd` (a role's, borrowed) as the parent hands them out. `a` holds the
 * links for the hub's life; the tables are borrowed. ERR_MEMORY, ERR_IO. */
int ipc_hub_start(struct ipc_hub *h, struct arena *a, int control_fd, const struct ipc_table *const *table, size_t n, struct err *e);
/* Waits until the parent asks to stop (or has died). */
void ipc_hub_wait_stop(struct ipc_hub *h);
/* True once it has. */
bool ipc_hub_stopping(struct ipc_hub *h);
/* Makes ipc_hub_wait_stop return, as if the parent had asked. */
void ipc_hub_stop_now(struct ipc_hub *h);
/* For the operator: the i-th answerer, since when it is linked (os_mono_ns; 0: it is not), how many questions wait for it. False behind the
 * last. Any thread. */
bool ipc_hub_peer(struct ipc_hub *h, size_t i, const char **peer, int64_t *linked_ns, size_t *waiting);
/* How near IPC_WAITING_MAX the questions to the i-th came. False behind the last. Any thread. */
bool ipc_hub_use(struct ipc_hub *h, size_t i, struct bound_seen *ret);
/* Ends the thread; all that waits gets ERR_PEER. */
void ipc_hub_done(struct ipc_hub *h);

/* Writes the id of what the question serves, as far as the frame carries it: what is no hex, small letter or dash, or too long, is left
 * out as a whole. */
void ipc_set_id(struct ipc_request *r, struct str request_id);
/* Asks. A body outside the table's sizes or an unknown type is our own defect (ERR_DEFECT). */
void ipc_send(struct ipc_hub *h, struct ipc_request *r);
/* Asks and waits for the outcome: for start-up, jobs and tests, never on an HTTP thread or the hub's. `done` and `context` are
 * overwritten. Returns r->code. */
int ipc_ask(struct ipc_hub *h, struct ipc_request *r);

/* Asks over a socket of its own, without a hub, and waits: for the command line. `part` gets each part as it comes; its error ends the
 * link. Uses peer (ignored), type, body, request_id and arena of `r`; sets reply. The code of the refusal, ERR_PEER when the link ended,
 * ERR_SYNTAX or ERR_LIMIT for what breaks the table. */
typedef int ipc_part_taken(void *context, struct str bytes, struct err *e);
int ipc_ask_on(const struct ipc_table *t, int fd, struct ipc_request *r, ipc_part_taken *part, void *context, struct err *e);

/* ---- the frame, shared by both sides and the fuzz target ---- */

enum ipc_kind { IPC_QUESTION, IPC_ANSWER, IPC_REFUSAL, IPC_PART }; /* a refusal's body is a struct err */
struct ipc_header {
    uint32_t magic;
    uint16_t type, kind;
    uint32_t length, number;
    char request_id[IPC_REQUEST_ID_BYTES]; /* hex and dashes, NUL-padded */
};
enum { IPC_MAGIC = 0x31424754 };
/* The row of the table, if the header may stand for it; else NULL with `e` filled (ERR_SYNTAX, ERR_LIMIT). */
const struct ipc_op *ipc_check(const struct ipc_table *t, const struct ipc_header *h, bool from_asker, struct err *e);
/* Takes a refusal's body apart; anything odd about it becomes ERR_PEER. Returns the code, which is never 0. */
int ipc_refusal(struct str body, struct err *ret);

/* ---- what the parent says on a role's control socket: one packet each, a link with its descriptor ---- */

enum ipc_order { IPC_LINK = 1, IPC_STOP, IPC_READY }; /* READY goes up, the others down */
struct ipc_control {
    uint32_t magic;
    uint32_t order;
    char role[16]; /* of IPC_LINK: who is at the other end; NUL-terminated */
};
int ipc_control_send(int fd, enum ipc_order order, const char *role, int pass_fd, struct err *e);
/* *open false: the other end is gone. ERR_BUSY when there is nothing and `wait` is false; ERR_SYNTAX for what is not ours. */
int ipc_control_recv(int fd, bool wait, struct ipc_control *ret, int *ret_fd, bool *open, struct err *e);

#endif
