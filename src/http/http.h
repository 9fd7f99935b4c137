/* http: libmicrohttpd behind our interface. One handler gets whole requests; it answers at once or later from any
 * thread: a request that the handler leaves unanswered is suspended, and no HTTP thread ever waits.
 *
 * A request's life: accept -> guard (400 414 431, connection closed) -> route (404 405) -> body, with the route's limit
 * (413), forms and multipart parsed as they stream -> handler -> http_reply* once -> sent -> arena reset.
 *
 * The guard refuses what RFC 9112 leaves to doubt: no or two Host, any transfer coding (chunked: 411), two CL, blanks
 * before a colon, obs-fold, bare CR or LF or NUL in a field, bytes outside UTF-8 in a decoded path, "..", encoded
 * slashes.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/bound.h"
#include "data/val.h"

enum http_method { HTTP_GET = 1, HTTP_HEAD = 2, HTTP_POST = 4, HTTP_PUT = 8, HTTP_DELETE = 16 };

enum http_bound {
#define HTTP_LIMIT(name, value, unit, counted, title, what) HTTP_BOUND_##name,
#include "http/limits.h"
#undef HTTP_LIMIT
    HTTP_BOUNDS
};
struct http_limits { /* one table: limits.h; a member of 0 takes the default from there */
    size_t header_bytes, header_fields, url_bytes, form_fields, form_field_bytes, multipart_parts, upload_bytes,
        request_arena_bytes;
    unsigned connections, idle_s, threads;
    struct bound *use; /* what is counted of each, HTTP_BOUNDS of them; NULL: nothing */
};
/* Is n within this bound? It is counted. */
bool http_within(const struct http_limits *l, enum http_bound bound, uint64_t n);

struct http_field {
    struct str name, value;
};
struct http_upload {
    struct str field, file_name, media_type; /* as said by the client; not to be trusted */
    struct str bytes;                        /* in the request's arena, or */
    const char *path;                        /* a temporary file that is removed with the request; NULL if in memory */
    size_t size_bytes;
};

/* Filled before the handler runs; everything is borrowed from `arena`, which lives until the reply is sent. */
struct http_req {
    struct arena *arena;
    struct arena *job_arena; /* for a store job, which resets it before each run; given back with the first */
    enum http_method method;
    struct str path;   /* percent-decoded once, valid UTF-8, normal */
    struct str target; /* as sent */
    struct http_field *query, *form, *header, *cookie;
    size_t n_query, n_form, n_header, n_cookie;
    struct http_upload *upload;
    size_t n_upload;
    struct str body;   /* whole body when it is neither a form nor multipart */
    struct str peer;   /* address text; X-Forwarded-For only from the trusted proxy */
    struct str host;   /* the one Host field, as sent */
    bool secure;       /* came by TLS (through the proxy) */
    char id[33];       /* request id: hex, goes into every log line, audit entry and reply */
    int64_t start_ns;
    const struct route *route; /* set by the router, with its captured parameters: */
    struct http_field param[8];
    size_t n_param;
    void *user;        /* the handler's own */
};
struct str http_query(const struct http_req *r, struct str name);  /* empty if absent */
struct str http_form(const struct http_req *r, struct str name);
struct str http_header(const struct http_req *r, struct str name); /* no case */
struct str http_cookie(const struct http_req *r, struct str name);
struct str http_param(const struct http_req *r, struct str name);
const struct http_upload *http_upload(const struct http_req *r, struct str field);

/* For replies that are made while they are sent: asks for the next piece (on an HTTP thread; must not wait), which
 * comes by http_flow_put or http_flow_fail exactly once for each asking, at once or later, from any thread. The bytes
 * stay the maker's and must live until it is asked again; `last`: none follow. A reply that fails is cut off, never
 * ended. */
struct http_flow;
typedef void http_more(struct http_flow *f, void *context);
void http_flow_put(struct http_flow *f, struct str bytes, bool last);
void http_flow_fail(struct http_flow *f);

struct http_reply {
    int status;
    struct str media_type;      /* "text/html; charset=utf-8" */
    struct str body;            /* borrowed: in the request's arena, or constant; it lives until sent */
    const char *file; /* instead of body: sent with ranges; NULL otherwise. Read while sending: it must stay */
    http_more *more;            /* instead of body: made while it is sent */
    void *context;              /* for `more` */
    bool ranges;                /* `body` may be asked for in part as well (RFC 9110 section 14) */
    struct http_field *header;  /* extra fields; borrowed until http_reply returns */
    size_t n_header;
};
/* Once per request, from any thread; afterwards the request is gone for the caller. Security headers (CSP, nosniff,
 * Referrer-Policy, frame-ancestors, COOP, no-store unless given; an extra field of the same name takes the place of
 * ours) and X-Request-Id are added to every reply. A 200 with an ETag answers If-None-Match with 304. A request whose
 * arena overflowed gets 503 instead. */
void http_reply(struct http_req *r, const struct http_reply *reply);

/* Instead of http_reply: from any thread, `next` goes on with the request on an HTTP thread, so that a store's thread
 * need not render. */
typedef void http_handler(struct http_req *r, void *context);
void http_continue(struct http_req *r, http_handler *next);

/* Server-sent events (WHATWG HTML 9.2): the reply stays open; http_event_send from any thread wakes it. The stream is
 * the caller's until http_event_close, which must come exactly once, also after "gone". A reader that lets
 * EVENT_QUEUE_BYTES pile up is cut off and comes back with Last-Event-ID. */
enum { HTTP_EVENT_QUEUE_BYTES = 16384, HTTP_EVENT_HEARTBEAT_S = 15 };
struct http_stream;
struct http_stream *http_event_open(struct http_req *r); /* counts as the reply; NULL: no memory, reply yourself */
bool http_event_send(struct http_stream *s, int64_t id, struct str event, struct str data); /* false: gone */
bool http_event_gone(struct http_stream *s); /* nobody reads any more: close it */
void http_event_close(struct http_stream *s);

typedef size_t http_body_limit(struct http_req *r, void *context); /* most body bytes; 0: none, a body gets 413 */
/* Fills the page of a refusal made below the handler (400 404 405 413 414 431 501 503) in the reader's language. May be
 * NULL. */
typedef void http_refusal(struct http_req *r, int status, struct http_reply *reply, void *context);
typedef void http_log(struct str line, void *context);
struct http_config {
    struct str address;  /* "127.0.0.1:8080" or "[::1]:8080" */
    struct http_limits limits;
    http_handler *route; /* called after the guard, before the body: sets r->route or replies; never waits */
    http_body_limit *body_limit;
    http_handler *handler;
    http_refusal *refusal;
    http_log *log;
    void *context;
    const char *upload_dir;   /* for temporary files; NULL: uploads stay in memory */
    struct str
        trusted_proxy; /* the address whose X-Forwarded-For and X-Forwarded-Proto are believed; empty: nobody's */
    int listen_fd;            /* a bound socket from the parent, or -1: bind `address` */
};
struct http_server;
int http_start(const struct http_config *c, struct http_server **ret, struct err *e);
/* Stops accepting, answers what is under way with Connection: close, waits at most drain_ms. */
void http_stop(struct http_server *s, int64_t drain_ms);
unsigned http_port(const struct http_server *s);
/* Fills members that are 0 with the defaults of limits.h. */
void http_limits_default(struct http_limits *l);
struct http_stats {
    uint64_t requests, refused, connections, open, cut; /* cut: closed because they were too slow */
};
void http_stats(const struct http_server *s, struct http_stats *ret);
/* How near this bound the server came since its start. */
void http_use(const struct http_server *s, enum http_bound bound, struct bound_seen *ret);
#endif
