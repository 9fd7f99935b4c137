/* I10 over HTTP on both stores: each check with its figure, meaning and what to do; what failed stands in the list, is tried again by an
 * act of whoever asked, and is gone when it was done. */
#include "app/site_fixture.h"

#include "engine/audit/audit.h"
#include "http/http.h"
#include "http/http_test_client.h"
#include "os/os.h"
#include "web/live/live.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct work {
    struct act_message due[4];
    struct audit_row rows[4];
    size_t n;
    int64_t id;
};

static int put_off_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    int rc = act_messages_due(tx, job->home, S("paper.set"), w->due, 4, &w->n, e);
    if (!rc && w->n != 1) return ERR_NOT_FOUND;
    w->id = w->due[0].id;
    for (int64_t i = 0; !rc && i < 3; i++) rc = act_message_retry(tx, job->home, w->id, i, S("ERR_PEER press"), e);
    return rc;
}

static int acts_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct audit_filter f = { .act = S("job.retry"), .object_id = w->id };
    return audit_find(tx, job->home, &f, 0, w->rows, 4, &w->n, e);
}

static void paper_waits(struct site *s, struct work *w) {
    struct err e = { 0 };
    int64_t id = 0;
    if (city_fixture_play(s->city,
                          "- {who: citizen, do: apply, item: residence-proof}\n"
                          "- {who: citizen, do: answer, page: registered, with: {purpose: \"1\", recipient: 某中学}}\n"
                          "- {who: citizen, do: submit}\n"
                          "- {who: police-officer, do: claim, task: confirm}\n"
                          "- {who: police-officer, do: decide, task: confirm, move: approve}\n",
                          &id, &e))
        fail_msg("%s %s", err_name(e.code), e.detail);
    assert_int_equal(city_fixture_run(s->city, put_off_body, w, NULL), 0);
}

static void test_each_check_is_told_in_words(void **state) {
    SITE(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "system");
    struct str page = site_get(&v, "/zh/admin/health");
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "服务进程") && site_has(page, "和服务在同一个进程里") && site_has(page, "日志签名"));
    assert_true(site_has(page, "还没有备份过") && site_has(page, "用 tongban backup 做一次备份")); /* what to do, only where there is */
    assert_true(site_lacks(page, "清理这块磁盘上别的文件") || site_has(page, "id=\"disk\""));
    assert_true(site_has(page, "没有等待重试的任务") && site_lacks(page, "立即重试选中的"));
    assert_true(site_has(page, "/zh/events?topics=health"));
    assert_true(site_has(page, "2027 年的放假安排还没有") && site_has(page, "请事项编辑起草")); /* in November */
    page = site_get(&v, "/en/admin/health");
    assert_true(site_has(page, "There has been no backup") && site_has(page, "Keys process"));
    struct visitor other = { .site = s };
    site_sign_in(&other, "audit");
    assert_int_equal(site_status(site_get(&other, "/zh/admin/health")), 403);
    assert_int_equal(site_status(site_get(&other, "/zh/events?topics=health&poll=1")), 403);
}

static void test_what_failed_is_tried_again(void **state) {
    SITE(s);
    static struct work w;
    struct visitor v = { .site = s };
    size_t set = 9;
    paper_waits(s, &w);
    site_sign_in(&v, "system");
    assert_int_equal(app_set_papers(s->city->app, &set, NULL), 0);
    assert_int_equal(set, 0); /* put off */
    struct str page = site_get(&v, "/zh/admin/health");
    assert_true(site_has(page, "制作证照文书") && site_has(page, "ERR_PEER press") && site_has(page, "<td>proof</td>"));
    assert_true(site_has(page, "立即重试选中的"));
    assert_true(site_has(site_get(&v, "/zh/admin/health?kind=timer"), "没有符合条件的"));
    assert_true(site_has(site_get(&v, "/zh/admin/health?sort=again&order=desc"), "ERR_PEER press"));
    page = site_get(&v, "/zh/admin/health/export");
    assert_true(site_has(page, "要做的事,任务编号,流程和步骤,原因,尝试次数,下次重试\r\n") && site_has(page, "ERR_PEER press,3,"));
    (void)site_get(&v, "/zh/admin/health");
    page = site_post(&v, "/zh/admin/health", arena_fmt(&s->arena, "pick=7&pick=%lld", (long long)w.id).ptr);
    assert_int_equal(site_status(page), 303); /* 7 was done meanwhile: nothing to complain of */
    assert_int_equal(app_set_papers(s->city->app, &set, NULL), 0);
    assert_int_equal(set, 1);
    assert_int_equal(app_sequence(s->city->app, true, NULL), 0);
    assert_int_equal(city_fixture_read(s->city, acts_body, &w, NULL), 0);
    assert_int_equal(w.n, 1);
    assert_true(str_eq(w.rows[0].entry.object_kind, S("job")) && w.rows[0].entry.role.len);
    page = site_get(&v, "/zh/admin/health");
    assert_true(site_has(page, "没有等待重试的任务") && site_lacks(page, "ERR_PEER press"));
}

/* ---- a page that stands open ---- */

static int stream(struct visitor *v) {
    int fd = client_connect(http_port(v->site->http));
    struct str cookies = S("");
    for (size_t i = 0; i < v->n_cookies; i++) cookies = ARENA_CAT(&v->site->arena, cookies, i ? S("; ") : S(""), v->cookie[i]);
    struct str request = arena_fmt(&v->site->arena,
                                   "GET /zh/events?topics=health&after=0 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %.*s\r\n\r\n",
                                   http_port(v->site->http), STR_ARG(cookies));
    assert_true(fd >= 0 && client_send(fd, request));
    return fd;
}

/* The data of the first change that comes; whatever comes goes into `text`. */
static struct str change(int fd, struct buf *text) {
    static const struct str mark = S_INIT("event: change\ndata: ");
    char piece[4096];
    size_t at;
    while ((at = str_find(buf_str(text), mark, 0)) == SIZE_MAX || str_find_char(buf_str(text), '\n', at + mark.len) == SIZE_MAX) {
        ssize_t got = recv(fd, piece, sizeof piece, 0);
        assert_true(got > 0);
        buf_add(text, str_make(piece, (size_t)got));
    }
    return str_sub(buf_str(text), at + mark.len, 17);
}

/* A page that stands open is told when something changes, and only then. */
static void test_a_change_is_told(void **state) {
    SITE(s);
    static struct work w;
    struct visitor v = { .site = s };
    os_clock_advance(INT64_C(6) * 60000); /* not started just now */
    site_sign_in(&v, "system");
    assert_int_equal(app_sequence(s->city->app, true, NULL), 0);
    struct str page = site_get(&v, "/zh/admin/health");
    size_t at = str_find(page, S("data-have=\""), 0) + 11;
    const char *had = arena_cstr(&s->arena, str_sub(page, at, 17));
    assert_true(had[0] == 'h');
    assert_true(site_has(site_get(&v, "/zh/events?topics=health&after=0&poll=1"), had));
    paper_waits(s, &w);
    assert_int_equal(app_sequence(s->city->app, true, NULL), 0);
    assert_int_equal(app_look(s->city->app, NULL, NULL), 0);
    struct buf first, then;
    buf_init(&first, &s->arena, 4096, 65536);
    buf_init(&then, &s->arena, 4096, 65536);
    int fd = stream(&v);
    assert_true(str_eq(change(fd, &first), str_of(had))); /* which the page has */
    assert_true(site_has(site_get(&v, "/zh/events?topics=health&after=0&poll=1"), had)); /* it waits two seconds, which is nothing */
    os_clock_advance(INT64_C(3) * 60000);
    assert_int_equal(app_look(s->city->app, NULL, NULL), 0);
    page = site_get(&v, "/zh/events?topics=health&after=0&poll=1");
    assert_true(site_has(page, "event: change") && site_lacks(page, had));
    struct str told = change(fd, &then);
    assert_true(!str_eq(told, str_of(had)) && site_has(page, arena_cstr(&s->arena, told)));
    (void)close(fd);
    assert_true(site_has(site_get(&v, "/zh/admin/health"), "看排版进程和密钥进程是不是连着"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_check_is_told_in_words),
                                        cmocka_unit_test(test_what_failed_is_tried_again), cmocka_unit_test(test_a_change_is_told) };
    return SITE_FIXTURE_RUN("health", tests);
}
