/* notify_out: a message leaves by what is verified, chosen and reachable, and by nothing else;
 * lanes keep their order; a delivery is held by one worker, comes back after a crash, and ends in
 * the state that is true; on both stores.
 */
#include "engine/notify/notify_out.h"

#include "app/city_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { LETTERS = 16 };
struct work {
    struct realm *r;
    const struct system *m;
    struct actor who;
    const char *notice, *typed;
    enum notify_channel channel;
    struct notify_contact contact;
    struct notify_choice choice;
    enum notify_lane first, last;
    struct notify_letter letter[LETTERS];
    size_t n, at;
    enum notify_outcome outcome;
    enum notify_state state;
    struct notify_delivery_query q;
    const struct val *list;
    int64_t id;
    struct notify_counts counts;
};

STORE_STMT(notify_test_newest, STORE_READS,
           "SELECT id FROM notify_message WHERE home = ? AND account = ? ORDER BY id DESC LIMIT 1");
STORE_STMT(notify_test_bend, STORE_WRITES,
           "UPDATE notify_delivery SET state = 'delivered' WHERE home = ? AND account = ?");
STORE_STMT(notify_test_swap, STORE_WRITES,
           "UPDATE notify_contact SET account = ? WHERE home = ? AND account = ?");
STORE_STMT(notify_test_bytes, STORE_READS,
           "SELECT body FROM notify_contact WHERE home = ? AND account = ?");

static int send_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *view = val_map(store_arena(tx));
    struct act act;
    val_put_str(store_arena(tx), view, S("item"), S("居住证明开具"));
    val_put_str(store_arena(tx), view, S("number"), S("N-1"));
    int rc = act_open(&act, tx, w->r, &w->who, S("case.rate"), e);
    if (!rc) rc = notify_send(&act, w->m, str_of(w->notice), w->who.account, 42, view, e);
    return rc ? rc : act_close(&act, S("case"), 42, 0, S(""), e);
}
static int put_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_contact_put(tx, w->r, &w->who, w->channel, str_of(w->typed), e);
}
static int confirm_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_contact_confirm(tx, w->r, &w->who, w->channel, str_of(w->typed), e);
}
static int failed_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_contact_failed(tx, w->r, &w->who, w->channel, e);
}
static int drop_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_contact_drop(tx, w->r, &w->who, w->channel, e);
}
static int contact_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    int rc = notify_contact_get(tx, w->r, w->who.account, w->channel, &w->contact, e);
    return rc ? rc : notify_choice_get(tx, w->r, w->who.account, &w->choice, e);
}
static int choose_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_choice_put(tx, w->r, &w->who, &w->choice, e);
}
static int take_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_take(tx, w->r, w->first, w->last, w->letter, LETTERS, &w->n, e);
}
static int settle_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_settle(tx, w->r, &w->letter[w->at], w->outcome, w->letter[w->at].id,
                         S("250 for <once@example.com>"), e);
}
static int receipt_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_receipt(tx, w->r, w->channel, str_of(w->typed), w->state, S("stat:DELIVRD"), e);
}
static int resend_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_resend(tx, w->r, &w->who, w->id, e);
}
static int list_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *list = NULL;
    int rc = notify_deliveries(tx, w->r, &w->who, &w->q, S("zh"), &list, e);
    w->list = list;
    return rc;
}
static int of_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *list = NULL;
    struct store_rows *rows;
    int64_t id = 0;
    int rc =
        store_query(tx, &notify_test_newest, &rows, e, SV_I(job->home.v), SV_I(w->who.account));
    if (!rc && store_next(rows)) id = store_i64(rows, 0);
    if (!rc) rc = store_end(rows, e);
    if (!rc) rc = notify_deliveries_of(tx, w->r, id, S("zh"), &list, e);
    w->list = list;
    return rc;
}
static int count_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    (void)job;
    return notify_count(tx, w->r, &w->counts, e);
}
static int bend_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return store_exec(tx, &notify_test_bend, NULL, e, SV_I(job->home.v), SV_I(w->who.account));
}
static int swap_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return store_exec(tx, &notify_test_swap, NULL, e, SV_I(w->id), SV_I(job->home.v),
                      SV_I(w->who.account));
}
static int bytes_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct store_rows *rows;
    int rc = store_query(tx, &notify_test_bytes, &rows, e, SV_I(job->home.v), SV_I(w->who.account));
    if (rc) return rc;
    while (store_next(rows))
        assert_true(str_find(store_bytes(rows, 0), str_of(w->typed), 0) == SIZE_MAX);
    return store_end(rows, e);
}

#define RUN(body, w)  city_fixture_run(c, body, (w), NULL)
#define READ(body, w) city_fixture_read(c, body, (w), NULL)

/* An account of the test's own on a server with both gateways; ten o'clock of a new day, and
 * nothing due of the tests before. */
static void begin(struct city *c, struct work *w) {
    static int64_t account = 99000;
    memset(w, 0, sizeof *w);
    os_clock_advance(30 * INT64_C(86400000));
    struct civil_time t;
    tz_split(c->app->realm.tz, os_now_ms(), &t);
    os_clock_advance(((34 - t.hour) % 24) * INT64_C(3600000));
    w->r = &c->app->realm;
    w->r->gateways = 1u << NOTIFY_MAIL | 1u << NOTIFY_SMS;
    w->m = realm_system(w->r, S("approval/residence-proof"));
    city_fixture_actor(c, "citizen", &w->who);
    w->who.account = ++account;
    w->notice = "finished";
    w->last = NOTIFY_BULK;
    do assert_int_equal(RUN(take_body, w), 0);
    while (w->n);
}
static size_t take(const struct city *c, struct work *w) {
    assert_int_equal(RUN(take_body, w), 0);
    return w->n;
}
static void settle(const struct city *c, struct work *w, enum notify_outcome outcome) {
    w->outcome = outcome;
    assert_int_equal(RUN(settle_body, w), 0);
}
static struct str code_in(struct str text) {
    size_t i = 0;
    while (i < text.len && !(text.ptr[i] >= '0' && text.ptr[i] <= '9')) i++;
    return str_sub(text, i, 6);
}
static const char *verified(const struct city *c, struct work *w, enum notify_channel channel,
                            const char *address) {
    static char code[8];
    w->channel = channel;
    w->typed = address;
    assert_int_equal(RUN(put_body, w), 0);
    assert_int_equal(take(c, w), 1);
    assert_true(str_eq(w->letter[0].to, str_of(address)));
    memcpy(code, code_in(w->letter[0].text).ptr, 6);
    settle(c, w, NOTIFY_WENT);
    w->typed = code;
    assert_int_equal(RUN(confirm_body, w), 0);
    return code;
}
static const char *state_of(const struct city *c, struct work *w, size_t i) {
    static char word[64];
    assert_int_equal(READ(of_body, w), 0);
    struct str s = val_get_str(val_item(w->list, i), S("state"));
    memcpy(word, s.ptr, s.len);
    word[s.len] = 0;
    return word;
}

static void test_nothing_leaves_unasked(void **state) {
    CITY(c);
    struct work w;
    begin(c, &w);
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 0); /* no contact */
    w.channel = NOTIFY_MAIL;
    w.typed = "a.citizen@example.com";
    assert_int_equal(RUN(put_body, &w), 0);
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 1); /* the code alone: nobody has shown the address to be his */
    assert_non_null(strstr(w.letter[0].text.ptr, "验证码"));
    w.r->gateways = 0;
    begin(c, &w);
    verified(c, &w, NOTIFY_MAIL, "a.citizen@example.com");
    w.r->gateways = 0;
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(READ(of_body, &w), 0);
    assert_int_equal(val_count(w.list), 0);
    w.typed = "b@example.com";
    assert_int_equal(RUN(put_body, &w), ERR_STATE);
}

static void test_a_contact_is_verified_and_sealed(void **state) {
    CITY(c);
    struct work w;
    begin(c, &w);
    w.channel = NOTIFY_SMS;
    w.typed = "1380000";
    assert_int_equal(RUN(put_body, &w), ERR_FORMAT);
    verified(c, &w, NOTIFY_SMS, "13800000042");
    assert_int_equal(READ(contact_body, &w), 0);
    assert_true(str_eq(w.contact.shown, S("138****0042")) && w.contact.verified_ms > 0 &&
                !w.contact.pending.len);
    w.typed = "13800000042";
    assert_int_equal(READ(bytes_body, &w), 0);
    assert_int_equal(RUN(put_body, &w), ERR_DUPLICATE);
    w.channel = NOTIFY_MAIL;
    w.typed = "not an address";
    assert_int_equal(RUN(put_body, &w), ERR_FORMAT);
    verified(c, &w, NOTIFY_MAIL, "zhang@example.com");
    assert_int_equal(READ(contact_body, &w), 0);
    assert_true(str_eq(w.contact.shown, S("z***@example.com")));
    /* a new address is not used before its code came back, and the old one stays */
    w.typed = "other@example.com";
    assert_int_equal(RUN(put_body, &w), 0);
    assert_int_equal(READ(contact_body, &w), 0);
    assert_true(str_eq(w.contact.value, S("zhang@example.com")) &&
                str_eq(w.contact.pending, S("other@example.com")));
    assert_int_equal(RUN(drop_body, &w), 0);
    assert_int_equal(READ(contact_body, &w), 0);
    assert_int_equal(w.contact.value.len + w.contact.pending.len, 0);
    /* one's contact is nobody else's */
    w.id = w.who.account + 500;
    w.channel = NOTIFY_SMS;
    assert_int_equal(city_fixture_plant(c, swap_body, &w, NULL), 0);
    w.who.account = w.id;
    assert_int_not_equal(READ(contact_body, &w), 0);
}

static void test_codes_are_few_and_short_lived(void **state) {
    CITY(c);
    struct work w;
    begin(c, &w);
    w.channel = NOTIFY_SMS;
    w.typed = "13800000043";
    assert_int_equal(RUN(put_body, &w), 0);
    assert_int_equal(take(c, &w), 1);
    char code[8] = "";
    memcpy(code, code_in(w.letter[0].text).ptr, 6);
    assert_int_equal(strspn(code, "0123456789"), 6);
    w.typed = strcmp(code, "000000") ? "000000" : "000001";
    for (int i = 0; i < NOTIFY_CODE_TRIES; i++) {
        assert_int_equal(RUN(confirm_body, &w), ERR_PASSWORD);
        assert_int_equal(city_fixture_plant(c, failed_body, &w, NULL), 0);
    }
    w.typed = code;
    assert_int_equal(RUN(confirm_body, &w), ERR_LOCKED);
    begin(c, &w);
    w.channel = NOTIFY_SMS;
    w.typed = "13800000044";
    assert_int_equal(RUN(put_body, &w), 0);
    assert_int_equal(take(c, &w), 1);
    memcpy(code, code_in(w.letter[0].text).ptr, 6);
    w.typed = code;
    os_clock_advance(NOTIFY_CODE_MS);
    assert_int_equal(RUN(confirm_body, &w), ERR_PASSWORD);
    begin(c, &w);
    w.channel = NOTIFY_SMS;
    w.typed = "13800000045";
    for (int i = 0; i < NOTIFY_CODE_TRIES; i++) assert_int_equal(RUN(put_body, &w), 0);
    assert_int_equal(RUN(put_body, &w), ERR_LOCKED);
    begin(c,
          &w); /* a month later the count is over; another account at the same number shares it */
    w.channel = NOTIFY_SMS;
    w.typed = "13800000045";
    for (int i = 0; i < NOTIFY_CODE_TRIES; i++) assert_int_equal(RUN(put_body, &w), 0);
    w.who.account += 1000;
    assert_int_equal(RUN(put_body, &w), ERR_LOCKED);
}

static void test_quiet_hours(void **state) {
    CITY(c);
    struct work w;
    begin(c, &w);
    verified(c, &w, NOTIFY_MAIL, "quiet@example.com");
    os_clock_advance(13 * INT64_C(3600000)); /* 23:00 */
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 0);
    os_clock_advance(8 * INT64_C(3600000)); /* 07:00 */
    assert_int_equal(take(c, &w), 0);
    os_clock_advance(30 * 60000); /* 07:30 */
    assert_int_equal(take(c, &w), 1);
    settle(c, &w, NOTIFY_WENT);
    assert_int_equal(READ(contact_body, &w), 0);
    w.choice.quiet_from = 9 * 60, w.choice.quiet_until = 12 * 60; /* his own: the morning */
    assert_int_equal(RUN(choose_body, &w), 0);
    os_clock_advance(3 * INT64_C(3600000)); /* 10:30 */
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 0);
    os_clock_advance(90 * 60000);
    assert_int_equal(take(c, &w), 1);
    settle(c, &w, NOTIFY_WENT);
    os_clock_advance(11 * INT64_C(3600000)); /* 23:00: not quiet for him */
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 1);
    settle(c, &w, NOTIFY_WENT);
    w.choice.quiet_from = NOTIFY_QUIET_NEVER;
    assert_int_equal(RUN(choose_body, &w), 0);
    os_clock_advance(11 * INT64_C(3600000)); /* 10:00 */
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 1);
}

static void test_choices_lanes_and_what_must_be_told(void **state) {
    CITY(c);
    struct work w;
    begin(c, &w);
    city_fixture_change(c, "systems/approval/residence-proof", "notices.yaml",
                        "accepted: {title:", "accepted: {urgency: urgent, title:");
    w.m = realm_system(w.r, S("approval/residence-proof"));
    verified(c, &w, NOTIFY_MAIL, "lanes@example.com");
    assert_int_equal(RUN(send_body, &w), 0); /* normal */
    w.notice = "accepted";
    os_clock_advance(1000);
    assert_int_equal(RUN(send_body, &w), 0); /* urgent, later */
    assert_int_equal(READ(count_body, &w), 0);
    assert_int_equal(w.counts.waiting[NOTIFY_URGENT], 1);
    assert_int_equal(w.counts.waiting[NOTIFY_NORMAL], 1);
    assert_true(w.counts.oldest_ms[NOTIFY_NORMAL] > 0 &&
                w.counts.oldest_ms[NOTIFY_NORMAL] < w.counts.oldest_ms[NOTIFY_URGENT]);
    assert_int_equal(take(c, &w), 1); /* the urgent one alone, though younger */
    assert_true(str_eq(w.letter[0].subject, S("已受理")));
    settle(c, &w, NOTIFY_WENT);
    w.first = w.last = NOTIFY_URGENT;
    assert_int_equal(take(c, &w), 0); /* who takes the urgent ones holds nothing else */
    w.first = NOTIFY_NORMAL, w.last = NOTIFY_BULK;
    assert_int_equal(take(c, &w), 1);
    settle(c, &w, NOTIFY_WENT);
    assert_int_equal(READ(contact_body, &w), 0);
    w.choice.on[NOTIFY_MAIL][NOTIFY_NORMAL] = false,
    w.choice.on[NOTIFY_MAIL][NOTIFY_URGENT] = false;
    assert_int_equal(RUN(choose_body, &w), 0);
    w.first = NOTIFY_URGENT, w.last = NOTIFY_BULK;
    w.notice = "finished";
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 0); /* switched off */
    w.notice = "accepted";
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 1); /* cannot be */
    settle(c, &w, NOTIFY_WENT);
    city_fixture_change(c, "systems/approval/residence-proof", "notices.yaml",
                        "finished: {title:", "finished: {must: true, title:");
    w.m = realm_system(w.r, S("approval/residence-proof"));
    w.notice = "finished";
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 1);
    settle(c, &w, NOTIFY_WENT);
    city_fixture_change(c, "systems/approval/residence-proof", "notices.yaml", "finished: {title:",
                        "finished: {must: true, channels: [sms], sms: '{{item}}好了', title:");
    w.m = realm_system(w.r, S("approval/residence-proof"));
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 0);
    verified(c, &w, NOTIFY_SMS, "13800000046");
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 1);
    assert_true(str_eq(w.letter[0].text, S("居住证明开具好了")));
    city_fixture_change(c, "systems/approval/residence-proof", "notices.yaml",
                        "finished: {title:", "finished:  {title:"); /* as it was */
}

static void test_a_delivery_is_held_once_and_comes_back(void **state) {
    CITY(c);
    struct work w, other;
    begin(c, &w);
    verified(c, &w, NOTIFY_MAIL, "once@example.com");
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 1);
    struct str id = w.letter[0].id;
    assert_non_null(strstr(w.letter[0].text.ptr, "/zh/space/messages"));
    assert_non_null(strstr(w.letter[0].text.ptr, "/en/space/messages"));
    other = w;
    assert_int_equal(take(c, &other), 0); /* another worker finds nothing while it is under way */
    os_clock_advance(NOTIFY_LEASE_MS);
    assert_int_equal(take(c, &w),
                     1); /* the first one died: it leaves once more, under the same number */
    assert_true(str_eq(w.letter[0].id, id));
    assert_int_equal(w.letter[0].outbox.attempts, 1);
    settle(c, &w, NOTIFY_LATER);
    assert_string_equal(state_of(c, &w, 0), "等待发送");
    assert_true(str_eq(val_get_str(val_item(w.list, 0), S("why")), S("250 for <***>")));
    assert_int_equal(take(c, &w), 0);
    os_clock_advance(2000);
    assert_int_equal(take(c, &w), 1);
    settle(c, &w, NOTIFY_WENT);
    assert_string_equal(state_of(c, &w, 0), "已交给运营方");
    assert_true(str_eq(val_get_str(val_item(w.list, 0), S("to")), S("o***@example.com")));
    os_clock_advance(3600000);
    assert_int_equal(take(c, &w), 0);
    char provider[64] = "";
    memcpy(provider, id.ptr, id.len);
    w.typed = provider, w.state = NOTIFY_DELIVERED, w.channel = NOTIFY_SMS;
    assert_int_equal(RUN(receipt_body, &w), ERR_NOT_FOUND); /* another channel's number */
    w.channel = NOTIFY_MAIL;
    assert_int_equal(RUN(receipt_body, &w), 0);
    assert_string_equal(state_of(c, &w, 0), "已送达");
    w.state = NOTIFY_FAILED;
    assert_int_equal(RUN(receipt_body, &w), 0); /* the first word stands */
    assert_string_equal(state_of(c, &w, 0), "已送达");
}

static void test_ends_and_second_chances(void **state) {
    CITY(c);
    struct work w;
    struct actor admin;
    begin(c, &w);
    city_fixture_actor(c, "system-admin", &admin);
    verified(c, &w, NOTIFY_MAIL, "ends@example.com");
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(take(c, &w), 1);
    settle(c, &w, NOTIFY_REFUSED);
    assert_string_equal(state_of(c, &w, 0), "被拒收");
    w.id = w.letter[0].delivery;
    assert_int_equal(RUN(resend_body, &w), ERR_FORBIDDEN); /* an operator's matter */
    struct actor person = w.who;
    w.who = admin;
    assert_int_equal(RUN(resend_body, &w), 0);
    assert_int_equal(RUN(resend_body, &w), ERR_STATE); /* under way again */
    w.q = (struct notify_delivery_query){ .state = S("waiting"), .max = 20, .counted = true };
    assert_int_equal(READ(list_body, &w), 0);
    assert_true(val_count(w.list) == 1 && w.q.total == 1);
    assert_int_equal(val_get_i64(val_item(w.list, 0), S("id"), 0), w.id);
    w.q = (struct notify_delivery_query){ .state = S("waiting"), .channel = S("sms"), .max = 20, .counted = true };
    assert_int_equal(READ(list_body, &w), 0);
    assert_true(val_count(w.list) == 0 && w.q.total == 0);
    w.who = person;
    assert_int_equal(READ(list_body, &w), ERR_FORBIDDEN);
    for (int i = 0; i < NOTIFY_ATTEMPTS_MAX; i++) {
        assert_int_equal(take(c, &w), 1);
        settle(c, &w, NOTIFY_LATER);
        os_clock_advance(600000);
    }
    assert_string_equal(state_of(c, &w, 0), "多次未送出，已放弃");
    assert_int_equal(take(c, &w), 0);
    assert_int_equal(RUN(send_body, &w), 0);
    os_clock_advance(80 * INT64_C(3600000));
    assert_int_equal(take(c, &w), 0);
    assert_string_equal(state_of(c, &w, 0), "过期未送出");
    begin(c, &w);
    verified(c, &w, NOTIFY_MAIL, "gone@example.com");
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(RUN(drop_body, &w), 0);
    assert_int_equal(take(c, &w), 0); /* nothing goes to what was taken back */
    assert_string_equal(state_of(c, &w, 0), "多次未送出，已放弃");
}

static void test_a_bent_row_is_not_shown(void **state) {
    CITY(c);
    struct work w;
    begin(c, &w);
    verified(c, &w, NOTIFY_MAIL, "bent@example.com");
    assert_int_equal(RUN(send_body, &w), 0);
    assert_int_equal(READ(of_body, &w), 0);
    assert_int_equal(city_fixture_plant(c, bend_body, &w, NULL), 0);
    assert_int_equal(READ(of_body, &w), ERR_DAMAGED);
    assert_int_equal(take(c, &w), 0); /* nor sent; the others' turn goes on */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_leaves_unasked),
        cmocka_unit_test(test_a_contact_is_verified_and_sealed),
        cmocka_unit_test(test_codes_are_few_and_short_lived),
        cmocka_unit_test(test_quiet_hours),
        cmocka_unit_test(test_choices_lanes_and_what_must_be_told),
        cmocka_unit_test(test_a_delivery_is_held_once_and_comes_back),
        cmocka_unit_test(test_ends_and_second_chances),
        cmocka_unit_test(test_a_bent_row_is_not_shown),
    };
    return CITY_FIXTURE_RUN("notify_out", tests);
}
