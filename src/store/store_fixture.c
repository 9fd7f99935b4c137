/* store_fixture: see store_fixture.h. Invariant: what it makes lies in directories of its own. */
#include "store/store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/generated.h"
#include "os/os.h"

struct store_fixture {
    bool postgres;
    char dir[512];
    char url[1024];
};

static _Noreturn void fail(const char *what, const struct err *e) {
    (void)fprintf(stderr, "store_fixture: %s: %s %s %s\n", what, e ? err_name(e->code) : "", e ? e->field : "", e ? e->detail : "");
    exit(1);
}

struct store_fixture *store_fixture_new(bool postgres) {
    if (postgres) return NULL;
    struct store_fixture *f = calloc(1, sizeof *f);
    if (!f) fail("memory", NULL);
    f->postgres = postgres;
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(f->dir, sizeof f->dir, "%s/tongban-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(f->dir)) fail("mkdtemp", NULL);
    (void)snprintf(f->url, sizeof f->url, "sqlite:%s/store.db", f->dir);
    return f;
}

struct store *store_fixture_open(struct store_fixture *f) {
    struct store *s;
    struct err e = { 0 };
    struct store_config c = { .url = str_of(f->url), .migrations = migrations, .n_migrations = n_migrations, .readers = 4, .node = 1 };
    if (store_open(&c, &s, &e) < 0) fail("store_open", &e);
    return s;
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
    remove_tree(f->dir);
    free(f);
}

void store_fixture_each(void (*body)(struct store *s, void *arg), void *arg) {
    for (int postgres = 0; postgres < 2; postgres++) {
        struct store_fixture *f = store_fixture_new(postgres);
        if (!f) continue;
        struct store *s = store_fixture_open(f);
        body(s, arg);
        store_close(s);
        store_fixture_free(f);
    }
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
    k->job = (struct store_job){ .home = { 1 }, .queue = STORE_INTERACTIVE, .arena = &k->arena, .body = body, .arg = arg };
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
