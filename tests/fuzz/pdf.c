/* fuzz pdf: any bytes as a PDF to be described, signed and searched for a signature. What is prepared must
 * hold the input unchanged at its head, and its two parts and the hole must be the whole file.
 */
#include "data/pdf.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static const struct str alt[] = { S_INIT("a"), S_INIT("b") };
    struct arena a;
    struct str in = str_make((const char *)bytes, n), out, part[2], cms;
    struct pdf_hole h;
    struct err e;
    arena_init(&a, "fuzz", 64u << 20);
    for (size_t figures = 0; figures <= 2; figures++) {
        const struct pdf_meta m = { S("t"), S("zh-CN"), S("c"), S("2026-11-21T15:40:00Z"), alt, figures };
        if (pdf_describe(&a, in, &m, &out, &e) == 0) assert(str_starts(out, in));
        arena_reset(&a);
    }
    const struct pdf_signature s = { S("n"), S("r"), S("l"), S("2026-11-21T15:40:00Z") };
    if (pdf_prepare_signature(&a, in, &s, &h, &e) == 0) {
        assert(str_starts(h.bytes, in));
        assert(h.part[0].len + h.hole_len + 2 + h.part[1].len == h.bytes.len);
        assert(pdf_insert_signature(&h, S("\x30\x01x"), &e) == 0);
    }
    (void)pdf_signature_find(&a, in, part, &cms, &e);
    arena_done(&a);
    return 0;
}
