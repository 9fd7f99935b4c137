/* city_fixture: see city_fixture.h. Invariant: nothing here writes a row itself. */
#include "app/city_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/demo.h"
#include "data/yaml.h"
#include "engine/flow/flow.h"
#include "engine/identity/identity.h"
#include "engine/supervise/supervise.h"
#include "os/os.h"

static _Noreturn void fail(const char *what, const struct err *e) {
    (void)fprintf(stderr, "city_fixture: %s: %s %s:%u %s\n", what, err_name(e->code), e->field, e->line, e->detail);
    exit(1);
}

int city_fixture_open_empty(void **state, bool postgres) {
    struct err e = { 0 };
    *state = NULL;
    struct store_fixture *f = store_fixture_new(postgres);
    if (!f) return 0;
    struct city *c = calloc(1, sizeof *c);
    if (!c) return -1;
    os_seed(7, CITY_START_MS);
    c->fixture = f;
    c->postgres = postgres;
    struct app_config config = { .data_dir = store_fixture_dir(f), .store_url = store_fixture_url(f), .demo = true,
                                 .base_url = S("http://127.0.0.1:8080") };
    if (app_open(&config, &c->app, &e)) fail("app_open", &e);
    *state = c;
    return 0;
}

int city_fixture_sqlite(void **state) {
    return city_fixture_open(state, false);
}

int city_fixture_postgres(void **state) {
    return city_fixture_open(state, true);
}

int city_fixture_open(void **state, bool postgres) {
    struct err e = { 0 };
    int rc = city_fixture_open_empty(state, postgres);
    struct city *c = *state;
    struct demo d = { .systems_dir = "systems", .people = CITY_PEOPLE, .companies = CITY_COMPANIES, .seed = CITY_SAMPLE_SEED,
                      .hash = S(CITY_HASH) };
    if (rc || !c) return rc;
    if (app_load_systems(c->app, "systems", &e)) fail("app_load_systems", &e);
    if (app_make_demo(c->app, &d, &e)) fail("app_make_demo", &e);
    return 0;
}

int city_fixture_done(void **state) {
    struct city *c = *state;
    if (!c) return 0;
    app_close(c->app);
    os_real();
    store_fixture_free(c->fixture);
    free(c);
    return 0;
}

static int code_of(enum store_outcome out, const struct err *e) {
    if (out == STORE_OK) return 0;
    return e->code ? e->code : out == STORE_CONFLICT ? ERR_CONFLICT : out == STORE_DUPLICATE ? ERR_DUPLICATE : ERR_STORE;
}

int city_fixture_run(const struct city *c, store_body *body, void *arg, struct err *e) {
    struct err mine = { 0 };
    enum store_outcome out = store_fixture_run(c->app->store, body, arg, &mine);
    if (e) *e = mine;
    return code_of(out, &mine);
}

struct planting {
    store_body *body;
    void *arg;
};

static int plant_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct planting *x = job->arg;
    job->arg = x->arg;
    store_account(tx);
    int rc = x->body(tx, job, e);
    job->arg = x;
    return rc;
}

int city_fixture_plant(const struct city *c, store_body *body, void *arg, struct err *e) {
    struct planting x = { body, arg };
    return city_fixture_run(c, plant_body, &x, e);
}

int city_fixture_read(const struct city *c, store_body *body, void *arg, struct err *e) {
    struct err mine = { 0 };
    enum store_outcome out = store_fixture_read(c->app->store, body, arg, &mine);
    if (e) *e = mine;
    return code_of(out, &mine);
}

struct finding {
    const struct realm *r;
    struct str who;
    struct actor actor;
};

STORE_STMT(city_fixture_holder, STORE_READS,
           "SELECT account FROM identity_post WHERE home = ? AND role = ? AND until_ms > ? ORDER BY id LIMIT 1");

static int find_actor(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct finding *f = job->arg;
    struct store_val v[] = { SV_I(f->r->home.v), SV_T(f->who), SV_I(store_now_ms(tx)) };
    struct val *mandates;
    int64_t account;
    int rc = identity_account_by_login(tx, f->r, f->who, &account, e);
    if (rc == ERR_NOT_FOUND) rc = store_one_i64(tx, &city_fixture_holder, v, 3, &account, e);
    if (!rc) rc = identity_actor_of(tx, f->r, account, &f->actor, e);
    f->actor.request_id = S("test");
    f->actor.peer = S("-");
    f->actor.lang = S("zh");
    if (!rc && str_eq(f->who, S("company"))) {
        rc = identity_mandates(tx, f->r, &f->actor, &mandates, e);
        if (!rc) rc = identity_stand(tx, f->r, &f->actor, val_get_i64(val_item(mandates, 0), S("id"), 0), e);
    }
    return rc;
}

void city_fixture_actor(const struct city *c, const char *who, struct actor *ret) {
    struct finding *f = calloc(1, sizeof *f);
    struct err e = { 0 };
    if (!f) fail("memory", &e);
    f->r = &c->app->realm;
    f->who = str_of(who);
    if (city_fixture_read(c, find_actor, f, &e)) fail(who, &e);
    *ret = f->actor;
    free(f);
}

void city_fixture_change(const struct city *c, const char *system, const char *file, const char *from, const char *to) {
    static unsigned serial;
    struct arena a;
    struct release_files f;
    struct err e = { 0 };
    arena_init(&a, "change", 64 * 1024 * 1024);
    const char *dir = arena_fmt(&a, "%s/changed-%u", store_fixture_dir(c->fixture), ++serial).ptr;
    size_t at = SIZE_MAX;
    if (release_read_dir(&a, system, &f, &e)) fail(system, &e);
    for (size_t i = 0; i < f.n; i++) {
        struct str bytes = f.file[i].bytes;
        if (!str_eq(f.file[i].path, str_of(file)) || (at = str_find(bytes, str_of(from), 0)) == SIZE_MAX) continue;
        f.file[i].bytes = ARENA_CAT(&a, str_sub(bytes, 0, at), str_of(to), str_sub(bytes, at + str_of(from).len, SIZE_MAX));
        break;
    }
    if (at == SIZE_MAX) fail(from, &e);
    if (release_write_dir(&f, dir, &e) || app_load_system(c->app, dir, NULL, &e)) fail(system, &e);
    arena_done(&a);
}

int city_fixture_play(const struct city *c, const char *steps, int64_t *ret_case, struct err *e) {
    struct scenario s = { .app = c->app, .systems_dir = "systems", .step_ms = 60000 };
    struct arena a;
    struct val *yaml;
    arena_init(&a, "play", 16 * 1024 * 1024);
    int rc = yaml_parse(&a, S("test.yaml"), ARENA_CAT(&a, S("steps:\n"), str_of(steps)), &yaml, e);
    if (!rc) rc = scenario_play(&s, yaml, SIZE_MAX, *ret_case, e);
    *ret_case = s.case_id;
    arena_done(&a);
    return rc;
}

static int look_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct city_look *l = job->arg;
    struct flow_task *tasks;
    size_t n;
    int rc = item_case_get(tx, l->r, NULL, l->case_id, &l->c, e);
    if (!rc) rc = item_case_view(tx, l->r, &l->c, S(""), S("zh"), &l->view, e);
    if (!rc) rc = item_events(tx, l->r, &l->c, &l->events, e);
    if (!rc) rc = flow_tasks_of(tx, l->case_id, &tasks, &n, e);
    (void)job;
    if (rc) return rc;
    l->task = 0;
    for (size_t i = 0; i < n; i++)
        if (l->element && str_eq(tasks[i].element, str_of(l->element))) l->task = tasks[i].id;
    return 0;
}

void city_fixture_look(const struct city *c, struct city_look *ret, int64_t case_id, const char *element) {
    struct err e = { 0 };
    *ret = (struct city_look){ .r = &c->app->realm, .case_id = case_id, .element = element };
    if (city_fixture_read(c, look_body, ret, &e)) fail("look", &e);
}

struct race {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    size_t left;
};
struct runner {
    struct race *race;
    enum store_outcome *out;
};

static void race_done(struct store_job *job, enum store_outcome outcome, void *context) {
    struct runner *x = context;
    (void)job;
    (void)pthread_mutex_lock(&x->race->lock);
    *x->out = outcome;
    if (--x->race->left == 0) (void)pthread_cond_signal(&x->race->wake);
    (void)pthread_mutex_unlock(&x->race->lock);
}

void city_fixture_race(const struct city *c, struct store_job **jobs, size_t n, enum store_outcome *out) {
    struct race race = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, n };
    struct runner *x = calloc(n, sizeof *x);
    struct err none = { 0 };
    if (!x) fail("memory", &none);
    for (size_t i = 0; i < n; i++) {
        x[i] = (struct runner){ &race, &out[i] };
        (void)store_submit(c->app->store, jobs[i], race_done, &x[i]);
    }
    (void)pthread_mutex_lock(&race.lock);
    while (race.left) (void)pthread_cond_wait(&race.wake, &race.lock);
    (void)pthread_mutex_unlock(&race.lock);
    free(x);
}

struct carding {
    const struct realm *r;
    struct actor who;
    int64_t case_id, card;
};

static int card_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct carding *x = job->arg;
    struct arena *a = job->arena;
    struct val *answer = val_map(a), *cards = val_list(a), *v = val_map(a);
    size_t n;
    val_put_str(a, v, S("occasion"), arena_fmt(a, "fixture/%lld", (long long)x->case_id));
    val_put_str(a, v, S("system"), S("common"));
    val_put_str(a, v, S("rule"), S("step-late"));
    val_put_str(a, v, S("color"), S("yellow"));
    val_put_str(a, v, S("item"), S("residence-proof"));
    val_put_i64(a, v, S("case_id"), x->case_id);
    val_put_i64(a, v, S("unit"), x->who.posts[0].unit);
    val_put_i64(a, v, S("account"), x->who.account);
    val_put_i64(a, v, S("at_ms"), store_now_ms(tx));
    val_push(a, cards, v);
    val_put(a, answer, S("cards"), cards);
    return supervise_commit(tx, x->r, answer, &n, e);
}

static int newest_card(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct carding *x = job->arg;
    struct supervise_query q = { .mine = true, .max = 1 };
    struct val *list;
    int rc = supervise_list(tx, x->r, &x->who, &q, S("zh"), &list, e);
    x->card = val_get_i64(val_item(list, 0), S("id"), 0);
    return rc;
}

int64_t city_fixture_card(const struct city *c, int64_t case_id, const char *who) {
    struct carding x = { .r = &c->app->realm, .case_id = case_id };
    struct err e = { 0 };
    city_fixture_actor(c, who, &x.who);
    if (city_fixture_run(c, card_body, &x, &e) || city_fixture_read(c, newest_card, &x, &e) || !x.card) fail("a card", &e);
    return x.card;
}
