/* list_speed: a queue of 10,000 tasks read by page: what page 200 costs against page 1, in each order and narrowed to one matter of
 * ten. Prints ratios, passes and fails nothing. What opening a row costs is the same on every page and is not measured here.
 */
#include "app/generated.h"
#include "engine/access/access.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROWS = 10000, UNITS = 4, PAGE = 25, DEEP = 200, TIMES = 200 };

static int fill(struct store_tx *tx, struct store_job *job, struct err *e) {
    const int64_t *from = job->arg;
    int rc = 0;
    for (int64_t i = *from; i < *from + 500 && !rc; i++)
        for (int64_t unit = 1; unit <= UNITS && !rc; unit++) {
            const struct scope_keys k = { .first = i * 7919 % ROWS + 1, .second = i + 1, .a = i % 10 ? S("other") : S("matter"), .b = S("") };
            rc = scope_place(tx, job->home, S("task.speed"), unit, &k, i + 1, e);
        }
    return rc;
}

struct asked {
    struct scope_order order;
    int64_t key, object; /* where the page begins */
    int64_t ns;
};

static int one_page(struct store_tx *tx, struct asked *a, int64_t *key, int64_t *object, struct err *e) {
    struct scope_token t = { .home = { 1 }, .id = { 2 }, .n = 1 };
    struct scope_walk w;
    int64_t id = 1;
    int rc = 0;
    scope_walk_begin(&w, &t, S("task.speed"), *key, *object, PAGE, false);
    w.order = a->order;
    for (int i = 0; i < PAGE && !rc && id; i++) rc = scope_walk_next(tx, &w, &id, e);
    *key = w.key, *object = w.object;
    return rc;
}

static int times(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asked *a = job->arg;
    int64_t start = os_mono_ns();
    int rc = 0;
    for (int i = 0; i < TIMES && !rc; i++) {
        int64_t key = a->key, object = a->object;
        rc = one_page(tx, a, &key, &object, e);
    }
    a->ns = (os_mono_ns() - start) / TIMES;
    return rc;
}

/* To where the last but one page ends: page DEEP, or as deep as the narrowed list goes. */
static int go_down(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asked *a = job->arg;
    int rc = 0;
    for (int i = 1; i < (a->order.facet ? DEEP / 10 : DEEP) && !rc; i++) rc = one_page(tx, a, &a->key, &a->object, e);
    return rc;
}

static bool run(struct store *s, enum store_queue queue, store_body *body, void *arg) {
    struct arena a;
    arena_init(&a, "job", 64 << 20);
    struct store_job job = { .home = { 1 }, .queue = queue, .arena = &a, .body = body, .arg = arg };
    bool ok = store_run(s, &job) == STORE_OK;
    if (!ok) printf("  %s %s\n", err_name(job.err.code), job.err.detail);
    arena_done(&a);
    return ok;
}

static void measure(struct store *s) {
    static const char *const names[] = { "most urgent first", "least urgent first", "newest first", "oldest first" };
    for (int64_t from = 0; from < ROWS; from += 500)
        if (!run(s, STORE_INTERACTIVE, fill, &from)) return;
    for (unsigned i = 0; i < 8; i++) {
        struct asked a = { .order = { .second = i & 2, .back = i & 1, .facet = i & 4 ? SCOPE_A : SCOPE_ANY, .value = S("matter") } };
        if (!run(s, STORE_READ, times, &a)) return;
        int64_t first = a.ns;
        if (!run(s, STORE_READ, go_down, &a) || !run(s, STORE_READ, times, &a)) return;
        printf("  %-20s %-10s page 1 %4lld us, page %d %4lld us: %.2f\n", names[i & 3], i & 4 ? "one matter" : "all",
               (long long)first / 1000, i & 4 ? DEEP / 10 : DEEP, (long long)a.ns / 1000, (double)a.ns / (double)first);
    }
}

int main(void) {
    char dir[] = "/tmp/tongban-list-speed-XXXXXX", url[128], file[128];
    struct store *s;
    struct err e = { 0 };
    if (!mkdtemp(dir)) return 1;
    (void)snprintf(url, sizeof url, "sqlite:%s/speed.db", dir);
    struct store_config c = { .url = str_of(url), .migrations = migrations, .n_migrations = n_migrations };
    if (store_open(&c, &s, &e)) return printf("%s\n", e.detail), 1;
    printf("a queue of %d tasks, pages of %d\n", ROWS, PAGE);
    measure(s);
    store_close(s);
    for (int i = 0; i < 3; i++) {
        static const char *const ends[] = { "", "-wal", "-shm" };
        (void)snprintf(file, sizeof file, "%s/speed.db%s", dir, ends[i]);
        (void)unlink(file);
    }
    (void)rmdir(dir);
    return 0;
}
