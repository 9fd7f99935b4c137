/* live: who is told what, who has a task open, and what a reader hears after the server came back; on both stores, in a city. */
#include "web/live/live.h"

#include "app/city_fixture.h"
#include "app/http.h"
#include "engine/flow/flow.h"
#include "engine/identity/identity.h"
#include "engine/item/item.h"
#include "http/http_test_client.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define APPLY \
    "  - {who: citizen, do: apply, item: residence-proof}\n" \
    "  - {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n" \
    "  - {who: citizen, do: submit}\n"
#define DECIDE "  - {who: police-officer, do: decide, task: confirm, move: approve}\n"

static void play(const struct city *c, const char *steps, int64_t *id) {
    struct err e = { 0 };
    int rc = city_fixture_play(c, steps, id, &e);
    if (rc) print_error("%s %s %s\n", err_name(rc), e.field, e.detail);
    assert_int_equal(rc, 0);
    assert_int_equal(app_sequence(c->app, true, &e), 0);
}

/* ---- who is told what ---- */

struct asking {
    const struct realm *r;
    struct actor who;
    const char *topic;
    int64_t after, last, task, case_id;
    size_t told, about_task, n_names;
    int rc;
};

static int ask_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *q = job->arg;
    struct item_watch w;
    struct item_change change[200];
    struct item_news news[16];
    size_t n, k;
    bool more = true;
    q->told = q->about_task = 0;
    q->rc = item_watch_open(tx, q->r, &q->who, str_of(q->topic), &w, e);
    if (q->rc) return 0;
    q->last = q->after;
    struct str mine = arena_fmt(store_arena(tx), "%lld", (long long)q->task);
    while (more) {
        int rc = item_changes_after(tx, q->r, q->last, change, 200, &n, &q->last, &more, e);
        if (rc) return rc;
        for (size_t i = 0; i < n; i++) {
            if (!item_watch_concerns(&w, &change[i], q->who.account)) continue;
            rc = item_watch_tell(tx, q->r, &q->who, &w, &change[i], news, 16, &k, e);
            if (rc) return rc;
            for (size_t x = 0; x < k; x++) q->told += !news[x].presence, q->about_task += str_eq(news[x].key, mine);
        }
    }
    return 0;
}

static void ask(const struct city *c, struct asking *q, const char *login, const char *topic) {
    q->r = &c->app->realm;
    q->topic = topic;
    city_fixture_actor(c, login, &q->who);
    assert_int_equal(city_fixture_read(c, ask_body, q, NULL), 0);
}

static int tasks_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *q = job->arg;
    struct flow_task *t;
    size_t n;
    int rc = flow_tasks_of(tx, q->case_id, &t, &n, e);
    q->task = !rc && n ? t[n - 1].id : 0;
    return rc ? rc : item_watch_last(tx, q->r, &q->last, e);
}

static void test_each_learns_what_his_scope_reaches(void **state) {
    CITY(c);
    struct asking q = { .r = &c->app->realm };
    char topic[64];
    play(c, APPLY, &q.case_id);
    assert_int_equal(city_fixture_read(c, tasks_body, &q, NULL), 0);
    ask(c, &q, "police", "queue");
    assert_true(q.rc == 0 && q.about_task > 0);
    int64_t newest = q.last;
    ask(c, &q, "police", "queue.police-officer");
    assert_true(q.about_task > 0);
    ask(c, &q, "police", "queue.food-reviewer");
    assert_int_equal(q.rc, ERR_NOT_FOUND);
    ask(c, &q, "food", "queue"); /* the same district, another role */
    assert_true(q.rc == 0 && q.told == 0);
    ask(c, &q, "citizen", "queue");
    assert_int_equal(q.rc, ERR_FORBIDDEN);
    (void)snprintf(topic, sizeof topic, "task.%lld", (long long)q.task);
    ask(c, &q, "police2", topic);
    assert_int_equal(q.rc, 0);
    ask(c, &q, "food", topic);
    assert_int_equal(q.rc, ERR_NOT_FOUND);
    (void)snprintf(topic, sizeof topic, "case.%lld", (long long)q.case_id);
    ask(c, &q, "company", topic);
    assert_int_equal(q.rc, ERR_NOT_FOUND);
    ask(c, &q, "citizen", topic);
    assert_true(q.rc == 0 && q.told == 0); /* his own doing is no news */
    play(c, DECIDE, &q.case_id);
    q.after = newest; /* by the number: only what came behind it */
    ask(c, &q, "citizen", topic);
    assert_int_equal(q.told, 1);
    q.after = q.last;
    ask(c, &q, "citizen", topic);
    assert_int_equal(q.told, 0);
    ask(c, &q, "citizen", "what");
    assert_int_equal(q.rc, ERR_SYNTAX);
}

/* ---- presence ---- */

static int present_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *q = job->arg;
    return item_presence_put(tx, q->r, q->who.account, q->task, e);
}

static int gone_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *q = job->arg;
    return item_presence_end(tx, q->r, q->who.account, q->task, e);
}

static int names_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asking *q = job->arg;
    struct val *names;
    int rc = item_presence_view(tx, q->r, &q->who, q->task, &names, e);
    q->n_names = rc ? 99 : val_count(names);
    return rc;
}

static size_t names(const struct city *c, struct asking *q, const char *login) {
    city_fixture_actor(c, login, &q->who);
    assert_int_equal(city_fixture_read(c, names_body, q, NULL), 0);
    return q->n_names;
}

static void test_presence_is_a_lease(void **state) {
    CITY(c);
    struct asking q = { .r = &c->app->realm, .task = 4711 };
    city_fixture_actor(c, "police2", &q.who);
    assert_int_equal(city_fixture_run(c, present_body, &q, NULL), 0);
    assert_int_equal(names(c, &q, "police"), 1);
    assert_int_equal(names(c, &q, "police2"), 0); /* nobody is told of himself */
    os_clock_advance(ITEM_PRESENCE_MS / 2);
    assert_int_equal(city_fixture_run(c, present_body, &q, NULL), 0);
    os_clock_advance(ITEM_PRESENCE_MS / 2 + 1000);
    assert_int_equal(names(c, &q, "police"), 1); /* renewed */
    os_clock_advance(ITEM_PRESENCE_MS);
    assert_int_equal(names(c, &q, "police"), 0); /* lapsed by itself */
    city_fixture_actor(c, "police2", &q.who);
    assert_int_equal(city_fixture_run(c, present_body, &q, NULL), 0);
    assert_int_equal(city_fixture_run(c, gone_body, &q, NULL), 0);
    assert_int_equal(names(c, &q, "police"), 0);
}

/* ---- the server goes and comes back ---- */

struct served {
    const struct city *city;
    struct arena a;
    struct web *web;
    struct http_server *http;
    uint8_t token[IDENTITY_TOKEN_BYTES];
    struct str cookie;
};

static int session_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct served *s = job->arg;
    struct identity_login login;
    struct actor nobody = { .request_id = S("live"), .peer = S("-"), .lang = S("zh") };
    int64_t id;
    int rc = identity_login_find(tx, &s->city->app->realm, S("citizen"), &login, e);
    login.verified = true;
    return rc ? rc : identity_login_finish(tx, &s->city->app->realm, &nobody, &login, s->token, &id, e);
}

static void start(struct served *s) {
    struct err e = { 0 };
    assert_int_equal(app_http_start(s->city->app, &s->a, S("127.0.0.1:0"), -1, "/tmp", &s->web, &s->http, &e), 0);
}

static void stop(struct served *s) {
    live_stop(s->city->app->live);
    s->city->app->live = NULL;
    http_stop(s->http, 10000);
    web_stop(s->web);
}

static int subscribe(struct served *s, int64_t case_id, const char *rest, struct str last_id) {
    int fd = client_connect(http_port(s->http));
    struct str id = last_id.len ? ARENA_CAT(&s->a, S("Last-Event-ID: "), last_id, S("\r\n")) : S("");
    struct str request = arena_fmt(&s->a,
                                   "GET /zh/events?topics=case.%lld%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                                   "Cookie: session=%.*s\r\n%.*s\r\n",
                                   (long long)case_id, rest, http_port(s->http), STR_ARG(s->cookie), STR_ARG(id));
    assert_true(fd >= 0 && client_send(fd, request));
    return fd;
}

static size_t count(struct str text, struct str what) {
    size_t n = 0;
    for (size_t at = 0; (at = str_find(text, what, at)) != SIZE_MAX; at++) n++;
    return n;
}

/* Reads until `what` is there `n` times. */
static struct str read_until(struct served *s, int fd, struct str what, size_t n) {
    char *p = arena_alloc(&s->a, CLIENT_BYTES_MAX);
    size_t len = 0;
    assert_non_null(p);
    while (count(str_make(p, len), what) < n) {
        ssize_t got = recv(fd, p + len, CLIENT_BYTES_MAX - len, 0);
        assert_true(got > 0);
        len += (size_t)got;
    }
    return str_make(p, len);
}

static struct str read_changes(struct served *s, int fd, size_t n) {
    return read_until(s, fd, S("event: change\n"), n);
}

/* The id of the last change, as text. */
static struct str last_id(struct str text) {
    struct str found = S("");
    for (size_t at = 0; (at = str_find(text, S("event: change\n"), at)) != SIZE_MAX; at++) {
        size_t from = at;
        while (from > 0 && !str_starts(str_sub(text, from, text.len), S("id: "))) from--;
        struct str rest = str_sub(text, from + 4, text.len);
        found = str_sub(rest, 0, str_find_char(rest, '\n', 0));
    }
    return found;
}

static void test_replay_after_a_restart_is_exactly_once(void **state) {
    CITY(c);
    struct served s = { .city = c };
    int64_t id = 0;
    arena_init(&s.a, "served", 256 << 20);
    os_random(s.token, sizeof s.token);
    assert_int_equal(city_fixture_run(c, session_body, &s, NULL), 0);
    s.cookie = crypto_base64url(&s.a, str_make((const char *)s.token, sizeof s.token));
    play(c, APPLY, &id);
    start(&s);
    int fd = subscribe(&s, id, "", S(""));
    (void)read_until(&s, fd, S("event: at\n"), 1); /* taken up */
    int quiet = subscribe(&s, id, "&poll=1", S("")); /* nothing yet: a page that was just read has it all */
    char first[4096];
    ssize_t got = recv(quiet, first, sizeof first, 0);
    assert_true(got > 0 && count(str_make(first, (size_t)got), S("event: change")) == 0);
    (void)close(quiet);
    play(c, "  - {who: police-officer, do: claim, task: confirm}\n", &id);
    struct str seen = last_id(read_changes(&s, fd, 1));
    assert_true(seen.len > 0);
    stop(&s); /* the stream ends; the drain does not wait for it */
    bool closed;
    (void)client_read_all(&s.a, fd, &closed);
    assert_true(closed);
    (void)close(fd);
    play(c, "  - {who: police-officer, do: release, task: confirm}\n"
            "  - {who: police-officer, do: claim, task: confirm}\n" DECIDE, &id);
    start(&s);
    fd = subscribe(&s, id, "", seen);
    struct str text = read_changes(&s, fd, 3);
    assert_int_equal(count(text, S("event: change\n")), 3); /* what was missed, each once */
    assert_int_equal(count(text, ARENA_CAT(&s.a, S("id: "), seen, S("\nevent: change"))), 0);
    struct str now = last_id(text);
    (void)close(fd);
    fd = subscribe(&s, id, "", now);
    play(c, "  - {do: set-papers}\n", &id);
    text = read_changes(&s, fd, 1);
    assert_int_equal(count(text, ARENA_CAT(&s.a, S("id: "), now, S("\nevent: change"))), 0);
    (void)close(fd);
    stop(&s);
    arena_done(&s.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_learns_what_his_scope_reaches),
        cmocka_unit_test(test_presence_is_a_lease),
        cmocka_unit_test(test_replay_after_a_restart_is_exactly_once),
    };
    return CITY_FIXTURE_RUN("live", tests);
}
