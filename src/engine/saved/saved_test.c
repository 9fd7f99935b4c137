/* saved: lists under a name: one's own, shared with a unit, one that opens first, within their limits; nobody else's, and sealed;
 * on both stores. */
#include "engine/saved/saved.h"

#include "app/city_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct saving {
    const struct realm *r;
    struct actor who;
    struct saved s, out[SAVED_SHOWN_MAX];
    size_t n;
    int64_t id;
};

static int put(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct saving *x = job->arg;
    return saved_put(tx, x->r, &x->who, &x->s, &x->id, e);
}

static int drop(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct saving *x = job->arg;
    return saved_drop(tx, x->r, &x->who, x->id, e);
}

static int of(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct saving *x = job->arg;
    return saved_of(tx, x->r, &x->who, x->s.path, x->out, &x->n, e);
}

static int get(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct saving *x = job->arg;
    return saved_get(tx, x->r, &x->who, x->id, &x->out[0], e);
}

static int save(const struct city *c, struct saving *x, const char *name, struct err *e) {
    x->s.name = str_of(name);
    *e = (struct err){ 0 };
    return city_fixture_run(c, put, x, e);
}

static struct saving begin(const struct city *c, const char *who, const char *path) {
    struct saving x = { .r = &c->app->realm, .s = { .path = str_of(path), .query = S("due=late&sort=received&order=asc") } };
    city_fixture_actor(c, who, &x.who);
    return x;
}

static void test_own(void **state) {
    CITY(c);
    struct saving x = begin(c, "food", "/desk");
    struct saving other = begin(c, "fire", "/desk");
    struct err e;
    x.s.opens = true;
    assert_int_equal(save(c, &x, " 超期的 ", &e), 0);
    const int64_t first = x.id;
    assert_int_equal(save(c, &x, "今天的", &e), 0); /* opens as well: the first no longer does */
    assert_int_equal(city_fixture_read(c, of, &x, &e), 0);
    assert_int_equal(x.n, 2);
    assert_true(x.out[0].id == first && !x.out[0].opens && x.out[1].opens && x.out[0].own);
    assert_true(str_eq(x.out[0].name, S("超期的")) && str_eq(x.out[0].query, x.s.query));
    assert_int_equal(save(c, &x, "今天的", &e), ERR_DUPLICATE);
    assert_string_equal(e.field, "name");
    x.s.id = first; /* to the other's name; then to one of its own */
    assert_int_equal(save(c, &x, "今天的", &e), ERR_DUPLICATE);
    assert_int_equal(save(c, &x, "迟了的", &e), 0);
    assert_int_equal(city_fixture_read(c, of, &x, &e), 0);
    assert_true(x.n == 2 && str_eq(x.out[0].name, S("迟了的")) && x.out[0].opens && !x.out[1].opens);
    assert_int_equal(city_fixture_read(c, of, &other, &e), 0);
    assert_int_equal(other.n, 0);
    other.id = first;
    assert_int_equal(city_fixture_read(c, get, &other, &e), ERR_NOT_FOUND);
    assert_int_equal(city_fixture_run(c, drop, &other, &e), ERR_NOT_FOUND);
    other.s.id = first;
    assert_int_equal(save(c, &other, "别人的", &e), ERR_NOT_FOUND);
    x.id = first;
    assert_int_equal(city_fixture_run(c, drop, &x, &e), 0);
    assert_int_equal(city_fixture_read(c, get, &x, &e), ERR_NOT_FOUND);
}

static void test_shared(void **state) {
    CITY(c);
    struct saving x = begin(c, "food", "/desk/done");
    struct saving colleague = begin(c, "food", "/desk/done"), elsewhere = begin(c, "fire", "/desk/done");
    struct err e;
    colleague.who.account = 4711; /* another who has a post in the unit */
    x.s.unit = elsewhere.who.posts[0].unit;
    assert_int_equal(save(c, &x, "给别的单位", &e), ERR_FORBIDDEN);
    assert_string_equal(e.field, "unit");
    x.s.unit = x.who.posts[0].unit;
    x.s.opens = true;
    assert_int_equal(save(c, &x, "大家的", &e), 0);
    assert_int_equal(city_fixture_read(c, of, &colleague, &e), 0);
    assert_int_equal(colleague.n, 1);
    assert_true(!colleague.out[0].own && colleague.out[0].by.len && str_eq(colleague.out[0].name, S("大家的")));
    assert_int_equal(city_fixture_read(c, of, &elsewhere, &e), 0);
    assert_int_equal(elsewhere.n, 0);
    colleague.id = x.id; /* used by all, changed by one */
    assert_int_equal(city_fixture_run(c, drop, &colleague, &e), ERR_NOT_FOUND);
    x.s.id = x.id, x.s.unit = 0;
    assert_int_equal(save(c, &x, "大家的", &e), 0);
    assert_int_equal(city_fixture_read(c, of, &colleague, &e), 0);
    assert_int_equal(colleague.n, 0);
}

static void test_limits(void **state) {
    CITY(c);
    struct saving x = begin(c, "sign", "/desk/mine");
    struct err e;
    static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
    _Static_assert(sizeof names / sizeof *names == SAVED_MAX, "as many as there may be");
    assert_int_equal(save(c, &x, " ", &e), ERR_REQUIRED);
#define TEN "一二三四五六七八九十"
    assert_int_equal(save(c, &x, TEN TEN TEN TEN "一", &e), ERR_TOO_LONG);
    static const char *const wrong[] = { "", "due=late\r\nSet-Cookie: a", "a=b#c", "//elsewhere", "a=名" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        x.s.query = str_of(wrong[i]);
        assert_int_equal(save(c, &x, "x", &e), ERR_INPUT);
    }
    x.s.query = S("due=late");
    static const char *const places[] = { "", "desk", "//desk", "/desk?x", "/../etc", "/desk\\x" };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        x.s.path = str_of(places[i]);
        assert_int_equal(save(c, &x, "x", &e), ERR_INPUT);
    }
    x.s.path = S("/desk/mine");
    for (size_t i = 0; i < SAVED_MAX; i++) assert_int_equal(save(c, &x, names[i], &e), 0);
    assert_int_equal(save(c, &x, "i", &e), ERR_LIMIT);
    x.s.id = x.id; /* changing one is no other */
    assert_int_equal(save(c, &x, "i", &e), 0);
}

/* The table alone tells nobody what was searched for, and a row that was moved is none. */
static int look_into(struct store_tx *tx, struct store_job *job, struct err *e) {
    STORE_STMT(saved_test_body, STORE_READS, "SELECT body FROM saved_list WHERE home = ? AND id = ?");
    struct saving *x = job->arg;
    struct store_rows *q;
    int rc = store_query(tx, &saved_test_body, &q, e, SV_I(x->r->home.v), SV_I(x->id));
    if (rc) return rc;
    assert_true(store_next(q));
    struct str body = store_bytes(q, 0);
    assert_true(str_find(body, S("zhang"), 0) == SIZE_MAX && str_find(body, S("张"), 0) == SIZE_MAX);
    return store_end(q, e);
}

static int plant(struct store_tx *tx, struct store_job *job, struct err *e) {
    STORE_STMT(saved_test_plant, STORE_WRITES, "UPDATE saved_list SET unit = 7 WHERE home = ? AND id = ?");
    struct saving *x = job->arg;
    return store_exec(tx, &saved_test_plant, NULL, e, SV_I(x->r->home.v), SV_I(x->id));
}

static void test_sealed(void **state) {
    CITY(c);
    struct saving x = begin(c, "police", "/desk/copied");
    struct err e;
    x.s.query = S("q=zhang");
    assert_int_equal(save(c, &x, "张某的", &e), 0);
    assert_int_equal(city_fixture_read(c, look_into, &x, &e), 0);
    assert_int_equal(city_fixture_plant(c, plant, &x, &e), 0);
    assert_int_equal(city_fixture_read(c, get, &x, &e), ERR_DAMAGED);
}

static void test_who_may(void **state) {
    CITY(c);
    struct saving x = begin(c, "company", "/desk"); /* acts for his company: what is his account's own rests */
    struct err e;
    assert_int_equal(save(c, &x, "x", &e), ERR_FORBIDDEN);
    x.who = (struct actor){ .request_id = S("r"), .peer = S("-"), .lang = S("zh") };
    assert_int_equal(save(c, &x, "x", &e), ERR_LOGIN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own),    cmocka_unit_test(test_shared),  cmocka_unit_test(test_limits),
        cmocka_unit_test(test_sealed), cmocka_unit_test(test_who_may),
    };
    return CITY_FIXTURE_RUN("saved", tests);
}
