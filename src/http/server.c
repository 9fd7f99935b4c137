/* server: start, stop, connections, the pool of requests and the reaper.
 *
 * Invariants
 *  1. A connection is on the open list from the moment libmicrohttpd has it until just before its socket is closed,
 *     so that the reaper never shuts down a number that belongs to somebody else.
 *  2. http_stop frees nothing while a handler holds a request: it then leaves the server running and says so.
 *  3. Strictness is ours (guard.c): libmicrohttpd runs at its level 0, because at level 1 it refuses by itself with
 *     replies that carry neither our fields nor our words.
 */
#include "http/server.h"

#include "os/os.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTION_MEMORY_BYTES = 32 * 1024,
    BACKLOG = 1024,
    TICK_MS = 1000,
    TICK_CROWDED_MS = 100,
    ROOM_MS = 200, /* a connection that has waited less makes no room */
    THREADS_MAX = 64,
    PROCESS_ARENA_BYTES = 256 * 1024 * 1024
};

void server_log(struct http_server *s, struct str line) {
    if (s->config.log) s->config.log(str_trim(line), s->config.context);
}

__attribute__((format(printf, 2, 0))) static void on_log(void *cls, const char *format, va_list args) {
    char line[512];
    int n = vsnprintf(line, sizeof line, format, args);
    if (n > 0) server_log(cls, str_make(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1));
}

/* Percent-decoding is the guard's. */
static size_t on_unescape(void *cls, struct MHD_Connection *c, char *text) {
    (void)cls;
    (void)c;
    return strlen(text);
}

/* ---- requests ---- */

struct request *request_new(struct http_server *s) {
    (void)pthread_mutex_lock(&s->lock);
    struct request *r = s->pool;
    if (r) {
        s->pool = r->next;
        s->n_pool--;
    } else if ((r = arena_new(&s->arena, struct request))) {
        arena_init(&r->arena, "request", s->limits.request_arena_bytes);
        arena_init(&r->job_arena, "job", s->limits.request_arena_bytes);
        r->server = s;
        r->field = arena_array(&s->arena, s->limits.header_fields, sizeof *r->field);
        if (!r->field) r = NULL;
    }
    (void)pthread_mutex_unlock(&s->lock);
    if (r) atomic_store(&r->holders, 1);
    return r;
}

void request_recycle(struct request *r) {
    struct http_server *s = r->server;
    body_done(r);
    const bool raised = r->arena.limit_bytes != s->limits.request_arena_bytes; /* what shows a file raises both for itself */
    if (!raised || arena_overflowed(&r->arena))
        (void)http_within(&s->limits, HTTP_BOUND_request_arena_bytes, arena_overflowed(&r->arena) ? UINT64_MAX : r->arena.used_bytes);
    arena_reset(&r->arena);
    arena_reset(&r->job_arena);
    r->arena.limit_bytes = r->job_arena.limit_bytes = s->limits.request_arena_bytes;
    *r = (struct request){ .arena = r->arena, .job_arena = r->job_arena, .server = s, .field = r->field };
    (void)pthread_mutex_lock(&s->lock);
    if (s->n_pool >= HTTP_POOL_KEEP) { /* after a rush: keep the struct, give back its blocks */
        arena_done(&r->arena);
        arena_done(&r->job_arena);
    }
    r->next = s->pool;
    s->pool = r;
    s->n_pool++;
    (void)pthread_mutex_unlock(&s->lock);
}

/* ---- connections ---- */

/* An IPv4 address that a socket of both families writes as IPv6 (RFC 4291, 2.5.5.2) is the IPv4 one: what operators and proxies say. */
static void write_peer(struct connection *k, const struct sockaddr *address) {
    const void *from = NULL;
    int family = address ? address->sa_family : AF_UNSPEC;
    if (family == AF_INET) from = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    if (family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        from = six;
        if (IN6_IS_ADDR_V4MAPPED(six)) from = &six->s6_addr[12], family = AF_INET;
    }
    if (!from || !inet_ntop(family, from, k->peer, sizeof k->peer)) k->peer[0] = 0;
    k->peer_len = (uint8_t)strlen(k->peer);
}

static void connection_open(struct http_server *s, struct MHD_Connection *c, void **context) {
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    int number = fd ? fd->connect_fd : -1;
    const union MHD_ConnectionInfo *peer = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = peer ? peer->client_addr : NULL;
    (void)pthread_mutex_lock(&s->lock);
    struct connection *k = s->connection_pool;
    if (k) s->connection_pool = k->next;
    else k = arena_new(&s->arena, struct connection);
    if (k) {
        *k = (struct connection){ .next = s->open, .fd = number };
        write_peer(k, address);
        int64_t now = os_mono_ns();
        atomic_store(&k->deadline_ns, now + ((int64_t)s->limits.idle_s + HTTP_SLOW_HEADER_S) * 1000000000);
        atomic_store(&k->waiting_ns, now);
        if (k->next) k->next->prev = k;
        s->open = k;
    }
    (void)pthread_mutex_unlock(&s->lock);
    *context = k;
    atomic_fetch_add_explicit(&s->connections, 1, memory_order_relaxed);
    uint64_t others = atomic_fetch_add_explicit(&s->connections_open, 1, memory_order_relaxed);
    (void)http_within(&s->limits, HTTP_BOUND_connections, others + 1);
}

static void connection_close(struct http_server *s, struct connection *k) {
    atomic_fetch_sub_explicit(&s->connections_open, 1, memory_order_relaxed);
    if (!k) return;
    (void)pthread_mutex_lock(&s->lock);
    if (k->prev) k->prev->next = k->next;
    else s->open = k->next;
    if (k->next) k->next->prev = k->prev;
    k->next = s->connection_pool;
    s->connection_pool = k;
    (void)pthread_mutex_unlock(&s->lock);
}

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
                          enum MHD_ConnectionNotificationCode what) {
    if (what == MHD_CONNECTION_NOTIFY_STARTED) connection_open(cls, c, context);
    else connection_close(cls, *context);
}

/* ---- the reaper ---- */

static void cut(struct http_server *s, struct connection *k) {
    atomic_store_explicit(&k->deadline_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&k->waiting_ns, 0, memory_order_relaxed);
    (void)shutdown(k->fd, SHUT_RDWR);
    atomic_fetch_add_explicit(&s->cut, 1, memory_order_relaxed);
}

static bool crowded(const struct http_server *s) {
    return atomic_load(&s->connections_open) >= s->limits.connections - s->limits.connections / 8;
}

/* Where places run out, those make room who hold one and ask for nothing, who have waited longest before the others, until a quarter of all
 * places is free: a browser opens another connection when it needs one. Who came just now is left time to ask. */
static void make_room(struct http_server *s, int64_t now) {
    unsigned most = s->limits.connections - s->limits.connections / 4;
    uint64_t open = atomic_load(&s->connections_open), want = crowded(s) && open > most ? open - most : 0;
    for (int64_t waited_ms = (int64_t)s->limits.idle_s * 1000; want && waited_ms >= ROOM_MS; waited_ms /= 2)
        for (struct connection *k = s->open; k && want; k = k->next) {
            int64_t since = atomic_load_explicit(&k->waiting_ns, memory_order_relaxed);
            if (!since || now - since < waited_ms * 1000000) continue;
            cut(s, k);
            want--;
        }
}

void server_tick(struct http_server *s) {
    int64_t now = os_mono_ns();
    (void)pthread_mutex_lock(&s->lock);
    for (struct connection *k = s->open; k; k = k->next) {
        int64_t at = atomic_load_explicit(&k->deadline_ns, memory_order_relaxed);
        if (at && now >= at) cut(s, k);
    }
    make_room(s, now);
    (void)pthread_mutex_unlock(&s->lock);
    event_tick(s, now);
}

static void *reap(void *cls) {
    struct http_server *s = cls;
    struct pollfd wake = { .fd = s->wake_fd, .events = POLLIN };
    while (!atomic_load(&s->stopping)) {
        (void)poll(&wake, 1, crowded(s) ? TICK_CROWDED_MS : TICK_MS);
        server_tick(s);
    }
    return NULL;
}

/* ---- life ---- */

/* "127.0.0.1:8080", "[::1]:8080"; port 0 takes any. */
static bool read_address(struct str text, struct sockaddr_storage *ret) {
    size_t colon = text.len;
    while (colon > 0 && text.ptr[colon - 1] != ':') colon--;
    uint64_t port;
    char host[64];
    if (colon == 0 || !str_to_u64(str_sub(text, colon, text.len), &port) || port > 65535) return false;
    struct str name = str_sub(text, 0, colon - 1);
    bool six = name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']';
    if (six) name = str_sub(name, 1, name.len - 2);
    if (name.len >= sizeof host) return false;
    memcpy(host, name.ptr, name.len);
    host[name.len] = 0;
    memset(ret, 0, sizeof *ret);
    if (six) {
        struct sockaddr_in6 *a = (struct sockaddr_in6 *)(void *)ret;
        a->sin6_family = AF_INET6;
        a->sin6_port = htons((uint16_t)port);
        return inet_pton(AF_INET6, host, &a->sin6_addr) == 1;
    }
    struct sockaddr_in *a = (struct sockaddr_in *)(void *)ret;
    a->sin_family = AF_INET;
    a->sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &a->sin_addr) == 1;
}

static unsigned thread_count(const struct http_limits *l) {
    long cores = l->threads ? (long)l->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (unsigned)cores;
}

static int start_daemon(struct http_server *s, const struct sockaddr_storage *address, struct err *e) {
    unsigned threads = s->limits.threads = thread_count(&s->limits), n = 0;
    unsigned flags = MHD_USE_EPOLL_INTERNALLY | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem option[4];
    if (threads > 1) option[n++] = (struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL };
    if (s->config.listen_fd >= 0)
        option[n++] = (struct MHD_OptionItem){ MHD_OPTION_LISTEN_SOCKET, s->config.listen_fd, NULL };
    else option[n++] = (struct MHD_OptionItem){ MHD_OPTION_SOCK_ADDR, 0, (void *)(uintptr_t)address };
    option[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
    if (s->config.listen_fd < 0 && address->ss_family == AF_INET6) flags |= MHD_USE_IPv6;
    s->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, request_step, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, s, MHD_OPTION_URI_LOG_CALLBACK,
        request_begin, s, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, s, MHD_OPTION_NOTIFY_COMPLETED, request_completed,
        s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_CONNECTION_LIMIT, s->limits.connections,
        MHD_OPTION_CONNECTION_TIMEOUT, s->limits.idle_s, MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned)BACKLOG,
        MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
        MHD_OPTION_ARRAY, option, MHD_OPTION_END);
    if (!s->daemon) return err_set(e, ERR_IO, "%.*s", STR_ARG(s->config.address));
    const union MHD_DaemonInfo *port = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
    s->port = port ? port->port : 0;
    return 0;
}

int http_start(const struct http_config *c, struct http_server **ret, struct err *e) {
    struct arena arena;
    struct sockaddr_storage address = { 0 };
    if (c->listen_fd < 0 && !read_address(c->address, &address))
        return err_field(e, ERR_FORMAT, c->address, "127.0.0.1:8080");
    arena_init(&arena, "http", PROCESS_ARENA_BYTES);
    struct http_server *s = arena_new(&arena, struct http_server);
    if (!s) return err_set(e, ERR_MEMORY, "http");
    s->config = *c;
    s->limits = c->limits;
    http_limits_default(&s->limits);
    s->arena = arena;
    (void)pthread_mutex_init(&s->lock, NULL);
    s->limits.use = s->use;
    os_random(&s->id_prefix, sizeof s->id_prefix);
    s->wake_fd = eventfd(0, EFD_CLOEXEC);
    bool reaping = s->wake_fd >= 0 && pthread_create(&s->reaper, NULL, reap, s) == 0;
    int r = reaping ? start_daemon(s, &address, e) : err_set(e, ERR_MEMORY, "http");
    if (r == 0) {
        *ret = s;
        return 0;
    }
    if (reaping) {
        atomic_store(&s->stopping, true);
        (void)eventfd_write(s->wake_fd, 1);
        (void)pthread_join(s->reaper, NULL);
    }
    os_close(s->wake_fd);
    arena = s->arena;
    arena_done(&arena);
    return r;
}

static void free_server(struct http_server *s) {
    struct arena arena;
    atomic_store(&s->stopping, true);
    (void)eventfd_write(s->wake_fd, 1);
    (void)pthread_join(s->reaper, NULL);
    os_close(s->wake_fd);
    for (struct request *r = s->pool; r; r = r->next) {
        arena_done(&r->arena);
        arena_done(&r->job_arena);
    }
    (void)pthread_mutex_destroy(&s->lock);
    arena = s->arena;
    arena_done(&arena);
}

void http_stop(struct http_server *s, int64_t drain_ms) {
    if (!s) return;
    atomic_store(&s->draining, true);
    int fd = MHD_quiesce_daemon(s->daemon);
    event_close_all(s);
    for (int64_t waited = 0; waited < drain_ms && (atomic_load(&s->handlers) || atomic_load(&s->active));
         waited += HTTP_DRAIN_STEP_MS)
        (void)poll(NULL, 0, HTTP_DRAIN_STEP_MS);
    if (fd >= 0 && s->config.listen_fd < 0) os_close(fd);
    if (atomic_load(&s->handlers)) { /* their connections are suspended; freeing them would pull memory from under the
                                        handlers */
        server_log(s, S("http: requests are still being worked on; the server is left to the end of the process"));
        return;
    }
    MHD_stop_daemon(s->daemon);
    free_server(s);
}

unsigned http_port(const struct http_server *s) {
    return s->port;
}

void http_stats(const struct http_server *s, struct http_stats *ret) {
    *ret = (struct http_stats){ .requests = atomic_load(&s->serial), .refused = atomic_load(&s->refused),
                                .connections = atomic_load(&s->connections), .open = atomic_load(&s->connections_open),
                                .cut = atomic_load(&s->cut) };
}
