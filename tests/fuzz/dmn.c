/* Fuzz target: a decision model from anywhere, in both modes; every decision of what compiles is decided and
 * checked. */
#include "engine/rule/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (int mode = 0; mode < 2; mode++) {
        struct arena a, scratch;
        struct model *m;
        struct err e;
        arena_init(&a, "fuzz", 16 << 20);
        arena_init(&scratch, "fuzz run", 8 << 20);
        struct dmn_source source = { S("fuzz.dmn"), str_make((const char *)data, size) };
        if (dmn_compile(&a, source, NULL, 0, (enum dmn_mode)mode, &m, &e) == 0) {
            struct val *all = dmn_elements(m, &a), *result, *explain;
            for (size_t i = 0; i < val_count(all) && i < 16; i++) {
                (void)dmn_decide(m, val_get_str(val_item(all, i), S("name")), NULL, &scratch, &result, &explain, &e);
                arena_reset(&scratch);
            }
            (void)dmn_check(m, &scratch, &result, &e);
        }
        arena_done(&scratch);
        arena_done(&a);
    }
    return 0;
}
