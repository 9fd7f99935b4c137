/* follow: a second node on the same store takes up what the first one changed, without a restart; what it held before stays whole;
 * on both stores.
 */
#include "app/city_fixture.h"

#include "engine/clock/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER "systems/approval/residence-proof"

static struct app *second_node(const struct city *c) {
    struct app *b = NULL;
    struct app_config config = { .data_dir = store_fixture_dir(c->fixture), .store_url = store_fixture_url(c->fixture),
                                 .base_url = S("http://127.0.0.1:8080"), .demo = true, .node = 2 };
    assert_int_equal(app_open(&config, &b, NULL), 0);
    return b;
}

/* Loads the folder with another value of one line of system.yaml, and its item's file under the name `item` if one is given. */
static int load_changed(struct app *app, struct str key, const char *value, const char *item, int64_t *id, struct err *e) {
    struct arena a;
    struct release_files files;
    arena_init(&a, "files", 16 * 1024 * 1024);
    assert_int_equal(release_read_dir(&a, FOLDER, &files, NULL), 0);
    for (size_t i = 0; i < files.n; i++) {
        struct str s = files.file[i].bytes;
        if (item && str_eq(files.file[i].path, S("items/residence-proof.yaml"))) files.file[i].path = str_of(item);
        if (!str_eq(files.file[i].path, S("system.yaml"))) continue;
        size_t at = str_find(s, key, 0), end = str_find_char(s, '\n', at + 1);
        assert_true(at != SIZE_MAX && end != SIZE_MAX);
        files.file[i].bytes = ARENA_CAT(&a, str_sub(s, 0, at), key, str_of(value), str_sub(s, end, s.len));
    }
    int rc = app_load_files(app, &app->worker, &files, false, id, e);
    arena_done(&a);
    return rc;
}

/* Another version: another release of the same system. */
static int64_t load_version(struct app *app, const char *version) {
    struct err e = { 0 };
    int64_t id = 0;
    if (load_changed(app, S("\nversion: "), version, NULL, &id, &e)) fail_msg("%s %s", err_name(e.code), e.detail);
    return id;
}

/* A system of another name, whose one item is called second-home. */
static int load_second(struct app *app, const char *system) {
    struct err e = { 0 };
    int64_t id = 0;
    int rc = load_changed(app, S("id: "), system, "items/second-home.yaml", &id, &e);
    if (rc && rc != ERR_SYSTEM) fail_msg("%s %s", err_name(rc), e.detail);
    if (rc) assert_true(str_find(str_of(e.detail), S("second-home"), 0) != SIZE_MAX);
    return rc;
}

static const struct system *active(const struct app *app) {
    return realm_system(&app->realm, S("approval/residence-proof"));
}

static void test_the_second_node_follows(void **state) {
    CITY(c);
    struct app *b = second_node(c);
    const struct system *old = active(b);
    const struct clock_calendar *days = b->realm.calendar;
    assert_int_equal(old->release, active(c->app)->release);
    int64_t epoch = b->epoch[REALM_EPOCH_RELEASE], id = load_version(c->app, "2.0.1");
    assert_int_equal(active(b)->release, old->release); /* nobody told it */
    assert_int_equal(app_follow(b, NULL), 0);
    assert_int_equal(active(b)->release, id);
    assert_true(str_eq(active(b)->version, S("2.0.1")));
    assert_int_equal(b->epoch[REALM_EPOCH_RELEASE], epoch + 1);
    /* a case that pins the old one finds the same, and what a request holds stays */
    assert_ptr_equal(b->realm.systems.by_release(b->realm.systems.context, old->release), old);
    assert_ptr_not_equal(b->realm.calendar, days);
    assert_int_equal(clock_workdays_between(days, (struct civil_date){ 20412 }, (struct civil_date){ 20419 }),
                     clock_workdays_between(b->realm.calendar, (struct civil_date){ 20412 }, (struct civil_date){ 20419 }));
    /* the same again is nothing new */
    const struct system *now = active(b);
    (void)load_version(c->app, "2.0.1");
    assert_int_equal(app_follow(b, NULL), 0);
    assert_ptr_equal(active(b), now);
    assert_int_equal(b->epoch[REALM_EPOCH_RELEASE], epoch + 1);
    app_close(b);
}

/* What one node has just activated has its names, also for a node that nobody has told. */
static void test_a_name_is_taken_once(void **state) {
    CITY(c);
    struct app *b = second_node(c);
    assert_int_equal(load_second(c->app, "approval/second"), 0);
    assert_null(realm_system(&b->realm, S("approval/second")));
    assert_int_equal(load_second(b, "approval/third"), ERR_SYSTEM);
    assert_int_equal(load_second(b, "approval/second"), 0); /* its own is no other's */
    app_close(b);
}

/* Readers as HTTP threads are: they see one release or the next, whole, while what was before is freed. Under the sanitizers this shows
 * unsafe sharing, and what is freed too early. */
struct reading {
    struct app *app;
    atomic_bool stop;
    atomic_uint odd, reads;
};

static void *read_on(void *arg) {
    struct reading *r = arg;
    while (!r->stop) {
        uint64_t held = realm_hold(&r->app->realm);
        const struct system *sys = active(r->app);
        const struct clock_calendar *days = r->app->realm.calendar;
        const struct system *again = sys ? r->app->realm.systems.by_release(r->app->realm.systems.context, sys->release) : NULL;
        if (!sys || again != sys || !system_find(sys, SYSTEM_ITEM, S("residence-proof")) || !days) r->odd++;
        realm_let(&r->app->realm, held);
        r->reads++;
    }
    return NULL;
}

static const struct system *find(const struct app *app, int64_t release) {
    return app->realm.systems.by_release(app->realm.systems.context, release);
}

/* Memory levels off; what is held stays whole; what was freed is there again when it is asked for. */
static void test_releases_come_and_go(void **state) {
    CITY(c);
    enum { ROUNDS = 4, EACH = RELEASES_IDLE_MAX };
    struct app *b = second_node(c);
    const struct system *first = active(b);
    int64_t first_id = first->release, id = 0;
    size_t level = 0;
    uint64_t held = realm_hold(&b->realm);
    for (int i = 0; i < ROUNDS * EACH; i++) {
        char version[] = "5.a.a";
        version[2] = (char)('a' + i / EACH), version[4] = (char)('a' + i % EACH);
        id = load_version(c->app, version);
        assert_int_equal(app_follow(b, NULL), 0);
        app_free_releases(b);
        if (i == EACH) assert_true(find(b, first_id) != NULL);
        if (i < 2 * EACH) continue;
        if (i == 2 * EACH) { /* what was there when the hold began is out of sight by now, and whole */
            assert_true(str_eq(first->id, S("approval/residence-proof")));
            assert_non_null(system_find(first, SYSTEM_ITEM, S("residence-proof")));
            assert_true(b->in_memory > RELEASES_IDLE_MAX + 20);
            realm_let(&b->realm, held);
            app_free_releases(b);
            level = b->in_memory;
            assert_true(level < RELEASES_IDLE_MAX + 20);
        }
        assert_int_equal(b->in_memory, level);
    }
    held = realm_hold(&b->realm);
    const struct system *again = find(b, first_id); /* as a case that pins it does */
    assert_non_null(again);
    assert_int_equal(again->release, first_id);
    assert_non_null(system_find(again, SYSTEM_ITEM, S("residence-proof")));
    assert_ptr_equal(find(b, first_id), again);
    assert_ptr_equal(find(b, id), active(b)); /* the active one was never taken out */
    for (size_t i = 0; i < again->n_needs; i++) assert_ptr_equal(find(b, again->needs[i]->release), again->needs[i]);
    app_free_releases(b);
    assert_ptr_equal(find(b, first_id), again); /* it was used last */
    realm_let(&b->realm, held);
    app_close(b);
}

static void test_requests_go_on_meanwhile(void **state) {
    CITY(c);
    struct app *b = second_node(c);
    struct reading r = { .app = b };
    pthread_t thread[3];
    for (size_t i = 0; i < 3; i++) assert_int_equal(pthread_create(&thread[i], NULL, read_on, &r), 0);
    enum { VERSIONS = RELEASES_IDLE_MAX + 4 };
    for (int i = 0; i < VERSIONS; i++) {
        char version[] = "3.0.a";
        version[sizeof version - 2] = (char)('a' + i);
        int64_t id = load_version(c->app, version);
        assert_int_equal(app_follow(b, NULL), 0);
        assert_int_equal(active(b)->release, id);
        app_free_releases(b);
    }
    r.stop = true;
    for (size_t i = 0; i < 3; i++) assert_int_equal(pthread_join(thread[i], NULL), 0);
    assert_int_equal(r.odd, 0);
    assert_true(r.reads > 0);
    app_close(b);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_second_node_follows), cmocka_unit_test(test_a_name_is_taken_once),
                                        cmocka_unit_test(test_releases_come_and_go),
                                        cmocka_unit_test(test_requests_go_on_meanwhile) };
    return CITY_FIXTURE_RUN("follow", tests);
}
