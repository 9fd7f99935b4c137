/* limits: what this server keeps to, and how near it came since it began: one table (app/limits.c),
 * which takes in those that stand elsewhere (http/limits.h, http/rate_classes.h). Page I12 is made
 * from it.
 *
 * TO ADD A LIMIT: 1. a row of `kept` in app/limits.c, with who tells its use; 2. who keeps it judges
 * by bound_within (base/bound.h); 3. English.
 */
#ifndef WEB_LIMITS_H
#define WEB_LIMITS_H
#include "web/page.h"

enum { LIMITS_MAX = 64 };
enum limit_unit { LIMIT_COUNT, LIMIT_BYTES, LIMIT_SECONDS };
enum limit_area {
    LIMIT_REQUESTS,
    LIMIT_RATES,
    LIMIT_STORE,
    LIMIT_PROCESSES,
    LIMIT_PAGES,
    LIMIT_AREAS
};
struct limit {
    const char *id;
    enum limit_area area;
    enum limit_unit unit;
    struct str title, what; /* Chinese */
    bool counted;           /* is seen.peak known; and seen.over? */
    bool refuses;
    struct bound_seen seen;
};
/* All of them, in the table's order; how many. Reads memory, stops nobody. */
size_t page_limits(const struct page *p, struct limit all[LIMITS_MAX]);
#endif
