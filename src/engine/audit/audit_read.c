/* audit_read: pages of entries for people and consumers, and one entry's proof.
 * Invariant: a proof is given only if it leads to the root of a stored head; who holds a trusted key then needs
 * nothing of us.
 */
#include <string.h>

#include "engine/audit/audit.h"
#include "engine/audit/audit_store.h"

static size_t page(size_t max) {
    return max < AUDIT_PAGE_MAX ? max : AUDIT_PAGE_MAX;
}

int audit_find(struct store_tx *tx, struct home_id home, const struct audit_filter *f, int64_t before,
               struct audit_row *rows, size_t max, size_t *ret_n, struct err *e) {
    return audit_store_find(tx, home, f, before, rows, page(max), ret_n, e);
}

int audit_count(struct store_tx *tx, struct home_id home, const struct audit_filter *f, struct audit_counted *ret, struct err *e) {
    const struct audit_filter newest = { 0 };
    struct audit_row row;
    size_t n = 0, looked;
    const bool all = !f->actor && !f->object_id && !f->case_id && !f->subject_person && !f->from_ms && !f->to_ms && !f->not_actor &&
                     !f->act.len && !f->object_kind.len;
    *ret = (struct audit_counted){ 0 };
    if (all) { /* numbers are dense */
        int rc = audit_store_find(tx, home, &newest, 0, &row, 1, &n, e);
        ret->n = n ? (size_t)row.number : 0;
        return rc;
    }
    int rc = audit_store_hold(tx, home, f, AUDIT_COUNTED_MAX, &ret->n, &looked, e);
    ret->more = looked == AUDIT_COUNTED_MAX;
    return rc;
}

int audit_of_person_reads(struct store_tx *tx, struct home_id home, int64_t subject, int64_t actor, bool own,
                          int64_t before, struct audit_row *rows, size_t max, size_t *ret_n, struct err *e) {
    struct audit_filter f = { .subject_person = subject, .actor = own ? actor : 0, .not_actor = own ? 0 : actor };
    *ret_n = 0;
    if (subject == 0) return 0; /* 0 would mean: anybody */
    return audit_store_find(tx, home, &f, before, rows, page(max), ret_n, e);
}

int audit_seq_after(struct store_tx *tx, struct home_id home, int64_t after, struct audit_row *rows, size_t max,
                    size_t *ret_n, struct err *e) {
    return audit_store_after(tx, home, after, rows, page(max), ret_n, e);
}

/* The tree above blocks of 256 leaves has the shape of RFC 9162 over the block roots, with the last, partial
 * block's root as the last leaf: so the path is the path in the block, then the path among the blocks. */
static int prove(struct store_tx *tx, struct home_id home, struct audit_proof *p, struct digest *ret_leaf,
                 struct err *e) {
    uint64_t n = p->head.size, unit = p->index / AUDIT_BLOCK, whole = n / AUDIT_BLOCK, rest = n % AUDIT_BLOCK;
    struct arena *a = store_arena(tx);
    struct digest *units = arena_array(a, (size_t)whole + 1, sizeof *units);
    struct digest *leaves = arena_array(a, AUDIT_BLOCK, sizeof *leaves);
    size_t got = 0, mine = unit < whole ? AUDIT_BLOCK : (size_t)rest, tail = 0;
    if (!units || !leaves) return err_set(e, ERR_MEMORY, "audit proof");
    int rc = audit_store_blocks(tx, home, 0, units, (size_t)whole, &got, e);
    if (rc) return rc;
    if (got != whole) return err_set(e, ERR_DAMAGED, "audit_block");
    if (rest) {
        struct merkle m = { .suite = p->head.suite };
        rc = audit_store_leaves(tx, home, (int64_t)(whole * AUDIT_BLOCK) + 1, leaves, (size_t)rest, &tail, e);
        if (rc) return rc;
        for (size_t i = 0; i < tail; i++) merkle_append(&m, &leaves[i]);
        merkle_root(&m, &units[whole]);
        if (tail != rest) return err_set(e, ERR_DAMAGED, "audit_entry");
    }
    rc = audit_store_leaves(tx, home, (int64_t)(unit * AUDIT_BLOCK) + 1, leaves, mine, &got, e);
    if (rc) return rc;
    if (got != mine) return err_set(e, ERR_DAMAGED, "audit_entry");
    *ret_leaf = leaves[p->index % AUDIT_BLOCK];
    struct digest upper[64];
    p->path_n = merkle_prove_inclusion(p->head.suite, leaves, mine, p->index % AUDIT_BLOCK, p->path);
    size_t k = merkle_prove_inclusion(p->head.suite, units, whole + (rest != 0), unit, upper);
    if (p->path_n + k > 64) return err_set(e, ERR_DAMAGED, "audit proof");
    memcpy(p->path + p->path_n, upper, k * sizeof *upper);
    p->path_n += k;
    return 0;
}

static bool leads_to_root(const struct audit_proof *p) {
    struct digest leaf;
    merkle_leaf(p->head.suite, p->canonical, &leaf);
    return merkle_verify_inclusion(p->head.suite, p->index, p->head.size, &leaf, p->path, p->path_n, &p->head.root);
}

int audit_prove(struct store_tx *tx, struct home_id home, int64_t number, struct audit_proof *ret, struct err *e) {
    struct audit_row row;
    struct digest leaf;
    size_t n = 0;
    struct audit_proof p;
    memset(&p, 0, sizeof p);
    if (number < 1) return err_set(e, ERR_NOT_FOUND, "audit entry");
    int rc = audit_store_after(tx, home, number - 1, &row, 1, &n, e);
    if (rc) return rc;
    if (n == 0 || row.number != number) return err_set(e, ERR_NOT_FOUND, "audit entry");
    rc = audit_store_head_last(tx, home, &p.head, NULL);
    if (rc == ERR_NOT_FOUND || (rc == 0 && p.head.size < (uint64_t)number))
        return err_set(e, ERR_STATE, "这条记录还没有封存，请一秒后再试");
    if (rc) return err_set(e, rc, "audit head");
    p.index = (uint64_t)number - 1;
    p.canonical = audit_canonical(store_arena(tx), home, &row);
    if (!p.canonical.len) return err_set(e, ERR_MEMORY, "audit proof");
    rc = prove(tx, home, &p, &leaf, e);
    if (rc) return rc;
    if (!leads_to_root(&p)) return err_set(e, ERR_DAMAGED, "audit_entry");
    *ret = p;
    return 0;
}

bool audit_proof_check(const struct audit_proof *p, struct str public_spki_der) {
    return leads_to_root(p) && audit_head_genuine(&p->head, public_spki_der);
}
