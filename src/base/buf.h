/* buf: append-only bytes with a limit given at construction. Overflow (of the limit or of the arena) is sticky: later
 * appends do nothing and buf_ok tells false. Memory is the arena's; growing leaves the old bytes to it, so give a good first
 * size where you know it.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

struct buf {
    struct arena *arena;
    char *ptr;
    size_t len, cap, limit_bytes;
    bool overflow;
};

void buf_init(struct buf *b, struct arena *a, size_t first_bytes, size_t limit_bytes);
void buf_clear(struct buf *b); /* length 0, memory and limit kept, overflow forgotten */
bool buf_ok(const struct buf *b);
struct str buf_str(const struct buf *b); /* borrowed until the next append */

void buf_add(struct buf *b, struct str s);
void buf_add_char(struct buf *b, char c);
void buf_add_u64(struct buf *b, uint64_t v);
void buf_add_i64(struct buf *b, int64_t v);
void buf_add_digits(struct buf *b, uint64_t v, size_t width); /* decimal, with zeros before it up to `width` (at most 24) digits */
void buf_add_hex(struct buf *b, const void *bytes, size_t len); /* lower case */
void buf_add_utf8(struct buf *b, uint32_t code_point);
void buf_add_fmt(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for `len` more bytes to be written by the caller, who then calls buf_grew; NULL on overflow. */
char *buf_room(struct buf *b, size_t len);
void buf_grew(struct buf *b, size_t len);

#endif
