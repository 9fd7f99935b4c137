/* resolve: the addresses of a server's name, in bounded time.
 *
 * The C library's resolver asks each of its servers again and again before it gives up, and cannot
 * be told to stop. So it asks in a thread of its own; who waits, waits so long and no longer.
 *
 * Invariants
 *  1. resolve_name comes back within `timeout_ms`, whatever the resolver does.
 *  2. A lookup that is given up ends by itself, and its answer is thrown away; at most
 *     RESOLVE_LEFT_MAX are left so, and while they are, further names fail at once.
 *  3. An address that is written in digits is looked up nowhere and never fails so.
 */
#ifndef OS_RESOLVE_H
#define OS_RESOLVE_H
#include <sys/socket.h>

#include "base/arena.h"
#include "base/err.h"

enum { RESOLVE_ADDRESSES_MAX = 8, RESOLVE_LEFT_MAX = 4 };

struct resolve_address {
    struct sockaddr_storage at;
    socklen_t size;
};
struct resolve_answer {
    struct resolve_address address[RESOLVE_ADDRESSES_MAX]; /* as the resolver orders them */
    size_t n;                                              /* > 0 */
};

/* ERR_PEER: not in time, or there is no such name. Any thread. */
int resolve_name(const char *host, const char *port, int64_t timeout_ms,
                 struct resolve_answer *ret, struct err *e);
/* The address in digits, without a port; IPv6 as it is, without brackets. */
struct str resolve_digits(struct arena *a, const struct resolve_address *r);
#endif
