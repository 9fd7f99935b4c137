/* audit_places_fixture: see audit_places_fixture.h. Invariant: whatever fails here ends the program, so that no test
 * passes by accident. */
#include "engine/audit/audit_places_fixture.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

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

struct audit_column {
    const char *name;
    const struct store_stmt *get, *set;
    enum store_type type;
    char table; /* e h t b */
};
static const struct audit_column columns[] = {
#define ROW_E(c, t) { "entry." #c, &audit_test_get_entry_##c, &audit_test_set_entry_##c, t, 'e' },
#define ROW_H(c, t) { "head." #c, &audit_test_get_head_##c, &audit_test_set_head_##c, t, 'h' },
    ENTRY_COLUMNS(ROW_E)
        HEAD_COLUMNS(ROW_H){ "tree.suite", &audit_test_get_tree_suite, &audit_test_set_tree_suite, STORE_I64, 't' },
    { "tree.size", &audit_test_get_tree_size, &audit_test_set_tree_size, STORE_I64, 't' },
    { "tree.edge", &audit_test_get_tree_edge, &audit_test_set_tree_edge, STORE_BYTES, 't' },
    { "block.root", &audit_test_get_block_root, &audit_test_set_block_root, STORE_BYTES, 'b' },
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static uint64_t next(uint64_t *x) {
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return *x * 2685821657736338717u;
}

struct audit_place audit_place_of(const char *name, int64_t key) {
    size_t i = 0;
    while (strcmp(columns[i].name, name) != 0) assert(++i < N_COLUMNS);
    return (struct audit_place){ .c = &columns[i], .key = key };
}

int audit_place_change(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct audit_place *p = job->arg;
    struct store_rows *q;
    int64_t key = p->c->table == 't' ? job->home.v : p->key;
    struct store_val v = SV_NULL;
    if (!p->restore) {
        int rc = store_query(tx, p->c->get, &q, e, SV_I(job->home.v), SV_I(key));
        if (rc) return rc;
        assert(store_next(q));
        if (p->c->type == STORE_I64) {
            p->was_i = store_i64(q, 0);
            p->now_i = p->was_i ^ (int64_t)((uint64_t)1 << (p->r >> 8) % 62);
        } else {
            struct str s = p->c->type == STORE_TEXT ? store_text(q, 0) : store_bytes(q, 0);
            assert(s.len > 0 && s.len < sizeof p->was);
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

static void list_place(struct buf *out, const struct audit_place *at, const struct audit_report *r) {
    buf_add_fmt(out, "%s %lld ", at->c->name, (long long)at->key);
    if (at->c->type == STORE_I64) buf_add_i64(out, at->now_i);
    else buf_add_char(out, at->c->type == STORE_TEXT ? 't' : 'x'), buf_add_hex(out, at->now, at->n);
    buf_add_fmt(out, " %llu", (unsigned long long)r->all_faults);
    for (size_t i = 0; i < r->n_faults; i++) buf_add_fmt(out, " %s", audit_fault_name(r->fault[i].kind));
    buf_add_char(out, '\n');
}

unsigned audit_places_flip(struct audit_fixture *f, unsigned places, unsigned entries, unsigned head_every,
                           struct buf *out) {
    static struct audit_place p;
    struct audit_report r;
    uint64_t x = 20260107;
    unsigned found = 0;
    for (unsigned i = 0; i < places;) {
        memset(&p, 0, sizeof p);
        p.c = &columns[next(&x) % N_COLUMNS];
        if (p.c->table == 'b') continue; /* too few entries for a block: there is a test of its own */
        p.r = next(&x);
        p.key = p.c->table == 'h' ? (int64_t)(head_every * (1 + next(&x) % (entries / head_every)))
                                  : (int64_t)(1 + next(&x) % entries);
        enum store_outcome o = audit_fixture_run(f, STORE_INTERACTIVE, audit_place_change, &p, NULL);
        if (o == STORE_FAILED) continue; /* the new key is another row's: no such change can be made */
        assert(o == STORE_OK && p.changed);
        audit_fixture_verify(f, NULL, &r);
        if (!r.all_faults) (void)fprintf(stderr, "not found: %s of %d\n", p.c->name, (int)p.key);
        found += r.all_faults > 0;
        if (out) list_place(out, &p, &r);
        p.restore = true;
        assert(audit_fixture_run(f, STORE_INTERACTIVE, audit_place_change, &p, NULL) == STORE_OK);
        i++;
    }
    return found;
}
