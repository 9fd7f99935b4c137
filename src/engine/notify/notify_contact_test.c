/* notify_contact: who mistypes his address and types again before the first code has left: one code leaves, to the second address. More of
 * contacts is in notify_out_test.c. On both stores.
 */
#include "app/message_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct work {
    struct realm *r;
    struct actor who;
    struct str typed;
    struct notify_letter letter[4];
    size_t n;
    enum notify_outcome outcome;
};

static int put_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_contact_put(tx, w->r, &w->who, NOTIFY_MAIL, w->typed, e);
}
static int confirm_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_contact_confirm(tx, w->r, &w->who, NOTIFY_MAIL, w->typed, e);
}
static int take_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_take(tx, w->r, NOTIFY_URGENT, NOTIFY_BULK, w->letter, 4, &w->n, e);
}
static int settle_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_settle(tx, w->r, &w->letter[0], w->outcome, S(""), S(""), e);
}

static void put(const struct city *c, struct work *w, struct str address) {
    w->typed = address;
    assert_int_equal(city_fixture_run(c, put_body, w, NULL), 0);
}
static size_t take(const struct city *c, struct work *w) {
    assert_int_equal(city_fixture_run(c, take_body, w, NULL), 0);
    return w->n;
}
static void settle(const struct city *c, struct work *w, enum notify_outcome outcome) {
    w->outcome = outcome;
    assert_int_equal(city_fixture_run(c, settle_body, w, NULL), 0);
}
static void read_code(const struct work *w, char code[8]) {
    struct str text = w->letter[0].text;
    size_t i = 0;
    while (i + 6 < text.len && !(text.ptr[i] >= '0' && text.ptr[i] <= '9')) i++;
    memcpy(code, text.ptr + i, 6);
    code[6] = 0;
}

static void test_a_code_goes_where_it_was_asked_for(void **state) {
    CITY(c);
    struct work w = { .r = &c->app->realm };
    char code[8], again[8];
    w.r->gateways = (1u << NOTIFY_CHANNELS) - 1;
    city_fixture_actor(c, "citizen", &w.who);
    put(c, &w, S("stranger@example.com"));
    put(c, &w, S("own@example.com"));
    assert_int_equal(take(c, &w), 1);
    assert_true(str_eq(w.letter[0].to, S("own@example.com")));
    read_code(&w, code);
    settle(c, &w, NOTIFY_LATER); /* tried again, it is the same */
    os_clock_advance(60000);
    assert_int_equal(take(c, &w), 1);
    read_code(&w, again);
    assert_string_equal(again, code);
    settle(c, &w, NOTIFY_WENT);
    w.typed = str_of(code);
    assert_int_equal(city_fixture_run(c, confirm_body, &w, NULL), 0);
    assert_int_equal(take(c, &w), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_code_goes_where_it_was_asked_for) };
    return CITY_FIXTURE_RUN("notify_contact", tests);
}
