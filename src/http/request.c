/* request: one request's way through libmicrohttpd's callbacks: begin (target known) -> head (guard, route) -> body
 * -> handler -> answered, at once or after a suspension -> completed.
 *
 * Edges: begin -> STAGE_HEADERS; head_done: -> STAGE_BODY; body_over: -> STAGE_WAIT; queue: -> STAGE_SENT.
 * Invariants
 *  1. The handler's share of `holders` is taken before anything can answer, and given back by reply_put or, if no
 *     handler ever ran, by request_completed.
 *  2. Suspend first, then tell (RUNNING -> PARKED): an answer that comes between finds RUNNING, and we resume
 *     ourselves.
 *  3. A refusal before the body makes libmicrohttpd close the connection; other refusals say Connection: close.
 */
#include "http/cookie.h"
#include "http/form.h"
#include "http/guard.h"
#include "http/server.h"

#include "os/os.h"

#include <arpa/inet.h>
#include <string.h>

static void deadline(struct request *r, int64_t from_now_s) {
    if (r->connection)
        atomic_store_explicit(&r->connection->deadline_ns, from_now_s ? os_mono_ns() + from_now_s * 1000000000 : 0,
                              memory_order_relaxed);
}

/* Whether the connection waits for its client to ask, from now on. */
static void waits(struct request *r, bool yes) {
    if (r->connection) atomic_store_explicit(&r->connection->waiting_ns, yes ? os_mono_ns() : 0, memory_order_relaxed);
}

void request_let_go(struct request *r) {
    if (atomic_fetch_sub(&r->holders, 1) == 1) request_recycle(r);
}

static void write_id(struct request *r) {
    static const char digit[] = "0123456789abcdef";
    uint64_t serial = atomic_fetch_add_explicit(&r->server->serial, 1, memory_order_relaxed),
             prefix = r->server->id_prefix;
    for (size_t i = 0; i < 16; i++, prefix <<= 4, serial <<= 4) {
        r->pub.id[i] = digit[prefix >> 60];
        r->pub.id[16 + i] = digit[serial >> 60];
    }
    r->pub.id[32] = 0;
}

void *request_begin(void *cls, const char *target, struct MHD_Connection *c) {
    struct http_server *s = cls;
    struct request *r = request_new(s);
    if (!r) return NULL;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    r->connection = info ? info->socket_context : NULL;
    r->mhd = c;
    r->pub.arena = &r->arena;
    r->pub.job_arena = &r->job_arena;
    r->pub.target = arena_str(&r->arena, str_of(target));
    r->pub.start_ns = os_mono_ns();
    write_id(r);
    if (r->connection)
        atomic_store_explicit(&r->connection->deadline_ns, r->pub.start_ns + (int64_t)HTTP_SLOW_HEADER_S * 1000000000,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&s->active, 1, memory_order_relaxed);
    return r;
}

static enum MHD_Result on_field(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                const char *value, size_t value_len) {
    struct request *r = cls;
    (void)kind;
    if (r->pub.n_header < r->server->limits.header_fields)
        r->field[r->pub.n_header] = (struct http_field){ { name, name_len }, { value, value_len } };
    r->pub.n_header++;
    return r->pub.n_header > r->server->limits.header_fields ? MHD_NO : MHD_YES;
}

/* Whom the request came from, and whether by TLS: as the trusted proxy says, else as the socket says. */
static void read_peer(struct request *r) {
    struct http_req *q = &r->pub;
    if (r->connection) q->peer = str_make(r->connection->peer, r->connection->peer_len);
    struct str proxy = r->server->config.trusted_proxy, list = { NULL, 0 }, last;
    if (proxy.len == 0 || !str_eq(proxy, q->peer)) return;
    q->secure = str_eq_nocase(http_header(q, S("X-Forwarded-Proto")), S("https"));
    for (size_t i = 0; i < q->n_header; i++)
        if (str_eq_nocase(q->header[i].name, S("X-Forwarded-For"))) list = q->header[i].value;
    char text[64];
    unsigned char address[16];
    while (str_cut(&list, ',', &last))
        if (list.ptr == NULL &&
            (last = str_trim(last)).len < sizeof text) { /* only the last was written by the proxy */
            if (last.len) memcpy(text, last.ptr, last.len);
            text[last.len] = 0;
            if (inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1) q->peer = last;
        }
}

static enum http_method method_of(struct str m) {
    static const struct {
        struct str name;
        enum http_method method;
    } known[] = { { S_INIT("GET"), HTTP_GET },   { S_INIT("POST"), HTTP_POST },     { S_INIT("HEAD"), HTTP_HEAD },
                  { S_INIT("PUT"), HTTP_PUT }, { S_INIT("DELETE"), HTTP_DELETE } };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_eq(m, known[i].name)) return known[i].method;
    return 0;
}

/* Cookies and query, after the guard. */
static int read_parts(struct request *r, struct str query) {
    struct http_req *q = &r->pub;
    for (size_t i = 0; i < q->n_header; i++) {
        if (!str_eq_nocase(q->header[i].name, S("Cookie"))) continue;
        if (!q->cookie) q->cookie = arena_array(&r->arena, HTTP_COOKIES_MAX, sizeof *q->cookie);
        if (q->cookie) http_cookie_parse(q->header[i].value, q->cookie, &q->n_cookie);
    }
    return http_form_parse(&r->arena, query, &r->server->limits, false, &q->query, &q->n_query);
}

/* OWS of RFC 9110 section 5.6.3: not CR, which str_trim would take as well. */
static struct str trim_blanks(struct str s) {
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t')) s.len--;
    return s;
}

/* The guard over a whole head: 0 or the status to refuse with. */
static int read_head(struct request *r, const char *target, const char *method, const char *version) {
    struct http_req *q = &r->pub;
    const struct http_limits *l = &r->server->limits;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    size_t head = info ? info->header_size : SIZE_MAX;
    bool version_1_1 = str_eq(str_of(version), S("HTTP/1.1"));
    q->header = r->field;
    (void)MHD_get_connection_values_n(r->mhd, MHD_HEADER_KIND, on_field, r);
    bool many = !http_within(l, HTTP_BOUND_header_fields, q->n_header);
    if (many) q->n_header = l->header_fields; /* those that were kept */
    read_peer(r); /* first: what is refused is answered as what came by TLS, too */
    if (many) {
        q->n_header = 0;
        return 431;
    }
    if (!http_within(l, HTTP_BOUND_url_bytes, q->target.len)) return 414;
    if (!http_within(l, HTTP_BOUND_header_bytes, head)) return 431;
    if (!version_1_1 && !str_eq(str_of(version), S("HTTP/1.0"))) return 505;
    struct guard_layout layout = { .method = method,
                                   .method_len = strlen(method),
                                   .target = target,
                                   .target_len = q->target.len,
                                   .version = version,
                                   .header_bytes = head,
                                   .fields = q->header,
                                   .n_fields = q->n_header };
    if (!guard_lines(&layout)) return 400;
    for (size_t i = 0; i < q->n_header; i++) q->header[i].value = trim_blanks(q->header[i].value);
    uint64_t length;
    int status = guard_fields(q->header, q->n_header, version_1_1, &q->host, &length);
    if (status) return status;
    r->length = (size_t)length;
    q->method = method_of(str_of(method));
    struct str query;
    status = guard_target(&r->arena, q->target, q->host, &q->path, &query);
    if (!status) status = read_parts(r, query);
    if (!status && !q->method) status = 501;
    return status;
}

void request_refuse(struct request *r, int status) {
    struct http_reply reply = {
        .status = status,
        .media_type = S("text/plain; charset=utf-8"),
        .body = S("请求无法处理，请返回上一页重试 / This request cannot be handled; please go back and try again\n")
    };
    atomic_fetch_add_explicit(&r->server->refused, 1, memory_order_relaxed);
    r->last = true;
    if (r->server->config.refusal) r->server->config.refusal(&r->pub, status, &reply, r->server->config.context);
    http_reply(&r->pub, &reply);
}

/* Hands the finished response to libmicrohttpd. */
static enum MHD_Result queue(struct request *r) {
    struct MHD_Response *m = r->response;
    if (!m) return MHD_NO;
    r->stage = STAGE_SENT;
    r->response = NULL;
    deadline(r, r->reply_bytes < 0 ? 0 : HTTP_SLOW_HEADER_S + r->reply_bytes / HTTP_SLOW_BYTES_PER_S);
    enum MHD_Result done = MHD_queue_response(r->mhd, r->status, m);
    MHD_destroy_response(m);
    return done;
}

static bool answered(struct request *r) {
    return atomic_load(&r->state) == STATE_ANSWERED;
}

static enum MHD_Result head_done(struct request *r, const char *url, const char *method, const char *version) {
    struct http_server *s = r->server;
    r->stage = STAGE_BODY;
    r->held = true;
    atomic_fetch_add(&r->holders, 1);
    atomic_fetch_add(&s->handlers, 1);
    int status = read_head(r, url, method, version);
    if (status) {
        request_refuse(r, status);
        return queue(r); /* before the body: libmicrohttpd closes the connection after it */
    }
    if (s->config.route) s->config.route(&r->pub, s->config.context);
    if (answered(r)) return r->length ? queue(r) : MHD_YES;
    size_t most = s->config.body_limit ? s->config.body_limit(&r->pub, s->config.context) : 0;
    if (r->length > most) {
        request_refuse(r, 413);
        return queue(r);
    }
    body_begin(r);
    deadline(r, r->length ? HTTP_SLOW_HEADER_S + (int64_t)(r->length / HTTP_SLOW_BYTES_PER_S) : 0);
    return MHD_YES;
}

/* After the handler, and after each resumption: queue what is answered, run what is to continue, else wait suspended.
 */
static enum MHD_Result go_on(struct request *r) {
    for (;;) {
        int state = atomic_load(&r->state), running = STATE_RUNNING;
        if (state == STATE_ANSWERED) return queue(r);
        if (state == STATE_CONTINUED) {
            http_handler *then = r->then;
            atomic_store(&r->state, STATE_RUNNING);
            then(&r->pub, r->server->config.context);
            continue;
        }
        MHD_suspend_connection(r->mhd);
        if (!atomic_compare_exchange_strong(&r->state, &running, STATE_PARKED)) MHD_resume_connection(r->mhd);
        return MHD_YES;
    }
}

static enum MHD_Result body_over(struct request *r) {
    r->stage = STAGE_WAIT;
    if (answered(r)) return queue(r); /* the router did */
    deadline(r, 0);
    int status = body_end(r);
    if (status) {
        request_refuse(r, status);
        return queue(r);
    }
    r->dispatched = true;
    r->server->config.handler(&r->pub, r->server->config.context);
    return go_on(r);
}

enum MHD_Result request_step(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                             const char *version, const char *data, size_t *size, void **own) {
    struct request *r = *own;
    (void)cls;
    (void)c;
    if (!r) return MHD_NO; /* no memory: the connection is closed */
    if (r->stage == STAGE_HEADERS) {
        waits(r, false);
        return head_done(r, url, method, version);
    }
    if (*size) {
        body_feed(r, str_make(data, *size));
        *size = 0;
        return MHD_YES;
    }
    if (r->stage == STAGE_BODY) return body_over(r);
    return go_on(r);
}

void request_completed(void *cls, struct MHD_Connection *c, void **own, enum MHD_RequestTerminationCode how) {
    struct http_server *s = cls;
    struct request *r = *own;
    (void)c;
    (void)how;
    if (!r) return;
    *own = NULL;
    if (r->response) MHD_destroy_response(r->response);
    r->response = NULL;
    deadline(r, (int64_t)s->limits.idle_s + HTTP_SLOW_HEADER_S);
    waits(r, true);
    r->connection = NULL;
    if (r->held && !r->dispatched && !answered(r)) {
        request_let_go(r);
        atomic_fetch_sub(&s->handlers, 1);
    }
    request_let_go(r);
    atomic_fetch_sub(&s->active, 1);
}

/* ---- what handlers read ---- */

static struct str find(const struct http_field *f, size_t n, struct str name) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(f[i].name, name)) return f[i].value;
    return (struct str){ NULL, 0 };
}

struct str http_query(const struct http_req *r, struct str name) {
    return find(r->query, r->n_query, name);
}

struct str http_form(const struct http_req *r, struct str name) {
    return find(r->form, r->n_form, name);
}

struct str http_cookie(const struct http_req *r, struct str name) {
    return find(r->cookie, r->n_cookie, name);
}

struct str http_param(const struct http_req *r, struct str name) {
    return find(r->param, r->n_param, name);
}

struct str http_header(const struct http_req *r, struct str name) {
    for (size_t i = 0; i < r->n_header; i++)
        if (str_eq_nocase(r->header[i].name, name)) return r->header[i].value;
    return (struct str){ NULL, 0 };
}

const struct http_upload *http_upload(const struct http_req *r, struct str field) {
    for (size_t i = 0; i < r->n_upload; i++)
        if (str_eq(r->upload[i].field, field)) return &r->upload[i];
    return NULL;
}
