/* arena: see arena.h. A list of blocks, each twice the last up to 1 MiB; a large request gets a block of its own. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_FIRST_BYTES = 16 * 1024, BLOCK_MOST_BYTES = 1024 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    max_align_t data[];
};

void arena_init(struct arena *a, const char *name, size_t limit_bytes) {
    *a = (struct arena){ .name = name, .limit_bytes = limit_bytes };
}

static void free_from(struct arena_block *b) {
    while (b) {
        struct arena_block *next = b->next;
        explicit_bzero(b->data, b->used);
        free(b);
        b = next;
    }
}

void arena_done(struct arena *a) {
    free_from(a->first);
    a->first = a->current = NULL;
    a->used_bytes = 0;
}

void arena_reset(struct arena *a) {
    if (a->first) {
        free_from(a->first->next);
        a->first->next = NULL;
        explicit_bzero(a->first->data, a->first->used);
        a->first->used = 0;
    }
    a->current = a->first;
    a->used_bytes = 0;
    a->overflow = false;
}

bool arena_overflowed(const struct arena *a) {
    return a->overflow;
}

static struct arena_block *grow(struct arena *a, size_t need) {
    size_t size = a->current ? a->current->size * 2 : BLOCK_FIRST_BYTES;
    if (size > BLOCK_MOST_BYTES) size = BLOCK_MOST_BYTES;
    if (size < need) size = need;
    struct arena_block *b = malloc(sizeof *b + size);
    if (!b) return NULL;
    b->next = NULL;
    b->size = size;
    b->used = 0;
    if (a->current) a->current->next = b;
    else a->first = b;
    a->current = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t size) {
    const size_t align = sizeof(max_align_t);
    size_t need;
    if (a->overflow) return NULL;
    if (__builtin_add_overflow(size ? size : 1, align - 1, &need)) goto over;
    need -= need % align;
    if (need > a->limit_bytes - a->used_bytes) goto over;
    struct arena_block *b = a->current;
    if (!b || b->size - b->used < need) b = grow(a, need);
    if (!b) goto over;
    void *p = (char *)b->data + b->used;
    b->used += need;
    a->used_bytes += need;
    memset(p, 0, need);
    return p;
over:
    a->overflow = true;
    return NULL;
}

void *arena_array(struct arena *a, size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        a->overflow = true;
        return NULL;
    }
    return arena_alloc(a, bytes);
}

struct str arena_str(struct arena *a, struct str s) {
    return arena_cat(a, &s, 1);
}

char *arena_cstr(struct arena *a, struct str s) {
    if (s.len && memchr(s.ptr, 0, s.len)) return NULL;
    char *p = arena_alloc(a, s.len + 1);
    if (p && s.len) memcpy(p, s.ptr, s.len);
    return p;
}

struct str arena_fmt(struct arena *a, const char *format, ...) {
    char near[256]; /* what most texts fit in, so that they are formatted once */
    va_list args;
    va_start(args, format);
    int n = vsnprintf(near, sizeof near, format, args);
    va_end(args);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (!p) return (struct str){ NULL, 0 };
    if ((size_t)n < sizeof near) {
        memcpy(p, near, (size_t)n + 1);
    } else {
        va_start(args, format);
        (void)vsnprintf(p, (size_t)n + 1, format, args);
        va_end(args);
    }
    return (struct str){ p, (size_t)n };
}

struct str arena_i64(struct arena *a, int64_t v) {
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do digits[--at] = (char)('0' + rest % 10), rest /= 10;
    while (rest);
    if (v < 0) digits[--at] = '-';
    return arena_str(a, str_make(digits + at, sizeof digits - at));
}

struct str arena_cat(struct arena *a, const struct str *pieces, size_t n) {
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        if (__builtin_add_overflow(len, pieces[i].len, &len)) return (struct str){ NULL, 0 };
    char *p = len == SIZE_MAX ? NULL : arena_alloc(a, len + 1);
    if (!p) return (struct str){ NULL, 0 };
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (pieces[i].len) memcpy(p + at, pieces[i].ptr, pieces[i].len);
        at += pieces[i].len;
    }
    return (struct str){ p, len };
}
