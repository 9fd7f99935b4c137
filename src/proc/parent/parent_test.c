/* Tests of parent and role, with this very program as the roles: what dies is started again and connected again, the sandbox of a
 * row holds in the running role, what the hub begins with is up before the others, a stop drains the hub while its helpers still
 * answer, and a role that never worked ends the whole.
 */
#include "proc/parent/parent.h"

#include "base/buf.h"
#include "os/os.h"
#include "os/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { T_PID = 1, T_DIE, T_PROBE };

static int do_pid(struct ipc_call *c, struct err *e) {
    (void)e;
    c->reply = arena_fmt(c->arena, "%d", (int)getpid());
    return 0;
}

static int do_die(struct ipc_call *c, struct err *e) {
    (void)c, (void)e;
    _exit(9);
}

/* Names what it can do and should not. */
static int do_probe(struct ipc_call *c, struct err *e) {
    char *const none[] = { NULL };
    (void)e;
    bool opens = open("/etc/passwd", O_RDONLY) >= 0, connects = socket(AF_INET, SOCK_STREAM, 0) >= 0;
    (void)execve("/nothing/here", none, none);
    c->reply = arena_fmt(c->arena, "%s%s%s", opens ? "open " : "", connects ? "socket " : "", errno == EPERM ? "" : "exec ");
    return 0;
}

static const struct ipc_op ops[] = {
    { T_PID, "pid", 0, 0, 16, do_pid, 0 }, { T_DIE, "die", 0, 0, 0, do_die, 0 }, { T_PROBE, "probe", 0, 0, 64, do_probe, 0 },
};
static const struct ipc_table table = { "helper", ops, 3, 1 << 16 }, early_table = { "early", ops, 3, 1 << 16 };

static int helper_main(struct role_context *c) {
    struct err e;
    return role_lock(c, NULL, 0, &e) ? 1 : role_serve(c, &table, NULL);
}

static int early_main(struct role_context *c) {
    return role_serve(c, &early_table, NULL);
}

static int broken_main(struct role_context *c) {
    (void)c;
    return 3;
}

/* ---- the hub's scenarios; the argument `scenario` picks one, `out` is where it writes what it saw ---- */

struct seen {
    struct arena arena;
    struct ipc_hub hub;
    struct buf text;
};

static struct str ask(struct seen *s, uint16_t type) {
    struct ipc_request r = { .peer = "helper", .type = type, .arena = &s->arena, .timeout_ms = 30000 };
    int code = ipc_ask(&s->hub, &r);
    return code ? str_of(err_name(code)) : r.reply;
}

static void restarts_helper(struct seen *s) {
    struct str first = ask(s, T_PID);
    buf_add(&s->text, ask(s, T_DIE));
    struct str second = ask(s, T_PID);
    buf_add(&s->text, first.len && second.len && !str_eq(first, second) ? S(" another ") : S(" same "));
    buf_add(&s->text, S("can: "));
    buf_add(&s->text, ask(s, T_PROBE));
}

/* Before it says that it works: who stands beside it? */
static void begins(struct seen *s, struct role_context *c) {
    struct ipc_request r = { .peer = "early", .type = T_PID, .arena = &s->arena, .timeout_ms = 30000 };
    buf_add(&s->text, ipc_ask(&s->hub, &r) ? S("no early, ") : S("early, "));
    const char *peer;
    int64_t linked_ns = 0;
    size_t waiting;
    (void)ipc_hub_peer(&s->hub, 0, &peer, &linked_ns, &waiting);
    buf_add(&s->text, linked_ns ? S("helper too, ") : S("no helper, "));
    role_ready(c);
    buf_add(&s->text, ask(s, T_PID).len < 8 ? S("then helper") : S("alone"));
}

static void drains(struct seen *s, pid_t parent) {
    (void)ask(s, T_PID);
    (void)kill(parent, SIGTERM);
    ipc_hub_wait_stop(&s->hub);
    buf_add(&s->text, ask(s, T_PID).len < 8 ? S("drained") : S("alone"));
}

static int hub_main(struct role_context *c) {
    static const struct ipc_table *const tables[] = { &table, &early_table };
    struct seen s = { 0 };
    struct str scenario = role_config(c, S("scenario"));
    char out[128];
    (void)snprintf(out, sizeof out, "%.*s", STR_ARG(role_config(c, S("out"))));
    arena_init(&s.arena, "hub", 1 << 20);
    buf_init(&s.text, &s.arena, 256, 4096);
    if (str_eq(scenario, S("hub-dies")) && os_kind(out) == OS_NONE) {
        role_ready(c);
        return os_write_file(out, S("first"), NULL) ? 1 : 7; /* the second life finds the file */
    }
    if (ipc_hub_start(&s.hub, &s.arena, c->control_fd, tables, 2, NULL)) return 1;
    if (str_eq(scenario, S("begin"))) begins(&s, c);
    else role_ready(c);
    if (str_eq(scenario, S("restart"))) restarts_helper(&s);
    if (str_eq(scenario, S("wait"))) ipc_hub_wait_stop(&s.hub);
    if (str_eq(scenario, S("drain"))) drains(&s, c->single ? getpid() : getppid());
    if (str_eq(scenario, S("hub-dies"))) buf_add(&s.text, ask(&s, T_PID).len < 8 ? S("second life") : S("no helper"));
    ipc_hub_done(&s.hub);
    int r = os_write_file(out, buf_str(&s.text), NULL);
    arena_done(&s.arena);
    return r ? 1 : 0;
}

static const struct role roles[] = {
    { .name = "helper", .main = helper_main, .sandbox = { .may = SANDBOX_SECRET, .files = 32 } },
    { .name = "hub", .main = hub_main, .hub = true },
    { .name = "early", .main = early_main, .first = true },
    { .name = "broken", .main = broken_main },
};
enum { N_ROLES = sizeof roles / sizeof *roles };

/* Runs the parent in a process of its own; its exit code, and what the hub wrote. */
static int run(const char *scenario, size_t n_roles, bool single, char *text, size_t cap) {
    char dir[] = "/tmp/parent-test-XXXXXX", file[64], out[80], which[80];
    const char *const arg[] = { out, which };
    struct arena a;
    struct str got;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(file, sizeof file, "%s/out", dir);
    (void)snprintf(out, sizeof out, "out=%s", file);
    (void)snprintf(which, sizeof which, "scenario=%s", scenario);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct parent_config config = { .roles = roles, .n = n_roles, .arg = arg, .n_arg = 2, .single = single, .pause_ms = 1 };
        _exit(parent_run(&config));
    }
    int code = proc_reap(pid, false);
    arena_init(&a, "test", 1 << 16);
    text[0] = 0;
    if (os_read_file(&a, file, 4096, &got, NULL) == 0) (void)snprintf(text, cap, "%.*s", STR_ARG(got));
    arena_done(&a);
    (void)unlink(file);
    (void)rmdir(dir);
    return code;
}

static void a_dead_helper_is_replaced(void **state) {
    (void)state;
    char text[256];
    assert_int_equal(run("restart", 2, false, text, sizeof text), 0);
    assert_string_equal(text, "ERR_PEER another can: ");
}

static void a_dead_hub_is_replaced(void **state) {
    (void)state;
    char text[256];
    assert_int_equal(run("hub-dies", 2, false, text, sizeof text), 0);
    assert_string_equal(text, "second life");
}

static void a_stop_drains(void **state) {
    (void)state;
    char text[256];
    assert_int_equal(run("drain", 2, false, text, sizeof text), 0);
    assert_string_equal(text, "drained");
}

/* The hub begins beside those that it cannot do without, and before it has begun no other is started. */
static void the_hub_begins_with_few(void **state) {
    (void)state;
    char text[256];
    assert_int_equal(run("begin", 3, false, text, sizeof text), 0);
    assert_string_equal(text, "early, no helper, then helper");
}

static void single_runs_the_same(void **state) {
    (void)state;
    char text[256];
    assert_int_equal(run("drain", 2, true, text, sizeof text), 0);
    assert_string_equal(text, "drained");
}

static void what_never_worked_ends_all(void **state) {
    (void)state;
    char text[256];
    assert_int_equal(run("wait", N_ROLES, false, text, sizeof text), 1);
}

static void arguments(void **state) {
    (void)state;
    const char *const arg[] = { "data=/x=y", "empty=", "bare" };
    const struct role_context c = { .arg = arg, .n_arg = 3 };
    assert_true(str_eq(role_config(&c, S("data")), S("/x=y")));
    assert_int_equal(role_config(&c, S("empty")).len, 0);
    assert_int_equal(role_config(&c, S("absent")).len, 0);
    char program[] = "t", marker[] = ROLE_ARGUMENT, nobody[] = "nobody", helper[] = "helper", one[] = "1", x[] = "x";
    char *bad[] = { program, marker, nobody, one, one };
    assert_int_equal(role_enter(roles, N_ROLES, 5, bad), 2);
    bad[2] = helper;
    bad[3] = x;
    assert_int_equal(role_enter(roles, N_ROLES, 5, bad), 2);
    assert_int_equal(role_enter(roles, N_ROLES, 3, bad), 2);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], ROLE_ARGUMENT) == 0) return role_enter(roles, N_ROLES, argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dead_helper_is_replaced), cmocka_unit_test(a_dead_hub_is_replaced), cmocka_unit_test(a_stop_drains),
        cmocka_unit_test(the_hub_begins_with_few),
        cmocka_unit_test(single_runs_the_same), cmocka_unit_test(what_never_worked_ends_all), cmocka_unit_test(arguments),
    };
    return cmocka_run_group_tests_name("parent", tests, NULL, NULL);
}
