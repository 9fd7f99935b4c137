/* notify: a message in both languages at once, sealed for its receiver, counted until read, seen by nobody else; on
 * both stores. */
#include "engine/notify/notify.h"

#include "app/city_fixture.h"
#include "data/yaml.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define CLEAR_NAME "样贯字不露"

struct work {
    const struct realm *r;
    const struct system *m;
    const struct actor *who;
    const char *notice, *number, *lang;
    int64_t account, id, unread;
    struct notify_query q;
    const struct val *list;
    struct str bytes[8];
    size_t n_bytes;
};

STORE_STMT(notify_test_bodies, STORE_READS,
           "SELECT body, notice FROM notify_message WHERE home = ? AND account = ? ORDER BY id");
STORE_STMT(notify_test_move, STORE_WRITES, "UPDATE notify_message SET account = ? WHERE home = ? AND account = ?");

static int send_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct arena *a = store_arena(tx);
    struct val *view = val_map(a);
    struct act act;
    val_put_str(a, view, S("item"), S("居住证明开具"));
    val_put_str(a, view, S("number"), str_of(w->number));
    val_put(a, view, S("due"), notify_day(a, store_now_ms(tx) + 15 * INT64_C(86400000)));
    int rc = act_open(&act, tx, w->r, w->who, S("case.rate"), e);
    if (!rc) rc = notify_send(&act, w->m, str_of(w->notice), w->account, 42, view, e);
    return rc ? rc : act_close(&act, S("case"), 42, 0, S(""), e);
}
static int inbox_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct val *list = NULL;
    int rc = notify_inbox(tx, w->r, w->who, str_of(w->lang), &w->q, &list, e);
    w->list = list;
    return rc;
}
static int unread_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_unread(tx, w->r, w->account, &w->unread, e);
}
static int mark_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return notify_mark_read(tx, w->r, w->who, w->id, e);
}
static int bytes_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct store_rows *rows;
    int rc = store_query(tx, &notify_test_bodies, &rows, e, SV_I(job->home.v), SV_I(w->account));
    w->n_bytes = 0;
    if (rc) return rc;
    while (store_next(rows))
        if (w->n_bytes < 8) w->bytes[w->n_bytes++] = store_bytes(rows, 0);
    return store_end(rows, e);
}
static int move_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return store_exec(tx, &notify_test_move, NULL, e, SV_I(w->id), SV_I(job->home.v), SV_I(w->account));
}

/* An account of the test's own, that nobody wrote to yet. */
static struct work work_of(const struct city *c, struct actor *who) {
    static int64_t account = 88000;
    city_fixture_actor(c, "citizen", who);
    who->account = ++account;
    return (struct work){ .r = &c->app->realm,
                          .m = realm_system(&c->app->realm, S("approval/residence-proof")),
                          .who = who,
                          .notice = "accepted",
                          .number = "N-1",
                          .lang = "zh",
                          .account = who->account,
                          .q = { .max = 20 } };
}
static int64_t unread(const struct city *c, struct work *w) {
    assert_int_equal(city_fixture_read(c, unread_body, w, NULL), 0);
    return w->unread;
}
static size_t inbox(const struct city *c, struct work *w) {
    assert_int_equal(city_fixture_read(c, inbox_body, w, NULL), 0);
    return val_count(w->list);
}
static void send_one(const struct city *c, struct work *w) {
    assert_int_equal(city_fixture_run(c, send_body, w, NULL), 0);
    os_clock_advance(1000);
}
static bool holds(struct str s, const char *part) {
    return str_find(s, str_of(part), 0) != SIZE_MAX;
}

static void test_both_languages(void **state) {
    CITY(c);
    struct actor who;
    struct work w = work_of(c, &who);
    send_one(c, &w);
    assert_int_equal(inbox(c, &w), 1);
    const struct val *zh = val_item(w.list, 0);
    assert_true(str_eq(val_get_str(zh, S("title")), S("已受理")));
    assert_true(str_eq(val_get_str(zh, S("text")), S("您申请的居住证明开具（N-1）已受理，预计 2026年12月1日 前办结。"))); /* F16: as people read days */
    assert_int_equal(val_get_i64(zh, S("case_id"), 0), 42);
    assert_true(val_get_bool(zh, S("unread"), false));
    w.lang = "en";
    assert_int_equal(inbox(c, &w), 1);
    const struct val *en = val_item(w.list, 0);
    assert_true(str_eq(val_get_str(en, S("title")), system_text(w.m, S("en"), S("已受理"))));
    assert_false(str_eq(val_get_str(en, S("title")), S("已受理")));
    assert_true(holds(val_get_str(en, S("text")), "N-1") && holds(val_get_str(en, S("text")), "1 December 2026"));
    assert_false(holds(val_get_str(en, S("text")), "居住")); /* the item's name too */
    assert_false(holds(val_get_str(en, S("text")), "{{"));
}

/* "Taxi driver's permit" came as "driver&#39;s": the page escapes once more. */
static void test_a_message_is_no_markup(void **state) {
    CITY(c);
    struct actor who;
    struct work w = work_of(c, &who);
    w.number = "A's <1> & 2";
    w.lang = "en";
    send_one(c, &w);
    assert_int_equal(inbox(c, &w), 1);
    assert_true(holds(val_get_str(val_item(w.list, 0), S("text")), "A's <1> & 2"));
}

/* The number stands for whatever a view may say of a person. */
static void test_bodies_are_sealed(void **state) {
    CITY(c);
    struct actor who, other;
    struct work w = work_of(c, &who), o = work_of(c, &other);
    w.number = CLEAR_NAME;
    send_one(c, &w);
    assert_int_equal(inbox(c, &w), 1);
    assert_true(
        holds(val_get_str(val_item(w.list, 0), S("text")), CLEAR_NAME)); /* the search does find what is there */
    assert_int_equal(city_fixture_read(c, bytes_body, &w, NULL), 0);
    assert_int_equal(w.n_bytes, 1);
    assert_true(w.bytes[0].len > 50);
    assert_false(holds(w.bytes[0], CLEAR_NAME));
    assert_false(holds(w.bytes[0], "已受理"));
    /* Laid into another's box, or under another key, it does not open. */
    send_one(c, &o);
    w.id = o.account;
    assert_int_equal(city_fixture_plant(c, move_body, &w, NULL), 0);
    assert_int_not_equal(city_fixture_read(c, inbox_body, &o, NULL), 0);
}

static void test_unread_one_and_all(void **state) {
    CITY(c);
    struct actor who;
    struct work w = work_of(c, &who);
    assert_int_equal(unread(c, &w), 0);
    assert_int_equal(inbox(c, &w), 0); /* no key was ever made */
    static const char *const numbers[] = { "N-1", "N-2", "N-3" };
    for (size_t i = 0; i < 3; i++) w.number = numbers[i], send_one(c, &w);
    assert_int_equal(unread(c, &w), 3);
    assert_int_equal(inbox(c, &w), 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(holds(val_get_str(val_item(w.list, i), S("text")), numbers[2 - i])); /* newest first */
    w.id = val_get_i64(val_item(w.list, 1), S("id"), 0);
    assert_int_equal(city_fixture_run(c, mark_body, &w, NULL), 0);
    assert_int_equal(unread(c, &w), 2);
    assert_int_equal(city_fixture_run(c, mark_body, &w, NULL), 0); /* once more changes nothing */
    assert_int_equal(unread(c, &w), 2);
    assert_int_equal(inbox(c, &w), 3);
    for (size_t i = 0; i < 3; i++) assert_int_equal(val_get_bool(val_item(w.list, i), S("unread"), false), i != 1);
    w.q = (struct notify_query){ .at = w.id, .max = 20 }; /* the page behind the second */
    assert_int_equal(inbox(c, &w), 1);
    assert_true(holds(val_get_str(val_item(w.list, 0), S("text")), "N-1"));
    w.q = (struct notify_query){ .max = 2, .counted = true };
    assert_int_equal(inbox(c, &w), 2);
    assert_int_equal(w.q.total, 3); /* also those that are on no page yet */
    w.q.which = NOTIFY_UNREAD;
    assert_int_equal(inbox(c, &w), 2);
    assert_int_equal(w.q.total, 2);
    w.q.which = NOTIFY_READ;
    assert_int_equal(inbox(c, &w), 1);
    assert_int_equal(w.q.total, 1);
    w.id = 0;
    assert_int_equal(city_fixture_run(c, mark_body, &w, NULL), 0);
    assert_int_equal(unread(c, &w), 0);
}

static void test_only_ones_own(void **state) {
    CITY(c);
    struct actor who, other, nobody = { 0 };
    struct work w = work_of(c, &who), o = work_of(c, &other);
    send_one(c, &w);
    assert_int_equal(inbox(c, &w), 1);
    assert_int_equal(inbox(c, &o), 0);
    o.id = val_get_i64(val_item(w.list, 0), S("id"), 0);
    assert_int_equal(city_fixture_run(c, mark_body, &o, NULL), 0); /* as for any id that is not there */
    o.id = 0;
    assert_int_equal(city_fixture_run(c, mark_body, &o, NULL), 0);
    assert_int_equal(unread(c, &w), 1);
    o.who = &nobody;
    assert_int_equal(city_fixture_read(c, inbox_body, &o, NULL), ERR_LOGIN);
    assert_int_equal(city_fixture_run(c, mark_body, &o, NULL), ERR_LOGIN);
}

static void test_unknown_notice_and_nobody(void **state) {
    CITY(c);
    struct actor who;
    struct err e = { 0 };
    struct work w = work_of(c, &who);
    w.notice = "no-such";
    assert_int_equal(city_fixture_run(c, send_body, &w, &e), ERR_SYSTEM);
    assert_true(holds(str_of(e.detail), "no-such"));
    assert_int_equal(unread(c, &w), 0);
    w.notice = "accepted", w.account = 0; /* the applicant has no account: nothing to send */
    assert_int_equal(city_fixture_run(c, send_body, &w, NULL), 0);
    assert_int_equal(unread(c, &w), 0);
}

static void test_compile_errors_name_the_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int code;
    } rows[] = {
        { "\n\na: {title: T, text: 'x {{y}}'}\n", 0 },        { "\n\na: {title: T}\n", ERR_SYSTEM },
        { "\n\na: {text: T}\n", ERR_SYSTEM },                  { "\n\na: words\n", ERR_SYSTEM },
        { "\n\na: {title: T, text: 'x {{y'}\n", ERR_SYSTEM },  { "\n\na: {title: T, text: '{{#y}}x'}\n", ERR_SYSTEM },
    };
    struct arena a;
    arena_init(&a, "test", 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct val *v;
        struct err e = { 0 };
        const struct notice_type *t;
        assert_int_equal(yaml_parse(&a, S("notices.yaml"), str_of(rows[i].text), &v, &e), 0);
        int rc = notice_compile(&a, S("notices.yaml"), S("a"), val_get(v, S("a")), &t, &e);
        if (rc != rows[i].code) print_error("case %zu: %s\n", i, err_name(rc));
        assert_int_equal(rc, rows[i].code);
        if (rc) assert_int_equal(e.line, 3);
        if (rc) assert_string_equal(e.field, "notices.yaml");
    }
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_languages), cmocka_unit_test(test_a_message_is_no_markup), cmocka_unit_test(test_bodies_are_sealed),
        cmocka_unit_test(test_unread_one_and_all), cmocka_unit_test(test_only_ones_own),
        cmocka_unit_test(test_unknown_notice_and_nobody), cmocka_unit_test(test_compile_errors_name_the_line),
    };
    return CITY_FIXTURE_RUN("notify", tests);
}
