/* Where connections run out, those who hold one and ask for nothing make room; who asks keeps his. What one request was given more of is
 * not the next one's; who asks has one address, however the socket writes it. */
#include "http/http_test_client.h"
#include "http/server.h"
#include "os/os.h"
#include "os/proc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

enum { PLACES = 64, ROUNDS = 3 };

static void answer(struct http_req *r, void *context) {
    const struct http_reply reply = { .status = 200, .media_type = S("text/plain"), .body = S("here") };
    (void)context;
    http_reply(r, &reply);
}

/* One request on an open connection. */
static int ask(struct arena *a, int fd) {
    bool closed;
    if (!client_send(fd, S("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))) return 0;
    return client_status(client_read_all(a, fd, &closed));
}

static void test_who_only_holds_a_place_makes_room(void **state) {
    struct http_server *server;
    struct arena a;
    struct err e = { 0 };
    int holds[PLACES * 2];
    /* a connection that asks for nothing would rest for an hour */
    const struct http_config c = { .listen_fd = -1, .address = S("127.0.0.1:0"), .handler = answer,
                                   .limits = { .threads = 1, .connections = PLACES, .idle_s = 3600 } };
    (void)state;
    arena_init(&a, "test", (size_t)8 << 20);
    assert_int_equal(http_start(&c, &server, &e), 0);
    for (int i = 0; i < PLACES * 2; i++) { /* as many again as there are places; some have begun to ask, and do not end */
        holds[i] = client_connect(http_port(server));
        assert_true(holds[i] >= 0);
        if (i % 2) assert_true(client_send(holds[i], S("GET / HTTP/1.1\r\nHost: ")));
    }
    for (int i = 0; i < ROUNDS; i++) {
        int fd = client_connect(http_port(server));
        assert_true(fd >= 0);
        assert_int_equal(ask(&a, fd), 200);
        (void)close(fd);
    }
    struct http_stats n;
    http_stats(server, &n);
    assert_true(n.cut > 0);
    for (int i = 0; i < PLACES * 2; i++) (void)close(holds[i]);
    http_stop(server, 1000);
    arena_done(&a);
}

/* How much there is for this request, who asks; and more for this one. */
static void answer_limits(struct http_req *r, void *context) {
    const struct http_reply reply = { .status = 200, .media_type = S("text/plain"),
                                      .body = arena_fmt(r->arena, "%zu %zu %.*s", r->arena->limit_bytes, r->job_arena->limit_bytes,
                                                        STR_ARG(r->peer)) };
    (void)context;
    r->arena->limit_bytes = r->job_arena->limit_bytes = (size_t)64 << 20;
    http_reply(r, &reply);
}

static void test_what_is_a_request_s_ends_with_it(void **state) {
    enum { ARENA_BYTES = 3 << 20 };
    /* the last: of both families, where an IPv4 client is written as an IPv6 one */
    static const char *const addresses[] = { "127.0.0.1:0", "[::]:0" };
    const struct str want = S("3145728 3145728 127.0.0.1");
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct http_server *server;
        struct arena a;
        struct err e = { 0 };
        bool closed;
        int listens;
        if (proc_listen(str_of(addresses[i]), &listens, &e)) { /* as the program does; libmicrohttpd's own is of one family */
            assert_int_equal(i, 1);
            print_message("SKIPPED: no IPv6 on this machine: %s\n", e.detail);
            continue;
        }
        const struct http_config c = { .listen_fd = listens, .handler = answer_limits,
                                       .limits = { .threads = 1, .request_arena_bytes = ARENA_BYTES } };
        assert_int_equal(http_start(&c, &server, &e), 0);
        arena_init(&a, "test", (size_t)8 << 20);
        for (int k = 0; k < ROUNDS; k++) {
            int fd = client_connect(http_port(server));
            assert_true(client_send(fd, S("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")));
            assert_true(str_eq(client_body(client_read_all(&a, fd, &closed)), want));
            (void)close(fd);
        }
        http_stop(server, 1000);
        os_close(listens);
        arena_done(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_who_only_holds_a_place_makes_room),
                                        cmocka_unit_test(test_what_is_a_request_s_ends_with_it) };
    return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
