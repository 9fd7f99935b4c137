/* Tests of proc: descriptors pass and do not leak, addresses are numeric, trees change owner, root is given up for good. */
#include "os/os.h"
#include "os/proc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void descriptors_pass(void **state) {
    (void)state;
    int pair[2], file[2], got = -1;
    char text[8] = { 0 };
    size_t len;
    struct err e;
    assert_int_equal(proc_socketpair(true, pair, &e), 0);
    assert_int_equal(proc_socketpair(false, file, &e), 0);
    assert_int_equal(proc_recv(pair[1], text, sizeof text, false, &len, &got, &e), ERR_BUSY);
    assert_int_equal(proc_send(pair[0], "link", 4, file[1], &e), 0);
    assert_int_equal(proc_recv(pair[1], text, sizeof text, true, &len, &got, &e), 0);
    assert_int_equal(len, 4);
    assert_true(got >= 0 && got != file[1]);
    assert_int_equal(send(got, "x", 1, 0), 1);
    assert_int_equal(recv(file[0], text, 1, 0), 1);
    assert_int_equal(proc_send(pair[0], "too long!", 9, file[1], &e), 0); /* cut at the reader: refused, and not leaked */
    assert_int_equal(proc_recv(pair[1], text, sizeof text, true, &len, &got, &e), ERR_PEER);
    /* last words, from someone who did not read what we said: heard first, then the end */
    assert_int_equal(proc_send(pair[1], "unread", 6, -1, &e), 0);
    assert_int_equal(proc_send(pair[0], "last", 4, -1, &e), 0);
    proc_close(&pair[0]);
    assert_int_equal(proc_recv(pair[1], text, sizeof text, true, &len, &got, &e), 0);
    assert_int_equal(len, 4);
    assert_int_equal(proc_recv(pair[1], text, sizeof text, true, &len, &got, &e), 0);
    assert_int_equal(len, 0);
    proc_close(&pair[1]);
    proc_close(&file[0]);
    proc_close(&file[1]);
}

static void listens(void **state) {
    (void)state;
    int fd = -1, second = -1;
    struct err e;
    struct sockaddr_storage a;
    socklen_t len = sizeof a;
    assert_int_equal(proc_listen(S("nonsense"), &fd, &e), ERR_FORMAT);
    assert_int_equal(proc_listen(S("example.org:80"), &fd, &e), ERR_FORMAT); /* a name is not an address */
    assert_int_equal(proc_listen(S("127.0.0.1:65536"), &fd, &e), ERR_FORMAT);
    assert_int_equal(proc_listen(S("127.0.0.1:0"), &fd, &e), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    char address[32];
    const unsigned char *port = (const unsigned char *)&a + 2; /* sin_port, network order */
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port[0] << 8 | port[1]);
    assert_int_equal(proc_listen(str_of(address), &second, &e), ERR_BUSY);
    assert_string_equal(e.field, address);
    proc_close(&fd);
}

static void trees_change_owner(void **state) {
    (void)state;
    struct err e;
    assert_true(proc_reachable("/usr/bin"));
    assert_false(proc_reachable("/nothing/here"));
    assert_int_equal(proc_give_tree("/nothing/here", 1, &e), ERR_IO);
    if (!proc_is_root()) return; /* only root can give files away; the refusals above ran */
    struct stat st;
    char dir[] = "/tmp/proc-test-XXXXXX", path[96];
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/in", dir);
    assert_int_equal(os_write_file(path, S("x"), &e), 0);
    assert_int_equal(proc_give_tree(dir, 64701, &e), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, 64701);
    assert_int_equal(proc_give_tree(dir, 0, &e), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
    pid_t pid = fork();
    if (pid == 0) _exit(proc_drop_to(64702, NULL) == 0 && getuid() == 64702 && setuid(0) < 0 ? 0 : 1);
    assert_int_equal(proc_reap(pid, false), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(descriptors_pass), cmocka_unit_test(listens),
                                        cmocka_unit_test(trees_change_owner) };
    return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
