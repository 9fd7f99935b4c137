/* Tests of os: the seeded twin repeats, files are replaced whole or not at all under every single fault, and limits hold. */
#include "os/os.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct arena arena;
    char dir[64], file[96];
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    if (!f) return -1;
    arena_init(&f->arena, "test", 1 << 20);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/os-test-XXXXXX");
    if (!mkdtemp(f->dir)) return -1;
    (void)snprintf(f->file, sizeof f->file, "%s/file", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    for (enum os_call c = 0; c < OS_CALLS; c++) os_fault(c, 0, 0, false);
    os_real();
    struct str *names = NULL;
    size_t n = 0;
    if (os_list_dir(&f->arena, f->dir, &names, &n, NULL) == 0)
        for (size_t i = 0; i < n; i++) {
            char path[192];
            (void)snprintf(path, sizeof path, "%s/%.*s", f->dir, STR_ARG(names[i]));
            if (unlink(path) < 0) (void)rmdir(path);
        }
    (void)rmdir(f->dir);
    arena_done(&f->arena);
    free(f);
    return 0;
}

static void twin_repeats(void **state) {
    (void)state;
    unsigned char a[37], b[37], c[37];
    os_seed(42, 1000);
    assert_int_equal(os_now_ms(), 1000);
    os_random(a, sizeof a);
    int64_t mono = os_mono_ns();
    os_clock_advance(250);
    assert_int_equal(os_now_ms(), 1250);
    assert_int_equal(os_mono_ns() - mono, 250 * 1000000);
    os_clock_set(5); /* the wall clock may be set back; the monotonic one may not */
    assert_int_equal(os_now_ms(), 5);
    assert_int_equal(os_mono_ns() - mono, 250 * 1000000);
    os_seed(42, 1000);
    os_random(b, sizeof b);
    os_seed(43, 1000);
    os_random(c, sizeof c);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
}

static void real_moves(void **state) {
    (void)state;
    unsigned char a[32] = { 0 }, b[32] = { 0 };
    assert_true(os_now_ms() > 1600000000000);
    int64_t then = os_mono_ns();
    assert_true(os_mono_ns() >= then);
    os_random(a, sizeof a);
    os_random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void disk_is_read(void **state) {
    struct fixture *f = *state;
    struct err e = { 0 };
    uint64_t left = 0, all = 0;
    assert_int_equal(os_disk(f->dir, &left, &all, &e), 0);
    assert_true(all > 0 && left <= all);
    assert_int_equal(os_disk("/no/such/place", &left, &all, &e), ERR_NOT_FOUND);
}

static void file_round_trip(void **state) {
    struct fixture *f = *state;
    struct str got;
    struct err e;
    assert_int_equal(os_read_file(&f->arena, f->file, 100, &got, &e), ERR_NOT_FOUND);
    assert_int_equal(os_write_file(f->file, S("one\0two"), &e), 0);
    assert_int_equal(os_read_file(&f->arena, f->file, 7, &got, &e), 0);
    assert_true(str_eq(got, S("one\0two")));
    assert_int_equal(os_read_file(&f->arena, f->file, 6, &got, &e), ERR_LIMIT);
    assert_int_equal(os_write_file(f->file, S(""), &e), 0);
    assert_int_equal(os_read_file(&f->arena, f->file, 0, &got, &e), 0);
    assert_int_equal(got.len, 0);
    assert_int_equal(os_read_file(&f->arena, f->dir, 100, &got, &e), ERR_IO);
    assert_int_equal(os_read_file(&f->arena, "/proc/self/status", 1 << 16, &got, &e), 0);
    assert_true(got.len > 100);
    struct stat st;
    assert_int_equal(stat(f->file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* Every single fault at every call: the file holds all of the old or all of the new, and nothing lies beside it. */
static void write_is_whole_or_nothing(void **state) {
    struct fixture *f = *state;
    static const enum os_call calls[] = { OS_OPEN, OS_WRITE, OS_FSYNC, OS_RENAME };
    for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
        for (unsigned k = 1; k <= 3; k++) {
            struct err e = { 0 };
            struct str got, *names;
            size_t n;
            assert_int_equal(os_write_file(f->file, S("old"), NULL), 0);
            os_fault(calls[c], k, k == 2 ? ENOSPC : EIO, false);
            int r = os_write_file(f->file, S("new"), &e);
            os_fault(calls[c], 0, 0, false);
            if (r) assert_int_equal(r, k == 2 ? ERR_SPACE : ERR_IO);
            if (r) assert_string_equal(e.field, f->file);
            assert_true(k == 1 ? r < 0 : k == 3 ? r == 0 : true);
            assert_int_equal(os_read_file(&f->arena, f->file, 10, &got, &e), 0);
            /* a failure after the rename (fsync of the directory) may leave the new one */
            assert_true(str_eq(got, S("new")) || (r < 0 && str_eq(got, S("old"))));
            assert_int_equal(os_list_dir(&f->arena, f->dir, &names, &n, &e), 0);
            assert_int_equal(n, 1);
        }
}

static void faults_count_and_stay(void **state) {
    struct fixture *f = *state;
    struct str got;
    assert_int_equal(os_write_file(f->file, S("x"), NULL), 0);
    os_fault(OS_READ, 1, EIO, true);
    assert_int_equal(os_read_file(&f->arena, f->file, 10, &got, NULL), ERR_IO);
    assert_int_equal(os_read_file(&f->arena, f->file, 10, &got, NULL), ERR_IO);
    os_fault(OS_READ, 0, 0, false);
    assert_int_equal(os_read_file(&f->arena, f->file, 10, &got, NULL), 0);
    os_fault(OS_UNLINK, 1, EACCES, false);
    assert_int_equal(os_unlink(f->file, NULL), ERR_IO);
    assert_int_equal(os_unlink(f->file, NULL), 0);
    assert_int_equal(os_unlink(f->file, NULL), ERR_NOT_FOUND);
}

static void directories(void **state) {
    struct fixture *f = *state;
    char path[160];
    struct str *names;
    size_t n;
    struct err e;
    (void)snprintf(path, sizeof path, "%s/b", f->dir);
    assert_int_equal(os_mkdir(path, &e), 0);
    assert_int_equal(os_mkdir(path, &e), 0);
    assert_int_equal(os_kind(path), OS_DIR);
    (void)snprintf(path, sizeof path, "%s/a", f->dir);
    assert_int_equal(symlink("b", path), 0);
    assert_int_equal(os_kind(path), OS_OTHER);
    assert_int_equal(os_write_file(f->file, S("1"), &e), 0);
    assert_int_equal(os_kind(f->file), OS_FILE);
    assert_int_equal(os_list_dir(&f->arena, f->dir, &names, &n, &e), 0);
    assert_int_equal(n, 3);
    assert_true(str_eq(names[0], S("a")) && str_eq(names[1], S("b")) && str_eq(names[2], S("file")));
    assert_int_equal(os_mkdir(f->file, &e), ERR_IO); /* a file is in the way */
    (void)snprintf(path, sizeof path, "%s/none", f->dir);
    assert_int_equal(os_kind(path), OS_NONE);
    assert_int_equal(os_list_dir(&f->arena, path, &names, &n, &e), ERR_NOT_FOUND);
}

static void small_arena_is_an_error(void **state) {
    struct fixture *f = *state;
    struct arena small;
    struct str got, *names;
    size_t n;
    arena_init(&small, "small", 2);
    assert_int_equal(os_write_file(f->file, S("four"), NULL), 0);
    assert_int_equal(os_read_file(&small, f->file, 10, &got, NULL), ERR_MEMORY);
    arena_reset(&small);
    assert_int_equal(os_list_dir(&small, f->dir, &names, &n, NULL), ERR_MEMORY);
    arena_done(&small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(twin_repeats, setup, teardown),
        cmocka_unit_test_setup_teardown(real_moves, setup, teardown),
        cmocka_unit_test_setup_teardown(disk_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(file_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(write_is_whole_or_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(faults_count_and_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(directories, setup, teardown),
        cmocka_unit_test_setup_teardown(small_arena_is_an_error, setup, teardown),
    };
    return cmocka_run_group_tests_name("os", tests, NULL, NULL);
}
