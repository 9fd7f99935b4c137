/* Where connections run out, those who hold one and ask for nothing make room; who asks keeps his. */
#include "http/http_test_client.h"
#include "http/server.h"

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

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_who_only_holds_a_place_makes_room) };
    return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
