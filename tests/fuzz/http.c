/* fuzz http: any bytes over a connection to a server of ours: libmicrohttpd, the guard, forms and uploads as they stand together. Whatever comes, no answer is
 * our own fault, and there are no more answers than lines came. What is answered was understood: a normal path and valid texts.
 */
#include "http/http.h"
#include "http/http_test_client.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { BODY_MAX = 4096, PATIENCE_MS = 100 };

static void on_request(struct http_req *r, void *context) {
    const struct http_reply reply = { .status = 200, .media_type = S("text/plain"), .body = S("ok") };
    (void)context;
    assert(r->path.ptr[0] == '/' && str_utf8_valid(r->path) && str_find(r->path, S("/../"), 0) == SIZE_MAX);
    for (size_t i = 0; i < r->n_query; i++) assert(str_utf8_valid(r->query[i].name) && str_utf8_valid(r->query[i].value));
    for (size_t i = 0; i < r->n_form; i++) assert(str_utf8_valid(r->form[i].name) && str_utf8_valid(r->form[i].value));
    for (size_t i = 0; i < r->n_upload; i++) assert(str_utf8_valid(r->upload[i].file_name) && r->upload[i].size_bytes <= BODY_MAX);
    http_reply(r, &reply);
}

static size_t on_limit(struct http_req *r, void *context) {
    (void)context;
    return r->method == HTTP_POST ? BODY_MAX : 0;
}

static size_t count(struct str s, struct str what) {
    size_t n = 0;
    for (size_t at = str_find(s, what, 0); at != SIZE_MAX; at = str_find(s, what, at + what.len)) n++;
    return n;
}

/* What comes until the server closes; of what it waits on with, what came so far. */
static struct str hear(struct arena *a, int fd) {
    char *p = arena_alloc(a, CLIENT_BYTES_MAX);
    size_t n = 0;
    struct pollfd in = { .fd = fd, .events = POLLIN };
    while (p && n < CLIENT_BYTES_MAX && poll(&in, 1, PATIENCE_MS) == 1) {
        ssize_t got = recv(fd, p + n, CLIENT_BYTES_MAX - n, 0);
        if (got <= 0) break;
        n += (size_t)got;
    }
    return str_make(p, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static struct http_server *server;
    const struct http_config c = { .address = S("127.0.0.1:0"), .handler = on_request, .body_limit = on_limit, .listen_fd = -1,
                                   .trusted_proxy = S("127.0.0.1"), .limits = { .threads = 1, .idle_s = 1 } };
    struct str in = str_make((const char *)bytes, n);
    struct arena a;
    struct err e;
    if (!server) assert(http_start(&c, &server, &e) == 0);
    arena_init(&a, "fuzz", 1 << 20);
    int fd = client_connect(http_port(server));
    assert(fd >= 0);
    (void)client_send(fd, in); /* it may be refused before its end */
    (void)client_send(fd, S("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")); /* so that a connection which is kept ends */
    (void)shutdown(fd, SHUT_WR);
    struct str got = hear(&a, fd);
    (void)close(fd);
    assert(count(got, S("HTTP/1.1 ")) <= count(in, S("\n")) + 3); /* with the last; the library's own refusal repeats its head */
    assert(count(got, S("HTTP/1.1 500")) == 0 && count(got, S("HTTP/1.1 503")) == 0);
    arena_done(&a);
    return 0;
}
