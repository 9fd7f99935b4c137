/* keys_wire: the bodies of requests and replies, written and read by the same functions on both sides: numbers
 * big-endian, texts with a two-byte length. Reading past the end, or leaving bytes over, makes the whole message
 * refused.
 */
#ifndef PROC_KEYS_KEYS_WIRE_H
#define PROC_KEYS_KEYS_WIRE_H
#include "base/buf.h"

struct keys_in {
    struct str rest;
    bool bad;
};
void keys_put_u64(struct buf *b, uint64_t v);
void keys_put_bytes(struct buf *b, const void *bytes, size_t len); /* fixed length, none written */
void keys_put_str(struct buf *b, struct str s);                    /* at most 65,535 bytes; more is an overflow */
uint64_t keys_get_u64(struct keys_in *in);
bool keys_get_bytes(struct keys_in *in, void *bytes, size_t len);
struct str keys_get_str(struct keys_in *in); /* borrowed */
bool keys_in_done(const struct keys_in *in); /* all read, nothing amiss */

#endif
