/* store_writer: a small server around the store, for the fault tests (T01-T04): clients that write numbered rows,
 * and say on standard output what was acknowledged, one line in one write.
 *
 *   store_writer write DB CLIENTS LAST START...
 *        client c writes rows START(c)..LAST, each under its own key; line "A c n" after the answer OK or DUPLICATE,
 *        "E c n CODE" after any other. Row n with n % 7 == 3 is inserted and then refused: line "N c n"; it must never
 *        be found
 *   store_writer docs DB DIR CLIENTS LAST
 *        as write from 1, each row behind a document of its own: text of DOC_BYTES bytes made from both numbers, put into the
 *        documents' directory before the row is written
 *   store_writer ledger URL CLIENTS
 *        for a store that dies under us: client c writes entries 1, 2, ... till the end of the input, each under its key
 *        and as often as it takes; line "A c n" once it is answered OK or DUPLICATE, "U c n" for each UNKNOWN, "F c n
 *        CODE" for what no asking again can cure. The row's name is a fresh id: an entry written twice is two rows
 *   store_writer serve DB
 *        commands on standard input: "put N", "big N BYTES", "count"
 *   store_writer bare DB SYNCHRONOUS LAST
 *        no store: SQLite alone, one client, one row a transaction (negative control)
 *
 * A row: home = client, name = number, holder = text made from both, so that a wrong row is seen.
 */
#include <poll.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/generated.h"
#include "store/store_impl.h"

enum { CLIENTS_MAX = 16, PAYLOAD_BYTES = 240, DOC_BYTES = 1500 };

STORE_STMT(writer_put, STORE_WRITES,
           "INSERT INTO store_lease (home, name, holder, fence, until_ms) VALUES (?, ?, ?, ?, 0)");
STORE_STMT(writer_count, STORE_READS, "SELECT COUNT(*) FROM store_lease WHERE home = ?");

struct row {
    int64_t client, n, size_bytes;
};

static void say(const char *kind, int64_t c, int64_t n, const char *more) {
    char line[200];
    int len =
        snprintf(line, sizeof line, "%s %lld %lld%s%s\n", kind, (long long)c, (long long)n, *more ? " " : "", more);
    if (write(1, line, (size_t)len) != len) _exit(3);
}

static struct str payload(struct arena *a, const struct row *r) {
    char *p = arena_alloc(a, (size_t)r->size_bytes);
    if (!p) return (struct str){ 0 };
    uint64_t x = (uint64_t)(r->client * 1000003 + r->n);
    for (int64_t i = 0; i < r->size_bytes; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        p[i] = (char)('a' + (x >> 33) % 26);
    }
    return str_make(p, (size_t)r->size_bytes);
}

static int put(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct row *r = job->arg;
    int rc = store_exec(tx, &writer_put, NULL, e, SV_I(r->client), SV_T(arena_fmt(job->arena, "%lld", (long long)r->n)),
                        SV_T(payload(job->arena, r)), SV_I(r->n));
    if (rc == 0 && r->n % 7 == 3) rc = err_set(e, ERR_STATE, "refused");
    return rc;
}

static int count(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_one_i64(tx, &writer_count, (struct store_val[]){ SV_I(0) }, 1, job->arg, e);
}

static enum store_outcome put_row(struct store *s, struct arena *a, const struct row *r, store_body *body,
                                  struct err *e) {
    struct store_job job = { .home = { r->client },
                             .queue = STORE_INTERACTIVE,
                             .arena = a,
                             .body = body,
                             .arg = (void *)(uintptr_t)r,
                             .has_key = true };
    memcpy(job.key, &r->client, 8);
    memcpy(job.key + 8, &r->n, 8);
    enum store_outcome o = store_run(s, &job);
    *e = job.err;
    return o;
}

struct client {
    struct store *s;
    struct blobs *docs; /* NULL: rows only */
    int64_t c, from, last;
};

static int put_document(const struct client *me, struct arena *a, int64_t n, struct err *e) {
    uint8_t id[32];
    const struct row r = { me->c, n, DOC_BYTES };
    arena_reset(a);
    return me->docs ? blobs_put(me->docs, payload(a, &r), id, e) : 0;
}

static void *client_main(void *arg) {
    struct client *me = arg;
    struct arena a;
    struct err e;
    arena_init(&a, "writer", 1024 * 1024);
    for (int64_t n = me->from; n <= me->last; n++) {
        struct row r = { me->c, n, PAYLOAD_BYTES };
        int rc = put_document(me, &a, n, &e);
        enum store_outcome o = rc ? STORE_UNAVAILABLE : put_row(me->s, &a, &r, put, &e);
        if (o == STORE_OK || o == STORE_DUPLICATE) say("A", me->c, n, "");
        else if (o == STORE_FAILED && e.code == ERR_STATE) say("N", me->c, n, "");
        else say("E", me->c, n, err_name(e.code));
    }
    arena_done(&a);
    return NULL;
}

static struct store *open_store(const char *path) {
    char url[600];
    struct store *s;
    struct err e = { 0 };
    (void)snprintf(url, sizeof url, "%s%s", strchr(path, '=') ? "" : "sqlite:", path);
    struct store_config c = { .url = str_of(url), .migrations = migrations, .n_migrations = n_migrations };
    if (store_open(&c, &s, &e) == 0) return s;
    (void)fprintf(stderr, "store_writer: %s %s\n", err_name(e.code), e.detail);
    exit(1);
}

/* `from`: the first number of each client, NULL for 1. */
static int run_clients(const char *db, struct blobs *docs, long n, char **from, long last) {
    struct client client[CLIENTS_MAX];
    pthread_t thread[CLIENTS_MAX];
    struct store *s = open_store(db);
    for (long i = 0; i < n; i++) {
        client[i] = (struct client){ .s = s, .docs = docs, .c = i, .from = from ? strtol(from[i], NULL, 10) : 1, .last = last };
        if (pthread_create(&thread[i], NULL, client_main, &client[i]) != 0) return 1;
    }
    for (long i = 0; i < n; i++) (void)pthread_join(thread[i], NULL);
    store_close(s);
    return 0;
}

static int do_write(int argc, char **argv) {
    long n = strtol(argv[3], NULL, 10);
    if (n < 1 || n > CLIENTS_MAX || argc != 5 + n) return 2;
    return run_clients(argv[2], NULL, n, argv + 5, strtol(argv[4], NULL, 10));
}

static int do_docs(char **argv) {
    struct blobs *docs;
    struct err e;
    long n = strtol(argv[4], NULL, 10);
    if (n < 1 || n > CLIENTS_MAX) return 2;
    if (blobs_open(argv[3], &docs, &e)) return fprintf(stderr, "store_writer: %s\n", e.detail), 1;
    int rc = run_clients(argv[2], docs, n, NULL, strtol(argv[5], NULL, 10));
    blobs_close(docs);
    return rc;
}

static int put_entry(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct row *r = job->arg;
    struct str name = arena_fmt(job->arena, "%lld", (long long)store_new_id(tx));
    return store_exec(tx, &writer_put, NULL, e, SV_I(r->client), SV_T(name), SV_T(payload(job->arena, r)), SV_I(r->n));
}

static atomic_bool ending;

static void *ledger_main(void *arg) {
    struct client *me = arg;
    struct arena a;
    struct err e;
    arena_init(&a, "writer", 1024 * 1024);
    for (int64_t n = 1; !atomic_load(&ending);) {
        struct row r = { me->c, n, PAYLOAD_BYTES };
        enum store_outcome o = put_row(me->s, &a, &r, put_entry, &e);
        if (o == STORE_OK || o == STORE_DUPLICATE) say("A", me->c, n++, "");
        else if (o == STORE_UNKNOWN) say("U", me->c, n, "");
        else if (o == STORE_FAILED) say("F", me->c, n++, err_name(e.code));
        else (void)poll(NULL, 0, 10); /* no server yet, or one too many: again */
    }
    arena_done(&a);
    return NULL;
}

static int do_ledger(char **argv) {
    struct client client[CLIENTS_MAX];
    pthread_t thread[CLIENTS_MAX];
    long n = strtol(argv[3], NULL, 10);
    if (n < 1 || n > CLIENTS_MAX) return 2;
    struct store *s = open_store(argv[2]);
    s->commit_ms = 3000; /* for a test's patience */
    for (long i = 0; i < n; i++) {
        client[i] = (struct client){ .s = s, .c = i, .from = 1 };
        if (pthread_create(&thread[i], NULL, ledger_main, &client[i]) != 0) return 1;
    }
    while (getchar() != EOF) continue;
    atomic_store(&ending, true);
    for (long i = 0; i < n; i++) (void)pthread_join(thread[i], NULL);
    store_close(s);
    return 0;
}

static int do_serve(char **argv) {
    char line[100];
    struct arena a;
    struct err e;
    struct store *s = open_store(argv[2]);
    arena_init(&a, "writer", 64 * 1024 * 1024);
    while (fgets(line, sizeof line, stdin)) {
        struct row r = { 0, 0, PAYLOAD_BYTES };
        long long number = 0, size = 0;
        if (sscanf(line, "put %lld", &number) == 1 || sscanf(line, "big %lld %lld", &number, &size) == 2) {
            r.n = number;
            if (size > 0) r.size_bytes = size;
            enum store_outcome o = put_row(s, &a, &r, put, &e);
            say(o == STORE_OK || o == STORE_DUPLICATE ? "A" : "E", 0, r.n, o == STORE_OK ? "" : err_name(e.code));
        } else {
            int64_t found = -1;
            struct store_job job = { .queue = STORE_READ, .arena = &a, .body = count, .arg = &found };
            enum store_outcome o = store_run(s, &job);
            say("C", 0, o == STORE_OK ? found : -1, "");
        }
    }
    arena_done(&a);
    store_close(s);
    return 0;
}

static int do_bare(char **argv) {
    sqlite3 *db;
    sqlite3_stmt *st;
    char sql[100];
    struct arena a;
    if (sqlite3_open(argv[2], &db) != SQLITE_OK) return 1;
    (void)snprintf(sql, sizeof sql, "PRAGMA synchronous = %s", argv[3]);
    (void)sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    (void)sqlite3_exec(db, sql, NULL, NULL, NULL);
    (void)sqlite3_exec(db,
                       "CREATE TABLE IF NOT EXISTS store_lease (home, name, holder, fence, PRIMARY KEY (home, name))",
                       NULL, NULL, NULL);
    if (sqlite3_prepare_v2(db, "INSERT INTO store_lease VALUES (0, ?, ?, ?)", -1, &st, NULL) != SQLITE_OK) return 1;
    arena_init(&a, "bare", 1024 * 1024);
    for (int64_t n = 1; n <= strtol(argv[4], NULL, 10); n++) {
        struct row r = { 0, n, PAYLOAD_BYTES };
        arena_reset(&a);
        struct str name = arena_fmt(&a, "%lld", (long long)n), text = payload(&a, &r);
        (void)sqlite3_bind_text(st, 1, name.ptr, (int)name.len, SQLITE_STATIC);
        (void)sqlite3_bind_text(st, 2, text.ptr, (int)text.len, SQLITE_STATIC);
        (void)sqlite3_bind_int64(st, 3, n);
        if (sqlite3_step(st) == SQLITE_DONE) say("A", 0, n, "");
        (void)sqlite3_reset(st);
    }
    arena_done(&a);
    _exit(0); /* no closing checkpoint: the machine lost power */
}

int main(int argc, char **argv) {
    if (argc >= 6 && strcmp(argv[1], "write") == 0) return do_write(argc, argv);
    if (argc == 6 && strcmp(argv[1], "docs") == 0) return do_docs(argv);
    if (argc == 4 && strcmp(argv[1], "ledger") == 0) return do_ledger(argv);
    if (argc == 3 && strcmp(argv[1], "serve") == 0) return do_serve(argv);
    if (argc == 5 && strcmp(argv[1], "bare") == 0) return do_bare(argv);
    (void)fprintf(stderr, "usage: see the head of store_writer.c\n");
    return 2;
}
