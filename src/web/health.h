/* health: how this installation is, for who keeps it running: facts read in one look (page_health), and what each of them means. One table
 * of checks (health.c); the page I10, what it is told while it stands open, and `tongban status` come from it.
 *
 * TO ADD A CHECK: 1. its fact in struct health, read in app/health.c; 2. a row of `checks` in health.c with its two functions: how serious,
 * and what is shown; 3. English; 4. a case in health_test.c.
 */
#ifndef WEB_HEALTH_H
#define WEB_HEALTH_H
#include "web/page.h"

enum { HEALTH_PEERS = 4, HEALTH_LANES = 3 };
enum health_level { HEALTH_WELL, HEALTH_WATCH, HEALTH_ACT }; /* nothing to do; look again soon; somebody must do something */

struct health_peer {
    bool wanted;      /* by this installation */
    bool here;        /* in this process */
    int64_t since_ms; /* 0: not linked */
    int64_t waiting;
};
struct health {
    int64_t now_ms, up_ms; /* up: since when this process serves */
    struct str node;
    int process;
    struct health_peer peer[HEALTH_PEERS]; /* keys, press, courier, courier-urgent */
    bool postgres;
    int64_t store_queued, store_failed, store_read_ms; /* read_ms: how long this look took */
    int64_t audit_waiting, audit_oldest_ms;  /* not numbered yet; 0: none */
    int64_t entries, head_size, head_ms;     /* of the log; the newest signed head */
    bool unsealed;
    int64_t papers, papers_oldest_ms;
    int64_t lane[HEALTH_LANES], lane_oldest_ms[HEALTH_LANES];
    int64_t timers, timers_oldest_ms, failing; /* due; failing: timers */
    bool leaves; /* messages leave this installation */
    int64_t backup_ms, drill_ms; /* the last ones; 0: none */
    bool drill_failed;
    uint64_t disk_free, disk_all; /* bytes where the data folder lies; 0 of 0: not known */
    int64_t connections, connections_max;
    int32_t year, month;                     /* of today, where the city lies */
    bool year_known, next_known;             /* are the holidays of this year and of the next announced? */
    int64_t recounts, recounts_oldest_ms;    /* tables of holidays by which cases are still to be counted again */
};
enum { HEALTH_COUNT_MAX = 1000 }; /* timers are counted so far */

/* The rows of the table over these facts: {id, title, value, state {text, kind}, meaning, todo (absent where there is nothing to do)}. */
struct val *health_view(struct page *p, const struct health *h);
/* How serious the most serious is; *n of how many checks are at that level. */
enum health_level health_worst(const struct health *h, size_t *n);
/* Grows into another value when any check's level changes, or what fails: what pages that stand open are told. */
uint64_t health_key(const struct health *h);
/* The i-th check: its id in English for the command line, and its level; false behind the last. */
bool health_check(const struct health *h, size_t i, const char **id, enum health_level *level);

/* ---- by app/health.c ---- */
int page_health(struct store_tx *tx, struct page *p, struct health *ret, struct err *e);
#endif
