/* Tests of courier: a mail goes through a fenced courier process to a mail server of ours (RFC 5321, as much as libcurl speaks), each
 * answer of the server becomes the right outcome, and what is not on the allow-list is not even looked up.
 */
#include "http/smtp.h"
#include "os/proc.h"
#include "proc/courier/role.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A mail server of one connection at a time. */
struct sink {
    int listening, code_of_rcpt; /* 250, 450, 550; 0: hangs up after the greeting; -1: 554 as a greeting */
    char data[8192], rcpt[128];
    size_t len;
};

static void say(int fd, const char *line) {
    (void)send(fd, line, strlen(line), MSG_NOSIGNAL);
}

static bool read_line(FILE *in, char *line, int size) {
    return fgets(line, size, in) != NULL;
}

static void take_data(struct sink *s, FILE *in) {
    char line[1024];
    s->len = 0;
    while (read_line(in, line, sizeof line) && strcmp(line, ".\r\n") != 0) {
        size_t n = strlen(line);
        if (s->len + n < sizeof s->data) memcpy(s->data + s->len, line, n + 1), s->len += n;
    }
}

static void talk(struct sink *s, int fd, FILE *in) {
    char line[1024], reply[32];
    if (s->code_of_rcpt == -1) say(fd, "554 no service\r\n");
    if (s->code_of_rcpt == -1) return;
    say(fd, "220 sink\r\n");
    while (s->code_of_rcpt && read_line(in, line, sizeof line)) {
        if (strncmp(line, "RCPT", 4) == 0) {
            (void)snprintf(s->rcpt, sizeof s->rcpt, "%.100s", line);
            (void)snprintf(reply, sizeof reply, "%d rcpt\r\n", s->code_of_rcpt);
            say(fd, reply);
        } else if (strncmp(line, "DATA", 4) == 0) {
            say(fd, "354 go\r\n");
            take_data(s, in);
            say(fd, "250 taken\r\n");
        } else if (strncmp(line, "QUIT", 4) == 0) {
            say(fd, "221 bye\r\n");
            return;
        } else {
            say(fd, "250 ok\r\n");
        }
    }
}

static void *sink_main(void *arg) {
    struct sink *s = arg;
    struct pollfd p = { .fd = s->listening, .events = POLLIN };
    int fd = poll(&p, 1, 60000) == 1 ? accept(s->listening, NULL, NULL) : -1;
    if (fd < 0) return NULL;
    FILE *in = fdopen(fd, "r");
    if (in) talk(s, fd, in), (void)fclose(in);
    else (void)close(fd);
    return NULL;
}

struct fixture {
    struct arena arena;
    struct ipc_hub hub;
    struct sink sink;
    int control[2], courier; /* the hub's control socket, both ends; our end of the courier's */
    pid_t pid;
    char server[64], allow[96];
};

static unsigned port_of(int fd) {
    struct sockaddr_storage a;
    socklen_t len = sizeof a;
    unsigned char two[2];
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    memcpy(two, (const char *)&a + 2, 2);
    return (unsigned)two[0] << 8 | two[1];
}

static void start_courier(struct fixture *f) {
    int control[2];
    assert_int_equal(proc_socketpair(true, control, NULL), 0);
    f->pid = fork();
    if (f->pid == 0) {
        struct role row = { .name = "courier", .sandbox = courier_sandbox };
        const char *const arg[] = { f->allow };
        struct role_context c = { .role = &row, .control_fd = control[1], .arg = arg, .n_arg = 1 };
        (void)close(control[0]);
        (void)close(f->sink.listening);
        _exit(courier_main(&c));
    }
    (void)close(control[1]);
    f->courier = control[0];
}

static int setup(void **state) {
    static struct fixture f;
    static const struct ipc_table *const tables[] = { &courier_table };
    int link[2];
    f = (struct fixture){ .sink.listening = -1 };
    arena_init(&f.arena, "test", 4 << 20);
    assert_int_equal(proc_listen(S("127.0.0.1:0"), &f.sink.listening, NULL), 0);
    (void)snprintf(f.server, sizeof f.server, "smtp://127.0.0.1:%u", port_of(f.sink.listening));
    (void)snprintf(f.allow, sizeof f.allow, "courier_allow=mail.example:25,127.0.0.1:%u", port_of(f.sink.listening));
    start_courier(&f);
    assert_int_equal(proc_socketpair(true, f.control, NULL), 0);
    assert_int_equal(ipc_hub_start(&f.hub, &f.arena, f.control[1], tables, 1, NULL), 0);
    assert_int_equal(proc_socketpair(false, link, NULL), 0);
    assert_int_equal(ipc_control_send(f.courier, IPC_LINK, "app", link[0], NULL), 0);
    assert_int_equal(ipc_control_send(f.control[0], IPC_LINK, "courier", link[1], NULL), 0);
    proc_close(&link[0]);
    proc_close(&link[1]);
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    ipc_hub_done(&f->hub);
    int r = ipc_control_send(f->courier, IPC_STOP, NULL, -1, NULL);
    proc_close(&f->courier);
    proc_close(&f->control[0]);
    proc_close(&f->control[1]);
    proc_close(&f->sink.listening);
    arena_done(&f->arena);
    return r || proc_reap(f->pid, false);
}

static int ask(struct fixture *f, const struct courier_mail *m, struct courier_answer *ret, struct err *e) {
    struct ipc_request r = { .peer = "courier", .type = COURIER_MAIL, .body = courier_mail_pack(&f->arena, m), .request_id = "00ff",
                             .arena = &f->arena, .timeout_ms = 60000 };
    int code = ipc_ask(&f->hub, &r);
    *e = r.err;
    return code ? code : courier_answer_unpack(r.reply, ret, e);
}

static struct courier_mail mail(const struct fixture *f) {
    return (struct courier_mail){ .server = str_of(f->server), .from = S("city@gov.example"), .to = S("li.si@mail.example"),
                                  .subject = S("您的申请已经受理：请在五个工作日内查看进度并按提示补充材料"),
                                  .body = S("您好，\n.\n办理编号 1\n"),
                                  .id = S("outbox-1"), .date_ms = 1700000000123 };
}

/* Sends `m` to the sink in that mood. */
static int send_with(struct fixture *f, int code_of_rcpt, const struct courier_mail *m, struct courier_answer *ret) {
    pthread_t t;
    struct err e;
    f->sink.code_of_rcpt = code_of_rcpt;
    assert_int_equal(pthread_create(&t, NULL, sink_main, &f->sink), 0);
    int r = ask(f, m, ret, &e);
    (void)pthread_join(t, NULL);
    return r;
}

static void a_mail_arrives(void **state) {
    struct fixture *f = *state;
    struct courier_mail m = mail(f);
    struct courier_answer got;
    assert_int_equal(send_with(f, 250, &m, &got), 0);
    assert_int_equal(got.outcome, COURIER_DELIVERED);
    assert_non_null(strstr(f->sink.rcpt, "<li.si@mail.example>"));
    assert_non_null(strstr(f->sink.data, "From: <city@gov.example>\r\nTo: <li.si@mail.example>\r\n"));
    assert_non_null(strstr(f->sink.data, "Message-ID: <outbox-1@gov.example>\r\n"));
    assert_non_null(strstr(f->sink.data, "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
    assert_non_null(strstr(f->sink.data, "\r\n\r\n5oKo5aW977yMCi4K5Yqe55CG57yW5Y+3IDEK\r\n"));
}

static void outcomes(void **state) {
    struct fixture *f = *state;
    struct courier_mail m = mail(f);
    struct courier_answer got;
    assert_int_equal(send_with(f, 450, &m, &got), 0);
    assert_int_equal(got.outcome, COURIER_RETRY);
    assert_int_equal(send_with(f, 550, &m, &got), 0);
    assert_int_equal(got.outcome, COURIER_REFUSED);
    assert_true(str_starts(got.said, S("550 ")));
    assert_int_equal(send_with(f, 0, &m, &got), 0); /* hangs up */
    assert_int_equal(got.outcome, COURIER_RETRY);
    assert_int_equal(send_with(f, -1, &m, &got), 0); /* a server that is out of service is not a refusal of this mail */
    assert_int_equal(got.outcome, COURIER_RETRY);
}

static void only_the_list(void **state) {
    struct fixture *f = *state;
    struct courier_mail m = mail(f);
    struct courier_answer got;
    struct err e;
    m.server = S("smtp://127.0.0.1:1");
    assert_int_equal(ask(f, &m, &got, &e), ERR_FORBIDDEN);
    m.server = S("http://127.0.0.1/");
    assert_int_equal(ask(f, &m, &got, &e), ERR_FORBIDDEN);
    assert_true(courier_allowed(S("a:25,b.c:465"), S("smtps://b.c")));
    assert_false(courier_allowed(S("a:25,b.c:465"), S("smtp://b.c")));
    assert_false(courier_allowed(S("a:25"), S("smtp://a:25@b")));
    assert_false(courier_allowed(S("a:25"), S("smtp://a:25/x")));
    assert_false(courier_allowed(S(""), S("smtp://a:25")));
}

/* T32, as far as it is the courier's: whatever is written where a server belongs, nothing is asked of it. The
 * sink listens and would answer. */
static void no_other_place_is_reached(void **state) {
    static const char *const rows[] = {
        "%s://127.0.0.1:1", "%s://[::1]:%u", "%s://[::ffff:127.0.0.1]:%u", "%s://2130706433:%u", "%s://0177.0.0.1:%u", "%s://0x7f.1:%u",
        "%s://127.1:%u", "%s://localhost:%u", "%s://LOCALHOST:%u", "%s://127.0.0.1.:%u", "%s://169.254.169.254:80", "%s://127.0.0.1:0%u",
        "%s://mail.example@127.0.0.1:%u", "%s://mail.example:25@127.0.0.1:%u", "%s://127.0.0.1:%u/../x", "%s://127.0.0.1:%u#x",
        "%s://127.0.0.1:%u\r\nQUIT", "file:///etc/passwd", "gopher://127.0.0.1:%u", "http://127.0.0.1:%u", "ldap://127.0.0.1:%u",
        "%s://", "", "127.0.0.1:%u", "%s:%u",
    };
    static const char *const schemes[] = { "smtp", "smtps", "smpp" };
    struct fixture *f = *state;
    struct courier_mail m = mail(f);
    struct courier_answer got;
    struct err e;
    unsigned port = port_of(f->sink.listening), asked = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t k = 0; k < 3; k++) {
            struct str row = str_of(rows[i]), text = S("");
            size_t at = str_find(row, S("%s"), 0);
            struct str rest = at == SIZE_MAX ? row : str_sub(row, at + 2, row.len);
            if (at != SIZE_MAX) text = str_of(schemes[k]);
            size_t to = str_find(rest, S("%u"), 0);
            text = to == SIZE_MAX ? ARENA_CAT(&f->arena, text, rest)
                                  : ARENA_CAT(&f->arena, text, str_sub(rest, 0, to), arena_i64(&f->arena, port),
                                              str_sub(rest, to + 2, rest.len));
            const struct courier_sms t = { .server = text, .from = S("1"), .to = S("2"), .text = S("x") };
            struct ipc_request r = { .peer = "courier", .type = COURIER_SMS, .body = courier_sms_pack(&f->arena, &t),
                                     .arena = &f->arena, .timeout_ms = 60000 };
            m.server = text;
            assert_int_equal(ask(f, &m, &got, &e), ERR_FORBIDDEN);
            assert_int_equal(ipc_ask(&f->hub, &r), ERR_FORBIDDEN);
            asked += 2;
        }
    struct pollfd p = { .fd = f->sink.listening, .events = POLLIN };
    assert_int_equal(poll(&p, 1, 0), 0); /* nobody came */
    assert_true(asked > 100);
    struct courier_mail right = mail(f);
    assert_int_equal(send_with(f, 250, &right, &got), 0); /* the control: this one does */
    assert_int_equal(got.outcome, COURIER_DELIVERED);
}

static void hostile_fields_are_refused(void **state) {
    struct fixture *f = *state;
    static const char *const bad[] = { "a@b\r\nRCPT TO:<x@y>", "a b@c", "<a@b>", "a@", "@b", "ab", "a@b@c", "a@b c", "a@\xff" };
    struct courier_answer got;
    struct err e;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct courier_mail m = mail(f);
        m.to = str_of(bad[i]);
        assert_int_equal(ask(f, &m, &got, &e), 0);
        assert_int_equal(got.outcome, COURIER_REFUSED);
        assert_true(str_eq(got.said, S("to")));
    }
}

static void message_is_seven_bit_and_folded(void **state) {
    struct fixture *f = *state;
    struct courier_mail c = mail(f);
    struct smtp_mail m = { .server = c.server, .from = c.from, .to = c.to, .subject = c.subject, .body = c.body, .id = c.id };
    struct str text = smtp_message(&f->arena, &m), line;
    assert_true(text.len > 0);
    assert_int_equal(str_find(text, S("Subject: =?UTF-8?B?"), 0) != SIZE_MAX, 1);
    while (str_cut(&text, '\n', &line)) {
        assert_true(line.len <= 90);
        for (size_t i = 0; i < line.len; i++) assert_true((unsigned char)line.ptr[i] < 0x7f);
    }
}

static void packing_is_checked(void **state) {
    struct fixture *f = *state;
    struct courier_mail m = mail(f), back;
    struct courier_answer answer;
    struct str packed = courier_mail_pack(&f->arena, &m);
    assert_int_equal(courier_mail_unpack(packed, &back, NULL), 0);
    assert_true(str_eq(back.body, m.body) && str_eq(back.id, m.id) && back.date_ms == m.date_ms);
    for (size_t n = 0; n < packed.len; n++)
        assert_int_equal(courier_mail_unpack(str_sub(packed, 0, n), &back, NULL), ERR_SYNTAX);
    assert_int_equal(courier_mail_unpack(ARENA_CAT(&f->arena, packed, S("x")), &back, NULL), ERR_SYNTAX);
    assert_int_equal(courier_answer_unpack(S(""), &answer, NULL), ERR_SYNTAX);
    assert_int_equal(courier_answer_unpack(S("\x09"), &answer, NULL), ERR_SYNTAX);
}

/* A password goes to the gateways as a C string: what stands behind a NUL would be left out in silence. */
static void test_secrets_are_whole(void **state) {
    (void)state;
    struct err e = { 0 };
    assert_int_equal(courier_secrets_check(S("# gateways\nmail.password = a=b\n"), &e), 0);
    assert_true(str_eq(courier_secret(S("# gateways\nmail.password = a=b\n"), S("mail.password")), S("a=b")));
    assert_int_equal(courier_secrets_check(S("\nmail.password=a\0b\n"), &e), ERR_FORMAT);
    assert_int_equal(e.line, 2);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_secrets_are_whole), TEST(a_mail_arrives), TEST(outcomes), TEST(only_the_list),
                                        TEST(no_other_place_is_reached), TEST(hostile_fields_are_refused),
                                        TEST(message_is_seven_bit_and_folded), TEST(packing_is_checked) };
    return cmocka_run_group_tests_name("courier", tests, NULL, NULL);
}
