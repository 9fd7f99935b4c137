/* I5 over HTTP: the texts of messages and papers, found, written in a draft, judged at their fields, shown as they
 * will be, compared and released; the files keep their bytes but for what was changed. */
#include "app/site_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SYSTEM "approval/restaurant"
#define MUST "must=yes"
#define OLD_TITLE "办理计时暂停"

/* "/zh/admin/draft/N" of a draft that was just begun, with `tail`. */
static const char *below(struct site *s, struct str at, const char *tail) {
    size_t from = str_find(at, S("/zh/"), 0), to = str_find(at, S("/template?"), 0);
    struct str path = str_sub(at, from, to == SIZE_MAX ? at.len : to - from);
    return arena_fmt(&s->arena, "%.*s%s", STR_ARG(path), tail).ptr;
}

static struct str begin(struct visitor *v, const char *of) {
    (void)site_get(v, "/zh/admin/drafts");
    const char *form = arena_fmt(&v->site->arena, "system=" SYSTEM "&of=%s", of).ptr;
    struct str reply = site_post(v, "/zh/admin/drafts", form);
    assert_int_equal(site_status(reply), 303);
    return site_location(reply);
}

/* The file of the system, as the folder has it. */
static struct str original(struct site *s, const char *path) {
    struct str bytes;
    struct err e = { 0 };
    const char *file = arena_fmt(&s->arena, "systems/" SYSTEM "/%s", path).ptr;
    assert_int_equal(os_read_file(&s->arena, file, 1024 * 1024, &bytes, &e), 0);
    return bytes;
}

static void test_list(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, citizen = { .site = s };
    site_sign_in(&citizen, "citizen");
    assert_int_equal(site_status(site_get(&citizen, "/zh/admin/templates")), 403);
    assert_int_equal(site_status(site_get(&citizen, "/zh/admin/template")), 403);
    assert_int_equal(site_status(site_get(&citizen, "/zh/admin/template/specimen.pdf")), 403);
    site_sign_in(&editor, "editor");
    struct str page = site_get(&editor, "/zh/admin/templates?system=" SYSTEM);
    assert_true(site_status(page) == 200 && site_has(page, OLD_TITLE) &&
                site_has(page, "由人暂停计时的时候") && site_has(page, "短信"));
    page = site_get(&editor, "/zh/admin/templates?system=" SYSTEM "&kind=papers");
    assert_true(site_has(page, "食品经营许可证") && site_has(page, "准予时") &&
                site_has(page, "样表") && site_lacks(page, OLD_TITLE));
    page = site_get(&editor, "/en/admin/templates?q=RECEIPT");
    assert_true(site_has(page, "of=papers/receipt") && site_lacks(page, "notices/held"));
    page = site_get(&editor, "/zh/admin/templates/export?system=" SYSTEM);
    assert_true(site_status(page) == 200 && site_has(page, "part-lapsed"));
    page = site_get(&editor, "/zh/admin/template?of=notices/held&system=" SYSTEM);
    assert_true(site_status(page) == 200 && site_has(page, "{{reason}}") &&
                site_has(page, "为什么暂停计时") && site_has(page, "按 2 条短信计") &&
                site_has(page, "The clock has stopped") && site_lacks(page, "name=\"text\""));
    assert_int_equal(site_status(site_get(&editor, "/zh/admin/template")), 200); /* any */
    assert_int_equal(
        site_status(site_get(&editor, "/zh/admin/template?of=notices/none&system=" SYSTEM)), 404);
    assert_int_equal(
        site_status(site_get(&editor, "/zh/admin/template?of=texts/en&system=" SYSTEM)), 404);
    assert_int_equal(
        site_status(site_get(&editor, "/zh/admin/template?of=notices/held&system=none")), 404);
    page = site_get(&editor, "/zh/admin/template/specimen.pdf?of=papers/receipt&system=common");
    assert_true(site_status(page) == 200 && site_has(page, "%PDF-"));
    assert_int_equal(site_status(site_get(&editor,
                                          "/zh/admin/template/specimen.pdf?of=notices/held&system=" SYSTEM)),
                     404);
}

/* What is typed of a notice, with what was seen. */
static struct str save(struct visitor *v, const char *form, struct str seen, const char *title,
                       const char *text, const char *english, const char *sms) {
    return site_post(v, form,
                     arena_fmt(&v->site->arena,
                               "of=notices/held&seen=%.*s&title=%s&title-en=The+clock+has+stopped&text=%s&"
                               "text-en=%s&sms=%s&sms-en=&" MUST,
                               STR_ARG(seen), title, text, english, sms)
                         .ptr);
}

static void test_notice(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, other = { .site = s };
    site_sign_in(&editor, "editor");
    struct str at = begin(&editor, "notices/held");
    assert_true(str_find(at, S("/template?of=notices/held"), 0) != SIZE_MAX);
    const char *form = below(s, at, "/template?of=notices/held"), *send = below(s, at, "/template");
    struct str page = site_get(&editor, form), seen = site_hidden(s, page, "seen");
    assert_true(site_status(page) == 200 && site_has(page, "name=\"text-en\"") &&
                site_has(page, "{{basis}}"));
    /* each fault at its field, with what is allowed, and what was typed is kept */
    page = save(&editor, send, seen, OLD_TITLE, "暂停：{{resaon}}", "Stopped:+{{reason}}", "");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#text\"") &&
                site_has(page, "没有这个占位符：resaon（最接近的是 reason）。可以用的占位符：{{item}} {{number}}") &&
                site_has(page, "暂停：{{resaon}}"));
    page = save(&editor, send, seen, OLD_TITLE, "暂停：{{reason", "Stopped:+{{reason}}", "");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#text\"") &&
                site_has(page, "模板写错了"));
    page = save(&editor, send, seen, OLD_TITLE, "暂停：{{reason}}", "Stopped:+{{why}}", "");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#text-en\"") &&
                site_has(page, "没有这个占位符：why"));
    page = save(&editor, send, seen, "暂停{{item}}", "暂停：{{reason}}", "Stopped:+{{reason}}", "");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#title\"") &&
                site_has(page, "标题里不能有占位符"));
    page = save(&editor, send, seen, "", "暂停：{{reason}}", "Stopped:+{{reason}}", "");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#title\""));
    page = save(&editor, send, seen, OLD_TITLE, "暂停：{{reason}}", "", "");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#text-en\""));
    page = site_get(&editor, below(s, at, "/files")); /* nothing was written */
    assert_true(str_find(page, original(s, "notices.yaml"), 0) != SIZE_MAX);
    page = save(&editor, send, seen, OLD_TITLE, "暂停了：{{reason}}", "Stopped+now:+{{reason}}", "");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, form);
    assert_true(site_has(page, "暂停了：等待申请人补正") &&
                site_has(page, "Stopped now: Waiting for the applicant") &&
                site_has(page, "按 1 条短信计"));
    /* who saw it before that is told both texts */
    site_sign_in(&other, "editor");
    (void)site_get(&other, form);
    page = save(&other, send, seen, OLD_TITLE, "别的话", "Other+words", "");
    assert_true(site_status(page) == 409 && site_has(page, "两份内容对照") && site_has(page, "别的话"));
    page = site_get(&editor, below(s, at, "/difference"));
    assert_true(site_has(page, "<ins>暂停了：{{reason}}</ins>") && site_has(page, "正文") &&
                site_has(page, "Stopped now: {{reason}}") && site_lacks(page, "part-lapsed"));
    page = site_get(&editor, below(s, at, "/templates?state=changed"));
    assert_true(site_has(page, "of=notices/held") && site_lacks(page, "of=notices/accepted"));
    /* all other lines keep their bytes, and so does this one when it says what it said */
    page = site_get(&editor, below(s, at, "/files"));
    struct str was = original(s, "notices.yaml");
    size_t line = str_find(was, S("held:"), 0);
    assert_true(str_find(page, str_sub(was, 0, line), 0) != SIZE_MAX);
    seen = site_hidden(s, site_get(&editor, form), "seen");
    size_t from = str_find(was, S("text: \""), line) + 7, to = str_find_char(was, '"', from);
    page = save(&editor, send, seen, OLD_TITLE,
                arena_cstr(&s->arena, str_sub(was, from, to - from)), "Now+{{reason}}", "");
    assert_int_equal(site_status(page), 303);
    assert_true(str_find(site_get(&editor, below(s, at, "/files")), was, 0) != SIZE_MAX);
    /* only its English is another: the difference tells */
    page = site_get(&editor, below(s, at, "/difference"));
    assert_true(site_has(page, "Now {{reason}}") && site_lacks(page, "<ins>暂停了"));
}

static struct str reworded(struct site *s, struct str file, const char *from, const char *to) {
    size_t at = str_find(file, str_of(from), 0);
    assert_true(at != SIZE_MAX);
    return ARENA_CAT(&s->arena, str_sub(file, 0, at), str_of(to),
                     str_sub(file, at + str_of(from).len, SIZE_MAX));
}

/* The form as it stands, with one field as `text`. */
static const char *paper_form(struct site *s, struct str page, const char *field, const char *text) {
    struct arena *a = &s->arena;
    struct str all = ARENA_CAT(a, S("of=papers/refusal&seen="), site_hidden(s, page, "seen"));
    for (int i = 0; i < 40; i++) {
        struct str name = arena_fmt(a, "t%d", i), mark = ARENA_CAT(a, S("name=\""), name, S("\" type=\"text\" value=\""));
        size_t at = str_find(page, mark, 0);
        if (at == SIZE_MAX) break;
        struct str value = str_sub(page, at + mark.len, str_find_char(page, '"', at + mark.len) - at - mark.len);
        all = ARENA_CAT(a, all, S("&"), name, S("="), str_eq(name, str_of(field)) ? str_of(text) : value);
    }
    return ARENA_CAT(a, all, S("&t0-en=Decision+not+to+grant+a+licence")).ptr;
}

static void test_paper(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, admin = { .site = s };
    site_sign_in(&editor, "editor");
    struct str at = begin(&editor, "papers/refusal"), was = original(s, "papers/refusal.xml");
    const char *form = below(s, at, "/template?of=papers/refusal"), *send = below(s, at, "/template");
    struct str page = site_get(&editor, form);
    assert_true(site_has(page, "不予行政许可决定书") && site_has(page, "{{opinion}}") &&
                site_has(page, "办理人写的理由和依据") && site_has(page, "不予许可时"));
    page = site_post(&editor, send, paper_form(s, page, "t3", "{{company.name}}、{{opinon}}："));
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#t3\"") &&
                site_has(page, "没有这个占位符：opinon（最接近的是 opinion）") && site_has(page, "{{case.number}}"));
    page = site_get(&editor, form);
    page = site_post(&editor, send, paper_form(s, page, "t3", "{{company.name}}{{/x}}"));
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#t3\"") && site_has(page, "模板写错了"));
    page = site_get(&editor, form);
    page = site_post(&editor, send, paper_form(s, page, "t3", "%E3%80%8A%26%3C%E3%80%8B{{company.name}}："));
    assert_int_equal(site_status(page), 303);
    struct str now = reworded(s, was, "<para>{{company.name}}：", "<para>《&amp;&lt;》{{company.name}}：");
    assert_true(str_find(site_get(&editor, below(s, at, "/files")), now, 0) != SIZE_MAX);
    page = site_get(&editor, below(s, at, "/difference"));
    assert_true(site_has(page, "段落 2") && site_has(page, "<del>{{company.name}}：</del>"));
    page = site_get(&editor, below(s, at, "/template/specimen.pdf?of=papers/refusal"));
    assert_true(site_status(page) == 200 && site_has(page, "%PDF-"));
    /* by another's eyes into use */
    struct str version = site_hidden(s, site_get(&editor, below(s, at, "")), "version");
    page = site_post(&editor, below(s, at, ""),
                     arena_fmt(&s->arena, "do=propose&version=%.*s", STR_ARG(version)).ptr);
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, form);
    assert_true(site_status(page) == 200 && site_lacks(page, "name=\"t3\"")); /* proposed: nobody writes */
    site_sign_in(&admin, "system");
    page = site_get(&admin, form);
    assert_true(site_status(page) == 200 && site_has(page, "《&amp;&lt;》"));
    page = site_get(&admin, below(s, at, "/approve"));
    version = site_hidden(s, page, "version");
    page = site_post(&admin, below(s, at, "/approve"),
                     arena_fmt(&s->arena, "do=release&version=%.*s&from-year=%.*s&from-month=%.*s&from-day=%.*s",
                               STR_ARG(version), STR_ARG(site_hidden(s, page, "from-year")),
                               STR_ARG(site_hidden(s, page, "from-month")),
                               STR_ARG(site_hidden(s, page, "from-day")))
                         .ptr);
    assert_int_equal(site_status(page), 303);
    size_t n;
    assert_int_equal(app_activate_drafts(s->city->app, &n, NULL), 0);
    assert_true(site_has(site_get(&editor, "/zh/admin/template?of=papers/refusal&system=" SYSTEM), "《&amp;&lt;》"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_list), cmocka_unit_test(test_notice),
                                        cmocka_unit_test(test_paper) };
    return SITE_FIXTURE_RUN("templates", tests);
}
