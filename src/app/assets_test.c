/* What is embedded of the assets: a script is served squeezed and within its budget, and packed it is the same bytes. That it is the same
 * program: tools/gen_squeeze_test.c, tests/browser/uploads.mjs. */
#include "app/generated.h"
#include "base/arena.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { SCRIPT_BYTES_MAX = 5 * 1024 };

static struct arena a;

static const struct embedded *find(struct str path) {
    for (size_t i = 0; i < n_embedded; i++)
        if (str_eq(embedded[i].path, path)) return &embedded[i];
    return NULL;
}

/* RFC 1952, 2.3.1: the last four bytes are the length of what was packed. */
static size_t packed_length(struct str gz) {
    size_t n = 0;
    for (size_t i = 1; i <= 4; i++) n = n << 8 | (unsigned char)gz.ptr[gz.len - i];
    return n;
}

static void test_scripts(void **state) {
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < n_embedded; i++) {
        struct str path = embedded[i].path, bytes = embedded[i].bytes, source;
        struct err e;
        if (!str_starts(path, S("assets/")) || !str_ends(path, S(".js"))) continue;
        assert_int_equal(os_read_file(&a, arena_cstr(&a, path), 1 << 20, &source, &e), 0);
        if (bytes.len > SCRIPT_BYTES_MAX) fail_msg("%s: %zu bytes as it is served", arena_cstr(&a, path), bytes.len);
        assert_true(bytes.len > 100 && bytes.len < source.len);
        assert_true(str_find(bytes, S("/*"), 0) == SIZE_MAX && str_find(source, S("/*"), 0) != SIZE_MAX);
        const struct embedded *gz = find(ARENA_CAT(&a, str_sub(path, sizeof "assets/" - 1, path.len), S(".gz")));
        assert_non_null(gz);
        assert_int_equal(packed_length(gz->bytes), bytes.len);
        n++;
    }
    assert_int_equal(n, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_scripts) };
    arena_init(&a, "test", 1 << 20);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&a);
    return rc;
}
