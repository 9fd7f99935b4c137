/* I11 over HTTP on both stores: what the command line says of backups and drills stands in the log, and on the page in its order. */
#include "app/site_fixture.h"

#include "app/control.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static int none(void *to, struct str bytes, struct err *e) {
    (void)to;
    (void)bytes;
    (void)e;
    return 0;
}

static int tell(struct site *s, const char *body) {
    struct actor who = s->city->app->worker;
    struct control_call c = { .app = s->city->app, .store = s->city->app->store, .who = &who, .arena = &s->arena, .body = str_of(body),
                              .out = none };
    struct err e = { 0 };
    who.request_id = S("cli-1");
    int rc = control_work(CONTROL_BACKED, &c, &e);
    os_clock_advance(60000);
    if (!rc && app_sequence(s->city->app, true, &e)) fail_msg("%s", e.detail);
    return rc;
}

static void test_backups(void **state) {
    SITE(s);
    struct visitor v = { .site = s }, audit = { .site = s };
    site_sign_in(&v, "system");
    struct str page = site_get(&v, "/zh/admin/backups");
    assert_int_equal(site_status(page), 200);
    assert_true(site_has(page, "还没有备份过") && site_has(page, "不在备份里的"));
    assert_int_equal(tell(s, "make\ndone\n3700000\n" DIGEST "\nNovember 21"), 0);
    assert_int_equal(tell(s, "verify\nkeys\n3700000\n" DIGEST "\nNovember 21"), 0);
    assert_int_equal(tell(s, "verify\npassed\n3700000\n" DIGEST "\nNovember 21"), 0);
    assert_int_equal(tell(s, "make\ndone\n3700000\nno digest\nx"), ERR_SYNTAX);
    assert_int_equal(tell(s, "make\ndo ne\n3700000\n" DIGEST "\nx"), ERR_SYNTAX);
    assert_int_equal(tell(s, "make\ndone\n3700000\n" DIGEST "\n"), ERR_SYNTAX);
    page = site_get(&v, "/zh/admin/backups");
    assert_true(site_has(page, "共 3 条") && site_has(page, "3.7 MB") && site_has(page, "November 21") && site_has(page, "缺少密钥"));
    size_t passed = str_find(page, S("通过</span>"), 0), keys = str_find(page, S("缺少密钥"), 0);
    assert_true(passed < keys); /* newest first */
    page = site_get(&v, "/zh/admin/backups?sort=at&order=asc");
    assert_true(str_find(page, S("做成</span>"), 0) < str_find(page, S("缺少密钥"), 0));
    page = site_get(&v, "/zh/admin/backups?kind=make");
    assert_true(site_has(page, "共 1 条") && site_lacks(page, "缺少密钥"));
    page = site_get(&v, "/zh/admin/backups/export");
    assert_true(site_has(page, "时间,做了什么,结果,文件,数据大小,备份标记\r\n") && site_has(page, ",试恢复,通过,November 21,3.7 MB,"));
    page = site_get(&v, "/zh/admin/health");
    assert_true(site_lacks(page, "还没有备份过") && site_lacks(page, "没有试着恢复过的备份，立即"));
    assert_int_equal(site_status(site_get(&v, "/zh/admin/backups?after=x")), 404);
    site_sign_in(&audit, "audit");
    assert_int_equal(site_status(site_get(&audit, "/zh/admin/backups")), 403);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_backups) };
    return SITE_FIXTURE_RUN("backups", tests);
}
