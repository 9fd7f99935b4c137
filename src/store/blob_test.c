/* Unit tests of when a blob's folder is durable; what else blobs do: parts_test.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "os/os.h"
#include "store/store_fixture.h"

static void opened(struct store_fixture *f, struct blobs **b) {
    char dir[600];
    (void)snprintf(dir, sizeof dir, "%s/blobs", store_fixture_dir(f));
    assert_int_equal(blobs_open(dir, b, NULL), 0);
}

/* Puts `bytes` with the k-th sync failing. */
static int put(struct blobs *b, struct str bytes, unsigned k) {
    uint8_t id[32];
    os_fault(OS_FSYNC, k, EIO, false);
    int rc = blobs_put(b, bytes, id, NULL);
    os_fault(OS_FSYNC, 0, 0, false);
    return rc;
}

/* The folder stood there, its name was not durable: the next put answered without syncing it. */
static void test_a_folder_whose_sync_failed(void **state) {
    (void)state;
    struct store_fixture *f = store_fixture_new(false);
    struct blobs *b;
    opened(f, &b);
    assert_int_equal(put(b, S("a"), 1), ERR_IO);
    assert_int_equal(put(b, S("a"), 3), ERR_IO); /* the folder's name, the file, its name */
    assert_int_equal(put(b, S("a"), 3), 0);      /* it was named: two are left */
    blobs_close(b);
    opened(f, &b); /* another process knows nothing of that */
    assert_int_equal(put(b, S("a"), 1), ERR_IO);
    assert_int_equal(put(b, S("a"), 2), ERR_IO);
    assert_int_equal(put(b, S("a"), 2), 0);
    blobs_close(b);
    store_fixture_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_folder_whose_sync_failed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
