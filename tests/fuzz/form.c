/* fuzz form: what is accepted is valid UTF-8 without controls, within the limits, and written out again reads back the
 * same; as a body, values are valid UTF-8 whatever was sent. */
#include "data/write.h"
#include "http/form.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static struct arena a;
    struct http_limits l = { 0 };
    struct http_field *f, *g;
    size_t n_f, n_g;
    struct buf b;
    if (!a.name) arena_init(&a, "fuzz", 16 << 20);
    arena_reset(&a);
    http_limits_default(&l);
    if (http_form_parse(&a, str_make((const char *)bytes, n), &l, true, &f, &n_f) == 0)
        for (size_t i = 0; i < n_f; i++)
            assert(str_utf8_valid(f[i].value) && !(f[i].value.len && memchr(f[i].value.ptr, 0, f[i].value.len)));
    if (http_form_parse(&a, str_make((const char *)bytes, n), &l, false, &f, &n_f)) return 0;
    buf_init(&b, &a, n + 64, 8 << 20);
    for (size_t i = 0; i < n_f; i++) {
        assert(str_utf8_valid(f[i].name) && str_utf8_valid(f[i].value) && f[i].value.len <= l.form_field_bytes);
        if (i) buf_add_char(&b, '&');
        write_url_component(&b, f[i].name);
        buf_add_char(&b, '=');
        write_url_component(&b, f[i].value);
    }
    assert(buf_ok(&b) && http_form_parse(&a, buf_str(&b), &l, false, &g, &n_g) == 0 && n_f == n_g);
    for (size_t i = 0; i < n_f; i++) assert(str_eq(f[i].name, g[i].name) && str_eq(f[i].value, g[i].value));
    return 0;
}
