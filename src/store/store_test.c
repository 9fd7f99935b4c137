/* Unit tests of the store, each on both kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "store/store_fixture.h"

/* The tests use the lease table as their plain table: a name, a number. */
STORE_STMT(store_test_add, STORE_WRITES,
           "INSERT INTO store_lease (home, name, holder, fence, until_ms) VALUES (?, ?, ?, ?, 0)");
STORE_STMT(store_test_bump, STORE_WRITES, "UPDATE store_lease SET fence = fence + 1 WHERE home = ? AND name = ?");
STORE_STMT(store_test_get, STORE_READS, "SELECT fence FROM store_lease WHERE home = ? AND name = ?");
STORE_STMT(store_test_count, STORE_READS, "SELECT COUNT(*) FROM store_lease WHERE home = ?");
STORE_STMT(store_test_all, STORE_READS, "SELECT name, holder, fence FROM store_lease WHERE home = ? ORDER BY name");

static int count(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_one_i64(tx, &store_test_count, (struct store_val[]){ SV_I(job->home.v) }, 1, job->arg, e);
}

static int64_t rows(struct store *s) {
    int64_t n = -1;
    assert_int_equal(store_fixture_read(s, count, &n, NULL), STORE_OK);
    return n;
}

static int add(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_exec(tx, &store_test_add, NULL, e, SV_I(job->home.v), SV_T(str_of(job->arg)), SV_T(S("我")), SV_I(1));
}

static int add_then_refuse(struct store_tx *tx, struct store_job *job, struct err *e) {
    int rc = add(tx, job, e);
    return rc < 0 ? rc : err_set(e, ERR_STATE, "已经结束");
}

static int note_refusal(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_exec(tx, &store_test_add, NULL, e, SV_I(job->home.v), SV_T(S("refused")), SV_T(str_of(err_name(job->err.code))),
                      SV_I(1));
}

static void writes_and_reads(struct store *s, void *arg) {
    (void)arg;
    struct err e;
    assert_int_equal(store_fixture_run(s, add, (void *)"a", NULL), STORE_OK);
    assert_int_equal(rows(s), 1);
    assert_int_equal(store_fixture_run(s, add, (void *)"a", &e), STORE_FAILED);
    assert_int_equal(e.code, ERR_DUPLICATE);
    assert_int_equal(store_fixture_run(s, add_then_refuse, (void *)"b", &e), STORE_FAILED);
    assert_int_equal(e.code, ERR_STATE);
    assert_string_equal(e.detail, "已经结束");
    assert_int_equal(rows(s), 1);
    assert_int_equal(store_fixture_read(s, add, (void *)"c", &e), STORE_FAILED);
    assert_int_equal(e.code, ERR_DEFECT);
    assert_int_equal(rows(s), 1);
}

static void refusal_is_recorded(struct store *s, void *arg) {
    (void)arg;
    for (int q = STORE_READ; q <= STORE_INTERACTIVE; q++) {
        int64_t before = rows(s);
        struct store_job *job = store_fixture_job(q == STORE_READ ? add : add_then_refuse, (void *)"x");
        job->queue = (enum store_queue)q;
        job->home.v = 1;
        job->refused = note_refusal;
        if (q == STORE_INTERACTIVE) {
            struct store_job *again = store_fixture_job(add, (void *)"other");
            assert_int_equal(store_run(s, again), STORE_OK);
            assert_int_equal(store_run(s, job), STORE_UNAVAILABLE); /* "refused" is there already: not recorded, not answered */
            assert_int_equal(job->err.code, ERR_DUPLICATE);
            assert_int_equal(rows(s), before + 1);
        } else {
            assert_int_equal(store_run(s, job), STORE_FAILED);
            assert_int_equal(job->err.code, ERR_DEFECT);
            assert_int_equal(rows(s), before + 1);
        }
    }
}

static void test_writes_and_reads(void **state) {
    store_fixture_each(writes_and_reads, *state);
}

static void test_refusal_is_recorded(void **state) {
    store_fixture_each(refusal_is_recorded, *state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_and_reads),
        cmocka_unit_test(test_refusal_is_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
