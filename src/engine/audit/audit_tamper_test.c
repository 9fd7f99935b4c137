/* audit_tamper: whoever can write to the database changes it in every way that we could think of, and verification
 * must find each: one byte in 1,000 places, rows gone, swapped, added, the tail cut, the whole tree rewritten, the
 * store rolled back. With TONGBAN_AUDIT_CASES=DIR the stores and the 1,000 places are written there with our verdict,
 * for the second verifier (tests/faults/t62_tamper.py).
 */
#include "engine/audit/audit_kept.h"
#include "engine/audit/audit_places_fixture.h"
#include "engine/audit/audit_store.h"
#include "os/os.h"
#include "store/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What the engine itself has no statement for. */
STORE_STMT(audit_test_drop_entry, STORE_WRITES, "DELETE FROM audit_entry WHERE home = ? AND seq >= ? AND seq <= ?");
STORE_STMT(audit_test_drop_heads, STORE_WRITES, "DELETE FROM audit_head WHERE home = ? AND size >= ?");
STORE_STMT(audit_test_drop_blocks, STORE_WRITES, "DELETE FROM audit_block WHERE home = ? AND block >= ?");
STORE_STMT(audit_test_drop_tree, STORE_WRITES, "DELETE FROM audit_tree WHERE home = ?");
STORE_STMT(audit_test_set_leaf, STORE_WRITES, "UPDATE audit_entry SET leaf = ? WHERE home = ? AND seq = ?");
STORE_STMT(audit_test_move_entry, STORE_WRITES, "UPDATE audit_entry SET seq = ? WHERE home = ? AND seq = ?");

enum { ENTRIES = 40, HEAD_EVERY = 10, PLACES = 1000 };

static void build(struct audit_fixture *f, struct store *s, size_t n) {
    audit_fixture_init(f, s, SUITE_INTL, 1);
    for (size_t i = 0; i < n; i += HEAD_EVERY) {
        audit_fixture_note(f, n - i < HEAD_EVERY ? n - i : HEAD_EVERY);
        audit_fixture_seal(f, true);
    }
}

static void must(struct audit_fixture *f, store_body *body, void *arg) {
    assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, body, arg, NULL), STORE_OK);
}

static void bytes(struct store *s, void *arg) {
    (void)arg;
    struct audit_fixture f;
    struct audit_report r;
    build(&f, s, ENTRIES);
    audit_fixture_verify(&f, NULL, &r);
    assert_int_equal(r.all_faults, 0);
    assert_int_equal(r.sealed, ENTRIES);
    assert_int_equal(audit_places_flip(&f, PLACES, ENTRIES, HEAD_EVERY, NULL), PLACES);
    audit_fixture_verify(&f, NULL, &r); /* all put back: sound again, so each finding was its own */
    assert_int_equal(r.all_faults, 0);
    audit_fixture_done(&f);
}

/* ---- larger changes ---- */

struct range {
    const struct store_stmt *st;
    int64_t v[3];
    size_t n;
};

static int exec(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct range *a = job->arg;
    struct store_val v[3];
    for (size_t i = 0; i < a->n; i++) v[i] = SV_I(a->v[i]);
    return store_exec_n(tx, a->st, v, a->n, NULL, e);
}

static void apply(struct audit_fixture *f, const struct store_stmt *st, int64_t x, int64_t y, int64_t z, size_t n) {
    must(f, exec, &(struct range){ st, { x, y, z }, n });
}

/* The tree that the rows give now, as someone with the database but without the key would make it. */
static int rewrite(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct merkle m = { .suite = SUITE_INTL };
    struct audit_row *rows = arena_array(store_arena(tx), 256, sizeof *rows);
    size_t n;
    (void)job->arg;
    assert_non_null(rows);
    int rc = audit_store_after(tx, job->home, 0, rows, 256, &n, e);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rows[i].number = (int64_t)i + 1;
        struct str s = audit_canonical(store_arena(tx), job->home, &rows[i]);
        struct digest leaf;
        merkle_leaf(SUITE_INTL, s, &leaf);
        merkle_append(&m, &leaf);
        rc = store_exec(tx, &audit_test_set_leaf, NULL, e, SV_B(str_make((char *)leaf.v, 32)),
                        SV_I(job->home.v), SV_I(i + 1));
    }
    if (rc == 0) rc = store_exec(tx, &audit_test_drop_tree, NULL, e, SV_I(job->home.v));
    return rc ? rc : audit_store_tree_new(tx, job->home, &m, e);
}

static int swap(struct store_tx *tx, struct store_job *job, struct err *e) {
    static const int64_t moves[3][2] = { { 12, 99 }, { 13, 12 }, { 99, 13 } };
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3; i++)
        rc = store_exec(tx, &audit_test_move_entry, NULL, e, SV_I(moves[i][1]), SV_I(job->home.v), SV_I(moves[i][0]));
    return rc;
}

/* An entry with the next number, past the sequencer. */
static int smuggle(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct audit_row r;
    size_t n;
    int rc = audit_store_pending(tx, job->home, &r, 1, &n, e);
    assert_true(rc == 0 && n == 1);
    r.number = ENTRIES + 1;
    struct str s = audit_canonical(store_arena(tx), job->home, &r);
    merkle_leaf(SUITE_INTL, s, &r.leaf);
    return audit_store_number(tx, job->home, &r, e);
}

/* A head under another's key. */
static void forge(struct audit_fixture *f) {
    struct sign_key *own = f->key;
    assert_int_equal(sign_key_new(SUITE_INTL, &f->key, NULL), 0);
    audit_fixture_seal(f, true);
    sign_key_free(f->key);
    f->key = own;
}

enum scenario {
    GOOD,
    ALTER,
    DELETE_ROW,
    SWAP_ROWS,
    CUT_TAIL,
    CUT_TAIL_AND_TREE,
    REWRITE_TREE,
    FORGE_HEAD,
    DROP_LAST_HEAD,
    DROP_TREE,
    ADD_ROW,
    ROLL_BACK,
    REWRITE_ALL,
    WHOLE_BACK,
    SCENARIOS
};
static const struct {
    const char *name;
    enum audit_fault_kind kind; /* that must be found without any head from elsewhere... */
    bool only_kept;             /* ...or that only such a head shows */
} scenarios[SCENARIOS] = {
    [GOOD] = { "good", 0, true },
    [ALTER] = { "alter", AUDIT_FAULT_ALTERED, false },
    [DELETE_ROW] = { "delete-row", AUDIT_FAULT_MISSING, false },
    [SWAP_ROWS] = { "swap-rows", AUDIT_FAULT_ALTERED, false },
    [CUT_TAIL] = { "cut-tail", AUDIT_FAULT_MISSING, false },
    [CUT_TAIL_AND_TREE] = { "cut-tail-and-tree", AUDIT_FAULT_MISSING, false },
    [REWRITE_TREE] = { "rewrite-tree", AUDIT_FAULT_HEAD, false },
    [FORGE_HEAD] = { "forge-head", AUDIT_FAULT_SIGNATURE, false },
    [DROP_LAST_HEAD] = { "drop-last-head", AUDIT_FAULT_ROLLBACK, true },
    [DROP_TREE] = { "drop-tree", AUDIT_FAULT_TREE, false },
    [ADD_ROW] = { "add-row", AUDIT_FAULT_TREE, false },
    [ROLL_BACK] = { "roll-back", AUDIT_FAULT_ROLLBACK, true },
    [REWRITE_ALL] = { "rewrite-all", AUDIT_FAULT_ROLLBACK, true },
    [WHOLE_BACK] = { "whole-back", AUDIT_FAULT_ROLLBACK, true },
};

static void tamper(struct audit_fixture *f, enum scenario k) {
    static struct audit_place p;
    int64_t home = f->home.v;
    p = audit_place_of("entry.post", 17);
    switch (k) {
    case GOOD:
    case WHOLE_BACK: /* see whole_back() */
    case SCENARIOS: break;
    case ALTER: must(f, audit_place_change, &p); break;
    case DELETE_ROW: apply(f, &audit_test_drop_entry, home, 17, 17, 3); break;
    case SWAP_ROWS: must(f, swap, NULL); break;
    case CUT_TAIL: apply(f, &audit_test_drop_entry, home, 31, 99, 3); break;
    case CUT_TAIL_AND_TREE:
        apply(f, &audit_test_drop_entry, home, 31, 99, 3);
        must(f, rewrite, NULL);
        break;
    case REWRITE_TREE:
        must(f, audit_place_change, &p);
        must(f, rewrite, NULL);
        break;
    case FORGE_HEAD: /* the tree is right, the signature another's */
        apply(f, &audit_test_drop_heads, home, 31, 0, 2);
        forge(f);
        break;
    case DROP_LAST_HEAD: /* and the entries under it, with a tree to fit: a rollback by hand */
    case ROLL_BACK:
        apply(f, &audit_test_drop_heads, home, 31, 0, 2);
        apply(f, &audit_test_drop_entry, home, k == ROLL_BACK ? 31 : 40, 99, 3);
        must(f, rewrite, NULL);
        break;
    case DROP_TREE: apply(f, &audit_test_drop_tree, home, 0, 0, 1); break;
    case ADD_ROW:
        audit_fixture_note(f, 1);
        must(f, smuggle, NULL);
        break;
    case REWRITE_ALL: /* every head goes, an entry is changed, the tree made anew */
        must(f, audit_place_change, &p);
        apply(f, &audit_test_drop_heads, home, 0, 0, 2);
        must(f, rewrite, NULL);
        break;
    }
}

static void judge(struct audit_fixture *f, enum scenario k, struct audit_head *kept) {
    struct audit_report alone, with;
    audit_fixture_verify(f, NULL, &alone);
    audit_fixture_verify(f, kept, &with);
    if (k == GOOD) {
        assert_int_equal(alone.all_faults + with.all_faults, 0);
        kept->signature = S("junk"); /* a kept head must be genuine itself */
        audit_fixture_verify(f, kept, &with);
        assert_true(audit_fixture_has(&with, AUDIT_FAULT_SIGNATURE));
    } else if (scenarios[k].only_kept) {
        assert_int_equal(alone.all_faults, 0); /* the database agrees with itself */
        assert_true(alone.sealed < ENTRIES);   /* and the report says how far it is proved */
        assert_true(audit_fixture_has(&with, scenarios[k].kind));
    } else {
        assert_true(audit_fixture_has(&alone, scenarios[k].kind));
        assert_true(with.all_faults >= alone.all_faults);
    }
    audit_fixture_done(f);
}

static void scenario(struct store *s, void *arg) {
    enum scenario k = *(enum scenario *)arg;
    struct audit_fixture f;
    build(&f, s, ENTRIES);
    struct audit_head kept = audit_fixture_head(&f);
    tamper(&f, k);
    judge(&f, k, &kept);
}

static void scenarios_all(void **state) {
    (void)state;
    for (enum scenario k = 0; k < WHOLE_BACK; k++) store_fixture_each(scenario, &k);
}

/* Ten entries and a head later, the store as it was is put back: the file itself, or on PostgreSQL a backup into
 * an empty database `to`. Nothing in it is wrong; only who kept the newer head knows. Gives the store, opened. */
static struct store *whole_back(struct store_fixture *to, struct store *s, struct audit_fixture *f,
                                struct audit_head *kept) {
    char path[600];
    struct arena a;
    struct str old = S("");
    bool file = !store_is_postgres(s);
    struct store_fixture *from = file ? to : store_fixture_new(true);
    arena_init(&a, "back", 64 << 20);
    (void)snprintf(path, sizeof path, "%s/store.db", store_fixture_dir(to));
    if (!file) store_close(s), s = store_fixture_open(from);
    build(f, s, ENTRIES - HEAD_EVERY);
    if (!file) assert_int_equal(store_dump(s, path, NULL), 0);
    store_close(s);
    if (file) assert_int_equal(os_read_file(&a, path, 64 << 20, &old, NULL), 0);
    f->store = f->sequencer.store = s = store_fixture_open(from);
    audit_fixture_note(f, HEAD_EVERY);
    audit_fixture_seal(f, true);
    *kept = audit_fixture_head(f);
    assert_int_equal(kept->size, ENTRIES);
    store_close(s);
    if (file) assert_int_equal(os_write_file(path, old, NULL), 0);
    else store_fixture_free(from);
    f->store = f->sequencer.store = s = store_fixture_open(to);
    if (!file) assert_int_equal(store_load(s, path, NULL), 0);
    arena_done(&a);
    return s;
}

static void test_whole_back(void **state) {
    (void)state;
    for (int postgres = 0; postgres < 2; postgres++) {
        struct audit_fixture f;
        struct audit_head kept;
        struct store_fixture *sf = store_fixture_new(postgres);
        if (!sf) continue;
        struct store *s = whole_back(sf, store_fixture_open(sf), &f, &kept);
        judge(&f, WHOLE_BACK, &kept);
        store_close(s);
        store_fixture_free(sf);
    }
}

static void blocks(struct store *s, void *arg) {
    (void)arg;
    struct audit_fixture f;
    struct audit_report r;
    static struct audit_place p;
    audit_fixture_init(&f, s, SUITE_GM, 1);
    audit_fixture_note(&f, 520);
    audit_fixture_seal(&f, true);
    audit_fixture_verify(&f, NULL, &r);
    assert_int_equal(r.all_faults, 0);
    p = audit_place_of("block.root", 1);
    must(&f, audit_place_change, &p);
    audit_fixture_verify(&f, NULL, &r);
    assert_true(audit_fixture_has(&r, AUDIT_FAULT_TREE));
    assert_int_equal(r.fault[0].first, 257);
    p.restore = true;
    must(&f, audit_place_change, &p);
    apply(&f, &audit_test_drop_blocks, f.home.v, 1, 0, 2);
    audit_fixture_verify(&f, NULL, &r);
    assert_int_equal(r.all_faults, 1);
    audit_fixture_done(&f);
}

/* ---- for the second verifier ---- */

static void write_file(const char *dir, const char *name, struct str s) {
    char path[600];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(os_write_file(path, s, NULL), 0);
}

static void export_verdict(struct arena *a, const char *dir, const struct audit_head *kept,
                           const struct audit_report *alone, const struct audit_report *with) {
    struct buf b;
    buf_init(&b, a, 4096, 1 << 20);
    audit_kept_write(&b, kept);
    write_file(dir, "kept.json", buf_str(&b));
    buf_clear(&b);
    buf_add_fmt(&b, "alone %llu sealed %llu unsealed %llu\n", (unsigned long long)alone->all_faults,
                (unsigned long long)with->sealed, (unsigned long long)with->unsealed);
    for (size_t i = 0; i < with->n_faults; i++)
        buf_add_fmt(&b, "%s %llu %llu\n", audit_fault_name(with->fault[i].kind),
                    (unsigned long long)with->fault[i].first, (unsigned long long)with->fault[i].last);
    write_file(dir, "verdict.txt", buf_str(&b));
}

static void export_one(const char *root, enum scenario k) {
    char dir[400], path[600];
    struct audit_fixture f;
    struct audit_report alone, with;
    struct arena a;
    struct str db;
    struct buf places;
    arena_init(&a, "export", 64 << 20);
    buf_init(&places, &a, 1 << 20, 16 << 20);
    struct store_fixture *sf = store_fixture_new(false);
    struct store *s = store_fixture_open(sf);
    struct audit_head kept;
    if (k == WHOLE_BACK) s = whole_back(sf, s, &f, &kept);
    else build(&f, s, ENTRIES), kept = audit_fixture_head(&f), tamper(&f, k);
    if (k == GOOD) assert_int_equal(audit_places_flip(&f, PLACES, ENTRIES, HEAD_EVERY, &places), PLACES);
    audit_fixture_verify(&f, NULL, &alone);
    audit_fixture_verify(&f, &kept, &with);
    store_close(s);
    (void)snprintf(dir, sizeof dir, "%s/%s", root, scenarios[k].name);
    assert_int_equal(os_mkdir(dir, NULL), 0);
    (void)snprintf(path, sizeof path, "%s/store.db", store_fixture_dir(sf));
    assert_int_equal(os_read_file(&a, path, 64 << 20, &db, NULL), 0);
    write_file(dir, "store.db", db);
    if (k == GOOD) write_file(dir, "places.txt", buf_str(&places));
    write_file(dir, "key.der", f.public_key);
    export_verdict(&a, dir, &kept, &alone, &with);
    audit_fixture_done(&f);
    store_fixture_free(sf);
    arena_done(&a);
}

static void test_places(void **state) {
    store_fixture_each(bytes, *state);
    store_fixture_each(blocks, *state);
}

int main(void) {
    const char *dir = getenv("TONGBAN_AUDIT_CASES");
    if (dir && *dir) {
        for (enum scenario k = 0; k < SCENARIOS; k++) export_one(dir, k);
        return 0;
    }
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_places), cmocka_unit_test(scenarios_all),
                                        cmocka_unit_test(test_whole_back) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
