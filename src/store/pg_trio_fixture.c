/* pg_trio_fixture: see pg_trio_fixture.h.
 *
 * Invariants
 *  1. A standby finds its primary by the list of all three, so that after a promotion it follows without being told.
 *  2. Nothing here waits without a limit; what does not come ends the program.
 */
#include "store/pg_trio_fixture.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/pg_fixture.h"

enum { WAIT_TURNS = 3000, TURN_MS = 10 };

static _Noreturn void die(const char *what, const char *detail) {
    (void)fprintf(stderr, "pg_trio: %s: %s\n", what, detail);
    exit(1);
}

const char *pg_trio_primary(const struct pg_trio *t) {
    return t->dir[t->primary];
}

static long number(const char *dir, const char *sql) {
    const char *text = pg_fixture_sql_in(dir, "postgres", false, sql);
    return text ? strtol(text, NULL, 10) : 0;
}

void pg_trio_wait_streaming(struct pg_trio *t) {
    long want = -1;
    for (int i = 0; i < PG_TRIO; i++) want += t->up[i];
    for (int i = 0; i < WAIT_TURNS; i++) {
        if (number(pg_trio_primary(t), "SELECT COUNT(*) FROM pg_stat_replication WHERE state = 'streaming'") == want)
            return;
        (void)poll(NULL, 0, TURN_MS); /* for other processes, not for a clock */
    }
    die("the standbys do not stream from", pg_trio_primary(t));
}

bool pg_trio_start(struct pg_trio *t, const char **why) {
    static const char settings[] = "synchronous_standby_names = 'ANY 1 (s1, s2, s0)'\nmax_wal_size = 256MB\n"
                                   "wal_retrieve_retry_interval = 200ms\ndeadlock_timeout = 100ms";
    const char *tmp = getenv("TMPDIR");
    memset(t, 0, sizeof *t);
    if (!pg_fixture_up(why)) return false;
    for (int i = 0; i < PG_TRIO; i++)
        (void)snprintf(t->dir[i], sizeof t->dir[i], "%.80s/tongban-pg3-%d-%d", tmp && *tmp ? tmp : "/tmp",
                       (int)getpid(), i);
    (void)snprintf(t->url, sizeof t->url, "host=%s,%s,%s user=tongban dbname=postgres target_session_attrs=read-write",
                   t->dir[0], t->dir[1], t->dir[2]);
    for (int i = 0; i < PG_TRIO; i++) {
        char from[PG_TRIO_URL_BYTES + 40];
        (void)snprintf(from, sizeof from, "%s application_name=s%d", t->url, i);
        if (!pg_fixture_start(t->dir[i], settings, i ? from : NULL)) die("no start; see the log in", t->dir[i]);
        t->up[i] = true;
    }
    pg_trio_wait_streaming(t);
    return true;
}

void pg_trio_remove(struct pg_trio *t) {
    for (int i = 0; i < PG_TRIO; i++)
        if (t->dir[i][0]) pg_fixture_remove(t->dir[i]);
}

void pg_trio_hang(struct pg_trio *t, bool hang) {
    for (int i = 0; i < PG_TRIO; i++) {
        if (i == t->primary || !t->up[i]) continue;
        long pid = number(t->dir[i], "SELECT pid FROM pg_stat_wal_receiver");
        if (pid <= 0) {
            if (hang) die("no walreceiver in", t->dir[i]);
            continue; /* it ended meanwhile: the primary is gone */
        }
        (void)kill((pid_t)pid, hang ? SIGSTOP : SIGCONT);
    }
}

void pg_trio_kill(struct pg_trio *t) {
    pg_fixture_kill(pg_trio_primary(t));
    t->up[t->primary] = false;
}

void pg_trio_promote(struct pg_trio *t) {
    static const char reached[] = "SELECT pg_wal_lsn_diff(GREATEST(pg_last_wal_receive_lsn(), "
                                  "pg_last_wal_replay_lsn()), '0/0')";
    int best = -1;
    long most = -1;
    for (int i = 0; i < PG_TRIO; i++) {
        if (!t->up[i]) continue;
        long has = number(t->dir[i], reached);
        if (has > most) most = has, best = i;
    }
    if (best < 0 || !pg_fixture_promote(t->dir[best])) die("no standby to promote after", pg_trio_primary(t));
    t->primary = best;
    pg_trio_wait_streaming(t);
}
