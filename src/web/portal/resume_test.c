/* A12: a draft is gone on with by its number and a code to the phone of who began it, over HTTP, on both stores: what that opens, that it
 * opens nothing else, and that nothing tells what is known.
 */
#include "app/message_fixture.h"
#include "app/routes.h"
#include "app/site_fixture.h"
#include "engine/identity/identity.h"
#include "engine/item/item_intake.h"
#include "engine/item/item_resume.h"
#include "engine/record/record.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PHONE "13800000042"
#define VISITOR_PHONE "13800000077"

struct draft {
    int64_t id;
    struct str number;
};

static const char *path_of(struct site *s, const char *tail, int64_t id) {
    return arena_fmt(&s->arena, "/zh/case/%lld%s", (long long)id, tail).ptr;
}

/* The company's restaurant, begun and half filled in on another device; its legal person's phone is verified. */
static struct draft begun(struct site *s) {
    static bool verified[2];
    struct draft d;
    struct actor who;
    struct err e = { 0 };
    os_clock_advance(60 * 60 * INT64_C(1000)); /* counts of the test before are over */
    s->city->app->realm.gateways = (1u << NOTIFY_CHANNELS) - 1;
    city_fixture_actor(s->city, "company", &who);
    if (!verified[s->city->postgres]) message_fixture_verify(s->city, &who, NOTIFY_SMS, PHONE);
    verified[s->city->postgres] = true;
    if (city_fixture_play(s->city, CITY_SHOP_APPLY
                          "  - {who: company, do: answer, page: company, with: {shop_name: 津样小馆}}\n", &d.id, &e))
        fail_msg("%s %s", e.field, e.detail);
    d.number = item_draft_number(&s->arena, d.id);
    return d;
}

static struct str ask(struct visitor *v, struct str number, const char *phone) {
    (void)site_get(v, "/zh/resume");
    return site_post(v, "/zh/resume", arena_fmt(&v->site->arena, "number=%.*s&phone=%s", STR_ARG(number), phone).ptr);
}

static struct str say(struct visitor *v, struct str number, struct str code) {
    const char *path = arena_fmt(&v->site->arena, "/zh/resume/%.*s", STR_ARG(number)).ptr;
    (void)site_get(v, path);
    return site_post(v, path, arena_fmt(&v->site->arena, "code=%.*s", STR_ARG(code)).ptr);
}

static struct visitor resumed(struct site *s, const struct draft *d, const char *phone) {
    struct visitor v = { .site = s };
    assert_int_equal(site_status(ask(&v, d->number, phone)), 303);
    struct str code = message_fixture_code(s->city, phone), reply = say(&v, d->number, code);
    assert_int_equal(site_status(reply), 303);
    assert_string_equal(arena_cstr(&s->arena, site_location(reply)), path_of(s, "/fill", d->id));
    return v;
}

static void test_a_number_tells_that_it_was_mistyped(void **state) {
    static const int64_t ids[] = { 1, 30, 31, INT64_C(7527600000000000), INT64_MAX };
    SITE(s);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct str n = item_draft_number(&s->arena, ids[i]);
        int64_t id = 0;
        assert_int_equal(n.len, 16);
        assert_true(item_draft_number_read(&s->arena, n, &id) && id == ids[i]);
        for (size_t k = 0; k < n.len; k++)
            for (const char *c = "0123456789ABCDEFGHJKMNPQRSTVWXY"; *c; c++) {
                char *wrong = arena_cstr(&s->arena, n);
                if (wrong[k] == '-' || wrong[k] == *c) continue;
                wrong[k] = *c;
                assert_false(item_draft_number_read(&s->arena, str_of(wrong), &id));
            }
    }
    int64_t id = 0;
    struct str n = item_draft_number(&s->arena, ids[3]);
    char *small = arena_cstr(&s->arena, n);
    for (char *c = small; *c; c++) *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c == '-' ? ' ' : *c;
    assert_true(item_draft_number_read(&s->arena, str_of(small), &id) && id == ids[3]); /* as people write it */
    assert_false(item_draft_number_read(&s->arena, S(""), &id));
    assert_false(item_draft_number_read(&s->arena, S("YYYYYYYYYYYYYY"), &id));
}

static void test_the_draft_is_filled_in_on_another_device(void **state) {
    SITE(s);
    struct draft d = begun(s);
    struct visitor own = { .site = s };
    site_sign_in(&own, "company");
    struct visitor v = resumed(s, &d, PHONE);
    struct str tasks = site_get(&v, path_of(s, "/fill", d.id));
    assert_int_equal(site_status(tasks), 200);
    assert_true(site_has(tasks, "只能填写这一份申请") && site_has(tasks, arena_cstr(&s->arena, d.number)));
    assert_true(site_lacks(tasks, "/consent") && site_lacks(tasks, "我的空间"));
    struct str page = site_get(&v, path_of(s, "/fill/company", d.id));
    assert_true(site_has(page, "津样小馆")); /* what was typed, to go on with */
    struct str next = site_post(&v, path_of(s, "/fill/company", d.id), "shop_name=津样大馆&act=go");
    assert_int_equal(site_status(next), 303);
    assert_true(str_find(site_location(next), S("/fill/premises"), 0) != SIZE_MAX); /* the same place */
    (void)site_get(&v, path_of(s, "/material/floor-plan", d.id));
    assert_int_equal(site_status(site_upload(&v, path_of(s, "/material/floor-plan", d.id), "file", "plan.pdf",
                                             S("%PDF-1.4\n1 0 obj\n%%EOF\n"))), 303);
    /* who signed in on the first device sees it, and from where */
    struct str devices = site_get(&own, "/zh/space/devices");
    assert_true(site_has(devices, "凭草稿编号"));
    /* and it is over when it is ended here */
    (void)site_get(&v, "/zh/sign-out");
    assert_int_equal(site_status(site_post(&v, "/zh/sign-out", "")), 303);
    assert_int_equal(site_status(site_get(&v, path_of(s, "/fill", d.id))), 303);
}

/* Of every page of the program that is looked at, but those that fill in the draft: what nobody is answered, he is answered. */
static void test_it_opens_that_draft_and_nothing_else(void **state) {
    static const char *const of_draft[] = { "B5", "B6", "B6d", "B7", "B7r", "B8" };
    SITE(s);
    struct draft d = begun(s);
    struct visitor v = resumed(s, &d, PHONE), nobody = { .site = s };
    const char *here = arena_cstr(&s->arena, arena_i64(&s->arena, d.id));
    int asked = 0;
    for (size_t i = 0; i < app_n_routes; i++) {
        const struct route *r = &app_routes[i];
        bool own = false, stream = strcmp(r->path, "/events") == 0;
        for (size_t k = 0; k < sizeof of_draft / sizeof *of_draft; k++) own |= strcmp(r->id, of_draft[k]) == 0;
        if (r->method != HTTP_GET || own || stream || strcmp(r->path, "/sign-out") == 0) continue;
        struct buf b;
        buf_init(&b, &s->arena, 256, 4096);
        buf_add(&b, S("/zh"));
        for (const char *c = r->path; *c; c++) { /* {case} is the draft, and whatever else is asked for is so too */
            if (*c != '{') {
                buf_add_char(&b, *c);
                continue;
            }
            bool item = strncmp(c, "{item}", 6) == 0;
            buf_add(&b, item ? S("restaurant") : str_of(here));
            while (*c != '}') c++;
        }
        const char *path = arena_cstr(&s->arena, buf_str(&b));
        struct str his = site_get(&v, path), theirs = site_get(&nobody, path);
        if (site_status(his) != site_status(theirs) || !str_eq(site_location(his), site_location(theirs)))
            fail_msg("%s: %d, not %d", path, site_status(his), site_status(theirs));
        asked++;
    }
    assert_true(asked > 100);
    struct draft other = { .number = S("") }; /* somebody else's */
    struct err e = { 0 };
    if (city_fixture_play(s->city, "  - {who: citizen, do: apply, item: residence-proof}\n", &other.id, &e)) fail_msg("%s", e.detail);
    assert_int_equal(site_status(site_get(&v, path_of(s, "/fill", other.id))), 303);
    assert_int_equal(site_status(site_get(&v, path_of(s, "/fill", d.id))), 200);
}

static int known_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct city_look *l = job->arg;
    struct item_case c;
    int rc = item_case_get(tx, l->r, NULL, l->case_id, &c, e);
    return rc ? rc : item_prefill(tx, l->r, c.system, c.person, c.company, &l->view, e);
}

/* What the registries say is masked, and it is neither submitted nor thrown away. */
static void test_registries_stay_masked_and_nothing_is_submitted(void **state) {
    SITE(s);
    struct draft d = begun(s);
    struct visitor v = resumed(s, &d, PHONE);
    struct city_look l = { .r = &s->city->app->realm, .case_id = d.id };
    assert_int_equal(city_fixture_read(s->city, known_body, &l, NULL), 0);
    struct str legal = val_text(val_path(l.view, S("applicant.citizen_id")));
    assert_true(legal.len == 18);
    struct str page = site_get(&v, path_of(s, "/fill/company", d.id));
    assert_int_equal(site_status(page), 200);
    assert_true(site_lacks(page, arena_cstr(&s->arena, legal)));
    struct str to_check = site_get(&v, path_of(s, "/check", d.id));
    assert_int_equal(site_status(to_check), 303);
    assert_true(str_find(site_location(to_check), S("/sign-in"), 0) != SIZE_MAX);
    struct str sign_in = site_get(&v, arena_cstr(&s->arena, site_location(to_check)));
    assert_true(site_has(sign_in, "这一步要登录") && site_lacks(sign_in, "登录已过期"));
    (void)site_get(&v, path_of(s, "/fill/company", d.id));
    assert_int_equal(site_status(site_post(&v, path_of(s, "/check", d.id), "declared=yes")), 303);
    (void)site_get(&v, path_of(s, "/fill/company", d.id));
    assert_int_equal(site_status(site_post(&v, "/zh/apply/restaurant", "act=anew")), 303);
    city_fixture_look(s->city, &l, d.id, "");
    assert_true(str_eq(l.c.state, S("draft")));
}

/* Known or not, right or wrong: the same answers and the same limits, and no message to a phone that is only typed. */
static void test_nothing_tells_what_is_known(void **state) {
    SITE(s);
    struct draft d = begun(s);
    struct str made_up = item_draft_number(&s->arena, INT64_C(7000000000000000000));
    const struct {
        struct str number;
        const char *phone;
    } pairs[] = { { d.number, "13900000001" }, { made_up, PHONE }, { made_up, "13900000001" } };
    for (size_t i = 0; i < 3; i++) {
        struct visitor v = { .site = s };
        struct str reply = ask(&v, pairs[i].number, pairs[i].phone);
        assert_int_equal(site_status(reply), 303);
        assert_string_equal(arena_cstr(&s->arena, site_location(reply)),
                            arena_fmt(&s->arena, "/zh/resume/%.*s", STR_ARG(pairs[i].number)).ptr);
        assert_int_equal(message_fixture_code(s->city, pairs[i].phone).len, 0);
        assert_int_equal(message_fixture_code(s->city, PHONE).len, 0);
        assert_true(site_has(say(&v, pairs[i].number, S("123456")), "验证码不对或已过期"));
    }
    os_clock_advance(16 * 60000);
    struct str numbers[] = { d.number, made_up };
    for (size_t i = 0; i < 2; i++) {
        struct visitor v = { .site = s };
        assert_int_equal(site_status(ask(&v, numbers[i], PHONE)), 303);
        struct str code = message_fixture_code(s->city, PHONE);
        for (int k = 0; k < NOTIFY_CODE_TRIES; k++) assert_int_equal(site_status(say(&v, numbers[i], S("wrong"))), 422);
        assert_int_equal(site_status(say(&v, numbers[i], code.len ? code : S("123456"))), 429);
        for (int k = 1; k < NOTIFY_CODE_TRIES; k++) assert_int_equal(site_status(ask(&v, numbers[i], PHONE)), 303);
        assert_true(site_has(ask(&v, numbers[i], PHONE), "验证码要得太多"));
    }
}

/* A code that was read over somebody's shoulder is worth nothing in another browser, once used, or after ten minutes. */
static void test_a_code_is_this_browsers_and_serves_once(void **state) {
    SITE(s);
    struct draft d = begun(s);
    struct visitor v = { .site = s }, w = { .site = s };
    assert_int_equal(site_status(ask(&v, d.number, PHONE)), 303);
    struct str code = message_fixture_code(s->city, PHONE);
    assert_int_equal(code.len, 6);
    struct visitor forged = v; /* a form without our token is refused, not led elsewhere, whatever the number */
    forged.csrf = S("made-up");
    assert_int_equal(site_status(site_post(&forged, "/zh/resume/1", "code=1")), 403);
    assert_int_equal(site_status(say(&w, d.number, code)), 422);
    assert_int_equal(site_status(ask(&w, d.number, "13900000001")), 303); /* another phone's pass */
    assert_int_equal(site_status(say(&w, d.number, code)), 422);
    assert_int_equal(site_status(say(&v, d.number, code)), 303);
    struct visitor again = { .site = s };
    assert_int_equal(site_status(ask(&again, d.number, PHONE)), 303);
    assert_int_equal(site_status(say(&again, d.number, code)), 422);
    code = message_fixture_code(s->city, PHONE);
    os_clock_advance(11 * 60000);
    assert_int_equal(site_status(say(&again, d.number, code)), 422);
    /* a submitted one is no draft */
    struct draft gone = { .number = S("") };
    struct err e = { 0 };
    if (city_fixture_play(s->city, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT, &gone.id, &e)) fail_msg("%s %s", e.field, e.detail);
    assert_int_equal(site_status(ask(&again, item_draft_number(&s->arena, gone.id), PHONE)), 303);
    assert_int_equal(message_fixture_code(s->city, PHONE).len, 0);
}

struct walk_in {
    const struct realm *r;
    struct actor clerk;
    struct item_visit v;
    struct item_intake in;
    int64_t id;
};

static int find_visitor(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct walk_in *w = job->arg;
    return item_visitor_find(tx, w->r, &w->clerk, S("120101199003070005"), &w->v.person, e);
}
static int take_notice(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct walk_in *w = job->arg;
    struct val *errors;
    w->in.answers = val_map(job->arena);
    return item_intake_put(tx, w->r, &w->clerk, &w->v, &w->in, &w->id, &errors, e);
}

/* Begun at a window by somebody without an account: the phone is the registry's. */
static void test_a_window_visitor_without_an_account(void **state) {
    SITE(s);
    struct walk_in w = { .r = &s->city->app->realm, .in = { .agree = true, .notice = true } };
    int64_t ignored = 0;
    struct err e = { 0 };
    os_clock_advance(60 * 60 * INT64_C(1000));
    s->city->app->realm.gateways = (1u << NOTIFY_CHANNELS) - 1;
    if (city_fixture_play(s->city,
                          "  - {who: population-registrar, do: put, record: person, source: 本人申报,\n"
                          "     with: {name: 样新生, citizen_id: '120101199003070005', sex: '1', birth_date: '1990-03-07',\n"
                          "       division: '120101', phone: '" VISITOR_PHONE "'}}\n", &ignored, &e))
        fail_msg("%s %s", e.field, e.detail);
    city_fixture_actor(s->city, "window", &w.clerk);
    w.v.type = realm_find(w.r, SYSTEM_ITEM, S("residence-proof"), &w.v.system);
    assert_int_equal(city_fixture_run(s->city, find_visitor, &w, &e), 0);
    assert_int_equal(city_fixture_run(s->city, take_notice, &w, &e), 0);
    struct draft d = { .id = w.id, .number = item_draft_number(&s->arena, w.id) };
    struct visitor v = resumed(s, &d, VISITOR_PHONE);
    struct str page = site_get(&v, path_of(s, "/fill/registered", d.id));
    assert_int_equal(site_status(page), 200);
    assert_true(site_lacks(page, "120101199003070005") && site_lacks(page, "样新生"));
    assert_true(site_has(page, "样*"));
    assert_int_equal(site_status(site_post(&v, path_of(s, "/fill/registered", d.id), "purpose=1&recipient=样校&act=go")), 303);
    struct city_look l = { 0 };
    city_fixture_look(s->city, &l, d.id, "");
    assert_true(str_eq(val_get_str(val_get(l.c.body, S("answers")), S("recipient")), S("样校")));
    os_clock_advance(31 * 60000); /* an idle session ends */
    assert_int_equal(site_status(site_get(&v, path_of(s, "/fill", d.id))), 303);
}

/* The page says what cannot be done here, before anything is typed. */
static void test_who_is_signed_in_and_where_no_sms_leaves(void **state) {
    SITE(s);
    struct draft d = begun(s);
    struct visitor own = { .site = s }, v = { .site = s };
    site_sign_in(&own, "company");
    struct str page = site_get(&own, "/zh/resume");
    assert_true(site_has(page, "看我的办件") && site_lacks(page, "name=\"phone\""));
    (void)site_get(&own, "/zh/identity");
    struct str refused = ask(&own, d.number, PHONE);
    assert_int_equal(site_status(refused), 409);
    const char *code_page = arena_fmt(&s->arena, "/zh/resume/%.*s", STR_ARG(d.number)).ptr;
    assert_string_equal(arena_cstr(&s->arena, site_location(site_get(&own, code_page))), "/zh/resume");
    (void)site_get(&v, "/zh/resume");
    struct str wrong = ask(&v, S("1234"), "1380000");
    assert_int_equal(site_status(wrong), 422);
    assert_true(site_has(wrong, "id=\"number-error\"") && site_has(wrong, "id=\"phone-error\"")); /* all at once */
    assert_true(site_has(wrong, "value=\"1380000\""));
    s->city->app->realm.gateways = 0;
    assert_true(site_has(site_get(&v, "/zh/resume"), "没有接通短信"));
    assert_string_equal(arena_cstr(&s->arena, site_location(site_get(&v, code_page))), "/zh/resume");
    s->city->app->realm.gateways = (1u << NOTIFY_CHANNELS) - 1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_tells_that_it_was_mistyped),
        cmocka_unit_test(test_the_draft_is_filled_in_on_another_device),
        cmocka_unit_test(test_it_opens_that_draft_and_nothing_else),
        cmocka_unit_test(test_registries_stay_masked_and_nothing_is_submitted),
        cmocka_unit_test(test_nothing_tells_what_is_known),
        cmocka_unit_test(test_a_code_is_this_browsers_and_serves_once),
        cmocka_unit_test(test_a_window_visitor_without_an_account),
        cmocka_unit_test(test_who_is_signed_in_and_where_no_sms_leaves),
    };
    return SITE_FIXTURE_RUN("resume", tests);
}
