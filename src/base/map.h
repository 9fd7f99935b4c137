/* map: text keys to pointers, in an arena, kept in the order of first insertion. For tables built once and read often
 * (compiled releases, catalogues). Keys are borrowed. Not for keys that an attacker picks in number without a limit.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

struct map_entry {
    struct str key;
    void *value;
};

struct map {
    struct arena *arena;
    struct map_entry *entry; /* [0..n) in insertion order */
    size_t n, cap;
    uint32_t *slot; /* slot_cap places, entry number + 1 or 0 */
    size_t slot_cap;
};

void map_init(struct map *m, struct arena *a);
/* The value, or NULL. */
void *map_find(const struct map *m, struct str key);
/* Adds, or replaces the value; false on overflow of the arena. */
bool map_put(struct map *m, struct str key, void *value);

#endif
