/* page_rate: how often somebody may ask; see http/rate.h. Invariant: who counts is settled without the store, by what earlier jobs showed
 * of the session.
 */
#include "http/rate.h"
#include "os/os.h"
#include "web/page_impl.h"

static struct str peer_of(const struct page *p) {
    return rate_peer(p->req->arena, p->req->peer);
}

/* What somebody signed in tries of his own (his password) counts for his session, as his pages do: it opens nobody else's. */
static struct str key_of(const struct page *p, enum route_rate class, int64_t now) {
    if (class == ROUTE_RATE_LOGIN && p->route->data == ROUTE_DATA_OWN) class = ROUTE_RATE_PAGE;
    return rate_key(p->web->c.rate, class, p->session, peer_of(p), now);
}

static bool passes(const struct page *p, enum route_rate class, unsigned *retry_s) {
    struct rate *rate = p->web->c.rate;
    int64_t now = os_mono_ns();
    return !rate || rate_take(rate, class, key_of(p, class, now), now, retry_s);
}

bool rate_passes(const struct page *p, unsigned *retry_s) {
    return passes(p, p->route->rate, retry_s);
}

bool rate_page_passes(const struct page *p) {
    unsigned ignored;
    return passes(p, ROUTE_RATE_PAGE, &ignored);
}

bool page_rate_use(const struct page *p, enum route_rate class, struct bound_seen *ret) {
    if (p->web->c.rate) rate_use(p->web->c.rate, class, ret);
    return p->web->c.rate != NULL;
}

void rate_weigh(const struct page *p) {
    struct rate *rate = p->web->c.rate;
    if (!rate) return;
    if (p->who && p->session.len) {
        if (p->session_true) rate_know(rate, p->session, os_mono_ns());
        else rate_forget(rate, p->session);
    }
    if (p->route->rate == ROUTE_RATE_LOGIN && p->route->method != HTTP_GET && p->phase == PAGE_ACT && p->outcome == STORE_OK)
        rate_give(rate, ROUTE_RATE_LOGIN, key_of(p, ROUTE_RATE_LOGIN, os_mono_ns()), os_mono_ns());
}
