/* supervise, the process: what it remembers, what it refuses to read, what it orders again; each
 * with its control. */
#include "proc/supervise/role.h"

#include "base/buf.h"
#include "data/json.h"
#include "os/os.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define LEAF "%064d"
static struct arena memory;
static char file[64];

static struct supervise_memory *opened(const char *path) {
    struct supervise_memory *m = NULL;
    struct err e = { 0 };
    if (supervise_memory_open(path, &m, &e)) fail_msg("%s %s", err_name(e.code), e.detail);
    return m;
}

/* A late case, number 7, told with entries from `first` to `last`; `known`: it has its card. */
static struct str question(int64_t number, int64_t first, int64_t last, const char *known) {
    struct buf b;
    buf_init(&b, &memory, 4096, 1 << 22);
    buf_add_fmt(&b, "{\"number\":%lld,\"leaf\":\"" LEAF "\",\"entries\":[", (long long)number,
                (int)number);
    for (int64_t i = first; i <= last; i++)
        buf_add_fmt(&b, "%s{\"number\":%lld,\"leaf\":\"" LEAF "\",\"case_id\":%d}",
                    i > first ? "," : "", (long long)i, (int)i, i == first ? 7 : 0);
    buf_add_fmt(&b,
                "],\"rules\":[{\"system\":\"s\",\"id\":\"late\",\"color\":\"red\",\"when\":"
                "\"late\",\"of\":\"law\",\"n\":0}],"
                "\"cases\":[{\"id\":7,\"look_ms\":0,\"known\":[%s],\"facts\":{\"id\":7,\"item\":"
                "\"i\",\"systems\":[\"s\"],\"unit\":3,"
                "\"begun_ms\":1,\"end_ms\":0,\"paused\":false,\"clocks\":{\"law\":{\"due_ms\":1000,"
                "\"left\":[]}},\"tasks\":[],"
                "\"events\":[]}}]}",
                known);
    return buf_str(&b);
}

static int judge(struct supervise_memory *m, struct str q, size_t *ret_cards) {
    struct str reply;
    struct val *v = NULL;
    struct err e = { 0 };
    int rc = supervise_answer(m, SUPERVISE_JUDGE, q, &memory, &reply, &e);
    if (!rc) assert_int_equal(json_parse(&memory, reply, 1000, &v, &e), 0);
    if (ret_cards) *ret_cards = val_count(val_get(v, S("cards")));
    return rc;
}

static int done(struct supervise_memory *m, int64_t number) {
    struct str reply;
    struct err e;
    return supervise_answer(m, SUPERVISE_DONE,
                            arena_fmt(&memory, "{\"number\":%lld}", (long long)number), &memory,
                            &reply, &e);
}

static int64_t at(struct supervise_memory *m) {
    struct str reply;
    struct val *v;
    struct err e;
    assert_int_equal(supervise_answer(m, SUPERVISE_AT, S(""), &memory, &reply, &e), 0);
    assert_int_equal(json_parse(&memory, reply, 100, &v, &e), 0);
    return val_get_i64(v, S("number"), -1);
}

static int begin(void **state) {
    (void)state;
    arena_reset(&memory);
    (void)os_unlink(file, NULL);
    return 0;
}

static void test_goes_on_only_when_it_is_done(void **state) {
    struct supervise_memory *m = opened(file);
    size_t n;
    (void)state;
    assert_int_equal(judge(m, question(0, 1, 3, ""), &n), 0);
    assert_int_equal(n, 1);
    supervise_memory_close(m); /* it dies before it is told: nothing was lost */
    m = opened(file);
    assert_int_equal(at(m), 0);
    assert_int_equal(judge(m, question(0, 1, 3, ""), &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(done(m, 2), ERR_CONFLICT);
    assert_int_equal(done(m, 3), 0);
    assert_int_equal(done(m, 3), ERR_CONFLICT);
    supervise_memory_close(m);
    m = opened(file);
    assert_int_equal(at(m), 3);
    assert_int_equal(judge(m, question(3, 4, 4, ""), &n), 0); /* ordered, not seen yet: not twice */
    assert_int_equal(n, 0);
    supervise_memory_close(m);
}

static void test_reads_without_a_gap(void **state) {
    struct supervise_memory *m = opened(NULL);
    (void)state;
    assert_int_equal(judge(m, question(0, 2, 3, ""), NULL),
                     ERR_CONFLICT); /* the first is kept from it */
    assert_int_equal(judge(m, question(0, 1, 3, ""), NULL), 0);
    assert_int_equal(done(m, 3), 0);
    assert_int_equal(judge(m, question(5, 6, 6, ""), NULL), ERR_CONFLICT);
    assert_int_equal(judge(m, question(2, 3, 4, ""), NULL), ERR_CONFLICT); /* the log went back */
    struct str other = question(3, 4, 4, "");
    char *leaf = (char *)(uintptr_t)(other.ptr + str_find_char(other, ':', 12) + 3);
    *leaf = 'f'; /* entry 3 is another than it read */
    assert_int_equal(judge(m, other, NULL), ERR_CONFLICT);
    *leaf = '0';
    assert_int_equal(judge(m, other, NULL), 0);
    supervise_memory_close(m);
}

static void test_every_case_is_told(void **state) {
    struct supervise_memory *m = opened(NULL);
    struct str q = question(0, 1, 1, "");
    (void)state;
    char *id = (char *)(uintptr_t)(q.ptr + str_find_char(q, '7', 0)); /* the entry names case 8 */
    *id = '8';
    assert_int_equal(judge(m, q, NULL), ERR_CONFLICT);
    *id = '7';
    assert_int_equal(judge(m, q, NULL), 0);
    supervise_memory_close(m);
}

static void test_what_has_its_card_gets_none(void **state) {
    struct supervise_memory *m = opened(NULL);
    size_t n;
    (void)state;
    assert_int_equal(judge(m, question(0, 1, 1, "\"s:late/7/0/0\""), &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(judge(m, question(0, 1, 1, "\"s:late/8/0/0\""), &n), 0);
    assert_int_equal(n, 1);
    supervise_memory_close(m);
}

/* Somebody says that it was done, and it was not: the log does not show it. */
static void test_what_is_not_done_is_ordered_again(void **state) {
    struct supervise_memory *m = opened(file);
    size_t n, again = 0;
    int64_t number = 1;
    (void)state;
    assert_int_equal(judge(m, question(0, 1, 1, ""), &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(done(m, 1), 0);
    for (; number < 3 * SUPERVISE_UNSEEN_MAX && !again; number += 100) {
        arena_reset(&memory);
        assert_int_equal(
            judge(m, question(number, number + 1, number + 100, "\"s:late/7/0/0\""), &again), 0);
        assert_int_equal(done(m, number + 100), 0);
    }
    assert_int_equal(again, 1);
    assert_in_range(number, SUPERVISE_UNSEEN_MAX, SUPERVISE_UNSEEN_MAX + 300);
    supervise_memory_close(m);
}

static void test_a_disk_that_fails(void **state) {
    struct supervise_memory *m = opened(file);
    (void)state;
    assert_int_equal(judge(m, question(0, 1, 1, ""), NULL), 0);
    os_fault(OS_FSYNC, 1, EIO, false);
    assert_int_equal(done(m, 1), ERR_IO);
    os_fault(OS_FSYNC, 0, 0, false);
    supervise_memory_close(m);
    m = opened(file);
    assert_int_equal(at(m), 0); /* what was not kept is read again */
    supervise_memory_close(m);
    assert_int_equal(os_write_file(file, S("{\"number\":"), NULL), 0);
    assert_int_not_equal(supervise_memory_open(file, &m, NULL),
                         0); /* half a file is not taken for an empty one */
}

int main(void) {
    struct arena names;
    const char *path;
    int fd;
    arena_init(&memory, "test", 1 << 28);
    arena_init(&names, "names", 4096);
    if (os_temp_new(&names, "/tmp", &path, &fd, NULL)) return 1;
    os_close(fd);
    (void)snprintf(file, sizeof file, "%s", path);
    arena_done(&names);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_goes_on_only_when_it_is_done, begin),
        cmocka_unit_test_setup(test_reads_without_a_gap, begin),
        cmocka_unit_test_setup(test_every_case_is_told, begin),
        cmocka_unit_test_setup(test_what_has_its_card_gets_none, begin),
        cmocka_unit_test_setup(test_what_is_not_done_is_ordered_again, begin),
        cmocka_unit_test_setup(test_a_disk_that_fails, begin),
    };
    int failed = cmocka_run_group_tests_name("supervise", tests, NULL, NULL);
    (void)os_unlink(file, NULL);
    return failed;
}
