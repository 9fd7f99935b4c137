/* audit_growth: the proof that the log continues what was signed last, so that `keys` need not believe it.
 *
 * The proof is made of roots of subtrees. The large ones stand in the frontier as it is now, or lie behind the last head: what is read
 * is what came since, by blocks of 256, and now and then a subtree that has just been merged into a larger one.
 * Invariant: nothing is proved here to ourselves; a row that was changed gives a proof that does not hold.
 */
#include "engine/audit/audit.h"
#include "engine/audit/audit_store.h"

struct growing {
    struct store_tx *tx;
    struct home_id home;
    struct merkle now;
    struct digest *some; /* AUDIT_BLOCK of them */
    struct err *e;
};

/* The root of the leaves [from, to), if it stands in the frontier. */
static bool in_frontier(const struct merkle *m, uint64_t from, uint64_t to, struct digest *ret) {
    uint64_t at = 0;
    for (unsigned k = 64; k-- > 0;) {
        if (!(m->n >> k & 1)) continue;
        if (at == from && to - from == UINT64_C(1) << k) {
            *ret = m->edge[k];
            return true;
        }
        at += UINT64_C(1) << k;
    }
    return false;
}

/* Leaves, or roots of blocks, [from, to) appended to `m`. */
static int append(struct growing *g, bool blocks, uint64_t from, uint64_t to, struct merkle *m) {
    while (from < to) {
        const size_t want = to - from < AUDIT_BLOCK ? (size_t)(to - from) : AUDIT_BLOCK;
        size_t n = 0;
        int rc = blocks ? audit_store_blocks(g->tx, g->home, from, g->some, want, &n, g->e)
                        : audit_store_leaves(g->tx, g->home, (int64_t)from + 1, g->some, want, &n, g->e);
        if (rc) return rc;
        if (n != want) return err_set(g->e, ERR_DAMAGED, blocks ? "audit_block" : "audit_entry");
        for (size_t i = 0; i < n; i++) merkle_append(m, &g->some[i]);
        from += want;
    }
    return 0;
}

/* A subtree of more than a block begins with one, and has the shape of a tree over its blocks, the last of them perhaps not full. */
static int range(void *context, uint64_t from, uint64_t to, struct digest *ret) {
    struct growing *g = context;
    struct merkle m = { .suite = g->now.suite }, tail = m;
    struct digest d;
    int rc;
    if (in_frontier(&g->now, from, to, ret)) return 0;
    if (to - from <= AUDIT_BLOCK) {
        rc = append(g, false, from, to, &m);
    } else {
        const uint64_t whole = to / AUDIT_BLOCK;
        rc = append(g, true, from / AUDIT_BLOCK, whole, &m);
        if (!rc) rc = append(g, false, whole * AUDIT_BLOCK, to, &tail);
        if (!rc && tail.n) merkle_root(&tail, &d), merkle_append(&m, &d);
    }
    if (!rc) merkle_root(&m, ret);
    return rc;
}

int audit_prove_growth(struct store_tx *tx, struct home_id home, uint64_t size, uint64_t from, struct audit_growth *ret, struct err *e) {
    struct growing g = { .tx = tx, .home = home, .e = e };
    bool found;
    *ret = (struct audit_growth){ .from = from };
    if (from == 0 || from > size) return 0; /* no such proof: who is asked to sign says so */
    g.some = arena_array(store_arena(tx), AUDIT_BLOCK, sizeof *g.some);
    if (!g.some) return err_set(e, ERR_MEMORY, "audit growth");
    int rc = audit_store_tree(tx, home, &g.now, &found, e);
    if (!rc && (!found || g.now.n < size)) rc = err_set(e, ERR_DAMAGED, "audit_tree");
    return rc ? rc : merkle_consistency(size, from, range, &g, ret->path, &ret->path_n);
}
