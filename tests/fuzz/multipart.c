/* fuzz multipart: the same body whole, byte by byte, and in pieces of an odd size gives the same answer and the same
 * parts. The first byte chooses the boundary.
 */
#include "http/multipart.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct result {
    int status;
    struct http_field *f;
    struct http_upload *u;
    size_t n_f, n_u;
};

static struct result parse(struct arena *a, struct str type, struct str body, size_t step,
                           const struct http_limits *l) {
    struct result r = { .status = 400 };
    struct multipart *m = multipart_new(a, type, l, NULL);
    if (!m) return r;
    for (size_t i = 0; i < body.len; i += step) (void)multipart_feed(m, str_sub(body, i, step));
    r.status = multipart_end(m, &r.f, &r.n_f, &r.u, &r.n_u);
    multipart_done(m);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static struct arena a;
    static const struct str types[] = { S_INIT("multipart/form-data; boundary=b"),
                                        S_INIT("multipart/form-data; boundary=\"--b\"") };
    struct http_limits l = { .multipart_parts = 8, .upload_bytes = 4096, .form_field_bytes = 1024 };
    if (n == 0 || n > 65536) return 0;
    if (!a.name) arena_init(&a, "fuzz", 16 << 20);
    arena_reset(&a);
    http_limits_default(&l);
    struct str body = str_make((const char *)bytes + 1, n - 1), type = types[bytes[0] & 1];
    static const size_t step[] = { 1, 7, 65536 };
    struct result r[3];
    for (size_t i = 0; i < 3; i++) r[i] = parse(&a, type, body, step[i], &l);
    for (size_t i = 1; i < 3; i++) {
        assert(r[i].status == r[0].status && r[i].n_f == r[0].n_f && r[i].n_u == r[0].n_u);
        for (size_t k = 0; k < r[0].n_f; k++)
            assert(str_eq(r[i].f[k].name, r[0].f[k].name) && str_eq(r[i].f[k].value, r[0].f[k].value));
        for (size_t k = 0; k < r[0].n_u; k++)
            assert(str_eq(r[i].u[k].bytes, r[0].u[k].bytes) && r[0].u[k].bytes.len <= 4096);
    }
    (void)parse(&a, body, body, 65536, &l); /* and as a Content-Type */
    return 0;
}
