/* fuzz der: any bytes as DER, as a public key, a signature, a private key, a CA's certificate; and as slips in a private key of ours. What is read as DER has one encoding: written
 * again it is the same bytes. No such bytes verify anything, and no certificate is issued under what is not the key's own.
 */
#include "crypto/suite.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { DEPTH = 16, KEY_SLIPS = 8 };

/* All elements, those within too, without recursion. */
static void walk(struct arena *a, struct str in) {
    struct str rest[DEPTH] = { in }, body, whole;
    uint8_t tag;
    for (size_t depth = 1; depth;) {
        if (!der_next(&rest[depth - 1], &tag, &body, &whole)) {
            depth--;
            continue;
        }
        assert(str_eq(DER(a, tag, body), whole) || arena_overflowed(a));
        if ((tag & 0x20) && depth < DEPTH) rest[depth++] = body;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static struct sign_key *ours;
    static struct str spki, signature, saved;
    static struct arena lasting;
    struct arena a;
    struct err e;
    struct sign_key *k;
    uint8_t raw[SIGNATURE_RAW_BYTES];
    struct str in = str_make((const char *)bytes, n), out;
    if (!ours) {
        arena_init(&lasting, "fuzz", 1 << 20);
        assert(sign_key_new(SUITE_INTL, &ours, &e) == 0);
        spki = sign_key_public(&lasting, ours);
        assert(sign_key_save(&lasting, ours, &saved, &e) == 0);
        assert(sign(&lasting, ours, S("message"), &signature, &e) == 0 && sign_verify(spki, S("message"), signature));
    }
    arena_init(&a, "fuzz", 4 << 20);
    walk(&a, in);
    assert(!sign_verify(in, S("message"), signature) || str_eq(in, spki));
    assert(!sign_verify(spki, S("another"), in));
    if (sign_to_raw(in, raw)) {
        out = sign_from_raw(&a, raw);
        uint8_t again[SIGNATURE_RAW_BYTES];
        assert(sign_to_raw(out, again) && memcmp(raw, again, sizeof raw) == 0);
    }
    char *slipped = arena_alloc(&a, saved.len);
    assert(slipped);
    memcpy(slipped, saved.ptr, saved.len);
    for (size_t i = 0; i + 1 < n && i < KEY_SLIPS * 2; i += 2) slipped[bytes[i] % saved.len] = (char)bytes[i + 1];
    const struct str keys[] = { in, str_make(slipped, saved.len) };
    for (size_t i = 0; i < 2; i++) {
        if (sign_key_load(keys[i], &k, &e) != 0) continue;
        (void)sign(&a, k, S("message"), &out, &e);
        sign_key_free(k);
    }
    assert(cert_issue(&a, ours, in, spki, S("fuzz"), 1790000000000, &out, &e) != 0); /* not ours: the key is new each time */
    arena_done(&a);
    return 0;
}
