/* speed of the store: durable one-row transactions a second with 1, 16 and 64 requests under way (suspended, not
 * threads), against SQLite's own interface in a loop of one row a transaction and of 64.
 *
 *   speed-store [SECONDS]      prints a table: rows/s, and the ratio to the bare loop; on PostgreSQL too, where it is there
 *
 * One row: store_lease (home, name, holder of 200 bytes), synchronous=FULL everywhere. Figures of one run on one
 * machine only compare with each other.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/generated.h"
#include "os/os.h"
#include "store/store_fixture.h"

enum { CLIENTS_MAX = 64 };

STORE_STMT(speed_add, STORE_WRITES,
           "INSERT INTO store_lease (home, name, holder, fence, until_ms) VALUES (?, ?, ?, 1, 0)");
STORE_STMT(speed_get, STORE_READS, "SELECT holder FROM store_lease WHERE home = ? AND name = ?");

static char payload[200];

struct run {
    struct store *s;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int64_t home, until_ns, max_ns;
    uint64_t rows, failed;
    int live;
};

struct client {
    struct run *run;
    struct arena arena;
    struct store_job job;
    int64_t n, began_ns;
    int number;
};

static int add(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct client *c = job->arg;
    struct str name = arena_fmt(job->arena, "%d-%lld", c->number, (long long)c->n);
    return store_exec(tx, &speed_add, NULL, e, SV_I(job->home.v), SV_T(name), SV_T(str_make(payload, sizeof payload)));
}

static void again(struct store_job *job, enum store_outcome outcome, void *context) {
    struct client *c = context;
    struct run *r = c->run;
    int64_t now = os_mono_ns();
    (void)pthread_mutex_lock(&r->lock);
    if (outcome == STORE_OK) r->rows++;
    else r->failed++;
    if (c->began_ns && now - c->began_ns > r->max_ns) r->max_ns = now - c->began_ns;
    bool stop = now >= r->until_ns;
    if (stop) {
        r->live--;
        (void)pthread_cond_signal(&r->moved);
    }
    (void)pthread_mutex_unlock(&r->lock);
    if (stop) return;
    c->n++;
    c->began_ns = now;
    (void)store_submit(r->s, job, again, c);
}

static double measure(struct store *s, int clients, int64_t home, double seconds, double *max_ms) {
    static struct client client[CLIENTS_MAX];
    struct run r = {
        .s = s, .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER, .home = home, .live = clients
    };
    int64_t began = os_mono_ns();
    r.until_ns = began + (int64_t)(seconds * 1e9);
    for (int i = 0; i < clients; i++) {
        struct client *c = &client[i];
        *c = (struct client){ .run = &r, .number = i };
        arena_init(&c->arena, "speed", 1024 * 1024);
        c->job = (struct store_job){
            .home = { home }, .queue = STORE_INTERACTIVE, .arena = &c->arena, .body = add, .arg = c
        };
        (void)store_submit(s, &c->job, again, c);
    }
    (void)pthread_mutex_lock(&r.lock);
    while (r.live) (void)pthread_cond_wait(&r.moved, &r.lock);
    (void)pthread_mutex_unlock(&r.lock);
    double took = (double)(os_mono_ns() - began) / 1e9;
    for (int i = 0; i < clients; i++) arena_done(&client[i].arena);
    if (r.failed) printf("  %llu failed\n", (unsigned long long)r.failed);
    *max_ms = (double)r.max_ns / 1e6;
    return (double)r.rows / took;
}

static int get(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct store_rows *r;
    int rc = store_query(tx, &speed_get, &r, e, SV_I(job->home.v), SV_T(S("0-0")));
    if (rc < 0) return rc;
    if (store_next(r)) (void)store_text(r, 0);
    return store_end(r, e);
}

static double reads(struct store *s, int64_t home, double seconds) {
    struct arena a;
    arena_init(&a, "speed", 1024 * 1024);
    struct store_job job = { .home = { home }, .queue = STORE_READ, .arena = &a, .body = get };
    int64_t began = os_mono_ns(), n = 0;
    while ((double)(os_mono_ns() - began) < seconds * 1e9) n += store_run(s, &job) == STORE_OK;
    double rate = (double)n / ((double)(os_mono_ns() - began) / 1e9);
    arena_done(&a);
    return rate;
}

/* SQLite's own interface: `group` rows a transaction, on the same table. */
static double bare(const char *path, int group, double seconds) {
    sqlite3 *db;
    sqlite3_stmt *st, *begin, *commit;
    int64_t n = 0;
    if (sqlite3_open(path, &db) != SQLITE_OK) exit(1);
    (void)sqlite3_exec(
        db,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS store_lease (home INTEGER "
        "NOT NULL, name TEXT NOT NULL, holder TEXT NOT NULL, fence INTEGER, until_ms INTEGER, PRIMARY KEY (home, "
        "name)) "
        "STRICT, WITHOUT ROWID",
        NULL, NULL, NULL);
    if (sqlite3_prepare_v2(db, "INSERT INTO store_lease VALUES (?, ?, ?, 1, 0)", -1, &st, NULL) != SQLITE_OK) exit(1);
    (void)sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL);
    (void)sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL);
    int64_t began = os_mono_ns();
    while ((double)(os_mono_ns() - began) < seconds * 1e9) {
        (void)sqlite3_step(begin), (void)sqlite3_reset(begin);
        for (int i = 0; i < group; i++) {
            char name[32];
            int len = snprintf(name, sizeof name, "0-%lld", (long long)n++);
            (void)sqlite3_bind_int64(st, 1, group);
            (void)sqlite3_bind_text(st, 2, name, len, SQLITE_STATIC);
            (void)sqlite3_bind_text(st, 3, payload, sizeof payload, SQLITE_STATIC);
            (void)sqlite3_step(st), (void)sqlite3_reset(st);
        }
        if (sqlite3_step(commit) != SQLITE_DONE) exit(1);
        (void)sqlite3_reset(commit);
    }
    double rate = (double)n / ((double)(os_mono_ns() - began) / 1e9);
    (void)sqlite3_finalize(st), (void)sqlite3_finalize(begin), (void)sqlite3_finalize(commit);
    (void)sqlite3_close(db);
    return rate;
}

static void table(const char *url, double base, double seconds) {
    struct store *s;
    struct err e;
    struct store_config c = {
        .url = str_of(url), .migrations = migrations, .n_migrations = n_migrations, .readers = 16
    };
    if (store_open(&c, &s, &e) < 0) {
        printf("%s: %s %s\n", url, err_name(e.code), e.detail);
        exit(1);
    }
    int64_t run = os_now_ms(); /* a home of its own, so that a database may be measured again */
    const char *kind = store_is_postgres(s) ? "PostgreSQL" : "SQLite";
    for (int clients = 1; clients <= 64; clients = clients == 1 ? 16 : clients * 4) {
        double max_ms, rate = measure(s, clients, run + clients, seconds, &max_ms);
        printf("store on %-10s %2d under way  %9.0f rows/s  %6.2f of bare  longest %6.1f ms\n", kind, clients, rate,
               rate / base, max_ms);
        (void)fflush(stdout);
    }
    printf("store on %-10s read by key   %9.0f reads/s\n", kind, reads(s, run + 1, seconds));
    store_close(s);
}

int main(int argc, char **argv) {
    char path[600];
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 1.0;
    memset(payload, 'x', sizeof payload);
    struct store_fixture *sqlite = store_fixture_new(false), *postgres = store_fixture_new(true);
    (void)snprintf(path, sizeof path, "%s/bare.db", store_fixture_dir(sqlite));
    double one = bare(path, 1, seconds), many = bare(path, 64, seconds);
    printf("SQLite alone, 1 row a transaction    %9.0f rows/s\nSQLite alone, 64 rows a transaction  %9.0f rows/s  "
           "%6.2f of bare\n",
           one, many, many / one);
    table(store_fixture_url(sqlite).ptr, one, seconds);
    if (postgres) table(store_fixture_url(postgres).ptr, one, seconds);
    store_fixture_free(sqlite);
    store_fixture_free(postgres);
    return 0;
}
