/* fuzz po: parsing, look-ups and filling. */
#include "data/po.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct po *po = NULL;
    struct str text = str_make((const char *)data, size);
    arena_init(&a, "fuzz", 64 << 20);
    int r = po_parse(&a, S("fuzz.po"), text, &po, NULL);
    if ((r < 0) != (po == NULL)) abort();
    struct val *args = val_map(&a);
    val_put_str(&a, args, S("n"), S("3"));
    struct str filled = po_fill(&a, po_get(po, S(""), S("a")), args);
    if (po_has(po, S(""), S("a")) && po_get(po, S(""), S("a")).len == 0) abort();
    (void)po_get_plural(po, S("c"), S("a"), 2);
    (void)filled;
    (void)po_fill(&a, text, args);
    arena_done(&a);
    return 0;
}
