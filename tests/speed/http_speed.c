/* http_speed: our server against a bare libmicrohttpd handler that sends the same bytes: one HTTP thread each, 32
 * kept-alive connections, 8 kB bodies, in interleaved slots of one second, so that both meet the same machine.
 *
 *   speed-http_speed [SLOTS]
 *
 * Prints the median of each and the ratio. "bare" makes one response per request with the same fields, as any handler
 * would; the guard, the request's arena, its id and the routes are what we add. "plain" is bare with Content-Type only:
 * what the security fields cost.
 */
#include "http/route.h"
#include "http/server.h"

#include "os/os.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 32, BODY_BYTES = 8192, SLOTS_MAX = 60 };
enum kind { PLAIN, BARE, OURS, KINDS };

static char body[BODY_BYTES];
static const struct route rows[] = { { .id = "1", .method = HTTP_GET, .path = "/" },
                                     { .id = "2", .method = HTTP_GET, .path = "/guide/{item}" } };

/* ---- bare ---- */

struct bare_fields {
    struct http_field field[16];
    size_t n;
};

static enum MHD_Result bare(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                            const char *version, const char *data, size_t *size, void **own) {
    static int seen;
    const struct bare_fields *f = cls;
    (void)url, (void)method, (void)version, (void)data, (void)size;
    if (!*own) {
        *own = &seen;
        return MHD_YES;
    }
    struct MHD_Response *m = MHD_create_response_from_buffer(sizeof body, body, MHD_RESPMEM_PERSISTENT);
    for (size_t i = 0; i < f->n; i++) (void)MHD_add_response_header(m, f->field[i].name.ptr, f->field[i].value.ptr);
    enum MHD_Result r = MHD_queue_response(c, 200, m);
    MHD_destroy_response(m);
    return r;
}

static unsigned start_bare(struct bare_fields *f) {
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNALLY, 0, NULL, NULL, bare, f, MHD_OPTION_SOCK_ADDR, &a,
                                            MHD_OPTION_CONNECTION_TIMEOUT, 30u, MHD_OPTION_END);
    const union MHD_DaemonInfo *port = d ? MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    return port ? port->port : 0;
}

/* ---- ours ---- */

static struct route_tree *tree;

static void on_route(struct http_req *r, void *context) {
    (void)context;
    r->route = route_tree_find(tree, r).route;
}

static void on_request(struct http_req *r, void *context) {
    struct http_reply reply = { .status = r->route ? 200 : 404,
                                .media_type = S("text/html; charset=utf-8"),
                                .body = { body, sizeof body } };
    (void)context;
    http_reply(r, &reply);
}

/* ---- load ---- */

static const char request[] =
    "GET /guide/residence HTTP/1.1\r\nHost: city.example\r\nUser-Agent: speed\r\nAccept: text/html\r\n"
    "Cookie: lang=zh; visitor=0123456789abcdef0123456789abcdef\r\n\r\n";

struct load {
    int epoll, fd[CONNECTIONS];
    size_t got[CONNECTIONS], want; /* `want`: bytes of one whole reply */
};

static int open_connection(unsigned port) {
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (const struct sockaddr *)(const void *)&a, sizeof a) == 0 ? fd : -1;
}

static bool load_open(struct load *l, unsigned port) {
    static char reply[65536];
    size_t n = 0;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        struct epoll_event e = { .events = EPOLLIN, .data.u32 = i };
        l->got[i] = 0;
        if ((l->fd[i] = open_connection(port)) < 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->fd[i], &e) < 0)
            return false;
    }
    if (send(l->fd[0], request, sizeof request - 1, 0) < 0) return false;
    for (l->want = SIZE_MAX; n < l->want && n < sizeof reply;) { /* the first reply tells how long all are */
        ssize_t got = recv(l->fd[0], reply + n, sizeof reply - n, 0);
        if (got <= 0) return false;
        n += (size_t)got;
        size_t head = str_find(str_make(reply, n), S("\r\n\r\n"), 0);
        if (head != SIZE_MAX) l->want = head + 4 + BODY_BYTES;
    }
    return n == l->want;
}

/* Requests answered in one second, and the process's CPU time for each in microseconds. */
static double slot(struct load *l, double *cpu_us) {
    static char bytes[65536];
    struct epoll_event e[CONNECTIONS];
    struct rusage from, to;
    size_t done = 0, open = CONNECTIONS;
    int64_t start = os_mono_ns(), end = start + 1000000000;
    (void)getrusage(RUSAGE_SELF, &from);
    for (size_t i = 0; i < CONNECTIONS; i++) (void)!send(l->fd[i], request, sizeof request - 1, 0);
    while (open) {
        bool more = os_mono_ns() < end;
        int n = epoll_wait(l->epoll, e, CONNECTIONS, 2000);
        if (n <= 0) exit(fprintf(stderr, "a reply did not come\n"));
        for (int k = 0; k < n; k++) {
            size_t i = e[k].data.u32;
            ssize_t got = recv(l->fd[i], bytes, sizeof bytes, 0);
            if (got <= 0) exit(fprintf(stderr, "connection lost\n"));
            if ((l->got[i] += (size_t)got) < l->want) continue;
            l->got[i] = 0;
            done++;
            if (more) (void)!send(l->fd[i], request, sizeof request - 1, 0);
            else open--;
        }
    }
    double seconds = (double)(os_mono_ns() - start) / 1e9;
    (void)getrusage(RUSAGE_SELF, &to);
    double used =
        (double)(to.ru_utime.tv_sec - from.ru_utime.tv_sec + to.ru_stime.tv_sec - from.ru_stime.tv_sec) * 1e6 +
        (double)(to.ru_utime.tv_usec - from.ru_utime.tv_usec + to.ru_stime.tv_usec - from.ru_stime.tv_usec);
    *cpu_us = used / (double)done;
    return (double)done / seconds;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *v, size_t n) {
    qsort(v, n, sizeof *v, by_value);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void measure(struct load *l, size_t slots) {
    static const char *const name[KINDS] = { "plain", "bare", "ours" };
    static double rate[KINDS][SLOTS_MAX], cpu[KINDS][SLOTS_MAX], ratio[SLOTS_MAX], ratio_cpu[SLOTS_MAX];
    for (size_t i = 0; i < slots; i++) {
        for (size_t k = 0; k < KINDS; k++) {
            size_t kind = (k + i) % KINDS; /* no kind always runs behind the same other one */
            rate[kind][i] = slot(&l[kind], &cpu[kind][i]);
        }
        ratio[i] = rate[OURS][i] / rate[BARE][i];
        ratio_cpu[i] = cpu[BARE][i] / cpu[OURS][i];
    }
    for (size_t k = 0; k < KINDS; k++)
        printf("%-6s %8.0f requests/s, %5.2f us of CPU each (client and server)\n", name[k], median(rate[k], slots),
               median(cpu[k], slots));
    double least = 1e9, most = 0;
    for (size_t i = 0; i < slots; i++) {
        if (ratio[i] < least) least = ratio[i];
        if (ratio[i] > most) most = ratio[i];
    }
    printf("ours / bare: %.3f of the rate [%.2f-%.2f], %.3f by CPU, over %zu slots\n", median(ratio, slots), least,
           most, median(ratio_cpu, slots), slots);
}

/* The fields of one of our replies, for the bare handler to send. */
static bool copy_fields(struct arena *a, unsigned port, struct bare_fields *ret) {
    char reply[4096];
    int fd = open_connection(port);
    if (fd < 0 || send(fd, request, sizeof request - 1, 0) < 0) return false;
    ssize_t n = recv(fd, reply, sizeof reply, MSG_WAITALL);
    (void)close(fd);
    struct str head = str_make(reply, n > 0 ? (size_t)n : 0), line;
    head = str_sub(head, 0, str_find(head, S("\r\n\r\n"), 0));
    (void)str_cut(&head, '\n', &line);
    while (ret->n < 16 && str_cut(&head, '\n', &line)) {
        size_t colon = str_find_char(line, ':', 0);
        struct str name = str_sub(line, 0, colon), value = str_trim(str_sub(line, colon + 1, line.len));
        if (str_eq(name, S("Date")) || str_eq(name, S("Content-Length"))) continue; /* libmicrohttpd's own */
        ret->field[ret->n++] = (struct http_field){ arena_str(a, name), arena_str(a, value) };
    }
    return ret->n > 5;
}

int main(int argc, char **argv) {
    static struct bare_fields plain = { .n = 1,
                                        .field = { { S_INIT("Content-Type"), S_INIT("text/html; charset=utf-8") } } },
                              same;
    static struct load l[KINDS];
    struct arena a;
    struct err e;
    struct http_server *server;
    size_t slots = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 10;
    if (slots == 0 || slots > SLOTS_MAX) return 1;
    memset(body, 'x', sizeof body);
    arena_init(&a, "speed", 1 << 20);
    if (route_tree_make(&a, rows, 2, &tree, &e)) return 1;
    struct http_config c = { .address = S("127.0.0.1:0"),
                             .route = on_route,
                             .handler = on_request,
                             .listen_fd = -1,
                             .limits = { .threads = 1 } };
    if (http_start(&c, &server, &e)) return fprintf(stderr, "%s\n", e.detail), 1;
    if (!copy_fields(&a, http_port(server), &same)) return fprintf(stderr, "no reply\n"), 1;
    unsigned port[KINDS] = { start_bare(&plain), start_bare(&same), http_port(server) };
    for (size_t k = 0; k < KINDS; k++)
        if (!port[k] || !load_open(&l[k], port[k])) return fprintf(stderr, "no connection\n"), 1;
    measure(l, slots);
    http_stop(server, 1000);
    arena_done(&a);
    return 0;
}
