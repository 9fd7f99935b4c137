/* fuzz cookie: what is read has no octet that could end a field or an attribute, and can be set again. */
#include "http/cookie.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static struct arena a;
    struct http_field f[HTTP_COOKIES_MAX];
    struct http_req r = { .arena = &a };
    size_t found = 0;
    if (!a.name) arena_init(&a, "fuzz", 4 << 20);
    arena_reset(&a);
    http_cookie_parse(str_make((const char *)bytes, n), f, &found);
    assert(found <= HTTP_COOKIES_MAX);
    for (size_t i = 0; i < found; i++) {
        for (size_t k = 0; k < f[i].value.len; k++)
            assert((unsigned char)f[i].value.ptr[k] > 0x20 && f[i].value.ptr[k] != ';');
        assert(http_cookie_set(&r, f[i].name, f[i].value, -1).len || arena_overflowed(&a));
    }
    return 0;
}
