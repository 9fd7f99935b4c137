/* flow: a reply whose bytes are made while it is sent. The reader, which libmicrohttpd asks for bytes, asks its maker for the next piece
 * when the one at hand is sent, and suspends the connection until it is there: so a long reply costs the memory of one piece, and
 * nothing is made for who does not read.
 *
 * Invariants
 *  1. One piece is asked for at a time; while it is, the maker has a share of the request, which http_flow_put gives back. The response
 *     has one too, since libmicrohttpd frees it after it has told that the request is over.
 *  2. `suspended` changes only under the lock, and whoever clears it resumes.
 *  3. A reply that was not made to its end is not ended: the connection is closed, so that who reads knows.
 */
#include "http/server.h"

#include <string.h>

struct http_flow {
    struct request *request;
    http_more *more;
    void *context;
    pthread_mutex_t lock;
    struct str bytes; /* what is left of the piece; the maker's */
    bool asking, last, failed, suspended, gone;
};

/* Nothing at hand, and more to come: the maker is asked, outside the lock, since it may answer at once. */
static bool asks(struct http_flow *f) {
    (void)pthread_mutex_lock(&f->lock);
    f->failed |= !f->asking && atomic_load_explicit(&f->request->server->draining, memory_order_relaxed);
    bool ask = !f->asking && !f->last && !f->failed && f->bytes.len == 0;
    if (ask) {
        f->asking = true;
        atomic_fetch_add(&f->request->holders, 1);
        atomic_fetch_add(&f->request->server->handlers, 1);
    }
    (void)pthread_mutex_unlock(&f->lock);
    return ask;
}

static ssize_t on_read(void *cls, uint64_t at, char *out, size_t max) {
    struct http_flow *f = cls;
    (void)at;
    if (asks(f)) f->more(f, f->context);
    (void)pthread_mutex_lock(&f->lock);
    size_t n = f->bytes.len < max ? f->bytes.len : max;
    ssize_t ret = (ssize_t)n;
    if (n) memcpy(out, f->bytes.ptr, n);
    f->bytes = str_sub(f->bytes, n, f->bytes.len);
    if (n == 0 && f->asking) {
        f->suspended = true;
        MHD_suspend_connection(f->request->mhd);
    } else if (n == 0 && f->failed) {
        ret = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (n == 0 && f->last) {
        ret = MHD_CONTENT_READER_END_OF_STREAM;
    }
    (void)pthread_mutex_unlock(&f->lock);
    return ret;
}

/* The connection let go of the response. What is being made comes to nobody. */
static void on_free(void *cls) {
    struct http_flow *f = cls;
    (void)pthread_mutex_lock(&f->lock);
    f->gone = true;
    f->suspended = false;
    bool asking = f->asking;
    (void)pthread_mutex_unlock(&f->lock);
    if (!asking) (void)pthread_mutex_destroy(&f->lock);
    request_let_go(f->request); /* last: `f` is the request's memory */
}

static void answer(struct http_flow *f, struct str bytes, bool last, bool failed) {
    struct request *r = f->request;
    struct http_server *s = r->server;
    (void)pthread_mutex_lock(&f->lock);
    f->bytes = bytes;
    f->last = last;
    f->failed |= failed;
    f->asking = false;
    bool gone = f->gone;
    if (f->suspended) {
        f->suspended = false;
        MHD_resume_connection(r->mhd);
    }
    (void)pthread_mutex_unlock(&f->lock);
    if (gone) (void)pthread_mutex_destroy(&f->lock);
    request_let_go(r);
    atomic_fetch_sub(&s->handlers, 1); /* last: http_stop may free the server after it */
}

void http_flow_put(struct http_flow *f, struct str bytes, bool last) {
    answer(f, bytes, last, false);
}

void http_flow_fail(struct http_flow *f) {
    answer(f, (struct str){ NULL, 0 }, false, true);
}

struct MHD_Response *flow_response(struct request *r, const struct http_reply *reply) {
    enum { BLOCK_BYTES = 16384 };
    struct http_flow *f = arena_new(&r->arena, struct http_flow);
    if (!f) return NULL;
    *f = (struct http_flow){ .request = r, .more = reply->more, .context = reply->context };
    (void)pthread_mutex_init(&f->lock, NULL);
    struct MHD_Response *m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_read, f, on_free);
    if (m) atomic_fetch_add(&r->holders, 1);
    else (void)pthread_mutex_destroy(&f->lock);
    r->reply_bytes = -1;
    return m;
}
