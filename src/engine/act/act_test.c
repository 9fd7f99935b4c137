/* act: no act without a grant, one entry per act, refusals are entries too, and the outbox comes back ever later; on
 * both stores. */
#include "engine/act/act.h"

#include "app/city_fixture.h"
#include "engine/audit/audit.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>


struct work {
    const struct realm *r;
    const struct actor *who;
    const char *act, *topic, *payload;
    int64_t object, id, attempts;
    int code, closes;
    bool opened;
    struct act_message out[8];
    size_t n;
    struct audit_row rows[AUDIT_PAGE_MAX];
    size_t n_rows;
};

static int act_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct act act;
    int rc = act_open(&act, tx, w->r, w->who, str_of(w->act), e);
    w->opened = act.open;
    if (!rc && w->topic) rc = act_emit(&act, str_of(w->topic), w->object, str_of(w->payload), e);
    for (int i = 0; i < w->closes && !rc; i++) rc = act_close(&act, S("test"), w->object, 0, S("detail"), e);
    if (!rc && w->code) return err_set(e, w->code, NULL);
    return rc;
}
/* Closes although opening failed: a caller that forgot to look. */
static int careless_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct act act;
    struct err ignored;
    (void)act_open(&act, tx, w->r, w->who, str_of(w->act), &ignored);
    return act_close(&act, S("test"), w->object, 0, S(""), e);
}
static int refused_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    (void)job;
    return act_refused(tx, w->r, w->who, str_of(w->act), w->code, e);
}
static int due_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return act_messages_due(tx, job->home, str_of(w->topic), w->out, 8, &w->n, e);
}
static int done_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return act_message_done(tx, job->home, w->id, e);
}
static int retry_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    return act_message_retry(tx, job->home, w->id, w->attempts, S("no answer"), e);
}
static int audit_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct audit_filter f = { .act = str_of(w->act), .actor = w->who->account };
    return audit_find(tx, job->home, &f, 0, w->rows, AUDIT_PAGE_MAX, &w->n_rows, e);
}

static size_t entries(const struct city *c, struct work *w) {
    assert_int_equal(app_sequence(c->app, true, NULL), 0);
    assert_int_equal(city_fixture_read(c, audit_body, w, NULL), 0);
    return w->n_rows;
}

static void test_no_act_without_a_grant(void **state) {
    CITY(c);
    struct actor citizen, nobody = { 0 };
    static struct work w;
    city_fixture_actor(c, "citizen", &citizen);
    w = (struct work){ .r = &c->app->realm, .who = &citizen, .act = "account.create", .closes = 1, .object = 1 };
    size_t before = entries(c, &w);
    assert_int_equal(city_fixture_run(c, act_body, &w, NULL), ERR_FORBIDDEN);
    assert_false(w.opened);
    w.act = "no.such_act";
    assert_int_equal(city_fixture_run(c, act_body, &w, NULL), ERR_FORBIDDEN);
    w.act = "case.draft", w.who = &nobody;
    assert_int_equal(city_fixture_run(c, act_body, &w, NULL), ERR_LOGIN);
    w.act = "account.create", w.who = &citizen;
    assert_int_equal(entries(c, &w), before);
}

static void test_close_writes_one_entry(void **state) {
    CITY(c);
    struct actor citizen;
    static struct work w;
    city_fixture_actor(c, "citizen", &citizen);
    w = (struct work){ .r = &c->app->realm, .who = &citizen, .act = "case.rate", .closes = 1, .object = 4711 };
    size_t before = entries(c, &w);
    assert_int_equal(city_fixture_run(c, act_body, &w, NULL), 0);
    assert_true(w.opened);
    assert_int_equal(entries(c, &w), before + 1);
    const struct audit_row *row = &w.rows[0];
    assert_int_equal(row->entry.object_id, 4711);
    assert_int_equal(row->outcome, 0);
    assert_true(str_eq(row->entry.role, S("person")));
    assert_true(str_eq(row->entry.detail, S("detail")));
    assert_true(str_eq(row->entry.request_id, S("test")));
    w.code = ERR_STATE; /* a body that fails afterwards takes its entry with it */
    assert_int_equal(city_fixture_run(c, act_body, &w, NULL), ERR_STATE);
    assert_int_equal(entries(c, &w), before + 1);
}

static void test_an_act_that_is_not_open_cannot_close(void **state) {
    CITY(c);
    struct actor citizen;
    static struct work w;
    city_fixture_actor(c, "citizen", &citizen);
    w = (struct work){ .r = &c->app->realm, .who = &citizen, .act = "case.rate", .closes = 2 };
    size_t before = entries(c, &w);
    assert_int_equal(city_fixture_run(c, act_body, &w, NULL), ERR_DEFECT);
    assert_int_equal(entries(c, &w), before);
    w.act = "account.create";
    assert_int_equal(city_fixture_run(c, careless_body, &w, NULL), ERR_DEFECT);
    assert_int_equal(entries(c, &w), 0);
}

static void test_refused_writes_one_refused_entry(void **state) {
    CITY(c);
    struct actor citizen;
    static struct work w;
    city_fixture_actor(c, "citizen", &citizen);
    w = (struct work){ .r = &c->app->realm, .who = &citizen, .act = "audit.search", .code = ERR_FORBIDDEN };
    assert_int_equal(entries(c, &w), 0);
    assert_int_equal(city_fixture_run(c, refused_body, &w, NULL), 0);
    assert_int_equal(entries(c, &w), 1);
    assert_int_equal(w.rows[0].outcome, 1);
    assert_true(str_eq(w.rows[0].error_name, S("ERR_FORBIDDEN")));
    assert_int_equal(w.rows[0].entry.object_id, 0);
}

/* Asks for what the tests say, then fails; the job's refusal is noted by act_refused in its own transaction. */
static int asking_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct act act;
    const struct scope_token t = { .home = job->home, .id = { 1 }, .n = 1, .by = { 1 } };
    int rc = act_open(&act, tx, w->r, w->who, str_of(w->act), e);
    if (!rc && w->id) access_asked(tx, S("material"), w->id, 0);
    return rc ? rc : scope_reaches(tx, &t, S("case"), w->object, e);
}

static void refuse_asking(const struct city *c, struct work *w, int code) {
    struct store_job *job = store_fixture_job(asking_body, w);
    w->code = code;
    job->home = c->app->realm.home;
    job->refused = refused_body;
    assert_int_equal(store_run(c->app->store, job), STORE_FAILED);
    assert_int_equal(job->err.code, code);
}

static void test_a_refusal_names_its_object(void **state) {
    CITY(c);
    struct actor citizen;
    static struct work w;
    city_fixture_actor(c, "citizen", &citizen);
    w = (struct work){ .r = &c->app->realm, .who = &citizen, .act = "case.withdraw", .object = 770011 };
    size_t before = entries(c, &w);
    refuse_asking(c, &w, ERR_NOT_FOUND);
    assert_int_equal(entries(c, &w), before + 1);
    assert_int_equal(w.rows[0].outcome, 1);
    assert_true(str_eq(w.rows[0].entry.object_kind, S("case")));
    assert_int_equal(w.rows[0].entry.object_id, 770011);
    assert_int_equal(w.rows[0].entry.case_id, 770011);
    w.id = 88; /* a file of that case: the narrower one is named, the case stands beside it */
    refuse_asking(c, &w, ERR_NOT_FOUND);
    assert_int_equal(entries(c, &w), before + 2);
    assert_true(str_eq(w.rows[0].entry.object_kind, S("material")));
    assert_int_equal(w.rows[0].entry.object_id, 88);
    assert_int_equal(w.rows[0].entry.case_id, 770011);
    w = (struct work){ .r = &c->app->realm, .who = &citizen, .act = "account.create", .object = 1 };
    before = entries(c, &w);
    refuse_asking(c, &w, ERR_FORBIDDEN); /* nothing asked for yet: the kind is the act's */
    assert_int_equal(entries(c, &w), before + 1);
    assert_true(str_eq(w.rows[0].entry.object_kind, S("account")));
    assert_int_equal(w.rows[0].entry.object_id, 0);
    struct arena a; /* at the command line */
    arena_init(&a, "asking", 1 << 20);
    w = (struct work){ .r = &c->app->realm, .who = &c->app->worker, .act = "paper.issue", .object = 770012 };
    assert_int_equal(app_act(c->app, w.who, &a, asking_body, &w, NULL), ERR_NOT_FOUND);
    arena_done(&a);
    w.act = "paper.issue";
    assert_true(entries(c, &w) > 0);
    assert_int_equal(w.rows[0].entry.object_id, 770012);
}

/* What a body leaves behind that never closed its act, or never had one: from the command line, a worker, a page alike. */
static int silent_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    struct act act;
    int rc = w->opened ? act_open(&act, tx, w->r, w->who, S("case.rate"), e) : 0;
    return rc ? rc : scope_put(tx, job->home, S("case"), w->object, 1, w->object, e);
}
static int reach_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct work *w = job->arg;
    const struct scope_token t = { .home = job->home, .id = { w->object }, .n = 1, .by = { 1 } };
    return scope_reaches(tx, &t, S("case"), w->object, e);
}

static void test_no_change_without_an_act(void **state) {
    CITY(c);
    struct actor citizen;
    struct err e;
    static struct work w;
    city_fixture_actor(c, "citizen", &citizen);
    w = (struct work){ .r = &c->app->realm, .who = &citizen, .object = 990001 };
    for (int open = 0; open < 2; open++) {
        w.opened = open;
        assert_int_equal(city_fixture_run(c, silent_body, &w, &e), ERR_DEFECT);
        assert_non_null(strstr(e.detail, "access_scope_insert"));
        assert_int_equal(city_fixture_read(c, reach_body, &w, NULL), ERR_NOT_FOUND);
    }
    struct arena a; /* the road of the command line and the workers */
    arena_init(&a, "silent", 1 << 20);
    for (int queue = STORE_INTERACTIVE; queue <= STORE_BULK; queue++)
        assert_int_equal(app_job(c->app, (enum store_queue)queue, &a, silent_body, &w, NULL), ERR_DEFECT);
    arena_done(&a);
    assert_int_equal(city_fixture_plant(c, silent_body, &w, NULL), 0); /* the control: accounted for, it goes through */
    assert_int_equal(city_fixture_read(c, reach_body, &w, NULL), 0);
}

/* A row of the table of exceptions that names no writing statement excuses nothing, and hides a slip of the pen. */
static void test_exceptions_are_statements(void **state) {
    static const struct {
        const char *name, *why;
    } rows[] = {
#define EXEMPT(statement, reason) { statement, reason },
#include "engine/act/act_exempt.h"
#undef EXEMPT
    };
    size_t n;
    const struct store_stmt *const *all = store_stmts(&n);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool found = false;
        for (size_t k = 0; k < n; k++) found |= all[k]->writes && !strcmp(all[k]->name, rows[i].name);
        if (!found) print_error("no such statement: %s\n", rows[i].name);
        assert_true(found);
        assert_true(strlen(rows[i].why) > 10);
    }
}

static size_t due(const struct city *c, struct work *w) {
    assert_int_equal(city_fixture_read(c, due_body, w, NULL), 0);
    return w->n;
}

static void test_outbox_done_and_ever_later(void **state) {
    CITY(c);
    struct actor citizen;
    static struct work w;
    city_fixture_actor(c, "citizen", &citizen);
    w = (struct work){ .r = &c->app->realm,
                       .who = &citizen,
                       .act = "case.rate",
                       .closes = 1,
                       .topic = "test.topic",
                       .payload = "{\"a\":1}" };
    assert_int_equal(due(c, &w), 0);
    w.code = ERR_STATE; /* no message of what did not happen */
    assert_int_equal(city_fixture_run(c, act_body, &w, NULL), ERR_STATE);
    assert_int_equal(due(c, &w), 0);
    w.code = 0;
    for (w.object = 11; w.object <= 12; w.object++) {
        assert_int_equal(city_fixture_run(c, act_body, &w, NULL), 0);
        os_clock_advance(1);
    }
    assert_int_equal(due(c, &w), 2);
    assert_true(w.out[0].object == 11 && w.out[1].object == 12); /* oldest first */
    assert_true(str_eq(w.out[0].payload, S("{\"a\":1}")) && w.out[0].attempts == 0);
    w.topic = "test.other";
    assert_int_equal(due(c, &w), 0);
    w.topic = "test.topic";
    w.id = w.out[0].id;
    int64_t second = w.out[1].id;
    assert_int_equal(city_fixture_run(c, done_body, &w, NULL), 0);
    assert_true(due(c, &w) == 1 && w.out[0].id == second);
    w.attempts = 0;
    assert_int_equal(city_fixture_run(c, retry_body, &w, NULL), 0); /* what is done does not come back */
    os_clock_advance(3600000);
    assert_int_equal(due(c, &w), 1);
    w.id = second;
    int64_t wait_ms = 1000;
    for (w.attempts = 0; w.attempts < 13; w.attempts++) {
        assert_int_equal(w.out[0].attempts, w.attempts);
        assert_int_equal(city_fixture_run(c, retry_body, &w, NULL), 0);
        assert_int_equal(due(c, &w), 0);
        os_clock_advance(wait_ms - 1);
        assert_int_equal(due(c, &w), 0);
        os_clock_advance(1);
        assert_int_equal(due(c, &w), 1);
        wait_ms = wait_ms * 2 > 600000 ? 600000 : wait_ms * 2;
    }
    assert_int_equal(city_fixture_run(c, done_body, &w, NULL), 0);
    os_clock_advance(3600000);
    assert_int_equal(due(c, &w), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_act_without_a_grant),
        cmocka_unit_test(test_close_writes_one_entry),
        cmocka_unit_test(test_an_act_that_is_not_open_cannot_close),
        cmocka_unit_test(test_no_change_without_an_act),
        cmocka_unit_test(test_exceptions_are_statements),
        cmocka_unit_test(test_refused_writes_one_refused_entry),
        cmocka_unit_test(test_a_refusal_names_its_object),
        cmocka_unit_test(test_outbox_done_and_ever_later),
    };
    return CITY_FIXTURE_RUN("act", tests);
}
