/* I2 over HTTP: questions of a form added, changed, moved and taken out by lists, each judged at its field; the page as
 * applicants see it; the rest of the file keeps its bytes. */
#include "app/site_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SYSTEM "approval/restaurant"

static const char *below(struct site *s, struct str at, const char *tail) {
    struct str path = str_sub(at, str_find(at, S("/zh/"), 0), at.len);
    return arena_fmt(&s->arena, "%.*s%s", STR_ARG(path), tail).ptr;
}

static struct str begin(struct visitor *v) {
    (void)site_get(v, "/zh/admin/drafts");
    struct str reply = site_post(v, "/zh/admin/drafts", "system=" SYSTEM);
    assert_int_equal(site_status(reply), 303);
    return site_location(reply);
}

static struct str original(struct site *s) {
    struct str bytes;
    struct err e = { 0 };
    assert_int_equal(os_read_file(&s->arena, "systems/" SYSTEM "/forms/apply.yaml", 1024 * 1024, &bytes, &e), 0);
    return bytes;
}

/* A form sent to `path`, with what its page said was seen. */
static struct str sent(struct visitor *v, const char *path, const char *fields) {
    struct arena *a = &v->site->arena;
    struct str seen = site_hidden(v->site, site_get(v, path), "seen");
    return site_post(v, path, arena_fmt(a, "seen=%.*s&%s", STR_ARG(seen), fields).ptr);
}

#define TABLES "id=tables&title=有几张桌子？&title-en=How+many+tables+are+there%3F&required=yes"

static void test_questions(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, citizen = { .site = s };
    site_sign_in(&editor, "editor");
    site_sign_in(&citizen, "citizen");
    struct str at = begin(&editor), was = original(s), page;
    const char *form = below(s, at, "/form/apply"), *list = below(s, at, "/form/apply/premises"),
               *new = below(s, at, "/form/apply/premises/new"), *one = below(s, at, "/form/apply/premises/4");
    assert_int_equal(site_status(site_get(&citizen, list)), 403);
    page = site_get(&editor, below(s, at, ""));
    assert_true(site_has(page, "/form/apply\""));
    page = site_get(&editor, form);
    assert_true(site_status(page) == 200 && site_has(page, "店开在哪里？") && site_has(page, "/form/apply/sign\""));
    page = site_get(&editor, list);
    assert_true(site_has(page, "营业面积") && site_has(page, "<fieldset disabled") && site_has(page, "平方米"));
    /* each fault at its field; what was typed is kept, and nothing is written */
    page = sent(&editor, new, "do=save&" TABLES "&kind=");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#kind\"") && site_has(page, "有几张桌子？"));
    page = sent(&editor, new, "do=save&" TABLES "&kind=choice&code=no_such_set");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#code\"") && site_has(page, "没有这个代码集：no_such_set"));
    page = sent(&editor, new, "do=save&id=tables&title=有几张桌子？&title-en=&kind=integer");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#title-en\""));
    assert_true(str_find(site_get(&editor, below(s, at, "/files")), was, 0) != SIZE_MAX);
    page = sent(&editor, new, "do=save&" TABLES "&kind=integer&least=1&most=500");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, list);
    assert_true(site_has(page, "/premises/4\"") && site_has(page, "<label for=\"tables\">有几张桌子？"));
    page = sent(&editor, list, "do=up&number=4");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, list);
    assert_true(str_find(page, S("有几张桌子？"), 0) < str_find(page, S("营业面积"), 0));
    page = site_post(&editor, list, "do=down&number=3&seen=0");
    assert_int_equal(site_status(page), 409); /* it saw another list */
    page = sent(&editor, list, "do=up&number=1");
    assert_int_equal(site_status(page), 409);
    page = sent(&editor, list, "do=down&number=3");
    assert_int_equal(site_status(page), 303);
    page = sent(&editor, one, "do=remove");
    assert_int_equal(site_status(page), 303);
    assert_true(str_find(site_get(&editor, below(s, at, "/files")), was, 0) != SIZE_MAX); /* every byte */
    /* one that rules and papers name is not taken out */
    page = sent(&editor, below(s, at, "/form/apply/premises/3"), "do=remove");
    assert_true(site_status(page) == 422 && site_has(page, "area"));
    assert_int_equal(site_status(site_get(&editor, below(s, at, "/form/apply/premises/9"))), 404);
    assert_int_equal(site_status(site_get(&editor, below(s, at, "/form/apply/none"))), 404);
    assert_int_equal(site_status(site_get(&editor, below(s, at, "/form/none"))), 404);
    assert_int_equal(site_status(site_get(&editor, "/zh/admin/draft/1/form/apply")), 404);
}

#define SIGN "do=save&id=sign&parts=sign&title=招牌是什么样的？&title-en=What+is+the+sign+like%3F&hint=&hint-en="

static void test_page(void **state) {
    SITE(s);
    struct visitor editor = { .site = s };
    site_sign_in(&editor, "editor");
    struct str at = begin(&editor), page;
    const char *one = below(s, at, "/form/apply/sign/page"), *form = below(s, at, "/form/apply");
    page = site_get(&editor, one);
    assert_true(site_has(page, "outdoor_sign = ") && site_has(page, "name=\"title-en\""));
    page = sent(&editor, one, SIGN "&when=outdoor_sgn+=+%22yes%22");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#when\"") &&
                site_has(page, "没有这个问题：outdoor_sgn（最接近的是 outdoor_sign）"));
    page = sent(&editor, one, SIGN "&when=outdoor_sign+=+=");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#when\""));
    page = sent(&editor, one, SIGN "&when=outdoor_sign+=+%22yes%22+and+area+%3E+20");
    assert_int_equal(site_status(page), 303);
    assert_true(site_has(site_get(&editor, one), "and area"));
    page = sent(&editor, one, SIGN "&when=outdoor_sign+=+%22yes%22");
    assert_int_equal(site_status(page), 303);
    page = sent(&editor, form, "do=up&number=2");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, form);
    assert_true(str_find(page, S("店开在哪里？"), 0) < str_find(page, S("核对企业信息"), 0));
    page = site_get(&editor, below(s, at, "/difference")); /* who approves it sees that it was moved */
    assert_true(site_has(page, "<del>company · premises") && site_has(page, "<ins>premises · company"));
    page = sent(&editor, form, "do=down&number=1");
    assert_int_equal(site_status(page), 303);
}

#define PETS                                                                                                                     \
    "do=save&id=pets&title=养了什么动物？&title-en=Which+animals+are+kept%3F&hint=&hint-en=&parts=food&question-id=pet"        \
    "&question-title=动物&question-title-en=Animal&question-kind=text&question-required=yes"
#define MANY "&repeat=yes&repeat-entry=动物名单&repeat-entry-en=animal+entry&repeat-most=9"

static bool kept(struct visitor *v, struct str at, struct str was) {
    return str_find(site_get(v, below(v->site, at, "/files")), was, 0) != SIZE_MAX;
}

/* A page is added with its first question, made a repeating one, given a condition, renamed, moved and taken out: then the file
 * has its bytes again. */
static void test_new_page(void **state) {
    SITE(s);
    struct visitor editor = { .site = s }, citizen = { .site = s };
    site_sign_in(&editor, "editor");
    site_sign_in(&citizen, "citizen");
    struct str at = begin(&editor), was = original(s), page;
    const char *form = below(s, at, "/form/apply"), *new = below(s, at, "/form/apply/new"),
               *own = below(s, at, "/form/apply/pets/page"), *gone = below(s, at, "/form/apply/pets/remove");
    assert_int_equal(site_status(site_get(&citizen, new)), 403);
    assert_int_equal(site_status(site_post(&citizen, new, "do=save&id=")), 403); /* the right comes before the form */
    assert_true(site_has(site_get(&editor, form), "/form/apply/new\""));
    page = site_get(&editor, new);
    assert_true(site_status(page) == 200 && site_has(page, "name=\"question-id\"") && site_has(page, "name=\"repeat-most\""));
    /* each fault at its field, what was typed stays, nothing is written */
    page = sent(&editor, new, "do=save&id=Pets-1&title=养了什么动物？&title-en=&question-id=new-pet&question-title=&question-kind=");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#id\"") && site_has(page, "href=\"#question-id\"") &&
                site_has(page, "href=\"#question-title\"") && site_has(page, "href=\"#question-kind\"") && site_has(page, "Pets-1"));
    page = sent(&editor, new, "do=save&id=new&title=甲&question-id=pet&question-title=乙&question-kind=text");
    assert_true(site_status(page) == 422 && site_has(page, "请换一个"));
    page = sent(&editor, new, "do=save&id=sign&title=招牌&title-en=Sign&question-id=pet&question-title=动物&question-title-en=Pet"
                              "&question-kind=text");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#id\""));
    page = sent(&editor, new, PETS "&repeat=yes&repeat-least=9&repeat-most=3");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#repeat-entry\"") && site_has(page, "href=\"#repeat-least\"") &&
                site_has(page, "0–3"));
    page = sent(&editor, new, PETS "&repeat=yes&repeat-entry=动物名单&repeat-most=101");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#repeat-most\"") && site_has(page, "1–100"));
    page = sent(&editor, new, PETS "&repeat=yes&repeat-entry=动物名单");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#repeat-entry-en\"")); /* both languages of what one is called */
    page = sent(&editor, new, PETS MANY "&repeat-records=no_such.company");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#repeat-records\""));
    page = sent(&editor, new, "do=save&id=pets&title=动物&title-en=Animals&parts=fod&question-id=pet&question-title=动物&question-kind=text");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#parts\"") && site_has(page, "没有这个分项：fod（最接近的是 food）"));
    page = sent(&editor, new, "do=save&id=pets&title=动物&title-en=Animals&question-id=area&question-title=面积&question-title-en=Area"
                              "&question-kind=integer");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#question-id\"") && site_has(page, "问题 id 重复：area"));
    assert_true(kept(&editor, at, was));
    /* added, seen as applicants will see it, changed and moved */
    page = sent(&editor, new, PETS);
    assert_int_equal(site_status(page), 303);
    assert_true(str_ends(site_location(page), S("/form/apply/pets")));
    assert_true(site_has(site_get(&editor, below(s, at, "/form/apply/pets")), "<label for=\"pet\">动物"));
    page = sent(&editor, own, PETS MANY "&when=outdoor_sign+=+%22yes%22");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, below(s, at, "/form/apply/pets"));
    assert_true(site_has(page, "可以填 0 到 9 条“动物名单”") && site_has(page, "只在这个条件成立时问：outdoor_sign = "));
    page = site_get(&editor, own);
    assert_true(site_has(page, "value=\"animal entry\"") && site_has(page, "value=\"yes\" checked"));
    page = sent(&editor, form, "do=up&number=7");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, form);
    assert_true(str_find(page, S("养了什么动物？"), 0) < str_find(page, S("招牌是什么样的？"), 0));
    page = site_get(&editor, below(s, at, "/difference")); /* who approves reads it by what keys are called */
    assert_true(site_has(page, "页面 · pets · 页面标题") && site_has(page, "页面 · pets · 可以填多条 · 一条叫什么") &&
                site_has(page, "页面 · pets · 问什么 · pet · 怎样回答") && site_has(page, "Which animals are kept?"));
    page = sent(&editor, own, "do=save&id=animals&title=养动物吗？&title-en=Are+animals+kept%3F&parts=food");
    assert_true(site_status(page) == 303 && str_ends(site_location(page), S("/form/apply/animals")));
    page = site_get(&editor, below(s, at, "/form/apply/animals"));
    assert_true(site_has(page, "养动物吗？") && !site_has(page, "动物名单"));
    assert_int_equal(site_status(site_get(&editor, gone)), 404);
    gone = below(s, at, "/form/apply/animals/remove");
    page = site_get(&editor, gone);
    assert_true(site_has(page, "<li>动物</li>") && site_has(page, "value=\"remove\""));
    page = site_post(&editor, gone, "do=remove&seen=0");
    assert_int_equal(site_status(page), 409); /* it was seen otherwise */
    page = sent(&editor, gone, "do=remove");
    assert_int_equal(site_status(page), 303);
    assert_true(kept(&editor, at, was)); /* every byte */
    assert_int_equal(site_status(site_get(&editor, below(s, at, "/form/apply/new/page"))), 404);
}

/* What rules, papers, conditions and scenarios name is not taken out, and all of it is told; what nobody names goes, and is put back. */
static void test_named(void **state) {
    SITE(s);
    struct visitor editor = { .site = s };
    site_sign_in(&editor, "editor");
    struct str at = begin(&editor), was = original(s), page;
    const char *gone = below(s, at, "/form/apply/business/remove"),
               *own = below(s, at, "/form/apply/handlers/page");
    page = sent(&editor, gone, "do=remove");
    assert_true(site_status(page) == 409 && site_has(page, "用到它的地方") && site_has(page, "rules/") && site_has(page, "cases/") &&
                site_has(page, "招牌是什么样的？") && site_has(page, "/form/apply/sign/page\""));
    /* made a page that is filled in once, its table in the licence and its steps in scenarios have nothing to read */
    page = sent(&editor, own,
                "do=save&id=handlers&parts=food&title=谁直接接触食品？&title-en=Who+touches+food%3F&hint=");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#repeat\"") && site_has(page, "模板 · food-licence"));
    page = sent(&editor, own,
                "do=save&id=staff&parts=food&title=谁直接接触食品？&title-en=Who+touches+food%3F&hint=&repeat=yes&repeat-entry=从业人员");
    assert_true(site_status(page) == 422 && site_has(page, "href=\"#id\"") && site_has(page, "cases/all-three.yaml"));
    assert_true(kept(&editor, at, was));
}

/* What nobody names goes, and is put back as the release in use has it, where it stood. */
static void test_put_back(void **state) {
    SITE(s);
    struct visitor editor = { .site = s };
    site_sign_in(&editor, "editor");
    (void)site_get(&editor, "/zh/admin/drafts");
    struct str page = site_post(&editor, "/zh/admin/drafts", "system=approval/business-start"), at = site_location(page);
    const char *form = below(s, at, "/form/apply"), *list = below(s, at, "/form/apply/founder");
    page = site_get(&editor, form);
    assert_true(site_has(page, "/form/apply/founder\"") && !site_has(page, "value=\"restore\""));
    page = sent(&editor, form, "do=restore&entry=founder");
    assert_int_equal(site_status(page), 404); /* it stands */
    page = sent(&editor, below(s, at, "/form/apply/founder/2"), "do=remove");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, list);
    assert_true(site_has(page, "value=\"restore\"") && site_has(page, "name=\"entry\" value=\"founder_id\""));
    page = sent(&editor, list, "do=restore&entry=founder_id");
    assert_int_equal(site_status(page), 303);
    page = sent(&editor, below(s, at, "/form/apply/founder/remove"), "do=remove");
    assert_true(site_status(page) == 303 && str_ends(site_location(page), S("/form/apply")));
    assert_int_equal(site_status(site_get(&editor, list)), 404);
    page = site_get(&editor, form);
    assert_true(site_has(page, "name=\"entry\" value=\"founder\"") && !site_has(page, "/form/apply/founder\""));
    assert_true(site_has(site_get(&editor, below(s, at, "/difference")), "页面 · founder"));
    page = sent(&editor, form, "do=restore&entry=no_such");
    assert_int_equal(site_status(page), 404);
    page = sent(&editor, form, "do=restore&entry=founder");
    assert_int_equal(site_status(page), 303);
    page = site_get(&editor, below(s, at, "/difference"));
    assert_true(site_status(page) == 200 && !site_has(page, "页面 · "));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_questions), cmocka_unit_test(test_page),
                                        cmocka_unit_test(test_new_page), cmocka_unit_test(test_named),
                                        cmocka_unit_test(test_put_back) };
    return SITE_FIXTURE_RUN("forms", tests);
}
