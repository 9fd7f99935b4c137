/* store: the one seam to SQLite and PostgreSQL. Work is a *job*: a re-runnable body in one transaction.
 *
 * Invariants
 *  1. A body may run again (conflict, group rollback): its arena is reset before each run, time, seed and ids are
 *     fixed in the job, so it has no effect outside the transaction.
 *  2. `done` runs exactly once, on any thread, when the outcome is durable or known; for a read it may run before
 *     store_submit returns.
 *  3. A write answers STORE_OK only after its commit is on stable storage. A failed fsync stops the process.
 *  4. With a key, the effect happens at most once per (home, key): a second job with the same key and the same
 *     digest gets STORE_DUPLICATE and the first one's `result`; with another digest it is refused with ERR_KEY_REUSED.
 *  5. Statements are named and written in the common subset (see store_stmt.h and the linter); no SQL is made from
 *     input.
 *  6. Only the writer of the SQLite store writes and checkpoints; readers are query_only; both read back their
 *     pragmas at start.
 *
 * A job's life: store_submit -> queued -> body -> committed (OK) | refused by the body (FAILED, then `refused`
 * runs in its own transaction) | CONFLICT after the retries of the store | UNKNOWN (link lost in commit: ask again
 * with the same key) | UNAVAILABLE (the store could not do it; err says ERR_BUSY, ERR_SPACE, ERR_IO ...; nothing
 * was written).
 *
 *  7. A statement that fails breaks its transaction, on both stores alike: each later statement gives the same
 *     error, and the job does not commit, whatever the body returns. Who wants to go on after a broken unique key
 *     writes ON CONFLICT (...) DO NOTHING and looks at `changed`. A body that returns ERR_CONFLICT of its own (a
 *     version compare) is FAILED with that error.
 *  8. With a guard (store_guard) a transaction that changed a row by a statement which the guard does not
 *     exempt commits only if it was accounted for (store_account); else the job is FAILED with ERR_DEFECT and
 *     nothing is written. So for bodies and `refused` alike, in every queue; the idempotency row is the
 *     store's own.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H
#include "base/arena.h"
#include "base/err.h"
#include "base/bound.h"

struct store;
struct store_tx;

/* A realm: one administration with its own data. Leads every key. */
struct home_id {
    int64_t v;
};

enum store_outcome { STORE_OK, STORE_FAILED, STORE_CONFLICT, STORE_DUPLICATE, STORE_UNKNOWN, STORE_UNAVAILABLE };
/* READ: never writes; on SQLite runs on the calling thread at once. BULK waits behind INTERACTIVE, in batches of
 * at most 5 ms. */
enum store_queue { STORE_READ, STORE_INTERACTIVE, STORE_BULK };

enum { STORE_NOTE_BYTES = 96 };

struct store_job;
typedef int store_body(struct store_tx *tx, struct store_job *job, struct err *e);
typedef void store_done(struct store_job *job, enum store_outcome outcome, void *context);

struct store_job {
    /* by the caller, before store_submit; all of it must live until `done` has run */
    struct home_id home;
    enum store_queue queue;
    struct arena *arena;   /* what the body makes and what the reply needs; reset before each run */
    store_body *body;      /* 0 commits; a negative code rolls back */
    /* May be NULL: runs after the body failed, in a transaction of its own (audit of refusals); sees job->err. If it
     * fails too, the outcome is UNAVAILABLE: a refusal that is not recorded is not answered as one. */
    store_body *refused;
    void *arg;
    bool has_key;
    uint8_t key[16];       /* idempotency key */
    uint8_t digest[32];    /* of what was asked under that key */
    /* by the store */
    int64_t now_ms;        /* fixed at submit; never before that of an earlier job */
    uint64_t seed;         /* fixed at submit */
    int64_t id_base;       /* fixed at submit; see store_new_id */
    uint32_t id_next;
    /* set by the body: kept with the key (at most 1 KiB); given back on STORE_DUPLICATE, in `arena` */
    struct str result;
    struct err err;        /* why FAILED or UNAVAILABLE */
    struct store_job *next;
    store_done *done;
    void *context;
    int64_t id_more[4];    /* further ranges of ids, once the body asked for many */
    uint64_t note[STORE_NOTE_BYTES / 8]; /* see store_note */
    uint8_t phase, tries;  /* the store's own */
    bool waits;            /* set by store_run: somebody stands still until it is done */
};

/* Queues the job; takes nothing: job, arena and arg stay the caller's and must live until `done` has run. `done`
 * runs exactly once, also when this fails: ERR_BUSY when STORE_QUEUE_MAX jobs wait or the store closes (outcome
 * UNAVAILABLE). Any thread; from within `done` too, but for a READ job on SQLite, which would run inside it. */
enum { STORE_QUEUE_MAX = 65536 };
int store_submit(struct store *s, struct store_job *job, store_done *done, void *context);
/* How far the machine's clock may be set back unnoticed: so long job time stands still. A clock set back further makes every job that may
 * write UNAVAILABLE with ERR_CLOCK, until it has caught up or the store is opened with `clock_is_right`; reading goes on. */
enum { STORE_CLOCK_BACK_MS_MAX = 300000 };
/* For start-up, command line, workers and tests: submits and waits. Never on an HTTP thread. Within a body only a READ
 * job, which then runs at once on the calling thread, in a transaction of its own: it needs no place in the pool that
 * the waiting body itself holds. */
enum store_outcome store_run(struct store *s, struct store_job *job);
/* The same, for who needs no more than a code: 0, or never 0 and in `e` (may be NULL) what went wrong. */
int store_do(struct store *s, struct store_job *job, struct err *e);

/* ---- inside a body ---- */
struct store_stmt {
    const char *name; /* engine_verb_noun, unique */
    const char *sql;  /* common subset, `?` for parameters */
    bool writes;
};
/* Declares a file-local named statement; all of them are gathered in one section, so that tests prepare and lint
 * each. */
#define STORE_STMT(ident, does_write, text)                                                     \
    static const struct store_stmt ident = { #ident, "" text, does_write };                       \
    __attribute__((used, section("store_stmts"))) static const struct store_stmt *const ident##_entry = &ident
enum { STORE_READS = 0, STORE_WRITES = 1 };
/* The gathered table (start and end of the section). */
const struct store_stmt *const *store_stmts(size_t *n);

/* Refuses, with ERR_SYSTEM and the reason, a statement outside the common subset (lint.c). For tests and generated
 * statements. */
int store_lint(const struct store_stmt *st, struct err *e);
/* Prepares without running: ERR_DEFECT if this store cannot. For tests; one thread at a time. */
int store_probe(struct store *s, const struct store_stmt *st, struct err *e);

enum store_type { STORE_NULL, STORE_I64, STORE_TEXT, STORE_BYTES };
struct store_val {
    enum store_type type;
    int64_t i;
    struct str s;
};
#define SV_I(x) ((struct store_val){ .type = STORE_I64, .i = (int64_t)(x) })
#define SV_T(x) ((struct store_val){ .type = STORE_TEXT, .s = (x) })
#define SV_B(x) ((struct store_val){ .type = STORE_BYTES, .s = (x) })
#define SV_NULL ((struct store_val){ .type = STORE_NULL })

/* Runs a writing statement. A broken unique key gives ERR_DUPLICATE, a lost race ERR_CONFLICT (the store retries it);
 * other failures ERR_STORE, ERR_SPACE. Writing in a READ job is ERR_DEFECT. `changed` may be NULL: who does not ask
 * how many rows it met saves a round trip on PostgreSQL, where a failure is then told by a later statement or by the
 * job's outcome; the job is refused all the same, with the same error. Who acts upon a failure (the message of a page)
 * asks. */
int store_exec_n(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                 int64_t *changed, struct err *e);
#define store_exec(tx, st, changed, e, ...)                                                    \
    store_exec_n((tx), (st), (const struct store_val[]){ __VA_ARGS__ },                        \
                 sizeof((const struct store_val[]){ __VA_ARGS__ }) / sizeof(struct store_val), (changed), (e))

/* Rows of a query, walked in order: while (store_next(r)) ...; rc = store_end(r, e). Several may be open: on PostgreSQL
 * queries begun one after the other, before the first of their rows is asked for, take one round trip together. A failure may be
 * told by store_end only. Values are copied into the job's arena. Ending twice is a defect; ending early is fine. */
struct store_rows;
int store_query_n(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n,
                  struct store_rows **ret, struct err *e);
#define store_query(tx, st, ret, e, ...)                                                       \
    store_query_n((tx), (st), (const struct store_val[]){ __VA_ARGS__ },                       \
                  sizeof((const struct store_val[]){ __VA_ARGS__ }) / sizeof(struct store_val), (ret), (e))
bool store_next(struct store_rows *r);
int store_end(struct store_rows *r, struct err *e);
bool store_is_null(struct store_rows *r, int col);
int64_t store_i64(struct store_rows *r, int col); /* 0 for NULL */
struct str store_text(struct store_rows *r, int col);
struct str store_bytes(struct store_rows *r, int col);
/* First row's first column: 0 and *ret, or ERR_NOT_FOUND. */
int store_one_i64(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n, int64_t *ret,
                  struct err *e);
/* How many rows there are; a statement that counts has a LIMIT, or a key that narrows. */
int store_count(struct store_tx *tx, const struct store_stmt *st, const struct store_val *v, size_t n, size_t *ret, struct err *e);

/* 64-bit id, the same in every run of the body: 41 bits of time (ms since 2000, that of the job as long as a node
 * makes fewer than 4,096 a millisecond), 10 of node, 12 of sequence; positive, unique in the store. A job may take
 * about a million; then 0. */
int64_t store_new_id(struct store_tx *tx);
struct store_job *store_job_of(struct store_tx *tx);
/* STORE_NOTE_BYTES of memory for the layer above that outlive the body's rollback: zero when the body begins, and as
 * it left them when `refused` runs. */
void *store_note(struct store_tx *tx);
/* The layer that set the guard says: what this transaction changes stands in its books. */
void store_account(struct store_tx *tx);
struct arena *store_arena(struct store_tx *tx);
int64_t store_now_ms(struct store_tx *tx); /* job time */
/* What this transaction has asked so far: statements that read, and how often it stood still for an answer (PostgreSQL: round trips;
 * SQLite answers in the process: 0). For tests of what a command costs, which the machine's load does not change. */
struct store_asked {
    unsigned reads, waits;
};
struct store_asked store_asked(struct store_tx *tx);
/* from the job's seed: the same in every run; not for keys */
void store_random(struct store_tx *tx, void *bytes, size_t len);

/* ---- life ---- */
struct store_migration {
    const char *engine; /* "flow" */
    int number;         /* 1, 2, ... without gaps per engine */
    const char *sql;    /* statements ended by ';' at line end, types BIGINT TEXT BYTES, additive */
};
struct store_config {
    struct str url;     /* "sqlite:PATH" or "postgresql://..." / "host=... dbname=..." (libpq) */
    const struct store_migration *migrations;
    size_t n_migrations;
    unsigned readers;   /* SQLite reader connections / PostgreSQL pool size; 0 = a good default */
    uint32_t node;      /* 0..1023, in ids */
    /* PostgreSQL: path of a vendor's libpq; empty: libpq.so.5, loaded only when such a store opens */
    struct str libpq;
    bool clock_is_right; /* the clock was ahead when the store was last written, and is right now: go on with it */
};
/* Within a body: a table that a release declares: as a migration of its own (name, number, text), once. ERR_SYSTEM
 * when the text is outside the subset, or another one stands under that name and number. */
int store_define(struct store_tx *tx, const struct store_migration *m, struct err *e);
/* The commit guard (invariant 8) of every job of this store, whoever submits it. Set before the first job.
 * A store without one asks nothing: a backup's rows are restored as they are. */
typedef bool store_exempt(const struct store_stmt *st);
void store_guard(struct store *s, store_exempt *exempt);
int store_open(const struct store_config *c, struct store **ret, struct err *e);
void store_close(struct store *s); /* drains the queues; accepts NULL */
bool store_is_postgres(const struct store *s);
/* Called on the store's thread after each group commit, never inside one: a hint to wake sequencer, courier, event
 * streams. */
void store_on_commit(struct store *s, void (*hook)(void *context), void *context);
/* Called when stable storage failed (fsync, or a write that the database could not undo): what was acknowledged is
 * safe, what was not is unknown, and trying again could lose data silently. The hook may write `why` somewhere;
 * then the process ends with exit code STORE_EXIT_STORAGE, for its parent to restart it, which recovers from the
 * log. Set before the first job. */
enum { STORE_EXIT_STORAGE = 70 };
void store_on_storage_failure(struct store *s, void (*hook)(const char *why, void *context), void *context);

struct store_stats {
    uint64_t committed, failed, conflicts, group_commits, queued, reads;
    uint64_t again;   /* runs that lost against another job and were run again */
    uint64_t writers; /* writing jobs that may run side by side now: 1 on SQLite, by how often they meet on PostgreSQL */
};
void store_stats(struct store *s, struct store_stats *ret);
/* How many jobs wait in a queue, and how near STORE_QUEUE_MAX they came since the store was opened. */
void store_use(struct store *s, enum store_queue queue, struct bound_seen *ret);

/* Logical backup taken while serving, in one snapshot, in one format for both stores (see dump.c); and back into
 * an empty store of either kind. Tables in name order, rows in key order: two equal stores give equal bytes. */
int store_dump(struct store *s, const char *path, struct err *e);
/* The same bytes, handed to `put` as they come; what it got is no backup unless this returns 0. Not on a body. */
typedef int store_put(void *context, struct str bytes, struct err *e);
int store_dump_to(struct store *s, store_put *put, void *context, struct err *e);
int store_load(struct store *s, const char *path, struct err *e);

/* ---- beside rows ---- */
/* text: full text in the same transaction. Tokens are character bigrams for Han, words otherwise, made here.
 * `scopes` are the scope ids that may find the object. */
int store_text_put(struct store_tx *tx, struct str collection, int64_t object, const int64_t *scopes, size_t n_scopes,
                   struct str text, struct err *e);
int store_text_drop(struct store_tx *tx, struct str collection, int64_t object, struct err *e);
/* Ids of objects in `collection` visible to `scope` (0: all) that hold every token, newest id first, keyset by
 * `before` (0: from the newest); at most `max`. */
int store_text_find(struct store_tx *tx, struct str collection, int64_t scope, struct str query, int64_t before,
                    int64_t *ids, size_t max, size_t *n, struct err *e);
/* lease: rows with a fencing number that only grows. ERR_CONFLICT while another holds it. */
int store_lease_take(struct store_tx *tx, struct str name, struct str holder, int64_t ttl_ms, int64_t *ret_fence,
                     struct err *e);
int store_lease_check(struct store_tx *tx, struct str name, int64_t fence, struct err *e);

/* blob: files named by the hash of their (already sealed) bytes, under one directory. Put is idempotent and durable. */
struct blobs;
int blobs_open(const char *dir, struct blobs **ret, struct err *e);
void blobs_close(struct blobs *b);
int blobs_put(struct blobs *b, struct str bytes, uint8_t ret_id[32], struct err *e);
/* hash checked: ERR_DAMAGED */
int blobs_get(struct blobs *b, const uint8_t id[32], struct arena *a, size_t max_bytes, struct str *ret, struct err *e);
int blobs_drop(struct blobs *b, const uint8_t id[32], struct err *e);

#endif
