/* http_say: a server of ours that answers what it understood of a request, for t21_http.py, which asks others the same. Says its port, serves until
 * its input ends. An answer has a line for each part, a letter and texts in hexadecimal: m method, p path, h header field, c cookie, q field of the
 * query, f of the form, u upload (field, file name, bytes), b body.
 */
#include <stdio.h>

#include "http/http.h"

enum { BODY_MOST = 65536, SAID_MOST = 1 << 20 };

static void add_hex(struct buf *b, struct str s) {
    buf_add(b, S(" "));
    for (size_t i = 0; i < s.len; i++) buf_add_fmt(b, "%02x", (unsigned char)s.ptr[i]);
}

static void say_fields(struct buf *b, struct str letter, const struct http_field *f, size_t n) {
    for (size_t i = 0; i < n; i++) {
        buf_add(b, letter);
        add_hex(b, f[i].name);
        add_hex(b, f[i].value);
        buf_add(b, S("\n"));
    }
}

static void on_request(struct http_req *r, void *context) {
    struct buf b;
    (void)context;
    buf_init(&b, r->arena, 1024, SAID_MOST);
    buf_add_fmt(&b, "m %d\np", (int)r->method);
    add_hex(&b, r->path);
    buf_add(&b, S("\n"));
    say_fields(&b, S("h"), r->header, r->n_header);
    say_fields(&b, S("c"), r->cookie, r->n_cookie);
    say_fields(&b, S("q"), r->query, r->n_query);
    say_fields(&b, S("f"), r->form, r->n_form);
    for (size_t i = 0; i < r->n_upload; i++) {
        buf_add(&b, S("u"));
        add_hex(&b, r->upload[i].field);
        add_hex(&b, r->upload[i].file_name);
        add_hex(&b, r->upload[i].bytes);
        buf_add(&b, S("\n"));
    }
    buf_add(&b, S("b"));
    add_hex(&b, r->body);
    buf_add(&b, S("\n"));
    const struct http_reply reply = { .status = 200, .media_type = S("text/plain"), .body = buf_str(&b) };
    http_reply(r, &reply);
}

static size_t on_limit(struct http_req *r, void *context) {
    (void)r, (void)context;
    return BODY_MOST;
}

int main(void) {
    const struct http_config c = { .address = S("127.0.0.1:0"), .handler = on_request, .body_limit = on_limit, .listen_fd = -1, .limits = { .threads = 1 } };
    struct http_server *server;
    struct err e = { 0 };
    if (http_start(&c, &server, &e)) return 1;
    printf("%u\n", http_port(server));
    (void)fflush(stdout);
    while (getchar() != EOF) {}
    http_stop(server, 1000);
    return 0;
}
