/* I7 over HTTP on both stores: why somebody may, of a case, a task, a person, a page: yes or no and by which grant, or which step fails;
 * the answer is what opening it says; that it was asked is in the log. */
#include "app/site_fixture.h"

#include "engine/audit/audit.h"
#include "engine/item/item.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PROOF \
    "- {who: citizen, do: apply, item: residence-proof}\n" \
    "- {who: citizen, do: answer, page: registered, with: {purpose: '1'}}\n" \
    "- {who: citizen, do: submit}\n"

static struct str ask(struct visitor *v, const char *account, const char *act, struct str object) {
    return site_get(v, arena_fmt(&v->site->arena, "/zh/admin/why?account=%s&act=%s&object=%.*s", account, act, STR_ARG(object)).ptr);
}

static bool yes(struct str page) {
    return str_find(page, S("class=\"notice ok\""), 0) != SIZE_MAX;
}

struct made {
    const struct realm *r;
    int64_t id, task;
    struct str number;
};

static int look(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct made *m = job->arg;
    struct item_case c;
    struct flow_task *tasks;
    size_t n;
    int rc = item_case_get(tx, m->r, NULL, m->id, &c, e);
    if (!rc) rc = flow_tasks_of(tx, m->id, &tasks, &n, e);
    if (rc) return rc;
    m->number = c.number;
    m->task = tasks[0].id;
    return 0;
}

static struct made proof(struct site *s) {
    struct made m = { .r = &s->city->app->realm };
    struct err e = { 0 };
    if (city_fixture_play(s->city, PROOF, &m.id, &e) || city_fixture_read(s->city, look, &m, &e)) fail_msg("%s", e.detail);
    return m;
}

/* What is said of a case is what opening it does, for everybody. */
static void test_as_it_opens(void **state) {
    SITE(s);
    static const char *const logins[] = { "police", "food", "window", "citizen", "granny", "system" };
    struct made m = proof(s);
    struct visitor admin = { .site = s };
    site_sign_in(&admin, "security");
    for (size_t i = 0; i < sizeof logins / sizeof *logins; i++) {
        struct visitor v = { .site = s };
        site_sign_in(&v, logins[i]);
        const char *task = arena_fmt(&s->arena, "/zh/desk/task/%lld", (long long)m.task).ptr;
        bool opens = site_status(site_get(&v, task)) == 200;
        assert_int_equal(yes(ask(&admin, logins[i], "task.read", m.number)), opens);
        assert_int_equal(yes(ask(&admin, logins[i], "", str_of(task + 3))), opens); /* by the page's address */
        const char *own = arena_fmt(&s->arena, "/zh/case/%lld", (long long)m.id).ptr,
                   *office = arena_fmt(&s->arena, "/zh/desk/case/%lld", (long long)m.id).ptr;
        opens = site_status(site_get(&v, own)) == 200 || site_status(site_get(&v, office)) == 200;
        assert_int_equal(yes(ask(&admin, logins[i], "case.read", m.number)), opens);
    }
}

static void test_which_step_fails(void **state) {
    SITE(s);
    struct made m = proof(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "system");
    struct str page = ask(&v, "police", "task.read", m.number);
    assert_true(yes(page) && site_has(page, "tag ok") && site_has(page, "access.yaml:") && site_has(page, "派出所"));
    assert_true(site_has(ask(&v, "food", "task.read", m.number), "没有这个岗位的任务"));
    assert_true(site_has(ask(&v, "food", "case.read", m.number), "范围以内"));
    assert_true(site_has(ask(&v, "citizen", "task.read", m.number), "没有这个岗位"));
    page = ask(&v, "population", "record.read", S("citizen")); /* a person, by his account: his number stands in no address */
    assert_true(yes(page) && site_lacks(page, "登记不在范围以内"));
    assert_false(yes(ask(&v, "police", "record.read", S("citizen"))));
    assert_true(site_has(ask(&v, "food", "account.lock", m.number), "这项行为不是对它做的"));
    page = ask(&v, "food", "", S("/admin/users"));
    assert_true(!yes(page) && site_has(page, "查看用户"));
    assert_true(site_has(ask(&v, "food", "", S("/zh/sign-in")), "notice ok"));
    assert_true(site_has(ask(&v, "food", "", S("/no-such-page")), "没有这个页面"));
    assert_true(site_has(ask(&v, "food", "case.read", S("20990101-000001-1")), "object-error"));
    assert_true(site_has(ask(&v, "no-such", "case.read", S("")), "account-error"));
    page = site_get(&v, "/en/admin/why?account=police&act=task.read");
    assert_true(site_has(page, "Police station officer") && site_lacks(page, "居住证明"));
}

static int entries(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct made *m = job->arg;
    const struct audit_filter f = { .act = S("access.explain"), .object_id = m->id };
    struct audit_row row;
    size_t n;
    int rc = audit_find(tx, job->home, &f, 0, &row, 1, &n, e);
    if (!rc) assert_true(n == 1 && row.entry.case_id == m->id && str_eq(row.entry.object_kind, S("case")));
    return rc;
}

static void test_it_is_noted(void **state) {
    SITE(s);
    struct made m = proof(s);
    struct visitor v = { .site = s };
    site_sign_in(&v, "system");
    (void)ask(&v, "police", "case.read", m.number);
    assert_int_equal(app_sequence(s->city->app, true, NULL), 0);
    assert_int_equal(city_fixture_read(s->city, entries, &m, NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_it_opens),
        cmocka_unit_test(test_which_step_fails),
        cmocka_unit_test(test_it_is_noted),
    };
    return SITE_FIXTURE_RUN("admin_why", tests);
}
