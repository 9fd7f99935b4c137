/* live: see live.h. A stream's struct lives in its request, which http_event_close gives back; only the thread closes.
 *
 * Invariants: 1. `list` is written under the lock; who reads it without is the thread, which alone takes out. 2. Every stream's
 * `sent` is at most `last`; those behind are brought up first, each by itself, then all hear the new entries together. 3. What a
 * job finds is sent after it: a job that runs again sends nothing twice.
 */
#include "web/live/live_impl.h"

#include "base/log.h"
#include "os/os.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { WAIT_MS = 250, IDLE_MS = 1000, SLICE = 200, NEWS_MAX = 16, TURN_ARENA_BYTES = 64 * 1024 * 1024 };

/* One event for one stream. */
struct out {
    struct live_stream *to;
    int64_t number;
    struct str event, data;
};
struct turn {
    struct live *live;
    struct live_stream *stream[LIVE_STREAMS_MAX];
    size_t n;
    int64_t from, last;
    bool more, look; /* look: at sessions and presences, whether or not something happened */
    struct out *out;
    size_t n_out, max_out;
};

/* ---- what is told ---- */

struct str live_who(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct str lang, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *names, *args = val_map(a);
    struct str all = S("");
    if (item_presence_view(tx, r, who, task, &names, e)) return all;
    for (size_t i = 0; i < val_count(names); i++)
        all = ARENA_CAT(a, all, i ? realm_text(r, lang, S("、")) : S(""), val_text(val_item(names, i)));
    val_put_str(a, args, S("name"), all);
    return all.len ? po_fill(a, realm_text(r, lang, S("{name}正在处理这个任务")), args) : all;
}

static void put_out(struct turn *t, struct live_stream *s, int64_t number, struct str event, struct str data) {
    if (t->n_out < t->max_out) t->out[t->n_out++] = (struct out){ s, number, event, data };
    else s->ended = true; /* comes back for the rest */
}

/* The sentence, if it is another than the last one sent. */
static int put_who(struct turn *t, struct store_tx *tx, struct live_stream *s, const struct actor *who, const struct item_watch *w,
                   int64_t number, struct err *e) {
    struct str text = live_who(tx, t->live->realm, who, w->id, s->lang, e);
    uint64_t h = str_hash(text);
    if (h == s->who_hash) return 0;
    s->who_next = h;
    put_out(t, s, number, S("who"), text);
    return 0;
}

static int tell_one(struct turn *t, struct store_tx *tx, struct live_stream *s, const struct actor *who, const struct item_watch *w,
                    struct item_change *c, struct err *e) {
    struct item_news news[NEWS_MAX];
    size_t n;
    int rc = item_watch_tell(tx, t->live->realm, who, w, c, news, NEWS_MAX, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        if (news[i].presence) rc = put_who(t, tx, s, who, w, c->number, e);
        else put_out(t, s, c->number, S("change"), news[i].key);
    }
    return rc == ERR_FORBIDDEN ? 0 : rc;
}

static int actor_of(struct live *l, struct store_tx *tx, struct live_stream *s, struct actor *ret, struct err *e) {
    bool touch;
    int rc = identity_session_find(tx, l->realm, s->token, ret, &touch, e);
    if (rc == ERR_LOGIN) s->ended = true;
    return rc;
}

/* Everything of one slice that concerns one stream. */
static int tell(struct turn *t, struct store_tx *tx, struct live_stream *s, struct item_change *change, size_t n, struct err *e) {
    struct actor who;
    bool known = false;
    int rc = 0;
    for (size_t i = 0; i < n && !rc && !s->ended; i++)
        for (size_t k = 0; k < s->n_watches && !rc && !s->ended; k++) {
            if (change[i].number <= s->sent || !item_watch_concerns(&s->watch[k], &change[i], s->account)) continue;
            if (!known) rc = actor_of(t->live, tx, s, &who, e);
            known = rc == 0;
            if (!rc) rc = tell_one(t, tx, s, &who, &s->watch[k], &change[i], e);
            else if (rc == ERR_LOGIN) rc = 0;
        }
    return rc;
}

struct str live_health_text(struct arena *a, uint64_t key) {
    return arena_fmt(a, "h%016llx", (unsigned long long)key);
}

/* Only where it changed; the right is looked up then. */
static int tell_health(struct turn *t, struct store_tx *tx, struct live_stream *s, struct err *e) {
    uint64_t key = t->live->health;
    struct scope_token token;
    struct actor who;
    if (!s->health || s->ended || key == 0 || key == s->health_key) return 0;
    int rc = actor_of(t->live, tx, s, &who, e);
    if (!rc) rc = access_may(t->live->realm, &who, S("metrics.read"), &token, e);
    if (!rc) put_out(t, s, s->sent, S("change"), live_health_text(store_arena(tx), key));
    if (!rc) s->health_next = key;
    return rc == ERR_LOGIN || rc == ERR_FORBIDDEN ? 0 : rc;
}

/* Sessions that ended; presences that lapsed, of which no entry tells. */
static int look(struct turn *t, struct store_tx *tx, struct live_stream *s, struct err *e) {
    struct actor who;
    int rc = actor_of(t->live, tx, s, &who, e);
    for (size_t k = 0; !rc && k < s->n_watches; k++)
        if (s->watch[k].kind == ITEM_WATCH_TASK) rc = put_who(t, tx, s, &who, &s->watch[k], s->sent, e);
    return rc == ERR_LOGIN ? 0 : rc;
}

static int turn_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct turn *t = job->arg;
    struct item_change *change = arena_array(job->arena, SLICE, sizeof *change);
    size_t n = 0;
    t->max_out = t->n * NEWS_MAX + SLICE * NEWS_MAX; /* one stream alone always has room for a slice */
    t->out = arena_array(job->arena, t->max_out, sizeof *t->out);
    t->n_out = 0;
    if (!change || !t->out) return err_set(e, ERR_MEMORY, "live");
    int rc = item_changes_after(tx, t->live->realm, t->from, change, SLICE, &n, &t->last, &t->more, e);
    for (size_t i = 0; i < t->n && !rc; i++) {
        if (n) rc = tell(t, tx, t->stream[i], change, n, e);
        if (!rc) rc = tell_health(t, tx, t->stream[i], e);
        if (!rc && t->look && !t->stream[i]->ended) rc = look(t, tx, t->stream[i], e);
    }
    return rc;
}

/* ---- the thread ---- */

static void send_all(struct turn *t) {
    for (size_t i = 0; i < t->n_out; i++) {
        struct out *o = &t->out[i];
        if (o->to->ended) continue;
        if (!http_event_send(o->to->stream, o->number, o->event, o->data)) o->to->ended = true;
        else if (str_eq(o->event, S("who"))) o->to->who_hash = o->to->who_next;
        o->to->health_key = o->to->health_next;
    }
    for (size_t i = 0; i < t->n; i++)
        if (t->stream[i]->sent < t->last) t->stream[i]->sent = t->last;
}

static struct live_stream *first_of(struct live *l) {
    (void)pthread_mutex_lock(&l->lock);
    struct live_stream *s = l->list;
    (void)pthread_mutex_unlock(&l->lock);
    return s;
}

/* One slice of the log after `from` for the streams in `t`; false: the store did not answer, try again later. */
static bool take_turn(struct live *l, struct turn *t) {
    struct err e = { 0 };
    struct store_job job = { .home = l->realm->home, .queue = STORE_READ, .arena = &l->turn_arena, .body = turn_body, .arg = t };
    t->live = l;
    t->last = t->from;
    if (store_do(l->store, &job, &e)) {
        if (err_kind(e.code) != ERR_KIND_CALLER)
            LOG(LOG_WARN, "live", S(""), "a turn failed and is tried again", LOG_ERR(&e));
        return false;
    }
    send_all(t);
    return true;
}

/* Streams that have not all that the others have heard: each is brought up by itself. */
static void catch_up(struct live *l, struct turn *t) {
    for (struct live_stream *s = first_of(l); s; s = s->next) {
        t->stream[0] = s;
        t->n = 1;
        t->look = false;
        if (l->last - s->sent > LIVE_REPLAY_MAX) {
            if (!http_event_send(s->stream, l->last, S("lost"), S(""))) s->ended = true;
            s->sent = l->last;
        }
        while (!s->ended && s->sent < l->last) {
            t->from = s->sent;
            if (!take_turn(l, t)) return;
            if (t->last == t->from) s->sent = l->last;
        }
    }
}

static int renew_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct live *l = job->arg;
    int rc = 0;
    for (struct live_stream *s = first_of(l); s && !rc; s = s->next)
        for (size_t k = 0; k < s->n_watches && !rc && !s->ended; k++)
            if (s->watch[k].kind == ITEM_WATCH_TASK && s->present)
                rc = item_presence_put(tx, l->realm, s->account, s->watch[k].id, e);
    return rc;
}

/* Who still has a task's page open keeps his lease. */
static void renew(struct live *l) {
    struct store_job job = { .home = l->realm->home, .queue = STORE_BULK, .arena = &l->turn_arena, .body = renew_body, .arg = l };
    bool any = false;
    for (struct live_stream *s = first_of(l); s; s = s->next) any |= s->present;
    if (any) (void)store_do(l->store, &job, NULL);
}

static void drop(struct live *l, bool all) {
    (void)pthread_mutex_lock(&l->lock);
    for (struct live_stream *s = l->list, *next; s; s = next) {
        next = s->next;
        if (!all && !s->ended && !http_event_gone(s->stream)) continue;
        if (s->prev) s->prev->next = s->next;
        else l->list = s->next;
        if (s->next) s->next->prev = s->prev;
        l->n--;
        http_event_close(s->stream); /* gives back the memory that `s` is in */
    }
    (void)pthread_mutex_unlock(&l->lock);
}

static void run_turn(struct live *l, struct turn *t, bool look_now) {
    if (!first_of(l)) return;
    catch_up(l, t);
    do {
        t->n = 0;
        (void)pthread_mutex_lock(&l->lock); /* those that are up to date; a newer one waits for the next turn */
        for (struct live_stream *s = l->list; s && t->n < LIVE_STREAMS_MAX; s = s->next)
            if (!s->ended && s->sent >= l->last) t->stream[t->n++] = s;
        (void)pthread_mutex_unlock(&l->lock);
        t->from = l->last;
        t->look = look_now;
        t->more = false;
        if (!take_turn(l, t)) return;
        l->last = t->last;
        look_now = false;
    } while (t->more);
}

static bool wait_for_hint(struct live *l, uint64_t *seen) {
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until); /* only for the condition variable */
    int64_t ns = until.tv_nsec + (int64_t)(first_of(l) ? WAIT_MS : IDLE_MS) * 1000000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    (void)pthread_mutex_lock(&l->lock);
    int rc = 0;
    while (!l->stopping && l->hints == *seen && rc == 0) rc = pthread_cond_timedwait(&l->wake, &l->lock, &until);
    *seen = l->hints;
    bool go = !l->stopping;
    (void)pthread_mutex_unlock(&l->lock);
    return go;
}

static int last_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct live *l = job->arg;
    return item_watch_last(tx, l->realm, &l->last, e);
}

static void *run(void *arg) {
    struct live *l = arg;
    struct store_job first = { .home = l->realm->home, .queue = STORE_READ, .arena = &l->turn_arena, .body = last_body, .arg = l };
    uint64_t seen = 0;
    int64_t looked = os_mono_ns(), renewed = looked;
    const int64_t second = 1000000000;
    while (store_do(l->store, &first, NULL) && wait_for_hint(l, &seen)) continue;
    do {
        uint64_t held = realm_hold(l->realm);
        int64_t now = os_mono_ns();
        bool look_now = now - looked >= HTTP_EVENT_HEARTBEAT_S * second;
        if (look_now) looked = now;
        drop(l, false);
        if (now - renewed >= ITEM_PRESENCE_MS / 4000 * second) {
            renewed = now;
            renew(l);
        }
        run_turn(l, l->turn, look_now);
        realm_let(l->realm, held);
    } while (wait_for_hint(l, &seen));
    drop(l, true);
    return NULL;
}

/* ---- life ---- */

int live_start(struct arena *a, struct store *s, const struct realm *r, struct live **ret, struct err *e) {
    struct live *l = arena_new(a, struct live);
    struct turn *t = arena_new(a, struct turn);
    if (!l || !t) return err_set(e, ERR_MEMORY, "live");
    l->store = s;
    l->realm = r;
    l->turn = t;
    arena_init(&l->turn_arena, "live", TURN_ARENA_BYTES);
    (void)pthread_mutex_init(&l->lock, NULL);
    (void)pthread_cond_init(&l->wake, NULL);
    if (pthread_create(&l->thread, NULL, run, l)) return err_set(e, ERR_MEMORY, "threads");
    *ret = l;
    return 0;
}

void live_health(struct live *l, uint64_t key) {
    if (!l || atomic_exchange(&l->health, key) == key) return;
    live_hint(l);
}

void live_hint(struct live *l) {
    if (!l) return;
    (void)pthread_mutex_lock(&l->lock);
    l->hints++;
    (void)pthread_cond_signal(&l->wake);
    (void)pthread_mutex_unlock(&l->lock);
}

void live_stop(struct live *l) {
    if (!l) return;
    (void)pthread_mutex_lock(&l->lock);
    bool first = !l->stopping;
    l->stopping = true;
    (void)pthread_cond_signal(&l->wake);
    (void)pthread_mutex_unlock(&l->lock);
    if (!first) return;
    (void)pthread_join(l->thread, NULL);
    arena_done(&l->turn_arena);
}

void live_use(struct live *l, struct bound_seen *ret, struct bound_seen *ret_of_one) {
    (void)pthread_mutex_lock(&l->lock);
    bound_read(&l->use, LIVE_STREAMS_MAX, (int64_t)l->n, ret);
    bound_read(&l->use_of_one, LIVE_OF_ONE_MAX, -1, ret_of_one);
    (void)pthread_mutex_unlock(&l->lock);
}

bool live_add(struct live *l, struct live_stream *s, struct http_req *r) {
    size_t mine = 0;
    (void)pthread_mutex_lock(&l->lock);
    for (const struct live_stream *x = l->list; x; x = x->next) mine += x->account == s->account;
    bool ok = !l->stopping && bound_within(&l->use, l->n + 1, LIVE_STREAMS_MAX) && bound_within(&l->use_of_one, mine + 1, LIVE_OF_ONE_MAX);
    if (ok) ok = (s->stream = http_event_open(r)) != NULL;
    if (ok) {
        s->next = l->list;
        if (s->next) s->next->prev = s;
        l->list = s;
        l->n++;
        l->hints++;
        if (!http_event_send(s->stream, s->sent, S("at"), S(""))) s->ended = true;
        (void)pthread_cond_signal(&l->wake);
    }
    (void)pthread_mutex_unlock(&l->lock);
    return ok;
}
