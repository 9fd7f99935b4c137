/* zip_test: what python3's zipfile reads is what was written, in pieces and with long contents; one
 * byte altered is found by it.
 */
#include "data/zip.h"

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { LONG = 200000 };

extern char **environ;

static char reader[] =
    "import sys,zipfile\n"
    "try:\n"
    " z=zipfile.ZipFile(sys.argv[1])\n"
    " assert z.testzip() is None\n"
    " assert z.namelist()==['a.txt','empty','d/long.bin','名.txt']\n"
    " assert z.read('a.txt')==b'onetwo' and z.read('empty')==b''\n"
    " assert z.read('d/long.bin')==bytes(i*7%251 for i in range(200000))\n"
    " assert z.read('名.txt').decode()=='字'\n"
    "except Exception: sys.exit(7)\n";

/* 0, or 7 where the archive is not as it should be. */
static int read_by_python(struct str bytes) {
    char path[] = "/tmp/tongban-zip-XXXXXX", python[] = "python3", option[] = "-c";
    char *argv[] = { python, option, reader, path, NULL };
    int fd = mkstemp(path), status = 0;
    pid_t pid;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.ptr, bytes.len), (ssize_t)bytes.len);
    (void)close(fd);
    assert_int_equal(posix_spawnp(&pid, python, NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)unlink(path);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_read_by_another(void **state) {
    static char bytes[LONG];
    struct arena a;
    struct buf b;
    struct zip z = { 0 };
    struct err e = { 0 };
    (void)state;
    arena_init(&a, "test", 4 << 20);
    buf_init(&b, &a, 1024, 1 << 20);
    for (int i = 0; i < LONG; i++) bytes[i] = (char)(i * 7 % 251);
    assert_int_equal(zip_file(&z, &b, S("a.txt"), &e), 0);
    assert_int_equal(zip_add(&z, &b, S("one"), &e), 0);
    assert_int_equal(zip_add(&z, &b, S(""), &e), 0);
    assert_int_equal(zip_add(&z, &b, S("two"), &e), 0);
    assert_int_equal(zip_file(&z, &b, S("empty"), &e), 0);
    assert_int_equal(zip_file(&z, &b, S("d/long.bin"), &e), 0);
    assert_int_equal(zip_add(&z, &b, str_make(bytes, LONG), &e), 0);
    assert_int_equal(zip_file(&z, &b, S("名.txt"), &e), 0);
    assert_int_equal(zip_add(&z, &b, S("字"), &e), 0);
    assert_int_equal(zip_end(&z, &b, &e), 0);
    assert_true(buf_ok(&b));
    assert_int_equal(z.written, buf_str(&b).len);
    assert_int_equal(read_by_python(buf_str(&b)), 0);
    ((char *)(uintptr_t)buf_str(&b).ptr)[1000] ^= 1; /* the control: it looks */
    assert_int_equal(read_by_python(buf_str(&b)), 7);
    arena_done(&a);
}

static void test_limits(void **state) {
    struct arena a;
    struct buf b;
    struct zip z = { 0 };
    (void)state;
    arena_init(&a, "test", 1 << 20);
    buf_init(&b, &a, 1024, 1 << 19);
    for (int i = 0; i < ZIP_FILES_MAX; i++) assert_int_equal(zip_file(&z, &b, S("x"), NULL), 0);
    assert_int_equal(zip_file(&z, &b, S("x"), NULL), ERR_LIMIT);
    z.written = UINT32_MAX;
    assert_int_equal(zip_add(&z, &b, S("x"), NULL), ERR_LIMIT);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_read_by_another),
                                        cmocka_unit_test(test_limits) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
