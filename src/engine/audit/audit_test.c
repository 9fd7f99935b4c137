/* audit: writing, numbering, heads, reading and proofs, on both stores. Tampering has its own file. */
#include "engine/audit/audit_fixture.h"
#include "engine/audit/audit_store.h"
#include "store/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct got {
    struct audit_row rows[AUDIT_PAGE_MAX];
    size_t n;
    struct audit_filter filter;
    int64_t cursor;
    size_t max;
    bool own;
    char text[4096];
};
static struct got got; /* one test at a time */

static int find(struct store_tx *tx, struct store_job *job, struct err *e) {
    return audit_find(tx, job->home, &got.filter, got.cursor, got.rows, got.max, &got.n, e);
}

static int after(struct store_tx *tx, struct store_job *job, struct err *e) {
    int rc = audit_seq_after(tx, job->home, got.cursor, got.rows, got.max, &got.n, e);
    if (rc == 0 && got.n) {
        struct str s = audit_canonical(store_arena(tx), job->home, &got.rows[0]);
        assert_true(s.len < sizeof got.text);
        memcpy(got.text, s.ptr, s.len);
        got.text[s.len] = 0;
    }
    return rc;
}

static int count(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct audit_counted c = { 0 };
    size_t looked, held;
    int rc = audit_count(tx, job->home, &got.filter, &c, e);
    got.n = c.n;
    assert_false(c.more);
    if (rc) return rc;
    rc = audit_store_hold(tx, job->home, &got.filter, 5, &held, &looked, e); /* no more than so many are looked at */
    assert_true(looked <= 5 && held <= looked && (got.n >= 5 || held <= got.n));
    return rc;
}

static int about(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct audit_filter *w = &got.filter;
    return audit_of_person_reads(tx, job->home, w->subject_person, w->actor, got.own, got.cursor, got.rows, got.max, &got.n, e);
}

static void numbering(struct store *s, void *arg) {
    (void)arg;
    struct audit_fixture f, g;
    struct audit_report r;
    audit_fixture_init(&f, s, SUITE_INTL, 1);
    audit_fixture_init(&g, s, SUITE_GM, 2); /* another realm, another suite: numbers of its own */
    audit_fixture_note(&f, 30);
    audit_fixture_note(&g, 3);
    audit_fixture_verify(&f, NULL, &r);
    assert_int_equal(r.entries, 0);
    assert_int_equal(r.pending, 30);
    assert_int_not_equal(r.unsealed_from_ms, 0);
    audit_fixture_seal(&f, true);
    audit_fixture_seal(&g, true);
    audit_fixture_note(&f, 5);
    audit_fixture_seal(&f, false); /* numbered, and `keys` gives no head */
    audit_fixture_note(&f, 2);
    audit_fixture_verify(&f, NULL, &r);
    assert_int_equal(r.all_faults, 0);
    assert_int_equal(r.entries, 35);
    assert_int_equal(r.sealed, 30);
    assert_int_equal(r.unsealed, 5);
    assert_int_equal(r.pending, 2);
    audit_fixture_verify(&g, NULL, &r);
    assert_int_equal(r.all_faults, 0);
    assert_int_equal(r.sealed, 3);
    assert_int_equal(r.unsealed + r.pending, 0);
    assert_int_equal(r.unsealed_from_ms, 0);
    /* the other realm's key is not this one's */
    struct err e;
    assert_int_equal(audit_verify(s, f.home, g.public_key, NULL, &r, &e), 0);
    assert_true(audit_fixture_has(&r, AUDIT_FAULT_SIGNATURE));
    assert_int_equal(r.sealed, 0);
    unsigned heads = f.signed_heads;
    audit_fixture_seal(&f, true);
    audit_fixture_seal(&f, true); /* nothing new: no head */
    assert_int_equal(f.signed_heads, heads + 1);
    audit_fixture_done(&f);
    audit_fixture_done(&g);
}

static void reading(struct store *s, void *arg) {
    (void)arg;
    struct audit_fixture f;
    audit_fixture_init(&f, s, SUITE_INTL, 1);
    audit_fixture_note(&f, 40);
    audit_fixture_seal(&f, true);
    memset(&got, 0, sizeof got);
    got.max = 7;
    int64_t wanted = 1;
    do { /* a consumer's cursor sees each number once */
        assert_int_equal(audit_fixture_run(&f, STORE_READ, after, NULL, NULL), STORE_OK);
        for (size_t i = 0; i < got.n; i++) assert_int_equal(got.rows[i].number, wanted++);
        got.cursor = wanted - 1;
    } while (got.n);
    assert_int_equal(wanted, 41);
    size_t all = 0;
    got.filter = (struct audit_filter){ .actor = 1002, .act = S("case_accept") };
    got.cursor = 0;
    got.max = 3;
    do { /* pages by key: no row twice, none left out; i = 7, 17, 27, 37 */
        assert_int_equal(audit_fixture_run(&f, STORE_READ, find, NULL, NULL), STORE_OK);
        for (size_t i = 0; i < got.n; i++) {
            assert_int_equal(got.rows[i].entry.actor, 1002);
            assert_true(got.cursor == 0 || got.rows[i].number < got.cursor);
            got.cursor = got.rows[i].number;
        }
        all += got.n;
    } while (got.n);
    assert_int_equal(all, 4);
    static const struct {
        struct audit_filter f;
        size_t n;
    } counts[] = {
        { { .case_id = 300 }, 14 },
        { { .object_id = 501 }, 6 },
        { { .object_id = 501, .actor = 1001 }, 2 },
        { { .act = S_INIT("record_read") }, 20 },
        { { .act = S_INIT("nothing") }, 0 },
        { { .object_kind = S_INIT("case") }, 40 },
        { { .to_ms = 1 }, 0 },
        { { .from_ms = 1 }, 40 },
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        got.filter = counts[i].f;
        got.cursor = 0;
        got.max = AUDIT_PAGE_MAX;
        assert_int_equal(audit_fixture_run(&f, STORE_READ, find, NULL, NULL), STORE_OK);
        assert_int_equal(got.n, counts[i].n);
        got.n = 0;
        assert_int_equal(audit_fixture_run(&f, STORE_READ, count, NULL, NULL), STORE_OK);
        assert_int_equal(got.n, counts[i].n);
    }
    got.filter = (struct audit_filter){ 0 }; /* all */
    assert_int_equal(audit_fixture_run(&f, STORE_READ, count, NULL, NULL), STORE_OK);
    assert_int_equal(got.n, 40);
    got.filter = (struct audit_filter){ .subject_person = 9003 };
    assert_int_equal(audit_fixture_run(&f, STORE_READ, about, NULL, NULL), STORE_OK);
    assert_int_equal(got.n, 10); /* i = 2, 6, ..., 38 */
    got.filter.actor = got.rows[0].entry.actor;
    assert_int_equal(audit_fixture_run(&f, STORE_READ, about, NULL, NULL), STORE_OK);
    size_t others = got.n;
    for (size_t i = 0; i < got.n; i++) assert_int_not_equal(got.rows[i].entry.actor, got.filter.actor);
    got.own = true;
    assert_int_equal(audit_fixture_run(&f, STORE_READ, about, NULL, NULL), STORE_OK);
    for (size_t i = 0; i < got.n; i++) assert_int_equal(got.rows[i].entry.actor, got.filter.actor);
    assert_true(got.n > 0);
    assert_int_equal(got.n + others, 10);
    got.own = false;
    got.filter.actor = 0;
    got.filter.subject_person = 0;
    assert_int_equal(audit_fixture_run(&f, STORE_READ, about, NULL, NULL), STORE_OK);
    assert_int_equal(got.n, 0);
    audit_fixture_done(&f);
}

static int hostile(struct store_tx *tx, struct store_job *job, struct err *e) {
    char *long_text = arena_alloc(store_arena(tx), 5000);
    memset(long_text, 'x', 5000);
    struct audit_entry t = {
        .act = S("a\r\nact=b"),
        .purpose = S("\x1b[31mred\xe2\x80\xa8line\xe2\x80\xaertl"),
        .role = S("back\\slash"),
        .source = S("\xff\xfe"),
        .detail = str_make(long_text, 5000),
        .result = AUDIT_REFUSED,
        .error = ERR_FORBIDDEN,
    };
    return audit_note(tx, job->home, &t, NULL, e);
}

static void neutral(struct store *s, void *arg) {
    (void)arg;
    struct audit_fixture f;
    struct audit_report r;
    audit_fixture_init(&f, s, SUITE_INTL, 1);
    assert_int_equal(audit_fixture_run(&f, STORE_INTERACTIVE, hostile, NULL, NULL), STORE_OK);
    audit_fixture_seal(&f, true);
    memset(&got, 0, sizeof got);
    got.max = 1;
    assert_int_equal(audit_fixture_run(&f, STORE_READ, after, NULL, NULL), STORE_OK);
    assert_int_equal(got.n, 1);
    struct str text = str_of(got.text);
    assert_true(str_find(text, S("\nact=a\\u000d\\u000aact=b\n"), 0) != SIZE_MAX);
    assert_true(str_find(text, S("\npurpose=\\u001b[31mred\\u2028line\\u202ertl\n"), 0) != SIZE_MAX);
    assert_true(str_find(text, S("\npost=back\\\\slash\n"), 0) != SIZE_MAX);
    assert_true(str_find(text, S("\nsource=\\xff\\xfe\n"), 0) != SIZE_MAX);
    assert_true(str_find(text, S("\nrequest_id=-\n"), 0) != SIZE_MAX);
    assert_true(str_find(text, S("\nerror_name=ERR_FORBIDDEN\n"), 0) != SIZE_MAX);
    assert_true(str_find(text, S("x…\n"), 0) != SIZE_MAX);
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n';
        assert_true((unsigned char)text.ptr[i] >= 0x20 || text.ptr[i] == '\n');
    }
    assert_int_equal(lines, 21);
    audit_fixture_verify(&f, NULL, &r);
    assert_int_equal(r.all_faults, 0);
    audit_fixture_done(&f);
}

struct prove_arg {
    int64_t number;
    int rc;
    bool good, mutated;
    struct str key;
};

static int prove(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct prove_arg *arg = job->arg;
    struct audit_proof p;
    arg->rc = audit_prove(tx, job->home, arg->number, &p, e);
    if (arg->rc) return 0;
    arg->good = audit_proof_check(&p, arg->key);
    if (p.path_n) p.path[p.path_n - 1].v[3] ^= 1;
    else p.index++;
    arg->mutated = audit_proof_check(&p, arg->key);
    return 0;
}

static void proofs(struct store *s, void *arg) {
    (void)arg;
    struct audit_fixture f;
    struct audit_report r;
    static const size_t steps[] = { 1, 254, 1, 1, 260 }; /* sizes 1, 255, 256, 257, 517: around blocks */
    audit_fixture_init(&f, s, SUITE_INTL, 1);
    int64_t size = 0;
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        audit_fixture_note(&f, steps[k]);
        audit_fixture_seal(&f, true);
        size += (int64_t)steps[k];
        for (int64_t i = 1; i <= size; i += size > 300 ? 13 : size > 2 ? 5 : 1) {
            struct prove_arg p = { .number = i, .key = f.public_key };
            assert_int_equal(audit_fixture_run(&f, STORE_READ, prove, &p, NULL), STORE_OK);
            assert_int_equal(p.rc, 0);
            assert_true(p.good);
            assert_false(p.mutated);
        }
    }
    audit_fixture_note(&f, 1);
    audit_fixture_seal(&f, false);
    struct prove_arg p = { .number = size + 1, .key = f.public_key };
    assert_int_equal(audit_fixture_run(&f, STORE_READ, prove, &p, NULL), STORE_OK);
    assert_int_equal(p.rc, ERR_STATE);
    p.number = size + 2;
    assert_int_equal(audit_fixture_run(&f, STORE_READ, prove, &p, NULL), STORE_OK);
    assert_int_equal(p.rc, ERR_NOT_FOUND);
    audit_fixture_verify(&f, NULL, &r);
    assert_int_equal(r.all_faults, 0);
    audit_fixture_done(&f);
}

/* ---- that the log continues what was signed ---- */

enum { GROWN = 1500, PAIRS = 50, ROUNDS = 8 };
struct grown {
    struct digest leaf[GROWN], root[GROWN + 1];
    struct audit_row row[AUDIT_PAGE_MAX];
    unsigned good, found;
};

static int prove_pairs(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct grown *g = job->arg;
    struct merkle m = { .suite = SUITE_INTL };
    size_t n = 1, have = 0;
    int rc = 0;
    for (; !rc && n && have < GROWN; have += n) {
        rc = audit_seq_after(tx, job->home, (int64_t)have, g->row, AUDIT_PAGE_MAX, &n, e);
        for (size_t i = 0; i < n; i++) g->leaf[have + i] = g->row[i].leaf;
    }
    for (size_t i = 0; i <= GROWN; i++) {
        merkle_root(&m, &g->root[i]);
        if (i < GROWN) merkle_append(&m, &g->leaf[i]);
    }
    g->good = g->found = 0;
    for (unsigned i = 0; !rc && i < PAIRS; i++) {
        uint64_t two[2];
        struct audit_growth p;
        store_random(tx, two, sizeof two);
        uint64_t size = i < 8 ? GROWN : 1 + two[0] % GROWN, from = i < 8 ? 256 * (i % 5) + i / 5 + 1 : 1 + two[1] % size;
        rc = audit_prove_growth(tx, job->home, size, from, &p, e);
        g->good += merkle_verify_consistency(SUITE_INTL, from, size, &g->root[from], &g->root[size], p.path, p.path_n);
        if (p.path_n) p.path[two[0] % p.path_n].v[two[1] % DIGEST_BYTES] ^= 1;
        g->found += !p.path_n || !merkle_verify_consistency(SUITE_INTL, from, size, &g->root[from], &g->root[size], p.path, p.path_n);
    }
    return rc;
}

static void growth(struct store *s, void *arg) {
    (void)arg;
    static struct grown g;
    struct audit_fixture f;
    struct err e;
    bool more;
    audit_fixture_init(&f, s, SUITE_INTL, 1);
    for (size_t n = 0, step = 1; n < GROWN; n += step, step = step * 2 + 1) { /* 1, 3, 7 ...: each head is signed upon its proof */
        if (step > GROWN - n) step = GROWN - n;
        audit_fixture_note(&f, step);
        audit_fixture_seal(&f, true);
        f.sequencer.knows = step % 3 != 0; /* as after a restart */
    }
    assert_int_equal(f.last.size, GROWN);
    for (int i = 0; i < ROUNDS; i++) { /* each with a seed of its own */
        assert_int_equal(audit_fixture_run(&f, STORE_READ, prove_pairs, &g, NULL), STORE_OK);
        assert_int_equal(g.good, PAIRS);
        assert_int_equal(g.found, PAIRS);
    }

    /* A store that was put back and grew past what was signed: the head is refused, by that name, and none is kept. */
    struct audit_head signed_last = f.last;
    audit_fixture_note(&f, 2);
    f.last.root.v[3] ^= 1;
    assert_int_equal(audit_sequencer_turn(&f.sequencer, true, &more, &e), ERR_DAMAGED);
    assert_true(str_find(str_of(e.detail), S("keys refuses"), 0) != SIZE_MAX);
    assert_int_equal(audit_fixture_head(&f).size, GROWN);
    /* Another process had a head signed: asked for anew, at the next turn. */
    f.last = signed_last;
    f.sequencer.knows = true;
    f.sequencer.signed_size = 17;
    assert_int_equal(audit_sequencer_turn(&f.sequencer, true, &more, &e), ERR_STATE);
    assert_int_equal(audit_sequencer_turn(&f.sequencer, true, &more, &e), 0);
    assert_int_equal(audit_fixture_head(&f).size, GROWN + 2);
    audit_fixture_done(&f);
}

static void leases(struct store *s, void *arg) {
    (void)arg;
    struct audit_fixture f;
    struct err e;
    bool more;
    audit_fixture_init(&f, s, SUITE_INTL, 1);
    audit_fixture_note(&f, 3);
    audit_fixture_seal(&f, true);
    audit_fixture_note(&f, 1);
    struct audit_sequencer other = f.sequencer;
    other.holder = S("test/2");
    other.fence = 0;
    assert_int_equal(audit_sequencer_turn(&other, true, &more, &e), ERR_CONFLICT);
    audit_fixture_seal(&f, true);
    struct audit_report r;
    audit_fixture_verify(&f, NULL, &r);
    assert_int_equal(r.all_faults, 0);
    assert_int_equal(r.entries, 4);
    audit_fixture_done(&f);
}

/* A head for a size that the tree has not, or with another root, is refused. */
static int put_wrong(struct store_tx *tx, struct store_job *job, struct err *e) {
    return audit_head_put(tx, job->arg, e);
}

static void wrong_heads(struct store *s, void *arg) {
    (void)arg;
    struct audit_fixture f;
    struct err e;
    audit_fixture_init(&f, s, SUITE_INTL, 1);
    audit_fixture_note(&f, 3);
    audit_fixture_seal(&f, true);
    struct audit_head h = audit_fixture_head(&f), wrong = h;
    wrong.size = 4;
    assert_int_equal(audit_fixture_run(&f, STORE_INTERACTIVE, put_wrong, &wrong, &e), STORE_FAILED);
    assert_int_equal(e.code, ERR_CONFLICT);
    wrong = h;
    wrong.root.v[0] ^= 1;
    assert_int_equal(audit_fixture_run(&f, STORE_INTERACTIVE, put_wrong, &wrong, &e), STORE_FAILED);
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_int_not_equal(audit_fixture_run(&f, STORE_INTERACTIVE, put_wrong, &h, &e), STORE_OK); /* it is there */
    audit_fixture_done(&f);
}

static void commitment(void **state) {
    (void)state;
    struct arena a;
    uint8_t one[16], two[16];
    arena_init(&a, "test", 1 << 16);
    struct str x = audit_commitment(&a, SUITE_INTL, S("name"), one),
               y = audit_commitment(&a, SUITE_INTL, S("name"), two);
    assert_true(str_starts(x, S("sha256:")) && x.len == 71);
    assert_false(str_eq(x, y));
    struct digest d;
    struct str parts[2] = { str_make((char *)one, 16), S("name") };
    hash_parts(SUITE_INTL, parts, 2, &d);
    uint8_t told[32];
    assert_true(str_hex_to_bytes(str_sub(x, 7, 64), told, 32));
    assert_memory_equal(told, d.v, 32);
    arena_done(&a);
}

/* Every statement of the engine is in the common subset. */
static void statements(void **state) {
    (void)state;
    size_t n, mine = 0;
    const struct store_stmt *const *all = store_stmts(&n);
    for (size_t i = 0; i < n; i++) {
        struct err e;
        if (!str_starts(str_of(all[i]->name), S("audit_"))) continue;
        mine++;
        if (store_lint(all[i], &e)) print_error("%s\n", e.detail);
        assert_int_equal(store_lint(all[i], &e), 0);
    }
    assert_true(mine > 15);
}

#define EACH(body)                                                                                                   \
    static void test_##body(void **state) {                                                                          \
        store_fixture_each(body, *state);                                                                            \
    }
EACH(numbering)
EACH(reading)
EACH(neutral)
EACH(proofs)
EACH(growth)
EACH(leases)
EACH(wrong_heads)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbering), cmocka_unit_test(test_reading), cmocka_unit_test(test_neutral),
        cmocka_unit_test(test_proofs),    cmocka_unit_test(test_leases),  cmocka_unit_test(test_wrong_heads),
        cmocka_unit_test(test_growth),    cmocka_unit_test(commitment),     cmocka_unit_test(statements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
