/* pg_trio: PostgreSQL as a city runs it, for tests: a primary and two streaming standbys, where each commit waits
 * until one standby, whichever, has it on its disk. All three are private clusters of pg_fixture.h. */
#ifndef STORE_PG_TRIO_FIXTURE_H
#define STORE_PG_TRIO_FIXTURE_H
#include <stdbool.h>
#include <stddef.h>

enum { PG_TRIO = 3, PG_TRIO_URL_BYTES = 700 };
struct pg_trio {
    char dir[PG_TRIO][120]; /* of each server */
    bool up[PG_TRIO];
    int primary;            /* index */
    char url[PG_TRIO_URL_BYTES]; /* of all three: connects to the one that takes writes */
};

/* False, with the reason, when PostgreSQL is not installed or not wanted. */
bool pg_trio_start(struct pg_trio *t, const char **why);
void pg_trio_remove(struct pg_trio *t);
const char *pg_trio_primary(const struct pg_trio *t); /* its directory */
/* Both walreceivers stand still, as if the standbys hung: commits wait. Or they go on. */
void pg_trio_hang(struct pg_trio *t, bool hang);
/* kill -9 of the whole primary. Then the standby that has more of the log is promoted, and the other follows it. */
void pg_trio_kill(struct pg_trio *t);
void pg_trio_promote(struct pg_trio *t);
/* Ends when as many standbys as are up stream from the primary. */
void pg_trio_wait_streaming(struct pg_trio *t);

#endif
