/* Unit tests of the store on a primary with two synchronous standbys: the traps of replication. What the server
 * itself calls success, or leaves waiting for ever, must be UNKNOWN or refused, never OK; and the key tells later,
 * also on the standby that took over. The tests share the servers and run in order: the last one kills the primary.
 * SKIPPED, loudly, where PostgreSQL is not installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>

#include "app/generated.h"
#include "os/os.h"
#include "store/pg_fixture.h"
#include "store/pg_impl.h"
#include "store/pg_trio_fixture.h"
#include "store/store_fixture.h"

STORE_STMT(pg_trio_add, STORE_WRITES,
           "INSERT INTO store_lease (home, name, holder, fence, until_ms) VALUES (?, ?, '-', 0, 0)");
STORE_STMT(pg_trio_count, STORE_READS, "SELECT COUNT(*) FROM store_lease WHERE home = ? AND name = ?");
STORE_STMT(pg_trio_get, STORE_READS, "SELECT fence FROM store_lease WHERE home = ? AND name = ?");
STORE_STMT(pg_trio_set, STORE_WRITES, "UPDATE store_lease SET fence = ? WHERE home = ? AND name = ?");
STORE_STMT(pg_trio_bump, STORE_WRITES, "UPDATE store_lease SET fence = fence + 1 WHERE home = ? AND name = ?");

enum { HUNG_MS = 300, TURNS = 3000 };

static struct pg_trio trio;
static struct store *s;
static struct arena arena;
static const struct pg_lib *pq;

static int start(void **state) {
    (void)state;
    const char *why = NULL;
    struct err e;
    if (!pg_trio_start(&trio, &why)) {
        (void)fprintf(stderr, "SKIPPED: the traps of replication (%s)\n", why);
        return 0;
    }
    arena_init(&arena, "test", 1024 * 1024);
    struct store_config c = {
        .url = str_of(trio.url), .migrations = migrations, .n_migrations = n_migrations, .readers = 3, .node = 2
    };
    if (store_pg_load("", &arena, &pq, &e) < 0 || store_open(&c, &s, &e) < 0) {
        (void)fprintf(stderr, "%s\n", e.detail);
        return 1;
    }
    return 0;
}

static int stop(void **state) {
    (void)state;
    store_close(s);
    pg_trio_remove(&trio);
    arena_done(&arena);
    return 0;
}

static const char *sql(const char *text) {
    return pg_fixture_sql_in(pg_trio_primary(&trio), "postgres", false, text);
}

/* Waits, for other processes and not for a clock, until the query has a value. */
static const char *sql_until(const char *text) {
    for (int i = 0; i < TURNS; i++) {
        const char *value = sql(text);
        if (value) return value;
        (void)poll(NULL, 0, 5);
    }
    fail_msg("never: %s", text);
    return "";
}

static const char *cancel_waiting(void) {
    return sql_until("SELECT pid FROM pg_stat_activity WHERE CASE WHEN wait_event = 'SyncRep' AND application_name = "
                     "'tongban' THEN pg_cancel_backend(pid) ELSE FALSE END");
}

/* ---- jobs ---- */

static int add(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_exec(tx, &pg_trio_add, NULL, e, SV_I(job->home.v), SV_T(str_of(job->arg)));
}

static struct store_job *keyed(const char *name) {
    struct store_job *job = store_fixture_job(add, (void *)(uintptr_t)name);
    job->has_key = true;
    memcpy(job->key, name, strlen(name));
    return job;
}

static int count_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct store_val v[] = { SV_I(job->home.v), SV_T(str_of(job->arg)) };
    int64_t n = 0;
    int rc = store_one_i64(tx, &pg_trio_count, v, 2, &n, e);
    job->result = arena_fmt(job->arena, "%lld", (long long)n);
    return rc;
}

static int64_t count(const char *name) {
    struct store_job *job = store_fixture_job(count_body, (void *)(uintptr_t)name);
    int64_t n = -1;
    job->queue = STORE_READ;
    assert_int_equal(store_run(s, job), STORE_OK);
    assert_true(str_to_i64(job->result, &n));
    return n;
}

struct waiting {
    struct store_job *job;
    enum store_outcome outcome;
    pthread_t thread;
};

static void *submit(void *arg) {
    struct waiting *w = arg;
    w->outcome = store_run(s, w->job);
    return NULL;
}

static void submit_beside(struct waiting *w, struct store_job *job) {
    w->job = job;
    assert_int_equal(pthread_create(&w->thread, NULL, submit, w), 0);
}

static enum store_outcome outcome(struct waiting *w) {
    assert_int_equal(pthread_join(w->thread, NULL), 0);
    return w->outcome;
}

/* ---- a cancelled commit ---- */

static void connect_raw(struct store_conn *raw) {
    struct err e;
    memset(raw, 0, sizeof *raw);
    raw->pq = pq;
    if (store_pg_connect(raw, trio.url, &e) < 0) fail_msg("%s", e.detail);
}

static void send_raw(struct store_conn *raw, const char *text) {
    assert_int_equal(pq->sendQuery(raw->link, text), 1);
    assert_int_equal(pq->flush(raw->link), 0);
}

/* The trap itself, with libpq alone: the server tells a cancelled wait for its standbys as a success. */
static void test_cancelled_looks_like_success(void **state) {
    static struct store_conn raw;
    (void)state;
    if (!s) return;
    connect_raw(&raw);
    pg_trio_hang(&trio, true);
    send_raw(&raw, "CREATE TABLE control (x int)");
    (void)cancel_waiting();
    PGresult *res = pq->getResult(raw.link);
    assert_int_equal(pq->resultStatus(res), PGRES_COMMAND_OK);
    assert_true(raw.warned); /* all that tells it apart, and what the store goes by */
    pq->clear(res);
    pg_trio_hang(&trio, false);
    store_pg_disconnect(&raw);
}

static void test_cancelled_is_unknown(void **state) {
    struct waiting w;
    char gone[200];
    (void)state;
    if (!s) return;
    pg_trio_hang(&trio, true);
    submit_beside(&w, keyed("cancelled"));
    const char *pid = cancel_waiting();
    (void)snprintf(gone, sizeof gone,
                   "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = %.20s)", pid);
    assert_int_equal(outcome(&w), STORE_UNKNOWN);
    assert_int_equal(w.job->err.code, ERR_UNKNOWN);
    (void)sql_until(gone); /* that link is used for nothing more */
    pg_trio_hang(&trio, false);
    assert_int_equal(store_run(s, keyed("cancelled")), STORE_DUPLICATE); /* it had taken place: the key tells */
    assert_int_equal(count("cancelled"), 1);
}

/* libpq is called through one table: what is not in it cannot be called. */
static void test_nothing_of_ours_cancels(void **state) {
    (void)state;
#define X(f) assert_null(strstr(#f, "ancel"));
    PG_FUNCTIONS(X)
#undef X
}

/* ---- hung standbys ---- */

/* The server's statement_timeout has no hold on that wait; our own deadline has. */
static void test_hung_is_unknown(void **state) {
    static struct store_conn raw;
    struct waiting again;
    (void)state;
    if (!s) return;
    connect_raw(&raw);
    send_raw(&raw, "SET statement_timeout = '100ms'");
    for (PGresult *res; (res = pq->getResult(raw.link));) pq->clear(res);
    pg_trio_hang(&trio, true);
    send_raw(&raw, "CREATE TABLE hung (x int)");
    s->commit_ms = HUNG_MS;
    int64_t began = os_mono_ns();
    struct store_job *job = keyed("hung");
    assert_int_equal(store_run(s, job), STORE_UNKNOWN);
    assert_int_equal(job->err.code, ERR_UNKNOWN);
    assert_true(os_mono_ns() - began >= (int64_t)HUNG_MS * 1000000);
    assert_int_equal(pq->consumeInput(raw.link), 1);
    assert_int_equal(pq->isBusy(raw.link), 1); /* three times its statement_timeout ago */
    assert_int_equal(count("hung"), 0); /* reads go on, and do not see what is not confirmed */
    submit_beside(&again, keyed("hung")); /* asked while it hangs: refused, or unknown as before; never promised */
    enum store_outcome told = outcome(&again);
    assert_true(told == STORE_UNAVAILABLE || told == STORE_UNKNOWN);
    pg_trio_hang(&trio, false);
    (void)sql_until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep')");
    s->commit_ms = 0;
    assert_int_equal(store_run(s, keyed("hung")), STORE_DUPLICATE);
    assert_int_equal(count("hung"), 1);
    store_pg_disconnect(&raw);
}

/* ---- run again: 40P01 and 40001 ---- */

static pthread_barrier_t both;

struct pair {
    const char *first, *second;
    int runs;
};

static int bump_both(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct pair *p = job->arg;
    int64_t changed;
    int rc = store_exec(tx, &pg_trio_bump, &changed, e, SV_I(1), SV_T(str_of(p->first)));
    if (p->runs++ == 0) (void)pthread_barrier_wait(&both); /* now each holds what the other wants */
    return rc ? rc : store_exec(tx, &pg_trio_bump, &changed, e, SV_I(1), SV_T(str_of(p->second)));
}

static int read_and_set(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct pair *p = job->arg;
    struct store_val key[] = { SV_I(1), SV_T(str_of(p->first)) };
    int64_t fence = 0;
    int rc = store_one_i64(tx, &pg_trio_get, key, 2, &fence, e);
    if (p->runs++ == 0) (void)pthread_barrier_wait(&both); /* now both have read the same */
    return rc ? rc : store_exec(tx, &pg_trio_set, NULL, e, SV_I(fence + 1), key[0], key[1]);
}

static void collide(store_body *body, const char *first, const char *second, const char *sum) {
    struct pair a = { first, second, 0 }, b = { second, first, 0 };
    struct waiting wa, wb;
    char text[200];
    assert_int_equal(pthread_barrier_init(&both, NULL, 2), 0);
    submit_beside(&wa, store_fixture_job(body, &a));
    submit_beside(&wb, store_fixture_job(body, &b));
    assert_int_equal(outcome(&wa), STORE_OK);
    assert_int_equal(outcome(&wb), STORE_OK);
    assert_true(a.runs + b.runs > 2); /* one of them lost, and ran again */
    (void)snprintf(text, sizeof text, "SELECT SUM(fence) FROM store_lease WHERE name IN ('%s', '%s')", first, second);
    assert_string_equal(sql(text), sum);
    (void)pthread_barrier_destroy(&both);
}

static void test_losers_run_again(void **state) {
    (void)state;
    if (!s) return;
    assert_int_equal(store_fixture_run(s, add, (void *)(uintptr_t) "left", NULL), STORE_OK);
    assert_int_equal(store_fixture_run(s, add, (void *)(uintptr_t) "right", NULL), STORE_OK);
    collide(bump_both, "left", "right", "4");
    assert_int_equal(store_fixture_run(s, add, (void *)(uintptr_t) "one", NULL), STORE_OK);
    collide(read_and_set, "one", "one", "2");
}

/* ---- the primary dies ---- */

static void test_killed_primary(void **state) {
    struct waiting w[2];
    static const char *const name[] = { "killed-1", "killed-2" };
    (void)state;
    if (!s) return;
    pg_trio_hang(&trio, true);
    for (int i = 0; i < 2; i++) submit_beside(&w[i], keyed(name[i]));
    (void)sql_until("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'tongban' "
                    "HAVING COUNT(*) = 2");
    pg_trio_kill(&trio);
    for (int i = 0; i < 2; i++) assert_int_equal(outcome(&w[i]), STORE_UNKNOWN);
    struct store_job *down = keyed("down"); /* none takes writes: refused at once, and nothing is kept for later */
    assert_int_equal(store_run(s, down), STORE_UNAVAILABLE);
    assert_int_equal(down->err.code, ERR_STORE);
    pg_trio_hang(&trio, false);
    pg_trio_promote(&trio);
    for (int i = 0; i < 2; i++) { /* the same keys, asked of whoever is primary now */
        enum store_outcome o = STORE_UNAVAILABLE;
        for (int k = 0; k < TURNS && o == STORE_UNAVAILABLE; k++, (void)poll(NULL, 0, 5))
            o = store_run(s, keyed(name[i]));
        assert_true(o == STORE_OK || o == STORE_DUPLICATE);
        assert_int_equal(count(name[i]), 1);
    }
    assert_int_equal(count("hung"), 1); /* and what was promised before is there */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cancelled_looks_like_success),
        cmocka_unit_test(test_cancelled_is_unknown),
        cmocka_unit_test(test_nothing_of_ours_cancels),
        cmocka_unit_test(test_hung_is_unknown),
        cmocka_unit_test(test_losers_run_again),
        cmocka_unit_test(test_killed_primary),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
