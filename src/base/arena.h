/* arena: memory that is given back all at once. Each arena has a name (for logs), a lifetime that its owner states (process,
 * connection, request or job, scratch) and a limit in bytes.
 *
 * Invariants
 *  1. Memory handed out is zeroed and aligned for any type, and stays valid until arena_reset or arena_done.
 *  2. What would pass the limit, or what the system refuses, gives NULL and sets `overflow`, which stays set until reset;
 *     after an overflow every further call gives NULL. Text and buffer helpers accept NULL, so that a page or a job tests
 *     `arena_overflowed` once at its end; who asks for a struct tests the pointer.
 *  3. arena_reset wipes what was handed out (residual data), keeps the first block, frees the rest.
 *  4. One thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena_block;

struct arena {
    const char *name;
    struct arena_block *first, *current;
    size_t used_bytes, limit_bytes;
    bool overflow;
};

/* Caller's memory; takes no memory yet. `name` is borrowed for the arena's life. */
void arena_init(struct arena *a, const char *name, size_t limit_bytes);
/* Frees all. Accepts an arena of zero bytes. */
void arena_done(struct arena *a);
void arena_reset(struct arena *a);
bool arena_overflowed(const struct arena *a);

/* `size` zeroed bytes, or NULL (invariant 2). */
void *arena_alloc(struct arena *a, size_t size);
/* n * size with the multiplication checked. */
void *arena_array(struct arena *a, size_t n, size_t size);
#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))

/* A copy of `s`, with a NUL behind it that does not count. The empty str on overflow. */
struct str arena_str(struct arena *a, struct str s);
/* NUL-terminated copy for libraries that need one; NULL on overflow or if `s` holds a NUL byte. */
char *arena_cstr(struct arena *a, struct str s);
/* printf into the arena. The format is ours, never a caller's. */
struct str arena_fmt(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The number in decimal: for the many small texts of a page, an eighth of the cost of arena_fmt. */
struct str arena_i64(struct arena *a, int64_t v);
/* The pieces joined. */
struct str arena_cat(struct arena *a, const struct str *pieces, size_t n);
#define ARENA_CAT(a, ...) \
    arena_cat((a), (const struct str[]){ __VA_ARGS__ }, sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))

#endif
