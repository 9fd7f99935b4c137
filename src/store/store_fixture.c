/* store_fixture: see store_fixture.h. Invariant: what it makes lies in directories of its own. */
#include "store/store_fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/generated.h"
#include "os/os.h"
#include "store/pg_fixture.h"

struct store_fixture {
    bool postgres;
    char dir[512];
    char database[64];
    char url[1024];
};

static _Noreturn void fail(const char *what, const struct err *e) {
    (void)fprintf(stderr, "store_fixture: %s: %s %s %s\n", what, e ? err_name(e->code) : "", e ? e->field : "",
                  e ? e->detail : "");
    exit(1);
}

static struct store *open_url(const char *url, bool clock_is_right) {
    struct store *s;
    struct err e = { 0 };
    struct store_config c = {
        .url = str_of(url), .migrations = migrations, .n_migrations = n_migrations, .readers = 4, .node = 1, .clock_is_right = clock_is_right
    };
    if (store_open(&c, &s, &e) < 0) fail("store_open", &e);
    return s;
}

/* Databases that a test left behind when it failed. */
static void drop_stale(void) {
    for (int i = 0; i < 1000; i++) {
        char sql[512];
        (void)snprintf(
            sql, sizeof sql,
            "SELECT datname FROM pg_database WHERE datname LIKE 'd\\_%%' ORDER BY datname OFFSET %d LIMIT 1", i);
        const char *name = pg_fixture_sql("postgres", false, sql);
        if (!name) return;
        long pid = strtol(name + 2, NULL, 10);
        if (pid <= 0 || kill((pid_t)pid, 0) == 0 || errno != ESRCH) continue;
        (void)snprintf(sql, sizeof sql, "DROP DATABASE IF EXISTS %.60s WITH (FORCE)", name);
        (void)pg_fixture_sql("postgres", true, sql);
        i--;
    }
}

/* A database with all migrations applied, made once for each set of migrations, from which tests clone theirs. */
static const char *template_db(void) {
    static char name[64];
    char sql[256], fresh[80], url[512];
    if (name[0]) return name;
    uint64_t h = 0;
    for (size_t i = 0; i < n_migrations; i++) h = h * 31 + str_hash(str_of(migrations[i].sql));
    (void)snprintf(name, sizeof name, "t_%016llx", (unsigned long long)h);
    (void)snprintf(fresh, sizeof fresh, "%s_new", name);
    pg_fixture_lock();
    drop_stale();
    (void)snprintf(sql, sizeof sql, "SELECT datname FROM pg_database WHERE datname = '%s'", name);
    if (!pg_fixture_sql("postgres", false, sql)) {
        (void)snprintf(sql, sizeof sql, "DROP DATABASE IF EXISTS %s WITH (FORCE)", fresh);
        (void)pg_fixture_sql("postgres", false, sql);
        (void)snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE template0", fresh);
        (void)pg_fixture_sql("postgres", false, sql);
        pg_fixture_url(fresh, url, sizeof url);
        store_close(open_url(url, false));
        (void)snprintf(sql, sizeof sql, "ALTER DATABASE %s RENAME TO %s", fresh, name);
        (void)pg_fixture_sql("postgres", false, sql);
    }
    pg_fixture_unlock();
    return name;
}

static bool new_postgres(struct store_fixture *f) {
    static unsigned serial;
    static bool told;
    const char *why = NULL;
    char sql[256];
    if (!pg_fixture_up(&why)) {
        if (!told) (void)fprintf(stderr, "SKIPPED: every PostgreSQL half of these tests (%s)\n", why);
        told = true;
        return false;
    }
    const char *template = template_db();
    (void)snprintf(f->database, sizeof f->database, "d_%d_%u", (int)getpid(), ++serial);
    (void)snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE %s", f->database, template);
    (void)pg_fixture_sql("postgres", false, sql);
    pg_fixture_url(f->database, f->url, sizeof f->url);
    return true;
}

struct store_fixture *store_fixture_new(bool postgres) {
    struct store_fixture *f = calloc(1, sizeof *f);
    if (!f) fail("memory", NULL);
    f->postgres = postgres;
    if (postgres && !new_postgres(f)) {
        free(f);
        return NULL;
    }
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(f->dir, sizeof f->dir, "%s/tongban-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(f->dir)) fail("mkdtemp", NULL);
    if (!postgres) (void)snprintf(f->url, sizeof f->url, "sqlite:%s/store.db", f->dir);
    return f;
}

struct store *store_fixture_open(struct store_fixture *f) {
    return open_url(f->url, false);
}

struct store *store_fixture_open_clock_right(struct store_fixture *f) {
    return open_url(f->url, true);
}

struct str store_fixture_url(const struct store_fixture *f) {
    return str_of(f->url);
}

const char *store_fixture_dir(const struct store_fixture *f) {
    return f->dir;
}

static void remove_tree(const char *dir) {
    struct arena a;
    struct str *name;
    size_t n;
    arena_init(&a, "fixture", 16 * 1024 * 1024);
    if (os_list_dir(&a, dir, &name, &n, NULL) == 0)
        for (size_t i = 0; i < n; i++) {
            const char *path = arena_cstr(&a, arena_fmt(&a, "%s/%.*s", dir, STR_ARG(name[i])));
            if (!path) break;
            if (os_kind(path) == OS_DIR) remove_tree(path);
            else (void)os_unlink(path, NULL);
        }
    (void)rmdir(dir);
    arena_done(&a);
}

void store_fixture_free(struct store_fixture *f) {
    if (!f) return;
    if (f->postgres) {
        char sql[256];
        (void)snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", f->database);
        (void)pg_fixture_sql("postgres", false, sql);
    }
    remove_tree(f->dir);
    free(f);
}

void store_fixture_each_in(void (*body)(struct store_fixture *f, struct store *s, void *arg), void *arg) {
    for (int postgres = 0; postgres < 2; postgres++) {
        struct store_fixture *f = store_fixture_new(postgres);
        if (!f) continue;
        struct store *s = store_fixture_open(f);
        body(f, s, arg);
        store_close(s);
        store_fixture_free(f);
    }
}

struct alone {
    void (*body)(struct store *s, void *arg);
    void *arg;
};

static void run_alone(struct store_fixture *f, struct store *s, void *arg) {
    const struct alone *x = arg;
    (void)f;
    x->body(s, x->arg);
}

void store_fixture_each(void (*body)(struct store *s, void *arg), void *arg) {
    store_fixture_each_in(run_alone, &(struct alone){ body, arg });
}

/* Jobs of tests live until the program ends; the list keeps them reachable for the leak checker. */
static struct kept {
    struct kept *next;
    struct store_job job;
    struct arena arena;
} *all_kept;

struct store_job *store_fixture_job(store_body *body, void *arg) {
    struct kept *k = calloc(1, sizeof *k);
    if (!k) fail("memory", NULL);
    arena_init(&k->arena, "test job", 16 * 1024 * 1024);
    k->job =
        (struct store_job){ .home = { 1 }, .queue = STORE_INTERACTIVE, .arena = &k->arena, .body = body, .arg = arg };
    k->next = all_kept;
    all_kept = k;
    return &k->job;
}

static enum store_outcome run(struct store *s, enum store_queue queue, store_body *body, void *arg, struct err *e) {
    struct store_job *job = store_fixture_job(body, arg);
    job->queue = queue;
    enum store_outcome outcome = store_run(s, job);
    if (e) *e = job->err;
    return outcome;
}

enum store_outcome store_fixture_run(struct store *s, store_body *body, void *arg, struct err *e) {
    return run(s, STORE_INTERACTIVE, body, arg, e);
}

enum store_outcome store_fixture_read(struct store *s, store_body *body, void *arg, struct err *e) {
    return run(s, STORE_READ, body, arg, e);
}
