/* merkle: the tree of RFC 9162 section 2.1 and its proofs.
 *
 * Invariants
 *  1. edge[k] is the root of the complete subtree of 2^k leaves that bit k of n stands for; edges of clear bits mean
 *     nothing.
 *  2. Verification takes every path element exactly once and ends with the counters at zero: a proof with an element
 *     too many or too few is refused, whatever its hashes say.
 *  3. No recursion; every loop is bounded by the 64 bits of a size or by the leaves given.
 */
#include "crypto/suite.h"

#include <string.h>

static struct str of(const struct digest *d) {
    return str_make((const char *)d->v, DIGEST_BYTES);
}

void merkle_leaf(enum suite s, struct str data, struct digest *ret) {
    struct str parts[2] = { str_make("\0", 1), data };
    hash_parts(s, parts, 2, ret);
}

static void node(enum suite s, const struct digest *left, const struct digest *right, struct digest *ret) {
    struct str parts[3] = { str_make("\1", 1), of(left), of(right) };
    struct digest d; /* ret may be one of the children */
    hash_parts(s, parts, 3, &d);
    *ret = d;
}

void merkle_append(struct merkle *m, const struct digest *leaf) {
    struct digest d = *leaf;
    unsigned k = 0;
    for (uint64_t n = m->n; n & 1; n >>= 1, k++) node(m->suite, &m->edge[k], &d, &d);
    assert(k < 64);
    m->edge[k] = d;
    m->n++;
}

void merkle_root(const struct merkle *m, struct digest *ret) {
    if (m->n == 0) {
        hash(m->suite, S(""), ret);
        return;
    }
    bool have = false;
    struct digest d = { { 0 } };
    for (unsigned k = 0; k < 64; k++) {
        if (!(m->n >> k & 1)) continue;
        if (have) node(m->suite, &m->edge[k], &d, &d);
        else d = m->edge[k];
        have = true;
    }
    *ret = d;
}

/* RFC 9162 section 2.1.3.2. */
bool merkle_verify_inclusion(enum suite s, uint64_t index, uint64_t n, const struct digest *leaf,
                             const struct digest *path, size_t path_n, const struct digest *root) {
    if (index >= n || path_n > 64) return false;
    uint64_t fn = index, sn = n - 1;
    struct digest r = *leaf;
    for (size_t i = 0; i < path_n; i++) {
        if (sn == 0) return false;
        if ((fn & 1) || fn == sn) {
            node(s, &path[i], &r, &r);
            while (!(fn & 1) && fn) fn >>= 1, sn >>= 1;
        } else {
            node(s, &r, &path[i], &r);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && digest_eq(&r, root);
}

/* RFC 9162 section 2.1.4.2; equal sizes and the empty old tree, which the RFC leaves to the caller, take an empty
 * path. */
bool merkle_verify_consistency(enum suite s, uint64_t old_n, uint64_t new_n, const struct digest *old_root,
                               const struct digest *new_root, const struct digest *path, size_t path_n) {
    if (old_n > new_n || path_n > 64) return false;
    if (old_n == new_n) return path_n == 0 && digest_eq(old_root, new_root);
    if (old_n == 0) {
        struct digest empty;
        hash(s, S(""), &empty);
        return path_n == 0 && digest_eq(old_root, &empty);
    }
    bool power = (old_n & (old_n - 1)) == 0; /* then the old root itself is the first element, left out of the path */
    if (path_n == 0) return false;
    uint64_t fn = old_n - 1, sn = new_n - 1;
    while (fn & 1) fn >>= 1, sn >>= 1;
    struct digest fr = power ? *old_root : path[0], sr = fr;
    for (size_t i = power ? 0 : 1; i < path_n; i++) {
        if (sn == 0) return false;
        if ((fn & 1) || fn == sn) {
            node(s, &path[i], &fr, &fr);
            node(s, &path[i], &sr, &sr);
            while (!(fn & 1) && fn) fn >>= 1, sn >>= 1;
        } else {
            node(s, &sr, &path[i], &sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && digest_eq(&fr, old_root) && digest_eq(&sr, new_root);
}

static void range_root(enum suite s, const struct digest *leaves, uint64_t n, struct digest *ret) {
    struct merkle m = { .suite = s };
    for (uint64_t i = 0; i < n; i++) merkle_append(&m, &leaves[i]);
    merkle_root(&m, ret);
}

/* The largest power of two smaller than n, for n > 1. */
static uint64_t split(uint64_t n) {
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

static size_t reverse(struct digest path[64], size_t n) {
    for (size_t i = 0; i < n / 2; i++) {
        struct digest d = path[i];
        path[i] = path[n - 1 - i];
        path[n - 1 - i] = d;
    }
    return n;
}

/* PATH(m, D_n) of RFC 9162 section 2.1.3.1, from the root down, then turned round. */
size_t merkle_prove_inclusion(enum suite s, const struct digest *leaves, uint64_t n, uint64_t index,
                              struct digest path[64]) {
    uint64_t lo = 0, hi = n;
    size_t k = 0;
    assert(index < n);
    while (hi - lo > 1) {
        uint64_t mid = lo + split(hi - lo);
        if (index < mid) {
            range_root(s, leaves + mid, hi - mid, &path[k++]);
            hi = mid;
        } else {
            range_root(s, leaves + lo, mid - lo, &path[k++]);
            lo = mid;
        }
    }
    return reverse(path, k);
}

/* SUBPROOF(m, D_n, true) of RFC 9162 section 2.1.4.1, the same way. */
int merkle_consistency(uint64_t n, uint64_t old_n, merkle_range *root, void *context, struct digest path[64], size_t *ret_n) {
    uint64_t lo = 0, hi = n;
    size_t k = 0;
    int rc = 0;
    bool known = true; /* the verifier has the root of what remains */
    assert(old_n <= n);
    while (old_n != 0 && old_n != hi && !rc) {
        uint64_t mid = lo + split(hi - lo);
        if (old_n <= mid) {
            rc = root(context, mid, hi, &path[k++]);
            hi = mid;
        } else {
            rc = root(context, lo, mid, &path[k++]);
            lo = mid;
            known = false;
        }
    }
    if (!rc && !known) rc = root(context, lo, hi, &path[k++]);
    *ret_n = reverse(path, k);
    return rc;
}

struct given {
    enum suite s;
    const struct digest *leaves;
};

static int given_range(void *context, uint64_t from, uint64_t to, struct digest *ret) {
    const struct given *g = context;
    range_root(g->s, g->leaves + from, to - from, ret);
    return 0;
}

size_t merkle_prove_consistency(enum suite s, const struct digest *leaves, uint64_t n, uint64_t old_n,
                                struct digest path[64]) {
    struct given g = { s, leaves };
    size_t k;
    (void)merkle_consistency(n, old_n, given_range, &g, path, &k);
    return k;
}
