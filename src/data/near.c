/* near: see near.h. Invariant: three rows of the table are kept, no memory is asked for. */
#include "data/near.h"

struct points {
    int32_t v[NEAR_POINTS_MAX];
    unsigned n;
};

static bool take(struct str s, struct points *ret) {
    ret->n = 0;
    for (size_t at = 0; at < s.len;) {
        if (ret->n == NEAR_POINTS_MAX) return false;
        ret->v[ret->n++] = str_utf8_next(s, &at);
    }
    return true;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

unsigned near_distance(struct str a, struct str b, unsigned max) {
    struct points x, y;
    unsigned row[3][NEAR_POINTS_MAX + 1], far = max + 1;
    if (!take(a, &x) || !take(b, &y)) return far;
    if (x.n > y.n + max || y.n > x.n + max) return far;
    for (unsigned k = 0; k <= y.n; k++) row[0][k] = k;
    for (unsigned i = 1; i <= x.n; i++) {
        unsigned *now = row[i % 3], *before = row[(i + 2) % 3], *second = row[(i + 1) % 3],
                 best = now[0] = i;
        for (unsigned k = 1; k <= y.n; k++) {
            now[k] =
                least(least(before[k], now[k - 1]) + 1, before[k - 1] + (x.v[i - 1] != y.v[k - 1]));
            if (i > 1 && k > 1 && x.v[i - 1] == y.v[k - 2] && x.v[i - 2] == y.v[k - 1])
                now[k] = least(now[k], second[k - 2] + 1);
            best = least(best, now[k]);
        }
        if (best > max) return far;
    }
    return least(row[x.n % 3][y.n], far);
}
