/* bound: how near a limit what it bounds came: the most that was within it since the start, and how
 * often more was asked for. Who keeps a limit judges by bound_within, so that what is counted is
 * what was judged. Any thread; counting costs a load where nothing is new.
 */
#ifndef BASE_BOUND_H
#define BASE_BOUND_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct bound {
    _Atomic uint64_t peak, over;
};
/* How it stands: for who shows it. */
struct bound_seen {
    uint64_t limit, peak, over;
    int64_t now; /* below 0: nothing of it stands, it is asked of each request anew */
};
/* Is n within the limit? */
bool bound_within(struct bound *u, uint64_t n, uint64_t limit);
void bound_read(struct bound *u, uint64_t limit, int64_t now, struct bound_seen *ret);
#endif
