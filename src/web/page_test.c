/* The dispatcher over a real server and a real store: the stages in their order, forms refused and shown again, tokens
 * and keys, the way to the sign-in page and back, error pages in the reader's language.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <stdatomic.h>
#include <stdio.h>

#include "http/http_test_client.h"
#include "store/store_fixture.h"
#include "web/page.h"

STORE_STMT(page_test_add, STORE_WRITES,
           "INSERT INTO store_lease (home, name, holder, fence, until_ms) VALUES (?, ?, ?, ?, 0)");
STORE_STMT(page_test_count, STORE_READS, "SELECT COUNT(*) FROM store_lease WHERE home = ?");

struct actor {
    struct str name;
};

static struct {
    struct arena arena;
    struct http_server *server;
    _Atomic int refusals;
} t;

/* ---- a small site ---- */

static int who(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)e;
    if (p->session.len == 0) return 0;
    struct actor *actor = arena_new(p->a, struct actor);
    if (actor) actor->name = arena_str(p->a, p->session);
    p->who = actor;
    p->session_true = !str_starts(p->session, S("made-up"));
    return 0;
}

static int may(struct store_tx *tx, struct page *p, const char *power, struct err *e) {
    (void)tx;
    if (strcmp(power, "public") == 0) return 0;
    if (!p->who) return err_set(e, ERR_LOGIN, "%s", "");
    return str_eq(p->who->name, S("officer")) || strcmp(power, "staff") != 0 ? 0
                                                                             : err_set(e, ERR_FORBIDDEN, "%s", "审批");
}

static int refused(struct store_tx *tx, struct page *p, const struct err *why, struct err *e) {
    (void)tx;
    (void)p;
    (void)why;
    (void)e;
    t.refusals++;
    return 0;
}

static int act_notes(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t n;
    int r = store_one_i64(tx, &page_test_count, (struct store_val[]){ SV_I(store_job_of(tx)->home.v) }, 1, &n, e);
    val_put_i64(p->a, p->view, S("count"), n);
    return r;
}

static int say_notes(struct page *p, struct err *e) {
    (void)e;
    page_label(p, S("name"), page_text(p, S("名称")));
    p->template = S("t/notes");
    return 0;
}

static int ask_note(struct page *p, struct err *e) {
    (void)e;
    struct str name = page_in(p, S("name"));
    return name.len == 0 ? page_fault(p, S("name"), ERR_REQUIRED, S("名称")) : 0;
}

static int act_note(struct store_tx *tx, struct page *p, struct err *e) {
    struct str name = page_in(p, S("name"));
    int64_t added; /* asked for, because a failure is to be acted upon at once */
    p->location = S("/notes?done=1");
    int r = store_exec(tx, &page_test_add, &added, e, SV_I(store_job_of(tx)->home.v), SV_T(name), SV_T(S("x")), SV_I(1));
    if (r == ERR_DUPLICATE) return page_fault(p, S("name"), ERR_STATE, S("已经有了"));
    return str_eq(name, S("state")) ? err_set(e, ERR_CONFLICT, "%s", "张三") : r;
}

static int look_slow(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t n = -1;
    int r = store_one_i64(tx, &page_test_count, (struct store_val[]){ SV_I(store_job_of(tx)->home.v) }, 1, &n, e);
    p->own = arena_fmt(p->req->arena, "%lld", (long long)n).len ? p : NULL;
    return r;
}

static void work_slow(struct page *p) {
    if (!p->own || str_eq(page_in(p, S("password")), S("wrong"))) p->err.code = ERR_PASSWORD;
}

static int ask_slow(struct page *p, struct err *e) {
    (void)e;
    p->look = look_slow;
    p->work = work_slow;
    return 0;
}

static int say_slow(struct page *p, struct err *e) {
    (void)e;
    if (p->err.code) p->template = S("t/notes"); /* no row shows this form: say is asked itself */
    else page_cookie(p, S("session"), S("citizen"), -1);
    if (!p->err.code) p->location = S("/mine");
    return 0;
}

static int say_broken(struct page *p, struct err *e) {
    (void)e;
    p->template = S("t/none");
    return 0;
}

#define PUBLIC ROUTE_AUDIT_NONE, ROUTE_DATA_PUBLIC
#define ACT ROUTE_AUDIT_ACT, ROUTE_DATA_OWN
static const struct route rows[] = {
    { "N1", HTTP_GET, "/notes", page_ask_none, act_notes, say_notes, "public", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, PUBLIC },
    { "N1", HTTP_POST, "/notes", ask_note, act_note, page_say_none, "public", 4096, ROUTE_ACTION, ROUTE_RATE_FORM,
      ACT },
    { "N2", HTTP_GET, "/mine", page_ask_none, act_notes, say_notes, "own", 0, ROUTE_PAGE, ROUTE_RATE_PAGE, PUBLIC },
    { "N3", HTTP_GET, "/staff/{id}", page_ask_none, act_notes, say_notes, "staff", 0, ROUTE_PAGE, ROUTE_RATE_PAGE,
      PUBLIC },
    { "N3", HTTP_POST, "/staff/{id}", ask_note, act_note, page_say_none, "staff", 4096, ROUTE_ACTION, ROUTE_RATE_FORM, ACT },
    { "N6", HTTP_POST, "/staff/{id}/only", ask_note, act_note, say_slow, "staff", 4096, ROUTE_ACTION, ROUTE_RATE_FORM, ACT },
    { "N4", HTTP_POST, "/slow", ask_slow, page_act_none, say_slow, "public", 4096, ROUTE_ACTION, ROUTE_RATE_FORM, ACT },
    { "N5", HTTP_GET, "/broken", page_ask_none, page_act_none, say_broken, "public", 0, ROUTE_PAGE, ROUTE_RATE_PAGE,
      PUBLIC },
};
static const struct web_file files[] = {
    { S_INIT("src/web/t/notes.html"),
      S_INIT("<!DOCTYPE html><html lang=\"{{page.lang}}\"><link rel=\"stylesheet\" href=\"{{page.css_href}}\"><a "
             "href=\"{{page.lang_href}}\">{{page.lang_title}}</a>"
             "<h1>{{_ 便条}}</h1><p>n={{count}}</p>{{#errors}}<a "
             "href=\"{{href}}\">{{text}}</a>{{/errors}}{{#problem}}<h2>{{title}}</h2><p>!{{text}}</p>{{/problem}}"
             "<form method=\"post\" action=\"{{form.action}}\"><input name=\"_csrf\" value=\"{{form.csrf}}\"><input "
             "name=\"_key\" value=\"{{form.key}}\">"
             "<input name=\"name\" value=\"{{in.name}}\"></form>") },
    { S_INIT("src/web/error.html"),
      S_INIT("<html lang=\"{{page.lang}}\">{{#problem}}<h1>{{title}}</h1><p>{{text}}</p><p>{{code}} "
             "{{request_id}}</p><a href=\"{{href}}\">{{link}}</a>{{/problem}}") },
    { S_INIT("assets/style.css"), S_INIT("body{}") },
    { S_INIT("style.css.gz"), S_INIT("(body{} packed)") },
};
static const struct str english = S_INIT(
    "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\nmsgid \"便条\"\nmsgstr \"Notes\"\n\n"
    "msgid \"没有找到\"\nmsgstr \"Not found\"\n\nmsgid \"请填写：{detail}\"\nmsgstr \"Please fill in: {detail}\"\n\n"
    "msgid \"名称\"\nmsgstr \"name\"\n\nmsgid \"回到首页\"\nmsgstr \"Home\"\n");

/* ---- a browser ---- */

struct browser {
    char cookies[512];
    struct str csrf, key;
};

static struct str attribute(struct str html, const char *before) {
    size_t at = str_find(html, str_of(before), 0);
    if (at == SIZE_MAX) return (struct str){ NULL, 0 };
    struct str rest = str_sub(html, at + strlen(before), html.len);
    return str_sub(rest, 0, str_find_char(rest, '"', 0));
}

static struct str talk(struct browser *b, const char *method, const char *path, const char *more, struct str body) {
    struct str request = arena_fmt(
        &t.arena, "%s %s HTTP/1.1\r\nHost: a.example\r\n%s%s%s%sContent-Length: %zu\r\n\r\n%.*s", method, path,
        b->cookies[0] ? "Cookie: " : "", b->cookies, b->cookies[0] ? "\r\n" : "", more, body.len, STR_ARG(body));
    int fd = client_connect(http_port(t.server));
    assert_true(client_send(fd, request));
    struct str reply = client_read_one(&t.arena, fd, false);
    (void)close(fd);
    struct str set = client_field(reply, S("Set-Cookie"));
    if (set.len)
        (void)snprintf(b->cookies, sizeof b->cookies, "%.*s", STR_ARG(str_sub(set, 0, str_find_char(set, ';', 0))));
    struct str csrf = attribute(reply, "name=\"_csrf\" value=\""), key = attribute(reply, "name=\"_key\" value=\"");
    if (csrf.len) b->csrf = csrf;
    if (key.len) b->key = key;
    return reply;
}

static struct str get(struct browser *b, const char *path) {
    return talk(b, "GET", path, "", S(""));
}

static struct str post_with(struct browser *b, const char *path, const char *fields, const char *more) {
    struct str body = arena_fmt(&t.arena, "_csrf=%.*s&_key=%.*s&%s", STR_ARG(b->csrf), STR_ARG(b->key), fields);
    struct str head = arena_fmt(&t.arena, "Content-Type: application/x-www-form-urlencoded\r\n%s", more);
    return talk(b, "POST", path, head.ptr, body);
}

static struct str post(struct browser *b, const char *path, const char *fields) {
    return post_with(b, path, fields, "Sec-Fetch-Site: same-origin\r\nOrigin: http://a.example\r\n");
}

static bool has(struct str reply, const char *text) {
    bool found = str_find(reply, str_of(text), 0) != SIZE_MAX;
    if (!found) print_error("no \"%s\" in\n%.*s\n", text, STR_ARG(reply));
    return found;
}

/* ---- tests, all on one site, on each store ---- */

static void pages_and_languages(void) {
    struct browser b = { 0 };
    struct str page = get(&b, "/zh/notes?x=1");
    assert_int_equal(client_status(page), 200);
    assert_true(has(page, "<html lang=\"zh-CN\">") && has(page, "<h1>便条</h1>") &&
                has(page, "href=\"/en/notes?x=1\"") && has(page, "n=0"));
    assert_true(has(get(&b, "/en/notes"), "<h1>Notes</h1>"));
    struct str to = get(&b, "/notes?x=1");
    assert_int_equal(client_status(to), 303);
    assert_true(str_eq(client_field(to, S("Location")), S("/zh/notes?x=1")));
    assert_true(str_eq(client_field(talk(&b, "GET", "/notes", "Accept-Language: en-GB,zh\r\n", S("")), S("Location")),
                       S("/en/notes")));
    struct str css = get(&b, attribute(page, "stylesheet\" href=\"").len
                                 ? arena_cstr(&t.arena, attribute(page, "stylesheet\" href=\""))
                                 : "/");
    assert_int_equal(client_status(css), 200);
    assert_true(str_eq(client_body(css), S("body{}")) && has(css, "immutable") && client_field(css, S("ETag")).len > 4);
    assert_int_equal(client_status(get(&b, "/assets/style.0000000000000000.css")), 404);
    const char *url = arena_cstr(&t.arena, attribute(page, "stylesheet\" href=\""));
    static const struct {
        const char *wish;
        bool packed;
    } wishes[] = { { "gzip", true },         { "br, GZIP;q=0.5", true }, { "br", false },
                   { "gzip;q=0, br", false }, { "gzip; q=0.0", false },   { "xgzip", false } };
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        struct str field = arena_fmt(&t.arena, "Accept-Encoding: %s\r\n", wishes[i].wish);
        struct str got = talk(&b, "GET", url, field.ptr, S(""));
        bool packed = wishes[i].packed;
        assert_int_equal(client_status(got), 200);
        assert_true(str_eq(client_body(got), packed ? S("(body{} packed)") : S("body{}")));
        assert_true(str_eq(client_field(got, S("Content-Encoding")), packed ? S("gzip") : S("")));
        assert_true(str_eq(client_field(got, S("Vary")), S("Accept-Encoding")));
        assert_int_equal(str_eq(client_field(got, S("ETag")), client_field(css, S("ETag"))), !packed);
    }
}

static void errors_are_pages(void) {
    struct browser b = { 0 };
    struct str none = get(&b, "/en/none");
    assert_int_equal(client_status(none), 404);
    assert_true(has(none, "<h1>Not found</h1>") && has(none, "ERR_NOT_FOUND") &&
                has(none, arena_cstr(&t.arena, client_field(none, S("X-Request-Id")))));
    struct str method = talk(&b, "DELETE", "/zh/notes", "", S(""));
    assert_int_equal(client_status(method), 405);
    assert_true(str_eq(client_field(method, S("Allow")), S("GET, HEAD, POST")));
    struct str malformed = get(&b, "/zh/%zz");
    assert_int_equal(client_status(malformed), 400);
    assert_true(has(malformed, "ERR_SYNTAX"));
    /* No browser's test can ask for a defect of ours: its page says what happened, to whom to tell which one, and the way out, and
     * nothing of the inside. */
    static const char *const broken[][2] = { { "/zh/broken", "<a href=\"/zh/\">回到首页</a>" },
                                             { "/en/broken", "<a href=\"/en/\">Home</a>" } };
    for (size_t i = 0; i < 2; i++) {
        struct str page = get(&b, broken[i][0]);
        assert_int_equal(client_status(page), 500);
        assert_true(has(page, "程序出错") && has(page, "拨打服务电话") && has(page, broken[i][1]));
        assert_true(has(page, "ERR_DEFECT") && has(page, arena_cstr(&t.arena, client_field(page, S("X-Request-Id")))));
        assert_false(has(page, "t/none"));
    }
    assert_true(
        str_eq(client_field(get(&b, "/zh/mine?a=1"), S("Location")), S("/zh/sign-in?back=%2Fzh%2Fmine%3Fa%3D1")));
    (void)snprintf(b.cookies, sizeof b.cookies, "session=citizen");
    assert_int_equal(client_status(get(&b, "/zh/mine")), 200);
    assert_int_equal(client_status(get(&b, "/zh/staff/7")), 403);
    (void)snprintf(b.cookies, sizeof b.cookies, "session=officer");
    assert_int_equal(client_status(get(&b, "/zh/staff/7")), 200);
}

/* A form with a fault, to whom the form is not open: what he would hear without the fault, and it is noted as that. */
static void the_right_comes_before_the_fault(void) {
    static const char *const path[] = { "/zh/staff/7", "/zh/staff/7/only" };
    struct browser nobody = { 0 }, citizen = { 0 }, officer = { 0 };
    (void)snprintf(citizen.cookies, sizeof citizen.cookies, "session=citizen");
    (void)snprintf(officer.cookies, sizeof officer.cookies, "session=officer");
    (void)get(&nobody, "/zh/notes");
    (void)get(&citizen, "/zh/notes");
    (void)get(&officer, "/zh/notes");
    for (size_t i = 0; i < 2; i++) {
        struct str to = client_field(post(&nobody, path[i], "name="), S("Location"));
        assert_true(str_starts(to, S("/zh/sign-in?back=")));
        assert_int_equal(client_status(post(&citizen, path[i], "name=")), 403);
        struct str told = post(&officer, path[i], "name=");
        assert_int_equal(client_status(told), 422);
        assert_true(has(told, "请填写：名称"));
    }
}

static void a_form_once_and_again(void) {
    struct browser b = { 0 };
    int refusals = t.refusals;
    (void)get(&b, "/zh/notes");
    assert_true(b.csrf.len > 40 && b.key.len == 32 && b.cookies[0]);
    struct str key = b.key, made = post(&b, "/zh/notes", "name=first");
    assert_int_equal(client_status(made), 303);
    assert_true(str_eq(client_field(made, S("Location")), S("/zh/notes?done=1")));
    struct str twice =
        post(&b, "/zh/notes", "name=first"); /* the same key, the same form: once done, answered the same */
    assert_int_equal(client_status(twice), 303);
    assert_true(str_eq(client_field(twice, S("Location")), S("/zh/notes?done=1")));
    assert_true(has(get(&b, "/zh/notes"), "n=1"));
    b.key = key;
    struct str reused = post(&b, "/zh/notes", "name=other");
    assert_int_equal(client_status(reused), 422);
    assert_true(has(reused, "同一个提交编号"));
    struct str empty =
        post(&b, "/en/notes", "name=&more=%E4%B8%AD"); /* refused in ask: the words, the field, a fresh key */
    assert_int_equal(client_status(empty), 422);
    assert_true(has(empty, "href=\"#name\">Please fill in: name") && has(empty, "n=1") && !str_eq(b.key, key));
    struct str same =
        post(&b, "/zh/notes", "name=first"); /* refused in act: input kept, nothing changed, the refusal noted */
    assert_int_equal(client_status(same), 409);
    assert_true(has(same, "href=\"#name\">名称：现在不能这样办理")); /* F10 */
    assert_true(has(same, "已经有了") && has(same, "name=\"name\" value=\"first\"") && has(same, "n=1"));
    assert_int_equal(t.refusals, refusals + 2); /* this one, and the reused key */
    struct str state = post(&b, "/zh/notes", "name=state");
    assert_int_equal(client_status(state), 409);
    assert_true(has(state, "!内容刚被别人修改过") && has(state, "张三") && has(state, "value=\"state\"") && has(state, "n=1"));
}

static void changes_come_from_our_own_page(void) {
    struct browser b = { 0 }, other = { 0 };
    (void)get(&b, "/zh/notes");
    (void)get(&other, "/zh/notes");
    assert_int_equal(client_status(post_with(&b, "/zh/notes", "name=q", "Sec-Fetch-Site: cross-site\r\n")), 403);
    assert_int_equal(client_status(post_with(&b, "/zh/notes", "name=q", "Sec-Fetch-Site: same-site\r\n")), 403);
    assert_int_equal(client_status(post_with(&b, "/zh/notes", "name=q", "Origin: http://b.example\r\n")), 403);
    assert_int_equal(client_status(post_with(&b, "/zh/notes", "name=q", "Origin: https://a.example\r\n")), 403);
    assert_int_equal(client_status(post_with(&b, "/zh/notes", "name=q", "Origin: null\r\n")), 403);
    struct str good = b.csrf;
    b.csrf = S("");
    struct str without = post(&b, "/zh/notes", "name=kept");
    assert_int_equal(client_status(without), 403);
    assert_true(has(without, "页面已过期，") && has(without, "value=\"kept\""));
    assert_true(has(without, "<h2>页面已过期</h2>") && str_find(without, S("没有权限"), 0) == SIZE_MAX); /* F11 */
    b.csrf = other.csrf;
    assert_int_equal(client_status(post(&b, "/zh/notes", "name=q")), 403);
    b.csrf = good;
    (void)snprintf(b.cookies, sizeof b.cookies,
                   "session=officer"); /* a token from before signing in is worth nothing after */
    assert_int_equal(client_status(post(&b, "/zh/notes", "name=q")), 403);
    (void)get(&b, "/zh/notes");
    assert_int_equal(client_status(post_with(&b, "/zh/notes", "name=q", "")),
                     303); /* a browser that sends neither field */
}

/* F25: who is stopped for sending too often keeps what was typed. */
static void too_often_keeps_what_was_typed(void) {
    enum { TRIES_MAX = 400 };
    struct browser b = { .cookies = "session=flood" };
    struct str reply = S("");
    (void)get(&b, "/en/notes");
    for (int i = 0; i < TRIES_MAX && client_status(reply) != 429; i++) reply = post(&b, "/en/notes", "name=&more=1");
    assert_int_equal(client_status(reply), 429);
    reply = post(&b, "/en/notes", "name=typed+here");
    assert_int_equal(client_status(reply), 429);
    assert_true(has(reply, "name=\"name\" value=\"typed here\"") && has(reply, "操作太频繁"));
    assert_true(client_field(reply, S("Retry-After")).len > 0);
}

static void slow_work_is_done_between(void) {
    struct browser b = { 0 };
    (void)get(&b, "/zh/notes");
    struct str wrong = post(&b, "/zh/slow", "password=wrong");
    assert_int_equal(client_status(wrong), 422);
    assert_true(has(wrong, "账号或密码不正确"));
    struct str right = post(&b, "/zh/slow", "password=right");
    assert_int_equal(client_status(right), 303);
    assert_true(has(right, "Set-Cookie: session=citizen; Path=/; HttpOnly; SameSite=Lax\r\n"));
    assert_int_equal(client_status(get(&b, "/zh/mine")), 200);
}

/* T34: who makes up a session for each request counts as one peer; the true session beside him is not touched. */
static void made_up_sessions_count_for_their_peer(void) {
    enum { TRIES_MAX = 400 };
    struct browser good = { .cookies = "session=good" };
    struct str reply = S("");
    int tries = 0;
    (void)get(&good, "/zh/notes"); /* proves true */
    for (; tries < TRIES_MAX && client_status(reply) != 429; tries++) {
        struct browser b = { 0 };
        (void)snprintf(b.cookies, sizeof b.cookies, "session=made-up-%d", tries);
        reply = post(&b, "/zh/notes", "name=q");
    }
    assert_int_equal(client_status(reply), 429);
    assert_int_equal(client_status(post(&good, "/zh/notes", "name=still+here")), 303);
}

static void whole_site(struct store *s, void *arg) {
    struct keyring keys = { .suite = SUITE_INTL, .key_id = 1, .token = { 7 } };
    struct err e = { 0 };
    struct web *web;
    struct po *en;
    (void)arg;
    arena_init(&t.arena, "test", 256 * 1024 * 1024);
    assert_int_equal(po_parse(&t.arena, S("en.po"), english, &en, &e), 0);
    struct web_config c = { .store = s,
                            .home = { 1 },
                            .keys = &keys,
                            .rows = rows,
                            .n_rows = sizeof rows / sizeof rows[0],
                            .files = files,
                            .n_files = sizeof files / sizeof files[0],
                            .en = en,
                            .sign_in = "/sign-in",
                            .rate = rate_new(&t.arena),
                            .hooks = { .who = who, .may = may, .refused = refused },
                            .metrics = metrics_new(&t.arena, rows, sizeof rows / sizeof rows[0]) };
    if (web_new(&t.arena, &c, &web, &e)) fail_msg("%s %s", e.field, e.detail);
    struct http_config h = { .address = S("127.0.0.1:0"),
                             .route = web_route,
                             .body_limit = web_body_limit,
                             .handler = web_handle,
                             .refusal = web_refusal,
                             .context = web,
                             .listen_fd = -1,
                             .limits = { .threads = 2 } };
    assert_int_equal(http_start(&h, &t.server, &e), 0);
    pages_and_languages();
    errors_are_pages();
    the_right_comes_before_the_fault();
    a_form_once_and_again();
    changes_come_from_our_own_page();
    slow_work_is_done_between();
    too_often_keeps_what_was_typed();
    made_up_sessions_count_for_their_peer();
    struct buf b;
    buf_init(&b, &t.arena, 65536, 1 << 20);
    metrics_write(c.metrics, &b);
    assert_true(has(buf_str(&b), "tongban_http_replies_total{route=\"N1\",method=\"POST\",class=\"3xx\"} 4"));
    assert_true(str_ends(buf_str(&b), S("# EOF\n")));
    http_stop(t.server, 2000);
    web_stop(web);
    arena_done(&t.arena);
}

static void test_whole_site(void **state) {
    (void)state;
    store_fixture_each(whole_site, NULL);
}

static void a_template_or_row_that_is_wrong_stops_the_start(void **state) {
    struct arena a;
    struct err e = { 0 };
    struct web *web;
    struct web_file bad = { S("src/web/t/bad.html"), S("<p>\n{{#open}}") };
    struct route row = rows[0];
    (void)state;
    arena_init(&a, "test", 1 << 22);
    assert_int_equal(web_new(&a, &(struct web_config){ .files = &bad, .n_files = 1 }, &web, &e), ERR_SYNTAX);
    row.say = NULL;
    assert_int_equal(web_new(&a, &(struct web_config){ .rows = &row, .n_rows = 1 }, &web, &e), ERR_SYSTEM);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_site),
        cmocka_unit_test(a_template_or_row_that_is_wrong_stops_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
