/* fuzz kept: a file of signed heads, as an auditor brings it: what is read is by rising size, and written it reads the same. None is ours. */
#include "engine/audit/audit_kept.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct arena a;
    struct buf b;
    struct err e;
    struct audit_kept *first = calloc(2, sizeof *first), *again = first + 1;
    assert(first);
    arena_init(&a, "fuzz", 16 << 20);
    buf_init(&b, &a, 1024, 4 << 20);
    if (audit_kept_read(&a, str_make((const char *)bytes, n), first, &e) == 0) {
        for (size_t i = 0; i < first->n; i++) {
            assert(i == 0 || first->head[i - 1].size <= first->head[i].size);
            assert(audit_kept_judge(&first->head[i], (struct home_id){ 1 }, S("no key")) != AUDIT_KEPT_OURS);
            audit_kept_write(&b, &first->head[i]);
        }
        assert(buf_ok(&b) && audit_kept_read(&a, buf_str(&b), again, &e) == 0 && again->n == first->n);
        for (size_t i = 0; i < first->n; i++) assert(again->head[i].size == first->head[i].size && again->head[i].time_ms == first->head[i].time_ms);
    }
    arena_done(&a);
    free(first);
    return 0;
}
