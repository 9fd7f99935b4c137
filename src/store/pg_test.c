/* Unit tests of what only PostgreSQL can do wrong, on a private server with a synchronous standby that never
 * answers (store.md, section 3): a commit that waits for it and is cancelled, or waits too long, is UNKNOWN, never
 * OK; and the key tells later. Needs a server of its own, so all is one test. SKIPPED, loudly, where PostgreSQL is
 * not installed. */
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

struct waiting {
    struct store *s;
    struct store_job *job;
    enum store_outcome outcome;
};

static void *submit(void *arg) {
    struct waiting *w = arg;
    w->outcome = store_run(w->s, w->job);
    return NULL;
}

static char dir[200], url[300];

/* One value from the server, through a link of our own. */
static struct store_conn *admin(const struct pg_lib *pq) {
    static struct store_conn c;
    struct err e;
    c.pq = pq;
    if (!c.link && store_pg_connect(&c, url, &e) < 0) fail_msg("%s", e.detail);
    return &c;
}

static void sql(const struct pg_lib *pq, const char *text) {
    struct err e;
    if (store_pg_command(admin(pq), text, 10000, NULL, 0, &e) < 0) fail_msg("%s: %s", text, e.detail);
}

/* Cancels every backend that waits for the standby; whether one did. */
static bool cancel_any(const struct pg_lib *pq) {
    static const struct store_stmt st = {
        "cancel", "SELECT COUNT(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", false
    };
    struct arena a;
    struct err e;
    struct store_rows r = { 0 };
    arena_init(&a, "test", 65536);
    struct store_tx tx = { .conn = admin(pq), .arena = &a };
    r.tx = &tx;
    assert_int_equal(store_pg_query(&tx, &st, NULL, 0, &r, &e), 0);
    bool hit = store_pg_next(&r) && store_pg_i64(&r, 0) > 0;
    store_pg_end(&r);
    arena_done(&a);
    if (!hit) (void)poll(NULL, 0, 5); /* for another process, not for a clock */
    return hit;
}

static void cancel_waiting(const struct pg_lib *pq) {
    for (int i = 0; i < 1000; i++)
        if (cancel_any(pq)) return;
    fail_msg("no backend waits for the standby");
}

static void drain(struct store_conn *raw) {
    for (PGresult *res; (res = raw->pq->getResult(raw->link));) raw->pq->clear(res);
}

/* Names a standby that is not there, until commits do wait for it; or none. */
static void standby_hangs(const struct pg_lib *pq, struct store_conn *raw, bool hangs) {
    sql(pq, hangs ? "ALTER SYSTEM SET synchronous_standby_names = 'ghost'"
                  : "ALTER SYSTEM RESET synchronous_standby_names");
    sql(pq, "SELECT pg_reload_conf()");
    for (int i = 0; hangs && i < 1000; i++) { /* the server takes it up in its own time: try a commit of no interest */
        bool hit = false;
        assert_int_equal(raw->pq->sendQuery(raw->link, "DROP TABLE IF EXISTS primer; CREATE TABLE primer (x int)"), 1);
        assert_int_equal(raw->pq->flush(raw->link), 0);
        for (int k = 0; k < 20 && !hit; k++) {
            assert_int_equal(raw->pq->consumeInput(raw->link), 1);
            if (!raw->pq->isBusy(raw->link)) break;
            hit = cancel_any(pq);
        }
        if (!hit) hit = cancel_any(pq);
        drain(raw);
        if (hit) return;
    }
    assert_false(hangs);
}

static void cancelled_commit_is_unknown(struct store *s, const struct pg_lib *pq, struct store_conn *raw) {
    struct waiting w = { s, keyed("cancelled"), STORE_OK };
    pthread_t t;
    standby_hangs(pq, raw, true);
    assert_int_equal(pthread_create(&t, NULL, submit, &w), 0);
    cancel_waiting(pq);
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_int_equal(w.outcome, STORE_UNKNOWN); /* the server said COMMIT, and warned */
    assert_int_equal(w.job->err.code, ERR_UNKNOWN);
    standby_hangs(pq, raw, false);
    assert_int_equal(store_run(s, keyed("cancelled")), STORE_DUPLICATE); /* it had taken place: the key tells */
}

/* The control: libpq alone takes the same for success. */
static void cancelled_looks_like_success(const struct pg_lib *pq, struct store_conn *raw) {
    struct err e;
    char tag[16] = "";
    standby_hangs(pq, raw, true);
    assert_int_equal(store_pg_command(raw, "BEGIN; CREATE TABLE control (x int)", 10000, NULL, 0, &e), 0);
    raw->warned = false;
    assert_int_equal(raw->pq->sendQuery(raw->link, "COMMIT"), 1);
    assert_int_equal(raw->pq->flush(raw->link), 0);
    cancel_waiting(pq);
    PGresult *res = raw->pq->getResult(raw->link);
    assert_int_equal(raw->pq->resultStatus(res), PGRES_COMMAND_OK);
    (void)snprintf(tag, sizeof tag, "%s", raw->pq->cmdStatus(res));
    assert_string_equal(tag, "COMMIT");
    assert_true(raw->warned);
    raw->pq->clear(res);
    drain(raw);
    standby_hangs(pq, raw, false);
}

static void hung_commit_is_unknown(struct store *s, const struct pg_lib *pq, struct store_conn *raw) {
    standby_hangs(pq, raw, true);
    s->commit_ms = 300;
    assert_int_equal(store_run(s, keyed("hung")), STORE_UNKNOWN);
    s->commit_ms = 0;
    standby_hangs(pq, raw, false);
    assert_int_equal(store_run(s, keyed("hung")), STORE_DUPLICATE);
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
    assert_int_equal(n, 3);
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
    static struct store_conn raw;
    raw.pq = pq;
    assert_int_equal(store_pg_connect(&raw, url, &e), 0);
    cancelled_looks_like_success(pq, &raw);
    cancelled_commit_is_unknown(s, pq, &raw);
    hung_commit_is_unknown(s, pq, &raw);
    store_pg_disconnect(&raw);
    store_pg_disconnect(admin(pq));
    server_dies(s);
    sql(pq, "ALTER SYSTEM SET fsync = off");
    sql(pq, "SELECT pg_reload_conf()");
    store_pg_disconnect(admin(pq));
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
