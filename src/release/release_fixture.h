/* release_fixture: a system in its folder with the systems that it needs compiled, for tests that change
 * a file of it. For cmocka's group setup and teardown; *state is the struct.
 */
#ifndef RELEASE_FIXTURE_H
#define RELEASE_FIXTURE_H
#include "release/release.h"

enum { RELEASE_FIXTURE_NEEDS = 3 };
struct release_tree {
    struct arena arena;
    struct release_files files;
    const struct system *needs[RELEASE_FIXTURE_NEEDS];
};
int release_fixture_begin(void **state);
int release_fixture_done(void **state);
/* The files with the first `from` of one of them as `to`; none at all where it does not hold that. */
struct release_files release_fixture_changed(const struct release_tree *t, struct arena *a,
                                             const char *file, const char *from, const char *to);
#endif
