/* grace: memory that many read and one replaces. Who reads enters first and leaves when he is done; what was replaced is retired, and
 * freed once everybody who could have found it has left. Nobody waits for anybody: not the readers, not who retires.
 *
 * Invariants
 *  1. What is retired can no longer be found by who enters afterwards: the caller took it out of sight before.
 *  2. It is freed by grace_free alone, and only when all who had entered before it was retired have left.
 *  3. Whoever entered leaves, once, on whichever thread; an entry kept for long keeps memory for as long, and does no other harm.
 */
#ifndef OS_GRACE_H
#define OS_GRACE_H
#include "base/arena.h"

struct grace;
/* Lives in `a`. NULL: no memory. */
struct grace *grace_new(struct arena *a);
/* Frees what is retired; nobody is inside any more. Accepts NULL. */
void grace_done(struct grace *g);

uint64_t grace_enter(struct grace *g); /* never 0 */
void grace_leave(struct grace *g, uint64_t entered);
/* Takes the arena over. */
void grace_retire(struct grace *g, struct arena *a);
/* Frees what may be freed; how many arenas wait. */
size_t grace_free(struct grace *g);
#endif
