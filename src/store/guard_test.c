/* The commit guard, on both kinds of store: what changed rows and stands in nobody's books is not committed, by whatever
 * road it came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "store/store_fixture.h"

/* The lease table is the plain table of these tests, as in store_test.c. */
STORE_STMT(guard_test_add, STORE_WRITES,
           "INSERT INTO store_lease (home, name, holder, fence, until_ms) VALUES (?, ?, '', 1, 0) "
           "ON CONFLICT (home, name) DO NOTHING");
STORE_STMT(guard_test_free, STORE_WRITES,
           "INSERT INTO store_lease (home, name, holder, fence, until_ms) VALUES (?, ?, 'free', 1, 0)");
STORE_STMT(guard_test_count, STORE_READS, "SELECT COUNT(*) FROM store_lease WHERE home = ?");

static bool exempt(const struct store_stmt *st) {
    return str_eq(str_of(st->name), S("guard_test_free"));
}

struct work {
    const char *name;
    bool free, account, fails;
};

static int put(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct work *w = job->arg;
    int64_t changed; /* asked for: else what changes nothing would count as a change */
    int rc = store_exec(tx, w->free ? &guard_test_free : &guard_test_add, &changed, e, SV_I(job->home.v), SV_T(str_of(w->name)));
    if (w->account) store_account(tx);
    return rc ? rc : w->fails ? err_set(e, ERR_STATE, "no") : 0;
}

static int put_silently(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_exec(tx, &guard_test_add, NULL, e, SV_I(job->home.v), SV_T(S("refusal")));
}

static int put_and_account(struct store_tx *tx, struct store_job *job, struct err *e) {
    store_account(tx);
    return put_silently(tx, job, e);
}

static int count(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_one_i64(tx, &guard_test_count, (struct store_val[]){ SV_I(job->home.v) }, 1, job->arg, e);
}

static int64_t rows(struct store *s) {
    int64_t n = -1;
    assert_int_equal(store_fixture_read(s, count, &n, NULL), STORE_OK);
    return n;
}

static void silent_change_does_not_commit(struct store *s, void *arg) {
    struct err e;
    struct work silent = { .name = "a" }, told = { .name = "b", .account = true }, free = { .name = "c", .free = true };
    (void)arg;
    assert_int_equal(store_fixture_run(s, put, &silent, NULL), STORE_OK); /* the control: no guard, no question */
    assert_int_equal(rows(s), 1);
    store_guard(s, exempt);
    silent.name = "d";
    for (int queue = STORE_INTERACTIVE; queue <= STORE_BULK; queue++) {
        struct store_job *job = store_fixture_job(put, &silent);
        job->queue = (enum store_queue)queue;
        assert_int_equal(store_run(s, job), STORE_FAILED);
        assert_int_equal(job->err.code, ERR_DEFECT);
        assert_non_null(strstr(job->err.detail, "guard_test_add"));
    }
    assert_int_equal(rows(s), 1);
    assert_int_equal(store_fixture_run(s, put, &told, NULL), STORE_OK);
    assert_int_equal(store_fixture_run(s, put, &free, NULL), STORE_OK);
    assert_int_equal(rows(s), 3);
    told.name = "a", told.account = false; /* there already: nothing changes, nothing is owed */
    assert_int_equal(store_fixture_run(s, put, &told, &e), STORE_OK);
    assert_int_equal(rows(s), 3);
}

/* One account is good for one transaction: the next one on the same connection owes its own. */
static void an_account_ends_with_its_transaction(struct store *s, void *arg) {
    struct work told = { .name = "a", .account = true }, silent = { .name = "b" };
    (void)arg;
    store_guard(s, exempt);
    assert_int_equal(store_fixture_run(s, put, &told, NULL), STORE_OK);
    assert_int_equal(store_fixture_run(s, put, &silent, NULL), STORE_FAILED);
    assert_int_equal(rows(s), 1);
}

static void a_refusal_owes_as_well(struct store *s, void *arg) {
    struct work w = { .name = "a", .account = true, .fails = true };
    (void)arg;
    store_guard(s, exempt);
    struct store_job *job = store_fixture_job(put, &w);
    job->refused = put_silently;
    assert_int_equal(store_run(s, job), STORE_UNAVAILABLE); /* not recorded, so not answered as a refusal */
    assert_int_equal(job->err.code, ERR_DEFECT);
    assert_int_equal(rows(s), 0);
    job = store_fixture_job(put, &w);
    job->refused = put_and_account;
    assert_int_equal(store_run(s, job), STORE_FAILED);
    assert_int_equal(job->err.code, ERR_STATE);
    assert_int_equal(rows(s), 1);
}

/* A key is kept by the store itself; a silent change under one is refused, and its key is free again. */
static void a_key_is_no_account(struct store *s, void *arg) {
    struct work w = { .name = "a" };
    (void)arg;
    store_guard(s, exempt);
    for (int i = 0; i < 2; i++) {
        struct store_job *job = store_fixture_job(put, &w);
        job->has_key = true;
        memset(job->key, 7, sizeof job->key);
        assert_int_equal(store_run(s, job), i == 0 ? STORE_FAILED : STORE_OK);
        w.account = true;
    }
    assert_int_equal(rows(s), 1);
}

#define BOTH(name)                          \
    static void test_##name(void **state) { \
        store_fixture_each(name, *state);   \
    }
BOTH(silent_change_does_not_commit)
BOTH(an_account_ends_with_its_transaction)
BOTH(a_refusal_owes_as_well)
BOTH(a_key_is_no_account)

/* A page of fifty tasks that found no room was told as fifty damaged records, a task's page (T06) as too long. */
static int look_with_no_room(struct store_tx *tx, struct store_job *job, struct err *e) {
    store_arena(tx)->limit_bytes = 1;
    return arena_alloc(store_arena(tx), 1 << 20) ? 0 : err_set(e, *(const int *)job->arg, "found");
}

static void what_finds_no_room_is_only_that(struct store *s, void *arg) {
    static const int found[] = { ERR_DAMAGED, ERR_LIMIT, ERR_NOT_FOUND, ERR_DEFECT, ERR_OK };
    (void)arg;
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
        struct err e;
        assert_int_equal(store_fixture_read(s, look_with_no_room, (void *)&found[i], &e), STORE_FAILED);
        assert_int_equal(e.code, ERR_MEMORY);
    }
}

BOTH(what_finds_no_room_is_only_that)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silent_change_does_not_commit),
        cmocka_unit_test(test_an_account_ends_with_its_transaction),
        cmocka_unit_test(test_a_refusal_owes_as_well),
        cmocka_unit_test(test_a_key_is_no_account),
        cmocka_unit_test(test_what_finds_no_room_is_only_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
