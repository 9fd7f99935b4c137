/* metrics: see metrics.h. Buckets in powers of about 3 from 100 us to 10 s: enough to see a shift, small enough for
 * each route. Invariant: every counter only grows; buckets are counted singly and added up when written, as the format
 * wants them.
 */
#include "http/metrics.h"

#include <stdatomic.h>

static const struct {
    int64_t ns;
    const char *text;
} bounds[] = { { 100000, "0.0001" },  { 300000, "0.0003" },   { 1000000, "0.001" }, { 3000000, "0.003" },
               { 10000000, "0.01" },  { 30000000, "0.03" },   { 100000000, "0.1" }, { 300000000, "0.3" },
               { 1000000000, "1.0" }, { 10000000000, "10.0" } };
enum { BOUNDS = sizeof bounds / sizeof bounds[0], CLASSES = 5 };

struct series {
    _Atomic uint64_t bucket[BOUNDS + 1], sum_ns, class[CLASSES]; /* 2xx 3xx 4xx 5xx other */
};
struct source {
    const char *name, *label, *help, *type;
    metrics_read *read;
    void *context;
};
struct metrics {
    const struct route *rows;
    size_t n_rows, n_sources;
    struct series *series; /* one per row, and one for none */
    struct source source[METRICS_SOURCES_MAX];
};

struct metrics *metrics_new(struct arena *a, const struct route *rows, size_t n_rows) {
    struct metrics *m = arena_new(a, struct metrics);
    if (!m) return NULL;
    m->rows = rows;
    m->n_rows = n_rows;
    m->series = arena_array(a, n_rows + 1, sizeof *m->series);
    return m->series ? m : NULL;
}

void metrics_count(struct metrics *m, const struct route *row, int status, int64_t duration_ns) {
    struct series *s = &m->series[row ? (size_t)(row - m->rows) : m->n_rows];
    size_t i = 0, class = status >= 200 && status < 600 ? (size_t)(status / 100 - 2) : CLASSES - 1;
    while (i < BOUNDS && duration_ns > bounds[i].ns) i++;
    atomic_fetch_add_explicit(&s->bucket[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->sum_ns, (uint64_t)(duration_ns > 0 ? duration_ns : 0), memory_order_relaxed);
    atomic_fetch_add_explicit(&s->class[class], 1, memory_order_relaxed);
}

static bool add(struct metrics *m, const struct source *s) {
    if (m->n_sources == METRICS_SOURCES_MAX) return false;
    m->source[m->n_sources++] = *s;
    return true;
}

bool metrics_gauge(struct metrics *m, const char *name, const char *help, metrics_read *read, void *context) {
    return add(m, &(struct source){ name, NULL, help, "gauge", read, context });
}

bool metrics_gauge_of(struct metrics *m, const char *name, const char *label, const char *help, metrics_read *read, void *context) {
    return add(m, &(struct source){ name, label, help, "gauge", read, context });
}

bool metrics_counter(struct metrics *m, const char *name, const char *help, metrics_read *read, void *context) {
    return add(m, &(struct source){ name, NULL, help, "counter", read, context });
}

static const char *method_name(const struct route *r) {
    switch (r->method) {
    case HTTP_POST: return "POST";
    case HTTP_PUT: return "PUT";
    case HTTP_DELETE: return "DELETE";
    default: return "GET";
    }
}

static void write_labels(const struct metrics *m, size_t i, struct buf *b) {
    const struct route *r = i < m->n_rows ? &m->rows[i] : NULL;
    buf_add_fmt(b, "{route=\"%s\",method=\"%s\"", r ? r->id : "none", r ? method_name(r) : "none");
}

static void write_series(const struct metrics *m, size_t i, struct buf *b) {
    const struct series *s = &m->series[i];
    uint64_t n = 0, sum_us = atomic_load_explicit(&s->sum_ns, memory_order_relaxed) / 1000;
    for (size_t k = 0; k <= BOUNDS; k++) {
        n += atomic_load_explicit(&s->bucket[k], memory_order_relaxed);
        buf_add(b, S("tongban_http_seconds_bucket"));
        write_labels(m, i, b);
        buf_add_fmt(b, ",le=\"%s\"} %llu\n", k < BOUNDS ? bounds[k].text : "+Inf", (unsigned long long)n);
    }
    buf_add(b, S("tongban_http_seconds_count"));
    write_labels(m, i, b);
    buf_add_fmt(b, "} %llu\n", (unsigned long long)n);
    buf_add(b, S("tongban_http_seconds_sum"));
    write_labels(m, i, b);
    buf_add_fmt(b, "} %llu.%06llu\n", (unsigned long long)(sum_us / 1000000), (unsigned long long)(sum_us % 1000000));
}

void metrics_write(const struct metrics *m, struct buf *b) {
    static const char *const class[CLASSES] = { "2xx", "3xx", "4xx", "5xx", "other" };
    buf_add(b, S("# TYPE tongban_http_seconds histogram\n# UNIT tongban_http_seconds seconds\n# HELP "
                 "tongban_http_seconds From the first "
                 "byte of the target to the finished reply.\n"));
    for (size_t i = 0; i <= m->n_rows; i++) write_series(m, i, b);
    buf_add(b, S("# TYPE tongban_http_replies counter\n# HELP tongban_http_replies Replies by class of status.\n"));
    for (size_t i = 0; i <= m->n_rows; i++) {
        for (size_t k = 0; k < CLASSES; k++) {
            buf_add(b, S("tongban_http_replies_total"));
            write_labels(m, i, b);
            buf_add_fmt(b, ",class=\"%s\"} %llu\n", class[k],
                        (unsigned long long)atomic_load_explicit(&m->series[i].class[k], memory_order_relaxed));
        }
    }
    for (size_t i = 0; i < m->n_sources; i++) {
        const struct source *s = &m->source[i];
        bool first = i == 0 || !str_eq(str_of(m->source[i - 1].name), str_of(s->name)); /* a family is named once */
        if (first) buf_add_fmt(b, "# TYPE %s %s\n# HELP %s %s\n", s->name, s->type, s->name, s->help);
        buf_add_fmt(b, "%s%s", s->name, s->type[0] == 'c' ? "_total" : "");
        if (s->label) buf_add_fmt(b, "{%s}", s->label);
        buf_add_fmt(b, " %lld\n", (long long)s->read(s->context));
    }
    buf_add(b, S("# EOF\n"));
}
