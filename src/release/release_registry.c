/* release_registry: compiled releases in memory; see release.h.
 * Invariants: 1. `active` is one immutable list, replaced whole; readers see the old or the new one; refreshes are the caller's to
 * serialise. 2. Nothing is freed before
 * releases_close: a request that holds a system may go on with it for as long as it likes. 3. The lock is held while compiling, never
 * while the store is asked.
 */
#include "release/release.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { SYSTEMS_MAX = 1000, COMPILE_BYTES_MAX = 64 * 1024 * 1024 };

struct active_list {
    const struct system *system[SYSTEMS_MAX];
    size_t n;
};

struct releases {
    struct store *store;
    struct home_id home;
    pthread_mutex_t lock;    /* for adding */
    struct arena arena;      /* the registry's own lists and every compiled release */
    const struct system *all[SYSTEMS_MAX];
    _Atomic size_t n_all;    /* entries below are complete */
    _Atomic(const struct active_list *) active;
};

static const struct system *known(struct releases *rs, int64_t id) {
    size_t n = atomic_load(&rs->n_all);
    for (size_t i = 0; i < n; i++)
        if (rs->all[i]->release == id) return rs->all[i];
    return NULL;
}

struct loading {
    struct releases *rs;
    int64_t id, needs[64];
    size_t n_needs;
    struct release_files files;
    struct str system;
};

static int read_release(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct loading *l = job->arg;
    int rc = release_needs_of(tx, job->home, l->id, &l->system, l->needs, 64, &l->n_needs, e);
    return rc ? rc : release_files_get(tx, job->home, l->id, &l->files, e);
}

static void keep_files(struct arena *a, struct release_files *f) {
    struct release_file *copy = arena_array(a, f->n, sizeof *copy);
    for (size_t i = 0; copy && i < f->n; i++)
        copy[i] = (struct release_file){ arena_str(a, f->file[i].path), arena_str(a, f->file[i].bytes) };
    f->file = copy;
}

/* Compiles what was read, unless another thread was faster. */
static const struct system *add(struct releases *rs, struct loading *l, const struct system *const *needs, struct arena *scratch,
                                struct err *e) {
    struct release_findings findings = { .arena = scratch };
    (void)pthread_mutex_lock(&rs->lock);
    const struct system *sys = known(rs, l->id);
    size_t n = atomic_load(&rs->n_all);
    if (!sys && n == SYSTEMS_MAX) (void)err_set(e, ERR_LIMIT, "%d", SYSTEMS_MAX);
    if (!sys && n < SYSTEMS_MAX) {
        const struct system **kept = arena_array(&rs->arena, l->n_needs + 1, sizeof *kept);
        for (size_t i = 0; kept && i < l->n_needs; i++) kept[i] = needs[i];
        keep_files(&rs->arena, &l->files);
        if (kept && l->files.file) sys = release_compile(&rs->arena, &l->files, l->id, kept, l->n_needs, &findings);
        if (sys) {
            rs->all[n] = sys;
            atomic_store(&rs->n_all, n + 1);
        } else if (findings.n) {
            (void)err_set(e, ERR_SYSTEM, "%.*s:%u: %.*s", STR_ARG(findings.list[0].file), findings.list[0].line,
                          STR_ARG(findings.list[0].text));
        } else {
            (void)err_set(e, ERR_MEMORY, "releases");
        }
    }
    (void)pthread_mutex_unlock(&rs->lock);
    return sys;
}

/* The store is asked without the lock: a thread of the store's pool may be waiting for the lock. Needs are loaded first; they
 * were there before what needs them, so this ends. */
static const struct system *load(struct releases *rs, int64_t id, int depth, struct err *e) {
    enum { DEPTH_MAX = 16 };
    const struct system *sys = known(rs, id);
    struct arena scratch;
    struct loading l = { .rs = rs, .id = id };
    struct store_job job = { .home = rs->home, .queue = STORE_READ, .arena = &scratch, .body = read_release, .arg = &l };
    if (sys) return sys;
    if (depth > DEPTH_MAX) {
        (void)err_set(e, ERR_LIMIT, "%d", DEPTH_MAX);
        return NULL;
    }
    arena_init(&scratch, "release", COMPILE_BYTES_MAX);
    if (store_do(rs->store, &job, e) == 0) {
        const struct system **needs = arena_array(&scratch, l.n_needs + 1, sizeof *needs);
        bool ok = needs != NULL;
        for (size_t i = 0; ok && i < l.n_needs; i++) ok = (needs[i] = load(rs, l.needs[i], depth + 1, e)) != NULL;
        if (ok) sys = add(rs, &l, needs, &scratch, e);
    }
    arena_done(&scratch);
    return sys;
}

const struct system *releases_get(struct releases *rs, int64_t id, struct err *e) {
    return load(rs, id, 0, e);
}

static const struct system *by_release(void *context, int64_t release) {
    return releases_get(context, release, NULL);
}

static size_t active(void *context, const struct system ***ret) {
    struct releases *rs = context;
    const struct active_list *list = atomic_load(&rs->active);
    *ret = (const struct system **)(uintptr_t)list->system;
    return list->n;
}

void releases_systems(struct releases *rs, struct systems *ret) {
    *ret = (struct systems){ .context = rs, .by_release = by_release, .active = active };
}

struct listing {
    int64_t id[SYSTEMS_MAX];
    size_t n;
};

STORE_STMT(release_active_all, STORE_READS, "SELECT id FROM release_system WHERE home = ? AND state = 'active' ORDER BY activated_ms, id");

static int list_active(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct listing *l = job->arg;
    struct store_rows *rows;
    l->n = 0;
    int rc = store_query(tx, &release_active_all, &rows, e, SV_I(job->home.v));
    if (rc) return rc;
    bool over = false;
    while (store_next(rows))
        if (l->n < SYSTEMS_MAX) l->id[l->n++] = store_i64(rows, 0);
        else over = true;
    rc = store_end(rows, e);
    return rc ? rc : over ? err_set(e, ERR_LIMIT, "%d", SYSTEMS_MAX) : 0;
}

/* Every id of the listing is known by now. */
static int set_active(struct releases *rs, const struct listing *l, struct err *e) {
    (void)pthread_mutex_lock(&rs->lock);
    struct active_list *list = arena_new(&rs->arena, struct active_list);
    for (size_t i = 0; list && i < l->n; i++) list->system[list->n++] = known(rs, l->id[i]);
    if (list) atomic_store(&rs->active, list);
    (void)pthread_mutex_unlock(&rs->lock);
    return list ? 0 : err_set(e, ERR_MEMORY, "releases");
}

int releases_refresh(struct releases *rs, struct err *e) {
    struct arena scratch;
    arena_init(&scratch, "releases", 1024 * 1024);
    struct listing *l = arena_new(&scratch, struct listing);
    struct arena rows;
    arena_init(&rows, "releases rows", 1024 * 1024);
    struct store_job job = { .home = rs->home, .queue = STORE_READ, .arena = &rows, .body = list_active, .arg = l };
    int rc = l ? 0 : err_set(e, ERR_MEMORY, NULL);
    if (!rc) rc = store_do(rs->store, &job, e);
    for (size_t i = 0; !rc && i < l->n; i++)
        if (!load(rs, l->id[i], 0, e)) rc = e && e->code ? e->code : ERR_SYSTEM;
    if (!rc) rc = set_active(rs, l, e);
    arena_done(&rows);
    arena_done(&scratch);
    return rc;
}

int releases_open(struct store *store, struct home_id home, struct releases **ret, struct err *e) {
    static const struct active_list none;
    struct arena a;
    arena_init(&a, "releases", (size_t)512 * 1024 * 1024);
    struct releases *rs = arena_new(&a, struct releases);
    if (!rs) return err_set(e, ERR_MEMORY, NULL);
    rs->store = store;
    rs->home = home;
    atomic_store(&rs->active, &none);
    (void)pthread_mutex_init(&rs->lock, NULL);
    rs->arena = a;
    *ret = rs;
    return releases_refresh(rs, e);
}

void releases_close(struct releases *rs) {
    if (!rs) return;
    struct arena a = rs->arena; /* the registry itself lies in it */
    (void)pthread_mutex_destroy(&rs->lock);
    arena_done(&a);
}
