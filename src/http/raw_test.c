/* Raw bytes by chance against a running server (T23): well-formed requests, several on a connection, with seeded slips in
 * them. Whatever comes, each gets at most one answer, none is our own fault, what is well formed is served. Under ASan and
 * UBSan in ./check sanitize, where this counts most; what is malformed in a known way is judged in guard_test.c.
 */
#include "http/http_test_client.h"
#include "http/server.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ROUNDS = 4000, BYTES = 4096, ON_ONE = 3, SLIPS = 4, BODY_MAX = 2048, PATIENCE_MS = 4, LIMIT_MS = 60000 };

static void on_request(struct http_req *r, void *context) {
    struct str text = arena_fmt(r->arena, "ok %.*s q%zu f%zu", STR_ARG(r->path), r->n_query, r->n_form);
    const struct http_reply reply = { .status = 200, .media_type = S("text/plain"), .body = text };
    (void)context;
    http_reply(r, &reply);
}

static size_t on_limit(struct http_req *r, void *context) {
    (void)context;
    return r->method == HTTP_POST ? BODY_MAX : 0;
}

/* SplitMix64: the same rounds each time. */
static uint64_t draw(uint64_t *seed) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

#define HOST "Host: a.example\r\n"
static const struct str good[] = {
    S_INIT("GET / HTTP/1.1\r\n" HOST "\r\n"),
    S_INIT("GET /%E4%B8%AD/a.b?x=1&y=%2F+%E4%B8%AD&x=2 HTTP/1.1\r\n" HOST "Cookie: a=b; c=d\r\nX-A:  b \t\r\n\r\n"),
    S_INIT("GET /a HTTP/1.1\r\n" HOST "Range: bytes=0-9,20-\r\nIf-None-Match: \"a\", W/\"b\"\r\n"
           "Accept-Language: zh, en;q=0.5\r\n\r\n"),
    S_INIT("HEAD /a HTTP/1.1\r\n" HOST "Last-Event-ID: 12\r\nX-Forwarded-For: 10.0.0.1, ::1\r\n\r\n"),
    S_INIT("POST /a HTTP/1.1\r\n" HOST "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 22\r\n\r\n"
           "a=1&b=%E4%B8%AD&a=+%2B"),
    S_INIT("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n"),
    S_INIT("POST /a HTTP/1.1\r\n" HOST "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 132\r\n\r\n"
           "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
           "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"b.pdf\"\r\n\r\n%PDF\r\n--x--\r\n"),
};
static const struct str odd[] = { S_INIT("\r\n"), S_INIT("\n"), S_INIT("\r"), S_INIT("\0"), S_INIT(":"), S_INIT(" "),
                                  S_INIT("%"), S_INIT("%00"),
                                  S_INIT("--x"), S_INIT("\xff"), S_INIT("\xe4\xb8"), S_INIT("Content-Length: 5\r\n"), S_INIT("0\r\n\r\n"),
                                  S_INIT("ffffffffffffffff"), S_INIT("99999999999999999999"), S_INIT("-1"), S_INIT("\""), S_INIT(";"),
                                  S_INIT("Transfer-Encoding: chunked\r\n"), S_INIT("HTTP/1.1"), S_INIT("/../"), S_INIT("&=&") };

/* Takes `n` bytes at `at` out of the text and puts others in; what does not fit is left out. */
static void put(char *text, size_t *len, size_t at, size_t n, struct str other) {
    if (at > *len || n > *len - at || *len - n + other.len > BYTES) return;
    memmove(text + at + other.len, text + at + n, *len - at - n);
    memcpy(text + at, other.ptr, other.len);
    *len = *len - n + other.len;
}

static void slip(uint64_t *seed, char *text, size_t *len) {
    char piece[64];
    size_t at = draw(seed) % (*len + 1), n = draw(seed) % 32;
    if (n > *len - at) n = *len - at;
    switch (draw(seed) % 5) {
    case 0: put(text, len, at, 0, odd[draw(seed) % (sizeof odd / sizeof *odd)]); break;
    case 1: put(text, len, at, n, S("")); break;
    case 2: put(text, len, at, n, odd[draw(seed) % (sizeof odd / sizeof *odd)]); break;
    case 3: /* the same again */
        memcpy(piece, text + at, n);
        put(text, len, at, 0, str_make(piece, n));
        break;
    default:
        if (at < *len) text[at] = (char)(text[at] ^ 1 << draw(seed) % 8);
    }
}

static size_t count(struct str s, struct str what) {
    size_t n = 0;
    for (size_t at = str_find(s, what, 0); at != SIZE_MAX; at = str_find(s, what, at + what.len)) n++;
    return n;
}

/* An answer for each request at the most, the last one perhaps the refusal of what follows; and none of 500. */
static bool sound(struct str sent, struct str got) {
    size_t lines = count(sent, S("\n"));
    return count(got, S("HTTP/1.1 ")) <= lines + 1 && count(got, S("HTTP/1.1 500")) == 0 && count(got, S("HTTP/1.1 503")) == 0;
}

/* What comes back; of what may never be answered, what came so far: the client goes away. */
static struct str hear(struct arena *a, int fd, bool awaited) {
    char *p = arena_alloc(a, CLIENT_BYTES_MAX);
    size_t n = 0;
    struct pollfd in = { .fd = fd, .events = POLLIN };
    while (p && n < CLIENT_BYTES_MAX && poll(&in, 1, awaited && !n ? LIMIT_MS : PATIENCE_MS) == 1) {
        ssize_t got = recv(fd, p + n, CLIENT_BYTES_MAX - n, 0);
        if (got <= 0) break;
        n += (size_t)got;
    }
    return str_make(p, n);
}

static void test_whatever_comes(void **state) {
    const struct http_config c = { .address = S("127.0.0.1:0"), .handler = on_request, .body_limit = on_limit, .listen_fd = -1,
                                   .trusted_proxy = S("127.0.0.1"), .limits = { .threads = 2 } };
    static char text[BYTES];
    struct http_server *server;
    struct arena a;
    struct err e = { 0 };
    uint64_t seed = 23;
    size_t whole = 0;
    (void)state;
    arena_init(&a, "test", (size_t)64 << 20);
    assert_int_equal(http_start(&c, &server, &e), 0);
    for (int i = 0; i < ROUNDS; i++) {
        size_t len = 0;
        for (uint64_t n = 1 + draw(&seed) % ON_ONE; n; n--) put(text, &len, len, 0, good[draw(&seed) % (sizeof good / sizeof *good)]);
        uint64_t slips = draw(&seed) % SLIPS;
        for (uint64_t n = slips; n; n--) slip(&seed, text, &len);
        int fd = client_connect(http_port(server));
        assert_true(fd >= 0);
        (void)client_send(fd, str_make(text, len)); /* it may be refused before its end */
        struct str got = hear(&a, fd, slips == 0);
        (void)close(fd);
        whole += slips == 0;
        int status = client_status(got);
        bool served = status / 100 == 2 || status == 411; /* chunks are not taken */
        if (!sound(str_make(text, len), got) || (slips == 0 && !served))
            fail_msg("round %d\n%.*s\n--- was answered\n%.*s", i, (int)len, text, STR_ARG(str_sub(got, 0, 400)));
        arena_reset(&a);
    }
    assert_true(whole > ROUNDS / 10);
    http_stop(server, 1000);
    arena_done(&a);
}

static void test_the_judge(void **state) {
    (void)state;
    assert_true(sound(S("GET /\n\n"), S("HTTP/1.1 400 ")));
    assert_false(sound(S("GET /\n\n"), S("HTTP/1.1 500 ")));
    assert_false(sound(S("x\n"), S("HTTP/1.1 200 HTTP/1.1 200 HTTP/1.1 200 ")));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_judge), cmocka_unit_test(test_whatever_comes) };
    return cmocka_run_group_tests_name("raw", tests, NULL, NULL);
}
