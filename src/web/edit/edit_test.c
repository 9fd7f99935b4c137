/* I1 over HTTP: an editor changes a system without writing YAML, another person releases it, and
 * citizens see it. */
#include "app/site_fixture.h"
#include "os/os.h"
#include "release/release_draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define SYSTEM "approval/residence-proof"

/* "/zh" + the path of the draft that was just begun + `tail`. */
static const char *draft(struct site *s, struct str location, const char *tail) {
    struct str path = str_starts(location, S("http"))
                          ? str_sub(location, str_find(location, S("/zh/"), 0), location.len)
                          : location;
    return arena_fmt(&s->arena, "%.*s%s", STR_ARG(path), tail).ptr;
}

static struct str begin(struct visitor *v) {
    (void)site_get(v, "/zh/admin/drafts");
    struct str reply = site_post(v, "/zh/admin/drafts", "system=" SYSTEM);
    assert_int_equal(site_status(reply), 303);
    return site_location(reply);
}

#define FEE                                                                                            \
    "visits=0+次&visits-en=None&place=窗口&place-en=Counter&hours=工作日&hours-en=Working+days&" \
    "phone=12345&phone-en=&complaint_phone=12345&complaint_phone-en="

static void test_from_draft_to_guide(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, admin = { .site = s }, citizen = { .site = s };
    struct arena *a = &s->arena;
    size_t n;
    site_sign_in(&citizen, "citizen");
    assert_int_equal(site_status(site_get(&citizen, "/zh/admin/drafts")), 403);
    site_sign_in(&editor, "editor");
    struct str at = begin(&editor), page = site_get(&editor, draft(s, at, ""));
    assert_true(site_has(page, "起草中") && site_has(page, "没有问题"));
    const char *fee = draft(s, at, "/item/residence-proof/place-and-fee");
    page = site_get(&editor, fee);
    assert_true(site_has(page, "value=\"不收费\"") && site_has(page, "name=\"fee-en\""));
    struct str seen = site_hidden(s, page, "seen");
    /* what is missing is said at its field, in the words of the form, and nothing is written */
    page = site_post(&editor, fee, arena_fmt(a, "do=save&seen=%.*s&fee=&" FEE, STR_ARG(seen)).ptr);
    assert_int_equal(site_status(page), 422);
    assert_true(site_has(page, "href=\"#fee\"") && site_has(page, "缺少办事指南的要素：收费") &&
                site_has(page, "value=\"窗口\"") && site_lacks(page, "yaml:1"));
    page = site_post(
        &editor, fee,
        arena_fmt(a, "do=save&seen=%.*s&fee=每份十元&fee-en=&" FEE, STR_ARG(seen)).ptr);
    assert_int_equal(site_status(page), 422);
    assert_true(site_has(page, "href=\"#fee-en\""));
    page = site_post(
        &editor, fee,
        arena_fmt(a, "do=save&seen=%.*s&fee=每份十元&fee-en=Ten+yuan+each&machine=yes&" FEE,
                  STR_ARG(seen))
            .ptr);
    assert_int_equal(site_status(page), 303);
    /* who saw it before that is told both texts */
    page = site_post(
        &editor, fee,
        arena_fmt(a, "do=save&seen=%.*s&fee=每份九元&fee-en=Nine&" FEE, STR_ARG(seen)).ptr);
    assert_int_equal(site_status(page), 409);
    assert_true(site_has(page, "每份九元") && site_has(page, "每份十元") &&
                site_has(page, "两份内容对照"));
    page = site_get(&editor, draft(s, at, "/difference"));
    assert_true(site_has(page, "<del>不收费</del>") && site_has(page, "<ins>每份十元</ins>") &&
                site_has(page, "Ten yuan each"));
    page = site_get(&editor, draft(s, at, "/preview/residence-proof"));
    assert_true(site_has(page, "这是预览，还没有发布") && site_has(page, "每份十元"));
    assert_true(site_lacks(site_get(&citizen, "/zh/guide/residence-proof"), "每份十元"));
    /* limits: what is promised is no later than the law's */
    const char *limits = draft(s, at, "/item/residence-proof/limits");
    page = site_get(&editor, limits);
    seen = site_hidden(s, page, "seen");
    page = site_post(
        &editor, limits,
        arena_fmt(a, "do=save&seen=%.*s&law=3+working+days&promise=9+working+days", STR_ARG(seen))
            .ptr);
    assert_int_equal(site_status(page), 422);
    assert_true(site_has(page, "href=\"#promise\"") && site_has(page, "承诺期限"));
    page = site_post(
        &editor, limits,
        arena_fmt(a, "do=save&seen=%.*s&law=3+working+days&promise=2+working+days", STR_ARG(seen))
            .ptr);
    assert_int_equal(site_status(page), 303);
    /* proposed; its author, and who is no approver, releases nothing */
    page = site_get(&editor, draft(s, at, ""));
    struct str version = site_hidden(s, page, "version");
    page = site_post(&editor, draft(s, at, ""),
                     arena_fmt(a, "do=propose&version=%.*s", STR_ARG(version)).ptr);
    assert_int_equal(site_status(page), 303);
    assert_int_equal(site_status(site_get(&editor, draft(s, at, "/approve"))), 403);
    site_sign_in(&admin, "system");
    page = site_get(&admin, draft(s, at, "/approve"));
    version = site_hidden(s, page, "version");
    page = site_post(&admin, draft(s, at, "/approve"),
                     arena_fmt(a, "do=release&version=%.*s&from-year=2020&from-month=1&from-day=1",
                               STR_ARG(version))
                         .ptr);
    assert_int_equal(site_status(page), 422);
    assert_true(site_has(page, "今天或者以后"));
    page = site_get(&admin, draft(s, at, "/approve"));
    struct str year = site_hidden(s, page, "from-year"), month = site_hidden(s, page, "from-month"),
               day = site_hidden(s, page, "from-day");
    page = site_post(
        &admin, draft(s, at, "/approve"),
        arena_fmt(a, "do=release&version=%.*s&from-year=%.*s&from-month=%.*s&from-day=%.*s",
                  STR_ARG(version), STR_ARG(year), STR_ARG(month), STR_ARG(day))
            .ptr);
    assert_int_equal(site_status(page), 303);
    assert_int_equal(app_activate_drafts(s->city->app, &n, NULL), 0);
    assert_true(site_has(site_get(&citizen, "/zh/guide/residence-proof"), "每份十元"));
    assert_true(site_has(site_get(&citizen, "/en/guide/residence-proof"), "Ten yuan each"));
    assert_true(site_has(site_get(&editor, draft(s, at, "")), "已发布"));
}

/* Entries: added, changed, moved, removed; what another did to the list meanwhile is not undone. */
static void test_entries(void **state) {
    SITE(s);
    struct visitor editor = { .site = s };
    struct arena *a = &s->arena;
    site_sign_in(&editor, "editor");
    struct str at = begin(&editor);
    const char *list = draft(s, at, "/item/residence-proof/faq"),
               *one = draft(s, at, "/item/residence-proof/faq/new");
    struct str page = site_get(&editor, one), seen = site_hidden(s, page, "seen");
    page = site_post(&editor, one,
                     arena_fmt(a,
                               "do=save&seen=%.*s&question=要钱吗：不要&question-en=Is+it+free&"
                               "answer=不要钱。&answer-en=Yes.",
                               STR_ARG(seen))
                         .ptr);
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, list);
    assert_true(site_has(page, "要钱吗：不要") && site_has(page, "/faq/3"));
    seen = site_hidden(s, page, "seen");
    page = site_post(&editor, list, arena_fmt(a, "do=up&number=3&seen=%.*s", STR_ARG(seen)).ptr);
    assert_int_equal(site_status(page), 303);
    page = site_post(&editor, list, arena_fmt(a, "do=up&number=3&seen=%.*s", STR_ARG(seen)).ptr);
    assert_int_equal(site_status(page), 409); /* the list that it saw stood otherwise */
    page = site_get(&editor, draft(s, at, "/item/residence-proof/faq/2"));
    assert_true(site_has(page, "要钱吗：不要") && site_has(page, "Is it free"));
    seen = site_hidden(s, page, "seen");
    page = site_post(&editor, draft(s, at, "/item/residence-proof/faq/2"),
                     arena_fmt(a, "do=remove&seen=%.*s", STR_ARG(seen)).ptr);
    assert_int_equal(site_status(page), 303);
    assert_true(site_lacks(site_get(&editor, list), "要钱吗"));
    assert_int_equal(site_status(site_get(&editor, draft(s, at, "/item/residence-proof/faq/9"))),
                     404);
    assert_int_equal(site_status(site_get(&editor, draft(s, at, "/item/residence-proof/nothing"))),
                     404);
    assert_int_equal(site_status(site_get(&editor, draft(s, at, "/item/other/faq"))), 404);
    page = site_get(&editor, draft(s, at, "/files"));
    assert_int_equal(site_status(page), 200);
    assert_true(str_find(page, S("ustar"), 0) != SIZE_MAX &&
                str_find(page, S("items/residence-proof.yaml"), 0) != SIZE_MAX);
}

/* A draft's file with its first `from` as `to`, written past the forms. */
struct slip {
    const struct city *city;
    struct actor who;
    int64_t draft;
    const char *file, *from, *to;
};
static int slip_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct slip *s = job->arg;
    const struct realm *r = &s->city->app->realm;
    struct arena *a = store_arena(tx);
    struct release_draft d;
    struct release_files files;
    int rc = release_draft_find(tx, r, s->draft, &d, e);
    if (!rc) rc = release_draft_files(tx, r, &d, &files, e);
    for (size_t i = 0; !rc && i < files.n; i++) {
        struct release_file f = files.file[i];
        size_t at = str_eq(f.path, str_of(s->file)) ? str_find(f.bytes, str_of(s->from), 0)
                                                    : SIZE_MAX;
        if (at == SIZE_MAX) continue;
        f.bytes = ARENA_CAT(a, str_sub(f.bytes, 0, at), str_of(s->to),
                            str_sub(f.bytes, at + strlen(s->from), f.bytes.len));
        return release_draft_write(tx, r, &s->who, d.id, d.version,
                                   &(struct release_files){ &f, 1 }, S("a slip"), e);
    }
    return rc ? rc : err_set(e, ERR_NOT_FOUND, NULL);
}

/* What the check finds is told with the part of the item that it is about, and the way there. */
static void test_findings_lead_to_their_forms(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, admin = { .site = s };
    struct slip slip = { .city = s->city, .file = "items/residence-proof.yaml" };
    struct err e = { 0 };
    site_sign_in(&editor, "editor");
    site_sign_in(&admin, "system");
    struct str at = begin(&editor);
    const char *path = draft(s, at, "");
    city_fixture_actor(s->city, "editor", &slip.who);
    assert_true(
        str_to_i64(str_sub(str_of(path), strlen("/zh/admin/draft/"), SIZE_MAX), &slip.draft));
    slip.from = "\nfee: ", slip.to = "\nfeee: ";
    if (city_fixture_run(s->city, slip_body, &slip, &e)) fail_msg("%s", e.detail);
    struct str page = site_get(&editor, path);
    assert_true(site_has(page, "缺少办事指南的要素：收费") &&
                site_has(page, "/item/residence-proof/place-and-fee\"") &&
                site_lacks(page, "yaml:1<"));
    page = site_get(&admin, path); /* who only reads it is told where, and led nowhere */
    assert_true(site_has(page, "费用、地点与联系") &&
                site_lacks(page, "/item/residence-proof/place-and-fee\""));
    slip.from = "\nfeee: ", slip.to = "\nfee: ";
    if (city_fixture_run(s->city, slip_body, &slip, &e)) fail_msg("%s", e.detail);
    slip.from = "question: ", slip.to = "question: 还要多问一句";
    if (city_fixture_run(s->city, slip_body, &slip, &e)) fail_msg("%s", e.detail);
    page = site_get(&editor, path);
    assert_true(site_has(page, "没有英文翻译：还要多问一句") && site_has(page, "第 1 项") &&
                site_has(page, "/item/residence-proof/faq/1\""));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_from_draft_to_guide),
                                        cmocka_unit_test(test_findings_lead_to_their_forms),
                                        cmocka_unit_test(test_entries) };
    return SITE_FIXTURE_RUN("edit", tests);
}
