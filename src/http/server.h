/* server (private to http/): what the files of the server share: one request, one connection, the server.
 *
 * Invariants
 *  1. A request has two holders, the connection (libmicrohttpd) and the handler; it goes back to the pool when both
 *     let go.
 *  2. `state` decides who resumes: the HTTP thread suspends first and then moves RUNNING -> PARKED; an answer moves
 *     to ANSWERED (or CONTINUED) and resumes only if it found PARKED. Each connection is so resumed exactly once.
 *  3. The arena is used by one thread at a time: the HTTP thread until the handler runs, then whoever holds the
 *     request.
 *  4. Field names and values point into the connection's own memory, which libmicrohttpd keeps until the request is
 *     completed.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H
#include "http/http.h"
#include "http/multipart.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum { HTTP_SLOW_HEADER_S = 10, HTTP_SLOW_BYTES_PER_S = 500, HTTP_POOL_KEEP = 256, HTTP_DRAIN_STEP_MS = 2 };
enum request_stage { STAGE_HEADERS, STAGE_BODY, STAGE_WAIT, STAGE_SENT };
enum request_state { STATE_RUNNING, STATE_PARKED, STATE_ANSWERED, STATE_CONTINUED };
enum request_sink { SINK_NONE, SINK_FORM, SINK_MULTIPART, SINK_RAW };

struct connection {
    struct connection *next, *prev; /* the server's open ones */
    _Atomic int64_t deadline_ns;    /* when the reaper cuts it; 0: not while we ourselves work */
    _Atomic int64_t waiting_ns;     /* since when no whole head of a request came; 0: one is under way */
    int fd;
    char peer[64];
    uint8_t peer_len;
};

struct request {
    struct http_req pub; /* first: an http_req is its request */
    struct arena arena, job_arena;
    struct http_server *server;
    http_handler *then; /* of http_continue */
    struct MHD_Connection *mhd;
    struct connection *connection;
    struct request *next;        /* in the pool */
    struct http_field *field;    /* room for limits.header_fields, with the request for good */
    enum request_stage stage;
    _Atomic int state, holders;
    struct MHD_Response *response;
    unsigned status;
    int64_t reply_bytes;   /* of the body, for the slow reader's deadline; -1: no end is known */
    size_t length;         /* Content-Length */
    size_t body_max;
    enum request_sink sink;
    struct buf body;
    struct multipart *multipart;
    int fault;             /* status found while the body streamed; answered at its end */
    bool last;             /* close the connection after the reply */
    bool held;             /* the handler's share of `holders` is taken */
    bool dispatched;       /* ... and the handler has it */
};

struct http_server {
    struct http_config config;
    struct http_limits limits;      /* with its `use` below */
    struct bound use[HTTP_BOUNDS];
    struct MHD_Daemon *daemon;
    struct arena arena;             /* process: connections and requests, never freed one by one */
    pthread_mutex_t lock;           /* guards the arena, the pools and the lists */
    struct request *pool;
    size_t n_pool;
    struct connection *connection_pool, *open;
    struct http_stream *streams;
    pthread_t reaper;
    int wake_fd;                    /* eventfd: ends the reaper */
    _Atomic bool stopping, draining;
    _Atomic unsigned handlers;      /* requests that a handler still holds */
    _Atomic unsigned active;        /* requests begun and not completed */
    _Atomic uint64_t serial, refused, connections, connections_open, cut;
    uint64_t id_prefix;
    uint16_t port;
};

/* request.c: MHD's callbacks and a request's way. */
void *request_begin(void *cls, const char *target, struct MHD_Connection *c);
enum MHD_Result request_step(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                             const char *version, const char *data, size_t *size, void **own);
void request_completed(void *cls, struct MHD_Connection *c, void **own, enum MHD_RequestTerminationCode how);
void request_let_go(struct request *r);
void request_refuse(struct request *r, int status);
/* body.c: the body, as it streams. */
void body_begin(struct request *r);
void body_feed(struct request *r, struct str piece);
/* 0, or the status to refuse with. */
int body_end(struct request *r);
void body_done(struct request *r); /* removes temporary files */
/* reply.c */
struct MHD_Response *reply_make(struct request *r, const struct http_reply *reply, unsigned *status);
void reply_put(struct request *r, struct MHD_Response *response, unsigned status);
void reply_headers(struct request *r, struct MHD_Response *m, const struct http_reply *reply);
/* flow.c */
struct MHD_Response *flow_response(struct request *r, const struct http_reply *reply);
/* event.c */
void event_tick(struct http_server *s, int64_t now_ns);
void event_close_all(struct http_server *s);
/* server.c */
void server_log(struct http_server *s, struct str line);
/* Cuts what is over its deadline and sends heartbeats; each second, and by tests. */
void server_tick(struct http_server *s);
struct request *request_new(struct http_server *s);
void request_recycle(struct request *r);
#endif
