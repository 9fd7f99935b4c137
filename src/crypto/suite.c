/* suite: the algorithms of both suites as OpenSSL holds them, looked up by name once: an algorithm that is named anew with each use is
 * searched for each time, under a lock that all threads share.
 * Invariant: what is kept here is made once, before its first use, and never changes.
 */
#include "crypto/suite.h"

#include <pthread.h>

struct algorithms {
    EVP_MD *sha256, *sm3;
    EVP_CIPHER *aes_256_gcm, *sm4_ctr;
};

static struct algorithms *kept(void) {
    static struct algorithms all;
    return &all;
}

static void look_up(void) {
    *kept() = (struct algorithms){ .sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL),
                                   .sm3 = EVP_MD_fetch(NULL, "SM3", NULL),
                                   .aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL),
                                   .sm4_ctr = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL) };
    CRYPTO_MUST(kept()->sha256 && kept()->sm3 && kept()->aes_256_gcm && kept()->sm4_ctr);
}

static const struct algorithms *algorithms(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    CRYPTO_MUST(pthread_once(&once, look_up) == 0);
    return kept();
}

const EVP_MD *suite_md(enum suite s) {
    return s == SUITE_GM ? algorithms()->sm3 : algorithms()->sha256;
}

const EVP_CIPHER *suite_aes_256_gcm(void) {
    return algorithms()->aes_256_gcm;
}

const EVP_CIPHER *suite_sm4_ctr(void) {
    return algorithms()->sm4_ctr;
}
