/* Unit tests of what stands beside rows: full text, leases, ids, blobs, backup and load. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "os/os.h"
#include "store/store_fixture.h"
#include "store/token.h"

/* ---- full text ---- */

struct doc {
    int64_t id, scope;
    const char *text;
};
static const struct doc docs[] = {
    { 101, 1, "食品经营许可注销" }, { 102, 2, "营业执照注销登记" }, { 103, 1, "公共场所卫生许可 Ｗｉｆｉ 密码" },
    { 104, 2, "Café 与咖啡店的登记，A座3层" }, { 105, 1, "销" }, { 106, 2, "注 销" },
};

static int put_docs(struct store_tx *tx, struct store_job *job, struct err *e) {
    (void)job;
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++) {
        int64_t scopes[] = { docs[i].scope, 9 };
        int rc = store_text_put(tx, S("matter"), docs[i].id, scopes, 2, str_of(docs[i].text), e);
        if (rc < 0) return rc;
    }
    return 0;
}

struct find {
    const char *collection, *query;
    int64_t scope, before;
    size_t max, n;
    int64_t id[16];
};

static int find_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct find *f = job->arg;
    return store_text_find(tx, str_of(f->collection), f->scope, str_of(f->query), f->before, f->id, f->max, &f->n, e);
}

static void expect(struct store *s, const char *query, int64_t scope, int64_t before, size_t max, const char *want) {
    struct find f = { "matter", query, scope, before, max, 0, { 0 } };
    char got[128] = "";
    struct err e;
    if (store_fixture_read(s, find_body, &f, &e) != STORE_OK) fail_msg("%s: %s", query, e.detail);
    for (size_t i = 0; i < f.n; i++)
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%lld ", (long long)f.id[i]);
    if (strcmp(got, want) != 0) fail_msg("%s (scope %lld): got %s, want %s", query, (long long)scope, got, want);
}

static int again_and_drop(struct store_tx *tx, struct store_job *job, struct err *e) {
    (void)job;
    int rc = store_text_put(tx, S("matter"), 102, NULL, 0, S("营业执照变更"), e);
    if (rc == 0) rc = store_text_put(tx, S("other"), 101, NULL, 0, S("注销"), e);
    if (rc == 0) rc = store_text_drop(tx, S("matter"), 106, e);
    return rc;
}

static int put_then_refuse(struct store_tx *tx, struct store_job *job, struct err *e) {
    (void)job;
    int rc = store_text_put(tx, S("matter"), 200, NULL, 0, S("注销"), e);
    return rc < 0 ? rc : err_set(e, ERR_STATE, "不");
}

static void finds(struct store *s, void *arg) {
    (void)arg;
    assert_int_equal(store_fixture_run(s, put_docs, NULL, NULL), STORE_OK);
    expect(s, "注销", 0, 0, 16, "102 101 "); /* a word of two characters; 106 holds them apart */
    expect(s, "销", 0, 0, 16, "106 105 102 101 ");
    expect(s, "注销登记", 0, 0, 16, "102 ");
    expect(s, "许可", 0, 0, 16, "103 101 ");
    expect(s, "许可 注销", 0, 0, 16, "101 ");
    expect(s, "wifi", 0, 0, 16, "103 ");
    expect(s, "ＷＩＦＩ密码", 0, 0, 16, "103 ");
    expect(s, "CAFÉ", 0, 0, 16, "104 ");
    expect(s, "a座", 0, 0, 16, "104 ");
    expect(s, "3", 0, 0, 16, "104 ");
    expect(s, "注销", 1, 0, 16, "101 ");
    expect(s, "注销", 9, 0, 16, "102 101 ");
    expect(s, "注销", 3, 0, 16, "");
    expect(s, "注销", 0, 102, 16, "101 ");
    expect(s, "注销", 0, 0, 1, "102 ");
    expect(s, "", 0, 0, 16, "");
    expect(s, "\" OR ' & | ! * ) NEAR( :", 0, 0, 16, ""); /* the query language is not the person's */
    expect(s, "or\" OR \"wifi", 0, 0, 16, "");
    assert_int_equal(store_fixture_run(s, put_then_refuse, NULL, NULL), STORE_FAILED);
    expect(s, "注销", 0, 0, 16, "102 101 ");
    assert_int_equal(store_fixture_run(s, again_and_drop, NULL, NULL), STORE_OK);
    expect(s, "注销", 0, 0, 16, "101 ");
    expect(s, "变更", 0, 0, 16, "102 ");
    expect(s, "销", 0, 0, 16, "105 101 ");
    struct store_job *job =
        store_fixture_job(find_body, &(struct find){ .collection = "matter", .query = "注销", .max = 16 });
    job->home.v = 2;
    assert_int_equal(store_run(s, job), STORE_OK);
    assert_int_equal(((struct find *)job->arg)->n, 0);
}

/* Against the plain rule, over texts of few characters: an object is found if it holds every term. */
enum { RANDOM_DOCS = 120 };
static char random_text[RANDOM_DOCS][64];

static int put_random(struct store_tx *tx, struct store_job *job, struct err *e) {
    (void)job;
    static const char *const piece[] = { "甲", "乙", "丙", "丁", "ab", "c", " ", "，" };
    uint64_t x = 42;
    for (int i = 0; i < RANDOM_DOCS; i++) {
        random_text[i][0] = 0;
        for (int k = 0; k < 8; k++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            strncat(random_text[i], piece[(x >> 33) % 8], 4);
        }
        int rc = store_text_put(tx, S("random"), i + 1, NULL, 0, str_of(random_text[i]), e);
        if (rc < 0) return rc;
    }
    return 0;
}

static bool holds(const char *text, const char *query) {
    struct arena a;
    size_t n, m;
    bool all = true;
    arena_init(&a, "test", 1024 * 1024);
    struct str *want = token_query(&a, str_of(query), &n), *have = token_index(&a, str_of(text), &m);
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < m; k++) found = found || str_eq(want[i], have[k]);
        all = all && found;
    }
    arena_done(&a);
    return n && all;
}

static void finds_by_the_plain_rule(struct store *s, void *arg) {
    (void)arg;
    static const char *const queries[] = { "甲", "甲乙", "甲 乙", "乙丙丁", "ab", "c甲", "丁丁", "ab c", "甲乙 丙丁", "abc" };
    size_t total = 0;
    assert_int_equal(store_fixture_run(s, put_random, NULL, NULL), STORE_OK);
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        struct find f = { "random", queries[q], 0, 0, 1, 0, { 0 } };
        for (int i = RANDOM_DOCS; i > 0; i--) {
            if (!holds(random_text[i - 1], queries[q])) continue;
            assert_int_equal(store_fixture_read(s, find_body, &f, NULL), STORE_OK);
            assert_int_equal(f.n, 1);
            assert_int_equal(f.id[0], i);
            f.before = i;
            total++;
        }
        assert_int_equal(store_fixture_read(s, find_body, &f, NULL), STORE_OK);
        assert_int_equal(f.n, 0);
    }
    assert_true(total > 100);
}

static void test_tokens(void **state) {
    (void)state;
    struct arena a;
    size_t n;
    arena_init(&a, "test", 1024 * 1024);
    struct str *t = token_index(&a, S("注销A1"), &n);
    assert_int_equal(n, 4);
    assert_true(str_eq(t[0], S("a1")) && str_eq(t[1], S("注")) && str_eq(t[2], S("注销")) && str_eq(t[3], S("销")));
    t = token_query(&a, S("注销, x 办"), &n);
    assert_int_equal(n, 3);
    assert_true(str_eq(t[0], S("x")) && str_eq(t[1], S("办")) && str_eq(t[2], S("注销")));
    assert_null(token_index(&a, S(" ，。\xff\xc0\"'&|"), &n));
    char longer[300];
    memset(longer, 'z', sizeof longer);
    t = token_index(&a, str_make(longer, sizeof longer), &n);
    assert_int_equal(n, 1);
    assert_int_equal(t[0].len, TOKEN_BYTES_MAX);
    arena_done(&a);
}

/* ---- leases and ids, with a clock that stands ---- */

struct lease {
    const char *holder;
    int64_t fence;
    bool check;
};

static int lease_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct lease *l = job->arg;
    if (l->check) return store_lease_check(tx, S("sequencer"), l->fence, e);
    return store_lease_take(tx, S("sequencer"), str_of(l->holder), 1000, &l->fence, e);
}

static int take(struct store *s, const char *holder, int64_t *fence) {
    struct lease l = { .holder = holder };
    struct err e;
    (void)store_fixture_run(s, lease_body, &l, &e);
    if (fence) *fence = l.fence;
    return e.code;
}

static int check(struct store *s, int64_t fence) {
    struct lease l = { .fence = fence, .check = true };
    struct err e;
    (void)store_fixture_run(s, lease_body, &l, &e);
    return e.code;
}

static void leases_fence(struct store *s, void *arg) {
    (void)arg;
    int64_t first, again, second;
    assert_int_equal(check(s, 1), ERR_CONFLICT);
    assert_int_equal(take(s, "a", &first), 0);
    assert_int_equal(take(s, "b", NULL), ERR_CONFLICT);
    os_clock_advance(900);
    assert_int_equal(take(s, "a", &again), 0); /* renewed in time */
    assert_int_equal(again, first);
    os_clock_advance(900);
    assert_int_equal(check(s, first), 0);
    os_clock_advance(200);
    assert_int_equal(check(s, first), ERR_CONFLICT); /* ran out, though nobody took it */
    assert_int_equal(take(s, "b", &second), 0);
    assert_true(second > first);
    assert_int_equal(check(s, first), ERR_CONFLICT); /* a slept too long */
    assert_int_equal(check(s, second), 0);
    os_clock_advance(2000);
    assert_int_equal(take(s, "b", &again), 0); /* its own, but it had run out: a new fence */
    assert_true(again > second);
}

enum { MANY_IDS = 70000 };
static int64_t ids[MANY_IDS];

static int ids_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    (void)e;
    for (int i = 0; i < *(int *)job->arg; i++) ids[i] = store_new_id(tx);
    return 0;
}

static int64_t one_id(struct store *s) {
    int n = 1;
    assert_int_equal(store_fixture_run(s, ids_body, &n, NULL), STORE_OK);
    return ids[0];
}

static void test_ids_never_come_twice(void **state) {
    (void)state;
    for (int postgres = 0; postgres < 2; postgres++) {
        struct store_fixture *f = store_fixture_new(postgres);
        if (!f) continue;
        os_seed(7, 1800000000000);
        struct store *s = store_fixture_open(f);
        int n = MANY_IDS;
        int64_t before = one_id(s);
        assert_int_equal((before >> 22) + 946684800000, 1800000000000); /* the job's time */
        assert_int_equal(before >> 12 & 1023, 1);                      /* the node */
        assert_int_equal(store_fixture_run(s, ids_body, &n, NULL), STORE_OK);
        for (int i = 0; i < n; i++) {
            assert_true(ids[i] > before);
            before = ids[i];
        }
        for (int i = 0; i < 3; i++) { /* processes end, and the clock goes back */
            store_close(s);
            os_clock_set(1800000000000 - 3600000 * (i + 1));
            s = store_fixture_open_clock_right(f);
            int64_t next = one_id(s);
            assert_true(next > before);
            before = next;
        }
        store_close(s);
        store_fixture_free(f);
        os_real();
    }
}

/* ---- a clock set back ---- */

STORE_STMT(parts_test_time, STORE_WRITES, "UPDATE store_idem SET at_ms = ? WHERE home = ? AND key = ?");

static int time_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    int64_t *at = job->arg;
    *at = store_now_ms(tx);
    if (job->queue == STORE_READ) return 0;
    return store_exec(tx, &parts_test_time, NULL, e, SV_I(*at), SV_I(1), SV_B(S("none")));
}

static void assert_time(struct store *s, int64_t wanted) {
    int64_t at = 0;
    assert_int_equal(store_fixture_run(s, time_body, &at, NULL), STORE_OK);
    assert_int_equal(at, wanted);
}

static void assert_refused(struct store *s, const char *minutes) {
    struct err e = { 0 };
    int64_t at = 0;
    assert_int_equal(store_fixture_run(s, time_body, &at, &e), STORE_UNAVAILABLE);
    assert_int_equal(e.code, ERR_CLOCK);
    assert_string_equal(e.detail, minutes);
    assert_int_equal(store_fixture_read(s, time_body, &at, &e), STORE_OK);
}

/* Time stands still for a small step back; a big one stops writing, not reading, over a restart too, until the clock has caught up or
 * somebody says that it is right. */
static void test_clock_set_back(void **state) {
    const int64_t start = 1800000000000, back = STORE_CLOCK_BACK_MS_MAX;
    (void)state;
    for (int postgres = 0; postgres < 2; postgres++) {
        struct store_fixture *f = store_fixture_new(postgres);
        if (!f) continue;
        os_seed(7, start);
        struct store *s = store_fixture_open(f);
        (void)one_id(s);
        assert_time(s, start);
        os_clock_set(start - back);
        assert_time(s, start);
        os_clock_set(start - back - 60000);
        assert_refused(s, "6");
        store_close(s);
        s = store_fixture_open(f); /* the next process knows it */
        assert_refused(s, "6");
        os_clock_set(start + 1);
        assert_time(s, start + 1);
        store_close(s);
        os_clock_set(start - 2 * back);
        s = store_fixture_open_clock_right(f);
        assert_time(s, start - 2 * back);
        store_close(s);
        s = store_fixture_open(f); /* and what was said */
        assert_time(s, start - 2 * back);
        store_close(s);
        store_fixture_free(f);
        os_real();
    }
}

/* ---- blobs ---- */

static void blob_path(const char *dir, const uint8_t id[32], char *path, size_t cap) {
    int at = snprintf(path, cap, "%s/%02x/", dir, id[0]);
    for (int i = 1; i < 32; i++) at += snprintf(path + at, cap - (size_t)at, "%02x", id[i]);
}

static void test_blobs(void **state) {
    (void)state;
    struct store_fixture *f = store_fixture_new(false);
    struct blobs *b;
    struct arena a;
    struct err e;
    struct str got;
    uint8_t id[32], id2[32];
    char dir[600], path[800];
    arena_init(&a, "test", 1024 * 1024);
    (void)snprintf(dir, sizeof dir, "%s/blobs", store_fixture_dir(f));
    assert_int_equal(blobs_open(dir, &b, &e), 0);
    assert_int_equal(blobs_put(b, S("密文"), id, &e), 0);
    assert_int_equal(blobs_put(b, S("密文"), id2, &e), 0);
    assert_memory_equal(id, id2, 32);
    assert_int_equal(blobs_get(b, id, &a, 1000, &got, &e), 0);
    assert_true(str_eq(got, S("密文")));
    assert_int_equal(blobs_get(b, id, &a, 5, &got, &e), ERR_LIMIT);
    blob_path(dir, id, path, sizeof path);
    assert_int_equal(os_write_file(path, S("密亥"), &e), 0); /* rot */
    assert_int_equal(blobs_get(b, id, &a, 1000, &got, &e), ERR_DAMAGED);
    assert_int_equal(blobs_put(b, S("密文"), id, &e), 0); /* mended */
    assert_int_equal(blobs_get(b, id, &a, 1000, &got, &e), 0);
    for (int call = OS_OPEN; call <= OS_RENAME; call++) /* every failing call is an error, and never half a blob */
        for (unsigned k = 1; k <= 4; k++) {
            struct str bytes = arena_fmt(&a, "blob %d %u", call, k);
            os_fault((enum os_call)call, k, call == OS_WRITE ? 28 : 5, true);
            int rc = blobs_put(b, bytes, id2, &e);
            os_fault((enum os_call)call, 0, 0, false);
            if (rc == 0) assert_int_equal(blobs_get(b, id2, &a, 1000, &got, &e), 0);
            assert_int_equal(blobs_put(b, bytes, id2, &e), 0);
            assert_int_equal(blobs_get(b, id2, &a, 1000, &got, &e), 0);
            assert_true(str_eq(got, bytes));
        }
    assert_int_equal(blobs_drop(b, id, &e), 0);
    assert_int_equal(blobs_drop(b, id, &e), 0);
    assert_int_equal(blobs_get(b, id, &a, 1000, &got, &e), ERR_NOT_FOUND);
    blobs_close(b);
    arena_done(&a);
    store_fixture_free(f);
}

/* ---- backup ---- */

STORE_STMT(parts_test_row, STORE_WRITES,
           "INSERT INTO store_idem (home, key, digest, result, at_ms) VALUES (?, ?, ?, ?, ?)");

static int fill(struct store_tx *tx, struct store_job *job, struct err *e) {
    (void)job;
    static const char bytes[] = "\0\x01\xff\xfe'\\x41";
    for (int64_t i = 0; i < 450; i++) { /* more than two slices */
        uint8_t key[4] = { (uint8_t)(i * 37), (uint8_t)(i >> 3), (uint8_t)i, 0 };
        int rc = store_exec(
            tx, &parts_test_row, NULL, e, SV_I(i % 3 - 1), SV_B(str_make((char *)key, (size_t)(i % 2 ? 4 : 3))),
            SV_B(str_make(bytes, (size_t)(i % 8))), SV_B(S("")), SV_I(i % 2 ? INT64_MIN + i : INT64_MAX - i));
        if (rc < 0) return rc;
    }
    int64_t fence;
    int rc = store_lease_take(tx, S("é' 租约"), S(""), 1000, &fence, e);
    return rc < 0 ? rc : put_docs(tx, job, e);
}

static struct str file(struct arena *a, const char *path) {
    struct str got = { 0 };
    assert_int_equal(os_read_file(a, path, 64 * 1024 * 1024, &got, NULL), 0);
    return got;
}

static void test_backup_equals(void **state) {
    (void)state;
    struct arena a;
    struct err e = { 0 };
    struct str first = { 0 };
    arena_init(&a, "test", 256 * 1024 * 1024);
    os_seed(3, 1800000000000);
    for (int from = 0; from < 2; from++)
        for (int to = 0; to < 2; to++) {
            struct store_fixture *f = store_fixture_new(from), *g = store_fixture_new(to);
            if (f && g) {
                struct store *s = store_fixture_open(f), *t = store_fixture_open(g);
                const char *p = arena_fmt(&a, "%s/dump", store_fixture_dir(f)).ptr,
                           *q = arena_fmt(&a, "%s/dump", store_fixture_dir(g)).ptr;
                assert_int_equal(store_fixture_run(s, fill, NULL, NULL), STORE_OK);
                assert_int_equal(store_dump(s, p, &e), 0);
                if (store_load(t, p, &e) < 0) fail_msg("load: %s", e.detail);
                assert_int_equal(store_dump(t, q, &e), 0);
                assert_true(str_eq(file(&a, p), file(&a, q)));
                if (first.len) assert_true(str_eq(file(&a, p), first)); /* both kinds of store, the same bytes */
                first = file(&a, p);
                expect(t, "注销", 0, 0, 16, "102 101 ");
                expect(t, "注销", 2, 0, 16, "102 ");
                assert_int_equal(store_load(t, p, &e), ERR_STATE); /* not empty */
                assert_true(one_id(t) > 0);
                store_close(s);
                store_close(t);
            }
            store_fixture_free(f);
            store_fixture_free(g);
        }
    os_real();
    assert_true(first.len > 20000);
    arena_done(&a);
}

static void test_damaged_backup(void **state) {
    (void)state;
    struct arena a;
    struct err e;
    arena_init(&a, "test", 512 * 1024 * 1024);
    struct store_fixture *f = store_fixture_new(false), *g = store_fixture_new(false);
    struct store *s = store_fixture_open(f), *t = store_fixture_open(g);
    const char *p = arena_fmt(&a, "%s/dump", store_fixture_dir(f)).ptr;
    assert_int_equal(store_fixture_run(s, fill, NULL, NULL), STORE_OK);
    assert_int_equal(store_dump(s, p, &e), 0);
    struct str whole = file(&a, p);
    char *copy = arena_alloc(&a, whole.len);
    for (size_t i = 0; i < 300; i++) { /* a flipped bit anywhere */
        size_t at = i < 100 ? i : i < 150 ? whole.len - 1 - (i - 100) : i * 7919 % whole.len;
        memcpy(copy, whole.ptr, whole.len);
        copy[at] = (char)(copy[at] ^ (1 << i % 8));
        assert_int_equal(os_write_file(p, str_make(copy, whole.len), &e), 0);
        assert_int_equal(store_load(t, p, &e), ERR_DAMAGED);
    }
    for (size_t i = 0; i < 20; i++) { /* cut short anywhere */
        assert_int_equal(os_write_file(p, str_sub(whole, 0, i < 10 ? i * 7 : whole.len - 1 - i * i), &e), 0);
        assert_int_equal(store_load(t, p, &e), ERR_DAMAGED);
    }
    assert_int_equal(os_write_file(p, whole, &e), 0);
    assert_int_equal(store_load(t, p, &e), 0); /* nothing had been written */
    store_close(s);
    store_close(t);
    store_fixture_free(f);
    store_fixture_free(g);
    arena_done(&a);
}

static void test_finds(void **state) {
    store_fixture_each(finds, *state);
}
static void test_finds_by_the_plain_rule(void **state) {
    store_fixture_each(finds_by_the_plain_rule, *state);
}
static void test_leases_fence(void **state) {
    os_seed(1, 1800000000000);
    store_fixture_each(leases_fence, *state);
    os_real();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens), cmocka_unit_test(test_finds), cmocka_unit_test(test_finds_by_the_plain_rule),
        cmocka_unit_test(test_leases_fence), cmocka_unit_test(test_ids_never_come_twice), cmocka_unit_test(test_clock_set_back),
        cmocka_unit_test(test_blobs),
        cmocka_unit_test(test_backup_equals), cmocka_unit_test(test_damaged_backup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
