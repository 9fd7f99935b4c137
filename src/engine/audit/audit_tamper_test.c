/* audit_tamper: whoever can write to the database changes it in every way that we could think of, and verification
 * must find each: one byte in 1,000 places, rows gone, swapped, added, the tail cut, the whole tree rewritten, the
 * store rolled back. With TONGBAN_AUDIT_CASES=DIR the stores are written there with our verdict, for the second
 * verifier (tests/faults/audit_agree.py).
 */
#include "engine/audit/audit_fixture.h"
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
#define COLUMN(table, column, key)                                                                                   \
    STORE_STMT(audit_test_get_##table##_##column, STORE_READS,                                                       \
               "SELECT " #column " FROM audit_" #table " WHERE home = ? AND " #key " = ?");                          \
    STORE_STMT(audit_test_set_##table##_##column, STORE_WRITES,                                                      \
               "UPDATE audit_" #table " SET " #column " = ? WHERE home = ? AND " #key " = ?");
#define ENTRY_COLUMNS(X)                                                                                             \
    X(seq, STORE_I64)                                                                                                \
    X(time_ms, STORE_I64)                                                                                            \
    X(id, STORE_I64) X(actor, STORE_I64) X(on_behalf, STORE_I64) X(post, STORE_TEXT) X(act, STORE_TEXT)              \
        X(purpose, STORE_TEXT) X(object_kind, STORE_TEXT) X(object_id, STORE_I64) X(case_id, STORE_I64)              \
            X(outcome, STORE_I64) X(error_name, STORE_TEXT) X(request_id, STORE_TEXT) X(source, STORE_TEXT)          \
                X(detail, STORE_TEXT) X(subject_person, STORE_I64) X(data_class, STORE_TEXT)                         \
                    X(release_id, STORE_TEXT) X(leaf, STORE_BYTES)
#define HEAD_COLUMNS(X)                                                                                              \
    X(size, STORE_I64)                                                                                               \
    X(root, STORE_BYTES) X(time_ms, STORE_I64) X(suite, STORE_I64) X(key_id, STORE_I64) X(signature, STORE_BYTES)
#define ENTRY_COLUMN(c, t) COLUMN(entry, c, seq)
#define HEAD_COLUMN(c, t) COLUMN(head, c, size)
ENTRY_COLUMNS(ENTRY_COLUMN)
HEAD_COLUMNS(HEAD_COLUMN)
COLUMN(tree, suite, home)
COLUMN(tree, size, home)
COLUMN(tree, edge, home)
COLUMN(block, root, block)
STORE_STMT(audit_test_drop_entry, STORE_WRITES, "DELETE FROM audit_entry WHERE home = ? AND seq >= ? AND seq <= ?");
STORE_STMT(audit_test_drop_heads, STORE_WRITES, "DELETE FROM audit_head WHERE home = ? AND size >= ?");
STORE_STMT(audit_test_drop_blocks, STORE_WRITES, "DELETE FROM audit_block WHERE home = ? AND block >= ?");
STORE_STMT(audit_test_drop_tree, STORE_WRITES, "DELETE FROM audit_tree WHERE home = ?");
STORE_STMT(audit_test_move_entry, STORE_WRITES, "UPDATE audit_entry SET seq = ? WHERE home = ? AND seq = ?");

struct column {
    const char *name;
    const struct store_stmt *get, *set;
    enum store_type type;
    char table; /* e h t b */
};
static const struct column columns[] = {
#define ROW_E(c, t) { "entry." #c, &audit_test_get_entry_##c, &audit_test_set_entry_##c, t, 'e' },
#define ROW_H(c, t) { "head." #c, &audit_test_get_head_##c, &audit_test_set_head_##c, t, 'h' },
    ENTRY_COLUMNS(ROW_E)
        HEAD_COLUMNS(ROW_H){ "tree.suite", &audit_test_get_tree_suite, &audit_test_set_tree_suite, STORE_I64, 't' },
    { "tree.size", &audit_test_get_tree_size, &audit_test_set_tree_size, STORE_I64, 't' },
    { "tree.edge", &audit_test_get_tree_edge, &audit_test_set_tree_edge, STORE_BYTES, 't' },
    { "block.root", &audit_test_get_block_root, &audit_test_set_block_root, STORE_BYTES, 'b' },
};
enum { N_COLUMNS = sizeof columns / sizeof *columns, ENTRIES = 40, HEAD_EVERY = 10, PLACES = 1000 };

static uint64_t next(uint64_t *x) {
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return *x * 2685821657736338717u;
}

static void build(struct audit_fixture *f, struct store *s, size_t n) {
    audit_fixture_init(f, s, SUITE_INTL, 1);
    for (size_t i = 0; i < n; i += HEAD_EVERY) {
        audit_fixture_note(f, n - i < HEAD_EVERY ? n - i : HEAD_EVERY);
        audit_fixture_seal(f, true);
    }
}

/* One cell: read, changed in one byte, put back. */
struct place {
    const struct column *c;
    int64_t key;
    uint64_t r;
    bool restore, changed;
    int64_t was_i, now_i;
    char was[4096], now[4096];
    size_t n;
};

static int change(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct place *p = job->arg;
    struct store_rows *q;
    int64_t key = p->c->table == 't' ? job->home.v : p->key;
    struct store_val v = SV_NULL;
    if (!p->restore) {
        int rc = store_query(tx, p->c->get, &q, e, SV_I(job->home.v), SV_I(key));
        if (rc) return rc;
        assert_true(store_next(q));
        if (p->c->type == STORE_I64) {
            p->was_i = store_i64(q, 0);
            p->now_i = p->was_i ^ (int64_t)((uint64_t)1 << (p->r >> 8) % 62);
        } else {
            struct str s = p->c->type == STORE_TEXT ? store_text(q, 0) : store_bytes(q, 0);
            assert_true(s.len > 0 && s.len < sizeof p->was);
            p->n = s.len;
            memcpy(p->was, s.ptr, s.len);
            memcpy(p->now, s.ptr, s.len);
            char *byte = &p->now[(size_t)(p->r >> 16) % s.len];
            *byte = (char)(uint8_t)((uint8_t)*byte ^ (p->c->type == STORE_TEXT ? 1u : 1u << (p->r >> 8) % 8));
        }
        rc = store_end(q, e);
        if (rc) return rc;
    }
    const char *text = p->restore ? p->was : p->now;
    int64_t i = p->restore ? p->was_i : p->now_i, changed = 0;
    if (p->c->type == STORE_I64) v = SV_I(i);
    else if (p->c->type == STORE_TEXT) v = SV_T(str_make(text, p->n));
    else v = SV_B(str_make(text, p->n));
    /* where the key itself was changed it is found under its new value */
    bool is_key = strcmp(p->c->name, "entry.seq") == 0 || strcmp(p->c->name, "head.size") == 0;
    if (p->restore && is_key) key = p->now_i;
    int rc = store_exec(tx, p->c->set, &changed, e, v, SV_I(job->home.v), SV_I(key));
    p->changed = rc == 0 && changed == 1;
    return rc;
}

static void bytes(struct store *s, void *arg) {
    (void)arg;
    struct audit_fixture f;
    struct audit_report r;
    static struct place p;
    uint64_t x = 20260107;
    build(&f, s, ENTRIES);
    audit_fixture_verify(&f, NULL, &r);
    assert_int_equal(r.all_faults, 0);
    assert_int_equal(r.sealed, ENTRIES);
    unsigned found = 0;
    for (unsigned i = 0; i < PLACES;) {
        memset(&p, 0, sizeof p);
        p.c = &columns[next(&x) % N_COLUMNS];
        if (p.c->table == 'b') continue; /* too few entries for a block: see blocks() */
        p.r = next(&x);
        p.key = p.c->table == 'h' ? (int64_t)(HEAD_EVERY * (1 + next(&x) % (ENTRIES / HEAD_EVERY)))
                                  : (int64_t)(1 + next(&x) % ENTRIES);
        enum store_outcome o = audit_fixture_run(&f, STORE_INTERACTIVE, change, &p, NULL);
        if (o == STORE_FAILED) continue; /* the new key is another row's: no such change can be made */
        assert_int_equal(o, STORE_OK);
        assert_true(p.changed);
        audit_fixture_verify(&f, NULL, &r);
        if (!r.all_faults) print_error("not found: %s of %d\n", p.c->name, (int)p.key);
        found += r.all_faults > 0;
        p.restore = true;
        assert_int_equal(audit_fixture_run(&f, STORE_INTERACTIVE, change, &p, NULL), STORE_OK);
        i++;
    }
    assert_int_equal(found, PLACES);
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
    struct range a = { st, { x, y, z }, n };
    assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, exec, &a, NULL), STORE_OK);
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
        rc = store_exec(tx, &audit_test_set_entry_leaf, NULL, e, SV_B(str_make((char *)leaf.v, 32)),
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
};

static void tamper(struct audit_fixture *f, enum scenario k) {
    static struct place p;
    int64_t home = f->home.v;
    memset(&p, 0, sizeof p);
    p.c = &columns[5]; /* entry.post */
    p.key = 17;
    switch (k) {
    case GOOD:
    case SCENARIOS: break;
    case ALTER: assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, change, &p, NULL), STORE_OK); break;
    case DELETE_ROW: apply(f, &audit_test_drop_entry, home, 17, 17, 3); break;
    case SWAP_ROWS: assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, swap, NULL, NULL), STORE_OK); break;
    case CUT_TAIL: apply(f, &audit_test_drop_entry, home, 31, 99, 3); break;
    case CUT_TAIL_AND_TREE:
        apply(f, &audit_test_drop_entry, home, 31, 99, 3);
        assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, rewrite, NULL, NULL), STORE_OK);
        break;
    case REWRITE_TREE:
        assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, change, &p, NULL), STORE_OK);
        assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, rewrite, NULL, NULL), STORE_OK);
        break;
    case FORGE_HEAD: /* the tree is right, the signature another's */
        apply(f, &audit_test_drop_heads, home, 31, 0, 2);
        {
            struct sign_key *own = f->key, *other;
            struct err e;
            assert_int_equal(sign_key_new(SUITE_INTL, &other, &e), 0);
            f->key = other;
            audit_fixture_seal(f, true);
            f->key = own;
            sign_key_free(other);
        }
        break;
    case DROP_LAST_HEAD: /* and the entries under it, with a tree to fit: a rollback by hand */
    case ROLL_BACK:
        apply(f, &audit_test_drop_heads, home, 31, 0, 2);
        apply(f, &audit_test_drop_entry, home, k == ROLL_BACK ? 31 : 40, 99, 3);
        assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, rewrite, NULL, NULL), STORE_OK);
        break;
    case DROP_TREE: apply(f, &audit_test_drop_tree, home, 0, 0, 1); break;
    case ADD_ROW:
        audit_fixture_note(f, 1);
        assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, smuggle, NULL, NULL), STORE_OK);
        break;
    case REWRITE_ALL: /* every head goes, an entry is changed, the tree made anew */
        assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, change, &p, NULL), STORE_OK);
        apply(f, &audit_test_drop_heads, home, 0, 0, 2);
        assert_int_equal(audit_fixture_run(f, STORE_INTERACTIVE, rewrite, NULL, NULL), STORE_OK);
        break;
    }
}

static void scenario(struct store *s, void *arg) {
    enum scenario k = *(enum scenario *)arg;
    struct audit_fixture f;
    struct audit_report alone, with;
    build(&f, s, ENTRIES);
    struct audit_head kept = audit_fixture_head(&f);
    tamper(&f, k);
    audit_fixture_verify(&f, NULL, &alone);
    audit_fixture_verify(&f, &kept, &with);
    if (k == GOOD) {
        assert_int_equal(alone.all_faults + with.all_faults, 0);
        kept.signature = S("junk"); /* a kept head must be genuine itself */
        audit_fixture_verify(&f, &kept, &with);
        assert_true(audit_fixture_has(&with, AUDIT_FAULT_SIGNATURE));
    } else if (scenarios[k].only_kept) {
        assert_int_equal(alone.all_faults, 0); /* the database agrees with itself */
        assert_true(alone.sealed < ENTRIES);   /* and the report says how far it is proved */
        assert_true(audit_fixture_has(&with, scenarios[k].kind));
    } else {
        assert_true(audit_fixture_has(&alone, scenarios[k].kind));
        assert_true(with.all_faults >= alone.all_faults);
    }
    audit_fixture_done(&f);
}

static void scenarios_all(void **state) {
    (void)state;
    for (enum scenario k = 0; k < SCENARIOS; k++) store_fixture_each(scenario, &k);
}

static void blocks(struct store *s, void *arg) {
    (void)arg;
    struct audit_fixture f;
    struct audit_report r;
    static struct place p;
    audit_fixture_init(&f, s, SUITE_GM, 1);
    audit_fixture_note(&f, 520);
    audit_fixture_seal(&f, true);
    audit_fixture_verify(&f, NULL, &r);
    assert_int_equal(r.all_faults, 0);
    memset(&p, 0, sizeof p);
    p.c = &columns[N_COLUMNS - 1];
    p.key = 1;
    assert_int_equal(audit_fixture_run(&f, STORE_INTERACTIVE, change, &p, NULL), STORE_OK);
    audit_fixture_verify(&f, NULL, &r);
    assert_true(audit_fixture_has(&r, AUDIT_FAULT_TREE));
    assert_int_equal(r.fault[0].first, 257);
    p.restore = true;
    assert_int_equal(audit_fixture_run(&f, STORE_INTERACTIVE, change, &p, NULL), STORE_OK);
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

static void export_one(const char *root, enum scenario k) {
    char dir[400], path[600];
    struct audit_fixture f;
    struct audit_report alone, with;
    struct arena a;
    struct str db;
    arena_init(&a, "export", 64 << 20);
    struct store_fixture *sf = store_fixture_new(false);
    struct store *s = store_fixture_open(sf);
    build(&f, s, ENTRIES);
    struct audit_head kept = audit_fixture_head(&f);
    tamper(&f, k);
    audit_fixture_verify(&f, NULL, &alone);
    audit_fixture_verify(&f, &kept, &with);
    store_close(s);
    (void)snprintf(dir, sizeof dir, "%s/%s", root, scenarios[k].name);
    assert_int_equal(os_mkdir(dir, NULL), 0);
    (void)snprintf(path, sizeof path, "%s/store.db", store_fixture_dir(sf));
    assert_int_equal(os_read_file(&a, path, 64 << 20, &db, NULL), 0);
    write_file(dir, "store.db", db);
    write_file(dir, "key.der", f.public_key);
    char hex[256] = "", root_hex[65] = "";
    for (size_t i = 0; i < kept.signature.len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", (unsigned)(uint8_t)kept.signature.ptr[i]);
    for (size_t i = 0; i < 32; i++) (void)snprintf(root_hex + 2 * i, 3, "%02x", kept.root.v[i]);
    write_file(dir, "kept.json",
               arena_fmt(&a,
                         "{\"home\":%lld,\"size\":%llu,\"root\":\"%s\",\"time_ms\":%lld,\"suite\":%d,\"key_id\":%lu,"
                         "\"signature\":\"%s\"}\n",
                         (long long)kept.home.v, (unsigned long long)kept.size, root_hex, (long long)kept.time_ms,
                         (int)kept.suite, (unsigned long)kept.key_id, hex));
    struct str verdict = S("");
    for (size_t i = 0; i < with.n_faults; i++)
        verdict = arena_fmt(&a, "%.*s%s %llu %llu\n", STR_ARG(verdict), audit_fault_name(with.fault[i].kind),
                            (unsigned long long)with.fault[i].first, (unsigned long long)with.fault[i].last);
    write_file(dir, "verdict.txt",
               arena_fmt(&a, "alone %llu sealed %llu unsealed %llu\n%.*s", (unsigned long long)alone.all_faults,
                         (unsigned long long)with.sealed, (unsigned long long)with.unsealed, STR_ARG(verdict)));
    audit_fixture_done(&f);
    store_fixture_free(sf);
    arena_done(&a);
}

static void test_bytes(void **state) {
    store_fixture_each(bytes, *state);
}

static void test_blocks(void **state) {
    store_fixture_each(blocks, *state);
}

int main(void) {
    const char *dir = getenv("TONGBAN_AUDIT_CASES");
    if (dir && *dir) {
        for (enum scenario k = 0; k < SCENARIOS; k++) export_one(dir, k);
        return 0;
    }
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bytes), cmocka_unit_test(scenarios_all),
                                        cmocka_unit_test(test_blocks) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
