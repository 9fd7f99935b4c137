/* map: see map.h. Open addressing at most half full; entries beside it so that iteration keeps insertion order. */
#include "base/map.h"

#include <string.h>

void map_init(struct map *m, struct arena *a) {
    *m = (struct map){ .arena = a };
}

static size_t place(const struct map *m, struct str key) {
    size_t i = (size_t)str_hash(key) & (m->slot_cap - 1);
    while (m->slot[i] && !str_eq(m->entry[m->slot[i] - 1].key, key)) i = (i + 1) & (m->slot_cap - 1);
    return i;
}

void *map_find(const struct map *m, struct str key) {
    if (m->n == 0) return NULL;
    uint32_t s = m->slot[place(m, key)];
    return s ? m->entry[s - 1].value : NULL;
}

static bool grow(struct map *m) {
    size_t cap = m->cap ? m->cap * 2 : 8;
    struct map_entry *entry = arena_array(m->arena, cap, sizeof *entry);
    uint32_t *slot = arena_array(m->arena, cap * 2, sizeof *slot);
    if (!entry || !slot) return false;
    if (m->n) memcpy(entry, m->entry, m->n * sizeof *entry);
    m->entry = entry;
    m->cap = cap;
    m->slot = slot;
    m->slot_cap = cap * 2;
    for (size_t i = 0; i < m->n; i++) m->slot[place(m, entry[i].key)] = (uint32_t)i + 1;
    return true;
}

bool map_put(struct map *m, struct str key, void *value) {
    if (m->n == m->cap && !grow(m)) return false;
    size_t i = place(m, key);
    if (m->slot[i]) {
        m->entry[m->slot[i] - 1].value = value;
        return true;
    }
    m->entry[m->n] = (struct map_entry){ key, value };
    m->slot[i] = (uint32_t)++m->n;
    return true;
}
