/* grace: see grace.h. Time is counted in periods, each begun by something that is retired. Who enters is counted in the period of
 * that moment; what was retired at the end of period n is freed when nobody of period n or before is left.
 * Invariant: at most PERIODS periods have somebody in them; while they are that many no new one begins, and what is retired waits for
 * the last of them.
 */
#include "os/grace.h"

#include <assert.h>
#include <pthread.h>

enum { PERIODS = 64 };

struct retired {
    struct arena arena; /* holds this struct */
    struct retired *next;
    uint64_t period;
};
struct grace {
    pthread_mutex_t lock;
    uint64_t oldest, now;     /* the oldest period that has somebody in it, or now */
    size_t inside[PERIODS];   /* by period, modulo */
    struct retired *first, *last;
    size_t n;
};

struct grace *grace_new(struct arena *a) {
    struct grace *g = arena_new(a, struct grace);
    if (!g) return NULL;
    (void)pthread_mutex_init(&g->lock, NULL);
    g->oldest = g->now = 1;
    return g;
}

uint64_t grace_enter(struct grace *g) {
    (void)pthread_mutex_lock(&g->lock);
    uint64_t period = g->now;
    g->inside[period % PERIODS]++;
    (void)pthread_mutex_unlock(&g->lock);
    return period;
}

static void advance(struct grace *g) {
    while (g->oldest < g->now && g->inside[g->oldest % PERIODS] == 0) g->oldest++;
}

/* Has everybody left who could have found it? Who enters from here on cannot: a new period begins, if there is room for one. */
static bool over(struct grace *g, const struct retired *r) {
    advance(g);
    if (r->period == g->now && g->now - g->oldest < PERIODS - 1) g->now++;
    advance(g);
    return g->oldest > r->period;
}

void grace_leave(struct grace *g, uint64_t entered) {
    (void)pthread_mutex_lock(&g->lock);
    assert(entered >= g->oldest && entered <= g->now && g->inside[entered % PERIODS] > 0);
    g->inside[entered % PERIODS]--;
    advance(g);
    (void)pthread_mutex_unlock(&g->lock);
}

void grace_retire(struct grace *g, struct arena *a) {
    a->overflow = false;
    a->limit_bytes += sizeof(struct retired) + 64;
    struct retired *r = arena_new(a, struct retired);
    if (!r) return; /* no memory for a few bytes: it stays until the process ends */
    (void)pthread_mutex_lock(&g->lock);
    *r = (struct retired){ .arena = *a, .period = g->now };
    if (g->last) g->last->next = r;
    else g->first = r;
    g->last = r;
    g->n++;
    (void)over(g, r);
    (void)pthread_mutex_unlock(&g->lock);
}

/* The first that nobody can hold any more, out of the list; NULL: none. */
static struct retired *take(struct grace *g, bool all) {
    (void)pthread_mutex_lock(&g->lock);
    struct retired *r = g->first;
    if (r && !all && !over(g, r)) r = NULL;
    if (r) {
        g->first = r->next;
        if (!g->first) g->last = NULL;
        g->n--;
    }
    (void)pthread_mutex_unlock(&g->lock);
    return r;
}

size_t grace_free(struct grace *g) {
    for (struct retired *r; (r = take(g, false));) {
        struct arena a = r->arena;
        arena_done(&a);
    }
    (void)pthread_mutex_lock(&g->lock);
    size_t n = g->n;
    (void)pthread_mutex_unlock(&g->lock);
    return n;
}

void grace_done(struct grace *g) {
    if (!g) return;
    for (struct retired *r; (r = take(g, true));) {
        struct arena a = r->arena;
        arena_done(&a);
    }
    (void)pthread_mutex_destroy(&g->lock);
}
