/* fuzz: any bytes as any request to `keys`. It answers or refuses; a head that was refused does not become
 * signed by other bytes. */
#include "proc/keys/keys.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static struct keys *k;
    static char dir[] = "/tmp/tongban-fuzz-keys-XXXXXX";
    struct err e;
    if (!k) {
        assert(mkdtemp(dir));
        assert(keys_open(dir, SUITE_INTL, &k, &e) == 0);
    }
    if (n == 0) return 0;
    struct arena a;
    arena_init(&a, "fuzz", keys_table.arena_bytes);
    struct ipc_call c = { .arena = &a, .body = str_make((const char *)bytes + 1, n - 1) };
    int rc = keys_answer(k, bytes[0] % 8, &c, &e);
    assert(rc == 0 || (rc < 0 && rc != ERR_DEFECT && rc != ERR_DAMAGED));
    arena_done(&a);
    return 0;
}
