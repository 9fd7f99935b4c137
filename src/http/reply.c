/* reply: from struct http_reply to what libmicrohttpd sends: conditional (RFC 9110 section 13.1.2) and range
 * requests, the security fields of every reply, and the hand-over between threads.
 *
 * Invariants
 *  1. reply_put runs once per request; the exchange on `state` tells it who must resume (server.h, invariant 2).
 *  2. A body is borrowed until the request is completed, so it may lie in the request's arena and needs no copy.
 *  3. No reply leaves without the fields of `fixed`, unless the handler gave the same field itself.
 */
#include "http/range.h"
#include "http/server.h"

#include "os/os.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* OWASP ASVS 5.0 chapter 3.4; the policy allows what our pages use and no inline code. */
static const struct fixed {
    const char *name, *value;
} fixed[] = {
    { "Content-Security-Policy",
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
      "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "same-origin" },
    { "X-Frame-Options", "DENY" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Cache-Control", "no-store" },
};
static const char strict_transport[] = "max-age=31536000; includeSubDomains";

static bool given(const struct http_reply *reply, const char *name) {
    for (size_t i = 0; i < reply->n_header; i++)
        if (str_eq_nocase(reply->header[i].name, str_of(name))) return true;
    return false;
}

/* Fields that a handler gives: names and values that could break out of their line are left out. */
static void add_own(struct MHD_Response *m, struct request *r, const struct http_field *f) {
    char name[64], value[1024];
    if (f->name.len >= sizeof name || memchr(f->name.len ? f->name.ptr : "", 0, f->name.len)) return;
    memcpy(name, f->name.ptr, f->name.len);
    name[f->name.len] = 0;
    char *text = value;
    if (f->value.len >= sizeof value) text = arena_alloc(&r->arena, f->value.len + 1);
    if (!text) return;
    for (size_t i = 0; i < f->value.len; i++)
        if ((unsigned char)f->value.ptr[i] < 0x20 && f->value.ptr[i] != '\t') return;
    if (f->value.len) memcpy(text, f->value.ptr, f->value.len);
    text[f->value.len] = 0;
    (void)MHD_add_response_header(m, name, text);
}

void reply_headers(struct request *r, struct MHD_Response *m, const struct http_reply *reply) {
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (reply->n_header == 0 || !given(reply, fixed[i].name))
            (void)MHD_add_response_header(m, fixed[i].name, fixed[i].value);
    if (r->pub.secure) (void)MHD_add_response_header(m, "Strict-Transport-Security", strict_transport);
    (void)MHD_add_response_header(m, "X-Request-Id", r->pub.id);
    if (r->last || atomic_load_explicit(&r->server->draining, memory_order_relaxed))
        (void)MHD_add_response_header(m, "Connection", "close");
    struct http_field type = { S("Content-Type"), reply->media_type };
    if (reply->media_type.len) add_own(m, r, &type);
    for (size_t i = 0; i < reply->n_header; i++) add_own(m, r, &reply->header[i]);
}

/* If-None-Match: weak comparison over a list (RFC 9110 section 13.1.2). */
static bool matches(struct str list, struct str etag) {
    struct str one;
    if (str_starts(etag, S("W/"))) etag = str_sub(etag, 2, etag.len);
    while (str_cut(&list, ',', &one)) {
        one = str_trim(one);
        if (str_eq(one, S("*"))) return true;
        if (str_starts(one, S("W/"))) one = str_sub(one, 2, one.len);
        if (one.len && str_eq(one, etag)) return true;
    }
    return false;
}

static struct str own_field(const struct http_reply *reply, struct str name) {
    for (size_t i = 0; i < reply->n_header; i++)
        if (str_eq_nocase(reply->header[i].name, name)) return reply->header[i].value;
    return (struct str){ NULL, 0 };
}

static struct MHD_Response *from_bytes(struct str body) {
    /* MHD's prototype lacks const; PERSISTENT bytes are only read. */
    return MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)(body.ptr ? body.ptr : ""),
                                           MHD_RESPMEM_PERSISTENT);
}

/* 200 with ranges: whole, part (206) or 416. Takes over `fd` (or -1 for bytes). */
static struct MHD_Response *ranged(struct request *r, const struct http_reply *reply, int fd, uint64_t size,
                                   unsigned *status) {
    uint64_t offset = 0, length = size;
    struct str range = http_header(&r->pub, S("Range")), condition = http_header(&r->pub, S("If-Range"));
    enum http_range how = HTTP_RANGE_WHOLE;
    char text[96];
    /* If-Range wants a strong validator (RFC 9110 section 13.1.5); a date or another tag means: the whole. */
    bool same = condition.len == 0 || (str_eq(condition, own_field(reply, S("ETag"))) && condition.ptr[0] == '"');
    if (*status == 200 && range.len && same && r->pub.method == HTTP_GET)
        how = http_range(range, size, &offset, &length);
    struct MHD_Response *m;
    r->reply_bytes = (int64_t)length;
    if (how == HTTP_RANGE_OUTSIDE) m = from_bytes((struct str){ NULL, 0 });
    else if (fd >= 0) m = MHD_create_response_from_fd_at_offset64(length, fd, offset);
    else m = from_bytes(str_sub(reply->body, (size_t)offset, (size_t)length));
    if (fd >= 0 && (how == HTTP_RANGE_OUTSIDE || !m)) os_close(fd);
    if (!m) return NULL;
    (void)MHD_add_response_header(m, "Accept-Ranges", "bytes");
    if (how == HTTP_RANGE_WHOLE) return m;
    *status = how == HTTP_RANGE_PART ? 206 : 416;
    if (how == HTTP_RANGE_PART)
        (void)snprintf(text, sizeof text, "bytes %llu-%llu/%llu", (unsigned long long)offset,
                       (unsigned long long)(offset + length - 1), (unsigned long long)size);
    else (void)snprintf(text, sizeof text, "bytes */%llu", (unsigned long long)size);
    (void)MHD_add_response_header(m, "Content-Range", text);
    return m;
}

struct MHD_Response *reply_make(struct request *r, const struct http_reply *reply, unsigned *status) {
    struct http_reply busy = { .status = 503, .media_type = S("text/plain; charset=utf-8"), .body = S("系统繁忙，请稍后再试\n") };
    struct MHD_Response *m;
    if (arena_overflowed(&r->arena) && (reply->status < 400 || !reply->body.len)) reply = &busy; /* half a page is none */
    *status = (unsigned)reply->status;
    r->reply_bytes = (int64_t)reply->body.len;
    struct str etag = reply->n_header && *status == 200 ? own_field(reply, S("ETag")) : S("");
    bool reads = r->pub.method == HTTP_GET || r->pub.method == HTTP_HEAD;
    if (etag.len && reads && matches(http_header(&r->pub, S("If-None-Match")), etag)) {
        *status = 304;
        m = from_bytes((struct str){ NULL, 0 });
    } else if (reply->more && *status == 200) {
        m = flow_response(r, reply);
    } else if (reply->file) {
        uint64_t size;
        int fd;
        struct err e;
        if (os_open_read(reply->file, &fd, &size, &e)) {
            reply = &busy;
            *status = (unsigned)err_status(e.code);
            m = from_bytes(busy.body);
        } else {
            m = ranged(r, reply, fd, size, status);
        }
    } else {
        m = reply->ranges ? ranged(r, reply, -1, reply->body.len, status) : from_bytes(reply->body);
    }
    if (m) reply_headers(r, m, reply);
    return m;
}

void reply_put(struct request *r, struct MHD_Response *response, unsigned status) {
    struct MHD_Connection *c = r->mhd;
    struct http_server *s = r->server;
    r->response = response;
    r->status = status;
    int before = atomic_exchange(&r->state, STATE_ANSWERED);
    assert(before != STATE_ANSWERED); /* a second reply is our defect */
    if (before == STATE_PARKED) MHD_resume_connection(c);
    request_let_go(r);
    atomic_fetch_sub(&s->handlers, 1); /* last: http_stop may free the server after it */
}

void http_continue(struct http_req *req, http_handler *next) {
    struct request *r = (struct request *)req;
    struct MHD_Connection *c = r->mhd;
    r->then = next;
    int before = atomic_exchange(&r->state, STATE_CONTINUED);
    assert(before == STATE_RUNNING || before == STATE_PARKED);
    if (before == STATE_PARKED) MHD_resume_connection(c);
}

void http_reply(struct http_req *req, const struct http_reply *reply) {
    struct request *r = (struct request *)req;
    unsigned status = 500;
    struct MHD_Response *m = reply_make(r, reply, &status);
    reply_put(r, m, status);
}
