/* rule_tck: runs conformance cases in the form of the DMN Technology Compatibility Kit: folders with *.dmn and
 * *-test-*.xml. Models are compiled leniently, as the cases hold faulty expressions on purpose.
 */
#ifndef ENGINE_RULE_TCK_H
#define ENGINE_RULE_TCK_H

#include "base/arena.h"
#include "base/err.h"

struct tck_score {
    size_t passed, failed; /* test cases */
};
/* Runs every case below `dir`, to a depth of 8 folders; adds to *score. `line`, if not NULL, gets one line for
 * each failure. ERR_NOT_FOUND or ERR_IO if the folder cannot be read. */
int tck_run(const char *dir, void (*line)(void *context, struct str text), void *context, struct tck_score *score,
    struct err *e);

#endif
