/* case_speed: officers complete tasks, 64 at a time, against the same rows written bare through the same writer.
 *
 *   speed-case_speed [CASES]
 *
 * 1. A city with CASES submitted cases is made and dumped. 2. All tasks are completed, and every writing statement is caught with its
 * values. 3. On a store loaded from the dump, jobs of the same grouping run just the caught statements. Both start from equal rows; both
 * go through store_submit with 64 jobs open. So on SQLite, and on PostgreSQL where it is there. 4. On further stores, the statements on
 * one table alone: what that part of a completion writes, and what it would cost if it were all.
 * The ratio, the rows and the bytes per completion are printed; nothing passes or fails by time.
 */
#include <semaphore.h>

#include "app/cmd.h"
#include "app/demo.h"
#include "app/generated.h"
#include "engine/flow/flow.h"
#include "engine/identity/identity.h"
#include "engine/item/item.h"
#include "os/os.h"
#include "store/store_fixture.h"
#include "trace.h"

enum { OPEN = 64, ARENA_BYTES = 16 * 1024 * 1024, PAGE_BYTES = 4096, PARTS_MAX = 32 };

struct client {
    struct store_job job;
    struct arena arena;
    struct speed *s;
    size_t i;
};
struct speed {
    struct app *app;
    struct store *store;
    struct actor citizen, officer;
    int64_t *cases, *tasks;
    struct trace_list *caught; /* per completion */
    size_t n, next, done, failed, reads;
    pthread_mutex_t lock;
    sem_t all;
    store_body *body;
    struct str only; /* bare: on this table alone; empty: on all */
};

static void submit_next(struct client *c);

static void finished(struct store_job *job, enum store_outcome out, void *context) {
    struct client *c = context;
    struct speed *s = c->s;
    (void)pthread_mutex_lock(&s->lock);
    if (out != STORE_OK) {
        if (s->failed++ == 0) fprintf(stderr, "%s %s\n", err_name(job->err.code), job->err.detail);
    }
    bool last = ++s->done == s->n;
    (void)pthread_mutex_unlock(&s->lock);
    if (last) (void)sem_post(&s->all);
    else submit_next(c);
}

static void submit_next(struct client *c) {
    struct speed *s = c->s;
    (void)pthread_mutex_lock(&s->lock);
    bool more = s->next < s->n;
    if (more) c->i = s->next++;
    (void)pthread_mutex_unlock(&s->lock);
    if (!more) return;
    c->job = (struct store_job){ .home = { 1 }, .queue = STORE_INTERACTIVE, .arena = &c->arena, .body = s->body, .arg = c };
    (void)store_submit(s->store, &c->job, finished, c);
}

/* Runs s->n jobs with `open` at a time; seconds. */
static double run(struct speed *s, store_body *body, size_t open) {
    static struct client clients[OPEN];
    s->next = s->done = 0;
    s->body = body;
    (void)sem_init(&s->all, 0, 0);
    int64_t start = os_mono_ns();
    for (size_t i = 0; i < open; i++) {
        clients[i].s = s;
        if (!clients[i].arena.limit_bytes) arena_init(&clients[i].arena, "client", ARENA_BYTES);
        submit_next(&clients[i]);
    }
    (void)sem_wait(&s->all);
    return (double)(os_mono_ns() - start) / 1e9;
}

static int apply_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct client *c = job->arg;
    struct speed *s = c->s;
    const struct realm *r = &s->app->realm;
    const struct system *owner;
    const struct item_type *t = realm_find(r, SYSTEM_ITEM, S("residence-proof"), &owner);
    struct val *answers = val_map(job->arena), *errors;
    struct str number;
    struct flow_task *tasks;
    size_t n;
    int rc = item_draft_open(tx, r, &s->citizen, owner, t, &s->cases[c->i], e);
    val_put_str(job->arena, answers, S("purpose"), S("1"));
    val_put_str(job->arena, answers, S("recipient"), S("天津市演示单位"));
    if (!rc) rc = item_consent_give(tx, r, &s->citizen, s->cases[c->i], true, e);
    if (!rc) rc = item_answers_put(tx, r, &s->citizen, s->cases[c->i], S("registered"), answers, &errors, e);
    if (!rc) rc = item_submit(tx, r, &s->citizen, s->cases[c->i], true, &number, e);
    if (!rc) rc = flow_tasks_of(tx, s->cases[c->i], &tasks, &n, e);
    if (!rc) s->tasks[c->i] = tasks[0].id;
    return rc;
}

static int complete_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct client *c = job->arg;
    return item_task_complete(tx, &c->s->app->realm, &c->s->officer, c->s->tasks[c->i], FLOW_ANY_VERSION, S("approve"), S(""), S(""), e);
}

/* INSERT INTO t, UPDATE t, DELETE FROM t: it is the first word in small letters. */
static struct str table_of(const struct traced *t) {
    size_t from = 0, end;
    while (t->sql[from] && (t->sql[from] < 'a' || t->sql[from] > 'z')) from++;
    for (end = from; t->sql[end] == '_' || (t->sql[end] >= 'a' && t->sql[end] <= 'z');) end++;
    return str_make(t->sql + from, end - from);
}

static int bare_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct client *c = job->arg;
    int rc = 0;
    for (const struct traced *t = c->s->caught[c->i].first; t && !rc; t = t->next)
        if (!c->s->only.len || str_eq(table_of(t), c->s->only)) rc = store_exec_n(tx, t->stmt, t->value, t->n_values, NULL, e);
    return rc;
}

struct finding {
    struct speed *s;
};
static int find_people(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct speed *s = ((struct finding *)job->arg)->s;
    int64_t id;
    int rc = identity_account_by_login(tx, &s->app->realm, S("citizen"), &id, e);
    if (!rc) rc = identity_actor_of(tx, &s->app->realm, id, &s->citizen, e);
    if (!rc) rc = identity_account_by_login(tx, &s->app->realm, S("police"), &id, e);
    if (!rc) rc = identity_actor_of(tx, &s->app->realm, id, &s->officer, e);
    s->citizen.request_id = s->officer.request_id = s->citizen.peer = s->officer.peer = S("speed");
    s->citizen.lang = s->officer.lang = S("zh");
    return rc;
}

static struct store *loaded(const char *url, const char *dump) {
    struct store_config c = { .url = str_of(url), .migrations = migrations, .n_migrations = n_migrations };
    struct store *s = NULL;
    struct err e = { 0 };
    if (store_open(&c, &s, &e) || store_load(s, dump, &e)) {
        fprintf(stderr, "%s: %s %s\n", url, err_name(e.code), e.detail);
        exit(1);
    }
    return s;
}

static size_t rows_of(const struct speed *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) n += s->caught[i].n;
    return n;
}

/* What reads is counted, and left out of what the bare jobs run. */
static struct trace_list writes_of(struct trace_list all, size_t *reads) {
    struct trace_list w = { 0 };
    for (struct traced *t = all.first, *next; t; t = next) {
        next = t->next;
        t->next = NULL;
        if (!t->stmt->writes) {
            ++*reads;
            continue;
        }
        if (w.last) w.last->next = t;
        else w.first = t;
        w.last = t;
        w.n++;
    }
    return w;
}

/* The caught statements, cut into completions: one client alone ran them, in order. */
static void catch_all(struct speed *s) {
    s->caught = calloc(s->n, sizeof *s->caught);
    for (size_t i = 0; i < s->n; i++) {
        struct speed one = *s;
        one.n = 1;
        one.tasks = s->tasks + i;
        trace_catch(true);
        (void)run(&one, complete_body, 1);
        trace_catch(false);
        s->caught[i] = writes_of(trace_take(), &s->reads);
    }
}

static struct app *city(const char *dir, const char *store) {
    struct app *app;
    struct err e = { 0 };
    struct app_config c = { .data_dir = dir, .store_url = str_of(store), .base_url = S("http://127.0.0.1") };
    struct demo d = { .systems_dir = "systems", .people = 200, .companies = 20, .seed = 1 };
    if (app_open(&c, &app, &e)) exit(cmd_fail("speed", &e));
    if (store[0] == 0 && (app_load_systems(app, "systems", &e) || app_make_demo(app, &d, &e))) exit(cmd_fail("speed", &e));
    return app;
}

STORE_STMT(speed_wal, STORE_READS, "SELECT CAST(pg_current_wal_insert_lsn() - '0/0' AS BIGINT)");

static int wal_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    return store_one_i64(tx, &speed_wal, NULL, 0, job->arg, e);
}

/* Bytes that the store has written to its log since the last call. */
static double written(struct store *s, size_t first) {
    static int64_t before;
    int64_t now = 0;
    if (!store_is_postgres(s)) return (double)(trace_pages(first) * PAGE_BYTES);
    (void)store_fixture_read(s, wal_body, &now, NULL);
    int64_t since = now - before;
    before = now;
    return (double)since;
}

/* All completions, ours or bare, on a store loaded from the dump: how many a second, the bytes
 * that each wrote, and how often each was run. */
static double measure(struct speed *s, const char *url, const char *dump, store_body *body, double *ret_bytes, double *ret_runs) {
    struct store *keep = s->store;
    struct store_stats stats;
    size_t first = trace_connections;
    s->failed = 0;
    s->store = loaded(url, dump);
    (void)written(s->store, first);
    double took = run(s, body, OPEN);
    *ret_bytes = written(s->store, first) / (double)s->n;
    store_stats(s->store, &stats);
    *ret_runs = 1 + (double)stats.again / (double)s->n;
    store_close(s->store);
    s->store = keep;
    if (s->failed) printf("%zu FAILED\n", s->failed);
    return (double)s->n / took;
}

/* Two fresh databases of one kind, from equal rows. */
static void compare(struct speed *s, bool postgres, const char *dump) {
    struct store_fixture *f = store_fixture_new(postgres), *g = store_fixture_new(postgres);
    if (!f || !g) return;
    double bytes, bare_bytes, runs, bare_runs, ours = measure(s, store_fixture_url(f).ptr, dump, complete_body, &bytes, &runs);
    double theirs = measure(s, store_fixture_url(g).ptr, dump, bare_body, &bare_bytes, &bare_runs);
    printf("%s: %zu completions, 64 open: %.0f/s, %.1f reads, %.1f KiB and %.2f runs each; the same %.1f rows each bare: %.0f/s, %.1f KiB, "
           "%.2f runs; ratio %.2f\n",
           postgres ? "PostgreSQL" : "SQLite", s->n, ours, (double)s->reads / (double)s->n, bytes / 1024, runs, (double)rows_of(s) / (double)s->n,
           theirs, bare_bytes / 1024, bare_runs, ours / theirs);
    store_fixture_free(f);
    store_fixture_free(g);
}

/* What each table's rows would cost alone. */
static void parts(struct speed *s, bool postgres, const char *dump) {
    struct str table[PARTS_MAX];
    size_t rows[PARTS_MAX] = { 0 }, n = 0;
    for (size_t i = 0; i < s->n; i++)
        for (const struct traced *t = s->caught[i].first; t; t = t->next) {
            size_t k = 0;
            while (k < n && !str_eq(table[k], table_of(t))) k++;
            if (k == PARTS_MAX) continue;
            if (k == n) table[n++] = table_of(t);
            rows[k]++;
        }
    for (size_t k = 0; k < n; k++) {
        struct store_fixture *f = store_fixture_new(postgres);
        double bytes, runs, rate;
        if (!f) break;
        s->only = table[k];
        rate = measure(s, store_fixture_url(f).ptr, dump, bare_body, &bytes, &runs);
        printf("  %-18.*s %4.1f statements  %6.1f KiB  %4.0f us  %.2f runs\n", STR_ARG(table[k]), (double)rows[k] / (double)s->n,
               bytes / 1024, 1e6 / rate, runs);
        store_fixture_free(f);
    }
    s->only = S("");
}

int main(int argc, char **argv) {
    char dir[] = "/tmp/tongban-speed-XXXXXX";
    struct speed s = { .n = argc > 1 ? (size_t)atoi(argv[1]) : 2000 };
    struct arena a;
    struct err e = { 0 };
    if (!mkdtemp(dir)) return 1;
    trace_start();
    arena_init(&a, "speed", 64 * 1024 * 1024);
    (void)pthread_mutex_init(&s.lock, NULL);
    s.app = city(dir, "");
    s.store = s.app->store;
    s.cases = calloc(s.n, sizeof *s.cases);
    s.tasks = calloc(s.n, sizeof *s.tasks);
    struct finding f = { &s };
    if (app_job(s.app, STORE_READ, &a, find_people, &f, &e)) return cmd_fail("speed", &e);
    (void)run(&s, apply_body, 1); /* a draft is opened, filled and submitted in one body, so they do not meet */
    const char *dump = arena_fmt(&a, "%s/dump", dir).ptr;
    if (store_dump(s.store, dump, &e)) return cmd_fail("speed", &e);
    s.store = loaded(arena_fmt(&a, "sqlite:%s/copy.db", dir).ptr, dump);
    catch_all(&s);
    store_close(s.store);
    compare(&s, false, dump);
    parts(&s, false, dump);
    compare(&s, true, dump);
    parts(&s, true, dump);
    app_close(s.app);
    (void)os_remove_tree(dir, NULL);
    return 0;
}
