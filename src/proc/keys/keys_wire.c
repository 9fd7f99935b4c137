/* keys_wire: see keys_wire.h. Invariant: after the first misfit every read gives zeros and `bad` stays. */
#include "proc/keys/keys_wire.h"

#include <string.h>

void keys_put_u64(struct buf *b, uint64_t v) {
    char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (char)(uint8_t)(v >> (56 - 8 * i));
    buf_add(b, str_make(bytes, sizeof bytes));
}

void keys_put_bytes(struct buf *b, const void *bytes, size_t len) {
    buf_add(b, str_make(bytes, len));
}

void keys_put_str(struct buf *b, struct str s) {
    if (s.len > UINT16_MAX) {
        b->overflow = true;
        return;
    }
    buf_add_char(b, (char)(uint8_t)(s.len >> 8));
    buf_add_char(b, (char)(uint8_t)s.len);
    buf_add(b, s);
}

static struct str take(struct keys_in *in, size_t len) {
    if (in->bad || in->rest.len < len) {
        in->bad = true;
        return (struct str){ NULL, 0 };
    }
    struct str s = str_sub(in->rest, 0, len);
    in->rest = str_sub(in->rest, len, SIZE_MAX);
    return s;
}

uint64_t keys_get_u64(struct keys_in *in) {
    struct str s = take(in, 8);
    uint64_t v = 0;
    for (size_t i = 0; i < s.len; i++) v = v << 8 | (uint8_t)s.ptr[i];
    return v;
}

bool keys_get_bytes(struct keys_in *in, void *bytes, size_t len) {
    struct str s = take(in, len);
    if (in->bad) memset(bytes, 0, len);
    else if (len) memcpy(bytes, s.ptr, len);
    return !in->bad;
}

struct str keys_get_str(struct keys_in *in) {
    struct str n = take(in, 2);
    return n.len ? take(in, (size_t)((uint8_t)n.ptr[0] << 8 | (uint8_t)n.ptr[1])) : n;
}

bool keys_in_done(const struct keys_in *in) {
    return !in->bad && in->rest.len == 0;
}
