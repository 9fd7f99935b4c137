/* event: server-sent events. The stream lives in its request, whose two holders are the connection and the producer;
 * the reply is a reader that libmicrohttpd asks for bytes and that suspends the connection when there are none.
 *
 * Invariants
 *  1. `suspended` changes only under the stream's lock, and whoever clears it resumes: one resume for each suspension.
 *  2. The queue is a ring of HTTP_EVENT_QUEUE_BYTES; an event goes in whole or the stream is given up.
 *  3. `gone` is final. The producer's share ends with http_event_close only.
 *  4. Lock order: the server's list lock, then a stream's.
 */
#include "http/server.h"

#include "os/os.h"

#include <stdio.h>
#include <string.h>

struct http_stream {
    struct http_stream *next, *prev; /* the server's list */
    struct request *request;
    pthread_mutex_t lock;
    char *ring;
    size_t from, len;
    bool suspended, gone, closed;
    int64_t last_ns; /* of the last bytes put in */
};

/* Under the stream's lock. */
static void wake(struct http_stream *s) {
    if (!s->suspended) return;
    s->suspended = false;
    MHD_resume_connection(s->request->mhd);
}

static ssize_t on_read(void *cls, uint64_t at, char *out, size_t max) {
    struct http_stream *s = cls;
    ssize_t n = 0;
    (void)at;
    (void)pthread_mutex_lock(&s->lock);
    while (s->len && (size_t)n < max) {
        size_t run = HTTP_EVENT_QUEUE_BYTES - s->from, room = max - (size_t)n;
        if (run > s->len) run = s->len;
        if (run > room) run = room;
        memcpy(out + n, s->ring + s->from, run);
        s->from = (s->from + run) % HTTP_EVENT_QUEUE_BYTES;
        s->len -= run;
        n += (ssize_t)run;
    }
    if (n == 0 && (s->closed || s->gone)) {
        n = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (n == 0) {
        s->suspended = true;
        MHD_suspend_connection(s->request->mhd);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return n;
}

/* The connection let go of the response: nobody reads any more. */
static void on_free(void *cls) {
    struct http_stream *s = cls;
    (void)pthread_mutex_lock(&s->lock);
    s->gone = true;
    s->suspended = false;
    (void)pthread_mutex_unlock(&s->lock);
}

static void unlink_stream(struct http_server *server, struct http_stream *s) {
    (void)pthread_mutex_lock(&server->lock);
    if (s->prev) s->prev->next = s->next;
    else server->streams = s->next;
    if (s->next) s->next->prev = s->prev;
    (void)pthread_mutex_unlock(&server->lock);
}

struct http_stream *http_event_open(struct http_req *q) {
    struct request *r = (struct request *)q;
    struct http_server *server = r->server;
    struct http_stream *s = arena_new(&r->arena, struct http_stream);
    char *ring = arena_alloc(&r->arena, HTTP_EVENT_QUEUE_BYTES);
    if (!s || !ring) return NULL;
    s->request = r;
    s->ring = ring;
    s->last_ns = os_mono_ns();
    (void)pthread_mutex_init(&s->lock, NULL);
    struct MHD_Response *m =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, HTTP_EVENT_QUEUE_BYTES / 4, on_read, s, on_free);
    if (!m) {
        (void)pthread_mutex_destroy(&s->lock);
        return NULL;
    }
    struct http_field no_buffering = { S("X-Accel-Buffering"), S("no") };
    struct http_reply reply = {
        .status = 200, .media_type = S("text/event-stream"), .header = &no_buffering, .n_header = 1
    };
    r->last = true;
    reply_headers(r, m, &reply);
    r->reply_bytes = -1;
    (void)pthread_mutex_lock(&server->lock);
    s->next = server->streams;
    if (s->next) s->next->prev = s;
    server->streams = s;
    (void)pthread_mutex_unlock(&server->lock);
    atomic_fetch_add(&r->holders, 1); /* the producer's share, beside the one that reply_put gives back */
    atomic_fetch_add(&server->handlers, 1);
    reply_put(r, m, 200);
    return s;
}

/* The reader does not keep up. */
static bool give_up(struct http_stream *s) {
    s->gone = true;
    wake(s);
    return false;
}

/* Under the stream's lock: all of the pieces or nothing. */
static bool put(struct http_stream *s, const struct str *piece, size_t n) {
    size_t need = 0;
    for (size_t i = 0; i < n; i++) need += piece[i].len;
    if (s->gone || s->closed) return false;
    if (need > HTTP_EVENT_QUEUE_BYTES - s->len) return give_up(s);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < piece[i].len; k++)
            s->ring[(s->from + s->len++) % HTTP_EVENT_QUEUE_BYTES] = piece[i].ptr[k];
    s->last_ns = os_mono_ns();
    return true;
}

bool http_event_send(struct http_stream *s, int64_t id, struct str event, struct str data) {
    char number[32];
    int n = snprintf(number, sizeof number, "%lld", (long long)id);
    struct str line, rest = data;
    (void)pthread_mutex_lock(&s->lock);
    size_t lines = 1, was = s->len;
    for (size_t i = 0; i < data.len; i++) lines += data.ptr[i] == '\n';
    const struct str head[] = { S("id: "), { number, (size_t)n }, S("\nevent: "), event, S("\n") };
    /* Whole or not at all: the size is known before the first byte goes in. */
    bool fits = data.len + lines * 7 + event.len + 64 <= HTTP_EVENT_QUEUE_BYTES - was &&
                str_find_char(event, '\n', 0) == SIZE_MAX;
    bool ok = fits ? put(s, head, 5) : give_up(s);
    if (rest.len == 0) rest = S("");
    while (ok && str_cut(&rest, '\n', &line)) ok = put(s, (const struct str[]){ S("data: "), line, S("\n") }, 3);
    if (ok) ok = put(s, &S("\n"), 1);
    if (ok) wake(s);
    (void)pthread_mutex_unlock(&s->lock);
    return ok;
}

bool http_event_gone(struct http_stream *s) {
    (void)pthread_mutex_lock(&s->lock);
    bool gone = s->gone;
    (void)pthread_mutex_unlock(&s->lock);
    return gone;
}

void http_event_close(struct http_stream *s) {
    struct request *r = s->request;
    struct http_server *server = r->server;
    unlink_stream(server, s);
    (void)pthread_mutex_lock(&s->lock);
    s->closed = true;
    wake(s);
    (void)pthread_mutex_unlock(&s->lock);
    request_let_go(r);
    atomic_fetch_sub(&server->handlers, 1);
}

void event_tick(struct http_server *server, int64_t now_ns) {
    (void)pthread_mutex_lock(&server->lock);
    for (struct http_stream *s = server->streams; s; s = s->next) {
        (void)pthread_mutex_lock(&s->lock);
        if (now_ns - s->last_ns >= (int64_t)HTTP_EVENT_HEARTBEAT_S * 1000000000 && put(s, &S(":\n\n"), 1)) wake(s);
        (void)pthread_mutex_unlock(&s->lock);
    }
    (void)pthread_mutex_unlock(&server->lock);
}

void event_close_all(struct http_server *server) {
    (void)pthread_mutex_lock(&server->lock);
    for (struct http_stream *s = server->streams; s; s = s->next) {
        (void)pthread_mutex_lock(&s->lock);
        s->gone = true;
        wake(s);
        (void)pthread_mutex_unlock(&s->lock);
    }
    (void)pthread_mutex_unlock(&server->lock);
}
