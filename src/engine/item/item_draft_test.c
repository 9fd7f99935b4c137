/* A draft that is thrown away: nothing of it is left, a day later not even the sealed bytes of its files, nobody else can throw it away,
 * and what was submitted cannot be; on both stores.
 */
#include "engine/item/item_rows.h"

#include "app/city_fixture.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void play(const struct city *c, int64_t *id, const char *steps) {
    struct err e = { 0 };
    if (city_fixture_play(c, steps, id, &e)) fail_msg("%s %s", e.field, e.detail);
}

struct throwing {
    const struct realm *r;
    struct actor who;
    int64_t case_id;
};

static int drop(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct throwing *t = job->arg;
    return item_draft_drop(tx, t->r, &t->who, t->case_id, e);
}

STORE_STMT(draft_test_left, STORE_READS,
           "SELECT (SELECT COUNT(*) FROM item_case WHERE home = ? AND id = ?) + "
           "(SELECT COUNT(*) FROM item_event WHERE home = ? AND case_id = ?) + "
           "(SELECT COUNT(*) FROM item_material WHERE home = ? AND case_id = ?) + "
           "(SELECT COUNT(*) FROM access_scope WHERE home = ? AND list = 'case' AND object = ?)");

struct left {
    struct home_id home;
    int64_t case_id, rows;
};

static int count_left(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct left *l = job->arg;
    const struct store_val v[] = { SV_I(l->home.v), SV_I(l->case_id), SV_I(l->home.v), SV_I(l->case_id),
                                   SV_I(l->home.v), SV_I(l->case_id), SV_I(l->home.v), SV_I(l->case_id) };
    return store_one_i64(tx, &draft_test_left, v, 8, &l->rows, e);
}

enum { FILES_MAX = 8 };

struct files {
    int64_t case_id, id[FILES_MAX];
    uint8_t blob[FILES_MAX][32];
    size_t n;
};

STORE_STMT(draft_test_files, STORE_READS, "SELECT id, blob FROM item_material WHERE home = ? AND case_id = ? ORDER BY id");

static int find_files(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct files *f = job->arg;
    struct store_rows *rows;
    int rc = store_query(tx, &draft_test_files, &rows, e, SV_I(job->home.v), SV_I(f->case_id));
    if (rc) return rc;
    for (f->n = 0; store_next(rows) && f->n < FILES_MAX; f->n++) {
        f->id[f->n] = store_i64(rows, 0);
        memcpy(f->blob[f->n], store_bytes(rows, 1).ptr, sizeof f->blob[0]);
    }
    return store_end(rows, e);
}

/* Which of them are on the disk, a bit for each. */
static unsigned on_disk(const struct city *c, const struct files *f) {
    unsigned there = 0;
    for (size_t i = 0; i < f->n; i++) {
        struct arena a;
        struct str bytes;
        arena_init(&a, "a file", 1024 * 1024);
        if (blobs_get(c->app->realm.blobs, f->blob[i], &a, 1024 * 1024, &bytes, NULL) == 0) there |= 1u << i;
        arena_done(&a);
    }
    return there;
}

/* What the worker's turn does, so many milliseconds later. */
static size_t let_go(const struct city *c, int64_t later_ms) {
    size_t n = 9;
    os_clock_advance(later_ms);
    assert_int_equal(app_drop_files(c->app, &n, NULL), 0);
    return n;
}

struct taking_out {
    const struct realm *r;
    struct actor who;
    int64_t case_id, file;
};

static int take_out(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct taking_out *t = job->arg;
    return item_material_drop(tx, t->r, &t->who, t->case_id, t->file, e);
}

static int64_t rows_of(const struct city *c, int64_t case_id) {
    struct left l = { .home = c->app->realm.home, .case_id = case_id };
    assert_int_equal(city_fixture_run(c, count_left, &l, NULL), 0);
    return l.rows;
}

static int throw_away(const struct city *c, const char *login, int64_t case_id) {
    struct throwing t = { .r = &c->app->realm, .case_id = case_id };
    city_fixture_actor(c, login, &t.who);
    return city_fixture_run(c, drop, &t, NULL);
}

static void test_a_draft_leaves_nothing(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, CITY_SHOP_APPLY CITY_SMALL_SHOP);
    assert_true(rows_of(c, id) > 3);
    assert_int_equal(throw_away(c, "citizen", id), ERR_NOT_FOUND);
    assert_int_equal(throw_away(c, "company", id), 0);
    assert_int_equal(rows_of(c, id), 0);
    assert_int_equal(throw_away(c, "company", id), ERR_NOT_FOUND);
}

static void test_bytes_of_files_go_a_day_later(void **state) {
    CITY(c);
    struct files f = { 0 };
    (void)let_go(c, INT64_C(25) * 3600 * 1000); /* what other tests left */
    play(c, &f.case_id, CITY_SHOP_APPLY CITY_SMALL_SHOP);
    assert_int_equal(city_fixture_read(c, find_files, &f, NULL), 0);
    assert_int_equal(f.n, 2);
    struct taking_out t = { .r = &c->app->realm, .case_id = f.case_id, .file = f.id[1] };
    city_fixture_actor(c, "company", &t.who);
    assert_int_equal(city_fixture_run(c, take_out, &t, NULL), 0);
    assert_int_equal(city_fixture_run(c, take_out, &t, NULL), ERR_NOT_FOUND);
    assert_int_equal(let_go(c, INT64_C(23) * 3600 * 1000), 0);
    assert_int_equal(on_disk(c, &f), 3);
    assert_int_equal(let_go(c, INT64_C(2) * 3600 * 1000), 1);
    assert_int_equal(on_disk(c, &f), 1); /* the other is still a file of the draft */
    assert_int_equal(throw_away(c, "company", f.case_id), 0);
    assert_int_equal(let_go(c, 0), 0);
    assert_int_equal(on_disk(c, &f), 1);
    assert_int_equal(let_go(c, INT64_C(25) * 3600 * 1000), 1);
    assert_int_equal(on_disk(c, &f), 0);
    assert_int_equal(let_go(c, INT64_C(25) * 3600 * 1000), 0);
}

static void test_what_is_submitted_is_not_thrown_away(void **state) {
    CITY(c);
    int64_t id = 0;
    play(c, &id, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT);
    int64_t before = rows_of(c, id);
    assert_int_equal(throw_away(c, "company", id), ERR_STATE);
    assert_int_equal(rows_of(c, id), before);
}

struct beginning {
    const struct realm *r;
    struct actor who;
    const char *item;
    int64_t id;
    size_t n_open;
};

static int begin_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct beginning *b = job->arg;
    const struct system *m;
    const struct item_type *t = realm_find(b->r, SYSTEM_ITEM, str_of(b->item), &m);
    return item_draft_open(tx, b->r, &b->who, m, t, &b->id, e);
}

static int open_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct beginning *b = job->arg;
    struct val *list;
    int rc = item_open_cases_view(tx, b->r, &b->who, 5, S("zh"), &list, e);
    b->n_open = val_count(list);
    if (b->n_open) b->id = val_get_i64(val_item(list, 0), S("id"), 0);
    return rc;
}

/* Who acts in one matter alone begins no other one, whatever else speaks against it, and the cases of others do not stand in the way of
 * his own. */
static void test_who_acts_in_one_matter_has_no_other(void **state) {
    static const struct str matter = S_INIT("outdoor-event");
    static const char *const others[] = { "restaurant", "residence-proof" };
    CITY(c);
    struct beginning b = { .r = &c->app->realm, .item = "outdoor-event" };
    int64_t theirs = 0;
    city_fixture_actor(c, "company", &b.who);
    b.who.items = &matter;
    b.who.n_items = 1;
    assert_int_equal(city_fixture_run(c, begin_body, &b, NULL), 0);
    const int64_t mine = b.id;
    os_clock_advance(1000);
    for (int i = 0; i < 21; i++) play(c, &theirs, CITY_SHOP_APPLY CITY_SMALL_SHOP CITY_SHOP_SUBMIT); /* newer than his, more than a page */
    assert_int_equal(city_fixture_read(c, open_body, &b, NULL), 0);
    assert_int_equal(b.n_open, 1);
    assert_int_equal(b.id, mine);
    for (size_t i = 0; i < 2; i++) {
        b.item = others[i];
        assert_int_equal(city_fixture_run(c, begin_body, &b, NULL), ERR_NOT_FOUND);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_draft_leaves_nothing),
        cmocka_unit_test(test_bytes_of_files_go_a_day_later),
        cmocka_unit_test(test_what_is_submitted_is_not_thrown_away),
        cmocka_unit_test(test_who_acts_in_one_matter_has_no_other),
    };
    return CITY_FIXTURE_RUN("draft", tests);
}
