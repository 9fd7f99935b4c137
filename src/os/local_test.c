/* local: one holder of a folder; the socket's mode; a stale socket goes, another thing stays; who is there; a stranger is told apart;
 * long paths.
 */
#include "os/local.h"

#include "os/os.h"
#include "os/proc.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int set_up(void **state) {
    char dir[] = "/tmp/tongban-local-XXXXXX";
    *state = mkdtemp(dir) ? strdup(dir) : NULL;
    return *state ? 0 : -1;
}

static int tear_down(void **state) {
    (void)os_remove_tree(*state, NULL);
    free(*state);
    return 0;
}

static void test_one_holder(void **state) {
    int one = -1, two = -1;
    struct err e = { 0 };
    assert_int_equal(local_lock(*state, &one, &e), 0);
    assert_int_equal(local_lock(*state, &two, &e), ERR_BUSY);
    proc_close(&one);
    assert_int_equal(local_lock(*state, &two, &e), 0);
    proc_close(&two);
    assert_int_equal(local_lock("/no/such/folder", &one, &e), ERR_NOT_FOUND);
}

static void test_connects_and_tells_who(void **state) {
    char path[200], said[4] = "";
    int dir = -1, listening = -1, fd = -1;
    struct stat st;
    uid_t uid = 12345;
    struct err e = { 0 };
    assert_int_equal(local_connect(*state, "control", &fd, &e), ERR_NOT_FOUND);
    assert_int_equal(local_lock(*state, &dir, &e), 0);
    assert_int_equal(local_listen(dir, "control", &listening, &e), 0);
    (void)snprintf(path, sizeof path, "%s/control", (char *)*state);
    assert_int_equal(stat(path, &st), 0);
    assert_true(S_ISSOCK(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(local_accept(listening, 1000), -1);
    assert_int_equal(local_connect(*state, "control", &fd, &e), 0);
    struct pollfd p = { .fd = listening, .events = POLLIN };
    assert_int_equal(poll(&p, 1, 5000), 1);
    int at = local_accept(listening, 50);
    assert_true(at >= 0);
    assert_true(local_peer(at, &uid));
    assert_int_equal(uid, geteuid());
    assert_true(local_peer_may(uid));
    assert_true(local_peer_may(0));
    assert_false(local_peer_may(geteuid() + 1));
    assert_true(recv(at, said, sizeof said, 0) < 0); /* gives up by itself */
    proc_close(&at);
    proc_close(&fd);
    proc_close(&listening);
    proc_close(&dir);
}

static void test_a_stale_socket_goes(void **state) {
    char path[200];
    int dir = -1, listening = -1, fd = -1;
    struct err e = { 0 };
    pid_t child = fork();
    if (child == 0) { /* dies with lock and socket */
        if (local_lock(*state, &dir, &e) || local_listen(dir, "control", &listening, &e)) _exit(1);
        (void)raise(SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(local_connect(*state, "control", &fd, &e), ERR_NOT_FOUND); /* it is there, and nobody behind it */
    (void)snprintf(path, sizeof path, "%s/control", (char *)*state);
    assert_int_equal(os_kind(path), OS_OTHER);
    assert_int_equal(local_lock(*state, &dir, &e), 0);
    assert_int_equal(local_listen(dir, "control", &listening, &e), 0);
    assert_int_equal(local_connect(*state, "control", &fd, &e), 0);
    proc_close(&fd);
    proc_close(&listening);
    local_remove(dir, "control");
    assert_int_equal(os_kind(path), OS_NONE);
    /* what is no socket is somebody's */
    assert_int_equal(os_write_file(path, S("mine"), &e), 0);
    assert_int_equal(local_listen(dir, "control", &listening, &e), ERR_STATE);
    assert_int_equal(os_kind(path), OS_FILE);
    proc_close(&dir);
}

static void test_a_path_longer_than_an_address(void **state) {
    char path[400];
    int dir = -1, listening = -1, fd = -1;
    struct err e = { 0 };
    (void)snprintf(path, sizeof path, "%s/%0100d/%0100d", (char *)*state, 1, 2);
    assert_int_equal(os_mkdir(path, &e), 0);
    assert_int_equal(local_lock(path, &dir, &e), 0);
    assert_int_equal(local_listen(dir, "control", &listening, &e), 0);
    assert_int_equal(local_connect(path, "control", &fd, &e), 0);
    proc_close(&fd);
    proc_close(&listening);
    proc_close(&dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_holder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_connects_and_tells_who, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_stale_socket_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_path_longer_than_an_address, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("local", tests, NULL, NULL);
}
