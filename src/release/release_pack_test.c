/* release_pack: a folder comes back byte for byte; cut, doubled, unsorted, foreign and too many files are refused. */
#include "base/buf.h"
#include "release/release.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct str packed(struct arena *a, const struct release_file *f, size_t n) {
    struct buf b;
    struct release_file list[8];
    memcpy(list, f, n * sizeof *f);
    buf_init(&b, a, 4096, RELEASE_PACKED_BYTES_MAX);
    assert_int_equal(release_pack(&(struct release_files){ list, n }, &b, NULL), 0);
    return buf_str(&b);
}

static void test_a_folder_comes_back(void **state) {
    (void)state;
    struct arena a;
    struct release_files in, out;
    struct buf b;
    arena_init(&a, "test", 64 << 20);
    assert_int_equal(release_read_dir(&a, "systems/approval/restaurant", &in, NULL), 0);
    buf_init(&b, &a, 65536, RELEASE_PACKED_BYTES_MAX);
    assert_int_equal(release_pack(&in, &b, NULL), 0);
    assert_int_equal(release_unpack(&a, buf_str(&b), &out, NULL), 0);
    assert_int_equal(out.n, in.n);
    for (size_t i = 0; i < in.n; i++) {
        assert_true(str_eq(out.file[i].path, in.file[i].path));
        assert_true(str_eq(out.file[i].bytes, in.file[i].bytes));
    }
    for (size_t cut = 0; cut < buf_str(&b).len; cut += 97) /* never less than the whole */
        assert_int_not_equal(release_unpack(&a, str_sub(buf_str(&b), 0, cut), &out, NULL), 0);
    assert_int_equal(release_unpack(&a, ARENA_CAT(&a, buf_str(&b), S("x")), &out, NULL), ERR_SYNTAX);
    arena_done(&a);
}

static void test_what_no_folder_holds(void **state) {
    (void)state;
    struct arena a;
    struct release_files out;
    arena_init(&a, "test", 64 << 20);
    const struct release_file ok = { S_INIT("access.yaml"), S_INIT("a: 1") }, about = { S_INIT("system.yaml"), S_INIT("id: x") };
    const struct release_file both[] = { ok, about }, turned[] = { about, ok }, twice[] = { ok, ok };
    assert_int_equal(release_unpack(&a, packed(&a, both, 2), &out, NULL), 0);
    assert_int_equal(release_unpack(&a, packed(&a, turned, 2), &out, NULL), ERR_SYNTAX);
    assert_int_equal(release_unpack(&a, packed(&a, twice, 2), &out, NULL), ERR_SYNTAX);
    static const char *const foreign[] = { "../system.yaml", "forms/../x.yaml", "/etc/passwd", "forms/a\nb.yaml", "run.sh", "",
                                           "forms/开.yaml" };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        const struct release_file f = { str_of(foreign[i]), S_INIT("x") };
        assert_int_equal(release_unpack(&a, packed(&a, &f, 1), &out, NULL), ERR_SYSTEM);
    }
    assert_int_equal(release_unpack(&a, S("\0\0\0\0"), &out, NULL), ERR_LIMIT);
    assert_int_equal(release_unpack(&a, S("\0\0\xff\xff"), &out, NULL), ERR_LIMIT);
    assert_int_equal(release_unpack(&a, S("\0\0\0\1\xff\xff\xff\xff\0\0\0\0"), &out, NULL), ERR_SYNTAX);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_folder_comes_back), cmocka_unit_test(test_what_no_folder_holds) };
    return cmocka_run_group_tests_name("release pack", tests, NULL, NULL);
}
