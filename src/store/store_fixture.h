/* store_fixture: a fresh store for a test, of each kind, with all migrations of the program applied. Linked to
 * tests only (meson.build: *_fixture.c). For unit tests of every engine:
 *
 *     static void opens_a_case(struct store *s, void *arg) { ... store_run(s, &job) ... assert_int_equal(...) }
 *     static void test_opens_a_case(void **state) { store_fixture_each(opens_a_case, *state); }
 *
 * SQLite: a file in a temporary directory. PostgreSQL: a database cloned from a template in a private cluster (in
 * $TONGBAN_TEST_PG, or tongban-pg-UID in the temporary directory), on a unix socket only, started by the first
 * test that needs it and shared by all that follow; tests/pg_stop stops it. The system's own clusters are never
 * touched. Where PostgreSQL is not installed, or with TONGBAN_TEST_STORES=sqlite, its half prints SKIPPED. */
#ifndef STORE_STORE_FIXTURE_H
#define STORE_STORE_FIXTURE_H
#include "store/store.h"

/* Runs `body` on a fresh store of each kind, SQLite first. Data go when it returns; a body that leaves by a failed
 * assertion leaves them behind for a look. */
void store_fixture_each(void (*body)(struct store *s, void *arg), void *arg);

/* The pieces, for tests that close and open again. NULL from _new: this kind is not available (SKIPPED was
 * printed). Anything else that fails ends the test program with a message. */
struct store_fixture;
/* The same, for a body that wants the fixture's folder. */
void store_fixture_each_in(void (*body)(struct store_fixture *f, struct store *s, void *arg), void *arg);
struct store_fixture *store_fixture_new(bool postgres);
struct store *store_fixture_open(struct store_fixture *f); /* an open store; close it with store_close */
struct store *store_fixture_open_clock_right(struct store_fixture *f); /* the clock was ahead and is right now */
struct str store_fixture_url(const struct store_fixture *f);
const char *store_fixture_dir(const struct store_fixture *f); /* a directory of the test's own; no slash behind */
void store_fixture_free(struct store_fixture *f);             /* the store must be closed; removes its data */

/* A job for tests: INTERACTIVE, home 1, an arena of 16 MiB that lives until the program ends. */
struct store_job *store_fixture_job(store_body *body, void *arg);
/* Runs a body once in a job and gives the outcome; `e` (may be NULL) gets the job's error. Read jobs:
 * store_fixture_read. */
enum store_outcome store_fixture_run(struct store *s, store_body *body, void *arg, struct err *e);
enum store_outcome store_fixture_read(struct store *s, store_body *body, void *arg, struct err *e);

#endif
