/* password: Argon2id (RFC 9106) in the PHC string form. Three passes over 64 MiB, one lane, 16-byte salt, 32-byte
 * tag: section 4 of the RFC's second choice with one lane instead of four, because the pool runs several at once.
 * About 100 ms: never on an HTTP thread.
 * Invariant: verification refuses parameters above our own bounds, so that a damaged row cannot ask for gigabytes.
 */
#include "crypto/crypto.h"
#include "os/os.h"

#include <argon2.h>

enum {
    PASSES = 3,
    MEMORY_KIB = 65536,
    LANES = 1,
    SALT_BYTES = 16,
    TAG_BYTES = 32,
    PASSWORD_BYTES_MAX = 1024,
    ENCODED_MAX = 200
};
enum { MEMORY_KIB_MAX = 262144, PASSES_MAX = 10, LANES_MAX = 8 };

int password_hash(struct arena *a, struct str password, struct str *ret, struct err *e) {
    uint8_t salt[SALT_BYTES];
    if (password.len == 0) return err_set(e, ERR_REQUIRED, "密码");
    if (password.len > PASSWORD_BYTES_MAX) return err_set(e, ERR_TOO_LONG, "%d", PASSWORD_BYTES_MAX);
    char *out = arena_alloc(a, ENCODED_MAX);
    if (!out) return err_set(e, ERR_MEMORY, "password");
    os_random(salt, sizeof salt);
    int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password.ptr, password.len, salt, sizeof salt,
                                   TAG_BYTES, out, ENCODED_MAX);
    if (rc != ARGON2_OK) return err_set(e, ERR_MEMORY, "password: %s", argon2_error_message(rc));
    *ret = str_of(out);
    return 0;
}

struct str password_dummy(struct arena *a) {
    /* Salt and tag of zero bits in base64 without padding: 22 and 43 letters A. */
    static const char zeros[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    return arena_fmt(a, "$argon2id$v=19$m=%d,t=%d,p=%d$%.22s$%.43s", MEMORY_KIB, PASSES, LANES, zeros, zeros);
}

/* "m=65536" of "m=65536,t=3,p=1": the number behind `name`, at most `max`. */
static bool bounded(struct str *params, struct str name, uint64_t max) {
    struct str one;
    uint64_t v;
    if (!str_cut(params, ',', &one) || !str_starts(one, name)) return false;
    return str_to_u64(str_sub(one, name.len, SIZE_MAX), &v) && v > 0 && v <= max;
}

bool password_verify(struct str encoded, struct str password) {
    char text[ENCODED_MAX];
    struct str rest = encoded, piece;
    if (encoded.len == 0 || encoded.len >= sizeof text || password.len == 0 || password.len > PASSWORD_BYTES_MAX)
        return false;
    if (!str_starts(encoded, S("$argon2id$v=19$"))) return false;
    for (int i = 0; i < 4; i++)
        if (!str_cut(&rest, '$', &piece)) return false;
    if (!bounded(&piece, S("m="), MEMORY_KIB_MAX) || !bounded(&piece, S("t="), PASSES_MAX) ||
        !bounded(&piece, S("p="), LANES_MAX))
        return false;
    for (size_t i = 0; i < encoded.len; i++) {
        if (encoded.ptr[i] == 0) return false;
        text[i] = encoded.ptr[i];
    }
    text[encoded.len] = 0;
    return argon2id_verify(text, password.ptr, password.len) == ARGON2_OK;
}
