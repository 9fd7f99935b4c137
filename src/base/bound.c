/* bound: see bound.h. Invariant: the peak only grows, and never beyond the limit it was judged by. */
#include "base/bound.h"

bool bound_within(struct bound *u, uint64_t n, uint64_t limit) {
    if (n > limit) {
        atomic_fetch_add_explicit(&u->over, 1, memory_order_relaxed);
        return false;
    }
    uint64_t peak = atomic_load_explicit(&u->peak, memory_order_relaxed);
    while (n > peak && !atomic_compare_exchange_weak_explicit(
                           &u->peak, &peak, n, memory_order_relaxed, memory_order_relaxed))
        continue;
    return true;
}

void bound_read(struct bound *u, uint64_t limit, int64_t now, struct bound_seen *ret) {
    *ret = (struct bound_seen){ .limit = limit,
                                .now = now,
                                .peak = atomic_load_explicit(&u->peak, memory_order_relaxed),
                                .over = atomic_load_explicit(&u->over, memory_order_relaxed) };
}
