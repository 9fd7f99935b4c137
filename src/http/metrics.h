/* metrics: what the operator sees: a latency histogram and status classes per route, the server's and others' counters,
 * in OpenMetrics 1.0 text. Counting is a few atomic additions; writing reads them without stopping anybody.
 */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H
#include "http/route.h"

enum { METRICS_SOURCES_MAX = 64 };
struct metrics;
typedef int64_t metrics_read(void *context);
/* Lives in `a`; rows are borrowed. NULL on overflow. */
struct metrics *metrics_new(struct arena *a, const struct route *rows, size_t n_rows);
/* `row` may be NULL: what no row answered. */
void metrics_count(struct metrics *m, const struct route *row, int status, int64_t duration_ns);
/* A value that somebody else keeps, read when written. Before threads start; false when the table is full. `name` and
 * `help` are ours and borrowed; a counter's name ends without _total. */
bool metrics_gauge(struct metrics *m, const char *name, const char *help, metrics_read *read, void *context);
bool metrics_counter(struct metrics *m, const char *name, const char *help, metrics_read *read, void *context);
/* A gauge of several values, told apart by `label`: `peer="keys"`, ours and borrowed. Those of one name follow one another. */
bool metrics_gauge_of(struct metrics *m, const char *name, const char *label, const char *help, metrics_read *read, void *context);
/* "application/openmetrics-text; version=1.0.0; charset=utf-8" */
void metrics_write(const struct metrics *m, struct buf *b);
#endif
