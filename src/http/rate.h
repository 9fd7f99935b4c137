/* rate: token buckets per rate class and key (a peer address or a session), in a table of fixed size: a flood of
 * made-up keys costs memory nothing, and evicts first the buckets that are full anyway, which lose nothing by it.
 * A request counts for its session only where that has proved true before (rate_know): whoever makes sessions up counts
 * as the peer that he is. Of a password, or whatever else is tried under ROUTE_RATE_LOGIN, the peer counts, and only
 * what was wrong (rate_give): many people behind one address may sign in, one may not guess. The exception is what
 * somebody signed in tries of his own, such as his own password (a row with ROUTE_DATA_OWN): that counts for his
 * session, once that is known (web/page_rate.c asks for the key of a page).
 *
 * The classes are the table rate_classes.h.
 */
#ifndef HTTP_RATE_H
#define HTTP_RATE_H
#include "http/route.h"

enum { RATE_WAYS = 8, RATE_SETS = 8192 }; /* 65,536 buckets, and as many for sessions: 2 MiB */
struct rate;
/* Lives in `a`; NULL on overflow. Seeded from os_random, so that keys cannot be chosen to collide. */
struct rate *rate_new(struct arena *a);
/* True: go on. False: answer 429 with Retry-After `*retry_s`. Any thread; never waits long. */
bool rate_take(struct rate *r, enum route_rate class, struct str key, int64_t now_ns, unsigned *retry_s);
/* Takes one take back, as if it had not been. */
void rate_give(struct rate *r, enum route_rate class, struct str key, int64_t now_ns);
/* How near its burst any key came since the start, in requests. */
void rate_use(struct rate *r, enum route_rate class, struct bound_seen *ret);
/* A session proved true, or does not any more. Forgotten by itself after an hour without another rate_know. */
void rate_know(struct rate *r, struct str session, int64_t now_ns);
void rate_forget(struct rate *r, struct str session);
/* The key under which a request counts: `session` (may be empty) or `peer`. Borrowed. */
struct str rate_key(struct rate *r, enum route_rate class, struct str session, struct str peer, int64_t now_ns);
/* The key of a peer: the address, for IPv6 its /64 network, since a subscriber has that many addresses. Borrowed or in
 * `a`. */
struct str rate_peer(struct arena *a, struct str address);
#endif
