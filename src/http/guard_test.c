/* Raw probes against a running server: every malformed request gets one refusal and a closed connection (T22, T28),
 * every limit holds at n and breaks at n + 1 (T26). */
#include "http/guard.h"
#include "http/http_test_client.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

enum { BODY_MAX = 2048 };

static struct http_server *server;
static struct arena arena;

static void on_request(struct http_req *r, void *context) {
    (void)context;
    struct str text = arena_fmt(r->arena, "ok %.*s q%zu f%zu", STR_ARG(r->path), r->n_query, r->n_form);
    struct http_reply reply = { .status = 200, .media_type = S("text/plain"), .body = text };
    http_reply(r, &reply);
}

static size_t on_limit(struct http_req *r, void *context) {
    (void)context;
    return r->method == HTTP_POST ? BODY_MAX : 0;
}

static int start(void **state) {
    struct http_config c = { .address = S("127.0.0.1:0"),
                             .handler = on_request,
                             .body_limit = on_limit,
                             .listen_fd = -1,
                             .limits = { .threads = 2 } };
    struct err e;
    (void)state;
    arena_init(&arena, "test", 256 * 1024 * 1024);
    return http_start(&c, &server, &e);
}

static int stop(void **state) {
    (void)state;
    http_stop(server, 1000);
    arena_done(&arena);
    return 0;
}

#define HOST "Host: a.example\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST
#define POST "POST / HTTP/1.1\r\n" HOST
#define FORM POST "Content-Type: application/x-www-form-urlencoded\r\n"
#define NEXT "GET /next HTTP/1.1\r\n" HOST "\r\n" /* what a smuggler hopes to have answered */

static const struct probe {
    const char *name;
    struct str bytes;
    int status;
    bool by_mhd; /* answered below us: its reply repeats its own head inside its body (libmicrohttpd 0.9.75) */
} probes[] = {
    /* Host: RFC 9112 section 3.2 */
    { "no Host", S_INIT("GET / HTTP/1.1\r\n\r\n" NEXT), 400, false },
    { "two Hosts", S_INIT(GET HOST "\r\n" NEXT), 400, false },
    { "two different Hosts", S_INIT(GET "Host: b\r\n\r\n" NEXT), 400, false },
    { "empty Host", S_INIT("GET / HTTP/1.1\r\nHost:\r\n\r\n" NEXT), 400, false },
    { "Host with user", S_INIT("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n" NEXT), 400, false },
    { "Host with path", S_INIT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" NEXT), 400, false },
    { "Host with blank", S_INIT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n" NEXT), 400, false },
    { "Host with list", S_INIT("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n" NEXT), 400, false },
    { "Host with bad port", S_INIT("GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n" NEXT), 400, false },
    { "Host with empty port", S_INIT("GET / HTTP/1.1\r\nHost: a:\r\n\r\n" NEXT), 400, false },
    /* framing: RFC 9112 section 6.3, RFC 9110 section 8.6 */
    { "CL and TE", S_INIT(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE and CL", S_INIT(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "two CL, equal", S_INIT(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" NEXT), 400, false },
    { "two CL, different", S_INIT(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" NEXT), 400, false },
    { "CL list", S_INIT(POST "Content-Length: 5, 5\r\n\r\nhello" NEXT), 400, true },
    { "CL list without a blank", S_INIT(POST "Content-Length: 5,5\r\n\r\nhello" NEXT), 400, true },
    { "CL +5", S_INIT(POST "Content-Length: +5\r\n\r\nhello" NEXT), 400, true },
    { "CL -5", S_INIT(POST "Content-Length: -5\r\n\r\nhello" NEXT), 400, true },
    { "CL hex", S_INIT(POST "Content-Length: 0x5\r\n\r\nhello" NEXT), 400, true },
    { "CL word", S_INIT(POST "Content-Length: five\r\n\r\nhello" NEXT), 400, true },
    { "CL empty", S_INIT(POST "Content-Length:\r\n\r\nhello" NEXT), 400, true },
    { "CL with inner blank", S_INIT(POST "Content-Length: 5 5\r\n\r\nhello" NEXT), 400, true },
    { "CL above 64 bits", S_INIT(POST "Content-Length: 99999999999999999999\r\n\r\nhello" NEXT), 413, true },
    { "CL above the limit", S_INIT(POST "Content-Length: 999999999\r\n\r\nhello" NEXT), 413, false },
    { "body where none is taken", S_INIT(GET "Content-Length: 5\r\n\r\nhello" NEXT), 413, false },
    { "TE chunked", S_INIT(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" NEXT), 411, false },
    { "chunk size 0x5", S_INIT(POST "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n" NEXT), 411, false },
    { "chunk extension", S_INIT(POST "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n" NEXT), 411,
      false },
    { "chunk with bare LF", S_INIT(POST "Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n" NEXT), 411, false },
    { "chunk trailer", S_INIT(POST "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n" NEXT), 411,
      false },
    { "TE xchunked", S_INIT(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE identity", S_INIT(POST "Transfer-Encoding: identity\r\n\r\n" NEXT), 400, false },
    { "TE gzip, chunked", S_INIT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE chunked, identity", S_INIT(POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE twice", S_INIT(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" NEXT), 400,
      false },
    { "TE quoted", S_INIT(POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE with tab", S_INIT(POST "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" NEXT), 411, false },
    { "TE with vertical tab",
      S_INIT(POST "Transfer-Encoding: \x0b"
                  "chunked\r\n\r\n0\r\n\r\n" NEXT),
      400, false },
    { "TE folded", S_INIT(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE in HTTP/1.0", S_INIT("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT), 400,
      false },
    { "Content-Encoding", S_INIT(POST "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello" NEXT), 400, false },
    { "Expect without a body", S_INIT(GET "Expect: 100-continue\r\n\r\n" NEXT), 400, false },
    { "Expect with an empty body", S_INIT(POST "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n" NEXT), 400, false },
    { "CL twice, the second in small letters", S_INIT(POST "Content-Length: 5\r\ncontent-length: 5\r\n\r\nhello" NEXT), 400, false },
    { "CL 0 and CL 5", S_INIT(POST "Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello" NEXT), 400, false },
    { "CL 5 and CL 0", S_INIT(POST "Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello" NEXT), 400, false },
    { "CL with a decimal point", S_INIT(POST "Content-Length: 5.0\r\n\r\nhello" NEXT), 400, true },
    { "CL with an exponent", S_INIT(POST "Content-Length: 5e0\r\n\r\nhello" NEXT), 400, true },
    { "CL quoted", S_INIT(POST "Content-Length: \"5\"\r\n\r\nhello" NEXT), 400, true },
    { "CL with a parameter", S_INIT(POST "Content-Length: 5;a=b\r\n\r\nhello" NEXT), 400, true },
    { "CL of full-width digits", S_INIT(POST "Content-Length: \xef\xbc\x95\r\n\r\nhello" NEXT), 400, true },
    { "CL that wraps round 32 bits", S_INIT(POST "Content-Length: 4294967301\r\n\r\nhello" NEXT), 413, false },
    { "CL that wraps round 64 bits", S_INIT(POST "Content-Length: 18446744073709551621\r\n\r\nhello" NEXT), 413, true },
    { "CL folded", S_INIT(POST "Content-Length:\r\n 5\r\n\r\nhello" NEXT), 400, false },
    { "CL behind a bare CR", S_INIT(POST "X-A: b\rContent-Length: 5\r\n\r\nhello" NEXT), 400, false },
    { "TE in capitals", S_INIT(POST "TRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n" NEXT), 411, false },
    { "TE with a trailing comma", S_INIT(POST "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE with a leading comma", S_INIT(POST "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE twice chunked", S_INIT(POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE with a parameter", S_INIT(POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE empty", S_INIT(POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE behind a NUL", S_INIT(POST "Transfer-Encoding: \0chunked\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE with an obs-text byte", S_INIT(POST "Transfer-Encoding: chunked\xff\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE with an underscore, and CL",
      S_INIT(POST "Transfer_Encoding: chunked\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE and two CL",
      S_INIT(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE with a blank before the colon",
      S_INIT(POST "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "TE behind a bare LF", S_INIT(POST "X-A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT), 400, false },
    { "GET with chunks", S_INIT(GET "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT), 411, false },
    { "chunk size above 64 bits",
      S_INIT(POST "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n" NEXT), 411, false },
    { "a colon in a name, as HTTP/2 has them", S_INIT(POST ":method: GET\r\n\r\n" NEXT), 400, false },
    { "Expect of something else", S_INIT(POST "Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello" NEXT), 400, false },
    /* lines and fields: RFC 9112 sections 2.2, 5 */
    { "blank before colon", S_INIT(GET "X-A : b\r\n\r\n" NEXT), 400, false },
    { "tab before colon", S_INIT(GET "X-A\t: b\r\n\r\n" NEXT), 400, false },
    { "blank before colon of CL", S_INIT(POST "Content-Length : 5\r\n\r\nhello" NEXT), 400, false },
    { "folded field", S_INIT(GET "X-A: b\r\n c\r\n\r\n" NEXT), 400, false },
    { "folded with tab", S_INIT(GET "X-A: b\r\n\tc\r\nX-B: d\r\n\r\n" NEXT), 400, false },
    { "folded to nothing", S_INIT(GET "X-A: b\r\n \r\n\r\n" NEXT), 400, false },
    { "first field folded", S_INIT("GET / HTTP/1.1\r\n " HOST "\r\n" NEXT), 400, false },
    { "bare LF everywhere", S_INIT("GET / HTTP/1.1\nHost: a\n\n"), 400, false },
    { "bare LF after the request line", S_INIT("GET / HTTP/1.1\n" HOST "\r\n" NEXT), 400, false },
    { "bare LF after a field", S_INIT("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n" NEXT), 400, false },
    { "bare LF after the last field", S_INIT("GET / HTTP/1.1\r\nHost: a\n\r\n" NEXT), 400, false },
    { "bare LF at the end", S_INIT("GET / HTTP/1.1\r\n" HOST "\n"), 400, false },
    { "bare CR in a value", S_INIT(GET "X-A: b\rc\r\n\r\n" NEXT), 400, false },
    { "bare CR hides a field", S_INIT(GET "X-A: b\rContent-Length: 5\r\n\r\n" NEXT), 400, false },
    { "CR CR LF", S_INIT(GET "X-A: b\r\r\n\r\n" NEXT), 400, false },
    { "NUL in a value", S_INIT(GET "X-A: b\0c\r\n\r\n" NEXT), 400, false },
    { "NUL ends a value", S_INIT(GET "X-A: b\0\r\n\r\n" NEXT), 400, false },
    { "NUL in a name", S_INIT(GET "X\0A: b\r\n\r\n" NEXT), 400, true },
    { "NUL in the target", S_INIT("GET /a\0b HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "control in a value", S_INIT(GET "X-A: b\x01\r\n\r\n" NEXT), 400, false },
    { "DEL in a value", S_INIT(GET "X-A: b\x7f\r\n\r\n" NEXT), 400, false },
    { "no colon", S_INIT(GET "X-A\r\n\r\n" NEXT), 400, true },
    { "empty name", S_INIT(GET ": b\r\n\r\n" NEXT), 400, false },
    { "parenthesis in a name", S_INIT(GET "X(A): b\r\n\r\n" NEXT), 400, false },
    { "name outside ASCII", S_INIT(GET "X\xc3\xa9: b\r\n\r\n" NEXT), 400, false },
    /* request line: RFC 9112 section 3 */
    { "two blanks", S_INIT("GET  / HTTP/1.1\r\n" HOST "\r\n"), 400, false },
    { "blank behind the target", S_INIT("GET /  HTTP/1.1\r\n" HOST "\r\n"), 400, false },
    { "tab for blank", S_INIT("GET\t/\tHTTP/1.1\r\n" HOST "\r\n"), 0, true },
    { "blank behind the version", S_INIT("GET / HTTP/1.1 \r\n" HOST "\r\n" NEXT), 400, true },
    { "HTTP/0.9", S_INIT("GET /\r\n\r\n"), 400, true },
    { "HTTP/1.2", S_INIT("GET / HTTP/1.2\r\n" HOST "\r\n" NEXT), 505, false },
    { "HTTP/2 preface", S_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505, true },
    { "small http", S_INIT("GET / http/1.1\r\n" HOST "\r\n" NEXT), 400, true },
    { "unknown method", S_INIT("BREW / HTTP/1.1\r\n" HOST "\r\n" NEXT), 501, false },
    { "small method", S_INIT("get / HTTP/1.1\r\n" HOST "\r\n" NEXT), 501, false },
    { "TRACE", S_INIT("TRACE / HTTP/1.1\r\n" HOST "\r\n" NEXT), 501, false },
    { "CONNECT", S_INIT("CONNECT a.example:443 HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "asterisk", S_INIT("OPTIONS * HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "target without slash", S_INIT("GET next HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "absolute form, other host", S_INIT("GET http://b.example/ HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "absolute form, user", S_INIT("GET http://u@a.example/ HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "absolute form, other scheme", S_INIT("GET ftp://a.example/ HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "absolute form, no path", S_INIT("GET http://a.example HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "fragment", S_INIT("GET /a#b HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    /* the path: RFC 3986 section 6, T28 */
    { "%00", S_INIT("GET /a%00b HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "%0a", S_INIT("GET /a%0ab HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "%zz", S_INIT("GET /a%zz HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "% at the end", S_INIT("GET /a% HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "%4 at the end", S_INIT("GET /a%4 HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "%2e%2e", S_INIT("GET /a/%2e%2e/b HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { ".%2E", S_INIT("GET /a/.%2E HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "..", S_INIT("GET /../etc/passwd HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { ".", S_INIT("GET /./a HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "%2f", S_INIT("GET /a%2fb HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "%5c", S_INIT("GET /a%5c..%5cb HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "backslash", S_INIT("GET /a\\b HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "double slash", S_INIT("GET //a HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "nothing but slashes", S_INIT("GET // HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false }, /* found by fuzzing */
    { "double slash at the end", S_INIT("GET /a// HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "overlong slash", S_INIT("GET /a%c0%af HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "overlong NUL", S_INIT("GET /a%c0%80 HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "surrogate", S_INIT("GET /a%ed%a0%80 HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "half a character", S_INIT("GET /a%e4%b8 HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "raw bytes above ASCII", S_INIT("GET /\xe4\xb8\xad HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "query %zz", S_INIT("GET /?a=%zz HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "query %00", S_INIT("GET /?a=%00 HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    { "query outside UTF-8", S_INIT("GET /?a=%ff HTTP/1.1\r\n" HOST "\r\n" NEXT), 400, false },
    /* bodies */
    { "form %", S_INIT(FORM "Content-Length: 3\r\n\r\na=%" NEXT), 400, false },
    { "form, a name outside UTF-8", S_INIT(FORM "Content-Length: 5\r\n\r\n%ff=a" NEXT), 400, false },
    { "form, NUL in a name", S_INIT(FORM "Content-Length: 5\r\n\r\n%00=a" NEXT), 400, false },
    { "multipart without boundary",
      S_INIT(POST "Content-Type: multipart/form-data\r\nContent-Length: 5\r\n\r\nhello" NEXT), 400, false },
    { "multipart cut short",
      S_INIT(POST "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5\r\n\r\n--x\r\n" NEXT), 400,
      false },
};

static size_t replies_in(struct str all) {
    size_t n = 0;
    for (size_t at = 0; (at = str_find(all, S("HTTP/1.1 "), at)) != SIZE_MAX; at++) n++;
    return n;
}

static void every_malformed_request_is_refused_once_and_cut(void **state) {
    size_t bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
        const struct probe *p = &probes[i];
        bool closed;
        arena_reset(&arena);
        struct str all = client_talk(&arena, http_port(server), p->bytes, &closed);
        bool once = p->by_mhd || replies_in(all) == 1,
             ours = p->by_mhd || client_field(all, S("X-Request-Id")).len == 32;
        if (closed && once && ours && client_status(all) == p->status && str_find(all, S("/next"), 0) == SIZE_MAX)
            continue;
        print_error("%s: closed %d, replies %zu\n%.*s\n", p->name, closed, replies_in(all),
                    STR_ARG(str_sub(all, 0, 400)));
        bad++;
    }
    assert_int_equal(bad, 0);
}

/* T22 counts what is refused here. */
_Static_assert(sizeof probes / sizeof probes[0] >= 120, "a matrix of smuggling has at least 120 forms");

/* The control: the same server answers what is well formed, twice on one connection, so a refusal above is a judgement.
 */
static void well_formed_requests_pass(void **state) {
    static const struct str good[] = {
        S_INIT(GET "\r\n"),
        S_INIT(GET "X-A:  b \t\r\nX-B:\r\nCookie: a=b; c=d\r\n\r\n"),
        S_INIT("GET /%E4%B8%AD/a.b?x=1&y=%2F+%E4%B8%AD HTTP/1.1\r\nHost: a.example:8080\r\n\r\n"),
        S_INIT("GET http://a.example/a HTTP/1.1\r\n" HOST "\r\n"),
        S_INIT("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
        S_INIT("\r\n" GET "\r\n"),
        S_INIT(POST "\r\n"),
        S_INIT(POST "Content-Length: 0\r\n\r\n"),
        S_INIT(FORM "Content-Length: 7\r\n\r\na=1&b=2"),
        S_INIT(POST "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 57\r\n\r\n"
                    "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int fd = client_connect(http_port(server));
        for (int twice = 0; twice < 2; twice++) {
            assert_true(client_send(fd, good[i]));
            struct str reply = client_read_one(&arena, fd, false);
            if (client_status(reply) != 200) print_error("%zu: %.*s\n", i, STR_ARG(reply));
            assert_int_equal(client_status(reply), 200);
        }
        (void)close(fd);
    }
}

/* T28: every way up a tree, or out of it, is refused; what is no way (a text that looks like one when decoded twice) stays a text. */
static void no_path_leaves_its_tree(void **state) {
    static const char *const up[] = { "..", ".%2e", "%2e.", "%2E%2e", "%2e%2E" };
    static const char *const sep[] = {
        "/", "//", "/./", "%2f", "%2F", "\\", "%5c", "%5C", "%c0%af", "%e0%80%af", "%f0%80%80%af", "%00/", "%0d/",
        "%09/", "/%2e/", "%%32%66",
    };
    static const char *const before[] = { "/", "/a/", "/assets/", "//", "http://a.example/" };
    static const char *const same[] = {
        "/a/%252e%252e/b", "/a/..b", "/a/b..", "/a/...", "/a/%E2%80%A5/b", "/a/%EF%BC%8E%EF%BC%8E/b", "/a;/b",
        "/a/~root",
    };
    size_t asked = 0;
    char text[256];
    struct str path, query;
    (void)state;
    for (size_t u = 0; u < 5; u++)
        for (size_t s = 0; s < sizeof sep / sizeof *sep; s++)
            for (size_t b = 0; b < sizeof before / sizeof *before; b++, asked++) {
                (void)snprintf(text, sizeof text, "%s%s%s%s%setc/passwd", before[b], up[u], sep[s], up[u], sep[s]);
                arena_reset(&arena);
                if (guard_target(&arena, str_of(text), S("a.example"), &path, &query) != 400) fail_msg("%s is taken", text);
            }
    assert_true(asked >= 200);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (guard_target(&arena, str_of(same[i]), S("a.example"), &path, &query) != 0) fail_msg("%s is refused", same[i]);
        assert_true(str_find(path, S("/../"), 0) == SIZE_MAX);
    }
}

/* What the limits are tried with. A request within them asks for the connection to be closed, or it would stay open; one beyond them does
 * not, and has another behind it: it is cut all the same, and what follows is not answered. Both are as long. */
#define ENDS "Host: a\r\nConnection: close\r\n"
#define STAYS "Host: a\r\nX-Wish: stay open\r\n"
_Static_assert(sizeof ENDS == sizeof STAYS, "the same number of bytes");

static int status_of_all(struct buf *b) {
    bool closed;
    assert_true(buf_ok(b));
    struct str all = client_talk(&arena, http_port(server), buf_str(b), &closed);
    if (!closed || str_find(all, S("ok /next"), 0) != SIZE_MAX) fail_msg("closed %d: %.*s", closed, STR_ARG(str_sub(all, 0, 400)));
    return client_status(all);
}

/* `n` bytes between two texts. */
static int status_of(const char *before, size_t n, const char *after) {
    struct buf b;
    arena_reset(&arena);
    buf_init(&b, &arena, n + 512, n + 1024);
    buf_add(&b, str_of(before));
    for (size_t i = 0; i < n; i++) buf_add_char(&b, 'a');
    buf_add(&b, str_of(after));
    return status_of_all(&b);
}

static int status_with_fields(const char *host, size_t n) {
    struct buf b;
    arena_reset(&arena);
    buf_init(&b, &arena, 8192, 65536);
    buf_add_fmt(&b, "GET / HTTP/1.1\r\n%s", host);
    for (size_t i = 2; i < n; i++) buf_add(&b, S("X: y\r\n"));
    buf_add(&b, S("\r\n"));
    if (str_eq(str_of(host), S(STAYS))) buf_add(&b, S(NEXT));
    return status_of_all(&b);
}

static int status_with_form_fields(const char *host, size_t n) {
    struct buf b;
    arena_reset(&arena);
    buf_init(&b, &arena, 8192, 65536);
    buf_add_fmt(&b, "POST / HTTP/1.1\r\n%sContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n", host, n * 2 - 1);
    for (size_t i = 0; i < n; i++) buf_add(&b, i ? S("&a") : S("a"));
    if (str_eq(str_of(host), S(STAYS))) buf_add(&b, S(NEXT));
    return status_of_all(&b);
}

static void limits_hold_at_n_and_break_at_n_plus_1(void **state) {
    struct http_limits l = { 0 };
    static const char line[] = " HTTP/1.1\r\n" STAYS "\r\n" NEXT;
    char length[128];
    (void)state;
    http_limits_default(&l);
    assert_int_equal(status_of("GET /", l.url_bytes - 1, " HTTP/1.1\r\n" ENDS "\r\n"), 200);
    assert_int_equal(status_of("GET /", l.url_bytes, line), 414);
    assert_int_equal(status_of("GET /", 40000, line), 414);
    size_t rest = strlen("GET / HTTP/1.1\r\nX: \r\n" ENDS "\r\n");
    assert_int_equal(status_of("GET / HTTP/1.1\r\nX: ", l.header_bytes - rest, "\r\n" ENDS "\r\n"), 200);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nX: ", l.header_bytes - rest + 1, "\r\n" STAYS "\r\n" NEXT), 431);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nX: ", 65536, "\r\n" STAYS "\r\n" NEXT), 431);
    assert_int_equal(status_with_fields(ENDS, l.header_fields), 200);
    assert_int_equal(status_with_fields(STAYS, l.header_fields + 1), 431);
    (void)snprintf(length, sizeof length, "POST / HTTP/1.1\r\nContent-Length: %d\r\n%s\r\n", BODY_MAX, ENDS);
    assert_int_equal(status_of(length, BODY_MAX, ""), 200);
    (void)snprintf(length, sizeof length, "POST / HTTP/1.1\r\nContent-Length: %d\r\n%s\r\n", BODY_MAX + 1, STAYS);
    assert_int_equal(status_of(length, BODY_MAX + 1, NEXT), 413);
    assert_int_equal(status_with_form_fields(ENDS, l.form_fields), 200);
    assert_int_equal(status_with_form_fields(STAYS, l.form_fields + 1), 413);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_malformed_request_is_refused_once_and_cut),
        cmocka_unit_test(well_formed_requests_pass),
        cmocka_unit_test(no_path_leaves_its_tree),
        cmocka_unit_test(limits_hold_at_n_and_break_at_n_plus_1),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
