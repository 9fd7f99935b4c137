/* fuzz json: what is accepted comes back equal from our own writer, in both forms. */
#include "data/json.h"
#include "data/write.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct val *again(struct arena *a, const struct val *v, bool canonical) {
    struct buf b;
    struct val *back = NULL;
    buf_init(&b, a, 256, 16 << 20);
    if (canonical) write_json_canonical(&b, v);
    else write_json(&b, v);
    if (json_parse(a, buf_str(&b), 100000, &back, NULL) < 0) abort();
    return back;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct val *v = NULL;
    struct err e = { 0 };
    arena_init(&a, "fuzz", 64 << 20);
    int r = json_parse(&a, str_make((const char *)data, size), 0, &v, &e);
    if (r == 0 && (!val_equal(v, again(&a, v, false)) || !val_equal(v, again(&a, v, true)))) abort();
    if (r < 0 && (v || e.code != r)) abort();
    arena_done(&a);
    return 0;
}
