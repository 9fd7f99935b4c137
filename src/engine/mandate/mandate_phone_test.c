/* mandate by phone: offered to whoever proves a phone and bears the name; the giver learns nothing of whose it is, and nobody else of
 * the offer; on both stores, in a city.
 */
#include "engine/mandate/mandate.h"

#include "app/message_fixture.h"
#include "engine/notify/notify.h"
#include "engine/record/record.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct step {
    const struct realm *r;
    struct actor who, to;
    struct mandate_offer o;
    int64_t id, other, unread, principal;
    bool yes;
    struct val *view, *list;
    size_t n, others;
};

static int give_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return mandate_give(tx, x->r, &x->who, &x->o, &x->id, e);
}
static int answer_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return mandate_answer(tx, x->r, &x->who, x->id, x->yes, e);
}
static int end_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return mandate_end(tx, x->r, &x->who, x->id, e);
}
static int view_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct identity_mandate row;
    return mandate_view(tx, x->r, &x->who, x->id, S("zh"), &x->view, &row, e);
}
static int stand_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return identity_stand(tx, x->r, &x->who, x->principal, e);
}
static int unread_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    return notify_unread(tx, x->r, x->to.account, &x->unread, e);
}

/* Name of a person, as the registry has it. */
static int who_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct record rec;
    int rc = record_get(tx, x->r, realm_find(x->r, SYSTEM_RECORD, S("person"), NULL), x->to.person, &rec, e);
    x->o.name = val_get_str(rec.values, S("name"));
    return rc;
}

static int run(const struct city *c, store_body *body, struct step *x) {
    struct err e = { 0 };
    int rc = city_fixture_run(c, body, x, &e);
    if (rc == ERR_DEFECT || rc == ERR_SYSTEM) print_error("%s %s\n", err_name(rc), e.detail);
    return rc;
}

/* The same step, by him who was named, standing for himself. */
static struct step other_side(const struct step *x) {
    struct step y = *x;
    y.who = x->to;
    y.to = x->who;
    y.yes = true;
    y.who.on_behalf = 0;
    y.who.standing = S("");
    return y;
}

#define HIS_PHONE "13800000041"

static int contact_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct notify_contact own;
    int rc = notify_contact_get(tx, x->r, x->to.account, NOTIFY_SMS, &own, e);
    x->yes = !rc && own.value.len > 0;
    return rc;
}

static int held_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct step *x = job->arg;
    struct mandate_query q = { .given = x->other != 0, .back = x->yes, .max = 50 };
    int rc = mandate_list(tx, x->r, &x->who, &q, S("zh"), &x->list, e);
    x->n = x->others = 0;
    for (size_t i = 0; !rc && i < val_count(x->list); i++) {
        const struct val *v = val_item(x->list, i);
        if (val_get_i64(v, S("id"), 0) == x->id) x->n++, x->others += val_get_bool(v, S("may_accept"), false);
    }
    return rc;
}

/* Offered to a phone, as `to` is called or as another is. */
static struct step offer_phone(const struct city *c, const char *from, const char *to, const char *phone) {
    struct step x = { .r = &c->app->realm };
    city_fixture_actor(c, to, &x.to);
    city_fixture_actor(c, from, &x.who);
    assert_int_equal(city_fixture_read(c, who_body, &x, NULL), 0);
    x.o.standing = S("viewer");
    x.o.months = 12;
    x.o.agreed = true;
    x.o.citizen_id = S("");
    x.o.phone = str_of(phone);
    x.principal = actor_owner(&x.who);
    return x;
}

static size_t sees(const struct city *c, struct step x, bool giver, bool back) {
    x.other = giver;
    x.yes = back;
    assert_int_equal(city_fixture_read(c, held_body, &x, NULL), 0);
    return x.n;
}

static void test_offered_to_a_phone(void **state) {
    CITY(c);
    struct step x = offer_phone(c, "citizen", "company", HIS_PHONE), y;
    struct err e = { 0 };
    assert_int_equal(city_fixture_read(c, contact_body, &x, NULL), 0);
    if (!x.yes) message_fixture_verify(c, &x.to, NOTIFY_SMS, HIS_PHONE);
    /* whoever has that phone, or nobody, or one of another name: the answer is one, and nobody is told */
    static const char *const phones[] = { HIS_PHONE, "13800000042", "138 0000 0043" };
    int64_t ids[3];
    y = other_side(&x);
    y.to = x.to;
    assert_int_equal(city_fixture_read(c, unread_body, &y, NULL), 0);
    int64_t unread = y.unread;
    for (size_t i = 0; i < 3; i++) {
        x.o.phone = str_of(phones[i]);
        assert_int_equal(run(c, give_body, &x), 0);
        ids[i] = x.id;
    }
    assert_int_equal(city_fixture_read(c, unread_body, &y, NULL), 0);
    assert_int_equal(y.unread, unread);
    /* the giver sees them, by a masked number; the same again is refused, by his own list alone */
    for (size_t i = 0; i < 3; i++) {
        x.id = ids[i];
        assert_int_equal(sees(c, x, true, false), 1);
        assert_int_equal(city_fixture_read(c, view_body, &x, NULL), 0);
        assert_true(str_starts(val_get_str(x.view, S("phone")), S("138****00")));
        assert_false(val_get_bool(x.view, S("may_accept"), true));
    }
    x.o.phone = S(HIS_PHONE);
    assert_int_equal(city_fixture_run(c, give_body, &x, &e), ERR_INPUT);
    assert_string_equal(e.field, "phone");
    /* who proved that phone sees his alone, in both orders, and nobody else sees any */
    y = other_side(&x);
    for (size_t i = 0; i < 3; i++) {
        y.id = ids[i];
        assert_int_equal(sees(c, y, false, false), i == 0);
        assert_int_equal(sees(c, y, false, true), i == 0);
        if (i) assert_int_equal(run(c, answer_body, &y), ERR_NOT_FOUND);
    }
    struct step stranger = y;
    city_fixture_actor(c, "agent", &stranger.who);
    stranger.who.on_behalf = 0, stranger.who.standing = S("");
    stranger.id = ids[0];
    assert_int_equal(run(c, answer_body, &stranger), ERR_NOT_FOUND);
    assert_int_equal(run(c, end_body, &stranger), ERR_NOT_FOUND);
    assert_int_equal(city_fixture_read(c, view_body, &stranger, NULL), ERR_NOT_FOUND);
    /* it is nothing before it is accepted, and then like any other */
    y.id = ids[0];
    assert_int_equal(run(c, stand_body, &y), ERR_FORBIDDEN);
    assert_int_equal(run(c, answer_body, &y), 0);
    assert_int_equal(run(c, answer_body, &y), ERR_CONFLICT);
    assert_int_equal(run(c, stand_body, &y), 0);
    assert_int_equal(run(c, end_body, &x), 0); /* of x.id: the last one that was made, which nobody may accept */
    x.id = ids[0];
    assert_int_equal(run(c, end_body, &x), 0);
    x.id = ids[1];
    assert_int_equal(run(c, end_body, &x), 0);
}

/* The phone alone is not enough: numbers are given to other people. */
static void test_a_phone_under_another_name(void **state) {
    CITY(c);
    struct step x = offer_phone(c, "citizen", "company", HIS_PHONE), y;
    assert_int_equal(city_fixture_read(c, contact_body, &x, NULL), 0);
    if (!x.yes) message_fixture_verify(c, &x.to, NOTIFY_SMS, HIS_PHONE);
    x.o.name = S("样别人");
    assert_int_equal(run(c, give_body, &x), 0);
    y = other_side(&x);
    assert_int_equal(sees(c, y, false, false), 0);
    assert_int_equal(run(c, answer_body, &y), ERR_NOT_FOUND);
    assert_int_equal(run(c, end_body, &x), 0);
    static const struct {
        const char *phone;
        int code;
    } wrong[] = { { "1380000", ERR_FORMAT }, { "021-12345678", ERR_FORMAT } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = { 0 };
        x.o.phone = str_of(wrong[i].phone);
        assert_int_equal(city_fixture_run(c, give_body, &x, &e), wrong[i].code);
        assert_string_equal(e.field, "phone");
    }
    struct err e = { 0 }; /* one's own, which one has proved */
    struct step own = offer_phone(c, "company", "company", HIS_PHONE);
    own.who.on_behalf = 0, own.who.standing = S("");
    assert_int_equal(city_fixture_run(c, give_body, &own, &e), ERR_INPUT);
    assert_string_equal(e.field, "phone");
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_offered_to_a_phone), cmocka_unit_test(test_a_phone_under_another_name) };
    return CITY_FIXTURE_RUN("mandate by phone", tests);
}
