/* fuzz route: any bytes as a target. What the guard lets through is a normal UTF-8 path, and the route tree and the
 * plain rule agree on it; the rest of the guard reads the bytes as header fields.
 */
#include "http/guard.h"
#include "http/route.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct route rows[] = {
    { .id = "1", .method = HTTP_GET, .path = "/" },          { .id = "2", .method = HTTP_GET, .path = "/a/{x}" },
    { .id = "3", .method = HTTP_POST, .path = "/a/b" },      { .id = "4", .method = HTTP_GET, .path = "/{x}/{y}/c" },
    { .id = "5", .method = HTTP_GET, .path = "/a/{x}/{y}" }, { .id = "6", .method = HTTP_PUT, .path = "/{x}" },
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static struct arena a;
    struct route_tree *t;
    struct str path, query, text = str_make((const char *)bytes, n), piece;
    struct http_field field[16];
    size_t n_field = 0;
    uint64_t length;
    if (!a.name) arena_init(&a, "fuzz", 4 << 20);
    arena_reset(&a);
    if (guard_target(&a, text, S("h"), &path, &query) == 0) {
        assert(path.ptr[0] == '/' && str_utf8_valid(path) && !memchr(path.ptr, 0, path.len));
        assert(str_find(path, S("/../"), 0) == SIZE_MAX && !str_ends(path, S("/..")) &&
               str_find(path, S("//"), 0) == SIZE_MAX);
        assert(route_tree_make(&a, rows, sizeof rows / sizeof rows[0], &t, NULL) == 0);
        for (unsigned m = HTTP_GET; m <= HTTP_DELETE; m <<= 1) {
            struct http_req r = { .method = (enum http_method)m, .path = path }, s = r;
            struct route_match x = route_tree_find(t, &r), y = route_find(rows, sizeof rows / sizeof rows[0], &s);
            assert(x.route == y.route && (x.route || x.allowed == y.allowed) && r.n_param == s.n_param);
        }
    }
    while (n_field < 16 && str_cut(&text, '\n', &piece)) {
        size_t colon = str_find_char(piece, ':', 0);
        field[n_field++] = (struct http_field){ str_sub(piece, 0, colon),
                                                str_sub(piece, colon == SIZE_MAX ? piece.len : colon + 1, piece.len) };
    }
    struct str host;
    if (guard_fields(field, n_field, true, &host, &length) == 0)
        assert(host.len && str_find_char(host, '@', 0) == SIZE_MAX);
    return 0;
}
