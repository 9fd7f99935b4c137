/* site_fixture: see site_fixture.h. Invariant: a visitor knows only what a browser was sent. */
#include "app/site_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/http.h"
#include "http/http.h"
#include "http/http_test_client.h"
#include "web/live/live.h"
#include "web/page.h"

static _Noreturn void fail(const char *what, struct str why) {
    (void)fprintf(stderr, "site_fixture: %s: %.*s\n", what, STR_ARG(why));
    exit(1);
}

static int open_site(void **state, bool postgres) {
    struct err e = { 0 };
    int rc = city_fixture_open(state, postgres);
    if (rc || !*state) return rc;
    struct site *s = calloc(1, sizeof *s);
    if (!s) return -1;
    s->city = *state;
    s->city->app->unlimited = true;
    arena_init(&s->arena, "site", (size_t)1024 * 1024 * 1024);
    if (app_http_start(s->city->app, &s->arena, S("127.0.0.1:0"), -1, NULL, &s->web, &s->http, &e)) fail("start", str_of(e.detail));
    *state = s;
    return 0;
}

int site_fixture_sqlite(void **state) {
    return open_site(state, false);
}

int site_fixture_postgres(void **state) {
    return open_site(state, true);
}

int site_fixture_done(void **state) {
    struct site *s = *state;
    if (!s) return 0;
    void *city = s->city;
    live_stop(s->city->app->live);
    s->city->app->live = NULL; /* its memory is the site's */
    http_stop(s->http, 2000);
    web_stop(s->web);
    arena_done(&s->arena);
    free(s);
    return city_fixture_done(&city);
}

/* ---- a browser ---- */

static void keep_cookie(struct visitor *v, struct str set) {
    struct str pair = str_sub(set, 0, str_find_char(set, ';', 0)), name = str_sub(pair, 0, str_find_char(pair, '=', 0));
    size_t i = 0;
    while (i < v->n_cookies && !str_starts(v->cookie[i], ARENA_CAT(&v->site->arena, name, S("=")))) i++;
    if (i == VISITOR_COOKIES_MAX) fail("too many cookies", set);
    if (i == v->n_cookies) v->n_cookies++;
    v->cookie[i] = pair;
    if (str_find(set, S("Max-Age=0"), 0) != SIZE_MAX) v->cookie[i] = v->cookie[--v->n_cookies];
}

static void keep_value(struct str reply, const char *before, struct str *ret) {
    size_t at = str_find(reply, str_of(before), 0);
    if (at == SIZE_MAX) return;
    struct str rest = str_sub(reply, at + strlen(before), reply.len);
    *ret = str_sub(rest, 0, str_find_char(rest, '"', 0));
}

static struct str talk(struct visitor *v, const char *method, const char *path, const char *type, struct str body) {
    struct arena *a = &v->site->arena;
    struct buf b;
    buf_init(&b, a, 4096 + body.len, 64 * 1024 * 1024);
    buf_add_fmt(&b, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n", method, path);
    for (size_t i = 0; i < v->n_cookies; i++) {
        buf_add(&b, i ? S("; ") : S("Cookie: "));
        buf_add(&b, v->cookie[i]);
    }
    if (v->n_cookies) buf_add(&b, S("\r\n"));
    if (v->agent) buf_add_fmt(&b, "User-Agent: %s\r\n", v->agent);
    if (type) buf_add_fmt(&b, "Content-Type: %s\r\nSec-Fetch-Site: same-origin\r\n", type);
    buf_add_fmt(&b, "Content-Length: %zu\r\n\r\n", body.len);
    buf_add(&b, body);
    int fd = client_connect(http_port(v->site->http));
    (void)client_send(fd, buf_str(&b)); /* a refusal may come, and the connection close, before all of it is read */
    struct str reply = client_read_one(a, fd, false), head = str_sub(reply, 0, str_find(reply, S("\r\n\r\n"), 0)), line;
    (void)close(fd);
    while (str_cut(&head, '\n', &line))
        if (str_starts(line, S("Set-Cookie: "))) keep_cookie(v, str_trim(str_sub(line, 12, line.len)));
    keep_value(reply, "name=\"_csrf\" value=\"", &v->csrf);
    keep_value(reply, "name=\"_key\" value=\"", &v->key);
    keep_value(reply, "name=\"challenge\" value=\"", &v->challenge);
    return reply;
}

struct str site_get(struct visitor *v, const char *path) {
    return talk(v, "GET", path, NULL, S(""));
}

struct str site_post(struct visitor *v, const char *path, const char *fields) {
    struct str body = arena_fmt(&v->site->arena, "_csrf=%.*s&%s%.*s&%s", STR_ARG(v->csrf), v->key.len ? "_key=" : "",
                                STR_ARG(v->key), fields);
    return talk(v, "POST", path, "application/x-www-form-urlencoded", body);
}

struct str site_upload(struct visitor *v, const char *path, const char *field, const char *file_name, struct str bytes) {
    struct arena *a = &v->site->arena;
    struct str head = arena_fmt(a,
                                "--edge\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n%.*s\r\n"
                                "--edge\r\nContent-Disposition: form-data; name=\"_key\"\r\n\r\n%.*s\r\n"
                                "--edge\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n\r\n",
                                STR_ARG(v->csrf), STR_ARG(v->key), field, file_name);
    return talk(v, "POST", path, "multipart/form-data; boundary=edge", ARENA_CAT(a, head, bytes, S("\r\n--edge--\r\n")));
}

void site_sign_in(struct visitor *v, const char *login) {
    (void)site_get(v, "/zh/sign-in");
    v->key = S(""); /* the sign-in form has none */
    struct str reply = site_post(v, "/zh/sign-in", arena_fmt(&v->site->arena, "login=%s&password=tongban-demo-2026", login).ptr);
    if (site_status(reply) != 303) fail("sign-in", reply);
}

int site_status(struct str reply) {
    return client_status(reply);
}

struct str site_location(struct str reply) {
    return client_field(reply, S("Location"));
}

struct str site_hidden(struct site *s, struct str reply, const char *name) {
    struct str mark = ARENA_CAT(&s->arena, S("name=\""), str_of(name), S("\" value=\""));
    size_t at = str_find(reply, mark, 0);
    if (at == SIZE_MAX) {
        (void)fprintf(stderr, "no hidden field \"%s\" in\n%.*s\n", name, STR_ARG(reply));
        return S("");
    }
    at += mark.len;
    return str_sub(reply, at, str_find_char(reply, '"', at) - at);
}

bool site_has(struct str reply, const char *text) {
    bool found = str_find(reply, str_of(text), 0) != SIZE_MAX;
    if (!found) (void)fprintf(stderr, "no \"%s\" in\n%.*s\n", text, STR_ARG(reply));
    return found;
}

bool site_lacks(struct str reply, const char *text) {
    bool found = str_find(reply, str_of(text), 0) != SIZE_MAX;
    if (found) (void)fprintf(stderr, "\"%s\" in\n%.*s\n", text, STR_ARG(reply));
    return !found;
}
