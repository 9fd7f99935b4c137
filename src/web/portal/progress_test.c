/* F22: A12, how far a matter is, for who knows its number and the applicant's tail: a challenge in words first, and a lock per number,
 * on every path. */
#include "app/site_fixture.h"
#include "engine/item/item.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct known {
    const struct realm *r;
    int64_t case_id;
    struct str number, tail, company_tail;
};

static struct str last_four(struct str s) {
    return str_sub(s, s.len - 4, 4);
}

static int know_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct known *k = job->arg;
    struct item_case c;
    struct val *prefill;
    int rc = item_case_get(tx, k->r, NULL, k->case_id, &c, e);
    if (!rc) rc = item_prefill(tx, k->r, c.system, c.person, c.company, &prefill, e);
    if (rc) return rc;
    k->number = c.number;
    k->tail = last_four(val_text(val_path(prefill, S("applicant.citizen_id"))));
    struct str uscc = val_text(val_path(prefill, S("company.uscc")));
    k->company_tail = uscc.len > 4 ? last_four(uscc) : S("");
    return 0;
}

static struct known submitted(struct site *s, const char *steps) {
    struct known k = { .r = &s->city->app->realm };
    struct err e = { 0 };
    if (city_fixture_play(s->city, steps, &k.case_id, &e)) fail_msg("%s %s", e.field, e.detail);
    assert_int_equal(city_fixture_read(s->city, know_body, &k, NULL), 0);
    k.number = arena_str(&s->arena, k.number);
    k.tail = arena_str(&s->arena, k.tail);
    k.company_tail = arena_str(&s->arena, k.company_tail);
    return k;
}

static const char *const of_a_person = "  - {who: citizen, do: apply, item: residence-proof}\n"
                                       "  - {who: citizen, do: answer, page: registered, with: {purpose: \"1\", recipient: 样校}}\n"
                                       "  - {who: citizen, do: submit}\n";
static const char *const of_a_company = CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT;

/* What a person does with the question on the page. */
static struct str answer_of(struct site *s, struct str page) {
    static const char *const zh[] = { "", "一", "二", "三", "四", "五", "六", "七", "八", "九" };
    static const char *const fruits[] = { "苹果", "香蕉", "葡萄", "西瓜", "桃子", "草莓", NULL };
    size_t at = str_find(page, S("<label for=\"answer\">"), 0);
    assert_true(at != SIZE_MAX);
    struct str label = str_sub(page, at + 20, str_find(page, S("</label>"), at) - at - 20);
    for (const char *const *f = fruits; *f; f++)
        if (str_find(label, str_of(*f), 0) != SIZE_MAX) return str_of(*f);
    for (int a = 1; a < 10; a++)
        for (int b = 1; b < 10; b++)
            if (str_eq(label, arena_fmt(&s->arena, "%s加%s等于几？", zh[a], zh[b]))) return arena_fmt(&s->arena, "%d", a + b);
    fail_msg("%.*s", STR_ARG(label));
    return S("");
}

static struct str try_with(struct visitor *v, struct str number, struct str tail, struct str answer) {
    return site_post(v, "/zh/progress",
                     arena_fmt(&v->site->arena, "number=%.*s&tail=%.*s&challenge=%.*s&answer=%.*s", STR_ARG(number), STR_ARG(tail),
                               STR_ARG(v->challenge), STR_ARG(answer))
                         .ptr);
}

static struct str try_tail(struct site *s, struct str number, const char *tail) {
    struct visitor v = { .site = s };
    struct str page = site_get(&v, "/zh/progress?kind=word");
    return try_with(&v, number, str_of(tail), answer_of(s, page));
}

static void test_f22_the_challenge_comes_first(void **state) {
    SITE(s);
    struct known k = submitted(s, of_a_person);
    struct visitor v = { .site = s };
    struct str page = site_get(&v, "/zh/progress"), right = answer_of(s, page);
    assert_true(site_has(page, "登录后看自己的办件") && site_has(page, "kind=word"));
    struct str wrong = try_with(&v, k.number, k.tail, S("1000"));
    assert_int_equal(site_status(wrong), 422);
    assert_true(site_has(wrong, "id=\"answer-error\"") && site_lacks(wrong, "id=\"number-error\""));
    assert_true(site_has(wrong, arena_fmt(&s->arena, "name=\"number\" value=\"%.*s\"", STR_ARG(k.number)).ptr)); /* kept */
    assert_int_equal(site_status(try_with(&v, k.number, k.tail, S(""))), 422);
    struct str hostile = try_with(&v, k.number, k.tail, S("九%E2%80%AE")); /* one sentence for one field */
    assert_true(site_has(hostile, "<a href=\"#answer\">答题：有不能使用的字符") && site_lacks(hostile, "请回答这道题"));
    v.challenge = S("");
    assert_int_equal(site_status(try_with(&v, k.number, k.tail, right)), 422);
    page = site_get(&v, "/zh/progress");
    struct str proof = v.challenge, answer = answer_of(s, page);
    struct str shown = try_with(&v, k.number, k.tail, answer);
    assert_int_equal(site_status(shown), 303);
    assert_true(site_lacks(shown, arena_cstr(&s->arena, k.tail))); /* neither in the address nor in a cookie */
    struct str rail = site_get(&v, arena_fmt(&s->arena, "/zh%.*s", STR_ARG(site_location(shown))).ptr + 3);
    assert_int_equal(site_status(rail), 200);
    assert_true(site_has(rail, "办理进度"));
    (void)site_get(&v, "/zh/progress");
    v.challenge = proof; /* once used, used */
    struct str again = try_with(&v, k.number, k.tail, answer);
    assert_int_equal(site_status(again), 422);
    assert_true(site_has(again, "这道题已经用过"));
    page = site_get(&v, "/zh/progress"); /* and old is old */
    answer = answer_of(s, page);
    os_clock_advance(11 * 60000);
    assert_int_equal(site_status(try_with(&v, k.number, k.tail, answer)), 422);
}

/* Answers in words, in the reader's language and in full-width figures. */
static void test_f22_answers_as_people_write_them(void **state) {
    static const char *const sums[] = { "", "", "2", "３", "四", "5", "六", "七", "8", "九", "10", "十一", "12", "13", "14", "15", "16", "17",
                                        "十八" };
    SITE(s);
    struct known k = submitted(s, of_a_person);
    for (int i = 0; i < 8; i++) {
        struct visitor v = { .site = s };
        struct str page = site_get(&v, "/zh/progress?kind=sum");
        int64_t n = 0;
        (void)str_to_i64(answer_of(s, page), &n);
        assert_int_equal(site_status(try_with(&v, k.number, k.tail, str_of(sums[n]))), 303);
    }
}

/* Five wrong tails lock the number for everybody, known or not, in the same words; a right one before clears them. */
static void test_f22_five_wrong_tails_lock_the_number(void **state) {
    SITE(s);
    struct known k = submitted(s, of_a_person);
    const char *right = arena_cstr(&s->arena, k.tail);
    struct str numbers[] = { k.number, S("20200101-000001-1") }, locked[2];
    for (int i = 0; i < 4; i++) assert_int_equal(site_status(try_tail(s, k.number, "000X")), 422);
    assert_int_equal(site_status(try_tail(s, k.number, right)), 303);
    for (int n = 0; n < 2; n++) {
        for (int i = 0; i < 5; i++) {
            struct str page = try_tail(s, numbers[n], "000X");
            assert_int_equal(site_status(page), 422);
            assert_true(site_has(page, "编号和证件号末四位对不上"));
        }
        locked[n] = try_tail(s, numbers[n], right);
        assert_int_equal(site_status(locked[n]), 429);
        assert_true(site_has(locked[n], "已暂时锁定"));
    }
    os_clock_advance(16 * 60000);
    assert_int_equal(site_status(try_tail(s, k.number, right)), 303);
}

/* The page itself judges no tail: what a browser claims to have is worth nothing. */
static void test_f22_no_other_path_judges_tails(void **state) {
    SITE(s);
    struct known k = submitted(s, of_a_person);
    struct visitor v = { .site = s };
    v.cookie[v.n_cookies++] = ARENA_CAT(&s->arena, S("progress="), k.tail);
    const char *path = arena_fmt(&s->arena, "/zh/progress/%.*s", STR_ARG(k.number)).ptr;
    assert_int_equal(site_status(site_get(&v, path)), 303);
    v.cookie[0] = S("progress=99999999999999.AAAA");
    assert_int_equal(site_status(site_get(&v, path)), 303);
    /* proof of one number is none of another */
    struct known other = submitted(s, of_a_person);
    struct visitor w = { .site = s };
    struct str page = site_get(&w, "/zh/progress");
    assert_int_equal(site_status(try_with(&w, other.number, other.tail, answer_of(s, page))), 303);
    assert_int_equal(site_status(site_get(&w, arena_fmt(&s->arena, "/zh/progress/%.*s", STR_ARG(other.number)).ptr)), 200);
    assert_int_equal(site_status(site_get(&w, path)), 303);
    os_clock_advance(11 * 60000);
    assert_int_equal(site_status(site_get(&w, arena_fmt(&s->arena, "/zh/progress/%.*s", STR_ARG(other.number)).ptr)), 303);
}

/* A company's tail is that of the person who acted for it; its own code is public and opens nothing. */
static void test_f22_a_companys_tail_is_no_public_code(void **state) {
    SITE(s);
    struct known k = submitted(s, of_a_company);
    assert_int_equal(k.company_tail.len, 4);
    assert_int_equal(site_status(try_tail(s, k.number, arena_cstr(&s->arena, k.company_tail))), 422);
    assert_int_equal(site_status(try_tail(s, k.number, arena_cstr(&s->arena, k.tail))), 303);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f22_the_challenge_comes_first),
        cmocka_unit_test(test_f22_answers_as_people_write_them),
        cmocka_unit_test(test_f22_five_wrong_tails_lock_the_number),
        cmocka_unit_test(test_f22_no_other_path_judges_tails),
        cmocka_unit_test(test_f22_a_companys_tail_is_no_public_code),
    };
    return SITE_FIXTURE_RUN("progress", tests);
}
