/* limits: the bounds of limits.h: their defaults, and each judged and counted by one function. Invariant: what is counted is what was
 * judged; a server's own are `limits.use`, so that nothing is shared between two.
 */
#include "http/server.h"

void http_limits_default(struct http_limits *l) {
#define HTTP_LIMIT(name, value, unit, counted, title, what)                                        \
    if (l->name == 0) l->name = value;
#include "http/limits.h"
#undef HTTP_LIMIT
}

static uint64_t most(const struct http_limits *l, enum http_bound bound) {
    switch (bound) {
#define HTTP_LIMIT(name, value, unit, counted, title, what)                                        \
    case HTTP_BOUND_##name:                                                                        \
        return l->name;
#include "http/limits.h"
#undef HTTP_LIMIT
    case HTTP_BOUNDS: break;
    }
    return 0;
}

bool http_within(const struct http_limits *l, enum http_bound bound, uint64_t n) {
    return l->use ? bound_within(&l->use[bound], n, most(l, bound)) : n <= most(l, bound);
}

void http_use(const struct http_server *s, enum http_bound bound, struct bound_seen *ret) {
    int64_t now = bound == HTTP_BOUND_connections ? (int64_t)atomic_load(&s->connections_open) : -1;
    bound_read(&s->limits.use[bound], most(&s->limits, bound), now, ret);
}
