/* merkle.c: the roots of the Certificate Transparency reference tree, and 10,000 good and 10,000 mutated proofs:
 * every good one is accepted and no mutated one.
 */
#include "crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t next(uint64_t *x) { /* xorshift64*, seeded: the same proofs in every run */
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return *x * 2685821657736338717u;
}

static void known_roots(void **state) {
    (void)state;
    static const struct str data[8] = { S_INIT(""),
                                        S_INIT("\x00"),
                                        S_INIT("\x10"),
                                        S_INIT("\x20\x21"),
                                        S_INIT("\x30\x31"),
                                        S_INIT("\x40\x41\x42\x43"),
                                        S_INIT("\x50\x51\x52\x53\x54\x55\x56\x57"),
                                        S_INIT("\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f") };
    static const char *const roots[9] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    };
    struct merkle m = { .suite = SUITE_INTL };
    for (int i = 0; i <= 8; i++) {
        struct digest root, wanted, leaf;
        merkle_root(&m, &root);
        assert_true(str_hex_to_bytes(str_of(roots[i]), wanted.v, 32));
        assert_memory_equal(root.v, wanted.v, 32);
        if (i == 8) break;
        merkle_leaf(SUITE_INTL, data[i], &leaf);
        merkle_append(&m, &leaf);
    }
}

enum { LEAVES = 300 };
struct tree {
    enum suite suite;
    struct digest leaf[LEAVES], root[LEAVES + 1]; /* root[n]: of the first n */
};

static void grow(struct tree *t, enum suite s) {
    struct merkle m = { .suite = s };
    t->suite = s;
    for (uint64_t i = 0; i < LEAVES; i++) {
        merkle_root(&m, &t->root[i]);
        merkle_leaf(s, str_make((const char *)&i, sizeof i), &t->leaf[i]);
        merkle_append(&m, &t->leaf[i]);
    }
    merkle_root(&m, &t->root[LEAVES]);
}

struct proof {
    uint64_t index, n; /* or old and new size */
    struct digest first, root, path[66];
    size_t path_n;
};

static void mutate(struct proof *p, uint64_t *x) {
    struct proof was = *p;
    while (memcmp(&was, p, sizeof was) == 0) {
        uint64_t r = next(x);
        uint8_t bit = (uint8_t)(1u << (r >> 8 & 7));
        size_t byte = r >> 16 & 31, at = p->path_n ? (size_t)(r >> 32) % p->path_n : 0;
        switch (r % 8) {
        case 0: p->first.v[byte] ^= bit; break;
        case 1: p->root.v[byte] ^= bit; break;
        case 2:
            if (p->path_n) p->path[at].v[byte] ^= bit;
            break;
        case 3: p->index = (r >> 40) % LEAVES; break;
        case 4:
            p->path[p->path_n] = p->path[at];
            p->path_n++;
            break;
        case 5:
            if (p->path_n) p->path_n--;
            break;
        case 6:
            if (p->path_n > 1) memmove(p->path, p->path + 1, (p->path_n - 1) * sizeof *p->path), p->path_n--;
            break;
        case 7:
            if (p->path_n > 1) {
                struct digest d = p->path[0];
                p->path[0] = p->path[at];
                p->path[at] = d;
            }
            break;
        }
    }
}

/* With TONGBAN_MERKLE_CASES=FILE every proof is written there with our verdict, for tests/faults/merkle_agree.py. */
static FILE *cases;

static void put_hex(const struct digest *d) {
    for (size_t i = 0; i < DIGEST_BYTES; i++) (void)fprintf(cases, "%02x", d->v[i]);
    (void)fputc(' ', cases);
}

static void export(const struct tree *t, const struct proof *p, bool inclusion, bool ok) {
    if (!cases) return;
    (void)fprintf(cases, "%s %s %d %llu %llu ", t->suite == SUITE_GM ? "sm3" : "sha256", inclusion ? "in" : "co", ok,
                  (unsigned long long)p->index, (unsigned long long)p->n);
    put_hex(&p->first);
    put_hex(&p->root);
    for (size_t i = 0; i < p->path_n; i++) put_hex(&p->path[i]);
    (void)fputc('\n', cases);
}

static void run(const struct tree *t, uint64_t seed, int rounds) {
    uint64_t x = seed;
    int refused = 0;
    for (int i = 0; i < rounds; i++) {
        struct proof p;
        memset(&p, 0, sizeof p);
        bool inclusion = i & 1;
        p.n = 1 + next(&x) % LEAVES;
        p.index = inclusion ? next(&x) % p.n : 1 + next(&x) % p.n; /* the empty tree claims nothing */
        p.first = inclusion ? t->leaf[p.index] : t->root[p.index];
        p.root = t->root[p.n];
        p.path_n = inclusion ? merkle_prove_inclusion(t->suite, t->leaf, p.n, p.index, p.path)
                             : merkle_prove_consistency(t->suite, t->leaf, p.n, p.index, p.path);
        for (int mutated = 0; mutated < 2; mutated++) {
            if (mutated) mutate(&p, &x);
            bool ok = inclusion
                          ? merkle_verify_inclusion(t->suite, p.index, p.n, &p.first, p.path, p.path_n, &p.root)
                          : merkle_verify_consistency(t->suite, p.index, p.n, &p.first, &p.root, p.path, p.path_n);
            export(t, &p, inclusion, ok);
            assert_int_equal(ok, !mutated);
            refused += !ok;
        }
    }
    assert_int_equal(refused, rounds);
}

static void proofs(void **state) {
    (void)state;
    static struct tree t;
    grow(&t, SUITE_INTL);
    run(&t, 20260101, 9000);
    grow(&t, SUITE_GM);
    run(&t, 20260102, 1000);
}

static void every_small_tree(void **state) {
    (void)state;
    static struct tree t;
    struct digest path[64];
    grow(&t, SUITE_INTL);
    for (uint64_t n = 1; n <= 33; n++) {
        for (uint64_t i = 0; i < n; i++) {
            size_t k = merkle_prove_inclusion(SUITE_INTL, t.leaf, n, i, path);
            assert_true(merkle_verify_inclusion(SUITE_INTL, i, n, &t.leaf[i], path, k, &t.root[n]));
            for (uint64_t j = 0; j < n; j++) /* no other leaf, and no other place */
                assert_int_equal(merkle_verify_inclusion(SUITE_INTL, j, n, &t.leaf[i], path, k, &t.root[n]), i == j);
            assert_false(merkle_verify_inclusion(SUITE_INTL, n, n, &t.leaf[i], path, k, &t.root[n]));
        }
        for (uint64_t old = 0; old <= n; old++) {
            size_t k = merkle_prove_consistency(SUITE_INTL, t.leaf, n, old, path);
            assert_true(merkle_verify_consistency(SUITE_INTL, old, n, &t.root[old], &t.root[n], path, k));
            if (old)
                assert_false(merkle_verify_consistency(SUITE_INTL, old, n, &t.root[old - 1], &t.root[n], path, k));
        }
        assert_false(merkle_verify_consistency(SUITE_INTL, n, n - 1, &t.root[n], &t.root[n - 1], path, 0));
    }
}

int main(void) {
    const char *path = getenv("TONGBAN_MERKLE_CASES");
    if (path && *path) cases = fopen(path, "w");
    const struct CMUnitTest tests[] = { cmocka_unit_test(known_roots), cmocka_unit_test(proofs),
                                        cmocka_unit_test(every_small_tree) };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return cases && fclose(cases) ? 1 : failed;
}
