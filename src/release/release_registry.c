/* release_registry: compiled releases in memory; see release.h.
 *
 * Who owns what: a compiled release owns its arena, in which it lies with its files; the registry holds
 * each in one slot until releases_free takes it out, and the list of the active ones until a refresh
 * replaces it. What was taken out is the grace's (os/grace.h), which frees it when nobody who held
 * systems before is left.
 *
 * Invariants
 *  1. `active` is one immutable list, replaced whole; readers see the old or the new one; refreshes are the caller's to serialise.
 *  2. Who reads a slot holds systems meanwhile (realm_hold); so what it points to is not freed under him.
 *  3. A release in a slot has all that it needs in slots: releases_free keeps the needs of what it keeps, and what is added is added only
 *     while its needs are there, under the lock.
 *  4. The lock is never held while the store is asked, nor while a release is compiled: a thread of the store's pool may want it.
 */
#include "release/release.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "os/grace.h"

enum { SYSTEMS_MAX = 1000, COMPILE_BYTES_MAX = 64 * 1024 * 1024 };

struct active_list {
    struct arena arena; /* holds this struct */
    const struct system *system[SYSTEMS_MAX];
    size_t n;
};
struct compiled {
    struct arena arena; /* holds this struct */
    const struct system *sys;
    _Atomic uint64_t used; /* the round in which it was last found */
    bool keep;             /* for releases_free, under the lock */
};

struct releases {
    struct store *store;
    struct home_id home;
    pthread_mutex_t lock;  /* for adding and taking out */
    struct arena arena;    /* the registry itself and its grace */
    struct grace *grace;
    _Atomic(struct compiled *) slot[SYSTEMS_MAX];
    _Atomic size_t n_slots; /* those above were never used */
    _Atomic uint64_t round; /* of releases_free */
    _Atomic(struct active_list *) active; /* NULL before the first refresh */
};

static struct compiled *known(struct releases *rs, int64_t id) {
    size_t n = atomic_load(&rs->n_slots);
    uint64_t round = atomic_load(&rs->round);
    for (size_t i = 0; i < n; i++) {
        struct compiled *c = atomic_load(&rs->slot[i]);
        if (!c || c->sys->release != id) continue;
        if (atomic_load(&c->used) != round) atomic_store(&c->used, round);
        return c;
    }
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

/* Compiles what was read, into an arena of its own. */
static struct compiled *compile(const struct loading *l, const struct system *const *needs, struct arena *scratch, struct err *e) {
    struct release_findings findings = { .arena = scratch };
    struct arena a;
    arena_init(&a, "compiled release", COMPILE_BYTES_MAX);
    struct compiled *c = arena_new(&a, struct compiled);
    const struct system **kept = arena_array(&a, l->n_needs + 1, sizeof *kept);
    struct release_files files = l->files;
    for (size_t i = 0; kept && i < l->n_needs; i++) kept[i] = needs[i];
    keep_files(&a, &files);
    if (c && kept && files.file) c->sys = release_compile(&a, &files, l->id, kept, l->n_needs, &findings);
    if (c && c->sys) {
        c->arena = a;
        return c;
    }
    if (findings.n)
        (void)err_set(e, ERR_SYSTEM, "%.*s:%u: %.*s", STR_ARG(findings.list[0].file), findings.list[0].line,
                      STR_ARG(findings.list[0].text));
    else (void)err_set(e, ERR_MEMORY, "releases");
    arena_done(&a);
    return NULL;
}

static size_t free_slot(const struct releases *rs) {
    size_t n = atomic_load(&rs->n_slots), i = 0;
    while (i < n && atomic_load(&rs->slot[i])) i++;
    return i;
}

/* Under the lock: `made` into a slot. Not when another thread was faster, or has taken out what it needs: then `*again`. */
static bool add(struct releases *rs, const struct loading *l, const struct system *const *needs, struct compiled *made, bool *again,
                struct err *e) {
    size_t at = free_slot(rs);
    *again = known(rs, l->id) != NULL;
    for (size_t i = 0; i < l->n_needs && !*again; i++) {
        const struct compiled *need = known(rs, l->needs[i]);
        *again = !need || need->sys != needs[i];
    }
    if (*again) return false;
    if (at == SYSTEMS_MAX) {
        (void)err_set(e, ERR_LIMIT, "%d", SYSTEMS_MAX);
        return false;
    }
    atomic_store(&made->used, atomic_load(&rs->round));
    atomic_store(&rs->slot[at], made);
    if (at == atomic_load(&rs->n_slots)) atomic_store(&rs->n_slots, at + 1);
    return true;
}

static const struct system *load(struct releases *rs, int64_t id, int depth, struct err *e);

/* Needs are loaded first; they were there before what needs them, so this ends. What it reads of them while it compiles is held. */
static const struct system *load_once(struct releases *rs, int64_t id, int depth, bool *again, struct err *e) {
    struct arena scratch;
    struct loading l = { .rs = rs, .id = id };
    struct store_job job = { .home = rs->home, .queue = STORE_READ, .arena = &scratch, .body = read_release, .arg = &l };
    struct compiled *made = NULL;
    const struct system *sys = NULL;
    *again = false;
    arena_init(&scratch, "release", COMPILE_BYTES_MAX);
    uint64_t held = grace_enter(rs->grace);
    if (store_do(rs->store, &job, e) == 0) {
        const struct system **needs = arena_array(&scratch, l.n_needs + 1, sizeof *needs);
        bool ok = needs != NULL;
        for (size_t i = 0; ok && i < l.n_needs; i++) ok = (needs[i] = load(rs, l.needs[i], depth + 1, e)) != NULL;
        if (ok) made = compile(&l, needs, &scratch, e);
        (void)pthread_mutex_lock(&rs->lock);
        if (made && add(rs, &l, needs, made, again, e)) sys = made->sys;
        (void)pthread_mutex_unlock(&rs->lock);
    }
    grace_leave(rs->grace, held);
    if (made && !sys) {
        struct arena own = made->arena; /* it lies in it */
        arena_done(&own);
    }
    arena_done(&scratch);
    return sys;
}

static const struct system *load(struct releases *rs, int64_t id, int depth, struct err *e) {
    enum { DEPTH_MAX = 16, TRIES = 4 };
    bool again = true;
    if (depth > DEPTH_MAX) {
        (void)err_set(e, ERR_LIMIT, "%d", DEPTH_MAX);
        return NULL;
    }
    for (int i = 0; again && i < TRIES; i++) {
        const struct compiled *c = known(rs, id);
        const struct system *sys = c ? c->sys : load_once(rs, id, depth, &again, e);
        if (sys) return sys;
    }
    if (again) (void)err_set(e, ERR_BUSY, "release %lld", (long long)id);
    return NULL;
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
    *ret = (const struct system **)(uintptr_t)(list ? list->system : NULL);
    return list ? list->n : 0;
}

static uint64_t hold(void *context) {
    const struct releases *rs = context;
    return grace_enter(rs->grace);
}

static void let(void *context, uint64_t held) {
    const struct releases *rs = context;
    grace_leave(rs->grace, held);
}

void releases_systems(struct releases *rs, struct systems *ret) {
    *ret = (struct systems){ .context = rs, .by_release = by_release, .active = active, .hold = hold, .let = let };
}

/* The active releases while they are loaded, by two threads where there are several: on a start, that is much of the time until the
 * first answer. One is begun when what it needs of the list is there, so that nothing is compiled twice. */
struct listing {
    struct releases *rs;
    int64_t id[SYSTEMS_MAX];
    struct str needs[SYSTEMS_MAX]; /* "id,id" */
    enum { LISTED, BEGUN, LOADED } state[SYSTEMS_MAX];
    size_t n;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct err err; /* the first */
};

STORE_STMT(release_active_all, STORE_READS,
           "SELECT id, needs FROM release_system WHERE home = ? AND state = 'active' ORDER BY activated_ms, id");

static int list_active(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct listing *l = job->arg;
    struct store_rows *rows;
    l->n = 0;
    int rc = store_query(tx, &release_active_all, &rows, e, SV_I(job->home.v));
    if (rc) return rc;
    bool over = false;
    while (store_next(rows))
        if (l->n < SYSTEMS_MAX) l->id[l->n] = store_i64(rows, 0), l->needs[l->n] = store_text(rows, 1), l->n++;
        else over = true;
    rc = store_end(rows, e);
    return rc ? rc : over ? err_set(e, ERR_LIMIT, "%d", SYSTEMS_MAX) : 0;
}

static bool may_begin(const struct listing *l, size_t i) {
    struct str ids = l->needs[i], one;
    int64_t id = 0;
    while (str_cut(&ids, ',', &one))
        for (size_t k = 0; str_to_i64(one, &id) && k < l->n; k++)
            if (k != i && l->id[k] == id && l->state[k] != LOADED) return false;
    return l->state[i] == LISTED;
}

/* Under its lock: the next to begin, l->n when there is none any more. When all that is left waits for each other, the first of it:
 * to refuse it is load's. */
static size_t next(struct listing *l) {
    for (;;) {
        size_t left = l->n, under_way = 0;
        for (size_t i = 0; i < l->n; i++) {
            if (may_begin(l, i)) return i;
            if (l->state[i] == LISTED && left == l->n) left = i;
            under_way += l->state[i] == BEGUN;
        }
        if (left == l->n || !under_way) return left;
        (void)pthread_cond_wait(&l->moved, &l->lock);
    }
}

static void *load_listed(void *arg) {
    struct listing *l = arg;
    (void)pthread_mutex_lock(&l->lock);
    for (size_t i; !l->err.code && (i = next(l)) < l->n;) {
        struct err e = { 0 };
        l->state[i] = BEGUN;
        (void)pthread_mutex_unlock(&l->lock);
        bool ok = load(l->rs, l->id[i], 0, &e) != NULL;
        (void)pthread_mutex_lock(&l->lock);
        l->state[i] = LOADED;
        if (!ok && !l->err.code) l->err = e;
        if (!ok && !l->err.code) (void)err_set(&l->err, ERR_SYSTEM, NULL);
        (void)pthread_cond_broadcast(&l->moved);
    }
    (void)pthread_mutex_unlock(&l->lock);
    return NULL;
}

static int load_all(struct listing *l, struct err *e) {
    pthread_t other;
    size_t missing = 0;
    for (size_t i = 0; i < l->n; i++) missing += !known(l->rs, l->id[i]);
    (void)pthread_mutex_init(&l->lock, NULL);
    (void)pthread_cond_init(&l->moved, NULL);
    bool two = missing > 1 && pthread_create(&other, NULL, load_listed, l) == 0;
    (void)load_listed(l);
    if (two) (void)pthread_join(other, NULL);
    (void)pthread_mutex_destroy(&l->lock);
    (void)pthread_cond_destroy(&l->moved);
    if (l->err.code && e) *e = l->err;
    return l->err.code;
}

/* Every id of the listing is known by now. */
static int set_active(struct releases *rs, const struct listing *l, struct err *e) {
    struct arena a;
    int rc = 0;
    arena_init(&a, "active releases", sizeof(struct active_list) + 4096);
    struct active_list *list = arena_new(&a, struct active_list), *before = NULL;
    if (!list) return err_set(e, ERR_MEMORY, "releases");
    (void)pthread_mutex_lock(&rs->lock);
    for (size_t i = 0; !rc && i < l->n; i++) {
        const struct compiled *c = known(rs, l->id[i]);
        if (c) list->system[list->n++] = c->sys;
        else rc = err_set(e, ERR_BUSY, "release %lld", (long long)l->id[i]);
    }
    list->arena = a;
    if (!rc) before = atomic_exchange(&rs->active, list);
    (void)pthread_mutex_unlock(&rs->lock);
    struct arena gone = rc ? a : before ? before->arena : (struct arena){ 0 };
    if (rc) arena_done(&gone);
    else if (before) grace_retire(rs->grace, &gone);
    return rc;
}

/* ---- out of memory again ---- */

/* It and all that it needs; under the lock. */
static void keep(struct releases *rs, const struct system *sys, int depth) {
    enum { DEPTH_MAX = 16 };
    size_t n = atomic_load(&rs->n_slots);
    for (size_t i = 0; i < n; i++) {
        struct compiled *c = atomic_load(&rs->slot[i]);
        if (!c || c->sys != sys || c->keep) continue;
        c->keep = true;
        for (size_t k = 0; k < sys->n_needs && depth < DEPTH_MAX; k++) keep(rs, sys->needs[k], depth + 1);
    }
}

/* The one of those not kept that was used last; NULL: none. */
static struct compiled *latest(const struct releases *rs, size_t n) {
    struct compiled *best = NULL;
    for (size_t i = 0; i < n; i++) {
        struct compiled *c = atomic_load(&rs->slot[i]);
        if (c && !c->keep && (!best || atomic_load(&c->used) > atomic_load(&best->used))) best = c;
    }
    return best;
}

size_t releases_free(struct releases *rs) {
    size_t left = 0;
    (void)pthread_mutex_lock(&rs->lock);
    const size_t n = atomic_load(&rs->n_slots);
    const struct active_list *list = atomic_load(&rs->active);
    atomic_fetch_add(&rs->round, 1);
    for (size_t i = 0; i < n; i++)
        if (atomic_load(&rs->slot[i])) atomic_load(&rs->slot[i])->keep = false;
    for (size_t i = 0; list && i < list->n; i++) keep(rs, list->system[i], 0);
    for (int i = 0; i < RELEASES_IDLE_MAX; i++) {
        const struct compiled *c = latest(rs, n);
        if (c) keep(rs, c->sys, 0);
    }
    for (size_t i = 0; i < n; i++) {
        struct compiled *c = atomic_load(&rs->slot[i]);
        if (c && c->keep) left++;
        if (!c || c->keep) continue;
        atomic_store(&rs->slot[i], NULL); /* nobody finds it any more; who found it holds systems */
        struct arena a = c->arena;
        grace_retire(rs->grace, &a);
    }
    (void)pthread_mutex_unlock(&rs->lock);
    return left + grace_free(rs->grace);
}

void releases_retire(struct releases *rs, struct arena *a) {
    grace_retire(rs->grace, a);
}

int releases_refresh(struct releases *rs, struct err *e) {
    struct arena scratch;
    arena_init(&scratch, "releases", 1024 * 1024);
    struct listing *l = arena_new(&scratch, struct listing);
    struct arena rows; /* the needs lie in it */
    arena_init(&rows, "releases rows", 1024 * 1024);
    struct store_job job = { .home = rs->home, .queue = STORE_READ, .arena = &rows, .body = list_active, .arg = l };
    int rc = l ? 0 : err_set(e, ERR_MEMORY, NULL);
    if (!rc) rc = store_do(rs->store, &job, e);
    if (!rc) l->rs = rs;
    if (!rc) rc = load_all(l, e);
    if (!rc) rc = set_active(rs, l, e);
    arena_done(&rows);
    arena_done(&scratch);
    return rc;
}

int releases_open(struct store *store, struct home_id home, struct releases **ret, struct err *e) {
    struct arena a;
    arena_init(&a, "releases", 1024 * 1024);
    struct releases *rs = arena_new(&a, struct releases);
    struct grace *grace = grace_new(&a);
    if (!rs || !grace) return err_set(e, ERR_MEMORY, NULL);
    rs->store = store;
    rs->home = home;
    rs->grace = grace;
    (void)pthread_mutex_init(&rs->lock, NULL);
    rs->arena = a;
    *ret = rs;
    return releases_refresh(rs, e);
}

void releases_close(struct releases *rs) {
    if (!rs) return;
    struct active_list *list = atomic_load(&rs->active);
    for (size_t i = 0; i < atomic_load(&rs->n_slots); i++) {
        struct compiled *c = atomic_load(&rs->slot[i]);
        struct arena own = c ? c->arena : (struct arena){ 0 };
        arena_done(&own);
    }
    struct arena own = list ? list->arena : (struct arena){ 0 };
    arena_done(&own);
    grace_done(rs->grace);
    struct arena a = rs->arena; /* the registry itself lies in it */
    (void)pthread_mutex_destroy(&rs->lock);
    arena_done(&a);
}
