/* pg_impl: libpq, loaded when the first PostgreSQL store opens, so that the program starts without it and a
 * vendor's own libpq can be named; and one connection with its prepared statements (pg_conn.c), for the pool
 * (postgres.c). */
#ifndef STORE_PG_IMPL_H
#define STORE_PG_IMPL_H
#include <libpq-fe.h>

#include "store/store_impl.h"

/* One row per function: its field is its name without PQ. */
#define PG_FUNCTIONS(X)                                                                                     \
    X(connectdbParams) X(finish) X(status) X(errorMessage) X(socket) X(setnonblocking) X(flush)             \
    X(consumeInput) X(isBusy) X(getResult) X(sendQuery) X(sendPrepare) X(sendQueryPrepared)                 \
    X(resultStatus) X(resultErrorField) X(clear) X(ntuples) X(nfields) X(getvalue) X(getlength)             \
    X(getisnull) X(cmdTuples) X(cmdStatus) X(setNoticeReceiver) X(transactionStatus)                        \
    X(serverVersion) X(isthreadsafe)
/* Since libpq 14; NULL where a vendor's is older: then each statement takes a round trip of its own. */
#define PG_PIPELINE(X) X(enterPipelineMode) X(exitPipelineMode) X(pipelineSync) X(sendQueryParams)
struct pg_lib {
#define X(f) __typeof__(PQ##f) *f;
    PG_FUNCTIONS(X)
    PG_PIPELINE(X)
#undef X
};

enum { PG_CACHE_SLOTS = 512, PG_CACHE_PROBES = 8, PG_VALUES_MAX = 128, PG_SENT_MAX = 64 };

struct pg_slot {
    const struct store_stmt *key;
    uint64_t hash;   /* of the text: a release's statements come and go at the same address */
    unsigned serial; /* of the server's name for it; 0: none */
};

struct store_conn {
    struct store *store;
    const struct pg_lib *pq;
    PGconn *link;    /* NULL: not connected */
    bool warned;     /* a warning came since this was cleared: in a COMMIT it says that the standby may lack it */
    bool lost;       /* the link is not to be used again */
    bool piped;      /* in a job's transaction: statements may wait to be sent together */
    unsigned n_sent; /* sent, not answered yet */
    struct {
        const struct store_stmt *st; /* NULL: a command. For telling apart only: it may be gone */
        const char *name;
        struct store_rows *rows; /* of a read: who takes its result; NULL: nobody */
    } sent[PG_SENT_MAX + 1];
    const struct store_stmt *failed; /* the first of them that failed; NULL: a command, or none */
    unsigned serial;
    struct pg_slot slot[PG_CACHE_SLOTS];
};

/* Loads `path`, or libpq.so.5 when empty. The table lives as long as the process; never unloaded. */
int store_pg_load(const char *path, struct arena *a, const struct pg_lib **ret, struct err *e);
/* Connects and sets the session; ERR_STORE. A server whose commits are not durable is refused. */
int store_pg_connect(struct store_conn *c, const char *target, struct err *e);
void store_pg_disconnect(struct store_conn *c);
/* A job's transaction: BEGIN goes out with the first statement, writes whose count nobody asks for and reads of which no
 * row was asked for yet with the next that is waited for, the last of them with COMMIT. Each such group ends with a Sync, and the server skips
 * what follows a failure in it, COMMIT too: nothing runs outside the transaction, and nothing is half done. */
int store_pg_begin(struct store_conn *c, const char *sql, struct err *e);
/* Waits for all that was sent. A failure is that of the first that failed: c->failed. */
int store_pg_settle(struct store_conn *c, int timeout_ms, struct err *e);
/* Settles, with `sql` (COMMIT, ROLLBACK) as the last; *tag as below. Outside the transaction when this returns,
 * unless c->failed or c->lost. */
int store_pg_end_tx(struct store_conn *c, const char *sql, int timeout_ms, char *tag, size_t cap, struct err *e);

/* Sends text (one or more statements without values) and waits for its end; *tag (may be NULL) is the last
 * command's, `cap` bytes. When the deadline passes, or the link breaks, c->lost is set. Never cancels. */
int store_pg_command(struct store_conn *c, const char *sql, int timeout_ms, char *tag, size_t cap, struct err *e);

int store_pg_exec(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                  int64_t *changed, struct err *e);
int store_pg_query(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                   struct store_rows *r, struct err *e);
bool store_pg_next(struct store_rows *r);
void store_pg_end(struct store_rows *r);
bool store_pg_is_null(struct store_rows *r, int col);
int64_t store_pg_i64(struct store_rows *r, int col);
struct str store_pg_bytes(struct store_rows *r, int col, bool text);
int store_pg_prepare(struct store_conn *c, const struct store_stmt *st, struct err *e);

#endif
