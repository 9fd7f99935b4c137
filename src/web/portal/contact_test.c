/* contact: C12 over HTTP, on both stores: what is offered with and without a gateway, a wrong code,
 * five of them, choices that are kept, and how a message left; the operator's list shows no more
 * than he needs.
 */
#include "app/message_fixture.h"
#include "app/site_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PAGE "/zh/space/contacts"

static struct visitor enter(struct site *s, const char *login) {
    struct visitor v = { .site = s };
    os_clock_advance(60 * 60 *
                     INT64_C(1000)); /* counts of codes and tries of the test before are over */
    site_sign_in(&v, login);
    return v;
}

static struct str post(struct visitor *v, const char *fields) {
    assert_int_equal(site_status(site_get(v, PAGE)), 200);
    return site_post(v, PAGE, fields);
}

static void test_without_a_gateway(void **state) {
    SITE(s);
    struct visitor v = enter(s, "citizen");
    s->city->app->realm.gateways = 0;
    struct str page = site_get(&v, PAGE);
    assert_true(site_has(page, "没有接通短信和邮件"));
    assert_true(site_lacks(page, "发送验证码"));
    (void)site_get(&v, "/zh/password"); /* the page has no form: a token from elsewhere */
    assert_int_equal(site_status(site_post(&v, PAGE, "do=send&channel=mail&mail=a@example.com")), 409);
    s->city->app->realm.gateways = (1u << NOTIFY_CHANNELS) - 1;
    assert_int_equal(site_status(post(&v, "do=nothing")), 400);
    assert_int_equal(site_status(post(&v, "do=send&channel=pigeon")), 400);
}

static void test_codes(void **state) {
    SITE(s);
    struct visitor v = enter(s, "citizen");
    s->city->app->realm.gateways = (1u << NOTIFY_CHANNELS) - 1;
    assert_true(site_has(post(&v, "do=send&channel=mail&mail="), "请填写"));
    struct str reply = post(&v, "do=send&channel=mail&mail=no-address");
    assert_int_equal(site_status(reply), 422);
    assert_true(site_has(reply, "name@example.com"));
    assert_int_equal(site_status(post(&v, "do=send&channel=sms&sms=1380000")), 422);
    assert_int_equal(site_status(post(&v, "do=confirm&channel=mail&mail-code=123456")),
                     409); /* none was asked for */
    assert_int_equal(site_status(post(&v, "do=send&channel=sms&sms=13800000042")), 303);
    struct str page = site_get(&v, PAGE);
    assert_true(site_has(page, "验证码已发往 138****0042"));
    assert_true(site_lacks(page, "13800000042"));
    for (int i = 0; i < NOTIFY_CODE_TRIES; i++) {
        reply = post(&v, "do=confirm&channel=sms&sms-code=wrong");
        assert_int_equal(site_status(reply), 422);
        assert_true(site_has(reply, "验证码不对或已过期"));
    }
    reply = post(&v, "do=confirm&channel=sms&sms-code=wrong");
    assert_int_equal(site_status(reply), 429);
    assert_true(site_has(reply, "15 分钟"));
    assert_int_equal(site_status(post(&v, "do=drop&channel=sms")), 303);
    assert_true(site_lacks(site_get(&v, PAGE), "138****0042"));
    (void)message_fixture_refuse(s->city); /* nothing is left to be sent */
}

static void test_choices(void **state) {
    SITE(s);
    struct visitor v = enter(s, "citizen");
    s->city->app->realm.gateways = (1u << NOTIFY_CHANNELS) - 1;
    struct str page = site_get(&v, PAGE);
    assert_true(site_has(page, "按本市的规定：22:00–07:30"));
    assert_true(site_has(page, "value=\"mail-normal\" checked"));
    assert_int_equal(site_status(post(&v, "do=choose&lang=en&quiet=own&from=25:00&until=7")), 422);
    assert_int_equal(site_status(post(&v, "do=choose&lang=en&quiet=now")), 422);
    assert_int_equal(
        site_status(
            post(&v, "do=choose&lang=en&quiet=own&from=21:15&until=8:05&on=sms-bulk&on=mail-bulk")),
        303);
    page = site_get(&v, PAGE);
    assert_true(site_has(page, "value=\"21:15\"") && site_has(page, "value=\"08:05\""));
    assert_true(site_has(page, "value=\"mail-bulk\" checked") &&
                site_has(page, "value=\"sms-bulk\" checked"));
    assert_true(site_lacks(page, "value=\"mail-normal\" checked") &&
                site_has(page, "value=\"en\" checked"));
    assert_int_equal(site_status(post(&v, "do=choose&lang=zh&quiet=default&on=mail-normal")), 303);
}

static void test_how_it_left(void **state) {
    SITE(s);
    struct visitor v = enter(s, "company"), system = { .site = s };
    struct actor person;
    city_fixture_actor(s->city, "company", &person);
    message_fixture_verify(s->city, &person, NOTIFY_MAIL, "neighbour@example.com");
    message_fixture_send(s->city, &person, "finished");
    assert_true(site_has(site_get(&v, "/zh/space/messages"), "等待发送"));
    int64_t id = message_fixture_refuse(s->city);
    assert_true(id > 0);
    struct str page = site_get(&v, "/zh/space/messages");
    assert_true(site_has(page, "被拒收") && site_has(page, "n***@example.com"));
    assert_true(site_has(site_get(&v, "/en/space"), "Refused"));
    site_sign_in(&system, "system");
    page = site_get(&system, "/zh/admin/messages?state=failed&channel=mail");
    assert_true(site_has(page, "n***@example.com") && site_has(page, "550 refused"));
    assert_true(site_lacks(page, "neighbour@") &&
                site_lacks(page, "已办结")); /* neither address nor text */
    assert_true(
        site_lacks(site_get(&system, "/zh/admin/messages?state=failed&channel=sms"), "n***@"));
    assert_true(
        site_has(site_get(&system, "/zh/admin/messages/export?state=failed"), "550 refused"));
    (void)site_get(&system, "/zh/admin/messages");
    struct str fields = arena_fmt(&s->arena, "pick=%lld", (long long)id);
    assert_int_equal(
        site_status(site_post(&system, "/zh/admin/messages", arena_cstr(&s->arena, fields))), 303);
    assert_true(site_has(site_get(&v, "/zh/space/messages"), "等待发送"));
    assert_true(
        site_lacks(site_get(&system, "/zh/admin/messages?state=failed&channel=mail"), "n***@"));
    assert_int_equal(site_status(site_get(&v, "/zh/admin/messages")), 403);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_gateway),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_how_it_left),
    };
    return SITE_FIXTURE_RUN("contact", tests);
}
