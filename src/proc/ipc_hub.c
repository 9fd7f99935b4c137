/* ipc_hub: the asking side of ipc.h: one thread that writes questions and reads answers on every link.
 *
 * A question's way, and the function for each edge:
 *   asked -> queued      ipc_send      (or refused there: too many, or the hub is ending)
 *   queued -> sent       write_some    the link's socket took all of it
 *   sent -> done         read_some     its answer came whole
 *   queued, sent -> done expire        its time is up
 *   sent -> done         drop_link     the link broke: ERR_PEER
 *
 * Invariants
 *  1. `lock` guards queues, numbers and flags; sockets and half-read answers belong to the thread alone. No callback runs with
 *     the lock held.
 *  2. A question is in exactly one of a link's two lists, or already done. The one being written stays at the head of `queued`,
 *     and is not expired before it is out, so that the stream never holds half a message.
 *  3. A reply's arena is touched only between taking the question off `sent` and its done.
 */
#include "proc/ipc.h"

#include "os/os.h"
#include "os/proc.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

struct list {
    struct ipc_request *first, *last;
};

struct ipc_link {
    const struct ipc_table *table;
    int fd; /* -1: none now */
    int64_t linked_ns; /* since when, 0: not; for others to read, under the lock */
    size_t waiting;
    struct bound use; /* of waiting */
    struct list queued, sent;
    /* the question being written: header, then body */
    struct ipc_header out;
    size_t out_at;
    /* the answer being read; `owner` NULL: dropped as it comes */
    struct ipc_header in;
    size_t in_at;
    struct ipc_request *owner;
    char *body;
};

static void append(struct list *l, struct ipc_request *r) {
    r->next = NULL;
    if (l->last) l->last->next = r;
    else l->first = r;
    l->last = r;
}

static void unlink_from(struct list *l, struct ipc_request *r) {
    struct ipc_request *before = NULL;
    for (struct ipc_request *at = l->first; at != r; at = at->next) before = at;
    if (before) before->next = r->next;
    else l->first = r->next;
    if (l->last == r) l->last = before;
    r->next = NULL;
}

/* Off both lists already, lock not held. */
static void finish(struct ipc_request *r) {
    r->done(r, r->context);
}

static void finish_list(struct ipc_request *first, int code, const char *why) {
    while (first) {
        struct ipc_request *next = first->next;
        first->code = err_field(&first->err, code, str_of(first->peer), "%s", why);
        finish(first);
        first = next;
    }
}

static void wake(struct ipc_hub *h) {
    (void)send(h->wake[1], "", 1, MSG_DONTWAIT | MSG_NOSIGNAL); /* full means: a wake-up is under way */
}

/* ---- the thread's work on one link ---- */

/* Invariants 1 and 2 of ipc.h: the link is over; what was sent is lost, and so is what was half sent. */
static void drop_link(struct ipc_hub *h, struct ipc_link *l, const char *why) {
    (void)pthread_mutex_lock(&h->lock);
    struct ipc_request *half = l->out_at ? l->queued.first : NULL;
    if (half) {
        unlink_from(&l->queued, half);
        append(&l->sent, half);
    }
    if (l->owner) append(&l->sent, l->owner);
    struct ipc_request *lost = l->sent.first;
    for (struct ipc_request *r = lost; r; r = r->next) l->waiting--;
    l->sent = (struct list){ 0 };
    l->linked_ns = 0;
    (void)pthread_mutex_unlock(&h->lock);
    proc_close(&l->fd);
    l->out_at = l->in_at = 0;
    l->owner = NULL;
    l->body = NULL;
    finish_list(lost, ERR_PEER, why);
}

static void head_of(const struct ipc_request *r, struct ipc_header *ret) {
    *ret = (struct ipc_header){ .magic = IPC_MAGIC, .type = r->type, .kind = IPC_QUESTION, .length = (uint32_t)r->body.len,
                                .number = r->number };
    memcpy(ret->request_id, r->request_id, strnlen(r->request_id, sizeof ret->request_id));
}

/* Writes as much as the socket takes; false when the link broke. */
static bool write_some(struct ipc_hub *h, struct ipc_link *l) {
    for (;;) {
        (void)pthread_mutex_lock(&h->lock);
        struct ipc_request *r = l->queued.first;
        (void)pthread_mutex_unlock(&h->lock);
        if (!r) return true;
        if (l->out_at == 0) head_of(r, &l->out);
        size_t total = sizeof l->out + r->body.len;
        while (l->out_at < total) {
            bool head = l->out_at < sizeof l->out;
            const char *from = head ? (const char *)&l->out + l->out_at : r->body.ptr + (l->out_at - sizeof l->out);
            ssize_t n = send(l->fd, from, (head ? sizeof l->out : total) - l->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return errno == EAGAIN;
            l->out_at += (size_t)n;
        }
        l->out_at = 0;
        (void)pthread_mutex_lock(&h->lock);
        unlink_from(&l->queued, r);
        append(&l->sent, r);
        (void)pthread_mutex_unlock(&h->lock);
    }
}

/* The header is whole: finds whose answer it is and makes room. False: not a message. */
static bool begin_answer(struct ipc_hub *h, struct ipc_link *l, struct err *e) {
    const struct ipc_op *op = ipc_check(l->table, &l->in, false, e);
    if (!op) return false;
    (void)pthread_mutex_lock(&h->lock);
    struct ipc_request *r = l->sent.first;
    while (r && r->number != l->in.number) r = r->next;
    if (r) unlink_from(&l->sent, r);
    (void)pthread_mutex_unlock(&h->lock);
    l->owner = r;
    l->body = r ? arena_alloc(r->arena, l->in.length ? l->in.length : 1) : NULL;
    return !r || r->op == op;
}

static void end_answer(struct ipc_hub *h, struct ipc_link *l) {
    struct ipc_request *r = l->owner;
    l->in_at = 0;
    l->owner = NULL;
    if (!r) return;
    struct str body = str_make(l->body, l->in.length);
    if (!l->body) r->code = err_field(&r->err, ERR_MEMORY, str_of(r->peer), "%s", r->arena->name);
    else if (l->in.kind == IPC_REFUSAL) r->code = ipc_refusal(body, &r->err);
    else r->code = 0, r->reply = body;
    (void)pthread_mutex_lock(&h->lock);
    l->waiting--;
    (void)pthread_mutex_unlock(&h->lock);
    finish(r);
}

/* Reads what there is, at most one answer at a time so that links take turns; NULL, or why the link is over. */
static const char *read_some(struct ipc_hub *h, struct ipc_link *l) {
    char scrap[4096];
    struct err e;
    for (;;) {
        bool head = l->in_at < sizeof l->in;
        size_t at = head ? l->in_at : l->in_at - sizeof l->in;
        size_t want = (head ? sizeof l->in : l->in.length) - at;
        if (want) {
            char *to = head ? (char *)&l->in + at : l->body ? l->body + at : scrap;
            if (to == scrap && want > sizeof scrap) want = sizeof scrap;
            ssize_t n = recv(l->fd, to, want, MSG_DONTWAIT);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0 && errno == EAGAIN) return NULL;
            if (n <= 0) return "the process behind it ended";
            l->in_at += (size_t)n;
            if (l->in_at == sizeof l->in && !begin_answer(h, l, &e)) return "an answer that breaks the table";
        }
        if (l->in_at >= sizeof l->in && l->in_at - sizeof l->in == l->in.length) {
            end_answer(h, l);
            return NULL;
        }
    }
}

/* Takes off what is late; gives the nearest deadline that is left. */
static int64_t expire(struct ipc_hub *h, struct ipc_link *l, int64_t now_ns) {
    struct list late = { 0 };
    int64_t nearest = INT64_MAX;
    (void)pthread_mutex_lock(&h->lock);
    struct list *const lists[] = { &l->queued, &l->sent };
    for (size_t i = 0; i < 2; i++)
        for (struct ipc_request *r = lists[i]->first, *next; r; r = next) {
            next = r->next;
            if (i == 0 && r == l->queued.first && l->out_at) continue; /* invariant 2 */
            if (r->deadline_ns <= now_ns) {
                unlink_from(lists[i], r);
                append(&late, r);
                l->waiting--;
            } else if (r->deadline_ns < nearest) {
                nearest = r->deadline_ns;
            }
        }
    (void)pthread_mutex_unlock(&h->lock);
    finish_list(late.first, ERR_PEER, "no answer in time");
    return nearest;
}

/* ---- the thread ---- */

static void ask_to_stop(struct ipc_hub *h) {
    (void)pthread_mutex_lock(&h->lock);
    h->stop_asked = true;
    (void)pthread_cond_broadcast(&h->stopped);
    (void)pthread_mutex_unlock(&h->lock);
}

/* False once the parent is gone. */
static bool hear_parent(struct ipc_hub *h) {
    struct ipc_control c;
    int fd = -1;
    bool open = false;
    int r = ipc_control_recv(h->control_fd, false, &c, &fd, &open, NULL);
    if (r == ERR_BUSY) return true;
    if (r || !open) {
        ask_to_stop(h);
        return false;
    }
    if (c.order == IPC_STOP) ask_to_stop(h);
    for (size_t i = 0; c.order == IPC_LINK && i < h->n; i++)
        if (strcmp(h->link[i].table->peer, c.role) == 0) {
            drop_link(h, &h->link[i], "the process behind it was started again");
            h->link[i].fd = fd;
            fd = -1;
            (void)pthread_mutex_lock(&h->lock);
            h->link[i].linked_ns = os_mono_ns();
            (void)pthread_mutex_unlock(&h->lock);
        }
    proc_close(&fd);
    return true;
}

static void serve_link(struct ipc_hub *h, struct ipc_link *l, short events) {
    const char *over = NULL;
    if (l->fd < 0) return;
    if (events & (POLLIN | POLLHUP | POLLERR)) over = read_some(h, l);
    if (!over && !write_some(h, l)) over = "the process behind it ended";
    if (over) drop_link(h, l, over);
}

static int wait_ms(int64_t until_ns, int64_t now_ns) {
    if (until_ns == INT64_MAX) return -1;
    int64_t ms = until_ns <= now_ns ? 0 : (until_ns - now_ns) / 1000000 + 1;
    return ms > 60000 ? 60000 : (int)ms;
}

static void *run(void *arg) {
    struct ipc_hub *h = arg;
    bool parent = h->control_fd >= 0, ending = false;
    while (!ending) {
        struct pollfd p[IPC_LINKS_MAX + 2] = { { .fd = h->wake[0], .events = POLLIN },
                                               { .fd = parent ? h->control_fd : -1, .events = POLLIN } };
        int64_t now = os_mono_ns(), nearest = INT64_MAX;
        for (size_t i = 0; i < h->n; i++) {
            int64_t until = expire(h, &h->link[i], now);
            if (until < nearest) nearest = until;
        }
        (void)pthread_mutex_lock(&h->lock);
        for (size_t i = 0; i < h->n; i++)
            p[i + 2] = (struct pollfd){ .fd = h->link[i].fd, .events = (short)(POLLIN | (h->link[i].queued.first ? POLLOUT : 0)) };
        ending = h->ending;
        (void)pthread_mutex_unlock(&h->lock);
        if (ending || poll(p, h->n + 2, wait_ms(nearest, now)) < 0) continue;
        char scrap[64];
        if (p[0].revents) (void)recv(h->wake[0], scrap, sizeof scrap, MSG_DONTWAIT);
        for (size_t i = 0; i < h->n; i++) serve_link(h, &h->link[i], p[i + 2].revents);
        if (p[1].revents) parent = hear_parent(h);
    }
    return NULL;
}

int ipc_hub_start(struct ipc_hub *h, struct arena *a, int control_fd, const struct ipc_table *const *table, size_t n,
                  struct err *e) {
    *h = (struct ipc_hub){ .control_fd = control_fd, .n = n, .next_number = 1 };
    if (n > IPC_LINKS_MAX) return err_set(e, ERR_DEFECT, "%zu links", n);
    h->link = arena_array(a, n, sizeof *h->link);
    if (n && !h->link) return err_set(e, ERR_MEMORY, "%s", a->name);
    for (size_t i = 0; i < n; i++) h->link[i] = (struct ipc_link){ .table = table[i], .fd = -1 };
    int r = proc_socketpair(false, h->wake, e);
    if (r) return r;
    (void)pthread_mutex_init(&h->lock, NULL);
    (void)pthread_cond_init(&h->stopped, NULL);
    int error = pthread_create(&h->thread, NULL, run, h);
    if (error) {
        proc_close(&h->wake[0]);
        proc_close(&h->wake[1]);
        return err_set(e, ERR_IO, "thread: %s", strerror(error));
    }
    h->running = true;
    return 0;
}

bool ipc_hub_peer(struct ipc_hub *h, size_t i, const char **peer, int64_t *linked_ns, size_t *waiting) {
    if (i >= h->n) return false;
    (void)pthread_mutex_lock(&h->lock);
    *peer = h->link[i].table->peer;
    *linked_ns = h->link[i].linked_ns;
    *waiting = h->link[i].waiting;
    (void)pthread_mutex_unlock(&h->lock);
    return true;
}

bool ipc_hub_use(struct ipc_hub *h, size_t i, struct bound_seen *ret) {
    if (i >= h->n) return false;
    (void)pthread_mutex_lock(&h->lock);
    bound_read(&h->link[i].use, IPC_WAITING_MAX, (int64_t)h->link[i].waiting, ret);
    (void)pthread_mutex_unlock(&h->lock);
    return true;
}

void ipc_hub_wait_stop(struct ipc_hub *h) {
    (void)pthread_mutex_lock(&h->lock);
    while (!h->stop_asked) (void)pthread_cond_wait(&h->stopped, &h->lock);
    (void)pthread_mutex_unlock(&h->lock);
}

bool ipc_hub_stopping(struct ipc_hub *h) {
    (void)pthread_mutex_lock(&h->lock);
    bool r = h->stop_asked;
    (void)pthread_mutex_unlock(&h->lock);
    return r;
}

void ipc_hub_stop_now(struct ipc_hub *h) {
    ask_to_stop(h);
}

void ipc_hub_done(struct ipc_hub *h) {
    if (!h->running) return;
    (void)pthread_mutex_lock(&h->lock);
    h->ending = true;
    (void)pthread_mutex_unlock(&h->lock);
    wake(h);
    (void)pthread_join(h->thread, NULL);
    h->running = false;
    for (size_t i = 0; i < h->n; i++) {
        drop_link(h, &h->link[i], "the program is stopping");
        finish_list(h->link[i].queued.first, ERR_PEER, "the program is stopping");
        h->link[i].queued = (struct list){ 0 };
    }
    proc_close(&h->wake[0]);
    proc_close(&h->wake[1]);
    (void)pthread_cond_destroy(&h->stopped);
    (void)pthread_mutex_destroy(&h->lock);
}

/* ---- asking ---- */

static int admit(struct ipc_hub *h, struct ipc_request *r, struct ipc_link *l) {
    struct str peer = str_of(r->peer);
    r->op = NULL;
    for (size_t i = 0; l && i < l->table->n; i++)
        if (l->table->op[i].type == r->type) r->op = &l->table->op[i];
    if (!r->op || r->body.len < r->op->in_min || r->body.len > r->op->in_max || r->timeout_ms <= 0)
        return err_field(&r->err, ERR_DEFECT, peer, "type %u, %zu bytes", r->type, r->body.len);
    if (h->ending) return err_field(&r->err, ERR_PEER, peer, "the program is stopping");
    if (!bound_within(&l->use, l->waiting + 1, IPC_WAITING_MAX)) return err_field(&r->err, ERR_BUSY, peer, "too many wait");
    l->waiting++;
    r->number = h->next_number++;
    r->deadline_ns = os_mono_ns() + r->timeout_ms * 1000000;
    append(&l->queued, r);
    return 0;
}

void ipc_send(struct ipc_hub *h, struct ipc_request *r) {
    struct ipc_link *l = NULL;
    r->reply = (struct str){ NULL, 0 };
    err_clear(&r->err);
    for (size_t i = 0; i < h->n; i++)
        if (strcmp(h->link[i].table->peer, r->peer) == 0) l = &h->link[i];
    (void)pthread_mutex_lock(&h->lock);
    int code = admit(h, r, l);
    (void)pthread_mutex_unlock(&h->lock);
    if (code == 0) {
        wake(h);
        return;
    }
    r->code = code;
    finish(r);
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t over;
    bool done;
};

static void waiter_done(struct ipc_request *r, void *context) {
    struct waiter *w = context;
    (void)r;
    (void)pthread_mutex_lock(&w->lock);
    w->done = true;
    (void)pthread_cond_signal(&w->over);
    (void)pthread_mutex_unlock(&w->lock);
}

int ipc_ask(struct ipc_hub *h, struct ipc_request *r) {
    struct waiter w = { .lock = PTHREAD_MUTEX_INITIALIZER, .over = PTHREAD_COND_INITIALIZER };
    r->done = waiter_done;
    r->context = &w;
    ipc_send(h, r);
    (void)pthread_mutex_lock(&w.lock);
    while (!w.done) (void)pthread_cond_wait(&w.over, &w.lock);
    (void)pthread_mutex_unlock(&w.lock);
    return r->code;
}
