/* sms: see sms.h. Invariant: `in` never holds more than one whole PDU and part of the next; a peer
 * that sends what is no SMPP loses the session. */
#include "proc/courier/sms.h"

#include "base/log.h"
#include "os/os.h"
#include "os/resolve.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LOOKUP_MS = 2000,
    CONNECT_MS = 2000,
    BIND_MS = 3000, /* short: what is urgent may wait behind it, for mail as well */
    ANSWER_MS = 20000,
    ALIVE_MS = 30000,
    LOST_MS = 60000,
    PAUSE_MS_MAX = 60000,
    SLOW_MS_MAX = 32000,
    OUT_BYTES = 4096,
    DOUBLED_MAX = 6
};
static const int64_t ms_ns = 1000000;

/* A request of ours whose answer is awaited. */
struct sms_pending {
    uint32_t sequence, status;
    bool answered;
    char id[SMPP_ID_BYTES_MAX + 1];
};

static void keep(char *to, size_t max, struct str s) {
    size_t n = s.len < max ? s.len : max;
    memcpy(to, s.ptr, n);
    to[n] = '\0';
}

/* The first generation is drawn: what was written down for a process that is gone says nothing of the receipts of this one. */
void sms_init(struct sms *s) {
    *s = (struct sms){ .fd = -1 };
    os_random(&s->generation, sizeof s->generation);
}

/* The next attempt to connect is after a pause, longer each time. */
static void rest(struct sms *s) {
    int64_t pause_ms = (int64_t)1000 << (s->failed < DOUBLED_MAX ? s->failed : DOUBLED_MAX);
    s->retry_at_ns = os_mono_ns() + (pause_ms < PAUSE_MS_MAX ? pause_ms : PAUSE_MS_MAX) * ms_ns;
    s->failed++;
}

static void lose(struct sms *s, const char *why) {
    if (s->fd < 0) return;
    LOG(LOG_WARN, "sms", S(""), "the session is over", LOG_TEXT("why", str_of(why)));
    (void)close(s->fd);
    s->fd = -1;
    s->bound = false;
    s->n_in = s->n_receipts = 0;
    s->generation++;
    rest(s);
}

/* ---- bytes ---- */

static bool put(struct sms *s, const struct buf *b) {
    struct str left = buf_str(b);
    int64_t end = os_mono_ns() + ANSWER_MS * ms_ns;
    while (s->fd >= 0 && left.len && buf_ok(b)) {
        ssize_t n = send(s->fd, left.ptr, left.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0)
            left = str_sub(left, (size_t)n, left.len);
        else if (errno == EAGAIN || errno == EINTR) {
            struct pollfd p = { .fd = s->fd, .events = POLLOUT };
            if (os_mono_ns() > end)
                lose(s, "it takes nothing");
            else
                (void)poll(&p, 1, 100);
        } else
            lose(s, strerror(errno));
    }
    return s->fd >= 0 && buf_ok(b);
}

static void put_small(struct sms *s, void (*write)(struct buf *, uint32_t, uint32_t, uint32_t),
                      uint32_t command, uint32_t sequence) {
    struct arena a;
    struct buf b;
    arena_init(&a, "sms", OUT_BYTES);
    buf_init(&b, &a, 64, 64);
    write(&b, command, SMPP_OK, sequence);
    (void)put(s, &b);
    arena_done(&a);
}

static void answer_delivery(struct buf *b, uint32_t command, uint32_t status, uint32_t sequence) {
    (void)command;
    (void)status;
    smpp_put_delivered(b, sequence);
}

/* ---- what comes ---- */

static void take_delivery(struct sms *s, const struct smpp_pdu *p) {
    struct smpp_receipt r;
    struct err e = { 0 };
    if (smpp_read_delivery(p, &r, &e)) {
        lose(s, "deliver_sm cannot be read");
        return;
    }
    if (!r.is || !r.id.len ||
        r.fate == SMPP_UNDECIDED) { /* somebody's text, or no end yet: nothing to write down */
        put_small(s, answer_delivery, SMPP_DELIVER_SM, p->sequence);
        return;
    }
    if (s->n_receipts == SMS_RECEIPTS_MAX) return; /* not answered: it comes again */
    struct sms_receipt *to = &s->receipt[s->n_receipts++];
    *to = (struct sms_receipt){ .sequence = p->sequence, .fate = r.fate };
    keep(to->id, SMPP_ID_BYTES_MAX, r.id);
    keep(to->why, SMS_WHY_BYTES_MAX, r.why);
}

static void take_answer(struct sms *s, const struct smpp_pdu *p) {
    for (size_t i = 0; i < s->n_pending; i++) {
        if (s->pending[i].sequence != p->sequence || s->pending[i].answered) continue;
        s->pending[i].answered = true;
        s->pending[i].status =
            p->command == SMPP_RESPONSE && !p->status ? SMPP_INVALID_COMMAND : p->status;
        keep(s->pending[i].id, SMPP_ID_BYTES_MAX, smpp_id_of(p));
    }
}

static void take(struct sms *s, const struct smpp_pdu *p) {
    s->heard_ns = os_mono_ns();
    if (p->command & SMPP_RESPONSE)
        take_answer(s, p);
    else if (p->command == SMPP_DELIVER_SM)
        take_delivery(s, p);
    else if (p->command == SMPP_ENQUIRE_LINK)
        put_small(s, smpp_put_bare, SMPP_ENQUIRE_LINK | SMPP_RESPONSE, p->sequence);
    else if (p->command == SMPP_UNBIND) {
        put_small(s, smpp_put_bare, SMPP_UNBIND | SMPP_RESPONSE, p->sequence);
        lose(s, "the centre said goodbye");
    }
}

/* Reads what is there, waiting at most `ms` for the first of it. */
static void hear(struct sms *s, int ms) {
    struct pollfd p = { .fd = s->fd, .events = POLLIN };
    if (s->fd < 0 || poll(&p, 1, ms) <= 0) return;
    ssize_t n = recv(s->fd, s->in + s->n_in, sizeof s->in - s->n_in, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        lose(s, n ? strerror(errno) : "it hung up");
        return;
    }
    s->n_in += (size_t)n;
    struct str left = str_make(s->in, s->n_in);
    struct smpp_pdu pdu;
    bool whole = true;
    while (s->fd >= 0 && whole) {
        if (smpp_take(&left, &pdu, &whole, NULL))
            lose(s, "what it sends is no SMPP");
        else if (whole)
            take(s, &pdu);
    }
    if (s->fd < 0) return;
    memmove(s->in, left.ptr, left.len);
    s->n_in = left.len;
}

/* Until every pending request is answered; false: not in time, or the session is over. */
static bool await(struct sms *s, struct sms_pending *pending, size_t n, int64_t ms) {
    int64_t end = os_mono_ns() + ms * ms_ns;
    bool all = false;
    s->pending = pending;
    s->n_pending = n;
    while (s->fd >= 0 && !all && os_mono_ns() < end) {
        hear(s, 100);
        all = true;
        for (size_t i = 0; i < n; i++) all &= pending[i].answered;
    }
    s->n_pending = 0;
    if (!all && s->fd >= 0) lose(s, "no answer");
    return all;
}

/* ---- the session ---- */

static int connect_to(const struct resolve_address *at) {
    int fd = socket(at->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), bad = 0;
    socklen_t size = sizeof bad;
    if (fd < 0) return -1;
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    bool ok = connect(fd, (const struct sockaddr *)&at->at, at->size) == 0 || errno == EINPROGRESS;
    ok = ok && poll(&p, 1, CONNECT_MS) == 1 &&
         getsockopt(fd, SOL_SOCKET, SO_ERROR, &bad, &size) == 0 && !bad;
    if (ok) return fd;
    (void)close(fd);
    return -1;
}

static bool bind_session(struct sms *s, const char *host, const char *port) {
    struct resolve_answer found = { .n = 0 };
    struct err e = { 0 };
    struct arena a;
    struct buf b;
    if (s->fd >= 0) return s->bound;
    if (os_mono_ns() < s->retry_at_ns) return false;
    int rc = resolve_name(host, port, LOOKUP_MS, &found, &e);
    for (size_t i = 0; !rc && i < found.n && s->fd < 0; i++) s->fd = connect_to(&found.address[i]);
    if (s->fd < 0) {
        LOG(LOG_WARN, "sms", S(""), "no connection", LOG_TEXT("detail", str_of(e.detail)));
        rest(s);
        return false;
    }
    struct sms_pending p = { .sequence = ++s->sequence };
    arena_init(&a, "sms", OUT_BYTES);
    buf_init(&b, &a, 256, OUT_BYTES / 2);
    smpp_put_bind(&b, p.sequence, s->system_id, s->password, s->system_type);
    bool ok = put(s, &b) && await(s, &p, 1, BIND_MS);
    arena_done(&a);
    if (ok && p.status != SMPP_OK) {
        LOG(LOG_ERROR, "sms", S(""), "the centre refuses the bind", LOG_INT("status", p.status));
        lose(s, "not bound");
        return false;
    }
    if (!ok) return false;
    s->bound = true;
    s->failed = s->slowed = 0;
    LOG(LOG_INFO, "sms", S(""), "bound");
    return true;
}

void sms_done(struct sms *s) {
    if (s->bound) put_small(s, smpp_put_bare, SMPP_UNBIND, ++s->sequence);
    if (s->fd >= 0) (void)close(s->fd);
    s->fd = -1;
}

void sms_turn(struct sms *s, const char *host, const char *port) {
    if (!bind_session(s, host, port)) return;
    size_t before;
    do before = s->n_receipts, hear(s, 0);
    while (s->fd >= 0 && s->n_receipts > before && s->n_receipts < SMS_RECEIPTS_MAX);
    int64_t now = os_mono_ns(), still = now - s->heard_ns;
    if (s->fd >= 0 && still > LOST_MS * ms_ns)
        lose(s, "it went silent");
    else if (s->fd >= 0 && still > ALIVE_MS * ms_ns && now - s->asked_ns > ALIVE_MS * ms_ns) {
        s->asked_ns = now;
        put_small(s, smpp_put_bare, SMPP_ENQUIRE_LINK, ++s->sequence);
    }
}

void sms_acknowledge(struct sms *s, uint32_t generation, size_t n) {
    if (generation != s->generation || n > s->n_receipts) return;
    for (size_t i = 0; i < n && s->fd >= 0; i++)
        put_small(s, answer_delivery, SMPP_DELIVER_SM, s->receipt[i].sequence);
    if (s->fd < 0) return;
    memmove(s->receipt, s->receipt + n, (s->n_receipts - n) * sizeof *s->receipt);
    s->n_receipts -= n;
}

/* ---- a text ---- */

static enum sms_outcome judge(struct sms *s, const struct sms_pending *p, size_t n, char *said) {
    for (size_t i = 0; i < n; i++) {
        enum smpp_treat treat = smpp_treat_of(p[i].status);
        if (treat == SMPP_TAKEN) continue;
        (void)snprintf(said, SMS_SAID_BYTES_MAX, "SMPP status 0x%08x", p[i].status);
        if (treat == SMPP_REBIND) lose(s, "it says we are not bound");
        if (treat == SMPP_SLOWER) {
            int64_t pause_ms = (int64_t)1000
                               << (s->slowed < DOUBLED_MAX ? s->slowed++ : DOUBLED_MAX);
            s->quiet_until_ns =
                os_mono_ns() + (pause_ms < SLOW_MS_MAX ? pause_ms : SLOW_MS_MAX) * ms_ns;
        }
        return treat == SMPP_NEVER ? SMS_NEVER : SMS_LATER;
    }
    s->slowed = 0;
    keep(said, SMS_SAID_BYTES_MAX, str_of(p[n - 1].id));
    return SMS_TAKEN;
}

enum sms_outcome sms_send(struct sms *s, const struct sms_text *t, char *said) {
    struct sms_pending p[SMPP_PARTS_MAX] = { 0 };
    struct smpp_message m = t->message;
    struct arena a;
    struct buf b;
    size_t n = smpp_parts(m.text);
    keep(said, SMS_SAID_BYTES_MAX, n ? S("no session") : S("too long"));
    if (!n) return SMS_NEVER;
    if (os_mono_ns() < s->quiet_until_ns) {
        keep(said, SMS_SAID_BYTES_MAX, S("throttled"));
        return SMS_LATER;
    }
    if (!bind_session(s, t->host, t->port)) return SMS_LATER;
    m.reference = ++s->reference;
    arena_init(&a, "sms", 2 * OUT_BYTES);
    buf_init(&b, &a, OUT_BYTES, OUT_BYTES);
    for (size_t i = 0; i < n; i++) { /* all parts at once: the window of one text */
        p[i].sequence = ++s->sequence;
        smpp_put_submit(&b, p[i].sequence, &m, i, n);
    }
    bool ok = put(s, &b) && await(s, p, n, ANSWER_MS);
    arena_done(&a);
    if (ok) return judge(s, p, n, said);
    keep(said, SMS_SAID_BYTES_MAX, S("no answer"));
    return SMS_LATER;
}
