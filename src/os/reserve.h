/* reserve: memory for what cannot go without, when there is no other: some blocks that are the process's from its start. For libraries
 * whose failure in the middle nobody could answer for: a hash that is not made. What asks needs little at a time and gives it back soon.
 *
 * Invariants
 *  1. A block is handed out only when malloc has none, and comes back by reserve_free or reserve_realloc.
 *  2. NULL only when malloc has none and no block is left, or more is asked for than a block holds.
 */
#ifndef OS_RESERVE_H
#define OS_RESERVE_H

#include <stddef.h>

enum { RESERVE_BLOCK_BYTES = 4096, RESERVE_BLOCKS = 256 };

void *reserve_malloc(size_t size);
void *reserve_realloc(void *p, size_t size);
void reserve_free(void *p);

#endif
