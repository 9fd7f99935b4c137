/* fuzz yaml_write: what was read is written so that it is read as the same, alone and over any
 * other text. */
#include "data/yaml.h"
#include "data/yaml_write.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct val *v, *was, *back;
    struct err e = { 0 };
    struct buf b;
    struct str over, text = str_make((const char *)data, size), old, now;
    arena_init(&a, "fuzz", 64 << 20);
    now = text;
    if (!str_cut(&now, '\f', &old))
        old = S(""); /* no YAML holds a form feed: it parts the two texts */
    if (yaml_parse(&a, S("old"), old, &was, &e) == 0 &&
        yaml_parse(&a, S("new"), now, &v, &e) == 0) {
        buf_init(&b, &a, 256, 16 << 20);
        int rc = yaml_write(&b, v, &e);
        if (rc == 0 &&
            (yaml_parse(&a, S("back"), buf_str(&b), &back, &e) < 0 || !val_equal(v, back)))
            abort();
        if (rc == 0 && (yaml_write_over(&a, old, v, &over, &e) < 0 ||
                        yaml_parse(&a, S("over"), over, &back, &e) < 0 || !val_equal(v, back)))
            abort();
        if (yaml_write_over(&a, old, was, &over, &e) == 0 && !str_eq(over, old) && val_count(was))
            abort();
    }
    arena_done(&a);
    return 0;
}
