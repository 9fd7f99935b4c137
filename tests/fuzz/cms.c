/* fuzz: any bytes as a CMS signature. The verifier must refuse or accept, never read outside or leak; the first bytes
 * choose the suite. */
#include "crypto/crypto.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static struct arena lasting;
    static struct str root[2];
    struct digest d = { { 0 } };
    struct err e;
    if (!lasting.name) {
        arena_init(&lasting, "fuzz", 1 << 20);
        for (int i = 0; i < 2; i++) {
            struct sign_key *k;
            assert(sign_key_new(i ? SUITE_GM : SUITE_INTL, &k, &e) == 0);
            assert(cert_root(&lasting, k, S("fuzz"), 1790000000000, &root[i], &e) == 0);
            sign_key_free(k);
        }
    }
    if (n == 0) return 0;
    assert(cms_verify(str_make((const char *)bytes + 1, n - 1), root[bytes[0] & 1], &d, &e) == ERR_DAMAGED);
    (void)cms_verify(root[0], str_make((const char *)bytes, n), &d, &e);
    return 0;
}
