/* fuzz: any bytes as a sealed element. Bytes nobody sealed never open; what is sealed opens to the same bytes. */
#include "crypto/crypto.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct arena a;
    struct err e;
    struct str back, in = str_make((const char *)bytes, n);
    struct data_key key = { { 7 } };
    struct keyring k = { .suite = n & 1 ? SUITE_GM : SUITE_INTL, .key_id = 1 };
    arena_init(&a, "fuzz", 16 << 20);
    assert(seal_open(&a, &k, &key, S("x"), in, &back, &e) != 0);
    assert(seal_key_open(&a, &k, S("x"), in, &key, &e) != 0);
    struct str sealed = seal(&a, &k, &key, in, in);
    assert(seal_open(&a, &k, &key, in, sealed, &back, &e) == 0 && str_eq(back, in));
    if (crypto_base64url_decode(&a, in, &back)) assert(str_eq(crypto_base64url(&a, back), in));
    (void)password_verify(str_sub(in, 0, n < 20 ? n : 20), in); /* too short to be a real encoding: refused at once */
    arena_done(&a);
    return 0;
}
