/* pg_fixture: the private PostgreSQL cluster of the tests; see store_fixture.h. It stands in the temporary
 * directory and not below build/: its server has a user of its own where we are root, who could not reach a
 * checkout in root's home, and a socket's address has 107 bytes. */
#ifndef STORE_PG_FIXTURE_H
#define STORE_PG_FIXTURE_H
#include <stdbool.h>
#include <stddef.h>

/* Starts the shared cluster if it does not run, and holds it until this process ends. False, with the reason, when
 * PostgreSQL is not installed or not wanted. */
bool pg_fixture_up(const char **why);
/* Connection string of database `name` there. */
void pg_fixture_url(const char *name, char *url, size_t cap);
/* Runs SQL in database `name`; ends the program on failure unless `may_fail`. Returns the first value of the
 * result (static storage), or NULL. */
const char *pg_fixture_sql(const char *name, bool may_fail, const char *sql);
/* Held while templates are made. */
void pg_fixture_lock(void);
void pg_fixture_unlock(void);
const char *pg_fixture_sql_in(const char *dir, const char *name, bool may_fail, const char *sql);
/* A cluster of the caller's own in `dir` (not there yet, or stopped), with `settings` appended to its configuration;
 * for tests that break servers. It ends with the caller, however that ends. `from` is the URL of a primary to copy
 * as its standby, or NULL. */
bool pg_fixture_start(const char *dir, const char *settings, const char *from);
void pg_fixture_stop(const char *dir);
void pg_fixture_kill(const char *dir);    /* kill -9 of the server and all its processes at once */
bool pg_fixture_promote(const char *dir); /* a standby becomes a primary */
void pg_fixture_remove(const char *dir); /* stops, and removes the directory */
void pg_fixture_url_in(const char *dir, const char *name, char *url, size_t cap);

#endif
