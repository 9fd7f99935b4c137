/* Tests of sandbox: each fence, in a child of its own, refuses what it must (T72, T73 of the threat tests) and lets
 * through what a role lives on. The child's exit code names the first probe that went wrong, so that a refusal which does not
 * happen fails the test; without the fence every probe of the control child succeeds.
 */
#include "os/os.h"
#include "os/proc.h"
#include "os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum probe { P_OPEN = 1, P_SOCKET = 2, P_EXEC = 4, P_FORK = 8, P_PTRACE = 16, P_INSIDE = 32, P_WRITE_INSIDE = 64, P_THREAD = 128 };

static char dir[64];

static void *thread(void *arg) {
    return arg;
}

static bool opens(const char *name, int flags) {
    char path[96];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, flags, 0600);
    return fd >= 0 && close(fd) == 0;
}

/* What this process can do, as a set of probes. Exec comes as the raw call with a path that does not exist: ENOENT means that
 * it was allowed. */
static unsigned can(void) {
    unsigned set = 0;
    pthread_t t;
    int fd = open("/etc/passwd", O_RDONLY);
    if (fd >= 0) set |= P_OPEN, (void)close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0) set |= P_SOCKET, (void)close(fd);
    char *const none[] = { NULL };
    (void)execve("/nothing/here", none, none);
    if (errno != EPERM) set |= P_EXEC;
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    if (pid > 0) set |= P_FORK, (void)waitpid(pid, NULL, 0);
    errno = 0;
    (void)ptrace(PTRACE_PEEKUSER, 999999, NULL, NULL);
    if (errno != EPERM) set |= P_PTRACE;
    if (opens("in", O_RDONLY)) set |= P_INSIDE;
    if (opens("out", O_WRONLY | O_CREAT)) set |= P_WRITE_INSIDE;
    if (pthread_create(&t, NULL, thread, NULL) == 0) set |= P_THREAD, (void)pthread_join(t, NULL);
    return set;
}

struct result {
    unsigned can, held;
    int code;
};

/* Runs `can` in a child behind the fence; with s NULL, without. */
static struct result try(const struct sandbox *s, bool write) {
    int pair[2];
    struct result r = { 0 };
    assert_int_equal(proc_socketpair(false, pair, NULL), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct sandbox_path paths[] = { { dir, write }, { "/nothing/here", true } };
        struct err e = { 0 };
        if (s) r.code = sandbox_enter(s, paths, 2, &r.held, &e);
        if (r.code == 0) r.can = can();
        (void)send(pair[1], &r, sizeof r, 0);
        _exit(0);
    }
    (void)close(pair[1]);
    assert_int_equal(recv(pair[0], &r, sizeof r, MSG_WAITALL), sizeof r);
    (void)close(pair[0]);
    assert_int_equal(proc_reap(pid, false), 0);
    assert_int_equal(r.code, 0);
    if (s) assert_true(r.held & SANDBOX_SECCOMP);
    return r;
}

static int setup(void **state) {
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/sandbox-test-XXXXXX");
    if (!mkdtemp(dir)) return -1;
    char path[96];
    (void)snprintf(path, sizeof path, "%s/in", dir);
    return os_write_file(path, S("x"), NULL);
}

static int teardown(void **state) {
    (void)state;
    char path[96];
    (void)snprintf(path, sizeof path, "%s/in", dir);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/out", dir);
    (void)unlink(path);
    return rmdir(dir);
}

static void control_can_all(void **state) {
    (void)state;
    assert_int_equal(try(NULL, true).can, 255);
}

static void pure_role(void **state) {
    (void)state;
    const struct sandbox s = { .may = SANDBOX_SECRET, .memory_bytes = (size_t)1 << 30, .files = 32 };
    assert_int_equal(try(&s, false).can, P_THREAD);
}

static void reading_role(void **state) {
    (void)state;
    const struct sandbox s = { .may = SANDBOX_FILES };
    struct result r = try(&s, false);
    unsigned without = r.held & SANDBOX_LANDLOCK ? 0 : P_OPEN; /* an old kernel cannot tell paths apart */
    assert_int_equal(r.can & ~(unsigned)P_WRITE_INSIDE, P_THREAD | P_INSIDE | without);
    if (!without) assert_false(r.can & P_WRITE_INSIDE);
}

static void writing_role(void **state) {
    (void)state;
    const struct sandbox s = { .may = SANDBOX_FILES | SANDBOX_WRITE | SANDBOX_LISTEN };
    struct result r = try(&s, true);
    unsigned without = r.held & SANDBOX_LANDLOCK ? 0 : P_OPEN;
    assert_int_equal(r.can, P_THREAD | P_INSIDE | P_WRITE_INSIDE | without);
}

static void connecting_role(void **state) {
    (void)state;
    const struct sandbox s = { .may = SANDBOX_CONNECT };
    assert_int_equal(try(&s, false).can, P_THREAD | P_SOCKET);
}

static void spawning_role(void **state) {
    (void)state;
    const struct sandbox s = { .may = SANDBOX_SPAWN };
    struct result r = try(&s, false);
    assert_true(r.can & P_FORK && r.can & P_EXEC && !(r.can & P_PTRACE));
}

static void secret_is_not_dumpable(void **state) {
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        const struct sandbox s = { .may = SANDBOX_SECRET };
        unsigned held;
        int before = prctl(PR_GET_DUMPABLE);
        if (sandbox_enter(&s, NULL, 0, &held, NULL)) _exit(3);
        _exit(before == 1 && syscall(SYS_prctl, PR_GET_DUMPABLE) != 1 ? 0 : 1);
    }
    assert_int_equal(proc_reap(pid, false), 0);
}

/* CapEff of a process, in words of /proc. */
static unsigned long long capabilities(pid_t pid) {
    char path[64], line[256];
    unsigned long long set = ~0ULL;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, "CapEff:", 7) == 0) set = strtoull(line + 7, NULL, 16);
    (void)fclose(f);
    return set;
}

/* Of a process behind the fence (may: SANDBOX_...), or, with may 0, before it. */
static unsigned long long capabilities_of(unsigned may) {
    int pair[2];
    char byte = 0;
    assert_int_equal(proc_socketpair(false, pair, NULL), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct sandbox s = { .may = may };
        unsigned held;
        (void)close(pair[0]);
        if (may && sandbox_enter(&s, NULL, 0, &held, NULL)) _exit(3);
        (void)send(pair[1], &byte, 1, 0);
        (void)recv(pair[1], &byte, 1, 0);
        _exit(0);
    }
    (void)close(pair[1]);
    assert_int_equal(recv(pair[0], &byte, 1, 0), 1);
    unsigned long long set = capabilities(pid);
    (void)close(pair[0]);
    assert_int_equal(proc_reap(pid, false), 0);
    return set;
}

static void no_capability_is_left(void **state) {
    (void)state;
    unsigned long long few = 1u << 0 | 1u << 1 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 7; /* capability.h: CHOWN to SETUID */
    assert_int_equal(capabilities_of(SANDBOX_FILES | SANDBOX_WRITE), 0);
    assert_int_equal(capabilities_of(SANDBOX_SPAWN) & ~few, 0);
    if (geteuid() == 0) assert_true(capabilities_of(0) != 0); /* control */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_can_all), cmocka_unit_test(pure_role), cmocka_unit_test(reading_role),
        cmocka_unit_test(writing_role), cmocka_unit_test(connecting_role), cmocka_unit_test(spawning_role),
        cmocka_unit_test(no_capability_is_left),
        cmocka_unit_test(secret_is_not_dumpable),
    };
    return cmocka_run_group_tests_name("sandbox", tests, setup, teardown);
}
