/* parent: starts the roles, connects each to the hub, starts again what ends, and stops all in order. It has no network and reads no
 * data; what it knows is the table of roles and its arguments.
 *
 * States of a role, and the function for each edge:
 *   down -> up      start          at first, and when its pause is over
 *   up -> ready     hear           it said so
 *   up -> down      lost           its control socket closed: reaped, next start after a pause (100 ms, doubled up to 10 s, and
 *                                  back to 100 ms once it has lived for a minute)
 *   any -> stopped  stop, lost     told to, or killed when the time to drain is over
 * A role that ends before it was ever ready stops the whole: a wrong configuration must be seen, not retried.
 */
#ifndef PROC_PARENT_PARENT_H
#define PROC_PARENT_PARENT_H

#include "proc/role.h"

struct parent_config {
    const struct role *roles; /* one of them the hub */
    size_t n;
    const char *const *arg;   /* "key=value" for every role; "data=DIR" is also read here, to give folders to their uids */
    size_t n_arg;
    bool single;
    int64_t drain_ms;         /* for the hub to finish what is under way; 0: 20 s */
    int64_t pause_ms;         /* the first pause before a restart; 0: 100 ms */
};
/* Runs until SIGTERM, SIGINT, or the hub ends with 0. Returns the exit code of the program. */
int parent_run(const struct parent_config *c);

#endif
