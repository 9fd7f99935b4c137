/* fuzz yaml: what is accepted is sayable in JSON and comes back equal. */
#include "data/yaml.h"

#include "data/json.h"
#include "data/write.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct val *v = NULL, *back = NULL;
    struct err e = { 0 };
    struct buf b;
    arena_init(&a, "fuzz", 64 << 20);
    int r = yaml_parse(&a, S("fuzz.yaml"), str_make((const char *)data, size), &v, &e);
    if (r == 0) {
        buf_init(&b, &a, 256, 16 << 20);
        write_json(&b, v);
        if (json_parse(&a, buf_str(&b), 300000, &back, &e) < 0 || !val_equal(v, back)) abort();
    } else if (v || e.code != r) abort();
    arena_done(&a);
    return 0;
}
