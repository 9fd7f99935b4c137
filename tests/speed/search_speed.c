/* search_speed: cases as their lists and words stand in the store, on both stores: a page of a street's
 * list against the whole city's, in ratios of one run, and what a search costs that reads by a common
 * word, by a rare one and by two, at the median and at p99. Prints against the limits (a street not
 * slower than the city; p99 under 50 ms), passes and fails nothing. The limits are meant for 1,000,000
 * cases, which take long to load and so are asked for; without a number they are 100,000. What opening
 * a case costs is not in it: a page opens 25 to 400 of them, whatever lies in the store.
 *
 *   speed-search_speed [CASES] [sqlite|postgres]
 */
#include "engine/access/access.h"
#include "os/os.h"
#include "store/store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREETS = 100, NAMES = 20000, BATCH = 5000, PAGE = 25, TIMES = 2000, LIMIT_US = 50000 };
enum { CITY = 1, STREET = 1000 };

struct loading {
    struct realm *r;
    int64_t from, to;
};

static struct str name_word(struct arena *a, int64_t name) {
    return arena_fmt(a, "hname%lld", (long long)name);
}

/* As a submitted case leaves them: a row of the list and its words, for the city and for its street.
 * A name of 20,000 is had by some fifty, one of a hundred by a third of all. */
static int load(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct loading *l = job->arg;
    int rc = 0;
    for (int64_t i = l->from; i < l->to && !rc; i++) {
        uint64_t h = (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15);
        const int64_t name = (int64_t)(h >> 33) % NAMES;
        const struct str word[] = { name_word(job->arena, i % 3 ? name : name % 100), arena_fmt(job->arena, "d%lld", (long long)(i / 4000)),
                                    arena_fmt(job->arena, "n%lld", (long long)(i % 4000)) };
        const struct scope_keys k = { .first = i + 1, .second = i + 1, .a = i % 10 ? S("other") : S("matter"),
                                      .b = i % 20 ? S("ended") : S("accepted") };
        const int64_t scope[] = { CITY, STREET + i % STREETS };
        for (size_t s = 0; s < 2 && !rc; s++) {
            rc = scope_place(tx, job->home, S("case"), scope[s], &k, i + 1, e);
            if (!rc) rc = scope_words_put(tx, l->r, S("case"), scope[s], i + 1, i + 1, word, 3, e);
        }
    }
    return rc;
}

struct asked {
    struct realm *r;
    bool words, two, common;
    int64_t scope;
    uint64_t seed;
    size_t rows; /* given by all of them */
    int64_t ns[TIMES];
};

static int ask(struct store_tx *tx, struct store_job *job, struct err *e) {
    struct asked *q = job->arg;
    int rc = 0;
    q->rows = 0;
    for (int i = 0; i < TIMES && !rc; i++) {
        q->seed = q->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        const int64_t at = (int64_t)(q->seed >> 40);
        const struct scope_token t = { .home = job->home, .id = { q->scope ? STREET + at % STREETS : CITY }, .n = 1 };
        const struct str word[] = { name_word(job->arena, q->common ? at % 100 : at % NAMES), name_word(job->arena, at % NAMES + 1) };
        const struct scope_order o = { .words_of = q->words ? q->r : NULL, .word = word, .n_words = q->words ? q->two ? 2 : 1 : 0 };
        int64_t ids[PAGE], keys[PAGE];
        size_t n;
        int64_t start = os_mono_ns();
        rc = scope_page(tx, &t, S("case"), &o, 0, 0, ids, keys, PAGE, &n, e);
        q->ns[i] = os_mono_ns() - start;
        q->rows += n;
    }
    return rc;
}

static int by_size(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static bool run(struct store *s, enum store_queue queue, store_body *body, void *arg) {
    struct arena a;
    arena_init(&a, "job", 256 << 20);
    struct store_job job = { .home = { 1 }, .queue = queue, .arena = &a, .body = body, .arg = arg };
    bool ok = store_run(s, &job) == STORE_OK;
    if (!ok) printf("  %s %s\n", err_name(job.err.code), job.err.detail);
    arena_done(&a);
    return ok;
}

static double median_us(struct store *s, struct asked *q, const char *what) {
    if (!run(s, STORE_READ, ask, q) || !run(s, STORE_READ, ask, q)) return 0; /* the second is measured */
    qsort(q->ns, TIMES, sizeof *q->ns, by_size);
    const double median = (double)q->ns[TIMES / 2] / 1e3, p99 = (double)q->ns[TIMES * 99 / 100] / 1e3;
    printf("  %-26s %5.1f rows   median %7.0f us   p99 %7.0f us%s\n", what, (double)q->rows / TIMES, median, p99,
           !q->words ? "" : p99 < LIMIT_US ? "   (limit 50000: kept)" : "   (limit 50000: NOT kept)");
    return median;
}

static void measure(struct store *s, struct realm *r) {
    struct asked *q = calloc(1, sizeof *q);
    if (!q) return;
    *q = (struct asked){ .r = r, .seed = 7 };
    const double city = median_us(s, q, "list, the whole city");
    q->scope = 1;
    const double street = median_us(s, q, "list, one street of 100");
    if (city > 0) printf("  a street costs %.2f of the city (limit 1.00, give or take what one run varies)\n", street / city);
    q->words = true;
    (void)median_us(s, q, "street: a rare name");
    q->common = true;
    (void)median_us(s, q, "street: a common name");
    q->scope = 0;
    (void)median_us(s, q, "city: a common name");
    q->common = false;
    (void)median_us(s, q, "city: a rare name");
    q->two = true;
    (void)median_us(s, q, "city: either of two");
    free(q);
}

static void on(bool postgres, int64_t cases) {
    struct store_fixture *f = store_fixture_new(postgres);
    if (!f) return;
    struct store *s = store_fixture_open(f);
    struct realm r = { .home = { 1 }, .keys = { .suite = SUITE_INTL } };
    int64_t start = os_mono_ns();
    bool ok = s != NULL;
    for (int64_t from = 0; ok && from < cases; from += BATCH) {
        struct loading l = { &r, from, from + BATCH < cases ? from + BATCH : cases };
        ok = run(s, STORE_INTERACTIVE, load, &l);
    }
    printf("%s: %lld cases, %lld words; loaded in %.0f s\n", postgres ? "PostgreSQL" : "SQLite", (long long)cases, (long long)cases * 6,
           (double)(os_mono_ns() - start) / 1e9);
    (void)fflush(stdout); /* loading takes minutes */
    if (ok) measure(s, &r);
    if (s) store_close(s);
    store_fixture_free(f);
}

int main(int argc, char **argv) {
    const int64_t cases = argc > 1 ? atoll(argv[1]) : 100000;
    if (argc < 3 || strcmp(argv[2], "sqlite") == 0) on(false, cases);
    if (argc < 3 || strcmp(argv[2], "postgres") == 0) on(true, cases);
    return 0;
}
