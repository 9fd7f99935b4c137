/* http_test_client: raw bytes over a socket, for tests only: sends what it is told, reads one reply or all there is.
 * Blocking, with a time limit that only a failing test reaches.
 */
#ifndef HTTP_HTTP_TEST_CLIENT_H
#define HTTP_HTTP_TEST_CLIENT_H
#include "base/arena.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CLIENT_LIMIT_S = 20, CLIENT_BYTES_MAX = 128 * 1024 };

static inline int client_connect(unsigned port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval limit = { .tv_sec = CLIENT_LIMIT_S };
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (const struct sockaddr *)(const void *)&a, sizeof a) == 0) return fd;
    (void)close(fd);
    return -1;
}

static inline bool client_send(int fd, struct str s) {
    while (s.len) {
        ssize_t n = send(fd, s.ptr, s.len, MSG_NOSIGNAL);
        if (n <= 0) return false;
        s = str_sub(s, (size_t)n, s.len);
    }
    return true;
}

/* All bytes until the other side closes; `*closed` is false if it did not within the limit. */
static inline struct str client_read_all(struct arena *a, int fd, bool *closed) {
    char *p = arena_alloc(a, CLIENT_BYTES_MAX);
    size_t n = 0;
    *closed = false;
    while (p && n < CLIENT_BYTES_MAX) {
        ssize_t got = recv(fd, p + n, CLIENT_BYTES_MAX - n, 0);
        *closed = got == 0 || (got < 0 && errno == ECONNRESET);
        if (got <= 0) break;
        n += (size_t)got;
    }
    return str_make(p, n);
}

static inline int client_status(struct str reply) {
    uint64_t v = 0;
    return str_starts(reply, S("HTTP/1.1 ")) && str_to_u64(str_sub(reply, 9, 3), &v) ? (int)v : 0;
}

static inline struct str client_field(struct str reply, struct str name) {
    struct str head = str_sub(reply, 0, str_find(reply, S("\r\n\r\n"), 0)), line;
    while (str_cut(&head, '\n', &line)) {
        size_t colon = str_find_char(line, ':', 0);
        if (colon != SIZE_MAX && str_eq_nocase(str_sub(line, 0, colon), name))
            return str_trim(str_sub(line, colon + 1, line.len));
    }
    return (struct str){ NULL, 0 };
}

/* The rest of a reply in chunks, into what is left of the room: as it came, with the chunks' lengths between. */
static inline size_t client_read_chunks(char *p, size_t n, size_t room, int fd) {
    while (n < room && !str_ends(str_make(p, n), S("\r\n0\r\n\r\n"))) {
        ssize_t got = recv(fd, p + n, room - n, 0);
        if (got <= 0) break;
        n += (size_t)got;
    }
    return n;
}

/* One reply with a Content-Length, or in chunks. `no_body` after HEAD and for 304. */
static inline struct str client_read_one(struct arena *a, int fd, bool no_body) {
    char *p = arena_alloc(a, CLIENT_BYTES_MAX);
    size_t n = 0, want = SIZE_MAX, room = CLIENT_BYTES_MAX;
    while (p && n < room && n < want) {
        ssize_t got = recv(fd, p + n, want == SIZE_MAX ? 1 : want - n, 0);
        if (got <= 0) break;
        n += (size_t)got;
        struct str so_far = str_make(p, n);
        if (want == SIZE_MAX && str_ends(so_far, S("\r\n\r\n"))) {
            uint64_t length = 0;
            if (!no_body && client_field(so_far, S("Transfer-Encoding")).len) n = client_read_chunks(p, n, room, fd);
            (void)str_to_u64(client_field(so_far, S("Content-Length")), &length);
            want = n + (no_body ? 0 : (size_t)length);
            if (want <= room) continue;
            char *larger = arena_alloc(a, want);
            if (!larger) break;
            memcpy(larger, p, n);
            p = larger;
            room = want;
        }
    }
    return str_make(p, n);
}

static inline struct str client_body(struct str reply) {
    size_t at = str_find(reply, S("\r\n\r\n"), 0);
    return str_sub(reply, at == SIZE_MAX ? reply.len : at + 4, reply.len);
}

/* Sends `request`, reads until the other side closes. */
static inline struct str client_talk(struct arena *a, unsigned port, struct str request, bool *closed) {
    int fd = client_connect(port);
    *closed = false;
    if (fd < 0) return (struct str){ NULL, 0 };
    (void)client_send(fd, request);
    struct str reply = client_read_all(a, fd, closed);
    (void)close(fd);
    return reply;
}
#endif
