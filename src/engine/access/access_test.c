/* access: nothing is granted but by a grant; scopes, conditions, lists; what a token may and may not reach. */
#include "data/yaml.h"
#include "engine/access/access.h"
#include "store/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct system sys;
static const struct system *list[1];
static size_t n_systems;

static size_t active(void *context, const struct system ***ret) {
    (void)context;
    *ret = list;
    return n_systems;
}

static const char rules[] =
    "standings:\n"
    "  agent: {title: 经办, of: [company, person], may: [case.read, case.draft]}\n"
    "  viewer: {title: 查看, of: [company], may: [case.read]}\n"
    "roles:\n"
    "  clerk: {title: 窗口}\n"
    "  chief: {title: 主管}\n"
    "grants:\n"
    "  - {role: anyone, may: [page.public], scope: all}\n"
    "  - {role: person, may: [case.read, case.draft], scope: own}\n"
    "  - {role: clerk, may: [task.read, task.list], scope: unit}\n"
    "  - {role: chief, may: [case.read], scope: all, when: 'object.state = \"ended\"'}\n"
    "  - {role: chief, may: [task.read], scope: unit}\n"
    "  - {role: clerk, may: [case.supplement], scope: unit, when: 'object.missing.thing = 1'}\n"
    "  - {role: clerk, may: [case.withdraw], scope: unit, when: 'object.state'}\n"
    "  - {role: clerk, may: [case.rate], scope: unit, when: 'actor.account = 7 and list contains(actor.roles, \"clerk\")'}\n";

static struct realm realm_of(const char *yaml) {
    struct val *v;
    struct err e = { 0 };
    struct realm r = { .home = { 1 }, .systems = { .active = active } };
    sys = (struct system){ .id = S("t"), .title = S("t") };
    assert_int_equal(yaml_parse(&arena, S("access.yaml"), str_of(yaml), &v, &e), 0);
    if (access_compile(&arena, S("t"), S("access.yaml"), v, &sys.access, &e)) print_error("%u %s\n", e.line, e.detail);
    list[0] = &sys;
    n_systems = 1;
    return r;
}

static const struct actor_post clerk_here[] = { { .role = S_INIT("clerk"), .unit = 100 } };
static const struct actor_post two_posts[] = { { .role = S_INIT("clerk"), .unit = 100 }, { .role = S_INIT("chief"), .unit = 200 } };

static bool reaches_id(const struct scope_token *t, int64_t id) {
    for (size_t i = 0; i < t->n; i++)
        if (t->id[i] == id) return true;
    return false;
}

static void test_nothing_is_granted_by_default(void **state) {
    (void)state;
    struct realm r = realm_of(rules);
    struct scope_token t;
    struct err e;
    struct actor nobody = { 0 }, person = { .account = 7, .person = 70 }, clerk = { .account = 7, .posts = clerk_here, .n_posts = 1 };
    assert_int_equal(access_may(&r, &nobody, S("page.public"), &t, &e), 0);
    assert_int_equal(access_may(&r, &nobody, S("case.read"), &t, &e), ERR_LOGIN);
    assert_int_equal(access_may(&r, &person, S("task.read"), &t, &e), ERR_FORBIDDEN);
    assert_int_equal(access_may(&r, &person, S("no.such.act"), &t, &e), ERR_FORBIDDEN);
    assert_int_equal(access_may(&r, &clerk, S("account.create"), &t, &e), ERR_FORBIDDEN);
    assert_int_equal(access_may(&r, &clerk, S("release.load"), &t, &e), ERR_FORBIDDEN);
    n_systems = 0; /* an empty installation: its worker loads the first system, and nobody else does anything */
    static const struct actor_post worker_post[] = { { .role = S_INIT("worker") } };
    struct actor worker = { .posts = worker_post, .n_posts = 1 };
    assert_int_equal(access_may(&r, &worker, S("release.load"), &t, &e), 0);
    assert_int_equal(access_may(&r, &worker, S("account.create"), &t, &e), ERR_LOGIN);
    assert_int_equal(access_may(&r, &clerk, S("release.load"), &t, &e), ERR_FORBIDDEN);
}

static void test_scopes(void **state) {
    (void)state;
    struct realm r = realm_of(rules);
    struct scope_token t;
    struct err e;
    struct actor person = { .account = 7, .person = 70 };
    struct actor company = { .account = 7, .person = 70, .on_behalf = 900, .standing = S("agent") };
    struct actor clerk = { .account = 8, .posts = clerk_here, .n_posts = 1 };
    assert_int_equal(access_may(&r, &person, S("case.read"), &t, &e), 0);
    assert_true(!t.all && t.n == 2 && reaches_id(&t, 70) && reaches_id(&t, 7));
    /* acting for a company: it alone, neither the person's own matters nor those of the bare account */
    assert_int_equal(access_may(&r, &company, S("case.read"), &t, &e), 0);
    assert_true(!t.all && t.n == 1 && reaches_id(&t, 900));
    assert_int_equal(access_may(&r, &clerk, S("task.read"), &t, &e), 0);
    assert_true(!t.all && t.n == 1 && reaches_id(&t, 100));
}

/* An object of `system`, which needs `needs`. */
static struct val *object_of(const char *system, const char *needs, const char *state) {
    struct val *v = val_map(&arena), *systems = val_list(&arena);
    val_push(&arena, systems, val_str(&arena, str_of(system)));
    if (needs) val_push(&arena, systems, val_str(&arena, str_of(needs)));
    val_put(&arena, v, S("systems"), systems);
    val_put_str(&arena, v, S("state"), str_of(state));
    return v;
}

static int check(const struct realm *r, const struct actor *who, struct str act, const struct val *object) {
    struct scope_token t;
    struct err e;
    int rc = access_may(r, who, act, &t, &e);
    return rc ? rc : access_check(&t, who, object, &arena, &e);
}

static void test_conditions_that_are_not_true_refuse(void **state) {
    (void)state;
    struct realm r = realm_of(rules);
    struct actor clerk = { .account = 7, .posts = clerk_here, .n_posts = 1 };
    struct val *object = object_of("t", NULL, "ended");
    assert_int_equal(check(&r, &clerk, S("case.supplement"), object), ERR_FORBIDDEN);  /* null */
    assert_int_equal(check(&r, &clerk, S("case.withdraw"), object), ERR_FORBIDDEN); /* a text is not true */
    assert_int_equal(check(&r, &clerk, S("case.rate"), object), 0);
    clerk.account = 9;
    assert_int_equal(check(&r, &clerk, S("case.rate"), object), ERR_FORBIDDEN); /* false */
}

/* A post's right ends where the system that gives it does; what is one's own does not. */
static void test_a_grant_reaches_its_own_systems(void **state) {
    (void)state;
    struct realm r = realm_of(rules);
    struct actor clerk = { .account = 8, .posts = clerk_here, .n_posts = 1 }, chief = { .account = 9, .posts = two_posts, .n_posts = 2 };
    struct actor person = { .account = 7, .person = 70 };
    static const struct {
        const char *system, *needs;
        int clerk, chief, chief_ended;
    } row[] = { { "t", NULL, 0, ERR_FORBIDDEN, 0 },
                { "u", "t", 0, ERR_FORBIDDEN, 0 },
                { "u", NULL, ERR_NOT_FOUND, ERR_NOT_FOUND, ERR_NOT_FOUND },
                { "u", "v", ERR_NOT_FOUND, ERR_NOT_FOUND, ERR_NOT_FOUND } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct val *open = object_of(row[i].system, row[i].needs, "accepted");
        const struct val *ended = object_of(row[i].system, row[i].needs, "ended");
        assert_int_equal(check(&r, &clerk, S("task.read"), open), row[i].clerk);
        assert_int_equal(check(&r, &person, S("case.read"), open), 0);
        struct scope_token t, wide;
        struct err e;
        assert_int_equal(access_may(&r, &chief, S("case.read"), &t, &e), 0);
        access_narrow(&t, &chief, S("chief"), &wide);
        assert_int_equal(access_check(&wide, &chief, open, &arena, &e), row[i].chief);
        assert_int_equal(access_check(&wide, &chief, ended, &arena, &e), row[i].chief_ended);
    }
    assert_int_equal(check(&r, &clerk, S("task.read"), NULL), ERR_NOT_FOUND); /* of no system: nobody's */
}

static void test_compile_errors_name_the_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t line;
    } bad[] = {
        { "roles:\n  a: {}\n", 2 },
        { "grants:\n  - {role: a, may: [case.read], scope: own}\n  - {role: a, may: [no.such], scope: own}\n", 3 },
        { "grants:\n  - {role: a, may: [case.read], scope: wide}\n", 2 },
        { "grants:\n  - {role: a, may: [case.read]}\n", 2 },
        { "grants:\n  - {role: a, may: [], scope: own}\n", 2 },
        { "grants:\n  - {may: [case.read], scope: own}\n", 2 },
        { "grants:\n  - {role: a, may: [case.read], scope: own, unless: x}\n", 2 },
        { "grants:\n  - {role: a, may: [case.read], scope: own, when: '1 +'}\n", 2 },
        { "grants:\n  - {role: a, may: [case.read, paper.read], scope: own, when: 'true'}\n", 2 }, /* nobody would judge it */
        { "grants:\n  - {role: a, may: [case.look_up], scope: own, when: 'true'}\n", 2 },
        { "grant:\n  - {role: a, may: [case.read], scope: own}\n", 1 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct val *v;
        struct err e = { 0 };
        const struct access_rules *ret;
        assert_int_equal(yaml_parse(&arena, S("access.yaml"), str_of(bad[i].text), &v, &e), 0);
        int rc = access_compile(&arena, S("t"), S("access.yaml"), v, &ret, &e);
        if (rc != ERR_SYSTEM || e.line != bad[i].line) print_error("case %zu: %s line %u\n", i, err_name(rc), e.line);
        assert_int_equal(rc, ERR_SYSTEM);
        assert_int_equal(e.line, bad[i].line);
        assert_string_equal(e.field, "access.yaml");
    }
}

/* ---- rows ---- */

static int fill(struct store_tx *tx, struct store_job *job, struct err *e) {
    int rc = 0;
    (void)job;
    /* objects 1..30: odd ones of unit 100, those divisible by 3 of unit 200; all but 30 of the realm; equal keys in threes */
    for (int64_t i = 1; i <= 30 && !rc; i++) {
        if (i % 2) rc = scope_put(tx, job->home, S("case"), 100, i / 3 + 1, i, e);
        if (!rc && i % 3 == 0) rc = scope_put(tx, job->home, S("case"), 200, i / 3 + 1, i, e);
        if (!rc && i != 30) rc = scope_put(tx, job->home, S("case"), 1, i / 3 + 1, i, e);
    }
    return rc ? rc : scope_put(tx, job->home, S("case"), 100, 1, 1, e); /* again: no harm */
}

struct paging {
    struct scope_token t;
    size_t page;
    int64_t seen[64];
    size_t n;
};

static int walk(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct paging *p = job->arg;
    int64_t ids[8], keys[8], key = 0, object = 0;
    size_t n;
    p->n = 0;
    do {
        int rc = scope_page(tx, &p->t, S("case"), &(struct scope_order){ 0 }, key, object, ids, keys, p->page, &n, e);
        if (rc) return rc;
        for (size_t i = 0; i < n; i++) {
            assert_true(p->n < 64);
            assert_true(key == 0 || keys[i] < key || (keys[i] == key && ids[i] < object));
            p->seen[p->n++] = ids[i];
            key = keys[i], object = ids[i];
        }
    } while (n);
    return 0;
}

static int reach(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct paging *p = job->arg;
    for (int64_t i = 1; i <= 31; i++) {
        bool here = i <= 30 && (p->t.all ? i != 30 : (reaches_id(&p->t, 100) && i % 2) || (reaches_id(&p->t, 200) && i % 3 == 0));
        assert_int_equal(scope_reaches(tx, &p->t, S("case"), i, e), here ? 0 : ERR_NOT_FOUND);
        assert_int_equal(scope_reaches(tx, &p->t, S("other"), i, e), ERR_NOT_FOUND);
    }
    return 0;
}

static int drop_all(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct paging *p = job->arg;
    int rc = scope_drop(tx, job->home, S("case"), 15, e);
    assert_int_equal(scope_reaches(tx, &p->t, S("case"), 15, e), ERR_NOT_FOUND);
    return rc;
}

static void lists(struct store *s, void *arg) {
    (void)arg;
    assert_int_equal(store_fixture_run(s, fill, NULL, NULL), STORE_OK);
    static struct paging p;
    for (p.page = 1; p.page <= 8; p.page += 3) {
        p.t = (struct scope_token){ .home = { 1 }, .id = { 100, 200 }, .n = 2 };
        assert_int_equal(store_fixture_read(s, walk, &p, NULL), STORE_OK);
        assert_int_equal(p.n, 20); /* 15 odd + 10 thirds - 5 both, each once */
        for (size_t i = 0; i < p.n; i++)
            for (size_t k = 0; k < i; k++) assert_int_not_equal(p.seen[i], p.seen[k]);
        p.t = (struct scope_token){ .home = { 1 }, .all = true };
        assert_int_equal(store_fixture_read(s, walk, &p, NULL), STORE_OK);
        assert_int_equal(p.n, 29); /* not the one that the realm has no row of */
    }
    p.t = (struct scope_token){ .home = { 1 }, .id = { 100 }, .n = 1 };
    assert_int_equal(store_fixture_read(s, reach, &p, NULL), STORE_OK);
    p.t = (struct scope_token){ .home = { 1 }, .id = { 100, 200 }, .n = 2 };
    assert_int_equal(store_fixture_read(s, reach, &p, NULL), STORE_OK);
    p.t = (struct scope_token){ .home = { 1 }, .all = true };
    assert_int_equal(store_fixture_read(s, reach, &p, NULL), STORE_OK);
    p.t = (struct scope_token){ .home = { 2 }, .all = true }; /* another realm sees nothing */
    assert_int_equal(store_fixture_read(s, walk, &p, NULL), STORE_OK);
    assert_int_equal(p.n, 0);
    p.t = (struct scope_token){ .home = { 1 }, .id = { 100, 200 }, .n = 2 };
    assert_int_equal(store_fixture_run(s, drop_all, &p, NULL), STORE_OK);
}

/* ---- orders and facets ---- */

/* objects 1..40 of two scopes: by the first key they stand as their ids, by the second the other way round; every fourth is "a",
 * every fifth "b", and one was written before there were facets. */
static int fill_facets(struct store_tx *tx, struct store_job *job, struct err *e) {
    int rc = 0;
    (void)job;
    for (int64_t i = 1; i <= 40 && !rc; i++) {
        const struct scope_keys k = { .first = i, .second = 1000 - i, .a = i % 4 ? S("x") : S("a"), .b = i % 5 ? S("y") : S("b") };
        rc = scope_place(tx, job->home, S("task"), 100, &k, i, e);
        if (!rc && i % 2) rc = scope_place(tx, job->home, S("task"), 200, &k, i, e);
    }
    return rc ? rc : scope_put(tx, job->home, S("task"), 100, 41, 41, e);
}

struct ordered {
    struct scope_order o;
    struct scope_token t;
    int64_t seen[64];
    size_t n, count;
};

static int walk_ordered(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct ordered *w = job->arg;
    struct scope_walk s;
    int64_t key = 0, object = 0, id = 1;
    int rc = scope_count(tx, &w->t, S("task"), &w->o, &w->count, e);
    for (w->n = 0; !rc && id;) { /* a page of three, then on from its last row */
        scope_walk_begin(&s, &w->t, S("task"), key, object, 3, false);
        s.order = w->o;
        for (size_t i = 0; i < 3 && !rc && id; i++) {
            rc = scope_walk_next(tx, &s, &id, e);
            if (!rc && id && w->n < 64) w->seen[w->n++] = id;
        }
        key = s.key, object = s.object;
    }
    return rc;
}

static int drop_old(struct store_tx *tx, struct store_job *job, struct err *e) {
    return scope_drop(tx, job->home, S("task"), 41, e);
}

static void orders(struct store *s, void *arg) {
    static struct ordered w;
    (void)arg;
    assert_int_equal(store_fixture_run(s, fill_facets, NULL, NULL), STORE_OK);
    for (unsigned i = 0; i < 12; i++) {
        w.t = (struct scope_token){ .home = { 1 }, .id = { 100, 200 }, .n = 2 };
        w.o = (struct scope_order){ .second = i & 1, .back = i >> 1 & 1, .facet = (enum scope_facet)(i / 4) };
        w.o.value = w.o.facet == SCOPE_A ? S("a") : S("b");
        assert_int_equal(store_fixture_read(s, walk_ordered, &w, NULL), STORE_OK);
        assert_int_equal(w.n, i < 4 ? 41 : i < 8 ? 11 : 9); /* each once, with the one of before facets */
        assert_true(w.count == (i < 4 ? w.n : SCOPE_UNCOUNTED));
        /* The old row's only key is its first one, 41: the newest by the first, the oldest by the second. */
        bool down = !w.o.second != w.o.back;
        for (size_t k = 1; k < w.n; k++) assert_true(w.seen[k - 1] == 41 || w.seen[k] == 41 || (w.seen[k] < w.seen[k - 1]) == down);
    }
    static const struct str or_a[] = { S_INIT("nothing"), S_INIT("a") };
    for (unsigned back = 0; back < 2; back++) { /* one of several: merged in order, each once, the old one too */
        w.o = (struct scope_order){ .back = back, .facet = SCOPE_A, .value = S("x"), .or_value = or_a, .n_or = 2 };
        assert_int_equal(store_fixture_read(s, walk_ordered, &w, NULL), STORE_OK);
        assert_true(w.n == 41 && w.count == SCOPE_UNCOUNTED);
        for (size_t k = 1; k < w.n; k++) assert_true((w.seen[k] < w.seen[k - 1]) == !back && w.seen[k] != w.seen[k - 1]);
    }
    w.o = (struct scope_order){ .facet = SCOPE_A, .value = S("nothing") };
    assert_int_equal(store_fixture_read(s, walk_ordered, &w, NULL), STORE_OK);
    assert_int_equal(w.n, 1);
    assert_int_equal(store_fixture_run(s, drop_old, NULL, NULL), STORE_OK);
    w.o.value = S("a");
    assert_int_equal(store_fixture_read(s, walk_ordered, &w, NULL), STORE_OK);
    assert_true(w.n == 10 && w.count == 10);
}

static int renamed(struct store_tx *tx, struct store_job *job, struct err *e) {
    int rc = scope_facets(tx, job->home, S("task"), 8, S("x"), S("b"), e);
    return rc ? rc : scope_facets(tx, job->home, S("task"), 8, S("x"), S("b"), e);
}

static void facets_change(struct store *s, void *arg) {
    static struct ordered w = { .t = { .home = { 1 }, .id = { 100 }, .n = 1 }, .o = { .facet = SCOPE_A, .value = S_INIT("a") } };
    (void)arg;
    assert_int_equal(store_fixture_run(s, fill_facets, NULL, NULL), STORE_OK);
    assert_int_equal(store_fixture_run(s, renamed, NULL, NULL), STORE_OK);
    assert_int_equal(store_fixture_read(s, walk_ordered, &w, NULL), STORE_OK);
    assert_int_equal(w.n, 10);
}

static void test_orders(void **state) {
    store_fixture_each(orders, *state);
    store_fixture_each(facets_change, *state);
}

static void test_lists(void **state) {
    store_fixture_each(lists, *state);
}

/* person (own, no condition) and chief (all, ended only): the wide grant keeps its condition. */
static int widening(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct realm *r = job->arg;
    struct actor both = { .account = 7, .person = 70, .posts = two_posts, .n_posts = 2 };
    struct scope_token t, narrow;
    uint32_t reached = 0;
    struct val *object = object_of("t", NULL, "accepted");
    int rc = scope_put(tx, job->home, S("case"), 70, 5, 501, e);
    if (!rc) rc = scope_put(tx, job->home, S("case"), 1, 5, 501, e); /* the own one */
    if (!rc) rc = scope_put(tx, job->home, S("case"), 1, 5, 502, e); /* another's */
    if (rc) return rc;
    assert_int_equal(access_may(r, &both, S("case.read"), &t, e), 0);
    t.reached = &reached;
    assert_int_equal(scope_reaches(tx, &t, S("case"), 502, e), 0);
    assert_int_equal(access_check(&t, &both, object, store_arena(tx), e), ERR_FORBIDDEN);
    assert_int_equal(scope_reaches(tx, &t, S("case"), 501, e), 0);
    assert_int_equal(access_check(&t, &both, object, store_arena(tx), e), 0);
    val_put_str(store_arena(tx), object, S("state"), S("ended"));
    assert_int_equal(scope_reaches(tx, &t, S("case"), 502, e), 0);
    assert_int_equal(access_check(&t, &both, object, store_arena(tx), e), 0);
    /* clerk here, chief there: each post reaches its own unit only */
    assert_int_equal(access_may(r, &both, S("task.read"), &t, e), 0);
    assert_true(reaches_id(&t, 100) && reaches_id(&t, 200));
    access_narrow(&t, &both, S("clerk"), &narrow);
    assert_true(narrow.n == 1 && reaches_id(&narrow, 100));
    access_narrow(&t, &both, S("chief"), &narrow);
    assert_true(narrow.n == 1 && reaches_id(&narrow, 200));
    access_narrow(&t, &both, S("stranger"), &narrow);
    assert_true(narrow.n == 0 && narrow.n_grants == 0 && !narrow.all);
    assert_true(str_eq(access_role_of(&t), S("clerk")));
    return 0;
}

static void widens(struct store *s, void *arg) {
    assert_int_equal(store_fixture_run(s, widening, arg, NULL), STORE_OK);
}

/* ---- words ---- */

static int fill_words(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct realm *r = job->arg;
    static const struct str many[] = { S_INIT("1"), S_INIT("2"), S_INIT("3"), S_INIT("4"), S_INIT("5"),
                                       S_INIT("6"), S_INIT("7"), S_INIT("8"), S_INIT("9") }; /* more than one statement takes */
    int rc = scope_words_put(tx, r, S("case"), 100, 1, 99, many, 9, e);
    for (int64_t i = 1; i <= 20 && !rc; i++) {
        const struct str one = i % 4 ? S("x") : S("a");
        rc = scope_words_put(tx, r, S("case"), 100, i, i, &one, 1, e);
        if (!rc && i % 2) rc = scope_words_put(tx, r, S("case"), 200, i, i, &one, 1, e);
        if (!rc) rc = scope_words_put(tx, r, S("case"), 100, i, i, &one, 1, e); /* once more is no more */
    }
    return rc;
}

struct worded {
    const struct realm *r;
    struct scope_token t;
    struct str word[2];
    size_t n_words, n;
    bool back;
    const char *list;
    int64_t ids[64];
};

static int by_words(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct worded *w = job->arg;
    const struct scope_order o = { .back = w->back, .words_of = w->r, .word = w->word, .n_words = w->n_words };
    int64_t keys[64], key = 0, object = 0;
    size_t n = 3;
    int rc = 0;
    for (w->n = 0; !rc && n == 3; w->n += n) { /* page by page */
        rc = scope_page(tx, &w->t, str_of(w->list), &o, key, object, w->ids + w->n, keys + w->n, 3, &n, e);
        if (n) key = keys[w->n + n - 1], object = w->ids[w->n + n - 1];
    }
    return rc;
}

static size_t found(struct store *s, const struct realm *r, struct worded w, int64_t *first) {
    w.r = r;
    w.t.home = r->home;
    if (!w.list) w.list = "case";
    w.n_words = w.word[1].len ? 2 : 1;
    assert_int_equal(store_fixture_run(s, by_words, &w, NULL), STORE_OK);
    *first = w.n ? w.ids[0] : 0;
    return w.n;
}

/* What another scope, list, realm's key or word has is not found. */
static void words(struct store *s, void *arg) {
    struct realm other, *r = arg;
    int64_t first;
    assert_int_equal(store_fixture_run(s, fill_words, r, NULL), STORE_OK);
    const struct scope_token near = { .id = { 100 }, .n = 1 }, far = { .id = { 200 }, .n = 1 }, both = { .id = { 200, 100 }, .n = 2 },
                             none = { .id = { 300 }, .n = 1 };
    assert_int_equal(found(s, r, (struct worded){ .t = near, .word = { S("a") } }, &first), 5);
    assert_int_equal(first, 20);
    assert_int_equal(found(s, r, (struct worded){ .t = near, .word = { S("a") }, .back = true }, &first), 5);
    assert_int_equal(first, 4);
    assert_int_equal(found(s, r, (struct worded){ .t = near, .word = { S("a"), S("x") } }, &first), 20);
    assert_int_equal(found(s, r, (struct worded){ .t = far, .word = { S("x"), S("a") } }, &first), 10);
    assert_int_equal(first, 19);
    assert_int_equal(found(s, r, (struct worded){ .t = far, .word = { S("a") } }, &first), 0);
    assert_int_equal(found(s, r, (struct worded){ .t = both, .word = { S("x") } }, &first), 15); /* each once */
    assert_int_equal(found(s, r, (struct worded){ .t = none, .word = { S("x") } }, &first), 0);
    assert_int_equal(found(s, r, (struct worded){ .t = near, .word = { S("b") } }, &first), 0);
    assert_int_equal(found(s, r, (struct worded){ .t = near, .word = { S("9") } }, &first), 1);
    assert_int_equal(found(s, r, (struct worded){ .t = near, .word = { S("a") }, .list = "task" }, &first), 0);
    other = *r, other.keys.blind[0] ^= 1;
    assert_int_equal(found(s, &other, (struct worded){ .t = near, .word = { S("a") } }, &first), 0);
}

static void test_words(void **state) {
    struct realm r = realm_of(rules);
    (void)state;
    store_fixture_each(words, &r);
}

static void test_a_token_never_widens(void **state) {
    (void)state;
    struct realm r = realm_of(rules);
    store_fixture_each(widens, &r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_granted_by_default), cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_a_grant_reaches_its_own_systems),
        cmocka_unit_test(test_conditions_that_are_not_true_refuse), cmocka_unit_test(test_compile_errors_name_the_line),
        cmocka_unit_test(test_lists), cmocka_unit_test(test_orders), cmocka_unit_test(test_words),
        cmocka_unit_test(test_a_token_never_widens),
    };
    arena_init(&arena, "test", 16 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
