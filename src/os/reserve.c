/* reserve: see reserve.h. The blocks lie in the program's own zeroed memory: a page of them is used up only when it is written to. */
#include "os/reserve.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static _Alignas(64) char block[RESERVE_BLOCKS][RESERVE_BLOCK_BYTES];
static atomic_bool taken[RESERVE_BLOCKS];

static void *take(size_t size) {
    if (size > RESERVE_BLOCK_BYTES) return NULL;
    for (size_t i = 0; i < RESERVE_BLOCKS; i++)
        if (!atomic_exchange(&taken[i], true)) return block[i];
    return NULL;
}

/* Which block it is; RESERVE_BLOCKS: none of ours. */
static size_t index_of(const void *p) {
    uintptr_t at = (uintptr_t)p - (uintptr_t)block;
    return at < sizeof block ? at / RESERVE_BLOCK_BYTES : RESERVE_BLOCKS;
}

void *reserve_malloc(size_t size) {
    void *p = malloc(size);
    return p || !size ? p : take(size);
}

void reserve_free(void *p) {
    size_t i = index_of(p);
    if (i == RESERVE_BLOCKS) {
        free(p);
        return;
    }
    explicit_bzero(block[i], sizeof block[i]);
    atomic_store(&taken[i], false);
}

void *reserve_realloc(void *p, size_t size) {
    if (!p) return reserve_malloc(size);
    if (!size) {
        reserve_free(p);
        return NULL;
    }
    bool ours = index_of(p) < RESERVE_BLOCKS;
    size_t had = ours ? RESERVE_BLOCK_BYTES : malloc_usable_size(p);
    if (ours && size <= RESERVE_BLOCK_BYTES) return p;
    void *to = ours ? malloc(size) : realloc(p, size);
    if (to && !ours) return to;
    if (!to && (to = take(size)) == NULL) return NULL;
    memcpy(to, p, had < size ? had : size); /* it moves between the two */
    reserve_free(p);
    return to;
}
