/* results over HTTP, on both stores: how the clerk finds a case, what is refused and kept, who gets it and how he acknowledges it, what
 * the applicant and the tally are told; and the rating on the spot: by nobody's account, once, for one case, for a while, and by no clerk.
 */
#include "app/message_fixture.h"
#include "app/site_fixture.h"
#include "engine/audit/audit.h"
#include "engine/item/item_handover.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PHONE "13800000009"
#define DAY_MS INT64_C(86400000)
#define GRANTED                                                                                \
    CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT                                           \
    "  - {who: window, do: decide, task: intake, move: accept}\n"                              \
    "  - {who: food-reviewer, do: decide, task: survey, move: pass, opinion: 符合要求}\n"       \
    "  - {who: food-reviewer, do: decide, task: food_review, move: approve}\n"                 \
    "  - {do: set-papers}\n"

struct given {
    int64_t id;
    struct item_case c;
    const char *page, *receipt, *thing;
};

/* A licence that waits to be fetched. */
static struct given granted(struct site *s) {
    struct given g = { 0 };
    struct city_look l;
    struct err e = { 0 };
    if (city_fixture_play(s->city, GRANTED, &g.id, &e)) fail_msg("%s", e.detail);
    city_fixture_look(s->city, &l, g.id, "none");
    g.c = l.c;
    assert_true(item_handover_waits(&g.c));
    g.page = arena_fmt(&s->arena, "/zh/window/result/%lld", (long long)g.id).ptr;
    g.receipt = arena_fmt(&s->arena, "%s/receipt", g.page).ptr;
    const struct val *papers = val_get(l.view, S("papers"));
    assert_int_equal(val_count(papers), 1);
    g.thing = arena_fmt(&s->arena, "paper-%lld", (long long)val_get_i64(val_item(papers, 0), S("id"), 0)).ptr;
    return g;
}

/* The last test, since his mandate stays ended: who began the case acts for the company no more. */
STORE_STMT(result_test_over, STORE_WRITES,
           "UPDATE identity_acting SET state = 'ended' WHERE home = ? AND account = ? AND principal = ?");

static int over_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct given *g = job->arg;
    int64_t n = 0;
    int rc = store_exec(tx, &result_test_over, &n, e, SV_I(job->home.v), SV_I(g->c.account), SV_I(g->c.company));
    assert_true(rc || n == 1);
    return rc;
}

struct contact {
    const struct realm *r;
    int64_t account;
};

static int contact_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct contact *x = job->arg;
    struct notify_contact own;
    int rc = notify_contact_get(tx, x->r, x->account, NOTIFY_SMS, &own, e);
    return rc ? rc : own.value.len ? 0 : ERR_NOT_FOUND;
}

/* The company's person, whose phone is shown to be his. */
static struct actor reachable(struct site *s) {
    struct actor who;
    city_fixture_actor(s->city, "company", &who);
    struct contact x = { &s->city->app->realm, who.account };
    if (city_fixture_read(s->city, contact_body, &x, NULL)) message_fixture_verify(s->city, &who, NOTIFY_SMS, PHONE);
    return who;
}

static const char *form(struct site *s, const struct given *g, const char *rest) {
    return arena_fmt(&s->arena, "things=%s&%s", g->thing, rest).ptr;
}

/* Fetched by the applicant, who says the code that came to his phone. */
static const char *coded(struct site *s, const struct given *g, const char *code) {
    return form(s, g, arena_fmt(&s->arena, "act=hand&receiver=self&ack=code&code=%.6s", code).ptr);
}

static const char *text(struct site *s, struct str t) {
    return arena_cstr(&s->arena, t);
}

/* The address that stands under the code of the receipt, from /zh/r/ on. */
static const char *rating(struct site *s, struct str receipt) {
    size_t at = str_find(receipt, S("/zh/r/"), 0);
    if (at == SIZE_MAX) fail_msg("the receipt has no code");
    struct str rest = str_sub(receipt, at, SIZE_MAX);
    return text(s, str_sub(rest, 0, str_find_char(rest, '<', 0)));
}

/* The newest entry about the case: was it a refused search? */
static int refused_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct given *g = job->arg;
    struct audit_row *rows = arena_array(store_arena(tx), 1, sizeof *rows);
    const struct audit_filter f = { .case_id = g->id };
    size_t n = 0;
    int rc = audit_find(tx, job->home, &f, 0, rows, 1, &n, e);
    assert_true(rc || (n == 1 && rows[0].outcome == AUDIT_REFUSED && str_eq(rows[0].entry.act, S("case.handover"))));
    assert_true(rc || rows[0].entry.object_id == g->id);
    return rc;
}

static void test_a_refused_search_names_its_case(void **state) {
    SITE(s);
    struct visitor clerk = { .site = s };
    struct given g = { 0 };
    struct city_look l;
    assert_int_equal(city_fixture_play(s->city, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT, &g.id, NULL), 0);
    city_fixture_look(s->city, &l, g.id, "none");
    site_sign_in(&clerk, "window");
    (void)site_get(&clerk, "/zh/window/results");
    struct str reply = site_post(&clerk, "/zh/window/results", arena_fmt(&s->arena, "q=%.*s", STR_ARG(l.c.number)).ptr);
    assert_int_equal(site_status(reply), 422);
    assert_true(site_has(reply, "还没有办结"));
    assert_int_equal(app_sequence(s->city->app, true, NULL), 0);
    assert_int_equal(city_fixture_read(s->city, refused_body, &g, NULL), 0);
}

STORE_STMT(result_test_many, STORE_WRITES,
           "INSERT INTO access_word (home, word, sort_key, object) "
           "SELECT home, word, sort_key - ?, object FROM access_word WHERE home = ? AND object = ?");

/* Some hundred places of its words more, all of them before it. */
static int many_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct given *g = job->arg;
    int rc = 0;
    for (int64_t places = 1; !rc && places < 200; places *= 2)
        rc = store_exec(tx, &result_test_many, NULL, e, SV_I(places), SV_I(job->home.v), SV_I(g->id));
    return rc;
}

/* Whose name begins as those of many others was told that nothing waits for him. */
static void test_many_of_like_names(void **state) {
    SITE(s);
    struct visitor clerk = { .site = s };
    struct given g = granted(s);
    struct actor company = reachable(s);
    const char *typed = arena_fmt(&s->arena, "name=%.*s&phone=13800000000", STR_ARG(company.name)).ptr;
    site_sign_in(&clerk, "window");
    (void)site_get(&clerk, "/zh/window/results");
    assert_true(site_has(site_post(&clerk, "/zh/window/results", typed), "没有等着他领取的结果"));
    assert_int_equal(city_fixture_plant(s->city, many_body, &g, NULL), 0);
    (void)site_get(&clerk, "/zh/window/results");
    struct str reply = site_post(&clerk, "/zh/window/results", typed);
    assert_int_equal(site_status(reply), 422);
    assert_true(site_has(reply, "没有全部查看"));
}

static void test_a_case_is_found(void **state) {
    SITE(s);
    struct visitor clerk = { .site = s };
    struct given g = granted(s);
    struct actor company = reachable(s);
    site_sign_in(&clerk, "window");
    struct str list = site_get(&clerk, "/zh/window/results");
    assert_true(site_has(list, text(s, g.c.number)) && site_has(list, "等待领取"));
    /* by its number, by what a scanner types, by name and phone: to the same page, and nothing typed is in its address */
    const char *typed[] = {
        arena_fmt(&s->arena, "q=%.*s", STR_ARG(g.c.number)).ptr,
        arena_fmt(&s->arena, "q=%%20http%%3A%%2F%%2Flocalhost%%2Fzh%%2Fprogress%%3Fnumber%%3D%.*s%%26x%%3D1", STR_ARG(g.c.number)).ptr,
        arena_fmt(&s->arena, "name=%.*s&phone=138%%200000%%200009", STR_ARG(company.name)).ptr,
        arena_fmt(&s->arena, "name=%.*s&phone=" PHONE, STR_ARG(company.on_behalf_name)).ptr,
    };
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        (void)site_get(&clerk, "/zh/window/results");
        struct str reply = site_post(&clerk, "/zh/window/results", typed[i]);
        assert_int_equal(site_status(reply), 303);
        assert_true(str_starts(site_location(reply), S("/zh/window/result/")));
    }
    /* what is wrong is told, and stays typed */
    static const struct {
        const char *fields, *told;
    } wrong[] = { { "", "办件编号，或者姓名和手机号" },
                  { "q=20260101-000001-0", "没有这个办件" },
                  { "name=样某某", "手机号" },
                  { "name=样某某&phone=123", "样某某" },
                  { "name=样某某&phone=13800000000", "没有等着他领取的结果" } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        (void)site_get(&clerk, "/zh/window/results");
        struct str reply = site_post(&clerk, "/zh/window/results", wrong[i].fields);
        assert_int_equal(site_status(reply), 422);
        assert_true(site_has(reply, wrong[i].told));
    }
    const char *other = arena_fmt(&s->arena, "name=%.*s&phone=13800000000", STR_ARG(company.name)).ptr; /* the name alone finds nobody */
    (void)site_get(&clerk, "/zh/window/results");
    assert_int_equal(site_status(site_post(&clerk, "/zh/window/results", other)), 422);
    struct visitor police = { .site = s };
    site_sign_in(&police, "police");
    assert_int_equal(site_status(site_get(&police, "/zh/window/results")), 403);
    assert_int_equal(site_status(site_get(&police, g.page)), 403);
}

static void test_who_acts_for_the_company_no_more_fetches_nothing_of_it(void **state) {
    SITE(s);
    struct visitor clerk = { .site = s };
    struct given g = granted(s);
    site_sign_in(&clerk, "window");
    assert_true(site_lacks(site_get(&clerk, g.page), "已经不代表这个单位"));
    assert_int_equal(city_fixture_plant(s->city, over_body, &g, NULL), 0);
    assert_true(site_has(site_get(&clerk, g.page), "已经不代表这个单位")); /* said before he is handed anything */
    struct str reply = site_post(&clerk, g.page, form(s, &g, "act=hand&receiver=self&ack=signature"));
    assert_int_equal(site_status(reply), 422);
    assert_true(site_has(reply, "href=\"#receiver\">谁来领取"));
    assert_int_equal(site_status(site_post(&clerk, g.page, form(s, &g, "act=code"))), 409); /* his phone is not the company's */
    const char *const letter = "act=hand&receiver=letter&name=样代领&citizen_id=99010119900307100X&ack=signature";
    assert_int_equal(site_status(site_post(&clerk, g.page, form(s, &g, letter))), 303);
}

static void test_it_is_handed_over_once(void **state) {
    SITE(s);
    struct visitor clerk = { .site = s }, own = { .site = s };
    struct given g = granted(s);
    struct err e = { 0 };
    site_sign_in(&clerk, "window");
    struct str before = site_get(&clerk, g.receipt); /* to be signed */
    assert_true(site_has(before, "领取时间：＿") && site_lacks(before, "/r/"));
    (void)site_get(&clerk, g.page);
    struct str nothing = site_post(&clerk, g.page, "act=hand");
    assert_int_equal(site_status(nothing), 422);
    assert_true(site_has(nothing, "谁来领取") && site_has(nothing, "怎样签收") && site_has(nothing, "交出哪些"));
    const char *const misread = "act=hand&receiver=letter&name=样代领&citizen_id=120101199003079991&ack=signature";
    const char *const right = "act=hand&receiver=letter&name=样代领&citizen_id=99010119900307100X&ack=signature";
    struct str half = site_post(&clerk, g.page, form(s, &g, misread));
    assert_int_equal(site_status(half), 422); /* a number that cannot be one; the rest comes back */
    assert_true(site_has(half, "样代领") && site_has(half, "120101199003079991"));
    assert_int_equal(site_status(site_post(&clerk, g.page, "things=paper-1&act=hand&receiver=self&ack=signature")), 422);
    struct str done = site_post(&clerk, g.page, form(s, &g, right));
    assert_int_equal(site_status(done), 303);
    struct str paper = site_get(&clerk, g.receipt), slip = site_get(&clerk, arena_fmt(&s->arena, "%s?slip=1", g.receipt).ptr);
    assert_true(site_has(paper, "样代领") && site_has(paper, "凭授权委托书") && site_has(paper, "食品经营许可证"));
    assert_true(site_lacks(paper, "99010119900307100X") && site_has(slip, "paper slip"));
    (void)site_get(&clerk, "/zh/window/results"); /* a key of its own */
    assert_int_equal(site_status(site_post(&clerk, g.page, form(s, &g, "act=hand&receiver=self&ack=signature"))), 409);
    /* the log of the case, in both languages; the message; the list; the tally */
    struct actor company;
    city_fixture_actor(s->city, "company", &company);
    site_sign_in(&own, "company");
    (void)site_get(&own, "/zh/identity");
    (void)site_post(&own, "/zh/identity", arena_fmt(&s->arena, "for=%lld", (long long)company.on_behalf).ptr);
    struct str zh = site_get(&own, arena_fmt(&s->arena, "/zh/case/%lld", (long long)g.id).ptr);
    if (site_status(zh) != 200) fail_msg("the applicant does not see his case");
    assert_true(site_has(zh, "结果已送达") && site_has(zh, "领取人：样代领（凭授权委托书）"));
    struct str en = site_get(&own, arena_fmt(&s->arena, "/en/case/%lld", (long long)g.id).ptr);
    assert_true(site_has(en, "Collected by") && site_has(en, "upon a letter of authority"));
    assert_true(site_lacks(site_get(&clerk, "/zh/window/results"), text(s, g.c.number)));
    assert_true(site_has(site_get(&clerk, "/zh/window/results?state=fetched"), text(s, g.c.number)));
    assert_true(site_has(site_get(&clerk, "/zh/window/tally"), "结果发放"));
    assert_int_equal(app_sequence(s->city->app, true, &e), 0);
}

static void test_a_code_acknowledges(void **state) {
    SITE(s);
    struct visitor clerk = { .site = s };
    struct given g = granted(s);
    (void)reachable(s);
    site_sign_in(&clerk, "window");
    struct str page = site_get(&clerk, g.page);
    assert_true(site_has(page, "138****0009") && site_lacks(page, PHONE));
    assert_int_equal(site_status(site_post(&clerk, g.page, form(s, &g, "act=hand&receiver=self&ack=code"))), 422);
    assert_int_equal(site_status(site_post(&clerk, g.page, "act=code")), 303);
    struct str code = message_fixture_code(s->city, PHONE);
    assert_int_equal(code.len, 6);
    (void)site_get(&clerk, g.page);
    char wrong[7];
    (void)snprintf(wrong, sizeof wrong, "%.6s", code.ptr);
    wrong[5] = wrong[5] == '0' ? '1' : '0';
    struct str refused = site_post(&clerk, g.page, coded(s, &g, wrong));
    assert_int_equal(site_status(refused), 422);
    assert_true(site_has(refused, "验证码不对"));
    struct str done = site_post(&clerk, g.page, coded(s, &g, code.ptr));
    assert_int_equal(site_status(done), 303);
    assert_true(site_has(site_get(&clerk, g.page), "短信验证码"));
    /* wrong ones are counted, whatever the code is */
    g = granted(s);
    (void)site_get(&clerk, g.page);
    assert_int_equal(site_status(site_post(&clerk, g.page, "act=code")), 303);
    (void)site_get(&clerk, g.page);
    const char *guess = coded(s, &g, "000000");
    for (int i = 0; i < NOTIFY_CODE_TRIES; i++) (void)site_post(&clerk, g.page, guess);
    code = message_fixture_code(s->city, PHONE);
    struct str locked = site_post(&clerk, g.page, coded(s, &g, code.ptr));
    assert_int_equal(site_status(locked), 429);
}

static void test_rating_on_the_spot(void **state) {
    SITE(s);
    struct visitor clerk = { .site = s }, screen = { .site = s }, nobody = { .site = s }, late = { .site = s };
    struct given g = granted(s), h = granted(s);
    site_sign_in(&clerk, "window");
    site_sign_in(&screen, "kiosk");
    (void)site_get(&clerk, "/zh/window");
    assert_int_equal(site_status(site_post(&clerk, "/zh/window/counter", "counter=heping/2")), 303);
    for (int i = 0; i < 2; i++) {
        const struct given *x = i ? &h : &g;
        (void)site_get(&clerk, x->page);
        assert_int_equal(site_status(site_post(&clerk, x->page, form(s, x, "act=hand&receiver=self&ack=signature"))), 303);
    }
    struct str paper = site_get(&clerk, g.receipt);
    const char *at = rating(s, paper), *other = rating(s, site_get(&clerk, h.receipt));
    assert_true(strcmp(at, other) != 0);
    /* the screen of this counter, as soon as it is offered, and of no other */
    assert_true(site_lacks(site_get(&screen, "/zh/hall/heping/counter/2"), "/r/"));
    (void)site_get(&clerk, g.receipt);
    assert_int_equal(site_status(site_post(&clerk, g.receipt, "")), 303);
    assert_true(site_has(site_get(&screen, "/zh/hall/heping/counter/2"), at));
    assert_true(site_lacks(site_get(&screen, "/zh/hall/heping/counter/3"), "/r/"));
    assert_int_equal(site_status(site_get(&screen, "/zh/hall/heping/counter/9")), 404);
    assert_int_equal(site_status(site_get(&nobody, "/zh/hall/heping/counter/2")), 303);
    /* no clerk; nobody with a code that is not whole, or another's mark */
    assert_int_equal(site_status(site_get(&clerk, at)), 409);
    char *bent = arena_cstr(&s->arena, str_of(at));
    size_t end = strlen(bent) - 1;
    bent[end] = bent[end] == 'A' ? 'B' : 'A';
    assert_int_equal(site_status(site_get(&nobody, bent)), 404);
    const char *crossed = arena_fmt(&s->arena, "%.*s%s", (int)(strchr(at, '.') - at), at, strchr(other, '.')).ptr;
    assert_int_equal(site_status(site_get(&nobody, crossed)), 404);
    /* without an account, once; what is wrong comes back */
    struct str page = site_get(&nobody, at);
    assert_true(site_has(page, text(s, g.c.number)) && site_lacks(page, "样某"));
    struct str why = site_post(&nobody, at, "level=5&text=");
    assert_int_equal(site_status(why), 422);
    assert_int_equal(site_status(site_post(&nobody, at, "level=2&act=go")), 303);
    assert_true(site_has(site_get(&nobody, at), "谢谢您"));
    (void)site_get(&nobody, other); /* a key of its own */
    assert_int_equal(site_status(site_post(&nobody, at, "level=1&act=go")), 409);
    assert_true(site_lacks(site_get(&screen, "/zh/hall/heping/counter/2"), "/r/"));
    assert_true(site_lacks(site_get(&clerk, g.page), "满意")); /* the clerk is not told */
    /* while its days last */
    assert_int_equal(site_status(site_get(&late, other)), 200);
    os_clock_advance(ITEM_RATING_CODE_DAYS * DAY_MS + 1);
    assert_int_equal(site_status(site_get(&late, other)), 409);
    assert_int_equal(site_status(site_post(&late, other, "level=1&act=go")), 409);
}

/* The next ticket is another person's. */
static void test_the_screen_forgets(void **state) {
    SITE(s);
    struct visitor clerk = { .site = s }, screen = { .site = s };
    struct given g = granted(s);
    site_sign_in(&clerk, "window2");
    site_sign_in(&screen, "kiosk");
    (void)site_get(&screen, "/zh/hall/heping/kiosk");
    assert_int_equal(site_status(site_post(&screen, "/zh/hall/heping/kiosk", "line=advice")), 303);
    (void)site_get(&clerk, "/zh/window");
    assert_int_equal(site_status(site_post(&clerk, "/zh/window/counter", "counter=heping/3")), 303);
    (void)site_get(&clerk, g.page);
    assert_int_equal(site_status(site_post(&clerk, g.page, form(s, &g, "act=hand&receiver=self&ack=signature"))), 303);
    (void)site_get(&clerk, g.receipt);
    assert_int_equal(site_status(site_post(&clerk, g.receipt, "")), 303);
    assert_true(site_has(site_get(&screen, "/zh/hall/heping/counter/3"), "/r/"));
    (void)site_get(&clerk, "/zh/window");
    assert_int_equal(site_status(site_post(&clerk, "/zh/window/call", "do=next")), 303);
    assert_true(site_lacks(site_get(&screen, "/zh/hall/heping/counter/3"), "/r/"));
    /* nor when the next one has gone again, within the minutes for which it was offered */
    (void)site_get(&clerk, "/zh/window");
    assert_int_equal(site_status(site_post(&clerk, "/zh/window/serve", "do=begin")), 303);
    (void)site_get(&clerk, "/zh/window");
    assert_int_equal(site_status(site_post(&clerk, "/zh/window/serve", "do=finish")), 303);
    assert_true(site_lacks(site_get(&screen, "/zh/hall/heping/counter/3"), "/r/"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_case_is_found), cmocka_unit_test(test_a_refused_search_names_its_case),
                                        cmocka_unit_test(test_it_is_handed_over_once),
                                        cmocka_unit_test(test_a_code_acknowledges), cmocka_unit_test(test_rating_on_the_spot),
                                        cmocka_unit_test(test_the_screen_forgets), cmocka_unit_test(test_many_of_like_names),
                                        cmocka_unit_test(test_who_acts_for_the_company_no_more_fetches_nothing_of_it) };
    return SITE_FIXTURE_RUN("results", tests);
}
