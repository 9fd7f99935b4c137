/* memory: OpenSSL's comes from the reserve (os/reserve.h) when there is no other. It asks for some in the middle of each hash, MAC and
 * seal, which cannot fail without leaving what they protect half done, so that CRYPTO_MUST would end the process at every request that
 * comes while memory is short (T06).
 *
 * Invariant: installed before anything else of OpenSSL runs, in every program that holds this file; OpenSSL refuses it later.
 */
#include <openssl/crypto.h>

#include "os/reserve.h"

static void *take(size_t size, const char *file, int line) {
    (void)file, (void)line;
    return reserve_malloc(size);
}

static void *grow(void *p, size_t size, const char *file, int line) {
    (void)file, (void)line;
    return reserve_realloc(p, size);
}

static void give(void *p, const char *file, int line) {
    (void)file, (void)line;
    reserve_free(p);
}

__attribute__((constructor)) static void install(void) {
    (void)CRYPTO_set_mem_functions(take, grow, give);
}
