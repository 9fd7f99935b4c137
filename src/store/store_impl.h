/* store_impl: what the files of store/ share, and nobody else includes: the job queues, the transaction, and the
 * table of operations that a driver (sqlite.c, postgres.c) fills.
 *
 * A driver owns connections and threads. It takes jobs from the queues, opens a transaction, calls store_job_run,
 * ends the transaction as told, and hands the job to store_job_finish. Everything that both stores must do alike
 * (idempotency, ids, re-run, checks of values) lives above it, in store.c and tx.c.
 */
#ifndef STORE_STORE_IMPL_H
#define STORE_STORE_IMPL_H
#include <pthread.h>
#include <stdatomic.h>

#include "store/store.h"

enum { STORE_RESULT_BYTES = 1024, STORE_JOB_TRIES = 12 };

/* A job's phase (store_job.phase). REFUSING: the body has failed, `refused` is still to be recorded by a writer. */
enum store_phase { STORE_PHASE_BODY, STORE_PHASE_REFUSING };

struct store_conn; /* the driver's: one connection with its statement cache */

struct store_tx {
    struct store *store;
    struct store_job *job;
    struct store_conn *conn;
    struct arena *arena; /* where rows go: the job's, or a scratch of dump.c */
    bool read_only;
    int broken;          /* code of the first failed statement (store.h, invariant 7) */
    struct err err;      /* its words */
    const struct store_stmt *failed; /* which, where it is not the one that was told of it; or NULL */
    uint64_t rng;
    const struct store_stmt *owing; /* the first that changed rows and is not exempt from the guard; NULL: none yet */
    bool accounted;
    struct store_rows *open; /* cursors that the body has not ended */
    struct store_asked asked;
};

/* A walk over rows. Lives in the job's arena; ended by the body or, at the latest, before the transaction ends. */
struct store_rows {
    struct store_tx *tx;
    struct store_rows *next;
    void *stmt;   /* sqlite3_stmt, or PGresult */
    void *slot;   /* where the statement goes back to, or NULL */
    int row, n_rows, n_cols;
    bool ended;
};

struct store_driver {
    int (*open)(struct store *s, struct err *e);  /* one connection, for migrations; no threads yet */
    int (*start)(struct store *s, struct err *e); /* threads */
    /* after store->closing: drains, joins, closes. Accepts a half-opened store */
    void (*stop)(struct store *s);
    void (*submit)(struct store *s, struct store_job *job);
    /* Rows are counted in *changed. Where it is NULL a driver may go on before it knows the outcome: a failure is then
     * told by a later statement, or at the commit. The tx is not broken and the values were checked. */
    int (*exec)(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n, int64_t *changed,
                struct err *e);
    /* May go on before it knows the outcome, as above: `next` waits for it. */
    int (*query)(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                 struct store_rows *r, struct err *e);
    bool (*next)(struct store_rows *r);  /* failure breaks the tx */
    void (*end)(struct store_rows *r);
    bool (*is_null)(struct store_rows *r, int col);
    int64_t (*i64)(struct store_rows *r, int col);
    struct str (*bytes)(struct store_rows *r, int col, bool text); /* borrowed until next */
    /* Statements of the dialect, outside any job: migrations and tests. `open`'s connection. */
    int (*script)(struct store *s, const char *sql, struct err *e);
    /* Opens a transaction on that connection for a body that is not a job of the queues; ends it. Only between
     * open and start. */
    int (*begin_alone)(struct store *s, struct store_tx *tx, struct err *e);
    int (*end_alone)(struct store *s, struct store_tx *tx, bool commit, struct err *e);
    /* Prepares without running: for the tests of all statements. */
    int (*prepare)(struct store *s, const struct store_stmt *st, struct err *e);
};

struct store_queue_list {
    struct store_job *head, **tail;
    size_t n;
};

struct store {
    struct arena own;     /* this struct and what it points to; process lifetime */
    const struct store_driver *driver;
    bool postgres;
    char *target;         /* path, or connection string */
    char *libpq;          /* path of a vendor's, or empty */
    int commit_ms; /* how long a COMMIT may take on PostgreSQL before it is UNKNOWN; 0: the default. Tests shorten it */
    const struct store_migration *migrations;
    size_t n_migrations;
    unsigned readers;
    uint32_t node;
    void *state;          /* the driver's */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;  /* a job came, or closing */
    struct store_queue_list queue[3]; /* by enum store_queue */
    struct bound use[3];
    bool closing;
    bool clock_is_right;
    _Atomic int64_t clock_ms; /* the latest job time */
    int64_t id_tick;      /* next free tick; see ids.c */
    int64_t id_reserved;  /* ticks below this are recorded as used, should the process die */

    store_exempt *exempt; /* the commit guard; NULL: none */
    void (*on_commit)(void *context);
    void *on_commit_context;
    void (*on_storage)(const char *why, void *context);
    void *on_storage_context;
    atomic_uint_fast64_t committed, failed, conflicts, group_commits, reads, again, writers;
};

extern const struct store_driver store_sqlite;
extern const struct store_driver store_postgres;

/* ---- store.c ---- */
void store_queue_push(struct store_queue_list *q, struct store_job *job);
struct store_job *store_queue_pop(struct store_queue_list *q); /* NULL when empty */
/* Gives the outcome to the submitter, once. The job may be gone when this returns. */
void store_job_finish(struct store *s, struct store_job *job, enum store_outcome outcome);
_Noreturn void store_storage_failed(struct store *s, const char *why);

/* ---- tx.c ---- */
enum store_run {
    STORE_RUN_COMMIT,    /* commit, then OK */
    STORE_RUN_DUPLICATE, /* undo; DUPLICATE, result set */
    STORE_RUN_REFUSED,   /* undo; FAILED, `refused` to be run if there is one */
    STORE_RUN_CONFLICT,  /* undo; run again */
    STORE_RUN_BROKEN     /* undo; UNAVAILABLE with job->err */
};
void store_tx_init(struct store_tx *tx, struct store *s, struct store_conn *c, struct store_job *job, bool read_only);
/* Runs the job's body (or, in phase REFUSING, `refused`) in the open transaction, with its idempotency row. */
enum store_run store_job_run(struct store_tx *tx);
/* What it means for the job that its statement `st` was found failed only at the commit, with `e`. */
enum store_run store_job_failed(struct store_tx *tx, const struct store_stmt *st, int code, const struct err *e);
/* Remembers the failure of a statement; returns its code. */
int store_tx_break(struct store_tx *tx, int code, struct err *e);

/* ---- ids.c ---- */
/* Reads the mark left by the last process of this node; between open and start. */
int store_ids_open(struct store *s, struct err *e);
/* True when ids up to the reserved mark may run out soon: the writer then runs store_ids_reserve in a transaction
 * that is durable before, or together with, any job that commits such ids. */
bool store_ids_low(struct store *s);
int store_ids_reserve(struct store_tx *tx, int64_t *ret_mark, struct err *e);
void store_ids_reserved(struct store *s, int64_t mark);
/* Rows were loaded whose keys may hold ids up to `id`: later ones are given from behind it, unless it is no id of
 * about today. */
void store_ids_passed(struct store *s, int64_t id);

/* ---- define.c ---- */
enum { STORE_DEFINED_MAX = 1000 };
/* The program's migrations and, behind them, what releases defined; in `a`, with room for STORE_DEFINED_MAX of these. */
int store_all_migrations(struct store *s, struct arena *a, const struct store_migration **ret, size_t *n,
                         struct err *e);
/* What a dump's 'M' record defines, its texts in `a`: behind its first line break. One of the program's own has none: its
 * engine is NULL. ERR_DAMAGED. */
int store_define_read(struct arena *a, struct str line, struct store_migration *ret, struct err *e);
/* store_define in a transaction of its own. */
int store_define_alone(struct store *s, const struct store_migration *m, struct err *e);

/* ---- migrate.c ---- */
int store_migrate(struct store *s, struct err *e);
/* ---- stat.c ---- */
/* Tells SQLite's planner of indexes that it was not told of yet; makes room for changes in PostgreSQL's tables that have none yet. */
int store_stat_tell(struct store_tx *tx, struct err *e);
int store_stat_count(struct store_tx *tx, struct err *e); /* has PostgreSQL count rows and values now */
/* ---- text.c ---- */
const char *store_text_ddl(bool postgres); /* the index that only this dialect has */

#endif
