/* rate: see rate.h. A bucket is a time: the moment at which it will be full again ("generic cell rate algorithm",
 * ITU-T I.371). A take moves it on by the cost of one request; if that is further ahead than the burst allows, the
 * take is refused.
 *
 * Invariants
 *  1. A key lives in one set of RATE_WAYS buckets, chosen by SipHash under a random key; each set has its own lock.
 *  2. A new key takes the bucket of its set that is full soonest: one that is full now says the same as none at all.
 */
#include "http/rate.h"

#include "os/os.h"

#include <pthread.h>
#include <arpa/inet.h>
#include <string.h>

static const struct class {
    int64_t cost_ns; /* between two requests in the long run */
    int64_t burst;   /* requests at once */
} classes[] = {
#define RATE_CLASS(name, cost_ns, burst, title, what) [ROUTE_RATE_##name] = { cost_ns, burst },
#include "http/rate_classes.h"
#undef RATE_CLASS
};

enum { KNOWN = 0 }; /* no class of requests has this number */
static const int64_t KNOWN_NS = 3600000000000;

struct bucket {
    uint64_t key;
    int64_t full_ns;
};
struct set {
    struct bucket way[RATE_WAYS];
};
enum { LOCKS = 64 };
struct rate {
    uint64_t k0, k1;
    pthread_mutex_t lock[LOCKS];
    struct bound use[sizeof classes / sizeof *classes]; /* of a bucket: requests that it has not got back yet */
    struct set *set, *known; /* true sessions have a table of their own: full for an hour, they would push out whom a class counts */
};

static uint64_t rotate(uint64_t x, unsigned n) {
    return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[4]) {
    v[0] += v[1], v[1] = rotate(v[1], 13), v[1] ^= v[0], v[0] = rotate(v[0], 32);
    v[2] += v[3], v[3] = rotate(v[3], 16), v[3] ^= v[2];
    v[0] += v[3], v[3] = rotate(v[3], 21), v[3] ^= v[0];
    v[2] += v[1], v[1] = rotate(v[1], 17), v[1] ^= v[2], v[2] = rotate(v[2], 32);
}

/* SipHash-2-4 (Aumasson, Bernstein 2012). */
static uint64_t sip(uint64_t k0, uint64_t k1, struct str s) {
    uint64_t v[4] = { k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                      k1 ^ 0x7465646279746573u };
    size_t i = 0;
    for (;; i += 8) {
        uint64_t m = 0;
        size_t left = s.len - i, n = left < 8 ? left : 8;
        for (size_t k = 0; k < n; k++) m |= (uint64_t)(unsigned char)s.ptr[i + k] << (8 * k);
        if (n < 8) m |= (uint64_t)s.len << 56;
        v[3] ^= m;
        sip_round(v), sip_round(v);
        v[0] ^= m;
        if (n < 8) break;
    }
    v[2] ^= 0xff;
    for (int k = 0; k < 4; k++) sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct rate *rate_new(struct arena *a) {
    struct rate *r = arena_new(a, struct rate);
    if (!r) return NULL;
    os_random(&r->k0, sizeof r->k0);
    os_random(&r->k1, sizeof r->k1);
    for (size_t i = 0; i < LOCKS; i++) (void)pthread_mutex_init(&r->lock[i], NULL);
    r->set = arena_array(a, RATE_SETS, sizeof *r->set);
    r->known = arena_array(a, RATE_SETS, sizeof *r->known);
    return r->set && r->known ? r : NULL;
}

/* The bucket of a key, its set locked (let_go): its own, or one of its set that may become its own. */
struct place {
    uint64_t key;
    struct bucket *bucket;
    pthread_mutex_t *lock;
};

static struct place take_place(struct rate *r, uint64_t class, struct str key) {
    struct place p = { .key = sip(r->k0 + class, r->k1, key) | 1 }; /* 0 is an empty bucket */
    size_t at = (size_t)(p.key >> 1) % RATE_SETS;
    struct bucket *b = p.bucket = (class == KNOWN ? r->known : r->set)[at].way;
    p.lock = &r->lock[at % LOCKS];
    (void)pthread_mutex_lock(p.lock);
    for (size_t i = 0; i < RATE_WAYS; i++) {
        if (b[i].key == p.key) {
            p.bucket = &b[i];
            break;
        }
        if (b[i].full_ns < p.bucket->full_ns) p.bucket = &b[i];
    }
    return p;
}

static bool is_own(const struct place *p) {
    return p->bucket->key == p->key;
}

static void let_go(struct place *p) {
    (void)pthread_mutex_unlock(p->lock);
}

bool rate_take(struct rate *r, enum route_rate class, struct str key, int64_t now_ns, unsigned *retry_s) {
    const struct class *c = &classes[class];
    struct place p = take_place(r, class, key);
    if (!is_own(&p)) *p.bucket = (struct bucket){ .key = p.key };
    int64_t from = p.bucket->full_ns > now_ns ? p.bucket->full_ns : now_ns,
            ahead = from + c->cost_ns - now_ns - c->cost_ns * c->burst;
    /* how many a key has taken and not got back, with this one */
    bool ok = bound_within(&r->use[class], (uint64_t)((from - now_ns + c->cost_ns - 1) / c->cost_ns + 1), (uint64_t)c->burst);
    if (ok) p.bucket->full_ns = from + c->cost_ns;
    let_go(&p);
    if (!ok) *retry_s = (unsigned)((ahead + 999999999) / 1000000000);
    return ok;
}

void rate_give(struct rate *r, enum route_rate class, struct str key, int64_t now_ns) {
    struct place p = take_place(r, class, key);
    if (is_own(&p) && p.bucket->full_ns > now_ns) p.bucket->full_ns -= classes[class].cost_ns;
    let_go(&p);
}

void rate_use(struct rate *r, enum route_rate class, struct bound_seen *ret) {
    bound_read(&r->use[class], (uint64_t)classes[class].burst, -1, ret);
}

/* A true session is a bucket too, of a class of its own, and known until it is full. */
void rate_know(struct rate *r, struct str session, int64_t now_ns) {
    struct place p = take_place(r, KNOWN, session);
    *p.bucket = (struct bucket){ p.key, now_ns + KNOWN_NS };
    let_go(&p);
}

void rate_forget(struct rate *r, struct str session) {
    struct place p = take_place(r, KNOWN, session);
    if (is_own(&p)) *p.bucket = (struct bucket){ 0 };
    let_go(&p);
}

struct str rate_key(struct rate *r, enum route_rate class, struct str session, struct str peer, int64_t now_ns) {
    if (class == ROUTE_RATE_LOGIN || session.len == 0) return peer;
    struct place p = take_place(r, KNOWN, session);
    bool known = is_own(&p) && p.bucket->full_ns > now_ns;
    let_go(&p);
    return known ? session : peer;
}

struct str rate_peer(struct arena *a, struct str address) {
    unsigned char six[16];
    char text[64];
    if (address.len >= sizeof text || str_find_char(address, ':', 0) == SIZE_MAX) return address;
    memcpy(text, address.ptr, address.len);
    text[address.len] = 0;
    if (inet_pton(AF_INET6, text, six) != 1) return address;
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff }; /* of IPv4: each its own, not all one network */
    if (!memcmp(six, mapped, sizeof mapped)) return arena_str(a, str_make((const char *)&six[12], 4));
    return arena_str(a, str_make((const char *)six, 8));
}
