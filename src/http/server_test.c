/* The server as handlers and clients meet it: answers from other threads before and after the handler returned, fields
 * of every reply, ranges, uploads, event streams, slow clients, draining. Threads meet by semaphores; nothing sleeps.
 */
#include "http/http_test_client.h"
#include "http/server.h"

#include "os/os.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

enum { STREAMS = 200, CLIENTS = 8, EACH = 50 };

static struct world {
    struct http_server *server;
    struct arena arena;
    char dir[64], file[128];
    pthread_t worker;
    pthread_mutex_t lock;
    sem_t work, done, entered, go;
    struct http_req *job[64];
    size_t from, to;
    bool end;
    struct http_stream *stream[STREAMS];
    sem_t opened;
    _Atomic unsigned streams;
} w;

static void say_ok(struct http_req *r, void *context) {
    struct http_reply reply = { .status = 200, .media_type = S("text/plain"), .body = arena_str(r->arena, r->path) };
    (void)context;
    http_reply(r, &reply);
}

/* A second thread that answers what the handler leaves behind: at once, or on an HTTP thread. */
static void *work(void *cls) {
    (void)cls;
    for (;;) {
        (void)sem_wait(&w.work);
        (void)pthread_mutex_lock(&w.lock);
        struct http_req *r = w.from == w.to ? NULL : w.job[w.from++ % 64];
        bool end = !r && w.end;
        (void)pthread_mutex_unlock(&w.lock);
        if (end) return NULL;
        if (!r) continue;
        bool rendezvous = str_eq(r->path, S("/before"));
        if (str_eq(r->path, S("/continue"))) http_continue(r, say_ok);
        else say_ok(r, NULL);
        if (rendezvous) (void)sem_post(&w.done);
    }
}

static void leave(struct http_req *r) {
    (void)pthread_mutex_lock(&w.lock);
    w.job[w.to++ % 64] = r;
    (void)pthread_mutex_unlock(&w.lock);
    (void)sem_post(&w.work);
}

static void on_upload(struct http_req *r) {
    struct http_upload *u = r->n_upload ? &r->upload[0] : NULL;
    struct str name = u ? u->file_name : S("-"), head = u && u->path ? S("file") : S("memory");
    struct str read = { NULL, 0 };
    if (u && u->path) (void)os_read_file(r->arena, u->path, 1 << 20, &read, NULL);
    struct http_reply reply = { .status = 200,
                                .media_type = S("text/plain"),
                                .body = arena_fmt(r->arena, "%zu %.*s %.*s %zu %zu %.*s", r->n_upload,
                                                  STR_ARG(name), STR_ARG(head),
                                                  u ? u->size_bytes : 0, read.len, STR_ARG(http_form(r, S("a")))) };
    http_reply(r, &reply);
}

static void on_stream(struct http_req *r) {
    struct http_stream *s = http_event_open(r);
    if (!s) abort();
    (void)pthread_mutex_lock(&w.lock);
    w.stream[w.streams++] = s;
    (void)pthread_mutex_unlock(&w.lock);
    (void)sem_post(&w.opened);
}

/* ---- replies that are made while they are sent ---- */

enum { PIECES = 40, PIECE_BYTES = 3000 };
struct flowing {
    struct http_flow *flow;
    bool fails;
    int made;
    char piece[PIECE_BYTES];
};

static void *make_piece(void *arg) {
    struct flowing *f = arg;
    int i = f->made++;
    if (f->fails && i == 3) {
        http_flow_fail(f->flow);
        return NULL;
    }
    memset(f->piece, 'G' + i % 16, sizeof f->piece); /* no hexadecimal digit: told from the lengths of chunks */
    http_flow_put(f->flow, i % 7 == 5 ? S("") : str_make(f->piece, sizeof f->piece), i == PIECES - 1); /* an empty piece ends nothing */
    return NULL;
}

/* At once, or from a thread of its own. */
static void on_more(struct http_flow *flow, void *context) {
    struct flowing *f = context;
    pthread_t t;
    f->flow = flow;
    if (f->made % 2 && pthread_create(&t, NULL, make_piece, f) == 0) (void)pthread_detach(t);
    else (void)make_piece(f);
}

static void on_flow(struct http_req *r) {
    struct flowing *f = arena_new(r->arena, struct flowing);
    if (!f) abort();
    *f = (struct flowing){ .fails = str_eq(r->path, S("/flow-fails")) };
    http_reply(r, &(struct http_reply){ .status = 200, .media_type = S("text/csv"), .more = on_more, .context = f });
}

static void on_request(struct http_req *r, void *context) {
    static struct http_field own[] = { { S_INIT("ETag"), S_INIT("\"v1\"") },
                                       { S_INIT("cache-control"), S_INIT("max-age=60") },
                                       { S_INIT("X-Bad"), S_INIT("a\r\nX-Injected: b") } };
    if (str_eq(r->path, S("/later")) || str_eq(r->path, S("/continue"))) {
        leave(r);
    } else if (str_eq(r->path, S("/before"))) { /* the answer is there before this returns */
        leave(r);
        (void)sem_wait(&w.done);
    } else if (str_eq(r->path, S("/hold"))) {
        (void)sem_post(&w.entered);
        (void)sem_wait(&w.go);
        say_ok(r, context);
    } else if (str_eq(r->path, S("/file"))) {
        struct http_reply reply = {
            .status = 200, .media_type = S("application/pdf"), .file = w.file, .header = own, .n_header = 3
        };
        http_reply(r, &reply);
    } else if (str_eq(r->path, S("/bytes"))) {
        struct http_reply reply = {
            .status = 200, .body = S("0123456789"), .ranges = true, .header = own, .n_header = 1
        };
        http_reply(r, &reply);
    } else if (str_eq(r->path, S("/upload"))) {
        on_upload(r);
    } else if (str_starts(r->path, S("/flow"))) {
        on_flow(r);
    } else if (str_eq(r->path, S("/events"))) {
        on_stream(r);
    } else if (str_eq(r->path, S("/big"))) { /* an arena that overflowed must not give half a page */
        while (arena_alloc(r->arena, 65536)) {}
        say_ok(r, context);
    } else {
        say_ok(r, context);
    }
}

static size_t on_limit(struct http_req *r, void *context) {
    (void)context;
    return r->method == HTTP_POST ? 1 << 20 : 0;
}

static int start(void **state) {
    struct http_config c = { .address = S("127.0.0.1:0"),
                             .handler = on_request,
                             .body_limit = on_limit,
                             .listen_fd = -1,
                             .upload_dir = w.dir,
                             .trusted_proxy = S("127.0.0.1"),
                             .limits = { .threads = 2 } };
    struct err e;
    (void)state;
    memset(&w, 0, sizeof w);
    (void)pthread_mutex_init(&w.lock, NULL);
    (void)sem_init(&w.work, 0, 0), (void)sem_init(&w.done, 0, 0), (void)sem_init(&w.entered, 0, 0);
    (void)sem_init(&w.go, 0, 0), (void)sem_init(&w.opened, 0, 0);
    (void)snprintf(w.dir, sizeof w.dir, "/tmp/http_test_XXXXXX");
    if (!mkdtemp(w.dir)) return -1;
    (void)snprintf(w.file, sizeof w.file, "%s-file", w.dir);
    if (os_write_file(w.file, S("abcdefghijklmnopqrstuvwxyz"), &e)) return -1;
    arena_init(&w.arena, "test", 256 * 1024 * 1024);
    if (pthread_create(&w.worker, NULL, work, NULL)) return -1;
    return http_start(&c, &w.server, &e);
}

static int stop(void **state) {
    (void)state;
    if (w.server) http_stop(w.server, 2000);
    (void)pthread_mutex_lock(&w.lock);
    w.end = true;
    (void)pthread_mutex_unlock(&w.lock);
    (void)sem_post(&w.work);
    (void)pthread_join(w.worker, NULL);
    (void)os_unlink(w.file, NULL);
    (void)rmdir(w.dir);
    arena_done(&w.arena);
    return 0;
}

static struct str ask(const char *request, bool no_body) {
    int fd = client_connect(http_port(w.server));
    assert_true(fd >= 0 && client_send(fd, str_of(request)));
    struct str reply = client_read_one(&w.arena, fd, no_body);
    (void)close(fd);
    return reply;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n"

static void *client(void *cls) {
    static const char *const path[] = { "/now", "/later", "/before", "/continue" };
    struct arena a;
    size_t good = 0;
    arena_init(&a, "client", 1 << 22);
    int fd = client_connect(http_port(w.server));
    for (int i = 0; i < EACH; i++) {
        char request[128];
        const char *p = path[(i + (int)(intptr_t)cls) % 4];
        (void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", p);
        arena_reset(&a);
        good += client_send(fd, str_of(request)) && str_eq(client_body(client_read_one(&a, fd, false)), str_of(p));
    }
    (void)close(fd);
    arena_done(&a);
    return (void *)good;
}

static void answers_from_any_thread_at_any_time(void **state) {
    pthread_t t[CLIENTS];
    (void)state;
    for (size_t i = 0; i < CLIENTS; i++) assert_int_equal(pthread_create(&t[i], NULL, client, (void *)i), 0);
    for (size_t i = 0; i < CLIENTS; i++) {
        void *good;
        (void)pthread_join(t[i], &good);
        assert_int_equal((intptr_t)good, EACH);
    }
}

static void a_client_that_leaves_takes_nothing_with_it(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        int fd = client_connect(http_port(w.server));
        assert_true(client_send(fd, S(GET("/later") "\r\n")));
        (void)close(fd);
    }
    assert_int_equal(client_status(ask(GET("/now") "\r\n", false)), 200);
}

static void every_reply_has_the_security_fields(void **state) {
    static const char *const names[] = {
        "Content-Security-Policy",    "X-Content-Type-Options",       "Referrer-Policy", "X-Frame-Options",
        "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Cache-Control",   "X-Request-Id"
    };
    static const char *const requests[] = { GET("/now") "\r\n", GET("/%zz") "\r\n", GET("/file") "\r\n",
                                            GET("/big") "\r\n", GET("/bytes") "Range: bytes=99-\r\n\r\n" };
    static const int status[] = { 200, 400, 200, 503, 416 };
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct str reply = ask(requests[i], false);
        assert_int_equal(client_status(reply), status[i]);
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
            assert_true(client_field(reply, str_of(names[k])).len > 0);
        assert_int_equal(client_field(reply, S("Strict-Transport-Security")).len, 0);
    }
    struct str file = ask(requests[2], false), tls = ask(GET("/now") "X-Forwarded-Proto: https\r\n\r\n", false);
    assert_true(str_eq(client_field(file, S("Cache-Control")), S("max-age=60"))); /* once, and the handler's */
    assert_int_equal(str_find(file, S("no-store"), 0), SIZE_MAX);
    assert_int_equal(str_find(file, S("X-Injected"), 0), SIZE_MAX);
    assert_true(client_field(tls, S("Strict-Transport-Security")).len > 0);
    struct str refused = ask(GET("/now") "X : y\r\nX-Forwarded-Proto: https\r\n\r\n", false); /* also by the guard */
    assert_true(client_status(refused) == 400 && client_field(refused, S("Strict-Transport-Security")).len > 0);
    struct str other = ask(requests[0], false);
    assert_false(str_eq(client_field(tls, S("X-Request-Id")), client_field(other, S("X-Request-Id"))));
}

static void heads_ranges_and_conditions(void **state) {
    static const struct {
        const char *request;
        int status;
        const char *body, *range;
    } rows[] = {
        { GET("/bytes") "\r\n", 200, "0123456789", "" },
        { GET("/bytes") "Range: bytes=2-4\r\n\r\n", 206, "234", "bytes 2-4/10" },
        { GET("/bytes") "Range: bytes=-3\r\n\r\n", 206, "789", "bytes 7-9/10" },
        { GET("/bytes") "Range: bytes=8-99\r\n\r\n", 206, "89", "bytes 8-9/10" },
        { GET("/bytes") "Range: bytes=10-\r\n\r\n", 416, "", "bytes */10" },
        { GET("/bytes") "Range: bytes=1-2,4-5\r\n\r\n", 200, "0123456789", "" },
        { GET("/bytes") "Range: bytes=2-4\r\nIf-Range: \"v1\"\r\n\r\n", 206, "234", "bytes 2-4/10" },
        { GET("/bytes") "Range: bytes=2-4\r\nIf-Range: \"v0\"\r\n\r\n", 200, "0123456789", "" },
        { GET("/file") "Range: bytes=1-2\r\n\r\n", 206, "bc", "bytes 1-2/26" },
        { GET("/file") "Range: bytes=-1\r\n\r\n", 206, "z", "bytes 25-25/26" },
        { GET("/file") "Range: bytes=26-\r\n\r\n", 416, "", "bytes */26" },
        { GET("/file") "If-None-Match: \"v0\"\r\n\r\n", 200, "abcdefghijklmnopqrstuvwxyz", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str reply = ask(rows[i].request, false);
        assert_int_equal(client_status(reply), rows[i].status);
        assert_true(str_eq(client_body(reply), str_of(rows[i].body)));
        assert_true(str_eq(client_field(reply, S("Content-Range")), str_of(rows[i].range)));
    }
    struct str not_modified = ask(GET("/file") "If-None-Match: \"x\", W/\"v1\"\r\n\r\n", true);
    assert_int_equal(client_status(not_modified), 304);
    int fd = client_connect(http_port(w.server)); /* HEAD has the length and no body: the next reply follows at once */
    assert_true(client_send(fd, S("HEAD /now HTTP/1.1\r\nHost: a\r\n\r\n" GET("/now") "\r\n")));
    assert_true(str_eq(client_field(client_read_one(&w.arena, fd, true), S("Content-Length")), S("4")));
    assert_true(str_eq(client_body(client_read_one(&w.arena, fd, false)), S("/now")));
    (void)close(fd);
}

static struct str upload(size_t size) {
    struct buf b, all;
    buf_init(&b, &w.arena, size + 512, size + 1024);
    buf_add(
        &b,
        S("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--x\r\nContent-Disposition: form-data; "
          "name=\"f\"; filename=\"p.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"));
    for (size_t i = 0; i < size; i++) buf_add_char(&b, (char)(i % 251));
    buf_add(&b, S("\r\n--x--\r\n"));
    buf_init(&all, &w.arena, b.len + 512, b.len + 1024);
    buf_add_fmt(&all,
                "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: "
                "%zu\r\n\r\n",
                b.len);
    buf_add(&all, buf_str(&b));
    int fd = client_connect(http_port(w.server));
    assert_true(client_send(fd, buf_str(&all)));
    struct str body = client_body(client_read_one(&w.arena, fd, false));
    (void)close(fd);
    return body;
}

static void uploads_stay_small_in_memory_and_leave_no_file(void **state) {
    struct str *names;
    size_t n;
    (void)state;
    assert_true(str_eq(upload(1000), S("1 p.pdf memory 1000 0 value")));
    assert_true(str_eq(upload(300000), S("1 p.pdf file 300000 300000 value")));
    (void)ask(GET("/now") "\r\n", false);
    /* The file goes with the request, which its connection may complete a moment after we have read the reply. */
    do assert_int_equal(os_list_dir(&w.arena, w.dir, &names, &n, NULL), 0);
    while (n > 0);
    os_fault(OS_WRITE, 1, ENOSPC, false);
    assert_true(str_find(upload(300000), S("请求无法处理"), 0) != SIZE_MAX);
}

static void events_reach_200_clients(void **state) {
    int fd[STREAMS];
    char bytes[512];
    (void)state;
    for (size_t i = 0; i < STREAMS; i++) {
        fd[i] = client_connect(http_port(w.server));
        assert_true(client_send(fd[i], S(GET("/events") "\r\n")));
    }
    for (size_t i = 0; i < STREAMS; i++) (void)sem_wait(&w.opened);
    for (int64_t round = 1; round <= 3; round++)
        for (size_t i = 0; i < STREAMS; i++) assert_true(http_event_send(w.stream[i], round, S("case"), S("one\ntwo")));
    for (size_t i = 0; i < STREAMS; i++) {
        struct buf all;
        buf_init(&all, &w.arena, 4096, 65536);
        while (str_find(buf_str(&all), S("id: 3\nevent: case\ndata: one\ndata: two\n\n"), 0) == SIZE_MAX) {
            ssize_t n = recv(fd[i], bytes, sizeof bytes, 0);
            assert_true(n > 0);
            buf_add(&all, str_make(bytes, (size_t)n));
        }
        assert_true(str_find(buf_str(&all), S("text/event-stream"), 0) != SIZE_MAX);
        assert_true(str_find(buf_str(&all), S("id: 1\nevent: case\n"), 0) != SIZE_MAX);
    }
    assert_false(http_event_send(w.stream[0], 9, S("x\ny"), S("")));  /* a line end in a name would forge an event */
    char *large = arena_alloc(&w.arena, HTTP_EVENT_QUEUE_BYTES);
    assert_false(http_event_send(w.stream[1], 9, S("case"), str_make(large, HTTP_EVENT_QUEUE_BYTES)));
    assert_false(http_event_send(w.stream[1], 10, S("case"), S("gone stays gone")));
    for (size_t i = 0; i < STREAMS; i++) {
        http_event_close(w.stream[i]);
        (void)close(fd[i]);
    }
}

static size_t letters(struct str s, char c) {
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) n += s.ptr[i] == c;
    return n;
}

/* Piece after piece, whole and in order; one that fails is cut off without an end; who leaves leaves nothing behind. */
static void a_reply_is_made_while_it_is_sent(void **state) {
    bool closed;
    (void)state;
    for (int round = 0; round < 20; round++) {
        int fd = client_connect(http_port(w.server));
        assert_true(client_send(fd, S(GET("/flow") "Connection: close\r\n\r\n")));
        struct str all = client_read_all(&w.arena, fd, &closed), body = str_sub(all, str_find(all, S("\r\n\r\n"), 0), all.len);
        assert_true(closed && client_status(all) == 200 && str_ends(all, S("\r\n0\r\n\r\n")));
        size_t sum = 0;
        for (char c = 'G'; c < 'G' + 16; c++) sum += letters(body, c);
        assert_int_equal(sum, (PIECES - 5) * PIECE_BYTES); /* 5 12 19 26 33 are empty */
        (void)close(fd);
        fd = client_connect(http_port(w.server));
        assert_true(client_send(fd, S(GET("/flow-fails") "Connection: close\r\n\r\n")));
        all = client_read_all(&w.arena, fd, &closed);
        body = str_sub(all, str_find(all, S("\r\n\r\n"), 0), all.len);
        assert_true(closed && letters(body, 'I') == PIECE_BYTES && !str_ends(all, S("\r\n0\r\n\r\n")));
        (void)close(fd);
        fd = client_connect(http_port(w.server));
        assert_true(client_send(fd, S(GET("/flow") "\r\n")));
        assert_int_equal(recv(fd, &(char){ 0 }, 1, 0), 1);
        (void)close(fd);
        struct str head = ask("HEAD /flow HTTP/1.1\r\nHost: a\r\n\r\n", true);
        assert_int_equal(client_status(head), 200);
        arena_reset(&w.arena);
    }
}

static void the_slow_are_cut(void **state) {
    static const struct str part[] = { S_INIT(GET("/now") "X-A: b\r\n"),
                                       S_INIT("POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx"),
                                       S_INIT("GE") };
    int fd[3];
    char byte;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        fd[i] = client_connect(http_port(w.server));
        assert_true(client_send(fd[i], part[i]));
    }
    struct http_stats stats;
    do { /* until the server has seen all three; os_seed stops the clock that would cut them */
        http_stats(w.server, &stats);
        assert_int_equal(client_status(ask(GET("/now") "\r\n", false)), 200);
    } while (stats.open < 3);
    for (size_t i = 0; i < 3; i++) assert_int_equal(recv(fd[i], &byte, 1, MSG_DONTWAIT), -1);
    os_clock_advance(9000);
    server_tick(w.server);
    http_stats(w.server, &stats);
    assert_int_equal(stats.cut, 0);
    os_clock_advance(40000);
    server_tick(w.server);
    for (size_t i = 0; i < 3; i++) {
        assert_true(recv(fd[i], &byte, 1, 0) <= 0);
        (void)close(fd[i]);
    }
    http_stats(w.server, &stats);
    assert_true(stats.cut >= 3);
}

static void *stop_it(void *server) {
    http_stop(server, 5000);
    return NULL;
}

static void a_drain_answers_what_is_under_way(void **state) {
    int fd = client_connect(http_port(w.server));
    unsigned port = http_port(w.server);
    pthread_t t;
    (void)state;
    assert_true(client_send(fd, S(GET("/hold") "\r\n")));
    (void)sem_wait(&w.entered);
    struct http_server *s = w.server;
    w.server = NULL;
    assert_int_equal(pthread_create(&t, NULL, stop_it, s), 0);
    while (!atomic_load(&s->draining)) (void)sched_yield();
    (void)sem_post(&w.go);
    struct str reply = client_read_one(&w.arena, fd, false);
    assert_int_equal(client_status(reply), 200);
    assert_true(str_eq_nocase(client_field(reply, S("Connection")), S("close")));
    (void)pthread_join(t, NULL);
    assert_true(recv(fd, &(char){ 0 }, 1, 0) <= 0);
    assert_int_equal(client_connect(port), -1);
    (void)close(fd);
}

static int start_seeded(void **state) {
    os_seed(1, 1700000000000);
    return start(state);
}

static int stop_seeded(void **state) {
    int r = stop(state);
    os_real();
    return r;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_from_any_thread_at_any_time, start, stop),
        cmocka_unit_test_setup_teardown(a_client_that_leaves_takes_nothing_with_it, start, stop),
        cmocka_unit_test_setup_teardown(every_reply_has_the_security_fields, start, stop),
        cmocka_unit_test_setup_teardown(heads_ranges_and_conditions, start, stop),
        cmocka_unit_test_setup_teardown(uploads_stay_small_in_memory_and_leave_no_file, start, stop),
        cmocka_unit_test_setup_teardown(events_reach_200_clients, start, stop),
        cmocka_unit_test_setup_teardown(a_reply_is_made_while_it_is_sent, start, stop),
        cmocka_unit_test_setup_teardown(the_slow_are_cut, start_seeded, stop_seeded),
        cmocka_unit_test_setup_teardown(a_drain_answers_what_is_under_way, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
