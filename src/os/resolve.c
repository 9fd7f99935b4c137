/* resolve: see resolve.h. Invariant: a lookup belongs to both, who waits and who looks up; the one
 * that leaves last frees it.
 */
#include "os/resolve.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "os/os.h"

enum { NAME_BYTES_MAX = 256, PORT_BYTES_MAX = 16, STACK_BYTES = 512 * 1024 };

struct lookup {
    pthread_mutex_t lock;
    pthread_cond_t done;
    char host[NAME_BYTES_MAX], port[PORT_BYTES_MAX];
    bool ended, left; /* the lookup; who waited */
    int said;         /* of getaddrinfo */
    struct resolve_answer answer;
};
static atomic_int n_left;

static void lookup_free(struct lookup *l) {
    (void)pthread_cond_destroy(&l->done);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}

static int ask(const char *host, const char *port, int flags, struct resolve_answer *ret) {
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags };
    struct addrinfo *found = NULL;
    int said = getaddrinfo(host, port, &hints, &found);
    ret->n = 0;
    if (said) return said;
    for (const struct addrinfo *at = found; at && ret->n < RESOLVE_ADDRESSES_MAX; at = at->ai_next) {
        struct resolve_address *r = &ret->address[ret->n];
        if (at->ai_addrlen > sizeof r->at) continue;
        memcpy(&r->at, at->ai_addr, at->ai_addrlen);
        r->size = at->ai_addrlen;
        ret->n++;
    }
    freeaddrinfo(found);
    return ret->n ? 0 : EAI_NONAME;
}

static void *look_up(void *arg) {
    struct lookup *l = arg;
    struct resolve_answer answer;
    int said = ask(l->host, l->port, 0, &answer);
    (void)pthread_mutex_lock(&l->lock);
    l->said = said;
    l->answer = answer;
    l->ended = true;
    bool alone = l->left;
    (void)pthread_cond_signal(&l->done);
    (void)pthread_mutex_unlock(&l->lock);
    if (!alone) return NULL;
    lookup_free(l);
    atomic_fetch_sub(&n_left, 1);
    return NULL;
}

static struct lookup *lookup_new(const char *host, const char *port) {
    struct lookup *l = calloc(1, sizeof *l);
    pthread_condattr_t monotonic;
    if (!l) return NULL;
    memcpy(l->host, host, strlen(host) + 1);
    memcpy(l->port, port, strlen(port) + 1);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&l->done, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&l->lock, NULL);
    return l;
}

static bool begin(struct lookup *l) {
    pthread_attr_t how;
    pthread_t thread;
    (void)pthread_attr_init(&how);
    (void)pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&how, STACK_BYTES);
    bool ok = pthread_create(&thread, &how, look_up, l) == 0;
    (void)pthread_attr_destroy(&how);
    return ok;
}

/* Whether it ended in time; else it is left to itself. */
static bool await(struct lookup *l, int64_t timeout_ms) {
    struct timespec end;
    (void)clock_gettime(CLOCK_MONOTONIC, &end); /* the machine's, also under a seeded clock */
    int64_t ns = end.tv_nsec + timeout_ms % 1000 * 1000000;
    end.tv_sec += (time_t)(timeout_ms / 1000 + ns / 1000000000);
    end.tv_nsec = (long)(ns % 1000000000);
    (void)pthread_mutex_lock(&l->lock);
    while (!l->ended && pthread_cond_timedwait(&l->done, &l->lock, &end) == 0) {}
    bool ended = l->ended;
    if (!ended) {
        l->left = true;
        atomic_fetch_add(&n_left, 1);
    }
    (void)pthread_mutex_unlock(&l->lock);
    return ended;
}

int resolve_name(const char *host, const char *port, int64_t timeout_ms,
                 struct resolve_answer *ret, struct err *e) {
    if (strlen(host) >= NAME_BYTES_MAX || strlen(port) >= PORT_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "%d", NAME_BYTES_MAX);
    if (ask(host, port, AI_NUMERICHOST | AI_NUMERICSERV, ret) == 0) return 0;
    if (atomic_load(&n_left) >= RESOLVE_LEFT_MAX)
        return err_set(e, ERR_PEER, "%s: the resolver does not answer", host);
    struct lookup *l = lookup_new(host, port);
    if (!l) return err_set(e, ERR_MEMORY, NULL);
    if (!begin(l)) {
        lookup_free(l);
        return err_set(e, ERR_BUSY, "no thread");
    }
    if (!await(l, timeout_ms))
        return err_set(e, ERR_PEER, "%s: the resolver did not answer in %lld ms", host,
                       (long long)timeout_ms);
    int said = l->said;
    if (said == 0) *ret = l->answer;
    lookup_free(l);
    return said ? err_set(e, ERR_PEER, "%s: %s", host, gai_strerror(said)) : 0;
}

struct str resolve_digits(struct arena *a, const struct resolve_address *r) {
    char text[NI_MAXHOST];
    if (getnameinfo((const struct sockaddr *)&r->at, r->size, text, sizeof text, NULL, 0,
                    NI_NUMERICHOST))
        return S("");
    return arena_str(a, str_of(text));
}
