/* Unit tests of what only PostgreSQL can do wrong, on one private server: it goes away and comes back; it would lose
 * commits; its library is not there. With standbys: pg_trio_test.c. SKIPPED, loudly, where PostgreSQL is not
 * installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "app/generated.h"
#include "store/pg_fixture.h"
#include "store/pg_impl.h"
#include "store/store_fixture.h"

STORE_STMT(pg_test_add, STORE_WRITES,
           "INSERT INTO store_lease (home, name, holder, fence, until_ms) VALUES (?, ?, '-', 1, 0)");
STORE_STMT(pg_test_count, STORE_READS, "SELECT COUNT(*) FROM store_lease WHERE home = ?");
STORE_STMT(pg_test_no_number, STORE_READS, "SELECT CAST(holder AS BIGINT) FROM store_lease WHERE home = ?");

STORE_STMT(pg_test_met, STORE_WRITES, "UPDATE store_lease SET fence = ? WHERE home = ? AND name = ?");
STORE_STMT(pg_test_fence, STORE_READS, "SELECT fence FROM store_lease WHERE home = ? AND name = ?");

static int add(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_exec(tx, &pg_test_add, NULL, e, SV_I(job->home.v), SV_T(str_of(job->arg)));
}

static int count(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_one_i64(tx, &pg_test_count, (struct store_val[]){ SV_I(job->home.v) }, 1, job->arg, e);
}

static struct store_job *keyed(const char *name) {
    struct store_job *job = store_fixture_job(add, (void *)(uintptr_t)name);
    job->has_key = true;
    memcpy(job->key, name, strlen(name));
    return job;
}

static char dir[200], url[300];

/* ---- lanes ---- */

enum { MEETING = 400, APART = 300 };
static struct {
    pthread_mutex_t lock;
    pthread_cond_t all;
    int left, failed;
    uint64_t narrowest, widest; /* lanes seen while they ran */
} group = { .lock = PTHREAD_MUTEX_INITIALIZER, .all = PTHREAD_COND_INITIALIZER };

static void one_done(struct store_job *job, enum store_outcome out, void *context) {
    struct store_stats stats;
    (void)job;
    store_stats(context, &stats);
    (void)pthread_mutex_lock(&group.lock);
    if (stats.writers < group.narrowest) group.narrowest = stats.writers;
    if (stats.writers > group.widest) group.widest = stats.writers;
    group.failed += out != STORE_OK;
    if (--group.left == 0) (void)pthread_cond_signal(&group.all);
    (void)pthread_mutex_unlock(&group.lock);
}

/* All at once; how many runs were lost. How many lanes there are at the end is a matter of chance (the last few may not meet): what was
 * seen on the way is kept in the group. */
static uint64_t all_at_once(struct store *s, store_body *body, int n) {
    static char name[APART][24];
    struct store_stats before, after;
    store_stats(s, &before);
    group.left = n, group.narrowest = UINT64_MAX, group.widest = 0;
    for (int i = 0; i < n; i++) {
        (void)snprintf(name[i % APART], sizeof name[0], "apart %d", i);
        assert_int_equal(store_submit(s, store_fixture_job(body, name[i % APART]), one_done, s), 0);
    }
    (void)pthread_mutex_lock(&group.lock);
    while (group.left) (void)pthread_cond_wait(&group.all, &group.lock);
    (void)pthread_mutex_unlock(&group.lock);
    assert_int_equal(group.failed, 0);
    store_stats(s, &after);
    return after.again - before.again;
}

static int count_up(struct store_tx *tx, struct store_job *job, struct err *e) {
    int64_t fence;
    int rc = store_one_i64(tx, &pg_test_fence, (struct store_val[]){ SV_I(job->home.v), SV_T(S("lane")) }, 2, &fence, e);
    return rc ? rc : store_exec(tx, &pg_test_met, NULL, e, SV_I(fence + 1), SV_I(job->home.v), SV_T(S("lane")));
}

static int counted(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_one_i64(tx, &pg_test_fence, (struct store_val[]){ SV_I(job->home.v), SV_T(S("lane")) }, 2, job->arg, e);
}

/* Jobs that all want one row narrow the lanes, so that few runs are lost; jobs that do not meet widen them again. */
static void lanes_follow_the_work(struct store *s) {
    int64_t fence;
    struct store_stats stats;
    store_stats(s, &stats);
    assert_int_equal(stats.writers, 3);
    assert_int_equal(store_fixture_run(s, add, (void *)(uintptr_t) "lane", NULL), STORE_OK);
    assert_in_range(all_at_once(s, count_up, MEETING), 1, MEETING);
    assert_in_range(group.narrowest, 1, 2);
    assert_int_equal(store_fixture_read(s, counted, &fence, NULL), STORE_OK);
    assert_int_equal(fence, 1 + MEETING);
    (void)all_at_once(s, add, APART);
    assert_int_equal(group.widest, 3);
}

static void server_dies(struct store *s) {
    int64_t n = 0;
    pg_fixture_stop(dir);
    struct store_job *job = keyed("down");
    assert_int_equal(store_run(s, job), STORE_UNAVAILABLE);
    assert_int_equal(job->err.code, ERR_STORE);
    assert_true(pg_fixture_start(dir, "", NULL));
    enum store_outcome o = STORE_UNAVAILABLE;
    for (int i = 0; i < 500 && o == STORE_UNAVAILABLE; i++) o = store_run(s, keyed("down")), (void)poll(NULL, 0, 10);
    assert_int_equal(o, STORE_OK); /* with the same key: it came through once, though it was asked more often */
    assert_int_equal(store_fixture_read(s, count, &n, NULL), STORE_OK);
    assert_int_equal(n, 2); /* and the row of reads_go_together */
}

/* Reads begun together: one wait for all three, in whatever order they are walked; the one that nobody walks costs none. */
static int together(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct store_rows *rows[4];
    int64_t *sum = job->arg;
    int rc = 0;
    for (size_t i = 0; !rc && i < 3; i++) rc = store_query(tx, &pg_test_count, &rows[i], e, SV_I(job->home.v));
    struct store_asked before = store_asked(tx);
    for (size_t i = 3; !rc && i-- > 1;) {
        if (store_next(rows[i])) *sum += store_i64(rows[i], 0);
        rc = store_end(rows[i], e);
    }
    if (!rc) rc = store_end(rows[0], e);
    if (!rc) rc = store_query(tx, &pg_test_count, &rows[3], e, SV_I(job->home.v));
    if (!rc) rc = store_end(rows[3], e);
    struct store_asked after = store_asked(tx);
    if (rc) return rc;
    return before.waits == 0 && after.waits == 1 && after.reads == 4 ? 0 : err_set(e, ERR_DEFECT, "%u %u", after.reads, after.waits);
}

/* The one in the middle fails: who walks another is told, with the name of the one that failed. */
static int one_fails(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct store_stmt *all[] = { &pg_test_count, &pg_test_no_number, &pg_test_count };
    struct store_rows *rows[3];
    int rc = 0;
    for (size_t i = 0; !rc && i < 3; i++) rc = store_query(tx, all[i], &rows[i], e, SV_I(job->home.v));
    if (rc) return err_set(e, ERR_STATE, "told too early");
    *(bool *)job->arg = store_next(rows[2]);
    return store_end(rows[2], e);
}

static int unwalked_fails(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct store_rows *rows;
    int rc = store_exec(tx, &pg_test_add, NULL, e, SV_I(job->home.v), SV_T(S("unwalked")));
    return rc ? rc : store_query(tx, &pg_test_no_number, &rows, e, SV_I(job->home.v));
}

static void reads_go_together(struct store *s) {
    int64_t n;
    bool found;
    struct err e = { 0 };
    enum store_outcome (*const queues[])(struct store *, store_body *, void *, struct err *) = { store_fixture_run, store_fixture_read };
    assert_int_equal(store_fixture_run(s, add, (void *)(uintptr_t) "together", NULL), STORE_OK);
    for (size_t i = 0; i < 2; i++) {
        n = 0;
        assert_int_equal(queues[i](s, together, &n, &e), STORE_OK);
        assert_int_equal(n, 2);
        found = true;
        assert_int_equal(queues[i](s, one_fails, &found, &e), STORE_FAILED);
        assert_false(found);
        assert_non_null(strstr(e.detail, "pg_test_no_number"));
    }
    assert_int_equal(store_fixture_run(s, unwalked_fails, NULL, &e), STORE_FAILED);
    assert_non_null(strstr(e.detail, "pg_test_no_number"));
    n = 0;
    assert_int_equal(store_fixture_read(s, count, &n, NULL), STORE_OK);
    assert_int_equal(n, 1); /* what was written before the failure is not there */
}

/* ---- another database in the same transaction ---- */

/* What the server refuses in these commands, in its words; "" for nothing. */
static const char *refused(struct store_conn *raw, const char *commands) {
    static char words[300];
    words[0] = 0;
    assert_int_equal(raw->pq->sendQuery(raw->link, commands), 1);
    for (PGresult *res; (res = raw->pq->getResult(raw->link)); raw->pq->clear(res)) {
        const char *said = raw->pq->resultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
        if (said && !words[0]) (void)snprintf(words, sizeof words, "%s", said);
    }
    return words;
}

/* The trap: tables of another server can be read and written as if they were here (postgres_fdw), but not so that both keep it or
 * neither, and not by the statement that makes a command safe to repeat. So homes are told of each other by the outbox, and the linter
 * refuses PREPARE TRANSACTION. */
static void other_servers_join_no_transaction(const struct pg_lib *pq) {
    static struct store_conn raw;
    struct err e;
    char server[600];
    raw.pq = pq;
    if (store_pg_connect(&raw, url, &e) < 0) fail_msg("%s", e.detail);
    (void)snprintf(server, sizeof server,
                   "CREATE EXTENSION postgres_fdw; CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%s', dbname "
                   "'postgres'); CREATE USER MAPPING FOR tongban SERVER other OPTIONS (user 'tongban'); "
                   "CREATE TABLE here (id int PRIMARY KEY); "
                   "CREATE FOREIGN TABLE there (id int) SERVER other OPTIONS (table_name 'here')", dir);
    assert_string_equal(refused(&raw, server), "");
    assert_string_equal(refused(&raw, "INSERT INTO there VALUES (1)"), ""); /* the control: it is the same table */
    assert_non_null(strstr(refused(&raw, "INSERT INTO here VALUES (1)"), "duplicate key"));
    assert_string_equal(refused(&raw, "INSERT INTO here VALUES (1) ON CONFLICT (id) DO NOTHING"), "");
    const char *again = refused(&raw, "INSERT INTO there VALUES (1) ON CONFLICT (id) DO NOTHING");
    assert_non_null(strstr(again, "no unique or exclusion constraint"));
    assert_string_equal(refused(&raw, "BEGIN"), "");
    assert_string_equal(refused(&raw, "INSERT INTO there VALUES (2)"), "");
    assert_non_null(strstr(refused(&raw, "PREPARE TRANSACTION 'two'"), "postgres_fdw foreign tables"));
    assert_string_equal(refused(&raw, "DROP SERVER other CASCADE; DROP TABLE here; DROP EXTENSION postgres_fdw"), "");
    store_pg_disconnect(&raw);
}

static void test_private_server(void **state) {
    (void)state;
    const char *why = NULL;
    struct store *s;
    struct err e;
    struct arena a;
    const struct pg_lib *pq;
    const char *tmp = getenv("TMPDIR");
    if (!pg_fixture_up(&why)) {
        (void)fprintf(stderr, "SKIPPED: the traps of PostgreSQL (%s)\n", why);
        return;
    }
    arena_init(&a, "test", 1024 * 1024);
    assert_int_equal(store_pg_load("/nonexistent/libpq.so", &a, &pq, &e), ERR_STORE);
    assert_int_equal(store_pg_load("", &a, &pq, &e), 0);
    (void)snprintf(dir, sizeof dir, "%s/tongban-pgtest-%d", tmp && *tmp ? tmp : "/tmp", (int)getpid());
    assert_true(pg_fixture_start(dir, "", NULL));
    pg_fixture_url_in(dir, "postgres", url, sizeof url);
    struct store_config c = {
        .url = str_of(url), .migrations = migrations, .n_migrations = n_migrations, .readers = 3, .node = 2
    };
    if (store_open(&c, &s, &e) < 0) fail_msg("%s", e.detail);
    other_servers_join_no_transaction(pq);
    reads_go_together(s);
    server_dies(s);
    lanes_follow_the_work(s);
    (void)pg_fixture_sql_in(dir, "postgres", false, "ALTER SYSTEM SET fsync = off");
    (void)pg_fixture_sql_in(dir, "postgres", false, "SELECT pg_reload_conf()");
    store_close(s);
    for (int i = 0; i < 100; i++) { /* a server that may lose commits is refused, once it has read its settings */
        int rc = store_open(&c, &s, &e);
        if (rc == 0) store_close(s), (void)poll(NULL, 0, 20);
        else break;
    }
    assert_int_equal(e.code, ERR_STORE);
    assert_non_null(strstr(e.detail, "fsync"));
    pg_fixture_remove(dir);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_private_server) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
