/* app_systems: folders of systems into the store: found by their system.yaml, loaded in the order of their needs.
 * Invariant: a folder is read once, completely, before anything is written.
 */
#include "app/app.h"

#include <string.h>

#include "os/os.h"

enum { SYSTEMS_FOUND_MAX = 500, DEPTH_MAX = 3 };

struct found {
    const char *dir;
    struct str id, *needs;
    size_t n_needs;
    bool placed;
};
struct finding {
    struct arena *a;
    struct found list[SYSTEMS_FOUND_MAX];
    size_t n;
};

static int look(struct finding *f, const char *dir, int depth, struct err *e) {
    struct str *names;
    size_t n;
    const char *about = arena_fmt(f->a, "%s/system.yaml", dir).ptr;
    if (about && os_kind(about) == OS_FILE) {
        struct release_files files = { .file = arena_new(f->a, struct release_file), .n = 1 };
        struct str version;
        struct found *x = &f->list[f->n];
        if (f->n == SYSTEMS_FOUND_MAX || !files.file) return err_set(e, ERR_LIMIT, "%d", SYSTEMS_FOUND_MAX);
        files.file->path = S("system.yaml");
        int rc = os_read_file(f->a, about, 65536, &files.file->bytes, e);
        if (!rc) rc = release_needs(f->a, &files, &x->id, &version, &x->needs, &x->n_needs, e);
        x->dir = dir;
        if (!rc) f->n++;
        return rc;
    }
    if (depth == DEPTH_MAX) return 0;
    int rc = os_list_dir(f->a, dir, &names, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        const char *inner = arena_fmt(f->a, "%s/%.*s", dir, STR_ARG(names[i])).ptr;
        if (inner && os_kind(inner) == OS_DIR) rc = look(f, inner, depth + 1, e);
    }
    return rc;
}

static struct found *by_id(struct finding *f, struct str id) {
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->list[i].id, id)) return &f->list[i];
    return NULL;
}

/* Needs before what needs them. */
static int place(struct finding *f, struct found *x, const char **order, size_t *n, int depth, struct err *e) {
    if (x->placed) return 0;
    if (depth > DEPTH_MAX * 8) return err_set(e, ERR_SYSTEM, "%.*s needs itself", STR_ARG(x->id));
    for (size_t i = 0; i < x->n_needs; i++) {
        struct found *need = by_id(f, x->needs[i]);
        if (!need) return err_line(e, ERR_SYSTEM, str_of(x->dir), 1, "没有它所需要的系统：%.*s", STR_ARG(x->needs[i]));
        int rc = place(f, need, order, n, depth + 1, e);
        if (rc) return rc;
    }
    x->placed = true;
    order[(*n)++] = x->dir;
    return 0;
}

static int find_all(struct arena *a, const char *root, struct finding **ret, const char ***order, struct err *e) {
    *ret = arena_new(a, struct finding);
    *order = arena_array(a, SYSTEMS_FOUND_MAX, sizeof **order);
    if (!*ret || !*order) return err_set(e, ERR_MEMORY, NULL);
    (*ret)->a = a;
    return look(*ret, root, 0, e);
}

int app_list_systems(struct arena *a, const char *dir, const char ***ret, size_t *n, struct err *e) {
    struct finding *f;
    *n = 0;
    int rc = find_all(a, dir, &f, ret, e);
    for (size_t i = 0; !rc && i < f->n; i++) rc = place(f, &f->list[i], *ret, n, 0, e);
    return rc;
}

int app_list_needs(struct arena *a, const char *root, const char *path, const char ***ret, size_t *n, struct err *e) {
    struct finding *f, *one = arena_new(a, struct finding);
    *n = 0;
    if (!one) return err_set(e, ERR_MEMORY, NULL);
    one->a = a;
    int rc = find_all(a, root, &f, ret, e);
    if (!rc) rc = look(one, path, DEPTH_MAX, e);
    if (!rc && one->n == 0) rc = err_set(e, ERR_SYSTEM, "%s 里没有 system.yaml", path);
    if (rc) return rc;
    /* The folder asked for stands for its system, wherever it lies. */
    struct found *x = by_id(f, one->list[0].id);
    if (!x) x = &f->list[f->n++];
    *x = one->list[0];
    return place(f, x, *ret, n, 0, e);
}

struct loading {
    struct app *app;
    const struct actor *who;
    const struct release_files *files;
    const struct system *sys;
    int64_t id;
};

static int load_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct loading *l = job->arg;
    return release_load(tx, &l->app->realm, l->who, l->files, &l->id, e);
}

static int activate_body(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct loading *l = job->arg;
    return release_activate(tx, &l->app->realm, l->who, l->sys, e);
}

/* Compiled beside the active systems, and looked at, in memory that is thrown away. What it needs and is not there is release_load's to
 * refuse. */
static int judge_files(struct app *app, const struct release_files *files, bool demo, struct err *e) {
    enum { COMPILE_BYTES_MAX = 64 * 1024 * 1024 };
    struct arena a;
    struct str id, version, *needs;
    const struct system **needed = NULL, *sys = NULL;
    size_t n, have = 0;
    arena_init(&a, "judged", COMPILE_BYTES_MAX);
    struct release_findings f = { .arena = &a };
    int rc = release_needs(&a, files, &id, &version, &needs, &n, e);
    if (!rc && !(needed = arena_array(&a, n + 1, sizeof *needed))) rc = err_set(e, ERR_MEMORY, NULL);
    while (!rc && have < n && (needed[have] = realm_system(&app->realm, needs[have]))) have++;
    if (!rc && have == n) sys = release_compile(&a, files, 0, needed, n, &f);
    if (sys) release_check_sample(sys, files, &f);
    if (sys && demo && !f.n) rc = app_demo_judge(app, sys, &f, e);
    if (!rc && f.n) rc = err_line(e, ERR_SYSTEM, f.list[0].file, f.list[0].line, "%.*s", STR_ARG(f.list[0].text));
    arena_done(&a);
    return rc;
}

int app_load_files(struct app *app, const struct actor *who, const struct release_files *files, bool demo, int64_t *ret_release,
                   struct err *e) {
    struct arena rows;
    struct loading l = { .app = app, .who = who, .files = files };
    arena_init(&rows, "system rows", 64 * 1024 * 1024);
    int rc = judge_files(app, files, demo, e);
    if (!rc) rc = app_act(app, who, &rows, load_body, &l, e);
    if (!rc && !(l.sys = releases_get(app->releases, l.id, e))) rc = e && e->code ? e->code : ERR_SYSTEM;
    if (!rc) rc = app_act(app, who, &rows, activate_body, &l, e);
    if (!rc) rc = app_refresh(app, e);
    if (!rc && demo) rc = app_demo_system(app, l.sys->id, e);
    if (ret_release) *ret_release = l.id;
    arena_done(&rows);
    return rc;
}

int app_load_system(struct app *app, const char *dir, int64_t *ret_release, struct err *e) {
    struct arena a;
    struct release_files files;
    arena_init(&a, "system", 64 * 1024 * 1024);
    int rc = release_read_dir(&a, dir, &files, e);
    if (!rc) rc = app_load_files(app, &app->worker, &files, false, ret_release, e);
    arena_done(&a);
    return rc;
}

struct activating {
    struct app *app;
    const struct actor *who;
    struct str system, word;
    const struct system *sys;
    int64_t id;
};

static int find_release(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct activating *x = job->arg;
    return release_by_word(tx, job->home, x->system, x->word, &x->id, e);
}

static int activate_found(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct activating *x = job->arg;
    (void)job;
    return release_activate(tx, &x->app->realm, x->who, x->sys, e);
}

int app_activate_system(struct app *app, const struct actor *who, struct str system, struct str word, int64_t *ret_release,
                        struct err *e) {
    struct arena rows;
    struct activating x = { .app = app, .who = who, .system = system, .word = word };
    arena_init(&rows, "activate", 64 * 1024 * 1024);
    int rc = app_job(app, STORE_READ, &rows, find_release, &x, e);
    if (!rc && !(x.sys = releases_get(app->releases, x.id, e))) rc = e && e->code ? e->code : ERR_SYSTEM;
    if (!rc) rc = app_act(app, who, &rows, activate_found, &x, e);
    if (!rc) rc = app_refresh(app, e);
    *ret_release = x.id;
    arena_done(&rows);
    return rc;
}

int app_load_systems(struct app *app, const char *dir, struct err *e) {
    struct arena a;
    const char **order;
    size_t n;
    arena_init(&a, "systems", 64 * 1024 * 1024);
    int rc = app_list_systems(&a, dir, &order, &n, e);
    for (size_t i = 0; !rc && i < n; i++) rc = app_load_system(app, order[i], NULL, e);
    arena_done(&a);
    return rc;
}
