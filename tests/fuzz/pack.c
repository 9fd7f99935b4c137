/* fuzz pack: what is accepted is exactly what our own writer writes, byte for byte. */
#include "data/pack.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct buf b;
    struct val *v = NULL;
    struct err e = { 0 };
    struct str bytes = str_make((const char *)data, size);
    arena_init(&a, "fuzz", 64 << 20);
    int r = unpack_val(&a, bytes, &v, &e);
    if (r == 0) {
        buf_init(&b, &a, 256, 16 << 20);
        pack_val(&b, v);
        if (!buf_ok(&b) || !str_eq(buf_str(&b), bytes)) abort();
    }
    if (r < 0 && (v || e.code != r)) abort();
    arena_done(&a);
    return 0;
}
