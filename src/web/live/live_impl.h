/* live_impl (private to web/live): one stream, and the thread's state. */
#ifndef WEB_LIVE_IMPL_H
#define WEB_LIVE_IMPL_H
#include "engine/identity/identity.h"
#include "engine/item/item.h"
#include "web/live/live.h"

#include <pthread.h>

struct live_stream {
    struct live_stream *next, *prev;
    struct http_stream *stream;
    uint8_t token[IDENTITY_TOKEN_BYTES];
    struct str lang;
    int64_t account;
    struct item_watch watch[LIVE_TOPICS_MAX];
    size_t n_watches;
    int64_t sent;   /* the newest number of the log that was read for it */
    bool health;    /* is told of it; the key of what it was told last */
    uint64_t health_key, health_next;
    bool ended;     /* to be closed */
    bool present;   /* keeps its account's lease on the tasks it watches */
    uint64_t who_hash, who_next;
};

struct turn;
struct live {
    struct store *store;
    const struct realm *realm;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    struct live_stream *list;
    size_t n;
    struct bound use, use_of_one; /* of n, and of one account's */
    uint64_t hints;
    bool stopping;
    _Atomic uint64_t health; /* 0: not looked yet */
    int64_t last; /* the thread's: what all have heard */
    struct arena turn_arena;
    struct turn *turn;
};

/* Opens the stream and takes it up; false: too many, or stopping: the request is still to be answered. */
bool live_add(struct live *l, struct live_stream *s, struct http_req *r);
#endif
